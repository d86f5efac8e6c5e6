//! Identifiers: 32 bytes each, written as 64 lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnId {
    /// Which identifier was expected, as people call it.
    pub expected: &'static str,
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be 64 lower-case hexadecimal digits", self.expected)
    }
}

impl std::error::Error for NotAnId {}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        // Upper case is refused, so that one identifier has one spelling.
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The first eight digits: enough to tell two apart on a screen, never enough to identify.
            pub fn short(&self) -> String {
                self.to_string()[..8].to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text).map(Self).ok_or(NotAnId { expected: $expected })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return <[u8; 32]>::deserialize(deserializer).map(Self);
                }
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A vault: random, fixed at creation.
    VaultId,
    "a vault id"
);
id!(
    /// An event: the NIP-01 id of the signed event. A proposal is named by the id of its `proposed` event.
    EventId,
    "an event id"
);
id!(
    /// A member in one vault: the x-only public key of the identity made for that vault alone.
    MemberId,
    "a member id"
);
id!(
    /// A configuration: tagged SHA-256 of its bytes as carried.
    Cfg,
    "a configuration hash"
);
id!(
    /// What an approval binds: vault, configuration, unsigned transaction, every input's amount and script, purpose.
    Digest,
    "an approval digest"
);
id!(
    /// The folded state of a vault: equal at two members exactly if they folded the same events to the same state.
    StateDigest,
    "a state digest"
);
id!(
    /// A nonce: 32 random bytes that a member asks the others to sign.
    Nonce,
    "a nonce"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let text = "00ff".repeat(16);
        let id: VaultId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert!(text.to_uppercase().parse::<VaultId>().is_err());
        assert!(text[1..].parse::<VaultId>().is_err());
        assert!(format!("{text}0").parse::<VaultId>().is_err());
        assert!("é".repeat(32).parse::<VaultId>().is_err());
    }
}
