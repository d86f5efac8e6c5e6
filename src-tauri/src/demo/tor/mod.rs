//! A private Tor network of Debian's tor for a demo or a test: authorities, relays, exits and a host of onion services, all
//! on loopback, with settings of its own. They end when this is dropped, and when the process that holds it is killed.
//!
//! [`programs`] finds tor, `node` sets up one tor, `control` has a tor offer onion services. Nothing here knows of vaults or members, nor of this program's own client of Tor.

mod control;
mod node;
pub mod programs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::control::{Control, Offered};
use self::node::{HSDIR_MINUTES, Role, TorNode, VOTING_INTERVAL, free_ports};
use super::kept::{Kept, KeptError, end_of};
use crate::tor::Loopback;

pub use self::programs::TorPrograms;

/// The tors of a network. Fewer guards than four leave clients too little to choose from when one is down.
const ROLES: [Role; 10] = [
    Role::Authority,
    Role::Authority,
    Role::Authority,
    Role::Guard,
    Role::Guard,
    Role::Guard,
    Role::Guard,
    Role::Exit,
    Role::Exit,
    Role::Host,
];
/// How long a network may take until it can be used: several votes.
const PATIENCE: Duration = Duration::from_secs(150);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// Another program may take a port between its choice and its use: so many times others are tried.
const TRIES: u32 = 5;

/// Why the private network did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum TorNetworkError {
    /// A program is nowhere.
    #[error("{program} is missing: install the package tor, or name a program by {variable}")]
    Missing {
        /// Which.
        program: &'static str,
        /// The environment variable that names one.
        variable: &'static str,
    },
    /// A program does not run as it should.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// A tor said something else than was expected.
    #[error("{who} of the private Tor network: {what}")]
    Unexpected {
        /// Which.
        who: String,
        /// What it said.
        what: String,
    },
    /// The network is not usable in time.
    #[error("the private Tor network is not usable after {} s: {waits}; it said last: {said}", PATIENCE.as_secs())]
    TooLong {
        /// What is waited for.
        waits: String,
        /// The end of a log.
        said: String,
    },
    /// No port, no folder, no connection.
    #[error("this machine does not give what the private Tor network needs: {0}")]
    Machine(#[from] std::io::Error),
}

/// A private Tor network. Calls block: run them on a blocking thread.
#[derive(Debug)]
pub struct TorNetwork {
    programs: TorPrograms,
    nodes: Vec<TorNode>,
    client_settings: PathBuf,
    running: Mutex<BTreeMap<String, Kept>>,
    offered: Mutex<Vec<Offered>>,
    // Dropped last: the processes write into it.
    _folder: tempfile::TempDir,
}

impl TorNetwork {
    /// Starts a network and waits until clients can use it, onion services and exits included.
    pub fn start(programs: TorPrograms) -> Result<Self, TorNetworkError> {
        let mut tried = 1;
        loop {
            match Self::try_start(programs.clone()) {
                Err(TorNetworkError::Kept(KeptError::Ended { .. })) if tried < TRIES => tried += 1,
                started => return started,
            }
        }
    }

    fn try_start(programs: TorPrograms) -> Result<Self, TorNetworkError> {
        let temporary = tempfile::Builder::new().prefix("conclave-tor").tempdir()?;
        let folder = temporary.path();
        let places = (0..).zip(ROLES).zip(free_ports(ROLES.len() as u8)?);
        // Making keys takes all that a core gives.
        let nodes: Vec<TorNode> = std::thread::scope(|scope| {
            let programs = &programs;
            let make =
                |((index, role), ports)| scope.spawn(move || TorNode::make(programs, folder, role, index, ports));
            let made: Vec<_> = places.map(make).collect();
            let joined = made.into_iter().map(|thread| thread.join());
            joined.map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect::<Result<_, _>>()
        })?;
        let names = folder.join("names");
        // No name is ever looked up: nobody listens there.
        std::fs::write(&names, "nameserver 127.255.255.254\n")?;
        for node in &nodes {
            std::fs::write(node.settings_file(), node.settings(&nodes, &names))?;
        }
        let client_settings = folder.join("arti.toml");
        std::fs::write(&client_settings, settings_of_a_client(&nodes))?;
        let network = Self {
            programs,
            nodes,
            client_settings,
            running: Mutex::default(),
            offered: Mutex::default(),
            _folder: temporary,
        };
        // Who begins right after a vote has the whole time until the next one to become known.
        std::thread::sleep(until_after_a_vote());
        network.run()?;
        Ok(network)
    }

