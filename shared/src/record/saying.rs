//! What one event of a record says, as facts: sentences are made of them elsewhere, in the reader's language.
//!
//! Of a payment that stands the amounts come from the transaction; of one that does not they are its author's claims. Texts
//! of others have control characters and direction marks spelled out already, and are cut where they are too long.

use serde::{Deserialize, Serialize};

use crate::policy::RoleCount;
use crate::{Cfg, EventId, Role, Sat, ScriptKind};

/// What an event says, after its author's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "says", rename_all = "kebab-case"))]
pub enum Saying {
    /// Something that this program does not know.
    Unknown {
        /// Its type as on the wire.
        kind: String,
    },
    /// Something that is no action.
    Malformed,
    /// The vault was made.
    Created {
        /// Its name.
        name: String,
        /// Bitcoin network.
        network: String,
        /// Signatures that a payment will need.
        threshold: u32,
        /// Approvals that a payment will need, and how many tiers there are, where the organiser chose a policy.
        policy: Option<(u32, u32)>,
        /// How many members there will be of each role.
        places: Vec<RoleCount>,
        /// Relays for the members' messages.
        relays: Vec<String>,
        /// The kind of its addresses.
        script: ScriptKind,
        /// Who may spend coins that have lain still.
        recovery: Option<RecoverySaid>,
    },
    /// A place was taken.
    Joined {
        /// The name that the member chose.
        name: String,
        /// The roles of the place; none where it has no effect, or is of a candidate.
        roles: Vec<Role>,
        /// The key with origin, of a keyholder.
        key: Option<String>,
    },
    /// A configuration was put up.
    ConfigurationProposed {
        /// Its hash.
        cfg: Cfg,
        /// What is in it, where it stands.
        content: Option<ConfigurationSaid>,
    },
    /// A configuration was ratified.
    Ratified {
        /// Which.
        cfg: Cfg,
    },
    /// A deposit address was given out.
    AddressIssued {
        /// The address.
        address: String,
        /// Its index.
        index: u32,
    },
    /// A program derived a deposit address by itself.
    AddressAttested {
        /// The address.
        address: String,
        /// Its index.
        index: u32,
    },
    /// A payment was proposed.
    Proposed {
        /// Which.
        payment: ProposedSaid,
        /// In the place of which.
        replaces: Option<PaymentSaid>,
    },
    /// A payment back to the vault was proposed that every keyholder has to sign.
    SelfTestProposed {
        /// Which.
        payment: ProposedSaid,
    },
    /// Consent.
    Approved {
        /// To what.
        payment: PaymentSaid,
    },
    /// Refusal.
    Rejected {
        /// Of what.
        payment: PaymentSaid,
    },
    /// A signature on each input, or on some.
    Signed {
        /// Of what.
        payment: PaymentSaid,
        /// How many signatures.
        signatures: u32,
    },
    /// The signatures were put together.
    Finalised {
        /// Of what.
        payment: PaymentSaid,
        /// The txid that is named, where it is not the payment's.
        other_txid: Option<String>,
    },
    /// It was handed to the network.
    Broadcast {
        /// What.
        payment: PaymentSaid,
        /// The txid that is named, where it is not the payment's.
        other_txid: Option<String>,
    },
    /// It was seen in a block.
    Confirmed {
        /// What.
        payment: PaymentSaid,
        /// Height of the block.
        height: u32,
        /// The block.
        block: String,
        /// The txid that is named, where it is not the payment's.
        other_txid: Option<String>,
    },
    /// A place was opened in the active vault.
    PlaceOpened {
        /// For what.
        role: Role,
        /// The name of the keyholder whose lost identity it replaces.
        replaces: Option<String>,
    },
    /// A new identity proved to hold the key of a lost one.
    IdentityReplaced {
        /// The lost one's name.
        of: String,
    },
    /// A vote for a configuration.
    Voted {
        /// Which.
        cfg: Cfg,
    },
    /// A vote was taken back.
    VoteReleased {
        /// For which configuration.
        cfg: Cfg,
    },
    /// All payments were stopped.
    Frozen {
        /// Why, in the member's words.
        reason: String,
    },
    /// A vote to release freezes.
    FreezeReleased {
        /// The first of them, by their `frozen` events.
        freezes: Vec<EventId>,
        /// How many more.
        more: u32,
    },
    /// The keyholders were asked to prove their keys.
    Challenged {
        /// The nonce, in hex.
        nonce: String,
    },
    /// A proof of key.
    KeyProven {
        /// In which configuration the key stands.
        cfg: Cfg,
        /// How many nonces it answers.
        nonces: u32,
        /// Whether it proves the key; else it is only claimed.
        proven: bool,
    },
}

/// Who may spend coins that have lain still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverySaid {
    /// How long, in blocks.
    pub after_blocks: u16,
    /// How many of the keys sign.
    pub threshold: u32,
    /// Whether it has keys of its own; else they are the keyholders'.
    pub own_keys: bool,
}

/// What is in a configuration that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationSaid {
    /// Signatures that a payment needs.
    pub threshold: u32,
    /// Approvals that a payment needs.
    pub approvals: u32,
    /// The members' names.
    pub members: Vec<String>,
    /// The kind of its addresses.
    pub script: ScriptKind,
    /// Who may spend coins that have lain still.
    pub recovery: Option<RecoverySaid>,
}

/// A payment as the event that proposes it tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedSaid {
    /// Its id.
    pub proposal: EventId,
    /// What leaves the vault, where it stands; else every output. Of many the first.
    pub outputs: Vec<OutputSaid>,
    /// How many more.
    pub more: u32,
    /// Fee and change, where it stands.
    pub fee_and_change: Option<(Sat, Sat)>,
    /// The transaction's id; none where it is no transaction.
    pub txid: Option<String>,
    /// Why, in the proposer's words; may be empty.
    pub purpose: String,
}

/// An output of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputSaid {
    /// What it gets.
    pub amount: Sat,
    /// Its address; `script` and the script in hex where it has none.
    pub to: String,
}

/// A payment as others' events speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSaid {
    /// Its id.
    pub proposal: EventId,
    /// What leaves the vault beside the fee, and the transaction's id; none where it does not stand in this record.
    pub stands: Option<(Sat, String)>,
}
