//! Amounts as people type them and as they are shown. Sums and comparisons are the backend's.

use conclave_shared::Sat;
use conclave_shared::desktop::Unit;

use crate::fluent::in_groups;
use crate::messages::Said;
use crate::say;

/// More than there will ever be, in satoshi.
const ALL_THERE_IS: u64 = 21_000_000 * SAT_PER_BTC;
const SAT_PER_BTC: u64 = 100_000_000;
/// Digits behind the point of an amount in bitcoin.
const DECIMALS: usize = 8;

/// The sign of a unit, the same in every language.
pub fn sign(unit: Unit) -> &'static str {
    match unit {
        Unit::Btc => "BTC",
        Unit::Sat => "sat",
    }
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnAmount {
    /// Nothing is typed.
    Empty,
    /// Something other than digits, one point and gaps.
    NotANumber,
    /// A point or comma stands twice, or both do: which one begins the decimals is unclear.
    PointsDoubled,
    /// One comma before exactly three digits: a thousand to some, one to others.
    CommaUnclear,
    /// The gaps are not where groups of three would have them.
    GroupsUneven,
    /// More than eight decimals.
    TooManyDecimals,
    /// A part of a satoshi.
    SatDivided,
    /// More than 21 million bitcoin.
    MoreThanThereIs,
    /// Nothing at all is to be paid.
    Zero,
}

impl NotAnAmount {
    /// What is wrong and what to type, for the person.
    pub fn said(self) -> Said {
        match self {
            NotAnAmount::Empty => say!("amount-empty"),
            NotAnAmount::NotANumber => say!("amount-not-a-number"),
            NotAnAmount::PointsDoubled => say!("amount-points-doubled"),
            NotAnAmount::CommaUnclear => say!("amount-comma-unclear"),
            NotAnAmount::GroupsUneven => say!("amount-groups-uneven"),
            NotAnAmount::TooManyDecimals => say!("amount-too-many-decimals"),
            NotAnAmount::SatDivided => say!("amount-sat-divided"),
            NotAnAmount::MoreThanThereIs => say!("amount-more-than-there-is"),
            NotAnAmount::Zero => say!("amount-zero"),
        }
    }
}

