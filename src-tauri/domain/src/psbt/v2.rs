//! PSBT version 2 (BIP370) and version 0 (BIP174), made of one another as raw maps. Everything that only one version has is
//! known here; every other pair passes unchanged.

use bitcoin::absolute::{LOCK_TIME_THRESHOLD, LockTime};
use bitcoin::consensus::encode::{deserialize_partial, serialize};
use bitcoin::hashes::Hash as _;
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness};

use super::file::FileFault;
use super::raw::{Map, Maps, Pair, Reader, write_size};

pub(super) const GLOBAL_UNSIGNED_TX: u8 = 0x00;
const GLOBAL_TX_VERSION: u8 = 0x02;
pub(super) const GLOBAL_FALLBACK_LOCKTIME: u8 = 0x03;
pub(super) const GLOBAL_INPUT_COUNT: u8 = 0x04;
pub(super) const GLOBAL_OUTPUT_COUNT: u8 = 0x05;
pub(super) const GLOBAL_TX_MODIFIABLE: u8 = 0x06;
pub(super) const GLOBAL_VERSION: u8 = 0xfb;
const IN_PREVIOUS_TXID: u8 = 0x0e;
const IN_OUTPUT_INDEX: u8 = 0x0f;
const IN_SEQUENCE: u8 = 0x10;
const IN_REQUIRED_TIME: u8 = 0x11;
const IN_REQUIRED_HEIGHT: u8 = 0x12;
const OUT_AMOUNT: u8 = 0x03;
const OUT_SCRIPT: u8 = 0x04;
const OUT_SILENT_PAYMENT: u8 = 0x09;

const GLOBAL_V2: [u8; 5] =
    [GLOBAL_TX_VERSION, GLOBAL_FALLBACK_LOCKTIME, GLOBAL_INPUT_COUNT, GLOBAL_OUTPUT_COUNT, GLOBAL_TX_MODIFIABLE];
const IN_V2: [u8; 5] = [IN_PREVIOUS_TXID, IN_OUTPUT_INDEX, IN_SEQUENCE, IN_REQUIRED_TIME, IN_REQUIRED_HEIGHT];
const OUT_V2: [u8; 2] = [OUT_AMOUNT, OUT_SCRIPT];

/// What a version 2 PSBT says that version 0 has no field for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modifiable {
    /// Inputs may still be added or removed.
    pub inputs: bool,
    /// Outputs may still be added or removed.
    pub outputs: bool,
    /// A signature with SIGHASH_SINGLE pairs inputs with outputs.
    pub single: bool,
}

/// The maps of a file with the version that it says.
pub(super) struct Read {
    pub maps: Maps,
    pub two: bool,
}

/// Reads all maps, as many as the global map says.
pub(super) fn read(bytes: &[u8]) -> Result<Read, FileFault> {
    let mut reader = Reader::new(bytes)?;
    let global = reader.map("the global map")?;
    let two = match global.get(GLOBAL_VERSION) {
        None => false,
        Some(pair) => match fixed::<4>(pair, "version")?.map(u32::from_le_bytes) {
            Some(0) => false,
            Some(2) => true,
            _ => return Err(FileFault::malformed("its version is neither 0 nor 2", Some(pair.offset))),
        },
    };
    let (inputs, outputs) = if two {
        if let Some(pair) = global.get(GLOBAL_UNSIGNED_TX) {
            return Err(FileFault::malformed("a version 2 PSBT has no unsigned transaction", Some(pair.offset)));
        }
        (count(&global, GLOBAL_INPUT_COUNT, "input count")?, count(&global, GLOBAL_OUTPUT_COUNT, "output count")?)
    } else {
        let transaction = unsigned(&global)?;
        (transaction.input.len() as u64, transaction.output.len() as u64)
    };
    let inputs = reader.maps(inputs, "input")?;
    let outputs = reader.maps(outputs, "output")?;
    let maps = Maps { global, inputs, outputs };
    if !two {
        refuse_fields_of_v2(&maps)?;
    }
    let rest = reader.rest();
    if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
        let reason = format!("{} bytes follow after its end", rest.len());
        return Err(FileFault::malformed(reason, Some(reader.at())));
    }
    Ok(Read { maps, two })
}

