//! What an event says: one closed enum, its JSON as carried on the wire (protocol.md, "Actions").

use bitcoin::secp256k1::ecdsa;
use bitcoin::{BlockHash, Network, Txid};
use conclave_shared::{Cfg, Digest, EventId, MemberId, Nonce, Recovery, Role, ScriptKind};
use serde::{Deserialize, Serialize};

use crate::invitation::{JoinProof, Place};
use crate::key_proof::KeySignature;
use crate::policy::Policy;
use crate::proposal::{ChangeClaim, InputClaim, PartialSignature, Proposal, SELF_TEST_PURPOSE, TaprootSignature};

/// One action of a member. Past tense: it has happened when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// The organiser made the vault and its places.
    Created(Created),
    /// A member took a place.
    Joined(Joined),
    /// The organiser put a configuration up for ratification.
    ConfigurationProposed(ConfigurationProposed),
    /// A keyholder heard the same words and ratified.
    Ratified(Ratified),
    /// A member gave out a deposit address.
    AddressIssued(AddressIssued),
    /// A member proposed a payment.
    Proposed(Proposal),
    /// A member consented.
    Approved(Approved),
    /// A member refused.
    Rejected(Rejected),
    /// A keyholder signed.
    Signed(Signed),
    /// Enough signatures were put together.
    Finalised(Sent),
    /// The transaction was handed to the bitcoin network.
    Broadcast(Sent),
    /// The transaction was seen in a block.
    Confirmed(Confirmed),
    /// A keyholder opened a place in an active vault.
    PlaceOpened(PlaceOpened),
    /// A new identity proved that it holds the key of a member whose identity is lost.
    IdentityReplaced(IdentityReplaced),
    /// A keyholder consented to a configuration that follows the accepted one.
    ConfigurationVoted(Voted),
    /// A keyholder took a vote back, for a configuration that was not accepted yet.
    VoteReleased(Voted),
    /// A keyholder stopped all payments.
    Frozen(Frozen),
    /// A keyholder voted to release freezes.
    FreezeReleased(FreezeReleased),
    /// A member asked the keyholders to prove their keys.
    Challenged(Challenged),
    /// A keyholder proved to hold the key that stands under their name.
    KeyProven(KeyProven),
    /// A keyholder signed a payment of a taproot vault.
    TaprootSigned(TaprootSigned),
    /// A member proposed a payment that may replace another, and whose coins are held for a time.
    PaymentProposed(PaymentProposed),
    /// A member's program derived a deposit address by itself that another member gave out.
    AddressAttested(AddressAttested),
    /// A member proposed a payment back to the vault that every keyholder has to sign.
    SelfTestProposed(SelfTestProposed),
}

/// See [`Action::Created`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Created {
    /// Name of the vault.
    pub name: String,
    /// Bitcoin network.
    pub network: Network,
    /// Signatures that a payment will need.
    pub threshold: u32,
    /// Roles of the organiser, who needs no invitation.
    pub organiser: Vec<Role>,
    /// One place for each other member.
    pub places: Vec<Place>,
    /// Relays for the members' messages.
    pub relays: Vec<String>,
    /// Version of the rules that the vault is meant to live by.
    pub rules: u32,
    /// The policy of the first configuration, where the organiser chose one; else as many approvals as signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// What the organiser's own place is called; from rules version 1 on (docs/adr/0011).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The kind of its addresses: who joins brings a key of that kind's account.
    #[serde(default, skip_serializing_if = "ScriptKind::is_default")]
    pub script: ScriptKind,
    /// Who may spend coins that have lain still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// See [`Action::Joined`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// Name that the member chose.
    pub name: String,
    /// Proof of holding an invitation; none for the organiser.
    pub proof: Option<JoinProof>,
    /// `[fingerprint/path]xpub`, for a keyholder.
    pub key: Option<String>,
}

/// See [`Action::ConfigurationProposed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationProposed {
    /// The configuration's JSON. Its bytes as carried here are what is hashed; they are never re-serialised.
    pub configuration: String,
}

/// See [`Action::Ratified`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratified {
    /// What is ratified.
    pub cfg: Cfg,
}

/// See [`Action::AddressIssued`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressIssued {
    /// Index on the receive keychain.
    pub index: u32,
    /// The address, for people who read the record; judged by deriving it anew.
    pub address: String,
}

