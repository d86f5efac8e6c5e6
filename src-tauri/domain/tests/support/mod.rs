//! Members of a vault without store, relay or clock: identity, key and vault, nothing else.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bitcoin::bip32::Xpriv;
use bitcoin::hashes::Hash as _;
use bitcoin::secp256k1::{SECP256K1, SecretKey};
use bitcoin::{
    Amount, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute, transaction,
};
use conclave_domain::action::{Action, Created, Joined, SelfTestProposed};
use conclave_domain::configuration::RULES;
use conclave_domain::descriptor::{AccountKey, Keychain, account_path};
use conclave_domain::event::Event;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::key_proof;
use conclave_domain::policy::Policy;
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal};
use conclave_domain::psbt::{Evidence, signatures};
use conclave_domain::vault::{ChainFacts, Command, Vault};
use conclave_domain::words::roster_words;
use conclave_shared::{EventId, MemberId, Nonce, Recovery, Role, ScriptKind, VaultId};

/// When the stories begin, in ms since 1970.
pub const START_MS: u64 = 1_700_000_000_000;

pub struct Person {
    pub name: &'static str,
    pub keys: nostr::Keys,
    pub seed: Xpriv,
    /// The kind of the vault's addresses: where the key's account is.
    pub script: ScriptKind,
    pub vault: Vault,
    pub clock_ms: u64,
    /// Every event that was written or told: the vault itself keeps only their places.
    pub held: BTreeMap<EventId, Event>,
}

impl Person {
    pub fn id(&self) -> MemberId {
        MemberId(self.keys.public_key().to_bytes())
    }

    pub fn key(&self) -> String {
        account_key(&self.seed, self.script)
    }

    /// Writes an action that nobody judged: what a hostile member could do as well.
    pub fn write(&mut self, action: Action) -> Event {
        self.clock_ms += 7;
        let draft = self.vault.draft(action, self.clock_ms);
        let signed = draft.unsigned().unwrap().sign_with_keys(&self.keys).unwrap();
        let event = Event::from_signed(signed).unwrap();
        self.vault.receive(event.clone()).unwrap();
        self.held.insert(event.id, event.clone());
        event
    }

    /// Does what the rules allow.
    pub fn act(&mut self, command: Command<'_>) -> Vec<Event> {
        match self.vault.decide(command).unwrap() {
            Verdict::Allowed(actions) => actions.into_iter().map(|action| self.write(action)).collect(),
            Verdict::Blocked(unmet) => panic!("{} is blocked: {unmet:?}", self.name),
        }
    }

    /// Asks for proofs of key; the nonce is none that anybody else uses.
    pub fn challenge(&mut self) -> Vec<Event> {
        let nonce = Nonce(conclave_domain::hash::tagged("test/nonce", &self.id().0));
        self.act(Command::Challenge { nonce })
    }

    /// Proves the own key, if there is anything to prove.
    pub fn prove(&mut self) -> Vec<Event> {
        let Some(proof) = self.vault.proof_to_give().unwrap() else { return Vec::new() };
        let mut psbt = proof.request.consume();
        psbt.sign(&self.seed, SECP256K1).unwrap();
        let checked = self.vault.configuration(proof.cfg).unwrap();
        let signature = key_proof::signature_in(&psbt, checked, self.id()).unwrap();
        self.act(Command::ProveKey { signature })
    }

    /// Signs with the seed what the guard permits.
    pub fn sign(&mut self, proposal: EventId, evidence: &Evidence) -> Vec<Event> {
        let permit = match guard::sign(&self.vault, proposal, evidence).unwrap() {
            Verdict::Allowed(permit) => permit,
            Verdict::Blocked(unmet) => panic!("{} may not sign: {unmet:?}", self.name),
        };
        let (mut psbt, _) = permit.consume();
        psbt.sign(&self.seed, SECP256K1).unwrap();
        self.act(Command::RecordSigned { proposal, signatures: signatures(&psbt) })
    }
}

