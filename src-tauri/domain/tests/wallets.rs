//! PSBTs of other wallets and the published vectors, from the folder that CONCLAVE_FIXTURES names: what is good is read, goes
//! to version 2 and back without loss, and has no danger; what is bad is named. Without the variable these tests say so and
//! prove nothing; `.ci/run` sets it where the folder is there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitcoin::hashes::Hash as _;
use bitcoin::{Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};
use conclave_domain::descriptor::Keychain;
use conclave_domain::hash::tagged;
use conclave_domain::psbt::combine::combine;
use conclave_domain::psbt::file::{Encoding, PsbtFile, PsbtVersion, encode};
use conclave_domain::psbt::finish::finish;
use conclave_domain::psbt::inspect::{Bounds, InputState, Inspection, inspect, inspect_file};
use conclave_domain::watched::WatchedDescriptor;
use serde_json::Value;

fn fixtures(name: &str) -> Option<PathBuf> {
    match std::env::var_os("CONCLAVE_FIXTURES") {
        Some(folder) => Some(PathBuf::from(folder).join(name)),
        None => {
            println!("CONCLAVE_FIXTURES is not set: {name} was not looked at");
            None
        }
    }
}

/// The PSBTs in a file, by line number from 1.
fn lines(name: &str) -> Option<Vec<(usize, String)>> {
    let text = std::fs::read_to_string(fixtures(&format!("psbt/{name}"))?).unwrap();
    let values = text.lines().zip(1..).filter_map(|(line, number)| Some((number, line.split_once('\t')?.1.to_owned())));
    Some(values.collect())
}

