//! `conclave soak`: payments while members, relay and chain server are killed at random moments.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::CliError;
use crate::demo::DemoError;
use crate::demo::soak::{Plan, Report, soak as run};

#[derive(Debug, Args)]
pub(super) struct SoakArgs {
    /// How many payments.
    #[arg(long, default_value_t = 1_000)]
    rounds: u64,
    /// Seed of the blows, to repeat them. Else by the clock.
    #[arg(long)]
    seed: Option<u64>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Keep the databases of a vault that failed in this folder (their passphrase is "practice").
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(super) async fn soak(args: SoakArgs) -> Result<(), CliError> {
    let temporary;
    let folder = match &args.keep {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
            made.map_err(|source| DemoError::Folder { path: folder.clone(), source })?
        }
        None => {
            temporary = tempfile::Builder::new().prefix("conclave-soak").tempdir()?;
            temporary.path().to_owned()
        }
    };
    let by_clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let seed = args.seed.unwrap_or_else(by_clock);
    if !args.json {
        println!("{} rounds, seed {seed}", args.rounds);
    }
    let plan = Plan { rounds: args.rounds, seed, program: std::env::current_exe()?, folder };
    let report = run(&plan, |report| tell(report, args.json)).await;
    match report {
        Ok(report) => {
            if !args.json {
                println!("nothing lost, nothing doubled, nobody paid twice:");
            }
            tell(&report, args.json);
            Ok(())
        }
        Err(error) => {
            eprintln!("conclave: to try again: --seed {seed}");
            Err(error.into())
        }
    }
}

fn tell(report: &Report, json: bool) {
    if json {
        println!("{}", serde_json::json!(report));
        return;
    }
    let Report { rounds, kills, restarts, relay_kills, chain_cuts, vaults, audits, events, seconds, seed } = report;
    println!(
        "{rounds} rounds in {vaults} vaults, {kills} kills and {restarts} restarts of members, {relay_kills} of the relay, \
         {chain_cuts} of the chain's server, {events} events, {audits} audits, {seconds:.0} s, seed {seed}"
    );
}
