//! The demo's own relay and practice chain, in this process or each in its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{DemoError, Stage};
use crate::practice::{PracticeControl, PracticeServer, SharedChain, serve};
use crate::relay::embedded::EmbeddedRelay;
use crate::tor::Loopback;

/// Any free port of this machine.
pub(super) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// How long a process may take to say where it listens.
const START: Duration = Duration::from_secs(20);

/// The line with which a server process says where it listens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listening {
    /// Its address: `ws://` for a relay, `tcp://` for a chain.
    pub listening: String,
}

enum Running {
    Here { _relay: EmbeddedRelay, _chain: PracticeServer },
    Processes { _both: Box<[Child; 2]> },
}

/// A relay and a practice chain. They stop when this is dropped.
pub struct Servers {
    /// The relay's address.
    pub relay: String,
    /// The Electrum server's address.
    pub chain: String,
    /// What only the practice chain can do: make blocks and coins.
    pub control: PracticeControl,
    _running: Running,
}

impl Servers {
    /// Starts both.
    pub async fn start(stage: &Stage) -> Result<Self, DemoError> {
        let (relay, chain, running) = match stage {
            Stage::Here => {
                let relay = EmbeddedRelay::start(ANY).await?;
                let chain = serve(SharedChain::begin(), ANY).await?;
                (relay.url(), chain.url(), Running::Here { _relay: relay, _chain: chain })
            }
            Stage::Processes { program } => {
                let (relay, relay_address) = server(Command::new(program).arg("relay"), "the relay", ANY).await?;
                let (chain, chain_address) =
                    server(Command::new(program).arg("practice-chain"), "the practice chain", ANY).await?;
                (relay_address, chain_address, Running::Processes { _both: Box::new([relay, chain]) })
            }
        };
        let control = PracticeControl::connect(Loopback::parse(&chain, "tcp")?).await?;
        Ok(Self { relay, chain, control, _running: running })
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
