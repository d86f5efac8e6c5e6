//! The door over a private Tor network: relays and chain sources that are onion services or public servers, circuits of
//! their own, and what is left when Tor goes away.
//!
//! `cargo xtask test tor` sees to tor. Without it these tests fail, and say so.

#[path = "support/program.rs"]
mod program;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use conclave::chain::{ChainSource as _, Electrum};
use conclave::demo::tor::{TorNetwork, TorPrograms};
use conclave::practice::{SharedChain, serve};
use conclave::relay::embedded::{Access, EmbeddedRelay, Limits, Mischief};
use conclave::relay::nostr::NostrTransport;
use conclave::relay::{Received, Transport as _, TransportError};
use conclave::tor::{Address, DialError, Door, Isolation, Loopback, TorSettings};
use conclave_shared::desktop::TorState;
use conclave_shared::{MemberId, VaultId};
use nostr::Keys;
use program::PROGRAM;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long something over Tor may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn network() -> Arc<TorNetwork> {
    let programs = TorPrograms::find(Path::new(PROGRAM)).unwrap_or_else(|error| panic!("{error}"));
    Arc::new(blocking(move || TorNetwork::start(programs).unwrap_or_else(|error| panic!("{error}"))).await)
}

/// Offers a server of this machine as an onion service.
async fn offer(network: &Arc<TorNetwork>, port: u16, server: SocketAddr) -> String {
    let (network, target) = (Arc::clone(network), Loopback::from_address(server).unwrap());
    blocking(move || network.offer(port, target).unwrap_or_else(|error| panic!("{error}"))).await
}

/// A door into the network, with its state in `folder`, that believes `roots` beside the usual ones.
fn door(network: &TorNetwork, folder: &Path, roots: Option<&str>) -> Door {
    let mut text = std::fs::read_to_string(network.client_settings()).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    if let Some(roots) = roots {
        let file = folder.join("roots.pem");
        std::fs::write(&file, roots).unwrap();
        text = format!("[conclave]\nextra_roots = {file:?}\n{text}");
    }
    let file = folder.join("tor.toml");
    std::fs::write(&file, text).unwrap();
    Door::new(folder.join("tor"), TorSettings { file: Some(file), bridges: String::new() })
}

/// Starts Tor and waits until it is up.
async fn up(door: &Door) {
    timeout(PATIENCE, door.client()).await.expect("Tor is up in time");
    let mut state = door.state();
    timeout(PATIENCE, state.wait_for(|state| *state == TorState::Ready)).await.expect("and says so").unwrap();
}

/// Dials until somebody answers: a young network does not find every service at once.
async fn reached(door: &Door, address: &Address, isolation: &Isolation) {
    let mut said = None;
    let dialled = async {
        while let Err(error) = door.dial(address, isolation).await {
            said = Some(error);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let dialled = timeout(PATIENCE, dialled).await;
    assert!(dialled.is_ok(), "{address} is not reached: {said:?}");
}

fn id(keys: &Keys) -> MemberId {
    MemberId(keys.public_key().to_bytes())
}

/// A member at a relay.
async fn member(door: &Door, keys: &Keys, relay: &str) -> (NostrTransport, mpsc::Receiver<Received>) {
    let ((inbox, arrived), (news, _)) = (mpsc::channel(8), mpsc::channel(8));
    let transport = NostrTransport::connect(door, keys.clone(), &[relay.to_owned()], None, inbox, news).await.unwrap();
    (transport, arrived)
}

/// Two members between whom nothing passes any more.
struct Waiting {
    from: NostrTransport,
    to: Keys,
    arrived: mpsc::Receiver<Received>,
    _reader: NostrTransport,
}

/// Sends again and again, as deliveries do, until the message has arrived.
async fn arrives(from: &NostrTransport, to: &Keys, text: &str, arrived: &mut mpsc::Receiver<Received>) {
    let sent = async {
        loop {
            if let Err(error) = from.send(id(to), text.to_owned()).await {
                println!("{text:?} is to be sent again: {error}");
            }
            match timeout(Duration::from_secs(5), arrived.recv()).await {
                Ok(Some(received)) if received.content == text => return,
                Ok(Some(_)) | Err(_) => {}
                Ok(None) => panic!("the transport is closed"),
            }
        }
    };
    timeout(PATIENCE, sent).await.unwrap_or_else(|_| panic!("{text:?} did not arrive"));
}

/// A relay behind a listener of this machine, known to members by another address, which their logins name.
fn relay(url: &str) -> Arc<EmbeddedRelay> {
    let (_, anyone) = watch::channel(Access::Anyone);
    Arc::new(EmbeddedRelay::without_listener(url, anyone, Mischief::default(), Limits::loopback()))
}

async fn onion_relay(network: &Arc<TorNetwork>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", offer(network, 80, listener.local_addr().unwrap()).await);
    let relay = relay(&url);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(relay.welcome(stream));
        }
    });
    url
}

