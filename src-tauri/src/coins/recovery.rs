//! Which of a vault's two quorums a payment is built for: a recovery spends only what has lain its time, and says so in its
//! sequences (BIP68).

use bdk_wallet::descriptor::Condition;
use bitcoin::{OutPoint, Sequence, Txid};
use conclave_domain::descriptor::SpendingPath;
use conclave_domain::proposal::CheckedProposal;

use super::Coins;

impl Coins {
    /// What the chosen quorum asks of a transaction. `after` is the recovery's time in blocks; none: the members' quorum.
    pub(super) fn condition(after: Option<u16>) -> Condition {
        Condition { csv: after.map(Sequence::from_height), timelock: None }
    }

    /// Coins that have not lain `after` blocks when the next block comes.
    pub(super) fn too_young(&self, after: Option<u16>) -> Vec<OutPoint> {
        let Some(after) = after else { return Vec::new() };
        let next = self.tip_height().saturating_add(1);
        let young = |height: Option<u32>| height.is_none_or(|height| height.saturating_add(u32::from(after)) > next);
        let listing = self.listing();
        listing.coins().iter().filter(|coin| young(coin.height)).map(|coin| coin.outpoint).collect()
    }

    /// In which blocks a recovery payment's coins confirmed; nothing for other payments, for which it does not matter.
    pub(super) fn heights(&self, payment: &CheckedProposal) -> impl Iterator<Item = (Txid, u32)> {
        let asked = payment.path == SpendingPath::Recovery;
        let coins = payment.inputs.iter().filter(move |_| asked).map(|input| input.outpoint.txid);
        let listing = self.listing();
        coins.filter_map(move |txid| {
            let (height, _) = listing.standing(txid)??;
            Some((txid, height))
        })
    }
}
