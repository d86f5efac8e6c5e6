//! The text of a descriptor: lines, labels, checksums, what must not be in it, and the forms that the library lacks.

use std::str::FromStr;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, PrivateKey, ScriptBuf};
use conclave_shared::Finding;
use miniscript::descriptor::DescriptorPublicKey;

use super::checksum;

/// Longest text of a descriptor, in bytes.
pub const TEXT_LIMIT: usize = 64 << 10;
/// Most steps of paths, and so on, inside one pair of brackets `<;>`.
const PATHS_LIMIT: usize = 2;

/// Why a text is not a descriptor that can be watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorRefusal {
    /// Longer than any honest one.
    #[error("it has {bytes} bytes, more than {TEXT_LIMIT}")]
    Oversize {
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// Not of the form.
    #[error("not a descriptor: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// Its checksum is another.
    #[error("the checksum is {found}, of this text it is {expected}{}", explained(.position))]
    Checksum {
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
        /// Where one wrong character explains it, counted in characters from 0, and what should stand there.
        position: Option<(usize, char)>,
    },
    /// A form that is known, but not handled.
    #[error("{what} is not supported")]
    Unsupported {
        /// Which.
        what: String,
    },
    /// A private key. It is not repeated anywhere.
    #[error("there is a private key inside: watch with public keys alone, and treat this key as known to others")]
    PrivateKey,
    /// One key in two places: fewer people than it says can spend.
    #[error("one key stands twice: {key}")]
    KeyDuplicated {
        /// The key.
        key: String,
    },
}

fn explained(position: &Option<(usize, char)>) -> String {
    match position {
        Some((at, right)) => format!("; one wrong character explains it: at {at} should be {right:?}"),
        None => String::new(),
    }
}

impl DescriptorRefusal {
    /// The fixed name.
    pub fn finding(&self) -> Finding {
        match self {
            DescriptorRefusal::Oversize { .. } => Finding::Oversize,
            DescriptorRefusal::Malformed { .. } => Finding::DescriptorMalformed,
            DescriptorRefusal::Checksum { .. } => Finding::ChecksumWrong,
            DescriptorRefusal::Unsupported { .. } => Finding::NotSupported,
            DescriptorRefusal::PrivateKey => Finding::PrivateKeyInside,
            DescriptorRefusal::KeyDuplicated { .. } => Finding::KeyDuplicated,
        }
    }
}

/// What the text said about its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumState {
    /// It was there and right.
    Verified,
    /// It was not there: a mistyped character would not show.
    Missing,
}

pub(super) struct Read {
    /// With checksums.
    pub text: String,
    pub checksum: ChecksumState,
    /// One or two descriptors without checksum.
    pub bodies: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Read, DescriptorRefusal> {
    if text.len() > TEXT_LIMIT {
        return Err(DescriptorRefusal::Oversize { bytes: text.len() });
    }
    let lines: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(|line| unlabelled(line.trim()))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if !(1..=2).contains(&lines.len()) {
        let reason = match lines.len() {
            0 => "there is none".to_owned(),
            lines => format!("{lines} lines, not one, or one for receiving and one for change"),
        };
        return Err(DescriptorRefusal::Malformed { reason });
    }
    // Before any error could repeat a part of the text.
    if lines.iter().any(|line| has_private_key(line)) {
        return Err(DescriptorRefusal::PrivateKey);
    }
    let mut read = Read { text: String::new(), checksum: ChecksumState::Verified, bodies: vec![] };
    for line in lines {
        let (body, state) = summed(line)?;
        let sum = checksum::compute(body).unwrap_or_default();
        if !read.text.is_empty() {
            read.text.push('\n');
        }
        read.text.push_str(&format!("{body}#{sum}"));
        if state == ChecksumState::Missing {
            read.checksum = ChecksumState::Missing;
        }
        refuse_unsupported(body)?;
        // The short form of BIP388 and BIP129.
        read.bodies.push(small_marks(body).replace("/**", "/<0;1>/*"));
    }
    Ok(read)
}

/// Hardened steps as the library reads them: BIP380 allows a capital `H` too. Only whole steps, since a key may end so.
fn small_marks(body: &str) -> String {
    let ends = |it: char| "/[](),<>;{}".contains(it);
    let mut marked = String::with_capacity(body.len());
    let mut step = String::new();
    for it in body.chars() {
        if ends(it) {
            marked.push_str(&small_mark(&step));
            marked.push(it);
            step.clear();
        } else {
            step.push(it);
        }
    }
    marked + &small_mark(&step)
}

fn small_mark(step: &str) -> String {
    match step.strip_suffix('H') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()) => format!("{digits}h"),
        _ => step.to_owned(),
    }
}

/// A line without a label such as `Receive:`.
fn unlabelled(line: &str) -> &str {
    match line.split_once(':') {
        Some((label, rest)) if ["receive", "change", "descriptor"].contains(&label.to_ascii_lowercase().as_str()) => {
            rest.trim_start()
        }
        _ => line,
    }
}

