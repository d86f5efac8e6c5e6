//! One vault in this installation: the fold, its coins, its identity, and the conversation with the other members.
//! Commits before anything leaves: an event is durable before it is sent, and before `heads` count it.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Network;
use conclave_domain::action::{Action, Content, Joined};
use conclave_domain::delivery::{Deliveries, Message};
use conclave_domain::envelope::{Payload, Reassembly, pack};
use conclave_domain::event::Event;
use conclave_domain::heads::Heads;
use conclave_domain::log::Admission;
use conclave_domain::proposal::CheckedProposal;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{ChainFacts, Vault};
use conclave_shared::view::FindingView;
use conclave_shared::{EventId, Finding, MemberId, VaultId};
use nostr::JsonUtil as _;

use crate::coins::{Answer, Coins};
use crate::failure::InstallationError;
use crate::refusals::{OtherVault, Refusals, Stranger, refused_row};
use crate::signer::SoftwareKey;
use crate::store::{Batch, EventRow, HeadsRow, Store, VaultRecord};

/// The network of vaults with rules version 0.
pub const NETWORK: Network = Network::Regtest;

/// How many events of a stranger's message are looked at for a joining.
const STRANGERS_EVENTS: usize = 8;

/// Messages for one member, packed and ready for a transport.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Of which vault.
    pub vault: VaultId,
    /// To whom.
    pub to: MemberId,
    /// What it is, to be told of a failure.
    pub message: Message,
    /// The contents of one or more envelopes.
    pub contents: Vec<String>,
}

/// A vault that is open.
pub struct OpenVault {
    /// What the store holds of it beside events.
    pub record: VaultRecord,
    /// The fold.
    pub vault: Vault,
    /// Its coins, once a configuration is accepted.
    pub coins: Option<Coins>,
    keys: nostr::Keys,
    deliveries: Deliveries,
    reassembly: Reassembly,
    last_heard_ms: BTreeMap<MemberId, u64>,
    last_serial: u64,
    /// Incoming messages that were refused and are kept with their reasons.
    pub refused: u64,
    refusals: Refusals,
    /// What is wrong with the relays now.
    pub relay_trouble: Option<String>,
    /// What is wrong with the chain source, or with something of this machine, now.
    pub trouble: Option<String>,
}

impl OpenVault {
    /// Opens a vault from the store.
    pub fn load(store: &Store, record: VaultRecord) -> Result<Self, InstallationError> {
        let id = record.vault;
        let keys = identity(&record)?;
        let me = MemberId(keys.public_key().to_bytes());
        let mut vault = Vault::new(id, record.created, me);
        let mut events = Vec::new();
        for row in store.events(id)? {
            events.push(Event::parse(&row.json).map_err(|fault| InstallationError::StoredEvent { id: row.id, fault })?);
        }
        vault.receive_all(events);
        // A second story is refused, but it is the proof against its author: it is found again among the refused.
        for event in
            store.refused(id)?.iter().filter_map(|row| Event::parse(std::str::from_utf8(&row.bytes).ok()?).ok())
        {
            if vault.log().chain(event.author).get(event.n as usize).is_some_and(|held| *held != event.id) {
                let _ = vault.receive(event);
            }
        }
        let mut deliveries = Deliveries::default();
        let mut last_heard_ms = BTreeMap::new();
        for row in store.heads(id)? {
            last_heard_ms.insert(row.member, row.received_ms);
            if let Ok(heads) = Heads::parse(&row.json) {
                deliveries.heads(heads);
            }
        }
        let mut open = Self {
            vault,
            coins: None,
            keys,
            deliveries,
            reassembly: Reassembly::default(),
            last_heard_ms,
            last_serial: 0,
            refused: store.refused_count(id)?,
            refusals: Refusals::of(&store.refused(id)?),
            relay_trouble: None,
            trouble: None,
            record,
        };
        open.watch(store)?;
        Ok(open)
    }

    /// Opens the coins as soon as there is a descriptor, and lets them follow the record.
    fn watch(&mut self, store: &Store) -> Result<(), InstallationError> {
        let Some(active) = self.vault.active() else { return Ok(()) };
        if self.coins.is_none() {
            let stored = store.wallet(self.vault.id())?;
            self.coins = Some(Coins::open(active.descriptor.text(), active.configuration.network, stored)?);
        }
        if let Some(coins) = &mut self.coins {
            coins.follow(&self.vault);
        }
        Ok(())
    }

