//! A freeze stops payments at everybody who has heard of it, and is released by votes alone.

mod support;

use conclave_domain::action::{Action, Approved, FreezeReleased, Frozen, Rejected};
use conclave_domain::event::Event;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::log::Admission;
use conclave_domain::policy::PolicyChange;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{Act, ChainFacts, Change, Command, CommandFault, Effect, REASON_LIMIT, Vault, Void};
use conclave_domain::words::roster_words;
use conclave_shared::{EventId, Role, Unmet};
use support::{Person, active, deposit, paid, payment, tell};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;

/// One person's act, told to all.
fn act(people: &mut [Person], who: usize, command: Command<'_>) -> Vec<Event> {
    let events = people[who].act(command);
    tell(people, &events);
    events
}

fn freeze(people: &mut [Person], who: usize) -> EventId {
    act(people, who, Command::Freeze { reason: "my laptop is gone".into() })[0].id
}

fn release(people: &mut [Person], who: usize) -> Vec<Event> {
    act(people, who, Command::ReleaseFreezes { freezes: Vec::new() })
}

fn released(freezes: &[EventId]) -> Action {
    Action::FreezeReleased(FreezeReleased { freezes: freezes.to_vec() })
}

/// Ana proposes changes, another votes; all live by it.
fn change(people: &mut [Person], voter: usize, changes: Vec<Change>) {
    act(people, ANA, Command::ProposeSuccessor { changes });
    let cfg = people[voter].vault.successors().last().unwrap().cfg;
    act(people, voter, Command::Vote { cfg, words: &roster_words(cfg).join(" ") });
    assert_eq!(people[ANA].vault.active().unwrap().cfg, cfg);
}

fn stands(vault: &Vault) -> Vec<EventId> {
    vault.freezes().into_iter().filter(|freeze| freeze.stands()).map(|freeze| freeze.event).collect()
}

/// The conditions that are freezes, by who froze.
fn frozen_by(unmet: &[Unmet]) -> usize {
    unmet.iter().filter(|it| matches!(it, Unmet::Frozen { .. })).count()
}

fn unmet<T>(verdict: Verdict<T>) -> Vec<Unmet> {
    match verdict {
        Verdict::Allowed(_) => Vec::new(),
        Verdict::Blocked(unmet) => unmet,
    }
}

/// How many freezes keep each act of this member from being permitted.
fn blocks(person: &Person, id: EventId, evidence: &Evidence) -> [usize; 4] {
    let vault = &person.vault;
    [
        frozen_by(&unmet(guard::approve(vault, id, evidence).unwrap())),
        frozen_by(&unmet(guard::sign(vault, id, evidence).unwrap())),
        frozen_by(&unmet(guard::finalise(vault, id, evidence).unwrap())),
        frozen_by(&unmet(guard::broadcast(vault, id, evidence).unwrap())),
    ]
}

