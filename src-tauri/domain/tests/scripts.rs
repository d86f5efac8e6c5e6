//! Vaults of every kind of script, from set-up to a transaction that Bitcoin Core's own rules accept.

mod support;

use std::collections::BTreeMap;

use bitcoin::bip32::Xpriv;
use bitcoin::consensus::serialize;
use bitcoin::hashes::Hash as _;
use bitcoin::secp256k1::SECP256K1;
use bitcoin::{
    Amount, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute, transaction,
};
use conclave_domain::action::{Action, Signed, TaprootSigned};
use conclave_domain::configuration::{CheckedConfiguration, Configuration, ConfigurationFault, Member};
use conclave_domain::descriptor::{AccountKey, DescriptorFault, Keychain, SpendingPath, VaultDescriptor};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::policy::Policy;
use conclave_domain::proposal::{
    ChangeClaim, InputClaim, InputSignature, KeyOwner, Proposal, ProposalFault, SignatureSet,
};
use conclave_domain::psbt::{Evidence, finalise, rebuild, signatures};
use conclave_domain::vault::{ChainFacts, Command, CommandFault, Effect, Vault, Void};
use conclave_shared::{Cfg, EventId, Finding, MemberId, Recovery, Role, ScriptForm, ScriptKind, Unmet, VaultId};
use proptest::prelude::*;
use support::{Person, account_key, active_of, propose, tell};

/// How long the recoveries of these tests wait, in blocks.
const AFTER: u16 = 144;

fn own_recovery() -> Option<Recovery> {
    Some(Recovery { after_blocks: AFTER, threshold: 1, keys: Vec::new() })
}

fn heir() -> Xpriv {
    Xpriv::new_master(Network::Regtest, &[99; 32]).unwrap()
}

fn heirs_recovery(script: ScriptKind) -> Option<Recovery> {
    Some(Recovery { after_blocks: AFTER, threshold: 1, keys: vec![account_key(&heir(), script)] })
}

/// A deposit of `amount` sat on each of the addresses, all in one transaction.
fn deposit(descriptor: &VaultDescriptor, at: &[(Keychain, u32)], amount: u64) -> Transaction {
    let output = |(keychain, index): &(Keychain, u32)| TxOut {
        value: Amount::from_sat(amount),
        script_pubkey: descriptor.script(*keychain, *index).unwrap(),
    };
    Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::new(Txid::from_byte_array([9; 32]), 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: at.iter().map(output).collect(),
    }
}

/// Where the deposits of these tests lie.
const ADDRESSES: [(Keychain, u32); 3] = [(Keychain::Receive, 0), (Keychain::Receive, 7), (Keychain::Change, 2)];
/// Sat in each.
const EACH: u64 = 100_000;

/// A payment of all three coins, with change.
fn payment(descriptor: &VaultDescriptor, from: &Transaction, sequence: Sequence) -> Proposal {
    let txid = from.compute_txid();
    let change = descriptor.script(Keychain::Change, 3).unwrap();
    let stranger = ScriptBuf::new_p2wsh(&bitcoin::WScriptHash::from_byte_array([5; 32]));
    let input = |vout| TxIn {
        previous_output: OutPoint::new(txid, vout),
        script_sig: ScriptBuf::new(),
        sequence,
        witness: Witness::new(),
    };
    let transaction = Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: (0..3).map(input).collect(),
        output: vec![
            TxOut { value: Amount::from_sat(200_000), script_pubkey: stranger },
            TxOut { value: Amount::from_sat(95_000), script_pubkey: change },
        ],
    };
    let claim = |(keychain, index): &(Keychain, u32)| InputClaim { amount: EACH, keychain: *keychain, index: *index };
    let claims = ADDRESSES.iter().map(claim).collect();
    Proposal::new(&transaction, claims, Some(ChangeClaim { output: 1, index: 3 }), "Rent".into())
}

fn evidence(previous: &Transaction, tip_height: u32) -> Evidence {
    let txid = previous.compute_txid();
    Evidence {
        previous: BTreeMap::from([(txid, previous.clone())]),
        confirmed: BTreeMap::from([(txid, 100)]),
        tip_height,
        facts: ChainFacts::default(),
    }
}

