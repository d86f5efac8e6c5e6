//! Signatures on a payment's inputs: as they come, verified, and as they are kept. By ECDSA before taproot, by BIP340 in a
//! taproot script.

use std::collections::BTreeMap;
use std::fmt;

use bitcoin::PublicKey;
use bitcoin::secp256k1::{Message, SECP256K1, XOnlyPublicKey, ecdsa, schnorr};
use bitcoin::taproot::TapLeafHash;
use conclave_shared::MemberId;
use serde::{Deserialize, Serialize};

use super::{CheckedProposal, Input};

/// A signature of one key on one input. Always SIGHASH_ALL: there is no place to say anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialSignature {
    /// Position of the input.
    pub input: u32,
    /// The derived key that signed.
    pub key: PublicKey,
    /// DER, without the sighash byte.
    pub signature: ecdsa::Signature,
}

/// A signature of one key on one input of a taproot vault, for one leaf of its scripts. Always SIGHASH_DEFAULT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaprootSignature {
    /// Position of the input.
    pub input: u32,
    /// The derived key that signed, x-only.
    pub key: XOnlyPublicKey,
    /// The leaf that it signs for (BIP341).
    pub leaf: TapLeafHash,
    /// 64 bytes, BIP340.
    pub signature: schnorr::Signature,
}

/// A signature that a signer gave; of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputSignature {
    /// Before taproot.
    Ecdsa(PartialSignature),
    /// In a taproot script.
    Taproot(TaprootSignature),
}

impl From<PartialSignature> for InputSignature {
    fn from(signature: PartialSignature) -> Self {
        Self::Ecdsa(signature)
    }
}

impl From<TaprootSignature> for InputSignature {
    fn from(signature: TaprootSignature) -> Self {
        Self::Taproot(signature)
    }
}

impl InputSignature {
    /// Position of the input.
    pub fn input(&self) -> u32 {
        match self {
            InputSignature::Ecdsa(it) => it.input,
            InputSignature::Taproot(it) => it.input,
        }
    }
}

/// Whose a key of a descriptor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyOwner {
    /// A keyholder's, also of one who left.
    Member(MemberId),
    /// One of the recovery's own keys, by its place in the configuration.
    Recovery(u32),
}

/// A signature as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptSignature {
    /// SIGHASH_ALL.
    Ecdsa(ecdsa::Signature),
    /// SIGHASH_DEFAULT.
    Taproot {
        /// For which leaf.
        leaf: TapLeafHash,
        /// The signature.
        signature: schnorr::Signature,
    },
}

impl KeptSignature {
    /// R and S, by which two are put in order.
    fn bytes(&self) -> [u8; 64] {
        match self {
            KeptSignature::Ecdsa(signature) => signature.serialize_compact(),
            KeptSignature::Taproot { signature, .. } => signature.serialize(),
        }
    }
}

impl fmt::Display for KeptSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeptSignature::Ecdsa(signature) => signature.fmt(f),
            KeptSignature::Taproot { signature, .. } => signature.fmt(f),
        }
    }
}

/// A signature that was verified: only [`CheckedProposal::verified`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Verified {
    input: u32,
    key: PublicKey,
    owner: KeyOwner,
    signature: KeptSignature,
}

impl Verified {
    /// On which input, by which key.
    pub(crate) fn place(&self) -> (u32, PublicKey) {
        (self.input, self.key)
    }

    /// Whose key signed.
    pub fn owner(&self) -> KeyOwner {
        self.owner
    }
}

/// The verified signatures of a payment, one for each input and key: whatever the order in which they come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureSet(BTreeMap<(u32, PublicKey), KeptSignature>);

impl SignatureSet {
    /// Takes one. One key can sign one input in several valid ways: the least is kept, so the order makes no difference.
    pub fn take(&mut self, verified: Verified) {
        let Verified { input, key, signature, .. } = verified;
        let kept = self.0.entry((input, key)).or_insert(signature);
        if signature.bytes() < kept.bytes() {
            *kept = signature;
        }
    }

    /// Whether a key has signed an input.
    pub fn contains(&self, input: u32, key: PublicKey) -> bool {
        self.0.contains_key(&(input, key))
    }

    /// Whether the key of a verified signature has signed that input already.
    pub fn has(&self, verified: &Verified) -> bool {
        self.contains(verified.input, verified.key)
    }

    /// All, by input and key.
    pub fn iter(&self) -> impl Iterator<Item = (u32, PublicKey, &KeptSignature)> {
        self.0.iter().map(|((input, key), signature)| (*input, *key, signature))
    }
}

impl Input {
    /// The key that a signature names, and whose it is. In taproot keys have no sign.
    fn key_x_only(&self, key: XOnlyPublicKey) -> Option<(PublicKey, KeyOwner)> {
        let found = self.keys.iter().find(|(own, _)| own.inner.x_only_public_key().0 == key);
        found.map(|(key, owner)| (*key, *owner))
    }
}

impl CheckedProposal {
    /// A signature that is valid over this very transaction, by a key of the spending path that it takes; none of any
    /// other. High-S signatures are not valid here (BIP146).
    pub fn verified(&self, signature: &InputSignature) -> Option<Verified> {
        let input = self.inputs.get(signature.input() as usize)?;
        let message = Message::from_digest(input.sighash);
        let (key, owner, kept) = match (signature, input.leaf) {
            (InputSignature::Ecdsa(it), None) => {
                let owner = *input.keys.get(&it.key)?;
                SECP256K1.verify_ecdsa(&message, &it.signature, &it.key.inner).ok()?;
                (it.key, owner, KeptSignature::Ecdsa(it.signature))
            }
            (InputSignature::Taproot(it), Some(leaf)) if it.leaf == leaf => {
                let (key, owner) = input.key_x_only(it.key)?;
                SECP256K1.verify_schnorr(&it.signature, &message, &it.key).ok()?;
                (key, owner, KeptSignature::Taproot { leaf, signature: it.signature })
            }
            (InputSignature::Ecdsa(_), Some(_)) | (InputSignature::Taproot(_), _) => return None,
        };
        Some(Verified { input: signature.input(), key, owner, signature: kept })
    }
}
