//! What happens on this installation alone: opened, closed, a record exported. It goes into a chain of the same form as a
//! member's in a vault, signed with the installation's own key, and to nobody else.
//!
//! `attempts` keeps wrong passphrases until the database is open again. What does not belong here: contents of exports,
//! and anything that a vault's members should know.

pub mod attempts;

use std::collections::BTreeMap;

use conclave_domain::audit::{Fault, FaultKind, read_signed};
use conclave_domain::event::MS_LIMIT;
use conclave_shared::record::{AppEntryView, AppVerifiedView};
use conclave_shared::{EventId, MemberId, VaultId};
use nostr::{JsonUtil as _, Kind, Tag, Timestamp, UnsignedEvent};
use serde::{Deserialize, Serialize};

use crate::failure::InstallationError;
use crate::record::{shown, utc};
use crate::store::{AppEventRow, Store};

pub use attempts::FailedUnlocks;

/// Kind of an event of an installation's own chain: a private number in NIP-01's regular range, beside those of the
/// vaults' events (8417), heads (8418) and rumors (8419). Never sent to anybody.
pub const KIND_APP_EVENT: u16 = 8420;

/// One thing that happened. Past tense: it has happened when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AppAction {
    /// The installation was opened by its passphrase.
    Unlocked,
    /// Wrong passphrases were tried since it was open last.
    UnlockFailed(FailedUnlocks),
    /// It was closed in an orderly way.
    Locked,
    /// A vault's record was handed out.
    Exported {
        /// Which vault's.
        vault: VaultId,
        /// In which form.
        format: ExportFormat,
        /// How many events.
        events: u64,
    },
    /// The database was put back from an older copy.
    Restored,
    /// A backup of the whole installation was written.
    BackedUp,
    /// A new passphrase took the place of the one before.
    PassphraseChanged,
}

/// The types of today, as on the wire.
const TYPES: [&str; 7] =
    ["unlocked", "unlock_failed", "locked", "exported", "restored", "backed_up", "passphrase_changed"];

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Lines of JSON.
    Jsonl,
    /// For a spreadsheet.
    Csv,
}

impl AppAction {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Unlocked => "unlocked",
            Self::UnlockFailed(_) => "unlock_failed",
            Self::Locked => "locked",
            Self::Exported { .. } => "exported",
            Self::Restored => "restored",
            Self::BackedUp => "backed_up",
            Self::PassphraseChanged => "passphrase_changed",
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Unlocked => "opened by its passphrase".to_owned(),
            Self::UnlockFailed(FailedUnlocks { count, first_ms, last_ms }) => format!(
                "{count} times a wrong passphrase was tried, first at {}, last at {}",
                utc(*first_ms),
                utc(*last_ms)
            ),
            Self::Locked => "closed".to_owned(),
            Self::Exported { vault, format, events } => {
                let format = match format {
                    ExportFormat::Jsonl => "lines of json",
                    ExportFormat::Csv => "csv",
                };
                format!("record of vault {vault} exported as {format}, {events} events")
            }
            Self::Restored => "put back from an older copy".to_owned(),
            Self::BackedUp => "backup of the whole installation written".to_owned(),
            Self::PassphraseChanged => "opened by a new passphrase from now on".to_owned(),
        }
    }
}

/// The end of an installation's own chain, where the next event goes.
pub struct AppRecord {
    keys: nostr::Keys,
    next: u64,
    newest: Option<EventId>,
}

impl AppRecord {
    /// The chain of a store. Its events are not judged: a fault in them keeps nobody from opening, see [`verify`].
    pub fn load(store: &Store) -> Result<Self, InstallationError> {
        let secret = nostr::SecretKey::from_slice(&store.app_identity()?[..]);
        let keys = nostr::Keys::new(secret.map_err(|_| InstallationError::StoredIdentity)?);
        let newest = store.last_app_event()?;
        let next = newest.as_ref().map_or(0, |row| row.n.saturating_add(1));
        Ok(Self { keys, next, newest: newest.map(|row| row.id) })
    }

    /// The installation's public key, x-only: it names the installation.
    pub fn installation(&self) -> MemberId {
        MemberId(self.keys.public_key().to_bytes())
    }

