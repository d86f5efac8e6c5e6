//! A proposed payment: the unsigned transaction, what its author claims about it, and what of that this vault's own
//! descriptor proves. What a signature covers is in `inputs`, signatures themselves in `signature`.

mod inputs;
mod signature;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::consensus::encode::{deserialize_hex, serialize, serialize_hex};
use bitcoin::hashes::Hash as _;
use bitcoin::taproot::TapLeafHash;
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, PublicKey, ScriptBuf, Sequence, Transaction, TxIn, Txid, Witness};
use conclave_shared::{Cfg, Digest, MemberId, ScriptForm, VaultId};
use serde::{Deserialize, Serialize};

use crate::configuration::{CheckedConfiguration, odd_character};
use crate::descriptor::{Keychain, SpendingPath};
use crate::hash::tagged_fields;
use crate::key_proof::{PROOF_INDEX, PROOF_KEYCHAIN};

pub(crate) use inputs::PathKeys;
pub use signature::{
    InputSignature, KeptSignature, KeyOwner, PartialSignature, SignatureSet, TaprootSignature, Verified,
};

/// Longest purpose, in characters.
pub const PURPOSE_LIMIT: usize = 500;
/// What a self-test is for: the one purpose that each has.
pub const SELF_TEST_PURPOSE: &str = "Self-test: every keyholder signs once";
/// Most inputs of one payment.
pub const INPUTS_LIMIT: usize = 500;

/// What a proposal says of one input, in the transaction's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputClaim {
    /// Its amount, in sat. A claim: the guard proves it by the previous transaction.
    pub amount: u64,
    /// The keychain of its address.
    pub keychain: Keychain,
    /// The index of its address.
    pub index: u32,
}

/// Which output is said to come back to the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeClaim {
    /// Position of the output.
    pub output: u32,
    /// Index of its address on the change keychain.
    pub index: u32,
}

/// The content of a `proposed` event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The unsigned transaction, consensus encoding in hex.
    pub transaction: String,
    /// One claim for each input.
    pub inputs: Vec<InputClaim>,
    /// The change, if there is any.
    pub change: Option<ChangeClaim>,
    /// Why, in the proposer's words.
    pub purpose: String,
}

/// Why a proposal cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum ProposalFault {
    /// Not a transaction.
    #[error("transaction is malformed: {reason}")]
    Transaction {
        /// What the parser said.
        reason: String,
    },
    /// The transaction carries signatures already.
    #[error("the transaction is not unsigned")]
    NotUnsigned,
    /// No inputs or no outputs, more than [`INPUTS_LIMIT`], or claims for another number of inputs.
    #[error("the transaction has {inputs} inputs and {outputs} outputs, and there are {claims} input claims")]
    Counts {
        /// Inputs.
        inputs: usize,
        /// Outputs.
        outputs: usize,
        /// Claims.
        claims: usize,
    },
    /// One coin twice.
    #[error("input {outpoint} is there twice")]
    InputDuplicated {
        /// Which coin.
        outpoint: OutPoint,
    },
    /// An index that no address has.
    #[error("index {index} is not an address index")]
    Index {
        /// The index.
        index: u32,
    },
    /// The output said to be change is not this vault's.
    #[error("output {output} is said to be change but does not come back to this vault (change-not-ours)")]
    ChangeNotOurs {
        /// Its position.
        output: u32,
    },
    /// Amounts beyond all bitcoin there is.
    #[error("an amount is larger than all bitcoin")]
    Amount,
    /// Outputs exceed inputs.
    #[error("outputs exceed inputs (fee-negative)")]
    FeeNegative,
    /// A purpose that is too long, or that could rewrite what stands around it on a screen.
    #[error("purpose has more than {PURPOSE_LIMIT} characters, or control characters")]
    Purpose,
    /// Locks of the chain that the protocol has no use for: they could hold a signed payment back until it is forgotten.
    #[error("version, sequences or locktime are not those of a payment that can be sent at once (locktime-ahead)")]
    Locks,
    /// A self-test from which something leaves the vault, beside the fee.
    #[error(
        "a self-test spends one coin by the keyholders' quorum, and all of it comes back to the vault less the fee"
    )]
    SelfTestPaysOut,
}

