//! What one message between members holds, and how it is packed: version, compression, base64, parts (protocol.md,
//! "Envelope and transport"). Relays, files and QR codes carry the same envelopes.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conclave_shared::{EventId, MemberId, VaultId};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::hash::tagged;

/// Version of the envelope.
pub const VERSION: u32 = 1;
/// Largest payload after reassembly and decompression, in bytes.
pub const PAYLOAD_LIMIT: usize = 1024 * 1024;
/// Longest content of one message, in bytes: with a rumor's own fields it stays within NIP-44's reach and common
/// relays' 65 536 bytes (28 672 bytes of rumor JSON).
pub const CONTENT_LIMIT: usize = 28_000;
/// Base64 digits in one part.
const PART_DIGITS: usize = 27_000;
/// Most parts of one payload: a payload at its limit that did not compress.
const PARTS_LIMIT: u16 = 64;
/// Unfinished payloads kept for one sender.
const UNFINISHED_LIMIT: usize = 8;

/// What a message says. Events are those of *any* author: a member can hand over another's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Payload {
    /// Signed events of a vault's log, as NIP-01 JSON objects.
    Events {
        /// Which vault.
        vault: VaultId,
        /// The events; each is judged by itself.
        events: Vec<serde_json::Value>,
    },
    /// A signed `heads` message, outside the log.
    Heads {
        /// Which vault.
        vault: VaultId,
        /// The message.
        event: serde_json::Value,
        /// The nonce of an `ask` that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<EventId>,
    },
    /// A question for `heads`, from somebody who must know what the others hold now, not what they held once: who was put
    /// back from an older copy asks what it said last.
    Ask {
        /// Which vault.
        vault: VaultId,
        /// 32 random bytes.
        nonce: EventId,
    },
    /// Gaps: events that the sender needs.
    Want {
        /// Which vault.
        vault: VaultId,
        /// The ids that are missing.
        events: Vec<EventId>,
    },
}

impl Payload {
    /// Which vault it is about.
    pub fn vault(&self) -> VaultId {
        match self {
            Payload::Events { vault, .. }
            | Payload::Heads { vault, .. }
            | Payload::Ask { vault, .. }
            | Payload::Want { vault, .. } => *vault,
        }
    }
}

/// How a payload's bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pack {
    None,
    Deflate,
}

/// The content of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    /// Version, and by its name what this is.
    conclave: u32,
    pack: Pack,
    /// Names the payload: tagged hash of its packed bytes, so that a part can belong to one payload only.
    payload: String,
    /// Which part this is, from 0.
    part: u16,
    /// How many parts there are.
    parts: u16,
    /// Base64 digits of this part.
    data: String,
}

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Over [`CONTENT_LIMIT`].
    #[error("the message has {bytes} bytes, at most {CONTENT_LIMIT} are accepted")]
    MessageTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Over [`PAYLOAD_LIMIT`] after decompression.
    #[error("the payload is larger than {PAYLOAD_LIMIT} bytes")]
    PayloadTooLarge,
    /// A version that this program does not know.
    #[error("envelope version {found} is newer than {VERSION}: update the program")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Not an envelope or not a payload.
    #[error("the message is malformed: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// Part numbers that cannot be, or parts that contradict each other.
    #[error("part {part} of {parts} does not fit the payload")]
    Part {
        /// Its number.
        part: u16,
        /// How many it says there are.
        parts: u16,
    },
}

fn malformed(error: impl ToString) -> EnvelopeFault {
    EnvelopeFault::Malformed { reason: error.to_string() }
}

/// Packs a payload into one message, or several parts.
///
/// Errors: [`EnvelopeFault::PayloadTooLarge`]; nothing else can happen.
pub fn pack(payload: &Payload) -> Result<Vec<String>, EnvelopeFault> {
    let json = serde_json::to_vec(payload).map_err(malformed)?;
    if json.len() > PAYLOAD_LIMIT {
        return Err(EnvelopeFault::PayloadTooLarge);
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&json).map_err(malformed)?;
    let deflated = encoder.finish().map_err(malformed)?;
    let (pack, bytes) = if deflated.len() < json.len() { (Pack::Deflate, deflated) } else { (Pack::None, json) };
    let digits = STANDARD.encode(&bytes);
    let parts = digits.len().div_ceil(PART_DIGITS);
    let parts =
        u16::try_from(parts).ok().filter(|parts| *parts <= PARTS_LIMIT).ok_or(EnvelopeFault::PayloadTooLarge)?;
    let name = payload_name(&bytes);
    (0..parts)
        .zip(digits.as_bytes().chunks(PART_DIGITS))
        .map(|(part, data)| {
            let data = String::from_utf8(data.to_vec()).map_err(malformed)?;
            let envelope = Envelope { conclave: VERSION, pack, payload: name.clone(), part, parts, data };
            serde_json::to_string(&envelope).map_err(malformed)
        })
        .collect()
}

