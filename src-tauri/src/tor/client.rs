//! The Tor client of this process: started when it is first needed, its state told, started anew after a failure.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arti_client::status::{BlockageKind, BootstrapStatus};
use arti_client::{BootstrapBehavior, ErrorKind, HasKind as _, KeystoreSelector, TorClient};
use conclave_shared::desktop::{TorState, TorTrouble};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tor_hscrypto::pk::HsClientDescEncSecretKey;
use tor_llcrypto::pk::curve25519::StaticSecret;
use tor_rtcompat::PreferredRuntime;
use zeroize::Zeroizing;

use super::settings::TorSettings;
use super::tls::Certificates;
use super::{DialError, Onion};

/// Pause before Tor is started again after it could not be.
const AGAIN: Duration = Duration::from_secs(10);

/// How often it is looked how Tor stands, where nothing is told.
const LOOK: Duration = Duration::from_secs(15);

/// The Tor client.
pub type Client = TorClient<PreferredRuntime>;

/// Tor, started or not.
pub(super) struct Tor {
    folder: PathBuf,
    shown: Arc<Shown>,
    want: Mutex<Want>,
    keys: Mutex<HashMap<Onion, Zeroizing<[u8; 32]>>>,
}

/// What others see of it.
struct Shown {
    state: watch::Sender<TorState>,
    up: watch::Sender<Option<Arc<Up>>>,
    /// Which run this is of: what an earlier one still says as it is ended is not heard.
    run: AtomicU64,
}

impl Shown {
    fn tell(&self, run: u64, new: TorState) {
        self.state.send_if_modified(|old| {
            let differs = self.run.load(Ordering::SeqCst) == run && *old != new;
            if differs {
                *old = new;
            }
            differs
        });
    }

    fn take_up(&self, run: u64, new: Option<Arc<Up>>) {
        self.up.send_if_modified(|old| {
            let is_this = self.run.load(Ordering::SeqCst) == run;
            if is_this {
                *old = new;
            }
            is_this
        });
    }
}

/// What is to be run, and what runs.
struct Want {
    settings: TorSettings,
    running: Option<AbortHandle>,
}

/// A client that is up, until the program ends or the settings change. While the network is away connections fail, they
/// never go past Tor.
pub(super) struct Up {
    pub(super) client: Arc<Client>,
    pub(super) certificates: Certificates,
    /// The keys of onion services that it was handed.
    handed: Mutex<HashMap<Onion, Zeroizing<[u8; 32]>>>,
}

impl Tor {
    pub(super) fn new(folder: PathBuf, settings: TorSettings) -> Self {
        Self {
            folder,
            shown: Arc::new(Shown {
                state: watch::Sender::new(TorState::Off),
                up: watch::Sender::new(None),
                run: AtomicU64::new(0),
            }),
            want: Mutex::new(Want { settings, running: None }),
            keys: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> watch::Receiver<TorState> {
        self.shown.state.subscribe()
    }

    fn want(&self) -> std::sync::MutexGuard<'_, Want> {
        self.want.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn settings(&self) -> TorSettings {
        self.want().settings.clone()
    }

    pub(super) fn set_settings(&self, settings: TorSettings) {
        let mut want = self.want();
        if want.settings == settings {
            return;
        }
        want.settings = settings;
        if let Some(running) = want.running.take() {
            running.abort();
            self.shown.run.fetch_add(1, Ordering::SeqCst);
            self.shown.up.send_replace(None);
            self.shown.state.send_replace(TorState::Off);
        }
    }

    pub(super) fn authorise(&self, onion: Onion, key: Zeroizing<[u8; 32]>) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(onion, key);
    }

    /// Starts it where it does not run. Needs a tokio runtime around it.
    fn start(&self) {
        let mut want = self.want();
        if want.running.is_none() {
            let (folder, settings) = (self.folder.clone(), want.settings.clone());
            let shown = Arc::clone(&self.shown);
            shown.state.send_replace(TorState::Starting { percent: 0, doing: String::new() });
            let run = shown.run.load(Ordering::SeqCst);
            want.running = Some(tokio::spawn(keep_running(folder, settings, shown, run)).abort_handle());
        }
    }

    /// The client, if Tor is up; starts it where it does not run.
    pub(super) fn up(&self) -> Result<Arc<Up>, DialError> {
        self.start();
        self.shown.up.borrow().clone().ok_or(DialError::NotReady)
    }

    /// The client, when Tor is up.
    pub(super) async fn ready(&self) -> Arc<Client> {
        let mut up = self.shown.up.subscribe();
        loop {
            // Other settings may have ended the one that was awaited.
            self.start();
            if let Some(up) = &*up.borrow_and_update() {
                return Arc::clone(&up.client);
            }
            // Not an error: the sender lives as long as this does.
            let _ = up.changed().await;
        }
    }

    /// Lets the client read the descriptor of an onion service that is not for everybody, if there is a key for it.
    pub(super) fn hand_over_key(&self, up: &Up, onion: Onion) -> Result<(), arti_client::Error> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = keys.get(&onion) else { return Ok(()) };
        let mut handed = up.handed.lock().unwrap_or_else(PoisonError::into_inner);
        if handed.get(&onion) == Some(key) {
            return Ok(());
        }
        if handed.remove(&onion).is_some() {
            up.client.remove_service_discovery_key(KeystoreSelector::Primary, onion.id())?;
        }
        let secret = HsClientDescEncSecretKey::from(StaticSecret::from(**key));
        up.client.insert_service_discovery_key(KeystoreSelector::Primary, onion.id(), secret)?;
        handed.insert(onion, key.clone());
        Ok(())
    }
}

