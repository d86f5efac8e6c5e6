//! `conclave vault invite`, `change` and `backup-words`: an active vault's members and rules, changed by votes.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use conclave_shared::request::{Invite, OnConfiguration, ProposeChange, Replacement, Request, VoteChange};
use conclave_shared::secret::SecretText;
use conclave_shared::view::{CandidateView, SuccessorView};
use conclave_shared::{Cfg, MemberId, Role, VaultId};

use super::installation::{Common, OnVaultArgs, act, look, look_at};
use super::{CliError, policy};
use crate::record::shown;

/// Most bytes of a file with words that are read.
const SEED_LIMIT: u64 = 4096;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Invited {
    Auditor,
    Approver,
    Keyholder,
}

#[derive(Debug, Args)]
pub(super) struct InviteArgs {
    /// The vault's id.
    vault: VaultId,
    /// What the invited person will be. A keyholder only with --replace.
    #[arg(long, value_enum, required_unless_present = "replace")]
    role: Option<Invited>,
    /// The keyholder whose installation is lost: the invited person brings the words of its key.
    #[arg(long, value_name = "MEMBER")]
    replace: Option<MemberId>,
    /// How long the invitation can be used, in hours.
    #[arg(long, default_value_t = 72)]
    expires: u64,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
pub(super) enum ChangeCommand {
    /// Propose a configuration that follows the present one, and vote for it.
    Propose {
        /// The vault's id.
        vault: VaultId,
        /// How many must approve a payment.
        #[arg(long)]
        approvals: Option<u32>,
        /// All relays from then on: ws://127.0.0.1:PORT. Can be given several times.
        #[arg(long, value_name = "URL")]
        relay: Vec<String>,
        /// Who has joined by an invitation and becomes a member. Can be given several times.
        #[arg(long, value_name = "MEMBER")]
        add: Vec<MemberId>,
        /// Who leaves. Can be given several times.
        #[arg(long, value_name = "MEMBER")]
        remove: Vec<MemberId>,
        /// Whose lost identity is replaced by whom. Can be given several times.
        #[arg(long, value_name = "OLD=NEW", value_parser = replacement)]
        replace: Vec<Replacement>,
        #[command(flatten)]
        policy: policy::PolicyArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Proposed configurations with their votes, and who could become a member.
    List(OnVaultArgs),
    /// The twelve words of a proposed configuration, to read out to the others.
    Words(OnConfigurationArgs),
    /// Vote with the twelve words that you HEARD from the others.
    Vote {
        #[command(flatten)]
        on: OnConfigurationArgs,
        /// The words as heard, in quotes.
        #[arg(long)]
        words: String,
    },
    /// Take your vote back, so that you can vote otherwise in a later round.
    Release(OnConfigurationArgs),
}

#[derive(Debug, Args)]
pub(super) struct OnConfigurationArgs {
    /// The vault's id.
    vault: VaultId,
    /// The proposed configuration.
    #[arg(long)]
    cfg: Cfg,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    on: OnVaultArgs,
    /// Confirms that nobody else sees this screen.
    #[arg(long)]
    show: bool,
}

fn replacement(text: &str) -> Result<Replacement, String> {
    let (old, new) = text.split_once('=').ok_or("must be OLD=NEW")?;
    let member = |text: &str| text.parse().map_err(|error: conclave_shared::ids::NotAnId| error.to_string());
    Ok(Replacement { old: member(old)?, new: member(new)? })
}

pub(super) async fn invite(args: InviteArgs) -> Result<(), CliError> {
    let InviteArgs { vault, role, replace, expires, common } = args;
    let role = match role {
        Some(Invited::Auditor) => Role::Auditor,
        Some(Invited::Approver) => Role::Approver,
        Some(Invited::Keyholder) | None => Role::Keyholder,
    };
    let invitation_seconds = expires.saturating_mul(3_600);
    act(common, Request::Invite(Invite { vault, role, replaces: replace, invitation_seconds })).await
}

pub(super) async fn change(command: ChangeCommand) -> Result<(), CliError> {
    let on = |args: &OnConfigurationArgs| OnConfiguration { vault: args.vault, cfg: args.cfg };
    match command {
        ChangeCommand::Propose { vault, approvals, relay, add, remove, replace, policy, common } => {
            let policy = policy.change();
            let request = ProposeChange { vault, approvals, relays: relay, add, remove, replace, policy };
            act(common, Request::ProposeChange(request)).await
        }
        ChangeCommand::List(args) => look_at(&args, Request::ListChanges),
        ChangeCommand::Words(args) => look(&args.common, Request::ChangeWords(on(&args))),
        ChangeCommand::Vote { on: args, words } => {
            let request = VoteChange { vault: args.vault, cfg: args.cfg, words };
            act(args.common, Request::VoteChange(request)).await
        }
        ChangeCommand::Release(args) => {
            let request = Request::ReleaseVote(on(&args));
            act(args.common, request).await
        }
    }
}

pub(super) fn backup_words(args: &BackupArgs) -> Result<(), CliError> {
    if !args.show {
        let message = "whoever reads the words can sign with your key: give --show where nobody else sees the screen";
        return Err(CliError::Input(message.to_owned()));
    }
    look_at(&args.on, Request::BackupWords)
}

/// Reads the words of a key from a file.
pub(super) fn seed_words(file: &Path) -> Result<SecretText, CliError> {
    use std::io::Read as _;
    let unreadable = |error| CliError::Input(format!("{} cannot be read: {error}", PathBuf::from(file).display()));
    let mut text = String::new();
    std::fs::File::open(file).and_then(|it| it.take(SEED_LIMIT).read_to_string(&mut text)).map_err(unreadable)?;
    Ok(SecretText::new(text))
}

pub(super) fn invitation_in_words(invitation: &SecretText) -> String {
    format!("invitation for one person, to be handed over in person or by a safe way:\n{}\n", invitation.reveal())
}

pub(super) fn in_words(successors: &[SuccessorView], candidates: &[CandidateView]) -> String {
    let text = waiting_in_words(successors, candidates);
    if text.is_empty() { "no change waits for votes\n".to_owned() } else { text }
}

/// The same for the view of a vault: nothing where nothing waits.
pub(super) fn waiting_in_words(successors: &[SuccessorView], candidates: &[CandidateView]) -> String {
    let mut text = String::new();
    for CandidateView { member, name, role, replaces } in candidates {
        let role = role.map_or("by a place that is not known here".to_owned(), |role| format!("as {role:?}"));
        let instead = replaces.map_or(String::new(), |old| format!(", for the lost {}", old.short()));
        text.push_str(&format!("  {} has joined {role}{instead} and waits for votes: {member}\n", shown(name)));
    }
    for it in successors {
        let (cfg, round, proposer) = (it.cfg, it.round, it.proposer.short());
        text.push_str(&format!("change {cfg}\n  proposed by {proposer}, round {round}\n"));
        for change in &it.changes {
            text.push_str(&format!("  {}\n", shown(change)));
        }
        let votes: Vec<String> = it.votes.iter().map(MemberId::short).collect();
        text.push_str(&format!("  {} of {} votes: {}\n", it.have, it.need, votes.join(", ")));
    }
    text
}
