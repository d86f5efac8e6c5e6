//! Sentences of a policy, each with the addresses that it is about.

use conclave_ui_logic::policy::Sentence;

use crate::components::address::Address;
use crate::live::changing;
use crate::prelude::*;
use crate::words;

/// A list of sentences.
#[component]
pub fn Sentences(
    /// The sentences.
    #[prop(into)]
    sentences: Signal<Vec<Sentence>>,
) -> impl IntoView {
    view! {
        <ul class="sentences">
            {changing(move || {
                sentences.with(|sentences| sentences.iter().map(|it| view! { <One sentence=it.clone() /> }).collect_view())
            })}
        </ul>
    }
}

#[component]
fn One(sentence: Sentence) -> impl IntoView {
    let Sentence { said, addresses } = sentence;
    let list = (!addresses.is_empty()).then(|| {
        let items = addresses.into_iter().map(|address| view! { <li><Address address=address /></li> }).collect_view();
        view! { <ul class="sentence-addresses">{items}</ul> }
    });
    view! { <li><p>{words::text(&said)}</p>{list}</li> }
}
