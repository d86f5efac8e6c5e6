use bitcoin::constants::genesis_block;
use bitcoin::hashes::{Hash, sha256d};
use bitcoin::script::Builder;
use bitcoin::{Amount, Network};

use super::{DEPOSIT, Ground, NOW, deposit, draft};
use crate::practice::chain::{ScriptHash, Standing};
use crate::practice::{PracticeChain, PracticeError, Rejection};

/// Every block, from genesis on, is one that a real node could check.
fn check_blocks(chain: &PracticeChain) {
    let mut previous = genesis_block(Network::Regtest).block_hash();
    assert_eq!(chain.header(0).expect("genesis").block_hash(), previous);
    for height in 1..=chain.height() {
        let block = chain.block(height).expect("a block");
        assert_eq!(block.header.prev_blockhash, previous);
        previous = block.header.validate_pow(block.header.target()).expect("proof of work");
        assert!(block.check_merkle_root(), "{height}");
        assert!(block.check_witness_commitment(), "{height}");
        // As Bitcoin Core compares it: up to 16 the height is an opcode, which rust-bitcoin's reader does not know.
        let pushed_height = Builder::new().push_int(i64::from(height)).into_script();
        assert!(block.txdata[0].input[0].script_sig.as_bytes().starts_with(pushed_height.as_bytes()), "{height}");
        assert!(block.header.time >= chain.header(height - 1).expect("a header").time, "{height}");
        let mut times: Vec<u32> =
            (height.saturating_sub(11)..height).map(|height| chain.header(height).expect("a header").time).collect();
        times.sort_unstable();
        assert!(block.header.time > times[times.len() / 2], "{height}: above the median time past");
    }
}

#[test]
fn the_chain_begins_with_real_blocks_and_goes_on() {
    let mut chain = PracticeChain::new(NOW);
    assert_eq!(chain.height(), 101);
    assert_eq!(chain.header(101).expect("tip").time, NOW);
    assert_eq!(chain.mine(60), 161);
    check_blocks(&chain);
    assert_eq!(chain.tip().hash, chain.header(161).expect("tip").block_hash());
    // A clock that stands still or goes back stops no block.
    chain.set_clock(0);
    chain.mine(40);
    check_blocks(&chain);
    check_blocks(&{
        let mut early = PracticeChain::new(0);
        early.mine(20);
        early
    });
}

#[test]
fn a_deposit_is_unconfirmed_then_confirmed() {
    let Ground { mut chain, vault, .. } = Ground::new();
    let script = ScriptHash::of(&vault.script());
    assert_eq!(chain.balance(script).confirmed_sat, DEPOSIT.to_sat());
    let coin = deposit(&mut chain, &vault.script());
    assert_eq!(chain.balance(script).unconfirmed_sat, 1_000_000);
    let history = chain.history(script);
    assert_eq!(history.len(), 2);
    assert!(matches!(history[1].standing, Standing::Unconfirmed { on_unconfirmed: false, .. }));
    assert_eq!(chain.mempool().count(), 1);
    let height = chain.mine(1);
    assert_eq!(chain.mempool().count(), 0);
    assert_eq!(chain.history(script)[1].standing, Standing::Confirmed { height });
    assert_eq!(chain.unspent(script).len(), 2);

    let spend = vault.sign(draft(coin, vault.script(), Amount::from_sat(700_000)), &[DEPOSIT]);
    let txid = chain.accept(spend).expect("a spend");
    let balance = chain.balance(script);
    assert_eq!((balance.confirmed_sat, balance.unconfirmed_sat), (2_000_000, -300_000));
    assert_eq!(chain.unspent(script).len(), 2, "one coin went, one came");
    let child = draft(bitcoin::OutPoint { txid, vout: 0 }, vault.script(), Amount::from_sat(600_000));
    chain.accept(vault.sign(child, &[Amount::from_sat(700_000)])).expect("a child of an unconfirmed transaction");
    let last = chain.history(script).pop().expect("the child");
    assert!(matches!(last.standing, Standing::Unconfirmed { on_unconfirmed: true, .. }));
    chain.mine(1);
    assert_eq!(chain.balance(script).confirmed_sat, 1_600_000);
    assert_eq!(chain.balance(script).unconfirmed_sat, 0);
    check_blocks(&chain);
}