/// Bitcoin Core's judgement of every input.
fn consensus(transaction: &Transaction, from: &Transaction) -> Result<(), bitcoinconsensus::Error> {
    let spent: Vec<&TxOut> =
        transaction.input.iter().map(|input| &from.output[input.previous_output.vout as usize]).collect();
    let utxos: Vec<bitcoinconsensus::Utxo> = spent
        .iter()
        .map(|output| bitcoinconsensus::Utxo {
            script_pubkey: output.script_pubkey.as_bytes().as_ptr(),
            script_pubkey_len: output.script_pubkey.len() as u32,
            value: output.value.to_sat() as i64,
        })
        .collect();
    let bytes = serialize(transaction);
    for (index, output) in spent.iter().enumerate() {
        let (script, value) = (output.script_pubkey.as_bytes(), output.value.to_sat());
        bitcoinconsensus::verify(script, value, &bytes, Some(&utxos), index)?;
    }
    Ok(())
}

fn said(people: &mut [Person], number: usize, command: Command<'_>) -> Vec<EventId> {
    let events = people[number].act(command);
    tell(people, &events);
    events.iter().map(|event| event.id).collect()
}

fn finished(vault: &Vault, id: EventId, evidence: &Evidence) -> Transaction {
    let Verdict::Allowed(permit) = guard::finalise(vault, id, evidence).unwrap() else { panic!("not permitted") };
    finalise(permit.consume().0, &vault.proposal(id).unwrap().signatures).unwrap()
}

fn blocked<T: std::fmt::Debug>(verdict: Verdict<T>) -> Vec<Unmet> {
    match verdict {
        Verdict::Allowed(allowed) => panic!("allowed: {allowed:?}"),
        Verdict::Blocked(unmet) => unmet,
    }
}

/// Set-up, deposit, proposal, approvals by Ana and Cleo, signatures by Ben and Cleo.
fn paid(script: ScriptKind, recovery: Option<Recovery>) -> (Vec<Person>, EventId, Transaction, Evidence) {
    let (mut people, _) = active_of(script, recovery);
    let descriptor = people[0].vault.active().unwrap().descriptor.clone();
    let from = deposit(&descriptor, &ADDRESSES, EACH);
    let evidence = evidence(&from, 101);
    let proposal = payment(&descriptor, &from, Sequence::ENABLE_RBF_NO_LOCKTIME);
    let id = said(&mut people, 0, propose(proposal))[0];
    for number in [0, 2] {
        said(&mut people, number, Command::Approve { proposal: id, evidence: &evidence });
    }
    for number in [1, 2] {
        let events = people[number].sign(id, &evidence);
        tell(&mut people, &events);
    }
    (people, id, from, evidence)
}

/// Every kind, and those with a second way to spend with it too.
fn kinds() -> Vec<(ScriptKind, Option<Recovery>)> {
    let plain = ScriptKind::ALL.into_iter().map(|script| (script, None));
    let recoverable = || ScriptKind::ALL.into_iter().filter(|script| script.recoverable());
    let own = recoverable().map(|script| (script, own_recovery()));
    plain.chain(own).chain(recoverable().map(|script| (script, heirs_recovery(script)))).collect()
}

#[test]
fn a_vault_of_every_kind_pays() {
    for (script, recovery) in kinds() {
        let (people, id, from, evidence) = paid(script, recovery);
        let digests: Vec<_> = people.iter().map(|person| person.vault.state_digest()).collect();
        assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{script}: all hold the same state");
        let vault = &people[0].vault;
        assert!(vault.void().is_empty(), "{script}: {:?}", vault.void());
        let state = vault.proposal(id).unwrap();
        let transaction = finished(vault, id, &evidence);
        assert_eq!(consensus(&transaction, &from), Ok(()), "{script}");
        assert!(state.checked.is_sent_as(&transaction));
        // Without segwit the signatures are part of the id; the record's name for it is that of the unsigned form.
        let legacy = script.form() == ScriptForm::Legacy;
        assert_eq!(transaction.compute_txid() == state.checked.txid, !legacy, "{script}");
        assert_eq!(state.checked.txid_is_final(), !legacy);
        let mut other = transaction.clone();
        other.output[0].value -= Amount::ONE_SAT;
        assert!(!state.checked.is_sent_as(&other));
        assert!(consensus(&other, &from).is_err(), "{script}: the signatures cover the amounts");
    }
}