    /// Signs the next event and commits it.
    pub fn append(&mut self, store: &mut Store, action: &AppAction, now_ms: u64) -> Result<(), InstallationError> {
        let ms = now_ms.min(MS_LIMIT - 1);
        let content = serde_json::to_string(action).map_err(|error| failed(&error))?;
        let tags = tags(self.installation(), self.next, self.newest, ms);
        let tags = tags.into_iter().map(Tag::parse).collect::<Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
        let (author, time) = (self.keys.public_key(), Timestamp::from_secs(ms / 1000));
        let unsigned = UnsignedEvent::new(author, time, Kind::Custom(KIND_APP_EVENT), tags, content);
        let signed = unsigned.sign_with_keys(&self.keys).map_err(|error| failed(&error))?;
        let id = EventId(signed.id.to_bytes());
        store.append_app_event(&AppEventRow { n: self.next, id, json: signed.as_json(), ms })?;
        (self.next, self.newest) = (self.next.saturating_add(1), Some(id));
        Ok(())
    }
}

fn failed(reason: &impl ToString) -> InstallationError {
    InstallationError::OwnChain { reason: reason.to_string() }
}

/// The tags of an event, exactly these and in this order.
fn tags(installation: MemberId, n: u64, prev: Option<EventId>, ms: u64) -> Vec<[String; 2]> {
    let tag = |name: &str, value: String| [name.to_owned(), value];
    let mut tags = vec![tag("v", installation.to_string()), tag("n", n.to_string())];
    tags.extend(prev.map(|prev| tag("prev", prev.to_string())));
    tags.push(tag("ms", ms.to_string()));
    tags
}

/// What an event says; the type alone where this program does not understand it.
fn read_content(content: &str) -> Result<AppAction, &'static str> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str(content).map_err(|_| match serde_json::from_str::<Typed>(content) {
        Ok(typed) if !TYPES.contains(&typed.kind.as_str()) => "unknown",
        Ok(_) | Err(_) => "malformed",
    })
}

/// The chain in plain words, in order of its numbers. What cannot be read is shown as such.
pub fn entries(rows: &[AppEventRow]) -> Vec<AppEntryView> {
    let content = |row: &AppEventRow| read_signed(row.json.as_bytes()).ok().map(|signed| signed.content);
    let entry = |row: &AppEventRow| {
        let (kind, summary) = match content(row).as_deref().map_or(Err("malformed"), read_content) {
            Ok(action) => (action.type_name(), shown(&action.summary())),
            Err("unknown") => ("unknown", "something that this program does not know".to_owned()),
            Err(kind) => (kind, "cannot be read".to_owned()),
        };
        AppEntryView { event: row.id, n: row.n, ms: row.ms, kind: kind.to_owned(), summary }
    };
    rows.iter().map(entry).collect()
}

/// Judges a whole chain, in order of its numbers.
///
/// Errors: the first fault, its line counted from 1.
pub fn verify(installation: MemberId, rows: &[AppEventRow]) -> Result<AppVerifiedView, Fault> {
    let mut newest = None;
    let mut kinds = BTreeMap::new();
    for (row, line) in rows.iter().zip(1..) {
        let kind = check(installation, row, line - 1, newest).map_err(|(event, kind)| Fault { line, event, kind })?;
        *kinds.entry(kind.to_owned()).or_default() += 1;
        newest = Some(row.id);
    }
    Ok(AppVerifiedView { installation, events: rows.len() as u64, newest, kinds })
}