/// One input, with what the descriptor derives for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Input {
    /// The coin.
    pub outpoint: OutPoint,
    /// Its amount as claimed.
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub amount: Amount,
    /// Keychain of its address.
    pub keychain: Keychain,
    /// Index of its address.
    pub index: u32,
    /// Output script, derived.
    pub script: ScriptBuf,
    /// The keys that may sign it on the payment's path, derived, each with its owner.
    pub keys: BTreeMap<PublicKey, KeyOwner>,
    /// The leaf that is spent by, in a taproot vault.
    pub leaf: Option<TapLeafHash>,
    /// The hash that a signature of the whole transaction covers (BIP143, BIP341, or the one from before segwit).
    pub sighash: [u8; 32],
}

/// A proposal that holds together by itself under one configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckedProposal {
    /// The configuration that it spends under.
    pub cfg: Cfg,
    /// The form of the coins' scripts.
    pub form: ScriptForm,
    /// By which quorum it is signed.
    pub path: SpendingPath,
    /// The unsigned transaction.
    pub transaction: Transaction,
    /// Its id once signed, which signatures do not change; without segwit they do: there it is the id of the unsigned
    /// form, by which the record speaks of it ([`CheckedProposal::is_sent_as`] finds it on the chain).
    pub txid: Txid,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// The change, proven to derive from the descriptor.
    pub change: Option<ChangeClaim>,
    /// Inputs less outputs, by the claimed amounts.
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub fee: Amount,
    /// What approvals bind.
    pub digest: Digest,
    /// Why, in the proposer's words.
    pub purpose: String,
}

impl Proposal {
    /// A proposal of an unsigned transaction.
    pub fn new(
        transaction: &Transaction,
        inputs: Vec<InputClaim>,
        change: Option<ChangeClaim>,
        purpose: String,
    ) -> Self {
        Self { transaction: serialize_hex(transaction), inputs, change, purpose }
    }

    /// Checks all that can be checked without the chain: form, sums, change and scripts by derivation.
    pub fn check(&self, vault: VaultId, active: &CheckedConfiguration) -> Result<CheckedProposal, ProposalFault> {
        if self.purpose.chars().count() > PURPOSE_LIMIT || self.purpose.chars().any(odd_character) {
            return Err(ProposalFault::Purpose);
        }
        let transaction: Transaction = deserialize_hex(&self.transaction)
            .map_err(|error| ProposalFault::Transaction { reason: error.to_string() })?;
        if transaction.input.iter().any(|input| !input.script_sig.is_empty() || !input.witness.is_empty()) {
            return Err(ProposalFault::NotUnsigned);
        }
        let (inputs, outputs, claims) = (transaction.input.len(), transaction.output.len(), self.inputs.len());
        if inputs == 0 || inputs > INPUTS_LIMIT || outputs == 0 || inputs != claims {
            return Err(ProposalFault::Counts { inputs, outputs, claims });
        }
        let path = path(&transaction, active)?;
        let mut coins = BTreeSet::new();
        for input in &transaction.input {
            if !coins.insert(input.previous_output) {
                return Err(ProposalFault::InputDuplicated { outpoint: input.previous_output });
            }
        }
        self.check_change(&transaction, active)?;
        let fee = fee(self.inputs.iter().map(|claim| Amount::from_sat(claim.amount)), &transaction)?;
        let derived = inputs::derive(&transaction, &self.inputs, path, active)?;
        let inputs = derived.inputs;
        let digest = digest(vault, active.cfg, &transaction, &inputs, &self.purpose);
        let purpose = self.purpose.clone();
        Ok(CheckedProposal {
            cfg: active.cfg,
            form: active.descriptor.form(),
            path,
            txid: derived.txid,
            transaction,
            inputs,
            change: self.change,
            fee,
            digest,
            purpose,
        })
    }

    fn check_change(&self, transaction: &Transaction, active: &CheckedConfiguration) -> Result<(), ProposalFault> {
        let Some(change) = self.change else { return Ok(()) };
        if is_proof(Keychain::Change, change.index) {
            return Err(ProposalFault::Index { index: change.index });
        }
        let script = active.descriptor.script(Keychain::Change, change.index);
        let script = script.ok_or(ProposalFault::Index { index: change.index })?;
        match transaction.output.get(change.output as usize) {
            Some(output) if output.script_pubkey == script => Ok(()),
            Some(_) | None => Err(ProposalFault::ChangeNotOurs { output: change.output }),
        }
    }
}

