//! Domain to view: the one place that maps. Payments are `payment`, what may be done about one and what waits `acts`, policy
//! and freezes in plain words `rules`, what a proposed configuration would make otherwise `changes`.

mod acts;
mod changes;
mod payment;
mod rules;

use conclave_domain::action::Created;
use conclave_domain::invitation::roles_of;
use conclave_domain::vault::{Vault, votes_needed};
use conclave_shared::view::{
    CandidateView, FormerView, MemberView, OpenPlaceView, OwnRelayView, RefusedView, SuccessorView, TransactionView,
    UnopenedView, VaultView, VoidView,
};
use conclave_shared::{Cfg, EventId, Finding, KeyState, MemberId, Role, VaultId};

use crate::coins::Entry;
use crate::open_vault::{OpenVault, OwnRelay};
use crate::store::RefusedRow;

pub use acts::acts;
pub use payment::{preview, proposal};
pub use rules::{name, policy};

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
    let proposals: Vec<_> = vault.proposals().into_iter().map(|state| proposal(open, state, &facts)).collect();
    let waits = acts::waits(open, &proposals);
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
        proposals,
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
        waits,
        relays: open.relays(),
        chain: open.record.chain.clone(),
        tip_time_s: open.tip_time_s(),
        open_places: open_places(vault),
        own_relay: open.own_relay.as_ref().map(|own| own_relay(open, own)),
    }
}

fn own_relay(open: &OpenVault, own: &OwnRelay) -> OwnRelayView {
    let address = own.address();
    let used = open.relays().contains(&address);
    OwnRelayView { address, served: own.served, used, state: own.state.clone() }
}

/// Places of the creation that nobody has taken.
fn open_places(vault: &Vault) -> Vec<OpenPlaceView> {
    let Some((_, created)) = vault.creation() else { return Vec::new() };
    let joiners = vault.joiners();
    let proofs = || joiners.values().filter_map(|joiner| joiner.joined.proof.as_ref());
    let open = created.places.iter().filter(|place| !proofs().any(|proof| proof.key == place.key));
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
            let differences = changes::differences(active, checked);
            let (cfg, voters, votes) = (checked.cfg, vault.voters(checked.cfg), vault.votes(checked.cfg));
            Some(SuccessorView {
                cfg,
                round: checked.configuration.round,
                proposer: vault.proposer(cfg)?,
                have: voters.iter().filter(|member| votes.contains(member)).count() as u32,
                votes: votes.into_iter().collect(),
                need: votes_needed(voters.len(), active.configuration.threshold) as u32,
                changes: changes::sentences(&differences),
                differences,
            })
        })
        .collect();
    successors.sort_by_key(|view| (view.round, view.cfg));
    successors
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
    let (joiners, signed) = (vault.joiners(), vault.first_signatures());
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
            signed_first_ms: signed.get(&member).copied(),
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

/// A transaction of the coins, with what its owner calls it.
pub fn transaction(entry: &Entry, proposal: Option<EventId>, label: Option<String>) -> TransactionView {
    TransactionView {
        txid: entry.txid.to_string(),
        height: entry.block.map(|(height, _)| height),
        time_s: entry.time_s,
        received: entry.received,
        sent: entry.sent,
        proposal,
        label,
    }
}

/// Events without effect, in the order of the record.
pub fn void(vault: &Vault) -> Vec<VoidView> {
    let admitted = vault.log().in_order().into_iter();
    admitted
        .filter_map(|admitted| {
            let why = vault.void().get(&admitted.id)?;
            let (reason, code) = (why.to_string(), why.code().to_owned());
            Some(VoidView { event: admitted.id, author: admitted.author, reason, code })
        })
        .collect()
}

/// A vault that cannot be opened.
pub fn unopened(vault: VaultId, reason: &str) -> UnopenedView {
    UnopenedView { vault, reason: reason.to_owned() }
}

/// A refused message.
pub fn refused(row: RefusedRow) -> RefusedView {
    RefusedView { received_ms: row.received_ms, from: row.from, reason: row.reason, code: row.code }
}
