//! A payment from set-up to final transaction, and everything that stops it.

mod support;

use std::collections::BTreeSet;

use bitcoin::hashes::Hash as _;
use bitcoin::psbt::PsbtSighashType;
use bitcoin::secp256k1::{SECP256K1, ecdsa};
use bitcoin::sighash::EcdsaSighashType;
use bitcoin::{Amount, ScriptBuf, Witness};
use conclave_domain::action::{Action, Approved, Signed};
use conclave_domain::descriptor::Keychain;
use conclave_domain::guard::{self, GuardFault, Verdict, inspect};
use conclave_domain::proposal::{KeptSignature, PartialSignature};
use conclave_domain::psbt::{Evidence, finalise, rebuild};
use conclave_domain::vault::{ChainFacts, Command, CommandFault, Effect, Vault, Void};
use conclave_shared::{Digest, EventId, Finding, ProposalStatus, Unmet};
use support::{active, deposit, paid, payment, propose, tell};

fn blocked<T: std::fmt::Debug>(verdict: Result<Verdict<T>, GuardFault>) -> Vec<Unmet> {
    match verdict.unwrap() {
        Verdict::Allowed(allowed) => panic!("allowed: {allowed:?}"),
        Verdict::Blocked(unmet) => unmet,
    }
}

#[test]
fn two_of_three_pay() {
    let (people, _, id, evidence) = paid();
    let digests: BTreeSet<_> = people.iter().map(|person| person.vault.state_digest()).collect();
    assert_eq!(digests.len(), 1, "all members hold the same state");

    let vault = &people[2].vault;
    assert_eq!(vault.proposal_status(vault.proposal(id).unwrap(), &ChainFacts::default()), ProposalStatus::Signed);
    let Verdict::Allowed(permit) = guard::finalise(vault, id, &evidence).unwrap() else { panic!("not permitted") };
    let (psbt, _) = permit.consume();
    let transaction = finalise(psbt, &vault.proposal(id).unwrap().signatures).unwrap();
    assert_eq!(transaction.compute_txid(), vault.proposal(id).unwrap().checked.txid);
    // miniscript's finaliser has run its interpreter over the script: 2 signatures, the dummy and the script.
    assert_eq!(transaction.input[0].witness.len(), 4);
    let attest = Effect::Attest { index: 0 };
    assert_eq!(
        vault.pending_effects(&ChainFacts::default()),
        [Effect::Watch, Effect::Broadcast { proposal: id }, attest.clone()]
    );
    // A member who has not finalised would do so: nobody depends on one machine.
    let others = people[1].vault.pending_effects(&ChainFacts::default());
    assert_eq!(others, [Effect::Watch, Effect::Finalise { proposal: id }]);
    // The auditor acts on no payment; but every program tells that it derives the address that Ben gave out.
    let auditor = people[3].vault.pending_effects(&ChainFacts::default());
    assert_eq!(auditor, [Effect::Watch, Effect::Attest { index: 0 }]);

    let mut chain = ChainFacts::default();
    chain.note(transaction.compute_txid(), None);
    assert_eq!(
        vault.pending_effects(&chain),
        [Effect::Watch, Effect::Announce { proposal: id }, attest.clone()],
        "what the network knows is told again at times"
    );
    let block = bitcoin::BlockHash::all_zeros();
    chain.note(transaction.compute_txid(), Some((7, block)));
    assert_eq!(
        vault.pending_effects(&chain),
        [Effect::Watch, Effect::RecordConfirmed { proposal: id, height: 7, block }, attest]
    );
}

#[test]
fn a_signature_needs_the_approvals_first() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal));
    tell(&mut people, &events);
    let id = events[0].id;
    assert_eq!(blocked(guard::sign(&people[1].vault, id, &evidence)), [Unmet::ApprovalsMissing { have: 0, need: 2 }]);
    for number in [0, 1] {
        let events = people[number].act(Command::Approve { proposal: id, evidence: &evidence });
        tell(&mut people, &events);
        assert!(
            people[number].act(Command::Approve { proposal: id, evidence: &evidence }).is_empty(),
            "once is enough"
        );
    }
    let events = people[1].sign(id, &evidence);
    tell(&mut people, &events);
    assert_eq!(blocked(guard::sign(&people[1].vault, id, &evidence)), [Unmet::AlreadySigned]);
    assert_eq!(
        blocked(guard::finalise(&people[1].vault, id, &evidence)),
        [Unmet::SignaturesMissing { have: 1, need: 2 }]
    );
    // A rejection stops it even now.
    let events = people[2].act(Command::Reject { proposal: id });
    tell(&mut people, &events);
    assert!(blocked(guard::sign(&people[0].vault, id, &evidence)).contains(&Unmet::Rejected { by: people[2].id() }));
}

