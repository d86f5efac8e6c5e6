//! `conclave psbt` and `conclave descriptor` as people run them: files in, files out, exit codes, JSON. The payments are those
//! that another library made (`src-tauri/domain/fixtures/forgeries`).

#[path = "support/program.rs"]
mod program;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use program::{PROGRAM, conclave, done, json, refused, text};
use serde_json::Value;

const FORGERIES: &str = include_str!("../src-tauri/domain/fixtures/forgeries/forgeries.tsv");
const DESCRIPTORS: &str = include_str!("../src-tauri/domain/fixtures/forgeries/descriptors.tsv");
const KEYS: &str = include_str!("../src-tauri/domain/fixtures/forgeries/keys.tsv");

fn entry(table: &'static str, name: &str) -> &'static str {
    table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t')).unwrap()
}

/// The base64 of a payment.
fn payment(kind: &str, name: &str) -> &'static str {
    let start = format!("{kind}\t{name}\t");
    FORGERIES.lines().find(|line| line.starts_with(&start)).unwrap().rsplit('\t').next().unwrap()
}

/// A folder with a key file for each person, a descriptor for each kind of wallet, and payments.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        for (name, key) in KEYS.lines().filter_map(|line| line.split_once('\t')) {
            desk.put(&format!("{name}.key"), key.as_bytes());
        }
        for (kind, descriptor) in DESCRIPTORS.lines().filter_map(|line| line.split_once('\t')) {
            desk.put(&format!("{kind}.descriptor"), descriptor.as_bytes());
        }
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
        self.path(name)
    }

    fn payment(&self, kind: &str, name: &str) -> String {
        self.put(&format!("{kind}-{name}.psbt"), payment(kind, name).as_bytes())
    }
}

