//! How sealed messages travel between members: over Nostr relays ([`nostr`]), one of which this program can be itself
//! ([`embedded`]).
//!
//! What lives here knows identities, seals and relays. What does not belong here: what a message means, whether it is
//! asked for again, and any state of a vault. Delivery is at least once and in no order; acknowledgement is the reader's.

pub mod embedded;
pub mod nostr;
pub mod withholding;

use std::fmt;

pub use ::nostr::util::BoxedFuture;
use conclave_shared::MemberId;

use crate::tor::DoorError;

/// The largest rumor, in bytes of its JSON: wrapped twice by NIP-44 it still fits [`MAX_WRAP_BYTES`].
pub const MAX_RUMOR_BYTES: usize = 28_672;

/// The largest gift wrap (NIP-59), in bytes of its JSON: what common relays take.
pub const MAX_WRAP_BYTES: usize = 65_536;

/// How messages reach other members.
///
/// One message is the content of one rumor: opaque text here.
pub trait Transport: Send + Sync + 'static {
    /// Seals `content` to `to` and hands it to the relays.
    ///
    /// `Ok` means that at least one relay took it; it is not an acknowledgement. After an error the message may have been
    /// taken all the same (an answer can be lost), so a message that is sent again can arrive twice.
    fn send(&self, to: MemberId, content: String) -> BoxedFuture<'_, Result<(), TransportError>>;
}

/// One message that arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Who sealed it, proven by the seal's signature.
    pub from: MemberId,
    /// What was sent, untouched.
    pub content: String,
}

impl fmt::Debug for Received {
    // The content is for its reader alone, so it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received {{ from: {}, {} bytes }}", self.from, self.content.len())
    }
}

/// Why a message did not leave, or why no transport could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No relay could be reached, or none answered in time.
    #[error("no relay could be reached: the message stays here and will be sent again")]
    Unreachable,
    /// No relay could be reached, and Tor, which some need, is not up.
    #[error("Tor is not ready yet: the message stays here and will be sent when it is")]
    NoTor,
    /// Relays were reached, and none took the message.
    #[error("no relay took the message ({reason}): it stays here and will be sent again")]
    Refused {
        /// What the last relay said, shortened.
        reason: String,
    },
    /// The rumor would be too large for common relays.
    #[error("the message makes {bytes} bytes, more than the {limit} that fit one envelope: split it")]
    TooLarge {
        /// Size of the rumor's JSON, in bytes.
        bytes: usize,
        /// [`MAX_RUMOR_BYTES`].
        limit: usize,
    },
    /// The recipient's id is not a point on the curve, so nothing can be sealed to it.
    #[error("{member} is not a public key: the invitation or roster that named it is damaged")]
    BadKey {
        /// The id as given.
        member: MemberId,
    },
    /// The message could not be encrypted.
    #[error("the message could not be sealed: {reason}")]
    Seal {
        /// What the library said.
        reason: String,
    },
    /// A relay's address was refused at the door.
    #[error(transparent)]
    Address(#[from] DoorError),
    /// No relay was named at all.
    #[error("no relay was named: give at least one address, such as ws://127.0.0.1:PORT or ws://NAME.onion")]
    NoRelay,
    /// A relay could not be set up.
    #[error("relay {address} could not be set up: {reason}")]
    SetUp {
        /// The relay's address.
        address: String,
        /// What the library said.
        reason: String,
    },
}
