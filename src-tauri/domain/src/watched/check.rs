//! What is to be said about a descriptor before it is trusted: its keys, its threshold, and what is odd about it.

use std::collections::BTreeSet;

use bitcoin::NetworkKind;
use bitcoin::absolute::LockTime;
use bitcoin::bip32::{DerivationPath, Fingerprint};
use conclave_shared::DescriptorWarning;
use miniscript::RelLockTime;
use miniscript::descriptor::{Descriptor, DescriptorPublicKey, DescriptorType, SinglePubKey};
use miniscript::policy::{Liftable as _, Semantic};
use serde::Serialize;

use super::text::{ChecksumState, DescriptorRefusal};
use super::{Form, WatchedDescriptor};

/// A key of a descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedKey {
    /// Fingerprint of the master key, if it is said.
    pub fingerprint: Option<Fingerprint>,
    /// Path from the master key, if it is said.
    pub path: Option<DerivationPath>,
    /// The extended key, or the plain key in hexadecimal.
    pub key: String,
    /// What follows the key, with both keychains.
    pub rest: String,
    /// Depth of the extended key.
    pub depth: Option<u8>,
    /// Whether the depth is the length of the path; none where one of them is not said.
    pub depth_fits: Option<bool>,
    /// Whether the key is for test networks.
    pub test: Option<bool>,
}

/// What there is to say about a descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The kind, as its functions are written: `wsh(sortedmulti)`.
    pub kind: String,
    /// Fewest signatures that spend, without waiting if that is possible; none for a fixed script.
    pub threshold: Option<usize>,
    /// Different keys in it, in the order of the text.
    pub keys: Vec<CheckedKey>,
    /// What is odd.
    pub warnings: BTreeSet<DescriptorWarning>,
}

impl WatchedDescriptor {
    /// Looks at keys, kind and threshold.
    pub fn check(&self) -> Checked {
        let mut warnings = BTreeSet::new();
        if *self.checksum() == ChecksumState::Missing {
            warnings.insert(DescriptorWarning::ChecksumMissing);
        }
        if self.implied_change {
            warnings.insert(DescriptorWarning::ChangeImplied);
        }
        let ranged = self.ranged();
        if !ranged {
            warnings.insert(DescriptorWarning::NotRanged);
        } else if self.chains.len() < 2 {
            warnings.insert(DescriptorWarning::ChangeMissing);
        }
        let keys = self.checked_keys(&mut warnings);
        let form = self.chains.first().and_then(|chain| chain.last());
        let (kind, threshold) = match form {
            Some(Form::Miniscript(descriptor)) => {
                if descriptor.sanity_check().is_err() {
                    warnings.insert(DescriptorWarning::NotSane);
                }
                let text = descriptor.to_string();
                if text.contains("multi(") && !text.contains("sortedmulti(") || text.contains("multi_a(") {
                    warnings.insert(DescriptorWarning::MultiUnsorted);
                }
                let kind = if self.chains.first().is_some_and(|chain| chain.len() > 1) {
                    "combo".to_owned()
                } else {
                    kind(descriptor)
                };
                (kind, threshold(descriptor))
            }
            Some(Form::RawTaproot(_)) => ("rawtr".to_owned(), Some(1)),
            Some(Form::Script(_)) | None => {
                (if self.text().starts_with("addr(") { "addr" } else { "raw" }.to_owned(), None)
            }
        };
        Checked { kind, threshold, keys, warnings }
    }

    fn checked_keys(&self, warnings: &mut BTreeSet<DescriptorWarning>) -> Vec<CheckedKey> {
        let mut checked: Vec<CheckedKey> = vec![];
        for key in self.chains.first().into_iter().flatten().flat_map(|form| {
            let mut keys = vec![];
            form.public_keys(&mut keys);
            keys
        }) {
            let key = checked_key(&key);
            match key.fingerprint {
                None => warnings.insert(DescriptorWarning::OriginMissing),
                Some(fingerprint) if fingerprint == Fingerprint::default() => {
                    warnings.insert(DescriptorWarning::FingerprintZero)
                }
                Some(_) => false,
            };
            if key.depth_fits == Some(false) {
                warnings.insert(DescriptorWarning::DepthDiffers);
            }
            if checked.contains(&key) {
                continue;
            }
            if key.depth.is_some() && checked.iter().any(|other| other.key == key.key) {
                warnings.insert(DescriptorWarning::KeyReused);
            }
            checked.push(key);
        }
        checked
    }
}

fn kind(descriptor: &Descriptor<DescriptorPublicKey>) -> String {
    let inside = |text: &str| {
        let name = text.split('(').next().unwrap_or_default().to_owned();
        if ["multi", "sortedmulti", "multi_a"].contains(&name.as_str()) { name } else { "miniscript".to_owned() }
    };
    let text = descriptor.to_string();
    let after = |prefix: &str| inside(text.strip_prefix(prefix).unwrap_or_default());
    match descriptor.desc_type() {
        DescriptorType::Bare => after(""),
        DescriptorType::Pkh => "pkh".to_owned(),
        DescriptorType::Wpkh => "wpkh".to_owned(),
        DescriptorType::ShWpkh => "sh(wpkh)".to_owned(),
        DescriptorType::Sh | DescriptorType::ShSortedMulti => format!("sh({})", after("sh(")),
        DescriptorType::Wsh | DescriptorType::WshSortedMulti => format!("wsh({})", after("wsh(")),
        DescriptorType::ShWsh | DescriptorType::ShWshSortedMulti => format!("sh(wsh({}))", after("sh(wsh(")),
        DescriptorType::Tr => match descriptor {
            Descriptor::Tr(tr) => match tr.tap_tree() {
                None => "tr".to_owned(),
                Some(tree) => match &tree.iter().collect::<Vec<_>>()[..] {
                    [(_, leaf)] => format!("tr({})", inside(&leaf.to_string())),
                    _ => "tr(tree)".to_owned(),
                },
            },
            _ => "tr".to_owned(),
        },
    }
}

