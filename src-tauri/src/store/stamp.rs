//! Noticing that the installation was put back from a copy.
//!
//! Whoever goes on from an old copy writes a second story without knowing it. So at each opening a new random stamp is
//! written to the file `conclave.stamp` and into the database, together with what the system says of that file: a copy of
//! the folder has another file, and a copy of the database another stamp. The device is not asked: many systems number
//! it anew at each start.
//!
//! An image of a whole disk that is put back brings the old file and the old database together: that is not seen here,
//! and the other members' heads show it. A false alarm (the file's rights were changed, the file system gives no lasting
//! inode) costs a time of reading only. What does not belong here: what follows from being put back.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::folder::Folder;
use super::key::KeyFault;
use super::{StoreError, rows};

/// The size of a stamp and of its file, in bytes.
pub(super) const STAMP_SIZE: usize = 32;

/// What the system says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileWord {
    /// Which file it is: it stays when the file is renamed.
    pub(super) which: String,
    /// The same with when it was last changed or renamed.
    pub(super) whole: String,
}

/// A stamp file.
pub(super) struct StampFile {
    /// What it holds, one byte more than a stamp at most.
    pub(super) bytes: Vec<u8>,
    pub(super) word: FileWord,
}

/// What the database has on record.
struct Recorded {
    stamp: Option<Vec<u8>>,
    stamp_file: Option<String>,
    next: Option<Vec<u8>>,
    next_file: Option<String>,
}

impl Recorded {
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        let recorded = connection
            .prepare_cached("SELECT stamp, stamp_file, next, next_file FROM installation")?
            .query_row([], |row| {
                Ok(Self { stamp: row.get(0)?, stamp_file: row.get(1)?, next: row.get(2)?, next_file: row.get(3)? })
            })
            .optional()?;
        recorded.ok_or_else(|| rows::damaged("the installation's row"))
    }

    /// What a file is to this database.
    fn judge(&self, found: Option<&StampFile>) -> Judgement {
        let Some(found) = found else {
            // The first opening of a new database, or of one from before there were stamps.
            return if self.stamp.is_none() { Judgement::Own } else { Judgement::Foreign };
        };
        if self.stamp.as_ref() == Some(&found.bytes) && self.stamp_file.as_ref() == Some(&found.word.whole) {
            Judgement::Own
        } else if self.next.as_ref() == Some(&found.bytes) && self.next_file.as_ref() == Some(&found.word.which) {
            Judgement::Renamed
        } else {
            Judgement::Foreign
        }
    }
}

/// What a stamp file is to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    /// The one that this database wrote last.
    Own,
    /// The same, but the renewal was cut short after the renaming: when it was renamed is not on record.
    Renamed,
    /// Another one: the folder, the database or the file was put back from a copy.
    Foreign,
}

/// Says whether the installation was put back from a copy, marks every vault then (also where `lost` says that the
/// database itself fell back), and renews the stamp. A crash at any step raises no alarm that was not there, and takes
/// none away.
pub(super) fn renew(connection: &mut Connection, folder: &Folder, lost: bool) -> Result<bool, StoreError> {
    let restored = announce(connection, folder, lost)?;
    folder.name_stamp()?;
    settle(connection, folder)?;
    Ok(restored)
}

/// Writes the new stamp beside the old one, in the folder and in the database: from now on both are right. Every vault is
/// marked here, while the file still bears witness.
pub(super) fn announce(connection: &mut Connection, folder: &Folder, lost: bool) -> Result<bool, StoreError> {
    let judgement = Recorded::read(connection)?.judge(folder.read_stamp()?.as_ref());
    let restored = lost || judgement == Judgement::Foreign;
    if judgement == Judgement::Renamed {
        // Finished first: another stamp would take its place on record, and the file would look foreign.
        settle(connection, folder)?;
    }
    let mut next = [0; STAMP_SIZE];
    getrandom::fill(&mut next).map_err(|_| KeyFault::Randomness)?;
    let word = folder.write_new_stamp(&next)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if restored {
        rows::mark_restored(&transaction)?;
    }
    transaction.execute("UPDATE installation SET next = ?1, next_file = ?2", params![next, word.which])?;
    transaction.commit()?;
    Ok(restored)
}

/// After the renaming, the new stamp alone is right.
pub(super) fn settle(connection: &Connection, folder: &Folder) -> Result<(), StoreError> {
    let word = folder.read_stamp()?.map(|file| file.word.whole);
    connection.execute(
        "UPDATE installation SET stamp = next, stamp_file = ?1, next = NULL, next_file = NULL WHERE next IS NOT NULL",
        [word],
    )?;
    Ok(())
}
