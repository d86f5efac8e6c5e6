//! The guard: the only place that makes a [`Permit`], and the only judge of what may be signed, finalised and sent.
//!
//! What is judged is the PSBT itself, against our own descriptor and previous transactions; never a text about it.

use std::collections::BTreeSet;

use bitcoin::psbt::Psbt;
use bitcoin::{PublicKey, Txid};
use conclave_shared::{Cfg, Digest, EventId, Finding, MemberId, Unmet};

use crate::descriptor::{Places, SpendingPath, VaultDescriptor};
use crate::proposal::{CheckedProposal, Input, KeyOwner};
use crate::psbt::inspect::{Bounds, InputReport, Inspection, OutputKind, Proof};
use crate::psbt::{self, Evidence, PsbtFault, rebuild_at};
use crate::vault::{Act, Vault};
use crate::watched::WatchedDescriptor;

/// A fee above this, in sat, is absurd if it is also over a tenth of what leaves.
pub const FEE_ABSURD_FROM: u64 = 20_000;
/// A fee above this, in sat, is absurd at any size.
pub const FEE_ABSURD_ALWAYS: u64 = 1_000_000;

/// Leave to do one thing with one payment, once.
///
/// Only the guard can make one; whoever acts consumes it. A signer's interface asks for it by type, so there is no way
/// to a signature around the rules. It can be used once:
///
/// ```
/// use conclave_domain::guard::{Permit, Sign};
/// fn once(permit: Permit<Sign>) {
///     permit.consume();
/// }
/// ```
///
/// not twice,
///
/// ```compile_fail,E0382
/// use conclave_domain::guard::{Permit, Sign};
/// fn twice(permit: Permit<Sign>) {
///     permit.consume();
///     permit.consume();
/// }
/// ```
///
/// and one made for something else cannot be made into another:
///
/// ```compile_fail,E0451
/// use conclave_domain::guard::{Permit, Sign};
/// fn forge(leave: Sign, other: Permit<Sign>) -> Permit<Sign> {
///     Permit { leave, ..other }
/// }
/// ```
#[derive(Debug)]
pub struct Permit<Leave> {
    digest: Digest,
    cfg: Cfg,
    psbt: Psbt,
    leave: Leave,
}

/// Leave to sign with one member's key.
#[derive(Debug)]
pub struct Sign {
    /// Whose key.
    pub member: MemberId,
    /// The derived keys that may sign: the member's on each input; on a recovery path with keys of its own those, since
    /// they are no member's.
    pub keys: BTreeSet<PublicKey>,
}

/// Leave to put the signatures together.
#[derive(Debug)]
pub struct Finalise;

/// Leave to hand the transaction to the bitcoin network; covers handing it over again.
#[derive(Debug)]
pub struct Broadcast {
    /// Which transaction.
    pub txid: Txid,
}

impl<Leave> Permit<Leave> {
    /// The approval digest of the payment.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The configuration that it was judged under.
    pub fn cfg(&self) -> Cfg {
        self.cfg
    }

    /// What it is leave for.
    pub fn leave(&self) -> &Leave {
        &self.leave
    }

    /// Uses it up: the PSBT that was judged, and no other.
    pub fn consume(self) -> (Psbt, Leave) {
        (self.psbt, self.leave)
    }
}

/// What the guard says.
#[derive(Debug)]
pub enum Verdict<T> {
    /// It may be done.
    Allowed(T),
    /// It may not, for these reasons.
    Blocked(Vec<Unmet>),
}

/// Why the guard cannot judge at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum GuardFault {
    /// No such proposal here.
    #[error("there is no proposal {proposal} in this vault")]
    UnknownProposal {
        /// What was asked for.
        proposal: EventId,
    },
    /// The PSBT cannot be made.
    #[error(transparent)]
    Psbt(#[from] PsbtFault),
}

/// Asks for leave to sign with this member's key.
pub fn sign(vault: &Vault, proposal: EventId, evidence: &Evidence) -> Result<Verdict<Permit<Sign>>, GuardFault> {
    permit(vault, proposal, evidence, Act::Sign, |checked| Sign {
        member: vault.me(),
        keys: signing_keys(checked, vault.me()),
    })
}

/// The keys that a member may sign a payment with.
fn signing_keys(checked: &CheckedProposal, member: MemberId) -> BTreeSet<PublicKey> {
    let keys = checked.inputs.iter().flat_map(|input| &input.keys);
    let may = |owner: &KeyOwner| match owner {
        KeyOwner::Member(owner) => *owner == member,
        KeyOwner::Recovery(_) => true,
    };
    keys.filter(|(_, owner)| may(owner)).map(|(key, _)| *key).collect()
}

