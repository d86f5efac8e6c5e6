//! Domain to view: the one place that maps.

use bitcoin::Address;
use conclave_domain::action::Created;
use conclave_domain::guard;
use conclave_domain::vault::{Act, ChainFacts, ProposalState, Vault};
use conclave_shared::view::{
    BalanceView, MemberView, ProposalView, RecipientView, RefusedView, UnopenedView, VaultView, VoidView,
};
use conclave_shared::{Finding, MemberId, Role, Sat, Unmet, VaultId};

use crate::coins::Coins;
use crate::open_vault::{NETWORK, OpenVault};
use crate::store::RefusedRow;

/// A vault as this member sees it.
pub fn vault(open: &OpenVault) -> VaultView {
    let vault = &open.vault;
    let newest = vault.newest_configuration();
    let created: Option<&Created> = vault.creation().map(|(_, created)| created);
    let keyholder = |role: &Role| *role == Role::Keyholder;
    let keyholders = created.map_or(0, |created| {
        created.places.iter().map(|place| &place.role).chain(&created.organiser).filter(|role| keyholder(role)).count()
    });
    let facts = open.facts();
    VaultView {
        vault: vault.id(),
        name: created.map(|created| created.name.clone()).unwrap_or_default(),
        me: vault.me(),
        status: vault.status(),
        threshold: created.map_or(0, |created| created.threshold),
        keyholders: keyholders as u32,
        cfg: newest.map(|checked| checked.cfg),
        descriptor: newest.map(|checked| checked.descriptor.text().to_owned()),
        members: members(open),
        balance: open.coins.as_ref().map_or(BalanceView::default(), Coins::balance),
        tip_height: open.coins.as_ref().map_or(0, Coins::tip_height),
        proposals: vault.proposals().into_iter().map(|state| proposal(open, state, &facts)).collect(),
        events: vault.log().len() as u64,
        waiting: vault.log().waiting() as u64,
        void: vault.void().len() as u64,
        refused: open.refused,
        approvals: newest.map_or(0, |checked| checked.configuration.policy.approvals),
        findings: open.findings(),
        trouble: open.trouble.clone().or(open.relay_trouble.clone()),
        state_digest: vault.state_digest(),
        unacknowledged: open.unacknowledged() as u64,
    }
}

fn members(open: &OpenVault) -> Vec<MemberView> {
    let vault = &open.vault;
    let ratified = vault.newest_configuration().map(|checked| vault.ratified(checked.cfg)).unwrap_or_default();
    let organiser = vault.creation().map(|(organiser, _)| organiser);
    let mut members: Vec<MemberView> = vault
        .joiners()
        .iter()
        .map(|(member, joiner)| MemberView {
            member: *member,
            name: joiner.joined.name.clone(),
            roles: joiner.roles.clone(),
            key: joiner.joined.key.clone(),
            ratified: ratified.contains(member),
            last_heard_ms: open.last_heard_ms(*member),
        })
        .collect();
    members.sort_by_key(|view| (Some(view.member) != organiser, view.member));
    members
}

/// A payment as this member sees it, from the transaction and the descriptor.
pub fn proposal(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> ProposalView {
    let checked = &state.checked;
    let change = checked.change.map(|change| change.output as usize);
    let recipients = checked.transaction.output.iter().enumerate().filter(|(position, _)| Some(*position) != change);
    ProposalView {
        proposal: state.event,
        proposer: state.proposer,
        purpose: checked.purpose.clone(),
        recipients: recipients
            .map(|(_, output)| RecipientView {
                address: Address::from_script(&output.script_pubkey, NETWORK)
                    .map_or_else(|_| output.script_pubkey.to_asm_string(), |address| address.to_string()),
                amount: Sat(output.value.to_sat()),
            })
            .collect(),
        change: Sat(checked.change_amount().to_sat()),
        fee: Sat(checked.fee.to_sat()),
        txid: checked.txid.to_string(),
        digest: checked.digest,
        status: open.vault.proposal_status(state, facts),
        approved_by: state.approvals.members().collect(),
        signed_by: state.signers().collect::<Vec<MemberId>>(),
        unmet: if facts.seen(&checked.txid) { Vec::new() } else { unmet(open, state) },
        confirmed_height: facts.confirmed(&checked.txid).map(|(height, _)| height),
    }
}

/// What keeps a payment from being sent: by the record, the rules, and by what the guard finds in it here.
fn unmet(open: &OpenVault, state: &ProposalState) -> Vec<Unmet> {
    let mut unmet = open.vault.unmet(state.event, Act::Broadcast);
    match guard::findings(&open.vault, state.event, &open.evidence(&state.checked)) {
        Ok(findings) => unmet.extend(findings.into_iter().map(|finding| Unmet::Danger { finding })),
        Err(_) => unmet.push(Unmet::Danger { finding: Finding::TransactionNotProposed }),
    }
    unmet
}

/// Events without effect, in the order of the record.
pub fn void(vault: &Vault) -> Vec<VoidView> {
    let admitted = vault.log().in_order().into_iter();
    admitted
        .filter_map(|admitted| {
            let reason = vault.void().get(&admitted.id)?.to_string();
            Some(VoidView { event: admitted.id, author: admitted.author, reason })
        })
        .collect()
}

/// A vault that cannot be opened.
pub fn unopened(vault: VaultId, reason: &str) -> UnopenedView {
    UnopenedView { vault, reason: reason.to_owned() }
}

/// A refused message.
pub fn refused(row: RefusedRow) -> RefusedView {
    RefusedView { received_ms: row.received_ms, from: row.from, reason: row.reason }
}
