//! Databases of every older version, made by the program of their time, and what is in them.

use std::fs;
use std::path::Path;

use bdk_wallet::chain::{BlockId, ConfirmationBlockTime};
use bitcoin::hashes::Hash as _;
use bitcoin::{BlockHash, Network, Txid};

use super::*;
use crate::store::labels::label_row;

const PASSPHRASE: &str = "fixture of an older version";

/// What the installations of versions 1 and 2 were given: a keyholder's vault with everything in it, and one with nothing.
fn version_1() -> Vec<(VaultId, Batch)> {
    let keyholder = VaultRecord {
        vault: VaultId([0x11; 32]),
        created: EventId([0x21; 32]),
        organiser: MemberId([0x31; 32]),
        identity: Zeroizing::new([0x41; 32]),
        entropy: Some(Zeroizing::new(vec![0x51; 16])),
        relays: vec!["ws://127.0.0.1:7001".to_owned(), "ws://127.0.0.1:7002".to_owned()],
        chain: "regtest".to_owned(),
        created_ms: 1_700_000_000_000,
    };
    let event = |id: u8, author: u8, n: u64| EventRow {
        id: EventId([id; 32]),
        author: MemberId([author; 32]),
        n,
        json: format!(r#"{{"content":"event {n} of {author}"}}"#),
        received_ms: 1_700_000_001_000 + n,
    };
    let refused = |number: u64, from| RefusedRow {
        received_ms: 1_700_000_002_000 + number,
        from,
        reason: "the signature is not the author's".to_owned(),
        code: String::new(),
        bytes: vec![0xff; 10],
    };
    let heads = |member: u8| HeadsRow {
        member: MemberId([member; 32]),
        json: format!("heads of {member}"),
        received_ms: 1_700_000_003_000,
    };
    let mut wallet = ChangeSet {
        descriptor: Some(DESCRIPTOR.parse().unwrap()),
        network: Some(Network::Regtest),
        ..wallet_with(120_000)
    };
    wallet.local_chain.blocks.insert(7, Some(BlockHash::from_byte_array([7; 32])));
    let block_id = BlockId { height: 7, hash: BlockHash::from_byte_array([7; 32]) };
    let anchor = ConfirmationBlockTime { block_id, confirmation_time: 1_700_000_000 };
    wallet.tx_graph.anchors.insert((anchor, Txid::from_byte_array([8; 32])));
    wallet.tx_graph.last_seen.insert(Txid::from_byte_array([9; 32]), 1_700_000_004);

    let mut events: Vec<EventRow> = (0..6).map(|n| event(0xa0 + n, 0x31, n.into())).collect();
    // Not in the order of their ids or numbers.
    events.extend([event(0x09, 0x32, 0), event(0x08, 0x33, 1), event(0x07, 0x33, 0)]);
    let full = Batch {
        new_vault: Some(keyholder.clone()),
        events,
        refused: vec![refused(2, Some(MemberId([0x32; 32]))), refused(1, None)],
        heads: vec![heads(0x31), heads(0x32)],
        wallet: Some(wallet),
        ..Batch::default()
    };
    let empty = VaultRecord { vault: VaultId([0x12; 32]), entropy: None, relays: Vec::new(), ..keyholder.clone() };
    vec![(keyholder.vault, full), (empty.vault, Batch { new_vault: Some(empty), ..Batch::default() })]
}

/// The same with what version 2 brought, and the first page of version 3.
fn version_3() -> Vec<(VaultId, Batch)> {
    let mut given = version_1();
    let waiting =
        WaitingRow { id: EventId([0xb1; 32]), json: "an event whose past is missing".to_owned(), received_ms: 7 };
    let snapshot = SnapshotRow { version: 5, arrival: 9, heads: [0xc1; 32], bytes: vec![0xd1; 40] };
    if let Some((_, full)) = given.first_mut() {
        full.waiting = vec![waiting];
        full.snapshot = Some(snapshot);
        full.heads_serial = Some(64);
        full.first_page = Some(r#"{"a page":1}"#.to_owned());
    }
    given
}

/// The same with what version 4 brought: a label, and a descriptor that is only watched.
fn version_4() -> Vec<(VaultId, Batch)> {
    let mut given = version_3();
    if let Some((_, full)) = given.first_mut() {
        let label = LabelRow { label: Some("the roof".to_owned()), ..label_row(LabelKind::Address, "an address") };
        full.labels = vec![label];
    }
    let watched = WatchedRecord {
        vault: VaultId([0x13; 32]),
        name: "Savings".to_owned(),
        descriptor: DESCRIPTOR.to_owned(),
        chain: "tcp://127.0.0.1:7003".to_owned(),
        created_ms: 1_700_000_005_000,
    };
    given.push((watched.vault, Batch { new_watched: Some(watched), ..Batch::default() }));
    given
}

const DESCRIPTOR: &str = "wpkh([41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH/0/*)";

/// A folder of `fixtures`, and what its installation was given.
type Fixture = (&'static str, fn() -> Vec<(VaultId, Batch)>);

/// The fixture of each older version: whoever adds a version adds one here, made before by the program that wrote it.
const FIXTURES: [Fixture; schema::KNOWN as usize - 1] =
    [("store-v1", version_1), ("store-v2", version_1), ("store-v3", version_3), ("store-v4", version_4)];

#[test]
fn an_installation_of_every_older_version_opens_and_holds_what_it_held() {
    for (version, (name, given)) in (1..).zip(FIXTURES) {
        let (dir, key) = copy_of(name);
        let connection = connect(&dir.path().join(DATABASE_FILE), &key).unwrap();
        assert_eq!(schema::version(&connection).unwrap(), version, "{name} is of its version");
        drop(connection);
        let open = || Store::open(dir.path(), &passphrase(PASSPHRASE)).unwrap();
        let identity = open().app_identity().unwrap();
        // Migrated by the first opening, and the same after the second.
        let store = open();
        assert_eq!(schema::version(&store.connection).unwrap(), schema::KNOWN);
        assert_eq!(*store.app_identity().unwrap(), *identity, "the identity is made once");
        assert!(store.app_events().unwrap().is_empty());
        let (mut records, mut watched) = (Vec::new(), Vec::new());
        for (vault, batch) in given() {
            records.extend(batch.new_vault.clone());
            watched.extend(batch.new_watched.clone());
            assert_eq!(store.events(vault).unwrap(), batch.events, "{name}: in order of arrival");
            assert_eq!(store.refused(vault).unwrap(), batch.refused);
            assert_eq!(store.heads(vault).unwrap(), batch.heads);
            assert_eq!(store.wallet(vault).unwrap(), batch.wallet);
            // From version 2 on there is a stamp, and a fixture without its file is a copy that was put back.
            let standing = Standing { restored: version > 1, heads_serial: batch.heads_serial.unwrap_or(0) };
            if batch.new_vault.is_some() {
                assert_eq!(store.standing(vault).unwrap(), standing);
            }
            assert_eq!(store.first_page(vault).unwrap(), batch.first_page);
            assert_eq!(store.waiting(vault).unwrap(), batch.waiting);
            assert_eq!(store.snapshot(vault).unwrap(), batch.snapshot);
            assert_eq!(store.labels(vault).unwrap(), batch.labels);
            assert_eq!(store.own_relay(vault).unwrap(), None, "own relays came with version 5");
        }
        assert_eq!(store.vaults().unwrap(), records);
        assert_eq!(store.watched().unwrap(), watched);
        let word: String = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(word, "ok");
        let strays: i64 =
            store.connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
        assert_eq!(strays, 0);
    }
}

#[test]
fn a_migrated_database_takes_what_a_new_one_takes() {
    for (name, _) in FIXTURES {
        let (dir, _) = copy_of(name);
        let mut store = Store::open(dir.path(), &passphrase(PASSPHRASE)).unwrap();
        let (vault, given) = version_1().swap_remove(0);
        assert_eq!(store.last_arrival(vault).unwrap(), Some(9));
        let rival = EventRow { id: EventId([0xee; 32]), ..given.events[3].clone() };
        store.commit(vault, &events(vec![given.events[0].clone(), rival.clone()])).unwrap();
        assert_eq!(
            store.events_after(vault, 9).unwrap(),
            [rival],
            "arrivals go on, and what is kept is not kept again"
        );
        let label = LabelRow { label: Some("kept".to_owned()), ..label_row(LabelKind::Address, "a") };
        store.commit(vault, &Batch { labels: vec![label.clone()], ..Batch::default() }).unwrap();
        assert!(store.labels(vault).unwrap().contains(&label));
        let own_relay = OwnRelayRow { seed: Zeroizing::new([7; 32]), served: true };
        store.commit(vault, &Batch { own_relay: Some(own_relay.clone()), ..Batch::default() }).unwrap();
        assert_eq!(store.own_relay(vault).unwrap(), Some(own_relay));
        assert_eq!(*shape(&store), *shape(&Store::in_memory().unwrap()), "the tables are those of a new database");
    }
}

/// The tables and indices as SQLite holds them.
fn shape(store: &Store) -> Vec<(String, Option<String>)> {
    let mut statement = store.connection.prepare("SELECT name, sql FROM sqlite_master ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn copy_of(name: &str) -> (TempDir, DataKey) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/fixtures").join(name);
    let dir = tempfile::tempdir().unwrap();
    for file in [DATABASE_FILE, KEY_FILE] {
        fs::copy(fixture.join(file), dir.path().join(file)).unwrap();
    }
    let key = read_key(&Folder::existing(dir.path()).unwrap(), &passphrase(PASSPHRASE)).unwrap();
    (dir, key)
}
