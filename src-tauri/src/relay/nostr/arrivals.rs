//! What comes out of all mailboxes of a vault: each wrap is opened once, and which relay showed it and which did not is
//! judged for messages that could be opened.
//!
//! A relay that made up wraps, or kept old ones, could otherwise make an honest relay look as if it kept them back: so only
//! what a member sealed counts, and only if it was written after the relay in question was being listened to.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::nostr::{Event, EventId, Keys, Timestamp};
use conclave_shared::MemberId;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::super::Received;
use super::mailbox::Shelf;
use super::seal::{Dropped, open};
use crate::relay::withholding::Judged;

/// Ids of wraps remembered, so that a wrap held by several relays, or asked for again, is opened once.
pub(super) const REMEMBERED: usize = 16_384;

/// Messages that wait for the judgement of the relays.
const UNJUDGED: usize = 1_024;

/// One wrap, as one relay showed it.
#[derive(Debug)]
pub(super) struct Arrival {
    /// Which relay, by its place in the list.
    pub(super) relay: usize,
    /// When.
    pub(super) at: Instant,
    /// The wrap, its own signature checked.
    pub(super) wrap: Event,
}

/// Since when a relay has been listened to without a break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listening {
    /// By the clock that never goes back.
    pub(super) since: Instant,
    /// By the clock that messages are dated with.
    pub(super) since_secs: Timestamp,
}

/// Opens what arrives, for one identity.
pub(super) struct Arrivals {
    pub(super) identity: Keys,
    /// The relays' addresses and shelves, by their places in the list.
    pub(super) relays: Vec<(String, Arc<Shelf>)>,
    /// How long a relay may take to show what another has shown.
    pub(super) grace: Duration,
    pub(super) inbox: mpsc::Sender<Received>,
    pub(super) news: mpsc::Sender<Vec<Judged>>,
    pub(super) dropped: Arc<Tally>,
}

impl Arrivals {
    /// Opens wraps one after the other, until the transport or the inbox is closed.
    pub(super) async fn open_all(self, mut arrivals: mpsc::Receiver<Arrival>) {
        let mut seen = Seen::default();
        let mut sightings = Sightings::default();
        let mut look = interval(self.grace / 4);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Everything that came before this moment has been looked at.
        let mut horizon = Instant::now();
        loop {
            tokio::select! {
                arrival = arrivals.recv() => {
                    let Some(Arrival { relay, at, wrap }) = arrival else { return };
                    horizon = horizon.max(at);
                    if !seen.is_new(wrap.id) {
                        sightings.again(wrap.id, relay);
                        continue;
                    }
                    match open(&self.identity, &wrap) {
                        Ok(opened) => {
                            sightings.first(wrap.id, relay, opened.received.from, opened.written, at);
                            if self.inbox.send(opened.received).await.is_err() {
                                return;
                            }
                        }
                        Err(why) => self.dropped.count(why),
                    }
                }
                _ = look.tick() => {
                    if arrivals.is_empty() {
                        horizon = Instant::now();
                    }
                    let judged = sightings.judge(horizon, self.grace, &self.listening());
                    // Where nobody has room for a judgement, it is not missed: the next ones tell the same.
                    if !judged.is_empty() {
                        let _ = self.news.try_send(judged);
                    }
                }
            }
        }
    }

    fn listening(&self) -> Vec<(&str, Option<Listening>)> {
        self.relays.iter().map(|(url, shelf)| (url.as_str(), shelf.listening())).collect()
    }
}

/// Which relays showed which message.
#[derive(Debug, Default)]
struct Sightings(VecDeque<Sighting>);

#[derive(Debug)]
struct Sighting {
    wrap: EventId,
    from: MemberId,
    written: Timestamp,
    first: Instant,
    shown_by: BTreeSet<usize>,
}

impl Sightings {
    fn first(&mut self, wrap: EventId, relay: usize, from: MemberId, written: Timestamp, first: Instant) {
        if self.0.len() == UNJUDGED {
            self.0.pop_front();
        }
        self.0.push_back(Sighting { wrap, from, written, first, shown_by: BTreeSet::from([relay]) });
    }

    fn again(&mut self, wrap: EventId, relay: usize) {
        if let Some(sighting) = self.0.iter_mut().rev().find(|sighting| sighting.wrap == wrap) {
            sighting.shown_by.insert(relay);
        }
    }

