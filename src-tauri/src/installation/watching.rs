//! Descriptors that are only watched, beside the vaults and apart from them: no record, no members, no relay.

use std::collections::BTreeMap;

use conclave_domain::configuration::check_name;
use conclave_domain::vault::CommandFault;
use conclave_domain::watched::WatchedDescriptor;
use conclave_shared::VaultId;
use conclave_shared::request::{Reply, WatchDescriptor};
use conclave_shared::view::WatchedView;

use super::Installation;
use crate::failure::InstallationError;
use crate::store::Store;
use crate::tor::Address;
use crate::watched::{Candidate, Watched};

/// Most descriptors that one installation watches: each has a thread of its own for its chain source.
const MOST: usize = 50;

/// The watched descriptors of an installation.
#[derive(Default)]
pub(super) struct Watching {
    /// In the order in which they came.
    watched: Vec<Watched>,
}

impl Watching {
    /// Opens all of a store; gives those that cannot be opened with the reason.
    pub(super) fn open(store: &Store) -> Result<(Self, BTreeMap<VaultId, String>), InstallationError> {
        let (mut watching, mut unopened) = (Self::default(), BTreeMap::new());
        for record in store.watched()? {
            let vault = record.vault;
            match Watched::load(store, record) {
                Ok(watched) => watching.watched.push(watched),
                Err(error @ InstallationError::Store(_)) => return Err(error),
                Err(error) => drop(unopened.insert(vault, error.to_string())),
            }
        }
        Ok((watching, unopened))
    }

    pub(super) fn get(&self, vault: VaultId) -> Option<&Watched> {
        self.watched.iter().find(|watched| watched.id() == vault)
    }

    pub(super) fn get_mut(&mut self, vault: VaultId) -> Option<&mut Watched> {
        self.watched.iter_mut().find(|watched| watched.id() == vault)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Watched> {
        self.watched.iter()
    }

    pub(super) fn views(&self) -> Vec<WatchedView> {
        self.watched.iter().map(Watched::view).collect()
    }
}

impl Installation {
    /// One watched descriptor.
    pub fn watched(&self, vault: VaultId) -> Option<&Watched> {
        self.watching.get(vault)
    }

    /// The watched descriptors, the oldest here first.
    pub fn all_watched(&self) -> impl Iterator<Item = &Watched> {
        self.watching.iter()
    }

    /// What a text is as a descriptor that could be watched.
    pub(super) fn check_descriptor(&self, text: &str) -> Result<Reply, InstallationError> {
        Ok(Reply::Descriptor(Box::new(Candidate::read(text)?.view())))
    }

    pub(super) fn watch_descriptor(&mut self, it: WatchDescriptor, now_ms: u64) -> Result<Reply, InstallationError> {
        let candidate = Candidate::read(&it.descriptor)?;
        let name = it.name.trim().to_owned();
        check_name(&name, "name").map_err(CommandFault::from)?;
        Address::chain(&it.chain)?;
        let vault = candidate.id;
        if self.watching.get(vault).is_some() || self.unopened.contains_key(&vault) {
            return Err(InstallationError::AlreadyWatched { vault });
        }
        // Its coins would be counted twice, and its members' record tells more than its descriptor.
        if let Some(vault) = self.vault_of(&candidate) {
            return Err(InstallationError::AlreadyMember { vault });
        }
        if self.watching.watched.len() >= MOST {
            return Err(InstallationError::TooManyWatched { most: MOST });
        }
        let watched = Watched::begin(&mut self.store, candidate, name, it.chain, now_ms)?;
        self.watching.watched.push(watched);
        Ok(Reply::Watching { vault })
    }

    /// The vault that lives by the same descriptor.
    fn vault_of(&self, candidate: &Candidate) -> Option<VaultId> {
        let same = |open: &&crate::open_vault::OpenVault| {
            let active = open.vault.active();
            let read = active.and_then(|active| WatchedDescriptor::parse(active.descriptor.text()).ok());
            read.and_then(|read| read.id()) == Some(candidate.id)
        };
        self.vaults.values().find(same).map(|open| open.vault.id())
    }

    /// Forgets a watched descriptor with its coins and labels; also one that cannot be opened.
    pub(super) fn forget_watched(&mut self, vault: VaultId) -> Result<Reply, InstallationError> {
        if self.vaults.contains_key(&vault) {
            return Err(InstallationError::NotWatched { vault });
        }
        let stored = self.store.watched()?.iter().any(|record| record.vault == vault);
        if !stored {
            return Err(self.not_open(vault));
        }
        self.store.forget_watched(vault)?;
        self.watching.watched.retain(|watched| watched.id() != vault);
        self.unopened.remove(&vault);
        Ok(Reply::Done)
    }
}
