//! The chain sources of vaults and watched descriptors: what is asked of them, what they answered, and which they are.

use conclave_shared::VaultId;
use conclave_shared::request::{Reply, SetChainSource};

use super::Installation;
use crate::chain::{ChainError, Tip};
use crate::coins::{Answer, Question};
use crate::failure::InstallationError;
use crate::open_vault::OpenVault;
use crate::tor::Address;

impl Installation {
    /// Where the chain of a vault or watched descriptor is asked for.
    pub fn chain_of(&self, vault: VaultId) -> Result<&str, InstallationError> {
        Ok(self.ledger(vault)?.chain())
    }

    /// What to ask the chain source next.
    pub fn question(&self, vault: VaultId, now_ms: u64) -> Option<Question> {
        let coins = match self.watching.get(vault) {
            Some(watched) => &watched.coins,
            None => self.vaults.get(&vault)?.coins.as_ref()?,
        };
        Some(coins.question(now_ms / 1000))
    }

    /// Takes the chain source's answer.
    pub fn take_answer(&mut self, vault: VaultId, answer: Answer) -> Result<(), InstallationError> {
        if let Some(watched) = self.watching.get_mut(vault) {
            return watched.take_answer(&mut self.store, answer);
        }
        let (open, store) = self.vault_mut(vault)?;
        open.take_answer(store, answer)
    }

    /// Notes the last block that the chain source told, for the view.
    pub fn note_tip(&mut self, vault: VaultId, tip: Option<Tip>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.note_tip(tip);
        }
    }

    /// Whether any relay or chain source is reached through Tor.
    pub fn needs_tor(&self) -> bool {
        let relays = self.vaults.values().flat_map(OpenVault::relays).map(|relay| Address::relay(&relay));
        let chains = self.vaults.values().map(|open| Address::chain(&open.record.chain));
        let watched = self.watching.iter().map(|watched| Address::chain(watched.chain()));
        relays.chain(chains).chain(watched).any(|address| address.is_ok_and(|address| address.needs_tor()))
    }

    /// Notes what else is wrong with a vault or watched descriptor, for its view; none where all is well again.
    pub fn note_trouble(&mut self, vault: VaultId, trouble: Option<String>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.trouble = trouble;
        } else if let Some(watched) = self.watching.get_mut(vault) {
            watched.trouble = trouble;
        }
    }

    /// Another source from now on. It is not dialled here: what is wrong with it shows when it is asked.
    pub(super) fn set_chain_source(&mut self, it: &SetChainSource) -> Result<Reply, InstallationError> {
        Address::chain(&it.chain)?;
        self.ledger(it.vault)?;
        self.store.set_chain(it.vault, &it.chain)?;
        if let Some(watched) = self.watching.get_mut(it.vault) {
            watched.ask_at(it.chain.clone());
        } else if let Some(open) = self.vaults.get_mut(&it.vault) {
            open.ask_at(it.chain.clone());
        }
        Ok(Reply::Done)
    }

    /// The loop asks the chain source and answers when it has; without a loop there is nobody to ask.
    pub(super) fn estimate_fees(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let address = self.chain_of(vault)?.to_owned();
        let reason = "this program is not connected to anything".to_owned();
        Err(ChainError::Unreachable { address, reason }.into())
    }
}
