//! Judging a record from the outside: an export, line by line, without an installation and without trust in whoever
//! wrote it. Names the first fault, or tells what the record holds.
//!
//! The chains are checked here on the bare events and not by the vault's log, so that what the log admits on the way in
//! and what is checked afterwards are two pieces of code. What does not belong here: files, and words for people.

mod compare;
mod fault;

use std::collections::{BTreeMap, HashMap};

use conclave_shared::{EventId, MemberId, StateDigest, VaultId};

use crate::action::{Action, Content};
use crate::event::{EVENT_LIMIT, Event, read_json};
use crate::log::AUTHORS_LIMIT;
use crate::vault::{Vault, Void};

pub use compare::Comparison;
pub use fault::{Fault, FaultKind};

/// What one author wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// The name that the author joined with, where the joining has effect.
    pub name: Option<String>,
    /// How many events.
    pub events: u64,
    /// The newest of them.
    pub newest: EventId,
}

/// An event without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidEvent {
    /// The event.
    pub event: EventId,
    /// Its author.
    pub author: MemberId,
    /// Why it has none.
    pub reason: Void,
}

/// A record without fault, and what it holds.
///
/// That events were cut off at the end does not show in the record itself: compare the newest events of each author, or
/// a second record ([`Verified::compare`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which vault.
    pub vault: VaultId,
    /// The `created` event that the record was folded from.
    pub created: EventId,
    /// How many events.
    pub events: u64,
    /// What each author wrote.
    pub authors: BTreeMap<MemberId, Authored>,
    /// How many events of each type; `unknown` and `malformed` for contents that are no action of this program.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Events without effect, in the order of the record.
    pub void: Vec<VoidEvent>,
    /// Digest of the state that the record folds to.
    pub state_digest: StateDigest,
    /// Author, number and id of each event, in the order of the record.
    order: Vec<(MemberId, u32, EventId)>,
    chains: BTreeMap<MemberId, Vec<EventId>>,
}

/// Judges a whole export: one event a line, in order of (rank, id). CRLF, a missing last line end and empty lines at the
/// end are accepted.
///
/// Errors: the first [`Fault`].
pub fn verify<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Verified, Fault> {
    let mut record = Record::exported();
    for line in lines {
        record.take(line.as_bytes())?;
    }
    record.finish()
}

/// A record that is being read.
#[derive(Debug)]
pub struct Record {
    vault: Option<VaultId>,
    /// The `created` that an installation knows to count. An export is taken at its own word.
    created: Option<EventId>,
    /// Whether the lines must stand in order of (rank, id); else each after what it builds on.
    ordered: bool,
    lines: u64,
    empty: Option<u64>,
    events: Vec<Event>,
    ranks: HashMap<EventId, (u64, u64)>,
    chains: BTreeMap<MemberId, Vec<EventId>>,
    newest: Option<(u64, EventId)>,
}

impl Record {
    /// An export: lines in order of (rank, id).
    ///
    /// `created` has no place of its own in that order: it stands where its rank puts it, and those who joined without
    /// holding it may stand before it. The fold takes it first wherever it stands.
    pub fn exported() -> Self {
        Self {
            vault: None,
            created: None,
            ordered: true,
            lines: 0,
            empty: None,
            events: Vec::new(),
            ranks: HashMap::new(),
            chains: BTreeMap::new(),
            newest: None,
        }
    }

    /// What an installation stored of a vault, in order of arrival: each event after what it builds on. That the creation
    /// has not arrived yet is no fault.
    pub fn stored(vault: VaultId, created: EventId) -> Self {
        Self { vault: Some(vault), created: Some(created), ordered: false, ..Self::exported() }
    }

