//! How events change a vault. Pure, and the same for every order of arrival: a right is judged by the event's own causal
//! past, so a late event cannot take back what others were granted before they knew it.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Txid;
use conclave_shared::{Cfg, Digest, EventId, MemberId, Role};

use super::decide::check_created;
use super::{Candidate, Joiner, ProposalState, State, Vault, Void};
use crate::action::{
    Action, AddressIssued, Approved, ConfigurationProposed, Confirmed, Content, Created, Joined, Ratified, Rejected,
    Sent, Signed,
};
use crate::configuration::{CheckedConfiguration, Member, check_name};
use crate::descriptor::AccountKey;
use crate::event::Event;
use crate::log::Log;
use crate::proposal::{ChangeClaim, Proposal};

/// How far beyond the known addresses an index may lie: members who act at the same time may leave gaps, and wallets
/// search this far (BIP44).
const INDEX_GAP: u32 = 20;

impl Vault {
    /// Folds newly admitted events, given in causal order.
    pub(super) fn fold(&mut self, admitted: &[EventId]) {
        let late = admitted.iter().any(|id| {
            let place = self.log.get(*id).map(|admitted| (admitted.rank, *id));
            place <= self.folded || *id == self.created
        });
        if late {
            self.fold_again();
            return;
        }
        let mut newest: Vec<(u64, EventId)> =
            admitted.iter().filter_map(|id| Some((self.log.get(*id)?.rank, *id))).collect();
        newest.sort_unstable();
        for (rank, id) in newest {
            let Some(admitted) = self.log.get(id) else { continue };
            Fold { vault: self.id, created: self.created, log: &self.log, state: &mut self.state }
                .apply(&admitted.event);
            self.folded = Some((rank, id));
        }
    }

    /// Folds the whole log anew, in (rank, id) order.
    pub(super) fn fold_again(&mut self) {
        let mut state = State::default();
        let mut fold = Fold { vault: self.id, created: self.created, log: &self.log, state: &mut state };
        // A joiner names `created` without holding it, so it may sort after them: everything rests on it, it goes first.
        if let Some(created) = self.log.get(self.created) {
            fold.apply(&created.event);
        }
        let mut folded = None;
        for admitted in self.log.in_order() {
            if admitted.event.id != self.created {
                fold.apply(&admitted.event);
            }
            folded = Some((admitted.rank, admitted.event.id));
        }
        self.state = state;
        self.folded = folded;
    }
}