    /// Judges what was first seen a while ago. A relay is judged by a message that another relay showed, if it has been
    /// listened to, without a break, since before the message was written and seen.
    fn judge(&mut self, now: Instant, grace: Duration, relays: &[(&str, Option<Listening>)]) -> Vec<Judged> {
        let mut judged = Vec::new();
        while let Some(sighting) = self.0.pop_front_if(|sighting| sighting.first + grace <= now) {
            for (place, (url, listening)) in relays.iter().enumerate() {
                let listened =
                    listening.is_some_and(|it| it.since < sighting.first && it.since_secs <= sighting.written);
                if listened && sighting.shown_by.iter().any(|other| *other != place) {
                    let kept_back = !sighting.shown_by.contains(&place);
                    judged.push(Judged { relay: (*url).to_owned(), from: sighting.from, kept_back });
                }
            }
        }
        judged
    }
}

/// How often which reason for dropping came up.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<Dropped, u64>>);

impl Tally {
    pub(super) fn counts(&self) -> MutexGuard<'_, BTreeMap<Dropped, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, why: Dropped) {
        *self.counts().entry(why).or_default() += 1;
    }
}

/// The last [`REMEMBERED`] ids.
#[derive(Default)]
struct Seen {
    ids: HashSet<EventId>,
    order: VecDeque<EventId>,
}

impl Seen {
    fn is_new(&mut self, id: EventId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(20);
    const BEN: MemberId = MemberId([2; 32]);

    fn number(n: usize) -> EventId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        EventId::from_byte_array(bytes)
    }

    fn secs(secs: u64) -> Timestamp {
        Timestamp::from(secs)
    }

    #[test]
    fn remembered_ids_are_bounded() {
        let mut seen = Seen::default();
        for n in 0..REMEMBERED + 10 {
            assert!(seen.is_new(number(n)));
        }
        assert!(!seen.is_new(number(REMEMBERED)));
        assert_eq!((seen.ids.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
        assert!(seen.is_new(number(0)), "the oldest is forgotten");
    }

    #[test]
    fn a_relay_that_does_not_show_what_another_shows_is_named_after_the_grace() {
        let begun = Instant::now();
        let listening = Some(Listening { since: begun, since_secs: secs(100) });
        let relays = [("a", listening), ("b", listening)];
        let mut sightings = Sightings::default();
        let at = begun + Duration::from_secs(1);
        sightings.first(number(1), 0, BEN, secs(101), at);
        sightings.first(number(2), 0, BEN, secs(101), at);
        sightings.again(number(2), 1);
        assert_eq!(sightings.judge(at + GRACE / 2, GRACE, &relays), [], "not before the grace is over");
        let of = |relay: &str, kept_back| Judged { relay: relay.to_owned(), from: BEN, kept_back };
        // The first was shown by nobody but "a", so it tells nothing about "a".
        assert_eq!(sightings.judge(at + GRACE, GRACE, &relays), [of("b", true), of("a", false), of("b", false)]);
        assert_eq!(sightings.judge(at + GRACE * 2, GRACE, &relays), [], "each is judged once");
    }

    #[test]
    fn a_relay_that_was_away_or_came_later_is_not_blamed() {
        let begun = Instant::now();
        let at = begun + Duration::from_secs(1);
        let there = Some(Listening { since: begun, since_secs: secs(100) });
        let back_since = |since| Some(Listening { since, since_secs: secs(100) });
        for away in [None, back_since(at), back_since(at + GRACE / 2)] {
            let mut sightings = Sightings::default();
            sightings.first(number(1), 0, BEN, secs(101), at);
            assert_eq!(sightings.judge(at + GRACE, GRACE, &[("a", there), ("b", away)]), []);
        }
        // Replayed by "a" from before "b" was listened to: "b" may have forgotten it with every right.
        let mut sightings = Sightings::default();
        sightings.first(number(1), 0, BEN, secs(99), at);
        assert_eq!(sightings.judge(at + GRACE, GRACE, &[("a", there), ("b", there)]), []);
    }

    #[test]
    fn what_waits_for_judgement_is_bounded() {
        let mut sightings = Sightings::default();
        for n in 0..UNJUDGED + 10 {
            sightings.first(number(n), 0, BEN, secs(1), Instant::now());
        }
        assert_eq!(sightings.0.len(), UNJUDGED);
    }
}
