//! What this installation's owner may do about a payment now, and what waits for them: what asking for it would be answered
//! with, without asking.

use conclave_domain::guard::{Verdict, is_about_own_key};
use conclave_domain::policy::Leaving;
use conclave_domain::vault::{Act, ChainFacts, Command, ProposalState};
use conclave_shared::view::{GuardView, PaymentAct, ProposalView, WaitView};
use conclave_shared::{ProposalStatus, Role};

use crate::open_vault::OpenVault;

/// What may be done about a payment now. Of payments in its place: whether there is anything to replace or to speed up; fee
/// rate and funds are judged when they are proposed.
pub fn acts(open: &OpenVault, state: &ProposalState, guard: &GuardView, facts: &ChainFacts) -> Vec<PaymentAct> {
    let vault = &open.vault;
    let txid = &state.checked.txid;
    if facts.confirmed(txid).is_some() || open.may_write().is_err() {
        return Vec::new();
    }
    let unmet = |act| vault.unmet(state.event, act, facts);
    let (sent, safe, me) = (facts.seen(txid), guard.findings.is_empty(), vault.me());
    let mut acts = Vec::new();
    if !sent {
        if safe && !state.approvals.contains(me) && unmet(Act::Approve).is_empty() {
            acts.push(PaymentAct::Approve);
        }
        let refusal = vault.decide(Command::Reject { proposal: state.event });
        if matches!(refusal, Ok(Verdict::Allowed(actions)) if !actions.is_empty()) {
            acts.push(if state.proposer == me { PaymentAct::Withdraw } else { PaymentAct::Reject });
        }
        let against = unmet(Act::Sign);
        if safe && open.record.entropy.is_some() && against.is_empty() {
            acts.push(PaymentAct::Sign);
        }
        if safe && against.iter().all(is_about_own_key) {
            acts.push(PaymentAct::Export);
            let keys = state.checked.inputs.first().map_or(0, |input| input.keys.len());
            let open_keys = state.signed_by().len() < keys;
            if open_keys && vault.my_entry().is_some_and(|me| me.is(Role::Keyholder)) {
                acts.push(PaymentAct::Import);
            }
        }
    }
    if vault.is_replaceable(state, facts) {
        let judge = |active: &_| active_allows(active, state);
        if vault.active().is_some_and(judge) {
            acts.push(PaymentAct::Bump);
        }
        acts.push(PaymentAct::Cancel);
    }
    if sent && vault.may_propose() && has_free_coin(open, state, facts) {
        acts.push(PaymentAct::SpeedUp);
    }
    acts.sort();
    acts
}

/// Whether a policy still lets a payment's recipients be paid.
fn active_allows(active: &conclave_domain::configuration::CheckedConfiguration, state: &ProposalState) -> bool {
    active.policy.judge_destinations(&Leaving::of(&state.checked, active)).is_empty()
}

/// Whether something came back by a sent payment that no other payment holds.
fn has_free_coin(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> bool {
    let Some(coins) = &open.coins else { return false };
    let txid = facts.sent_as(&state.checked.txid).unwrap_or(state.checked.txid);
    let listing = coins.listing();
    let held: Vec<_> = open.vault.reserved_coins(facts).collect();
    listing.coins().iter().any(|coin| coin.outpoint.txid == txid && !held.contains(&coin.outpoint))
}

/// What waits for this installation's owner, the oldest first: configurations by when they were proposed, payments that lack
/// an approval or a signature which is theirs to give.
pub(super) fn waits(open: &OpenVault, proposals: &[ProposalView]) -> Vec<WaitView> {
    let vault = &open.vault;
    if open.may_write().is_err() {
        return Vec::new();
    }
    let proposed = |cfg| vault.proposed_ms(cfg).unwrap_or(0);
    let ratify = vault.awaits_ratification().map(|cfg| (proposed(cfg), WaitView::Ratify { cfg }));
    let successors = vault.successors().into_iter().map(|checked| checked.cfg);
    let votes = successors.filter(|cfg| vault.awaits_vote(*cfg)).map(|cfg| (proposed(cfg), WaitView::Vote { cfg }));
    let payments = proposals.iter().filter_map(|view| {
        let proposal = view.proposal;
        let may = |act| view.acts.contains(&act);
        match view.status {
            ProposalStatus::Proposed if may(PaymentAct::Approve) => Some(WaitView::Approve { proposal }),
            ProposalStatus::Approved if may(PaymentAct::Sign) => Some(WaitView::Sign { proposal }),
            ProposalStatus::Proposed
            | ProposalStatus::Approved
            | ProposalStatus::Signed
            | ProposalStatus::Broadcast
            | ProposalStatus::Confirmed
            | ProposalStatus::Rejected
            | ProposalStatus::Expired
            | ProposalStatus::Replaced => None,
        }
        .map(|wait| (view.proposed_ms, wait))
    });
    let mut all: Vec<(u64, WaitView)> = ratify.into_iter().chain(votes).chain(payments).collect();
    all.sort_by_key(|(ms, _)| *ms);
    all.into_iter().map(|(_, wait)| wait).collect()
}
