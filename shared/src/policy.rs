//! A vault's policy as its configuration carries it, and as requests ask for it. What it means, and whether it can be lived
//! by, is the domain's `policy`.

use serde::{Deserialize, Serialize};

use crate::{Role, Sat};

/// What a vault's members agreed to when they ratified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Approvals that every payment needs, given by keyholders and approvers. Apart from signatures: one person's
    /// approval and the same person's signature are two acts.
    pub approvals: u32,
    /// What larger payments need instead, from the smallest on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// The only addresses outside the vault that may be paid; none: every address. An empty list: no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// Addresses that are never paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// How many keyholders must vote to release a freeze; none: as many as sign a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<u32>,
}

impl Policy {
    /// Nothing but a number of approvals.
    pub fn plain(approvals: u32) -> Self {
        Self { approvals, tiers: Vec::new(), allow: None, deny: Vec::new(), release: None }
    }
}

/// What payments need from an amount on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The least that leaves the vault, fee included, for this to apply.
    pub from: Sat,
    /// Approvals in all.
    pub approvals: u32,
    /// How many of them must be by members of a role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<RoleCount>,
}

/// So many members of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleCount {
    /// The role.
    pub role: Role,
    /// How many.
    pub count: u32,
}

/// What is to be otherwise in a vault's policy, beside the number of approvals. Nothing, unless it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyChange {
    /// All tiers from then on; an empty list takes them away.
    pub tiers: Option<Vec<Tier>>,
    /// Addresses that come on the list of those that alone may be paid; there is such a list from then on.
    pub allow: Vec<String>,
    /// Addresses that leave it. The list stays, also if nothing is left on it: then no address may be paid.
    pub disallow: Vec<String>,
    /// That list ends: every address may be paid that is not denied.
    pub allow_any: bool,
    /// Addresses that are never paid from then on.
    pub deny: Vec<String>,
    /// Addresses that may be paid again.
    pub undeny: Vec<String>,
    /// How many keyholders release a freeze from then on.
    pub release: Option<u32>,
}
