//! Domain to view: the one place that maps. Policy and freezes in plain words are `projection::rules`.

mod rules;

use bitcoin::Address;
use conclave_domain::action::Created;
use conclave_domain::configuration::{CheckedConfiguration, Member};
use conclave_domain::descriptor::SpendingPath;
use conclave_domain::invitation::roles_of;
use conclave_domain::policy::Leaving;
use conclave_domain::replacement::Cost;
use conclave_domain::vault::{Act, ChainFacts, ProposalState, Vault, votes_needed};
use conclave_shared::view::{
    CandidateView, FormerView, GuardView, MemberView, OpenPlaceView, ProposalView, RecipientView, RefusedView, RuleView, SpentView,
    SuccessorView, TransactionView, UnopenedView, VaultView, VoidView,
};
use conclave_shared::{Cfg, EventId, Finding, KeyState, MemberId, Role, Sat, Unmet, VaultId};

use crate::coins::Entry;
use crate::open_vault::{NETWORK, OpenVault};
use crate::store::RefusedRow;

pub use rules::policy;

/// A vault as this member sees it at a time in ms since 1970.
pub fn vault(open: &OpenVault, now_ms: u64) -> VaultView {
    let vault = &open.vault;
    let newest = vault.newest_configuration();
    let created: Option<&Created> = vault.creation().map(|(_, created)| created);
    let keyholders = created.map_or(0, |created| {
        let roles = created.places.iter().flat_map(|place| roles_of(place.role, created.rules));
        roles.chain(created.organiser.iter().copied()).filter(|role| *role == Role::Keyholder).count()
    });
    let facts = open.facts(now_ms);
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
        balance: open.balance(),
        tip_height: open.tip_height(),
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
        successors: successors(open),
        former: former(vault),
        candidates: candidates(open),
        rules: newest.map(rules::sentences).unwrap_or_default(),
        freezes: rules::freezes(vault),
        script: vault.script(),
        recovery: created.and_then(|created| created.recovery.clone()),
        waits: Vec::new(),
        relays: Vec::new(),
        chain: String::new(),
        tip_time_s: None,
        open_places: open_places(vault),
    }
}

/// Places of the creation that nobody has taken.
fn open_places(vault: &Vault) -> Vec<OpenPlaceView> {
    let Some((_, created)) = vault.creation() else { return Vec::new() };
    let joiners = vault.joiners();
    let taken = |key| joiners.values().any(|joiner| joiner.joined.proof.as_ref().is_some_and(|proof| proof.key == key));
    let open = created.places.iter().filter(|place| !taken(place.key));
    open.map(|place| OpenPlaceView {
        title: place.title.clone(),
        roles: roles_of(place.role, created.rules),
        expires_ms: place.expires_ms,
    })
    .collect()
}

fn former(vault: &Vault) -> Vec<FormerView> {
    let former = vault.active().into_iter().flat_map(|active| &active.configuration.former);
    former.map(|it| FormerView { member: it.identity, name: it.name.clone(), key: it.key.clone() }).collect()
}

/// Configurations that may follow the accepted one.
pub fn successors(open: &OpenVault) -> Vec<SuccessorView> {
    let vault = &open.vault;
    let Some(active) = vault.active() else { return Vec::new() };
    let mut successors: Vec<SuccessorView> = vault
        .successors()
        .into_iter()
        .filter_map(|checked| {
            let (cfg, voters, votes) = (checked.cfg, vault.voters(checked.cfg), vault.votes(checked.cfg));
            Some(SuccessorView {
                cfg,
                round: checked.configuration.round,
                proposer: vault.proposer(cfg)?,
                have: voters.iter().filter(|member| votes.contains(member)).count() as u32,
                votes: votes.into_iter().collect(),
                need: votes_needed(voters.len(), active.configuration.threshold) as u32,
                changes: changes(active, checked),
                differences: Vec::new(),
            })
        })
        .collect();
    successors.sort_by_key(|view| (view.round, view.cfg));
    successors
}

/// What is otherwise in a configuration that follows another, one sentence each.
fn changes(before: &CheckedConfiguration, after: &CheckedConfiguration) -> Vec<String> {
    let (old, new) = (&before.configuration, &after.configuration);
    let called = |member: &Member| format!("{} ({})", member.name, member.identity.short());
    let mut sentences = Vec::new();
    if old.policy.approvals != new.policy.approvals {
        sentences.push(format!("a payment needs {} approvals, now {}", new.policy.approvals, old.policy.approvals));
    }
    sentences.extend(rules::changes(before, after));
    if old.relays != new.relays {
        sentences.push(format!("messages pass {}, now {}", new.relays.join(" "), old.relays.join(" ")));
    }
    let come: Vec<&Member> = new.members.iter().filter(|member| before.member(member.identity).is_none()).collect();
    let gone: Vec<&Member> = old.members.iter().filter(|member| after.member(member.identity).is_none()).collect();
    for member in &come {
        let replaced = gone.iter().find(|old| old.key.is_some() && old.key == member.key);
        sentences.push(match replaced {
            Some(old) => format!("{} takes the place of {} and holds the same key", called(member), called(old)),
            None => {
                let roles: Vec<String> = member.roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
                format!("{} becomes a member, as {}", called(member), roles.join(" and "))
            }
        });
    }
    for member in gone {
        if member.key.is_none() {
            sentences.push(format!("{} leaves", called(member)));
        } else if !come.iter().any(|new| new.key == member.key) {
            sentences.push(format!(
                "{} leaves; the key stays in the descriptor and can sign until the coins are moved to another vault",
                called(member)
            ));
        }
    }
    if sentences.is_empty() {
        sentences.push("nothing is otherwise: it settles that two configurations were accepted at once".to_owned());
    }
    sentences
}

