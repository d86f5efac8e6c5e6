//! Which freezes stand, by everything that is held here: a freeze blocks as soon as it is here, and is lifted when enough
//! keyholders have voted to release it (adr 12).

use std::collections::BTreeSet;

use conclave_shared::{Cfg, EventId, MemberId, Role, Unmet};

use super::Vault;
use crate::action::{Action, Content};
use crate::configuration::{CheckedConfiguration, Member};

/// Longest reason of a freeze, in characters.
pub const REASON_LIMIT: usize = 500;
/// Most freezes that one vote can name.
pub const FREEZES_LIMIT: usize = 200;

/// A freeze, and how far its release has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeStanding<'a> {
    /// Its `frozen` event.
    pub event: EventId,
    /// Who froze.
    pub by: MemberId,
    /// When, in ms since 1970, by that member's word.
    pub since_ms: u64,
    /// Why, in that member's words.
    pub reason: &'a str,
    /// The votes to release it that count, each with its event: under the configuration that released it, else under
    /// today's.
    pub votes: Vec<(MemberId, EventId)>,
    /// How many keyholders must vote.
    pub need: u32,
    /// Whether it is in the record; else its past is missing, and it blocks all the same.
    pub admitted: bool,
}

impl FreezeStanding<'_> {
    /// How many keyholders have voted.
    pub fn have(&self) -> u32 {
        self.votes.iter().map(|(member, _)| *member).collect::<BTreeSet<_>>().len() as u32
    }

    /// Whether it still stops payments.
    pub fn stands(&self) -> bool {
        self.have() < self.need
    }
}

impl Vault {
    /// All freezes, released or not, the oldest first by their authors' clocks.
    pub fn freezes(&self) -> Vec<FreezeStanding<'_>> {
        let Some(active) = self.active() else { return Vec::new() };
        let held = self.state.freezes.iter().map(|(event, freeze)| {
            self.freeze_standing(active, *event, freeze.cfg, (freeze.by, freeze.ms, &freeze.reason), true)
        });
        let waiting = self.log.waiting_events().filter_map(|event| match &event.content {
            Content::Known(Action::Frozen(frozen)) => {
                let right = active.member(event.author).is_some_and(|member| member.is(Role::Keyholder));
                let cfg = event.cfg.filter(|_| right)?;
                Some(self.freeze_standing(active, event.id, cfg, (event.author, event.ms, &frozen.reason), false))
            }
            Content::Known(_) | Content::Unknown { .. } | Content::Malformed { .. } => None,
        });
        let mut freezes: Vec<FreezeStanding<'_>> = held.chain(waiting).collect();
        freezes.sort_by_key(|freeze| (freeze.since_ms, freeze.event));
        freezes
    }

    /// What keeps every payment from going on while somebody has frozen the vault.
    pub(super) fn frozen(&self) -> impl Iterator<Item = Unmet> {
        let standing = self.freezes().into_iter().filter(FreezeStanding::stands);
        let unmet: Vec<Unmet> = standing.map(|it| Unmet::Frozen { by: it.by, since_ms: it.since_ms }).collect();
        unmet.into_iter()
    }

    /// Votes are counted apart for each configuration, from the one that the freeze was made under to today's: what was
    /// released once stays released when the configuration changes, and votes of before add up to nothing with those of
    /// after.
    fn freeze_standing<'a>(
        &self,
        active: &CheckedConfiguration,
        event: EventId,
        cfg: Cfg,
        (by, since_ms, reason): (MemberId, u64, &'a str),
        admitted: bool,
    ) -> FreezeStanding<'a> {
        let count = |under: &CheckedConfiguration| {
            let marks = self.state.freeze_votes.get(&event).and_then(|votes| votes.get(&under.cfg));
            let right = |(member, _): &(MemberId, EventId)| {
                let keyholder = under.member(*member).is_some_and(|member: &Member| member.is(Role::Keyholder));
                keyholder && !self.log.two_stories().contains_key(member)
            };
            let votes = marks.into_iter().flat_map(|marks| marks.events()).filter(right).collect();
            let need = under.policy.release();
            FreezeStanding { event, by, since_ms, reason, votes, need, admitted }
        };
        let before = |after: &&CheckedConfiguration| self.configuration(after.configuration.parent);
        let line: Vec<&CheckedConfiguration> = std::iter::successors(Some(active), before).collect();
        // Made under one that was passed over when two were accepted: only today's count.
        let since = line.iter().position(|it| it.cfg == cfg).unwrap_or(0);
        let released = line.iter().take(since + 1).map(|under| count(under)).find(|it| !it.stands());
        released.unwrap_or_else(|| count(active))
    }
}
