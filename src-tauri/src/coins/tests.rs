//! What is kept of the wallet is what the wallet says, whatever the chain source tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use bdk_wallet::chain::{BlockId, CheckPoint};
use bitcoin::constants::genesis_block;
use bitcoin::hashes::Hash as _;
use bitcoin::{BlockHash, FeeRate, OutPoint, ScriptBuf, Sequence, TxIn, TxOut, Txid, absolute, transaction};
use conclave_domain::descriptor::{AccountKey, sortedmulti};
use conclave_shared::ScriptKind;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::open_vault::NETWORK;
use crate::signer::{Signer, SoftwareKey};

fn coins() -> Coins {
    let key = SoftwareKey::new(&[1; 32], ScriptKind::default(), NETWORK).unwrap().account_key();
    let descriptor = sortedmulti(1, &[AccountKey::parse(&key, ScriptKind::default(), NETWORK).unwrap()]).unwrap();
    Coins::open(&descriptor, NETWORK, None).unwrap()
}

fn script(coins: &Coins, keychain: Keychain, index: u32) -> ScriptBuf {
    coins.wallet.peek_address(kind(keychain), index).script_pubkey()
}

fn transaction(inputs: &[OutPoint], output: Vec<TxOut>) -> Transaction {
    let input = inputs.iter().map(|coin| TxIn {
        previous_output: *coin,
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        ..TxIn::default()
    });
    let (version, lock_time) = (transaction::Version::TWO, absolute::LockTime::ZERO);
    Transaction { version, lock_time, input: input.collect(), output }
}

fn elsewhere(number: u8) -> OutPoint {
    OutPoint::new(Txid::from_byte_array([number; 32]), 0)
}

fn told(tx_update: TxUpdate<ConfirmationBlockTime>, chain_update: Option<CheckPoint>) -> Answer {
    Answer::Sync(SyncResponse { tx_update, chain_update })
}

/// A chain on which the blocks from `fork` on are of their own kind.
fn blocks(height: u32, fork: u32, kind: u8) -> CheckPoint {
    let genesis = BlockId { height: 0, hash: genesis_block(NETWORK).block_hash() };
    (1..=height).fold(CheckPoint::new(genesis), |tip, height| {
        let hash = BlockHash::from_byte_array([if height < fork { 0 } else { kind }; 32]);
        tip.push(BlockId { height, hash }).unwrap()
    })
}

fn anchor(tip: &CheckPoint, height: u32) -> ConfirmationBlockTime {
    ConfirmationBlockTime { block_id: tip.get(height).unwrap().block_id(), confirmation_time: u64::from(height) * 600 }
}

/// The kept lists are those of a fresh look, and both are what bdk itself says.
fn check(coins: &Coins) {
    let (kept, fresh) = (coins.listing(), Listing::of(&coins.wallet));
    assert_eq!(*kept, fresh);
    let mut unspent = BTreeMap::new();
    for coin in coins.wallet.list_unspent() {
        unspent.insert(coin.outpoint, (coin.txout.value.to_sat(), coin.derivation_index));
    }
    let listed: BTreeMap<_, _> = kept.coins().iter().map(|it| (it.outpoint, (it.amount.0, it.index))).collect();
    assert_eq!(listed, unspent);
    let sum = kept.balance();
    assert_eq!(sum.confirmed.0 + sum.unconfirmed.0, coins.wallet.balance().total().to_sat());
    let mut count = 0;
    for known in coins.wallet.transactions() {
        let entry = kept.transactions().iter().find(|entry| entry.txid == known.tx_node.txid).unwrap();
        let (sent, received) = coins.wallet.sent_and_received(&known.tx_node.tx);
        assert_eq!((entry.sent.0, entry.received.0), (sent.to_sat(), received.to_sat()));
        assert_eq!(entry.block.is_some(), known.chain_position.is_confirmed());
        assert_eq!(kept.standing(entry.txid), Some(entry.block));
        count += 1;
    }
    assert_eq!(kept.transactions().len(), count);
}

