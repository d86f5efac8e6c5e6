//! What is shown only at times, and lists: those of leptos, with the types of what is shown hidden from it. See
//! `crate::signals`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::control_flow;

use crate::closures::{Does, Within};
use crate::live::{changing, memo};
use crate::prelude::*;

/// Whether something is shown.
pub struct When(Box<dyn Does<(), bool> + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for When {
    fn from(when: F) -> Self {
        Self(Box::new(move |()| when()))
    }
}

/// Shows `children` as long as `when` says so, and else `fallback`.
#[component]
pub fn Show(
    /// Whether.
    #[prop(into)]
    when: When,
    /// What is shown else.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What is shown.
    children: Within,
) -> impl IntoView {
    let shown = memo(move |_| when.0.done(()));
    changing(move || if shown.get() { children.made() } else { fallback.run() })
}

/// An item of a list, by which it is known again, and what is shown of it.
struct Item {
    key: u64,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Shows each item of a list. What has the same key as before stays as it is, wherever it stands now.
#[component]
pub fn For<T, I, K, V>(
    /// The items.
    each: impl Fn() -> I + Send + 'static,
    /// What an item is known by.
    key: impl Fn(&T) -> K + Send + 'static,
    /// What is shown of it.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    I: IntoIterator<Item = T>,
    K: Hash,
    V: IntoView + 'static,
{
    let children = Arc::new(children);
    list(Box::new(move |()| {
        let item = |item: T| {
            let mut hasher = DefaultHasher::new();
            key(&item).hash(&mut hasher);
            let children = Arc::clone(&children);
            Item { key: hasher.finish(), view: Box::new(move || children(item).into_any()) }
        };
        each().into_iter().map(item).collect()
    }))
}

fn list(items: Box<dyn Does<(), Vec<Item>> + Send>) -> AnyView {
    view! { <control_flow::For each=move || items.done(()) key=|item: &Item| item.key children=|item: Item| (item.view)() /> }
}
