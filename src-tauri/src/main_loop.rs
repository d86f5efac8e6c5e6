//! The single owner of an installation: one task, one closed enum of inputs. Faces ask it and await the answer; adapters
//! tell it what they learnt; after each input it does what the state then asks for.

use std::fs::File;
use std::time::Duration;

use conclave_shared::request::{Failure, FailureKind, Reply, Request};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use crate::effects::Effects;
use crate::failure::InstallationError;
use crate::input::{Input, now_ms};
use crate::installation::Installation;
use crate::relay::embedded::Access;
use crate::store::Passphrase;
use crate::tor::Door;

/// How often deliveries are looked at, in ms.
const TICK_MS: u64 = 100;
/// How often everything else is, in ms: retries of effects.
const TURN_MS: u64 = 1_000;
/// How long a large wallet sleeps after the start, in ms, so that the first page is shown before it is loaded.
const SLEEP_MS: u64 = 300;
/// Pause between two questions to a chain source, in ms.
pub const CHAIN_PAUSE_MS: u64 = 2_000;

/// A running installation. Clones speak to the same one; it stops when the last is dropped.
#[derive(Debug, Clone)]
pub struct Running {
    inputs: mpsc::Sender<Input>,
    changes: watch::Receiver<u64>,
    served: watch::Receiver<Access>,
}

/// What only the program around an installation asks of it, never a page or a line of JSON.
#[derive(Debug)]
pub enum Own {
    /// Write a backup.
    Backup {
        /// A new, empty file.
        into: File,
    },
    /// Put a new passphrase in the place of the current one.
    ChangePassphrase {
        /// The one that opens it now.
        current: Passphrase,
        /// The one that opens it from then on.
        new: Passphrase,
    },
}

impl Running {
    /// Starts an installation on the current tokio runtime; whatever it dials it dials through `door`.
    pub fn start(installation: Installation, door: Door, chain_pause_ms: u64) -> Self {
        let (asks, asked) = mpsc::channel(16);
        let (changed, changes) = watch::channel(0);
        let (serving, served) = watch::channel(installation.served(now_ms()));
        let mut installation = installation;
        tokio::spawn(async move {
            run(&mut installation, door, asked, &changed, &serving, chain_pause_ms).await;
            // In this order: whoever waits for the stop may open the database again.
            drop(installation);
            drop(changed);
        });
        Self { inputs: asks, changes, served }
    }

    /// Asks, and awaits the answer.
    pub async fn ask(&self, request: Request) -> Reply {
        let (reply, answer) = oneshot::channel();
        if self.inputs.send(Input::Ask { request, reply }).await.is_err() {
            return Reply::Failed(stopped());
        }
        answer.await.unwrap_or_else(|_| Reply::Failed(stopped()))
    }

    /// Asks what only the program around the installation asks.
    pub async fn own(&self, own: Own) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        if self.inputs.send(Input::Own { own, reply }).await.is_err() {
            return Err(stopped());
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Wakes whenever a view of a vault may have changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Whom a relay of this installation serves: it follows what the vaults hold.
    pub fn served(&self) -> watch::Receiver<Access> {
        self.served.clone()
    }

    /// Stops it and waits until its database is closed.
    pub async fn stop(self) {
        let Self { inputs, mut changes, .. } = self;
        drop(inputs);
        while changes.changed().await.is_ok() {}
    }
}

fn stopped() -> Failure {
    let message = "the installation has stopped: see what it said last, then start it again".to_owned();
    Failure { kind: FailureKind::Machine, code: "stopped".to_owned(), message, unmet: Vec::new() }
}

async fn run(
    installation: &mut Installation,
    door: Door,
    mut asked: mpsc::Receiver<Input>,
    changed: &watch::Sender<u64>,
    serving: &watch::Sender<Access>,
    chain_pause_ms: u64,
) {
    let (sender, mut inputs) = mpsc::channel(256);
    let mut effects = Effects::new(sender, door, chain_pause_ms);
    let mut tick = tokio::time::interval(Duration::from_millis(TICK_MS));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut turn_ms, wake_ms) = (0, now_ms() + SLEEP_MS);
    loop {
        let input = tokio::select! {
            ask = asked.recv() => match ask {
                Some(input) => Some(input),
                None => {
                    if let Err(error) = installation.lock(now_ms()) {
                        eprintln!("conclave: {error}");
                    }
                    return;
                }
            },
            Some(input) = inputs.recv() => Some(input),
            _ = tick.tick() => None,
        };
        let now = now_ms();
        let asleep = installation.is_asleep() && now < wake_ms;
        let turn = !asleep && (input.is_some() || now >= turn_ms);
        let news = input.as_ref().is_some_and(is_news);
        let mut done = match input {
            Some(input) => take(installation, &mut effects, input, now),
            None => Ok(()),
        };
        if done.is_ok() && !installation.failed() && !asleep {
            if turn {
                turn_ms = now + TURN_MS;
                done = effects.perform(installation, now);
            } else {
                done = effects.deliver(installation, now);
            }
        }
        if turn {
            let served = installation.served(now);
            serving.send_if_modified(|before| {
                let differs = *before != served;
                *before = served;
                differs
            });
        }
        if news {
            changed.send_modify(|revision| *revision += 1);
        }
        if let Err(error) = &done {
            eprintln!("conclave: {error}");
        }
        if installation.failed() || matches!(done, Err(InstallationError::Store(_))) {
            eprintln!("conclave: stopped, because the database failed; what was committed before is whole");
            return;
        }
    }
}

