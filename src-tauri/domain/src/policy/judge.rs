//! What of a payment the policy judges, and who has consented to it.

use std::collections::BTreeSet;

use bitcoin::{Amount, Script};
use conclave_shared::{MemberId, Role, Unmet};

use super::Needs;
use crate::configuration::CheckedConfiguration;
use crate::descriptor::SpendingPath;
use crate::proposal::CheckedProposal;

/// What leaves the vault with a payment (adr 12): every output but the proven change, and the fee. An output to an own
/// address that is not the change counts as leaving; so asks a policy rather too much than too little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving<'a> {
    /// How much, fee included. By the claimed amounts of the inputs: the guard proves those.
    pub amount: Amount,
    /// Output scripts that are paid.
    pub recipients: Vec<&'a Script>,
    /// The signatures that it needs, where it spends by the recovery.
    pub recovery: Option<u32>,
}

impl<'a> Leaving<'a> {
    /// What leaves with a payment that was proposed under a configuration.
    pub fn of(proposal: &'a CheckedProposal, under: &CheckedConfiguration) -> Self {
        let change = proposal.change.map(|change| change.output as usize);
        let outputs = proposal.transaction.output.iter().enumerate();
        let paid = outputs.filter(|(position, _)| Some(*position) != change).map(|(_, output)| output);
        let add = |sum: Amount, amount: Amount| sum.checked_add(amount).unwrap_or(Amount::MAX);
        let amount = paid.clone().map(|output| output.value).fold(proposal.fee, add);
        let recipients = paid.map(|output| output.script_pubkey.as_script()).collect();
        let recovery = match proposal.path {
            SpendingPath::Members => None,
            SpendingPath::Recovery => Some(under.signatures_needed(SpendingPath::Recovery)),
        };
        Self { amount, recipients, recovery }
    }
}

/// A member who has consented, with what they are in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approver<'a> {
    /// Who.
    pub member: MemberId,
    /// Their roles.
    pub roles: &'a [Role],
}

/// What is lacking of the approvals needed. Each member counts once, in whatever order and however often they are named.
pub(super) fn approvals(needs: Needs<'_>, approvers: &[Approver<'_>]) -> Vec<Unmet> {
    let count = |counts: &dyn Fn(&Approver<'_>) -> bool| {
        let members = approvers.iter().filter(|approver| counts(approver)).map(|approver| approver.member);
        members.collect::<BTreeSet<MemberId>>().len() as u32
    };
    let may_approve = |approver: &Approver<'_>| super::APPROVING.iter().any(|role| approver.roles.contains(role));
    let mut unmet = Vec::new();
    let (have, need) = (count(&may_approve), needs.approvals);
    if have < need {
        unmet.push(Unmet::ApprovalsMissing { have, need });
    }
    for it in needs.by {
        let (have, need) = (count(&|approver| approver.roles.contains(&it.role)), it.count);
        if have < need {
            unmet.push(Unmet::RoleApprovalsMissing { role: it.role, have, need });
        }
    }
    unmet
}
