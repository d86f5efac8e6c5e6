//! Payments that another library made, honest and forged (`fixtures/forgeries/make.py`): each forgery is named by its one
//! finding, and the honest ones by none.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conclave_domain::psbt::combine::combine;
use conclave_domain::psbt::file::{PsbtFile, PsbtVersion};
use conclave_domain::psbt::finish::{FinishFault, finish};
use conclave_domain::psbt::inspect::{Bounds, InputState, Inspection, OutputKind, inspect_file};
use conclave_domain::psbt::sign::{SecretKey, SignFault, sign};
use conclave_domain::watched::WatchedDescriptor;
use conclave_shared::Finding;

const FORGERIES: &str = include_str!("../fixtures/forgeries/forgeries.tsv");
const DESCRIPTORS: &str = include_str!("../fixtures/forgeries/descriptors.tsv");
const KEYS: &str = include_str!("../fixtures/forgeries/keys.tsv");
const KINDS: [&str; 3] = ["p2wsh", "nested", "taproot"];

struct Row {
    kind: &'static str,
    name: &'static str,
    finding: Option<&'static str>,
    bounds: Bounds,
    combined: bool,
    psbt: Vec<u8>,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let [kind, name, finding, with, psbt] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let mut bounds = Bounds::default();
        let mut combined = false;
        match with.split_once('=') {
            Some(("tip", tip)) => bounds.tip = Some(tip.parse().unwrap()),
            Some(("now", now)) => bounds.now = Some(now.parse().unwrap()),
            Some(("last-index", last)) => bounds.last_index = Some(last.parse().unwrap()),
            Some(other) => panic!("{other:?}"),
            None => combined = with == "combine",
        }
        let finding = (finding != "-").then_some(finding);
        Row { kind, name, finding, bounds, combined, psbt: STANDARD.decode(psbt).unwrap() }
    };
    FORGERIES.lines().map(row).collect()
}

fn named(kind: &str, name: &str) -> PsbtFile {
    let row = rows().into_iter().find(|row| row.kind == kind && row.name == name).unwrap();
    PsbtFile::parse(&row.psbt).unwrap()
}

