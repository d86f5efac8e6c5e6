//! What a screen shows of a payment that is not proposed yet, and of what a payment is made of.

use serde::{Deserialize, Serialize};

use super::{RecipientView, SpentView};
use crate::policy::RoleCount;
use crate::{Finding, MemberId, Sat, Unmet};

/// The part of a policy that applies to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleView {
    /// The amount from which on it applies; none: the rule for every payment that no tier reaches.
    pub from: Option<Sat>,
    /// Approvals in all.
    pub approvals: u32,
    /// How many of them must be by members of a role.
    pub by: Vec<RoleCount>,
    /// Whether it is a payment by the vault's recovery.
    pub recovery: bool,
    /// Signatures that it needs.
    pub signatures: u32,
}

/// What a payment would be. Nothing is put on record by looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewView {
    /// Who would get what.
    pub recipients: Vec<RecipientView>,
    /// The coins that it would spend.
    pub coins: Vec<SpentView>,
    /// What would come back to the vault.
    pub change: Sat,
    /// The fee.
    pub fee: Sat,
    /// The fee rate in thousandths of a sat/vB.
    pub fee_rate_milli: u64,
    /// The fee as thousandths of what would leave the vault without it; none where nothing leaves.
    pub fee_per_mille: Option<u64>,
    /// What would leave the vault, fee included.
    pub leaves: Sat,
    /// The rule that it falls under.
    pub rule: RuleView,
    /// Who may give the approvals.
    pub approvers: Vec<MemberId>,
    /// Who may sign.
    pub signers: Vec<MemberId>,
    /// What would keep it from being proposed or sent, beside approvals and signatures.
    pub unmet: Vec<Unmet>,
}

/// What is known of an address that somebody wants to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressCheckView {
    /// What it is.
    pub verdict: AddressVerdict,
    /// An earlier address that it could be mistaken for: the same beginning and end, and another middle.
    pub similar_to: Option<String>,
    /// How many payments of this vault have paid it before.
    pub paid_before: u32,
    /// Its label here.
    pub label: Option<String>,
}

/// What a text is as an address to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressVerdict {
    /// An address that may be paid.
    Fine,
    /// Not an address.
    NotAnAddress,
    /// An address of another network.
    WrongNetwork,
    /// An address of this vault itself.
    Own,
    /// On the policy's list of addresses that are never paid.
    Denied,
    /// Not on the policy's list of those that may be paid.
    NotAllowed,
}

/// An input of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputView {
    /// The coin: `txid:output`.
    pub outpoint: String,
    /// What it is worth, by the proposer's word; the guard proves it.
    pub amount: Sat,
    /// Its address, derived from the vault's descriptor.
    pub address: String,
    /// Whether the address is one of those for change.
    pub change: bool,
    /// The index of the address.
    pub index: u32,
}

/// An output of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputView {
    /// Its address, or the script in hex where it has none.
    pub address: String,
    /// What it is worth.
    pub amount: Sat,
    /// The index of the address on the vault's change keychain, proven by derivation; none: it leaves the vault.
    pub change_index: Option<u32>,
}

/// What I may do about a payment now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentAct {
    /// Consent to it.
    Approve,
    /// Refuse another member's.
    Reject,
    /// Sign it with this installation's key.
    Sign,
    /// Take it back: it is one's own.
    Withdraw,
    /// Propose it again with a higher fee.
    Bump,
    /// Propose to take its coins back.
    Cancel,
    /// Propose to spend what came of it, to speed it up.
    SpeedUp,
    /// Hand it out as a PSBT, to be signed elsewhere.
    Export,
    /// Take signatures from a file.
    Import,
}

/// What the guard says of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardView {
    /// What was found; nothing: inputs, amounts, change and fee are proven here.
    pub findings: Vec<Finding>,
    /// Whether the guard looked: it cannot while the chain source has not shown the coins, and it does not at what is in a
    /// block.
    pub looked: bool,
}

/// Signatures that were taken from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenView {
    /// Whose key; none for a key of the recovery's own.
    pub member: Option<MemberId>,
    /// Their name; empty for a key of the recovery's own.
    pub name: String,
    /// How many, one for each input.
    pub signatures: u32,
}

/// A signature of a member under a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureView {
    /// Whose key.
    pub member: MemberId,
    /// When it stands in the record, in ms since 1970.
    pub ms: u64,
}
