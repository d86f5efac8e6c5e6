//! Configurations that follow the first: who may propose and vote, what they may change, and what becomes of two that
//! were accepted at once.

mod support;

use std::sync::LazyLock;

use bitcoin::bip32::Xpriv;
use bitcoin::hashes::Hash as _;
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{BlockHash, Network, OutPoint};
use conclave_domain::action::{
    Action, Approved, ConfigurationProposed, Content, IdentityReplaced, Joined, PlaceOpened, Rejected, Voted,
};
use conclave_domain::configuration::{Configuration, ConfigurationFault, Cut};
use conclave_domain::descriptor::account_path;
use conclave_domain::event::Event;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::hash::tagged;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::policy::PolicyFault;
use conclave_domain::psbt::Evidence;
use conclave_domain::succession::{IDENTITY_STEPS, SuccessionFault, identity_message};
use conclave_domain::vault::{Change, Command, CommandFault, Vault, Void, votes_needed};
use conclave_domain::words::roster_words;
use conclave_shared::{Cfg, EventId, MemberId, Role, ScriptKind, StateDigest, Unmet};
use proptest::prelude::*;
use support::{Person, START_MS, active, deposit, payment, propose as pays, secret, tell};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
/// Bytes of the secret of an invitation that is made later.
const LATER: u8 = 120;

fn cfg_of(json: &str) -> Cfg {
    Cfg(tagged("conclave/configuration", json.as_bytes()))
}

fn living(person: &Person) -> Cfg {
    person.vault.active().unwrap().cfg
}

/// Proposes, by the rules, and votes for it; tells nobody.
fn propose(person: &mut Person, changes: Vec<Change>) -> (Cfg, Vec<Event>) {
    let events = person.act(Command::ProposeSuccessor { changes });
    let proposed = events.iter().find_map(|event| match &event.content {
        Content::Known(Action::ConfigurationProposed(it)) => Some(cfg_of(&it.configuration)),
        _ => None,
    });
    (proposed.unwrap(), events)
}

fn vote(person: &mut Person, cfg: Cfg) -> Vec<Event> {
    person.act(Command::Vote { cfg, words: &roster_words(cfg).join(" ") })
}

/// A configuration that differs from the active one as told, written past the rules.
fn write(person: &mut Person, alter: impl FnOnce(&mut Configuration)) -> (Cfg, Event) {
    let active = person.vault.active().unwrap();
    let mut next = Configuration { parent: active.cfg, round: 0, cuts: Vec::new(), ..active.configuration.clone() };
    alter(&mut next);
    let configuration = next.to_json();
    let cfg = cfg_of(&configuration);
    (cfg, person.write(Action::ConfigurationProposed(ConfigurationProposed { configuration })))
}

fn succession(person: &Person, event: &Event) -> SuccessionFault {
    match &person.vault.void()[&event.id] {
        Void::Succession(fault) => fault.clone(),
        other => panic!("{other:?}"),
    }
}

