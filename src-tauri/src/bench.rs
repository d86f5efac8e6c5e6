//! Measurements, as ratios within one run: what this program adds to the bare cryptography inside it. Printed, never
//! asserted: a busy machine must not fail a test.

use std::time::{Duration, Instant};

use bitcoin::hashes::Hash as _;
use bitcoin::secp256k1::{Message, SECP256K1, SecretKey};
use bitcoin::{Amount, BlockHash, Transaction, TxIn, TxOut, absolute, transaction};
use clap::Args;
use conclave_domain::action::{Action, Confirmed, Created, Joined, Ratified};
use conclave_domain::descriptor::Keychain;
use conclave_domain::event::Event;
use conclave_domain::guard::Verdict;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal};
use conclave_domain::vault::{Command, Vault};
use conclave_shared::{EventId, MemberId, Role, VaultId};
use nostr::{JsonUtil, Keys};

use crate::open_vault::{NETWORK, sign};
use crate::signer::{Signer, SoftwareKey};

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
    let valid =
        prepared.iter().filter(|(sig, message, key)| SECP256K1.verify_schnorr(sig, message, key).is_ok()).count();
    let time = began.elapsed();
    assert_eq!(valid, lines.len(), "the bench's own events are valid");
    time
}

/// A record of a 2-of-3 vault: set-up, one proposal, then its members in turns, each event building on the last of the
/// others' and granted by the fold.
fn record(count: u32) -> (VaultId, EventId, Vec<String>) {
    let mut story = Story::begin();
    let proposal = story.set_up();
    let txid = story.vault.proposal(proposal).expect("it was just proposed").checked.txid;
    for number in story.lines.len() as u32..count {
        let confirmed = Confirmed { proposal, txid, height: number, block: BlockHash::all_zeros() };
        story.say(number as usize % 3, Action::Confirmed(confirmed));
    }
    assert!(story.vault.void().is_empty(), "every event of the bench has its effect");
    (story.vault.id(), story.vault.created(), story.lines)
}

struct Story {
    keys: Vec<Keys>,
    vault: Vault,
    lines: Vec<String>,
    ms: u64,
    invitations: Vec<Invitation>,
}

fn member(keys: &Keys) -> MemberId {
    MemberId(keys.public_key().to_bytes())
}

impl Story {
    fn begin() -> Self {
        let id = VaultId([7; 32]);
        let keys: Vec<Keys> = (0..3).map(|_| Keys::generate()).collect();
        let secrets: Vec<SecretKey> =
            (1..3).map(|seed| SecretKey::from_slice(&[seed; 32]).expect("a small number")).collect();
        let place = |secret: &SecretKey| Place {
            key: Invitation::place_key(secret),
            role: Role::Keyholder,
            expires_ms: u64::MAX >> 16,
        };
        let places: Vec<Place> = secrets.iter().map(place).collect();
        let relays = vec!["ws://127.0.0.1:1".to_owned()];
        let created = Action::Created(Created {
            name: "bench".to_owned(),
            network: NETWORK,
            threshold: 2,
            organiser: vec![Role::Keyholder],
            places: places.clone(),
            relays: relays.clone(),
            rules: 0,
        });
        let (me, ms) = (member(&keys[0]), 1_700_000_000_000);
        let creation =
            sign(&Vault::new(id, EventId([0; 32]), me), &keys[0], created, ms).expect("own events are valid");
        let mut vault = Vault::new(id, creation.id, me);
        vault.receive(creation.clone()).expect("the first event is admitted");
        let invitations = places.iter().zip(secrets);
        let invitations = invitations
            .map(|(place, secret)| Invitation::new(id, creation.id, me, place, relays.clone(), secret))
            .collect();
        Self { keys, vault, lines: vec![creation.to_json()], ms, invitations }
    }

    /// The next event of a member who holds everything.
    fn say(&mut self, by: usize, action: Action) -> EventId {
        self.ms += 1;
        let mut draft = self.vault.draft(action, self.ms);
        draft.author = member(&self.keys[by]);
        (draft.n, draft.prev, draft.seen) = self.vault.log().place_for(draft.author, |_| true);
        let unsigned = draft.unsigned().expect("own keys are keys");
        let event = Event::from_signed(unsigned.sign_with_keys(&self.keys[by]).expect("own keys sign"));
        let event = event.expect("own events are valid");
        let id = event.id;
        self.lines.push(event.to_json());
        self.vault.receive(event).expect("own events are admitted");
        id
    }

    /// Joins, configuration, ratifications, a proposal.
    fn set_up(&mut self) -> EventId {
        for by in 0..3_usize {
            let proof = by.checked_sub(1).map(|place| self.invitations[place].prove(member(&self.keys[by])));
            let key = SoftwareKey::new(&[by as u8 + 1; 32], NETWORK).expect("32 bytes are entropy").account_key();
            self.say(by, Action::Joined(Joined { name: format!("member {by}"), proof, key: Some(key) }));
        }
        match self.vault.decide(Command::ProposeConfiguration) {
            Ok(Verdict::Allowed(actions)) => actions.into_iter().for_each(|action| {
                self.say(0, action);
            }),
            other => unreachable!("all places are taken: {other:?}"),
        }
        let cfg = self.vault.newest_configuration().expect("it was just proposed").cfg;
        for by in 0..3 {
            self.say(by, Action::Ratified(Ratified { cfg }));
        }
        let active = self.vault.active().expect("all have ratified");
        let script = active.descriptor.script(Keychain::Change, 0).expect("index 0 exists");
        let transaction = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![TxIn::default()],
            output: vec![TxOut { value: Amount::from_sat(99_000), script_pubkey: script }],
        };
        let inputs = vec![InputClaim { amount: 100_000, keychain: Keychain::Receive, index: 0 }];
        let change = Some(ChangeClaim { output: 0, index: 0 });
        self.say(0, Action::Proposed(Proposal::new(&transaction, inputs, change, "bench".to_owned())))
    }
}
