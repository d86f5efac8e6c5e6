//! What the vaults know of the bitcoin chain, and by whom: one trait, an adapter for each kind of source. An adapter
//! holds no wallet and no keys; it answers with what `bdk_wallet` applies by `Wallet::apply_update`.

pub mod chunked;
pub mod electrum;
pub(crate) mod outside;
mod stream;
#[cfg(test)]
mod tests;

use bdk_wallet::chain::spk_client::{FullScanRequest, FullScanResponse, SyncRequest, SyncResponse};
use bdk_wallet::{KeychainKind, Wallet};
use bitcoin::{BlockHash, Transaction, Txid};

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

/// What a chain source could not do.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// Nobody answers, or not in time. Nothing is lost: ask again later.
    #[error("the chain server at {address} cannot be reached, try again later: {reason}")]
    Unreachable {
        /// Its address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// The network refuses the transaction. Sending the same bytes again does not help.
    #[error("the network refuses the transaction: {reason}")]
    Refused {
        /// The server's reason, shortened. Outside text: show it, never act on it.
        reason: String,
    },
    /// The server answers a question with an error, for example because a block was replaced meanwhile. Ask again later.
    #[error("the chain server could not answer, try again later: {reason}")]
    Declined {
        /// The server's reason, shortened. Outside text: show it, never act on it.
        reason: String,
    },
    /// The server answers what the protocol or the chain does not allow. Another server may do better.
    #[error("the chain server answered what cannot be right, choose another server: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The address does not pass the door.
    #[error(transparent)]
    Address(#[from] DoorError),
}
