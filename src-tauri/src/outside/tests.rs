//! Arbitrary bytes where bytes come in from relays, servers and faces: seeds, what is left of them when they are cut or
//! flipped, and random ones. The same entries are fuzzed (`cargo xtask fuzz`). With CONCLAVE_WRITE_SEEDS set, the seeds are
//! written instead.

use std::path::PathBuf;

use nostr::{EventBuilder, JsonUtil, Keys, Kind, SecretKey, Tag, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::ENTRIES;

fn folder(entry: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus-seed").join(entry)
}

fn committed(entry: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(entry)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A number as `store_rows` reads it.
fn number(number: i64) -> Vec<u8> {
    [&[1][..], &number.to_be_bytes()].concat()
}

/// A text, or bytes, as `store_rows` reads them.
fn text(text: &str) -> Vec<u8> {
    [&[3][..], &(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}

fn blob(bytes: &[u8]) -> Vec<u8> {
    [&[4][..], &(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// One row in each of the tables that a vault has, by the place of the table among all names.
fn rows() -> Vec<u8> {
    let id = |fill: u8| vec![5, fill];
    let read = |entry: &str| String::from_utf8(committed(entry).remove(0)).unwrap();
    let zero = || number(0);
    let rows: [(u8, Vec<Vec<u8>>); 15] = [
        (0, vec![zero(), id(1), text("{}"), zero()]),
        (1, vec![number(1), id(1), id(1), id(1), zero(), text(&read("event")), zero()]),
        (2, vec![id(1), id(1), text(&read("heads")), zero()]),
        (3, vec![number(1), id(1), vec![0], vec![0], vec![0], vec![0]]),
        (4, vec![id(1), text("addr"), text("bcrt1q"), text("rent"), vec![0], vec![0]]),
        (5, vec![id(1), id(2), number(1)]),
        (6, vec![number(1), id(1), zero(), id(1), text("why"), blob(b"what"), text("why")]),
        (7, vec![id(1), number(1), number(1), id(1), blob(b"state")]),
        (
            8,
            vec![
                id(1),
                id(1),
                id(1),
                id(1),
                blob(&[7; 16]),
                text("[\"ws://127.0.0.1:7000\"]"),
                text("tcp://127.0.0.1:50001"),
                zero(),
                zero(),
                zero(),
            ],
        ),
        (9, vec![id(1), id(1), text(&read("event")), zero()]),
        (10, vec![id(1), vec![0], vec![0], text("regtest")]),
        (11, vec![id(1), id(1), number(1), id(1), zero()]),
        (12, vec![id(1), zero(), id(1)]),
        (14, vec![id(1), id(1), number(1)]),
        (19, vec![id(3), text("Cold"), text(&read("watched")), text("tcp://127.0.0.1:50001"), zero()]),
    ];
    rows.into_iter().flat_map(|(table, values)| [vec![table], values.concat()].concat()).collect()
}

/// A backup whose two files hold nothing.
fn backup() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, size) in [("conclave.key", 157), ("conclave.db", 600)] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(size as u64);
        archive.append_data(&mut header, name, &vec![7; size][..]).unwrap();
    }
    archive.into_inner().unwrap()
}

fn seeds(entry: &str) -> Vec<Vec<u8>> {
    match entry {
        "store_rows" => vec![rows()],
        "qr_pictures" => vec![crate::desktop::qr::tests::png("bitcoin:bcrt1q?amount=0.5")],
        "backups" => vec![backup()],
        other => lines(other).into_iter().map(String::into_bytes).collect(),
    }
}

fn lines(entry: &str) -> Vec<String> {
    let keys = |seed: u8| Keys::new(SecretKey::from_slice(&[seed; 32]).unwrap());
    let (me, sender) = (keys(2), keys(3));
    let sign = |builder: EventBuilder| {
        builder.custom_created_at(Timestamp::from(1_700_000_000)).sign_with_keys(&sender).unwrap()
    };
    let wrap = sign(EventBuilder::new(Kind::GiftWrap, "sealed").tag(Tag::public_key(me.public_key())));
    let id = "11".repeat(32);
    match entry {
        "relay_frames" => {
            let ask = json!(["REQ", "live", { "kinds": [1059], "#p": [me.public_key().to_hex()], "limit": 3 }]);
            let publish = json!(["EVENT", serde_json::from_str::<serde_json::Value>(&wrap.as_json()).unwrap()]);
            let close = json!(["CLOSE", "live"]);
            vec![format!("1{ask}\n{publish}\n{close}\n{publish}"), format!("0{publish}\n{ask}")]
        }
        "relay_messages" => {
            let rumor =
                EventBuilder::new(Kind::from_u16(8419), "hello").custom_created_at(Timestamp::from(1_700_000_000));
            let rumor = rumor.build(sender.public_key()).as_json();
            let note = sign(EventBuilder::new(Kind::Seal, "unreadable")).as_json();
            vec![
                format!("3{rumor}"),
                format!("2{note}"),
                format!("1{}", wrap.as_json()),
                format!(
                    "0{}",
                    json!(["EVENT", "live", serde_json::from_str::<serde_json::Value>(&wrap.as_json()).unwrap()])
                ),
            ]
        }
        "electrum" => {
            let header = "00".repeat(80);
            let lines = [
                json!({ "height": 3, "hex": header }),
                json!({ "hex": header, "count": 1, "max": 2016 }),
                json!([{ "height": 1, "tx_hash": id, "fee": 1 }]),
                json!("0200"),
                json!({ "block_height": 1, "pos": 0, "merkle": [id] }),
                json!(header),
                json!([]),
            ];
            vec![
                lines.map(|line| line.to_string()).join("\n"),
                "!{\"id\":0,\"error\":{\"code\":1}}\n!no json".to_owned(),
            ]
        }
        "requests" => {
            let (relay, chain) = ("ws://127.0.0.1:7000", "tcp://127.0.0.1:50001");
            let create = json!({ "request": "create-vault", "name": "Club", "member": "Ana", "threshold": 2,
                "keyholders": 3, "auditors": 1, "relays": [relay], "chain": chain, "invitation_seconds": 3600 });
            let invitation = std::fs::read_to_string(folder("invitation").join("00")).unwrap();
            let join = json!({ "request": "join-vault", "invitation": invitation, "member": "Ben", "chain": chain });
            let vault = "2a".repeat(32);
            let propose = json!({ "request": "propose", "vault": vault, "fee_rate": 2, "purpose": "rent",
                "recipients": [{ "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "amount": 100_000 }] });
            let show = json!({ "request": "show-vault", "vault": vault });
            let approve = json!({ "request": "approve", "vault": vault, "proposal": id });
            let list = json!({ "request": "list-vaults" });
            vec![format!("{create}\n{list}"), format!("{join}\n{show}\n{propose}\n{approve}")]
        }
        "labels" => {
            let line = |kind: &str, about: &str| json!({ "type": kind, "ref": about, "label": "rent" }).to_string();
            let coin = json!({ "type": "output", "ref": format!("{id}:1"), "label": "x", "spendable": "false" });
            let address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
            let known = [line("tx", &id), line("addr", address), coin.to_string(), line("pubkey", "02")];
            vec![known.join("\n"), format!("no label\n{}", line("moon", "1"))]
        }
        other => panic!("no seeds are known for {other}: add some"),
    }
}

#[test]
fn every_target_has_a_seed_that_is_read() {
    for (entry, read) in ENTRIES {
        if std::env::var_os("CONCLAVE_WRITE_SEEDS").is_some() {
            let _ = std::fs::remove_dir_all(folder(entry));
            std::fs::create_dir_all(folder(entry)).unwrap();
            for (number, seed) in seeds(entry).iter().enumerate() {
                std::fs::write(folder(entry).join(format!("{number:02}")), seed).unwrap();
            }
        }
        let seeds = committed(entry);
        // Among the others are such as show a refusal.
        assert!(seeds.iter().any(|seed| read(seed)), "no seed of {entry} is read: write them again");
    }
}

#[test]
fn what_is_left_of_a_seed_harms_nobody() {
    for (entry, read) in ENTRIES {
        for seed in committed(entry) {
            let step = (seed.len() / 20).max(1);
            for at in (0..seed.len()).step_by(step) {
                read(&seed[..at]);
                read(&seed[at..]);
                let mut flipped = seed.clone();
                flipped[at] ^= 1 << (at % 8);
                read(&flipped);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn random_bytes_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
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
