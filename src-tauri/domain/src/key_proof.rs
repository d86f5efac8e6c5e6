//! Proof of key: a keyholder's key signs the nonces of all members, so that everybody knows that the key in the
//! descriptor is held, now and by the member under whose name it stands.
//!
//! What is signed has the form of BIP322: a transaction over the vault's own script that spends an output which cannot
//! exist. Devices that refuse to sign messages sign it as a PSBT of their multisig wallet, and it can never be a payment.
//! Whose proofs are asked for and counted is the fold's business (`vault/fold/set_up`).

use std::fmt;
use std::str::FromStr;

use bitcoin::bip32::ChildNumber;
use bitcoin::hashes::Hash as _;
use bitcoin::opcodes::all::OP_RETURN;
use bitcoin::psbt::{Psbt, PsbtSighashType};
use bitcoin::script::Builder;
use bitcoin::secp256k1::{Message, SECP256K1, ecdsa, schnorr};
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::taproot::LeafVersion;
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, OutPoint, PublicKey, ScriptBuf, Sequence, TapLeafHash, Transaction, TxIn, TxOut, Txid, Witness,
    XOnlyPublicKey, absolute,
};
use conclave_shared::{EventId, MemberId, Nonce, VaultId};
use miniscript::descriptor::{DefiniteDescriptorKey, DescriptorType};
use miniscript::psbt::PsbtExt as _;
use miniscript::{Descriptor, Miniscript, Tap, ToPublicKey as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::configuration::CheckedConfiguration;
use crate::descriptor::Keychain;
use crate::hash::tagged_fields;

/// The keychain of the script that proofs are made over.
pub const PROOF_KEYCHAIN: Keychain = Keychain::Change;
/// Its index: the last there is, so far out that no coin ever lies there (`proposal` refuses to spend or fill it).
pub const PROOF_INDEX: u32 = 0x7fff_ffff;

/// A proof's signature: 64 bytes, ECDSA in its compact form with low S, or BIP340 in a taproot vault. Always over the
/// whole transaction (SIGHASH_ALL, SIGHASH_DEFAULT).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeySignature(pub [u8; 64]);

impl fmt::Display for KeySignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeySignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySignature({self})")
    }
}

/// A text that is not a proof's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proof's signature is 128 lower-case hexadecimal digits")]
pub struct NotASignature;

impl FromStr for KeySignature {
    type Err = NotASignature;

    fn from_str(text: &str) -> Result<Self, NotASignature> {
        // One signature has one spelling.
        if text.len() != 128 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NotASignature);
        }
        let bytes = hex::decode(text).map_err(|_| NotASignature)?;
        Ok(Self(bytes.try_into().map_err(|_| NotASignature)?))
    }
}

impl Serialize for KeySignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeySignature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Why something does not prove that a member holds their key (finding `key-unproven`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum KeyProofFault {
    /// The member has no key in the configuration.
    #[error("member {member} has no key in the configuration")]
    NoKey {
        /// Who.
        member: MemberId,
    },
    /// The named nonces are not sorted by id, or one is there twice.
    #[error("the nonces that it answers are not in order, each once")]
    Order,
    /// It answers a nonce that nobody has asked it for: an old one, or another vault's.
    #[error("it answers nonce {challenge}, which no member of this configuration has asked for")]
    ChallengeForeign {
        /// The event that it names.
        challenge: EventId,
    },
    /// It answers two nonces of one member.
    #[error("it answers two nonces of member {member}")]
    ChallengeDoubled {
        /// Whose.
        member: MemberId,
    },
    /// It leaves a member's nonce out.
    #[error("it leaves out the nonce of member {member}")]
    ChallengeMissing {
        /// Whose.
        member: MemberId,
    },
    /// The vault's script has no place for a signature of the key.
    #[error("the vault's script has no place for the signature of this key")]
    Script,
    /// The signature is not the key's over exactly this.
    #[error(
        "the signature is not made by the member's key over this vault, this configuration and these nonces: another \
         key, an older nonce, or another vault or network"
    )]
    Signature,
}

