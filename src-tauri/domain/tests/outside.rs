//! Vectors of other wallets, from the folder that CONCLAVE_FIXTURES names. Without it these tests say so and prove nothing;
//! `.ci/run` sets it where the folder is there.

use std::path::PathBuf;

use bitcoin::{Address, Network};
use conclave_domain::descriptor::{AccountKey, Keychain, VaultDescriptor, sortedmulti};
use conclave_shared::ScriptKind;

fn fixtures(name: &str) -> Option<PathBuf> {
    match std::env::var_os("CONCLAVE_FIXTURES") {
        Some(folder) => Some(PathBuf::from(folder).join(name)),
        None => {
            println!("CONCLAVE_FIXTURES is not set: {name} was not looked at");
            None
        }
    }
}

#[test]
fn addresses_are_those_that_a_jade_shows() {
    let Some(file) = fixtures("desc/jade-wsh_sorted_match.json") else { return };
    let text = std::fs::read_to_string(&file).unwrap();
    let vector: serde_json::Value = serde_json::from_str(&text).unwrap();
    let key = |name: &str| {
        AccountKey::parse(vector[name].as_str().unwrap(), ScriptKind::default(), Network::Testnet).unwrap()
    };
    // Either order: sortedmulti sorts the derived keys (BIP67).
    for keys in [[key("@0"), key("@1")], [key("@1"), key("@0")]] {
        let descriptor = VaultDescriptor::parse(&sortedmulti(2, &keys).unwrap()).unwrap();
        let addresses = vector["addresses"].as_object().unwrap();
        assert!(!addresses.is_empty());
        for (place, expected) in addresses {
            let (chain, index) = place.split_once('/').unwrap();
            let keychain = if chain == "0" { Keychain::Receive } else { Keychain::Change };
            let script = descriptor.script(keychain, index.parse().unwrap()).unwrap();
            let address = Address::from_script(&script, Network::Testnet).unwrap();
            assert_eq!(address.to_string(), expected.as_str().unwrap(), "{place}");
        }
    }
}

#[test]
fn descriptors_of_other_wallets_are_read_or_refused_by_name() {
    let Some(folder) = fixtures("desc") else { return };
    let (mut read, mut refused) = (0, 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for descriptor in text.lines().filter_map(|line| line.split_once('\t')).map(|(_, descriptor)| descriptor) {
            match VaultDescriptor::parse(descriptor) {
                Ok(descriptor) => {
                    read += 1;
                    assert!(descriptor.script(Keychain::Receive, 0).is_some());
                }
                Err(fault) => {
                    refused += 1;
                    assert!(!fault.to_string().is_empty());
                }
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > 0);
}
