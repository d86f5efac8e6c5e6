//! What a vault has come to, as sets of events: nothing in it depends on the order in which events arrived. What is asked
//! of it is `vault`, what changes it is `fold`.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::secp256k1::XOnlyPublicKey;
use bitcoin::{BlockHash, OutPoint, PublicKey};
use conclave_shared::{Cfg, EventId, Finding, MemberId, Nonce, Role};
use serde::{Deserialize, Serialize};

use super::Void;
use crate::action::{Created, IdentityReplaced, Joined, PlaceOpened};
use crate::configuration::CheckedConfiguration;
use crate::event::Event;
use crate::key_proof::KeyProofFault;
use crate::log::Known;
use crate::proposal::{CheckedProposal, KeyOwner, SignatureSet};

/// Who did something, and by which events. A member has several only where they told several stories: on each the first
/// counts, so that a story that comes to light late takes nothing back that others have built on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks(BTreeMap<MemberId, BTreeSet<EventId>>);

impl Marks {
    /// Notes an event of its author, the first of its story.
    pub(super) fn add(&mut self, event: &Event, known: &Known<'_>) -> Result<(), Void> {
        if self.known(event.author, known) {
            return Err(Void::Again);
        }
        self.0.entry(event.author).or_default().insert(event.id);
        Ok(())
    }

    /// Whether a member's mark stands in a past.
    pub(super) fn known(&self, member: MemberId, known: &Known<'_>) -> bool {
        self.0.get(&member).is_some_and(|events| events.iter().any(|event| known.holds(*event)))
    }

    /// Whether a member has one.
    pub fn contains(&self, member: MemberId) -> bool {
        self.0.contains_key(&member)
    }

    /// Who has one.
    pub fn members(&self) -> impl Iterator<Item = MemberId> {
        self.0.keys().copied()
    }

    /// All of them.
    pub fn events(&self) -> impl Iterator<Item = (MemberId, EventId)> {
        self.0.iter().flat_map(|(member, events)| events.iter().map(|event| (*member, *event)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A member who took a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joiner {
    /// The `joined` event.
    pub event: EventId,
    /// When it was written, in ms, by the joiner's word.
    pub ms: u64,
    /// What it said.
    pub joined: Joined,
    /// The roles of the place; none for a candidate, whose place was opened in an active vault.
    pub roles: Vec<Role>,
}

/// Why keys are refused at set-up: each has the name of a finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum KeyRefusal {
    /// A configuration names another key for a member.
    #[error(
        "the configuration names another key for member {member} than that member joined with (own-key-swapped): do not \
         ratify, ask the organiser"
    )]
    KeySwapped {
        /// Whose.
        member: MemberId,
    },
    /// A configuration names a member's key under another origin.
    #[error(
        "the configuration names another fingerprint or path for the key of member {member} than that member joined with \
         (origin-swapped): do not ratify, ask the organiser"
    )]
    OriginSwapped {
        /// Whose.
        member: MemberId,
    },
    /// Two members have one key.
    #[error(
        "members {first} and {second} have the same key, under whatever fingerprint (key-duplicated): one of them must \
         bring a key of their own, in a new vault"
    )]
    KeyDuplicated {
        /// One.
        first: MemberId,
        /// The other.
        second: MemberId,
    },
}

impl KeyRefusal {
    /// The finding that names it.
    pub fn finding(&self) -> Finding {
        match self {
            KeyRefusal::KeySwapped { .. } => Finding::OwnKeySwapped,
            KeyRefusal::OriginSwapped { .. } => Finding::OriginSwapped,
            KeyRefusal::KeyDuplicated { .. } => Finding::KeyDuplicated,
        }
    }

    /// Whose key it is about.
    pub fn member(&self) -> MemberId {
        match self {
            KeyRefusal::KeySwapped { member } | KeyRefusal::OriginSwapped { member } => *member,
            KeyRefusal::KeyDuplicated { second, .. } => *second,
        }
    }
}

/// A configuration that was proposed.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) checked: CheckedConfiguration,
    /// Its bytes as carried.
    pub(super) json: String,
    /// Its `configuration_proposed` events.
    pub(super) proposed: BTreeMap<EventId, Proposed>,
    /// Who ratified it, where it is a first one; who voted for it, where it follows another.
    pub(super) consents: Marks,
    /// Votes taken back: by which event.
    pub(super) releases: Marks,
    /// Who proved to hold the key that stands in it, where it is a first one from rules version 1 on.
    pub(super) proofs: Marks,
}

/// What was known when a configuration was proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proposed {
    /// The event's number in its author's chain.
    pub(super) n: u32,
    /// Those that follow the same parent and had all been accepted, where there were several: it settles that.
    pub(super) settles: BTreeSet<Cfg>,
    /// Those whose votes do not count for it: who had voted for two of those.
    pub(super) excluded: BTreeSet<MemberId>,
}

/// A proposed payment and what has become of it. All sets: order, repetition and delay of delivery change nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposalState {
    /// Its `proposed` event.
    pub event: EventId,
    /// Who proposed it.
    pub proposer: MemberId,
    /// The payment.
    pub checked: CheckedProposal,
    /// The payment that it replaces.
    pub replaces: Option<EventId>,
    /// Until when it holds its coins and may be signed, in ms since 1970.
    pub expires_ms: Option<u64>,
    /// Who consented.
    pub approvals: Marks,
    /// Who refused.
    pub rejections: Marks,
    /// Whether every keyholder has to sign it, so that each has signed once.
    pub self_test: bool,
    /// Verified signatures by input and key.
    pub signatures: SignatureSet,
    /// The rank of the first event that brought a signature of this key on this input, in ms.
    pub signed_ms: BTreeMap<(u32, PublicKey), u64>,
    /// Who put it together.
    pub finalised: BTreeSet<MemberId>,
    /// Who sent it.
    pub broadcast: BTreeSet<MemberId>,
    /// Who saw it in which block: the newest word of each, with its event's number.
    pub confirmed: BTreeMap<MemberId, (u32, EventId, u32, BlockHash)>,
}