#[test]
fn coins_that_cannot_be_are_refused_whole() {
    let mut coins = coins();
    let script = script(&coins, Keychain::Receive, 0);
    let invented = |amounts: &[Amount]| {
        let output = amounts.iter().map(|value| TxOut { value: *value, script_pubkey: script.clone() }).collect();
        let transaction = transaction(&[], output);
        let mut tx_update = TxUpdate::default();
        tx_update.seen_ats.insert((transaction.compute_txid(), 1));
        tx_update.txs.push(Arc::new(transaction));
        told(tx_update, None)
    };
    for amounts in [vec![Amount::MAX; 2], vec![Amount::MAX_MONEY, Amount::ONE_SAT]] {
        assert!(matches!(coins.take_answer(invented(&amounts)), Err(CoinsError::Update { .. })));
        assert_eq!(coins.balance(), BalanceView::default());
    }
    coins.take_answer(invented(&[Amount::ONE_BTC])).unwrap();
    assert_eq!(coins.balance().unconfirmed, Sat(100_000_000));
}

/// A deposit, its confirmation, a payment of it, a reorganisation that takes the deposit back: after each the lists that
/// are kept are those of a fresh look.
#[test]
fn what_is_kept_follows_every_change() {
    let mut coins = coins();
    check(&coins);
    let value = Amount::from_sat(70_000);
    let script_pubkey = script(&coins, Keychain::Receive, 3);
    let deposit = Arc::new(transaction(&[elsewhere(1)], vec![TxOut { value, script_pubkey }]));
    let coin = OutPoint::new(deposit.compute_txid(), 0);
    let mut seen = TxUpdate::default();
    seen.txs.push(Arc::clone(&deposit));
    seen.seen_ats.insert((coin.txid, 5));
    coins.take_answer(told(seen, None)).unwrap();
    check(&coins);
    assert_eq!(coins.version(), None, "while a change waits to be stored nothing is kept of it");
    coins.take_changes();
    check(&coins);
    let version = coins.version();
    assert_eq!(coins.listing().coin(coin).map(|coin| (coin.amount, coin.height)), Some((Sat(70_000), None)));

    // A change of addresses alone shows in no list.
    coins.watch(Keychain::Receive, 0..30);
    assert!(coins.take_changes().is_some());
    assert_eq!(coins.version(), version);
    check(&coins);

    let tip = blocks(4, 9, 0);
    let mut confirmed = TxUpdate::default();
    confirmed.anchors.insert((anchor(&tip, 3), coin.txid));
    coins.take_answer(told(confirmed, Some(tip.clone()))).unwrap();
    coins.take_changes();
    check(&coins);
    assert!(coins.version() > version);
    assert_eq!(coins.balance(), BalanceView { confirmed: Sat(70_000), unconfirmed: Sat(0) });

    // Our own payment, as soon as it is handed to the network.
    let script_pubkey = script(&coins, Keychain::Change, 0);
    let payment = transaction(&[coin], vec![TxOut { value: Amount::from_sat(9_000), script_pubkey }]);
    let paid = payment.compute_txid();
    coins.note_sent(payment, 7);
    coins.take_changes();
    check(&coins);
    assert_eq!(coins.listing().coin(coin), None, "it is spent");
    assert_eq!(coins.balance(), BalanceView { confirmed: Sat(0), unconfirmed: Sat(9_000) });
    let order: Vec<Txid> = coins.listing().transactions().iter().map(|entry| entry.txid).collect();
    assert_eq!(order, [paid, coin.txid], "newest first");

    // Another block in the place of the one that held the deposit.
    coins.take_answer(told(TxUpdate::default(), Some(blocks(6, 3, 1)))).unwrap();
    coins.take_changes();
    check(&coins);
    assert_eq!(coins.listing().standing(coin.txid), Some(None), "in no block any more");
}

