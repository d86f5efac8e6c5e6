//! Coins, addresses and transactions of either a vault or a descriptor that is only watched: what the requests about them
//! share. A vault's record stays with the vault.

use std::collections::HashMap;

use bitcoin::Txid;
use conclave_domain::vault::{Reservation, Vault};
use conclave_shared::view::BalanceView;
use conclave_shared::{EventId, Unmet, VaultId};

use super::Installation;
use crate::coins::{Coins, FirstPage};
use crate::failure::InstallationError;
use crate::open_vault::OpenVault;
use crate::record::shown;
use crate::store::{Batch, LabelKind};
use crate::watched::Watched;

/// A vault or a watched descriptor, to look at.
#[derive(Clone, Copy)]
pub(super) enum Ledger<'a> {
    Vault(&'a OpenVault),
    Watched(&'a Watched),
}

impl<'a> Ledger<'a> {
    /// The coins; a vault has none before it is active.
    pub(super) fn coins(self) -> Result<&'a Coins, InstallationError> {
        match self {
            Ledger::Vault(open) => {
                open.coins.as_ref().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })
            }
            Ledger::Watched(watched) => Ok(&watched.coins),
        }
    }

    /// The first page of coins that are asleep.
    pub(super) fn page(self) -> Option<&'a FirstPage> {
        match self {
            Ledger::Vault(open) => open.page(),
            Ledger::Watched(_) => None,
        }
    }

    /// The record.
    pub(super) fn vault(self) -> Option<&'a Vault> {
        match self {
            Ledger::Vault(open) => Some(&open.vault),
            Ledger::Watched(_) => None,
        }
    }

    pub(super) fn balance(self) -> BalanceView {
        match self {
            Ledger::Vault(open) => open.balance(),
            Ledger::Watched(watched) => watched.coins.balance(),
        }
    }

    pub(super) fn tip_height(self) -> u32 {
        match self {
            Ledger::Vault(open) => open.tip_height(),
            Ledger::Watched(watched) => watched.coins.tip_height(),
        }
    }

    pub(super) fn chain(self) -> &'a str {
        match self {
            Ledger::Vault(open) => &open.record.chain,
            Ledger::Watched(watched) => watched.chain(),
        }
    }

    /// The payments by what the network calls their transactions.
    pub(super) fn payments(self, now_ms: u64) -> HashMap<Txid, EventId> {
        let Ledger::Vault(open) = self else { return HashMap::new() };
        let facts = open.facts(now_ms);
        let sent = |(txid, payment)| (facts.sent_as(&txid).unwrap_or(txid), payment);
        open.vault.payments().map(sent).collect()
    }

    /// Which payments hold which coins.
    pub(super) fn reservations(self, now_ms: u64) -> Vec<Reservation> {
        match self {
            Ledger::Vault(open) => open.vault.reservations(&open.facts(now_ms)),
            Ledger::Watched(_) => Vec::new(),
        }
    }
}

impl Installation {
    /// A vault or a watched descriptor.
    pub(super) fn ledger(&self, vault: VaultId) -> Result<Ledger<'_>, InstallationError> {
        match self.watching.get(vault) {
            Some(watched) => Ok(Ledger::Watched(watched)),
            None => Ok(Ledger::Vault(self.vault(vault)?)),
        }
    }

    /// Changes the coins, and commits that with whatever else belongs to it.
    pub(super) fn change_coins(
        &mut self,
        vault: VaultId,
        batch: Batch,
        change: impl FnOnce(&mut Coins) -> Result<(), InstallationError>,
    ) -> Result<(), InstallationError> {
        if let Some(watched) = self.watching.get_mut(vault) {
            change(&mut watched.coins)?;
            return watched.commit(&mut self.store, batch);
        }
        let (open, store) = self.vault_mut(vault)?;
        change(open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?)?;
        open.commit_coins_with(store, batch)
    }

    /// What the owner calls something here, as it may be shown.
    pub(super) fn label_of(
        &self,
        vault: VaultId,
        kind: LabelKind,
        about: &str,
    ) -> Result<Option<String>, InstallationError> {
        let row = self.store.label(vault, kind, about)?;
        Ok(row.and_then(|row| row.label).map(|label| shown(&label)))
    }
}
