//! The practice chain's server: Electrum protocol 1.4 (newline-delimited JSON-RPC) on loopback, and three methods of our
//! own, `practice.mine`, `practice.fund` and `practice.reorg`. What a client sends is outside bytes: limited in size
//! before it is parsed, answered by a typed error, never trusted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{Address, Amount, Network, Transaction, Txid, address};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::SharedChain;
use super::chain::{PracticeChain, PracticeError, ScriptHash, Standing};
use super::rules::Rejection;
use crate::tor::Loopback;

/// The version of the Electrum protocol that is spoken.
pub const PROTOCOL_VERSION: &str = "1.4";
/// Longest request, in bytes. A transaction of the largest relayed weight is 800 kB of hex.
pub const MAX_LINE: usize = 4_000_000;
/// Most requests in one JSON array.
pub const MAX_BATCH: usize = 1_000;
/// Most blocks that one `practice.mine` makes.
pub const MAX_MINE: u32 = 2_016;

const MAX_CONNECTIONS: usize = 128;
const MAX_SUBSCRIPTIONS: usize = 20_000;
const MAX_HEADERS: u32 = 2_016;
/// A client that does not read for this long is let go.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// 1 sat/vB, in BTC per 1000 vB: what every transaction has to pay, for there is no fee market here.
const FEE_RATE: f64 = 0.000_01;
const SOFTWARE: &str = concat!("Conclave practice chain ", env!("CARGO_PKG_VERSION"));
const BANNER: &str = "Conclave practice chain: its coins are worth nothing.";

/// Why the practice chain cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Not an address of this machine.
    #[error("the practice chain is served on this machine only, not on {address}")]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address} (is it taken by another program?): {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A running server. It stops, and its connections close, when this is dropped.
#[derive(Debug)]
pub struct PracticeServer {
    address: Loopback,
    chain: SharedChain,
    task: AbortHandle,
}

impl PracticeServer {
    /// Where it listens.
    pub fn address(&self) -> Loopback {
        self.address
    }

    /// The address as clients are told it, `tcp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("tcp://{}", self.address)
    }

    /// The chain it serves.
    pub fn chain(&self) -> &SharedChain {
        &self.chain
    }
}

impl Drop for PracticeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `chain` on `listen`, port 0 meaning any free one. Call it inside a tokio runtime.
pub async fn serve(chain: SharedChain, listen: SocketAddr) -> Result<PracticeServer, ServeError> {
    let door = Loopback::from_address(listen).ok_or(ServeError::NotLoopback { address: listen })?;
    let failed = |source| ServeError::Listen { address: listen, source };
    let listener = TcpListener::bind(door.address()).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let address = Loopback::from_address(bound).ok_or(ServeError::NotLoopback { address: bound })?;
    let task = tokio::spawn(accept_connections(listener, chain.clone())).abort_handle();
    Ok(PracticeServer { address, chain, task })
}

async fn accept_connections(listener: TcpListener, chain: SharedChain) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Answers are short lines: held back to be sent together they cost the client 40 ms each. A system
                    // that cannot do it is only slower.
                    let _ = stream.set_nodelay(true);
                    // Above the limit the stream is dropped, which closes it.
                    if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                        let connection = Connection::new(chain.clone());
                        connections.spawn(async move {
                            connection.run(stream).await;
                            drop(place);
                        });
                    }
                }
                // For example no file descriptor is free: those who are connected go on.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What a request asks in vain for.
