//! Tables.

use crate::prelude::*;

/// A table with a caption that is read out. Its children are the rows: `<tr>` of `<td>`; cells of figures have the class
/// `figure`. Long content wraps.
#[component]
pub fn Table(
    /// What it is a table of.
    #[prop(into)]
    caption: String,
    /// What the columns are.
    head: Vec<String>,
    /// Whether it is only read out, in the place of a drawing: then the keyboard does not come to it.
    #[prop(optional)]
    unseen: bool,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let name = caption.clone();
    view! {
        // It may be wider than the page: then it is scrolled, and the keyboard has to come to it for that.
        <div
            class="table-room"
            tabindex=(!unseen).then_some("0")
            role=(!unseen).then_some("region")
            aria-label=(!unseen).then_some(name)
        >
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
