//! The Electrum source end to end, against the practice chain's own server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use bdk_wallet::{KeychainKind, SignOptions, Wallet};
use bitcoin::bip32::{Xpriv, Xpub};
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::Secp256k1;
use bitcoin::{Amount, FeeRate, Network, Transaction, Txid};
use electrum_client::ElectrumApi;
use electrum_client::raw_client::RawClient;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::chunked::{CHUNK, Chunked};
use super::{Broadcast, ChainError, ChainSource, Electrum, Refusal};
use crate::practice::{PracticeServer, SharedChain, serve};
use crate::tor::{DoorError, Loopback};

const DEPOSIT: Amount = Amount::from_sat(500_000);

/// The practice chain's server, on a runtime of its own, so that tests may block.
struct Server {
    runtime: Runtime,
    server: Option<PracticeServer>,
    chain: SharedChain,
}

impl Server {
    fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
        let chain = SharedChain::begin();
        let mut server = Self { runtime, server: None, chain };
        server.listen("127.0.0.1:0".parse().expect("an address"));
        server
    }

    fn listen(&mut self, address: std::net::SocketAddr) {
        self.server = Some(self.runtime.block_on(serve(self.chain.clone(), address)).expect("a server"));
    }

    fn address(&self) -> Loopback {
        self.server.as_ref().expect("a server").address()
    }

    fn source(&self) -> Electrum {
        Electrum::connect(&self.server.as_ref().expect("a server").url()).expect("connected")
    }

    fn pay(&self, wallet: &Wallet, index: u32) -> Txid {
        let script = wallet.peek_address(KeychainKind::External, index).script_pubkey();
        self.chain.with(|chain| chain.fund(script, DEPOSIT)).expect("funded")
    }
}

/// A wallet of three keys, of which two must sign, and the private keys.
fn wallet() -> (Wallet, [Xpriv; 3]) {
    let secp = Secp256k1::new();
    let keys = [1_u8, 2, 3].map(|seed| Xpriv::new_master(Network::Regtest, &[seed; 32]).expect("a key"));
    let public = keys.map(|key| format!("{}/<0;1>/*", Xpub::from_priv(&secp, &key)));
    let mut wallet = Wallet::create_from_two_path_descriptor(format!("wsh(sortedmulti(2,{}))", public.join(",")))
        .network(Network::Regtest)
        .create_wallet_no_persist()
        .expect("a wallet");
    let _ = wallet.reveal_addresses_to(KeychainKind::External, 1).count();
    (wallet, keys)
}

fn sync(source: &mut Electrum, wallet: &mut Wallet) {
    let update = source.sync(wallet.start_sync_with_revealed_spks().build()).expect("synced");
    wallet.apply_update(update).expect("applied");
}

#[test]
fn a_deposit_is_seen_unconfirmed_then_confirmed_and_survives_a_reorganisation() {
    let server = Server::start();
    let (mut wallet, _) = wallet();
    let mut source = server.source();
    sync(&mut source, &mut wallet);
    assert_eq!(wallet.balance().total(), Amount::ZERO);
    assert_eq!(wallet.latest_checkpoint().height(), 101);

    let txid = server.pay(&wallet, 0);
    sync(&mut source, &mut wallet);
    assert_eq!((wallet.balance().untrusted_pending, wallet.balance().confirmed), (DEPOSIT, Amount::ZERO));
    let tx = wallet.get_tx(txid).expect("the deposit").tx_node.tx.clone();
    assert!(wallet.calculate_fee(&tx).expect("the payer's coins were fetched") > Amount::ZERO);

    server.chain.with(|chain| chain.mine(3));
    sync(&mut source, &mut wallet);
    assert_eq!((wallet.balance().untrusted_pending, wallet.balance().confirmed), (Amount::ZERO, DEPOSIT));
    let position =
        |wallet: &Wallet| wallet.get_tx(txid).expect("the deposit").chain_position.confirmation_height_upper_bound();
    assert_eq!(position(&wallet), Some(102));

    // The three blocks are replaced by four, and the deposit goes into the first of them.
    let old = server.chain.with(|chain| chain.header(102).expect("a header").block_hash());
    server.chain.with(|chain| {
        chain.reorg(3).expect("disconnected");
        chain.mine(4);
    });
    sync(&mut source, &mut wallet);
    assert_eq!(wallet.balance().confirmed, DEPOSIT);
    let (new, tip) = server.chain.with(|chain| (chain.header(102).expect("a header").block_hash(), chain.tip()));
    assert_ne!(old, new);
    assert_eq!(wallet.latest_checkpoint().get(102).map(|checkpoint| checkpoint.hash()), Some(new));
    assert_eq!(wallet.latest_checkpoint().hash(), tip.hash);
    let told = source.tip().expect("a tip");
    assert_eq!((told.height, told.hash, told.median_time), (tip.height, tip.hash, tip.median_time));
    // Never every header: genesis, the deposit's, and the last few.
    assert!(wallet.latest_checkpoint().iter().count() < 30);
}

