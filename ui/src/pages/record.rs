//! A vault's record.

use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn RecordPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let _ = vault;
}
