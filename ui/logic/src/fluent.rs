//! Reads catalogues of messages: of [Fluent](https://projectfluent.org) the part that ours are written in.
//!
//! That is: text on one line, `{ $name }` for a value, and `{ $name -> [one] .. *[other] .. }` for the form that goes with a
//! number, each within the other. A test compares what comes of every message with what Fluent's own implementation makes of it.

use std::collections::BTreeMap;

use conclave_shared::desktop::Language;

/// A value as a message shows it.
pub enum Shown {
    /// A text.
    Text(String),
    /// A number, which decides forms.
    Number(u64),
}

/// The messages of these texts by their names.
pub fn messages(texts: &[&str]) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for text in texts {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some((name, first)) = line.split_once('=').filter(|_| line.starts_with(char::is_alphabetic)) else {
                continue;
            };
            let mut pattern = first.trim().to_owned();
            while depth(&pattern) > 0 {
                let Some(line) = lines.next() else { break };
                pattern.push('\n');
                pattern.push_str(line);
            }
            messages.insert(name.trim().to_owned(), pattern);
        }
    }
    messages
}

/// How many brackets are open at the end.
fn depth(text: &str) -> usize {
    text.bytes().fold(0, |depth: usize, byte| match byte {
        b'{' => depth + 1,
        b'}' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// Writes what a message says with these values. A value that is not there shows as its name.
pub fn write(pattern: &str, values: &[(&'static str, Shown)], language: Language, words: &mut String) {
    let mut rest = pattern;
    while let Some((text, inside, after)) = placeable(rest) {
        words.push_str(text);
        let (name, forms) = inside.split_once("->").unwrap_or((inside, ""));
        let name = name.trim().trim_start_matches('$');
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        match value {
            _ if !forms.is_empty() => write(&form(forms, value, language), values, language, words),
            Some(Shown::Text(text)) => words.push_str(text),
            Some(Shown::Number(number)) => words.push_str(&digits(*number)),
            None => words.push_str(name),
        }
        rest = after;
    }
    words.push_str(rest);
}

/// The first pair of brackets: what stands before it, in it, and behind it.
fn placeable(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('{')?;
    let closes = |(at, _): &(usize, char)| depth(&text[open..=*at]) == 0;
    let (close, _) = text[open..].match_indices('}').map(|(at, _)| (open + at, '}')).find(closes)?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// The first form that fits the value, or else the one with the star.
fn form(forms: &str, value: Option<&Shown>, language: Language) -> String {
    let mut other = String::new();
    for (key, pattern) in variants(forms) {
        let fits = match value {
            Some(Shown::Number(number)) => key == number.to_string() || key == category(*number, language),
            Some(Shown::Text(text)) => key == text,
            None => false,
        };
        if fits {
            return pattern;
        }
        if key.starts_with('*') {
            other = pattern;
        }
    }
    other
}

/// Forms with their keys; that of the form for all others keeps its star.
fn variants(forms: &str) -> Vec<(&str, String)> {
    let mut variants: Vec<(&str, String)> = vec![];
    for line in forms.lines() {
        let line = line.trim();
        let open = variants.last().is_some_and(|(_, pattern)| depth(pattern) > 0);
        match (line.split_once(']'), variants.last_mut()) {
            (_, Some((_, pattern))) if open => {
                pattern.push('\n');
                pattern.push_str(line);
            }
            (Some((key, pattern)), _) => {
                let star = key.starts_with('*');
                let key = key.trim_start_matches(['*', '[']);
                variants.push((if star { "*" } else { key }, pattern.trim().to_owned()));
            }
            (None, _) => {}
        }
    }
    variants
}

/// The plural category of a whole number (CLDR), as catalogues name it; that of all others is the form with the star.
fn category(number: u64, language: Language) -> &'static str {
    let (ten, hundred) = (number % 10, number % 100);
    match language {
        Language::English | Language::Czech if number == 1 => "one",
        Language::Czech if (2..=4).contains(&number) => "few",
        Language::Russian if ten == 1 && hundred != 11 => "one",
        Language::Russian if (2..=4).contains(&ten) && !(12..=14).contains(&hundred) => "few",
        Language::Russian => "many",
        Language::English | Language::Czech => "other",
    }
}

fn digits(number: u64) -> String {
    let digits = number.to_string();
    if number < 10_000 { digits } else { in_groups(&digits, '\u{202f}') }
}

/// Digits in groups of three, counted from the end.
pub fn in_groups(digits: &str, gap: char) -> String {
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(gap);
        }
        grouped.push(digit);
    }
    grouped
}
