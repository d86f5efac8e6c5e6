//! Bad disks, for real: full, read-only, with changed bytes, and with a log that was cut.
//!
//! A test that needs a disk of its own runs itself once more as a child: as root behind `unshare`, where it mounts what
//! it needs and where the mount ends with it.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::*;

/// Names the folder for the child of a test.
const CHILD: &str = "CONCLAVE_STORE_FAULT";

/// Runs one test of this program anew under `sh`, after `before`: a line in which `$1` is the folder.
fn run_child(test: &str, dir: &Path, before: &str) -> Command {
    let mut shell = Command::new("sh");
    let line = format!("{before} && exec \"$0\" --exact \"store::tests::faults::$2\" --nocapture");
    shell.arg("-c").arg(line).arg(env::current_exe().unwrap()).arg(dir).arg(test).env(CHILD, dir);
    shell
}

/// The same in a mount namespace of its own.
#[cfg(target_os = "linux")]
fn run_child_with_mounts(test: &str, dir: &Path, before: &str) -> Command {
    let inner = run_child(test, dir, before);
    let mut outer = Command::new("unshare");
    outer.args(["--mount", "--propagation", "private", "sh"]).args(inner.get_args()).env(CHILD, dir);
    outer
}

/// What the child printed after `KEPT `: how much it says is kept.
fn kept(child: &mut Command) -> usize {
    let Output { status, stdout, stderr } = child.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{stdout}\n{stderr}");
    let said = stdout.split_once("KEPT ").and_then(|(_, rest)| rest.split_whitespace().next());
    said.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("the child ran nothing: {stdout}\n{stderr}"))
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let file = tempfile::tempfile().unwrap();
    file.metadata().unwrap().uid() == 0
}

/// A batch of 20 kB in 20 events, whole or not there.
fn large_batch(number: u64) -> Batch {
    let row = |place: u64| EventRow {
        id: EventId(std::array::from_fn(|byte| (number * 20 + place).to_be_bytes()[byte % 8])),
        author: MemberId([6; 32]),
        n: number * 20 + place,
        json: format!("{number} {place} ").repeat(150),
        received_ms: number,
    };
    Batch {
        events: (0..20).map(row).collect(),
        heads: vec![heads(6, &number.to_string())],
        heads_serial: Some(number + 1),
        ..Batch::default()
    }
}

/// The same with short texts: some hundred events on few pages.
fn small_batch(number: u64) -> Batch {
    let mut batch = large_batch(number);
    batch.events.iter_mut().for_each(|event| event.json.truncate(200));
    batch
}

/// A folder that holds an installation with one vault, closed, in memory where the system has such a place: these tests
/// open it many hundred times.
fn quick_installation() -> (TempDir, VaultRecord) {
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let record = record(1);
    Store::create(dir.path(), &passphrase("right")).unwrap().commit(record.vault, &full_batch(&record)).unwrap();
    (dir, record)
}

/// Commits large batches from the one given on, until one is refused; says which.
fn fill(store: &mut Store, vault: VaultId, first: u64) -> (u64, StoreError) {
    for number in first..1000 {
        if let Err(error) = store.commit(vault, &large_batch(number)) {
            return (number, error);
        }
    }
    panic!("the disk never got full");
}

/// The store holds the large batches below a number, whole, and nothing else of them.
fn assert_filled(store: &Store, vault: VaultId, batches: u64) {
    let expected: Vec<_> = (0..batches).flat_map(|number| large_batch(number).events).collect();
    assert!(store.events(vault).unwrap() == expected, "{batches} batches");
    assert_eq!(store.heads(vault).unwrap().len(), usize::from(batches > 0));
    assert_eq!(store.standing(vault).unwrap().heads_serial, batches);
}

