//! Fee rates as people type them: sat per virtual byte, with up to three decimals.

use crate::messages::Said;
use crate::say;

/// The sign of a rate's unit, the same in every language.
pub const SIGN: &str = "sat/vB";

/// A rate above which nobody pays by intention, in thousandths of a sat/vB.
const HIGHEST_MILLI: u64 = 10_000_000;

/// Why a text is no fee rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotARate {
    /// Nothing is typed.
    Empty,
    /// Something other than digits and one point.
    NotANumber,
    /// More than three decimals.
    TooManyDecimals,
    /// Nothing is paid.
    Zero,
    /// Over 10 000 sat/vB.
    TooHigh,
}

impl NotARate {
    /// What is wrong and what to type.
    pub fn said(self) -> Said {
        match self {
            NotARate::Empty => say!("rate-empty"),
            NotARate::NotANumber => say!("rate-not-a-number"),
            NotARate::TooManyDecimals => say!("rate-too-many-decimals"),
            NotARate::Zero => say!("rate-zero"),
            NotARate::TooHigh => say!("rate-too-high"),
        }
    }
}

/// A fee rate in thousandths of a sat/vB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    /// Thousandths of a sat/vB.
    pub milli: u64,
}

impl Rate {
    /// Whole sat/vB, and thousandths on top of that, as requests carry it.
    pub fn parts(self) -> (u64, u64) {
        (self.milli / 1000, self.milli % 1000)
    }

    /// The number, without needless zeros and without the unit: `2.5`.
    pub fn digits(self) -> String {
        let text = format!("{}.{:03}", self.milli / 1000, self.milli % 1000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl std::fmt::Display for Rate {
    /// The number with its unit: `2.5 sat/vB`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {SIGN}", self.digits())
    }
}

/// Reads a fee rate: `2`, `2.5`, `2,125`.
pub fn parse(text: &str) -> Result<Rate, NotARate> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotARate::Empty);
    }
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !only_digits(whole) || !only_digits(part) || (whole.is_empty() && part.is_empty()) {
        return Err(NotARate::NotANumber);
    }
    if part.len() > 3 {
        return Err(NotARate::TooManyDecimals);
    }
    // Only a number that is too large for 64 bits does not parse here.
    let milli: u64 = format!("{whole}{part:0<3}").parse().map_err(|_| NotARate::TooHigh)?;
    match milli {
        0 => Err(NotARate::Zero),
        milli if milli > HIGHEST_MILLI => Err(NotARate::TooHigh),
        milli => Ok(Rate { milli }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_has_up_to_three_decimals() {
        for (text, milli) in [("2", 2000), ("2.5", 2500), ("0,125", 125), (" 12. ", 12_000), (".5", 500)] {
            assert_eq!(parse(text), Ok(Rate { milli }), "{text}");
        }
        for (text, fault) in [
            ("", NotARate::Empty),
            ("fast", NotARate::NotANumber),
            ("1.2.3", NotARate::NotANumber),
            (".", NotARate::NotANumber),
            ("-1", NotARate::NotANumber),
            ("1.2345", NotARate::TooManyDecimals),
            ("0.000", NotARate::Zero),
            ("10001", NotARate::TooHigh),
            ("99999999999999999999999", NotARate::TooHigh),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(milli in 1..=HIGHEST_MILLI) {
            let rate = Rate { milli };
            prop_assert_eq!(parse(&rate.digits()), Ok(rate));
            prop_assert_eq!(rate.to_string(), format!("{} sat/vB", rate.digits()));
            let (whole, rest) = rate.parts();
            prop_assert_eq!(whole * 1000 + rest, milli);
        }
    }
}