/// The account key of a seed, with its origin.
pub fn account_key(seed: &Xpriv, script: ScriptKind) -> String {
    let path = account_path(script, Network::Regtest);
    let account = seed.derive_priv(SECP256K1, &path).unwrap();
    let xpub = bitcoin::bip32::Xpub::from_priv(SECP256K1, &account);
    AccountKey { fingerprint: seed.fingerprint(SECP256K1), path, xpub }.to_string()
}

pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).unwrap()
}

/// Names, roles of the members after the organiser.
const OTHERS: [(&str, Role); 3] = [("Ben", Role::Keyholder), ("Cleo", Role::Keyholder), ("Dora", Role::Auditor)];

/// Ana (organiser), Ben and Cleo hold keys of a 2-of-3 vault, Dora audits. Nothing is joined yet; gives the creation too.
pub fn people() -> (Vec<Person>, Vec<Invitation>, Event) {
    people_by(RULES)
}

/// The same under the rules of a version.
pub fn people_by(rules: u32) -> (Vec<Person>, Vec<Invitation>, Event) {
    people_of(rules, ScriptKind::default(), None)
}

/// The same with addresses of a kind, and perhaps a recovery.
pub fn people_of(rules: u32, script: ScriptKind, recovery: Option<Recovery>) -> (Vec<Person>, Vec<Invitation>, Event) {
    people_with(rules, script, recovery, None)
}

/// The same with the organiser's policy.
pub fn people_with(
    rules: u32,
    script: ScriptKind,
    recovery: Option<Recovery>,
    policy: Option<Policy>,
) -> (Vec<Person>, Vec<Invitation>, Event) {
    let vault = VaultId([42; 32]);
    let keys = |seed: u8| nostr::Keys::new(nostr::SecretKey::from_slice(&[seed; 32]).unwrap());
    let seed = |seed: u8| Xpriv::new_master(Network::Regtest, &[seed; 32]).unwrap();
    let places: Vec<Place> = OTHERS
        .iter()
        .zip(100..)
        .map(|((_, role), seed)| Place {
            key: Invitation::place_key(&secret(seed)),
            role: *role,
            expires_ms: START_MS + 600_000,
            title: None,
        })
        .collect();
    let relays = vec!["ws://127.0.0.1:7000".to_owned()];
    let created = Vault::create(Created {
        name: "Treasury".into(),
        network: Network::Regtest,
        threshold: 2,
        organiser: vec![Role::Keyholder],
        places: places.clone(),
        relays: relays.clone(),
        rules,
        title: None,
        script,
        recovery,
        policy,
    })
    .unwrap();
    let organiser = keys(1);
    let me = MemberId(organiser.public_key().to_bytes());
    // The id of `created` is known only once it is signed: it names no other event and no id of its own.
    let draft = Vault::new(vault, EventId([0; 32]), me).draft(created, START_MS);
    let creation = Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&organiser).unwrap()).unwrap();
    let mut people = vec![Person {
        name: "Ana",
        keys: organiser,
        seed: seed(1),
        script,
        vault: Vault::new(vault, creation.id, me),
        clock_ms: START_MS,
        held: BTreeMap::from([(creation.id, creation.clone())]),
    }];
    people[0].vault.receive(creation.clone()).unwrap();
    let invitations: Vec<Invitation> = places
        .iter()
        .zip(100..)
        .map(|(place, seed)| Invitation::new(vault, creation.id, me, place, relays.clone(), secret(seed)))
        .collect();
    for ((name, _), number) in OTHERS.iter().zip(2..) {
        let keys = keys(number);
        let me = MemberId(keys.public_key().to_bytes());
        people.push(Person {
            name,
            keys,
            seed: seed(number),
            script,
            vault: Vault::new(vault, creation.id, me),
            clock_ms: START_MS,
            held: BTreeMap::new(),
        });
    }
    (people, invitations, creation)
}