/// See [`Action::PaymentProposed`]: the fields of [`Proposal`], and two more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentProposed {
    /// The unsigned transaction, consensus encoding in hex.
    pub transaction: String,
    /// One claim for each input.
    pub inputs: Vec<InputClaim>,
    /// The change, if there is any.
    pub change: Option<ChangeClaim>,
    /// Why, in the proposer's words.
    pub purpose: String,
    /// The payment in whose place it is meant to be confirmed: it spends one of its coins and pays a higher fee.
    pub replaces: Option<EventId>,
    /// Until when it holds its coins and may be signed, in ms since 1970; none: until it is refused.
    pub expires_ms: Option<u64>,
}

impl From<Proposal> for PaymentProposed {
    /// A payment that replaces none and does not expire.
    fn from(proposal: Proposal) -> Self {
        let Proposal { transaction, inputs, change, purpose } = proposal;
        Self { transaction, inputs, change, purpose, replaces: None, expires_ms: None }
    }
}

impl PaymentProposed {
    /// What is proposed, without what it replaces and when it expires.
    pub fn proposal(&self) -> Proposal {
        let Self { transaction, inputs, change, purpose, .. } = self.clone();
        Proposal { transaction, inputs, change, purpose }
    }
}

/// See [`Action::AddressAttested`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressAttested {
    /// The configuration whose descriptor it was derived from.
    pub cfg: Cfg,
    /// Index on the receive keychain.
    pub index: u32,
    /// The address as the author's program derived it.
    pub address: String,
}

/// See [`Action::SelfTestProposed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTestProposed {
    /// The unsigned transaction, consensus encoding in hex: of one coin, with one output.
    pub transaction: String,
    /// What is said of that coin.
    pub input: InputClaim,
    /// The index of the change address that the output pays.
    pub index: u32,
    /// Until when it holds its coin and may be signed, in ms since 1970.
    pub expires_ms: u64,
}

impl SelfTestProposed {
    /// The payment that it is. Its purpose is always the same.
    pub fn proposal(&self) -> Proposal {
        Proposal {
            transaction: self.transaction.clone(),
            inputs: vec![self.input],
            change: Some(ChangeClaim { output: 0, index: self.index }),
            purpose: SELF_TEST_PURPOSE.to_owned(),
        }
    }
}

/// See [`Action::Approved`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// Which proposal.
    pub proposal: EventId,
    /// What was on the approver's screen.
    pub digest: Digest,
}

/// See [`Action::Rejected`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// Which proposal.
    pub proposal: EventId,
}

/// See [`Action::Signed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Which proposal.
    pub proposal: EventId,
    /// What was on the signer's screen.
    pub digest: Digest,
    /// Signatures and nothing else.
    pub signatures: Vec<PartialSignature>,
}

/// See [`Action::TaprootSigned`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaprootSigned {
    /// Which proposal.
    pub proposal: EventId,
    /// What was on the signer's screen.
    pub digest: Digest,
    /// Signatures and nothing else.
    pub signatures: Vec<TaprootSignature>,
}

/// See [`Action::Finalised`] and [`Action::Broadcast`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Which proposal.
    pub proposal: EventId,
    /// Its transaction.
    pub txid: Txid,
}

/// See [`Action::Confirmed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// Which proposal.
    pub proposal: EventId,
    /// Its transaction.
    pub txid: Txid,
    /// Height of the block that holds it.
    pub height: u32,
    /// That block.
    pub block: BlockHash,
}

/// See [`Action::PlaceOpened`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceOpened {
    /// The place. It admits nobody: it lets a candidate join the log, whom a configuration may then name.
    pub place: Place,
    /// The keyholder whose identity is lost and whose key the candidate holds; none for a member without a key.
    pub replaces: Option<MemberId>,
}

/// See [`Action::IdentityReplaced`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityReplaced {
    /// The identity that is lost.
    pub old: MemberId,
    /// ECDSA signature by the old member's key, see [`crate::succession::identity_message`].
    pub signature: ecdsa::Signature,
}

/// See [`Action::ConfigurationVoted`] and [`Action::VoteReleased`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voted {
    /// For which configuration.
    pub cfg: Cfg,
}

/// See [`Action::Frozen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// Why, in the member's words.
    pub reason: String,
}

/// See [`Action::FreezeReleased`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeReleased {
    /// The `frozen` events, each by its id: a vote never releases what its author has not named.
    pub freezes: Vec<EventId>,
}

/// See [`Action::Challenged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenged {
    /// Fresh randomness.
    pub nonce: Nonce,
}

/// See [`Action::KeyProven`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyProven {
    /// In which configuration the key stands.
    pub cfg: Cfg,
    /// The `challenged` events that it answers, one of each member, sorted.
    pub challenges: Vec<EventId>,
    /// See [`crate::key_proof`].
    pub signature: KeySignature,
}

