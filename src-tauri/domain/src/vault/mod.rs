//! A vault: the fold of its members' events, and what is asked of it. What it has come to is `state`, how events change
//! that is `fold`, which configuration counts is `votes`, what commands become is `decide`, what the world must now do is
//! `effects`.

mod decide;
mod effects;
mod fold;
mod snapshot;
mod state;
mod votes;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::secp256k1::XOnlyPublicKey;
use bitcoin::{OutPoint, Txid};
use conclave_shared::{Cfg, EventId, MemberId, ProposalStatus, Role, StateDigest, Unmet, VaultId, VaultStatus};

use crate::action::{Action, Content, Created, PlaceOpened};
use crate::configuration::{CheckedConfiguration, ConfigurationFault, Member};
use crate::event::{Draft, Event};
use crate::hash::tagged_fields;
use crate::invitation::Place;
use crate::log::{Admission, Log, Refusal, WAITING_LIMIT};
use crate::proposal::ProposalFault;
use crate::succession::SuccessionFault;
use state::{Candidate, State};
use votes::Standing;

pub use decide::{Change, Command, CommandFault};
pub use effects::{ChainFacts, Effect};
pub use snapshot::FOLD_VERSION;
pub use state::{Joiner, Marks, ProposalState};
pub use votes::votes_needed;

/// How many events of somebody who joined by an opened place are taken before a configuration names them: the joining and
/// a proof of key.
const CANDIDATE_EVENTS: u32 = 2;