    // ---- what is there ----

    /// A file with arti's settings for a client of this network.
    pub fn client_settings(&self) -> &Path {
        &self.client_settings
    }

    /// Where clients enter: nothing else of the network is ever dialled by one.
    pub fn guards(&self) -> Vec<SocketAddr> {
        self.nodes.iter().filter(|node| node.role == Role::Guard).map(|node| node.onion_port).collect()
    }

    /// How many connections to onion services the relays have joined so far, by their own logs.
    pub fn joined(&self) -> usize {
        let logs = self.nodes.iter().map(|node| std::fs::read_to_string(node.rendezvous_log()).unwrap_or_default());
        logs.map(|log| log.matches("Completing rendezvous").count()).sum()
    }

    /// Offers the server at `target` as an onion service; returns its address, `HOST.onion`, once it can be found.
    pub fn offer(&self, port: u16, target: Loopback) -> Result<String, TorNetworkError> {
        let offered = self.host()?.offer(port, target)?;
        let address = format!("{}.onion", offered.name);
        lock(&self.offered).push(offered);
        Ok(address)
    }

    // ---- processes ----

    /// Starts every tor that does not run, on the keys and the state that it had, and waits until clients can use the
    /// network.
    pub fn run(&self) -> Result<(), TorNetworkError> {
        let mut running = lock(&self.running);
        // A host that came too early would keep its first list of relays, which is not whole, for a long time.
        let (hosts, relays): (Vec<_>, Vec<_>) = self.nodes.iter().partition(|node| node.role == Role::Host);
        self.start_all(&relays, &mut running)?;
        if self.start_all(&hosts, &mut running)? {
            for offered in lock(&self.offered).iter() {
                self.host()?.offer_again(offered)?;
            }
        }
        Ok(())
    }

    /// Starts those of them that do not run, and waits until all are ready. Returns whether any was started.
    fn start_all(&self, nodes: &[&TorNode], running: &mut BTreeMap<String, Kept>) -> Result<bool, TorNetworkError> {
        let began = Instant::now();
        let mut started = false;
        for node in nodes {
            if running.contains_key(&node.nickname) {
                continue;
            }
            // What an earlier run said is no sign of this one.
            std::fs::write(node.log(), "")?;
            let options = ["-f", &node.settings_file().display().to_string(), "--quiet"].map(str::to_owned);
            let kept = Kept::start(&self.programs.keeper, "tor", &self.programs.tor, &options, &node.folder)?;
            running.insert(node.nickname.clone(), kept);
            started = true;
        }
        while let Some((node, waits)) = nodes.iter().find_map(|node| Some((*node, self.waits_for(node)?))) {
            if let Some(kept) = running.get_mut(&node.nickname) {
                kept.still_runs()?;
            }
            if began.elapsed() > PATIENCE {
                let waits = format!("{} {waits}", node.nickname);
                return Err(TorNetworkError::TooLong { waits, said: end_of(&node.log()) });
            }
            std::thread::sleep(LOOK);
        }
        Ok(started)
    }

    /// Kills every tor: no goodbye to anybody.
    pub fn kill(&self) -> Result<(), TorNetworkError> {
        let mut running = lock(&self.running);
        // All at once: each ends as soon as its keeper's input does.
        running.values_mut().for_each(Kept::let_go);
        for (_, mut kept) in std::mem::take(&mut *running) {
            kept.kill()?;
        }
        Ok(())
    }

