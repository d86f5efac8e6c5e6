//! What belongs to the installation and to none of its vaults: the key of its own chain, and that chain's events.
//!
//! What does not belong here: what such an event says, and what tells that a copy was put back (see `stamp`).

use std::fmt;

use bitcoin::secp256k1::SecretKey;
use conclave_shared::EventId;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::key::KeyFault;
use super::rows::{collect, count, damaged, fixed, number, text};
use super::{Store, StoreError};

/// A signed event of the installation's own chain.
#[derive(Clone, PartialEq, Eq)]
pub struct AppEventRow {
    /// Its number: the first has 0.
    pub n: u64,
    /// Its id.
    pub id: EventId,
    /// The event as it was signed.
    pub json: String,
    /// When it happened, in ms since 1970.
    pub ms: u64,
}

impl fmt::Debug for AppEventRow {
    /// Without the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppEventRow").field("n", &self.n).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// The secret key of the installation's own chain: made once, with the database.
    pub fn app_identity(&self) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        read_identity(&self.connection)
    }

    /// The events of the installation's own chain, the first one first.
    pub fn app_events(&self) -> Result<Vec<AppEventRow>, StoreError> {
        read(&self.connection)
    }

    /// The newest event of the installation's own chain.
    pub fn last_app_event(&self) -> Result<Option<AppEventRow>, StoreError> {
        read_last(&self.connection)
    }

    /// Appends one event to the installation's own chain, and has it on the disk on return. Its number must be the next
    /// one, from 0: [`StoreError::AppEventOrder`] else.
    pub fn append_app_event(&mut self, event: &AppEventRow) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        append(&transaction, event)?;
        Ok(transaction.commit()?)
    }
}

/// Gives a database its installation: one row with a new identity.
pub(super) fn begin(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let identity = new_identity()?;
    transaction.execute("INSERT INTO installation (one, identity) VALUES (1, ?1)", [identity.as_slice()])?;
    Ok(())
}

/// Nearly every 32 bytes are a secret key of secp256k1; the others are drawn again.
fn new_identity() -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyFault::Randomness)?;
        if let Ok(mut key) = SecretKey::from_slice(bytes.as_slice()) {
            key.non_secure_erase();
            return Ok(bytes);
        }
    }
}

pub(super) fn read_identity(connection: &Connection) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT identity FROM installation")?;
    let mut rows = statement.query([])?;
    let row = rows.next()?.ok_or_else(|| damaged("the installation's identity"))?;
    Ok(Zeroizing::new(fixed(row, 0, "the installation's identity")?))
}

fn append(transaction: &Transaction<'_>, event: &AppEventRow) -> Result<(), StoreError> {
    let next = {
        let mut statement = transaction.prepare_cached("SELECT n FROM app_event ORDER BY n DESC LIMIT 1")?;
        let mut rows = statement.query([])?;
        match rows.next()? {
            Some(row) => count(row, 0, "an event's number")?.saturating_add(1),
            None => 0,
        }
    };
    if event.n != next {
        return Err(StoreError::AppEventOrder { next, found: event.n });
    }
    transaction.prepare_cached("INSERT INTO app_event (n, id, json, ms) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        number(event.n, "n")?,
        event.id.0,
        event.json,
        number(event.ms, "ms")?
    ])?;
    Ok(())
}

pub(super) fn read(connection: &Connection) -> Result<Vec<AppEventRow>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT n, id, json, ms FROM app_event ORDER BY n")?;
    collect(statement.query([])?, event)
}

fn read_last(connection: &Connection) -> Result<Option<AppEventRow>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT n, id, json, ms FROM app_event ORDER BY n DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    rows.next()?.map(event).transpose()
}

fn event(row: &Row<'_>) -> Result<AppEventRow, StoreError> {
    Ok(AppEventRow {
        n: count(row, 0, "an event's number")?,
        id: EventId(fixed(row, 1, "an event id")?),
        json: text(row, 2)?.to_owned(),
        ms: count(row, 3, "a time")?,
    })
}