#[derive(Debug, thiserror::Error)]
enum RequestError {
    #[error("not JSON: send one JSON-RPC request a line")]
    Parse,
    #[error("the line is longer than {MAX_LINE} bytes")]
    LineTooLong,
    #[error("not a JSON-RPC request: a method is needed, params as an array, and at most {MAX_BATCH} requests at once")]
    Invalid,
    #[error("unknown method {0:?}")]
    UnknownMethod(String),
    #[error("wrong parameters: expected {0}")]
    Params(&'static str),
    #[error("only protocol version {PROTOCOL_VERSION} is spoken here")]
    Version,
    #[error("no block at height {0}")]
    NoBlock(u32),
    #[error("no such transaction")]
    NoTransaction,
    #[error("too many subscriptions: at most {MAX_SUBSCRIPTIONS} on one connection")]
    Subscriptions,
    #[error("the transaction was rejected by the rules of the chain: {0}")]
    Rejected(Rejection),
    #[error(transparent)]
    Practice(#[from] PracticeError),
}

impl RequestError {
    /// JSON-RPC's own codes, and Electrum's 1 for a request and 2 for what the node refuses.
    fn code(&self) -> i32 {
        match self {
            Self::Parse => -32_700,
            Self::LineTooLong | Self::Invalid => -32_600,
            Self::UnknownMethod(_) => -32_601,
            Self::Params(_) => -32_602,
            Self::Version | Self::NoBlock(_) | Self::NoTransaction | Self::Subscriptions => 1,
            Self::Rejected(_) | Self::Practice(_) => 2,
        }
    }
}

/// One client.
struct Connection {
    chain: SharedChain,
    changes: watch::Receiver<u64>,
    /// The tip the client was told last, if it wants to be told.
    headers: Option<Value>,
    /// The status the client was told last of each script it watches.
    scripts: BTreeMap<ScriptHash, Value>,
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
    Closed,
}

impl Connection {
    fn new(chain: SharedChain) -> Self {
        let changes = chain.changes();
        Self { chain, changes, headers: None, scripts: BTreeMap::new() }
    }

    async fn run(mut self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let mut partial = Vec::new();
        loop {
            // What was read of a line stays in `partial` when a change comes between.
            let line = tokio::select! {
                line = next_line(&mut read, &mut partial) => Some(line),
                changed = self.changes.changed() => if changed.is_ok() { None } else { return },
            };
            let (answer, close) = match line {
                Some(Line::Whole(line)) => (self.answer_line(&line), false),
                Some(Line::TooLong) => (Some(failure(Value::Null, &RequestError::LineTooLong)), true),
                Some(Line::Closed) => return,
                None => (None, false),
            };
            if let Some(answer) = answer
                && !send(&mut write, &answer).await
            {
                return;
            }
            if close {
                return;
            }
            for notification in self.notifications() {
                if !send(&mut write, &notification).await {
                    return;
                }
            }
        }
    }

    fn answer_line(&mut self, line: &[u8]) -> Option<Value> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let Ok(request) = serde_json::from_slice::<Value>(line) else {
            return Some(failure(Value::Null, &RequestError::Parse));
        };
        match request {
            Value::Array(requests) if requests.is_empty() || requests.len() > MAX_BATCH => {
                Some(failure(Value::Null, &RequestError::Invalid))
            }
            Value::Array(requests) => Some(requests.iter().map(|request| self.answer(request)).collect()),
            single => Some(self.answer(&single)),
        }
    }

    fn answer(&mut self, request: &Value) -> Value {
        let id = request.get("id").cloned().unwrap_or(Value::Null);
        let none = Vec::new();
        let method = request.get("method").and_then(Value::as_str);
        let params = match request.get("params") {
            None => Some(&none),
            Some(params) => params.as_array(),
        };
        let (Some(method), Some(params)) = (method, params) else { return failure(id, &RequestError::Invalid) };
        match self.call(method, Params(params)) {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(error) => failure(id, &error),
        }
    }

    fn call(&mut self, method: &str, params: Params<'_>) -> Result<Value, RequestError> {
        let chain = self.chain.clone();
        match method {
            "server.version" => version(params),
            "server.banner" => Ok(json!(BANNER)),
            "server.ping" => Ok(Value::Null),
            "server.features" => chain.with(|chain| features(chain)),
            "blockchain.headers.subscribe" => {
                let tip = chain.with(|chain| tip(chain));
                self.headers = Some(tip.clone());
                Ok(tip)
            }
            "blockchain.block.header" => chain.with(|chain| block_header(chain, params)),
            "blockchain.block.headers" => chain.with(|chain| block_headers(chain, params)),
            "blockchain.estimatefee" => estimate_fee(params),
            "blockchain.relayfee" => Ok(json!(FEE_RATE)),
            "blockchain.scripthash.get_history" => chain.with(|chain| history(chain, params)),
            "blockchain.scripthash.listunspent" => chain.with(|chain| unspent(chain, params)),
            "blockchain.scripthash.get_balance" => chain.with(|chain| balance(chain, params)),
            "blockchain.scripthash.subscribe" => {
                let script = params.script_hash(0)?;
                if self.scripts.len() >= MAX_SUBSCRIPTIONS && !self.scripts.contains_key(&script) {
                    return Err(RequestError::Subscriptions);
                }
                let status = chain.with(|chain| status(chain, script));
                self.scripts.insert(script, status.clone());
                Ok(status)
            }
            "blockchain.scripthash.unsubscribe" => Ok(json!(self.scripts.remove(&params.script_hash(0)?).is_some())),
            "blockchain.transaction.broadcast" => chain.with(|chain| broadcast(chain, params)),
            "blockchain.transaction.get" => chain.with(|chain| transaction(chain, params)),
            "blockchain.transaction.get_merkle" => chain.with(|chain| merkle(chain, params)),
            "blockchain.transaction.id_from_pos" => chain.with(|chain| id_from_position(chain, params)),
            "mempool.get_fee_histogram" => Ok(chain.with(|chain| fee_histogram(chain))),
            "practice.mine" => {
                let blocks = params.number(0).filter(|blocks| *blocks <= MAX_MINE);
                let blocks = blocks.ok_or(RequestError::Params("[blocks], at most 2016"))?;
                Ok(json!(chain.with(|chain| chain.mine(blocks))))
            }
            "practice.fund" => chain.with(|chain| fund(chain, params)),
            "practice.reorg" => {
                let depth = params.number(0).ok_or(RequestError::Params("[blocks]"))?;
                Ok(chain.with(|chain| chain.reorg(depth).map(|_| json!(chain.height())))?)
            }
            unknown => Err(RequestError::UnknownMethod(unknown.chars().take(64).collect())),
        }
    }

    /// What the client wants to be told and was not told yet.
    fn notifications(&mut self) -> Vec<Value> {
        let (headers, scripts) = (&mut self.headers, &mut self.scripts);
        self.chain.with(|chain| {
            let mut news = Vec::new();
            if let Some(told) = headers {
                let tip = tip(chain);
                if *told != tip {
                    told.clone_from(&tip);
                    news.push(notification("blockchain.headers.subscribe", json!([tip])));
                }
            }
            for (script, told) in scripts {
                let status = status(chain, *script);
                if *told != status {
                    told.clone_from(&status);
                    let params = json!([script.to_string(), status]);
                    news.push(notification("blockchain.scripthash.subscribe", params));
                }
            }
            news
        })
    }
}

/// Reads up to the next newline. It may be dropped while it waits: what was read is kept in `partial`.
async fn next_line(read: &mut (impl AsyncBufReadExt + Unpin), partial: &mut Vec<u8>) -> Line {
    loop {
        let Ok(bytes) = read.fill_buf().await else { return Line::Closed };
        // Half a line before the end is no request.
        if bytes.is_empty() {
            return Line::Closed;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        if partial.len() + taken.len() > MAX_LINE {
            return Line::TooLong;
        }
        partial.extend_from_slice(taken);
        let used = taken.len() + usize::from(end.is_some());
        read.consume(used);
        if end.is_some() {
            return Line::Whole(std::mem::take(partial));
        }
    }
}

async fn send(write: &mut OwnedWriteHalf, message: &Value) -> bool {
    let mut bytes = message.to_string().into_bytes();
    bytes.push(b'\n');
    matches!(timeout(WRITE_TIMEOUT, write.write_all(&bytes)).await, Ok(Ok(())))
}

fn failure(id: Value, error: &RequestError) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": error.code(), "message": error.to_string()}})
}

fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

/// The parameters of a request, read by position.
#[derive(Clone, Copy)]
struct Params<'a>(&'a [Value]);

