//! Words: to be compared by voice, or to be written down.

use crate::prelude::*;

/// Words in order, each with its number. Secret ones cannot be selected, so that they do not get into a clipboard.
#[component]
pub fn Words(
    /// The words.
    words: Vec<String>,
    /// What they are.
    #[prop(into)]
    title: String,
    /// Whether nobody else may see them.
    #[prop(optional)]
    secret: bool,
) -> impl IntoView {
    let items = words.into_iter().map(|word| view! { <li><span class="word">{word}</span></li> }).collect_view();
    view! { <ol class="words" class:secret=secret aria-label=title>{items}</ol> }
}