fn names(inspection: &Inspection) -> Vec<&'static str> {
    let mut names: Vec<_> = inspection.findings.iter().map(|it| it.finding.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The finding names of a file, and the states of its inputs.
fn judged(bytes: &[u8]) -> (Vec<&'static str>, Vec<InputState>) {
    match PsbtFile::parse(bytes) {
        Err(fault) => (vec![fault.finding().name()], vec![]),
        Ok(file) => {
            round_trip(&file);
            let inspection = inspect_file(&file, None, &Bounds::default());
            (names(&inspection), inspection.inputs.iter().map(|it| it.state).collect())
        }
    }
}

fn round_trip(file: &PsbtFile) {
    let (v0, _) = file.converted(PsbtVersion::V0).unwrap();
    let (v2, lost) = v0.converted(PsbtVersion::V2).unwrap();
    assert!(lost.is_empty());
    let (back, lost) = v2.converted(PsbtVersion::V0).unwrap();
    assert!(lost.is_empty());
    assert_eq!(back.psbt(), v0.psbt());
    for encoding in [Encoding::Binary, Encoding::Base64, Encoding::Hex] {
        let again = PsbtFile::parse(&encode(&file.to_bytes(), encoding)).unwrap();
        assert_eq!((again.to_bytes(), again.encoding()), (file.to_bytes(), encoding));
    }
}

#[test]
fn files_of_a_coldcard_and_a_jade_are_what_they_are() {
    use InputState::{Complete, Final, PartlySigned, Unsigned};
    let table: [(&str, &[&str], &[InputState]); 13] = [
        ("coldcard-2-of-2", &[], &[PartlySigned]),
        ("coldcard-b143a_mod2", &[], &[Unsigned, Unsigned]),
        ("coldcard-example-change", &[], &[Unsigned]),
        ("coldcard-failed-ex", &[], &[Unsigned]),
        // Signatures inside the unsigned transaction; no transaction at all.
        ("coldcard-filled_scriptsig", &["psbt-malformed"], &[]),
        ("coldcard-missing_txn", &["psbt-malformed"], &[]),
        // Its second signature verifies by no library.
        ("coldcard-multisig-single", &["signature-invalid"], &[PartlySigned]),
        ("coldcard-payjoin", &[], &[Unsigned, Final]),
        ("coldcard-unknowns-ins", &[], &[Unsigned]),
        ("coldcard-wit-utxo-not-match-redeem-scr", &["script-mismatch"], &[PartlySigned, Unsigned]),
        ("coldcard-worked-7", &[], &[Final, Final]),
        ("coldcard-worked-combined", &[], &[Complete, Complete]),
        ("specter-jade_hardware", &[], &[Unsigned]),
    ];
    for (name, findings, states) in table {
        let Some(path) = fixtures(&format!("psbt/{name}.psbt")) else { return };
        let (found, seen) = judged(&std::fs::read(path).unwrap());
        assert_eq!((&found[..], &seen[..]), (findings, states), "{name}");
    }
    let path = fixtures("qr/bbqr-1in20out.psbt").unwrap();
    assert_eq!(judged(&std::fs::read(path).unwrap()).0, Vec::<&str>::new());
}

/// Lines of the extracted files that have findings; every other line has none.
#[test]
fn lines_of_other_wallets_are_read_but_for_those_that_are_bad_by_themselves() {
    let mut expected: BTreeMap<&str, BTreeMap<usize, &str>> = BTreeMap::new();
    let mut expect = |file, from: usize, to: usize, finding| {
        expected.entry(file).or_default().extend((from..=to).map(|line| (line, finding)));
    };
    // Those that BIP174, 370 and 371 list as invalid.
    expect("Coldcard_firmware", 5, 15, "psbt-malformed");
    expect("bitcoin_bips", 1, 10, "psbt-malformed");
    expect("bitcoin_bips", 22, 31, "psbt-malformed");
    expect("bitcoin_bips", 43, 54, "psbt-malformed");
    expect("bitcoin_bips", 66, 78, "psbt-malformed");
    expect("bitcoin_bips", 90, 95, "psbt-malformed");
    expect("bitcoin_bips", 99, 103, "psbt-malformed");
    expect("caravan-bitcoin_caravan", 20, 29, "psbt-malformed");
    expect("caravan-bitcoin_caravan", 41, 49, "psbt-malformed");
    expect("caravan-bitcoin_caravan", 55, 64, "psbt-malformed");
    expect("caravan-bitcoin_caravan", 76, 84, "psbt-malformed");
    expect("sparrowwallet_drongo", 1, 8, "psbt-malformed");
    expect("sparrowwallet_drongo", 2, 2, "key-duplicated");
    expect("sparrowwallet_drongo", 21, 30, "psbt-malformed");
    // Those for which BIP174 wants a signer to refuse.
    expect("bitcoin_bips", 16, 16, "script-mismatch");
    expect("bitcoin_bips", 37, 37, "script-mismatch");
    let mut seen: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    let wallets = [
        "Coldcard_firmware",
        "andreasgriffin_bitcoin-safe",
        "bitcoin_bips",
        "caravan-bitcoin_caravan",
        "nunchuk-io_libnunchuk",
        "sparrowwallet_drongo",
        "wizardsardine_liana",
    ];
    let mut read = 0;
    for wallet in wallets {
        let Some(lines) = lines(&format!("extracted-{wallet}.txt")) else { return };
        for (number, value) in lines {
            let (found, _) = judged(value.as_bytes());
            if found.is_empty() {
                read += 1;
            } else {
                seen.entry(wallet.to_owned()).or_default().insert(number, found.join(","));
            }
        }
    }
    assert!(read > 150, "{read}");
    let known = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/wallets.tsv")).unwrap();
    for line in known.lines().filter(|line| !line.starts_with('#')) {
        let [wallet, number, found] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let old = expected.entry(wallet).or_default().insert(number.parse().unwrap(), found);
        assert_eq!(old, None, "{line} is expected already");
    }
    let flat = |wallet: &str, lines: &BTreeMap<usize, String>| {
        lines.iter().map(|(number, found)| format!("{wallet}\t{number}\t{found}")).collect::<Vec<_>>()
    };
    let seen: Vec<String> = seen.iter().flat_map(|(wallet, lines)| flat(wallet, lines)).collect();
    let expected: Vec<String> = expected
        .iter()
        .flat_map(|(wallet, lines)| {
            let lines = lines.iter().map(|(number, found)| (*number, (*found).to_owned())).collect();
            flat(wallet, &lines)
        })
        .collect();
    let more: Vec<_> = seen.iter().filter(|line| !expected.contains(line)).collect();
    let less: Vec<_> = expected.iter().filter(|line| !seen.contains(line)).collect();
    assert!(more.is_empty() && less.is_empty(), "not expected: {more:#?}, not seen: {less:#?}");
}

#[test]
fn the_journey_of_bip174_ends_as_published() {
    let Some(lines) = lines("extracted-bitcoin_bips.txt") else { return };
    let line =
        |number: usize| PsbtFile::parse(lines.iter().find(|(it, _)| *it == number).unwrap().1.as_bytes()).unwrap();
    // Line 19 has the first signer's signatures, line 20 is final.
    let published = line(20);
    let whole = fixtures("psbt/coldcard-worked-combined.psbt").unwrap();
    let combined = PsbtFile::parse(&std::fs::read(whole).unwrap()).unwrap();
    let first = line(19);
    let again = combine(&[first.clone(), combined.clone()], None, &Bounds::default()).unwrap();
    let reversed = combine(&[combined, first], None, &Bounds::default()).unwrap();
    assert_eq!(again.file.psbt(), reversed.file.psbt());
    let finished = finish(&again.file, None, &Bounds::default()).unwrap();
    assert_eq!(finished.file.psbt(), published.psbt());
    assert_eq!(finished.transaction.compute_txid().to_string(), finished.inspection.final_txid.unwrap().to_string());
}

#[test]
fn lock_times_of_version_two_are_those_of_bip370() {
    let Some(lines) = lines("extracted-bitcoin_bips.txt") else { return };
    let mut seen = vec![];
    for (_, value) in lines.iter().filter(|(number, _)| (55..=65).contains(number)) {
        let file = PsbtFile::parse(value.as_bytes()).unwrap();
        assert_eq!(file.version(), PsbtVersion::V2);
        seen.push(file.transaction().lock_time.to_consensus_u32());
    }
    for lock in [0, 10_000, 1_657_048_460] {
        assert!(seen.contains(&lock), "{seen:?}");
    }
}

#[test]
fn silent_payments_are_read_where_their_scripts_are_known() {
    let Some(path) = fixtures("bips/bip-0375_bip375_test_vectors.json") else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut read, mut refused) = (0, 0);
    for vector in ["valid", "invalid"].iter().flat_map(|kind| vectors[kind].as_array().unwrap()) {
        let description = vector["description"].as_str().unwrap();
        match PsbtFile::parse(vector["psbt"].as_str().unwrap().as_bytes()) {
            Ok(file) => {
                round_trip(&file);
                inspect_file(&file, None, &Bounds::default());
                read += 1;
            }
            Err(fault) => {
                let expected = if description.contains("non-sp output") { "psbt-malformed" } else { "not-supported" };
                assert_eq!(fault.finding().name(), expected, "{description}");
                refused += 1;
            }
        }
    }
    assert!(read > 30 && refused > 0);
}