    /// Takes the next line, with or without its end.
    ///
    /// Errors: what is wrong with it. Nothing may be taken after a fault.
    pub fn take(&mut self, line: &[u8]) -> Result<(), Fault> {
        self.lines += 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.empty.get_or_insert(self.lines);
            return Ok(());
        }
        if let Some(line) = self.empty {
            let kind = FaultKind::LineMalformed { reason: "it is empty, and more lines follow".to_owned() };
            return Err(Fault { line, event: None, kind });
        }
        let at = |event, kind| Fault { line: self.lines, event, kind };
        let event = read(line).map_err(|(event, kind)| at(event, kind))?;
        let rank = self.check(&event).map_err(|kind| at(Some(event.id), kind))?;
        self.vault = Some(event.vault);
        self.newest = Some((rank, event.id));
        self.ranks.insert(event.id, (rank, self.lines));
        self.chains.entry(event.author).or_default().push(event.id);
        self.events.push(event);
        Ok(())
    }

    /// Whether an event may stand on the next line; gives its rank.
    fn check(&self, event: &Event) -> Result<u64, FaultKind> {
        if let Some(expected) = self.vault.filter(|vault| *vault != event.vault) {
            return Err(FaultKind::VaultForeign { found: event.vault, expected });
        }
        if let Some((_, first)) = self.ranks.get(&event.id) {
            return Err(FaultKind::EventDoubled { first: *first });
        }
        let (author, n) = (event.author, event.n);
        let chain = self.chains.get(&author).map_or(&[][..], Vec::as_slice);
        if let Some(first) = chain.get(n as usize) {
            return Err(FaultKind::TwoStories { author, n, first: *first });
        }
        if chain.len() != n as usize || chain.last().copied() != event.prev {
            return Err(FaultKind::ChainGap { author, n });
        }
        if chain.is_empty() && self.chains.len() == AUTHORS_LIMIT {
            return Err(FaultKind::AuthorsTooMany);
        }
        if let Some(missing) = event.seen.iter().find(|seen| !self.ranks.contains_key(seen)) {
            return Err(FaultKind::SeenMissing { missing: *missing });
        }
        let before = event.prev.iter().chain(&event.seen).filter_map(|id| self.ranks.get(id));
        let rank = before.fold(event.ms, |rank, (before, _)| rank.max(before.saturating_add(1)));
        match self.newest {
            Some((newest, after)) if self.ordered && (rank, event.id) < (newest, after) => {
                Err(FaultKind::OrderBroken { after })
            }
            Some(_) | None => Ok(rank),
        }
    }

    /// Ends the record and folds it.
    ///
    /// Errors: [`FaultKind::CreationMissing`].
    pub fn finish(self) -> Result<Verified, Fault> {
        let missing = || Fault { line: self.lines.saturating_add(1), event: None, kind: FaultKind::CreationMissing };
        let created = self.created.or_else(|| self.first_creation()).ok_or_else(missing)?;
        let vault = self.vault.ok_or_else(missing)?;
        let order = self.events.iter().map(|event| (event.author, event.n, event.id)).collect::<Vec<_>>();
        let mut kinds = BTreeMap::new();
        for event in &self.events {
            *kinds.entry(event.content.type_name()).or_default() += 1;
        }
        // Nobody in particular: the fold, which is all that is read of it, is the same for every member.
        let mut fold = Vault::new(vault, created, MemberId([0; 32]));
        let events = self.events.len() as u64;
        fold.receive_all(self.events);
        let void = order.iter().filter_map(|(author, _, event)| {
            Some(VoidEvent { event: *event, author: *author, reason: fold.void().get(event)?.clone() })
        });
        let authors = self.chains.iter().filter_map(|(author, chain)| {
            let name = fold.joiners().get(author).map(|joiner| joiner.joined.name.clone());
            Some((*author, Authored { name, events: chain.len() as u64, newest: *chain.last()? }))
        });
        Ok(Verified {
            vault,
            created,
            events,
            authors: authors.collect(),
            kinds,
            void: void.collect(),
            state_digest: fold.state_digest(),
            order,
            chains: self.chains,
        })
    }

    /// The creation that an export rests on. An honest organiser begins with it; who writes another one later, as whatever
    /// event of theirs, does not come first however it is dated.
    fn first_creation(&self) -> Option<EventId> {
        let creations = self.events.iter().filter(|event| matches!(event.content, Content::Known(Action::Created(_))));
        creations.min_by_key(|event| event.n).map(|event| event.id)
    }
}

/// Reads a line as an event of this protocol; on a fault says which event the line names, where it names one.
fn read(line: &[u8]) -> Result<Event, (Option<EventId>, FaultKind)> {
    let signed = read_signed(line)?;
    let id = EventId(signed.id.to_bytes());
    Event::from_signed(signed).map_err(|fault| (Some(id), fault.into()))
}

/// Reads a line as the JSON of one NIP-01 event and of nothing else; id and signature are not checked yet. On a fault says
/// which event the line names, where it names one.
pub fn read_signed(line: &[u8]) -> Result<nostr::Event, (Option<EventId>, FaultKind)> {
    if line.len() > EVENT_LIMIT {
        return Err((None, FaultKind::LineTooLong { bytes: line.len() }));
    }
    let malformed = |reason: String| FaultKind::LineMalformed { reason };
    let text = std::str::from_utf8(line).map_err(|error| (None, malformed(error.to_string())))?;
    let signed = read_json(text).map_err(|fault| (None, fault.into()))?;
    let id = EventId(signed.id.to_bytes());
    // The signature covers the event's fields alone: what else stands on the line would pass as verified with them.
    let stands: serde_json::Value =
        serde_json::from_str(text).map_err(|error| (Some(id), malformed(error.to_string())))?;
    if serde_json::to_value(&signed).ok() != Some(stands) {
        let reason = "it has fields beyond those of an event, or spells them otherwise".to_owned();
        return Err((Some(id), malformed(reason)));
    }
    Ok(signed)
}
