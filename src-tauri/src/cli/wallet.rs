//! Subcommands on addresses, labels, fees, the past of a balance, and descriptors that are only watched.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use conclave_shared::VaultId;
use conclave_shared::request::{
    ImportLabels, Labelled, ListAddresses, OnVault, Reply, Request, SetChainSource, SetLabel, ShowHistory,
    WatchDescriptor,
};
use conclave_shared::view::{
    AddressesView, DescriptorView, FeesView, HistoryView, LabelsImportedView, PointView, WatchedView,
};

use super::audit::export_to;
use super::installation::{Common, OnVaultArgs, close, look, look_at, open, tell, the_vault};
use super::{CliError, given, tor};
use crate::labels::FILE_LIMIT;
use crate::record::{shown, utc};

#[derive(Debug, Subcommand)]
pub(super) enum AddressesCommand {
    /// The addresses that were given out or used, newest first: by whom, what came there, what they are called here.
    List {
        #[command(flatten)]
        vault: OnVaultArgs,
        /// Those for change.
        #[arg(long)]
        change: bool,
        /// Only those with a smaller index: of the last that was shown.
        #[arg(long, value_name = "INDEX")]
        before: Option<u32>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum LabelsCommand {
    /// Write what an address, a transaction or a coin is called here. Nobody else is told.
    Set(SetArgs),
    /// All labels as lines of JSON (BIP329), and which coins are frozen here.
    Export {
        #[command(flatten)]
        vault: OnVaultArgs,
        /// A new file; else standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take labels from another wallet's file (BIP329); coins that it calls not spendable are frozen here.
    Import {
        /// The vault's id.
        vault: VaultId,
        /// The file; - is standard input.
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The vault's id.
    vault: VaultId,
    #[command(flatten)]
    on: OnWhat,
    /// The text, at most 255 characters; empty: the label goes.
    #[arg(long)]
    label: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct OnWhat {
    /// Of an address.
    #[arg(long)]
    address: Option<String>,
    /// Of a transaction.
    #[arg(long, value_name = "TXID")]
    transaction: Option<String>,
    /// Of a coin.
    #[arg(long, value_name = "TXID:VOUT")]
    coin: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    vault: OnVaultArgs,
    /// At most so many points.
    #[arg(long, default_value_t = 50)]
    points: u32,
}

#[derive(Debug, Args)]
pub(super) struct ExportTransactionsArgs {
    #[command(flatten)]
    vault: OnVaultArgs,
    /// A new file; else standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SetChainArgs {
    /// The vault's id.
    vault: VaultId,
    /// Electrum server: tcp://127.0.0.1:PORT.
    #[arg(long)]
    chain: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
pub(super) enum WatchCommand {
    /// Watch the coins of a descriptor whose keys are elsewhere, and ask its chain source once.
    Add {
        /// The descriptor: its text, or a file with it (@FILE, or a path; - is standard input).
        descriptor: String,
        /// What it is called here.
        #[arg(long)]
        name: String,
        /// Electrum server: tcp://127.0.0.1:PORT.
        #[arg(long)]
        chain: String,
        #[command(flatten)]
        common: Common,
    },
    /// The watched descriptors.
    List(Common),
    /// Watch one no more: its coins and labels here are forgotten.
    Remove {
        /// Its id.
        watched: VaultId,
        #[command(flatten)]
        common: Common,
    },
}

pub(super) fn addresses(command: AddressesCommand) -> Result<(), CliError> {
    let AddressesCommand::List { vault, change, before, limit } = command;
    look_at(&vault, |on| Request::ListAddresses(ListAddresses { vault: on.vault, change, before, limit }))
}

pub(super) fn labels(command: LabelsCommand) -> Result<(), CliError> {
    match command {
        LabelsCommand::Set(SetArgs { vault, on, label, common }) => {
            let on = match on {
                OnWhat { address: Some(address), .. } => Labelled::Address(address),
                OnWhat { transaction: Some(txid), .. } => Labelled::Transaction(txid),
                OnWhat { coin, .. } => Labelled::Coin(coin.unwrap_or_default()),
            };
            look(&common, Request::SetLabel(SetLabel { vault, on, label }))
        }
        LabelsCommand::Export { vault, out } => export_to(&vault, out.as_deref(), "\n", Request::ExportLabels),
        LabelsCommand::Import { vault, file, common } => {
            let text = given::text(&file, FILE_LIMIT)?;
            look(&common, Request::ImportLabels(ImportLabels { vault, text }))
        }
    }
}

pub(super) fn history(args: &HistoryArgs) -> Result<(), CliError> {
    look_at(&args.vault, |on| Request::ShowHistory(ShowHistory { vault: on.vault, points: args.points }))
}

pub(super) fn export_transactions(args: &ExportTransactionsArgs) -> Result<(), CliError> {
    // RFC 4180.
    export_to(&args.vault, args.out.as_deref(), "\r\n", Request::ExportTransactions)
}

pub(super) fn set_chain(args: SetChainArgs) -> Result<(), CliError> {
    look(&args.common, Request::SetChainSource(SetChainSource { vault: args.vault, chain: args.chain }))
}

/// Asks the chain source itself: this one connects.
pub(super) async fn fees(args: OnVaultArgs) -> Result<(), CliError> {
    let installation = open(&args.common.home)?;
    let vault = match the_vault(&installation, args.vault) {
        Ok(vault) => vault,
        Err(error) => {
            close(installation);
            return Err(error);
        }
    };
    let running = tor::run(&args.common.home, installation, Duration::from_secs(args.common.stay)).await;
    let reply = running.ask(Request::EstimateFees(OnVault { vault })).await;
    running.stop().await;
    tell(args.common.json, reply)
}

pub(super) async fn watch(command: WatchCommand) -> Result<(), CliError> {
    match command {
        WatchCommand::Add { descriptor, name, chain, common } => {
            let descriptor = given::descriptor_text(&descriptor)?;
            add(common, Request::WatchDescriptor(WatchDescriptor { name, descriptor, chain })).await
        }
        WatchCommand::List(common) => {
            let reply = match super::installation::ask_once(&common.home, Request::ListVaults)? {
                Reply::Vaults { unopened, watched, .. } => Reply::Vaults { vaults: Vec::new(), unopened, watched },
                reply => reply,
            };
            tell(common.json, reply)
        }
        WatchCommand::Remove { watched, common } => look(&common, Request::ForgetWatched(OnVault { vault: watched })),
    }
}

async fn add(common: Common, request: Request) -> Result<(), CliError> {
    if common.stay == 0 {
        return look(&common, request);
    }
    let running = tor::run_at(&common.home, Duration::from_secs(common.stay)).await?;
    let reply = running.ask(request).await;
    if let Reply::Watching { vault } = reply
        && let Reply::Failed(failure) = running.ask(Request::SyncChain(OnVault { vault })).await
    {
        // It is watched all the same, and asked about whenever the program runs.
        eprintln!("conclave: {}", failure.message);
    }
    running.stop().await;
    tell(common.json, reply)
}

pub(super) fn addresses_in_words(view: &AddressesView) -> String {
    let mut text = String::new();
    for address in &view.addresses {
        let chain = if address.change { "change" } else { "receive" };
        text.push_str(&format!("{} {chain} {}", address.address, address.index));
        text.push_str(&format!(" holds {}, got {}", address.balance, address.received));
        if let (Some(by), Some(ms)) = (address.issued_by, address.issued_ms) {
            text.push_str(&format!(", given out by {} {}", by.short(), utc(ms)));
        }
        if !address.attested_by.is_empty() {
            text.push_str(&format!(", derived by {} members", address.attested_by.len()));
        }
        text.push_str(&labelled(address.label.as_deref()));
        text.push('\n');
    }
    if let Some(last) = view.addresses.last().filter(|_| view.more) {
        text.push_str(&format!("older ones: --before {}\n", last.index));
    }
    if text.is_empty() { "no addresses\n".to_owned() } else { text }
}

/// A label behind what it is about.
pub(super) fn labelled(label: Option<&str>) -> String {
    label.map(|label| format!(" \"{}\"", shown(label))).unwrap_or_default()
}

pub(super) fn imported_in_words(view: &LabelsImportedView) -> String {
    let LabelsImportedView { taken, unknown, frozen, cut, refused } = view;
    let mut text =
        format!("{taken} labels taken, {unknown} of them about what is not known here; {frozen} coins frozen\n");
    if *cut > 0 {
        text.push_str(&format!("{cut} labels were longer than 255 characters, and the rest of them was cut off\n"));
    }
    for (line, reason) in refused {
        text.push_str(&format!("line {line} was left out: {}\n", shown(reason)));
    }
    text
}

pub(super) fn history_in_words(view: &HistoryView) -> String {
    let line = |point: &PointView| format!("{} {}\n", utc(point.time_s.saturating_mul(1_000)), point.balance);
    if view.points.is_empty() { "no transactions yet\n".to_owned() } else { view.points.iter().map(line).collect() }
}

pub(super) fn fees_in_words(view: &FeesView) -> String {
    let rate = |milli: u64| format!("{}.{:03} sat/vB", milli / 1_000, milli % 1_000);
    let mut text = String::new();
    for estimate in &view.estimates {
        let blocks = if estimate.blocks == 1 { "block" } else { "blocks" };
        text.push_str(&format!("in the next {} {blocks}: {}\n", estimate.blocks, rate(estimate.rate_milli)));
    }
    if text.is_empty() {
        text.push_str("the chain source makes no estimate\n");
    }
    text + &format!("at least: {}\n", rate(view.least_milli))
}

pub(super) fn watched_in_words(view: &WatchedView) -> String {
    let mut text = format!(
        "{} (watched only, {})\n  watched {}\n  {} confirmed, {} unconfirmed, chain at block {}\n",
        shown(&view.name),
        view.descriptor.kind,
        view.vault,
        view.balance.confirmed,
        view.balance.unconfirmed,
        view.tip_height
    );
    for line in view.descriptor.descriptor.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    for warning in &view.descriptor.warnings {
        text.push_str(&format!("  warning: {} ({})\n", warning.words(), warning.name()));
    }
    if let Some(trouble) = &view.trouble {
        text.push_str(&format!("  trouble: {trouble}\n"));
    }
    text
}

pub(super) fn descriptor_in_words(view: &DescriptorView) -> String {
    let mut text = format!("{}\nkind: {}\n", view.descriptor, view.kind);
    for key in &view.keys {
        text.push_str(&format!("key {key}\n"));
    }
    for (index, address) in view.receive.iter().enumerate() {
        text.push_str(&format!("receive {index}: {address}\n"));
    }
    for warning in &view.warnings {
        text.push_str(&format!("warning: {} ({})\n", warning.words(), warning.name()));
    }
    text
}

#[cfg(test)]
mod tests {
    use conclave_shared::view::EstimateView;

    use super::*;

    #[test]
    fn fees_are_told_with_three_decimals() {
        let estimates =
            vec![EstimateView { blocks: 1, rate_milli: 12_000 }, EstimateView { blocks: 6, rate_milli: 1_050 }];
        let text = fees_in_words(&FeesView { estimates, least_milli: 100 });
        assert_eq!(
            text,
            "in the next 1 block: 12.000 sat/vB\nin the next 6 blocks: 1.050 sat/vB\nat least: 0.100 sat/vB\n"
        );
        assert!(
            fees_in_words(&FeesView { estimates: vec![], least_milli: 1_000 }).starts_with("the chain source makes no")
        );
    }
}