/// Asks for leave to finalise.
pub fn finalise(
    vault: &Vault,
    proposal: EventId,
    evidence: &Evidence,
) -> Result<Verdict<Permit<Finalise>>, GuardFault> {
    permit(vault, proposal, evidence, Act::Finalise, |_| Finalise)
}

/// Asks for leave to broadcast.
pub fn broadcast(
    vault: &Vault,
    proposal: EventId,
    evidence: &Evidence,
) -> Result<Verdict<Permit<Broadcast>>, GuardFault> {
    permit(vault, proposal, evidence, Act::Broadcast, |checked| Broadcast { txid: checked.txid })
}

/// Whether this member may consent: an approval is a judgement of the same PSBT, though no key is asked.
pub fn approve(vault: &Vault, proposal: EventId, evidence: &Evidence) -> Result<Verdict<Digest>, GuardFault> {
    Ok(match permit(vault, proposal, evidence, Act::Approve, |_| ())? {
        Verdict::Allowed(permit) => Verdict::Allowed(permit.digest),
        Verdict::Blocked(unmet) => Verdict::Blocked(unmet),
    })
}

fn permit<Leave>(
    vault: &Vault,
    proposal: EventId,
    evidence: &Evidence,
    act: Act,
    leave: impl FnOnce(&CheckedProposal) -> Leave,
) -> Result<Verdict<Permit<Leave>>, GuardFault> {
    let (checked, psbt, unmet) = judge(vault, proposal, evidence, act)?;
    if unmet.is_empty() {
        let leave = leave(checked);
        Ok(Verdict::Allowed(Permit { digest: checked.digest, cfg: checked.cfg, psbt, leave }))
    } else {
        Ok(Verdict::Blocked(unmet))
    }
}

/// The PSBT of a payment as it would be signed here, and everything that is against an act.
fn judge<'a>(
    vault: &'a Vault,
    proposal: EventId,
    evidence: &Evidence,
    act: Act,
) -> Result<(&'a CheckedProposal, Psbt, Vec<Unmet>), GuardFault> {
    let unknown = GuardFault::UnknownProposal { proposal };
    let checked = &vault.proposal(proposal).ok_or(unknown.clone())?.checked;
    let descriptor = &vault.configuration(checked.cfg).ok_or(unknown)?.descriptor;
    let mut unmet = vault.unmet(proposal, act, &evidence.facts);
    let (psbt, findings) = inspected(checked, descriptor, evidence)?;
    unmet.extend(findings.into_iter().map(|finding| Unmet::Danger { finding }));
    Ok((checked, psbt, unmet))
}

/// Whether a payment may leave this program as a file, and signatures come back into it: gives the PSBT, without signatures.
/// A file can be signed by whoever has it, and a signature on record is everybody's: both ask for all that signing asks for,
/// whoever's key it is that signs.
pub fn carry(vault: &Vault, proposal: EventId, evidence: &Evidence) -> Result<Verdict<Psbt>, GuardFault> {
    let (_, psbt, mut unmet) = judge(vault, proposal, evidence, Act::Sign)?;
    unmet.retain(|unmet| !is_about_own_key(unmet));
    Ok(if unmet.is_empty() { Verdict::Allowed(psbt) } else { Verdict::Blocked(unmet) })
}

/// Whether a reason against signing is about this member's own key alone.
pub fn is_about_own_key(unmet: &Unmet) -> bool {
    matches!(unmet, Unmet::AlreadySigned | Unmet::RoleMissing { .. })
}

/// Everything dangerous in a payment as this installation would sign it: for screens, before anybody asks for leave.
pub fn findings(vault: &Vault, proposal: EventId, evidence: &Evidence) -> Result<BTreeSet<Finding>, GuardFault> {
    let unknown = GuardFault::UnknownProposal { proposal };
    let checked = &vault.proposal(proposal).ok_or(unknown.clone())?.checked;
    let descriptor = &vault.configuration(checked.cfg).ok_or(unknown)?.descriptor;
    dangers(checked, descriptor, evidence)
}

/// The same of a payment that is not on record.
pub fn dangers(
    payment: &CheckedProposal,
    descriptor: &VaultDescriptor,
    evidence: &Evidence,
) -> Result<BTreeSet<Finding>, GuardFault> {
    Ok(inspected(payment, descriptor, evidence)?.1)
}

