//! Keys of a keychain derived once, from the account to the chain: each address is then one step of each key.

use bitcoin::bip32::DerivationPath;
use bitcoin::secp256k1::SECP256K1;
use miniscript::descriptor::{DescriptorXKey, Wildcard};
use miniscript::{Descriptor, DescriptorPublicKey, TranslatePk as _, Translator, translate_hash_clone};

struct Advance;

impl Translator<DescriptorPublicKey, DescriptorPublicKey, ()> for Advance {
    fn pk(&mut self, key: &DescriptorPublicKey) -> Result<DescriptorPublicKey, ()> {
        Ok(advanced(key).unwrap_or_else(|| key.clone()))
    }

    translate_hash_clone!(DescriptorPublicKey, DescriptorPublicKey, ());
}

/// The same scripts and origins, by keys that stand one step before the address. What cannot be derived stays.
pub(super) fn advance(descriptor: Descriptor<DescriptorPublicKey>) -> Descriptor<DescriptorPublicKey> {
    descriptor.translate_pk(&mut Advance).unwrap_or(descriptor)
}

fn advanced(key: &DescriptorPublicKey) -> Option<DescriptorPublicKey> {
    let DescriptorPublicKey::XPub(key) = key else { return None };
    if key.wildcard != Wildcard::Unhardened {
        return None;
    }
    let xkey = key.xkey.derive_pub(SECP256K1, &key.derivation_path).ok()?;
    let (fingerprint, path) = key.origin.clone().unwrap_or_else(|| (key.xkey.fingerprint(), DerivationPath::master()));
    Some(DescriptorPublicKey::XPub(DescriptorXKey {
        origin: Some((fingerprint, path.extend(&key.derivation_path))),
        xkey,
        derivation_path: DerivationPath::master(),
        wildcard: Wildcard::Unhardened,
    }))
}
