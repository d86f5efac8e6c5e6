//! One signed event of a vault's log: a NIP-01 event with the tags of protocol.md, checked when it is read.

use std::collections::BTreeMap;

use bitcoin::secp256k1::{Message, SECP256K1, XOnlyPublicKey};
use conclave_shared::{Cfg, EventId, MemberId, VaultId};
use nostr::{JsonUtil, Kind, Tag, Timestamp, UnsignedEvent};

use crate::action::{Action, Content};
use crate::log::AUTHORS_LIMIT;

/// Kind of a log event: a private number in NIP-01's regular range. Never published bare, only inside a NIP-59 wrap.
pub const KIND_EVENT: u16 = 8417;
/// Longest event accepted, in bytes of JSON.
pub const EVENT_LIMIT: usize = 256 * 1024;
/// Most `seen` tags of one event: one for each other member of the largest vault.
pub const SEEN_LIMIT: usize = 50;
/// Writing times are below this, in ms: protects every sum made with them.
pub const MS_LIMIT: u64 = 1 << 48;

/// Why bytes are not an event of this protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum EventFault {
    /// Over [`EVENT_LIMIT`].
    #[error("the event has {bytes} bytes, at most {EVENT_LIMIT} are accepted")]
    #[strum(serialize = "event-too-large")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not the JSON of a NIP-01 event.
    #[error("not a nip-01 event: {reason}")]
    #[strum(serialize = "event-malformed")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// The id is not the hash of the event, or the signature is not the author's.
    #[error("the id or signature is not valid: {reason}")]
    #[strum(serialize = "event-forged")]
    Forged {
        /// What the check said.
        reason: String,
    },
    /// Another kind.
    #[error("kind {kind} is not {expected}")]
    #[strum(serialize = "event-kind")]
    Kind {
        /// The kind found.
        kind: u16,
        /// The kind expected here.
        expected: u16,
    },
    /// A tag is missing, doubled, unknown or not of its form.
    #[error("tag {name:?} is {fault}")]
    #[strum(serialize = "event-tag")]
    Tag {
        /// The tag's name.
        name: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// `created_at` is not `ms / 1000`.
    #[error("created_at {created_at} is not ms {ms} / 1000")]
    #[strum(serialize = "event-time")]
    Time {
        /// NIP-01 time, in s.
        created_at: u64,
        /// The `ms` tag.
        ms: u64,
    },
}

/// A verified event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    signed: nostr::Event,
    /// NIP-01 id.
    pub id: EventId,
    /// Identity key of its author in this vault.
    pub author: MemberId,
    /// Which vault.
    pub vault: VaultId,
    /// The author's sequence number, from 0.
    pub n: u32,
    /// The author's event before it.
    pub prev: Option<EventId>,
    /// Newest events of others that the author held.
    pub seen: Vec<EventId>,
    /// The configuration that the author acted under; none for `created`.
    pub cfg: Option<Cfg>,
    /// When it was written, in ms since 1970, by the author's word.
    pub ms: u64,
    /// What it says.
    pub content: Content,
}

/// An event that waits for its author's signature.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Which vault.
    pub vault: VaultId,
    /// Who writes.
    pub author: MemberId,
    /// The author's sequence number.
    pub n: u32,
    /// The author's event before it.
    pub prev: Option<EventId>,
    /// Newest events of others held.
    pub seen: Vec<EventId>,
    /// The configuration acted under.
    pub cfg: Option<Cfg>,
    /// Time of writing, in ms since 1970.
    pub ms: u64,
    /// What it says.
    pub action: Action,
}

