//! The rules of a vault for its payments: approvals by amount and role, addresses that may be paid, who releases a freeze.
//!
//! Pure and total: what it says depends on the payment and on who has approved, and on nothing else. Who has approved is
//! the record's business (`vault::conditions`). What does not belong here yet: limits over time, delays, rules by time or
//! by member; they come as further parts of [`Policy`] with a rules version of their own.

mod fault;
mod judge;

use std::collections::BTreeSet;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, Network, ScriptBuf};
use conclave_shared::{Role, Unmet};

pub use conclave_shared::policy::{Policy, PolicyChange, RoleCount, Tier};
pub use fault::PolicyFault;
pub use judge::{Approver, Leaving};

/// Most tiers of one policy.
pub const TIERS_LIMIT: usize = 20;
/// Most addresses on one list.
pub const ADDRESSES_LIMIT: usize = 500;

/// The roles whose members may consent to a payment.
const APPROVING: [Role; 2] = [Role::Keyholder, Role::Approver];

/// For whom a policy is made: it must be possible for them to do what it asks.
#[derive(Debug, Clone, Copy)]
pub struct Members<'a> {
    /// The roles of each member.
    pub roles: &'a [&'a [Role]],
    /// Signatures that a payment needs.
    pub threshold: u32,
    /// Bitcoin network of the vault.
    pub network: Network,
}

impl Members<'_> {
    fn with(&self, role: Role) -> u32 {
        self.roles.iter().filter(|roles| roles.contains(&role)).count() as u32
    }

    fn approving(&self) -> u32 {
        self.roles.iter().filter(|roles| APPROVING.iter().any(|role| roles.contains(role))).count() as u32
    }
}

/// A policy that its members can live by, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPolicy {
    policy: Policy,
    allow: Option<BTreeSet<ScriptBuf>>,
    deny: BTreeSet<ScriptBuf>,
    release: u32,
    network: Network,
}

/// The approvals that a payment needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs<'a> {
    /// In all.
    pub approvals: u32,
    /// How many of them by members of a role.
    pub by: &'a [RoleCount],
}

impl CheckedPolicy {
    /// Checks a policy: everything it asks for can be given by these members, and its lists are written in the one way
    /// that there is. The first fault is named.
    pub fn new(policy: &Policy, members: Members<'_>) -> Result<Self, PolicyFault> {
        let most = members.approving();
        if policy.approvals == 0 || policy.approvals > most {
            return Err(PolicyFault::Approvals { found: policy.approvals, most });
        }
        check_tiers(policy, members)?;
        let allow = policy.allow.as_ref().map(|list| scripts("allow", list, members.network)).transpose()?;
        let deny = scripts("deny", &policy.deny, members.network)?;
        let both = policy.deny.iter().find(|address| policy.allow.as_ref().is_some_and(|list| list.contains(address)));
        if let Some(address) = both {
            return Err(PolicyFault::OnBothLists { address: address.clone() });
        }
        let keyholders = members.with(Role::Keyholder);
        let release = match policy.release {
            Some(found) if found == 0 || found > keyholders => {
                return Err(PolicyFault::Release { found, most: keyholders });
            }
            Some(release) => release,
            // Fewer keyholders than that can spend nothing: who leaves so few is judged by `succession`.
            None => members.threshold.min(keyholders).max(1),
        };
        Ok(Self { policy: policy.clone(), allow, deny, release, network: members.network })
    }

    /// How many keyholders must vote to release a freeze.
    pub fn release(&self) -> u32 {
        self.release
    }

    /// The tier that applies to what leaves the vault: the highest that it reaches. None below the first.
    pub fn tier(&self, leaves: Amount) -> Option<&Tier> {
        self.policy.tiers.iter().rev().find(|tier| tier.from.0 <= leaves.to_sat())
    }

