//! The folder of an installation: its files, who may read them, the lock, and writing that survives a power cut.
//!
//! What does not belong here: what the files hold.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::stamp::{FileWord, STAMP_SIZE, StampFile};

/// The key file.
pub const KEY_FILE: &str = "conclave.key";
/// The database.
pub const DATABASE_FILE: &str = "conclave.db";

/// The file that tells an installation from a copy of it.
pub const STAMP_FILE: &str = "conclave.stamp";

const LOCK_FILE: &str = "conclave.lock";
const NEW_KEY_FILE: &str = "conclave.key.new";
const NEW_DATABASE_FILE: &str = "conclave.db.new";
const NEW_STAMP_FILE: &str = "conclave.stamp.new";

/// A folder on disk that holds an installation, or will.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where it is missing. One that was made here or stood empty is closed to other users; one that
    /// already held something else keeps its mode, as others may rely on it (our files are closed by their own).
    pub(super) fn make(path: &Path) -> Result<Self, StoreError> {
        let folder = Self(path.to_owned());
        fs::create_dir_all(path).map_err(|source| folder.failed(path, source))?;
        let mut entries = fs::read_dir(path).map_err(|source| folder.failed(path, source))?;
        if entries.next().is_none() {
            close_folder(path).map_err(|source| folder.failed(path, source))?;
        }
        Ok(folder)
    }

    /// A folder as it is, whatever it holds.
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder of an installation that exists.
    pub(super) fn existing(path: &Path) -> Result<Self, StoreError> {
        let folder = Self(path.to_owned());
        if folder.is_installation()? { Ok(folder) } else { Err(StoreError::NotThere { path: path.to_owned() }) }
    }

    /// Either file makes an installation: a database without its key must not be taken for nothing at all.
    pub(super) fn is_installation(&self) -> Result<bool, StoreError> {
        Ok(self.holds(KEY_FILE)? || self.holds(DATABASE_FILE)?)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join(DATABASE_FILE)
    }

    /// SQLite's write-ahead log of the database.
    pub(super) fn database_log(&self) -> PathBuf {
        self.0.join(format!("{DATABASE_FILE}-wal"))
    }

    /// Keeps every other process, and every other `Store` of this one, out until the file is dropped. The system
    /// releases it when the process ends, however it ends.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let path = self.0.join(LOCK_FILE);
        let file = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&path)
            .map_err(|source| self.failed(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(source)) => Err(self.failed(&path, source)),
        }
    }

    /// The key file's bytes, one more than `limit` at most: enough to see that it is too long. None if it is missing.
    pub(super) fn read_key(&self, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read(KEY_FILE, limit)?.map(|(bytes, _)| bytes))
    }

    /// The stamp file as it stands, or none where it is missing.
    pub(super) fn read_stamp(&self) -> Result<Option<StampFile>, StoreError> {
        Ok(self.read(STAMP_FILE, STAMP_SIZE)?.map(|(bytes, word)| StampFile { bytes, word }))
    }

    /// Writes a stamp beside the one that counts, and says which file it is.
    pub(super) fn write_new_stamp(&self, stamp: &[u8; STAMP_SIZE]) -> Result<FileWord, StoreError> {
        let path = self.0.join(NEW_STAMP_FILE);
        let mut file = self.fresh(NEW_STAMP_FILE)?;
        file.write_all(stamp)
            .and_then(|()| file.sync_all())
            .and_then(|()| file.metadata())
            .map(|metadata| word(&metadata))
            .map_err(|source| self.failed(&path, source))
    }

    /// Puts the stamp that was written last in the place of the one before.
    pub(super) fn name_stamp(&self) -> Result<(), StoreError> {
        self.rename(NEW_STAMP_FILE, STAMP_FILE)
    }

    /// A file's bytes, one more than `limit` at most, and what the system says of it. None if it is missing.
    fn read(&self, name: &str, limit: usize) -> Result<Option<(Vec<u8>, FileWord)>, StoreError> {
        let path = self.0.join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed(&path, source)),
        };
        let word = word(&file.metadata().map_err(|source| self.failed(&path, source))?);
        let mut bytes = Vec::with_capacity(limit + 1);
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|source| self.failed(&path, source))?;
        Ok(Some((bytes, word)))
    }

    /// Writes the key file so that a power cut leaves the old one or the new one, whole.
    pub(super) fn write_key(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.0.join(NEW_KEY_FILE);
        let written = self.fresh(NEW_KEY_FILE).and_then(|mut file| {
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| self.failed(&path, source))
        });
        written.and_then(|()| self.rename(NEW_KEY_FILE, KEY_FILE))
    }

    /// An empty file, closed to others, in which a new database is built. What an interrupted creation left goes: its
    /// key was never written, so that nobody can read it.
    pub(super) fn new_database(&self) -> Result<PathBuf, StoreError> {
        for suffix in ["-wal", "-shm", "-journal"] {
            self.remove(&format!("{NEW_DATABASE_FILE}{suffix}"))?;
        }
        // A stamp of what stood here before would make the new installation look like a copy.
        self.remove(STAMP_FILE)?;
        self.fresh(NEW_DATABASE_FILE)?;
        Ok(self.0.join(NEW_DATABASE_FILE))
    }

    /// Gives the new database its name: the last step of a creation, and safe to do again after an interruption.
    pub(super) fn name_database(&self) -> Result<(), StoreError> {
        if !self.holds(DATABASE_FILE)? && self.holds(NEW_DATABASE_FILE)? {
            self.rename(NEW_DATABASE_FILE, DATABASE_FILE)?;
        }
        Ok(())
    }

    pub(super) fn holds(&self, name: &str) -> Result<bool, StoreError> {
        let path = self.0.join(name);
        path.try_exists().map_err(|source| self.failed(&path, source))
    }

    /// An empty file that only its owner may read, whatever stood there before.
    pub(super) fn fresh(&self, name: &str) -> Result<File, StoreError> {
        self.remove(name)?;
        let path = self.0.join(name);
        private(OpenOptions::new().write(true).create_new(true))
            .open(&path)
            .map_err(|source| self.failed(&path, source))
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed(&path, source)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let path = self.0.join(to);
        fs::rename(self.0.join(from), &path)
            .and_then(|()| sync_folder(&self.0))
            .map_err(|source| self.failed(&path, source))
    }

    fn failed(&self, path: &Path, source: io::Error) -> StoreError {
        StoreError::file(path, source)
    }
}

/// The name of a file lasts once its folder is on the disk too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A copy of a file is another file, with another time of change: nobody can set that time.
#[cfg(unix)]
fn word(metadata: &fs::Metadata) -> FileWord {
    use std::os::unix::fs::MetadataExt;
    let which = format!("inode {}", metadata.ino());
    let whole = format!("{which}, changed {}.{:09}", metadata.ctime(), metadata.ctime_nsec());
    FileWord { which, whole }
}

/// Here the content alone tells.
#[cfg(not(unix))]
fn word(_metadata: &fs::Metadata) -> FileWord {
    FileWord { which: String::new(), whole: String::new() }
}

#[cfg(unix)]
fn close_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