    /// The identity key, for the transport.
    pub fn keys(&self) -> &nostr::Keys {
        &self.keys
    }

    /// The software key, for keyholders.
    pub fn key(&self) -> Result<Option<SoftwareKey>, InstallationError> {
        let entropy = self.record.entropy.as_ref();
        Ok(entropy.map(|entropy| SoftwareKey::new(entropy, NETWORK)).transpose()?)
    }

    /// Everyone to whom events go.
    pub fn others(&self) -> BTreeSet<MemberId> {
        let mut others = self.vault.others();
        if self.record.organiser != self.vault.me() {
            others.insert(self.record.organiser);
        }
        others
    }

    /// What the chain shows of the payments.
    pub fn facts(&self) -> ChainFacts {
        self.coins.as_ref().map(|coins| coins.facts(&self.vault)).unwrap_or_default()
    }

    /// What the chain source shows about a payment.
    pub fn evidence(&self, payment: &CheckedProposal) -> Evidence {
        self.coins.as_ref().map(|coins| coins.evidence(payment)).unwrap_or_default()
    }

    /// When a member was last heard, in ms since 1970.
    pub fn last_heard_ms(&self, member: MemberId) -> Option<u64> {
        self.last_heard_ms.get(&member).copied()
    }

    /// What members, relays and this machine did that they should not have done.
    pub fn findings(&self) -> Vec<FindingView> {
        let told = self.vault.log().two_stories().iter().map(|(member, (held, other))| FindingView {
            finding: Finding::TwoStories,
            member: Some(*member),
            relay: None,
            detail: format!("events {held} and {other} have one number"),
        });
        told.chain(self.refusals.findings()).collect()
    }

    /// Members who have not said that they hold everything.
    pub fn unacknowledged(&self) -> usize {
        self.deliveries.unacknowledged(self.vault.log(), &self.others())
    }

    /// Puts this member's actions on record: signed, committed, then folded.
    pub fn commit_own(
        &mut self,
        store: &mut Store,
        actions: Vec<Action>,
        now_ms: u64,
    ) -> Result<Vec<EventId>, InstallationError> {
        let mut ids = Vec::new();
        for action in actions {
            let event = sign(&self.vault, &self.keys, action, now_ms)?;
            let id = event.id;
            let row = event_row(&event, now_ms);
            // bdk's changes go with the event that caused them.
            let wallet = self.coins.as_mut().and_then(Coins::take_changes);
            store.commit(self.vault.id(), &Batch { events: vec![row], wallet, ..Batch::default() })?;
            self.vault.receive(event).map_err(InstallationError::OwnEvent)?;
            self.watch(store)?;
            ids.push(id);
        }
        self.commit_coins(store)?;
        Ok(ids)
    }

    /// Commits what has changed in the coins alone.
    pub fn commit_coins(&mut self, store: &mut Store) -> Result<(), InstallationError> {
        let wallet = self.coins.as_mut().and_then(Coins::take_changes);
        Ok(store.commit(self.vault.id(), &Batch { wallet, ..Batch::default() })?)
    }

    /// Takes an answer of the chain source.
    pub fn take_answer(&mut self, store: &mut Store, answer: Answer) -> Result<(), InstallationError> {
        if let Some(coins) = &mut self.coins {
            coins.take_answer(answer)?;
        }
        self.commit_coins(store)
    }

    /// Takes one message. `from` is proven by the seal. What is refused is kept with its reason; nothing that a member
    /// can send is an error here, only a store that fails is.
    pub fn receive(
        &mut self,
        store: &mut Store,
        from: MemberId,
        content: &str,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let mut batch = Batch::default();
        let known = self.others().contains(&from);
        let taken = if known { self.reassembly.take(from, content) } else { Reassembly::take_whole(content).map(Some) };
        match taken {
            Ok(None) => return Ok(()),
            Ok(Some(payload)) if payload.vault() == self.vault.id() => {
                self.take_payload(from, payload, now_ms, &mut batch)
            }
            Ok(Some(payload)) => {
                let reason = OtherVault { found: payload.vault() };
                batch.refused.push(refused_row(from, known, &reason, content.as_bytes(), now_ms));
            }
            Err(fault) => batch.refused.push(refused_row(from, known, &fault, content.as_bytes(), now_ms)),
        }
        self.watch(store)?;
        batch.wallet = self.coins.as_mut().and_then(Coins::take_changes);
        // One row tells what came and from whom; a message made of a hundred thousand faults is worth no more.
        batch.refused.truncate(1);
        self.refused += batch.refused.len() as u64;
        batch.refused.iter().for_each(|row| self.refusals.note(row));
        store.commit(self.vault.id(), &batch)?;
        Ok(())
    }