fn payload_name(bytes: &[u8]) -> String {
    hex::encode(&tagged("conclave/payload", bytes)[..16])
}

/// Collects the parts of payloads, per sender, within bounds.
#[derive(Debug, Default)]
pub struct Reassembly {
    unfinished: BTreeMap<MemberId, Vec<Unfinished>>,
}

#[derive(Debug)]
struct Unfinished {
    name: String,
    pack: Pack,
    parts: u16,
    data: BTreeMap<u16, String>,
}

impl Reassembly {
    /// Takes one message of a stranger, who has to say what they want in one part: nothing is kept for them.
    pub fn take_whole(content: &str) -> Result<Payload, EnvelopeFault> {
        let Envelope { part, parts, .. } = Envelope::parse(content)?;
        let nobody = MemberId([0; 32]);
        Self::default().take(nobody, content)?.ok_or(EnvelopeFault::Part { part, parts })
    }

    /// Takes one message; a payload comes out when its last part is there.
    pub fn take(&mut self, from: MemberId, content: &str) -> Result<Option<Payload>, EnvelopeFault> {
        let envelope = Envelope::parse(content)?;
        let Envelope { pack, payload: name, part, parts, data, .. } = envelope;
        if parts == 0 || parts > PARTS_LIMIT || part >= parts {
            return Err(EnvelopeFault::Part { part, parts });
        }
        let unfinished = self.unfinished.entry(from).or_default();
        let index = match unfinished.iter().position(|unfinished| unfinished.name == name) {
            Some(index) => index,
            None => {
                // The oldest gives way: a sender who never finishes hurts only their own payloads.
                if unfinished.len() == UNFINISHED_LIMIT {
                    unfinished.remove(0);
                }
                unfinished.push(Unfinished { name, pack, parts, data: BTreeMap::new() });
                unfinished.len() - 1
            }
        };
        let whole = &mut unfinished[index];
        if whole.parts != parts || whole.pack != pack {
            return Err(EnvelopeFault::Part { part, parts });
        }
        whole.data.insert(part, data);
        if whole.data.len() < usize::from(parts) {
            return Ok(None);
        }
        let whole = unfinished.remove(index);
        whole.open().map(Some)
    }
}

impl Envelope {
    fn parse(content: &str) -> Result<Self, EnvelopeFault> {
        if content.len() > CONTENT_LIMIT {
            return Err(EnvelopeFault::MessageTooLarge { bytes: content.len() });
        }
        #[derive(Deserialize)]
        struct Versioned {
            conclave: u32,
        }
        // The version is read first: the fields of a newer one are not ours to judge.
        let found = serde_json::from_str::<Versioned>(content).map_err(malformed)?.conclave;
        if found != VERSION {
            return Err(EnvelopeFault::Version { found });
        }
        serde_json::from_str(content).map_err(malformed)
    }
}

