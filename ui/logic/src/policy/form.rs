//! A policy as it is typed.

use conclave_shared::Role;
use conclave_shared::desktop::Unit;
use conclave_shared::policy::{Policy, RoleCount, Tier};

use super::TIERS_MOST;
use crate::amount;
use crate::forms;
use crate::messages::Said;
use crate::say;

/// Who can approve: a policy must not ask for more than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Approving {
    /// Members with a key.
    pub keyholders: u32,
    /// Members who approve and have no key.
    pub approvers: u32,
}

impl Approving {
    /// All who can approve.
    pub fn all(self) -> u32 {
        self.keyholders.saturating_add(self.approvers)
    }
}

/// A tier as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TierForm {
    /// From which amount on.
    pub from: String,
    /// Approvals in all.
    pub approvals: String,
    /// How many of them by keyholders; nothing: any.
    pub keyholders: String,
    /// How many of them by approvers; nothing: any.
    pub approvers: String,
}

/// A policy as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyForm {
    /// Approvals of every payment that no tier reaches.
    pub approvals: String,
    /// Tiers, in the order in which they are typed.
    pub tiers: Vec<TierForm>,
    /// Whether only listed addresses may be paid.
    pub only: bool,
    /// Those that may be paid.
    pub allow: Vec<String>,
    /// Those that are never paid.
    pub deny: Vec<String>,
    /// Keyholders who release a freeze.
    pub release: String,
}

/// What is wrong with a tier, field by field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TierFaults {
    /// With its amount.
    pub from: Option<Said>,
    /// With its approvals.
    pub approvals: Option<Said>,
    /// With those by keyholders.
    pub keyholders: Option<Said>,
    /// With those by approvers.
    pub approvers: Option<Said>,
}

/// What is wrong with a policy, field by field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyFaults {
    /// With the approvals.
    pub approvals: Option<Said>,
    /// With each tier.
    pub tiers: Vec<TierFaults>,
    /// With the list of those that may be paid.
    pub allow: Option<Said>,
    /// With the list of those that are never paid.
    pub deny: Option<Said>,
    /// With the release number.
    pub release: Option<Said>,
}

impl PolicyFaults {
    /// Whether nothing is wrong.
    pub fn none(&self) -> bool {
        let fields = [&self.approvals, &self.allow, &self.deny, &self.release];
        let tiers = self.tiers.iter().flat_map(|tier| [&tier.from, &tier.approvals, &tier.keyholders, &tier.approvers]);
        fields.into_iter().chain(tiers).all(Option::is_none)
    }
}

impl PolicyForm {
    /// A policy, typed.
    pub fn of(policy: &Policy, release: u32, unit: Unit) -> Self {
        let count = |tier: &Tier, role| tier.by.iter().find(|by| by.role == role).map(|by| by.count.to_string());
        let tiers = policy.tiers.iter().map(|tier| TierForm {
            from: amount::typed(tier.from, unit),
            approvals: tier.approvals.to_string(),
            keyholders: count(tier, Role::Keyholder).unwrap_or_default(),
            approvers: count(tier, Role::Approver).unwrap_or_default(),
        });
        Self {
            approvals: policy.approvals.to_string(),
            tiers: tiers.collect(),
            only: policy.allow.is_some(),
            allow: policy.allow.clone().unwrap_or_default(),
            deny: policy.deny.clone(),
            release: release.to_string(),
        }
    }

    /// The policy that is typed, or what is wrong with it. The release number is always in it.
    // Made once for each press of a button, and shown field by field. On wasm32 it is below what the lint takes for large.
    #[cfg_attr(not(target_arch = "wasm32"), expect(clippy::result_large_err))]
    pub fn read(&self, members: Approving, unit: Unit) -> Result<Policy, PolicyFaults> {
        let mut faults = PolicyFaults::default();
        let take = |typed: &str, most: u32, fault: &mut Option<Said>| match number(typed, 1, most) {
            Ok(number) => number,
            Err(said) => {
                *fault = Some(said);
                0
            }
        };
        let approvals = take(&self.approvals, members.all(), &mut faults.approvals);
        let release = take(&self.release, members.keyholders, &mut faults.release);
        let mut tiers: Vec<Tier> = vec![];
        let first = Tier { from: conclave_shared::Sat(0), approvals, by: vec![] };
        for typed in self.tiers.iter().take(TIERS_MOST) {
            let (tier, fault) = read_tier(typed, tiers.last().unwrap_or(&first), members, unit);
            tiers.push(tier);
            faults.tiers.push(fault);
        }
        let (mut allow, mut deny) = (self.allow.clone(), self.deny.clone());
        allow.sort();
        deny.sort();
        if self.only && allow.is_empty() {
            faults.allow = Some(say!("policy-form-allow-empty"));
        }
        if self.only && deny.iter().any(|address| allow.contains(address)) {
            faults.deny = Some(say!("policy-form-both-lists"));
        }
        let allow = self.only.then_some(allow);
        if faults.none() { Ok(Policy { approvals, tiers, allow, deny, release: Some(release) }) } else { Err(faults) }
    }
}

fn number(typed: &str, least: u32, most: u32) -> Result<u32, Said> {
    let number = forms::number(typed, least.into(), most.into()).map_err(|fault| fault.said())?;
    Ok(u32::try_from(number).unwrap_or(most))
}

