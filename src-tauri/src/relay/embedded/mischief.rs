//! What a hostile relay does, so that tests and demos can show that it harms nobody. An honest relay has none of it.

use nostr::{Event, EventBuilder, Keys, Kind, PublicKey, SubscriptionId, Tag};

use super::session::show;

/// What a hostile relay does. The default does nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mischief {
    /// Takes wraps that the first publishes for the second, says that it took them, and loses them. The author of a wrap is
    /// a key made for it alone, so it goes by the connection's login: with this set, publishing needs one.
    pub drop: Vec<(PublicKey, PublicKey)>,
    /// The same for everything that is for these.
    pub withhold: Vec<PublicKey>,
    /// Delivers each wrap two more times: once more at once, and once more later, in reversed order.
    pub replay: bool,
    /// Sends garbage around each wrap: no JSON, an altered copy, a wrap that nobody sealed.
    pub garbage: bool,
    /// Forgets each wrap this many seconds after it came.
    pub forget_secs: Option<u64>,
}

impl Mischief {
    /// Whether a wrap is taken and lost.
    pub(super) fn loses(&self, author: Option<PublicKey>, recipient: PublicKey) -> bool {
        self.withhold.contains(&recipient) || self.drop.iter().any(|(a, r)| Some(*a) == author && *r == recipient)
    }

    /// The frames by which one wrap is delivered.
    pub(super) fn spoil(&self, name: &SubscriptionId, event: &Event) -> Vec<String> {
        let mut frames = vec![show(name, event)];
        if self.replay {
            frames.push(show(name, event));
        }
        if self.garbage {
            frames.insert(0, altered(name, event));
            frames.push("[\"EVENT\",{]".to_owned());
            frames.extend(unsealed(event).map(|random| show(name, &random)));
        }
        frames
    }
}

/// The same wrap with one digit of its content changed, under the same id.
fn altered(name: &SubscriptionId, event: &Event) -> String {
    let mut altered = event.clone();
    let last = altered.content.pop();
    altered.content.push(if last == Some('A') { 'B' } else { 'A' });
    show(name, &altered)
}

/// A wrap for the same recipient that holds nothing but noise, properly signed.
fn unsealed(event: &Event) -> Option<Event> {
    let noise = Keys::generate();
    let recipient = event.tags.public_keys().next()?;
    let content = format!("Ag{}", noise.public_key().to_hex().repeat(4));
    let random = EventBuilder::new(Kind::GiftWrap, content).tag(Tag::public_key(*recipient));
    random.sign_with_keys(&noise).ok()
}
