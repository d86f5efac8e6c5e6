//! Which relay keeps messages back: a sliding window over the judgements of the transport, one for each relay.
//!
//! What it cannot tell apart: a relay that withholds, and a sender who never handed the message to that relay.

use std::collections::{BTreeMap, VecDeque};

use conclave_shared::MemberId;

/// Messages that a relay is judged by, the newest.
const WINDOW: usize = 40;

/// Messages kept back before a relay is named. It is named until the window holds none any more.
const NAMED_FROM: usize = 3;

/// Relays that are looked at: as many as a vault can have.
const RELAYS: usize = 8;

/// One message that another relay delivered, and whether this one did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The relay's address.
    pub relay: String,
    /// Who sealed the message.
    pub from: MemberId,
    /// Not shown in time.
    pub kept_back: bool,
}

/// What the relays of one vault kept back.
#[derive(Debug, Default)]
pub struct Withholding(BTreeMap<String, Window>);

#[derive(Debug, Default)]
struct Window {
    newest: VecDeque<(MemberId, bool)>,
    named: bool,
}

/// A relay that keeps messages back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBack<'a> {
    /// The relay's address.
    pub relay: &'a str,
    /// Messages that it kept back ...
    pub kept_back: usize,
    /// ... of so many that another relay delivered.
    pub of: usize,
    /// Whose they were, if all were one member's while others' came: then it may be that member's doing.
    pub of_one: Option<MemberId>,
}

impl Withholding {
    /// Takes one judgement. Only members' messages may be told here: a stranger's prove nothing.
    pub fn take(&mut self, judged: Judged) {
        if self.0.len() == RELAYS && !self.0.contains_key(&judged.relay) {
            return;
        }
        let window = self.0.entry(judged.relay).or_default();
        if window.newest.len() == WINDOW {
            window.newest.pop_front();
        }
        window.newest.push_back((judged.from, judged.kept_back));
        let kept_back = window.kept_back().count();
        window.named = kept_back >= NAMED_FROM || window.named && kept_back > 0;
    }

    /// The relays that are to be named now.
    pub fn named(&self) -> impl Iterator<Item = KeptBack<'_>> {
        self.0.iter().filter(|(_, window)| window.named).map(|(relay, window)| KeptBack {
            relay,
            kept_back: window.kept_back().count(),
            of: window.newest.len(),
            of_one: window.of_one(),
        })
    }
}

impl Window {
    fn kept_back(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.newest.iter().filter(|(_, kept_back)| *kept_back).map(|(from, _)| *from)
    }

    fn of_one(&self) -> Option<MemberId> {
        let one = self.kept_back().next()?;
        let others_came = self.newest.iter().any(|(from, _)| *from != one);
        (others_came && self.kept_back().all(|from| from == one)).then_some(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEN: MemberId = MemberId([2; 32]);
    const CLEO: MemberId = MemberId([3; 32]);

    fn judged(from: MemberId, kept_back: bool) -> Judged {
        Judged { relay: "ws://127.0.0.1:1".to_owned(), from, kept_back }
    }

    #[test]
    fn a_relay_is_named_from_three_on_until_it_has_delivered_for_a_while() {
        let mut relays = Withholding::default();
        for _ in 0..NAMED_FROM - 1 {
            relays.take(judged(BEN, true));
        }
        assert_eq!(relays.named().count(), 0, "one or two may be a sender's bad connection");
        relays.take(judged(BEN, true));
        let named: Vec<KeptBack<'_>> = relays.named().collect();
        assert_eq!(named, [KeptBack { relay: "ws://127.0.0.1:1", kept_back: 3, of: 3, of_one: None }]);
        for _ in 0..WINDOW - 1 {
            relays.take(judged(CLEO, false));
        }
        let named: Vec<KeptBack<'_>> = relays.named().collect();
        assert_eq!(named, [KeptBack { relay: "ws://127.0.0.1:1", kept_back: 1, of: WINDOW, of_one: Some(BEN) }]);
        relays.take(judged(CLEO, false));
        assert_eq!(relays.named().count(), 0, "it delivered everything for a whole window");
    }

    #[test]
    fn the_number_of_relays_is_bounded() {
        let mut relays = Withholding::default();
        for n in 0..RELAYS + 5 {
            relays.take(Judged { relay: n.to_string(), from: BEN, kept_back: false });
        }
        assert_eq!(relays.0.len(), RELAYS);
    }
}
