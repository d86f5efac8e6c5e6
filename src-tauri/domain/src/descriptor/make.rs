//! Making a vault's descriptor of its keys: one text for each kind of script, so that every member makes the same.

use std::str::FromStr;

use bitcoin::bip32::{ChainCode, ChildNumber, Fingerprint, Xpub};
use bitcoin::hashes::{Hash as _, sha256};
use bitcoin::secp256k1::{Parity, XOnlyPublicKey};
use bitcoin::{Network, NetworkKind};
use conclave_shared::{ScriptForm, ScriptKind};
use miniscript::{Descriptor, DescriptorPublicKey};

use super::{AccountKey, DescriptorFault, malformed};

/// Most keys of one vault, and most recovery keys.
pub const KEYS_LIMIT: usize = 15;

/// The point of BIP341 of which nobody knows the secret key, x-only: SHA256 of the generator's uncompressed encoding.
pub const NUMS_POINT: [u8; 32] = [
    0x50, 0x92, 0x9b, 0x74, 0xc1, 0xa0, 0x49, 0x54, 0xb7, 0x8b, 0x4b, 0x60, 0x35, 0xe9, 0x7a, 0x5e, 0x07, 0x8a, 0x5a,
    0x0f, 0x28, 0xec, 0x96, 0xd5, 0x47, 0xbf, 0xee, 0x9a, 0xce, 0x80, 0x3a, 0xc0,
];

/// A second way to spend, its keys read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryQuorum {
    /// How many blocks a coin must have lain (BIP68).
    pub after_blocks: u16,
    /// Signatures that are then asked.
    pub threshold: u32,
    /// Keys for this alone. None: the vault's own, at the steps `<2;3>` (miniscript forbids one key twice).
    pub keys: Vec<AccountKey>,
}

/// The text of a vault's descriptor, with checksum. Keys stand in the order given; a kind without `sorted` in its name
/// keeps that order in every address.
pub fn descriptor(
    script: ScriptKind,
    threshold: u32,
    keys: &[AccountKey],
    recovery: Option<&RecoveryQuorum>,
    network: Network,
) -> Result<String, DescriptorFault> {
    check_quorum(threshold, keys.len())?;
    check_recovery(script, threshold, keys.len(), recovery)?;
    let own = at(keys, "<0;1>");
    let members = |fragment: &str| format!("{fragment}({threshold},{own})");
    let text = match (script, recovery) {
        (ScriptKind::P2wshSortedmulti, None) => format!("wsh({})", members("sortedmulti")),
        (ScriptKind::NestedSortedmulti, None) => format!("sh(wsh({}))", members("sortedmulti")),
        (ScriptKind::LegacySortedmulti, None) => format!("sh({})", members("sortedmulti")),
        (ScriptKind::LegacyMulti, None) => format!("sh({})", members("multi")),
        (ScriptKind::P2wshMulti, None) => format!("wsh({})", members("multi")),
        (ScriptKind::NestedMulti, None) => format!("sh(wsh({}))", members("multi")),
        (ScriptKind::TaprootMulti, None) => {
            format!("tr({}/<0;1>/*,{})", unspendable(keys.iter(), network), members("multi_a"))
        }
        (ScriptKind::P2wshMulti | ScriptKind::NestedMulti | ScriptKind::TaprootMulti, Some(recovery)) => {
            let (quorum, blocks) = (recovery.threshold, recovery.after_blocks);
            let others = if recovery.keys.is_empty() { at(keys, "<2;3>") } else { at(&recovery.keys, "<0;1>") };
            let later = |fragment: &str| format!("and_v(v:{fragment}({quorum},{others}),older({blocks}))");
            let branches = || format!("or_d({},{})", members("multi"), later("multi"));
            match script.form() {
                ScriptForm::P2wsh => format!("wsh({})", branches()),
                ScriptForm::Nested => format!("sh(wsh({}))", branches()),
                ScriptForm::Taproot | ScriptForm::Legacy => {
                    let internal = unspendable(keys.iter().chain(&recovery.keys), network);
                    format!("tr({internal}/<0;1>/*,{{{},{}}})", members("multi_a"), later("multi_a"))
                }
            }
        }
        (
            ScriptKind::P2wshSortedmulti
            | ScriptKind::NestedSortedmulti
            | ScriptKind::LegacySortedmulti
            | ScriptKind::LegacyMulti,
            Some(_),
        ) => return Err(DescriptorFault::RecoveryScript { script }),
    };
    let descriptor = Descriptor::<DescriptorPublicKey>::from_str(&text).map_err(malformed)?;
    Ok(descriptor.to_string())
}

