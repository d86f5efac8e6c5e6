//! Sealed messages over Nostr relays: NIP-59 gift wraps out and in, one client for each vault identity.
//!
//! A message is the content of a rumor of kind [`KIND_ENVELOPE`], sealed by the sender's identity (kind 13) and wrapped by
//! a key made for that wrap alone (kind 1059). It goes to all relays at once. What does not belong here: envelopes, parts,
//! acknowledgements, resending.

mod arrivals;
mod mailbox;
pub(crate) mod outside;
mod seal;
#[cfg(test)]
mod several;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::nostr::{Keys, RelayUrl, Timestamp};
use conclave_shared::MemberId;
use nostr_relay_pool::relay::Error as PoolError;
use nostr_relay_pool::{Relay, RelayLimits, RelayOptions};
use nostr_sdk::client::{Client, ClientBuilder, ClientOptions};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use self::arrivals::{Arrivals, Tally};
use self::mailbox::{Intake, Mailbox, Shelf};
use self::seal::seal;
pub use self::seal::{Dropped, KIND_ENVELOPE};
use super::withholding::Judged;
use super::{BoxedFuture, MAX_WRAP_BYTES, Received, Transport, TransportError};
use crate::tor::websocket::DoorTransport;
use crate::tor::{Address, Door};

/// Pause before another attempt to connect, or to ask again after a refusal.
const RETRY: Duration = Duration::from_secs(1);

/// How long a message waits for a connection that is being made.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);

/// Messages on their way to one relay at a time, at most 16 MiB. A relay that falls further behind gets the next when a
/// message is sent again.
const ON_THEIR_WAY: usize = 256;

/// Wraps that wait to be opened: two pages and some that come live, at most 32 MiB.
const WAITING: usize = 512;

/// How long a relay may take to show a message that another has shown, before it counts as kept back.
const GRACE: Duration = Duration::from_secs(20);

/// Characters of a relay's own words that are passed on.
const MAX_REASON_CHARS: usize = 160;

/// Messages to and from other members over Nostr relays, under one vault identity.
///
/// It connects in the background, and again whenever a relay comes back. Dropping it closes every connection.
pub struct NostrTransport {
    identity: Keys,
    client: Client,
    door: Door,
    relays: Vec<Line>,
    tasks: Vec<AbortHandle>,
    dropped: Arc<Tally>,
}

/// One relay, and how much may still be on its way to it.
#[derive(Clone)]
struct Line {
    address: Address,
    relay: Relay,
    room: Arc<Semaphore>,
}

impl fmt::Debug for NostrTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relays: Vec<&RelayUrl> = self.relays.iter().map(|line| line.relay.url()).collect();
        f.debug_struct("NostrTransport").field("me", &self.identity.public_key()).field("relays", &relays).finish()
    }
}

impl NostrTransport {
    /// Starts to exchange messages as `identity` over `relays`, through `door`: see [`Address::relay`].
    ///
    /// Returns at once; connections are made in the background. `since`: everything that was handed to the relays before
    /// is known to have arrived here (none: fetch whatever the relays hold). What arrives goes into `inbox`; while that is
    /// full nothing more is fetched. Which relay showed which message, and which did not, goes into `news`; what finds no
    /// room there is left out. If any address is refused, none is dialled.
    pub async fn connect(
        door: &Door,
        identity: Keys,
        relays: &[String],
        since: Option<Timestamp>,
        inbox: mpsc::Sender<Received>,
        news: mpsc::Sender<Vec<Judged>>,
    ) -> Result<Self, TransportError> {
        Self::connect_judging(door, identity, relays, since, inbox, news, GRACE).await
    }

