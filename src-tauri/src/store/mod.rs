//! What an installation keeps: one SQLCipher database in one folder, opened by a passphrase.
//!
//! [`Store`] is owned by the main loop and is synchronous; everything that one step changes is one [`Batch`], written
//! whole or not at all, and on the disk when [`Store::commit`] returns. The key file is in `key`, the folder and its
//! lock in `folder`, the tables in `schema`, the records in `rows`, the bdk wallet in `wallet`. What does not belong
//! here: deciding what is kept, and reading an event's text.

mod folder;
mod key;
mod rows;
mod schema;
mod wallet;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bdk_wallet::ChangeSet;
use bdk_wallet::chain::Merge;
use conclave_shared::{EventId, MemberId, VaultId};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use zeroize::Zeroizing;

use folder::Folder;
use key::{DataKey, Unwrapped};

pub use folder::{DATABASE_FILE, KEY_FILE};
pub use key::{KeyFault, MAX_PASSPHRASE, Passphrase, PassphraseError};
pub use rows::{EventRow, HeadsRow, REFUSED_BYTES, REFUSED_KEPT, REFUSED_REASON, RefusedRow, VaultRecord};

/// How long an opening waits for another program that reads the database, such as a backup.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the store did not do what it was asked. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder holds no installation.
    #[error("there is no installation in {path}: create one, or name its folder")]
    NotThere {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already holds an installation, whole or in part.
    #[error("there is an installation in {path} already: open it, or name another folder")]
    AlreadyThere {
        /// The folder.
        path: PathBuf,
    },
    /// The passphrase does not open the key file.
    #[error("wrong passphrase, or the key file was changed: try again")]
    WrongPassphrase,
    /// The key file cannot be used, whatever the passphrase.
    #[error("the key file conclave.key cannot be used: {reason}")]
    KeyFile {
        /// What is wrong with it.
        reason: KeyFault,
    },
    /// Another process, or another [`Store`] of this one, holds the installation.
    #[error("the installation is in use: close the other program that has it open")]
    InUse,
    /// The database was written by a newer program.
    #[error("the database has version {found}, this program knows version {known}: update the program")]
    Newer {
        /// The version of its tables.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// The database is not what this program wrote.
    #[error("the database conclave.db is damaged: {what}; put back a backup")]
    Damaged {
        /// What was found.
        what: String,
    },
    /// This build of SQLite does not encrypt.
    #[error("this build has no SQLCipher: nothing was written, as it would be readable to all")]
    NoCipher,
    /// A store that lives in memory has no key file.
    #[error("this store lives in memory alone and has no passphrase")]
    InMemory,
    /// The vault was never written.
    #[error("vault {vault} is not in this installation")]
    UnknownVault {
        /// The vault.
        vault: VaultId,
    },
    /// The vault was written before.
    #[error("vault {vault} is in this installation already")]
    VaultExists {
        /// The vault.
        vault: VaultId,
    },
    /// A batch for one vault carries the record of another.
    #[error("a batch for vault {vault} carries the record of vault {found}")]
    OtherVault {
        /// The vault that the batch was for.
        vault: VaultId,
        /// The vault in the record.
        found: VaultId,
    },
    /// Two events of one author have the same number.
    #[error("member {author} signed two events with number {n}: {kept} is kept, {refused} is not")]
    EventClash {
        /// Who signed both.
        author: MemberId,
        /// Their number.
        n: u64,
        /// The one that came first.
        kept: EventId,
        /// The one that was to be written.
        refused: EventId,
    },
    /// A wallet's descriptors and network are written once.
    #[error("the {what} of the wallet of vault {vault} cannot change")]
    WalletFixed {
        /// The vault.
        vault: VaultId,
        /// What was to be changed.
        what: &'static str,
    },
    /// A number beyond 63 bits, which is what the database holds.
    #[error("{what} is {value}: at most 9223372036854775807 can be kept")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database could not be read or written: a full disk, for example.
    #[error("the database: {0}")]
    Disk(#[source] rusqlite::Error),
}

impl From<KeyFault> for StoreError {
    fn from(reason: KeyFault) -> Self {
        Self::KeyFile { reason }
    }
}

impl From<Unwrapped> for StoreError {
    fn from(error: Unwrapped) -> Self {
        match error {
            Unwrapped::WrongPassphrase => Self::WrongPassphrase,
            Unwrapped::Fault(reason) => Self::KeyFile { reason },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match &error {
            Sql::InvalidColumnType(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::FromSqlConversionFailure(..)
            | Sql::Utf8Error(..) => Self::Damaged { what: error.to_string() },
            // rusqlite's error is open: what is not told apart here keeps its own message.
            _ => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { what: error.to_string() },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
                _ => Self::Disk(error),
            },
        }
    }
}

/// What one commit writes, all in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// A vault that this installation created or joined.
    pub new_vault: Option<VaultRecord>,
    /// Events that were accepted, in order of arrival.
    pub events: Vec<EventRow>,
    /// Messages that were refused, in order of arrival.
    pub refused: Vec<RefusedRow>,
    /// What members said of the events that they hold. The latest of each member is kept.
    pub heads: Vec<HeadsRow>,
    /// What changed in the vault's wallet.
    pub wallet: Option<ChangeSet>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let Self { new_vault, events, refused, heads, wallet } = self;
        new_vault.is_none()
            && events.is_empty()
            && refused.is_empty()
            && heads.is_empty()
            && wallet.as_ref().is_none_or(Merge::is_empty)
    }
}

/// The database of an installation, open and locked against everyone else.
pub struct Store {
    // Before the lock, so that the database is closed when the lock goes.
    connection: Connection,
    place: Option<Place>,
}

/// Where a store is on the disk.
struct Place {
    folder: Folder,
    _lock: File,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.place.as_ref().map(|place| place.folder.path())).finish()
    }
}

