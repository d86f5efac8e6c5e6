//! What an installation keeps: one SQLCipher database in one folder, opened by a passphrase.
//!
//! [`Store`] is owned by the main loop and is synchronous; everything that one step changes is one [`Batch`], written
//! whole or not at all, and on the disk when [`Store::commit`] returns. The key file is in `key`, the folder and its
//! lock in `folder`, the tables in `schema`, the records in `rows`, the events in `events`, the bdk wallet in `wallet`, the
//! installation's own chain in `app`, labels in `labels`, watched descriptors in `watched`, the relay one hosts in `own_relay`; backups in `backup`; what tells a copy
//! that was put back in `stamp` and `wal`. What does not belong here: deciding what is kept, and reading an event's text.

mod app;
mod backup;
mod error;
mod events;
mod folder;
mod key;
mod labels;
pub(crate) mod outside;
mod own_relay;
mod rows;
mod schema;
mod stamp;
mod wal;
mod wallet;
mod watched;

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use bdk_wallet::ChangeSet;
use bdk_wallet::chain::Merge;
use conclave_shared::{EventId, VaultId};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use zeroize::Zeroizing;

use folder::Folder;
use key::DataKey;

pub use app::AppEventRow;
pub use backup::{BACKUP_LIMIT, forget_restoring, restore};
pub use error::StoreError;
pub use events::{EventRow, SnapshotRow, WaitingRow};
pub use folder::{DATABASE_FILE, KEY_FILE, STAMP_FILE};
pub use key::{KeyFault, MAX_PASSPHRASE, Passphrase, PassphraseError};
pub use labels::{LabelKind, LabelRow};
pub use own_relay::OwnRelayRow;
pub use rows::{HeadsRow, REFUSED_BYTES, REFUSED_KEPT, REFUSED_REASON, RefusedRow, Standing, VaultRecord};
pub use watched::WatchedRecord;

