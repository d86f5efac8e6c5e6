//! The chain as an Electrum server tells it: electrum-client through bdk_electrum, over a stream that came through the
//! door. The server is not believed where it need not be: transactions are checked by their id, blocks by merkle proof.
//! It can still keep silent about a transaction.

use std::fmt;
use std::time::Duration;

use bdk_electrum::BdkElectrumClient;
use bdk_wallet::chain::spk_client::{FullScanRequest, FullScanResponse, SyncRequest, SyncResponse};
use bdk_wallet::{KeychainKind, Wallet};
use bitcoin::{Transaction, Txid};
use conclave_shared::VaultId;
use conclave_shared::view::FeesView;
use electrum_client::raw_client::RawClient;
use electrum_client::{ElectrumApi, Error};
use serde_json::Value;

use super::chunked::{CHUNK, Chunked};
use super::stream::{ANSWER_TIME, LimitedStream, MAX_LINE};
use super::{Broadcast, ChainError, ChainSource, Refusal, Tip, fees};
use crate::tor::{Address, BlockingStream, DialError, Door, Isolation, Loopback};

const READ_TIMEOUT: Duration = Duration::from_secs(30);
const MEDIAN_TIME_BLOCKS: usize = 11;
/// Longest text of a server that is shown, in characters.
const MAX_REASON: usize = 300;

type Client = BdkElectrumClient<Chunked<RawClient<LimitedStream<BlockingStream>>>>;

/// An Electrum server.
pub struct Electrum {
    way: Way,
    client: Client,
}

/// How the server is reached.
enum Way {
    Here(Loopback),
    Through { door: Door, address: Address, isolation: Isolation },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(address) => address.fmt(f),
            Self::Through { address, .. } => address.fmt(f),
        }
    }
}

impl fmt::Debug for Electrum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Electrum")
            .field("address", &self.way.to_string())
            .field("connected", &self.client.inner.is_connected())
            .finish_non_exhaustive()
    }
}

impl Electrum {
    /// Connects to the server of a vault, or watched descriptor, through `door`, on a circuit of its own where Tor is
    /// needed: see [`Address::chain`]. Blocks for a minute at most, then 30 s for the answer.
    pub fn through(door: &Door, source: VaultId, url: &str) -> Result<Self, ChainError> {
        let address = Address::chain(url)?;
        let isolation = Isolation::Chain { source, server: address.clone() };
        let way = Way::Through { door: door.clone(), address, isolation };
        let mut source = Self { way, client: BdkElectrumClient::new(Chunked::default()) };
        source.ensure_connected()?;
        Ok(source)
    }

    /// Connects to `tcp://127.0.0.1:PORT` and agrees on the protocol's version. Blocks for 5 s at most, then 30 s for
    /// the answer.
    pub fn connect(url: &str) -> Result<Self, ChainError> {
        let mut source = Self::at(Loopback::parse(url, "tcp")?);
        source.ensure_connected()?;
        Ok(source)
    }

    /// The server at `address` on this machine; the first call connects. For a start while the server may still be away.
    pub fn at(address: Loopback) -> Self {
        Self { way: Way::Here(address), client: BdkElectrumClient::new(Chunked::default()) }
    }

    /// Whether a connection stands, as far as is known without asking.
    pub fn is_connected(&self) -> bool {
        self.client.inner.is_connected()
    }

    /// Requests and batches sent on the connection that stands, 0 if there is none.
    pub fn calls_made(&self) -> usize {
        self.client.inner.calls_made().unwrap_or(0)
    }

    fn ensure_connected(&mut self) -> Result<(), ChainError> {
        if self.client.inner.is_connected() {
            return Ok(());
        }
        let raw = self.open()?;
        self.client.inner.replace(Some(raw));
        Ok(())
    }

