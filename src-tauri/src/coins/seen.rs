//! What of the chain's transactions stands: in a block of the best chain, waiting, or made impossible by another. Read from
//! bdk's graph directly, transaction by transaction, since its lists go through all of them.

use std::sync::Arc;

use bdk_wallet::chain::ChainOracle as _;
use bitcoin::{OutPoint, Transaction, Txid};
use conclave_domain::vault::{ChainFacts, Vault};

use super::Coins;

/// How far back unconfirmed transactions are followed: nodes relay no longer chains of them.
const ANCESTORS: usize = 25;

impl Coins {
    /// Whether a transaction is in a block of the best chain.
    pub(super) fn in_chain(&self, txid: Txid) -> bool {
        let (chain, tip) = (self.wallet.local_chain(), self.wallet.latest_checkpoint().block_id());
        let anchors = self.wallet.tx_graph().all_anchors().get(&txid);
        anchors.into_iter().flatten().any(|anchor| chain.is_block_in_chain(anchor.block_id, tip) == Ok(Some(true)))
    }

    /// A transaction, if it is in a block or may still come into one: not where the chain source has forgotten it, or shows
    /// another in its place.
    pub(super) fn standing(&self, txid: Txid) -> Option<Arc<Transaction>> {
        if self.in_chain(txid) {
            return self.wallet.tx_graph().get_tx(txid);
        }
        self.wallet.get_tx(txid).map(|known| known.tx_node.tx)
    }

    /// Notes which payments can never be confirmed any more, and because of which transaction in a block.
    pub(super) fn note_spent(&self, vault: &Vault, facts: &mut ChainFacts) {
        for payment in vault.proposals().into_iter().map(|proposal| &proposal.checked) {
            if facts.confirmed(&payment.txid).is_some() {
                continue;
            }
            let own = self.sent(payment).unwrap_or(payment.txid);
            for input in &payment.inputs {
                if let Some(by) = self.spent_by_another(input.outpoint, own, ANCESTORS) {
                    facts.note_spent(input.outpoint, by);
                }
            }
        }
    }

    /// The transaction in a block that spends a coin in the place of `but`, or because of which the coin itself cannot be.
    fn spent_by_another(&self, coin: OutPoint, but: Txid, depth: usize) -> Option<Txid> {
        let graph = self.wallet.tx_graph();
        let spent = graph.outspends(coin).iter().copied().find(|by| *by != but && self.in_chain(*by));
        if spent.is_some() || depth == 0 || self.in_chain(coin.txid) {
            return spent;
        }
        let parent = graph.get_tx(coin.txid)?;
        parent.input.iter().find_map(|input| self.spent_by_another(input.previous_output, coin.txid, depth - 1))
    }
}
