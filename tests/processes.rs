//! Separate processes, as people run them: the demo from end to end, the subcommands one by one, bad input, SIGKILL.

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use conclave::demo::nip01;
use program::{PROGRAM, conclave, done, json, refused, text};
use serde_json::{Value, json};

/// Connects an installation now and then, as a person without patience does, until its one vault is as described.
fn sync_until(home: &str, what: &str, is: impl Fn(&Value) -> bool) {
    let began = Instant::now();
    loop {
        let view = json(&done(&["vault", "show", "--home", home, "--json"]));
        if is(&view) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "{what}: {view}");
        done(&["sync", "--seconds", "2", "--home", home]);
    }
}

/// A server process that says where it listens.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(subcommand: &str) -> Self {
        let mut child = Command::new(PROGRAM).args([subcommand, "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = json(&line)["listening"].as_str().unwrap().to_owned();
        Self { child, address }
    }
}

#[test]
fn a_member_is_a_relay_for_the_members_of_its_vaults() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("ana").display().to_string();
    done(&["init", "--home", &home]);
    refused(&["member", "--home", &home, "--relay", "0.0.0.0:0"], 5, "does not listen on 0.0.0.0");
    let mut command = Command::new(PROGRAM);
    command.args(["member", "--home", &home, "--relay", "127.0.0.1:0"]).env("CONCLAVE_PASSPHRASE", "practice");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let relay = json(&line)["listening"].as_str().unwrap().to_owned();
    assert!(relay.starts_with("ws://127.0.0.1:"), "{relay}");
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", json!({ "request": "list-vaults" })).unwrap();
    line.clear();
    output.read_line(&mut line).unwrap();
    assert_eq!(json(&line)["reply"], "vaults");
    drop(input);
    assert!(child.wait().unwrap().success());
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member process, asked by lines of JSON.
struct Member {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Member {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["member", "--chain-pause-ms", "300", "--home"])
            .arg(home)
            .env("CONCLAVE_PASSPHRASE", "practice")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (requests, replies) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, requests, replies }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").unwrap();
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        json(&line)
    }

    fn until(&mut self, request: &Value, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let reply = self.ask(request);
            if is(&reply) {
                return reply;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: {reply}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn kill(&mut self) {
        // SIGKILL: no destructor, no flush, no goodbye.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demo_ends_with_one_record_in_four_databases() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let said = done(&["demo", "--json", "--keep", keep.to_str().unwrap()]);
    let outcome = json(said.lines().last().unwrap());
    assert_eq!(outcome["outcome"], "same", "{said}");
    assert!(said.contains("SIGKILL"), "one member was killed: {said}");
    let vault = outcome["vault"].as_str().unwrap();
    let homes: Vec<PathBuf> = serde_json::from_value(outcome["homes"].clone()).unwrap();
    assert_eq!(homes.len(), 4);

    let mut records = BTreeSet::new();
    for home in &homes {
        let home = home.to_str().unwrap();
        let view = json(&done(&["vault", "show", "--home", home, "--json"]));
        assert_eq!(view["state_digest"], outcome["state_digest"], "{home}");
        assert_eq!(view["status"], "active");
        assert_eq!(view["proposals"][0]["status"], "confirmed");
        assert_eq!(view["proposals"][0]["signed_by"].as_array().unwrap().len(), 2);
        let lines = done(&["audit", "export", vault, "--home", home]);
        let ids: BTreeSet<String> = lines.lines().map(|line| nip01::verify(line).unwrap()).collect();
        assert_eq!(ids.len() as u64, outcome["events"].as_u64().unwrap());
        assert_eq!(lines.lines().count(), ids.len(), "no event is exported twice");
        records.insert(ids);
    }
    assert_eq!(records.len(), 1, "the same set of events at all four");
    databases_are_closed_books(&homes, vault);
}

/// Without the key a database is noise: to sqlite3 and to whoever reads the disk.
fn databases_are_closed_books(homes: &[PathBuf], vault: &str) {
    for home in homes {
        let database = home.join("conclave.db");
        let sqlite = Command::new("sqlite3").arg(&database).arg(".schema").output();
        let sqlite = sqlite.expect("sqlite3 is missing: apt-get install sqlite3");
        assert!(!sqlite.status.success(), "sqlite3 opened {}: {}", database.display(), text(&sqlite.stdout));
        assert!(text(&sqlite.stderr).contains("not a database"), "{}", text(&sqlite.stderr));
        for file in std::fs::read_dir(home).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for secret in ["Treasury", "Rent of the workshop", "tpub", vault] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret:?} can be read in {}", home.display());
            }
        }
    }
    let home = homes[0].to_str().unwrap();
    let wrong = Command::new(PROGRAM)
        .args(["vault", "list", "--home", home])
        .env("CONCLAVE_PASSPHRASE", "guess")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(4));
    assert!(text(&wrong.stderr).contains("passphrase"), "{}", text(&wrong.stderr));
}

