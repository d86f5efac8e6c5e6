//! Dialogs, only for what cannot be taken back. They name what they do.

use leptos::html;

use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::fresh_id;
use crate::components::input::TextInput;
use crate::live::{Act, changing, effect};
use crate::prelude::*;
use crate::t;

/// A question before an act. It closes by Esc, by "Leave it", and by whoever sets `open`; the keyboard stays inside while it
/// is open and goes back to where it was. With `type_word` the act is off until that word is typed: for what must not be
/// pressed by mistake.
#[component]
pub fn Confirm(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// What would be done, as a question or a heading.
    #[prop(into)]
    title: TextProp,
    /// The words of the button that does it: an act, never "OK".
    #[prop(into)]
    act_words: TextProp,
    /// Does it.
    #[prop(into)]
    press: Callback<()>,
    /// The act, to show that it is under way and why it was not done.
    act: Act,
    /// Whether it stops others or takes something away.
    #[prop(optional)]
    danger: bool,
    /// A word that must be typed before.
    #[prop(optional, into)]
    type_word: Option<String>,
    /// What it means, in sentences.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let heading = fresh_id("dialog");
    let heading_id = heading.clone();
    let typed = RwSignal::new(String::new());
    let word = StoredValue::new(type_word);
    let off = Signal::derive(move || {
        word.with_value(|word| {
            word.as_ref().is_some_and(|word| typed.get().trim().to_lowercase() != word.to_lowercase())
        })
    });
    effect(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() {
            typed.set(String::new());
            act.forget();
            if !dialog.open() {
                let _ = dialog.show_modal();
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let busy = act.busy();
    let act_words = StoredValue::new(act_words);
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby=heading
            on:close=move |_| open.set(false)
            on:cancel=move |event: web_sys::Event| {
                if busy.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            <h2 id=heading_id>{changing(move || title.get().to_string())}</h2>
            <div class="dialog-body">{children()}</div>
            {changing(move || {
                word.get_value()
                    .map(|word| {
                        view! { <TextInput label=t!("confirm-type-word", word = word) value=typed exact=true /> }
                    })
            })}
            <ActFailed act=act />
            <div class="dialog-actions">
                <Button press=move |()| open.set(false) off=busy>{t!("confirm-leave")}</Button>
                <Button
                    weight=if danger { Weight::Danger } else { Weight::Primary }
                    press=press
                    busy=busy
                    off=off
                >
                    {changing(move || act_words.with_value(|words| words.get().to_string()))}
                </Button>
            </div>
        </dialog>
    }
}
