//! Events that change an active vault's configuration: places opened, proofs of new identities, successors, votes.

use conclave_shared::{Cfg, Role};

use super::{Fold, is_keyholder};
use crate::action::{IdentityReplaced, PlaceOpened, Voted};
use crate::configuration::CheckedConfiguration;
use crate::event::Event;
use crate::invitation::roles_of;
use crate::vault::Void;
use crate::vault::votes::Settlement;

impl Fold<'_> {
    /// Whether a keyholder may put this up for a vote, after the configuration that it names as its parent.
    pub(super) fn following(&mut self, event: &Event, checked: &CheckedConfiguration) -> Result<Settlement, Void> {
        self.voting(event, checked.configuration.parent)?;
        let known = self.known;
        let holds = |id| known.holds(id);
        let standing = self.state.active(self.created, self.log, holds);
        let parent = standing.active.ok_or(Void::NotActive)?;
        Ok(self.state.successor(parent, &standing.doubled, checked, self.log, holds)?)
    }

    /// Whether the author acts as a keyholder of a configuration, on what follows it or on a freeze: the one to live by in
    /// the event's past, where nothing follows it yet, or several do and that is to be settled.
    pub(super) fn voting(&mut self, event: &Event, cfg: Cfg) -> Result<(), Void> {
        let known = self.known;
        let holds = |id| known.holds(id);
        if event.cfg != Some(cfg) || !self.state.accepted(cfg, self.log, holds) {
            return Err(Void::NotActive);
        }
        let standing = self.state.active(self.created, self.log, holds);
        let Some(parent) = standing.active.filter(|active| active.cfg == cfg) else { return Err(Void::Superseded) };
        if !parent.keyholders().any(|member| member == event.author) {
            return Err(Void::NoRight);
        }
        self.witness(event, cfg);
        Ok(())
    }

    /// Notes that a member has acted under a configuration that was accepted in the event's past: the first on each way
    /// there is enough.
    pub(super) fn witness(&mut self, event: &Event, cfg: Cfg) {
        let member = self.state.candidates.get(&cfg).is_some_and(|it| it.checked.member(event.author).is_some());
        let acts = self.state.witnessed.entry(cfg).or_default();
        if member && !acts.iter().any(|act| self.known.holds(*act)) {
            acts.insert(event.id);
        }
    }

    pub(super) fn configuration_voted(&mut self, event: &Event, voted: &Voted) -> Result<(), Void> {
        let unknown = Void::NotInPast { what: "configuration" };
        let candidate = self.state.candidates.get(&voted.cfg).filter(|candidate| candidate.is_known(&self.known));
        let parent = candidate.ok_or(unknown.clone())?.checked.configuration.parent;
        self.voting(event, parent)?;
        let known = self.known;
        let holds = |id| known.holds(id);
        let candidate = self.state.candidates.get(&voted.cfg).ok_or(unknown.clone())?;
        // Who wants to vote otherwise takes the first vote back before, and votes in a later round.
        let settles = candidate.settles(holds);
        if let Some(to) = self.state.given_vote(event.author, &candidate.checked, &settles, holds) {
            return Err(Void::VoteGiven { to });
        }
        self.state.candidates.get_mut(&voted.cfg).ok_or(unknown)?.consents.add(event, &known)
    }

    pub(super) fn vote_released(&mut self, event: &Event, released: &Voted) -> Result<(), Void> {
        let known = self.known;
        if self.state.accepted(released.cfg, self.log, |id| known.holds(id)) {
            return Err(Void::Superseded);
        }
        let candidate = self.state.candidates.get_mut(&released.cfg);
        let candidate = candidate.ok_or(Void::NotInPast { what: "configuration" })?;
        let parent = candidate.checked.configuration.parent;
        if event.cfg != Some(parent) || parent == Cfg(self.created.0) || !candidate.consents.known(event.author, &known)
        {
            return Err(Void::NotInPast { what: "vote" });
        }
        candidate.releases.add(event, &known)
    }

    pub(super) fn place_opened(&mut self, event: &Event, opened: &PlaceOpened) -> Result<(), Void> {
        let active = self.acting(event, is_keyholder)?;
        let rules = active.configuration.rules;
        let roles = roles_of(opened.place.role, rules);
        let replaced = opened.replaces.and_then(|old| active.member(old)).filter(|old| is_keyholder(old));
        // A key can come only with the place of the keyholder whose key it is: the descriptor does not change. From rules
        // version 1 on that place keeps its roles. Only the creation's places have titles.
        let changes_roles = replaced.is_some_and(|old| rules > 0 && old.roles != roles);
        if roles.contains(&Role::Keyholder) != replaced.is_some() || changes_roles || opened.place.title.is_some() {
            return Err(Void::NoRight);
        }
        let key = opened.place.key;
        if self.state.created.as_ref().is_some_and(|(_, created)| created.places.iter().any(|place| place.key == key)) {
            return Err(Void::Again);
        }
        self.state.places.entry(key).or_default().push((event.id, opened.clone()));
        Ok(())
    }

    /// Kept as said: judged with the old member's key when a configuration names the new identity.
    pub(super) fn identity_replaced(&mut self, event: &Event, replaced: &IdentityReplaced) -> Result<(), Void> {
        let joined = self.state.joiners.get(&event.author).into_iter().flatten();
        if !joined.into_iter().any(|joiner| self.known.holds(joiner.event) && joiner.roles.is_empty()) {
            return Err(Void::NotInvited { reason: "the author has not joined by a place that replaces somebody" });
        }
        let said = self.state.replacements.entry(event.author).or_default();
        if said.iter().any(|(before, _)| self.known.holds(*before)) {
            return Err(Void::Again);
        }
        said.push((event.id, replaced.clone()));
        Ok(())
    }
}
