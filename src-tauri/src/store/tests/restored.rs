//! An installation that was put back from a copy is noticed, and one that was not raises no alarm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

/// A folder with two vaults inside a folder for copies, closed.
struct Home {
    outer: TempDir,
    key: DataKey,
    vaults: [VaultId; 2],
}

impl Home {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("installation");
        let mut store = Store::create(&dir, &passphrase("right")).unwrap();
        assert!(!store.was_restored(), "a new installation");
        let vaults = [record(1), record(2)].map(|record| {
            store.commit(record.vault, &full_batch(&record)).unwrap();
            record.vault
        });
        drop(store);
        let key = read_key(&Folder::existing(&dir).unwrap(), &passphrase("right")).unwrap();
        Self { outer, key, vaults }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.outer.path().join(name)
    }

    fn dir(&self) -> PathBuf {
        self.path("installation")
    }

    /// Opens without the time that a passphrase takes.
    fn open_at(&self, dir: &Path) -> Store {
        let folder = Folder::existing(dir).unwrap();
        let lock = folder.lock().unwrap();
        Store::over(folder, lock, &self.key).unwrap()
    }

    fn open(&self) -> Store {
        self.open_at(&self.dir())
    }

    /// What the next opening finds, and what the vaults are marked with then.
    fn found(&self) -> (bool, [bool; 2]) {
        let store = self.open();
        (store.was_restored(), self.vaults.map(|vault| store.standing(vault).unwrap().restored))
    }

    /// Copies as a member would who makes a backup.
    fn copy(&self, from: &Path, to: &Path) {
        let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
        assert!(copied.success());
    }
}

const QUIET: (bool, [bool; 2]) = (false, [false; 2]);
const RESTORED: (bool, [bool; 2]) = (true, [true; 2]);

#[test]
fn an_installation_that_is_only_used_raises_no_alarm() {
    let home = Home::new();
    for n in 0..20 {
        let mut store = home.open();
        assert!(!store.was_restored());
        store.commit(home.vaults[0], &events(vec![event(100 + n, 50, n.into())])).unwrap();
        drop(store);
        assert_eq!(home.found(), QUIET);
    }
    assert!(!Store::in_memory().unwrap().was_restored());
}

#[test]
fn a_renamed_or_moved_folder_raises_no_alarm() {
    let home = Home::new();
    fs::create_dir(home.path("elsewhere")).unwrap();
    let moved = home.path("elsewhere").join("moved");
    fs::rename(home.dir(), &moved).unwrap();
    assert!(!home.open_at(&moved).was_restored());
    fs::rename(&moved, home.dir()).unwrap();
    assert_eq!(home.found(), QUIET);
}

#[cfg(unix)]
#[test]
fn a_copy_of_the_whole_folder_is_noticed_wherever_it_is_put() {
    let home = Home::new();
    let copy = home.path("copy");
    home.copy(&home.dir(), &copy);
    assert_eq!(home.found(), QUIET, "making a copy costs nothing");

    // In a new place.
    let elsewhere = home.path("elsewhere");
    home.copy(&copy, &elsewhere);
    assert!(home.open_at(&elsewhere).was_restored());
    assert!(!home.open_at(&elsewhere).was_restored(), "it is said once");
    assert!(home.open_at(&elsewhere).standing(home.vaults[1]).unwrap().restored, "and the mark stays");

    // In the place of the folder that was lost, even where nothing had happened in between.
    let fresh = home.path("fresh");
    home.copy(&home.dir(), &fresh);
    fs::remove_dir_all(home.dir()).unwrap();
    home.copy(&fresh, &home.dir());
    assert_eq!(home.found(), RESTORED);
}

#[test]
fn a_copy_that_is_written_over_the_folder_is_noticed() {
    let home = Home::new();
    let copy = home.path("copy");
    home.copy(&home.dir(), &copy);
    home.copy(&copy.join("."), &home.dir());
    #[cfg(unix)]
    assert_eq!(home.found(), RESTORED, "the same files with the same bytes, but written anew");
    #[cfg(not(unix))]
    assert_eq!(home.found(), QUIET, "nothing happened since the copy was made");
}

#[test]
fn a_database_or_a_stamp_that_is_put_back_alone_is_noticed() {
    for name in [DATABASE_FILE, STAMP_FILE] {
        let home = Home::new();
        let old = home.path("old");
        fs::copy(home.dir().join(name), &old).unwrap();
        assert_eq!(home.found(), QUIET);
        fs::copy(&old, home.dir().join(name)).unwrap();
        assert_eq!(home.found(), RESTORED, "{name}");
    }
    let home = Home::new();
    fs::remove_file(home.dir().join(STAMP_FILE)).unwrap();
    assert_eq!(home.found(), RESTORED, "no stamp at all");
    let home = Home::new();
    fs::write(home.dir().join(STAMP_FILE), [0; 100_000]).unwrap();
    assert_eq!(home.found(), RESTORED, "not a stamp");
}

#[test]
fn the_mark_is_taken_away_by_a_batch_and_comes_back_with_the_next_copy() {
    let home = Home::new();
    fs::remove_file(home.dir().join(STAMP_FILE)).unwrap();
    assert_eq!(home.found(), RESTORED);
    assert_eq!(home.found(), (false, [true; 2]));
    home.open().commit(home.vaults[0], &Batch { restored: Some(false), ..Batch::default() }).unwrap();
    assert_eq!(home.found(), (false, [false, true]));
    fs::remove_file(home.dir().join(STAMP_FILE)).unwrap();
    assert_eq!(home.found(), RESTORED);
}

/// The steps of an opening after which the machine may stop, and what the next opening finds.
#[test]
fn a_crash_at_any_step_raises_no_alarm_and_hides_none() {
    let stop_after = |home: &Home, steps: usize| {
        let folder = Folder::existing(&home.dir()).unwrap();
        let (mut connection, lost) = recover(&folder, &home.key).unwrap();
        if steps == 0 {
            folder.write_new_stamp(&[7; stamp::STAMP_SIZE]).unwrap();
            return;
        }
        stamp::announce(&mut connection, &folder, lost).unwrap();
        if steps > 1 {
            folder.name_stamp().unwrap();
        }
        if steps > 2 {
            stamp::settle(&connection, &folder).unwrap();
        }
    };
    let home = Home::new();
    for first in 0..4 {
        for second in 0..4 {
            stop_after(&home, first);
            stop_after(&home, second);
            assert_eq!(home.found(), QUIET, "stopped after {first}, then after {second}");
        }
        // The same with a stamp that is not the folder's own.
        fs::write(home.dir().join(STAMP_FILE), [1; stamp::STAMP_SIZE]).unwrap();
        stop_after(&home, first);
        let (_, marked) = home.found();
        assert_eq!(marked, [true; 2], "an alarm that was cut short after {first} is raised again or kept");
        for vault in home.vaults {
            home.open().commit(vault, &Batch { restored: Some(false), ..Batch::default() }).unwrap();
        }
    }
}
