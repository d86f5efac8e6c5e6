//! The log of one vault: which events are admitted, which wait, and who held what when they wrote.
//!
//! Admission looks at the form of the record alone (numbers without gaps, `prev`, all `seen` held), never at what an
//! event says or whether its author may say it: that is the fold's business (`vault`). The log keeps the place of each
//! admitted event, not its text: that lives in the store, so that a long record costs little memory.

mod snapshot;
mod waiting;

use std::collections::{BTreeMap, HashMap};

use conclave_shared::{EventId, MemberId, VaultId};

use crate::event::Event;
use waiting::Waiting;

pub(crate) use snapshot::Bytes;
pub use snapshot::SnapshotFault;
pub use waiting::{WAITING_BYTES_LIMIT, WAITING_LIMIT};

/// Most authors in one log.
pub const AUTHORS_LIMIT: usize = 50;
/// How many second stories of one author are taken, with all that follows on them. What else the author tells is taken only
/// as far as somebody else builds on it.
pub const BRANCHES_LIMIT: usize = 4;

/// Why a valid event is not taken into a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is of another vault.
    #[error("the event is of vault {found}")]
    OtherVault {
        /// The vault it names.
        found: VaultId,
    },
    /// `prev` is not the author's event before it.
    #[error("event {n} of {author} does not follow the event that it names as prev")]
    BrokenChain {
        /// Its author.
        author: MemberId,
        /// Its number.
        n: u32,
    },
    /// The author has told [`BRANCHES_LIMIT`] stories beside the first already, and nobody builds on this one.
    #[error("{author} told more than {BRANCHES_LIMIT} stories: this one, on which nobody builds, is not kept")]
    TooManyStories {
        /// Who.
        author: MemberId,
    },
    /// [`WAITING_LIMIT`] or [`WAITING_BYTES_LIMIT`] is reached.
    #[error("too many events of {author} wait for missing ones, this one is not kept")]
    TooManyWaiting {
        /// Who.
        author: MemberId,
    },
    /// [`AUTHORS_LIMIT`] is reached.
    #[error("the vault's log has {AUTHORS_LIMIT} authors already")]
    TooManyAuthors,
}

/// What became of an event offered to a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Admitted.
    Admitted {
        /// The event and those that waited for it, each after what it builds on.
        events: Vec<Event>,
        /// Those that waited for it and turn out not to fit.
        dropped: Vec<(EventId, Refusal)>,
    },
    /// Held already.
    Held,
    /// Kept until what it builds on arrives.
    Waiting {
        /// What is missing.
        missing: Vec<EventId>,
    },
}

/// The place of an admitted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// Its id.
    pub id: EventId,
    /// Its author.
    pub author: MemberId,
    /// Its number in its author's chain.
    pub n: u32,
    /// max(ms, 1 + the largest rank among `prev` and `seen`): with the id it orders display and export.
    pub rank: u64,
}

/// What the log keeps of an event.
#[derive(Debug, Clone)]
struct Entry {
    id: EventId,
    rank: u64,
    n: u32,
    branch: u32,
    /// Where in `Log::pasts` its past begins, and how long it is.
    past: (usize, u32),
}

/// A line of events by one author, each the `prev` of the next. A member who tells one story has one; every second story
/// begins one more where it leaves the first.
#[derive(Debug, Clone)]
struct Branch {
    author: MemberId,
    /// The branch that it leaves; none where it begins with number 0.
    parent: Option<u32>,
    /// Number of its first event.
    base: u32,
    /// Its events, as positions in `Log::entries`.
    entries: Vec<u32>,
}

/// Whether an event's place is judged now or was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Now,
    Before,
}

/// The events of one vault.
#[derive(Debug, Clone)]
pub struct Log {
    vault: VaultId,
    positions: HashMap<EventId, u32>,
    /// In order of admission.
    entries: Vec<Entry>,
    /// The pasts of all events, one after the other: for each branch that was known then, up to which number (exclusive)
    /// its events stand in the event's past, itself included.
    pasts: Vec<u32>,
    branches: Vec<Branch>,
    /// Branches of each author, in order of admission.
    authors: BTreeMap<MemberId, Vec<u32>>,
    /// Of whose stories beyond [`BRANCHES_LIMIT`] something was taken because somebody builds on it: author, who builds
    /// on it, and the newest event that was taken so.
    vouched: BTreeMap<(MemberId, MemberId), EventId>,
    waiting: Waiting,
    two_stories: BTreeMap<MemberId, (EventId, EventId)>,
}