#[test]
fn a_payment_without_segwit_is_found_by_its_unsigned_form() {
    let (mut people, id, _, evidence) = paid(ScriptKind::LegacySortedmulti, None);
    let transaction = finished(&people[0].vault, id, &evidence);
    let txid = people[0].vault.proposal(id).unwrap().checked.txid;
    let block = bitcoin::BlockHash::all_zeros();
    let mut chain = ChainFacts::default();
    chain.note_as(txid, transaction.compute_txid(), Some((7, block)));
    assert_eq!(chain.sent_as(&txid), Some(transaction.compute_txid()));
    let effects = people[0].vault.pending_effects(&chain);
    assert_eq!(effects, [Effect::Watch, Effect::RecordConfirmed { proposal: id, height: 7, block }]);
    let events = said(&mut people, 0, Command::RecordConfirmed { proposal: id, height: 7, block });
    assert!(!people[1].vault.void().contains_key(&events[0]));
}

#[test]
fn signatures_merge_whatever_their_order() {
    for script in [ScriptKind::NestedMulti, ScriptKind::LegacyMulti, ScriptKind::TaprootMulti] {
        let (mut people, _) = active_of(script, None);
        let descriptor = people[0].vault.active().unwrap().descriptor.clone();
        let from = deposit(&descriptor, &ADDRESSES, EACH);
        let evidence = evidence(&from, 101);
        let proposal = payment(&descriptor, &from, Sequence::ENABLE_RBF_NO_LOCKTIME);
        let id = said(&mut people, 0, propose(proposal))[0];
        for number in [0, 2] {
            said(&mut people, number, Command::Approve { proposal: id, evidence: &evidence });
        }
        // Each signs before hearing of the others; schnorr signatures with other randomness differ each time.
        let signed: Vec<_> = (0..3).flat_map(|number| people[number].sign(id, &evidence)).collect();
        let again: Vec<_> = signed.iter().rev().cloned().collect();
        tell(&mut people[..2], &signed);
        tell(&mut people[2..], &again);
        let digests: Vec<_> = people.iter().map(|person| person.vault.state_digest()).collect();
        assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{script}");
        assert_eq!(people[3].vault.proposal(id).unwrap().signers().count(), 3);
        assert_eq!(consensus(&finished(&people[0].vault, id, &evidence), &from), Ok(()), "{script}");
    }
}

#[test]
fn of_two_taproot_signatures_by_one_key_the_least_is_kept() {
    let (people, id, _, evidence) = paid(ScriptKind::TaprootMulti, None);
    let state = people[0].vault.proposal(id).unwrap();
    let descriptor = &people[0].vault.active().unwrap().descriptor;
    let given = || {
        let mut psbt = rebuild(&state.checked, descriptor, &evidence).unwrap();
        psbt.sign(&people[1].seed, SECP256K1).unwrap();
        signatures(&psbt)
    };
    let (one, other) = (given(), given());
    assert_ne!(one, other, "BIP340 signatures of one message differ by their randomness");
    let set = |rounds: [&Vec<InputSignature>; 2]| {
        let mut set = SignatureSet::default();
        let verified = rounds.into_iter().flatten().map(|it| state.checked.verified(it).unwrap());
        verified.for_each(|it| set.take(it));
        set
    };
    assert_eq!(set([&one, &other]), set([&other, &one]));
    assert_eq!(set([&one, &other]).iter().count(), 3);
}

