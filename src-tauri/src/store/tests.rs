//! How the store behaves: on the disk, under two hands at once, with bad bytes, and between commits.

use std::fs;
use std::process::Command;

use bitcoin::{Amount, OutPoint, ScriptBuf, TxOut};
use conclave_shared::MemberId;
use tempfile::TempDir;

use super::key::tests::passphrase;
use super::*;

mod backup;
mod faults;
mod old_versions;
mod record;
mod restored;

const EVENT_TEXT: &str = r#"{"content":"pay the carpenter 120000 sat on friday"}"#;

/// A vault's record, different for each number.
pub(super) fn record(number: u8) -> VaultRecord {
    VaultRecord {
        vault: VaultId([number; 32]),
        created: EventId([number ^ 0x40; 32]),
        organiser: MemberId([number ^ 0x80; 32]),
        identity: Zeroizing::new(std::array::from_fn(|place| number ^ place as u8 ^ 0x5a)),
        entropy: Some(Zeroizing::new((0..16).map(|place: u8| number ^ (place * 7) ^ 0xa5).collect())),
        relays: vec!["ws://127.0.0.1:7001".to_owned(), "ws://127.0.0.1:\"7002\"".to_owned()],
        chain: "regtest".to_owned(),
        created_ms: 1_700_000_000_000 - u64::from(number),
    }
}

fn event(id: u8, author: u8, n: u64) -> EventRow {
    EventRow {
        id: EventId([id; 32]),
        author: MemberId([author; 32]),
        n,
        json: format!("{EVENT_TEXT}{id}"),
        received_ms: 1_700_000_000_000 + u64::from(id),
    }
}

fn refused(number: u64) -> RefusedRow {
    RefusedRow {
        received_ms: number,
        from: number.is_multiple_of(2).then_some(MemberId([2; 32])),
        reason: "the signature is not the author's".to_owned(),
        code: "event-forged".to_owned(),
        bytes: number.to_be_bytes().to_vec(),
    }
}

fn heads(member: u8, json: &str) -> HeadsRow {
    HeadsRow { member: MemberId([member; 32]), json: json.to_owned(), received_ms: 5 }
}

fn wallet_with(sat: u64) -> ChangeSet {
    let mut changes = ChangeSet { network: Some(bitcoin::Network::Regtest), ..ChangeSet::default() };
    let txout = TxOut { value: Amount::from_sat(sat), script_pubkey: ScriptBuf::new() };
    changes.tx_graph.txouts.insert(OutPoint::null(), txout);
    changes
}

fn full_batch(record: &VaultRecord) -> Batch {
    Batch {
        new_vault: Some(record.clone()),
        events: vec![event(9, 1, 0), event(3, 2, 0), event(5, 1, 1)],
        refused: vec![refused(1), refused(2)],
        heads: vec![heads(2, "[3]"), heads(1, "[9,5]")],
        wallet: Some(wallet_with(1000)),
        ..Batch::default()
    }
}

/// A store in memory with one vault.
fn store_with_vault() -> (Store, VaultId) {
    let mut store = Store::in_memory().unwrap();
    let record = record(1);
    store.commit(record.vault, &Batch { new_vault: Some(record.clone()), ..Batch::default() }).unwrap();
    (store, record.vault)
}

fn events(events: Vec<EventRow>) -> Batch {
    Batch { events, ..Batch::default() }
}

/// A folder with an installation that holds one vault, closed.
fn installation() -> (TempDir, VaultRecord) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), &passphrase("right")).unwrap();
    let record = record(1);
    store.commit(record.vault, &full_batch(&record)).unwrap();
    (dir, record)
}

fn open_error(dir: &Path) -> StoreError {
    Store::open(dir, &passphrase("right")).unwrap_err()
}

#[test]
fn what_is_committed_is_there_after_reopening() {
    let (dir, first) = installation();
    let keyless = VaultRecord { entropy: None, relays: Vec::new(), ..record(2) };
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    store.commit(keyless.vault, &Batch { new_vault: Some(keyless.clone()), ..Batch::default() }).unwrap();
    drop(store);

    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let batch = full_batch(&first);
    assert_eq!(store.vaults().unwrap(), [first.clone(), keyless.clone()]);
    assert_eq!(store.events(first.vault).unwrap(), batch.events, "in order of arrival");
    assert_eq!(store.refused(first.vault).unwrap(), batch.refused);
    assert_eq!(store.refused_count(first.vault).unwrap(), 2);
    assert_eq!(store.heads(first.vault).unwrap(), [heads(1, "[9,5]"), heads(2, "[3]")]);
    assert_eq!(store.wallet(first.vault).unwrap(), batch.wallet);
    assert!(store.events(keyless.vault).unwrap().is_empty(), "one vault's events are not another's");
    assert_eq!(store.refused_count(keyless.vault).unwrap(), 0);
    assert_eq!(store.wallet(keyless.vault).unwrap(), None);
}