/// A member's nonce, as a proof answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// The `challenged` event.
    pub event: EventId,
    /// Whose.
    pub author: MemberId,
    /// The nonce.
    pub nonce: Nonce,
}

/// What a keyholder's key is to sign, and nothing else: a transaction that can never be a payment. Only this module makes
/// one, and a signer uses it up, as it does a [`crate::guard::Permit`].
#[derive(Debug)]
pub struct KeyProofRequest {
    psbt: Psbt,
}

impl KeyProofRequest {
    /// Uses it up: the PSBT to sign. Give back the signed one to [`signature_in`].
    pub fn consume(self) -> Psbt {
        self.psbt
    }
}

/// The hash that proofs are made over in place of BIP322's message: vault, configuration (with it network, roles, keys,
/// descriptor), member, and each nonce with its author, in the order of the nonces' events.
pub fn message(vault: VaultId, checked: &CheckedConfiguration, member: MemberId, challenges: &[Challenge]) -> [u8; 32] {
    let mut fields: Vec<&[u8]> = vec![&vault.0, &checked.cfg.0, &member.0];
    fields.extend(challenges.iter().flat_map(|challenge| [&challenge.author.0[..], &challenge.nonce.0]));
    tagged_fields("conclave/key-proof", &fields)
}

/// Checks that a proof answers exactly one nonce of each member of the configuration, in order.
pub fn check_challenges(checked: &CheckedConfiguration, challenges: &[Challenge]) -> Result<(), KeyProofFault> {
    if !challenges.is_sorted_by(|first, second| first.event < second.event) {
        return Err(KeyProofFault::Order);
    }
    if let Some(foreign) = challenges.iter().find(|challenge| checked.member(challenge.author).is_none()) {
        return Err(KeyProofFault::ChallengeForeign { challenge: foreign.event });
    }
    for member in checked.configuration.members.iter().map(|member| member.identity) {
        match challenges.iter().filter(|challenge| challenge.author == member).count() {
            0 => return Err(KeyProofFault::ChallengeMissing { member }),
            1 => {}
            _ => return Err(KeyProofFault::ChallengeDoubled { member }),
        }
    }
    Ok(())
}

/// The PSBT that a keyholder's signer signs to prove the key. It holds all that a device asks for: the previous
/// transaction, scripts and key origins.
pub fn request(
    vault: VaultId,
    checked: &CheckedConfiguration,
    member: MemberId,
    challenges: &[Challenge],
) -> Result<KeyProofRequest, KeyProofFault> {
    let statement = Statement::new(vault, checked, member, challenges)?;
    let mut psbt = Psbt::from_unsigned_tx(statement.to_sign.clone()).map_err(|_| KeyProofFault::Script)?;
    let input = psbt.inputs.first_mut().ok_or(KeyProofFault::Script)?;
    input.witness_utxo = statement.to_spend.output.first().cloned();
    match &statement.signed {
        Signed::Ecdsa { .. } => {
            input.non_witness_utxo = Some(statement.to_spend.clone());
            input.sighash_type = Some(PsbtSighashType::from(EcdsaSighashType::All));
        }
        // BIP371: taproot inputs carry no previous transaction; no type means SIGHASH_DEFAULT.
        Signed::Schnorr { .. } => {}
    }
    psbt.update_input_with_descriptor(0, &statement.definite).map_err(|_| KeyProofFault::Script)?;
    Ok(KeyProofRequest { psbt })
}

