//! A vault on its way to being active, and the members of one that is.

pub mod compare;
mod invite;
mod members;
mod next_steps;
mod set_up;
mod slots;

use conclave_shared::VaultStatus;
use conclave_shared::view::VaultView;

use crate::live::{changing, memo};
use crate::pages::board::members::Members;
use crate::pages::board::set_up::SetUp;
use crate::prelude::*;

/// The page.
#[component]
pub fn BoardPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let active = memo(move |_| vault.with(|vault| vault.status == VaultStatus::Active));
    changing(move || {
        if active.get() {
            view! { <Members vault=vault /> }
        } else {
            view! { <SetUp vault=vault /> }
        }
    })
}
