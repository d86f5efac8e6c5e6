//! What a command becomes: the actions to put on record, or the reasons against them. Pure: commits nothing, asks nobody.

mod freeze;
mod payments;
mod set_up;
mod succession;

use bitcoin::secp256k1::ecdsa;
use bitcoin::{BlockHash, Network};
use conclave_shared::{Cfg, EventId, MemberId, Nonce, Unmet};

use super::votes::Standing;
use super::{Act, ChainFacts, EXPIRY_DAYS, KeyRefusal, REASON_LIMIT, Vault};
use crate::action::{Action, Joined, PaymentProposed, SelfTestProposed};
use crate::configuration::{CheckedConfiguration, ConfigurationFault};
use crate::guard::{GuardFault, Verdict};
use crate::invitation::Place;
use crate::key_proof::{KeyProofFault, KeySignature};
use crate::proposal::{InputSignature, ProposalFault};
use crate::psbt::Evidence;
use crate::replacement::ReplacementFault;
use crate::succession::SuccessionFault;

pub(super) use set_up::check_created;
pub use succession::Change;

/// What a person or an adapter wants done in a vault.
#[derive(Debug)]
pub enum Command<'a> {
    /// Take one's own place.
    Join(Joined),
    /// Ask the keyholders to sign a nonce.
    Challenge {
        /// Fresh randomness.
        nonce: Nonce,
    },
    /// Put the configuration up for ratification.
    ProposeConfiguration,
    /// Put on record that this member holds the key in the configuration.
    ProveKey {
        /// What the signer gave for [`Vault::proof_to_give`]; verified here.
        signature: KeySignature,
    },
    /// Ratify with the words heard from the others.
    Ratify {
        /// As a person typed them.
        words: &'a str,
    },
    /// Give out the next deposit address.
    IssueAddress,
    /// Put on record that this program derives the same address as the member who gave it out.
    Attest {
        /// Its index on the receive keychain.
        index: u32,
    },
    /// Propose a self-test.
    SelfTest {
        /// What.
        test: SelfTestProposed,
        /// What the chain shows of other payments, and the time.
        facts: &'a ChainFacts,
    },
    /// Propose a payment.
    Propose {
        /// What.
        payment: PaymentProposed,
        /// What the chain shows of other payments, and the time.
        facts: &'a ChainFacts,
    },
    /// Consent to a payment.
    Approve {
        /// Which.
        proposal: EventId,
        /// Previous transactions from this installation's chain source.
        evidence: &'a Evidence,
    },
    /// Refuse a payment.
    Reject {
        /// Which.
        proposal: EventId,
    },
    /// Take an own proposal back.
    Withdraw {
        /// Which.
        proposal: EventId,
    },
    /// Put on record what a signer gave.
    RecordSigned {
        /// For which payment.
        proposal: EventId,
        /// As they came back; each is verified here.
        signatures: Vec<InputSignature>,
    },
    /// Put on record that the signatures are together.
    RecordFinalised {
        /// Which payment.
        proposal: EventId,
    },
    /// Put on record that the network took it.
    RecordBroadcast {
        /// Which payment.
        proposal: EventId,
    },
    /// Put on record that it is in a block.
    RecordConfirmed {
        /// Which payment.
        proposal: EventId,
        /// Height of the block.
        height: u32,
        /// The block.
        block: BlockHash,
    },
    /// Open a place in the active vault.
    OpenPlace {
        /// The place.
        place: Place,
        /// The keyholder whose identity is lost, for a place of a keyholder.
        replaces: Option<MemberId>,
    },
    /// As a new identity, put on record that one holds the key of another that is lost.
    ProveIdentity {
        /// The lost one.
        old: MemberId,
        /// See [`crate::succession::identity_message`].
        signature: ecdsa::Signature,
    },
    /// Put up a configuration that follows the active one, and vote for it. Without changes only where two were accepted:
    /// that settles it by going back to what was before.
    ProposeSuccessor {
        /// What is to be otherwise.
        changes: Vec<Change>,
    },
    /// Vote for a configuration with the words heard from the others.
    Vote {
        /// Which.
        cfg: Cfg,
        /// As a person typed them.
        words: &'a str,
    },
    /// Take a vote back, so that one can vote otherwise in a later round.
    ReleaseVote {
        /// For which configuration.
        cfg: Cfg,
    },
    /// Stop all payments, at once.
    Freeze {
        /// Why, for the others.
        reason: String,
    },
    /// Vote to release freezes.
    ReleaseFreezes {
        /// Which; none named: all that stand.
        freezes: Vec<EventId>,
    },
}