#[test]
fn signatures_of_the_other_kind_are_void() {
    let (mut tap, tap_id, ..) = paid(ScriptKind::TaprootMulti, None);
    let (mut wsh, wsh_id, ..) = paid(ScriptKind::P2wshMulti, None);
    let (schnorr, ecdsa) = {
        let events = |people: &[Person]| people[1].held.values().cloned().collect::<Vec<_>>();
        let schnorr = events(&tap).into_iter().find_map(|event| match event.content {
            conclave_domain::action::Content::Known(Action::TaprootSigned(it)) => Some(it.signatures),
            _ => None,
        });
        let ecdsa = events(&wsh).into_iter().find_map(|event| match event.content {
            conclave_domain::action::Content::Known(Action::Signed(it)) => Some(it.signatures),
            _ => None,
        });
        (schnorr.unwrap(), ecdsa.unwrap())
    };
    let digest = tap[0].vault.proposal(tap_id).unwrap().checked.digest;
    let mut wrong_leaf = schnorr.clone();
    wrong_leaf[0].leaf = bitcoin::TapLeafHash::all_zeros();
    let mut wrong_signature = schnorr.clone();
    wrong_signature[0].signature = schnorr[1].signature;
    for action in [
        Action::Signed(Signed { proposal: tap_id, digest, signatures: ecdsa }),
        Action::TaprootSigned(TaprootSigned { proposal: tap_id, digest, signatures: wrong_leaf }),
        Action::TaprootSigned(TaprootSigned { proposal: tap_id, digest, signatures: wrong_signature.clone() }),
    ] {
        let event = tap[0].write(action);
        tell(&mut tap, std::slice::from_ref(&event));
        assert_eq!(tap[1].vault.void()[&event.id], Void::SignatureInvalid { input: 0 });
    }
    let refused = Command::RecordSigned {
        proposal: tap_id,
        signatures: wrong_signature.into_iter().map(InputSignature::Taproot).collect(),
    };
    assert!(matches!(tap[0].vault.decide(refused), Err(CommandFault::SignatureInvalid { input: 0 })));
    let digest = wsh[0].vault.proposal(wsh_id).unwrap().checked.digest;
    let event = wsh[0].write(Action::TaprootSigned(TaprootSigned { proposal: wsh_id, digest, signatures: schnorr }));
    assert_eq!(wsh[0].vault.void()[&event.id], Void::SignatureInvalid { input: 0 });
}

/// The same vault paid by its second quorum: one keyholder alone, who needs nobody's consent.
#[test]
fn one_keyholder_recovers_after_the_time() {
    for script in ScriptKind::ALL.into_iter().filter(|script| script.recoverable()) {
        let (mut people, _) = active_of(script, own_recovery());
        let descriptor = people[0].vault.active().unwrap().descriptor.clone();
        let from = deposit(&descriptor, &ADDRESSES, EACH);
        let proposal = payment(&descriptor, &from, Sequence::from_height(AFTER));
        let id = said(&mut people, 2, propose(proposal))[0];
        let checked = &people[2].vault.proposal(id).unwrap().checked;
        assert_eq!(checked.path, SpendingPath::Recovery);
        // In block 100; block 244 is the first that may hold the payment.
        let (early, late) = (evidence(&from, 242), evidence(&from, 243));
        let ahead = Unmet::Danger { finding: Finding::LocktimeAhead };
        assert_eq!(blocked(guard::approve(&people[2].vault, id, &early).unwrap()), std::slice::from_ref(&ahead));
        assert_eq!(
            blocked(guard::sign(&people[2].vault, id, &late).unwrap()),
            [Unmet::ApprovalsMissing { have: 0, need: 1 }]
        );
        said(&mut people, 2, Command::Approve { proposal: id, evidence: &late });
        assert_eq!(
            blocked(guard::finalise(&people[2].vault, id, &late).unwrap()),
            [Unmet::SignaturesMissing { have: 0, need: 1 }]
        );
        // The seed signs with the keys of both paths; those of the other path are not put on record.
        let events = people[2].sign(id, &late);
        tell(&mut people, &events);
        let state = people[0].vault.proposal(id).unwrap();
        assert_eq!(state.signatures.iter().count(), 3, "{script}: one key on each of three inputs");
        assert_eq!(state.signed_by().into_iter().collect::<Vec<_>>(), [KeyOwner::Member(people[2].id())]);
        assert!(blocked(guard::finalise(&people[0].vault, id, &early).unwrap()).contains(&ahead));
        let transaction = finished(&people[0].vault, id, &late);
        assert_eq!(consensus(&transaction, &from), Ok(()), "{script}");
        assert_eq!(transaction.compute_txid(), state.checked.txid, "{script}");
    }
}

