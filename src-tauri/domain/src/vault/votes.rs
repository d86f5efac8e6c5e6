//! Which configuration the vault lives by: accepted by consents, each following its parent. Judged by what stands in a
//! past, or by everything held.

use std::collections::BTreeSet;

use conclave_shared::{Cfg, EventId, MemberId};

use super::state::{Candidate, Joiner, Marks, Proposed, State};
use crate::configuration::{CheckedConfiguration, Member};
use crate::log::{Known, Log};
use crate::succession::{self, SuccessionFault};

/// How many of `voters` keyholders must vote for what follows their configuration: as many as can spend, and always more
/// than half.
pub fn votes_needed(voters: usize, threshold: u32) -> usize {
    (voters / 2 + 1).max((threshold as usize).min(voters))
}

impl State {
    /// Whether a configuration is accepted by what is `seen`: by the consents in it, or because somebody has acted in it who
    /// knew them. A vote taken back at the same time changes nothing for those who acted, nor for who knows of them.
    pub(super) fn accepted(&self, cfg: Cfg, log: &Log, seen: impl Fn(EventId) -> bool + Copy) -> bool {
        if self.witnessed.get(&cfg).is_some_and(|acts| acts.iter().any(|act| seen(*act))) {
            return true;
        }
        let Some(candidate) = self.candidates.get(&cfg) else { return false };
        if !candidate.proposed.keys().any(|event| seen(*event)) {
            return false;
        }
        match self.candidates.get(&candidate.checked.configuration.parent) {
            None => candidate.checked.keyholders().all(|member| candidate.has_consent(member, log, seen)),
            Some(parent) => {
                let voters = candidate.voters(&parent.checked, seen);
                let votes = voters.iter().filter(|member| candidate.has_consent(**member, log, seen)).count();
                votes >= votes_needed(voters.len(), parent.checked.configuration.threshold)
            }
        }
    }

    /// Whether it is accepted by everything held here.
    pub(super) fn accepted_now(&self, cfg: Cfg, log: &Log) -> bool {
        self.accepted(cfg, log, |_| true)
    }

    /// Configurations that follow `parent`.
    pub(super) fn children(&self, parent: Cfg) -> impl Iterator<Item = &Candidate> {
        self.candidates.values().filter(move |candidate| candidate.checked.configuration.parent == parent)
    }

