//! What a chain source's words about fees are worth: each is outside input that a person may pay by.

use conclave_shared::view::{EstimateView, FeesView};

/// For how many next blocks estimates are asked, the quickest first.
pub(super) const BLOCKS: [u32; 4] = [1, 3, 6, 25];
/// The least that nodes take where the source does not say, in thousandths of a sat/vB.
const USUAL_LEAST_MILLI: u64 = 1_000;
/// Nobody has to pay more than this, in thousandths of a sat/vB.
const MOST_MILLI: u64 = 10_000_000;
/// Thousandths of a sat/vB in a BTC/kvB, which is how sources count.
const MILLI_PER_BTC_PER_KVB: f64 = 100_000_000.0;

/// What may be shown of the answers, in BTC/kvB: what is no number, under the least or absurdly high is left out. A source
/// says -1 where it does not know.
pub(super) fn judged(least: Option<f64>, answers: &[(u32, f64)]) -> FeesView {
    let least_milli = least.and_then(milli).unwrap_or(USUAL_LEAST_MILLI);
    let estimate = |(blocks, rate): &(u32, f64)| {
        let rate_milli = milli(*rate).filter(|rate| *rate >= least_milli)?;
        Some(EstimateView { blocks: *blocks, rate_milli })
    };
    FeesView { estimates: answers.iter().filter_map(estimate).collect(), least_milli }
}

/// Rounded up: a rate just under the least would be refused. None where it is no rate.
fn milli(rate: f64) -> Option<u64> {
    // The product of a number with few decimals is off by a little.
    let milli = (rate * MILLI_PER_BTC_PER_KVB - 1e-6).ceil();
    (1.0..=MOST_MILLI as f64).contains(&milli).then_some(milli as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_fee_is_shown() {
        let answers = [
            (1, 0.000_25),
            (3, -1.0),
            (4, f64::NAN),
            (5, f64::INFINITY),
            (6, 0.000_01),
            (7, 0.000_009),
            (8, 0.100_001),
            (9, 0.1),
            (10, 0.0),
        ];
        let fees = judged(Some(0.000_01), &answers);
        let shown: Vec<(u32, u64)> = fees.estimates.iter().map(|it| (it.blocks, it.rate_milli)).collect();
        assert_eq!(shown, [(1, 25_000), (6, 1_000), (9, 10_000_000)]);
        assert_eq!(fees.least_milli, 1_000);
    }

    #[test]
    fn a_least_that_cannot_be_is_the_usual_one() {
        for least in [None, Some(-1.0), Some(0.0), Some(f64::NAN), Some(21.0)] {
            assert_eq!(judged(least, &[]).least_milli, USUAL_LEAST_MILLI, "{least:?}");
        }
        assert_eq!(judged(Some(0.000_001), &[(1, 0.000_001_234_5)]).estimates[0].rate_milli, 124);
    }
}