    fn open(&self) -> Result<RawClient<LimitedStream<BlockingStream>>, ChainError> {
        let stream = match &self.way {
            Way::Here(address) => {
                BlockingStream::near(*address, READ_TIMEOUT).map_err(|error| self.explain(Error::IOError(error)))?
            }
            Way::Through { door, address, isolation } => {
                let unreachable =
                    |error: DialError| ChainError::Unreachable { address: address.to_string(), reason: error.reason() };
                door.dial_blocking(address, isolation, READ_TIMEOUT).map_err(unreachable)?
            }
        };
        let raw = RawClient::from(LimitedStream::new(stream, MAX_LINE, ANSWER_TIME));
        // The server must be asked for its version before anything else.
        raw.protocol_version().map_err(|error| self.explain(error))?;
        Ok(raw)
    }

    /// Asks the server. After an error of the stream or of the protocol the connection is dropped: on a half-dead one the
    /// answer to the old question could pass for the answer to the next.
    fn ask<T>(&mut self, question: impl FnOnce(&Client) -> Result<T, Error>) -> Result<T, Asked> {
        self.ensure_connected().map_err(Asked::Failed)?;
        let answer = question(&self.client);
        // Notifications of new blocks pile up on the client, and every sync asks for the tip anyway.
        while let Ok(Some(_)) = self.client.inner.block_headers_pop_raw() {}
        match answer {
            Ok(answer) => Ok(answer),
            Err(Error::Protocol(error)) => Err(Asked::Declined(reason(&error))),
            Err(error) => {
                self.client.inner.replace(None);
                Err(Asked::Failed(self.explain(error)))
            }
        }
    }

    fn explain(&self, error: Error) -> ChainError {
        let unreachable = |reason: String| ChainError::Unreachable { address: self.way.to_string(), reason };
        match error {
            Error::IOError(error) if error.kind() == std::io::ErrorKind::InvalidData => malformed(&error),
            Error::SharedIOError(error) if error.kind() == std::io::ErrorKind::InvalidData => malformed(&error),
            Error::IOError(error) => unreachable(in_words(&error)),
            Error::SharedIOError(error) => unreachable(in_words(&error)),
            Error::Mpsc | Error::CouldntLockReader => unreachable("the connection broke".to_owned()),
            Error::Protocol(error) => ChainError::Declined { reason: reason(&error) },
            // Not ours to close: what is left of the crate's errors are all answers that cannot be read.
            other => malformed(&other),
        }
    }
}

/// Why a question has no answer.
enum Asked {
    /// The server answered with an error; the connection is sound.
    Declined(String),
    Failed(ChainError),
}

impl From<Asked> for ChainError {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Declined(reason) => Self::Declined { reason },
            Asked::Failed(error) => error,
        }
    }
}

/// An answer that a server may well not have.
fn known<T>(answer: Result<T, Asked>) -> Result<Option<T>, ChainError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Asked::Declined(_)) => Ok(None),
        Err(Asked::Failed(error)) => Err(error),
    }
}

impl ChainSource for Electrum {
    fn tip(&mut self) -> Result<Tip, ChainError> {
        let (height, headers) = self.ask(|client| {
            let height = client.inner.block_headers_subscribe()?.height;
            let start = height.saturating_sub(MEDIAN_TIME_BLOCKS - 1);
            Ok((height, client.inner.block_headers(start, height - start + 1)?.headers))
        })?;
        let linked = headers.iter().zip(headers.iter().skip(1)).all(|(a, b)| b.prev_blockhash == a.block_hash());
        let (Some(last), true) = (headers.last(), linked) else {
            return Err(malformed(&"the last headers do not follow one another"));
        };
        if headers.len() != MEDIAN_TIME_BLOCKS.min(height.saturating_add(1)) {
            return Err(ChainError::Declined { reason: "the chain changed meanwhile".to_owned() });
        }
        let mut times: Vec<u32> = headers.iter().map(|header| header.time).collect();
        times.sort_unstable();
        let height = u32::try_from(height).map_err(|error| malformed(&error))?;
        let median_time = times.get(times.len() / 2).copied().unwrap_or(last.time);
        Ok(Tip { height, hash: last.block_hash(), time: last.time, median_time })
    }

