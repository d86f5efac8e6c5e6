//! Who has still to get which events, and when they are sent again. State of this installation's conversation with the
//! others, not of the vault: lost at a restart, it only costs that something is sent once more.
//!
//! Everybody delivers what they wrote; what does not arrive in time is handed over by whoever holds it. It is sent again,
//! with growing pauses, until the recipient's `heads` cover it.

mod peer;

use std::collections::{BTreeMap, BTreeSet};

use conclave_shared::{EventId, MemberId};

use crate::heads::Heads;
use crate::log::Log;
use peer::Peer;

/// First pause before something is sent again, in ms. Doubles with every try.
const FIRST_PAUSE_MS: u64 = 2_000;
/// Longest pause, in ms.
const LONGEST_PAUSE_MS: u64 = 600_000;
/// Longest pause for somebody who was heard since the last try, in ms.
const SPEAKING_PAUSE_MS: u64 = 8_000;
/// How long a member's author is left to deliver to others before someone else hands the events over, in ms.
const HAND_OVER_MS: u64 = 3_000;
/// How often `heads` go out when nothing has changed, in ms: so that members know who is there.
const HEARTBEAT_MS: u64 = 30_000;
/// First pause between two `want` or `ask` messages for the same, in ms. Doubles while nothing comes.
const WANT_PAUSE_MS: u64 = 2_000;
/// How long what somebody's heads name is left to arrive by itself, in ms.
const WANT_AFTER_MS: u64 = 6_000;
/// Pause before heads that could not be sent are tried again, in ms.
const FAILED_PAUSE_MS: u64 = 5_000;
/// Most ids in one `want`.
const WANT_LIMIT: usize = 100;
/// Events in one payload. Whoever packs it divides it again where it has too many bytes.
const PAYLOAD_EVENTS: usize = 400;
/// Most events of one branch that are on their way to one member unacknowledged: who was away for months is served by and
/// by, not flooded.
const WINDOW: u32 = 4_000;
/// Deliveries to somebody who speaks but does not acknowledge, after which a relay is said to keep them back.
const UNANSWERED: u32 = 3;
/// Events of one author that came by others alone, after which the same is said.
const ROUNDABOUT: u32 = 3;

/// One message to bring to one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Events, each after what it builds on.
    Events(Vec<EventId>),
    /// What is held here; an answer to the question with this nonce, if there was one.
    Heads(Option<EventId>),
    /// What is missing here.
    Want(Vec<EventId>),
    /// The question what they hold, with its nonce.
    Ask(EventId),
}

/// A silence that is no accident: what one member sends to another does not arrive, though both are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// What this installation sends to a member who speaks.
    To(MemberId),
    /// What a member writes reaches this installation by others alone.
    From(MemberId),
}

/// The conversation with all other members of one vault.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    peers: BTreeMap<MemberId, Peer>,
    want: Pause,
    wanted: Vec<EventId>,
    /// A question that waits for answers: its nonce and who has answered.
    asked: Option<(EventId, BTreeSet<MemberId>)>,
    ask: Pause,
    /// For each author, how many of the last events came by others.
    roundabout: BTreeMap<MemberId, u32>,
}

/// A pause that doubles until what it is for has changed.
#[derive(Debug, Clone, Default)]
struct Pause {
    next_ms: u64,
    tries: u32,
}

impl Pause {
    /// Whether it is over; begins the next, longer one.
    fn over(&mut self, now_ms: u64) -> bool {
        // A clock that was set back must not make the pause longer than it can be.
        if now_ms < self.next_ms && self.next_ms - now_ms <= LONGEST_PAUSE_MS {
            return false;
        }
        self.next_ms = now_ms.saturating_add(pause(WANT_PAUSE_MS, self.tries));
        self.tries = self.tries.saturating_add(1);
        true
    }
}

impl Pause {
    /// Ends it in `ms` at the latest.
    fn at_most(&mut self, now_ms: u64, ms: u64) {
        self.next_ms = self.next_ms.min(now_ms.saturating_add(ms));
    }
}

/// `first`, doubled `tries` times, at most [`LONGEST_PAUSE_MS`].
fn pause(first: u64, tries: u32) -> u64 {
    (first << tries.min(12)).min(LONGEST_PAUSE_MS)
}

impl Deliveries {
    /// Takes a member's heads; says whether they are newer than those held.
    pub fn heads(&mut self, heads: Heads, log: &Log, now_ms: u64) -> bool {
        self.want.at_most(now_ms, SPEAKING_PAUSE_MS);
        self.peers.entry(heads.member).or_default().take_heads(heads, log, now_ms)
    }

    /// A member's newest heads.
    pub fn heads_of(&self, member: MemberId) -> Option<&Heads> {
        self.peers.get(&member)?.heads.as_ref()
    }

    /// A member sent what is held here already: our heads did not reach them.
    pub fn repeated(&mut self, member: MemberId) {
        self.peers.entry(member).or_default().told = None;
    }

