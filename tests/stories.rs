//! What one member or one disk can do to the common record, and how little comes of it: two stories, old copies, clocks.
//! Each member is a whole installation; the network between them is the test's.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use conclave::open_vault::sign;
use conclave_domain::action::{Action, AddressIssued, Approved};
use conclave_domain::envelope::{Payload, pack};
use conclave_domain::event::Event;
use conclave_domain::vault::Vault;
use conclave_shared::request::{FailureKind, OnVault, Reply, Request};
use conclave_shared::view::VaultView;
use conclave_shared::{Finding, ProposalStatus, Unmet};
use network::Weather;
use party::{Homes, Party, payment};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;

const DEPOSIT: u64 = 50_000_000;
const PAYMENT: u64 = 12_500_000;

fn founded(homes: Homes) -> Party {
    let mut party = Party::new(4, homes, 21, Weather::FAIR);
    party.found(2, 3);
    party.deposit(BEN, DEPOSIT);
    party.settle();
    party
}

fn hand(party: &mut Party, who: usize, from: usize, event: &Event) {
    let (vault, from, now_ms) = (party.vault(), party.id(from), party.now_ms);
    let value = serde_json::from_str(&event.to_json()).unwrap();
    for content in pack(&Payload::Events { vault, events: vec![value] }).unwrap() {
        party.installation(who).receive(vault, from, &content, now_ms).unwrap();
    }
}

fn fold_of(party: &mut Party, who: usize) -> Vault {
    let vault = party.vault();
    party.installation(who).vault(vault).unwrap().vault.clone()
}

/// An event of a member, written on an earlier state of their vault.
fn write_on(party: &mut Party, who: usize, fold: &mut Vault, action: Action) -> Event {
    let (vault, now_ms) = (party.vault(), party.now_ms);
    let event = sign(fold, party.installation(who).vault(vault).unwrap().keys(), action, now_ms).unwrap();
    fold.receive(event.clone()).unwrap();
    event
}

fn address(fold: &Vault, index: u32) -> Action {
    let active = fold.active().unwrap();
    let address = active.descriptor.address(index, active.configuration.network).unwrap().to_string();
    Action::AddressIssued(AddressIssued { index, address })
}

fn found(view: &VaultView, finding: Finding) -> bool {
    view.findings.iter().any(|it| it.finding == finding)
}

#[test]
fn different_stories_for_different_members_are_found_through_heads() {
    let mut party = founded(Homes::Memory);
    let on = party.propose(ANA, PAYMENT);
    party.settle();
    // Ben's machine goes silent; in his name one story goes to Ana, another to Cleo, each with an event that follows.
    let before = fold_of(&mut party, BEN);
    let digest = payment(&party.view(ANA), on.proposal).unwrap().digest;
    let (mut first, mut second) = (before.clone(), before);
    let mut told =
        vec![write_on(&mut party, BEN, &mut first, Action::Approved(Approved { proposal: on.proposal, digest }))];
    let next = address(&first, 1);
    told.push(write_on(&mut party, BEN, &mut first, next));
    let other = address(&second, 2);
    let other = write_on(&mut party, BEN, &mut second, other);
    for event in &told {
        hand(&mut party, ANA, BEN, event);
    }
    hand(&mut party, CLEO, BEN, &other);
    // Each builds on what was heard of Ben before anybody knows.
    party.done(ANA, Request::Approve(on));
    party.done(CLEO, Request::IssueAddress(on_vault(&party)));
    party.leave_quietly(BEN);
    party.until("all others name Ben", |view| found(view, Finding::TwoStories));
    party.agree();
    for who in [ANA, CLEO, DORA] {
        let view = party.view(who);
        let named = view.findings.iter().find(|it| it.finding == Finding::TwoStories).unwrap();
        assert_eq!(named.member, Some(party.id(BEN)));
        let unmet = &payment(&view, on.proposal).unwrap().unmet;
        assert!(unmet.contains(&Unmet::ApprovalsMissing { have: 1, need: 2 }), "{unmet:?}");
        assert!(payment(&view, on.proposal).unwrap().approved_by.contains(&party.id(BEN)), "the record keeps it");
    }
    // The others can pay all the same.
    party.done(CLEO, Request::Approve(on));
    party.until("approved by two who tell one story", |view| {
        payment(view, on.proposal).is_some_and(|payment| payment.status == ProposalStatus::Approved)
    });
    for who in [ANA, CLEO] {
        party.done(who, Request::Sign(on));
    }
    party.until("sent", |view| {
        payment(view, on.proposal).is_some_and(|payment| payment.status == ProposalStatus::Broadcast)
    });
}

fn on_vault(party: &Party) -> OnVault {
    OnVault { vault: party.vault() }
}