fn agree(people: &[Person]) {
    let digests: Vec<StateDigest> = people.iter().map(|person| person.vault.state_digest()).collect();
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

fn approvals(number: u32) -> Vec<Change> {
    vec![Change::Approvals(number)]
}

/// A candidate with an identity of their own, as somebody who has read an invitation.
fn candidate(people: &[Person], seed: u8, name: &'static str) -> Person {
    let keys = nostr::Keys::new(nostr::SecretKey::from_slice(&[seed; 32]).unwrap());
    let me = MemberId(keys.public_key().to_bytes());
    let vault = Vault::new(people[ANA].vault.id(), people[ANA].vault.created(), me);
    let seed = Xpriv::new_master(Network::Regtest, &[seed; 32]).unwrap();
    Person {
        name,
        keys,
        seed,
        script: ScriptKind::default(),
        vault,
        clock_ms: people[ANA].clock_ms,
        held: Default::default(),
    }
}

fn place(role: Role, expires_ms: u64) -> Place {
    Place { key: Invitation::place_key(&secret(LATER)), role, expires_ms, title: None }
}

fn invitation(people: &[Person], place: &Place) -> Invitation {
    let vault = &people[ANA].vault;
    Invitation::new(vault.id(), vault.created(), people[ANA].id(), place, Vec::new(), secret(LATER))
}

/// Writes `joined` by an invitation.
fn join(person: &mut Person, invitation: &Invitation, key: Option<String>) -> Event {
    let proof = Some(invitation.prove(person.id()));
    person.write(Action::Joined(Joined { name: person.name.into(), proof, key }))
}

// ---- votes ----

#[test]
fn as_many_vote_as_can_spend_and_always_more_than_half() {
    let needed = [(1, 1, 1), (2, 2, 2), (3, 2, 2), (3, 1, 2), (3, 3, 3), (5, 2, 3), (5, 4, 4), (2, 3, 2)];
    for (voters, threshold, votes) in needed {
        assert_eq!(votes_needed(voters, threshold), votes, "{threshold} of {voters}");
    }
}

/// A payment under the first configuration, then another configuration, and the same payment again.
struct Story {
    people: Vec<Person>,
    said: Vec<Event>,
    old: EventId,
    new: EventId,
    coin: OutPoint,
    evidence: Evidence,
}

fn story() -> Story {
    let (mut people, mut said) = active();
    let (coin, evidence) = deposit(&people[ANA].vault, 100_000);
    let (_, pay) = payment(&people[ANA].vault, coin, 100_000, 60_000, 500);
    let mut spread = |people: &mut Vec<Person>, events: Vec<Event>| {
        tell(people, &events);
        said.extend(events.clone());
        events[0].id
    };
    let events = people[ANA].act(pays(pay.clone()));
    let old = spread(&mut people, events);
    for who in [ANA, BEN] {
        let events = people[who].act(Command::Approve { proposal: old, evidence: &evidence });
        spread(&mut people, events);
    }
    let (cfg, events) = propose(&mut people[BEN], approvals(1));
    spread(&mut people, events);
    let events = vote(&mut people[CLEO], cfg);
    spread(&mut people, events);
    assert!(people.iter().all(|person| living(person) == cfg), "two of three votes are enough");
    let events = people[CLEO].act(pays(pay));
    let new = spread(&mut people, events);
    Story { people, said, old, new, coin, evidence }
}

#[test]
fn a_change_by_two_of_three_votes_is_everybodys_and_open_payments_are_proposed_again() {
    let Story { mut people, old, new, evidence, coin, .. } = story();
    agree(&people);
    for person in &people {
        assert_eq!(person.vault.active().unwrap().configuration.policy.approvals, 1);
        assert!(person.vault.void().is_empty());
    }
    let Verdict::Blocked(unmet) = guard::sign(&people[ANA].vault, old, &evidence).unwrap() else { panic!("allowed") };
    assert_eq!(unmet, [Unmet::ConfigurationChanged]);
    let verdict = people[ANA].vault.decide(Command::Reject { proposal: old }).unwrap();
    assert!(matches!(verdict, Verdict::Blocked(unmet) if unmet == [Unmet::ConfigurationChanged]));
    // That a payment which was sent before is in a block now is still put on record, once.
    let confirmed = || Command::RecordConfirmed { proposal: old, height: 7, block: BlockHash::all_zeros() };
    let events = people[CLEO].act(confirmed());
    tell(&mut people, &events);
    assert!(people[ANA].vault.proposal(old).unwrap().confirmed_by(people[CLEO].id()).is_some());
    assert!(people[CLEO].act(confirmed()).is_empty() && people[ANA].vault.void().is_empty());

    // The same coin, by the new rules: one approval is enough.
    assert_eq!(people[ANA].vault.proposal(new).unwrap().checked.inputs[0].outpoint, coin);
    let events = people[CLEO].act(Command::Approve { proposal: new, evidence: &evidence });
    tell(&mut people, &events);
    for who in [ANA, BEN] {
        let events = people[who].sign(new, &evidence);
        tell(&mut people, &events);
    }
    assert!(matches!(guard::finalise(&people[ANA].vault, new, &evidence).unwrap(), Verdict::Allowed(_)));
}

static TOLD: LazyLock<Vec<(Vec<Event>, StateDigest)>> = LazyLock::new(|| {
    let Story { people, said, .. } = story();
    let (doubled, more) = doubled();
    let (settled, all) = settled();
    let digest = |people: &[Person]| people[DORA].vault.state_digest();
    vec![(said, digest(&people)), (more, digest(&doubled)), (all, digest(&settled))]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_of_arrival_gives_the_same_configuration(
        which in 0..3_usize,
        keys in proptest::collection::vec(any::<u32>(), 64),
    ) {
        let (said, digest) = &TOLD[which];
        let mut order: Vec<usize> = (0..said.len()).collect();
        order.sort_by_key(|index| keys[*index]);
        let mut vault = support::people().0.remove(DORA).vault;
        for index in order {
            vault.receive(said[index].clone()).unwrap();
        }
        prop_assert_eq!(vault.log().waiting(), 0);
        prop_assert_eq!(vault.state_digest(), *digest);
        let snapshot = vault.to_snapshot().unwrap();
        let restarted = Vault::from_snapshot(vault.id(), vault.created(), vault.me(), &snapshot).unwrap();
        prop_assert_eq!(restarted.state_digest(), *digest);
    }
}

#[test]
fn one_vote_is_not_enough_and_auditors_have_none() {
    let (mut people, _) = active();
    let before = living(&people[ANA]);
    let (cfg, events) = propose(&mut people[ANA], approvals(1));
    tell(&mut people, &events);
    assert_eq!(people[BEN].vault.votes(cfg).len(), 1);
    assert!(people.iter().all(|person| living(person) == before));

    let keyholder = Unmet::RoleMissing { needs: Role::Keyholder };
    for command in [
        Command::ProposeSuccessor { changes: approvals(3) },
        Command::Vote { cfg, words: "any" },
        Command::OpenPlace { place: place(Role::Auditor, u64::MAX), replaces: None },
    ] {
        let verdict = people[DORA].vault.decide(command).unwrap();
        assert!(matches!(verdict, Verdict::Blocked(unmet) if unmet == [keyholder.clone()]));
    }
    let voted = people[DORA].write(Action::ConfigurationVoted(Voted { cfg }));
    let (_, proposed) = write(&mut people[DORA], |next| next.policy.approvals = 3);
    let opened = PlaceOpened { place: place(Role::Auditor, u64::MAX), replaces: None };
    let opened = people[DORA].write(Action::PlaceOpened(opened));
    let events = [voted, proposed, opened];
    tell(&mut people, &events);
    for event in &events {
        assert_eq!(people[BEN].vault.void()[&event.id], Void::NoRight);
    }
    assert!(people.iter().all(|person| living(person) == before));
    // Nor does it help to have heard the wrong words.
    assert_eq!(
        people[BEN].vault.decide(Command::Vote { cfg, words: "abandon" }).err(),
        Some(CommandFault::WordsDiffer)
    );
}

#[test]
fn a_vote_is_given_once_until_it_is_taken_back_for_a_later_round() {
    let (mut people, _) = active();
    let (first, events) = propose(&mut people[ANA], approvals(1));
    // At the same time: of the same round.
    let (second, more) = propose(&mut people[BEN], approvals(3));
    tell(&mut people, &[events, more].concat());
    let command = Command::Vote { cfg: second, words: &roster_words(second).join(" ") };
    assert_eq!(people[ANA].vault.decide(command).err(), Some(CommandFault::VoteGiven { to: first }));
    let event = people[ANA].write(Action::ConfigurationVoted(Voted { cfg: second }));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[CLEO].vault.void()[&event.id], Void::VoteGiven { to: first });

    // Taken back, it still does not count in the same round.
    let events = people[ANA].act(Command::ReleaseVote { cfg: first });
    tell(&mut people, &events);
    assert!(people[CLEO].vault.votes(first).is_empty());
    let event = people[ANA].write(Action::ConfigurationVoted(Voted { cfg: second }));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[CLEO].vault.void()[&event.id], Void::VoteGiven { to: first });
    let command = Command::Vote { cfg: first, words: &roster_words(first).join(" ") };
    assert_eq!(people[ANA].vault.decide(command).err(), Some(CommandFault::VoteTakenBack { cfg: first }));

    // In a later round it does.
    let (third, events) = propose(&mut people[CLEO], approvals(3));
    tell(&mut people, &events);
    assert_eq!(people[ANA].vault.configuration(third).unwrap().configuration.round, 1);
    let events = vote(&mut people[ANA], third);
    tell(&mut people, &events);
    assert!(people.iter().all(|person| living(person) == third));
    agree(&people);

    // Too late to take it back: by command, and past it.
    let command = Command::ReleaseVote { cfg: third };
    assert_eq!(people[ANA].vault.decide(command).err(), Some(CommandFault::Accepted { cfg: third }));
    let event = people[ANA].write(Action::VoteReleased(Voted { cfg: third }));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[BEN].vault.void()[&event.id], Void::Superseded);
    assert!(people.iter().all(|person| living(person) == third));
}

