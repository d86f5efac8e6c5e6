//! An address to be paid at.

use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn ReceivePage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let _ = vault;
}
