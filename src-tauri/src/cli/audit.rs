//! `conclave audit`: a record judged, shown and exported; and the installation's own chain.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use conclave_domain::audit::{Fault, Record, Verified};
use conclave_domain::event::EVENT_LIMIT;
use conclave_shared::record::{AppEntryView, AppVerifiedView, ComparisonView, EntryView, VerifiedView};
use conclave_shared::request::{OnVault, Reply, Request, ShowRecord};
use conclave_shared::{MemberId, VaultId};

use super::installation::{OnVaultArgs, close, look_at, open, reply_at, tell};
use super::{CliError, Home};
use crate::input::now_ms;
use crate::record::{compared, faulty, utc, verified};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Judge a record: an exported FILE, without any installation; or what an installation has stored.
    Verify(VerifyArgs),
    /// A vault's record in plain words, one line for each event.
    Show(ShowArgs),
    /// All events of a vault, to keep or to hand on.
    Export(ExportArgs),
    /// What has no effect, and why: void events, and messages that were refused.
    Refused(OnVaultArgs),
    /// What happened on this installation alone: its own chain.
    App(AppArgs),
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// An export in lines of JSON. Without it the installation's own records are judged.
    file: Option<PathBuf>,
    /// A second export: say whether one extends the other, what one lacks, or who told two stories.
    #[arg(long, value_name = "FILE", requires = "file")]
    against: Option<PathBuf>,
    /// Folder of the installation, where no FILE is given.
    #[arg(long, env = "CONCLAVE_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// File whose first line is the passphrase. Else CONCLAVE_PASSPHRASE, else the terminal asks.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Only this vault of the installation, and the installation's own chain.
    #[arg(long, conflicts_with = "file")]
    vault: Option<VaultId>,
    /// Print each finding as one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    on: OnVaultArgs,
    /// The vault's id, as an option.
    #[arg(long = "vault", value_name = "VAULT", conflicts_with = "vault")]
    named: Option<VaultId>,
    /// Only events of this member: a name, or an id.
    #[arg(long, value_name = "MEMBER")]
    by: Option<String>,
    /// Only events of this type, as in docs/protocol.md; or unknown, or malformed.
    #[arg(long, value_name = "TYPE")]
    kind: Option<String>,
    /// Only events without effect.
    #[arg(long)]
    void: bool,
    /// Only the last so many of what is left.
    #[arg(long, value_name = "N")]
    last: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    on: OnVaultArgs,
    /// The vault's id, as an option.
    #[arg(long = "vault", value_name = "VAULT", conflicts_with = "vault")]
    named: Option<VaultId>,
    /// The form.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One NIP-01 event a line, verifiable by the rules of NIP-01 alone.
    Jsonl,
    /// For a spreadsheet: to read, not to verify.
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct AppArgs {
    #[command(flatten)]
    home: Home,
    /// Print the reply as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn audit(command: AuditCommand) -> Result<(), CliError> {
    match command {
        AuditCommand::Verify(args) => verify(args),
        AuditCommand::Show(ShowArgs { mut on, named, by, kind, void, last }) => {
            on.vault = on.vault.or(named);
            look_at(&on, |it| Request::ShowRecord(ShowRecord { vault: it.vault, by, kind, void, last }))
        }
        AuditCommand::Export(args) => export(args),
        AuditCommand::Refused(args) => look_at(&args, Request::ShowRefused),
        AuditCommand::App(args) => {
            let mut installation = open(&args.home)?;
            let reply = installation.ask(Request::ShowAppRecord, now_ms());
            close(installation);
            tell(args.json, reply)
        }
    }
}

fn verify(args: VerifyArgs) -> Result<(), CliError> {
    let VerifyArgs { file, against, home, passphrase_file, vault, json } = args;
    match (file, home) {
        (Some(file), _) => verify_files(&file, against.as_deref(), json),
        (None, Some(home)) => verify_installation(&Home { home, passphrase_file }, vault, json),
        (None, None) => Err(CliError::Input("name a FILE to judge, or an installation with --home".to_owned())),
    }
}

