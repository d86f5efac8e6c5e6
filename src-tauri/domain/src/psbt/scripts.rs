//! What stands in a PSBT beside a coin whose address is known: its scripts and trees, its keys and where they come from
//! (BIP174, BIP371).

use bitcoin::psbt::Input;
use bitcoin::taproot::{LeafVersion, TapLeafHash};
use miniscript::descriptor::ShInner;
use miniscript::{Descriptor, ToPublicKey as _};

use crate::descriptor::Derived;

/// Puts into `input` what belongs to the address `derived`.
pub(super) fn describe(input: &mut Input, derived: &Derived) {
    match &derived.descriptor {
        Some(Descriptor::Wsh(wsh)) => input.witness_script = Some(wsh.inner_script()),
        Some(Descriptor::Sh(sh)) => match sh.as_inner() {
            ShInner::Wsh(wsh) => {
                let script = wsh.inner_script();
                input.redeem_script = Some(script.to_p2wsh());
                input.witness_script = Some(script);
            }
            ShInner::Wpkh(_) | ShInner::SortedMulti(_) | ShInner::Ms(_) => {
                input.redeem_script = Some(sh.inner_script())
            }
        },
        Some(Descriptor::Tr(_)) => return describe_taproot(input, derived),
        Some(Descriptor::Bare(_) | Descriptor::Pkh(_) | Descriptor::Wpkh(_)) | None => {}
    }
    input.bip32_derivation.extend(derived.keys.iter().map(|key| (key.public.inner, key.source())));
}

fn describe_taproot(input: &mut Input, derived: &Derived) {
    let Some(Descriptor::Tr(tr)) = &derived.descriptor else { return };
    let tree = tr.spend_info();
    input.tap_merkle_root = tree.merkle_root();
    input.tap_internal_key = Some(tree.internal_key());
    for key in &derived.keys {
        input.tap_key_origins.entry(key.x_only).or_insert_with(|| (vec![], key.source()));
    }
    for (_, leaf) in tr.iter_scripts() {
        let script = (leaf.encode(), LeafVersion::TapScript);
        let hash = TapLeafHash::from_script(&script.0, script.1);
        for key in leaf.iter_pk() {
            if let Some((leaves, _)) = input.tap_key_origins.get_mut(&key.to_x_only_pubkey()) {
                leaves.push(hash);
            }
        }
        if let Some(block) = tree.control_block(&script) {
            input.tap_scripts.insert(block, script);
        }
    }
    for (leaves, _) in input.tap_key_origins.values_mut() {
        leaves.sort();
        leaves.dedup();
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::Network;
    use bitcoin::bip32::{Xpriv, Xpub};
    use bitcoin::secp256k1::SECP256K1;
    use conclave_shared::ScriptKind;
    use miniscript::psbt::PsbtInputExt as _;

    use super::*;
    use crate::descriptor::{AccountKey, Keychain, RecoveryQuorum, VaultDescriptor, account_path, descriptor};

    fn account(seed: u8, script: ScriptKind) -> AccountKey {
        let master = Xpriv::new_master(Network::Regtest, &[seed; 32]).unwrap();
        let path = account_path(script, Network::Regtest);
        let xpub = Xpub::from_priv(SECP256K1, &master.derive_priv(SECP256K1, &path).unwrap());
        AccountKey { fingerprint: master.fingerprint(SECP256K1), path, xpub }
    }

    #[test]
    fn an_input_is_described_as_the_library_describes_it() {
        for script in ScriptKind::ALL {
            let keys: Vec<AccountKey> = (1..=3).map(|seed| account(seed, script)).collect();
            let recovery = |keys| RecoveryQuorum { after_blocks: 144, threshold: 1, keys };
            let own = recovery(vec![]);
            let heirs = recovery(vec![account(4, script)]);
            for recovery in [None, Some(&own), Some(&heirs)] {
                if recovery.is_some() && !script.recoverable() {
                    continue;
                }
                let text = descriptor(script, 2, &keys, recovery, Network::Regtest).unwrap();
                let vault = VaultDescriptor::parse(&text).unwrap();
                for (keychain, index) in [(Keychain::Receive, 0), (Keychain::Change, 7), (Keychain::Receive, 1_000_000)]
                {
                    let mut expected = Input::default();
                    expected.update_with_descriptor_unchecked(&vault.at(keychain, index).unwrap()).unwrap();
                    let mut input = Input::default();
                    describe(&mut input, &vault.derived(keychain, index).unwrap());
                    assert_eq!(input, expected, "{script} at {keychain:?} {index}");
                    let keys = input.bip32_derivation.len() + input.tap_key_origins.len();
                    assert!(keys >= 3, "{script}: {keys} keys");
                }
            }
        }
    }
}
