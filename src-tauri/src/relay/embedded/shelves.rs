//! The wraps that the relay keeps, by recipient. Bounded in time, number and bytes, for each mailbox and altogether: what
//! expired or has lain too long goes, and where room is lacking whoever takes up most of it loses what of theirs came first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use nostr::{
    Alphabet, Event, EventId, Filter, JsonUtil, Kind, PublicKey, SingleLetterTag, TagKind, Timestamp,
    filter::MatchEventOptions,
};

use super::super::MAX_WRAP_BYTES;
use super::limits::{Limits, Room};

/// Wraps given at most in answer to one question.
pub(super) const MAX_ANSWER: usize = 500;

/// How far ahead a wrap may be dated, in seconds: clocks differ, and a wrap of the far future would be shown for ever as new.
const AHEAD_SECS: u64 = 3 * 24 * 3600;

/// The tag that names a wrap's recipient.
pub(super) const P: SingleLetterTag = SingleLetterTag::lowercase(Alphabet::P);

/// Whose mailbox a wrap belongs into, or why it is not taken.
pub(super) fn recipient(event: &Event, now: Timestamp) -> Result<PublicKey, &'static str> {
    if event.kind != Kind::GiftWrap {
        return Err("only gift wraps (kind 1059) are taken");
    }
    let mut named = event.tags.iter().filter(|tag| tag.kind() == TagKind::SingleLetter(P));
    let only = named.next().and_then(|tag| tag.content());
    // Written as a question would write it: else nobody could ever ask for it.
    let key = only.and_then(|text| PublicKey::from_hex(text).ok().filter(|key| key.to_hex() == text));
    let (Some(key), None) = (key, named.next()) else {
        return Err("a gift wrap names exactly one recipient");
    };
    if event.as_json().len() > MAX_WRAP_BYTES {
        return Err("larger than 65536 bytes");
    }
    if event.is_expired_at(&now) {
        return Err("expired");
    }
    if event.created_at.as_secs() > now.as_secs().saturating_add(AHEAD_SECS) {
        return Err("dated more than three days ahead");
    }
    Ok(key)
}

/// Who handed a wrap in: a key that had logged in, or somebody without a login, who all count as one.
pub(super) type Publisher = Option<PublicKey>;

/// The wraps that are kept.
pub(super) struct Shelves {
    wraps: HashMap<EventId, Wrap>,
    mailboxes: HashMap<PublicKey, Mailbox>,
    by_arrival: BTreeMap<u64, EventId>,
    by_expiry: BTreeSet<(Timestamp, EventId)>,
    shares: Shares,
    arrivals: u64,
    stored: Room,
    mailbox: Room,
    /// Wraps are forgotten this many seconds after they came, whatever expiry they name.
    retention_secs: u64,
}

struct Wrap {
    event: Arc<Event>,
    recipient: PublicKey,
    publisher: Publisher,
    arrival: u64,
    came: Timestamp,
    bytes: usize,
}

/// What one recipient has.
#[derive(Default)]
struct Mailbox {
    /// Newest first, as relays answer.
    newest: BTreeSet<(Reverse<Timestamp>, EventId)>,
    shares: Shares,
}

/// Who takes up how much.
#[derive(Default)]
struct Shares {
    wraps: usize,
    bytes: usize,
    by_publisher: BTreeMap<Publisher, Share>,
}

#[derive(Default)]
struct Share {
    bytes: usize,
    arrivals: BTreeMap<u64, EventId>,
}

impl Shares {
    fn add(&mut self, wrap: &Wrap) {
        self.wraps += 1;
        self.bytes += wrap.bytes;
        let share = self.by_publisher.entry(wrap.publisher).or_default();
        share.bytes += wrap.bytes;
        share.arrivals.insert(wrap.arrival, wrap.event.id);
    }

    fn take(&mut self, wrap: &Wrap) {
        self.wraps -= 1;
        self.bytes -= wrap.bytes;
        let Some(share) = self.by_publisher.get_mut(&wrap.publisher) else { return };
        share.bytes -= wrap.bytes;
        share.arrivals.remove(&wrap.arrival);
        if share.arrivals.is_empty() {
            self.by_publisher.remove(&wrap.publisher);
        }
    }

    /// What goes where there is more than the room: the first of who takes up most.
    fn too_much(&self, room: Room) -> Option<EventId> {
        if self.wraps <= room.wraps && self.bytes <= room.bytes {
            return None;
        }
        let largest = self.by_publisher.values().max_by_key(|share| share.bytes)?;
        largest.arrivals.values().next().copied()
    }
}

impl Shelves {
    /// Empty. `forget_secs`: wraps are forgotten so many seconds after they came, if that is earlier than by the limits.
    pub(super) fn new(limits: &Limits, forget_secs: Option<u64>) -> Self {
        Self {
            wraps: HashMap::new(),
            mailboxes: HashMap::new(),
            by_arrival: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            shares: Shares::default(),
            arrivals: 0,
            stored: limits.stored,
            mailbox: limits.mailbox,
            retention_secs: forget_secs.unwrap_or(u64::MAX).min(limits.retention_secs),
        }
    }

