//! A vault's policy as sentences, what a change makes otherwise, and what a person types to change it.

mod change;
mod form;

use conclave_shared::desktop::Unit;
use conclave_shared::policy::{Policy, Tier};
use conclave_shared::view::Difference;
use conclave_shared::{MemberId, Role};

use crate::amount;
use crate::messages::Said;
use crate::say;
use crate::vocabulary;

pub use change::{differences, request};
pub use form::{Approving, PolicyFaults, PolicyForm, TierFaults, TierForm};

/// Most tiers of one policy.
pub const TIERS_MOST: usize = 20;
/// Most letters of the reason of a freeze.
pub const REASON_MOST: usize = 500;

/// A sentence of a policy, and the addresses that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// The sentence.
    pub said: Said,
    /// The addresses, each shown whole below it.
    pub addresses: Vec<String>,
}

impl From<Said> for Sentence {
    fn from(said: Said) -> Self {
        Self { said, addresses: vec![] }
    }
}

/// All of a policy, one sentence each. `release` is how many keyholders release a freeze.
pub fn sentences(policy: &Policy, release: u32, unit: Unit) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = vec![match policy.tiers.as_slice() {
        [] => say!("policy-every", approvals = policy.approvals).into(),
        [first, ..] => {
            let below = amount::text(first.from, unit);
            say!("policy-below", approvals = policy.approvals, below = below).into()
        }
    }];
    sentences.extend(policy.tiers.iter().map(|tier| Sentence::from(tier_said(tier, unit))));
    if !policy.tiers.is_empty() {
        sentences.push(say!("policy-what-counts").into());
    }
    sentences.push(match &policy.allow {
        None if policy.deny.is_empty() => say!("policy-any-address").into(),
        None => say!("policy-any-but").into(),
        Some(list) if list.is_empty() => say!("policy-no-address").into(),
        Some(list) => Sentence { said: say!("policy-only-addresses", count = list.len()), addresses: list.clone() },
    });
    if !policy.deny.is_empty() {
        let said = say!("policy-denied", count = policy.deny.len());
        sentences.push(Sentence { said, addresses: policy.deny.clone() });
    }
    sentences.push(say!("policy-freeze", release = release).into());
    sentences
}

/// What a tier asks for: `From 1 BTC on: 3 approvals, 1 of them by an approver`.
pub fn tier_said(tier: &Tier, unit: Unit) -> Said {
    let from = amount::text(tier.from, unit);
    let of = |role| tier.by.iter().find(|by| by.role == role).map_or(0, |by| by.count);
    match (of(Role::Keyholder), of(Role::Approver)) {
        (0, 0) => say!("policy-tier", from = from, approvals = tier.approvals),
        (keyholders, 0) => {
            say!("policy-tier-keyholders", from = from, approvals = tier.approvals, keyholders = keyholders)
        }
        (0, approvers) => say!("policy-tier-approvers", from = from, approvals = tier.approvals, approvers = approvers),
        (keyholders, approvers) => say!(
            "policy-tier-both",
            from = from,
            approvals = tier.approvals,
            keyholders = keyholders,
            approvers = approvers
        ),
    }
}

/// What would be otherwise, one sentence each. `name` gives a member's name.
pub fn difference(difference: &Difference, unit: Unit, name: impl Fn(MemberId) -> String) -> Vec<Sentence> {
    let about = |said, address: &String| Sentence { said, addresses: vec![address.clone()] };
    let one = match difference {
        Difference::Rules { from, to } => say!("difference-rules", from = *from, to = *to).into(),
        Difference::Approvals { from, to } => say!("difference-approvals", from = *from, to = *to).into(),
        Difference::Tiers { from, to } => return tiers(from, to, unit),
        Difference::AllowOnly { addresses } if addresses.is_empty() => say!("difference-allow-none").into(),
        Difference::AllowOnly { addresses } => {
            Sentence { said: say!("difference-allow-only"), addresses: addresses.clone() }
        }
        Difference::AllowAny => say!("difference-allow-any").into(),
        Difference::Allowed { address } => about(say!("difference-allowed"), address),
        Difference::NotAllowed { address } => about(say!("difference-not-allowed"), address),
        Difference::Denied { address } => about(say!("difference-denied"), address),
        Difference::NotDenied { address } => about(say!("difference-not-denied"), address),
        Difference::Release { from, to } => say!("difference-release", from = *from, to = *to).into(),
        Difference::Relays { from, to } => say!("difference-relays", from = from.join(", "), to = to.join(", ")).into(),
        Difference::Joins { name: joins, roles, .. } => {
            say!("difference-joins", name = joins, role = vocabulary::role(crate::places::main_role(roles))).into()
        }
        Difference::Leaves { name: leaves, key_stays: true, .. } => say!("difference-leaves-key", name = leaves).into(),
        Difference::Leaves { name: leaves, key_stays: false, .. } => say!("difference-leaves", name = leaves).into(),
        Difference::Replaced { old, name: new, .. } => say!("difference-replaced", new = new, old = name(*old)).into(),
    };
    vec![one]
}

