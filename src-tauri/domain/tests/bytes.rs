//! Arbitrary bytes where bytes come in: seeds, what is left of them when they are cut or flipped, and random ones. The same
//! entries are fuzzed (`cargo xtask fuzz`). With CONCLAVE_WRITE_SEEDS set, the seeds are written instead, from a story.

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conclave_domain::action::{Action, Content};
use conclave_domain::envelope::{Payload, pack};
use conclave_domain::heads::Heads;
use conclave_domain::outside::ENTRIES;
use conclave_domain::proposal::KeptSignature;
use conclave_shared::Cfg;
use nostr::JsonUtil as _;
use proptest::prelude::*;

type Seeds = BTreeMap<&'static str, Vec<Vec<u8>>>;

fn folder(entry: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus-seed").join(entry)
}

fn committed(entry: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(entry)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// What a vault's life leaves: every kind of event, message and text.
fn story() -> Seeds {
    let (people, events, proposal, _) = support::paid();
    let (_, invitations, _) = support::people();
    let mut seeds = Seeds::new();
    let mut add = |entry: &'static str, bytes: &[u8]| seeds.entry(entry).or_default().push(bytes.to_vec());
    let mut kinds = Vec::new();
    for event in &events {
        let Content::Known(action) = &event.content else { panic!("an event of the story") };
        if kinds.contains(&std::mem::discriminant(action)) {
            continue;
        }
        kinds.push(std::mem::discriminant(action));
        add("event", event.to_json().as_bytes());
        add("content", action.to_json().as_bytes());
        if let Action::ConfigurationProposed(it) = action {
            add("configuration", it.configuration.as_bytes());
        }
    }
    let ana = &people[0];
    let vault = ana.vault.id();
    let heads = Heads::unsigned(ana.vault.log(), vault, ana.id(), ana.clock_ms).unwrap();
    let heads = heads.sign_with_keys(&ana.keys).unwrap();
    add("heads", heads.as_json().as_bytes());
    let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
    let all = Payload::Events { vault, events: events.iter().map(|event| value(&event.to_json())).collect() };
    let said = [
        Payload::Events { vault, events: vec![value(&events[0].to_json())] },
        Payload::Heads { vault, event: value(&heads.as_json()), answers: None },
        Payload::Ask { vault, nonce: proposal },
        Payload::Want { vault, events: vec![proposal] },
    ];
    for payload in said {
        add("envelope", pack(&payload).unwrap()[0].as_bytes());
    }
    // As large as a part, so that there are two: noise does not shrink.
    let noise: Vec<serde_json::Value> = (0..450_u32).map(|n| Cfg(noise(n)).to_string().into()).collect();
    let large = Payload::Events { vault, events: noise };
    for (sender, payload) in [(b'0', &all), (b'1', &large)] {
        let lines: Vec<String> =
            pack(payload).unwrap().iter().rev().map(|part| format!("{}{part}", char::from(sender))).collect();
        add("parts", lines.join("\n").as_bytes());
    }
    for invitation in &invitations {
        add("invitation", invitation.to_text().as_bytes());
    }
    let active = ana.vault.active().unwrap();
    add("descriptor", active.descriptor.text().as_bytes());
    add("descriptor", ana.key().as_bytes());
    let configuration = active.configuration.to_json();
    for event in &events {
        if let Content::Known(Action::Proposed(proposed)) = &event.content {
            add("proposal", format!("{configuration}\n{}", serde_json::to_string(proposed).unwrap()).as_bytes());
            let raw: Vec<u8> = bitcoin::hex::FromHex::from_hex(&proposed.transaction).unwrap();
            let transaction: bitcoin::Transaction = bitcoin::consensus::deserialize(&raw).unwrap();
            let mut psbt = bitcoin::Psbt::from_unsigned_tx(transaction).unwrap();
            add("psbt", &psbt.serialize());
            for (input, key, signature) in ana.vault.proposal(event.id).unwrap().signatures.iter() {
                let KeptSignature::Ecdsa(signature) = signature else { panic!("a vault without taproot") };
                let signature = bitcoin::ecdsa::Signature::sighash_all(*signature);
                psbt.inputs[input as usize].partial_sigs.insert(key, signature);
            }
            add("psbt", &psbt.serialize());
        }
    }
    tools(&mut add);
    seeds
}

/// PSBTs and descriptors that another library made, of each kind of wallet, in both versions.
fn tools(add: &mut impl FnMut(&'static str, &[u8])) {
    let (forgeries, descriptors) =
        (include_str!("../fixtures/forgeries/forgeries.tsv"), include_str!("../fixtures/forgeries/descriptors.tsv"));
    for (kind, descriptor) in descriptors.lines().filter_map(|line| line.split_once('\t')) {
        add("watched", descriptor.as_bytes());
        for name in ["honest-signed-twice", "honest-v2"] {
            let start = format!("{kind}\t{name}\t");
            let line = forgeries.lines().find(|line| line.starts_with(&start)).unwrap();
            let psbt = STANDARD.decode(line.rsplit('\t').next().unwrap()).unwrap();
            add("psbt_file", &psbt);
            if (kind == "taproot") == (name == "honest-v2") {
                add("psbt_judged", &[descriptor.as_bytes(), b"\n", &psbt].concat());
            }
        }
    }
    for text in ["raw(deadbeef)#89f8spxm", "addr(3PUNyaW7M55oKWJ3kDukwk9bsKvryra15j)"] {
        add("watched", text.as_bytes());
    }
}

fn noise(n: u32) -> [u8; 32] {
    conclave_domain::hash::tagged("noise", &n.to_le_bytes())
}

#[test]
fn every_seed_is_read() {
    if std::env::var_os("CONCLAVE_WRITE_SEEDS").is_some() {
        for (entry, seeds) in story() {
            let folder = folder(entry);
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
            for (number, seed) in seeds.iter().enumerate() {
                std::fs::write(folder.join(format!("{number:02}")), seed).unwrap();
            }
        }
    }
    for (entry, read) in ENTRIES {
        let seeds = committed(entry);
        assert!(!seeds.is_empty(), "{entry} has no seeds");
        for (number, seed) in seeds.iter().enumerate() {
            // A seed that nothing reads any more is worth nothing: write them again.
            assert!(read(seed), "seed {number} of {entry}");
        }
    }
}

#[test]
fn what_is_left_of_a_seed_harms_nobody() {
    for (entry, read) in ENTRIES {
        for seed in committed(entry) {
            let step = (seed.len() / 40).max(1);
            for at in (0..seed.len()).step_by(step) {
                read(&seed[..at]);
                read(&seed[at..]);
                for bit in [0, 3, 7] {
                    let mut flipped = seed.clone();
                    flipped[at] ^= 1 << bit;
                    read(&flipped);
                }
                let twice = [&seed[..at], &seed[..at], &seed[at..]].concat();
                read(&twice);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for (_, read) in ENTRIES {
            read(&bytes);
        }
    }

    #[test]
    fn a_seed_with_random_bytes_in_it_harms_nobody(
        entry in 0..ENTRIES.len(), seed in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let (name, read) = ENTRIES[entry];
        let seeds = committed(name);
        let mut seed = seeds[seed.index(seeds.len())].clone();
        let at = at.index(seed.len());
        seed.splice(at..(at + bytes.len()).min(seed.len()), bytes);
        read(&seed);
    }
}