impl Drop for Tor {
    fn drop(&mut self) {
        if let Some(running) = self.want().running.take() {
            running.abort();
        }
    }
}

/// Runs Tor for as long as it is wanted: starts it, tells how it stands, and starts it anew where it cannot go on.
async fn keep_running(folder: PathBuf, settings: TorSettings, shown: Arc<Shown>, run: u64) {
    loop {
        let failed = match begin(&folder, &settings).await {
            Ok((client, certificates)) => {
                let started = tokio::select! {
                    started = client.bootstrap() => started,
                    () = follow(&client, &shown, run) => continue,
                };
                match started {
                    Ok(()) => {
                        let client_up = Up { client: Arc::clone(&client), certificates, handed: Mutex::default() };
                        shown.take_up(run, Some(Arc::new(client_up)));
                        follow(&client, &shown, run).await;
                        shown.take_up(run, None);
                        continue;
                    }
                    Err(error) => named(&client, TorTrouble::Unreachable, super::in_words(&error)),
                }
            }
            Err(failed) => failed,
        };
        shown.tell(run, failed);
        tokio::time::sleep(AGAIN).await;
    }
}

/// A client that has not connected to anything yet.
async fn begin(folder: &Path, settings: &TorSettings) -> Result<(Arc<Client>, Certificates), TorState> {
    let failed = |trouble, reason: String| TorState::Failed { trouble, reason };
    // Of two providers in one process rustls would choose neither; it is no error that another has been here first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    std::fs::create_dir_all(folder).map_err(|error| failed(TorTrouble::Folder, error.to_string()))?;
    let (config, certificates) =
        settings.configuration(folder).map_err(|error| failed(TorTrouble::Configuration, error.to_string()))?;
    let runtime = PreferredRuntime::current().map_err(|error| failed(TorTrouble::Folder, error.to_string()))?;
    let client = TorClient::with_runtime(runtime)
        .config(config)
        .bootstrap_behavior(BootstrapBehavior::Manual)
        .create_unbootstrapped_async()
        .await;
    let client = client.map_err(|error| match error.kind() {
        ErrorKind::InvalidConfig => failed(TorTrouble::Configuration, super::in_words(&error)),
        _ => failed(TorTrouble::Folder, super::in_words(&error)),
    })?;
    Ok((client, certificates))
}

/// Tells how Tor stands whenever that changes, and now and then: a directory also ages. Ends with the client.
async fn follow(client: &Client, shown: &Shown, run: u64) {
    let mut events = client.bootstrap_events();
    loop {
        shown.tell(run, standing(client, &client.bootstrap_status()));
        if let Ok(None) = tokio::time::timeout(LOOK, events.next()).await {
            return;
        }
    }
}

fn standing(client: &Client, status: &BootstrapStatus) -> TorState {
    if status.ready_for_traffic() {
        return TorState::Ready;
    }
    match status.blocked() {
        Some(blockage) => {
            let trouble = match blockage.kind() {
                BlockageKind::Offline => TorTrouble::Offline,
                BlockageKind::Filtering => TorTrouble::Filtered,
                BlockageKind::ClockSkewed => TorTrouble::Clock,
                BlockageKind::CantBootstrap => TorTrouble::Directory,
                // Not ours to close; `CantReachTor` is among them.
                _ => TorTrouble::Unreachable,
            };
            named(client, trouble, blockage.message().to_string())
        }
        None => TorState::Starting {
            percent: (status.as_frac() * 100.0).clamp(0.0, 100.0) as u8,
            doing: status.to_string(),
        },
    }
}

/// A failure; where the clock differs from the relays' by much, that is what is to be put right.
fn named(client: &Client, trouble: TorTrouble, reason: String) -> TorState {
    let skew = client.circmgr().ok().and_then(|circuits| circuits.skew_events().get());
    match skew.filter(|skew| skew.noteworthy()) {
        Some(skew) => TorState::Failed { trouble: TorTrouble::Clock, reason: format!("the clock is {skew}") },
        None => TorState::Failed { trouble, reason },
    }
}
