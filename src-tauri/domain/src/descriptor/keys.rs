//! A keyholder's account key with its origin, and the account path of each kind of script.

use std::fmt;
use std::str::FromStr;

use bitcoin::bip32::{ChildNumber, DerivationPath, Fingerprint, Xpub};
use bitcoin::{Network, NetworkKind};
use conclave_shared::{ScriptForm, ScriptKind};

/// Longest key text accepted.
const KEY_TEXT_LIMIT: usize = 512;
/// Most steps of a legacy account's path.
const LEGACY_STEPS: usize = 5;

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
    /// The path is not that of a multisig account of the vault's script (BIP48, BIP45).
    #[error("key origin path is {found}, a multisig account of this script is at {expected}")]
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

/// The account path of a multisig key: BIP48's `48h/COINh/0h/TYPEh` with type 1 (nested), 2 (P2WSH) or 3 (taproot), BIP45's
/// `45h` without segwit.
pub fn account_path(script: ScriptKind, network: Network) -> DerivationPath {
    let script_type = match script.form() {
        ScriptForm::Nested => 1,
        ScriptForm::P2wsh => 2,
        ScriptForm::Taproot => 3,
        ScriptForm::Legacy => return [ChildNumber::Hardened { index: 45 }].into_iter().collect(),
    };
    [48, coin(network), 0, script_type].into_iter().map(|index| ChildNumber::Hardened { index }).collect()
}

/// BIP44's coin type.
fn coin(network: Network) -> u32 {
    if network == Network::Bitcoin { 0 } else { 1 }
}

/// Whether a key at `path` may be one of a vault. Vaults without segwit are old, and wallets had many ways then: all that
/// begins as BIP45, and four hardened steps that begin as BIP48.
fn accepted(path: &DerivationPath, script: ScriptKind, network: Network) -> bool {
    if *path == account_path(script, network) {
        return true;
    }
    let hardened = |index| ChildNumber::Hardened { index };
    let steps: &[ChildNumber] = path.as_ref();
    script.form() == ScriptForm::Legacy
        && match steps {
            [purpose, ..] if *purpose == hardened(45) => steps.len() <= LEGACY_STEPS,
            [purpose, of, account, script_type] => {
                *purpose == hardened(48)
                    && *of == hardened(coin(network))
                    && account.is_hardened()
                    && script_type.is_hardened()
            }
            _ => false,
        }
}

impl AccountKey {
    /// Reads `[fingerprint/path]xpub` and checks that it is an account key of `network` for vaults of `script`. An `xpub`
    /// alone is read too: of such a key neither depth nor path is known ([`AccountKey::has_origin`]).
    pub fn parse(text: &str, script: ScriptKind, network: Network) -> Result<Self, KeyFault> {
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
        if !accepted(&path, script, network) {
            return Err(KeyFault::Path { found: path, expected: account_path(script, network) });
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
