//! Arbitrary frames on one connection to the relay: for the fuzz target and the tests that share it.

use conclave_domain::outside::resigned;
use nostr::{ClientMessage, EventBuilder, JsonUtil, Keys, RelayMessage, SecretKey, Timestamp};
use serde_json::Value;
use tokio::sync::watch;

use super::session::{Post, Session};
use super::shelves::recipient;
use super::{Access, Limits, Mischief};

/// When it happens, in s since 1970.
const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Says each line to the relay, logged in if the first byte is odd; says whether anything but a refusal came back.
pub(crate) fn frames(bytes: &[u8]) -> bool {
    let Some((login, lines)) = bytes.split_first() else { return false };
    let (_, anyone) = watch::channel(Access::Anyone);
    let limits = Limits::loopback();
    let post = Post::new("ws://127.0.0.1:7000", anyone, Mischief::default(), limits.clone());
    let mut fresh = post.fresh.subscribe();
    let mut session = Session::new("challenge".to_owned(), &limits, NOW);
    let Some(me) = SecretKey::from_slice(&[2; 32]).ok().map(Keys::new) else { return false };
    if login % 2 == 1
        && let Ok(url) = "ws://127.0.0.1:7000".parse()
        && let Ok(event) = EventBuilder::auth("challenge", url).custom_created_at(NOW).sign_with_keys(&me)
    {
        session.take(&ClientMessage::auth(event).as_json(), &post, NOW);
    }
    let mut served = false;
    for line in lines.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
        for frame in [Some(line.to_owned()), made_good(line)].into_iter().flatten() {
            let answer = session.take(&frame, &post, NOW);
            let mut frames = answer.frames;
            while let Ok(wrap) = fresh.try_recv() {
                frames.extend(session.deliver(&wrap, &post));
            }
            for frame in frames {
                match RelayMessage::from_json(&frame) {
                    Ok(RelayMessage::Event { event, .. }) => {
                        assert_eq!(recipient(&event, NOW), Ok(me.public_key()), "somebody else's mailbox");
                        served = true;
                    }
                    Ok(RelayMessage::Ok { status, .. }) => served |= status,
                    Ok(_) => {}
                    Err(error) => panic!("the relay said {frame}: {error}"),
                }
            }
            if answer.end {
                return served;
            }
        }
    }
    served
}

/// The same frame with a valid event in it.
fn made_good(frame: &str) -> Option<String> {
    let Ok([kind, event]) = serde_json::from_str::<[Value; 2]>(frame) else { return None };
    let event = resigned(&event.to_string())?;
    Some(format!("[{kind},{}]", event.as_json()))
}
