//! How events change a vault. Pure, and the same for every order in which events can be admitted: all is judged by the
//! event's own causal past, so a late event cannot take back what others were granted before they knew it, and never
//! makes anything be folded again. How a vault is set up is `set_up`, what changes an active vault's configuration
//! `succession`, what stops and releases payments `freeze`, what is proposed to be paid `payments`, what is said of deposit
//! addresses `addresses`.

mod addresses;
mod freeze;
mod payments;
mod set_up;
mod succession;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Txid;
use conclave_shared::{Cfg, Digest, EventId, Role};

use super::state::{Candidate, KeyRefusal, Marks, ProposalState, Proposed, State};
use super::votes::Settlement;
use super::{Vault, Void};
use crate::action::{
    Action, Approved, ConfigurationProposed, Confirmed, Content, PaymentProposed, Rejected, Sent, Signed, TaprootSigned,
};
use crate::configuration::{CheckedConfiguration, ConfigurationFault, Member};
use crate::event::Event;
use crate::log::{Known, Log};
use crate::proposal::InputSignature;

/// How far beyond the known addresses an index may lie: members who act at the same time may leave gaps, and wallets
/// search this far (BIP44).
const INDEX_GAP: u32 = 20;

impl Vault {
    /// Folds newly admitted events, each after what it builds on. What arrives before the vault's creation is folded
    /// after it: a joiner's first event does not build on it.
    pub(super) fn fold(&mut self, admitted: &[Event]) {
        let mut begun = self.state.created.is_some();
        for event in admitted {
            if event.id == self.created {
                begun = true;
                self.fold_one(event);
                for early in std::mem::take(&mut self.early) {
                    self.fold_one(&early);
                }
            } else if begun {
                self.fold_one(event);
            } else {
                self.early.push(event.clone());
            }
        }
    }

    fn fold_one(&mut self, event: &Event) {
        let known = self.log.known_by(event.id);
        let (vault, created) = (self.id, self.created);
        Fold { vault, created, log: &self.log, known, state: &mut self.state }.apply(event);
    }
}

struct Fold<'a> {
    vault: conclave_shared::VaultId,
    created: EventId,
    log: &'a Log,
    /// What stands in the past of the event that is folded.
    known: Known<'a>,
    state: &'a mut State,
}

