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
use bitcoin::sighash::{EcdsaSighashType, SighashCache, TapSighashType};
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, OutPoint, PublicKey, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, XOnlyPublicKey, absolute,
};
use conclave_shared::{EventId, MemberId, Nonce, ScriptForm, VaultId};
use miniscript::Descriptor;
use miniscript::descriptor::DefiniteDescriptorKey;
use miniscript::psbt::PsbtExt as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::configuration::CheckedConfiguration;
use crate::descriptor::{Keychain, SignedScript, Spending, SpendingPath};
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
    match checked.descriptor.form() {
        ScriptForm::P2wsh | ScriptForm::Nested => {
            input.non_witness_utxo = Some(statement.to_spend.clone());
            input.sighash_type = Some(PsbtSighashType::from(EcdsaSighashType::All));
        }
        // BIP174: without segwit the previous transaction alone.
        ScriptForm::Legacy => {
            input.witness_utxo = None;
            input.non_witness_utxo = Some(statement.to_spend.clone());
            input.sighash_type = Some(PsbtSighashType::from(EcdsaSighashType::All));
        }
        // BIP371: taproot inputs carry no previous transaction; no type means SIGHASH_DEFAULT.
        ScriptForm::Taproot => {}
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
        // A key may stand in several leaves: the proof is made over the members'.
        let spending = checked.descriptor.spending(PROOF_KEYCHAIN, PROOF_INDEX, SpendingPath::Members)?;
        let SignedScript::Leaf(leaf) = spending.signed else { return None };
        let signature = input.tap_script_sigs.get(&(xonly, leaf))?;
        let whole = signature.sighash_type == TapSighashType::Default;
        whole.then(|| KeySignature(signature.signature.serialize()))
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
    let Statement { key, sighash, .. } = Statement::new(vault, checked, member, challenges)?;
    let valid = match checked.descriptor.form() {
        ScriptForm::P2wsh | ScriptForm::Nested | ScriptForm::Legacy => ecdsa::Signature::from_compact(&signature.0)
            .and_then(|signature| SECP256K1.verify_ecdsa(&sighash, &signature, &key.inner)),
        ScriptForm::Taproot => schnorr::Signature::from_slice(&signature.0)
            .and_then(|signature| SECP256K1.verify_schnorr(&signature, &sighash, &key.inner.into())),
    };
    valid.map_err(|_| KeyProofFault::Signature)
}

/// Both transactions of a proof, and the hash that the key signs.
struct Statement {
    definite: Descriptor<DefiniteDescriptorKey>,
    to_spend: Transaction,
    to_sign: Transaction,
    key: PublicKey,
    sighash: Message,
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
        let spending = checked.descriptor.spending(PROOF_KEYCHAIN, PROOF_INDEX, SpendingPath::Members);
        let Spending { script, signed, .. } = spending.ok_or(KeyProofFault::Script)?;
        let to_spend = to_spend(message(vault, checked, member, challenges), script);
        let to_sign = to_sign(to_spend.compute_txid());
        let sighash = signed.digest(&mut SighashCache::new(&to_sign), 0, Amount::ZERO, &to_spend.output);
        let sighash = sighash.ok_or(KeyProofFault::Script)?;
        Ok(Self { definite, to_spend, to_sign, key, sighash })
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
