//! One connection to the relay, as a conversation: frames of text in, frames of text out. Knows no socket and no clock, so
//! that arbitrary frames can be tried on it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nostr::filter::MatchEventOptions;
use nostr::{
    ClientMessage, Event, EventId, Filter, JsonUtil, Kind, PublicKey, RelayMessage, RelayUrl, SubscriptionId, TagKind,
    Timestamp,
};
use tokio::sync::{broadcast, watch};

use super::guests::Guests;
use super::limits::{Allowance, Limits};
use super::mischief::Mischief;
use super::shelves::{MAX_ANSWER, P, Shelves, recipient};
use super::{Access, MAX_FRAME_BYTES};

/// Questions that stay open at one time, on one connection.
const MAX_SUBSCRIPTIONS: usize = 32;

/// Longest name of a question, in bytes (NIP-01).
const MAX_NAME: usize = 64;

/// How far the time in a login may be from the relay's, in seconds (NIP-42: "within 10 minutes").
const LOGIN_SECS: u64 = 600;

/// Wraps that wait for slow connections. A connection that falls further behind is ended, and its owner asks again.
const FRESH: usize = 1_024;

/// Keys whose wraps are counted before those that nobody has counted for a while are left out.
const COUNTED_KEYS: usize = 512;

/// What all connections share.
pub(super) struct Post {
    shelves: Mutex<Shelves>,
    /// What each key that has logged in may still publish.
    publishing: Mutex<HashMap<PublicKey, Allowance>>,
    /// Wraps as they come.
    pub(super) fresh: broadcast::Sender<Arc<Event>>,
    /// Who is connected.
    pub(super) guests: Arc<Guests>,
    pub(super) limits: Limits,
    /// Who is served.
    pub(super) access: watch::Receiver<Access>,
    pub(super) mischief: Mischief,
    /// Which relay a login must name.
    url: Option<RelayUrl>,
}

impl Post {
    pub(super) fn new(url: &str, access: watch::Receiver<Access>, mischief: Mischief, limits: Limits) -> Self {
        let shelves = Shelves::new(&limits, mischief.forget_secs);
        let (fresh, _) = broadcast::channel(FRESH);
        Self {
            shelves: Mutex::new(shelves),
            publishing: Mutex::default(),
            fresh,
            guests: Guests::new(limits.connections, limits.connections_of_key),
            limits,
            access,
            mischief,
            url: RelayUrl::parse(url).ok(),
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        // Every change leaves the shelves whole, so a panic elsewhere in the process is no reason to stop.
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what has had its time, and the mailboxes of whoever is served no more.
    pub(super) fn tidy(&self, now: Timestamp) {
        let access = self.access.borrow().clone();
        let mut shelves = self.shelves();
        shelves.purge(now);
        shelves.keep_only(|key| access.serves(key));
    }

    /// Whether a key may publish one more wrap, over whichever of its connections.
    fn may_publish(&self, key: PublicKey, now: Timestamp) -> bool {
        let mut publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        if publishing.len() >= COUNTED_KEYS {
            publishing.retain(|_, allowance| !allowance.is_whole(now));
        }
        publishing.entry(key).or_insert_with(|| Allowance::new(self.limits.wraps_per_minute, now)).take(now)
    }
}

/// What a connection gets back.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Frames, in order.
    pub(super) frames: Vec<String>,
    /// The connection ends after them.
    pub(super) end: bool,
    /// The key that has logged in by this.
    pub(super) login: Option<PublicKey>,
}

impl Answer {
    fn of(messages: impl IntoIterator<Item = RelayMessage<'static>>) -> Self {
        Self { frames: messages.into_iter().map(|message| message.as_json()).collect(), ..Self::default() }
    }

    /// What no honest program sends: nothing more is heard from this connection.
    fn end(why: &str) -> Self {
        Self { end: true, ..Self::of([RelayMessage::Notice(Cow::Owned(why.to_owned()))]) }
    }
}

/// One connection.
pub(super) struct Session {
    challenge: String,
    key: Option<PublicKey>,
    subscriptions: BTreeMap<SubscriptionId, Filter>,
    /// Wraps without a login, questions and logins that may still come.
    wraps: Allowance,
    questions: Allowance,
    logins: Allowance,
    /// Refusals for going too fast since something was last not refused for that.
    too_fast: u32,
    /// What a relay that replays has still to deliver once more.
    again: Vec<Arc<Event>>,
}

impl Session {
    /// A new connection. `challenge` is what its logins must answer to: nobody can know it before.
    pub(super) fn new(challenge: String, limits: &Limits, now: Timestamp) -> Self {
        Self {
            challenge,
            key: None,
            subscriptions: BTreeMap::new(),
            wraps: Allowance::new(limits.wraps_per_minute, now),
            questions: Allowance::new(limits.questions_per_minute, now),
            logins: Allowance::new(limits.logins_per_minute, now),
            too_fast: 0,
            again: Vec::new(),
        }
    }

