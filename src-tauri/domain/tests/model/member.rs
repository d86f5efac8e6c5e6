//! One member's installation, as the program does it: what is told to others is on disk before, heads count what is on
//! disk, and a crash leaves the disk alone.

use std::collections::{BTreeMap, BTreeSet};

use conclave_domain::action::Action;
use conclave_domain::delivery::{Deliveries, Message};
use conclave_domain::event::Event;
use conclave_domain::guard::Verdict;
use conclave_domain::heads::Heads;
use conclave_domain::log::{Admission, Refusal};
use conclave_domain::vault::{Command, Vault};
use conclave_shared::{EventId, MemberId};

use super::net::Said;

/// Serials of heads that are reserved on disk at a time.
const SERIALS: u64 = 3_600_000;

/// What outlasts a crash.
#[derive(Clone, Default)]
pub struct Disk {
    /// In order of arrival.
    pub events: Vec<Event>,
    pub waiting: BTreeMap<EventId, Event>,
    heads: BTreeMap<MemberId, (Heads, u64)>,
    serial: u64,
    /// How many events it holds, and its bytes.
    snapshot: Option<(usize, Vec<u8>)>,
}

pub struct Member {
    pub keys: nostr::Keys,
    pub vault: Vault,
    pub deliveries: Deliveries,
    pub disk: Disk,
    /// By how much its clock is wrong, in ms.
    pub offset_ms: i64,
    /// Until when it is switched off, by the true time in ms.
    pub away_until_ms: u64,
    serial: u64,
    /// Every event that it was ever offered, and those that it refused and does not hold.
    pub offered: BTreeMap<EventId, Event>,
    pub refused: BTreeSet<EventId>,
    /// Whether it refused something because its author told too many stories.
    pub crowded: bool,
}

impl Member {
    pub fn new(keys: nostr::Keys, vault: Vault, events: Vec<Event>) -> Self {
        let offered = events.iter().map(|event| (event.id, event.clone())).collect();
        Self {
            keys,
            vault,
            deliveries: Deliveries::default(),
            disk: Disk { events, ..Disk::default() },
            offset_ms: 0,
            away_until_ms: 0,
            serial: 0,
            offered,
            refused: BTreeSet::new(),
            crowded: false,
        }
    }

    pub fn id(&self) -> MemberId {
        self.vault.me()
    }

