//! A vault of many transactions: put in as one answer of a chain source, stored, closed and opened; then what people wait
//! for: the first page, balance and lists, choosing coins.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bdk_wallet::KeychainKind;
use bdk_wallet::chain::spk_client::FullScanResponse;
use bdk_wallet::chain::{BlockId, CheckPoint, ConfirmationBlockTime, TxUpdate};
use bitcoin::constants::genesis_block;
use bitcoin::hashes::{Hash as _, sha256};
use bitcoin::{
    Amount, BlockHash, FeeRate, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, absolute, transaction,
};
use conclave_domain::descriptor::{Keychain, VaultDescriptor};
use conclave_domain::event::Event;
use conclave_shared::VaultId;
use conclave_shared::request::{ListTransactions, Reply, Request};
use conclave_shared::view::TransactionsView;

use super::record::{Story, vault_record};
use super::{BenchError, Clock};
use crate::coins::{Answer, Coins, Fee, Order, Rest, Spend};
use crate::installation::Installation;
use crate::open_vault::{NETWORK, OpenVault, event_row};
use crate::store::{Batch, Passphrase, Store, StoreError, VaultRecord};

/// Goal for the first page, in ms.
const FIRST_PAGE_GOAL_MS: u32 = 300;
/// Goal for balance and list, in ms.
const LIST_GOAL_MS: u32 = 50;
/// Goal for choosing coins, in ms.
const CHOOSE_GOAL_MS: u32 = 100;
/// Points of the balance over time.
const HISTORY_POINTS: usize = 200;
/// Time between two blocks, and the time of the first, in s.
const BLOCK_S: u64 = 600;
const FIRST_BLOCK_S: u64 = 1_600_000_000;

/// Measures with a wallet of so many transactions, each in a block of its own, and a fifth as many coins.
pub(super) fn run(transactions: u32) -> Result<(), BenchError> {
    println!("a vault of {transactions} transactions, each in a block of its own, and {} coins", transactions / 5);
    let story = Story::active(3, 2);
    let active = story.vault.active().ok_or_else(|| otherwise("the vault is not active"))?;
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    let passphrase = || Passphrase::new("bench".to_owned());

    let mut store = Store::create(&home, &passphrase()?)?;
    let row = keep(&mut store, &story)?;
    let mut open = OpenVault::load(&store, row.clone())?;

    let clock = Clock::start();
    let answer = answer(&active.descriptor, transactions)?;
    println!("  making them: {clock}");
    let clock = Clock::start();
    if let Some(coins) = &mut open.coins {
        coins.take_answer(answer)?;
    }
    println!("  taken as one answer: {clock}");
    let clock = Clock::start();
    open.commit_coins(&mut store)?;
    println!("  stored: {clock}");
    drop((open, store));

    let clock = Clock::start();
    let store = Store::open(&home, &passphrase()?)?;
    println!("  unlocking (key derivation and opening the database): {clock}");
    let clock = Clock::start();
    let mut installation = Installation::open(store)?;
    let first = list(&mut installation, row.vault, None)?;
    println!("  first page, from unlocking on (goal {FIRST_PAGE_GOAL_MS} ms): {clock}");
    let clock = Clock::start();
    installation.wake()?;
    println!("  wallet loaded after that: {clock}");
    let clock = Clock::start();
    let again = list(&mut installation, row.vault, None)?;
    println!("  balance and newest transactions, after a change: {clock}");
    let clock = Clock::start();
    let last = again.transactions.last().map(|entry| entry.txid.clone());
    list(&mut installation, row.vault, last)?;
    println!("  balance and the transactions before those (goal {LIST_GOAL_MS} ms): {clock}");
    if first != again {
        return Err(otherwise("the first page is not what the wallet says"));
    }
    drop(installation);

    let store = Store::open(&home, &passphrase()?)?;
    let clock = Clock::start();
    let stored = store.wallet(row.vault)?;
    println!("  of loading: reading the database: {clock}");
    let clock = Clock::start();
    let mut coins = Coins::open(active.descriptor.text(), NETWORK, stored)?;
    println!("  of loading: making the wallet: {clock}");
    let listing = coins.listing();
    let balance = listing.balance();
    let clock = Clock::start();
    let points = listing.history(HISTORY_POINTS).len();
    println!("  the balance over time, {points} points (goal {LIST_GOAL_MS} ms): {clock}");
    let counts = (listing.transactions().len(), listing.coins().len());
    if counts != (transactions as usize, transactions as usize / 5) || balance != first.balance {
        return Err(otherwise(&format!("there are {} transactions and {} coins", counts.0, counts.1)));
    }
    let recipient = active.descriptor.script(Keychain::Receive, 0).ok_or_else(|| otherwise("there is no script"))?;
    let amount = Amount::from_sat(balance.confirmed.0 / 100);
    let order = Order {
        recipients: vec![(recipient, amount)],
        rest: Rest::Change,
        coins: Spend::Free,
        fee: Fee::Rate(FeeRate::from_sat_per_vb_u32(5)),
        purpose: "bench".to_owned(),
        recovery: None,
    };
    let clock = Clock::start();
    let payment = coins.build(&order, &[])?;
    println!("  a payment of {} coins chosen (goal {CHOOSE_GOAL_MS} ms): {clock}", payment.inputs.len());
    let clock = Clock::start();
    let question = coins.question(FIRST_BLOCK_S);
    println!("  the next question to the chain source: {clock}");
    drop(question);
    Ok(())
}

