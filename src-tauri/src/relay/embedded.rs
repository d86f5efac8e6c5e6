//! The embedded relay: `conclave relay`. It keeps gift wraps (NIP-59) for members until they fetch them, in memory alone.
//!
//! It takes wraps from anyone and hands a mailbox only to the key that it is addressed to (NIP-42). It cannot read what it
//! carries. What does not belong here: anything that knows a vault, and any disk; members' own stores are the truth.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nostr_relay_builder::LocalRelay;
use nostr_relay_builder::builder::{
    PolicyResult, QueryPolicy, RateLimit, RelayBuilder, RelayBuilderNip42, RelayBuilderNip42Mode, WritePolicy,
};
use nostr_relay_builder::prelude::{
    Alphabet, Backend, BoxedFuture, DatabaseError, DatabaseEventStatus, Event, EventId, Events, Filter, JsonUtil, Kind,
    MatchEventOptions, NostrDatabase, PublicKey, RejectedReason, SaveEventStatus, SingleLetterTag, TagKind, Timestamp,
};

use super::MAX_WRAP_BYTES;
use crate::tor::Loopback;

/// Wraps kept at most; the one that came first goes first.
const MAX_WRAPS: usize = 50_000;

/// Bytes of wraps kept at most, counted as JSON.
const MAX_STORED_BYTES: usize = 256 * 1024 * 1024;

/// Wraps given at most in answer to one question.
const MAX_ANSWER: usize = 500;

/// Connections at one time.
const MAX_CONNECTIONS: usize = 256;

/// Wraps a minute from one connection. The library's 60 would stall a member who hands a whole history to another.
const WRAPS_PER_MINUTE: u32 = 6_000;

/// Attempts to find a free port, because another program may take it between the look and the grab.
const PORT_ATTEMPTS: u32 = 8;

/// Pauses of [`PAUSE`] that starting and stopping wait at most.
const MAX_PAUSES: u32 = 400;
const PAUSE: Duration = Duration::from_millis(5);

const P: SingleLetterTag = SingleLetterTag::lowercase(Alphabet::P);

/// Why the relay does not run.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Asked to listen where other machines could connect.
    #[error("the relay does not listen on {address}: until Tor carries the traffic only 127.0.0.1 is accepted")]
    NotLoopback {
        /// The address as given.
        address: SocketAddr,
    },
    /// Asked to listen on IPv6, where this program's own clients do not connect.
    #[error("the relay does not listen on {address}: use 127.0.0.1")]
    OnlyIpv4 {
        /// The address as given.
        address: SocketAddr,
    },
    /// The system gave no port.
    #[error("the relay cannot listen on {address}: {source}; choose another port or stop the program that holds it")]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The port was given but nothing accepted on it in time.
    #[error("the relay did not start accepting on {address}: start it again")]
    NotAccepting {
        /// The address as given.
        address: SocketAddr,
    },
}

/// A relay that runs in this process until it is dropped or shut down.
pub struct EmbeddedRelay {
    relay: LocalRelay,
    address: SocketAddr,
}

impl fmt::Debug for EmbeddedRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedRelay({})", self.address)
    }
}

impl EmbeddedRelay {
    /// Listens on `listen`, port 0 meaning "any free one", with an empty memory.
    pub async fn start(listen: SocketAddr) -> Result<Self, RelayError> {
        let door = Loopback::from_address(listen).ok_or(RelayError::NotLoopback { address: listen })?.address();
        if door.is_ipv6() {
            return Err(RelayError::OnlyIpv4 { address: door });
        }
        let mut attempt = 1;
        loop {
            let address = match door.port() {
                0 => free_port(door).map_err(|source| RelayError::Listen { address: door, source })?,
                _ => door,
            };
            let relay = LocalRelay::new(builder(address));
            match relay.run().await {
                Ok(()) => {
                    let started = Self { relay, address };
                    started.wait_until_accepting().await?;
                    return Ok(started);
                }
                Err(_) if door.port() == 0 && attempt < PORT_ATTEMPTS => attempt += 1,
                Err(error) => {
                    let source = match error {
                        nostr_relay_builder::error::Error::IO(source) => source,
                        nostr_relay_builder::error::Error::AlreadyRunning => io::Error::other("already running"),
                    };
                    return Err(RelayError::Listen { address, source });
                }
            }
        }
    }