#[test]
fn a_freeze_stops_every_act_but_proposing_and_rejecting() {
    let (mut people, _, id, evidence) = paid();
    let sends = |person: &Person| {
        person.vault.pending_effects(&ChainFacts::default()).contains(&Effect::Broadcast { proposal: id })
    };
    assert!(sends(&people[CLEO]), "both have signed");
    let freeze = freeze(&mut people, BEN);
    for person in &people {
        assert_eq!(blocks(person, id, &evidence), [1; 4], "{}", person.name);
        assert_eq!(stands(&person.vault), [freeze]);
    }
    let since_ms = people[BEN].clock_ms;
    let by = people[BEN].id();
    let said = people[ANA].vault.unmet(id, Act::Broadcast, &ChainFacts::default());
    assert!(said.contains(&Unmet::Frozen { by, since_ms }), "{said:?}");
    assert!(!sends(&people[CLEO]), "nobody sends it either");
    assert_eq!(people[CLEO].vault.freezes()[0].reason, "my laptop is gone");
    // To freeze twice is to freeze once; somebody else's freeze is another.
    assert!(people[BEN].act(Command::Freeze { reason: "again".into() }).is_empty());

    // What stops payments goes on, and what prepares them.
    let (coin, _) = deposit(&people[ANA].vault, 200_000);
    let (_, other) = payment(&people[ANA].vault, coin, 200_000, 60_000, 500);
    let other = act(&mut people, ANA, support::propose(other))[0].id;
    act(&mut people, CLEO, Command::Reject { proposal: other });
    act(&mut people, CLEO, Command::IssueAddress);
    assert!(people[ANA].vault.void().is_empty());

    // Two of three release it: the freezer's vote is one, and no more than one.
    release(&mut people, BEN);
    assert!(release(&mut people, BEN).is_empty(), "voted already");
    assert_eq!(blocks(&people[CLEO], id, &evidence), [1; 4]);
    assert_eq!(people[ANA].vault.freezes()[0].have(), 1);
    release(&mut people, CLEO);
    for person in &people {
        assert_eq!(blocks(person, id, &evidence), [0; 4]);
        assert!(stands(&person.vault).is_empty() && person.vault.void().is_empty());
        assert_eq!(person.vault.freezes().len(), 1, "it stays on record");
    }
    assert!(sends(&people[CLEO]));
    assert_eq!(
        people[ANA].vault.decide(Command::ReleaseFreezes { freezes: vec![] }).err(),
        Some(CommandFault::NotFrozen)
    );
}

#[test]
fn only_keyholders_freeze_and_release() {
    let (mut people, _, id, evidence) = paid();
    let keyholder = [Unmet::RoleMissing { needs: Role::Keyholder }];
    let command = Command::Freeze { reason: "stop".into() };
    assert_eq!(unmet(people[DORA].vault.decide(command).unwrap()), keyholder);
    let written = people[DORA].write(Action::Frozen(Frozen { reason: "stop".into() }));
    tell(&mut people, std::slice::from_ref(&written));
    assert_eq!(people[ANA].vault.void()[&written.id], Void::NoRight);
    assert_eq!(blocks(&people[ANA], id, &evidence), [0; 4]);
    // Nor does her word wait for its past with effect.
    let lost = people[DORA].write(Action::Rejected(Rejected { proposal: EventId([3; 32]) }));
    let waiting = people[DORA].write(Action::Frozen(Frozen { reason: "stop".into() }));
    assert!(matches!(people[ANA].vault.receive(waiting.clone()).unwrap(), Admission::Waiting { .. }));
    assert_eq!(blocks(&people[ANA], id, &evidence), [0; 4]);
    tell(&mut people, &[lost, waiting]);

    let freeze = freeze(&mut people, ANA);
    let command = Command::ReleaseFreezes { freezes: vec![freeze] };
    assert_eq!(unmet(people[DORA].vault.decide(command).unwrap()), keyholder);
    let votes = [people[DORA].write(released(&[freeze])), people[ANA].write(released(&[freeze]))];
    tell(&mut people, &votes);
    assert_eq!(people[BEN].vault.void()[&votes[0].id], Void::NoRight);
    assert_eq!(stands(&people[BEN].vault), [freeze], "an auditor's vote is none");
}