/// The unsigned transaction of a version 0 PSBT.
pub(super) fn unsigned(global: &Map) -> Result<Transaction, FileFault> {
    let missing = || FileFault::malformed("the unsigned transaction is missing", None);
    let pair = global.get(GLOBAL_UNSIGNED_TX).ok_or_else(missing)?;
    let malformed = |reason: String| {
        FileFault::malformed(format!("the unsigned transaction cannot be read: {reason}"), Some(pair.offset))
    };
    // By hand, and not as a transaction with witnesses: one without inputs looks like that.
    let mut at = 0;
    macro_rules! next {
        () => {{
            let rest = pair.value.get(at..).unwrap_or_default();
            let (value, used) = deserialize_partial(rest).map_err(|error| malformed(error.to_string()))?;
            at += used;
            value
        }};
    }
    let transaction = Transaction { version: next!(), input: next!(), output: next!(), lock_time: next!() };
    if at != pair.value.len() {
        return Err(malformed("bytes follow after its end".to_owned()));
    }
    if transaction.input.iter().any(|input| !input.script_sig.is_empty() || !input.witness.is_empty()) {
        return Err(malformed("it has signatures in it".to_owned()));
    }
    Ok(transaction)
}

fn write_unsigned(transaction: &Transaction) -> Vec<u8> {
    [
        serialize(&transaction.version),
        serialize(&transaction.input),
        serialize(&transaction.output),
        serialize(&transaction.lock_time),
    ]
    .concat()
}

fn refuse_fields_of_v2(maps: &Maps) -> Result<(), FileFault> {
    let refuse = |maps: &[Map], kinds: &[u8]| {
        let mut pairs = maps.iter().flat_map(|map| &map.pairs);
        match pairs.find(|pair| pair.key.len() == 1 && kinds.contains(&pair.kind())) {
            Some(pair) => {
                let reason = format!("a version 0 PSBT has no field of type {:#04x} (that is version 2)", pair.kind());
                Err(FileFault::malformed(reason, Some(pair.offset)))
            }
            None => Ok(()),
        }
    };
    refuse(std::slice::from_ref(&maps.global), &GLOBAL_V2)?;
    refuse(&maps.inputs, &IN_V2)?;
    refuse(&maps.outputs, &OUT_V2)
}

/// The value of a pair as so many bytes.
fn fixed<const N: usize>(pair: &Pair, what: &str) -> Result<Option<[u8; N]>, FileFault> {
    match <[u8; N]>::try_from(pair.value.as_slice()) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(_) => Err(FileFault::malformed(
            format!("the {what} has {} bytes instead of {N}", pair.value.len()),
            Some(pair.offset),
        )),
    }
}

fn optional<const N: usize>(map: &Map, kind: u8, what: &str) -> Result<Option<[u8; N]>, FileFault> {
    map.get(kind).map_or(Ok(None), |pair| fixed(pair, what))
}

fn required<const N: usize>(map: &Map, kind: u8, what: &str, place: &str) -> Result<[u8; N], FileFault> {
    let offset = map.pairs.first().map(|pair| pair.offset);
    optional(map, kind, what)?.ok_or_else(|| FileFault::malformed(format!("{place} has no {what}"), offset))
}

fn count(global: &Map, kind: u8, what: &str) -> Result<u64, FileFault> {
    let missing = || FileFault::malformed(format!("the {what} is missing"), None);
    let pair = global.get(kind).ok_or_else(missing)?;
    // Some programs write four bytes where BIP370 wants the compact form; no compact form has four.
    if let Ok(four) = <[u8; 4]>::try_from(pair.value.as_slice()) {
        return Ok(u64::from(u32::from_le_bytes(four)));
    }
    let bytes = [super::raw::MAGIC, &pair.value].concat();
    let mut reader = Reader::new(&bytes)?;
    match (reader.size(what), reader.left()) {
        (Ok(count), 0) => Ok(count),
        _ => Err(FileFault::malformed(format!("the {what} is not a number"), Some(pair.offset))),
    }
}

