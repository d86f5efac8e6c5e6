//! Descriptors that are only watched: how one begins, and what there is to see.

use conclave_shared::view::WatchedView;
use leptos::prelude::*;

/// Watch a descriptor.
#[component]
pub fn WatchPage() -> impl IntoView {}

/// A watched descriptor.
#[component]
pub fn WatchedPage(
    /// What is known of it.
    watched: WatchedView,
) -> impl IntoView {
    let _ = watched;
}
