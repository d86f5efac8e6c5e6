//! The mailbox at one relay: walked over after every connection, and kept subscribed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::nostr::{
    Alphabet, ClientMessage, Event, Filter, Kind, PublicKey, RelayMessage, RelayUrl, SingleLetterTag, SubscriptionId,
    Timestamp,
};
use nostr_relay_pool::policy::{AdmitPolicy, AdmitStatus, PolicyError};
use nostr_relay_pool::{Relay, RelayNotification, RelayStatus};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::super::BoxedFuture;
use super::RETRY;
use super::arrivals::{Arrival, Listening};

/// NIP-59 pushes the time of a wrap back by up to two days, in seconds.
pub(super) const JITTER_SECS: u64 = 2 * 24 * 3600;

/// How far other members' clocks may be behind ours before a message of theirs is overlooked after a reconnection, in
/// seconds. What is overlooked is sent again until it is acknowledged.
const CLOCK_SECS: u64 = 3600;

/// How long a relay may take to answer a question. (Its answer to a message is waited for by the library: 10 s.)
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);

/// Wraps asked for at once: below the 500 that common relays give.
pub(super) const PAGE: usize = 200;

/// Takes every verified event out of the library, before it would go through a broadcast channel that forgets.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) waiting: mpsc::Sender<Arrival>,
    /// Each relay's place in the list, and its shelf.
    pub(super) shelves: HashMap<RelayUrl, (usize, Arc<Shelf>)>,
}

impl AdmitPolicy for Intake {
    fn admit_event<'a>(
        &'a self,
        relay: &'a RelayUrl,
        subscription: &'a SubscriptionId,
        event: &'a Event,
    ) -> BoxedFuture<'a, Result<AdmitStatus, PolicyError>> {
        if let Some((relay, shelf)) = self.shelves.get(relay) {
            // Waiting for room here would hold back the relay's other answers, so what finds none is asked for again.
            let arrival = Arrival { relay: *relay, at: Instant::now(), wrap: event.clone() };
            let taken = self.waiting.try_send(arrival).is_ok();
            shelf.note(subscription, event.created_at, taken);
        }
        // Nothing is left for the library to do with it.
        Box::pin(std::future::ready(Ok(AdmitStatus::Rejected { reason: None })))
    }
}

/// What came from one relay, as far as the walk over its mailbox needs to know.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    page: Mutex<Option<(SubscriptionId, Page)>>,
    /// Since when everything that comes is heard of; none: it is not.
    listening: Mutex<Option<Listening>>,
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

    /// Since when everything that the relay shows has been heard of.
    pub(super) fn listening(&self) -> Option<Listening> {
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on everything that comes is heard of, or nothing.
    fn listen(&self, listening: bool) {
        let since = listening.then(|| Listening { since: Instant::now(), since_secs: Timestamp::now() });
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn note(&self, subscription: &SubscriptionId, at: Timestamp, taken: bool) {
        // What was shown and found no room must not look as if it had been kept back.
        if !taken && self.listening().is_some() {
            self.listen(true);
        }
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
pub(super) struct Mailbox {
    pub(super) relay: Relay,
    pub(super) notifications: broadcast::Receiver<RelayNotification>,
    pub(super) me: PublicKey,
    /// Everything handed to this relay before is held here.
    pub(super) since: Option<Timestamp>,
    pub(super) waiting: mpsc::Sender<Arrival>,
    pub(super) shelf: Arc<Shelf>,
    /// Pages asked for so far: each gets a name of its own, so that a late answer is not taken for another's.
    pub(super) pages: u64,
}

impl Mailbox {
    /// Until the transport is closed.
    pub(super) async fn watch(mut self) {
        loop {
            let stop = self.connected_walk().await;
            self.shelf.listen(false);
            match stop {
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
        self.shelf.listen(true);
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
                // A later page is of no use where nothing comes live any more.
                RelayNotification::Message { message: RelayMessage::Closed { subscription_id, .. } }
                    if *subscription_id == Self::live() =>
                {
                    return Err(Stop::Again);
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

pub(super) fn back(from: Timestamp, secs: u64) -> Timestamp {
    Timestamp::from(from.as_secs().saturating_sub(secs))
}
