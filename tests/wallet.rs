//! What an installation shows and keeps beside the record: labels, addresses, the past of a balance, tables, fees, and
//! descriptors that are only watched, with chain sources that are changed and that lie.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount};
use conclave::chain::{ChainSource, Electrum};
use conclave::coins::{Answer, Question};
use conclave::desktop::settings;
use conclave::installation::Installation;
use conclave::main_loop::Running;
use conclave::open_vault::NETWORK;
use conclave::practice::{PracticeServer, SharedChain, serve};
use conclave::store::{Passphrase, Store};
use conclave_shared::request::{
    CheckDescriptor, CreateVault, Failure, FailureKind, ImportLabels, Labelled, ListAddresses, ListCoins,
    ListTransactions, OnCoin, OnVault, Ratify, Reply, Request, SetChainSource, SetLabel, ShowHistory, WatchDescriptor,
};
use conclave_shared::view::{AddressView, CoinView, HistoryView, LabelsImportedView, TransactionView, WatchedView};
use conclave_shared::{Sat, VaultId, VaultStatus};
use network::Weather;
use party::{Homes, Party};

const ANA: usize = 0;
const BEN: usize = 1;

const KEY: &str = "[41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH";

fn watched_text() -> String {
    format!("wpkh({KEY}/<0;1>/*)")
}

// ---- asking ----

fn coins(party: &mut Party, who: usize, vault: VaultId) -> Vec<CoinView> {
    let Reply::Coins(view) = party.done(who, Request::ListCoins(ListCoins { vault, after: None, limit: 500 })) else {
        panic!("no coins")
    };
    view.coins
}

fn transactions(party: &mut Party, who: usize, vault: VaultId) -> Vec<TransactionView> {
    let request = Request::ListTransactions(ListTransactions { vault, before: None, limit: 500 });
    let Reply::Transactions(view) = party.done(who, request) else { panic!("no transactions") };
    view.transactions
}

fn addresses(party: &mut Party, who: usize, vault: VaultId, before: Option<u32>, limit: u32) -> Vec<AddressView> {
    let request = Request::ListAddresses(ListAddresses { vault, change: false, before, limit });
    let Reply::Addresses(view) = party.done(who, request) else { panic!("no addresses") };
    view.addresses
}

fn history(party: &mut Party, who: usize, vault: VaultId, points: u32) -> HistoryView {
    let Reply::History(view) = party.done(who, Request::ShowHistory(ShowHistory { vault, points })) else {
        panic!("no history")
    };
    view
}

fn set_label(party: &mut Party, who: usize, vault: VaultId, on: Labelled, label: &str) {
    party.done(who, Request::SetLabel(SetLabel { vault, on, label: label.to_owned() }));
}

fn lines(party: &mut Party, who: usize, request: Request) -> Vec<String> {
    let Reply::Record { lines } = party.done(who, request) else { panic!("no lines") };
    lines
}

fn import(party: &mut Party, who: usize, vault: VaultId, text: &str) -> LabelsImportedView {
    let request = Request::ImportLabels(ImportLabels { vault, text: text.to_owned() });
    let Reply::LabelsImported(view) = party.done(who, request) else { panic!("not imported") };
    view
}

/// A vault of two, each in a folder.
fn two() -> (Party, VaultId) {
    let mut party = Party::new(2, Homes::Folders, 7, Weather::FAIR);
    party.found(2, 2);
    let vault = party.vault();
    (party, vault)
}

// ---- labels ----

