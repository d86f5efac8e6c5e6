//! What a transaction must satisfy before the practice chain takes it: consensus rules, and the relay rules ("standardness")
//! that a transaction meets on its way to a real miner. Pure: no chain state lives here, the coins come in as arguments.
//!
//! Script rules are those of Bitcoin Core, through `bitcoinconsensus`. Relay rules that Core applies while it runs a script
//! (clean stack, minimal pushes, NULLFAIL, compressed keys in segwit) and limits on chains of unconfirmed transactions
//! are not checked: the public network can refuse a little more than the practice chain does.

use std::collections::{HashMap, HashSet};

use bitcoin::script::Instruction;
use bitcoin::secp256k1::ecdsa;
use bitcoin::{Amount, OutPoint, Script, ScriptBuf, Transaction, TxIn, TxOut, Txid};

/// Blocks that a coinbase output must rest before it may be spent.
pub const COINBASE_MATURITY: u32 = 100;
/// Largest weight of a transaction that is relayed, in weight units.
pub const MAX_WEIGHT: u64 = 400_000;
/// Largest cost of signature operations of a transaction that is relayed.
pub const MAX_SIGOPS: usize = 16_000;
/// Smallest size without witnesses that is relayed, in bytes: 64 bytes could be mistaken for a node of the merkle tree.
pub const MIN_BASE_SIZE: usize = 65;

const MAX_SCRIPT_SIG: usize = 1_650;
const MAX_DATA_SCRIPT: usize = 83;
const MAX_WITNESS_SCRIPT: usize = 3_600;
const MAX_WITNESS_ITEMS: usize = 100;
const MAX_WITNESS_ITEM: usize = 80;
const TAPROOT_ANNEX: u8 = 0x50;
const LOCKTIME_THRESHOLD: u32 = 500_000_000;