/// The signature of a keyholder's key in a PSBT that came back from a signer. Everything else in it is dropped; the
/// signature is still to be verified. None where it holds none, or one of another type than ALL or DEFAULT.
pub fn signature_in(returned: &Psbt, checked: &CheckedConfiguration, member: MemberId) -> Option<KeySignature> {
    let input = returned.inputs.first()?;
    let key = key(checked, member)?;
    let ecdsa = input.partial_sigs.get(&key).filter(|signature| signature.sighash_type == EcdsaSighashType::All);
    let compact = ecdsa.map(|signature| KeySignature(signature.signature.serialize_compact()));
    let xonly = XOnlyPublicKey::from(key.inner);
    let schnorr = || {
        let mut signatures = input.tap_script_sigs.iter().filter(|((by, _), _)| *by == xonly);
        let (_, signature) = signatures.find(|(_, it)| it.sighash_type == TapSighashType::Default)?;
        Some(KeySignature(signature.signature.serialize()))
    };
    compact.or_else(schnorr)
}

/// Whether `signature` proves that `member` holds the key that stands under their name, by exactly these nonces.
pub fn verify(
    vault: VaultId,
    checked: &CheckedConfiguration,
    member: MemberId,
    challenges: &[Challenge],
    signature: &KeySignature,
) -> Result<(), KeyProofFault> {
    check_challenges(checked, challenges)?;
    let valid = match Statement::new(vault, checked, member, challenges)?.signed {
        Signed::Ecdsa { key, sighash } => ecdsa::Signature::from_compact(&signature.0)
            .and_then(|signature| SECP256K1.verify_ecdsa(&sighash, &signature, &key.inner)),
        Signed::Schnorr { key, sighash } => schnorr::Signature::from_slice(&signature.0)
            .and_then(|signature| SECP256K1.verify_schnorr(&signature, &sighash, &key)),
    };
    valid.map_err(|_| KeyProofFault::Signature)
}

/// Both transactions of a proof, and the hash that the key signs.
struct Statement {
    definite: Descriptor<DefiniteDescriptorKey>,
    to_spend: Transaction,
    to_sign: Transaction,
    signed: Signed,
}

enum Signed {
    Ecdsa { key: PublicKey, sighash: Message },
    Schnorr { key: XOnlyPublicKey, sighash: Message },
}

impl Statement {
    fn new(
        vault: VaultId,
        checked: &CheckedConfiguration,
        member: MemberId,
        challenges: &[Challenge],
    ) -> Result<Self, KeyProofFault> {
        let key = key(checked, member).ok_or(KeyProofFault::NoKey { member })?;
        let definite = checked.descriptor.at(PROOF_KEYCHAIN, PROOF_INDEX).ok_or(KeyProofFault::Script)?;
        let script = checked.descriptor.script(PROOF_KEYCHAIN, PROOF_INDEX).ok_or(KeyProofFault::Script)?;
        let to_spend = to_spend(message(vault, checked, member, challenges), script);
        let to_sign = to_sign(to_spend.compute_txid());
        let signed = sighash(&definite, key, &to_spend, &to_sign).ok_or(KeyProofFault::Script)?;
        Ok(Self { definite, to_spend, to_sign, signed })
    }
}

/// The key of a keyholder on the script of proofs.
fn key(checked: &CheckedConfiguration, member: MemberId) -> Option<PublicKey> {
    let chain = match PROOF_KEYCHAIN {
        Keychain::Receive => 0,
        Keychain::Change => 1,
    };
    let steps = [ChildNumber::from_normal_idx(chain).ok()?, ChildNumber::from_normal_idx(PROOF_INDEX).ok()?];
    Some(PublicKey::new(checked.key(member)?.xpub.derive_pub(SECP256K1, &steps).ok()?.public_key))
}

