//! The key file: the random key of the database, wrapped under a passphrase.
//!
//! Bytes in, bytes out. What does not belong here: the file system (see `folder`) and the database.
//!
//! Layout of the key file, version 1, integers little-endian:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 8 | `CNCLVKEY` |
//! | 8 | 1 | version, 1 |
//! | 9 | 12 | Argon2id v1.3: memory in KiB, passes, lanes (u32 each) |
//! | 21 | 32 | salt |
//! | 53 | 24 | nonce of XChaCha20-Poly1305 |
//! | 77 | 48 | the database key, sealed; bytes 0 to 76 are its associated data |
//! | 125 | 32 | SHA-256 of bytes 0 to 124 |
//!
//! The checksum is no protection against a forger, the seal is: it tells a file damaged by a bad disk from a mistyped
//! passphrase, before any time or memory is spent.

use std::borrow::Cow;
use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use bip39::Mnemonic;
use bitcoin::hashes::{Hash, sha256};
use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

/// The longest passphrase that is taken, in bytes of UTF-8 after normalisation.
pub const MAX_PASSPHRASE: usize = 1024;

/// The size of a key file, in bytes.
pub(super) const FILE_SIZE: usize = CHECKSUM_AT + CHECKSUM_SIZE;

const MAGIC: &[u8; 8] = b"CNCLVKEY";
const VERSION: u8 = 1;
const VERSION_AT: usize = MAGIC.len();
const COST_AT: usize = VERSION_AT + 1;
const SALT_AT: usize = COST_AT + 12;
const SALT_SIZE: usize = 32;
const NONCE_AT: usize = SALT_AT + SALT_SIZE;
const NONCE_SIZE: usize = 24;
const SEALED_AT: usize = NONCE_AT + NONCE_SIZE;
const KEY_SIZE: usize = 32;
const TAG_AT: usize = SEALED_AT + KEY_SIZE;
const TAG_SIZE: usize = 16;
const CHECKSUM_AT: usize = TAG_AT + TAG_SIZE;
const CHECKSUM_SIZE: usize = 32;

/// The 32 random bytes under which SQLCipher encrypts the database. They never leave memory unwrapped.
pub(super) type DataKey = Zeroizing<[u8; KEY_SIZE]>;

/// A passphrase that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// No character at all.
    #[error("the passphrase is empty: choose one of at least one character")]
    Empty,
    /// Longer than [`MAX_PASSPHRASE`].
    #[error("the passphrase has {found} bytes: at most {MAX_PASSPHRASE} are taken")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
}

/// What opens an installation: a text that its owner knows. Wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a text of 1 to [`MAX_PASSPHRASE`] bytes.
    ///
    /// It is brought to Unicode's form NFKD first, as BIP39 does, so that an `é` typed on another keyboard or another
    /// system still opens the installation.
    pub fn new(text: String) -> Result<Self, PassphraseError> {
        let typed = Zeroizing::new(text);
        // The bound comes first: the normal form of a long text takes time and memory.
        if typed.len() > MAX_PASSPHRASE {
            return Err(PassphraseError::TooLong { found: typed.len() });
        }
        let mut normal = Cow::Borrowed(typed.as_str());
        Mnemonic::normalize_utf8_cow(&mut normal);
        let normal = Zeroizing::new(normal.into_owned());
        match normal.len() {
            0 => Err(PassphraseError::Empty),
            found if found > MAX_PASSPHRASE => Err(PassphraseError::TooLong { found }),
            _ => Ok(Self(normal)),
        }
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Why a key file cannot be used, other than by a wrong passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// There is a database, but no key file beside it.
    #[error("it is missing: put back a copy of conclave.key, the database cannot be read without it")]
    Missing,
    /// The file does not begin as a key file does.
    #[error("it is not a key file of conclave")]
    Foreign,
    /// The file is too short or too long.
    #[error("it does not have {FILE_SIZE} bytes: it was cut or added to, put back a copy")]
    Size,
    /// The checksum does not match.
    #[error("its bytes changed on the disk: put back a copy")]
    Changed,
    /// Written by a newer program.
    #[error("it has version {found}, this program knows version {VERSION}: update the program")]
    Version {
        /// The version in the file.
        found: u8,
    },
    /// Parameters of Argon2id that are too weak to be ours, or so costly that they would exhaust the machine.
    #[error(
        "it asks for {memory_kib} KiB, {passes} passes and {lanes} lanes of Argon2id, outside of what is safe: put back a copy"
    )]
    Cost {
        /// Memory, in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// The memory for Argon2id is not to be had.
    #[error("{memory_kib} KiB of free memory are needed to open it: close other programs")]
    Memory {
        /// Memory, in KiB.
        memory_kib: u32,
    },
    /// The system gives no random bytes, so that no key file can be made.
    #[error("none can be made, as the system gives no random bytes")]
    Randomness,
}

