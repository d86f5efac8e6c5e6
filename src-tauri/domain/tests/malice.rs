//! Members who write past the rules, and what the others' folds make of it.

mod support;

use bitcoin::absolute::LockTime;
use bitcoin::{Sequence, consensus};
use conclave_domain::action::{Action, AddressIssued, ConfigurationProposed, Joined, Ratified, Rejected};
use conclave_domain::configuration::{Configuration, RULES};
use conclave_domain::descriptor::Keychain;
use conclave_domain::event::Event;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal, ProposalFault};
use conclave_domain::vault::{Command, Void};
use conclave_domain::words::roster_words;
use conclave_shared::{Cfg, Finding, Role, Unmet};
use support::{Person, active, deposit, gathered, paid, paid_by, payment, propose, propose_and_prove, tell};

fn heard(person: &Person) -> String {
    roster_words(person.vault.newest_configuration().unwrap().cfg).join(" ")
}

fn honest_configuration(organiser: &Person) -> Configuration {
    let Verdict::Allowed(actions) = organiser.vault.decide(Command::ProposeConfiguration).unwrap() else { panic!() };
    let Action::ConfigurationProposed(proposed) = &actions[0] else { panic!() };
    serde_json::from_str(&proposed.configuration).unwrap()
}

#[test]
fn a_ratification_that_comes_late_takes_nothing_back() {
    // Ben ratifies a configuration that nobody has proposed, dated far in the future, and then the real one. Later the
    // organiser proposes the first: Ben's vote for it must not count, for it was given without knowing it.
    let (mut people, ..) = gathered(RULES);
    let honest = honest_configuration(&people[0]);
    let mut other = honest.clone();
    other.policy.approvals = 1;
    let other_json = other.to_json();
    let other_cfg = Cfg(conclave_domain::hash::tagged("conclave/configuration", other_json.as_bytes()));
    let ben = &mut people[1];
    ben.clock_ms = (1 << 48) - 1_000;
    let early = ben.write(Action::Ratified(Ratified { cfg: other_cfg }));
    tell(&mut people, std::slice::from_ref(&early));
    propose_and_prove(&mut people);
    let words = heard(&people[0]);
    let mut said = vec![early.clone()];
    for number in [1, 0, 2] {
        let events = people[number].act(Command::Ratify { words: &words });
        tell(&mut people, &events);
        said.extend(events);
    }
    tell(&mut people, &said);
    let cfg = people[2].vault.active().unwrap().cfg;
    people[0].clock_ms = support::START_MS + 1;
    let late = people[0].write(Action::ConfigurationProposed(ConfigurationProposed { configuration: other_json }));
    tell(&mut people, &[late]);
    for person in &people {
        assert_eq!(person.vault.active().map(|active| active.cfg), Some(cfg), "{}", person.name);
        assert!(matches!(person.vault.void()[&early.id], Void::NotInPast { .. }));
    }
}

