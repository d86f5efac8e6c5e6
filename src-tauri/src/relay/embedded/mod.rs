//! The embedded relay: `conclave relay`. It keeps gift wraps (NIP-59) for members until they fetch them, in memory alone.
//!
//! It hands a mailbox only to the key that it is addressed to (NIP-42), and cannot read what it carries. Whom it serves is
//! told from outside ([`Access`]). What does not belong here: anything that knows a vault, and any disk; members' own
//! stores are the truth.

mod mischief;
pub(crate) mod outside;
mod session;
mod shelves;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use nostr::{Event, Keys, PublicKey, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

pub use self::mischief::Mischief;
use self::session::{Post, Session};
use crate::tor::Loopback;

/// Connections at one time.
const MAX_CONNECTIONS: usize = 256;

/// Largest frame that is read, in bytes: a wrap that is too large is still refused by name.
const MAX_FRAME_BYTES: usize = 128 * 1024;

/// How long a connection may take to say what it wants to be.
const GREETING: Duration = Duration::from_secs(10);

/// How long one frame may take to be written: who reads no faster asks again.
const WRITING: Duration = Duration::from_secs(30);

/// Pause before a relay that replays does it again.
const REPLAY: Duration = Duration::from_millis(500);

/// Pause after the system has refused a connection: file handles may have run out.
const REFUSED: Duration = Duration::from_millis(50);

/// Whom the relay serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Anyone may publish, and whoever proves a key reads its mailbox.
    Anyone,
    /// These keys alone may log in, read and publish, and only to each other. Publishing needs a login too.
    Members(BTreeSet<PublicKey>),
}

impl Access {
    /// Whether this key has a mailbox here.
    pub fn serves(&self, key: &PublicKey) -> bool {
        match self {
            Access::Anyone => true,
            Access::Members(members) => members.contains(key),
        }
    }
}

/// Why the relay does not run.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Asked to listen where other machines could connect.
    #[error("the relay does not listen on {address}: until Tor carries the traffic only 127.0.0.1 is accepted")]
    NotLoopback {
        /// The address as given.
        address: SocketAddr,
    },
    /// Asked to listen on IPv6, where this program's own clients do not connect.
    #[error("the relay does not listen on {address}: use 127.0.0.1")]
    OnlyIpv4 {
        /// The address as given.
        address: SocketAddr,
    },
    /// The system gave no port.
    #[error("the relay cannot listen on {address}: {source}; choose another port or stop the program that holds it")]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// A relay that runs in this process until it is dropped or shut down.
pub struct EmbeddedRelay {
    address: SocketAddr,
    /// While this lives, so do the connections.
    open: watch::Sender<()>,
    listening: JoinHandle<()>,
}

impl fmt::Debug for EmbeddedRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedRelay({})", self.address)
    }
}

impl EmbeddedRelay {
    /// Serves anyone on `listen`, port 0 meaning "any free one", with an empty memory.
    pub async fn start(listen: SocketAddr) -> Result<Self, RelayError> {
        let (_, anyone) = watch::channel(Access::Anyone);
        Self::serve(listen, anyone, Mischief::default()).await
    }

    /// Serves those whom `access` names, as it changes: who is named no more loses the connection at once. When the other
    /// end of `access` is gone, the last one stays in force.
    pub async fn serve(
        listen: SocketAddr,
        access: watch::Receiver<Access>,
        mischief: Mischief,
    ) -> Result<Self, RelayError> {
        let door = Loopback::from_address(listen).ok_or(RelayError::NotLoopback { address: listen })?.address();
        if door.is_ipv6() {
            return Err(RelayError::OnlyIpv4 { address: door });
        }
        let failed = |source| RelayError::Listen { address: door, source };
        let listener = TcpListener::bind(door).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (open, closed) = watch::channel(());
        let post = Arc::new(Post::new(&format!("ws://{address}"), access, mischief));
        Ok(Self { address, open, listening: tokio::spawn(accept_all(listener, post, closed)) })
    }

    /// Where members connect: `ws://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Stops, forgets every wrap, and returns when the port is free again. Dropping the relay stops it too, a little later.
    pub async fn shutdown(self) {
        drop(self.open);
        // Fails only if the task panicked, and then it has ended as well.
        let _ = self.listening.await;
    }
}

async fn accept_all(listener: TcpListener, post: Arc<Post>, mut closed: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = closed.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(greet(stream, Arc::clone(&post)))),
                Err(_) => tokio::time::sleep(REFUSED).await,
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn greet(stream: TcpStream, post: Arc<Post>) {
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(MAX_FRAME_BYTES);
    config.max_frame_size = Some(MAX_FRAME_BYTES);
    let fresh = post.fresh.subscribe();
    if let Ok(Ok(socket)) = timeout(GREETING, accept_async_with_config(stream, Some(config))).await {
        // How a connection ended is its other end's concern.
        let _ = converse(socket, &post, fresh).await;
    }
}

/// One connection, until either side ends it.
async fn converse(
    mut socket: WebSocketStream<TcpStream>,
    post: &Post,
    mut fresh: broadcast::Receiver<Event>,
) -> Result<(), tungstenite::Error> {
    // A fresh public key is as good a random number as any, and a text.
    let mut session = Session::new(Keys::generate().public_key().to_hex(), Timestamp::now());
    let mut access = post.access.clone();
    let mut listed = true;
    let mut replay = interval(REPLAY);
    replay.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let answer = session.take(&text, post, Timestamp::now());
                    write(&mut socket, answer.frames).await?;
                    if answer.end {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Frame(_) | Message::Close(_))) | None => break,
                Some(Err(error)) => return Err(error),
            },
            wrap = fresh.recv() => match wrap {
                Ok(wrap) => write(&mut socket, session.deliver(&wrap, post)).await?,
                // Something was missed: the owner connects again and asks for what is stored.
                Err(RecvError::Lagged(_) | RecvError::Closed) => break,
            },
            changed = access.changed(), if listed => {
                listed = changed.is_ok();
                if !session.may_stay(post) {
                    break;
                }
            }
            _ = replay.tick(), if post.mischief.replay => write(&mut socket, session.replay()).await?,
        }
    }
    socket.close(None).await
}

async fn write(socket: &mut WebSocketStream<TcpStream>, frames: Vec<String>) -> Result<(), tungstenite::Error> {
    for frame in frames {
        let written = timeout(WRITING, socket.send(Message::text(frame))).await;
        written.unwrap_or(Err(tungstenite::Error::ConnectionClosed))?;
    }
    Ok(())
}