#[test]
fn rounds_go_up_by_one() {
    let (mut people, _) = active();
    let (_, last) = write(&mut people[ANA], |next| (next.round, next.policy.approvals) = (u32::MAX, 1));
    assert_eq!(succession(&people[ANA], &last), SuccessionFault::Round { found: u32::MAX, least: 0, most: 0 });
    let (_, first) = write(&mut people[ANA], |next| next.policy.approvals = 1);
    let (_, second) = write(&mut people[ANA], |next| (next.round, next.policy.approvals) = (1, 1));
    assert!(!people[ANA].vault.void().contains_key(&first.id) && !people[ANA].vault.void().contains_key(&second.id));
    let (_, third) = write(&mut people[ANA], |next| (next.round, next.policy.approvals) = (3, 1));
    assert_eq!(succession(&people[ANA], &third), SuccessionFault::Round { found: 3, least: 0, most: 2 });
}

#[test]
fn what_a_vault_is_made_of_stays() {
    let (mut people, _) = active();
    let stranger = candidate(&people, 90, "Ben").key();
    let (_, threshold) = write(&mut people[ANA], |next| {
        next.threshold = 1;
        next.descriptor = next.make_descriptor().unwrap();
    });
    let (_, descriptor) = write(&mut people[ANA], |next| {
        let holder = next.members.iter_mut().find(|member| member.key.is_some()).unwrap();
        holder.key = Some(stranger);
        next.descriptor = next.make_descriptor().unwrap();
    });
    let (_, name) = write(&mut people[ANA], |next| next.members[0].name = "Eve".into());
    assert_eq!(succession(&people[ANA], &threshold), SuccessionFault::Fixed { field: "threshold" });
    assert_eq!(succession(&people[ANA], &descriptor), SuccessionFault::Fixed { field: "descriptor" });
    assert!(matches!(succession(&people[ANA], &name), SuccessionFault::MemberChanged { .. }));
    assert_eq!(
        people[ANA].vault.decide(Command::ProposeSuccessor { changes: vec![] }).err(),
        Some(CommandFault::NoChange)
    );
    let too_many = people[ANA].vault.decide(Command::ProposeSuccessor { changes: approvals(4) }).err();
    let fault = PolicyFault::Approvals { found: 4, most: 3 };
    assert_eq!(too_many, Some(CommandFault::Configuration(fault.into())));
}

