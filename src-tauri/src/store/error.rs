//! Why the store refuses, in the words of whoever has to mend it: what happened, what was kept, what to do.
//!
//! What does not belong here: deciding which of them it is, where more than the system's own word is needed.

use std::io;
use std::path::{Path, PathBuf};

use conclave_shared::VaultId;
use rusqlite::ErrorCode;

use super::folder::DATABASE_FILE;
use super::key::{KeyFault, Unwrapped};

/// Why the store did not do what it was asked. Nothing was written then.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
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
    #[strum(serialize = "database-newer")]
    Newer {
        /// The version of its tables.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// The database is not what this program wrote.
    #[error("the database conclave.db is damaged: {what}; nothing was changed: keep the folder, and put back a backup")]
    #[strum(serialize = "database-damaged")]
    Damaged {
        /// What was found.
        what: String,
    },
    /// This build of SQLite does not encrypt.
    #[error("this build has no SQLCipher: nothing was written, as it would be readable to all")]
    NoCipher,
    /// Not a file that [`super::Store::back_up`] wrote.
    #[error("this is not a backup of conclave: {what}; nothing was changed")]
    NotABackup {
        /// What is wrong with it.
        what: String,
    },
    /// More than a backup may hold.
    #[error(
        "the backup would have {found} bytes, and at most {limit} are taken back: nothing was kept of it; close the \
         program and copy its folder"
    )]
    BackupLarge {
        /// Its size.
        found: u64,
        /// The largest.
        limit: u64,
    },
    /// A store that lives in memory has no key file.
    #[error("this store lives in memory alone: it has no passphrase and no backup")]
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
    /// An event of the installation's own chain does not follow the last one.
    #[error("event {found} cannot be appended to this installation's own chain: its next one is {next}")]
    AppEventOrder {
        /// The number that the next event has.
        next: u64,
        /// The number that was to be appended.
        found: u64,
    },
    /// There is no room left on the disk.
    #[error(
        "the disk is full: nothing of this step was kept, what was there before is whole; free some space, try again"
    )]
    DiskFull,
    /// The disk is mounted for reading only, or this account may not use the file.
    #[error("{path} cannot be written: nothing was changed; mount its disk for writing, or give this account leave")]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {source}; what was there before is whole: check the disk, then try again")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database could not be read or written.
    #[error(
        "the database: {0}; nothing of this step was kept, what was there before is whole: check the disk, open again"
    )]
    #[strum(serialize = "database-disk")]
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
                // SQLCipher reports a page that it cannot decrypt so too.
                Some(ErrorCode::OutOfMemory) => {
                    Self::Damaged { what: "a page of it cannot be read, or no memory is free".to_owned() }
                }
                Some(ErrorCode::DiskFull) => Self::DiskFull,
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                    Self::NotWritable { path: PathBuf::from(DATABASE_FILE) }
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
                _ => Self::Disk(error),
            },
        }
    }
}

impl StoreError {
    /// What the system says of a file, under its name where it has one.
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::NotWritable { path: path.to_owned() }
            }
            _ => Self::File { path: path.to_owned(), source },
        }
    }
}
