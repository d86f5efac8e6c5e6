//! A PSBT as a file: binary, base64 or hexadecimal, version 0 or 2, read into one form and written back in any. Limits come
//! before parsing. Whether what it says is true is not asked here: see [`super::inspect`].

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bitcoin::psbt::Psbt;
use bitcoin::{PublicKey, Transaction, ecdsa, taproot};
use conclave_shared::Finding;
use serde::{Deserialize, Serialize};

use super::raw::{MAGIC, Map, Maps, Pair};
use super::v2::{self, Modifiable};

/// Largest file that is read, in bytes.
pub const FILE_LIMIT: usize = 36 << 20;
/// Largest PSBT, in bytes.
pub const PSBT_LIMIT: usize = 16 << 20;

const GLOBAL_XPUB: u8 = 0x01;
const IN_PARTIAL_SIGNATURE: u8 = 0x02;
const IN_TAP_KEY_SIGNATURE: u8 = 0x13;
const IN_TAP_SCRIPT_SIGNATURE: u8 = 0x14;

/// A missing padding is no fault.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why bytes are not a PSBT that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Larger than any honest one.
    #[error("it has {bytes} bytes, more than the {limit} that are read")]
    Oversize {
        /// How large it is, in bytes.
        bytes: u64,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not of the form.
    #[error("{reason}{}", at(*.offset))]
    Malformed {
        /// What is wrong.
        reason: String,
        /// Where, in bytes of the PSBT (not of its base64 or hexadecimal text).
        offset: Option<usize>,
    },
    /// A form that is known, but not handled.
    #[error("{what} is not supported{}", at(*.offset))]
    Unsupported {
        /// Which.
        what: String,
        /// Where, in bytes of the PSBT.
        offset: Option<usize>,
    },
    /// One key stands twice in one map.
    #[error("a key stands twice in {place} (byte {offset})")]
    KeyDuplicated {
        /// In which map.
        place: String,
        /// Where its second one begins, in bytes of the PSBT.
        offset: usize,
    },
}

fn at(offset: Option<usize>) -> String {
    offset.map_or_else(String::new, |offset| format!(" (byte {offset})"))
}

impl FileFault {
    pub(super) fn malformed(reason: impl Into<String>, offset: Option<usize>) -> Self {
        FileFault::Malformed { reason: reason.into(), offset }
    }

    /// The fixed name.
    pub fn finding(&self) -> Finding {
        match self {
            FileFault::Oversize { .. } => Finding::Oversize,
            FileFault::Malformed { .. } => Finding::PsbtMalformed,
            FileFault::Unsupported { .. } => Finding::NotSupported,
            FileFault::KeyDuplicated { .. } => Finding::KeyDuplicated,
        }
    }

    /// Where in the PSBT, in bytes, if that is known.
    pub fn offset(&self) -> Option<usize> {
        match self {
            FileFault::Oversize { .. } => None,
            FileFault::Malformed { offset, .. } | FileFault::Unsupported { offset, .. } => *offset,
            FileFault::KeyDuplicated { offset, .. } => Some(*offset),
        }
    }
}

/// How a PSBT is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Its bytes.
    Binary,
    /// As text (RFC 4648, with padding).
    Base64,
    /// As hexadecimal digits.
    Hex,
}

/// Version of a PSBT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PsbtVersion {
    /// BIP174.
    #[serde(rename = "v0")]
    V0,
    /// BIP370.
    #[serde(rename = "v2")]
    V2,
}

/// A signature that cannot be read as one. It is not in [`PsbtFile::psbt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableSignature {
    /// At which input.
    pub input: usize,
    /// The key that it is said to be by, hexadecimal; empty for a taproot key spend.
    pub key: String,
    /// What is wrong: its sighash type, or the signature itself.
    pub finding: Finding,
    /// In words.
    pub reason: String,
}

