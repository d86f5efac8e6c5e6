//! What the stand-alone tools are given and give back: files with a limit before they are read, descriptors, new files, and
//! how a refusal is told.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use bitcoin::{Network, NetworkKind, Transaction, TxOut};
use clap::{Args, ValueEnum};
use conclave_domain::psbt::file::{FILE_LIMIT, FileFault, PsbtFile};
use conclave_domain::psbt::inspect::Found;
use conclave_domain::watched::{DescriptorRefusal, TEXT_LIMIT, WatchedDescriptor};
use conclave_shared::Unmet;
use conclave_shared::request::FailureKind;
use serde_json::{Map, Value, json};

use super::CliError;

/// Stack of the thread that a tool runs on, in bytes: scripts of strangers nest deeper than a main thread may be built for.
const STACK: usize = 64 << 20;

/// How addresses are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum NetworkName {
    /// Addresses that begin with bc1, 1 or 3.
    #[value(alias = "mainnet")]
    Bitcoin,
    /// Addresses that begin with tb1, m, n or 2.
    Testnet,
    /// The same as on testnet.
    Signet,
    /// Addresses that begin with bcrt1, m, n or 2.
    Regtest,
}

impl NetworkName {
    pub(super) fn network(self) -> Network {
        match self {
            NetworkName::Bitcoin => Network::Bitcoin,
            NetworkName::Testnet => Network::Testnet,
            NetworkName::Signet => Network::Signet,
            NetworkName::Regtest => Network::Regtest,
        }
    }
}

/// A descriptor, given as text or by the name of its file.
#[derive(Debug, Clone, Args)]
pub(super) struct DescriptorArg {
    /// The wallet's descriptor: its text, or a file with it (@FILE, or a path). One line, or receive and change on two;
    /// with or without checksum.
    #[arg(long = "descriptor", value_name = "D")]
    pub text: Option<String>,
}

impl DescriptorArg {
    pub(super) fn read(&self) -> Result<Option<WatchedDescriptor>, Refusal> {
        self.text.as_deref().map(descriptor).transpose()
    }
}

/// Why a tool did not do it: as it is told on standard error, and as JSON.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: FailureKind,
    message: String,
    findings: Value,
    unmet: Vec<Unmet>,
}

impl Refusal {
    /// What was given is not good, without a finding of its own.
    pub(super) fn input(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Input, message: message.into(), findings: json!([]), unmet: vec![] }
    }

    /// A rule refuses it.
    pub(super) fn rule(message: impl Into<String>, unmet: Vec<Unmet>) -> Self {
        Self { kind: FailureKind::Rule, message: message.into(), findings: json!([]), unmet }
    }

    /// Dangers were found.
    pub(super) fn found(findings: &[Found]) -> Self {
        let mut words: Vec<String> = findings.iter().map(in_words).collect();
        words.dedup();
        let findings = findings.iter().map(|found| serde_json::to_value(found).unwrap_or_default()).collect();
        Self { kind: FailureKind::Input, message: words.join("; "), findings, unmet: vec![] }
    }

    fn single(name: &str, message: String, mut more: Map<String, Value>) -> Self {
        more.insert("finding".to_owned(), name.into());
        more.insert("message".to_owned(), message.clone().into());
        let findings = json!([more]);
        Self { kind: FailureKind::Input, message: format!("{message} ({name})"), findings, unmet: vec![] }
    }

    /// The fields that every refusal has in JSON.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let value = json!({
            "kind": self.kind, "message": self.message, "findings": self.findings, "unmet": self.unmet,
        });
        match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { kind, message, unmet, .. } = refusal;
        CliError::Failed(conclave_shared::request::Failure { kind, code: "tool".to_owned(), message, unmet })
    }
}

impl From<FileFault> for Refusal {
    fn from(fault: FileFault) -> Self {
        let more = fault.offset().map(|offset| ("offset".to_owned(), Value::from(offset)));
        Refusal::single(fault.finding().name(), fault.to_string(), more.into_iter().collect())
    }
}

impl From<DescriptorRefusal> for Refusal {
    fn from(refusal: DescriptorRefusal) -> Self {
        let more = match &refusal {
            DescriptorRefusal::Checksum { found, expected, position } => json!({
                "found": found, "expected": expected,
                "position": position.map(|(at, _)| at), "right": position.map(|(_, right)| right.to_string()),
            }),
            DescriptorRefusal::Oversize { .. }
            | DescriptorRefusal::Malformed { .. }
            | DescriptorRefusal::Unsupported { .. }
            | DescriptorRefusal::PrivateKey
            | DescriptorRefusal::KeyDuplicated { .. } => json!({}),
        };
        let more = more.as_object().cloned().unwrap_or_default();
        Refusal::single(refusal.finding().name(), format!("the descriptor: {refusal}"), more)
    }
}

/// A danger in one line.
pub(super) fn in_words(found: &Found) -> String {
    let name = found.finding.name();
    match (found.input, found.output) {
        (Some(input), _) => format!("input {input}: {} ({name})", found.message),
        (None, Some(output)) => format!("output {output}: {} ({name})", found.message),
        (None, None) => format!("{} ({name})", found.message),
    }
}

