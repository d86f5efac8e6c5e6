//! A key in this computer's memory: BIP39 entropy to the account of a vault's script (BIP48, BIP45). Derived anew for each
//! use and dropped at once; libraries may leave copies of derived keys in memory, so no more is claimed than that.

use std::collections::{BTreeMap, BTreeSet};

use bip39::{Language, Mnemonic};
use bitcoin::bip32::{ChildNumber, KeySource, Xpriv, Xpub};
use bitcoin::secp256k1::{SECP256K1, SecretKey, ecdsa};
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::{Network, PrivateKey, Psbt, PublicKey, XOnlyPublicKey};
use conclave_domain::descriptor::{AccountKey, account_path};
use conclave_domain::guard::{Permit, Sign};
use conclave_domain::key_proof::KeyProofRequest;
use conclave_domain::parts::in_parts;
use conclave_domain::proposal::{InputSignature, PartialSignature};
use conclave_domain::psbt::signatures as taken;
use conclave_domain::succession::{IDENTITY_STEPS, identity_message};
use conclave_shared::{MemberId, ScriptKind, VaultId};
use zeroize::Zeroizing;

use super::{Signer, SignerError};

/// A software key.
pub struct SoftwareKey {
    seed: Zeroizing<[u8; 64]>,
    account: AccountKey,
    network: Network,
}

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftwareKey").field("fingerprint", &self.account.fingerprint).finish_non_exhaustive()
    }
}

impl SoftwareKey {
    /// The key of a BIP39 entropy (16 to 32 bytes), without passphrase, for a vault of `script`.
    pub fn new(entropy: &[u8], script: ScriptKind, network: Network) -> Result<Self, SignerError> {
        let mnemonic =
            Mnemonic::from_entropy(entropy).map_err(|error| SignerError::Unreadable { reason: error.to_string() })?;
        let seed = Zeroizing::new(mnemonic.to_seed(""));
        let master = master(&seed, network)?;
        let path = account_path(script, network);
        let account = master.derive_priv(SECP256K1, &path).map_err(unreadable)?;
        let xpub = Xpub::from_priv(SECP256K1, &account);
        let account = AccountKey { fingerprint: master.fingerprint(SECP256K1), path, xpub };
        Ok(Self { seed, account, network })
    }

    /// Proves that this key is held by the new identity `new` of the member `old`. It signs that statement and nothing
    /// else, so no permit is asked for: the hash is tagged and can be no transaction's.
    pub fn prove_identity(
        &self,
        vault: VaultId,
        old: MemberId,
        new: MemberId,
    ) -> Result<ecdsa::Signature, SignerError> {
        let key = self.account_secret()?.derive_priv(SECP256K1, &IDENTITY_STEPS).map_err(unreadable)?;
        Ok(SECP256K1.sign_ecdsa(&identity_message(vault, old, new), &key.private_key))
    }

    fn account_secret(&self) -> Result<Xpriv, SignerError> {
        master(&self.seed, self.network)?.derive_priv(SECP256K1, &self.account.path).map_err(unreadable)
    }

    /// The keys of this account among `wanted`, by the origins that a PSBT of ours names. From the account down: deriving
    /// each from the master key would take five times as long.
    fn own_keys(&self, psbt: &Psbt, wanted: &BTreeSet<PublicKey>) -> Result<Vec<OwnKey>, SignerError> {
        let wanted: BTreeMap<XOnlyPublicKey, PublicKey> =
            wanted.iter().map(|key| (key.inner.x_only_public_key().0, *key)).collect();
        let named = psbt.inputs.iter().enumerate().flat_map(|(input, it)| {
            let wanted = &wanted;
            self.named(it).filter_map(move |(key, steps)| Some((input, *wanted.get(&key)?, steps)))
        });
        let named: Vec<(usize, PublicKey, [ChildNumber; 2])> = named.collect();
        let account = self.account_secret()?;
        let mut chains = BTreeMap::new();
        for (_, _, [chain, _]) in &named {
            if !chains.contains_key(chain) {
                chains.insert(*chain, Chain::new(&account, *chain)?);
            }
        }
        let own = |(input, key, [chain, index]): &(usize, PublicKey, [ChildNumber; 2])| {
            let secret = chains.get(chain)?.secret(*index);
            // Whether it is the key's is told by the signature, which is verified before it is kept.
            Some(secret.map(|secret| OwnKey { input: *input, key: *key, secret }))
        };
        in_parts(&named, |part| part.iter().filter_map(own).collect()).into_iter().collect()
    }

