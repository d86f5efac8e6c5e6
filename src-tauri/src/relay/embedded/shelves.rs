//! The wraps that the relay keeps, by recipient. Bounded in number and bytes; what expired, or came first, goes first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use nostr::{
    Alphabet, Event, EventId, Filter, JsonUtil, Kind, PublicKey, SingleLetterTag, TagKind, Timestamp,
    filter::MatchEventOptions,
};

use super::super::MAX_WRAP_BYTES;

/// Wraps kept at most; the one that came first goes first.
const MAX_WRAPS: usize = 50_000;

/// Bytes of wraps kept at most, counted as JSON.
pub(super) const MAX_STORED_BYTES: usize = 256 * 1024 * 1024;

/// Wraps given at most in answer to one question.
pub(super) const MAX_ANSWER: usize = 500;

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
    Ok(key)
}

/// The wraps that are kept.
#[derive(Default)]
pub(super) struct Shelves {
    wraps: HashMap<EventId, Wrap>,
    /// Newest first, as relays answer.
    by_recipient: HashMap<PublicKey, BTreeSet<(Reverse<Timestamp>, EventId)>>,
    by_arrival: BTreeMap<u64, EventId>,
    by_expiry: BTreeSet<(Timestamp, EventId)>,
    arrivals: u64,
    pub(super) bytes: usize,
    /// Wraps are forgotten this many seconds after they came; none: when they expire.
    forget_secs: Option<u64>,
}

struct Wrap {
    event: Event,
    recipient: PublicKey,
    arrival: u64,
    came: Timestamp,
    bytes: usize,
}

impl Shelves {
    /// Empty. Wraps are forgotten so many seconds after they came; none: when they expire.
    pub(super) fn forgetting(forget_secs: Option<u64>) -> Self {
        Self { forget_secs, ..Self::default() }
    }

    /// Keeps a wrap; says whether it was not there yet.
    pub(super) fn put(&mut self, event: &Event, recipient: PublicKey, now: Timestamp) -> bool {
        self.purge(now);
        if self.wraps.contains_key(&event.id) {
            return false;
        }
        let wrap =
            Wrap { event: event.clone(), recipient, arrival: self.arrivals, came: now, bytes: event.as_json().len() };
        self.arrivals += 1;
        self.bytes += wrap.bytes;
        self.by_arrival.insert(wrap.arrival, event.id);
        self.by_recipient.entry(recipient).or_default().insert((Reverse(event.created_at), event.id));
        if let Some(expiry) = event.tags.expiration() {
            self.by_expiry.insert((*expiry, event.id));
        }
        self.wraps.insert(event.id, wrap);
        while self.wraps.len() > MAX_WRAPS || self.bytes > MAX_STORED_BYTES {
            let Some((_, first)) = self.by_arrival.first_key_value() else { break };
            self.remove(*first);
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
        let Some(secs) = self.forget_secs else { return };
        while let Some(id) = self.by_arrival.values().next().copied()
            && self.wraps.get(&id).is_none_or(|wrap| wrap.came + secs <= now)
        {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: EventId) {
        let Some(wrap) = self.wraps.remove(&id) else { return };
        self.bytes -= wrap.bytes;
        self.by_arrival.remove(&wrap.arrival);
        if let Some(expiry) = wrap.event.tags.expiration() {
            self.by_expiry.remove(&(*expiry, id));
        }
        if let Some(mailbox) = self.by_recipient.get_mut(&wrap.recipient) {
            mailbox.remove(&(Reverse(wrap.event.created_at), id));
            if mailbox.is_empty() {
                self.by_recipient.remove(&wrap.recipient);
            }
        }
    }

    /// What a mailbox holds that fits a question, newest first.
    pub(super) fn matching<'a>(&'a self, owner: PublicKey, filter: &'a Filter) -> impl Iterator<Item = &'a Event> + 'a {
        let ids = self.by_recipient.get(&owner).into_iter().flatten();
        ids.filter_map(|(_, id)| self.wraps.get(id))
            .map(|wrap| &wrap.event)
            .filter(|event| filter.match_event(event, MatchEventOptions::new()))
            .take(filter.limit.unwrap_or(MAX_ANSWER).min(MAX_ANSWER))
    }

    /// How many are kept, and how many of them in each order.
    #[cfg(test)]
    pub(super) fn counts(&self) -> [usize; 4] {
        [self.wraps.len(), self.by_arrival.len(), self.by_expiry.len(), self.by_recipient.len()]
    }

    /// Whether a wrap is kept.
    #[cfg(test)]
    pub(super) fn holds(&self, id: EventId) -> bool {
        self.wraps.contains_key(&id)
    }
}
