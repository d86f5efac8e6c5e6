//! The way of a payment out as a PSBT and of signatures back in: from a device, or from another program. Only signatures are
//! taken from a file, each verified over the payment on record; everything else in it is dropped.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitcoin::psbt::Psbt;
use bitcoin::sighash::{EcdsaSighashType, TapSighashType};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::proposal::{InputSignature, KeyOwner};
use conclave_domain::psbt::file::{FILE_LIMIT, FileFault, PsbtFile};
use conclave_domain::psbt::{add_signatures, signatures};
use conclave_domain::vault::{Command, ProposalState};
use conclave_shared::request::{ImportPsbt, OnProposal, Reply};
use conclave_shared::view::TakenView;
use conclave_shared::{EventId, Finding, Role, Unmet};

use super::Installation;
use crate::failure::InstallationError;
use crate::projection;

/// Why nothing was taken from a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// The request does not carry a file.
    #[error("the file did not arrive whole: it is not in base64 (psbt-malformed)")]
    Encoding,
    /// The file cannot be read.
    #[error("the file cannot be read ({}): {fault}", .fault.finding().name())]
    File {
        /// Why.
        #[from]
        fault: FileFault,
    },
    /// It is of another transaction than the payment.
    #[error("the file is of another transaction than payment {proposal} (outputs-changed): nothing was taken from it")]
    OtherTransaction {
        /// The payment.
        proposal: EventId,
    },
    /// It is of no payment of the vault.
    #[error("the file is of no payment of this vault (outputs-changed): nothing was taken from it")]
    NoPayment,
    /// A signature does not cover the whole transaction.
    #[error(
        "a signature on input {input} does not cover the whole transaction (sighash-unexpected): nothing was taken"
    )]
    Sighash {
        /// Which input.
        input: usize,
    },
    /// A signature that cannot be read as one, or is by a key that nobody holds.
    #[error("a signature on input {input} is not valid ({}): nothing was taken", .finding.name())]
    Signature {
        /// Which input.
        input: usize,
        /// What is wrong.
        finding: Finding,
    },
    /// Its inputs are final: in which signatures are whose cannot be told any more.
    #[error(
        "input {input} is final already (finals-prefilled): export it from the other program before it is made final; \
         nothing was taken"
    )]
    Final {
        /// Which input.
        input: usize,
    },
    /// There is no signature in it.
    #[error("there is no signature in the file: sign it first")]
    Unsigned,
}

impl ImportFault {
    /// Its fixed name: of the finding, where it is one.
    pub fn code(&self) -> &'static str {
        match self {
            ImportFault::Encoding => Finding::PsbtMalformed.name(),
            ImportFault::File { fault } => fault.finding().name(),
            ImportFault::OtherTransaction { .. } | ImportFault::NoPayment => Finding::OutputsChanged.name(),
            ImportFault::Sighash { .. } => Finding::SighashUnexpected.name(),
            ImportFault::Signature { finding, .. } => finding.name(),
            ImportFault::Final { .. } => Finding::FinalsPrefilled.name(),
            ImportFault::Unsigned => "psbt-unsigned",
        }
    }
}

/// Reads a file as a request carries it.
fn read(base64: &str) -> Result<PsbtFile, ImportFault> {
    let most = FILE_LIMIT.div_ceil(3) * 4;
    if base64.len() > most {
        return Err(FileFault::Oversize { bytes: base64.len() as u64 / 4 * 3, limit: FILE_LIMIT }.into());
    }
    Ok(PsbtFile::parse(&STANDARD.decode(base64).map_err(|_| ImportFault::Encoding)?)?)
}

/// The signatures of a file, none of which is silently left out.
fn all_signatures(file: &PsbtFile) -> Result<Vec<InputSignature>, ImportFault> {
    if let Some(it) = file.unreadable().first() {
        return Err(ImportFault::Signature { input: it.input, finding: it.finding });
    }
    let psbt: &Psbt = file.psbt();
    for (input, it) in psbt.inputs.iter().enumerate() {
        let ecdsa = it.partial_sigs.values().all(|it| it.sighash_type == EcdsaSighashType::All);
        let taproot = it.tap_script_sigs.values().all(|it| it.sighash_type == TapSighashType::Default);
        if !ecdsa || !taproot {
            return Err(ImportFault::Sighash { input });
        }
        if it.tap_key_sig.is_some() {
            return Err(ImportFault::Signature { input, finding: Finding::SignatureInvalid });
        }
        let signed = !it.partial_sigs.is_empty() || !it.tap_script_sigs.is_empty();
        if !signed && (it.final_script_sig.is_some() || it.final_script_witness.is_some()) {
            return Err(ImportFault::Final { input });
        }
    }
    let signatures = signatures(psbt);
    if signatures.is_empty() { Err(ImportFault::Unsigned) } else { Ok(signatures) }
}

