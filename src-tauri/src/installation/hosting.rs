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
            // What was told before it was switched off may come later than that.
            own.state = if own.served { state } else { HostingState::Off };
        }
    }
}

#[cfg(test)]
mod tests {
    use conclave_shared::request::{CreateVault, Request};
    use conclave_shared::view::OwnRelayView;

    use super::*;
    use crate::store::Store;
    use crate::tor::Address;

    fn create(installation: &mut Installation, relays: &[&str], own_relay: bool) -> Result<VaultId, Box<Reply>> {
        let request = Request::CreateVault(CreateVault {
            name: "Club".to_owned(),
            member: "Ana".to_owned(),
            template: None,
            place: None,
            approvers: 0,
            threshold: 2,
            keyholders: 3,
            auditors: 0,
            relays: relays.iter().map(|relay| (*relay).to_owned()).collect(),
            own_relay,
            chain: "tcp://127.0.0.1:9".to_owned(),
            invitation_seconds: 60,
            policy: None,
            script: None,
            recovery: None,
        });
        match installation.ask(request, 1_000) {
            Reply::Created { vault, .. } => Ok(vault),
            reply => Err(Box::new(reply)),
        }
    }

    fn own(installation: &Installation, vault: VaultId) -> OwnRelayView {
        projection::vault(installation.vault(vault).unwrap(), 2_000).own_relay.unwrap()
    }

    fn switch(installation: &mut Installation, vault: VaultId, served: bool) {
        let reply = installation.ask(Request::HostRelay(HostRelay { vault, served }), 2_000);
        assert!(matches!(reply, Reply::Vault(view) if view.own_relay.as_ref().is_some_and(|own| own.served == served)));
    }

    #[test]
    fn a_vault_begins_with_the_organisers_own_relay_and_no_other() {
        let mut installation = Installation::open(Store::in_memory().unwrap()).unwrap();
        let vault = create(&mut installation, &[], true).unwrap();
        let view = projection::vault(installation.vault(vault).unwrap(), 2_000);
        let own = own(&installation, vault);
        assert_eq!(view.relays, std::slice::from_ref(&own.address));
        assert!(matches!(Address::relay(&own.address), Ok(Address::Onion { port: 80, .. })), "{}", own.address);
        assert!(own.used && own.served);
        let hosted = installation.to_host(2_000);
        assert_eq!((hosted.len(), hosted[0].vault, &hosted[0].access), (1, vault, &Access::Anyone));
        assert_eq!(hosted[0].key.relay_address(), own.address);
        // Without a relay there is no vault.
        assert!(create(&mut installation, &[], false).is_err());
    }

    #[test]
    fn the_switch_keeps_the_address_and_no_two_vaults_share_one() {
        let mut installation = Installation::open(Store::in_memory().unwrap()).unwrap();
        let relay = "ws://127.0.0.1:9";
        let (first, second) =
            (create(&mut installation, &[relay], false).unwrap(), create(&mut installation, &[relay], true).unwrap());
        assert!(projection::vault(installation.vault(first).unwrap(), 2_000).own_relay.is_none());
        switch(&mut installation, first, true);
        let address = own(&installation, first).address;
        assert!(!own(&installation, first).used, "the members have not agreed on it");
        assert_ne!(address, own(&installation, second).address);
        assert_eq!(installation.to_host(2_000).len(), 2);
        installation.note_hosting(first, HostingState::Reachable);
        switch(&mut installation, first, false);
        installation.note_hosting(first, HostingState::Publishing);
        assert_eq!(own(&installation, first).state, HostingState::Off, "late news of what is served no more");
        assert_eq!(installation.to_host(2_000).iter().map(|it| it.vault).collect::<Vec<_>>(), [second]);
        switch(&mut installation, first, true);
        assert_eq!(own(&installation, first).address, address);
        let unknown = Request::HostRelay(HostRelay { vault: VaultId([9; 32]), served: true });
        assert!(matches!(installation.ask(unknown, 2_000), Reply::Failed(_)));
    }
}
