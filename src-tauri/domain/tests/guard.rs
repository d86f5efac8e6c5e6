//! What a permit says, and what the guard alone notices: differences between a PSBT and the record that are no fault of
//! the PSBT by itself.

mod support;

use std::collections::BTreeSet;

use bitcoin::absolute::LockTime;
use bitcoin::psbt::{Psbt, raw};
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{Amount, PublicKey, Sequence};
use conclave_domain::descriptor::Keychain;
use conclave_domain::guard::{self, GuardFault, Permit, Verdict, inspect};
use conclave_domain::proposal::{ChangeClaim, CheckedProposal, Proposal};
use conclave_domain::psbt::{Evidence, PsbtFault, rebuild};
use conclave_domain::vault::Command;
use conclave_shared::{EventId, Finding, MemberId, Recovery, Role, ScriptKind, Unmet};
use miniscript::psbt::PsbtExt as _;
use support::{Person, active, active_of, deposit, paid, payment, propose, tell};

fn allowed<Leave>(verdict: Result<Verdict<Permit<Leave>>, GuardFault>) -> Permit<Leave> {
    match verdict.unwrap() {
        Verdict::Allowed(permit) => permit,
        Verdict::Blocked(unmet) => panic!("not permitted: {unmet:?}"),
    }
}

fn blocked<T>(verdict: Result<Verdict<T>, GuardFault>) -> Vec<Unmet> {
    match verdict.unwrap() {
        Verdict::Allowed(_) => vec![],
        Verdict::Blocked(unmet) => unmet,
    }
}

/// A payment that Ana and Cleo have approved, and nobody has signed.
fn approved(script: ScriptKind) -> (Vec<Person>, EventId, Evidence) {
    let (mut people, _) = active_of(script, None);
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal));
    tell(&mut people, &events);
    let id = events[0].id;
    for number in [0, 2] {
        let events = people[number].act(Command::Approve { proposal: id, evidence: &evidence });
        tell(&mut people, &events);
    }
    (people, id, evidence)
}

fn checked(people: &[Person], id: EventId) -> &CheckedProposal {
    &people[0].vault.proposal(id).unwrap().checked
}

fn judged(people: &[Person], psbt: &Psbt, proposal: &CheckedProposal) -> Vec<Finding> {
    inspect(psbt, proposal, &people[0].vault.active().unwrap().descriptor).into_iter().collect()
}

fn honest(people: &[Person], id: EventId, evidence: &Evidence) -> Psbt {
    let psbt = rebuild(checked(people, id), &people[0].vault.active().unwrap().descriptor, evidence).unwrap();
    assert_eq!(judged(people, &psbt, checked(people, id)), []);
    psbt
}

// ---- permits ----

#[test]
fn a_permit_names_the_payment_its_rules_and_the_keys_that_may_sign() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let payment = checked(&people, id);
    for number in [0, 1, 2] {
        let vault = &people[number].vault;
        let permit = allowed(guard::sign(vault, id, &evidence));
        assert_eq!((permit.digest(), permit.cfg()), (payment.digest, vault.active().unwrap().cfg));
        assert_eq!(permit.leave().member, people[number].id());
        let own = payment.key_of(0, people[number].id()).unwrap();
        assert_eq!(permit.leave().keys, BTreeSet::from([own]), "nobody is given leave for another's key");
        let (psbt, leave) = permit.consume();
        assert_eq!((&psbt.unsigned_tx, leave.keys.len()), (&payment.transaction, 1));
    }
    let keys: BTreeSet<PublicKey> = (0..3).map(|it| payment.key_of(0, people[it].id()).unwrap()).collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(payment.key_of(0, MemberId([0; 32])), None);

    let (people, _, id, evidence) = paid();
    let permit = allowed(guard::broadcast(&people[0].vault, id, &evidence));
    assert_eq!(permit.leave().txid, checked(&people, id).txid);
    assert_eq!(permit.digest(), checked(&people, id).digest);
    let Verdict::Allowed(digest) = guard::approve(&people[1].vault, id, &evidence).unwrap() else {
        panic!("Ben may still consent")
    };
    assert_eq!(digest, checked(&people, id).digest, "a consent is to this payment");
}

