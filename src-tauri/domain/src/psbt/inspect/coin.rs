//! What an input spends: its previous output, how that is proven, and the scripts that belong to it.

use bitcoin::psbt::{Input, Psbt};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::taproot::TapTweakHash;
use bitcoin::{Script, ScriptBuf, TxOut, XOnlyPublicKey};
use conclave_shared::Finding;

use super::report::{Found, Proof};

/// Largest script that bitcoin runs, in bytes.
pub(super) const SCRIPT_LIMIT: usize = 10_000;

/// What an input spends.
#[derive(Debug, Clone)]
pub(crate) struct Coin {
    pub output: Option<TxOut>,
    pub proof: Proof,
}

/// How an input is spent: which rules its signatures follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spend {
    /// Before segwit: the script that is signed.
    Legacy(ScriptBuf),
    /// P2WPKH, also nested: its script `0 HASH`.
    KeyHash(ScriptBuf),
    /// P2WSH, also nested: the witness script.
    Witness(ScriptBuf),
    /// P2TR.
    Taproot(XOnlyPublicKey),
    /// A script that is needed is not there, or it is of no known kind.
    Unknown,
}

/// Finds the previous output. What contradicts itself is a danger in any case.
pub(crate) fn coin(psbt: &Psbt, number: usize, findings: &mut Vec<Found>) -> Coin {
    let (Some(input), Some(spent)) = (psbt.inputs.get(number), psbt.unsigned_tx.input.get(number)) else {
        return Coin { output: None, proof: Proof::Missing };
    };
    let outpoint = spent.previous_output;
    if let Some(previous) = &input.non_witness_utxo {
        if previous.compute_txid() != outpoint.txid {
            let message = format!("its previous transaction has another id than {}", outpoint.txid);
            findings.push(Found::input(Finding::PreviousTransactionForeign, number, message));
        } else if let Some(output) = previous.output.get(outpoint.vout as usize) {
            if let Some(told) = &input.witness_utxo
                && told != output
            {
                let message = if told.value == output.value {
                    "the script that it is said to spend is not the one in its previous transaction".to_owned()
                } else {
                    format!(
                        "{} sat are claimed, its previous transaction proves {} sat",
                        told.value.to_sat(),
                        output.value.to_sat()
                    )
                };
                findings.push(Found::input(Finding::AmountUnproven, number, message));
            }
            return Coin { output: Some(output.clone()), proof: Proof::PreviousTransaction };
        } else {
            let message = format!("its previous transaction has no output {}", outpoint.vout);
            findings.push(Found::input(Finding::PreviousTransactionForeign, number, message));
        }
    }
    match &input.witness_utxo {
        Some(output) => {
            let proof = if output.script_pubkey.is_p2tr() { Proof::Taproot } else { Proof::Claimed };
            Coin { output: Some(output.clone()), proof }
        }
        None => Coin { output: None, proof: Proof::Missing },
    }
}

/// How an input is spent, with the scripts that it brings; scripts that do not fit are a danger.
pub(crate) fn spend(input: &Input, number: usize, spent: &Script, findings: &mut Vec<Found>) -> Spend {
    let mut mismatch = |message: &str| {
        findings.push(Found::input(Finding::ScriptMismatch, number, message));
        Spend::Unknown
    };
    let program = if spent.is_p2sh() {
        match &input.redeem_script {
            None => return Spend::Unknown,
            Some(redeem) if redeem.to_p2sh() != *spent => {
                return mismatch("its redeem script does not hash to what is spent");
            }
            Some(redeem) => redeem.clone(),
        }
    } else if input.redeem_script.is_some() {
        return mismatch("it has a redeem script, which what is spent does not ask for");
    } else {
        spent.to_owned()
    };
    if program.len() > SCRIPT_LIMIT {
        findings.push(Found::input(Finding::Oversize, number, "its script is longer than 10 000 bytes"));
        return Spend::Unknown;
    }
    if program.is_p2wsh() {
        return match &input.witness_script {
            None => Spend::Unknown,
            Some(script) if script.to_p2wsh() != program => {
                mismatch("its witness script does not hash to what is spent")
            }
            Some(script) if script.len() > SCRIPT_LIMIT => {
                findings.push(Found::input(Finding::Oversize, number, "its script is longer than 10 000 bytes"));
                Spend::Unknown
            }
            Some(script) => Spend::Witness(script.clone()),
        };
    }
    if input.witness_script.is_some() {
        return mismatch("it has a witness script, which what is spent does not ask for");
    }
    if program.is_p2wpkh() {
        return Spend::KeyHash(program);
    }
    if spent.is_p2tr() {
        let key = spent.as_bytes().get(2..).and_then(|bytes| XOnlyPublicKey::from_slice(bytes).ok());
        return match key {
            Some(key) => taproot(input, key, mismatch),
            None => Spend::Unknown,
        };
    }
    if program.is_witness_program() { Spend::Unknown } else { Spend::Legacy(program) }
}

