//! `conclave vault policy`, `freeze` and `release`, and the options of a policy: tiers, lists, votes for a release.

use clap::Args;
use conclave_shared::policy::{Policy, PolicyChange, RoleCount, Tier};
use conclave_shared::request::{Freeze, ReleaseFreeze, Request};
use conclave_shared::view::{FreezeView, PolicyView};
use conclave_shared::{EventId, Role, Sat, VaultId};

use super::CliError;
use super::installation::{Common, act};
use crate::record::{shown, utc};

/// The policy of a vault that is made.
#[derive(Debug, Args)]
pub(super) struct FirstPolicyArgs {
    /// Approvals that a payment needs. As many as signatures, if it is not given.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    approvals: Option<u32>,
    /// FROM:APPROVALS[:ROLE=COUNT,..]: what payments need from so many sat on, fee included. Can be given several times.
    #[arg(long, value_name = "FROM:APPROVALS[:ROLE=COUNT,..]", value_parser = tier)]
    tier: Vec<Tier>,
}

impl FirstPolicyArgs {
    pub(super) fn policy(self, threshold: u32) -> Option<Policy> {
        let asked = self.approvals.is_some() || !self.tier.is_empty();
        asked.then(|| Policy { tiers: self.tier, ..Policy::plain(self.approvals.unwrap_or(threshold)) })
    }
}

/// What is to be otherwise in the policy of an active vault.
#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// FROM:APPROVALS[:ROLE=COUNT,..]: what payments need from so many sat on, fee included. Can be given several times:
    /// these are all tiers from then on.
    #[arg(long, value_name = "FROM:APPROVALS[:ROLE=COUNT,..]", value_parser = tier, conflicts_with = "no_tiers")]
    tier: Vec<Tier>,
    /// Larger payments need no more than smaller ones.
    #[arg(long)]
    no_tiers: bool,
    /// An address that may be paid. From then on no address may be that is not on this list. Can be given several times.
    #[arg(long, value_name = "ADDRESS")]
    allow: Vec<String>,
    /// An address that leaves this list; the list stays. Can be given several times.
    #[arg(long, value_name = "ADDRESS")]
    disallow: Vec<String>,
    /// Ends this list: every address may be paid that is not denied.
    #[arg(long, conflicts_with_all = ["allow", "disallow"])]
    allow_any: bool,
    /// An address that is never paid. Can be given several times.
    #[arg(long, value_name = "ADDRESS")]
    deny: Vec<String>,
    /// An address that may be paid again. Can be given several times.
    #[arg(long, value_name = "ADDRESS")]
    undeny: Vec<String>,
    /// How many keyholders release a freeze.
    #[arg(long, value_name = "KEYHOLDERS")]
    release: Option<u32>,
}

impl PolicyArgs {
    pub(super) fn change(self) -> PolicyChange {
        let Self { tier, no_tiers, allow, disallow, allow_any, deny, undeny, release } = self;
        let tiers = (no_tiers || !tier.is_empty()).then_some(tier);
        PolicyChange { tiers, allow, disallow, allow_any, deny, undeny, release }
    }
}

#[derive(Debug, Args)]
pub(super) struct FreezeArgs {
    /// The vault's id.
    vault: VaultId,
    /// Why: the others read it.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct ReleaseArgs {
    /// The vault's id.
    vault: VaultId,
    /// Which freeze, as `vault policy` names it. Can be given several times; none: all that stand.
    #[arg(long, value_name = "FREEZE")]
    freeze: Vec<EventId>,
    #[command(flatten)]
    common: Common,
}

fn tier(text: &str) -> Result<Tier, String> {
    const FORM: &str = "must be FROM:APPROVALS or FROM:APPROVALS:ROLE=COUNT,..";
    let mut parts = text.split(':');
    let mut number = |what| {
        let part: &str = parts.next().ok_or(FORM)?;
        part.parse::<u64>().map_err(|error| format!("{what}: {error}"))
    };
    let from = Sat(number("amount in sat")?);
    let approvals = u32::try_from(number("approvals")?).map_err(|error| format!("approvals: {error}"))?;
    let by = parts.next().map_or(Ok(Vec::new()), |by| by.split(',').map(role_count).collect())?;
    if parts.next().is_some() {
        return Err(FORM.to_owned());
    }
    Ok(Tier { from, approvals, by })
}

fn role_count(text: &str) -> Result<RoleCount, String> {
    let (role, count) = text.split_once('=').ok_or("approvals by role must be ROLE=COUNT")?;
    let role = [Role::Keyholder, Role::Approver].into_iter().find(|it| it.name() == role);
    let role = role.ok_or("the role must be keyholder or approver")?;
    Ok(RoleCount { role, count: count.parse().map_err(|error| format!("approvals by role: {error}"))? })
}

pub(super) async fn freeze(args: FreezeArgs) -> Result<(), CliError> {
    let FreezeArgs { vault, reason, common } = args;
    act(common, Request::Freeze(Freeze { vault, reason })).await
}

pub(super) async fn release(args: ReleaseArgs) -> Result<(), CliError> {
    let ReleaseArgs { vault, freeze, common } = args;
    act(common, Request::ReleaseFreeze(ReleaseFreeze { vault, freezes: freeze })).await
}

pub(super) fn in_words(view: &PolicyView) -> String {
    let mut text = String::new();
    if !view.active {
        text.push_str("not ratified yet:\n");
    }
    for sentence in &view.sentences {
        text.push_str(&format!("{}\n", shown(sentence)));
    }
    text.push_str(&freezes_in_words(&view.freezes));
    text
}

/// Freezes that stand, with their votes; then how many are released.
pub(super) fn freezes_in_words(freezes: &[FreezeView]) -> String {
    let mut text = String::new();
    for it in freezes.iter().filter(|it| it.stands) {
        let (name, reason, since) = (shown(&it.name), shown(&it.reason), utc(it.since_ms));
        text.push_str(&format!("FROZEN by {name} since {since}: {reason}\n  freeze {}\n", it.freeze));
        let counts = it.votes.iter().filter(|vote| vote.counts);
        let votes: Vec<String> = counts.map(|vote| format!("{} at {}", vote.member.short(), utc(vote.ms))).collect();
        text.push_str(&format!("  {} of {} votes to release it: {}\n", votes.len(), it.need, votes.join(", ")));
        if !it.admitted {
            text.push_str("  what it builds on is not here yet\n");
        }
    }
    let released = freezes.iter().filter(|it| !it.stands).count();
    if released > 0 {
        text.push_str(&format!("{released} {} released\n", if released == 1 { "freeze is" } else { "freezes are" }));
    }
    text
}
