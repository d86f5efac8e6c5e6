//! Mining and paying on a practice chain that another process serves.

use std::time::Duration;

use bitcoin::{Address, Amount, Txid};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::tor::Loopback;

/// Longest answer, in bytes: heights and transaction ids are all that is asked for.
const MAX_ANSWER: u64 = 65_536;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why the practice chain did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody answers there.
    #[error("the practice chain at {address} cannot be reached (is the demo still running?): {source}")]
    Unreachable {
        /// Where it should be.
        address: Loopback,
        /// What the system said.
        source: std::io::Error,
    },
    /// It refuses, and says why.
    #[error("the practice chain refuses: {reason}")]
    Refused {
        /// Its own words.
        reason: String,
    },
    /// What answers there is no practice chain.
    #[error("what answers at {address} is no practice chain")]
    Malformed {
        /// Where it answered.
        address: Loopback,
    },
}

/// A connection to a served practice chain.
#[derive(Debug)]
pub struct PracticeControl {
    address: Loopback,
    stream: BufReader<TcpStream>,
    last_id: u64,
}

impl PracticeControl {
    /// Connects to the server at `address`.
    pub async fn connect(address: Loopback) -> Result<Self, ControlError> {
        let stream = within(address, TcpStream::connect(address.address())).await?;
        Ok(Self { address, stream: BufReader::new(stream), last_id: 0 })
    }

    /// Mines `blocks` blocks, at most 2016. Returns the new height.
    pub async fn mine(&mut self, blocks: u32) -> Result<u32, ControlError> {
        let height = self.call("practice.mine", json!([blocks])).await?;
        self.height(&height)
    }

    /// Pays `amount` to a regtest address, unconfirmed. Returns the transaction's id.
    pub async fn fund(&mut self, address: &Address, amount: Amount) -> Result<Txid, ControlError> {
        let txid = self.call("practice.fund", json!([address.to_string(), amount.to_sat()])).await?;
        txid.as_str().and_then(|text| text.parse().ok()).ok_or(ControlError::Malformed { address: self.address })
    }

    /// Disconnects the last `depth` blocks. Returns the new height.
    pub async fn reorg(&mut self, depth: u32) -> Result<u32, ControlError> {
        let height = self.call("practice.reorg", json!([depth])).await?;
        self.height(&height)
    }

    fn height(&self, answer: &Value) -> Result<u32, ControlError> {
        let height = answer.as_u64().and_then(|height| u32::try_from(height).ok());
        height.ok_or(ControlError::Malformed { address: self.address })
    }

    async fn call(&mut self, method: &str, params: Value) -> Result<Value, ControlError> {
        self.last_id += 1;
        let address = self.address;
        let malformed = || ControlError::Malformed { address };
        let mut request = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).to_string();
        request.push('\n');
        within(address, self.stream.write_all(request.as_bytes())).await?;
        // This connection subscribes to nothing, so the next line is the answer.
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(MAX_ANSWER);
        within(address, limited.read_until(b'\n', &mut line)).await?;
        if line.is_empty() {
            let source = std::io::ErrorKind::UnexpectedEof.into();
            return Err(ControlError::Unreachable { address, source });
        }
        let answer: Value = serde_json::from_slice(&line).map_err(|_| malformed())?;
        if answer.get("id") != Some(&json!(self.last_id)) {
            return Err(malformed());
        }
        if let Some(error) = answer.get("error") {
            let reason = error.get("message").and_then(Value::as_str).ok_or_else(malformed)?.to_owned();
            return Err(ControlError::Refused { reason });
        }
        answer.get("result").cloned().ok_or_else(malformed)
    }
}

async fn within<T>(address: Loopback, work: impl Future<Output = std::io::Result<T>>) -> Result<T, ControlError> {
    let timely = timeout(TIMEOUT, work).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    timely.map_err(|source| ControlError::Unreachable { address, source })
}