impl Log {
    /// An empty log.
    pub fn new(vault: VaultId) -> Self {
        Self {
            vault,
            positions: HashMap::new(),
            entries: Vec::new(),
            pasts: Vec::new(),
            branches: Vec::new(),
            authors: BTreeMap::new(),
            vouched: BTreeMap::new(),
            waiting: Waiting::default(),
            two_stories: BTreeMap::new(),
        }
    }

    /// Offers an event to the log. A refusal changes nothing that is held.
    pub fn admit(&mut self, event: Event) -> Result<Admission, Refusal> {
        self.take(event, Judged::Now)
    }

    /// Takes an event that was admitted here before, in the order of admission: what made room for it then (somebody who
    /// waited for it) comes after it now.
    pub fn readmit(&mut self, event: Event) -> Result<Admission, Refusal> {
        self.take(event, Judged::Before)
    }

    fn take(&mut self, event: Event, judged: Judged) -> Result<Admission, Refusal> {
        if event.vault != self.vault {
            return Err(Refusal::OtherVault { found: event.vault });
        }
        if self.positions.contains_key(&event.id) || self.waiting.contains(event.id) {
            return Ok(Admission::Held);
        }
        let missing: Vec<EventId> = builds_on(&event).filter(|id| !self.positions.contains_key(id)).collect();
        if !missing.is_empty() {
            self.waiting.keep(event, &missing)?;
            return Ok(Admission::Waiting { missing });
        }
        self.insert(&event, judged)?;
        let (mut events, mut dropped) = (vec![event], Vec::new());
        // Whoever waited for it may enter now, and whoever waited for those, in order of arrival of what they build on.
        let mut next = 0;
        while let Some(id) = events.get(next).map(|event| event.id) {
            next += 1;
            for waiter in self.waiting.called_by(id) {
                let ready = |event: &Event| builds_on(event).all(|id| self.positions.contains_key(&id));
                let Some(event) = self.waiting.take_if(waiter, ready) else { continue };
                match self.insert(&event, judged) {
                    Ok(()) => events.push(event),
                    Err(refusal) => dropped.push((waiter, refusal)),
                }
            }
        }
        Ok(Admission::Admitted { events, dropped })
    }

    /// Puts an event whose past is held at the end of a branch, or begins one.
    fn insert(&mut self, event: &Event, judged: Judged) -> Result<(), Refusal> {
        let branch = self.branch_for(event, judged)?;
        let mut past = vec![0; self.branches.len()];
        let mut rank = event.ms;
        for before in builds_on(event).filter_map(|id| self.entry(id)) {
            rank = rank.max(before.rank.saturating_add(1));
            for (mine, theirs) in past.iter_mut().zip(self.past(before)) {
                *mine = (*mine).max(*theirs);
            }
        }
        past[branch as usize] = event.n.saturating_add(1);
        while past.last() == Some(&0) {
            past.pop();
        }
        let position = self.entries.len() as u32;
        let begin = self.pasts.len();
        self.entries.push(Entry { id: event.id, rank, n: event.n, branch, past: (begin, past.len() as u32) });
        self.pasts.append(&mut past);
        self.branches[branch as usize].entries.push(position);
        self.positions.insert(event.id, position);
        event.seen.iter().for_each(|seen| self.note_vouching(event.author, *seen));
        Ok(())
    }

