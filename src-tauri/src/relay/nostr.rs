//! Sealed messages over Nostr relays: NIP-59 gift wraps out and in, one client for each vault identity.
//!
//! A message is the content of a rumor of kind [`KIND_ENVELOPE`], sealed by the sender's identity (kind 13) and wrapped by
//! a key made for that wrap alone (kind 1059). What does not belong here: envelopes, parts, acknowledgements, resending.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::nostr::nips::nip44;
use ::nostr::{
    Alphabet, ClientMessage, Event, EventBuilder, EventId, Filter, JsonUtil, Keys, Kind, PublicKey, RelayMessage,
    RelayUrl, SingleLetterTag, SubscriptionId, Tag, Timestamp, UnsignedEvent,
};
use conclave_shared::MemberId;
use nostr_relay_pool::policy::{AdmitPolicy, AdmitStatus, PolicyError};
use nostr_relay_pool::relay::Error as PoolError;
use nostr_relay_pool::{Relay, RelayLimits, RelayNotification, RelayOptions, RelayStatus};
use nostr_sdk::client::{Client, ClientBuilder, ClientOptions};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::{BoxedFuture, MAX_RUMOR_BYTES, MAX_WRAP_BYTES, Received, Transport, TransportError};
use crate::tor::Loopback;

/// The kind of our rumors: a private number, never seen outside a wrap.
pub const KIND_ENVELOPE: u16 = 8419;

/// How long a relay is asked to keep a wrap (NIP-40), in seconds from now: 30 days.
const KEEP_SECS: u64 = 30 * 24 * 3600;

/// NIP-59 pushes the time of a wrap back by up to two days, in seconds.
const JITTER_SECS: u64 = 2 * 24 * 3600;

/// How far other members' clocks may be behind ours before a message of theirs is overlooked after a reconnection, in
/// seconds. What is overlooked is sent again until it is acknowledged.
const CLOCK_SECS: u64 = 3600;

/// Pause before another attempt to connect, or to ask again after a refusal.
const RETRY: Duration = Duration::from_secs(1);

/// How long a message waits for a connection that is being made.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);

/// How long a relay may take to answer a question. (Its answer to a message is waited for by the library: 10 s.)
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);

/// Wraps asked for at once: below the 500 that common relays give.
const PAGE: usize = 200;

/// Wraps that wait to be opened: two pages and some that come live, at most 32 MiB.
const WAITING: usize = 512;

/// Ids of wraps remembered, so that a wrap held by several relays, or asked for again, is opened once.
const REMEMBERED: usize = 16_384;

/// Characters of a relay's own words that are passed on.
const MAX_REASON_CHARS: usize = 160;

/// Why something that arrived was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dropped {
    /// The wrap, or the rumor in it, is larger than allowed.
    TooLarge,
    /// Not a gift wrap (kind 1059).
    NotWrapped,
    /// The wrap cannot be decrypted with our key.
    WrapUnreadable,
    /// What was wrapped is not a seal (kind 13, no tags) with a valid signature.
    BadSeal,
    /// The seal cannot be decrypted with our key and the sender's.
    SealUnreadable,
    /// What was sealed is not a rumor, or its id is not its hash.
    BadRumor,
    /// The rumor names another author than the one who sealed it.
    SenderMismatch,
    /// The rumor is not of kind [`KIND_ENVELOPE`].
    WrongKind,
}

/// Messages to and from other members over Nostr relays, under one vault identity.
///
/// It connects in the background, and again whenever a relay comes back. Dropping it closes every connection.
pub struct NostrTransport {
    identity: Keys,
    client: Client,
    relays: Vec<Relay>,
    tasks: Vec<AbortHandle>,
    dropped: Arc<Tally>,
}

impl fmt::Debug for NostrTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relays: Vec<&RelayUrl> = self.relays.iter().map(Relay::url).collect();
        f.debug_struct("NostrTransport").field("me", &self.identity.public_key()).field("relays", &relays).finish()
    }
}