impl ProposalState {
    /// Whose key has signed every input.
    pub fn signed_by(&self) -> BTreeSet<KeyOwner> {
        let inputs = self.checked.inputs.iter().zip(0_u32..);
        let signed = inputs.map(|(input, position)| {
            let signed = input.keys.iter().filter(|(key, _)| self.signatures.contains(position, **key));
            signed.map(|(_, owner)| *owner).collect::<BTreeSet<KeyOwner>>()
        });
        signed.reduce(|all, input| all.intersection(&input).copied().collect()).unwrap_or_default()
    }

    /// Keyholders whose key has signed every input.
    pub fn signers(&self) -> impl Iterator<Item = MemberId> {
        self.signed_by().into_iter().filter_map(|owner| match owner {
            KeyOwner::Member(member) => Some(member),
            KeyOwner::Recovery(_) => None,
        })
    }

    /// When a keyholder's key had signed every input, by the record, in ms since 1970.
    pub fn signed_at(&self, member: MemberId) -> Option<u64> {
        let mut last = None;
        for (input, position) in self.checked.inputs.iter().zip(0_u32..) {
            let own = input.keys.iter().filter(|(_, owner)| **owner == KeyOwner::Member(member));
            let first = own.filter_map(|(key, _)| self.signed_ms.get(&(position, *key))).min();
            last = last.max(Some(*first?));
        }
        last
    }

    /// The keyholders whose keys have signed every input, each with when that was.
    pub fn signed_times(&self) -> impl Iterator<Item = (MemberId, u64)> {
        self.signers().filter_map(|member| Some((member, self.signed_at(member)?)))
    }

    /// Whether a keyholder's key has signed any input.
    pub fn has_signature_of(&self, member: MemberId) -> bool {
        self.checked.inputs.iter().zip(0_u32..).any(|(input, position)| {
            let own = input.keys.iter().filter(|(_, owner)| **owner == KeyOwner::Member(member));
            own.into_iter().any(|(key, _)| self.signatures.contains(position, *key))
        })
    }

    /// In which block a member saw it, by that member's word.
    pub fn confirmed_by(&self, member: MemberId) -> Option<(u32, BlockHash)> {
        self.confirmed.get(&member).map(|(_, _, height, block)| (*height, *block))
    }
}

/// A keyholder's word that stops all payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Freeze {
    pub(super) by: MemberId,
    /// The configuration that its author lived by.
    pub(super) cfg: Cfg,
    /// When, by its author's word.
    pub(super) ms: u64,
    pub(super) reason: String,
}

/// An attestation without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VoidAttestation {
    pub(super) by: MemberId,
    pub(super) index: u32,
    /// Whether its author's program derived another address than this one: the danger that attesting is there to show.
    pub(super) differs: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) created: Option<(MemberId, Created)>,
    /// Places opened after the creation, each with the events that did so.
    pub(super) places: BTreeMap<XOnlyPublicKey, Vec<(EventId, PlaceOpened)>>,
    /// Who joined: several events of one member only where they told several stories.
    pub(super) joiners: BTreeMap<MemberId, Vec<Joiner>>,
    /// Nonces that members asked the keyholders to sign, by their events.
    pub(super) challenges: BTreeMap<EventId, (MemberId, Nonce)>,
    /// Proofs of key that prove nothing.
    pub(super) false_proofs: BTreeMap<EventId, (MemberId, KeyProofFault)>,
    /// First configurations that had no effect because of their keys.
    pub(super) refused_keys: BTreeMap<EventId, KeyRefusal>,
    /// Proofs of new identities, not judged yet.
    pub(super) replacements: BTreeMap<MemberId, Vec<(EventId, IdentityReplaced)>>,
    pub(super) candidates: BTreeMap<Cfg, Candidate>,
    /// The first acts of members under a configuration that they knew to be accepted: a vote taken back at the same time
    /// changes that no more for whoever knows of one.
    pub(super) witnessed: BTreeMap<Cfg, BTreeSet<EventId>>,
    /// Receive addresses given out, by index, with the events that did so.
    pub(super) addresses: BTreeMap<u32, BTreeSet<EventId>>,
    /// Who derived an address that was given out, by its index.
    pub(super) attestations: BTreeMap<u32, Marks>,
    /// Attestations without effect: none of them is written again.
    pub(super) void_attestations: BTreeMap<EventId, VoidAttestation>,
    /// Change addresses used, by index, with the proposals that did so.
    pub(super) changes: BTreeMap<u32, BTreeSet<EventId>>,
    pub(super) proposals: BTreeMap<EventId, ProposalState>,
    /// Which proposals spend a coin.
    pub(super) reservations: BTreeMap<OutPoint, BTreeSet<EventId>>,
    pub(super) void: BTreeMap<EventId, Void>,
    /// Who used an action that this program does not know.
    pub(super) unknown: BTreeSet<MemberId>,
    /// Freezes, by their events. They stay when they are released.
    pub(super) freezes: BTreeMap<EventId, Freeze>,
    /// Votes to release a freeze, whether it is held or not, by the configuration that the voters lived by.
    pub(super) freeze_votes: BTreeMap<EventId, BTreeMap<Cfg, Marks>>,
}