#[test]
fn the_auditor_cannot_act() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal.clone()));
    tell(&mut people, &events);
    let id = events[0].id;
    let dora = &mut people[3];
    assert!(matches!(dora.vault.decide(propose(proposal)).unwrap(), Verdict::Blocked(_)));
    assert!(matches!(
        dora.vault.decide(Command::Approve { proposal: id, evidence: &evidence }).unwrap(),
        Verdict::Blocked(_)
    ));
    assert!(matches!(dora.vault.decide(Command::Reject { proposal: id }).unwrap(), Verdict::Blocked(_)));
    assert!(matches!(dora.vault.decide(Command::IssueAddress).unwrap(), Verdict::Blocked(_)));
    assert!(matches!(
        dora.vault.decide(Command::Ratify { words: "" }).unwrap(),
        Verdict::Allowed(_) | Verdict::Blocked(_)
    ));
    // Nor by writing past her own app: the others hold it void.
    let digest = dora.vault.proposal(id).unwrap().checked.digest;
    let event = dora.write(Action::Approved(Approved { proposal: id, digest }));
    tell(&mut people, std::slice::from_ref(&event));
    assert_eq!(people[0].vault.void()[&event.id], Void::NoRight);
    assert!(people[0].vault.proposal(id).unwrap().approvals.is_empty());
}

#[test]
fn the_words_must_be_the_same() {
    let (mut people, _) = active();
    let ana = &mut people[0];
    assert!(ana.act(Command::Ratify { words: "whatever" }).is_empty(), "ratified already");
    let (people, invitations, creation) = support::people();
    let mut people = people;
    tell(&mut people, &[creation]);
    assert!(matches!(
        people[1].vault.decide(Command::Ratify { words: "" }),
        Err(CommandFault::NoConfiguration { have: 0, need: 4 })
    ));
    drop(invitations);
}

#[test]
fn the_organiser_cannot_swap_a_key() {
    use conclave_domain::action::ConfigurationProposed;
    use conclave_domain::configuration::{Configuration, RULES};
    use conclave_domain::vault::KeyRefusal;
    let (mut people, ..) = support::gathered(RULES);
    // Ana's honest proposal is not sent; she sends one in which Ben's key is one of her own.
    let mut ana = people.remove(0);
    let Verdict::Allowed(actions) = ana.vault.decide(Command::ProposeConfiguration).unwrap() else { panic!() };
    let Action::ConfigurationProposed(honest) = &actions[0] else { panic!() };
    let mut forged: Configuration = serde_json::from_str(&honest.configuration).unwrap();
    let ben = people[0].id();
    let own = bitcoin::bip32::Xpriv::new_master(bitcoin::Network::Regtest, &[77; 32]).unwrap();
    ana.seed = own;
    forged.members.iter_mut().find(|member| member.identity == ben).unwrap().key = Some(ana.key());
    forged.descriptor = forged.make_descriptor().unwrap();
    let event = ana.write(Action::ConfigurationProposed(ConfigurationProposed { configuration: forged.to_json() }));
    tell(&mut people, std::slice::from_ref(&event));
    for person in &people {
        assert_eq!(person.vault.void()[&event.id], Void::KeyRefused(KeyRefusal::KeySwapped { member: ben }));
        assert!(person.vault.newest_configuration().is_none());
    }
}

