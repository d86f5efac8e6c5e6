//! Commands that stop all payments, and that release them again.

use std::collections::BTreeSet;

use conclave_shared::{EventId, Role, Unmet};

use super::{CommandFault, Vault, done, one};
use crate::action::{Action, FreezeReleased, Frozen};
use crate::configuration::odd_character;
use crate::guard::Verdict;
use crate::vault::FreezeStanding;
use crate::vault::freeze::{FREEZES_LIMIT, REASON_LIMIT};

impl Vault {
    /// A keyholder freezes at once and asks nobody. Two accepted configurations are no hindrance: the freeze outlasts them.
    pub(super) fn freeze(&self, reason: String) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if reason.chars().count() > REASON_LIMIT || reason.chars().any(odd_character) {
            return Err(CommandFault::Reason);
        }
        if let Some(unmet) = self.no_say_on_freezes() {
            return Ok(Verdict::Blocked(vec![unmet]));
        }
        if self.freezes().iter().any(|it| it.by == self.me && it.stands()) {
            return Ok(done());
        }
        Ok(one(Action::Frozen(Frozen { reason })))
    }

    /// A vote to release the freezes that are named; none named: all that stand here.
    pub(super) fn release_freezes(&self, named: &[EventId]) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if let Some(unmet) = self.no_say_on_freezes() {
            return Ok(Verdict::Blocked(vec![unmet]));
        }
        let standing: Vec<FreezeStanding<'_>> = self.freezes().into_iter().filter(FreezeStanding::stands).collect();
        if standing.is_empty() && named.is_empty() {
            return Err(CommandFault::NotFrozen);
        }
        for freeze in named {
            if !self.freezes().iter().any(|it| it.event == *freeze) {
                return Err(CommandFault::UnknownFreeze { freeze: *freeze });
            }
        }
        let mine = |it: &FreezeStanding<'_>| it.votes.iter().any(|(member, _)| *member == self.me);
        let wanted = standing.iter().filter(|it| named.is_empty() || named.contains(&it.event)).filter(|it| !mine(it));
        let wanted: BTreeSet<EventId> = wanted.map(|it| it.event).collect();
        let wanted: Vec<EventId> = wanted.into_iter().collect();
        let votes = wanted.chunks(FREEZES_LIMIT).map(|freezes| FreezeReleased { freezes: freezes.to_vec() });
        Ok(Verdict::Allowed(votes.map(Action::FreezeReleased).collect()))
    }

    fn no_say_on_freezes(&self) -> Option<Unmet> {
        let Some(me) = self.my_entry() else { return Some(Unmet::NotActive) };
        (!me.is(Role::Keyholder)).then_some(Unmet::RoleMissing { needs: Role::Keyholder })
    }
}