fn is_gap(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// The digits of a part, whose gaps must leave groups of three; `from_end` counts them from the right.
fn without_gaps(part: &str, from_end: bool) -> Result<String, NotAnAmount> {
    if !part.chars().all(|letter| letter.is_ascii_digit() || is_gap(letter)) {
        return Err(NotAnAmount::NotANumber);
    }
    let groups: Vec<&str> = part.split(is_gap).collect();
    let whole = |group: &&str| group.len() == 3;
    let loose = |group: &str| (1..=3).contains(&group.len());
    let even = match (groups.as_slice(), from_end) {
        ([_], _) => true,
        ([first, rest @ ..], true) => loose(first) && rest.iter().all(whole),
        ([rest @ .., last], false) => loose(last) && rest.iter().all(whole),
        ([], _) => false,
    };
    if even { Ok(groups.concat()) } else { Err(NotAnAmount::GroupsUneven) }
}

/// Reads an amount in `unit`, or in the unit that is written behind it: `0.5`, `0,5`, `0.012 345 67`, `20 000 sat`.
pub fn parse(text: &str, unit: Unit) -> Result<Sat, NotAnAmount> {
    let text = text.trim_matches(|letter: char| letter.is_whitespace());
    let lower = text.to_lowercase();
    let named = |signs: &[&str]| signs.iter().find_map(|sign| lower.strip_suffix(sign));
    let (number, unit) = if let Some(number) = named(&["btc", "₿"]) {
        (number, Unit::Btc)
    } else if let Some(number) = named(&["sats", "sat"]) {
        (number, Unit::Sat)
    } else {
        (lower.as_str(), unit)
    };
    let number = number.trim_end();
    if number.is_empty() {
        return Err(NotAnAmount::Empty);
    }
    let mut parts = number.split(['.', ',']);
    let (whole, part, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if more.is_some() {
        return Err(NotAnAmount::PointsDoubled);
    }
    let whole = without_gaps(whole, true)?;
    let part = part.map(|part| without_gaps(part, false)).transpose()?;
    if whole.is_empty() && part.as_deref().unwrap_or_default().is_empty() {
        return Err(NotAnAmount::NotANumber);
    }
    let sat = match (unit, part) {
        (Unit::Sat, None) => in_sat(&whole, 1)?,
        (Unit::Sat, Some(_)) => return Err(NotAnAmount::SatDivided),
        (Unit::Btc, None) => in_sat(&whole, SAT_PER_BTC)?,
        (Unit::Btc, Some(part)) => {
            if part.len() > DECIMALS {
                return Err(NotAnAmount::TooManyDecimals);
            }
            if number.contains(',') && part.len() == 3 && !whole.trim_start_matches('0').is_empty() {
                return Err(NotAnAmount::CommaUnclear);
            }
            let decimals = in_sat(&format!("{part:0<DECIMALS$}"), 1)?;
            in_sat(&whole, SAT_PER_BTC)?.checked_add(decimals).ok_or(NotAnAmount::MoreThanThereIs)?
        }
    };
    match sat {
        0 => Err(NotAnAmount::Zero),
        sat if sat > ALL_THERE_IS => Err(NotAnAmount::MoreThanThereIs),
        sat => Ok(Sat(sat)),
    }
}

fn in_sat(digits: &str, each: u64) -> Result<u64, NotAnAmount> {
    if digits.is_empty() {
        return Ok(0);
    }
    let number: u64 = digits.parse().map_err(|_| NotAnAmount::MoreThanThereIs)?;
    number.checked_mul(each).ok_or(NotAnAmount::MoreThanThereIs)
}

/// The digits of an amount, grouped, without the unit: `0.012 345 67` or `1 234 567`.
pub fn digits(amount: Sat, unit: Unit) -> String {
    match unit {
        Unit::Sat => in_groups(&amount.0.to_string(), ' '),
        Unit::Btc => {
            let whole = in_groups(&(amount.0 / SAT_PER_BTC).to_string(), ' ');
            let part = format!("{:08}", amount.0 % SAT_PER_BTC);
            format!("{whole}.{} {} {}", &part[..3], &part[3..6], &part[6..])
        }
    }
}

/// An amount with its unit.
pub fn text(amount: Sat, unit: Unit) -> String {
    format!("{} {}", digits(amount, unit), sign(unit))
}

/// An amount as it stands in a field: no needless zeros, no unit.
pub fn typed(amount: Sat, unit: Unit) -> String {
    match unit {
        Unit::Sat => amount.0.to_string(),
        Unit::Btc => {
            let text = format!("{}.{:08}", amount.0 / SAT_PER_BTC, amount.0 % SAT_PER_BTC);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_type_amounts_in_many_ways() {
        for (text, unit, sat) in [
            ("1", Unit::Btc, 100_000_000),
            ("1.5", Unit::Btc, 150_000_000),
            ("1,5", Unit::Btc, 150_000_000),
            ("  0.012 345 67 ", Unit::Btc, 1_234_567),
            ("0.012 345 67 BTC", Unit::Sat, 1_234_567),
            (".5", Unit::Btc, 50_000_000),
            ("0,125", Unit::Btc, 12_500_000),
            ("2.", Unit::Btc, 200_000_000),
            ("1 234.5", Unit::Btc, 123_450_000_000),
            ("20 000", Unit::Sat, 20_000),
            ("20\u{202f}000 sats", Unit::Btc, 20_000),
            ("21000000", Unit::Btc, 2_100_000_000_000_000),
            ("0.00000001", Unit::Btc, 1),
        ] {
            assert_eq!(parse(text, unit), Ok(Sat(sat)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_by_name() {
        for (text, unit, fault) in [
            ("", Unit::Btc, NotAnAmount::Empty),
            ("BTC", Unit::Btc, NotAnAmount::Empty),
            ("ten", Unit::Btc, NotAnAmount::NotANumber),
            (".", Unit::Btc, NotAnAmount::NotANumber),
            ("-1", Unit::Btc, NotAnAmount::NotANumber),
            ("1e3", Unit::Sat, NotAnAmount::NotANumber),
            ("١", Unit::Sat, NotAnAmount::NotANumber),
            ("1.000.000", Unit::Sat, NotAnAmount::PointsDoubled),
            ("1,000.5", Unit::Btc, NotAnAmount::PointsDoubled),
            ("1,000", Unit::Btc, NotAnAmount::CommaUnclear),
            ("1 5", Unit::Btc, NotAnAmount::GroupsUneven),
            ("0.12 345", Unit::Btc, NotAnAmount::GroupsUneven),
            ("0.123456789", Unit::Btc, NotAnAmount::TooManyDecimals),
            ("0.5", Unit::Sat, NotAnAmount::SatDivided),
            ("21000000.00000001", Unit::Btc, NotAnAmount::MoreThanThereIs),
            ("99999999999999999999999", Unit::Sat, NotAnAmount::MoreThanThereIs),
            ("0.00", Unit::Btc, NotAnAmount::Zero),
        ] {
            assert_eq!(parse(text, unit), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(sat in 1..=ALL_THERE_IS) {
            for unit in [Unit::Btc, Unit::Sat] {
                prop_assert_eq!(parse(&digits(Sat(sat), unit), unit), Ok(Sat(sat)));
                prop_assert_eq!(parse(&text(Sat(sat), unit), Unit::Btc), Ok(Sat(sat)));
                prop_assert_eq!(parse(&typed(Sat(sat), unit), unit), Ok(Sat(sat)));
            }
        }

        #[test]
        fn whatever_is_typed_is_taken_or_refused(text in "\\PC{0,24}") {
            let _ = parse(&text, Unit::Btc);
            let _ = parse(&text, Unit::Sat);
        }
    }
}
