//! Requests about a vault's coins, addresses and labels, and about descriptors that are only watched.

use serde::{Deserialize, Serialize};

use crate::VaultId;

/// A vault's addresses, the newest first, a part at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAddresses {
    /// The vault.
    pub vault: VaultId,
    /// Those for change, else those for deposits.
    #[serde(default)]
    pub change: bool,
    /// Only those with a smaller index than this: the last one that was shown.
    #[serde(default)]
    pub before: Option<u32>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// What a label is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "of", rename_all = "kebab-case")]
pub enum Labelled {
    /// An address.
    Address(String),
    /// A transaction, by its id.
    Transaction(String),
    /// A coin, as `TXID:VOUT`.
    Coin(String),
}

/// Write a label. It stays in this installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLabel {
    /// The vault.
    pub vault: VaultId,
    /// About what.
    pub on: Labelled,
    /// The text, at most 255 characters; empty: the label goes.
    pub label: String,
}

/// Take labels from another wallet's file (BIP329).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLabels {
    /// The vault.
    pub vault: VaultId,
    /// The file's text: one JSON object a line.
    pub text: String,
}

/// A vault's balance over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowHistory {
    /// The vault.
    pub vault: VaultId,
    /// At most so many points, 2 to 500.
    pub points: u32,
}

/// Ask another chain source from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetChainSource {
    /// The vault.
    pub vault: VaultId,
    /// Electrum server: `tcp://127.0.0.1:PORT`.
    pub chain: String,
}

/// What a text would be as a descriptor to watch. Makes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDescriptor {
    /// The descriptor: one line for both keychains, or one line each.
    pub descriptor: String,
}

/// Watch the coins of a descriptor of which this installation holds no key and whose members it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchDescriptor {
    /// What it is called here.
    pub name: String,
    /// The descriptor: one line for both keychains, or one line each.
    pub descriptor: String,
    /// Electrum server: `tcp://127.0.0.1:PORT`.
    pub chain: String,
}