    /// Where members connect: `ws://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Stops, forgets every wrap, and returns when the port is free again. Dropping the relay stops it too, a little later.
    pub async fn shutdown(self) {
        for _ in 0..MAX_PAUSES {
            // The library wakes only those who wait at this instant: a connection that is busy hears a later call.
            self.relay.shutdown();
            tokio::time::sleep(PAUSE).await;
            if std::net::TcpListener::bind(self.address).is_ok() {
                break;
            }
        }
        self.relay.shutdown();
    }

    /// Returns once the accepting task runs: the library starts it in the background, and a stop before that is lost.
    async fn wait_until_accepting(&self) -> Result<(), RelayError> {
        for _ in 0..MAX_PAUSES {
            // A second start changes nothing: it meets either the taken port or the mark that the task has set.
            if let Err(nostr_relay_builder::error::Error::AlreadyRunning) = self.relay.run().await {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(RelayError::NotAccepting { address: self.address })
    }
}

/// A port that was free a moment ago.
fn free_port(door: SocketAddr) -> io::Result<SocketAddr> {
    std::net::TcpListener::bind(door)?.local_addr()
}

fn builder(address: SocketAddr) -> RelayBuilder {
    RelayBuilder::default()
        .addr(address.ip())
        .port(address.port())
        .database(Mailboxes::default())
        .rate_limit(RateLimit { max_reqs: 32, notes_per_minute: WRAPS_PER_MINUTE })
        .max_connections(MAX_CONNECTIONS)
        .max_subid_length(64)
        .max_filter_limit(MAX_ANSWER)
        .default_filter_limit(MAX_ANSWER)
        // Reading asks for a key; writing does not, since a wrap's author is a key made for that wrap alone.
        .nip42(RelayBuilderNip42 { mode: RelayBuilderNip42Mode::Read })
        // Demands that the one `#p` is the key that was proved, but only of filters that name kind 1059: so
        // `OwnMailbox` demands that every filter names it.
        .auth_dm(true)
        .write_policy(WrapsOnly)
        .query_policy(OwnMailbox)
}

/// The one recipient of a wrap, as lower-case hexadecimal digits, if there is exactly one and it is a key.
fn recipient(event: &Event) -> Option<&str> {
    let mut recipients = event.tags.iter().filter(|tag| tag.kind() == TagKind::SingleLetter(P));
    let only = recipients.next()?.content()?;
    let canonical = PublicKey::from_hex(only).ok()?.to_hex() == only;
    (recipients.next().is_none() && canonical).then_some(only)
}

/// What may be written: gift wraps to one recipient, small enough, not expired.
#[derive(Debug)]
struct WrapsOnly;

impl WritePolicy for WrapsOnly {
    fn admit_event<'a>(&'a self, event: &'a Event, _: &'a SocketAddr) -> BoxedFuture<'a, PolicyResult> {
        let refusal = if event.kind != Kind::GiftWrap {
            Some("only gift wraps (kind 1059) are taken")
        } else if recipient(event).is_none() {
            Some("a gift wrap names exactly one recipient")
        } else if event.as_json().len() > MAX_WRAP_BYTES {
            Some("larger than 65536 bytes")
        } else if event.is_expired() {
            Some("expired")
        } else {
            None
        };
        Box::pin(std::future::ready(match refusal {
            Some(reason) => PolicyResult::Reject(reason.to_owned()),
            None => PolicyResult::Accept,
        }))
    }
}

/// What may be asked: gift wraps of one mailbox. That it is the asker's own is `auth_dm`'s part.
#[derive(Debug)]
struct OwnMailbox;