/// Who has joined an active vault and is no member yet.
pub fn candidates(open: &OpenVault) -> Vec<CandidateView> {
    let vault = &open.vault;
    let Some(active) = vault.active() else { return Vec::new() };
    let joined = vault.candidates().into_iter();
    joined
        .filter(|(member, _)| active.member(*member).is_none() && !vault.has_left(*member))
        .map(|(member, joiner)| {
            let place = vault.place_taken(joiner);
            CandidateView {
                member,
                name: joiner.joined.name.clone(),
                role: place.map(|opened| opened.place.role),
                replaces: place.and_then(|opened| opened.replaces),
            }
        })
        .collect()
}

fn members(open: &OpenVault) -> Vec<MemberView> {
    let vault = &open.vault;
    let newest = vault.newest_configuration().map(|checked| checked.cfg);
    let ratified = newest.map(|cfg| vault.ratified(cfg)).unwrap_or_default();
    let organiser = vault.creation().map(|(organiser, _)| organiser);
    let joiners = vault.joiners();
    // Nonces and proofs belong to the first configuration: where others followed, it is the last that they go back to.
    let before = |cfg: &Cfg| Some(vault.configuration(vault.configuration(*cfg)?.configuration.parent)?.cfg);
    let first = std::iter::successors(newest, before).last();
    let view = |member: MemberId, name: &str, roles: &[Role], key: &Option<String>| {
        let key_state = vault.key_state(member);
        let unknown = key_state != Some(KeyState::Proven) && !vault.origin_known(member);
        MemberView {
            member,
            name: name.to_owned(),
            roles: roles.to_vec(),
            key: key.clone(),
            title: vault.title(member),
            joined_ms: joiners.get(&member).and_then(|joiner| vault.log().get(joiner.event)).map(|event| event.rank),
            challenged_ms: vault.challenged_ms(member),
            key_state,
            proven_ms: first.and_then(|cfg| vault.proven_ms(cfg, member)),
            ratified: ratified.contains(&member),
            ratified_ms: newest.and_then(|cfg| vault.ratified_ms(cfg, member)),
            warnings: unknown.then_some(Finding::OriginUnknown).into_iter().collect(),
            last_heard_ms: open.last_heard_ms(member),
            signed_first_ms: None,
        }
    };
    let mut members: Vec<MemberView> = match vault.active() {
        Some(active) => {
            let members = active.configuration.members.iter();
            members.map(|it| view(it.identity, &it.name, &it.roles, &it.key)).collect()
        }
        None => joiners
            .iter()
            .map(|(it, joiner)| view(*it, &joiner.joined.name, &joiner.roles, &joiner.joined.key))
            .collect(),
    };
    members.sort_by_key(|view| (Some(view.member) != organiser, view.member));
    members
}

/// A payment as this member sees it, from the transaction and the descriptor.
pub fn proposal(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> ProposalView {
    let (vault, checked) = (&open.vault, &state.checked);
    let under = vault.configuration(checked.cfg);
    let leaving = under.map(|under| Leaving::of(checked, under));
    let unmet = if facts.seen(&checked.txid) { Vec::new() } else { unmet(open, state, facts) };
    let change = checked.change.map(|change| change.output as usize);
    let recipients = checked.transaction.output.iter().enumerate().filter(|(position, _)| Some(*position) != change);
    let cost = under.map(|it| Cost::of(checked, &it.descriptor));
    let leaves: u64 = checked.paid().iter().map(|(_, amount)| amount.to_sat()).sum();
    let old = state.replaces.and_then(|id| vault.proposal(id));
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
        fee_rate_milli: cost.map_or(0, |cost| cost.rate_milli()),
        fee_per_mille: checked.fee.to_sat().saturating_mul(1_000).checked_div(leaves),
        coins: checked
            .inputs
            .iter()
            .map(|input| SpentView { outpoint: input.outpoint.to_string(), amount: Sat(input.amount.to_sat()) })
            .collect(),
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
        inputs: Vec::new(),
        outputs: Vec::new(),
        guard: GuardView::default(),
        needs: RuleView::default(),
        signatures: Vec::new(),
        acts: Vec::new(),
        self_test: false,
    }
}

/// What keeps a payment from being sent: by the record, the rules, and by what the guard finds in it here.
fn unmet(open: &OpenVault, state: &ProposalState, facts: &ChainFacts) -> Vec<Unmet> {
    let mut unmet = open.vault.unmet(state.event, Act::Broadcast, facts);
    unmet.extend(open.dangers(state, facts).into_iter().map(|finding| Unmet::Danger { finding }));
    unmet
}

/// A transaction of the vault's coins.
pub fn transaction(entry: &Entry, proposal: Option<EventId>) -> TransactionView {
    TransactionView {
        txid: entry.txid.to_string(),
        height: entry.block.map(|(height, _)| height),
        time_s: entry.time_s,
        received: entry.received,
        sent: entry.sent,
        proposal,
        label: None,
    }
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