/// The content of an event as understood here.
// Nearly every content is known: boxing it would cost each event an allocation and save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// An action of today's protocol.
    Known(Action),
    /// An action of a newer protocol: kept, shown as unknown, and a reason to permit nothing until this program is updated.
    Unknown {
        /// Its type.
        kind: String,
    },
    /// Not an action at all, or a known one with wrong fields: kept, without effect.
    Malformed {
        /// What the parser said.
        reason: String,
    },
}

/// The types of today, as on the wire: what tells an unknown action from a malformed one.
pub const TYPES: &[&str] = &[
    "created",
    "joined",
    "configuration_proposed",
    "ratified",
    "address_issued",
    "proposed",
    "approved",
    "rejected",
    "signed",
    "finalised",
    "broadcast",
    "confirmed",
    "place_opened",
    "identity_replaced",
    "configuration_voted",
    "vote_released",
    "frozen",
    "freeze_released",
    "challenged",
    "key_proven",
    "taproot_signed",
    "payment_proposed",
    "address_attested",
    "self_test_proposed",
];

impl Content {
    /// Reads the content of an event. Never fails: what is not understood is kept as such.
    pub fn parse(text: &str) -> Self {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "type")]
            kind: String,
        }
        match serde_json::from_str::<Action>(text) {
            Ok(action) => Content::Known(action),
            Err(error) => match serde_json::from_str::<Typed>(text) {
                Ok(typed) if !TYPES.contains(&typed.kind.as_str()) => Content::Unknown { kind: typed.kind },
                Ok(_) | Err(_) => Content::Malformed { reason: error.to_string() },
            },
        }
    }

    /// The action's type as on the wire; `unknown` or `malformed` for what is no action of today.
    pub fn type_name(&self) -> &'static str {
        match self {
            Content::Known(action) => action.type_name(),
            Content::Unknown { .. } => "unknown",
            Content::Malformed { .. } => "malformed",
        }
    }
}

impl Action {
    /// Its type as on the wire.
    pub fn type_name(&self) -> &'static str {
        match self {
            Action::Created(_) => "created",
            Action::Joined(_) => "joined",
            Action::ConfigurationProposed(_) => "configuration_proposed",
            Action::Ratified(_) => "ratified",
            Action::AddressIssued(_) => "address_issued",
            Action::Proposed(_) => "proposed",
            Action::Approved(_) => "approved",
            Action::Rejected(_) => "rejected",
            Action::Signed(_) => "signed",
            Action::Finalised(_) => "finalised",
            Action::Broadcast(_) => "broadcast",
            Action::Confirmed(_) => "confirmed",
            Action::PlaceOpened(_) => "place_opened",
            Action::IdentityReplaced(_) => "identity_replaced",
            Action::ConfigurationVoted(_) => "configuration_voted",
            Action::VoteReleased(_) => "vote_released",
            Action::Frozen(_) => "frozen",
            Action::FreezeReleased(_) => "freeze_released",
            Action::Challenged(_) => "challenged",
            Action::KeyProven(_) => "key_proven",
            Action::TaprootSigned(_) => "taproot_signed",
            Action::PaymentProposed(_) => "payment_proposed",
            Action::AddressAttested(_) => "address_attested",
            Action::SelfTestProposed(_) => "self_test_proposed",
        }
    }

    /// The action as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("actions have string keys and no failing serialisers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_tomorrow_are_told_from_nonsense() {
        let known = Action::Ratified(Ratified { cfg: Cfg([1; 32]) });
        assert_eq!(Content::parse(&known.to_json()), Content::Known(known));
        assert_eq!(Content::parse(r#"{"type":"thawed"}"#), Content::Unknown { kind: "thawed".into() });
        for text in ["", "[]", "{}", r#"{"type":1}"#, r#"{"type":"ratified"}"#, r#"{"type":"ratified","cfg":"00"}"#] {
            assert!(matches!(Content::parse(text), Content::Malformed { .. }), "{text}");
        }
        let extra = format!(r#"{{"type":"ratified","cfg":"{}","also":1}}"#, "01".repeat(32));
        assert!(matches!(Content::parse(&extra), Content::Malformed { .. }));
    }

    #[test]
    fn every_action_has_its_type_in_the_list() {
        // A type that is missing from TYPES would make a malformed action look like one of a newer program.
        for kind in TYPES {
            let text = format!(r#"{{"type":"{kind}","no-such-field":1}}"#);
            let error = serde_json::from_str::<Action>(&text).unwrap_err().to_string();
            assert!(!error.contains("unknown variant"), "{kind}: {error}");
        }
    }
}
