//! `heads`: a member's signed word of what they hold, gapless and durable. It is the acknowledgement of all deliveries.

use std::collections::BTreeMap;

use conclave_shared::{EventId, MemberId, VaultId};
use nostr::{Kind, Timestamp, UnsignedEvent};

use crate::event::{EventFault, MS_LIMIT, public_key, read_json, tag, verified};
use crate::log::{AUTHORS_LIMIT, Log};

/// Kind of a heads message: a private number beside [`crate::event::KIND_EVENT`]. Never published bare.
pub const KIND_HEADS: u16 = 8418;

/// What a member held when they wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// Which vault.
    pub vault: VaultId,
    /// Whose word it is.
    pub member: MemberId,
    /// Grows with every message of the member: the largest is the newest.
    pub serial: u64,
    /// For each author the number and id of the newest event held.
    pub newest: BTreeMap<MemberId, (u32, EventId)>,
    signed: nostr::Event,
}

impl Heads {
    /// The message to sign with the member's identity key: what `log` holds now.
    pub fn unsigned(log: &Log, vault: VaultId, member: MemberId, serial: u64) -> Result<UnsignedEvent, EventFault> {
        let newest: Vec<(MemberId, u32, EventId)> = log.heads().collect();
        let content = serde_json::to_string(&newest).expect("ids and numbers have no failing serialisers");
        let time = Timestamp::from_secs(serial / 1000);
        Ok(UnsignedEvent::new(
            public_key(member)?,
            time,
            Kind::Custom(KIND_HEADS),
            [tag("v", vault), tag("serial", serial)],
            content,
        ))
    }

    /// Reads and verifies a heads message from its JSON.
    pub fn parse(text: &str) -> Result<Self, EventFault> {
        Self::from_signed(read_json(text)?)
    }

    /// Verifies a signed NIP-01 event and reads it as a heads message.
    pub fn from_signed(signed: nostr::Event) -> Result<Self, EventFault> {
        verified(&signed, KIND_HEADS)?;
        let fault = |name: &str, fault| EventFault::Tag { name: name.to_owned(), fault };
        let [v, serial] = signed.tags.as_slice() else {
            return Err(fault("", "missing, or there are more than v and serial"));
        };
        let value = |tag: &nostr::Tag, name: &str| match tag.as_slice() {
            [found, value] if found == name => Ok(value.clone()),
            _ => Err(fault(name, "missing")),
        };
        let vault = value(v, "v")?.parse().map_err(|_| fault("v", "not of its form"))?;
        let serial = value(serial, "serial")?
            .parse()
            .ok()
            .filter(|serial| *serial < MS_LIMIT)
            .ok_or_else(|| fault("serial", "not of its form"))?;
        let newest: Vec<(MemberId, u32, EventId)> = serde_json::from_str(&signed.content)
            .map_err(|error| EventFault::Malformed { reason: error.to_string() })?;
        if newest.len() > AUTHORS_LIMIT {
            return Err(EventFault::Malformed { reason: format!("more than {AUTHORS_LIMIT} authors") });
        }
        let newest = newest.into_iter().map(|(author, n, id)| (author, (n, id))).collect();
        Ok(Self { vault, member: MemberId(signed.pubkey.to_bytes()), serial, newest, signed })
    }

    /// How many events of `author` the member holds.
    pub fn held(&self, author: MemberId) -> u32 {
        self.newest.get(&author).map_or(0, |(n, _)| n.saturating_add(1))
    }

    /// Whether the member holds all that `log` holds.
    pub fn covers(&self, log: &Log) -> bool {
        log.heads().all(|(author, n, _)| self.held(author) > n)
    }

    /// The signed NIP-01 event.
    pub fn signed(&self) -> &nostr::Event {
        &self.signed
    }
}
