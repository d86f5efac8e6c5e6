//! Whoever wants too much of the relay: of its room, its time or its memory. What is theirs is taken from them, and
//! nothing from anybody else.

use futures_util::{SinkExt, StreamExt};
use nostr::{ClientMessage, Event, EventBuilder, JsonUtil, Keys, Kind, RelayMessage, SubscriptionId, Tag};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::shelves::Shelves;
use super::tests::{PATIENCE, Talk, client, fetch, listed, mailbox, to, wrap};
use super::*;

const URL: &str = "ws://127.0.0.1:7000";

fn put(shelves: &mut Shelves, event: &Event, of: &Keys, by: &Keys, now: Timestamp) {
    assert!(shelves.put(&Arc::new(event.clone()), of.public_key(), Some(by.public_key()), now));
}

#[test]
fn who_floods_a_mailbox_loses_their_own_wraps_and_nobody_elses() {
    let (owner, honest, hostile) = (Keys::generate(), Keys::generate(), Keys::generate());
    let now = Timestamp::now();
    let mailbox = Room { wraps: 10, bytes: usize::MAX };
    let mut shelves = Shelves::new(&Limits { mailbox, ..Limits::onion() }, None);
    let kept: Vec<Event> = (0..4).map(|number| wrap([to(&owner)], &format!("kept {number}"))).collect();
    kept.iter().for_each(|event| put(&mut shelves, event, &owner, &honest, now));
    let elsewhere = wrap([to(&honest)], "another mailbox");
    put(&mut shelves, &elsewhere, &honest, &owner, now);
    let flood: Vec<Event> = (0..100).map(|number| wrap([to(&owner)], &format!("flood {number}"))).collect();
    flood.iter().for_each(|event| put(&mut shelves, event, &owner, &hostile, now));
    assert!(kept.iter().all(|event| shelves.holds(event.id)));
    assert!(shelves.holds(elsewhere.id));
    assert_eq!(flood.iter().filter(|event| shelves.holds(event.id)).count(), 6);
    assert!(flood.iter().rev().take(6).all(|event| shelves.holds(event.id)), "what came first goes first");
    assert_eq!(shelves.counts()[0], 11);
}

#[test]
fn who_floods_the_relay_loses_their_own_wraps_and_nobody_elses() {
    let (owner, honest, hostile) = (Keys::generate(), Keys::generate(), Keys::generate());
    let now = Timestamp::now();
    let stored = Room { wraps: usize::MAX, bytes: 20_000 };
    let mut shelves = Shelves::new(&Limits { stored, ..Limits::onion() }, None);
    let kept = wrap([to(&owner)], "kept");
    put(&mut shelves, &kept, &owner, &honest, now);
    for number in 0..50 {
        // Into ever new mailboxes.
        let somebody = Keys::generate();
        let event = wrap([to(&somebody)], &format!("{number}{}", "x".repeat(2_000)));
        put(&mut shelves, &event, &somebody, &hostile, now);
    }
    assert!(shelves.holds(kept.id));
    let [kept, rest @ ..] = shelves.counts();
    assert!((2..12).contains(&kept), "{kept}");
    assert_eq!(rest, [kept, 0, kept, kept]);
}

#[test]
fn nothing_is_kept_longer_than_the_relay_keeps_things() {
    let owner = Keys::generate();
    let now = Timestamp::now();
    let mut shelves = Shelves::new(&Limits { retention_secs: 1_000, ..Limits::onion() }, None);
    let far = wrap([to(&owner), Tag::expiration(now + 1_000_000u64)], "keep me for ever");
    put(&mut shelves, &far, &owner, &owner, now);
    let later = wrap([to(&owner)], "later");
    put(&mut shelves, &later, &owner, &owner, now + 500u64);
    shelves.purge(now + 999u64);
    assert_eq!(shelves.counts()[0], 2);
    shelves.purge(now + 1_000u64);
    assert!(!shelves.holds(far.id) && shelves.holds(later.id));
    shelves.keep_only(|key| *key != owner.public_key());
    assert_eq!(shelves.counts(), [0; 5], "the mailbox of who is served no more");
}