#[test]
fn a_full_scan_finds_what_a_new_installation_does_not_know() {
    let server = Server::start();
    let (wallet, _) = wallet();
    for index in [0, 7, 18, 29] {
        server.pay(&wallet, index);
    }
    server.chain.with(|chain| chain.mine(1));
    server.pay(&wallet, 30);
    let mut source = server.source();
    let mut restored = wallet;
    let update = source.full_scan(restored.start_full_scan().build(), 20).expect("scanned");
    restored.apply_update(update).expect("applied");
    assert_eq!(restored.balance().total(), DEPOSIT * 5);
    assert_eq!(restored.derivation_index(KeychainKind::External), Some(30));
}

#[test]
fn a_spend_is_broadcast_once_and_refused_when_it_conflicts() {
    let server = Server::start();
    let (mut wallet, keys) = wallet();
    let mut source = server.source();
    server.pay(&wallet, 0);
    server.chain.with(|chain| chain.mine(1));
    sync(&mut source, &mut wallet);

    let first = spend(&mut wallet, &keys, 100_000);
    let conflicting = spend(&mut wallet, &keys, 200_000);
    assert_eq!(source.transaction(first.compute_txid()).expect("asked"), None);
    assert_eq!(source.broadcast(&first).expect("sent"), Broadcast::Sent);
    assert_eq!(source.broadcast(&first).expect("again"), Broadcast::AlreadyKnown);
    assert_eq!(source.transaction(first.compute_txid()).expect("asked"), Some(first.clone()));
    let refused = source.broadcast(&conflicting).expect_err("a double spend");
    assert!(matches!(&refused, ChainError::Refused { why: Refusal::Conflict, .. }), "{refused}");
    assert!(refused.to_string().contains("spends one of its coins"), "{refused}");
    assert!(source.is_connected(), "a refusal is no reason to hang up");

    server.chain.with(|chain| chain.mine(1));
    assert_eq!(source.broadcast(&first).expect("in a block"), Broadcast::AlreadyKnown);
    sync(&mut source, &mut wallet);
    assert!(wallet.balance().confirmed < DEPOSIT);

    let mut unsigned = spend(&mut wallet, &keys, 50_000);
    unsigned.input[0].witness.clear();
    assert!(matches!(source.broadcast(&unsigned), Err(ChainError::Refused { .. })));
}

/// A payment to the wallet itself, signed by the first and the last of the three keys.
fn spend(wallet: &mut Wallet, keys: &[Xpriv; 3], sat: u64) -> Transaction {
    let to = wallet.peek_address(KeychainKind::External, 1).script_pubkey();
    let mut builder = wallet.build_tx();
    builder.add_recipient(to, Amount::from_sat(sat)).fee_rate(FeeRate::from_sat_per_vb_u32(2));
    let mut psbt = builder.finish().expect("a draft");
    for key in [&keys[0], &keys[2]] {
        psbt.sign(key, &Secp256k1::new()).expect("signed");
    }
    assert!(wallet.finalize_psbt(&mut psbt, SignOptions::default()).expect("final"));
    psbt.extract_tx().expect("a transaction")
}

#[test]
fn only_this_machine_is_dialled() {
    for url in ["tcp://192.0.2.1:50001", "tcp://electrum.example:50001", "tcp://0.0.0.0:50001"] {
        let error = Electrum::connect(url).expect_err(url);
        assert!(matches!(error, ChainError::Address(DoorError::NotLoopback { .. })), "{url}: {error}");
    }
    for url in ["", "ssl://127.0.0.1:50002", "tcp://127.0.0.1"] {
        let error = Electrum::connect(url).expect_err(url);
        assert!(matches!(error, ChainError::Address(DoorError::Malformed { .. })), "{url}: {error}");
    }
}

