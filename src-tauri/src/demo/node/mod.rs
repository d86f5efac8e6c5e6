//! A real Bitcoin node and a real Electrum server on regtest, for a demo or a test: processes of their own in a folder of
//! their own, on loopback ports alone. They end when this is dropped, and when the process that holds it is killed.
//!
//! [`programs`] finds the two programs, [`rpc`] asks the node, [`purse`] owns the coins that it mines,
//! [`gate`] stands before the Electrum server. Nothing here knows of vaults or members.

pub mod gate;
pub mod programs;
pub mod purse;
pub mod rpc;

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bitcoin::consensus::encode::serialize_hex;
use bitcoin::{Address, Amount, BlockHash, Transaction, Txid};
use conclave_shared::practice::Happening;
use serde_json::json;

use self::gate::Gate;
use self::purse::{Purse, PurseError};
use self::rpc::{Rpc, RpcError};
use super::kept::{Kept, KeptError};
use super::servers::ANY;
use crate::practice::block::assemble;
use crate::tor::Loopback;

pub use self::programs::Programs;

/// Blocks before the first deposit: a coinbase can be spent when 100 blocks are on top of it, and each deposit spends one.
const FIRST_BLOCKS: u32 = 120;
/// Another program may take a port between its choice and its use: so many times others are tried.
const TRIES: u32 = 5;

