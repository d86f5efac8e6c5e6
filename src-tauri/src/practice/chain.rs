//! The practice chain's state: blocks, coins, mempool, and the history of each script. No network and no clock here.

mod replace;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use bitcoin::absolute::LockTime;
use bitcoin::block::Header;
use bitcoin::constants::genesis_block;
use bitcoin::hashes::{Hash, sha256, sha256d};
use bitcoin::{
    Amount, Block, BlockHash, Network, OutPoint, Script, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    transaction,
};

use super::block;
use super::rules::{self, COINBASE_MATURITY, Coin, NextBlock, Rejection};

/// Blocks that are mined at the start, so that the first coinbase can be spent.
const FIRST_BLOCKS: u32 = COINBASE_MATURITY + 1;
/// Seconds between the first blocks: bitcoin's own pace.
const FIRST_BLOCKS_APART: u32 = 600;
const MEDIAN_TIME_BLOCKS: usize = 11;
/// Weight that a block gives to transactions other than the coinbase, in weight units.
const BLOCK_WEIGHT: u64 = 3_996_000;
/// Cost of signature operations that a block gives to transactions other than the coinbase.
const BLOCK_SIGOPS: usize = 79_600;
/// Blocks that one call to [`PracticeChain::fund`] may mine to come by enough coins.
const FUND_MINES_AT_MOST: u32 = 1_000;
/// Fee rate of the faucet, in sat/vB.
const FAUCET_FEE_RATE: u64 = 2;

/// What the practice chain could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PracticeError {
    /// The faucet has not that much, and mining does not help: the subsidy has been halved away.
    #[error("the faucet cannot pay {asked}: ask for less")]
    FaucetDry {
        /// The amount asked for.
        asked: Amount,
    },
    /// The faucet's transaction was refused, most often because the amount is dust for the script.
    #[error("the faucet's payment was refused: {0}")]
    Refused(#[from] Rejection),
    /// The genesis block cannot be disconnected.
    #[error("cannot disconnect {depth} blocks: the chain is {height} high")]
    ReorgTooDeep {
        /// Blocks to disconnect.
        depth: u32,
        /// Height of the tip.
        height: u32,
    },
}

/// The name that the Electrum protocol gives a script: its SHA256, with the bytes turned round.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptHash([u8; 32]);

impl ScriptHash {
    /// The name of `script`.
    pub fn of(script: &Script) -> Self {
        let mut bytes = sha256::Hash::hash(script.as_bytes()).to_byte_array();
        bytes.reverse();
        Self(bytes)
    }

    /// Reads 64 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self(bytes))
    }
}

impl fmt::Display for ScriptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ScriptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScriptHash({self})")
    }
}

/// The last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PracticeTip {
    /// Its height: blocks after genesis.
    pub height: u32,
    /// Its hash.
    pub hash: BlockHash,
    /// Median time past (BIP113), seconds since 1970.
    pub median_time: u32,
}

/// One transaction in the history of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The transaction.
    pub txid: Txid,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the block at this height.
    Confirmed {
        /// Height of the block.
        height: u32,
    },
    /// In the mempool.
    Unconfirmed {
        /// The fee it pays.
        fee: Amount,
        /// Whether it spends a coin that is itself unconfirmed.
        on_unconfirmed: bool,
    },
}

/// A coin that nothing spends, neither a block nor the mempool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unspent {
    /// The coin.
    pub outpoint: OutPoint,
    /// What it is worth.
    pub value: Amount,
    /// Height of its block; `None` while it is unconfirmed.
    pub height: Option<u32>,
}

/// What a script holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// In blocks, not counting the mempool, in sat.
    pub confirmed_sat: u64,
    /// What the mempool adds or takes away, in sat.
    pub unconfirmed_sat: i64,
}

/// A place in the order of all transactions: those in blocks, then those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Block { height: u32, position: usize },
    Mempool { arrival: u64 },
}

#[derive(Debug)]
struct Connected {
    block: Block,
    hash: BlockHash,
    /// The coins that its transactions spent, to be given back when the block is disconnected.
    spent: Vec<(OutPoint, Coin)>,
}

#[derive(Debug)]
struct Waiting {
    tx: Transaction,
    txid: Txid,
    spent: Vec<TxOut>,
    fee: Amount,
    sigops: usize,
}

