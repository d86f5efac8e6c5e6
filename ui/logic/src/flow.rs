//! A payment as a flow: what goes in runs together and parts again into what comes out. Widths are amounts, but for those
//! that would be too thin to be seen.

use crate::plot::fraction;
use crate::tenths::Tenths;

/// How a flow is drawn, in the drawing's own units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// From the left ends to the right ends.
    pub width: f64,
    /// All ribbons of one side together, without the gaps.
    pub thickness: f64,
    /// Between two ribbons' ends.
    pub gap: f64,
    /// No ribbon is thinner, as long as all find room.
    pub least: f64,
}

/// One ribbon, from its end at the side to the middle.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    /// Its shape, as an SVG path.
    pub path: String,
    /// The middle of its end at the side: where its words stand.
    pub y: f64,
    /// How thick it is there.
    pub thickness: f64,
}

/// The drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What goes in, as given, from the left.
    pub inputs: Vec<Ribbon>,
    /// What comes out, as given, to the right.
    pub outputs: Vec<Ribbon>,
    /// The height of all, gaps included.
    pub height: f64,
}

/// Draws amounts in satoshi: the inputs' at the left, the outputs' (the fee among them) at the right.
pub fn drawing(inputs: &[u64], outputs: &[u64], measure: Measure) -> Drawing {
    let most = inputs.len().max(outputs.len()).max(1);
    let height = measure.thickness + measure.gap * fraction(u64::try_from(most - 1).unwrap_or_default(), 1);
    let side = |amounts: &[u64], from: f64| {
        let thick = thicknesses(amounts, measure);
        let gaps = measure.gap * fraction(u64::try_from(amounts.len().saturating_sub(1)).unwrap_or_default(), 1);
        let mut end = (height - measure.thickness - gaps) / 2.0;
        let mut trunk = (height - measure.thickness) / 2.0;
        let middle = measure.width / 2.0;
        let bend = (from + middle) / 2.0;
        thick
            .into_iter()
            .map(|thickness| {
                let [from, bend, middle] = [from, bend, middle].map(Tenths);
                let [above, below] = [end, end + thickness].map(Tenths);
                let [inner, outer] = [trunk, trunk + thickness].map(Tenths);
                let there = format!("M{from} {above}C{bend} {above} {bend} {inner} {middle} {inner}");
                let path = format!("{there}V{outer}C{bend} {outer} {bend} {below} {from} {below}Z");
                let ribbon = Ribbon { path, y: end + thickness / 2.0, thickness };
                end += thickness + measure.gap;
                trunk += thickness;
                ribbon
            })
            .collect()
    };
    Drawing { inputs: side(inputs, 0.0), outputs: side(outputs, measure.width), height }
}

/// How thick each is: all together as thick as asked, none thinner than the least, the rest in proportion.
fn thicknesses(amounts: &[u64], measure: Measure) -> Vec<f64> {
    let count = fraction(u64::try_from(amounts.len()).unwrap_or_default(), 1);
    if amounts.is_empty() {
        return vec![];
    }
    let least = measure.least.min(measure.thickness / count);
    let mut thin = vec![false; amounts.len()];
    loop {
        let thick = |amounts: &mut dyn Iterator<Item = (&u64, &bool)>| -> u64 {
            amounts.filter(|(_, thin)| !**thin).fold(0, |sum, (amount, _)| sum.saturating_add(*amount))
        };
        let sum = thick(&mut amounts.iter().zip(&thin));
        let thin_count = thin.iter().filter(|thin| **thin).count();
        let room = measure.thickness - least * fraction(u64::try_from(thin_count).unwrap_or_default(), 1);
        let of = |amount: u64| fraction(amount, sum) * room;
        let too_thin: Vec<usize> = (0..amounts.len()).filter(|at| !thin[*at] && of(amounts[*at]) < least).collect();
        if too_thin.is_empty() || thin_count + too_thin.len() == amounts.len() {
            // Where all are thin (nothing but zeros, or no room at all), they share what there is.
            if thin_count + too_thin.len() == amounts.len() && !too_thin.is_empty() {
                return vec![measure.thickness / count; amounts.len()];
            }
            return amounts.iter().zip(&thin).map(|(amount, thin)| if *thin { least } else { of(*amount) }).collect();
        }
        for at in too_thin {
            thin[at] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MEASURE: Measure = Measure { width: 400.0, thickness: 100.0, gap: 20.0, least: 3.0 };

    #[test]
    fn widths_are_amounts() {
        let drawing = drawing(&[100], &[75, 25], MEASURE);
        assert_eq!(drawing.height, 120.0);
        assert_eq!(drawing.inputs[0].thickness, 100.0);
        assert_eq!([drawing.outputs[0].thickness, drawing.outputs[1].thickness], [75.0, 25.0]);
        assert_eq!(drawing.inputs[0].y, 60.0);
        assert_eq!([drawing.outputs[0].y, drawing.outputs[1].y], [37.5, 107.5]);
        assert_eq!(
            drawing.inputs[0].path,
            "M0.0 10.0C100.0 10.0 100.0 10.0 200.0 10.0V110.0C100.0 110.0 100.0 110.0 0.0 110.0Z"
        );
    }

    #[test]
    fn a_tiny_fee_is_still_seen() {
        let drawing = drawing(&[100_000_000], &[99_999_859, 141], MEASURE);
        assert_eq!([drawing.outputs[0].thickness, drawing.outputs[1].thickness], [97.0, 3.0]);
    }

    proptest! {
        #[test]
        fn both_sides_are_as_thick_as_asked(
            inputs in proptest::collection::vec(0..2_100_000_000_000_000u64, 1..50),
            outputs in proptest::collection::vec(0..2_100_000_000_000_000u64, 1..50),
        ) {
            let drawing = drawing(&inputs, &outputs, MEASURE);
            for (side, amounts) in [(&drawing.inputs, &inputs), (&drawing.outputs, &outputs)] {
                let sum: f64 = side.iter().map(|ribbon| ribbon.thickness).sum();
                prop_assert!((sum - MEASURE.thickness).abs() < 0.001, "{sum}");
                let least = MEASURE.least.min(MEASURE.thickness / fraction(side.len() as u64, 1));
                for (ribbon, amount) in side.iter().zip(amounts) {
                    prop_assert!(ribbon.thickness > least - 0.001);
                    prop_assert!(ribbon.y >= 0.0 && ribbon.y <= drawing.height);
                    for (other, more) in side.iter().zip(amounts) {
                        prop_assert!(more < amount || other.thickness >= ribbon.thickness - 0.001);
                    }
                }
            }
        }
    }
}