// ---- removal ----

#[test]
fn an_auditor_leaves_with_a_cut_at_their_newest_event() {
    let (mut people, _) = active();
    let dora = people[DORA].id();
    let last = people[ANA].vault.log().newest(dora).unwrap().1;
    let others = people[BEN].id();
    let bens = people[ANA].vault.log().newest(others).unwrap().1;
    let without = |cuts: Vec<Cut>| {
        move |next: &mut Configuration| {
            next.members.retain(|member| member.identity != dora);
            next.cuts = cuts;
        }
    };
    let wrong =
        [vec![], vec![Cut { identity: dora, last: bens }], vec![Cut { identity: dora, last: EventId([7; 32]) }]];
    for cuts in wrong {
        let (_, event) = write(&mut people[ANA], without(cuts));
        tell(&mut people, std::slice::from_ref(&event));
        assert_eq!(succession(&people[ANA], &event), SuccessionFault::Cut { member: dora });
    }
    // A cut of who stays is no configuration at all.
    let (_, event) = write(&mut people[ANA], |next| next.cuts = vec![Cut { identity: others, last: bens }]);
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[ANA].vault.void()[&event.id], Void::Configuration(ConfigurationFault::Members));

    let (cfg, events) = propose(&mut people[ANA], vec![Change::Remove(dora)]);
    tell(&mut people, &events);
    let events = vote(&mut people[BEN], cfg);
    tell(&mut people, &events);
    let configuration = &people[CLEO].vault.active().unwrap().configuration;
    assert_eq!(configuration.cuts, [Cut { identity: dora, last }]);
    assert!(configuration.former.is_empty());
    assert!(!people[CLEO].vault.others().contains(&dora));
    assert_eq!(people[CLEO].vault.owed(dora), people[CLEO].vault.log().get(last).unwrap().n + 1);
}