    /// The configuration to live by, as far as is `seen`: from the first on, each accepted one that follows. Where two
    /// follow one, neither does, until one that settles it is accepted.
    pub(super) fn active(&self, created: EventId, log: &Log, seen: impl Fn(EventId) -> bool + Copy) -> Standing<'_> {
        let mut standing = Standing { active: None, doubled: BTreeSet::new() };
        let mut parent = Cfg(created.0);
        // Each step goes to a configuration whose bytes hold its parent's hash: there is no circle.
        loop {
            let accepted: Vec<&Candidate> =
                self.children(parent).filter(|child| self.accepted(child.checked.cfg, log, seen)).collect();
            let all: BTreeSet<Cfg> = accepted.iter().map(|one| one.checked.cfg).collect();
            let next = match accepted[..] {
                [] => return standing,
                [one] => one,
                _ => {
                    let settles = |one: &&Candidate| {
                        let settles = |it: &Proposed| {
                            all.iter().all(|it_is| *it_is == one.checked.cfg || it.settles.contains(it_is))
                        };
                        one.proposed.iter().any(|(event, it)| seen(*event) && settles(it))
                    };
                    let settling: Vec<&Candidate> = accepted.into_iter().filter(settles).collect();
                    let [one] = settling[..] else {
                        standing.doubled = all;
                        return standing;
                    };
                    one
                }
            };
            standing.active = Some(&next.checked);
            parent = next.checked.cfg;
        }
    }

    /// Judges a configuration that is to follow `parent`, after which `doubled` have been accepted; gives what it settles.
    pub(super) fn successor(
        &self,
        parent: &CheckedConfiguration,
        doubled: &BTreeSet<Cfg>,
        checked: &CheckedConfiguration,
        log: &Log,
        seen: impl Fn(EventId) -> bool + Copy,
    ) -> Result<Settlement, SuccessionFault> {
        let round = checked.configuration.round;
        // Rounds go up by one: nobody can take the last there is.
        let most = self.next_round(parent.cfg, Some(checked.cfg), seen);
        let settled = self.children(parent.cfg).filter(|child| doubled.contains(&child.checked.cfg));
        let least = settled.map(|child| child.checked.configuration.round.saturating_add(1)).max().unwrap_or(0);
        if round < least || round > most {
            return Err(SuccessionFault::Round { found: round, least, most });
        }
        let candidate = |member: &Member| self.candidates_for(member, seen);
        let wrote = |member, id| log.get(id).is_some_and(|it| it.author == member) && seen(id);
        succession::check(parent, checked, candidate, wrote)?;
        if doubled.is_empty() {
            return Ok(Settlement::default());
        }
        Ok(Settlement { settles: doubled.clone(), excluded: self.double_voters(parent.cfg, log, seen) })
    }

    /// One more than the largest round of what follows `parent`, `but` one left aside; 0 where nothing does.
    pub(super) fn next_round(&self, parent: Cfg, but: Option<Cfg>, seen: impl Fn(EventId) -> bool) -> u32 {
        let known =
            |child: &&Candidate| Some(child.checked.cfg) != but && child.proposed.keys().any(|event| seen(*event));
        let rounds = self.children(parent).filter(known).map(|child| child.checked.configuration.round);
        rounds.max().map_or(0, |round| round.saturating_add(1))
    }

    /// What is known of a new member: each joining, with each place that it answers and that nobody else has taken.
    fn candidates_for(&self, member: &Member, seen: impl Fn(EventId) -> bool + Copy) -> Vec<succession::Candidate> {
        let joiners = self.joiners.get(&member.identity).into_iter().flatten();
        let proofs = self.replacements.get(&member.identity).into_iter().flatten();
        let proofs: Vec<_> = proofs.filter(|(event, _)| seen(*event)).map(|(_, proof)| proof).collect();
        let mut candidates = Vec::new();
        for joiner in joiners.filter(|joiner| seen(joiner.event)) {
            let Some(proof) = &joiner.joined.proof else { continue };
            let same =
                |other: &Joiner| seen(other.event) && other.joined.proof.as_ref().is_some_and(|it| it.key == proof.key);
            let taken = self.joiners.iter().any(|(other, it)| *other != member.identity && it.iter().any(same));
            let places = self.places.get(&proof.key).into_iter().flatten();
            for (_, opened) in places.filter(|(event, _)| !taken && seen(*event)) {
                if joiner.ms > opened.place.expires_ms {
                    continue;
                }
                let proofs = proofs.iter().filter(|proof| Some(proof.old) == opened.replaces);
                candidates.push(succession::Candidate {
                    name: joiner.joined.name.clone(),
                    key: joiner.joined.key.clone(),
                    role: opened.place.role,
                    replaces: opened.replaces,
                    proofs: proofs.map(|proof| proof.signature).collect(),
                });
            }
        }
        candidates
    }

    /// Members who voted for two that follow `parent` on two stories, by the events that are `seen`. On one story a second
    /// vote is void unless the first was taken back: two votes of which neither knows the other are two stories.
    fn double_voters(&self, parent: Cfg, log: &Log, seen: impl Fn(EventId) -> bool) -> BTreeSet<MemberId> {
        let mut double = BTreeSet::new();
        let votes: Vec<(Cfg, MemberId, EventId)> = self
            .children(parent)
            .flat_map(|child| child.consents.events().map(|(member, vote)| (child.checked.cfg, member, vote)))
            .filter(|(.., vote)| seen(*vote))
            .collect();
        for (place, (cfg, member, vote)) in votes.iter().enumerate() {
            let other = votes[place + 1..].iter().find(|(other, by, second)| {
                other != cfg && by == member && !log.in_past(*vote, *second) && !log.in_past(*second, *vote)
            });
            if other.is_some() {
                double.insert(*member);
            }
        }
        double
    }

    /// The vote of a member that stands against one for `checked`: given to another that follows the same parent, and not
    /// taken back for a later round. Where several were accepted those votes are past for what `settles` it.
    pub(super) fn given_vote(
        &self,
        member: MemberId,
        checked: &CheckedConfiguration,
        settles: &BTreeSet<Cfg>,
        seen: impl Fn(EventId) -> bool + Copy,
    ) -> Option<Cfg> {
        let by = |marks: &Marks| marks.events().any(|(by, event)| by == member && seen(event));
        let given = |other: &&Candidate| {
            let later = other.checked.configuration.round < checked.configuration.round;
            let cfg = other.checked.cfg;
            cfg != checked.cfg && by(&other.consents) && !(by(&other.releases) && later) && !settles.contains(&cfg)
        };
        self.children(checked.configuration.parent).find(given).map(|other| other.checked.cfg)
    }
}

impl Candidate {
    /// The keyholders of its parent who vote on it: all but those whose double votes it settles.
    pub(super) fn voters(&self, parent: &CheckedConfiguration, seen: impl Fn(EventId) -> bool) -> Vec<MemberId> {
        let excluded =
            |member: &MemberId| self.proposed.iter().any(|(event, it)| seen(*event) && it.excluded.contains(member));
        parent.keyholders().filter(|member| !excluded(member)).collect()
    }

    /// Whether a member's consent is seen, and nothing that takes it back. A release takes back the votes that stand in its
    /// own past, on the same story.
    pub(super) fn has_consent(&self, member: MemberId, log: &Log, seen: impl Fn(EventId) -> bool) -> bool {
        let mine = |(by, event): &(MemberId, EventId)| *by == member && seen(*event);
        let releases: Vec<EventId> = self.releases.events().filter(mine).map(|(_, event)| event).collect();
        let released = |vote: EventId| releases.iter().any(|release| log.in_past(vote, *release));
        self.consents.events().filter(mine).any(|(_, vote)| !released(vote))
    }

    /// What its proposals settle, by those that are seen.
    pub(super) fn settles(&self, seen: impl Fn(EventId) -> bool) -> BTreeSet<Cfg> {
        let proposed = self.proposed.iter().filter(|(event, _)| seen(**event));
        proposed.flat_map(|(_, it)| it.settles.iter().copied()).collect()
    }

    /// Whether one of its proposals stands in a past.
    pub(super) fn is_known(&self, known: &Known<'_>) -> bool {
        self.proposed.keys().any(|proposed| known.holds(*proposed))
    }
}

/// What a proposed configuration settles, by what its proposer knew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settlement {
    /// Those that had all been accepted after one parent.
    pub(super) settles: BTreeSet<Cfg>,
    /// Those whose votes do not count for it: who had voted for two of those.
    pub(super) excluded: BTreeSet<MemberId>,
}

/// The configuration that a vault lives by.
pub(super) struct Standing<'a> {
    pub(super) active: Option<&'a CheckedConfiguration>,
    /// Accepted configurations that follow the active one, where there is more than one: nothing is permitted.
    pub(super) doubled: BTreeSet<Cfg>,
}
