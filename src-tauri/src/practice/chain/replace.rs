//! Unconfirmed transactions that give way: to one that pays more (BIP125, as nodes do today without its opt-in), or because
//! a node's memory is full.

use std::collections::BTreeSet;

use bitcoin::{Amount, OutPoint, Transaction, Txid};

use super::{Place, PracticeChain, touched};
use crate::practice::rules::Rejection;

/// Most transactions that one may take the place of, their descendants counted (BIP125, rule 5).
const REPLACED_LIMIT: usize = 100;

impl PracticeChain {
    /// Forgets an unconfirmed transaction and all that rests on it, as a node does whose memory is full. Says whether it
    /// was there.
    pub fn evict(&mut self, txid: Txid) -> bool {
        let evicted = self.with_descendants(vec![txid]);
        self.forget_waiting(&evicted);
        !evicted.is_empty()
    }

    /// What a transaction would take the place of: all that spends one of its coins, and what rests on that.
    pub(super) fn displaced(&self, tx: &Transaction) -> BTreeSet<u64> {
        let conflicts = tx.input.iter().filter_map(|input| self.mempool_spends.get(&input.previous_output));
        self.with_descendants(conflicts.copied().collect())
    }

    fn with_descendants(&self, mut open: Vec<Txid>) -> BTreeSet<u64> {
        let mut all = BTreeSet::new();
        while let Some(txid) = open.pop() {
            let Some(Place::Mempool { arrival }) = self.places.get(&txid) else { continue };
            let outputs = self.mempool.get(arrival).map_or(0, |waiting| waiting.tx.output.len());
            if all.insert(*arrival) {
                let spenders = (0..).take(outputs).filter_map(|vout| self.mempool_spends.get(&OutPoint { txid, vout }));
                open.extend(spenders);
            }
        }
        all
    }

    /// Whether it pays enough to take their place: more than all of them together by its own way through the network, and
    /// a higher fee rate than each that it conflicts with.
    pub(super) fn check_replacement(
        &self,
        tx: &Transaction,
        fee: Amount,
        displaced: &BTreeSet<u64>,
    ) -> Result<(), Rejection> {
        let conflict = tx.input.iter().find_map(|input| {
            let by = self.mempool_spends.get(&input.previous_output)?;
            Some((input.previous_output, *by))
        });
        let Some((outpoint, by)) = conflict else { return Ok(()) };
        if displaced.len() > REPLACED_LIMIT {
            return Err(Rejection::ReplacesTooMany { count: displaced.len() });
        }
        let waiting = || displaced.iter().filter_map(|arrival| self.mempool.get(arrival));
        let size = |tx: &Transaction| u64::try_from(tx.vsize()).unwrap_or(u64::MAX);
        let vsize = size(tx);
        let together: u64 = waiting().map(|it| it.fee.to_sat()).sum::<u64>().saturating_add(vsize);
        let direct =
            |it: &Transaction| it.input.iter().any(|a| tx.input.iter().any(|b| a.previous_output == b.previous_output));
        let rates = waiting().filter(|it| direct(&it.tx)).map(|it| {
            let same_rate = u128::from(it.fee.to_sat()) * u128::from(vsize) / u128::from(size(&it.tx).max(1));
            u64::try_from(same_rate).unwrap_or(u64::MAX).saturating_add(1)
        });
        let minimum = Amount::from_sat(rates.fold(together, u64::max));
        if fee < minimum {
            return Err(Rejection::ReplacementUnpaid { outpoint, by, fee, minimum });
        }
        Ok(())
    }

    pub(super) fn forget_waiting(&mut self, arrivals: &BTreeSet<u64>) {
        for arrival in arrivals {
            let Some(waiting) = self.mempool.remove(arrival) else { continue };
            for script in touched(&waiting.tx, &waiting.spent) {
                self.forget(script, Place::Mempool { arrival: *arrival });
            }
            for input in &waiting.tx.input {
                self.mempool_spends.remove(&input.previous_output);
            }
            self.places.remove(&waiting.txid);
            self.revision += 1;
        }
    }
}
