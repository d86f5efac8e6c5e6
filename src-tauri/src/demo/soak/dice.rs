//! Chance that can be repeated: the same seed gives the same blows. Not for keys.

use std::time::Duration;

/// A small seeded generator (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A generator that always rolls the same from one seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`; 0 where there are none.
    pub fn roll(&mut self, sides: usize) -> usize {
        // The remainder prefers small numbers by less than one in 2^50 here.
        self.next().checked_rem(sides as u64).unwrap_or(0) as usize
    }

    /// A time below `longest`, in whole ms.
    pub fn moment(&mut self, longest: Duration) -> Duration {
        Duration::from_millis(self.roll(longest.as_millis() as usize) as u64)
    }

    /// `count` different numbers below `of`, in random order.
    pub fn pick(&mut self, count: usize, of: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (0..of).collect();
        (0..count.min(of)).map(|_| left.swap_remove(self.roll(left.len()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_story_and_another_seed_another() {
        let story = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.roll(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
        assert!(story(7).iter().all(|number| *number < 1_000));
        let mut picked = Dice::new(7).pick(3, 3);
        picked.sort_unstable();
        assert_eq!(picked, [0, 1, 2]);
        assert_eq!(Dice::new(7).roll(0), 0);
    }
}
