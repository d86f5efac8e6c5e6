//! Whole vaults in one process: every member an installation of its own, between them a relay that nobody can rely on,
//! and a clock that the test turns. Messages touch no network; the chain is asked over the real Electrum adapter.
//!
//! The seeds fix the weather and the power cuts. Keys and identities are random in every run, as in life.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::OutPoint;
use bitcoin::secp256k1::SecretKey;
use conclave::failure::InstallationError;
use conclave::open_vault::sign;
use conclave_domain::action::{Action, Approved, Joined, Ratified, Rejected};
use conclave_domain::envelope::{PAYLOAD_LIMIT, Payload, pack};
use conclave_domain::event::{Draft, Event};
use conclave_domain::hash::tagged;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::vault::{Command, CommandFault};
use conclave_shared::request::{FailureKind, OnProposal, OnVault, Propose, Ratify, Reply, Request};
use conclave_shared::view::VaultView;
use conclave_shared::{
    EventId, MemberId, ProposalStatus, Recovery, Role, Sat, ScriptKind, Unmet, VaultId, VaultStatus,
};
use network::Weather;
use party::{Homes, INVITATION_SECONDS, Party, START_MS, payment};
use proptest::prelude::*;

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;

/// What is deposited, in sat.
const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 12_500_000;

fn reached(status: ProposalStatus, on: OnProposal) -> impl Fn(&VaultView) -> bool {
    move |view| payment(view, on.proposal).is_some_and(|payment| payment.status == status)
}

/// From a proposal to a block: `hands` consent and sign.
fn pay(party: &mut Party, by: usize, hands: &[usize]) -> OnProposal {
    let on = party.propose(by, PAYMENT);
    consent_and_sign(party, on, hands);
    confirm(party, on);
    on
}

fn consent_and_sign(party: &mut Party, on: OnProposal, hands: &[usize]) {
    for who in hands {
        party.done(*who, Request::Approve(on));
    }
    party.until("the payment is approved", reached(ProposalStatus::Approved, on));
    for who in hands {
        party.done(*who, Request::Sign(on));
    }
    party.until("the payment is sent", reached(ProposalStatus::Broadcast, on));
}

fn confirm(party: &mut Party, on: OnProposal) {
    party.mine();
    party.until("the payment is confirmed", reached(ProposalStatus::Confirmed, on));
}