#[test]
fn a_demo_that_is_killed_leaves_no_process_behind() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let mut demo = Command::new(PROGRAM);
    let demo = demo.args(["demo", "--json", "--keep"]).arg(&keep).stdout(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    // Once the vault is created both servers and all members run.
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut listening = |whose: &str| lines.find_map(|line| line.ok().filter(|line| line.contains(whose))).unwrap();
    let addresses = listening("relay at ") + &listening("practice chain at ");
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("vault created"))));
    demo.kill().unwrap();
    demo.wait().unwrap();
    let ports: Vec<u16> = addresses
        .split("127.0.0.1:")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap())
        .collect();
    assert_eq!(ports.len(), 2, "{addresses}");
    let began = Instant::now();
    while ports.iter().any(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
        assert!(began.elapsed() < Duration::from_secs(30), "a server still listens");
        std::thread::sleep(Duration::from_millis(200));
    }
    // The members' databases are free again.
    let home = keep.join("ana");
    loop {
        let list = conclave(&["vault", "list", "--home", home.to_str().unwrap()]);
        if list.status.success() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{}", text(&list.stderr));
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_backup_becomes_an_installation_that_only_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (home, file, again) = (path("ana"), path("backup.tar"), path("again"));
    done(&["init", "--home", &home]);
    let (relay, chain) = ("ws://127.0.0.1:9", "tcp://127.0.0.1:9");
    let create = ["vault", "create", "--name", "Treasury", "--member", "Ana", "--relay", relay, "--chain", chain];
    done(&[&create[..], &["--home", &home]].concat());
    assert!(done(&["backup", &file, "--home", &home]).contains("backup written"));
    refused(&["backup", &file, "--home", &home], 4, "was left as it is");
    let bytes = std::fs::read(&file).unwrap();
    for clear in ["Treasury", "SQLite format", relay] {
        assert!(!bytes.windows(clear.len()).any(|it| it == clear.as_bytes()), "{clear} can be read in the backup");
    }

    refused(&["restore", &file, "--home", &home], 4, "already");
    let wrong = Command::new(PROGRAM)
        .args(["restore", &file, "--home", &again])
        .env("CONCLAVE_PASSPHRASE", "guess")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(4), "{}", text(&wrong.stderr));
    std::fs::write(path("cut"), &bytes[..bytes.len() / 2]).unwrap();
    refused(&["restore", &path("cut"), "--home", &again], 4, "not a backup");
    refused(&["restore", &path("none"), "--home", &again], 4, "cannot be read");
    refused(&["vault", "list", "--home", &again], 4, "no installation");

    assert!(done(&["restore", &file, "--home", &again]).contains("only reads"));
    let view = json(&done(&["vault", "show", "--home", &again, "--json"]));
    assert_eq!(view["name"], "Treasury");
    assert!(view["findings"].as_array().unwrap().iter().any(|it| it["finding"] == "backup-restored"), "{view}");
    assert!(done(&["audit", "app", "--home", &again]).contains("put back from an older copy"));
    assert!(done(&["audit", "app", "--home", &home]).contains("backup of the whole installation written"));
}

