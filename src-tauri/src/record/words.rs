//! What an event says, in plain English: the sentences of the command line, made of the facts in `saying`.

use conclave_shared::record::{PaymentSaid, ProposedSaid, RecoverySaid, Saying};
use conclave_shared::{EventId, ScriptKind};

/// What happened, as it goes on after the author's name.
pub(super) fn summary(saying: &Saying) -> String {
    match saying {
        Saying::Unknown { kind } => format!("did something that this program does not know: \"{kind}\""),
        Saying::Malformed => "wrote something that is no action".to_owned(),
        Saying::Created { name, network, threshold, policy, places, relays, script, recovery } => {
            let policy = policy
                .map_or(String::new(), |(approvals, tiers)| format!("; {approvals} must approve, with {tiers} tiers"));
            let places: Vec<String> = places.iter().map(|it| format!("{} as {}", it.count, it.role)).collect();
            format!(
                "created vault \"{name}\" on {network}, where {threshold} must sign{policy}; places: {}; relays: {}{}",
                places.join(", "),
                relays.join(" "),
                kind(*script, *recovery)
            )
        }
        Saying::Joined { name, roles, key } => {
            let roles: String = roles.iter().map(|it| format!(", {it}")).collect();
            let key = key.as_ref().map_or(String::new(), |key| format!(", with key {key}"));
            format!("joined as \"{name}\"{roles}{key}")
        }
        Saying::ConfigurationProposed { cfg, content } => {
            let content = content.as_ref().map_or(String::new(), |it| {
                format!(
                    ": {} must sign, {} must approve; members {}{}",
                    it.threshold,
                    it.approvals,
                    it.members.join(", "),
                    kind(it.script, it.recovery)
                )
            });
            format!("proposed configuration {cfg}{content}")
        }
        Saying::Ratified { cfg } => format!("ratified configuration {cfg}"),
        Saying::AddressIssued { address, index } => format!("gave out deposit address {address} (index {index})"),
        Saying::AddressAttested { address, index } => {
            format!("derived deposit address {address} (index {index}) by their own program")
        }
        Saying::Proposed { payment, replaces } => {
            let replaces = replaces.as_ref().map_or(String::new(), |it| format!(", in the place of {}", named(it)));
            format!("proposed payment {}{replaces}", proposed(payment))
        }
        Saying::SelfTestProposed { payment } => {
            format!("proposed a self-test that every keyholder signs, payment {}", proposed(payment))
        }
        Saying::Approved { payment } => format!("approved {}", named(payment)),
        Saying::Rejected { payment } => format!("rejected {}", named(payment)),
        Saying::Signed { payment, signatures } => {
            let noun = if *signatures == 1 { "signature" } else { "signatures" };
            format!("signed {}: {signatures} {noun}", named(payment))
        }
        Saying::Finalised { payment, other_txid } => {
            format!("put the signatures together of {}{}", named(payment), as_txid(other_txid))
        }
        Saying::Broadcast { payment, other_txid } => {
            format!("sent {} to the network{}", named(payment), as_txid(other_txid))
        }
        Saying::Confirmed { payment, height, block, other_txid } => {
            format!("saw {} in block {height} ({block}){}", named(payment), as_txid(other_txid))
        }
        Saying::PlaceOpened { replaces: Some(old), .. } => format!("opened a place for a new identity of {old}"),
        Saying::PlaceOpened { role, replaces: None } => format!("opened a place for a member as {role}"),
        Saying::IdentityReplaced { of } => format!("proved to hold the key of {of}"),
        Saying::Voted { cfg } => format!("voted for configuration {cfg}"),
        Saying::VoteReleased { cfg } => format!("took back the vote for configuration {cfg}"),
        Saying::Frozen { reason } => format!("froze the vault: \"{reason}\""),
        Saying::FreezeReleased { freezes, more } => {
            let noun = if freezes.len() == 1 { "freeze" } else { "freezes" };
            let freezes: Vec<String> = freezes.iter().map(EventId::short).collect();
            let more = if *more == 0 { String::new() } else { format!(" and {more} more") };
            format!("voted to release {noun} {}{more}", freezes.join(", "))
        }
        Saying::Challenged { nonce } => format!("asked the keyholders to sign nonce {nonce}"),
        Saying::KeyProven { cfg, nonces, proven } => {
            let verb = if *proven { "proved" } else { "claimed" };
            format!("{verb} to hold the own key in configuration {cfg}, by {nonces} nonces")
        }
    }
}

/// The kind of a vault's addresses and its recovery, where they are not what a reader expects.
fn kind(script: ScriptKind, recovery: Option<RecoverySaid>) -> String {
    let mut text = if script.is_default() { String::new() } else { format!("; addresses {script}") };
    if let Some(it) = recovery {
        let keys = if it.own_keys { "recovery keys" } else { "keyholders" };
        text.push_str(&format!("; after {} blocks {} of the {keys} may spend", it.after_blocks, it.threshold));
    }
    text
}

fn proposed(it: &ProposedSaid) -> String {
    let id = it.proposal.short();
    let purpose = if it.purpose.is_empty() { String::new() } else { format!("; purpose \"{}\"", it.purpose) };
    match (&it.txid, it.fee_and_change) {
        (None, _) => format!("{id}, which is no transaction{purpose}"),
        (Some(txid), None) => format!("{id}, which does not stand: {}; txid {txid}{purpose}", outputs(it)),
        (Some(txid), Some((fee, change))) => {
            format!("{id}: {}; fee {fee}, {change} come back to the vault; txid {txid}{purpose}", outputs(it))
        }
    }
}

fn outputs(it: &ProposedSaid) -> String {
    let named: Vec<String> = it.outputs.iter().map(|output| format!("{} to {}", output.amount, output.to)).collect();
    match (named.is_empty(), it.more) {
        (true, _) => "nothing leaves the vault".to_owned(),
        (false, 0) => named.join(", "),
        (false, more) => format!("{} and {more} more", named.join(", ")),
    }
}

fn named(it: &PaymentSaid) -> String {
    match &it.stands {
        Some((sum, txid)) => format!("payment {} of {sum} (txid {txid})", it.proposal.short()),
        None => format!("payment {}, which does not stand in this record", it.proposal),
    }
}

fn as_txid(other: &Option<String>) -> String {
    other.as_ref().map_or(String::new(), |txid| format!(", as txid {txid}"))
}