    async fn connect_judging(
        door: &Door,
        identity: Keys,
        relays: &[String],
        since: Option<Timestamp>,
        inbox: mpsc::Sender<Received>,
        news: mpsc::Sender<Vec<Judged>>,
        grace: Duration,
    ) -> Result<Self, TransportError> {
        let mut lines: Vec<(Address, String, RelayUrl)> = Vec::with_capacity(relays.len());
        for text in relays {
            let address = Address::relay(text)?;
            if !lines.iter().any(|(known, ..)| *known == address) {
                let name = text.trim_end_matches('/').to_owned();
                let url = RelayUrl::parse(text)
                    .map_err(|error| TransportError::SetUp { address: name.clone(), reason: error.to_string() })?;
                lines.push((address, name, url));
            }
        }
        if lines.is_empty() {
            return Err(TransportError::NoRelay);
        }

        let (waiting, arrivals) = mpsc::channel(WAITING);
        let shelves: Vec<Arc<Shelf>> = lines.iter().map(|_| Arc::default()).collect();
        let places = lines.iter().map(|(.., url)| url.clone()).zip(shelves.iter().cloned().enumerate()).collect();
        let client = ClientBuilder::new()
            .signer(identity.clone())
            .websocket_transport(DoorTransport::new(door.clone(), MemberId(identity.public_key().to_bytes())))
            .admit_policy(Intake { waiting: waiting.clone(), shelves: places })
            // Signs a login (NIP-42) for whichever relay asks. A relay could pass another relay's challenge on to us, but
            // a login names the relay that it is for.
            .opts(ClientOptions::new().automatic_authentication(true))
            .build();

        let dropped = Arc::new(Tally::default());
        let mut transport =
            Self { identity, client, door: door.clone(), relays: Vec::new(), tasks: Vec::new(), dropped };
        let mut limits = RelayLimits::default();
        // A wrap, and the few words around it that make it a relay's message.
        limits.messages.max_size = Some(MAX_WRAP_BYTES as u32 + 512);
        let names: Vec<String> = lines.iter().map(|(_, name, _)| name.clone()).collect();
        for ((address, name, url), shelf) in lines.into_iter().zip(&shelves) {
            let set_up = |reason: String| TransportError::SetUp { address: name.clone(), reason };
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
                shelf: Arc::clone(shelf),
                pages: 0,
            };
            transport.tasks.push(tokio::spawn(mailbox.watch()).abort_handle());
            relay.connect();
            transport.relays.push(Line { address, relay, room: Arc::new(Semaphore::new(ON_THEIR_WAY)) });
        }
        let opener = Arrivals {
            identity: transport.identity.clone(),
            relays: names.into_iter().zip(shelves).collect(),
            grace,
            inbox,
            news,
            dropped: Arc::clone(&transport.dropped),
        };
        transport.tasks.push(tokio::spawn(opener.open_all(arrivals)).abort_handle());
        Ok(transport)
    }

    /// How many arrivals were dropped, by reason.
    pub fn dropped(&self) -> BTreeMap<Dropped, u64> {
        self.dropped.counts().clone()
    }

    /// Whether at least one relay is connected at this moment.
    pub fn is_connected(&self) -> bool {
        self.relays.iter().any(|line| line.relay.is_connected())
    }

    /// Closes every connection. Afterwards nothing arrives and nothing can be sent.
    pub async fn shutdown(&self) {
        self.close();
        self.client.shutdown().await;
    }

    fn close(&self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        self.relays.iter().for_each(|line| line.relay.disconnect());
    }

    async fn send_to(&self, to: MemberId, content: String) -> Result<(), TransportError> {
        let wrap = seal(&self.identity, to, content).await?;
        let mut attempts = JoinSet::new();
        for Line { relay, room, .. } in self.relays.iter().cloned() {
            let wrap = wrap.clone();
            attempts.spawn(async move {
                let Ok(_place) = room.try_acquire_owned() else { return Err(PoolError::NotConnected) };
                relay.wait_for_connection(CONNECT_PATIENCE).await;
                // Otherwise the library would queue the wrap, and queue it again at each resending.
                match relay.is_connected() {
                    true => relay.send_event(&wrap).await.map(drop),
                    false => Err(PoolError::NotConnected),
                }
            });
        }
        let waits_for_tor = !self.door.is_ready() && self.relays.iter().any(|line| line.address.needs_tor());
        let mut outcome = if waits_for_tor { TransportError::NoTor } else { TransportError::Unreachable };
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
                Ok(Err(PoolError::AuthenticationFailed)) => {
                    outcome = TransportError::Refused { reason: "it does not accept this member's login".to_owned() };
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
