//! How things stand to one another on a page.

use crate::components::fresh_id;
use crate::live::changing;
use crate::prelude::*;

/// A part of a page with a heading of its own.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: TextProp,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let id = fresh_id("section");
    let heading = id.clone();
    view! {
        <section class="section" aria-labelledby=heading>
            <h2 id=id>{changing(move || title.get().to_string())}</h2>
            {children()}
        </section>
    }
}

/// Things that belong together, on a sheet.
#[component]
pub fn Card(
    /// What is on it.
    children: Children,
) -> impl IntoView {
    view! { <div class="card">{children()}</div> }
}

/// Buttons in a row; the one that matters comes first.
#[component]
pub fn Actions(
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}

/// Names and what they stand for.
#[component]
pub fn Facts(
    /// [`Fact`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// A name and what it stands for.
#[component]
pub fn Fact(
    /// The name.
    #[prop(into)]
    name: String,
    /// What it stands for.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