impl Store {
    /// Makes an installation in a folder, which is made too where it is missing.
    ///
    /// Takes some tenths of a second: the passphrase is stretched by Argon2id. The key file is the last but one thing
    /// to be written and the database has its tables by then, so that an interrupted creation can be begun again, or
    /// opens as an empty installation.
    pub fn create(dir: &Path, passphrase: &Passphrase) -> Result<Self, StoreError> {
        let folder = Folder::make(dir)?;
        // Before the lock too: an installation in use is there already, whatever it is busy with.
        refuse_existing(&folder)?;
        let lock = folder.lock()?;
        refuse_existing(&folder)?;

        let key = key::new_data_key()?;
        let mut connection = connect(&folder.new_database()?, &key)?;
        schema::migrate(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        folder.write_key(&key::wrap(&key, passphrase)?)?;
        folder.name_database()?;
        Self::over(folder, lock, &key)
    }

    /// Opens the installation in a folder, and brings an older one to this program's version.
    ///
    /// Takes some tenths of a second: the passphrase is stretched by Argon2id.
    pub fn open(dir: &Path, passphrase: &Passphrase) -> Result<Self, StoreError> {
        let folder = Folder::existing(dir)?;
        let lock = folder.lock()?;
        let key = read_key(&folder, passphrase)?;
        folder.name_database()?;
        if !folder.holds(DATABASE_FILE)? {
            return Err(StoreError::Damaged { what: "it is missing, though its key file is there".to_owned() });
        }
        Self::over(folder, lock, &key)
    }

    /// A store that lives in memory alone and is gone when it is dropped: for tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection, place: None })
    }

    fn over(folder: Folder, lock: File, key: &DataKey) -> Result<Self, StoreError> {
        let mut connection = connect(&folder.database(), key)?;
        // SQLite takes an empty file for a new database: an installation that lost everything must not look new.
        if schema::version(&connection)? == 0 {
            return Err(StoreError::Damaged { what: "it is empty".to_owned() });
        }
        schema::migrate(&mut connection)?;
        Ok(Self { connection, place: Some(Place { folder, _lock: lock }) })
    }

    /// Puts a new passphrase in the place of the current one. The database stays as it is: its key is wrapped anew.
    ///
    /// Whoever holds an old copy of the key file and knows the old passphrase can still open the database.
    pub fn change_passphrase(&mut self, current: &Passphrase, new: &Passphrase) -> Result<(), StoreError> {
        let Some(Place { folder, .. }) = &self.place else { return Err(StoreError::InMemory) };
        let key = read_key(folder, current)?;
        folder.write_key(&key::wrap(&key, new)?)
    }

