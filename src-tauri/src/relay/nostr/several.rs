//! Several relays at once: dead ones, slow ones, and hostile ones.

use std::collections::HashSet;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::*;
use crate::relay::embedded::{Access, EmbeddedRelay, Mischief};
use crate::tor::no_tor;

const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough for a message that must not come to have come.
const QUIET: Duration = Duration::from_millis(700);

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn id(keys: &Keys) -> MemberId {
    MemberId(keys.public_key().to_bytes())
}

async fn hostile(mischief: Mischief) -> EmbeddedRelay {
    let (_, anyone) = watch::channel(Access::Anyone);
    EmbeddedRelay::serve(ANY, anyone, mischief).await.unwrap()
}

/// A member, and what comes to it.
struct Member {
    transport: NostrTransport,
    arrived: mpsc::Receiver<Received>,
    judged: mpsc::Receiver<Vec<Judged>>,
}

impl Member {
    async fn join(keys: &Keys, urls: &[String]) -> Self {
        let ((inbox, arrived), (news, judged)) = (mpsc::channel(1_024), mpsc::channel(64));
        let grace = Duration::from_secs(2);
        let transport =
            NostrTransport::connect_judging(&no_tor(), keys.clone(), urls, None, inbox, news, grace).await.unwrap();
        Self { transport, arrived, judged }
    }

    async fn next(&mut self) -> String {
        timeout(PATIENCE, self.arrived.recv()).await.expect("nothing arrived in time").expect("closed").content
    }

    async fn silent(&mut self) -> bool {
        timeout(QUIET, self.arrived.recv()).await.is_err()
    }

    /// What one relay is judged by, until `enough`.
    async fn judged(&mut self, relay: &str, enough: impl Fn(&[bool]) -> bool) -> Vec<bool> {
        let mut kept_back = Vec::new();
        timeout(PATIENCE, async {
            while !enough(&kept_back) {
                let judged = self.judged.recv().await.unwrap();
                kept_back.extend(judged.iter().filter(|it| it.relay == relay).map(|it| it.kept_back));
            }
        })
        .await
        .expect("the relay was not judged in time");
        kept_back
    }

