//! Changing an active vault: invitations into it, configurations that follow, votes; and the words of one's own key, which
//! bring a lost installation's key to a new one.

use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::policy::PolicyChange;
use conclave_domain::vault::{Change, Command, CommandFault};
use conclave_domain::words::roster_words;
use conclave_shared::request::{Invite, OnConfiguration, ProposeChange, Replacement, Reply, VoteChange};
use conclave_shared::secret::SecretText;
use conclave_shared::{Role, VaultId};

use super::Installation;
use super::set_up::{check_doors, random_secret};
use crate::failure::InstallationError;
use crate::projection;
use crate::signer::software;

impl Installation {
    pub(super) fn invite(&mut self, it: Invite, now_ms: u64) -> Result<Reply, InstallationError> {
        let secret = random_secret()?;
        let expires_ms = now_ms.saturating_add(it.invitation_seconds.saturating_mul(1000));
        let role = self.role_to_give(&it)?;
        let place = Place { key: Invitation::place_key(&secret), role, expires_ms, title: None };
        self.command(it.vault, Command::OpenPlace { place: place.clone(), replaces: it.replaces }, now_ms)?;
        let open = self.vault(it.vault)?;
        let vault = &open.vault;
        let invitation = Invitation::new(it.vault, vault.created(), vault.me(), &place, open.relays(), secret);
        let invitation = invitation.replacing(it.replaces).for_script(vault.script());
        Ok(Reply::Invited { invitation: SecretText::new(invitation.to_text()) })
    }

    /// Who takes over a key takes over the roles that go with it.
    fn role_to_give(&self, it: &Invite) -> Result<Role, InstallationError> {
        let vault = &self.vault(it.vault)?.vault;
        let old = it.replaces.and_then(|old| vault.active()?.member(old));
        let special = [Role::Mediator, Role::Signer].into_iter().find(|role| old.is_some_and(|old| old.is(*role)));
        Ok(if it.role == Role::Keyholder { special.unwrap_or(it.role) } else { it.role })
    }

    pub(super) fn propose_change(&mut self, it: ProposeChange, now_ms: u64) -> Result<Reply, InstallationError> {
        let mut changes: Vec<Change> = it.approvals.map(Change::Approvals).into_iter().collect();
        if !it.relays.is_empty() {
            check_doors(&it.relays)?;
            changes.push(Change::Relays(it.relays));
        }
        if it.policy != PolicyChange::default() {
            changes.push(Change::Policy(it.policy));
        }
        changes.extend(it.remove.into_iter().map(Change::Remove));
        changes.extend(it.replace.into_iter().map(|Replacement { old, new }| Change::Replace { old, new }));
        changes.extend(it.add.into_iter().map(Change::Add));
        self.command(it.vault, Command::ProposeSuccessor { changes }, now_ms)?;
        self.show_changes(it.vault)
    }

    pub(super) fn show_changes(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let open = self.vault(vault)?;
        Ok(Reply::Changes { successors: projection::successors(open), candidates: projection::candidates(open) })
    }

    pub(super) fn change_words(&self, it: OnConfiguration) -> Result<Reply, InstallationError> {
        let unknown = CommandFault::UnknownSuccessor { cfg: it.cfg };
        let known = self.vault(it.vault)?.vault.configuration(it.cfg).ok_or(unknown)?;
        Ok(Reply::Words { words: roster_words(known.cfg).into_iter().map(str::to_owned).collect() })
    }

    pub(super) fn vote_change(&mut self, it: VoteChange, now_ms: u64) -> Result<Reply, InstallationError> {
        // Where the members' messages pass must be reachable from here, or this vote would cut this member off.
        if let Some(checked) = self.vault(it.vault)?.vault.configuration(it.cfg) {
            check_doors(&checked.configuration.relays)?;
        }
        self.command(it.vault, Command::Vote { cfg: it.cfg, words: &it.words }, now_ms)?;
        self.show_changes(it.vault)
    }

    pub(super) fn backup_words(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let entropy = self.vault(vault)?.record.entropy.as_ref().ok_or(InstallationError::NoKey)?;
        Ok(Reply::Backup { words: SecretText::new(software::words(entropy)?.to_string()) })
    }
}