#[test]
fn only_one_payment_holds_a_coin() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, first) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let (_, second) = payment(&people[0].vault, coin, 100_000, 10_000, 500);
    // Concurrent: neither knew of the other.
    let one = people[0].act(propose(first.clone()));
    let other = people[1].act(propose(second.clone()));
    tell(&mut people, &one);
    tell(&mut people, &other);
    let (one, other) = (one[0].id, other[0].id);
    assert!(people[2].vault.proposal(one).is_some() && people[2].vault.proposal(other).is_some());
    let events = people[2].act(Command::Approve { proposal: one, evidence: &evidence });
    tell(&mut people, &events);
    assert_eq!(blocked(guard::approve(&people[2].vault, other, &evidence)), [Unmet::CoinReserved { by: one }]);
    // Known: a third over the same coin is refused here, and void if written all the same.
    let Verdict::Blocked(unmet) = people[2].vault.decide(propose(second.clone())).unwrap() else { panic!() };
    assert_eq!(unmet.len(), 2);
    let event = people[2].write(Action::Proposed(second.clone()));
    tell(&mut people, std::slice::from_ref(&event));
    assert!(matches!(people[0].vault.void()[&event.id], Void::CoinReserved { .. }));
    // A rejection lets go of it.
    for id in [one, other] {
        let events = people[0].act(Command::Reject { proposal: id });
        tell(&mut people, &events);
    }
    let events = people[2].act(propose(second));
    tell(&mut people, &events);
    assert!(people[0].vault.proposal(events[0].id).is_some());
}

#[test]
fn signatures_that_are_not_valid_are_not_kept() {
    let (mut people, _, id, _) = paid();
    let proposal = people[0].vault.proposal(id).unwrap();
    let (input, key, good) = proposal.signatures.iter().next().unwrap();
    let &KeptSignature::Ecdsa(good) = good else { panic!("a vault without taproot") };
    let digest = proposal.checked.digest;
    let mut high = good.serialize_compact();
    // The same signature with S negated: valid to the curve, forbidden by BIP146.
    let order = bitcoin::secp256k1::constants::CURVE_ORDER;
    let mut borrow = 0_i16;
    for byte in (0..32).rev() {
        let difference = i16::from(order[byte]) - i16::from(high[32 + byte]) - borrow;
        borrow = i16::from(difference < 0);
        high[32 + byte] = difference.rem_euclid(256) as u8;
    }
    let high = ecdsa::Signature::from_compact(&high).unwrap();
    let other = SECP256K1.sign_ecdsa(&bitcoin::secp256k1::Message::from_digest([1; 32]), &support::secret(9));
    let own = people[0].vault.proposal(id).unwrap().checked.key_of(0, people[0].id()).unwrap();
    let bad = [
        PartialSignature { input, key, signature: high },
        PartialSignature { input, key, signature: other },
        PartialSignature { input: 7, key, signature: good },
        PartialSignature { input, key: own, signature: good },
    ];
    for partial in bad {
        let command = Command::RecordSigned { proposal: id, signatures: vec![partial.clone().into()] };
        assert!(matches!(people[0].vault.decide(command), Err(CommandFault::SignatureInvalid { .. })));
        let event = people[0].write(Action::Signed(Signed { proposal: id, digest, signatures: vec![partial] }));
        tell(&mut people, std::slice::from_ref(&event));
        assert!(matches!(people[1].vault.void()[&event.id], Void::SignatureInvalid { .. }));
    }
    let event = people[0].write(Action::Signed(Signed { proposal: id, digest: Digest([0; 32]), signatures: vec![] }));
    assert_eq!(people[0].vault.void()[&event.id], Void::DigestDiffers);
}

/// One way to falsify what the guard is shown, and the finding that must name it.
#[test]
fn every_forgery_has_its_finding() {
    let (people, _, id, evidence) = paid();
    let vault: &Vault = &people[0].vault;
    let checked = &vault.proposal(id).unwrap().checked;
    let descriptor = &vault.active().unwrap().descriptor;
    let honest = rebuild(checked, descriptor, &evidence).unwrap();
    assert!(inspect(&honest, checked, descriptor).is_empty());

    let finds = |finding, forge: &dyn Fn(&mut bitcoin::Psbt)| {
        let mut psbt = honest.clone();
        forge(&mut psbt);
        let found = inspect(&psbt, checked, descriptor);
        assert!(found.contains(&finding), "{finding:?} is not among {found:?}");
    };
    finds(Finding::TransactionNotProposed, &|psbt| {
        psbt.unsigned_tx.output[0].script_pubkey = ScriptBuf::new_op_return([1])
    });
    finds(Finding::TransactionNotProposed, &|psbt| psbt.unsigned_tx.output[0].value += Amount::ONE_SAT);
    finds(Finding::PreviousTransactionMissing, &|psbt| psbt.inputs[0].non_witness_utxo = None);
    finds(Finding::PreviousTransactionForeign, &|psbt| {
        psbt.inputs[0].non_witness_utxo.as_mut().unwrap().output[0].value += Amount::ONE_SAT;
    });
    finds(Finding::AmountUnproven, &|psbt| psbt.inputs[0].witness_utxo.as_mut().unwrap().value += Amount::ONE_SAT);
    finds(Finding::SighashUnexpected, &|psbt| {
        psbt.inputs[0].sighash_type = Some(PsbtSighashType::from(EcdsaSighashType::SinglePlusAnyoneCanPay));
    });
    finds(Finding::FinalsPrefilled, &|psbt| psbt.inputs[0].final_script_witness = Some(Witness::new()));
    finds(Finding::ChangeNotOurs, &|psbt| {
        // The recipient dressed up as change: the origin of our own keys on somebody else's output.
        psbt.outputs[0].bip32_derivation = psbt.outputs[1].bip32_derivation.clone();
    });

    let sign = |evidence: &Evidence| blocked(guard::sign(vault, id, evidence));
    let danger = |finding| Unmet::Danger { finding };
    assert!(sign(&Evidence::default()).contains(&danger(Finding::PreviousTransactionMissing)));
    let mut lie = evidence.clone();
    lie.previous.values_mut().for_each(|previous| previous.output[0].value += Amount::ONE_SAT);
    assert!(sign(&lie).contains(&danger(Finding::PreviousTransactionForeign)));
    assert!(matches!(guard::sign(vault, EventId([0; 32]), &evidence), Err(GuardFault::UnknownProposal { .. })));
}