/// Why a transaction is not taken into the mempool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The very same transaction is in the mempool or in a block: nothing needs to be done.
    #[error("transaction {txid} is already known: it is in the mempool or in a block")]
    AlreadyKnown {
        /// The transaction.
        txid: Txid,
    },
    /// A transaction with the same id and other signatures is in the mempool or in a block.
    #[error("transaction {txid} is already known with other signatures: the first one stays")]
    WitnessDiffers {
        /// The transaction.
        txid: Txid,
    },
    /// Only a block makes a coinbase.
    #[error("a coinbase transaction cannot be sent: only a block makes one")]
    Coinbase,
    /// It spends nothing.
    #[error("the transaction has no inputs")]
    NoInputs,
    /// It pays nothing.
    #[error("the transaction has no outputs")]
    NoOutputs,
    /// One coin is spent twice in the same transaction.
    #[error("the transaction spends {outpoint} twice")]
    DuplicateInput {
        /// The coin.
        outpoint: OutPoint,
    },
    /// A spent coin was never made.
    #[error("input {outpoint} does not exist")]
    MissingInput {
        /// The coin.
        outpoint: OutPoint,
    },
    /// A transaction in a block spends the coin.
    #[error("double spend: {outpoint} is already spent by {by}, which is in a block")]
    DoubleSpend {
        /// The coin.
        outpoint: OutPoint,
        /// The transaction that spends it.
        by: Txid,
    },
    /// An unconfirmed transaction spends the coin, and this one does not pay enough to take its place (BIP125).
    #[error(
        "double spend: {outpoint} is already spent by {by}; a fee of {fee} is an insufficient fee to replace it: {minimum} are needed"
    )]
    ReplacementUnpaid {
        /// The coin.
        outpoint: OutPoint,
        /// The transaction that spends it.
        by: Txid,
        /// What the new one pays.
        fee: Amount,
        /// What it must pay.
        minimum: Amount,
    },
    /// More unconfirmed transactions would give way than nodes let.
    #[error("it would replace {count} transactions, too many at once")]
    ReplacesTooMany {
        /// How many.
        count: usize,
    },
    /// A coinbase output is spent too early.
    #[error("coinbase output {outpoint} may be spent in block {from_height} at the earliest")]
    ImmatureCoinbase {
        /// The coin.
        outpoint: OutPoint,
        /// The first height whose block may spend it.
        from_height: u32,
    },
    /// An output, or a sum of amounts, is above the 21 million bitcoin there can be.
    #[error("amounts are larger than all bitcoin there can be")]
    AmountOutOfRange,
    /// It pays more than it spends.
    #[error("outputs of {value_out} are more than inputs of {value_in}")]
    Overspend {
        /// Sum of the inputs.
        value_in: Amount,
        /// Sum of the outputs.
        value_out: Amount,
    },
    /// The transaction's locktime (BIP113: against median time past) has not come.
    #[error("locktime {lock_time} has not come: the next block has height {next_height} and median time {median_time}")]
    NotFinal {
        /// The locktime: a height below 500 000 000, else seconds since 1970.
        lock_time: u32,
        /// Height of the next block.
        next_height: u32,
        /// Median time past of the tip, seconds since 1970.
        median_time: u32,
    },
    /// An input's relative locktime (BIP68) has not passed.
    #[error("the relative locktime of input {input} has not passed since its coin confirmed")]
    RelativeLock {
        /// Index of the input.
        input: usize,
    },
    /// Bitcoin's script rules do not let the coin be spent so: a wrong signature, a missing one, a wrong script.
    #[error("input {input} does not satisfy the script of the coin it spends (check its signatures)")]
    Script {
        /// Index of the input.
        input: usize,
    },
    /// Not version 1, 2 or 3.
    #[error("transaction version {version} is not relayed: use 2")]
    Version {
        /// The version.
        version: i32,
    },
    /// Too heavy.
    #[error("weight {weight} is above {MAX_WEIGHT}: split the payment")]
    Weight {
        /// Its weight, in weight units.
        weight: u64,
    },
    /// Too small.
    #[error("{size} bytes without witnesses are fewer than {MIN_BASE_SIZE}")]
    TooSmall {
        /// Its size without witnesses, in bytes.
        size: usize,
    },
    /// Too many signature operations.
    #[error("signature operations cost {cost}, above {MAX_SIGOPS}: split the payment")]
    Sigops {
        /// Their cost.
        cost: usize,
    },
    /// An ECDSA signature in its second, malleable form (BIP146).
    #[error("input {input} holds a signature with a high S: normalise it")]
    HighS {
        /// Index of the input.
        input: usize,
    },
    /// The scriptSig is too long or does more than push data.
    #[error("the scriptSig of input {input} is too long or not data pushes alone")]
    ScriptSig {
        /// Index of the input.
        input: usize,
    },
    /// The witness is beyond the limits of relay.
    #[error("the witness of input {input} is larger than what is relayed")]
    WitnessLimits {
        /// Index of the input.
        input: usize,
    },
    /// The coin's script is of a kind that nodes do not relay spends of.
    #[error("input {input} spends a script of no standard type")]
    InputType {
        /// Index of the input.
        input: usize,
    },
    /// The output's script is of a kind that nodes do not relay; of data outputs only one is.
    #[error("output {output} is of no standard type, or a second data output")]
    OutputType {
        /// Index of the output.
        output: usize,
    },
    /// The output is worth less than it costs to spend.
    #[error("output {output} is dust: it must be at least {minimum}")]
    Dust {
        /// Index of the output.
        output: usize,
        /// The least amount for its script.
        minimum: Amount,
    },
    /// Below 1 sat/vB.
    #[error("fee {fee} is below the minimum of {minimum} (1 sat/vB)")]
    FeeTooLow {
        /// What the transaction pays.
        fee: Amount,
        /// What it must pay at least.
        minimum: Amount,
    },
}

/// An output that may be spent, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coin {
    pub(super) output: TxOut,
    /// Height of its block; for a coin of the mempool the height of the next block.
    pub(super) height: u32,
    pub(super) coinbase: bool,
    /// Median time past of the block before the coin's block, from which BIP68 counts.
    pub(super) median_time_before: u32,
}

/// The place of the next block: what locktimes are measured against.
#[derive(Debug, Clone, Copy)]
pub(super) struct NextBlock {
    pub(super) height: u32,
    /// Median time past of the tip, seconds since 1970.
    pub(super) median_time: u32,
}