/// Checks one event of the chain; gives its type.
fn check(
    installation: MemberId,
    row: &AppEventRow,
    n: u64,
    prev: Option<EventId>,
) -> Result<&'static str, (Option<EventId>, FaultKind)> {
    let signed = read_signed(row.json.as_bytes())?;
    let id = EventId(signed.id.to_bytes());
    let fault = |kind| Err((Some(id), kind));
    let kind = signed.kind.as_u16();
    if kind != KIND_APP_EVENT {
        return fault(FaultKind::KindForeign { kind, expected: KIND_APP_EVENT });
    }
    if let Err(error) = signed.verify() {
        return fault(FaultKind::EventForged { reason: error.to_string() });
    }
    let author = MemberId(signed.pubkey.to_bytes());
    if author != installation {
        // The installation's id stands where a vault's would.
        return fault(FaultKind::VaultForeign { found: VaultId(author.0), expected: VaultId(installation.0) });
    }
    let stands: Vec<&[String]> = signed.tags.iter().map(Tag::as_slice).collect();
    let value =
        |name: &str| stands.iter().find(|tag| tag.first().is_some_and(|it| it == name)).and_then(|tag| tag.get(1));
    let held = prev.map(|prev| prev.to_string());
    if value("n") != Some(&n.to_string()) || value("prev") != held.as_ref() {
        return fault(FaultKind::ChainGap { author, n: u32::try_from(n).unwrap_or(u32::MAX) });
    }
    let Some(ms) = value("ms").and_then(|ms| ms.parse::<u64>().ok()).filter(|ms| *ms < MS_LIMIT) else {
        return fault(FaultKind::TagMalformed { name: "ms".to_owned(), fault: "missing, or not of its form" });
    };
    let created_at = signed.created_at.as_secs();
    if created_at != ms / 1000 {
        return fault(FaultKind::TimeDiffers { created_at, ms });
    }
    if stands != tags(installation, n, prev, ms).iter().map(|tag| &tag[..]).collect::<Vec<_>>() {
        return fault(FaultKind::TagMalformed {
            name: "v".to_owned(),
            fault: "not of its form, or there are more tags",
        });
    }
    if (row.id, row.n, row.ms) != (id, n, ms) {
        let reason = "it is stored under another id, number or time".to_owned();
        return fault(FaultKind::LineMalformed { reason });
    }
    Ok(match read_content(&signed.content) {
        Ok(action) => action.type_name(),
        Err(kind) => kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of one of each, 1 s apart.
    fn chain() -> (MemberId, Vec<AppEventRow>, nostr::Keys) {
        let mut store = Store::in_memory().unwrap();
        let mut record = AppRecord::load(&store).unwrap();
        let failed = FailedUnlocks { count: 3, first_ms: 5, last_ms: 9 };
        let exported = AppAction::Exported { vault: VaultId([7; 32]), format: ExportFormat::Csv, events: 12 };
        let actions = [
            AppAction::Restored,
            AppAction::UnlockFailed(failed),
            AppAction::Unlocked,
            exported,
            AppAction::Locked,
            AppAction::BackedUp,
            AppAction::PassphraseChanged,
        ];
        for (action, second) in actions.iter().zip(0..) {
            record.append(&mut store, action, 1_700_000_000_123 + second * 1_000).unwrap();
        }
        (record.installation(), store.app_events().unwrap(), record.keys)
    }

    #[test]
    fn an_own_chain_is_whole_and_told() {
        let (installation, rows, _) = chain();
        let view = verify(installation, &rows).unwrap();
        assert_eq!((view.events, view.newest), (7, rows.last().map(|row| row.id)));
        assert_eq!(
            view.kinds.keys().collect::<Vec<_>>(),
            ["backed_up", "exported", "locked", "passphrase_changed", "restored", "unlock_failed", "unlocked"]
        );
        let entries = entries(&rows);
        assert_eq!(
            entries[1].summary,
            "3 times a wrong passphrase was tried, first at 1970-01-01T00:00:00.005Z, last at 1970-01-01T00:00:00.009Z"
        );
        assert_eq!(entries[3].summary, format!("record of vault {} exported as csv, 12 events", VaultId([7; 32])));
        assert_eq!(entries[4].ms, 1_700_000_004_123);
        assert!(verify(installation, &[]).unwrap().newest.is_none());
    }

    #[test]
    fn the_chain_goes_on_where_it_ended() {
        let mut store = Store::in_memory().unwrap();
        for _ in 0..3 {
            let mut record = AppRecord::load(&store).unwrap();
            record.append(&mut store, &AppAction::Unlocked, 5_000).unwrap();
        }
        let record = AppRecord::load(&store).unwrap();
        assert_eq!(verify(record.installation(), &store.app_events().unwrap()).unwrap().events, 3);
    }

    #[test]
    fn each_fault_of_a_chain_is_named_with_its_line() {
        let (installation, rows, keys) = chain();
        let (stranger, foreign, _) = chain();
        let fault = |change: &dyn Fn(&mut Vec<AppEventRow>)| {
            let mut changed = rows.clone();
            change(&mut changed);
            let fault = verify(installation, &changed).unwrap_err();
            (fault.line, fault.kind.name())
        };
        let text = |from: &'static str, to: &'static str| {
            move |rows: &mut Vec<AppEventRow>| {
                assert!(rows[2].json.contains(from), "{}", rows[2].json);
                rows[2].json = rows[2].json.replacen(from, to, 1);
            }
        };
        // A row that the installation itself signed, with other tags or another kind.
        let signed = |kind: u16, tags: Vec<[String; 2]>, s: u64| {
            let tags: Vec<Tag> = tags.into_iter().map(|tag| Tag::parse(tag).unwrap()).collect();
            let content = "{\"type\":\"unlocked\"}";
            let unsigned =
                UnsignedEvent::new(keys.public_key(), Timestamp::from_secs(s), Kind::Custom(kind), tags, content);
            let signed = unsigned.sign_with_keys(&keys).unwrap();
            let (id, json) = (EventId(signed.id.to_bytes()), signed.as_json());
            move |rows: &mut Vec<AppEventRow>| rows[2] = AppEventRow { id, json: json.clone(), ..rows[2].clone() }
        };
        let (ms, prev) = (rows[2].ms, Some(rows[1].id));
        let more = [tags(installation, 2, prev, ms), vec![["also".to_owned(), "1".to_owned()]]].concat();
        assert_eq!(fault(&|rows| drop(rows.remove(1))), (2, "chain-gap"));
        assert_eq!(fault(&|rows| drop(rows.remove(0))), (1, "chain-gap"));
        assert_eq!(fault(&|rows| rows.swap(2, 3)), (3, "chain-gap"));
        assert_eq!(fault(&|rows| rows.insert(2, rows[1].clone())), (3, "chain-gap"));
        assert_eq!(fault(&text("unlocked", "unlocket")), (3, "event-forged"));
        assert_eq!(fault(&text("{", "{\"also\":1,")), (3, "line-malformed"));
        assert_eq!(fault(&|rows| rows[2].json = "x".repeat(300_000)), (3, "line-too-long"));
        assert_eq!(fault(&|rows| rows[4].ms += 1), (5, "line-malformed"));
        assert_eq!(fault(&|rows| rows[4].id = EventId([0; 32])), (5, "line-malformed"));
        assert_eq!(fault(&signed(8417, tags(installation, 2, prev, ms), ms / 1000)), (3, "kind-foreign"));
        assert_eq!(fault(&signed(KIND_APP_EVENT, tags(installation, 2, prev, ms), 1)), (3, "time-differs"));
        assert_eq!(fault(&signed(KIND_APP_EVENT, tags(stranger, 2, prev, ms), ms / 1000)), (3, "tag-malformed"));
        assert_eq!(fault(&signed(KIND_APP_EVENT, more, ms / 1000)), (3, "tag-malformed"));
        assert_eq!(
            fault(&signed(KIND_APP_EVENT, tags(installation, 2, prev, ms)[..3].to_vec(), 1)),
            (3, "tag-malformed")
        );
        assert_eq!(fault(&|rows| rows[0] = foreign[0].clone()), (1, "vault-foreign"));
        // Signed by hand, but as it should be.
        let mut same = rows.clone();
        signed(KIND_APP_EVENT, tags(installation, 2, prev, ms), ms / 1000)(&mut same);
        assert_eq!(verify(installation, &same[..3]).unwrap().events, 3);
    }

    #[test]
    fn what_a_newer_program_wrote_is_told_from_nonsense() {
        assert_eq!(read_content("{\"type\":\"paired\",\"with\":1}"), Err("unknown"));
        for content in ["", "[]", "{}", "{\"type\":\"exported\"}", "{\"type\":\"unlock_failed\",\"count\":-1}"] {
            assert_eq!(read_content(content), Err("malformed"), "{content}");
        }
        for kind in TYPES {
            assert_ne!(read_content(&format!("{{\"type\":\"{kind}\"}}")).err(), Some("unknown"), "{kind}");
        }
    }
}
