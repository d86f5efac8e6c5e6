//! The vault's coins one by one, and those that this installation's owner has frozen. Freezing is this installation's own:
//! it keeps its program from spending a coin in what it proposes, and tells nobody.

use bdk_wallet::KeychainKind;
use bdk_wallet::chain::ChainPosition;
use bitcoin::{Address, Network, OutPoint};
use conclave_domain::vault::Reservation;
use conclave_shared::Sat;
use conclave_shared::view::CoinView;

use super::{Coins, CoinsError};

impl Coins {
    /// All coins that nothing spends on the chain, those in blocks first, the oldest first.
    pub fn list(&self, network: Network, reservations: &[Reservation]) -> Vec<CoinView> {
        let mut coins: Vec<CoinView> = self
            .wallet
            .list_unspent()
            .map(|coin| {
                let held = reservations.iter().find(|held| held.coin == coin.outpoint);
                let address = Address::from_script(&coin.txout.script_pubkey, network);
                CoinView {
                    coin: coin.outpoint.to_string(),
                    amount: Sat(coin.txout.value.to_sat()),
                    address: address.map_or_else(|_| coin.txout.script_pubkey.to_asm_string(), |it| it.to_string()),
                    change: coin.keychain == KeychainKind::Internal,
                    height: match coin.chain_position {
                        ChainPosition::Confirmed { anchor, .. } => Some(anchor.block_id.height),
                        ChainPosition::Unconfirmed { .. } => None,
                    },
                    frozen: self.wallet.is_outpoint_locked(coin.outpoint),
                    held_by: held.map(|held| held.by),
                    held_until_ms: held.and_then(|held| held.until_ms),
                }
            })
            .collect();
        coins.sort_by(|a, b| (a.height.is_none(), a.height, &a.coin).cmp(&(b.height.is_none(), b.height, &b.coin)));
        coins
    }

    /// Freezes a coin, or lets it be spent again. Outlasts a restart once it is committed.
    pub fn freeze(&mut self, coin: OutPoint, frozen: bool) -> Result<(), CoinsError> {
        if frozen {
            self.wallet.get_utxo(coin).ok_or(CoinsError::CoinUnknown { coin })?;
            self.wallet.lock_outpoint(coin);
        } else if self.wallet.is_outpoint_locked(coin) {
            self.wallet.unlock_outpoint(coin);
        } else {
            return Err(CoinsError::CoinNotFrozen { coin });
        }
        Ok(())
    }
}