#[test]
fn an_installation_is_neither_made_twice_nor_opened_where_there_is_none() {
    let (dir, record) = installation();
    assert!(matches!(Store::create(dir.path(), &passphrase("new")), Err(StoreError::AlreadyThere { .. })));
    assert_eq!(Store::open(dir.path(), &passphrase("right")).unwrap().vaults().unwrap(), [record]);

    let elsewhere = dir.path().join("elsewhere");
    assert!(matches!(open_error(&elsewhere), StoreError::NotThere { path } if path == elsewhere));
    assert!(!elsewhere.exists(), "asking leaves nothing behind");
}

#[test]
fn a_wrong_passphrase_is_told_from_a_broken_key_file() {
    let (dir, _) = installation();
    assert!(matches!(Store::open(dir.path(), &passphrase("wrong")), Err(StoreError::WrongPassphrase)));

    let path = dir.path().join(KEY_FILE);
    let whole = fs::read(&path).unwrap();
    let longer = [whole.as_slice(), &[0; 100_000]].concat();
    let mut flipped = whole.clone();
    flipped[60] ^= 4;
    for (bytes, fault) in [
        (whole[..50].to_vec(), KeyFault::Size),
        (longer, KeyFault::Size),
        (flipped, KeyFault::Changed),
        (Vec::new(), KeyFault::Foreign),
    ] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(open_error(dir.path()), StoreError::KeyFile { reason } if reason == fault), "{fault}");
    }

    fs::remove_file(&path).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::KeyFile { reason: KeyFault::Missing }));
    let again = Store::create(dir.path(), &passphrase("right"));
    assert!(matches!(again, Err(StoreError::AlreadyThere { .. })), "a database without its key is not overwritten");
    fs::write(&path, whole).unwrap();
    Store::open(dir.path(), &passphrase("right")).unwrap();
}

#[test]
fn a_changed_passphrase_opens_the_same_database() {
    let (dir, record) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let wrong = store.change_passphrase(&passphrase("guess"), &passphrase("new"));
    assert!(matches!(wrong, Err(StoreError::WrongPassphrase)));
    store.change_passphrase(&passphrase("right"), &passphrase("new")).unwrap();
    assert_eq!(store.vaults().unwrap().len(), 1, "the open store goes on");
    drop(store);
    assert!(matches!(open_error(dir.path()), StoreError::WrongPassphrase));
    assert_eq!(Store::open(dir.path(), &passphrase("new")).unwrap().vaults().unwrap(), [record]);
    let mut store = Store::in_memory().unwrap();
    assert!(matches!(store.change_passphrase(&passphrase("a"), &passphrase("b")), Err(StoreError::InMemory)));
}

#[test]
fn one_store_at_a_time() {
    let (dir, _) = installation();
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::InUse));
    assert!(matches!(Store::create(dir.path(), &passphrase("right")), Err(StoreError::AlreadyThere { .. })));
    drop(store);
    Store::open(dir.path(), &passphrase("right")).unwrap();
}

/// The lock file can be lost; SQLite's own lock holds then.
#[test]
fn a_removed_lock_file_does_not_let_another_in() {
    let (dir, _) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    fs::remove_file(dir.path().join("conclave.lock")).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::InUse));
    store.commit(VaultId([1; 32]), &events(vec![event(77, 7, 7)])).unwrap();
}

#[test]
fn a_database_that_is_not_ours_is_damaged_and_not_new() {
    let (dir, _) = installation();
    let (other, _) = installation();
    let path = dir.path().join(DATABASE_FILE);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[2000] ^= 1;
    for bytes in [Vec::new(), flipped, vec![7; 4096], fs::read(other.path().join(DATABASE_FILE)).unwrap()] {
        fs::write(&path, bytes).unwrap();
        let error = open_error(dir.path());
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::Damaged { .. }));
    fs::write(&path, whole).unwrap();
    Store::open(dir.path(), &passphrase("right")).unwrap();
}