#[test]
fn a_screen_shows_the_dangers_that_would_keep_a_payment_from_being_signed() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let vault = &people[0].vault;
    assert_eq!(guard::findings(vault, id, &evidence).unwrap(), BTreeSet::new());
    let missing = guard::findings(vault, id, &Evidence::default()).unwrap();
    assert_eq!(missing, BTreeSet::from([Finding::PreviousTransactionMissing]));
    let dangers = missing.into_iter().map(|finding| Unmet::Danger { finding });
    assert_eq!(blocked(guard::sign(vault, id, &Evidence::default())), dangers.collect::<Vec<_>>());
    let unknown = GuardFault::UnknownProposal { proposal: EventId([0; 32]) };
    assert_eq!(guard::findings(vault, EventId([0; 32]), &evidence).unwrap_err(), unknown);
    assert_eq!(guard::approve(vault, EventId([0; 32]), &evidence).unwrap_err(), unknown);
    // A fault of the PSBT is said as it is.
    let reason = "the sky is falling".to_owned();
    assert_eq!(GuardFault::from(PsbtFault::Malformed { reason }).to_string(), "psbt: the sky is falling");
}

#[test]
fn a_payment_that_cannot_be_sent_yet_is_not_signed() {
    let (mut people, _) = active();
    let (coin, mut evidence) = deposit(&people[0].vault, 100_000);
    let (mut transaction, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    transaction.lock_time = LockTime::from_height(150).unwrap();
    let later = Proposal::new(&transaction, proposal.inputs.clone(), proposal.change, String::new());
    let events = people[0].act(propose(later));
    let id = events[0].id;
    // Block 151 is the first that may hold it.
    for (tip_height, found) in [(0, true), (149, true), (150, false), (151, false)] {
        evidence.tip_height = tip_height;
        let expected = if found { BTreeSet::from([Finding::LocktimeAhead]) } else { BTreeSet::new() };
        assert_eq!(guard::findings(&people[0].vault, id, &evidence).unwrap(), expected, "tip {tip_height}");
    }
}

#[test]
fn a_recovery_is_signed_when_its_coins_have_lain_their_time() {
    let recovery = Recovery { after_blocks: 144, threshold: 1, keys: vec![] };
    let (mut people, _) = active_of(ScriptKind::P2wshMulti, Some(recovery));
    let (coin, mut evidence) = deposit(&people[0].vault, 100_000);
    let (mut transaction, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    transaction.input[0].sequence = Sequence::from_height(144);
    let recovered = Proposal::new(&transaction, proposal.inputs.clone(), proposal.change, String::new());
    let events = people[0].act(propose(recovered));
    let found = |evidence: &Evidence| guard::findings(&people[0].vault, events[0].id, evidence).unwrap();
    let ahead = BTreeSet::from([Finding::LocktimeAhead]);
    evidence.tip_height = 1_000;
    evidence.confirmed.clear();
    assert_eq!(found(&evidence), ahead, "a coin that no block holds has not begun to wait");
    // In block 100: block 244 is the first that may hold the payment.
    evidence.confirmed.insert(coin.txid, 100);
    for (tip_height, waits) in [(100, true), (242, true), (243, false), (300, false)] {
        evidence.tip_height = tip_height;
        assert_eq!(found(&evidence), if waits { ahead.clone() } else { BTreeSet::new() }, "tip {tip_height}");
    }
}

#[test]
fn a_payment_leaves_as_a_file_only_where_it_could_be_signed() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal));
    tell(&mut people, &events);
    let id = events[0].id;
    let carried = |people: &[Person], number: usize| guard::carry(&people[number].vault, id, &evidence);
    assert_eq!(blocked(carried(&people, 0)), [Unmet::ApprovalsMissing { have: 0, need: 2 }]);
    for number in [0, 2] {
        let events = people[number].act(Command::Approve { proposal: id, evidence: &evidence });
        tell(&mut people, &events);
    }
    let events = people[0].sign(id, &evidence);
    tell(&mut people, &events);
    // Who has signed already, and the auditor who has no key, may carry it to others: it holds no signature.
    for number in [0, 1, 3] {
        let Verdict::Allowed(psbt) = carried(&people, number).unwrap() else { panic!("member {number} may carry it") };
        assert_eq!(psbt.unsigned_tx, checked(&people, id).transaction);
        assert!(psbt.inputs.iter().all(|input| input.partial_sigs.is_empty()));
    }
    assert_eq!(blocked(guard::sign(&people[0].vault, id, &evidence)), [Unmet::AlreadySigned]);
    let dangers = blocked(guard::carry(&people[0].vault, id, &Evidence::default()));
    assert_eq!(dangers, [Unmet::Danger { finding: Finding::PreviousTransactionMissing }]);
    for (unmet, own) in [
        (Unmet::AlreadySigned, true),
        (Unmet::RoleMissing { needs: Role::Keyholder }, true),
        (Unmet::ApprovalsMissing { have: 0, need: 2 }, false),
        (Unmet::NotActive, false),
    ] {
        assert_eq!(guard::is_about_own_key(&unmet), own, "{unmet:?}");
    }
}

