//! A gate before an Electrum server: it hands every line on as it is, and asks the node by `testmempoolaccept` about each
//! transaction before it passes. What the node said is kept. A transaction about which the node cannot be asked does not pass.
//!
//! Members get the gate's address, which stays the same while the server behind it is killed and started again.

use std::io::{BufRead as _, BufReader as BlockingReader, Read as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bitcoin::{Transaction, Txid};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::connect;
use super::rpc::{Rpc, RpcError};
use crate::demo::servers::ANY;
use crate::tor::Loopback;

/// Longest line that a member may send, in bytes. A transaction as large as a block is 8 MB of hex.
const MAX_LINE: u64 = 10_000_000;
const BROADCAST: &str = "blockchain.transaction.broadcast";

/// What the node said of a transaction before it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The transaction.
    pub txid: Txid,
    /// Why the node would not take it, in its own words; `None` if it would.
    pub refused: Option<String>,
}

impl Judged {
    /// Whether the node would take it, or has it already: in its mempool, or in a block.
    pub fn is_harmless(&self) -> bool {
        match self.refused.as_deref() {
            None => true,
            Some(reason) => ["txn-already-in-mempool", "txn-already-known"].contains(&reason),
        }
    }
}

/// An open gate. It closes when this is dropped.
#[derive(Debug)]
pub struct Gate {
    address: Loopback,
    judged: Arc<Mutex<Vec<Judged>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Gate {
    /// Opens a gate before the server at `server`. Call it inside a tokio runtime.
    pub fn open(rpc: Rpc, server: Loopback) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(ANY)?;
        listener.set_nonblocking(true)?;
        let refused = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        let address = Loopback::from_address(listener.local_addr()?).ok_or_else(refused)?;
        let listener = TcpListener::from_std(listener)?;
        let judged = Arc::default();
        let accepting = tokio::spawn(accept(listener, rpc, server, Arc::clone(&judged)));
        Ok(Self { address, judged, accepting })
    }

    /// Its address: `tcp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("tcp://{}", self.address)
    }

    /// What the node said of each transaction that came by, in order.
    pub fn judged(&self) -> Vec<Judged> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same of one transaction.
    pub fn judged_of(&self, txid: Txid) -> Vec<Judged> {
        self.judged().into_iter().filter(|judged| judged.txid == txid).collect()
    }
}

async fn accept(listener: TcpListener, rpc: Rpc, server: Loopback, judged: Arc<Mutex<Vec<Judged>>>) {
    // The connections end with the gate.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((member, _)) = listener.accept().await else { continue };
        let (rpc, judged) = (rpc.clone(), Arc::clone(&judged));
        // A connection that breaks on one side ends on the other: nobody is to be told.
        connections.spawn(async move { pass(member, server, rpc, &judged).await.unwrap_or_default() });
        while connections.try_join_next().is_some() {}
    }
}

/// Carries one connection until either side ends it.
async fn pass(mut member: TcpStream, server: Loopback, rpc: Rpc, judged: &Mutex<Vec<Judged>>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server.address()).await?;
    let (answers, mut questions) = server.split();
    let (from_member, mut to_member) = member.split();
    let asking = async {
        let mut from_member = BufReader::new(from_member);
        loop {
            let mut line = Vec::new();
            if (&mut from_member).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            if !line.ends_with(b"\n") {
                // Half a line cannot be judged, so it does not pass either.
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            for transaction in transactions_in(&line) {
                let txid = transaction.compute_txid();
                let rpc = rpc.clone();
                let said = tokio::task::spawn_blocking(move || ask(&rpc, &transaction)).await;
                let refused = said.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
                judged.lock().unwrap_or_else(PoisonError::into_inner).push(Judged { txid, refused });
            }
            questions.write_all(&line).await?;
        }
    };
    let answering = async {
        let mut answers = BufReader::new(answers);
        tokio::io::copy_buf(&mut answers, &mut to_member).await.map(drop)
    };
    tokio::select! {
        ended = asking => ended,
        ended = answering => ended,
    }
}

/// The transactions that a line hands to the network. What is no such line, or no transaction, the server judges.
fn transactions_in(line: &[u8]) -> Vec<Transaction> {
    let Ok(value) = serde_json::from_slice::<Value>(line) else { return Vec::new() };
    let requests = match value {
        Value::Array(requests) => requests,
        request => vec![request],
    };
    let handed = requests.iter().filter(|request| request["method"] == BROADCAST);
    let hex = handed.filter_map(|request| request["params"][0].as_str());
    hex.filter_map(|hex| bitcoin::consensus::encode::deserialize_hex(hex).ok()).collect()
}

