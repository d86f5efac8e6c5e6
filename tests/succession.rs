//! Changes of an active vault from one machine to the other: who comes late, who is removed, and who has lost a machine. As
//! in the other journeys every member is an installation of its own, and the test turns the clock.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use conclave::open_vault::sign;
use conclave_domain::action::{Action, Rejected};
use conclave_domain::envelope::{Payload, pack};
use conclave_shared::request::{
    Invite, JoinVault, OnConfiguration, OnProposal, OnVault, ProposeChange, Replacement, Reply, Request, VoteChange,
};
use conclave_shared::secret::SecretText;
use conclave_shared::view::VaultView;
use conclave_shared::{Cfg, Finding, MemberId, ProposalStatus, Role};
use network::Weather;
use party::{Homes, Party, payment, until};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
/// Who comes when the vault is active.
const LATE: usize = 4;

/// What is deposited, in sat.
const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 12_500_000;

fn no_change(party: &Party) -> ProposeChange {
    ProposeChange::of(party.vault())
}

/// From an invitation into the active vault to a candidate whom these members know.
fn invited(party: &mut Party, role: Role, replaces: Option<MemberId>) -> String {
    let request = Invite { vault: party.vault(), role, replaces, invitation_seconds: 3_600 };
    let Reply::Invited { invitation } = party.done(ANA, Request::Invite(request)) else { panic!("not invited") };
    invitation.reveal().to_owned()
}

/// Ana proposes, another reads the words out and votes with those that Ana reads; `all` then live by it.
fn change(party: &mut Party, change: ProposeChange, voter: usize, all: &[usize]) -> Cfg {
    let vault = party.vault();
    let Reply::Changes { successors, .. } = party.done(ANA, Request::ProposeChange(change)) else { panic!() };
    let cfg = successors.iter().find(|it| it.votes == [party.id(ANA)]).unwrap().cfg;
    until(party, &[voter], "the change is known", |view| view.successors.iter().any(|it| it.cfg == cfg));
    let words = party.words(ANA, Request::ChangeWords(OnConfiguration { vault, cfg }));
    let wrong = VoteChange { vault, cfg, words: words.replacen(' ', " zoo ", 1) };
    assert!(party.failed(voter, Request::VoteChange(wrong)).message.contains("the words heard differ"));
    party.done(voter, Request::VoteChange(VoteChange { vault, cfg, words }));
    until(party, all, "the change is accepted", |view| view.cfg == Some(cfg) && view.successors.is_empty());
    cfg
}

/// From a proposal to a block, as these members see it; two of them consent and sign.
fn pay(party: &mut Party, hands: [usize; 2], all: &[usize]) -> OnProposal {
    let request = Request::Propose(party.proposing(PAYMENT));
    let Reply::Proposal(view) = party.done(hands[0], request) else { panic!("no proposal") };
    let on = OnProposal { vault: party.vault(), proposal: view.proposal };
    let reached =
        |status| move |view: &VaultView| payment(view, on.proposal).is_some_and(|payment| payment.status == status);
    until(party, all, "the payment is known", |view| payment(view, on.proposal).is_some());
    for who in hands {
        party.done(who, Request::Approve(on));
    }
    until(party, all, "the payment is approved", reached(ProposalStatus::Approved));
    for who in hands {
        party.done(who, Request::Sign(on));
    }
    until(party, all, "the payment is sent", reached(ProposalStatus::Broadcast));
    party.mine();
    until(party, all, "the payment is confirmed", reached(ProposalStatus::Confirmed));
    on
}

/// Ana, Ben and Cleo hold keys, Dora audits; there are coins and a payment in a block.
fn paying(seed: u64, weather: Weather) -> (Party, OnProposal) {
    let mut party = Party::new(4, Homes::Memory, seed, weather);
    party.found(2, 3);
    party.deposit(BEN, DEPOSIT);
    let on = pay(&mut party, [ANA, CLEO], &[ANA, BEN, CLEO, DORA]);
    (party, on)
}

#[test]
fn an_auditor_comes_to_a_paying_vault_and_catches_up_from_the_beginning() {
    let (mut party, on) = paying(61, Weather::FOUL);
    assert_eq!(party.admit("Eli", Homes::Memory), LATE);
    let invitation = invited(&mut party, Role::Auditor, None);
    party.join(LATE, &invitation);
    let eli = party.id(LATE);
    let waits = |view: &VaultView| view.candidates.iter().any(|it| it.member == eli && it.role == Some(Role::Auditor));
    until(&mut party, &[ANA, BEN, CLEO, DORA], "Eli waits for votes", waits);
    assert_eq!(party.view(LATE).events, 1, "a candidate is told nothing");

    // An invitation alone makes nobody a member, and an auditor changes nothing.
    let add = ProposeChange { add: vec![eli], ..no_change(&party) };
    let refused = party.failed(DORA, Request::ProposeChange(add.clone()));
    assert!(refused.message.contains("Keyholder"), "{}", refused.message);
    let all = [ANA, BEN, CLEO, DORA, LATE];
    change(&mut party, add, CLEO, &all);
    party.settle();
    let (ana, late) = (party.view(ANA), party.view(LATE));
    assert_eq!(late.state_digest, ana.state_digest);
    assert_eq!(payment(&late, on.proposal).unwrap().status, ProposalStatus::Confirmed);
    assert_eq!(late.balance, ana.balance);
    assert_eq!((ana.members.len(), ana.candidates.len(), ana.void), (5, 0, 0));
    // The next payment is theirs to see too.
    pay(&mut party, [BEN, ANA], &all);

    // Who came by an opened place and leaves does not wait to be named again.
    let remove = ProposeChange { remove: vec![eli], ..no_change(&party) };
    change(&mut party, remove, BEN, &[ANA, BEN, CLEO, DORA]);
    let ana = party.view(ANA);
    assert_eq!((ana.members.len(), ana.candidates.len()), (4, 0));
}

