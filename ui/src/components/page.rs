//! The head of a page: where one is, and the one thing that it is for.

use leptos::html;
use web_sys::FocusOptions;

use crate::live::{changing, effect};
use crate::prelude::*;

/// A page. When it is opened the keyboard goes to its heading, and the window is named after it.
#[component]
pub fn Page(
    /// Its heading.
    #[prop(into)]
    title: TextProp,
    /// A sentence below it.
    #[prop(optional, into)]
    lead: Option<TextProp>,
    /// Whether it is as wide as the window lets it: for tables.
    #[prop(optional)]
    wide: bool,
    /// What is on it.
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    heading.on_load(|heading| {
        let quietly = FocusOptions::new();
        quietly.set_prevent_scroll(true);
        let _ = heading.focus_with_options(&quietly);
    });
    let name = title.clone();
    effect(move |_| document().set_title(&format!("{} · Conclave", name.get())));
    view! {
        <div class="page" class:wide=wide>
            <header class="page-head">
                <h1 tabindex="-1" node_ref=heading>{changing(move || title.get().to_string())}</h1>
                {lead.map(|lead| view! { <p class="lead">{changing(move || lead.get().to_string())}</p> })}
            </header>
            {children()}
        </div>
    }
}
