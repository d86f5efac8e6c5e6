//! Descriptors that are only watched, as rows, and the chain source of whatever has a wallet. What does not belong here:
//! reading a descriptor, and its coins (see `wallet`).

use conclave_shared::VaultId;
use rusqlite::{Transaction, TransactionBehavior, params};

use super::rows::{collect, count, fixed, number, text};
use super::{Store, StoreError};

/// A descriptor that this installation watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedRecord {
    /// What it is named by.
    pub vault: VaultId,
    /// What it is called here.
    pub name: String,
    /// The descriptor with checksum: one line for both keychains, or two.
    pub descriptor: String,
    /// Its chain source.
    pub chain: String,
    /// Since when it is watched, in ms since 1970.
    pub created_ms: u64,
}

impl Store {
    /// Every watched descriptor, the oldest in this installation first.
    pub fn watched(&self) -> Result<Vec<WatchedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT vault, name, descriptor, chain, created_ms FROM watched ORDER BY created_ms, vault",
        )?;
        collect(statement.query([])?, |row| {
            Ok(WatchedRecord {
                vault: VaultId(fixed(row, 0, "the name of a watched descriptor")?),
                name: text(row, 1)?.to_owned(),
                descriptor: text(row, 2)?.to_owned(),
                chain: text(row, 3)?.to_owned(),
                created_ms: count(row, 4, "a time")?,
            })
        })
    }

    /// Forgets a watched descriptor with its coins and labels. [`StoreError::UnknownVault`] where none has this name: a
    /// vault is not forgotten.
    pub fn forget_watched(&mut self, vault: VaultId) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted = transaction
            .prepare_cached("DELETE FROM wallet WHERE vault = ?1 AND EXISTS (SELECT 1 FROM watched WHERE vault = ?1)")?
            .execute([vault.0])?;
        if deleted == 0 {
            return Err(StoreError::UnknownVault { vault });
        }
        Ok(transaction.commit()?)
    }

    /// Puts another chain source in the place of a vault's or a watched descriptor's.
    pub fn set_chain(&mut self, vault: VaultId, chain: &str) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = 0;
        for table in ["UPDATE vault SET chain = ?2 WHERE vault = ?1", "UPDATE watched SET chain = ?2 WHERE vault = ?1"]
        {
            changed += transaction.prepare_cached(table)?.execute(params![vault.0, chain])?;
        }
        if changed == 0 {
            return Err(StoreError::UnknownVault { vault });
        }
        Ok(transaction.commit()?)
    }
}

pub(super) fn write(transaction: &Transaction<'_>, record: &WatchedRecord) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO watched (vault, name, descriptor, chain, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            record.vault.0,
            record.name,
            record.descriptor,
            record.chain,
            number(record.created_ms, "created_ms")?,
        ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use bdk_wallet::ChangeSet;

    use super::*;
    use crate::store::labels::label_row;
    use crate::store::tests::record;
    use crate::store::{Batch, LabelKind, LabelRow};

    fn watched(number: u8) -> WatchedRecord {
        WatchedRecord {
            vault: VaultId([number; 32]),
            name: "Cold storage".to_owned(),
            descriptor: "wpkh(...)".to_owned(),
            chain: "tcp://127.0.0.1:1".to_owned(),
            created_ms: 5,
        }
    }

    #[test]
    fn what_is_forgotten_leaves_nothing_and_takes_no_vault_with_it() {
        let mut store = Store::in_memory().unwrap();
        let (vault, cold) = (record(1), watched(9));
        store.commit(vault.vault, &Batch { new_vault: Some(vault.clone()), ..Batch::default() }).unwrap();
        let label = LabelRow { label: Some("x".to_owned()), ..label_row(LabelKind::Address, "a") };
        let wallet = ChangeSet { network: Some(bitcoin::Network::Regtest), ..ChangeSet::default() };
        let batch =
            Batch { new_watched: Some(cold.clone()), wallet: Some(wallet), labels: vec![label], ..Batch::default() };
        store.commit(cold.vault, &batch).unwrap();
        assert!(matches!(store.commit(cold.vault, &batch), Err(StoreError::VaultExists { .. })));
        assert_eq!(store.watched().unwrap(), std::slice::from_ref(&cold));
        assert_eq!(store.vaults().unwrap(), std::slice::from_ref(&vault), "it is no vault");

        assert!(matches!(store.forget_watched(vault.vault), Err(StoreError::UnknownVault { .. })));
        store.forget_watched(cold.vault).unwrap();
        assert!(store.watched().unwrap().is_empty() && store.labels(cold.vault).unwrap().is_empty());
        assert_eq!(store.wallet(cold.vault).unwrap(), None);
        assert_eq!(store.vaults().unwrap(), [vault]);
        store.commit(cold.vault, &batch).unwrap();
    }

    #[test]
    fn a_chain_source_is_changed_for_either() {
        let mut store = Store::in_memory().unwrap();
        let (vault, cold) = (record(1), watched(9));
        store.commit(vault.vault, &Batch { new_vault: Some(vault.clone()), ..Batch::default() }).unwrap();
        store.commit(cold.vault, &Batch { new_watched: Some(cold.clone()), ..Batch::default() }).unwrap();
        for id in [vault.vault, cold.vault] {
            store.set_chain(id, "tcp://[::1]:5").unwrap();
        }
        assert_eq!(store.vaults().unwrap()[0].chain, "tcp://[::1]:5");
        assert_eq!(store.watched().unwrap()[0].chain, "tcp://[::1]:5");
        assert!(matches!(store.set_chain(VaultId([7; 32]), "x"), Err(StoreError::UnknownVault { .. })));
    }
}