#[test]
fn the_heirs_key_recovers_and_no_member_does() {
    for script in ScriptKind::ALL.into_iter().filter(|script| script.recoverable()) {
        let (mut people, _) = active_of(script, heirs_recovery(script));
        let descriptor = people[0].vault.active().unwrap().descriptor.clone();
        let from = deposit(&descriptor, &ADDRESSES, EACH);
        let late = evidence(&from, 243);
        let proposal = payment(&descriptor, &from, Sequence::from_height(AFTER));
        let id = said(&mut people, 0, propose(proposal))[0];
        said(&mut people, 0, Command::Approve { proposal: id, evidence: &late });
        let Verdict::Allowed(permit) = guard::sign(&people[0].vault, id, &late).unwrap() else { panic!("{script}") };
        let (psbt, leave) = permit.consume();
        assert_eq!(leave.keys.len(), 3, "the heir's key on each of three addresses");
        // Ana's own seed signs for the members' path alone: nothing of that is put on record.
        let mut by_ana = psbt.clone();
        by_ana.sign(&people[0].seed, SECP256K1).unwrap();
        let command = Command::RecordSigned { proposal: id, signatures: signatures(&by_ana) };
        assert!(people[0].act(command).is_empty(), "{script}");
        let mut by_heir = psbt;
        by_heir.sign(&heir(), SECP256K1).unwrap();
        said(&mut people, 0, Command::RecordSigned { proposal: id, signatures: signatures(&by_heir) });
        let state = people[1].vault.proposal(id).unwrap();
        assert_eq!(state.signed_by().into_iter().collect::<Vec<_>>(), [KeyOwner::Recovery(0)]);
        assert_eq!(state.signers().count(), 0);
        assert_eq!(consensus(&finished(&people[1].vault, id, &late), &from), Ok(()), "{script}");
    }
}

#[test]
fn sequences_that_are_neither_are_refused() {
    let (people, _) = active_of(ScriptKind::P2wshMulti, own_recovery());
    let active = people[0].vault.active().unwrap();
    let from = deposit(&active.descriptor, &ADDRESSES, EACH);
    let checked = |change: &dyn Fn(&mut Transaction), of: &CheckedConfiguration| {
        let proposal = payment(&active.descriptor, &from, Sequence::from_height(AFTER));
        let mut transaction: Transaction = bitcoin::consensus::encode::deserialize_hex(&proposal.transaction).unwrap();
        change(&mut transaction);
        Proposal::new(&transaction, proposal.inputs.clone(), proposal.change, String::new())
            .check(VaultId([42; 32]), of)
    };
    let locks = Err(ProposalFault::Locks);
    let check = |change: &dyn Fn(&mut Transaction), of: &CheckedConfiguration| checked(change, of).map(|it| it.path);
    assert_eq!(check(&|_| (), active), Ok(SpendingPath::Recovery));
    assert_eq!(check(&|it| it.input[1].sequence = Sequence::ENABLE_RBF_NO_LOCKTIME, active), locks);
    assert_eq!(check(&|it| it.input[1].sequence = Sequence::from_height(AFTER + 1), active), locks);
    let seconds = Sequence::from_512_second_intervals(AFTER);
    assert_eq!(check(&|it| it.input.iter_mut().for_each(|input| input.sequence = seconds), active), locks);
    assert_eq!(check(&|it| it.version = transaction::Version::ONE, active), locks);
    let (plain, _) = active_of(ScriptKind::P2wshMulti, None);
    assert_eq!(check(&|_| (), plain[0].vault.active().unwrap()), locks, "a vault without recovery");
}

