//! A vault on a real Bitcoin node (bitcoind, regtest) behind a real Electrum server (electrs): the demo from end to end, and
//! what a practice chain only plays: deposits and payments that a reorganisation takes out, a node and a server that go away.
//!
//! `cargo xtask test node` builds both programs where they are not on the machine and names them by BITCOIND_EXE and
//! ELECTRS_EXE. Without them these tests fail, and say so.

#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::sync::Arc;

use bitcoin::Txid;
use conclave::chain::{Broadcast, ChainSource, Electrum};
use conclave::demo::blocks::with;
use conclave::demo::journey::DEPOSIT;
use conclave::demo::node::{Node, NodeError, Programs};
use conclave::demo::{Blocks, Chain, Journey, STEPS, Stage};
use conclave_shared::practice::PracticeStep;
use conclave_shared::request::{OnProposal, OnVault, Propose, Recipient, Reply, Request};
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{ProposalStatus, Sat};
use program::{PROGRAM, conclave, done, json, text};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
/// Steps of the journey after which a test goes its own way.
const DEPOSITED: PracticeStep = PracticeStep::Deposit;
const CONFIRMED: PracticeStep = PracticeStep::Confirm;

fn programs() -> Programs {
    Programs::find(Path::new(PROGRAM)).unwrap_or_else(|error| panic!("{error}"))
}

