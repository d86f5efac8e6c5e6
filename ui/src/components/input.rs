//! What people type into. A fault is shown once they have left the input, or have tried to go on (`tried`).

use conclave_shared::Sat;
use conclave_shared::desktop::Unit;
use conclave_ui_logic::amount::{self, NotAnAmount};
use leptos::ev::Event;
use web_sys::ClipboardEvent;

use crate::app::App;
use crate::components::field::{Field, FieldIds};
use crate::live::{changing, effect};
use crate::prelude::*;
use crate::{t, words};

/// A fault that is shown only when it is time.
fn in_time(error: Signal<Option<String>>, left: RwSignal<bool>, tried: Signal<bool>) -> Signal<Option<String>> {
    Signal::derive(move || if left.get() || tried.get() { error.get() } else { None })
}

/// A line of text.
#[component]
pub fn TextInput(
    /// What it is called.
    #[prop(into)]
    label: TextProp,
    /// What is typed.
    value: RwSignal<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether somebody has tried to go on with it.
    #[prop(optional, into)]
    tried: Signal<bool>,
    /// Whether it is an address, a key or words: shown in letters of one width, never corrected.
    #[prop(optional)]
    exact: bool,
    /// Whether it may take several lines.
    #[prop(optional)]
    long: bool,
    /// What may follow it in the same line, such as a unit.
    #[prop(optional, into)]
    suffix: Option<String>,
    /// Called after a text was pasted, with what was pasted: the input holds it by then.
    #[prop(optional, into)]
    pasted: Option<Callback<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let left = RwSignal::new(false);
    let shown = in_time(error, left, tried);
    let wrong = move || shown.with(Option::is_some).to_string();
    let input = move |event: Event| value.set(event_target_value(&event));
    let leave = move |_| left.set(true);
    let paste = move |event: ClipboardEvent| {
        let text = event.clipboard_data().and_then(|data| data.get_data("text").ok());
        if let Some((pasted, text)) = pasted.zip(text) {
            // The input takes the text after this event.
            set_timeout(move || pasted.run(text), std::time::Duration::ZERO);
        }
    };
    let id = ids.input.clone();
    let described = ids.described_by();
    view! {
        <Field label=label hint=hint.unwrap_or_else(|| String::new().into()) error=shown ids=ids>
            {if long {
                view! {
                    <textarea
                        id=id
                        rows="3"
                        class:exact=exact
                        spellcheck="false"
                        autocomplete="off"
                        prop:value=move || value.get()
                        aria-invalid=wrong
                        aria-describedby=described
                        on:input=input
                        on:blur=leave
                        on:paste=paste
                    ></textarea>
                }
            } else {
                view! {
                    <span class="input-line">
                        <input
                            id=id
                            type="text"
                            class:exact=exact
                            spellcheck="false"
                            autocomplete="off"
                            prop:value=move || value.get()
                            aria-invalid=wrong
                            aria-describedby=described
                            on:input=input
                            on:blur=leave
                            on:paste=paste
                        />
                        {suffix.map(|suffix| view! { <span class="input-suffix">{suffix}</span> })}
                    </span>
                }
            }}
        </Field>
    }
}

/// A passphrase. It can be looked at while it is typed.
#[component]
pub fn PassphraseInput(
    /// What it is called.
    #[prop(into)]
    label: TextProp,
    /// What is typed.
    value: RwSignal<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether somebody has tried to go on with it.
    #[prop(optional, into)]
    tried: Signal<bool>,
    /// Whether the keyboard starts here.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
    let left = RwSignal::new(false);
    let seen = RwSignal::new(false);
    let shown = in_time(error, left, tried);
    let element = NodeRef::<leptos::html::Input>::new();
    if first {
        element.on_load(|input| {
            let _ = input.focus();
        });
    }
    let id = ids.input.clone();
    let described = ids.described_by();
    view! {
        <Field label=label hint=hint.unwrap_or_else(|| String::new().into()) error=shown ids=ids>
            <span class="input-line">
                <input
                    id=id
                    node_ref=element
                    type=move || if seen.get() { "text" } else { "password" }
                    class="exact"
                    spellcheck="false"
                    autocomplete="off"
                    prop:value=move || value.get()
                    aria-invalid=move || shown.with(Option::is_some).to_string()
                    aria-describedby=described
                    on:input=move |event| value.set(event_target_value(&event))
                    on:blur=move |_| left.set(true)
                />
                <button
                    class="input-button"
                    type="button"
                    aria-pressed=move || seen.get().to_string()
                    on:click=move |_| seen.update(|seen| *seen = !*seen)
                >
                    {changing(move || if seen.get() { t!("passphrase-hide") } else { t!("passphrase-show") })}
                </button>
            </span>
        </Field>
    }
}

/// An amount, typed in the unit of the settings or with its unit behind it. The text is kept in `typed`; what it says is
/// [`amount_in`].
#[component]
pub fn AmountInput(
    /// What it is called.
    #[prop(into)]
    label: TextProp,
    /// What is typed.
    typed: RwSignal<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What else is wrong with it, when it is an amount.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether somebody has tried to go on with it.
    #[prop(optional, into)]
    tried: Signal<bool>,
    /// Whether it may be left empty.
    #[prop(optional)]
    may_be_empty: bool,
) -> impl IntoView {
    let app = App::here();
    let ids = FieldIds::new();
    let left = RwSignal::new(false);
    let fault = Signal::derive(move || match amount::parse(&typed.get(), app.unit()) {
        Ok(_) => error.get(),
        Err(NotAnAmount::Empty) if may_be_empty => None,
        Err(fault) => Some(words::text(&fault.said())),
    });
    let shown = in_time(fault, left, tried);
    // What is typed stays the same amount when the unit is changed, here or elsewhere.
    effect(move |before: Option<Unit>| {
        let unit = app.unit();
        let same = before.filter(|before| *before != unit).and_then(|before| amount_in(&typed.get_untracked(), before));
        if let Some(same) = same {
            typed.set(amount::typed(same, unit));
        }
        unit
    });
    let other = move || match app.unit() {
        Unit::Btc => Unit::Sat,
        Unit::Sat => Unit::Btc,
    };
    let id = ids.input.clone();
    let described = ids.described_by();
    view! {
        <Field label=label hint=hint.unwrap_or_else(|| String::new().into()) error=shown ids=ids>
            <span class="input-line">
                <input
                    id=id
                    type="text"
                    inputmode="decimal"
                    class="figure"
                    autocomplete="off"
                    prop:value=move || typed.get()
                    aria-invalid=move || shown.with(Option::is_some).to_string()
                    aria-describedby=described
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:blur=move |_| left.set(true)
                />
                <button
                    class="input-button"
                    type="button"
                    aria-label=move || t!("amount-switch-unit", unit = amount::sign(app.unit()), other = amount::sign(other()))
                    on:click=move |_| app.take_unit(other())
                >
                    {changing(move || amount::sign(app.unit()))}
                </button>
            </span>
        </Field>
    }
}

/// The amount that is typed, where it is one.
pub fn amount_in(typed: &str, unit: Unit) -> Option<Sat> {
    amount::parse(typed, unit).ok()
}
