//! Payments: proposing, judging and signing one, putting it together and sending it, each by the guard's leave.

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, FeeRate, ScriptBuf, Transaction};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::psbt::{self, Evidence};
use conclave_domain::vault::{Command, CommandFault, ProposalState};
use conclave_shared::request::{OnProposal, Propose, Reply, SignWith};
use conclave_shared::{EventId, Sat, Unmet, VaultId};

use super::Installation;
use crate::failure::InstallationError;
use crate::open_vault::NETWORK;
use crate::projection;
use crate::signer::{Signer, SoftwareKey, software};

/// Highest fee rate that a request may ask for, in sat/vB: what is above is a slip of the hand.
const FEE_RATE_LIMIT: u64 = 10_000;
/// Most recipients of one payment.
const RECIPIENTS_LIMIT: usize = 100;
impl Installation {
    pub(super) fn propose(&mut self, it: Propose, now_ms: u64) -> Result<Reply, InstallationError> {
        let field = |field, reason: &str| InstallationError::Field { field, reason: reason.to_owned() };
        if it.recipients.is_empty() || it.recipients.len() > RECIPIENTS_LIMIT {
            return Err(field("recipients", "there must be 1 to 100"));
        }
        if it.fee_rate == 0 || it.fee_rate > FEE_RATE_LIMIT {
            return Err(field("fee_rate", "must be 1 to 10000 sat/vB"));
        }
        let fee_rate = FeeRate::from_sat_per_vb(it.fee_rate).ok_or_else(|| field("fee_rate", "is too large"))?;
        let mut recipients: Vec<(ScriptBuf, Amount)> = Vec::new();
        for recipient in &it.recipients {
            let address: Address<NetworkUnchecked> =
                recipient.address.parse().map_err(|error| field("address", &format!("{error}")))?;
            let address = address.require_network(NETWORK).map_err(|_| field("address", "is of another network"))?;
            if recipient.amount == Sat(0) {
                return Err(field("amount", "must be more than 0 sat"));
            }
            let script = address.script_pubkey();
            // Bitcoin's nodes do not relay what costs more to spend than it is worth.
            let least = script.minimal_non_dust().to_sat();
            if recipient.amount.0 < least {
                return Err(field("amount", &format!("must be at least {least} sat for this address (less is dust)")));
            }
            recipients.push((script, Amount::from_sat(recipient.amount.0)));
        }
        let total = recipients.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
        if total.is_none_or(|total| total > Amount::MAX_MONEY) {
            return Err(field("amount", "is more than all bitcoin"));
        }
        let (open, _) = self.vault_mut(it.vault)?;
        let held = open.vault.reserved_coins().collect();
        let recovery = open.vault.active().and_then(|active| active.recovery.as_ref()).map(|it| it.after_blocks);
        if it.recovery && recovery.is_none() {
            return Err(field("recovery", "this vault has none: its coins are spent by its threshold alone"));
        }
        let recovery = recovery.filter(|_| it.recovery);
        let coins = open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        let proposal = coins.build(recipients, fee_rate, it.purpose, held, recovery)?;
        let ids = self.command(it.vault, Command::Propose(proposal), now_ms)?;
        let proposal = ids.first().copied().ok_or(InstallationError::NoConfiguration)?;
        self.show_proposal(OnProposal { vault: it.vault, proposal })
    }

    pub(super) fn proposal(&self, it: OnProposal) -> Result<&ProposalState, InstallationError> {
        let unknown = CommandFault::UnknownProposal { proposal: it.proposal };
        Ok(self.vault(it.vault)?.vault.proposal(it.proposal).ok_or(unknown)?)
    }

    pub(super) fn show_proposal(&self, it: OnProposal) -> Result<Reply, InstallationError> {
        let open = self.vault(it.vault)?;
        Ok(Reply::Proposal(Box::new(projection::proposal(open, self.proposal(it)?, &open.facts()))))
    }

    pub(super) fn evidence(&self, it: OnProposal) -> Result<Evidence, InstallationError> {
        Ok(self.vault(it.vault)?.evidence(&self.proposal(it)?.checked))
    }

    /// Nothing is decided about a payment that the network has already.
    pub(super) fn not_sent(&self, it: OnProposal) -> Result<(), InstallationError> {
        if self.vault(it.vault)?.facts().seen(&self.proposal(it)?.checked.txid) {
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
        self.not_sent(it)?;
        let evidence = self.evidence(it)?;
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
        let permit = allowed(guard::finalise(&self.vault(vault)?.vault, proposal, &self.evidence(it)?)?)?;
        // The transaction itself is not kept: it is made again from the same signatures when it is sent.
        self.assemble(it, permit.consume().0)?;
        self.command(vault, Command::RecordFinalised { proposal }, now_ms)?;
        Ok(())
    }

    /// The transaction of a payment, by the guard's leave to broadcast it.
    pub fn transaction_to_send(&self, vault: VaultId, proposal: EventId) -> Result<Transaction, InstallationError> {
        let it = OnProposal { vault, proposal };
        let permit = allowed(guard::broadcast(&self.vault(vault)?.vault, proposal, &self.evidence(it)?)?)?;
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
