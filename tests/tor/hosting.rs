//! A member's own relay behind an onion address: found by whoever knows the vault and by nobody else, the same one after
//! every start, and enough for a team by itself.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conclave::demo::{Chain, Journey, STEPS, Stage, TorNetwork};
use conclave::relay::embedded::{Access, EmbeddedRelay, Limits, Mischief};
use conclave::tor::{
    Address, CONFIG_VARIABLE, DialError, Door, Hosted, Isolation, Onion, OnionKey, Stream, TorSettings, discovery_key,
};
use conclave_shared::view::HostingState;
use conclave_shared::{MemberId, VaultId};
use futures_util::{SinkExt as _, StreamExt as _};
use nostr::{ClientMessage, Event, EventBuilder, Filter, JsonUtil as _, Keys, Kind, RelayMessage, SubscriptionId, Tag};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use zeroize::Zeroizing;

use crate::program::{PROGRAM, done, json};
use crate::stage::{alone, network};

const VAULT: VaultId = VaultId([7; 32]);
const PATIENCE: Duration = Duration::from_secs(90);
const SEED: [u8; 32] = *b"the seed of an onion service key";

fn door(network: &TorNetwork, folder: &Path) -> Door {
    let file = Some(network.client_settings().to_owned());
    Door::new(folder.to_owned(), TorSettings { file, ..TorSettings::default() })
}

fn key() -> OnionKey {
    OnionKey::new(Zeroizing::new(SEED))
}

/// Serves a relay for these members behind the onion address of [`SEED`].
fn host(door: &Door, members: &[&Keys]) -> (Hosted, watch::Sender<Access>) {
    let (list, access) = watch::channel(listed(members));
    let relay = EmbeddedRelay::without_listener(&key().relay_address(), access, Mischief::default(), Limits::onion());
    (door.host(VAULT, key(), move |stream| relay.welcome(stream)), list)
}

fn listed(members: &[&Keys]) -> Access {
    Access::Members(members.iter().map(|keys| keys.public_key()).collect())
}

async fn dial(door: &Door, onion: Onion, port: u16) -> Result<Stream, DialError> {
    let address = Address::Onion { onion, port };
    door.dial(&address, &Isolation::Relay { identity: MemberId([1; 32]), relay: address.clone() }).await
}

/// A connection to the relay of [`SEED`], as soon as there is one.
async fn connected(door: &Door) -> WebSocketStream<Stream> {
    connected_to(door, key().onion()).await
}

async fn connected_to(door: &Door, onion: Onion) -> WebSocketStream<Stream> {
    let began = Instant::now();
    loop {
        match dial(door, onion, 80).await {
            Ok(stream) => {
                let greeted = timeout(PATIENCE, client_async(format!("ws://{onion}"), stream)).await;
                if let Ok(Ok((socket, _))) = greeted {
                    println!("connected after {:.1} s", began.elapsed().as_secs_f64());
                    return socket;
                }
            }
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error}"),
        }
        sleep(Duration::from_millis(300)).await;
    }
}

async fn says(socket: &mut WebSocketStream<Stream>, message: ClientMessage<'_>) {
    socket.send(Message::text(message.as_json())).await.unwrap();
}

async fn heard(socket: &mut WebSocketStream<Stream>) -> RelayMessage<'static> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("an answer in time") {
            Some(Ok(Message::Text(text))) => return RelayMessage::from_json(text.as_str()).unwrap(),
            Some(Ok(_)) => {}
            ended => panic!("the connection ended: {ended:?}"),
        }
    }
}

fn mailbox(keys: &Keys) -> Filter {
    Filter::new().kind(Kind::GiftWrap).pubkey(keys.public_key())
}

fn wrap(to: &Keys) -> Event {
    let wrap = EventBuilder::new(Kind::GiftWrap, "sealed").tag(Tag::public_key(to.public_key()));
    wrap.sign_with_keys(&Keys::generate()).unwrap()
}