fn post(limits: Limits) -> Post {
    let (_, anyone) = watch::channel(Access::Anyone);
    Post::new(URL, anyone, Mischief::default(), limits)
}

fn publish(event: &Event) -> String {
    ClientMessage::event(event.clone()).as_json()
}

fn ask(name: &str, keys: &Keys) -> String {
    ClientMessage::req(SubscriptionId::new(name), mailbox(keys)).as_json()
}

#[test]
fn more_connections_give_a_key_no_more_wraps() {
    let post = post(Limits { wraps_per_minute: 10, ..Limits::onion() });
    let (hostile, honest) = (Keys::generate(), Keys::generate());
    let mut taken = 0;
    for _ in 0..3 {
        let mut talk = Talk::on(&post);
        assert!(talk.logs_in(&post, &hostile));
        for number in 0..10 {
            let said = talk.say(&post, &publish(&wrap([to(&honest)], &number.to_string()))).0;
            taken += usize::from(!said.contains("rate-limited"));
        }
    }
    assert!((10..=12).contains(&taken), "{taken}");
    let mut talk = Talk::on(&post);
    assert!(talk.logs_in(&post, &honest));
    assert!(talk.say(&post, &publish(&wrap([to(&honest)], "mine"))).0.contains("true"), "another key goes on");
}

#[test]
fn who_heeds_no_refusal_is_sent_away() {
    let limits =
        Limits { questions_per_minute: 5, logins_per_minute: 5, wraps_per_minute: 5, patience: 20, ..Limits::onion() };
    let post = post(limits);
    let keys = Keys::generate();
    let login = EventBuilder::auth("x", URL.parse().unwrap()).sign_with_keys(&keys).unwrap();
    for frame in [ask("again", &keys), ClientMessage::auth(login).as_json(), publish(&wrap([to(&keys)], "again"))] {
        let mut talk = Talk::on(&post);
        let said: Vec<(String, bool)> = (0..60).map(|_| talk.say(&post, &frame)).collect();
        let refused = said.iter().position(|(said, _)| said.contains("rate-limited")).unwrap();
        assert!((5..8).contains(&refused), "{refused}");
        let ended = said.iter().position(|(_, end)| *end).unwrap();
        assert!((25..40).contains(&ended), "{ended}");
    }
}

#[test]
fn an_answer_is_cut_where_it_grows_large_and_never_empty() {
    let post = post(Limits { answer_bytes: 10_000, ..Limits::onion() });
    let keys = Keys::generate();
    let mut talk = Talk::on(&post);
    assert!(talk.logs_in(&post, &keys));
    for number in 0..6 {
        talk.say(&post, &publish(&wrap([to(&keys)], &format!("{number}{}", "x".repeat(3_000)))));
    }
    let said = talk.say(&post, &ask("all", &keys)).0;
    assert_eq!(said.matches("[\"EVENT\"").count(), 2);
    assert!(said.ends_with("[\"EOSE\",\"all\"]"), "{}", &said[said.len() - 40..]);
    let other = Keys::generate();
    talk.say(&post, &publish(&wrap([to(&other)], &"x".repeat(50_000))));
    let mut talk = Talk::on(&post);
    assert!(talk.logs_in(&post, &other));
    assert_eq!(talk.say(&post, &ask("all", &other)).0.matches("[\"EVENT\"").count(), 1, "one is always given");
}

#[test]
fn a_wrap_of_the_far_future_is_refused() {
    let post = post(Limits::onion());
    let keys = Keys::generate();
    let dated = |ahead: u64| {
        let event = EventBuilder::new(Kind::GiftWrap, "sealed").tag(to(&keys));
        event.custom_created_at(Timestamp::now() + ahead).sign_with_keys(&Keys::generate()).unwrap()
    };
    let mut talk = Talk::on(&post);
    // A clock that is a day wrong does not keep anybody from writing.
    assert!(talk.say(&post, &publish(&dated(24 * 3600))).0.contains("true"));
    assert!(talk.say(&post, &publish(&dated(4 * 24 * 3600))).0.contains("three days ahead"));
}

