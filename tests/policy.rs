//! The vault's rules from one machine to the other: a freeze reaches everybody and is released by a quorum; tiers, lists and
//! approvers are voted in, and what they ask for is told. As in the other journeys the test turns the clock.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use conclave_shared::policy::{Policy, PolicyChange, RoleCount, Tier};
use conclave_shared::request::{
    Freeze, Invite, OnConfiguration, OnProposal, OnVault, ProposeChange, ReleaseFreeze, Reply, Request, ShowRecord,
    VoteChange,
};
use conclave_shared::view::{PolicyView, VaultView};
use conclave_shared::{ProposalStatus, Role, Sat, Unmet};
use network::Weather;
use party::{Homes, Party, payment, recipient};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
const ELI: usize = 4;

/// What is deposited, in sat.
const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 12_500_000;

fn policy(party: &mut Party, who: usize) -> PolicyView {
    let vault = party.vault();
    match party.done(who, Request::ShowPolicy(OnVault { vault })) {
        Reply::Policy(view) => *view,
        reply => panic!("{reply:?}"),
    }
}

fn status(view: &VaultView, on: OnProposal, status: ProposalStatus) -> bool {
    payment(view, on.proposal).is_some_and(|payment| payment.status == status)
}

/// Ana proposes, Ben votes with the words that she reads out; everybody then lives by it.
fn change(party: &mut Party, change: ProposeChange) {
    let vault = party.vault();
    let Reply::Changes { successors, .. } = party.done(ANA, Request::ProposeChange(change)) else { panic!() };
    let cfg = successors.last().unwrap().cfg;
    party.settle();
    let words = party.words(ANA, Request::ChangeWords(OnConfiguration { vault, cfg }));
    party.done(BEN, Request::VoteChange(VoteChange { vault, cfg, words }));
    party.until("the change is accepted", |view| view.cfg == Some(cfg));
}

#[test]
fn a_freeze_reaches_everybody_and_a_quorum_releases_it() {
    let mut party = Party::new(4, Homes::Memory, 71, Weather::FOUL);
    party.found(2, 3);
    party.deposit(BEN, DEPOSIT);
    let on = party.propose(ANA, PAYMENT);
    for who in [ANA, CLEO] {
        party.done(who, Request::Approve(on));
    }
    party.until("it is approved", |view| status(view, on, ProposalStatus::Approved));
    party.done(CLEO, Request::Sign(on));
    party.settle();

    let vault = party.vault();
    let reason = "my laptop was stolen".to_owned();
    let failure = party.failed(DORA, Request::Freeze(Freeze { vault, reason: reason.clone() }));
    assert!(failure.message.contains("Keyholder"), "an auditor cannot: {}", failure.message);
    let Reply::Policy(shown) = party.done(BEN, Request::Freeze(Freeze { vault, reason })) else { panic!() };
    let [freeze] = &shown.freezes[..] else { panic!("{shown:?}") };
    let (freeze, ben) = (freeze.freeze, party.id(BEN));
    assert_eq!(shown.release, 2);
    party.until("all are frozen", |view| view.freezes.iter().any(|it| it.freeze == freeze && it.stands));
    let view = party.view(DORA);
    let told = &view.freezes[0];
    assert_eq!((told.by, told.reason.as_str(), told.need, told.admitted), (ben, "my laptop was stolen", 2, true));
    assert!(told.name.starts_with("Ben"), "{}", told.name);

    // Nobody approves, signs or sends; proposing and rejecting go on.
    for request in [Request::Sign(on), Request::Approve(on)] {
        let failure = party.failed(BEN, request);
        assert!(
            failure.unmet.iter().any(|unmet| matches!(unmet, Unmet::Frozen { by, .. } if *by == ben)),
            "{failure:?}"
        );
    }
    let shown = payment(&party.view(ANA), on.proposal).unwrap().clone();
    assert!(shown.conditions.iter().any(|it| it.starts_with("Ben (") && it.contains("has frozen")), "{shown:?}");

    // Two of three release it: Ben's own vote is one of them.
    let release = Request::ReleaseFreeze(ReleaseFreeze { vault, freezes: vec![freeze] });
    assert!(party.failed(DORA, release.clone()).message.contains("Keyholder"));
    party.done(BEN, release.clone());
    party.settle();
    let view = party.view(CLEO);
    assert!(view.freezes[0].stands && view.freezes[0].votes.len() == 1 && view.freezes[0].votes[0].member == ben);
    party.done(ANA, release);
    party.until("it is released", |view| view.freezes.iter().all(|it| !it.stands));
    party.done(BEN, Request::Sign(on));
    party.until("it is sent", |view| status(view, on, ProposalStatus::Broadcast));
    let failure = party.failed(ANA, Request::ReleaseFreeze(ReleaseFreeze { vault, freezes: vec![] }));
    assert!(failure.message.contains("no freeze stands"), "{}", failure.message);

    // It is on record in plain words.
    let all =
        ShowRecord { vault, by: Some("Ben".to_owned()), kind: Some("frozen".to_owned()), void: false, last: None };
    let Reply::Entries { entries } = party.done(ANA, Request::ShowRecord(all.clone())) else { panic!() };
    assert_eq!(entries[0].summary, "froze the vault: \"my laptop was stolen\"");
    let votes = ShowRecord { by: None, kind: Some("freeze_released".to_owned()), ..all };
    let Reply::Entries { entries } = party.done(DORA, Request::ShowRecord(votes)) else { panic!() };
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].summary, format!("voted to release freeze {}", freeze.short()));
}

