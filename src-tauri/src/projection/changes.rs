//! What would be otherwise by a configuration that follows another: as facts, and as sentences of the command line.

use conclave_domain::configuration::{CheckedConfiguration, Member};
use conclave_domain::policy::Tier;
use conclave_shared::MemberId;
use conclave_shared::view::Difference;

use super::rules::from_tier;

/// Everything that is otherwise.
pub(super) fn differences(before: &CheckedConfiguration, after: &CheckedConfiguration) -> Vec<Difference> {
    let (old, new) = (&before.configuration, &after.configuration);
    let mut all = Vec::new();
    if old.policy.approvals != new.policy.approvals {
        all.push(Difference::Approvals { from: old.policy.approvals, to: new.policy.approvals });
    }
    if old.rules != new.rules {
        all.push(Difference::Rules { from: old.rules, to: new.rules });
    }
    if old.policy.tiers != new.policy.tiers {
        all.push(Difference::Tiers { from: old.policy.tiers.clone(), to: new.policy.tiers.clone() });
    }
    match (&old.policy.allow, &new.policy.allow) {
        (None, Some(list)) => all.push(Difference::AllowOnly { addresses: list.clone() }),
        (Some(_), None) => all.push(Difference::AllowAny),
        (Some(old), Some(new)) => {
            all.extend(beyond(new, old).map(|address| Difference::Allowed { address }));
            all.extend(beyond(old, new).map(|address| Difference::NotAllowed { address }));
        }
        (None, None) => {}
    }
    all.extend(beyond(&new.policy.deny, &old.policy.deny).map(|address| Difference::Denied { address }));
    all.extend(beyond(&old.policy.deny, &new.policy.deny).map(|address| Difference::NotDenied { address }));
    if before.policy.release() != after.policy.release() {
        all.push(Difference::Release { from: before.policy.release(), to: after.policy.release() });
    }
    if old.relays != new.relays {
        all.push(Difference::Relays { from: old.relays.clone(), to: new.relays.clone() });
    }
    members(before, after, &mut all);
    all
}

/// Who comes, who takes another's place, who leaves.
fn members(before: &CheckedConfiguration, after: &CheckedConfiguration, all: &mut Vec<Difference>) {
    let (old, new) = (&before.configuration, &after.configuration);
    let come: Vec<&Member> = new.members.iter().filter(|member| before.member(member.identity).is_none()).collect();
    let gone: Vec<&Member> = old.members.iter().filter(|member| after.member(member.identity).is_none()).collect();
    for member in &come {
        let (name, identity) = (member.name.clone(), member.identity);
        let replaced = gone.iter().find(|old| old.key.is_some() && old.key == member.key);
        all.push(match replaced {
            Some(old) => Difference::Replaced { old: old.identity, new: identity, name },
            None => Difference::Joins { member: identity, name, roles: member.roles.clone() },
        });
    }
    let stays = |member: &&&Member| member.key.is_none() || !come.iter().any(|new| new.key == member.key);
    all.extend(gone.iter().filter(stays).map(|member| Difference::Leaves {
        member: member.identity,
        name: member.name.clone(),
        key_stays: member.key.is_some(),
    }));
}

/// What stands on one list and not on another.
fn beyond<'a>(list: &'a [String], other: &'a [String]) -> impl Iterator<Item = String> + 'a {
    list.iter().filter(|address| !other.contains(address)).cloned()
}

/// One sentence each.
pub(super) fn sentences(differences: &[Difference]) -> Vec<String> {
    if differences.is_empty() {
        return vec!["nothing is otherwise: it settles that two configurations were accepted at once".to_owned()];
    }
    differences.iter().map(sentence).collect()
}

fn sentence(difference: &Difference) -> String {
    let called = |name: &str, member: &MemberId| format!("{name} ({})", member.short());
    match difference {
        Difference::Approvals { from, to } => format!("a payment needs {to} approvals, now {from}"),
        Difference::Rules { from, to } => {
            format!("the rules have version {to}, now {from}: older programs permit nothing any more")
        }
        Difference::Tiers { from, to } => format!("tiers: {}, now {}", tiers(to), tiers(from)),
        Difference::AllowOnly { addresses } if addresses.is_empty() => {
            "no address outside the vault may be paid".to_owned()
        }
        Difference::AllowOnly { addresses } => format!("only these addresses may be paid: {}", addresses.join(", ")),
        Difference::AllowAny => "every address may be paid that is not denied".to_owned(),
        Difference::Allowed { address } => format!("{address} may be paid"),
        Difference::NotAllowed { address } => format!("{address} may be paid no more"),
        Difference::Denied { address } => format!("{address} is never paid"),
        Difference::NotDenied { address } => format!("{address} is denied no more"),
        Difference::Release { from, to } => format!("a freeze needs {to} keyholders to release it, now {from}"),
        Difference::Relays { from, to } => format!("messages pass {}, now {}", to.join(" "), from.join(" ")),
        Difference::Joins { member, name, roles } => {
            let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
            format!("{} becomes a member, as {}", called(name, member), roles.join(" and "))
        }
        Difference::Leaves { member, name, key_stays: false } => format!("{} leaves", called(name, member)),
        Difference::Leaves { member, name, key_stays: true } => format!(
            "{} leaves; the key stays in the descriptor and can sign until the coins are moved to another vault",
            called(name, member)
        ),
        Difference::Replaced { old, new, name } => {
            format!("{} takes the place of {} and holds the same key", called(name, new), called(name, old))
        }
    }
}

fn tiers(tiers: &[Tier]) -> String {
    let all: Vec<String> = tiers.iter().map(from_tier).collect();
    if all.is_empty() { "none".to_owned() } else { all.join("; ") }
}
