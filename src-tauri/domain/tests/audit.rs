//! A record judged from the outside: the pinned story whole, and broken in one place each.

mod support;

use conclave_domain::action::{Action, Created, Ratified, Rejected};
use conclave_domain::audit::{Comparison, Fault, FaultKind, Record, Verified, verify};
use conclave_domain::event::{Draft, EVENT_LIMIT, Event};
use conclave_domain::vault::{Command, Void};
use conclave_shared::{Cfg, EventId, VaultId};
use nostr::{Kind, Tag, Timestamp, UnsignedEvent};
use proptest::prelude::*;
use support::{Person, active, paid_by};

fn export(person: &Person) -> Vec<String> {
    person.vault.log().in_order().iter().map(|admitted| person.held[&admitted.id].to_json()).collect()
}

fn check(lines: &[String]) -> Result<Verified, Fault> {
    verify(lines.iter().map(String::as_str))
}

/// The pinned story: 17 events from the creation to a payment that is finalised.
fn story() -> (Vec<Person>, Vec<String>) {
    let (people, ..) = paid_by(0);
    let lines = export(&people[0]);
    (people, lines)
}

/// What fails, on which line and by which name.
fn fault(lines: &[String]) -> (u64, &'static str) {
    let fault = check(lines).expect_err("the record was changed");
    assert!(fault.to_string().contains(fault.kind.name()), "{fault}");
    (fault.line, fault.kind.name())
}

/// An event that a person signs though no program of ours would write it.
fn signed(person: &Person, change: impl FnOnce(&mut UnsignedEvent)) -> String {
    let action = Action::Rejected(Rejected { proposal: EventId([0; 32]) });
    let mut unsigned = person.vault.draft(action, person.clock_ms + 50).unsigned().unwrap();
    change(&mut unsigned);
    unsigned.id = None;
    use nostr::JsonUtil as _;
    unsigned.sign_with_keys(&person.keys).unwrap().as_json()
}

#[test]
fn the_pinned_story_verifies_and_is_told() {
    let (people, lines) = story();
    let verified = check(&lines).unwrap();
    let pinned = include_str!("../fixtures/story-v1.txt");
    assert!(pinned.contains(&format!("created {}", verified.created)), "{pinned}");
    assert!(pinned.contains(&format!("state {}", verified.state_digest)), "{pinned}");
    assert_eq!(verified.vault, people[0].vault.id());
    assert_eq!(verified.events, lines.len() as u64);
    assert_eq!(verified.kinds["joined"], 4);
    assert_eq!(verified.kinds["signed"], 2);
    assert_eq!(verified.kinds.values().sum::<u64>(), verified.events);
    let ben = &verified.authors[&people[1].id()];
    assert_eq!(ben.name.as_deref(), Some("Ben"));
    assert_eq!(
        (ben.events, ben.newest),
        people[0]
            .vault
            .log()
            .heads()
            .into_iter()
            .find(|(author, ..)| *author == people[1].id())
            .map(|(_, n, id)| (u64::from(n) + 1, id))
            .unwrap()
    );
    assert_eq!(verified.void, []);
}

#[test]
fn line_ends_do_not_matter() {
    let (_, lines) = story();
    let whole = check(&lines).unwrap();
    for text in [lines.join("\n"), lines.join("\r\n") + "\r\n", lines.join("\n") + "\n\n"] {
        assert_eq!(verify(text.split('\n')).unwrap(), whole);
        assert_eq!(verify(text.lines()).unwrap(), whole);
    }
    let gap = format!("{}\n\n{}", lines[0], lines[1..].join("\n"));
    let fault = verify(gap.split('\n')).unwrap_err();
    assert_eq!((fault.line, fault.kind.name()), (2, "line-malformed"));
}

