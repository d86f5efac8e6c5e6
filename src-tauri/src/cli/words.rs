//! What the program says to a person: replies in words. Each reply is told by the room that asks for it where it has one.

use conclave_shared::request::Reply;
use conclave_shared::view::{HostingState, InvitationView, MemberView, OwnRelayView, RefusedView, VaultView, VoidView};
use conclave_shared::{KeyState, MemberId, Role, VaultStatus};

use super::payment::payment_in_words;
use super::{audit, change, lists, payment, policy, wallet};
use crate::record::{shown, utc};

pub(super) fn in_words(reply: &Reply) -> String {
    match reply {
        Reply::Created { vault, invitations, .. } => {
            let mut text = format!("vault {vault}\n");
            for InvitationView { title, roles, text: invitation } in invitations {
                text.push_str(&format!(
                    "\ninvitation to the place \"{title}\" ({}), to be handed over in person or by a safe way:\n{}\n",
                    roles_in_words(roles),
                    invitation.reveal()
                ));
            }
            text
        }
        Reply::Joined { vault } => format!(
            "joined vault {vault}; next: keep the program connected until every key is proven, compare the words by \
             voice, then ratify\n"
        ),
        Reply::Vaults { vaults, unopened, watched } => {
            let unopened = unopened.iter().map(|it| format!("vault {} cannot be opened: {}\n", it.vault, it.reason));
            let watched = watched.iter().map(wallet::watched_in_words);
            vaults.iter().map(vault_in_words).chain(watched).chain(unopened).collect()
        }
        Reply::Vault(view) => vault_in_words(view),
        Reply::Words { words } => format!("{}\n", words.join(" ")),
        Reply::Address { address, index } => {
            format!("{address}\nreceive address {index}, derived here from the ratified descriptor\n")
        }
        Reply::Proposal(view) => payment_in_words(view),
        Reply::Coins(view) => payment::coins_in_words(view),
        Reply::SignaturesTaken { proposal, taken, known } => payment::taken_in_words(proposal, taken, *known),
        Reply::Preview(view) => payment::preview_in_words(view),
        Reply::AddressChecked(view) => payment::address_in_words(view),
        Reply::Psbt { base64 } => format!("{base64}\n"),
        Reply::Refused { void, refused } => {
            let mut text = String::new();
            for VoidView { event, author, reason, .. } in void {
                text.push_str(&format!("void event {event} of {author}: {}\n", shown(reason)));
            }
            for RefusedView { received_ms, from, reason, .. } in refused {
                let from = from.map_or("nobody proven".to_owned(), |from| from.to_string());
                text.push_str(&format!("refused at {received_ms} from {from}: {}\n", shown(reason)));
            }
            if text.is_empty() { "nothing is void and nothing was refused\n".to_owned() } else { text }
        }
        Reply::Entries { entries } => audit::entries_in_words(entries),
        Reply::Verified(view) => audit::verified_in_words(view),
        Reply::AppEntries { installation, entries } => audit::app_entries_in_words(*installation, entries),
        Reply::AppVerified(view) => audit::app_verified_in_words(view),
        Reply::Invited { invitation } => change::invitation_in_words(invitation),
        Reply::Changes { successors, candidates } => change::in_words(successors, candidates),
        Reply::Transactions(view) => lists::transactions_in_words(view),
        Reply::Policy(view) => policy::in_words(view),
        Reply::Backup { words } => format!("{}\n", words.reveal()),
        Reply::Faulty(fault) => format!("{}\n", fault.message),
        Reply::Addresses(view) => wallet::addresses_in_words(view),
        Reply::LabelsImported(view) => wallet::imported_in_words(view),
        Reply::History(view) => wallet::history_in_words(view),
        Reply::Fees(view) => wallet::fees_in_words(view),
        Reply::Descriptor(view) => wallet::descriptor_in_words(view),
        Reply::Watching { vault } => format!("watched {vault}\n"),
        Reply::Record { .. } | Reply::Done => "done\n".to_owned(),
        Reply::Failed(failure) => format!("{}\n", failure.message),
    }
}

