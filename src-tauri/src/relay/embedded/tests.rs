//! The embedded relay as members and strangers meet it.

use nostr::{ClientMessage, Event, EventBuilder, Filter, JsonUtil, Keys, Kind, Tag};
use nostr_relay_pool::relay::{Relay, ReqExitPolicy};
use nostr_sdk::{Client, SyncOptions};
use tokio::time::timeout;

use super::super::MAX_WRAP_BYTES;
use super::session::Session;
use super::shelves::Shelves;
use super::*;

pub(super) const PATIENCE: Duration = Duration::from_secs(3);

async fn start() -> EmbeddedRelay {
    EmbeddedRelay::start("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

pub(super) async fn client(keys: &Keys, relay: &EmbeddedRelay) -> (Client, Relay) {
    let client = Client::new(keys.clone());
    client.add_relay(relay.url()).await.unwrap();
    client.connect().await;
    client.wait_for_connection(PATIENCE).await;
    let connection = client.relay(relay.url()).await.unwrap();
    (client, connection)
}

pub(super) fn wrap(tags: impl IntoIterator<Item = Tag>, content: &str) -> Event {
    EventBuilder::new(Kind::GiftWrap, content).tags(tags).sign_with_keys(&Keys::generate()).unwrap()
}

pub(super) fn to(keys: &Keys) -> Tag {
    Tag::public_key(keys.public_key())
}

pub(super) fn mailbox(keys: &Keys) -> Filter {
    Filter::new().kind(Kind::GiftWrap).pubkey(keys.public_key())
}

pub(super) async fn fetch(connection: &Relay, filter: Filter) -> usize {
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
    let owner = keys.public_key();
    let mut shelves = Shelves::new(&Limits::loopback(), None);
    let now = Timestamp::now();
    for at in [10, 20] {
        let event = Arc::new(wrap([to(&keys), Tag::expiration(now + at as u64)], &at.to_string()));
        assert!(shelves.put(&event, owner, None, now));
        assert!(!shelves.put(&event, owner, None, now), "a copy");
    }
    shelves.purge(now + 15u64);
    assert_eq!(shelves.counts(), [1; 5]);
    shelves.purge(now + 25u64);
    assert_eq!(shelves.counts(), [0; 5]);

    let mut shelves = Shelves::new(&Limits { stored: Room { wraps: 1, bytes: 4_096 }, ..Limits::loopback() }, None);
    let (first, second) = (Arc::new(wrap([to(&keys)], "first")), Arc::new(wrap([to(&keys)], "second")));
    assert!(shelves.put(&first, owner, None, now));
    assert!(shelves.put(&second, owner, None, now));
    assert!(!shelves.holds(first.id) && shelves.holds(second.id), "what came first goes first");
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
    let address: SocketAddr = relay.url().trim_start_matches("ws://").parse().unwrap();
    assert!(matches!(EmbeddedRelay::start(address).await, Err(RelayError::Listen { .. })));
    relay.shutdown().await;
    let again = EmbeddedRelay::start(address).await.unwrap();
    assert_eq!(again.url(), format!("ws://{address}"));
}

async fn serving(members: &[&Keys]) -> (EmbeddedRelay, watch::Sender<Access>) {
    let (list, access) = watch::channel(listed(members));
    let relay = EmbeddedRelay::serve("127.0.0.1:0".parse().unwrap(), access, Mischief::default()).await.unwrap();
    (relay, list)
}

pub(super) fn listed(members: &[&Keys]) -> Access {
    Access::Members(members.iter().map(|keys| keys.public_key()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_on_the_list_neither_reads_nor_writes() {
    let (ana, ben, stranger) = (Keys::generate(), Keys::generate(), Keys::generate());
    let (relay, _list) = serving(&[&ana, &ben]).await;
    let (_c, of_ana) = client(&ana, &relay).await;
    of_ana.send_event(&wrap([to(&ben)], "sealed")).await.unwrap();
    let refusal = of_ana.send_event(&wrap([to(&stranger)], "sealed")).await.unwrap_err().to_string();
    assert!(refusal.contains("the recipient is not a member"), "{refusal}");

    let (_c, of_stranger) = client(&stranger, &relay).await;
    assert!(of_stranger.send_event(&wrap([to(&ben)], "unasked")).await.is_err());
    assert_eq!(fetch(&of_stranger, mailbox(&stranger)).await, 0);
    let (_c, of_ben) = client(&ben, &relay).await;
    assert_eq!(fetch(&of_ben, mailbox(&ben)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_list_loses_the_open_subscription() {
    let (ana, ben) = (Keys::generate(), Keys::generate());
    let (relay, list) = serving(&[&ana, &ben]).await;
    let (_a, of_ana) = client(&ana, &relay).await;
    let (_b, of_ben) = client(&ben, &relay).await;
    of_ben.subscribe(mailbox(&ben), Default::default()).await.unwrap();
    of_ana.send_event(&wrap([to(&ben)], "sealed")).await.unwrap();
    assert_eq!(fetch(&of_ben, mailbox(&ben)).await, 1);

    let mut notifications = of_ben.notifications();
    list.send(listed(&[&ana])).unwrap();
    timeout(PATIENCE, async {
        while of_ben.is_connected() {
            let _ = notifications.recv().await;
        }
    })
    .await
    .expect("the connection is still open");
    of_ben.wait_for_connection(PATIENCE).await;
    assert_eq!(fetch(&of_ben, mailbox(&ben)).await, 0);
    // The other one goes on, on the connection that it had.
    assert!(of_ana.send_event(&wrap([to(&ben)], "too late")).await.is_err());
    of_ana.send_event(&wrap([to(&ana)], "to herself")).await.unwrap();
}

/// A connection, spoken to without a socket.
pub(super) struct Talk(Session);

impl Talk {
    const URL: &str = "ws://127.0.0.1:7000";

    fn new() -> (Post, Self) {
        let (_, anyone) = watch::channel(Access::Anyone);
        let post = Post::new(Self::URL, anyone, Mischief::default(), Limits::loopback());
        let talk = Self::on(&post);
        (post, talk)
    }

    /// One more connection to the same relay.
    pub(super) fn on(post: &Post) -> Self {
        Self(Session::new("challenge".to_owned(), &post.limits, Timestamp::now()))
    }

    pub(super) fn say(&mut self, post: &Post, frame: &str) -> (String, bool) {
        let answer = self.0.take(frame, post, Timestamp::now());
        (answer.frames.join("\n"), answer.end)
    }

    /// Logs in as the relay asks for.
    pub(super) fn logs_in(&mut self, post: &Post, keys: &Keys) -> bool {
        self.login(post, keys, "challenge", Self::URL)
    }

    fn login(&mut self, post: &Post, keys: &Keys, challenge: &str, url: &str) -> bool {
        let event = EventBuilder::auth(challenge, url.parse().unwrap()).sign_with_keys(keys).unwrap();
        self.say(post, &ClientMessage::auth(event).as_json()).0.contains("true")
    }
}

#[test]
fn a_login_answers_to_this_connections_challenge_and_names_this_relay() {
    let keys = Keys::generate();
    let (post, mut talk) = Talk::new();
    assert!(!talk.login(&post, &keys, "another", Talk::URL));
    assert!(!talk.login(&post, &keys, "challenge", "ws://127.0.0.1:7001"), "passed on by another relay");
    let question = ClientMessage::req(nostr::SubscriptionId::new("q"), mailbox(&keys)).as_json();
    assert!(talk.say(&post, &question).0.contains("auth-required"));
    assert!(talk.login(&post, &keys, "challenge", Talk::URL));
    assert!(talk.say(&post, &question).0.contains("EOSE"));
}

#[test]
fn what_is_no_message_ends_the_connection() {
    for frame in ["", "x", "[]", "[\"EVENT\"]", "[\"REQ\",\"q\",7]", "{}"] {
        let (post, mut talk) = Talk::new();
        assert!(talk.say(&post, frame).1, "{frame}");
    }
    let (post, mut talk) = Talk::new();
    assert!(talk.say(&post, &" ".repeat(MAX_FRAME_BYTES + 1)).1);
}

#[test]
fn a_flood_is_slowed_down() {
    let (post, mut talk) = Talk::new();
    let event = ClientMessage::event(wrap([], "no recipient")).as_json();
    let limit = (0..7_000).position(|_| talk.say(&post, &event).0.contains("rate-limited"));
    assert!(limit.is_some_and(|limit| limit >= 6_000), "{limit:?}");
}
