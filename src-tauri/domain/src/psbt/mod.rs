//! PSBTs (BIP174) made here, from the proposal, our descriptor and our own chain data; and what is taken from one that
//! comes back: signatures, each verified, and nothing else. The modules below are for any wallet's PSBT: reading and writing,
//! the judge, signing, combining, finishing. They know no vault.

pub mod combine;
pub mod file;
pub mod finish;
pub mod inspect;
pub mod raw;
mod scripts;
pub mod sign;
mod v2;

use std::collections::BTreeMap;
use std::sync::Arc;

use bitcoin::psbt::{Psbt, PsbtSighashType};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::{EcdsaSighashType, TapSighashType};
use bitcoin::{Transaction, Txid, ecdsa, taproot};
use conclave_shared::ScriptForm;
use miniscript::psbt::PsbtExt as _;

use scripts::describe;

use crate::descriptor::{Derived, Keychain, Places, VaultDescriptor};
use crate::proposal::{
    CheckedProposal, InputSignature, KeptSignature, PartialSignature, SignatureSet, TaprootSignature,
};
use crate::vault::ChainFacts;

/// What this installation's own chain source shows: all that a payment is judged by, beside the record.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Previous transactions of the payment's inputs.
    pub previous: BTreeMap<Txid, Transaction>,
    /// Heights of the blocks that hold them, of those that are in one.
    pub confirmed: BTreeMap<Txid, u32>,
    /// Height of the newest block.
    pub tip_height: u32,
    /// What the chain shows of the vault's payments, and the time.
    pub facts: ChainFacts,
}

/// Why a PSBT cannot be made or finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum PsbtFault {
    /// The transaction or an input is not of its form.
    #[error("psbt: {reason}")]
    #[strum(serialize = "psbt-malformed")]
    Malformed {
        /// What the library said.
        reason: String,
    },
    /// The signatures do not satisfy the scripts.
    #[error("the signatures do not satisfy input {input}: {reason}")]
    #[strum(serialize = "psbt-not-satisfied")]
    NotSatisfied {
        /// Which input.
        input: usize,
        /// What the library said.
        reason: String,
    },
}

fn malformed(error: impl ToString) -> PsbtFault {
    PsbtFault::Malformed { reason: error.to_string() }
}

/// The PSBT of a proposal. Where `evidence` lacks a previous transaction, or holds one that contradicts the proposal, the
/// input goes without UTXO data: the guard names what is wrong with it.
pub fn rebuild(
    proposal: &CheckedProposal,
    descriptor: &VaultDescriptor,
    evidence: &Evidence,
) -> Result<Psbt, PsbtFault> {
    rebuild_at(proposal, descriptor, &descriptor.places(proposal.places()), evidence)
}

/// The same, where the addresses that the payment spends from have been derived.
pub(crate) fn rebuild_at(
    proposal: &CheckedProposal,
    descriptor: &VaultDescriptor,
    places: &Places,
    evidence: &Evidence,
) -> Result<Psbt, PsbtFault> {
    let mut psbt = Psbt::from_unsigned_tx(proposal.transaction.clone()).map_err(malformed)?;
    for (input, made) in proposal.inputs.iter().zip(&mut psbt.inputs) {
        let ours = places.get(input.keychain, input.index);
        if let Some(previous) = evidence.previous.get(&input.outpoint.txid) {
            let output = previous.output.get(input.outpoint.vout as usize);
            // Scripts and origins stand beside what they belong to, and beside nothing else.
            let fits = |ours: &&Arc<Derived>| output.is_some_and(|output| output.script_pubkey == ours.script);
            if let Some(ours) = ours.filter(fits) {
                describe(made, ours);
            }
            made.non_witness_utxo = Some(previous.clone());
            // BIP174: of a coin without segwit the whole previous transaction alone.
            made.witness_utxo = output.filter(|_| proposal.form != ScriptForm::Legacy).cloned();
        }
        // In taproot the signature of everything is the one without a sighash byte: nothing is said about it.
        made.sighash_type =
            (proposal.form != ScriptForm::Taproot).then(|| PsbtSighashType::from(EcdsaSighashType::All));
    }
    if let Some(change) = proposal.change
        && let Some(definite) = descriptor.at(Keychain::Change, change.index)
    {
        psbt.update_output_with_descriptor(change.output as usize, &definite).map_err(malformed)?;
    }
    Ok(psbt)
}

/// The signatures of a PSBT that came back from a signer. Everything else in it is dropped, and each signature has still
/// to be verified against our own transaction ([`CheckedProposal::verified`]). Signatures of another sighash type than ALL,
/// in taproot DEFAULT, are not taken, nor one by a taproot vault's unspendable key.
pub fn signatures(returned: &Psbt) -> Vec<InputSignature> {
    let inputs = returned.inputs.iter().zip(0..);
    inputs
        .flat_map(|(input, position)| {
            let all = input.partial_sigs.iter().filter(|(_, it)| it.sighash_type == EcdsaSighashType::All);
            let ecdsa = all.map(move |(key, it)| {
                InputSignature::Ecdsa(PartialSignature { input: position, key: *key, signature: it.signature })
            });
            let whole = input.tap_script_sigs.iter().filter(|(_, it)| it.sighash_type == TapSighashType::Default);
            let taproot = whole.map(move |((key, leaf), it)| {
                let (key, leaf, signature) = (*key, *leaf, it.signature);
                InputSignature::Taproot(TaprootSignature { input: position, key, leaf, signature })
            });
            ecdsa.chain(taproot)
        })
        .collect()
}

/// Puts verified signatures into a PSBT of ours.
pub fn add_signatures(psbt: &mut Psbt, signatures: &SignatureSet) {
    for (input, key, signature) in signatures.iter() {
        let Some(input) = psbt.inputs.get_mut(input as usize) else { continue };
        match *signature {
            KeptSignature::Ecdsa(signature) => {
                input.partial_sigs.insert(key, ecdsa::Signature::sighash_all(signature));
            }
            KeptSignature::Taproot { leaf, signature } => {
                let signature = taproot::Signature { signature, sighash_type: TapSighashType::Default };
                input.tap_script_sigs.insert((key.inner.x_only_public_key().0, leaf), signature);
            }
        }
    }
}

/// Puts verified signatures into a PSBT of ours and extracts the final transaction.
pub fn finalise(mut psbt: Psbt, signatures: &SignatureSet) -> Result<Transaction, PsbtFault> {
    add_signatures(&mut psbt, signatures);
    for input in 0..psbt.inputs.len() {
        psbt.finalize_inp_mut(SECP256K1, input)
            .map_err(|error| PsbtFault::NotSatisfied { input, reason: error.to_string() })?;
    }
    // The fee was judged by the guard, against amounts proven by previous transactions.
    Ok(psbt.extract_tx_unchecked_fee_rate())
}