/// How long an opening waits for another program that reads the database, such as a backup.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one commit writes, all in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// A vault that this installation created or joined.
    pub new_vault: Option<VaultRecord>,
    /// A descriptor that this installation watches from now on.
    pub new_watched: Option<WatchedRecord>,
    /// The relay that this member hosts for the vault. Its key is written once; later only the switch changes.
    pub own_relay: Option<OwnRelayRow>,
    /// Events that were accepted, in order of arrival.
    pub events: Vec<EventRow>,
    /// Valid events whose past is missing. One that is accepted waits no more.
    pub waiting: Vec<WaitingRow>,
    /// Events that wait no longer, though they were not accepted.
    pub dropped: Vec<EventId>,
    /// Messages that were refused, in order of arrival.
    pub refused: Vec<RefusedRow>,
    /// What members said of the events that they hold. The latest of each member is kept.
    pub heads: Vec<HeadsRow>,
    /// What changed in the vault's wallet.
    pub wallet: Option<ChangeSet>,
    /// What the first screen shows of the wallet, as text: it takes the place of the one before.
    pub first_page: Option<String>,
    /// Labels, each in the place of the one before; one that says nothing any more goes.
    pub labels: Vec<LabelRow>,
    /// What the fold came to: it takes the place of the one before.
    pub snapshot: Option<SnapshotRow>,
    /// Serials of heads messages up to this one are reserved, before any of them is used. It never falls.
    pub heads_serial: Option<u64>,
    /// Whether the vault counts as put back from a copy.
    pub restored: Option<bool>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let Self {
            new_vault,
            new_watched,
            own_relay,
            events,
            waiting,
            dropped,
            refused,
            heads,
            wallet,
            first_page,
            labels,
            snapshot,
            heads_serial,
            restored,
        } = self;
        new_vault.is_none()
            && new_watched.is_none()
            && own_relay.is_none()
            && labels.is_empty()
            && first_page.is_none()
            && events.is_empty()
            && waiting.is_empty()
            && dropped.is_empty()
            && snapshot.is_none()
            && heads_serial.is_none()
            && restored.is_none()
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
    was_restored: bool,
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
        Ok(Self { connection, place: None, was_restored: false })
    }

    fn over(folder: Folder, lock: File, key: &DataKey) -> Result<Self, StoreError> {
        let (mut connection, lost) = recover(&folder, key)?;
        schema::migrate(&mut connection)?;
        // Last, so that an opening that fails leaves the stamp alone.
        let was_restored = stamp::renew(&mut connection, &folder, lost)?;
        Ok(Self { connection, place: Some(Place { folder, _lock: lock }), was_restored })
    }

    /// Whether this opening found that the installation was put back from a copy, or that the database fell back behind
    /// what it had committed. Every vault's [`Standing`] is marked then, for as long as a batch does not take it away.
    pub fn was_restored(&self) -> bool {
        self.was_restored
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
    /// The vault or watched descriptor must be there, or come with the batch. An event that is kept already is passed over; another event
    /// with the author and number of a kept one is kept beside it.
    pub fn commit(&mut self, vault: VaultId, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let new = batch.new_vault.as_ref().map(|record| record.vault);
        let new = new.or(batch.new_watched.as_ref().map(|record| record.vault));
        match new {
            Some(found) if found != vault => return Err(StoreError::OtherVault { vault, found }),
            Some(_) if wallet::exists(&transaction, vault)? => return Err(StoreError::VaultExists { vault }),
            Some(_) => wallet::begin(&transaction, vault)?,
            None if wallet::exists(&transaction, vault)? => {}
            None => return Err(StoreError::UnknownVault { vault }),
        }
        if let Some(record) = &batch.new_vault {
            rows::write_vault(&transaction, record)?;
        }
        if let Some(record) = &batch.new_watched {
            watched::write(&transaction, record)?;
        }
        if let Some(row) = &batch.own_relay {
            own_relay::write(&transaction, vault, row)?;
        }
        for waiting in &batch.waiting {
            events::write_waiting(&transaction, vault, waiting)?;
        }
        for event in &batch.events {
            events::write(&transaction, vault, event)?;
        }
        for id in &batch.dropped {
            events::drop_waiting(&transaction, vault, *id)?;
        }
        rows::write_refused(&transaction, vault, &batch.refused)?;
        for heads in &batch.heads {
            rows::write_heads(&transaction, vault, heads)?;
        }
        if let Some(changes) = &batch.wallet {
            wallet::write(&transaction, vault, changes)?;
        }
        if let Some(page) = &batch.first_page {
            wallet::write_view(&transaction, vault, page)?;
        }
        labels::write(&transaction, vault, &batch.labels)?;
        if let Some(snapshot) = &batch.snapshot {
            events::write_snapshot(&transaction, vault, snapshot)?;
        }
        rows::write_standing(&transaction, vault, batch.heads_serial, batch.restored)?;
        Ok(transaction.commit()?)
    }

    /// Every vault, the oldest in this installation first.
    pub fn vaults(&self) -> Result<Vec<VaultRecord>, StoreError> {
        rows::read_vaults(&self.connection)
    }

    /// The events of a vault in order of arrival; none for an unknown vault.
    pub fn events(&self, vault: VaultId) -> Result<Vec<EventRow>, StoreError> {
        events::read(&self.connection, vault)
    }

    /// The events of a vault that came after an arrival, in order of arrival.
    pub fn events_after(&self, vault: VaultId, arrival: u64) -> Result<Vec<EventRow>, StoreError> {
        events::read_after(&self.connection, vault, arrival)
    }

    /// Hands over the events of a vault one by one in order of arrival, never holding more than one; stops at the first
    /// error, the store's or the taker's.
    pub fn each_event<E: From<StoreError>>(
        &self,
        vault: VaultId,
        take: impl FnMut(EventRow) -> Result<(), E>,
    ) -> Result<(), E> {
        events::read_each(&self.connection, vault, take)
    }

    /// One event of a vault, if it was accepted.
    pub fn event(&self, vault: VaultId, id: EventId) -> Result<Option<EventRow>, StoreError> {
        events::read_one(&self.connection, vault, id)
    }

    /// The arrival of the vault's newest event, or none where it has no event. Arrivals only rise; numbers between two
    /// of them may belong to other vaults.
    pub fn last_arrival(&self, vault: VaultId) -> Result<Option<u64>, StoreError> {
        events::read_last_arrival(&self.connection, vault)
    }

    /// The valid events of a vault whose past is missing, the first received first.
    pub fn waiting(&self, vault: VaultId) -> Result<Vec<WaitingRow>, StoreError> {
        events::read_waiting(&self.connection, vault)
    }

    /// The latest snapshot of a vault's fold, if there is one.
    pub fn snapshot(&self, vault: VaultId) -> Result<Option<SnapshotRow>, StoreError> {
        events::read_snapshot(&self.connection, vault)
    }

    /// How this installation stands with the other members of a vault. [`StoreError::UnknownVault`] where it has none.
    pub fn standing(&self, vault: VaultId) -> Result<Standing, StoreError> {
        rows::read_standing(&self.connection, vault)
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

    /// What the first screen showed last of the vault's wallet, as it was given.
    pub fn first_page(&self, vault: VaultId) -> Result<Option<String>, StoreError> {
        wallet::read_view(&self.connection, vault)
    }
}

/// Whether a folder holds an installation, whole or in part.
pub fn is_installation(dir: &Path) -> Result<bool, StoreError> {
    Folder::at(dir).is_installation()
}

/// Whether a passphrase opens the installation in a folder, which may be open. Takes some tenths of a second.
///
/// Errors: [`StoreError::WrongPassphrase`], and what keeps the key file from being read.
pub fn check_passphrase(dir: &Path, passphrase: &Passphrase) -> Result<(), StoreError> {
    read_key(&Folder::existing(dir)?, passphrase).map(drop)
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

/// Opens the database of an installation, and says whether commits were lost from its write-ahead log.
fn recover(folder: &Folder, key: &DataKey) -> Result<(Connection, bool), StoreError> {
    let log = folder.database_log();
    let seen = wal::look(&log).map_err(|source| StoreError::file(&log, source))?;
    let connection = connect(&folder.database(), key)?;
    // SQLite takes an empty file for a new database: an installation that lost everything must not look new.
    if schema::version(&connection)? == 0 {
        return Err(StoreError::Damaged { what: "it is empty".to_owned() });
    }
    if seen == wal::Seen::Nothing {
        return Ok((connection, false));
    }
    // After a crash all of it is checked once: a log that belongs to another copy of the database shows here.
    // Asked without moving anything: a full disk must not keep an installation from opening.
    let taken: i64 = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
    let word: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if word != "ok" {
        return Err(StoreError::Damaged { what: word });
    }
    Ok((connection, seen.lost(taken.max(0).unsigned_abs())))
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