/// A regtest chain in memory, from bitcoin's own regtest genesis block.
#[derive(Debug)]
pub struct PracticeChain {
    connected: Vec<Connected>,
    coins: HashMap<OutPoint, Coin>,
    /// Which confirmed transaction spends a coin.
    spent_by: HashMap<OutPoint, Txid>,
    places: HashMap<Txid, Place>,
    mempool: BTreeMap<u64, Waiting>,
    mempool_spends: HashMap<OutPoint, Txid>,
    history: HashMap<ScriptHash, BTreeSet<Place>>,
    clock: u32,
    arrivals: u64,
    blocks_made: u64,
    revision: u64,
}

impl PracticeChain {
    /// A chain of 101 blocks, the last one at about `now_seconds` (since 1970), so that the faucet has its first 50 BTC.
    pub fn new(now_seconds: u32) -> Self {
        let block = genesis_block(Network::Regtest);
        let places = block
            .txdata
            .iter()
            .enumerate()
            .map(|(position, tx)| (tx.compute_txid(), Place::Block { height: 0, position }))
            .collect();
        let hash = block.block_hash();
        let mut chain = Self {
            // The genesis coinbase can never be spent, so it is no coin.
            connected: vec![Connected { block, hash, spent: Vec::new() }],
            coins: HashMap::new(),
            spent_by: HashMap::new(),
            places,
            mempool: BTreeMap::new(),
            mempool_spends: HashMap::new(),
            history: HashMap::new(),
            clock: 0,
            arrivals: 0,
            blocks_made: 0,
            revision: 0,
        };
        for left in (0..FIRST_BLOCKS).rev() {
            chain.set_clock(now_seconds.saturating_sub(left * FIRST_BLOCKS_APART));
            chain.mine(1);
        }
        chain
    }

    /// Tells the chain what time it is (seconds since 1970). Blocks never go back in time, whatever is told.
    pub fn set_clock(&mut self, now_seconds: u32) {
        self.clock = self.clock.max(now_seconds);
    }

    /// The last block.
    pub fn tip(&self) -> PracticeTip {
        PracticeTip { height: self.height(), hash: self.tip_hash(), median_time: self.median_time_at(self.height()) }
    }

