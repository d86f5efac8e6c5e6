//! What is kept of a vault besides its events and its wallet, and how each becomes a row and is read back.
//!
//! A row is read as outside bytes: lengths and ranges are checked, a row that does not fit is an error and never a
//! panic. What does not belong here: events (see `events`), the bdk wallet (see `wallet`), transactions,
//! and any judgement on an event.

use std::fmt;

use conclave_shared::{EventId, MemberId, VaultId};
use rusqlite::{Connection, Row, Transaction, params};
use zeroize::Zeroizing;

use super::StoreError;

/// How many refused messages are kept of a vault: the newest ones.
pub const REFUSED_KEPT: u32 = 1000;
/// How many bytes are kept of a refused message: the first ones.
pub const REFUSED_BYTES: usize = 4096;
/// How many bytes are kept of the reason for a refusal.
pub const REFUSED_REASON: usize = 1024;

/// A vault as this installation knows it from its creation or from joining it.
#[derive(Clone, PartialEq, Eq)]
pub struct VaultRecord {
    /// The vault.
    pub vault: VaultId,
    /// The id of its `created` event.
    pub created: EventId,
    /// The member who created it.
    pub organiser: MemberId,
    /// The secret key of this member's identity in this vault.
    pub identity: Zeroizing<[u8; 32]>,
    /// The BIP39 entropy of the software key, 16 to 32 bytes: keyholders only.
    pub entropy: Option<Zeroizing<Vec<u8>>>,
    /// The relays of the vault, in order of preference.
    pub relays: Vec<String>,
    /// The chain's name.
    pub chain: String,
    /// When the vault came to this installation, in ms since 1970.
    pub created_ms: u64,
}

impl fmt::Debug for VaultRecord {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultRecord").field("vault", &self.vault).field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// How this installation stands with the other members of a vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// A serial that was reserved for heads messages: none above it has been used. 0 before the first.
    pub heads_serial: u64,
    /// The record here may be older than what others have seen of it, as the installation was put back from a copy:
    /// nothing may be signed until they have spoken.
    pub restored: bool,
}

/// A message that was refused, kept so that its receiver can be shown what came.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// When it arrived, in ms since 1970.
    pub received_ms: u64,
    /// Who sent it, where that is proven.
    pub from: Option<MemberId>,
    /// Why it was refused: at most [`REFUSED_REASON`] bytes are kept.
    pub reason: String,
    /// The fixed name of that; empty in rows of older programs.
    pub code: String,
    /// The message: at most [`REFUSED_BYTES`] are kept.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for RefusedRow {
    /// Without the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedRow").field("from", &self.from).field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// What a member last said of the events that they hold.
#[derive(Clone, PartialEq, Eq)]
pub struct HeadsRow {
    /// The member.
    pub member: MemberId,
    /// The message.
    pub json: String,
    /// When it arrived, in ms since 1970.
    pub received_ms: u64,
}

impl fmt::Debug for HeadsRow {
    /// Without the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadsRow").field("member", &self.member).finish_non_exhaustive()
    }
}

pub(super) fn write_vault(transaction: &Transaction<'_>, record: &VaultRecord) -> Result<(), StoreError> {
    let relays = serde_json::Value::from(record.relays.as_slice()).to_string();
    transaction
        .prepare_cached(
            "INSERT INTO vault (vault, created, organiser, identity, entropy, relays, chain, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            record.vault.0,
            record.created.0,
            record.organiser.0,
            record.identity.as_slice(),
            record.entropy.as_ref().map(|entropy| entropy.as_slice()),
            relays,
            record.chain,
            number(record.created_ms, "created_ms")?,
        ])?;
    Ok(())
}

pub(super) fn read_vaults(connection: &Connection) -> Result<Vec<VaultRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT vault, created, organiser, identity, entropy, relays, chain, created_ms FROM vault ORDER BY rowid",
    )?;
    collect(statement.query([])?, |row| {
        let entropy = match row.get_ref(4)?.as_blob_or_null().map_err(|_| damaged("the entropy"))? {
            Some(bytes) if (16..=32).contains(&bytes.len()) && bytes.len() % 4 == 0 => {
                Some(Zeroizing::new(bytes.to_vec()))
            }
            Some(_) => return Err(damaged("the entropy")),
            None => None,
        };
        Ok(VaultRecord {
            vault: VaultId(fixed(row, 0, "a vault id")?),
            created: EventId(fixed(row, 1, "an event id")?),
            organiser: MemberId(fixed(row, 2, "a member id")?),
            identity: Zeroizing::new(fixed(row, 3, "an identity")?),
            entropy,
            relays: serde_json::from_str(text(row, 5)?).map_err(|_| damaged("the relays"))?,
            chain: text(row, 6)?.to_owned(),
            created_ms: count(row, 7, "a time")?,
        })
    })
}