/// All hold the same events and fold them alike, and the coin was spent by the payment and by nothing else.
fn ends_well(party: &mut Party, on: OnProposal, coin: OutPoint) {
    party.cuts_left = 0;
    party.settle();
    let members = party.members.len();
    let records: BTreeSet<BTreeSet<String>> = (0..members).map(|who| party.record(who)).collect();
    assert_eq!(records.len(), 1, "all hold the same events");
    let views: Vec<VaultView> = (0..members).map(|who| party.view(who)).collect();
    for view in &views {
        assert_eq!((view.unacknowledged, view.waiting, view.void), (0, 0, 0));
        assert_eq!(view.balance.confirmed.0, DEPOSIT - PAYMENT - view.proposals[0].fee.0);
        assert!(reached(ProposalStatus::Confirmed, on)(view));
    }
    let txid = payment(&views[0], on.proposal).unwrap().txid.clone();
    let spenders: Vec<String> = party.spenders(coin).iter().map(ToString::to_string).collect();
    assert_eq!(spenders, [txid], "exactly one transaction spends the coin");
    assert!(party.refusals.is_empty());
    // Everybody put the block on record, the auditor too.
    let confirmed = records.first().unwrap().iter().filter(|line| line.contains(r#"\"type\":\"confirmed\""#)).count();
    assert_eq!(confirmed, members);
}

fn two_of_three_in_foul_weather(seed: u64) {
    let mut party = Party::new(4, Homes::Memory, seed, Weather::FOUL);
    party.found(2, 3);
    let coin = party.deposit(BEN, DEPOSIT);
    let on = pay(&mut party, ANA, &[ANA, CLEO]);
    ends_well(&mut party, on, coin);
    let network = &party.network;
    assert!(network.lost > 20 && network.doubled > 20 && network.overtaken > 20, "the weather was not foul");
}

#[test]
fn two_of_three_pay_in_foul_weather() {
    for seed in 1..=2 {
        two_of_three_in_foul_weather(seed);
    }
}

/// A vault of another kind of script lives as the usual one does, from the invitation to the block.
fn pays_with(script: ScriptKind, recovery: Option<Recovery>) {
    let mut party = Party::new(4, Homes::Folders, 11, Weather::FOUL);
    (party.script, party.recovery) = (Some(script), recovery);
    party.cuts_left = 2;
    party.found(2, 3);
    let coin = party.deposit(BEN, DEPOSIT);
    let view = party.view(DORA);
    assert_eq!(view.script, script);
    let on = pay(&mut party, ANA, &[ANA, CLEO]);
    ends_well(&mut party, on, coin);
}

#[test]
fn a_nested_vault_pays() {
    pays_with(ScriptKind::NestedSortedmulti, None);
}

#[test]
fn a_vault_without_segwit_pays() {
    pays_with(ScriptKind::LegacySortedmulti, None);
}

#[test]
fn a_taproot_vault_pays() {
    pays_with(ScriptKind::TaprootMulti, None);
}

/// Two of three keyholders are lost. The third waits until the coins have lain their time and brings them elsewhere.
fn the_last_one_recovers(script: ScriptKind) {
    let mut party = Party::new(4, Homes::Folders, 12, Weather::FOUL);
    let after_blocks = 12;
    (party.script, party.recovery) = (Some(script), Some(Recovery { after_blocks, threshold: 1, keys: Vec::new() }));
    party.found(2, 3);
    let coin = party.deposit(BEN, DEPOSIT);
    for who in [ANA, BEN] {
        party.leave(who);
    }
    let asked = Propose { recovery: true, ..party.proposing(PAYMENT) };
    let early = party.failed(CLEO, Request::Propose(asked.clone()));
    assert!(matches!(early.unmet[..], [Unmet::FundsMissing { .. }]), "the coins have not lain long enough: {early:?}");
    // The deposit is in a block already, and BIP68 counts the block that will hold the payment.
    for _ in 0..after_blocks - 1 {
        party.mine();
    }
    party.pass(30_000);
    let Reply::Proposal(view) = party.done(CLEO, Request::Propose(asked)) else { panic!("no proposal") };
    assert!(view.recovery);
    let on = OnProposal { vault: party.vault(), proposal: view.proposal };
    party.done(CLEO, Request::Approve(on));
    party.done(CLEO, Request::Sign(on));
    party.until("the recovery is sent", reached(ProposalStatus::Broadcast, on));
    confirm(&mut party, on);
    for who in [ANA, BEN] {
        party.come_back(who);
    }
    ends_well(&mut party, on, coin);
}

#[test]
fn one_keyholder_recovers_alone() {
    the_last_one_recovers(ScriptKind::P2wshMulti);
}

#[test]
fn one_keyholder_recovers_alone_from_taproot() {
    the_last_one_recovers(ScriptKind::TaprootMulti);
}

fn power_cuts_and_a_split(seed: u64) {
    let mut party = Party::new(4, Homes::Folders, seed, Weather::FOUL);
    party.cuts_left = 6;
    party.found(2, 3);
    let coin = party.deposit(BEN, DEPOSIT);
    let on = party.propose(ANA, PAYMENT);
    // Ana and Dora are cut off from Ben and Cleo while the consents are given.
    let island = BTreeSet::from([party.id(ANA), party.id(DORA)]);
    party.network.part(island);
    for who in [ANA, BEN] {
        party.done(who, Request::Approve(on));
    }
    party.pass(40_000);
    party.network.part(BTreeSet::new());
    party.until("the payment is approved", reached(ProposalStatus::Approved, on));
    for who in [BEN, ANA] {
        party.done(who, Request::Sign(on));
    }
    party.until("the payment is sent", reached(ProposalStatus::Broadcast, on));
    confirm(&mut party, on);
    ends_well(&mut party, on, coin);
    assert!(party.cuts > 0, "no power failed");
}

#[test]
fn power_cuts_and_a_split_lose_and_double_nothing() {
    for seed in 11..=12 {
        power_cuts_and_a_split(seed);
    }
}

#[test]
fn three_of_five_pay_in_foul_weather() {
    for seed in 21..=22 {
        let mut party = Party::new(5, Homes::Memory, seed, Weather::FOUL);
        party.found(3, 5);
        let coin = party.deposit(CLEO, DEPOSIT);
        let on = party.propose(BEN, PAYMENT);
        for who in [ANA, CLEO] {
            party.done(who, Request::Approve(on));
        }
        party.pass(20_000);
        let early = party.failed(ANA, Request::Sign(on));
        assert_eq!(early.unmet, [Unmet::ApprovalsMissing { have: 2, need: 3 }]);
        consent_and_sign(&mut party, on, &[CLEO, DORA, 4]);
        confirm(&mut party, on);
        ends_well(&mut party, on, coin);
    }
}

#[test]
fn who_was_away_from_proposal_to_block_catches_up() {
    for seed in 31..=32 {
        let mut party = Party::new(2, Homes::Memory, seed, Weather::FOUL);
        party.admit("Cleo", Homes::Folders);
        party.admit("Dora", Homes::Memory);
        party.found(2, 3);
        let coin = party.deposit(ANA, DEPOSIT);
        party.settle();
        party.leave(CLEO);
        let on = pay(&mut party, BEN, &[ANA, BEN]);
        // Long enough that the others' pauses have grown to their longest.
        party.pass(150_000);
        let ana = party.view(ANA);
        assert_eq!(ana.unacknowledged, 1, "Cleo has not said that she holds it");
        party.come_back(CLEO);
        assert!(payment(&party.view(CLEO), on.proposal).is_none(), "she missed it all");
        let back_ms = party.now_ms;
        ends_well(&mut party, on, coin);
        assert!(party.now_ms - back_ms < 180_000, "it took {} ms", party.now_ms - back_ms);
    }
}

// ---- bad guests ----

/// A vault of Ana, Ben and Cleo with Dora as auditor, in fair weather; Ana's installation is in a folder.
fn fair() -> Party {
    let mut party = Party::new(0, Homes::Memory, 5, Weather::FAIR);
    party.admit("Ana", Homes::Folders);
    for name in ["Ben", "Cleo", "Dora"] {
        party.admit(name, Homes::Memory);
    }
    party.found(2, 3);
    party
}

fn stranger() -> nostr::Keys {
    nostr::Keys::new(nostr::SecretKey::from_slice(&[77; 32]).unwrap())
}

/// Hands Ana a message as the transport would.
fn hand(party: &mut Party, from: MemberId, content: &str) {
    let (vault, now_ms) = (party.vault(), party.now_ms);
    party.installation(ANA).receive(vault, from, content, now_ms).unwrap();
}

/// Hands Ana events that nobody's rules have judged.
fn hand_events(party: &mut Party, from: MemberId, events: Vec<serde_json::Value>) {
    let vault = party.vault();
    for content in pack(&Payload::Events { vault, events }).unwrap() {
        hand(party, from, &content);
    }
}

fn value(event: &Event) -> serde_json::Value {
    serde_json::from_str(&event.to_json()).unwrap()
}

/// What somebody with these keys writes as their first event.
fn first_event(party: &Party, keys: &nostr::Keys, action: Action) -> Event {
    let author = MemberId(keys.public_key().to_bytes());
    let (vault, ms) = (party.vault(), party.now_ms);
    let draft = Draft { vault, author, n: 0, prev: None, seen: Vec::new(), cfg: None, ms, action };
    Event::from_signed(draft.unsigned().unwrap().sign_with_keys(keys).unwrap()).unwrap()
}

/// A member writes past the rules of their own program.
fn write(party: &mut Party, who: usize, action: Action) -> Event {
    let (vault, now_ms) = (party.vault(), party.now_ms);
    let open = party.installation(who).vault(vault).unwrap();
    sign(&open.vault, open.keys(), action, now_ms).unwrap()
}

/// Deflated blanks: some 13 kB that would become 2 MiB. One literal, then matches of 258 bytes at distance 1, in
/// deflate's fixed code.
fn bomb() -> String {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u32, length: u32| bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    code(0b0101_0000, 8);
    for _ in 0..2 * PAYLOAD_LIMIT / 258 {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let byte = |bits: &[bool]| bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
    let name: String = hex::encode(&tagged("conclave/payload", &bytes)[..16]);
    let data = base64(&bytes);
    format!(r#"{{"conclave":1,"pack":"deflate","payload":"{name}","part":0,"parts":1,"data":"{data}"}}"#)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |number, place| number << 8 | usize::from(*three.get(place).unwrap_or(&0)));
        let digit = |place: usize| DIGITS[number >> (18 - 6 * place) & 63] as char;
        text.extend((0..4).map(|place| if place <= three.len() { digit(place) } else { '=' }));
    }
    text
}

#[test]
fn what_strangers_send_is_refused_with_a_reason() {
    let mut party = fair();
    party.settle();
    let before = party.view(ANA);
    let keys = stranger();
    let eve = MemberId(keys.public_key().to_bytes());
    let ben = party.id(BEN);

    let mut expected: Vec<&str> = Vec::new();
    let mut refused = |expect: &'static str| expected.push(expect);
    // Without an invitation: joining plainly, joining by a place that nobody made, and acting without joining.
    let joining = |proof| Action::Joined(Joined { name: "Eve".to_owned(), proof, key: None });
    let plain = first_event(&party, &keys, joining(None));
    let secret = SecretKey::from_slice(&[3; 32]).unwrap();
    let place = Place { key: Invitation::place_key(&secret), role: Role::Auditor, expires_ms: u64::MAX, title: None };
    let created = party.installation(ANA).vaults().next().unwrap().vault.created();
    let own = Invitation::new(party.vault(), created, before.me, &place, Vec::new(), secret);
    let invented = first_event(&party, &keys, joining(Some(own.prove(eve))));
    let cfg = before.cfg.unwrap();
    let ratifying = first_event(&party, &keys, Action::Ratified(Ratified { cfg }));
    for event in [&plain, &invented, &ratifying] {
        hand_events(&mut party, eve, vec![value(event)]);
        refused("the sender is not a member and holds no invitation");
    }
    // Garbage, from a stranger and from a member.
    for garbage in ["", "hello", "{}", "[]", "\u{0}", "{\"conclave\":1}"] {
        hand(&mut party, eve, garbage);
        hand(&mut party, ben, garbage);
        refused("the message is malformed: ");
        refused("the message is malformed: ");
    }
    let elsewhere = Payload::Want { vault: VaultId([9; 32]), events: Vec::new() };
    hand(&mut party, ben, &pack(&elsewhere).unwrap()[0]);
    refused("the message is of vault 0909");
    // Ben's own event with another's signature, and with another content.
    let honest = write(&mut party, BEN, Action::Ratified(Ratified { cfg }));
    let mut forged = value(&honest);
    forged["sig"] = value(&plain)["sig"].clone();
    let mut altered = value(&honest);
    altered["content"] = value(&plain)["content"].clone();
    for event in [forged, altered] {
        hand_events(&mut party, ben, vec![event]);
        refused("the id or signature is not valid: ");
    }
    // An event of another vault, in an envelope of this one.
    let mut foreign = Draft {
        vault: VaultId([9; 32]),
        author: eve,
        n: 0,
        prev: None,
        seen: Vec::new(),
        cfg: None,
        ms: 1,
        action: joining(None),
    };
    foreign.author = ben;
    let vault = party.vault();
    let ben_keys = party.installation(BEN).vault(vault).unwrap().keys().clone();
    let foreign = Event::from_signed(foreign.unsigned().unwrap().sign_with_keys(&ben_keys).unwrap()).unwrap();
    hand_events(&mut party, ben, vec![value(&foreign)]);
    refused("the event is of vault 0909");
    // Too much, plainly and packed.
    hand(&mut party, ben, &" ".repeat(PAYLOAD_LIMIT));
    refused("the message has 1048576 bytes, at most ");
    let bomb = bomb();
    assert!(bomb.len() < 28_000, "it looks harmless");
    hand(&mut party, ben, &bomb);
    refused("the payload is larger than 1048576 bytes");

    let after = party.view(ANA);
    assert_eq!(after.refused, before.refused + expected.len() as u64);
    assert_eq!((after.events, after.waiting, after.void), (before.events, before.waiting, before.void));
    assert_eq!(after.state_digest, before.state_digest, "nothing of it changed the state");
    let kept = party.store_of(ANA).refused(vault).unwrap();
    let kept = &kept[before.refused as usize..];
    assert_eq!(kept.len(), expected.len());
    for (kept, expected) in kept.iter().zip(&expected) {
        assert!(kept.reason.starts_with(expected), "{:?} is not {expected:?}", kept.reason);
        assert!(kept.from == Some(eve) || kept.from == Some(ben));
    }
}

#[test]
fn a_member_who_writes_past_the_rules_gains_nothing() {
    let mut party = fair();
    party.deposit(BEN, DEPOSIT);
    let on = party.propose(ANA, PAYMENT);
    party.settle();
    let before = party.view(ANA);
    let digest = payment(&before, on.proposal).unwrap().digest;
    // The auditor consents, refuses and ratifies; Ben consents to another digest than the proposal's.
    let dora = [
        Action::Approved(Approved { proposal: on.proposal, digest }),
        Action::Rejected(Rejected { proposal: on.proposal }),
        Action::Ratified(Ratified { cfg: before.cfg.unwrap() }),
    ];
    for action in dora {
        let event = write(&mut party, DORA, action);
        for who in 0..4 {
            receive(&mut party, who, DORA, &event);
        }
    }
    let other = Action::Approved(Approved { proposal: on.proposal, digest: conclave_shared::Digest([1; 32]) });
    let event = write(&mut party, BEN, other);
    for who in 0..4 {
        receive(&mut party, who, BEN, &event);
    }
    party.settle();
    let after = party.view(ANA);
    assert_eq!((after.events, after.void), (before.events + 4, before.void + 4), "kept, without effect");
    let payment = payment(&after, on.proposal).unwrap();
    assert_eq!((payment.approved_by.len(), payment.status), (0, ProposalStatus::Proposed));
    assert_eq!(payment.unmet, self::payment(&before, on.proposal).unwrap().unmet);
    let early = party.failed(ANA, Request::Sign(on));
    assert_eq!(early.unmet, [Unmet::ApprovalsMissing { have: 0, need: 2 }]);
}

/// Somebody receives an event from its author, and the author from another, as one whose program has forgotten it.
fn receive(party: &mut Party, who: usize, from: usize, event: &Event) {
    let from = if who == from { (who + 1) % 4 } else { from };
    let (vault, from, now_ms) = (party.vault(), party.id(from), party.now_ms);
    let contents = pack(&Payload::Events { vault, events: vec![value(event)] }).unwrap();
    for content in contents {
        party.installation(who).receive(vault, from, &content, now_ms).unwrap();
    }
}

#[test]
fn a_joiner_may_bring_more_than_the_joining() {
    let mut party = Party::new(2, Homes::Memory, 10, Weather::FAIR);
    let invitation = party.create(2, 2, 0).remove(0);
    party.join(BEN, &invitation);
    let (vault, ben) = (party.vault(), party.id(BEN));
    let Reply::Record { lines } = party.done(BEN, Request::ExportRecord(OnVault { vault })) else { panic!() };
    let joined = Event::parse(&lines[0]).unwrap();
    // Without effect, but an event: what counts here is that it is taken with the joining that it follows.
    let next = write(&mut party, BEN, Action::Rejected(Rejected { proposal: EventId([1; 32]) }));
    let before = party.view(ANA);
    hand_events(&mut party, ben, vec![value(&joined), value(&next)]);
    let after = party.view(ANA);
    assert_eq!((after.events, after.void, after.refused), (before.events + 2, 1, 0));
}

fn place_doubled(party: &mut Party, who: usize, words: &str) -> Vec<MemberId> {
    let (vault, now_ms) = (party.vault(), party.now_ms);
    match party.installation(who).command(vault, Command::Ratify { words }, now_ms) {
        Err(InstallationError::Command(CommandFault::PlaceDoubled { members })) => members,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_ratifies_where_an_invitation_was_used_twice() {
    // Once the second guest comes after the configuration was put up, once before.
    for late in [true, false] {
        let mut party = Party::new(4, Homes::Memory, 6, Weather::FAIR);
        let invitations = party.create(2, 3, 1);
        party.join(BEN, &invitations[0]);
        party.join(CLEO, &invitations[1]);
        if late {
            party.join(DORA, &invitations[2]);
            party.until("a configuration is there", |view| view.status == VaultStatus::Ratifying);
        }
        let eve = party.admit("Eve", Homes::Memory);
        party.join(eve, &invitations[0]);
        if !late {
            // Dora has not come yet: four have joined, and there are four places.
            party.pass(60_000);
        } else {
            party.until("all know Eve", |view| view.members.len() == 5);
        }
        let doubled = BTreeSet::from([party.id(BEN), party.id(eve)]);
        for who in [ANA, BEN, CLEO] {
            let words = if late {
                let vault = party.vault();
                party.words(who, Request::RosterWords(OnVault { vault }))
            } else {
                String::new()
            };
            let named: BTreeSet<MemberId> = place_doubled(&mut party, who, &words).into_iter().collect();
            assert_eq!(named, doubled, "both are named");
        }
        party.pass(30_000);
        for who in [ANA, BEN, CLEO] {
            let view = party.view(who);
            assert_ne!(view.status, VaultStatus::Active);
            assert!(view.members.iter().all(|member| !member.ratified));
        }
    }
}

#[test]
fn invitations_that_cannot_be_used_are_refused_by_name() {
    let mut party = Party::new(2, Homes::Memory, 7, Weather::FAIR);
    let invitation = party.create(2, 2, 0).remove(0);
    let last = invitation.len() - 1;
    let swapped: String = invitation.chars().map(|c| if c == 'x' { 'y' } else { c }).collect();
    for (text, reason) in [
        ("hello", "this is not an invitation"),
        (&invitation[..last], "the invitation was not copied whole"),
        (&swapped, "the invitation was not copied whole"),
    ] {
        let request = party.joining(BEN, text);
        let failure = party.failed(BEN, request);
        assert_eq!(failure.kind, FailureKind::Input);
        assert!(failure.message.starts_with(reason), "{}", failure.message);
    }
    party.now_ms = START_MS + INVITATION_SECONDS * 1000 + 5_000;
    let request = party.joining(BEN, &invitation);
    let failure = party.failed(BEN, request.clone());
    assert_eq!(failure.kind, FailureKind::Input);
    assert!(failure.message.starts_with("the invitation expired 5 s ago"), "{}", failure.message);
    party.now_ms = START_MS;
    party.join(BEN, &invitation);
    let failure = party.failed(BEN, request);
    assert_eq!(failure.kind, FailureKind::Rule);
    assert!(failure.message.contains("is a member of vault"), "{}", failure.message);
}

#[test]
fn who_holds_an_expired_invitation_is_not_let_in_by_the_others() {
    // Ben's clock is wrong, or his program is: he joins after the time that the organiser set.
    let mut party = Party::new(2, Homes::Memory, 8, Weather::FAIR);
    let invitation = party.create(2, 2, 0).remove(0);
    let early = party.joining(BEN, &invitation);
    let vault = party.vault();
    party.done(BEN, early);
    party.members.swap_remove(BEN);
    let parsed = Invitation::parse(&invitation, party.now_ms).unwrap();
    let keys = stranger();
    let eve = MemberId(keys.public_key().to_bytes());
    party.now_ms = START_MS + INVITATION_SECONDS * 1000 + 1;
    let joined = Joined { name: "Eve".to_owned(), proof: Some(parsed.prove(eve)), key: None };
    let event = first_event(&party, &keys, Action::Joined(joined));
    hand_events(&mut party, eve, vec![value(&event)]);
    let open = party.installation(ANA).vault(vault).unwrap();
    assert!(!open.vault.joiners().contains_key(&eve));
    assert!(open.vault.log().get(event.id).is_none(), "it does not even enter the record");
    assert_eq!(open.refused, 1);
}

#[test]
fn other_words_ratify_nothing() {
    let mut party = Party::new(4, Homes::Memory, 9, Weather::FAIR);
    let invitations = party.create(2, 3, 1);
    for (who, invitation) in (1..).zip(&invitations) {
        party.join(who, invitation);
    }
    party.until("a configuration is there", |view| view.members.len() == 4 && view.status == VaultStatus::Ratifying);
    let vault = party.vault();
    let words = party.words(BEN, Request::RosterWords(OnVault { vault }));
    let mut other: Vec<&str> = words.split(' ').collect();
    assert_eq!(other.len(), 12);
    other[11] = if other[11] == "abandon" { "zoo" } else { "abandon" };
    for words in [other.join(" "), String::new(), words[..words.len() - 1].to_owned()] {
        let failure = party.failed(ANA, Request::Ratify(Ratify { vault, words }));
        assert_eq!(failure.kind, FailureKind::Rule);
        assert!(failure.message.starts_with("the words heard differ"), "{}", failure.message);
    }
    // The auditor has no key to ratify.
    let failure = party.failed(DORA, Request::Ratify(Ratify { vault, words }));
    assert_eq!(failure.unmet, [Unmet::RoleMissing { needs: Role::Keyholder }]);
    party.settle();
    assert!(party.view(BEN).members.iter().all(|member| !member.ratified));
}

#[test]
fn a_payment_that_cannot_be_is_refused_by_its_field() {
    let mut party = fair();
    party.deposit(BEN, DEPOSIT);
    party.settle();
    let before = party.view(ANA);
    let propose = party.proposing(PAYMENT);
    let with = |change: &dyn Fn(&mut Propose)| {
        let mut propose = propose.clone();
        change(&mut propose);
        Request::Propose(propose)
    };
    let wrong: [(&str, Request); 12] = [
        ("recipients", with(&|it| it.recipients.clear())),
        ("recipients", with(&|it| it.recipients = vec![it.recipients[0].clone(); 101])),
        ("fee_rate", with(&|it| it.fee_rate = 0)),
        ("fee_rate", with(&|it| it.fee_rate = 10_001)),
        ("fee_rate", with(&|it| it.fee_rate = u64::MAX)),
        ("address", with(&|it| it.recipients[0].address = "hello".to_owned())),
        // BIP173's own example of mainnet, and of testnet.
        ("address", with(&|it| it.recipients[0].address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned())),
        ("address", with(&|it| it.recipients[0].address = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx".to_owned())),
        ("amount", with(&|it| it.recipients[0].amount = Sat(0))),
        ("amount", with(&|it| it.recipients[0].amount = Sat(1))),
        ("amount", with(&|it| it.recipients[0].amount = Sat(2_100_000_000_000_001))),
        ("amount", with(&|it| it.recipients = vec![it.recipients[0].clone(), party::recipient(u64::MAX)])),
    ];
    for (field, request) in wrong {
        let failure = party.failed(ANA, request.clone());
        assert_eq!(failure.kind, FailureKind::Input, "{request:?}: {}", failure.message);
        assert!(failure.message.starts_with(&format!("field {field}: ")), "{request:?}: {}", failure.message);
    }
    let failure = party.failed(ANA, with(&|it| it.recipients[0].amount = Sat(DEPOSIT)));
    assert_eq!(failure.kind, FailureKind::Rule);
    let [Unmet::FundsMissing { need, have }] = failure.unmet[..] else { panic!("{failure:?}") };
    assert!(need > have && have == Sat(DEPOSIT), "{need} {have}");
    let failure = party.failed(DORA, Request::Propose(propose));
    assert_eq!(failure.unmet, [Unmet::RoleMissing { needs: Role::Approver }]);
    assert_eq!(party.view(ANA).state_digest, before.state_digest);
}

#[test]
fn consent_given_twice_counts_once() {
    let mut party = fair();
    party.deposit(BEN, DEPOSIT);
    let on = party.propose(ANA, PAYMENT);
    party.done(ANA, Request::Approve(on));
    let once = party.view(ANA);
    party.done(ANA, Request::Approve(on));
    let twice = party.view(ANA);
    assert_eq!(once.state_digest, twice.state_digest);
    assert_eq!(payment(&twice, on.proposal).unwrap().approved_by, [party.id(ANA)]);
    // Nor does it count twice where her program writes it twice.
    let digest = payment(&twice, on.proposal).unwrap().digest;
    let again = write(&mut party, ANA, Action::Approved(Approved { proposal: on.proposal, digest }));
    for who in 0..4 {
        receive(&mut party, who, ANA, &again);
    }
    party.settle();
    let view = party.view(BEN);
    assert_eq!((payment(&view, on.proposal).unwrap().approved_by.len(), view.void), (1, 1));
    let early = party.failed(BEN, Request::Sign(on));
    assert_eq!(early.unmet, [Unmet::ApprovalsMissing { have: 1, need: 2 }]);
}

// ---- any schedule ----

/// What may happen in a vault. Numbers of payments are taken among those that the member knows.
#[derive(Debug, Clone)]
enum Move {
    Propose(usize, u64),
    Approve(usize, usize),
    Reject(usize, usize),
    Sign(usize, usize),
    Pass(u64),
    Mine,
    Part(usize),
    Heal,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let who = 0..3_usize;
    let one = prop_oneof![
        3 => (who.clone(), 10_u64..25).prop_map(|(who, mil)| Move::Propose(who, mil * 1_000_000)),
        8 => (who.clone(), 0..4_usize).prop_map(|(who, which)| Move::Approve(who, which)),
        1 => (who.clone(), 0..4_usize).prop_map(|(who, which)| Move::Reject(who, which)),
        8 => (who.clone(), 0..4_usize).prop_map(|(who, which)| Move::Sign(who, which)),
        6 => (1..80_u64).prop_map(|tenths| Move::Pass(tenths * 100)),
        1 => Just(Move::Mine),
        1 => who.prop_map(Move::Part),
        1 => Just(Move::Heal),
    ];
    proptest::collection::vec(one, 30..60)
}

fn make(party: &mut Party, it: &Move) {
    let vault = party.vault();
    let known = |party: &mut Party, who: usize, which: usize| {
        let view = party.view(who);
        let payments: Vec<_> = view.proposals.iter().map(|payment| payment.proposal).collect();
        payments.get(which % payments.len().max(1)).map(|proposal| OnProposal { vault, proposal: *proposal })
    };
    let (who, request) = match *it {
        Move::Propose(who, sat) => (who, Some(Request::Propose(party.proposing(sat)))),
        Move::Approve(who, which) => (who, known(party, who, which).map(Request::Approve)),
        Move::Reject(who, which) => (who, known(party, who, which).map(Request::Reject)),
        Move::Sign(who, which) => (who, known(party, who, which).map(Request::Sign)),
        Move::Pass(ms) => return party.pass(ms),
        Move::Mine => return party.mine(),
        Move::Part(who) => {
            let island = BTreeSet::from([party.id(who)]);
            return party.network.part(island);
        }
        Move::Heal => return party.network.part(BTreeSet::new()),
    };
    let Some(request) = request else { return };
    if let Reply::Failed(failure) = party.ask(who, request) {
        assert_ne!(failure.kind, FailureKind::Machine, "{}", failure.message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_spends_a_coin_twice(seed in any::<u64>(), moves in moves()) {
        let mut party = Party::new(4, Homes::Memory, seed, Weather::FAIR);
        party.found(2, 3);
        let mut coins = vec![party.deposit(ANA, 30_000_000), party.deposit(BEN, 30_000_000)];
        party.network.weather = Weather::FOUL;
        for it in &moves {
            make(&mut party, it);
        }
        // Healed: all come to hold the same, and what is sent comes into blocks.
        party.network.part(BTreeSet::new());
        party.network.weather = Weather::FAIR;
        party.settle();
        party.mine();
        party.pass(20_000);
        party.settle();

        let views: Vec<VaultView> = (0..4).map(|who| party.view(who)).collect();
        let standing = |view: &VaultView| view.proposals.iter().map(|it| (it.proposal, it.status)).collect::<Vec<_>>();
        for view in &views {
            prop_assert_eq!(standing(view), standing(&views[0]), "all see every payment alike");
            prop_assert_eq!(view.void, 0, "honest programs write nothing without effect");
            prop_assert_eq!(view.balance, views[0].balance);
        }
        // The chain's own rule would forbid a second spend; ours is that there never is a second one to send: of the
        // payments over one coin that nobody rejected, at most one has its signatures.
        let vault = party.vault();
        let fold = &party.installation(ANA).vault(vault).unwrap().vault;
        let mut signed: BTreeMap<OutPoint, usize> = BTreeMap::new();
        for state in fold.proposals() {
            coins.extend(state.checked.inputs.iter().map(|input| input.outpoint));
            if state.rejections.is_empty() && state.signers().count() >= 2 {
                for input in &state.checked.inputs {
                    *signed.entry(input.outpoint).or_default() += 1;
                }
            }
        }
        prop_assert!(signed.values().all(|payments| *payments == 1), "{signed:?}");
        for coin in coins {
            prop_assert!(party.spenders(coin).len() <= 1);
        }
    }
}
