//! What the vaults know of the bitcoin chain, and by whom: one trait, an adapter for each kind of source. An adapter
//! holds no wallet and no keys; it answers with what `bdk_wallet` applies by `Wallet::apply_update`.

pub mod chunked;
pub mod electrum;
mod fees;
pub(crate) mod outside;
mod stream;
#[cfg(test)]
mod tests;

use std::fmt;

use bdk_wallet::chain::spk_client::{FullScanRequest, FullScanResponse, SyncRequest, SyncResponse};
use bdk_wallet::{KeychainKind, Wallet};
use bitcoin::{BlockHash, Transaction, Txid};
use conclave_shared::view::FeesView;

use crate::tor::DoorError;

pub use electrum::Electrum;

/// Where an installation learns of blocks and transactions. Calls block: run them on a blocking thread.
///
/// A source keeps its own connection: after [`ChainError::Unreachable`] the next call connects anew.
pub trait ChainSource: Send {
    /// The last block.
    fn tip(&mut self) -> Result<Tip, ChainError>;

    /// What has changed for the scripts that the wallet has already handed out.
    fn sync(&mut self, request: SyncRequest<(KeychainKind, u32)>) -> Result<SyncResponse, ChainError>;

    /// Looks for a wallet's whole past: each keychain until `stop_gap` scripts in a row were never used.
    fn full_scan(
        &mut self,
        request: FullScanRequest<KeychainKind>,
        stop_gap: usize,
    ) -> Result<FullScanResponse<KeychainKind>, ChainError>;

    /// A transaction in full, `None` if the source does not know it.
    fn transaction(&mut self, txid: Txid) -> Result<Option<Transaction>, ChainError>;

    /// Hands a transaction to the network. It may be called again at any time: what is in the mempool or in a block
    /// already is no error.
    fn broadcast(&mut self, tx: &Transaction) -> Result<Broadcast, ChainError>;

    /// What a transaction has to pay to be in one of the next blocks. What cannot be right is left out.
    fn fees(&mut self) -> Result<FeesView, ChainError>;

    /// Takes the transactions that the wallet holds as known, so that they are not fetched again. Worth a call after a
    /// wallet was loaded; a source may ignore it.
    fn remember(&mut self, wallet: &Wallet);
}

/// The last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// Its height: blocks after genesis.
    pub height: u32,
    /// Its hash.
    pub hash: BlockHash,
    /// When its miner says that it was made, in seconds since 1970.
    pub time: u32,
    /// Median time past (BIP113) in seconds since 1970: the chain's own clock, which no single miner sets.
    pub median_time: u32,
}

/// What became of a transaction that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broadcast {
    /// The network took it now.
    Sent,
    /// The network had it already, in the mempool or in a block.
    AlreadyKnown,
}

/// What it means that the network refuses a transaction. Only for people: told by words of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An unconfirmed transaction spends one of its coins.
    Conflict,
    /// A coin is not there, or is spent in a block.
    CoinsMissing,
    /// It pays too little.
    Fee,
    /// Something else.
    Other,
}

impl Refusal {
    /// What words of a node mean: those of Bitcoin Core, and those of the practice chain.
    pub(crate) fn of(reason: &str) -> Self {
        let reason = reason.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        if says(&["missingorspent", "missing inputs", "missing-inputs", "does not exist", "which is in a block"]) {
            Self::CoinsMissing
        } else if says(&["mempool-conflict", "insufficient fee", "replacement"]) {
            Self::Conflict
        } else if says(&["min relay fee", "mempool min fee", "below the minimum"]) {
            Self::Fee
        } else {
            Self::Other
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conflict => {
                "another transaction that waits for a block spends one of its coins; one of the two will be confirmed"
            }
            Self::CoinsMissing => "one of its coins is spent in a block, or is not known any more",
            Self::Fee => "its fee is too low for the network now; bump it",
            Self::Other => "sending the same bytes again will not help",
        })
    }
}

/// What a chain source could not do.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum ChainError {
    /// Nobody answers, or not in time. Nothing is lost: ask again later.
    #[error("the chain server at {address} cannot be reached, try again later: {reason}")]
    #[strum(serialize = "chain-unreachable")]
    Unreachable {
        /// Its address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// The network refuses the transaction.
    #[error("the network refuses the transaction: {why} (the server says: {reason})")]
    #[strum(serialize = "chain-refused")]
    Refused {
        /// What that means, as far as the server's words are known ones.
        why: Refusal,
        /// The server's reason, shortened. Outside text: show it, never act on it.
        reason: String,
    },
    /// The server answers a question with an error, for example because a block was replaced meanwhile. Ask again later.
    #[error("the chain server could not answer, try again later: {reason}")]
    #[strum(serialize = "chain-declined")]
    Declined {
        /// The server's reason, shortened. Outside text: show it, never act on it.
        reason: String,
    },
    /// The server answers what the protocol or the chain does not allow. Another server may do better.
    #[error("the chain server answered what cannot be right, choose another server: {reason}")]
    #[strum(serialize = "chain-malformed")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The address does not pass the door.
    #[error(transparent)]
    Address(#[from] DoorError),
}