    /// Height of the last block.
    pub fn height(&self) -> u32 {
        u32::try_from(self.connected.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Goes up with every change of blocks or mempool.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Mines blocks; the first ones take the mempool in its order of arrival. Returns the new height.
    pub fn mine(&mut self, blocks: u32) -> u32 {
        for _ in 0..blocks {
            self.mine_one();
        }
        self.height()
    }

    /// Pays `amount` from the faucet to `script`, into the mempool. The change goes back to the faucet.
    ///
    /// When the faucet's ripe coins do not suffice, blocks are mined first, which confirms what waits in the mempool.
    pub fn fund(&mut self, script: ScriptBuf, amount: Amount) -> Result<Txid, PracticeError> {
        let asked = amount;
        if amount > self.faucet_reach() {
            return Err(PracticeError::FaucetDry { asked });
        }
        for _ in 0..=FUND_MINES_AT_MOST {
            if let Some(tx) = self.faucet_payment(&script, amount) {
                return Ok(self.accept(tx)?);
            }
            self.mine_one();
        }
        Err(PracticeError::FaucetDry { asked })
    }

    /// Takes a transaction into the mempool if it satisfies every rule of [`rules`]. Unconfirmed ones that spend the same
    /// coins give way if it pays more than they do together (BIP125).
    pub fn accept(&mut self, tx: Transaction) -> Result<Txid, Rejection> {
        rules::check_form(&tx)?;
        let txid = tx.compute_txid();
        if let Some(known) = self.transaction(txid) {
            let same = known.compute_wtxid() == tx.compute_wtxid();
            return Err(if same { Rejection::AlreadyKnown { txid } } else { Rejection::WitnessDiffers { txid } });
        }
        let next = self.next_block();
        let displaced = self.displaced(&tx);
        let coins = tx.input.iter().map(|input| self.coin(input.previous_output, &displaced));
        let coins = coins.collect::<Result<Vec<_>, _>>()?;
        rules::check_locktime(&tx, next)?;
        let fee = rules::check_coins(&tx, &coins, next)?;
        self.check_replacement(&tx, fee, &displaced)?;
        rules::check_scripts(&tx, &coins)?;

        let sigops = tx.total_sigop_cost(|outpoint| self.coin(*outpoint, &displaced).ok().map(|coin| coin.output));
        self.forget_waiting(&displaced);
        let spent: Vec<TxOut> = coins.into_iter().map(|coin| coin.output).collect();
        let place = Place::Mempool { arrival: self.arrivals };
        for script in touched(&tx, &spent) {
            self.history.entry(script).or_default().insert(place);
        }
        for input in &tx.input {
            self.mempool_spends.insert(input.previous_output, txid);
        }
        self.places.insert(txid, place);
        self.mempool.insert(self.arrivals, Waiting { tx, txid, spent, fee, sigops });
        self.arrivals += 1;
        self.revision += 1;
        Ok(txid)
    }

    /// Disconnects the last `depth` blocks. Their transactions go back to the mempool, in front of those that wait;
    /// returned are the ones that are no longer valid there and are gone, coinbases left aside.
    ///
    /// The chain is shorter then: a wallet notices once at least as many blocks have been mined anew.
    pub fn reorg(&mut self, depth: u32) -> Result<Vec<Txid>, PracticeError> {
        let height = self.height();
        if depth > height {
            return Err(PracticeError::ReorgTooDeep { depth, height });
        }
        let waiting = self.empty_mempool();
        let mut blocks = Vec::new();
        for _ in 0..depth {
            blocks.extend(self.disconnect());
        }
        let returned = blocks.into_iter().rev().flat_map(|block| block.txdata.into_iter().skip(1));
        let again: Vec<Transaction> = returned.chain(waiting).collect();
        self.revision += 1;
        Ok(again
            .into_iter()
            .filter_map(|tx| {
                let txid = tx.compute_txid();
                self.accept(tx).is_err().then_some(txid)
            })
            .collect())
    }

    /// Header of the block at `height`.
    pub fn header(&self, height: u32) -> Option<&Header> {
        self.at(height).map(|connected| &connected.block.header)
    }

    /// The block at `height`.
    pub fn block(&self, height: u32) -> Option<&Block> {
        self.at(height).map(|connected| &connected.block)
    }

    /// A transaction of a block or of the mempool.
    pub fn transaction(&self, txid: Txid) -> Option<&Transaction> {
        self.at_place(*self.places.get(&txid)?)
    }

    /// Height and position in its block of a confirmed transaction.
    pub fn confirmed_at(&self, txid: Txid) -> Option<(u32, usize)> {
        match self.places.get(&txid)? {
            Place::Block { height, position } => Some((*height, *position)),
            Place::Mempool { .. } => None,
        }
    }

    /// All unconfirmed transactions in order of arrival, each with its fee.
    pub fn mempool(&self) -> impl Iterator<Item = (&Transaction, Amount)> {
        self.mempool.values().map(|waiting| (&waiting.tx, waiting.fee))
    }

    /// The hashes beside the way from the transaction at `position` up to the merkle root of the block at `height`.
    pub fn merkle_branch(&self, height: u32, position: usize) -> Option<Vec<sha256d::Hash>> {
        let mut layer: Vec<sha256d::Hash> =
            self.block(height)?.txdata.iter().map(|tx| tx.compute_txid().to_raw_hash()).collect();
        if position >= layer.len() {
            return None;
        }
        let mut at = position;
        let mut branch = Vec::new();
        while layer.len() > 1 {
            // A layer of odd length is paired with its last hash once more.
            branch.push(*layer.get(at ^ 1).or(layer.last())?);
            layer = layer
                .chunks(2)
                .filter_map(|pair| {
                    let (left, right) = (pair.first()?, pair.last()?);
                    let mut both = [0; 64];
                    let (first, second) = both.split_at_mut(32);
                    first.copy_from_slice(left.as_ref());
                    second.copy_from_slice(right.as_ref());
                    Some(sha256d::Hash::hash(&both))
                })
                .collect();
            at /= 2;
        }
        Some(branch)
    }

    /// All transactions that pay to the script or spend from it: those in blocks first, in the order of the chain.
    pub fn history(&self, script: ScriptHash) -> Vec<HistoryEntry> {
        self.places_of(script)
            .filter_map(|place| match place {
                Place::Block { height, .. } => Some(HistoryEntry {
                    txid: self.at_place(place)?.compute_txid(),
                    standing: Standing::Confirmed { height },
                }),
                Place::Mempool { arrival } => {
                    let waiting = self.mempool.get(&arrival)?;
                    let on_unconfirmed = waiting.tx.input.iter().any(|input| {
                        matches!(self.places.get(&input.previous_output.txid), Some(Place::Mempool { .. }))
                    });
                    let standing = Standing::Unconfirmed { fee: waiting.fee, on_unconfirmed };
                    Some(HistoryEntry { txid: waiting.txid, standing })
                }
            })
            .collect()
    }

    /// The script's coins that nothing spends.
    pub fn unspent(&self, script: ScriptHash) -> Vec<Unspent> {
        let mut unspent = Vec::new();
        for place in self.places_of(script) {
            let height = match place {
                Place::Block { height, .. } => Some(height),
                Place::Mempool { .. } => None,
            };
            for (outpoint, output) in self.outputs_of(place, script) {
                let alive = height.is_none() || self.coins.contains_key(&outpoint);
                if alive && !self.mempool_spends.contains_key(&outpoint) {
                    unspent.push(Unspent { outpoint, value: output.value, height });
                }
            }
        }
        unspent
    }

    /// What the script holds.
    pub fn balance(&self, script: ScriptHash) -> Balance {
        let mut balance = Balance::default();
        for place in self.places_of(script) {
            for (outpoint, output) in self.outputs_of(place, script) {
                let sat = output.value.to_sat();
                match place {
                    Place::Block { .. } if self.coins.contains_key(&outpoint) => balance.confirmed_sat += sat,
                    Place::Block { .. } => {}
                    Place::Mempool { .. } => balance.unconfirmed_sat += signed(sat),
                }
            }
            if let Place::Mempool { arrival } = place {
                let spent = self.mempool.get(&arrival).into_iter().flat_map(|waiting| &waiting.spent);
                let own = spent.filter(|output| ScriptHash::of(&output.script_pubkey) == script);
                balance.unconfirmed_sat -= own.map(|output| signed(output.value.to_sat())).sum::<i64>();
            }
        }
        balance
    }

    fn mine_one(&mut self) {
        let height = self.height() + 1;
        let previous_time = self.header(self.height()).map_or(0, |header| header.time);
        let after_median = self.median_time_at(self.height()).saturating_add(1);
        let time = self.clock.max(previous_time).max(after_median);

        let (mut weight, mut sigops, mut fees) = (0, 0, Amount::ZERO);
        let mut transactions = Vec::new();
        // In order of arrival a parent always comes before its child, so the first that does not fit ends the block.
        for waiting in self.mempool.values() {
            weight += waiting.tx.weight().to_wu();
            sigops += waiting.sigops;
            if weight > BLOCK_WEIGHT || sigops > BLOCK_SIGOPS {
                break;
            }
            fees += waiting.fee;
            transactions.push(waiting.tx.clone());
        }
        let block = block::assemble(self.tip_hash(), height, time, fees, transactions, self.blocks_made);
        self.blocks_made += 1;
        self.connect(block);
        self.revision += 1;
    }

    fn connect(&mut self, block: Block) {
        let next = self.next_block();
        let mut undo = Vec::new();
        for (position, tx) in block.txdata.iter().enumerate() {
            let txid = tx.compute_txid();
            let mut spent = Vec::new();
            let waiting = match self.places.get(&txid) {
                Some(Place::Mempool { arrival }) => Some(*arrival),
                Some(Place::Block { .. }) | None => None,
            };
            for input in &tx.input {
                if let Some(coin) = self.coins.remove(&input.previous_output) {
                    spent.push(coin.output.clone());
                    undo.push((input.previous_output, coin));
                    self.spent_by.insert(input.previous_output, txid);
                    self.mempool_spends.remove(&input.previous_output);
                }
            }
            for (outpoint, output) in spendable_outputs(txid, tx) {
                let coin = Coin {
                    output: output.clone(),
                    height: next.height,
                    coinbase: position == 0,
                    median_time_before: next.median_time,
                };
                self.coins.insert(outpoint, coin);
            }
            let place = Place::Block { height: next.height, position };
            for script in touched(tx, &spent) {
                let places = self.history.entry(script).or_default();
                if let Some(arrival) = waiting {
                    places.remove(&Place::Mempool { arrival });
                }
                places.insert(place);
            }
            if let Some(arrival) = waiting {
                self.mempool.remove(&arrival);
            }
            self.places.insert(txid, place);
        }
        let hash = block.block_hash();
        self.connected.push(Connected { block, hash, spent: undo });
    }

    fn disconnect(&mut self) -> Option<Block> {
        let height = self.height();
        let Connected { block, spent, .. } = self.connected.pop()?;
        let spent_coins: HashMap<OutPoint, TxOut> =
            spent.iter().map(|(outpoint, coin)| (*outpoint, coin.output.clone())).collect();
        // What one transaction of the block gave and another spent must vanish: give back first, then take away.
        for (outpoint, coin) in spent {
            self.spent_by.remove(&outpoint);
            self.coins.insert(outpoint, coin);
        }
        for (position, tx) in block.txdata.iter().enumerate() {
            let txid = tx.compute_txid();
            let spent: Vec<TxOut> =
                tx.input.iter().filter_map(|input| spent_coins.get(&input.previous_output).cloned()).collect();
            for script in touched(tx, &spent) {
                self.forget(script, Place::Block { height, position });
            }
            for (outpoint, _) in spendable_outputs(txid, tx) {
                self.coins.remove(&outpoint);
            }
            self.places.remove(&txid);
        }
        Some(block)
    }

    fn empty_mempool(&mut self) -> Vec<Transaction> {
        self.mempool_spends.clear();
        let waiting = std::mem::take(&mut self.mempool);
        waiting
            .into_iter()
            .map(|(arrival, waiting)| {
                for script in touched(&waiting.tx, &waiting.spent) {
                    self.forget(script, Place::Mempool { arrival });
                }
                self.places.remove(&waiting.txid);
                waiting.tx
            })
            .collect()
    }

    fn forget(&mut self, script: ScriptHash, place: Place) {
        if let Some(places) = self.history.get_mut(&script) {
            places.remove(&place);
            if places.is_empty() {
                self.history.remove(&script);
            }
        }
    }

    /// The coin, if a transaction may spend it that takes the place of the displaced ones.
    fn coin(&self, outpoint: OutPoint, displaced: &BTreeSet<u64>) -> Result<Coin, Rejection> {
        if let Some(by) = self.spent_by.get(&outpoint) {
            return Err(Rejection::DoubleSpend { outpoint, by: *by });
        }
        if let Some(coin) = self.coins.get(&outpoint) {
            return Ok(coin.clone());
        }
        let missing = Rejection::MissingInput { outpoint };
        let Some(Place::Mempool { arrival }) = self.places.get(&outpoint.txid) else { return Err(missing) };
        let index = usize::try_from(outpoint.vout).unwrap_or(usize::MAX);
        let parent = self.mempool.get(arrival).filter(|_| !displaced.contains(arrival));
        let parent = parent.and_then(|waiting| waiting.tx.output.get(index));
        let output = parent.filter(|output| !output.script_pubkey.is_op_return()).ok_or(missing)?.clone();
        let next = self.next_block();
        Ok(Coin { output, height: next.height, coinbase: false, median_time_before: next.median_time })
    }

    /// A payment from the faucet's coins, or `None` when the ripe ones do not suffice.
    fn faucet_payment(&self, script: &Script, amount: Amount) -> Option<Transaction> {
        let faucet = block::faucet_script();
        let witness = Witness::from_slice(&[block::faucet_witness_script().as_bytes()]);
        let mut tx = Transaction {
            version: transaction::Version::TWO,
            lock_time: LockTime::ZERO,
            input: Vec::new(),
            output: vec![
                TxOut { value: amount, script_pubkey: script.to_owned() },
                TxOut { value: Amount::ZERO, script_pubkey: faucet.clone() },
            ],
        };
        let least_change = faucet.minimal_non_dust();
        let mut total = Amount::ZERO;
        for (outpoint, value) in self.faucet_coins(&faucet) {
            total = total.checked_add(value)?;
            tx.input.push(TxIn {
                previous_output: outpoint,
                script_sig: ScriptBuf::new(),
                sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
                witness: witness.clone(),
            });
            let fee = Amount::from_sat(u64::try_from(tx.vsize()).ok()?.checked_mul(FAUCET_FEE_RATE)?);
            let change = total.checked_sub(amount.checked_add(fee)?);
            if let (Some(change), Some(output)) = (change.filter(|c| *c >= least_change), tx.output.last_mut()) {
                output.value = change;
                return Some(tx);
            }
        }
        None
    }

    /// All that the faucet can come by within the blocks that one payment may mine.
    fn faucet_reach(&self) -> Amount {
        let have = self.unspent(ScriptHash::of(&block::faucet_script())).into_iter().map(|coin| coin.value.to_sat());
        let next_height = self.height() + 1;
        let ripening = next_height..next_height.saturating_add(FUND_MINES_AT_MOST - COINBASE_MATURITY);
        Amount::from_sat(have.chain(ripening.map(|height| block::subsidy(height).to_sat())).sum())
    }

    /// Faucet coins that may be spent in the next block: confirmed ones first, then the larger ones.
    fn faucet_coins(&self, faucet: &Script) -> Vec<(OutPoint, Amount)> {
        let next_height = self.height() + 1;
        let mut coins: Vec<Unspent> = self.unspent(ScriptHash::of(faucet));
        coins.retain(|unspent| {
            let coin = self.coins.get(&unspent.outpoint);
            coin.is_none_or(|coin| !coin.coinbase || coin.height.saturating_add(COINBASE_MATURITY) <= next_height)
        });
        coins.sort_by_key(|coin| (coin.height.is_none(), std::cmp::Reverse(coin.value), coin.outpoint));
        coins.into_iter().map(|coin| (coin.outpoint, coin.value)).collect()
    }

    fn outputs_of(&self, place: Place, script: ScriptHash) -> Vec<(OutPoint, &TxOut)> {
        let Some(tx) = self.at_place(place) else { return Vec::new() };
        spendable_outputs(tx.compute_txid(), tx)
            .filter(|(_, output)| ScriptHash::of(&output.script_pubkey) == script)
            .collect()
    }

    fn places_of(&self, script: ScriptHash) -> impl Iterator<Item = Place> {
        self.history.get(&script).into_iter().flatten().copied()
    }

    fn at_place(&self, place: Place) -> Option<&Transaction> {
        match place {
            Place::Block { height, position } => self.block(height)?.txdata.get(position),
            Place::Mempool { arrival } => self.mempool.get(&arrival).map(|waiting| &waiting.tx),
        }
    }

    fn at(&self, height: u32) -> Option<&Connected> {
        self.connected.get(usize::try_from(height).ok()?)
    }

    fn tip_hash(&self) -> BlockHash {
        self.connected.last().map_or_else(BlockHash::all_zeros, |connected| connected.hash)
    }

    fn next_block(&self) -> NextBlock {
        NextBlock { height: self.height() + 1, median_time: self.median_time_at(self.height()) }
    }

    /// Median time past (BIP113) of the block at `height`.
    fn median_time_at(&self, height: u32) -> u32 {
        let end = usize::try_from(height).unwrap_or(usize::MAX).saturating_add(1).min(self.connected.len());
        let start = end.saturating_sub(MEDIAN_TIME_BLOCKS);
        let mut times: Vec<u32> =
            self.connected.iter().skip(start).take(end - start).map(|connected| connected.block.header.time).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or(0)
    }
}

/// Every script that the transaction pays to or spends from.
fn touched(tx: &Transaction, spent: &[TxOut]) -> BTreeSet<ScriptHash> {
    tx.output.iter().chain(spent).map(|output| ScriptHash::of(&output.script_pubkey)).collect()
}

fn spendable_outputs(txid: Txid, tx: &Transaction) -> impl Iterator<Item = (OutPoint, &TxOut)> {
    (0..)
        .zip(&tx.output)
        .filter(|(_, output)| !output.script_pubkey.is_op_return())
        .map(move |(vout, output)| (OutPoint { txid, vout }, output))
}

/// No amount on the chain comes near the limit.
fn signed(sat: u64) -> i64 {
    i64::try_from(sat).unwrap_or(i64::MAX)
}