/// Which quorum a transaction asks for. Its sequences say it: free of relative locks it is the members', with exactly the
/// recovery's time on every input it is that. A locktime in blocks is judged by the guard, against the chain's tip.
fn path(transaction: &Transaction, active: &CheckedConfiguration) -> Result<SpendingPath, ProposalFault> {
    if transaction.version != Version::TWO || !transaction.lock_time.is_block_height() {
        return Err(ProposalFault::Locks);
    }
    // BIP68's locks begin below.
    let free = |input: &TxIn| input.sequence >= Sequence::ENABLE_RBF_NO_LOCKTIME;
    if transaction.input.iter().all(free) {
        return Ok(SpendingPath::Members);
    }
    let recovery = active.recovery.as_ref().ok_or(ProposalFault::Locks)?;
    let after = Sequence::from_height(recovery.after_blocks);
    let waits = transaction.input.iter().all(|input| input.sequence == after);
    if waits { Ok(SpendingPath::Recovery) } else { Err(ProposalFault::Locks) }
}

/// Whether it is the address over whose script keys are proven: no coin is ever sent there, and none spent from there.
fn is_proof(keychain: Keychain, index: u32) -> bool {
    (keychain, index) == (PROOF_KEYCHAIN, PROOF_INDEX)
}

/// Inputs less outputs.
pub(crate) fn fee(inputs: impl Iterator<Item = Amount>, transaction: &Transaction) -> Result<Amount, ProposalFault> {
    let inputs = sum(inputs)?;
    let outputs = sum(transaction.output.iter().map(|output| output.value))?;
    inputs.checked_sub(outputs).ok_or(ProposalFault::FeeNegative)
}

fn sum(mut amounts: impl Iterator<Item = Amount>) -> Result<Amount, ProposalFault> {
    amounts
        .try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount))
        .filter(|sum| *sum <= Amount::MAX_MONEY)
        .ok_or(ProposalFault::Amount)
}

/// What approvals bind: vault, configuration, unsigned transaction, every input's amount and script, purpose.
fn digest(vault: VaultId, cfg: Cfg, transaction: &Transaction, inputs: &[Input], purpose: &str) -> Digest {
    let transaction = serialize(transaction);
    let amounts: Vec<[u8; 8]> = inputs.iter().map(|input| input.amount.to_sat().to_le_bytes()).collect();
    let mut fields: Vec<&[u8]> = vec![&vault.0, &cfg.0, &transaction];
    for (amount, input) in amounts.iter().zip(inputs) {
        fields.extend([&amount[..], input.script.as_bytes()]);
    }
    fields.push(purpose.as_bytes());
    Digest(tagged_fields("conclave/approval", &fields))
}

impl CheckedProposal {
    /// The key of a keyholder on one input.
    pub fn key_of(&self, input: usize, member: MemberId) -> Option<PublicKey> {
        self.inputs.get(input)?.keys.iter().find(|(_, owner)| **owner == KeyOwner::Member(member)).map(|(key, _)| *key)
    }

    /// The addresses that it spends from.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Keychain, u32)> {
        self.inputs.iter().map(|input| (input.keychain, input.index))
    }

    /// Whether it can be a self-test: one coin, spent by the members' quorum, and one output, the proven change.
    pub fn check_self_test(&self) -> Result<(), ProposalFault> {
        let back = self.change.is_some_and(|change| change.output == 0) && self.transaction.output.len() == 1;
        let whole = back && self.inputs.len() == 1 && self.path == SpendingPath::Members;
        if whole { Ok(()) } else { Err(ProposalFault::SelfTestPaysOut) }
    }

    /// Whether a transaction of the chain is this payment: the same in all that is signed.
    pub fn is_sent_as(&self, transaction: &Transaction) -> bool {
        let mut bare = transaction.clone();
        for input in &mut bare.input {
            input.script_sig = ScriptBuf::new();
            input.witness = Witness::new();
        }
        bare == self.transaction
    }

    /// Whether `txid` is what the network will call it, whoever signs.
    pub fn txid_is_final(&self) -> bool {
        match self.form {
            ScriptForm::P2wsh | ScriptForm::Nested | ScriptForm::Taproot => true,
            ScriptForm::Legacy => false,
        }
    }

    /// What comes back to the vault, proven.
    pub fn change_amount(&self) -> Amount {
        self.change
            .and_then(|change| self.transaction.output.get(change.output as usize))
            .map_or(Amount::ZERO, |output| output.value)
    }

    /// What was claimed to identify the record of this proposal, as bytes for digests of state.
    pub(crate) fn state_line(&self) -> String {
        format!("{} {}", hex::encode(self.txid.as_byte_array()), self.digest)
    }
}
