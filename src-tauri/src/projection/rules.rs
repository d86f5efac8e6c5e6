//! Policy and freezes in plain words: what applies to a payment, and what is lacking.

use conclave_domain::configuration::CheckedConfiguration;
use conclave_domain::policy::{Leaving, Needs, RoleCount, Tier};
use conclave_domain::vault::{FreezeStanding, ProposalState, Vault};
use conclave_shared::view::{FreezeView, GivenView, PolicyView};
use conclave_shared::{EventId, MemberId, Role, Sat, Unmet};

use crate::open_vault::OpenVault;
use crate::record::utc;

/// The policy of the accepted configuration, or of the one that waits for ratification; none where there is neither.
pub fn policy(open: &OpenVault) -> Option<PolicyView> {
    let vault = &open.vault;
    let checked = vault.newest_configuration()?;
    Some(PolicyView {
        cfg: checked.cfg,
        active: vault.active().is_some(),
        policy: checked.configuration.policy.clone(),
        release: checked.policy.release(),
        sentences: sentences(checked),
        freezes: freezes(vault),
    })
}

/// A policy, one sentence each.
pub(super) fn sentences(checked: &CheckedConfiguration) -> Vec<String> {
    let policy = &checked.configuration.policy;
    let mut sentences = vec![format!("Every payment: {}", needed(Needs { approvals: policy.approvals, by: &[] }))];
    for tier in &policy.tiers {
        sentences.push(from_tier(tier));
    }
    if !policy.tiers.is_empty() {
        sentences.push("What counts is what leaves the vault, fee included".to_owned());
    }
    sentences.extend(policy.allow.as_ref().map(|list| match list.len() {
        0 => "No address outside the vault may be paid".to_owned(),
        _ => format!("Only these addresses may be paid: {}", list.join(", ")),
    }));
    if !policy.deny.is_empty() {
        sentences.push(format!("Never paid: {}", policy.deny.join(", ")));
    }
    let release = checked.policy.release();
    let keyholders = if release == 1 { "keyholder releases" } else { "keyholders release" };
    sentences.push(format!("Any keyholder can freeze the vault; {release} {keyholders} it"));
    sentences
}

/// What payments need from a tier on.
pub(super) fn from_tier(tier: &Tier) -> String {
    from(tier.from, Needs { approvals: tier.approvals, by: &tier.by })
}

fn from(from: Sat, needs: Needs<'_>) -> String {
    format!("From {from}: {}", needed(needs))
}

/// `3 approvals, one of them by an approver`.
fn needed(needs: Needs<'_>) -> String {
    let noun = if needs.approvals == 1 { "approval" } else { "approvals" };
    let mut text = format!("{} {noun}", needs.approvals);
    for (place, RoleCount { role, count }) in needs.by.iter().enumerate() {
        let whose = match (role, count) {
            (Role::Approver | Role::Auditor, 1) => format!("an {role}"),
            (Role::Keyholder | Role::Mediator | Role::Signer, 1) => format!("a {role}"),
            (role, _) => format!("{role}s"),
        };
        let count = if *count == 1 { "one".to_owned() } else { count.to_string() };
        let of_them = if place == 0 { " of them" } else { "" };
        text.push_str(&format!(", {count}{of_them} by {whose}"));
    }
    text
}

/// The part of the policy that applies to what leaves the vault with a payment.
pub(super) fn rule(checked: &CheckedConfiguration, leaving: &Leaving<'_>) -> String {
    let needs = checked.policy.needs_of(leaving);
    match checked.policy.tier(leaving.amount) {
        _ if leaving.recovery.is_some() => format!("By the recovery: {}", needed(needs)),
        Some(tier) => from(tier.from, needs),
        None if checked.configuration.policy.tiers.is_empty() => format!("Every payment: {}", needed(needs)),
        None => format!("Below the first tier: {}", needed(needs)),
    }
}

/// All freezes of a vault.
pub(super) fn freezes(vault: &Vault) -> Vec<FreezeView> {
    let view = |it: FreezeStanding<'_>| FreezeView {
        freeze: it.event,
        by: it.by,
        name: name(vault, it.by),
        since_ms: it.since_ms,
        reason: it.reason.to_owned(),
        stands: it.stands(),
        admitted: it.admitted,
        need: it.need,
        votes: it.votes.iter().map(|(member, event)| given(vault, *member, *event, true)).collect(),
    };
    vault.freezes().into_iter().map(view).collect()
}

/// The approvals of a payment, each with its time.
pub(super) fn approvals(vault: &Vault, state: &ProposalState) -> Vec<GivenView> {
    let counts = |member: MemberId| {
        let honest = !vault.log().two_stories().contains_key(&member);
        honest && vault.active().and_then(|active| active.member(member)).is_some_and(|member| member.may_approve())
    };
    state.approvals.events().map(|(member, event)| given(vault, member, event, counts(member))).collect()
}

fn given(vault: &Vault, member: MemberId, event: EventId, counts: bool) -> GivenView {
    GivenView { member, ms: vault.log().get(event).map_or(0, |admitted| admitted.rank), counts }
}

/// What is lacking, in plain words, with names instead of ids.
pub(super) fn condition(vault: &Vault, unmet: &Unmet) -> String {
    match unmet {
        Unmet::Frozen { by, since_ms } => {
            let (name, since) = (name(vault, *by), utc(*since_ms));
            format!("{name} has frozen the vault since {since}: nothing goes on until the freeze is released")
        }
        Unmet::RoleApprovalsMissing { role, have, need } => {
            let missing = need.saturating_sub(*have);
            let noun = if missing == 1 { "approval" } else { "approvals" };
            format!("{missing} more {noun} by members with the role {role}: {have} of {need} are given")
        }
        Unmet::Rejected { by } => format!("{} rejected it", name(vault, *by)),
        Unmet::TwoStories { by } => format!("{} told two stories", name(vault, *by)),
        Unmet::Expired { at_ms } => format!("it was to be signed until {}", utc(*at_ms)),
        Unmet::ApprovalsMissing { .. }
        | Unmet::DestinationDenied { .. }
        | Unmet::DestinationNotAllowed { .. }
        | Unmet::SignaturesMissing { .. }
        | Unmet::ChallengeMissing { .. }
        | Unmet::KeyProofMissing { .. }
        | Unmet::NotActive
        | Unmet::RulesUnknown
        | Unmet::ConfigurationChanged
        | Unmet::ConfigurationsDoubled
        | Unmet::RoleMissing { .. }
        | Unmet::Ended
        | Unmet::CoinReserved { .. }
        | Unmet::Void
        | Unmet::AlreadySigned
        | Unmet::Danger { .. }
        | Unmet::FundsMissing { .. } => unmet.to_string(),
    }
}

/// The name that a member chose, with the beginning of the id: two may have chosen one.
pub fn name(vault: &Vault, member: MemberId) -> String {
    let joiners = vault.joiners();
    let joined = joiners.get(&member).map(|joiner| joiner.joined.name.clone());
    let joined = joined.or_else(|| vault.candidates().get(&member).map(|joiner| joiner.joined.name.clone()));
    joined.map_or_else(|| member.short(), |name| format!("{name} ({})", member.short()))
}
