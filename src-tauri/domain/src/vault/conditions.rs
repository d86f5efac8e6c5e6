//! What the record and the rules ask for before something may be done with a payment. What its PSBT shows is the guard's.

use conclave_shared::{EventId, MemberId, ProposalStatus, Role, Unmet};

use super::{ChainFacts, ProposalState, Vault};
use crate::action::{Action, Content};
use crate::configuration::{CheckedConfiguration, Member};
use crate::policy::{Approver, Leaving};

/// What is about to be done with a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Consent.
    Approve,
    /// Sign.
    Sign,
    /// Put signatures together.
    Finalise,
    /// Send.
    Broadcast,
}

impl Vault {
    /// Where a payment stands, by the record and by what this installation itself sees of the chain: another member's
    /// word alone never shows a payment as confirmed.
    pub fn proposal_status(&self, proposal: &ProposalState, chain: &ChainFacts) -> ProposalStatus {
        let unmet = |act| self.unmet(proposal.event, act, chain);
        let lacks = |unmet: &[Unmet], which: fn(&Unmet) -> bool| unmet.iter().any(which);
        if chain.confirmed(&proposal.checked.txid).is_some() {
            ProposalStatus::Confirmed
        } else if chain.seen(&proposal.checked.txid) {
            ProposalStatus::Broadcast
        } else if chain.supplanted(&proposal.checked).is_some()
            || self.rivals(proposal).any(|it| chain.seen(&it.checked.txid) && !self.replaces(proposal, it))
        {
            ProposalStatus::Replaced
        } else if !proposal.rejections.is_empty() {
            ProposalStatus::Rejected
        } else if self.expired(proposal, chain).is_some() {
            ProposalStatus::Expired
        } else if lacks(&unmet(Act::Broadcast), |unmet| {
            matches!(unmet, Unmet::ApprovalsMissing { .. } | Unmet::RoleApprovalsMissing { .. })
        }) {
            ProposalStatus::Proposed
        } else if lacks(&unmet(Act::Broadcast), |unmet| matches!(unmet, Unmet::SignaturesMissing { .. })) {
            ProposalStatus::Approved
        } else {
            ProposalStatus::Signed
        }
    }

    /// What the record and the rules still ask for before `act` may be done by this member. What the PSBT shows is the
    /// guard's to add.
    pub fn unmet(&self, proposal: EventId, act: Act, facts: &ChainFacts) -> Vec<Unmet> {
        let Some(proposal) = self.proposal(proposal) else { return vec![Unmet::Void] };
        let Some(active) = self.active() else { return vec![Unmet::NotActive] };
        let mut unmet = Vec::new();
        if self.unknown_actions().next().is_some() {
            unmet.push(Unmet::RulesUnknown);
        }
        if !self.doubled_configurations().is_empty() {
            unmet.push(Unmet::ConfigurationsDoubled);
        }
        if proposal.checked.cfg != active.cfg {
            unmet.push(Unmet::ConfigurationChanged);
        }
        let me = active.member(self.me);
        match act {
            Act::Approve if !me.is_some_and(Member::may_approve) => {
                unmet.push(Unmet::RoleMissing { needs: Role::Approver })
            }
            Act::Sign | Act::Finalise | Act::Broadcast if !me.is_some_and(|me| me.is(Role::Keyholder)) => {
                unmet.push(Unmet::RoleMissing { needs: Role::Keyholder });
            }
            Act::Approve | Act::Sign | Act::Finalise | Act::Broadcast => {}
        }
        unmet.extend(self.refusing(proposal, active).map(|by| Unmet::Rejected { by }));
        unmet.extend(self.waiting_rejections(proposal, active).map(|by| Unmet::Rejected { by }));
        if self.log.two_stories().contains_key(&proposal.proposer) {
            unmet.push(Unmet::TwoStories { by: proposal.proposer });
        }
        unmet.extend(self.frozen());
        let leaving = Leaving::of(&proposal.checked, active);
        match act {
            Act::Approve => unmet.extend(active.policy.judge_destinations(&leaving)),
            Act::Sign | Act::Finalise | Act::Broadcast => {
                unmet.extend(active.policy.judge(&leaving, &self.approvers(proposal, active)));
            }
        }
        let (have, need) = self.signatures(proposal);
        match act {
            Act::Sign if proposal.signers().any(|member| member == self.me) => unmet.push(Unmet::AlreadySigned),
            Act::Finalise | Act::Broadcast if have < need => unmet.push(Unmet::SignaturesMissing { have, need }),
            Act::Approve | Act::Sign | Act::Finalise | Act::Broadcast => {}
        }
        unmet.extend(facts.supplanted(&proposal.checked).map(|_| Unmet::Ended));
        unmet.extend(self.expired(proposal, facts).map(|at_ms| Unmet::Expired { at_ms }));
        unmet.extend(self.rival(proposal, act, facts).map(|by| Unmet::CoinReserved { by }));
        unmet
    }

    /// What stops every payment of the vault now, whatever it is.
    pub fn stops(&self) -> Vec<Unmet> {
        let unknown = self.unknown_actions().next().map(|_| Unmet::RulesUnknown);
        let doubled = (!self.doubled_configurations().is_empty()).then_some(Unmet::ConfigurationsDoubled);
        unknown.into_iter().chain(doubled).chain(self.frozen()).collect()
    }

    /// Members of the active configuration whose approval of a payment counts: not of who told two stories.
    fn approvers<'a>(&self, proposal: &ProposalState, active: &'a CheckedConfiguration) -> Vec<Approver<'a>> {
        let honest = proposal.approvals.members().filter(|member| !self.log.two_stories().contains_key(member));
        let members = honest.filter_map(|member| active.member(member));
        members.map(|member| Approver { member: member.identity, roles: &member.roles }).collect()
    }

    /// Members who reject it by an event whose past is still missing: a rejection blocks here as soon as it is here, and
    /// enters the fold when its past arrives.
    fn waiting_rejections<'a>(
        &'a self,
        proposal: &'a ProposalState,
        active: &'a CheckedConfiguration,
    ) -> impl Iterator<Item = MemberId> + 'a {
        self.log.waiting_events().filter_map(|event| match &event.content {
            Content::Known(Action::Rejected(rejected)) if rejected.proposal == proposal.event => {
                let right = active.member(event.author).is_some_and(Member::may_approve);
                right.then_some(event.author)
            }
            Content::Known(_) | Content::Unknown { .. } | Content::Malformed { .. } => None,
        })
    }
}