/// Asks for the own mailbox, logging in; says whether the login was taken.
async fn logs_in(socket: &mut WebSocketStream<Stream>, keys: &Keys) -> bool {
    says(socket, ClientMessage::req(SubscriptionId::new("first"), mailbox(keys))).await;
    let RelayMessage::Auth { challenge } = heard(socket).await else { panic!("no challenge") };
    assert!(matches!(heard(socket).await, RelayMessage::Closed { .. }));
    let login = EventBuilder::auth(challenge, key().relay_address().parse().unwrap()).sign_with_keys(keys).unwrap();
    says(socket, ClientMessage::auth(login)).await;
    matches!(heard(socket).await, RelayMessage::Ok { status: true, .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_relay_is_found_by_who_knows_the_vault_and_serves_its_members_alone() {
    let mut shared = alone().await;
    let network = network(&mut shared).await;
    let (at_home, away, outside) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ana, ben, stranger) = (Keys::generate(), Keys::generate(), Keys::generate());
    let home = door(&network, at_home.path());
    let (hosted, list) = host(&home, &[&ana, &ben]);
    assert_eq!(hosted.onion(), key().onion());

    let knows = door(&network, away.path());
    knows.authorise(key().onion(), discovery_key(VAULT));
    knows.client().await;
    let mut of_ana = connected(&knows).await;
    assert!(logs_in(&mut of_ana, &ana).await);
    says(&mut of_ana, ClientMessage::event(wrap(&ben))).await;
    assert!(matches!(heard(&mut of_ana).await, RelayMessage::Ok { status: true, .. }));
    let mut of_ben = connected(&knows).await;
    assert!(logs_in(&mut of_ben, &ben).await);
    says(&mut of_ben, ClientMessage::req(SubscriptionId::new("all"), mailbox(&ben))).await;
    assert!(matches!(heard(&mut of_ben).await, RelayMessage::Event { .. }));
    // Who knows the vault and is no member gets in, and is served nothing.
    let mut of_stranger = connected(&knows).await;
    assert!(!logs_in(&mut of_stranger, &stranger).await);

    // Any other port closes the circuit.
    assert!(dial(&knows, key().onion(), 81).await.is_err());

    // Who does not know the vault does not find it: with no key, and with another vault's.
    let stray = door(&network, outside.path());
    stray.client().await;
    assert!(matches!(dial(&stray, key().onion(), 80).await, Err(DialError::Unreachable { .. })));
    stray.authorise(key().onion(), discovery_key(VaultId([8; 32])));
    assert!(matches!(dial(&stray, key().onion(), 80).await, Err(DialError::Unreachable { .. })));

    // Who is a member no more loses the connection at once.
    list.send(listed(&[&ana])).unwrap();
    let ended = timeout(PATIENCE, async { while let Some(Ok(_)) = of_ben.next().await {} }).await;
    assert!(ended.is_ok(), "Ben's connection is still open");
    let mut again = connected(&knows).await;
    assert!(!logs_in(&mut again, &ben).await);

    // Switched off it is gone, and switched on it is the same one: in this process, and in another.
    drop(hosted);
    let ended = timeout(PATIENCE, async { while let Some(Ok(_)) = of_ana.next().await {} }).await;
    assert!(ended.is_ok(), "Ana's connection is still open");
    let (hosted, _list) = host(&home, &[&ana]);
    let mut of_ana = connected(&knows).await;
    assert!(logs_in(&mut of_ana, &ana).await);
    let mut state = hosted.state();
    let published = timeout(
        PATIENCE * 4,
        state.wait_for(|state| matches!(state, HostingState::Publishing | HostingState::Reachable)),
    )
    .await;
    assert!(published.is_ok_and(|state| state.is_ok()));

    // Nothing by which anybody could be the service is on the disk.
    drop((hosted, home));
    let files = files(at_home.path());
    assert!(files.iter().any(|file| file.to_string_lossy().contains("relay-")), "arti kept something of it: {files:?}");
    let hash = secret_scalar();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [&SEED[..], &hash[..]] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", file.display());
        }
        let name = key().onion().to_string();
        assert!(!String::from_utf8_lossy(&bytes).contains(name.trim_end_matches(".onion")), "{}", file.display());
    }
}