/// Why a key file was not unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwrapped {
    /// The seal does not open.
    WrongPassphrase,
    /// The file cannot be used with any passphrase.
    Fault(KeyFault),
}

impl From<KeyFault> for Unwrapped {
    fn from(fault: KeyFault) -> Self {
        Self::Fault(fault)
    }
}

/// What Argon2id spends.
#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// The bounds hold before any memory is spent: the file is written by others as far as we know.
    fn check(self) -> Result<Self, KeyFault> {
        let Self { memory_kib, passes, lanes } = self;
        let safe =
            (64 * 1024..=1024 * 1024).contains(&memory_kib) && (3..=20).contains(&passes) && (1..=4).contains(&lanes);
        if safe { Ok(self) } else { Err(KeyFault::Cost { memory_kib, passes, lanes }) }
    }

    fn write(self, bytes: &mut [u8; FILE_SIZE]) {
        for (place, number) in [self.memory_kib, self.passes, self.lanes].into_iter().enumerate() {
            let at = COST_AT + 4 * place;
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
    }

    fn read(bytes: &[u8; FILE_SIZE]) -> Result<Self, KeyFault> {
        let number = |place: usize| u32::from_le_bytes(part(bytes, COST_AT + 4 * place));
        Self { memory_kib: number(0), passes: number(1), lanes: number(2) }.check()
    }
}

/// `N` bytes of the file. Both are constants of the layout, so that the range is always inside.
fn part<const N: usize>(bytes: &[u8; FILE_SIZE], at: usize) -> [u8; N] {
    std::array::from_fn(|place| bytes[at + place])
}

fn random<const N: usize>() -> Result<[u8; N], KeyFault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyFault::Randomness)?;
    Ok(bytes)
}

/// A fresh key for a database.
pub(super) fn new_data_key() -> Result<DataKey, KeyFault> {
    let mut key = DataKey::default();
    getrandom::fill(key.as_mut_slice()).map_err(|_| KeyFault::Randomness)?;
    Ok(key)
}

/// The bytes of a key file that holds `key` under `passphrase`, with a new salt and a new nonce.
pub(super) fn wrap(key: &DataKey, passphrase: &Passphrase) -> Result<[u8; FILE_SIZE], KeyFault> {
    seal(key, passphrase, Cost::DEFAULT, random()?, random()?)
}

fn seal(
    key: &DataKey,
    passphrase: &Passphrase,
    cost: Cost,
    salt: [u8; SALT_SIZE],
    nonce: [u8; NONCE_SIZE],
) -> Result<[u8; FILE_SIZE], KeyFault> {
    let mut bytes = [0; FILE_SIZE];
    bytes[..VERSION_AT].copy_from_slice(MAGIC);
    bytes[VERSION_AT] = VERSION;
    cost.write(&mut bytes);
    bytes[SALT_AT..NONCE_AT].copy_from_slice(&salt);
    bytes[NONCE_AT..SEALED_AT].copy_from_slice(&nonce);

    let cipher = cipher(passphrase, &salt, cost)?;
    let mut sealed = key.clone();
    let tag = cipher
        .encrypt_in_place_detached(XNonce::from_slice(&nonce), &bytes[..SEALED_AT], sealed.as_mut_slice())
        // 32 bytes are far below the cipher's limit, the one error that it has.
        .map_err(|_| KeyFault::Size)?;
    bytes[SEALED_AT..TAG_AT].copy_from_slice(sealed.as_slice());
    bytes[TAG_AT..CHECKSUM_AT].copy_from_slice(&tag);
    let checksum = sha256::Hash::hash(&bytes[..CHECKSUM_AT]);
    bytes[CHECKSUM_AT..].copy_from_slice(checksum.as_ref());
    Ok(bytes)
}

