//! The log alone, against authors who tell many stories, flood it and help each other: what honest members build on is
//! always let in, what nobody builds on has bounds, and a restart comes to the same.

use std::collections::BTreeMap;

use conclave_domain::action::{Action, Rejected};
use conclave_domain::delivery::{Deliveries, Message};
use conclave_domain::event::{Draft, Event};
use conclave_domain::heads::{HEADS_LIMIT, Heads};
use conclave_domain::log::{Admission, BRANCHES_LIMIT, Log, Refusal, WAITING_LIMIT};
use conclave_shared::{EventId, MemberId, VaultId};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

const VAULT: VaultId = VaultId([42; 32]);

fn keys(seed: u8) -> nostr::Keys {
    nostr::Keys::new(nostr::SecretKey::from_slice(&[seed; 32]).unwrap())
}

fn member(seed: u8) -> MemberId {
    MemberId(keys(seed).public_key().to_bytes())
}

/// An event that says nothing of weight; `salt` makes stories differ.
fn write(author: u8, prev: Option<&Event>, seen: &[EventId], salt: u8) -> Event {
    let draft = Draft {
        vault: VAULT,
        author: member(author),
        n: prev.map_or(0, |prev| prev.n + 1),
        prev: prev.map(|prev| prev.id),
        seen: seen.to_vec(),
        cfg: None,
        ms: 1_000,
        action: Action::Rejected(Rejected { proposal: EventId([salt; 32]) }),
    };
    Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&keys(author)).unwrap()).unwrap()
}

/// A log together with what was admitted, in order, as a store keeps it.
struct Kept {
    log: Log,
    rows: Vec<Event>,
}

impl Kept {
    fn new() -> Self {
        Self { log: Log::new(VAULT), rows: Vec::new() }
    }

    fn offer(&mut self, event: &Event) -> Result<(), Refusal> {
        if let Admission::Admitted { events, .. } = self.log.admit(event.clone())? {
            self.rows.extend(events);
        }
        Ok(())
    }

    fn offer_all(&mut self, events: &[Event]) {
        for event in events {
            let _ = self.offer(event);
        }
    }

    fn branches_of(&self, author: u8) -> usize {
        self.log.heads().iter().filter(|(by, ..)| *by == member(author)).count()
    }

    /// As after a restart: from the rows alone.
    fn restarted(&self) -> Log {
        let mut log = Log::new(VAULT);
        for event in &self.rows {
            log.readmit(event.clone()).unwrap();
        }
        assert_eq!(log.heads(), self.log.heads());
        assert_eq!(log.in_order(), self.log.in_order());
        log
    }
}

/// A forker's events as a tree: each follows an earlier one, or begins anew.
fn tree(parents: &[Option<prop::sample::Index>]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (salt, parent) in (0..).zip(parents) {
        let prev = parent.filter(|_| !events.is_empty()).map(|parent| parent.get(&events));
        let event = write(1, prev, &[], salt);
        events.push(event);
    }
    events
}

/// The story that ends with an event, from its beginning.
fn story(events: &[Event], last: &Event) -> Vec<Event> {
    let by_id: BTreeMap<EventId, &Event> = events.iter().map(|event| (event.id, event)).collect();
    let mut story = vec![last.clone()];
    while let Some(prev) = story[0].prev {
        story.insert(0, by_id[&prev].clone());
    }
    story
}

fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 48;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/log.proptest-regressions");
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(file)));
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_an_honest_member_builds_on_is_let_in_whatever_a_pair_sends_first(
        parents in prop::collection::vec(prop::option::weighted(0.8, any::<prop::sample::Index>()), 6..30),
        held in any::<prop::sample::Index>(),
        builds in prop::collection::vec(any::<bool>(), 30),
        colluder in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let forked = tree(&parents);
        // Ana holds one story and builds on it now and then; she knows of no other.
        let path = story(&forked, held.get(&forked));
        let mut ana = Vec::new();
        let mut told = Vec::new();
        for (place, event) in path.iter().enumerate() {
            told.push(event.clone());
            if builds[place] || place + 1 == path.len() {
                let own = write(2, ana.last(), &[event.id], 0);
                told.push(own.clone());
                ana.push(own);
            }
        }
        // The forker's friend builds on whatever it likes.
        let mut friend: Vec<Event> = Vec::new();
        for index in &colluder {
            let own = write(3, friend.last(), &[index.get(&forked).id], 0);
            friend.push(own);
        }
        let hostile: Vec<Event> = forked.iter().chain(&friend).cloned().collect();
        let mut ben = Kept::new();
        for index in &order {
            let _ = ben.offer(index.get(&hostile));
        }
        // Then Ana delivers, again and again, as she does until it is acknowledged; the pair goes on in between.
        for _ in 0..=path.len() + 1 {
            ben.offer_all(&told);
            ben.offer_all(&hostile);
        }
        for event in &ana {
            prop_assert!(ben.log.holds(event.id), "event {} of the honest member waits", event.n);
        }
        prop_assert!(ben.branches_of(1) <= BRANCHES_LIMIT + 1 + 2, "{} branches", ben.branches_of(1));
        let mut restarted = ben.restarted();
        let before = restarted.len();
        restarted.admit(write(1, None, &[], 255)).ok();
        prop_assert!(restarted.len() <= before + usize::from(ben.branches_of(1) <= BRANCHES_LIMIT));
    }
}

/// A forker's first stories, as many as are taken without anybody's word.
fn crowded() -> (Kept, Vec<Event>) {
    let mut kept = Kept::new();
    let stories: Vec<Event> = (0..=BRANCHES_LIMIT as u8).map(|salt| write(1, None, &[], salt)).collect();
    kept.offer_all(&stories);
    assert_eq!(kept.branches_of(1), BRANCHES_LIMIT + 1);
    (kept, stories)
}

#[test]
fn a_story_that_somebody_builds_on_is_still_there_after_a_restart() {
    let (mut kept, _) = crowded();
    let sixth = write(1, None, &[], 99);
    assert!(matches!(kept.offer(&sixth), Err(Refusal::TooManyStories { .. })));
    let ana = write(2, None, &[sixth.id], 0);
    kept.offer_all(&[ana.clone(), sixth.clone()]);
    assert!(kept.log.holds(ana.id));
    // Ana's event comes after it in the store: nobody waits for the sixth story when it is read back.
    let mut restarted = kept.restarted();
    assert!(restarted.holds(sixth.id) && restarted.holds(ana.id));
    // And what Ana's word was good for is used up as before.
    let seventh = write(1, None, &[], 100);
    restarted.admit(write(2, Some(&ana), &[seventh.id], 0)).unwrap();
    assert!(matches!(restarted.admit(seventh), Err(Refusal::TooManyStories { .. })));
}

#[test]
fn a_story_that_parts_again_and_again_shuts_no_honest_member_out() {
    let (mut kept, _) = crowded();
    let first = write(1, None, &[], 99);
    let ana = write(2, None, &[first.id], 0);
    kept.offer_all(&[ana.clone(), first.clone()]);
    // The story that Ana holds goes on one way, another way arrives here first.
    let (hers, other) = (write(1, Some(&first), &[], 7), write(1, Some(&first), &[], 8));
    assert!(matches!(kept.offer(&other), Err(Refusal::TooManyStories { .. })));
    let second = write(2, Some(&ana), &[hers.id], 0);
    kept.offer_all(&[other, second.clone(), hers]);
    assert!(kept.log.holds(second.id));
    assert_eq!(kept.branches_of(1), BRANCHES_LIMIT + 2);
}

#[test]
fn the_first_stories_go_on_without_anybodys_word() {
    // Somebody who holds a copy of a member's identity cannot silence the member by telling stories.
    let (mut kept, stories) = crowded();
    for story in &stories {
        kept.offer(&write(1, Some(story), &[], 0)).unwrap();
    }
}