/// The PSBT as this installation would sign it, and everything dangerous in it.
fn inspected(
    proposal: &CheckedProposal,
    descriptor: &VaultDescriptor,
    evidence: &Evidence,
) -> Result<(Psbt, BTreeSet<Finding>), PsbtFault> {
    // Derived once, for making the PSBT and for judging it.
    let places = descriptor.places(proposal.places());
    let psbt = rebuild_at(proposal, descriptor, &places, evidence)?;
    let mut findings = inspect_at(&psbt, proposal, descriptor, places);
    // A payment that cannot be sent now may be given up, paid again, and sent after all.
    if psbt.unsigned_tx.lock_time.to_consensus_u32() > evidence.tip_height || !waited(proposal, evidence) {
        findings.insert(Finding::LocktimeAhead);
    }
    Ok((psbt, findings))
}

/// Whether every coin of a recovery payment has lain its time when the next block comes (BIP68).
fn waited(proposal: &CheckedProposal, evidence: &Evidence) -> bool {
    let next = evidence.tip_height.saturating_add(1);
    let mut inputs = proposal.transaction.input.iter();
    proposal.path == SpendingPath::Members
        || inputs.all(|input| {
            let after = input.sequence.to_consensus_u32();
            let confirmed = evidence.confirmed.get(&input.previous_output.txid);
            confirmed.is_some_and(|height| height.saturating_add(after) <= next)
        })
}

/// Everything dangerous in a PSBT that claims to be a proposal's: what the judge of all PSBTs finds by the vault's own
/// descriptor, and what differs from the record.
pub fn inspect(psbt: &Psbt, proposal: &CheckedProposal, descriptor: &VaultDescriptor) -> BTreeSet<Finding> {
    inspect_at(psbt, proposal, descriptor, descriptor.places(proposal.places()))
}

fn inspect_at(
    psbt: &Psbt,
    proposal: &CheckedProposal,
    descriptor: &VaultDescriptor,
    places: Places,
) -> BTreeSet<Finding> {
    if psbt.unsigned_tx != proposal.transaction || psbt.inputs.len() != proposal.inputs.len() {
        // Nothing else can be told of another transaction's inputs by this proposal's claims.
        return BTreeSet::from([Finding::TransactionNotProposed]);
    }
    let last_index = proposal.inputs.iter().map(|input| input.index).max();
    // What is ours names its keys, here: looking for more would cost seconds for nothing.
    let bounds = Bounds { last_index, strict: true, search: 0, claimed_only: true, ..Bounds::default() };
    let inspection = psbt::inspect::inspect(psbt, Some(&WatchedDescriptor::of_vault(descriptor, places)), &bounds);
    let mut findings: BTreeSet<Finding> = inspection.findings.iter().map(|found| found.finding).collect();
    for ((input, claim), report) in psbt.inputs.iter().zip(&proposal.inputs).zip(&inspection.inputs) {
        findings.extend(differs(input, claim, report));
    }
    findings.extend(change_differs(psbt, proposal, &inspection));
    findings
}

/// How an input differs from what the record says of it, and what the record does not let it hold.
fn differs(input: &bitcoin::psbt::Input, claim: &Input, report: &InputReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    // In a vault every amount is proven by the previous transaction, also where a signature would cover it.
    if input.non_witness_utxo.is_none() {
        findings.push(Finding::PreviousTransactionMissing);
    } else if report.proof == Proof::PreviousTransaction {
        if report.amount_sat != Some(claim.amount.to_sat()) {
            findings.push(Finding::AmountUnproven);
        }
        if (report.keychain, report.index) != (Some(claim.keychain), Some(claim.index)) {
            findings.push(Finding::InputNotOurs);
        }
    }
    // Nothing is final before the guard says so. A signature by a taproot's internal key needs nobody else's.
    let whole = input.final_script_sig.is_some() || input.final_script_witness.is_some();
    if whole || input.tap_key_sig.is_some() {
        findings.push(Finding::FinalsPrefilled);
    }
    findings
}

/// Whatever is said to be ours among the outputs must be the change that was proposed.
fn change_differs(psbt: &Psbt, proposal: &CheckedProposal, inspection: &Inspection) -> Option<Finding> {
    let ours = proposal.change.and_then(|change| {
        let report = inspection.outputs.get(change.output as usize)?;
        let proven = (report.kind, report.index) == (OutputKind::Change, Some(change.index));
        proven.then_some(change.output as usize)
    });
    let mut outputs = psbt.outputs.iter().enumerate();
    let claimed =
        outputs.any(|(position, output)| Some(position) != ours && *output != bitcoin::psbt::Output::default());
    (claimed || (proposal.change.is_some() && ours.is_none())).then_some(Finding::ChangeNotOurs)
}
