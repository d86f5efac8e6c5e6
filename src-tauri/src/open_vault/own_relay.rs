//! The relay that this member hosts for a vault, and whom a relay of the vault serves. What does not belong here: serving it.

use conclave_shared::view::HostingState;

use super::OpenVault;
use crate::relay::embedded::Access;
use crate::store::OwnRelayRow;
use crate::tor::OnionKey;

/// The relay that this member hosts for a vault.
#[derive(Debug)]
pub struct OwnRelay {
    /// The onion service's key.
    pub key: OnionKey,
    /// Whether it is to be served.
    pub served: bool,
    /// How it stands.
    pub state: HostingState,
}

impl OwnRelay {
    /// As it is kept.
    pub fn new(row: OwnRelayRow) -> Self {
        Self { key: OnionKey::new(row.seed), served: row.served, state: HostingState::Off }
    }

    /// Where members reach it: `ws://NAME.onion`.
    pub fn address(&self) -> String {
        self.key.relay_address()
    }
}

impl OpenVault {
    /// Whom a relay of this vault serves: its members. Before the vault is active, and while somebody is invited, everyone:
    /// who joins is a stranger until then.
    pub fn access(&self, now_ms: u64) -> Access {
        if self.vault.active().is_none() || self.invites(now_ms) {
            return Access::Anyone;
        }
        let members = self.others().into_iter().chain([self.vault.me()]);
        Access::Members(members.map(|member| nostr::PublicKey::from_byte_array(member.0)).collect())
    }
}