/// What `key` signs for `definite`: segwit version 0 by BIP143 (bare or nested), taproot by BIP341 in the leaf that holds
/// the key, and the way from before segwit for old P2SH. None for other scripts.
fn sighash(
    definite: &Descriptor<DefiniteDescriptorKey>,
    key: PublicKey,
    to_spend: &Transaction,
    to_sign: &Transaction,
) -> Option<Signed> {
    let mut cache = SighashCache::new(to_sign);
    match definite {
        Descriptor::Wsh(_) | Descriptor::Sh(_) => {
            let nested = [DescriptorType::ShWsh, DescriptorType::ShWshSortedMulti].contains(&definite.desc_type());
            let (script, all) = (definite.script_code().ok()?, EcdsaSighashType::All);
            let sighash = if nested || matches!(definite, Descriptor::Wsh(_)) {
                Message::from(cache.p2wsh_signature_hash(0, &script, Amount::ZERO, all).ok()?)
            } else {
                Message::from(cache.legacy_signature_hash(0, &script, all.to_u32()).ok()?)
            };
            Some(Signed::Ecdsa { key, sighash })
        }
        Descriptor::Tr(taproot) => {
            let xonly = XOnlyPublicKey::from(key.inner);
            let holds =
                |leaf: &Miniscript<DefiniteDescriptorKey, Tap>| leaf.iter_pk().any(|it| it.to_x_only_pubkey() == xonly);
            let (_, leaf) = taproot.iter_scripts().find(|(_, leaf)| holds(leaf))?;
            let hash = TapLeafHash::from_script(&leaf.encode(), LeafVersion::TapScript);
            let prevouts = Prevouts::All(&to_spend.output);
            let sighash =
                cache.taproot_script_spend_signature_hash(0, &prevouts, hash, TapSighashType::Default).ok()?;
            Some(Signed::Schnorr { key: xonly, sighash: Message::from(sighash) })
        }
        _ => None,
    }
}

/// BIP322's `to_spend`: an output that no block can hold, since its input spends nothing.
fn to_spend(message: [u8; 32], script: ScriptBuf) -> Transaction {
    Transaction {
        version: Version(0),
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::new(Txid::all_zeros(), u32::MAX),
            script_sig: Builder::new().push_int(0).push_slice(message).into_script(),
            sequence: Sequence::ZERO,
            witness: Witness::new(),
        }],
        output: vec![TxOut { value: Amount::ZERO, script_pubkey: script }],
    }
}

/// BIP322's `to_sign`: spends it to nobody.
fn to_sign(to_spend: Txid) -> Transaction {
    Transaction {
        version: Version(0),
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::new(to_spend, 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ZERO,
            witness: Witness::new(),
        }],
        output: vec![TxOut { value: Amount::ZERO, script_pubkey: Builder::new().push_opcode(OP_RETURN).into_script() }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::tagged;

    #[test]
    fn the_transactions_are_those_of_bip322() {
        // BIP322's own vectors: the address bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l, and two messages.
        let script = ScriptBuf::from_hex("00142b05d564e6a7a33c087f16e0f730d1440123799d").unwrap();
        let cases = [
            (
                "",
                "c5680aa69bb8d860bf82d4e9cd3504b55dde018de765a91bb566283c545a99a7",
                "1e9654e951a5ba44c8604c4de6c67fd78a27e81dcadcfe1edf638ba3aaebaed6",
            ),
            (
                "Hello World",
                "b79d196740ad5217771c1098fc4a4b51e0535c32236c71f1ea4d61a2d603352b",
                "88737ae86f2077145f93cc4b153ae9a1cb8d56afa511988c149c5c8c9d93bddf",
            ),
        ];
        for (said, spent, signed) in cases {
            let spend = to_spend(tagged("BIP0322-signed-message", said.as_bytes()), script.clone());
            assert_eq!(spend.compute_txid().to_string(), spent);
            assert_eq!(to_sign(spend.compute_txid()).compute_txid().to_string(), signed);
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let text = "0f".repeat(64);
        assert_eq!(text.parse::<KeySignature>().unwrap().to_string(), text);
        for wrong in [text.to_uppercase(), text[2..].to_owned(), format!("{text}00"), "zz".repeat(64)] {
            assert_eq!(wrong.parse::<KeySignature>(), Err(NotASignature));
        }
    }
}
