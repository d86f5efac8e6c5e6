//! The headless program: every subcommand, what it prints, and its exit code. `docs/cli.md` describes it for people.

mod audit;
mod backup;
mod change;
mod demo;
mod descriptor;
mod given;
mod installation;
mod keep;
mod lists;
mod member;
mod own_relay;
mod payment;
mod policy;
mod psbt;
mod serve;
mod soak;
mod tor;
mod wallet;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use conclave_shared::request::{Failure, FailureKind};

use crate::failure::InstallationError;
use crate::store::StoreError;

/// Groups that hold bitcoin together.
#[derive(Debug, Parser)]
#[command(name = "conclave", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an installation: an encrypted database in a folder of its own.
    Init(Home),
    /// Write the whole installation to a new file, encrypted as it is.
    Backup(backup::FileArgs),
    /// Make an installation of a backup. It only reads until the other members have told what it said last.
    Restore(backup::FileArgs),
    /// Run an installation: requests as lines of JSON on standard input, replies on standard output, until the input ends.
    Member {
        #[command(flatten)]
        home: Home,
        /// Pause between two questions to a chain source, in ms.
        #[arg(long, default_value_t = crate::main_loop::CHAIN_PAUSE_MS)]
        chain_pause_ms: u64,
        /// Run a relay in this process too, for the members of its vaults. Its address is said first, as
        /// {"listening": "..."}.
        #[arg(long, value_name = "ADDRESS")]
        relay: Option<std::net::SocketAddr>,
    },
    /// Make, join, look at and ratify vaults.
    #[command(subcommand)]
    Vault(installation::VaultCommand),
    /// Give out the next deposit address.
    Address(installation::OnVaultArgs),
    /// Propose, approve, reject, sign, replace and look at payments.
    #[command(subcommand)]
    Payment(payment::PaymentCommand),
    /// Look at the vault's coins, and freeze them.
    #[command(subcommand)]
    Coins(payment::CoinsCommand),
    /// Look at the addresses.
    #[command(subcommand)]
    Addresses(wallet::AddressesCommand),
    /// Labels of addresses, transactions and coins: write, export, import.
    #[command(subcommand)]
    Labels(wallet::LabelsCommand),
    /// What a transaction has to pay now, as the chain source says.
    Fees(installation::OnVaultArgs),
    /// Watch descriptors whose keys are elsewhere.
    #[command(subcommand)]
    Watch(wallet::WatchCommand),
    /// Keep the installation connected for a while, so that events are exchanged.
    Sync(installation::SyncArgs),
    /// The record: judge it, show it, export it.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// PSBTs of any wallet: inspect, sign, combine, finalize, convert. Needs no vault and no network.
    #[command(subcommand)]
    Psbt(psbt::PsbtCommand),
    /// Output descriptors of any wallet. Needs no vault and no network.
    #[command(subcommand)]
    Descriptor(descriptor::DescriptorCommand),
    /// Run a relay on this machine, or with --onion serve an installation's own relays behind onion addresses.
    Relay(serve::RelayArgs),
    /// Run a practice chain on this machine, with an Electrum server.
    PracticeChain(serve::Listen),
    /// Make blocks or coins on a practice chain.
    #[command(subcommand)]
    Practice(serve::PracticeCommand),
    /// A whole vault life with four members in processes of their own, from invitation to confirmed payment.
    Demo(demo::DemoArgs),
    /// Run another program, and end it when standard input ends.
    #[command(hide = true)]
    Keep(keep::KeepArgs),
    /// SIGKILL at random moments, over and over, while a vault pays.
    #[command(hide = true)]
    Soak(soak::SoakArgs),
    /// Measure: prints ratios of this program's work to the bare cryptography inside it.
    Bench(crate::bench::BenchArgs),
}

