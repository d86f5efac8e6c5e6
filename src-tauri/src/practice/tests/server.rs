use std::net::SocketAddr;
use std::time::Duration;

use bitcoin::{Address, Amount, Network};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{DEPOSIT, Ground, TwoOfThree, deposit, draft};
use crate::practice::chain::ScriptHash;
use crate::practice::electrum::{MAX_LINE, MAX_MINE};
use crate::practice::{ControlError, PracticeControl, PracticeServer, ServeError, SharedChain, serve};

const LOCAL: &str = "127.0.0.1:0";

async fn started(chain: SharedChain) -> PracticeServer {
    serve(chain, LOCAL.parse().expect("an address")).await.expect("a server")
}

/// A client that speaks plain lines.
struct Raw(BufReader<TcpStream>);

impl Raw {
    async fn connect(server: &PracticeServer) -> Self {
        Self(BufReader::new(TcpStream::connect(server.address().address()).await.expect("a connection")))
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("written");
    }

    /// The next line, `None` when the server has closed.
    async fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = timeout(Duration::from_secs(20), self.0.read_line(&mut line)).await.expect("in time");
        match read {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(serde_json::from_str(&line).expect("JSON")),
        }
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        self.send(format!("{request}\n").as_bytes()).await;
        let answer = self.line().await.expect("an answer");
        assert_eq!(answer["id"], 7, "{answer}");
        answer
    }

    async fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.call(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn code(&mut self, method: &str, params: Value) -> i64 {
        let answer = self.call(method, params).await;
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} should fail: {answer}"))
    }
}

#[tokio::test]
async fn only_this_machine_is_served() {
    let address: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    assert!(matches!(serve(SharedChain::begin(), address).await, Err(ServeError::NotLoopback { .. })));
    let server = started(SharedChain::begin()).await;
    let taken = serve(SharedChain::begin(), server.address().address()).await;
    assert!(matches!(taken, Err(ServeError::Listen { .. })));
}

#[tokio::test]
async fn every_method_answers() {
    let Ground { mut chain, vault, coin } = Ground::new();
    let waiting = vault.sign(draft(coin, vault.script(), Amount::from_sat(900_000)), &[DEPOSIT]);
    let raw_deposit = chain.transaction(coin.txid).cloned().expect("the deposit");
    let height = chain.height();
    let second = deposit(&mut chain, &vault.script());
    let server = started(SharedChain::new(chain)).await;
    let mut client = Raw::connect(&server).await;
    let script = ScriptHash::of(&vault.script()).to_string();

    let version = client.result("server.version", json!(["me", ["1.4", "1.6"]])).await;
    assert_eq!(version[1], "1.4");
    assert_eq!(client.result("server.version", json!(["me", "1.4"])).await[1], "1.4");
    assert_eq!(client.code("server.version", json!(["me", ["1.5", "1.6"]])).await, 1);
    assert!(client.result("server.banner", json!([])).await.is_string());
    assert!(client.result("server.ping", json!([])).await.is_null());
    let genesis = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
    assert_eq!(client.result("server.features", json!([])).await["genesis_hash"], genesis);

    let header = client.result("blockchain.block.header", json!([height])).await;
    assert_eq!(header.as_str().expect("hex").len(), 160);
    let headers = client.result("blockchain.block.headers", json!([height - 1, 9])).await;
    assert_eq!((headers["count"].as_u64(), headers["hex"].as_str().expect("hex").len()), (Some(2), 320));
    assert!(headers["hex"].as_str().expect("hex").ends_with(header.as_str().expect("hex")));
    let mut rates = Vec::new();
    for blocks in [1, 3, 6, 25] {
        rates.push(client.result("blockchain.estimatefee", json!([blocks])).await.as_f64().unwrap());
    }
    assert!(rates.is_sorted_by(|soon, late| soon > late) && rates[3] == 0.000_01, "{rates:?}");
    assert_eq!(client.result("blockchain.estimatefee", json!([2_000])).await, json!(-1));
    assert_eq!(client.result("blockchain.relayfee", json!([])).await, json!(0.000_01));

    let history = client.result("blockchain.scripthash.get_history", json!([script])).await;
    assert_eq!(history[0], json!({"height": height, "tx_hash": coin.txid}));
    assert_eq!((&history[1]["height"], &history[1]["tx_hash"]), (&json!(0), &json!(second.txid)));
    assert!(history[1]["fee"].as_u64() > Some(100));
    let unspent = client.result("blockchain.scripthash.listunspent", json!([script])).await;
    assert_eq!(unspent[0], json!({"height": height, "tx_hash": coin.txid, "tx_pos": 0, "value": 1_000_000}));
    let balance = client.result("blockchain.scripthash.get_balance", json!([script])).await;
    assert_eq!(balance, json!({"confirmed": 1_000_000, "unconfirmed": 1_000_000}));

    let txid = waiting.compute_txid().to_string();
    let bytes = bitcoin::consensus::encode::serialize_hex(&waiting);
    assert_eq!(client.result("blockchain.transaction.broadcast", json!([bytes])).await, txid);
    assert_eq!(client.result("blockchain.transaction.broadcast", json!([bytes])).await, txid, "again is fine");
    assert_eq!(client.result("blockchain.transaction.get", json!([txid, false])).await, bytes);
    assert_eq!(client.code("blockchain.transaction.get", json!([txid, true])).await, -32_602);
    let confirmed = bitcoin::consensus::encode::serialize_hex(&raw_deposit);
    assert_eq!(client.code("blockchain.transaction.broadcast", json!([confirmed])).await, 2);
    let merkle = client.result("blockchain.transaction.get_merkle", json!([coin.txid, height])).await;
    assert_eq!((merkle["pos"].as_u64(), merkle["merkle"].as_array().map(Vec::len)), (Some(1), Some(1)));
    assert_eq!(client.code("blockchain.transaction.get_merkle", json!([txid, height])).await, 1);
    let named = client.result("blockchain.transaction.id_from_pos", json!([height, 1])).await;
    assert_eq!(named, json!(coin.txid));
    let proven = client.result("blockchain.transaction.id_from_pos", json!([height, 1, true])).await;
    assert_eq!((&proven["tx_hash"], &proven["merkle"]), (&json!(coin.txid), &merkle["merkle"]));
    assert!(!client.result("mempool.get_fee_histogram", json!([])).await.as_array().expect("pairs").is_empty());

    let address = Address::from_script(&vault.script(), Network::Regtest).expect("an address").to_string();
    assert!(client.result("practice.fund", json!([address, 5_000])).await.is_string());
    assert_eq!(client.result("practice.mine", json!([3])).await, json!(height + 3));
    assert_eq!(client.result("practice.reorg", json!([1])).await, json!(height + 2));
}