    /// The approvals that a payment needs by what leaves the vault.
    pub fn needs(&self, leaves: Amount) -> Needs<'_> {
        match self.tier(leaves) {
            Some(tier) => Needs { approvals: tier.approvals, by: &tier.by },
            None => Needs { approvals: self.policy.approvals, by: &[] },
        }
    }

    /// The approvals that a payment needs. A recovery is there for when members are lost: it asks for no more consents than
    /// signatures, whoever gives them.
    pub fn needs_of(&self, payment: &Leaving<'_>) -> Needs<'_> {
        let needs = self.needs(payment.amount);
        match payment.recovery {
            None => needs,
            Some(signatures) => Needs { approvals: needs.approvals.min(signatures), by: &[] },
        }
    }

    /// Everything that keeps a payment from being signed and sent: destinations first, then approvals in all and by role.
    /// Empty: nothing does.
    pub fn judge(&self, payment: &Leaving<'_>, approvers: &[Approver<'_>]) -> Vec<Unmet> {
        let mut unmet = self.judge_destinations(payment);
        unmet.extend(judge::approvals(self.needs_of(payment), approvers));
        unmet
    }

    /// The part of it that no approval changes.
    pub fn judge_destinations(&self, payment: &Leaving<'_>) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        for script in payment.recipients.iter().copied().collect::<BTreeSet<_>>() {
            let address = || {
                Address::from_script(script, self.network)
                    .map_or_else(|_| script.to_hex_string(), |address| address.to_string())
            };
            if self.deny.contains(script) {
                unmet.push(Unmet::DestinationDenied { address: address() });
            }
            if self.allow.as_ref().is_some_and(|allow| !allow.contains(script)) {
                unmet.push(Unmet::DestinationNotAllowed { address: address() });
            }
        }
        unmet
    }
}

/// An address as a policy writes it: an address of the network, spelled as this program spells it. None where it is no
/// address of that network.
pub fn normal_address(text: &str, network: Network) -> Option<String> {
    Some(parse_address(text, network)?.to_string())
}

fn parse_address(text: &str, network: Network) -> Option<Address> {
    text.parse::<Address<NetworkUnchecked>>().ok()?.require_network(network).ok()
}

/// The scripts of a list. One spelling of each address, and one order: two members cannot see two lists in one.
fn scripts(list: &'static str, addresses: &[String], network: Network) -> Result<BTreeSet<ScriptBuf>, PolicyFault> {
    if addresses.len() > ADDRESSES_LIMIT || !addresses.is_sorted_by(|first, second| first < second) {
        return Err(PolicyFault::List { list });
    }
    let script = |text: &String| {
        let address = parse_address(text, network).filter(|address| address.to_string() == *text);
        let fault = || PolicyFault::Address { list, address: text.chars().take(ADDRESS_SHOWN).collect(), network };
        address.map(|address| address.script_pubkey()).ok_or_else(fault)
    };
    addresses.iter().map(script).collect()
}

/// Most characters of what is no address that are repeated in a fault: the longest address has fewer.
const ADDRESS_SHOWN: usize = 100;

/// Tiers go up: each begins above the one before, asks for no less, and for no more than the members can give.
fn check_tiers(policy: &Policy, members: Members<'_>) -> Result<(), PolicyFault> {
    if policy.tiers.len() > TIERS_LIMIT {
        return Err(PolicyFault::TooManyTiers { found: policy.tiers.len() });
    }
    let base = Tier { from: conclave_shared::Sat(0), approvals: policy.approvals, by: Vec::new() };
    let mut before = &base;
    for tier in &policy.tiers {
        let from = tier.from;
        if from <= before.from || from.0 > Amount::MAX_MONEY.to_sat() {
            return Err(PolicyFault::TierOrder { from });
        }
        let most = members.approving();
        if tier.approvals == 0 || tier.approvals > most {
            return Err(PolicyFault::TierApprovals { from, found: tier.approvals, most });
        }
        for (place, RoleCount { role, count }) in tier.by.iter().copied().enumerate() {
            let named_before = tier.by.iter().take(place).any(|other| other.role == role);
            if !APPROVING.contains(&role) || named_before {
                return Err(PolicyFault::TierRole { from, role });
            }
            let most = members.with(role);
            if count == 0 || count > most {
                return Err(PolicyFault::TierCount { from, role, found: count, most });
            }
        }
        // With that, whoever holds two roles cannot stand in for two: enough others have approved as well.
        let sum = tier.by.iter().fold(0_u32, |sum, it| sum.saturating_add(it.count));
        if sum > tier.approvals {
            return Err(PolicyFault::TierSum { from, sum, approvals: tier.approvals });
        }
        let asked = |tier: &Tier, role| tier.by.iter().find(|it| it.role == role).map_or(0, |it| it.count);
        if tier.approvals < before.approvals || APPROVING.iter().any(|role| asked(tier, *role) < asked(before, *role)) {
            return Err(PolicyFault::TierWeaker { from });
        }
        before = tier;
    }
    Ok(())
}
