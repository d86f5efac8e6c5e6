//! Labels as rows: what this installation's owner calls addresses, transactions, coins and keys (BIP329). They never leave
//! this installation by themselves. What does not belong here: files of labels, and what a label may say.

use std::fmt;

use conclave_shared::VaultId;
use rusqlite::{Row, Transaction, params};

use super::rows::{collect, damaged, text};
use super::{Store, StoreError};

/// What a label is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelKind {
    /// A transaction, by its id.
    Transaction,
    /// An address.
    Address,
    /// A public key.
    PublicKey,
    /// An input, as `TXID:VIN`.
    Input,
    /// A coin, as `TXID:VOUT`.
    Output,
    /// An extended public key.
    Xpub,
}

impl LabelKind {
    /// Its name in BIP329.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transaction => "tx",
            Self::Address => "addr",
            Self::PublicKey => "pubkey",
            Self::Input => "input",
            Self::Output => "output",
            Self::Xpub => "xpub",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let all = [Self::Transaction, Self::Address, Self::PublicKey, Self::Input, Self::Output, Self::Xpub];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// A label.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// What it is about.
    pub kind: LabelKind,
    /// Which one.
    pub about: String,
    /// The text.
    pub label: Option<String>,
    /// The descriptor of the account that a transaction belongs to, where a file said it.
    pub origin: Option<String>,
    /// Whether a file said that a coin may be spent. What is frozen here is in the wallet itself.
    pub spendable: Option<bool>,
}

impl fmt::Debug for LabelRow {
    /// Without what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelRow").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Store {
    /// All labels of a vault or watched descriptor, in order of kinds and names; none for an unknown one.
    pub fn labels(&self, vault: VaultId) -> Result<Vec<LabelRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, about, label, origin, spendable FROM label WHERE vault = ?1 ORDER BY kind, about",
        )?;
        collect(statement.query([vault.0])?, row)
    }

    /// How many labels there are of a vault or watched descriptor.
    pub fn label_count(&self, vault: VaultId) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT count(*) FROM label WHERE vault = ?1")?;
        let mut rows = statement.query([vault.0])?;
        rows.next()?.map_or(Ok(0), |row| super::rows::count(row, 0, "a count"))
    }

    /// One label.
    pub fn label(&self, vault: VaultId, kind: LabelKind, about: &str) -> Result<Option<LabelRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, about, label, origin, spendable FROM label WHERE vault = ?1 AND kind = ?2 AND about = ?3",
        )?;
        let mut rows = statement.query(params![vault.0, kind.name(), about])?;
        rows.next()?.map(row).transpose()
    }
}

fn row(row: &Row<'_>) -> Result<LabelRow, StoreError> {
    let optional = |column| -> Result<Option<String>, StoreError> {
        let value = row.get_ref(column)?.as_str_or_null().map_err(|_| damaged("a label"))?;
        Ok(value.map(str::to_owned))
    };
    Ok(LabelRow {
        kind: LabelKind::of(text(row, 0)?).ok_or_else(|| damaged("a label"))?,
        about: text(row, 1)?.to_owned(),
        label: optional(2)?,
        origin: optional(3)?,
        spendable: row.get(4)?,
    })
}

/// Puts labels in the place of those before. One without anything to say is deleted.
pub(super) fn write(transaction: &Transaction<'_>, vault: VaultId, labels: &[LabelRow]) -> Result<(), StoreError> {
    let mut keep = transaction.prepare_cached(
        "INSERT OR REPLACE INTO label (vault, kind, about, label, origin, spendable) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut delete = transaction.prepare_cached("DELETE FROM label WHERE vault = ?1 AND kind = ?2 AND about = ?3")?;
    for row in labels {
        let kind = row.kind.name();
        if row.label.is_none() && row.origin.is_none() && row.spendable.is_none() {
            delete.execute(params![vault.0, kind, row.about])?;
        } else {
            keep.execute(params![vault.0, kind, row.about, row.label, row.origin, row.spendable])?;
        }
    }
    Ok(())
}

/// A label without anything to say, for a test.
#[cfg(test)]
pub(super) fn label_row(kind: LabelKind, about: &str) -> LabelRow {
    LabelRow { kind, about: about.to_owned(), label: None, origin: None, spendable: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Batch;
    use crate::store::tests::record;

    #[test]
    fn labels_are_replaced_deleted_and_kept_apart_by_vault() {
        let mut store = Store::in_memory().unwrap();
        let [one, two] = [record(1), record(2)];
        for record in [&one, &two] {
            store.commit(record.vault, &Batch { new_vault: Some(record.clone()), ..Batch::default() }).unwrap();
        }
        let labels = |labels| Batch { labels, ..Batch::default() };
        let said = |kind, about: &str, text: &str| LabelRow { label: Some(text.to_owned()), ..label_row(kind, about) };
        let coin = LabelRow { spendable: Some(false), ..label_row(LabelKind::Output, "x:1") };
        let first = said(LabelKind::Address, "a", "rent");
        store.commit(one.vault, &labels(vec![first.clone(), coin.clone()])).unwrap();
        store.commit(one.vault, &labels(vec![said(LabelKind::Address, "a", "deposit")])).unwrap();
        assert_eq!(store.label(one.vault, LabelKind::Address, "a").unwrap().unwrap().label.unwrap(), "deposit");
        assert_eq!(store.label(one.vault, LabelKind::Transaction, "a").unwrap(), None);
        assert_eq!((store.labels(one.vault).unwrap().len(), store.label_count(one.vault).unwrap()), (2, 2));
        assert!(store.labels(two.vault).unwrap().is_empty());
        store.commit(one.vault, &labels(vec![label_row(LabelKind::Address, "a")])).unwrap();
        assert_eq!(store.labels(one.vault).unwrap(), [coin]);
    }

    #[test]
    fn a_debug_text_does_not_say_a_label() {
        let row = LabelRow { label: Some("wages of Ben".to_owned()), ..label_row(LabelKind::Address, "bcrt1q") };
        assert!(!format!("{row:?}").contains("Ben") && !format!("{row:?}").contains("bcrt1q"));
    }
}
