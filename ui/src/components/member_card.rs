//! One member of the practice vault: the vault and its payments as that member's own installation sees them.

use conclave_shared::practice::PracticeMemberView;
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{MemberId, ProposalStatus, Role, Sat, Unmet};
use leptos::prelude::*;

use crate::components::address::Address;
use crate::components::threshold_ring::ThresholdRing;
use crate::words;

/// The card.
#[component]
pub fn MemberCard(member: Memo<Option<PracticeMemberView>>) -> impl IntoView {
    move || member.get().map(card)
}

fn card(member: PracticeMemberView) -> impl IntoView {
    let presence = if member.online { "online" } else { "offline" };
    let roles = member.vault.as_ref().map(own_roles).filter(|roles| !roles.is_empty());
    let title = format!("{}, {presence}", member.name);
    let name = member.name.clone();
    view! {
        <article class="member" class:offline=!member.online aria-label=title data-member=name>
            <header>
                <h3>{member.name}</h3>
                <span class="role">{roles}</span>
                <span class="presence">
                    <svg viewBox="-6 -6 12 12" aria-hidden="true"><circle r="4" /></svg>
                    {presence}
                </span>
            </header>
            {match member.vault {
                Some(vault) => vault_part(vault).into_any(),
                None => view! { <p class="empty">"Not in the vault yet."</p> }.into_any(),
            }}
        </article>
    }
}

fn own_roles(vault: &VaultView) -> String {
    let own = vault.members.iter().find(|member| member.member == vault.me);
    own.map(|own| own.roles.iter().map(|role| words::role(*role)).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn vault_part(vault: VaultView) -> impl IntoView {
    let unconfirmed = (vault.balance.unconfirmed != Sat(0)).then(|| {
        view! {
            <p class="unconfirmed">
                <span class="amount">{vault.balance.unconfirmed.to_string()}</span>
                " not in a block yet"
            </p>
        }
    });
    let payments = vault.proposals.iter().map(|payment| payment_part(&vault, payment)).collect_view();
    view! {
        <p class="vault-state">{words::vault(&vault)}</p>
        <p class="balance">
            <span class="visually-hidden">"Balance "</span>
            <span class="amount">{vault.balance.confirmed.to_string()}</span>
        </p>
        {unconfirmed}
        {payments}
    }
}

fn payment_part(vault: &VaultView, payment: &ProposalView) -> impl IntoView + use<> {
    let approved = words::names(vault, &payment.approved_by);
    let signed = words::names(vault, &payment.signed_by);
    let state = words::payment(vault, payment);
    let complete = match payment.status {
        ProposalStatus::Signed | ProposalStatus::Broadcast | ProposalStatus::Confirmed => true,
        ProposalStatus::Proposed
        | ProposalStatus::Approved
        | ProposalStatus::Rejected
        | ProposalStatus::Expired
        | ProposalStatus::Replaced => false,
    };
    let label = format!(
        "{state}. Approved by {approved}. {} of {} signatures, by {signed}.",
        payment.signed_by.len(),
        vault.threshold
    );
    let recipients = payment
        .recipients
        .iter()
        .map(|to| {
            view! {
                <p class="recipient">
                    <span class="amount">{to.amount.to_string()}</span>
                    " to "
                    <Address address=to.address.clone() />
                </p>
            }
        })
        .collect_view();
    let dangers = payment
        .unmet
        .iter()
        .filter(|unmet| {
            matches!(
                unmet,
                Unmet::Danger { .. }
                    | Unmet::TwoStories { .. }
                    | Unmet::Rejected { .. }
                    | Unmet::Frozen { .. }
                    | Unmet::DestinationDenied { .. }
                    | Unmet::DestinationNotAllowed { .. }
            )
        })
        .map(|unmet| view! { <p class="danger">{unmet.to_string()}</p> })
        .collect_view();
    view! {
        <section class="payment" aria-label=format!("Payment: {}", payment.purpose)>
            <ThresholdRing
                approvals=given(vault, &payment.approved_by)
                signatures=given(vault, &payment.signed_by)
                complete=complete
                label=label
            />
            <div class="payment-text">
                <p class="payment-state" class:complete=complete>{state}</p>
                <p class="purpose">{payment.purpose.clone()}</p>
            </div>
            {recipients}
            <dl class="facts">
                <dt>"Fee"</dt>
                <dd class="amount">{payment.fee.to_string()}</dd>
                <dt>"Approved by"</dt>
                <dd>{approved}</dd>
                <dt>"Signed by"</dt>
                <dd>{signed}</dd>
            </dl>
            {dangers}
        </section>
    }
}

/// A segment for each keyholder, in the vault's own order.
fn given(vault: &VaultView, by: &[MemberId]) -> Vec<bool> {
    vault
        .members
        .iter()
        .filter(|member| {
            member.roles.iter().any(|role| matches!(role, Role::Keyholder | Role::Mediator | Role::Signer))
        })
        .map(|member| by.contains(&member.member))
        .collect()
}