    /// The branch at whose end the event stands; a new one where the author's story parts there, which is noted.
    fn branch_for(&mut self, event: &Event, judged: Judged) -> Result<u32, Refusal> {
        let author = event.author;
        let broken = Refusal::BrokenChain { author, n: event.n };
        let first = || self.authors.get(&author).and_then(|branches| branches.first()).map(|first| (*first, 0));
        let (parent, place) = match event.prev {
            Some(prev) => {
                let prev = self.entry(prev).ok_or(broken.clone())?;
                let branch = &self.branches[prev.branch as usize];
                if branch.author != author || prev.n.checked_add(1) != Some(event.n) {
                    return Err(broken);
                }
                (Some(prev.branch), Some((prev.branch, (event.n - branch.base) as usize)))
            }
            None if event.n != 0 => return Err(broken),
            None => (None, first()),
        };
        let held = place.and_then(|(branch, at)| self.branches[branch as usize].entries.get(at));
        let held = held.map(|position| self.entries[*position as usize].id);
        if place.is_none() && self.authors.len() == AUTHORS_LIMIT {
            return Err(Refusal::TooManyAuthors);
        }
        let crowded = self.tells_many(author);
        let free = !crowded || (held.is_none() && parent.is_some_and(|branch| !self.is_beyond(branch)));
        if !free && judged == Judged::Now {
            let voucher = self.voucher(event).ok_or(Refusal::TooManyStories { author })?;
            self.vouched.insert((author, voucher), event.id);
        }
        match (parent, held) {
            (Some(branch), None) => Ok(branch),
            (_, held) => {
                if let Some(held) = held {
                    self.two_stories.entry(author).or_insert((held, event.id));
                }
                let number = self.branches.len() as u32;
                self.branches.push(Branch { author, parent, base: event.n, entries: Vec::new() });
                self.authors.entry(author).or_default().push(number);
                Ok(number)
            }
        }
    }

    /// Whether an author told so many stories that further ones are taken only as far as others build on them.
    pub(crate) fn tells_many(&self, author: MemberId) -> bool {
        self.authors.get(&author).is_some_and(|branches| branches.len() > BRANCHES_LIMIT)
    }

    /// Whether a branch is one of those beyond its author's first [`BRANCHES_LIMIT`] second stories.
    fn is_beyond(&self, branch: u32) -> bool {
        let all = self.authors.get(&self.branches[branch as usize].author);
        !all.is_some_and(|all| all.iter().take(BRANCHES_LIMIT + 1).any(|one| *one == branch))
    }

    /// Somebody who tells one story and waits for this event: an honest member builds on one story of another alone, for
    /// who knows of two builds on neither. So each can vouch for one line of events, and nobody can make the others hold
    /// stories without end.
    fn voucher(&self, event: &Event) -> Option<MemberId> {
        let honest = |member: &MemberId| {
            let last = self.vouched.get(&(event.author, *member));
            !self.two_stories.contains_key(member)
                && last.is_none_or(|last| event.prev.is_some_and(|prev| self.on_one_story(*last, prev)))
        };
        self.waiting.builders_on(event.id, event.author).into_iter().find(honest)
    }

    /// Notes that an event of `by` names one that stands beyond its author's first stories.
    fn note_vouching(&mut self, by: MemberId, named: EventId) {
        let Some(entry) = self.entry(named).filter(|entry| self.is_beyond(entry.branch)) else { return };
        let key = (self.branches[entry.branch as usize].author, by);
        if key.0 != by && self.vouched.get(&key).is_none_or(|last| self.on_one_story(*last, named)) {
            self.vouched.insert(key, named);
        }
    }

    /// Whether `earlier` is `later` or one of the events before it in its author's own chain.
    pub(crate) fn on_one_story(&self, earlier: EventId, later: EventId) -> bool {
        let (Some(earlier), Some(later)) = (self.entry(earlier), self.entry(later)) else { return false };
        let (mut branch, mut n) = (later.branch, later.n);
        while branch != earlier.branch {
            let Branch { parent: Some(parent), base, .. } = self.branches[branch as usize] else { return false };
            (branch, n) = (parent, base.saturating_sub(1));
        }
        earlier.n <= n
    }

    fn entry(&self, id: EventId) -> Option<&Entry> {
        self.entries.get(*self.positions.get(&id)? as usize)
    }

    fn past(&self, entry: &Entry) -> &[u32] {
        let (begin, length) = entry.past;
        &self.pasts[begin..begin + length as usize]
    }

