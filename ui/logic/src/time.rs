//! Times as people read them. The clock and the time zone are given: this module has neither.

use crate::messages::Said;
use crate::say;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A date and time of day somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The hour, 0 to 23.
    pub hour: u32,
    /// The minute.
    pub minute: u32,
    /// The second.
    pub second: u32,
}

/// The date and time where clocks are `offset_minutes` ahead of UTC, of a time in ms since 1970.
pub fn moment(ms: u64, offset_minutes: i32) -> Moment {
    let seconds = i64::try_from(ms / SECOND).unwrap_or(i64::MAX / 2) + i64::from(offset_minutes) * 60;
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let part = |unit: i64, of: i64| u32::try_from(rest / unit % of).unwrap_or_default();
    Moment { year, month, day, hour: part(3600, 24), minute: part(60, 60), second: part(1, 60) }
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar: years are counted from March, so that the leap
/// day is the last one.
fn date(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

/// `2026-11-21`: the one way to write a date that nobody reads otherwise.
pub fn date_text(ms: u64, offset_minutes: i32) -> String {
    let Moment { year, month, day, .. } = moment(ms, offset_minutes);
    format!("{year}-{month:02}-{day:02}")
}

/// `2026-11-21 23:05`.
pub fn date_time_text(ms: u64, offset_minutes: i32) -> String {
    let Moment { hour, minute, .. } = moment(ms, offset_minutes);
    format!("{} {hour:02}:{minute:02}", date_text(ms, offset_minutes))
}

/// How far a time is from now, in the largest unit that fits: "3 hours ago", "in 2 days", "just now".
pub fn from_now(now_ms: u64, ms: u64) -> Said {
    let (passed, ahead) = (now_ms.saturating_sub(ms), ms.saturating_sub(now_ms));
    match (passed, ahead) {
        (_, DAY..) => say!("time-in-days", days = ahead / DAY),
        (_, HOUR..) => say!("time-in-hours", hours = ahead / HOUR),
        (_, MINUTE..) => say!("time-in-minutes", minutes = ahead / MINUTE),
        // Clocks that differ by less than a minute do not make a future.
        (0..MINUTE, _) => say!("time-just-now"),
        (MINUTE..HOUR, _) => say!("time-minutes-ago", minutes = passed / MINUTE),
        (HOUR..DAY, _) => say!("time-hours-ago", hours = passed / HOUR),
        (DAY.., _) => say!("time-days-ago", days = passed / DAY),
    }
}

/// A length of time in the largest unit that fits: "45 seconds", "3 hours", "7 days".
pub fn length(ms: u64) -> Said {
    match ms {
        0..MINUTE => say!("time-seconds", seconds = ms / SECOND),
        MINUTE..HOUR => say!("time-minutes", minutes = ms / MINUTE),
        HOUR..DAY => say!("time-hours", hours = ms / HOUR),
        DAY.. => say!("time-days", days = ms / DAY),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_those_of_the_place() {
        assert_eq!(date_time_text(0, 0), "1970-01-01 00:00");
        assert_eq!(date_time_text(0, -60), "1969-12-31 23:00");
        assert_eq!(date_time_text(951_782_400_000, 0), "2000-02-29 00:00");
        assert_eq!(date_time_text(1_795_300_000_000, 0), "2026-11-21 22:26");
        assert_eq!(date_time_text(1_795_300_000_000, 180), "2026-11-22 01:26");
        assert_eq!(moment(59_999, 0).second, 59);
    }

    #[test]
    fn how_long_ago_is_said_in_one_unit() {
        let now = 100 * DAY;
        for (ms, said) in [
            (now, say!("time-just-now")),
            (now + 59_999, say!("time-just-now")),
            (now - 59_999, say!("time-just-now")),
            (now - MINUTE, say!("time-minutes-ago", minutes = 1u64)),
            (now - 2 * HOUR - 59 * MINUTE, say!("time-hours-ago", hours = 2u64)),
            (now - DAY, say!("time-days-ago", days = 1u64)),
            (now + MINUTE, say!("time-in-minutes", minutes = 1u64)),
            (now + 47 * HOUR, say!("time-in-days", days = 1u64)),
            (now + 5 * HOUR, say!("time-in-hours", hours = 5u64)),
        ] {
            assert_eq!(from_now(now, ms), said);
        }
        assert_eq!(length(7 * DAY), say!("time-days", days = 7u64));
        assert_eq!(length(90 * SECOND), say!("time-minutes", minutes = 1u64));
    }

    proptest! {
        #[test]
        fn days_follow_each_other(day in 0u64..200_000) {
            let (today, tomorrow) = (moment(day * DAY, 0), moment((day + 1) * DAY, 0));
            let key = |moment: Moment| (moment.year, moment.month, moment.day);
            prop_assert!(key(today) < key(tomorrow));
            prop_assert!((1..=12).contains(&today.month) && (1..=31).contains(&today.day));
            prop_assert!(tomorrow.day == today.day + 1 || tomorrow.day == 1);
        }

        #[test]
        fn any_time_has_a_text(ms in any::<u64>(), offset in -1000i32..1000) {
            prop_assert!(!date_time_text(ms, offset).is_empty());
        }
    }
}
