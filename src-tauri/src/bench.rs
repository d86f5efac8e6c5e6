//! Measurements, as ratios within one run: what this program adds to the bare cryptography inside it. Printed, never
//! asserted: a busy machine must not fail a test.

use std::time::{Duration, Instant};

use bitcoin::secp256k1::{Message, SECP256K1};
use clap::Args;
use conclave_domain::action::{Action, AddressIssued, Created};
use conclave_domain::event::Event;
use conclave_domain::vault::Vault;
use conclave_shared::{EventId, MemberId, Role, VaultId};
use nostr::{JsonUtil, Keys};

use crate::open_vault::NETWORK;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Events in the record that is folded.
    #[arg(long, default_value_t = 100_000)]
    pub events: u32,
}

/// Runs all measurements.
pub fn run(args: &BenchArgs) {
    fold(args.events);
}

/// Reading, admitting and folding a record, beside verifying its signatures and nothing else. One core each.
fn fold(count: u32) {
    println!("fold of {count} events by three members, one core");
    let (vault, created, lines) = record(count);
    let bare = bare_verification(&lines);
    report("bare schnorr verification of the same events", bare, bare);
    let began = Instant::now();
    let me = MemberId([0; 32]);
    let mut fold = Vault::new(vault, created, me);
    let refused = fold.receive_all(lines.iter().filter_map(|line| Event::parse(line).ok()));
    let whole = began.elapsed();
    if !refused.is_empty() || fold.log().len() != lines.len() {
        println!("  only {} of {} events were admitted: the figure is worth nothing", fold.log().len(), lines.len());
        return;
    }
    report("read, verify, admit and fold", whole, bare);
    let began = Instant::now();
    let digest = fold.state_digest();
    report("state digest", began.elapsed(), bare);
    println!("  state {digest}");
}

fn report(what: &str, time: Duration, bare: Duration) {
    println!("  {what}: {:.3} s, {:.2} times bare", time.as_secs_f64(), time.as_secs_f64() / bare.as_secs_f64());
}

fn bare_verification(lines: &[String]) -> Duration {
    let events: Vec<nostr::Event> = lines.iter().filter_map(|line| nostr::Event::from_json(line).ok()).collect();
    let keys = events.iter().map(|event| event.pubkey.xonly().ok());
    let prepared: Vec<_> = events
        .iter()
        .zip(keys)
        .filter_map(|(event, key)| Some((event.sig, Message::from_digest(event.id.to_bytes()), key?)))
        .collect();
    let began = Instant::now();
    let valid = prepared.iter().filter(|(sig, message, key)| SECP256K1.verify_schnorr(sig, message, key).is_ok()).count();
    let time = began.elapsed();
    assert_eq!(valid, lines.len(), "the bench's own events are valid");
    time
}

/// A record of three members who take turns, each event building on the last of the others.
fn record(count: u32) -> (VaultId, EventId, Vec<String>) {
    let id = VaultId([7; 32]);
    let keys: Vec<Keys> = (0..3).map(|_| Keys::generate()).collect();
    let member = |keys: &Keys| MemberId(keys.public_key().to_bytes());
    let created = Created {
        name: "bench".to_owned(),
        network: NETWORK,
        threshold: 1,
        organiser: vec![Role::Keyholder],
        places: Vec::new(),
        relays: vec!["ws://127.0.0.1:1".to_owned()],
        rules: 0,
    };
    let mut ms = 1_700_000_000_000;
    let mut sign = |vault: &Vault, keys: &Keys, action: Action| {
        ms += 1;
        let mut draft = vault.draft(action, ms);
        draft.author = member(keys);
        let (n, prev, seen) = vault.log().place_for(draft.author);
        (draft.n, draft.prev, draft.seen) = (n, prev, seen);
        let unsigned = draft.unsigned().expect("own keys are keys");
        Event::from_signed(unsigned.sign_with_keys(keys).expect("own keys sign")).expect("own events are valid")
    };
    let creation = sign(&Vault::new(id, EventId([0; 32]), member(&keys[0])), &keys[0], Action::Created(created));
    let mut vault = Vault::new(id, creation.id, member(&keys[0]));
    let mut lines = vec![creation.to_json()];
    vault.receive(creation.clone()).expect("the first event is admitted");
    for number in 1..count {
        let action = Action::AddressIssued(AddressIssued { index: number, address: "bench".to_owned() });
        let event = sign(&vault, &keys[number as usize % 3], action);
        lines.push(event.to_json());
        vault.receive(event).expect("own events are admitted");
    }
    (id, creation.id, lines)
}
