//! The log of one vault: which events are admitted, which wait, and who held what when they wrote.
//!
//! Admission looks at the form of the record alone (numbers without gaps, `prev`, all `seen` held), never at what an
//! event says or whether its author may say it: that is the fold's business (`vault`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use conclave_shared::{EventId, MemberId, VaultId};

use crate::event::Event;

/// Most waiting events of one author.
pub const WAITING_LIMIT: usize = 1000;
/// Most bytes of all waiting events together.
pub const WAITING_BYTES_LIMIT: usize = 32 * 1024 * 1024;
/// Most authors in one log.
pub const AUTHORS_LIMIT: usize = 50;

/// Why a valid event is not taken into a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is of another vault.
    #[error("the event is of vault {found}")]
    OtherVault {
        /// The vault it names.
        found: VaultId,
    },
    /// `prev` is not the author's event before it.
    #[error("event {n} of {author} does not follow the event that it names as prev")]
    BrokenChain {
        /// Its author.
        author: MemberId,
        /// Its number.
        n: u32,
    },
    /// Another event of the author has the same number: proof of two stories.
    #[error("{author} told two stories: events {held} and {other} have one number")]
    TwoStories {
        /// Who.
        author: MemberId,
        /// The event held.
        held: EventId,
        /// The one that came now.
        other: EventId,
    },
    /// [`WAITING_LIMIT`] or [`WAITING_BYTES_LIMIT`] is reached.
    #[error("too many events wait for missing ones, this one of {author} is not kept")]
    TooManyWaiting {
        /// Who.
        author: MemberId,
    },
    /// [`AUTHORS_LIMIT`] is reached.
    #[error("the vault's log has {AUTHORS_LIMIT} authors already")]
    TooManyAuthors,
}

/// What became of an event offered to a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Admitted, with those that waited for it, each after what it builds on.
    Admitted(Vec<EventId>),
    /// Held already.
    Held,
    /// Kept until what it builds on arrives.
    Waiting {
        /// What is missing.
        missing: Vec<EventId>,
    },
}

/// For each author (by number in this log) how many of their events stand in an event's past, itself included.
type Past = Box<[u32]>;

/// An admitted event.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The event.
    pub event: Event,
    /// max(ms, 1 + the largest rank among `prev` and `seen`): with the id it orders display and export.
    pub rank: u64,
    author: usize,
    past: Past,
}

/// The events of one vault.
#[derive(Debug, Clone)]
pub struct Log {
    vault: VaultId,
    events: HashMap<EventId, Admitted>,
    order: BTreeSet<(u64, EventId)>,
    authors: Vec<MemberId>,
    chains: BTreeMap<MemberId, Vec<EventId>>,
    waiting: BTreeMap<EventId, Event>,
    /// For each missing event, those that wait for it.
    waiters: BTreeMap<EventId, BTreeSet<EventId>>,
    two_stories: BTreeMap<MemberId, (EventId, EventId)>,
}

impl Log {
    /// An empty log.
    pub fn new(vault: VaultId) -> Self {
        Self {
            vault,
            events: HashMap::new(),
            order: BTreeSet::new(),
            authors: Vec::new(),
            chains: BTreeMap::new(),
            waiting: BTreeMap::new(),
            waiters: BTreeMap::new(),
            two_stories: BTreeMap::new(),
        }
    }

    /// Offers an event to the log.
    ///
    /// A refusal changes nothing, save that [`Refusal::TwoStories`] keeps the proof.
    pub fn admit(&mut self, event: Event) -> Result<Admission, Refusal> {
        if event.vault != self.vault {
            return Err(Refusal::OtherVault { found: event.vault });
        }
        if self.events.contains_key(&event.id) || self.waiting.contains_key(&event.id) {
            return Ok(Admission::Held);
        }
        let missing: Vec<EventId> = self.builds_on(&event).filter(|id| !self.events.contains_key(id)).collect();
        if !missing.is_empty() {
            return self.keep_waiting(event, missing);
        }
        let mut admitted = Vec::new();
        let first = event.id;
        self.insert(event)?;
        admitted.push(first);
        // Whoever waited for it may enter now, and whoever waited for those, in order of arrival of what they build on.
        let mut next = 0;
        while let Some(id) = admitted.get(next).copied() {
            next += 1;
            for waiter in self.waiters.remove(&id).unwrap_or_default() {
                let Some(event) = self.waiting.get(&waiter) else { continue };
                if self.builds_on(event).all(|id| self.events.contains_key(&id)) {
                    let event = self.waiting.remove(&waiter).expect("it was looked up in the line above");
                    // A waiting event that turns out to break its chain is dropped: its author's next delivery of it is
                    // refused by name.
                    if self.insert(event).is_ok() {
                        admitted.push(waiter);
                    }
                }
            }
        }
        Ok(Admission::Admitted(admitted))
    }

    fn builds_on(&self, event: &Event) -> impl Iterator<Item = EventId> {
        event.prev.into_iter().chain(event.seen.clone())
    }