/// Why the node or its server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A program is nowhere.
    #[error("{program} is missing: `cargo xtask node` builds it, or name one by {variable}, or put it on the path")]
    Missing {
        /// Which.
        program: &'static str,
        /// The environment variable that names one.
        variable: &'static str,
    },
    /// A program does not run as it should.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// No free port, or no folder.
    #[error("this machine does not give what the node needs: {0}")]
    Machine(#[from] std::io::Error),
    /// The node was asked and did not do it.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A deposit cannot be made.
    #[error(transparent)]
    Purse(#[from] PurseError),
}

/// Where the programs listen, the same after every restart.
#[derive(Debug, Clone, Copy)]
struct Ports {
    rpc: Loopback,
    peers: Loopback,
    electrum: Loopback,
}

/// The two processes, as far as they run.
#[derive(Debug, Default)]
struct Running {
    bitcoind: Option<Kept>,
    electrs: Option<Kept>,
}

/// bitcoind and electrs. Calls block: run them on a blocking thread.
#[derive(Debug)]
pub struct Node {
    programs: Programs,
    folder: PathBuf,
    ports: Ports,
    rpc: Rpc,
    gate: Gate,
    running: Mutex<Running>,
    purse: Mutex<Purse>,
    // Dropped last: the processes write into it.
    _folder: tempfile::TempDir,
}

impl Node {
    /// Starts both with a new chain, on which some coins can be spent already. Call it inside a tokio runtime, on a
    /// blocking thread.
    pub fn start(programs: Programs) -> Result<Self, NodeError> {
        let mut tried = 1;
        loop {
            match Self::try_start(programs.clone()) {
                Err(NodeError::Kept(KeptError::Ended { .. })) if tried < TRIES => tried += 1,
                started => return started,
            }
        }
    }

    fn try_start(programs: Programs) -> Result<Self, NodeError> {
        let temporary = tempfile::Builder::new().prefix("conclave-node").tempdir()?;
        let ports = Ports::free()?;
        let rpc = Rpc::new(ports.rpc, temporary.path().join("regtest").join(".cookie"));
        let gate = Gate::open(rpc.clone(), ports.electrum)?;
        let node = Self {
            programs,
            folder: temporary.path().to_owned(),
            ports,
            rpc,
            gate,
            running: Mutex::default(),
            purse: Mutex::new(Purse::new()),
            _folder: temporary,
        };
        node.start_bitcoind(&[])?;
        // electrs waits until the node has a block of these days.
        node.mine(FIRST_BLOCKS)?;
        node.start_electrs()?;
        Ok(node)
    }

    /// The Electrum server's address as members get it: the gate's.
    pub fn chain(&self) -> String {
        self.gate.url()
    }

    /// Where everything listens.
    pub fn listening(&self) -> Happening {
        let Ports { rpc, electrum, .. } = self.ports;
        let (bitcoind, electrs) = (rpc.to_string(), electrum.to_string());
        Happening::NodeAt { bitcoind, electrs, gate: self.gate.url() }
    }

    /// What passed to the node through the Electrum server.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    // ---- processes ----

    /// Starts bitcoind, if it does not run, on the chain that it had; `more` are further options. Waits until it answers.
    pub fn start_bitcoind(&self, more: &[&str]) -> Result<(), NodeError> {
        let mut running = self.running();
        if running.bitcoind.is_some() {
            return Ok(());
        }
        let Ports { rpc, peers, .. } = self.ports;
        let mut options = vec![
            "-regtest".to_owned(),
            format!("-datadir={}", self.folder.display()),
            "-server".to_owned(),
            "-rpcallowip=127.0.0.1".to_owned(),
            "-rpcbind=127.0.0.1".to_owned(),
            format!("-rpcport={}", rpc.address().port()),
            // electrs is its one peer.
            "-listen=1".to_owned(),
            format!("-bind={peers}"),
            "-connect=0".to_owned(),
            "-dnsseed=0".to_owned(),
            "-discover=0".to_owned(),
            "-listenonion=0".to_owned(),
            "-natpmp=0".to_owned(),
            // Judged as on the main network.
            "-acceptnonstdtxn=0".to_owned(),
            // electrs 0.10 reads a field that newer nodes only show when asked; without it its mempool is silently empty.
            "-deprecatedrpc=bip125".to_owned(),
            "-dbcache=16".to_owned(),
            "-printtoconsole=1".to_owned(),
        ];
        options.extend(more.iter().map(|option| (*option).to_owned()));
        let bitcoind = &self.programs.bitcoind;
        let kept = Kept::start(&self.programs.keeper, "bitcoind", bitcoind, &options, &self.folder)?;
        let kept = running.bitcoind.insert(kept);
        // It answers before it has read back what waited in its mempool.
        let started = kept.until("does not answer", || match self.rpc.call("getmempoolinfo", json!([])) {
            Ok(info) => Ok(info["loaded"] == true),
            Err(error) if error.is_passing() => Ok(false),
            Err(error) => Err(error.into()),
        });
        started.inspect_err(|_| running.bitcoind = None)
    }

    /// Stops bitcoind as a person does. electrs ends with it, by its own choice.
    pub fn stop_bitcoind(&self) -> Result<(), NodeError> {
        let mut running = self.running();
        if let Some(kept) = &mut running.bitcoind {
            self.rpc.call("stop", json!([]))?;
            kept.until_ended("does not end")?;
        }
        running.bitcoind = None;
        if let Some(electrs) = &mut running.electrs {
            electrs.until_ended("does not end")?;
        }
        running.electrs = None;
        Ok(())
    }

    /// Starts electrs, if it does not run, on the index that it had. Waits until it shows the node's last block.
    pub fn start_electrs(&self) -> Result<(), NodeError> {
        let height = self.height()?;
        let mut running = self.running();
        if running.electrs.is_some() {
            return Ok(());
        }
        let Ports { rpc, peers, electrum } = self.ports;
        let option = |name: &str, value: &dyn std::fmt::Display| [format!("--{name}"), value.to_string()];
        let options: Vec<String> = [
            option("network", &"regtest"),
            option("db-dir", &self.folder.join("electrs").display()),
            option("daemon-dir", &self.folder.display()),
            option("daemon-rpc-addr", &rpc),
            option("daemon-p2p-addr", &peers),
            option("electrum-rpc-addr", &electrum),
            // It looks at the mempool that often.
            option("wait-duration-secs", &1),
            option("log-filters", &"INFO"),
        ]
        .into_iter()
        .flatten()
        .chain(["--skip-default-conf-files".to_owned()])
        .collect();
        let electrs = &self.programs.electrs;
        let kept = Kept::start(&self.programs.keeper, "electrs", electrs, &options, &self.folder)?;
        let kept = running.electrs.insert(kept);
        let started = kept.until("does not show the last block", || {
            Ok(gate::tip_height(electrum).is_some_and(|seen| seen >= height))
        });
        started.inspect_err(|_| running.electrs = None)
    }

    /// Kills electrs: no goodbye to anybody.
    pub fn kill_electrs(&self) -> Result<(), NodeError> {
        match self.running().electrs.take() {
            Some(mut electrs) => Ok(electrs.kill()?),
            None => Ok(()),
        }
    }

    /// Stops both, and waits until they have ended.
    pub fn stop(&self) -> Result<(), NodeError> {
        self.kill_electrs()?;
        self.stop_bitcoind()
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- blocks and coins ----

    /// The miner's address: nobody's in a vault.
    pub fn miner(&self) -> Address {
        self.purse().address()
    }

    /// Height of the node's last block.
    pub fn height(&self) -> Result<u32, NodeError> {
        Ok(self.rpc.read("getblockcount", json!([]))?)
    }

    /// The block at `height`.
    pub fn block_at(&self, height: u32) -> Result<BlockHash, NodeError> {
        Ok(self.rpc.read("getblockhash", json!([height]))?)
    }

    /// Mines blocks with what is in the mempool. Returns the new height.
    pub fn mine(&self, blocks: u32) -> Result<u32, NodeError> {
        self.rpc.call("generatetoaddress", json!([blocks, self.miner().to_string()]))?;
        self.height()
    }

    /// Mines one block with these transactions alone, whatever the mempool holds. Returns the new height.
    pub fn mine_only(&self, transactions: &[Transaction]) -> Result<u32, NodeError> {
        let transactions: Vec<String> = transactions.iter().map(serialize_hex).collect();
        self.rpc.call("generateblock", json!([self.miner().to_string(), transactions]))?;
        self.height()
    }

    /// Makes a chain of its own on top of the block `parent`: a block for each list of transactions, as another miner
    /// would. The node goes over to it when it is the longer one. Returns the height of the node's last block.
    pub fn branch(&self, parent: BlockHash, blocks: Vec<Vec<Transaction>>) -> Result<u32, NodeError> {
        let header = self.rpc.call("getblockheader", json!([parent]))?;
        let number = |name: &str| {
            let number = header[name].as_u64().and_then(|number| u32::try_from(number).ok());
            let malformed = || RpcError::Malformed { method: "getblockheader", what: format!("no {name}") };
            number.ok_or_else(malformed)
        };
        let (parent_height, parent_time) = (number("height")?, number("time")?);
        let mut previous = parent;
        for (above, transactions) in (1..).zip(blocks) {
            let (height, time) = (parent_height + above, parent_time + above);
            // A number of its own, so that no block comes twice.
            let number = bitcoin::secp256k1::rand::random();
            let block = assemble(previous, height, time, Amount::ZERO, transactions, number);
            previous = block.block_hash();
            // Null, or "inconclusive" as long as the other chain is the longer one.
            let said = self.rpc.call("submitblock", json!([serialize_hex(&block)]))?;
            if let Some(reason) = said.as_str().filter(|said| *said != "inconclusive") {
                let message = reason.to_owned();
                return Err(RpcError::Refused { method: "submitblock", code: 0, message }.into());
            }
        }
        self.height()
    }

    /// Lets the node take a block, and all on top of it, for invalid. Returns the new height.
    ///
    /// Kill electrs before: the node never hands out such a block again, and electrs waits for ever for one that it has
    /// just asked for.
    pub fn invalidate(&self, block: BlockHash) -> Result<u32, NodeError> {
        self.rpc.call("invalidateblock", json!([block]))?;
        self.height()
    }

    /// Pays `amount` to a regtest address, unconfirmed. Returns the transaction's id.
    pub fn fund(&self, address: &Address, amount: Amount) -> Result<Txid, NodeError> {
        let transaction = self.purse().pay(&self.rpc, &address.script_pubkey(), amount)?;
        Ok(self.rpc.read("sendrawtransaction", json!([serialize_hex(&transaction)]))?)
    }

    /// A transaction that spends the coin of an earlier deposit a second time, to nobody in the vault.
    pub fn spend_again(&self, deposit: Txid) -> Result<Transaction, NodeError> {
        Ok(self.purse().pay_again(deposit)?)
    }

    /// The ids of what waits in the node's mempool.
    pub fn mempool(&self) -> Result<Vec<Txid>, NodeError> {
        Ok(self.rpc.read("getrawmempool", json!([]))?)
    }

    /// A transaction that the node holds in its mempool, or in a block of which the hash is given.
    pub fn transaction(&self, txid: Txid, block: Option<BlockHash>) -> Result<Transaction, NodeError> {
        let text: String = self.rpc.read("getrawtransaction", json!([txid, 0, block]))?;
        let malformed =
            |what: &dyn std::fmt::Display| RpcError::Malformed { method: "getrawtransaction", what: what.to_string() };
        Ok(bitcoin::consensus::encode::deserialize_hex(&text).map_err(|error| malformed(&error))?)
    }

    fn purse(&self) -> MutexGuard<'_, Purse> {
        self.purse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ports {
    /// Three ports that nobody listens at now.
    fn free() -> Result<Self, std::io::Error> {
        // All are held until all are known: no port is chosen twice.
        let listeners = [TcpListener::bind(ANY)?, TcpListener::bind(ANY)?, TcpListener::bind(ANY)?];
        let at = |listener: &TcpListener| {
            Loopback::from_address(listener.local_addr()?)
                .ok_or(std::io::Error::from(std::io::ErrorKind::AddrNotAvailable))
        };
        let [rpc, peers, electrum] = &listeners;
        Ok(Self { rpc: at(rpc)?, peers: at(peers)?, electrum: at(electrum)? })
    }
}

/// Connects to an address of this machine.
fn connect(address: Loopback, timeout: Duration) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address.address(), Duration::from_secs(5))?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    Ok(stream)
}