#[test]
fn an_organiser_with_copies_of_the_invitations_cannot_replace_the_members() {
    let (mut people, invitations, _) = gathered(RULES);
    propose_and_prove(&mut people);
    let words = heard(&people[1]);
    for number in 0..3 {
        let events = people[number].act(Command::Ratify { words: &words });
        tell(&mut people, &events);
    }
    let cfg = people[2].vault.active().unwrap().cfg;
    // Two puppets take Ben's and Cleo's places with copies, and all of the organiser's people would ratify.
    let (puppets, ..) = support::people();
    let mut members = Vec::new();
    let mut said = Vec::new();
    for (place, mut puppet) in puppets.into_iter().enumerate().skip(1).take(2) {
        let seed = 60 + place as u8;
        puppet.keys = nostr::Keys::new(nostr::SecretKey::from_slice(&[seed; 32]).unwrap());
        puppet.seed = bitcoin::bip32::Xpriv::new_master(bitcoin::Network::Regtest, &[seed; 32]).unwrap();
        puppet.vault = conclave_domain::vault::Vault::new(people[0].vault.id(), people[0].vault.created(), puppet.id());
        let proof = Some(invitations[place - 1].prove(puppet.id()));
        let key = puppet.key();
        said.push(puppet.write(Action::Joined(Joined { name: "Ben".into(), proof, key: Some(key.clone()) })));
        members.push(conclave_domain::configuration::Member {
            identity: puppet.id(),
            name: "Ben".into(),
            roles: vec![Role::Keyholder],
            key: Some(key),
        });
    }
    tell(&mut people, &said);
    let mut forged: Configuration = people[0].vault.active().unwrap().configuration.clone();
    forged.members.retain(|member| member.identity == people[0].id() || member.is(Role::Auditor));
    forged.members.extend(members);
    forged.members.sort_by_key(|member| member.identity);
    forged.descriptor = forged.make_descriptor().unwrap();
    let event =
        people[0].write(Action::ConfigurationProposed(ConfigurationProposed { configuration: forged.to_json() }));
    tell(&mut people, std::slice::from_ref(&event));
    for person in &people {
        assert!(matches!(person.vault.void()[&event.id], Void::MembersDiffer { .. }));
        assert_eq!(person.vault.active().unwrap().cfg, cfg);
        assert_eq!(person.vault.others().len(), 3, "a copied invitation brings nobody into an active vault");
    }
}

#[test]
fn addresses_that_nobody_watches_are_void() {
    let (mut people, _) = active();
    let address = |people: &[Person], index| {
        people[0].vault.active().unwrap().descriptor.address(index, bitcoin::Network::Regtest).unwrap().to_string()
    };
    for (index, void) in [(20, false), (42, true), (41, false)] {
        let issued = AddressIssued { index, address: address(&people, index) };
        let event = people[1].write(Action::AddressIssued(issued));
        tell(&mut people, std::slice::from_ref(&event));
        assert_eq!(people[0].vault.void().contains_key(&event.id), void, "index {index}");
    }
    assert_eq!(people[0].vault.next_address(), 0, "gaps are given out first");
    let other = AddressIssued { index: 1, address: address(&people, 2) };
    let event = people[1].write(Action::AddressIssued(other));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[0].vault.void()[&event.id], Void::AddressDiffers);

    // Change far out would be ours by derivation, and found by no wallet.
    let (coin, _) = deposit(&people[0].vault, 100_000);
    let (mut transaction, _) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let far = 2_000_000_000;
    transaction.output[1].script_pubkey =
        people[0].vault.active().unwrap().descriptor.script(Keychain::Change, far).unwrap();
    let inputs = vec![InputClaim { amount: 100_000, keychain: Keychain::Receive, index: 0 }];
    let change = Some(ChangeClaim { output: 1, index: far });
    let event = people[1].write(Action::Proposed(Proposal::new(&transaction, inputs, change, String::new())));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[0].vault.void()[&event.id], Void::IndexAhead { index: far });
}