impl NostrTransport {
    /// Starts to exchange messages as `identity` over `relays`, each of the form `ws://127.0.0.1:PORT`.
    ///
    /// Returns at once; connections are made in the background. `since`: everything that was handed to the relays before
    /// is known to have arrived here (none: fetch whatever the relays hold). What arrives goes into `inbox`; while that is
    /// full nothing more is fetched. If any address is refused, none is dialled.
    pub async fn connect(
        identity: Keys,
        relays: &[String],
        since: Option<Timestamp>,
        inbox: mpsc::Sender<Received>,
    ) -> Result<Self, TransportError> {
        let mut doors = Vec::with_capacity(relays.len());
        for text in relays {
            let door = Loopback::parse(text, "ws")?;
            // The WebSocket library looks "[::1]" up as a name; names are never looked up.
            if door.address().is_ipv6() {
                return Err(TransportError::OnlyIpv4 { address: door.address() });
            }
            if !doors.contains(&door) {
                doors.push(door);
            }
        }
        if doors.is_empty() {
            return Err(TransportError::NoRelay);
        }

        let mut urls = Vec::with_capacity(doors.len());
        for door in doors {
            let address = door.address();
            let url = RelayUrl::parse(&format!("ws://{address}"))
                .map_err(|error| TransportError::SetUp { address, reason: error.to_string() })?;
            urls.push((address, url));
        }
        let (waiting, arrivals) = mpsc::channel(WAITING);
        let shelves: HashMap<RelayUrl, Arc<Shelf>> =
            urls.iter().map(|(_, url)| (url.clone(), Arc::new(Shelf::default()))).collect();
        let client = ClientBuilder::new()
            .signer(identity.clone())
            .admit_policy(Intake { waiting: waiting.clone(), shelves: shelves.clone() })
            // Signs a login (NIP-42) for whichever relay asks, and a relay could pass another relay's challenge on to us.
            // That is harmless while every relay is on this machine; it goes off when relays of others come with Tor.
            .opts(ClientOptions::new().automatic_authentication(true))
            .build();

        let dropped = Arc::new(Tally::default());
        let mut transport = Self { identity, client, relays: Vec::new(), tasks: Vec::new(), dropped };
        let mut limits = RelayLimits::default();
        // A wrap, and the few words around it that make it a relay's message.
        limits.messages.max_size = Some(MAX_WRAP_BYTES as u32 + 512);
        for (address, url) in urls {
            let set_up = |reason: String| TransportError::SetUp { address, reason };
            let options = RelayOptions::new().retry_interval(RETRY).adjust_retry_interval(false).limits(limits.clone());
            let pool = transport.client.pool();
            pool.add_relay(url.clone(), options).await.map_err(|error| set_up(error.to_string()))?;
            let relay = pool.relay(url.clone()).await.map_err(|error| set_up(error.to_string()))?;
            let mailbox = Mailbox {
                notifications: relay.notifications(),
                relay: relay.clone(),
                me: transport.identity.public_key(),
                since,
                waiting: waiting.clone(),
                shelf: shelves.get(&url).cloned().unwrap_or_default(),
                pages: 0,
            };
            transport.tasks.push(tokio::spawn(mailbox.watch()).abort_handle());
            relay.connect();
            transport.relays.push(relay);
        }
        let opener = open_all(transport.identity.clone(), arrivals, inbox, Arc::clone(&transport.dropped));
        transport.tasks.push(tokio::spawn(opener).abort_handle());
        Ok(transport)
    }

    /// How many arrivals were dropped, by reason.
    pub fn dropped(&self) -> BTreeMap<Dropped, u64> {
        self.dropped.counts().clone()
    }

    /// Whether at least one relay is connected at this moment.
    pub fn is_connected(&self) -> bool {
        self.relays.iter().any(Relay::is_connected)
    }

    /// Closes every connection. Afterwards nothing arrives and nothing can be sent.
    pub async fn shutdown(&self) {
        self.close();
        self.client.shutdown().await;
    }

    fn close(&self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        self.relays.iter().for_each(Relay::disconnect);
    }

