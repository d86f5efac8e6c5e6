//! An onion service of this process: a key that the caller keeps, and whoever opens a stream on port 80 is handed on.
//!
//! The key is given to arti in memory alone, and nothing listens on this machine. The service can be found by whoever knows
//! the vault, and by nobody else (restricted discovery). That keeps strangers from wearing it out, and is no right to
//! anything: a service that was found once may be found again. Who is served is decided by who speaks on the streams.
//! What does not belong here: what is said on a stream.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arti_client::{ErrorKind, HasKind as _};
use conclave_domain::hash;
use conclave_shared::VaultId;
use conclave_shared::desktop::TorState;
use conclave_shared::view::HostingState;
use futures_util::{Stream as Flow, StreamExt as _};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tor_cell::relaycell::msg::Connected;
use tor_hscrypto::pk::{HsClientDescEncKey, HsIdKey, HsIdKeypair};
use tor_hsservice::config::{OnionServiceConfigBuilder, TokenBucketConfig};
use tor_hsservice::status::OnionServiceStatus;
use tor_hsservice::{OnionServiceConfig, RendRequest, RunningOnionService, StreamRequest};
use tor_llcrypto::pk::curve25519::{PublicKey, StaticSecret};
use tor_llcrypto::pk::ed25519::{ExpandedKeypair, Keypair};
use tor_proto::stream::IncomingStreamRequest;
use zeroize::Zeroizing;

use super::{Client, Door, Onion, Stream, in_words};

/// The only port that is answered: what `ws://NAME.onion` means.
const PORT: u16 = 80;

/// Circuits of visitors at one time. One who finds no room tries again.
const CIRCUITS: usize = 128;

/// Streams at one time on one circuit; one that opens more is closed.
const STREAMS_OF_CIRCUIT: u32 = 4;

/// How long a circuit may take to be met, and how long one may be without a stream.
const QUIET: Duration = Duration::from_secs(60);

/// Visitors a second that an introduction point passes on, and at once after a pause.
const VISITORS: (u32, u32) = (10, 100);

/// Pause before the service is begun anew.
const AGAIN: Duration = Duration::from_secs(5);

/// Tag of the hash that makes a vault's discovery key.
const DISCOVERY: &str = "conclave/relay-discovery/1";
/// Tag of the hash that makes the name under which arti keeps what is no key.
const NICKNAME: &str = "conclave/relay-nickname/1";

/// The key of an onion service: its address comes of it, and whoever has it can be the service.
#[derive(Clone, PartialEq, Eq)]
pub struct OnionKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for OnionKey {
    /// The address alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnionKey({})", self.onion())
    }
}

impl OnionKey {
    /// The key of a seed: 32 random bytes (RFC 8032).
    pub fn new(seed: Zeroizing<[u8; 32]>) -> Self {
        Self(seed)
    }

