//! Signatures that a PSBT brings, each verified against its transaction and what it spends.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::hashes::{Hash as _, hash160};
use bitcoin::psbt::{Input, Psbt};
use bitcoin::script::Instruction;
use bitcoin::secp256k1::{Message, SECP256K1};
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::{Amount, PublicKey, Script, TapLeafHash, Transaction, TxOut, XOnlyPublicKey, taproot};

use super::coin::Spend;

/// Whether a signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Validity {
    Valid,
    Invalid(&'static str),
    /// What it signs is not all there.
    Unknown,
}

/// A signature with its judgement.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub key: SigningKey,
    pub sighash: Sighash,
    pub validity: Validity,
    /// The leaf that a taproot script signature is for.
    pub leaf: Option<TapLeafHash>,
}

impl Judged {
    /// Takes this signature out of an input.
    pub(crate) fn take_from(&self, input: &mut Input) {
        match (self.key, self.leaf) {
            (SigningKey::Ecdsa(key), _) => {
                input.partial_sigs.remove(&key);
            }
            (SigningKey::TaprootKey(_), _) => input.tap_key_sig = None,
            (SigningKey::TaprootScript(key), Some(leaf)) => {
                input.tap_script_sigs.remove(&(key, leaf));
            }
            (SigningKey::TaprootScript(_), None) => {}
        }
    }
}

/// Whose signature it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SigningKey {
    Ecdsa(PublicKey),
    /// The output key itself.
    TaprootKey(XOnlyPublicKey),
    TaprootScript(XOnlyPublicKey),
}

/// A sighash type of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighash {
    Ecdsa(EcdsaSighashType),
    Taproot(TapSighashType),
}

impl Sighash {
    /// Whether the whole transaction is signed.
    pub(crate) fn covers_all(self) -> bool {
        match self {
            Sighash::Ecdsa(kind) => kind == EcdsaSighashType::All,
            Sighash::Taproot(kind) => matches!(kind, TapSighashType::Default | TapSighashType::All),
        }
    }
}

impl std::fmt::Display for Sighash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Sighash::Ecdsa(kind) => kind.fmt(f),
            Sighash::Taproot(kind) => kind.fmt(f),
        }
    }
}

/// Verifies signatures of one transaction, keeping what several inputs share.
pub(crate) struct Verification<'a> {
    cache: SighashCache<&'a Transaction>,
    /// All previous outputs, if all are known: taproot signs them all.
    spent: Option<&'a [TxOut]>,
}

impl<'a> Verification<'a> {
    pub(crate) fn new(psbt: &'a Psbt, spent: Option<&'a [TxOut]>) -> Self {
        Self { cache: SighashCache::new(&psbt.unsigned_tx), spent }
    }

    /// Every signature of one input.
    pub(crate) fn judge(&mut self, input: &Input, number: usize, spend: &Spend, amount: Option<Amount>) -> Vec<Judged> {
        let mut judged = vec![];
        let keys = keys_asked_for(spend);
        let mut messages = BTreeMap::new();
        for (key, signature) in &input.partial_sigs {
            let kind = signature.sighash_type;
            let validity = match (spend, amount) {
                (Spend::Taproot(_), _) => Validity::Invalid("an ECDSA signature cannot spend a taproot coin"),
                (Spend::Unknown, _) | (_, None) => Validity::Unknown,
                _ if !asks_for(spend, &keys, key) => Validity::Invalid("the script does not ask for this key"),
                (_, Some(amount)) => {
                    let message =
                        *messages.entry(kind as u32).or_insert_with(|| self.ecdsa_message(number, spend, amount, kind));
                    match message {
                        // High S is refused by the library: bitcoin does not relay it.
                        Some(message) if SECP256K1.verify_ecdsa(&message, &signature.signature, &key.inner).is_ok() => {
                            Validity::Valid
                        }
                        _ => Validity::Invalid("it does not verify"),
                    }
                }
            };
            judged.push(Judged { key: SigningKey::Ecdsa(*key), sighash: Sighash::Ecdsa(kind), validity, leaf: None });
        }
        self.judge_taproot(input, number, spend, &mut judged);
        judged
    }

