//! The vault's coins as this installation's owner sees and freezes them.

use bitcoin::OutPoint;
use conclave_domain::descriptor::Keychain;
use conclave_shared::Unmet;
use conclave_shared::request::{ListCoins, OnCoin, Reply};
use conclave_shared::view::{CoinView, CoinsView};

use super::Installation;
use crate::failure::InstallationError;

/// Most that is listed at once.
const LIST_LIMIT: u32 = 500;

/// A coin as a request names it: `TXID:VOUT`.
pub(super) fn parse_coin(text: &str) -> Result<OutPoint, InstallationError> {
    let wrong = |error| InstallationError::Field { field: "coin", reason: format!("must be TXID:VOUT ({error})") };
    text.parse().map_err(wrong)
}

impl Installation {
    pub(super) fn list_coins(&self, it: &ListCoins, now_ms: u64) -> Result<Reply, InstallationError> {
        if it.limit == 0 || it.limit > LIST_LIMIT {
            return Err(InstallationError::Field { field: "limit", reason: format!("must be 1 to {LIST_LIMIT}") });
        }
        let after = it.after.as_deref().map(parse_coin).transpose()?;
        let open = self.vault(it.vault)?;
        let coins = open.coins.as_ref().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        let reservations = open.vault.reservations(&open.facts(now_ms));
        let listing = coins.listing();
        let all = listing.coins();
        let begin = match after {
            None => 0,
            Some(last) => {
                let reason = || "is not in the list any more: begin again from its start".to_owned();
                let gone = || InstallationError::Field { field: "after", reason: reason() };
                all.iter().position(|coin| coin.outpoint == last).ok_or_else(gone)? + 1
            }
        };
        let rest = all.get(begin..).unwrap_or_default();
        let shown = rest.iter().take(it.limit as usize).map(|coin| {
            let held = reservations.iter().find(|held| held.coin == coin.outpoint);
            CoinView {
                outpoint: coin.outpoint.to_string(),
                amount: coin.amount,
                change: coin.keychain == Keychain::Change,
                index: coin.index,
                height: coin.height,
                frozen: coins.is_frozen(coin.outpoint),
                held_by: held.map(|held| held.by),
                held_until_ms: held.and_then(|held| held.until_ms),
                address: String::new(),
                label: None,
            }
        });
        let (count, more) = (all.len() as u64, rest.len() > it.limit as usize);
        Ok(Reply::Coins(CoinsView { count, coins: shown.collect(), more }))
    }

    pub(super) fn freeze_coin(&mut self, it: &OnCoin, frozen: bool) -> Result<Reply, InstallationError> {
        let coin = parse_coin(&it.coin)?;
        let (open, store) = self.vault_mut(it.vault)?;
        let coins = open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        coins.freeze(coin, frozen)?;
        open.commit_coins(store)?;
        Ok(Reply::Done)
    }
}