/// Runs a tool on a thread with a large stack, and tells its refusal.
pub(super) fn run(json: bool, work: impl FnOnce() -> Result<(), Refusal> + Send + 'static) -> Result<(), CliError> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work)?;
    let done =
        thread.join().unwrap_or_else(|_| Err(Refusal::input("this file makes the program fail: please report it")));
    let Err(refusal) = done else { return Ok(()) };
    if json {
        say_json(refusal.fields())?;
    }
    Err(refusal.into())
}

/// Reads a PSBT from a file; `-` is standard input.
pub(super) fn psbt(path: &Path) -> Result<PsbtFile, Refusal> {
    Ok(PsbtFile::parse(&bytes(path, FILE_LIMIT)?)?)
}

/// Reads a descriptor: a text, or a file.
pub(super) fn descriptor(given: &str) -> Result<WatchedDescriptor, Refusal> {
    Ok(WatchedDescriptor::parse(&descriptor_text(given)?)?)
}

/// The same before it is judged.
pub(super) fn descriptor_text(given: &str) -> Result<String, Refusal> {
    match given.strip_prefix('@') {
        Some(path) => text(Path::new(path), TEXT_LIMIT),
        // No descriptor is without parentheses.
        None if given.contains('(') && !Path::new(given).is_file() => Ok(given.to_owned()),
        None => text(Path::new(given), TEXT_LIMIT),
    }
}

/// Reads a text from a file; `-` is standard input.
pub(super) fn text(path: &Path, limit: usize) -> Result<String, Refusal> {
    String::from_utf8(bytes(path, limit)?).map_err(|_| Refusal::input(format!("{} is not a text", path.display())))
}

/// Reads a file up to a limit; one that is larger is not read.
pub(super) fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, Refusal> {
    let failed = |error: std::io::Error| Refusal::input(format!("{} cannot be read: {error}", path.display()));
    let mut bytes = vec![];
    let most = limit as u64 + 1;
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length > limit as u64 {
            return Err(FileFault::Oversize { bytes: length, limit }.into());
        }
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > limit {
        return Err(FileFault::Oversize { bytes: bytes.len() as u64, limit }.into());
    }
    Ok(bytes)
}

/// Writes to a new file that only its owner can read, or to standard output.
pub(super) fn write(out: Option<&Path>, bytes: &[u8]) -> Result<(), Refusal> {
    let Some(path) = out else {
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        // A closed pipe is how readers say that they have enough.
        return match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Refusal::input(format!("standard output cannot be written: {error}")))
            }
            _ => Ok(()),
        };
    };
    let failed = |error: std::io::Error| Refusal::input(format!("{} cannot be written: {error}", path.display()));
    // A file without anything in it, as `mktemp` makes them, is as good as a new one.
    if path.metadata().is_ok_and(|found| found.len() > 0) {
        let message = format!("{} is there already and was left as it is: name a new file", path.display());
        return Err(Refusal::input(message));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// Says a text on standard output.
pub(super) fn say(text: &str) -> Result<(), Refusal> {
    write(None, text.as_bytes())
}

/// Says a JSON object on one line of standard output.
pub(super) fn say_json(fields: Map<String, Value>) -> Result<(), Refusal> {
    say(&format!("{}\n", Value::Object(fields)))
}

/// The network of a descriptor's keys, else of the keys in a PSBT; bitcoin's own where nothing says it.
pub(super) fn network(descriptor: Option<&WatchedDescriptor>, file: Option<&PsbtFile>) -> Network {
    let kind = descriptor.and_then(WatchedDescriptor::network).or_else(|| {
        let psbt = file?.psbt();
        let sources = psbt.inputs.iter().flat_map(|input| {
            let taproot = input.tap_key_origins.values().map(|(_, source)| source);
            input.bip32_derivation.values().chain(taproot)
        });
        // Second step of BIP44, 45, 48, 49, 84 and 86: 1 for every test network.
        let test = |(_, path): &bitcoin::bip32::KeySource| {
            path.into_iter().nth(1) == Some(&bitcoin::bip32::ChildNumber::Hardened { index: 1 })
        };
        let xpub = psbt.xpub.keys().next().map(|xpub| xpub.network);
        xpub.or_else(|| sources.into_iter().any(test).then_some(NetworkKind::Test))
    });
    match kind {
        Some(NetworkKind::Test) => Network::Testnet,
        Some(NetworkKind::Main) | None => Network::Bitcoin,
    }
}

/// Runs an input by Bitcoin Core's own script rules; taproot where everything that is spent is known.
pub(super) fn consensus(transaction: &Transaction, input: usize, spent: &[TxOut]) -> bool {
    let Some(coin) = spent.get(input) else { return false };
    let bytes = bitcoin::consensus::serialize(transaction);
    let utxo = |output: &TxOut| {
        let script = output.script_pubkey.as_bytes();
        Some(bitcoinconsensus::Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: u32::try_from(script.len()).ok()?,
            value: i64::try_from(output.value.to_sat()).ok()?,
        })
    };
    let script = coin.script_pubkey.as_bytes();
    let amount = coin.value.to_sat();
    if spent.len() == transaction.input.len() {
        let Some(all) = spent.iter().map(utxo).collect::<Option<Vec<_>>>() else { return false };
        bitcoinconsensus::verify(script, amount, &bytes, Some(&all), input).is_ok()
    } else {
        let flags = bitcoinconsensus::VERIFY_ALL_PRE_TAPROOT;
        bitcoinconsensus::verify_with_flags(script, amount, &bytes, None, input, flags).is_ok()
    }
}
