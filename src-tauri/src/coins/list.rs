//! Reading the coins: balance, transactions and coins, found in one pass over the graph and kept until the wallet
//! changes. Nothing is changed here, and no payment is judged.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;

use bdk_wallet::chain::{BlockId, CanonicalizationParams, ChainOracle, ChainPosition, Indexer as _};
use bdk_wallet::{KeychainKind, Wallet};
use bitcoin::{BlockHash, OutPoint, Txid};
use conclave_domain::descriptor::Keychain;
use conclave_shared::Sat;
use conclave_shared::view::BalanceView;
use serde::{Deserialize, Serialize};

/// The blocks that a wallet knows, by height. bdk's own chain is a list that is walked from its end for every question:
/// a vault with each of its transactions in a block of its own would wait for seconds.
#[derive(Debug)]
pub(super) struct Blocks {
    tip: BlockId,
    hashes: HashMap<u32, BlockHash>,
}

impl Blocks {
    pub(super) fn of(wallet: &Wallet) -> Self {
        let hashes = wallet.checkpoints().map(|checkpoint| (checkpoint.height(), checkpoint.hash())).collect();
        Self { tip: wallet.latest_checkpoint().block_id(), hashes }
    }

    /// The newest block.
    pub(super) fn tip(&self) -> BlockId {
        self.tip
    }
}

impl ChainOracle for Blocks {
    type Error = Infallible;

    fn is_block_in_chain(&self, block: BlockId, tip: BlockId) -> Result<Option<bool>, Infallible> {
        let known = self.hashes.get(&tip.height) == Some(&tip.hash) && block.height <= tip.height;
        Ok(self.hashes.get(&block.height).filter(|_| known).map(|hash| *hash == block.hash))
    }

    fn get_chain_tip(&self) -> Result<BlockId, Infallible> {
        Ok(self.tip)
    }
}

/// One transaction that touches the vault's coins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub txid: Txid,
    /// Its block; none while it is in no block.
    pub block: Option<(u32, BlockHash)>,
    /// When its block was made, or when it was first seen, in s since 1970.
    pub time_s: Option<u64>,
    /// What came to the vault by it, change included.
    pub received: Sat,
    /// What it took of the vault's coins.
    pub sent: Sat,
}

/// One coin of the vault that nothing spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// What it is worth.
    pub amount: Sat,
    /// The keychain of its address.
    pub keychain: Keychain,
    /// The index of its address.
    pub index: u32,
    /// Height of its block; none while it is in no block.
    pub height: Option<u32>,
}

/// What came to one address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressFlow {
    /// What lies there now.
    pub balance: Sat,
    /// All that ever came there.
    pub received: Sat,
}

/// What the coins are at one moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    balance: BalanceView,
    transactions: Vec<Entry>,
    coins: Vec<Coin>,
    addresses: BTreeMap<(Keychain, u32), AddressFlow>,
    /// Where each transaction stands that counts, of the vault's own and others.
    standing: HashMap<Txid, Option<(u32, BlockHash)>>,
    coin_places: HashMap<OutPoint, usize>,
}

impl Listing {
    pub(super) fn of(wallet: &Wallet) -> Self {
        let (blocks, index) = (Blocks::of(wallet), wallet.spk_index());
        let canonical = wallet.tx_graph().list_canonical_txs(&blocks, blocks.tip(), CanonicalizationParams::default());
        let (mut transactions, mut standing) = (Vec::new(), HashMap::new());
        let (mut coins, mut spent) = (Vec::new(), HashSet::new());
        let mut addresses: BTreeMap<(Keychain, u32), AddressFlow> = BTreeMap::new();
        for transaction in canonical {
            let (txid, tx) = (transaction.tx_node.txid, &transaction.tx_node.tx);
            let (block, time_s) = match transaction.chain_position {
                ChainPosition::Confirmed { anchor, .. } => {
                    (Some((anchor.block_id.height, anchor.block_id.hash)), Some(anchor.confirmation_time))
                }
                ChainPosition::Unconfirmed { first_seen, .. } => (None, first_seen),
            };
            standing.insert(txid, block);
            if !index.is_tx_relevant(tx) {
                continue;
            }
            spent.extend(tx.input.iter().map(|input| input.previous_output));
            // Summed within limits: what a hostile chain source invented must not panic here.
            let (height, mut received, mut sent) = (block.map(|(height, _)| height), Sat(0), Sat(0));
            for vout in 0..tx.output.len() as u32 {
                let outpoint = OutPoint { txid, vout };
                let Some(((kind, index), output)) = index.txout(outpoint) else { continue };
                let amount = Sat(output.value.to_sat());
                received.0 = received.0.saturating_add(amount.0);
                let keychain = keychain(kind);
                let flow = &mut addresses.entry((keychain, index)).or_default().received;
                flow.0 = flow.0.saturating_add(amount.0);
                coins.push(Coin { outpoint, amount, keychain, index, height });
            }
            for (_, output) in tx.input.iter().filter_map(|input| index.txout(input.previous_output)) {
                sent.0 = sent.0.saturating_add(output.value.to_sat());
            }
            transactions.push(Entry { txid, block, time_s, received, sent });
        }
        coins.retain(|coin| !spent.contains(&coin.outpoint));
        // Newest first; what is in no block is newer than all that is.
        let newest = |height: Option<u32>| std::cmp::Reverse(height.unwrap_or(u32::MAX));
        transactions.sort_unstable_by_key(|entry| {
            let first_seen = entry.time_s.filter(|_| entry.block.is_none());
            (newest(entry.block.map(|(height, _)| height)), std::cmp::Reverse(first_seen), entry.txid)
        });
        coins.sort_unstable_by_key(|coin| (newest(coin.height), coin.outpoint));
        let mut balance = BalanceView::default();
        for coin in &coins {
            let sum = if coin.height.is_some() { &mut balance.confirmed } else { &mut balance.unconfirmed };
            sum.0 = sum.0.saturating_add(coin.amount.0);
            let here = &mut addresses.entry((coin.keychain, coin.index)).or_default().balance;
            here.0 = here.0.saturating_add(coin.amount.0);
        }
        let coin_places = coins.iter().enumerate().map(|(place, coin)| (coin.outpoint, place)).collect();
        Self { balance, transactions, coins, addresses, standing, coin_places }
    }

    /// The coins, summed.
    pub fn balance(&self) -> BalanceView {
        self.balance
    }

    /// The vault's transactions, newest first: what is in no block before what is in one.
    pub fn transactions(&self) -> &[Entry] {
        &self.transactions
    }

    /// The vault's coins, newest first.
    pub fn coins(&self) -> &[Coin] {
        &self.coins
    }

    /// The addresses to which anything ever came.
    pub fn addresses(&self) -> &BTreeMap<(Keychain, u32), AddressFlow> {
        &self.addresses
    }

    /// One coin; none where it is spent, or not the vault's.
    pub fn coin(&self, outpoint: OutPoint) -> Option<&Coin> {
        self.coins.get(*self.coin_places.get(&outpoint)?)
    }

    /// Where a transaction stands: in a block, in none, or (nothing) unknown or displaced by another.
    pub fn standing(&self, txid: Txid) -> Option<Option<(u32, BlockHash)>> {
        self.standing.get(&txid).copied()
    }
}

fn keychain(kind: KeychainKind) -> Keychain {
    match kind {
        KeychainKind::External => Keychain::Receive,
        KeychainKind::Internal => Keychain::Change,
    }
}