/// Why the node would not take a transaction, `None` if it would.
fn ask(rpc: &Rpc, transaction: &Transaction) -> Result<Option<String>, RpcError> {
    #[derive(Deserialize)]
    struct Said {
        allowed: bool,
        #[serde(rename = "reject-reason")]
        reason: Option<String>,
    }
    let hex = bitcoin::consensus::encode::serialize_hex(transaction);
    let [said]: [Said; 1] = rpc.read("testmempoolaccept", json!([[hex]]))?;
    Ok((!said.allowed).then(|| said.reason.unwrap_or_else(|| "no reason given".to_owned())))
}

/// The height of the last block that an Electrum server shows; `None` if it does not answer yet.
pub(super) fn tip_height(server: Loopback) -> Option<u32> {
    let mut stream = connect(server, Duration::from_secs(5)).ok()?;
    let question = |id: u32, method: &str, params: Value| {
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string() + "\n"
    };
    let version = question(0, "server.version", json!(["conclave", "1.4"]));
    let tip = question(1, "blockchain.headers.subscribe", json!([]));
    stream.write_all((version + &tip).as_bytes()).ok()?;
    let answers = BlockingReader::new(stream.take(MAX_LINE)).lines();
    let answer = answers.map_while(Result::ok).nth(1)?;
    let answer: Value = serde_json::from_str(&answer).ok()?;
    u32::try_from(answer["result"]["height"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use bitcoin::consensus::encode::serialize_hex;
    use bitcoin::{absolute, transaction};

    use super::*;

    fn transaction(height: u32) -> Transaction {
        let lock_time = absolute::LockTime::from_height(height).unwrap();
        Transaction { version: transaction::Version::TWO, lock_time, input: vec![], output: vec![] }
    }

    #[test]
    fn every_transaction_that_is_handed_over_is_found() {
        let broadcast = |height| {
            // Without inputs a transaction's form has no second reading: one is enough to be one.
            let mut whole = transaction(height);
            whole.input.push(bitcoin::TxIn::default());
            (json!({"id": 1, "method": BROADCAST, "params": [serialize_hex(&whole)]}), whole)
        };
        let ((one, first), (two, second)) = (broadcast(1), broadcast(2));
        assert_eq!(transactions_in(one.to_string().as_bytes()), std::slice::from_ref(&first));
        assert_eq!(transactions_in(json!([one, two]).to_string().as_bytes()), [first, second]);
        for line in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"method":"blockchain.transaction.broadcast"}"#,
            r#"{"method":"blockchain.transaction.broadcast","params":["00"]}"#,
            r#"{"method":"server.ping","params":[]}"#,
        ] {
            assert!(transactions_in(line.as_bytes()).is_empty(), "{line}");
        }
    }

    #[test]
    fn what_the_node_has_already_does_no_harm() {
        let judged =
            |refused: Option<&str>| Judged { txid: transaction(1).compute_txid(), refused: refused.map(str::to_owned) };
        assert!(judged(None).is_harmless() && judged(Some("txn-already-in-mempool")).is_harmless());
        assert!(judged(Some("txn-already-known")).is_harmless());
        assert!(!judged(Some("min relay fee not met")).is_harmless());
    }

    #[tokio::test]
    async fn a_transaction_about_which_the_node_cannot_be_asked_does_not_pass() {
        let folder = tempfile::tempdir().unwrap();
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let behind = Loopback::from_address(server.local_addr().unwrap()).unwrap();
        // No cookie: no node runs.
        let gate = Gate::open(Rpc::new(behind, folder.path().join(".cookie")), behind).unwrap();
        let address = Loopback::parse(&gate.url(), "tcp").unwrap();
        let mut member = TcpStream::connect(address.address()).await.unwrap();
        let (mut server, _) = server.accept().await.unwrap();

        member.write_all(b"{\"method\":\"server.ping\"}\n").await.unwrap();
        let mut line = vec![0; 25];
        server.read_exact(&mut line).await.unwrap();
        server.write_all(b"pong\n").await.unwrap();
        let mut answer = [0; 5];
        member.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"pong\n");

        let mut whole = transaction(1);
        whole.input.push(bitcoin::TxIn::default());
        let handed = json!({"id": 1, "method": BROADCAST, "params": [serialize_hex(&whole)]}).to_string() + "\n";
        member.write_all(handed.as_bytes()).await.unwrap();
        // Both ends are closed, and nothing of it arrived.
        let mut rest = Vec::new();
        assert_eq!(server.read_to_end(&mut rest).await.unwrap_or_default(), 0);
        assert!(member.read_to_end(&mut rest).await.is_ok_and(|read| read == 0) && rest.is_empty());
        assert!(gate.judged().is_empty());
    }
}