    /// The keys of an input that say that they are of this account, with their steps below it.
    fn named(&self, input: &bitcoin::psbt::Input) -> impl Iterator<Item = (XOnlyPublicKey, [ChildNumber; 2])> {
        let ecdsa = input.bip32_derivation.iter();
        let ecdsa = ecdsa.filter_map(|(key, source)| Some((key.x_only_public_key().0, self.below(source)?)));
        let taproot = input.tap_key_origins.iter();
        ecdsa.chain(taproot.filter_map(|(key, (_, source))| Some((*key, self.below(source)?))))
    }

    /// The steps of a key below this account.
    fn below(&self, (fingerprint, path): &KeySource) -> Option<[ChildNumber; 2]> {
        let steps: &[ChildNumber] = path.as_ref();
        let below = steps.strip_prefix(self.account.path.as_ref())?;
        (*fingerprint == self.account.fingerprint).then_some(below)?.try_into().ok()
    }
}

/// A key that may sign an input, with its secret.
struct OwnKey {
    input: usize,
    key: PublicKey,
    secret: SecretKey,
}

/// The secret of one chain of addresses.
struct Chain {
    secret: SecretKey,
    public: Xpub,
}

impl Chain {
    fn new(account: &Xpriv, step: ChildNumber) -> Result<Self, SignerError> {
        let chain = account.derive_priv(SECP256K1, &[step]).map_err(unreadable)?;
        Ok(Self { secret: chain.private_key, public: Xpub::from_priv(SECP256K1, &chain) })
    }

    /// The secret of one address (BIP32). The library's own way computes the chain's public key for each anew.
    fn secret(&self, index: ChildNumber) -> Result<SecretKey, SignerError> {
        let (tweak, _) = self.public.ckd_pub_tweak(index).map_err(unreadable)?;
        self.secret.add_tweak(&tweak.into()).map_err(|error| unreadable(error.into()))
    }
}

fn unreadable(error: bitcoin::bip32::Error) -> SignerError {
    SignerError::Unreadable { reason: error.to_string() }
}

/// Signs every input that asks for ECDSA with those of `keys` that are its own. The library's own way computes each public
/// key once more.
fn sign_ecdsa(psbt: &Psbt, keys: &[OwnKey]) -> Vec<InputSignature> {
    in_parts(keys, |part| {
        let mut cache = SighashCache::new(&psbt.unsigned_tx);
        let sign = |OwnKey { input, key, secret }: &OwnKey| {
            let Ok((digest, EcdsaSighashType::All)) = psbt.sighash_ecdsa(*input, &mut cache) else { return None };
            let signature = SECP256K1.sign_ecdsa(&digest, secret);
            Some(InputSignature::Ecdsa(PartialSignature { input: *input as u32, key: *key, signature }))
        };
        part.iter().filter_map(sign).collect()
    })
}

/// The BIP39 words of an entropy, in English.
pub fn words(entropy: &[u8]) -> Result<Zeroizing<String>, SignerError> {
    let mnemonic = Mnemonic::from_entropy(entropy);
    Ok(Zeroizing::new(mnemonic.map_err(|error| SignerError::Unreadable { reason: error.to_string() })?.to_string()))
}