struct Fold<'a> {
    vault: conclave_shared::VaultId,
    created: EventId,
    log: &'a Log,
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
                Action::Proposed(it) => self.proposed(event, it),
                Action::Approved(it) => self.approved(event, it),
                Action::Rejected(it) => self.rejected(event, it),
                Action::Signed(it) => self.signed(event, it),
                Action::Finalised(it) => {
                    self.sent(event, it)?.finalised.insert(event.author);
                    Ok(())
                }
                Action::Broadcast(it) => {
                    self.sent(event, it)?.broadcast.insert(event.author);
                    Ok(())
                }
                Action::Confirmed(it) => self.confirmed(event, it),
            },
        }
    }

    /// An action of a newer program stops all permits, if a member of the accepted configuration used it.
    fn unknown(&mut self, event: &Event, kind: &str) -> Result<(), Void> {
        self.state.unknown.insert(event.author);
        Err(Void::Unknown { kind: kind.to_owned() })
    }

    fn created(&mut self, event: &Event, created: &Created) -> Result<(), Void> {
        if event.id != self.created {
            return Err(Void::CreatedElsewhere);
        }
        check_created(created)?;
        self.state.created = Some((event.author, created.clone()));
        Ok(())
    }

    fn joined(&mut self, event: &Event, joined: &Joined) -> Result<(), Void> {
        let not_invited = |reason| Void::NotInvited { reason };
        let (organiser, created) =
            self.state.created.as_ref().ok_or(not_invited("the vault's creation is not held"))?;
        check_name(&joined.name, "name")?;
        if self.state.joiners.contains_key(&event.author) {
            return Err(Void::Again);
        }
        let roles = match &joined.proof {
            None if event.author == *organiser => created.organiser.clone(),
            None => return Err(not_invited("there is no proof of one")),
            Some(proof) => {
                let place = created.places.iter().find(|place| place.key == proof.key);
                let place = place.ok_or(not_invited("no place has this key"))?;
                if !proof.proves(self.vault, event.author) {
                    return Err(not_invited("the proof is not for this member"));
                }
                if event.ms > place.expires_ms {
                    return Err(not_invited("it had expired"));
                }
                vec![place.role]
            }
        };
        if roles.contains(&Role::Keyholder) != joined.key.is_some() {
            return Err(not_invited("exactly a keyholder's place asks for a key"));
        }
        if let Some(key) = &joined.key {
            AccountKey::parse(key, created.network)
                .map_err(|fault| crate::configuration::ConfigurationFault::Key { member: event.author, fault })?;
        }
        self.state.joiners.insert(event.author, Joiner { event: event.id, joined: joined.clone(), roles });
        Ok(())
    }

    fn configuration_proposed(&mut self, event: &Event, proposed: &ConfigurationProposed) -> Result<(), Void> {
        let (organiser, created) = self.state.created.as_ref().ok_or(Void::NoRight)?;
        if event.author != *organiser {
            return Err(Void::NoRight);
        }
        let checked = CheckedConfiguration::parse(&proposed.configuration, self.vault, Cfg(self.created.0))?;
        let it = &checked.configuration;
        let as_created =
            it.threshold == created.threshold && it.network == created.network && it.relays == created.relays;
        if !as_created || !it.members.iter().any(|member| member.identity == *organiser) {
            return Err(Void::MembersDiffer { member: *organiser });
        }
        // One member for each place, and nobody else who is known to have used the same invitation: an organiser who
        // keeps copies of the invitations cannot put other members in.
        let mut members = 1;
        for place in &created.places {
            let takers = self.state.joiners.iter().filter(|(_, joiner)| {
                joiner.joined.proof.as_ref().is_some_and(|proof| proof.key == place.key)
                    && self.log.in_past(joiner.event, event.id)
            });
            let takers: Vec<MemberId> = takers.map(|(member, _)| *member).collect();
            match takers[..] {
                [taker] if checked.member(taker).is_some() => members += 1,
                _ => return Err(Void::MembersDiffer { member: takers.first().copied().unwrap_or(*organiser) }),
            }
        }
        if it.members.len() != members {
            return Err(Void::MembersDiffer { member: *organiser });
        }
        for member in &it.members {
            let joiner = self.state.joiners.get(&member.identity);
            let same = joiner.is_some_and(|joiner| {
                joiner.joined.name == member.name
                    && joiner.joined.key == member.key
                    && joiner.roles == member.roles
                    && self.log.in_past(joiner.event, event.id)
            });
            if !same {
                return Err(Void::MembersDiffer { member: member.identity });
            }
        }
        let candidate = Candidate { checked, n: event.n, event: event.id, ratified: Default::default() };
        self.state.candidates.entry(candidate.checked.cfg).or_insert(candidate);
        Ok(())
    }

    fn ratified(&mut self, event: &Event, ratified: &Ratified) -> Result<(), Void> {
        // One ratification each: the first in the author's own chain, which is the same for everybody.
        if self.state.candidates.values().any(|candidate| candidate.ratified.contains_key(&event.author)) {
            return Err(Void::Again);
        }
        let candidate =
            self.state.candidates.get_mut(&ratified.cfg).ok_or(Void::NotInPast { what: "configuration" })?;
        if !self.log.in_past(candidate.event, event.id) {
            return Err(Void::NotInPast { what: "configuration" });
        }
        if !candidate.checked.keyholders().any(|member| member == event.author) {
            return Err(Void::NoRight);
        }
        candidate.ratified.insert(event.author, event.id);
        Ok(())
    }

    /// The configuration that an event was made under: accepted by all in the event's own past, its author a member.
    fn acting<'s>(
        log: &Log,
        state: &'s State,
        event: &Event,
        right: impl Fn(&Member) -> bool,
    ) -> Result<&'s CheckedConfiguration, Void> {
        let candidate = event.cfg.and_then(|cfg| state.candidates.get(&cfg)).ok_or(Void::NotActive)?;
        let known = |ratification: &EventId| log.in_past(*ratification, event.id);
        if !candidate.accepted() || !candidate.ratified.values().all(known) {
            return Err(Void::NotActive);
        }
        match candidate.checked.member(event.author) {
            Some(member) if right(member) => Ok(&candidate.checked),
            Some(_) | None => Err(Void::NoRight),
        }
    }

    fn address_issued(&mut self, event: &Event, issued: &AddressIssued) -> Result<(), Void> {
        let active = Self::acting(self.log, self.state, event, Member::may_approve)?;
        let derived = active.descriptor.address(issued.index, active.configuration.network);
        if derived.map(|address| address.to_string()).as_ref() != Some(&issued.address) {
            return Err(Void::AddressDiffers);
        }
        if issued.index > self.next_known(&self.state.addresses, event.id) {
            return Err(Void::IndexAhead { index: issued.index });
        }
        self.state.addresses.entry(issued.index).or_default().insert(event.id);
        Ok(())
    }

    fn proposed(&mut self, event: &Event, proposal: &Proposal) -> Result<(), Void> {
        let active = Self::acting(self.log, self.state, event, Member::may_approve)?;
        let checked = proposal.check(self.vault, active)?;
        if let Some(ChangeClaim { index, .. }) = checked.change
            && index > self.next_known(&self.state.changes, event.id)
        {
            return Err(Void::IndexAhead { index });
        }
        for input in &checked.inputs {
            let rivals = self.state.reservations.get(&input.outpoint).into_iter().flatten();
            for by in rivals.filter_map(|id| self.state.proposals.get(id)) {
                let released = by.rejections.values().any(|rejection| self.log.in_past(*rejection, event.id));
                if self.log.in_past(by.event, event.id) && !released {
                    return Err(Void::CoinReserved { coin: input.outpoint, by: by.event });
                }
            }
        }
        for input in &checked.inputs {
            self.state.reservations.entry(input.outpoint).or_default().insert(event.id);
        }
        if let Some(change) = checked.change {
            self.state.changes.entry(change.index).or_default().insert(event.id);
        }
        let state = ProposalState {
            event: event.id,
            proposer: event.author,
            checked,
            approvals: Default::default(),
            rejections: Default::default(),
            signatures: Default::default(),
            finalised: Default::default(),
            broadcast: Default::default(),
            confirmed: Default::default(),
        };
        self.state.proposals.insert(event.id, state);
        Ok(())
    }

    /// The largest index that an event may use, by the indexes that it knew: what lies further out is watched by nobody.
    fn next_known(&self, used: &BTreeMap<u32, BTreeSet<EventId>>, event: EventId) -> u32 {
        let known = |events: &BTreeSet<EventId>| events.iter().any(|used| self.log.in_past(*used, event));
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
        let cfg = Self::acting(self.log, self.state, event, right)?.cfg;
        let known = self.log.in_past(proposal, event.id);
        let state = self.state.proposals.get_mut(&proposal).filter(|state| known && state.checked.cfg == cfg);
        state.ok_or(Void::NotInPast { what: "proposal" })
    }

    fn approved(&mut self, event: &Event, approved: &Approved) -> Result<(), Void> {
        let proposal = self.on_proposal(event, approved.proposal, Member::may_approve)?;
        same_digest(proposal, approved.digest)?;
        first_of(&mut proposal.approvals, event)
    }

    fn rejected(&mut self, event: &Event, rejected: &Rejected) -> Result<(), Void> {
        let proposal = self.on_proposal(event, rejected.proposal, Member::may_approve)?;
        first_of(&mut proposal.rejections, event)
    }

    fn signed(&mut self, event: &Event, signed: &Signed) -> Result<(), Void> {
        // Signatures prove themselves: any keyholder may bring another's, as from a signer without a network.
        let proposal = self.on_proposal(event, signed.proposal, is_keyholder)?;
        same_digest(proposal, signed.digest)?;
        for partial in &signed.signatures {
            proposal.checked.signer_of(partial).ok_or(Void::SignatureInvalid { input: partial.input })?;
        }
        for partial in &signed.signatures {
            // One key can sign one input in several valid ways: keeping the least makes the state independent of order.
            let kept = proposal.signatures.entry((partial.input, partial.key)).or_insert(partial.signature);
            if partial.signature.serialize_compact() < kept.serialize_compact() {
                *kept = partial.signature;
            }
        }
        Ok(())
    }

    fn sent(&mut self, event: &Event, sent: &Sent) -> Result<&mut ProposalState, Void> {
        let proposal = self.on_proposal(event, sent.proposal, is_keyholder)?;
        same_txid(proposal, sent.txid)?;
        Ok(proposal)
    }

    /// A report, not a grant: what the member's own chain source showed. The newest of each member counts.
    fn confirmed(&mut self, event: &Event, confirmed: &Confirmed) -> Result<(), Void> {
        let proposal = self.on_proposal(event, confirmed.proposal, |_| true)?;
        same_txid(proposal, confirmed.txid)?;
        proposal.confirmed.insert(event.author, (confirmed.height, confirmed.block));
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

/// The first of an author's own chain counts; the chain is the same for everybody.
fn first_of(set: &mut BTreeMap<MemberId, EventId>, event: &Event) -> Result<(), Void> {
    match set.insert(event.author, event.id) {
        None => Ok(()),
        Some(first) => {
            set.insert(event.author, first);
            Err(Void::Again)
        }
    }
}
