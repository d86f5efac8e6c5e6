//! A whole vault life on the practice chain, or on a real Bitcoin node: three keyholders and an auditor, from the invitation to a confirmed payment,
//! with one member killed half-way and one offline for a part. The headless demo runs it with separate processes, the
//! window's practice vault inside its own.

pub mod attack;
pub mod blocks;
pub mod journey;
pub mod kept;
pub mod member;
pub mod nip01;
pub mod node;
pub mod practice_vault;
pub mod servers;
pub mod soak;
pub mod tor;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conclave_shared::request::{Failure, Reply};

pub use blocks::{Blocks, Chain};
pub use journey::{Journey, STEPS};
pub use practice_vault::PracticeVault;
pub use tor::{TorNetwork, TorPrograms};

/// Where the members and servers of a demo run.
#[derive(Debug, Clone)]
pub enum Stage {
    /// All in this process.
    Here {
        /// Over which members reach relay and chain; without one they do so directly.
        network: Option<Arc<TorNetwork>>,
    },
    /// Each in a process of its own.
    Processes {
        /// The headless program.
        program: PathBuf,
        /// Over which members reach relay and chain; without one they do so directly.
        network: Option<Arc<TorNetwork>>,
    },
}

impl Stage {
    /// Processes of this program that reach each other directly.
    pub fn processes(program: PathBuf) -> Self {
        Stage::Processes { program, network: None }
    }

    /// The private Tor network, where there is one.
    pub fn network(&self) -> Option<&Arc<TorNetwork>> {
        match self {
            Stage::Here { network } | Stage::Processes { network, .. } => network.as_ref(),
        }
    }
}

/// Why a demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A member refused what was asked.
    #[error("{member} answered: {}", .failure.message)]
    Refused {
        /// Who.
        member: String,
        /// What they said.
        failure: Failure,
    },
    /// A member answered something else than was asked.
    #[error("{member} gave an answer that does not fit: {reply:?}")]
    Unexpected {
        /// Who.
        member: String,
        /// What they said.
        reply: Box<Reply>,
    },
    /// Something did not happen in time.
    #[error("after {} s still waiting for: {what}", .waited.as_secs())]
    TooLong {
        /// What was waited for.
        what: String,
        /// How long.
        waited: Duration,
    },
    /// What must be equal differs.
    #[error("{what} differs between members")]
    Differs {
        /// What.
        what: &'static str,
    },
    /// What must always hold does not.
    #[error("{whose}: {what}")]
    Broken {
        /// At whom it was seen.
        whose: String,
        /// What was seen.
        what: String,
    },
    /// An exported line does not verify.
    #[error("line {line} of {member}'s record: {fault}")]
    Record {
        /// Whose record.
        member: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        fault: nip01::Nip01Fault,
    },
    /// A process ended or does not speak.
    #[error("the process of {member} ended or does not answer: {reason}")]
    Process {
        /// Whose.
        member: String,
        /// What happened.
        reason: String,
    },
    /// A member is not running.
    #[error("{member} is offline")]
    Offline {
        /// Who.
        member: String,
    },
    /// A folder could not be made.
    #[error("folder {path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The installation could not be made.
    #[error(transparent)]
    Installation(#[from] crate::failure::InstallationError),
    /// The store could not be made.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The passphrase.
    #[error(transparent)]
    Passphrase(#[from] crate::store::PassphraseError),
    /// The embedded relay.
    #[error(transparent)]
    Relay(#[from] crate::relay::embedded::RelayError),
    /// The practice chain's server.
    #[error(transparent)]
    Serve(#[from] crate::practice::ServeError),
    /// The practice chain's control.
    #[error(transparent)]
    Control(#[from] crate::practice::ControlError),
    /// The Bitcoin node or its Electrum server.
    #[error(transparent)]
    Node(#[from] node::NodeError),
    /// The private Tor network.
    #[error(transparent)]
    Tor(#[from] tor::TorNetworkError),
    /// An address that does not pass the door.
    #[error(transparent)]
    Door(#[from] crate::tor::DoorError),
}
