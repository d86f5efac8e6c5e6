//! One member of a demo: an installation with a folder of its own, in this process or in its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use conclave_shared::VaultId;
use conclave_shared::request::{OnVault, Reply, Request};
use conclave_shared::view::VaultView;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{DemoError, Stage};
use crate::desktop::settings;
use crate::input::now_ms;
use crate::installation::Installation;
use crate::main_loop::Running;
use crate::store::{Passphrase, Store};
use crate::tor::{CONFIG_VARIABLE, Door, TorSettings};

/// Pause between two questions to the practice chain, in ms: it is on this machine and nobody pays for its answers.
pub const CHAIN_PAUSE_MS: u64 = 500;
/// The demo's coins are worth nothing, its passphrase neither.
pub const PASSPHRASE: &str = "practice";

enum Link {
    Here(Running, Door),
    Process(Box<Process>),
}

/// A member's own process, asked by lines of JSON.
struct Process {
    child: Child,
    requests: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

/// A member.
pub struct DemoMember {
    /// The name.
    pub name: &'static str,
    home: PathBuf,
    stage: Stage,
    link: Option<Link>,
}

impl DemoMember {
    /// A member with a new installation under `home`; not started yet.
    pub fn new(name: &'static str, home: PathBuf, stage: Stage) -> Result<Self, DemoError> {
        Store::create(&home, &Passphrase::new(PASSPHRASE.to_owned())?)?;
        Ok(Self { name, home, stage, link: None })
    }

    /// The folder of the installation.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether it runs.
    pub fn online(&self) -> bool {
        self.link.is_some()
    }

    /// The door through which it dials, if it runs in this process.
    pub fn door(&self) -> Option<&Door> {
        match self.link.as_ref()? {
            Link::Here(_, door) => Some(door),
            Link::Process(_) => None,
        }
    }

    /// Starts it.
    pub async fn start(&mut self) -> Result<(), DemoError> {
        let link = match &self.stage {
            Stage::Here { network } => {
                let passphrase = Passphrase::new(PASSPHRASE.to_owned())?;
                let installation = Installation::unlock(&self.home, &passphrase, now_ms())?;
                let door = match network {
                    None => settings::door(&self.home),
                    Some(network) => {
                        let file = Some(network.client_settings().to_owned());
                        Door::new(self.home.join("tor"), TorSettings { file, ..TorSettings::default() })
                    }
                };
                Link::Here(Running::start(installation, door.clone(), CHAIN_PAUSE_MS), door)
            }
            Stage::Processes { program, network } => {
                let mut command = Command::new(program);
                if let Some(network) = network {
                    command.env(CONFIG_VARIABLE, network.client_settings());
                }
                let mut child = command
                    .args(["member", "--chain-pause-ms", &CHAIN_PAUSE_MS.to_string(), "--home"])
                    .arg(&self.home)
                    .env("CONCLAVE_PASSPHRASE", PASSPHRASE)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .kill_on_drop(true)
                    .spawn()
                    .map_err(|error| self.process(error))?;
                let requests = child.stdin.take().ok_or_else(|| self.process("no input"))?;
                let replies = child.stdout.take().ok_or_else(|| self.process("no output"))?;
                Link::Process(Box::new(Process { child, requests, replies: BufReader::new(replies).lines() }))
            }
        };
        self.link = Some(link);
        Ok(())
    }

    /// Stops it as a person does who closes the program.
    pub async fn stop(&mut self) -> Result<(), DemoError> {
        match self.link.take() {
            None => {}
            Some(Link::Here(running, _)) => running.stop().await,
            Some(Link::Process(process)) => {
                let Process { mut child, requests, .. } = *process;
                drop(requests);
                child.wait().await.map_err(|error| self.process(error))?;
            }
        }
        Ok(())
    }

    /// Stops it without any warning: SIGKILL where it is a process.
    pub async fn kill(&mut self) -> Result<(), DemoError> {
        match self.link.take() {
            None => {}
            Some(Link::Here(running, _)) => running.stop().await,
            Some(Link::Process(mut process)) => process.child.kill().await.map_err(|error| self.process(error))?,
        }
        Ok(())
    }

    /// Asks it; a refusal is an error.
    pub async fn ask(&mut self, request: Request) -> Result<Reply, DemoError> {
        let reply = match &mut self.link {
            None => return Err(DemoError::Offline { member: self.name.to_owned() }),
            Some(Link::Here(running, _)) => running.ask(request).await,
            Some(Link::Process(process)) => process
                .exchange(&request)
                .await
                .map_err(|reason| DemoError::Process { member: self.name.to_owned(), reason: reason.to_string() })?,
        };
        match reply {
            Reply::Failed(failure) => Err(DemoError::Refused { member: self.name.to_owned(), failure }),
            reply => Ok(reply),
        }
    }

    /// The vault as this member sees it.
    pub async fn vault(&mut self, vault: VaultId) -> Result<VaultView, DemoError> {
        match self.ask(Request::ShowVault(OnVault { vault })).await? {
            Reply::Vault(view) => Ok(*view),
            reply => Err(self.unexpected(reply)),
        }
    }

    /// An answer of another kind than was asked for.
    pub fn unexpected(&self, reply: Reply) -> DemoError {
        DemoError::Unexpected { member: self.name.to_owned(), reply: Box::new(reply) }
    }

    fn process(&self, reason: impl ToString) -> DemoError {
        DemoError::Process { member: self.name.to_owned(), reason: reason.to_string() }
    }
}

impl Process {
    /// One request and its reply, a line of JSON each.
    async fn exchange(&mut self, request: &Request) -> Result<Reply, std::io::Error> {
        let mut line = serde_json::to_string(request)?;
        line.push('\n');
        self.requests.write_all(line.as_bytes()).await?;
        self.requests.flush().await?;
        let reply = self.replies.next_line().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&reply)?)
    }
}
