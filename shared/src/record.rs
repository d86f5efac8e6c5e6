//! What a screen shows of a record: its events in plain words, and what judging it found.

mod saying;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::view::VoidView;
use crate::{EventId, MemberId, StateDigest, VaultId};

pub use saying::{ConfigurationSaid, OutputSaid, PaymentSaid, ProposedSaid, RecoverySaid, Saying};

/// One event of a vault's record, for people. Texts of others have control characters and direction marks spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// The event.
    pub event: EventId,
    /// Its author.
    pub author: MemberId,
    /// The author's name; with the first digits of the id where several have it, `stranger` and these for who never joined.
    pub name: String,
    /// The author's sequence number.
    pub n: u32,
    /// When it was written, in ms since 1970, by the author's word.
    pub ms: u64,
    /// Its place in the record, with the id.
    pub rank: u64,
    /// Its type as on the wire, or `unknown` or `malformed`.
    pub kind: String,
    /// What happened.
    pub summary: String,
    /// The same as facts: what a sentence of another language is made of.
    pub saying: Saying,
    /// Why it has no effect, if it has none.
    pub void: Option<String>,
    /// The fixed name of that reason.
    pub void_code: Option<String>,
}

/// A record without fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedView {
    /// Which vault.
    pub vault: VaultId,
    /// The `created` event that it was folded from.
    pub created: EventId,
    /// How many events.
    pub events: u64,
    /// What each author wrote, in order of their ids.
    pub authors: Vec<AuthoredView>,
    /// How many events of each type.
    pub kinds: BTreeMap<String, u64>,
    /// Events without effect, in the order of the record.
    pub void: Vec<VoidView>,
    /// Digest of the state that it folds to.
    pub state_digest: StateDigest,
}

/// What one author wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoredView {
    /// Who.
    pub author: MemberId,
    /// The name that they joined with.
    pub name: Option<String>,
    /// How many events.
    pub events: u64,
    /// The newest: what to compare with other copies, as a record that was cut off at the end looks whole.
    pub newest: EventId,
}

/// The first fault of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultView {
    /// Which vault's record; none for an installation's own chain, and for a file.
    pub vault: Option<VaultId>,
    /// The line, from 1; of what is stored, the place in order of arrival.
    pub line: u64,
    /// The event of that line, as the line names it.
    pub event: Option<EventId>,
    /// The fixed name of the fault.
    pub fault: String,
    /// The whole in plain words.
    pub message: String,
}

/// How a first record stands to a second one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "comparison", rename_all = "kebab-case"))]
pub enum ComparisonView {
    /// Both hold the same events.
    Same,
    /// They are of two vaults.
    VaultForeign {
        /// The first record's.
        first: VaultId,
        /// The second's.
        second: VaultId,
    },
    /// An author told two stories.
    TwoStories {
        /// Who.
        author: MemberId,
        /// The number that both events have.
        n: u32,
        /// The event in the first record.
        first: EventId,
        /// The event in the second.
        second: EventId,
    },
    /// The first record holds all of the second, and more.
    Extends {
        /// How many events more.
        more: u64,
        /// The first of them.
        lacking: EventId,
    },
    /// The second record holds all of the first, and more.
    ExtendedBy {
        /// How many events more.
        more: u64,
        /// The first of them.
        lacking: EventId,
    },
    /// Each lacks something, without contradiction.
    Apart {
        /// The first event that the first record lacks.
        first_lacks: EventId,
        /// The first event that the second record lacks.
        second_lacks: EventId,
    },
}

/// One event of an installation's own chain, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppEntryView {
    /// The event.
    pub event: EventId,
    /// Its number.
    pub n: u64,
    /// When it was written, in ms since 1970.
    pub ms: u64,
    /// Its type as on the wire, or `unknown` or `malformed`.
    pub kind: String,
    /// What happened.
    pub summary: String,
}

/// An installation's own chain without fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppVerifiedView {
    /// The installation's own public key, x-only: it names the installation.
    pub installation: MemberId,
    /// How many events.
    pub events: u64,
    /// The newest.
    pub newest: Option<EventId>,
    /// How many events of each type.
    pub kinds: BTreeMap<String, u64>,
}
