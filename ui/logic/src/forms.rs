//! What people type that is neither an amount nor a rate: names, numbers, addresses of servers, passphrases typed twice.
//! The backend judges again; here a person is told at once, and in their own words.

use crate::messages::Said;
use crate::say;
use crate::server::Reached;

/// Why a text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// Nothing is typed.
    Empty,
    /// Longer than is taken.
    TooLong {
        /// How many letters are taken.
        most: usize,
    },
    /// Not a whole number.
    NotANumber,
    /// A number that is too small or too large.
    OutOfRange {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// Not an address at which a server can be reached safely.
    NoServer {
        /// How such addresses look.
        form: &'static str,
    },
    /// The second passphrase is another one.
    NotTheSame,
}

impl Unusable {
    /// What is wrong and what to type.
    pub fn said(&self) -> Said {
        match self {
            Unusable::Empty => say!("form-empty"),
            Unusable::TooLong { most } => say!("form-too-long", most = *most),
            Unusable::NotANumber => say!("form-not-a-number"),
            Unusable::OutOfRange { least, most } => say!("form-out-of-range", least = *least, most = *most),
            Unusable::NoServer { form } => say!("form-no-server", form = *form),
            Unusable::NotTheSame => say!("form-not-the-same"),
        }
    }
}

/// A text that must not be empty, without white space around it and with at most so many letters.
pub fn text(typed: &str, most: usize) -> Result<String, Unusable> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(Unusable::Empty);
    }
    optional_text(text, most)
}

/// A text that may be empty.
pub fn optional_text(typed: &str, most: usize) -> Result<String, Unusable> {
    let text = typed.trim();
    if text.chars().count() > most { Err(Unusable::TooLong { most }) } else { Ok(text.to_owned()) }
}

/// A whole number from `least` to `most`.
pub fn number(typed: &str, least: u64, most: u64) -> Result<u64, Unusable> {
    let text: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if text.is_empty() {
        return Err(Unusable::Empty);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unusable::NotANumber);
    }
    // Only a number of more than 64 bits does not parse here.
    let number = text.parse().unwrap_or(u64::MAX);
    if (least..=most).contains(&number) { Ok(number) } else { Err(Unusable::OutOfRange { least, most }) }
}

/// A relay: see [`Reached::relay`].
pub fn relay(typed: &str) -> Result<String, Unusable> {
    server(typed, Reached::relay, "ws://….onion, wss://relay.example")
}

/// An Electrum server: see [`Reached::chain`].
pub fn chain_source(typed: &str) -> Result<String, Unusable> {
    server(typed, Reached::chain, "tcp://….onion:50001, ssl://electrum.example:50002")
}

fn server(typed: &str, reached: fn(&str) -> Option<Reached>, form: &'static str) -> Result<String, Unusable> {
    let text = typed.trim();
    match reached(text) {
        Some(_) => Ok(text.to_owned()),
        None if text.is_empty() => Err(Unusable::Empty),
        None => Err(Unusable::NoServer { form }),
    }
}

/// A passphrase, typed twice. It is taken as it is: white space is part of it.
pub fn same_twice(first: &str, second: &str) -> Result<(), Unusable> {
    if first == second { Ok(()) } else { Err(Unusable::NotTheSame) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_limited() {
        assert_eq!(text("  Ana ", 3), Ok("Ana".to_owned()));
        assert_eq!(text(" ", 3), Err(Unusable::Empty));
        assert_eq!(text("Žofie", 4), Err(Unusable::TooLong { most: 4 }));
        assert_eq!(optional_text(" ", 4), Ok(String::new()));
    }

    #[test]
    fn numbers_are_whole_and_in_range() {
        assert_eq!(number("1 000", 1, 2000), Ok(1000));
        assert_eq!(number("", 1, 2), Err(Unusable::Empty));
        assert_eq!(number("1.5", 1, 2), Err(Unusable::NotANumber));
        assert_eq!(number("-1", 0, 2), Err(Unusable::NotANumber));
        assert_eq!(number("99999999999999999999999", 1, 15), Err(Unusable::OutOfRange { least: 1, most: 15 }));
    }

    #[test]
    fn only_servers_that_are_reached_safely_are_taken() {
        for good in ["ws://127.0.0.1:7777", " ws://127.0.0.1:1/ ", "wss://relay.example"] {
            assert_eq!(relay(good), Ok(good.trim().to_owned()));
        }
        for bad in ["ws://127.0.0.1", "wss://127.0.0.1:1", "ws://relay.org:80"] {
            assert!(matches!(relay(bad), Err(Unusable::NoServer { .. })), "{bad}");
        }
        assert_eq!(chain_source("tcp://127.0.0.1:50001"), Ok("tcp://127.0.0.1:50001".to_owned()));
        assert_eq!(chain_source(""), Err(Unusable::Empty));
    }

    #[test]
    fn a_passphrase_typed_otherwise_is_another() {
        assert_eq!(same_twice("a b ", "a b "), Ok(()));
        assert_eq!(same_twice("a b ", "a b"), Err(Unusable::NotTheSame));
    }
}
