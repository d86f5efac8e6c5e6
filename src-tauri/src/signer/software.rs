//! A key in this computer's memory: BIP39 entropy to a BIP48 account. Derived anew for each use and dropped at once;
//! libraries may leave copies of derived keys in memory, so no more is claimed than that.

use bip39::{Language, Mnemonic};
use bitcoin::bip32::{Xpriv, Xpub};
use bitcoin::secp256k1::{SECP256K1, ecdsa};
use bitcoin::{Network, Psbt};
use conclave_domain::descriptor::{AccountKey, account_path};
use conclave_domain::guard::{Permit, Sign};
use conclave_domain::key_proof::KeyProofRequest;
use conclave_domain::proposal::PartialSignature;
use conclave_domain::psbt::signatures;
use conclave_domain::succession::{IDENTITY_STEPS, identity_message};
use conclave_shared::{MemberId, VaultId};
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
    /// The key of a BIP39 entropy (16 to 32 bytes), without passphrase.
    pub fn new(entropy: &[u8], network: Network) -> Result<Self, SignerError> {
        let unreadable = |reason: String| SignerError::Unreadable { reason };
        let mnemonic = Mnemonic::from_entropy(entropy).map_err(|error| unreadable(error.to_string()))?;
        let seed = Zeroizing::new(mnemonic.to_seed(""));
        let master = master(&seed, network)?;
        let path = account_path(network);
        let account = master.derive_priv(SECP256K1, &path).map_err(|error| unreadable(error.to_string()))?;
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
        let unreadable = |error: bitcoin::bip32::Error| SignerError::Unreadable { reason: error.to_string() };
        let master = master(&self.seed, self.network)?;
        let account = master.derive_priv(SECP256K1, &account_path(self.network)).map_err(unreadable)?;
        let key = account.derive_priv(SECP256K1, &IDENTITY_STEPS).map_err(unreadable)?;
        Ok(SECP256K1.sign_ecdsa(&identity_message(vault, old, new), &key.private_key))
    }
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

    fn sign(&self, permit: Permit<Sign>) -> Result<Vec<PartialSignature>, SignerError> {
        let (mut psbt, _) = permit.consume();
        let inputs = psbt.inputs.len();
        let master = master(&self.seed, self.network)?;
        // RFC 6979 nonces and low-S by libsecp256k1. Errors name inputs that this key does not sign; counted below.
        let _ = psbt.sign(&master, SECP256K1);
        let signatures = signatures(&psbt);
        if signatures.len() < inputs {
            return Err(SignerError::NotOurKey { signed: signatures.len(), inputs });
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
        let key = SoftwareKey::new(&[0; 16], Network::Regtest).unwrap();
        assert!(key.account_key().starts_with("[73c5da0a/48h/1h/0h/2h]tpub"), "{}", key.account_key());
        assert!(AccountKey::parse(&key.account_key(), Network::Regtest).is_ok());
        assert!(matches!(SoftwareKey::new(&[0; 15], Network::Regtest), Err(SignerError::Unreadable { .. })));
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