/// All that can be seen from the transaction alone.
pub(super) fn check_form(tx: &Transaction) -> Result<(), Rejection> {
    if tx.input.is_empty() {
        return Err(Rejection::NoInputs);
    }
    if tx.output.is_empty() {
        return Err(Rejection::NoOutputs);
    }
    if tx.input.iter().any(|input| input.previous_output.is_null()) {
        return Err(Rejection::Coinbase);
    }
    let mut seen = HashSet::new();
    for input in &tx.input {
        if !seen.insert(input.previous_output) {
            return Err(Rejection::DuplicateInput { outpoint: input.previous_output });
        }
    }
    sum(tx.output.iter().map(|output| output.value))?;
    if !(1..=3).contains(&tx.version.0) {
        return Err(Rejection::Version { version: tx.version.0 });
    }
    let weight = tx.weight().to_wu();
    if weight > MAX_WEIGHT {
        return Err(Rejection::Weight { weight });
    }
    let size = tx.base_size();
    if size < MIN_BASE_SIZE {
        return Err(Rejection::TooSmall { size });
    }
    for (index, input) in tx.input.iter().enumerate() {
        if input.script_sig.len() > MAX_SCRIPT_SIG || !input.script_sig.is_push_only() {
            return Err(Rejection::ScriptSig { input: index });
        }
    }
    let mut data_outputs = 0;
    for (index, output) in tx.output.iter().enumerate() {
        let script = &output.script_pubkey;
        if script.is_op_return() {
            data_outputs += 1;
        }
        if data_outputs > 1 || !is_standard_output(script) {
            return Err(Rejection::OutputType { output: index });
        }
        let minimum = script.minimal_non_dust();
        if output.value < minimum {
            return Err(Rejection::Dust { output: index, minimum });
        }
    }
    Ok(())
}

/// Whether the locktime lets the transaction stand in the next block.
pub(super) fn check_locktime(tx: &Transaction, next: NextBlock) -> Result<(), Rejection> {
    let lock_time = tx.lock_time.to_consensus_u32();
    let bound = if lock_time < LOCKTIME_THRESHOLD { next.height } else { next.median_time };
    if lock_time != 0 && lock_time >= bound && tx.input.iter().any(|input| input.sequence.enables_absolute_lock_time())
    {
        return Err(Rejection::NotFinal { lock_time, next_height: next.height, median_time: next.median_time });
    }
    Ok(())
}

/// What the spent coins must allow, short of their scripts. `coins` stand in the order of the inputs. Returns the fee.
pub(super) fn check_coins(tx: &Transaction, coins: &[Coin], next: NextBlock) -> Result<Amount, Rejection> {
    for (index, (input, coin)) in tx.input.iter().zip(coins).enumerate() {
        let from_height = coin.height.saturating_add(COINBASE_MATURITY);
        if coin.coinbase && next.height < from_height {
            return Err(Rejection::ImmatureCoinbase { outpoint: input.previous_output, from_height });
        }
        if tx.version.0 >= 2 && !relative_lock_passed(input, coin, next) {
            return Err(Rejection::RelativeLock { input: index });
        }
    }
    let value_in = sum(coins.iter().map(|coin| coin.output.value))?;
    let value_out = sum(tx.output.iter().map(|output| output.value))?;
    let fee = value_in.checked_sub(value_out).ok_or(Rejection::Overspend { value_in, value_out })?;

    for (index, (input, coin)) in tx.input.iter().zip(coins).enumerate() {
        check_standard_spend(index, input, &coin.output.script_pubkey)?;
    }
    let spent: HashMap<_, _> = tx.input.iter().map(|input| input.previous_output).zip(coins).collect();
    let cost = tx.total_sigop_cost(|outpoint| spent.get(outpoint).map(|coin| coin.output.clone()));
    if cost > MAX_SIGOPS {
        return Err(Rejection::Sigops { cost });
    }
    let minimum = Amount::from_sat(u64::try_from(tx.vsize()).unwrap_or(u64::MAX));
    if fee < minimum {
        return Err(Rejection::FeeTooLow { fee, minimum });
    }
    Ok(fee)
}

/// Bitcoin Core's own script rules, taproot included, for every input.
pub(super) fn check_scripts(tx: &Transaction, coins: &[Coin]) -> Result<(), Rejection> {
    let bytes = bitcoin::consensus::serialize(tx);
    let mut spent = Vec::with_capacity(coins.len());
    for (index, coin) in coins.iter().enumerate() {
        let script = coin.output.script_pubkey.as_bytes();
        spent.push(bitcoinconsensus::Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: u32::try_from(script.len()).map_err(|_| Rejection::Script { input: index })?,
            value: i64::try_from(coin.output.value.to_sat()).map_err(|_| Rejection::AmountOutOfRange)?,
        });
    }
    for (index, coin) in coins.iter().enumerate() {
        let script = coin.output.script_pubkey.as_bytes();
        bitcoinconsensus::verify(script, coin.output.value.to_sat(), &bytes, Some(&spent), index)
            .map_err(|_| Rejection::Script { input: index })?;
    }
    Ok(())
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Result<Amount, Rejection> {
    let mut total = Amount::ZERO;
    for amount in amounts {
        total = total.checked_add(amount).filter(|t| *t <= Amount::MAX_MONEY).ok_or(Rejection::AmountOutOfRange)?;
    }
    Ok(total)
}

