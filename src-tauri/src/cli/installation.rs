//! Subcommands on an installation. What changes something stays connected for a while, so that the others hear of it;
//! what only looks opens no connection.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use conclave_shared::request::{CreateVault, JoinVault, ListTransactions, OnVault, Ratify, Reply, Request};
use conclave_shared::view::VaultView;
use conclave_shared::{KeyState, Recovery, ScriptKind, Template, VaultId, VaultStatus};

use super::words::in_words;
use super::{CliError, Home, change, policy, tor, wallet};
use crate::failure::InstallationError;
use crate::input::now_ms;
use crate::installation::Installation;
use crate::main_loop::Running;
use crate::record::shown;
use crate::store::{Passphrase, Store};
use crate::watched::Watched;

/// How often the end of an exchange is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// An installation, and how the outcome is told.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) home: Home,
    /// Print the reply as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Stay connected at most this many seconds, until the others hold what is new. 0: connect to nobody.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub(super) stay: u64,
}

#[derive(Debug, Args)]
pub(super) struct OnVaultArgs {
    /// The vault's id. Not needed where the installation has one vault.
    pub(super) vault: Option<VaultId>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    #[command(flatten)]
    home: Home,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// A second way to spend coins that have lain still.
#[derive(Debug, Args)]
pub(super) struct RecoveryArgs {
    /// How many blocks a coin must have lain before the recovery may spend it (1 to 65535).
    #[arg(long, value_name = "BLOCKS", requires = "recovery_threshold")]
    recovery_after: Option<u16>,
    /// Signatures that the recovery needs.
    #[arg(long, value_name = "N", requires = "recovery_after")]
    recovery_threshold: Option<u32>,
    /// A key that only the recovery uses: [FINGERPRINT/PATH]XPUB. Can be given several times. Without any the keyholders'
    /// own keys recover.
    #[arg(long, value_name = "KEY", requires = "recovery_after")]
    recovery_key: Vec<String>,
}

impl RecoveryArgs {
    fn asked(self) -> Option<Recovery> {
        let (after_blocks, threshold) = self.recovery_after.zip(self.recovery_threshold)?;
        Some(Recovery { after_blocks, threshold, keys: self.recovery_key })
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum VaultCommand {
    /// Make a vault and print the invitations for its other members.
    Create {
        /// Name of the vault.
        #[arg(long)]
        name: String,
        /// Your own name.
        #[arg(long)]
        member: String,
        /// What the vault is for, in place of --threshold and --keyholders.
        #[arg(long, value_parser = template, conflicts_with_all = ["threshold", "keyholders"])]
        template: Option<Template>,
        /// Your own place in a template, by its title: desk, backup, security; buyer, seller, mediator. Else the first.
        #[arg(long, value_name = "TITLE")]
        place: Option<String>,
        /// Signatures that a payment needs. 2 where nothing else is said.
        #[arg(long)]
        threshold: Option<u32>,
        /// Keyholders, you included. 3 where nothing else is said.
        #[arg(long)]
        keyholders: Option<u32>,
        /// Members who approve payments and hold no key.
        #[arg(long, default_value_t = 0)]
        approvers: u32,
        /// Read-only members.
        #[arg(long, default_value_t = 0)]
        auditors: u32,
        /// Relay: ws://127.0.0.1:PORT. Can be given several times.
        #[arg(long, required_unless_present = "own_relay")]
        relay: Vec<String>,
        /// Serve a relay for this vault from this installation, behind an onion address (see `conclave relay --onion`).
        #[arg(long)]
        own_relay: bool,
        /// Electrum server: tcp://127.0.0.1:PORT.
        #[arg(long)]
        chain: String,
        /// How long the invitations can be used, in hours.
        #[arg(long, default_value_t = 72)]
        hours: u64,
        /// The kind of the vault's addresses: p2wsh-sortedmulti, p2wsh-multi, nested-sortedmulti, nested-multi,
        /// legacy-sortedmulti, legacy-multi or taproot-multi.
        #[arg(long, value_name = "KIND")]
        script: Option<ScriptKind>,
        #[command(flatten)]
        recovery: RecoveryArgs,
        #[command(flatten)]
        policy: policy::FirstPolicyArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Join a vault by an invitation.
    Join {
        /// The invitation's text.
        invitation: String,
        /// Your own name.
        #[arg(long)]
        member: String,
        /// Electrum server of your choice: tcp://127.0.0.1:PORT, tcp://NAME.onion:PORT or ssl://HOST:PORT.
        #[arg(long)]
        chain: String,
        /// File with the words of the lost installation's software key (see `vault backup-words`): only where the
        /// invitation replaces a keyholder.
        #[arg(long, value_name = "FILE")]
        seed_file: Option<std::path::PathBuf>,
        /// Agree to relays on the own network, which are reached in the clear and without Tor.
        #[arg(long)]
        own_network: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Open a place in an active vault and print the invitation.
    Invite(change::InviteArgs),
    /// Change the members and rules of an active vault, by votes of its keyholders.
    #[command(subcommand)]
    Change(change::ChangeCommand),
    /// The policy in plain words, and the freezes.
    Policy(OnVaultArgs),
    /// Stop all payments at once: no member's program approves, signs or sends any more.
    Freeze(policy::FreezeArgs),
    /// Vote to release freezes.
    Release(policy::ReleaseArgs),
    /// The words of this installation's software key, to be written down: whoever has them can sign.
    BackupWords(change::BackupArgs),
    /// All vaults of the installation.
    List(Common),
    /// One vault: its members and how far each has come, its payments.
    Show(OnVaultArgs),
    /// The transactions of its coins, newest first.
    Transactions {
        #[command(flatten)]
        vault: OnVaultArgs,
        /// Only those before this one: the last that was shown.
        #[arg(long, value_name = "TXID")]
        before: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// The balance over time.
    History(wallet::HistoryArgs),
    /// The transactions as a table (CSV).
    ExportTransactions(wallet::ExportTransactionsArgs),
    /// Ask another chain source from now on.
    SetChain(wallet::SetChainArgs),
    /// The twelve words of the configuration, to read out to the others.
    Words(OnVaultArgs),
    /// Ratify with the twelve words that you HEARD from the others.
    Ratify {
        /// The vault's id.
        vault: VaultId,
        /// The words as heard, in quotes.
        #[arg(long)]
        words: String,
        #[command(flatten)]
        common: Common,
    },
}

fn template(text: &str) -> Result<Template, String> {
    let names: Vec<&str> = Template::ALL.iter().map(|template| template.name()).collect();
    let found = Template::ALL.into_iter().find(|template| template.name() == text);
    found.ok_or_else(|| format!("must be one of: {}", names.join(", ")))
}

/// The passphrase of an installation; asked for twice where it is new.
pub(super) fn passphrase(home: &Home, twice: bool) -> Result<Passphrase, CliError> {
    let text = match (&home.passphrase_file, std::env::var("CONCLAVE_PASSPHRASE")) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file).map_err(CliError::NoPassphrase)?;
            text.lines().next().unwrap_or_default().to_owned()
        }
        (None, Ok(text)) => text,
        (None, Err(_)) => {
            let first = rpassword::prompt_password("Passphrase: ").map_err(CliError::NoPassphrase)?;
            if twice && rpassword::prompt_password("Once more: ").map_err(CliError::NoPassphrase)? != first {
                return Err(CliError::Input("the two passphrases differ: nothing was made".to_owned()));
            }
            first
        }
    };
    Ok(Passphrase::new(text)?)
}

/// Opens an installation by its passphrase.
pub(super) fn open(home: &Home) -> Result<Installation, CliError> {
    Installation::unlock(&home.home, &passphrase(home, false)?, now_ms()).map_err(|error| match error {
        InstallationError::Store(error) => CliError::Store(error),
        error => CliError::Installation(error),
    })
}

/// Closes an installation on record. What it has answered stands, whatever becomes of that.
pub(super) fn close(mut installation: Installation) {
    if let Err(error) = installation.lock(now_ms()) {
        eprintln!("conclave: {error}");
    }
}

/// Asks an installation that is connected to nobody, and closes it.
pub(super) fn ask_once(home: &Home, request: Request) -> Result<Reply, CliError> {
    let mut installation = open(home)?;
    let reply = installation.ask(request, now_ms());
    close(installation);
    Ok(reply)
}

pub(super) fn init(home: &Home) -> Result<(), CliError> {
    Store::create(&home.home, &passphrase(home, true)?)?;
    println!("installation made in {}; without its passphrase nobody can open it", home.home.display());
    Ok(())
}

/// Asks, and says what comes back.
pub(super) fn look(common: &Common, request: Request) -> Result<(), CliError> {
    let reply = ask_once(&common.home, request)?;
    tell(common.json, reply)
}

/// The same about one vault.
pub(super) fn look_at(args: &OnVaultArgs, request: impl FnOnce(OnVault) -> Request) -> Result<(), CliError> {
    tell(args.common.json, reply_at(args, request)?)
}

/// The reply to a request about one vault.
pub(super) fn reply_at(args: &OnVaultArgs, request: impl FnOnce(OnVault) -> Request) -> Result<Reply, CliError> {
    let mut installation = open(&args.common.home)?;
    let vault = the_vault(&installation, args.vault);
    let reply = vault.map(|vault| installation.ask(request(OnVault { vault }), now_ms()));
    close(installation);
    reply
}

/// The vault that is meant: the one named, or the only one there is; where there is none, the only watched descriptor.
pub(super) fn the_vault(installation: &Installation, named: Option<VaultId>) -> Result<VaultId, CliError> {
    let mut ids: Vec<VaultId> = installation.vaults().map(|open| open.vault.id()).collect();
    if ids.is_empty() {
        ids.extend(installation.all_watched().map(Watched::id));
    }
    match (named, &ids[..]) {
        (Some(vault), _) => Ok(vault),
        (None, [only]) => Ok(*only),
        (None, []) => Err(CliError::Input("this installation has no vault yet".to_owned())),
        (None, [_, _, ..]) => Err(CliError::Input("this installation has several vaults: name one".to_owned())),
    }
}

/// Asks, then stays until the others hold what is new, or the time is over.
pub(super) async fn act(common: Common, request: Request) -> Result<(), CliError> {
    if common.stay == 0 {
        return look(&common, request);
    }
    let running = tor::run_at(&common.home, Duration::from_secs(common.stay)).await?;
    // The chain source is asked first: what is judged must be judged by what the chain shows now.
    if let Some(vault) = vault_of(&request)
        && let Reply::Failed(failure) = running.ask(Request::SyncChain(OnVault { vault })).await
    {
        running.stop().await;
        return Err(CliError::Failed(failure));
    }
    let reply = running.ask(request).await;
    if !matches!(reply, Reply::Failed(_)) {
        until_told(&running, Duration::from_secs(common.stay)).await;
    }
    running.stop().await;
    tell(common.json, reply)
}

/// The vault whose chain a request is judged by.
fn vault_of(request: &Request) -> Option<VaultId> {
    match request {
        Request::Propose(it) => Some(it.vault),
        Request::Approve(it) | Request::Sign(it) => Some(it.vault),
        Request::BumpPayment(it) | Request::CancelPayment(it) => Some(it.vault),
        Request::SpeedUp(it) => Some(it.vault),
        Request::SignWith(it) => Some(it.vault),
        Request::PreviewPayment(it) => Some(it.vault),
        Request::SelfTest(it) => Some(it.vault),
        Request::ExportPsbt(it) => Some(it.vault),
        Request::ImportPsbt(it) => Some(it.vault),
        Request::CreateVault(_)
        | Request::JoinVault(_)
        | Request::HostRelay(_)
        | Request::ListVaults
        | Request::ShowVault(_)
        | Request::RosterWords(_)
        | Request::Ratify(_)
        | Request::IssueAddress(_)
        | Request::Reject(_)
        | Request::Withdraw(_)
        | Request::ListCoins(_)
        | Request::FreezeCoin(_)
        | Request::UnfreezeCoin(_)
        | Request::DigestWords(_)
        | Request::ListTransactions(_)
        | Request::SyncChain(_)
        | Request::ExportRecord(_)
        | Request::ExportTable(_)
        | Request::ShowRecord(_)
        | Request::VerifyRecord(_)
        | Request::ShowAppRecord
        | Request::VerifyAppRecord
        | Request::ShowRefused(_)
        | Request::Invite(_)
        | Request::ProposeChange(_)
        | Request::ListChanges(_)
        | Request::ChangeWords(_)
        | Request::VoteChange(_)
        | Request::ReleaseVote(_)
        | Request::BackupWords(_)
        | Request::ShowPolicy(_)
        | Request::Freeze(_)
        | Request::ReleaseFreeze(_)
        | Request::CheckAddress(_)
        | Request::ShowPaymentRecord(_)
        | Request::ListAddresses(_)
        | Request::SetLabel(_)
        | Request::ExportLabels(_)
        | Request::ImportLabels(_)
        | Request::ShowHistory(_)
        | Request::EstimateFees(_)
        | Request::SetChainSource(_)
        | Request::ExportTransactions(_)
        | Request::CheckDescriptor(_)
        | Request::WatchDescriptor(_)
        | Request::ForgetWatched(_) => None,
    }
}

async fn until_told(running: &Running, longest: Duration) {
    let began = Instant::now();
    while began.elapsed() < longest {
        tokio::time::sleep(LOOK).await;
        let Reply::Vaults { vaults, .. } = running.ask(Request::ListVaults).await else { return };
        if vaults.iter().all(all_is_said) {
            return;
        }
    }
}

/// Whether the others hold what is here, and a set-up waits for nothing that this program does by itself.
fn all_is_said(vault: &VaultView) -> bool {
    let Some(me) = vault.members.iter().find(|member| member.member == vault.me) else { return false };
    let asked = vault.status == VaultStatus::Active || me.challenged_ms.is_some();
    let proven = vault.status != VaultStatus::Proving || me.key_state != Some(KeyState::Unproven);
    vault.unacknowledged == 0 && vault.members.len() > 1 && asked && proven
}

pub(super) async fn vault(command: VaultCommand) -> Result<(), CliError> {
    match command {
        VaultCommand::Create {
            name,
            member,
            template,
            place,
            threshold,
            keyholders,
            approvers,
            auditors,
            relay,
            own_relay,
            chain,
            hours,
            script,
            recovery,
            policy,
            common,
        } => {
            let own = |number: Option<u32>, default| number.unwrap_or(if template.is_some() { 0 } else { default });
            let request = CreateVault {
                name,
                member,
                template,
                place,
                policy: policy.policy(own(threshold, 2)),
                threshold: own(threshold, 2),
                keyholders: own(keyholders, 3),
                approvers,
                auditors,
                relays: relay,
                own_relay,
                chain,
                invitation_seconds: hours.saturating_mul(3_600),
                script,
                recovery: recovery.asked(),
            };
            // Nobody has joined yet: there is nobody to wait for.
            look(&common, Request::CreateVault(request))
        }
        VaultCommand::Join { invitation, member, chain, seed_file, own_network, common } => {
            let seed_words = seed_file.map(|file| change::seed_words(&file)).transpose()?;
            act(common, Request::JoinVault(JoinVault { invitation, member, chain, seed_words, own_network })).await
        }
        VaultCommand::Invite(args) => change::invite(args).await,
        VaultCommand::Change(command) => change::change(command).await,
        VaultCommand::BackupWords(args) => change::backup_words(&args),
        VaultCommand::Policy(args) => look_at(&args, Request::ShowPolicy),
        VaultCommand::Freeze(args) => policy::freeze(args).await,
        VaultCommand::Release(args) => policy::release(args).await,
        VaultCommand::List(common) => look(&common, Request::ListVaults),
        VaultCommand::Show(args) => look_at(&args, Request::ShowVault),
        VaultCommand::Transactions { vault, before, limit } => {
            look_at(&vault, |on| Request::ListTransactions(ListTransactions { vault: on.vault, before, limit }))
        }
        VaultCommand::History(args) => wallet::history(&args),
        VaultCommand::ExportTransactions(args) => wallet::export_transactions(&args),
        VaultCommand::SetChain(args) => wallet::set_chain(args),
        VaultCommand::Words(args) => look_at(&args, Request::RosterWords),
        VaultCommand::Ratify { vault, words, common } => act(common, Request::Ratify(Ratify { vault, words })).await,
    }
}

/// Does something about one vault, and says what came of it.
pub(super) async fn act_at(args: OnVaultArgs, request: impl FnOnce(OnVault) -> Request) -> Result<(), CliError> {
    let vault = match args.vault {
        Some(vault) => vault,
        None => {
            let installation = open(&args.common.home)?;
            let vault = the_vault(&installation, None);
            close(installation);
            vault?
        }
    };
    act(args.common, request(OnVault { vault })).await
}

pub(super) async fn address(args: OnVaultArgs) -> Result<(), CliError> {
    act_at(args, Request::IssueAddress).await
}

pub(super) async fn sync(args: SyncArgs) -> Result<(), CliError> {
    let running = tor::run_at(&args.home, Duration::from_secs(args.seconds)).await?;
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    let vaults = running.ask(Request::ListVaults).await;
    running.stop().await;
    if let Reply::Vaults { vaults, watched, .. } = vaults {
        for watched in watched {
            println!("{}: {} confirmed", shown(&watched.name), watched.balance.confirmed);
        }
        for vault in vaults {
            println!(
                "{}: {} events, {} members have not told that they hold them",
                vault.name, vault.events, vault.unacknowledged
            );
        }
    }
    Ok(())
}

/// Says a reply; a failure and a fault are errors.
pub(super) fn tell(json: bool, reply: Reply) -> Result<(), CliError> {
    if let Reply::Failed(failure) = reply {
        if json {
            println!("{}", serde_json::to_string(&failure).map_err(std::io::Error::from)?);
        }
        return Err(CliError::Failed(failure));
    }
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match reply {
        // The record is lines of JSON in any case.
        Reply::Record { lines } => lines.iter().try_for_each(|line| writeln!(out, "{line}"))?,
        reply if json => {
            serde_json::to_writer(&mut out, &reply).map_err(std::io::Error::from)?;
            writeln!(out)?;
            if let Reply::Faulty(fault) = reply {
                return Err(CliError::Fault(fault.message));
            }
        }
        Reply::Faulty(fault) => return Err(CliError::Fault(fault.message)),
        reply => write!(out, "{}", in_words(&reply))?,
    }
    Ok(out.flush()?)
}
