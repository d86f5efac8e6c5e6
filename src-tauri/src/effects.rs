//! What leaves an installation: deliveries to relays, questions and transactions to the chain source. Each vault has a
//! task for its relays and a thread for its chain source; what they learn comes back as an [`Input`].

use std::collections::BTreeMap;
use std::sync::mpsc as blocking;

use bitcoin::Transaction;
use conclave_domain::vault::{Command, Effect};
use conclave_shared::request::Reply;
use conclave_shared::{EventId, VaultId};
use tokio::sync::{mpsc, oneshot};

use crate::chain::{ChainError, ChainSource, Electrum};
use crate::coins::{Answer, Question};
use crate::failure::InstallationError;
use crate::input::{ChainNews, Input};
use crate::installation::Installation;
use crate::open_vault::{OpenVault, Outgoing};
use crate::relay::nostr::NostrTransport;
use crate::relay::{Received, Transport, TransportError};

/// Deliveries that wait for a vault's relays. What finds no room comes again, by the pauses of `delivery`.
const OUTBOX: usize = 64;
/// Messages that wait for the main loop.
const INBOX: usize = 256;
/// Judgements of relays that wait for the main loop, each a few seconds' messages.
const JUDGEMENTS: usize = 4;
/// Pause before a refused or failed transaction is sent again, in ms.
const BROADCAST_PAUSE_MS: u64 = 5_000;
/// Pause before a transaction that waits for a block is handed to the network once more, in ms: 10 minutes.
const ANNOUNCE_PAUSE_MS: u64 = 600_000;
/// Addresses without a payment before a keychain counts as searched (BIP44).
const STOP_GAP: usize = 20;

/// What a vault's chain thread is asked to do.
enum ChainJob {
    Ask(Question),
    Broadcast { proposal: EventId, transaction: Box<Transaction> },
}

/// The outside of one vault.
struct Links {
    /// Where the vault's messages pass now.
    relays: Vec<String>,
    outbox: mpsc::Sender<Outgoing>,
    chain: blocking::Sender<ChainJob>,
    asked: bool,
    ask_again_ms: u64,
    /// Who waits for the question that is asked now.
    waiting: Vec<oneshot::Sender<Reply>>,
    /// Who asked while it was on its way: they want a newer answer.
    waiting_next: Vec<oneshot::Sender<Reply>>,
    /// When each payment may be handed to the network again.
    broadcast_again_ms: BTreeMap<EventId, u64>,
    /// When each payment that the network knows is told to it once more.
    announce_again_ms: BTreeMap<EventId, u64>,
    /// Why the last transaction was not taken, and until when that is shown.
    not_sent: Option<(String, u64)>,
}

/// The outside of an installation.
pub struct Effects {
    inputs: mpsc::Sender<Input>,
    links: BTreeMap<VaultId, Links>,
    /// Pause between two questions to a chain source, in ms.
    chain_pause_ms: u64,
}

impl Effects {
    /// No vault is connected yet.
    pub fn new(inputs: mpsc::Sender<Input>, chain_pause_ms: u64) -> Self {
        Self { inputs, links: BTreeMap::new(), chain_pause_ms }
    }

    /// Connects the vaults that are not connected.
    pub fn connect(&mut self, installation: &Installation) {
        for open in installation.vaults() {
            let vault = open.vault.id();
            // A configuration may name other relays than the one before: the task of the old ones ends with its box.
            if let Some(links) = self.links.get_mut(&vault).filter(|links| links.relays != open.relays()) {
                links.relays = open.relays();
                links.outbox = connect_relays(open, self.inputs.clone());
            }
            if !self.links.contains_key(&vault) {
                let links = Links {
                    relays: open.relays(),
                    outbox: connect_relays(open, self.inputs.clone()),
                    chain: connect_chain(open, self.inputs.clone()),
                    asked: false,
                    ask_again_ms: 0,
                    waiting: Vec::new(),
                    waiting_next: Vec::new(),
                    broadcast_again_ms: BTreeMap::new(),
                    announce_again_ms: BTreeMap::new(),
                    not_sent: None,
                };
                self.links.insert(vault, links);
            }
        }
    }

