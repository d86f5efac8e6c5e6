//! What leaves an installation: deliveries to relays, questions and transactions to the chain source. Each vault has a
//! task for its relays and a thread for its chain source (`source`), a watched descriptor the latter alone; what they learn
//! comes back as an [`Input`]. The relays that this member hosts are `hosting`.

mod hosting;
mod source;

use std::collections::BTreeMap;
use std::time::Duration;

use bitcoin::Transaction;
use conclave_domain::vault::{Command, Effect};
use conclave_shared::request::Reply;
use conclave_shared::{EventId, VaultId};
use tokio::sync::{mpsc, oneshot};

use crate::chain::{ChainError, Tip};
use crate::coins::Answer;
use crate::failure::InstallationError;
use crate::input::{ChainNews, Input};
use crate::installation::Installation;
use crate::open_vault::{OpenVault, Outgoing};
use crate::relay::nostr::NostrTransport;
use crate::relay::{Received, Transport, TransportError};
use crate::tor::{Address, Door, discovery_key};
use hosting::Hosting;
use source::Source;

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
/// Longest wait for what a transaction has to pay: a person waits for it.
const FEES_TIME: Duration = Duration::from_secs(20);

/// The outside of one vault.
struct Links {
    /// Where the vault's messages pass now.
    relays: Vec<String>,
    outbox: mpsc::Sender<Outgoing>,
    chain: Source,
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
    door: Door,
    links: BTreeMap<VaultId, Links>,
    /// The chain sources of watched descriptors.
    watched: BTreeMap<VaultId, Source>,
    /// The relays that this member hosts.
    hosting: Hosting,
    /// Connections to chain sources that were ever begun.
    sources: u64,
    /// Pause between two questions to a chain source, in ms.
    chain_pause_ms: u64,
}

impl Effects {
    /// No vault is connected yet; all will be through `door`.
    pub fn new(inputs: mpsc::Sender<Input>, door: Door, chain_pause_ms: u64) -> Self {
        Self {
            inputs,
            door,
            links: BTreeMap::new(),
            watched: BTreeMap::new(),
            hosting: Hosting::default(),
            sources: 0,
            chain_pause_ms,
        }
    }

    /// Connects the vaults and watched descriptors that are not connected.
    pub fn connect(&mut self, installation: &Installation) {
        for open in installation.vaults() {
            let vault = open.vault.id();
            self.sources += 1;
            // A configuration may name other relays than the one before: the task of the old ones ends with its box.
            if let Some(links) = self.links.get_mut(&vault).filter(|links| links.relays != open.relays()) {
                links.relays = open.relays();
                links.outbox = connect_relays(open, &self.door, self.inputs.clone());
            }
            if let Some(links) = self.links.get_mut(&vault)
                && links.chain.go_to(&open.record.chain, self.sources, self.inputs.clone())
            {
                // What the old one was handed and did not tell of any more is handed to the new one.
                links.broadcast_again_ms.clear();
                links.not_sent = None;
            }
            if !self.links.contains_key(&vault) {
                let links = Links {
                    relays: open.relays(),
                    outbox: connect_relays(open, &self.door, self.inputs.clone()),
                    chain: Source::connect(vault, &self.door, &open.record.chain, self.sources, self.inputs.clone()),
                    broadcast_again_ms: BTreeMap::new(),
                    announce_again_ms: BTreeMap::new(),
                    not_sent: None,
                };
                self.links.insert(vault, links);
            }
        }
        let gone: Vec<VaultId> =
            self.watched.keys().copied().filter(|id| installation.watched(*id).is_none()).collect();
        gone.iter().filter_map(|id| self.watched.remove(id)).for_each(Source::end);
        for watched in installation.all_watched() {
            let (vault, address) = (watched.id(), watched.chain());
            self.sources += 1;
            let new = || Source::connect(vault, &self.door, address, self.sources, self.inputs.clone());
            self.watched.entry(vault).or_insert_with(new).go_to(address, self.sources, self.inputs.clone());
        }
    }

    /// Does what the state asks for. What fails is noted with its vault and waits for its next turn; only a failing
    /// database is an error here.
    pub fn perform(&mut self, installation: &mut Installation, now_ms: u64) -> Result<(), InstallationError> {
        installation.wake()?;
        self.hosting.follow(&self.door, installation, &self.inputs, now_ms);
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
                    links.chain.ask_in_turn(installation, now_ms, self.chain_pause_ms);
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
        for source in self.watched.values_mut() {
            source.ask_in_turn(installation, now_ms, self.chain_pause_ms);
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

    fn source(&mut self, vault: VaultId) -> Option<&mut Source> {
        match self.links.get_mut(&vault) {
            Some(links) => Some(&mut links.chain),
            None => self.watched.get_mut(&vault),
        }
    }

    /// Asks a chain source now, and answers when it has.
    pub fn sync_chain(
        &mut self,
        installation: &Installation,
        vault: VaultId,
        reply: oneshot::Sender<Reply>,
        now_ms: u64,
    ) {
        let pause_ms = self.chain_pause_ms;
        let Some(source) = self.source(vault) else { return };
        source.ask_for(installation, reply, now_ms, pause_ms);
    }

    /// Asks a chain source what a transaction has to pay, and answers when it has, or when it takes too long.
    pub fn estimate_fees(&mut self, vault: VaultId, address: String, reply: oneshot::Sender<Reply>) {
        let Some(source) = self.source(vault) else { return };
        let (answer, answered) = oneshot::channel();
        source.ask_fees(answer);
        tokio::spawn(async move {
            let late = || ChainError::Unreachable { address, reason: "no answer in time".to_owned() };
            let answer = match tokio::time::timeout(FEES_TIME, answered).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) | Err(_) => Reply::Failed(InstallationError::from(late()).failure()),
            };
            let _ = reply.send(answer);
        });
    }