/// A configuration of members who are nothing but keys.
fn configuration(script: ScriptKind, threshold: u32, seeds: &[Xpriv], recovery: Option<Recovery>) -> Configuration {
    let member = |(seed, number): (&Xpriv, u8)| Member {
        identity: MemberId([number; 32]),
        name: format!("Member {number}"),
        roles: vec![Role::Keyholder],
        key: Some(account_key(seed, script)),
    };
    Configuration {
        vault: VaultId([42; 32]),
        parent: Cfg([0; 32]),
        round: 0,
        network: Network::Regtest,
        threshold,
        members: seeds.iter().zip(1..).map(member).collect(),
        descriptor: String::new(),
        policy: Policy::plain(threshold),
        relays: vec!["ws://127.0.0.1:7000".into()],
        rules: 1,
        former: Vec::new(),
        cuts: Vec::new(),
        script,
        recovery,
    }
}

fn parsed(mut configuration: Configuration) -> Result<CheckedConfiguration, ConfigurationFault> {
    configuration.descriptor = configuration.make_descriptor()?;
    CheckedConfiguration::parse(&configuration.to_json(), VaultId([42; 32]))
}

fn seeds(count: u8) -> Vec<Xpriv> {
    (1..=count).map(|seed| Xpriv::new_master(Network::Regtest, &[seed; 32]).unwrap()).collect()
}

#[test]
fn a_configuration_says_its_script_and_keeps_it() {
    let seeds = seeds(3);
    let whole = parsed(configuration(ScriptKind::TaprootMulti, 2, &seeds, own_recovery())).unwrap();
    assert!(whole.descriptor.text().starts_with("tr(tpub"));
    // Old bytes stay what they were: the new fields do not appear where they say nothing new.
    let plain = configuration(ScriptKind::default(), 2, &seeds, None).to_json();
    assert!(!plain.contains("\"script\"") && !plain.contains("\"recovery\""), "{plain}");

    let refused = |change: &dyn Fn(&mut Configuration)| {
        let mut configuration = whole.configuration.clone();
        change(&mut configuration);
        CheckedConfiguration::parse(&configuration.to_json(), VaultId([42; 32])).map(|_| ()).unwrap_err()
    };
    let malformed = |fault: ConfigurationFault| matches!(fault, ConfigurationFault::Malformed { .. });
    assert!(malformed(refused(&|it| it.rules = 0)), "rules 0 know no script");
    let plain = configuration(ScriptKind::P2wshSortedmulti, 2, &seeds, None);
    assert_eq!(parsed(Configuration { rules: 0, ..plain.clone() }).map(|it| it.configuration.rules), Ok(0));
    let old =
        Configuration { rules: 0, descriptor: plain.make_descriptor().unwrap(), recovery: own_recovery(), ..plain };
    assert!(malformed(CheckedConfiguration::parse(&old.to_json(), VaultId([42; 32])).unwrap_err()));
    assert_eq!(refused(&|it| it.recovery = None), ConfigurationFault::DescriptorDiffers);
    assert!(matches!(refused(&|it| it.script = ScriptKind::P2wshMulti), ConfigurationFault::Key { .. }));
    let swapped = |text: &str| text.replace("older(144)", "older(145)");
    assert!(refused(&|it| it.descriptor = swapped(&it.descriptor)) == ConfigurationFault::DescriptorDiffers);
    let fault = |script, recovery| parsed(configuration(script, 2, &seeds, recovery)).map(|_| ()).unwrap_err();
    for script in ScriptKind::ALL.into_iter().filter(|script| !script.recoverable()) {
        let expected = ConfigurationFault::Descriptor(DescriptorFault::RecoveryScript { script });
        assert_eq!(fault(script, own_recovery()), expected);
    }
    let with = |after_blocks, threshold, keys| Some(Recovery { after_blocks, threshold, keys });
    let script = ScriptKind::P2wshMulti;
    assert_eq!(fault(script, with(0, 1, vec![])), DescriptorFault::RecoveryAtOnce.into());
    assert_eq!(
        fault(script, with(9, 2, vec![])),
        DescriptorFault::RecoveryNoEasier { recovery: 2, threshold: 2 }.into()
    );
    let own = account_key(&seeds[1], script);
    let doubled = ConfigurationFault::RecoveryKeyDoubled { place: 1 };
    assert_eq!(fault(script, with(9, 1, vec![own])), doubled);
    let elsewhere = account_key(&heir(), ScriptKind::NestedMulti);
    assert!(matches!(fault(script, with(9, 1, vec![elsewhere])), ConfigurationFault::RecoveryKey { place: 1, .. }));
}

