//! How a payment stands: whether it is over, who has given what, who is awaited, and by which rule. Which of that may be
//! done here and now is the backend's word (`ProposalView::acts`).

use conclave_shared::desktop::Unit;
use conclave_shared::view::{MemberView, PaymentAct, ProposalView, RuleView, VaultView};
use conclave_shared::{MemberId, ProposalStatus, Role, Sat, Unmet};

use crate::amount::text;
use crate::messages::Said;
use crate::{say, vocabulary};

/// More names than these are not read: the number alone says it.
const NAMES: usize = 4;

/// Whether something can still come of it: it is not in a block, not refused, not replaced, not expired.
pub fn is_open(status: ProposalStatus) -> bool {
    match status {
        ProposalStatus::Proposed | ProposalStatus::Approved | ProposalStatus::Signed | ProposalStatus::Broadcast => {
            true
        }
        ProposalStatus::Confirmed | ProposalStatus::Rejected | ProposalStatus::Expired | ProposalStatus::Replaced => {
            false
        }
    }
}

/// All payments, those that something can come of before those that are over, the newest first.
pub fn in_order(proposals: &[ProposalView]) -> (Vec<&ProposalView>, Vec<&ProposalView>) {
    proposals.iter().rev().partition(|proposal| is_open(proposal.status))
}

/// What the recipients get together.
pub fn paid(proposal: &ProposalView) -> Sat {
    Sat(proposal.recipients.iter().fold(0, |sum, recipient| sum.saturating_add(recipient.amount.0)))
}

/// Whether a member may consent to payments.
pub fn may_approve(member: &MemberView) -> bool {
    member.roles.iter().any(|role| matches!(role, Role::Keyholder | Role::Approver))
}

/// Whether a member has a key in the descriptor.
pub fn may_sign(member: &MemberView) -> bool {
    member.roles.contains(&Role::Keyholder)
}

/// Whether a payment is signed by keys that no member has: those of a recovery of its own.
pub fn signed_by_others(vault: &VaultView, proposal: &ProposalView) -> bool {
    proposal.recovery && vault.recovery.as_ref().is_some_and(|recovery| !recovery.keys.is_empty())
}

/// A payment's threshold ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Outside: who may approve, and has.
    pub approvals: Vec<bool>,
    /// Inside: who may sign, and has.
    pub signatures: Vec<bool>,
    /// Whether nothing more is needed of anybody.
    pub complete: bool,
}

/// The ring of a payment.
pub fn ring(vault: &VaultView, proposal: &ProposalView) -> Ring {
    let approvals = vault.members.iter().filter(|member| may_approve(member));
    let signatures = if signed_by_others(vault, proposal) {
        let (have, need) = signatures(proposal);
        (0..need).map(|at| at < have).collect()
    } else {
        let keyholders = vault.members.iter().filter(|member| may_sign(member));
        keyholders.map(|member| proposal.signed_by.contains(&member.member)).collect()
    };
    let approvals = approvals.map(|member| approves(proposal, member.member)).collect();
    Ring { approvals, signatures, complete: is_signed(proposal.status) }
}

/// Whether a member's consent to a payment stands.
pub fn approves(proposal: &ProposalView, member: MemberId) -> bool {
    proposal.approvals.iter().any(|given| given.member == member && given.counts)
}

/// Approvals that count, and how many are needed.
pub fn approvals(proposal: &ProposalView) -> (u32, u32) {
    let have = proposal.approvals.iter().filter(|given| given.counts).count();
    (u32::try_from(have).unwrap_or(u32::MAX), proposal.needs.approvals)
}

/// Complete signatures, and how many are needed.
pub fn signatures(proposal: &ProposalView) -> (u32, u32) {
    let missing = proposal.unmet.iter().find_map(|unmet| {
        if let Unmet::SignaturesMissing { have, need } = unmet { Some((*have, *need)) } else { None }
    });
    let have = u32::try_from(proposal.signed_by.len()).unwrap_or(u32::MAX);
    let need = proposal.needs.signatures;
    missing.unwrap_or((if is_signed(proposal.status) { have.max(need) } else { have }, need))
}

/// Whether a payment has all that members give.
pub fn is_signed(status: ProposalStatus) -> bool {
    match status {
        ProposalStatus::Signed | ProposalStatus::Broadcast | ProposalStatus::Confirmed => true,
        ProposalStatus::Proposed
        | ProposalStatus::Approved
        | ProposalStatus::Rejected
        | ProposalStatus::Expired
        | ProposalStatus::Replaced => false,
    }
}

/// What a payment waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// For nothing: it is over.
    Nothing,
    /// For something that approvals and signatures cannot give.
    Stopped(Unmet),
    /// For approvals.
    Approvals(Missing),
    /// For signatures.
    Signatures(Missing),
    /// To be sent.
    Sending,
    /// For a block.
    Block,
}

/// What is missing, and who could give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// How many.
    pub more: u32,
    /// Who could give one and has not, this installation's owner left out.
    pub of: Vec<MemberId>,
    /// Whether this installation's owner could, now.
    pub mine: bool,
}

/// What keeps a payment from being sent, beside approvals and signatures that are missing.
pub fn stops(proposal: &ProposalView) -> Vec<&Unmet> {
    let given_by_members = |unmet: &&Unmet| {
        matches!(
            unmet,
            Unmet::ApprovalsMissing { .. } | Unmet::RoleApprovalsMissing { .. } | Unmet::SignaturesMissing { .. }
        )
    };
    proposal.unmet.iter().filter(|unmet| !given_by_members(unmet)).collect()
}

