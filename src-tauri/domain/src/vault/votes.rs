//! Which configuration the vault lives by: accepted by consents, each following its parent. Judged by what stands in a
//! past, or by everything held.

use std::collections::BTreeSet;

use conclave_shared::{Cfg, EventId, MemberId};

use super::state::{Candidate, State};
use crate::configuration::CheckedConfiguration;
use crate::log::{Known, Log};

/// How many of `voters` keyholders must vote for what follows their configuration: as many as can spend, and always more
/// than half.
pub fn votes_needed(voters: usize, threshold: u32) -> usize {
    (voters / 2 + 1).max((threshold as usize).min(voters))
}

impl State {
    /// Whether a configuration is accepted by the consents among the events that are `seen`.
    pub(super) fn accepted(&self, cfg: Cfg, log: &Log, seen: impl Fn(EventId) -> bool) -> bool {
        let Some(candidate) = self.candidates.get(&cfg) else { return false };
        if !candidate.proposed.keys().any(|event| seen(*event)) {
            return false;
        }
        let consents = |member: MemberId| {
            candidate.consents.events().any(|(by, vote)| {
                // A release takes back the votes that stand in its own past, on the same story.
                let released = || {
                    candidate
                        .releases
                        .events()
                        .any(|(by, release)| by == member && seen(release) && log.in_past(vote, release))
                };
                by == member && seen(vote) && !released()
            })
        };
        match self.candidates.get(&candidate.checked.configuration.parent) {
            None => candidate.checked.keyholders().all(consents),
            Some(parent) => {
                let excluded = |member: &MemberId| {
                    candidate.proposed.iter().any(|(event, it)| seen(*event) && it.excluded.contains(member))
                };
                let voters: Vec<MemberId> = parent.checked.keyholders().filter(|member| !excluded(member)).collect();
                let votes = voters.iter().filter(|member| consents(**member)).count();
                votes >= votes_needed(voters.len(), parent.checked.configuration.threshold)
            }
        }
    }

    /// Whether it is accepted by everything held here.
    pub(super) fn accepted_now(&self, cfg: Cfg, log: &Log) -> bool {
        self.witnessed.contains(&cfg) || self.accepted(cfg, log, |_| true)
    }

    /// Configurations that follow `parent`.
    pub(super) fn children(&self, parent: Cfg) -> impl Iterator<Item = &Candidate> {
        self.candidates.values().filter(move |candidate| candidate.checked.configuration.parent == parent)
    }

    /// The configuration to live by: from the first on, each accepted one that follows. Where two follow one, neither
    /// does, until one that settles it is accepted.
    pub(super) fn active(&self, created: EventId, log: &Log) -> Standing<'_> {
        let mut standing = Standing { active: None, doubled: Vec::new() };
        let mut parent = Cfg(created.0);
        // Each step goes to a configuration whose bytes hold its parent's hash: there is no circle.
        loop {
            let accepted: Vec<&Candidate> =
                self.children(parent).filter(|child| self.accepted_now(child.checked.cfg, log)).collect();
            let next = match accepted[..] {
                [] => return standing,
                [one] => one,
                _ => {
                    let settles = |one: &&Candidate| {
                        one.settles()
                            && accepted.iter().all(|other| {
                                let other = other.checked.cfg;
                                let known =
                                    |event: &EventId| self.accepted(other, log, |seen| log.in_past(seen, *event));
                                other == one.checked.cfg || one.proposed.keys().any(known)
                            })
                    };
                    let settling: Vec<&Candidate> = accepted.iter().copied().filter(|one| settles(one)).collect();
                    let [one] = settling[..] else {
                        standing.doubled = accepted.iter().map(|one| one.checked.cfg).collect();
                        return standing;
                    };
                    one
                }
            };
            standing.active = Some(&next.checked);
            parent = next.checked.cfg;
        }
    }

    /// Members who voted for two that follow `parent` without taking the first vote back, by the events that are `seen`.
    pub(super) fn double_voters(&self, parent: Cfg, log: &Log, seen: impl Fn(EventId) -> bool) -> BTreeSet<MemberId> {
        let mut double = BTreeSet::new();
        let votes: Vec<(Cfg, MemberId, EventId)> = self
            .children(parent)
            .flat_map(|child| child.consents.events().map(|(member, vote)| (child.checked.cfg, member, vote)))
            .filter(|(.., vote)| seen(*vote))
            .collect();
        for (place, (cfg, member, vote)) in votes.iter().enumerate() {
            // On one story a second vote is void unless the first was released: two votes of which neither knows the
            // other are two stories.
            let other = votes[place + 1..].iter().find(|(other, by, second)| {
                other != cfg && by == member && !log.in_past(*vote, *second) && !log.in_past(*second, *vote)
            });
            if other.is_some() {
                double.insert(*member);
            }
        }
        double
    }
}

impl Candidate {
    /// Whether one of its proposals knew that two others had been accepted.
    fn settles(&self) -> bool {
        self.proposed.values().any(|proposed| proposed.settles)
    }

    /// The same, by what stands in a past.
    pub(super) fn settles_in(&self, known: &Known<'_>) -> bool {
        self.proposed.iter().any(|(event, proposed)| proposed.settles && known.holds(*event))
    }
}

/// The configuration that a vault lives by.
pub(super) struct Standing<'a> {
    pub(super) active: Option<&'a CheckedConfiguration>,
    /// Accepted configurations that follow the active one, where there is more than one: nothing is permitted.
    pub(super) doubled: Vec<Cfg>,
}
