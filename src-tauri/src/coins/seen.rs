//! What of the chain's transactions stands: in a block of the best chain, waiting, or made impossible by another.

use std::sync::Arc;

use bitcoin::{OutPoint, Transaction, Txid};
use conclave_domain::vault::{ChainFacts, Vault};

use super::{Coins, Listing};

/// How far back unconfirmed transactions are followed: nodes relay no longer chains of them.
const ANCESTORS: usize = 25;

impl Coins {
    /// Whether a transaction is in a block of the best chain.
    pub(super) fn in_chain(&self, txid: Txid) -> bool {
        in_chain(&self.listing(), txid)
    }

    /// A transaction, if it is in a block or may still come into one: not where the chain source has forgotten it, or shows
    /// another in its place.
    pub(super) fn standing(&self, txid: Txid) -> Option<Arc<Transaction>> {
        self.listing().standing(txid)?;
        self.wallet.tx_graph().get_tx(txid)
    }

    /// Notes which payments can never be confirmed any more, and because of which transaction in a block.
    pub(super) fn note_spent(&self, vault: &Vault, facts: &mut ChainFacts, listing: &Listing) {
        for payment in vault.proposals().into_iter().map(|proposal| &proposal.checked) {
            if facts.confirmed(&payment.txid).is_some() {
                continue;
            }
            let own = self.sent(payment).unwrap_or(payment.txid);
            for input in &payment.inputs {
                if let Some(by) = self.spent_by_another(listing, input.outpoint, own, ANCESTORS) {
                    facts.note_spent(input.outpoint, by);
                }
            }
        }
    }

    /// The transaction in a block that spends a coin in the place of `but`, or because of which the coin itself cannot be.
    fn spent_by_another(&self, listing: &Listing, coin: OutPoint, but: Txid, depth: usize) -> Option<Txid> {
        let graph = self.wallet.tx_graph();
        let spent = graph.outspends(coin).iter().copied().find(|by| *by != but && in_chain(listing, *by));
        if spent.is_some() || depth == 0 || in_chain(listing, coin.txid) {
            return spent;
        }
        let parent = graph.get_tx(coin.txid)?;
        parent
            .input
            .iter()
            .find_map(|input| self.spent_by_another(listing, input.previous_output, coin.txid, depth - 1))
    }
}

fn in_chain(listing: &Listing, txid: Txid) -> bool {
    listing.standing(txid).flatten().is_some()
}