/// Whether a view may differ after an input.
fn is_news(input: &Input) -> bool {
    match input {
        Input::Ask { request, .. } => !only_looks(request),
        Input::Own { .. }
        | Input::Received { .. }
        | Input::Sent { .. }
        | Input::Judged { .. }
        | Input::Hosting { .. }
        | Input::Chain { .. } => true,
    }
}

/// Whether a request changes nothing by itself: whoever asks again after each change would else never come to an end.
pub fn only_looks(request: &Request) -> bool {
    match request {
        Request::ListVaults
        | Request::ShowVault(_)
        | Request::RosterWords(_)
        | Request::ListCoins(_)
        | Request::DigestWords(_)
        | Request::ListTransactions(_)
        | Request::SyncChain(_)
        | Request::ShowRecord(_)
        | Request::VerifyRecord(_)
        | Request::ShowAppRecord
        | Request::VerifyAppRecord
        | Request::ShowRefused(_)
        | Request::ListChanges(_)
        | Request::ChangeWords(_)
        | Request::BackupWords(_)
        | Request::ShowPolicy(_)
        | Request::PreviewPayment(_)
        | Request::CheckAddress(_)
        | Request::ExportPsbt(_)
        | Request::ShowPaymentRecord(_)
        | Request::ListAddresses(_)
        | Request::ExportLabels(_)
        | Request::ShowHistory(_)
        | Request::EstimateFees(_)
        | Request::ExportTransactions(_)
        | Request::CheckDescriptor(_) => true,
        Request::CreateVault(_)
        | Request::JoinVault(_)
        | Request::HostRelay(_)
        | Request::Ratify(_)
        | Request::IssueAddress(_)
        | Request::Propose(_)
        | Request::Approve(_)
        | Request::BumpPayment(_)
        | Request::CancelPayment(_)
        | Request::SpeedUp(_)
        | Request::Reject(_)
        | Request::Withdraw(_)
        | Request::FreezeCoin(_)
        | Request::UnfreezeCoin(_)
        | Request::Sign(_)
        | Request::SignWith(_)
        | Request::ExportRecord(_)
        | Request::ExportTable(_)
        | Request::Invite(_)
        | Request::ProposeChange(_)
        | Request::VoteChange(_)
        | Request::ReleaseVote(_)
        | Request::Freeze(_)
        | Request::ReleaseFreeze(_)
        | Request::SelfTest(_)
        | Request::ImportPsbt(_)
        | Request::SetLabel(_)
        | Request::ImportLabels(_)
        | Request::SetChainSource(_)
        | Request::WatchDescriptor(_)
        | Request::ForgetWatched(_) => false,
    }
}

fn take(
    installation: &mut Installation,
    effects: &mut Effects,
    input: Input,
    now_ms: u64,
) -> Result<(), InstallationError> {
    match input {
        Input::Ask { request: Request::SyncChain(it), reply } if installation.chain_of(it.vault).is_ok() => {
            installation.wake()?;
            effects.connect(installation);
            effects.sync_chain(installation, it.vault, reply, now_ms);
            Ok(())
        }
        Input::Ask { request: Request::EstimateFees(it), reply } => {
            match installation.chain_of(it.vault).map(str::to_owned) {
                Ok(address) => {
                    effects.connect(installation);
                    effects.estimate_fees(it.vault, address, reply);
                }
                Err(error) => drop(reply.send(Reply::Failed(error.failure()))),
            }
            Ok(())
        }
        Input::Ask { request, reply } => {
            // Nobody waits for an answer any more: what was asked is done all the same.
            let _ = reply.send(installation.ask(request, now_ms));
            Ok(())
        }
        Input::Own { own, reply } => {
            let _ = reply.send(installation.own_request(own, now_ms).map_err(InstallationError::failure));
            Ok(())
        }
        Input::Received { vault, received } => installation.receive(vault, received.from, &received.content, now_ms),
        Input::Sent { outgoing, error } => {
            if error.is_some() {
                installation.delivery_failed(&outgoing, now_ms);
            }
            installation.note_relay_trouble(outgoing.vault, error.map(|error| error.to_string()));
            Ok(())
        }
        Input::Judged { vault, judged } => {
            installation.note_relays(vault, judged);
            Ok(())
        }
        Input::Hosting { vault, state } => {
            installation.note_hosting(vault, state);
            Ok(())
        }
        Input::Chain { vault, link, news } => effects.take_news(installation, vault, link, news, now_ms),
    }
}
