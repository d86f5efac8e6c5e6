//! A vault's addresses.

use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn AddressesPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let _ = vault;
}