fn from_hex(text: &Value) -> Transaction {
    bitcoin::consensus::encode::deserialize(&hex::decode(text.as_str().unwrap()).unwrap()).unwrap()
}

#[test]
fn taproot_spends_of_bip341_verify_and_their_other_sighash_types_are_named() {
    let Some(path) = fixtures("bips/bip-0341_wallet-test-vectors.json") else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for vector in vectors["scriptPubKey"].as_array().unwrap() {
        let internal = vector["given"]["internalPubkey"].as_str().unwrap();
        let text = match &vector["given"]["scriptTree"] {
            Value::Null => format!("tr({internal})"),
            leaf if leaf["script"].as_str().is_some_and(|it| it.len() == 68 && it.ends_with("ac")) => {
                format!("tr({internal},pk({}))", &leaf["script"].as_str().unwrap()[2..66])
            }
            _ => continue,
        };
        let script = WatchedDescriptor::parse(&text).unwrap().script(Keychain::Receive, 0).unwrap();
        assert_eq!(script.to_hex_string(), vector["expected"]["scriptPubKey"].as_str().unwrap());
    }
    let vector = &vectors["keyPathSpending"][0];
    let (unsigned, signed) =
        (from_hex(&vector["given"]["rawUnsignedTx"]), from_hex(&vector["auxiliary"]["fullySignedTx"]));
    let mut psbt = Psbt::from_unsigned_tx(unsigned).unwrap();
    for ((input, spent), signed) in
        psbt.inputs.iter_mut().zip(vector["given"]["utxosSpent"].as_array().unwrap()).zip(&signed.input)
    {
        input.witness_utxo = Some(TxOut {
            value: Amount::from_sat(spent["amountSats"].as_u64().unwrap()),
            script_pubkey: ScriptBuf::from_hex(spent["scriptPubKey"].as_str().unwrap()).unwrap(),
        });
        input.final_script_sig = Some(signed.script_sig.clone());
        input.final_script_witness = Some(signed.witness.clone());
    }
    let inspection = inspect(&psbt, None, &Bounds::default());
    assert!(inspection.all_final, "{:?}", inspection.inputs.iter().map(|it| it.state).collect::<Vec<_>>());
    assert_eq!(inspection.final_txid, Some(signed.compute_txid()));
    assert!(names(&inspection).contains(&"sighash-unexpected"));
    // One more sat for somebody, and not one of the signatures over it holds.
    psbt.unsigned_tx.output[0].value += Amount::from_sat(1);
    assert!(names(&inspect(&psbt, None, &Bounds::default())).contains(&"finals-prefilled"));
}

