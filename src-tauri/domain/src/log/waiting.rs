//! Events whose past is not held yet: bounded for each author, so that one who floods keeps nobody else's out.

use std::collections::{BTreeMap, BTreeSet};

use conclave_shared::{EventId, MemberId};

use super::Refusal;
use crate::event::Event;

/// Most waiting events of one author.
pub const WAITING_LIMIT: usize = 1000;
/// Most bytes of content of all waiting events of one author.
pub const WAITING_BYTES_LIMIT: usize = 2 * 1024 * 1024;

/// Most ids of one author's events without room that are noted for one member who builds on them.
const PROMISED_LIMIT: usize = 65_536;

#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    events: BTreeMap<EventId, Event>,
    /// For each event that is not admitted, those that wait for it.
    waiters: BTreeMap<EventId, BTreeSet<EventId>>,
    /// How many events and bytes of each author wait.
    room: BTreeMap<MemberId, (usize, usize)>,
    /// Events for which there was no room and on which somebody builds who waits, straight or through their author's own,
    /// and those before them: author, who builds on them, and their ids. So an author cannot hide what others build on by
    /// filling the room.
    promised: BTreeMap<(MemberId, MemberId), BTreeSet<EventId>>,
}

impl Waiting {
    pub(super) fn contains(&self, id: EventId) -> bool {
        self.events.contains_key(&id)
    }

    /// Keeps an event until what is missing arrives.
    pub(super) fn keep(&mut self, event: Event, missing: &[EventId]) -> Result<(), Refusal> {
        let author = event.author;
        let (events, bytes) = self.room.get(&author).copied().unwrap_or_default();
        let (events, bytes) = (events + 1, bytes + event.signed().content.len());
        if events > WAITING_LIMIT || bytes > WAITING_BYTES_LIMIT {
            self.promise(&event, missing);
            return Err(Refusal::TooManyWaiting { author });
        }
        self.room.insert(author, (events, bytes));
        for id in missing {
            self.waiters.entry(*id).or_default().insert(event.id);
        }
        self.events.insert(event.id, event);
        Ok(())
    }

    /// Notes for whom an event is to be asked for again that cannot be kept, and what it follows.
    fn promise(&mut self, event: &Event, missing: &[EventId]) {
        for builder in self.builders_on(event.id, event.author) {
            let promised = self.promised.entry((event.author, builder)).or_default();
            let before = event.prev.filter(|prev| missing.contains(prev));
            for id in before.into_iter().chain([event.id]) {
                if promised.len() < PROMISED_LIMIT {
                    promised.insert(id);
                }
            }
        }
    }

    /// Those that waited for an event that is admitted now.
    pub(super) fn called_by(&mut self, admitted: EventId) -> BTreeSet<EventId> {
        self.promised.retain(|_, ids| {
            ids.remove(&admitted);
            !ids.is_empty()
        });
        self.waiters.remove(&admitted).unwrap_or_default()
    }

    /// Takes a waiting event out if it is ready.
    pub(super) fn take_if(&mut self, id: EventId, ready: impl Fn(&Event) -> bool) -> Option<Event> {
        if !ready(self.events.get(&id)?) {
            return None;
        }
        let event = self.events.remove(&id)?;
        if let Some((events, bytes)) = self.room.get_mut(&event.author) {
            *events -= 1;
            *bytes -= event.signed().content.len();
        }
        Some(event)
    }

    /// Authors other than `author` of events that wait for this one, straight or through `author`'s own.
    pub(super) fn builders_on(&self, id: EventId, author: MemberId) -> BTreeSet<MemberId> {
        let (mut builders, mut looked_at, mut next) = (BTreeSet::new(), BTreeSet::from([id]), vec![id]);
        let promised = || self.promised.range((author, MemberId([0; 32]))..=(author, MemberId([255; 32])));
        while let Some(id) = next.pop() {
            builders.extend(promised().filter(|(_, ids)| ids.contains(&id)).map(|((_, by), _)| *by));
            for waiter in self.waiters.get(&id).into_iter().flatten().filter_map(|id| self.events.get(id)) {
                if waiter.author != author {
                    builders.insert(waiter.author);
                } else if looked_at.insert(waiter.id) {
                    next.push(waiter.id);
                }
            }
        }
        builders
    }

    /// Events that others build on and that are neither admitted nor waiting.
    pub(super) fn missing(&self) -> impl Iterator<Item = EventId> {
        // Whose waiters all left by another way is missed by nobody.
        let missed = |waiters: &BTreeSet<EventId>| waiters.iter().any(|id| self.events.contains_key(id));
        self.waiters.iter().filter(move |(id, by)| missed(by) && !self.events.contains_key(id)).map(|(id, _)| *id)
    }

    /// Of each author whose events wait in turn one of those that they build on and that are not here.
    pub(super) fn wants(&self, limit: usize) -> Vec<EventId> {
        let mut by: BTreeMap<MemberId, BTreeSet<EventId>> = BTreeMap::new();
        let mut note = |author: MemberId, id: EventId| {
            let ids = by.entry(author).or_default();
            if ids.len() < limit && !self.events.contains_key(&id) {
                ids.insert(id);
            }
        };
        for (id, waiters) in &self.waiters {
            waiters.iter().filter_map(|waiter| self.events.get(waiter)).for_each(|waiter| note(waiter.author, *id));
        }
        for ((_, builder), ids) in &self.promised {
            ids.iter().for_each(|id| note(*builder, *id));
        }
        let (mut turns, mut wants) = (Vec::from_iter(by.into_values().map(BTreeSet::into_iter)), Vec::new());
        while !turns.is_empty() && wants.len() < limit {
            turns.retain_mut(|ids| {
                let id = ids.find(|id| !wants.contains(id));
                wants.extend(id);
                id.is_some()
            });
        }
        wants.truncate(limit);
        wants
    }

    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }
}
