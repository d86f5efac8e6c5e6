//! A backup: one file with a copy of the database and the key file, and its way back into an empty folder.
//!
//! Nothing in it is in the clear: the copy is encrypted as the database is, and the key file opens by the passphrase that
//! it had then. The file is a tar of exactly `conclave.key` and `conclave.db`, in this order. What does not belong here:
//! what follows from being put back (see `stamp`; the vaults only read until the others have told what was said last).

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use tar::{Archive, Builder, EntryType, Header};

use super::folder::{DATABASE_FILE, Folder, KEY_FILE};
use super::key::{self, DataKey};
use super::{Passphrase, Place, Store, StoreError, connect, read_key, refuse_existing, schema};

/// Largest backup that is written or read, in bytes.
pub const BACKUP_LIMIT: usize = 200_000_000;

/// The copy of the database while a backup is written.
const COPY_FILE: &str = "conclave.db.copy";
/// The folder in the folder of an installation in which a backup is tried before it counts.
const RESTORING: &str = "conclave.restoring";
/// How every SQLite database begins that is not encrypted.
const CLEAR: &[u8] = b"SQLite format 3\0";

impl Store {
    /// Writes a backup of all that is committed, and has it on the disk on return. What was written after an error is
    /// of no use.
    ///
    /// Errors: [`StoreError::BackupLarge`], [`StoreError::InMemory`], and what the disk says.
    pub fn back_up(&self, into: &mut File) -> Result<(), StoreError> {
        let Some(Place { folder, .. }) = &self.place else { return Err(StoreError::InMemory) };
        let written = self.copy_beside(folder).and_then(|copy| pack(folder, copy, into));
        folder.remove(COPY_FILE)?;
        written
    }

    /// A copy of the database under the same key.
    fn copy_beside(&self, folder: &Folder) -> Result<File, StoreError> {
        // Made here, so that it is closed to others before anything is in it.
        drop(folder.fresh(COPY_FILE)?);
        let path = folder.path().join(COPY_FILE);
        let failed = |source| StoreError::file(&path, source);
        // Whole, so that no name is read as a URI.
        let whole = std::path::absolute(&path).map_err(failed)?;
        let name = whole.to_str().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        self.connection.execute("VACUUM INTO ?1", [name])?;
        let mut copy = File::open(&path).map_err(failed)?;
        let mut begin = [0; CLEAR.len()];
        copy.read_exact(&mut begin).and_then(|()| copy.seek(SeekFrom::Start(0))).map_err(failed)?;
        if begin == CLEAR {
            return Err(StoreError::NoCipher);
        }
        Ok(copy)
    }
}

fn pack(folder: &Folder, copy: File, into: &mut File) -> Result<(), StoreError> {
    let key = folder.read_key(key::FILE_SIZE)?.ok_or(key::KeyFault::Missing)?;
    let failed = |source| StoreError::file(Path::new("backup"), source);
    let size = copy.metadata().map_err(failed)?.len();
    // Two headers, the padding of both files and the end: each is a few blocks of 512 bytes.
    let found = size.saturating_add(key.len() as u64).saturating_add(16 * 512);
    if found > BACKUP_LIMIT as u64 {
        return Err(StoreError::BackupLarge { found, limit: BACKUP_LIMIT as u64 });
    }
    let mut archive = Builder::new(&mut *into);
    append(&mut archive, KEY_FILE, key.len() as u64, key.as_slice()).map_err(failed)?;
    append(&mut archive, DATABASE_FILE, size, copy.take(size)).map_err(failed)?;
    archive.into_inner().and_then(|file| file.sync_all()).map_err(failed)
}

fn append(archive: &mut Builder<&mut File>, name: &str, size: u64, data: impl Read) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(size);
    archive.append_data(&mut header, name, data)
}

/// Makes an installation in a folder of a backup. The backup is read, opened and checked beside, and counts only then.
///
/// Errors: [`StoreError::AlreadyThere`], [`StoreError::NotABackup`], [`StoreError::WrongPassphrase`], what is wrong with
/// the database inside, and what the disk says. The folder holds no installation then, as before.
pub fn restore(dir: &Path, backup: impl Read, passphrase: &Passphrase) -> Result<(), StoreError> {
    let folder = Folder::make(dir)?;
    refuse_existing(&folder)?;
    let _lock = folder.lock()?;
    refuse_existing(&folder)?;
    forget_restoring(dir);
    let tried = Folder::make(&dir.join(RESTORING))?;
    let restored = unpack(backup, |name, data| {
        let path = tried.path().join(name);
        let mut file = tried.fresh(name)?;
        io::copy(data, &mut file).and_then(|_| file.sync_all()).map_err(|source| StoreError::file(&path, source))
    })
    .and_then(|()| {
        look_inside(&tried, &read_key(&tried, passphrase)?)?;
        let key = tried.read_key(key::FILE_SIZE)?.ok_or(key::KeyFault::Missing)?;
        // As a creation ends: interrupted before the key it is nothing, after it whole.
        let database = folder.new_database()?;
        fs::rename(tried.database(), &database).map_err(|source| StoreError::file(&database, source))?;
        folder.write_key(&key)?;
        folder.name_database()
    });
    forget_restoring(dir);
    restored
}

/// Clears away what an interrupted [`restore`] left in a folder.
pub fn forget_restoring(dir: &Path) {
    // Its key file is no installation's: what stays is noise, and goes with the next try.
    let _ = fs::remove_dir_all(dir.join(RESTORING));
}

/// Whether the database opens by the key, is whole, and not newer than this program. Nothing is written to it.
fn look_inside(tried: &Folder, key: &DataKey) -> Result<(), StoreError> {
    let connection = connect(&tried.database(), key)?;
    let found = schema::version(&connection)?;
    if found > schema::KNOWN {
        return Err(StoreError::Newer { found, known: schema::KNOWN });
    }
    let word: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == 0 || word != "ok" {
        let what = if found == 0 { "it is empty".to_owned() } else { word };
        return Err(StoreError::Damaged { what });
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Reads a backup, and hands over its two files by their names.
pub(super) fn unpack(
    backup: impl Read,
    mut take: impl FnMut(&'static str, &mut dyn Read) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut archive = Archive::new(backup.take(BACKUP_LIMIT as u64));
    let broken = |error: io::Error| not_a_backup(&format!("it cannot be read ({error})"));
    let mut expected = [KEY_FILE, DATABASE_FILE].into_iter();
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        let Some(name) = expected.next() else { return Err(not_a_backup("there is more in it")) };
        // Compared, never used: what a name says decides nothing.
        if entry.path_bytes() != name.as_bytes() || entry.header().entry_type() != EntryType::Regular {
            return Err(not_a_backup(&format!("{name} is not where it belongs")));
        }
        let size = entry.size();
        if name == KEY_FILE && size != key::FILE_SIZE as u64 {
            return Err(not_a_backup("its key file has another size"));
        }
        let mut counted = Counted { inner: &mut entry, bytes: 0 };
        take(name, &mut counted)?;
        if counted.bytes != size {
            return Err(not_a_backup("it was cut"));
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(name) => Err(not_a_backup(&format!("{name} is missing"))),
    }
}

fn not_a_backup(what: &str) -> StoreError {
    StoreError::NotABackup { what: what.to_owned() }
}

/// How much was read.
struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.bytes += read as u64;
        Ok(read)
    }
}
