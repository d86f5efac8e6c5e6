//! What an event says, as facts. Of a payment that stands the amounts come from the transaction, proven as far as the record
//! proves them; of one that does not stand they are its author's claims, and it is said so.

use std::collections::BTreeMap;

use bitcoin::consensus::encode::deserialize_hex;
use bitcoin::{Address, Transaction, TxOut};
use conclave_domain::action::{Action, Content, Created, Joined, SelfTestProposed};
use conclave_domain::event::Event;
use conclave_domain::hash::tagged;
use conclave_domain::invitation::roles_of;
use conclave_domain::policy::RoleCount;
use conclave_domain::proposal::{CheckedProposal, Proposal};
use conclave_domain::vault::Vault;
use conclave_shared::record::{ConfigurationSaid, OutputSaid, PaymentSaid, ProposedSaid, RecoverySaid, Saying};
use conclave_shared::{Cfg, EventId, Recovery, Role, Sat};

use super::{Names, shown};
use crate::open_vault::NETWORK;

/// Most recipients that are named.
const RECIPIENTS_SHOWN: usize = 100;
/// Most freezes that are named.
const FREEZES_SHOWN: usize = 10;
/// Most relays and members that are named.
const NAMED: usize = 100;

/// What an event says.
pub(super) fn saying(vault: &Vault, names: &Names, event: &Event) -> Saying {
    let action = match &event.content {
        Content::Unknown { kind } => return Saying::Unknown { kind: shown(kind) },
        Content::Malformed { .. } => return Saying::Malformed,
        Content::Known(action) => action,
    };
    let payment = |id| payment(vault, id);
    let other_txid = |id, txid: bitcoin::Txid| {
        let same = vault.proposal(id).is_some_and(|state| state.checked.txid == txid);
        (!same).then(|| txid.to_string())
    };
    match action {
        Action::Created(it) => created(it),
        Action::Joined(it) => joined(vault, event, it),
        Action::ConfigurationProposed(it) => {
            let cfg = Cfg(tagged("conclave/configuration", it.configuration.as_bytes()));
            Saying::ConfigurationProposed { cfg, content: configuration(vault, names, cfg) }
        }
        Action::Ratified(it) => Saying::Ratified { cfg: it.cfg },
        Action::AddressIssued(it) => Saying::AddressIssued { address: shown(&it.address), index: it.index },
        Action::AddressAttested(it) => Saying::AddressAttested { address: shown(&it.address), index: it.index },
        Action::Proposed(it) => Saying::Proposed { payment: proposed(vault, event.id, it), replaces: None },
        Action::PaymentProposed(it) => {
            Saying::Proposed { payment: proposed(vault, event.id, &it.proposal()), replaces: it.replaces.map(payment) }
        }
        Action::SelfTestProposed(it) => {
            Saying::SelfTestProposed { payment: proposed(vault, event.id, &SelfTestProposed::proposal(it)) }
        }
        Action::Approved(it) => Saying::Approved { payment: payment(it.proposal) },
        Action::Rejected(it) => Saying::Rejected { payment: payment(it.proposal) },
        Action::Signed(it) => Saying::Signed { payment: payment(it.proposal), signatures: it.signatures.len() as u32 },
        Action::TaprootSigned(it) => {
            Saying::Signed { payment: payment(it.proposal), signatures: it.signatures.len() as u32 }
        }
        Action::Finalised(it) => {
            Saying::Finalised { payment: payment(it.proposal), other_txid: other_txid(it.proposal, it.txid) }
        }
        Action::Broadcast(it) => {
            Saying::Broadcast { payment: payment(it.proposal), other_txid: other_txid(it.proposal, it.txid) }
        }
        Action::Confirmed(it) => Saying::Confirmed {
            payment: payment(it.proposal),
            height: it.height,
            block: it.block.to_string(),
            other_txid: other_txid(it.proposal, it.txid),
        },
        Action::PlaceOpened(it) => {
            Saying::PlaceOpened { role: it.place.role, replaces: it.replaces.map(|old| names.of(old)) }
        }
        Action::IdentityReplaced(it) => Saying::IdentityReplaced { of: names.of(it.old) },
        Action::ConfigurationVoted(it) => Saying::Voted { cfg: it.cfg },
        Action::VoteReleased(it) => Saying::VoteReleased { cfg: it.cfg },
        Action::Frozen(it) => Saying::Frozen { reason: shown(&it.reason) },
        Action::FreezeReleased(it) => Saying::FreezeReleased {
            freezes: it.freezes.iter().take(FREEZES_SHOWN).copied().collect(),
            more: it.freezes.len().saturating_sub(FREEZES_SHOWN) as u32,
        },
        Action::Challenged(it) => Saying::Challenged { nonce: it.nonce.to_string() },
        Action::KeyProven(it) => {
            let proven = vault.proven_ms(it.cfg, event.author).is_some() && !vault.void().contains_key(&event.id);
            Saying::KeyProven { cfg: it.cfg, nonces: it.challenges.len() as u32, proven }
        }
    }
}

