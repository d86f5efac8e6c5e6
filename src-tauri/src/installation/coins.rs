//! The coins of a vault or watched descriptor as this installation's owner sees and freezes them.

use std::collections::HashMap;

use bitcoin::OutPoint;
use conclave_domain::descriptor::Keychain;
use conclave_shared::request::{ListCoins, OnCoin, Reply};
use conclave_shared::view::{CoinView, CoinsView};

use super::Installation;
use super::lists::limit;
use crate::failure::InstallationError;
use crate::store::{Batch, LabelKind};

/// A coin as a request names it: `TXID:VOUT`.
pub(super) fn parse_coin(text: &str) -> Result<OutPoint, InstallationError> {
    let wrong = |error| InstallationError::Field { field: "coin", reason: format!("must be TXID:VOUT ({error})") };
    text.parse().map_err(wrong)
}

impl Installation {
    pub(super) fn list_coins(&self, it: &ListCoins, now_ms: u64) -> Result<Reply, InstallationError> {
        let limit = limit(it.limit)?;
        let after = it.after.as_deref().map(parse_coin).transpose()?;
        let ledger = self.ledger(it.vault)?;
        let coins = ledger.coins()?;
        let reservations = ledger.reservations(now_ms);
        let held: HashMap<OutPoint, _> = reservations.iter().rev().map(|held| (held.coin, held)).collect();
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
        let mut shown = Vec::new();
        for coin in rest.iter().take(limit) {
            let (outpoint, address) = (coin.outpoint.to_string(), coins.address(coin.keychain, coin.index));
            let own = self.label_of(it.vault, LabelKind::Output, &outpoint)?;
            let label = match own {
                Some(label) => Some(label),
                None => self.label_of(it.vault, LabelKind::Address, &address)?,
            };
            let held = held.get(&coin.outpoint);
            shown.push(CoinView {
                outpoint,
                amount: coin.amount,
                change: coin.keychain == Keychain::Change,
                index: coin.index,
                height: coin.height,
                frozen: coins.is_frozen(coin.outpoint),
                held_by: held.map(|held| held.by),
                held_until_ms: held.and_then(|held| held.until_ms),
                address,
                label,
            });
        }
        Ok(Reply::Coins(CoinsView { count: all.len() as u64, coins: shown, more: rest.len() > limit }))
    }

    pub(super) fn freeze_coin(&mut self, it: &OnCoin, frozen: bool) -> Result<Reply, InstallationError> {
        let coin = parse_coin(&it.coin)?;
        self.change_coins(it.vault, Batch::default(), |coins| Ok(coins.freeze(coin, frozen)?))?;
        Ok(Reply::Done)
    }
}