fn verify_files(file: &Path, against: Option<&Path>, json: bool) -> Result<(), CliError> {
    let first = verify_file(file, json)?;
    let Some(against) = against else { return Ok(()) };
    let second = verify_file(against, json)?;
    let view = compared(first.compare(&second));
    let words = comparison_in_words(&view);
    if json {
        println!("{}", serde_json::to_string(&view).map_err(std::io::Error::from)?);
    }
    match view {
        ComparisonView::VaultForeign { .. } | ComparisonView::TwoStories { .. } => Err(CliError::Fault(words)),
        ComparisonView::Same
        | ComparisonView::Extends { .. }
        | ComparisonView::ExtendedBy { .. }
        | ComparisonView::Apart { .. } => {
            if !json {
                println!("{words}");
            }
            Ok(())
        }
    }
}

/// Judges one file and says what was found; a fault is an error.
fn verify_file(file: &Path, json: bool) -> Result<Verified, CliError> {
    match read_record(file)? {
        Ok(record) => {
            tell(json, Reply::Verified(Box::new(verified(&record))))?;
            Ok(record)
        }
        Err(fault) => {
            let mut view = faulty(&fault, None);
            view.message = format!("{}: {}", file.display(), view.message);
            let message = view.message.clone();
            tell(json, Reply::Faulty(view))?;
            Err(CliError::Fault(message))
        }
    }
}

/// Reads an export line by line: a line over the limit never gets into memory whole.
fn read_record(file: &Path) -> Result<Result<Verified, Fault>, CliError> {
    let failed = |error: std::io::Error| CliError::Input(format!("{} cannot be read: {error}", file.display()));
    let mut lines = BufReader::new(File::open(file).map_err(failed)?);
    let mut record = Record::exported();
    let mut line = Vec::new();
    loop {
        line.clear();
        // One byte more than the longest line with its end.
        let longest = EVENT_LIMIT as u64 + 3;
        if (&mut lines).take(longest).read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(record.finish());
        }
        if let Err(fault) = record.take(&line) {
            return Ok(Err(fault));
        }
    }
}

/// Judges what an installation has stored, and its own chain. All is judged and told, whatever is found on the way.
fn verify_installation(home: &Home, vault: Option<VaultId>, json: bool) -> Result<(), CliError> {
    let mut installation = open(home)?;
    let vaults = vault.map_or_else(|| installation.all_vaults(), |vault| vec![vault]);
    let records = vaults.into_iter().map(|vault| Request::VerifyRecord(OnVault { vault }));
    let requests: Vec<Request> = records.chain([Request::VerifyAppRecord]).collect();
    let replies: Vec<Reply> = requests.into_iter().map(|request| installation.ask(request, now_ms())).collect();
    close(installation);
    let mut first = Ok(());
    for reply in replies {
        let told = tell(json, reply);
        if first.is_ok() {
            first = told;
        } else if let Err(error) = told {
            eprintln!("conclave: {error}");
        }
    }
    first
}

fn export(args: ExportArgs) -> Result<(), CliError> {
    let ExportArgs { mut on, named, format, out } = args;
    on.vault = on.vault.or(named);
    let (request, end): (fn(OnVault) -> Request, _) = match format {
        Format::Jsonl => (Request::ExportRecord, "\n"),
        // RFC 4180.
        Format::Csv => (Request::ExportTable, "\r\n"),
    };
    export_to(&on, out.as_deref(), end, request)
}

