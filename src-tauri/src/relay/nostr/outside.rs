//! What a hostile relay, or a hostile sender, shows to a member: for the fuzz target and the tests that share it.

use ::nostr::nips::nip44;
use ::nostr::{Event, EventBuilder, JsonUtil, Keys, Kind, RelayMessage, SecretKey};
use conclave_domain::outside::resigned;
use conclave_shared::MemberId;

use super::super::MAX_RUMOR_BYTES;
use super::seal::open;

/// The first byte says which layer the rest is: what the relay says, the wrap, the seal in a proper wrap, or the rumor in
/// a proper seal. Says whether a message came out.
pub(crate) fn messages(bytes: &[u8]) -> bool {
    let Some((layer, text)) = bytes.split_first() else { return false };
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let keys = |seed: u8| SecretKey::from_slice(&[seed; 32]).map(Keys::new);
    let (Ok(me), Ok(sender)) = (keys(2), keys(3)) else { return false };
    let encrypted =
        |text: &str| nip44::encrypt(sender.secret_key(), &me.public_key(), text, nip44::Version::default()).ok();
    let carried = |kind: Kind, text: &str| -> Option<Event> {
        EventBuilder::new(kind, encrypted(text)?).sign_with_keys(&sender).ok()
    };
    let wrap = match layer % 4 {
        0 => match RelayMessage::from_json(text) {
            Ok(RelayMessage::Event { event, .. }) if event.verify().is_ok() => Some(event.into_owned()),
            Ok(_) | Err(_) => None,
        },
        1 => resigned(text),
        2 => carried(Kind::GiftWrap, text),
        _ => carried(Kind::Seal, text).and_then(|seal| carried(Kind::GiftWrap, &seal.as_json())),
    };
    let Some(Ok(opened)) = wrap.map(|wrap| open(&me, &wrap)) else { return false };
    assert!(opened.received.content.len() <= MAX_RUMOR_BYTES, "larger than the limit");
    // Whoever reached so far in the last layer wrote as themselves.
    assert!(layer % 4 != 3 || opened.received.from == MemberId(sender.public_key().to_bytes()));
    true
}