#[test]
fn two_people_pay_with_subcommands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let home = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ana, ben) = (home("ana"), home("ben"));
    let (relay, chain) = (Server::start("relay"), Server::start("practice-chain"));
    done(&["init", "--home", &ana]);
    done(&["init", "--home", &ben]);
    let create = ["vault", "create", "--name", "Club", "--member", "Ana", "--threshold", "2", "--keyholders", "2"];
    let servers = ["--relay", &relay.address, "--chain", &chain.address, "--home", &ana, "--json"];
    let created = json(&done(&[&create[..], &servers[..]].concat()));
    let vault = created["vault"].as_str().unwrap();
    let invitation = created["keyholder_invitations"][0].as_str().unwrap();
    // Ana's program stays open; Ben works with single commands.
    let mut open = Member::start(Path::new(&ana));
    let request = |name: &str| json!({ "request": name, "vault": vault });
    done(&["vault", "join", invitation, "--member", "Ben", "--chain", &chain.address, "--home", &ben]);
    refused(
        &["vault", "join", invitation, "--member", "Ben", "--chain", &chain.address, "--home", &ben],
        3,
        "member of vault",
    );
    open.until(&request("show-vault"), "ratifying", |view| view["status"] == "ratifying");
    let words = open.ask(&request("roster-words"))["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap().to_owned())
        .collect::<Vec<_>>()
        .join(" ");
    sync_until(&ben, "the configuration is here", |view| view["status"] == "ratifying");
    refused(&["vault", "ratify", vault, "--words", "abandon abandon", "--home", &ben], 3, "words heard differ");
    done(&["vault", "ratify", vault, "--words", &words, "--home", &ben]);
    // What Ana types in is what Ben reads out.
    let heard = done(&["vault", "words", vault, "--home", &ben]);
    let mut ratify = request("ratify");
    ratify["words"] = json!(heard.trim());
    assert_eq!(open.ask(&ratify)["reply"], "done");
    sync_until(&ben, "the vault is active", |view| view["status"] == "active");
    let address = json(&done(&["address", vault, "--home", &ben, "--json"]))["address"].as_str().unwrap().to_owned();
    done(&["practice", "fund", &address, "1000000", "--chain", &chain.address]);
    done(&["practice", "mine", "1", "--chain", &chain.address]);
    open.until(&request("show-vault"), "deposit", |view| view["balance"]["confirmed"] == 1_000_000);
    let to = format!("{address}=400000");
    refused(
        &["payment", "propose", vault, "--to", &format!("{address}=4000000"), "--fee-rate", "2", "--home", &ben],
        3,
        "can be spent",
    );
    let propose = [
        "payment",
        "propose",
        vault,
        "--to",
        &to,
        "--fee-rate",
        "2",
        "--purpose",
        "<b>Lamp</b>",
        "--home",
        &ben,
        "--json",
    ];
    let payment = json(&done(&propose))["proposal"].as_str().unwrap().to_owned();
    refused(&["payment", "sign", vault, &payment, "--home", &ben], 3, "0 of 2 approvals");
    done(&["payment", "approve", vault, &payment, "--home", &ben]);
    let about = |name: &str| {
        let mut about = request(name);
        about["proposal"] = json!(payment);
        about
    };
    open.until(&about("approve"), "Ana approves", |reply| reply["reply"] == "proposal");
    let approved = |view: &Value| view["proposals"][0]["approved_by"].as_array().is_some_and(|by| by.len() == 2);
    sync_until(&ben, "both have approved", approved);
    done(&["payment", "sign", vault, &payment, "--home", &ben]);
    open.until(&about("sign"), "Ana signs", |reply| reply["reply"] == "proposal");
    open.until(&request("show-vault"), "sent", |view| view["proposals"][0]["status"] == "broadcast");
    done(&["practice", "mine", "1", "--chain", &chain.address]);
    open.until(&request("show-vault"), "confirmed", |view| view["proposals"][0]["status"] == "confirmed");
}

#[test]
fn a_member_killed_again_and_again_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("ana");
    let (relay, chain) = (Server::start("relay"), Server::start("practice-chain"));
    let at = home.to_str().unwrap();
    done(&["init", "--home", at]);
    let create = ["vault", "create", "--name", "Alone", "--member", "Ana", "--threshold", "1", "--keyholders", "1"];
    let servers = ["--relay", &relay.address, "--chain", &chain.address, "--home", at, "--json"];
    let vault = json(&done(&[&create[..], &servers[..]].concat()))["vault"].as_str().unwrap().to_owned();
    let request = |name: &str| json!({ "request": name, "vault": vault });
    let mut member = Member::start(&home);
    let words =
        member.until(&request("roster-words"), "a configuration", |reply| reply["reply"] == "words")["words"].clone();
    let words: Vec<String> = serde_json::from_value(words).unwrap();
    let mut ratify = request("ratify");
    ratify["words"] = json!(words.join(" "));
    assert_eq!(member.ask(&ratify)["reply"], "done");
    for round in 0..6 {
        let issued = member.ask(&request("issue-address"));
        assert_eq!(issued["index"], round, "an answered address is never given out again: {issued}");
        let view = member.ask(&request("show-vault"));
        member.kill();
        member = Member::start(&home);
        let again = member.ask(&request("show-vault"));
        assert_eq!(again["state_digest"], view["state_digest"], "round {round}");
        assert_eq!(again["events"], view["events"]);
    }
}