fn taproot(input: &Input, key: XOnlyPublicKey, mut mismatch: impl FnMut(&str) -> Spend) -> Spend {
    if let (Some(internal), Some(root)) = (input.tap_internal_key, input.tap_merkle_root) {
        let tweak = TapTweakHash::from_key_and_tweak(internal, Some(root)).to_scalar();
        if internal.add_tweak(SECP256K1, &tweak).map(|(output, _)| output) != Ok(key) {
            return mismatch("its internal key and tree do not make the key that is spent");
        }
    }
    let committed = |(block, (script, version)): (&bitcoin::taproot::ControlBlock, &(ScriptBuf, _))| {
        block.leaf_version == *version && block.verify_taproot_commitment(SECP256K1, key, script)
    };
    if !input.tap_scripts.iter().all(committed) {
        return mismatch("one of its scripts is not in the tree of the key that is spent");
    }
    Spend::Taproot(key)
}

/// The scripts and trees that an output brings must be those that it pays to.
pub(super) fn inspect_output_scripts(psbt: &Psbt, number: usize, findings: &mut Vec<Found>) {
    let (Some(output), Some(paid)) = (psbt.outputs.get(number), psbt.unsigned_tx.output.get(number)) else { return };
    let spent = &paid.script_pubkey;
    let mut mismatch = |message: &str| findings.push(Found::output(Finding::ScriptMismatch, number, message));
    let program = match &output.redeem_script {
        Some(redeem) if redeem.to_p2sh() != *spent => {
            return mismatch("its redeem script does not hash to what is paid to");
        }
        Some(redeem) => redeem.as_script(),
        None => spent.as_script(),
    };
    if let Some(script) = &output.witness_script
        && script.to_p2wsh() != *program
        // Without a redeem script it may still be nested.
        && script.to_p2wsh().to_p2sh() != *program
    {
        mismatch("its witness script does not hash to what is paid to");
    }
    // Without its tree an internal key alone proves nothing: many programs leave the tree out.
    if let (Some(internal), Some(tree)) = (output.tap_internal_key, &output.tap_tree)
        && spent.is_p2tr()
    {
        let tweak = TapTweakHash::from_key_and_tweak(internal, Some(tree.root_hash())).to_scalar();
        let made = internal.add_tweak(SECP256K1, &tweak).map(|(output, _)| output.serialize());
        if made.ok().as_ref().map(|key| &key[..]) != spent.as_bytes().get(2..) {
            mismatch("its internal key and tree do not make the key that is paid to");
        }
    }
}

/// What kind of script this is, by a fixed name.
pub(super) fn script_type(script: &Script, spend: Option<&Spend>) -> &'static str {
    match spend {
        Some(Spend::KeyHash(_)) if script.is_p2sh() => "p2sh-p2wpkh",
        Some(Spend::Witness(_)) if script.is_p2sh() => "p2sh-p2wsh",
        _ if script.is_p2pkh() => "p2pkh",
        _ if script.is_p2sh() => "p2sh",
        _ if script.is_p2wpkh() => "p2wpkh",
        _ if script.is_p2wsh() => "p2wsh",
        _ if script.is_p2tr() => "p2tr",
        _ if script.is_op_return() => "op-return",
        _ if script.is_p2pk() => "p2pk",
        _ if script.is_multisig() => "multisig",
        _ if script.is_witness_program() => "witness-unknown",
        _ => "other",
    }
}
