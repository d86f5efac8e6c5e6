//! A record of many events: reading, admitting and folding it beside the bare signature checks, and opening it from the
//! database. The story of its members ([`Story`]) serves the other measurements too.

use std::path::Path;
use std::time::{Duration, Instant};

use bitcoin::hashes::Hash as _;
use bitcoin::secp256k1::{Message, SECP256K1, SecretKey};
use bitcoin::{Amount, BlockHash, Transaction, TxIn, TxOut, absolute, transaction};
use conclave_domain::action::{Action, Confirmed, Created, Joined, Ratified};
use conclave_domain::descriptor::Keychain;
use conclave_domain::event::Event;
use conclave_domain::guard::Verdict;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal};
use conclave_domain::vault::{Command, Vault};
use conclave_shared::{EventId, MemberId, Role, ScriptKind, VaultId};
use nostr::{JsonUtil, Keys};

use super::{BenchError, Clock, report};
use crate::open_vault::{NETWORK, OpenVault, event_row, sign};
use crate::signer::{Signer, SoftwareKey};
use crate::store::{Batch, Passphrase, Store, VaultRecord};
use crate::verify;

/// Goal for the fold of a record, in times of bare verification.
const FOLD_GOAL: f64 = 1.2;
/// Goal for opening a vault from its snapshot, key derivation apart, in ms.
const OPEN_GOAL_MS: f64 = 150.0;

/// Measures with a record of so many events.
pub(super) fn run(events: u32) -> Result<(), BenchError> {
    let record = record(events);
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
    let (mut store, row) = store(record, &home, &passphrase()?)?;
    let clock = Clock::start();
    let mut vault = OpenVault::load(&store, row.clone())?;
    println!("  from all events: {clock}");
    vault.keep_snapshot(&mut store)?;
    let digest = vault.vault.state_digest();
    drop((vault, store));
    let clock = Clock::start();
    let store = Store::open(&home, &passphrase()?)?;
    println!("  key derivation and opening the database: {clock}");
    let clock = Clock::start();
    let vault = OpenVault::load(&store, row)?;
    println!("  from its snapshot (goal {OPEN_GOAL_MS:.0} ms): {clock}");
    if vault.vault.state_digest() != digest {
        return Err(BenchError::Refused { admitted: vault.vault.log().len(), events: record.lines.len() });
    }
    Ok(())
}

/// Makes an installation with a vault of so many events, as the window finds it that was open before: with its snapshot.
pub(super) fn prepare(home: &Path, events: u32) -> Result<(), BenchError> {
    let passphrase = Passphrase::new(std::env::var("CONCLAVE_PASSPHRASE").unwrap_or_default())?;
    let (mut store, row) = store(&record(events), home, &passphrase)?;
    OpenVault::load(&store, row)?.keep_snapshot(&mut store)?;
    Ok(())
}

/// A new database with the record in it.
fn store(record: &Record, home: &Path, passphrase: &Passphrase) -> Result<(Store, VaultRecord), BenchError> {
    let mut store = Store::create(home, passphrase)?;
    let row = vault_record(record.vault, record.created, &record.organiser);
    let events = record.lines.iter().filter_map(|line| Event::from_store(line).ok());
    let events = events.map(|event| event_row(&event, event.ms)).collect();
    store.commit(record.vault, &Batch { new_vault: Some(row.clone()), events, ..Batch::default() })?;
    Ok((store, row))
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

/// What the store holds of a vault beside its events, for its organiser.
pub(crate) fn vault_record(vault: VaultId, created: EventId, organiser: &Keys) -> VaultRecord {
    VaultRecord {
        vault,
        created,
        organiser: member(organiser),
        identity: zeroize::Zeroizing::new(organiser.secret_key().to_secret_bytes()),
        entropy: None,
        relays: vec!["ws://127.0.0.1:1".to_owned()],
        chain: "tcp://127.0.0.1:1".to_owned(),
        created_ms: 0,
    }
}

/// A record of a 2-of-3 vault: set-up, one proposal, then its members in turns, each event building on the last of the
/// others' and granted by the fold.
fn record(count: u32) -> Record {
    let mut story = Story::active(3, 2);
    let proposal = story.propose_one();
    let txid = story.vault.proposal(proposal).expect("it was just proposed").checked.txid;
    for number in story.lines.len() as u32..count {
        let confirmed = Confirmed { proposal, txid, height: number, block: BlockHash::all_zeros() };
        story.say(number as usize % 3, Action::Confirmed(confirmed));
    }
    assert!(story.vault.void().is_empty(), "every event of the bench has its effect");
    let (vault, created) = (story.vault.id(), story.vault.created());
    Record { vault, created, organiser: story.keys.swap_remove(0), lines: story.lines }
}

/// A vault, its members, and everything that they have said.
pub(crate) struct Story {
    /// The members' identities, the organiser first. Member `i` signs with the software key of 32 bytes of `i + 1`.
    pub(crate) keys: Vec<Keys>,
    /// The vault as the organiser holds it.
    pub(crate) vault: Vault,
    /// Its events.
    pub(crate) lines: Vec<String>,
    ms: u64,
    invitations: Vec<Invitation>,
}

pub(super) fn member(keys: &Keys) -> MemberId {
    MemberId(keys.public_key().to_bytes())
}

/// The key that a member signs with.
pub(super) fn software_key(member: usize) -> SoftwareKey {
    SoftwareKey::new(&[member as u8 + 1; 32], ScriptKind::default(), NETWORK).expect("32 bytes are entropy")
}

impl Story {
    /// A vault of so many keyholders, which all have ratified.
    pub(crate) fn active(members: u8, threshold: u32) -> Self {
        let mut story = Self::begin(members, threshold);
        story.set_up();
        story
    }

    fn begin(members: u8, threshold: u32) -> Self {
        let id = VaultId([7; 32]);
        let keys: Vec<Keys> = (0..members).map(|_| Keys::generate()).collect();
        let secrets: Vec<SecretKey> =
            (1..members).map(|seed| SecretKey::from_slice(&[seed; 32]).expect("a small number")).collect();
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
            threshold,
            organiser: vec![Role::Keyholder],
            places: places.clone(),
            relays: relays.clone(),
            rules: 0,
            title: None,
            policy: None,
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
    pub(super) fn say(&mut self, by: usize, action: Action) -> EventId {
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

    /// Joins, configuration, ratifications.
    fn set_up(&mut self) {
        for by in 0..self.keys.len() {
            let proof = by.checked_sub(1).map(|place| self.invitations[place].prove(member(&self.keys[by])));
            let key = software_key(by).account_key();
            self.say(by, Action::Joined(Joined { name: format!("member {by}"), proof, key: Some(key) }));
        }
        match self.vault.decide(Command::ProposeConfiguration) {
            Ok(Verdict::Allowed(actions)) => actions.into_iter().for_each(|action| {
                self.say(0, action);
            }),
            other => unreachable!("all places are taken: {other:?}"),
        }
        let cfg = self.vault.newest_configuration().expect("it was just proposed").cfg;
        for by in 0..self.keys.len() {
            self.say(by, Action::Ratified(Ratified { cfg }));
        }
    }

    /// A payment of one coin.
    fn propose_one(&mut self) -> EventId {
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
