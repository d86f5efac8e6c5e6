//! Wrong passphrases, noted beside the database as long as it is closed: times and a count, nothing else. The file is
//! plain, as nothing can be encrypted without the passphrase; who can write to the folder can empty it. It is never an
//! obstacle: what cannot be noted or read is left.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file in the folder of an installation: one time in ms since 1970 a line. Once it was cut, its first line is
/// `COUNT FIRST`: how many lines were cut away, and the first of them.
pub const ATTEMPTS_FILE: &str = "conclave.attempts";

/// Most times that are kept when the file is cut.
const KEPT: usize = 100;
/// The file is cut when it has more bytes.
const CUT_AT: usize = 8 * 1024;
/// Most bytes that are read of it, whatever somebody made of it.
const READ_LIMIT: u64 = 64 * 1024;

/// Wrong passphrases between two openings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedUnlocks {
    /// How many.
    pub count: u64,
    /// The first, in ms since 1970.
    pub first_ms: u64,
    /// The last, in ms since 1970.
    pub last_ms: u64,
}

/// Notes a wrong passphrase.
pub fn note(home: &Path, now_ms: u64) {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let Ok(mut file) = options.open(home.join(ATTEMPTS_FILE)) else { return };
    let _ = file.write_all(format!("{now_ms}\n").as_bytes());
    drop(file);
    cut(home);
}

/// What was noted since it was last forgotten.
pub fn read(home: &Path) -> Option<FailedUnlocks> {
    let (cut, times) = parse(&text(home)?);
    let first_ms = cut.map(|(_, first)| first).or(times.first().copied())?;
    let count = cut.map_or(0, |(count, _)| count).saturating_add(times.len() as u64);
    Some(FailedUnlocks { count, first_ms, last_ms: times.last().copied().unwrap_or(first_ms) })
}

/// Empties the file.
pub fn forget(home: &Path) {
    let _ = OpenOptions::new().write(true).truncate(true).open(home.join(ATTEMPTS_FILE));
}

fn text(home: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(home.join(ATTEMPTS_FILE)).ok()?.take(READ_LIMIT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// How many lines were cut away and the first of them; and the times that stand. Other lines are passed over.
fn parse(text: &str) -> (Option<(u64, u64)>, Vec<u64>) {
    let cut = text.lines().next().and_then(|line| {
        let (count, first) = line.split_once(' ')?;
        Some((count.parse().ok()?, first.parse().ok()?))
    });
    (cut, text.lines().filter_map(|line| line.parse().ok()).collect())
}

/// Cuts a file that has grown long: the count and the last times stay.
fn cut(home: &Path) {
    let Some(text) = text(home).filter(|text| text.len() > CUT_AT) else { return };
    let (cut, times) = parse(&text);
    let (gone, kept) = times.split_at(times.len().saturating_sub(KEPT));
    let count = cut.map_or(0, |(count, _)| count).saturating_add(gone.len() as u64);
    let first = cut.map(|(_, first)| first).or(times.first().copied()).unwrap_or_default();
    let mut lines = format!("{count} {first}\n");
    lines.extend(kept.iter().map(|ms| format!("{ms}\n")));
    let _ = std::fs::write(home.join(ATTEMPTS_FILE), lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        assert_eq!(read(home), None);
        for ms in 0..2_000 {
            note(home, 1_700_000_000_000 + ms);
        }
        let (first_ms, last_ms) = (1_700_000_000_000, 1_700_000_001_999);
        assert_eq!(read(home), Some(FailedUnlocks { count: 2_000, first_ms, last_ms }));
        let size = std::fs::metadata(home.join(ATTEMPTS_FILE)).unwrap().len();
        assert!(size <= CUT_AT as u64 + 14, "{size} bytes");
        forget(home);
        assert_eq!(read(home), None);
        note(home, 5);
        assert_eq!(read(home), Some(FailedUnlocks { count: 1, first_ms: 5, last_ms: 5 }));
    }

    #[test]
    fn whatever_stands_in_the_file_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        for bytes in [&b"\xff\xfe\n\n-1\nnine\n99999999999999999999999\n"[..], b"5", b"x 7\n", &[b'9'; 200_000]] {
            std::fs::write(home.join(ATTEMPTS_FILE), bytes).unwrap();
            let _ = read(home);
            note(home, 7);
        }
        std::fs::write(home.join(ATTEMPTS_FILE), "18446744073709551615 3\n4\n").unwrap();
        assert_eq!(read(home), Some(FailedUnlocks { count: u64::MAX, first_ms: 3, last_ms: 4 }));
        std::fs::remove_file(home.join(ATTEMPTS_FILE)).unwrap();
        std::fs::create_dir(home.join(ATTEMPTS_FILE)).unwrap();
        note(home, 7);
        assert_eq!(read(home), None);
        forget(home);
    }
}