impl<'a> Params<'a> {
    fn text(self, index: usize) -> Option<&'a str> {
        self.0.get(index)?.as_str()
    }

    fn number(self, index: usize) -> Option<u32> {
        u32::try_from(self.0.get(index)?.as_u64()?).ok()
    }

    /// A switch that is off when it is left out.
    fn switch(self, index: usize) -> Option<bool> {
        self.0.get(index).map_or(Some(false), Value::as_bool)
    }

    fn script_hash(self, index: usize) -> Result<ScriptHash, RequestError> {
        self.text(index).and_then(ScriptHash::from_hex).ok_or(RequestError::Params("[script hash of 64 hex digits]"))
    }

    fn txid(self, index: usize) -> Result<Txid, RequestError> {
        self.text(index).and_then(|text| text.parse().ok()).ok_or(RequestError::Params("[transaction id, ...]"))
    }

    /// Proofs of headers against a checkpoint are not offered; 0 means that none is wanted.
    fn no_checkpoint(self, index: usize) -> Result<(), RequestError> {
        let wanted = self.0.get(index).is_some_and(|height| height.as_u64() != Some(0));
        if wanted {
            Err(RequestError::Params("no checkpoint height: proofs of headers are not offered"))
        } else {
            Ok(())
        }
    }
}

