//! bitcoind's JSON-RPC over loopback: one connection for each question, the node's cookie as proof of right. The node is of
//! our own making, but what it answers is limited and checked all the same.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::connect;
use crate::tor::Loopback;

/// How long the node may take for one answer: mining many blocks is the longest of what is asked.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// Longest answer, in bytes. A block as hex has 8 MB at most.
const MAX_ANSWER: u64 = 16_000_000;
/// Longest cookie, in bytes.
const MAX_COOKIE: u64 = 1_000;
/// The node is starting, and says so (RPC_IN_WARMUP).
const WARMING_UP: i64 = -28;

/// Why a question to the node has no answer.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// Nobody answers there, or not in time.
    #[error("bitcoind at {address} cannot be reached: {source}")]
    Unreachable {
        /// Where it should be.
        address: Loopback,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its cookie cannot be read: it does not run, or has just been started.
    #[error("bitcoind's cookie {} cannot be read: {source}", path.display())]
    Cookie {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It refuses, and says why.
    #[error("bitcoind refuses {method}: {message} ({code})")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// Its code.
        code: i64,
        /// Its words.
        message: String,
    },
    /// What it answers is none.
    #[error("bitcoind's answer to {method} cannot be read: {what}")]
    Malformed {
        /// What was asked.
        method: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

impl RpcError {
    /// Whether a node that is starting may say this.
    pub fn is_passing(&self) -> bool {
        match self {
            RpcError::Unreachable { .. } | RpcError::Cookie { .. } => true,
            RpcError::Refused { code, .. } => *code == WARMING_UP,
            // The cookie of the run before: the new one is written in a moment.
            RpcError::Malformed { what, .. } => what == UNAUTHORISED,
        }
    }
}

const UNAUTHORISED: &str = "it does not take the cookie";

/// A node's RPC address and cookie.
#[derive(Debug, Clone)]
pub struct Rpc {
    address: Loopback,
    cookie: PathBuf,
}

impl Rpc {
    /// The node at `address`, whose cookie is in this file. Nothing is asked yet.
    pub fn new(address: Loopback, cookie: PathBuf) -> Self {
        Self { address, cookie }
    }

    /// Asks; blocks for 60 s at most.
    pub fn call(&self, method: &'static str, params: Value) -> Result<Value, RpcError> {
        let cookie = self.cookie()?;
        let unreachable = |source| RpcError::Unreachable { address: self.address, source };
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": method, "params": params}).to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            STANDARD.encode(cookie.trim()),
            body.len(),
        );
        let mut stream = connect(self.address, ANSWER_TIME).map_err(unreachable)?;
        stream.write_all(request.as_bytes()).map_err(unreachable)?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer).map_err(unreachable)?;
        read(method, &answer)
    }

    /// Asks, and reads the answer as what it should be.
    pub fn read<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        let answer = self.call(method, params)?;
        serde_json::from_value(answer).map_err(|error| RpcError::Malformed { method, what: error.to_string() })
    }

    fn cookie(&self) -> Result<String, RpcError> {
        let mut cookie = String::new();
        let read = std::fs::File::open(&self.cookie).and_then(|file| file.take(MAX_COOKIE).read_to_string(&mut cookie));
        read.map_err(|source| RpcError::Cookie { path: self.cookie.clone(), source })?;
        Ok(cookie)
    }
}

/// Reads an HTTP answer with a JSON-RPC answer in it.
fn read(method: &'static str, answer: &[u8]) -> Result<Value, RpcError> {
    let malformed = |what: String| RpcError::Malformed { method, what };
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = end
        .and_then(|end| Some((answer.get(..end)?, answer.get(end + 4..)?)))
        .ok_or_else(|| malformed("no HTTP answer".to_owned()))?;
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    if status == "401" {
        return Err(malformed(UNAUTHORISED.to_owned()));
    }
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    if length.is_some_and(|length| length != body.len()) {
        return Err(malformed(format!("{} bytes instead of {}", body.len(), length.unwrap_or_default())));
    }
    let mut answer: Value =
        serde_json::from_slice(body).map_err(|error| malformed(format!("{error} (HTTP status {status})")))?;
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let code = error["code"].as_i64().unwrap_or_default();
        let message = error["message"].as_str().unwrap_or_default().to_owned();
        return Err(RpcError::Refused { method, code, message });
    }
    answer.get_mut("result").map(Value::take).ok_or_else(|| malformed("no result".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    fn answer(status: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .into_bytes()
    }

    #[test]
    fn an_answer_a_refusal_and_nonsense_are_told_apart() {
        assert_eq!(read("m", &answer("200 OK", r#"{"result":7,"error":null,"id":0}"#)).unwrap(), json!(7));
        assert_eq!(read("m", &answer("200 OK", r#"{"result":null,"id":0}"#)).unwrap(), Value::Null);
        let refused = read("m", &answer("500 Internal Server Error", r#"{"error":{"code":-28,"message":"Loading"}}"#));
        assert!(matches!(&refused, Err(error @ RpcError::Refused { .. }) if error.is_passing()), "{refused:?}");
        let stranger = read("m", &answer("401 Unauthorized", ""));
        assert!(matches!(&stranger, Err(error) if error.is_passing()), "{stranger:?}");
        for bytes in [
            b"".to_vec(),
            b"\r\n\r\n".to_vec(),
            answer("200 OK", "{}"),
            answer("200 OK", "nonsense"),
            answer("200 OK", r#"{"result":7}"#)[..70].to_vec(),
        ] {
            assert!(
                matches!(read("m", &bytes), Err(RpcError::Malformed { .. })),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn a_question_shows_the_cookie_and_one_connection_carries_it() {
        let folder = tempfile::tempdir().unwrap();
        let cookie = folder.path().join(".cookie");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Loopback::from_address(listener.local_addr().unwrap()).unwrap();
        let rpc = Rpc::new(address, cookie.clone());
        assert!(matches!(rpc.call("getblockcount", json!([])), Err(RpcError::Cookie { .. })));
        std::fs::write(&cookie, "__cookie__:secret").unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            stream.write_all(&answer("200 OK", r#"{"result":120,"id":0}"#)).unwrap();
            head
        });
        assert_eq!(rpc.read::<u32>("getblockcount", json!([])).unwrap(), 120);
        let head = server.join().unwrap();
        let expected = format!("Authorization: Basic {}", STANDARD.encode("__cookie__:secret"));
        assert!(head.contains(&expected), "{head:?}");
        // Nobody listens any more.
        assert!(matches!(rpc.call("getblockcount", json!([])), Err(RpcError::Unreachable { .. })));
    }
}