#[test]
fn a_vote_names_what_it_releases() {
    let (mut people, _) = active();
    let first = freeze(&mut people, ANA);
    // Ben and Cleo vote at the same time; meanwhile Ana has frozen again, which neither has seen.
    let votes = [BEN, CLEO].map(|who| people[who].write(released(&[first])));
    let cleo = people[CLEO].write(Action::Frozen(Frozen { reason: "wait".into() }));
    tell(&mut people, &votes);
    assert!(stands(&people[ANA].vault).is_empty());
    tell(&mut people, std::slice::from_ref(&cleo));
    assert_eq!(stands(&people[ANA].vault), [cleo.id]);
    assert_eq!(
        people[ANA].vault.decide(Command::ReleaseFreezes { freezes: vec![EventId([9; 32])] }).err(),
        Some(CommandFault::UnknownFreeze { freeze: EventId([9; 32]) })
    );
    // A second vote for the same is void, and so is one for nothing or for too much.
    let again = people[BEN].write(released(&[first]));
    let none = people[BEN].write(released(&[]));
    let many = people[BEN].write(released(&[[7; 32]; 201].map(EventId)));
    let most = people[BEN].write(released(&std::array::from_fn::<_, 200, _>(|number| EventId([number as u8; 32]))));
    let both = people[BEN].write(released(&[first, cleo.id]));
    let long = people[BEN].write(Action::Frozen(Frozen { reason: "x".repeat(REASON_LIMIT + 1) }));
    let odd = people[BEN].write(Action::Frozen(Frozen { reason: "\u{202e}".into() }));
    let said = [again, none, many, most, both, long, odd];
    tell(&mut people, &said);
    let void = |place: usize| people[CLEO].vault.void().get(&said[place].id).cloned();
    assert_eq!(void(0), Some(Void::Again));
    assert_eq!(void(1), Some(Void::TooManyFreezes { found: 0 }));
    assert_eq!(void(2), Some(Void::TooManyFreezes { found: 201 }));
    assert_eq!((void(3), void(4)), (None, None));
    assert_eq!((void(5), void(6)), (Some(Void::Reason), Some(Void::Reason)));
    let longest = "x".repeat(REASON_LIMIT);
    assert!(people[BEN].vault.decide(Command::Freeze { reason: longest }).is_ok());
    for reason in ["x".repeat(REASON_LIMIT + 1), "\n".into()] {
        assert_eq!(people[BEN].vault.decide(Command::Freeze { reason }).err(), Some(CommandFault::Reason));
    }
    // Ben has voted for it in passing.
    release(&mut people, ANA);
    assert!(stands(&people[CLEO].vault).is_empty());
}

#[test]
fn a_freeze_blocks_before_its_past_is_here_and_can_be_released_then() {
    let (mut people, _, id, evidence) = paid();
    let lost = people[BEN].write(Action::Rejected(Rejected { proposal: EventId([3; 32]) }));
    let frozen = people[BEN].write(Action::Frozen(Frozen { reason: "stop".into() }));
    for who in [ANA, CLEO] {
        assert!(matches!(people[who].vault.receive(frozen.clone()).unwrap(), Admission::Waiting { .. }));
        assert_eq!(blocks(&people[who], id, &evidence), [1; 4]);
        assert!(!people[who].vault.freezes()[0].admitted);
    }
    // What it builds on may never come: the others are not stopped for ever.
    for (who, other) in [(ANA, CLEO), (CLEO, ANA)] {
        let votes = people[who].act(Command::ReleaseFreezes { freezes: vec![frozen.id] });
        people[other].vault.receive(votes[0].clone()).unwrap();
    }
    assert_eq!(blocks(&people[ANA], id, &evidence), [0; 4]);
    people[ANA].vault.receive(lost).unwrap();
    assert_eq!(people[ANA].vault.log().waiting(), 0);
    assert!(people[ANA].vault.freezes()[0].admitted && stands(&people[ANA].vault).is_empty());
}

#[test]
fn a_freeze_outlives_its_author_and_its_configuration() {
    let (mut people, _) = active();
    let first = freeze(&mut people, BEN);
    release(&mut people, ANA);
    // The vault changes, and Ben leaves; his freeze stays, and one vote of before adds up to nothing.
    let ben = people[BEN].id();
    change(&mut people, CLEO, vec![Change::Remove(ben)]);
    assert_eq!(stands(&people[ANA].vault), [first]);
    assert_eq!(people[ANA].vault.freezes()[0].have(), 0);
    release(&mut people, CLEO);
    assert_eq!(stands(&people[ANA].vault), [first], "one of two");
    release(&mut people, ANA);
    assert!(stands(&people[ANA].vault).is_empty());
    // What was released stays released, whatever the vault then lives by.
    let (coin, evidence) = deposit(&people[ANA].vault, 100_000);
    change(&mut people, CLEO, vec![Change::Approvals(1)]);
    assert!(stands(&people[ANA].vault).is_empty());
    let (_, proposal) = payment(&people[ANA].vault, coin, 100_000, 60_000, 500);
    let id = act(&mut people, ANA, support::propose(proposal))[0].id;
    assert_eq!(blocks(&people[ANA], id, &evidence), [0; 4]);
    // Ben's word stops nobody any more.
    let late = people[BEN].write(Action::Frozen(Frozen { reason: "stop".into() }));
    people[ANA].vault.receive(late.clone()).unwrap();
    assert!(people[ANA].vault.void().contains_key(&late.id) && stands(&people[ANA].vault).is_empty());
}