#[test]
fn a_payment_that_waits_for_a_later_block_is_found() {
    let (mut people, _) = active();
    let (coin, mut evidence) = deposit(&people[0].vault, 100_000);
    let (mut transaction, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let again = |transaction: &bitcoin::Transaction| Proposal {
        transaction: consensus::encode::serialize_hex(transaction),
        ..proposal.clone()
    };
    transaction.lock_time = LockTime::from_consensus(150);
    let events = people[0].act(propose(again(&transaction)));
    tell(&mut people, &events);
    for (tip_height, found) in [(149, true), (150, false)] {
        evidence.tip_height = tip_height;
        let verdict = guard::approve(&people[1].vault, events[0].id, &evidence).unwrap();
        let danger = Unmet::Danger { finding: Finding::LocktimeAhead };
        assert_eq!(matches!(verdict, Verdict::Blocked(unmet) if unmet == [danger]), found, "tip {tip_height}");
    }
    let locks: [fn(&mut bitcoin::Transaction); 3] = [
        |transaction| transaction.lock_time = LockTime::from_consensus(1_900_000_000),
        |transaction| transaction.input[0].sequence = Sequence::from_height(5),
        |transaction| transaction.version = bitcoin::transaction::Version::ONE,
    ];
    for lock in locks {
        let mut locked = transaction.clone();
        lock(&mut locked);
        let event = people[0].write(Action::Proposed(again(&locked)));
        assert_eq!(people[0].vault.void()[&event.id], Void::Proposal(ProposalFault::Locks));
    }
}

#[test]
fn proposals_that_do_not_hold_together_are_void_by_name() {
    let (mut people, _) = active();
    let (coin, _) = deposit(&people[0].vault, 100_000);
    let (transaction, honest) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let mut doubled = transaction.clone();
    doubled.input.push(doubled.input[0].clone());
    let mut more_claims = honest.clone();
    more_claims.inputs.push(more_claims.inputs[0]);
    let both = vec![honest.inputs[0]; 2];
    let negative = Proposal { inputs: vec![InputClaim { amount: 1, ..honest.inputs[0] }], ..honest.clone() };
    let flood = Proposal { inputs: vec![InputClaim { amount: u64::MAX, ..honest.inputs[0] }], ..honest.clone() };
    let cases = [
        (more_claims, ProposalFault::Counts { inputs: 1, outputs: 2, claims: 2 }),
        (
            Proposal { transaction: consensus::encode::serialize_hex(&doubled), inputs: both, ..honest.clone() },
            ProposalFault::InputDuplicated { outpoint: coin },
        ),
        (
            Proposal { change: Some(ChangeClaim { output: 0, index: 0 }), ..honest.clone() },
            ProposalFault::ChangeNotOurs { output: 0 },
        ),
        (
            Proposal { change: Some(ChangeClaim { output: 7, index: 0 }), ..honest.clone() },
            ProposalFault::ChangeNotOurs { output: 7 },
        ),
        (negative, ProposalFault::FeeNegative),
        (flood, ProposalFault::Amount),
        (Proposal { purpose: "rent\u{1b}[2A".into(), ..honest.clone() }, ProposalFault::Purpose),
        (Proposal { purpose: "x".repeat(501), ..honest.clone() }, ProposalFault::Purpose),
    ];
    for (proposal, fault) in cases {
        let event = people[0].write(Action::Proposed(proposal));
        assert_eq!(people[0].vault.void()[&event.id], Void::Proposal(fault));
    }
    let event = people[0].write(Action::Proposed(Proposal { transaction: "00".into(), ..honest }));
    assert!(matches!(people[0].vault.void()[&event.id], Void::Proposal(ProposalFault::Transaction { .. })));
}

/// An action that this program does not know.
fn tomorrow(person: &mut Person) -> Event {
    person.clock_ms += 1;
    let draft = person.vault.draft(Action::Ratified(Ratified { cfg: Cfg([0; 32]) }), person.clock_ms);
    let mut unsigned = draft.unsigned().unwrap();
    unsigned.content = r#"{"type":"thawed"}"#.into();
    unsigned.id = None;
    Event::from_signed(unsigned.sign_with_keys(&person.keys).unwrap()).unwrap()
}

#[test]
fn who_cannot_act_cannot_stop_the_vault_with_an_unknown_action() {
    let (mut people, _, id, evidence) = paid();
    let event = tomorrow(&mut people[3]);
    tell(&mut people, &[event]);
    assert!(matches!(guard::finalise(&people[0].vault, id, &evidence).unwrap(), Verdict::Allowed(_)));
}

#[test]
fn a_rejection_blocks_before_its_past_is_here() {
    let (mut people, _, id, evidence) = paid();
    // Cleo says two things; the second arrives, the first is still on its way.
    let _first = people[2].write(Action::Rejected(Rejected { proposal: conclave_shared::EventId([0; 32]) }));
    let second = people[2].write(Action::Rejected(Rejected { proposal: id }));
    people[0].vault.receive(second).unwrap();
    assert_eq!(people[0].vault.log().waiting(), 1);
    let Verdict::Blocked(unmet) = guard::finalise(&people[0].vault, id, &evidence).unwrap() else { panic!("allowed") };
    assert_eq!(unmet, [Unmet::Rejected { by: people[2].id() }]);
}

#[test]
fn two_stories_are_proof_and_their_author_counts_no_more() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal));
    tell(&mut people, &events);
    let id = events[0].id;
    let mut other = people[1].vault.clone();
    for number in [0, 1] {
        let events = people[number].act(Command::Approve { proposal: id, evidence: &evidence });
        tell(&mut people, &events);
    }
    assert!(matches!(guard::sign(&people[2].vault, id, &evidence).unwrap(), Verdict::Allowed(_)));
    // Ben's second story, written from a copy of his log before he approved.
    let address = other.active().unwrap().descriptor.address(0, bitcoin::Network::Regtest).unwrap().to_string();
    let draft = other.draft(Action::AddressIssued(AddressIssued { index: 0, address }), people[1].clock_ms + 1);
    let second = Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&people[1].keys).unwrap()).unwrap();
    other.receive(second.clone()).unwrap();
    tell(&mut people, &[second]);
    for number in [0, 2] {
        let Verdict::Blocked(unmet) = guard::sign(&people[number].vault, id, &evidence).unwrap() else { panic!() };
        assert_eq!(unmet, [Unmet::ApprovalsMissing { have: 1, need: 2 }]);
    }
    // The others agree on everything, the proof included.
    assert_eq!(people[0].vault.state_digest(), people[2].vault.state_digest());
}