#[test]
fn a_dead_server_is_unreachable_and_welcome_again() {
    let mut server = Server::start();
    let (mut wallet, _) = wallet();
    let mut source = server.source();
    let address = server.address();
    server.pay(&wallet, 0);
    sync(&mut source, &mut wallet);

    server.server = None;
    for _ in 0..2 {
        let error = source.tip().expect_err("nobody is there");
        assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
        assert!(!source.is_connected(), "the dead stream was let go");
    }
    assert!(matches!(Electrum::connect(&format!("tcp://{address}")), Err(ChainError::Unreachable { .. })));

    server.chain.with(|chain| chain.mine(1));
    server.listen(address.address());
    sync(&mut source, &mut wallet);
    assert_eq!(wallet.balance().confirmed, DEPOSIT);
}

/// What a scripted server answers to a method: `None` hangs up.
type Script = fn(&str, &Value) -> Option<Value>;

/// A server of one's own making that counts how many requests lie before it at once.
struct Scripted {
    url: String,
    largest_batch: Arc<Mutex<usize>>,
}

fn scripted(script: Script) -> Scripted {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let url = format!("tcp://{}", listener.local_addr().expect("an address"));
    let largest_batch = Arc::new(Mutex::new(0));
    let largest = Arc::clone(&largest_batch);
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let _ = answer(stream, script, &largest);
        }
    });
    Scripted { url, largest_batch }
}

/// Waits a little before it answers, so that everything the client sends at once has come.
fn answer(stream: std::net::TcpStream, script: Script, largest: &Mutex<usize>) -> std::io::Result<()> {
    let mut write = stream.try_clone()?;
    let mut read = BufReader::with_capacity(1_000_000, stream);
    loop {
        let mut requests = Vec::new();
        let mut line = String::new();
        if read.read_line(&mut line)? == 0 {
            return Ok(());
        }
        requests.push(line);
        std::thread::sleep(std::time::Duration::from_millis(20));
        read.get_ref().set_nonblocking(true)?;
        loop {
            let mut line = String::new();
            match read.read_line(&mut line) {
                Ok(count) if count > 0 => requests.push(line),
                Ok(_) | Err(_) => break,
            }
        }
        read.get_ref().set_nonblocking(false)?;
        let mut seen = largest.lock().expect("a count");
        *seen = (*seen).max(requests.len());
        drop(seen);
        for request in requests {
            let request: Value = serde_json::from_str(&request)?;
            let method = request["method"].as_str().unwrap_or_default();
            let Some(result) = script(method, &request["params"]) else { return Ok(()) };
            let answer = json!({"id": request["id"], "result": result});
            write.write_all(format!("{answer}\n").as_bytes())?;
        }
    }
}

fn plain(method: &str, _: &Value) -> Option<Value> {
    Some(match method {
        "server.version" => json!(["plain", "1.4"]),
        "blockchain.scripthash.get_history" => json!([]),
        "blockchain.transaction.get_merkle" => json!({"block_height": 1, "pos": 0, "merkle": []}),
        _ => json!("00".repeat(80)),
    })
}

#[test]
fn batches_are_sent_in_chunks() {
    let scripts: Vec<_> = (0..CHUNK as u8 * 2 + 20).map(|n| bitcoin::ScriptBuf::from_bytes(vec![n])).collect();
    let open = |server: &Scripted| {
        let address = Loopback::parse(&server.url, "tcp").expect("an address").address();
        RawClient::from(std::net::TcpStream::connect(address).expect("connected"))
    };
    let ask = |client: &dyn Fn(&[&bitcoin::Script]) -> usize| {
        let all: Vec<_> = scripts.iter().map(|script| script.as_script()).collect();
        assert_eq!(client(&all), scripts.len(), "every request has its answer");
    };
    // Without the wrapper the server sees them all at once: so the count below means something.
    let server = scripted(plain);
    let bare = open(&server);
    ask(&|all| bare.batch_script_get_history(all).expect("histories").len());
    assert_eq!(*server.largest_batch.lock().expect("a count"), scripts.len());

    let server = scripted(plain);
    let chunked = Chunked::new(open(&server));
    ask(&|all| chunked.batch_script_get_history(all).expect("histories").len());
    let pairs: Vec<(Txid, usize)> = (0..130).map(|n| (Txid::all_zeros(), n)).collect();
    assert_eq!(chunked.batch_transaction_get_merkle(&pairs).expect("proofs").len(), 130);
    let heights: Vec<u32> = (0..130).collect();
    assert_eq!(chunked.batch_block_header_raw(&heights).expect("headers").len(), 130);
    let mut batch = electrum_client::Batch::default();
    heights.iter().for_each(|height| batch.block_header(*height));
    assert_eq!(chunked.batch_call(&batch).expect("answers").len(), 130);
    assert_eq!(*server.largest_batch.lock().expect("a count"), CHUNK);
}

