//! Addresses and keys: always whole, in groups of four.

use conclave_ui_logic::address::groups;

use crate::components::copy::CopyButton;
use crate::prelude::*;
use crate::t;

/// Groups of four, whose gaps are drawn, not written: copied, they are one word.
#[component]
pub fn Groups(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let groups = groups(&text).into_iter().map(|group| view! { <span class="group">{group}</span> }).collect_view();
    view! { <span class="groups">{groups}</span> }
}

/// An address.
#[component]
pub fn Address(
    /// The address.
    #[prop(into)]
    address: String,
    /// Whether it can be copied here.
    #[prop(optional)]
    copy: bool,
) -> impl IntoView {
    let to_copy = copy.then(|| view! { <CopyButton text=address.clone() what=t!("copy-address") /> });
    view! {
        <span class="address">
            <Groups text=address />
            {to_copy}
        </span>
    }
}

/// A key with its origin, `[fingerprint/path]xpub`, or any text as exact as that.
#[component]
pub fn Key(
    /// The key.
    #[prop(into)]
    key: String,
    /// Whether it can be copied here.
    #[prop(optional)]
    copy: bool,
) -> impl IntoView {
    let to_copy = copy.then(|| view! { <CopyButton text=key.clone() what=t!("copy-key") /> });
    let (origin, rest) = match key.split_once(']') {
        Some((origin, rest)) if origin.starts_with('[') => (Some(format!("{origin}]")), rest.to_owned()),
        Some(_) | None => (None, key),
    };
    view! {
        <span class="key">
            {origin.map(|origin| view! { <span class="key-origin">{origin}</span> })}
            <Groups text=rest />
            {to_copy}
        </span>
    }
}