impl QueryPolicy for OwnMailbox {
    fn admit_query<'a>(&'a self, query: &'a Filter, _: &'a SocketAddr) -> BoxedFuture<'a, PolicyResult> {
        let wraps = query.kinds.as_ref().is_some_and(|kinds| kinds.iter().eq([&Kind::GiftWrap]));
        let one = query.generic_tags.get(&P).is_some_and(|members| members.len() == 1);
        Box::pin(std::future::ready(if wraps && one {
            PolicyResult::Accept
        } else {
            PolicyResult::Reject("ask for kind 1059 of your own mailbox alone".to_owned())
        }))
    }
}

/// The wraps that are kept, by recipient.
///
/// The library's own memory store knows no limit in bytes, deletes nothing that expired, and answers COUNT and NEG-OPEN,
/// which no policy sees. Here both are refused, which ends the asker's connection.
#[derive(Default)]
struct Mailboxes(Mutex<Shelves>);

#[derive(Default)]
struct Shelves {
    wraps: HashMap<EventId, Wrap>,
    /// Newest first, as relays answer.
    by_recipient: HashMap<String, BTreeSet<(Reverse<Timestamp>, EventId)>>,
    by_arrival: BTreeMap<u64, EventId>,
    by_expiry: BTreeSet<(Timestamp, EventId)>,
    arrivals: u64,
    bytes: usize,
}

struct Wrap {
    event: Event,
    recipient: String,
    arrival: u64,
    bytes: usize,
}

impl Shelves {
    fn put(&mut self, event: &Event, now: Timestamp) -> SaveEventStatus {
        self.purge(now);
        let Some(recipient) = recipient(event) else {
            return SaveEventStatus::Rejected(RejectedReason::Other);
        };
        if event.is_expired_at(&now) {
            return SaveEventStatus::Rejected(RejectedReason::Expired);
        }
        if self.wraps.contains_key(&event.id) {
            return SaveEventStatus::Rejected(RejectedReason::Duplicate);
        }
        let wrap = Wrap {
            event: event.clone(),
            recipient: recipient.to_owned(),
            arrival: self.arrivals,
            bytes: event.as_json().len(),
        };
        self.arrivals += 1;
        self.bytes += wrap.bytes;
        self.by_arrival.insert(wrap.arrival, event.id);
        self.by_recipient.entry(wrap.recipient.clone()).or_default().insert((Reverse(event.created_at), event.id));
        if let Some(expiry) = event.tags.expiration() {
            self.by_expiry.insert((*expiry, event.id));
        }
        self.wraps.insert(event.id, wrap);
        while self.wraps.len() > MAX_WRAPS || self.bytes > MAX_STORED_BYTES {
            let Some((_, first)) = self.by_arrival.first_key_value() else { break };
            let first = *first;
            self.remove(first);
        }
        SaveEventStatus::Success
    }

    fn purge(&mut self, now: Timestamp) {
        while let Some((expiry, id)) = self.by_expiry.first().copied()
            && expiry < now
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

    fn matching<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Event> + 'a {
        let named = filter.generic_tags.get(&P).into_iter().flatten();
        named
            .filter_map(|member| self.by_recipient.get(member))
            .flatten()
            .filter_map(|(_, id)| self.wraps.get(id))
            .map(|wrap| &wrap.event)
            .filter(|event| filter.match_event(event, MatchEventOptions::new()))
            .take(filter.limit.unwrap_or(MAX_ANSWER))
    }
}

impl Mailboxes {
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        // Every change leaves the shelves whole, so a panic elsewhere in the process is no reason to stop.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailboxes({} wraps)", self.shelves().wraps.len())
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> BoxedFuture<'a, Result<T, DatabaseError>> {
    Box::pin(std::future::ready(Ok(value)))
}

fn refused<'a, T: Send + 'a>() -> BoxedFuture<'a, Result<T, DatabaseError>> {
    Box::pin(std::future::ready(Err(DatabaseError::NotSupported)))
}

impl NostrDatabase for Mailboxes {
    fn backend(&self) -> Backend {
        Backend::Memory
    }

    fn save_event<'a>(&'a self, event: &'a Event) -> BoxedFuture<'a, Result<SaveEventStatus, DatabaseError>> {
        ready(self.shelves().put(event, Timestamp::now()))
    }