/// Why a command is not valid, whatever the rules say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum CommandFault {
    /// Nothing to ratify.
    #[error("there is no configuration to ratify yet: {have} of {need} members have joined")]
    NoConfiguration {
        /// How many have joined.
        have: usize,
        /// How many places there are.
        need: usize,
    },
    /// What was heard is not what this installation computed.
    #[error(
        "the words heard differ from this installation's own: the others may hold another configuration. \
         nothing was ratified or voted; compare the members, keys and rules by voice"
    )]
    WordsDiffer,
    /// One invitation was used by several.
    #[error("one invitation was used by {} members: nothing was ratified; clear up by voice who they are", members.len())]
    PlaceDoubled {
        /// Who.
        members: Vec<MemberId>,
    },
    /// This member's own entry was changed.
    #[error("the configuration names another key, name or role for this member than it joined with: do not ratify")]
    OwnEntryDiffers,
    /// Keys that nobody should ratify.
    #[error("{0}")]
    KeyRefused(KeyRefusal),
    /// A signer gave back a signature that does not prove this member's key.
    #[error("the key is not proven (key-unproven): {0}. nothing was put on record")]
    KeyUnproven(KeyProofFault),
    /// No such proposal.
    #[error("there is no proposal {proposal} in this vault")]
    UnknownProposal {
        /// What was asked for.
        proposal: EventId,
    },
    /// A signer gave back a signature that is not valid over the proposed transaction.
    #[error("the signature on input {input} is not valid for the proposed transaction: it was not kept")]
    SignatureInvalid {
        /// Which input.
        input: u32,
    },
    /// All addresses are given out.
    #[error("there are no more addresses")]
    NoMoreAddresses,
    /// No such configuration waits for votes.
    #[error("configuration {cfg} does not follow the vault's present one, or was not proposed")]
    UnknownSuccessor {
        /// What was asked for.
        cfg: Cfg,
    },
    /// A vote that is given already.
    #[error("your vote is given to configuration {to}: take it back first, then vote in a later round")]
    VoteGiven {
        /// For which.
        to: Cfg,
    },
    /// A vote that was taken back cannot be given again.
    #[error("your vote for configuration {cfg} was taken back: propose it again, in a later round")]
    VoteTakenBack {
        /// For which.
        cfg: Cfg,
    },
    /// There is no vote to take back.
    #[error("you have no vote for configuration {cfg} to take back")]
    NoVote {
        /// For which.
        cfg: Cfg,
    },
    /// Too late to take a vote back.
    #[error("configuration {cfg} is accepted: a vote for it cannot be taken back any more")]
    #[strum(serialize = "vote-final")]
    Accepted {
        /// Which.
        cfg: Cfg,
    },
    /// Nothing is to be otherwise.
    #[error("the proposed configuration changes nothing")]
    NoChange,
    /// Somebody who is not a member.
    #[error("{member} is not a member of this vault, or is named twice")]
    NotAMember {
        /// Who.
        member: MemberId,
    },
    /// Somebody who has not joined by an opened place.
    #[error("{member} has not joined by a place that was opened for that: send an invitation first")]
    NotACandidate {
        /// Who.
        member: MemberId,
    },
    /// A place that cannot be opened.
    #[error(
        "a place can be opened for an auditor or an approver, or for a keyholder who takes over the key of a member whose \
         identity is lost"
    )]
    PlaceRole,
    /// A freeze whose reason is too long, or could rewrite what stands around it on a screen.
    #[error("the reason has more than {REASON_LIMIT} characters, or control characters")]
    #[strum(serialize = "reason-too-long")]
    Reason,
    /// Nothing to release.
    #[error("no freeze stands in this vault")]
    NotFrozen,
    /// No such freeze.
    #[error("there is no freeze {freeze} in this vault")]
    UnknownFreeze {
        /// What was asked for.
        freeze: EventId,
    },
    /// Not an address of the vault's network.
    #[error("{address:?} is not an address of {network}")]
    #[strum(serialize = "address-wrong")]
    Address {
        /// The text given.
        address: String,
        /// The vault's network.
        network: Network,
    },
    /// An address that is to leave a list on which it is not.
    #[error("address {address} is not on the list of those that are {list}")]
    NotListed {
        /// Which.
        address: String,
        /// Which list.
        list: &'static str,
    },
    /// A configuration that may not follow.
    #[error(transparent)]
    #[strum(serialize = "change-not-possible")]
    Succession(#[from] SuccessionFault),
    /// The payment does not hold together.
    #[error(transparent)]
    #[strum(serialize = "payment-inconsistent")]
    Proposal(#[from] ProposalFault),
    /// The payment does not replace what it says it replaces.
    #[error(transparent)]
    #[strum(serialize = "replacement-not-possible")]
    Replacement(#[from] ReplacementFault),
    /// A payment that is sent or over cannot be replaced.
    #[error("payment {of} is in a block, or one of its coins is spent: there is nothing to replace")]
    NothingToReplace {
        /// Which.
        of: EventId,
    },
    /// A reservation for no time, or for too long.
    #[error("a payment can hold its coins for {EXPIRY_DAYS} days at most, and must expire after now")]
    #[strum(serialize = "expiry-wrong")]
    Expiry,
    /// Somebody else's payment cannot be withdrawn.
    #[error("payment {proposal} was proposed by another member: it can be rejected, not withdrawn")]
    NotYours {
        /// Which.
        proposal: EventId,
    },
    /// The vault cannot be made like this.
    #[error(transparent)]
    #[strum(serialize = "configuration-not-possible")]
    Configuration(#[from] ConfigurationFault),
    /// The guard cannot judge.
    #[error(transparent)]
    #[strum(serialize = "guard-unable")]
    Guard(#[from] GuardFault),
}

impl Vault {
    /// What a command becomes. An empty list: it is done already.
    pub fn decide(&self, command: Command<'_>) -> Result<Verdict<Vec<Action>>, CommandFault> {
        match command {
            Command::Join(joined) => self.join(joined),
            Command::Challenge { nonce } => Ok(self.challenge(nonce)),
            Command::ProposeConfiguration => self.propose_configuration(),
            Command::ProveKey { signature } => self.prove_key(signature),
            Command::Ratify { words } => self.ratify(words),
            Command::IssueAddress => self.issue_address(),
            Command::Attest { index } => self.attest(index),
            Command::SelfTest { test, facts } => self.propose_self_test(test, facts),
            Command::Propose { payment, facts } => self.propose(payment, facts),
            Command::Approve { proposal, evidence } => self.approve(proposal, evidence),
            Command::Reject { proposal } => self.reject(proposal),
            Command::Withdraw { proposal } => self.withdraw(proposal),
            Command::RecordSigned { proposal, signatures } => self.record_signed(proposal, signatures),
            Command::RecordFinalised { proposal } => self.record_sent(proposal, Action::Finalised, Act::Finalise),
            Command::RecordBroadcast { proposal } => self.record_sent(proposal, Action::Broadcast, Act::Broadcast),
            Command::RecordConfirmed { proposal, height, block } => self.record_confirmed(proposal, height, block),
            Command::OpenPlace { place, replaces } => self.open_place(place, replaces),
            Command::ProveIdentity { old, signature } => Ok(self.prove_identity(old, signature)),
            Command::ProposeSuccessor { changes } => self.propose_successor(&changes),
            Command::Vote { cfg, words } => self.vote(cfg, words),
            Command::ReleaseVote { cfg } => self.release_vote(cfg),
            Command::Freeze { reason } => self.freeze(reason),
            Command::ReleaseFreezes { freezes } => self.release_freezes(&freezes),
        }
    }

    /// The configuration under which this member acts now.
    pub(super) fn lives(&self) -> Result<&CheckedConfiguration, Unmet> {
        match self.standing() {
            Standing { doubled, .. } if !doubled.is_empty() => Err(Unmet::ConfigurationsDoubled),
            Standing { active, .. } => active.ok_or(Unmet::NotActive),
        }
    }
}

fn one(action: Action) -> Verdict<Vec<Action>> {
    Verdict::Allowed(vec![action])
}

fn done() -> Verdict<Vec<Action>> {
    Verdict::Allowed(Vec::new())
}