#[test]
fn a_fork_at_number_0_after_a_thousand_events_undoes_nothing() {
    let mut party = founded(Homes::Memory);
    let mut fold = fold_of(&mut party, BEN);
    let mut long = Vec::new();
    for number in 0..1_000 {
        // Void, as the index is far out or the address known; what counts is the chain.
        let action = address(&fold, 100 + number);
        long.push(write_on(&mut party, BEN, &mut fold, action));
    }
    for who in [ANA, CLEO, DORA] {
        for event in &long {
            hand(&mut party, who, BEN, event);
        }
    }
    let before = party.view(ANA);
    // A second first event, dated before everything.
    let keys = {
        let vault = party.vault();
        party.installation(BEN).vault(vault).unwrap().keys().clone()
    };
    let mut empty = Vault::new(fold.id(), fold.created(), fold.me());
    let joined = fold.joiners()[&fold.me()].joined.clone();
    let joined = conclave_domain::action::Joined { name: "Bob".to_owned(), ..joined };
    let second = sign(&empty, &keys, Action::Joined(joined), party::START_MS - 1_000_000).unwrap();
    empty.receive(second.clone()).unwrap();
    party.leave_quietly(BEN);
    for who in [ANA, CLEO, DORA] {
        hand(&mut party, who, CLEO.max(1) - usize::from(who == CLEO), &second);
        let view = party.view(who);
        assert!(found(&view, Finding::TwoStories));
        assert_eq!((view.cfg, view.status), (before.cfg, before.status), "nothing is undone");
        assert_eq!(view.events, before.events + 1);
        assert_eq!(view.members.len(), before.members.len());
    }
    party.agree();
    let on = party.propose(ANA, PAYMENT);
    for who in [ANA, CLEO] {
        party.until("it is there", |view| payment(view, on.proposal).is_some());
        party.done(who, Request::Approve(on));
    }
    party.until("approved", |view| {
        payment(view, on.proposal).is_some_and(|payment| payment.status == ProposalStatus::Approved)
    });
}

#[test]
fn a_copy_that_is_put_back_only_reads_until_the_others_have_spoken() {
    let mut party = founded(Homes::Folders);
    let on = party.propose(ANA, PAYMENT);
    party.settle();
    party.leave(BEN);
    let copy = party.copy_home(BEN);
    party.come_back(BEN);
    party.done(BEN, Request::Approve(on));
    party.settle();
    let known = party.view(ANA).events;
    party.leave(BEN);
    party.put_home_back(BEN, copy);
    // Nobody is there who could tell: Ben's machine reads, and writes nothing.
    for who in [ANA, CLEO, DORA] {
        party.leave(who);
    }
    party.come_back(BEN);
    party.pass(5_000);
    let failure = party.failed(BEN, Request::Approve(on));
    assert_eq!(failure.kind, FailureKind::Rule);
    assert!(failure.message.contains("0 of 2 members"), "{}", failure.message);
    assert!(found(&party.view(BEN), Finding::BackupRestored));
    // One alone is not enough; with two Ben holds again what he said, and goes on where he was.
    party.come_back(ANA);
    party.pass(60_000);
    assert!(found(&party.view(BEN), Finding::BackupRestored));
    assert_eq!(party.view(BEN).events, known, "what he said is handed back");
    party.come_back(CLEO);
    party.until("Ben may write", |view| !found(view, Finding::BackupRestored));
    party.done(BEN, Request::IssueAddress(on_vault(&party)));
    party.come_back(DORA);
    party.settle();
    for who in 0..4 {
        let view = party.view(who);
        assert!(!found(&view, Finding::TwoStories) && !found(&view, Finding::BackupRestored));
        assert_eq!(view.events, known + 4, "the address, and that the three others derive the same one");
        assert!(payment(&view, on.proposal).unwrap().approved_by.contains(&party.id(BEN)));
    }
}

#[test]
fn clocks_that_jump_lose_nothing() {
    let mut party = founded(Homes::Folders);
    let day = 24 * 3_600_000;
    // Weeks ahead, and back again: acknowledgements and deliveries go on, in both directions, over restarts too.
    for (jump, who) in [(30 * day as i64, ANA), (-(30 * day as i64), CLEO), (3_600_000, BEN), (-3_600_000, ANA)] {
        party.now_ms = party.now_ms.checked_add_signed(jump).unwrap();
        let Reply::Address { .. } = party.done(who, Request::IssueAddress(on_vault(&party))) else { panic!() };
        party.settle();
        party.leave(DORA);
        party.come_back(DORA);
        party.settle();
    }
}

#[test]
fn who_was_away_for_weeks_catches_up_from_anybody() {
    let mut party = founded(Homes::Folders);
    party.leave(DORA);
    for round in 0..40 {
        party.done(round % 3, Request::IssueAddress(on_vault(&party)));
        party.pass(2_000);
    }
    party.now_ms += 21 * 24 * 3_600_000;
    // Of those who wrote only Ben is there.
    party.agree();
    for who in [ANA, CLEO] {
        party.leave(who);
    }
    party.come_back(DORA);
    party.until("Dora holds all", |view| view.events >= 40);
    party.agree();
}
