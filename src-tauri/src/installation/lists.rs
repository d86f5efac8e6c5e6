//! Lists of a vault's transactions and coins, a part at a time, and the wallets that are loaded only when they are needed.

use std::collections::{BTreeMap, HashMap};

use bitcoin::{OutPoint, Txid};
use conclave_shared::request::{ListCoins, ListTransactions, Reply, Request};
use conclave_shared::view::{CoinsView, TransactionsView};
use conclave_shared::{EventId, Unmet, VaultId};

use super::Installation;
use crate::coins::{Coins, Entry, FIRST_PAGE};
use crate::failure::InstallationError;
use crate::open_vault::OpenVault;
use crate::projection;

/// Most that is listed at once.
const LIST_LIMIT: u32 = 500;

impl Installation {
    pub(super) fn list_transactions(&self, it: &ListTransactions) -> Result<Reply, InstallationError> {
        let open = self.vault(it.vault)?;
        let limit = limit(it.limit)?;
        if let (Some(page), None) = (open.page(), &it.before) {
            let entries = page.newest.get(..limit).unwrap_or(&page.newest);
            return Ok(transactions(open, entries, page.count, page.count > entries.len() as u64));
        }
        let listing = coins(open)?.listing();
        let all = listing.transactions();
        let last: Option<Txid> = cursor(&it.before, "before")?;
        let rest = after(all, last, |entry| entry.txid).ok_or_else(|| gone("before"))?;
        Ok(transactions(open, &rest[..rest.len().min(limit)], all.len() as u64, rest.len() > limit))
    }

    pub(super) fn list_coins(&self, it: &ListCoins) -> Result<Reply, InstallationError> {
        let open = self.vault(it.vault)?;
        let (limit, listing) = (limit(it.limit)?, coins(open)?.listing());
        let last: Option<OutPoint> = cursor(&it.after, "after")?;
        let rest = after(listing.coins(), last, |coin| coin.outpoint).ok_or_else(|| gone("after"))?;
        let held: HashMap<OutPoint, EventId> = open.vault.reservations().collect();
        let shown = rest.iter().take(limit);
        Ok(Reply::Coins(CoinsView {
            count: listing.coins().len() as u64,
            coins: shown.map(|coin| projection::coin(coin, held.get(&coin.outpoint).copied())).collect(),
            more: rest.len() > limit,
        }))
    }

    /// Whether a wallet is not loaded yet.
    pub fn is_asleep(&self) -> bool {
        self.vaults.values().any(OpenVault::is_asleep)
    }

    /// Loads the wallets that are not loaded yet. A vault whose wallet cannot be read is closed, with the reason.
    pub fn wake(&mut self) -> Result<(), InstallationError> {
        self.wake_where(|_| true)
    }

    /// Loads what an answer needs: a first page needs no wallet.
    pub(super) fn wake_for(&mut self, request: &Request) -> Result<(), InstallationError> {
        if let Request::ListTransactions(it) = request
            && it.before.is_none()
            && it.limit as usize <= FIRST_PAGE
        {
            return Ok(());
        }
        let looks = matches!(request, Request::ListVaults | Request::ShowVault(_));
        self.wake_where(|open| !looks || !open.is_told())
    }

    fn wake_where(&mut self, which: impl Fn(&OpenVault) -> bool) -> Result<(), InstallationError> {
        let mut failed: BTreeMap<VaultId, String> = BTreeMap::new();
        for (vault, open) in self.vaults.iter_mut().filter(|(_, open)| open.is_asleep() && which(open)) {
            match open.wake(&self.store) {
                Ok(()) => {}
                Err(error @ InstallationError::Store(_)) => return Err(error),
                Err(error) => drop(failed.insert(*vault, error.to_string())),
            }
        }
        self.vaults.retain(|vault, _| !failed.contains_key(vault));
        self.unopened.extend(failed);
        Ok(())
    }
}

fn coins(open: &OpenVault) -> Result<&Coins, InstallationError> {
    open.coins.as_ref().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })
}

fn limit(asked: u32) -> Result<usize, InstallationError> {
    if asked == 0 || asked > LIST_LIMIT {
        return Err(InstallationError::Field { field: "limit", reason: format!("must be 1 to {LIST_LIMIT}") });
    }
    Ok(asked as usize)
}

fn cursor<T: std::str::FromStr>(text: &Option<String>, field: &'static str) -> Result<Option<T>, InstallationError> {
    let malformed = |_| InstallationError::Field { field, reason: "is not of the form that the list shows".to_owned() };
    text.as_ref().map(|text| text.parse().map_err(malformed)).transpose()
}

fn gone(field: &'static str) -> InstallationError {
    InstallationError::Field { field, reason: "is not in the list any more: begin again from its start".to_owned() }
}

/// What follows the one that was shown last; none where that is not in the list.
fn after<T, K: PartialEq>(all: &[T], last: Option<K>, key: impl Fn(&T) -> K) -> Option<&[T]> {
    let Some(last) = last else { return Some(all) };
    let place = all.iter().position(|it| key(it) == last)?;
    all.get(place + 1..)
}

fn transactions(open: &OpenVault, entries: &[Entry], count: u64, more: bool) -> Reply {
    let payments: HashMap<Txid, EventId> = open.vault.payments().collect();
    let shown = entries.iter().map(|entry| projection::transaction(entry, payments.get(&entry.txid).copied()));
    Reply::Transactions(Box::new(TransactionsView {
        balance: open.balance(),
        tip_height: open.tip_height(),
        count,
        transactions: shown.collect(),
        more,
    }))
}
