//! The vault's coins as this installation's owner sees and freezes them.

use bitcoin::OutPoint;
use conclave_shared::request::{OnCoin, Reply};
use conclave_shared::{Unmet, VaultId};

use super::Installation;
use crate::failure::InstallationError;
use crate::open_vault::NETWORK;

/// A coin as a request names it: `TXID:VOUT`.
pub(super) fn parse_coin(text: &str) -> Result<OutPoint, InstallationError> {
    let wrong = |error| InstallationError::Field { field: "coin", reason: format!("must be TXID:VOUT ({error})") };
    text.parse().map_err(wrong)
}

impl Installation {
    pub(super) fn list_coins(&self, vault: VaultId, now_ms: u64) -> Result<Reply, InstallationError> {
        let open = self.vault(vault)?;
        let reservations = open.vault.reservations(&open.facts(now_ms));
        let coins = open.coins.as_ref().map(|coins| coins.list(NETWORK, &reservations));
        Ok(Reply::Coins { coins: coins.unwrap_or_default() })
    }

    pub(super) fn freeze_coin(&mut self, it: &OnCoin, frozen: bool, now_ms: u64) -> Result<Reply, InstallationError> {
        let coin = parse_coin(&it.coin)?;
        let (open, store) = self.vault_mut(it.vault)?;
        let coins = open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        coins.freeze(coin, frozen)?;
        open.commit_coins(store)?;
        self.list_coins(it.vault, now_ms)
    }
}
