//! Any order of arrival and any repetition gives the same state.

mod support;

use std::sync::LazyLock;

use conclave_domain::envelope::{Payload, Reassembly, pack};
use conclave_domain::event::Event;
use conclave_domain::log::Admission;
use conclave_domain::vault::{ChainFacts, Command, Vault};
use conclave_shared::{MemberId, StateDigest};
use proptest::prelude::*;

/// A whole payment and a freeze that is released, with some void events and some concurrent ones mixed in.
static STORY: LazyLock<(Vec<Event>, StateDigest)> = LazyLock::new(|| {
    let (mut people, mut said, id, _) = support::paid();
    use conclave_domain::action::{
        Action, AddressAttested, Approved, Content, FreezeReleased, Frozen, PaymentProposed, Ratified, Rejected,
    };
    let digest = people[0].vault.proposal(id).unwrap().checked.digest;
    // One in its place, and one that says so and pays no more, both for a time.
    let coin = people[0].vault.proposal(id).unwrap().checked.inputs[0].outpoint;
    for fee in [5_000, 500] {
        let (_, proposal) = support::payment(&people[1].vault, coin, 100_000, 60_000, fee);
        let expires_ms = Some(people[1].clock_ms + 3_600_000);
        let bump = PaymentProposed { replaces: Some(id), expires_ms, ..PaymentProposed::from(proposal) };
        let event = people[1].write(Action::PaymentProposed(bump));
        support::tell(&mut people, std::slice::from_ref(&event));
        assert_eq!(people[0].vault.proposal(event.id).is_some(), fee == 5_000);
        said.push(event);
    }
    // Everybody's program tells that it derives the address that Ben gave out; then again, and as another address.
    let attested: Vec<Event> = people
        .iter_mut()
        .flat_map(|person| {
            let honest = person.act(Command::Attest { index: 0 });
            let cfg = person.vault.active().unwrap().cfg;
            let other = AddressAttested { cfg, index: 0, address: "another".into() };
            let again = honest.first().map(|event| match &event.content {
                Content::Known(action) => person.write(action.clone()),
                other => panic!("{other:?}"),
            });
            [honest, again.into_iter().collect(), vec![person.write(Action::AddressAttested(other))]].concat()
        })
        .collect();
    support::tell(&mut people, &attested);
    said.extend(attested);
    assert_eq!(people[0].vault.attested(0).len(), 4);
    // A self-test, approved and signed by all at the same time.
    let (coin, evidence) = support::deposit(&people[0].vault, 70_000);
    let test = support::self_test(&people[0].vault, coin, 70_000, 300);
    let test = people[0].act(Command::SelfTest { test, facts: &ChainFacts::at(support::START_MS) });
    support::tell(&mut people, &test);
    said.extend(test.clone());
    for sign in [false, true] {
        let concurrent: Vec<Event> = people[..3]
            .iter_mut()
            .flat_map(|person| match sign {
                false => person.act(Command::Approve { proposal: test[0].id, evidence: &evidence }),
                true => person.sign(test[0].id, &evidence),
            })
            .collect();
        support::tell(&mut people, &concurrent);
        said.extend(concurrent);
    }
    // Written at the same time by everybody: nobody had seen the others'.
    let concurrent: Vec<Event> = people
        .iter_mut()
        .flat_map(|person| {
            let cfg = person.vault.active().unwrap().cfg;
            [
                person.write(Action::Approved(Approved { proposal: id, digest })),
                person.write(Action::Ratified(Ratified { cfg })),
                person.write(Action::Rejected(Rejected { proposal: id })),
            ]
        })
        .collect();
    support::tell(&mut people, &concurrent);
    said.extend(concurrent);
    // All freeze, and vote at the same time; a second vote of each, and whatever an auditor says, is void.
    for round in 0..3 {
        let freezes: Vec<_> = people[0].vault.freezes().iter().map(|freeze| freeze.event).collect();
        let action = |_| match round {
            0 => Action::Frozen(Frozen { reason: "stop".into() }),
            _ => Action::FreezeReleased(FreezeReleased { freezes: freezes.clone() }),
        };
        let concurrent: Vec<Event> = people.iter_mut().map(|person| person.write(action(()))).collect();
        support::tell(&mut people, &concurrent);
        said.extend(concurrent);
    }
    assert!(people.iter().all(|person| person.vault.freezes().len() == 3));
    assert!(people[1].vault.freezes().iter().all(|freeze| freeze.have() == 3 && !freeze.stands()));
    let digests: Vec<_> = people.iter().map(|person| person.vault.state_digest()).collect();
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    assert!(!people[0].vault.void().is_empty());
    (said, digests[0])
});

