//! A payment that is being written: from what is typed to a request, and from a refusal back to the field that it is about.

use conclave_shared::desktop::Unit;
use conclave_shared::request::{Failure, Propose, Recipient};
use conclave_shared::view::FeesView;
use conclave_shared::{Finding, Unmet, VaultId};

use crate::messages::Said;
use crate::rate::{self, Rate};
use crate::{amount, forms, say};

/// The most characters of a purpose.
pub const LONGEST_PURPOSE: usize = 500;
/// The most recipients of one payment.
pub const MOST_RECIPIENTS: usize = 100;
/// Blocks that come in an hour, and in a day.
const HOUR: u32 = 6;
const DAY: u32 = 144;

/// How soon a payment is to be in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// In the next block or two.
    Soon,
    /// Within an hour.
    Hour,
    /// Within a day.
    Day,
    /// At a rate of one's own.
    Own,
}

/// What the chain source's estimates come to, the quickest first. Empty where it makes none.
pub fn presets(fees: &FeesView) -> Vec<(Speed, Rate)> {
    let slowest_within = |least: u32, most: u32| {
        let within = fees.estimates.iter().filter(|estimate| (least..=most).contains(&estimate.blocks));
        within.max_by_key(|estimate| estimate.blocks).map(|estimate| Rate { milli: estimate.rate_milli })
    };
    let soon = fees.estimates.iter().min_by_key(|estimate| estimate.blocks).filter(|estimate| estimate.blocks < HOUR);
    let all = [
        (Speed::Soon, soon.map(|estimate| Rate { milli: estimate.rate_milli })),
        (Speed::Hour, slowest_within(3, HOUR)),
        (Speed::Day, slowest_within(HOUR + 1, DAY)),
    ];
    all.into_iter().filter_map(|(speed, rate)| Some((speed, rate?))).collect()
}

/// One recipient as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The address.
    pub address: String,
    /// The amount.
    pub amount: String,
    /// Whether it gets all that is left, whatever the amount says.
    pub all: bool,
}

/// Everything that is typed, but the purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Who gets what.
    pub lines: Vec<Line>,
    /// How soon.
    pub speed: Speed,
    /// The rate of one's own.
    pub own_rate: String,
    /// Exactly these coins, as `TXID:VOUT`; none: whichever are free.
    pub coins: Option<Vec<String>>,
    /// For how many days it may be signed.
    pub days: u32,
    /// Whether the vault's recovery pays.
    pub recovery: bool,
}

impl Typed {
    /// The fee rate, where one is chosen or typed.
    pub fn rate(&self, fees: Option<&FeesView>) -> Option<Rate> {
        match self.speed {
            Speed::Own => rate::parse(&self.own_rate).ok(),
            Speed::Soon | Speed::Hour | Speed::Day => {
                presets(fees?).into_iter().find(|(speed, _)| *speed == self.speed).map(|(_, rate)| rate)
            }
        }
    }

    /// The request, without a purpose; none as long as something is missing.
    pub fn request(&self, vault: VaultId, unit: Unit, fees: Option<&FeesView>) -> Option<Propose> {
        let (fee_rate, fee_rate_milli) = self.rate(fees)?.parts();
        let address = |line: &Line| Some(line.address.trim().to_owned()).filter(|address| !address.is_empty());
        let paid =
            |line: &Line| Some(Recipient { address: address(line)?, amount: amount::parse(&line.amount, unit).ok()? });
        let recipients = self.lines.iter().filter(|line| !line.all).map(paid).collect::<Option<Vec<_>>>()?;
        let all = match self.lines.iter().find(|line| line.all) {
            Some(line) => Some(address(line)?),
            None => None,
        };
        let coins = self.coins.clone().unwrap_or_default();
        // Chosen coins of which none is chosen yet are not the same as whichever are free.
        if self.lines.is_empty() || (self.coins.is_some() && coins.is_empty()) {
            return None;
        }
        let expires_seconds = Some(u64::from(self.days) * 24 * 60 * 60);
        let (purpose, recovery) = (String::new(), self.recovery);
        Some(Propose { vault, recipients, all, coins, fee_rate, fee_rate_milli, expires_seconds, purpose, recovery })
    }
}

