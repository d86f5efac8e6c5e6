//! What can be wrong with a record: each fault has one fixed name, the same in code, replies and documents.

use std::fmt;

use conclave_shared::{EventId, MemberId, VaultId};

use crate::event::{EVENT_LIMIT, EventFault};
use crate::log::AUTHORS_LIMIT;

/// The first fault of a record, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1. One beyond the last line where something is missing at the end.
    pub line: u64,
    /// The event of that line, as the line itself names it; none where the line is no event.
    pub event: Option<EventId>,
    /// What is wrong.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(event) = self.event {
            write!(f, ", event {event}")?;
        }
        write!(f, ": {} ({})", self.kind, self.kind.name())
    }
}

impl std::error::Error for Fault {}

/// The kinds of fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Not the JSON of a NIP-01 event, or it says more than the event does.
    #[error("the line is not the json of one nip-01 event: {reason}")]
    LineMalformed {
        /// What exactly.
        reason: String,
    },
    /// Over [`EVENT_LIMIT`].
    #[error("the line has {bytes} bytes, at most {EVENT_LIMIT} are read")]
    LineTooLong {
        /// Its size as far as it was read.
        bytes: usize,
    },
    /// The id is not the hash of the event, or the signature is not the author's.
    #[error("its id or signature is not valid: {reason}")]
    EventForged {
        /// What the check said.
        reason: String,
    },
    /// An event of another kind.
    #[error("kind {kind} is not {expected}")]
    KindForeign {
        /// The kind found.
        kind: u16,
        /// The kind of a record's events.
        expected: u16,
    },
    /// A tag is missing, doubled, unknown or not of its form.
    #[error("tag {name:?} is {fault}")]
    TagMalformed {
        /// The tag's name.
        name: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// `created_at` is not `ms / 1000`.
    #[error("created_at {created_at} is not ms {ms} / 1000")]
    TimeDiffers {
        /// NIP-01 time, in s.
        created_at: u64,
        /// The `ms` tag.
        ms: u64,
    },
    /// It is of another vault than the record.
    #[error("it is of vault {found}, the record is of {expected}")]
    VaultForeign {
        /// The vault that it names.
        found: VaultId,
        /// The record's.
        expected: VaultId,
    },
    /// The same event twice.
    #[error("it stands on line {first} already")]
    EventDoubled {
        /// Where it stood first.
        first: u64,
    },
    /// The author's event before it does not stand before it, or is not the one that it names.
    #[error("event {n} of {author} does not follow their event before it: that one is missing, or another is named")]
    ChainGap {
        /// Its author.
        author: MemberId,
        /// Its number.
        n: u32,
    },
    /// An event of another author that it builds on does not stand before it.
    #[error("it builds on event {missing}, which does not stand before it")]
    SeenMissing {
        /// The first that is missing.
        missing: EventId,
    },
    /// Its author signed another event with the same number: the two together prove it.
    #[error("{author} told two stories: {first} has number {n} too")]
    TwoStories {
        /// Who.
        author: MemberId,
        /// The number.
        n: u32,
        /// The event that stood first; the other is this one.
        first: EventId,
    },
    /// It sorts before the line before it.
    #[error("it stands after {after}, though it sorts before it by rank and id")]
    OrderBroken {
        /// The event of the line before it.
        after: EventId,
    },
    /// No `created` event: nothing that the others say has any ground.
    #[error("the record holds no creation of a vault")]
    CreationMissing,
    /// More authors than a vault can have.
    #[error("it is of one author more than the {AUTHORS_LIMIT} that a record can have")]
    AuthorsTooMany,
}

impl FaultKind {
    /// The fixed name, as in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LineMalformed { .. } => "line-malformed",
            Self::LineTooLong { .. } => "line-too-long",
            Self::EventForged { .. } => "event-forged",
            Self::KindForeign { .. } => "kind-foreign",
            Self::TagMalformed { .. } => "tag-malformed",
            Self::TimeDiffers { .. } => "time-differs",
            Self::VaultForeign { .. } => "vault-foreign",
            Self::EventDoubled { .. } => "event-doubled",
            Self::ChainGap { .. } => "chain-gap",
            Self::SeenMissing { .. } => "seen-missing",
            Self::TwoStories { .. } => "two-stories",
            Self::OrderBroken { .. } => "order-broken",
            Self::CreationMissing => "creation-missing",
            Self::AuthorsTooMany => "authors-too-many",
        }
    }
}

impl From<EventFault> for FaultKind {
    fn from(fault: EventFault) -> Self {
        match fault {
            EventFault::TooLarge { bytes } => Self::LineTooLong { bytes },
            EventFault::Malformed { reason } => Self::LineMalformed { reason },
            EventFault::Forged { reason } => Self::EventForged { reason },
            EventFault::Kind { kind, expected } => Self::KindForeign { kind, expected },
            EventFault::Tag { name, fault } => Self::TagMalformed { name, fault },
            EventFault::Time { created_at, ms } => Self::TimeDiffers { created_at, ms },
        }
    }
}