    /// The seed.
    pub fn seed(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    /// The address.
    pub fn onion(&self) -> Onion {
        Onion::new(HsIdKey::from(self.pair()).id())
    }

    /// The address of the relay behind it: `ws://NAME.onion`.
    pub fn relay_address(&self) -> String {
        format!("ws://{}", self.onion())
    }

    fn pair(&self) -> HsIdKeypair {
        HsIdKeypair::from(ExpandedKeypair::from(&Keypair::from_bytes(&self.0)))
    }

    /// A name that tells nothing of the address, as it stands on the disk.
    fn nickname(&self) -> String {
        let hash = hash::tagged(NICKNAME, &self.0[..]);
        format!("relay-{}", hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// The key by which the members of a vault, and whom they invite, find the vault's onion relays (x25519). Whoever knows the
/// vault's id has it.
pub fn discovery_key(vault: VaultId) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(hash::tagged(DISCOVERY, &vault.0))
}

/// An onion service that runs until it is dropped.
#[derive(Debug)]
pub struct Hosted {
    onion: Onion,
    state: watch::Receiver<HostingState>,
    running: AbortHandle,
}

impl Hosted {
    /// Its address.
    pub fn onion(&self) -> Onion {
        self.onion
    }

    /// How it stands, and whenever that changes.
    pub fn state(&self) -> watch::Receiver<HostingState> {
        self.state.clone()
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Door {
    /// Offers an onion service on port 80 as soon as Tor is up, which this starts, and begins it anew where it ends. It can
    /// be found by who has the vault's [`discovery_key`]. Each stream is given to `welcome`, and lasts as long as what
    /// that gives back.
    pub fn host<F>(
        &self,
        vault: VaultId,
        key: OnionKey,
        welcome: impl Fn(Stream) -> F + Send + Sync + 'static,
    ) -> Hosted
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (telling, state) = watch::channel(HostingState::Waiting);
        let onion = key.onion();
        let running = tokio::spawn(keep_hosting(self.clone(), vault, key, Arc::new(welcome), telling)).abort_handle();
        Hosted { onion, state, running }
    }
}

async fn keep_hosting<F, W>(
    door: Door,
    vault: VaultId,
    key: OnionKey,
    welcome: Arc<W>,
    telling: watch::Sender<HostingState>,
) where
    F: Future<Output = ()> + Send + 'static,
    W: Fn(Stream) -> F + Send + Sync + 'static,
{
    loop {
        telling.send_replace(HostingState::Waiting);
        let client = door.client().await;
        match launch(&client, vault, &key) {
            Ok((service, requests)) => {
                telling.send_replace(HostingState::Publishing);
                tokio::select! {
                    () = receive(requests, &welcome) => {}
                    () = tell(&service, &telling) => {}
                    () = until_replaced(&door) => {}
                }
            }
            Err(reason) => drop(telling.send_replace(HostingState::Failed { reason })),
        }
        // A new client cannot begin while the old one holds its folder.
        drop(client);
        sleep(AGAIN).await;
    }
}

/// Until Tor was ended, to be started with other settings.
async fn until_replaced(door: &Door) {
    // An error means that there is no door any more.
    let _ = door.state().wait_for(|state| matches!(state, TorState::Off)).await;
}

type Launched = (Arc<RunningOnionService>, std::pin::Pin<Box<dyn Flow<Item = RendRequest> + Send>>);

fn launch(client: &Client, vault: VaultId, key: &OnionKey) -> Result<Launched, String> {
    let config = configuration(vault, key)?;
    let launched = match client.launch_onion_service_with_hsid(config.clone(), key.pair()) {
        // This client has the key from an earlier launch: the name comes of the key, so it is the same one.
        Err(error) if error.kind() == ErrorKind::BadApiUsage => client
            .launch_onion_service(config)
            .map(|launched| launched.map(|(service, requests)| boxed(service, requests))),
        launched => launched.map(|launched| launched.map(|(service, requests)| boxed(service, requests))),
    };
    launched.map_err(|error| in_words(&error))?.ok_or_else(|| "it is switched off".to_owned())
}

fn boxed(service: Arc<RunningOnionService>, requests: impl Flow<Item = RendRequest> + Send + 'static) -> Launched {
    (service, Box::pin(requests))
}

fn configuration(vault: VaultId, key: &OnionKey) -> Result<OnionServiceConfig, String> {
    let wrong = |error: &dyn std::error::Error| in_words(error);
    let finder = HsClientDescEncKey::from(PublicKey::from(&StaticSecret::from(*discovery_key(vault))));
    let mut config = OnionServiceConfigBuilder::default();
    config
        .nickname(key.nickname().parse().map_err(|error| wrong(&error))?)
        .max_concurrent_streams_per_circuit(STREAMS_OF_CIRCUIT)
        .rate_limit_at_intro(Some(TokenBucketConfig::new(VISITORS.0, VISITORS.1)));
    let name = "vault".parse().map_err(|error| wrong(&error))?;
    config.restricted_discovery().enabled(true).static_keys().access().push((name, finder));
    config.build().map_err(|error| wrong(&error))
}

/// Meets visitors until the service ends.
async fn receive<F, W>(mut requests: impl Flow<Item = RendRequest> + Unpin, welcome: &Arc<W>)
where
    F: Future<Output = ()> + Send + 'static,
    W: Fn(Stream) -> F + Send + Sync + 'static,
{
    let mut circuits = JoinSet::new();
    loop {
        tokio::select! {
            request = requests.next() => match request {
                // Without an answer the visitor's program tries again.
                Some(_) if circuits.len() >= CIRCUITS => {}
                Some(request) => drop(circuits.spawn(meet(request, Arc::clone(welcome)))),
                None => return,
            },
            Some(_) = circuits.join_next() => {}
        }
    }
}

/// One visitor's circuit, until it ends or nothing is said on it.
async fn meet<F, W>(request: RendRequest, welcome: Arc<W>)
where
    F: Future<Output = ()> + Send + 'static,
    W: Fn(Stream) -> F + Send + Sync + 'static,
{
    let Ok(Ok(mut streams)) = timeout(QUIET, request.accept()).await else { return };
    let mut visits = JoinSet::new();
    loop {
        tokio::select! {
            stream = streams.next() => match stream {
                Some(stream) => match accept(stream).await {
                    Some(stream) => drop(visits.spawn(welcome(stream))),
                    None => return,
                },
                None => break,
            },
            Some(_) = visits.join_next() => {}
            () = sleep(QUIET), if visits.is_empty() => return,
        }
    }
    // The circuit is gone, and each visit notices by itself.
    while visits.join_next().await.is_some() {}
}

/// A stream to the port that is offered; who asks for anything else is sent away with the whole circuit.
async fn accept(request: StreamRequest) -> Option<Stream> {
    match request.request() {
        IncomingStreamRequest::Begin(begin) if begin.port() == PORT => {
            let stream = timeout(QUIET, request.accept(Connected::new_empty())).await;
            stream.ok()?.ok().map(|stream| Box::new(stream) as Stream)
        }
        _ => {
            // An error means that the circuit is closed already.
            let _ = request.shutdown_circuit();
            None
        }
    }
}

/// Tells how the service stands, until it ends.
async fn tell(service: &RunningOnionService, telling: &watch::Sender<HostingState>) {
    let mut statuses = service.status_events();
    let mut status = service.status();
    loop {
        telling.send_replace(standing(&status));
        match statuses.next().await {
            Some(next) => status = next,
            None => return,
        }
    }
}

fn standing(status: &OnionServiceStatus) -> HostingState {
    if status.state().is_fully_reachable() { HostingState::Reachable } else { HostingState::Publishing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fill: u8) -> OnionKey {
        OnionKey::new(Zeroizing::new([fill; 32]))
    }

    #[test]
    fn the_address_is_that_of_the_key() {
        // The first test vector of RFC 8032 (7.1), its address computed by rend-spec-v3 with Python's hashlib.
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = OnionKey::new(Zeroizing::new(seed.try_into().unwrap()));
        assert_eq!(key.onion().to_string(), "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid.onion");
        assert_eq!(key.onion().to_string().parse::<Onion>(), Ok(key.onion()));
    }

    #[test]
    fn nothing_that_is_shown_or_kept_in_the_clear_tells_the_key() {
        let key = key(0xab);
        assert!(!format!("{key:?}").contains("abab") && format!("{key:?}").contains(".onion"));
        let name = key.nickname();
        assert!(name.starts_with("relay-") && name.len() == 22, "{name}");
        assert!(!key.onion().to_string().contains(&name[6..]));
        assert_ne!(name, self::key(0xac).nickname());
    }

    #[test]
    fn who_knows_the_vault_finds_its_relay_and_nobody_else() {
        let (vault, other) = (VaultId([1; 32]), VaultId([2; 32]));
        assert_eq!(discovery_key(vault), discovery_key(vault));
        assert_ne!(discovery_key(vault), discovery_key(other));
        assert_ne!(*discovery_key(vault), vault.0);
        let config = configuration(vault, &key(3)).unwrap();
        let said = format!("{config:?}");
        assert!(said.contains("restricted_discovery") && said.contains("enabled: true"), "{said}");
        assert_ne!(configuration(other, &key(3)).unwrap(), config);
    }
}
