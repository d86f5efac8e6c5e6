//! An inspection in plain words.

use conclave_domain::descriptor::Keychain;
use conclave_domain::psbt::file::{Encoding, PsbtFile, PsbtVersion};
use conclave_domain::psbt::inspect::{
    InputReport, InputState, Inspection, LockKind, OutputKind, OutputReport, Proof, Remark, SignatureReport,
};
use conclave_shared::Sat;

use crate::cli::given::in_words;

pub(super) fn inspection(file: &PsbtFile, it: &Inspection) -> String {
    let version = match file.version() {
        PsbtVersion::V0 => "version 0 (BIP174)",
        PsbtVersion::V2 => "version 2 (BIP370)",
    };
    let encoding = match file.encoding() {
        Encoding::Binary => "binary",
        Encoding::Base64 => "base64",
        Encoding::Hex => "hexadecimal",
    };
    let mut lines = vec![format!("PSBT {version}, {encoding}, {} bytes", file.to_bytes().len())];
    lines.push(format!("transaction {}{}", it.txid, if it.all_final { "" } else { " (unsigned id)" }));
    if let Some(txid) = it.final_txid.filter(|txid| *txid != it.txid) {
        lines.push(format!("final id {txid}"));
    }
    lines.extend(it.inputs.iter().flat_map(input));
    lines.extend(it.outputs.iter().map(output));
    lines.push(fee(it));
    lines.push(lock_time(it));
    lines.push(format!("replaceable: {}", if it.replaceable { "yes (BIP125)" } else { "no" }));
    lines.push(state(it));
    lines.extend(it.notes.iter().map(|note| format!("note: {}", remark(note))));
    lines.extend(it.not_proven.iter().map(|it| format!("not proven: {}", remark(it))));
    if it.findings.is_empty() {
        lines.push("no danger found".to_owned());
    }
    lines.extend(it.findings.iter().map(|found| format!("DANGER: {}", in_words(found))));
    lines.into_iter().map(|line| format!("  {line}\n")).collect()
}

fn input(it: &InputReport) -> Vec<String> {
    let amount = it.amount_sat.map_or("an unknown amount".to_owned(), |sat| Sat(sat).to_string());
    let proof = match it.proof {
        Proof::PreviousTransaction => "proven by its previous transaction",
        Proof::Taproot => "a taproot signature commits to it",
        Proof::FinalScripts => "its final scripts commit to it",
        Proof::Claimed => "claimed, not proven",
        Proof::Missing => "not told",
    };
    let owner = match (it.ours, it.keychain, it.index) {
        (Some(true), Some(keychain), Some(index)) => format!("ours, {} {index}", chain(keychain)),
        (Some(_), _, _) => "not ours".to_owned(),
        (None, _, _) => "whose is not known".to_owned(),
    };
    let mut lines =
        vec![format!("input {}: {amount} ({proof}) from {}, {}, {owner}", it.input, it.outpoint, it.script_type)];
    let state = match it.state {
        InputState::Unsigned => "unsigned",
        InputState::PartlySigned => "partly signed",
        InputState::Complete => "enough signatures",
        InputState::Final => "final",
        InputState::FinalUnverified => "final, not verified",
        InputState::FinalInvalid => "final scripts that must not be trusted",
    };
    let progress =
        it.progress.map_or(String::new(), |it| format!(", {} of {} signatures ({} keys)", it.have, it.need, it.of));
    let sighash = it.sighash.as_ref().map_or(String::new(), |sighash| format!(", asks for {sighash}"));
    lines.push(format!("    {state}{progress}, sequence {:#010x}{sighash}", it.sequence));
    lines.extend(it.signatures.iter().map(signature));
    lines
}

fn signature(it: &SignatureReport) -> String {
    let whose = match (&it.fingerprint, &it.path) {
        (Some(fingerprint), Some(path)) => format!("{fingerprint}/{path}"),
        _ => it.key.clone(),
    };
    let valid = match (it.valid, &it.reason) {
        (Some(true), _) => "valid".to_owned(),
        (Some(false), Some(reason)) => format!("NOT VALID: {reason}"),
        (Some(false), None) => "NOT VALID".to_owned(),
        (None, _) => "not verified".to_owned(),
    };
    format!("    signed by {whose} ({}, {}): {valid}", it.kind, it.sighash)
}

fn output(it: &OutputReport) -> String {
    let place = it.index.map_or(String::new(), |index| format!(" {index}"));
    let kind = match it.kind {
        OutputKind::Payment => "payment".to_owned(),
        OutputKind::Change => format!("change{place}"),
        OutputKind::OwnReceiveAddress => format!("own receive address{place}"),
        OutputKind::OpReturn => "data".to_owned(),
    };
    let to = it.address.clone().unwrap_or_else(|| format!("script {}", it.script));
    format!("output {}: {} to {to}, {kind}", it.output, Sat(it.amount_sat))
}

fn fee(it: &Inspection) -> String {
    let Some(fee) = it.fee_sat else { return "fee: not known".to_owned() };
    let rate = it.fee_rate.map_or(String::new(), |rate| format!(", {rate} sat/vB"));
    let size = match (it.vsize, it.size_exact) {
        (Some(vsize), true) => format!(" of {vsize} vB"),
        (Some(vsize), false) => format!(" of at most about {vsize} vB when finished"),
        (None, _) => ", size not known".to_owned(),
    };
    let proven = if it.fee_proven { "" } else { " (not proven)" };
    format!("fee: {}{rate}{size}{proven}", Sat(fee))
}

fn lock_time(it: &Inspection) -> String {
    let lock = it.lock_time;
    let counts = if lock.effective { "" } else { " (does not count: every sequence is final)" };
    match lock.kind {
        LockKind::None => "lock time: none".to_owned(),
        LockKind::Height => format!("lock time: block {}{counts}", lock.value),
        LockKind::Time => format!("lock time: {} seconds since 1970{counts}", lock.value),
    }
}

/// How far it is.
pub(super) fn state(it: &Inspection) -> String {
    if it.all_final {
        return "state: final, every input verified".to_owned();
    }
    match it.progress {
        _ if it.complete => "state: complete, can be made final".to_owned(),
        Some(progress) => format!("state: {} of {} signatures", progress.have, progress.need),
        None => "state: signatures that are needed are not known".to_owned(),
    }
}

pub(super) fn remark(it: &Remark) -> String {
    match (it.input, it.output) {
        (Some(input), _) => format!("input {input}: {} ({})", it.message, it.name),
        (None, Some(output)) => format!("output {output}: {} ({})", it.message, it.name),
        (None, None) => format!("{} ({})", it.message, it.name),
    }
}

fn chain(keychain: Keychain) -> &'static str {
    match keychain {
        Keychain::Receive => "receive",
        Keychain::Change => "change",
    }
}