/// Reserves serials and marks or clears the vault as put back. A reservation never shrinks: what was used stays used.
pub(super) fn write_standing(
    transaction: &Transaction<'_>,
    vault: VaultId,
    heads_serial: Option<u64>,
    restored: Option<bool>,
) -> Result<(), StoreError> {
    if heads_serial.is_none() && restored.is_none() {
        return Ok(());
    }
    let heads_serial = heads_serial.map(|serial| number(serial, "the serial of heads")).transpose()?;
    transaction
        .prepare_cached(
            "UPDATE vault SET heads_serial = max(heads_serial, coalesce(?2, heads_serial)),
                 restored = coalesce(?3, restored) WHERE vault = ?1",
        )?
        .execute(params![vault.0, heads_serial, restored])?;
    Ok(())
}

pub(super) fn read_standing(connection: &Connection, vault: VaultId) -> Result<Standing, StoreError> {
    let mut statement = connection.prepare_cached("SELECT heads_serial, restored FROM vault WHERE vault = ?1")?;
    let mut rows = statement.query([vault.0])?;
    let row = rows.next()?.ok_or(StoreError::UnknownVault { vault })?;
    Ok(Standing { heads_serial: count(row, 0, "a serial")?, restored: row.get(1)? })
}

/// Marks every vault: what others have seen of it may be newer than what is here.
pub(super) fn mark_restored(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("UPDATE vault SET restored = 1", [])?;
    Ok(())
}

pub(super) fn write_refused(
    transaction: &Transaction<'_>,
    vault: VaultId,
    refused: &[RefusedRow],
) -> Result<(), StoreError> {
    if refused.is_empty() {
        return Ok(());
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO refused (vault, received_ms, sender, reason, bytes, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in refused {
        insert.execute(params![
            vault.0,
            number(row.received_ms, "received_ms")?,
            row.from.map(|member| member.0),
            &row.reason[..row.reason.floor_char_boundary(REFUSED_REASON)],
            &row.bytes[..row.bytes.len().min(REFUSED_BYTES)],
            &row.code,
        ])?;
    }
    transaction
        .prepare_cached(
            "DELETE FROM refused WHERE vault = ?1 AND arrival <=
             (SELECT arrival FROM refused WHERE vault = ?1 ORDER BY arrival DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![vault.0, REFUSED_KEPT])?;
    Ok(())
}

pub(super) fn read_refused(connection: &Connection, vault: VaultId) -> Result<Vec<RefusedRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT received_ms, sender, reason, bytes, code FROM refused WHERE vault = ?1 ORDER BY arrival",
    )?;
    collect(statement.query([vault.0])?, |row| {
        let bytes = row.get_ref(3)?.as_blob().map_err(|_| damaged("a refused message"))?;
        if bytes.len() > REFUSED_BYTES {
            return Err(damaged("a refused message"));
        }
        Ok(RefusedRow {
            received_ms: count(row, 0, "a time")?,
            from: row.get::<_, Option<[u8; 32]>>(1)?.map(MemberId),
            reason: text(row, 2)?.to_owned(),
            bytes: bytes.to_vec(),
            code: text(row, 4)?.to_owned(),
        })
    })
}

pub(super) fn count_refused(connection: &Connection, vault: VaultId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM refused WHERE vault = ?1")?;
    let mut rows = statement.query([vault.0])?;
    rows.next()?.map_or(Ok(0), |row| count(row, 0, "a count"))
}

pub(super) fn write_heads(transaction: &Transaction<'_>, vault: VaultId, heads: &HeadsRow) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO heads (vault, member, json, received_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (vault, member) DO UPDATE SET json = excluded.json, received_ms = excluded.received_ms",
        )?
        .execute(params![vault.0, heads.member.0, heads.json, number(heads.received_ms, "received_ms")?])?;
    Ok(())
}

pub(super) fn read_heads(connection: &Connection, vault: VaultId) -> Result<Vec<HeadsRow>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT member, json, received_ms FROM heads WHERE vault = ?1 ORDER BY member")?;
    collect(statement.query([vault.0])?, |row| {
        Ok(HeadsRow {
            member: MemberId(fixed(row, 0, "a member id")?),
            json: text(row, 1)?.to_owned(),
            received_ms: count(row, 2, "a time")?,
        })
    })
}

/// Every row, or the first error.
pub(super) fn collect<T>(
    mut rows: rusqlite::Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// A number as SQLite holds it: 63 bits.
pub(super) fn number(value: u64, what: &'static str) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::OutOfRange { what, value })
}

/// A number that is never negative.
pub(super) fn count(row: &Row<'_>, column: usize, what: &str) -> Result<u64, StoreError> {
    row.get::<_, i64>(column)?.try_into().map_err(|_| damaged(what))
}

/// Exactly 32 bytes.
pub(super) fn fixed(row: &Row<'_>, column: usize, what: &str) -> Result<[u8; 32], StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|_| damaged(what))?;
    bytes.try_into().map_err(|_| damaged(what))
}

/// A text of UTF-8.
pub(super) fn text<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|_| damaged("a text"))
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { what: format!("{what} in it cannot be read") }
}