#[test]
fn votes_of_before_a_change_release_what_was_frozen_before_it_alone() {
    let (mut people, _) = active();
    // Ben has not heard of the change when he votes; both votes are of the same configuration.
    let frozen = freeze(&mut people, CLEO);
    let ben = people[BEN].write(released(&[frozen]));
    release(&mut people, ANA);
    change(&mut people, CLEO, vec![Change::Policy(PolicyChange { release: Some(3), ..PolicyChange::default() })]);
    assert_eq!(stands(&people[ANA].vault), [frozen]);
    tell(&mut people, std::slice::from_ref(&ben));
    assert!(stands(&people[ANA].vault).is_empty(), "released under the rules that it was made under");
    // From now on it takes all three.
    let frozen = freeze(&mut people, CLEO);
    for (who, left) in [(ANA, 1), (BEN, 1), (CLEO, 0)] {
        release(&mut people, who);
        assert_eq!(stands(&people[ANA].vault).len(), left);
        assert_eq!(people[DORA].vault.freezes()[1].need, 3);
    }
    assert!(people.iter().all(|person| person.vault.freezes()[1].event == frozen && person.vault.void().is_empty()));
}

#[test]
fn one_keyholder_releases_where_the_policy_says_so() {
    let (mut people, _) = active();
    change(&mut people, BEN, vec![Change::Policy(PolicyChange { release: Some(1), ..PolicyChange::default() })]);
    freeze(&mut people, BEN);
    release(&mut people, CLEO);
    assert!(stands(&people[ANA].vault).is_empty());
}

#[test]
fn who_tells_two_stories_can_stop_the_vault_but_not_release_it() {
    let (mut people, _) = active();
    // Ben's stories: in one he freezes, in the other he votes for the release of Ana's freeze.
    let ana = freeze(&mut people, ANA);
    let before = people[BEN].vault.clone();
    let frozen = people[BEN].write(Action::Frozen(Frozen { reason: "stop".into() }));
    people[BEN].vault = before;
    let vote = people[BEN].write(released(&[ana]));
    assert_eq!((frozen.author, frozen.n), (vote.author, vote.n), "two stories");
    let mut told = vec![frozen.clone(), vote];
    told.push(people[ANA].write(released(&[ana, frozen.id])));
    tell(&mut people, &told);
    for person in &people {
        assert!(person.vault.log().two_stories().contains_key(&people[BEN].id()));
        let standing = stands(&person.vault);
        assert!(standing.contains(&ana) && standing.contains(&frozen.id), "his vote is none, his freeze stands");
    }
    release(&mut people, CLEO);
    assert!(people.iter().all(|person| stands(&person.vault).is_empty()), "the two honest ones release both");
}

#[test]
fn an_approval_in_spite_of_a_freeze_is_kept_and_changes_nothing_until_the_release() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[ANA].vault, 100_000);
    let (_, proposal) = payment(&people[ANA].vault, coin, 100_000, 60_000, 500);
    let id = act(&mut people, ANA, support::propose(proposal))[0].id;
    freeze(&mut people, ANA);
    let digest = people[ANA].vault.proposal(id).unwrap().checked.digest;
    let approvals = [BEN, CLEO].map(|who| people[who].write(Action::Approved(Approved { proposal: id, digest })));
    tell(&mut people, &approvals);
    assert_eq!(blocks(&people[ANA], id, &evidence), [1, 1, 1, 1]);
    release(&mut people, BEN);
    release(&mut people, CLEO);
    assert!(matches!(guard::sign(&people[ANA].vault, id, &evidence).unwrap(), Verdict::Allowed(_)));
}