    fn take_payload(&mut self, from: MemberId, payload: Payload, now_ms: u64, batch: &mut Batch) {
        let known = self.others().contains(&from);
        if known {
            self.last_heard_ms.insert(from, now_ms);
        }
        match payload {
            Payload::Events { events, .. } => {
                let new = if known {
                    self.take_events(from, events, now_ms, batch)
                } else {
                    self.take_strangers_events(from, events, now_ms, batch)
                };
                if !new && known {
                    self.deliveries.repeated(from);
                }
            }
            Payload::Heads { event, .. } => match Heads::parse(&event.to_string()) {
                Ok(heads) if heads.vault != self.vault.id() || !self.others().contains(&heads.member) => {}
                Ok(heads) => {
                    let row = HeadsRow { member: heads.member, json: event.to_string(), received_ms: now_ms };
                    if self.deliveries.heads(heads) {
                        batch.heads.push(row);
                    }
                }
                Err(fault) => {
                    batch.refused.push(refused_row(from, known, &fault, event.to_string().as_bytes(), now_ms))
                }
            },
            Payload::Want { events, .. } => {
                if known {
                    self.deliveries.wanted(from, events);
                }
            }
        }
    }

    /// Takes a member's events, of any author; says whether any was new.
    fn take_events(&mut self, from: MemberId, events: Vec<serde_json::Value>, now_ms: u64, batch: &mut Batch) -> bool {
        let mut waiting = Vec::new();
        for json in events.iter().map(ToString::to_string) {
            match Event::parse(&json) {
                Ok(event) => waiting.push(event),
                Err(fault) => batch.refused.push(refused_row(from, true, &fault, json.as_bytes(), now_ms)),
            }
        }
        let mut new = false;
        // Whose author is not known yet may become known by another event of the same payload. What is left then is
        // dropped: a member could invent authors without end. It is not acknowledged, so if it is honest it comes again.
        loop {
            let (ready, rest): (Vec<Event>, Vec<Event>) = waiting.into_iter().partition(|event| self.may_enter(event));
            if ready.is_empty() {
                return new;
            }
            for event in ready {
                new |= self.take_event(from, event, now_ms, batch);
            }
            waiting = rest;
        }
    }

    /// A stranger can do one thing: join, by an invitation that is still good. Who has joined so is a stranger no more, and
    /// what else they sent with it is taken; everything else is refused before it costs anything.
    fn take_strangers_events(
        &mut self,
        from: MemberId,
        events: Vec<serde_json::Value>,
        now_ms: u64,
        batch: &mut Batch,
    ) -> bool {
        // Judged by this installation's own clock: the time in the event is the stranger's word.
        let joining = events.iter().take(STRANGERS_EVENTS).find_map(|json| {
            let event = Event::parse(&json.to_string()).ok().filter(|event| event.author == from)?;
            self.free_place(&event).is_some_and(|expires_ms| now_ms <= expires_ms).then_some(event)
        });
        match joining {
            Some(event) => {
                let new = self.take_event(from, event, now_ms, batch);
                self.take_events(from, events, now_ms, batch) || new
            }
            None => {
                let bytes = events.first().map(ToString::to_string).unwrap_or_default();
                batch.refused.push(refused_row(from, false, &Stranger, bytes.as_bytes(), now_ms));
                false
            }
        }
    }

    /// Whether an event's author is somebody: the organiser, who has joined, or who joins by this very event.
    fn may_enter(&self, event: &Event) -> bool {
        event.author == self.record.organiser
            || event.author == self.vault.me()
            || self.vault.joiners().contains_key(&event.author)
            || self.place_of(event).is_some()
    }

    /// When the invitation expires by which an event joins, in ms; none where it joins by no invitation.
    fn place_of(&self, event: &Event) -> Option<u64> {
        let Content::Known(Action::Joined(joined)) = &event.content else { return None };
        let (proof, (_, created)) = joined.proof.as_ref().zip(self.vault.creation())?;
        let place = created.places.iter().find(|place| place.key == proof.key)?;
        (event.n == 0 && proof.proves(self.vault.id(), event.author)).then_some(place.expires_ms)
    }