/// Whether a change makes somebody a member.
pub fn brings(difference: &Difference, who: MemberId) -> bool {
    match difference {
        Difference::Joins { member, .. } => *member == who,
        Difference::Replaced { new, .. } => *new == who,
        Difference::Rules { .. }
        | Difference::Approvals { .. }
        | Difference::Tiers { .. }
        | Difference::AllowOnly { .. }
        | Difference::AllowAny
        | Difference::Allowed { .. }
        | Difference::NotAllowed { .. }
        | Difference::Denied { .. }
        | Difference::NotDenied { .. }
        | Difference::Release { .. }
        | Difference::Relays { .. }
        | Difference::Leaves { .. } => false,
    }
}

/// The tiers before and after, each that comes or goes.
fn tiers(from: &[Tier], to: &[Tier], unit: Unit) -> Vec<Sentence> {
    let gone = from.iter().filter(|tier| !to.contains(tier));
    let come = to.iter().filter(|tier| !from.contains(tier));
    let gone = gone.map(|tier| say!("difference-tier-goes", tier = tier_said(tier, unit)));
    let come = come.map(|tier| say!("difference-tier-comes", tier = tier_said(tier, unit)));
    gone.chain(come).map(Sentence::from).collect()
}

#[cfg(test)]
mod tests {
    use conclave_shared::Sat;
    use conclave_shared::policy::RoleCount;

    use super::*;

    fn tier(from: u64, approvals: u32, by: &[(Role, u32)]) -> Tier {
        let by = by.iter().map(|(role, count)| RoleCount { role: *role, count: *count }).collect();
        Tier { from: Sat(from), approvals, by }
    }

    fn keys(sentences: &[Sentence]) -> Vec<&'static str> {
        sentences.iter().map(|sentence| sentence.said.key).collect()
    }

    #[test]
    fn a_plain_policy_is_three_sentences() {
        let sentences = sentences(&Policy::plain(2), 2, Unit::Btc);
        assert_eq!(keys(&sentences), ["policy-every", "policy-any-address", "policy-freeze"]);
    }

    #[test]
    fn a_policy_is_told_whole() {
        let policy = Policy {
            tiers: vec![tier(100, 3, &[]), tier(200, 3, &[(Role::Approver, 1), (Role::Keyholder, 2)])],
            allow: Some(vec!["a".to_owned()]),
            deny: vec!["b".to_owned(), "c".to_owned()],
            ..Policy::plain(2)
        };
        let told = sentences(&policy, 2, Unit::Sat);
        assert_eq!(
            keys(&told),
            [
                "policy-below",
                "policy-tier",
                "policy-tier-both",
                "policy-what-counts",
                "policy-only-addresses",
                "policy-denied",
                "policy-freeze"
            ]
        );
        assert_eq!(told[5].addresses, ["b", "c"]);
        let closed = Policy { allow: Some(vec![]), ..Policy::plain(2) };
        assert_eq!(sentences(&closed, 2, Unit::Sat)[1].said.key, "policy-no-address");
    }

    #[test]
    fn tiers_that_stay_are_not_told_as_changes() {
        let (stays, goes, comes) = (tier(100, 2, &[]), tier(200, 3, &[]), tier(300, 4, &[(Role::Approver, 1)]));
        let change = Difference::Tiers { from: vec![stays.clone(), goes], to: vec![stays, comes] };
        let told = difference(&change, Unit::Sat, |_| String::new());
        assert_eq!(keys(&told), ["difference-tier-goes", "difference-tier-comes"]);
    }

    #[test]
    fn who_leaves_with_a_key_is_told_apart() {
        let leaves = |key_stays| Difference::Leaves { member: MemberId([1; 32]), name: "Ana".to_owned(), key_stays };
        assert_eq!(keys(&difference(&leaves(true), Unit::Btc, |_| String::new())), ["difference-leaves-key"]);
        assert_eq!(keys(&difference(&leaves(false), Unit::Btc, |_| String::new())), ["difference-leaves"]);
    }
}
