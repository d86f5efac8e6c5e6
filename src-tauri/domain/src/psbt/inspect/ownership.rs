//! Whose a script is: derived from the descriptor and compared, never believed. What a PSBT claims only says where to look.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bitcoin::bip32::{ChildNumber, DerivationPath, Fingerprint, KeySource};
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Script, ScriptBuf, TapLeafHash, XOnlyPublicKey};

use miniscript::Descriptor;

use crate::descriptor::{Derived, DerivedKey, Keychain};
use crate::watched::WatchedDescriptor;

/// Most places that the claims of one input or output make looked at.
const CLAIMED_PLACES_LIMIT: usize = 8;

/// A key that a PSBT brings, with the origin that it claims.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub x_only: XOnlyPublicKey,
    pub fingerprint: Fingerprint,
    pub path: DerivationPath,
}

/// The claims of an input or output.
pub(super) fn claims<'a>(
    ecdsa: impl Iterator<Item = (&'a PublicKey, &'a KeySource)>,
    taproot: impl Iterator<Item = (&'a XOnlyPublicKey, &'a (Vec<TapLeafHash>, KeySource))>,
) -> Vec<Claim> {
    let claim =
        |x_only, (fingerprint, path): &KeySource| Claim { x_only, fingerprint: *fingerprint, path: path.clone() };
    let ecdsa = ecdsa.map(|(key, source)| claim(key.x_only_public_key().0, source));
    ecdsa.chain(taproot.map(|(key, (_, source))| claim(*key, source))).collect()
}

/// Where in a descriptor a script stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub keychain: Keychain,
    pub index: u32,
    pub derived: Arc<Derived>,
}

impl Place {
    /// Whether an internal key that is told is the descriptor's, where the script is ours.
    pub(super) fn has_internal_key(&self, told: XOnlyPublicKey) -> bool {
        match &self.derived.descriptor {
            Some(Descriptor::Tr(tr)) => tr.internal_key().inner.x_only_public_key().0 == told,
            // Of a script that is no taproot, or has no known form, nothing is known.
            Some(_) | None => true,
        }
    }
}

/// How claims fit a script that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// They say what the descriptor says.
    Right,
    /// A fingerprint or path is another.
    Swapped,
    /// A key is none of the script's.
    Foreign,
    /// All name one other place of the descriptor.
    Elsewhere,
}

/// Looks for scripts of one descriptor.
pub(super) struct Search<'a> {
    descriptor: &'a WatchedDescriptor,
    /// Whether there is a script for each index.
    ranged: bool,
    /// Whether scripts that claim nothing are passed over.
    claimed_only: bool,
    scripts: HashMap<ScriptBuf, (Keychain, u32)>,
    /// Indices below this are in `scripts`.
    searched: u32,
}

impl<'a> Search<'a> {
    pub(super) fn new(descriptor: &'a WatchedDescriptor, claimed_only: bool) -> Self {
        Self { descriptor, ranged: descriptor.ranged(), claimed_only, scripts: HashMap::new(), searched: 0 }
    }

    /// The place of a script: where the claims say; where they say nothing, at any index up to `last`.
    pub(super) fn place(&mut self, script: &Script, claims: &[Claim], last: u32) -> Option<Place> {
        let mut claimed = self.claimed(claims).peekable();
        if claimed.peek().is_some() {
            return claimed.find(|place| place.derived.script == *script);
        }
        drop(claimed);
        if self.claimed_only { None } else { self.searched(script, last) }
    }

    /// What the descriptor has at the indices that claims name, on every keychain; derived as it is asked for.
    fn claimed(&self, claims: &[Claim]) -> impl Iterator<Item = Place> {
        let index = |claim: &Claim| match claim.path.into_iter().last() {
            Some(ChildNumber::Normal { index }) => Some(*index),
            Some(ChildNumber::Hardened { .. }) | None => None,
        };
        let all: BTreeSet<u32> = claims.iter().filter_map(index).collect();
        let mut indices: BTreeSet<u32> = all.into_iter().take(CLAIMED_PLACES_LIMIT).collect();
        if !self.ranged {
            indices = BTreeSet::from([0]);
        }
        let descriptor = self.descriptor;
        let at = move |(keychain, index)| {
            let derived = descriptor.at(keychain, index).into_iter();
            derived.map(move |derived| Place { keychain, index, derived })
        };
        let keychains = |index| descriptor.keychains().iter().map(move |it| (*it, index));
        let mut places: Vec<(Keychain, u32)> = indices.into_iter().flat_map(keychains).collect();
        // What costs nothing first.
        places.sort_by_key(|(keychain, index)| !descriptor.knows(*keychain, *index));
        places.into_iter().flat_map(at)
    }