#[test]
fn payments_go_on_while_members_and_servers_are_killed_at_random() {
    // What is found here is found again by `cargo xtask soak --seed` with the seed that is printed; the long run is its own.
    let said = done(&["soak", "--rounds", "8", "--json"]);
    let report = json(said.lines().last().unwrap());
    assert_eq!((&report["rounds"], &report["audits"]), (&json!(8), &json!(1)), "{said}");
    assert!(report["kills"].as_u64().unwrap() > 0 && report["restarts"].as_u64().unwrap() > 0, "{said}");
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("ana").to_str().unwrap().to_owned();
    let nowhere = folder.path().join("nowhere").to_str().unwrap().to_owned();
    done(&["init", "--home", &home]);
    refused(&["init", "--home", &home], 4, "already");
    refused(&["vault", "list", "--home", &nowhere], 4, &nowhere);
    refused(&["frobnicate"], 2, "unrecognized subcommand");
    refused(&["vault", "show", "12", "--home", &home], 2, "64 lower-case hexadecimal digits");
    refused(&["vault", "show", &"00".repeat(32), "--home", &home], 4, "no vault");
    refused(&["vault", "show", "--home", &home], 4, "no vault yet");
    refused(&["relay", "--listen", "0.0.0.0:7777"], 3, "this machine");
    refused(&["relay", "--onion"], 2, "--home");
    refused(&["relay", "--vault", &"0".repeat(64)], 2, "--onion");
    refused(&["relay", "--onion", "--home", &nowhere], 4, &nowhere);
    // The installation has no vault for which it could serve one.
    refused(&["relay", "--onion", "--home", &home], 4, "no vault");
    refused(&["practice", "mine", "1", "--chain", "tcp://127.0.0.1:9"], 5, "");
    refused(&["practice", "mine", "1", "--chain", "tcp://example.com:9"], 4, "not on this machine");
    refused(
        &["vault", "join", "hello", "--member", "Ana", "--chain", "tcp://127.0.0.1:9", "--home", &home],
        4,
        "not an invitation",
    );
    let create = |changed: &[&str]| {
        let mut args: Vec<String> = ["vault", "create", "--home", &home].iter().map(|arg| (*arg).to_owned()).collect();
        let defaults = [
            ("--name", "Club"),
            ("--member", "Ana"),
            ("--threshold", "2"),
            ("--keyholders", "3"),
            ("--relay", "ws://127.0.0.1:9"),
            ("--chain", "tcp://127.0.0.1:9"),
        ];
        for (name, value) in defaults {
            let value = changed.chunks(2).find(|pair| pair[0] == name).map_or(value, |pair| pair[1]);
            args.extend([name.to_owned(), value.to_owned()]);
        }
        args
    };
    for (changed, says) in [
        (["--threshold", "4"], "4 signatures cannot be asked of 3 keys"),
        (["--threshold", "0"], "0 signatures"),
        (["--keyholders", "16"], "1 to 15 keys"),
        (["--keyholders", "0"], "1 to 15 keys"),
        (["--name", " "], "field name"),
        (["--name", "\u{202e}evil"], "field name"),
        (["--member", ""], "field member"),
        (["--relay", "http://relay.example"], "not of the form"),
        (["--relay", "ws://relay.example:80"], "without encryption"),
        (["--chain", "tcp://electrum.example:50001"], "without encryption"),
    ] {
        let args = create(&changed);
        refused(&args.iter().map(String::as_str).collect::<Vec<_>>(), 4, says);
    }
    let vaults = json(&done(&["vault", "list", "--home", &home, "--json"]));
    assert_eq!(vaults["vaults"], json!([]), "nothing was written");

    // A member process answers nonsense by name and goes on.
    let mut member = Member::start(Path::new(&home));
    assert_eq!(member.ask(&json!({ "request": "conquer" }))["kind"], "input");
    assert_eq!(member.ask(&json!("x".repeat(2_000_000)))["kind"], "input");
    assert_eq!(member.ask(&json!({ "request": "list-vaults" }))["reply"], "vaults");
    // While it runs nobody else opens its database, not even to read the record.
    refused(&["vault", "list", "--home", &home], 1, "in use");
    refused(&["audit", "verify", "--home", &home], 1, "in use");
}
