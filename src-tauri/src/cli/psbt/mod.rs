//! `conclave psbt`: PSBTs of any wallet inspected, signed, combined, made final and converted, without a vault and without
//! a network.

mod words;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bitcoin::Network;
use clap::{Args, Subcommand, ValueEnum};
use conclave_domain::psbt::combine::{CombineFault, combine};
use conclave_domain::psbt::file::{Encoding, PsbtFile, PsbtVersion, encode};
use conclave_domain::psbt::finish::{FinishFault, finish};
use conclave_domain::psbt::inspect::{Bounds, Inspection, inspect_file};
use conclave_domain::psbt::sign::{SecretKey, SignFault, sign};
use conclave_domain::watched::WatchedDescriptor;
use conclave_shared::Unmet;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::CliError;
use super::given::{self, DescriptorArg, NetworkName, Refusal};

/// Longest key file that is read, in bytes.
const KEY_FILE_LIMIT: usize = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum PsbtCommand {
    /// Say what PSBTs do, what of it is proven, and what is dangerous in them (exit code 4).
    Inspect(InspectArgs),
    /// Sign the inputs that are the descriptor's and this key's; refuses whatever inspect finds.
    Sign(SignArgs),
    /// Make one PSBT of several of one transaction, in any order.
    Combine(CombineArgs),
    /// Make a PSBT final, each input run by bitcoin's rules.
    Finalize(FinalizeArgs),
    /// Write a PSBT in another version or encoding.
    Convert(ConvertArgs),
}

/// By what a PSBT is judged.
#[derive(Debug, Clone, Args)]
struct Judged {
    #[command(flatten)]
    descriptor: DescriptorArg,
    /// How addresses are written; else as the keys say.
    #[arg(long, value_enum)]
    network: Option<NetworkName>,
    /// Height of the newest block: a lock time beyond it is refused.
    #[arg(long, value_name = "HEIGHT")]
    tip: Option<u32>,
    /// The last index that the wallet has used, where the inputs show a lower one.
    #[arg(long, value_name = "N")]
    last_index: Option<u32>,
    /// Amounts that are not proven are dangers, even without a descriptor.
    #[arg(long)]
    strict: bool,
    /// How many indices past the last used one are tried for scripts that claim nothing.
    #[arg(long, value_name = "N", default_value_t = 200)]
    search: u32,
    /// Print one JSON object for each file.
    #[arg(long)]
    json: bool,
}

/// Most indices that are tried.
const SEARCH_LIMIT: u32 = 100_000;