    fn judge_taproot(&mut self, input: &Input, number: usize, spend: &Spend, judged: &mut Vec<Judged>) {
        let output_key = match spend {
            Spend::Taproot(key) => Some(*key),
            Spend::Legacy(_) | Spend::KeyHash(_) | Spend::Witness(_) | Spend::Unknown => None,
        };
        let elsewhere = match spend {
            Spend::Unknown => Validity::Unknown,
            _ => Validity::Invalid("a taproot signature cannot spend a coin of another kind"),
        };
        if let Some(signature) = &input.tap_key_sig {
            let (key, validity) = match output_key {
                Some(key) => (key, self.schnorr(number, key, None, signature)),
                None => match input.tap_internal_key {
                    Some(key) => (key, elsewhere.clone()),
                    // Without any key it can only be told that it is there.
                    None => return,
                },
            };
            let sighash = Sighash::Taproot(signature.sighash_type);
            judged.push(Judged { key: SigningKey::TaprootKey(key), sighash, validity, leaf: None });
        }
        let mut leaves = BTreeMap::new();
        for (script, version) in input.tap_scripts.values() {
            leaves.insert(TapLeafHash::from_script(script, *version), pushes(script));
        }
        for ((key, leaf), signature) in &input.tap_script_sigs {
            let validity = match (output_key, leaves.get(leaf)) {
                (None, _) => elsewhere.clone(),
                (Some(_), Some(keys)) if !in_pushes(keys, &key.serialize()) => {
                    Validity::Invalid("the script does not ask for this key")
                }
                (Some(_), Some(_)) => self.schnorr(number, *key, Some(*leaf), signature),
                // Whether its script is in the tree is not known.
                (Some(_), None) => match self.schnorr(number, *key, Some(*leaf), signature) {
                    Validity::Valid | Validity::Unknown => Validity::Unknown,
                    Validity::Invalid(reason) => Validity::Invalid(reason),
                },
            };
            let sighash = Sighash::Taproot(signature.sighash_type);
            judged.push(Judged { key: SigningKey::TaprootScript(*key), sighash, validity, leaf: Some(*leaf) });
        }
    }

    /// What an ECDSA signature of this type signs.
    pub(crate) fn ecdsa_message(
        &mut self,
        number: usize,
        spend: &Spend,
        amount: Amount,
        kind: EcdsaSighashType,
    ) -> Option<Message> {
        let digest = match spend {
            Spend::Legacy(script) => {
                self.cache.legacy_signature_hash(number, script, kind.to_u32()).ok()?.to_byte_array()
            }
            Spend::KeyHash(script) => {
                self.cache.p2wpkh_signature_hash(number, script, amount, kind).ok()?.to_byte_array()
            }
            Spend::Witness(script) => {
                self.cache.p2wsh_signature_hash(number, script, amount, kind).ok()?.to_byte_array()
            }
            Spend::Taproot(_) | Spend::Unknown => return None,
        };
        Some(Message::from_digest(digest))
    }

    /// What a taproot signature of this type signs; none where a previous output is not known.
    pub(crate) fn taproot_message(
        &mut self,
        number: usize,
        leaf: Option<TapLeafHash>,
        kind: TapSighashType,
    ) -> Option<Message> {
        let spent = Prevouts::All(self.spent?);
        let digest = match leaf {
            Some(leaf) => self.cache.taproot_script_spend_signature_hash(number, &spent, leaf, kind),
            None => self.cache.taproot_key_spend_signature_hash(number, &spent, kind),
        };
        Some(Message::from_digest(digest.ok()?.to_byte_array()))
    }

    fn schnorr(
        &mut self,
        number: usize,
        key: XOnlyPublicKey,
        leaf: Option<TapLeafHash>,
        signature: &taproot::Signature,
    ) -> Validity {
        if self.spent.is_none() {
            return Validity::Unknown;
        }
        match self.taproot_message(number, leaf, signature.sighash_type) {
            Some(message) if SECP256K1.verify_schnorr(&signature.signature, &message, &key).is_ok() => Validity::Valid,
            _ => Validity::Invalid("it does not verify"),
        }
    }
}

/// The data that a script pushes: among it its keys, or their hashes.
fn pushes(script: &Script) -> BTreeSet<Vec<u8>> {
    let data = |instruction| match instruction {
        Ok(Instruction::PushBytes(bytes)) => Some(bytes.as_bytes().to_vec()),
        _ => None,
    };
    script.instructions().filter_map(data).collect()
}

fn in_pushes(pushes: &BTreeSet<Vec<u8>>, key: &[u8]) -> bool {
    pushes.contains(key) || pushes.contains(&hash160::Hash::hash(key).to_byte_array()[..])
}

fn keys_asked_for(spend: &Spend) -> BTreeSet<Vec<u8>> {
    match spend {
        Spend::Legacy(script) | Spend::KeyHash(script) | Spend::Witness(script) => pushes(script),
        Spend::Taproot(_) | Spend::Unknown => BTreeSet::new(),
    }
}

fn asks_for(spend: &Spend, keys: &BTreeSet<Vec<u8>>, key: &PublicKey) -> bool {
    // Segwit knows compressed keys alone.
    let allowed = key.compressed || matches!(spend, Spend::Legacy(_));
    allowed && in_pushes(keys, &key.to_bytes())
}
