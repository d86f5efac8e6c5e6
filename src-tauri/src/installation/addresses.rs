//! The addresses of a vault or watched descriptor: which were given out, by whom, and what came there.

use std::collections::BTreeSet;

use conclave_domain::descriptor::Keychain;
use conclave_shared::request::{ListAddresses, Reply};
use conclave_shared::view::{AddressView, AddressesView};

use super::Installation;
use super::ledger::Ledger;
use super::lists::limit;
use crate::coins::Listing;
use crate::failure::InstallationError;
use crate::store::LabelKind;

impl Installation {
    /// Those for deposits that were given out or used, of a watched descriptor also the next one; those for change that were
    /// used. The newest first.
    pub(super) fn list_addresses(&self, it: &ListAddresses) -> Result<Reply, InstallationError> {
        let limit = limit(it.limit)?;
        let ledger = self.ledger(it.vault)?;
        let coins = ledger.coins()?;
        let (listing, keychain) = (coins.listing(), if it.change { Keychain::Change } else { Keychain::Receive });
        let indices = indices(ledger, &listing, keychain);
        let mut older = indices.range(..it.before.unwrap_or(u32::MAX)).rev().copied();
        let mut addresses = Vec::new();
        for index in older.by_ref().take(limit) {
            let flow = listing.addresses().get(&(keychain, index)).copied().unwrap_or_default();
            let vault = ledger.vault().filter(|_| !it.change);
            let issued = vault.and_then(|vault| vault.issued(index));
            let attested = vault.map(|vault| vault.attested(index)).unwrap_or_default();
            let address = coins.address(keychain, index);
            let label = self.label_of(it.vault, LabelKind::Address, &address)?;
            addresses.push(AddressView {
                address,
                index,
                change: it.change,
                issued_by: issued.map(|issued| issued.by),
                issued_ms: issued.map(|issued| issued.ms),
                attested_by: attested.into_iter().collect(),
                balance: flow.balance,
                received: flow.received,
                label,
            });
        }
        Ok(Reply::Addresses(AddressesView { addresses, more: older.next().is_some() }))
    }
}

fn indices(ledger: Ledger<'_>, listing: &Listing, keychain: Keychain) -> BTreeSet<u32> {
    let used = listing.addresses().keys().filter(|(of, _)| *of == keychain).map(|(_, index)| *index);
    let mut indices: BTreeSet<u32> = used.collect();
    match (ledger, keychain) {
        (Ledger::Vault(open), Keychain::Receive) => indices.extend(open.vault.receive_indices()),
        (Ledger::Watched(watched), Keychain::Receive) => {
            let next = indices.last().map_or(0, |last| last.saturating_add(1));
            indices.insert(if watched.descriptor().ranged() { next } else { 0 });
        }
        (_, Keychain::Change) => {}
    }
    indices
}
