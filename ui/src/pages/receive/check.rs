//! An address that somebody sent: whether it is this vault's, by what this machine derives.

use conclave_shared::VaultId;
use conclave_shared::request::{CheckAddress, ListAddresses, Reply, Request};
use conclave_shared::view::{AddressVerdict, AddressView, VaultView};

use crate::answer;
use crate::components::answer::{Failed, Loading};
use crate::components::input::TextInput;
use crate::components::notice::{Meaning, Notice};
use crate::ipc::Unanswered;
use crate::live::{Asked, changing, memo, settled};
use crate::prelude::*;
use crate::{t, words};

/// So many addresses are looked through for who gave it out.
const LOOKED_THROUGH: u32 = 500;

/// What is known of an address.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    verdict: AddressVerdict,
    given_out: Option<AddressView>,
}

/// The field, and what it comes to.
#[component]
pub fn CheckAnAddress(vault: Signal<VaultView>) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let typed = RwSignal::new(String::new());
    let address = memo(move |_| typed.with(|typed| conclave_ui_logic::address::asked(typed).address));
    let steady = settled(address);
    let asked = Asked::once(move || {
        let address = steady.get();
        async move {
            if address.is_empty() {
                return Ok(None);
            }
            let known = known(id, address.clone()).await;
            Ok::<_, Unanswered>(Some((address, known)))
        }
    });
    let answer = memo(move |_| {
        let (of, known) = asked.get().flatten()?;
        address.with(|address| *address == of).then_some(known)
    });
    let shown = move || {
        if address.with(String::is_empty) {
            return ().into_any();
        }
        match answer.get() {
            None => view! { <Loading words=t!("receive-check-looking") /> },
            Some(Err(unanswered)) => view! { <Failed unanswered=Signal::stored(Some(unanswered)) /> },
            Some(Ok(known)) => said(vault, known).into_any(),
        }
    };
    view! {
        <p class="soft">{t!("receive-check-explained")}</p>
        <TextInput label=t!("receive-check-address") value=typed exact=true />
        <div aria-live="polite">{changing(shown)}</div>
    }
}

async fn known(vault: VaultId, address: String) -> Result<Known, Unanswered> {
    let check = CheckAddress { vault, address: address.clone() };
    let verdict = answer!(Request::CheckAddress(check), Reply::AddressChecked(view) => view.verdict).await?;
    if verdict != AddressVerdict::Own {
        return Ok(Known { verdict, given_out: None });
    }
    let list = ListAddresses { vault, change: false, before: None, limit: LOOKED_THROUGH };
    let addresses = answer!(Request::ListAddresses(list), Reply::Addresses(view) => view.addresses).await?;
    Ok(Known { verdict, given_out: addresses.into_iter().find(|it| it.address == address) })
}

fn said(vault: Signal<VaultView>, known: Known) -> impl IntoView {
    let (meaning, title) = match (known.verdict, known.given_out) {
        (AddressVerdict::Own, Some(AddressView { issued_by: Some(by), index, .. })) => {
            let name = vault.with_untracked(|vault| words::member_name(vault, by));
            (Meaning::Fine, t!("receive-check-given-out", index = index, name = name))
        }
        (AddressVerdict::Own, Some(AddressView { issued_by: None, .. }) | None) => {
            (Meaning::Waits, t!("receive-check-own"))
        }
        (AddressVerdict::NotAnAddress, _) => (Meaning::Refused, t!("propose-address-none")),
        (AddressVerdict::WrongNetwork, _) => (Meaning::Refused, t!("propose-address-network")),
        (AddressVerdict::Fine | AddressVerdict::Denied | AddressVerdict::NotAllowed, _) => {
            (Meaning::Refused, t!("receive-check-foreign"))
        }
    };
    view! { <Notice meaning=meaning title=title /> }
}