/// A vault's descriptor of the default kind, without recovery.
pub fn sortedmulti(threshold: u32, keys: &[AccountKey]) -> Result<String, DescriptorFault> {
    // The network matters for the unspendable key of taproot alone.
    descriptor(ScriptKind::P2wshSortedmulti, threshold, keys, None, Network::Regtest)
}

/// Whether so many keys can hold a vault with that threshold.
pub fn check_quorum(threshold: u32, keys: usize) -> Result<(), DescriptorFault> {
    if keys == 0 || keys > KEYS_LIMIT {
        return Err(DescriptorFault::Keys { keys });
    }
    if threshold == 0 || threshold as usize > keys {
        return Err(DescriptorFault::Threshold { threshold, keys });
    }
    Ok(())
}

/// Whether a recovery, if there is one, can stand beside `threshold` of `keys` in a vault of `script`.
pub fn check_recovery(
    script: ScriptKind,
    threshold: u32,
    keys: usize,
    recovery: Option<&RecoveryQuorum>,
) -> Result<(), DescriptorFault> {
    let Some(recovery) = recovery else { return Ok(()) };
    if !script.recoverable() {
        return Err(DescriptorFault::RecoveryScript { script });
    }
    let own = recovery.keys.is_empty();
    check_quorum(recovery.threshold, if own { keys } else { recovery.keys.len() })?;
    if recovery.after_blocks == 0 {
        return Err(DescriptorFault::RecoveryAtOnce);
    }
    if own && recovery.threshold >= threshold {
        return Err(DescriptorFault::RecoveryNoEasier { recovery: recovery.threshold, threshold });
    }
    Ok(())
}

fn at(keys: &[AccountKey], steps: &str) -> String {
    keys.iter().map(|key| format!("{key}/{steps}/*")).collect::<Vec<_>>().join(",")
}

/// The internal key of a taproot vault: nobody can sign by it. An extended key, as signers ask for one, of the point whose
/// secret nobody knows; its chain code is SHA256 of all participants' public keys (compressed, sorted, each once), so that
/// every member makes the same one and nobody outside tells an address of it from another.
pub fn unspendable<'a>(keys: impl Iterator<Item = &'a AccountKey>, network: Network) -> Xpub {
    let mut participants: Vec<[u8; 33]> = keys.map(|key| key.xpub.public_key.serialize()).collect();
    participants.sort_unstable();
    participants.dedup();
    let point = XOnlyPublicKey::from_slice(&NUMS_POINT).expect("BIP341's point is on the curve");
    Xpub {
        network: NetworkKind::from(network),
        depth: 0,
        parent_fingerprint: Fingerprint::default(),
        child_number: ChildNumber::Normal { index: 0 },
        public_key: point.public_key(Parity::Even),
        chain_code: ChainCode::from(sha256::Hash::hash(&participants.concat()).to_byte_array()),
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::secp256k1::constants::{GENERATOR_X, GENERATOR_Y};

    use super::*;

    #[test]
    fn the_unspendable_point_is_bip341s() {
        // "H = lift_x(0x5092...) is constructed by taking the hash of the standard uncompressed encoding of the generator."
        let encoded = [&[4][..], &GENERATOR_X, &GENERATOR_Y].concat();
        assert_eq!(sha256::Hash::hash(&encoded).to_byte_array(), NUMS_POINT);
    }
}