#[test]
fn a_flooded_room_hides_nothing_that_others_build_on() {
    let (mut kept, stories) = crowded();
    let unknown = |salt: u8, n: u32| write(1, Some(&stories[0]), &[EventId([salt; 32]), EventId(hash(n))], 1);
    for n in 0..WAITING_LIMIT as u32 {
        kept.offer(&unknown(0, n)).unwrap();
    }
    assert!(matches!(kept.offer(&unknown(0, u32::MAX)), Err(Refusal::TooManyWaiting { .. })));
    // A sixth story three events long, of which Ana names the last: each is known to be missed only from the one after.
    let mut sixth = vec![write(1, None, &[], 99)];
    for _ in 0..2 {
        sixth.push(write(1, sixth.last(), &[], 0));
    }
    let ana = write(2, None, &[sixth[2].id], 0);
    for _ in 0..4 {
        kept.offer_all(&sixth);
        kept.offer_all(std::slice::from_ref(&ana));
    }
    assert!(kept.log.holds(ana.id));
    assert_eq!(kept.log.waiting(), WAITING_LIMIT);
    // What the forker's own flood misses does not keep the log from asking for what Ben misses.
    let missing = EventId([255; 32]);
    kept.offer(&write(4, None, &[missing], 0)).unwrap();
    assert!(kept.log.wants(100).contains(&missing));
    assert_eq!(kept.log.wants(100).len(), 100);
}

fn hash(n: u32) -> [u8; 32] {
    conclave_domain::hash::tagged("flood", &n.to_le_bytes())
}

#[test]
fn heads_stay_readable_however_many_stories_are_told() {
    let mut log = Log::new(VAULT);
    let (forkers, vouchers) = (1..=30_u8, 31..=50_u8);
    let mut story = BTreeMap::new();
    for forker in forkers.clone() {
        for salt in 0..=(BRANCHES_LIMIT + vouchers.len()) as u8 {
            story.insert((forker, salt), write(forker, None, &[], salt));
        }
    }
    for (salt, voucher) in (BRANCHES_LIMIT as u8 + 1..).zip(vouchers) {
        let seen: Vec<EventId> = forkers.clone().map(|forker| story[&(forker, salt)].id).collect();
        log.admit(write(voucher, None, &seen, 0)).unwrap();
    }
    for event in story.values() {
        log.admit(event.clone()).unwrap();
    }
    assert!(log.heads().len() > HEADS_LIMIT);
    let unsigned = Heads::unsigned(&log, VAULT, member(31), 1).unwrap();
    let heads = Heads::from_signed(unsigned.sign_with_keys(&keys(31)).unwrap()).unwrap();
    assert_eq!(heads.newest.len(), HEADS_LIMIT);
    for voucher in 31..=50 {
        assert!(heads.newest.iter().any(|(author, ..)| *author == member(voucher)), "one story each, and named");
    }
}

#[test]
fn who_asks_is_answered_after_the_clock_was_set_back() {
    let mut log = Log::new(VAULT);
    let event = write(1, None, &[], 0);
    log.admit(event.clone()).unwrap();
    let (me, ben) = (member(1), member(2));
    let mut deliveries = Deliveries::default();
    let mut answered = |now_ms: u64| {
        let heads = Heads::unsigned(&log, VAULT, ben, now_ms % 1_000 + 1).unwrap();
        deliveries.heads(Heads::from_signed(heads.sign_with_keys(&keys(2)).unwrap()).unwrap(), &log, now_ms);
        deliveries.wanted(ben, vec![event.id]);
        let due = deliveries.due(&log, me, &[ben].into(), |_| u32::MAX, now_ms);
        due.contains(&(ben, Message::Events(vec![event.id])))
    };
    assert!(answered(1_000_000_001));
    assert!(!answered(1_000_000_002), "not twice in a row");
    assert!(answered(1_000_000_003 - 86_400_000), "the clock is a day back");
}
