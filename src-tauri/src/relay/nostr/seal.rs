//! Sealing one message to one member, and opening what was sealed: NIP-59 with NIP-44 v2. Pure but for the clock and the
//! random numbers that sealing takes.

use ::nostr::nips::nip44;
use ::nostr::{Event, EventBuilder, JsonUtil, Keys, Kind, PublicKey, Tag, Timestamp, UnsignedEvent};
use conclave_shared::MemberId;

use super::super::{MAX_RUMOR_BYTES, MAX_WRAP_BYTES, Received, TransportError};

/// The kind of our rumors: a private number, never seen outside a wrap.
pub const KIND_ENVELOPE: u16 = 8419;

/// How long a relay is asked to keep a wrap at least (NIP-40), in seconds from now: 30 days.
pub(super) const KEEP_SECS: u64 = 30 * 24 * 3600;
/// At random up to this much longer, in seconds: two days, as NIP-59 pushes the wrap's own time back. An exact end would
/// tell the time that the wrap's own hides.
pub(super) const KEEP_SPREAD_SECS: u64 = 2 * 24 * 3600;

/// Why something that arrived was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dropped {
    /// The wrap, or the rumor in it, is larger than allowed.
    TooLarge,
    /// Not a gift wrap (kind 1059).
    NotWrapped,
    /// The wrap cannot be decrypted with our key.
    WrapUnreadable,
    /// What was wrapped is not a seal (kind 13, no tags) with a valid signature.
    BadSeal,
    /// The seal cannot be decrypted with our key and the sender's.
    SealUnreadable,
    /// What was sealed is not a rumor, or its id is not its hash.
    BadRumor,
    /// The rumor names another author than the one who sealed it.
    SenderMismatch,
    /// The rumor is not of kind [`KIND_ENVELOPE`].
    WrongKind,
}

/// A message that was sealed to us.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// The message.
    pub(super) received: Received,
    /// When it was written, by the sender's clock.
    pub(super) written: Timestamp,
}

/// Makes the wrap that carries `content` to `to`.
pub(super) async fn seal(identity: &Keys, to: MemberId, content: String) -> Result<Event, TransportError> {
    let receiver = PublicKey::from_byte_array(to.0);
    if receiver.xonly().is_err() {
        return Err(TransportError::BadKey { member: to });
    }
    let mut rumor = EventBuilder::new(Kind::from_u16(KIND_ENVELOPE), content).build(identity.public_key());
    rumor.ensure_id();
    let bytes = rumor.as_json().len();
    if bytes > MAX_RUMOR_BYTES {
        return Err(TransportError::TooLarge { bytes, limit: MAX_RUMOR_BYTES });
    }
    // Counted from now: the wrap's own time lies up to two days back.
    let expiration = Tag::expiration(Timestamp::tweaked(0..KEEP_SPREAD_SECS) + KEEP_SPREAD_SECS + KEEP_SECS);
    EventBuilder::gift_wrap(identity, &receiver, rumor, [expiration])
        .await
        .map_err(|error| TransportError::Seal { reason: error.to_string() })
}

/// Opens a wrap whose own signature was checked already.
///
/// Written out rather than left to the library's `UnwrappedGift`, which bounds no size and does not look at the seal's
/// kind, its tags, or the rumor's id.
pub(super) fn open(identity: &Keys, wrap: &Event) -> Result<Opened, Dropped> {
    if wrap.kind != Kind::GiftWrap {
        return Err(Dropped::NotWrapped);
    }
    if wrap.content.len() > MAX_WRAP_BYTES {
        return Err(Dropped::TooLarge);
    }
    let seal =
        nip44::decrypt(identity.secret_key(), &wrap.pubkey, &wrap.content).map_err(|_| Dropped::WrapUnreadable)?;
    let seal = Event::from_json(seal).map_err(|_| Dropped::BadSeal)?;
    if seal.kind != Kind::Seal || !seal.tags.is_empty() || seal.verify().is_err() {
        return Err(Dropped::BadSeal);
    }
    let rumor =
        nip44::decrypt(identity.secret_key(), &seal.pubkey, &seal.content).map_err(|_| Dropped::SealUnreadable)?;
    if rumor.len() > MAX_RUMOR_BYTES {
        return Err(Dropped::TooLarge);
    }
    let rumor = UnsignedEvent::from_json(rumor).map_err(|_| Dropped::BadRumor)?;
    if rumor.pubkey != seal.pubkey {
        return Err(Dropped::SenderMismatch);
    }
    if rumor.kind != Kind::from_u16(KIND_ENVELOPE) {
        return Err(Dropped::WrongKind);
    }
    rumor.verify_id().map_err(|_| Dropped::BadRumor)?;
    let received = Received { from: MemberId(seal.pubkey.to_bytes()), content: rumor.content };
    Ok(Opened { received, written: rumor.created_at })
}