/// What a node would say at a quiet time, so that the choices differ: the sooner, the dearer. -1: it cannot say.
fn estimate_fee(params: Params<'_>) -> Result<Value, RequestError> {
    let blocks = params.number(0).ok_or(RequestError::Params("[blocks]"))?;
    Ok(match blocks {
        0..=2 => json!(12.0 * FEE_RATE),
        3..=5 => json!(5.0 * FEE_RATE),
        6..=24 => json!(3.0 * FEE_RATE),
        25..=1_008 => json!(FEE_RATE),
        _ => json!(-1),
    })
}

fn version(params: Params<'_>) -> Result<Value, RequestError> {
    let spoken = numbers(PROTOCOL_VERSION);
    let (least, most) = match params.0.get(1) {
        None => (spoken.clone(), spoken.clone()),
        Some(Value::String(only)) => (numbers(only), numbers(only)),
        Some(Value::Array(range)) => {
            let bound = |index: usize| range.get(index).and_then(Value::as_str).and_then(numbers);
            (bound(0), bound(1))
        }
        Some(_) => (None, None),
    };
    let (Some(least), Some(most), Some(spoken)) = (least, most, spoken) else {
        return Err(RequestError::Params("[client name, protocol version or [least, most]]"));
    };
    if least > spoken || most < spoken {
        return Err(RequestError::Version);
    }
    Ok(json!([SOFTWARE, PROTOCOL_VERSION]))
}

/// `1.4.2` as numbers, without zeros at the end: 1.4 and 1.4.0 are one version.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let mut numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

fn features(chain: &PracticeChain) -> Result<Value, RequestError> {
    let genesis = chain.header(0).ok_or(RequestError::NoBlock(0))?;
    Ok(json!({
        "genesis_hash": genesis.block_hash().to_string(),
        "hash_function": "sha256",
        "hosts": {},
        "protocol_min": PROTOCOL_VERSION,
        "protocol_max": PROTOCOL_VERSION,
        "pruning": null,
        "server_version": SOFTWARE,
    }))
}

fn tip(chain: &PracticeChain) -> Value {
    let height = chain.height();
    let header = chain.header(height).map(bitcoin::consensus::encode::serialize_hex).unwrap_or_default();
    json!({"height": height, "hex": header})
}

fn block_header(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    params.no_checkpoint(1)?;
    let height = params.number(0).ok_or(RequestError::Params("[height]"))?;
    let header = chain.header(height).ok_or(RequestError::NoBlock(height))?;
    Ok(json!(bitcoin::consensus::encode::serialize_hex(header)))
}

fn block_headers(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    params.no_checkpoint(2)?;
    let (Some(start), Some(count)) = (params.number(0), params.number(1)) else {
        return Err(RequestError::Params("[start height, count]"));
    };
    let headers: Vec<String> = (start..start.saturating_add(count.min(MAX_HEADERS)))
        .map_while(|height| chain.header(height).map(bitcoin::consensus::encode::serialize_hex))
        .collect();
    Ok(json!({"count": headers.len(), "hex": headers.concat(), "max": MAX_HEADERS}))
}

fn history(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let entries = chain.history(params.script_hash(0)?);
    Ok(entries
        .into_iter()
        .map(|entry| match entry.standing {
            Standing::Confirmed { height } => json!({"height": height, "tx_hash": entry.txid}),
            Standing::Unconfirmed { fee, on_unconfirmed } => {
                json!({"height": -i32::from(on_unconfirmed), "tx_hash": entry.txid, "fee": fee.to_sat()})
            }
        })
        .collect())
}

