//! How proposed payments enter the state: what they replace, how long they hold their coins.

use conclave_shared::EventId;

use super::Fold;
use crate::action::{PaymentProposed, SelfTestProposed};
use crate::configuration::Member;
use crate::event::Event;
use crate::proposal::{ChangeClaim, CheckedProposal, Proposal};
use crate::vault::{EXPIRY_LIMIT_MS, ProposalState, Void};

/// What is said of a payment beside the payment itself.
struct PutUp {
    replaces: Option<EventId>,
    expires_ms: Option<u64>,
    self_test: bool,
}

impl Fold<'_> {
    pub(super) fn payment_proposed(&mut self, event: &Event, proposed: &PaymentProposed) -> Result<(), Void> {
        let PaymentProposed { replaces, expires_ms, .. } = *proposed;
        self.put_up(event, &proposed.proposal(), PutUp { replaces, expires_ms, self_test: false })
    }

    pub(super) fn self_test_proposed(&mut self, event: &Event, proposed: &SelfTestProposed) -> Result<(), Void> {
        let expires_ms = Some(proposed.expires_ms);
        self.put_up(event, &proposed.proposal(), PutUp { replaces: None, expires_ms, self_test: true })
    }

    fn put_up(&mut self, event: &Event, proposal: &Proposal, how: PutUp) -> Result<(), Void> {
        let PutUp { replaces, expires_ms, self_test } = how;
        let vault = self.vault;
        let active = self.acting(event, Member::may_approve)?;
        let checked = proposal.check(vault, active)?;
        if self_test {
            checked.check_self_test()?;
        }
        if expires_ms.is_some_and(|at| at <= event.ms || at - event.ms > EXPIRY_LIMIT_MS) {
            return Err(Void::Expiry);
        }
        if let Some(ChangeClaim { index, .. }) = checked.change
            && index > self.next_known(&self.state.changes)
        {
            return Err(Void::IndexAhead { index });
        }
        if let Some(of) = replaces {
            let old = self.state.proposals.get(&of).filter(|_| self.known.holds(of));
            checked.check_replaces(of, &old.ok_or(Void::NotInPast { what: "proposal" })?.checked)?;
        }
        self.check_free(event, &checked, replaces)?;
        for input in &checked.inputs {
            self.state.reservations.entry(input.outpoint).or_default().insert(event.id);
        }
        if let Some(change) = checked.change {
            self.state.changes.entry(change.index).or_default().insert(event.id);
        }
        let state = ProposalState {
            event: event.id,
            proposer: event.author,
            checked,
            replaces,
            expires_ms,
            approvals: Default::default(),
            rejections: Default::default(),
            self_test,
            signatures: Default::default(),
            signed_ms: Default::default(),
            finalised: Default::default(),
            broadcast: Default::default(),
            confirmed: Default::default(),
        };
        self.state.proposals.insert(event.id, state);
        Ok(())
    }

    /// Whether no payment that the author knew holds a coin of this one. What it replaces holds none against it; nor does
    /// what had expired, by the author's own word.
    fn check_free(&self, event: &Event, payment: &CheckedProposal, replaces: Option<EventId>) -> Result<(), Void> {
        let proposals = &self.state.proposals;
        let first = replaces.and_then(|id| proposals.get(&id));
        let next = |it: &&ProposalState| it.replaces.and_then(|id| proposals.get(&id));
        let replaced: Vec<EventId> = std::iter::successors(first, next).map(|it| it.event).collect();
        for input in &payment.inputs {
            let rivals = self.state.reservations.get(&input.outpoint).into_iter().flatten();
            for by in rivals.filter_map(|id| proposals.get(id)) {
                let released = by.rejections.events().any(|(_, rejection)| self.known.holds(rejection));
                let expired = by.expires_ms.is_some_and(|at| event.ms > at);
                // What was proposed under an earlier configuration can be signed no more.
                if by.checked.cfg == payment.cfg
                    && self.known.holds(by.event)
                    && !released
                    && !expired
                    && !replaced.contains(&by.event)
                {
                    return Err(Void::CoinReserved { coin: input.outpoint, by: by.event });
                }
            }
        }
        Ok(())
    }
}