    async fn send_to(&self, to: MemberId, content: String) -> Result<(), TransportError> {
        let wrap = seal(&self.identity, to, content).await?;
        let mut attempts = JoinSet::new();
        for relay in &self.relays {
            let (relay, wrap) = (relay.clone(), wrap.clone());
            attempts.spawn(async move {
                relay.wait_for_connection(CONNECT_PATIENCE).await;
                // Otherwise the library would queue the wrap, and queue it again at each resending.
                match relay.is_connected() {
                    true => relay.send_event(&wrap).await.map(drop),
                    false => Err(PoolError::NotConnected),
                }
            });
        }
        let mut outcome = TransportError::Unreachable;
        while let Some(attempt) = attempts.join_next().await {
            match attempt {
                Ok(Ok(())) => {
                    // The other relays get it too; nobody waits for them.
                    attempts.detach_all();
                    return Ok(());
                }
                Ok(Err(PoolError::RelayMessage(words))) => {
                    outcome = TransportError::Refused { reason: quote(&words) };
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        Err(outcome)
    }
}

impl Transport for NostrTransport {
    fn send(&self, to: MemberId, content: String) -> BoxedFuture<'_, Result<(), TransportError>> {
        Box::pin(self.send_to(to, content))
    }
}

impl Drop for NostrTransport {
    fn drop(&mut self) {
        self.close();
    }
}

/// A relay's words, safe to print: no control characters, not long.
fn quote(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(MAX_REASON_CHARS).collect()
}

/// Makes the wrap that carries `content` to `to`.
async fn seal(identity: &Keys, to: MemberId, content: String) -> Result<Event, TransportError> {
    let receiver = PublicKey::from_byte_array(to.0);
    if receiver.xonly().is_err() {
        return Err(TransportError::BadKey { member: to });
    }
    let mut rumor = EventBuilder::new(Kind::from_u16(KIND_ENVELOPE), content).build(identity.public_key());
    rumor.ensure_id();
    let bytes = rumor.as_json().len();
    if bytes > MAX_RUMOR_BYTES {
        return Err(TransportError::TooLarge { bytes, limit: MAX_RUMOR_BYTES });
    }
    // Counted from now: the wrap's own time lies up to two days back.
    let expiration = Tag::expiration(Timestamp::now() + KEEP_SECS);
    EventBuilder::gift_wrap(identity, &receiver, rumor, [expiration])
        .await
        .map_err(|error| TransportError::Seal { reason: error.to_string() })
}

/// Opens a wrap whose own signature was checked already.
///
/// Written out rather than left to the library's `UnwrappedGift`, which bounds no size and does not look at the seal's
/// kind, its tags, or the rumor's id.
fn open(identity: &Keys, wrap: &Event) -> Result<Received, Dropped> {
    if wrap.kind != Kind::GiftWrap {
        return Err(Dropped::NotWrapped);
    }
    if wrap.content.len() > MAX_WRAP_BYTES {
        return Err(Dropped::TooLarge);
    }
    let seal =
        nip44::decrypt(identity.secret_key(), &wrap.pubkey, &wrap.content).map_err(|_| Dropped::WrapUnreadable)?;
    let seal = Event::from_json(seal).map_err(|_| Dropped::BadSeal)?;
    if seal.kind != Kind::Seal || !seal.tags.is_empty() || seal.verify().is_err() {
        return Err(Dropped::BadSeal);
    }
    let rumor =
        nip44::decrypt(identity.secret_key(), &seal.pubkey, &seal.content).map_err(|_| Dropped::SealUnreadable)?;
    if rumor.len() > MAX_RUMOR_BYTES {
        return Err(Dropped::TooLarge);
    }
    let rumor = UnsignedEvent::from_json(rumor).map_err(|_| Dropped::BadRumor)?;
    if rumor.pubkey != seal.pubkey {
        return Err(Dropped::SenderMismatch);
    }
    if rumor.kind != Kind::from_u16(KIND_ENVELOPE) {
        return Err(Dropped::WrongKind);
    }
    rumor.verify_id().map_err(|_| Dropped::BadRumor)?;
    Ok(Received { from: MemberId(seal.pubkey.to_bytes()), content: rumor.content })
}

/// Opens wraps one after the other, until the transport or the inbox is closed.
async fn open_all(
    identity: Keys,
    mut arrivals: mpsc::Receiver<Event>,
    inbox: mpsc::Sender<Received>,
    dropped: Arc<Tally>,
) {
    let mut seen = Seen::default();
    while let Some(wrap) = arrivals.recv().await {
        if !seen.is_new(wrap.id) {
            continue;
        }
        match open(&identity, &wrap) {
            Ok(received) => {
                if inbox.send(received).await.is_err() {
                    return;
                }
            }
            Err(why) => dropped.count(why),
        }
    }
}

/// How often which reason for dropping came up.
#[derive(Debug, Default)]
struct Tally(Mutex<BTreeMap<Dropped, u64>>);

impl Tally {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<Dropped, u64>> {
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

/// Takes every verified event out of the library, before it would go through a broadcast channel that forgets.
#[derive(Debug)]
struct Intake {
    waiting: mpsc::Sender<Event>,
    shelves: HashMap<RelayUrl, Arc<Shelf>>,
}

impl AdmitPolicy for Intake {
    fn admit_event<'a>(
        &'a self,
        relay: &'a RelayUrl,
        subscription: &'a SubscriptionId,
        event: &'a Event,
    ) -> BoxedFuture<'a, Result<AdmitStatus, PolicyError>> {
        if let Some(shelf) = self.shelves.get(relay) {
            // Waiting for room here would hold back the relay's other answers, so what finds none is asked for again.
            let taken = self.waiting.try_send(event.clone()).is_ok();
            shelf.note(subscription, event.created_at, taken);
        }
        // Nothing is left for the library to do with it.
        Box::pin(std::future::ready(Ok(AdmitStatus::Rejected { reason: None })))
    }
}

/// What came from one relay, as far as the walk over its mailbox needs to know.
#[derive(Debug, Default)]
struct Shelf {
    page: Mutex<Option<(SubscriptionId, Page)>>,
    /// A wrap that came live found no room.
    overflow: Notify,
}

/// One page of a mailbox.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    /// The earliest time on it; none if it is empty.
    oldest: Option<Timestamp>,
    /// Whether a wrap on it found no room.
    torn: bool,
}

impl Shelf {
    fn page(&self) -> MutexGuard<'_, Option<(SubscriptionId, Page)>> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, subscription: &SubscriptionId, at: Timestamp, taken: bool) {
        match self.page().as_mut() {
            Some((id, page)) if id == subscription => {
                page.oldest = Some(page.oldest.map_or(at, |oldest| oldest.min(at)));
                page.torn |= !taken;
            }
            Some(_) | None if !taken => self.overflow.notify_one(),
            Some(_) | None => {}
        }
    }
}