    /// Whether a connection may go on after the list has changed: who has logged in must still be on it.
    pub(super) fn may_stay(&self, post: &Post) -> bool {
        self.key.is_none_or(|key| post.access.borrow().serves(&key))
    }

    /// Whether nothing can be done for this connection before it has logged in.
    pub(super) fn lacks_login(&self, post: &Post) -> bool {
        self.key.is_none() && matches!(*post.access.borrow(), Access::Members(_))
    }

    /// Takes one frame.
    pub(super) fn take(&mut self, frame: &str, post: &Post, now: Timestamp) -> Answer {
        if frame.len() > MAX_FRAME_BYTES {
            return Answer::end("a frame has at most 131072 bytes");
        }
        let before = self.too_fast;
        let answer = self.taken(frame, post, now);
        if self.too_fast == before {
            self.too_fast = 0;
        }
        // Who does not heed a refusal is not told again and again.
        if self.too_fast > post.limits.patience { Answer::end("rate-limited: come back later") } else { answer }
    }

    fn taken(&mut self, frame: &str, post: &Post, now: Timestamp) -> Answer {
        match ClientMessage::from_json(frame) {
            Ok(ClientMessage::Event(event)) => self.publish(&event, post, now),
            Ok(ClientMessage::Req { subscription_id, filters }) => {
                let filters = filters.into_iter().map(Cow::into_owned).collect();
                self.ask(subscription_id.into_owned(), filters, post, now)
            }
            Ok(ClientMessage::Auth(event)) => self.login(&event, post, now),
            Ok(ClientMessage::Close(name)) => {
                self.subscriptions.remove(name.as_ref());
                Answer::default()
            }
            // Neither asks for a login, and both would tell what mailboxes hold.
            Ok(
                ClientMessage::Count { .. }
                | ClientMessage::NegOpen { .. }
                | ClientMessage::NegMsg { .. }
                | ClientMessage::NegClose { .. },
            ) => Answer::end("unsupported: nothing is counted or reconciled here"),
            Err(_) => Answer::end("invalid: not a message of NIP-01"),
        }
    }

    /// Frames for a wrap that has just come.
    pub(super) fn deliver(&mut self, event: &Arc<Event>, post: &Post) -> Vec<String> {
        let matching = |filter: &Filter| filter.match_event(event, MatchEventOptions::new());
        let names: Vec<SubscriptionId> =
            self.subscriptions.iter().filter(|(_, filter)| matching(filter)).map(|(name, _)| name.clone()).collect();
        if !names.is_empty() && post.mischief.replay {
            self.again.push(Arc::clone(event));
        }
        names.into_iter().flat_map(|name| post.mischief.spoil(&name, event)).collect()
    }

    /// What a relay that replays delivers once more: backwards.
    pub(super) fn replay(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        while let Some(event) = self.again.pop() {
            for (name, filter) in &self.subscriptions {
                if filter.match_event(&event, MatchEventOptions::new()) {
                    frames.push(show(name, &event));
                }
            }
        }
        frames
    }

    fn publish(&mut self, event: &Event, post: &Post, now: Timestamp) -> Answer {
        let ok = |status: bool, message: &str| RelayMessage::Ok {
            event_id: event.id,
            status,
            message: Cow::Owned(message.to_owned()),
        };
        let allowed = match self.key {
            Some(key) => post.may_publish(key, now),
            None => self.wraps.take(now),
        };
        if !allowed {
            self.too_fast += 1;
            return Answer::of([ok(false, "rate-limited: slow down")]);
        }
        // A wrap's author is a key made for that wrap alone: who publishes shows by the login or not at all.
        if self.lacks_login(post) || (self.key.is_none() && !post.mischief.drop.is_empty()) {
            return Answer::of([self.challenge(), ok(false, "auth-required: members alone publish here")]);
        }
        if !event.verify_id() {
            return Answer::of([ok(false, "invalid: the id is not the event's hash")]);
        }
        if !event.verify_signature() {
            return Answer::of([ok(false, "invalid: the signature is not the author's")]);
        }
        let recipient = match recipient(event, now) {
            Ok(recipient) => recipient,
            Err(why) => return Answer::of([ok(false, &format!("blocked: {why}"))]),
        };
        let served = |key: &PublicKey| post.access.borrow().serves(key);
        if !served(&recipient) {
            return Answer::of([ok(false, "restricted: the recipient is not a member")]);
        }
        if self.key.is_some_and(|key| !served(&key)) {
            return Answer::of([ok(false, "restricted: members alone publish here")]);
        }
        if post.mischief.loses(self.key, recipient) {
            return Answer::of([ok(true, "")]);
        }
        let event = Arc::new(event.clone());
        if !post.shelves().put(&event, recipient, self.key, now) {
            return Answer::of([ok(true, "duplicate: held already")]);
        }
        // Fails only where no connection listens.
        let _ = post.fresh.send(Arc::clone(&event));
        Answer::of([ok(true, "")])
    }