/// Which installation, and how its passphrase comes.
#[derive(Debug, Clone, Args)]
struct Home {
    /// Folder of the installation.
    #[arg(long, env = "CONCLAVE_HOME", value_name = "DIR")]
    home: PathBuf,
    /// File whose first line is the passphrase. Else CONCLAVE_PASSPHRASE, else the terminal asks.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error("{}", .0.message)]
    Failed(Failure),
    #[error(transparent)]
    Installation(#[from] InstallationError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Passphrase(#[from] crate::store::PassphraseError),
    #[error("the passphrase cannot be read: {0}")]
    NoPassphrase(std::io::Error),
    #[error("{0} cannot be listened on: only addresses of this machine are accepted")]
    NotLoopback(std::net::SocketAddr),
    #[error(transparent)]
    Relay(#[from] crate::relay::embedded::RelayError),
    #[error(transparent)]
    Serve(#[from] crate::practice::ServeError),
    #[error(transparent)]
    Control(#[from] crate::practice::ControlError),
    #[error(transparent)]
    Door(#[from] crate::tor::DoorError),
    #[error("{0}")]
    Input(String),
    /// A record, or an installation's own chain, is not whole.
    #[error("{0}")]
    Fault(String),
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    #[error(transparent)]
    Bench(#[from] crate::bench::BenchError),
    #[error(transparent)]
    Attack(#[from] crate::demo::attack::AttackError),
    #[error("the program ended: {0}")]
    Kept(std::process::ExitStatus),
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
}

impl CliError {
    /// 1 this machine failed, 3 refused by a rule, 4 invalid input, 5 network. (2, bad usage, is clap's.)
    fn exit_code(&self) -> u8 {
        match self {
            CliError::Failed(failure) => code(failure.kind),
            CliError::Installation(_) => 1,
            CliError::Store(
                StoreError::WrongPassphrase
                | StoreError::AlreadyThere { .. }
                | StoreError::NotThere { .. }
                | StoreError::NotABackup { .. },
            ) => 4,
            CliError::Store(_) | CliError::Io(_) | CliError::Kept(_) => 1,
            CliError::Demo(_) | CliError::Bench(_) | CliError::Attack(_) => 1,
            CliError::Passphrase(_) | CliError::NoPassphrase(_) | CliError::Door(_) | CliError::Input(_) => 4,
            CliError::Fault(_) => 4,
            CliError::NotLoopback(_) => 3,
            CliError::Relay(_) | CliError::Serve(_) | CliError::Control(_) => 5,
        }
    }
}

fn code(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Machine => 1,
        FailureKind::Rule => 3,
        FailureKind::Input => 4,
        FailureKind::Network => 5,
    }
}

/// How long threads are waited for when all is done.
const SHUTDOWN: std::time::Duration = std::time::Duration::from_millis(300);

/// Runs the program with this process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("conclave: this machine gives no threads: {error}");
            return ExitCode::from(1);
        }
    };
    let done = runtime.block_on(run(cli.command));
    // Chain threads may still wait for a server's answer, which is not worth waiting for. The store's work ends in a moment:
    // a library that cleans up at the end of the process must not do so under its hands.
    runtime.shutdown_timeout(SHUTDOWN);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.exit_code();
            match error {
                // A closed pipe is how readers say that they have enough.
                CliError::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
                error => eprintln!("conclave: {error}"),
            }
            ExitCode::from(code)
        }
    }
}

async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Init(home) => installation::init(&home),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Member { home, chain_pause_ms, relay } => member::member(&home, chain_pause_ms, relay).await,
        Command::Vault(command) => installation::vault(command).await,
        Command::Address(args) => installation::address(args).await,
        Command::Payment(command) => payment::payment(command).await,
        Command::Coins(command) => payment::coins(command),
        Command::Addresses(command) => wallet::addresses(command),
        Command::Labels(command) => wallet::labels(command),
        Command::Fees(args) => wallet::fees(args).await,
        Command::Watch(command) => wallet::watch(command).await,
        Command::Sync(args) => installation::sync(args).await,
        Command::Audit(command) => audit::audit(command),
        Command::Psbt(command) => psbt::psbt(command),
        Command::Descriptor(command) => descriptor::descriptor(command),
        Command::Relay(args) => serve::relay(args).await,
        Command::PracticeChain(listen) => serve::practice_chain(listen).await,
        Command::Practice(command) => serve::practice(command).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Keep(args) => keep::keep(args).await,
        Command::Soak(args) => soak::soak(args).await,
        Command::Bench(args) => {
            crate::bench::run(&args).await?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn changes_of_a_vault_are_asked_for_in_words() {
        Cli::command().debug_assert();
        let (id, cfg) = ("11".repeat(32), "22".repeat(32));
        let replace = format!("{id}={cfg}");
        let home = ["--home", "h"];
        let parses = |words: &[&str]| Cli::try_parse_from([&["conclave", "vault"], words, &home].concat()).is_ok();
        assert!(parses(&["invite", &id, "--role", "auditor", "--expires", "5"]));
        assert!(parses(&["invite", &id, "--replace", &cfg]) && !parses(&["invite", &id]));
        assert!(parses(&["change", "propose", &id, "--approvals", "2", "--add", &cfg, "--replace", &replace]));
        assert!(!parses(&["change", "propose", &id, "--replace", &cfg]));
        assert!(parses(&["change", "list"]) && parses(&["change", "words", &id, "--cfg", &cfg]));
        assert!(parses(&["change", "vote", &id, "--cfg", &cfg, "--words", "a b"]));
        assert!(!parses(&["change", "vote", &id, "--cfg", &cfg]));
        let tier = ["change", "propose", &id, "--tier", "10000000:3:approver=1,keyholder=2", "--tier", "1:2"];
        assert!(parses(&tier) && parses(&["change", "propose", &id, "--no-tiers", "--allow-any", "--release", "1"]));
        assert!(!parses(&[&tier[..], &["--no-tiers"]].concat()));
        for wrong in ["", "1", "1:", ":2", "1:2:", "1:2:approver", "1:2:approver=", "1:2:boss=1", "1:2:approver=1:x"] {
            assert!(!parses(&["change", "propose", &id, "--tier", wrong]), "{wrong:?}");
        }
        let lists = ["--allow", "a", "--disallow", "b", "--deny", "c", "--undeny", "d"];
        assert!(parses(&[&["change", "propose", &id], &lists[..]].concat()));
        assert!(parses(&["freeze", &id, "--reason", "lost laptop"]) && !parses(&["freeze", &id]));
        assert!(parses(&["release", &id, "--freeze", &cfg]) && parses(&["release", &id]) && parses(&["policy"]));
        assert!(parses(&["change", "release", &id, "--cfg", &cfg]) && parses(&["backup-words", "--show"]));
    }

    #[test]
    fn payments_are_replaced_and_coins_chosen_in_words() {
        let (id, coin) = ("11".repeat(32), format!("{}:1", "22".repeat(32)));
        let home = ["--home", "h"];
        let parses = |words: &[&str]| Cli::try_parse_from([&["conclave"], words, &home].concat()).is_ok();
        let propose = ["payment", "propose", &id];
        assert!(parses(&[&propose[..], &["--to", "a=1", "--to", "b=2", "--fee-rate", "1.5"]].concat()));
        assert!(parses(
            &[&propose[..], &["--all", "a", "--coin", &coin, "--fee-rate", "2", "--expires", "5"]].concat()
        ));
        assert!(!parses(&[&propose[..], &["--fee-rate", "2"]].concat()), "somebody must get something");
        assert!(!parses(&[&propose[..], &["--to", "a=1"]].concat()), "nobody guesses a fee");
        for what in ["bump", "cancel", "cpfp"] {
            assert!(
                parses(&["payment", what, &id, &id, "--fee-rate", "3.25"]) && !parses(&["payment", what, &id, &id])
            );
        }
        assert!(parses(&["payment", "withdraw", &id, &id]) && parses(&["coins", "list"]));
        assert!(parses(&["coins", "freeze", &id, &coin]) && parses(&["coins", "unfreeze", &id, &coin]));
    }

    #[test]
    fn labels_addresses_and_watched_descriptors_are_asked_for_in_words() {
        let (id, coin) = ("11".repeat(32), format!("{}:1", "22".repeat(32)));
        let home = ["--home", "h"];
        let parses = |words: &[&str]| Cli::try_parse_from([&["conclave"], words, &home].concat()).is_ok();
        assert!(parses(&["addresses", "list"]) && parses(&["addresses", "list", &id, "--change", "--before", "5"]));
        let set = ["labels", "set", &id, "--label", "rent"];
        for on in [["--address", "a"], ["--transaction", "t"], ["--coin", &coin]] {
            assert!(parses(&[&set[..], &on].concat()), "{on:?}");
        }
        assert!(!parses(&set) && !parses(&[&set[..], &["--address", "a", "--coin", &coin]].concat()));
        assert!(parses(&["labels", "export"]) && parses(&["labels", "export", &id, "--out", "f"]));
        assert!(parses(&["labels", "import", &id, "f"]) && !parses(&["labels", "import", &id]));
        assert!(parses(&["fees"]) && parses(&["vault", "history", "--points", "9"]));
        assert!(parses(&["vault", "export-transactions", "--out", "f"]));
        assert!(parses(&["vault", "set-chain", &id, "--chain", "c"]) && !parses(&["vault", "set-chain", &id]));
        assert!(parses(&["watch", "add", "wpkh(k)", "--name", "n", "--chain", "c"]) && parses(&["watch", "list"]));
        assert!(parses(&["watch", "remove", &id]) && !parses(&["watch", "remove"]));
    }

    #[test]
    fn a_hostile_relay_is_asked_for_by_options_that_help_does_not_show() {
        let (author, recipient) = ("11".repeat(32), "22".repeat(32));
        let words = |drop: &str| {
            let words =
                ["conclave", "relay", "--replay", "--garbage", "--forget", "3", "--withhold", &author, "--drop", drop];
            Cli::try_parse_from(words)
        };
        assert!(words(&format!("{author}:{recipient}")).is_ok());
        assert!(words(&author).is_err() && words("a:b").is_err());
        let help = Cli::try_parse_from(["conclave", "relay", "--help"]).unwrap_err().to_string();
        assert!(help.contains("--listen") && !help.contains("--drop"), "{help}");
    }
}