    pub fn clock(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.offset_ms)
    }

    pub fn held(&self) -> BTreeSet<EventId> {
        self.disk.events.iter().map(|event| event.id).collect()
    }

    /// Does what the rules allow, if they do.
    pub fn act(&mut self, command: Command<'_>, now_ms: u64) -> Vec<Event> {
        match self.vault.decide(command) {
            Ok(Verdict::Allowed(actions)) => actions.into_iter().map(|action| self.write(action, now_ms)).collect(),
            Ok(Verdict::Blocked(_)) | Err(_) => Vec::new(),
        }
    }

    /// Puts an action on record that nobody judged.
    pub fn write(&mut self, action: Action, now_ms: u64) -> Event {
        let draft = self.vault.draft(action, self.clock(now_ms));
        let signed = draft.unsigned().unwrap().sign_with_keys(&self.keys).unwrap();
        let event = Event::from_signed(signed).unwrap();
        self.disk.events.push(event.clone());
        self.offered.insert(event.id, event.clone());
        self.vault.receive(event.clone()).expect("own events are admitted");
        event
    }

    pub fn take(&mut self, from: MemberId, said: Said, now_ms: u64) {
        let now_ms = self.clock(now_ms);
        match said {
            Said::Events(events) => {
                let mut new = false;
                for event in events {
                    new |= self.take_event(from, event);
                }
                if !new {
                    self.deliveries.repeated(from);
                }
            }
            Said::Heads(heads) => {
                if self.deliveries.heads((*heads).clone(), self.vault.log(), now_ms) {
                    self.disk.heads.insert(heads.member, (*heads, now_ms));
                }
            }
            Said::Want(events) => self.deliveries.wanted(from, events),
        }
    }

    fn take_event(&mut self, from: MemberId, event: Event) -> bool {
        let (id, author) = (event.id, event.author);
        self.offered.insert(id, event.clone());
        match self.vault.receive(event.clone()) {
            Ok(Admission::Admitted { events, dropped }) => {
                for event in events {
                    self.disk.waiting.remove(&event.id);
                    self.refused.remove(&event.id);
                    self.disk.events.push(event);
                }
                for (id, refusal) in dropped {
                    self.disk.waiting.remove(&id);
                    self.refuse(id, &refusal);
                }
            }
            Ok(Admission::Waiting { .. }) => {
                self.refused.remove(&id);
                self.disk.waiting.insert(id, event);
            }
            Ok(Admission::Held) => return false,
            Err(refusal) => {
                self.refuse(id, &refusal);
                return false;
            }
        }
        self.deliveries.came(author, from);
        true
    }

    fn refuse(&mut self, id: EventId, refusal: &Refusal) {
        self.refused.insert(id);
        self.crowded |= matches!(refusal, Refusal::TooManyStories { .. });
    }

    /// What goes out now.
    pub fn due(&mut self, now_ms: u64) -> Vec<(MemberId, Said)> {
        let (now_ms, others) = (self.clock(now_ms), self.vault.others());
        let vault = &self.vault;
        let due = self.deliveries.due(vault.log(), vault.me(), &others, |author| vault.owed(author), now_ms);
        let mut heads = None;
        let mut said = Vec::new();
        for (to, message) in due {
            said.push(match message {
                Message::Events(ids) => {
                    let of = |id: &EventId| self.disk.events.iter().find(|event| event.id == *id).cloned();
                    (to, Said::Events(ids.iter().filter_map(of).collect()))
                }
                Message::Heads(_) => (to, heads.get_or_insert_with(|| self.say_heads(now_ms)).clone()),
                Message::Want(ids) => (to, Said::Want(ids)),
                Message::Ask(_) => continue,
            });
        }
        said
    }

    fn say_heads(&mut self, now_ms: u64) -> Said {
        self.serial = now_ms.max(self.serial + 1);
        if self.serial > self.disk.serial {
            self.disk.serial = self.serial + SERIALS;
        }
        let (log, vault) = (self.vault.log(), self.vault.id());
        assert_eq!(log.len(), self.disk.events.len(), "heads count what is on disk");
        let unsigned = Heads::unsigned(log, vault, self.id(), self.serial).unwrap();
        Said::Heads(Box::new(Heads::from_signed(unsigned.sign_with_keys(&self.keys).unwrap()).unwrap()))
    }

    pub fn keep_snapshot(&mut self) {
        self.disk.snapshot = self.vault.to_snapshot().map(|bytes| (self.disk.events.len(), bytes));
    }

    /// Loses everything but the disk and begins anew.
    pub fn crash(&mut self) {
        let (id, created, me) = (self.vault.id(), self.vault.created(), self.id());
        let (mut vault, from) = match &self.disk.snapshot {
            Some((length, bytes)) => (Vault::from_snapshot(id, created, me, bytes).unwrap(), *length),
            None => (Vault::new(id, created, me), 0),
        };
        for event in &self.disk.events[from..] {
            vault.restore(event.clone()).expect("what was admitted once is admitted again");
        }
        for event in self.disk.waiting.values() {
            match vault.receive(event.clone()) {
                Ok(Admission::Waiting { .. }) => {}
                Ok(Admission::Held | Admission::Admitted { .. }) => panic!("a waiting event lacked nothing"),
                Err(refusal) => panic!("what waited fits no more: {refusal}"),
            }
        }
        assert_eq!(vault.state_lines(), self.vault.state_lines(), "a restart takes nothing back");
        let mut deliveries = Deliveries::default();
        for (heads, received_ms) in self.disk.heads.values() {
            deliveries.heads(heads.clone(), vault.log(), *received_ms);
        }
        self.serial = self.disk.serial;
        (self.vault, self.deliveries) = (vault, deliveries);
    }
}
