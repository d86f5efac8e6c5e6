//! One of several, or yes and no.

use crate::components::field::{Field, FieldIds};
use crate::components::fresh_id;
use crate::components::icon::{Icon, Shape};
use crate::live::{changing, memo};
use crate::prelude::*;

/// One of a few things that need a word of explanation.
#[derive(Clone)]
pub struct Card<T> {
    /// What is chosen by it.
    pub value: T,
    /// What it is called.
    pub title: String,
    /// What it means.
    pub text: String,
    /// A shape beside it.
    pub shape: Option<Shape>,
}

/// Cards of which one is chosen; the arrow keys go from one to the next.
#[component]
pub fn Choice<T>(
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What there is to choose from.
    cards: Vec<Card<T>>,
    /// What is chosen.
    chosen: RwSignal<Option<T>>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let name = fresh_id("choice");
    let cards = cards
        .into_iter()
        .map(|card| {
            let Card { value, title, text, shape } = card;
            let mine = value.clone();
            let is_chosen = memo(move |_| chosen.with(|chosen| chosen.as_ref() == Some(&mine)));
            let explained = fresh_id("explained");
            view! {
                <label class="choice-card" class:chosen=move || is_chosen.get()>
                    <input
                        type="radio"
                        name=name.clone()
                        prop:checked=move || is_chosen.get()
                        aria-describedby=explained.clone()
                        on:change=move |_| chosen.set(Some(value.clone()))
                    />
                    {shape.map(|shape| view! { <Icon shape=shape /> })}
                    <span class="choice-title">{title}</span>
                    <span class="choice-text" id=explained>{text}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="choice">
            <legend>{label}</legend>
            <div class="choice-cards">{cards}</div>
        </fieldset>
    }
}

/// One of several that explain themselves.
#[component]
pub fn Select<T>(
    /// What is asked.
    #[prop(into)]
    label: TextProp,
    /// What there is to choose from, with its words.
    options: Vec<(T, String)>,
    /// What is chosen.
    chosen: RwSignal<T>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<TextProp>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let (values, words): (Vec<T>, Vec<String>) = options.into_iter().unzip();
    let all = values.clone();
    let at = Signal::derive(move || chosen.with(|chosen| all.iter().position(|value| value == chosen)));
    let choose = move |at: usize| {
        if let Some(value) = values.get(at) {
            chosen.set(value.clone());
        }
    };
    view! { <Places label=label words=words at=at choose=choose hint=hint.unwrap_or_else(|| String::new().into()) /> }
}

/// The same by their places.
#[component]
fn Places(
    label: TextProp,
    words: Vec<String>,
    at: Signal<Option<usize>>,
    #[prop(into)] choose: Callback<usize>,
    hint: TextProp,
) -> impl IntoView {
    let ids = FieldIds::new();
    let (id, described) = (ids.input.clone(), ids.described_by());
    let options = words
        .into_iter()
        .enumerate()
        .map(|(place, words)| {
            view! {
                <option value=place.to_string() selected=move || at.get() == Some(place)>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <Field label=label hint=hint ids=ids>
            <select
                id=id
                aria-describedby=described
                on:change=move |event| {
                    if let Ok(at) = event_target_value(&event).parse() {
                        choose.run(at);
                    }
                }
            >
                {options}
            </select>
        </Field>
    }
}

/// Yes or no.
#[component]
pub fn Checkbox(
    /// What is so when it is ticked.
    #[prop(into)]
    label: TextProp,
    /// Whether it is.
    ticked: RwSignal<bool>,
    /// What it means.
    #[prop(optional, into)]
    hint: Option<TextProp>,
) -> impl IntoView {
    let explained = fresh_id("explained");
    view! {
        <label class="checkbox">
            <input
                type="checkbox"
                prop:checked=move || ticked.get()
                aria-describedby=explained.clone()
                on:change=move |event| ticked.set(event_target_checked(&event))
            />
            <span class="checkbox-words">
                <span>{changing(move || label.get().to_string())}</span>
                <span class="field-hint" id=explained>{hint.map(|hint| move || hint.get().to_string())}</span>
            </span>
        </label>
    }
}