    fn sync(&mut self, request: SyncRequest<(KeychainKind, u32)>) -> Result<SyncResponse, ChainError> {
        Ok(self.ask(|client| client.sync(request, CHUNK, true))?)
    }

    fn full_scan(
        &mut self,
        request: FullScanRequest<KeychainKind>,
        stop_gap: usize,
    ) -> Result<FullScanResponse<KeychainKind>, ChainError> {
        Ok(self.ask(|client| client.full_scan(request, stop_gap, CHUNK, true))?)
    }

    fn transaction(&mut self, txid: Txid) -> Result<Option<Transaction>, ChainError> {
        match self.ask(|client| client.inner.transaction_get(&txid)) {
            Ok(tx) if tx.compute_txid() == txid => Ok(Some(tx)),
            Ok(_) => Err(malformed(&"another transaction than the one asked for")),
            // The protocol has no word of its own for "not known".
            Err(Asked::Declined(_)) => Ok(None),
            Err(Asked::Failed(error)) => Err(error),
        }
    }

    fn broadcast(&mut self, tx: &Transaction) -> Result<Broadcast, ChainError> {
        let txid = tx.compute_txid();
        let known = self.transaction(txid)?.is_some();
        // Sent even if it is known: a node then offers it to its peers once more.
        match self.ask(|client| client.inner.transaction_broadcast(tx)) {
            Ok(answered) if answered != txid => Err(malformed(&"the id of another transaction than the one sent")),
            Ok(_) if known => Ok(Broadcast::AlreadyKnown),
            Ok(_) => Ok(Broadcast::Sent),
            Err(Asked::Declined(_)) if known => Ok(Broadcast::AlreadyKnown),
            // It may have come by another way between the two questions.
            Err(Asked::Declined(reason)) => match self.transaction(txid)? {
                Some(_) => Ok(Broadcast::AlreadyKnown),
                None => Err(ChainError::Refused { why: Refusal::of(&reason), reason }),
            },
            Err(Asked::Failed(error)) => Err(error),
        }
    }

    fn fees(&mut self) -> Result<FeesView, ChainError> {
        let mut least = known(self.ask(|client| client.inner.relay_fee()))?;
        if least.is_none() {
            // From protocol 1.6 on it is told here.
            least = known(self.ask(|client| Ok(client.inner.mempool_get_info()?.minrelaytxfee)))?;
        }
        let mut answers = Vec::new();
        for blocks in fees::BLOCKS {
            let answer = self.ask(|client| client.inner.estimate_fee(blocks as usize, None));
            answers.extend(known(answer)?.map(|rate| (blocks, rate)));
        }
        Ok(fees::judged(least, &answers))
    }

    fn remember(&mut self, wallet: &Wallet) {
        let graph = wallet.tx_graph();
        self.client.populate_tx_cache(graph.full_txs().map(|node| node.tx));
        self.client.populate_anchor_cache(
            graph.full_txs().map(|node| (node.txid, node.anchors.iter().copied().collect::<Vec<_>>())),
        );
    }
}

/// Why a connection failed. A read that was given up has a name of its own on each system, and none of them says so.
fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

fn malformed(what: &impl ToString) -> ChainError {
    ChainError::Malformed { reason: short(&what.to_string()) }
}

/// The message of a JSON-RPC error, or all of it.
fn reason(error: &Value) -> String {
    match error.get("message").and_then(Value::as_str) {
        Some(message) => short(message),
        None => short(&error.to_string()),
    }
}

/// Outside text as it may be shown: of bounded length, on one line, without control characters.
fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_silent_is_told_in_words() {
        let source = Electrum::at(Loopback::parse("tcp://127.0.0.1:9", "tcp").unwrap());
        let said = |kind: std::io::ErrorKind| source.explain(Error::IOError(kind.into())).to_string();
        for kind in [std::io::ErrorKind::WouldBlock, std::io::ErrorKind::TimedOut] {
            assert!(said(kind).ends_with("try again later: no answer in time"), "{}", said(kind));
        }
        assert!(said(std::io::ErrorKind::ConnectionRefused).contains("refused"));
    }
}
