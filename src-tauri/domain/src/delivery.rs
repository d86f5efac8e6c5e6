//! Who has still to get which events, and when they are sent again. State of this installation's conversation with the
//! others, not of the vault: lost at a restart, it only costs that something is sent once more.

use std::collections::{BTreeMap, BTreeSet};

use conclave_shared::{EventId, MemberId};

use crate::heads::Heads;
use crate::log::Log;

/// First pause before something is sent again, in ms. Doubles with every try.
const FIRST_PAUSE_MS: u64 = 2_000;
/// Longest pause, in ms.
const LONGEST_PAUSE_MS: u64 = 600_000;
/// How long a member's author is left to deliver to others before someone else hands the events over, in ms.
const HAND_OVER_MS: u64 = 3_000;
/// How often `heads` go out when nothing has changed, in ms: so that members know who is there.
const HEARTBEAT_MS: u64 = 30_000;
/// Pause between two `want` messages, in ms.
const WANT_PAUSE_MS: u64 = 2_000;
/// Pause before heads that could not be sent are tried again, in ms.
const FAILED_PAUSE_MS: u64 = 5_000;
/// Most ids in one `want`.
const WANT_LIMIT: usize = 100;
/// Bytes of events in one payload: below the payload's limit with room for its other fields.
const PAYLOAD_BYTES: usize = 900 * 1024;

/// One message to bring to one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Events, each after what it builds on.
    Events(Vec<EventId>),
    /// What is held here.
    Heads,
    /// What is missing here.
    Want(Vec<EventId>),
}

#[derive(Debug, Clone, Default)]
struct Peer {
    /// Their newest heads, from now or from the store.
    heads: Option<Heads>,
    /// Per author, how many events were sent and not yet acknowledged.
    sent: BTreeMap<MemberId, u32>,
    tries: u32,
    next_try_ms: u64,
    hand_over_ms: Option<u64>,
    /// Events that they asked for.
    wanted: BTreeSet<EventId>,
    wanted_not_before_ms: u64,
    /// When our heads went out, and how many events they covered.
    told: Option<(u64, usize)>,
    heads_not_before_ms: u64,
}

/// The conversation with all other members of one vault.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    peers: BTreeMap<MemberId, Peer>,
    want_at_ms: u64,
}

impl Deliveries {
    /// Takes a member's heads; says whether they are newer than those held.
    pub fn heads(&mut self, heads: Heads) -> bool {
        let peer = self.peers.entry(heads.member).or_default();
        if peer.heads.as_ref().is_some_and(|held| held.serial >= heads.serial) {
            return false;
        }
        // Who speaks is there: what grew while they were away ends.
        if peer.tries > 0 {
            peer.tries = 0;
            peer.next_try_ms = 0;
        }
        peer.heads = Some(heads);
        true
    }

    /// A member sent what is held here already: our heads did not reach them.
    pub fn repeated(&mut self, member: MemberId) {
        self.peers.entry(member).or_default().told = None;
    }

    /// A member asked for events.
    pub fn wanted(&mut self, member: MemberId, events: Vec<EventId>) {
        let wanted = &mut self.peers.entry(member).or_default().wanted;
        wanted.extend(events.into_iter().take(WANT_LIMIT.saturating_sub(wanted.len())));
    }

    /// A message could not be handed to any relay. Events and wants come again by their own pauses; heads after one too.
    pub fn failed(&mut self, member: MemberId, message: &Message, now_ms: u64) {
        let peer = self.peers.entry(member).or_default();
        match message {
            Message::Heads => {
                peer.told = None;
                peer.heads_not_before_ms = now_ms + FAILED_PAUSE_MS;
            }
            Message::Events(_) | Message::Want(_) => {}
        }
    }

    /// Members who have not said that they hold all of `log`.
    pub fn unacknowledged(&self, log: &Log, others: &BTreeSet<MemberId>) -> usize {
        let acknowledged = |member: &MemberId| {
            self.peers.get(member).and_then(|peer| peer.heads.as_ref()).is_some_and(|heads| heads.covers(log))
        };
        others.iter().filter(|member| !acknowledged(member)).count()
    }

