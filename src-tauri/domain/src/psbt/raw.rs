//! The key-value maps of a PSBT as they lie in a file (BIP174), with every pair and its place kept, known or not. Lengths
//! are checked against what is there before anything is allocated. What a pair means is not known here.

use std::collections::BTreeSet;

use super::file::FileFault;

/// What every PSBT begins with.
pub const MAGIC: &[u8] = b"psbt\xff";

/// One key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The whole key: its type, then its data. Never empty.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// Where the pair begins, in bytes of the PSBT.
    pub offset: usize,
}

impl Pair {
    /// The first byte of the key's type; no type in use has more.
    pub fn kind(&self) -> u8 {
        self.key.first().copied().unwrap_or_default()
    }

    /// What follows the type in the key.
    pub fn key_data(&self) -> &[u8] {
        self.key.get(1..).unwrap_or_default()
    }
}

/// A map: its pairs in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// The pairs, no two with one key.
    pub pairs: Vec<Pair>,
}

impl Map {
    /// The pair whose key is this type and nothing more.
    pub fn get(&self, kind: u8) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.key == [kind])
    }

    /// Puts a value under a key: in place of the old one, else where the order of keys wants it.
    pub fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        match self.pairs.iter().position(|pair| pair.key >= key) {
            Some(at) if self.pairs.get(at).is_some_and(|pair| pair.key == key) => {
                self.pairs.splice(at..=at, [Pair { key, value, offset: 0 }]);
            }
            at => {
                self.pairs.retain(|pair| pair.key != key);
                let at = at.unwrap_or(self.pairs.len()).min(self.pairs.len());
                self.pairs.insert(at, Pair { key, value, offset: 0 });
            }
        }
    }

    /// Takes out the pair whose key is this type and nothing more.
    pub fn remove(&mut self, kind: u8) {
        self.pairs.retain(|pair| pair.key != [kind]);
    }

    fn write(&self, out: &mut Vec<u8>) {
        for Pair { key, value, .. } in &self.pairs {
            write_size(key.len(), out);
            out.extend_from_slice(key);
            write_size(value.len(), out);
            out.extend_from_slice(value);
        }
        out.push(0);
    }
}

/// All maps of a PSBT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maps {
    /// What concerns the whole transaction.
    pub global: Map,
    /// One for each input.
    pub inputs: Vec<Map>,
    /// One for each output.
    pub outputs: Vec<Map>,
}

impl Maps {
    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for map in [&self.global].into_iter().chain(&self.inputs).chain(&self.outputs) {
            map.write(&mut out);
        }
        out
    }
}

/// Appends a number in bitcoin's compact form.
pub fn write_size(size: usize, out: &mut Vec<u8>) {
    let size = size as u64;
    match size {
        0..=0xfc => out.push(size as u8),
        0xfd..=0xffff => {
            out.push(0xfd);
            out.extend_from_slice(&(size as u16).to_le_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xfe);
            out.extend_from_slice(&(size as u32).to_le_bytes());
        }
        0x1_0000_0000.. => {
            out.push(0xff);
            out.extend_from_slice(&size.to_le_bytes());
        }
    }
}

/// Reads maps from bytes.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins after the magic bytes.
    ///
    /// Errors: the bytes begin otherwise.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FileFault> {
        if !bytes.starts_with(MAGIC) {
            return Err(FileFault::malformed("it does not begin as a PSBT does (70736274ff)", Some(0)));
        }
        Ok(Self { bytes, at: MAGIC.len() })
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// Where the reader stands.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The bytes that are left.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: u64, what: &str) -> Result<&'a [u8], FileFault> {
        let cut = || FileFault::malformed(format!("it ends inside {what}"), Some(self.at));
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length)).ok_or_else(cut)?;
        let slice = self.bytes.get(self.at..end).ok_or_else(cut)?;
        self.at = end;
        Ok(slice)
    }

    /// A number in bitcoin's compact form, in its shortest spelling alone.
    pub fn size(&mut self, what: &str) -> Result<u64, FileFault> {
        let from = self.at;
        let first = self.take(1, what)?.first().copied().unwrap_or_default();
        let (width, least) = match first {
            0xfd => (2, 0xfd),
            0xfe => (4, 0x1_0000),
            0xff => (8, 0x1_0000_0000),
            small => return Ok(u64::from(small)),
        };
        let mut wide = [0; 8];
        for (to, byte) in wide.iter_mut().zip(self.take(width, what)?) {
            *to = *byte;
        }
        let size = u64::from_le_bytes(wide);
        if size < least {
            return Err(FileFault::malformed(format!("{what} has a length in a longer form than needed"), Some(from)));
        }
        Ok(size)
    }

    /// The next map, up to its end mark.
    ///
    /// Errors: it is cut off; a key stands in it twice.
    pub fn map(&mut self, place: &str) -> Result<Map, FileFault> {
        let mut map = Map::default();
        let mut keys = BTreeSet::new();
        loop {
            let offset = self.at;
            let length = self.size(place)?;
            if length == 0 {
                return Ok(map);
            }
            let key = self.take(length, place)?;
            if !keys.insert(key) {
                return Err(FileFault::KeyDuplicated { place: place.to_owned(), offset });
            }
            let length = self.size(place)?;
            let value = self.take(length, place)?;
            map.pairs.push(Pair { key: key.to_vec(), value: value.to_vec(), offset });
        }
    }

    /// As many maps as are said to follow; no more than there are bytes for.
    pub fn maps(&mut self, count: u64, place: &str) -> Result<Vec<Map>, FileFault> {
        // Each map has at least its end mark.
        if count > self.left() as u64 {
            let reason = format!("{count} {place}s are announced, {} bytes are left", self.left());
            return Err(FileFault::malformed(reason, Some(self.at)));
        }
        (0..count).map(|number| self.map(&format!("{place} {number}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_value_goes_where_the_order_of_keys_wants_it() {
        let mut map = Map::default();
        for key in [3, 1, 2, 1] {
            map.set(vec![key], vec![key, key]);
        }
        assert_eq!(map.pairs.iter().map(Pair::kind).collect::<Vec<_>>(), [1, 2, 3]);
        map.set(vec![2], vec![9]);
        assert_eq!(map.get(2).unwrap().value, [9]);
        map.remove(2);
        assert_eq!(map.pairs.len(), 2);
    }

    #[test]
    fn numbers_are_read_in_their_shortest_form_alone() {
        for size in [0, 0xfc, 0xfd, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000] {
            let mut bytes = MAGIC.to_vec();
            write_size(size, &mut bytes);
            assert_eq!(Reader::new(&bytes).unwrap().size("test").unwrap(), size as u64);
        }
        let long = [MAGIC, &[0xfd, 1, 0]].concat();
        assert!(matches!(Reader::new(&long).unwrap().size("test"), Err(FileFault::Malformed { offset: Some(5), .. })));
    }
}