#[test]
fn the_dangers_of_a_draft_are_those_that_it_would_have_on_record() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let descriptor = &people[0].vault.active().unwrap().descriptor;
    let dangers = |evidence: &Evidence| guard::dangers(checked(&people, id), descriptor, evidence).unwrap();
    assert_eq!(dangers(&evidence), BTreeSet::new());
    assert_eq!(dangers(&Evidence::default()), BTreeSet::from([Finding::PreviousTransactionMissing]));
}

// ---- what differs from the record ----

#[test]
fn another_transaction_than_the_one_proposed_is_named_and_nothing_else() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let psbt = honest(&people, id, &evidence);
    let proposal = checked(&people, id);
    let mut fewer = psbt.clone();
    fewer.inputs.clear();
    let mut more = psbt.clone();
    more.inputs.push(more.inputs[0].clone());
    let mut dearer = psbt.clone();
    dearer.unsigned_tx.output[1].value -= Amount::ONE_SAT;
    for other in [fewer, more, dearer] {
        assert_eq!(judged(&people, &other, proposal), [Finding::TransactionNotProposed]);
    }
}

#[test]
fn what_the_record_says_of_a_coin_must_be_what_the_chain_shows() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let psbt = honest(&people, id, &evidence);
    let told = |alter: &dyn Fn(&mut CheckedProposal)| {
        let mut proposal = checked(&people, id).clone();
        alter(&mut proposal);
        judged(&people, &psbt, &proposal)
    };
    assert_eq!(told(&|it| it.inputs[0].amount -= Amount::ONE_SAT), [Finding::AmountUnproven]);
    assert_eq!(told(&|it| it.inputs[0].amount += Amount::ONE_SAT), [Finding::AmountUnproven]);
    // Ours, and at another address than the record says.
    assert_eq!(told(&|it| it.inputs[0].index = 3), [Finding::InputNotOurs]);
    assert_eq!(told(&|it| it.inputs[0].keychain = Keychain::Change), [Finding::InputNotOurs]);
}

#[test]
fn in_a_vault_every_amount_is_proven_by_the_whole_previous_transaction() {
    // Taproot signatures cover amounts: to other programs their previous outputs alone are enough.
    for script in [ScriptKind::TaprootMulti, ScriptKind::default(), ScriptKind::LegacyMulti] {
        let (people, id, evidence) = approved(script);
        let mut psbt = honest(&people, id, &evidence);
        psbt.inputs[0].witness_utxo = evidence.previous.values().next().map(|previous| previous.output[0].clone());
        psbt.inputs[0].non_witness_utxo = None;
        assert_eq!(judged(&people, &psbt, checked(&people, id)), [Finding::PreviousTransactionMissing], "{script}");
    }
}