/// A PSBT that was read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct PsbtFile {
    maps: Maps,
    version: PsbtVersion,
    encoding: Encoding,
    psbt: Psbt,
    unreadable: Vec<UnreadableSignature>,
}

impl PsbtFile {
    /// Reads a PSBT in whatever form it comes. White space and a byte order mark do not matter.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileFault> {
        if bytes.len() > FILE_LIMIT {
            return Err(FileFault::Oversize { bytes: bytes.len() as u64, limit: FILE_LIMIT });
        }
        if bytes.starts_with(MAGIC) {
            return Self::read(bytes, Encoding::Binary);
        }
        let text = plain_text(bytes);
        let hex = |text: &[u8]| text.len() >= 10 && text.iter().all(u8::is_ascii_hexdigit);
        if hex(&text) {
            let decoded = hex::decode(&text).map_err(|_| FileFault::malformed("it has half a byte too few", None))?;
            return Self::read(&decoded, Encoding::Hex);
        }
        if text.is_empty() {
            return Err(FileFault::malformed("it is empty", None));
        }
        let not_text = |_| FileFault::malformed("it is neither binary, base64 nor hexadecimal", Some(0));
        Self::read(&BASE64.decode(&text).map_err(not_text)?, Encoding::Base64)
    }

    fn read(bytes: &[u8], encoding: Encoding) -> Result<Self, FileFault> {
        if bytes.len() > PSBT_LIMIT {
            return Err(FileFault::Oversize { bytes: bytes.len() as u64, limit: PSBT_LIMIT });
        }
        let v2::Read { maps, two } = v2::read(bytes)?;
        Self::from_maps(maps, if two { PsbtVersion::V2 } else { PsbtVersion::V0 }, encoding)
    }

    pub(super) fn from_maps(maps: Maps, version: PsbtVersion, encoding: Encoding) -> Result<Self, FileFault> {
        let mut v0 = match version {
            PsbtVersion::V0 => maps.clone(),
            PsbtVersion::V2 => v2::to_v0(&maps)?,
        };
        let unreadable = take_unreadable(&mut v0);
        plain_xpubs(&mut v0);
        let psbt = Psbt::deserialize(&v0.to_bytes()).map_err(|error| locate(&v0, &error))?;
        if psbt.inputs.len() != psbt.unsigned_tx.input.len() || psbt.outputs.len() != psbt.unsigned_tx.output.len() {
            return Err(FileFault::malformed("it has another number of maps than its transaction has parts", None));
        }
        Ok(Self { maps, version, encoding, psbt, unreadable })
    }

    /// What it says, as version 0, whatever version the file has.
    pub fn psbt(&self) -> &Psbt {
        &self.psbt
    }

    /// The version of the file.
    pub fn version(&self) -> PsbtVersion {
        self.version
    }

    /// How the file was written down.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Signatures that could not be read.
    pub fn unreadable(&self) -> &[UnreadableSignature] {
        &self.unreadable
    }

    /// What may still be changed; nothing in version 0.
    pub fn modifiable(&self) -> Modifiable {
        match self.version {
            PsbtVersion::V0 => Modifiable::default(),
            PsbtVersion::V2 => v2::modifiable(&self.maps.global).unwrap_or_default(),
        }
    }

    /// The bytes in the version that it has.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.maps.to_bytes()
    }

    /// The same PSBT in another version, and what is lost on the way, in words. From version 0 to 2 and back nothing is.
    pub fn converted(&self, version: PsbtVersion) -> Result<(Self, Vec<String>), FileFault> {
        let (maps, lost) = match (self.version, version) {
            (PsbtVersion::V0, PsbtVersion::V2) => (v2::to_v2(&self.maps)?, vec![]),
            (PsbtVersion::V2, PsbtVersion::V0) => (v2::to_v0(&self.maps)?, v2::lost(&self.maps)),
            (PsbtVersion::V0, PsbtVersion::V0) | (PsbtVersion::V2, PsbtVersion::V2) => (self.maps.clone(), vec![]),
        };
        Ok((Self::from_maps(maps, version, self.encoding)?, lost))
    }

    /// The same PSBT, to be written down otherwise.
    pub fn in_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    pub(super) fn maps(&self) -> &Maps {
        &self.maps
    }

    /// The same file with changed maps of its own version.
    pub(super) fn with_maps(&self, maps: Maps) -> Result<Self, FileFault> {
        Self::from_maps(maps, self.version, self.encoding)
    }

    /// The same file with these signatures put in. A version 2 PSBT is closed to modification by that.
    pub(super) fn with_signatures(&self, signed: &[(usize, NewSignature)]) -> Result<Self, FileFault> {
        let mut maps = self.maps.clone();
        for (input, signature) in signed {
            if let Some(map) = maps.inputs.get_mut(*input) {
                let (key, value) = signature.pair();
                map.set(key, value);
            }
        }
        if self.version == PsbtVersion::V2 && !signed.is_empty() {
            v2::close(&mut maps);
        }
        self.with_maps(maps)
    }

    /// The transaction that it is about, without signatures.
    pub fn transaction(&self) -> &Transaction {
        &self.psbt.unsigned_tx
    }
}