#[test]
fn an_interrupted_creation_is_begun_again_or_finished() {
    // Before the key file: nobody has the key, so that the new database counts for nothing.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("conclave.db.new"), [1; 4096]).unwrap();
    fs::write(dir.path().join("conclave.db.new-wal"), [2; 4096]).unwrap();
    fs::write(dir.path().join("conclave.key.new"), [3; 20]).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::NotThere { .. }));
    drop(Store::create(dir.path(), &passphrase("right")).unwrap());
    // After the key file: the database has only to get its name.
    fs::rename(dir.path().join(DATABASE_FILE), dir.path().join("conclave.db.new")).unwrap();
    assert!(matches!(Store::create(dir.path(), &passphrase("right")), Err(StoreError::AlreadyThere { .. })));
    assert!(Store::open(dir.path(), &passphrase("right")).unwrap().vaults().unwrap().is_empty());
    let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [DATABASE_FILE, KEY_FILE, "conclave.lock", STAMP_FILE], "nothing is left over");
}

#[test]
fn a_newer_database_is_left_alone() {
    let (dir, _) = installation();
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let newer = schema::KNOWN + 1;
    store.connection.pragma_update(None, "user_version", newer).unwrap();
    drop(store);
    let before = fs::read(dir.path().join(DATABASE_FILE)).unwrap();
    let error = open_error(dir.path());
    assert!(matches!(error, StoreError::Newer { found, known: schema::KNOWN } if found == newer), "{error}");
    assert_eq!(fs::read(dir.path().join(DATABASE_FILE)).unwrap(), before);
}

#[test]
fn the_disk_shows_neither_secrets_nor_texts() {
    let dir = tempfile::tempdir().unwrap();
    let right = passphrase("a passphrase that is long enough to be found");
    let mut store = Store::create(dir.path(), &right).unwrap();
    let record = record(1);
    store.commit(record.vault, &full_batch(&record)).unwrap();
    let key = read_key(&Folder::existing(dir.path()).unwrap(), &right).unwrap();
    let entropy = record.entropy.as_ref().unwrap();
    let secrets: [(&str, &[u8]); 8] = [
        ("identity", record.identity.as_slice()),
        ("entropy", entropy.as_slice()),
        ("database key", key.as_slice()),
        ("database key in hexadecimal", &hex::encode(key.as_slice()).into_bytes()),
        ("passphrase", b"a passphrase that is long enough to be found"),
        ("event", EVENT_TEXT.as_bytes()),
        ("relay", b"ws://127.0.0.1:7001"),
        ("table", b"CREATE TABLE"),
    ];
    let search = |when: &str, least: usize| {
        let mut files = 0;
        for entry in fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for (name, secret) in secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{when}, {} holds the {name}", path.display());
            }
            files += 1;
        }
        assert!(files >= least, "{when}, {files} files");
    };
    // With the write-ahead log, which holds the commit now, and then without.
    assert!(fs::metadata(dir.path().join("conclave.db-wal")).unwrap().len() > 4096);
    search("open", 5);
    drop(store);
    search("closed", 4);
    assert!(!fs::read(dir.path().join(DATABASE_FILE)).unwrap().starts_with(b"SQLite format 3"));
}

#[test]
fn the_sqlite3_program_cannot_read_the_database() {
    let (dir, _) = installation();
    let shell = |path: &Path| match Command::new("sqlite3").arg(path).arg(".schema").output() {
        Ok(output) => output,
        Err(error) => panic!("sqlite3 did not run ({error}): apt-get install sqlite3"),
    };
    let plain = dir.path().join("plain.db");
    Connection::open(&plain).unwrap().execute_batch("CREATE TABLE seen (x)").unwrap();
    let seen = shell(&plain);
    assert!(
        String::from_utf8_lossy(&seen.stdout).contains("seen"),
        "the program reads a database that is not encrypted"
    );

    let unseen = shell(&dir.path().join(DATABASE_FILE));
    assert!(unseen.stdout.is_empty());
    let message = String::from_utf8_lossy(&unseen.stderr);
    assert!(message.contains("not a database"), "{message}");
}

