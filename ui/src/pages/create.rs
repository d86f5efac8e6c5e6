//! Make a vault.

use leptos::prelude::*;

/// The page.
#[component]
pub fn CreatePage() -> impl IntoView {}
