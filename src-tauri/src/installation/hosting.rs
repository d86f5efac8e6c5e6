//! Relays that this member hosts, one for a vault, each with a key of its own: one key for several would tell that they are
//! of one person. What does not belong here: serving them.

use conclave_shared::VaultId;
use conclave_shared::request::{HostRelay, Reply};
use conclave_shared::view::HostingState;

use super::Installation;
use super::set_up::random;
use crate::failure::InstallationError;
use crate::open_vault::OwnRelay;
use crate::projection;
use crate::relay::embedded::Access;
use crate::store::{Batch, OwnRelayRow};
use crate::tor::OnionKey;

/// A relay that is to be served.
#[derive(Debug, Clone)]
pub struct ToHost {
    /// For which vault.
    pub vault: VaultId,
    /// The key of its address.
    pub key: OnionKey,
    /// Whom it serves.
    pub access: Access,
}

impl Installation {
    /// Serves a relay for a vault from now on, or serves it no more. The members use it once their configuration names it.
    pub(super) fn host_relay(&mut self, it: HostRelay, now_ms: u64) -> Result<Reply, InstallationError> {
        let (open, store) = self.vault_mut(it.vault)?;
        let seed = match &open.own_relay {
            Some(own) => own.key.seed().clone(),
            None => random::<32>()?,
        };
        let row = OwnRelayRow { seed, served: it.served };
        store.commit(it.vault, &Batch { own_relay: Some(row.clone()), ..Batch::default() })?;
        match &mut open.own_relay {
            Some(own) => own.served = it.served,
            None => open.own_relay = Some(OwnRelay::new(row)),
        }
        Ok(Reply::Vault(Box::new(projection::vault(open, now_ms))))
    }

    /// The relays that are to be served at a time in ms since 1970.
    pub fn to_host(&self, now_ms: u64) -> Vec<ToHost> {
        let hosted = self.vaults().filter_map(|open| {
            let own = open.own_relay.as_ref().filter(|own| own.served)?;
            Some(ToHost { vault: open.vault.id(), key: own.key.clone(), access: open.access(now_ms) })
        });
        hosted.collect()
    }

    /// Notes how a hosted relay stands, for its vault's view.
    pub fn note_hosting(&mut self, vault: VaultId, state: HostingState) {
        if let Some(own) = self.vaults.get_mut(&vault).and_then(|open| open.own_relay.as_mut()) {
            own.state = state;
        }
    }
}