#[test]
fn the_faucet_pays_many_mines_when_it_must_and_refuses_the_impossible() {
    let mut chain = PracticeChain::new(NOW);
    let script = Ground::new().vault.script();
    for _ in 0..30 {
        chain.fund(script.clone(), DEPOSIT).expect("the change pays on");
    }
    assert_eq!(chain.height(), 101, "unconfirmed change was enough");
    chain.fund(script.clone(), Amount::from_int_btc(120)).expect("after mining");
    assert!(chain.height() > 101);
    let height = chain.height();
    for asked in [Amount::MAX_MONEY, Amount::MAX] {
        assert_eq!(chain.fund(script.clone(), asked), Err(PracticeError::FaucetDry { asked }));
    }
    let dust = chain.fund(script, Amount::from_sat(1)).expect_err("dust");
    assert!(matches!(dust, PracticeError::Refused(Rejection::Dust { output: 0, .. })));
    assert_eq!(chain.height(), height, "nothing was mined in vain");
}

#[test]
fn a_reorganisation_gives_transactions_back() {
    let Ground { mut chain, vault, coin } = Ground::new();
    let script = ScriptHash::of(&vault.script());
    let spend = vault.sign(draft(coin, vault.script(), Amount::from_sat(900_000)), &[DEPOSIT]);
    let txid = chain.accept(spend).expect("a spend");
    let child = draft(bitcoin::OutPoint { txid, vout: 0 }, vault.script(), Amount::from_sat(800_000));
    let child = chain.accept(vault.sign(child, &[Amount::from_sat(900_000)])).expect("a child");
    // Parent and child stand in one block.
    let height = chain.mine(1);
    let (old_hash, before) = (chain.tip().hash, chain.unspent(script));

    assert_eq!(chain.reorg(2), Ok(vec![]));
    assert_eq!(chain.height(), height - 2);
    assert_eq!(chain.mempool().count(), 3, "deposit, spend and child wait again");
    assert_eq!(chain.confirmed_at(txid), None);
    assert!(chain.transaction(child).is_some());
    assert_eq!(chain.balance(script).confirmed_sat, 0);

    chain.mine(2);
    assert_ne!(chain.tip().hash, old_hash);
    assert_eq!(chain.confirmed_at(child).map(|(height, _)| height), Some(height - 1));
    assert_eq!(chain.balance(script).confirmed_sat, 800_000);
    assert_eq!(chain.unspent(script).len(), before.len());
    check_blocks(&chain);

    // Without its coinbase the faucet's payment is void, and so is all that stands on it.
    let height = chain.height();
    let gone = chain.reorg(height).expect("down to genesis");
    assert_eq!(gone.len(), 3);
    assert_eq!((chain.height(), chain.mempool().count()), (0, 0));
    assert_eq!(chain.reorg(1), Err(PracticeError::ReorgTooDeep { depth: 1, height: 0 }));
    chain.mine(101);
    deposit(&mut chain, &vault.script());
    check_blocks(&chain);
}

#[test]
fn merkle_branches_lead_to_the_root() {
    let Ground { mut chain, vault, .. } = Ground::new();
    for transactions in 0..6 {
        for _ in 0..transactions {
            deposit(&mut chain, &vault.script());
        }
        let height = chain.mine(1);
        let block = chain.block(height).expect("a block");
        assert_eq!(block.txdata.len(), transactions + 1);
        for (position, tx) in block.txdata.iter().enumerate() {
            let mut hash = tx.compute_txid().to_raw_hash();
            let mut at = position;
            for beside in chain.merkle_branch(height, position).expect("a branch") {
                let pair = if at % 2 == 0 { [hash, beside] } else { [beside, hash] };
                hash = sha256d::Hash::hash(&[pair[0].to_byte_array(), pair[1].to_byte_array()].concat());
                at /= 2;
            }
            assert_eq!(hash, block.header.merkle_root.to_raw_hash(), "{transactions} transactions, {position}");
        }
        assert_eq!(chain.merkle_branch(height, transactions + 1), None);
    }
}