impl Judged {
    fn bounds(&self, descriptor: Option<&WatchedDescriptor>, file: &PsbtFile) -> Bounds {
        let network = self.network.map(NetworkName::network).unwrap_or_else(|| given::network(descriptor, Some(file)));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        Bounds {
            network,
            tip: self.tip,
            now: now.and_then(|now| u32::try_from(now.as_secs()).ok()),
            last_index: self.last_index,
            strict: self.strict,
            search: self.search.min(SEARCH_LIMIT),
            claimed_only: false,
            verifier: Some(given::consensus),
            // Files of other wallets may leave out whose a script is.
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// PSBTs: binary, base64 or hexadecimal, version 0 or 2; - is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// The PSBT; - is standard input.
    file: PathBuf,
    /// File with the key: BIP39 words, or an extended private key; - is standard input.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Debug, Args)]
pub(super) struct CombineArgs {
    /// The PSBTs, in any order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Debug, Args)]
pub(super) struct FinalizeArgs {
    /// The PSBT; - is standard input.
    file: PathBuf,
    /// Write the transaction, hexadecimal, instead of the PSBT.
    #[arg(long)]
    extract: bool,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// The PSBT; - is standard input.
    file: PathBuf,
    /// The version; else the one that it has.
    #[arg(long, value_enum)]
    to: Option<VersionName>,
    /// The encoding; else the one that it has.
    #[arg(long, value_enum)]
    encoding: Option<EncodingName>,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VersionName {
    /// BIP174.
    #[value(alias = "0")]
    V0,
    /// BIP370.
    #[value(alias = "2")]
    V2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EncodingName {
    /// Text.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Bytes.
    Binary,
}

pub(super) fn psbt(command: PsbtCommand) -> Result<(), CliError> {
    match command {
        // Each file is told by itself, also what is wrong with it.
        PsbtCommand::Inspect(args) => given::run(false, move || inspect(&args)),
        PsbtCommand::Sign(args) => given::run(args.judged.json, move || sign_file(&args)),
        PsbtCommand::Combine(args) => given::run(args.judged.json, move || combine_files(&args)),
        PsbtCommand::Finalize(args) => given::run(args.judged.json, move || finalize(&args)),
        PsbtCommand::Convert(args) => given::run(args.json, move || convert(&args)),
    }
}

fn inspect(args: &InspectArgs) -> Result<(), Refusal> {
    let judged = &args.judged;
    let descriptor = match judged.descriptor.read() {
        Ok(descriptor) => descriptor,
        Err(refusal) => {
            if judged.json {
                given::say_json(refusal.fields())?;
            }
            return Err(refusal);
        }
    };
    let mut first = Ok(());
    for path in &args.files {
        let done = inspect_one(path, judged, descriptor.as_ref());
        if let (Err(refusal), true) = (&done, first.is_err()) {
            eprintln!("conclave: {}", CliError::from(refusal_again(refusal)));
        } else if first.is_ok() {
            first = done;
        }
    }
    first
}

fn refusal_again(refusal: &Refusal) -> Refusal {
    let fields = refusal.fields();
    Refusal::input(fields.get("message").and_then(Value::as_str).unwrap_or_default())
}

fn inspect_one(path: &Path, judged: &Judged, descriptor: Option<&WatchedDescriptor>) -> Result<(), Refusal> {
    let name = path.display().to_string();
    let file = match given::psbt(path) {
        Ok(file) => file,
        Err(refusal) => {
            if judged.json {
                let mut fields = Map::from_iter([("file".to_owned(), Value::from(name))]);
                fields.extend(refusal.fields());
                given::say_json(fields)?;
            }
            return Err(refusal);
        }
    };
    let bounds = judged.bounds(descriptor, &file);
    let inspection = inspect_file(&file, descriptor, &bounds);
    let refusal = (!inspection.findings.is_empty()).then(|| Refusal::found(&inspection.findings));
    if judged.json {
        let mut fields = about(&file, bounds.network, &inspection);
        fields.insert("file".to_owned(), name.into());
        fields.insert("descriptor".to_owned(), descriptor.is_some().into());
        if let Some(refusal) = &refusal {
            let told = refusal.fields();
            fields.extend(told.into_iter().filter(|(field, _)| field != "findings" && field != "unmet"));
        }
        given::say_json(fields)?;
    } else {
        let how = if descriptor.is_none() { ": judged without a descriptor" } else { "" };
        given::say(&format!("{name}{how}\n{}", words::inspection(&file, &inspection)))?;
    }
    refusal.map_or(Ok(()), Err)
}

/// A file and its inspection as the fields of one object.
fn about(file: &PsbtFile, network: Network, inspection: &Inspection) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(inspection) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let modifiable = file.modifiable();
    fields.insert("version".to_owned(), json!(file.version()));
    fields.insert("encoding".to_owned(), json!(file.encoding()));
    fields.insert("bytes".to_owned(), file.to_bytes().len().into());
    fields.insert("network".to_owned(), network.to_string().into());
    fields.insert(
        "modifiable".to_owned(),
        json!({ "inputs": modifiable.inputs, "outputs": modifiable.outputs, "single": modifiable.single }),
    );
    fields
}

/// Writes a PSBT, or puts it into a JSON object with what else there is to say.
fn give(
    file: &PsbtFile,
    out: Option<&Path>,
    json: bool,
    fields: Map<String, Value>,
    said: &[String],
) -> Result<(), Refusal> {
    give_bytes(&encode(&file.to_bytes(), file.encoding()), "psbt", as_text(file), out, json, fields, said)
}

/// A PSBT in JSON: as text, base64 where it is binary.
fn as_text(file: &PsbtFile) -> String {
    let encoding = if file.encoding() == Encoding::Hex { Encoding::Hex } else { Encoding::Base64 };
    String::from_utf8(encode(&file.to_bytes(), encoding)).unwrap_or_default().trim_end().to_owned()
}

fn give_bytes(
    bytes: &[u8],
    field: &str,
    text: String,
    out: Option<&Path>,
    json: bool,
    mut fields: Map<String, Value>,
    said: &[String],
) -> Result<(), Refusal> {
    if out.is_some() || !json {
        given::write(out, bytes)?;
    }
    if json {
        fields.insert(field.to_owned(), text.into());
        fields.insert("out".to_owned(), json!(out.map(|path| path.display().to_string())));
        given::say_json(fields)?;
    } else {
        said.iter().for_each(|line| eprintln!("{line}"));
    }
    Ok(())
}

fn sign_file(args: &SignArgs) -> Result<(), Refusal> {
    let judged = &args.judged;
    let descriptor = judged.descriptor.read()?;
    let descriptor = descriptor.ok_or_else(|| {
        Refusal::input("whose coins are to be signed? Give the wallet's descriptor with --descriptor")
    })?;
    if args.file == args.key_file {
        return Err(Refusal::input("the PSBT and the key are two files"));
    }
    let file = given::psbt(&args.file)?;
    let text = Zeroizing::new(given::text(&args.key_file, KEY_FILE_LIMIT)?);
    let key = SecretKey::parse(&text).map_err(|error| Refusal::input(error.to_string()))?;
    let bounds = judged.bounds(Some(&descriptor), &file);
    let signed = sign(&file, &key, &descriptor, &bounds).map_err(|fault| match fault {
        SignFault::Dangerous { .. } | SignFault::KeyForeign | SignFault::File(_) => Refusal::found(&fault.findings()),
    })?;
    let mut fields = about(&signed.file, bounds.network, &signed.inspection);
    fields.insert("inputs_signed".to_owned(), signed.inputs_signed.into());
    fields.insert("inputs_signed_before".to_owned(), signed.inputs_before.into());
    let mut said = vec![format!("{} of {} inputs signed", signed.inputs_signed, signed.inspection.inputs.len())];
    if signed.inputs_before > 0 {
        said.push(format!("{} inputs were signed by this key, or final, before", signed.inputs_before));
    }
    give(&signed.file, args.out.as_deref(), judged.json, fields, &said)
}

fn combine_files(args: &CombineArgs) -> Result<(), Refusal> {
    let judged = &args.judged;
    let descriptor = judged.descriptor.read()?;
    let files = args.files.iter().map(|path| given::psbt(path)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = files.first() else { return Err(Refusal::input("there is no file to combine")) };
    let bounds = judged.bounds(descriptor.as_ref(), first);
    let combined = combine(&files, descriptor.as_ref(), &bounds).map_err(|fault| match &fault {
        CombineFault::Empty => Refusal::input(fault.to_string()),
        CombineFault::OtherTransaction { .. }
        | CombineFault::Conflict { .. }
        | CombineFault::Dangerous { .. }
        | CombineFault::File(_) => Refusal::found(&fault.findings()),
    })?;
    let mut fields = about(&combined.file, bounds.network, &combined.inspection);
    fields.insert("files".to_owned(), files.len().into());
    fields.insert("remarks".to_owned(), json!(combined.remarks));
    let mut said: Vec<String> = combined.remarks.iter().map(words::remark).collect();
    said.push(format!("{} files combined; {}", files.len(), words::state(&combined.inspection)));
    give(&combined.file, args.out.as_deref(), judged.json, fields, &said)
}

fn finalize(args: &FinalizeArgs) -> Result<(), Refusal> {
    let judged = &args.judged;
    let descriptor = judged.descriptor.read()?;
    let file = given::psbt(&args.file)?;
    let bounds = judged.bounds(descriptor.as_ref(), &file);
    let finished = finish(&file, descriptor.as_ref(), &bounds).map_err(|fault| match &fault {
        FinishFault::Dangerous { .. } | FinishFault::File(_) => Refusal::found(&fault.findings()),
        FinishFault::Missing { progress, .. } => {
            let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let (have, need) = (narrow(progress.have), narrow(progress.need));
            Refusal::rule(fault.to_string(), vec![Unmet::SignaturesMissing { have, need }])
        }
        FinishFault::NotSatisfied { .. } => Refusal::rule(fault.to_string(), vec![]),
    })?;
    let transaction = bitcoin::consensus::encode::serialize_hex(&finished.transaction);
    let mut fields = about(&finished.file, bounds.network, &finished.inspection);
    fields.insert("transaction".to_owned(), transaction.clone().into());
    let said = [words::state(&finished.inspection)];
    let out = args.out.as_deref();
    if args.extract {
        let line = format!("{transaction}\n").into_bytes();
        fields.insert("psbt".to_owned(), as_text(&finished.file).into());
        return give_bytes(&line, "transaction", transaction, out, judged.json, fields, &said);
    }
    give(&finished.file, out, judged.json, fields, &said)
}

fn convert(args: &ConvertArgs) -> Result<(), Refusal> {
    let file = given::psbt(&args.file)?;
    let version = match args.to {
        Some(VersionName::V0) => PsbtVersion::V0,
        Some(VersionName::V2) => PsbtVersion::V2,
        None => file.version(),
    };
    let encoding = match args.encoding {
        Some(EncodingName::Base64) => Encoding::Base64,
        Some(EncodingName::Hex) => Encoding::Hex,
        Some(EncodingName::Binary) => Encoding::Binary,
        None => file.encoding(),
    };
    let (converted, lost) = file.converted(version)?;
    let converted = converted.in_encoding(encoding);
    let fields = Map::from_iter([
        ("version".to_owned(), json!(version)),
        ("encoding".to_owned(), json!(encoding)),
        ("txid".to_owned(), json!(converted.transaction().compute_txid())),
        ("lost".to_owned(), json!(lost)),
        ("findings".to_owned(), json!([])),
    ]);
    let said: Vec<String> = lost.iter().map(|it| format!("left out: {it}")).collect();
    give(&converted, args.out.as_deref(), args.json, fields, &said)
}
