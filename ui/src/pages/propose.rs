//! A new payment.

use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn ProposePage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let _ = vault;
}
