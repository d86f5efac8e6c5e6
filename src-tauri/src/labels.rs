//! Files of labels (BIP329): lines of JSON to rows of the store and back. What a line is about is not looked up here.

use std::collections::BTreeMap;

use bip329::Label;
use bitcoin::OutPoint;
use conclave_domain::configuration::odd_character;
use serde::Serialize;

use crate::store::{LabelKind, LabelRow};

/// Most characters of a label (BIP329).
pub const LABEL_LIMIT: usize = 255;
/// Largest file that is read, in bytes.
pub const FILE_LIMIT: usize = 1_000_000;
/// Most lines of a file, and most labels of one vault.
pub const LINES_LIMIT: usize = 100_000;
/// Longest name of what a label is about, and of an origin, in bytes.
const NAME_LIMIT: usize = 4_096;
/// Most lines that are named because they are no labels.
const REFUSED_NAMED: usize = 100;
/// Most characters of a reason.
const REASON_LIMIT: usize = 200;

/// A text that is no file of labels, or no label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum LabelError {
    /// Larger than is read.
    #[error("the file has {bytes} bytes, more than {FILE_LIMIT}: nothing was taken; cut it into parts")]
    FileTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More lines than are read.
    #[error("the file has more than {LINES_LIMIT} lines: nothing was taken; cut it into parts")]
    FileTooLong,
    /// There would be more labels than are kept.
    #[error("there would be more than {LINES_LIMIT} labels: nothing was taken")]
    TooManyLabels,
    /// A label longer than BIP329 allows.
    #[error("a label has at most {LABEL_LIMIT} characters, not {characters}")]
    LabelTooLong {
        /// How many it has.
        characters: usize,
    },
    /// Characters that could rewrite what stands around them.
    #[error("a label has no control characters and none that turn the direction of writing")]
    LabelOdd,
}

/// What a file of labels says.
#[derive(Default)]
pub struct FileOfLabels {
    /// The labels: of several about one thing the last.
    pub labels: Vec<LabelRow>,
    /// Labels of which the end was cut off.
    pub cut: u64,
    /// Lines that are no labels, from 1, each with the reason; the first [`REFUSED_NAMED`].
    pub refused: Vec<(u64, String)>,
}