#[test]
fn a_wallet_of_many_payments_is_synced_in_chunks() {
    let server = Server::start();
    let (mut wallet, _) = wallet();
    let _ = wallet.reveal_addresses_to(KeychainKind::External, 129).count();
    for index in 0..130 {
        server.pay(&wallet, index);
        server.chain.with(|chain| chain.mine(u32::from(index % 3 == 0)));
    }
    server.chain.with(|chain| chain.mine(1));
    let mut source = server.source();
    sync(&mut source, &mut wallet);
    assert_eq!(wallet.balance().confirmed, DEPOSIT * 130);
    // A source that remembers the wallet fetches the parents of its transactions, but none of its own again.
    let mut again = server.source();
    again.remember(&wallet);
    sync(&mut again, &mut wallet);
    let (first, second) = (source.calls_made(), again.calls_made());
    assert!(second + 130 <= first, "{first} calls, then {second}");
}

#[test]
fn nonsense_from_a_server_is_an_error_and_no_panic() {
    let scripts: [(&str, Script); 8] = [
        ("a version of no kind", |_, _| Some(json!(5))),
        ("a tip of no kind", |method, params| match method {
            "server.version" => plain(method, params),
            _ => Some(json!({"height": "high"})),
        }),
        ("a tip beyond all chains", |method, params| match method {
            "blockchain.headers.subscribe" => Some(json!({"height": u32::MAX, "hex": "00".repeat(80)})),
            _ => plain(method, params),
        }),
        ("fewer headers than counted", |method, params| match method {
            "blockchain.headers.subscribe" => Some(json!({"height": 200, "hex": "00".repeat(80)})),
            "blockchain.block.headers" => Some(json!({"count": 11, "hex": "00".repeat(80), "max": 2016})),
            _ => plain(method, params),
        }),
        ("more headers than asked for", |method, params| match method {
            "blockchain.headers.subscribe" => Some(json!({"height": 200, "hex": "00".repeat(80)})),
            "blockchain.block.headers" => Some(json!({"count": 99, "hex": "00".repeat(80 * 99), "max": 2016})),
            _ => plain(method, params),
        }),
        ("headers of broken length", |method, params| match method {
            "blockchain.headers.subscribe" => Some(json!({"height": 200, "hex": "00".repeat(80)})),
            "blockchain.block.headers" => Some(json!({"count": 1, "hex": "00".repeat(79), "max": 2016})),
            _ => plain(method, params),
        }),
        ("headers that do not follow one another", |method, params| match method {
            "blockchain.headers.subscribe" => Some(json!({"height": 10, "hex": "00".repeat(80)})),
            "blockchain.block.headers" => Some(json!({"count": 11, "hex": "00".repeat(80 * 11), "max": 2016})),
            _ => plain(method, params),
        }),
        ("hanging up", |method, params| match method {
            "server.version" => plain(method, params),
            _ => None,
        }),
    ];
    for (name, script) in scripts {
        let server = scripted(script);
        let mut source = Electrum::at(Loopback::parse(&server.url, "tcp").expect("an address"));
        let error = source.tip().expect_err(name);
        match name {
            "hanging up" => assert!(matches!(error, ChainError::Unreachable { .. }), "{name}: {error}"),
            "fewer headers than counted" => assert!(matches!(error, ChainError::Declined { .. }), "{name}: {error}"),
            _ => assert!(matches!(error, ChainError::Malformed { .. }), "{name}: {error}"),
        }
        let (wallet, _) = wallet();
        assert!(source.sync(wallet.start_sync_with_revealed_spks().build()).is_err(), "{name}");
    }
    let server = scripted(plain);
    let mut source = Electrum::connect(&server.url).expect("connected");
    let error = source.transaction(Txid::all_zeros()).expect_err("80 zero bytes are no transaction");
    assert!(matches!(error, ChainError::Malformed { .. }), "{error}");
}
