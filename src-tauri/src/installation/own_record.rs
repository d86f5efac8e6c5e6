//! Opening and closing an installation on record, and the records' requests: exports, judging, the own chain.

use std::path::Path;

use conclave_domain::audit::{Fault, Record};
use conclave_domain::event::Event;
use conclave_shared::record::EntryView;
use conclave_shared::request::{OnProposal, Reply, ShowRecord};
use conclave_shared::{EventId, VaultId};

use super::Installation;
use crate::app_record::{self, AppAction, ExportFormat, attempts};
use crate::failure::InstallationError;
use crate::main_loop::Own;
use crate::record;
use crate::store::{Passphrase, Store, StoreError};

impl Installation {
    /// Opens the installation in a folder by its passphrase, and puts that on record in its own chain, with what happened
    /// since it was open last: failed attempts, and that it was put back from a copy.
    ///
    /// A wrong passphrase opens nothing, so it is noted beside the database until the next opening.
    pub fn unlock(home: &Path, passphrase: &Passphrase, now_ms: u64) -> Result<Self, InstallationError> {
        let store = Store::open(home, passphrase).inspect_err(|error| {
            if matches!(error, StoreError::WrongPassphrase) {
                attempts::note(home, now_ms);
            }
        })?;
        let mut installation = Self::open(store)?;
        // Told at this opening alone; that the vaults are only read for now is marked in the database itself.
        if installation.store.was_restored() {
            installation.note(&AppAction::Restored, now_ms)?;
        }
        if let Some(failed) = attempts::read(home) {
            installation.note(&AppAction::UnlockFailed(failed), now_ms)?;
            // After a crash between these two lines the same attempts are put on record twice, never not at all.
            attempts::forget(home);
        }
        installation.note(&AppAction::Unlocked, now_ms)?;
        installation.unlocked = true;
        Ok(installation)
    }

    /// Puts on record that the installation is closed now, if [`Installation::unlock`] opened it. A program that is killed
    /// leaves no such event.
    pub fn lock(&mut self, now_ms: u64) -> Result<(), InstallationError> {
        if std::mem::take(&mut self.unlocked) {
            self.note(&AppAction::Locked, now_ms)?;
        }
        Ok(())
    }

    /// Does what the program around the installation asks.
    ///
    /// Errors: those of [`Store::back_up`] and [`Store::change_passphrase`]; nothing is harmed by them.
    pub fn own_request(&mut self, own: Own, now_ms: u64) -> Result<(), InstallationError> {
        match own {
            Own::Backup { mut into } => {
                self.store.back_up(&mut into)?;
                self.note(&AppAction::BackedUp, now_ms)
            }
            Own::ChangePassphrase { current, new } => {
                self.store.change_passphrase(&current, &new)?;
                self.note(&AppAction::PassphraseChanged, now_ms)
            }
        }
    }

    /// All vaults of the installation, those that cannot be opened too.
    pub fn all_vaults(&self) -> Vec<VaultId> {
        self.vaults.keys().chain(self.unopened.keys()).copied().collect()
    }

    fn note(&mut self, action: &AppAction, now_ms: u64) -> Result<(), InstallationError> {
        self.own.append(&mut self.store, action, now_ms)
    }

    /// The entries of a vault's record that are asked for.
    pub(super) fn record_entries(&self, asked: &ShowRecord) -> Result<Vec<EntryView>, InstallationError> {
        record::entries(&self.vault(asked.vault)?.vault, asked, |id| self.stored_event(asked.vault, id))
    }

    /// The entries that are about one payment.
    pub(super) fn payment_entries(&self, it: OnProposal) -> Result<Vec<EntryView>, InstallationError> {
        self.proposal(it)?;
        record::entries_of_payment(&self.vault(it.vault)?.vault, it.proposal, |id| self.stored_event(it.vault, id))
    }

    fn stored_event(&self, vault: VaultId, id: EventId) -> Result<Option<Event>, InstallationError> {
        let Some(row) = self.store.event(vault, id)? else { return Ok(None) };
        Event::from_store(&row.json).map(Some).map_err(|fault| InstallationError::StoredEvent { id, fault })
    }

    pub(super) fn export_lines(&mut self, vault: VaultId, now_ms: u64) -> Result<Reply, InstallationError> {
        let mut lines = Vec::new();
        for admitted in self.vault(vault)?.vault.log().in_order() {
            lines.extend(self.store.event(vault, admitted.id)?.map(|row| row.json));
        }
        let events = lines.len() as u64;
        self.note(&AppAction::Exported { vault, format: ExportFormat::Jsonl, events }, now_ms)?;
        Ok(Reply::Record { lines })
    }

    pub(super) fn export_table(&mut self, vault: VaultId, now_ms: u64) -> Result<Reply, InstallationError> {
        let all = ShowRecord { vault, by: None, kind: None, void: false, last: None };
        let entries = self.record_entries(&all)?;
        let events = entries.len() as u64;
        self.note(&AppAction::Exported { vault, format: ExportFormat::Csv, events }, now_ms)?;
        Ok(Reply::Record { lines: record::table(&entries) })
    }

    /// Judges what the database holds, not what memory makes of it: a vault that cannot be opened is judged too.
    pub(super) fn verify_record(&self, vault: VaultId) -> Result<Reply, InstallationError> {
        let stored = self.store.vaults()?.into_iter().find(|record| record.vault == vault);
        let mut lines = Record::stored(vault, stored.ok_or(InstallationError::UnknownVault { vault })?.created);
        let rows = self.store.events(vault)?;
        let judged = rows.iter().try_for_each(|row| lines.take(row.json.as_bytes())).and_then(|()| lines.finish());
        let faulty = |fault: Fault| {
            let mut view = record::faulty(&fault, Some(vault));
            view.message = format!("record of vault {vault}: {}", view.message);
            view
        };
        Ok(match judged {
            Ok(it) => Reply::Verified(Box::new(record::verified(&it))),
            Err(fault) => Reply::Faulty(faulty(fault)),
        })
    }

    pub(super) fn show_own_chain(&self) -> Result<Reply, InstallationError> {
        let entries = app_record::entries(&self.store.app_events()?);
        Ok(Reply::AppEntries { installation: self.own.installation(), entries })
    }

    pub(super) fn verify_own_chain(&self) -> Result<Reply, InstallationError> {
        Ok(match app_record::verify(self.own.installation(), &self.store.app_events()?) {
            Ok(view) => Reply::AppVerified(view),
            Err(fault) => {
                let mut view = record::faulty(&fault, None);
                view.message = format!("own chain of this installation: {}", view.message);
                Reply::Faulty(view)
            }
        })
    }
}