#[cfg(unix)]
#[test]
fn files_and_folder_are_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("installation");
    let mut store = Store::create(&dir, &passphrase("right")).unwrap();
    let record = record(1);
    store.commit(record.vault, &full_batch(&record)).unwrap();
    store.change_passphrase(&passphrase("right"), &passphrase("new")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 5, "{files:?}");
    for path in files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn durability_and_checks_are_on() {
    let (dir, _) = installation();
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let pragma = |name: &str| -> i64 { store.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    let word = |name: &str| -> String { store.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!(word("journal_mode"), "wal");
    assert_eq!(word("locking_mode"), "exclusive");
    assert_eq!(pragma("synchronous"), 2, "full");
    assert_eq!(pragma("foreign_keys"), 1);
    assert_eq!(pragma("secure_delete"), 1);
    assert_eq!(word("cipher_memory_security"), "1");
    assert_eq!(word("cipher_status"), "1", "the database is encrypted");
}

#[test]
fn a_commit_is_whole_or_nothing() {
    let (dir, record) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let state = |store: &Store| {
        let vault = record.vault;
        let records = (store.vaults().unwrap(), store.events(vault).unwrap(), store.refused(vault).unwrap());
        (records, store.heads(vault).unwrap(), store.wallet(vault).unwrap())
    };
    let before = state(&store);
    // The wallet is written last, and cannot be.
    let batch = Batch {
        new_vault: None,
        events: vec![event(100, 1, 2)],
        refused: vec![refused(100)],
        heads: vec![heads(1, "[100]")],
        wallet: Some(wallet_with(u64::MAX)),
        ..Batch::default()
    };
    assert!(matches!(store.commit(record.vault, &batch), Err(StoreError::OutOfRange { value: u64::MAX, .. })));
    assert_eq!(state(&store), before);
    let new = self::record(3);
    let batch = Batch { new_vault: Some(new.clone()), ..batch };
    assert!(store.commit(new.vault, &batch).is_err());
    assert_eq!(state(&store), before);
    drop(store);
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(state(&store), before);
    store.commit(new.vault, &Batch { wallet: Some(wallet_with(5)), ..batch }).unwrap();
    assert_eq!(store.vaults().unwrap().len(), 2);
}

#[test]
fn a_batch_belongs_to_a_vault_that_is_there() {
    let (mut store, vault) = store_with_vault();
    let unknown = VaultId([99; 32]);
    let error = store.commit(unknown, &events(vec![event(1, 1, 0)])).unwrap_err();
    assert!(matches!(error, StoreError::UnknownVault { vault } if vault == unknown), "{error}");
    let again = Batch { new_vault: Some(record(1)), ..Batch::default() };
    assert!(matches!(store.commit(vault, &again), Err(StoreError::VaultExists { .. })));
    let other = Batch { new_vault: Some(record(2)), ..Batch::default() };
    assert!(matches!(store.commit(vault, &other), Err(StoreError::OtherVault { .. })));
    assert_eq!(store.vaults().unwrap(), [record(1)]);
}

#[test]
fn the_newest_refused_messages_are_kept_and_cut() {
    let (mut store, vault) = store_with_vault();
    let neighbour = record(2);
    let batch = Batch { new_vault: Some(neighbour.clone()), refused: vec![refused(7)], ..Batch::default() };
    store.commit(neighbour.vault, &batch).unwrap();
    for start in [0, 700] {
        let refused = (start..start + 700).map(refused).collect();
        store.commit(vault, &Batch { refused, ..Batch::default() }).unwrap();
    }
    assert_eq!(store.refused_count(vault).unwrap(), 1000);
    assert_eq!(store.refused(vault).unwrap(), (400..1400).map(refused).collect::<Vec<_>>());
    assert_eq!(store.refused(neighbour.vault).unwrap(), [refused(7)], "a flood in one vault costs another nothing");

    let long = RefusedRow { bytes: vec![8; REFUSED_BYTES + 1], reason: "é".repeat(REFUSED_REASON), ..refused(1) };
    store.commit(vault, &Batch { refused: vec![long], ..Batch::default() }).unwrap();
    let kept = store.refused(vault).unwrap().pop().unwrap();
    assert_eq!((kept.bytes, kept.reason), (vec![8; REFUSED_BYTES], "é".repeat(REFUSED_REASON / 2)));
}

#[test]
fn the_latest_heads_of_a_member_are_kept() {
    let (mut store, vault) = store_with_vault();
    let batch = Batch { heads: vec![heads(1, "a"), heads(2, "b"), heads(1, "c")], ..Batch::default() };
    store.commit(vault, &batch).unwrap();
    store.commit(vault, &Batch { heads: vec![heads(2, "d")], ..Batch::default() }).unwrap();
    assert_eq!(store.heads(vault).unwrap(), [heads(1, "c"), heads(2, "d")]);
}

#[test]
fn an_empty_batch_writes_nothing() {
    let (dir, record) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let log = || fs::metadata(dir.path().join("conclave.db-wal")).map_or(0, |file| file.len());
    let before = log();
    store.commit(record.vault, &Batch::default()).unwrap();
    store.commit(record.vault, &Batch { wallet: Some(ChangeSet::default()), ..Batch::default() }).unwrap();
    assert_eq!(log(), before);
    store.commit(record.vault, &events(vec![event(50, 50, 0)])).unwrap();
    assert!(log() > before, "and another one does");
}

#[test]
fn a_row_that_does_not_fit_is_an_error() {
    let (mut store, vault) = store_with_vault();
    let snapshot = SnapshotRow { version: 1, arrival: 1, heads: [1; 32], bytes: vec![1] };
    let waiting = WaitingRow { id: EventId([70; 32]), json: "waits".to_owned(), received_ms: 1 };
    let batch = Batch { new_vault: None, snapshot: Some(snapshot), waiting: vec![waiting], ..full_batch(&record(1)) };
    store.commit(vault, &batch).unwrap();
    store.append_app_event(&AppEventRow { n: 0, id: EventId([1; 32]), json: String::new(), ms: 1 }).unwrap();
    // The tables' own checks are off here, as they are for whoever edits the database by hand.
    store.connection.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
    for (sql, table) in [
        ("UPDATE vault SET identity = x'00'", "vault"),
        ("UPDATE vault SET entropy = zeroblob(15)", "vault"),
        ("UPDATE vault SET entropy = zeroblob(64)", "vault"),
        ("UPDATE vault SET created = zeroblob(33)", "vault"),
        ("UPDATE vault SET relays = '[1]'", "vault"),
        ("UPDATE vault SET relays = CAST(x'ff' AS TEXT)", "vault"),
        ("UPDATE vault SET created_ms = -1", "vault"),
        ("UPDATE event SET author = x'' WHERE arrival = 1", "event"),
        ("UPDATE event SET n = -1 WHERE arrival = 1", "event"),
        ("UPDATE event SET json = CAST(x'ff' AS TEXT)", "event"),
        ("UPDATE refused SET sender = zeroblob(31)", "refused"),
        ("UPDATE refused SET bytes = zeroblob(5000)", "refused"),
        ("UPDATE heads SET received_ms = -1", "heads"),
        ("UPDATE waiting SET id = x'00'", "waiting"),
        ("UPDATE waiting SET json = CAST(x'ff' AS TEXT)", "waiting"),
        ("UPDATE snapshot SET version = -1", "snapshot"),
        ("UPDATE snapshot SET version = 4294967296", "snapshot"),
        ("UPDATE snapshot SET heads = zeroblob(31)", "snapshot"),
        ("UPDATE vault SET heads_serial = -1", "standing"),
        ("UPDATE installation SET identity = zeroblob(31)", "identity"),
        ("DELETE FROM installation", "identity"),
        ("UPDATE app_event SET id = x''", "app event"),
        ("UPDATE app_event SET n = -1", "app event"),
        ("UPDATE app_event SET json = CAST(x'ff' AS TEXT)", "app event"),
    ] {
        let transaction = store.connection.transaction().unwrap();
        transaction.execute(sql, []).unwrap();
        let error = match table {
            "vault" => rows::read_vaults(&transaction).err(),
            "event" => events::read(&transaction, vault).err(),
            "refused" => rows::read_refused(&transaction, vault).err(),
            "heads" => rows::read_heads(&transaction, vault).err(),
            "waiting" => events::read_waiting(&transaction, vault).err(),
            "snapshot" => events::read_snapshot(&transaction, vault).err(),
            "standing" => rows::read_standing(&transaction, vault).err(),
            "identity" => app::read_identity(&transaction).err(),
            _ => app::read(&transaction).err(),
        };
        assert!(matches!(error, Some(StoreError::Damaged { .. })), "{sql}: {error:?}");
    }
    assert_eq!(store.vaults().unwrap(), [record(1)]);
}

#[test]
fn debug_texts_hold_no_secrets() {
    let (dir, record) = installation();
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let text = format!("{:?} {:?} {:?}", full_batch(&record), store, store.events(record.vault).unwrap());
    for secret in [format!("{:?}", record.identity.as_slice()), hex::encode(record.identity.as_slice())] {
        assert!(!text.contains(&secret[1..secret.len() - 1]), "{text}");
    }
    assert!(!text.contains("carpenter"), "{text}");
}