fn create_with_vault(dir: &Path) -> (Store, VaultId) {
    let mut store = Store::create(dir, &passphrase("right")).unwrap();
    let record = record(1);
    store.commit(record.vault, &Batch { new_vault: Some(record.clone()), ..Batch::default() }).unwrap();
    (store, record.vault)
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_a_commit_whole_and_goes_on_with_space() {
    if let Some(dir) = env::var_os(CHILD) {
        return on_a_small_disk(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    if is_root() {
        let mount = "mount -t tmpfs -o size=3m conclave \"$1\"";
        let test = "a_full_disk_refuses_a_commit_whole_and_goes_on_with_space";
        assert!(kept(&mut run_child_with_mounts(test, dir.path(), mount)) > 0);
    } else {
        // Without the right to mount, the limit on a file stands for the disk: see the next test.
        a_limit_on_files_refuses_a_commit_whole();
    }
}

/// The child's part: the folder is 3 MiB large.
fn on_a_small_disk(dir: &Path) {
    let ballast = dir.join("ballast");
    fs::write(&ballast, vec![1; 1_700_000]).unwrap();
    let home = dir.join("installation");
    let (mut store, vault) = create_with_vault(&home);
    let (first, error) = fill(&mut store, vault, 0);
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(first > 0);
    assert_filled(&store, vault, first);
    assert!(matches!(store.commit(vault, &large_batch(first)), Err(StoreError::DiskFull)), "and again");
    assert_filled(&store, vault, first);

    // The store goes on where there is space again.
    fs::write(&ballast, vec![1; 1_400_000]).unwrap();
    let (second, error) = fill(&mut store, vault, first);
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(second > first);
    assert_filled(&store, vault, second);
    drop(store);

    // An opening needs some room; without it it is refused by name, and changes nothing.
    fs::write(&ballast, "").unwrap();
    let free = fs::File::create(&ballast).unwrap();
    let mut written = 0;
    while std::io::Write::write(&mut &free, &[1; 4096]).is_ok_and(|size| size > 0) {
        written += 1;
    }
    assert!(written > 0);
    drop(free);
    let error = Store::open(&home, &passphrase("right")).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    fs::remove_file(&ballast).unwrap();
    let mut store = Store::open(&home, &passphrase("right")).unwrap();
    assert!(!store.was_restored(), "a full disk makes no copy of it");
    assert_filled(&store, vault, second);
    store.commit(vault, &large_batch(second)).unwrap();
    drop(store);
    assert_filled(&Store::open(&home, &passphrase("right")).unwrap(), vault, second + 1);
    println!("KEPT {}", second + 1);
}

#[cfg(unix)]
#[test]
fn a_limit_on_files_refuses_a_commit_whole() {
    if let Some(dir) = env::var_os(CHILD) {
        let (mut store, vault) = create_with_vault(Path::new(&dir));
        let (number, error) = fill(&mut store, vault, 0);
        assert!(matches!(error, StoreError::DiskFull | StoreError::Disk(_)), "{error:?}");
        assert_filled(&store, vault, number);
        println!("KEPT {number}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("installation");
    // 1000 blocks of 512 or 1024 bytes; the signal would end the child before it could tell.
    let limit = "trap '' XFSZ && ulimit -f 1000";
    let number = kept(&mut run_child("a_limit_on_files_refuses_a_commit_whole", &home, limit));
    assert!(number > 0);
    let mut store = Store::open(&home, &passphrase("right")).unwrap();
    let (vault, number) = (record(1).vault, number as u64);
    assert_filled(&store, vault, number);
    store.commit(vault, &large_batch(number)).unwrap();
    assert_filled(&store, vault, number + 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_is_refused_by_name_and_nothing_changes() {
    use std::os::unix::fs::PermissionsExt;
    if let Some(dir) = env::var_os(CHILD) {
        let error = Store::open(Path::new(&dir), &passphrase("right")).unwrap_err();
        assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
        let error = Store::create(&Path::new(&dir).join("new"), &passphrase("right")).unwrap_err();
        assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
        println!("KEPT 1");
        return;
    }
    let (dir, record) = installation();
    let contents = || -> Vec<_> {
        let mut entries: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries.into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect()
    };
    let before = contents();
    let test = "a_read_only_disk_is_refused_by_name_and_nothing_changes";
    if is_root() {
        let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
        assert_eq!(kept(&mut run_child_with_mounts(test, dir.path(), mount)), 1);
    } else {
        let chmod = |folder, file| {
            for (_, path) in &before {
                fs::set_permissions(path, fs::Permissions::from_mode(file)).unwrap();
            }
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(folder)).unwrap();
        };
        chmod(0o555, 0o444);
        let said = kept(&mut run_child(test, dir.path(), "true"));
        chmod(0o700, 0o600);
        assert_eq!(said, 1);
    }
    assert!(contents() == before, "nothing was changed");
    assert_eq!(Store::open(dir.path(), &passphrase("right")).unwrap().vaults().unwrap(), [record]);
}

/// Everything that can be read of a vault, by every way of reading it.
fn read_all(store: &Store, vault: VaultId) -> Result<String, StoreError> {
    let events = store.events(vault)?;
    for event in &events {
        assert!(store.event(vault, event.id)?.as_ref() == Some(event));
    }
    let mut one_by_one = Vec::new();
    store.each_event(vault, |event| {
        one_by_one.push(event);
        Ok::<_, StoreError>(())
    })?;
    assert!(one_by_one == events && store.events_after(vault, 0)? == events);
    let texts: Vec<_> = events.iter().map(|event| (&event.json, event.n, event.received_ms)).collect();
    let waiting: Vec<_> = store.waiting(vault)?.into_iter().map(|waiting| waiting.json).collect();
    let heads: Vec<_> = store.heads(vault)?.into_iter().map(|heads| heads.json).collect();
    let refused: Vec<_> = store.refused(vault)?.into_iter().map(|refused| refused.bytes).collect();
    let identity = store.app_identity()?;
    let vaults: Vec<_> = store.vaults()?.into_iter().map(|vault| (vault.identity, vault.relays)).collect();
    let snapshot = store.snapshot(vault)?.map(|snapshot| snapshot.bytes);
    let all = (texts, waiting, heads, refused, store.wallet(vault)?, snapshot);
    let rest = (store.last_arrival(vault)?, store.standing(vault)?.heads_serial, store.refused_count(vault)?);
    Ok(format!("{all:?} {rest:?} {vaults:?} {identity:?} {:?}", store.app_events()?))
}

/// Opens and reads without the time that a passphrase takes; says too whether commits were seen to be lost.
fn recover_and_read(dir: &Path, key: &DataKey, vault: VaultId) -> Result<(String, bool), StoreError> {
    let (mut connection, lost) = recover(&Folder::existing(dir)?, key)?;
    schema::migrate(&mut connection)?;
    let store = Store { connection, place: None, was_restored: lost };
    Ok((read_all(&store, vault)?, lost))
}

/// Puts a database, and its log where there is one, in the place of what is there.
fn put(dir: &Path, database: &[u8], log: Option<&[u8]>) {
    fs::write(dir.join(DATABASE_FILE), database).unwrap();
    let path = dir.join("conclave.db-wal");
    match log {
        Some(log) => fs::write(path, log).unwrap(),
        None => drop(fs::remove_file(path)),
    }
}

fn key_of(dir: &Path) -> DataKey {
    read_key(&Folder::existing(dir).unwrap(), &passphrase("right")).unwrap()
}

#[test]
fn a_changed_byte_anywhere_in_the_database_is_named_or_does_no_harm() {
    let (dir, record) = quick_installation();
    let vault = record.vault;
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    for number in 0..10 {
        store.commit(vault, &small_batch(number)).unwrap();
    }
    let snapshot = SnapshotRow { version: 1, arrival: 5, heads: [5; 32], bytes: vec![9; 20_000] };
    let waiting = WaitingRow { id: EventId([0xdd; 32]), json: "waits".to_owned(), received_ms: 1 };
    let batch = Batch { snapshot: Some(snapshot), waiting: vec![waiting], ..Batch::default() };
    store.commit(vault, &batch).unwrap();
    store.append_app_event(&AppEventRow { n: 0, id: EventId([1; 32]), json: "first".to_owned(), ms: 1 }).unwrap();
    let whole = read_all(&store, vault).unwrap();
    drop(store);
    let database = fs::read(dir.path().join(DATABASE_FILE)).unwrap();
    let key = key_of(dir.path());

    let mut pages_named = BTreeSet::new();
    for at in (0..database.len()).step_by(512) {
        let mut changed = database.clone();
        changed[at + at / 512 % 512] ^= 0x10;
        put(dir.path(), &changed, None);
        match recover_and_read(dir.path(), &key, vault) {
            Ok((read, _)) => assert!(read == whole, "byte {at} changed what is read"),
            Err(StoreError::Damaged { .. }) => drop(pages_named.insert(at / 4096)),
            Err(error) => panic!("byte {at}: {error:?}"),
        }
    }
    let pages = database.len() / 4096;
    assert!(pages > 30 && pages_named.len() > pages / 2, "{} of {pages}", pages_named.len());

    // Cut, which is damage as well.
    for length in (1..database.len()).step_by(4096 + 1) {
        put(dir.path(), &database[..length], None);
        match recover_and_read(dir.path(), &key, vault) {
            Ok((read, _)) => assert!(read == whole, "cut to {length}"),
            Err(StoreError::Damaged { .. }) => {}
            Err(error) => panic!("cut to {length}: {error:?}"),
        }
    }
    put(dir.path(), &database, None);
    assert_eq!(recover_and_read(dir.path(), &key, vault).unwrap().0, whole);
}

/// A folder as it stands on the disk when the machine stops: a database and a log with some commits.
struct Stopped {
    dir: TempDir,
    key: DataKey,
    vault: VaultId,
    database: Vec<u8>,
    log: Vec<u8>,
    /// How long the log was after each commit, and what was there to read.
    after: Vec<(usize, String)>,
}

impl Stopped {
    fn new() -> Self {
        let (dir, record) = quick_installation();
        let vault = record.vault;
        let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
        let length = || fs::metadata(dir.path().join("conclave.db-wal")).unwrap().len() as usize;
        let mut after = vec![(length(), read_all(&store, vault).unwrap())];
        for number in 0..4 {
            let small = EventRow { json: "small".to_owned(), ..large_batch(100 + number).events.remove(0) };
            store
                .commit(vault, &Batch { events: vec![small], heads: vec![heads(9, "x")], ..Batch::default() })
                .unwrap();
            after.push((length(), read_all(&store, vault).unwrap()));
            store.commit(vault, &small_batch(number)).unwrap();
            after.push((length(), read_all(&store, vault).unwrap()));
        }
        let database = fs::read(dir.path().join(DATABASE_FILE)).unwrap();
        let log = fs::read(dir.path().join("conclave.db-wal")).unwrap();
        drop(store);
        let key = key_of(dir.path());
        Self { dir, key, vault, database, log, after }
    }

    fn read(&self, log: &[u8]) -> Result<(String, bool), StoreError> {
        put(self.dir.path(), &self.database, Some(log));
        recover_and_read(self.dir.path(), &self.key, self.vault)
    }
}

#[test]
fn a_cut_log_leaves_whole_commits() {
    let stopped = Stopped::new();
    let (whole, _) = stopped.read(&stopped.log).unwrap();
    assert_eq!(whole, stopped.after.last().unwrap().1);
    let around = stopped.after.iter().flat_map(|(length, _)| [length - 1, *length, length + 1]);
    let cuts: BTreeSet<usize> = around.chain((0..stopped.log.len()).step_by(1019)).collect();
    for cut in cuts.into_iter().filter(|cut| *cut <= stopped.log.len()) {
        let completed = stopped.after.iter().rposition(|(length, _)| *length <= cut);
        match (stopped.read(&stopped.log[..cut]), completed) {
            (Ok((read, lost)), Some(completed)) => {
                assert!(read == stopped.after[completed].1, "cut at {cut}: the commits before it");
                assert!(!lost, "cut at {cut}");
            }
            // Before the first of these commits: what the database held by itself, or what the opening wrote.
            (Ok((read, _)), None) => assert!(read == stopped.after[0].1, "cut at {cut}"),
            (Err(StoreError::Damaged { .. }), _) => {}
            (Err(error), _) => panic!("cut at {cut}: {error:?}"),
        }
    }
}

/// SQLite passes over a commit whose frames changed and over all after it. Others may have seen what is lost so.
#[test]
fn a_changed_byte_in_the_log_is_named_or_marks_the_vaults_or_does_no_harm() {
    let stopped = Stopped::new();
    let (mut fell_back, mut harmless) = (0, 0);
    let frames = (0..).map(|frame| 32 + frame * (24 + 4096)).take_while(|start| *start < stopped.log.len());
    let headers = frames.flat_map(|start| (start..start + 24).step_by(5));
    let places: BTreeSet<usize> = (0..32).chain(headers).chain((0..stopped.log.len()).step_by(1021)).collect();
    for at in places {
        let mut changed = stopped.log.clone();
        changed[at] ^= 0x10;
        match stopped.read(&changed) {
            Ok((read, true)) => {
                fell_back += 1;
                assert!(stopped.after.iter().any(|(_, then)| *then == read), "byte {at}: whole commits");
            }
            Ok((read, false)) => {
                harmless += 1;
                assert!(read == stopped.after.last().unwrap().1, "byte {at}: nothing is lost in silence");
            }
            Err(StoreError::Damaged { .. }) => {}
            Err(error) => panic!("byte {at}: {error:?}"),
        }
    }
    assert!(fell_back > 100, "{fell_back} fell back, {harmless} did no harm");
}

#[test]
fn a_log_that_fell_back_marks_every_vault() {
    let stopped = Stopped::new();
    let mut log = stopped.log.clone();
    let end = log.len();
    log[end - 100] ^= 1;
    put(stopped.dir.path(), &stopped.database, Some(&log));
    let store = Store::open(stopped.dir.path(), &passphrase("right")).unwrap();
    assert!(store.was_restored());
    assert!(store.standing(stopped.vault).unwrap().restored);
}

#[test]
fn a_newer_log_beside_an_older_database_is_named_or_marks_the_vaults() {
    let (dir, record) = installation();
    let vault = record.vault;
    let old = fs::read(dir.path().join(DATABASE_FILE)).unwrap();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    for number in 0..5 {
        store.commit(vault, &large_batch(number)).unwrap();
    }
    drop(store);
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    store.commit(vault, &large_batch(5)).unwrap();
    let log = fs::read(dir.path().join("conclave.db-wal")).unwrap();
    drop(store);
    put(dir.path(), &old, Some(&log));
    match Store::open(dir.path(), &passphrase("right")) {
        Ok(store) => assert!(store.was_restored()),
        Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}"),
    }
}

#[test]
fn the_messages_say_what_happened_what_was_kept_and_what_to_do() {
    let disk = rusqlite::Error::InvalidQuery;
    for (error, words) in [
        (StoreError::DiskFull, ["full", "whole", "free some space"]),
        (StoreError::NotWritable { path: "x".into() }, ["cannot be written", "nothing was changed", "mount"]),
        (StoreError::Damaged { what: "page 3".to_owned() }, ["damaged: page 3", "nothing was changed", "backup"]),
        (StoreError::Disk(disk), ["the database", "whole", "check the disk"]),
    ] {
        let text = error.to_string();
        for word in words {
            assert!(text.contains(word), "{text}: {word}");
        }
    }
}
