//! What a descriptor gives at one index: its script, its keys, and where each key comes from. Each key is derived once,
//! for all of it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use bitcoin::bip32::{DerivationPath, Fingerprint, KeySource, Xpub};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{PublicKey, ScriptBuf, XOnlyPublicKey};
use miniscript::descriptor::SinglePubKey;
use miniscript::{Descriptor, DescriptorPublicKey, TranslatePk as _, Translator, translate_hash_clone};

use super::{Keychain, VaultDescriptor};
use crate::parts::in_parts;

/// What a descriptor gives at one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The output script.
    pub script: ScriptBuf,
    /// The descriptor of this index; none for a script that is fixed or has no known form.
    pub descriptor: Option<Descriptor<PublicKey>>,
    /// Its keys.
    pub keys: Vec<DerivedKey>,
}

/// A key of a descriptor at one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedKey {
    /// The public key; the even one where the descriptor has an x-only key.
    pub public: PublicKey,
    /// The same without its parity.
    pub x_only: XOnlyPublicKey,
    /// Fingerprint of its master key, if the descriptor says it (00000000 says nothing).
    pub fingerprint: Option<Fingerprint>,
    /// Path from the master key; from the key in the descriptor where its origin is not said.
    pub path: DerivationPath,
    /// How many steps of the path come after the key in the descriptor.
    pub steps: usize,
    /// The key as the descriptor has it.
    pub parent: ParentKey,
}

/// A key as a descriptor has it, without its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentKey {
    /// An xpub.
    Extended(Xpub),
    /// A key that nothing is derived from.
    Single(SinglePubKey),
}

impl fmt::Display for ParentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParentKey::Extended(key) => key.fmt(f),
            ParentKey::Single(SinglePubKey::FullKey(key)) => key.fmt(f),
            ParentKey::Single(SinglePubKey::XOnly(key)) => key.fmt(f),
        }
    }
}

impl Derived {
    /// What a descriptor gives at an index; none where it is 2^31 or above.
    pub(crate) fn new(descriptor: &Descriptor<DescriptorPublicKey>, index: u32) -> Option<Self> {
        let mut derive = Derive { index, keys: vec![] };
        let derived = descriptor.translate_pk(&mut derive).ok()?;
        Some(Self { script: derived.script_pubkey(), descriptor: Some(derived), keys: derive.keys })
    }
}

struct Derive {
    index: u32,
    keys: Vec<DerivedKey>,
}

impl Translator<DescriptorPublicKey, PublicKey, ()> for Derive {
    fn pk(&mut self, key: &DescriptorPublicKey) -> Result<PublicKey, ()> {
        let derived = DerivedKey::new(key, self.index).ok_or(())?;
        let public = derived.public;
        self.keys.push(derived);
        Ok(public)
    }

    translate_hash_clone!(DescriptorPublicKey, PublicKey, ());
}

impl DerivedKey {
    /// A key at an index; none where it cannot be derived.
    pub(crate) fn new(key: &DescriptorPublicKey, index: u32) -> Option<Self> {
        let definite = key.clone().at_derivation_index(index).ok()?;
        let public = definite.derive_public_key(SECP256K1).ok()?;
        let (origin, parent, rest) = match definite.into_descriptor_public_key() {
            DescriptorPublicKey::Single(single) => {
                (single.origin, ParentKey::Single(single.key), DerivationPath::master())
            }
            DescriptorPublicKey::XPub(key) => (key.origin, ParentKey::Extended(key.xkey), key.derivation_path),
            DescriptorPublicKey::MultiXPub(_) => return None,
        };
        let steps = rest.len();
        let (fingerprint, path) = match origin {
            Some((fingerprint, path)) if fingerprint != Fingerprint::default() => {
                (Some(fingerprint), path.extend(&rest))
            }
            // The path before the key is kept where it is said, even without a fingerprint.
            Some((_, path)) => (None, path.extend(&rest)),
            None => (None, rest),
        };
        Some(Self { public, x_only: public.inner.x_only_public_key().0, fingerprint, path, steps, parent })
    }

    /// Where the key comes from, as a PSBT says it (BIP174): fingerprint 00000000 where that is not known.
    pub fn source(&self) -> KeySource {
        (self.fingerprint.unwrap_or_default(), self.path.clone())
    }
}

/// Addresses of one descriptor that were derived already, so that nobody derives them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(HashMap<(Keychain, u32), Arc<Derived>>);

impl Places {
    /// What stands at an index, if it was derived.
    pub fn get(&self, keychain: Keychain, index: u32) -> Option<&Arc<Derived>> {
        self.0.get(&(keychain, index))
    }
}

impl VaultDescriptor {
    /// Derives each of these addresses once. Indices that no address has are left out.
    pub fn places(&self, wanted: impl Iterator<Item = (Keychain, u32)>) -> Places {
        let wanted: BTreeSet<(Keychain, u32)> = wanted.collect();
        let wanted: Vec<(Keychain, u32)> = wanted.into_iter().collect();
        let derive = |place: &(Keychain, u32)| Some((*place, Arc::new(self.derived(place.0, place.1)?)));
        Places(in_parts(&wanted, |part| part.iter().filter_map(derive).collect()).into_iter().collect())
    }

    /// What stands at an index; none where it is 2^31 or above.
    pub fn derived(&self, keychain: Keychain, index: u32) -> Option<Derived> {
        Derived::new(self.chain(keychain), index)
    }
}