#[test]
fn a_keyholder_who_leaves_says_nothing_more_and_the_key_stays() {
    let (mut people, _) = active();
    let cleo = people[CLEO].id();
    let before = people[ANA].vault.active().unwrap().configuration.clone();
    let (coin, evidence) = deposit(&people[ANA].vault, 100_000);
    let (cfg, events) = propose(&mut people[ANA], vec![Change::Remove(cleo)]);
    tell(&mut people, &events);
    let events = vote(&mut people[BEN], cfg);
    // Cleo does not know it yet.
    tell(&mut people[..2], &events);
    let after = people[ANA].vault.active().unwrap().configuration.clone();
    assert_eq!((&after.descriptor, after.threshold), (&before.descriptor, before.threshold));
    assert_eq!(after.former.iter().map(|it| (it.identity, it.name.as_str())).collect::<Vec<_>>(), [(cleo, "Cleo")]);
    assert_eq!(people[ANA].vault.active().unwrap().keyholders().count(), 2);

    let (_, pay) = payment(&people[ANA].vault, coin, 100_000, 60_000, 500);
    let events = people[ANA].act(pays(pay));
    tell(&mut people[..2], &events);
    let id = events[0].id;
    let digest = people[ANA].vault.proposal(id).unwrap().checked.digest;
    // She hears of the payment in her own way, and writes past the rules.
    people[CLEO].clock_ms += 1_000;
    let said = [
        people[CLEO].write(Action::Approved(Approved { proposal: id, digest })),
        people[CLEO].write(Action::Rejected(Rejected { proposal: id })),
        people[CLEO].write(Action::ConfigurationVoted(Voted { cfg })),
    ];
    tell(&mut people[..2], &said);
    for event in &said[..2] {
        assert!(people[ANA].vault.void().contains_key(&event.id));
    }
    let events = people[ANA].act(Command::Approve { proposal: id, evidence: &evidence });
    tell(&mut people[..2], &events);
    let missing = guard::sign(&people[BEN].vault, id, &evidence).unwrap();
    let one = Unmet::ApprovalsMissing { have: 1, need: 2 };
    assert!(matches!(missing, Verdict::Blocked(unmet) if unmet == [one]), "her approval does not count");
    let events = people[BEN].act(Command::Approve { proposal: id, evidence: &evidence });
    tell(&mut people[..2], &events);
    assert!(matches!(guard::sign(&people[BEN].vault, id, &evidence).unwrap(), Verdict::Allowed(_)));

    // Two of three can lose one keyholder, not two.
    let ben = people[BEN].id();
    let fault = people[ANA].vault.decide(Command::ProposeSuccessor { changes: vec![Change::Remove(ben)] }).err();
    let expected = PolicyFault::Approvals { found: 2, most: 1 };
    assert_eq!(fault, Some(CommandFault::Configuration(expected.into())));
    let changes = vec![Change::Approvals(1), Change::Remove(ben)];
    let fault = people[ANA].vault.decide(Command::ProposeSuccessor { changes }).err();
    let expected = SuccessionFault::TooFewKeyholders { keyholders: 1, threshold: 2 };
    assert_eq!(fault, Some(CommandFault::Succession(expected)));
    // Whoever forgets the former key loses it.
    let (_, event) = write(&mut people[ANA], |next| next.former.clear());
    assert!(people[ANA].vault.void().contains_key(&event.id));
}

// ---- candidates ----

#[test]
fn an_auditor_comes_by_a_place_and_a_vote() {
    let (mut people, _) = active();
    let expires_ms = START_MS + 3_600_000;
    let place = place(Role::Auditor, expires_ms);
    let invitation = invitation(&people, &place);
    let mut eli = candidate(&people, 50, "Eli");
    let id = eli.id();
    let add = || Command::ProposeSuccessor { changes: vec![Change::Add(id)] };
    let none = Some(CommandFault::NotACandidate { member: id });
    assert_eq!(people[ANA].vault.decide(add()).err(), none, "no place, not joined");

    let joining = join(&mut eli, &invitation, None);
    tell(&mut people, std::slice::from_ref(&joining));
    assert_eq!(people[ANA].vault.decide(add()).err(), none, "no place");
    let member = conclave_domain::configuration::Member {
        identity: id,
        name: "Eli".into(),
        roles: vec![Role::Auditor],
        key: None,
    };
    let with = |member: conclave_domain::configuration::Member| {
        move |next: &mut Configuration| {
            next.members.push(member);
            next.members.sort_by_key(|member| member.identity);
        }
    };
    let (_, early) = write(&mut people[BEN], with(member.clone()));
    let events = people[ANA].act(Command::OpenPlace { place, replaces: None });
    tell(&mut people, &events);
    tell(&mut people, std::slice::from_ref(&early));
    // The place was opened after that proposal, or besides it: it does not count for it.
    assert_eq!(succession(&people[ANA], &early), SuccessionFault::NotInvited { member: id });
    let approver = conclave_domain::configuration::Member { roles: vec![Role::Approver], ..member.clone() };
    let (_, other) = write(&mut people[BEN], with(approver));
    assert_eq!(succession(&people[BEN], &other), SuccessionFault::NotInvited { member: id });

    let (cfg, events) = propose(&mut people[ANA], vec![Change::Add(id)]);
    tell(&mut people, &events);
    tell(&mut people, std::slice::from_ref(&other));
    let events = vote(&mut people[CLEO], cfg);
    tell(&mut people, &events);
    assert!(people.iter().all(|person| person.vault.others().contains(&id)));
    agree(&people);
    // The new member catches up from nothing.
    let all: Vec<Event> = people[ANA].held.values().cloned().collect();
    let mut late = vec![eli];
    tell(&mut late, &all);
    assert_eq!(living(&late[0]), cfg);
    assert_eq!(late[0].vault.my_entry().unwrap().name, "Eli");
    people.append(&mut late);
    agree(&people);
}

