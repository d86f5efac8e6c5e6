//! Verifies an exported line by the rules of NIP-01 alone: SHA-256 of the serialised event and a BIP340 signature. Uses
//! nothing of Conclave's own code and no Nostr library, so that it stands for any stranger's verification.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::secp256k1::{Message, SECP256K1, XOnlyPublicKey, schnorr};
use serde::Deserialize;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Nip01Fault {
    /// Not the JSON of an event.
    #[error("not the json of a nip-01 event: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// The id is not the hash of the event.
    #[error("the id is not the hash of the event")]
    Id,
    /// The signature is not the author's over the id.
    #[error("the signature is not the author's")]
    Signature,
}

#[derive(Deserialize)]
struct Line {
    id: sha256::Hash,
    pubkey: XOnlyPublicKey,
    created_at: u64,
    kind: u16,
    tags: Vec<Vec<String>>,
    content: String,
    sig: schnorr::Signature,
}

/// Verifies one line; gives back its id in hexadecimal digits.
pub fn verify(line: &str) -> Result<String, Nip01Fault> {
    let malformed = |error: serde_json::Error| Nip01Fault::Malformed { reason: error.to_string() };
    let line: Line = serde_json::from_str(line).map_err(malformed)?;
    let serialised = (0, line.pubkey.to_string(), line.created_at, line.kind, &line.tags, &line.content);
    let serialised = serde_json::to_string(&serialised).map_err(malformed)?;
    let id = sha256::Hash::hash(serialised.as_bytes());
    if id != line.id {
        return Err(Nip01Fault::Id);
    }
    let message = Message::from_digest(id.to_byte_array());
    SECP256K1.verify_schnorr(&line.sig, &message, &line.pubkey).map_err(|_| Nip01Fault::Signature)?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nostr::{EventBuilder, JsonUtil, Keys, Kind};

    #[test]
    fn a_changed_line_does_not_verify() {
        let event =
            EventBuilder::new(Kind::Custom(8417), "say \"hello\"\n\tagain").sign_with_keys(&Keys::generate()).unwrap();
        let line = event.as_json();
        assert_eq!(verify(&line), Ok(event.id.to_hex()));
        assert_eq!(verify(&line.replace("hello", "hallo")), Err(Nip01Fault::Id));
        let other = EventBuilder::new(Kind::Custom(8417), "other").sign_with_keys(&Keys::generate()).unwrap();
        assert_eq!(verify(&line.replace(&event.sig.to_string(), &other.sig.to_string())), Err(Nip01Fault::Signature));
        assert!(matches!(verify("{}"), Err(Nip01Fault::Malformed { .. })));
    }
}
