//! A vault's coins.

use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn CoinsPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let _ = vault;
}
