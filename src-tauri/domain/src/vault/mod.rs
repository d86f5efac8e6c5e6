//! A vault: the fold of its members' events, and what is asked of it. What it has come to is `state`, how events change
//! that is `fold`, how its set-up stands is `ceremony`, which configuration counts is `votes`, what is unmet before a
//! payment may go on is `conditions`, which payment holds which coins is `holding`, which freezes stand is `freeze`, who gave
//! out a deposit address `issued`, who derived it too `attestation`, what commands become is `decide`, this member's next event
//! is `next`, what the world must now do is `effects`.

mod attestation;
mod ceremony;
mod conditions;
mod decide;
mod digest;
mod effects;
mod facts;
mod fold;
mod freeze;
mod holding;
mod issued;
mod next;
mod snapshot;
mod state;
mod void;
mod votes;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Txid;
use bitcoin::secp256k1::XOnlyPublicKey;
use conclave_shared::{Cfg, EventId, MemberId, ScriptKind, VaultId, VaultStatus};

use crate::action::{Created, PlaceOpened};
use crate::configuration::{CheckedConfiguration, Member};
use crate::event::Event;
use crate::invitation::Place;
use crate::log::{Admission, Log, Refusal, WAITING_LIMIT};
use state::{Candidate, State};
use votes::Standing;

pub use ceremony::ProofToGive;
pub use conditions::Act;
pub use decide::{Change, Command, CommandFault};
pub use effects::Effect;
pub use facts::ChainFacts;
pub use freeze::{FreezeStanding, REASON_LIMIT};
pub use holding::Reservation;
pub use issued::Issued;
pub use snapshot::FOLD_VERSION;
pub use state::{Joiner, KeyRefusal, Marks, ProposalState};
pub use void::Void;
pub use votes::votes_needed;

/// How many events of somebody who joined by an opened place are taken before a configuration names them: the joining and
/// a proof of key.
const CANDIDATE_EVENTS: u32 = 2;

/// Longest time that a payment may hold its coins, in days from when it was proposed.
pub const EXPIRY_DAYS: u64 = 30;
/// The same in ms.
pub const EXPIRY_LIMIT_MS: u64 = EXPIRY_DAYS * 24 * 3_600_000;

/// One vault as one member knows it.
#[derive(Debug, Clone)]
pub struct Vault {
    id: VaultId,
    /// The one `created` event that counts: made here, or named by the invitation.
    created: EventId,
    me: MemberId,
    log: Log,
    state: State,
    /// Admitted before the vault's creation was held: folded after it.
    early: Vec<Event>,
}

impl Vault {
    /// A vault of which no event is held yet.
    pub fn new(id: VaultId, created: EventId, me: MemberId) -> Self {
        Self { id, created, me, log: Log::new(id), state: State::default(), early: Vec::new() }
    }

    /// Takes an event from anyone, this member included: admits it and folds it.
    pub fn receive(&mut self, event: Event) -> Result<Admission, Refusal> {
        if self.early.len() >= WAITING_LIMIT && event.id != self.created {
            return Err(Refusal::TooManyWaiting { author: event.author });
        }
        let admission = self.log.admit(event)?;
        if let Admission::Admitted { events, .. } = &admission {
            self.fold(events);
        }
        Ok(admission)
    }

    /// Takes an event that this installation admitted before and kept, in the order of admission.
    pub fn restore(&mut self, event: Event) -> Result<(), Refusal> {
        if let Admission::Admitted { events, .. } = self.log.readmit(event)? {
            self.fold(&events);
        }
        Ok(())
    }

    /// Takes many events; gives back the refusals.
    pub fn receive_all(&mut self, events: impl IntoIterator<Item = Event>) -> Vec<Refusal> {
        events.into_iter().filter_map(|event| self.receive(event).err()).collect()
    }

    /// Its id.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// Its `created` event's id.
    pub fn created(&self) -> EventId {
        self.created
    }

    /// Which member this installation is.
    pub fn me(&self) -> MemberId {
        self.me
    }