/// What may still be changed in a version 2 PSBT.
pub(super) fn modifiable(global: &Map) -> Result<Modifiable, FileFault> {
    let [flags] = optional::<1>(global, GLOBAL_TX_MODIFIABLE, "modifiable flags")?.unwrap_or_default();
    Ok(Modifiable { inputs: flags & 1 != 0, outputs: flags & 2 != 0, single: flags & 4 != 0 })
}

/// The lock time that the inputs and the fallback of a version 2 PSBT give, as BIP370 says.
fn lock_time(maps: &Maps) -> Result<LockTime, FileFault> {
    let fallback = optional(&maps.global, GLOBAL_FALLBACK_LOCKTIME, "fallback lock time")?.map(u32::from_le_bytes);
    let (mut heights, mut times, mut asking) = (vec![], vec![], 0);
    for (number, input) in maps.inputs.iter().enumerate() {
        let height = optional(input, IN_REQUIRED_HEIGHT, "required height")?.map(u32::from_le_bytes);
        let time = optional(input, IN_REQUIRED_TIME, "required time")?.map(u32::from_le_bytes);
        let wrong = height.is_some_and(|height| height == 0 || height >= LOCK_TIME_THRESHOLD)
            || time.is_some_and(|time| time < LOCK_TIME_THRESHOLD);
        if wrong {
            let reason = format!("input {number} requires a height or time that is none");
            return Err(FileFault::malformed(reason, input.pairs.first().map(|pair| pair.offset)));
        }
        asking += usize::from(height.is_some() || time.is_some());
        heights.extend(height);
        times.extend(time);
    }
    let lock = if asking == 0 {
        fallback.unwrap_or(0)
    } else if heights.len() == asking {
        heights.into_iter().max().unwrap_or(0)
    } else if times.len() == asking {
        times.into_iter().max().unwrap_or(0)
    } else {
        return Err(FileFault::malformed("some inputs require a height and others a time: no lock time is both", None));
    };
    Ok(LockTime::from_consensus(lock))
}

/// A version 2 PSBT as version 0.
pub(super) fn to_v0(maps: &Maps) -> Result<Maps, FileFault> {
    modifiable(&maps.global)?;
    let version = required(&maps.global, GLOBAL_TX_VERSION, "transaction version", "the global map")?;
    let mut transaction = Transaction {
        version: Version(i32::from_le_bytes(version)),
        lock_time: lock_time(maps)?,
        input: Vec::with_capacity(maps.inputs.len()),
        output: Vec::with_capacity(maps.outputs.len()),
    };
    for (number, input) in maps.inputs.iter().enumerate() {
        let place = format!("input {number}");
        let txid = Txid::from_byte_array(required(input, IN_PREVIOUS_TXID, "previous transaction id", &place)?);
        let vout = u32::from_le_bytes(required(input, IN_OUTPUT_INDEX, "output index", &place)?);
        let sequence = optional(input, IN_SEQUENCE, "sequence")?.map_or(u32::MAX, u32::from_le_bytes);
        transaction.input.push(TxIn {
            previous_output: OutPoint { txid, vout },
            script_sig: ScriptBuf::new(),
            sequence: Sequence(sequence),
            witness: Witness::new(),
        });
    }
    for (number, output) in maps.outputs.iter().enumerate() {
        let place = format!("output {number}");
        let value = u64::from_le_bytes(required(output, OUT_AMOUNT, "amount", &place)?);
        let Some(script) = output.get(OUT_SCRIPT) else {
            let offset = output.pairs.first().map(|pair| pair.offset);
            if output.get(OUT_SILENT_PAYMENT).is_some() {
                let what = format!("{place} without a script, to a silent payment address (BIP375),");
                return Err(FileFault::Unsupported { what, offset });
            }
            return Err(FileFault::malformed(format!("{place} has no script"), offset));
        };
        let script_pubkey = ScriptBuf::from_bytes(script.value.clone());
        transaction.output.push(TxOut { value: Amount::from_sat(value), script_pubkey });
    }
    let mut v0 = maps.clone();
    strip(&mut v0);
    v0.global.set(vec![GLOBAL_UNSIGNED_TX], write_unsigned(&transaction));
    Ok(v0)
}