    fn searched(&mut self, script: &Script, last: u32) -> Option<Place> {
        let alike = |derived: &Arc<Derived>| class(&derived.script) == class(script);
        if !self.descriptor.at(Keychain::Receive, 0).iter().any(alike) {
            return None;
        }
        let last = if self.ranged { last } else { 0 };
        while self.searched <= last && !self.scripts.contains_key(script) {
            for keychain in self.descriptor.keychains() {
                for derived in self.descriptor.at(*keychain, self.searched) {
                    self.scripts.entry(derived.script.clone()).or_insert((*keychain, self.searched));
                }
            }
            self.searched += 1;
        }
        let (keychain, index) = *self.scripts.get(script)?;
        let derived = self.descriptor.at(keychain, index).into_iter().find(|it| it.script == *script)?;
        Some(Place { keychain, index, derived })
    }

    /// Whether claims that belong to a script that is ours say the truth.
    pub(super) fn fit(&self, place: &Place, claims: &[Claim]) -> Fit {
        let keys = &place.derived.keys;
        // A fixed script says nothing about keys.
        if keys.is_empty() {
            return Fit::Right;
        }
        let own = |claim: &Claim| keys.iter().filter(|key| key.x_only == claim.x_only).collect::<Vec<_>>();
        if claims.iter().any(|claim| own(claim).is_empty()) {
            return Fit::Foreign;
        }
        if claims.iter().all(|claim| own(claim).iter().any(|key| says(claim, key))) {
            return Fit::Right;
        }
        let here = claims.iter().any(|claim| own(claim).iter().any(|key| says(claim, key)));
        let elsewhere = |other: &Place| (other.keychain, other.index) != (place.keychain, place.index);
        let others: Vec<Place> = self.claimed(claims).filter(elsewhere).collect();
        // A fixed key without an origin stands at every place.
        let named = |claim: &Claim, key: &DerivedKey| key.steps > 0 && same_origin(claim, key);
        let names = |claim: &Claim| others.iter().any(|other| other.derived.keys.iter().any(|key| named(claim, key)));
        if !here && claims.iter().all(names) { Fit::Elsewhere } else { Fit::Swapped }
    }

    /// Whether claims that belong to a script that is not ours pretend that it is.
    pub(super) fn pretend(&self, script: &Script, claims: &[Claim]) -> bool {
        let places: Vec<Place> = self.claimed(claims).collect();
        let ours: Vec<&DerivedKey> = places.iter().flat_map(|place| &place.derived.keys).collect();
        let same_kind =
            || self.descriptor.at(Keychain::Receive, 0).iter().any(|own| class(&own.script) == class(script));
        claims.iter().any(|claim| {
            ours.iter().any(|key| {
                let account = |path: &DerivationPath| path.into_iter().rev().skip(2).copied().collect::<Vec<_>>();
                let named = key.fingerprint == Some(claim.fingerprint);
                key.x_only == claim.x_only
                    || (named && account(&claim.path) == account(&key.path))
                    || (claim.path == key.path && key.path.len() > 2 && same_kind())
            })
        })
    }
}

fn says(claim: &Claim, key: &DerivedKey) -> bool {
    claim.x_only == key.x_only && same_origin(claim, key)
}

/// Whether a claim says of a key's origin what the descriptor says. What one of them does not know is no contradiction.
fn same_origin(claim: &Claim, key: &DerivedKey) -> bool {
    let tail = |path: &DerivationPath| path.into_iter().rev().take(key.steps).copied().collect::<Vec<_>>();
    let unknown = claim.fingerprint == Fingerprint::default();
    match key.fingerprint {
        Some(_) if unknown => tail(&claim.path) == tail(&key.path),
        Some(fingerprint) => claim.fingerprint == fingerprint && claim.path == key.path,
        None => tail(&claim.path) == tail(&key.path),
    }
}

/// What is told of a script by its first look: its length, and all but what it hashes.
fn class(script: &Script) -> (usize, Option<u8>, Option<u8>) {
    let bytes = script.as_bytes();
    (bytes.len(), bytes.first().copied(), bytes.last().copied().filter(|_| script.is_p2sh() || script.is_p2pkh()))
}