    /// Does what the state asks for. What fails is noted with its vault and waits for its next turn; only a failing
    /// database is an error here.
    pub fn perform(&mut self, installation: &mut Installation, now_ms: u64) -> Result<(), InstallationError> {
        installation.wake()?;
        self.connect(installation);
        for (vault, effect) in installation.pending_effects(now_ms) {
            let Some(links) = self.links.get_mut(&vault) else { continue };
            let done = match effect {
                Effect::Challenge => installation.challenge(vault, now_ms),
                Effect::ProveKey => installation.prove_key(vault, now_ms),
                Effect::ProposeConfiguration => {
                    installation.command(vault, Command::ProposeConfiguration, now_ms).map(drop)
                }
                Effect::Watch => {
                    if !links.asked && now_ms >= links.ask_again_ms {
                        links.ask(installation, vault, now_ms, self.chain_pause_ms);
                    }
                    Ok(())
                }
                Effect::Attest { index } => installation.command(vault, Command::Attest { index }, now_ms).map(drop),
                Effect::Finalise { proposal } => installation.finalise(vault, proposal, now_ms),
                Effect::Broadcast { proposal } => links.broadcast(installation, vault, proposal, now_ms),
                Effect::Announce { proposal } => links.announce(installation, vault, proposal, now_ms),
                Effect::RecordConfirmed { proposal, height, block } => {
                    installation.command(vault, Command::RecordConfirmed { proposal, height, block }, now_ms).map(drop)
                }
            };
            match done {
                // Evidence may still be on its way from the chain source, and the guard is asked again at the next turn.
                Ok(()) | Err(InstallationError::Blocked { .. }) => {}
                Err(error @ InstallationError::Store(_)) => return Err(error),
                Err(error) => installation.note_trouble(vault, Some(error.to_string())),
            }
        }
        self.deliver(installation, now_ms)
    }

    /// Hands over what is due for other members.
    pub fn deliver(&mut self, installation: &mut Installation, now_ms: u64) -> Result<(), InstallationError> {
        for outgoing in installation.due(now_ms)? {
            let Some(links) = self.links.get(&outgoing.vault) else { continue };
            if let Err(full) = links.outbox.try_send(outgoing) {
                installation.delivery_failed(&full.into_inner(), now_ms);
            }
        }
        Ok(())
    }

    /// Asks a vault's chain source now, and answers when it has.
    pub fn sync_chain(
        &mut self,
        installation: &Installation,
        vault: VaultId,
        reply: oneshot::Sender<Reply>,
        now_ms: u64,
    ) {
        let Some(links) = self.links.get_mut(&vault) else { return };
        if links.asked {
            links.waiting_next.push(reply);
        } else {
            links.waiting.push(reply);
            links.ask(installation, vault, now_ms, self.chain_pause_ms);
        }
    }

    /// Takes what a chain thread has learnt.
    pub fn take_news(
        &mut self,
        installation: &mut Installation,
        vault: VaultId,
        news: ChainNews,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let Some(links) = self.links.get_mut(&vault) else { return Ok(()) };
        match news {
            ChainNews::Answered(answer) => {
                links.asked = false;
                let taken = answer.map_err(InstallationError::from).and_then(|it| installation.take_answer(vault, it));
                let reply = match taken {
                    Ok(()) => {
                        // An answer to a question does not make a refused transaction a taken one.
                        let refused = links.not_sent.as_ref().filter(|(_, until_ms)| now_ms < *until_ms);
                        installation.note_trouble(vault, refused.map(|(reason, _)| reason.clone()));
                        Reply::Done
                    }
                    // The member stops, and with it whoever waits.
                    Err(error @ InstallationError::Store(_)) => return Err(error),
                    Err(error) => {
                        installation.note_trouble(vault, Some(error.to_string()));
                        Reply::Failed(error.failure())
                    }
                };
                for waiting in std::mem::take(&mut links.waiting) {
                    let _ = waiting.send(reply.clone());
                }
                if !links.waiting_next.is_empty() {
                    links.waiting = std::mem::take(&mut links.waiting_next);
                    links.ask(installation, vault, now_ms, self.chain_pause_ms);
                }
                Ok(())
            }
            ChainNews::Broadcast { proposal, transaction, error: None } => {
                // A server may say yes and not show the transaction: then it is sent again, but not at once.
                links.broadcast_again_ms.insert(proposal, now_ms + BROADCAST_PAUSE_MS);
                links.not_sent = None;
                installation.sent(vault, proposal, *transaction, now_ms)
            }
            ChainNews::Broadcast { proposal, error: Some(error), .. } => {
                links.broadcast_again_ms.insert(proposal, now_ms + BROADCAST_PAUSE_MS);
                // It is tried again before the words go; where it need not be sent any more they go then.
                links.not_sent = Some((error.to_string(), now_ms + 3 * BROADCAST_PAUSE_MS));
                installation.note_trouble(vault, Some(error.to_string()));
                Ok(())
            }
        }
    }
}

impl Links {
    fn ask(&mut self, installation: &Installation, vault: VaultId, now_ms: u64, pause_ms: u64) {
        match installation.question(vault, now_ms) {
            Some(question) => {
                self.asked = self.chain.send(ChainJob::Ask(question)).is_ok();
                self.ask_again_ms = now_ms + pause_ms;
            }
            // No configuration is accepted yet: there are no addresses to ask about.
            None => {
                for waiting in std::mem::take(&mut self.waiting) {
                    let _ = waiting.send(Reply::Done);
                }
            }
        }
    }