/// Why watching a mailbox was interrupted.
enum Stop {
    /// Disconnected, refused or silent: connect or ask again.
    Again,
    /// The transport is closed.
    Closed,
}

/// A relay's answer to a question.
enum Answer {
    /// All that is stored has come.
    Complete,
    /// It wants a login first.
    Login,
}

/// The mailbox at one relay: kept subscribed, and walked over after every connection.
struct Mailbox {
    relay: Relay,
    notifications: broadcast::Receiver<RelayNotification>,
    me: PublicKey,
    /// Everything handed to this relay before is held here.
    since: Option<Timestamp>,
    waiting: mpsc::Sender<Event>,
    shelf: Arc<Shelf>,
    /// Pages asked for so far: each gets a name of its own, so that a late answer is not taken for another's.
    pages: u64,
}

impl Mailbox {
    async fn watch(mut self) {
        loop {
            match self.connected_walk().await {
                Stop::Again => sleep(RETRY).await,
                Stop::Closed => return,
            }
        }
    }

    /// Waits for a connection, fetches what is stored, and listens until something goes wrong.
    async fn connected_walk(&mut self) -> Stop {
        while !self.relay.is_connected() {
            match self.notifications.recv().await {
                Ok(RelayNotification::Shutdown) | Err(broadcast::error::RecvError::Closed) => return Stop::Closed,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            }
        }
        match self.catch_up().await {
            Ok(()) => self.listen().await,
            Err(stop) => stop,
        }
    }

    fn live() -> SubscriptionId {
        SubscriptionId::new("live")
    }

    fn filter(&self) -> Filter {
        let filter =
            Filter::new().kind(Kind::GiftWrap).custom_tag(SingleLetterTag::lowercase(Alphabet::P), self.me.to_hex());
        match self.since {
            Some(since) => filter.since(back(since, JITTER_SECS + CLOCK_SECS)),
            None => filter,
        }
    }

    /// Subscribes to what will come, then walks backwards over what is stored.
    ///
    /// Relays cut their answers short without saying so, each at a number of its own: so the walk ends at an empty page.
    async fn catch_up(&mut self) -> Result<(), Stop> {
        let begun = Timestamp::now();
        let newest = self.filter().limit(1);
        self.ask(&Self::live(), newest).await?;
        let mut until: Option<Timestamp> = None;
        loop {
            let page = self.fetch_page(until).await?;
            if page.torn {
                sleep(RETRY).await;
                continue;
            }
            let Some(oldest) = page.oldest else { break };
            until = match until {
                Some(edge) if edge.is_zero() => break,
                // Nothing earlier came: all of this second that the relay gives is here.
                Some(edge) if oldest >= edge => Some(back(edge, 1)),
                Some(_) | None => Some(oldest),
            };
        }
        self.since = Some(self.since.map_or(begun, |since| since.max(begun)));
        Ok(())
    }