    /// Its record.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What the organiser made, once held.
    pub fn creation(&self) -> Option<(MemberId, &Created)> {
        self.state.created.as_ref().map(|(organiser, created)| (*organiser, created))
    }

    /// The kind of its addresses; the default before the creation is held.
    pub fn script(&self) -> ScriptKind {
        self.creation().map(|(_, created)| created.script).unwrap_or_default()
    }

    /// Everyone who took one of the creation's places. Of who told several stories one, the same on every machine.
    pub fn joiners(&self) -> BTreeMap<MemberId, &Joiner> {
        self.joined(|joiner| !joiner.roles.is_empty())
    }

    /// Everyone who joined by a place opened in the active vault: members as soon as a configuration names them.
    pub fn candidates(&self) -> BTreeMap<MemberId, &Joiner> {
        self.joined(|joiner| joiner.roles.is_empty())
    }

    /// Whether somebody has joined, by whatever place.
    pub fn has_joined(&self, member: MemberId) -> bool {
        self.state.joiners.contains_key(&member)
    }

    /// Whether somebody was a member and is none: one of the configurations up to the present one has a cut of theirs.
    pub fn has_left(&self, member: MemberId) -> bool {
        let before = |after: &&CheckedConfiguration| self.configuration(after.configuration.parent);
        let mut all = std::iter::successors(self.active(), before);
        let cut = |it: &CheckedConfiguration| it.configuration.cuts.iter().any(|cut| cut.identity == member);
        self.active().is_some_and(|active| active.member(member).is_none()) && all.any(cut)
    }

    /// Whether somebody joined by a place that was opened, as far as is known here.
    fn is_candidate(&self, member: MemberId) -> bool {
        let joiners = self.state.joiners.get(&member).into_iter().flatten();
        joiners
            .filter_map(|joiner| joiner.joined.proof.as_ref())
            .any(|proof| self.state.places.contains_key(&proof.key))
    }

    fn joined(&self, which: impl Fn(&&Joiner) -> bool) -> BTreeMap<MemberId, &Joiner> {
        let joiners = self.state.joiners.iter();
        let first = joiners.map(|(member, all)| (*member, all.iter().filter(&which).min_by_key(|joiner| joiner.event)));
        first.filter_map(|(member, joiner)| Some((member, joiner?))).collect()
    }

    /// Everyone to whom events go, less this member: the members of the accepted configuration, before that the organiser
    /// and all who joined. An invitation that is used later opens nothing.
    pub fn others(&self) -> BTreeSet<MemberId> {
        if let Some(active) = self.active() {
            let members = active.configuration.members.iter().map(|member| member.identity);
            return members.filter(|member| *member != self.me).collect();
        }
        let organiser = self.state.created.as_ref().map(|(organiser, _)| *organiser);
        self.joiners().into_keys().chain(organiser).filter(|member| *member != self.me).collect()
    }

    /// Up to which number (exclusive) events of an author belong to what all members hold: none of strangers once there is
    /// a configuration, of candidates their joining and proof, of those who left up to the cut. What others build on is
    /// handed over beyond that if asked for.
    pub fn owed(&self, author: MemberId) -> u32 {
        let Some(active) = self.active() else { return u32::MAX };
        if active.member(author).is_some() {
            return u32::MAX;
        }
        let accepted = self.state.candidates.values().filter(|candidate| candidate.checked.member(author).is_some());
        let mut owed = if self.is_candidate(author) { CANDIDATE_EVENTS } else { 0 };
        for candidate in accepted.filter(|candidate| self.state.accepted_now(candidate.checked.cfg, &self.log)) {
            let cuts = self.state.children(candidate.checked.cfg).flat_map(|child| &child.checked.configuration.cuts);
            let cuts = cuts.filter(|cut| cut.identity == author).filter_map(|cut| self.log.get(cut.last));
            owed = cuts.map(|last| last.n.saturating_add(1)).fold(owed, u32::max);
        }
        owed
    }