    /// The network knows it: it is told once more after a while, and then again and again.
    fn announce(
        &mut self,
        installation: &Installation,
        vault: VaultId,
        proposal: EventId,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let again_ms = self.announce_again_ms.entry(proposal).or_insert(now_ms + ANNOUNCE_PAUSE_MS);
        if now_ms < *again_ms {
            return Ok(());
        }
        *again_ms = now_ms + ANNOUNCE_PAUSE_MS;
        self.broadcast(installation, vault, proposal, now_ms)
    }

    fn broadcast(
        &mut self,
        installation: &Installation,
        vault: VaultId,
        proposal: EventId,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        if self.broadcast_again_ms.get(&proposal).is_some_and(|again| now_ms < *again) {
            return Ok(());
        }
        let transaction = Box::new(installation.transaction_to_send(vault, proposal, now_ms)?);
        // Until news comes: never twice at one time.
        self.broadcast_again_ms.insert(proposal, u64::MAX);
        let _ = self.chain.send(ChainJob::Broadcast { proposal, transaction });
        Ok(())
    }
}

/// A task that seals and sends what is put into the box, and passes on what arrives. It ends with the box.
fn connect_relays(open: &OpenVault, inputs: mpsc::Sender<Input>) -> mpsc::Sender<Outgoing> {
    let (outbox, mut outgoing) = mpsc::channel::<Outgoing>(OUTBOX);
    let (inbox, mut received) = mpsc::channel::<Received>(INBOX);
    let (vault, keys, relays) = (open.vault.id(), open.keys().clone(), open.relays());
    // What came before the last message that was committed here need not be read again; the transport goes back further,
    // for wraps are dated into the past.
    let since = open.last_message_ms().map(|ms| nostr::Timestamp::from_secs(ms / 1000));
    let (news, mut judgements) = mpsc::channel(JUDGEMENTS);
    let arrivals = inputs.clone();
    tokio::spawn(async move {
        loop {
            let input = tokio::select! {
                Some(received) = received.recv() => Input::Received { vault, received },
                Some(judged) = judgements.recv() => Input::Judged { vault, judged },
                else => return,
            };
            if arrivals.send(input).await.is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        let transport = NostrTransport::connect(keys, &relays, since, inbox, news).await;
        while let Some(outgoing) = outgoing.recv().await {
            let sent = match &transport {
                Ok(transport) => send(transport, &outgoing).await,
                Err(error) => Err(error.clone()),
            };
            let error = sent.err();
            if inputs.send(Input::Sent { outgoing, error }).await.is_err() {
                break;
            }
        }
        if let Ok(transport) = transport {
            transport.shutdown().await;
        }
    });
    outbox
}

async fn send(transport: &impl Transport, outgoing: &Outgoing) -> Result<(), TransportError> {
    for content in &outgoing.contents {
        transport.send(outgoing.to, content.clone()).await?;
    }
    Ok(())
}

/// A thread that owns the vault's chain source: its calls block. It ends with the sender of jobs.
fn connect_chain(open: &OpenVault, inputs: mpsc::Sender<Input>) -> blocking::Sender<ChainJob> {
    let (sender, jobs) = blocking::channel();
    let (vault, address) = (open.vault.id(), open.record.chain.clone());
    std::thread::spawn(move || {
        let mut source: Option<Electrum> = None;
        for job in jobs {
            let news = do_job_unharmed(&mut source, &address, job);
            if inputs.blocking_send(Input::Chain { vault, news }).is_err() {
                return;
            }
        }
    });
    sender
}

/// A library that panics over a server's nonsense must not take the vault's eyes for good.
fn do_job_unharmed(source: &mut Option<Electrum>, address: &str, job: ChainJob) -> ChainNews {
    let broken = || ChainError::Malformed { reason: "its answer could not be worked with".to_owned() };
    let lost = match &job {
        ChainJob::Ask(_) => ChainNews::Answered(Err(broken())),
        ChainJob::Broadcast { proposal, transaction } => {
            ChainNews::Broadcast { proposal: *proposal, transaction: transaction.clone(), error: Some(broken()) }
        }
    };
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| do_job(source, address, job)));
    done.unwrap_or_else(|_| {
        *source = None;
        lost
    })
}

fn do_job(source: &mut Option<Electrum>, address: &str, job: ChainJob) -> ChainNews {
    let connected = match source {
        Some(source) => Ok(source),
        None => Electrum::connect(address).map(|connected| source.insert(connected)),
    };
    match job {
        ChainJob::Ask(question) => ChainNews::Answered(connected.and_then(|source| ask(source, question))),
        ChainJob::Broadcast { proposal, transaction } => {
            let error = connected.and_then(|source| source.broadcast(&transaction)).err();
            ChainNews::Broadcast { proposal, transaction, error }
        }
    }
}

fn ask(source: &mut impl ChainSource, question: Question) -> Result<Answer, ChainError> {
    Ok(match question {
        Question::Scan(request) => Answer::Scan(source.full_scan(request, STOP_GAP)?),
        Question::Sync(request) => Answer::Sync(source.sync(request)?),
    })
}
