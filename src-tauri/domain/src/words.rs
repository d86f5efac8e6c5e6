//! Words to compare by voice: a slow hash of 32 bytes, read as BIP39 words.
//!
//! Slow on purpose: whoever wants two configurations (or payments) with the same words has to pay Argon2id for each try.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use bip39::Language;

/// How many words name a configuration.
pub const ROSTER_WORDS: usize = 12;
/// How many words name a payment.
pub const DIGEST_WORDS: usize = 6;

/// Memory of one try, in KiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
const PASSES: u32 = 3;

/// How many slow hashes are remembered.
const REMEMBERED: usize = 32;

/// The last slow hashes, each with its salt and bytes: everybody in a vault asks for those of the same few things again and
/// again. They are no secrets.
static LAST: Mutex<VecDeque<Hashed>> = Mutex::new(VecDeque::new());

/// A salt, what was hashed, and its slow hash.
type Hashed = (&'static [u8], [u8; 32], [u8; 32]);

/// The twelve words of a configuration, from its hash.
pub fn roster_words(cfg: conclave_shared::Cfg) -> Vec<&'static str> {
    words(b"conclave/roster-words", &cfg.0, ROSTER_WORDS)
}

/// The six words of a payment, from its approval digest.
pub fn digest_words(digest: conclave_shared::Digest) -> Vec<&'static str> {
    words(b"conclave/digest-words", &digest.0, DIGEST_WORDS)
}

/// `count` words of 11 bits each, big endian, from the front of the slow hash.
fn words(salt: &'static [u8], bytes: &[u8; 32], count: usize) -> Vec<&'static str> {
    let hash = slow_hash(salt, bytes);
    let list = Language::English.word_list();
    (0..count)
        .map(|word| {
            let index = (word * 11..word * 11 + 11)
                .fold(0, |index, bit| index << 1 | (hash[bit / 8] >> (7 - bit % 8) & 1) as usize);
            list[index]
        })
        .collect()
}

/// Argon2id of 32 bytes, or what was remembered of it.
fn slow_hash(salt: &'static [u8], bytes: &[u8; 32]) -> [u8; 32] {
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, _, hash)) = last().iter().find(|(of, from, _)| *of == salt && from == bytes) {
        return *hash;
    }
    let mut hash = [0_u8; 32];
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, Some(hash.len())).expect("constant parameters within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(bytes, salt, &mut hash)
        .expect("constant lengths within Argon2's bounds");
    let mut last = last();
    last.truncate(REMEMBERED - 1);
    last.push_front((salt, *bytes, hash));
    hash
}

/// Whether the words that a person heard are these. Case, commas and spacing do not matter.
pub fn heard(said: &str, words: &[&str]) -> bool {
    let said = said.to_lowercase();
    said.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).eq(words.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_shared::{Cfg, Digest};

    #[test]
    fn words_are_pinned() {
        // Changing these breaks every group in which two versions compare words.
        assert_eq!(roster_words(Cfg([7; 32])).join(" "), include_str!("../fixtures/roster-words-07.txt").trim());
        assert_eq!(digest_words(Digest([7; 32])).join(" "), include_str!("../fixtures/digest-words-07.txt").trim());
    }

    #[test]
    fn what_is_remembered_is_what_was_computed() {
        let all = || -> Vec<_> {
            (0..2).map(|byte| (roster_words(Cfg([byte; 32])), digest_words(Digest([byte; 32])))).collect()
        };
        assert_eq!(all(), all());
        assert_ne!(roster_words(Cfg([1; 32]))[..6], digest_words(Digest([1; 32]))[..]);
    }

    #[test]
    fn heard_words_are_compared_as_a_person_says_them() {
        let words = ["abandon", "zoo", "able"];
        assert!(heard(" Abandon, zoo\nABLE ", &words));
        assert!(!heard("abandon zoo", &words));
        assert!(!heard("zoo abandon able", &words));
        assert!(!heard("abandon zoo able able", &words));
        assert!(!heard("", &words));
    }
}
