//! This member's next event: its number, what it builds on, under which configuration.

use std::collections::BTreeSet;

use conclave_shared::{Cfg, EventId, MemberId};

use super::votes::Standing;
use super::{CANDIDATE_EVENTS, Vault};
use crate::action::Action;
use crate::event::Draft;

impl Vault {
    /// A draft of this member's next event, to be signed with the identity key.
    pub fn draft(&self, action: Action, now_ms: u64) -> Draft {
        let (n, prev, seen) = self.place_for_next();
        let cfg = match (&action, self.active()) {
            (Action::Created(_), _) => None,
            (_, Some(active)) => Some(active.cfg),
            (_, None) => Some(Cfg(self.created.0)),
        };
        Draft { vault: self.id, author: self.me, n, prev, seen, cfg, ms: now_ms, action }
    }

    /// Number, `prev` and `seen` of this member's next event.
    fn place_for_next(&self) -> (u32, Option<EventId>, Vec<EventId>) {
        // Once there are members, nobody else's events are built on: who used an invitation later, with one member's help,
        // cannot make the others wait for what they refuse.
        let active = self.active();
        let counts = |author| {
            let member = active.is_none_or(|active| active.member(author).is_some());
            let candidate =
                || self.is_candidate(author) && self.log.newest(author).is_some_and(|(n, _)| n < CANDIDATE_EVENTS);
            member || candidate()
        };
        let (n, prev, mut seen) = self.log.place_for(self.me, counts);
        let before: Vec<EventId> = prev.into_iter().chain(seen.iter().copied()).collect();
        seen.extend(self.relied_on(&before));
        (n, prev, seen)
    }

    /// Consents of members who told two stories, as far as the accepted configurations rest on them and nothing else brings
    /// them into the past of this member's next event: without them nobody could act under those, or settle them. Of who
    /// told many stories one at most is built on: for more the others take nobody's word.
    fn relied_on(&self, before: &[EventId]) -> BTreeSet<EventId> {
        let liars = self.log.two_stories();
        let mut relied = BTreeSet::new();
        if liars.is_empty() {
            return relied;
        }
        let known = |id| before.iter().any(|by| self.log.in_past(id, *by));
        let Standing { active, doubled } = self.standing();
        let lacking = active.map(|active| active.cfg).into_iter().chain(doubled);
        let lacking = lacking.filter(|cfg| !self.state.accepted(*cfg, &self.log, known));
        let consents = lacking.filter_map(|cfg| self.state.candidates.get(&cfg)).flat_map(|it| it.consents.events());
        for (by, vote) in consents.filter(|(by, vote)| liars.contains_key(by) && !known(*vote)) {
            let told = relied.iter().copied().find(|it| self.log.get(*it).is_some_and(|it| it.author == by));
            let told = told.or_else(|| self.newest_of(by, before));
            let same = |it| self.log.on_one_story(it, vote) || self.log.on_one_story(vote, it);
            if !self.log.tells_many(by) || told.is_none_or(same) {
                relied.insert(vote);
            }
        }
        relied
    }

    /// Whether this member's next event builds on an event.
    pub(super) fn builds_on(&self) -> impl Fn(EventId) -> bool {
        let (_, prev, seen) = self.place_for_next();
        move |id| prev.iter().chain(&seen).any(|by| self.log.in_past(id, *by))
    }

    /// The newest event of an author that this member's next event builds on.
    pub(super) fn newest_built_on(&self, author: MemberId) -> Option<EventId> {
        let (_, prev, seen) = self.place_for_next();
        self.newest_of(author, &prev.into_iter().chain(seen).collect::<Vec<EventId>>())
    }

    /// The newest event of an author in the pasts of these.
    fn newest_of(&self, author: MemberId, before: &[EventId]) -> Option<EventId> {
        let known = |branch| before.iter().map(move |by| self.log.known_of(branch, *by)).max().unwrap_or(0);
        let branches = 0..self.log.branches();
        let own = branches.filter(|branch| self.log.branch(*branch).is_some_and(|(by, ..)| by == author));
        let newest = own.map(|branch| (known(branch), branch)).max().filter(|(known, _)| *known > 0);
        let (end, branch) = newest?;
        self.log.events_of(branch, end - 1, end).next().map(|event| event.id)
    }
}