    async fn fetch_page(&mut self, until: Option<Timestamp>) -> Result<Page, Stop> {
        // Asks only when a page has room, so a slow reader slows the walk and loses nothing.
        drop(self.waiting.reserve_many(PAGE).await.map_err(|_| Stop::Closed)?);
        self.pages += 1;
        let id = SubscriptionId::new(format!("page-{}", self.pages));
        let filter = self.filter().limit(PAGE);
        let filter = match until {
            Some(until) => filter.until(until),
            None => filter,
        };
        *self.shelf.page() = Some((id.clone(), Page::default()));
        let asked = self.ask(&id, filter).await;
        let page = self.shelf.page().take().map(|(_, page)| page).unwrap_or_default();
        // Fails only when disconnected, which ends the subscription as well.
        let _ = self.relay.send_msg(ClientMessage::close(id));
        asked.map(|()| page)
    }

    /// Asks, logging in if the relay wants that, and returns when all that is stored has come.
    ///
    /// A refusal is not an empty mailbox: it makes [`Stop::Again`].
    async fn ask(&mut self, id: &SubscriptionId, filter: Filter) -> Result<(), Stop> {
        let question = || ClientMessage::req(id.clone(), filter.clone());
        self.relay.send_msg(question()).map_err(|_| Stop::Again)?;
        if let Answer::Login = in_time(self.answer(id)).await? {
            in_time(self.login()).await?;
            self.relay.send_msg(question()).map_err(|_| Stop::Again)?;
            if let Answer::Login = in_time(self.answer(id)).await? {
                return Err(Stop::Again);
            }
        }
        Ok(())
    }

    async fn answer(&mut self, id: &SubscriptionId) -> Result<Answer, Stop> {
        loop {
            match self.next().await? {
                RelayNotification::Message { message: RelayMessage::EndOfStoredEvents(done) } if *done == *id => {
                    return Ok(Answer::Complete);
                }
                RelayNotification::Message { message: RelayMessage::Closed { subscription_id, message } }
                    if *subscription_id == *id =>
                {
                    return match message.starts_with("auth-required") {
                        true => Ok(Answer::Login),
                        false => Err(Stop::Again),
                    };
                }
                _ => {}
            }
        }
    }

    /// Waits until the library has logged in.
    async fn login(&mut self) -> Result<(), Stop> {
        loop {
            match self.next().await? {
                RelayNotification::Authenticated => return Ok(()),
                RelayNotification::AuthenticationFailed => return Err(Stop::Again),
                _ => {}
            }
        }
    }

    /// Sits by the subscription while wraps go through [`Intake`]; returns when they may have ceased to.
    async fn listen(&mut self) -> Stop {
        let shelf = Arc::clone(&self.shelf);
        loop {
            let notification = tokio::select! {
                notification = self.next() => notification,
                () = shelf.overflow.notified() => return Stop::Again,
            };
            match notification {
                Ok(RelayNotification::Message { message: RelayMessage::Closed { subscription_id, .. } })
                    if *subscription_id == Self::live() =>
                {
                    return Stop::Again;
                }
                Ok(_) => {}
                Err(stop) => return stop,
            }
        }
    }

    /// The next thing that the connection tells, unless it tells that it has ended.
    async fn next(&mut self) -> Result<RelayNotification, Stop> {
        match self.notifications.recv().await {
            Ok(RelayNotification::Shutdown) | Err(broadcast::error::RecvError::Closed) => Err(Stop::Closed),
            Ok(RelayNotification::RelayStatus { status: RelayStatus::Disconnected }) => Err(Stop::Again),
            // What was missed may have been the end of the subscription.
            Err(broadcast::error::RecvError::Lagged(_)) => Err(Stop::Again),
            Ok(notification) => Ok(notification),
        }
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    timeout(ANSWER_PATIENCE, answer).await.unwrap_or(Err(Stop::Again))
}

fn back(from: Timestamp, secs: u64) -> Timestamp {
    Timestamp::from(from.as_secs().saturating_sub(secs))
}

#[cfg(test)]
mod tests {
    use ::nostr::EventBuilder;

    use super::*;
    use crate::relay::embedded::EmbeddedRelay;
    use crate::tor::DoorError;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Long enough for a message that must not come to have come.
    const QUIET: Duration = Duration::from_millis(700);

    async fn relay() -> EmbeddedRelay {
        EmbeddedRelay::start("127.0.0.1:0".parse().unwrap()).await.unwrap()
    }

