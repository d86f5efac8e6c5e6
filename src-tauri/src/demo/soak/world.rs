//! What is killed and started again: three members and a relay, each a process, and the chain's server.
//!
//! The relay keeps messages in memory, so what it held is gone with it. The chain itself outlives its server, as blocks do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::dice::Dice;
use super::mortal::Mortal;
use crate::demo::DemoError;
use crate::demo::servers::{ANY, server};
use crate::practice::{PracticeServer, SharedChain, serve};
use crate::tor::Loopback;

/// The members, in the order of [`World::members`].
pub const NAMES: [&str; 3] = ["Ana", "Ben", "Cleo"];
/// Longest pause before what was killed starts again.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// How long a port may be taken after its server was killed.
const PORT_PATIENCE: Duration = Duration::from_secs(20);

/// What was done to the processes.
#[derive(Debug, Default)]
pub struct Tally {
    /// Members killed.
    pub kills: AtomicU64,
    /// Members started again.
    pub restarts: AtomicU64,
    /// Times that the relay was killed and started again.
    pub relays: AtomicU64,
    /// Times that the chain's server was cut off and served again.
    pub chains: AtomicU64,
}

/// Three members and what they need, all of which may vanish.
pub struct World {
    /// In the order of [`NAMES`].
    pub members: Vec<Mortal>,
    /// The relay's address: `ws://127.0.0.1:PORT`.
    pub relay: String,
    /// The Electrum server's address: `tcp://127.0.0.1:PORT`.
    pub chain_server: String,
    /// The chain.
    pub chain: SharedChain,
    /// What was done so far.
    pub tally: Tally,
    program: PathBuf,
    relay_process: Mutex<Child>,
    served: Mutex<Option<PracticeServer>>,
}

/// What is to be struck in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blow {
    after: Duration,
    /// Members, each with the pause before it starts again.
    members: Vec<(usize, Duration)>,
    relay: bool,
    chain: bool,
}

impl Blow {
    /// Throws the dice for a round that usually takes `usual`: one member or two, in one round of ten all of them, in
    /// one of five the relay, in one of ten the chain's server. With the relay goes what it held: a member who starts
    /// again reads its whole mailbox, which would grow with every round.
    pub fn throw(dice: &mut Dice, usual: Duration) -> Self {
        let count = match dice.roll(10) {
            0 => NAMES.len(),
            1..=3 => 2,
            _ => 1,
        };
        let members = dice.pick(count, NAMES.len()).into_iter().map(|it| (it, dice.moment(LONGEST_PAUSE))).collect();
        Self { after: dice.moment(usual), members, relay: dice.roll(5) == 0, chain: dice.roll(10) == 0 }
    }
}

impl World {
    /// Starts all of it, with new installations under `folder`.
    pub async fn start(folder: &Path, program: &Path, chain: SharedChain) -> Result<Self, DemoError> {
        let (relay_process, relay) = server(Command::new(program).arg("relay"), "the relay", ANY).await?;
        let served = serve(chain.clone(), ANY).await?;
        let mut members = Vec::new();
        for name in NAMES {
            let member = Mortal::new(name, folder.join(name.to_lowercase()), program.to_owned()).await?;
            member.start().await?;
            members.push(member);
        }
        Ok(Self {
            members,
            relay,
            chain_server: served.url(),
            chain,
            tally: Tally::default(),
            program: program.to_owned(),
            relay_process: Mutex::new(relay_process),
            served: Mutex::new(Some(served)),
        })
    }

    /// Strikes: kills, waits, starts again.
    pub async fn strike(&self, blow: &Blow) -> Result<(), DemoError> {
        sleep(blow.after).await;
        for (member, _) in &blow.members {
            if self.members[*member].kill().await? {
                self.tally.kills.fetch_add(1, Ordering::Relaxed);
            }
        }
        if blow.relay {
            self.kill_relay().await?;
        }
        if blow.chain {
            self.cut_chain_off().await?;
        }
        let mut pauses = blow.members.clone();
        pauses.sort_by_key(|(_, pause)| *pause);
        let mut slept = Duration::ZERO;
        for (member, pause) in pauses {
            sleep(pause.saturating_sub(slept)).await;
            slept = pause;
            if self.members[member].start().await? {
                self.tally.restarts.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    async fn kill_relay(&self) -> Result<(), DemoError> {
        let mut process = self.relay_process.lock().await;
        let failed =
            |error: std::io::Error| DemoError::Process { member: "the relay".to_owned(), reason: error.to_string() };
        process.kill().await.map_err(failed)?;
        let address = Loopback::parse(&self.relay, "ws")?.address();
        let began = Instant::now();
        // The port may still be held for a moment by connections that end.
        *process = loop {
            match server(Command::new(&self.program).arg("relay"), "the relay", address).await {
                Ok((process, _)) => break process,
                Err(error) if began.elapsed() > PORT_PATIENCE => return Err(error),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        };
        self.tally.relays.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn cut_chain_off(&self) -> Result<(), DemoError> {
        let mut served = self.served.lock().await;
        drop(served.take());
        let address: SocketAddr = Loopback::parse(&self.chain_server, "tcp")?.address();
        let began = Instant::now();
        *served = Some(loop {
            match serve(self.chain.clone(), address).await {
                Ok(again) => break again,
                Err(error) if began.elapsed() > PORT_PATIENCE => return Err(error.into()),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        });
        self.tally.chains.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Kills everybody who still runs: the end, or a new vault.
    pub async fn end(&self) -> Result<(), DemoError> {
        for member in &self.members {
            member.kill().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blows_of_a_seed_can_be_repeated_and_hit_everything() {
        let blows = |seed| {
            let mut dice = Dice::new(seed);
            (0..300).map(|_| Blow::throw(&mut dice, Duration::from_secs(1))).collect::<Vec<_>>()
        };
        assert_eq!(blows(1), blows(1));
        let thrown = blows(1);
        assert!(thrown.iter().all(|blow| !blow.members.is_empty() && blow.after < Duration::from_secs(1)));
        assert!(thrown.iter().any(|blow| blow.members.len() == NAMES.len()));
        assert!(thrown.iter().any(|blow| blow.relay) && thrown.iter().any(|blow| blow.chain));
    }
}