/// A journey on a real node, up to this step.
async fn journey(folder: &Path, last: PracticeStep) -> (Journey, Arc<Node>) {
    let stage = Stage::processes(PROGRAM.into());
    let mut journey =
        Journey::new(folder, stage, Chain::Node(programs()), |said| println!("{:>7} ms  {:?}", said.at_ms, said.what));
    let last = STEPS.iter().position(|step| *step == last).unwrap();
    for (number, step) in STEPS.iter().enumerate().take(last + 1) {
        println!("{}. {step:?}", number + 1);
        journey.run(number).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let Blocks::Node(node) = &journey.servers().unwrap().blocks else { panic!("not on a node") };
    let node = Arc::clone(node);
    (journey, node)
}

async fn on<T: Send + 'static>(
    node: &Arc<Node>,
    work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> T {
    with(node, work).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The one payment of a view.
fn payment(view: &VaultView) -> &ProposalView {
    let [payment] = view.proposals.as_slice() else { panic!("not one payment: {:?}", view.proposals) };
    payment
}

fn is_sent(view: &VaultView) -> bool {
    payment(view).status == ProposalStatus::Broadcast
}

fn is_confirmed_at(height: u32) -> impl Fn(&VaultView) -> bool {
    move |view| payment(view).confirmed_height == Some(height)
}

fn holds(confirmed: u64, unconfirmed: u64) -> impl Fn(&VaultView) -> bool {
    move |view| view.balance.confirmed == Sat(confirmed) && view.balance.unconfirmed == Sat(unconfirmed)
}

/// Every transaction that came by the gate was one that the node would take, or had; and the node was asked of `txid` before
/// that was sent for the first time.
fn the_node_was_asked_first(node: &Node, txid: Txid) {
    let judged = node.gate().judged();
    let refused: Vec<_> = judged.iter().filter(|judged| !judged.is_harmless()).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let first = judged.iter().find(|judged| judged.txid == txid).expect("it came by the gate");
    assert_eq!(first.refused, None, "not known to the node before, and good");
}

/// All members hold one state, and the record of each says that the payment is in a block.
async fn all_agree(journey: &mut Journey) {
    journey.run(STEPS.len() - 1).await.unwrap();
    assert_eq!(journey.outcome().unwrap().homes.len(), 4);
    journey.stop().await.unwrap();
}

async fn propose(journey: &mut Journey, address: String) -> Result<OnProposal, String> {
    let vault = journey.vault().unwrap();
    let recipients = vec![Recipient { address, amount: Sat(1_000_000) }];
    let propose = Propose::new(vault, recipients, 3, "Lamps".to_owned());
    match journey.members[ANA].ask(Request::Propose(propose)).await {
        Ok(Reply::Proposal(view)) => Ok(OnProposal { vault, proposal: view.proposal }),
        Ok(reply) => panic!("{reply:?}"),
        Err(refused) => Err(refused.to_string()),
    }
}

/// An address of the miner's: nobody's in the vault.
async fn outside(node: &Arc<Node>) -> String {
    on(node, |node| Ok(node.miner().to_string())).await
}

#[test]
fn the_demo_runs_on_a_real_node() {
    let programs = programs();
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let said = std::process::Command::new(PROGRAM)
        .args(["demo", "--node", "--json", "--keep", keep.to_str().unwrap()])
        .env("BITCOIND_EXE", &programs.bitcoind)
        .env("ELECTRS_EXE", &programs.electrs)
        .output()
        .unwrap();
    let (said, complaint) = (text(&said.stdout), text(&said.stderr));
    let last = said.lines().last().unwrap_or_else(|| panic!("{complaint}"));
    assert_eq!(json(last)["outcome"], "same", "{said}{complaint}");
    assert!(said.contains("testmempoolaccept"), "the node was asked before the payment was sent: {said}");
    assert!(said.contains("SIGKILL"), "one member was killed: {said}");
    let home = keep.join("dora").display().to_string();
    let view = json(&done(&["vault", "show", "--home", &home, "--json"]));
    assert_eq!(view["proposals"][0]["status"], "confirmed");
}

#[test]
fn a_demo_without_a_node_says_how_to_get_one() {
    let output = std::process::Command::new(PROGRAM)
        .args(["demo", "--node"])
        .env("BITCOIND_EXE", "/nowhere/bitcoind")
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("bitcoind is missing") && said.contains("cargo xtask node"), "{said}");
    let output = conclave(&["demo", "--node", "--attack", "list"]);
    assert_eq!(output.status.code(), Some(2), "attacks run on the practice chain");
}

#[test]
fn a_demo_on_a_node_that_is_killed_leaves_no_process_behind() {
    use std::io::{BufRead, BufReader};
    let (programs, folder) = (programs(), tempfile::tempdir().unwrap());
    let mut demo = std::process::Command::new(PROGRAM)
        .args(["demo", "--node", "--json"])
        .env("TMPDIR", folder.path())
        .env("BITCOIND_EXE", &programs.bitcoind)
        .env("ELECTRS_EXE", &programs.electrs)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let said = lines.find_map(|line| line.ok().filter(|line| line.contains("bitcoind at"))).unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    let ports: Vec<u16> = said
        .split("127.0.0.1:")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap())
        .collect();
    assert_eq!(ports.len(), 3, "gate, bitcoind, electrs: {said}");
    let began = std::time::Instant::now();
    while ports.iter().any(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
        assert!(began.elapsed().as_secs() < 30, "a server still listens: {said}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_that_a_reorganisation_takes_away_is_gone_until_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journey, node) = journey(folder.path(), DEPOSITED).await;
    let (deposit, recipient) = (journey.deposited().unwrap(), outside(&node).await);
    let height = on(&node, Node::height).await;
    let (parent, block) = on(&node, move |node| Ok((node.block_at(height - 1)?, node.block_at(height)?))).await;
    journey.until_all("the deposit is confirmed", holds(DEPOSIT, 0)).await.unwrap();

    println!("the block of the deposit is overtaken by empty ones; the deposit waits in the mempool again");
    assert_eq!(on(&node, move |node| node.branch(parent, vec![vec![], vec![]])).await, height + 1);
    assert_eq!(on(&node, Node::mempool).await, [deposit]);
    journey.until_all("the deposit is unconfirmed", holds(0, DEPOSIT)).await.unwrap();
    let refused = propose(&mut journey, recipient.clone()).await.unwrap_err();
    assert!(refused.contains("can be spent"), "an unconfirmed coin is not spent: {refused}");

    println!("another chain spends the same coin elsewhere: the deposit is nowhere");
    let elsewhere = on(&node, move |node| node.spend_again(deposit)).await;
    let tip = on(&node, move |node| node.branch(parent, vec![vec![elsewhere], vec![], vec![]])).await;
    assert_eq!((tip, on(&node, Node::mempool).await), (height + 2, vec![]));
    journey.until_all("the deposit is nowhere", holds(0, 0)).await.unwrap();
    journey.until_all("the new tip", move |view| view.tip_height == tip).await.unwrap();

    println!("the first chain wins after all");
    let tip = on(&node, move |node| node.branch(block, vec![vec![], vec![], vec![]])).await;
    assert_eq!((tip, on(&node, move |node| node.block_at(height)).await), (height + 3, block));
    journey.until_all("the deposit is back", holds(DEPOSIT, 0)).await.unwrap();
    let on_proposal = propose(&mut journey, recipient).await.expect("its coin can be spent again");
    journey
        .until_all("the payment is proposed", |view| {
            view.proposals.iter().any(|payment| payment.proposal == on_proposal.proposal)
        })
        .await
        .unwrap();
    journey.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_a_reorganisation_takes_out_is_sent_again_until_it_is_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journey, node) = journey(folder.path(), CONFIRMED).await;
    let view = journey.until(ANA, "the payment", |view| view.proposals.len() == 1).await.unwrap();
    let (txid, height): (Txid, u32) = (payment(&view).txid.parse().unwrap(), payment(&view).confirmed_height.unwrap());
    let block = on(&node, move |node| node.block_at(height)).await;
    the_node_was_asked_first(&node, txid);
    let (sent, before) =
        (on(&node, move |node| node.transaction(txid, Some(block))).await, node.gate().judged_of(txid));

    println!("sending it again while it is in a block does no harm, by whichever way it comes");
    let (again, electrum) = (sent.clone(), node.chain());
    let known = on(&node, move |_| Ok(Electrum::connect(&electrum).unwrap().broadcast(&again).unwrap())).await;
    assert_eq!(known, Broadcast::AlreadyKnown);

    println!("the block is called invalid, and the node forgets what waited: nobody but the members has the payment");
    let waiting = on(&node, move |node| {
        node.kill_electrs()?;
        node.invalidate(block)?;
        node.stop_bitcoind()?;
        node.start_bitcoind(&["-persistmempool=0"])?;
        let waiting = node.mempool()?;
        node.mine_only(&[])?;
        node.mine_only(&[])?;
        node.start_electrs()?;
        Ok(waiting)
    })
    .await;
    assert_eq!(waiting, []);
    journey.until_all("the payment is sent again", is_sent).await.unwrap();
    assert!(on(&node, Node::mempool).await.contains(&txid), "the members gave it to the node again");
    let after = node.gate().judged_of(txid);
    let again = after.get(before.len() + 1..).unwrap_or_default();
    assert!(again.iter().any(|judged| judged.refused.is_none()), "the node did not know it any more: {after:?}");

    println!("a copy while it waits does no harm either");
    let electrum = node.chain();
    let known = on(&node, move |_| Ok(Electrum::connect(&electrum).unwrap().broadcast(&sent).unwrap())).await;
    assert_eq!(known, Broadcast::AlreadyKnown);

    let height = on(&node, |node| node.mine(1)).await;
    journey.until_all("the payment is confirmed again", is_confirmed_at(height)).await.unwrap();
    the_node_was_asked_first(&node, txid);
    all_agree(&mut journey).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_wait_while_the_node_and_its_server_are_away_and_then_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journey, node) = journey(folder.path(), DEPOSITED).await;
    let recipient = outside(&node).await;
    let on_proposal = propose(&mut journey, recipient).await.unwrap();
    let about = |view: &VaultView| view.proposals.first().is_some_and(|it| it.proposal == on_proposal.proposal);
    journey.until_all("the payment is proposed", about).await.unwrap();
    for member in [ANA, BEN] {
        journey.members[member].ask(Request::Approve(on_proposal)).await.unwrap();
    }
    journey.until_all("both have approved", |view| payment(view).approved_by.len() == 2).await.unwrap();

    println!("electrs is killed; two sign all the same");
    on(&node, Node::kill_electrs).await;
    journey.until_all("the server is away", |view| view.trouble.is_some()).await.unwrap();
    for member in [BEN, CLEO] {
        journey.members[member].ask(Request::Sign(on_proposal)).await.unwrap();
    }
    journey.until_all("both have signed", |view| payment(view).signed_by.len() == 2).await.unwrap();
    let views = journey.until_all("it waits to be sent", |view| payment(view).status == ProposalStatus::Signed).await;
    let txid: Txid = payment(&views.unwrap()[ANA]).txid.parse().unwrap();
    assert_eq!(on(&node, Node::mempool).await, [], "nothing was sent past the server");

    println!("electrs is back");
    on(&node, Node::start_electrs).await;
    journey.until_all("the payment is sent", is_sent).await.unwrap();
    journey.until_all("nothing is wrong any more", |view| view.trouble.is_none()).await.unwrap();
    the_node_was_asked_first(&node, txid);

    println!("the node is stopped, and electrs with it; a member is killed meanwhile");
    on(&node, Node::stop_bitcoind).await;
    journey.until_all("the server is away", |view| view.trouble.is_some()).await.unwrap();
    journey.members[BEN].kill().await.unwrap();
    journey.members[BEN].start().await.unwrap();
    let asked = journey.members[BEN].ask(Request::SyncChain(OnVault { vault: on_proposal.vault })).await;
    assert!(asked.is_err_and(|error| error.to_string().contains("cannot be reached")));

    println!("the node is back with its chain and its mempool");
    on(&node, |node| node.start_bitcoind(&[]).and_then(|()| node.start_electrs())).await;
    assert_eq!(on(&node, Node::mempool).await, [txid]);
    let height = on(&node, |node| node.mine(1)).await;
    journey.until_all("the payment is confirmed", is_confirmed_at(height)).await.unwrap();
    journey
        .until_all("the change is back", |view| view.balance.confirmed.0 > DEPOSIT - 1_000_000 - 10_000)
        .await
        .unwrap();
    the_node_was_asked_first(&node, txid);
    assert_eq!(on(&node, Node::mempool).await, []);
    journey.stop().await.unwrap();
}