impl Draft {
    /// The NIP-01 event to sign with the author's identity key.
    ///
    /// Errors: [`EventFault::Malformed`] where the author is not a public key.
    pub fn unsigned(&self) -> Result<UnsignedEvent, EventFault> {
        let author = public_key(self.author)?;
        let mut tags = vec![tag("v", self.vault), tag("n", self.n)];
        tags.extend(self.prev.map(|prev| tag("prev", prev)));
        tags.extend(self.seen.iter().map(|seen| tag("seen", seen)));
        tags.extend(self.cfg.map(|cfg| tag("cfg", cfg)));
        tags.push(tag("ms", self.ms));
        let time = Timestamp::from_secs(self.ms / 1000);
        Ok(UnsignedEvent::new(author, time, Kind::Custom(KIND_EVENT), tags, self.action.to_json()))
    }
}

/// One tag of a name and a value.
pub(crate) fn tag(name: &str, value: impl ToString) -> Tag {
    Tag::parse([name.to_owned(), value.to_string()]).expect("a tag with a name is well formed")
}

/// The nostr key of a member.
pub(crate) fn public_key(member: MemberId) -> Result<nostr::PublicKey, EventFault> {
    nostr::PublicKey::from_slice(&member.0).map_err(|error| EventFault::Malformed { reason: error.to_string() })
}

/// A signed NIP-01 event of `kind`: id and signature are valid.
pub(crate) fn verified(signed: &nostr::Event, kind: u16) -> Result<(), EventFault> {
    if signed.kind.as_u16() != kind {
        return Err(EventFault::Kind { kind: signed.kind.as_u16(), expected: kind });
    }
    signed.verify().map_err(|error| EventFault::Forged { reason: error.to_string() })
}

/// Public keys of authors whose events were read before. A vault has few authors with many events each, and a key costs a
/// good part of a signature check to read.
#[derive(Debug, Default)]
pub struct Authors(BTreeMap<[u8; 32], XOnlyPublicKey>);

impl Authors {
    fn key(&mut self, author: &nostr::PublicKey) -> Option<XOnlyPublicKey> {
        let bytes = author.to_bytes();
        if let Some(key) = self.0.get(&bytes) {
            return Some(*key);
        }
        let key = XOnlyPublicKey::from_slice(&bytes).ok()?;
        // Whoever invents authors only makes this forget the others.
        if self.0.len() == AUTHORS_LIMIT {
            self.0.clear();
        }
        self.0.insert(bytes, key);
        Some(key)
    }

    /// As nostr's own `Event::verify`: the id is the hash of the event, the signature is the author's.
    fn verify(&mut self, signed: &nostr::Event) -> Result<(), EventFault> {
        let forged = |reason: nostr::event::Error| EventFault::Forged { reason: reason.to_string() };
        if !signed.verify_id() {
            return Err(forged(nostr::event::Error::InvalidId));
        }
        let message = Message::from_digest(signed.id.to_bytes());
        let key = self.key(&signed.pubkey);
        let valid = key.is_some_and(|key| SECP256K1.verify_schnorr(&signed.sig, &message, &key).is_ok());
        if valid { Ok(()) } else { Err(forged(nostr::event::Error::InvalidSignature)) }
    }
}

/// Reads the JSON of a NIP-01 event, bounded in size; signature and kind are not yet checked.
pub(crate) fn read_json(text: &str) -> Result<nostr::Event, EventFault> {
    if text.len() > EVENT_LIMIT {
        return Err(EventFault::TooLarge { bytes: text.len() });
    }
    nostr::Event::from_json(text).map_err(|error| EventFault::Malformed { reason: error.to_string() })
}

impl Event {
    /// Reads and verifies an event from its JSON.
    pub fn parse(text: &str) -> Result<Self, EventFault> {
        Self::parse_of(text, &mut Authors::default())
    }

    /// The same for one of many events.
    pub fn parse_of(text: &str, authors: &mut Authors) -> Result<Self, EventFault> {
        Self::read(read_json(text)?, |signed| authors.verify(signed))
    }

    /// Reads an event that was verified before it was kept in this installation's own, authenticated database: its
    /// signature is not checked again. For nothing that comes from outside.
    pub fn from_store(text: &str) -> Result<Self, EventFault> {
        Self::read(read_json(text)?, |_| Ok(()))
    }