/// A purpose on one line, as it goes on record.
pub fn purpose(typed: &str) -> Result<String, forms::Unusable> {
    forms::text(&typed.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST_PURPOSE)
}

/// Which field a refusal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The recipient with this address.
    Address(String),
    /// The recipients' amounts.
    Amount,
    /// The fee.
    Fee,
    /// The choice of coins.
    Coins,
    /// The purpose.
    Purpose,
    /// No single one.
    Whole,
}

/// The field that an unmet condition is about.
pub fn place_of(unmet: &Unmet) -> Place {
    match unmet {
        Unmet::DestinationDenied { address } | Unmet::DestinationNotAllowed { address } => {
            Place::Address(address.clone())
        }
        Unmet::FundsMissing { .. } => Place::Amount,
        Unmet::CoinReserved { .. } => Place::Coins,
        Unmet::Danger { finding: Finding::FeeAbsurd } => Place::Fee,
        Unmet::NotActive
        | Unmet::RulesUnknown
        | Unmet::ConfigurationChanged
        | Unmet::ConfigurationsDoubled
        | Unmet::RoleMissing { .. }
        | Unmet::ApprovalsMissing { .. }
        | Unmet::RoleApprovalsMissing { .. }
        | Unmet::Frozen { .. }
        | Unmet::SignaturesMissing { .. }
        | Unmet::Rejected { .. }
        | Unmet::Ended
        | Unmet::Expired { .. }
        | Unmet::Void
        | Unmet::ChallengeMissing { .. }
        | Unmet::KeyProofMissing { .. }
        | Unmet::TwoStories { .. }
        | Unmet::AlreadySigned
        | Unmet::Danger { .. } => Place::Whole,
    }
}

/// The field that a failure is about.
pub fn place_of_failure(failure: &Failure) -> Place {
    if let Some(unmet) = failure.unmet.first() {
        return place_of(unmet);
    }
    match failure.code.as_str() {
        "dust" | "funds" | "field-amount" | "amount-range" => Place::Amount,
        "field-fee-rate" | "field-fee-rate-milli" | "fee-rate" => Place::Fee,
        "field-purpose" | "purpose" => Place::Purpose,
        code if code.starts_with("coin-") || code.starts_with("field-coin") || code == "too-many-coins" => Place::Coins,
        _ => Place::Whole,
    }
}

/// Whether a payment with this against it can be proposed all the same: a freeze stops what is to be signed and sent.
pub fn keeps_from_proposing(unmet: &Unmet) -> bool {
    !matches!(unmet, Unmet::Frozen { .. })
}

/// What a higher rate is to do about a payment that is not in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repricing {
    /// Pay the same with a higher fee.
    Bump,
    /// Take its coins back.
    Cancel,
    /// Spend what came back by it, so that miners take both.
    SpeedUp,
}