#[test]
fn an_auditor_who_was_removed_gets_nothing_more_and_is_a_stranger() {
    let (mut party, on) = paying(62, Weather::FAIR);
    party.settle();
    let dora = party.id(DORA);
    let remove = ProposeChange { remove: vec![dora], ..no_change(&party) };
    let staying = [ANA, BEN, CLEO];
    change(&mut party, remove, BEN, &staying);
    let knew = party.view(DORA).events;
    let second = pay(&mut party, [CLEO, BEN], &staying);
    // Long enough for every pause.
    party.pass(60_000);
    let view = party.view(DORA);
    assert_eq!(view.events, knew, "she gets nothing more");
    assert!(payment(&view, on.proposal).is_some() && payment(&view, second.proposal).is_none());
    assert_eq!(party.view(ANA).members.len(), 3);
    assert_eq!(party.view(ANA).unacknowledged, 0, "nobody waits for her");

    assert!(party.view(ANA).candidates.is_empty(), "nor does she wait to be named");

    // What she writes is refused like anybody's.
    let (vault, now_ms) = (party.vault(), party.now_ms);
    let open = party.installation(DORA).vault(vault).unwrap();
    let action = Action::Rejected(Rejected { proposal: on.proposal });
    let event = sign(&open.vault, open.keys(), action, now_ms).unwrap();
    let events = vec![serde_json::from_str(&event.to_json()).unwrap()];
    let before = party.view(ANA);
    for content in pack(&Payload::Events { vault, events }).unwrap() {
        party.installation(ANA).receive(vault, dora, &content, now_ms).unwrap();
    }
    let after = party.view(ANA);
    assert_eq!((after.refused, after.events), (before.refused + 1, before.events));
    assert!(after.findings.iter().any(|it| it.finding == Finding::StrangerRefused));
}

#[test]
fn who_lost_a_machine_joins_again_with_the_words_and_signs_with_the_same_key() {
    let (mut party, _) = paying(63, Weather::FAIR);
    let vault = party.vault();
    let Reply::Backup { words } = party.done(BEN, Request::BackupWords(OnVault { vault })) else { panic!() };
    assert!(party.failed(DORA, Request::BackupWords(OnVault { vault })).message.contains("holds no key"));
    party.settle();
    let (old, before) = (party.id(BEN), party.view(ANA));
    party.leave(BEN);
    party.admit("Ben", Homes::Memory);
    let invitation = invited(&mut party, Role::Keyholder, Some(old));
    let Request::JoinVault(join) = party.joining(LATE, &invitation) else { panic!() };
    assert!(party.failed(LATE, Request::JoinVault(join.clone())).message.contains("words are needed"));
    let nonsense = Some(SecretText::new("abandon ability able".to_owned()));
    let failure = party.failed(LATE, Request::JoinVault(JoinVault { seed_words: nonsense, ..join.clone() }));
    assert!(failure.message.contains("not the words of a key"), "{}", failure.message);
    party.done(LATE, Request::JoinVault(JoinVault { seed_words: Some(words), ..join }));
    party.know(LATE);
    let new = party.id(LATE);
    let waits = |view: &VaultView| view.candidates.iter().any(|it| it.member == new && it.replaces == Some(old));
    until(&mut party, &[ANA, CLEO, DORA], "Ben waits for votes", waits);
    // The proof of the key is an event of its own.
    party.pass(10_000);
    let replace = ProposeChange { replace: vec![Replacement { old, new }], ..no_change(&party) };
    let all = [ANA, CLEO, DORA, LATE];
    change(&mut party, replace, CLEO, &all);
    party.settle();
    let after = party.view(LATE);
    assert_eq!(after.descriptor, before.descriptor, "the coins stay where they are");
    assert_eq!(after.balance, before.balance);
    assert!(after.former.is_empty());
    let on = pay(&mut party, [LATE, ANA], &all);
    let signed = payment(&party.view(CLEO), on.proposal).unwrap().signed_by.clone();
    assert!(signed.contains(&new) && !signed.contains(&old), "{signed:?}");
}
