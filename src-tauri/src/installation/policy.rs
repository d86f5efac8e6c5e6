//! What a vault's policy says, and stopping all payments: freezes and votes to release them.

use conclave_domain::vault::Command;
use conclave_shared::VaultId;
use conclave_shared::request::{Freeze, ReleaseFreeze, Reply};

use super::Installation;
use crate::failure::InstallationError;
use crate::projection;

impl Installation {
    pub(super) fn show_policy(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let view = projection::policy(self.vault(vault)?).ok_or(InstallationError::NoConfiguration)?;
        Ok(Reply::Policy(Box::new(view)))
    }

    pub(super) fn freeze(&mut self, it: Freeze, now_ms: u64) -> Result<Reply, InstallationError> {
        self.command(it.vault, Command::Freeze { reason: it.reason }, now_ms)?;
        self.show_policy(it.vault)
    }

    pub(super) fn release_freeze(&mut self, it: ReleaseFreeze, now_ms: u64) -> Result<Reply, InstallationError> {
        self.command(it.vault, Command::ReleaseFreezes { freezes: it.freezes }, now_ms)?;
        self.show_policy(it.vault)
    }
}
