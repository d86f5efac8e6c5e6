//! The one door to the network. Whatever opens a connection goes through [`Door::dial`], whatever listens gets its address
//! from [`Loopback`].
//!
//! Addresses say how they are reached ([`Address`]): this machine and the own network directly, everything else through
//! Tor, in this process ([`client`]). There is no way around it: while Tor is not up, dialling fails. Names are never
//! looked up here. What does not belong here: what is said over a connection.

mod address;
mod blocking;
mod client;
mod hosting;
mod loopback;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
pub mod websocket;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arti_client::{IsolationToken, StreamPrefs};
use conclave_shared::desktop::TorState;
use conclave_shared::{MemberId, VaultId};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use zeroize::Zeroizing;

pub use address::{Address, DoorError, Onion};
pub use blocking::BlockingStream;
pub use client::Client;
pub use hosting::{Hosted, OnionKey, discovery_key};
pub use loopback::Loopback;
pub use settings::{CONFIG_VARIABLE, SettingsError, TorSettings};

use client::Tor;

/// Longest wait for a connection on this machine or the own network.
const NEAR: Duration = Duration::from_secs(5);
/// Longest wait for a connection through Tor: a circuit may have to be built anew several times.
const FAR: Duration = Duration::from_secs(60);

/// A connection that was dialled.
pub type Stream = Box<dyn Duplex>;

impl DialError {
    /// Why, for a message that says already what is unreachable.
    pub fn reason(&self) -> String {
        match self {
            Self::NotReady => "Tor is not ready yet".to_owned(),
            Self::Unreachable { reason, .. } => reason.clone(),
            Self::Certificate { reason, .. } => format!("it could not prove that it is this host: {reason}"),
        }
    }
}

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// What shares circuits: connections of one isolation may, others never do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// An identity, which is of one vault alone, and one of its relays.
    Relay {
        /// The identity.
        identity: MemberId,
        /// The relay.
        relay: Address,
    },
    /// A vault, or a watched descriptor, and its chain source.
    Chain {
        /// The vault's, or descriptor's, id.
        source: VaultId,
        /// The server.
        server: Address,
    },
}

/// Why there is no connection. Nothing was sent past Tor in any case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// Tor is not up.
    #[error("unreachable: Tor is not ready yet")]
    NotReady,
    /// Nobody answered, or not in time.
    #[error("{address} is unreachable: {reason}")]
    Unreachable {
        /// What was dialled.
        address: Address,
        /// What the system or Tor said.
        reason: String,
    },
    /// The server could not prove who it is.
    #[error("{address} could not prove that it is this host: {reason}")]
    Certificate {
        /// What was dialled.
        address: Address,
        /// What is wrong.
        reason: String,
    },
}

/// The door. Clones are the same one; a process has one for each installation it runs.
#[derive(Clone)]
pub struct Door(Arc<Inside>);

struct Inside {
    tor: Tor,
    /// The circuits' partition.
    isolations: Mutex<HashMap<Isolation, IsolationToken>>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({:?})", *self.state().borrow())
    }
}

impl Door {
    /// A closed door; Tor is started when the first address needs it. Its state and cache are kept in `folder`, which is
    /// made then.
    pub fn new(folder: PathBuf, settings: TorSettings) -> Self {
        Self(Arc::new(Inside { tor: Tor::new(folder, settings), isolations: Mutex::default() }))
    }

    /// How Tor stands, and whenever that changes.
    pub fn state(&self) -> watch::Receiver<TorState> {
        self.0.tor.state()
    }

    /// Lives by other settings from now on. If they differ Tor is started anew when it is next needed; connections that
    /// were made before stay until they break.
    pub fn set_settings(&self, settings: TorSettings) {
        self.0.tor.set_settings(settings);
    }

    /// The settings that it lives by.
    pub fn settings(&self) -> TorSettings {
        self.0.tor.settings()
    }

    /// The key by which the descriptor of an onion service with restricted discovery can be read (x25519). To be told
    /// before the service is dialled; it is kept in memory alone.
    pub fn authorise(&self, onion: Onion, key: Zeroizing<[u8; 32]>) {
        self.0.tor.authorise(onion, key);
    }

    /// Whether Tor is up, as far as is known: connections through it can be made.
    pub fn is_ready(&self) -> bool {
        *self.state().borrow() == TorState::Ready
    }

    /// The Tor client, as soon as Tor is up; starts it. For onion services of this process.
    pub async fn client(&self) -> Arc<Client> {
        self.0.tor.ready().await
    }

    /// Opens a connection; through Tor for all but this machine and the own network, with TLS to public servers.
    ///
    /// Starts Tor where it is needed, and does not wait for that: [`DialError::NotReady`].
    pub async fn dial(&self, address: &Address, isolation: &Isolation) -> Result<Stream, DialError> {
        let limit = if address.needs_tor() { FAR } else { NEAR };
        let late = |_| DialError::Unreachable { address: address.clone(), reason: "no answer in time".to_owned() };
        tokio::time::timeout(limit, self.open(address, isolation)).await.map_err(late)?
    }

    async fn open(&self, address: &Address, isolation: &Isolation) -> Result<Stream, DialError> {
        let plain = |error: std::io::Error| unreachable(address, &error);
        match address {
            Address::Here(here) => Ok(Box::new(near(here.address()).await.map_err(plain)?)),
            Address::Lan(lan) => Ok(Box::new(near((*lan).into()).await.map_err(plain)?)),
            Address::Onion { onion, port } => {
                let up = self.0.tor.up()?;
                self.0.tor.hand_over_key(&up, *onion).map_err(|error| unreachable(address, &error))?;
                let mut prefs = self.prefs(isolation);
                prefs.connect_to_onion_services(arti_client::config::BoolOrAuto::Explicit(true));
                let stream = up.client.connect_with_prefs((onion.to_string(), *port), &prefs).await;
                Ok(Box::new(stream.map_err(|error| unreachable(address, &error))?))
            }
            Address::Public { host, port } => {
                let up = self.0.tor.up()?;
                let stream = up.client.connect_with_prefs((host.as_str(), *port), &self.prefs(isolation)).await;
                let stream = stream.map_err(|error| unreachable(address, &error))?;
                let secured = up.certificates.secure(host, stream).await;
                let why = |error: std::io::Error| DialError::Certificate {
                    address: address.clone(),
                    reason: error.to_string(),
                };
                Ok(Box::new(secured.map_err(why)?))
            }
        }
    }

    fn prefs(&self, isolation: &Isolation) -> StreamPrefs {
        let mut isolations = self.0.isolations.lock().unwrap_or_else(PoisonError::into_inner);
        let token = *isolations.entry(isolation.clone()).or_insert_with(IsolationToken::new);
        let mut prefs = StreamPrefs::new();
        prefs.set_isolation(token);
        prefs
    }
}

fn unreachable(address: &Address, error: &dyn std::error::Error) -> DialError {
    DialError::Unreachable { address: address.clone(), reason: in_words(error) }
}

/// An error with its causes: the inner ones say more than the outer ones.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let cause = inner.to_string();
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
        source = inner.source();
    }
    words
}

async fn near(address: std::net::SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A door for tests that stay on this machine.
#[cfg(test)]
pub(crate) fn no_tor() -> Door {
    Door::new(PathBuf::from("/nowhere"), TorSettings::default())
}
