//! An address, whole, in groups of four.

use leptos::prelude::*;

/// An address. The gaps are drawn, not written: copied, it is one word.
#[component]
pub fn Address(address: String) -> impl IntoView {
    let letters: Vec<char> = address.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    view! {
        <span class="address">
            {groups.into_iter().map(|group| view! { <span class="group">{group}</span> }).collect_view()}
        </span>
    }
}