/// The descriptor before its checksum, which must be right if it is there.
fn summed(line: &str) -> Result<(&str, ChecksumState), DescriptorRefusal> {
    let (body, found) = match line.split_once('#') {
        Some((body, found)) => (body, Some(found)),
        None => (line, None),
    };
    let expected = checksum::compute(body).ok_or_else(|| {
        let at = body.chars().position(|it| checksum::compute(&it.to_string()).is_none()).unwrap_or_default();
        DescriptorRefusal::Malformed { reason: format!("the character at {at} cannot stand in a descriptor") }
    })?;
    match found {
        None => Ok((body, ChecksumState::Missing)),
        Some(found) if found == expected => Ok((body, ChecksumState::Verified)),
        Some(found) => {
            let position = checksum::locate(body, found);
            let found = found.chars().take(2 * checksum::LENGTH).filter(|it| !it.is_control()).collect();
            Err(DescriptorRefusal::Checksum { found, expected, position })
        }
    }
}

/// The texts between brackets and commas that may be keys, without origin and path.
fn key_texts(line: &str) -> impl Iterator<Item = &str> {
    line.split(['(', ')', ',', '{', '}', '#', ' '])
        .map(|part| part.rsplit(']').next().unwrap_or_default())
        .map(|part| part.split('/').next().unwrap_or_default())
}

fn has_private_key(line: &str) -> bool {
    // Looked for everywhere, so that a broken text around it does not hide it.
    let extended = ["xprv", "tprv", "yprv", "zprv", "uprv", "vprv", "Yprv", "Zprv", "Uprv", "Vprv"];
    extended.iter().any(|prefix| line.contains(prefix))
        || key_texts(line).any(|text| (51..=52).contains(&text.len()) && PrivateKey::from_wif(text).is_ok())
}

fn refuse_unsupported(body: &str) -> Result<(), DescriptorRefusal> {
    let unsupported = |what: &str| Err(DescriptorRefusal::Unsupported { what: what.to_owned() });
    for name in ["sortedmulti_a", "musig", "sp", "unused"] {
        let mut parts = body.split(['(', ',', '{', ':']);
        if body.contains(&format!("{name}(")) && parts.any(|part| part == name) {
            return unsupported(name);
        }
    }
    if body.starts_with("sortedmulti(") {
        return unsupported("sortedmulti outside of sh and wsh");
    }
    if let Some(text) = key_texts(body).find(|text| is_slip132(text)) {
        return unsupported(&format!("a key that begins with {} (SLIP132)", text.get(..4).unwrap_or_default()));
    }
    for inside in body.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let paths = inside.split(';').count();
        if paths > PATHS_LIMIT {
            return unsupported(&format!("a descriptor with {paths} keychains"));
        }
        let mut steps = inside.split(';').collect::<Vec<_>>();
        steps.dedup();
        if steps.len() < paths {
            let reason = format!("<{inside}> has the same keychain twice");
            return Err(DescriptorRefusal::Malformed { reason });
        }
    }
    Ok(())
}

fn is_slip132(text: &str) -> bool {
    let prefixes = ["ypub", "zpub", "upub", "vpub", "Ypub", "Zpub", "Upub", "Vpub"];
    text.len() > 100 && prefixes.iter().any(|prefix| text.starts_with(prefix))
}

/// The one argument of a function at the top of a descriptor.
pub(super) fn argument<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    body.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

/// A key by itself.
pub(super) fn key(text: &str) -> Result<DescriptorPublicKey, DescriptorRefusal> {
    DescriptorPublicKey::from_str(text).map_err(|error| DescriptorRefusal::Malformed { reason: error.to_string() })
}

/// The script of `addr` and `raw`.
pub(super) fn fixed_script(body: &str) -> Result<Option<ScriptBuf>, DescriptorRefusal> {
    let malformed = |reason: String| DescriptorRefusal::Malformed { reason };
    if let Some(address) = argument(body, "addr") {
        let address =
            Address::<NetworkUnchecked>::from_str(address).map_err(|error| malformed(format!("addr: {error}")))?;
        return Ok(Some(address.assume_checked().script_pubkey()));
    }
    match argument(body, "raw") {
        Some(script) => {
            let script = ScriptBuf::from_hex(script).map_err(|error| malformed(format!("raw: {error}")))?;
            Ok(Some(script))
        }
        None => Ok(None),
    }
}

/// The change descriptor that belongs to one of receiving by convention: `/1/*` for `/0/*`. None where a key is otherwise.
pub(super) fn change_of(body: &str) -> Option<String> {
    let ranged = body.matches("/*").count();
    let receiving = body.matches("/0/*").count();
    (ranged > 0 && ranged == receiving && !body.contains('<')).then(|| body.replace("/0/*", "/1/*"))
}