#[test]
fn each_fault_is_named_with_its_line() {
    let (people, lines) = story();
    let with = |line: usize, text: String| {
        let mut changed = lines.clone();
        changed[line] = text;
        changed
    };
    let replaced = |line: usize, from: &str, to: &str| {
        assert!(lines[line].contains(from), "{}", lines[line]);
        with(line, lines[line].replacen(from, to, 1))
    };
    let after = |line: String| {
        let mut longer = lines.clone();
        longer.push(line);
        longer
    };
    let end = lines.len() as u64 + 1;
    let event = |line: usize| Event::parse(&lines[line]).unwrap();
    let sig = |line: usize| event(line).signed().sig.to_string();
    let id = |line: usize| event(line).id.to_string();
    let ben = &people[1];
    let tag = |name: &str, value: &str| Tag::parse([name, value]).unwrap();
    let tags = |unsigned: &mut UnsignedEvent, name: &str, tag: Option<Tag>| {
        let kept = unsigned.tags.iter().filter(|it| it.as_slice()[0] != name).cloned();
        unsigned.tags = nostr::Tags::from_list(kept.chain(tag).collect());
    };

    // Lines that are no event of this protocol.
    assert_eq!(fault(&with(3, "{}".into())), (4, "line-malformed"));
    assert_eq!(fault(&with(3, lines[3][..100].to_owned())), (4, "line-malformed"));
    assert_eq!(fault(&replaced(3, "{", r#"{"note":"paid in cash","#)), (4, "line-malformed"));
    assert_eq!(fault(&replaced(3, &id(3), &id(3).to_uppercase())), (4, "line-malformed"));
    assert_eq!(fault(&with(3, " ".repeat(EVENT_LIMIT + 1))), (4, "line-too-long"));
    assert_eq!(fault(&replaced(3, &sig(3), &sig(4))), (4, "event-forged"));
    assert_eq!(fault(&replaced(3, &id(3), &id(4))), (4, "event-forged"));
    assert_eq!(fault(&after(signed(ben, |unsigned| unsigned.kind = Kind::Custom(8418)))), (end, "kind-foreign"));
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "ms", None)))), (end, "tag-malformed"));
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "also", Some(tag("also", "1")))))), (end, "tag-malformed"));
    assert_eq!(fault(&after(signed(ben, |it| it.created_at = Timestamp::from_secs(1)))), (end, "time-differs"));
    let other_vault = tag("v", &VaultId([7; 32]).to_string());
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "v", Some(other_vault))))), (end, "vault-foreign"));

    // Lines that are good events, where they do not belong.
    let mut doubled = lines.clone();
    doubled.insert(6, lines[3].clone());
    let found = check(&doubled).unwrap_err();
    assert_eq!((found.line, &found.kind), (7, &FaultKind::EventDoubled { first: 4 }));
    assert_eq!(found.event, Some(event(3).id));
    let unknown = tag("seen", &EventId([9; 32]).to_string());
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "seen", Some(unknown))))), (end, "seen-missing"));
    let wrong_prev = tag("prev", &event(0).id.to_string());
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "prev", Some(wrong_prev))))), (end, "chain-gap"));
    let skipped = tag("n", "40");
    assert_eq!(fault(&after(signed(ben, |it| tags(it, "n", Some(skipped))))), (end, "chain-gap"));
    assert_eq!(fault(&[]), (1, "creation-missing"));
    let alone = with_own_joining(ben);
    assert_eq!(fault(&[alone]), (2, "creation-missing"));
}

/// A joining that was written before anything else was held: it builds on nothing.
fn with_own_joining(person: &Person) -> String {
    let joiner = person.vault.joiners()[&person.id()].joined.clone();
    let draft = Draft {
        vault: person.vault.id(),
        author: person.id(),
        n: 0,
        prev: None,
        seen: Vec::new(),
        cfg: Some(Cfg(person.vault.created().0)),
        ms: support::START_MS,
        action: Action::Joined(joiner),
    };
    Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&person.keys).unwrap()).unwrap().to_json()
}

