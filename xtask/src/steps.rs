//! Progress on the terminal: which step of how many, and how long it took.

use std::fmt;
use std::time::{Duration, Instant};

use crate::stop::Stop;

/// The steps of one command.
pub struct Steps {
    at: usize,
    of: usize,
}

impl Steps {
    /// A command of `of` steps.
    pub fn new(of: usize) -> Self {
        Self { at: 0, of }
    }

    /// Does the next step. Tools print between the two lines, so the title is repeated with the time.
    pub fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T, Stop>) -> Result<T, Stop> {
        self.at += 1;
        let (at, of) = (self.at, self.of);
        eprintln!("[{at}/{of}] {title} ...");
        let began = Instant::now();
        let outcome = work();
        let how = if outcome.is_ok() { "" } else { "failed after " };
        eprintln!("[{at}/{of}] {title} ... {how}{}", Took(began.elapsed()));
        outcome
    }
}

/// A duration as people read it.
pub struct Took(pub Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds < 10.0 {
            write!(f, "{seconds:.1} s")
        } else if seconds < 120.0 {
            write!(f, "{seconds:.0} s")
        } else {
            write!(f, "{} min {} s", self.0.as_secs() / 60, self.0.as_secs() % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (ms, text) in [(80, "0.1 s"), (9_900, "9.9 s"), (11_200, "11 s"), (135_000, "2 min 15 s")] {
            assert_eq!(Took(Duration::from_millis(ms)).to_string(), text);
        }
    }
}
