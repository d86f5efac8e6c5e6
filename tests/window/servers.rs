//! A relay and a practice chain as processes, as people run them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::program::{PROGRAM, done};
use crate::stage::{Kept, Outcome, until};

/// A relay that can be taken away for a while.
pub struct Relay {
    /// Its address.
    pub address: String,
    running: Option<Kept>,
}

impl Relay {
    /// Starts one at any free port.
    pub fn start() -> Outcome<Self> {
        let (running, address) = serve("relay", "127.0.0.1:0")?;
        Ok(Self { address, running: Some(running) })
    }

    /// Stops it: what it holds is lost, as with any relay that forgets.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Starts it where it was.
    pub async fn start_again(&mut self) -> Outcome<()> {
        let at = self.address.strip_prefix("ws://").ok_or("a relay's address begins with ws://")?.to_owned();
        // The system may hold the port for a moment.
        let (running, _) = until("the relay runs again", async || Ok(serve("relay", &at).ok())).await?;
        self.running = Some(running);
        Ok(())
    }
}

/// A practice chain with its Electrum server.
pub struct Chain {
    /// Its address.
    pub address: String,
    _running: Kept,
}

impl Chain {
    /// Starts one.
    pub fn start() -> Outcome<Self> {
        let (running, address) = serve("practice-chain", "127.0.0.1:0")?;
        Ok(Self { address, _running: running })
    }

    /// Pays practice coins to an address, in sat.
    pub fn fund(&self, address: &str, sat: u64) -> String {
        done(&["practice", "fund", address, &sat.to_string(), "--chain", &self.address]).trim().to_owned()
    }

    /// Makes blocks.
    pub fn mine(&self, blocks: u32) {
        done(&["practice", "mine", &blocks.to_string(), "--chain", &self.address]);
    }

    /// The transaction of this id as the chain source gives it, in hexadecimal digits; none where it knows none.
    pub fn transaction(&self, txid: &str) -> Outcome<Option<String>> {
        let at = self.address.strip_prefix("tcp://").ok_or("a chain's address begins with tcp://")?;
        let mut connection = TcpStream::connect(at)?;
        let ask = json!({"jsonrpc": "2.0", "id": 1, "method": "blockchain.transaction.get", "params": [txid]});
        writeln!(connection, "{ask}")?;
        let mut answer = String::new();
        BufReader::new(connection).read_line(&mut answer)?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(answer["result"].as_str().map(str::to_owned))
    }
}

fn serve(subcommand: &str, listen: &str) -> Outcome<(Kept, String)> {
    let command = [PROGRAM, subcommand, "--json", "--listen", listen];
    let (running, line) = Kept::start(subcommand, &command, &[], true)?;
    let said: Value = serde_json::from_str(&line)?;
    Ok((running, said["listening"].as_str().ok_or("a server says where it listens")?.to_owned()))
}
