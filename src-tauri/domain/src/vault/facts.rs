//! What an installation sees for itself and no event says: its chain source's view of the payments, and its clock.

use std::collections::BTreeMap;

use bitcoin::{BlockHash, OutPoint, Txid};

use crate::proposal::CheckedProposal;

/// What this installation's own chain source shows of the vault's payments, and what time it is here.
#[derive(Debug, Clone, Default)]
pub struct ChainFacts {
    transactions: BTreeMap<Txid, Seen>,
    /// Coins of payments that another transaction, in a block, has spent or made impossible.
    spent: BTreeMap<OutPoint, Txid>,
    now_ms: u64,
}

/// What is seen of one payment.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Its transaction's id on the network.
    sent: Txid,
    block: Option<(u32, BlockHash)>,
}

impl ChainFacts {
    /// Nothing seen yet, at a time in ms since 1970. Without a time nothing has expired.
    pub fn at(now_ms: u64) -> Self {
        Self { now_ms, ..Self::default() }
    }

    /// What time it is here, in ms since 1970.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Notes a payment's transaction, with its block if it is in one.
    pub fn note(&mut self, txid: Txid, block: Option<(u32, BlockHash)>) {
        self.note_as(txid, txid, block);
    }

    /// The same for a payment without segwit: the record speaks of it by `txid`, the network by `sent`.
    pub fn note_as(&mut self, txid: Txid, sent: Txid, block: Option<(u32, BlockHash)>) {
        self.transactions.insert(txid, Seen { sent, block });
    }

    /// What the network calls it, once it knows it.
    pub fn sent_as(&self, txid: &Txid) -> Option<Txid> {
        self.transactions.get(txid).map(|seen| seen.sent)
    }

    /// Notes that a payment's coin is spent by another transaction that is in a block, or is there no more because of it.
    pub fn note_spent(&mut self, coin: OutPoint, by: Txid) {
        self.spent.insert(coin, by);
    }

    /// Whether the network knows it.
    pub fn seen(&self, txid: &Txid) -> bool {
        self.transactions.contains_key(txid)
    }

    /// The block that holds it.
    pub fn confirmed(&self, txid: &Txid) -> Option<(u32, BlockHash)> {
        self.transactions.get(txid).and_then(|seen| seen.block)
    }

    /// The transaction in a block because of which a payment cannot be confirmed any more.
    pub fn supplanted(&self, payment: &CheckedProposal) -> Option<Txid> {
        let by = payment.inputs.iter().find_map(|input| self.spent.get(&input.outpoint).copied());
        by.filter(|by| *by != payment.txid && Some(*by) != self.sent_as(&payment.txid))
    }
}
