//! PSBTs (BIP174) made here, from the proposal, our descriptor and our own chain data; and what is taken from one that
//! comes back: signatures, each verified, and nothing else.

use std::collections::BTreeMap;

use bitcoin::psbt::{Psbt, PsbtSighashType};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::EcdsaSighashType;
use bitcoin::{PublicKey, Transaction, Txid, ecdsa};
use miniscript::psbt::PsbtExt;

use crate::descriptor::{Keychain, VaultDescriptor};
use crate::proposal::{CheckedProposal, PartialSignature};
use crate::vault::ChainFacts;

/// What this installation's own chain source shows: all that a payment is judged by, beside the record.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Previous transactions of the payment's inputs.
    pub previous: BTreeMap<Txid, Transaction>,
    /// Height of the newest block.
    pub tip_height: u32,
    /// What the chain shows of the vault's payments, and the time.
    pub facts: ChainFacts,
}

/// Why a PSBT cannot be made or finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PsbtFault {
    /// The transaction or an input is not of its form.
    #[error("psbt: {reason}")]
    Malformed {
        /// What the library said.
        reason: String,
    },
    /// The signatures do not satisfy the scripts.
    #[error("the signatures do not satisfy input {input}: {reason}")]
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
    let mut psbt = Psbt::from_unsigned_tx(proposal.transaction.clone()).map_err(malformed)?;
    for (position, input) in proposal.inputs.iter().enumerate() {
        psbt.inputs[position].sighash_type = Some(PsbtSighashType::from(EcdsaSighashType::All));
        let Some(previous) = evidence.previous.get(&input.outpoint.txid) else { continue };
        psbt.inputs[position].non_witness_utxo = Some(previous.clone());
        let Some(output) = previous.output.get(input.outpoint.vout as usize) else { continue };
        psbt.inputs[position].witness_utxo = Some(output.clone());
        let Some(definite) = descriptor.at(input.keychain, input.index) else { continue };
        if output.script_pubkey == input.script && previous.compute_txid() == input.outpoint.txid {
            psbt.update_input_with_descriptor(position, &definite).map_err(malformed)?;
        }
    }
    if let Some(change) = proposal.change
        && let Some(definite) = descriptor.at(Keychain::Change, change.index)
    {
        psbt.update_output_with_descriptor(change.output as usize, &definite).map_err(malformed)?;
    }
    Ok(psbt)
}

/// The signatures of a PSBT that came back from a signer. Everything else in it is dropped, and each signature has still
/// to be verified against our own transaction ([`CheckedProposal::signer_of`]). Signatures with another sighash type than
/// ALL are not taken.
pub fn signatures(returned: &Psbt) -> Vec<PartialSignature> {
    returned
        .inputs
        .iter()
        .zip(0..)
        .flat_map(|(input, position)| {
            input.partial_sigs.iter().filter(|(_, signature)| signature.sighash_type == EcdsaSighashType::All).map(
                move |(key, signature)| PartialSignature { input: position, key: *key, signature: signature.signature },
            )
        })
        .collect()
}

/// Puts verified signatures into a PSBT of ours and extracts the final transaction.
pub fn finalise<'a>(
    mut psbt: Psbt,
    signatures: impl Iterator<Item = (u32, PublicKey, &'a bitcoin::secp256k1::ecdsa::Signature)>,
) -> Result<Transaction, PsbtFault> {
    for (input, key, signature) in signatures {
        if let Some(input) = psbt.inputs.get_mut(input as usize) {
            input.partial_sigs.insert(key, ecdsa::Signature::sighash_all(*signature));
        }
    }
    for input in 0..psbt.inputs.len() {
        psbt.finalize_inp_mut(SECP256K1, input)
            .map_err(|error| PsbtFault::NotSatisfied { input, reason: error.to_string() })?;
    }
    // The fee was judged by the guard, against amounts proven by previous transactions.
    Ok(psbt.extract_tx_unchecked_fee_rate())
}