#[test]
fn a_freeze_does_not_recall_what_was_sent_and_its_block_goes_on_record() {
    let mut party = Party::new(4, Homes::Memory, 72, Weather::FAIR);
    party.found(2, 3);
    party.deposit(BEN, DEPOSIT);
    let on = party.propose(ANA, PAYMENT);
    for who in [ANA, CLEO] {
        party.done(who, Request::Approve(on));
    }
    party.until("it is approved", |view| status(view, on, ProposalStatus::Approved));
    for who in [ANA, CLEO] {
        party.done(who, Request::Sign(on));
    }
    party.until("it is sent", |view| status(view, on, ProposalStatus::Broadcast));
    let vault = party.vault();
    party.done(BEN, Request::Freeze(Freeze { vault, reason: "too late".to_owned() }));
    party.until("all are frozen", |view| view.freezes.iter().any(|it| it.stands));
    party.mine();
    party.until("it is confirmed all the same", |view| status(view, on, ProposalStatus::Confirmed));
    party.settle();
    assert!(payment(&party.view(DORA), on.proposal).unwrap().unmet.is_empty());
    // What is proposed now waits.
    let next = party.propose(CLEO, 1_000_000);
    let unmet = payment(&party.view(BEN), next.proposal).unwrap().unmet.clone();
    assert!(unmet.iter().any(|it| matches!(it, Unmet::Frozen { .. })), "{unmet:?}");
}

