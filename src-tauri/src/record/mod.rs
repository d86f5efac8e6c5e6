//! A vault's record for people: who did what and when, one entry for each event.
//!
//! Texts of others pass [`shown`] before they stand among ours. What an event says is in `saying`, as sentences in `words`, the
//! lines for a spreadsheet in `table`. What does not belong here: judging a record (`conclave_domain::audit`), and printing.

mod saying;
mod table;
mod words;

use std::collections::BTreeMap;

use conclave_domain::action::TYPES;
use conclave_domain::audit::{Comparison, Fault, Verified};
use conclave_domain::configuration::odd_character;
use conclave_domain::event::Event;
use conclave_domain::vault::Vault;
use conclave_shared::record::{AuthoredView, ComparisonView, EntryView, FaultView, VerifiedView};
use conclave_shared::request::ShowRecord;
use conclave_shared::view::VoidView;
use conclave_shared::{EventId, MemberId, VaultId};

use crate::failure::InstallationError;

pub use saying::{about, replaced};
pub use table::{quoted, table};

/// Longest text of others that is shown in one piece, in characters.
const SHOWN_LIMIT: usize = 600;

/// A text of others as it may stand among ours: control characters (a terminal obeys them), direction marks and line
/// separators are spelled out as `\u{..}`, and what is longer than a purpose may be is cut.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == SHOWN_LIMIT {
            shown.push_str("... (cut)");
            break;
        }
        if odd_character(c) || matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{feff}') {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A time in ms since 1970 as UTC, in the form of ISO 8601: `2026-01-31T23:59:59.999Z`.
pub fn utc(ms: u64) -> String {
    let (days, of_day) = (ms / 86_400_000, ms % 86_400_000);
    // Days since 0000-03-01, so that a leap day ends its year; 400 years have 146 097 days.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", of_day % 1_000)
}

/// How each author is called. A name that several joined with does not tell them apart, so it gets the beginning of the id.
struct Names(BTreeMap<MemberId, String>);

impl Names {
    fn new(vault: &Vault) -> Self {
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        let mut joiners = vault.candidates();
        joiners.extend(vault.joiners());
        for joiner in joiners.values() {
            *times.entry(&joiner.joined.name).or_default() += 1;
        }
        let named = joiners.iter().map(|(member, joiner)| {
            let name = &joiner.joined.name;
            let alone = times.get(name.as_str()) == Some(&1);
            (*member, if alone { shown(name) } else { format!("{} ({})", shown(name), member.short()) })
        });
        Self(named.collect())
    }

    fn of(&self, member: MemberId) -> String {
        self.0.get(&member).cloned().unwrap_or_else(|| format!("stranger {}", member.short()))
    }
}

/// The entries of a record that are asked for, in order of (rank, id); `read` brings an event.
///
/// Errors: a field that names no member, or no type of action; those of `read`.
pub fn entries(
    vault: &Vault,
    asked: &ShowRecord,
    mut read: impl FnMut(EventId) -> Result<Option<Event>, InstallationError>,
) -> Result<Vec<EntryView>, InstallationError> {
    let field = |field, reason: String| InstallationError::Field { field, reason };
    let authors = asked.by.as_deref().map(|by| {
        let mut joiners = vault.candidates();
        joiners.extend(vault.joiners());
        let named = joiners.iter().filter(|(_, joiner)| joiner.joined.name == by).map(|(member, _)| *member);
        let authors: Vec<MemberId> = named.chain(by.parse()).collect();
        let reason = || "nobody in this vault joined with this name, and it is no member id".to_owned();
        if authors.is_empty() { Err(field("by", reason())) } else { Ok(authors) }
    });
    let authors = authors.transpose()?;
    if let Some(kind) = &asked.kind
        && !TYPES.contains(&kind.as_str())
        && !["unknown", "malformed"].contains(&kind.as_str())
    {
        return Err(field("kind", format!("must be one of {}, unknown, malformed", TYPES.join(", "))));
    }
    let names = Names::new(vault);
    let mut entries = Vec::new();
    for admitted in vault.log().in_order() {
        let void = vault.void().get(&admitted.id);
        if authors.as_ref().is_some_and(|authors| !authors.contains(&admitted.author)) {
            continue;
        }
        let Some(event) = read(admitted.id)? else { continue };
        let kind = event.content.type_name();
        if asked.kind.as_deref().is_some_and(|asked| asked != kind) || asked.void && void.is_none() {
            continue;
        }
        entries.push(entry(vault, &names, &event, admitted.rank));
    }
    if let Some(last) = asked.last {
        let first = entries.len().saturating_sub(usize::try_from(last).unwrap_or(usize::MAX));
        entries.drain(..first);
    }
    Ok(entries)
}