/// A tier, and what is wrong with it; where something is, the tier is not used.
fn read_tier(typed: &TierForm, before: &Tier, members: Approving, unit: Unit) -> (Tier, TierFaults) {
    let mut faults = TierFaults::default();
    let from = match amount::parse(&typed.from, unit) {
        Ok(from) => from,
        Err(fault) => {
            faults.from = Some(fault.said());
            before.from
        }
    };
    if faults.from.is_none() && from <= before.from {
        faults.from = Some(say!("policy-form-tier-order", before = amount::text(before.from, unit)));
    }
    let approvals = number(&typed.approvals, before.approvals.max(1), members.all().max(before.approvals).max(1));
    let approvals = approvals.unwrap_or_else(|said| {
        faults.approvals = Some(said);
        before.approvals
    });
    let asked = |role| before.by.iter().find(|by| by.role == role).map_or(0, |by| by.count);
    let mut by = vec![];
    let roles = [
        (Role::Keyholder, &typed.keyholders, members.keyholders, &mut faults.keyholders),
        (Role::Approver, &typed.approvers, members.approvers, &mut faults.approvers),
    ];
    for (role, typed, most, fault) in roles {
        let least = asked(role);
        let typed = if typed.trim().is_empty() { "0" } else { typed };
        match number(typed, least, most.max(least)) {
            Ok(0) => {}
            Ok(count) => by.push(RoleCount { role, count }),
            Err(said) => *fault = Some(said),
        }
    }
    let sum: u32 = by.iter().map(|by| by.count).sum();
    if faults.approvals.is_none() && sum > approvals {
        faults.approvals = Some(say!("policy-form-tier-sum", sum = sum));
    }
    (Tier { from, approvals, by }, faults)
}

#[cfg(test)]
mod tests {
    use conclave_shared::Sat;

    use super::*;

    const MEMBERS: Approving = Approving { keyholders: 3, approvers: 1 };

    fn form(tiers: &[(&str, &str, &str, &str)]) -> PolicyForm {
        let tier = |(from, approvals, keyholders, approvers): &(&str, &str, &str, &str)| TierForm {
            from: (*from).to_owned(),
            approvals: (*approvals).to_owned(),
            keyholders: (*keyholders).to_owned(),
            approvers: (*approvers).to_owned(),
        };
        PolicyForm {
            approvals: "2".to_owned(),
            release: "2".to_owned(),
            tiers: tiers.iter().map(tier).collect(),
            ..PolicyForm::default()
        }
    }

    #[test]
    fn what_is_typed_comes_back_as_it_was() {
        let policy = Policy {
            approvals: 2,
            tiers: vec![
                Tier { from: Sat(1_000_000), approvals: 3, by: vec![RoleCount { role: Role::Approver, count: 1 }] },
                Tier { from: Sat(100_000_000), approvals: 4, by: vec![RoleCount { role: Role::Approver, count: 1 }] },
            ],
            allow: Some(vec!["a".to_owned()]),
            deny: vec!["b".to_owned()],
            release: Some(3),
        };
        for unit in [Unit::Btc, Unit::Sat] {
            assert_eq!(PolicyForm::of(&policy, 3, unit).read(MEMBERS, unit), Ok(policy.clone()));
        }
    }

    #[test]
    fn more_than_there_are_cannot_be_asked_for() {
        let typed = PolicyForm { approvals: "5".to_owned(), release: "4".to_owned(), ..form(&[]) };
        let faults = typed.read(MEMBERS, Unit::Sat).unwrap_err();
        assert_eq!(faults.approvals, Some(say!("form-out-of-range", least = 1u64, most = 4u64)));
        assert_eq!(faults.release, Some(say!("form-out-of-range", least = 1u64, most = 3u64)));
    }

    #[test]
    fn tiers_go_up_in_amount_and_in_what_they_ask() {
        let typed = form(&[("100", "3", "", "1"), ("100", "2", "", "0"), ("300", "2", "2", "1")]);
        let faults = typed.read(MEMBERS, Unit::Sat).unwrap_err();
        assert_eq!(faults.tiers[0], TierFaults::default());
        assert_eq!(faults.tiers[1].from.as_ref().map(|said| said.key), Some("policy-form-tier-order"));
        assert_eq!(faults.tiers[1].approvals, Some(say!("form-out-of-range", least = 3u64, most = 4u64)));
        assert_eq!(faults.tiers[1].approvers, Some(say!("form-out-of-range", least = 1u64, most = 1u64)));
        let sum = form(&[("100", "2", "2", "1")]).read(MEMBERS, Unit::Sat).unwrap_err();
        assert_eq!(sum.tiers[0].approvals, Some(say!("policy-form-tier-sum", sum = 3u32)));
    }

    #[test]
    fn a_list_without_addresses_is_not_begun_and_none_is_on_both() {
        let only = PolicyForm { only: true, ..form(&[]) };
        assert_eq!(only.read(MEMBERS, Unit::Sat).unwrap_err().allow, Some(say!("policy-form-allow-empty")));
        let both = vec!["a".to_owned()];
        let both = PolicyForm { only: true, allow: both.clone(), deny: both, ..form(&[]) };
        assert_eq!(both.read(MEMBERS, Unit::Sat).unwrap_err().deny, Some(say!("policy-form-both-lists")));
    }

    #[test]
    fn lists_are_sorted_as_a_policy_writes_them() {
        let typed = PolicyForm { deny: vec!["b".to_owned(), "a".to_owned()], ..form(&[]) };
        assert_eq!(typed.read(MEMBERS, Unit::Sat).unwrap().deny, ["a", "b"]);
    }
}
