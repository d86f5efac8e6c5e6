//! The relay that this member hosts for a vault, as a row: the onion key, which is nowhere else on the disk, and whether the
//! relay is served. What does not belong here: what the key makes, and serving.

use std::fmt;

use conclave_shared::VaultId;
use rusqlite::{Transaction, params};
use zeroize::Zeroizing;

use super::rows::{collect, damaged, fixed};
use super::{Store, StoreError};

/// A member's own relay for one vault.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnRelayRow {
    /// The seed of the onion service's ed25519 key. It never changes: the address comes of it.
    pub seed: Zeroizing<[u8; 32]>,
    /// Whether the relay is served while the installation is open.
    pub served: bool,
}

impl fmt::Debug for OwnRelayRow {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnRelayRow").field("served", &self.served).finish_non_exhaustive()
    }
}

impl Store {
    /// The relay that this member hosts for a vault, if there is one.
    pub fn own_relay(&self, vault: VaultId) -> Result<Option<OwnRelayRow>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT seed, served FROM own_relay WHERE vault = ?1")?;
        let rows = collect(statement.query([vault.0])?, |row| {
            let served = match row.get_ref(1)?.as_i64().map_err(|_| damaged("a switch"))? {
                0 => false,
                1 => true,
                _ => return Err(damaged("a switch")),
            };
            Ok(OwnRelayRow { seed: Zeroizing::new(fixed(row, 0, "an onion key")?), served })
        })?;
        Ok(rows.into_iter().next())
    }
}

/// Writes the switch; the key is written once and never replaced.
pub(super) fn write(transaction: &Transaction<'_>, vault: VaultId, row: &OwnRelayRow) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO own_relay (vault, seed, served) VALUES (?1, ?2, ?3)
             ON CONFLICT (vault) DO UPDATE SET served = excluded.served",
        )?
        .execute(params![vault.0, row.seed.as_slice(), row.served])?;
    Ok(())
}
