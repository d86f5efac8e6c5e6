//! What an event says, in plain words. Of a payment that stands the amounts come from the transaction, proven as far as
//! the record proves them; of one that does not stand they are its author's claims, and it is said so.

use std::collections::BTreeMap;

use bitcoin::consensus::encode::deserialize_hex;
use bitcoin::{Address, Transaction, TxOut};
use conclave_domain::action::{Action, Content, Created, Joined};
use conclave_domain::event::Event;
use conclave_domain::hash::tagged;
use conclave_domain::invitation::roles_of;
use conclave_domain::proposal::{CheckedProposal, Proposal};
use conclave_domain::vault::Vault;
use conclave_shared::{Cfg, EventId, Recovery, Role, Sat, ScriptKind};

use super::{Names, shown};
use crate::open_vault::NETWORK;

/// Most recipients that are named.
const RECIPIENTS_SHOWN: usize = 100;
/// Most freezes that are named.
const FREEZES_SHOWN: usize = 10;

/// What happened, as it goes on after the author's name.
pub(super) fn summary(vault: &Vault, names: &Names, event: &Event) -> String {
    match &event.content {
        Content::Unknown { kind } => format!("did something that this program does not know: \"{}\"", shown(kind)),
        Content::Malformed { .. } => "wrote something that is no action".to_owned(),
        Content::Known(action) => match action {
            Action::Created(it) => created(it),
            Action::Joined(it) => joined(vault, event, it),
            Action::ConfigurationProposed(it) => {
                let cfg = Cfg(tagged("conclave/configuration", it.configuration.as_bytes()));
                configuration(vault, names, cfg)
            }
            Action::Ratified(it) => format!("ratified configuration {}", it.cfg),
            Action::AddressIssued(it) => {
                format!("gave out deposit address {} (index {})", shown(&it.address), it.index)
            }
            Action::Proposed(it) => proposed(vault, event.id, it),
            Action::PaymentProposed(it) => {
                let mut text = proposed(vault, event.id, &it.proposal());
                if let Some(old) = it.replaces {
                    text.push_str(&format!(", in the place of {}", payment(vault, old)));
                }
                text
            }
            Action::Approved(it) => format!("approved {}", payment(vault, it.proposal)),
            Action::Rejected(it) => format!("rejected {}", payment(vault, it.proposal)),
            Action::Signed(it) => signed(vault, it.proposal, it.signatures.len()),
            Action::TaprootSigned(it) => signed(vault, it.proposal, it.signatures.len()),
            Action::Finalised(it) => {
                format!(
                    "put the signatures together of {}{}",
                    payment(vault, it.proposal),
                    other_txid(vault, it.proposal, it.txid)
                )
            }
            Action::Broadcast(it) => {
                format!(
                    "sent {} to the network{}",
                    payment(vault, it.proposal),
                    other_txid(vault, it.proposal, it.txid)
                )
            }
            Action::Confirmed(it) => format!(
                "saw {} in block {} ({}){}",
                payment(vault, it.proposal),
                it.height,
                it.block,
                other_txid(vault, it.proposal, it.txid)
            ),
            Action::PlaceOpened(it) => match it.replaces {
                Some(old) => format!("opened a place for a new identity of {}", names.of(old)),
                None => format!("opened a place for a member as {}", role(it.place.role)),
            },
            Action::IdentityReplaced(it) => format!("proved to hold the key of {}", names.of(it.old)),
            Action::ConfigurationVoted(it) => format!("voted for configuration {}", it.cfg),
            Action::VoteReleased(it) => format!("took back the vote for configuration {}", it.cfg),
            Action::Frozen(it) => format!("froze the vault: \"{}\"", shown(&it.reason)),
            Action::FreezeReleased(it) => {
                let freezes: Vec<String> = it.freezes.iter().take(FREEZES_SHOWN).map(EventId::short).collect();
                let more = it.freezes.len().saturating_sub(FREEZES_SHOWN);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                format!(
                    "voted to release {} {}{more}",
                    if it.freezes.len() == 1 { "freeze" } else { "freezes" },
                    freezes.join(", ")
                )
            }
            Action::Challenged(it) => format!("asked the keyholders to sign nonce {}", it.nonce),
            Action::KeyProven(it) => {
                let proven = vault.proven_ms(it.cfg, event.author).is_some() && !vault.void().contains_key(&event.id);
                let verb = if proven { "proved" } else { "claimed" };
                format!("{verb} to hold the own key in configuration {}, by {} nonces", it.cfg, it.challenges.len())
            }
        },
    }
}

fn signed(vault: &Vault, proposal: EventId, count: usize) -> String {
    let noun = if count == 1 { "signature" } else { "signatures" };
    format!("signed {}: {count} {noun}", payment(vault, proposal))
}

/// The kind of a vault's addresses and its recovery, where they are not what a reader expects.
fn script(script: ScriptKind, recovery: Option<&Recovery>) -> String {
    let mut text = if script.is_default() { String::new() } else { format!("; addresses {script}") };
    if let Some(it) = recovery {
        let keys = if it.keys.is_empty() { "keyholders" } else { "recovery keys" };
        text.push_str(&format!("; after {} blocks {} of the {keys} may spend", it.after_blocks, it.threshold));
    }
    text
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Keyholder => "keyholder",
        Role::Approver => "approver",
        Role::Mediator => "mediator",
        Role::Auditor => "auditor",
        Role::Signer => "signer",
    }
}

