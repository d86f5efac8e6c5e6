//! Coins that this installation's owner has frozen. It keeps the own program from spending a coin in what it proposes, and
//! tells nobody.

use bitcoin::OutPoint;

use super::{Coins, CoinsError};

impl Coins {
    /// Freezes a coin, or lets it be spent again. Outlasts a restart once it is committed.
    pub fn freeze(&mut self, coin: OutPoint, frozen: bool) -> Result<(), CoinsError> {
        if frozen {
            self.listing().coin(coin).ok_or(CoinsError::CoinUnknown { coin })?;
            self.wallet.lock_outpoint(coin);
        } else if self.wallet.is_outpoint_locked(coin) {
            self.wallet.unlock_outpoint(coin);
        } else {
            return Err(CoinsError::CoinNotFrozen { coin });
        }
        Ok(())
    }

    /// Whether a coin is frozen here.
    pub fn is_frozen(&self, coin: OutPoint) -> bool {
        self.wallet.is_outpoint_locked(coin)
    }
}
