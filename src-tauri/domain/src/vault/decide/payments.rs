//! Commands about addresses and payments.

use std::collections::BTreeSet;

use bitcoin::BlockHash;
use conclave_shared::{EventId, Role, Unmet};

use super::{CommandFault, Vault, done, one};
use crate::action::{
    Action, AddressAttested, AddressIssued, Approved, Confirmed, PaymentProposed, Rejected, SelfTestProposed, Sent,
    Signed, TaprootSigned,
};
use crate::configuration::Member;
use crate::descriptor::SpendingPath;
use crate::guard::{self, Verdict};
use crate::policy::Leaving;
use crate::proposal::{CheckedProposal, InputSignature, PathKeys};
use crate::psbt::Evidence;
use crate::replacement::{Cost, ReplacementFault};
use crate::vault::{Act, ChainFacts, EXPIRY_LIMIT_MS, ProposalState};

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

    /// The address is derived here anew: what the other member wrote is not looked at.
    pub(super) fn attest(&self, index: u32) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let active = match self.lives() {
            Ok(active) => active,
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        };
        if !self.to_attest(usize::MAX).contains(&index) {
            return Ok(done());
        }
        let address =
            active.descriptor.address(index, active.configuration.network).ok_or(CommandFault::NoMoreAddresses)?;
        Ok(one(Action::AddressAttested(AddressAttested { cfg: active.cfg, index, address: address.to_string() })))
    }

    pub(super) fn propose_self_test(
        &self,
        test: SelfTestProposed,
        facts: &ChainFacts,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if let Ok(active) = self.lives() {
            test.proposal().check(self.id, active)?.check_self_test()?;
        }
        let payment = PaymentProposed { expires_ms: Some(test.expires_ms), ..PaymentProposed::from(test.proposal()) };
        self.put_up(&payment, facts, Action::SelfTestProposed(test))
    }

    pub(super) fn propose(
        &self,
        payment: PaymentProposed,
        facts: &ChainFacts,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        self.put_up(&payment, facts, Action::PaymentProposed(payment.clone()))
    }

    /// What has to be put on record so that a payment can be proposed by `action`.
    fn put_up(
        &self,
        payment: &PaymentProposed,
        facts: &ChainFacts,
        action: Action,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let active = match self.lives() {
            Ok(active) => active,
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        };
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Approver }]));
        }
        let checked = payment.proposal().check(self.id, active)?;
        let now_ms = facts.now_ms();
        if payment.expires_ms.is_some_and(|at| at <= now_ms || at - now_ms > EXPIRY_LIMIT_MS) {
            return Err(CommandFault::Expiry);
        }
        if let Some(of) = payment.replaces {
            let old = self.known(of)?;
            self.check_replaces(&checked, old, facts)?;
        }
        let replaced: Vec<EventId> = self.replaced(payment.replaces).map(|it| it.event).collect();
        let rivals: BTreeSet<EventId> = checked
            .inputs
            .iter()
            .filter_map(|input| self.state.reservations.get(&input.outpoint))
            .flatten()
            .copied()
            .filter(|by| !replaced.contains(by))
            .collect();
        let rivals: Vec<&ProposalState> = rivals.into_iter().filter_map(|by| self.proposal(by)).collect();
        let held = rivals.iter().filter(|by| self.holds(by, facts)).map(|by| Unmet::CoinReserved { by: by.event });
        // What could never be paid is not put up.
        let against: Vec<Unmet> =
            held.chain(active.policy.judge_destinations(&Leaving::of(&checked, active))).collect();
        if !against.is_empty() {
            return Ok(Verdict::Blocked(against));
        }
        // The record does not see the chain: what can never be confirmed must be refused on it to let go of its coins.
        let refused = rivals.into_iter().filter(|by| {
            by.checked.cfg == active.cfg && by.rejections.is_empty() && by.expires_ms.is_none_or(|at| now_ms <= at)
        });
        let mut actions: Vec<Action> = refused.map(|by| Action::Rejected(Rejected { proposal: by.event })).collect();
        actions.push(action);
        Ok(Verdict::Allowed(actions))
    }

    /// Whether the network would take a payment in place of another.
    fn check_replaces(
        &self,
        new: &CheckedProposal,
        old: &ProposalState,
        facts: &ChainFacts,
    ) -> Result<(), CommandFault> {
        let of = old.event;
        if facts.confirmed(&old.checked.txid).is_some() || facts.supplanted(&old.checked).is_some() {
            return Err(CommandFault::NothingToReplace { of });
        }
        new.check_replaces(of, &old.checked)?;
        let cost = |it: &CheckedProposal| self.configuration(it.cfg).map(|active| Cost::of(it, &active.descriptor));
        match cost(new).zip(cost(&old.checked)) {
            Some((new, old)) if !new.outbids(&old) => {
                let (pays, needs) = (new.fee.to_sat(), old.least_to_replace(new.vsize).to_sat());
                Err(ReplacementFault::Unpaid { of, pays, needs }.into())
            }
            Some(_) | None => Ok(()),
        }
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

    pub(super) fn withdraw(&self, proposal: EventId) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.known(proposal)?.proposer != self.me {
            return Err(CommandFault::NotYours { proposal });
        }
        self.reject(proposal)
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
            let configuration = self.configuration(payment.cfg)?;
            let address = configuration.descriptor.derived(input.keychain, input.index)?;
            PathKeys::new(configuration, other)?.at(input.keychain, &address.keys)
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