/// A signature to be put into a file.
#[derive(Debug, Clone)]
pub(super) enum NewSignature {
    Ecdsa(PublicKey, ecdsa::Signature),
    TapKey(taproot::Signature),
    TapScript(bitcoin::XOnlyPublicKey, bitcoin::TapLeafHash, taproot::Signature),
}

impl NewSignature {
    fn pair(&self) -> (Vec<u8>, Vec<u8>) {
        match self {
            NewSignature::Ecdsa(key, signature) => {
                ([vec![IN_PARTIAL_SIGNATURE], key.to_bytes()].concat(), signature.to_vec())
            }
            NewSignature::TapKey(signature) => (vec![IN_TAP_KEY_SIGNATURE], signature.to_vec()),
            NewSignature::TapScript(key, leaf, signature) => {
                let leaf: &[u8] = leaf.as_ref();
                ([&[IN_TAP_SCRIPT_SIGNATURE], &key.serialize()[..], leaf].concat(), signature.to_vec())
            }
        }
    }
}

/// Bytes of a PSBT in an encoding; text ends with a line feed.
pub fn encode(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Binary => bytes.to_vec(),
        Encoding::Base64 => format!("{}\n", BASE64.encode(bytes)).into_bytes(),
        Encoding::Hex => format!("{}\n", hex::encode(bytes)).into_bytes(),
    }
}

/// A text without byte order mark and white space. UTF-16, as some shells write it, becomes plain.
pub fn plain_text(bytes: &[u8]) -> Vec<u8> {
    let wide = |rest: &[u8], low: usize| rest.chunks(2).filter_map(|pair| pair.get(low).copied()).collect::<Vec<u8>>();
    let bytes = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        [0xff, 0xfe, rest @ ..] => wide(rest, 0),
        [0xfe, 0xff, rest @ ..] => wide(rest, 1),
        _ => bytes.to_vec(),
    };
    bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

/// Writes the extended keys of the global map as the library reads them: some programs give them the prefixes of SLIP132.
fn plain_xpubs(maps: &mut Maps) {
    const MAIN: ([[u8; 4]; 4], [u8; 4]) = (
        [[0x04, 0x9d, 0x7c, 0xb2], [0x04, 0xb2, 0x47, 0x46], [0x02, 0x95, 0xb4, 0x3f], [0x02, 0xaa, 0x7e, 0xd3]],
        [0x04, 0x88, 0xb2, 0x1e],
    );
    const TEST: ([[u8; 4]; 4], [u8; 4]) = (
        [[0x04, 0x4a, 0x52, 0x62], [0x04, 0x5f, 0x1c, 0xf6], [0x02, 0x42, 0x89, 0xef], [0x02, 0x57, 0x54, 0x83]],
        [0x04, 0x35, 0x87, 0xcf],
    );
    let mut keys = std::collections::BTreeSet::new();
    for pair in maps.global.pairs.iter_mut().filter(|pair| pair.kind() == GLOBAL_XPUB) {
        for (others, plain) in [MAIN, TEST] {
            if let Some(prefix) = pair.key.get_mut(1..5)
                && others.iter().any(|other| prefix == other)
            {
                prefix.copy_from_slice(&plain);
            }
        }
    }
    // Once for each key, under whatever prefix.
    maps.global.pairs.retain(|pair| pair.kind() != GLOBAL_XPUB || keys.insert(pair.key.clone()));
}

