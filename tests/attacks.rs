//! Attacks on plain programs, each in processes of its own: `conclave demo --attack NAME` ends well only if the honest
//! members named the attack by its finding and what must not happen did not happen. The groups run side by side.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_conclave");

const SET_UP: [&str; 4] = ["swapped-key", "invitation-twice", "stranger", "late-joiner"];
const KEYS: [&str; 3] = ["key-not-theirs", "old-proof", "swapped-origin"];
const MESSAGES: [&str; 3] = ["forged-event", "garbage", "flood"];
const RECORD: [&str; 5] = ["unknown-action", "backdated", "invented-signature", "lying-proposal", "clock-ahead"];
const PAYMENTS: [&str; 2] = ["replaced-recipient", "double-spend"];
const RELAYS: [&str; 3] = ["withholding-relay", "dropping-relay", "replaying-relay"];
const STORIES: [&str; 5] = ["two-stories", "fork-at-zero", "old-backup", "double-vote", "removed-member"];
const POLICY: [&str; 3] = ["frozen-vault", "denied-destination", "under-approved"];

/// Runs the attack demo; gives back its exit code, the lines that it printed, and what it complained of.
fn attack(name: &str) -> (Option<i32>, Vec<Value>, String) {
    let output =
        Command::new(PROGRAM).args(["demo", "--json", "--attack", name]).stdin(Stdio::null()).output().unwrap();
    let lines =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), lines, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn fended_off(names: &[&str]) {
    for name in names {
        let (code, lines, complaint) = attack(name);
        let last = lines.last().unwrap_or_else(|| panic!("{name}: {complaint}"));
        assert_eq!(code, Some(0), "{name}: {complaint} {lines:?}");
        assert_eq!((&last["attack"], &last["fended_off"]), (&Value::from(*name), &Value::from(true)), "{lines:?}");
        assert!(lines.len() > 2, "{name} tells its steps: {lines:?}");
    }
}

#[test]
fn attacks_on_the_way_into_a_vault_are_named_and_fail() {
    fended_off(&SET_UP);
}

#[test]
fn attacks_with_keys_are_named_and_fail() {
    fended_off(&KEYS);
}

#[test]
fn attacks_by_messages_are_named_and_fail() {
    fended_off(&MESSAGES);
}

#[test]
fn attacks_by_what_is_on_record_are_named_and_fail() {
    fended_off(&RECORD);
}

#[test]
fn attacks_by_payments_are_named_and_fail() {
    fended_off(&PAYMENTS);
}

#[test]
fn attacks_by_relays_are_named_and_fail() {
    fended_off(&RELAYS);
}

#[test]
fn attacks_on_the_one_record_are_named_and_fail() {
    fended_off(&STORIES);
}

#[test]
fn attacks_on_the_rules_are_named_and_fail() {
    fended_off(&POLICY);
}

#[test]
fn every_attack_that_is_listed_is_tried_here_and_documented() {
    let (code, lines, complaint) = attack("list");
    assert_eq!(code, Some(0), "{complaint}");
    let listed: BTreeSet<&str> = lines.iter().map(|line| line["attack"].as_str().unwrap()).collect();
    let tried: BTreeSet<&str> =
        [&SET_UP[..], &KEYS, &MESSAGES, &RECORD, &PAYMENTS, &STORIES, &RELAYS, &POLICY].concat().into_iter().collect();
    assert_eq!(listed, tried);
    let documented = include_str!("../docs/security.md");
    for name in listed {
        assert!(documented.contains(&format!("`{name}`")), "docs/security.md does not name the attack {name}");
    }
    let (code, _, complaint) = attack("no-such-attack");
    assert_eq!(code, Some(4));
    assert!(complaint.contains("--attack list"), "{complaint}");
}
