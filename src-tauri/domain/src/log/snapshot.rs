//! A log as bytes, for the store's snapshot: so that a long record opens without reading every event. Not a wire format:
//! it is read by the version that wrote it, and made anew from the events otherwise.

use conclave_shared::{EventId, MemberId, VaultId};

use super::{Branch, Entry, Log};

/// Why a snapshot's bytes are not used. The events are folded anew then: nothing is lost but time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotFault {
    /// Written by another version of the fold.
    #[error("the snapshot is of fold version {found}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The bytes are not those of a snapshot.
    #[error("the snapshot is damaged")]
    Damaged,
}

/// What is left to read.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], SnapshotFault> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(SnapshotFault::Damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn slice(&mut self, length: usize) -> Result<&'a [u8], SnapshotFault> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(SnapshotFault::Damaged)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, SnapshotFault> {
        Ok(u32::from_le_bytes(self.fixed()?))
    }

    fn u64(&mut self) -> Result<u64, SnapshotFault> {
        Ok(u64::from_le_bytes(self.fixed()?))
    }

    /// How many records of at least `size` bytes follow.
    fn count(&mut self, size: usize) -> Result<usize, SnapshotFault> {
        let count = self.u32()? as usize;
        if count > self.0.len() / size { Err(SnapshotFault::Damaged) } else { Ok(count) }
    }
}

impl Log {
    /// The log as bytes, less what waits.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.entries.len() * 52 + self.pasts.len() * 4 + 1024);
        let count = |bytes: &mut Vec<u8>, count: usize| bytes.extend((count as u32).to_le_bytes());
        count(&mut bytes, self.branches.len());
        for branch in &self.branches {
            bytes.extend(branch.author.0);
            bytes.extend(branch.base.to_le_bytes());
            bytes.extend(branch.parent.unwrap_or(u32::MAX).to_le_bytes());
        }
        count(&mut bytes, self.entries.len());
        for entry in &self.entries {
            bytes.extend(entry.id.0);
            bytes.extend(entry.rank.to_le_bytes());
            for number in [entry.n, entry.branch, entry.past.1] {
                bytes.extend(number.to_le_bytes());
            }
        }
        count(&mut bytes, self.pasts.len());
        for number in &self.pasts {
            bytes.extend(number.to_le_bytes());
        }
        count(&mut bytes, self.two_stories.len());
        for (member, (held, other)) in &self.two_stories {
            bytes.extend([member.0, held.0, other.0].concat());
        }
        count(&mut bytes, self.vouched.len());
        for ((author, voucher), newest) in &self.vouched {
            bytes.extend([author.0, voucher.0, newest.0].concat());
        }
        bytes
    }

    /// Reads what [`Log::to_bytes`] wrote.
    pub(crate) fn from_bytes(vault: VaultId, bytes: &[u8]) -> Result<Self, SnapshotFault> {
        let mut bytes = Bytes(bytes);
        let mut log = Self::new(vault);
        for number in 0..bytes.count(40)? as u32 {
            let (author, base, parent) = (MemberId(bytes.fixed()?), bytes.u32()?, bytes.u32()?);
            let parent = Some(parent).filter(|parent| *parent != u32::MAX);
            // A branch leaves one that was there before, which also keeps the way back to the first from being a circle.
            if parent.is_none() != (base == 0) || parent.is_some_and(|parent| parent >= number) {
                return Err(SnapshotFault::Damaged);
            }
            let branch = Branch { author, parent, base, entries: Vec::new() };
            log.authors.entry(branch.author).or_default().push(number);
            log.branches.push(branch);
        }
        let entries = bytes.count(52)?;
        log.entries.reserve(entries);
        log.positions.reserve(entries);
        let mut begin = 0_usize;
        for position in 0..entries as u32 {
            let (id, rank) = (EventId(bytes.fixed()?), bytes.u64()?);
            let (n, branch, length) = (bytes.u32()?, bytes.u32()?, bytes.u32()?);
            let line = log.branches.get_mut(branch as usize).ok_or(SnapshotFault::Damaged)?;
            if u64::from(line.base) + line.entries.len() as u64 != u64::from(n)
                || log.positions.insert(id, position).is_some()
            {
                return Err(SnapshotFault::Damaged);
            }
            line.entries.push(position);
            log.entries.push(Entry { id, rank, n, branch, past: (begin, length) });
            begin = begin.checked_add(length as usize).ok_or(SnapshotFault::Damaged)?;
        }
        let pasts = bytes.count(4)?;
        if pasts != begin {
            return Err(SnapshotFault::Damaged);
        }
        let words = bytes.slice(pasts * 4)?.chunks_exact(4);
        log.pasts = words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
        for _ in 0..bytes.count(96)? {
            let member = MemberId(bytes.fixed()?);
            log.two_stories.insert(member, (EventId(bytes.fixed()?), EventId(bytes.fixed()?)));
        }
        for _ in 0..bytes.count(96)? {
            let by = (MemberId(bytes.fixed()?), MemberId(bytes.fixed()?));
            log.vouched.insert(by, EventId(bytes.fixed()?));
        }
        let whole = log.branches.iter().all(|branch| !branch.entries.is_empty());
        if whole && bytes.0.is_empty() { Ok(log) } else { Err(SnapshotFault::Damaged) }
    }
}