/// Puts the vault of a story into a store, as its organiser's.
pub(crate) fn keep(store: &mut Store, story: &Story) -> Result<VaultRecord, StoreError> {
    let row = vault_record(story.vault.id(), story.vault.created(), &story.keys[0]);
    let events = story.lines.iter().filter_map(|line| Event::from_store(line).ok());
    let events = events.map(|event| event_row(&event, event.ms)).collect();
    store.commit(row.vault, &Batch { new_vault: Some(row.clone()), events, ..Batch::default() })?;
    Ok(row)
}

fn list(
    installation: &mut Installation,
    vault: VaultId,
    before: Option<String>,
) -> Result<TransactionsView, BenchError> {
    match installation.ask(Request::ListTransactions(ListTransactions { vault, before, limit: 50 }), 1) {
        Reply::Transactions(view) => Ok(*view),
        other => Err(otherwise(&format!("{other:?}"))),
    }
}

fn otherwise(what: &str) -> BenchError {
    BenchError::Otherwise { what: what.to_owned() }
}

/// What a chain source would answer: of each five transactions three pay the vault, each to a new address, and two spend
/// the two oldest coins each, with change to a new address.
pub(crate) fn answer(descriptor: &VaultDescriptor, transactions: u32) -> Result<Answer, BenchError> {
    let no_script = || otherwise("there is no script");
    let mut tip = CheckPoint::new(BlockId { height: 0, hash: genesis_block(NETWORK).block_hash() });
    let mut tx_update = TxUpdate::default();
    let mut coins: VecDeque<(OutPoint, Amount)> = VecDeque::new();
    let (mut deposits, mut payments) = (0, 0);
    for number in 0..transactions {
        let (input, keychain, index, amount) = if number % 5 < 3 {
            let elsewhere = Txid::from_byte_array(sha256::Hash::hash(&number.to_le_bytes()).to_byte_array());
            deposits += 1;
            let amount = Amount::from_sat(100_000 + u64::from(number));
            (vec![OutPoint::new(elsewhere, 0)], Keychain::Receive, deposits - 1, amount)
        } else {
            let spent: Vec<_> = coins.drain(..2).collect();
            payments += 1;
            let left: Amount = spent.iter().map(|(_, amount)| *amount).sum::<Amount>() / 2;
            (spent.into_iter().map(|(outpoint, _)| outpoint).collect(), Keychain::Change, payments - 1, left)
        };
        let mut output =
            vec![TxOut { value: amount, script_pubkey: descriptor.script(keychain, index).ok_or_else(no_script)? }];
        if keychain == Keychain::Change {
            output.push(TxOut { value: Amount::from_sat(10_000), script_pubkey: ScriptBuf::new_op_return([0; 4]) });
        }
        let input = input.into_iter().map(|previous_output| TxIn {
            previous_output,
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            ..TxIn::default()
        });
        let transaction = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: input.collect(),
            output,
        };
        let txid = transaction.compute_txid();
        coins.push_back((OutPoint::new(txid, 0), amount));
        let height = number + 1;
        let hash = BlockHash::from_byte_array(sha256::Hash::hash(&height.to_be_bytes()).to_byte_array());
        let block_id = BlockId { height, hash };
        tip = tip.push(block_id).map_err(|_| otherwise("blocks do not follow one another"))?;
        let confirmation_time = FIRST_BLOCK_S + u64::from(height) * BLOCK_S;
        tx_update.anchors.insert((ConfirmationBlockTime { block_id, confirmation_time }, txid));
        tx_update.txs.push(Arc::new(transaction));
    }
    let last_active_indices = BTreeMap::from([
        (KeychainKind::External, deposits.saturating_sub(1)),
        (KeychainKind::Internal, u32::saturating_sub(payments, 1)),
    ]);
    Ok(Answer::Scan(FullScanResponse { tx_update, last_active_indices, chain_update: Some(tip) }))
}