/// Fewest signatures that spend without waiting; where nothing does, those that do after waiting. Of a taproot descriptor
/// with scripts the scripts count: its internal key is most often one that nobody has.
fn threshold(descriptor: &Descriptor<DescriptorPublicKey>) -> Option<usize> {
    let counted = |policy: Semantic<DescriptorPublicKey>| {
        let now = policy.clone().at_age(RelLockTime::ZERO.into()).at_lock_time(LockTime::ZERO);
        now.minimum_n_keys().or_else(|| policy.minimum_n_keys())
    };
    match descriptor {
        Descriptor::Tr(tr) => {
            let leaves = tr.iter_scripts().filter_map(|(_, leaf)| counted(leaf.lift().ok()?));
            leaves.min().or_else(|| tr.tap_tree().is_none().then_some(1))
        }
        other => counted(other.lift().ok()?),
    }
}

fn checked_key(key: &DescriptorPublicKey) -> CheckedKey {
    let (origin, text, rest, xpub) = match key {
        DescriptorPublicKey::Single(single) => {
            let text = match &single.key {
                SinglePubKey::FullKey(key) => key.to_string(),
                SinglePubKey::XOnly(key) => key.to_string(),
            };
            (&single.origin, text, String::new(), None)
        }
        DescriptorPublicKey::XPub(it) => (&it.origin, it.xkey.to_string(), rest(key), Some(it.xkey)),
        DescriptorPublicKey::MultiXPub(it) => (&it.origin, it.xkey.to_string(), rest(key), Some(it.xkey)),
    };
    CheckedKey {
        fingerprint: origin.as_ref().map(|(fingerprint, _)| *fingerprint),
        path: origin.as_ref().map(|(_, path)| path.clone()),
        key: text,
        rest,
        depth: xpub.map(|xpub| xpub.depth),
        depth_fits: xpub.zip(origin.as_ref()).map(|(xpub, (_, path))| usize::from(xpub.depth) == path.len()),
        test: xpub.map(|xpub| xpub.network == NetworkKind::Test),
    }
}

/// What follows the extended key.
fn rest(key: &DescriptorPublicKey) -> String {
    let text = key.to_string();
    let after = text.rsplit(']').next().unwrap_or_default();
    after.split_once('/').map_or_else(String::new, |(_, rest)| format!("/{rest}"))
}

/// One key (public key and chain code) that claims two origins, or stands twice in one place: whoever holds it counts twice.
pub(super) fn refuse_doubled_keys(descriptor: &WatchedDescriptor) -> Result<(), DescriptorRefusal> {
    for chain in &descriptor.chains {
        let mut seen: Vec<(Identity, Option<(Fingerprint, DerivationPath)>)> = vec![];
        let mut whole = BTreeSet::new();
        for form in chain {
            let taproot = matches!(form, Form::Miniscript(it) if it.desc_type() == DescriptorType::Tr);
            let mut keys = vec![];
            form.public_keys(&mut keys);
            for key in keys {
                let (identity, origin) = identity(&key);
                let doubled = || DescriptorRefusal::KeyDuplicated { key: key.to_string() };
                if seen.iter().any(|(other, from)| *other == identity && *from != origin) {
                    return Err(doubled());
                }
                // The leaves of a taproot tree, and the forms of a combo, share keys by right.
                if !taproot && chain.len() == 1 && !whole.insert(key.to_string()) {
                    return Err(doubled());
                }
                seen.push((identity, origin));
            }
            if let Form::Miniscript(it) = form
                && let Descriptor::Tr(tr) = it.as_ref()
            {
                for (_, leaf) in tr.iter_scripts() {
                    let mut keys = BTreeSet::new();
                    if let Some(key) = leaf.iter_pk().find(|key| !keys.insert(key.to_string())) {
                        return Err(DescriptorRefusal::KeyDuplicated { key: key.to_string() });
                    }
                }
            }
        }
    }
    Ok(())
}

type Identity = (Vec<u8>, Vec<u8>);

fn identity(key: &DescriptorPublicKey) -> (Identity, Option<(Fingerprint, DerivationPath)>) {
    match key {
        DescriptorPublicKey::Single(single) => {
            let key = match &single.key {
                SinglePubKey::FullKey(key) => key.inner.x_only_public_key().0,
                SinglePubKey::XOnly(key) => *key,
            };
            ((key.serialize().to_vec(), vec![]), single.origin.clone())
        }
        DescriptorPublicKey::XPub(key) => (of_xpub(&key.xkey), key.origin.clone()),
        DescriptorPublicKey::MultiXPub(key) => (of_xpub(&key.xkey), key.origin.clone()),
    }
}

fn of_xpub(key: &bitcoin::bip32::Xpub) -> Identity {
    (key.public_key.x_only_public_key().0.serialize().to_vec(), key.chain_code.as_bytes().to_vec())
}
