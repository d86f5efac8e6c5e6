//! Labels, addresses, fees and watched descriptors by the headless program's subcommands, as people run them.

#[path = "support/program.rs"]
mod program;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use program::{PROGRAM, done, json, refused};
use serde_json::Value;

const DESCRIPTOR: &str = "wpkh([41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH/<0;1>/*)";
const PRIVATE: &str = "wpkh(tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK/0/*)";

/// A practice chain in a process of its own.
struct Chain {
    child: Child,
    address: String,
}

impl Chain {
    fn start() -> Self {
        let mut child =
            Command::new(PROGRAM).args(["practice-chain", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = json(&line)["listening"].as_str().unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_descriptor_is_watched_labelled_exported_and_forgotten_by_subcommands() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (home, other, chain) = (path("home"), path("other"), Chain::start());
    done(&["init", "--home", &home]);
    let first =
        json(&done(&["descriptor", "check", DESCRIPTOR, "--network", "regtest", "--json"]))["receive"][0].clone();
    let first = first.as_str().unwrap();
    done(&["practice", "fund", first, "60000", "--chain", &chain.address]);
    done(&["practice", "mine", "1", "--chain", &chain.address]);

    let add = |descriptor: &str, chain: &str| {
        ["watch", "add", descriptor, "--name", "Cold storage", "--chain", chain, "--home", &home, "--json"]
            .map(str::to_owned)
    };
    let args = add(DESCRIPTOR, &chain.address);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let id = json(&done(&args))["vault"].as_str().unwrap().to_owned();
    refused(&args, 3, "is watched already");
    let bad = [
        (PRIVATE, chain.address.as_str(), "there is a private key inside"),
        (&format!("{DESCRIPTOR}#qqqqqqqq"), &chain.address, "the checksum is"),
        ("wpkh(nonsense)", &chain.address, "not a descriptor"),
        (&DESCRIPTOR.replace("<0;1>", "5"), "tcp://electrum.example:50001", "would be reached without encryption"),
    ];
    for (descriptor, chain, says) in bad {
        let args = add(descriptor, chain);
        refused(&args.iter().map(String::as_str).collect::<Vec<&str>>(), 4, says);
    }

    let list = json(&done(&["watch", "list", "--home", &home, "--json"]));
    assert_eq!(list["watched"][0]["balance"]["confirmed"], 60_000, "{list}");
    assert!(done(&["watch", "list", "--home", &home]).contains("Cold storage (watched only, wpkh)"));
    assert!(done(&["sync", "--seconds", "1", "--home", &home]).contains("Cold storage"));

    // The only one there is need not be named.
    let shown = done(&["addresses", "list", "--home", &home]);
    assert!(shown.contains(&format!("{first} receive 0 holds")), "{shown}");
    assert!(done(&["addresses", "list", &id, "--change", "--home", &home]).contains("no addresses"));
    let transactions = json(&done(&["vault", "transactions", "--home", &home, "--json"]));
    let txid = transactions["transactions"][0]["txid"].as_str().unwrap();
    let set = ["labels", "set", &id, "--home", &home, "--label"];
    done(&[&set[..], &["=pension", "--transaction", txid]].concat());
    done(&[&set[..], &["old laptop", "--address", first]].concat());
    refused(&[&set[..], &["x", "--address", "nonsense"]].concat(), 4, "is about no address");
    refused(&[&set[..], &[&"x".repeat(256), "--address", first]].concat(), 4, "at most 255 characters");
    refused(&[&set[..], &["a\u{202e}b", "--coin", &format!("{txid}:0")]].concat(), 4, "direction of writing");
    assert!(done(&["vault", "transactions", &id, "--home", &home]).contains("\"=pension\""));

    let (labels, table) = (path("labels.jsonl"), path("transactions.csv"));
    done(&["labels", "export", &id, "--out", &labels, "--home", &home]);
    refused(&["labels", "export", &id, "--out", &labels, "--home", &home], 4, "is there already");
    let written = std::fs::read_to_string(&labels).unwrap();
    assert_eq!(written.lines().map(json).filter(|line: &Value| line["label"].is_string()).count(), 2, "{written}");
    done(&["vault", "export-transactions", &id, "--out", &table, "--home", &home]);
    let table = std::fs::read_to_string(&table).unwrap();
    assert!(table.ends_with("\r\n") && table.contains(",\"'=pension\","), "{table}");

    let history = json(&done(&["vault", "history", &id, "--home", &home, "--json"]));
    assert_eq!(history["points"].as_array().unwrap().len(), 1);
    refused(&["vault", "history", &id, "--points", "1", "--home", &home], 4, "must be 2 to 500");
    let fees = done(&["fees", &id, "--home", &home]);
    assert!(
        fees.contains("in the next 1 block: 12.000 sat/vB") && fees.ends_with("at least: 1.000 sat/vB\n"),
        "{fees}"
    );

    // Into another installation.
    done(&["init", "--home", &other]);
    done(&["watch", "add", DESCRIPTOR, "--name", "Same", "--chain", &chain.address, "--stay", "0", "--home", &other]);
    std::fs::write(&labels, format!("{written}nonsense\n")).unwrap();
    let said = done(&["labels", "import", &id, &labels, "--home", &other]);
    assert!(said.contains("2 labels taken") && said.contains("line 3 was left out"), "{said}");
    std::fs::write(&labels, vec![b' '; 1_000_001]).unwrap();
    refused(&["labels", "import", &id, &labels, "--home", &other], 4, "1000001");

    done(&["vault", "set-chain", &id, "--chain", "tcp://127.0.0.1:1", "--home", &home]);
    refused(&["fees", &id, "--home", &home], 5, "cannot be reached");
    refused(&["vault", "set-chain", &id, "--chain", "tcp://10.0.0.1:1", "--home", &home], 4, "without encryption");
    done(&["watch", "remove", &id, "--home", &home]);
    refused(&["watch", "remove", &id, "--home", &home], 4, "there is no vault");
    assert_eq!(json(&done(&["watch", "list", "--home", &home, "--json"]))["watched"].as_array().unwrap().len(), 0);
}
