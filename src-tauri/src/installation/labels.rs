//! Labels: written by hand, taken from a file, given back as a file. They stay in this installation.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, OutPoint, Txid};
use conclave_shared::VaultId;
use conclave_shared::request::{ImportLabels, Labelled, Reply, SetLabel};
use conclave_shared::view::LabelsImportedView;

use super::Installation;
use super::ledger::Ledger;
use crate::coins::{Coins, Listing};
use crate::failure::InstallationError;
use crate::labels::{self, LINES_LIMIT, LabelError};
use crate::open_vault::NETWORK;
use crate::store::{Batch, LabelKind, LabelRow};

impl Installation {
    pub(super) fn set_label(&mut self, it: &SetLabel) -> Result<Reply, InstallationError> {
        self.ledger(it.vault)?;
        let (kind, about) = named(&it.on)?;
        let label = labels::typed(&it.label)?;
        let before = self.store.label(it.vault, kind, &about)?;
        if before.is_none() && self.store.label_count(it.vault)? >= LINES_LIMIT as u64 {
            return Err(LabelError::TooManyLabels.into());
        }
        let (origin, spendable) = before.map(|row| (row.origin, row.spendable)).unwrap_or_default();
        let row = LabelRow { kind, about, label, origin, spendable };
        self.store.commit(it.vault, &Batch { labels: vec![row], ..Batch::default() })?;
        Ok(Reply::Done)
    }

    /// All labels, and the coins that are frozen here as not to be spent.
    pub(super) fn export_labels(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let coins = self.ledger(vault)?.coins()?;
        let listing = coins.listing();
        let mut frozen: BTreeSet<OutPoint> =
            listing.coins().iter().map(|coin| coin.outpoint).filter(|coin| coins.is_frozen(*coin)).collect();
        let mut rows = self.store.labels(vault)?;
        for row in rows.iter_mut().filter(|row| row.kind == LabelKind::Output) {
            // What is here is frozen or not, whatever a file once said.
            if let Some(coin) = row.about.parse().ok().filter(|coin| listing.coin(*coin).is_some()) {
                row.spendable = frozen.remove(&coin).then_some(false);
            }
        }
        rows.extend(frozen.into_iter().map(labels::frozen));
        rows.retain(|row| row.label.is_some() || row.origin.is_some() || row.spendable.is_some());
        rows.sort_by(|one, other| order(one).cmp(&order(other)));
        Ok(Reply::Record { lines: rows.iter().map(labels::line).collect() })
    }

    /// Takes labels from a file, all that are labels or, after an error, none.
    pub(super) fn import_labels(&mut self, it: &ImportLabels) -> Result<Reply, InstallationError> {
        let file = labels::read(&it.text)?;
        let ledger = self.ledger(it.vault)?;
        let coins = ledger.coins()?;
        let listing = coins.listing();
        let known = self.store.labels(it.vault)?;
        let (mut rows, mut to_freeze, mut unknown) = (Vec::with_capacity(file.labels.len()), Vec::new(), 0);
        let taken = file.labels.len() as u64;
        let place = |row: &LabelRow| known.binary_search_by(|it| order(it).cmp(&order(row))).ok();
        let mut new = 0;
        for mut row in file.labels {
            unknown += u64::from(!knows(ledger, coins, &listing, &row));
            match place(&row).and_then(|place| known.get(place)) {
                // A file that does not speak of something takes nothing away.
                Some(before) => {
                    row.label = row.label.or_else(|| before.label.clone());
                    row.origin = row.origin.or_else(|| before.origin.clone());
                    row.spendable = row.spendable.or(before.spendable);
                }
                None => new += 1,
            }
            let coin = (row.kind == LabelKind::Output && row.spendable == Some(false)).then(|| row.about.parse().ok());
            let here = |coin: &OutPoint| listing.coin(*coin).is_some() && !coins.is_frozen(*coin);
            to_freeze.extend(coin.flatten().filter(here));
            rows.push(row);
        }
        if known.len() + new > LINES_LIMIT {
            return Err(LabelError::TooManyLabels.into());
        }
        let frozen = to_freeze.len() as u64;
        let freeze = |coins: &mut Coins| to_freeze.into_iter().try_for_each(|coin| Ok(coins.freeze(coin, true)?));
        self.change_coins(it.vault, Batch { labels: rows, ..Batch::default() }, freeze)?;
        let (cut, refused) = (file.cut, file.refused);
        Ok(Reply::LabelsImported(LabelsImportedView { taken, unknown, frozen, cut, refused }))
    }
}

/// As the store orders labels.
fn order(row: &LabelRow) -> (&str, &str) {
    (row.kind.name(), &row.about)
}

/// What a label is about, in the one spelling that it has here.
fn named(on: &Labelled) -> Result<(LabelKind, String), InstallationError> {
    let wrong = |reason: String| InstallationError::Field { field: "label", reason };
    Ok(match on {
        Labelled::Address(text) => {
            let address = Address::<NetworkUnchecked>::from_str(text.trim());
            let address = address.map_err(|error| wrong(format!("is about no address ({error})")))?;
            let address = address.require_network(NETWORK);
            let address = address.map_err(|_| wrong("is about an address of another network".to_owned()))?;
            (LabelKind::Address, address.to_string())
        }
        Labelled::Transaction(text) => {
            let txid = Txid::from_str(text).map_err(|error| wrong(format!("is about no transaction ({error})")))?;
            (LabelKind::Transaction, txid.to_string())
        }
        Labelled::Coin(text) => {
            let coin = OutPoint::from_str(text).map_err(|error| wrong(format!("is about no coin ({error})")))?;
            (LabelKind::Output, coin.to_string())
        }
    })
}

/// Whether a vault or watched descriptor knows what a label is about.
fn knows(ledger: Ledger<'_>, coins: &Coins, listing: &Listing, row: &LabelRow) -> bool {
    let outpoint = || row.about.parse::<OutPoint>().ok();
    match row.kind {
        LabelKind::Transaction => row.about.parse().is_ok_and(|txid| listing.standing(txid).is_some()),
        LabelKind::Address => {
            let address = Address::<NetworkUnchecked>::from_str(&row.about).ok();
            let address = address.and_then(|address| address.require_network(NETWORK).ok());
            address.is_some_and(|address| coins.is_own(&address.script_pubkey()))
        }
        LabelKind::Output => outpoint().is_some_and(|coin| coins.is_or_was_own(coin)),
        LabelKind::Input => outpoint().is_some_and(|input| listing.standing(input.txid).is_some()),
        LabelKind::PublicKey | LabelKind::Xpub => match ledger {
            Ledger::Vault(open) => {
                let active = open.vault.active();
                active.is_some_and(|active| names_key(active.descriptor.text(), &row.about))
            }
            Ledger::Watched(watched) => names_key(watched.descriptor().text(), &row.about),
        },
    }
}

/// Whether a key stands in a descriptor as it is.
fn names_key(descriptor: &str, key: &str) -> bool {
    let ends = |it: char| !it.is_ascii_alphanumeric();
    descriptor.split(ends).any(|word| word == key)
}
