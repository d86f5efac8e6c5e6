//! Numbers as drawings carry them.

use std::fmt;

/// A number with one decimal. The standard library writes any number exactly, and the code of that is much larger.
#[derive(Debug, Clone, Copy)]
pub struct Tenths(pub f64);

impl fmt::Display for Tenths {
    #[expect(clippy::cast_possible_truncation, reason = "a drawing has a few thousand points")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_decimal() {
        for number in [0.0, 0.04, 0.06, 1.25, -0.5, -12.34, 200.0, 3999.96] {
            let written: f64 = Tenths(number).to_string().parse().unwrap();
            assert!((written - number).abs() <= 0.05 + f64::EPSILON * 4000.0, "{number}: {written}");
        }
        assert_eq!(Tenths(-0.5).to_string(), "-0.5");
        assert_eq!(Tenths(200.0).to_string(), "200.0");
    }
}
