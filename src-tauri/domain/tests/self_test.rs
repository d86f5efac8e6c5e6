//! Self-tests: payments back to the vault for which every keyholder's key is asked once.

mod support;

use bitcoin::{Amount, ScriptBuf};
use conclave_domain::action::{Action, Content, SelfTestProposed};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::proposal::{ProposalFault, SELF_TEST_PURPOSE};
use conclave_domain::psbt::finalise;
use conclave_domain::vault::{Act, ChainFacts, Command, CommandFault, Effect, Vault, Void};
use conclave_shared::{EventId, ProposalStatus, ScriptKind, Unmet};
use support::{Person, active, active_of, deposit, self_test, self_test_to, tell};

const TOTAL: u64 = 100_000;

fn status(vault: &Vault, id: EventId) -> ProposalStatus {
    vault.proposal_status(vault.proposal(id).unwrap(), &ChainFacts::default())
}

/// Proposed and approved by two, told to all.
fn approved(people: &mut [Person]) -> (EventId, conclave_domain::psbt::Evidence) {
    let (coin, evidence) = deposit(&people[0].vault, TOTAL);
    let test = self_test(&people[0].vault, coin, TOTAL, 400);
    let events = people[0].act(Command::SelfTest { test, facts: &ChainFacts::at(support::START_MS) });
    let id = events[0].id;
    tell(people, &events);
    for who in [0, 1] {
        let events = people[who].act(Command::Approve { proposal: id, evidence: &evidence });
        tell(people, &events);
    }
    (id, evidence)
}

#[test]
fn a_self_test_waits_for_every_key_and_is_put_together_of_as_many_as_the_script_asks_for() {
    let scripts = [
        ScriptKind::P2wshSortedmulti,
        ScriptKind::P2wshMulti,
        ScriptKind::NestedSortedmulti,
        ScriptKind::LegacyMulti,
        ScriptKind::TaprootMulti,
    ];
    for script in scripts {
        let (mut people, _) = active_of(script, None);
        let (id, evidence) = approved(&mut people);
        let state = people[1].vault.proposal(id).unwrap();
        assert!(state.self_test && state.checked.purpose == SELF_TEST_PURPOSE);
        assert_eq!(state.checked.change_amount(), Amount::from_sat(TOTAL - 400));
        for (who, have) in [(2, 1), (0, 2)] {
            let events = people[who].sign(id, &evidence);
            tell(&mut people, &events);
            let unmet = people[1].vault.unmet(id, Act::Finalise, &ChainFacts::default());
            assert_eq!(unmet, [Unmet::SignaturesMissing { have, need: 3 }], "{script}");
            assert_eq!(status(&people[1].vault, id), ProposalStatus::Approved);
            let effects = people[2].vault.pending_effects(&ChainFacts::default());
            assert!(!effects.contains(&Effect::Finalise { proposal: id }));
        }
        // Two would be enough for the network: the coin is held whatever happens, and nobody signs another over it.
        assert!(people[1].vault.holds(people[1].vault.proposal(id).unwrap(), &ChainFacts::at(u64::MAX)));
        assert!(people[1].vault.expired(people[1].vault.proposal(id).unwrap(), &ChainFacts::at(u64::MAX)).is_some());
        let events = people[1].sign(id, &evidence);
        tell(&mut people, &events);
        let vault = &people[2].vault;
        assert_eq!(status(vault, id), ProposalStatus::Signed);
        assert!(vault.pending_effects(&ChainFacts::default()).contains(&Effect::Finalise { proposal: id }));
        let Verdict::Allowed(permit) = guard::finalise(vault, id, &evidence).unwrap() else { panic!("not permitted") };
        let signed = vault.proposal(id).unwrap();
        let transaction = finalise(permit.consume().0, &signed.signatures).unwrap();
        assert!(signed.checked.is_sent_as(&transaction), "{script}");
        let last = people.iter().take(3).map(|person| signed.signed_at(person.id()).unwrap()).max();
        assert_eq!(last, signed.signed_at(people[1].id()), "Ben signed last");
    }
}

#[test]
fn a_self_test_that_pays_out_is_refused_by_name() {
    let (mut people, _) = active();
    let (coin, _) = deposit(&people[0].vault, TOTAL);
    let honest = self_test(&people[0].vault, coin, TOTAL, 400);
    let elsewhere = self_test_to(&people[0].vault, coin, TOTAL, 400, ScriptBuf::new_op_return([1]));
    // A second output, to a stranger, behind the change.
    let mut transaction: bitcoin::Transaction =
        bitcoin::consensus::encode::deserialize_hex(&honest.transaction).unwrap();
    transaction.output[0].value -= Amount::from_sat(50_000);
    let stranger = bitcoin::TxOut { value: Amount::from_sat(50_000), script_pubkey: ScriptBuf::new_op_return([2]) };
    transaction.output.push(stranger);
    let beside =
        SelfTestProposed { transaction: bitcoin::consensus::encode::serialize_hex(&transaction), ..honest.clone() };
    for (test, fault, code) in [
        (elsewhere, ProposalFault::ChangeNotOurs { output: 0 }, "change-not-ours"),
        (beside, ProposalFault::SelfTestPaysOut, "self-test-pays-out"),
    ] {
        let command = Command::SelfTest { test: test.clone(), facts: &ChainFacts::at(support::START_MS) };
        let refused = people[0].vault.decide(command);
        assert!(matches!(refused, Err(CommandFault::Proposal(found)) if found == fault));
        // Written past the own program, the others hold it void.
        let event = people[0].write(Action::SelfTestProposed(test));
        tell(&mut people, std::slice::from_ref(&event));
        assert_eq!(people[1].vault.void()[&event.id], Void::Proposal(fault));
        assert_eq!(people[1].vault.void()[&event.id].code(), code);
        // And after a restart by the same name.
        let bytes = people[1].vault.to_snapshot().unwrap();
        let (id, created) = (people[1].vault.id(), people[1].vault.created());
        let again = Vault::from_snapshot(id, created, people[1].id(), &bytes).unwrap();
        assert_eq!(again.void()[&event.id].code(), code);
        assert!(people[1].vault.proposal(event.id).is_none());
    }
    // What is no field of it: who writes one names a recipient of a newer program, or nothing.
    let json = Action::SelfTestProposed(honest).to_json();
    let more = json.replace("\"index\":0,\"expires_ms\"", "\"index\":0,\"purpose\":\"x\",\"expires_ms\"");
    assert!(matches!(Content::parse(&json), Content::Known(_)) && more != json);
    assert!(matches!(Content::parse(&more), Content::Malformed { .. }));
}

#[test]
fn the_auditor_proposes_none_and_it_is_put_up_for_at_most_thirty_days() {
    let (mut people, _) = active();
    let (coin, _) = deposit(&people[0].vault, TOTAL);
    let test = self_test(&people[0].vault, coin, TOTAL, 400);
    let facts = ChainFacts::at(people[0].clock_ms);
    let command = |test: &SelfTestProposed| Command::SelfTest { test: test.clone(), facts: &facts };
    assert!(matches!(people[3].vault.decide(command(&test)).unwrap(), Verdict::Blocked(_)));
    let event = people[3].write(Action::SelfTestProposed(test.clone()));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[0].vault.void()[&event.id], Void::NoRight);
    let long = SelfTestProposed { expires_ms: test.expires_ms + 31 * 86_400_000, ..test };
    assert!(matches!(people[0].vault.decide(command(&long)), Err(CommandFault::Expiry)));
    let event = people[0].write(Action::SelfTestProposed(long));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[1].vault.void()[&event.id], Void::Expiry);
}
