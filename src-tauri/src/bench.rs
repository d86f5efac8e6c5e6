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

use crate::open_vault::{NETWORK, OpenVault, event_row, sign};
use crate::signer::{Signer, SoftwareKey};
use crate::store::{Batch, Passphrase, Store, VaultRecord};
use crate::verify;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Events in the record that is folded.
    #[arg(long, default_value_t = 100_000)]
    pub events: u32,
}

/// Goal for the fold of a record, in times of bare verification.
const FOLD_GOAL: f64 = 1.2;
/// Goal for opening a vault from its snapshot, key derivation apart, in ms.
const OPEN_GOAL_MS: f64 = 150.0;

/// Why a measurement is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Events of the bench's own record were refused.
    #[error("only {admitted} of {events} events were admitted: the figures are worth nothing")]
    Refused {
        /// How many were admitted.
        admitted: usize,
        /// How many there are.
        events: usize,
    },
    /// No folder for the database.
    #[error("a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The passphrase.
    #[error(transparent)]
    Passphrase(#[from] crate::store::PassphraseError),
    /// The vault.
    #[error(transparent)]
    Installation(#[from] crate::failure::InstallationError),
}

/// Runs all measurements.
pub fn run(args: &BenchArgs) -> Result<(), BenchError> {
    let record = record(args.events);
    fold(&record)?;
    open(&record)
}

/// A record and what is needed to fold it as its organiser.
struct Record {
    vault: VaultId,
    created: EventId,
    organiser: Keys,
    lines: Vec<String>,
}

/// Reading, admitting and folding a record, beside verifying its signatures and nothing else, both on all cores.
fn fold(record: &Record) -> Result<(), BenchError> {
    let (lines, cores) = (&record.lines, std::thread::available_parallelism().map_or(1, usize::from));
    println!("fold of {} events by three members, {cores} cores", lines.len());
    let bare = bare_verification(lines, cores);
    report("bare schnorr verification of the same events", bare, bare);
    let began = Instant::now();
    let mut fold = Vault::new(record.vault, record.created, MemberId([0; 32]));
    verify::each(lines, |_, read| {
        if let Ok(event) = read {
            let _ = fold.receive(event);
        }
    });
    let whole = began.elapsed();
    if fold.log().len() != lines.len() {
        return Err(BenchError::Refused { admitted: fold.log().len(), events: lines.len() });
    }
    report(&format!("read, verify, admit and fold (goal {FOLD_GOAL})"), whole, bare);
    let began = Instant::now();
    let digest = fold.state_digest();
    report("state digest", began.elapsed(), bare);
    println!("  state {digest}");
    Ok(())
}

/// Opening a vault from the database: from its snapshot, and without one.
fn open(record: &Record) -> Result<(), BenchError> {
    println!("opening a vault of {} events from the database", record.lines.len());
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    let passphrase = || Passphrase::new("bench".to_owned());
    let mut store = Store::create(&home, &passphrase()?)?;
    let mut organiser = [0; 32];
    organiser.copy_from_slice(&record.organiser.secret_key().to_secret_bytes());
    let row = VaultRecord {
        vault: record.vault,
        created: record.created,
        organiser: member(&record.organiser),
        identity: zeroize::Zeroizing::new(organiser),
        entropy: None,
        relays: vec!["ws://127.0.0.1:1".to_owned()],
        chain: "tcp://127.0.0.1:1".to_owned(),
        created_ms: 0,
    };
    let events = record.lines.iter().filter_map(|line| Event::from_store(line).ok());
    let events = events.map(|event| event_row(&event, event.ms)).collect();
    store.commit(record.vault, &Batch { new_vault: Some(row.clone()), events, ..Batch::default() })?;
    let began = Instant::now();
    let mut vault = OpenVault::load(&store, row.clone())?;
    println!("  from all events: {:.0} ms", millis(began));
    vault.keep_snapshot(&mut store)?;
    let digest = vault.vault.state_digest();
    drop((vault, store));
    let began = Instant::now();
    let store = Store::open(&home, &passphrase()?)?;
    println!("  key derivation and opening the database: {:.0} ms", millis(began));
    let began = Instant::now();
    let vault = OpenVault::load(&store, row)?;
    println!("  from its snapshot (goal {OPEN_GOAL_MS:.0}): {:.0} ms", millis(began));
    if vault.vault.state_digest() != digest {
        return Err(BenchError::Refused { admitted: vault.vault.log().len(), events: record.lines.len() });
    }
    Ok(())
}

fn millis(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn report(what: &str, time: Duration, bare: Duration) {
    println!("  {what}: {:.3} s, {:.2} times bare", time.as_secs_f64(), time.as_secs_f64() / bare.as_secs_f64());
}

fn bare_verification(lines: &[String], cores: usize) -> Duration {
    let events: Vec<nostr::Event> = lines.iter().filter_map(|line| nostr::Event::from_json(line).ok()).collect();
    let keys = events.iter().map(|event| event.pubkey.xonly().ok());
    let prepared: Vec<_> = events
        .iter()
        .zip(keys)
        .filter_map(|(event, key)| Some((event.sig, Message::from_digest(event.id.to_bytes()), key?)))
        .collect();
    let began = Instant::now();
    let valid: usize = std::thread::scope(|scope| {
        let parts: Vec<_> = prepared
            .chunks(prepared.len().div_ceil(cores).max(1))
            .map(|part| {
                let valid =
                    |(sig, message, key): &&(_, Message, _)| SECP256K1.verify_schnorr(sig, message, key).is_ok();
                scope.spawn(move || part.iter().filter(valid).count())
            })
            .collect();
        parts.into_iter().filter_map(|part| part.join().ok()).sum()
    });
    let time = began.elapsed();
    assert_eq!(valid, lines.len(), "the bench's own events are valid");
    time
}

/// A record of a 2-of-3 vault: set-up, one proposal, then its members in turns, each event building on the last of the
/// others' and granted by the fold.
fn record(count: u32) -> Record {
    let mut story = Story::begin();
    let proposal = story.set_up();
    let txid = story.vault.proposal(proposal).expect("it was just proposed").checked.txid;
    for number in story.lines.len() as u32..count {
        let confirmed = Confirmed { proposal, txid, height: number, block: BlockHash::all_zeros() };
        story.say(number as usize % 3, Action::Confirmed(confirmed));
    }
    assert!(story.vault.void().is_empty(), "every event of the bench has its effect");
    let (vault, created) = (story.vault.id(), story.vault.created());
    Record { vault, created, organiser: story.keys.swap_remove(0), lines: story.lines }
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
            title: None,
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
            title: None,
            script: Default::default(),
            recovery: None,
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
            let key = SoftwareKey::new(&[by as u8 + 1; 32], Default::default(), NETWORK)
                .expect("32 bytes are entropy")
                .account_key();
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