#[test]
fn signed_messages_of_bip322_are_final_scripts_that_verify() {
    let Some(path) = fixtures("bips/bip-0322_basic-test-vectors.json") else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut tried = 0;
    for vector in vectors["simple"].as_array().unwrap() {
        let address: bitcoin::Address<bitcoin::address::NetworkUnchecked> =
            vector["address"].as_str().unwrap().parse().unwrap();
        let spent = TxOut { value: Amount::ZERO, script_pubkey: address.assume_checked().script_pubkey() };
        for (message, good) in [(vector["message"].as_str().unwrap(), true), ("another message", false)] {
            for signature in vector["bip322_signatures"].as_array().unwrap() {
                let bytes = STANDARD.decode(signature.as_str().unwrap().trim_start_matches("smp")).unwrap();
                let witness: Witness = bitcoin::consensus::encode::deserialize(&bytes).unwrap();
                let inspection = inspect(&to_sign(&spent, message, witness), None, &Bounds::default());
                assert_eq!(inspection.all_final, good, "{message}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 4);
}

/// The transaction of BIP322 whose signature is that of a message.
fn to_sign(spent: &TxOut, message: &str, witness: Witness) -> Psbt {
    let hash = tagged("BIP0322-signed-message", message.as_bytes());
    let input = |previous_output, script_sig| TxIn {
        previous_output,
        script_sig,
        sequence: Sequence::ZERO,
        witness: Witness::new(),
    };
    let version = bitcoin::transaction::Version(0);
    let lock_time = bitcoin::absolute::LockTime::ZERO;
    let script_sig = ScriptBuf::from_bytes([&[0x00, 0x20], &hash[..]].concat());
    let none = OutPoint { txid: bitcoin::Txid::all_zeros(), vout: u32::MAX };
    let to_spend =
        Transaction { version, lock_time, input: vec![input(none, script_sig)], output: vec![spent.clone()] };
    let out = TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(vec![0x6a]) };
    let coin = OutPoint { txid: to_spend.compute_txid(), vout: 0 };
    let transaction = Transaction { version, lock_time, input: vec![input(coin, ScriptBuf::new())], output: vec![out] };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    psbt.inputs[0].non_witness_utxo = Some(to_spend);
    psbt.inputs[0].witness_utxo = Some(spent.clone());
    psbt.inputs[0].final_script_witness = Some(witness);
    psbt
}