/// What is chosen suffices, is in a block, and is neither frozen nor held by another payment.
#[test]
fn a_payment_is_built_of_coins_that_are_free() {
    let mut coins = coins();
    let tip = blocks(120, 999, 0);
    let mut update = TxUpdate::default();
    let mut known = Vec::new();
    // The last but one is in no block, the last is a miner's and too young.
    for index in 0..6_u8 {
        let script_pubkey = script(&coins, Keychain::Receive, index.into());
        let output = vec![TxOut { value: Amount::from_sat(50_000), script_pubkey }];
        let input = if index == 5 { OutPoint::null() } else { elsewhere(index) };
        let made = transaction(&[input], output);
        known.push(OutPoint::new(made.compute_txid(), 0));
        match index {
            4 => drop(update.seen_ats.insert((made.compute_txid(), 1))),
            _ => drop(update.anchors.insert((anchor(&tip, 100), made.compute_txid()))),
        }
        update.txs.push(Arc::new(made));
    }
    coins.take_answer(told(update, Some(tip))).unwrap();
    coins.take_changes();
    coins.wallet.lock_outpoint(known[0]);
    coins.take_changes();
    let recipient = ScriptBuf::new_p2wsh(&ScriptBuf::new().wscript_hash());
    let paying = |sat| Order {
        recipients: vec![(recipient.clone(), Amount::from_sat(sat))],
        rest: Rest::Change,
        coins: Spend::Free,
        fee: Fee::Rate(FeeRate::from_sat_per_vb_u32(2)),
        purpose: String::new(),
        recovery: None,
    };
    let mut build = |sat, held: Vec<OutPoint>| coins.build(&paying(sat), &held);
    let payment = build(90_000, vec![known[1]]).unwrap();
    let transaction: Transaction = bitcoin::consensus::encode::deserialize_hex(&payment.transaction).unwrap();
    let mut spent: Vec<OutPoint> = transaction.input.iter().map(|input| input.previous_output).collect();
    spent.sort();
    let mut free = vec![known[2], known[3]];
    free.sort();
    assert_eq!(spent, free);
    assert!(transaction.input.iter().all(|input| input.sequence == Sequence::ENABLE_RBF_NO_LOCKTIME));
    let claims: Vec<u64> = payment.inputs.iter().map(|claim| claim.amount).collect();
    assert_eq!(claims, [50_000, 50_000]);
    let change = payment.change.unwrap();
    let paid: u64 = transaction.output.iter().map(|output| output.value.to_sat()).sum();
    // A signature of one key, its script and what belongs to them.
    let vbytes = transaction.vsize() as u64 + 2 * 28;
    assert!((2 * vbytes..3 * vbytes).contains(&(100_000 - paid)), "{} sat for {vbytes} vB", 100_000 - paid);
    assert_eq!(transaction.output[change.output as usize].script_pubkey, script(&coins, Keychain::Change, 0));
    let again = coins.build(&paying(1_000), &[]).unwrap();
    assert_eq!(again.change.unwrap().index, change.index, "nothing is kept of what was only looked at");
    assert!(coins.take_changes().is_none());
    // As when it is on record.
    coins.watch(Keychain::Change, std::iter::once(change.index));
    coins.wallet.mark_used(bdk_wallet::KeychainKind::Internal, change.index);
    let next = coins.build(&paying(1_000), &[]).unwrap();
    assert_eq!(next.change.unwrap().index, change.index + 1, "change is never offered twice");
    let mut build = |sat, held: Vec<OutPoint>| coins.build(&paying(sat), &held);
    let error = build(100_000, vec![known[1]]).unwrap_err();
    assert!(matches!(error, CoinsError::Funds { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Deposits, payments, double spends, blocks and reorganisations in any order.
    #[test]
    fn what_is_kept_is_what_the_wallet_says(steps in vec((0_u8..5, any::<[u8; 3]>()), 1..25)) {
        let mut coins = coins();
        let mut known: Vec<OutPoint> = Vec::new();
        let (mut height, mut fork, mut side) = (3, 99, 0);
        for (number, (step, [a, b, c])) in (0_u64..).zip(steps) {
            let mut update = TxUpdate::default();
            let tip = blocks(height, fork, side);
            let of_known = |at: u8| known.get(usize::from(at) % known.len().max(1)).copied();
            let chain = match step {
                0 | 1 => {
                    let inputs = [of_known(a).filter(|_| step == 1), Some(elsewhere(b % 4))];
                    let inputs: Vec<OutPoint> = inputs.into_iter().flatten().take(1).collect();
                    let keychain = if step == 0 { Keychain::Receive } else { Keychain::Change };
                    let value = Amount::from_sat(1_000 + u64::from(c));
                    let output = TxOut { value, script_pubkey: script(&coins, keychain, u32::from(c % 20)) };
                    let transaction = transaction(&inputs, vec![output]);
                    known.push(OutPoint::new(transaction.compute_txid(), 0));
                    update.seen_ats.insert((transaction.compute_txid(), number));
                    update.txs.push(Arc::new(transaction));
                    None
                }
                2 => {
                    update.anchors.extend(of_known(a).map(|coin| (anchor(&tip, 1 + u32::from(b) % height), coin.txid)));
                    Some(tip)
                }
                3 => {
                    height += 1;
                    Some(blocks(height, fork, side))
                }
                _ => {
                    (fork, side, height) = (1 + u32::from(a) % height, side.wrapping_add(1), height + 1);
                    Some(blocks(height, fork, side))
                }
            };
            coins.take_answer(told(update, chain)).unwrap();
            if c % 2 == 0 {
                coins.take_changes();
            }
            check(&coins);
        }
    }
}