#[test]
fn an_event_taken_out_shows_at_what_builds_on_it() {
    // Everybody in the story held everything: whatever is missing, the next line has lost its ground.
    let (_, lines) = story();
    for gone in 0..lines.len() - 1 {
        let mut shorter = lines.clone();
        shorter.remove(gone);
        let (line, name) = fault(&shorter);
        assert_eq!(line, gone as u64 + 1, "{name}");
        assert!(["chain-gap", "seen-missing"].contains(&name), "{name}");
    }
    // Only the end can be cut off unseen.
    let cut = &lines[..lines.len() - 1];
    let (whole, cut) = (check(&lines).unwrap(), check(cut).unwrap());
    let last = Event::parse(lines.last().unwrap()).unwrap().id;
    assert_eq!(whole.compare(&cut), Comparison::Extends { more: 1, lacking: last });
    assert_eq!(cut.compare(&whole), Comparison::ExtendedBy { more: 1, lacking: last });
    assert_eq!(whole.compare(&whole), Comparison::Same);
}

#[test]
fn two_who_wrote_at_one_time_stand_in_one_order_only() {
    let (mut people, _) = active();
    let ben = people[1].act(Command::IssueAddress);
    let cleo = people[2].act(Command::IssueAddress);
    let before = export(&people[0]);
    let mut only_ben = before.clone();
    only_ben.extend(ben.iter().map(Event::to_json));
    let mut only_cleo = before.clone();
    only_cleo.extend(cleo.iter().map(Event::to_json));
    support::tell(&mut people, &[ben.clone(), cleo.clone()].concat());
    let mut lines = export(&people[0]);
    check(&lines).unwrap();
    let end = lines.len();
    lines.swap(end - 1, end - 2);
    let found = check(&lines).unwrap_err();
    assert_eq!((found.line, found.kind.name()), (end as u64, "order-broken"));
    // In order of arrival the same lines are as good as the others: what each builds on stands before it.
    let mut stored = Record::stored(people[0].vault.id(), people[0].vault.created());
    lines.iter().for_each(|line| stored.take(line.as_bytes()).unwrap());
    assert_eq!(stored.finish().unwrap().state_digest, people[0].vault.state_digest());
    // Of two copies that each lack something none is the true one.
    let apart = Comparison::Apart { first_lacks: cleo[0].id, second_lacks: ben[0].id };
    assert_eq!(check(&only_ben).unwrap().compare(&check(&only_cleo).unwrap()), apart);
}

#[test]
fn two_stories_are_named_with_both_events() {
    let (people, lines) = story();
    let ben = &people[1];
    let tell = |proposal: u8| {
        let draft = ben.vault.draft(Action::Rejected(Rejected { proposal: EventId([proposal; 32]) }), ben.clock_ms + 9);
        Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&ben.keys).unwrap()).unwrap()
    };
    let (first, second) = (tell(1), tell(2));
    let with = |events: &[&Event]| {
        let mut lines = lines.clone();
        lines.extend(events.iter().map(|event| event.to_json()));
        lines
    };
    let expected = (ben.id(), first.n, first.id, second.id);
    let found = check(&with(&[&first, &second])).unwrap_err();
    let FaultKind::TwoStories { author, n, first: held } = found.kind else { panic!("{found}") };
    assert_eq!((author, n, held, found.event), (expected.0, expected.1, expected.2, Some(expected.3)));
    assert_eq!(found.line, lines.len() as u64 + 2);
    // Each record alone is whole; side by side they prove it.
    let (one, two) = (check(&with(&[&first])).unwrap(), check(&with(&[&second])).unwrap());
    let Comparison::TwoStories { author, n, first: held, second: other } = one.compare(&two) else { panic!() };
    assert_eq!((author, n, held, other), expected);
}

