//! A payment: the signing sheet.

use conclave_shared::EventId;
use conclave_shared::view::VaultView;
use leptos::prelude::*;

/// The page.
#[component]
pub fn ProposalPage(
    /// The vault.
    vault: Signal<VaultView>,
    /// The payment.
    proposal: EventId,
) -> impl IntoView {
    let _ = (vault, proposal);
}