    fn keep_waiting(&mut self, event: Event, missing: Vec<EventId>) -> Result<Admission, Refusal> {
        let author = event.author;
        let of_author = self.waiting.values().filter(|waiting| waiting.author == author).count();
        let bytes: usize = self.waiting.values().chain([&event]).map(|waiting| waiting.signed().content.len()).sum();
        if of_author >= WAITING_LIMIT || bytes > WAITING_BYTES_LIMIT {
            return Err(Refusal::TooManyWaiting { author });
        }
        for id in &missing {
            self.waiters.entry(*id).or_default().insert(event.id);
        }
        self.waiting.insert(event.id, event);
        Ok(Admission::Waiting { missing })
    }

    /// Puts an event whose past is held at the end of its author's chain.
    fn insert(&mut self, event: Event) -> Result<(), Refusal> {
        let chain = self.chains.get(&event.author).map_or(&[][..], Vec::as_slice);
        let follows = match event.prev.and_then(|prev| self.events.get(&prev)) {
            Some(prev) => prev.event.author == event.author && prev.event.n.checked_add(1) == Some(event.n),
            None => event.n == 0,
        };
        if !follows {
            return Err(Refusal::BrokenChain { author: event.author, n: event.n });
        }
        if let Some(held) = chain.get(event.n as usize) {
            let (author, held, other) = (event.author, *held, event.id);
            self.two_stories.entry(author).or_insert((held, other));
            return Err(Refusal::TwoStories { author, held, other });
        }
        if chain.len() != event.n as usize {
            return Err(Refusal::BrokenChain { author: event.author, n: event.n });
        }
        let author = match self.authors.iter().position(|author| *author == event.author) {
            Some(author) => author,
            None if self.authors.len() == AUTHORS_LIMIT => return Err(Refusal::TooManyAuthors),
            None => {
                self.authors.push(event.author);
                self.authors.len() - 1
            }
        };
        let mut past = vec![0; self.authors.len()];
        let mut rank = event.ms;
        for before in self.builds_on(&event).filter_map(|id| self.events.get(&id)) {
            rank = rank.max(before.rank.saturating_add(1));
            for (mine, theirs) in past.iter_mut().zip(&before.past) {
                *mine = (*mine).max(*theirs);
            }
        }
        past[author] = event.n + 1;
        let id = event.id;
        self.order.insert((rank, id));
        self.chains.entry(event.author).or_default().push(id);
        self.events.insert(id, Admitted { event, rank, author, past: past.into() });
        Ok(())
    }

    /// An admitted event.
    pub fn get(&self, id: EventId) -> Option<&Admitted> {
        self.events.get(&id)
    }

    /// Whether `earlier` stands in the causal past of `later` (an event stands in its own).
    pub fn in_past(&self, earlier: EventId, later: EventId) -> bool {
        match (self.events.get(&earlier), self.events.get(&later)) {
            (Some(earlier), Some(later)) => later.past.get(earlier.author).is_some_and(|held| *held > earlier.event.n),
            _ => false,
        }
    }

    /// All admitted events by (rank, id): each after what it builds on, in the same order on every machine.
    pub fn in_order(&self) -> impl DoubleEndedIterator<Item = &Admitted> {
        self.order.iter().filter_map(|(_, id)| self.events.get(id))
    }

    /// The events of one author, by number.
    pub fn chain(&self, author: MemberId) -> &[EventId] {
        self.chains.get(&author).map_or(&[], Vec::as_slice)
    }

    /// Every author with their newest event's number and id.
    pub fn heads(&self) -> impl Iterator<Item = (MemberId, u32, EventId)> {
        self.chains.iter().filter_map(|(author, chain)| {
            let n = u32::try_from(chain.len()).ok()?.checked_sub(1)?;
            Some((*author, n, *chain.last()?))
        })
    }

    /// What a new event of `author` must name: number, `prev`, and those newest events of others who count that `prev` and
    /// the other `seen` do not already imply.
    pub fn place_for(
        &self,
        author: MemberId,
        counts: impl Fn(MemberId) -> bool,
    ) -> (u32, Option<EventId>, Vec<EventId>) {
        let chain = self.chain(author);
        let prev = chain.last().copied();
        let heads: Vec<EventId> =
            self.heads().filter(|(other, ..)| *other != author && counts(*other)).map(|(.., id)| id).collect();
        let implied = |id: EventId, by: EventId| id != by && self.in_past(id, by);
        let seen = heads
            .iter()
            .copied()
            .filter(|id| !prev.is_some_and(|prev| implied(*id, prev)) && !heads.iter().any(|by| implied(*id, *by)))
            .collect();
        (chain.len() as u32, prev, seen)
    }

    /// Events that others build on and that are not held.
    pub fn missing(&self) -> impl Iterator<Item = EventId> {
        self.waiters
            .iter()
            .filter(|(id, waiters)| !waiters.is_empty() && !self.waiting.contains_key(id))
            .map(|(id, _)| *id)
    }

    /// How many events are admitted.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing is admitted.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events that wait.
    pub fn waiting_events(&self) -> impl Iterator<Item = &Event> {
        self.waiting.values()
    }

    /// How many events wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Members who told two stories, each with two events of one number.
    pub fn two_stories(&self) -> &BTreeMap<MemberId, (EventId, EventId)> {
        &self.two_stories
    }
}
