//! Requests around a payment: what it would be, whether an address is right, and the way of a PSBT out and back in.

use serde::{Deserialize, Serialize};

use crate::{EventId, VaultId};

/// Look at an address before it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAddress {
    /// The vault that would pay.
    pub vault: VaultId,
    /// What was typed or pasted.
    pub address: String,
}

/// Take signatures from a PSBT that another program or device has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPsbt {
    /// The vault.
    pub vault: VaultId,
    /// The payment that it must be of; none: the one that it is of.
    #[serde(default)]
    pub proposal: Option<EventId>,
    /// The file, in base64 of whatever form it has (binary, base64, hex; version 0 or 2).
    pub file: String,
}