    /// Verifies a signed NIP-01 event and reads its tags. Each tag of protocol.md stands once (`seen` any number of
    /// times, without repetition), no other tag is accepted: the form is frozen with version 1.
    pub fn from_signed(signed: nostr::Event) -> Result<Self, EventFault> {
        Self::read(signed, |signed| verified(signed, KIND_EVENT))
    }

    fn read(
        signed: nostr::Event,
        verify: impl FnOnce(&nostr::Event) -> Result<(), EventFault>,
    ) -> Result<Self, EventFault> {
        // Cheap checks before the signature: garbage costs little.
        if signed.content.len() > EVENT_LIMIT {
            return Err(EventFault::TooLarge { bytes: signed.content.len() });
        }
        if signed.kind.as_u16() != KIND_EVENT {
            return Err(EventFault::Kind { kind: signed.kind.as_u16(), expected: KIND_EVENT });
        }
        let mut tags = Tags::default();
        for tag in signed.tags.iter() {
            tags.read(tag.as_slice())?;
        }
        let missing = |name: &str| EventFault::Tag { name: name.to_owned(), fault: "missing" };
        let ms = tags.ms.ok_or_else(|| missing("ms"))?;
        let created_at = signed.created_at.as_secs();
        if created_at != ms / 1000 {
            return Err(EventFault::Time { created_at, ms });
        }
        let n = tags.n.ok_or_else(|| missing("n"))?;
        if (n == 0) != tags.prev.is_none() {
            return Err(EventFault::Tag { name: "prev".into(), fault: "missing, or present on the first event" });
        }
        verify(&signed)?;
        Ok(Self {
            id: EventId(signed.id.to_bytes()),
            author: MemberId(signed.pubkey.to_bytes()),
            vault: tags.v.ok_or_else(|| missing("v"))?,
            n,
            prev: tags.prev,
            seen: tags.seen,
            cfg: tags.cfg,
            ms,
            content: Content::parse(&signed.content),
            signed,
        })
    }

    /// The event as JSON, as anyone with a Nostr library can verify it.
    pub fn to_json(&self) -> String {
        self.signed.as_json()
    }

    /// The signed NIP-01 event.
    pub fn signed(&self) -> &nostr::Event {
        &self.signed
    }
}

#[derive(Default)]
struct Tags {
    v: Option<VaultId>,
    n: Option<u32>,
    prev: Option<EventId>,
    seen: Vec<EventId>,
    cfg: Option<Cfg>,
    ms: Option<u64>,
}

impl Tags {
    fn read(&mut self, tag: &[String]) -> Result<(), EventFault> {
        let fault = |name: &str, fault| EventFault::Tag { name: name.chars().take(16).collect(), fault };
        let [name, value] = tag else {
            return Err(fault(tag.first().map_or("", String::as_str), "not a name and one value"));
        };
        let malformed = || fault(name, "not of its form");
        let doubled = match name.as_str() {
            "v" => self.v.replace(value.parse().map_err(|_| malformed())?).is_some(),
            "n" => self.n.replace(number(value).and_then(|n| u32::try_from(n).ok()).ok_or_else(malformed)?).is_some(),
            "prev" => self.prev.replace(value.parse().map_err(|_| malformed())?).is_some(),
            "seen" => {
                let seen = value.parse().map_err(|_| malformed())?;
                if self.seen.len() == SEEN_LIMIT {
                    return Err(fault(name, "there too often"));
                }
                let doubled = self.seen.contains(&seen);
                self.seen.push(seen);
                doubled
            }
            "cfg" => self.cfg.replace(value.parse().map_err(|_| malformed())?).is_some(),
            "ms" => self.ms.replace(number(value).filter(|ms| *ms < MS_LIMIT).ok_or_else(malformed)?).is_some(),
            _ => return Err(fault(name, "unknown")),
        };
        if doubled { Err(fault(name, "doubled")) } else { Ok(()) }
    }
}

/// A decimal number in its one spelling: no sign, no leading zero.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