/// The entropy of BIP39 words, in English, divided by white space.
///
/// Errors: a word that is not in the list, a wrong number of words, a wrong checksum.
pub fn entropy(words: &str) -> Result<Zeroizing<Vec<u8>>, SignerError> {
    // The library's own message would repeat nothing of the words but a position; it is left out all the same.
    let mnemonic = Mnemonic::parse_in(Language::English, words).map_err(|_| SignerError::Words)?;
    Ok(Zeroizing::new(mnemonic.to_entropy()))
}

fn master(seed: &[u8; 64], network: Network) -> Result<Xpriv, SignerError> {
    Xpriv::new_master(network, seed).map_err(|error| SignerError::Unreadable { reason: error.to_string() })
}

impl Signer for SoftwareKey {
    fn account_key(&self) -> String {
        self.account.to_string()
    }

    fn sign(&self, permit: Permit<Sign>) -> Result<Vec<InputSignature>, SignerError> {
        let (mut psbt, leave) = permit.consume();
        let inputs = psbt.inputs.len();
        let keys = self.own_keys(&psbt, &leave.keys)?;
        // By libsecp256k1: RFC 6979 nonces and low-S, BIP340 in taproot.
        let mut signatures = sign_ecdsa(&psbt, &keys);
        if psbt.inputs.iter().any(|input| input.tap_internal_key.is_some()) {
            let secrets: BTreeMap<PublicKey, PrivateKey> =
                keys.iter().map(|it| (it.key, PrivateKey::new(it.secret, self.network))).collect();
            // Errors name inputs that these keys do not sign; they are counted below.
            let _ = psbt.sign(&secrets, SECP256K1);
            signatures.extend(taken(&psbt));
        }
        let signed: BTreeSet<u32> = signatures.iter().map(InputSignature::input).collect();
        if signed.len() < inputs {
            return Err(SignerError::NotOurKey { signed: signed.len(), inputs });
        }
        Ok(signatures)
    }

    fn prove(&self, request: KeyProofRequest) -> Result<Psbt, SignerError> {
        let mut psbt = request.consume();
        let master = master(&self.seed, self.network)?;
        match psbt.sign(&master, SECP256K1) {
            Ok(_) => Ok(psbt),
            Err(_) => Err(SignerError::NotOurKey { signed: 0, inputs: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_that_of_bip48() {
        // The words of BIP39's first test vector (twelve times "abandon", then "about"); fingerprint as published widely.
        let key = |script| SoftwareKey::new(&[0; 16], script, Network::Regtest).unwrap();
        for (script, path) in [
            (ScriptKind::P2wshSortedmulti, "48h/1h/0h/2h"),
            (ScriptKind::NestedMulti, "48h/1h/0h/1h"),
            (ScriptKind::TaprootMulti, "48h/1h/0h/3h"),
            (ScriptKind::LegacySortedmulti, "45h"),
        ] {
            let text = key(script).account_key();
            assert!(text.starts_with(&format!("[73c5da0a/{path}]tpub")), "{text}");
            assert!(AccountKey::parse(&text, script, Network::Regtest).is_ok());
        }
        let key = key(ScriptKind::default());
        let short = SoftwareKey::new(&[0; 15], ScriptKind::default(), Network::Regtest);
        assert!(matches!(short, Err(SignerError::Unreadable { .. })));
        assert!(!format!("{key:?}").contains("seed"));
    }

    #[test]
    fn words_and_entropy_are_the_same_key() {
        let text = words(&[0; 16]).unwrap();
        assert_eq!(*text, ["abandon "; 11].concat() + "about");
        assert_eq!(entropy(&format!(" {}\n", text.replace(' ', "\n"))).unwrap()[..], [0; 16]);
        for wrong in ["", "abandon", &text.replace("about", "abandon"), &text.replace("about", "aboot")] {
            assert_eq!(entropy(wrong).unwrap_err(), SignerError::Words);
        }
    }
}