/// What a fee comes to at another rate, for a transaction of the same size, in satoshi. Rounded up.
pub fn fee_at(fee: u64, rate_milli: u64, new_milli: u64) -> u64 {
    if rate_milli == 0 {
        return fee;
    }
    let scaled = (u128::from(fee) * u128::from(new_milli)).div_ceil(u128::from(rate_milli));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// A higher rate as typed.
pub fn higher_rate(typed: &str, than_milli: u64) -> Result<Rate, Said> {
    let rate = rate::parse(typed).map_err(rate::NotARate::said)?;
    if rate.milli > than_milli {
        Ok(rate)
    } else {
        Err(say!("rate-not-higher", rate = Rate { milli: than_milli }.digits()))
    }
}

#[cfg(test)]
mod tests {
    use conclave_shared::Sat;
    use conclave_shared::view::EstimateView;

    use super::*;

    const VAULT: VaultId = VaultId([1; 32]);

    fn line(address: &str, amount: &str, all: bool) -> Line {
        Line { address: address.to_owned(), amount: amount.to_owned(), all }
    }

    fn typed(lines: Vec<Line>) -> Typed {
        Typed { lines, speed: Speed::Own, own_rate: "2.5".to_owned(), coins: None, days: 7, recovery: false }
    }

    fn fees(estimates: &[(u32, u64)]) -> FeesView {
        let estimates = estimates.iter().map(|(blocks, rate)| EstimateView { blocks: *blocks, rate_milli: *rate });
        FeesView { estimates: estimates.collect(), least_milli: 1000 }
    }

    #[test]
    fn what_is_typed_becomes_a_request() {
        let request =
            typed(vec![line(" a ", "0.5", false), line("b", "", true)]).request(VAULT, Unit::Btc, None).unwrap();
        assert_eq!(request.recipients, [Recipient { address: "a".to_owned(), amount: Sat(50_000_000) }]);
        assert_eq!(request.all.as_deref(), Some("b"));
        assert_eq!((request.fee_rate, request.fee_rate_milli), (2, 500));
        assert_eq!(request.expires_seconds, Some(604_800));
    }

    #[test]
    fn as_long_as_something_is_missing_there_is_no_request() {
        for lines in [vec![], vec![line("", "1", false)], vec![line("a", "", false)], vec![line(" ", "1", true)]] {
            assert_eq!(typed(lines).request(VAULT, Unit::Btc, None), None);
        }
        let whole = typed(vec![line("a", "1", false)]);
        let none_chosen = Typed { coins: Some(vec![]), ..whole.clone() };
        assert_eq!(none_chosen.request(VAULT, Unit::Btc, None), None);
        let no_estimate = Typed { speed: Speed::Hour, ..whole.clone() };
        assert_eq!(no_estimate.request(VAULT, Unit::Btc, None), None);
        assert!(no_estimate.request(VAULT, Unit::Btc, Some(&fees(&[(6, 3000)]))).is_some());
        assert!(whole.request(VAULT, Unit::Btc, None).is_some());
    }

    #[test]
    fn estimates_are_named_by_how_soon_they_are() {
        let rates =
            |fees: &FeesView| presets(fees).iter().map(|(speed, rate)| (*speed, rate.milli)).collect::<Vec<_>>();
        assert_eq!(
            rates(&fees(&[(1, 9000), (3, 7000), (6, 5000), (25, 2000)])),
            [(Speed::Soon, 9000), (Speed::Hour, 5000), (Speed::Day, 2000)]
        );
        assert_eq!(rates(&fees(&[(25, 2000)])), [(Speed::Day, 2000)]);
        assert!(rates(&fees(&[])).is_empty());
    }

    #[test]
    fn a_purpose_is_one_line_that_says_something() {
        assert_eq!(purpose(" Rent\nfor  May "), Ok("Rent for May".to_owned()));
        assert_eq!(purpose(" \n"), Err(forms::Unusable::Empty));
        assert_eq!(purpose(&"x".repeat(501)), Err(forms::Unusable::TooLong { most: 500 }));
    }

    #[test]
    fn a_refusal_stands_at_its_field() {
        let failure = |code: &str, unmet: Vec<Unmet>| Failure {
            kind: conclave_shared::request::FailureKind::Rule,
            code: code.to_owned(),
            message: String::new(),
            unmet,
        };
        let denied = Unmet::DestinationDenied { address: "a".to_owned() };
        assert_eq!(place_of_failure(&failure("blocked", vec![denied])), Place::Address("a".to_owned()));
        assert_eq!(place_of_failure(&failure("dust", vec![])), Place::Amount);
        assert_eq!(place_of_failure(&failure("coin-frozen", vec![])), Place::Coins);
        assert_eq!(place_of_failure(&failure("field-fee-rate", vec![])), Place::Fee);
        assert_eq!(place_of_failure(&failure("locked", vec![])), Place::Whole);
        assert_eq!(place_of(&Unmet::Danger { finding: Finding::FeeAbsurd }), Place::Fee);
        assert_eq!(place_of(&Unmet::Danger { finding: Finding::ChangeNotOurs }), Place::Whole);
    }

    #[test]
    fn a_fee_grows_with_its_rate() {
        assert_eq!(fee_at(141, 1000, 2500), 353);
        assert_eq!(fee_at(u64::MAX, 1, 2), u64::MAX);
        assert_eq!(fee_at(10, 0, 2), 10);
        assert_eq!(higher_rate("2", 1999), Ok(Rate { milli: 2000 }));
        assert_eq!(higher_rate("2", 2000), Err(say!("rate-not-higher", rate = "2")));
        assert_eq!(higher_rate("", 1), Err(say!("rate-empty")));
    }
}
