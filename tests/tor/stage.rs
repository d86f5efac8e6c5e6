//! What the stories share: the private network, relays that can be stopped and turned hostile, and members as processes that
//! are traced.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use conclave::demo::{Chain, Journey, STEPS, Stage, TorNetwork, TorPrograms};
use conclave::relay::embedded::{Access, EmbeddedRelay, Limits, Mischief};
use conclave::tor::Loopback;
use conclave_shared::practice::PracticeStep;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio::task::JoinHandle;

use crate::program::PROGRAM;
use crate::trace::{Act, leaks, read, tracer};

/// tor, or a failure that says how to get it.
pub fn programs() -> TorPrograms {
    TorPrograms::find(Path::new(PROGRAM)).unwrap_or_else(|error| panic!("{error}"))
}

/// How many tests wait for their turn.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// The turn of one test. Tests share one network, one after another: each needs the whole of it, and a machine for itself.
pub struct Turn(MutexGuard<'static, Option<Arc<TorNetwork>>>);

impl Drop for Turn {
    fn drop(&mut self) {
        // Nobody else would end it: what is static lives until the process ends, and leaves its folder behind.
        if WAITING.load(Ordering::SeqCst) == 0 {
            self.0.take();
        }
    }
}

/// Waits for a turn.
pub async fn alone() -> Turn {
    static SHARED: Mutex<Option<Arc<TorNetwork>>> = Mutex::const_new(None);
    WAITING.fetch_add(1, Ordering::SeqCst);
    let turn = SHARED.lock().await;
    WAITING.fetch_sub(1, Ordering::SeqCst);
    Turn(turn)
}

/// The shared network; whoever needs it first starts it.
pub async fn network(turn: &mut Turn) -> Arc<TorNetwork> {
    if let Some(network) = turn.0.as_ref() {
        return Arc::clone(network);
    }
    let began = Instant::now();
    let network = Arc::new(blocking(|| TorNetwork::start(programs())).await);
    println!("the private network is usable after {:.1} s", began.elapsed().as_secs_f64());
    turn.0.insert(network).clone()
}

/// Work that blocks, on a thread of its own.
pub async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(work).await.unwrap().unwrap_or_else(|error| panic!("{error}"))
}

/// Has a tor offer a server as an onion service.
pub async fn offer(network: &Arc<TorNetwork>, port: u16, target: SocketAddr) -> String {
    let (network, target) = (Arc::clone(network), Loopback::from_address(target).unwrap());
    blocking(move || network.offer(port, target)).await
}

/// A relay of the test's own, known to members as an onion service. Stopped, it forgets what it held.
pub struct Relay {
    /// As members know it.
    pub url: String,
    address: SocketAddr,
    /// Takes connections; the relay itself goes with it.
    running: Option<JoinHandle<()>>,
}

impl Relay {
    /// An honest one.
    pub async fn start(network: &Arc<TorNetwork>) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let url = format!("ws://{}", offer(network, 80, address).await);
        let mut relay = Self { url, address, running: None };
        relay.again(Mischief::default()).await;
        relay
    }

    /// Stops it without a word to anybody.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
        }
    }

    /// Starts it again, with nothing of what it held; from now on it does this.
    pub async fn again(&mut self, mischief: Mischief) {
        self.stop().await;
        let (_, anyone) = watch::channel(Access::Anyone);
        let relay = EmbeddedRelay::without_listener(&self.url, anyone, mischief, Limits::loopback());
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.running = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay.welcome(stream));
            }
        }));
    }
}

/// Members that are traced, and what was seen of them.
pub struct Members {
    folder: tempfile::TempDir,
}

impl Members {
    /// Traced from the start.
    pub fn traced() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let members = Self { folder: tempfile::tempdir().unwrap() };
        let file = members.program();
        let script = format!("#!/bin/sh\nexec {} {PROGRAM} \"$@\"\n", tracer(members.folder.path()));
        std::fs::write(&file, script).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
        members
    }

    /// The program that starts them.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    /// Members connected to guards of the network and to nothing else, and opened no port.
    pub fn entered_at_guards_alone(&self, network: &TorNetwork) {
        let guards = network.guards();
        let members: Vec<_> =
            read(self.folder.path()).into_iter().filter(|seen| seen.is("conclave", "member")).collect();
        let at_guards = |act: &Act| matches!(act, Act::Dialled(address) if guards.contains(address));
        assert!(members.iter().any(|seen| seen.acts.iter().any(at_guards)), "members were looked at");
        assert_eq!(leaks(&members, |_, act| at_guards(act)), Vec::<String>::new(), "guards: {guards:?}");
    }
}

/// A journey over the network, up to this step, with these relays.
pub async fn journey(
    network: &Arc<TorNetwork>,
    program: PathBuf,
    folder: &Path,
    relays: Vec<String>,
    last: PracticeStep,
) -> Journey {
    let stage = Stage::Processes { program, network: Some(Arc::clone(network)) };
    let say = |said: conclave::demo::journey::Said| println!("{:>7} ms  {:?}", said.at_ms, said.what);
    let mut journey = Journey::new(folder, stage, Chain::Practice, say).with_relays(relays);
    let last = STEPS.iter().position(|step| *step == last).unwrap();
    for (number, step) in STEPS.iter().enumerate().take(last + 1) {
        println!("{}. {step:?}", number + 1);
        journey.run(number).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    journey
}