fn created(it: &Created) -> String {
    let mut places: BTreeMap<Role, u32> = BTreeMap::new();
    let given = it.places.iter().flat_map(|place| roles_of(place.role, it.rules));
    for role in it.organiser.iter().copied().chain(given) {
        *places.entry(role).or_default() += 1;
    }
    let places: Vec<String> = places.into_iter().map(|(it, count)| format!("{count} as {}", role(it))).collect();
    let (name, relays) = (shown(&it.name), shown(&it.relays.join(" ")));
    let policy = it.policy.as_ref().map_or(String::new(), |policy| {
        format!("; {} must approve, with {} tiers", policy.approvals, policy.tiers.len())
    });
    format!(
        "created vault \"{name}\" on {}, where {} must sign{policy}; places: {}; relays: {relays}{}",
        it.network,
        it.threshold,
        places.join(", "),
        script(it.script, it.recovery.as_ref())
    )
}

fn joined(vault: &Vault, event: &Event, it: &Joined) -> String {
    let mut text = format!("joined as \"{}\"", shown(&it.name));
    if let Some(joiner) = vault.joiners().get(&event.author).filter(|joiner| joiner.event == event.id) {
        for it in &joiner.roles {
            text.push_str(&format!(", {}", role(*it)));
        }
    }
    if let Some(key) = &it.key {
        text.push_str(&format!(", with key {}", shown(key)));
    }
    text
}

fn configuration(vault: &Vault, names: &Names, cfg: Cfg) -> String {
    let mut text = format!("proposed configuration {cfg}");
    if let Some(checked) = vault.configuration(cfg) {
        let it = &checked.configuration;
        let members: Vec<String> = it.members.iter().map(|member| names.of(member.identity)).collect();
        text.push_str(&format!(
            ": {} must sign, {} must approve; members {}{}",
            it.threshold,
            it.policy.approvals,
            members.join(", "),
            script(it.script, it.recovery.as_ref())
        ));
    }
    text
}

fn proposed(vault: &Vault, id: EventId, it: &Proposal) -> String {
    let purpose = if it.purpose.is_empty() { String::new() } else { format!("; purpose \"{}\"", shown(&it.purpose)) };
    if let Some(state) = vault.proposal(id) {
        let checked = &state.checked;
        return format!(
            "proposed payment {}: {}; fee {}, {} come back to the vault; txid {}{purpose}",
            id.short(),
            recipients(leaving(checked)),
            sat(checked.fee),
            sat(checked.change_amount()),
            checked.txid
        );
    }
    match deserialize_hex::<Transaction>(&it.transaction) {
        Ok(transaction) => format!(
            "proposed payment {}, which does not stand: {}; txid {}{purpose}",
            id.short(),
            recipients(transaction.output.iter()),
            transaction.compute_txid()
        ),
        Err(_) => format!("proposed payment {}, which is no transaction{purpose}", id.short()),
    }
}

/// Outputs that are not proven to come back to the vault.
fn leaving(checked: &CheckedProposal) -> impl Iterator<Item = &TxOut> {
    let change = checked.change.map(|change| change.output as usize);
    checked.transaction.output.iter().enumerate().filter(move |(at, _)| Some(*at) != change).map(|(_, output)| output)
}

fn recipients<'a>(outputs: impl Iterator<Item = &'a TxOut>) -> String {
    let mut named = Vec::new();
    let mut more = 0;
    for output in outputs {
        if named.len() == RECIPIENTS_SHOWN {
            more += 1;
            continue;
        }
        let to = Address::from_script(&output.script_pubkey, NETWORK)
            .map_or_else(|_| format!("script {}", shown(&output.script_pubkey.to_hex_string())), |it| it.to_string());
        named.push(format!("{} to {to}", sat(output.value)));
    }
    match (named.is_empty(), more) {
        (true, _) => "nothing leaves the vault".to_owned(),
        (false, 0) => named.join(", "),
        (false, more) => format!("{} and {more} more", named.join(", ")),
    }
}

fn sat(amount: bitcoin::Amount) -> Sat {
    Sat(amount.to_sat())
}

/// A payment as others' events speak of it.
fn payment(vault: &Vault, id: EventId) -> String {
    match vault.proposal(id) {
        Some(state) => {
            let sum = leaving(&state.checked).map(|output| output.value).sum();
            format!("payment {} of {} (txid {})", id.short(), sat(sum), state.checked.txid)
        }
        None => format!("payment {id}, which does not stand in this record"),
    }
}

/// The txid that an event names, where it is not the payment's.
fn other_txid(vault: &Vault, id: EventId, txid: bitcoin::Txid) -> String {
    let same = vault.proposal(id).is_some_and(|state| state.checked.txid == txid);
    if same { String::new() } else { format!(", as txid {txid}") }
}
