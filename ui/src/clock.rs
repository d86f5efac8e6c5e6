//! What time it is here, as a signal that moves on by itself.

use std::time::Duration;

use crate::prelude::*;

/// How often texts like "3 minutes ago" are looked at again.
const STEP: Duration = Duration::from_secs(20);

/// The clock of this machine.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<u64>);

impl Clock {
    /// A clock that goes as long as what it was made in is shown.
    pub fn start() -> Self {
        let clock = Self(RwSignal::new(now_ms()));
        if let Ok(interval) = set_interval_with_handle(move || clock.0.set(now_ms()), STEP) {
            on_cleanup(move || interval.clear());
        }
        clock
    }

    /// Now, in ms since 1970; whoever shows it is told when it moves on.
    pub fn now(self) -> u64 {
        self.0.get()
    }
}

/// Now, in ms since 1970.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ms since 1970 as JavaScript has them")]
pub fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// How many minutes clocks here were ahead of UTC at a time.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "minutes of a day; ms since 1970")]
pub fn offset_minutes(ms: u64) -> i32 {
    let date = js_sys::Date::new(&(ms as f64).into());
    -(date.get_timezone_offset() as i32)
}
