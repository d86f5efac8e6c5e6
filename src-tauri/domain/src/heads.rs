//! `heads`: a member's signed word of what they hold, gapless and durable. It is the acknowledgement of all deliveries,
//! and how two stories show: members compare not numbers alone but ids.

use conclave_shared::{EventId, MemberId, VaultId};
use nostr::{Kind, Timestamp, UnsignedEvent};

use crate::event::{EventFault, MS_LIMIT, public_key, read_json, tag, verified};
use crate::log::Log;

/// Kind of a heads message: a private number beside [`crate::event::KIND_EVENT`]. Never published bare.
pub const KIND_HEADS: u16 = 8418;
/// Most entries of one message: every author of the largest vault, with some second stories.
pub const HEADS_LIMIT: usize = 512;

/// What a member held when they wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// Which vault.
    pub vault: VaultId,
    /// Whose word it is.
    pub member: MemberId,
    /// Grows with every message of the member: the largest is the newest.
    pub serial: u64,
    /// For each author the number and id of the newest event held; one entry for each story of who told several. Sorted.
    pub newest: Vec<(MemberId, u32, EventId)>,
    signed: nostr::Event,
}

impl Heads {
    /// The message to sign with the member's identity key: what `log` holds now.
    pub fn unsigned(log: &Log, vault: VaultId, member: MemberId, serial: u64) -> Result<UnsignedEvent, EventFault> {
        let mut newest = log.heads();
        if newest.len() > HEADS_LIMIT {
            // Members who told many stories must not make the message too long to be read: theirs are left out, from the
            // shortest on. What is not named comes again, which is held already.
            let shortest_last = |(author, n, id): &(MemberId, u32, EventId)| {
                (log.two_stories().contains_key(author), u32::MAX - n, *author, *id)
            };
            newest.sort_unstable_by_key(shortest_last);
            newest.truncate(HEADS_LIMIT);
            newest.sort_unstable();
        }
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
        let mut newest: Vec<(MemberId, u32, EventId)> = serde_json::from_str(&signed.content)
            .map_err(|error| EventFault::Malformed { reason: error.to_string() })?;
        if newest.len() > HEADS_LIMIT {
            return Err(EventFault::Malformed { reason: format!("more than {HEADS_LIMIT} entries") });
        }
        newest.sort_unstable();
        newest.dedup();
        Ok(Self { vault, member: MemberId(signed.pubkey.to_bytes()), serial, newest, signed })
    }

    /// The signed NIP-01 event.
    pub fn signed(&self) -> &nostr::Event {
        &self.signed
    }
}