    /// Until all relays listen: what is sent before proves nothing.
    async fn settle(&self) {
        timeout(PATIENCE, async {
            while !self.transport.relays.iter().all(|door| door.relay.is_connected()) {
                sleep(QUIET / 10).await;
            }
            // A message's date has whole seconds.
            sleep(Duration::from_millis(1_500)).await;
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_of_two_is_enough_and_what_comes_twice_is_heard_once() {
    let (first, second) = (EmbeddedRelay::start(ANY).await.unwrap(), EmbeddedRelay::start(ANY).await.unwrap());
    let urls = [first.url(), second.url()];
    let address: SocketAddr = second.url().trim_start_matches("ws://").parse().unwrap();
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let a = Member::join(&alice, &urls).await;
    let mut b = Member::join(&bob, &urls).await;
    a.settle().await;
    a.transport.send(id(&bob), "both".into()).await.unwrap();
    assert_eq!(b.next().await, "both");
    assert!(b.silent().await, "the copy of the other relay was heard too");

    second.shutdown().await;
    a.transport.send(id(&bob), "one".into()).await.unwrap();
    assert_eq!(b.next().await, "one");

    let again = EmbeddedRelay::start(address).await.unwrap();
    first.shutdown().await;
    // Sent again until it is handed over, as deliveries are.
    timeout(PATIENCE, async {
        while a.transport.send(id(&bob), "the other".into()).await.is_err() {
            sleep(RETRY / 4).await;
        }
    })
    .await
    .expect("the second relay is back, yet nothing can be sent");
    assert_eq!(b.next().await, "the other");
    again.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_says_nothing_does_not_hold_up_the_others() {
    // It accepts connections and never answers.
    let mute = TcpListener::bind(ANY).await.unwrap();
    let gone = EmbeddedRelay::start(ANY).await.unwrap();
    let live = EmbeddedRelay::start(ANY).await.unwrap();
    let urls = [format!("ws://{}", mute.local_addr().unwrap()), gone.url(), live.url()];
    gone.shutdown().await;
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let a = Member::join(&alice, &urls).await;
    let mut b = Member::join(&bob, &urls).await;
    // Waiting for the dead ones each time would take minutes.
    let all = async {
        for number in 0..100 {
            a.transport.send(id(&bob), number.to_string()).await.unwrap();
        }
        let mut numbers = HashSet::new();
        while numbers.len() < 100 {
            numbers.insert(b.next().await);
        }
    };
    timeout(CONNECT_PATIENCE * 20, all).await.expect("the live relay waits for the dead ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_drops_one_members_messages_to_another_is_found_out() {
    let (alice, bob, cleo) = (Keys::generate(), Keys::generate(), Keys::generate());
    let drop = vec![(alice.public_key(), bob.public_key())];
    let bad = hostile(Mischief { drop, ..Mischief::default() }).await;
    let good = EmbeddedRelay::start(ANY).await.unwrap();
    let urls = [bad.url(), good.url()];
    let a = Member::join(&alice, &urls).await;
    let mut b = Member::join(&bob, &urls).await;
    let mut c = Member::join(&cleo, &urls).await;
    b.settle().await;
    c.settle().await;
    for number in 0..4 {
        a.transport.send(id(&bob), number.to_string()).await.unwrap();
        a.transport.send(id(&cleo), number.to_string()).await.unwrap();
    }
    let mut heard: Vec<String> = vec![b.next().await, b.next().await, b.next().await, b.next().await];
    heard.sort();
    assert_eq!(heard, ["0", "1", "2", "3"]);
    assert_eq!(b.judged(&bad.url(), |judged| judged.len() >= 4).await, [true; 4]);
    assert_eq!(c.judged(&bad.url(), |judged| judged.len() >= 4).await, [false; 4], "only bob is cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_withholds_is_found_out_and_one_that_was_down_is_not() {
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let bad = hostile(Mischief { withhold: vec![bob.public_key()], ..Mischief::default() }).await;
    let good = EmbeddedRelay::start(ANY).await.unwrap();
    let down = EmbeddedRelay::start(ANY).await.unwrap();
    let (bad_url, good_url, down_url) = (bad.url(), good.url(), down.url());
    let urls = [bad_url.clone(), good_url, down_url.clone()];
    let a = Member::join(&alice, &urls).await;
    let mut b = Member::join(&bob, &urls).await;
    b.settle().await;
    down.shutdown().await;
    for number in 0..3 {
        a.transport.send(id(&bob), number.to_string()).await.unwrap();
        b.next().await;
    }
    let mut kept_back = Vec::new();
    timeout(PATIENCE, async {
        while kept_back.len() < 3 {
            for judged in b.judged.recv().await.unwrap() {
                assert_ne!(judged.relay, down_url, "a relay that is down keeps nothing back");
                assert_eq!(judged.from, id(&alice));
                kept_back.extend((judged.relay == bad_url).then_some(judged.kept_back));
            }
        }
    })
    .await
    .expect("the relay was not judged in time");
    assert_eq!(kept_back, [true; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_backwards_is_heard_once() {
    let relay = hostile(Mischief { replay: true, ..Mischief::default() }).await;
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let a = Member::join(&alice, &[relay.url()]).await;
    for number in 0..5 {
        a.transport.send(id(&bob), format!("stored {number}")).await.unwrap();
    }
    let mut b = Member::join(&bob, &[relay.url()]).await;
    let mut heard = HashSet::new();
    for _ in 0..5 {
        assert!(heard.insert(b.next().await), "a message came twice");
    }
    for number in 0..5 {
        a.transport.send(id(&bob), format!("live {number}")).await.unwrap();
        assert!(heard.insert(b.next().await), "a message came twice");
    }
    // Longer than the relay's pause before it does it again.
    sleep(QUIET).await;
    assert!(b.silent().await, "a replayed message was heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_between_messages_is_dropped() {
    let relay = hostile(Mischief { garbage: true, ..Mischief::default() }).await;
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let a = Member::join(&alice, &[relay.url()]).await;
    let mut b = Member::join(&bob, &[relay.url()]).await;
    for number in 0..5 {
        a.transport.send(id(&bob), number.to_string()).await.unwrap();
        assert_eq!(b.next().await, number.to_string());
    }
    assert!(b.silent().await);
    // The copies that were altered fall before they are opened: their signature is not their author's.
    let dropped = b.transport.dropped();
    assert!(dropped.get(&Dropped::WrapUnreadable).is_some_and(|count| *count >= 5), "{dropped:?}");
    assert_eq!(dropped.len(), 1, "{dropped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_forgets_comes_from_the_other() {
    let bad = hostile(Mischief { forget_secs: Some(0), ..Mischief::default() }).await;
    let (alice, bob) = (Keys::generate(), Keys::generate());
    let a = Member::join(&alice, &[bad.url()]).await;
    a.transport.send(id(&bob), "forgotten".into()).await.unwrap();
    let mut b = Member::join(&bob, &[bad.url()]).await;
    b.settle().await;
    assert!(b.silent().await, "the relay has not forgotten");
    drop(b);

    let good = EmbeddedRelay::start(ANY).await.unwrap();
    let urls = [bad.url(), good.url()];
    let a = Member::join(&alice, &urls).await;
    a.settle().await;
    a.transport.send(id(&bob), "kept".into()).await.unwrap();
    // Bob was away meanwhile.
    sleep(QUIET).await;
    let mut b = Member::join(&bob, &urls).await;
    assert_eq!(b.next().await, "kept");
}