fn with_input(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has refused already reads no more.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn finding_names(told: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        told["findings"].as_array().unwrap().iter().map(|it| it["finding"].as_str().unwrap().to_owned()).collect();
    names.dedup();
    names
}

#[test]
fn two_people_sign_combine_and_finish_a_payment_by_files_alone() {
    let desk = Desk::new();
    for kind in ["p2wsh", "nested", "taproot"] {
        let honest = desk.payment(kind, "honest");
        let descriptor = format!("@{}", desk.path(&format!("{kind}.descriptor")));
        let told = json(&done(&["psbt", "inspect", &honest, "--descriptor", &descriptor, "--json"]));
        assert_eq!((told["fee_sat"].as_u64(), told["complete"].as_bool()), (Some(3_000), Some(false)), "{told}");
        assert_eq!(told["outputs"][1]["kind"], "change");
        let sign = |who: &str| {
            let out = desk.path(&format!("{kind}-{who}.psbt"));
            let key = desk.path(&format!("{who}.key"));
            let args =
                ["psbt", "sign", &honest, "--descriptor", &descriptor, "--key-file", &key, "--out", &out, "--json"];
            let told = json(&done(&args));
            assert_eq!(told["inputs_signed"], 2, "{told}");
            assert!(!told.to_string().contains("prv"));
            out
        };
        let (ana, cleo) = (sign("ana"), sign("cleo"));
        refused(&["psbt", "finalize", &ana, "--descriptor", &descriptor], 3, "1 of 2");
        let told = json(&text(&conclave(&["psbt", "finalize", &ana, "--json"]).stdout));
        assert_eq!((&told["unmet"][0]["have"], &told["unmet"][0]["need"]), (&1.into(), &2.into()));
        let combined = desk.path(&format!("{kind}-combined.psbt"));
        done(&["psbt", "combine", &cleo, &honest, &ana, "--out", &combined]);
        let told = json(&done(&["psbt", "inspect", &combined, "--descriptor", &descriptor, "--json"]));
        assert_eq!((told["complete"].as_bool(), told["progress"]["have"].as_u64()), (Some(true), Some(2)));
        let whole = done(&["psbt", "finalize", &combined, "--descriptor", &descriptor]);
        let finished = desk.put(&format!("{kind}-final.psbt"), whole.as_bytes());
        let told = json(&done(&["psbt", "inspect", &finished, "--json"]));
        assert_eq!((told["final"].as_bool(), told["size_exact"].as_bool()), (Some(true), Some(true)), "{told}");
        let transaction = done(&["psbt", "finalize", &combined, "--extract"]);
        let bytes = hex::decode(transaction.trim()).unwrap();
        let transaction: bitcoin::Transaction = bitcoin::consensus::deserialize(&bytes).unwrap();
        assert_eq!(told["final_txid"], transaction.compute_txid().to_string());
        assert_eq!(told["weight"], transaction.weight().to_wu());
    }
}

#[test]
fn every_forgery_ends_with_exit_code_4_and_its_name() {
    let desk = Desk::new();
    for line in FORGERIES.lines() {
        let [kind, name, finding, bounds, psbt] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        // Every third is enough here: the domain's tests try all.
        if bounds == "combine" || (kind != "p2wsh" && !name.starts_with("change")) {
            continue;
        }
        let file = desk.put("tried.psbt", &STANDARD.decode(psbt).unwrap());
        let descriptor = desk.path(&format!("{kind}.descriptor"));
        let mut args = vec!["psbt", "inspect", &file, "--descriptor", &descriptor, "--json"];
        if let Some((option, value)) = bounds.split_once('=').filter(|(option, _)| *option != "now") {
            args.extend([if option == "tip" { "--tip" } else { "--last-index" }, value]);
        }
        let output = conclave(&args);
        let told = json(&text(&output.stdout));
        let expected: Vec<&str> = Some(finding).filter(|it| *it != "-").into_iter().collect();
        assert_eq!(finding_names(&told), expected, "{name}: {told}");
        assert_eq!(output.status.code(), Some(if expected.is_empty() { 0 } else { 4 }), "{name}");
        assert_eq!(text(&output.stderr).contains(finding), !expected.is_empty(), "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn what_is_dangerous_is_not_signed_combined_or_finished() {
    let desk = Desk::new();
    let descriptor = desk.path("p2wsh.descriptor");
    let (honest, key) = (desk.payment("p2wsh", "honest"), desk.path("ana.key"));
    let forged = desk.payment("p2wsh", "change-one-key-of-another");
    let out = desk.path("nothing.psbt");
    refused(
        &["psbt", "sign", &forged, "--descriptor", &descriptor, "--key-file", &key, "--out", &out],
        4,
        "change-not-ours",
    );
    assert!(!Path::new(&out).exists());
    let eve = desk.path("eve.key");
    refused(&["psbt", "sign", &honest, "--descriptor", &descriptor, "--key-file", &eve], 4, "key-foreign");
    refused(&["psbt", "sign", &honest, "--key-file", &key], 4, "--descriptor");
    let words = desk.put("words.key", b"abandon abandon abandon");
    refused(&["psbt", "sign", &honest, "--descriptor", &descriptor, "--key-file", &words], 4, "neither BIP39 words");
    let other = desk.payment("p2wsh", "other-outputs");
    refused(&["psbt", "combine", &honest, &other], 4, "outputs-changed");
    let spoiled = desk.payment("p2wsh", "signature-high-s");
    refused(&["psbt", "combine", &honest, &spoiled], 4, "signature-invalid");
    refused(&["psbt", "finalize", &spoiled], 4, "signature-invalid");
    refused(&["psbt", "convert", &honest, "--out", &honest], 4, "there already");
    assert_eq!(std::fs::read_to_string(&honest).unwrap(), payment("p2wsh", "honest"));
}

#[test]
fn a_psbt_is_read_in_whatever_form_it_comes() {
    let desk = Desk::new();
    let base64 = payment("taproot", "honest-signed-once");
    let bytes = STANDARD.decode(base64).unwrap();
    let hex = hex::encode(&bytes);
    let wrapped: String = base64.as_bytes().chunks(64).map(|line| format!("{}\r\n", text(line))).collect();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(base64.bytes().flat_map(|byte| [byte, 0])).collect();
    let forms: [(&str, Vec<u8>, &str); 7] = [
        ("binary", bytes.clone(), "binary"),
        ("base64", base64.as_bytes().to_vec(), "base64"),
        ("wrapped", wrapped.into_bytes(), "base64"),
        ("marked", format!("\u{feff} {base64}\n\n").into_bytes(), "base64"),
        ("wide", wide, "base64"),
        ("hex", hex.to_uppercase().into_bytes(), "hex"),
        ("unpadded", base64.trim_end_matches('=').as_bytes().to_vec(), "base64"),
    ];
    let txid = json(&done(&["psbt", "inspect", &desk.put("plain", &bytes), "--json"]))["txid"].clone();
    for (name, form, encoding) in forms {
        let told = json(&done(&["psbt", "inspect", &desk.put(name, &form), "--json"]));
        assert_eq!((&told["txid"], told["encoding"].as_str()), (&txid, Some(encoding)), "{name}");
        let output = with_input(&["psbt", "inspect", "-", "--json"], &form);
        assert_eq!(json(&text(&output.stdout))["txid"], txid, "{name}");
    }
    // To version 2 and back, through every encoding: the same bytes.
    let mut file = desk.path("binary");
    for (number, (to, encoding)) in
        [("v2", "hex"), ("v0", "base64"), ("v2", "binary"), ("v0", "binary")].iter().enumerate()
    {
        let out = desk.path(&format!("converted-{number}"));
        done(&["psbt", "convert", &file, "--to", to, "--encoding", encoding, "--out", &out]);
        let told = json(&done(&["psbt", "inspect", &out, "--json"]));
        assert_eq!((told["version"].as_str(), told["encoding"].as_str()), (Some(*to), Some(*encoding)));
        file = out;
    }
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn what_is_no_psbt_is_refused_by_name_and_never_panics() {
    let desk = Desk::new();
    let large = desk.folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(100 << 20).unwrap();
    refused(&["psbt", "inspect", &large.display().to_string()], 4, "oversize");
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("words", b"this is no PSBT"),
        ("magic", b"psbt\xff"),
        ("count", b"psbt\xff\x01\xfb\x04\x02\x00\x00\x00\x01\x02\x04\x02\x00\x00\x00\x01\x04\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x05\x01\x00\x00"),
        ("length", b"psbt\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("transaction", b"0200000001"),
        ("noise", &[0xfe; 300]),
    ] {
        let file = desk.put(name, bytes);
        for command in ["inspect", "combine", "finalize", "convert"] {
            refused(&["psbt", command, &file], 4, "psbt-malformed");
        }
        let told = json(&text(&conclave(&["psbt", "inspect", &file, "--json"]).stdout));
        assert_eq!(finding_names(&told), ["psbt-malformed"]);
    }
    refused(&["psbt", "inspect", &desk.path("not-there")], 4, "cannot be read");
    // One good file among bad ones is still told.
    let good = desk.payment("p2wsh", "honest");
    let output = conclave(&["psbt", "inspect", &desk.path("empty"), &good, "--json"]);
    assert_eq!(output.status.code(), Some(4));
    let lines: Vec<Value> = text(&output.stdout).lines().map(json).collect();
    assert_eq!((lines.len(), lines[1]["fee_sat"].as_u64()), (2, Some(3_000)));
}

#[test]
fn a_descriptor_is_checked_and_told() {
    let desk = Desk::new();
    let descriptor = entry(DESCRIPTORS, "p2wsh");
    let told = json(&done(&["descriptor", "check", descriptor, "--count", "4", "--json"]));
    assert_eq!((&told["kind"], &told["threshold"]), (&"wsh(sortedmulti)".into(), &2.into()));
    assert_eq!(told["receive"].as_array().unwrap().len(), 4);
    assert_eq!(told["keys"].as_array().unwrap().len(), 3);
    assert!(told["receive"][0].as_str().unwrap().starts_with("tb1q"));
    assert_eq!(told["warnings"][0]["warning"], "checksum-missing");
    let regtest = json(&done(&["descriptor", "check", descriptor, "--network", "regtest", "--json"]));
    assert!(regtest["change"][0].as_str().unwrap().starts_with("bcrt1q"));
    // From a file, by either way of naming it, with its checksum.
    let summed = told["descriptor"].as_str().unwrap();
    let file = desk.put("summed", format!("{summed}\n").as_bytes());
    for name in [file.clone(), format!("@{file}")] {
        let again = json(&done(&["descriptor", "check", &name, "--json"]));
        assert_eq!((&again["checksum"], &again["receive"][0]), (&"verified".into(), &told["receive"][0]));
    }
    let wrong = summed.replacen("sortedmulti(2", "sortedmulti(3", 1);
    let output = conclave(&["descriptor", "check", &wrong, "--json"]);
    let refusal = json(&text(&output.stdout));
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(finding_names(&refusal), ["checksum-wrong"]);
    let found = &refusal["findings"][0];
    assert_eq!((found["position"].as_u64(), found["right"].as_str()), (Some(16), Some("2")), "{refusal}");
    let private = format!("wpkh({}/0/*)", entry(KEYS, "ana"));
    let output = conclave(&["descriptor", "check", &private, "--json"]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(finding_names(&json(&text(&output.stdout))), ["private-key-inside"]);
    assert!(!text(&[output.stdout, output.stderr].concat()).contains("tprv"));
    refused(&["descriptor", "check", "wpkh(hello)"], 4, "descriptor-malformed");
    refused(&["descriptor", "check", "tr(musig(a,b))"], 4, "not-supported");
}

#[test]
fn real_files_of_other_wallets_pass_through_every_command() {
    let Some(folder) = std::env::var_os("CONCLAVE_FIXTURES").map(PathBuf::from) else {
        println!("CONCLAVE_FIXTURES is not set: no file of another wallet was looked at");
        return;
    };
    let desk = Desk::new();
    let mut tried = 0;
    for file in std::fs::read_dir(folder.join("psbt")).unwrap() {
        let path = file.unwrap().path();
        let lines = std::fs::read(&path).unwrap();
        let values: Vec<Vec<u8>> = if path.extension().is_some_and(|it| it == "txt") {
            let text = text(&lines);
            text.lines().step_by(7).filter_map(|line| Some(line.split_once('\t')?.1.as_bytes().to_vec())).collect()
        } else {
            vec![lines]
        };
        for value in values {
            let file = desk.put("one", &value);
            for args in
                [&["inspect"][..], &["inspect", "--strict"], &["convert", "--to", "v2"], &["finalize"], &["combine"]]
            {
                let output = conclave(&[&["psbt", args[0], &file], &args[1..]].concat());
                let said = text(&output.stderr);
                assert!(matches!(output.status.code(), Some(0 | 3 | 4)), "{}: {said}", path.display());
                assert!(!said.contains("panicked") && !said.contains("please report"), "{said}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}