/// What a payment waits for.
pub fn awaited(vault: &VaultView, proposal: &ProposalView) -> Awaited {
    let stopped = stops(proposal).first().map(|unmet| Awaited::Stopped((*unmet).clone()));
    match proposal.status {
        ProposalStatus::Proposed => stopped.unwrap_or_else(|| Awaited::Approvals(missing_approvals(vault, proposal))),
        ProposalStatus::Approved => stopped.unwrap_or_else(|| Awaited::Signatures(missing_signatures(vault, proposal))),
        ProposalStatus::Signed => stopped.unwrap_or(Awaited::Sending),
        ProposalStatus::Broadcast => Awaited::Block,
        ProposalStatus::Confirmed | ProposalStatus::Rejected | ProposalStatus::Expired | ProposalStatus::Replaced => {
            Awaited::Nothing
        }
    }
}

fn missing_approvals(vault: &VaultView, proposal: &ProposalView) -> Missing {
    let (mut more, mut by_role) = (0, None);
    for unmet in &proposal.unmet {
        if let Unmet::ApprovalsMissing { have, need } = unmet {
            more = more.max(need.saturating_sub(*have));
        } else if let Unmet::RoleApprovalsMissing { role, have, need } = unmet {
            by_role = Some((*role, need.saturating_sub(*have)));
        }
    }
    // Once there are enough in all, only those of the role help.
    let role = by_role.filter(|_| more == 0);
    let more = role.map_or(more, |(_, more)| more);
    let could = |member: &&MemberView| {
        may_approve(member)
            && role.is_none_or(|(role, _)| member.roles.contains(&role))
            && !approves(proposal, member.member)
    };
    Missing { more, of: others(vault, could), mine: proposal.acts.contains(&PaymentAct::Approve) }
}

fn missing_signatures(vault: &VaultView, proposal: &ProposalView) -> Missing {
    let (have, need) = signatures(proposal);
    let could = |member: &&MemberView| may_sign(member) && !proposal.signed_by.contains(&member.member);
    let of = if signed_by_others(vault, proposal) { vec![] } else { others(vault, could) };
    Missing { more: need.saturating_sub(have), of, mine: proposal.acts.contains(&PaymentAct::Sign) }
}

fn others(vault: &VaultView, could: impl Fn(&&MemberView) -> bool) -> Vec<MemberId> {
    vault.members.iter().filter(could).map(|member| member.member).filter(|id| *id != vault.me).collect()
}

/// What a payment waits for, in a sentence; nothing where it is over.
pub fn awaited_said(vault: &VaultView, awaited: &Awaited, unit: Unit) -> Option<Said> {
    let names = |of: &[MemberId]| of.iter().map(|id| name(vault, *id)).collect::<Vec<_>>().join(", ");
    Some(match awaited {
        Awaited::Nothing => return None,
        Awaited::Stopped(unmet) => vocabulary::unmet(unmet, unit, |id| name(vault, id)),
        Awaited::Approvals(missing) if missing.mine => say!("payment-awaits-your-approval"),
        Awaited::Approvals(Missing { of, more, .. }) => match of.as_slice() {
            [] => say!("payment-awaits-approvals", more = *more),
            [one] => say!("payment-awaits-approval-of", name = name(vault, *one)),
            of if of.len() > NAMES => say!("payment-awaits-approvals", more = *more),
            of => say!("payment-awaits-approvals-of", more = *more, names = names(of)),
        },
        Awaited::Signatures(missing) if missing.mine => say!("payment-awaits-your-signature"),
        Awaited::Signatures(Missing { of, more, .. }) => match of.as_slice() {
            [] => say!("payment-awaits-signatures", more = *more),
            [one] => say!("payment-awaits-signature-of", name = name(vault, *one)),
            of if of.len() > NAMES => say!("payment-awaits-signatures", more = *more),
            of => say!("payment-awaits-signatures-of", more = *more, names = names(of)),
        },
        Awaited::Sending => say!("payment-awaits-sending"),
        Awaited::Block => say!("payment-awaits-block"),
    })
}

/// When the one member who is awaited was last heard from, in ms since 1970.
pub fn last_heard(vault: &VaultView, awaited: &Awaited) -> Option<u64> {
    let (Awaited::Approvals(missing) | Awaited::Signatures(missing)) = awaited else { return None };
    match missing.of.as_slice() {
        [one] if !missing.mine => vault.members.iter().find(|member| member.member == *one)?.last_heard_ms,
        [..] => None,
    }
}

fn name(vault: &VaultView, id: MemberId) -> String {
    let member = vault.members.iter().find(|member| member.member == id);
    member.map_or_else(|| id.short(), |member| member.name.clone())
}

/// The rule that a payment falls under, in sentences.
pub fn rule(rule: &RuleView, unit: Unit) -> Vec<Said> {
    let (approvals, signatures) = (rule.approvals, rule.signatures);
    let mut said = vec![match (rule.recovery, rule.from) {
        (true, _) => say!("rule-recovery", approvals = approvals, signatures = signatures),
        (false, None) => say!("rule-every", approvals = approvals, signatures = signatures),
        (false, Some(from)) => {
            say!("rule-from", from = text(from, unit), approvals = approvals, signatures = signatures)
        }
    }];
    said.extend(rule.by.iter().map(|by| say!("rule-by-role", count = by.count, role = vocabulary::role(by.role))));
    said
}

/// A part in thousandths as percent: `0.4 %`, `12 %`.
pub fn percent(per_mille: u64) -> String {
    match (per_mille / 10, per_mille % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

#[cfg(test)]
mod tests;