/// When each key had signed each payment: not in the digest, and as free of the order.
fn signed_at(vault: &Vault) -> Vec<(MemberId, u64)> {
    let members = vault.active().into_iter().flat_map(|active| active.keyholders()).collect::<Vec<MemberId>>();
    let each = |it: &conclave_domain::vault::ProposalState| {
        members.iter().filter_map(|member| Some((*member, it.signed_at(*member)?))).collect::<Vec<_>>()
    };
    vault.proposals().into_iter().flat_map(each).collect()
}

fn empty() -> Vault {
    let (mut people, ..) = support::people();
    people.remove(3).vault
}

/// By the order in which it was said.
static SIGNED: LazyLock<Vec<(MemberId, u64)>> = LazyLock::new(|| {
    let mut vault = empty();
    STORY.0.iter().for_each(|event| drop(vault.receive(event.clone()).unwrap()));
    let signed = signed_at(&vault);
    assert_eq!(signed.len(), 5, "two signed the payment, three the self-test");
    signed
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_and_repetition_gives_the_same_state(
        order in Just((0..STORY.0.len()).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..STORY.0.len(), 0..20),
    ) {
        let (said, digest) = &*STORY;
        let mut vault = empty();
        for index in order.into_iter().chain(again) {
            vault.receive(said[index].clone()).unwrap();
        }
        prop_assert_eq!(vault.log().waiting(), 0);
        prop_assert_eq!(vault.state_digest(), *digest);
        prop_assert_eq!(signed_at(&vault), SIGNED.clone());
        // A restart goes on from a snapshot.
        let snapshot = vault.to_snapshot().unwrap();
        let restarted = Vault::from_snapshot(vault.id(), vault.created(), vault.me(), &snapshot).unwrap();
        prop_assert_eq!(restarted.state_digest(), *digest);
        prop_assert_eq!(restarted.heads_digest(), vault.heads_digest());
        prop_assert_eq!(signed_at(&restarted), SIGNED.clone());
    }

    #[test]
    fn any_prefix_agrees_whatever_its_order(
        length in 1..STORY.0.len(),
        order in Just((0..STORY.0.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let said = &STORY.0[..length];
        let (mut straight, mut shuffled) = (empty(), empty());
        said.iter().for_each(|event| { straight.receive(event.clone()).unwrap(); });
        for index in order.into_iter().filter(|index| *index < length) {
            shuffled.receive(said[index].clone()).unwrap();
        }
        prop_assert_eq!(straight.state_digest(), shuffled.state_digest());
    }

    #[test]
    fn outside_bytes_never_panic(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Event::parse(&text);
        let _ = conclave_domain::heads::Heads::parse(&text);
        let _ = conclave_domain::invitation::Invitation::parse(&format!("conclave1{text}"), 0);
        let _ = conclave_domain::descriptor::VaultDescriptor::parse(&text);
        let _ = conclave_domain::descriptor::AccountKey::parse(&text, Default::default(), bitcoin::Network::Regtest);
        let _ = conclave_domain::action::Content::parse(&text);
        let _ = Reassembly::default().take(conclave_shared::MemberId([0; 32]), &text);
        let _ = Reassembly::default().take(conclave_shared::MemberId([0; 32]), &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn an_event_waits_for_what_it_builds_on() {
    let said = &STORY.0;
    let mut vault = empty();
    let last = said.last().unwrap();
    assert!(matches!(vault.receive(last.clone()).unwrap(), Admission::Waiting { .. }));
    assert_eq!(vault.receive(last.clone()).unwrap(), Admission::Held);
    assert!(vault.log().missing().next().is_some());
}

#[test]
fn events_survive_the_envelope() {
    let said = &STORY.0;
    let events = said.iter().map(|event| serde_json::from_str(&event.to_json()).unwrap()).collect();
    let payload = Payload::Events { vault: said[0].vault, events };
    let mut reassembly = Reassembly::default();
    let mut back = None;
    for part in pack(&payload).unwrap() {
        back = reassembly.take(said[0].author, &part).unwrap();
    }
    let Some(Payload::Events { events, .. }) = back else { panic!("no payload came out") };
    let events: Vec<Event> = events.iter().map(|event| Event::parse(&event.to_string()).unwrap()).collect();
    assert_eq!(events, *said);
}