    /// Keeps a wrap; says whether it was not there yet.
    pub(super) fn put(
        &mut self,
        event: &Arc<Event>,
        recipient: PublicKey,
        publisher: Publisher,
        now: Timestamp,
    ) -> bool {
        self.purge(now);
        if self.wraps.contains_key(&event.id) {
            return false;
        }
        let (arrival, bytes) = (self.arrivals, event.as_json().len());
        let wrap = Wrap { event: Arc::clone(event), recipient, publisher, arrival, came: now, bytes };
        self.arrivals += 1;
        self.shares.add(&wrap);
        let mailbox = self.mailboxes.entry(recipient).or_default();
        mailbox.shares.add(&wrap);
        mailbox.newest.insert((Reverse(event.created_at), event.id));
        self.by_arrival.insert(arrival, event.id);
        if let Some(expiry) = event.tags.expiration() {
            self.by_expiry.insert((*expiry, event.id));
        }
        self.wraps.insert(event.id, wrap);
        while let Some(id) = self.mailboxes.get(&recipient).and_then(|mailbox| mailbox.shares.too_much(self.mailbox)) {
            self.remove(id);
        }
        while let Some(id) = self.shares.too_much(self.stored) {
            self.remove(id);
        }
        true
    }

    /// Forgets what has had its time.
    pub(super) fn purge(&mut self, now: Timestamp) {
        while let Some((expiry, id)) = self.by_expiry.first().copied()
            && expiry < now
        {
            self.remove(id);
        }
        while let Some(id) = self.by_arrival.values().next().copied()
            && self.wraps.get(&id).is_none_or(|wrap| self.has_lain_long(wrap, now))
        {
            self.remove(id);
        }
    }

    fn has_lain_long(&self, wrap: &Wrap, now: Timestamp) -> bool {
        wrap.came.as_secs().saturating_add(self.retention_secs) <= now.as_secs()
    }

    fn remove(&mut self, id: EventId) {
        let Some(wrap) = self.wraps.remove(&id) else { return };
        self.shares.take(&wrap);
        self.by_arrival.remove(&wrap.arrival);
        if let Some(expiry) = wrap.event.tags.expiration() {
            self.by_expiry.remove(&(*expiry, id));
        }
        if let Some(mailbox) = self.mailboxes.get_mut(&wrap.recipient) {
            mailbox.shares.take(&wrap);
            mailbox.newest.remove(&(Reverse(wrap.event.created_at), id));
            if mailbox.newest.is_empty() {
                self.mailboxes.remove(&wrap.recipient);
            }
        }
    }

    /// Forgets every mailbox but those of whom `served` names.
    pub(super) fn keep_only(&mut self, served: impl Fn(&PublicKey) -> bool) {
        let gone: Vec<EventId> =
            self.wraps.values().filter(|wrap| !served(&wrap.recipient)).map(|wrap| wrap.event.id).collect();
        gone.into_iter().for_each(|id| self.remove(id));
    }

    /// What a mailbox holds that fits a question, newest first.
    pub(super) fn matching<'a>(
        &'a self,
        owner: PublicKey,
        filter: &'a Filter,
    ) -> impl Iterator<Item = &'a Arc<Event>> + 'a {
        let ids = self.mailboxes.get(&owner).into_iter().flat_map(|mailbox| &mailbox.newest);
        ids.filter_map(|(_, id)| self.wraps.get(id))
            .map(|wrap| &wrap.event)
            .filter(|event| filter.match_event(event, MatchEventOptions::new()))
            .take(filter.limit.unwrap_or(MAX_ANSWER).min(MAX_ANSWER))
    }

    /// How many bytes a kept wrap has; 0 for one that is not kept.
    pub(super) fn bytes_of(&self, id: EventId) -> usize {
        self.wraps.get(&id).map_or(0, |wrap| wrap.bytes)
    }

    /// How many are kept, and how many of them in each order.
    #[cfg(test)]
    pub(super) fn counts(&self) -> [usize; 5] {
        let in_mailboxes = self.mailboxes.values().map(|mailbox| mailbox.newest.len()).sum();
        let shared = self.shares.by_publisher.values().map(|share| share.arrivals.len()).sum();
        assert_eq!(self.shares.wraps, self.wraps.len());
        assert_eq!(self.shares.bytes, self.wraps.values().map(|wrap| wrap.bytes).sum::<usize>());
        [self.wraps.len(), self.by_arrival.len(), self.by_expiry.len(), in_mailboxes, shared]
    }

    /// Whether a wrap is kept.
    #[cfg(test)]
    pub(super) fn holds(&self, id: EventId) -> bool {
        self.wraps.contains_key(&id)
    }
}