/// BIP68.
fn relative_lock_passed(input: &TxIn, coin: &Coin, next: NextBlock) -> bool {
    const TIME_FLAG: u32 = 1 << 22;
    if !input.sequence.is_relative_lock_time() {
        return true;
    }
    let sequence = input.sequence.to_consensus_u32();
    let value = u64::from(sequence & 0xffff);
    if sequence & TIME_FLAG != 0 {
        u64::from(coin.median_time_before) + value * 512 <= u64::from(next.median_time)
    } else {
        u64::from(coin.height) + value <= u64::from(next.height)
    }
}

fn is_standard_output(script: &Script) -> bool {
    if script.is_op_return() {
        return script.len() <= MAX_DATA_SCRIPT && script.as_bytes().get(1..).is_some_and(is_push_only_tail);
    }
    script.is_witness_program()
        || script.is_p2pkh()
        || script.is_p2sh()
        || script.is_p2pk()
        || (script.is_multisig() && multisig_keys(script).is_some_and(|keys| keys <= 3))
}

fn is_push_only_tail(bytes: &[u8]) -> bool {
    Script::from_bytes(bytes).is_push_only()
}

/// The key count stands before the closing OP_CHECKMULTISIG, as OP_1 to OP_16.
fn multisig_keys(script: &Script) -> Option<u8> {
    let bytes = script.as_bytes();
    bytes.len().checked_sub(2).and_then(|at| bytes.get(at)).and_then(|op| op.checked_sub(0x50))
}

fn check_standard_spend(index: usize, input: &TxIn, script: &Script) -> Result<(), Rejection> {
    // A witness version without rules is anyone's to spend, and nodes do not relay that.
    let known_program = script.is_p2wpkh() || script.is_p2wsh() || script.is_p2tr();
    if !is_standard_output(script) || (script.is_witness_program() && !known_program) {
        return Err(Rejection::InputType { input: index });
    }
    if script.is_p2tr() {
        return check_taproot_witness(index, input);
    }
    if has_high_s(input) {
        return Err(Rejection::HighS { input: index });
    }
    let redeem = if script.is_p2sh() { last_push(&input.script_sig) } else { None };
    if redeem.as_deref().unwrap_or(script).is_p2wsh() {
        let items = input.witness.len();
        let script_len = input.witness.last().map_or(0, <[u8]>::len);
        let long_item = input.witness.iter().take(items.saturating_sub(1)).any(|item| item.len() > MAX_WITNESS_ITEM);
        if script_len > MAX_WITNESS_SCRIPT || items > MAX_WITNESS_ITEMS + 1 || long_item {
            return Err(Rejection::WitnessLimits { input: index });
        }
    }
    Ok(())
}

fn check_taproot_witness(index: usize, input: &TxIn) -> Result<(), Rejection> {
    let items = input.witness.len();
    let annex = items >= 2 && input.witness.last().is_some_and(|item| item.first() == Some(&TAPROOT_ANNEX));
    // The last two items of a script path are the script and its control block.
    let long_item =
        items > 2 && input.witness.iter().take(items.saturating_sub(2)).any(|item| item.len() > MAX_WITNESS_ITEM);
    if annex || long_item {
        return Err(Rejection::WitnessLimits { input: index });
    }
    Ok(())
}

fn last_push(script: &Script) -> Option<ScriptBuf> {
    match script.instructions().last() {
        Some(Ok(Instruction::PushBytes(bytes))) => Some(ScriptBuf::from_bytes(bytes.as_bytes().to_vec())),
        Some(Ok(Instruction::Op(_)) | Err(_)) | None => None,
    }
}

/// Whether any pushed item of the input is an ECDSA signature (strict DER and a sighash byte) with a high S.
fn has_high_s(input: &TxIn) -> bool {
    let pushes = input.script_sig.instructions().filter_map(|instruction| match instruction {
        Ok(Instruction::PushBytes(bytes)) => Some(bytes.as_bytes()),
        Ok(Instruction::Op(_)) | Err(_) => None,
    });
    input.witness.iter().chain(pushes).any(is_high_s)
}

fn is_high_s(item: &[u8]) -> bool {
    let Some((_, der)) = item.split_last() else { return false };
    let Ok(signature) = ecdsa::Signature::from_der(der) else { return false };
    let mut low = signature;
    low.normalize_s();
    low != signature
}