impl Unfinished {
    fn open(self) -> Result<Payload, EnvelopeFault> {
        let digits: String = self.data.into_values().collect();
        let bytes = STANDARD.decode(digits).map_err(malformed)?;
        if payload_name(&bytes) != self.name {
            return Err(malformed("the payload is not the one that its name says"));
        }
        let json = match self.pack {
            Pack::None => bytes,
            Pack::Deflate => {
                let mut json = Vec::new();
                let limit = PAYLOAD_LIMIT as u64 + 1;
                DeflateDecoder::new(bytes.as_slice()).take(limit).read_to_end(&mut json).map_err(malformed)?;
                json
            }
        };
        if json.len() > PAYLOAD_LIMIT {
            return Err(EnvelopeFault::PayloadTooLarge);
        }
        serde_json::from_slice(&json).map_err(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: MemberId = MemberId([1; 32]);

    fn payload(text: &str) -> Payload {
        Payload::Events { vault: VaultId([1; 32]), events: vec![serde_json::Value::String(text.to_owned())] }
    }

    /// Text that deflate cannot shorten much.
    fn noise(len: usize) -> String {
        let mut state = [0_u8; 32];
        let mut text = String::new();
        while text.len() < len {
            state = tagged("noise", &state);
            text.push_str(&STANDARD.encode(state));
        }
        text.truncate(len);
        text
    }

    #[test]
    fn version_1_is_pinned() {
        // Bytes written by version 1 must be read for ever.
        let want = Payload::Want { vault: VaultId([1; 32]), events: vec![EventId([2; 32])] };
        let mut reassembly = Reassembly::default();
        for fixture in
            [include_str!("../fixtures/envelope-v1-none.json"), include_str!("../fixtures/envelope-v1-deflate.json")]
        {
            assert_eq!(reassembly.take(ANA, fixture.trim()), Ok(Some(want.clone())), "{fixture}");
        }
    }

    #[test]
    fn parts_arrive_in_any_order_and_more_than_once() {
        let payload = payload(&noise(150_000));
        let mut parts = pack(&payload).unwrap();
        assert!(parts.len() > 3);
        assert!(parts.iter().all(|part| part.len() <= CONTENT_LIMIT));
        parts.reverse();
        let last = parts.pop().unwrap();
        let mut reassembly = Reassembly::default();
        for part in parts.iter().chain(&parts) {
            assert_eq!(reassembly.take(ANA, part), Ok(None));
        }
        // Another sender's part completes nothing.
        assert_eq!(reassembly.take(MemberId([2; 32]), &last), Ok(None));
        assert_eq!(reassembly.take(ANA, &last), Ok(Some(payload)));
    }

    #[test]
    fn a_bomb_stays_small() {
        let zeros = vec![b' '; 50 * PAYLOAD_LIMIT];
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&zeros).unwrap();
        let bytes = encoder.finish().unwrap();
        let digits = STANDARD.encode(&bytes);
        let parts: Vec<&[u8]> = digits.as_bytes().chunks(PART_DIGITS).collect();
        let mut reassembly = Reassembly::default();
        let mut last = Ok(None);
        for (part, data) in parts.iter().enumerate() {
            let envelope = Envelope {
                conclave: 1,
                pack: Pack::Deflate,
                payload: payload_name(&bytes),
                part: part as u16,
                parts: parts.len() as u16,
                data: String::from_utf8(data.to_vec()).unwrap(),
            };
            last = reassembly.take(ANA, &serde_json::to_string(&envelope).unwrap());
        }
        assert_eq!(last, Err(EnvelopeFault::PayloadTooLarge));
        assert_eq!(pack(&payload(&noise(PAYLOAD_LIMIT))), Err(EnvelopeFault::PayloadTooLarge));
    }

    #[test]
    fn bad_messages_are_refused_by_name() {
        let mut reassembly = Reassembly::default();
        let good = pack(&payload("x")).unwrap().remove(0);
        let mut take = |text: &str| reassembly.take(ANA, text).unwrap_err();
        assert!(matches!(take(&"x".repeat(CONTENT_LIMIT + 1)), EnvelopeFault::MessageTooLarge { .. }));
        assert_eq!(take(&good.replace("\"conclave\":1", "\"conclave\":2")), EnvelopeFault::Version { found: 2 });
        assert!(matches!(take("{}"), EnvelopeFault::Malformed { .. }));
        assert!(matches!(take(&good.replace("\"parts\":1", "\"parts\":0")), EnvelopeFault::Part { .. }));
        assert!(matches!(take(&good.replace("\"parts\":1", "\"parts\":65")), EnvelopeFault::Part { .. }));
        assert!(matches!(take(&good.replace("\"part\":0", "\"part\":1")), EnvelopeFault::Part { .. }));
        assert!(matches!(take(&good.replace("\"data\":\"", "\"data\":\"!")), EnvelopeFault::Malformed { .. }));
        let other = pack(&payload("y")).unwrap().remove(0);
        let name = |text: &str| text.split("\"payload\":\"").nth(1).unwrap()[..32].to_owned();
        assert!(matches!(take(&good.replace(&name(&good), &name(&other))), EnvelopeFault::Malformed { .. }));
    }

    #[test]
    fn a_sender_who_never_finishes_is_bounded() {
        let mut reassembly = Reassembly::default();
        for seed in 0..100 {
            let parts = pack(&payload(&noise(60_000 + seed))).unwrap();
            assert_eq!(reassembly.take(ANA, &parts[0]), Ok(None));
        }
        assert_eq!(reassembly.unfinished[&ANA].len(), UNFINISHED_LIMIT);
    }
}
