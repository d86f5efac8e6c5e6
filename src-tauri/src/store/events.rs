//! The signed events of a vault: those that were accepted, those that wait for their past, and the snapshot of the fold
//! that saves reading them all.
//!
//! A row is read as outside bytes, as in `rows`. What does not belong here: any judgement on an event, and the form of a
//! snapshot.

use std::fmt;

use conclave_shared::{EventId, MemberId, VaultId};
use rusqlite::{Connection, Row, Transaction, params};

use super::StoreError;
use super::rows::{collect, count, damaged, fixed, number, text};

/// A signed event that was accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its id.
    pub id: EventId,
    /// Who signed it.
    pub author: MemberId,
    /// Its number among the events of its author.
    pub n: u64,
    /// The event as it was signed.
    pub json: String,
    /// When it arrived, in ms since 1970.
    pub received_ms: u64,
}

impl fmt::Debug for EventRow {
    /// Without the text, which is the vault's own affair.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRow")
            .field("id", &self.id)
            .field("author", &self.author)
            .field("n", &self.n)
            .finish_non_exhaustive()
    }
}

/// A valid event whose past is not here yet.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its id.
    pub id: EventId,
    /// The event as it was signed.
    pub json: String,
    /// When it arrived, in ms since 1970.
    pub received_ms: u64,
}

impl fmt::Debug for WaitingRow {
    /// Without the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What the fold of a vault came to after a number of events. It can be made anew from them at any time.
#[derive(Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The version of its form: one that the program does not know is passed over.
    pub version: u32,
    /// The arrival of the last event in it.
    pub arrival: u64,
    /// What stands for the events in it, as a check.
    pub heads: [u8; 32],
    /// The snapshot.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for SnapshotRow {
    /// Without the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotRow")
            .field("version", &self.version)
            .field("arrival", &self.arrival)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Keeps an event, which waits no more. The same event again changes nothing; another one of the same author with the
/// same number is kept beside it: the two are the proof of two stories.
pub(super) fn write(transaction: &Transaction<'_>, vault: VaultId, event: &EventRow) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO event (vault, id, author, n, json, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (vault, id) DO NOTHING",
        )?
        .execute(params![
            vault.0,
            event.id.0,
            event.author.0,
            number(event.n, "n")?,
            event.json,
            number(event.received_ms, "received_ms")?,
        ])?;
    drop_waiting(transaction, vault, event.id)
}

/// The columns of an [`EventRow`], in the order in which `event_row` reads them.
macro_rules! select_events {
    ($rest:literal) => {
        concat!("SELECT id, author, n, json, received_ms FROM event WHERE vault = ?1 ", $rest)
    };
}

fn event_row(row: &Row<'_>) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: EventId(fixed(row, 0, "an event id")?),
        author: MemberId(fixed(row, 1, "a member id")?),
        n: count(row, 2, "an event's number")?,
        json: text(row, 3)?.to_owned(),
        received_ms: count(row, 4, "a time")?,
    })
}

pub(super) fn read(connection: &Connection, vault: VaultId) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(select_events!("ORDER BY arrival"))?;
    collect(statement.query([vault.0])?, event_row)
}

pub(super) fn read_after(connection: &Connection, vault: VaultId, arrival: u64) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(select_events!("AND arrival > ?2 ORDER BY arrival"))?;
    collect(statement.query(params![vault.0, number(arrival, "arrival")?])?, event_row)
}

pub(super) fn read_one(connection: &Connection, vault: VaultId, id: EventId) -> Result<Option<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(select_events!("AND id = ?2"))?;
    let mut rows = statement.query(params![vault.0, id.0])?;
    rows.next()?.map(event_row).transpose()
}

/// Hands over one event after the other in order of arrival, and holds no more than one.
pub(super) fn read_each<E: From<StoreError>>(
    connection: &Connection,
    vault: VaultId,
    mut take: impl FnMut(EventRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection.prepare_cached(select_events!("ORDER BY arrival")).map_err(StoreError::from)?;
    let mut rows = statement.query([vault.0]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        take(event_row(row)?)?;
    }
    Ok(())
}

pub(super) fn read_last_arrival(connection: &Connection, vault: VaultId) -> Result<Option<u64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT arrival FROM event WHERE vault = ?1 ORDER BY arrival DESC LIMIT 1")?;
    let mut rows = statement.query([vault.0])?;
    rows.next()?.map(|row| count(row, 0, "an arrival")).transpose()
}

/// Keeps an event that waits, unless it waits already or was accepted.
pub(super) fn write_waiting(
    transaction: &Transaction<'_>,
    vault: VaultId,
    waiting: &WaitingRow,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO waiting (vault, id, json, received_ms) SELECT ?1, ?2, ?3, ?4
             WHERE NOT EXISTS (SELECT 1 FROM event WHERE vault = ?1 AND id = ?2)
             ON CONFLICT (vault, id) DO NOTHING",
        )?
        .execute(params![vault.0, waiting.id.0, waiting.json, number(waiting.received_ms, "received_ms")?])?;
    Ok(())
}

pub(super) fn drop_waiting(transaction: &Transaction<'_>, vault: VaultId, id: EventId) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM waiting WHERE vault = ?1 AND id = ?2")?.execute(params![vault.0, id.0])?;
    Ok(())
}

pub(super) fn read_waiting(connection: &Connection, vault: VaultId) -> Result<Vec<WaitingRow>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, json, received_ms FROM waiting WHERE vault = ?1 ORDER BY received_ms, id")?;
    collect(statement.query([vault.0])?, |row| {
        Ok(WaitingRow {
            id: EventId(fixed(row, 0, "an event id")?),
            json: text(row, 1)?.to_owned(),
            received_ms: count(row, 2, "a time")?,
        })
    })
}

pub(super) fn write_snapshot(
    transaction: &Transaction<'_>,
    vault: VaultId,
    snapshot: &SnapshotRow,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO snapshot (vault, version, arrival, heads, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            vault.0,
            snapshot.version,
            number(snapshot.arrival, "arrival")?,
            snapshot.heads,
            snapshot.bytes,
        ])?;
    Ok(())
}

pub(super) fn read_snapshot(connection: &Connection, vault: VaultId) -> Result<Option<SnapshotRow>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT version, arrival, heads, bytes FROM snapshot WHERE vault = ?1")?;
    let mut rows = statement.query([vault.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(SnapshotRow {
        version: row.get(0)?,
        arrival: count(row, 1, "an arrival")?,
        heads: fixed(row, 2, "a snapshot")?,
        bytes: row.get_ref(3)?.as_blob().map_err(|_| damaged("a snapshot"))?.to_vec(),
    }))
}
