//! Payments for a screen, each computed from its transaction and the descriptor: those on record, and what one would be.

use bitcoin::{Address, ScriptBuf};
use conclave_domain::configuration::{CheckedConfiguration, Member};
use conclave_domain::descriptor::{Keychain, SpendingPath};
use conclave_domain::policy::Leaving;
use conclave_domain::proposal::CheckedProposal;
use conclave_domain::replacement::Cost;
use conclave_domain::vault::{Act, ChainFacts, ProposalState, Vault};
use conclave_shared::view::{
    GuardView, InputView, OutputView, PreviewView, ProposalView, RecipientView, RuleView, SignatureView, SpentView,
};
use conclave_shared::{Finding, MemberId, Role, Sat, Unmet};

use super::{acts, rules};
use crate::open_vault::{NETWORK, OpenVault};

/// A payment as this member sees it, from the transaction and the descriptor.
pub fn proposal(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> ProposalView {
    let (vault, checked) = (&open.vault, &state.checked);
    let under = vault.configuration(checked.cfg);
    let leaving = under.map(|under| Leaving::of(checked, under));
    let guard = guard(open, state, facts);
    let unmet = if facts.seen(&checked.txid) { Vec::new() } else { unmet(open, state, &guard, facts) };
    let sums = Sums::of(checked, under);
    let old = state.replaces.and_then(|id| vault.proposal(id));
    let (_, needed) = vault.signatures(state);
    ProposalView {
        proposal: state.event,
        proposer: state.proposer,
        purpose: checked.purpose.clone(),
        recipients: recipients(checked),
        change: Sat(checked.change_amount().to_sat()),
        fee: Sat(checked.fee.to_sat()),
        fee_rate_milli: sums.fee_rate_milli,
        fee_per_mille: sums.fee_per_mille,
        coins: coins(checked),
        holds: vault.holds(state, facts),
        expires_ms: state.expires_ms,
        replaces: state.replaces,
        replacement: old.map(|old| checked.kind_of_replacement(&old.checked)),
        replaced_by: vault.replacements(state.event).map(|new| new.event).collect(),
        txid: facts.sent_as(&checked.txid).unwrap_or(checked.txid).to_string(),
        recovery: checked.path == SpendingPath::Recovery,
        digest: checked.digest,
        status: vault.proposal_status(state, facts),
        approved_by: state.approvals.members().collect(),
        rejected_by: state.rejections.members().collect(),
        signed_by: state.signers().collect::<Vec<MemberId>>(),
        approvals: rules::approvals(vault, state),
        leaves: Sat(leaving.as_ref().map_or(0, |leaving| leaving.amount.to_sat())),
        rule: under.zip(leaving.as_ref()).map_or_else(String::new, |(under, leaving)| rules::rule(under, leaving)),
        conditions: unmet.iter().map(|unmet| rules::condition(vault, unmet)).collect(),
        unmet,
        confirmed_height: facts.confirmed(&checked.txid).map(|(height, _)| height),
        proposed_ms: vault.log().get(state.event).map_or(0, |event| event.rank),
        inputs: inputs(checked),
        outputs: outputs(checked),
        needs: under.zip(leaving.as_ref()).map(|(under, leaving)| needs(under, leaving, needed)).unwrap_or_default(),
        signatures: state.signed_times().map(|(member, ms)| SignatureView { member, ms }).collect(),
        acts: acts(open, state, &guard, facts),
        guard,
        self_test: state.self_test,
    }
}

/// What a payment would be that is not on record; `unmet` is what would keep it from being proposed or sent.
pub fn preview(
    vault: &Vault,
    active: &CheckedConfiguration,
    checked: &CheckedProposal,
    unmet: Vec<Unmet>,
) -> PreviewView {
    let leaving = Leaving::of(checked, active);
    let sums = Sums::of(checked, Some(active));
    let honest = |member: &&Member| !vault.log().two_stories().contains_key(&member.identity);
    let members = || active.configuration.members.iter();
    // A recovery with keys of its own is signed by no member's.
    let own_keys = active.recovery.as_ref().is_some_and(|it| !it.keys.is_empty());
    let signs = |member: &&Member| member.is(Role::Keyholder) && !(checked.path == SpendingPath::Recovery && own_keys);
    PreviewView {
        recipients: recipients(checked),
        coins: coins(checked),
        change: Sat(checked.change_amount().to_sat()),
        fee: Sat(checked.fee.to_sat()),
        fee_rate_milli: sums.fee_rate_milli,
        fee_per_mille: sums.fee_per_mille,
        leaves: Sat(leaving.amount.to_sat()),
        rule: needs(active, &leaving, active.signatures_needed(checked.path)),
        approvers: members().filter(|it| it.may_approve()).filter(honest).map(|it| it.identity).collect(),
        signers: members().filter(signs).map(|it| it.identity).collect(),
        unmet,
    }
}

/// What a payment costs, beside the fee itself.
struct Sums {
    fee_rate_milli: u64,
    fee_per_mille: Option<u64>,
}

impl Sums {
    fn of(checked: &CheckedProposal, under: Option<&CheckedConfiguration>) -> Self {
        let leaves: u64 = checked.paid().iter().map(|(_, amount)| amount.to_sat()).sum();
        Self {
            fee_rate_milli: under.map_or(0, |it| Cost::of(checked, &it.descriptor).rate_milli()),
            fee_per_mille: checked.fee.to_sat().saturating_mul(1_000).checked_div(leaves),
        }
    }
}

fn address(script: &ScriptBuf) -> Option<String> {
    Address::from_script(script, NETWORK).ok().map(|address| address.to_string())
}

fn recipients(checked: &CheckedProposal) -> Vec<RecipientView> {
    let change = checked.change.map(|change| change.output as usize);
    let paid = checked.transaction.output.iter().enumerate().filter(|(position, _)| Some(*position) != change);
    let view = |output: &bitcoin::TxOut| RecipientView {
        address: address(&output.script_pubkey).unwrap_or_else(|| output.script_pubkey.to_asm_string()),
        amount: Sat(output.value.to_sat()),
    };
    paid.map(|(_, output)| view(output)).collect()
}

fn coins(checked: &CheckedProposal) -> Vec<SpentView> {
    let view = |input: &conclave_domain::proposal::Input| SpentView {
        outpoint: input.outpoint.to_string(),
        amount: Sat(input.amount.to_sat()),
    };
    checked.inputs.iter().map(view).collect()
}

fn inputs(checked: &CheckedProposal) -> Vec<InputView> {
    let view = |input: &conclave_domain::proposal::Input| InputView {
        outpoint: input.outpoint.to_string(),
        amount: Sat(input.amount.to_sat()),
        address: address(&input.script).unwrap_or_default(),
        change: input.keychain == Keychain::Change,
        index: input.index,
    };
    checked.inputs.iter().map(view).collect()
}

fn outputs(checked: &CheckedProposal) -> Vec<OutputView> {
    let view = |(output, position): (&bitcoin::TxOut, u32)| OutputView {
        address: address(&output.script_pubkey).unwrap_or_else(|| output.script_pubkey.to_hex_string()),
        amount: Sat(output.value.to_sat()),
        change_index: checked.change.filter(|change| change.output == position).map(|change| change.index),
    };
    checked.transaction.output.iter().zip(0..).map(view).collect()
}

/// The part of a policy that applies.
fn needs(under: &CheckedConfiguration, leaving: &Leaving<'_>, signatures: u32) -> RuleView {
    let needs = under.policy.needs_of(leaving);
    let recovery = leaving.recovery.is_some();
    RuleView {
        from: under.policy.tier(leaving.amount).filter(|_| !recovery).map(|tier| tier.from),
        approvals: needs.approvals,
        by: needs.by.to_vec(),
        recovery,
        signatures,
    }
}

/// What the guard found. What is in a block is not looked at again: there is nothing to be kept from.
fn guard(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> GuardView {
    if facts.confirmed(&state.checked.txid).is_some() {
        return GuardView::default();
    }
    let findings = open.dangers(state, facts);
    let looked = !findings.contains(&Finding::PreviousTransactionMissing);
    GuardView { findings: findings.into_iter().collect(), looked }
}

/// What keeps a payment from being sent: by the record, the rules, and by what the guard finds in it here.
fn unmet(open: &OpenVault, state: &ProposalState, guard: &GuardView, facts: &ChainFacts) -> Vec<Unmet> {
    let mut unmet = open.vault.unmet(state.event, Act::Broadcast, facts);
    unmet.extend(guard.findings.iter().map(|finding| Unmet::Danger { finding: *finding }));
    unmet
}