/// Everybody receives everything.
pub fn tell(people: &mut [Person], events: &[Event]) {
    for person in people {
        for event in events {
            person.vault.receive(event.clone()).unwrap();
            person.held.insert(event.id, event.clone());
            person.clock_ms = person.clock_ms.max(event.ms);
        }
    }
}

/// Everybody has joined and asked for proofs of key, and holds all of it; the organiser has not proposed anything.
pub fn gathered(rules: u32) -> (Vec<Person>, Vec<Invitation>, Vec<Event>) {
    gathered_of(rules, ScriptKind::default(), None)
}

/// The same with addresses of a kind, and perhaps a recovery.
pub fn gathered_of(
    rules: u32,
    script: ScriptKind,
    recovery: Option<Recovery>,
) -> (Vec<Person>, Vec<Invitation>, Vec<Event>) {
    gathered_by(rules, people_of(rules, script, recovery))
}

fn gathered_by(
    rules: u32,
    (mut people, invitations, creation): (Vec<Person>, Vec<Invitation>, Event),
) -> (Vec<Person>, Vec<Invitation>, Vec<Event>) {
    let mut said = vec![creation];
    tell(&mut people, &said);
    for number in 0..people.len() {
        let person = &mut people[number];
        let invitation = number.checked_sub(1).map(|place| &invitations[place]);
        let keyholder = invitation.is_none_or(|invitation| invitation.role == Role::Keyholder);
        let joined = Joined {
            name: person.name.into(),
            proof: invitation.map(|invitation| invitation.prove(person.id())),
            key: keyholder.then(|| person.key()),
        };
        let mut events = person.act(Command::Join(joined));
        if rules > 0 {
            events.extend(person.challenge());
        }
        tell(&mut people, &events);
        said.extend(events);
    }
    (people, invitations, said)
}

/// The organiser proposes the configuration and every keyholder proves the own key to all.
pub fn propose_and_prove(people: &mut [Person]) -> Vec<Event> {
    let mut said = people[0].act(Command::ProposeConfiguration);
    tell(people, &said);
    for number in 0..people.len() {
        let events = people[number].prove();
        tell(people, &events);
        said.extend(events);
    }
    said
}

/// A vault that all keyholders have ratified, with everything that was said so far.
pub fn active() -> (Vec<Person>, Vec<Event>) {
    active_by(RULES)
}

/// The same under the rules of a version.
pub fn active_by(rules: u32) -> (Vec<Person>, Vec<Event>) {
    ratified(gathered(rules))
}

/// The same with the organiser's policy.
pub fn active_with(policy: Policy) -> (Vec<Person>, Vec<Event>) {
    ratified(gathered_by(RULES, people_with(RULES, ScriptKind::default(), None, Some(policy))))
}

/// The same with addresses of a kind, and perhaps a recovery.
pub fn active_of(script: ScriptKind, recovery: Option<Recovery>) -> (Vec<Person>, Vec<Event>) {
    ratified(gathered_of(RULES, script, recovery))
}

fn ratified((mut people, _, mut said): (Vec<Person>, Vec<Invitation>, Vec<Event>)) -> (Vec<Person>, Vec<Event>) {
    said.extend(propose_and_prove(&mut people));
    for number in 0..3 {
        let words = roster_words(people[(number + 1) % 3].vault.newest_configuration().unwrap().cfg).join(" ");
        let events = people[number].act(Command::Ratify { words: &words });
        tell(&mut people, &events);
        said.extend(events);
    }
    (people, said)
}

