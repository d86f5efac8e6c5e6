//! The practice chain: a regtest bitcoin chain in memory, served by the Electrum protocol on loopback. The demo and a
//! newcomer's practice vault run on it. Its coins are worth nothing, its rules are bitcoin's.
//!
//! [`chain`] is the state, [`block`] makes blocks, [`rules`] judges transactions, [`electrum`] serves, [`control`] lets
//! another process mine and pay. Nothing here knows of vaults, members or wallets.

pub(crate) mod block;
pub mod chain;
pub mod control;
pub mod electrum;
pub mod rules;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

pub use chain::{PracticeChain, PracticeError};
pub use control::{ControlError, PracticeControl};
pub use electrum::{PracticeServer, ServeError, serve};
pub use rules::Rejection;

/// One practice chain in the hands of several tasks. Clones share the chain.
#[derive(Debug, Clone)]
pub struct SharedChain {
    chain: Arc<Mutex<PracticeChain>>,
    changed: watch::Sender<u64>,
}

impl SharedChain {
    /// Shares `chain`.
    pub fn new(chain: PracticeChain) -> Self {
        let changed = watch::Sender::new(chain.revision());
        Self { chain: Arc::new(Mutex::new(chain)), changed }
    }

    /// A new chain that begins now, by this machine's clock.
    pub fn begin() -> Self {
        Self::new(PracticeChain::new(now_seconds()))
    }

    /// Looks at the chain or changes it, and wakes those who wait for a change. The chain's clock is set to this
    /// machine's time first. Do nothing slow inside: everybody else waits.
    pub fn with<T>(&self, work: impl FnOnce(&mut PracticeChain) -> T) -> T {
        // A panic inside `work` is a defect of ours, but it must not take the practice chain from everybody else.
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.set_clock(now_seconds());
        let answer = work(&mut chain);
        let revision = chain.revision();
        self.changed.send_if_modified(|seen| std::mem::replace(seen, revision) != revision);
        answer
    }

    /// Wakes at every change of blocks or mempool; the value is [`PracticeChain::revision`].
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

fn now_seconds() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    u32::try_from(now).unwrap_or(u32::MAX)
}