    fn check_id<'a>(&'a self, id: &'a EventId) -> BoxedFuture<'a, Result<DatabaseEventStatus, DatabaseError>> {
        ready(match self.shelves().wraps.contains_key(id) {
            true => DatabaseEventStatus::Saved,
            false => DatabaseEventStatus::NotExistent,
        })
    }

    fn event_by_id<'a>(&'a self, id: &'a EventId) -> BoxedFuture<'a, Result<Option<Event>, DatabaseError>> {
        ready(self.shelves().wraps.get(id).map(|wrap| wrap.event.clone()))
    }

    fn count(&self, _: Filter) -> BoxedFuture<'_, Result<usize, DatabaseError>> {
        refused()
    }

    fn query(&self, filter: Filter) -> BoxedFuture<'_, Result<Events, DatabaseError>> {
        let mut shelves = self.shelves();
        shelves.purge(Timestamp::now());
        // An unbounded collection: the limit is kept by `matching`, and a bounded one of size 0 is nothing to rely on.
        let mut found = Events::default();
        found.extend(shelves.matching(&filter).cloned());
        ready(found)
    }

    fn negentropy_items(&self, _: Filter) -> BoxedFuture<'_, Result<Vec<(EventId, Timestamp)>, DatabaseError>> {
        refused()
    }

    fn delete(&self, filter: Filter) -> BoxedFuture<'_, Result<(), DatabaseError>> {
        let mut shelves = self.shelves();
        let doomed: Vec<EventId> = shelves.matching(&filter).map(|event| event.id).collect();
        doomed.into_iter().for_each(|id| shelves.remove(id));
        ready(())
    }

    fn wipe(&self) -> BoxedFuture<'_, Result<(), DatabaseError>> {
        *self.shelves() = Shelves::default();
        ready(())
    }
}

#[cfg(test)]
mod tests {
    use nostr_relay_builder::prelude::{EventBuilder, Keys, Tag};
    use nostr_relay_pool::relay::{Relay, ReqExitPolicy};
    use nostr_sdk::{Client, SyncOptions};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    async fn start() -> EmbeddedRelay {
        EmbeddedRelay::start("127.0.0.1:0".parse().unwrap()).await.unwrap()
    }

    async fn client(keys: &Keys, relay: &EmbeddedRelay) -> (Client, Relay) {
        let client = Client::new(keys.clone());
        client.add_relay(relay.url()).await.unwrap();
        client.connect().await;
        client.wait_for_connection(PATIENCE).await;
        let connection = client.relay(relay.url()).await.unwrap();
        (client, connection)
    }

    fn wrap(tags: impl IntoIterator<Item = Tag>, content: &str) -> Event {
        EventBuilder::new(Kind::GiftWrap, content).tags(tags).sign_with_keys(&Keys::generate()).unwrap()
    }

    fn to(keys: &Keys) -> Tag {
        Tag::public_key(keys.public_key())
    }

    fn mailbox(keys: &Keys) -> Filter {
        Filter::new().kind(Kind::GiftWrap).pubkey(keys.public_key())
    }