/// Why an admitted event is without effect. It is kept, and fills its number in its author's chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    /// Its content is no action.
    #[error("its content is malformed: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// An action of a newer program.
    #[error("its action {kind:?} is unknown to this program")]
    Unknown {
        /// The action's type.
        kind: String,
    },
    /// A second creation, or one that the invitation does not name.
    #[error("the vault was created by another event")]
    CreatedElsewhere,
    /// Joining without a place: unknown, expired, or not proven.
    #[error("the author has no invitation: {reason}")]
    NotInvited {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The author has done it already, and it counts once.
    #[error("the author has done it already")]
    Again,
    /// Its configuration cannot be lived by.
    #[error("{0}")]
    Configuration(#[from] ConfigurationFault),
    /// Its configuration is not made of those who joined.
    #[error("the configuration differs from what {member} joined with, or leaves members out")]
    MembersDiffer {
        /// The first member that differs.
        member: MemberId,
    },
    /// It names a configuration, proposal or address that its author cannot have known.
    #[error("it names a {what} that is not in its past")]
    NotInPast {
        /// What it names.
        what: &'static str,
    },
    /// The configuration that it was made under was not accepted by all in its past.
    #[error("it was made under a configuration that was not accepted then")]
    NotActive,
    /// The author is not a member with the right to do it.
    #[error("its author has no right to do it")]
    NoRight,
    /// The payment does not hold together.
    #[error("{0}")]
    Proposal(#[from] ProposalFault),
    /// A configuration that may not follow its parent.
    #[error("{0}")]
    Succession(#[from] SuccessionFault),
    /// Made under a configuration that another had followed, as its author knew.
    #[error("another configuration had followed the one that it was made under")]
    Superseded,
    /// A vote by who has voted for another configuration and not taken that back.
    #[error("its author's vote is given to configuration {to}")]
    VoteGiven {
        /// For which.
        to: Cfg,
    },
    /// Without effect by an earlier judgement of this program; the reason as it was noted.
    #[error("{reason}")]
    Noted {
        /// What was said.
        reason: String,
    },
    /// A coin that its author knew to be reserved.
    #[error("coin {coin} was reserved by proposal {by}")]
    CoinReserved {
        /// The coin.
        coin: OutPoint,
        /// Who holds it.
        by: EventId,
    },
    /// What it binds is not what was proposed.
    #[error("its digest or transaction is not the proposal's")]
    DigestDiffers,
    /// A signature that is not valid over the proposed transaction.
    #[error("a signature on input {input} is not valid")]
    SignatureInvalid {
        /// Which input.
        input: u32,
    },
    /// An address so far out that nobody watches it.
    #[error("index {index} is too far beyond the addresses used before")]
    IndexAhead {
        /// The index.
        index: u32,
    },
    /// An address that the descriptor does not derive.
    #[error("its address does not derive from the descriptor")]
    AddressDiffers,
}

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
            self.fold(events.clone());
        }
        Ok(admission)
    }

    /// Takes an event that this installation admitted before and kept, in the order of admission.
    pub fn restore(&mut self, event: Event) -> Result<(), Refusal> {
        if let Admission::Admitted { events, .. } = self.log.readmit(event)? {
            self.fold(events);
        }
        Ok(())
    }

    /// Takes many events; gives back the refusals.
    pub fn receive_all(&mut self, events: impl IntoIterator<Item = Event>) -> Vec<Refusal> {
        events.into_iter().filter_map(|event| self.receive(event).err()).collect()
    }

    /// A draft of this member's next event, to be signed with the identity key.
    pub fn draft(&self, action: Action, now_ms: u64) -> Draft {
        let (n, prev, seen) = self.place_for_next();
        let cfg = match (&action, self.active()) {
            (Action::Created(_), _) => None,
            (_, Some(active)) => Some(active.cfg),
            (_, None) => Some(Cfg(self.created.0)),
        };
        Draft { vault: self.id, author: self.me, n, prev, seen, cfg, ms: now_ms, action }
    }

    /// Number, `prev` and `seen` of this member's next event.
    fn place_for_next(&self) -> (u32, Option<EventId>, Vec<EventId>) {
        // Once there are members, nobody else's events are built on: who used an invitation later, with one member's help,
        // cannot make the others wait for what they refuse.
        let active = self.active();
        let counts = |author| {
            let member = active.is_none_or(|active| active.member(author).is_some());
            let candidate =
                || self.is_candidate(author) && self.log.newest(author).is_some_and(|(n, _)| n < CANDIDATE_EVENTS);
            member || candidate()
        };
        let (n, prev, mut seen) = self.log.place_for(self.me, counts);
        let before: Vec<EventId> = prev.into_iter().chain(seen.iter().copied()).collect();
        seen.extend(self.relied_on(&before));
        (n, prev, seen)
    }

    /// Consents of members who told two stories, as far as the accepted configurations rest on them and nothing else brings
    /// them into the past of this member's next event: without them nobody could act under those, or settle them. Of who
    /// told many stories one at most is built on: for more the others take nobody's word.
    fn relied_on(&self, before: &[EventId]) -> BTreeSet<EventId> {
        let liars = self.log.two_stories();
        let mut relied = BTreeSet::new();
        if liars.is_empty() {
            return relied;
        }
        let known = |id| before.iter().any(|by| self.log.in_past(id, *by));
        let Standing { active, doubled } = self.standing();
        let lacking = active.map(|active| active.cfg).into_iter().chain(doubled);
        let lacking = lacking.filter(|cfg| !self.state.accepted(*cfg, &self.log, known));
        let consents = lacking.filter_map(|cfg| self.state.candidates.get(&cfg)).flat_map(|it| it.consents.events());
        for (by, vote) in consents.filter(|(by, vote)| liars.contains_key(by) && !known(*vote)) {
            let told = relied.iter().copied().find(|it| self.log.get(*it).is_some_and(|it| it.author == by));
            let told = told.or_else(|| self.newest_of(by, before));
            let same = |it| self.log.on_one_story(it, vote) || self.log.on_one_story(vote, it);
            if !self.log.tells_many(by) || told.is_none_or(same) {
                relied.insert(vote);
            }
        }
        relied
    }

    /// Whether this member's next event builds on an event.
    fn builds_on(&self) -> impl Fn(EventId) -> bool {
        let (_, prev, seen) = self.place_for_next();
        move |id| prev.iter().chain(&seen).any(|by| self.log.in_past(id, *by))
    }

    /// The newest event of an author that this member's next event builds on.
    fn newest_built_on(&self, author: MemberId) -> Option<EventId> {
        let (_, prev, seen) = self.place_for_next();
        self.newest_of(author, &prev.into_iter().chain(seen).collect::<Vec<EventId>>())
    }

    /// The newest event of an author in the pasts of these.
    fn newest_of(&self, author: MemberId, before: &[EventId]) -> Option<EventId> {
        let known = |branch| before.iter().map(move |by| self.log.known_of(branch, *by)).max().unwrap_or(0);
        let branches = 0..self.log.branches();
        let own = branches.filter(|branch| self.log.branch(*branch).is_some_and(|(by, ..)| by == author));
        let newest = own.map(|branch| (known(branch), branch)).max().filter(|(known, _)| *known > 0);
        let (end, branch) = newest?;
        self.log.events_of(branch, end - 1, end).next().map(|event| event.id)
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
            VaultStatus::Active
        } else if self.newest_configuration().is_none() {
            VaultStatus::Gathering
        } else {
            VaultStatus::Ratifying
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

    /// Coins that an open payment holds.
    pub fn reserved_coins(&self) -> impl Iterator<Item = OutPoint> {
        self.state.reservations.iter().filter_map(|(coin, by)| {
            by.iter().any(|id| self.proposal(*id).is_some_and(|proposal| self.is_open(proposal))).then_some(*coin)
        })
    }

    /// Whether a payment can still be signed: under the active configuration, and refused by nobody who has a say.
    fn is_open(&self, proposal: &ProposalState) -> bool {
        self.active().is_some_and(|active| {
            active.cfg == proposal.checked.cfg && self.refusing(proposal, active).next().is_none()
        })
    }

    /// Members of the active configuration who refused a payment.
    fn refusing<'a>(
        &self,
        proposal: &'a ProposalState,
        active: &'a CheckedConfiguration,
    ) -> impl Iterator<Item = MemberId> + 'a {
        let right = |member: &MemberId| active.member(*member).is_some_and(Member::may_approve);
        proposal.rejections.members().filter(right)
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

    /// The largest index that any member gave out as a deposit address.
    pub fn last_address(&self) -> Option<u32> {
        self.state.addresses.keys().next_back().copied()
    }

    /// Where a payment stands, by the record and by what this installation itself sees of the chain: another member's
    /// word alone never shows a payment as confirmed.
    pub fn proposal_status(&self, proposal: &ProposalState, chain: &ChainFacts) -> ProposalStatus {
        let unmet = |act| self.unmet(proposal.event, act);
        let lacks = |unmet: &[Unmet], which: fn(&Unmet) -> bool| unmet.iter().any(which);
        if chain.confirmed(&proposal.checked.txid).is_some() {
            ProposalStatus::Confirmed
        } else if chain.seen(&proposal.checked.txid) {
            ProposalStatus::Broadcast
        } else if !proposal.rejections.is_empty() {
            ProposalStatus::Rejected
        } else if lacks(&unmet(Act::Broadcast), |unmet| matches!(unmet, Unmet::ApprovalsMissing { .. })) {
            ProposalStatus::Proposed
        } else if lacks(&unmet(Act::Broadcast), |unmet| matches!(unmet, Unmet::SignaturesMissing { .. })) {
            ProposalStatus::Approved
        } else {
            ProposalStatus::Signed
        }
    }

    /// What the record and the rules still ask for before `act` may be done by this member. What the PSBT shows is the
    /// guard's to add.
    pub fn unmet(&self, proposal: EventId, act: Act) -> Vec<Unmet> {
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
        if act != Act::Approve {
            let counts = |member: &MemberId| {
                !self.log.two_stories().contains_key(member) && active.member(*member).is_some_and(Member::may_approve)
            };
            let have = proposal.approvals.members().filter(counts).count() as u32;
            let need = active.configuration.policy.approvals;
            if have < need {
                unmet.push(Unmet::ApprovalsMissing { have, need });
            }
        }
        let have = proposal.signers().count() as u32;
        let need = active.configuration.threshold;
        match act {
            Act::Sign if proposal.signers().any(|member| member == self.me) => unmet.push(Unmet::AlreadySigned),
            Act::Finalise | Act::Broadcast if have < need => unmet.push(Unmet::SignaturesMissing { have, need }),
            Act::Approve | Act::Sign | Act::Finalise | Act::Broadcast => {}
        }
        unmet.extend(self.rival(proposal, act).map(|by| Unmet::CoinReserved { by }));
        unmet
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

    /// A payment over one of the same coins that this member has already taken the same step for. Concurrent proposals
    /// over one coin both stand; each guard permits only one of them until the other has ended.
    fn rival(&self, proposal: &ProposalState, act: Act) -> Option<EventId> {
        let coins = proposal.checked.inputs.iter().filter_map(|input| self.state.reservations.get(&input.outpoint));
        coins.flatten().copied().find(|other| {
            *other != proposal.event
                && self.proposal(*other).is_some_and(|other| {
                    self.is_open(other)
                        && match act {
                            Act::Approve => other.approvals.contains(self.me),
                            Act::Sign => other.signers().any(|member| member == self.me),
                            Act::Finalise | Act::Broadcast => other.finalised.contains(&self.me),
                        }
                })
        })
    }

    /// Digest of the folded state: equal at two members exactly if they hold the same events and fold them alike.
    pub fn state_digest(&self) -> StateDigest {
        let lines = self.state_lines();
        let fields: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        StateDigest(tagged_fields("conclave/state", &fields))
    }

    /// The state as lines, each one fact, in a fixed order: what the digest hashes, and what a person can compare.
    pub fn state_lines(&self) -> Vec<String> {
        let state = &self.state;
        let mut lines = vec![format!("vault {} created {}", self.id, self.created)];
        lines.extend(self.log.heads().into_iter().map(|(author, n, id)| format!("head {author} {n} {id}")));
        lines.extend(self.log.two_stories().keys().map(|member| format!("two-stories {member}")));
        if let Some((organiser, _)) = &state.created {
            lines.push(format!("organiser {organiser}"));
        }
        let sorted = |name: String, mut events: Vec<EventId>| {
            events.sort_unstable();
            events.into_iter().map(move |event| format!("{name} {event}")).collect::<Vec<String>>()
        };
        for (member, joiners) in &state.joiners {
            lines.extend(sorted(format!("joined {member}"), joiners.iter().map(|joiner| joiner.event).collect()));
        }
        for (key, opened) in &state.places {
            lines.extend(sorted(format!("place {key}"), opened.iter().map(|(event, _)| *event).collect()));
        }
        for (member, said) in &state.replacements {
            lines.extend(sorted(format!("replaces {member}"), said.iter().map(|(event, _)| *event).collect()));
        }
        for (cfg, candidate) in &state.candidates {
            lines.push(format!("configuration {cfg}"));
            let consents = candidate.consents.events();
            lines.extend(consents.map(|(member, event)| format!("ratified {cfg} {member} {event}")));
            let releases = candidate.releases.events();
            lines.extend(releases.map(|(member, event)| format!("released {cfg} {member} {event}")));
        }
        let standing = self.standing();
        // The first is told by its ratifications.
        let later = standing.active.map(|active| active.cfg).filter(|cfg| !self.voters(*cfg).is_empty());
        lines.extend(later.map(|cfg| format!("lives by {cfg}")));
        lines.extend(standing.doubled.iter().map(|it| format!("doubled {it}")));
        for (index, events) in &state.addresses {
            lines.extend(events.iter().map(|event| format!("address {index} {event}")));
        }
        for (id, proposal) in &state.proposals {
            lines.push(format!("proposal {id} {} {}", proposal.proposer, proposal.checked.state_line()));
            let marks = |what: &str, marks: &Marks| {
                let events = marks.events();
                events.map(|(member, event)| format!("{what} {id} {member} {event}")).collect::<Vec<String>>()
            };
            lines.extend(marks("approved", &proposal.approvals));
            lines.extend(marks("rejected", &proposal.rejections));
            for ((input, key), signature) in &proposal.signatures {
                lines.push(format!("signed {id} {input} {key} {signature}"));
            }
            lines.extend(proposal.finalised.iter().map(|member| format!("finalised {id} {member}")));
            lines.extend(proposal.broadcast.iter().map(|member| format!("broadcast {id} {member}")));
            for (member, (.., height, block)) in &proposal.confirmed {
                lines.push(format!("confirmed {id} {member} {height} {block}"));
            }
        }
        // Not the reason: it may hold a library's words, which change with its version.
        lines.extend(state.void.keys().map(|event| format!("void {event}")));
        lines
    }

    /// Transactions of all payments: what the chain source is asked about beside the addresses.
    pub fn txids(&self) -> impl Iterator<Item = Txid> {
        self.state.proposals.values().map(|proposal| proposal.checked.txid)
    }
}
