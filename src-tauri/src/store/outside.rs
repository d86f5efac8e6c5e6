//! A database with arbitrary rows: for the fuzz target and the tests that share it. Whoever has the key can write anything,
//! and a disk can fail; what reads rows may refuse them and must not panic.

use std::path::Path;

use conclave_shared::{EventId, VaultId};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{Store, StoreError};

/// Rows that one input writes at most.
const ROWS: usize = 64;

/// Reads a backup as far as its parts go; says whether both are there.
pub(crate) fn backup(bytes: &[u8]) -> bool {
    super::backup::unpack(bytes, |_, data| {
        let mut part = Vec::new();
        data.read_to_end(&mut part).map(drop).map_err(|source| StoreError::file(Path::new("backup"), source))
    })
    .is_ok()
}

/// Writes rows as the bytes say, and reads everything back; gives the store, and whether anything of a vault was read.
///
/// A row is one byte for the table, in order of their names, and a value for each column: a byte for its form (nothing,
/// number, real, text, bytes, or 32 bytes that are all the same), its length where it has one, and its bytes.
pub(crate) fn rows(bytes: &[u8]) -> (Store, bool) {
    let mut store = Store::in_memory().expect("a database in memory");
    let tables = unbind(&store.connection).expect("tables that take anything");
    let mut bytes = bytes.iter().copied();
    for _ in 0..ROWS {
        let Some(which) = bytes.next() else { break };
        let Some((table, columns)) = tables.get(usize::from(which) % tables.len()) else { break };
        let values: Vec<Value> = (0..*columns).map(|_| value(&mut bytes)).collect();
        let marks = vec!["?"; *columns].join(", ");
        // Text that is not UTF-8 cannot be said here, and nothing else is refused.
        let _ = store.connection.execute(&format!("INSERT INTO {table} VALUES ({marks})"), params_from_iter(values));
    }
    let mut read = store.vaults().is_ok_and(|vaults| !vaults.is_empty());
    read |= store.watched().is_ok_and(|watched| !watched.is_empty());
    for vault in (0..4).map(|fill| VaultId([fill; 32])) {
        read |= read_vault(&store, vault).is_ok_and(|rows| rows > 0);
    }
    let _ = store.app_identity();
    let _ = store.app_events();
    if let Ok(events) = store.app_events()
        && let Some(mut next) = events.last().cloned()
    {
        next.n = next.n.saturating_add(1);
        let _ = store.append_app_event(&next);
    }
    (store, read)
}

/// How many rows of a vault can be read.
fn read_vault(store: &Store, vault: VaultId) -> Result<usize, StoreError> {
    let rows = [
        store.events(vault).map(|rows| rows.len()),
        store.events_after(vault, 1).map(|rows| rows.len()),
        store.event(vault, EventId([1; 32])).map(|row| row.iter().count()),
        store.last_arrival(vault).map(|row| row.iter().count()),
        store.waiting(vault).map(|rows| rows.len()),
        store.snapshot(vault).map(|row| row.iter().count()),
        store.standing(vault).map(|_| 0),
        store.heads(vault).map(|rows| rows.len()),
        store.refused(vault).map(|rows| rows.len()),
        store.refused_count(vault).map(|_| 0),
        store.wallet(vault).map(|row| row.iter().count()),
        store.labels(vault).map(|rows| rows.len()),
        store.own_relay(vault).map(|row| row.iter().count()),
    ];
    rows.into_iter().sum()
}

/// Takes types, checks and keys off all tables; gives their names and how many columns each has.
fn unbind(connection: &Connection) -> Result<Vec<(String, usize)>, StoreError> {
    connection.pragma_update(None, "foreign_keys", false)?;
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for name in names {
        connection.execute_batch(&format!(
            "CREATE TABLE unbound AS SELECT * FROM {name} WHERE false; DROP TABLE {name};
             ALTER TABLE unbound RENAME TO {name};"
        ))?;
        let columns = connection.prepare(&format!("SELECT * FROM {name}"))?.column_count();
        tables.push((name, columns));
    }
    Ok(tables)
}

fn value(bytes: &mut impl Iterator<Item = u8>) -> Value {
    let form = bytes.next().unwrap_or(0);
    match form % 6 {
        0 => Value::Null,
        1 => Value::Integer(i64::from_be_bytes(eight(bytes))),
        2 => Value::Real(f64::from_be_bytes(eight(bytes))),
        3 => Value::Text(String::from_utf8_lossy(&some(bytes)).into_owned()),
        4 => Value::Blob(some(bytes)),
        _ => Value::Blob(vec![bytes.next().unwrap_or(0); 32]),
    }
}

fn eight(bytes: &mut impl Iterator<Item = u8>) -> [u8; 8] {
    std::array::from_fn(|_| bytes.next().unwrap_or(0))
}

/// Two bytes of length, and as many.
fn some(bytes: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let length = usize::from(bytes.next().unwrap_or(0)) * 256 + usize::from(bytes.next().unwrap_or(0));
    bytes.take(length).collect()
}