fn entry(vault: &Vault, names: &Names, event: &Event, rank: u64) -> EntryView {
    let (void, saying) = (vault.void().get(&event.id), saying::saying(vault, names, event));
    EntryView {
        event: event.id,
        author: event.author,
        name: names.of(event.author),
        n: event.n,
        ms: event.ms,
        rank,
        kind: event.content.type_name().to_owned(),
        summary: words::summary(&saying),
        saying,
        void: void.map(|reason| shown(&reason.to_string())),
        void_code: void.map(|reason| reason.code().to_owned()),
    }
}

/// The entries about one payment, in order of (rank, id): its proposal, what names it, and what says it replaces it.
///
/// Errors: those of `read`.
pub fn entries_of_payment(
    vault: &Vault,
    payment: EventId,
    mut read: impl FnMut(EventId) -> Result<Option<Event>, InstallationError>,
) -> Result<Vec<EntryView>, InstallationError> {
    let names = Names::new(vault);
    let order = vault.log().in_order();
    // What is about it builds on it, so it stands behind it.
    let begin = order.iter().position(|admitted| admitted.id == payment).unwrap_or(order.len());
    let mut entries = Vec::new();
    for admitted in order.into_iter().skip(begin) {
        let Some(event) = read(admitted.id)? else { continue };
        if about(&event) == Some(payment) || replaced(&event) == Some(payment) {
            entries.push(entry(vault, &names, &event, admitted.rank));
        }
    }
    Ok(entries)
}

/// A record without fault, for a face.
pub fn verified(it: &Verified) -> VerifiedView {
    let void = it.void.iter().map(|void| VoidView {
        event: void.event,
        author: void.author,
        code: void.reason.code().to_owned(),
        reason: shown(&void.reason.to_string()),
    });
    let authors = it.authors.iter().map(|(author, it)| AuthoredView {
        author: *author,
        name: it.name.as_deref().map(shown),
        events: it.events,
        newest: it.newest,
    });
    VerifiedView {
        vault: it.vault,
        created: it.created,
        events: it.events,
        authors: authors.collect(),
        kinds: it.kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect(),
        void: void.collect(),
        state_digest: it.state_digest,
    }
}

/// The first fault of a record, for a face.
pub fn faulty(fault: &Fault, vault: Option<VaultId>) -> FaultView {
    FaultView {
        vault,
        line: fault.line,
        event: fault.event,
        fault: fault.kind.name().to_owned(),
        message: shown(&fault.to_string()),
    }
}

/// Two records side by side, for a face.
pub fn compared(it: Comparison) -> ComparisonView {
    match it {
        Comparison::Same => ComparisonView::Same,
        Comparison::OtherVault { first, second } => ComparisonView::VaultForeign { first, second },
        Comparison::TwoStories { author, n, first, second } => ComparisonView::TwoStories { author, n, first, second },
        Comparison::Extends { more, lacking } => ComparisonView::Extends { more, lacking },
        Comparison::ExtendedBy { more, lacking } => ComparisonView::ExtendedBy { more, lacking },
        Comparison::Apart { first_lacks, second_lacks } => ComparisonView::Apart { first_lacks, second_lacks },
    }
}

#[cfg(test)]
mod tests {
    use conclave_domain::action::{Action, Created, Joined, Ratified};
    use conclave_shared::{Cfg, Role};

    use super::*;
    use crate::open_vault::NETWORK;
    use crate::signer::{Signer as _, SoftwareKey};

    /// Writes as `keys`, with another content than the action's where one is given.
    fn write(vault: &mut Vault, keys: &nostr::Keys, ms: u64, action: Action, content: Option<&str>) -> Event {
        let author = MemberId(keys.public_key().to_bytes());
        let log = vault.log();
        let (n, prev, seen) = log.place_for(author, |_| true);
        let draft = conclave_domain::event::Draft { vault: vault.id(), author, n, prev, seen, cfg: None, ms, action };
        let mut unsigned = draft.unsigned().unwrap();
        if let Some(content) = content {
            unsigned.content = content.to_owned();
            unsigned.id = None;
        }
        let event = Event::from_signed(unsigned.sign_with_keys(keys).unwrap()).unwrap();
        vault.receive(event.clone()).unwrap();
        event
    }

