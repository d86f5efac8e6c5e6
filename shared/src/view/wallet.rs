//! What a screen shows of addresses, labels, fees, the past of a balance, and of descriptors that are only watched.

use serde::{Deserialize, Serialize};

use super::BalanceView;
use crate::{DescriptorWarning, MemberId, Sat, VaultId};

/// A part of a vault's addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressesView {
    /// The newest first.
    pub addresses: Vec<AddressView>,
    /// Whether there are older ones.
    pub more: bool,
}

/// One address, derived here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AddressView {
    /// The address.
    pub address: String,
    /// Its index on its keychain.
    pub index: u32,
    /// Whether it is one for change.
    pub change: bool,
    /// Who gave it out, where somebody did.
    pub issued_by: Option<MemberId>,
    /// When, in ms since 1970.
    pub issued_ms: Option<u64>,
    /// Members whose programs have derived the same address by themselves.
    pub attested_by: Vec<MemberId>,
    /// What lies there now.
    pub balance: Sat,
    /// All that ever came there.
    pub received: Sat,
    /// Its label here.
    pub label: Option<String>,
}

/// A vault's balance over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// In order of time; the balance holds from its point to the next.
    pub points: Vec<PointView>,
}

/// A balance from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// In s since 1970.
    pub time_s: u64,
    /// Confirmed and unconfirmed.
    pub balance: Sat,
}

/// What the chain source thinks that a transaction has to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeesView {
    /// The quickest first. Empty where the chain source does not say.
    pub estimates: Vec<EstimateView>,
    /// The least that it takes, in thousandths of a sat/vB.
    pub least_milli: u64,
}

/// An estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateView {
    /// To be in one of so many next blocks.
    pub blocks: u32,
    /// It has to pay this, in thousandths of a sat/vB.
    pub rate_milli: u64,
}

/// What came of a file of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelsImportedView {
    /// How many were taken.
    pub taken: u64,
    /// How many are about what this vault does not know, and were kept all the same.
    pub unknown: u64,
    /// Coins that the file says are not to be spent, and that are frozen now.
    pub frozen: u64,
    /// Labels longer than 255 characters, of which the rest was cut off.
    #[serde(default)]
    pub cut: u64,
    /// Lines that are no labels, from 1, with the reason; at most 100 are named.
    pub refused: Vec<(u64, String)>,
}

/// What a text is as a descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescriptorView {
    /// As it is kept, with its checksum: one line for both keychains, or two where no one line says both.
    pub descriptor: String,
    /// Its form in one word, such as `wsh-sortedmulti`.
    pub kind: String,
    /// Signatures that it needs, where it is a multisig.
    pub threshold: Option<u32>,
    /// Its keys, `[fingerprint/path]xpub`.
    pub keys: Vec<String>,
    /// The first three addresses for deposits.
    pub receive: Vec<String>,
    /// What is odd about it.
    pub warnings: Vec<DescriptorWarning>,
}

/// A descriptor that is only watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedView {
    /// It is named like a vault: by a hash of its descriptor.
    pub vault: VaultId,
    /// What it is called here.
    pub name: String,
    /// What it is.
    pub descriptor: DescriptorView,
    /// Electrum server.
    pub chain: String,
    /// Its coins, summed.
    pub balance: BalanceView,
    /// Height of the chain tip that this installation has seen, in blocks.
    pub tip_height: u32,
    /// What is wrong with the chain source now, in plain words.
    pub trouble: Option<String>,
}
