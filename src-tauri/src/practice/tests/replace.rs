//! Unconfirmed transactions that give way to others: BIP125's rules, and what is left behind.

use bitcoin::{Amount, OutPoint, Transaction};

use super::{DEPOSIT, Ground, draft};
use crate::practice::Rejection;
use crate::practice::chain::ScriptHash;

/// The deposit back to the vault, less a fee, signed.
fn paying(ground: &Ground, fee: u64) -> Transaction {
    ground.sign(draft(ground.coin, ground.vault.script(), DEPOSIT - Amount::from_sat(fee)))
}

#[test]
fn more_for_miners_takes_the_place_of_less() {
    let mut ground = Ground::new();
    let first = paying(&ground, 1_000);
    let (txid, vsize) = (first.compute_txid(), first.vsize() as u64);
    ground.chain.accept(first).unwrap();
    // What pays the fee and its own way through the network is enough. Signatures differ by a byte or two in length, and sizes
    // are in whole vB: that is left room for.
    for (fee, taken) in [(1_001, false), (1_000 + vsize - 5, false), (1_000 + vsize + 20, true)] {
        let next = paying(&ground, fee);
        let said = ground.chain.accept(next.clone());
        assert_eq!(said == Ok(next.compute_txid()), taken, "{fee}: {said:?}");
        let refused = matches!(said, Err(Rejection::ReplacementUnpaid { outpoint, by, .. }) if outpoint == ground.coin && by == txid);
        assert_eq!(refused, !taken);
    }
    assert_eq!(ground.chain.transaction(txid), None, "the first is gone");
    assert_eq!(ground.chain.mempool().count(), 1);
    let script = ScriptHash::of(&ground.vault.script());
    assert_eq!(ground.chain.history(script).len(), 2, "the deposit and what spends it");
    ground.chain.mine(1);
    assert_eq!(ground.chain.unspent(script).len(), 1);
}

#[test]
fn what_rests_on_the_replaced_goes_with_it_and_is_paid_for() {
    let mut ground = Ground::new();
    let first = paying(&ground, 1_000);
    let parent = OutPoint { txid: first.compute_txid(), vout: 0 };
    let value = first.output[0].value;
    ground.chain.accept(first).unwrap();
    let child = draft(parent, ground.vault.script(), value - Amount::from_sat(30_000));
    let child = ground.vault.sign(child, &[value]);
    ground.chain.accept(child).unwrap();
    let poor = paying(&ground, 20_000);
    assert!(matches!(ground.chain.accept(poor), Err(Rejection::ReplacementUnpaid { .. })));
    let rich = paying(&ground, 40_000);
    let txid = rich.compute_txid();
    ground.chain.accept(rich).unwrap();
    let left: Vec<_> = ground.chain.mempool().map(|(it, _)| it.compute_txid()).collect();
    assert_eq!(left, [txid]);
}

#[test]
fn a_forgotten_transaction_can_be_sent_again() {
    let mut ground = Ground::new();
    let first = paying(&ground, 1_000);
    let txid = ground.chain.accept(first.clone()).unwrap();
    assert!(ground.chain.evict(txid) && !ground.chain.evict(txid));
    assert_eq!(ground.chain.transaction(txid), None);
    assert_eq!(ground.chain.accept(first), Ok(txid));
}
