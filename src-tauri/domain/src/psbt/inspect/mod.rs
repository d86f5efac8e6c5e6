//! The one judge of a PSBT: what it says, what of it is proven, and what is dangerous in it. It reads the PSBT and a
//! descriptor, and nothing else; a text about a payment is never asked.

mod coin;
mod finals;
mod inputs;
mod outputs;
mod ownership;
mod report;
mod signatures;
mod size;
mod whole;

use bitcoin::psbt::Psbt;
use bitcoin::{Address, Network, Script};

pub use finals::Verifier;
pub use report::{
    Found, InputReport, InputState, Inspection, LockKind, LockTime, OutputKind, OutputReport, Progress, Proof, Remark,
    SignatureReport,
};

pub(super) use coin::{Spend, coin, spend};
pub(super) use finals::{filled, is_final};
pub(super) use signatures::{Validity, Verification};

use coin::Coin;
use ownership::Search;

use super::file::PsbtFile;
use crate::watched::WatchedDescriptor;

/// Largest weight that the network carries, in weight units.
pub const WEIGHT_LIMIT: u64 = 400_000;
/// How far past the last used index money may come back.
pub const INDEX_GAP: u32 = 1_000;

/// How many times farther a coin that claims nothing is looked for than an output.
const INPUT_SEARCH: u32 = 5;

/// By what an inspection judges, beside the descriptor.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How addresses are written.
    pub network: Network,
    /// Height of the newest block, in blocks, if it is known.
    pub tip: Option<u32>,
    /// The time, in seconds since 1970, if it is known.
    pub now: Option<u32>,
    /// The last index that was used, where it is higher than what the inputs show.
    pub last_index: Option<u32>,
    /// An amount that is not proven is a danger even without a descriptor.
    pub strict: bool,
    /// How many indices past the last used one are tried for outputs that claim nothing; five times as many for inputs.
    pub search: u32,
    /// Scripts that claim nothing are not looked for at all: for a PSBT made here, where all that is ours says so.
    pub claimed_only: bool,
    /// Runs final scripts by bitcoin's own rules; without it miniscript's interpreter alone does.
    pub verifier: Option<Verifier>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            network: Network::Bitcoin,
            tip: None,
            now: None,
            last_index: None,
            strict: false,
            search: 200,
            claimed_only: false,
            verifier: None,
        }
    }
}

/// Inspects a file: what [`inspect`] says, and signatures in it that cannot be read.
pub fn inspect_file(file: &PsbtFile, descriptor: Option<&WatchedDescriptor>, bounds: &Bounds) -> Inspection {
    let mut inspection = inspect(file.psbt(), descriptor, bounds);
    for signature in file.unreadable() {
        let message = format!("the signature by {} cannot be read: {}", signature.key, signature.reason);
        inspection.findings.push(Found::input(signature.finding, signature.input, message));
    }
    inspection
}

/// Inspects a PSBT. Without a descriptor nothing is ours and nothing is change.
pub fn inspect(psbt: &Psbt, descriptor: Option<&WatchedDescriptor>, bounds: &Bounds) -> Inspection {
    let transaction = &psbt.unsigned_tx;
    let mut findings = vec![];
    let coins: Vec<Coin> = (0..psbt.inputs.len()).map(|number| coin(psbt, number, &mut findings)).collect();
    let mut work = Work {
        psbt,
        bounds,
        search: descriptor.map(|descriptor| Search::new(descriptor, bounds.claimed_only)),
        strict: bounds.strict || descriptor.is_some(),
        coins: &coins,
        findings,
        not_proven: vec![],
        notes: vec![],
        last_index: bounds.last_index,
    };
    let oversize = transaction.weight().to_wu() > WEIGHT_LIMIT;
    let (inputs, weights) = if oversize { (vec![], vec![]) } else { work.inputs() };
    let outputs = if oversize { vec![] } else { work.outputs() };
    work.coins_twice();
    if let Some(descriptor) = descriptor {
        work.extended_keys(descriptor);
    }
    let lock_time = work.lock_time();
    let total = work.totals(&inputs, &outputs, &weights, oversize);
    if descriptor.is_none() {
        let owner = "without a descriptor nobody can tell whose coins these are";
        let change = "without a descriptor nothing is known to come back: every output counts as a payment";
        work.not_proven.insert(0, Remark::whole("ownership", owner));
        work.not_proven.insert(1, Remark::whole("change", change));
    }
    let all_final = !inputs.is_empty() && inputs.iter().all(|input| input.state == InputState::Final);
    let done = |input: &InputReport| matches!(input.state, InputState::Final | InputState::Complete);
    Inspection {
        txid: transaction.compute_txid(),
        final_txid: all_final.then(|| filled(psbt).compute_txid()),
        transaction_version: transaction.version.0,
        lock_time,
        replaceable: transaction.input.iter().any(|input| input.sequence.is_rbf()),
        input_sat: total.inputs,
        output_sat: total.outputs,
        leaves_sat: total.leaves,
        fee_sat: total.fee,
        fee_proven: total.proven,
        weight: total.weight,
        vsize: total.weight.map(|weight| weight.div_ceil(4)),
        size_exact: all_final,
        fee_rate: total.fee.zip(total.weight).map(|(fee, weight)| rate(fee, weight.div_ceil(4))),
        progress: inputs.iter().map(|input| input.progress).min_by_key(still_needed).flatten(),
        complete: !inputs.is_empty() && inputs.iter().all(done),
        all_final,
        inputs,
        outputs,
        not_proven: work.not_proven,
        notes: work.notes,
        findings: work.findings,
    }
}

/// Inputs of which nothing is known first, then those that need most.
fn still_needed(progress: &Option<Progress>) -> (bool, std::cmp::Reverse<usize>) {
    let lacking = progress.map_or(0, |progress| progress.need.saturating_sub(progress.have));
    (progress.is_some(), std::cmp::Reverse(lacking))
}

fn rate(fee: u64, vsize: u64) -> f64 {
    (fee as f64 / vsize.max(1) as f64 * 100.0).round() / 100.0
}

/// An inspection while it is made.
struct Work<'a> {
    psbt: &'a Psbt,
    bounds: &'a Bounds,
    search: Option<Search<'a>>,
    strict: bool,
    coins: &'a [Coin],
    findings: Vec<Found>,
    not_proven: Vec<Remark>,
    notes: Vec<Remark>,
    /// The highest index that the inputs use, or that was told.
    last_index: Option<u32>,
}

impl Work<'_> {
    fn address(&self, script: &Script) -> Option<String> {
        Address::from_script(script, self.bounds.network).ok().map(|address| address.to_string())
    }
}
