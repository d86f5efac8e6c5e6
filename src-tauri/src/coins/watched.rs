//! The wallet of a descriptor that is no vault's: no record says which of its addresses were given out, so it looks ahead.

use bdk_wallet::{ChangeSet, KeychainKind, Wallet};
use bitcoin::Network;

use super::{Coins, CoinsError};

/// Addresses beyond the last used one of a keychain that the chain source is asked about (BIP44).
const AHEAD: u32 = 20;

impl Coins {
    /// Opens the wallet of one or two keychains' descriptors, receive first, from what the store holds of it.
    pub fn watching(chains: &[String], network: Network, stored: Option<ChangeSet>) -> Result<Self, CoinsError> {
        let open = |error: &dyn std::fmt::Display| CoinsError::Open { reason: error.to_string() };
        let (receive, change) = match chains {
            [receive] => (receive.clone(), None),
            [receive, change] => (receive.clone(), Some(change.clone())),
            _ => return Err(open(&"it has neither one keychain nor two")),
        };
        let loaded = match stored {
            Some(changes) => Wallet::load()
                .descriptor(KeychainKind::External, Some(receive.clone()))
                .descriptor(KeychainKind::Internal, change.clone())
                .check_network(network)
                .use_spk_cache(true)
                .load_wallet_no_persist(changes)
                .map_err(|error| open(&error))?,
            None => None,
        };
        let wallet = match (loaded, change) {
            (Some(wallet), _) => wallet,
            (None, Some(change)) => Wallet::create(receive, change)
                .network(network)
                .use_spk_cache(true)
                .create_wallet_no_persist()
                .map_err(|error| open(&error))?,
            (None, None) => Wallet::create_single(receive)
                .network(network)
                .use_spk_cache(true)
                .create_wallet_no_persist()
                .map_err(|error| open(&error))?,
        };
        let mut coins = Self::of(wallet);
        coins.look_ahead();
        Ok(coins)
    }

    /// Asks from now on about the addresses that may be used next, too: whoever uses them tells nobody here.
    pub fn look_ahead(&mut self) {
        let keychains: Vec<KeychainKind> = self.wallet.keychains().map(|(keychain, _)| keychain).collect();
        for keychain in keychains {
            let used = self.wallet.spk_index().last_used_index(keychain);
            let last = used.map_or(AHEAD - 1, |used| used.saturating_add(AHEAD));
            if self.wallet.next_derivation_index(keychain) <= last {
                let _ = self.wallet.reveal_addresses_to(keychain, last).count();
            }
        }
    }
}