#[test]
fn a_place_that_has_expired_or_that_two_have_taken_brings_nobody() {
    let (mut people, _) = active();
    let place = place(Role::Auditor, people[ANA].clock_ms + 1_000);
    let invitation = invitation(&people, &place);
    let events = people[ANA].act(Command::OpenPlace { place, replaces: None });
    tell(&mut people, &events);
    let (mut late, mut eli, mut eve) =
        (candidate(&people, 50, "Late"), candidate(&people, 51, "Eli"), candidate(&people, 52, "Eve"));
    late.clock_ms += 2_000;
    let joining = [join(&mut late, &invitation, None)];
    tell(&mut people, &joining);
    let refused = |people: &[Person], member| {
        let fault = people[BEN].vault.decide(Command::ProposeSuccessor { changes: vec![Change::Add(member)] }).err();
        assert_eq!(fault, Some(CommandFault::Succession(SuccessionFault::NotInvited { member })));
    };
    refused(&people, late.id());
    let joining = [join(&mut eli, &invitation, None), join(&mut eve, &invitation, None)];
    tell(&mut people, &joining);
    refused(&people, eli.id());
    refused(&people, eve.id());
}

/// Signs with the account key of `seed` that `new` takes over from `old`.
fn proof(people: &[Person], seed: &Xpriv, old: MemberId, new: MemberId) -> IdentityReplaced {
    let account = seed.derive_priv(SECP256K1, &account_path(ScriptKind::default(), Network::Regtest)).unwrap();
    let key = account.derive_priv(SECP256K1, &IDENTITY_STEPS).unwrap().private_key;
    let signature = SECP256K1.sign_ecdsa(&identity_message(people[ANA].vault.id(), old, new), &key);
    IdentityReplaced { old, signature }
}

#[test]
fn a_lost_identity_is_replaced_by_who_holds_the_key() {
    type Proof = fn(&[Person], MemberId) -> Option<IdentityReplaced>;
    let wrong: [Proof; 4] = [
        |_, _| None,
        |people, new| Some(proof(people, &people[CLEO].seed, people[BEN].id(), new)),
        |people, _| Some(proof(people, &people[BEN].seed, people[BEN].id(), people[CLEO].id())),
        |people, new| Some(proof(people, &people[BEN].seed, people[CLEO].id(), new)),
    ];
    let right: fn(&[Person], MemberId) -> Option<IdentityReplaced> =
        |people, new| Some(proof(people, &people[BEN].seed, people[BEN].id(), new));
    for (prove, accepted) in wrong.into_iter().map(|wrong| (wrong, false)).chain([(right, true)]) {
        let (mut people, _) = active();
        let ben = people[BEN].id();
        let before = people[ANA].vault.active().unwrap().configuration.clone();
        let place = place(Role::Keyholder, u64::MAX);
        let invitation = invitation(&people, &place);
        let nobody = people[ANA].vault.decide(Command::OpenPlace { place: place.clone(), replaces: None }).err();
        assert_eq!(nobody, Some(CommandFault::PlaceRole));
        let events = people[ANA].act(Command::OpenPlace { place, replaces: Some(ben) });
        tell(&mut people, &events);
        let mut again = candidate(&people, 50, "Ben again");
        again.seed = people[BEN].seed;
        let new = again.id();
        let key = again.key();
        let mut said = vec![join(&mut again, &invitation, Some(key))];
        if let Some(it) = prove(&people, new) {
            said.extend(again.act(Command::ProveIdentity { old: it.old, signature: it.signature }));
        }
        tell(&mut people, &said);
        let replace = Command::ProposeSuccessor { changes: vec![Change::Replace { old: ben, new }] };
        if !accepted {
            let fault = people[ANA].vault.decide(replace).err();
            assert_eq!(fault, Some(CommandFault::Succession(SuccessionFault::KeyUnproven { member: new })));
            continue;
        }
        let (cfg, events) = propose(&mut people[ANA], vec![Change::Replace { old: ben, new }]);
        tell(&mut people, &events);
        let events = vote(&mut people[CLEO], cfg);
        tell(&mut people, &events);
        let after = people[CLEO].vault.active().unwrap();
        assert_eq!(after.configuration.descriptor, before.descriptor);
        assert!(after.configuration.former.is_empty(), "the key has a member");
        assert!(after.member(ben).is_none() && after.member(new).unwrap().is(Role::Keyholder));
        agree(&people);
    }
}

