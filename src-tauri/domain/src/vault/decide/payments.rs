//! Commands about addresses and payments.

use bitcoin::BlockHash;
use conclave_shared::{EventId, Role, Unmet};

use super::{CommandFault, Vault, done, one};
use crate::action::{Action, AddressIssued, Approved, Confirmed, Rejected, Sent, Signed, TaprootSigned};
use crate::configuration::Member;
use crate::descriptor::SpendingPath;
use crate::guard::{self, Verdict};
use crate::policy::Leaving;
use crate::proposal::{CheckedProposal, InputSignature, PathKeys, Proposal};
use crate::psbt::Evidence;
use crate::vault::{Act, ProposalState};

impl Vault {
    fn known(&self, proposal: EventId) -> Result<&ProposalState, CommandFault> {
        self.proposal(proposal).ok_or(CommandFault::UnknownProposal { proposal })
    }

    pub(super) fn issue_address(&self) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let active = match self.lives() {
            Ok(active) => active,
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        };
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Keyholder }]));
        }
        let index = self.next_address();
        let address =
            active.descriptor.address(index, active.configuration.network).ok_or(CommandFault::NoMoreAddresses)?;
        Ok(one(Action::AddressIssued(AddressIssued { index, address: address.to_string() })))
    }

    pub(super) fn propose(&self, proposal: Proposal) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let active = match self.lives() {
            Ok(active) => active,
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        };
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Approver }]));
        }
        let checked = proposal.check(self.id, active)?;
        let against: Vec<Unmet> = checked
            .inputs
            .iter()
            .filter_map(|input| self.state.reservations.get(&input.outpoint))
            .flatten()
            .filter(|by| self.proposal(**by).is_some_and(|by| self.is_open(by)))
            .map(|by| Unmet::CoinReserved { by: *by })
            // What could never be paid is not put up.
            .chain(active.policy.judge_destinations(&Leaving::of(&checked, active)))
            .collect();
        if against.is_empty() { Ok(one(Action::Proposed(proposal))) } else { Ok(Verdict::Blocked(against)) }
    }

    pub(super) fn approve(&self, proposal: EventId, evidence: &Evidence) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.known(proposal)?.approvals.contains(self.me) {
            return Ok(done());
        }
        Ok(match guard::approve(self, proposal, evidence)? {
            Verdict::Allowed(digest) => one(Action::Approved(Approved { proposal, digest })),
            Verdict::Blocked(unmet) => Verdict::Blocked(unmet),
        })
    }

    pub(super) fn reject(&self, proposal: EventId) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let state = self.known(proposal)?;
        if state.rejections.contains(self.me) {
            return Ok(done());
        }
        match self.lives() {
            Ok(active) if active.cfg == state.checked.cfg => {}
            Ok(_) => return Ok(Verdict::Blocked(vec![Unmet::ConfigurationChanged])),
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        }
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Approver }]));
        }
        Ok(one(Action::Rejected(Rejected { proposal })))
    }

    pub(super) fn record_signed(
        &self,
        id: EventId,
        signatures: Vec<InputSignature>,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let proposal = self.known(id)?;
        let (mut ecdsa, mut taproot) = (Vec::new(), Vec::new());
        for signature in signatures {
            let invalid = CommandFault::SignatureInvalid { input: signature.input() };
            match proposal.checked.verified(&signature) {
                Some(verified) if proposal.signatures.has(&verified) => continue,
                Some(_) => {}
                // Signers sign with every key of theirs that an input shows, also for the path that is not taken.
                None if self.idle(&proposal.checked, &signature) => continue,
                None => return Err(invalid),
            }
            match signature {
                InputSignature::Ecdsa(it) => ecdsa.push(it),
                InputSignature::Taproot(it) => taproot.push(it),
            }
        }
        let digest = proposal.checked.digest;
        let mut actions = Vec::new();
        if !ecdsa.is_empty() {
            actions.push(Action::Signed(Signed { proposal: id, digest, signatures: ecdsa }));
        }
        if !taproot.is_empty() {
            actions.push(Action::TaprootSigned(TaprootSigned { proposal: id, digest, signatures: taproot }));
        }
        Ok(Verdict::Allowed(actions))
    }

    /// Whether a signature is by a key of the spending path that the payment does not take.
    fn idle(&self, payment: &CheckedProposal, signature: &InputSignature) -> bool {
        let other = match payment.path {
            SpendingPath::Members => SpendingPath::Recovery,
            SpendingPath::Recovery => SpendingPath::Members,
        };
        let keys = || {
            let input = payment.inputs.get(signature.input() as usize)?;
            PathKeys::new(self.configuration(payment.cfg)?, other)?.at(input.keychain, input.index)
        };
        keys().is_some_and(|keys| match signature {
            InputSignature::Ecdsa(it) => keys.contains_key(&it.key),
            InputSignature::Taproot(it) => keys.keys().any(|key| key.inner.x_only_public_key().0 == it.key),
        })
    }

    pub(super) fn record_sent(
        &self,
        id: EventId,
        action: fn(Sent) -> Action,
        act: Act,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let proposal = self.known(id)?;
        let recorded = match act {
            Act::Finalise => &proposal.finalised,
            Act::Broadcast | Act::Approve | Act::Sign => &proposal.broadcast,
        };
        if recorded.contains(&self.me) {
            return Ok(done());
        }
        Ok(one(action(Sent { proposal: id, txid: proposal.checked.txid })))
    }

    pub(super) fn record_confirmed(
        &self,
        proposal: EventId,
        height: u32,
        block: BlockHash,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let state = self.known(proposal)?;
        if state.confirmed_by(self.me) == Some((height, block)) {
            return Ok(done());
        }
        // What nobody would count is not written again and again.
        if let Err(unmet) = self.lives() {
            return Ok(Verdict::Blocked(vec![unmet]));
        }
        let txid = state.checked.txid;
        Ok(one(Action::Confirmed(Confirmed { proposal, txid, height, block })))
    }
}
