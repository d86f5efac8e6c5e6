//! From the policy of now and the one that is wanted to what is asked for, and to what is shown before it is asked for.

use conclave_shared::VaultId;
use conclave_shared::policy::{Policy, PolicyChange};
use conclave_shared::request::ProposeChange;
use conclave_shared::view::Difference;

/// What would be otherwise. `release` is how many keyholders release a freeze now, `wanted_release` then.
pub fn differences(now: &Policy, wanted: &Policy, release: u32, wanted_release: u32) -> Vec<Difference> {
    let mut differences = vec![];
    if now.approvals != wanted.approvals {
        differences.push(Difference::Approvals { from: now.approvals, to: wanted.approvals });
    }
    if now.tiers != wanted.tiers {
        differences.push(Difference::Tiers { from: now.tiers.clone(), to: wanted.tiers.clone() });
    }
    match (&now.allow, &wanted.allow) {
        (None, Some(list)) => differences.push(Difference::AllowOnly { addresses: list.clone() }),
        (Some(_), None) => differences.push(Difference::AllowAny),
        (Some(now), Some(wanted)) => {
            differences.extend(new(now, wanted).map(|address| Difference::Allowed { address }));
            differences.extend(new(wanted, now).map(|address| Difference::NotAllowed { address }));
        }
        (None, None) => {}
    }
    differences.extend(new(&now.deny, &wanted.deny).map(|address| Difference::Denied { address }));
    differences.extend(new(&wanted.deny, &now.deny).map(|address| Difference::NotDenied { address }));
    if release != wanted_release {
        differences.push(Difference::Release { from: release, to: wanted_release });
    }
    differences
}

/// What is on the second list alone.
fn new(before: &[String], after: &[String]) -> impl Iterator<Item = String> {
    after.iter().filter(|address| !before.contains(address)).cloned()
}

/// The request that makes the wanted policy of the present one.
///
/// A list of allowed addresses that becomes empty is asked for by taking the last ones off; an empty list where there was
/// none cannot be asked for, and is not offered.
pub fn request(vault: VaultId, now: &Policy, wanted: &Policy, release: u32, wanted_release: u32) -> ProposeChange {
    let none = vec![];
    let (allowed, to_allow) = (now.allow.as_ref().unwrap_or(&none), wanted.allow.as_ref().unwrap_or(&none));
    let lists = wanted.allow.is_some();
    ProposeChange {
        approvals: (now.approvals != wanted.approvals).then_some(wanted.approvals),
        policy: PolicyChange {
            tiers: (now.tiers != wanted.tiers).then(|| wanted.tiers.clone()),
            allow: if lists { new(allowed, to_allow).collect() } else { vec![] },
            disallow: if lists { new(to_allow, allowed).collect() } else { vec![] },
            allow_any: now.allow.is_some() && !lists,
            deny: new(&now.deny, &wanted.deny).collect(),
            undeny: new(&wanted.deny, &now.deny).collect(),
            release: (release != wanted_release).then_some(wanted_release),
        },
        ..ProposeChange::of(vault)
    }
}

#[cfg(test)]
mod tests {
    use conclave_shared::Sat;
    use conclave_shared::policy::Tier;

    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn nothing_otherwise_asks_for_nothing() {
        let policy = Policy { allow: Some(list("a b")), deny: list("c"), ..Policy::plain(2) };
        assert!(differences(&policy, &policy, 2, 2).is_empty());
        assert_eq!(request(VaultId([1; 32]), &policy, &policy, 2, 2), ProposeChange::of(VaultId([1; 32])));
    }

    #[test]
    fn only_what_is_otherwise_is_asked_for() {
        let now = Policy { allow: Some(list("a b")), deny: list("c"), ..Policy::plain(2) };
        let tiers = vec![Tier { from: Sat(5), approvals: 3, by: vec![] }];
        let wanted =
            Policy { approvals: 3, tiers: tiers.clone(), allow: Some(list("b d")), deny: list("e"), release: None };
        let asked = request(VaultId([1; 32]), &now, &wanted, 2, 1);
        assert_eq!(asked.approvals, Some(3));
        assert_eq!(
            asked.policy,
            PolicyChange {
                tiers: Some(tiers),
                allow: list("d"),
                disallow: list("a"),
                allow_any: false,
                deny: list("e"),
                undeny: list("c"),
                release: Some(1),
            }
        );
        assert_eq!(differences(&now, &wanted, 2, 1).len(), 7);
    }

    #[test]
    fn a_list_that_ends_is_not_taken_apart() {
        let now = Policy { allow: Some(list("a b")), ..Policy::plain(2) };
        let asked = request(VaultId([1; 32]), &now, &Policy::plain(2), 2, 2);
        assert_eq!(asked.policy, PolicyChange { allow_any: true, ..PolicyChange::default() });
        assert_eq!(differences(&now, &Policy::plain(2), 2, 2), [Difference::AllowAny]);
    }

    #[test]
    fn a_list_that_begins_names_all_its_addresses() {
        let wanted = Policy { allow: Some(list("a b")), ..Policy::plain(2) };
        let asked = request(VaultId([1; 32]), &Policy::plain(2), &wanted, 2, 2);
        assert_eq!(asked.policy, PolicyChange { allow: list("a b"), ..PolicyChange::default() });
    }
}