fn entry(table: &'static str, name: &str) -> &'static str {
    table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t')).unwrap()
}

fn descriptor(kind: &str) -> WatchedDescriptor {
    WatchedDescriptor::parse(entry(DESCRIPTORS, kind)).unwrap()
}

fn key(name: &str) -> SecretKey {
    SecretKey::parse(entry(KEYS, name)).unwrap()
}

fn judged(row: &Row) -> (BTreeSet<&'static str>, Option<Inspection>) {
    let file = match PsbtFile::parse(&row.psbt) {
        Ok(file) => file,
        Err(fault) => return (BTreeSet::from([fault.finding().name()]), None),
    };
    let inspection = inspect_file(&file, Some(&descriptor(row.kind)), &row.bounds);
    (inspection.findings.iter().map(|found| found.finding.name()).collect(), Some(inspection))
}

#[test]
fn every_forgery_is_named_by_its_finding_and_no_honest_payment_is() {
    let mut wrong = vec![];
    for row in rows().iter().filter(|row| !row.combined) {
        let (found, inspection) = judged(row);
        if found != row.finding.into_iter().collect() {
            let why: Vec<String> =
                inspection.iter().flat_map(|it| it.findings.iter().map(|it| it.message.clone())).collect();
            wrong.push(format!("{} {}: {found:?}, not {:?}: {why:?}", row.kind, row.name, row.finding));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let tried: BTreeSet<&str> = rows().iter().filter_map(|row| row.finding).collect();
    let all = [
        "input-not-ours",
        "change-not-ours",
        "change-index-far",
        "origin-swapped",
        "previous-transaction-missing",
        "previous-transaction-foreign",
        "amount-unproven",
        "sighash-unexpected",
        "finals-prefilled",
        "input-duplicated",
        "key-duplicated",
        "script-mismatch",
        "signature-invalid",
        "fee-negative",
        "fee-absurd",
        "locktime-ahead",
        "psbt-malformed",
        "outputs-changed",
    ];
    assert_eq!(tried, all.into_iter().collect(), "every danger is tried");
}

#[test]
fn nothing_forged_is_signed_and_everything_honest_is() {
    for row in rows().iter().filter(|row| !row.combined) {
        let Ok(file) = PsbtFile::parse(&row.psbt) else { continue };
        let signed = sign(&file, &key("ben"), &descriptor(row.kind), &row.bounds);
        match (row.finding, signed) {
            (None, Ok(signed)) => {
                let inspection = inspect_file(&file, Some(&descriptor(row.kind)), &row.bounds);
                let open = inspection.inputs.iter().filter(|input| input.state != InputState::Final).count();
                assert_eq!(signed.inputs_signed, open, "{} {}", row.kind, row.name);
                assert_eq!(signed.file.transaction(), file.transaction());
                assert_eq!((signed.file.version(), signed.file.encoding()), (file.version(), file.encoding()));
                assert!(signed.inspection.findings.is_empty());
            }
            (Some(finding), Err(SignFault::Dangerous { findings })) => {
                assert!(findings.iter().any(|found| found.finding.name() == finding), "{} {}", row.kind, row.name);
            }
            (expected, got) => panic!("{} {}: {expected:?}, {got:?}", row.kind, row.name),
        }
    }
}

#[test]
fn an_honest_payment_is_told_in_full() {
    for kind in KINDS {
        let inspection = inspect_file(&named(kind, "honest-signed-once"), Some(&descriptor(kind)), &Bounds::default());
        let [first, second] = &inspection.inputs[..] else { panic!("two inputs") };
        assert_eq!((first.index, second.index, first.ours), (Some(3), Some(5), Some(true)));
        assert_eq!((inspection.fee_sat, inspection.fee_proven), (Some(3_000), true));
        assert_eq!((inspection.leaves_sat, inspection.input_sat), (700_000, Some(1_100_000)));
        let [paid, back] = &inspection.outputs[..] else { panic!("two outputs") };
        assert_eq!((paid.kind, back.kind, back.index), (OutputKind::Payment, OutputKind::Change, Some(2)));
        let progress = inspection.progress.unwrap();
        assert_eq!((progress.have, progress.need, progress.of), (1, 2, 3), "{kind}");
        assert!(!inspection.complete && !inspection.all_final && inspection.replaceable);
        let [signature] = &first.signatures[..] else { panic!("one signature") };
        assert_eq!(signature.valid, Some(true));
        assert!(entry(DESCRIPTORS, kind).contains(&signature.xpub.clone().unwrap()));
        assert!(inspection.fee_rate.is_some_and(|rate| (5.0..20.0).contains(&rate)), "{:?}", inspection.fee_rate);
        assert!(inspection.not_proven.is_empty(), "{:?}", inspection.not_proven);
    }
}

#[test]
fn without_a_descriptor_nothing_is_ours_and_what_is_not_proven_is_said() {
    for kind in KINDS {
        let inspection = inspect_file(&named(kind, "honest"), None, &Bounds::default());
        assert!(inspection.findings.is_empty());
        assert!(inspection.outputs.iter().all(|output| output.kind == OutputKind::Payment));
        assert!(inspection.inputs.iter().all(|input| input.ours.is_none()));
        let names: BTreeSet<&str> = inspection.not_proven.iter().map(|it| it.name).collect();
        assert!(names.contains("ownership") && names.contains("change"));
        // A missing previous transaction is a danger only to who would sign, or asks for all.
        let lacking = named(kind, "previous-transaction-left-out");
        let lax = inspect_file(&lacking, None, &Bounds::default());
        assert!(lax.findings.is_empty() && !lax.fee_proven, "{:?}", lax.findings);
        let strict = inspect_file(&lacking, None, &Bounds { strict: true, ..Bounds::default() });
        assert_eq!(strict.findings[0].finding, Finding::PreviousTransactionMissing);
    }
}

#[test]
fn two_of_three_sign_apart_and_their_files_become_one_transaction() {
    for kind in KINDS {
        let (descriptor, bounds) = (descriptor(kind), Bounds::default());
        let honest = named(kind, "honest");
        let by = |name| sign(&honest, &key(name), &descriptor, &bounds).unwrap().file;
        let (ana, cleo) = (by("ana"), by("cleo").converted(PsbtVersion::V2).unwrap().0);
        let lacking = finish(&ana, Some(&descriptor), &bounds).unwrap_err();
        assert!(
            matches!(lacking, FinishFault::Missing { input: 0, progress } if (progress.have, progress.need) == (1, 2))
        );
        let combined = combine(&[ana.clone(), cleo.clone(), honest.clone()], Some(&descriptor), &bounds).unwrap();
        let reversed = combine(&[honest, cleo, ana], Some(&descriptor), &bounds).unwrap();
        assert_eq!(combined.file.psbt(), reversed.file.psbt());
        assert!(combined.inspection.complete && combined.remarks.is_empty());
        let finished = finish(&combined.file, Some(&descriptor), &bounds).unwrap();
        assert_eq!(Some(finished.transaction.compute_txid()), finished.inspection.final_txid);
        assert_eq!(kind == "nested", finished.inspection.final_txid != Some(finished.inspection.txid));
        assert!(finished.inspection.all_final && finished.inspection.size_exact);
        let estimated = combined.inspection.weight.unwrap();
        let exact = finished.transaction.weight().to_wu();
        assert_eq!(finished.inspection.weight, Some(exact));
        assert!(exact <= estimated && estimated - exact <= 20, "{kind}: estimated {estimated}, is {exact}");
        // Final inputs are final for every reader.
        assert!(finish(&finished.file, Some(&descriptor), &bounds).is_ok());
    }
}

#[test]
fn signatures_of_another_library_and_ours_are_the_same() {
    for kind in ["p2wsh", "nested"] {
        let theirs = named(kind, "honest-signed-once");
        let ours = sign(&named(kind, "honest"), &key("ana"), &descriptor(kind), &Bounds::default()).unwrap().file;
        // Both by RFC 6979; the other library looks on for a short R, which half of all have at once.
        let signatures = |file: &PsbtFile| {
            file.psbt().inputs.iter().flat_map(|input| input.partial_sigs.keys().copied()).collect::<Vec<_>>()
        };
        assert_eq!(signatures(&theirs), signatures(&ours));
        assert!(combine(&[theirs, ours], None, &Bounds::default()).is_ok(), "both are valid");
    }
}

#[test]
fn a_key_that_is_not_in_the_descriptor_signs_nothing() {
    for kind in KINDS {
        let refused = sign(&named(kind, "honest"), &key("eve"), &descriptor(kind), &Bounds::default());
        assert!(matches!(refused, Err(SignFault::KeyForeign)));
    }
}

#[test]
fn files_of_different_transactions_are_not_combined() {
    for row in rows().iter().filter(|row| row.combined) {
        let other = PsbtFile::parse(&row.psbt).unwrap();
        let honest = named(row.kind, "honest");
        for files in [[honest.clone(), other.clone()], [other.clone(), honest.clone()]] {
            let refused = combine(&files, None, &Bounds::default()).unwrap_err();
            assert_eq!(refused.findings()[0].finding.name(), row.finding.unwrap());
        }
    }
}

#[test]
fn a_signature_that_is_not_valid_is_refused_when_files_are_combined() {
    for kind in KINDS {
        let name = if kind == "taproot" { "signature-changed" } else { "signature-high-s" };
        let refused = combine(&[named(kind, "honest"), named(kind, name)], None, &Bounds::default()).unwrap_err();
        assert_eq!(refused.findings()[0].finding, Finding::SignatureInvalid);
    }
}

#[test]
fn an_account_key_signs_as_its_master_key_does() {
    use bitcoin::bip32::{DerivationPath, Xpriv};
    let master: Xpriv = entry(KEYS, "ben").parse().unwrap();
    let path: DerivationPath = "48h/1h/0h/2h".parse().unwrap();
    let secp = bitcoin::secp256k1::Secp256k1::new();
    let honest = named("p2wsh", "honest");
    let bounds = Bounds::default();
    let whole = sign(&honest, &key("ben"), &descriptor("p2wsh"), &bounds).unwrap().file;
    // The account, and a key on the way to it.
    for steps in [4, 2] {
        let below: DerivationPath = path.into_iter().take(steps).copied().collect();
        let account = SecretKey::parse(&master.derive_priv(&secp, &below).unwrap().to_string()).unwrap();
        let signed = sign(&honest, &account, &descriptor("p2wsh"), &bounds).unwrap();
        assert_eq!(signed.file.psbt(), whole.psbt());
    }
}

#[test]
fn a_descriptor_without_origins_judges_and_signs_by_what_the_payment_tells() {
    for kind in KINDS {
        // The keys without their brackets.
        let mut bare = String::new();
        for part in entry(DESCRIPTORS, kind).split('[') {
            bare.push_str(part.split_once(']').map_or(part, |(_, rest)| rest));
        }
        let bare = WatchedDescriptor::parse(&bare).unwrap();
        let inspection = inspect_file(&named(kind, "honest"), Some(&bare), &Bounds::default());
        assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
        assert_eq!(inspection.outputs[1].kind, OutputKind::Change);
        let signed = sign(&named(kind, "honest"), &key("cleo"), &bare, &Bounds::default()).unwrap();
        assert_eq!(signed.inputs_signed, 2);
        let forged = inspect_file(&named(kind, "change-one-key-of-another"), Some(&bare), &Bounds::default());
        assert_eq!(forged.findings[0].finding, Finding::ChangeNotOurs);
    }
}

#[test]
fn coins_and_change_that_claim_nothing_are_found_all_the_same() {
    for kind in KINDS {
        let mut psbt = named(kind, "honest").psbt().clone();
        for input in &mut psbt.inputs {
            input.bip32_derivation.clear();
            input.tap_key_origins.clear();
        }
        for output in &mut psbt.outputs {
            *output = Default::default();
        }
        let file = PsbtFile::parse(&psbt.serialize()).unwrap();
        let inspection = inspect_file(&file, Some(&descriptor(kind)), &Bounds { search: 10, ..Bounds::default() });
        assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
        assert_eq!(inspection.inputs.iter().map(|it| it.index).collect::<Vec<_>>(), [Some(3), Some(5)]);
        assert_eq!((inspection.outputs[1].kind, inspection.outputs[1].index), (OutputKind::Change, Some(2)));
        let signed = sign(&file, &key("ana"), &descriptor(kind), &Bounds { search: 10, ..Bounds::default() }).unwrap();
        assert_eq!(signed.inputs_signed, 2);
    }
}

#[test]
fn version_two_and_back_loses_nothing() {
    for row in rows().iter().filter(|row| !row.combined) {
        let Ok(file) = PsbtFile::parse(&row.psbt) else { continue };
        let (v0, _) = file.converted(PsbtVersion::V0).unwrap();
        let (v2, lost) = v0.converted(PsbtVersion::V2).unwrap();
        assert!(lost.is_empty());
        let (back, lost) = v2.converted(PsbtVersion::V0).unwrap();
        assert!(lost.is_empty());
        assert_eq!(back.psbt(), v0.psbt(), "{} {}", row.kind, row.name);
        assert_eq!(v2.psbt(), v0.psbt());
    }
}