/// Writes the lines of a reply to a new file, or to standard output.
pub(super) fn export_to(
    on: &OnVaultArgs,
    out: Option<&Path>,
    end: &str,
    request: fn(OnVault) -> Request,
) -> Result<(), CliError> {
    let Some(path) = out else {
        return match reply_at(on, request)? {
            Reply::Record { lines } => Ok(write_lines(std::io::stdout().lock(), &lines, end)?),
            reply => tell(on.common.json, reply),
        };
    };
    // The file comes first: what cannot be written is not put on record as exported.
    let file = new_file(path)?;
    let written = reply_at(on, request).and_then(|reply| match reply {
        Reply::Record { lines } => {
            write_lines(&file, &lines, end)?;
            Ok(file.sync_all()?)
        }
        reply => tell(on.common.json, reply),
    });
    if written.is_err() {
        // Half an export would pass for a record that was cut off.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn write_lines(out: impl Write, lines: &[String], end: &str) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(out);
    lines.iter().try_for_each(|line| write!(out, "{line}{end}"))?;
    out.flush()
}

/// A file that was not there before, closed to other users: a record tells of money.
pub(super) fn new_file(path: &Path) -> Result<File, CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CliError::Input(format!("{} is there already and was left as it is: name a new file", path.display()))
        }
        _ => CliError::Input(format!("{} cannot be written: {error}", path.display())),
    })
}

pub(super) fn entries_in_words(entries: &[EntryView]) -> String {
    let mut text = String::new();
    for it in entries {
        text.push_str(&format!("{}  {} #{}  {}", utc(it.ms), it.name, it.n, it.summary));
        if let Some(reason) = &it.void {
            text.push_str(&format!("  [no effect: {reason}]"));
        }
        text.push('\n');
    }
    if text.is_empty() { "no such events\n".to_owned() } else { text }
}

pub(super) fn verified_in_words(view: &VerifiedView) -> String {
    let mut text = format!(
        "record of vault {}: no fault found\n  {} events, from creation {}\n",
        view.vault, view.events, view.created
    );
    for it in &view.authors {
        let name = it.name.as_deref().map_or_else(|| format!("stranger {}", it.author.short()), str::to_owned);
        text.push_str(&format!("  {name}: {} events, the newest is {}\n", it.events, it.newest));
    }
    text.push_str(&format!("  {}\n", counts(&view.kinds)));
    for it in &view.void {
        text.push_str(&format!("  void event {} of {}: {}\n", it.event, it.author, it.reason));
    }
    text.push_str(&format!("  state {}\n", view.state_digest));
    text.push_str("  events cut off at the end do not show: compare the newest ones with another copy (--against)\n");
    text
}

fn counts(kinds: &std::collections::BTreeMap<String, u64>) -> String {
    kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}

fn comparison_in_words(view: &ComparisonView) -> String {
    match view {
        ComparisonView::Same => "both hold the same events".to_owned(),
        ComparisonView::VaultForeign { first, second } => {
            format!("the first is of vault {first}, the second of vault {second} (vault-foreign)")
        }
        ComparisonView::TwoStories { author, n, first, second } => format!(
            "{author} told two stories: their event {n} is {first} in the first, {second} in the second (two-stories)"
        ),
        ComparisonView::Extends { more, lacking } => {
            format!("the first extends the second: the second lacks {more} events, the first of them is {lacking}")
        }
        ComparisonView::ExtendedBy { more, lacking } => {
            format!("the second extends the first: the first lacks {more} events, the first of them is {lacking}")
        }
        ComparisonView::Apart { first_lacks, second_lacks } => {
            format!("each lacks something: the first lacks event {first_lacks}, the second lacks event {second_lacks}")
        }
    }
}

pub(super) fn app_entries_in_words(installation: MemberId, entries: &[AppEntryView]) -> String {
    let mut text = format!("installation {installation}\n");
    for it in entries {
        text.push_str(&format!("{}  #{}  {}\n", utc(it.ms), it.n, it.summary));
    }
    text
}

pub(super) fn app_verified_in_words(view: &AppVerifiedView) -> String {
    let newest = view.newest.map_or("there is none yet".to_owned(), |newest| format!("the newest is {newest}"));
    format!(
        "own chain of installation {}: no fault found\n  {} events, {newest}\n  {}\n",
        view.installation,
        view.events,
        counts(&view.kinds)
    )
}