/// A deposit on the first receive address: the transaction and the previous transactions that prove its amount.
pub fn deposit(vault: &Vault, amount: u64) -> (OutPoint, Evidence) {
    let script = vault.active().unwrap().descriptor.script(Keychain::Receive, 0).unwrap();
    let transaction = Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::new(Txid::from_byte_array([9; 32]), 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: vec![TxOut { value: Amount::from_sat(amount), script_pubkey: script }],
    };
    let txid = transaction.compute_txid();
    (OutPoint::new(txid, 0), Evidence { previous: BTreeMap::from([(txid, transaction)]), ..Evidence::default() })
}

/// Proposes a payment that replaces none and does not expire, with nothing seen of the chain.
pub fn propose(proposal: Proposal) -> Command<'static> {
    static NOTHING: LazyLock<ChainFacts> = LazyLock::new(ChainFacts::default);
    Command::Propose { payment: proposal.into(), facts: &NOTHING }
}

/// Pays `amount` sat from a coin of `total` sat to a stranger, `fee` sat to miners, the rest to change address 0.
pub fn payment(vault: &Vault, coin: OutPoint, total: u64, amount: u64, fee: u64) -> (Transaction, Proposal) {
    let change = vault.active().unwrap().descriptor.script(Keychain::Change, 0).unwrap();
    let stranger = ScriptBuf::new_p2wsh(&bitcoin::WScriptHash::from_byte_array([5; 32]));
    let transaction = Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: coin,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        }],
        output: vec![
            TxOut { value: Amount::from_sat(amount), script_pubkey: stranger },
            TxOut { value: Amount::from_sat(total - amount - fee), script_pubkey: change },
        ],
    };
    let inputs = vec![InputClaim { amount: total, keychain: Keychain::Receive, index: 0 }];
    let proposal =
        Proposal::new(&transaction, inputs, Some(ChangeClaim { output: 1, index: 0 }), "Rent for March".into());
    (transaction, proposal)
}

/// Sends all of a coin of `total` sat to a script, `fee` sat to miners, as a self-test for a day.
pub fn self_test_to(vault: &Vault, coin: OutPoint, total: u64, fee: u64, to: ScriptBuf) -> SelfTestProposed {
    let (mut transaction, _) = payment(vault, coin, total, 0, fee);
    transaction.output = vec![TxOut { value: Amount::from_sat(total - fee), script_pubkey: to }];
    SelfTestProposed {
        transaction: bitcoin::consensus::encode::serialize_hex(&transaction),
        input: InputClaim { amount: total, keychain: Keychain::Receive, index: 0 },
        index: 0,
        expires_ms: START_MS + 86_400_000,
    }
}

/// The same to change address 0.
pub fn self_test(vault: &Vault, coin: OutPoint, total: u64, fee: u64) -> SelfTestProposed {
    let change = vault.active().unwrap().descriptor.script(Keychain::Change, 0).unwrap();
    self_test_to(vault, coin, total, fee, change)
}

/// A payment from proposal to two signatures, told to all.
pub fn paid() -> (Vec<Person>, Vec<Event>, EventId, Evidence) {
    paid_by(RULES)
}

/// The same under the rules of a version.
pub fn paid_by(rules: u32) -> (Vec<Person>, Vec<Event>, EventId, Evidence) {
    let (mut people, mut said) = active_by(rules);
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let mut round = |people: &mut Vec<Person>, events: Vec<Event>| {
        tell(people, &events);
        said.extend(events.clone());
        events
    };
    let issued = people[1].act(Command::IssueAddress);
    round(&mut people, issued);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    // As programs wrote it before payments could replace one another: the pinned story holds such an event.
    let proposed = vec![people[0].write(Action::Proposed(proposal))];
    let id = round(&mut people, proposed)[0].id;
    for number in [0, 2] {
        let events = people[number].act(Command::Approve { proposal: id, evidence: &evidence });
        round(&mut people, events);
    }
    for number in [1, 2] {
        let events = people[number].sign(id, &evidence);
        round(&mut people, events);
    }
    let events = people[2].act(Command::RecordFinalised { proposal: id });
    round(&mut people, events);
    (people, said, id, evidence)
}
