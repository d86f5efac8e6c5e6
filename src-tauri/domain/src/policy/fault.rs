//! Why a policy cannot be lived by.

use bitcoin::{Amount, Network};
use conclave_shared::{Role, Sat};

use super::{ADDRESSES_LIMIT, TIERS_LIMIT};

/// Why a policy cannot be lived by by the vault's members. The part at fault is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// More approvals than there are members who can give them, or none.
    #[error("policy.approvals is {found}, between 1 and {most} can be given")]
    Approvals {
        /// The number asked for.
        found: u32,
        /// How many members may approve.
        most: u32,
    },
    /// Too many tiers.
    #[error("the policy has {found} tiers, at most {TIERS_LIMIT} are taken")]
    TooManyTiers {
        /// How many.
        found: usize,
    },
    /// A tier that begins where the one before begins, or below; at nothing; or above all bitcoin.
    #[error("the tier from {} sat must begin above the one before, above 0 and below {} sat", from.0, Amount::MAX_MONEY.to_sat())]
    TierOrder {
        /// Where it begins.
        from: Sat,
    },
    /// A tier that asks for less than what is below it: more could then be paid more easily.
    #[error("the tier from {} sat asks for less than smaller payments need", from.0)]
    TierWeaker {
        /// Where it begins.
        from: Sat,
    },
    /// More approvals than there are members who can give them, or none.
    #[error("the tier from {} sat asks for {found} approvals, between 1 and {most} can be given", from.0)]
    TierApprovals {
        /// Where it begins.
        from: Sat,
        /// The number asked for.
        found: u32,
        /// How many members may approve.
        most: u32,
    },
    /// A role that cannot approve, or that is named twice.
    #[error("the tier from {} sat asks for approvals by role {role}: keyholder and approver can be asked, each once", from.0)]
    TierRole {
        /// Where it begins.
        from: Sat,
        /// The role.
        role: Role,
    },
    /// More approvals by a role than there are members with it, or none.
    #[error("the tier from {} sat asks for {found} approvals by role {role}, between 1 and {most} can be given", from.0)]
    TierCount {
        /// Where it begins.
        from: Sat,
        /// The role.
        role: Role,
        /// The number asked for.
        found: u32,
        /// How many members have the role.
        most: u32,
    },
    /// More approvals by roles than in all.
    #[error("the tier from {} sat asks for {sum} approvals by role, but for {approvals} in all", from.0)]
    TierSum {
        /// Where it begins.
        from: Sat,
        /// By roles.
        sum: u32,
        /// In all.
        approvals: u32,
    },
    /// A list that is too long, or not in order.
    #[error("policy.{list} must hold at most {ADDRESSES_LIMIT} addresses, sorted, none twice")]
    List {
        /// Which list.
        list: &'static str,
    },
    /// Not an address, one of another network, or spelled otherwise than it is written here.
    #[error("policy.{list}: {address:?} is not an address of {network} as it is written in a policy")]
    Address {
        /// Which list.
        list: &'static str,
        /// Its beginning.
        address: String,
        /// The vault's network.
        network: Network,
    },
    /// An address that may be paid and is never paid.
    #[error("address {address} is on both lists: it cannot be allowed and denied")]
    OnBothLists {
        /// Which.
        address: String,
    },
    /// More keyholders for a release than there are, or none.
    #[error("policy.release is {found}, between 1 and {most} keyholders can release a freeze")]
    Release {
        /// The number asked for.
        found: u32,
        /// How many keyholders there are.
        most: u32,
    },
}
