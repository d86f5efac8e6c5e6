//! Several files of one transaction made into one (BIP174's combiner). Every signature that is taken is verified; what two
//! files say differently is named and nothing is chosen in silence.

use bitcoin::Transaction;
use bitcoin::consensus::encode::deserialize;
use conclave_shared::Finding;

use super::file::{FileFault, PsbtFile};
use super::inspect::{Bounds, Found, Inspection, Remark, inspect_file, is_final};
use super::raw::Map;
use super::v2;
use crate::watched::WatchedDescriptor;

const IN_PREVIOUS_TRANSACTION: u8 = 0x00;
const IN_PARTIAL_SIGNATURE: u8 = 0x02;
const IN_SIGHASH: u8 = 0x03;
const IN_TAP_KEY_SIGNATURE: u8 = 0x13;
const IN_TAP_SCRIPT_SIGNATURE: u8 = 0x14;

/// Why files are not combined.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CombineFault {
    /// There is none.
    #[error("there is no file to combine")]
    Empty,
    /// One is about another transaction.
    #[error("file {file} is of another transaction than the first: {difference}")]
    OtherTransaction {
        /// Which file, from 1.
        file: usize,
        /// In what they differ.
        difference: String,
    },
    /// Two say different things in one field.
    #[error("file {file} says something else than those before it in {place}, field {field}")]
    Conflict {
        /// Which file, from 1.
        file: usize,
        /// In which map.
        place: String,
        /// Which field: its type.
        field: String,
    },
    /// One file, or all together, have dangers.
    #[error("{}: {}", file.map_or("together".to_owned(), |file| format!("file {file}")), first(findings))]
    Dangerous {
        /// Which file, from 1; none where it shows only in what they make together.
        file: Option<usize>,
        /// The dangers.
        findings: Vec<Found>,
    },
    /// What came out cannot be read again.
    #[error(transparent)]
    File(#[from] FileFault),
}

fn first(findings: &[Found]) -> String {
    findings.first().map_or_else(String::new, |found| found.message.clone())
}

impl CombineFault {
    /// The dangers by their fixed names.
    pub fn findings(&self) -> Vec<Found> {
        match self {
            CombineFault::Empty => vec![],
            CombineFault::OtherTransaction { .. } => vec![Found::whole(Finding::OutputsChanged, self.to_string())],
            CombineFault::Conflict { .. } => vec![Found::whole(Finding::FieldsConflict, self.to_string())],
            CombineFault::Dangerous { findings, .. } => findings.clone(),
            CombineFault::File(fault) => vec![Found::whole(fault.finding(), fault.to_string())],
        }
    }
}

/// What combining made.
#[derive(Debug, Clone)]
pub struct Combined {
    /// In the version and encoding of the first file.
    pub file: PsbtFile,
    /// What it says now.
    pub inspection: Inspection,
    /// What was not taken over, and why.
    pub remarks: Vec<Remark>,
}

/// Combines files, in whatever order they come.
pub fn combine(
    files: &[PsbtFile],
    descriptor: Option<&WatchedDescriptor>,
    bounds: &Bounds,
) -> Result<Combined, CombineFault> {
    let first = files.first().ok_or(CombineFault::Empty)?;
    let mut maps = first.maps().clone();
    let mut remarks = vec![];
    for (number, file) in (1..).zip(files) {
        if let Some(difference) = difference(first, file) {
            return Err(CombineFault::OtherTransaction { file: number, difference });
        }
    }
    for (number, file) in (1..).zip(files) {
        refuse_dangers(Some(number), inspect_file(file, descriptor, bounds))?;
    }
    for (number, file) in (1..).zip(files).skip(1) {
        let (file, lost) = file.converted(first.version())?;
        remarks.extend(lost.into_iter().map(|it| Remark::whole("field-lost", format!("file {number}: {it}"))));
        let other = file.maps();
        merge_global(&mut maps.global, &other.global, number)?;
        for (at, (map, other)) in maps.inputs.iter_mut().zip(&other.inputs).enumerate() {
            merge(map, other, number, &format!("input {at}"), |kind, own, theirs| match kind {
                // Two good signatures of one key: one is enough, whichever.
                IN_PARTIAL_SIGNATURE | IN_TAP_KEY_SIGNATURE | IN_TAP_SCRIPT_SIGNATURE => {
                    let message = "two valid signatures by one key: the lesser one was taken";
                    remarks.push(Remark::input("signature-twice", at, message));
                    true
                }
                // With or without its own signatures it is the same previous transaction.
                IN_PREVIOUS_TRANSACTION => same_transaction(own, theirs),
                _ => false,
            })?;
        }
        for (at, (map, other)) in maps.outputs.iter_mut().zip(&other.outputs).enumerate() {
            merge(map, other, number, &format!("output {at}"), |_, _, _| false)?;
        }
    }
    let together = first.with_maps(maps.clone())?;
    for (number, (map, input)) in maps.inputs.iter_mut().zip(&together.psbt().inputs).enumerate() {
        let before = map.pairs.len();
        if is_final(input) {
            let open = [IN_PARTIAL_SIGNATURE, IN_SIGHASH, IN_TAP_KEY_SIGNATURE, IN_TAP_SCRIPT_SIGNATURE];
            map.pairs.retain(|pair| !open.contains(&pair.kind()));
        }
        if map.pairs.len() < before {
            let message = "it is final in one file: single signatures of the others are not needed";
            remarks.push(Remark::input("signature-not-needed", number, message));
        }
    }
    let file = first.with_maps(maps)?;
    let inspection = refuse_dangers(None, inspect_file(&file, descriptor, bounds))?;
    Ok(Combined { file, inspection, remarks })
}

