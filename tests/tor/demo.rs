//! The demo over the private network as a person runs it, looked at from outside by strace.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use crate::program::{PROGRAM, conclave, done, json, text};
use crate::stage::{alone, programs};
use crate::trace::{Act, Seen, leaks, read, traced};

/// The address after these words in what was said.
fn after<'a>(said: &'a str, words: &str) -> &'a str {
    let (_, rest) = said.split_once(words).unwrap_or_else(|| panic!("nobody said {words:?}: {said}"));
    rest.split(['"', ',', '\\']).next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_runs_over_tor_from_end_to_end_and_nothing_goes_past_it() {
    let _turn = alone().await;
    let (traces, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keep = folder.path().join("kept");
    let output = traced(traces.path(), PROGRAM)
        .args(["demo", "--tor", "--json", "--keep", keep.to_str().unwrap()])
        .env("TOR_EXE", &programs().tor)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, complaint) = (text(&output.stdout), text(&output.stderr));
    print!("{said}");
    let last = said.lines().last().unwrap_or_else(|| panic!("{complaint}"));
    assert_eq!(json(last)["outcome"], "same", "{said}{complaint}");
    assert!(said.contains("SIGKILL"), "one member was killed: {said}");
    let joined = said.lines().find_map(|line| json(line)["onion_connections"].as_u64()).unwrap();
    assert!(
        joined >= 8,
        "by the relays' own logs, four members reached the chain, and three the first one's relay: {joined}"
    );
    let home = keep.join("dora").display().to_string();
    let view = json(&done(&["vault", "show", "--home", &home, "--json"]));
    assert_eq!(view["proposals"][0]["status"], "confirmed");

    let guards: Vec<SocketAddr> =
        after(&said, "enter the private Tor network at ").split(' ').map(|guard| guard.parse().unwrap()).collect();
    assert_eq!(guards.len(), 4);
    let chain: SocketAddr = after(&said, "practice chain at tcp://").parse().unwrap();
    let seen = read(traces.path());
    let members: Vec<&Seen> = seen.iter().filter(|it| it.is("conclave", "member")).collect();
    let entered = members.iter().filter(|it| it.acts.iter().any(|act| at(&guards, act))).count();
    assert!(entered >= 6, "four members, two of whom started again, were looked at: {entered}");
    let allowed = |it: &Seen, act: &Act| match it.program() {
        // The network itself.
        "tor" | "tor-gencert" => true,
        "conclave" => match it.words.get(1).map(String::as_str).unwrap_or_default() {
            "member" => at(&guards, act),
            // It makes the blocks, has a tor offer both servers, and looks for free ports.
            "demo" => match act {
                Act::Dialled(address) => *address == chain,
                Act::Asked(socket) => socket.ends_with("/control"),
                Act::Listened => true,
                Act::Hid(_) => false,
            },
            "practice-chain" => *act == Act::Listened,
            _ => false,
        },
        _ => false,
    };
    assert_eq!(leaks(&seen, allowed), Vec::<String>::new(), "guards {guards:?}, chain {chain}");
}

fn at(guards: &[SocketAddr], act: &Act) -> bool {
    matches!(act, Act::Dialled(address) if guards.contains(address))
}

#[test]
fn a_demo_without_tor_says_how_to_get_it() {
    let output = Command::new(PROGRAM).args(["demo", "--tor"]).env("TOR_EXE", "/nowhere/tor").output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("tor is missing") && said.contains("TOR_EXE"), "{said}");
    let output = conclave(&["demo", "--tor", "--attack", "list"]);
    assert_eq!(output.status.code(), Some(2), "attacks run without Tor");
}