#[test]
fn absurd_fees_are_found() {
    for (fee, absurd) in [(20_000, false), (20_001, true), (100_000, true), (1_000_001, true)] {
        let (mut people, _) = active();
        let total = 10_000_000;
        let (coin, evidence) = deposit(&people[0].vault, total);
        // 200 010 sat leave: a tenth of that is 20 001.
        let (_, proposal) = payment(&people[0].vault, coin, total, 200_000, fee);
        let events = people[0].act(propose(proposal));
        let found = match guard::approve(&people[0].vault, events[0].id, &evidence).unwrap() {
            Verdict::Allowed(_) => false,
            Verdict::Blocked(unmet) => unmet == [Unmet::Danger { finding: Finding::FeeAbsurd }],
        };
        assert_eq!(found, absurd, "fee of {fee} sat");
    }
}

#[test]
fn coins_of_others_are_found() {
    let (mut people, _) = active();
    let (_, mut evidence) = deposit(&people[0].vault, 100_000);
    let mut previous = evidence.previous.pop_first().unwrap().1;
    // A coin at change address 0 is said to be at receive address 0, so every derived key would differ.
    previous.output[0].script_pubkey =
        people[0].vault.active().unwrap().descriptor.script(Keychain::Change, 0).unwrap();
    let txid = previous.compute_txid();
    let (_, proposal) = payment(&people[0].vault, bitcoin::OutPoint::new(txid, 0), 100_000, 60_000, 500);
    let events = people[0].act(propose(proposal));
    let evidence = Evidence { previous: [(txid, previous)].into(), ..Evidence::default() };
    let unmet = blocked(guard::approve(&people[0].vault, events[0].id, &evidence));
    assert_eq!(unmet, [Unmet::Danger { finding: Finding::InputNotOurs }]);
}

#[test]
fn an_amount_lie_is_found() {
    // The fee attack on segwit v0: the proposal tells another amount than the chain.
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (_, mut proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    proposal.inputs[0].amount = 99_900;
    let events = people[0].act(propose(proposal));
    let unmet = blocked(guard::approve(&people[0].vault, events[0].id, &evidence));
    assert_eq!(unmet, [Unmet::Danger { finding: Finding::AmountUnproven }]);
}

#[test]
fn an_action_of_tomorrow_stops_all_permits() {
    let (mut people, _, id, evidence) = paid();
    let ben = &mut people[1];
    let draft = ben.vault.draft(
        Action::Ratified(conclave_domain::action::Ratified { cfg: conclave_shared::Cfg([0; 32]) }),
        ben.clock_ms + 1,
    );
    let mut unsigned = draft.unsigned().unwrap();
    unsigned.content = r#"{"type":"thawed"}"#.into();
    unsigned.id = None;
    let event = conclave_domain::event::Event::from_signed(unsigned.sign_with_keys(&ben.keys).unwrap()).unwrap();
    tell(&mut people, &[event]);
    assert_eq!(blocked(guard::finalise(&people[0].vault, id, &evidence)), [Unmet::RulesUnknown]);
}