/// A label as its owner types it: empty for none.
pub fn typed(text: &str) -> Result<Option<String>, LabelError> {
    let text = text.trim();
    let characters = text.chars().count();
    if characters > LABEL_LIMIT {
        return Err(LabelError::LabelTooLong { characters });
    }
    if text.chars().any(odd_character) {
        return Err(LabelError::LabelOdd);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Reads a file. A line that is no label is named and takes no other with it.
pub fn read(text: &str) -> Result<FileOfLabels, LabelError> {
    if text.len() > FILE_LIMIT {
        return Err(LabelError::FileTooLarge { bytes: text.len() });
    }
    let lines = text.trim_start_matches('\u{feff}').lines();
    let (mut file, mut labels) = (FileOfLabels::default(), BTreeMap::new());
    for (number, line) in (1_u64..).zip(lines) {
        if number > LINES_LIMIT as u64 {
            return Err(LabelError::FileTooLong);
        }
        match line.trim() {
            "" => {}
            line => match read_line(line) {
                Ok((row, cut)) => {
                    file.cut += u64::from(cut);
                    labels.insert((row.kind, row.about.clone()), row);
                }
                Err(reason) if file.refused.len() < REFUSED_NAMED => file.refused.push((number, reason)),
                Err(_) => {}
            },
        }
    }
    file.labels = labels.into_values().collect();
    Ok(file)
}

/// A label, and whether its end was cut off; or why the line is none.
fn read_line(line: &str) -> Result<(LabelRow, bool), String> {
    let label = Label::try_from_str(line).map_err(|error| reason(&error.to_string()))?;
    let (kind, origin, spendable) = match &label {
        Label::Transaction(it) => (LabelKind::Transaction, it.origin.clone(), None),
        Label::Address(_) => (LabelKind::Address, None, None),
        Label::PublicKey(_) => (LabelKind::PublicKey, None, None),
        Label::Input(_) => (LabelKind::Input, None, None),
        Label::Output(it) => (LabelKind::Output, None, it.spendable),
        Label::ExtendedPublicKey(_) => (LabelKind::Xpub, None, None),
    };
    let about = label.ref_().to_string();
    if about.is_empty() || about.len() > NAME_LIMIT || origin.as_ref().is_some_and(|it| it.len() > NAME_LIMIT) {
        return Err("what it is about, or its origin, is missing or too long".to_owned());
    }
    // Whoever exported that has a larger problem than a label, and it must not be kept here.
    if about.get(1..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("prv")) {
        return Err("it names a private key, which is not kept: treat that key as known to others".to_owned());
    }
    let whole = label.label().filter(|text| !text.is_empty());
    let cut = whole.is_some_and(|text| text.chars().nth(LABEL_LIMIT).is_some());
    let label = whole.map(|text| text.chars().take(LABEL_LIMIT).collect());
    Ok((LabelRow { kind, about, label, origin, spendable }, cut))
}

/// A parser's words as they may be shown: they repeat parts of the line.
fn reason(error: &str) -> String {
    let short: String = error.chars().take(REASON_LIMIT).collect();
    format!("it is no label of BIP329: {}", crate::record::shown(&short))
}

/// A line of an export.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "ref")]
    about: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spendable: Option<bool>,
}

/// A label as a line of a file.
pub fn line(row: &LabelRow) -> String {
    let LabelRow { kind, about, label, origin, spendable } = row;
    let line =
        Line { kind: kind.name(), about, label: label.as_deref(), origin: origin.as_deref(), spendable: *spendable };
    serde_json::to_string(&line).unwrap_or_default()
}

/// A coin that may not be spent, without a label yet.
pub fn frozen(coin: OutPoint) -> LabelRow {
    let about = coin.to_string();
    LabelRow { kind: LabelKind::Output, about, label: None, origin: None, spendable: Some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of BIP329.
    const VECTORS: &str = r#"{ "type": "tx", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd", "label": "Transaction", "origin": "wpkh([d34db33f/84'/0'/0'])" }
{ "type": "addr", "ref": "bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c", "label": "Address" }
{ "type": "pubkey", "ref": "0283409659355b6d1cc3c32decd5d561abaac86c37a353b52895a5e6c196d6f448", "label": "Public Key" }
{ "type": "input", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:0", "label": "Input" }
{ "type": "output", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1", "label": "Output" , "spendable" : false }
{ "type": "xpub", "ref": "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8", "label": "Extended Public Key" }
{ "type": "tx", "ref": "f546156d9044844e02b181026a1a407abfca62e7ea1159f87bbeaa77b4286c74", "label": "Account #1 Transaction", "origin": "wpkh([d34db33f/84'/0'/1'])" }"#;

    /// What a file says, as a set of values without regard to order.
    fn values(text: &str) -> std::collections::BTreeSet<String> {
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap().to_string();
        text.lines().filter(|line| !line.trim().is_empty()).map(value).collect()
    }

    fn written(file: &FileOfLabels) -> String {
        file.labels.iter().map(|row| line(row) + "\n").collect()
    }

    #[test]
    fn the_examples_of_the_bip_come_back_as_they_came() {
        let file = read(VECTORS).unwrap();
        assert!(file.refused.is_empty() && file.labels.len() == 7);
        assert_eq!(values(&written(&file)), values(VECTORS));
    }

    #[test]
    fn a_file_of_another_wallet_is_taken() {
        let Some(folder) = std::env::var_os("CONCLAVE_FIXTURES") else {
            eprintln!("left out: CONCLAVE_FIXTURES does not name the sample files of other wallets");
            return;
        };
        let path = std::path::Path::new(&folder).join("labels/bluewallet-sample-bip329.jsonl");
        let file = read(&std::fs::read_to_string(path).unwrap()).unwrap();
        let said: Vec<(LabelKind, Option<&str>)> =
            file.labels.iter().map(|row| (row.kind, row.label.as_deref())).collect();
        let (tx, addr) = (LabelKind::Transaction, LabelKind::Address);
        let key = LabelKind::PublicKey;
        let expected = [(tx, "Monthly savings"), (addr, "Savings receive address"), (key, "Sample signer")];
        assert_eq!(said, expected.map(|(kind, text)| (kind, Some(text))));
        assert!(file.refused.is_empty());
    }

    #[test]
    fn a_bad_line_takes_no_other_with_it() {
        let txid = "00".repeat(32);
        let good = |label: &str| format!(r#"{{"type":"tx","ref":"{txid}","label":"{label}"}}"#);
        let long = "x".repeat(300);
        let bad = [
            "nonsense".to_owned(),
            "[1,2]".to_owned(),
            r#"{"type":"tx","ref":"12"}"#.to_owned(),
            r#"{"type":"addr","ref":"bc1qnonsense","label":"x"}"#.to_owned(),
            r#"{"type":"moon","ref":"1"}"#.to_owned(),
            r#"{"type":"xpub","ref":"tprv8ZgxMBicQKsPd","label":"x"}"#.to_owned(),
            r#"{"type":"pubkey","ref":"","label":"x"}"#.to_owned(),
            format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)),
            format!(r#"{{"type":"\u001b[2J{long}","ref":"1"}}"#),
            good("x").replace(r#""label""#, r#""label":1,"label""#),
        ];
        let mut text = format!("\u{feff}{}\r\n\n", good("first"));
        bad.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        text.push_str(&format!("  {}  ", good("last")));
        let file = read(&text).unwrap();
        assert_eq!(file.labels.len(), 1);
        assert_eq!(file.labels[0].label.as_deref(), Some("last"), "of several about one thing the last counts");
        let lines: Vec<u64> = file.refused.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, (3..3 + bad.len() as u64).collect::<Vec<u64>>());
        for (_, reason) in &file.refused {
            assert!(reason.len() < 1_000 && !reason.contains('\u{1b}') && !reason.contains("tprv8"), "{reason}");
        }
    }

    #[test]
    fn a_hostile_file_has_an_end() {
        assert!(matches!(read(&"x".repeat(FILE_LIMIT + 1)), Err(LabelError::FileTooLarge { .. })));
        assert!(matches!(read(&"\n".repeat(LINES_LIMIT + 1)), Err(LabelError::FileTooLong)));
        let file = read(&"x\n".repeat(LINES_LIMIT)).unwrap();
        assert_eq!((file.refused.len(), file.labels.len()), (REFUSED_NAMED, 0));
    }

    #[test]
    fn long_labels_are_cut_and_odd_ones_kept_as_they_are() {
        let (long, odd) = ("é".repeat(LABEL_LIMIT + 1), "a\u{202e}b\nc\0");
        let lines = [("k1", long.as_str()), ("k2", odd), ("k3", "")]
            .map(|(about, label)| serde_json::json!({ "type": "pubkey", "ref": about, "label": label }).to_string());
        let file = read(&lines.join("\n")).unwrap();
        let labels: Vec<Option<&str>> = file.labels.iter().map(|row| row.label.as_deref()).collect();
        assert_eq!((file.cut, labels), (1, vec![Some(&long[..2 * LABEL_LIMIT]), Some(odd), None]));
    }

    #[test]
    fn a_typed_label_is_held_to_more() {
        assert_eq!(typed("  rent \n"), Ok(Some("rent".to_owned())));
        assert_eq!(typed("   "), Ok(None));
        assert_eq!(typed(&"é".repeat(LABEL_LIMIT)).unwrap().unwrap().chars().count(), LABEL_LIMIT);
        assert_eq!(typed(&"é".repeat(256)), Err(LabelError::LabelTooLong { characters: 256 }));
        for odd in ["a\nb", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{2066}b"] {
            assert_eq!(typed(odd), Err(LabelError::LabelOdd));
        }
    }
}