#[test]
fn version_1_of_the_wire_is_pinned() {
    // Every key and time of the story is fixed, and so is every byte that is hashed: tags and their order, contents,
    // `seen`, the configuration, the digest, deterministic signatures. A change here breaks every vault there is.
    // Rules version 0, which asks for no proofs of key: vaults that live by it live on.
    let (people, said, id, _) = paid_by(0);
    let vault = &people[0].vault;
    let pinned = [
        format!("created {}", said[0].id),
        format!("cfg {}", vault.active().unwrap().cfg),
        format!("digest {}", vault.proposal(id).unwrap().checked.digest),
        format!("last {}", said.last().unwrap().id),
        format!("state {}", vault.state_digest()),
        format!("rank {}", vault.log().get(said.last().unwrap().id).unwrap().rank),
    ];
    assert_eq!(pinned.join("\n"), include_str!("../fixtures/story-v1.txt").trim());
    let mut heads =
        conclave_domain::heads::Heads::unsigned(vault.log(), vault.id(), vault.me(), support::START_MS).unwrap();
    assert_eq!(heads.id().to_hex(), include_str!("../fixtures/heads-v1.txt").trim());
    // And a whole signed event, as any Nostr library reads it.
    let event = Event::parse(include_str!("../fixtures/event-v1.json").trim()).unwrap();
    assert_eq!((event.id, &event.content), (said[2].id, &said[2].content));
}

#[test]
fn nobody_waits_for_an_event_of_someone_who_is_no_member() {
    let (mut people, _) = active();
    // A copy of Ben's invitation reaches Ana alone, with a member's help.
    let (_, invitations, _) = support::people();
    let mut eve = support::people().0.remove(1);
    eve.keys = nostr::Keys::new(nostr::SecretKey::from_slice(&[61; 32]).unwrap());
    eve.vault = conclave_domain::vault::Vault::new(people[0].vault.id(), people[0].vault.created(), eve.id());
    let joined = Joined { name: "Eve".into(), proof: Some(invitations[0].prove(eve.id())), key: Some(eve.key()) };
    let joining = eve.write(Action::Joined(joined));
    people[0].vault.receive(joining.clone()).unwrap();
    let events = people[0].act(Command::IssueAddress);
    assert!(!events[0].seen.contains(&joining.id));
    people[1].vault.receive(events[0].clone()).unwrap();
    assert_eq!(people[1].vault.log().waiting(), 0);
}
