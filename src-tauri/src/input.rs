//! Everything that can happen to an installation: one closed enum, and the clock that is read when it happens.

use std::time::{SystemTime, UNIX_EPOCH};

use bitcoin::Transaction;
use conclave_shared::request::{Failure, Reply, Request};
use conclave_shared::view::{FeesView, HostingState};
use conclave_shared::{EventId, VaultId};
use tokio::sync::oneshot;

use crate::chain::{ChainError, Tip};
use crate::coins::Answer;
use crate::main_loop::Own;
use crate::open_vault::Outgoing;
use crate::relay::withholding::Judged;
use crate::relay::{Received, TransportError};

/// Everything that can happen to an installation.
#[derive(Debug)]
pub enum Input {
    /// A face asks.
    Ask {
        /// What.
        request: Request,
        /// Where the answer goes.
        reply: oneshot::Sender<Reply>,
    },
    /// The program around the installation asks.
    Own {
        /// What.
        own: Own,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), Failure>>,
    },
    /// A transport delivered a message.
    Received {
        /// For which vault.
        vault: VaultId,
        /// The message, its sender proven.
        received: Received,
    },
    /// A message was handed to the relays, or not.
    Sent {
        /// The message.
        outgoing: Outgoing,
        /// Why not.
        error: Option<TransportError>,
    },
    /// Which relay showed which messages, and which did not.
    Judged {
        /// For which vault.
        vault: VaultId,
        /// The judgements, oldest first.
        judged: Vec<Judged>,
    },
    /// A relay that this member hosts stands otherwise.
    Hosting {
        /// For which vault.
        vault: VaultId,
        /// How it stands.
        state: HostingState,
    },
    /// A chain source answered.
    Chain {
        /// For which vault or watched descriptor.
        vault: VaultId,
        /// Of which of its connections: one that was replaced is not believed any more.
        link: u64,
        /// What it said.
        news: ChainNews,
    },
}

/// What a vault's chain thread has learnt.
#[derive(Debug)]
pub enum ChainNews {
    /// The answer to a question.
    Answered {
        /// The answer.
        answer: Result<Answer, ChainError>,
        /// The last block, as far as the source told it.
        tip: Option<Tip>,
    },
    /// What a transaction has to pay.
    Fees(Result<FeesView, ChainError>),
    /// The network took a transaction, or not.
    Broadcast {
        /// Of which payment.
        proposal: EventId,
        /// The transaction.
        transaction: Box<Transaction>,
        /// None: taken, or known already.
        error: Option<ChainError>,
    },
}

/// This machine's clock, in ms since 1970.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