    async fn fetch(connection: &Relay, filter: Filter) -> usize {
        connection.fetch_events(filter, PATIENCE, ReqExitPolicy::ExitOnEOSE).await.map_or(0, |events| events.len())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_mailbox_is_read_by_its_owner_alone() {
        let relay = start().await;
        let (owner, stranger) = (Keys::generate(), Keys::generate());
        let (_c, theirs) = client(&stranger, &relay).await;
        theirs.send_event(&wrap([to(&owner)], "sealed")).await.unwrap();
        theirs.send_event(&wrap([to(&stranger)], "sealed too")).await.unwrap();

        let both = Filter::new().kind(Kind::GiftWrap).pubkeys([owner.public_key(), stranger.public_key()]);
        for filter in [mailbox(&owner), both, Filter::new().kind(Kind::GiftWrap), Filter::new()] {
            assert_eq!(fetch(&theirs, filter).await, 0);
        }
        let more_kinds = mailbox(&stranger).kind(Kind::TextNote);
        assert_eq!(fetch(&theirs, more_kinds).await, 0);
        assert_eq!(fetch(&theirs, mailbox(&stranger)).await, 1);

        let (_c, own) = client(&owner, &relay).await;
        assert_eq!(fetch(&own, mailbox(&owner)).await, 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_counted_or_reconciled_for_anyone() {
        let relay = start().await;
        let (owner, stranger) = (Keys::generate(), Keys::generate());
        let (_c, theirs) = client(&stranger, &relay).await;
        theirs.send_event(&wrap([to(&owner)], "sealed")).await.unwrap();
        assert!(theirs.count_events(mailbox(&owner), PATIENCE).await.is_err());
        let (_c, theirs) = client(&stranger, &relay).await;
        let look = SyncOptions::new().initial_timeout(PATIENCE).dry_run();
        assert!(theirs.sync(mailbox(&owner), &look).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_proper_wrap_is_refused_with_the_reason() {
        let relay = start().await;
        let keys = Keys::generate();
        let (_c, connection) = client(&keys, &relay).await;
        let note = EventBuilder::text_note("hello").tag(to(&keys)).sign_with_keys(&keys).unwrap();
        let past = Tag::expiration(Timestamp::from(Timestamp::now().as_secs() - 60));
        for (event, why) in [
            (note, "1059"),
            (wrap([], "no recipient"), "exactly one"),
            (wrap([to(&keys), to(&Keys::generate())], "two recipients"), "exactly one"),
            (wrap([Tag::parse(["p", "nobody"]).unwrap()], "not a key"), "exactly one"),
            (wrap([to(&keys)], &"x".repeat(MAX_WRAP_BYTES)), "65536"),
            (wrap([to(&keys), past], "late"), "expired"),
        ] {
            let refusal = connection.send_event(&event).await.unwrap_err().to_string();
            assert!(refusal.contains(why), "{refusal}");
        }
        let future = Tag::expiration(Timestamp::now() + 60);
        connection.send_event(&wrap([to(&keys), future], "good")).await.unwrap();
        assert_eq!(fetch(&connection, mailbox(&keys)).await, 1);
    }

    #[test]
    fn expired_wraps_are_deleted_and_the_store_is_bounded() {
        let keys = Keys::generate();
        let mut shelves = Shelves::default();
        let now = Timestamp::now();
        for at in [10, 20] {
            let event = wrap([to(&keys), Tag::expiration(now + at as u64)], &at.to_string());
            assert!(shelves.put(&event, now).is_success());
            assert!(!shelves.put(&event, now).is_success(), "a copy");
        }
        shelves.purge(now + 15u64);
        assert_eq!((shelves.wraps.len(), shelves.by_arrival.len(), shelves.by_expiry.len()), (1, 1, 1));
        shelves.purge(now + 25u64);
        assert!(shelves.wraps.is_empty() && shelves.by_recipient.is_empty() && shelves.bytes == 0);

        let first = wrap([to(&keys)], "first");
        assert!(shelves.put(&first, now).is_success());
        shelves.bytes += MAX_STORED_BYTES - shelves.bytes;
        assert!(shelves.put(&wrap([to(&keys)], "second"), now).is_success());
        assert!(!shelves.wraps.contains_key(&first.id), "what came first goes first");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_listens_on_this_machine_alone_and_gives_its_port_back() {
        for address in ["0.0.0.0:0", "192.168.1.4:7000"] {
            let refused = EmbeddedRelay::start(address.parse().unwrap()).await;
            assert!(matches!(refused, Err(RelayError::NotLoopback { .. })));
        }
        let refused = EmbeddedRelay::start("[::1]:0".parse().unwrap()).await;
        assert!(matches!(refused, Err(RelayError::OnlyIpv4 { .. })));

        let relay = start().await;
        let address = relay.address;
        assert!(matches!(EmbeddedRelay::start(address).await, Err(RelayError::Listen { .. })));
        relay.shutdown().await;
        let again = EmbeddedRelay::start(address).await.unwrap();
        assert_eq!(again.url(), format!("ws://{address}"));
    }
}