    /// What is due now. The caller sends it; what is not acknowledged in time comes again.
    pub fn due(
        &mut self,
        log: &Log,
        me: MemberId,
        others: &BTreeSet<MemberId>,
        now_ms: u64,
    ) -> Vec<(MemberId, Message)> {
        let mut due = Vec::new();
        let missing: Vec<EventId> = log.missing().take(WANT_LIMIT).collect();
        let want = !missing.is_empty() && now_ms >= self.want_at_ms;
        if want {
            self.want_at_ms = now_ms + WANT_PAUSE_MS;
        }
        for member in others {
            let peer = self.peers.entry(*member).or_default();
            let events = peer.events_due(log, me, now_ms);
            due.extend(payloads(log, &events).into_iter().map(|events| (*member, Message::Events(events))));
            if peer.heads_due(log, now_ms) {
                due.push((*member, Message::Heads));
            }
            if want {
                due.push((*member, Message::Want(missing.clone())));
            }
        }
        due
    }
}

impl Peer {
    fn held(&self, author: MemberId) -> u32 {
        self.heads.as_ref().map_or(0, |heads| heads.held(author))
    }

    /// Events to send now, unordered.
    fn events_due(&mut self, log: &Log, me: MemberId, now_ms: u64) -> Vec<EventId> {
        let mut events = Vec::new();
        if !self.wanted.is_empty() && now_ms >= self.wanted_not_before_ms {
            events.extend(std::mem::take(&mut self.wanted));
            self.wanted_not_before_ms = now_ms + WANT_PAUSE_MS;
        }
        let lacking: Vec<(MemberId, u32, u32)> = log
            .heads()
            .map(|(author, n, _)| (author, self.held(author), n + 1))
            .filter(|(_, held, all)| held < all)
            .collect();
        if lacking.is_empty() {
            self.sent.clear();
            self.hand_over_ms = None;
            self.tries = 0;
            return events;
        }
        // Others deliver their own events; only if they do not arrive in time they are handed over from here. Somebody
        // who has never said what they hold is new: they get everything at once.
        let foreign = |author: MemberId| author != me;
        let new = self.heads.is_none() && self.sent.is_empty();
        let unsent = |peer: &Self, author: MemberId, all: u32| peer.sent.get(&author).is_none_or(|sent| *sent < all);
        if lacking.iter().any(|(author, _, all)| foreign(*author) && unsent(self, *author, *all)) {
            let since = *self.hand_over_ms.get_or_insert(now_ms + HAND_OVER_MS);
            if now_ms >= since {
                self.hand_over_ms = None;
            }
        } else {
            self.hand_over_ms = None;
        }
        let hand_over = new || self.hand_over_ms.is_none();
        let again = now_ms >= self.next_try_ms && lacking.iter().any(|(author, ..)| self.sent.contains_key(author));
        let mut fresh = false;
        for (author, held, all) in lacking {
            let sent = self.sent.get(&author).copied();
            let from = match sent {
                Some(_) if again => held,
                Some(sent) => sent.max(held),
                None => held,
            };
            if from >= all || (foreign(author) && sent.is_none_or(|sent| sent < all) && !hand_over) {
                continue;
            }
            fresh |= !again;
            events.extend(log.chain(author).get(from as usize..all as usize).unwrap_or_default());
            self.sent.insert(author, all);
        }
        if again {
            self.tries = self.tries.saturating_add(1);
            self.next_try_ms = now_ms + (FIRST_PAUSE_MS << self.tries.min(10)).min(LONGEST_PAUSE_MS);
        } else if fresh {
            self.next_try_ms = now_ms + FIRST_PAUSE_MS;
        }
        events
    }

    fn heads_due(&mut self, log: &Log, now_ms: u64) -> bool {
        let news = self.told.is_none_or(|(at, events)| events != log.len() || now_ms >= at + HEARTBEAT_MS);
        let due = news && now_ms >= self.heads_not_before_ms && !log.is_empty();
        if due {
            self.told = Some((now_ms, log.len()));
        }
        due
    }
}

/// Splits events into payloads, in causal order, within the payload's size.
fn payloads(log: &Log, events: &[EventId]) -> Vec<Vec<EventId>> {
    let mut ordered: Vec<_> = events.iter().filter_map(|id| log.get(*id)).collect();
    ordered.sort_by_key(|admitted| (admitted.rank, admitted.event.id));
    ordered.dedup_by_key(|admitted| admitted.event.id);
    let mut payloads: Vec<Vec<EventId>> = Vec::new();
    let mut room = 0;
    for admitted in ordered {
        let bytes = admitted.event.to_json().len() + 1;
        match payloads.last_mut().filter(|_| bytes <= room) {
            Some(payload) => payload.push(admitted.event.id),
            None => {
                payloads.push(vec![admitted.event.id]);
                room = PAYLOAD_BYTES;
            }
        }
        room = room.saturating_sub(bytes);
    }
    payloads
}