#[test]
fn nothing_is_final_before_the_guard_says_so() {
    // With segwit a final input has a witness alone, without it a script alone, nested both.
    for script in [ScriptKind::default(), ScriptKind::LegacySortedmulti, ScriptKind::NestedSortedmulti] {
        let (people, id, evidence) = approved(script);
        let open = honest(&people, id, &evidence);
        let mut signed = open.clone();
        for number in [1, 2] {
            signed.sign(&people[number].seed, SECP256K1).unwrap();
        }
        assert_eq!(judged(&people, &signed, checked(&people, id)), [], "{script}: signatures are no danger");
        signed.finalize_mut(SECP256K1).unwrap();
        let mut early = open;
        early.inputs[0].final_script_sig = signed.inputs[0].final_script_sig.take();
        early.inputs[0].final_script_witness = signed.inputs[0].final_script_witness.take();
        let parts = (early.inputs[0].final_script_sig.is_some(), early.inputs[0].final_script_witness.is_some());
        assert_eq!(parts, (script != ScriptKind::default(), script != ScriptKind::LegacySortedmulti));
        assert_eq!(
            judged(&people, &early, checked(&people, id)),
            [Finding::FinalsPrefilled],
            "{script}: valid, and early"
        );
    }
}

#[test]
fn nothing_is_said_of_an_output_but_of_the_change_that_was_proposed() {
    let (people, id, evidence) = approved(ScriptKind::default());
    let psbt = honest(&people, id, &evidence);
    let proposal = checked(&people, id);
    let forged = |forge: &dyn Fn(&mut Psbt)| {
        let mut psbt = psbt.clone();
        forge(&mut psbt);
        judged(&people, &psbt, proposal)
    };
    let note = || (raw::Key { type_value: 0xf0, key: vec![] }, vec![1]);
    // A note on the change is not read; a note on what is paid could make it look like ours elsewhere.
    assert_eq!(forged(&|psbt| psbt.outputs[1].unknown.extend([note()])), []);
    assert_eq!(forged(&|psbt| psbt.outputs[0].unknown.extend([note()])), [Finding::ChangeNotOurs]);
    // Change that nothing shows to be ours.
    assert_eq!(forged(&|psbt| psbt.outputs[1] = Default::default()), [Finding::ChangeNotOurs]);
    let mut elsewhere = proposal.clone();
    elsewhere.change = elsewhere.change.map(|change| ChangeClaim { index: 9, ..change });
    assert_eq!(judged(&people, &psbt, &elsewhere), [Finding::ChangeNotOurs], "at another index than was proposed");
    let mut nowhere = proposal.clone();
    nowhere.change = nowhere.change.map(|change| ChangeClaim { output: 7, ..change });
    assert_eq!(judged(&people, &psbt, &nowhere), [Finding::ChangeNotOurs], "no such output");
    let mut none = proposal.clone();
    none.change = None;
    assert_eq!(judged(&people, &psbt, &none), [Finding::ChangeNotOurs], "nothing was said to come back");
}

#[test]
fn a_payment_without_change_has_none_to_prove() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (mut transaction, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    transaction.output.truncate(1);
    transaction.output[0].value = Amount::from_sat(99_500);
    let whole = Proposal::new(&transaction, proposal.inputs, None, String::new());
    let events = people[0].act(propose(whole));
    let psbt = honest(&people, events[0].id, &evidence);
    assert!(psbt.outputs.iter().all(|output| *output == Default::default()));
    assert_eq!(guard::findings(&people[0].vault, events[0].id, &evidence).unwrap(), BTreeSet::new());
}
