//! Amounts on their way to a screen. Sums and comparisons are the backend's.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in satoshi.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sat(pub u64);

impl fmt::Display for Sat {
    /// `0.012 345 67 BTC`: eight places in groups, so that a misplaced zero is seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100_000_000, self.0 % 100_000_000);
        let digits = format!("{part:08}");
        write!(f, "{whole}.{} {} {} BTC", &digits[..3], &digits[3..6], &digits[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::Sat;

    #[test]
    fn amounts_are_written_in_groups() {
        for (sat, text) in [
            (0, "0.000 000 00 BTC"),
            (1_234_567, "0.012 345 67 BTC"),
            (2_100_000_000_000_000, "21000000.000 000 00 BTC"),
        ] {
            assert_eq!(Sat(sat).to_string(), text);
        }
    }
}
