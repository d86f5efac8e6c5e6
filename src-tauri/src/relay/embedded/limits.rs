//! How much a relay takes on: from one connection, from one key, for one mailbox, and altogether.
//!
//! What lives here is numbers and how they are counted down. What does not belong here: what is said to whom exceeds them
//! (`session`), and who makes room (`guests`, `shelves`).

use std::time::Duration;

use nostr::Timestamp;
use tokio::time::Instant;

/// How many wraps are kept, and how large they are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Wraps.
    pub wraps: usize,
    /// Bytes of them, counted as JSON.
    pub bytes: usize,
}

/// What a relay takes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time. Where all places are taken, whoever has waited longest without a login makes room.
    pub connections: usize,
    /// Connections of one key at one time: another one ends its oldest.
    pub connections_of_key: usize,
    /// How long a connection may go on without a login, where members alone are served.
    pub login: Duration,
    /// How long a connection may say nothing at all, not even a ping.
    pub idle: Duration,
    /// Bytes a second that are read from one connection on the whole: from who sends more is read no faster, and nothing
    /// is lost.
    pub bytes_per_second: u32,
    /// Bytes that are read at once before that.
    pub burst_bytes: u32,
    /// Wraps a minute from one key over all its connections, or from one connection without a login. More are refused.
    pub wraps_per_minute: u64,
    /// Questions a minute on one connection. More are refused.
    pub questions_per_minute: u64,
    /// Logins a minute on one connection. More are refused.
    pub logins_per_minute: u64,
    /// Refusals for going too fast, one after another, after which a connection is ended.
    pub patience: u32,
    /// Everything that is kept. Whose wraps take up most of it loses the first of them.
    pub stored: Room,
    /// What is kept for one recipient. Whose wraps take up most of it loses the first of them.
    pub mailbox: Room,
    /// How long a wrap is kept, in seconds, whatever expiry it names.
    pub retention_secs: u64,
    /// Bytes of wraps in one answer; an answer that is cut short is asked on.
    pub answer_bytes: usize,
}

const MIB: usize = 1024 * 1024;
const DAY_SECS: u64 = 24 * 3600;

impl Limits {
    /// For programs of this machine.
    pub fn loopback() -> Self {
        Self {
            connections: 256,
            connections_of_key: 32,
            login: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            bytes_per_second: 64 * MIB as u32,
            burst_bytes: 64 * MIB as u32,
            wraps_per_minute: 6_000,
            questions_per_minute: 1_200,
            logins_per_minute: 60,
            patience: 1_000,
            stored: Room { wraps: 50_000, bytes: 256 * MIB },
            mailbox: Room { wraps: 10_000, bytes: 64 * MIB },
            retention_secs: 30 * DAY_SECS,
            answer_bytes: 8 * MIB,
        }
    }

    /// For a relay behind an onion address, that serves the members of one vault.
    pub fn onion() -> Self {
        Self {
            connections: 64,
            connections_of_key: 4,
            bytes_per_second: MIB as u32,
            burst_bytes: 8 * MIB as u32,
            wraps_per_minute: 1_200,
            questions_per_minute: 300,
            logins_per_minute: 12,
            patience: 200,
            stored: Room { wraps: 20_000, bytes: 128 * MIB },
            mailbox: Room { wraps: 4_000, bytes: 16 * MIB },
            retention_secs: 14 * DAY_SECS,
            answer_bytes: 2 * MIB,
            ..Self::loopback()
        }
    }
}

/// So many times a minute, all of them at once where there was a pause. Knows no clock.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    per_minute: u64,
    /// What may still come, in sixtieths.
    left: u64,
    at: Timestamp,
}

impl Allowance {
    pub(super) fn new(per_minute: u64, now: Timestamp) -> Self {
        Self { per_minute, left: per_minute * 60, at: now }
    }

    /// Whether one more may come.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let since = now.as_secs().saturating_sub(self.at.as_secs()).min(60);
        self.at = now.max(self.at);
        self.left = (self.left + since * self.per_minute).min(self.per_minute * 60);
        let allowed = self.left >= 60;
        self.left = self.left.saturating_sub(60);
        allowed
    }

    /// Whether it says the same as a new one would.
    pub(super) fn is_whole(&self, now: Timestamp) -> bool {
        now.as_secs().saturating_sub(self.at.as_secs()) >= 60
    }
}

/// How fast one connection is read.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: u32,
    burst: Duration,
    /// When all that was read would have been read at the pace itself.
    even: Instant,
}

/// What a frame costs at least, in bytes: an empty one is work too.
const LEAST_COST: usize = 256;

impl Pace {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        let per_second = limits.bytes_per_second.max(1);
        let burst = Duration::from_secs_f64(f64::from(limits.burst_bytes) / f64::from(per_second));
        Self { per_second, burst, even: now }
    }

    /// A frame of so many bytes was read.
    pub(super) fn read(&mut self, bytes: usize, now: Instant) {
        let bytes = u32::try_from(bytes.max(LEAST_COST)).unwrap_or(u32::MAX);
        let takes = Duration::from_secs_f64(f64::from(bytes) / f64::from(self.per_second));
        self.even = self.even.max(now) + takes;
    }

    /// Until when nothing is read; none: it may go on.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        let again = self.even.checked_sub(self.burst)?;
        (again > now).then_some(again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_fills_up_again_and_never_over_the_brim() {
        let begun = Timestamp::from(1_000_000);
        let mut allowance = Allowance::new(60, begun);
        assert_eq!((0..100).filter(|_| allowance.take(begun)).count(), 60);
        assert_eq!((0..100).filter(|_| allowance.take(begun + 10u64)).count(), 10);
        // A clock that is turned back gives nothing.
        assert!(!allowance.take(begun));
        assert!(!allowance.is_whole(begun + 60u64));
        assert!(allowance.is_whole(begun + 70u64));
        assert_eq!((0..100).filter(|_| allowance.take(begun + 3_600u64)).count(), 60);
    }

    #[test]
    fn who_sends_more_than_the_pace_is_read_no_faster() {
        let limits = Limits { bytes_per_second: 1_000, burst_bytes: 10_000, ..Limits::onion() };
        let begun = Instant::now();
        let mut pace = Pace::new(&limits, begun);
        pace.read(10_000, begun);
        assert_eq!(pace.until(begun), None, "a burst is read at once");
        pace.read(5_000, begun);
        assert_eq!(pace.until(begun), Some(begun + Duration::from_secs(5)));
        assert_eq!(pace.until(begun + Duration::from_secs(5)), None);
        pace.read(0, begun + Duration::from_secs(5));
        assert!(pace.until(begun + Duration::from_secs(5)).is_some(), "an empty frame is not free");
    }
}