/// A relay that proves by a certificate who it is, and by whom that is signed.
async fn certified_relay() -> (String, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer_key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&issuer_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, issuer_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let of_server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = of_server.signed_by(&key, &issuer).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("wss://{}", listener.local_addr().unwrap());
    let relay = relay(&url);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, relay) = (acceptor.clone(), Arc::clone(&relay));
            tokio::spawn(async move {
                if let Ok(secured) = acceptor.accept(stream).await {
                    relay.welcome(secured).await;
                }
            });
        }
    });
    (url, root.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_beyond_this_machine_goes_through_tor() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    let onion = onion_relay(&network).await;
    let (certified, root) = certified_relay().await;

    let ana = door(&network, &folder.path().join("ana"), Some(&root));
    let ben = door(&network, &folder.path().join("ben"), None);
    let before_tor = Address::relay(&onion).unwrap();
    let isolation = Isolation::Relay { identity: MemberId([1; 32]), relay: before_tor.clone() };
    assert_eq!(ana.dial(&before_tor, &isolation).await.err(), Some(DialError::NotReady));
    up(&ana).await;
    up(&ben).await;

    reached(&ana, &before_tor, &isolation).await;
    reached(&ben, &before_tor, &isolation).await;
    messages_over_an_onion_relay(&network, &ana, &ben, &onion).await;
    a_chain_source_as_an_onion_service(&network, &ana).await;
    each_identity_has_circuits_of_its_own(&network, &ana, &onion).await;
    let ben = state_is_kept_and_no_key_is(&network, ben, &folder.path().join("ben")).await;
    messages_over_an_exit(&ana, &ben, &certified).await;
    without_tor_nothing_is_sent(&network, &ana, &onion).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a client may take minutes to try its guards again: `cargo test --test door -- --ignored`"]
async fn what_waited_for_tor_arrives_when_it_is_back() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    let onion = onion_relay(&network).await;
    let ana = door(&network, &folder.path().join("ana"), None);
    up(&ana).await;
    let mut waiting = without_tor_nothing_is_sent(&network, &ana, &onion).await;
    let again = Arc::clone(&network);
    blocking(move || again.run().unwrap_or_else(|error| panic!("{error}"))).await;
    arrives(&waiting.from, &waiting.to, "afterwards", &mut waiting.arrived).await;
}

async fn messages_over_an_onion_relay(network: &TorNetwork, ana: &Door, ben: &Door, url: &str) {
    let joined = network.joined();
    let (a, b) = (Keys::generate(), Keys::generate());
    let (from, _to_ana) = member(ana, &a, url).await;
    let (_ben, mut to_ben) = member(ben, &b, url).await;
    arrives(&from, &b, "over an onion service", &mut to_ben).await;
    assert!(network.joined() >= joined + 2, "the relays joined both members with the service");
}

async fn messages_over_an_exit(ana: &Door, ben: &Door, url: &str) {
    let (a, b) = (Keys::generate(), Keys::generate());
    let address = Address::relay(url).unwrap();
    let isolation = Isolation::Relay { identity: id(&b), relay: address.clone() };
    reached(ana, &address, &isolation).await;
    let (_here, mut to_b) = member(ana, &b, url).await;
    let (from, _to_a) = member(ana, &a, url).await;
    arrives(&from, &b, "over an exit", &mut to_b).await;
    // Ben does not know who signed the certificate.
    let refused = ben.dial(&address, &isolation).await.err();
    assert!(matches!(refused, Some(DialError::Certificate { .. })), "{refused:?}");
}

async fn a_chain_source_as_an_onion_service(network: &Arc<TorNetwork>, ana: &Door) {
    let chain = serve(SharedChain::begin(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let onion = offer(network, 50_001, chain.address().address()).await;
    let (door, url) = (ana.clone(), format!("tcp://{onion}:50001"));
    let tip = blocking(move || {
        let mut source = Electrum::through(&door, VaultId([7; 32]), &url).unwrap_or_else(|error| panic!("{error}"));
        source.tip().unwrap_or_else(|error| panic!("{error}"))
    })
    .await;
    assert!(tip.height > 0);
}

async fn each_identity_has_circuits_of_its_own(network: &TorNetwork, ana: &Door, url: &str) {
    let relay = Address::relay(url).unwrap();
    let dial = async |identity: u8| {
        let isolation = Isolation::Relay { identity: MemberId([identity; 32]), relay: relay.clone() };
        let before = network.joined();
        let stream = ana.dial(&relay, &isolation).await.unwrap_or_else(|error| panic!("{error}"));
        // The relay's log may lag behind the connection that it made possible.
        tokio::time::sleep(Duration::from_millis(500)).await;
        (stream, network.joined() - before)
    };
    let (_one, new) = dial(11).await;
    assert_eq!(new, 1, "a first connection");
    let (_again, new) = dial(11).await;
    assert_eq!(new, 0, "the same identity at the same relay may share its circuit");
    let (_other, new) = dial(12).await;
    assert_eq!(new, 1, "another identity never does");
}

async fn state_is_kept_and_no_key_is(network: &TorNetwork, ben: Door, folder: &Path) -> Door {
    drop(ben);
    let tor = folder.join("tor");
    assert!(tor.join("state/state/guards.json").exists(), "the guards are kept");
    assert!(!tor.join("state/keystore").exists(), "keys are in memory alone");
    assert!(tor.join("cache/dir.sqlite3").exists(), "so is the directory");
    let again = door(network, folder, None);
    up(&again).await;
    again
}

async fn without_tor_nothing_is_sent(network: &Arc<TorNetwork>, ana: &Door, url: &str) -> Waiting {
    let (a, b) = (Keys::generate(), Keys::generate());
    let (from, _to_ana) = member(ana, &a, url).await;
    let (ben, mut to_ben) = member(ana, &b, url).await;
    arrives(&from, &b, "before", &mut to_ben).await;
    let ends = Arc::clone(network);
    blocking(move || ends.kill().unwrap()).await;
    let sent = timeout(PATIENCE, async {
        loop {
            match from.send(id(&b), "meanwhile".to_owned()).await {
                Err(error) => return error,
                Ok(()) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    });
    let refused = sent.await.expect("without Tor nothing is sent");
    assert!(matches!(refused, TransportError::Unreachable | TransportError::NoTor), "{refused}");
    Waiting { from, to: b, arrived: to_ben, _reader: ben }
}
