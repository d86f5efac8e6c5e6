//! A vault: the fold of its members' events. State and what is asked of it; how events change it is `fold`, what commands
//! become is `decide`, what the world must now do is `effects`.

mod decide;
mod effects;
mod fold;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::secp256k1::ecdsa;
use bitcoin::{BlockHash, OutPoint, PublicKey, Txid};
use conclave_shared::{Cfg, EventId, MemberId, ProposalStatus, Role, StateDigest, Unmet, VaultId, VaultStatus};

use crate::action::{Action, Content, Created, Joined};
use crate::configuration::{CheckedConfiguration, ConfigurationFault, Member};
use crate::event::{Draft, Event};
use crate::hash::tagged_fields;
use crate::log::{Admission, Log, Refusal};
use crate::proposal::{CheckedProposal, ProposalFault};

pub use decide::{Command, CommandFault};
pub use effects::{ChainFacts, Effect};

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

/// A member who took a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joiner {
    /// The `joined` event.
    pub event: EventId,
    /// What it said.
    pub joined: Joined,
    /// The roles of the place.
    pub roles: Vec<Role>,
}

/// A configuration that was proposed.
#[derive(Debug, Clone)]
struct Candidate {
    checked: CheckedConfiguration,
    /// Its `configuration_proposed` event, and that event's number in the organiser's chain.
    event: EventId,
    n: u32,
    /// Who ratified it, each by which event.
    ratified: BTreeMap<MemberId, EventId>,
}

/// A proposed payment and what has become of it. All sets: order, repetition and delay of delivery change nothing.
#[derive(Debug, Clone)]
pub struct ProposalState {
    /// Its `proposed` event.
    pub event: EventId,
    /// Who proposed it.
    pub proposer: MemberId,
    /// The payment.
    pub checked: CheckedProposal,
    /// Who consented.
    pub approvals: BTreeMap<MemberId, EventId>,
    /// Who refused.
    pub rejections: BTreeMap<MemberId, EventId>,
    /// Verified signatures by input and key.
    pub signatures: BTreeMap<(u32, PublicKey), ecdsa::Signature>,
    /// Who put it together.
    pub finalised: BTreeSet<MemberId>,
    /// Who sent it.
    pub broadcast: BTreeSet<MemberId>,
    /// Who saw it in which block.
    pub confirmed: BTreeMap<MemberId, (u32, BlockHash)>,
}

impl ProposalState {
    /// Keyholders whose key has signed every input.
    pub fn signers(&self) -> impl Iterator<Item = MemberId> {
        let members: BTreeSet<MemberId> =
            self.checked.inputs.iter().flat_map(|input| input.keys.values().copied()).collect();
        members.into_iter().filter(|member| {
            (0..self.checked.inputs.len()).all(|input| {
                let key = self.checked.key_of(input, *member);
                key.is_some_and(|key| self.signatures.contains_key(&(input as u32, key)))
            })
        })
    }
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

#[derive(Debug, Clone, Default)]
struct State {
    created: Option<(MemberId, Created)>,
    joiners: BTreeMap<MemberId, Joiner>,
    candidates: BTreeMap<Cfg, Candidate>,
    /// Receive addresses given out, by index, with the events that did so.
    addresses: BTreeMap<u32, BTreeSet<EventId>>,
    /// Change addresses used, by index, with the proposals that did so.
    changes: BTreeMap<u32, BTreeSet<EventId>>,
    proposals: BTreeMap<EventId, ProposalState>,
    /// Which proposals spend a coin.
    reservations: BTreeMap<OutPoint, BTreeSet<EventId>>,
    void: BTreeMap<EventId, Void>,
    /// Who used an action that this program does not know.
    unknown: BTreeSet<MemberId>,
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
    /// (rank, id) of the newest event folded: a later arrival that sorts before it folds everything again.
    folded: Option<(u64, EventId)>,
}

impl Vault {
    /// A vault of which no event is held yet.
    pub fn new(id: VaultId, created: EventId, me: MemberId) -> Self {
        Self { id, created, me, log: Log::new(id), state: State::default(), folded: None }
    }

    /// Takes an event from anyone, this member included: admits it and folds it.
    pub fn receive(&mut self, event: Event) -> Result<Admission, Refusal> {
        let admission = self.log.admit(event)?;
        if let Admission::Admitted(ids) = &admission {
            self.fold(ids);
        }
        Ok(admission)
    }

    /// Takes many events, as at start: admitted one by one, folded once.
    ///
    /// Gives back the refusals.
    pub fn receive_all(&mut self, events: impl IntoIterator<Item = Event>) -> Vec<Refusal> {
        let refused = events.into_iter().filter_map(|event| self.log.admit(event).err()).collect();
        self.fold_again();
        refused
    }