#[test]
fn labels_stay_with_whoever_wrote_them_and_outlast_a_restart() {
    let (mut party, vault) = two();
    let coin = party.deposit(ANA, 70_000);
    party.settle();
    let address = coins(&mut party, ANA, vault)[0].address.clone();
    let events = party.view(ANA).events;
    set_label(&mut party, ANA, vault, Labelled::Address(address.to_uppercase()), "  rent of Ben ");
    assert_eq!(coins(&mut party, ANA, vault)[0].label.as_deref(), Some("rent of Ben"), "its address's");
    set_label(&mut party, ANA, vault, Labelled::Coin(coin.to_string()), "March");
    set_label(&mut party, ANA, vault, Labelled::Transaction(coin.txid.to_string()), "<b>deposit</b>");
    let shown = |party: &mut Party, who| {
        (
            coins(party, who, vault)[0].label.clone(),
            transactions(party, who, vault)[0].label.clone(),
            addresses(party, who, vault, None, 5)[0].label.clone(),
        )
    };
    let own = (Some("March".to_owned()), Some("<b>deposit</b>".to_owned()), Some("rent of Ben".to_owned()));
    assert_eq!(shown(&mut party, ANA), own);
    party.settle();
    assert_eq!(shown(&mut party, BEN), (None, None, None), "nobody else is told");
    assert_eq!(party.view(ANA).events, events, "nothing of it is on record");
    party.leave(ANA);
    party.come_back(ANA);
    assert_eq!(shown(&mut party, ANA), own);
    set_label(&mut party, ANA, vault, Labelled::Coin(coin.to_string()), " ");
    assert_eq!(coins(&mut party, ANA, vault)[0].label.as_deref(), Some("rent of Ben"));

    let on = || Labelled::Address(address.clone());
    let main = Labelled::Address("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned());
    let wrong = [
        (on(), "x".repeat(256)),
        (on(), "a\u{202e}b".to_owned()),
        (on(), "a\u{1b}[2J".to_owned()),
        (main, "other network".to_owned()),
        (Labelled::Address("nonsense".to_owned()), "x".to_owned()),
        (Labelled::Coin(coin.txid.to_string()), "x".to_owned()),
        (Labelled::Transaction("12".to_owned()), "x".to_owned()),
    ];
    for (on, label) in wrong {
        let failure = party.failed(ANA, Request::SetLabel(SetLabel { vault, on, label }));
        assert_eq!(failure.kind, FailureKind::Input, "{failure:?}");
    }
}

#[test]
fn a_file_of_labels_goes_from_one_member_to_another() {
    let (mut party, vault) = two();
    let (coin, other) = (party.deposit(ANA, 70_000), party.deposit(BEN, 30_000));
    let address = addresses(&mut party, ANA, vault, None, 5)[0].address.clone();
    set_label(&mut party, ANA, vault, Labelled::Address(address), "=1+1");
    party.done(ANA, Request::FreezeCoin(OnCoin { vault, coin: coin.to_string() }));
    let xpub = r#"{"type":"xpub","ref":"tpubNobodyKnows","label":"old laptop"}"#;
    let key =
        r#"{"type":"pubkey","ref":"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798","label":"Ben"}"#;
    let gone = format!(r#"{{"type":"output","ref":"{}:3","spendable":false}}"#, "11".repeat(32));
    let came = import(&mut party, ANA, vault, &[xpub, key, &gone].join("\n"));
    assert_eq!((came.taken, came.unknown, came.frozen, came.refused.len()), (3, 3, 0, 0));

    let file = lines(&mut party, ANA, Request::ExportLabels(OnVault { vault }));
    for line in [xpub, key, &gone, &format!(r#"{{"type":"output","ref":"{coin}","spendable":false}}"#)] {
        assert!(file.contains(&line.to_owned()), "{line} is not in {file:?}");
    }
    assert!(file.iter().any(|line| line.contains(r#""label":"=1+1""#)), "labels are not changed on the way");

    let came = import(&mut party, BEN, vault, &file.join("\r\n"));
    assert_eq!((came.taken, came.unknown, came.frozen), (5, 3, 1));
    let frozen: Vec<String> =
        coins(&mut party, BEN, vault).into_iter().filter(|coin| coin.frozen).map(|coin| coin.outpoint).collect();
    assert_eq!(frozen, [coin.to_string()], "{other} is as before");
    party.leave(BEN);
    party.come_back(BEN);
    assert_eq!(lines(&mut party, BEN, Request::ExportLabels(OnVault { vault })), file, "the same at both, and lasting");
    let again = import(&mut party, BEN, vault, &file.join("\n"));
    assert_eq!((again.taken, again.frozen), (5, 0));
    // What may be spent again here is not said to be frozen by an old file's word.
    party.done(BEN, Request::UnfreezeCoin(OnCoin { vault, coin: coin.to_string() }));
    let file = lines(&mut party, BEN, Request::ExportLabels(OnVault { vault }));
    assert!(!file.iter().any(|line| line.contains(&coin.to_string())), "{file:?}");
}

#[test]
fn a_hostile_file_of_labels_changes_nothing_that_it_does_not_say() {
    let (mut party, vault) = two();
    let coin = party.deposit(ANA, 70_000);
    let good = format!(r#"{{"type":"tx","ref":"{}","label":"a\u202eb"}}"#, coin.txid);
    let bad = ["x", "{}", r#"{"type":"tx"}"#, r#"{"type":"output","ref":"x:1","spendable":false}"#];
    let spend = format!(r#"{{"type":"output","ref":"{coin}","label":"x","spendable":"perhaps"}}"#);
    let text = [&bad[..], &[&spend, &good]].concat().join("\n");
    let came = import(&mut party, ANA, vault, &text);
    assert_eq!((came.taken, came.unknown, came.frozen), (1, 0, 0));
    assert_eq!(came.refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let label = transactions(&mut party, ANA, vault)[0].label.clone();
    assert_eq!(label.as_deref(), Some("a\\u{202e}b"), "what could turn a line around is spelled out");

    let before = lines(&mut party, ANA, Request::ExportLabels(OnVault { vault }));
    for text in [format!("{good}\n{}", " ".repeat(1_000_000)), format!("{good}{}", "\n".repeat(100_001))] {
        let failure = party.failed(ANA, Request::ImportLabels(ImportLabels { vault, text }));
        assert_eq!(failure.kind, FailureKind::Input, "{failure:?}");
    }
    assert_eq!(lines(&mut party, ANA, Request::ExportLabels(OnVault { vault })), before);
}

// ---- addresses, history, tables ----

#[test]
fn addresses_tell_who_gave_them_out_and_what_came() {
    let (mut party, vault) = two();
    party.deposit(ANA, 70_000);
    let when = party.now_ms;
    party.deposit(BEN, 30_000);
    let Reply::Address { address, index } = party.done(BEN, Request::IssueAddress(OnVault { vault })) else { panic!() };
    party.settle();
    let all = addresses(&mut party, ANA, vault, None, 500);
    let (ana, ben) = (party.id(ANA), party.id(BEN));
    let told: Vec<_> = all.iter().map(|it| (it.index, it.issued_by, it.balance, it.received)).collect();
    let expected = [
        (2, Some(ben), Sat(0), Sat(0)),
        (1, Some(ben), Sat(30_000), Sat(30_000)),
        (0, Some(ana), Sat(70_000), Sat(70_000)),
    ];
    assert_eq!(told, expected);
    assert_eq!((index, &all[0].address), (2, &address));
    for address in &all {
        assert_eq!(address.attested_by.len(), 2, "each program has derived it by itself");
    }
    assert!(all[2].issued_ms.unwrap() <= when && when <= all[1].issued_ms.unwrap());
    assert_eq!(addresses(&mut party, BEN, vault, None, 500), all);
    assert_eq!(addresses(&mut party, ANA, vault, Some(2), 1), all[1..2]);
    let request = |limit| Request::ListAddresses(ListAddresses { vault, change: false, before: None, limit });
    let Reply::Addresses(part) = party.done(ANA, request(2)) else { panic!() };
    assert!(part.more && part.addresses == all[..2]);
    for limit in [0, 501] {
        assert_eq!(party.failed(ANA, request(limit)).code, "field-limit");
    }
    let Reply::Addresses(change) =
        party.done(ANA, Request::ListAddresses(ListAddresses { vault, change: true, before: None, limit: 5 }))
    else {
        panic!()
    };
    assert!(change.addresses.is_empty(), "no payment has used one");
}

#[test]
fn the_past_of_a_balance_and_the_table_say_what_happened() {
    let (mut party, vault) = two();
    assert!(history(&mut party, ANA, vault, 50).points.is_empty());
    let first = party.deposit(ANA, 70_000);
    party.deposit(BEN, 30_000);
    let points = history(&mut party, ANA, vault, 50).points;
    // Blocks of one second are one moment.
    assert_eq!(points.last().map(|point| point.balance), Some(Sat(100_000)));
    assert!(points.len() <= 2 && points.is_sorted_by(|one, other| one.time_s < other.time_s), "{points:?}");
    for points in [0, 1, 501] {
        assert_eq!(party.failed(ANA, Request::ShowHistory(ShowHistory { vault, points })).code, "field-points");
    }

    set_label(&mut party, ANA, vault, Labelled::Transaction(first.txid.to_string()), "=HYPERLINK(\"http://x\",1)");
    let table = lines(&mut party, ANA, Request::ExportTransactions(OnVault { vault }));
    assert_eq!(table[0], "time,txid,height,received sat,sent sat,net sat,fee sat,label,purpose");
    assert_eq!(table.len(), 3);
    let row = table.iter().find(|line| line.contains(&first.txid.to_string())).unwrap();
    assert!(row.starts_with("20") && row.contains("Z,"), "ISO 8601: {row}");
    assert!(row.contains(",70000,0,70000,") && row.contains(r#"'=HYPERLINK(""http://x"",1)"#), "{row}");
}

// ---- watched descriptors ----

fn watch(party: &mut Party, who: usize, text: &str) -> VaultId {
    let request = watching(text);
    let Reply::Watching { vault } = party.done(who, request) else { panic!("not watched") };
    vault
}

fn watching(text: &str) -> Request {
    let (name, chain) = ("Cold storage".to_owned(), "tcp://127.0.0.1:9".to_owned());
    Request::WatchDescriptor(WatchDescriptor { name, descriptor: text.to_owned(), chain })
}

/// What the loop does with a thread: asks the party's chain about a watched descriptor.
fn sync(party: &mut Party, who: usize, id: VaultId, source: &mut Electrum) {
    let now_ms = party.now_ms;
    let installation = party.installation(who);
    let answer = match installation.question(id, now_ms).unwrap() {
        Question::Scan(request) => Answer::Scan(source.full_scan(request, 20).unwrap()),
        Question::Sync(request) => Answer::Sync(source.sync(request).unwrap()),
    };
    installation.take_answer(id, answer).unwrap();
}

/// Pays to an address of the watched descriptor, in a block.
fn pay(party: &mut Party, address: &str, sat: u64) {
    let address: Address<NetworkUnchecked> = address.parse().unwrap();
    let script = address.require_network(NETWORK).unwrap().script_pubkey();
    party.chain.with(|chain| {
        chain.fund(script, Amount::from_sat(sat)).unwrap();
        chain.mine(1);
    });
}

fn listed(party: &mut Party, who: usize) -> Vec<WatchedView> {
    let Reply::Vaults { watched, .. } = party.done(who, Request::ListVaults) else { panic!() };
    watched
}

/// Addresses of the descriptor, far beyond what is shown.
fn address(index: u32) -> String {
    let descriptor = conclave_domain::watched::WatchedDescriptor::parse(&watched_text()).unwrap();
    let script = descriptor.script(conclave_domain::descriptor::Keychain::Receive, index).unwrap();
    Address::from_script(&script, NETWORK).unwrap().to_string()
}

#[test]
fn a_watched_descriptor_shows_its_coins_beside_the_vaults_and_outlasts_a_restart() {
    let (mut party, vault) = two();
    let mut source = party.another_source();
    party.settle();
    let before = party.view(ANA);
    let id = watch(&mut party, ANA, &watched_text());
    assert_ne!(id, vault);
    assert!(transactions(&mut party, ANA, id).is_empty());
    for index in [0, 7] {
        pay(&mut party, &address(index), 50_000 + u64::from(index));
    }
    sync(&mut party, ANA, id, &mut source);
    assert_eq!(listed(&mut party, ANA)[0].balance.confirmed, Sat(100_007));
    // Used by somebody who tells nobody: far beyond what was used until now, within the usual gap.
    pay(&mut party, &address(27), 1_000);
    sync(&mut party, ANA, id, &mut source);
    let view = listed(&mut party, ANA).remove(0);
    assert_eq!(view.balance.confirmed, Sat(101_007));
    assert_eq!((view.vault, view.name.as_str(), view.descriptor.kind.as_str()), (id, "Cold storage", "wpkh"));
    assert_eq!(view.descriptor.receive, [address(0), address(1), address(2)]);
    assert!(view.descriptor.descriptor.contains("/<0;1>/*)#") && view.tip_height > 0);

    set_label(&mut party, ANA, id, Labelled::Address(address(7)), "pension");
    let told: Vec<_> = addresses(&mut party, ANA, id, None, 9)
        .into_iter()
        .map(|it| (it.index, it.issued_by, it.received, it.label))
        .collect();
    let pension = Some("pension".to_owned());
    let expected = [
        (28, None, Sat(0), None),
        (27, None, Sat(1_000), None),
        (7, None, Sat(50_007), pension.clone()),
        (0, None, Sat(50_000), None),
    ];
    assert_eq!(told, expected, "the next one that nobody has used comes first");
    let coin = coins(&mut party, ANA, id).into_iter().find(|coin| coin.index == 7).unwrap();
    assert_eq!((coin.label, coin.address), (pension, address(7)));
    party.done(ANA, Request::FreezeCoin(OnCoin { vault: id, coin: coin.outpoint }));
    assert_eq!(history(&mut party, ANA, id, 9).points.last().unwrap().balance, Sat(101_007));
    assert_eq!(transactions(&mut party, ANA, id).len(), 3);
    assert_eq!(lines(&mut party, ANA, Request::ExportTransactions(OnVault { vault: id })).len(), 4);
    let labels = lines(&mut party, ANA, Request::ExportLabels(OnVault { vault: id }));
    assert_eq!(labels.len(), 2);

    // The vaults know nothing of it, and it is no vault.
    let now = party.view(ANA);
    assert_eq!((now.events, now.balance, now.state_digest), (before.events, before.balance, before.state_digest));
    let propose = party.failed(ANA, Request::ExportRecord(OnVault { vault: id }));
    assert_eq!(propose.code, "unknown-vault");
    assert_eq!(party.failed(ANA, Request::ForgetWatched(OnVault { vault })).code, "not-watched");

    party.leave(ANA);
    party.come_back(ANA);
    assert_eq!(listed(&mut party, ANA), [view]);
    assert_eq!(lines(&mut party, ANA, Request::ExportLabels(OnVault { vault: id })), labels);
    party.done(ANA, Request::ForgetWatched(OnVault { vault: id }));
    assert!(listed(&mut party, ANA).is_empty());
    assert_eq!(party.failed(ANA, Request::ForgetWatched(OnVault { vault: id })).code, "unknown-vault");
    party.leave(ANA);
    party.come_back(ANA);
    assert!(listed(&mut party, ANA).is_empty());
    watch(&mut party, ANA, &watched_text());
    assert!(lines(&mut party, ANA, Request::ExportLabels(OnVault { vault: id })).is_empty(), "nothing was left");
}

#[test]
fn what_must_not_be_watched_is_refused_and_not_kept() {
    const PRIVATE: &str = "tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK";
    let (mut party, vault) = two();
    let own = party.view(ANA).descriptor.unwrap();
    let first = watch(&mut party, ANA, &watched_text());
    let two_lines = format!("Receive: wpkh({KEY}/0/*)\nChange: wpkh({KEY}/1/*)");
    let refused = |party: &mut Party, text: &str, code: &str| -> Failure {
        let failure = party.failed(ANA, watching(text));
        assert_eq!(failure.code, code, "{text}: {}", failure.message);
        failure
    };
    refused(&mut party, &two_lines, "already-watched");
    refused(&mut party, &own, "already-member");
    let private = refused(&mut party, &format!("wpkh({PRIVATE}/0/*)"), "private-key-inside");
    assert!(!private.message.contains("tprv") && private.message.contains("known to others"));
    refused(&mut party, &format!("{}#qqqqqqqq", watched_text()), "checksum-wrong");
    let main = "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
    refused(&mut party, &format!("wpkh({main}/0/*)"), "descriptor-network");
    let key = "02c04d3a5274952acdbc76987f3184b346a483d43be40874624b29e3692c1df5af";
    for text in [format!("combo({key})"), format!("pk({key})"), format!("multi(1,{key})")] {
        refused(&mut party, &text, "not-supported");
    }
    refused(&mut party, "nonsense", "descriptor-malformed");
    refused(&mut party, &"(".repeat(70_000), "oversize");
    let failed = |party: &mut Party, name: &str, chain: &str| {
        let (name, chain) = (name.to_owned(), chain.to_owned());
        let descriptor = format!("wpkh({KEY}/5/*)");
        party.failed(ANA, Request::WatchDescriptor(WatchDescriptor { name, descriptor, chain })).kind
    };
    assert_eq!(failed(&mut party, "a\u{202e}b", "tcp://127.0.0.1:9"), FailureKind::Input);
    assert_eq!(failed(&mut party, "Cold", "tcp://electrum.example:50001"), FailureKind::Input);

    // Looking makes nothing.
    let look = |text: String| Request::CheckDescriptor(CheckDescriptor { descriptor: text });
    let Reply::Descriptor(seen) = party.done(ANA, look(format!("wpkh({KEY}/5/*)"))) else { panic!() };
    assert_eq!(
        (seen.keys[0].as_str(), seen.threshold, seen.receive.len()),
        (&*KEY.replace("h/", "'/").replace("h]", "']"), Some(1), 3)
    );
    assert_eq!(party.failed(ANA, look(format!("wpkh({PRIVATE}/0/*)"))).code, "private-key-inside");
    assert_eq!(listed(&mut party, ANA).iter().map(|it| it.vault).collect::<Vec<_>>(), [first]);
    assert!(party.view(ANA).vault == vault && party.store_of(ANA).watched().unwrap().len() == 1);
}

// ---- chain sources ----

fn passphrase() -> Passphrase {
    Passphrase::new("wallet".to_owned()).unwrap()
}

fn installation(folder: &Path) -> Installation {
    let home = folder.join("home");
    let store = if home.exists() { Store::open(&home, &passphrase()) } else { Store::create(&home, &passphrase()) };
    Installation::open(store.unwrap()).unwrap()
}

async fn practice_chain() -> PracticeServer {
    serve(SharedChain::begin(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

fn fund(server: &PracticeServer, address: &str, sat: u64, blocks: u32) {
    let address: Address<NetworkUnchecked> = address.parse().unwrap();
    let script = address.require_network(NETWORK).unwrap().script_pubkey();
    server.chain().with(|chain| {
        chain.fund(script, Amount::from_sat(sat)).unwrap();
        chain.mine(blocks);
    });
}

async fn watched_view(running: &Running) -> WatchedView {
    let Reply::Vaults { mut watched, .. } = running.ask(Request::ListVaults).await else { panic!() };
    watched.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_installation_asks_watches_and_changes_its_chain_source() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (practice_chain().await, practice_chain().await);
    let running = Running::start(installation(folder.path()), settings::door(folder.path()), 200);
    let watch = WatchDescriptor { name: "Cold".to_owned(), descriptor: watched_text(), chain: one.url() };
    let Reply::Watching { vault } = running.ask(Request::WatchDescriptor(watch)).await else { panic!() };
    let on = OnVault { vault };
    fund(&one, &address(3), 40_000, 1);
    assert_eq!(running.ask(Request::SyncChain(on)).await, Reply::Done);
    assert_eq!(watched_view(&running).await.balance.confirmed, Sat(40_000));

    let Reply::Fees(fees) = running.ask(Request::EstimateFees(on)).await else { panic!() };
    let rates: Vec<(u32, u64)> = fees.estimates.iter().map(|it| (it.blocks, it.rate_milli)).collect();
    assert_eq!((rates, fees.least_milli), (vec![(1, 12_000), (3, 5_000), (6, 3_000), (25, 1_000)], 1_000));

    // Another source, with another past.
    let change = |chain: String| Request::SetChainSource(SetChainSource { vault, chain });
    fund(&two, &address(4), 90_000, 9);
    assert_eq!(running.ask(change(two.url())).await, Reply::Done);
    assert_eq!(running.ask(Request::SyncChain(on)).await, Reply::Done);
    let view = watched_view(&running).await;
    assert_eq!((view.balance.confirmed, &view.chain), (Sat(90_000), &two.url()));

    // One that is not there: said, and nothing is lost.
    let nobody = "tcp://127.0.0.1:1".to_owned();
    assert_eq!(running.ask(change(nobody.clone())).await, Reply::Done);
    for request in [Request::SyncChain(on), Request::EstimateFees(on)] {
        let Reply::Failed(failure) = running.ask(request).await else { panic!() };
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Network, "chain-unreachable"), "{failure:?}");
    }
    let view = watched_view(&running).await;
    assert!(view.balance.confirmed == Sat(90_000) && view.trouble.unwrap().contains("cannot be reached"));
    for outside in ["tcp://192.168.1.4:50001", "tcp://electrum.example:50001", "ws://127.0.0.1:1", ""] {
        let Reply::Failed(failure) = running.ask(change(outside.to_owned())).await else { panic!("{outside}") };
        assert_eq!(failure.kind, FailureKind::Input);
    }
    running.stop().await;

    let again = installation(folder.path());
    assert_eq!(again.chain_of(vault).unwrap(), nobody, "it outlasts a restart");
    let running = Running::start(again, settings::door(folder.path()), 200);
    assert_eq!(running.ask(change(two.url())).await, Reply::Done);
    assert_eq!(running.ask(Request::SyncChain(on)).await, Reply::Done);
    let forgotten = running.ask(Request::ForgetWatched(on)).await;
    assert_eq!(forgotten, Reply::Done);
    for request in [Request::SyncChain(on), Request::EstimateFees(on)] {
        let Reply::Failed(failure) = running.ask(request).await else { panic!() };
        assert_eq!(failure.code, "unknown-vault");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_tells_its_servers_and_the_time_of_the_last_block() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (practice_chain().await, practice_chain().await);
    let running = Running::start(installation(folder.path()), settings::door(folder.path()), 200);
    let relays = vec!["ws://127.0.0.1:9".to_owned()];
    let create = CreateVault {
        name: "Own".to_owned(),
        member: "Ana".to_owned(),
        template: None,
        place: None,
        threshold: 1,
        keyholders: 1,
        approvers: 0,
        auditors: 0,
        own_relay: false,
        relays: relays.clone(),
        chain: one.url(),
        invitation_seconds: 60,
        policy: None,
        script: None,
        recovery: None,
    };
    let Reply::Created { vault, .. } = running.ask(Request::CreateVault(create)).await else { panic!() };
    let on = OnVault { vault };
    let show = async || match running.ask(Request::ShowVault(on)).await {
        Reply::Vault(view) => *view,
        reply => panic!("{reply:?}"),
    };
    while show().await.status != VaultStatus::Ratifying {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let Reply::Words { words } = running.ask(Request::RosterWords(on)).await else { panic!() };
    assert_eq!(running.ask(Request::Ratify(Ratify { vault, words: words.join(" ") })).await, Reply::Done);
    assert_eq!(running.ask(Request::SyncChain(on)).await, Reply::Done);
    let view = show().await;
    let time_of = |server: &PracticeServer| {
        server.chain().with(|chain| u64::from(chain.block(chain.height()).unwrap().header.time))
    };
    assert_eq!((view.tip_time_s, &view.chain, &view.relays), (Some(time_of(&one)), &one.url(), &relays));

    let Reply::Address { address, .. } = running.ask(Request::IssueAddress(on)).await else { panic!() };
    fund(&two, &address, 25_000, 3);
    let change = Request::SetChainSource(SetChainSource { vault, chain: two.url() });
    assert_eq!(running.ask(change).await, Reply::Done);
    assert_eq!(running.ask(Request::SyncChain(on)).await, Reply::Done);
    let view = show().await;
    assert_eq!((view.tip_time_s, &view.chain), (Some(time_of(&two)), &two.url()));
    assert_eq!((view.balance.confirmed, view.trouble), (Sat(25_000), None));
    assert!(matches!(running.ask(Request::EstimateFees(on)).await, Reply::Fees(_)));
    running.stop().await;
}
