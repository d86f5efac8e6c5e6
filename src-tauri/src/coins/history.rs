//! The balance over time, for a plot: one pass over the transactions, then as few points as were asked for.

use conclave_shared::Sat;
use conclave_shared::view::PointView;

use super::Listing;

/// Fewest points among which the highest and lowest between first and last can be kept.
const WITH_EXTREMES: usize = 4;

impl Listing {
    /// The balance from each moment on at which it changed, the oldest first: at most so many points, the first and the last
    /// among them, and of what lies between them what is highest and lowest in each part of the time.
    ///
    /// A transaction in no block counts from when it was seen. What happened at one moment is one point; a block whose miner
    /// said an earlier time than one below it counts from that one's time.
    pub fn history(&self, points: usize) -> Vec<PointView> {
        let (mut steps, mut balance): (Vec<PointView>, i128) = (Vec::new(), 0);
        for entry in self.transactions().iter().rev() {
            balance += i128::from(entry.received.0) - i128::from(entry.sent.0);
            let before = steps.last().map_or(0, |point| point.time_s);
            let time_s = entry.time_s.unwrap_or(before).max(before);
            let point = PointView { time_s, balance: Sat(u64::try_from(balance.max(0)).unwrap_or(u64::MAX)) };
            match steps.last_mut() {
                Some(last) if last.time_s == time_s => *last = point,
                Some(_) | None => steps.push(point),
            }
        }
        thinned(steps, points)
    }
}

/// At most `most` of the points: the first and the last, and the highest and lowest of each of as many equal parts of the
/// time between them as there is room for.
fn thinned(all: Vec<PointView>, most: usize) -> Vec<PointView> {
    let (Some(first), Some(last)) = (all.first().copied(), all.last().copied()) else { return all };
    if all.len() <= most {
        return all;
    }
    if most < WITH_EXTREMES {
        return vec![first, last];
    }
    let parts = (most as u64 - 2) / 2;
    let span = (last.time_s - first.time_s).max(1);
    let part = |point: &PointView| u128::from(point.time_s - first.time_s) * u128::from(parts) / (u128::from(span) + 1);
    let mut kept = vec![first];
    for points in all[1..all.len() - 1].chunk_by(|a, b| part(a) == part(b)) {
        let by = |point: &&PointView| point.balance;
        let (low, high) = (points.iter().min_by_key(by), points.iter().max_by_key(by));
        let mut ends: Vec<PointView> = low.into_iter().chain(high).copied().collect();
        ends.sort_unstable_by_key(|point| point.time_s);
        ends.dedup();
        kept.extend(ends);
    }
    kept.push(last);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(time_s: u64, balance: u64) -> PointView {
        PointView { time_s, balance: Sat(balance) }
    }

    #[test]
    fn few_points_are_all_shown() {
        let all = vec![point(1, 5), point(2, 0)];
        assert_eq!(thinned(all.clone(), 2), all);
        assert!(thinned(Vec::new(), 2).is_empty());
    }

    #[test]
    fn what_is_left_out_hides_no_extreme() {
        let mut all: Vec<PointView> = (0..10_000).map(|n| point(n * 600, 1_000 + n % 7)).collect();
        all[4_321].balance = Sat(9_999_999);
        all[7_777].balance = Sat(0);
        for most in [4, 5, 10, 100, 500] {
            let kept = thinned(all.clone(), most);
            assert!(kept.len() <= most && kept.len() >= most / 2, "{most}: {}", kept.len());
            assert_eq!((kept.first(), kept.last()), (all.first(), all.last()));
            assert!(kept.contains(&all[4_321]) && kept.contains(&all[7_777]), "{most}");
            assert!(kept.is_sorted_by(|a, b| a.time_s < b.time_s), "{most}");
            assert!(kept.iter().all(|it| all.contains(it)));
        }
        assert_eq!(thinned(all.clone(), 2), [all[0], all[9_999]]);
        assert_eq!(thinned(all.clone(), 3).len(), 2);
    }

    #[test]
    fn points_in_one_corner_of_the_time_stay_within_the_limit() {
        let mut all: Vec<PointView> = (0..1_000).map(|n| point(n, n)).collect();
        all.push(point(1_000_000_000, 3));
        let kept = thinned(all.clone(), 50);
        assert!(kept.len() <= 50 && kept.contains(&all[999]));
    }
}
