//! Keys with their origin, and the descriptor made of them: P2WSH `sortedmulti` (BIP67, BIP383) over `<0;1>/*` (BIP389).

use std::fmt;
use std::str::FromStr;

use bitcoin::bip32::{ChildNumber, DerivationPath, Fingerprint, Xpub};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{Address, Network, NetworkKind, ScriptBuf};
use miniscript::descriptor::DefiniteDescriptorKey;
use miniscript::{Descriptor, DescriptorPublicKey};
use serde::{Deserialize, Serialize};

/// Most keys of one vault.
pub const KEYS_LIMIT: usize = 15;
/// Longest key text accepted.
const KEY_TEXT_LIMIT: usize = 512;

/// Which of a vault's two chains of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keychain {
    /// Addresses given out.
    Receive,
    /// Addresses for change.
    Change,
}

/// Why a text is not a key of a vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not `[fingerprint/path]xpub`.
    #[error("key is not of the form [fingerprint/path]xpub: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// An extended key of another network.
    #[error("key is for another network than {network}")]
    Network {
        /// The vault's network.
        network: Network,
    },
    /// The path is not that of a P2WSH multisig account (BIP48).
    #[error("key origin path is {found}, a multisig account is at {expected}")]
    Path {
        /// The path found.
        found: DerivationPath,
        /// The path expected.
        expected: DerivationPath,
    },
    /// The extended key's depth contradicts its path.
    #[error("key has depth {depth}, its origin path has {steps} steps")]
    Depth {
        /// Depth inside the extended key.
        depth: u8,
        /// Steps of the path.
        steps: usize,
    },
}

/// A keyholder's account key with its origin, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKey {
    /// Fingerprint of the master key; 00000000 where it is not known.
    pub fingerprint: Fingerprint,
    /// Path from the master key to the account; empty for a key that came without origin.
    pub path: DerivationPath,
    /// The account's extended public key.
    pub xpub: Xpub,
}

/// The account path of a P2WSH multisig key (BIP48): `48h/COINh/0h/2h`.
pub fn account_path(network: Network) -> DerivationPath {
    let coin = if network == Network::Bitcoin { 0 } else { 1 };
    [48, coin, 0, 2].into_iter().map(|index| ChildNumber::Hardened { index }).collect()
}

impl AccountKey {
    /// Reads `[fingerprint/path]xpub` and checks that it is an account key of `network`. An `xpub` alone is read too: of
    /// such a key neither depth nor path is known ([`AccountKey::has_origin`]).
    pub fn parse(text: &str, network: Network) -> Result<Self, KeyFault> {
        let malformed = |reason: &str| KeyFault::Malformed { reason: reason.to_owned() };
        if text.len() > KEY_TEXT_LIMIT {
            return Err(malformed("too long"));
        }
        if !text.starts_with('[') {
            let xpub = Xpub::from_str(text).map_err(|_| malformed("the origin in brackets is missing"))?;
            if xpub.network != NetworkKind::from(network) {
                return Err(KeyFault::Network { network });
            }
            return Ok(Self { fingerprint: Fingerprint::default(), path: DerivationPath::master(), xpub });
        }
        let (origin, xpub) = text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .ok_or_else(|| malformed("the origin in brackets is missing"))?;
        let (fingerprint, path) = origin.split_once('/').ok_or_else(|| malformed("the origin has no path"))?;
        let fingerprint = Fingerprint::from_str(fingerprint).map_err(|error| malformed(&error.to_string()))?;
        let path = DerivationPath::from_str(path).map_err(|error| malformed(&error.to_string()))?;
        let xpub = Xpub::from_str(xpub).map_err(|error| malformed(&error.to_string()))?;
        if xpub.network != NetworkKind::from(network) {
            return Err(KeyFault::Network { network });
        }
        if usize::from(xpub.depth) != path.len() {
            return Err(KeyFault::Depth { depth: xpub.depth, steps: path.len() });
        }
        let expected = account_path(network);
        if path != expected {
            return Err(KeyFault::Path { found: path, expected });
        }
        Ok(Self { fingerprint, path, xpub })
    }

    /// Whether it came with a path in brackets.
    pub fn has_origin(&self) -> bool {
        !self.path.is_empty()
    }