impl Fold<'_> {
    fn apply(&mut self, event: &Event) {
        if let Err(reason) = self.act(event) {
            self.state.void.insert(event.id, reason);
        }
    }

    fn act(&mut self, event: &Event) -> Result<(), Void> {
        match &event.content {
            Content::Malformed { reason } => Err(Void::Malformed { reason: reason.clone() }),
            Content::Unknown { kind } => self.unknown(event, kind),
            Content::Known(action) => match action {
                Action::Created(it) => self.created(event, it),
                Action::Joined(it) => self.joined(event, it),
                Action::ConfigurationProposed(it) => self.configuration_proposed(event, it),
                Action::Ratified(it) => self.ratified(event, it),
                Action::AddressIssued(it) => self.address_issued(event, it),
                Action::Proposed(it) => self.payment_proposed(event, &PaymentProposed::from(it.clone())),
                Action::PaymentProposed(it) => self.payment_proposed(event, it),
                Action::Approved(it) => self.approved(event, it),
                Action::Rejected(it) => self.rejected(event, it),
                Action::Signed(it) => self.signed(event, it),
                Action::Finalised(it) => self.finalised(event, it),
                Action::Broadcast(it) => self.broadcast(event, it),
                Action::Confirmed(it) => self.confirmed(event, it),
                Action::PlaceOpened(it) => self.place_opened(event, it),
                Action::IdentityReplaced(it) => self.identity_replaced(event, it),
                Action::ConfigurationVoted(it) => self.configuration_voted(event, it),
                Action::VoteReleased(it) => self.vote_released(event, it),
                Action::Frozen(it) => self.frozen(event, it),
                Action::FreezeReleased(it) => self.freeze_released(event, it),
                Action::Challenged(it) => self.challenged(event, it),
                Action::KeyProven(it) => self.key_proven(event, it),
                Action::TaprootSigned(it) => self.taproot_signed(event, it),
                Action::AddressAttested(it) => self.address_attested(event, it),
                Action::SelfTestProposed(it) => self.self_test_proposed(event, it),
            },
        }
    }

    /// An action of a newer program stops all permits, if a member of the accepted configuration used it.
    fn unknown(&mut self, event: &Event, kind: &str) -> Result<(), Void> {
        self.state.unknown.insert(event.author);
        Err(Void::Unknown { kind: kind.to_owned() })
    }

    fn configuration_proposed(&mut self, event: &Event, proposed: &ConfigurationProposed) -> Result<(), Void> {
        let checked = CheckedConfiguration::parse(&proposed.configuration, self.vault);
        let organiser = self.state.created.as_ref().map(|(organiser, _)| *organiser);
        if let Err(ConfigurationFault::SameKey { first, second }) = checked
            && organiser == Some(event.author)
        {
            self.state.refused_keys.insert(event.id, KeyRefusal::KeyDuplicated { first, second });
        }
        let checked = checked?;
        let parent = checked.configuration.parent;
        let mut settlement = Settlement::default();
        if parent == Cfg(self.created.0) {
            self.first_configuration(event, &checked)?;
        } else {
            settlement = self.following(event, &checked)?;
        }
        let Settlement { settles, excluded } = settlement;
        let new = || Candidate {
            json: proposed.configuration.clone(),
            checked: checked.clone(),
            proposed: BTreeMap::new(),
            consents: Marks::default(),
            releases: Marks::default(),
            proofs: Marks::default(),
        };
        let candidate = self.state.candidates.entry(checked.cfg).or_insert_with(new);
        candidate.proposed.insert(event.id, Proposed { n: event.n, settles, excluded });
        Ok(())
    }

    /// The configuration that an event was made under: accepted in the event's own past and not followed there by another,
    /// its author a member. Where two follow one, nobody who knows of both acts under either.
    fn acting(&mut self, event: &Event, right: impl Fn(&Member) -> bool) -> Result<&CheckedConfiguration, Void> {
        let known = self.known;
        let holds = |id| known.holds(id);
        let cfg = event.cfg.filter(|cfg| self.state.candidates.contains_key(cfg)).ok_or(Void::NotActive)?;
        let standing = self.state.active(self.created, self.log, holds);
        if standing.active.is_none_or(|active| active.cfg != cfg) || !standing.doubled.is_empty() {
            let passed = self.state.accepted(cfg, self.log, holds);
            return Err(if passed { Void::Superseded } else { Void::NotActive });
        }
        self.witness(event, cfg);
        let candidate = self.state.candidates.get(&cfg).ok_or(Void::NotActive)?;
        match candidate.checked.member(event.author) {
            Some(member) if right(member) => Ok(&candidate.checked),
            Some(_) | None => Err(Void::NoRight),
        }
    }

    /// The largest index that an event may use, by the indexes that it knew: what lies further out is watched by nobody.
    fn next_known(&self, used: &BTreeMap<u32, BTreeSet<EventId>>) -> u32 {
        let known = |events: &BTreeSet<EventId>| events.iter().any(|used| self.known.holds(*used));
        let largest = used.iter().rev().find(|(_, events)| known(events)).map(|(index, _)| *index);
        largest.map_or(0, |index| index.saturating_add(1)).saturating_add(INDEX_GAP)
    }

    /// The proposal that an event speaks of, if its author may do so and can have known it.
    fn on_proposal(
        &mut self,
        event: &Event,
        proposal: EventId,
        right: impl Fn(&Member) -> bool,
    ) -> Result<&mut ProposalState, Void> {
        let cfg = self.acting(event, right)?.cfg;
        let known = self.known.holds(proposal);
        let state = self.state.proposals.get_mut(&proposal).filter(|state| known && state.checked.cfg == cfg);
        state.ok_or(Void::NotInPast { what: "proposal" })
    }

    /// The same for what happened on the chain: the configuration may have changed after the payment was sent.
    fn report_on(
        &mut self,
        event: &Event,
        proposal: EventId,
        right: impl Fn(&Member) -> bool,
    ) -> Result<&mut ProposalState, Void> {
        self.acting(event, right)?;
        let known = self.known.holds(proposal);
        self.state.proposals.get_mut(&proposal).filter(|_| known).ok_or(Void::NotInPast { what: "proposal" })
    }

    fn approved(&mut self, event: &Event, approved: &Approved) -> Result<(), Void> {
        let known = self.known;
        let proposal = self.on_proposal(event, approved.proposal, Member::may_approve)?;
        same_digest(proposal, approved.digest)?;
        proposal.approvals.add(event, &known)
    }

    fn rejected(&mut self, event: &Event, rejected: &Rejected) -> Result<(), Void> {
        let known = self.known;
        let proposal = self.on_proposal(event, rejected.proposal, Member::may_approve)?;
        proposal.rejections.add(event, &known)
    }

    fn signed(&mut self, event: &Event, signed: &Signed) -> Result<(), Void> {
        let signatures = signed.signatures.iter().cloned().map(InputSignature::Ecdsa);
        self.take_signatures(event, signed.proposal, signed.digest, signatures.collect())
    }

    fn taproot_signed(&mut self, event: &Event, signed: &TaprootSigned) -> Result<(), Void> {
        let signatures = signed.signatures.iter().cloned().map(InputSignature::Taproot);
        self.take_signatures(event, signed.proposal, signed.digest, signatures.collect())
    }

    fn take_signatures(
        &mut self,
        event: &Event,
        proposal: EventId,
        digest: Digest,
        signatures: Vec<InputSignature>,
    ) -> Result<(), Void> {
        // Signatures prove themselves: any keyholder may bring another's, as from a signer without a network.
        let rank = self.log.get(event.id).map_or(event.ms, |admitted| admitted.rank);
        let proposal = self.on_proposal(event, proposal, is_keyholder)?;
        same_digest(proposal, digest)?;
        let mut verified = Vec::with_capacity(signatures.len());
        for signature in &signatures {
            let valid = proposal.checked.verified(signature);
            verified.push(valid.ok_or(Void::SignatureInvalid { input: signature.input() })?);
        }
        for signature in verified {
            let first = proposal.signed_ms.entry(signature.place()).or_insert(rank);
            *first = rank.min(*first);
            proposal.signatures.take(signature);
        }
        Ok(())
    }

    fn finalised(&mut self, event: &Event, sent: &Sent) -> Result<(), Void> {
        let proposal = self.on_proposal(event, sent.proposal, is_keyholder)?;
        same_txid(proposal, sent.txid)?;
        proposal.finalised.insert(event.author);
        Ok(())
    }

    /// A report, as below.
    fn broadcast(&mut self, event: &Event, sent: &Sent) -> Result<(), Void> {
        let proposal = self.report_on(event, sent.proposal, is_keyholder)?;
        same_txid(proposal, sent.txid)?;
        proposal.broadcast.insert(event.author);
        Ok(())
    }

    /// A report, not a grant: what the member's own chain source showed. The newest of each member counts.
    fn confirmed(&mut self, event: &Event, confirmed: &Confirmed) -> Result<(), Void> {
        let proposal = self.report_on(event, confirmed.proposal, |_| true)?;
        same_txid(proposal, confirmed.txid)?;
        let newest = (event.n, event.id, confirmed.height, confirmed.block);
        let said = proposal.confirmed.entry(event.author).or_insert(newest);
        if (said.0, said.1) < (newest.0, newest.1) {
            *said = newest;
        }
        Ok(())
    }
}

fn is_keyholder(member: &Member) -> bool {
    member.is(Role::Keyholder)
}

fn same_digest(proposal: &ProposalState, digest: Digest) -> Result<(), Void> {
    if proposal.checked.digest == digest { Ok(()) } else { Err(Void::DigestDiffers) }
}

fn same_txid(proposal: &ProposalState, txid: Txid) -> Result<(), Void> {
    if proposal.checked.txid == txid { Ok(()) } else { Err(Void::DigestDiffers) }
}
