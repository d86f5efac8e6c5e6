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

    proptest! {
        #[test]
        fn nothing_is_lost_in_groups(text in "\\PC{0,120}") {
            prop_assert_eq!(groups(&text).concat(), text);
        }
    }
}
