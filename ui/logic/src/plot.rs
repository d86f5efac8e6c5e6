//! A value over time as a step curve: a path in a box, and where its axes are marked.

use std::fmt::Write;

use crate::tenths::Tenths;

/// One step: from this time on, the value is so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When, in ms since 1970.
    pub ms: u64,
    /// How much from then on.
    pub value: u64,
}

/// The size of a drawing in its own units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// A mark at an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Where, in the drawing's units from its upper left corner.
    pub at: f64,
    /// What it marks: a value, or a time in ms since 1970.
    pub of: u64,
}

/// The drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The curve, as an SVG path.
    pub line: String,
    /// The area below it.
    pub area: String,
    /// Marks of values, the lowest first. The first is always 0.
    pub values: Vec<Tick>,
    /// Marks of times, in order.
    pub times: Vec<Tick>,
}

/// Draws `steps`, which must be in order of time, up to `until_ms`; the last value holds until then. None where there is
/// nothing to draw.
pub fn step_curve(steps: &[Step], until_ms: u64, size: Size) -> Option<Drawing> {
    let (first, last) = (steps.first()?, steps.last()?);
    let until = until_ms.max(last.ms).max(first.ms + 1);
    let top = steps.iter().map(|step| step.value).max()?.max(1);
    let each = round_step(top, 4);
    let scale_top = top.div_ceil(each) * each;
    let x = |ms: u64| fraction(ms.saturating_sub(first.ms), until - first.ms) * size.width;
    let y = |value: u64| size.height - fraction(value, scale_top) * size.height;

    let mut line = format!("M{} {}", Tenths(x(first.ms)), Tenths(y(first.value)));
    for step in steps.iter().skip(1) {
        let _ = write!(line, "H{}V{}", Tenths(x(step.ms)), Tenths(y(step.value)));
    }
    let _ = write!(line, "H{}", Tenths(size.width));
    let area = format!("{line}V{}H0.0Z", Tenths(size.height));

    let values = (0..=scale_top / each).map(|at| Tick { at: y(at * each), of: at * each }).collect();
    let apart = (until - first.ms) / 4;
    let times = if apart == 0 {
        vec![Tick { at: 0.0, of: first.ms }]
    } else {
        (0..=4).map(|at| first.ms + at * apart).map(|ms| Tick { at: x(ms), of: ms }).collect()
    };
    Some(Drawing { line, area, values, times })
}

/// The least of 1, 2, 5, 10, 20, 50 ... that reaches `top` in at most `count` steps.
fn round_step(top: u64, count: u64) -> u64 {
    let least = top.div_ceil(count).max(1);
    let mut decade = 1u64;
    loop {
        for factor in [1, 2, 5] {
            match decade.checked_mul(factor) {
                Some(step) if step >= least => return step,
                Some(_) => {}
                None => return least,
            }
        }
        match decade.checked_mul(10) {
            Some(next) => decade = next,
            None => return least,
        }
    }
}

/// `part / whole` for a drawing: no more exact than a screen is.
#[expect(clippy::cast_precision_loss, reason = "a screen has a few thousand points")]
pub(crate) fn fraction(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size { width: 600.0, height: 200.0 };

    #[test]
    fn the_value_holds_until_it_changes() {
        let steps = [Step { ms: 0, value: 0 }, Step { ms: 50, value: 200 }, Step { ms: 75, value: 100 }];
        let drawing = step_curve(&steps, 100, SIZE).unwrap();
        assert_eq!(drawing.line, "M0.0 200.0H300.0V0.0H450.0V100.0H600.0");
        assert_eq!(drawing.area, "M0.0 200.0H300.0V0.0H450.0V100.0H600.0V200.0H0.0Z");
        let marks: Vec<u64> = drawing.values.iter().map(|tick| tick.of).collect();
        assert_eq!(marks, [0, 50, 100, 150, 200]);
        let times: Vec<u64> = drawing.times.iter().map(|tick| tick.of).collect();
        assert_eq!(times, [0, 25, 50, 75, 100]);
    }

    #[test]
    fn without_steps_there_is_nothing_to_draw() {
        assert_eq!(step_curve(&[], 100, SIZE), None);
        assert!(step_curve(&[Step { ms: 7, value: 0 }], 7, SIZE).is_some());
    }

    #[test]
    fn marks_are_round_numbers() {
        for (top, each) in
            [(1, 1), (4, 1), (5, 2), (9, 5), (100, 50), (1_234_567, 500_000), (u64::MAX, 5_000_000_000_000_000_000)]
        {
            assert_eq!(round_step(top, 4), each, "{top}");
        }
    }

    proptest! {
        #[test]
        fn every_mark_lies_in_the_box(
            values in proptest::collection::vec(0..2_100_000_000_000_000u64, 1..40),
            until in 0..4_000_000_000_000u64,
        ) {
            let steps: Vec<Step> =
                values.iter().zip(0u64..).map(|(value, at)| Step { ms: at * 1000, value: *value }).collect();
            let drawing = step_curve(&steps, until, SIZE).unwrap();
            prop_assert_eq!(drawing.values[0].of, 0);
            prop_assert!(drawing.values.len() <= 6);
            for tick in &drawing.values {
                prop_assert!((0.0..=SIZE.height).contains(&tick.at));
            }
            for tick in &drawing.times {
                prop_assert!((0.0..=SIZE.width).contains(&tick.at));
            }
        }
    }
}