    fn id(keys: &Keys) -> MemberId {
        MemberId(keys.public_key().to_bytes())
    }

    async fn join(keys: &Keys, url: &str) -> (NostrTransport, mpsc::Receiver<Received>) {
        let (inbox, arrived) = mpsc::channel(64);
        let transport = NostrTransport::connect(keys.clone(), &[url.to_owned()], None, inbox).await.unwrap();
        (transport, arrived)
    }

    async fn next(arrived: &mut mpsc::Receiver<Received>) -> Received {
        timeout(PATIENCE, arrived.recv()).await.expect("nothing arrived in time").expect("the transport is closed")
    }

    async fn publish(transport: &NostrTransport, wrap: &Event) {
        transport.relays[0].send_event(wrap).await.unwrap();
    }

    fn rumor(author: &Keys, kind: u16, content: &str) -> UnsignedEvent {
        EventBuilder::new(Kind::from_u16(kind), content).build(author.public_key())
    }

    async fn wrap(signer: &Keys, to: &Keys, rumor: UnsignedEvent) -> Event {
        EventBuilder::gift_wrap(signer, &to.public_key(), rumor, []).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_members_exchange_messages() {
        let relay = relay().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (a, mut to_alice) = join(&alice, &relay.url()).await;
        let (b, mut to_bob) = join(&bob, &relay.url()).await;
        a.send(id(&bob), "hello bob".into()).await.unwrap();
        assert_eq!(next(&mut to_bob).await, Received { from: id(&alice), content: "hello bob".into() });
        b.send(id(&alice), "hello alice".into()).await.unwrap();
        assert_eq!(next(&mut to_alice).await, Received { from: id(&bob), content: "hello alice".into() });
        // What comes live, after the mailbox was walked over.
        sleep(QUIET).await;
        a.send(id(&bob), "still there?".into()).await.unwrap();
        assert_eq!(next(&mut to_bob).await.content, "still there?");
        assert!(timeout(QUIET, to_bob.recv()).await.is_err(), "a message came twice");
        assert!(b.dropped().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_was_offline_catches_up_over_several_pages() {
        let relay = relay().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (a, _to_alice) = join(&alice, &relay.url()).await;
        let count = 2 * PAGE + 50;
        for number in 0..count {
            a.send(id(&bob), number.to_string()).await.unwrap();
        }
        a.shutdown().await;
        let (_b, mut to_bob) = join(&bob, &relay.url()).await;
        let mut numbers = HashSet::new();
        while numbers.len() < count {
            assert!(numbers.insert(next(&mut to_bob).await.content), "a message came twice");
        }
        assert!(timeout(QUIET, to_bob.recv()).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_relay_that_dies_and_returns_empty_is_used_again() {
        let first = relay().await;
        let url = first.url();
        let address = url.trim_start_matches("ws://").parse().unwrap();
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (a, _to_alice) = join(&alice, &url).await;
        let (_b, mut to_bob) = join(&bob, &url).await;
        a.send(id(&bob), "before".into()).await.unwrap();
        assert_eq!(next(&mut to_bob).await.content, "before");

        first.shutdown().await;
        assert_eq!(a.send(id(&bob), "into the void".into()).await, Err(TransportError::Unreachable));

        let _second = EmbeddedRelay::start(address).await.unwrap();
        timeout(PATIENCE, async {
            while a.send(id(&bob), "after".into()).await.is_err() {
                sleep(RETRY / 4).await;
            }
        })
        .await
        .expect("the relay is back, yet nothing can be sent");
        // What failed may come all the same, if it was handed over before the loss was noticed.
        let mut arrived = next(&mut to_bob).await.content;
        if arrived == "into the void" {
            arrived = next(&mut to_bob).await.content;
        }
        assert_eq!(arrived, "after");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_who_starts_before_the_relay_finds_it() {
        let gone = relay().await;
        let url = gone.url();
        gone.shutdown().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (_b, mut to_bob) = join(&bob, &url).await;
        sleep(QUIET).await;
        let _relay = EmbeddedRelay::start(url.trim_start_matches("ws://").parse().unwrap()).await.unwrap();
        let (a, _to_alice) = join(&alice, &url).await;
        a.send(id(&bob), "found".into()).await.unwrap();
        assert_eq!(next(&mut to_bob).await.content, "found");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_forged_or_garbage_is_dropped_and_disturbs_nothing() {
        let relay = relay().await;
        let (alice, bob, mallory) = (Keys::generate(), Keys::generate(), Keys::generate());
        let (m, _) = join(&mallory, &relay.url()).await;
        let (b, mut to_bob) = join(&bob, &relay.url()).await;

        publish(&m, &wrap(&mallory, &bob, rumor(&alice, KIND_ENVELOPE, "I am alice")).await).await;
        publish(&m, &wrap(&mallory, &bob, rumor(&mallory, 14, "wrong kind")).await).await;

        let garbage = EventBuilder::new(Kind::GiftWrap, "AgAAgarbage")
            .tag(Tag::public_key(bob.public_key()))
            .sign_with_keys(&Keys::generate())
            .unwrap();
        publish(&m, &garbage).await;

        // A seal that claims alice's key, with mallory's signature.
        let seal = EventBuilder::seal(&mallory, &bob.public_key(), rumor(&alice, KIND_ENVELOPE, "x")).await.unwrap();
        let mut seal = seal.sign_with_keys(&mallory).unwrap();
        seal.pubkey = alice.public_key();
        publish(&m, &EventBuilder::gift_wrap_from_seal(&bob.public_key(), &seal, []).unwrap()).await;

        // Signed as it should be, of another kind than a seal.
        let inner = nip44::encrypt(
            mallory.secret_key(),
            &bob.public_key(),
            rumor(&mallory, KIND_ENVELOPE, "not sealed").as_json(),
            nip44::Version::default(),
        )
        .unwrap();
        let note = EventBuilder::new(Kind::TextNote, inner).sign_with_keys(&mallory).unwrap();
        let key = Keys::generate();
        let content =
            nip44::encrypt(key.secret_key(), &bob.public_key(), note.as_json(), nip44::Version::default()).unwrap();
        let unsealed = EventBuilder::new(Kind::GiftWrap, content)
            .tag(Tag::public_key(bob.public_key()))
            .sign_with_keys(&key)
            .unwrap();
        publish(&m, &unsealed).await;

        // Properly sealed, but larger than any of ours.
        let large = "x".repeat(MAX_RUMOR_BYTES);
        assert_eq!(
            open(&bob, &wrap(&mallory, &bob, rumor(&mallory, KIND_ENVELOPE, &large)).await),
            Err(Dropped::TooLarge)
        );
        // A rumor under another's id.
        let mut renamed = rumor(&mallory, KIND_ENVELOPE, "renamed");
        renamed.id = Some(seal.id);
        assert_eq!(open(&bob, &wrap(&mallory, &bob, renamed).await), Err(Dropped::BadRumor));
        // A wrap for somebody else.
        assert_eq!(
            open(&bob, &wrap(&mallory, &alice, rumor(&mallory, KIND_ENVELOPE, "x")).await),
            Err(Dropped::WrapUnreadable)
        );

        m.send(id(&bob), "honest".into()).await.unwrap();
        assert_eq!(next(&mut to_bob).await, Received { from: id(&mallory), content: "honest".into() });
        timeout(PATIENCE, async {
            while b.dropped().values().sum::<u64>() < 5 {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
        assert!(to_bob.try_recv().is_err());
        let expected = BTreeMap::from([
            (Dropped::WrapUnreadable, 1),
            (Dropped::BadSeal, 2),
            (Dropped::SenderMismatch, 1),
            (Dropped::WrongKind, 1),
        ]);
        assert_eq!(b.dropped(), expected);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_size_limit_fits_what_relays_take() {
        let relay = relay().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (a, _to_alice) = join(&alice, &relay.url()).await;
        let (_b, mut to_bob) = join(&bob, &relay.url()).await;
        let content = "x".repeat(28_000);
        a.send(id(&bob), content.clone()).await.unwrap();
        assert_eq!(next(&mut to_bob).await.content, content);

        // The largest that is let out, to the byte.
        let mut probe = rumor(&alice, KIND_ENVELOPE, "");
        probe.ensure_id();
        let largest = "x".repeat(MAX_RUMOR_BYTES - probe.as_json().len());
        let wrap = seal(&alice, id(&bob), largest.clone()).await.unwrap();
        assert!(wrap.as_json().len() <= MAX_WRAP_BYTES, "{}", wrap.as_json().len());
        assert_eq!(open(&bob, &wrap).unwrap().content, largest);
        assert_eq!(
            a.send(id(&bob), largest + "x").await,
            Err(TransportError::TooLarge { bytes: MAX_RUMOR_BYTES + 1, limit: MAX_RUMOR_BYTES })
        );
    }

    #[tokio::test]
    async fn a_wrap_tells_little_and_expires() {
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let now = Timestamp::now();
        let wrap = seal(&alice, id(&bob), "secret".into()).await.unwrap();
        assert_eq!(wrap.kind, Kind::GiftWrap);
        assert_ne!(wrap.pubkey, alice.public_key());
        assert!(wrap.created_at <= Timestamp::now() && wrap.created_at >= back(now, JITTER_SECS));
        let expiration = *wrap.tags.expiration().unwrap();
        assert!(expiration >= now + KEEP_SECS && expiration <= Timestamp::now() + KEEP_SECS);
        assert!(!wrap.as_json().contains(&alice.public_key().to_hex()));
    }

    #[tokio::test]
    async fn addresses_beyond_this_machine_are_refused_by_name() {
        let good = "ws://127.0.0.1:7000".to_owned();
        for text in ["ws://relay.example:443", "ws://192.168.1.4:7000", "ws://localhost:7000"] {
            let (inbox, _arrived) = mpsc::channel(1);
            let refused =
                NostrTransport::connect(Keys::generate(), &[good.clone(), text.to_owned()], None, inbox).await;
            match refused {
                Err(TransportError::Address(DoorError::NotLoopback { text: named })) => assert_eq!(named, text),
                other => panic!("{text}: {other:?}"),
            }
        }
        for (text, why) in [("wss://127.0.0.1:7000", "form"), ("ws://[::1]:7000", "IPv6")] {
            let (inbox, _arrived) = mpsc::channel(1);
            let error = NostrTransport::connect(Keys::generate(), &[text.to_owned()], None, inbox).await.unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        let (inbox, _arrived) = mpsc::channel(1);
        let none = NostrTransport::connect(Keys::generate(), &[], None, inbox).await;
        assert!(matches!(none, Err(TransportError::NoRelay)));
    }

    #[tokio::test]
    async fn what_is_no_key_is_named() {
        let nobody = MemberId([0xff; 32]);
        assert_eq!(seal(&Keys::generate(), nobody, "x".into()).await, Err(TransportError::BadKey { member: nobody }));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_closed_transport_neither_sends_nor_receives() {
        let relay = relay().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (a, mut to_alice) = join(&alice, &relay.url()).await;
        a.send(id(&bob), "open".into()).await.unwrap();
        assert!(a.is_connected());
        a.shutdown().await;
        assert_eq!(a.send(id(&bob), "closed".into()).await, Err(TransportError::Unreachable));
        assert_eq!(timeout(PATIENCE, to_alice.recv()).await.unwrap(), None);

        let (b, mut to_bob) = join(&bob, &relay.url()).await;
        assert_eq!(next(&mut to_bob).await.content, "open");
        let connection = b.relays[0].clone();
        drop(b);
        assert_eq!(timeout(PATIENCE, to_bob.recv()).await.unwrap(), None);
        assert_eq!(connection.status(), RelayStatus::Terminated);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slow_reader_loses_nothing() {
        let relay = relay().await;
        let (alice, bob) = (Keys::generate(), Keys::generate());
        let (inbox, mut to_bob) = mpsc::channel(1);
        let _b = NostrTransport::connect(bob.clone(), &[relay.url()], None, inbox).await.unwrap();
        let (a, _to_alice) = join(&alice, &relay.url()).await;
        // Bob reads nothing while more arrives than may wait.
        let count = WAITING + 50;
        for number in 0..count {
            a.send(id(&bob), number.to_string()).await.unwrap();
        }
        let mut numbers = HashSet::new();
        while numbers.len() < count {
            numbers.insert(next(&mut to_bob).await.content);
        }
    }

    #[test]
    fn remembered_ids_are_bounded() {
        let mut seen = Seen::default();
        let number = |n: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            EventId::from_byte_array(bytes)
        };
        for n in 0..REMEMBERED + 10 {
            assert!(seen.is_new(number(n)));
        }
        assert!(!seen.is_new(number(REMEMBERED)));
        assert_eq!((seen.ids.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
        assert!(seen.is_new(number(0)), "the oldest is forgotten");
    }

    #[test]
    fn debug_shows_no_content() {
        let received = Received { from: MemberId([1; 32]), content: "the purpose of a payment".into() };
        assert!(!format!("{received:?}").contains("purpose"));
    }
}