    /// Whether seed and path are named: not for a bare `xpub`, nor where the fingerprint is 00000000. Such keys are used,
    /// with a warning (`origin-unknown`) until the key is proven.
    pub fn origin_known(&self) -> bool {
        self.has_origin() && self.fingerprint != Fingerprint::default()
    }

    /// Whether two texts hold one key: public key and chain code are compared, whatever the fingerprints say.
    pub fn same_key(&self, other: &Self) -> bool {
        self.xpub.public_key == other.xpub.public_key || self.xpub.chain_code == other.xpub.chain_code
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_origin() {
            return self.xpub.fmt(f);
        }
        // Hardened steps as `h`, the form that BIP380 recommends: no quoting trouble in shells and JSON.
        write!(f, "[{}", self.fingerprint)?;
        self.path.into_iter().try_for_each(|step| write!(f, "/{step:#}"))?;
        write!(f, "]{}", self.xpub)
    }
}

/// Why keys and threshold make no descriptor, or a text is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorFault {
    /// No key, or more than [`KEYS_LIMIT`].
    #[error("a vault has 1 to {KEYS_LIMIT} keys, not {keys}")]
    Keys {
        /// How many there are.
        keys: usize,
    },
    /// Threshold 0 or above the number of keys.
    #[error("{threshold} signatures cannot be asked of {keys} keys")]
    Threshold {
        /// The threshold.
        threshold: u32,
        /// How many keys there are.
        keys: usize,
    },
    /// Not a descriptor, or its checksum is wrong.
    #[error("not a descriptor: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// A descriptor without a receive and a change keychain.
    #[error("a vault's descriptor has a receive and a change keychain: <0;1>/*")]
    Keychains,
}

/// The text of a vault's descriptor, with checksum. Keys stand in the order given.
pub fn sortedmulti(threshold: u32, keys: &[AccountKey]) -> Result<String, DescriptorFault> {
    if keys.is_empty() || keys.len() > KEYS_LIMIT {
        return Err(DescriptorFault::Keys { keys: keys.len() });
    }
    if threshold == 0 || threshold as usize > keys.len() {
        return Err(DescriptorFault::Threshold { threshold, keys: keys.len() });
    }
    let keys: Vec<String> = keys.iter().map(|key| format!("{key}/<0;1>/*")).collect();
    let text = format!("wsh(sortedmulti({threshold},{}))", keys.join(","));
    let descriptor = Descriptor::<DescriptorPublicKey>::from_str(&text).map_err(malformed)?;
    Ok(descriptor.to_string())
}

fn malformed(error: impl fmt::Display) -> DescriptorFault {
    DescriptorFault::Malformed { reason: error.to_string() }
}

/// A vault's descriptor, split into its two keychains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultDescriptor {
    text: String,
    receive: Descriptor<DescriptorPublicKey>,
    change: Descriptor<DescriptorPublicKey>,
}

impl VaultDescriptor {
    /// Reads a two-path descriptor with its checksum.
    pub fn parse(text: &str) -> Result<Self, DescriptorFault> {
        let descriptor = Descriptor::<DescriptorPublicKey>::from_str(text).map_err(malformed)?;
        let mut single = descriptor.into_single_descriptors().map_err(malformed)?.into_iter();
        match (single.next(), single.next(), single.next()) {
            (Some(receive), Some(change), None) if receive.has_wildcard() && change.has_wildcard() => {
                Ok(Self { text: text.to_owned(), receive, change })
            }
            _ => Err(DescriptorFault::Keychains),
        }
    }

    /// The descriptor as ratified, with checksum.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The descriptor of one address. None where `index` is not an unhardened child (2^31 and above).
    pub fn at(&self, keychain: Keychain, index: u32) -> Option<Descriptor<DefiniteDescriptorKey>> {
        let descriptor = match keychain {
            Keychain::Receive => &self.receive,
            Keychain::Change => &self.change,
        };
        descriptor.at_derivation_index(index).ok()
    }

    /// The output script at an index.
    pub fn script(&self, keychain: Keychain, index: u32) -> Option<ScriptBuf> {
        Some(self.at(keychain, index)?.derived_descriptor(SECP256K1).ok()?.script_pubkey())
    }

    /// The address at an index of the receive keychain.
    pub fn address(&self, index: u32, network: Network) -> Option<Address> {
        Address::from_script(&self.script(Keychain::Receive, index)?, network).ok()
    }
}
