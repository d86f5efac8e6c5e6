//! A backup holds all that was committed and nothing in the clear, and what is no backup is refused by name.

use std::fs::File;

use tar::{Builder, EntryType, Header};

use super::*;

/// An installation with a vault, and its backup.
struct Kept {
    folder: TempDir,
    record: VaultRecord,
    backup: Vec<u8>,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create(&folder.path().join("first"), &passphrase("right")).unwrap();
        let record = record(1);
        store.commit(record.vault, &full_batch(&record)).unwrap();
        let path = folder.path().join("backup");
        store.back_up(&mut File::create_new(&path).unwrap()).unwrap();
        // Committed later, and so not in it.
        store.commit(record.vault, &events(vec![event(200, 50, 0)])).unwrap();
        let backup = fs::read(path).unwrap();
        Self { folder, record, backup }
    }

    fn again(&self) -> std::path::PathBuf {
        self.folder.path().join("second")
    }

    /// The two files in it.
    fn parts(&self) -> [Vec<u8>; 2] {
        let mut parts = Vec::new();
        crate::store::backup::unpack(self.backup.as_slice(), |_, data| {
            let mut part = Vec::new();
            data.read_to_end(&mut part).unwrap();
            parts.push(part);
            Ok(())
        })
        .unwrap();
        parts.try_into().unwrap()
    }

    fn refused(&self, backup: &[u8]) -> StoreError {
        let refused = restore(&self.again(), backup, &passphrase("right")).unwrap_err();
        assert!(!is_installation(&self.again()).unwrap(), "{refused}");
        assert!(Store::open(&self.again(), &passphrase("right")).is_err());
        refused
    }
}

fn packed(parts: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (name, kind, data) in parts {
        let mut header = Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o777);
        // By hand: the library refuses the names that a forger would choose.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *data).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn a_backup_opens_by_its_passphrase_and_counts_as_put_back() {
    let kept = Kept::new();
    for clear in [EVENT_TEXT.as_bytes(), b"SQLite format 3", b"ws://127.0.0.1"] {
        assert!(!kept.backup.windows(clear.len()).any(|it| it == clear), "{}", String::from_utf8_lossy(clear));
    }
    let wrong = restore(&kept.again(), kept.backup.as_slice(), &passphrase("wrong")).unwrap_err();
    assert!(matches!(wrong, StoreError::WrongPassphrase));
    assert!(!is_installation(&kept.again()).unwrap());
    restore(&kept.again(), kept.backup.as_slice(), &passphrase("right")).unwrap();
    let store = Store::open(&kept.again(), &passphrase("right")).unwrap();
    assert!(store.was_restored());
    let vault = kept.record.vault;
    assert!(store.standing(vault).unwrap().restored);
    let first = Store::open(&kept.folder.path().join("first"), &passphrase("right")).unwrap();
    assert!(!first.was_restored(), "making a backup is no trouble for what it is of");
    let (all, held) = (first.events(vault).unwrap(), store.events(vault).unwrap());
    assert_eq!((held.len() + 1, &held[..]), (all.len(), &all[..held.len()]));
    assert_eq!(store.wallet(vault).unwrap(), first.wallet(vault).unwrap());
    drop(store);
    let over = restore(&kept.again(), kept.backup.as_slice(), &passphrase("right")).unwrap_err();
    assert!(matches!(over, StoreError::AlreadyThere { .. }));
}

#[test]
fn a_backup_of_an_earlier_passphrase_opens_by_that_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&folder.path().join("first"), &passphrase("before")).unwrap();
    let mut file = File::create_new(folder.path().join("backup")).unwrap();
    store.back_up(&mut file).unwrap();
    store.change_passphrase(&passphrase("before"), &passphrase("after")).unwrap();
    let backup = fs::read(folder.path().join("backup")).unwrap();
    let second = folder.path().join("second");
    assert!(restore(&second, backup.as_slice(), &passphrase("after")).is_err());
    restore(&second, backup.as_slice(), &passphrase("before")).unwrap();
    let in_memory = Store::in_memory().unwrap().back_up(&mut file);
    assert!(matches!(in_memory, Err(StoreError::InMemory)));
}

#[test]
fn what_is_no_backup_is_refused_and_nothing_is_left() {
    let kept = Kept::new();
    let [key, database] = kept.parts();
    let file = EntryType::Regular;
    let not_one: [(&str, Vec<u8>); 11] = [
        ("nothing", vec![]),
        ("noise", vec![7; 5_000]),
        ("no key", packed(&[(DATABASE_FILE, file, &database)])),
        ("no database", packed(&[(KEY_FILE, file, &key)])),
        ("the other way round", packed(&[(DATABASE_FILE, file, &database), (KEY_FILE, file, &key)])),
        ("twice", packed(&[(KEY_FILE, file, &key), (KEY_FILE, file, &key)])),
        ("more", packed(&[(KEY_FILE, file, &key), (DATABASE_FILE, file, &database), ("x", file, b"")])),
        ("another place", packed(&[(KEY_FILE, file, &key), ("../conclave.db", file, &database)])),
        ("a link", packed(&[(KEY_FILE, file, &key), (DATABASE_FILE, EntryType::Symlink, b"")])),
        ("a longer key", packed(&[(KEY_FILE, file, &[7; 200]), (DATABASE_FILE, file, &database)])),
        ("half", kept.backup[..kept.backup.len() / 2].to_vec()),
    ];
    for (what, backup) in not_one {
        let refused = kept.refused(&backup);
        assert!(matches!(refused, StoreError::NotABackup { .. }), "{what}: {refused}");
    }
    let mut changed = database.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    for database in [vec![], vec![7; 8_192], changed] {
        let refused = kept.refused(&packed(&[(KEY_FILE, file, &key), (DATABASE_FILE, file, &database)]));
        assert!(matches!(refused, StoreError::Damaged { .. } | StoreError::NoCipher), "{refused}");
    }
    let names: Vec<_> = fs::read_dir(kept.again()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["conclave.lock"]);
    assert!(!kept.folder.path().join("conclave.db").exists());
    // And after all that the real one is taken.
    restore(&kept.again(), kept.backup.as_slice(), &passphrase("right")).unwrap();
}

#[test]
fn an_interrupted_try_is_cleared_away() {
    let kept = Kept::new();
    let left = kept.again().join("conclave.restoring");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join(KEY_FILE), "left").unwrap();
    assert!(!is_installation(&kept.again()).unwrap());
    restore(&kept.again(), kept.backup.as_slice(), &passphrase("right")).unwrap();
    assert!(!left.exists());
}
