//! The record as people get it from the program: judged, shown, exported; a file that was changed; the own chain.

#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::process::{Command, Output};

use conclave::demo::nip01;
use program::{PROGRAM, conclave, done, json, refused, text};
use serde_json::Value;

/// Each line of JSON that a program said.
fn lines(said: &str) -> Vec<Value> {
    said.lines().map(json).collect()
}

/// Runs it without passphrase or installation.
fn bare(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).env_remove("CONCLAVE_PASSPHRASE").env_remove("CONCLAVE_HOME").output().unwrap()
}

fn write(path: &Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A reader of RFC 4180 that knows nothing of the writer.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut inside) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, inside) {
            ('"', true) if rest.peek() == Some(&'"') => cell.extend(rest.next()),
            ('"', _) => inside = !inside,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(rest.next(), Some('\n'), "lines end with CR LF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (c, _) => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !inside, "the last line has an end");
    rows
}

#[test]
fn a_whole_vault_life_is_judged_shown_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let said = done(&["demo", "--json", "--keep", keep.to_str().unwrap()]);
    let outcome = json(said.lines().last().unwrap());
    let vault = outcome["vault"].as_str().unwrap();
    let events = outcome["events"].as_u64().unwrap();
    let homes: Vec<String> = serde_json::from_value(outcome["homes"].clone()).unwrap();
    let (ana, ben) = (homes[0].as_str(), homes[1].as_str());

    // The installation's own records.
    let judged = lines(&done(&["audit", "verify", "--home", ana, "--json"]));
    assert_eq!(judged.len(), 2, "one vault and the own chain: {judged:?}");
    assert_eq!((&judged[0]["reply"], &judged[1]["reply"]), (&json("\"verified\""), &json("\"app-verified\"")));
    assert_eq!(judged[0]["state_digest"], outcome["state_digest"]);
    assert_eq!(judged[0]["events"], outcome["events"]);
    assert_eq!(judged[0]["kinds"]["joined"], 4);
    let unknown = "00".repeat(32);
    refused(&["audit", "verify", "--home", ana, "--vault", &unknown], 4, "no vault");

    // An export is a new file, the same as standard output, and stands alone.
    let path = folder.path().join("ana.jsonl");
    let file = path.to_str().unwrap();
    done(&["audit", "export", vault, "--home", ana, "--out", file]);
    let record = std::fs::read_to_string(&path).unwrap();
    assert_eq!(done(&["audit", "export", "--vault", vault, "--home", ana, "--format", "jsonl"]), record);
    refused(&["audit", "export", "--home", ana, "--out", file], 4, "is there already");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), record, "an existing file is left as it is");
    let alone = bare(&["audit", "verify", file, "--json"]);
    assert!(alone.status.success(), "{}", text(&alone.stderr));
    assert_eq!(lines(&text(&alone.stdout))[0], judged[0], "a file tells what the installation tells");
    let in_words = text(&bare(&["audit", "verify", file]).stdout);
    assert!(in_words.contains("no fault found") && in_words.contains("Ana: "), "{in_words}");
    refused(&["audit", "verify", "/no/such/file"], 4, "/no/such/file");
    assert_eq!(bare(&["audit", "verify"]).status.code(), Some(4), "neither file nor installation");

    changed_files_are_named(folder.path(), file, &record, ben);
    events_are_shown(ana, events);
    tables_are_read(folder.path(), ana, events, vault);

    // The own chain tells what was handed out, and how often.
    let chain = json(&done(&["audit", "app", "--home", ana, "--json"]));
    let entries = chain["entries"].as_array().unwrap();
    let exports: Vec<&str> =
        entries.iter().filter(|it| it["kind"] == "exported").map(|it| it["summary"].as_str().unwrap()).collect();
    // Ana's export for the demo's own comparison came first.
    assert_eq!(exports.len(), 5, "{exports:?}");
    assert!(
        exports[1].contains(vault) && exports[1].contains(&format!("lines of json, {events} events")),
        "{exports:?}"
    );
    assert!(exports[3].contains(&format!("csv, {events} events")), "{exports:?}");
    let said = done(&["audit", "app", "--home", ana]);
    assert!(said.contains("opened by its passphrase") && said.contains("closed"), "{said}");
    assert!(!said.contains("wrong passphrase"), "{said}");
}