fn vault_in_words(view: &VaultView) -> String {
    let mut text = format!(
        "{} ({} of {}, {} approvals a payment, {:?})\n  vault {}\n  {} confirmed, {} unconfirmed, chain at block {}\n",
        view.name,
        view.threshold,
        view.keyholders,
        view.approvals,
        view.status,
        view.vault,
        view.balance.confirmed,
        view.balance.unconfirmed,
        view.tip_height
    );
    for member in &view.members {
        text.push_str(&member_in_words(member, view.me));
    }
    if matches!(view.status, VaultStatus::Proving | VaultStatus::Ratifying) {
        text.push_str(
            "  compare the twelve words by voice (vault words), then ratify with what you heard (vault ratify)\n",
        );
    }
    text.push_str(&format!(
        "  {} events, {} waiting, {} void, {} refused; {} members have not told that they hold everything\n  state {}\n",
        view.events, view.waiting, view.void, view.refused, view.unacknowledged, view.state_digest
    ));
    if let Some(trouble) = &view.trouble {
        text.push_str(&format!("  trouble: {trouble}\n"));
    }
    if let Some(own) = &view.own_relay {
        text.push_str(&format!("  own relay {}: {}\n", own.address, own_relay_in_words(own)));
    }
    for found in &view.findings {
        let name = |member: &MemberId| {
            let named = view.members.iter().find(|it| it.member == *member);
            named.map_or_else(|| member.short(), |it| shown(&it.name))
        };
        let whose = found.member.as_ref().map(name).or_else(|| found.relay.as_deref().map(shown));
        let whose = whose.map_or_else(String::new, |whose| format!("{whose}: "));
        text.push_str(&format!("  found: {whose}{}; {}\n", found.finding, shown(&found.detail)));
    }
    for former in &view.former {
        let id = former.member.short();
        text.push_str(&format!("  {} ({id}) has left; the key stays in the descriptor\n", former.name));
    }
    for rule in &view.rules {
        text.push_str(&format!("  {}\n", shown(rule)));
    }
    text.push_str(&policy::freezes_in_words(&view.freezes));
    text.push_str(&change::waiting_in_words(&view.successors, &view.candidates));
    for payment in &view.proposals {
        text.push_str(&payment_in_words(payment));
    }
    text
}

/// How the relay that this member hosts stands.
pub(super) fn own_relay_in_words(own: &OwnRelayView) -> String {
    let stands = match &own.state {
        HostingState::Off if own.served => "served while the installation is connected".to_owned(),
        HostingState::Off => "not served".to_owned(),
        HostingState::Waiting => "waits for Tor".to_owned(),
        HostingState::Publishing => "being made known".to_owned(),
        HostingState::Reachable => "reachable".to_owned(),
        HostingState::Failed { reason } => format!("not reachable: {}", shown(reason)),
    };
    match own.used {
        true => stands,
        false => format!("{stands}; the members do not use it yet: propose it by `vault change`"),
    }
}

fn roles_in_words(roles: &[Role]) -> String {
    let names: Vec<String> = roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
    names.join(" and ")
}

/// One line of the board: who a member is, and how far they have come with the set-up.
fn member_in_words(member: &MemberView, me: MemberId) -> String {
    let own = if member.member == me { " (you)" } else { "" };
    let title = member.title.as_ref().map(|title| format!(" [{}]", shown(title))).unwrap_or_default();
    let at = |ms: Option<u64>| ms.map(|ms| format!(" {}", utc(ms))).unwrap_or_default();
    let mut steps = vec![format!("joined{}", at(member.joined_ms))];
    match (member.key_state, member.challenged_ms) {
        // Rules version 0 asked for no proofs.
        (None, None) => {}
        (_, None) => steps.push("has not asked for proofs".to_owned()),
        (_, Some(ms)) => steps.push(format!("asked for proofs{}", at(Some(ms)))),
    }
    match member.key_state {
        None => {}
        Some(KeyState::Unproven) => steps.push("KEY NOT PROVEN".to_owned()),
        Some(KeyState::Proven) => steps.push(format!("key proven{}", at(member.proven_ms))),
    }
    if member.ratified {
        steps.push(format!("ratified{}", at(member.ratified_ms)));
    } else if member.key.is_some() {
        steps.push("has not ratified".to_owned());
    }
    let mut text = format!("  {}{title}{own}: {}\n", shown(&member.name), roles_in_words(&member.roles));
    text.push_str(&format!("    {}\n", steps.join("; ")));
    for warning in &member.warnings {
        text.push_str(&format!("    warning: {warning}\n"));
    }
    text
}