fn refuse_dangers(file: Option<usize>, inspection: Inspection) -> Result<Inspection, CombineFault> {
    if inspection.findings.is_empty() {
        return Ok(inspection);
    }
    Err(CombineFault::Dangerous { file, findings: inspection.findings })
}

fn difference(first: &PsbtFile, other: &PsbtFile) -> Option<String> {
    let (first, other) = (first.transaction(), other.transaction());
    if first == other {
        return None;
    }
    let coins = |it: &Transaction| it.input.iter().map(|input| input.previous_output).collect::<Vec<_>>();
    let what = if first.output != other.output {
        "its outputs"
    } else if coins(first) != coins(other) {
        "its inputs"
    } else {
        "its version, lock time or sequences"
    };
    Some(format!("{what} differ ({} and {})", first.compute_txid(), other.compute_txid()))
}

fn same_transaction(own: &[u8], theirs: &[u8]) -> bool {
    let txid = |bytes| deserialize::<Transaction>(bytes).ok().map(|transaction| transaction.compute_txid());
    txid(own).is_some_and(|own| Some(own) == txid(theirs))
}

fn merge_global(map: &mut Map, other: &Map, file: usize) -> Result<(), CombineFault> {
    let mut other = other.clone();
    // Both must agree that something may be modified.
    if let (Some(own), Some(theirs)) = (map.get(v2::GLOBAL_TX_MODIFIABLE), other.get(v2::GLOBAL_TX_MODIFIABLE))
        && let ([own], [theirs]) = (&own.value[..], &theirs.value[..])
    {
        let both = own & theirs & 0b011 | (own | theirs) & 0b100;
        map.set(vec![v2::GLOBAL_TX_MODIFIABLE], vec![both]);
        other.remove(v2::GLOBAL_TX_MODIFIABLE);
    }
    // The transactions are equal, however their versions write them.
    [v2::GLOBAL_INPUT_COUNT, v2::GLOBAL_OUTPUT_COUNT, v2::GLOBAL_FALLBACK_LOCKTIME, v2::GLOBAL_VERSION]
        .iter()
        .for_each(|kind| other.remove(*kind));
    merge(map, &other, file, "the global map", |_, _, _| false)
}

/// Takes over what is not there yet. `lesser` says whether of two values the lesser one is to be taken.
fn merge(
    map: &mut Map,
    other: &Map,
    file: usize,
    place: &str,
    mut lesser: impl FnMut(u8, &[u8], &[u8]) -> bool,
) -> Result<(), CombineFault> {
    for pair in &other.pairs {
        match map.pairs.iter().find(|own| own.key == pair.key).map(|own| &own.value) {
            None => map.set(pair.key.clone(), pair.value.clone()),
            Some(own) if *own == pair.value => {}
            Some(own) if lesser(pair.kind(), own, &pair.value) => {
                let least = own.clone().min(pair.value.clone());
                map.set(pair.key.clone(), least);
            }
            Some(_) => {
                let field = format!("{:#04x}", pair.kind());
                return Err(CombineFault::Conflict { file, place: place.to_owned(), field });
            }
        }
    }
    Ok(())
}