// ---- two accepted at once ----

/// Ben votes for two configurations of one round: Ana hears of one, Cleo of the other, and then everybody of everything.
fn doubled() -> (Vec<Person>, Vec<Event>) {
    let (mut people, mut said) = active();
    let (one, events) = propose(&mut people[ANA], approvals(1));
    let (two, more) = propose(&mut people[CLEO], approvals(3));
    let (ana, cleo) = (events.clone(), more.clone());
    said.extend(events.into_iter().chain(more));
    let mut double = people[BEN].vault.clone();
    ana.iter().chain(&cleo).for_each(|event| drop(double.receive(event.clone()).unwrap()));
    tell(&mut people[BEN..=BEN], &[ana.clone(), cleo.clone()].concat());
    let first = people[BEN].write(Action::ConfigurationVoted(Voted { cfg: one }));
    let draft = double.draft(Action::ConfigurationVoted(Voted { cfg: two }), people[BEN].clock_ms + 1);
    let second = Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&people[BEN].keys).unwrap()).unwrap();
    // Ana acts under one, Cleo under the other, before they hear of it.
    tell(&mut people[ANA..=ANA], &[cleo, vec![first.clone()]].concat());
    tell(&mut people[CLEO..=CLEO], &[ana, vec![second.clone()]].concat());
    assert_eq!((living(&people[ANA]), living(&people[CLEO])), (one, two));
    let acts = [people[ANA].act(Command::IssueAddress), people[CLEO].act(Command::IssueAddress)].concat();
    said.extend([vec![first, second], acts].concat());
    tell(&mut people, &said);
    (people, said)
}

#[test]
fn a_double_vote_stops_the_vault_for_all() {
    let (people, _) = doubled();
    agree(&people);
    for person in &people {
        assert_eq!(person.vault.doubled_configurations().len(), 2, "{}", person.name);
        assert_eq!(person.vault.active().unwrap().configuration.policy.approvals, 2, "as before both");
    }
    for command in [Command::IssueAddress, Command::OpenPlace { place: place(Role::Auditor, 1), replaces: None }] {
        let verdict = people[ANA].vault.decide(command).unwrap();
        assert!(matches!(verdict, Verdict::Blocked(unmet) if unmet == [Unmet::ConfigurationsDoubled]));
    }
}

#[test]
fn while_it_is_not_settled_the_guard_permits_nothing() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[ANA].vault, 100_000);
    let (_, pay) = payment(&people[ANA].vault, coin, 100_000, 60_000, 500);
    let events = people[ANA].act(pays(pay));
    tell(&mut people, &events);
    let id = events[0].id;
    let (one, more) = propose(&mut people[ANA], approvals(1));
    let (two, other) = propose(&mut people[CLEO], approvals(3));
    let mut double = people[BEN].vault.clone();
    more.iter().chain(&other).for_each(|event| drop(double.receive(event.clone()).unwrap()));
    tell(&mut people, &[more, other].concat());
    let first = people[BEN].write(Action::ConfigurationVoted(Voted { cfg: one }));
    let draft = double.draft(Action::ConfigurationVoted(Voted { cfg: two }), people[BEN].clock_ms + 1);
    let second = Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&people[BEN].keys).unwrap()).unwrap();
    tell(&mut people, &[first, second]);
    for who in [ANA, CLEO] {
        let Verdict::Blocked(unmet) = guard::approve(&people[who].vault, id, &evidence).unwrap() else { panic!() };
        assert_eq!(unmet, [Unmet::ConfigurationsDoubled]);
    }
    // Neither of the two can be put up again to win, and no old round.
    let json = people[ANA].vault.configuration(two).unwrap().configuration.to_json();
    let again = people[ANA].write(Action::ConfigurationProposed(ConfigurationProposed { configuration: json }));
    tell(&mut people, std::slice::from_ref(&again));
    assert_eq!(succession(&people[ANA], &again), SuccessionFault::Round { found: 0, least: 1, most: 1 });
    // Nobody has acted under either, and still it can be settled.
    let (cfg, events) = propose(&mut people[ANA], approvals(1));
    tell(&mut people, &events);
    let events = vote(&mut people[CLEO], cfg);
    tell(&mut people, &events);
    assert!([ANA, CLEO, DORA].iter().all(|who| living(&people[*who]) == cfg));
    assert!(people[ANA].vault.doubled_configurations().is_empty());
}