async fn relay(limits: Limits, members: &[&Keys]) -> (EmbeddedRelay, watch::Sender<Access>) {
    let (list, access) = watch::channel(listed(members));
    let relay = EmbeddedRelay::within("127.0.0.1:0".parse().unwrap(), access, Mischief::default(), limits).await;
    (relay.unwrap(), list)
}

async fn socket(relay: &EmbeddedRelay) -> TcpStream {
    TcpStream::connect(relay.url().trim_start_matches("ws://")).await.unwrap()
}

/// Whether the other side ends a connection.
async fn ends(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_do_not_keep_a_member_out() {
    let ana = Keys::generate();
    let (relay, _list) = relay(Limits { connections: 4, ..Limits::onion() }, &[&ana]).await;
    let mut strangers = Vec::new();
    for _ in 0..12 {
        strangers.push(socket(&relay).await);
    }
    let (_c, of_ana) = client(&ana, &relay).await;
    of_ana.send_event(&wrap([to(&ana)], "to herself")).await.unwrap();
    assert_eq!(fetch(&of_ana, mailbox(&ana)).await, 1);
    assert!(ends(&mut strangers[0]).await, "who has waited longest makes room");
    for _ in 0..12 {
        strangers.push(socket(&relay).await);
    }
    of_ana.send_event(&wrap([to(&ana)], "once more")).await.unwrap();
    assert_eq!(fetch(&of_ana, mailbox(&ana)).await, 2, "on the connection that she had");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_login_ends_where_members_alone_are_served() {
    let ana = Keys::generate();
    let limits = Limits { login: Duration::from_millis(200), ..Limits::onion() };
    let (strict, list) = relay(limits, &[&ana]).await;
    let (mut stranger, _) = client_async(strict.url(), socket(&strict).await).await.unwrap();
    let ended = timeout(PATIENCE, async { while let Some(Ok(_)) = stranger.next().await {} }).await;
    assert!(ended.is_ok(), "still open");
    // Where anyone is served nobody needs a login to write.
    list.send(Access::Anyone).unwrap();
    let (mut stranger, _) = client_async(strict.url(), socket(&strict).await).await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    stranger.send(Message::text(publish(&wrap([to(&ana)], "a stranger's")))).await.unwrap();
    assert!(matches!(stranger.next().await, Some(Ok(Message::Text(said))) if said.contains("true")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_ends() {
    let ana = Keys::generate();
    let (relay, list) = relay(Limits { idle: Duration::from_millis(200), ..Limits::onion() }, &[&ana]).await;
    list.send(Access::Anyone).unwrap();
    let (mut quiet, _) = client_async(relay.url(), socket(&relay).await).await.unwrap();
    let ended = timeout(PATIENCE, async { while let Some(Ok(_)) = quiet.next().await {} }).await;
    assert!(ended.is_ok(), "still open");
    // One that is no WebSocket at all ends by its first words.
    let mut wrong = socket(&relay).await;
    wrong.write_all(b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n").await.unwrap();
    assert!(ends(&mut wrong).await);
}

/// A relay that listens nowhere, and one stream to it with little room on the way.
async fn over_a_pipe(limits: Limits) -> (EmbeddedRelay, WebSocketStream<DuplexStream>) {
    let (_, anyone) = watch::channel(Access::Anyone);
    let relay = EmbeddedRelay::without_listener(URL, anyone, Mischief::default(), limits);
    let socket = pipe(&relay).await;
    (relay, socket)
}

async fn pipe(relay: &EmbeddedRelay) -> WebSocketStream<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(8 * 1024);
    tokio::spawn(relay.welcome(theirs));
    client_async(URL, ours).await.unwrap().0
}

async fn heard(socket: &mut WebSocketStream<DuplexStream>) -> Option<RelayMessage<'static>> {
    loop {
        match timeout(PATIENCE, socket.next()).await.ok()?? {
            Ok(Message::Text(text)) => return RelayMessage::from_json(text.as_str()).ok(),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_more_than_is_read_has_to_wait_and_loses_nothing() {
    const WRAPS: usize = 30;
    let limits = Limits { bytes_per_second: 1, burst_bytes: 200_000, ..Limits::onion() };
    let (_relay, socket) = over_a_pipe(limits).await;
    let keys = Keys::generate();
    let (mut sending, mut receiving) = socket.split();
    let sender = tokio::spawn(async move {
        for number in 0..WRAPS {
            let event = wrap([to(&keys)], &format!("{number}{}", "x".repeat(50_000)));
            if sending.send(Message::text(publish(&event))).await.is_err() {
                return;
            }
        }
    });
    let mut taken = 0;
    while let Ok(Some(Ok(Message::Text(said)))) = timeout(PATIENCE, receiving.next()).await {
        assert!(said.contains("true"), "{said}");
        taken += 1;
    }
    // What the burst allows, and the frame that goes beyond it.
    assert!((1..=5).contains(&taken), "{taken}");
    assert!(!sender.is_finished(), "the sender waits for the relay");
    sender.abort();

    let (_relay, socket) = over_a_pipe(Limits { burst_bytes: 200_000, ..Limits::onion() }).await;
    let keys = Keys::generate();
    let (mut sending, mut receiving) = socket.split();
    tokio::spawn(async move {
        for number in 0..WRAPS {
            let event = wrap([to(&keys)], &format!("{number}{}", "x".repeat(50_000)));
            sending.send(Message::text(publish(&event))).await.unwrap();
        }
        // The connection stays until all is answered.
        std::future::pending::<()>().await;
    });
    for _ in 0..WRAPS {
        let Ok(Some(Ok(Message::Text(said)))) = timeout(PATIENCE, receiving.next()).await else { panic!("ended") };
        assert!(said.contains("true"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_keeps_nobody_else_waiting() {
    let (relay, mut slow) = over_a_pipe(Limits::onion()).await;
    let (ana, ben) = (Keys::generate(), Keys::generate());
    let mut other = pipe(&relay).await;
    for number in 0..20 {
        let event = wrap([to(&ana)], &format!("{number}{}", "x".repeat(20_000)));
        other.send(Message::text(publish(&event))).await.unwrap();
        assert!(matches!(heard(&mut other).await, Some(RelayMessage::Ok { status: true, .. })));
    }
    log_in(&mut slow, &ana).await;
    // Asks for all of it, more than the way holds, and reads none.
    slow.send(Message::text(ask("all", &ana))).await.unwrap();
    other.send(Message::text(publish(&wrap([to(&ben)], "to Ben")))).await.unwrap();
    assert!(matches!(heard(&mut other).await, Some(RelayMessage::Ok { status: true, .. })));
    log_in(&mut other, &ben).await;
    other.send(Message::text(ask("mine", &ben))).await.unwrap();
    assert!(matches!(heard(&mut other).await, Some(RelayMessage::Event { .. })));
    // And when it reads at last, all of it is there.
    let mut wraps = 0;
    loop {
        match heard(&mut slow).await.expect("the answer goes on") {
            RelayMessage::Event { .. } => wraps += 1,
            RelayMessage::EndOfStoredEvents(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(wraps, 20);
}

async fn log_in(socket: &mut WebSocketStream<DuplexStream>, keys: &Keys) {
    socket.send(Message::text(ask("before", keys))).await.unwrap();
    let Some(RelayMessage::Auth { challenge }) = heard(socket).await else { panic!("no challenge") };
    assert!(matches!(heard(socket).await, Some(RelayMessage::Closed { .. })));
    let login = EventBuilder::auth(challenge, URL.parse().unwrap()).sign_with_keys(keys).unwrap();
    socket.send(Message::text(ClientMessage::auth(login).as_json())).await.unwrap();
    assert!(matches!(heard(socket).await, Some(RelayMessage::Ok { status: true, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_end_with_the_relay() {
    let (relay, mut socket) = over_a_pipe(Limits::onion()).await;
    relay.shutdown().await;
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    assert!(socket.send(Message::text("x")).await.is_err() || socket.next().await.is_none());
}