#[test]
fn the_order_of_keys_is_the_ratified_one_or_none() {
    let seeds = seeds(3);
    let keys = |script| seeds.iter().map(move |seed| key(seed, script)).collect::<Vec<_>>();
    for script in ScriptKind::ALL {
        let address = |keys: &[AccountKey]| {
            let text = conclave_domain::descriptor::descriptor(script, 2, keys, None, Network::Regtest).unwrap();
            VaultDescriptor::parse(&text).unwrap().address(5, Network::Regtest).unwrap()
        };
        let (forth, back): (Vec<_>, Vec<_>) = (keys(script), keys(script).into_iter().rev().collect());
        // BIP67 sorts the keys of each address; nothing else does.
        assert_eq!(address(&forth) == address(&back), script.name().ends_with("sortedmulti"), "{script}");
    }
}

fn key(seed: &Xpriv, script: ScriptKind) -> AccountKey {
    AccountKey::parse(&account_key(seed, script), script, Network::Regtest).unwrap()
}

#[test]
fn a_taproot_psbt_has_what_bip371_asks_for_and_each_forgery_its_finding() {
    let (people, id, _, evidence) = paid(ScriptKind::TaprootMulti, own_recovery());
    let checked = &people[0].vault.proposal(id).unwrap().checked;
    let descriptor = &people[0].vault.active().unwrap().descriptor;
    let honest = rebuild(checked, descriptor, &evidence).unwrap();
    assert!(guard::inspect(&honest, checked, descriptor).is_empty());
    for (made, input) in honest.inputs.iter().zip(&checked.inputs) {
        let internal = made.tap_internal_key.unwrap();
        assert_eq!(made.tap_scripts.len(), 2, "a leaf for each quorum");
        assert!(made.tap_merkle_root.is_some() && made.witness_utxo.is_some() && made.sighash_type.is_none());
        // Three keys on each leaf, and the internal key, which is on none.
        assert_eq!(made.tap_key_origins.len(), 7);
        assert!(made.tap_key_origins[&internal].0.is_empty());
        let own = input.keys.keys().map(|key| &made.tap_key_origins[&key.inner.x_only_public_key().0].0);
        assert!(own.clone().count() == 3 && own.clone().all(|leaves| leaves[..] == [input.leaf.unwrap()]));
        assert!(made.bip32_derivation.is_empty() && made.redeem_script.is_none() && made.witness_script.is_none());
    }
    assert_eq!(bitcoin::Psbt::deserialize(&honest.serialize()).unwrap(), honest);

    let finds = |finding, forge: &dyn Fn(&mut bitcoin::Psbt)| {
        let mut psbt = honest.clone();
        forge(&mut psbt);
        let found = guard::inspect(&psbt, checked, descriptor);
        assert!(found.contains(&finding), "{finding:?} is not among {found:?}");
    };
    let signature = people[0].vault.proposal(id).unwrap().signatures.iter().next().unwrap().2;
    let &conclave_domain::proposal::KeptSignature::Taproot { leaf, signature } = signature else { panic!("taproot") };
    let key = checked.inputs[0].keys.keys().next().unwrap().inner.x_only_public_key().0;
    let of = |sighash_type| bitcoin::taproot::Signature { signature, sighash_type };
    finds(Finding::FinalsPrefilled, &|psbt| psbt.inputs[0].tap_key_sig = Some(of(bitcoin::TapSighashType::Default)));
    finds(Finding::SighashUnexpected, &|psbt| {
        psbt.inputs[0].tap_script_sigs.insert((key, leaf), of(bitcoin::TapSighashType::NonePlusAnyoneCanPay));
    });
    finds(Finding::SighashUnexpected, &|psbt| {
        psbt.inputs[1].sighash_type = Some(bitcoin::TapSighashType::Single.into());
    });
    finds(Finding::ChangeNotOurs, &|psbt| {
        psbt.outputs[0].tap_key_origins = psbt.outputs[1].tap_key_origins.clone();
    });
    finds(Finding::PreviousTransactionMissing, &|psbt| psbt.inputs[2].non_witness_utxo = None);
    finds(Finding::AmountUnproven, &|psbt| psbt.inputs[2].witness_utxo.as_mut().unwrap().value += Amount::ONE_SAT);
    finds(Finding::OriginSwapped, &|psbt| {
        psbt.inputs[0].tap_key_origins.get_mut(&key).unwrap().1.0 = [1, 2, 3, 4].into();
    });
}

