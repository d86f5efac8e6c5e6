//! SIGKILL at random moments, over and over: a 2-of-3 vault of separate processes pays round after round while its members,
//! its relay and its chain server are killed and started again. What must hold all the same is in [`audit`].
//!
//! The blows come from a seed and can be repeated; when exactly each hits depends on the machine.

mod audit;
mod dice;
mod mortal;
mod round;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use self::audit::{Verified, audit, check_chain};
use self::dice::Dice;
use self::round::{Paid, Parts, Shared};
use self::world::{Blow, NAMES, World};
use crate::demo::DemoError;
use crate::practice::SharedChain;

/// Rounds between two audits: nobody is killed while one runs.
const AUDIT_EVERY: u64 = 10;
/// Rounds in one vault; then the next vault is set up.
const ROUNDS_IN_A_VAULT: u64 = 100;
/// How often a report goes out, in rounds.
pub const REPORT_EVERY: u64 = 50;
/// How long a round takes before any was measured.
const FIRST_GUESS: Duration = Duration::from_millis(1_500);

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many payments.
    pub rounds: u64,
    /// Seed of the blows.
    pub seed: u64,
    /// The headless program.
    pub program: PathBuf,
    /// Where the members' databases go.
    pub folder: PathBuf,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Report {
    /// Seed of the blows.
    pub seed: u64,
    /// Rounds done: each a payment in a block.
    pub rounds: u64,
    /// Members killed.
    pub kills: u64,
    /// Members started again.
    pub restarts: u64,
    /// Times that the relay was killed.
    pub relay_kills: u64,
    /// Times that the chain's server was cut off.
    pub chain_cuts: u64,
    /// Vaults set up.
    pub vaults: u64,
    /// Audits passed.
    pub audits: u64,
    /// Events in the records of all vaults, each held by three members.
    pub events: u64,
    /// Seconds since the start.
    pub seconds: f64,
}

/// Runs all rounds; `say` is told every [`REPORT_EVERY`] rounds.
pub async fn soak(plan: &Plan, mut say: impl FnMut(&Report)) -> Result<Report, DemoError> {
    let began = Instant::now();
    let mut dice = Dice::new(plan.seed);
    let mut report = Report { seed: plan.seed, ..Report::default() };
    let mut usual = FIRST_GUESS;
    while report.rounds < plan.rounds {
        let folder = plan.folder.join(format!("vault-{}", report.vaults));
        let rounds = (plan.rounds - report.rounds).min(ROUNDS_IN_A_VAULT);
        let world = Arc::new(World::start(&folder, &plan.program, SharedChain::begin()).await?);
        report.vaults += 1;
        let whole = Vault { world: &world, dice: &mut dice, report: &mut report, usual: &mut usual, began };
        whole.run(rounds, &mut say).await?;
        world.end().await?;
        // Hundreds of megabytes otherwise.
        remove(&folder)?;
    }
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

fn remove(folder: &Path) -> Result<(), DemoError> {
    std::fs::remove_dir_all(folder).map_err(|source| DemoError::Folder { path: folder.to_owned(), source })
}

/// One vault's life.
struct Vault<'a> {
    world: &'a Arc<World>,
    dice: &'a mut Dice,
    report: &'a mut Report,
    usual: &'a mut Duration,
    began: Instant,
}

impl Vault<'_> {
    async fn run(self, rounds: u64, say: &mut impl FnMut(&Report)) -> Result<(), DemoError> {
        let Self { world, dice, report, usual, began } = self;
        let before = *report;
        let shared = Shared::set_up(world).await?;
        let (mut paid, mut verified) = (Vec::new(), Verified::default());
        let mut blows: JoinSet<Result<(), DemoError>> = JoinSet::new();
        for done in 1..=rounds {
            let parts = parts(dice);
            let blow = Blow::throw(dice, *usual);
            let struck = Arc::clone(world);
            blows.spawn(async move { struck.strike(&blow).await });
            let started = Instant::now();
            let number = before.rounds + done;
            let last = paid.last().map(|last: &Paid| last.proposal);
            paid.push(shared.round(number, parts, last).await?);
            // The usual length follows what is measured.
            *usual = (*usual * 7 + started.elapsed()) / 8;
            report.rounds = number;
            check_chain(&world.chain, &paid[paid.len() - 1..])?;
            if done % AUDIT_EVERY == 0 || done == rounds {
                while let Some(blow) = blows.join_next().await {
                    blow.map_err(|error| DemoError::Process {
                        member: "the blows".to_owned(),
                        reason: error.to_string(),
                    })??;
                }
                let audited = audit(&shared, &paid, &mut verified).await?;
                check_chain(&world.chain, &paid)?;
                report.audits += 1;
                report.events = before.events + audited.events as u64;
            }
            let count = |tally: &std::sync::atomic::AtomicU64| tally.load(Ordering::Relaxed);
            report.kills = before.kills + count(&world.tally.kills);
            report.restarts = before.restarts + count(&world.tally.restarts);
            report.relay_kills = before.relay_kills + count(&world.tally.relays);
            report.chain_cuts = before.chain_cuts + count(&world.tally.chains);
            report.seconds = began.elapsed().as_secs_f64();
            if number % REPORT_EVERY == 0 {
                say(report);
            }
        }
        Ok(())
    }
}

fn parts(dice: &mut Dice) -> Parts {
    let approvers = dice.pick(2, NAMES.len());
    let signers = dice.pick(2, NAMES.len());
    Parts { proposer: approvers[0], other: approvers[1], signers: [signers[0], signers[1]] }
}
