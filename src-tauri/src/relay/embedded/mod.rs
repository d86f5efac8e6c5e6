//! The embedded relay: `conclave relay`. It keeps gift wraps (NIP-59) for members until they fetch them, in memory alone.
//!
//! It hands a mailbox only to the key that it is addressed to (NIP-42), and cannot read what it carries. Whom it serves is
//! told from outside ([`Access`]), and how much it takes on ([`Limits`]); its streams come from a port of this machine, or are
//! brought to it. What does not belong here: anything that knows a vault, and any disk; members' own
//! stores are the truth.

#[cfg(test)]
mod abuse;
mod conversation;
mod guests;
mod limits;
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

use nostr::{PublicKey, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

pub use self::limits::{Limits, Room};
pub use self::mischief::Mischief;
use self::session::Post;
use crate::tor::Loopback;

/// Largest frame that is read, in bytes: a wrap that is too large is still refused by name.
const MAX_FRAME_BYTES: usize = 128 * 1024;

/// How often what has had its time is looked for: it is in nobody's answers before that already.
const TIDYING: Duration = Duration::from_secs(60);

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
    #[error(
        "the relay does not listen on {address}: only 127.0.0.1 is accepted, and other machines reach it by an onion address"
    )]
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
    url: String,
    post: Arc<Post>,
    /// While this lives, so do the connections; each of them holds a receiver.
    open: watch::Sender<()>,
}

impl fmt::Debug for EmbeddedRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedRelay({})", self.url)
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
        Self::within(listen, access, mischief, Limits::loopback()).await
    }

    async fn within(
        listen: SocketAddr,
        access: watch::Receiver<Access>,
        mischief: Mischief,
        limits: Limits,
    ) -> Result<Self, RelayError> {
        let door = Loopback::from_address(listen).ok_or(RelayError::NotLoopback { address: listen })?.address();
        if door.is_ipv6() {
            return Err(RelayError::OnlyIpv4 { address: door });
        }
        let failed = |source| RelayError::Listen { address: door, source };
        let listener = TcpListener::bind(door).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let relay = Self::without_listener(&format!("ws://{address}"), access, mischief, limits);
        tokio::spawn(accept_all(listener, Arc::clone(&relay.post), relay.open.subscribe()));
        Ok(relay)
    }

    /// A relay that listens nowhere: it serves the streams that are brought to it by [`EmbeddedRelay::welcome`]. `url` is
    /// where members reach it, and what their logins must name.
    pub fn without_listener(url: &str, access: watch::Receiver<Access>, mischief: Mischief, limits: Limits) -> Self {
        let post = Arc::new(Post::new(url, access, mischief, limits));
        let (open, closed) = watch::channel(());
        tokio::spawn(keep_tidy(Arc::clone(&post), closed));
        Self { url: url.to_owned(), post, open }
    }

    /// Serves a stream, for as long as what this gives back is awaited, until it or the relay ends. Where there is no room
    /// that is at once.
    pub fn welcome<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let (post, mut closed) = (Arc::clone(&self.post), self.open.subscribe());
        async move {
            tokio::select! {
                _ = closed.changed() => {}
                () = conversation::serve(stream, post) => {}
            }
        }
    }

    /// Where members connect: `ws://127.0.0.1:PORT`, or as it was given.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Stops, forgets every wrap, and returns when the port is free again. Dropping the relay stops it too, a little later.
    pub async fn shutdown(self) {
        self.open.send_replace(());
        self.open.closed().await;
    }
}

/// Takes connections until the relay is closed.
async fn accept_all(listener: TcpListener, post: Arc<Post>, mut closed: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = closed.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(conversation::serve(stream, Arc::clone(&post)))),
                Err(_) => tokio::time::sleep(REFUSED).await,
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Tidies the shelves now and then, and when the list has changed, until the relay is closed.
async fn keep_tidy(post: Arc<Post>, mut closed: watch::Receiver<()>) {
    let mut access = post.access.clone();
    let mut listed = true;
    let mut now_and_then = interval(TIDYING);
    now_and_then.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closed.changed() => return,
            changed = access.changed(), if listed => listed = changed.is_ok(),
            _ = now_and_then.tick() => {}
        }
        post.tidy(Timestamp::now());
    }
}