/// What ed25519 makes of the seed (RFC 8032, 5.1.5): with this half too anybody could sign as the service.
fn secret_scalar() -> [u8; 32] {
    use tor_llcrypto::pk::ed25519::{ExpandedKeypair, Keypair};
    let expanded = ExpandedKeypair::from(&Keypair::from_bytes(&SEED));
    expanded.to_secret_key_bytes()[..32].try_into().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found.retain(|path| path.is_file());
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_whose_only_relay_is_the_organisers_own_needs_no_server_of_anybody() {
    let mut shared = alone().await;
    let network = network(&mut shared).await;
    let folder = tempfile::tempdir().unwrap();
    let before = network.joined();
    let stage = Stage::Processes { program: PROGRAM.into(), network: Some(Arc::clone(&network)) };
    let say = |said: conclave::demo::journey::Said| println!("{:>7} ms  {:?}", said.at_ms, said.what);
    let mut journey = Journey::new(folder.path(), stage, Chain::Practice, say);
    for (number, step) in STEPS.iter().enumerate() {
        println!("{}. {step:?}", number + 1);
        journey.run(number).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let vault = journey.vault().unwrap();
    let view = journey.members[0].vault(vault).await.unwrap();
    let own = view.own_relay.expect("Ana hosts a relay");
    assert_eq!(view.relays, std::slice::from_ref(&own.address), "there is no other");
    assert!(own.used && own.served && own.address.ends_with(".onion"));
    let other = journey.members[1].vault(vault).await.unwrap();
    assert_eq!((other.relays, other.own_relay), (view.relays, None));
    journey.stop().await.unwrap();
    assert!(journey.outcome().is_some(), "all four hold the same record, and the payment is confirmed");
    assert!(network.joined() >= before + 4, "each member met the relay by a rendezvous, as the relays' logs say");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_serves_an_installations_own_relay() {
    let mut shared = alone().await;
    let network = network(&mut shared).await;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("ana").display().to_string();
    done(&["init", "--home", &home]);
    let create = ["vault", "create", "--name", "Club", "--member", "Ana", "--own-relay", "--json", "--stay", "0"];
    let made = json(&done(&[&create[..], &["--chain", "tcp://127.0.0.1:9", "--home", &home]].concat()));
    let vault: VaultId = made["vault"].as_str().unwrap().parse().unwrap();

    let mut serving = tokio::process::Command::new(PROGRAM)
        .args(["relay", "--onion", "--home", &home, "--json", "--until-input-ends"])
        .env("CONCLAVE_PASSPHRASE", "practice")
        .env(CONFIG_VARIABLE, network.client_settings())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let said = timeout(PATIENCE, BufReader::new(serving.stdout.take().unwrap()).lines().next_line()).await;
    let said = json(&said.unwrap().unwrap().expect("it says where it listens"));
    let address = said["listening"].as_str().unwrap();
    let onion: Onion = address.trim_start_matches("ws://").parse().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let door = door(&network, outside.path());
    door.authorise(onion, discovery_key(vault));
    door.client().await;
    let mut socket = connected_to(&door, onion).await;
    let somebody = Keys::generate();
    says(&mut socket, ClientMessage::req(SubscriptionId::new("first"), mailbox(&somebody))).await;
    assert!(matches!(heard(&mut socket).await, RelayMessage::Auth { .. }));

    drop(serving.stdin.take());
    let ended = timeout(PATIENCE, serving.wait()).await.expect("it ends with its input").unwrap();
    assert!(ended.success());
    let shown = json(&done(&["vault", "show", "--home", &home, "--json"]));
    assert_eq!(shown["own_relay"]["address"], address);
    assert_eq!(shown["relays"][0], address);
}