/// The protocol's digest of a script's history; null when there is none.
fn status(chain: &PracticeChain, script: ScriptHash) -> Value {
    let entries = chain.history(script);
    if entries.is_empty() {
        return Value::Null;
    }
    let mut text = String::new();
    for entry in entries {
        let height = match entry.standing {
            Standing::Confirmed { height } => i64::from(height),
            Standing::Unconfirmed { on_unconfirmed, .. } => -i64::from(on_unconfirmed),
        };
        text.push_str(&format!("{}:{height}:", entry.txid));
    }
    json!(sha256::Hash::hash(text.as_bytes()))
}

fn unspent(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let coins = chain.unspent(params.script_hash(0)?);
    Ok(coins
        .into_iter()
        .map(|coin| {
            json!({
                "height": coin.height.unwrap_or(0),
                "tx_hash": coin.outpoint.txid,
                "tx_pos": coin.outpoint.vout,
                "value": coin.value.to_sat(),
            })
        })
        .collect())
}

fn balance(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let balance = chain.balance(params.script_hash(0)?);
    Ok(json!({"confirmed": balance.confirmed_sat, "unconfirmed": balance.unconfirmed_sat}))
}

fn broadcast(chain: &mut PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let bytes = params.text(0).and_then(|text| hex::decode(text).ok());
    let tx: Option<Transaction> = bytes.and_then(|bytes| bitcoin::consensus::deserialize(&bytes).ok());
    let tx = tx.ok_or(RequestError::Params("[raw transaction in hex]"))?;
    match chain.accept(tx) {
        Ok(txid) => Ok(json!(txid)),
        // As Bitcoin Core answers: once more into the mempool is fine, once more after a block is an error.
        Err(Rejection::AlreadyKnown { txid }) if chain.confirmed_at(txid).is_none() => Ok(json!(txid)),
        Err(rejection) => Err(RequestError::Rejected(rejection)),
    }
}

fn transaction(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    if params.switch(1) != Some(false) {
        return Err(RequestError::Params("[transaction id]: the verbose form is not offered"));
    }
    let tx = chain.transaction(params.txid(0)?).ok_or(RequestError::NoTransaction)?;
    Ok(json!(bitcoin::consensus::encode::serialize_hex(tx)))
}

fn merkle(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let txid = params.txid(0)?;
    let wanted = params.number(1).ok_or(RequestError::Params("[transaction id, height]"))?;
    let (height, position) = chain.confirmed_at(txid).ok_or(RequestError::NoTransaction)?;
    if height != wanted {
        return Err(RequestError::NoTransaction);
    }
    let branch = chain.merkle_branch(height, position).ok_or(RequestError::NoTransaction)?;
    Ok(json!({"block_height": height, "pos": position, "merkle": branch}))
}

fn id_from_position(chain: &PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let (Some(height), Some(position), Some(proof)) = (params.number(0), params.number(1), params.switch(2)) else {
        return Err(RequestError::Params("[height, position, whether a proof is wanted]"));
    };
    let block = chain.block(height).ok_or(RequestError::NoBlock(height))?;
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    let txid = block.txdata.get(position).ok_or(RequestError::NoTransaction)?.compute_txid();
    if !proof {
        return Ok(json!(txid));
    }
    let branch = chain.merkle_branch(height, position).ok_or(RequestError::NoTransaction)?;
    Ok(json!({"tx_hash": txid, "merkle": branch}))
}

/// Pairs of a fee rate in sat/vB and the virtual size that pays it, from the highest rate down.
fn fee_histogram(chain: &PracticeChain) -> Value {
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    for (tx, fee) in chain.mempool() {
        let size = u64::try_from(tx.vsize()).unwrap_or(u64::MAX).max(1);
        let total = sizes.entry(fee.to_sat() / size).or_default();
        *total = total.saturating_add(size);
    }
    sizes.into_iter().rev().map(|(rate, size)| json!([rate, size])).collect()
}

fn fund(chain: &mut PracticeChain, params: Params<'_>) -> Result<Value, RequestError> {
    let wrong = RequestError::Params("[regtest address, amount in sat]");
    let address: Option<Address<address::NetworkUnchecked>> = params.text(0).and_then(|text| text.parse().ok());
    let address = address.and_then(|address| address.require_network(Network::Regtest).ok());
    let sat = params.0.get(1).and_then(Value::as_u64);
    let (Some(address), Some(sat)) = (address, sat) else { return Err(wrong) };
    Ok(json!(chain.fund(address.script_pubkey(), Amount::from_sat(sat))?))
}
