//! Join a vault by an invitation.

use leptos::prelude::*;

/// The page.
#[component]
pub fn JoinPage() -> impl IntoView {}