#[test]
fn old_vaults_without_segwit_take_the_accounts_of_their_time() {
    let key = |path: &str| {
        let path: bitcoin::bip32::DerivationPath = path.parse().unwrap();
        let account = heir().derive_priv(SECP256K1, &path).unwrap();
        let xpub = bitcoin::bip32::Xpub::from_priv(SECP256K1, &account);
        AccountKey { fingerprint: heir().fingerprint(SECP256K1), path, xpub }.to_string()
    };
    let fits = |path: &str, script| AccountKey::parse(&key(path), script, Network::Regtest).is_ok();
    for path in ["45h", "45h/0", "45h/1h/0", "48h/1h/0h/0h", "48h/1h/3h/1h"] {
        assert!(fits(path, ScriptKind::LegacyMulti), "{path}");
        assert!(!fits(path, ScriptKind::P2wshMulti), "{path}");
    }
    for path in ["44h/1h/0h", "48h/0h/0h/0h", "48h/1h/0/0h", "48h/1h/0h", "45h/0/0/0/0/0"] {
        assert!(!fits(path, ScriptKind::LegacyMulti), "{path}");
    }
    assert!(fits("48h/1h/0h/1h", ScriptKind::NestedSortedmulti) && fits("48h/1h/0h/3h", ScriptKind::TaprootMulti));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Any number of keyholders, any threshold, any of them signing: what the program calls enough is enough for the
    /// network, and one less is not.
    #[test]
    fn enough_signatures_are_enough_for_the_network(
        kind in 0..kinds().len(),
        count in 1_u8..=15,
        threshold in 1_u32..=15,
        start in 0_usize..15,
    ) {
        let (script, _) = kinds().swap_remove(kind);
        let (_, recovery) = kinds().swap_remove(kind);
        let threshold = 1 + threshold % u32::from(count);
        let recovery = recovery.filter(|recovery| !recovery.keys.is_empty() || threshold > 1);
        let seeds = seeds(count);
        let active = parsed(configuration(script, threshold, &seeds, recovery)).unwrap();
        let from = deposit(&active.descriptor, &ADDRESSES, EACH);
        let proposal = payment(&active.descriptor, &from, Sequence::ENABLE_RBF_NO_LOCKTIME);
        let checked = proposal.check(VaultId([42; 32]), &active).unwrap();
        let psbt = rebuild(&checked, &active.descriptor, &evidence(&from, 101)).unwrap();
        prop_assert!(guard::inspect(&psbt, &checked, &active.descriptor).is_empty());
        let signers = (0..threshold as usize).map(|number| &seeds[(start + number) % seeds.len()]);
        let mut set = SignatureSet::default();
        let mut last = SignatureSet::default();
        for seed in signers {
            last = set.clone();
            let mut signed = psbt.clone();
            signed.sign(seed, SECP256K1).unwrap();
            for verified in signatures(&signed).iter().filter_map(|it| checked.verified(it)) {
                set.take(verified);
            }
        }
        let transaction = finalise(psbt.clone(), &set).unwrap();
        prop_assert_eq!(consensus(&transaction, &from), Ok(()));
        prop_assert_eq!(transaction.compute_txid() == checked.txid, checked.txid_is_final());
        prop_assert!(finalise(psbt, &last).is_err());
    }
}
