//! Make a vault: first what it is to be, then the invitations to its other places.

mod advanced;
mod form;
mod invitations;
mod kind;
mod typed;

use conclave_shared::VaultId;
use conclave_shared::view::InvitationView;

use crate::live::changing;
use crate::pages::create::form::Form;
pub use crate::pages::create::invitations::InvitationCard;
use crate::pages::create::invitations::Invitations;
use crate::prelude::*;

/// A vault that was just made. The invitations are nowhere else: they go when the page goes.
#[derive(Clone)]
struct Made {
    vault: VaultId,
    name: String,
    invitations: Vec<InvitationView>,
}

/// The page.
#[component]
pub fn CreatePage() -> impl IntoView {
    let made = RwSignal::new(None::<Made>);
    changing(move || match made.get() {
        None => view! { <Form made=made /> },
        Some(made) => view! { <Invitations made=made /> },
    })
}
