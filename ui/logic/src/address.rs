//! Addresses on their way to a screen, and a request for payment as one text (BIP21).

use std::fmt::Write;

use conclave_shared::Sat;
use conclave_shared::desktop::Unit;

use crate::amount::typed;

/// A text in groups of four, for eyes that compare. Joined, they are the text again.
pub fn groups(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect()
}

/// A request for payment to an address: `bitcoin:ADDRESS?amount=..&label=..` (BIP21).
pub fn payment_request(address: &str, amount: Option<Sat>, label: Option<&str>) -> String {
    let mut text = format!("bitcoin:{address}");
    let amount = amount.map(|amount| ("amount", typed(amount, Unit::Btc)));
    let label = label.filter(|label| !label.is_empty()).map(|label| ("label", escaped(label)));
    for (at, (name, value)) in amount.into_iter().chain(label).enumerate() {
        let mark = if at == 0 { '?' } else { '&' };
        text.push_str(&format!("{mark}{name}={value}"));
    }
    text
}

/// A group of two texts that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Of the first text; empty where it has ended.
    pub first: String,
    /// Of the second.
    pub second: String,
    /// Whether they differ.
    pub differs: bool,
}

/// Two addresses group by group, and where they differ.
pub fn compared(first: &str, second: &str) -> Vec<Pair> {
    let (first, second) = (groups(first), groups(second));
    let group = |groups: &[String], at: usize| groups.get(at).cloned().unwrap_or_default();
    (0..first.len().max(second.len()))
        .map(|at| {
            let (first, second) = (group(&first, at), group(&second, at));
            let differs = first != second;
            Pair { first, second, differs }
        })
        .collect()
}

/// What a text asks for that was pasted or read from a code: an address, or a request for payment (BIP21).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The address, or whatever stands in its place: the backend judges it.
    pub address: String,
    /// The amount, where it names one that can be read.
    pub amount: Option<Sat>,
    /// What it is for, in the words of who asks.
    pub message: Option<String>,
}

/// Reads `bitcoin:ADDRESS?amount=..&label=..`; any other text is taken for an address. Parameters that are not known are
/// passed over.
pub fn asked(text: &str) -> Asked {
    let text = text.trim();
    let plain = || Asked { address: text.to_owned(), amount: None, message: None };
    let scheme = "bitcoin:";
    let Some((head, rest)) = text.split_at_checked(scheme.len()) else { return plain() };
    if !head.eq_ignore_ascii_case(scheme) {
        return plain();
    }
    let (address, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let named = |name: &str| {
        parameters.split('&').find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            (key == name).then(|| unescaped(value)).flatten()
        })
    };
    let amount = named("amount").and_then(|amount| crate::amount::parse(&amount, Unit::Btc).ok());
    let message = named("message").or_else(|| named("label")).filter(|message| !message.trim().is_empty());
    Asked { address: address.trim().to_owned(), amount, message }
}

/// The text of percent signs with two digits; none where it is not UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// All but letters, digits and `-._~` as percent signs with two digits (RFC 3986).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_are_of_four_and_the_last_may_be_shorter() {
        assert_eq!(groups("bc1qabcdef"), ["bc1q", "abcd", "ef"]);
        assert!(groups("").is_empty());
    }

    #[test]
    fn a_request_for_payment_is_one_text() {
        assert_eq!(payment_request("bcrt1q", None, None), "bitcoin:bcrt1q");
        assert_eq!(payment_request("bcrt1q", None, Some("")), "bitcoin:bcrt1q");
        let text = payment_request("bcrt1q", Some(Sat(2_030_000_000)), Some("Rent & žár"));
        assert_eq!(text, "bitcoin:bcrt1q?amount=20.3&label=Rent%20%26%20%C5%BE%C3%A1r");
        assert_eq!(payment_request("bcrt1q", None, Some("a")), "bitcoin:bcrt1q?label=a");
    }

    #[test]
    fn it_shows_where_two_addresses_differ() {
        let differ = |first, second| compared(first, second).iter().map(|pair| pair.differs).collect::<Vec<_>>();
        assert_eq!(differ("bc1qaaaabbbb", "bc1qaaxabbbb"), [false, true, false]);
        assert_eq!(differ("bc1q", "bc1qa"), [false, true]);
        assert!(differ("", "").is_empty());
    }

    #[test]
    fn a_request_for_payment_is_read() {
        let read = |text| {
            let Asked { address, amount, message } = asked(text);
            (address, amount.map(|amount| amount.0), message)
        };
        let all = ("bcrt1q".to_owned(), Some(2_030_000_000), Some("Rent & žár".to_owned()));
        assert_eq!(read(" BITCOIN:bcrt1q?amount=20.3&label=Rent%20%26%20%C5%BE%C3%A1r&x=1 "), all);
        assert_eq!(read("bcrt1q"), ("bcrt1q".to_owned(), None, None));
        assert_eq!(read("bitcoin:bcrt1q?amount=x&label=%C5"), ("bcrt1q".to_owned(), None, None));
        assert_eq!(read("bitc"), ("bitc".to_owned(), None, None));
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_is_read(text in "\\PC{0,60}") {
            let _ = asked(&text);
            let _ = asked(&format!("bitcoin:{text}"));
        }

        #[test]
        fn what_is_asked_for_is_read_again(sat in 1..=2_100_000_000_000_000u64, label in "\\PC{1,40}") {
            let read = asked(&payment_request("bcrt1q", Some(Sat(sat)), Some(&label)));
            prop_assert_eq!(read.amount, Some(Sat(sat)));
            prop_assert_eq!(read.message, Some(label).filter(|label| !label.trim().is_empty()));
        }

        #[test]
        fn nothing_is_lost_in_groups(text in "\\PC{0,120}") {
            prop_assert_eq!(groups(&text).concat(), text);
        }
    }
}