/// The key of the database out of the bytes of a key file.
pub(super) fn unwrap(bytes: &[u8], passphrase: &Passphrase) -> Result<DataKey, Unwrapped> {
    // What the file is comes first, so that a foreign file is not called a cut one.
    if !bytes.starts_with(MAGIC) {
        return Err(KeyFault::Foreign.into());
    }
    let bytes: &[u8; FILE_SIZE] = match (bytes.get(VERSION_AT), bytes.try_into()) {
        (Some(&VERSION), Ok(bytes)) => bytes,
        // A newer version may well have another size.
        (Some(&found), Err(_)) if found != VERSION => return Err(KeyFault::Version { found }.into()),
        (_, Err(_)) => return Err(KeyFault::Size.into()),
        (_, Ok(bytes)) => bytes,
    };
    if sha256::Hash::hash(&bytes[..CHECKSUM_AT]).to_byte_array() != part(bytes, CHECKSUM_AT) {
        return Err(KeyFault::Changed.into());
    }
    if bytes[VERSION_AT] != VERSION {
        return Err(KeyFault::Version { found: bytes[VERSION_AT] }.into());
    }
    let cost = Cost::read(bytes)?;
    let salt: [u8; SALT_SIZE] = part(bytes, SALT_AT);
    let nonce: [u8; NONCE_SIZE] = part(bytes, NONCE_AT);
    let tag: [u8; TAG_SIZE] = part(bytes, TAG_AT);
    let mut key = Zeroizing::new(part(bytes, SEALED_AT));
    cipher(passphrase, &salt, cost)?
        .decrypt_in_place_detached(
            XNonce::from_slice(&nonce),
            &bytes[..SEALED_AT],
            key.as_mut_slice(),
            Tag::from_slice(&tag),
        )
        .map_err(|_| Unwrapped::WrongPassphrase)?;
    Ok(key)
}

