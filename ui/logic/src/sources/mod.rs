//! Judges the sources of the pages and the catalogues together: every word that is shown is in every language, and nothing is
//! in a catalogue that is not shown. Read as text, so that what the compiler cannot know fails the tests all the same.

mod catalogue;
mod rust;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use conclave_shared::desktop::Language;

use crate::messages::{Messages, Value};
use catalogue::Catalogue;
use rust::Source;

/// Messages that no source names in full: their names are put together from fixed names of the backend.
const FAMILIES: [&str; 2] = ["failure-", "notice-"];

/// Messages that may be the same in two languages: names, signs, and figures without words.
const SAME: [&str; 6] = [
    "practice-since-seconds",
    "practice-since-minutes",
    "fee-rate",
    "notice-title",
    "notice-title-vault",
    "overview-roles",
];

/// What may stand in a page as it is, whatever the language.
const NAMES: [&str; 6] = ["Conclave", "sat/vB", "Ctrl+L", "Alt+0", "Alt+1 … Alt+9", "Alt+←"];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("the folder of sources can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            // This folder's own examples are no words of pages.
            if !path.ends_with("logic/src/sources") {
                rust_files(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The sources of the pages and of this crate, without their tests.
fn sources() -> Vec<Source> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![];
    rust_files(&here.join("src"), &mut files);
    rust_files(&here.join("../src"), &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            Source::read(&path.display().to_string(), text)
        })
        .collect()
}

fn catalogues() -> BTreeMap<&'static str, Catalogue> {
    Language::ALL.into_iter().map(|language| (language.tag(), Catalogue::of(language))).collect()
}

/// Fails with all that is wrong, not only the first.
fn nothing_of(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_catalogue_can_be_read() {
    nothing_of(catalogues().values().flat_map(|catalogue| catalogue.faults.clone()).collect());
}

#[test]
fn every_message_says_what_fluent_makes_of_it() {
    let mut faults = vec![];
    for language in Language::ALL {
        let messages = Messages::of(language);
        let bundle = catalogue::bundle(language);
        for (key, message) in Catalogue::of(language).messages {
            let names: Vec<&'static str> = message.values.into_iter().map(|name| &*name.leak()).collect();
            for number in [0, 1, 2, 4, 5, 11, 12, 21, 22, 100, 101, 111, 9_999, 10_000, 1_234_567] {
                let said: Vec<_> = names.iter().map(|name| (*name, Value::Number(number))).collect();
                let (ours, fluents) = (messages.text(&key, &said), catalogue::formatted(&bundle, &key, &said));
                if ours != fluents {
                    faults.push(format!("{}: {key} with {number}: {ours:?}, Fluent: {fluents:?}", language.tag()));
                }
            }
            let said: Vec<_> = names.iter().map(|name| (*name, Value::Text(format!("⟨{name}⟩")))).collect();
            let (ours, fluents) = (messages.text(&key, &said), catalogue::formatted(&bundle, &key, &said));
            if ours != fluents {
                faults.push(format!("{}: {key}: {ours:?}, Fluent: {fluents:?}", language.tag()));
            }
        }
    }
    nothing_of(faults);
}

#[test]
fn every_language_has_every_message_with_the_same_values() {
    let catalogues = catalogues();
    let english = &catalogues["en"];
    let mut faults = vec![];
    for (tag, catalogue) in &catalogues {
        for (key, message) in &english.messages {
            match catalogue.messages.get(key) {
                None => faults.push(format!("{tag}: {key} is missing")),
                Some(other) if other.values != message.values => {
                    faults.push(format!(
                        "{tag}: {key} has the values {:?}, English has {:?}",
                        other.values, message.values
                    ));
                }
                Some(_) => {}
            }
        }
        for key in catalogue.messages.keys().filter(|key| !english.messages.contains_key(*key)) {
            faults.push(format!("{tag}: {key} is not in English"));
        }
    }
    nothing_of(faults);
}

#[test]
fn every_message_is_translated() {
    let catalogues = catalogues();
    let english = &catalogues["en"];
    let mut faults = vec![];
    for (tag, catalogue) in catalogues.iter().filter(|(tag, _)| **tag != "en") {
        for (key, message) in &catalogue.messages {
            let Some(original) = english.messages.get(key).filter(|_| !SAME.contains(&key.as_str())) else { continue };
            let has_words = original.words.chars().any(char::is_alphabetic);
            if has_words && original.words == message.words {
                faults.push(format!("{tag}: {key} is still in English: {}", original.words));
            }
            let cyrillic = |letter: char| ('а'..='я').contains(&letter.to_lowercase().next().unwrap_or(letter));
            if *tag == "ru" && has_words && !message.words.chars().any(cyrillic) {
                faults.push(format!("ru: {key} has no Russian letter: {}", message.words));
            }
        }
    }
    nothing_of(faults);
}

#[test]
fn every_form_of_a_number_is_there() {
    let mut faults = vec![];
    for (tag, catalogue) in catalogues() {
        let needed: BTreeSet<&str> = match tag {
            "en" => ["one", "other"].into(),
            "cs" => ["one", "few", "other"].into(),
            // All numbers are whole: what is `many` may stand as `other`.
            _ => ["one", "few", "other"].into(),
        };
        for (key, message) in &catalogue.messages {
            for forms in &message.plurals {
                let given: BTreeSet<&str> = forms.iter().map(String::as_str).collect();
                if !needed.is_subset(&given) {
                    faults.push(format!("{tag}: {key} has the forms {given:?} of a number and needs {needed:?}"));
                }
            }
        }
    }
    nothing_of(faults);
}

#[test]
fn every_word_that_a_page_says_is_in_the_catalogue() {
    let english = &catalogues()["en"];
    let mut faults = vec![];
    for source in sources() {
        for said in source.said() {
            match english.messages.get(&said.key) {
                None => faults.push(format!("{}:{}: there is no message {}", source.name, said.line, said.key)),
                Some(message) if message.values != said.values => faults.push(format!(
                    "{}:{}: {} is given the values {:?} and has {:?}",
                    source.name, said.line, said.key, said.values, message.values
                )),
                Some(_) => {}
            }
        }
    }
    nothing_of(faults);
}

#[test]
fn every_message_is_said_somewhere() {
    let said: BTreeSet<String> = sources().iter().flat_map(|source| source.said()).map(|said| said.key).collect();
    let english = &catalogues()["en"];
    let unused = english
        .messages
        .keys()
        .filter(|key| !said.contains(*key) && !FAMILIES.iter().any(|family| key.starts_with(family)));
    nothing_of(unused.map(|key| format!("nobody says {key}")).collect());
}

#[test]
fn no_word_stands_in_a_page_itself() {
    let mut faults = vec![];
    for source in sources() {
        for (line, text) in source.own_words().into_iter().filter(|(_, text)| !NAMES.contains(&text.as_str())) {
            faults.push(format!("{}:{line}: “{text}” belongs into the catalogues", source.name));
        }
    }
    nothing_of(faults);
}
