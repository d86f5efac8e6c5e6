//! How the owner wants the program.

use leptos::prelude::*;

use crate::components::page::Page;
use crate::t;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! { <Page title=t!("settings-title")>{()}</Page> }
}
