//! Events that stop all payments, and those that release them again.

use super::Fold;
use crate::action::{FreezeReleased, Frozen};
use crate::configuration::odd_character;
use crate::event::Event;
use crate::vault::Void;
use crate::vault::freeze::{FREEZES_LIMIT, REASON_LIMIT};
use crate::vault::state::Freeze;

impl Fold<'_> {
    /// By a keyholder of the configuration to live by in the event's past, also where two have followed it. What happens
    /// later, a removal or a second story, does not take it away: only votes do.
    pub(super) fn frozen(&mut self, event: &Event, frozen: &Frozen) -> Result<(), Void> {
        if frozen.reason.chars().count() > REASON_LIMIT || frozen.reason.chars().any(odd_character) {
            return Err(Void::Reason);
        }
        let cfg = event.cfg.ok_or(Void::NotActive)?;
        self.voting(event, cfg)?;
        let freeze = Freeze { by: event.author, cfg, ms: event.ms, reason: frozen.reason.clone() };
        self.state.freezes.insert(event.id, freeze);
        Ok(())
    }

    /// A vote, by a keyholder likewise. It counts among those under the same configuration. The freeze itself need not
    /// stand in its past: one whose past never comes must be releasable too.
    pub(super) fn freeze_released(&mut self, event: &Event, released: &FreezeReleased) -> Result<(), Void> {
        if released.freezes.is_empty() || released.freezes.len() > FREEZES_LIMIT {
            return Err(Void::TooManyFreezes { found: released.freezes.len() });
        }
        let cfg = event.cfg.ok_or(Void::NotActive)?;
        self.voting(event, cfg)?;
        let mut counts = false;
        for freeze in &released.freezes {
            let votes = self.state.freeze_votes.entry(*freeze).or_default().entry(cfg).or_default();
            counts |= votes.add(event, &self.known).is_ok();
        }
        if counts { Ok(()) } else { Err(Void::Again) }
    }
}
