//! The demo's own relay and chain, in this process or each in its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use conclave_shared::practice::Happening;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::blocks::{Blocks, Chain};
use super::node::Node;
use super::{DemoError, Stage, TorNetwork};
use crate::practice::{PracticeControl, PracticeServer, SharedChain, serve};
use crate::relay::embedded::EmbeddedRelay;
use crate::tor::Loopback;

/// Any free port of this machine.
pub(super) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// The port of an Electrum server's onion service.
const ONION_CHAIN: u16 = 50_001;
/// How long a process may take to say where it listens.
const START: Duration = Duration::from_secs(20);

/// The line with which a server process says where it listens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listening {
    /// Its address: `ws://` for a relay, `tcp://` for a chain.
    pub listening: String,
}

/// A server in this process or in one of its own. It stops when this is dropped.
enum Running {
    Relay { _here: EmbeddedRelay },
    Chain { _here: PracticeServer },
    Process { _child: Box<Child> },
}

/// A relay, where members do not bring their own, and a chain. They stop when this is dropped.
pub struct Servers {
    /// The relay's address. Over a Tor network there is none: the organiser's own program serves one.
    pub relays: Vec<String>,
    /// The Electrum server's address, as members are told it.
    pub chain: String,
    /// Where both listen.
    pub listening: Vec<Happening>,
    /// Who makes blocks and coins.
    pub blocks: Blocks,
    _running: Vec<Running>,
}

impl Servers {
    /// Starts both.
    pub async fn start(stage: &Stage, chain: &Chain) -> Result<Self, DemoError> {
        let (mut relays, mut running, mut listening) = (vec![], vec![], vec![]);
        if stage.network().is_none() {
            let (relay, relay_runs) = start_relay(stage).await?;
            running.push(relay_runs);
            listening.push(Happening::RelayAt { relay: relay.clone() });
            relays.push(relay);
        }
        let (chain, blocks) = match chain {
            Chain::Practice => {
                let (chain, chain_runs) = start_practice_chain(stage).await?;
                running.push(chain_runs);
                let control = PracticeControl::connect(Loopback::parse(&chain, "tcp")?).await?;
                listening.push(Happening::PracticeChainAt { chain: chain.clone() });
                (chain, Blocks::Practice(control))
            }
            Chain::Node(programs) => {
                let programs = programs.clone();
                let started = tokio::task::spawn_blocking(move || Node::start(programs)).await;
                let failed = |error: tokio::task::JoinError| DemoError::Process {
                    member: "the node".to_owned(),
                    reason: error.to_string(),
                };
                let node = started.map_err(failed)??;
                listening.push(node.listening());
                (node.chain(), Blocks::Node(Arc::new(node)))
            }
        };
        let chain = match stage.network() {
            None => chain,
            Some(network) => offer(network, Loopback::parse(&chain, "tcp")?).await?,
        };
        Ok(Self { relays, chain, listening, blocks, _running: running })
    }
}

/// Has a tor of the network offer an Electrum server as an onion service; returns its address.
async fn offer(network: &Arc<TorNetwork>, target: Loopback) -> Result<String, DemoError> {
    let network = Arc::clone(network);
    let offered = tokio::task::spawn_blocking(move || network.offer(ONION_CHAIN, target)).await;
    let failed = |error: tokio::task::JoinError| DemoError::Process {
        member: "the private Tor network".to_owned(),
        reason: error.to_string(),
    };
    Ok(format!("tcp://{}:{ONION_CHAIN}", offered.map_err(failed)??))
}

async fn start_relay(stage: &Stage) -> Result<(String, Running), DemoError> {
    match stage {
        Stage::Here { .. } => {
            let relay = EmbeddedRelay::start(ANY).await?;
            Ok((relay.url(), Running::Relay { _here: relay }))
        }
        Stage::Processes { program, .. } => {
            let (child, address) = server(Command::new(program).arg("relay"), "the relay", ANY).await?;
            Ok((address, Running::Process { _child: Box::new(child) }))
        }
    }
}

async fn start_practice_chain(stage: &Stage) -> Result<(String, Running), DemoError> {
    match stage {
        Stage::Here { .. } => {
            let chain = serve(SharedChain::begin(), ANY).await?;
            Ok((chain.url(), Running::Chain { _here: chain }))
        }
        Stage::Processes { program, .. } => {
            let (child, address) =
                server(Command::new(program).arg("practice-chain"), "the practice chain", ANY).await?;
            Ok((address, Running::Process { _child: Box::new(child) }))
        }
    }
}

/// Starts a server process at `listen`; gives back the process and the address that it says.
pub(super) async fn server(
    command: &mut Command,
    name: &str,
    listen: SocketAddr,
) -> Result<(Child, String), DemoError> {
    let process = |reason: String| DemoError::Process { member: name.to_owned(), reason };
    // Our end of its input closes with this process, even by SIGKILL: no server is left behind.
    let command = command.args(["--listen", &listen.to_string(), "--json", "--until-input-ends"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().map_err(|error| process(error.to_string()))?;
    let stdout = child.stdout.take().ok_or_else(|| process("no output".to_owned()))?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(START, lines.next_line()).await;
    let line =
        line.map_err(|_| process("it does not start".to_owned()))?.map_err(|error| process(error.to_string()))?;
    let line = line.ok_or_else(|| process("it ended".to_owned()))?;
    let said: Listening = serde_json::from_str(&line).map_err(|error| process(error.to_string()))?;
    Ok((child, said.listening))
}
