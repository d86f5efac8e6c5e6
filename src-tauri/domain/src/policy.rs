//! The rules of a vault. Today one: how many members must consent to a payment.

use serde::{Deserialize, Serialize};

/// What a vault's members agreed to when they ratified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Approvals that every payment needs, given by keyholders and approvers. Apart from signatures: one person's
    /// approval and the same person's signature are two acts.
    pub approvals: u32,
}
