//! Signers: whatever holds a bitcoin key. One trait, an adapter for each kind; a signature is made for a [`Permit`] alone.

pub mod software;

use bitcoin::Psbt;
use conclave_domain::guard::{Permit, Sign};
use conclave_domain::key_proof::KeyProofRequest;
use conclave_domain::proposal::InputSignature;

pub use software::SoftwareKey;

/// Holds a member's key and signs what the guard has permitted.
pub trait Signer {
    /// The account key with its origin, `[fingerprint/path]xpub`.
    fn account_key(&self) -> String;

    /// Signs every input of the permitted PSBT with this key, on the spending path that the permit names keys of. The
    /// permit is used up, whatever comes of it.
    fn sign(&self, permit: Permit<Sign>) -> Result<Vec<InputSignature>, SignerError>;

    /// Signs a proof of key: a transaction that can never be a payment. Gives back the PSBT with its signature, from which
    /// [`conclave_domain::key_proof::signature_in`] takes it.
    fn prove(&self, request: KeyProofRequest) -> Result<Psbt, SignerError>;
}

/// Why a signer gave no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum SignerError {
    /// The key is not one of the vault's.
    #[error("this key signed {signed} of {inputs} inputs: it is not a key of this vault")]
    NotOurKey {
        /// Inputs signed.
        signed: usize,
        /// Inputs there are.
        inputs: usize,
    },
    /// A text that is not the words of a key.
    #[error(
        "these are not the words of a key: they must be 12 to 24 words of BIP39's English list, the last fits the rest"
    )]
    #[strum(serialize = "seed-words-wrong")]
    Words,
    /// The stored entropy is no BIP39 entropy, or gives no key.
    #[error("the stored key cannot be read: {reason}")]
    #[strum(serialize = "key-unreadable")]
    Unreadable {
        /// What is wrong; never the key.
        reason: String,
    },
}
