//! A member process that may be killed at any moment, also while it is asked.

use std::path::PathBuf;
use std::process::Stdio;

use conclave_shared::request::{Reply, Request};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use crate::demo::DemoError;
use crate::demo::member::PASSPHRASE;
use crate::store::{Passphrase, Store};

/// Pause between two questions to the chain, in ms: short, for a round waits for it.
const CHAIN_PAUSE_MS: u64 = 250;

/// A member whose process comes and goes.
pub struct Mortal {
    /// The name.
    pub name: &'static str,
    home: PathBuf,
    program: PathBuf,
    child: Mutex<Option<Child>>,
    /// Whoever asks holds it until the answer is there, or the process is gone.
    speech: Mutex<Option<Speech>>,
}

struct Speech {
    requests: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

impl Mortal {
    /// A member with a new installation under `home`; not started yet.
    pub async fn new(name: &'static str, home: PathBuf, program: PathBuf) -> Result<Self, DemoError> {
        let folder = home.clone();
        // Making a database stretches a passphrase: a blocking piece of work.
        let made = tokio::task::spawn_blocking(move || -> Result<(), DemoError> {
            Store::create(&folder, &Passphrase::new(PASSPHRASE.to_owned())?)?;
            Ok(())
        });
        made.await.map_err(|error| process(name, error))??;
        Ok(Self { name, home, program, child: Mutex::new(None), speech: Mutex::new(None) })
    }

    /// Starts its process, where none runs; says whether one was started.
    pub async fn start(&self) -> Result<bool, DemoError> {
        let mut running = self.child.lock().await;
        if running.is_some() {
            return Ok(false);
        }
        let mut child = Command::new(&self.program)
            .args(["member", "--chain-pause-ms", &CHAIN_PAUSE_MS.to_string(), "--home"])
            .arg(&self.home)
            .env("CONCLAVE_PASSPHRASE", PASSPHRASE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| process(self.name, error))?;
        let requests = child.stdin.take().ok_or_else(|| process(self.name, "no input"))?;
        let replies = child.stdout.take().ok_or_else(|| process(self.name, "no output"))?;
        *running = Some(child);
        *self.speech.lock().await = Some(Speech { requests, replies: BufReader::new(replies).lines() });
        Ok(true)
    }

    /// SIGKILL; says whether there was somebody to kill.
    pub async fn kill(&self) -> Result<bool, DemoError> {
        let mut running = self.child.lock().await;
        let Some(mut child) = running.take() else { return Ok(false) };
        child.kill().await.map_err(|error| process(self.name, error))?;
        Ok(true)
    }

    /// Asks. None: the answer was lost, and what was asked may or may not have been done.
    pub async fn ask(&self, request: &Request) -> Result<Option<Reply>, DemoError> {
        let mut line = serde_json::to_string(request).map_err(|error| process(self.name, error))?;
        line.push('\n');
        let mut speech = self.speech.lock().await;
        let Some(Speech { requests, replies }) = speech.as_mut() else { return Ok(None) };
        let told = async {
            requests.write_all(line.as_bytes()).await?;
            requests.flush().await?;
            replies.next_line().await
        };
        if let Ok(Some(answer)) = told.await {
            match serde_json::from_str(&answer) {
                Ok(reply) => return Ok(Some(reply)),
                // A killed process may leave half a line: that is no answer.
                Err(error) if error.is_eof() => {}
                Err(error) => return Err(process(self.name, error)),
            }
        }
        *speech = None;
        Ok(None)
    }

    /// A process that ended without having been killed is a fault of the program.
    pub async fn check_alive(&self) -> Result<(), DemoError> {
        if let Some(child) = self.child.lock().await.as_mut()
            && let Some(status) = child.try_wait().map_err(|error| process(self.name, error))?
        {
            return Err(process(self.name, format!("it ended by itself: {status}")));
        }
        Ok(())
    }
}

fn process(member: &str, reason: impl ToString) -> DemoError {
    DemoError::Process { member: member.to_owned(), reason: reason.to_string() }
}