#[tokio::test]
async fn bad_requests_are_answered_by_their_own_errors() {
    let server = started(SharedChain::begin()).await;
    let mut client = Raw::connect(&server).await;
    let mainnet = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    for (method, params, code) in [
        ("no.such.method", json!([]), -32_601),
        ("blockchain.block.header", json!([]), -32_602),
        ("blockchain.block.header", json!([-1]), -32_602),
        ("blockchain.block.header", json!(["1"]), -32_602),
        ("blockchain.block.header", json!([u64::MAX]), -32_602),
        ("blockchain.block.header", json!([5, 6]), -32_602),
        ("blockchain.block.header", json!([u32::MAX]), 1),
        ("blockchain.block.headers", json!([1]), -32_602),
        ("blockchain.scripthash.get_history", json!(["00"]), -32_602),
        ("blockchain.scripthash.subscribe", json!([["x"]]), -32_602),
        ("blockchain.transaction.get", json!(["zz"]), -32_602),
        ("blockchain.transaction.get", json!(["00".repeat(32)]), 1),
        ("blockchain.transaction.get_merkle", json!(["00".repeat(32)]), -32_602),
        ("blockchain.transaction.id_from_pos", json!([0, 5]), 1),
        ("blockchain.transaction.id_from_pos", json!([u32::MAX, 0]), 1),
        ("blockchain.transaction.broadcast", json!(["00"]), -32_602),
        ("blockchain.transaction.broadcast", json!(["xyz"]), -32_602),
        ("server.version", json!(["x", {"a": 1}]), -32_602),
        ("server.version", json!(["x", "99999999999999999999"]), -32_602),
        ("practice.mine", json!([MAX_MINE + 1]), -32_602),
        ("practice.fund", json!([mainnet, 5_000]), -32_602),
        ("practice.fund", json!(["bcrt1nonsense", 5_000]), -32_602),
        ("practice.reorg", json!([u32::MAX]), 2),
    ] {
        assert_eq!(client.code(method, params.clone()).await, code, "{method} {params}");
    }
    let headers = client.result("blockchain.block.headers", json!([u32::MAX, u32::MAX])).await;
    assert_eq!(headers["count"], 0);
    for (line, code) in [
        ("garbage", -32_700),
        ("{\"id\":1", -32_700),
        ("\u{1F980}", -32_700),
        ("[]", -32_600),
        ("17", -32_600),
        ("{\"id\":1}", -32_600),
        ("{\"id\":1,\"method\":5,\"params\":[]}", -32_600),
        ("{\"id\":1,\"method\":\"server.ping\",\"params\":{\"a\":1}}", -32_600),
    ] {
        client.send(format!("{line}\n").as_bytes()).await;
        assert_eq!(client.line().await.expect("an answer")["error"]["code"], code, "{line}");
    }
    client.send(&[0xff, 0xfe, 0, b'\n']).await;
    assert_eq!(client.line().await.expect("an answer")["error"]["code"], -32_700);
    client.send(format!("{}\n", "[".repeat(100_000)).as_bytes()).await;
    assert_eq!(client.line().await.expect("an answer")["error"]["code"], -32_700, "no depth overflows the stack");
    client.send(b"\n \r\n").await;
    assert!(client.result("server.ping", json!([])).await.is_null(), "empty lines are passed over");
}

