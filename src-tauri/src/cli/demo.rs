//! `conclave demo`: the journey with every member, the relay and the chain in a process of its own.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::CliError;
use crate::demo::journey::Said;
use crate::demo::member::PASSPHRASE;
use crate::demo::{DemoError, Journey, STEPS, Stage};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// One JSON object a line: steps, what was said, and the outcome.
    #[arg(long)]
    json: bool,
    /// Keep the members' databases in this folder (their passphrase is "practice").
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(super) async fn demo(args: DemoArgs) -> Result<(), CliError> {
    let temporary;
    let folder = match &args.keep {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
            made.map_err(|source| DemoError::Folder { path: folder.clone(), source })?
        }
        None => {
            temporary = tempfile::Builder::new().prefix("conclave-demo").tempdir()?;
            temporary.path().to_owned()
        }
    };
    let program = std::env::current_exe()?;
    let json = args.json;
    let mut journey = Journey::new(&folder, Stage::Processes { program }, move |said: Said| {
        if json {
            println!("{}", json!({ "step": said.step + 1, "at_ms": said.at_ms, "text": said.text }));
        } else {
            println!("  {:>7.2} s  {}", said.at_ms as f64 / 1000.0, said.text);
        }
    });
    let began = Instant::now();
    for (number, step) in STEPS.iter().enumerate() {
        if json {
            println!("{}", json!({ "step": number + 1, "title": step.title }));
        } else {
            println!("{:>2}. {}", number + 1, step.title);
        }
        journey.run(number).await?;
    }
    journey.stop().await?;
    let seconds = began.elapsed().as_secs_f64();
    let Some(outcome) = journey.outcome() else { return Ok(()) };
    if json {
        let homes = args.keep.is_some().then_some(&outcome.homes);
        println!(
            "{}",
            json!({
                "outcome": "same", "vault": outcome.vault, "state_digest": outcome.state_digest, "events": outcome.events,
                "txid": outcome.txid, "seconds": seconds, "homes": homes,
                "passphrase": args.keep.is_some().then_some(PASSPHRASE),
            })
        );
    } else {
        println!("\nDone in {seconds:.1} s: vault {}, {} events at each member.", outcome.vault, outcome.events);
        if args.keep.is_some() {
            println!("The databases are kept; look into one with CONCLAVE_PASSPHRASE={PASSPHRASE}:");
            for home in &outcome.homes {
                println!("  conclave vault show --home {} --json", home.display());
            }
        }
    }
    Ok(())
}
