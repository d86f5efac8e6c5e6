//! What the stories share: the private network, relays that can be stopped and turned hostile, and members as processes that
//! are traced, or whose clock is wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use conclave::demo::{Chain, Journey, STEPS, Stage, TorNetwork, TorPrograms};
use conclave::relay::embedded::{Access, EmbeddedRelay, Mischief};
use conclave::tor::Loopback;
use tokio::sync::{Mutex, MutexGuard, watch};

use crate::program::PROGRAM;
use crate::trace::{Act, leaks, read, tracer};

/// tor, or a failure that says how to get it.
pub fn programs() -> TorPrograms {
    TorPrograms::find(Path::new(PROGRAM)).unwrap_or_else(|error| panic!("{error}"))
}

/// Tests with a network run one after another: ten tors at a time are enough for a small machine.
pub async fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// A network of the test's own; it ends with the test.
pub async fn network() -> Arc<TorNetwork> {
    let began = Instant::now();
    let network = Arc::new(blocking(|| TorNetwork::start(programs())).await);
    println!("the private network is usable after {:.1} s", began.elapsed().as_secs_f64());
    network
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
    running: Option<EmbeddedRelay>,
}

impl Relay {
    /// An honest one.
    pub async fn start(network: &Arc<TorNetwork>) -> Self {
        let (_, anyone) = watch::channel(Access::Anyone);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = EmbeddedRelay::serve(any, anyone, Mischief::default()).await.unwrap();
        let address: SocketAddr = running.url().strip_prefix("ws://").unwrap().parse().unwrap();
        let url = format!("ws://{}", offer(network, 80, address).await);
        Self { url, address, running: Some(running) }
    }

    /// Stops it without a word to anybody.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    /// Starts it again, with nothing of what it held; from now on it does this.
    pub async fn again(&mut self, mischief: Mischief) {
        self.stop().await;
        let (_, anyone) = watch::channel(Access::Anyone);
        self.running = Some(EmbeddedRelay::serve(self.address, anyone, mischief).await.unwrap());
    }
}

/// How members are started, and what was seen of them.
pub struct Members {
    folder: tempfile::TempDir,
}

impl Members {
    /// Traced from the start.
    pub fn traced() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let members = Self { folder: tempfile::tempdir().unwrap() };
        members.start_with(&members.under_trace());
        let (file, how) = (members.program(), members.how());
        let script = format!("#!/bin/sh\nexec $(cat {}) {PROGRAM} \"$@\"\n", how.display());
        std::fs::write(&file, script).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
        members
    }

    /// The program that starts them.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    fn how(&self) -> PathBuf {
        self.folder.path().join("how")
    }

    fn under_trace(&self) -> String {
        tracer(self.folder.path())
    }

    fn start_with(&self, words: &str) {
        std::fs::write(self.how(), words).unwrap();
    }

    /// Whoever is started from now on has a clock that is wrong by this, as faketime writes it; empty: a right one.
    pub fn skewed(&self, by: &str) {
        match by {
            "" => self.start_with(&self.under_trace()),
            by => self.start_with(&format!("{} faketime -f {by}", self.under_trace())),
        }
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

/// A journey over the network, up to the step of this title, with these relays.
pub async fn journey(
    network: &Arc<TorNetwork>,
    program: PathBuf,
    folder: &Path,
    relays: Vec<String>,
    last: &str,
) -> Journey {
    let stage = Stage::Processes { program, network: Some(Arc::clone(network)) };
    let say = |said: conclave::demo::journey::Said| println!("{:>7} ms  {}", said.at_ms, said.text);
    let mut journey = Journey::new(folder, stage, Chain::Practice, say).with_relays(relays);
    let last = STEPS.iter().position(|step| step.title == last).unwrap_or_else(|| panic!("there is no step {last:?}"));
    for (number, step) in STEPS.iter().enumerate().take(last + 1) {
        println!("{}. {}", number + 1, step.title);
        journey.run(number).await.unwrap_or_else(|error| panic!("{}: {error}", step.title));
    }
    journey
}