#[tokio::test]
async fn a_batch_is_answered_in_order() {
    let server = started(SharedChain::begin()).await;
    let mut client = Raw::connect(&server).await;
    let ping = |id: &str| json!({"id": id, "method": "server.ping", "params": []});
    client.send(format!("{}\n", json!([ping("a"), {"id": "b", "method": "x"}, ping("c")])).as_bytes()).await;
    let answers = client.line().await.expect("answers");
    assert_eq!(answers.as_array().expect("a list").len(), 3);
    assert_eq!((&answers[0]["id"], &answers[2]["id"]), (&json!("a"), &json!("c")));
    assert_eq!(answers[1]["error"]["code"], -32_601);
    client.send(format!("{}\n", Value::Array(vec![ping("a"); 1_001])).as_bytes()).await;
    assert_eq!(client.line().await.expect("an answer")["error"]["code"], -32_600);
}

#[tokio::test]
async fn a_rude_client_harms_nobody() {
    let server = started(SharedChain::begin()).await;
    let mut polite = Raw::connect(&server).await;

    let mut huge = Raw::connect(&server).await;
    let too_long = vec![b'x'; MAX_LINE + 1];
    // The server may close before all of it is written.
    let _ = huge.0.write_all(&too_long).await;
    if let Some(answer) = huge.line().await {
        assert_eq!(answer["error"]["code"], -32_600);
        assert_eq!(huge.line().await, None, "then it is closed");
    }
    let mut half = Raw::connect(&server).await;
    half.send(b"{\"id\":1,\"method\":\"practice.mine\",\"params\":[5]}").await;
    half.0.shutdown().await.expect("closed for writing");
    assert_eq!(half.line().await, None, "half a line is no request");
    let mut gone = Raw::connect(&server).await;
    gone.send(b"{\"id\":1,\"method\":\"blockchain.headers.subscribe\",\"params\":[]}\n").await;
    drop(gone);
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(Raw::connect(&server).await);
    }
    assert_eq!(polite.result("practice.mine", json!([1])).await, json!(102), "the half request mined nothing");
    // A line in two pieces is a line.
    polite.send(b"{\"id\":7,\"method\":\"server").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.chain().with(|chain| chain.mine(1));
    polite.send(b".ping\",\"params\":[]}\n").await;
    assert_eq!(polite.line().await.expect("an answer")["id"], 7);
}

#[tokio::test]
async fn subscribers_are_told_of_what_changes() {
    let vault = TwoOfThree::new();
    let server = started(SharedChain::begin()).await;
    let mut client = Raw::connect(&server).await;
    let script = ScriptHash::of(&vault.script()).to_string();
    assert_eq!(client.result("blockchain.headers.subscribe", json!([])).await["height"], 101);
    assert!(client.result("blockchain.scripthash.subscribe", json!([script])).await.is_null());

    server.chain().with(|chain| chain.fund(vault.script(), DEPOSIT)).expect("funded");
    let news = client.line().await.expect("news");
    assert_eq!((&news["method"], &news["params"][0]), (&json!("blockchain.scripthash.subscribe"), &json!(script)));
    let unconfirmed = news["params"][1].clone();
    assert!(unconfirmed.is_string());

    server.chain().with(|chain| chain.mine(1));
    let news = client.line().await.expect("news");
    assert_eq!((&news["method"], &news["params"][0]["height"]), (&json!("blockchain.headers.subscribe"), &json!(102)));
    let news = client.line().await.expect("news");
    assert_ne!(news["params"][1], unconfirmed);

    assert_eq!(client.result("blockchain.scripthash.unsubscribe", json!([script])).await, json!(true));
    assert_eq!(client.result("blockchain.scripthash.unsubscribe", json!([script])).await, json!(false));
    server.chain().with(|chain| chain.fund(vault.script(), DEPOSIT)).expect("funded");
    server.chain().with(|chain| chain.mine(1));
    let news = client.line().await.expect("news");
    assert_eq!(news["method"], "blockchain.headers.subscribe", "no more of the script");
}

#[tokio::test]
async fn another_process_mines_and_pays() {
    let vault = TwoOfThree::new();
    let server = started(SharedChain::begin()).await;
    let address = server.address();
    let mut control = PracticeControl::connect(address).await.expect("a connection");
    let to = Address::from_script(&vault.script(), Network::Regtest).expect("an address");
    let txid = control.fund(&to, DEPOSIT).await.expect("funded");
    assert_eq!(control.mine(2).await.expect("mined"), 103);
    assert_eq!(server.chain().with(|chain| chain.confirmed_at(txid)), Some((102, 1)));
    assert_eq!(control.reorg(1).await.expect("disconnected"), 102);
    let refused = control.fund(&to, Amount::from_sat(1)).await.expect_err("dust");
    assert!(matches!(refused, ControlError::Refused { reason } if reason.contains("dust")));

    drop(server);
    let gone = control.mine(1).await.expect_err("no server");
    assert!(matches!(gone, ControlError::Unreachable { .. }), "{gone}");
    assert!(matches!(PracticeControl::connect(address).await, Err(ControlError::Unreachable { .. })));
}