    /// The same for a stranger: none once the vault is active, or where two have used the invitation already. Two are
    /// proof enough that it was copied. What a member has let in is taken from that member all the same: their later
    /// events may build on it.
    fn free_place(&self, event: &Event) -> Option<u64> {
        let expires_ms = self.place_of(event)?;
        let Content::Known(Action::Joined(Joined { proof: Some(proof), .. })) = &event.content else { return None };
        let same = |joined: &Joined| joined.proof.as_ref().is_some_and(|taken| taken.key == proof.key);
        let takers = self.vault.joiners().values().filter(|joiner| same(&joiner.joined)).count();
        (takers < 2 && self.vault.active().is_none()).then_some(expires_ms)
    }

    /// Takes one event; says whether it was new.
    fn take_event(&mut self, from: MemberId, event: Event, now_ms: u64, batch: &mut Batch) -> bool {
        let json = event.to_json();
        match self.vault.receive(event) {
            Ok(Admission::Admitted(ids)) => {
                let admitted = ids.iter().filter_map(|id| self.vault.log().get(*id));
                batch.events.extend(admitted.map(|admitted| event_row(&admitted.event, now_ms)));
                true
            }
            // Waiting events live in memory: nobody was told that they are held, so they come again.
            Ok(Admission::Waiting { .. }) => true,
            Ok(Admission::Held) => false,
            Err(refusal) => {
                batch.refused.push(refused_row(from, true, &refusal, json.as_bytes(), now_ms));
                false
            }
        }
    }

    /// Packs what is due for the other members.
    pub fn due(&mut self, now_ms: u64) -> Vec<Outgoing> {
        let others = self.others();
        let due = self.deliveries.due(self.vault.log(), self.vault.me(), &others, now_ms);
        due.into_iter()
            .filter_map(|(to, message)| {
                let payload = self.payload(&message, now_ms)?;
                // Payloads are split below the limit; one event alone is at most 256 KiB.
                let contents = pack(&payload).ok()?;
                Some(Outgoing { vault: self.vault.id(), to, message, contents })
            })
            .collect()
    }

    fn payload(&mut self, message: &Message, now_ms: u64) -> Option<Payload> {
        let vault = self.vault.id();
        Some(match message {
            Message::Events(ids) => {
                let events = ids.iter().filter_map(|id| self.vault.log().get(*id));
                let events = events.filter_map(|admitted| serde_json::to_value(admitted.event.signed()).ok()).collect();
                Payload::Events { vault, events }
            }
            Message::Heads => {
                self.last_serial = now_ms.max(self.last_serial + 1);
                let unsigned = Heads::unsigned(self.vault.log(), vault, self.vault.me(), self.last_serial).ok()?;
                let event = unsigned.sign_with_keys(&self.keys).ok()?;
                Payload::Heads { vault, event: serde_json::to_value(event).ok()? }
            }
            Message::Want(ids) => Payload::Want { vault, events: ids.clone() },
        })
    }

    /// A message could not be handed to any relay.
    pub fn failed(&mut self, to: MemberId, message: &Message, now_ms: u64) {
        self.deliveries.failed(to, message, now_ms);
    }
}

/// The identity of a record.
pub fn identity(record: &VaultRecord) -> Result<nostr::Keys, InstallationError> {
    let secret = nostr::SecretKey::from_slice(&record.identity[..]).map_err(|_| InstallationError::StoredIdentity)?;
    Ok(nostr::Keys::new(secret))
}

/// Signs an action as this member's next event.
pub fn sign(vault: &Vault, keys: &nostr::Keys, action: Action, now_ms: u64) -> Result<Event, InstallationError> {
    let unsigned = vault.draft(action, now_ms).unsigned()?;
    let signed = unsigned.sign_with_keys(keys).map_err(|_| InstallationError::StoredIdentity)?;
    // By the same door as everybody's: what others would refuse is not put on record here.
    Ok(Event::parse(&signed.as_json())?)
}

/// An event as the store keeps it.
pub fn event_row(event: &Event, received_ms: u64) -> EventRow {
    EventRow { id: event.id, author: event.author, n: event.n.into(), json: event.to_json(), received_ms }
}
