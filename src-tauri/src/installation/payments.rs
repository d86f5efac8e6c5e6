//! Payments: judging and signing one, putting it together and sending it, each by the guard's leave. What is proposed is
//! `proposing`.

use bitcoin::Transaction;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::psbt::{self, Evidence};
use conclave_domain::vault::{Command, CommandFault, ProposalState};
use conclave_shared::request::{OnProposal, Reply, SignWith};
use conclave_shared::view::ProposalView;
use conclave_shared::{EventId, Unmet, VaultId};

use super::Installation;
use crate::failure::InstallationError;
use crate::open_vault::NETWORK;
use crate::projection;
use crate::signer::{Signer, SoftwareKey, software};

impl Installation {
    pub(super) fn proposal(&self, it: OnProposal) -> Result<&ProposalState, InstallationError> {
        let unknown = CommandFault::UnknownProposal { proposal: it.proposal };
        Ok(self.vault(it.vault)?.vault.proposal(it.proposal).ok_or(unknown)?)
    }

    pub(super) fn show_proposal(&self, it: OnProposal, now_ms: u64) -> Result<Reply, InstallationError> {
        Ok(Reply::Proposal(Box::new(self.proposal_view(it, now_ms)?)))
    }

    pub(super) fn proposal_view(&self, it: OnProposal, now_ms: u64) -> Result<ProposalView, InstallationError> {
        let open = self.vault(it.vault)?;
        Ok(projection::proposal(open, self.proposal(it)?, &open.facts(now_ms)))
    }

    pub(super) fn evidence(&self, it: OnProposal, now_ms: u64) -> Result<Evidence, InstallationError> {
        let open = self.vault(it.vault)?;
        Ok(open.evidence(&self.proposal(it)?.checked, open.facts(now_ms)))
    }

    /// Nothing is decided about a payment that the network has already.
    pub(super) fn not_sent(&self, it: OnProposal, now_ms: u64) -> Result<(), InstallationError> {
        if self.vault(it.vault)?.facts(now_ms).seen(&self.proposal(it)?.checked.txid) {
            return Err(InstallationError::Blocked { unmet: vec![Unmet::Ended] });
        }
        Ok(())
    }

    pub(super) fn sign(&mut self, it: OnProposal, now_ms: u64) -> Result<(), InstallationError> {
        let key = self.vault(it.vault)?.key()?.ok_or(InstallationError::NoKey)?;
        self.sign_by(it, &key, now_ms)
    }

    /// Signs with a key that is not kept here, by its words: of a recovery that has keys of its own.
    pub(super) fn sign_with(&mut self, it: SignWith, now_ms: u64) -> Result<OnProposal, InstallationError> {
        let entropy = software::entropy(it.seed_words.reveal())?;
        let key = SoftwareKey::new(&entropy, self.vault(it.vault)?.vault.script(), NETWORK)?;
        let on = OnProposal { vault: it.vault, proposal: it.proposal };
        self.sign_by(on, &key, now_ms)?;
        Ok(on)
    }

    fn sign_by(&mut self, it: OnProposal, key: &impl Signer, now_ms: u64) -> Result<(), InstallationError> {
        self.not_sent(it, now_ms)?;
        let evidence = self.evidence(it, now_ms)?;
        let open = self.vault(it.vault)?;
        // Before a key is asked: a signature that cannot be recorded must not be made.
        open.may_write()?;
        let permit = allowed(guard::sign(&open.vault, it.proposal, &evidence)?)?;
        let signatures = key.sign(permit)?;
        self.command(it.vault, Command::RecordSigned { proposal: it.proposal, signatures }, now_ms)?;
        Ok(())
    }

    /// Puts a payment's signatures together, by the guard's leave, and records it.
    pub fn finalise(&mut self, vault: VaultId, proposal: EventId, now_ms: u64) -> Result<(), InstallationError> {
        let it = OnProposal { vault, proposal };
        let permit = allowed(guard::finalise(&self.vault(vault)?.vault, proposal, &self.evidence(it, now_ms)?)?)?;
        // The transaction itself is not kept: it is made again from the same signatures when it is sent.
        self.assemble(it, permit.consume().0)?;
        self.command(vault, Command::RecordFinalised { proposal }, now_ms)?;
        Ok(())
    }

    /// The transaction of a payment, by the guard's leave to broadcast it.
    pub fn transaction_to_send(
        &self,
        vault: VaultId,
        proposal: EventId,
        now_ms: u64,
    ) -> Result<Transaction, InstallationError> {
        let it = OnProposal { vault, proposal };
        let permit = allowed(guard::broadcast(&self.vault(vault)?.vault, proposal, &self.evidence(it, now_ms)?)?)?;
        self.assemble(it, permit.consume().0)
    }

    fn assemble(&self, it: OnProposal, psbt: bitcoin::Psbt) -> Result<Transaction, InstallationError> {
        Ok(psbt::finalise(psbt, &self.proposal(it)?.signatures)?)
    }

    /// The network took a payment's transaction.
    pub fn sent(
        &mut self,
        vault: VaultId,
        proposal: EventId,
        transaction: Transaction,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let (open, _) = self.vault_mut(vault)?;
        if let Some(coins) = &mut open.coins {
            coins.note_sent(transaction, now_ms / 1000);
        }
        self.command(vault, Command::RecordBroadcast { proposal }, now_ms)?;
        // Where the broadcast was on record already there was no event for the coins' changes to go with.
        let (open, store) = self.vault_mut(vault)?;
        open.commit_coins(store)
    }
}

fn allowed<T>(verdict: Verdict<T>) -> Result<T, InstallationError> {
    match verdict {
        Verdict::Allowed(allowed) => Ok(allowed),
        Verdict::Blocked(unmet) => Err(InstallationError::Blocked { unmet }),
    }
}
