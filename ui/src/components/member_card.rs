//! One member of the practice vault: the vault and its payments as that member's own installation sees them.

use conclave_shared::practice::PracticeMemberView;
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{MemberId, ProposalStatus, Role, Sat, Unmet};
use conclave_ui_logic::vocabulary;

use crate::app::App;
use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::threshold_ring::ThresholdRing;
use crate::live::changing;
use crate::prelude::*;
use crate::{t, words};

/// The card.
#[component]
pub fn MemberCard(
    /// The member.
    member: Memo<Option<PracticeMemberView>>,
) -> impl IntoView {
    let app = App::here();
    changing(move || member.get().map(|member| card(app, member)))
}

fn card(app: App, member: PracticeMemberView) -> impl IntoView {
    let presence = if member.online { t!("practice-online") } else { t!("practice-offline") };
    let roles = member.vault.as_ref().map(own_roles).filter(|roles| !roles.is_empty());
    let title = t!("practice-member", name = &member.name, presence = &presence);
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
                Some(vault) => vault_part(app, vault).into_any(),
                None => view! { <p class="soft">{t!("practice-not-in-vault")}</p> },
            }}
        </article>
    }
}

fn own_roles(vault: &VaultView) -> String {
    let own = vault.members.iter().find(|member| member.member == vault.me);
    let role = |role: &Role| words::text(&vocabulary::role(*role));
    own.map(|own| own.roles.iter().map(role).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn vault_part(app: App, vault: VaultView) -> impl IntoView {
    let unconfirmed = (vault.balance.unconfirmed != Sat(0)).then(|| {
        view! {
            <p class="soft">
                <Amount amount=vault.balance.unconfirmed />
                " "
                {t!("balance-unconfirmed")}
            </p>
        }
    });
    let payments = vault.proposals.iter().map(|payment| payment_part(app, &vault, payment)).collect_view();
    let state = t!(
        "practice-vault-state",
        name = &vault.name,
        threshold = vault.threshold,
        keyholders = vault.keyholders,
        status = vocabulary::vault_status(vault.status)
    );
    view! {
        <p class="soft">{state}</p>
        <p class="balance">
            <span class="visually-hidden">{t!("balance")} " "</span>
            <Amount amount=vault.balance.confirmed />
        </p>
        {unconfirmed}
        {payments}
    }
}

/// How far a payment has come, and what it waits for.
fn state_of(vault: &VaultView, payment: &ProposalView) -> String {
    match (payment.status, payment.confirmed_height) {
        (ProposalStatus::Approved, _) => {
            t!("practice-waits-signatures", have = payment.signed_by.len(), need = vault.threshold)
        }
        (ProposalStatus::Confirmed, Some(height)) => t!("practice-confirmed", height = height),
        (
            status @ (ProposalStatus::Proposed
            | ProposalStatus::Signed
            | ProposalStatus::Broadcast
            | ProposalStatus::Confirmed
            | ProposalStatus::Rejected
            | ProposalStatus::Expired
            | ProposalStatus::Replaced),
            _,
        ) => words::text(&vocabulary::proposal_status(status)),
    }
}

fn payment_part(app: App, vault: &VaultView, payment: &ProposalView) -> impl IntoView + use<> {
    let approved = words::names(vault, &payment.approved_by);
    let signed = words::names(vault, &payment.signed_by);
    let state = state_of(vault, payment);
    let complete = match payment.status {
        ProposalStatus::Signed | ProposalStatus::Broadcast | ProposalStatus::Confirmed => true,
        ProposalStatus::Proposed
        | ProposalStatus::Approved
        | ProposalStatus::Rejected
        | ProposalStatus::Expired
        | ProposalStatus::Replaced => false,
    };
    let label = t!(
        "practice-ring",
        state = &state,
        approved = &approved,
        have = payment.signed_by.len(),
        need = vault.threshold,
        signed = &signed
    );
    let recipients = payment
        .recipients
        .iter()
        .map(|to| {
            view! {
                <p class="recipient">
                    <Amount amount=to.amount />
                    " "
                    {t!("practice-to")}
                    " "
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
        .map(|unmet| {
            let name = |id| words::member_name(vault, id);
            view! { <p class="danger">{words::text(&vocabulary::unmet(unmet, app.unit(), name))}</p> }
        })
        .collect_view();
    view! {
        <section class="payment" aria-label=t!("practice-payment", purpose = &payment.purpose)>
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
            <dl class="payment-facts">
                <dt>{t!("fee")}</dt>
                <dd><Amount amount=payment.fee /></dd>
                <dt>{t!("approved-by")}</dt>
                <dd>{approved}</dd>
                <dt>{t!("signed-by")}</dt>
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