    /// Cuts the network off: every tor stands still, connections stay open and nothing passes.
    pub fn cut(&self) -> Result<(), TorNetworkError> {
        self.signal("STOP")
    }

    /// Ends a cut.
    pub fn mend(&self) -> Result<(), TorNetworkError> {
        self.signal("CONT")
    }

    fn signal(&self, signal: &str) -> Result<(), TorNetworkError> {
        for node in &self.nodes {
            let process = std::fs::read_to_string(node.process_file())?;
            let status = Command::new("kill").args(["-s", signal, process.trim()]).stdin(Stdio::null()).status()?;
            if !status.success() {
                let what = format!("it did not take the signal {signal}: {status}");
                return Err(TorNetworkError::Unexpected { who: node.nickname.clone(), what });
            }
        }
        Ok(())
    }

    /// What a tor lacks until clients can use it.
    fn waits_for(&self, node: &TorNode) -> Option<&'static str> {
        if node.role == Role::Host {
            let ready = self.host().and_then(|mut host| host.bootstrapped()).is_ok_and(|percent| percent == 100);
            return (!ready).then_some("has no circuit");
        }
        let consensus = std::fs::read_to_string(node.consensus()).unwrap_or_default();
        let has = |flag: &str| {
            let flags = consensus.lines().filter_map(|line| line.strip_prefix("s "));
            flags.filter(|flags| flags.split(' ').any(|it| it == flag)).count()
        };
        let of = |role| self.nodes.iter().filter(|node| node.role == role).count();
        if has("Running") < ROLES.len() - of(Role::Host) {
            return Some("does not know every relay");
        }
        if has("Guard") < of(Role::Guard) || has("Exit") < of(Role::Exit) {
            return Some("does not know what every relay is for");
        }
        let log = std::fs::read_to_string(node.log()).unwrap_or_default();
        // Relays need no circuits of their own for those of others.
        (!log.contains("(enough_dirinfo)") && !log.contains("Bootstrapped 100%"))
            .then_some("does not know enough of the relays")
    }

    fn host(&self) -> Result<Control, TorNetworkError> {
        let host = self.nodes.iter().find(|node| node.role == Role::Host);
        let missing = || TorNetworkError::Unexpected { who: "host".to_owned(), what: "there is none".to_owned() };
        Control::connect(&host.ok_or_else(missing)?.control_socket())
    }
}

/// How long it is until just after a moment at which authorities vote: they do so by the clock.
fn until_after_a_vote() -> Duration {
    let interval = Duration::from_secs(u64::from(VOTING_INTERVAL));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = Duration::from_millis((now.as_millis() % interval.as_millis()) as u64);
    if since < interval / 8 { Duration::ZERO } else { interval - since }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// arti's settings for a client of a network of these. Where a client keeps its state is its own affair.
fn settings_of_a_client(nodes: &[TorNode]) -> String {
    let voters: Vec<&str> = nodes.iter().filter_map(|node| node.voter.as_deref()).collect();
    let authorities: Vec<[String; 1]> =
        nodes.iter().filter(|node| node.role == Role::Authority).map(|node| [node.onion_port.to_string()]).collect();
    let mut text = format!(
        "[address_filter]\nallow_onion_addrs = true\nallow_local_addrs = true\n\n\
         [override_net_params]\nhsdir_interval = {HSDIR_MINUTES}\n\n\
         [tor_network.authorities]\nv3idents = {voters:?}\nuploads = {authorities:?}\ndownloads = {authorities:?}\n\
         votes = {authorities:?}\n"
    );
    for TorNode { fingerprint, identity, onion_port, .. } in nodes.iter().filter(|node| node.role == Role::Guard) {
        let _ = write!(
            text,
            "\n[[tor_network.fallback_caches]]\nrsa_identity = {fingerprint:?}\ned_identity = {identity:?}\n\
             orports = [\"{onion_port}\"]\n"
        );
    }
    text
}
