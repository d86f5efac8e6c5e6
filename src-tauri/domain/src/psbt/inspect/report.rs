//! What an inspection says. The names of the fields are fixed: `docs/cli.md` lists them.

use bitcoin::bip32::{DerivationPath, Fingerprint};
use bitcoin::{OutPoint, Txid};
use conclave_shared::Finding;
use serde::Serialize;

use crate::descriptor::Keychain;

/// Everything that a PSBT says, and how much of it is proven.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Id of the transaction without signatures. Those of legacy and nested inputs still change it.
    pub txid: Txid,
    /// Id of the finished transaction, once every input is final.
    pub final_txid: Option<Txid>,
    /// Version of the transaction.
    pub transaction_version: i32,
    /// From when it may be in a block.
    pub lock_time: LockTime,
    /// Whether it says that it may be replaced (BIP125).
    pub replaceable: bool,
    /// Its inputs.
    pub inputs: Vec<InputReport>,
    /// Its outputs.
    pub outputs: Vec<OutputReport>,
    /// Sum of the inputs in sat, if all are known.
    pub input_sat: Option<u64>,
    /// Sum of the outputs, in sat.
    pub output_sat: u64,
    /// What does not come back to the descriptor, without the fee, in sat; everything where no descriptor was given.
    pub leaves_sat: u64,
    /// The fee in sat, if all inputs are known.
    pub fee_sat: Option<u64>,
    /// Whether every amount that the fee comes from is proven.
    pub fee_proven: bool,
    /// Weight of the finished transaction in weight units; none where an input's script is not known.
    pub weight: Option<u64>,
    /// The same in vB.
    pub vsize: Option<u64>,
    /// Whether weight and size are exact: every input is final.
    pub size_exact: bool,
    /// Fee in sat for each vB, to two digits.
    pub fee_rate: Option<f64>,
    /// Signatures of the input that has fewest.
    pub progress: Option<Progress>,
    /// Whether every input is final, or can be made final with what is there.
    pub complete: bool,
    /// Whether every input is final and verified.
    #[serde(rename = "final")]
    pub all_final: bool,
    /// What cannot be proven by what is there.
    pub not_proven: Vec<Remark>,
    /// What is good to know.
    pub notes: Vec<Remark>,
    /// Dangers. There must be none.
    pub findings: Vec<Found>,
}

/// From when a transaction may be in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LockTime {
    /// What the value counts.
    pub kind: LockKind,
    /// A height in blocks, or seconds since 1970.
    pub value: u32,
    /// Whether it counts: it does not where the sequence of every input is final.
    pub effective: bool,
}

/// What a lock time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockKind {
    /// There is none.
    None,
    /// Blocks.
    Height,
    /// Seconds since 1970.
    Time,
}

/// An input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputReport {
    /// Its number, from 0.
    pub input: usize,
    /// The coin.
    pub outpoint: OutPoint,
    /// Its amount in sat, if it is told.
    pub amount_sat: Option<u64>,
    /// How the amount is proven.
    pub proof: Proof,
    /// What kind of script the coin has.
    pub script_type: &'static str,
    /// The coin's address, if it has one.
    pub address: Option<String>,
    /// Whether the descriptor gives its script; none without descriptor or script.
    pub ours: Option<bool>,
    /// On which keychain.
    pub keychain: Option<Keychain>,
    /// At which index.
    pub index: Option<u32>,
    /// Its sequence.
    pub sequence: u32,
    /// The sighash type that it asks for.
    pub sighash: Option<String>,
    /// Signatures in it.
    pub signatures: Vec<SignatureReport>,
    /// How many are there, and how many there must be.
    pub progress: Option<Progress>,
    /// How far it is.
    pub state: InputState,
}

/// How the amount of an input is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// By the previous transaction, whose id the input names.
    PreviousTransaction,
    /// A taproot signature is worth nothing if the amount is a lie (BIP341).
    Taproot,
    /// Its final scripts commit to the amount and were verified (BIP143): if it is a lie, the transaction is worth nothing.
    FinalScripts,
    /// It is said, and nothing proves it.
    Claimed,
    /// It is not even said.
    Missing,
}

/// How far an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputState {
    /// No valid signature.
    Unsigned,
    /// Not enough valid signatures.
    PartlySigned,
    /// Enough valid signatures to make it final.
    Complete,
    /// Final, and verified.
    Final,
    /// Final, but what it spends is not there to verify it.
    FinalUnverified,
    /// Final, and wrong.
    FinalInvalid,
}

/// Signatures that are there and that there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Valid ones.
    pub have: usize,
    /// As many as are enough.
    pub need: usize,
    /// Keys that could sign.
    pub of: usize,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignatureReport {
    /// The key: 33 bytes for ECDSA, 32 for Schnorr, hexadecimal.
    pub key: String,
    /// Fingerprint of its master key, as the descriptor or else the PSBT says.
    pub fingerprint: Option<Fingerprint>,
    /// Its path from the master key, likewise.
    pub path: Option<DerivationPath>,
    /// The extended key of the descriptor that it comes from.
    pub xpub: Option<String>,
    /// `ecdsa`, `taproot-key` or `taproot-script`.
    pub kind: &'static str,
    /// Its sighash type.
    pub sighash: String,
    /// Whether it verifies; none where what it signs is not all there.
    pub valid: Option<bool>,
    /// Why it is not valid.
    pub reason: Option<String>,
}

/// An output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputReport {
    /// Its number, from 0.
    pub output: usize,
    /// Its amount, in sat.
    pub amount_sat: u64,
    /// Its address, if it has one.
    pub address: Option<String>,
    /// Its script, hexadecimal.
    pub script: String,
    /// What kind of script it has.
    pub script_type: &'static str,
    /// What it is.
    pub kind: OutputKind,
    /// On which keychain of the descriptor.
    pub keychain: Option<Keychain>,
    /// At which index.
    pub index: Option<u32>,
}

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKind {
    /// It leaves, as far as is known.
    Payment,
    /// It comes back: the descriptor's change keychain gives its script.
    Change,
    /// It comes back to a receive address of the descriptor.
    OwnReceiveAddress,
    /// Data; nobody can spend it.
    OpReturn,
}

/// Something to know that is no danger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The fixed name.
    pub name: &'static str,
    /// Which input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<usize>,
    /// Which output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<usize>,
    /// In plain words.
    pub message: String,
}

/// A danger that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The fixed name.
    pub finding: Finding,
    /// Which input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<usize>,
    /// Which output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<usize>,
    /// In plain words.
    pub message: String,
}

impl Found {
    /// A danger of the whole transaction.
    pub fn whole(finding: Finding, message: impl Into<String>) -> Self {
        Self { finding, input: None, output: None, message: message.into() }
    }

    /// A danger in one input.
    pub fn input(finding: Finding, input: usize, message: impl Into<String>) -> Self {
        Self { finding, input: Some(input), output: None, message: message.into() }
    }

    /// A danger in one output.
    pub fn output(finding: Finding, output: usize, message: impl Into<String>) -> Self {
        Self { finding, input: None, output: Some(output), message: message.into() }
    }
}

impl Remark {
    /// About the whole transaction.
    pub fn whole(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, input: None, output: None, message: message.into() }
    }

    /// About one input.
    pub fn input(name: &'static str, input: usize, message: impl Into<String>) -> Self {
        Self { name, input: Some(input), output: None, message: message.into() }
    }

    /// About one output.
    pub fn output(name: &'static str, output: usize, message: impl Into<String>) -> Self {
        Self { name, input: None, output: Some(output), message: message.into() }
    }
}
