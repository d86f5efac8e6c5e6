//! The first sync of a vault that is new here and has a long past: a process of its own asks the practice chain's server,
//! so that its memory can be read from the system.

use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness, absolute, opcodes, transaction,
};
use conclave_domain::descriptor::{AccountKey, Keychain, VaultDescriptor, sortedmulti};
use conclave_shared::ScriptKind;

use super::record::software_key;
use super::{BenchError, Clock};
use crate::chain::{ChainSource as _, Electrum};
use crate::coins::{Answer, Coins, Question};
use crate::open_vault::NETWORK;
use crate::practice::{PracticeChain, SharedChain, serve};
use crate::signer::Signer as _;

/// Goal for the memory of the process that syncs, in MB.
const MEMORY_GOAL_MB: u32 = 150;
/// What the practice faucet gives to be passed on to the vault.
const PURSE: Amount = Amount::from_sat(4_000_000_000);
const DEPOSIT: Amount = Amount::from_sat(20_000);
const FEE: Amount = Amount::from_sat(500);
/// Addresses without a payment before the scan ends.
const STOP_GAP: usize = 20;

/// Makes the chain, serves it, and measures a process that syncs from it.
pub(super) async fn run(transactions: u32) -> Result<(), BenchError> {
    println!("first sync of {transactions} transactions, each in a block of its own");
    let clock = Clock::start();
    let chain = chain(transactions)?;
    println!("  making the chain: {clock}");
    let server = serve(SharedChain::new(chain), std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let mut client = std::process::Command::new(std::env::current_exe()?);
    client.args(["bench", "--transactions", &(transactions * 5).to_string(), "--first-sync-from", &server.url()]);
    let status = client.status()?;
    if status.success() { Ok(()) } else { Err(otherwise("the client failed")) }
}

/// The process that syncs.
pub(super) fn client(server: &str, transactions: u32) -> Result<(), BenchError> {
    let descriptor = descriptor()?;
    let before = memory_mb("VmRSS")?;
    let mut coins = Coins::open(descriptor.text(), NETWORK, None)?;
    // The record of the vault tells which addresses were given out.
    coins.watch(Keychain::Receive, 0..transactions);
    let clock = Clock::start();
    let mut source = Electrum::connect(server)?;
    let Question::Scan(request) = coins.question(1) else { return Err(otherwise("nothing is to be scanned")) };
    let answer = source.full_scan(request, STOP_GAP)?;
    println!("  asked: {:.1} s, at most {} MB", clock.elapsed().as_secs_f64(), memory_mb("VmHWM")?);
    let clock = Clock::start();
    coins.take_answer(Answer::Scan(answer))?;
    let changes = coins.take_changes();
    let listing = coins.listing();
    println!("  taken and listed: {clock}");
    drop(changes);
    let most = memory_mb("VmHWM")?;
    println!("  memory: {before} MB before, {most} MB at most (goal {MEMORY_GOAL_MB} MB)");
    if listing.transactions().len() != transactions as usize {
        return Err(otherwise(&format!("{} transactions came", listing.transactions().len())));
    }
    let Question::Sync(request) = coins.question(2) else { return Err(otherwise("nothing is to be synced")) };
    let clock = Clock::start();
    let answer = source.sync(request)?;
    println!("  asked again, when nothing has changed: {:.1} s", clock.elapsed().as_secs_f64());
    let clock = Clock::start();
    coins.take_answer(Answer::Sync(answer))?;
    println!("  taken: {clock}");
    Ok(())
}

fn otherwise(what: &str) -> BenchError {
    BenchError::Otherwise { what: what.to_owned() }
}

fn descriptor() -> Result<VaultDescriptor, BenchError> {
    let keys: Result<Vec<_>, _> = (0..3)
        .map(|member| AccountKey::parse(&software_key(member).account_key(), ScriptKind::default(), NETWORK))
        .collect();
    let keys = keys.map_err(|fault| otherwise(&fault.to_string()))?;
    let text = sortedmulti(2, &keys).map_err(|fault| otherwise(&fault.to_string()))?;
    VaultDescriptor::parse(&text).map_err(|fault| otherwise(&fault.to_string()))
}

/// A chain on which so many transactions pay the vault, one in a block, each to a new address.
fn chain(transactions: u32) -> Result<PracticeChain, BenchError> {
    let descriptor = descriptor()?;
    let mut chain = PracticeChain::new(1_700_000_000);
    // A purse that anybody can open, so that nothing is to be signed.
    let open = ScriptBuf::builder().push_opcode(opcodes::OP_TRUE).into_script();
    let (script, witness) = (open.to_p2wsh(), Witness::from_slice(&[open.as_bytes()]));
    let txid = chain.fund(script.clone(), PURSE)?;
    let (mut purse, mut left) = (OutPoint::new(txid, 0), PURSE);
    chain.mine(1);
    for index in 0..transactions {
        let deposit = descriptor.script(Keychain::Receive, index).ok_or_else(|| otherwise("there is no script"))?;
        left = left.checked_sub(DEPOSIT + FEE).ok_or_else(|| otherwise("the purse is empty"))?;
        let input = TxIn {
            previous_output: purse,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: witness.clone(),
        };
        let output = vec![
            TxOut { value: left, script_pubkey: script.clone() },
            TxOut { value: DEPOSIT, script_pubkey: deposit },
        ];
        let transaction = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![input],
            output,
        };
        purse = OutPoint::new(chain.accept(transaction).map_err(crate::practice::PracticeError::from)?, 0);
        chain.mine(1);
    }
    Ok(chain)
}

/// A line of what Linux tells of this process's memory, in MB.
fn memory_mb(line: &str) -> Result<u64, BenchError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status.lines().find_map(|it| it.strip_prefix(line)?.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.map(|kilobytes| kilobytes / 1024).ok_or_else(|| otherwise("the system does not tell the memory"))
}
