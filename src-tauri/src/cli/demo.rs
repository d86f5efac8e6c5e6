//! `conclave demo`: the journey with every member, the relay and the chain in a process of its own, on the practice chain or
//! on a real Bitcoin node; or attacks on such.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use conclave_shared::desktop::{Language, Unit};
use conclave_ui_logic::messages::{Messages, Said as Words};
use conclave_ui_logic::practice::{happened, title};
use serde_json::json;

use super::CliError;
use crate::demo::attack::{ATTACKS, Attack, attempt, find};
use crate::demo::journey::Said;
use crate::demo::member::PASSPHRASE;
use crate::demo::node::Programs;
use crate::demo::{Chain, DemoError, Journey, STEPS, Stage, TorNetwork, TorPrograms};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// One JSON object a line: steps, what was said, and the outcome.
    #[arg(long)]
    json: bool,
    /// Keep the members' databases in this folder (their passphrase is "practice").
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// On a real Bitcoin node and Electrum server (bitcoind and electrs, by BITCOIND_EXE and ELECTRS_EXE or on the path)
    /// instead of the practice chain.
    #[arg(long, conflicts_with = "attack")]
    node: bool,
    /// Over a private Tor network on this machine (Debian's tor, by TOR_EXE and TOR_GENCERT_EXE or on the path): members
    /// reach the chain, and the relay that the organiser's own program serves, as onion services alone.
    #[arg(long, conflicts_with = "attack")]
    tor: bool,
    /// An attack instead: its name, `all`, or `list` for what there is.
    #[arg(long, value_name = "NAME")]
    attack: Option<String>,
}

pub(super) async fn demo(args: DemoArgs) -> Result<(), CliError> {
    if let Some(name) = &args.attack {
        return attack(name, &args).await;
    }
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
    let chain = match args.node {
        true => Chain::Node(Programs::find(&program).map_err(DemoError::from)?),
        false => Chain::Practice,
    };
    let json = args.json;
    let network = match args.tor {
        true => Some(private_network(&program, json).await?),
        false => None,
    };
    let mut journey =
        Journey::new(&folder, Stage::Processes { program, network: network.clone() }, chain, move |said: Said| {
            let text = in_english(&happened(&said.what, Unit::Sat));
            if json {
                println!("{}", json!({ "step": said.step + 1, "at_ms": said.at_ms, "text": text }));
            } else {
                println!("  {:>7.2} s  {text}", said.at_ms as f64 / 1000.0);
            }
        });
    let began = Instant::now();
    for (number, step) in STEPS.iter().enumerate() {
        let title = in_english(&title(*step));
        if json {
            println!("{}", json!({ "step": number + 1, "title": title }));
        } else {
            println!("{:>2}. {title}", number + 1);
        }
        journey.run(number).await?;
    }
    journey.stop().await?;
    if let Some(network) = network {
        over_onion_services(&network, json)?;
    }
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

/// The headless program speaks English alone.
fn in_english(said: &Words) -> String {
    Messages::of(Language::English).say(said)
}

/// Starts a private Tor network, which takes a while: the authorities have to vote.
async fn private_network(program: &Path, json: bool) -> Result<Arc<TorNetwork>, CliError> {
    let programs = TorPrograms::find(program).map_err(DemoError::from)?;
    if !json {
        println!(" 0. A private Tor network starts: authorities, relays, exits, all on this computer");
    }
    let began = Instant::now();
    let started = tokio::task::spawn_blocking(move || TorNetwork::start(programs)).await;
    let network = Arc::new(started.map_err(std::io::Error::from)?.map_err(DemoError::from)?);
    let seconds = began.elapsed().as_secs_f64();
    match json {
        true => println!("{}", json!({ "network": "usable", "seconds": seconds })),
        false => println!("  {seconds:>7.2} s  it is usable"),
    }
    Ok(network)
}

/// Says, by the logs of the network's own relays, how many connections to onion services there were; none is a failure.
fn over_onion_services(network: &TorNetwork, json: bool) -> Result<(), CliError> {
    let joined = network.joined();
    if joined == 0 {
        let broken = DemoError::Broken {
            whose: "the private Tor network".to_owned(),
            what: "no relay saw a connection to an onion service".to_owned(),
        };
        return Err(broken.into());
    }
    match json {
        true => println!("{}", json!({ "onion_connections": joined })),
        false => println!("\nThe relays of the private Tor network joined {joined} connections to onion services."),
    }
    Ok(())
}

async fn attack(name: &str, args: &DemoArgs) -> Result<(), CliError> {
    let chosen: Vec<&Attack> = match name {
        "list" => {
            list(args.json);
            return Ok(());
        }
        "all" => ATTACKS.iter().collect(),
        name => {
            let unknown = || CliError::Input(format!("there is no attack {name}: see conclave demo --attack list"));
            vec![find(name).ok_or_else(unknown)?]
        }
    };
    let temporary = tempfile::Builder::new().prefix("conclave-attack").tempdir()?;
    let folder = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let program = std::env::current_exe()?;
    let (json, mut outcomes) = (args.json, Vec::new());
    for attack in chosen {
        let began = Instant::now();
        if !json {
            println!("{}: {}", attack.name, attack.row);
        }
        let told = move |text: &str| match json {
            true => println!(
                "{}",
                json!({ "attack": attack.name, "at_ms": began.elapsed().as_millis() as u64, "text": text })
            ),
            false => println!("  {:>7.2} s  {text}", began.elapsed().as_secs_f64()),
        };
        let outcome = attempt(attack, &folder.join(attack.name), &program, told).await;
        let seconds = began.elapsed().as_secs_f64();
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if json {
            let (name, finding, fended_off) = (attack.name, attack.finding, failed.is_none());
            println!(
                "{}",
                json!({ "attack": name, "finding": finding, "fended_off": fended_off, "failed": failed, "seconds": seconds })
            );
        } else if let Some(failed) = &failed {
            println!("  NOT FENDED OFF: {failed}");
        }
        outcomes.push((attack, seconds, outcome));
    }
    if !json {
        println!();
        for (attack, seconds, outcome) in &outcomes {
            let word = if outcome.is_ok() { "fended off" } else { "FAILED" };
            println!("{word:<11} {:<20} {:<20} {seconds:>5.1} s  never: {}", attack.name, attack.finding, attack.never);
        }
    }
    match outcomes.into_iter().find_map(|(.., outcome)| outcome.err()) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn list(json: bool) {
    for Attack { name, row, finding, never, .. } in &ATTACKS {
        if json {
            println!("{}", json!({ "attack": name, "row": row, "finding": finding, "never": never }));
        } else {
            println!("{name:<20} {row}; named {finding}; never: {never}");
        }
    }
}