    fn admitted(&self, entry: &Entry) -> Admitted {
        let author = self.branches[entry.branch as usize].author;
        Admitted { id: entry.id, author, n: entry.n, rank: entry.rank }
    }

    /// The place of an admitted event.
    pub fn get(&self, id: EventId) -> Option<Admitted> {
        self.entry(id).map(|entry| self.admitted(entry))
    }

    /// Whether an event is admitted.
    pub fn holds(&self, id: EventId) -> bool {
        self.positions.contains_key(&id)
    }

    /// Whether `earlier` stands in the causal past of `later` (an event stands in its own).
    pub fn in_past(&self, earlier: EventId, later: EventId) -> bool {
        match (self.entry(earlier), self.entry(later)) {
            (Some(earlier), Some(later)) => {
                self.past(later).get(earlier.branch as usize).is_some_and(|held| *held > earlier.n)
            }
            _ => false,
        }
    }

    /// What stands in an event's past, itself included; nothing where it is not admitted.
    pub fn known_by(&self, event: EventId) -> Known<'_> {
        Known { log: self, past: self.entry(event).map_or(&[], |entry| self.past(entry)) }
    }

    /// All admitted events by (rank, id): each after what it builds on, in the same order on every machine.
    pub fn in_order(&self) -> Vec<Admitted> {
        let mut all: Vec<Admitted> = self.entries.iter().map(|entry| self.admitted(entry)).collect();
        all.sort_unstable_by_key(|admitted| (admitted.rank, admitted.id));
        all
    }

    /// Every author with the number and id of their newest event; one entry for each story of who told several. Sorted.
    pub fn heads(&self) -> Vec<(MemberId, u32, EventId)> {
        let newest = |branch: &Branch| branch.entries.last().map(|last| &self.entries[*last as usize]);
        let heads = self.branches.iter().filter_map(|branch| {
            let entry = newest(branch)?;
            Some((branch.author, entry.n, entry.id))
        });
        let mut heads: Vec<_> = heads.collect();
        heads.sort_unstable();
        heads
    }

    /// Number and id of an author's newest event: of their longest story, of equal ones the one that came first.
    pub fn newest(&self, author: MemberId) -> Option<(u32, EventId)> {
        let branches = self.authors.get(&author)?.iter().map(|branch| &self.branches[*branch as usize]);
        let newest = branches.filter_map(|branch| branch.entries.last()).map(|last| &self.entries[*last as usize]);
        newest.rev().max_by_key(|entry| entry.n).map(|entry| (entry.n, entry.id))
    }

    /// What a new event of `author` must name: number, `prev`, and those newest events of others who count that `prev` and
    /// the other `seen` do not already imply.
    pub fn place_for(
        &self,
        author: MemberId,
        counts: impl Fn(MemberId) -> bool,
    ) -> (u32, Option<EventId>, Vec<EventId>) {
        let newest = self.newest(author);
        let others = self.authors.keys().filter(|other| **other != author && counts(**other));
        let heads: Vec<EventId> =
            others.filter_map(|other| self.story_to_build_on(*other, newest.map(|(_, prev)| prev))).collect();
        let implied = |id: EventId, by: EventId| id != by && self.in_past(id, by);
        let seen = heads
            .iter()
            .copied()
            .filter(|id| {
                !newest.is_some_and(|(_, prev)| implied(*id, prev)) && !heads.iter().any(|by| implied(*id, *by))
            })
            .collect();
        (newest.map_or(0, |(n, _)| n.saturating_add(1)), newest.map(|(_, id)| id), seen)
    }

    /// The newest event of an author that somebody may build on whose newest own event is `prev`. Of who told several
    /// stories it is the one that `prev` has built on already, else the one that came first; none where `prev` knows of
    /// two. So each builds on one story alone, and what was granted on it stays known.
    fn story_to_build_on(&self, author: MemberId, prev: Option<EventId>) -> Option<EventId> {
        let all = self.authors.get(&author)?;
        let known = |branch: u32| prev.map_or(0, |prev| self.known_of(branch as usize, prev));
        let base = |branch: u32| self.branches[branch as usize].base;
        let built_on: Vec<u32> = all.iter().copied().filter(|branch| known(*branch) > base(*branch)).collect();
        // A branch of which no more is known than what another one follows on is the beginning of that other story.
        let begins = |one: u32| {
            built_on
                .iter()
                .any(|other| self.branches[*other as usize].parent == Some(one) && known(one) <= base(*other))
        };
        let stories: Vec<u32> = built_on.iter().copied().filter(|branch| !begins(*branch)).collect();
        let branch = match stories[..] {
            [] => *all.first()?,
            [one] => one,
            _ => return None,
        };
        let last = self.branches[branch as usize].entries.last()?;
        Some(self.entries[*last as usize].id)
    }

    /// How many branches there are; they are numbered from 0, in order of admission here, which is no two machines' same.
    pub fn branches(&self) -> usize {
        self.branches.len()
    }

    /// The author of a branch, and the numbers of its first event and of the one that would follow its last.
    pub fn branch(&self, branch: usize) -> Option<(MemberId, u32, u32)> {
        let branch = self.branches.get(branch)?;
        Some((branch.author, branch.base, branch.base.saturating_add(branch.entries.len() as u32)))
    }

    /// The events of a branch with numbers from `from` up to and without `to`.
    pub fn events_of(&self, branch: usize, from: u32, to: u32) -> impl Iterator<Item = Admitted> {
        let branch = self.branches.get(branch);
        let entries = branch.and_then(|branch| {
            let end = (to.saturating_sub(branch.base) as usize).min(branch.entries.len());
            branch.entries.get(from.saturating_sub(branch.base) as usize..end)
        });
        entries.unwrap_or_default().iter().map(|position| self.admitted(&self.entries[*position as usize]))
    }

    /// Up to which number (exclusive) a branch's events stand in an event's past; 0 for none.
    pub fn known_of(&self, branch: usize, by: EventId) -> u32 {
        self.entry(by).and_then(|entry| self.past(entry).get(branch)).copied().unwrap_or(0)
    }

    /// Events that others build on and that are not held.
    pub fn missing(&self) -> impl Iterator<Item = EventId> {
        self.waiting.missing()
    }

    /// The first `limit` of those to ask for: of everybody whose events wait in turn, so that who builds on what nobody
    /// has cannot hide what others miss.
    pub fn wants(&self, limit: usize) -> Vec<EventId> {
        self.waiting.wants(limit)
    }

    /// Up to which number (exclusive) a branch is for everybody: to its end, but of an author with more than
    /// [`BRANCHES_LIMIT`] second stories, of which members may hold different ones, as far as others build on it.
    pub fn common_of(&self, branch: usize) -> u32 {
        let Some((author, _, end)) = self.branch(branch) else { return 0 };
        if self.authors.get(&author).is_none_or(|branches| branches.len() <= BRANCHES_LIMIT) {
            return end;
        }
        let others = self.branches.iter().filter(|other| other.author != author);
        let newest = others.filter_map(|other| other.entries.last());
        let known = newest.filter_map(|last| self.past(&self.entries[*last as usize]).get(branch));
        known.copied().max().unwrap_or(0)
    }

    /// How many events are admitted.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is admitted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The events that wait.
    pub fn waiting_events(&self) -> impl Iterator<Item = &Event> {
        self.waiting.events()
    }

    /// How many events wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Members who told two stories, each with two events of one number. Which two may differ between machines.
    pub fn two_stories(&self) -> &BTreeMap<MemberId, (EventId, EventId)> {
        &self.two_stories
    }
}

/// What stands in the causal past of one event.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    log: &'a Log,
    past: &'a [u32],
}

impl Known<'_> {
    /// Whether an event stands in it.
    pub fn holds(&self, id: EventId) -> bool {
        let entry = self.log.entry(id);
        entry.is_some_and(|entry| self.past.get(entry.branch as usize).is_some_and(|held| *held > entry.n))
    }
}

fn builds_on(event: &Event) -> impl Iterator<Item = EventId> {
    event.prev.into_iter().chain(event.seen.iter().copied())
}
