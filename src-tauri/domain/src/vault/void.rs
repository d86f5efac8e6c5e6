//! Why an event that was admitted has no effect.

use bitcoin::OutPoint;
use conclave_shared::{Cfg, EventId, MemberId};

use super::EXPIRY_DAYS;
use crate::configuration::ConfigurationFault;
use crate::key_proof::KeyProofFault;
use crate::proposal::ProposalFault;
use crate::replacement::ReplacementFault;
use crate::succession::SuccessionFault;
use crate::vault::freeze::{FREEZES_LIMIT, REASON_LIMIT};
use crate::vault::state::KeyRefusal;

/// Why an admitted event is without effect. It is kept, and fills its number in its author's chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Void {
    /// Its content is no action.
    #[error("its content is malformed: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// An action of a newer program.
    #[error("its action {kind:?} is unknown to this program")]
    Unknown {
        /// The action's type.
        kind: String,
    },
    /// A second creation, or one that the invitation does not name.
    #[error("the vault was created by another event")]
    CreatedElsewhere,
    /// Joining without a place: unknown, expired, or not proven.
    #[error("the author has no invitation: {reason}")]
    NotInvited {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The author has done it already, and it counts once.
    #[error("the author has done it already")]
    Again,
    /// Its configuration cannot be lived by.
    #[error("{0}")]
    Configuration(#[from] ConfigurationFault),
    /// Its configuration is not made of those who joined.
    #[error("the configuration differs from what {member} joined with, or leaves members out")]
    MembersDiffer {
        /// The first member that differs.
        member: MemberId,
    },
    /// Its configuration's keys are refused.
    #[error("{0}")]
    KeyRefused(#[from] KeyRefusal),
    /// A proof of key that proves nothing.
    #[error("it does not prove the key (key-unproven): {0}")]
    KeyUnproven(#[from] KeyProofFault),
    /// A ratification by who has not seen every key proven.
    #[error("its author had not seen that {member} holds the key in the configuration (key-unproven)")]
    ProofNotInPast {
        /// Whose key.
        member: MemberId,
    },
    /// It names a configuration, proposal or address that its author cannot have known.
    #[error("it names a {what} that is not in its past")]
    NotInPast {
        /// What it names.
        what: &'static str,
    },
    /// The configuration that it was made under was not accepted by all in its past.
    #[error("it was made under a configuration that was not accepted then")]
    NotActive,
    /// The author is not a member with the right to do it.
    #[error("its author has no right to do it")]
    NoRight,
    /// The payment does not hold together.
    #[error("{0}")]
    Proposal(#[from] ProposalFault),
    /// It does not replace the payment that it says it replaces.
    #[error("{0}")]
    Replacement(#[from] ReplacementFault),
    /// A reservation for no time, or for too long.
    #[error("it expires before it is proposed, or more than {EXPIRY_DAYS} days later")]
    Expiry,
    /// A configuration that may not follow its parent.
    #[error("{0}")]
    Succession(#[from] SuccessionFault),
    /// Made under a configuration that another had followed, as its author knew.
    #[error("another configuration had followed the one that it was made under")]
    Superseded,
    /// A vote by who has voted for another configuration and not taken that back.
    #[error("its author's vote is given to configuration {to}")]
    VoteGiven {
        /// For which.
        to: Cfg,
    },
    /// A freeze whose reason is too long, or could rewrite what stands around it on a screen.
    #[error("its reason has more than {REASON_LIMIT} characters, or control characters")]
    Reason,
    /// A release that names no freeze, or too many.
    #[error("it names {found} freezes, it must name 1 to {FREEZES_LIMIT}")]
    TooManyFreezes {
        /// How many.
        found: usize,
    },
    /// Without effect by an earlier judgement of this program; the reason as it was noted.
    #[error("{reason}")]
    Noted {
        /// Its fixed name.
        code: String,
        /// What was said.
        reason: String,
    },
    /// A coin that its author knew to be reserved.
    #[error("coin {coin} was reserved by proposal {by}")]
    CoinReserved {
        /// The coin.
        coin: OutPoint,
        /// Who holds it.
        by: EventId,
    },
    /// What it binds is not what was proposed.
    #[error("its digest or transaction is not the proposal's")]
    DigestDiffers,
    /// A signature that is not valid over the proposed transaction.
    #[error("a signature on input {input} is not valid")]
    SignatureInvalid {
        /// Which input.
        input: u32,
    },
    /// An address so far out that nobody watches it.
    #[error("index {index} is too far beyond the addresses used before")]
    IndexAhead {
        /// The index.
        index: u32,
    },
    /// An address that the descriptor does not derive.
    #[error("its address does not derive from the descriptor")]
    AddressDiffers,
    /// It speaks of another configuration than the one that it was made under.
    #[error("it speaks of configuration {cfg}, which is not the one that it was made under")]
    OtherConfiguration {
        /// Of which.
        cfg: Cfg,
    },
}

impl Void {
    /// Its fixed name, in kebab case: of a payment and of keys that of the innermost reason.
    pub fn code(&self) -> &str {
        match self {
            Void::KeyRefused(refusal) => refusal.finding().name(),
            Void::Proposal(fault) => fault.into(),
            Void::Replacement(fault) => fault.into(),
            Void::Noted { code, .. } => code,
            Void::Malformed { .. }
            | Void::Unknown { .. }
            | Void::CreatedElsewhere
            | Void::NotInvited { .. }
            | Void::Again
            | Void::Configuration(_)
            | Void::KeyUnproven(_)
            | Void::Succession(_)
            | Void::MembersDiffer { .. }
            | Void::ProofNotInPast { .. }
            | Void::NotInPast { .. }
            | Void::NotActive
            | Void::NoRight
            | Void::Expiry
            | Void::Superseded
            | Void::VoteGiven { .. }
            | Void::Reason
            | Void::TooManyFreezes { .. }
            | Void::CoinReserved { .. }
            | Void::DigestDiffers
            | Void::SignatureInvalid { .. }
            | Void::IndexAhead { .. }
            | Void::AddressDiffers
            | Void::OtherConfiguration { .. } => self.into(),
        }
    }
}