/// Takes signatures out that no library reads, so that the rest can be shown.
fn take_unreadable(maps: &mut Maps) -> Vec<UnreadableSignature> {
    let mut unreadable = vec![];
    for (input, map) in maps.inputs.iter_mut().enumerate() {
        map.pairs.retain(|pair| match unreadable_signature(input, pair) {
            Some(signature) => {
                unreadable.push(signature);
                false
            }
            None => true,
        });
    }
    unreadable
}

fn unreadable_signature(input: usize, pair: &Pair) -> Option<UnreadableSignature> {
    let key = pair.key_data();
    let (finding, reason) = match pair.kind() {
        // A key that is none makes the whole file malformed.
        IN_PARTIAL_SIGNATURE if PublicKey::from_slice(key).is_ok() => {
            let error = ecdsa::Signature::from_slice(&pair.value).err()?;
            let finding = match &error {
                ecdsa::Error::SighashType(_) => Finding::SighashUnexpected,
                _ => Finding::SignatureInvalid,
            };
            (finding, error.to_string())
        }
        IN_TAP_KEY_SIGNATURE | IN_TAP_SCRIPT_SIGNATURE if pair.value.len() == 65 => {
            let error = taproot::Signature::from_slice(&pair.value).err()?;
            (Finding::SighashUnexpected, error.to_string())
        }
        _ => return None,
    };
    Some(UnreadableSignature { input, key: hex::encode(key), finding, reason })
}

/// One input and one output, to try a single pair of a map in.
const SMALLEST: &str = "02000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000\
                        01000000000000000000\
                        00000000";

/// Finds the pair that the library does not take.
fn locate(maps: &Maps, error: &bitcoin::psbt::Error) -> FileFault {
    let Ok(transaction) = hex::decode(SMALLEST) else { return FileFault::malformed(error.to_string(), None) };
    let mut alone = Maps { global: Map::default(), inputs: vec![Map::default()], outputs: vec![Map::default()] };
    alone.global.set(vec![v2::GLOBAL_UNSIGNED_TX], transaction);
    let refused = |maps: Maps, pair: &Pair, place: &str| {
        let error = Psbt::deserialize(&maps.to_bytes()).err()?;
        Some(FileFault::malformed(format!("{place}, field {:#04x}: {error}", pair.kind()), Some(pair.offset)))
    };
    for pair in maps.global.pairs.iter().filter(|pair| pair.key != [v2::GLOBAL_UNSIGNED_TX]) {
        let mut alone = alone.clone();
        alone.global.pairs.push(pair.clone());
        if let Some(fault) = refused(alone, pair, "the global map") {
            return fault;
        }
    }
    for (place, maps) in [("input", &maps.inputs), ("output", &maps.outputs)] {
        for (number, pair) in maps.iter().enumerate().flat_map(|(at, map)| map.pairs.iter().map(move |it| (at, it))) {
            let mut alone = alone.clone();
            let side = if place == "input" { &mut alone.inputs } else { &mut alone.outputs };
            side.iter_mut().for_each(|map| map.pairs.push(pair.clone()));
            if let Some(fault) = refused(alone, pair, &format!("{place} {number}")) {
                return fault;
            }
        }
    }
    FileFault::malformed(error.to_string(), maps.global.get(v2::GLOBAL_UNSIGNED_TX).map(|pair| pair.offset))
}
