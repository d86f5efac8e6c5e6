//! The conversation with one member.

use std::collections::{BTreeMap, BTreeSet};

use conclave_shared::{EventId, MemberId};

use super::{
    FIRST_PAUSE_MS, HAND_OVER_MS, HEARTBEAT_MS, LONGEST_PAUSE_MS, Pause, SPEAKING_PAUSE_MS, WANT_AFTER_MS, WANT_LIMIT,
    WANT_PAUSE_MS, WINDOW, pause,
};
use crate::heads::Heads;
use crate::log::Log;

#[derive(Debug, Clone, Default)]
pub(super) struct Peer {
    /// Their newest heads, from now or from the store.
    pub(super) heads: Option<Heads>,
    /// For each branch of the log up to which number (exclusive) they have said to hold its events. It only grows: what
    /// heads cover is durable.
    held: Vec<u32>,
    /// Entries of their heads that name events which are not held here, and since when.
    unknown: BTreeMap<EventId, (MemberId, u32, u64)>,
    claims: Pause,
    /// For each branch up to which number (exclusive) its events were sent.
    sent: BTreeMap<usize, u32>,
    tries: u32,
    next_try_ms: u64,
    hand_over_ms: Option<u64>,
    /// Deliveries of own events that were not acknowledged, and whether they spoke after the first of them.
    pub(super) unanswered: u32,
    pub(super) spoke_since: bool,
    heard_ms: u64,
    /// Events that they asked for.
    pub(super) wanted: BTreeSet<EventId>,
    wanted_not_before_ms: u64,
    /// When our heads went out, and how many events they covered.
    pub(super) told: Option<(u64, usize)>,
    pub(super) heads_not_before_ms: u64,
    /// The nonce of a question that is to be answered.
    pub(super) answer: Option<EventId>,
}

impl Peer {
    pub(super) fn take_heads(&mut self, heads: Heads, log: &Log, now_ms: u64) -> bool {
        if self.heads.as_ref().is_some_and(|held| held.serial >= heads.serial) {
            return false;
        }
        // Who was away and speaks again gets at once what waited for long pauses.
        if now_ms.saturating_sub(self.heard_ms) > 2 * HEARTBEAT_MS {
            self.tries = 0;
            self.next_try_ms = 0;
        }
        self.heard_ms = now_ms;
        self.spoke_since = true;
        // Who speaks can be reached: what was lost on the way does not wait for the end of a pause grown long.
        self.next_try_ms = self.next_try_ms.min(now_ms + SPEAKING_PAUSE_MS);
        self.claims.at_most(now_ms, SPEAKING_PAUSE_MS);
        let before: BTreeMap<EventId, u64> =
            std::mem::take(&mut self.unknown).into_iter().map(|(id, (.., since))| (id, since)).collect();
        for (author, n, id) in &heads.newest {
            if !log.holds(*id) {
                let since = before.get(id).copied().unwrap_or(now_ms);
                self.unknown.insert(*id, (*author, *n, since));
            }
        }
        if self.unknown.keys().any(|id| !before.contains_key(id)) {
            self.claims = Pause::default();
        }
        self.heads = Some(heads);
        self.learn(log);
        true
    }

    /// Notes what the newest heads say of the log's branches.
    fn learn(&mut self, log: &Log) {
        self.held.resize(log.branches(), 0);
        let Some(heads) = &self.heads else { return };
        for (.., id) in &heads.newest {
            for (branch, held) in self.held.iter_mut().enumerate() {
                *held = (*held).max(log.known_of(branch, *id));
            }
        }
        self.unknown.retain(|id, _| !log.holds(*id));
    }

    /// Up to which number (exclusive) they hold a branch's events.
    fn held(&self, log: &Log, branch: usize) -> u32 {
        let held = self.held.get(branch).copied().unwrap_or(0);
        let Some((author, _, end)) = log.branch(branch) else { return held };
        // Who names a later event of the author that is not held here is ahead: the branch is part of their chain, as far
        // as can be seen from here. If it is not, both stories meet when that event arrives.
        let ahead = self.unknown.values().any(|(by, n, _)| *by == author && *n >= end);
        if ahead { end.max(held) } else { held }
    }

    /// Whether their heads cover what is owed.
    pub(super) fn covers(&self, log: &Log, owed: &[u32]) -> bool {
        let mut peer = self.clone();
        peer.learn(log);
        self.heads.is_some()
            && owed.iter().enumerate().all(|(branch, owed)| {
                let base = log.branch(branch).map_or(0, |(_, base, _)| base);
                peer.held(log, branch) >= *owed || *owed <= base
            })
    }

