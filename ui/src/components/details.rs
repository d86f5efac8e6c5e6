//! What only some want to know, under a closed heading.

use crate::live::changing;
use crate::prelude::*;

/// The heading, and what it opens.
#[component]
pub fn Details(
    /// The heading.
    #[prop(into)]
    title: TextProp,
    /// Whether it is open from the beginning.
    #[prop(optional)]
    open: bool,
    /// What it opens.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="details" open=open>
            <summary>{changing(move || title.get().to_string())}</summary>
            <div class="details-body">{children()}</div>
        </details>
    }
}