#[test]
fn who_writes_a_creation_later_takes_no_record_over() {
    // Eve dates two events before the vault's beginning, the second a creation of her own: it stands on line 2, before the
    // organiser's, and counts for nothing.
    let (people, lines) = story();
    let created = people[0].vault.creation().unwrap().1.clone();
    let eve = nostr::Keys::new(nostr::SecretKey::from_slice(&[66; 32]).unwrap());
    let write = |n: u32, prev: Option<EventId>, action: Action| {
        let author = conclave_shared::MemberId(eve.public_key().to_bytes());
        let (vault, ms) = (people[0].vault.id(), u64::from(n) + 1);
        let draft = Draft { vault, author, n, prev, seen: Vec::new(), cfg: None, ms, action };
        Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&eve).unwrap()).unwrap()
    };
    let first = write(0, None, Action::Ratified(Ratified { cfg: Cfg([0; 32]) }));
    let second = write(1, Some(first.id), Action::Created(Created { name: "Mine".into(), ..created }));
    let all: Vec<String> = [first.to_json(), second.to_json()].into_iter().chain(lines).collect();
    let verified = check(&all).unwrap();
    assert_eq!(verified.created, people[0].vault.created());
    let void: Vec<_> = verified.void.iter().map(|it| (it.event, it.reason.clone())).collect();
    assert_eq!(void, [(first.id, Void::NotInPast { what: "configuration" }), (second.id, Void::CreatedElsewhere)]);
}

#[test]
fn what_has_no_effect_is_listed_with_its_reason() {
    let (mut people, _) = active();
    let void = people[3].write(Action::Ratified(Ratified { cfg: Cfg([0; 32]) }));
    support::tell(&mut people, std::slice::from_ref(&void));
    let verified = check(&export(&people[0])).unwrap();
    assert_eq!(verified.void.iter().map(|it| it.event).collect::<Vec<_>>(), [void.id]);
    assert_eq!(verified.void[0].author, people[3].id());
    assert_eq!(verified.kinds["ratified"], 4);
}

#[test]
fn a_stored_record_may_lack_its_creation() {
    let (people, ..) = support::people();
    let (vault, created) = (people[1].vault.id(), people[1].vault.created());
    let verified = Record::stored(vault, created).finish().unwrap();
    assert_eq!((verified.events, verified.created), (0, created));
    let (told, lines) = story();
    let mut foreign = Record::stored(VaultId([1; 32]), told[0].vault.created());
    assert_eq!(foreign.take(lines[0].as_bytes()).unwrap_err().kind.name(), "vault-foreign");
}

#[test]
fn bytes_that_are_no_text_are_no_line() {
    let mut record = Record::exported();
    assert_eq!(record.take(b"{\"id\":\"\xff\"}").unwrap_err().kind.name(), "line-malformed");
}

fn lines() -> &'static (Vec<String>, Verified) {
    static STORY: std::sync::OnceLock<(Vec<String>, Verified)> = std::sync::OnceLock::new();
    STORY.get_or_init(|| {
        let (_, lines) = story();
        let verified = check(&lines).unwrap();
        (lines, verified)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_changed_byte_is_never_the_same_record(line: prop::sample::Index, byte: prop::sample::Index, mask in 1..=255_u8) {
        let (lines, whole) = lines();
        let (line, mut record) = (line.index(lines.len()), Record::exported());
        let mut judge = || {
            for (number, text) in lines.iter().enumerate() {
                let mut bytes = text.clone().into_bytes();
                if number == line {
                    let byte = byte.index(bytes.len());
                    bytes[byte] ^= mask;
                }
                record.take(&bytes)?;
            }
            Ok(())
        };
        let judged: Result<(), Fault> = judge();
        match judged {
            Err(fault) => prop_assert!(fault.line > line as u64, "{}", fault),
            Ok(()) => prop_assert_ne!(&record.finish().unwrap(), whole),
        }
    }

    #[test]
    fn nonsense_is_never_a_record(text in ".{0,200}") {
        prop_assert!(verify(text.split('\n')).is_err());
    }
}
