//! Guard and signing of a payment of 500 coins in a 3-of-5, beside what libsecp256k1 alone must do for it: the keys of
//! every input derived once, one hash and one signature for each input. Both on all cores that the process may use.

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use bitcoin::bip32::{ChildNumber, Xpriv, Xpub};
use bitcoin::hashes::{Hash as _, sha256};
use bitcoin::secp256k1::{Message, SECP256K1};
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, absolute, transaction};
use conclave_domain::action::{Action, Approved};
use conclave_domain::descriptor::{AccountKey, Keychain};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::proposal::{CheckedProposal, INPUTS_LIMIT, InputClaim, Proposal};
use conclave_domain::psbt::Evidence;
use conclave_shared::ScriptKind;

use super::record::{Story, software_key};
use super::{BenchError, Clock, report};
use crate::open_vault::NETWORK;
use crate::signer::Signer as _;

const MEMBERS: u8 = 5;
const THRESHOLD: u32 = 3;
/// Goal for guard and signing, in times of the bare work.
const GOAL: f64 = 1.3;
const ROUNDS: usize = 10;
/// What each coin is worth.
const COIN: Amount = Amount::from_sat(50_000);

/// Measures.
pub(super) fn run() -> Result<(), BenchError> {
    println!("guard and signing of a payment of {INPUTS_LIMIT} coins, {THRESHOLD}-of-{MEMBERS}");
    let mut story = Story::active(MEMBERS, THRESHOLD);
    let (proposal, evidence) = payment(&story)?;
    let clock = Clock::start();
    let proposal = story.say(0, Action::Proposed(proposal));
    println!("  proposed, and folded by its author: {clock}");
    let digest = story.vault.proposal(proposal).map(|state| state.checked.digest);
    let digest = digest.ok_or_else(|| otherwise("the proposal has no effect"))?;
    for by in 0..THRESHOLD as usize {
        story.say(by, Action::Approved(Approved { proposal, digest }));
    }
    let state = story.vault.proposal(proposal).ok_or_else(|| otherwise("the proposal is gone"))?;
    let cores = available_parallelism().map_or(1, usize::from);
    let key = software_key(0);
    let mut least = Least::default();
    let mut signatures = vec![];
    for _ in 0..ROUNDS {
        least.bare = least.bare.min(bare(&state.checked, cores)?);
        let began = Instant::now();
        let judged = guard::sign(&story.vault, proposal, &evidence);
        let permit = match judged.map_err(|fault| otherwise(&fault.to_string()))? {
            Verdict::Allowed(permit) => permit,
            Verdict::Blocked(unmet) => return Err(otherwise(&format!("the guard says no: {unmet:?}"))),
        };
        least.guard = least.guard.min(began.elapsed());
        signatures = key.sign(permit).map_err(|error| otherwise(&error.to_string()))?;
        least.both = least.both.min(began.elapsed());
    }
    println!("  the least of {ROUNDS} rounds, {cores} cores:");
    report("bare work", least.bare, least.bare);
    report("guard", least.guard, least.bare);
    report(&format!("guard and signing (goal {GOAL})"), least.both, least.bare);
    if signatures.len() != INPUTS_LIMIT || signatures.iter().any(|one| state.checked.verified(one).is_none()) {
        return Err(otherwise("not every signature is valid"));
    }
    Ok(())
}

/// The least times of all rounds: what else the machine does makes them longer, and nothing makes them shorter.
struct Least {
    bare: Duration,
    guard: Duration,
    both: Duration,
}

impl Default for Least {
    fn default() -> Self {
        Self { bare: Duration::MAX, guard: Duration::MAX, both: Duration::MAX }
    }
}

fn otherwise(what: &str) -> BenchError {
    BenchError::Otherwise { what: what.to_owned() }
}

