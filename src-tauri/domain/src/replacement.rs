//! What one payment may do in place of another (BIP125), and what a payment costs. Pure arithmetic over checked proposals;
//! whether a replacement may be signed is the vault's and the guard's to say.

use bitcoin::{Amount, OutPoint, ScriptBuf, Weight};
use conclave_shared::{EventId, ReplacementKind};

use crate::descriptor::{Keychain, VaultDescriptor};
use crate::proposal::CheckedProposal;

/// What a replacement pays on top of what it replaces for its own way through the network, in sat/vB (BIP125, rule 4).
pub const INCREMENTAL_RELAY_RATE: u64 = 1;

/// Why a payment does not replace the one that it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum ReplacementFault {
    /// Both could be confirmed: it would be a second payment.
    #[strum(to_string = "replacement-unrelated")]
    #[error("it says that it replaces payment {of} but spends none of its coins (replacement-unrelated)")]
    Unrelated {
        /// What it says it replaces.
        of: EventId,
    },
    /// Nobody would take it in place of the other.
    #[strum(to_string = "replacement-unpaid")]
    #[error(
        "it says that it replaces payment {of} but pays {pays} sat, at least {needs} are needed (replacement-unpaid)"
    )]
    Unpaid {
        /// What it says it replaces.
        of: EventId,
        /// Its fee, in sat.
        pays: u64,
        /// The least fee, in sat.
        needs: u64,
    },
}

/// What a payment costs: its fee, and how large it is when it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Inputs less outputs, by the claimed amounts.
    pub fee: Amount,
    /// Virtual size in vB with the largest signatures that the descriptor can ask for: never less than what is sent.
    pub vsize: u64,
}

impl Cost {
    /// What a payment of a vault costs.
    pub fn of(payment: &CheckedProposal, descriptor: &VaultDescriptor) -> Self {
        // Every address of a vault has a script of the same form.
        let satisfied = descriptor.at(Keychain::Receive, 0).and_then(|it| it.max_weight_to_satisfy().ok());
        // A transaction with witnesses has a marker and a flag, and of each input the number of its witness items.
        let each = satisfied.unwrap_or(Weight::ZERO).to_wu() + 1;
        let weight = payment.transaction.weight().to_wu() + 2 + each * payment.inputs.len() as u64;
        Self { fee: payment.fee, vsize: weight.div_ceil(4) }
    }

    /// The fee rate, in thousandths of a sat/vB, rounded down.
    pub fn rate_milli(&self) -> u64 {
        let rate = u128::from(self.fee.to_sat()) * 1_000 / u128::from(self.vsize.max(1));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// The least fee of `vsize` vB that are taken in place of this: a higher fee rate, and this fee and one's own way
    /// through the network on top (BIP125, rules 3, 4 and 6).
    pub fn least_to_replace(&self, vsize: u64) -> Amount {
        let way = vsize.saturating_mul(INCREMENTAL_RELAY_RATE);
        let same_rate = u128::from(self.fee.to_sat()) * u128::from(vsize) / u128::from(self.vsize.max(1));
        let same_rate = u64::try_from(same_rate).unwrap_or(u64::MAX);
        Amount::from_sat(self.fee.to_sat().saturating_add(way).max(same_rate.saturating_add(1)))
    }

    /// Whether the network would take this in place of another.
    pub fn outbids(&self, other: &Self) -> bool {
        self.fee >= other.least_to_replace(self.vsize)
    }
}

impl CheckedProposal {
    /// Whether it spends a coin.
    pub fn spends(&self, coin: OutPoint) -> bool {
        self.inputs.iter().any(|input| input.outpoint == coin)
    }

    /// Whether both spend a coin: at most one of them can be confirmed.
    pub fn conflicts(&self, other: &Self) -> bool {
        self.inputs.iter().any(|input| other.spends(input.outpoint))
    }

    /// Every output that is not proven to come back to the vault, sorted.
    pub fn paid(&self) -> Vec<(&ScriptBuf, Amount)> {
        let change = self.change.map(|change| change.output as usize);
        let outputs = self.transaction.output.iter().enumerate().filter(|(position, _)| Some(*position) != change);
        let mut paid: Vec<_> = outputs.map(|(_, output)| (&output.script_pubkey, output.value)).collect();
        paid.sort();
        paid
    }

    /// What it does to a payment that it replaces.
    pub fn kind_of_replacement(&self, old: &Self) -> ReplacementKind {
        let paid = self.paid();
        if paid.is_empty() {
            ReplacementKind::Cancel
        } else if paid == old.paid() {
            ReplacementKind::FeeBump
        } else {
            ReplacementKind::OtherPayment
        }
    }

    /// What the record demands of a payment that says it replaces another: one coin of both, and a higher fee. By integers
    /// alone, so that every program judges alike; the network's rules are asked for where it is signed.
    pub fn check_replaces(&self, of: EventId, old: &Self) -> Result<(), ReplacementFault> {
        if !self.conflicts(old) {
            return Err(ReplacementFault::Unrelated { of });
        }
        if self.fee <= old.fee {
            return Err(ReplacementFault::Unpaid { of, pays: self.fee.to_sat(), needs: old.fee.to_sat() + 1 });
        }
        Ok(())
    }
}
