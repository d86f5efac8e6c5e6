//! What SQLite's write-ahead log holds by its own words, seen before SQLite takes it in.
//!
//! SQLite passes over everything after the first frame whose checksum is wrong, without a word: that is right for the
//! torn end of a crash, and wrong for a log that a bad disk changed, as commits are lost then that others have seen.
//! The form of the log: <https://www.sqlite.org/walformat.html>. What does not belong here: reading pages.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The lowest bit tells how the words are read of which the checksums are made.
const MAGIC: u32 = 0x377f_0682;

/// What a write-ahead log seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// There is none: the database was closed in an orderly way.
    Nothing,
    /// Its header is broken, so that SQLite passes over all of it.
    Unreadable,
    /// Its last commit ends with this frame, from 1; 0 where no commit ends.
    Commits(u64),
}

impl Seen {
    /// Whether commits were lost, given how many frames SQLite took. A power cut in the middle of a commit can look the
    /// same, as a disk writes in any order: it is no proof.
    pub(super) fn lost(self, taken: u64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Unreadable => true,
            Self::Commits(last) => last > taken,
        }
    }
}

/// Looks at the log in a file, which may be missing.
pub(super) fn look(path: &Path) -> io::Result<Seen> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Seen::Nothing),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut header = [0; HEADER];
    if length <= HEADER as u64 {
        return Ok(Seen::Nothing);
    }
    file.read_exact(&mut header)?;
    let [magic, _, page_size, _, salt_1, salt_2, ..] = words(&header);
    if !is_whole(&header) || magic & !1 != MAGIC || !(512..=65536).contains(&page_size) {
        return Ok(Seen::Unreadable);
    }
    let mut last = 0;
    let step = FRAME_HEADER as u64 + u64::from(page_size);
    for frame in 0..(length - HEADER as u64) / step {
        let mut header = [0; HEADER];
        file.seek(SeekFrom::Start(HEADER as u64 + frame * step))?;
        file.read_exact(&mut header[..FRAME_HEADER])?;
        let [_, pages, frame_salt_1, frame_salt_2, ..] = words(&header);
        // Frames of an earlier round have other salts, both of them; one alone may be what the disk changed.
        if pages != 0 && (frame_salt_1 == salt_1 || frame_salt_2 == salt_2) {
            last = frame + 1;
        }
    }
    Ok(Seen::Commits(last))
}

fn words(header: &[u8; HEADER]) -> [u32; 8] {
    std::array::from_fn(|place| u32::from_be_bytes(std::array::from_fn(|byte| header[4 * place + byte])))
}

/// Whether the header's checksum is right.
fn is_whole(header: &[u8; HEADER]) -> bool {
    let [magic, _, _, _, _, _, checksum_1, checksum_2] = words(header);
    let all = words(header).map(|word| if magic & 1 == 1 { word } else { word.swap_bytes() });
    let (mut sum_1, mut sum_2) = (0_u32, 0_u32);
    for pair in all[..6].chunks_exact(2) {
        sum_1 = sum_1.wrapping_add(pair[0]).wrapping_add(sum_2);
        sum_2 = sum_2.wrapping_add(pair[1]).wrapping_add(sum_1);
    }
    (sum_1, sum_2) == (checksum_1, checksum_2)
}