/// The same, settled by Ana and Cleo.
#[test]
fn a_freeze_while_two_are_accepted_outlasts_their_settlement() {
    let (mut people, _) = doubled();
    let stands = |person: &Person| person.vault.freezes().iter().filter(|freeze| freeze.stands()).count();
    let freeze = |people: &mut [Person], who: usize| {
        let events = people[who].act(Command::Freeze { reason: "who was that".into() });
        tell(people, &events);
    };
    let release = |people: &mut [Person], who: usize| {
        let events = people[who].act(Command::ReleaseFreezes { freezes: vec![] });
        tell(people, &events);
    };
    freeze(&mut people, CLEO);
    assert!(people.iter().all(|person| stands(person) == 1 && person.vault.void().is_empty()));
    // The keyholders of before both can release it as well.
    release(&mut people, CLEO);
    release(&mut people, ANA);
    assert!(people.iter().all(|person| stands(person) == 0));
    freeze(&mut people, ANA);
    release(&mut people, ANA);
    let (cfg, events) = propose(&mut people[CLEO], vec![]);
    tell(&mut people, &events);
    let events = vote(&mut people[ANA], cfg);
    tell(&mut people, &events);
    assert!(people.iter().all(|person| living(person) == cfg && stands(person) == 1));
    // Ana's vote was for the rules of before.
    release(&mut people, CLEO);
    assert!(people.iter().all(|person| stands(person) == 1));
    release(&mut people, ANA);
    assert!(people.iter().all(|person| stands(person) == 0));
}

fn settled() -> (Vec<Person>, Vec<Event>) {
    let (mut people, mut said) = doubled();
    let (cfg, events) = propose(&mut people[CLEO], vec![]);
    tell(&mut people, &events);
    said.extend(events);
    // Ben's vote does not count for it.
    let event = people[BEN].write(Action::ConfigurationVoted(Voted { cfg }));
    tell(&mut people, std::slice::from_ref(&event));
    said.push(event);
    assert!(people.iter().all(|person| person.vault.doubled_configurations().len() == 2));
    let events = vote(&mut people[ANA], cfg);
    tell(&mut people, &events);
    said.extend(events);
    (people, said)
}

#[test]
fn a_third_of_a_later_round_settles_it_without_who_voted_twice() {
    let (mut people, _) = settled();
    agree(&people);
    let cfg = living(&people[ANA]);
    for person in &people {
        assert!(person.vault.doubled_configurations().is_empty());
        let active = person.vault.active().unwrap();
        assert_eq!((active.cfg, active.configuration.round, active.configuration.policy.approvals), (cfg, 1, 2));
    }
    // Life goes on, and Ben is thrown out.
    let events = people[ANA].act(Command::IssueAddress);
    tell(&mut people, &events);
    let ben = people[BEN].id();
    let (cfg, events) = propose(&mut people[ANA], vec![Change::Remove(ben)]);
    tell(&mut people, &events);
    let events = vote(&mut people[CLEO], cfg);
    tell(&mut people, &events);
    assert!(people[DORA].vault.active().unwrap().member(ben).is_none());
    agree(&people);
}

#[test]
fn who_acted_before_a_release_was_known_keeps_what_was_accepted() {
    for acted in [true, false] {
        let (mut people, _) = active();
        let before = living(&people[ANA]);
        let (cfg, events) = propose(&mut people[ANA], approvals(1));
        tell(&mut people, &events);
        // Ana takes her vote back before she hears of Ben's; Cleo hears of both votes first.
        let released = people[ANA].act(Command::ReleaseVote { cfg });
        let voted = vote(&mut people[BEN], cfg);
        tell(&mut people[CLEO..=CLEO], &voted);
        assert_eq!(living(&people[CLEO]), cfg);
        let acts = if acted { people[CLEO].act(Command::IssueAddress) } else { Vec::new() };
        tell(&mut people, &[released, voted, acts].concat());
        agree(&people);
        for person in &people {
            assert_eq!(living(person) == cfg, acted, "{}", person.name);
            assert_eq!(living(person) == before, !acted);
        }
        // And everybody goes on from there.
        let events = people[BEN].act(Command::IssueAddress);
        tell(&mut people, &events);
        assert!(people[ANA].vault.void().is_empty());
    }
}