    /// Writes a batch whole, and has it on the disk on return; after an error nothing of it is written. An empty batch
    /// writes nothing.
    ///
    /// The vault must be there, or come with the batch. An event that is kept already is passed over; another event
    /// with the author and number of a kept one is [`StoreError::EventClash`].
    pub fn commit(&mut self, vault: VaultId, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match &batch.new_vault {
            Some(record) if record.vault != vault => {
                return Err(StoreError::OtherVault { vault, found: record.vault });
            }
            Some(record) => rows::write_vault(&transaction, record)?,
            None if rows::vault_exists(&transaction, vault)? => {}
            None => return Err(StoreError::UnknownVault { vault }),
        }
        for event in &batch.events {
            rows::write_event(&transaction, vault, event)?;
        }
        rows::write_refused(&transaction, vault, &batch.refused)?;
        for heads in &batch.heads {
            rows::write_heads(&transaction, vault, heads)?;
        }
        if let Some(changes) = &batch.wallet {
            wallet::write(&transaction, vault, changes)?;
        }
        Ok(transaction.commit()?)
    }

    /// Every vault, the oldest in this installation first.
    pub fn vaults(&self) -> Result<Vec<VaultRecord>, StoreError> {
        rows::read_vaults(&self.connection)
    }

    /// The events of a vault in order of arrival; none for an unknown vault.
    pub fn events(&self, vault: VaultId) -> Result<Vec<EventRow>, StoreError> {
        rows::read_events(&self.connection, vault)
    }

    /// What each member last said of the events that they hold, in order of member ids.
    pub fn heads(&self, vault: VaultId) -> Result<Vec<HeadsRow>, StoreError> {
        rows::read_heads(&self.connection, vault)
    }

    /// The refused messages that are kept, the newest [`REFUSED_KEPT`], in order of arrival.
    pub fn refused(&self, vault: VaultId) -> Result<Vec<RefusedRow>, StoreError> {
        rows::read_refused(&self.connection, vault)
    }

    /// How many refused messages are kept: at most [`REFUSED_KEPT`].
    pub fn refused_count(&self, vault: VaultId) -> Result<u64, StoreError> {
        rows::count_refused(&self.connection, vault)
    }

    /// Every change set of the vault's wallet merged, or none if there was none yet.
    pub fn wallet(&self, vault: VaultId) -> Result<Option<ChangeSet>, StoreError> {
        let changes = wallet::read(&self.connection, vault)?;
        Ok((!changes.is_empty()).then_some(changes))
    }
}

fn refuse_existing(folder: &Folder) -> Result<(), StoreError> {
    if folder.is_installation()? {
        return Err(StoreError::AlreadyThere { path: folder.path().to_owned() });
    }
    Ok(())
}

fn read_key(folder: &Folder, passphrase: &Passphrase) -> Result<DataKey, StoreError> {
    let bytes = folder.read_key(key::FILE_SIZE)?.ok_or(KeyFault::Missing)?;
    Ok(key::unwrap(&bytes, passphrase)?)
}

/// Opens an encrypted database that exists, empty or not.
fn connect(path: &Path, key: &DataKey) -> Result<Connection, StoreError> {
    // Neither made anew where it is missing, nor its name read as a URI.
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    let cipher: Result<String, _> = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0));
    if cipher.is_err() {
        return Err(StoreError::NoCipher);
    }
    // Damage is told by errors; SQLCipher's own lines on standard error would only be noise. What SQLite frees is wiped:
    // it holds secret keys (measured: reading an event takes 27 us instead of 14 us).
    connection.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON;")?;
    let statement = key_statement(key);
    // The error is dropped on purpose: it would carry the statement, and so the key.
    connection.execute_batch(&statement).map_err(|_| StoreError::NoCipher)?;
    // Pinned, so that another version of SQLCipher with other defaults still reads the file.
    connection.execute_batch("PRAGMA cipher_compatibility = 4;")?;
    configure(&connection)?;
    Ok(connection)
}

/// `PRAGMA key` with the key as it is: it is random, and stretching it again would only take time.
fn key_statement(key: &DataKey) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // Room for all of it: growing would leave copies behind.
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    for byte in key.iter() {
        for digit in [byte >> 4, byte & 15] {
            statement.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    statement.push_str("'\";");
    statement
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(64);
    // Exclusive and set before the first read: no other process can read or write, and there is no shared memory file.
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;")?;
    // The first read is the proof that the key fits.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