    /// Events of `author` that were new came from `from`.
    pub fn came(&mut self, author: MemberId, from: MemberId) {
        let count = self.roundabout.entry(author).or_default();
        *count = if author == from { 0 } else { count.saturating_add(1) };
    }

    /// A member asked for events.
    pub fn wanted(&mut self, member: MemberId, events: Vec<EventId>) {
        let wanted = &mut self.peers.entry(member).or_default().wanted;
        wanted.extend(events.into_iter().take(WANT_LIMIT.saturating_sub(wanted.len())));
    }

    /// A member asked what is held here.
    pub fn asked(&mut self, member: MemberId, nonce: EventId) {
        self.peers.entry(member).or_default().answer = Some(nonce);
    }

    /// Asks everybody what they hold, until [`Deliveries::stop_asking`].
    pub fn ask(&mut self, nonce: EventId) {
        self.asked = Some((nonce, BTreeSet::new()));
        self.ask = Pause::default();
    }

    /// A member answered a question.
    pub fn answered(&mut self, member: MemberId, nonce: EventId) {
        if let Some((asked, answered)) = &mut self.asked
            && *asked == nonce
        {
            answered.insert(member);
        }
    }

    /// Who has answered the question that is asked now.
    pub fn answers(&self) -> impl Iterator<Item = MemberId> {
        self.asked.iter().flat_map(|(_, answered)| answered.iter().copied())
    }

    /// The answers are enough.
    pub fn stop_asking(&mut self) {
        self.asked = None;
    }

    /// A message could not be handed to any relay. Events, wants and questions come again by their own pauses; heads after
    /// one too.
    pub fn failed(&mut self, member: MemberId, message: &Message, now_ms: u64) {
        let peer = self.peers.entry(member).or_default();
        match message {
            Message::Heads(answers) => {
                peer.told = None;
                peer.answer = *answers;
                peer.heads_not_before_ms = now_ms + FAILED_PAUSE_MS;
            }
            Message::Events(_) | Message::Want(_) | Message::Ask(_) => {}
        }
    }

    /// Members who have not said that they hold all that is owed to everybody.
    pub fn unacknowledged(&self, log: &Log, others: &BTreeSet<MemberId>, owed: impl Fn(MemberId) -> u32) -> usize {
        let mut owed = owed_branches(log, owed);
        owed.iter_mut().enumerate().for_each(|(branch, owed)| *owed = log.common_of(branch).min(*owed));
        let covers = |member: &MemberId| self.peers.get(member).is_some_and(|peer| peer.covers(log, &owed));
        others.iter().filter(|member| !covers(member)).count()
    }

    /// Who seems to be kept from hearing whom.
    pub fn withheld(&self) -> Vec<Withheld> {
        let to = self.peers.iter().filter(|(_, peer)| peer.unanswered >= UNANSWERED && peer.spoke_since);
        let from = self.roundabout.iter().filter(|(_, count)| **count >= ROUNDABOUT);
        to.map(|(member, _)| Withheld::To(*member)).chain(from.map(|(member, _)| Withheld::From(*member))).collect()
    }

    /// What is due now. The caller sends it; what is not acknowledged in time comes again. `owed` says up to which number
    /// (exclusive) an author's events are for everybody.
    pub fn due(
        &mut self,
        log: &Log,
        me: MemberId,
        others: &BTreeSet<MemberId>,
        owed: impl Fn(MemberId) -> u32,
        now_ms: u64,
    ) -> Vec<(MemberId, Message)> {
        let mut due = Vec::new();
        let owed_events = owed_branches(log, &owed);
        let missing = log.wants(WANT_LIMIT);
        if missing != self.wanted {
            self.want.tries = 0;
            self.want.next_ms = self.want.next_ms.min(now_ms + WANT_PAUSE_MS);
            self.wanted.clone_from(&missing);
        }
        let want = !missing.is_empty() && self.want.over(now_ms);
        let ask = self.asked.is_some() && self.ask.over(now_ms);
        for member in others {
            let peer = self.peers.entry(*member).or_default();
            if let Some((nonce, answered)) = &self.asked
                && ask
                && !answered.contains(member)
            {
                due.push((*member, Message::Ask(*nonce)));
            }
            let events = peer.events_due(log, me, &owed_events, now_ms);
            due.extend(events.chunks(PAYLOAD_EVENTS).map(|events| (*member, Message::Events(events.to_vec()))));
            if let Some(answers) = peer.heads_due(log, now_ms) {
                due.push((*member, Message::Heads(answers)));
            }
            let mut wants = if want { missing.clone() } else { Vec::new() };
            wants.extend(peer.claims_due(log, &owed, now_ms));
            wants.truncate(WANT_LIMIT);
            if !wants.is_empty() {
                due.push((*member, Message::Want(wants)));
            }
        }
        due
    }
}

/// For each branch up to which number (exclusive) its events are for everybody.
fn owed_branches(log: &Log, owed: impl Fn(MemberId) -> u32) -> Vec<u32> {
    let branches = (0..log.branches()).filter_map(|branch| log.branch(branch));
    branches.map(|(author, _, end)| end.min(owed(author))).collect()
}
