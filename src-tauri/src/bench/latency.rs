//! How long a proposal takes from one member to another: by a relay on this machine, and over a private Tor network by a
//! relay that a third member hosts as an onion service. Beside it a bare request (the greeting of a WebSocket) on the very
//! circuit by which the proposer reaches that relay.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address as BitcoinAddress, Amount};
use conclave_shared::practice::PracticeStep;
use conclave_shared::request::{OnVault, Propose, Recipient, Reply, Request};
use conclave_shared::{Sat, VaultId};

use super::BenchError;
use crate::demo::{Chain, DemoError, Journey, STEPS, Stage, TorNetwork, TorPrograms};
use crate::open_vault::NETWORK;
use crate::tor::{Address, Isolation};

/// Proposals that are measured, after one that is not.
const ROUNDS: usize = 11;
/// How many times a bare request a proposal may take, over Tor.
const GOAL: f64 = 1.5;
/// The first step of the journey that is not needed: before it the vault holds a coin.
const BEYOND: PracticeStep = PracticeStep::Propose;
const COIN: u64 = 1_000_000;
/// Who proposes, and who waits for it. The first member hosts the relay.
const BEN: usize = 1;
const CLEO: usize = 2;
/// How long one proposal may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(2);

/// The medians, and the slowest proposal.
struct Figures {
    bare: Duration,
    proposal: Duration,
    slowest: Duration,
}

pub(super) async fn run() -> Result<(), BenchError> {
    println!(
        "a proposal from one member to another, the median of {} (the slowest), four programs on this machine",
        ROUNDS - 1
    );
    let here = measure(None).await?;
    println!("  by a relay on this machine: {:.0} ms ({:.0} ms)", millis(here.proposal), millis(here.slowest));
    let program = std::env::current_exe()?;
    let programs = TorPrograms::find(&program).map_err(DemoError::from)?;
    let started = tokio::task::spawn_blocking(move || TorNetwork::start(programs)).await;
    let network = Arc::new(started.map_err(std::io::Error::from)?.map_err(DemoError::from)?);
    let tor = measure(Some(network)).await?;
    let ratio = tor.proposal.as_secs_f64() / tor.bare.as_secs_f64();
    println!(
        "  by an onion service over a private Tor network: {:.0} ms ({:.0} ms)",
        millis(tor.proposal),
        millis(tor.slowest)
    );
    println!(
        "  a bare request on the same circuit: {:.0} ms; a proposal takes {ratio:.2} times that (goal {GOAL})",
        millis(tor.bare)
    );
    Ok(())
}

async fn measure(network: Option<Arc<TorNetwork>>) -> Result<Figures, BenchError> {
    let folder = tempfile::tempdir()?;
    let mut journey = journey(folder.path(), network).await?;
    let vault = journey.vault().ok_or_else(|| otherwise("there is no vault"))?;
    fund(&mut journey, vault).await?;
    let (mut bare, mut proposals) = (vec![], vec![]);
    for round in 0..ROUNDS {
        let (asked, proposed) = (ask(&mut journey, vault).await?, propose(&mut journey, vault).await?);
        // The first one finds everything cold.
        if round > 0 {
            bare.push(asked);
            proposals.push(proposed);
        }
    }
    journey.stop().await?;
    bare.sort_unstable();
    proposals.sort_unstable();
    let middle = |sorted: &[Duration]| sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let slowest = proposals.last().copied().unwrap_or_default();
    Ok(Figures { bare: middle(&bare), proposal: middle(&proposals), slowest })
}

async fn journey(folder: &Path, network: Option<Arc<TorNetwork>>) -> Result<Journey, BenchError> {
    let mut journey = Journey::new(folder, Stage::Here { network }, Chain::Practice, |_| {});
    for number in 0..STEPS.iter().take_while(|step| **step != BEYOND).count() {
        journey.run(number).await?;
    }
    Ok(journey)
}

/// A coin for each proposal.
async fn fund(journey: &mut Journey, vault: VaultId) -> Result<(), BenchError> {
    let before = journey.members[BEN].vault(vault).await?.balance.confirmed.0;
    for _ in 0..ROUNDS {
        let address = match journey.members[BEN].ask(Request::IssueAddress(OnVault { vault })).await? {
            Reply::Address { address, .. } => address.parse::<BitcoinAddress<NetworkUnchecked>>(),
            reply => return Err(journey.members[BEN].unexpected(reply).into()),
        };
        let address = address.ok().and_then(|address| address.require_network(NETWORK).ok());
        let address = address.ok_or_else(|| otherwise("an address has another form"))?;
        journey.servers()?.blocks.fund(&address, Amount::from_sat(COIN)).await?;
    }
    journey.servers()?.blocks.mine(1).await?;
    let all = Sat(before + ROUNDS as u64 * COIN);
    journey.until_all("all coins are in a block", |view| view.balance.confirmed == all).await?;
    Ok(())
}

/// A request and its answer on the circuit by which Ben reaches the relay.
async fn ask(journey: &mut Journey, vault: VaultId) -> Result<Duration, BenchError> {
    let view = journey.members[BEN].vault(vault).await?;
    let relay = view.relays.first().ok_or_else(|| otherwise("there is no relay"))?;
    let address = Address::relay(relay).map_err(DemoError::from)?;
    let isolation = Isolation::Relay { identity: view.me, relay: address.clone() };
    let door = journey.members[BEN].door().ok_or_else(|| otherwise("Ben does not run here"))?;
    let stream = door.dial(&address, &isolation).await.map_err(|error| otherwise(&error.to_string()))?;
    let began = Instant::now();
    let greeted = tokio_tungstenite::client_async(relay.as_str(), stream).await;
    let took = began.elapsed();
    greeted.map_err(|error| otherwise(&error.to_string()))?;
    Ok(took)
}

/// From Ben's wish to propose until Cleo's program shows the payment.
async fn propose(journey: &mut Journey, vault: VaultId) -> Result<Duration, BenchError> {
    let miner = bitcoin::ScriptBuf::new_p2wsh(&bitcoin::WScriptHash::from_raw_hash(bitcoin::hashes::Hash::all_zeros()));
    let address = BitcoinAddress::from_script(&miner, NETWORK).map_err(|error| otherwise(&error.to_string()))?;
    let recipients = vec![Recipient { address: address.to_string(), amount: Sat(COIN / 2) }];
    let began = Instant::now();
    let wish = Request::Propose(Propose::new(vault, recipients, 1, "Measured".to_owned()));
    let proposal = match journey.members[BEN].ask(wish).await? {
        Reply::Proposal(view) => view.proposal,
        reply => return Err(journey.members[BEN].unexpected(reply).into()),
    };
    loop {
        let view = journey.members[CLEO].vault(vault).await?;
        if view.proposals.iter().any(|payment| payment.proposal == proposal) {
            return Ok(began.elapsed());
        }
        if began.elapsed() > PATIENCE {
            return Err(otherwise("a proposal did not arrive in a minute"));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn otherwise(what: &str) -> BenchError {
    BenchError::Otherwise { what: what.to_owned() }
}
