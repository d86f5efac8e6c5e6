//! QR codes as drawings: one SVG path for all dark squares.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Light squares that must surround a code (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A code that can be drawn, in a square of `side` by `side` units, a unit for each small square.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The side with the quiet zone.
    pub side: usize,
    /// The dark squares as an SVG path.
    pub path: String,
}

/// The code of a text; none where the text is longer than a code can hold.
pub fn drawing(text: &str) -> Option<Drawing> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L))
        .ok()?;
    let width = code.width();
    let squares = code.to_colors();
    let mut path = String::new();
    for (y, row) in squares.chunks(width).enumerate() {
        let mut x = 0;
        // A run of dark squares is one bar: the path stays short, and no seams show between squares.
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Some(Drawing { side: width + 2 * QUIET_ZONE, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_code_has_21_squares_and_a_quiet_zone() {
        let drawing = drawing("A").unwrap();
        assert_eq!(drawing.side, 29);
        // The upper left finder: seven dark squares in a row, behind the quiet zone.
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"), "{}", drawing.path);
    }

    #[test]
    fn every_bar_lies_within_the_quiet_zone() {
        let Drawing { side, path } = drawing("bitcoin:bcrt1qxy?amount=0.5").unwrap();
        for bar in path.split('M').filter(|bar| !bar.is_empty()) {
            let (at, rest) = bar.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            assert!(x >= QUIET_ZONE && y >= QUIET_ZONE);
            assert!(x + length <= side - QUIET_ZONE && y < side - QUIET_ZONE);
        }
    }

    #[test]
    fn what_does_not_fit_is_not_drawn() {
        assert!(drawing(&"x".repeat(2953)).is_some());
        assert!(drawing(&"x".repeat(2954)).is_none());
    }
}