    /// Takes what a chain thread has learnt.
    pub fn take_news(
        &mut self,
        installation: &mut Installation,
        vault: VaultId,
        link: u64,
        news: ChainNews,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        // A source that was left for another may still speak.
        if self.source(vault).is_none_or(|source| source.link() != link) {
            return Ok(());
        }
        match news {
            ChainNews::Answered { answer, tip } => self.take_answer(installation, vault, answer, tip, now_ms),
            ChainNews::Fees(fees) => {
                let reply = match fees {
                    Ok(fees) => Reply::Fees(fees),
                    Err(error) => Reply::Failed(InstallationError::from(error).failure()),
                };
                if let Some(source) = self.source(vault) {
                    source.fees_answered(&reply);
                }
                Ok(())
            }
            ChainNews::Broadcast { proposal, transaction, error } => {
                let Some(links) = self.links.get_mut(&vault) else { return Ok(()) };
                links.take_broadcast(installation, vault, proposal, *transaction, error, now_ms)
            }
        }
    }

    fn take_answer(
        &mut self,
        installation: &mut Installation,
        vault: VaultId,
        answer: Result<Answer, ChainError>,
        tip: Option<Tip>,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let taken = answer.map_err(InstallationError::from).and_then(|it| installation.take_answer(vault, it));
        let reply = match taken {
            Ok(()) => {
                installation.note_tip(vault, tip);
                // An answer to a question does not make a refused transaction a taken one.
                let not_sent = self.links.get(&vault).and_then(|links| links.not_sent.as_ref());
                let refused = not_sent.filter(|(_, until_ms)| now_ms < *until_ms);
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
        let pause_ms = self.chain_pause_ms;
        if let Some(source) = self.source(vault) {
            source.answered(&reply, installation, now_ms, pause_ms);
        }
        Ok(())
    }
}

impl Links {
    fn take_broadcast(
        &mut self,
        installation: &mut Installation,
        vault: VaultId,
        proposal: EventId,
        transaction: Transaction,
        error: Option<ChainError>,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        // A server may say yes and not show the transaction: then it is sent again, but not at once.
        self.broadcast_again_ms.insert(proposal, now_ms + BROADCAST_PAUSE_MS);
        match error {
            None => {
                self.not_sent = None;
                installation.sent(vault, proposal, transaction, now_ms)
            }
            Some(error) => {
                // It is tried again before the words go; where it need not be sent any more they go then.
                self.not_sent = Some((error.to_string(), now_ms + 3 * BROADCAST_PAUSE_MS));
                installation.note_trouble(vault, Some(error.to_string()));
                Ok(())
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
        let transaction = installation.transaction_to_send(vault, proposal, now_ms)?;
        // Until news comes: never twice at one time.
        self.broadcast_again_ms.insert(proposal, u64::MAX);
        self.chain.broadcast(proposal, transaction);
        Ok(())
    }
}

/// A task that seals and sends what is put into the box, and passes on what arrives. It ends with the box.
fn connect_relays(open: &OpenVault, door: &Door, inputs: mpsc::Sender<Input>) -> mpsc::Sender<Outgoing> {
    let (outbox, mut outgoing) = mpsc::channel::<Outgoing>(OUTBOX);
    let (inbox, mut received) = mpsc::channel::<Received>(INBOX);
    let (vault, keys, relays) = (open.vault.id(), open.keys().clone(), open.relays());
    // What came before the last message that was committed here need not be read again; the transport goes back further,
    // for wraps are dated into the past.
    let since = open.last_message_ms().map(|ms| nostr::Timestamp::from_secs(ms / 1000));
    let (news, mut judgements) = mpsc::channel(JUDGEMENTS);
    let arrivals = inputs.clone();
    // An onion relay that a member hosts is found by this key alone; to any other the key means nothing.
    for relay in &relays {
        if let Ok(Address::Onion { onion, .. }) = Address::relay(relay) {
            door.authorise(onion, discovery_key(vault));
        }
    }
    let door = door.clone();
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
        let transport = NostrTransport::connect(&door, keys, &relays, since, inbox, news).await;
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