/// Files that somebody worked on, each with the fault that is named.
fn changed_files_are_named(folder: &Path, file: &str, record: &str, ben: &str) {
    let events: Vec<&str> = record.lines().collect();
    let of_ben = write(&folder.join("ben.jsonl"), &done(&["audit", "export", "--home", ben]));
    let compare = |first: &str, second: &str| {
        let said = bare(&["audit", "verify", first, "--against", second, "--json"]);
        assert!(said.status.success(), "{}", text(&said.stderr));
        lines(&text(&said.stdout)).pop().unwrap()
    };
    assert_eq!(compare(file, &of_ben)["comparison"], "same");
    let short = write(&folder.join("short.jsonl"), &events[..events.len() - 2].join("\r\n"));
    let longer = compare(file, &short);
    assert_eq!((&longer["comparison"], &longer["more"]), (&json("\"extends\""), &json("2")));
    assert_eq!(longer["lacking"].as_str().unwrap(), nip01::verify(events[events.len() - 2]).unwrap());
    assert_eq!(compare(&short, file)["comparison"], "extended-by");

    let tampered = write(&folder.join("tampered.jsonl"), &record.replacen("Treasury", "Treasure", 1));
    let cut_out = write(&folder.join("cut-out.jsonl"), &[&events[..4], &events[5..]].concat().join("\n"));
    let doubled = write(&folder.join("doubled.jsonl"), &[&events[..5], &events[4..]].concat().join("\n"));
    let long = write(&folder.join("long.jsonl"), &format!("{}\n{}\n", events[0], "x".repeat(3_000_000)));
    let not_utf8 = folder.join("not-utf8.jsonl");
    std::fs::write(&not_utf8, b"\xff\xfe\n").unwrap();
    let place = 1 + events.iter().position(|line| line.contains("Treasury")).unwrap();
    for (path, line, names) in [
        (&*tampered, place, &["event-forged"][..]),
        (&*cut_out, 5, &["chain-gap", "seen-missing"]),
        (&*doubled, 6, &["event-doubled"]),
        (&*long, 2, &["line-too-long"]),
        (not_utf8.to_str().unwrap(), 1, &["line-malformed"]),
        (&*write(&folder.join("empty.jsonl"), ""), 1, &["creation-missing"]),
    ] {
        let judged = bare(&["audit", "verify", path, "--json"]);
        let said = text(&judged.stderr);
        assert_eq!(judged.status.code(), Some(4), "{path}: {said}");
        let reply = json(&text(&judged.stdout));
        let name = reply["fault"].as_str().unwrap();
        assert!(names.contains(&name), "{path}: {reply}");
        // What is taken out shows where it is missed, which may be a little later.
        assert!(
            reply["line"].as_u64().unwrap() >= line as u64 && (path == cut_out || reply["line"] == line),
            "{reply}"
        );
        assert!(said.contains(path) && said.contains(&format!("({name})")), "{said}");
        assert_eq!(bare(&["audit", "verify", path]).status.code(), Some(4));
    }
}

fn events_are_shown(home: &str, events: u64) {
    let show = |args: &[&str]| done(&[&["audit", "show", "--home", home], args].concat());
    let all = show(&[]);
    assert_eq!(all.lines().count() as u64, events, "{all}");
    assert!(all.lines().all(|line| line.starts_with("20") && line.contains("Z  ")), "{all}");
    let proposed = show(&["--kind", "payment_proposed"]);
    for part in ["Ana #", " BTC to bcrt1", "; fee 0.", "; txid ", "purpose \"Rent of the workshop"] {
        assert!(proposed.contains(part), "{part:?} in {proposed}");
    }
    assert!(!all.contains('{'), "no raw json: {all}");
    let by_ben = show(&["--by", "Ben"]);
    assert!(by_ben.lines().count() > 1 && by_ben.lines().all(|line| line.contains("  Ben #")), "{by_ben}");
    assert_eq!(
        show(&["--last", "3"]).lines().collect::<Vec<_>>(),
        all.lines().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>()
    );
    let reply = json(&show(&["--by", "Ben", "--last", "1", "--json"]));
    assert_eq!((&reply["reply"], &reply["entries"][0]["name"]), (&json("\"entries\""), &json("\"Ben\"")));
    let id = reply["entries"][0]["author"].as_str().unwrap();
    assert_eq!(show(&["--by", id]), by_ben, "a member can be named by id");
    assert_eq!(show(&["--void"]), "no such events\n");
    refused(&["audit", "show", "--home", home, "--by", "Nobody"], 4, "field by");
    refused(&["audit", "show", "--home", home, "--kind", "stolen"], 4, "field kind");
}