/// A payment of as many coins as there may be, and the transactions that it spends.
fn payment(story: &Story) -> Result<(Proposal, Evidence), BenchError> {
    let active = story.vault.active().ok_or_else(|| otherwise("the vault is not active"))?;
    let mut evidence = Evidence { tip_height: 1, ..Evidence::default() };
    let (mut input, mut claims) = (Vec::new(), Vec::new());
    for index in 0..INPUTS_LIMIT as u32 {
        let script_pubkey = active.descriptor.script(Keychain::Receive, index);
        let script_pubkey = script_pubkey.ok_or_else(|| otherwise("there is no script"))?;
        let elsewhere = Txid::from_byte_array(sha256::Hash::hash(&index.to_le_bytes()).to_byte_array());
        let previous = unsigned(vec![spend(OutPoint::new(elsewhere, 0))], vec![TxOut { value: COIN, script_pubkey }]);
        input.push(spend(OutPoint::new(previous.compute_txid(), 0)));
        claims.push(InputClaim { amount: COIN.to_sat(), keychain: Keychain::Receive, index });
        evidence.previous.insert(previous.compute_txid(), previous);
    }
    let value = COIN * INPUTS_LIMIT as u64 - Amount::from_sat(10_000);
    let script_pubkey = ScriptBuf::new_p2wsh(&ScriptBuf::new().wscript_hash());
    let transaction = unsigned(input, vec![TxOut { value, script_pubkey }]);
    Ok((Proposal::new(&transaction, claims, None, "bench".to_owned()), evidence))
}

fn spend(previous_output: OutPoint) -> TxIn {
    TxIn { previous_output, sequence: Sequence::ENABLE_RBF_NO_LOCKTIME, ..TxIn::default() }
}

fn unsigned(input: Vec<TxIn>, output: Vec<TxOut>) -> Transaction {
    Transaction { version: transaction::Version::TWO, lock_time: absolute::LockTime::ZERO, input, output }
}

/// The work without which nobody can sign this payment: each input's five keys from their chain's key, the hash, our own
/// key and its signature.
fn bare(checked: &CheckedProposal, threads: usize) -> Result<Duration, BenchError> {
    let bip32 = |error: bitcoin::bip32::Error| otherwise(&error.to_string());
    let child = |index| ChildNumber::from_normal_idx(index).map_err(bip32);
    let chain = child(0)?;
    let mut keys: Vec<Xpub> = Vec::new();
    for member in 0..usize::from(MEMBERS) {
        let account = AccountKey::parse(&software_key(member).account_key(), ScriptKind::default(), NETWORK);
        let account = account.map_err(|fault| otherwise(&fault.to_string()))?;
        keys.push(account.xpub.derive_pub(SECP256K1, &[chain]).map_err(bip32)?);
    }
    // Any private key does: what is measured is the time.
    let own =
        Xpriv::new_master(NETWORK, &[7; 32]).and_then(|key| key.derive_priv(SECP256K1, &[chain])).map_err(bip32)?;
    let positions: Vec<usize> = (0..checked.inputs.len()).collect();
    let began = Instant::now();
    let done: usize = std::thread::scope(|scope| {
        let parts = positions.chunks(positions.len().div_ceil(threads).max(1));
        let parts: Vec<_> = parts.map(|part| scope.spawn(|| bare_part(checked, &keys, &own, part))).collect();
        parts.into_iter().filter_map(|part| part.join().ok().flatten()).sum()
    });
    let time = began.elapsed();
    if done == positions.len() { Ok(time) } else { Err(otherwise("the bare work was not done")) }
}

fn bare_part(checked: &CheckedProposal, keys: &[Xpub], own: &Xpriv, positions: &[usize]) -> Option<usize> {
    let mut cache = SighashCache::new(&checked.transaction);
    for position in positions {
        let input = checked.inputs.get(*position)?;
        let step = [ChildNumber::from_normal_idx(input.index).ok()?];
        let mut derived: Vec<_> =
            keys.iter().map(|key| key.derive_pub(SECP256K1, &step).ok().map(|it| it.public_key.serialize())).collect();
        derived.sort_unstable();
        let mut script = bitcoin::script::Builder::new().push_int(i64::from(THRESHOLD));
        for key in derived {
            script = script.push_slice(key?);
        }
        let script = script.push_int(i64::from(MEMBERS)).push_opcode(bitcoin::opcodes::all::OP_CHECKMULTISIG);
        let script = script.into_script();
        let hash = cache.p2wsh_signature_hash(*position, &script, input.amount, EcdsaSighashType::All).ok()?;
        let key = own.derive_priv(SECP256K1, &step).ok()?;
        let signature = SECP256K1.sign_ecdsa(&Message::from(hash), &key.private_key);
        std::hint::black_box(signature);
    }
    Some(positions.len())
}