    /// Members who used one invitation twice: none of them may be ratified before this is cleared up by voice.
    pub fn doubled_places(&self) -> Vec<Vec<MemberId>> {
        let mut places: BTreeMap<String, BTreeSet<MemberId>> = BTreeMap::new();
        for (member, joiners) in &self.state.joiners {
            for proof in joiners.iter().filter_map(|joiner| joiner.joined.proof.as_ref()) {
                places.entry(proof.key.to_string()).or_default().insert(*member);
            }
        }
        let doubled = places.into_values().filter(|members| members.len() > 1);
        doubled.map(|members| members.into_iter().collect()).collect()
    }

    /// A place by its key: of the creation, or opened later; none where nobody opened it.
    pub fn place(&self, key: &XOnlyPublicKey) -> Option<&Place> {
        let created = self.state.created.as_ref().into_iter().flat_map(|(_, created)| &created.places);
        let opened = self.state.places.get(key).and_then(|opened| opened.first()).map(|(_, opened)| &opened.place);
        created.into_iter().find(|place| place.key == *key).or(opened)
    }

    /// The place that a candidate took, as it was opened.
    pub fn place_taken(&self, joiner: &Joiner) -> Option<&PlaceOpened> {
        let opened = self.state.places.get(&joiner.joined.proof.as_ref()?.key)?;
        opened.first().map(|(_, opened)| opened)
    }

    /// Places opened in the active vault, with whose they are.
    pub fn opened_places(&self) -> impl Iterator<Item = &PlaceOpened> {
        self.state.places.values().flatten().map(|(_, opened)| opened)
    }

    /// The configuration that the vault lives by: the first that all its keyholders have ratified, or the last that was
    /// voted in after it.
    pub fn active(&self) -> Option<&CheckedConfiguration> {
        self.standing().active
    }