    fn ask(&mut self, name: SubscriptionId, mut filters: Vec<Filter>, post: &Post, now: Timestamp) -> Answer {
        let closed = |why: &str| RelayMessage::Closed {
            subscription_id: Cow::Owned(name.clone()),
            message: Cow::Owned(why.to_owned()),
        };
        if !self.questions.take(now) {
            self.too_fast += 1;
            return Answer::of([closed("rate-limited: slow down")]);
        }
        if name.as_str().len() > MAX_NAME {
            return Answer::of([closed("invalid: the name of a subscription has at most 64 bytes")]);
        }
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS && !self.subscriptions.contains_key(&name) {
            return Answer::of([closed("rate-limited: too many subscriptions")]);
        }
        let Some(key) = self.key else {
            return Answer::of([self.challenge(), closed("auth-required: a mailbox is shown to its owner")]);
        };
        if !post.access.borrow().serves(&key) {
            return Answer::of([closed("restricted: members alone are served here")]);
        }
        let (Some(filter), true) = (filters.pop(), filters.is_empty()) else {
            return Answer::of([closed("unsupported: ask with one filter")]);
        };
        let own = |members: &std::collections::BTreeSet<String>| members.iter().eq([&key.to_hex()]);
        let wraps = filter.kinds.as_ref().is_some_and(|kinds| kinds.iter().eq([&Kind::GiftWrap]));
        if !wraps || !filter.generic_tags.get(&P).is_some_and(own) {
            return Answer::of([closed("restricted: ask for kind 1059 of your own mailbox alone")]);
        }
        let mut shelves = post.shelves();
        shelves.purge(now);
        let mut room = post.limits.answer_bytes;
        let fits = |event: &&Arc<Event>| {
            let bytes = shelves.bytes_of(event.id);
            // The first one always: an empty answer would say that there is nothing more.
            let fits = bytes <= room || room == post.limits.answer_bytes;
            room = room.saturating_sub(bytes);
            fits
        };
        let mut stored: Vec<Arc<Event>> = shelves.matching(key, &filter).take_while(fits).cloned().collect();
        drop(shelves);
        if post.mischief.replay {
            stored.reverse();
            self.again.extend(stored.iter().take(MAX_ANSWER).cloned());
        }
        let mut frames: Vec<String> = stored.iter().flat_map(|event| post.mischief.spoil(&name, event)).collect();
        frames.push(RelayMessage::EndOfStoredEvents(Cow::Borrowed(&name)).as_json());
        self.subscriptions.insert(name, filter);
        Answer { frames, ..Answer::default() }
    }

    fn challenge(&self) -> RelayMessage<'static> {
        RelayMessage::Auth { challenge: Cow::Owned(self.challenge.clone()) }
    }

    fn login(&mut self, event: &Event, post: &Post, now: Timestamp) -> Answer {
        let answer = |id: EventId, status: bool, message: &str| {
            Answer::of([RelayMessage::Ok { event_id: id, status, message: Cow::Owned(message.to_owned()) }])
        };
        if !self.logins.take(now) {
            self.too_fast += 1;
            return answer(event.id, false, "rate-limited: slow down");
        }
        let named = event.tags.iter().filter(|tag| tag.kind() == TagKind::Relay).filter_map(|tag| tag.content());
        // A login that names another relay was passed on by somebody who is not its author.
        let here = named.filter_map(|text| RelayUrl::parse(text).ok()).any(|url| Some(url) == post.url);
        if event.kind != Kind::Authentication
            || event.tags.challenge() != Some(self.challenge.as_str())
            || !here
            || event.created_at.as_secs().abs_diff(now.as_secs()) > LOGIN_SECS
            || event.verify().is_err()
        {
            return answer(event.id, false, "invalid: not a login to this relay (NIP-42)");
        }
        if !post.access.borrow().serves(&event.pubkey) {
            return answer(event.id, false, "restricted: members alone are served here");
        }
        // Subscriptions are one key's: another key begins anew.
        if self.key.replace(event.pubkey).is_some_and(|before| before != event.pubkey) {
            self.subscriptions.clear();
            self.again.clear();
        }
        Answer { login: Some(event.pubkey), ..answer(event.id, true, "") }
    }
}

/// A wrap as it is shown to a subscription.
pub(super) fn show(name: &SubscriptionId, event: &Event) -> String {
    RelayMessage::Event { subscription_id: Cow::Borrowed(name), event: Cow::Borrowed(event) }.as_json()
}
