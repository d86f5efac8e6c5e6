//! Long work: how far it is, in words, and leave to stop it.

use leptos::prelude::*;

use crate::components::button::Button;
use crate::t;

/// How far something has come. Without `of` it is not known how much there is.
#[component]
pub fn Progress(
    /// What is done and how far, in words.
    #[prop(into)]
    words: TextProp,
    /// How much is done.
    #[prop(into)]
    done: Signal<u64>,
    /// How much there is.
    #[prop(into)]
    of: Signal<Option<u64>>,
    /// Stops it.
    #[prop(optional, into)]
    cancel: Option<Callback<()>>,
) -> impl IntoView {
    let label = words.clone();
    view! {
        <div class="progress">
            <progress
                aria-label=move || label.get().to_string()
                max=move || of.get().map(|of| of.to_string())
                value=move || of.get().map(|_| done.get().to_string())
            ></progress>
            <p role="status">{move || words.get().to_string()}</p>
            {cancel.map(|cancel| view! { <Button press=cancel>{t!("cancel")}</Button> })}
        </div>
    }
}
