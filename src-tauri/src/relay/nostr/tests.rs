//! The transport between members, over embedded relays.

use std::collections::HashSet;

use ::nostr::nips::nip44;
use ::nostr::{Event, EventBuilder, JsonUtil, Kind, Tag, UnsignedEvent};
use nostr_relay_pool::RelayStatus;
use tokio::time::{sleep, timeout};

use super::mailbox::{JITTER_SECS, PAGE, back};
use super::seal::{KEEP_SECS, KEEP_SPREAD_SECS, open};
use super::*;
use crate::relay::MAX_RUMOR_BYTES;
use crate::relay::embedded::EmbeddedRelay;
use crate::tor::{DoorError, no_tor};

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
    join_all(keys, &[url.to_owned()]).await
}

async fn join_all(keys: &Keys, urls: &[String]) -> (NostrTransport, mpsc::Receiver<Received>) {
    let (inbox, arrived) = mpsc::channel(64);
    let transport = NostrTransport::connect(&no_tor(), keys.clone(), urls, None, inbox, no_news()).await.unwrap();
    (transport, arrived)
}

/// For tests with one relay, where nothing is judged.
fn no_news() -> mpsc::Sender<Vec<Judged>> {
    mpsc::channel(1).0
}

async fn next(arrived: &mut mpsc::Receiver<Received>) -> Received {
    timeout(PATIENCE, arrived.recv()).await.expect("nothing arrived in time").expect("the transport is closed")
}

async fn publish(transport: &NostrTransport, wrap: &Event) {
    transport.relays[0].relay.send_event(wrap).await.unwrap();
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
    let unsealed =
        EventBuilder::new(Kind::GiftWrap, content).tag(Tag::public_key(bob.public_key())).sign_with_keys(&key).unwrap();
    publish(&m, &unsealed).await;

    // Properly sealed, but larger than any of ours.
    let large = "x".repeat(MAX_RUMOR_BYTES);
    assert_eq!(open(&bob, &wrap(&mallory, &bob, rumor(&mallory, KIND_ENVELOPE, &large)).await), Err(Dropped::TooLarge));
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
    assert_eq!(open(&bob, &wrap).unwrap().received.content, largest);
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
    assert!(expiration >= now + KEEP_SECS && expiration <= Timestamp::now() + KEEP_SECS + KEEP_SPREAD_SECS);
    assert!(!wrap.as_json().contains(&alice.public_key().to_hex()));
}

#[tokio::test]
async fn addresses_that_would_be_reached_in_the_clear_are_refused_by_name() {
    let good = "ws://127.0.0.1:7000".to_owned();
    for text in ["ws://relay.example:443", "ws://8.8.8.8:7000", "ws://localhost:7000"] {
        let (inbox, _arrived) = mpsc::channel(1);
        let refused = NostrTransport::connect(
            &no_tor(),
            Keys::generate(),
            &[good.clone(), text.to_owned()],
            None,
            inbox,
            no_news(),
        )
        .await;
        match refused {
            Err(TransportError::Address(DoorError::Plain { text: named })) => assert_eq!(named, text),
            other => panic!("{text}: {other:?}"),
        }
    }
    for (text, why) in [("http://127.0.0.1:7000", "form"), ("ws://relay.onion", "onion")] {
        let (inbox, _arrived) = mpsc::channel(1);
        let error = NostrTransport::connect(&no_tor(), Keys::generate(), &[text.to_owned()], None, inbox, no_news())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let (inbox, _arrived) = mpsc::channel(1);
    let none = NostrTransport::connect(&no_tor(), Keys::generate(), &[], None, inbox, no_news()).await;
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
    let connection = b.relays[0].relay.clone();
    drop(b);
    assert_eq!(timeout(PATIENCE, to_bob.recv()).await.unwrap(), None);
    assert_eq!(connection.status(), RelayStatus::Terminated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_loses_nothing() {
    let relay = relay().await;
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let (inbox, mut to_bob) = mpsc::channel(1);
    let _b = NostrTransport::connect(&no_tor(), bob.clone(), &[relay.url()], None, inbox, no_news()).await.unwrap();
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
fn debug_shows_no_content() {
    let received = Received { from: MemberId([1; 32]), content: "the purpose of a payment".into() };
    assert!(!format!("{received:?}").contains("purpose"));
}
