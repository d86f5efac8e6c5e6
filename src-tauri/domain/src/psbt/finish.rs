//! Signatures put together into final scripts (BIP174's finalizer), each input run before it counts, and the transaction
//! taken out.

use bitcoin::psbt::Psbt;
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{Transaction, TxOut};
use miniscript::psbt::PsbtExt as _;

use super::file::{FileFault, PsbtFile};
use super::inspect::{
    Bounds, Found, InputState, Inspection, Progress, Validity, Verification, coin, filled, inspect_file, is_final,
    spend,
};
use super::raw::Map;
use crate::watched::WatchedDescriptor;

const IN_FINAL_SCRIPT: u8 = 0x07;
const IN_FINAL_WITNESS: u8 = 0x08;
/// What a final input has no use for: signatures, scripts, keys, preimages.
const IN_OPEN: [u8; 20] = [
    0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x1a, 0x1b,
    0x1c,
];

/// Why a PSBT is not made final.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FinishFault {
    /// It has dangers.
    #[error("{}", findings.first().map_or("", |found| found.message.as_str()))]
    Dangerous {
        /// Which.
        findings: Vec<Found>,
    },
    /// Signatures are missing.
    #[error("input {input} has {} of {} signatures", progress.have, progress.need)]
    Missing {
        /// Which input; the first.
        input: usize,
        /// How many there are, and must be.
        progress: Progress,
    },
    /// There seem to be enough signatures, and still nothing satisfies the script.
    #[error("input {input} cannot be made final: {reason}")]
    NotSatisfied {
        /// Which input.
        input: usize,
        /// What the library said.
        reason: String,
    },
    /// It has no inputs, or what came out cannot be read again.
    #[error(transparent)]
    File(#[from] FileFault),
}

impl FinishFault {
    /// The dangers by their fixed names; none where something is only missing.
    pub fn findings(&self) -> Vec<Found> {
        match self {
            FinishFault::Dangerous { findings } => findings.clone(),
            FinishFault::Missing { .. } | FinishFault::NotSatisfied { .. } => vec![],
            FinishFault::File(fault) => vec![Found::whole(fault.finding(), fault.to_string())],
        }
    }
}

/// What was made final.
#[derive(Debug, Clone)]
pub struct Finished {
    /// In the version and encoding that it came in.
    pub file: PsbtFile,
    /// What it says now.
    pub inspection: Inspection,
    /// The transaction, to be sent as it is.
    pub transaction: Transaction,
}

/// Makes every input final, runs it, and takes the transaction out. Inputs that are final stay as they are.
pub fn finish(
    file: &PsbtFile,
    descriptor: Option<&WatchedDescriptor>,
    bounds: &Bounds,
) -> Result<Finished, FinishFault> {
    let inspection = inspect_file(file, descriptor, bounds);
    if !inspection.findings.is_empty() {
        return Err(FinishFault::Dangerous { findings: inspection.findings });
    }
    if inspection.inputs.is_empty() {
        return Err(FileFault::malformed("it has no inputs", None).into());
    }
    let mut psbt = prepared(file.psbt());
    let mut maps = file.maps().clone();
    for (number, report) in inspection.inputs.iter().enumerate() {
        if report.state == InputState::Final {
            continue;
        }
        if let Some(progress) = report.progress.filter(|_| report.state != InputState::Complete) {
            return Err(FinishFault::Missing { input: number, progress });
        }
        let not_satisfied = |reason: String| FinishFault::NotSatisfied { input: number, reason };
        if report.amount_sat.is_none() {
            return Err(not_satisfied("what it spends is not told".to_owned()));
        }
        let mut tried = psbt.clone();
        if let Err(error) = tried.finalize_inp_mut(SECP256K1, number) {
            tried = psbt.clone();
            let malleable = tried.finalize_inp_mall_mut(SECP256K1, number);
            malleable.map_err(|_| not_satisfied(error.to_string()))?;
        }
        psbt = tried;
        if let (Some(map), Some(input)) = (maps.inputs.get_mut(number), psbt.inputs.get(number)) {
            close(map, input);
        }
    }
    let file = file.with_maps(maps)?;
    let inspection = inspect_file(&file, descriptor, bounds);
    if !inspection.findings.is_empty() {
        return Err(FinishFault::Dangerous { findings: inspection.findings });
    }
    if !inspection.all_final {
        let open = inspection.inputs.iter().find(|input| input.state != InputState::Final);
        let input = open.map_or(0, |input| input.input);
        return Err(FinishFault::NotSatisfied { input, reason: "its scripts could not be verified".to_owned() });
    }
    let transaction = filled(file.psbt());
    Ok(Finished { file, inspection, transaction })
}

/// The PSBT as the library wants it: what is spent at every input, and valid signatures alone.
fn prepared(psbt: &Psbt) -> Psbt {
    let mut ready = psbt.clone();
    let spent: Vec<Option<TxOut>> = (0..psbt.inputs.len()).map(|at| coin(psbt, at, &mut vec![]).output).collect();
    let all: Option<Vec<TxOut>> = spent.iter().cloned().collect();
    let mut verification = Verification::new(psbt, all.as_deref());
    for (number, (input, output)) in ready.inputs.iter_mut().zip(spent).enumerate() {
        // The library looks for the coin in a previous transaction without asking whether it is there.
        input.non_witness_utxo = None;
        input.witness_utxo = Some(output.clone().unwrap_or(TxOut::NULL));
        input.sighash_type = None;
        if is_final(input) {
            continue;
        }
        input.final_script_sig = None;
        input.final_script_witness = None;
        if let Some(output) = output {
            let spend = spend(input, number, &output.script_pubkey, &mut vec![]);
            for it in verification.judge(input, number, &spend, Some(output.value)) {
                if it.validity != Validity::Valid {
                    it.take_from(input);
                }
            }
        }
    }
    ready
}

fn close(map: &mut Map, input: &bitcoin::psbt::Input) {
    map.pairs.retain(|pair| !IN_OPEN.contains(&pair.kind()));
    if let Some(script) = &input.final_script_sig {
        map.set(vec![IN_FINAL_SCRIPT], script.to_bytes());
    }
    if let Some(witness) = &input.final_script_witness {
        map.set(vec![IN_FINAL_WITNESS], bitcoin::consensus::encode::serialize(witness));
    }
}