fn tables_are_read(folder: &Path, home: &str, events: u64, vault: &str) {
    let path = folder.join("ana.csv");
    let out = path.to_str().unwrap();
    done(&["audit", "export", vault, "--home", home, "--format", "csv", "--out", out]);
    let table = std::fs::read_to_string(&path).unwrap();
    assert_eq!(done(&["audit", "export", "--home", home, "--format", "csv"]), table);
    let rows = csv(&table);
    assert_eq!(rows.len() as u64, events + 1);
    assert_eq!(rows[0].join("|"), "time|ms|author name|author id|n|event id|type|summary|void reason|rank");
    assert!(rows.iter().all(|row| row.len() == 10), "{table}");
    // Each row says what `audit show` says.
    let shown = json(&done(&["audit", "show", "--home", home, "--json"]));
    for (row, entry) in rows[1..].iter().zip(shown["entries"].as_array().unwrap()) {
        let columns =
            [(1, "ms"), (2, "name"), (3, "author"), (4, "n"), (5, "event"), (6, "kind"), (7, "summary"), (9, "rank")];
        for (column, field) in columns {
            let value = entry[field].as_str().map_or_else(|| entry[field].to_string(), str::to_owned);
            assert_eq!(row[column], value, "{field}");
        }
    }
    assert!(
        rows[1..].iter().any(|row| row[7].contains(", ") && row[7].contains('"')),
        "something had to be quoted: {table}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "a record is nobody else's business");
    }
}

#[test]
fn wrong_passphrases_are_on_record_once_it_is_open_again() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("ana").to_str().unwrap().to_owned();
    done(&["init", "--home", &home]);
    let guess = || {
        let guess =
            Command::new(PROGRAM).args(["vault", "list", "--home", &home]).env("CONCLAVE_PASSPHRASE", "guess").output();
        assert_eq!(guess.unwrap().status.code(), Some(4));
    };
    let kinds = || -> Vec<String> {
        let chain = json(&done(&["audit", "app", "--home", &home, "--json"]));
        chain["entries"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
    };
    done(&["vault", "list", "--home", &home]);
    guess();
    guess();
    // Somebody's home without an installation gets no file.
    let nowhere = folder.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    refused(&["vault", "list", "--home", nowhere.to_str().unwrap()], 4, "no installation");
    assert_eq!(std::fs::read_dir(&nowhere).unwrap().count(), 0);

    assert_eq!(kinds(), ["unlocked", "locked", "unlock_failed", "unlocked"]);
    assert_eq!(std::fs::read(Path::new(&home).join("conclave.attempts")).unwrap(), b"", "told once");
    let said = done(&["audit", "app", "--home", &home]);
    assert!(said.contains("2 times a wrong passphrase was tried, first at 20"), "{said}");
    guess();
    let judged = lines(&done(&["audit", "verify", "--home", &home, "--json"]));
    assert_eq!(judged.len(), 1, "no vault yet: {judged:?}");
    assert_eq!((&judged[0]["reply"], &judged[0]["kinds"]["unlock_failed"]), (&json("\"app-verified\""), &json("2")));
    // What stands in the file keeps nobody out.
    std::fs::write(Path::new(&home).join("conclave.attempts"), b"\xff nonsense\n").unwrap();
    done(&["vault", "list", "--home", &home]);
    assert!(conclave(&["audit", "verify", "--home", &home]).status.success());
}

#[test]
fn a_copy_that_is_put_back_says_so_in_its_own_chain() {
    let folder = tempfile::tempdir().unwrap();
    let home = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ana, copy) = (home("ana"), home("copy"));
    let kinds = |home: &str| -> Vec<String> {
        let chain = json(&done(&["audit", "app", "--home", home, "--json"]));
        chain["entries"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
    };
    done(&["init", "--home", &ana]);
    done(&["vault", "list", "--home", &ana]);
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(&ana).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), Path::new(&copy).join(file.file_name())).unwrap();
    }
    assert_eq!(kinds(&copy), ["unlocked", "locked", "restored", "unlocked"]);
    assert_eq!(kinds(&copy)[4..], ["locked", "unlocked"], "told once");
    assert_eq!(kinds(&ana), ["unlocked", "locked", "unlocked"], "the original was not put back");
    assert!(done(&["audit", "verify", "--home", &copy]).contains("restored 1"));
}