impl Installation {
    /// The payment as a PSBT of version 0 with what proves its amounts, whose its keys are, and the signatures on record.
    pub(super) fn export_psbt(&self, it: OnProposal, now_ms: u64) -> Result<Reply, InstallationError> {
        self.not_sent(it, now_ms)?;
        let evidence = self.evidence(it, now_ms)?;
        let mut psbt = self.carried(it, &evidence)?;
        add_signatures(&mut psbt, &self.proposal(it)?.signatures);
        Ok(Reply::Psbt { base64: STANDARD.encode(psbt.serialize()) })
    }

    /// Puts the signatures of a file on record: a signature proves whose it is, so any keyholder may bring anybody's. What is
    /// wrong with one of them is a reason to take none.
    pub(super) fn import_psbt(&mut self, it: &ImportPsbt, now_ms: u64) -> Result<Reply, InstallationError> {
        let file = read(&it.file)?;
        let on = OnProposal { vault: it.vault, proposal: self.payment_of(it, &file)? };
        let signatures = all_signatures(&file)?;
        let state = self.proposal(on)?;
        let mut owners: BTreeMap<KeyOwner, u32> = BTreeMap::new();
        let mut known = 0;
        for verified in signatures.iter().filter_map(|signature| state.checked.verified(signature)) {
            if state.signatures.has(&verified) {
                known += 1;
            } else {
                *owners.entry(verified.owner()).or_default() += 1;
            }
        }
        let command = Command::RecordSigned { proposal: on.proposal, signatures };
        // What is not valid is said before anything that forbids it for now.
        let open = self.vault(it.vault)?;
        let actions = match open.vault.decide(command)? {
            Verdict::Allowed(actions) => actions,
            Verdict::Blocked(unmet) => return Err(InstallationError::Blocked { unmet }),
        };
        self.not_sent(on, now_ms)?;
        if !open.vault.my_entry().is_some_and(|me| me.is(Role::Keyholder)) {
            return Err(InstallationError::Blocked { unmet: vec![Unmet::RoleMissing { needs: Role::Keyholder }] });
        }
        self.carried(on, &self.evidence(on, now_ms)?)?;
        let taken = owners.into_iter().map(|(owner, signatures)| match owner {
            KeyOwner::Member(member) => {
                TakenView { member: Some(member), name: projection::name(&open.vault, member), signatures }
            }
            KeyOwner::Recovery(_) => TakenView { member: None, name: String::new(), signatures },
        });
        let taken: Vec<TakenView> = taken.collect();
        let (open, store) = self.vault_mut(it.vault)?;
        open.commit_own(store, actions, now_ms)?;
        let proposal = Box::new(self.proposal_view(on, now_ms)?);
        Ok(Reply::SignaturesTaken { proposal, taken, known })
    }

    /// The PSBT, by the guard's leave to let it out and signatures of it in.
    fn carried(&self, it: OnProposal, evidence: &conclave_domain::psbt::Evidence) -> Result<Psbt, InstallationError> {
        match guard::carry(&self.vault(it.vault)?.vault, it.proposal, evidence)? {
            Verdict::Allowed(psbt) => Ok(psbt),
            Verdict::Blocked(unmet) => Err(InstallationError::Blocked { unmet }),
        }
    }

    /// The payment that a file is of: the one that is named, or else the newest with this transaction.
    fn payment_of(&self, it: &ImportPsbt, file: &PsbtFile) -> Result<EventId, InstallationError> {
        let transaction = &file.psbt().unsigned_tx;
        let same = |state: &&ProposalState| state.checked.transaction == *transaction;
        if let Some(proposal) = it.proposal {
            let state = self.proposal(OnProposal { vault: it.vault, proposal })?;
            let other = ImportFault::OtherTransaction { proposal };
            return if same(&state) { Ok(proposal) } else { Err(other.into()) };
        }
        let payments = self.vault(it.vault)?.vault.proposals();
        let payment = payments.into_iter().rev().find(same).ok_or(ImportFault::NoPayment)?;
        Ok(payment.event)
    }
}