/// The payment that an event is about; none for other events.
pub fn about(event: &Event) -> Option<EventId> {
    let Content::Known(action) = &event.content else { return None };
    match action {
        Action::Proposed(_) | Action::SelfTestProposed(_) | Action::PaymentProposed(_) => Some(event.id),
        Action::Approved(it) => Some(it.proposal),
        Action::Rejected(it) => Some(it.proposal),
        Action::Signed(it) => Some(it.proposal),
        Action::TaprootSigned(it) => Some(it.proposal),
        Action::Finalised(it) | Action::Broadcast(it) => Some(it.proposal),
        Action::Confirmed(it) => Some(it.proposal),
        Action::Created(_)
        | Action::Joined(_)
        | Action::ConfigurationProposed(_)
        | Action::Ratified(_)
        | Action::AddressIssued(_)
        | Action::AddressAttested(_)
        | Action::PlaceOpened(_)
        | Action::IdentityReplaced(_)
        | Action::ConfigurationVoted(_)
        | Action::VoteReleased(_)
        | Action::Frozen(_)
        | Action::FreezeReleased(_)
        | Action::Challenged(_)
        | Action::KeyProven(_) => None,
    }
}

/// The payment that an event says it replaces.
pub fn replaced(event: &Event) -> Option<EventId> {
    match &event.content {
        Content::Known(Action::PaymentProposed(it)) => it.replaces,
        Content::Known(_) | Content::Unknown { .. } | Content::Malformed { .. } => None,
    }
}

fn recovery(it: Option<&Recovery>) -> Option<RecoverySaid> {
    let said = |it: &Recovery| RecoverySaid {
        after_blocks: it.after_blocks,
        threshold: it.threshold,
        own_keys: !it.keys.is_empty(),
    };
    it.map(said)
}

fn created(it: &Created) -> Saying {
    let mut places: BTreeMap<Role, u32> = BTreeMap::new();
    let given = it.places.iter().flat_map(|place| roles_of(place.role, it.rules));
    for role in it.organiser.iter().copied().chain(given) {
        *places.entry(role).or_default() += 1;
    }
    Saying::Created {
        name: shown(&it.name),
        network: it.network.to_string(),
        threshold: it.threshold,
        policy: it.policy.as_ref().map(|policy| (policy.approvals, policy.tiers.len() as u32)),
        places: places.into_iter().map(|(role, count)| RoleCount { role, count }).collect(),
        relays: it.relays.iter().take(NAMED).map(|relay| shown(relay)).collect(),
        script: it.script,
        recovery: recovery(it.recovery.as_ref()),
    }
}

fn joined(vault: &Vault, event: &Event, it: &Joined) -> Saying {
    let joiners = vault.joiners();
    let joiner = joiners.get(&event.author).filter(|joiner| joiner.event == event.id);
    Saying::Joined {
        name: shown(&it.name),
        roles: joiner.map(|joiner| joiner.roles.clone()).unwrap_or_default(),
        key: it.key.as_deref().map(shown),
    }
}

fn configuration(vault: &Vault, names: &Names, cfg: Cfg) -> Option<ConfigurationSaid> {
    let it = &vault.configuration(cfg)?.configuration;
    Some(ConfigurationSaid {
        threshold: it.threshold,
        approvals: it.policy.approvals,
        members: it.members.iter().take(NAMED).map(|member| names.of(member.identity)).collect(),
        script: it.script,
        recovery: recovery(it.recovery.as_ref()),
    })
}

fn proposed(vault: &Vault, id: EventId, it: &Proposal) -> ProposedSaid {
    let purpose = shown(&it.purpose);
    if let Some(state) = vault.proposal(id) {
        let checked = &state.checked;
        let (outputs, more) = outputs(leaving(checked));
        let fee_and_change = Some((sat(checked.fee), sat(checked.change_amount())));
        let txid = Some(checked.txid.to_string());
        return ProposedSaid { proposal: id, outputs, more, fee_and_change, txid, purpose };
    }
    let claimed = deserialize_hex::<Transaction>(&it.transaction).ok();
    let (outputs, more) = outputs(claimed.iter().flat_map(|transaction| &transaction.output));
    let txid = claimed.map(|transaction| transaction.compute_txid().to_string());
    ProposedSaid { proposal: id, outputs, more, fee_and_change: None, txid, purpose }
}

/// Outputs that are not proven to come back to the vault.
fn leaving(checked: &CheckedProposal) -> impl Iterator<Item = &TxOut> {
    let change = checked.change.map(|change| change.output as usize);
    checked.transaction.output.iter().enumerate().filter(move |(at, _)| Some(*at) != change).map(|(_, output)| output)
}

/// The first outputs, and how many more there are.
fn outputs<'a>(all: impl Iterator<Item = &'a TxOut>) -> (Vec<OutputSaid>, u32) {
    let (mut named, mut more) = (Vec::new(), 0);
    for output in all {
        if named.len() == RECIPIENTS_SHOWN {
            more += 1;
            continue;
        }
        let to = Address::from_script(&output.script_pubkey, NETWORK)
            .map_or_else(|_| format!("script {}", shown(&output.script_pubkey.to_hex_string())), |it| it.to_string());
        named.push(OutputSaid { amount: sat(output.value), to });
    }
    (named, more)
}

fn sat(amount: bitcoin::Amount) -> Sat {
    Sat(amount.to_sat())
}

/// A payment as others' events speak of it.
fn payment(vault: &Vault, id: EventId) -> PaymentSaid {
    let stands = vault.proposal(id).map(|state| {
        let sum = leaving(&state.checked).map(|output| output.value).sum();
        (sat(sum), state.checked.txid.to_string())
    });
    PaymentSaid { proposal: id, stands }
}