/// A version 0 PSBT as version 2: nothing may be modified, the lock time stands as fallback.
pub(super) fn to_v2(maps: &Maps) -> Result<Maps, FileFault> {
    let transaction = unsigned(&maps.global)?;
    let mut v2 = maps.clone();
    let size = |number: usize| {
        let mut out = vec![];
        write_size(number, &mut out);
        out
    };
    v2.global.remove(GLOBAL_UNSIGNED_TX);
    v2.global.set(vec![GLOBAL_TX_VERSION], transaction.version.0.to_le_bytes().to_vec());
    if transaction.lock_time != LockTime::ZERO {
        let lock = transaction.lock_time.to_consensus_u32();
        v2.global.set(vec![GLOBAL_FALLBACK_LOCKTIME], lock.to_le_bytes().to_vec());
    }
    v2.global.set(vec![GLOBAL_INPUT_COUNT], size(transaction.input.len()));
    v2.global.set(vec![GLOBAL_OUTPUT_COUNT], size(transaction.output.len()));
    v2.global.set(vec![GLOBAL_VERSION], 2u32.to_le_bytes().to_vec());
    for (map, input) in v2.inputs.iter_mut().zip(&transaction.input) {
        map.set(vec![IN_PREVIOUS_TXID], input.previous_output.txid.to_byte_array().to_vec());
        map.set(vec![IN_OUTPUT_INDEX], input.previous_output.vout.to_le_bytes().to_vec());
        if input.sequence != Sequence::MAX {
            map.set(vec![IN_SEQUENCE], input.sequence.0.to_le_bytes().to_vec());
        }
    }
    for (map, output) in v2.outputs.iter_mut().zip(&transaction.output) {
        map.set(vec![OUT_AMOUNT], output.value.to_sat().to_le_bytes().to_vec());
        map.set(vec![OUT_SCRIPT], output.script_pubkey.to_bytes());
    }
    Ok(v2)
}

/// What is lost when a version 2 PSBT becomes version 0, in words.
pub(super) fn lost(maps: &Maps) -> Vec<String> {
    let mut lost = vec![];
    if maps.global.get(GLOBAL_TX_MODIFIABLE).is_some_and(|pair| pair.value != [0]) {
        lost.push("what may still be modified: version 0 has no such field".to_owned());
    }
    for (number, input) in maps.inputs.iter().enumerate() {
        if input.get(IN_REQUIRED_TIME).or_else(|| input.get(IN_REQUIRED_HEIGHT)).is_some() {
            lost.push(format!("the lock time that input {number} requires: the computed one stands"));
        }
    }
    lost
}

/// Notes in a version 2 PSBT that its transaction is signed: nothing may be added to it any more.
pub(super) fn close(maps: &mut Maps) {
    if maps.global.get(GLOBAL_TX_MODIFIABLE).is_some() {
        maps.global.set(vec![GLOBAL_TX_MODIFIABLE], vec![0]);
    }
}

fn strip(maps: &mut Maps) {
    let strip = |map: &mut Map, kinds: &[u8]| kinds.iter().for_each(|kind| map.remove(*kind));
    strip(&mut maps.global, &GLOBAL_V2);
    maps.global.remove(GLOBAL_VERSION);
    maps.inputs.iter_mut().for_each(|map| strip(map, &IN_V2));
    maps.outputs.iter_mut().for_each(|map| strip(map, &OUT_V2));
}
