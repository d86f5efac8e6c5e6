//! A payment in a list: its ring, what it pays and to whom, and what it waits for, by names.

use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{EventId, ProposalStatus};
use conclave_ui_logic::{standing, vocabulary};

use crate::app::App;
use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::notice::{Meaning, Status};
use crate::components::threshold_ring::ThresholdRing;
use crate::components::when::When;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// A payment of a vault, always as it stands; none where there is no such payment.
pub fn payment_of(vault: Signal<VaultView>, proposal: EventId) -> Memo<Option<ProposalView>> {
    memo(move |_| vault.with(|vault| vault.proposals.iter().find(|view| view.proposal == proposal).cloned()))
}

/// The row. Pressed, it leads to the payment.
#[component]
pub fn PaymentRow(
    /// The vault.
    vault: Signal<VaultView>,
    /// The payment.
    proposal: EventId,
) -> impl IntoView {
    let app = App::here();
    let to = Route::Proposal(vault.with_untracked(|vault| vault.vault), proposal);
    let payment = payment_of(vault, proposal);
    // What it pays never changes: only what happened to it does.
    payment.get_untracked().map(|first| row(vault, payment, first, move || app.go(to)))
}

fn row(
    vault: Signal<VaultView>,
    payment: Memo<Option<ProposalView>>,
    first: ProposalView,
    open: impl Fn() + 'static,
) -> impl IntoView {
    // Where nobody else gets anything, what comes back is what it is about.
    let paid = if first.recipients.is_empty() { first.change } else { standing::paid(&first) };
    let recipients = match first.recipients.as_slice() {
        [] => view! { <p class="soft">{t!("payment-to-vault")}</p> },
        [one] => view! { <p class="soft"><Address address=one.address.clone() /></p> },
        several => view! { <p class="soft">{t!("payment-to-several", count = several.len())}</p> },
    };
    view! {
        <li class="payment-row" data-payment=first.proposal.to_string()>
            <PaymentRing vault=vault payment=payment />
            <div class="payment-row-text">
                <h3>
                    <a
                        class="payment-link"
                        href="#"
                        on:click=move |event| {
                            event.prevent_default();
                            open();
                        }
                    >
                        {title(&first)}
                    </a>
                </h3>
                {recipients}
                <Awaited vault=vault payment=payment />
            </div>
            <div class="payment-row-amount">
                <Amount amount=paid />
                <p class="soft"><When ms=first.proposed_ms /></p>
            </div>
        </li>
    }
}

/// What a payment is called: its purpose, or what it is for where nobody said.
pub fn title(payment: &ProposalView) -> String {
    if payment.self_test {
        return t!("payment-self-test");
    }
    let purpose = payment.purpose.trim();
    if purpose.is_empty() { t!("payment-without-purpose") } else { purpose.to_owned() }
}

/// What a status means for the reader.
pub fn meaning(status: ProposalStatus) -> Meaning {
    match status {
        ProposalStatus::Proposed | ProposalStatus::Approved | ProposalStatus::Signed | ProposalStatus::Broadcast => {
            Meaning::Waits
        }
        ProposalStatus::Confirmed => Meaning::Fine,
        ProposalStatus::Rejected => Meaning::Refused,
        ProposalStatus::Expired | ProposalStatus::Replaced => Meaning::Plain,
    }
}

/// A payment's ring.
#[component]
pub fn PaymentRing(
    /// The vault.
    vault: Signal<VaultView>,
    /// The payment.
    payment: Memo<Option<ProposalView>>,
) -> impl IntoView {
    let ring = memo(move |_| {
        let payment = payment.get()?;
        let ring = vault.with(|vault| standing::ring(vault, &payment));
        Some((ring, standing::approvals(&payment), standing::signatures(&payment)))
    });
    changing(move || {
        let (ring, (approvals, need_approvals), (signatures, need_signatures)) = ring.get()?;
        let label = t!(
            "payment-ring",
            approvals = approvals,
            needapprovals = need_approvals,
            signatures = signatures,
            needsignatures = need_signatures
        );
        Some(view! {
            <ThresholdRing approvals=ring.approvals signatures=ring.signatures complete=ring.complete label=label />
        })
    })
}

/// What a payment waits for and from whom, or how it ended.
#[component]
pub fn Awaited(
    /// The vault.
    vault: Signal<VaultView>,
    /// The payment.
    payment: Memo<Option<ProposalView>>,
) -> impl IntoView {
    let app = App::here();
    let said = memo(move |_| {
        let payment = payment.get()?;
        vault.with(|vault| {
            let awaited = standing::awaited(vault, &payment);
            let stopped = matches!(awaited, standing::Awaited::Stopped(_));
            let meaning = if stopped { Meaning::Refused } else { meaning(payment.status) };
            let said = standing::awaited_said(vault, &awaited, app.unit());
            let said = said.unwrap_or_else(|| vocabulary::proposal_status(payment.status));
            Some((meaning, words::text(&said), standing::last_heard(vault, &awaited)))
        })
    });
    changing(move || {
        let (meaning, said, heard) = said.get()?;
        Some(view! {
            <p class="awaited">
                <Status meaning=meaning words=said />
                {heard.map(|ms| view! { <span class="soft">{t!("payment-last-heard")} " " <When ms=ms /> "."</span> })}
            </p>
        })
    })
}