    #[test]
    fn hostile_words_stand_in_the_record_and_do_no_harm() {
        let [ana, eve] = [1, 2].map(|seed| nostr::Keys::new(nostr::SecretKey::from_slice(&[seed; 32]).unwrap()));
        let me = MemberId(ana.public_key().to_bytes());
        let created = Action::Created(Created {
            name: "Treasury".to_owned(),
            network: NETWORK,
            threshold: 1,
            organiser: vec![Role::Keyholder],
            places: Vec::new(),
            relays: vec!["ws://127.0.0.1:7000".to_owned()],
            rules: 0,
            title: None,
            policy: None,
            script: Default::default(),
            recovery: None,
        });
        // The id of `created` is known once it is signed: a first vault is there to sign it in.
        let id = write(&mut Vault::new(VaultId([7; 32]), EventId([0; 32]), me), &ana, 1_000, created.clone(), None).id;
        let mut vault = Vault::new(VaultId([7; 32]), id, me);
        let mut held = vec![write(&mut vault, &ana, 1_000, created, None)];
        assert_eq!(held[0].id, id);
        let key = Some(SoftwareKey::new(&[5; 32], Default::default(), NETWORK).unwrap().account_key());
        held.push(write(
            &mut vault,
            &ana,
            2_000,
            Action::Joined(Joined { name: "Ana".to_owned(), proof: None, key }),
            None,
        ));
        let any = || Action::Ratified(Ratified { cfg: Cfg([0; 32]) });
        let name = "Ana\u{202e}\u{1b}[2J\r\nBen".to_owned();
        held.push(write(&mut vault, &eve, 3_000, Action::Joined(Joined { name, proof: None, key: None }), None));
        held.push(write(&mut vault, &eve, 3_001, any(), Some("{\"type\":\"\\u001b[2J\\u202e\"}")));
        held.push(write(&mut vault, &eve, 3_002, any(), Some("{\"type\":\"ratified\",\"\u{9b}2J\u{2067}\":1}")));

        let ask = |by: Option<&str>, kind: Option<&str>, void: bool, last: Option<u64>| {
            let (by, kind) = (by.map(str::to_owned), kind.map(str::to_owned));
            let asked = ShowRecord { vault: vault.id(), by, kind, void, last };
            entries(&vault, &asked, |id| Ok(held.iter().find(|event| event.id == id).cloned()))
        };
        let all = ask(None, None, false, None).unwrap();
        assert_eq!(
            all.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(),
            ["created", "joined", "joined", "unknown", "malformed"]
        );
        for it in &all {
            let said = format!("{} {} {}", it.name, it.summary, it.void.clone().unwrap_or_default());
            assert!(!said.chars().any(odd_character), "{said:?}");
        }
        assert!(
            all[0]
                .summary
                .starts_with("created vault \"Treasury\" on regtest, where 1 must sign; places: 1 as keyholder"),
            "{}",
            all[0].summary
        );
        assert!(all[1].summary.starts_with("joined as \"Ana\", keyholder, with key ["), "{}", all[1].summary);
        assert_eq!(all[1].name, "Ana");
        let stranger = format!("stranger {}", MemberId(eve.public_key().to_bytes()).short());
        assert_eq!(all[2].name, stranger, "a name counts once its joining has effect");
        assert!(all[2].summary.contains("\\u{202e}\\u{1b}[2J\\u{d}\\u{a}Ben"), "{}", all[2].summary);
        assert_eq!(all.iter().filter(|it| it.void.is_some()).count(), 3);
        assert_eq!(ask(None, None, true, None).unwrap(), all[2..]);
        assert_eq!(ask(Some("Ana"), None, false, Some(1)).unwrap(), all[1..2]);
        assert_eq!(ask(None, Some("malformed"), false, None).unwrap(), all[4..]);
        assert_eq!(ask(None, None, false, Some(u64::MAX)).unwrap(), all);
        assert!(ask(Some("Eve"), None, false, None).is_err() && ask(None, Some("Joined"), false, None).is_err());
        assert_eq!(table(&all).len(), 6);
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        // From `date -u --date=@N`.
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
            (1_735_689_599_001, "2024-12-31T23:59:59.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            ((1 << 48) - 1, "10889-08-02T05:31:50.655Z"),
        ] {
            assert_eq!(utc(ms), text);
        }
        utc(u64::MAX);
    }

    #[test]
    fn texts_of_others_cannot_rewrite_what_stands_around_them() {
        assert_eq!(shown("Müller & Söhne 工房"), "Müller & Söhne 工房");
        assert_eq!(shown("a\u{1b}[2Jb\r\nc\u{202e}d"), "a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{202e}d");
        assert_eq!(shown(&"x".repeat(100_000)).len(), SHOWN_LIMIT + "... (cut)".len());
    }
}