    /// A draft of this member's next event, to be signed with the identity key.
    pub fn draft(&self, action: Action, now_ms: u64) -> Draft {
        // Once there are members, nobody else's events are built on: who used an invitation later, with one member's help,
        // cannot make the others wait for what they refuse.
        let counts = |author| self.active().is_none_or(|active| active.member(author).is_some());
        let (n, prev, seen) = self.log.place_for(self.me, counts);
        let cfg = match (&action, self.active()) {
            (Action::Created(_), _) => None,
            (_, Some(active)) => Some(active.cfg),
            (_, None) => Some(Cfg(self.created.0)),
        };
        Draft { vault: self.id, author: self.me, n, prev, seen, cfg, ms: now_ms, action }
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

    /// Everyone who took a place.
    pub fn joiners(&self) -> &BTreeMap<MemberId, Joiner> {
        &self.state.joiners
    }

    /// Everyone to whom events go, less this member: the members of the accepted configuration, before that the organiser
    /// and all who joined. An invitation that is used later opens nothing.
    pub fn others(&self) -> BTreeSet<MemberId> {
        if let Some(active) = self.active() {
            let members = active.configuration.members.iter().map(|member| member.identity);
            return members.filter(|member| *member != self.me).collect();
        }
        let organiser = self.state.created.as_ref().map(|(organiser, _)| *organiser);
        self.state.joiners.keys().copied().chain(organiser).filter(|member| *member != self.me).collect()
    }

    /// Members who used one invitation twice: none of them may be ratified before this is cleared up by voice.
    pub fn doubled_places(&self) -> Vec<Vec<MemberId>> {
        let mut places: BTreeMap<String, Vec<MemberId>> = BTreeMap::new();
        for (member, joiner) in &self.state.joiners {
            if let Some(proof) = &joiner.joined.proof {
                places.entry(proof.key.to_string()).or_default().push(*member);
            }
        }
        places.into_values().filter(|members| members.len() > 1).collect()
    }

    /// The configuration that all its keyholders have ratified.
    pub fn active(&self) -> Option<&CheckedConfiguration> {
        let accepted = self.state.candidates.values().filter(|candidate| candidate.accepted());
        accepted.min_by_key(|candidate| candidate.n).map(|candidate| &candidate.checked)
    }

    /// The configuration that is accepted, or else the first that the organiser put up for ratification: everybody has
    /// one ratification to give, so a second could only confuse.
    pub fn newest_configuration(&self) -> Option<&CheckedConfiguration> {
        let first = || self.state.candidates.values().min_by_key(|candidate| candidate.n);
        self.active().or_else(|| first().map(|candidate| &candidate.checked))
    }

    /// A configuration by its hash.
    pub fn configuration(&self, cfg: Cfg) -> Option<&CheckedConfiguration> {
        self.state.candidates.get(&cfg).map(|candidate| &candidate.checked)
    }

    /// Who ratified a configuration.
    pub fn ratified(&self, cfg: Cfg) -> BTreeSet<MemberId> {
        self.state
            .candidates
            .get(&cfg)
            .map(|candidate| candidate.ratified.keys().copied().collect())
            .unwrap_or_default()
    }

    /// How far the set-up has come.
    pub fn status(&self) -> VaultStatus {
        if self.active().is_some() {
            VaultStatus::Active
        } else if self.state.candidates.is_empty() {
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
            let open = |id: &EventId| self.proposal(*id).is_some_and(|proposal| proposal.rejections.is_empty());
            by.iter().any(open).then_some(*coin)
        })
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
        if self.state.unknown.iter().any(|author| active.member(*author).is_some_and(Member::may_approve)) {
            unmet.push(Unmet::RulesUnknown);
        }
        if proposal.checked.cfg != active.cfg {
            unmet.push(Unmet::NotActive);
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
        unmet.extend(proposal.rejections.keys().map(|by| Unmet::Rejected { by: *by }));
        unmet.extend(self.waiting_rejections(proposal, active).map(|by| Unmet::Rejected { by }));
        if self.log.two_stories().contains_key(&proposal.proposer) {
            unmet.push(Unmet::TwoStories { by: proposal.proposer });
        }
        if act != Act::Approve {
            let honest = |member: &&MemberId| !self.log.two_stories().contains_key(member);
            let have = proposal.approvals.keys().filter(honest).count() as u32;
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
                    other.rejections.is_empty()
                        && match act {
                            Act::Approve => other.approvals.contains_key(&self.me),
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
        lines.extend(self.log.heads().map(|(author, n, id)| format!("head {author} {n} {id}")));
        lines.extend(self.log.two_stories().keys().map(|member| format!("two-stories {member}")));
        if let Some((organiser, _)) = &state.created {
            lines.push(format!("organiser {organiser}"));
        }
        lines.extend(state.joiners.iter().map(|(member, joiner)| format!("joined {member} {}", joiner.event)));
        for (cfg, candidate) in &state.candidates {
            lines.push(format!("configuration {cfg}"));
            lines.extend(candidate.ratified.iter().map(|(member, event)| format!("ratified {cfg} {member} {event}")));
        }
        for (index, events) in &state.addresses {
            lines.extend(events.iter().map(|event| format!("address {index} {event}")));
        }
        for (id, proposal) in &state.proposals {
            lines.push(format!("proposal {id} {} {}", proposal.proposer, proposal.checked.state_line()));
            lines.extend(proposal.approvals.iter().map(|(member, event)| format!("approved {id} {member} {event}")));
            lines.extend(proposal.rejections.iter().map(|(member, event)| format!("rejected {id} {member} {event}")));
            for ((input, key), signature) in &proposal.signatures {
                lines.push(format!("signed {id} {input} {key} {signature}"));
            }
            lines.extend(proposal.finalised.iter().map(|member| format!("finalised {id} {member}")));
            lines.extend(proposal.broadcast.iter().map(|member| format!("broadcast {id} {member}")));
            for (member, (height, block)) in &proposal.confirmed {
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

impl Candidate {
    fn accepted(&self) -> bool {
        self.checked.keyholders().all(|member| self.ratified.contains_key(&member))
    }
}