/// The cipher under the key that Argon2id makes of the passphrase.
fn cipher(passphrase: &Passphrase, salt: &[u8; SALT_SIZE], cost: Cost) -> Result<XChaCha20Poly1305, KeyFault> {
    let Cost { memory_kib, passes, lanes } = cost.check()?;
    let refused = KeyFault::Cost { memory_kib, passes, lanes };
    let params = Params::new(memory_kib, passes, lanes, Some(KEY_SIZE)).map_err(|_| refused)?;
    let mut memory = Vec::new();
    // Asked for in a way that can fail: the plain way ends the program.
    memory.try_reserve_exact(params.block_count()).map_err(|_| KeyFault::Memory { memory_kib })?;
    memory.resize(params.block_count(), Block::new());
    let mut key = Zeroizing::new([0; KEY_SIZE]);
    let made = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        passphrase.0.as_bytes(),
        salt,
        key.as_mut_slice(),
        &mut memory,
    );
    // The key follows from the last blocks.
    memory.iter_mut().for_each(|block| block.as_mut().zeroize());
    made.map_err(|_| refused)?;
    Ok(XChaCha20Poly1305::new(key.as_slice().into()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::store) fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned()).unwrap()
    }

    /// Makes the checksum right again, as a forger would.
    fn with_checksum(mut bytes: [u8; FILE_SIZE]) -> [u8; FILE_SIZE] {
        let checksum = sha256::Hash::hash(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..].copy_from_slice(checksum.as_ref());
        bytes
    }

    fn flipped(bytes: &[u8; FILE_SIZE], at: usize) -> [u8; FILE_SIZE] {
        let mut bytes = *bytes;
        bytes[at] ^= 1;
        bytes
    }

    #[test]
    fn a_passphrase_is_bounded_normal_and_never_shown() {
        assert_eq!(Passphrase::new(String::new()).unwrap_err(), PassphraseError::Empty);
        assert!(Passphrase::new("x".repeat(MAX_PASSPHRASE)).is_ok());
        assert_eq!(
            Passphrase::new("x".repeat(MAX_PASSPHRASE + 1)).unwrap_err(),
            PassphraseError::TooLong { found: MAX_PASSPHRASE + 1 }
        );
        // U+FDFA is 3 bytes and 33 in its normal form.
        assert!(matches!(Passphrase::new("\u{fdfa}".repeat(100)), Err(PassphraseError::TooLong { .. })));
        assert_eq!(*passphrase("caf\u{e9}").0, *passphrase("cafe\u{301}").0);
        assert_eq!(format!("{:?}", passphrase("hush")), "Passphrase(..)");
    }

    #[test]
    fn the_passphrase_opens_what_it_sealed_and_no_other_does() {
        let key = new_data_key().unwrap();
        let bytes = wrap(&key, &passphrase("right")).unwrap();
        assert_eq!(*unwrap(&bytes, &passphrase("right")).unwrap(), *key);
        assert_eq!(unwrap(&bytes, &passphrase("wrong")).unwrap_err(), Unwrapped::WrongPassphrase);
        assert!(!bytes.windows(KEY_SIZE).any(|window| window == key.as_slice()));
        let again = wrap(&key, &passphrase("right")).unwrap();
        assert_ne!(bytes[SALT_AT..SEALED_AT], again[SALT_AT..SEALED_AT], "salt and nonce are new each time");
        assert_ne!(*new_data_key().unwrap(), *key);
    }

    /// The bytes of version 1 as they were first written: a program that cannot read them locks its users out.
    /// Checked once against another implementation of Argon2id, ChaCha20-Poly1305 and SHA-256.
    #[test]
    fn version_1_stays_readable() {
        let key = Zeroizing::new([7; KEY_SIZE]);
        let bytes = seal(&key, &passphrase("correct horse"), Cost::DEFAULT, [1; SALT_SIZE], [2; NONCE_SIZE]).unwrap();
        assert_eq!(hex::encode(bytes), FIXED);
        let fixed = hex::decode(FIXED).unwrap();
        assert_eq!(*unwrap(&fixed, &passphrase("correct horse")).unwrap(), *key);
    }

    const FIXED: &str = concat!(
        "434e434c564b455901000001000300000001000000010101010101010101010101010101010101010101010101010101",
        "01010101010202020202020202020202020202020202020202020202026e19ff0463e9128c32cfeb4b7450f60db43db7",
        "c618459254b726c65a12c9a152561a903daf4c83cd3411b99af9c9f25f99d57d6ed77d9533d2f91f34bafb09a5e03e1a",
        "5642ecfb7cb245defed25a6379",
    );

    #[test]
    fn a_file_that_was_cut_or_grew_is_named_so() {
        let bytes = wrap(&new_data_key().unwrap(), &passphrase("p")).unwrap();
        for size in 0..FILE_SIZE {
            let expected = if size < MAGIC.len() { KeyFault::Foreign } else { KeyFault::Size };
            assert_eq!(unwrap(&bytes[..size], &passphrase("p")).unwrap_err(), Unwrapped::Fault(expected), "{size}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(unwrap(&longer, &passphrase("p")).unwrap_err(), Unwrapped::Fault(KeyFault::Size));
    }

    #[test]
    fn a_flipped_bit_is_found_in_every_region() {
        let right = passphrase("p");
        let bytes = wrap(&new_data_key().unwrap(), &right).unwrap();
        for at in 0..FILE_SIZE {
            let expected = if at < VERSION_AT { KeyFault::Foreign } else { KeyFault::Changed };
            assert_eq!(unwrap(&flipped(&bytes, at), &right).unwrap_err(), Unwrapped::Fault(expected), "byte {at}");
        }
        // A forger can mend the checksum, but not the seal.
        for at in [COST_AT, SALT_AT, NONCE_AT - 1, NONCE_AT, SEALED_AT - 1, SEALED_AT, TAG_AT, CHECKSUM_AT - 1] {
            let forged = with_checksum(flipped(&bytes, at));
            assert_eq!(unwrap(&forged, &right).unwrap_err(), Unwrapped::WrongPassphrase, "byte {at}");
        }
        let newer = with_checksum({
            let mut bytes = bytes;
            bytes[VERSION_AT] = 2;
            bytes
        });
        let version = Unwrapped::Fault(KeyFault::Version { found: 2 });
        assert_eq!(unwrap(&newer, &right).unwrap_err(), version);
        assert_eq!(unwrap(&newer[..CHECKSUM_AT], &right).unwrap_err(), version, "a newer one may have another size");
    }

    #[test]
    fn a_cost_out_of_bounds_is_refused_before_it_is_spent() {
        let bytes = wrap(&new_data_key().unwrap(), &passphrase("p")).unwrap();
        for (memory_kib, passes, lanes) in [
            (0, 3, 1),
            (64 * 1024 - 1, 3, 1),
            (1024 * 1024 + 1, 3, 1),
            (u32::MAX, 3, 1),
            (64 * 1024, 0, 1),
            (64 * 1024, 2, 1),
            (64 * 1024, 21, 1),
            (64 * 1024, u32::MAX, 1),
            (64 * 1024, 3, 0),
            (64 * 1024, 3, 5),
            (64 * 1024, 3, u32::MAX),
        ] {
            let mut forged = bytes;
            Cost { memory_kib, passes, lanes }.write(&mut forged);
            assert_eq!(
                unwrap(&with_checksum(forged), &passphrase("p")).unwrap_err(),
                Unwrapped::Fault(KeyFault::Cost { memory_kib, passes, lanes })
            );
        }
    }
}