#[test]
fn larger_payments_need_an_approver_and_what_applies_is_told() {
    let mut party = Party::new(4, Homes::Memory, 73, Weather::FAIR);
    party.found(2, 3);
    party.deposit(BEN, DEPOSIT);
    let vault = party.vault();
    assert_eq!(policy(&mut party, DORA).policy, Policy::plain(2));

    // Eli comes as an approver, with the tier that asks for one.
    party.admit("Eli", Homes::Memory);
    let invite = Invite { vault, role: Role::Approver, replaces: None, invitation_seconds: 3_600 };
    let Reply::Invited { invitation } = party.done(ANA, Request::Invite(invite)) else { panic!() };
    party.join(ELI, invitation.reveal());
    let eli = party.id(ELI);
    for _ in 0..60 {
        party.pass(1_000);
        if party.view(ANA).candidates.len() == 1 && party.view(BEN).candidates.len() == 1 {
            break;
        }
    }
    let by = vec![RoleCount { role: Role::Approver, count: 1 }, RoleCount { role: Role::Keyholder, count: 2 }];
    let tiers = Some(vec![Tier { from: Sat(10_000_000), approvals: 3, by }]);
    let deny = vec![recipient(1).address];
    let rules = PolicyChange { tiers, release: Some(3), ..PolicyChange::default() };
    let asked = ProposeChange { add: vec![eli], policy: rules, ..ProposeChange::of(vault) };
    let Reply::Changes { successors, .. } = party.done(ANA, Request::ProposeChange(asked)) else { panic!() };
    let (cfg, told) = (successors[0].cfg, successors[0].changes.clone());
    assert_eq!(
        told[..3],
        [
            "tiers: From 0.100 000 00 BTC: 3 approvals, one of them by an approver, 2 by keyholders, now none",
            "a freeze needs 3 keyholders to release it, now 2",
            &format!("Eli ({}) becomes a member, as approver", eli.short()),
        ]
    );
    party.pass(10_000);
    let words = party.words(ANA, Request::ChangeWords(OnConfiguration { vault, cfg }));
    party.done(BEN, Request::VoteChange(VoteChange { vault, cfg, words }));
    party.until("the change is accepted", |view| view.cfg == Some(cfg));
    party.settle();
    assert_eq!(
        policy(&mut party, ELI).sentences,
        [
            "Every payment: 2 approvals",
            "From 0.100 000 00 BTC: 3 approvals, one of them by an approver, 2 by keyholders",
            "What counts is what leaves the vault, fee included",
            "Any keyholder can freeze the vault; 3 keyholders release it",
        ]
    );
    assert_eq!(party.view(ANA).rules.len(), 4);

    // A large payment: all keyholders are not enough.
    let on = party.propose(BEN, PAYMENT);
    for who in [ANA, BEN, CLEO] {
        party.done(who, Request::Approve(on));
    }
    party.settle();
    let failure = party.failed(ANA, Request::Sign(on));
    assert_eq!(failure.unmet, [Unmet::RoleApprovalsMissing { role: Role::Approver, have: 0, need: 1 }]);
    let view = party.view(DORA);
    let shown = payment(&view, on.proposal).unwrap();
    assert_eq!(shown.status, ProposalStatus::Proposed);
    assert_eq!(shown.leaves, Sat(PAYMENT + shown.fee.0));
    assert_eq!(shown.rule, policy(&mut party, DORA).sentences[1]);
    assert_eq!(shown.approvals.len(), 3);
    assert!(shown.approvals.iter().all(|it| it.counts && it.ms > party::START_MS));
    let missing = "1 more approval by members with the role approver: 0 of 1 are given";
    assert!(shown.conditions.iter().any(|condition| condition == missing), "{shown:?}");
    party.done(ELI, Request::Approve(on));
    party.until("it is approved", |view| status(view, on, ProposalStatus::Approved));
    for who in [ANA, BEN] {
        party.done(who, Request::Sign(on));
    }
    party.until("it is sent", |view| status(view, on, ProposalStatus::Broadcast));
    party.mine();
    party.until("it is confirmed", |view| status(view, on, ProposalStatus::Confirmed));

    // A small one needs no approver.
    let on = party.propose(ANA, 1_000_000);
    let view = party.view(ANA);
    assert_eq!(payment(&view, on.proposal).unwrap().rule, "Below the first tier: 2 approvals");
    for who in [ANA, CLEO] {
        party.done(who, Request::Approve(on));
    }
    party.until("it is approved", |view| status(view, on, ProposalStatus::Approved));
    party.done(ANA, Request::Reject(on));

    // What is denied cannot even be proposed.
    let rules = PolicyChange { deny: deny.clone(), ..PolicyChange::default() };
    change(&mut party, ProposeChange { policy: rules, ..ProposeChange::of(vault) });
    let request = Request::Propose(party.proposing(PAYMENT));
    let failure = party.failed(ANA, request);
    assert_eq!(failure.unmet, [Unmet::DestinationDenied { address: deny[0].clone() }]);
    assert!(policy(&mut party, ANA).sentences[3].contains(&deny[0]));
}
