//! Tagged SHA-256 (BIP340): a hash made for one purpose can never be taken for another.

use bitcoin::hashes::{Hash, HashEngine, sha256};

/// Tagged SHA-256 of `bytes`: `sha256(sha256(tag) || sha256(tag) || bytes)`.
pub fn tagged(tag: &str, bytes: &[u8]) -> [u8; 32] {
    let mut engine = engine(tag);
    engine.input(bytes);
    sha256::Hash::from_engine(engine).to_byte_array()
}

/// Tagged SHA-256 of several fields, each preceded by its length (u64, little endian), so that no two lists of fields
/// have the same bytes.
pub fn tagged_fields(tag: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut engine = engine(tag);
    for field in fields {
        engine.input(&(field.len() as u64).to_le_bytes());
        engine.input(field);
    }
    sha256::Hash::from_engine(engine).to_byte_array()
}

fn engine(tag: &str) -> sha256::HashEngine {
    let tag = sha256::Hash::hash(tag.as_bytes());
    let mut engine = sha256::Hash::engine();
    engine.input(tag.as_byte_array());
    engine.input(tag.as_byte_array());
    engine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_bip340() {
        // BIP340's own tag over nothing, computed with Python's hashlib.
        let expected = "c216d352f5818b7b4beacd4ae0a26fe888080823d2a598856661bcd54f1b3713";
        assert_eq!(hex::encode(tagged("BIP0340/challenge", b"")), expected);
        assert_ne!(tagged("a", b""), tagged("b", b""));
    }

    #[test]
    fn fields_cannot_be_shifted() {
        assert_ne!(tagged_fields("t", &[b"ab", b"c"]), tagged_fields("t", &[b"a", b"bc"]));
        assert_ne!(tagged_fields("t", &[b"ab"]), tagged_fields("t", &[b"ab", b""]));
    }
}