    /// Events to send now, each after what it builds on.
    pub(super) fn events_due(&mut self, log: &Log, me: MemberId, owed: &[u32], now_ms: u64) -> Vec<EventId> {
        let mut events = BTreeSet::new();
        let mut add = |id: EventId| events.extend(log.get(id).map(|event| (event.rank, event.id)));
        // A clock that was set back ends the pause too.
        let waits = self.wanted_not_before_ms.checked_sub(now_ms).is_some_and(|ms| ms > 0 && ms <= WANT_PAUSE_MS);
        if !self.wanted.is_empty() && !waits {
            std::mem::take(&mut self.wanted).into_iter().for_each(&mut add);
            self.wanted_not_before_ms = now_ms + WANT_PAUSE_MS;
        }
        self.learn(log);
        let mut lacking = Vec::new();
        for (branch, owed) in owed.iter().enumerate() {
            let Some((author, base, _)) = log.branch(branch) else { continue };
            let held = self.held(log, branch).max(base);
            if held < *owed {
                lacking.push((branch, author == me, held, *owed));
            }
        }
        if !lacking.iter().any(|(_, own, ..)| *own) {
            self.unanswered = 0;
            self.spoke_since = false;
        }
        if lacking.is_empty() {
            self.sent.clear();
            self.hand_over_ms = None;
            self.tries = 0;
        } else {
            for (branch, from, to) in self.branches_due(&lacking, now_ms) {
                log.events_of(branch, from, to).for_each(|event| add(event.id));
            }
        }
        events.into_iter().map(|(_, id)| id).collect()
    }

    /// Of the branches that they lack something of (branch, whether it is our own, from, to) those to send now.
    fn branches_due(&mut self, lacking: &[(usize, bool, u32, u32)], now_ms: u64) -> Vec<(usize, u32, u32)> {
        // Others deliver their own events; only if they do not arrive in time they are handed over from here. Somebody
        // who has never said what they hold is new: they get everything at once.
        let new = self.heads.is_none() && self.sent.is_empty();
        let unsent = |peer: &Self, branch: usize, to: u32| peer.sent.get(&branch).is_none_or(|sent| *sent < to);
        if lacking.iter().any(|(branch, own, _, to)| !own && unsent(self, *branch, *to)) {
            let since = *self.hand_over_ms.get_or_insert(now_ms + HAND_OVER_MS);
            // A clock that was set back ends the pause too.
            if now_ms >= since || since > now_ms + HAND_OVER_MS {
                self.hand_over_ms = None;
            }
        } else {
            self.hand_over_ms = None;
        }
        let hand_over = new || self.hand_over_ms.is_none();
        let due = now_ms >= self.next_try_ms || self.next_try_ms > now_ms + LONGEST_PAUSE_MS;
        let again = due && lacking.iter().any(|(branch, ..)| self.sent.contains_key(branch));
        let (mut fresh, mut own_again) = (false, false);
        let mut branches = Vec::new();
        for (branch, own, held, to) in lacking.iter().copied() {
            let sent = self.sent.get(&branch).copied();
            let from = match sent {
                Some(_) if again => held,
                Some(sent) => sent.max(held),
                None => held,
            };
            let to = to.min(held.saturating_add(WINDOW));
            if from >= to || (!own && sent.is_none_or(|sent| sent < to) && !hand_over) {
                continue;
            }
            fresh |= !again;
            own_again |= own && again;
            branches.push((branch, from, to));
            self.sent.insert(branch, to);
        }
        if again {
            self.tries = self.tries.saturating_add(1);
            self.next_try_ms = now_ms + pause(FIRST_PAUSE_MS, self.tries);
        } else if fresh {
            self.next_try_ms = now_ms + FIRST_PAUSE_MS;
        }
        if own_again {
            if self.unanswered == 0 {
                self.spoke_since = false;
            }
            self.unanswered = self.unanswered.saturating_add(1);
        }
        branches
    }

    /// Whether heads go out now, and which question they answer.
    pub(super) fn heads_due(&mut self, log: &Log, now_ms: u64) -> Option<Option<EventId>> {
        let again = |at: u64| now_ms >= at + HEARTBEAT_MS || now_ms + HEARTBEAT_MS < at;
        let news = self.answer.is_some() || self.told.is_none_or(|(at, events)| events != log.len() || again(at));
        let waits = self.heads_not_before_ms > now_ms && self.heads_not_before_ms - now_ms <= LONGEST_PAUSE_MS;
        if !news || waits || log.is_empty() {
            return None;
        }
        self.told = Some((now_ms, log.len()));
        Some(self.answer.take())
    }

    /// What their heads name and nobody has brought here: what contradicts a number held here at once, for it proves that
    /// the author told two stories; what is only later after a while, for it is on its way.
    pub(super) fn claims_due(&mut self, log: &Log, owed: impl Fn(MemberId) -> u32, now_ms: u64) -> Vec<EventId> {
        let overdue = |(author, n, since): &(MemberId, u32, u64)| {
            let contradicts = log.newest(*author).is_some_and(|(newest, _)| *n <= newest);
            *n < owed(*author) && (contradicts || now_ms >= since + WANT_AFTER_MS || *since > now_ms)
        };
        let claims = self.unknown.iter().filter(|(id, claim)| !log.holds(**id) && overdue(claim));
        let claims: Vec<EventId> = claims.map(|(id, _)| *id).take(WANT_LIMIT).collect();
        if claims.is_empty() || !self.claims.over(now_ms) { Vec::new() } else { claims }
    }
}
