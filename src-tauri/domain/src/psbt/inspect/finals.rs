//! Inputs that are final: their scripts run against what they spend.

use bitcoin::psbt::{Input, Psbt};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::Prevouts;
use bitcoin::{Transaction, TxOut, ecdsa};
use miniscript::interpreter::{Interpreter, KeySigPair, SatisfiedConstraint};

use super::signatures::{Judged, Sighash, SigningKey, Validity};

/// Runs the scripts of one input by bitcoin's own rules: the transaction with its final scripts, which input, and what all
/// its inputs spend (the last only as far as it is known, in the order of the inputs; at least up to this one).
pub type Verifier = fn(transaction: &Transaction, input: usize, spent: &[TxOut]) -> bool;

/// What running final scripts says.
#[derive(Debug, Clone)]
pub(crate) enum Final {
    /// They spend the coin, by these signatures.
    Verified(Vec<Judged>),
    /// They spend the coin by a script that is not miniscript; these signatures in it do not sign everything.
    VerifiedOther(Vec<Sighash>),
    /// They do not.
    Wrong,
    /// What they spend is not there.
    Unverified,
}

/// Whether an input has final scripts. Empty fields are none.
pub(crate) fn is_final(input: &Input) -> bool {
    input.final_script_sig.as_ref().is_some_and(|script| !script.is_empty())
        || input.final_script_witness.as_ref().is_some_and(|witness| !witness.is_empty())
}

/// The transaction with the final scripts of those inputs that have any.
pub(crate) fn filled(psbt: &Psbt) -> Transaction {
    let mut transaction = psbt.unsigned_tx.clone();
    for (spending, input) in transaction.input.iter_mut().zip(&psbt.inputs) {
        spending.script_sig = input.final_script_sig.clone().unwrap_or_default();
        spending.witness = input.final_script_witness.clone().unwrap_or_default();
    }
    transaction
}

/// Runs the final scripts of one input.
pub(crate) fn verify(
    psbt: &Psbt,
    number: usize,
    spent: Option<&TxOut>,
    all_spent: Option<&[TxOut]>,
    verifier: Option<Verifier>,
) -> Final {
    let (Some(input), Some(spent)) = (psbt.inputs.get(number), spent) else { return Final::Unverified };
    if spent.script_pubkey.is_p2tr() && all_spent.is_none() {
        return Final::Unverified;
    }
    let interpreted = interpret(psbt, input, number, spent, all_spent);
    let verified = verifier.map(|verifier| match all_spent {
        Some(all) => verifier(&filled(psbt), number, all),
        None => {
            // Before taproot only the input's own coin counts.
            let padding = vec![TxOut::NULL; number];
            verifier(&filled(psbt), number, &[padding, vec![spent.clone()]].concat())
        }
    });
    match (interpreted, verified) {
        (_, Some(false)) | (None, None) => Final::Wrong,
        (Some(judged), _) => Final::Verified(judged),
        // Bitcoin takes it, miniscript does not understand it: signatures are looked for where they are pushed.
        (None, Some(true)) => Final::VerifiedOther(pushed(input)),
    }
}

fn interpret(
    psbt: &Psbt,
    input: &Input,
    number: usize,
    spent: &TxOut,
    all_spent: Option<&[TxOut]>,
) -> Option<Vec<Judged>> {
    let script_sig = input.final_script_sig.clone().unwrap_or_default();
    let witness = input.final_script_witness.clone().unwrap_or_default();
    let sequence = psbt.unsigned_tx.input.get(number)?.sequence;
    // Larger ones no node runs, and the interpreter need not.
    if script_sig.len() > super::coin::SCRIPT_LIMIT || witness.iter().any(|item| item.len() > 400_000) {
        return None;
    }
    let lock_time = psbt.unsigned_tx.lock_time;
    let interpreter =
        Interpreter::from_txdata(&spent.script_pubkey, &script_sig, &witness, sequence, lock_time).ok()?;
    match all_spent {
        Some(all) => satisfied(&interpreter, psbt, number, &Prevouts::All(all)),
        None => satisfied(&interpreter, psbt, number, &Prevouts::One(number, spent)),
    }
}

fn satisfied<T: std::borrow::Borrow<TxOut>>(
    interpreter: &Interpreter<'_>,
    psbt: &Psbt,
    number: usize,
    prevouts: &Prevouts<'_, T>,
) -> Option<Vec<Judged>> {
    let verify = |pair: &KeySigPair| interpreter.verify_sig(SECP256K1, &psbt.unsigned_tx, number, prevouts, pair);
    let mut judged = vec![];
    for constraint in interpreter.iter_custom(Box::new(verify)) {
        match constraint.ok()? {
            SatisfiedConstraint::PublicKey { key_sig } | SatisfiedConstraint::PublicKeyHash { key_sig, .. } => {
                judged.push(match key_sig {
                    KeySigPair::Ecdsa(key, signature) => Judged {
                        key: SigningKey::Ecdsa(key),
                        sighash: Sighash::Ecdsa(signature.sighash_type),
                        validity: Validity::Valid,
                        leaf: None,
                    },
                    KeySigPair::Schnorr(key, signature) => Judged {
                        key: if interpreter.is_taproot_v1_key_spend() {
                            SigningKey::TaprootKey(key)
                        } else {
                            SigningKey::TaprootScript(key)
                        },
                        sighash: Sighash::Taproot(signature.sighash_type),
                        validity: Validity::Valid,
                        leaf: None,
                    },
                });
            }
            SatisfiedConstraint::HashLock { .. }
            | SatisfiedConstraint::RelativeTimelock { .. }
            | SatisfiedConstraint::AbsoluteTimelock { .. } => {}
        }
    }
    Some(judged)
}

/// ECDSA signatures that stand in the scripts and do not sign everything: whose they are is not known.
fn pushed(input: &Input) -> Vec<Sighash> {
    let script = input.final_script_sig.clone().unwrap_or_default();
    let witness = input.final_script_witness.clone().unwrap_or_default();
    let scripted = script.instructions().filter_map(|it| it.ok()?.push_bytes().map(|bytes| bytes.as_bytes().to_vec()));
    scripted
        .chain(witness.iter().map(<[u8]>::to_vec))
        .filter_map(|bytes| ecdsa::Signature::from_slice(&bytes).ok())
        .map(|signature| Sighash::Ecdsa(signature.sighash_type))
        .filter(|sighash| !sighash.covers_all())
        .collect()
}
