//! Deposit addresses that every member's program derives by itself, and what is no such word.

mod support;

use bitcoin::Network;
use conclave_domain::action::{Action, AddressAttested, Content};
use conclave_domain::vault::{ChainFacts, Command, Effect, Vault, Void};
use conclave_shared::{Cfg, MemberId};
use support::{Person, active, tell};

const ANA: usize = 0;
const BEN: usize = 1;
const DORA: usize = 3;

fn to_attest(vault: &Vault) -> Vec<u32> {
    let effects = vault.pending_effects(&ChainFacts::default());
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Attest { index } => Some(index),
            _ => None,
        })
        .collect()
}

fn derived(vault: &Vault, index: u32) -> String {
    vault.active().unwrap().descriptor.address(index, Network::Regtest).unwrap().to_string()
}

fn ids(people: &[Person], who: &[usize]) -> std::collections::BTreeSet<MemberId> {
    who.iter().map(|who| people[*who].id()).collect()
}

#[test]
fn every_program_tells_once_that_it_derives_the_same_address() {
    let (mut people, _) = active();
    let events = people[BEN].act(Command::IssueAddress);
    assert!(to_attest(&people[BEN].vault).is_empty(), "who gave it out has derived it");
    tell(&mut people, &events);
    assert_eq!(people[ANA].vault.attested(0), ids(&people, &[BEN]));
    for who in [ANA, 2, DORA] {
        assert_eq!(to_attest(&people[who].vault), [0], "keyholders and auditors alike");
        let events = people[who].act(Command::Attest { index: 0 });
        assert_eq!(events.len(), 1);
        assert!(to_attest(&people[who].vault).is_empty());
        assert!(people[who].act(Command::Attest { index: 0 }).is_empty(), "once is enough");
        tell(&mut people, &events);
    }
    for person in &people {
        assert_eq!(person.vault.attested(0), ids(&people, &[ANA, BEN, 2, DORA]));
        assert!(person.vault.attested(1).is_empty());
        // A restart goes on from there.
        let bytes = person.vault.to_snapshot().unwrap();
        let again = Vault::from_snapshot(person.vault.id(), person.vault.created(), person.id(), &bytes).unwrap();
        assert_eq!(again.attested(0).len(), 4);
        assert!(to_attest(&again).is_empty());
    }
}

#[test]
fn what_attests_nothing_is_void_by_name_and_not_written_again() {
    let (mut people, _) = active();
    let cfg = people[ANA].vault.active().unwrap().cfg;
    let (own, next) = (derived(&people[ANA].vault, 0), derived(&people[ANA].vault, 1));
    let attest = |cfg, index, address: &String| {
        Action::AddressAttested(AddressAttested { cfg, index, address: address.clone() })
    };
    // Before anybody gave it out.
    let early = people[2].write(attest(cfg, 0, &own));
    tell(&mut people, std::slice::from_ref(&early));
    let events = people[BEN].act(Command::IssueAddress);
    tell(&mut people, &events);
    let other_cfg = people[ANA].write(attest(Cfg([9; 32]), 0, &own));
    let wrong = people[DORA].write(attest(cfg, 0, &next));
    // Somebody who is no member, by another's log.
    let mut eve = support::people().0.remove(1);
    eve.keys = nostr::Keys::new(nostr::SecretKey::from_slice(&[61; 32]).unwrap());
    let mut draft = people[ANA].vault.draft(attest(cfg, 0, &own), support::START_MS);
    (draft.author, draft.n, draft.prev) = (eve.id(), 0, None);
    draft.seen = vec![events[0].id];
    let signed = draft.unsigned().unwrap().sign_with_keys(&eve.keys).unwrap();
    let stranger = conclave_domain::event::Event::from_signed(signed).unwrap();
    tell(&mut people, &[other_cfg.clone(), wrong.clone(), stranger.clone()]);
    for person in &people {
        let void = |event: &conclave_domain::event::Event| person.vault.void()[&event.id].clone();
        assert_eq!(void(&early), Void::NotInPast { what: "address" });
        assert_eq!(void(&other_cfg), Void::OtherConfiguration { cfg: Cfg([9; 32]) });
        assert_eq!(void(&wrong), Void::AddressDiffers);
        assert_eq!(void(&stranger), Void::NoRight);
        let codes = [&early, &other_cfg, &wrong, &stranger].map(|event| void(event).code().to_owned());
        assert_eq!(codes, ["not-in-past", "other-configuration", "address-differs", "no-right"]);
        assert_eq!(person.vault.attested(0), ids(&people, &[BEN]));
        let differs: Vec<_> = person.vault.false_attestations().collect();
        assert_eq!(differs, [(people[DORA].id(), 0)], "whose program derives another address is shown");
        assert!(to_attest(&person.vault).is_empty(), "what had no effect once is not tried again and again");
    }
}

#[test]
fn who_told_two_stories_attests_nothing() {
    let (mut people, _) = active();
    let events = people[BEN].act(Command::IssueAddress);
    tell(&mut people, &events);
    let copy = people[2].vault.clone();
    let events = people[2].act(Command::Attest { index: 0 });
    tell(&mut people, &events);
    assert_eq!(people[ANA].vault.attested(0), ids(&people, &[BEN, 2]));
    let draft =
        copy.draft(Action::Frozen(conclave_domain::action::Frozen { reason: "x".into() }), people[2].clock_ms + 1);
    let signed = draft.unsigned().unwrap().sign_with_keys(&people[2].keys).unwrap();
    tell(&mut people[..2], &[conclave_domain::event::Event::from_signed(signed).unwrap()]);
    assert_eq!(people[ANA].vault.attested(0), ids(&people, &[BEN]));
}

#[test]
fn the_form_of_an_attestation_and_of_a_self_test_is_pinned() {
    // Every key is fixed. A change here breaks every vault in which one was written.
    let (mut people, _) = active();
    let events = people[BEN].act(Command::IssueAddress);
    tell(&mut people, &events);
    let attested = people[DORA].act(Command::Attest { index: 0 });
    let (coin, _) = support::deposit(&people[ANA].vault, 50_000);
    let test = support::self_test(&people[ANA].vault, coin, 50_000, 300);
    let tested = people[ANA].act(Command::SelfTest { test, facts: &ChainFacts::at(support::START_MS) });
    let content = |event: &conclave_domain::event::Event| match &event.content {
        Content::Known(action) => action.to_json(),
        other => panic!("{other:?}"),
    };
    assert_eq!(content(&attested[0]), include_str!("../fixtures/address-attested-v1.json").trim());
    assert_eq!(content(&tested[0]), include_str!("../fixtures/self-test-proposed-v1.json").trim());
}