    fn standing(&self) -> Standing<'_> {
        self.state.active(self.created, &self.log, |_| true)
    }

    /// Accepted configurations that follow the active one while there are two: somebody voted twice, nothing is permitted.
    pub fn doubled_configurations(&self) -> Vec<Cfg> {
        self.standing().doubled.into_iter().collect()
    }

    /// The configuration that is accepted, or else the first that the organiser put up for ratification: everybody has
    /// one ratification to give, so a second could only confuse.
    pub fn newest_configuration(&self) -> Option<&CheckedConfiguration> {
        let first = || {
            let number = |candidate: &&Candidate| candidate.proposed.values().map(|proposed| proposed.n).min();
            self.state.children(Cfg(self.created.0)).min_by_key(|candidate| (number(candidate), candidate.checked.cfg))
        };
        self.active().or_else(|| first().map(|candidate| &candidate.checked))
    }

    /// Configurations that may follow the active one and wait for votes, or were passed over.
    pub fn successors(&self) -> Vec<&CheckedConfiguration> {
        let Some(active) = self.active() else { return Vec::new() };
        self.state.children(active.cfg).map(|candidate| &candidate.checked).collect()
    }

    /// Who voted for a configuration and has not taken it back.
    pub fn votes(&self, cfg: Cfg) -> BTreeSet<MemberId> {
        let Some(candidate) = self.state.candidates.get(&cfg) else { return BTreeSet::new() };
        let stands = |member: &MemberId| candidate.has_consent(*member, &self.log, |_| true);
        candidate.consents.members().filter(stands).collect()
    }

    /// Who votes on a configuration that follows another: the other's keyholders, without those whose double votes it
    /// settles. Nobody on a first one.
    pub fn voters(&self, cfg: Cfg) -> Vec<MemberId> {
        let voters = || {
            let candidate = self.state.candidates.get(&cfg)?;
            let parent = self.configuration(candidate.checked.configuration.parent)?;
            Some(candidate.voters(parent, |_| true))
        };
        voters().unwrap_or_default()
    }

    /// Who proposed a configuration, first by (rank, id).
    pub fn proposer(&self, cfg: Cfg) -> Option<MemberId> {
        let proposed = self.state.candidates.get(&cfg)?.proposed.keys().filter_map(|event| self.log.get(*event));
        proposed.min_by_key(|event| (event.rank, event.id)).map(|event| event.author)
    }

    /// When a configuration was first proposed, by the record, in ms since 1970.
    pub fn proposed_ms(&self, cfg: Cfg) -> Option<u64> {
        let proposed = self.state.candidates.get(&cfg)?.proposed.keys().filter_map(|event| self.log.get(*event));
        proposed.map(|event| event.rank).min()
    }

    /// A configuration by its hash.
    pub fn configuration(&self, cfg: Cfg) -> Option<&CheckedConfiguration> {
        self.state.candidates.get(&cfg).map(|candidate| &candidate.checked)
    }

    /// Who ratified a configuration.
    pub fn ratified(&self, cfg: Cfg) -> BTreeSet<MemberId> {
        self.state.candidates.get(&cfg).map(|candidate| candidate.consents.members().collect()).unwrap_or_default()
    }

    /// Members with rights who used an action that this program does not know.
    pub fn unknown_actions(&self) -> impl Iterator<Item = MemberId> {
        let active = self.active();
        let right =
            move |author: &MemberId| active.and_then(|active| active.member(*author)).is_some_and(Member::may_approve);
        self.state.unknown.iter().copied().filter(right)
    }

    /// How far the set-up has come.
    pub fn status(&self) -> VaultStatus {
        if self.active().is_some() {
            return VaultStatus::Active;
        }
        match self.newest_configuration() {
            None => VaultStatus::Gathering,
            Some(checked) if !self.unproven(checked).is_empty() => VaultStatus::Proving,
            Some(_) => VaultStatus::Ratifying,
        }
    }

    /// This member's entry in the accepted configuration.
    pub fn my_entry(&self) -> Option<&Member> {
        self.active()?.member(self.me)
    }

    /// A payment.
    pub fn proposal(&self, proposal: EventId) -> Option<&ProposalState> {
        self.state.proposals.get(&proposal)
    }

    /// All payments, oldest first by (rank, id).
    pub fn proposals(&self) -> Vec<&ProposalState> {
        let mut proposals: Vec<&ProposalState> = self.state.proposals.values().collect();
        proposals.sort_by_key(|proposal| (self.log.get(proposal.event).map(|event| event.rank), proposal.event));
        proposals
    }

    /// Events without effect, each with the reason.
    pub fn void(&self) -> &BTreeMap<EventId, Void> {
        &self.state.void
    }

    /// The smallest index that no member has given out as a deposit address.
    pub fn next_address(&self) -> u32 {
        (0..)
            .zip(self.state.addresses.keys())
            .find(|(next, used)| next != *used)
            .map_or(self.state.addresses.len() as u32, |(next, _)| next)
    }

    /// Indices given out as deposit addresses, the lowest first. It never shrinks.
    pub fn receive_indices(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.state.addresses.keys().copied()
    }

    /// Indices of change addresses that payments used, the lowest first. It never shrinks.
    pub fn change_indices(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.state.changes.keys().copied()
    }

    /// The transaction of each payment.
    pub fn payments(&self) -> impl Iterator<Item = (Txid, EventId)> {
        self.state.proposals.values().map(|proposal| (proposal.checked.txid, proposal.event))
    }

    /// When each keyholder's key first signed a whole payment, by the record, in ms since 1970.
    pub fn first_signatures(&self) -> BTreeMap<MemberId, u64> {
        let mut first = BTreeMap::new();
        for (member, ms) in self.state.proposals.values().flat_map(ProposalState::signed_times) {
            let earliest = first.entry(member).or_insert(ms);
            *earliest = ms.min(*earliest);
        }
        first
    }

    /// Transactions of all payments: what the chain source is asked about beside the addresses.
    pub fn txids(&self) -> impl Iterator<Item = Txid> {
        self.state.proposals.values().map(|proposal| proposal.checked.txid)
    }
}
