//! Why an installation did not do what it was asked, and as what kind of failure that is told.

use conclave_domain::event::EventFault;
use conclave_domain::guard::GuardFault;
use conclave_domain::invitation::InvitationFault;
use conclave_domain::log::Refusal;
use conclave_domain::psbt::PsbtFault;
use conclave_domain::vault::CommandFault;
use conclave_shared::request::{Failure, FailureKind};
use conclave_shared::{EventId, Unmet, VaultId};

use crate::chain::ChainError;
use crate::coins::CoinsError;
use crate::installation::ImportFault;
use crate::signer::SignerError;
use crate::store::StoreError;
use crate::tor::DoorError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum InstallationError {
    /// No such vault here.
    #[error("there is no vault {vault} in this installation")]
    UnknownVault {
        /// What was asked for.
        vault: VaultId,
    },
    /// The vault's record or wallet cannot be read.
    #[error("vault {vault} cannot be opened: {reason}; nothing of it was changed")]
    Unopened {
        /// The vault.
        vault: VaultId,
        /// What is wrong.
        reason: String,
    },
    /// The vault of an invitation is here already.
    #[error("this installation is a member of vault {vault} already")]
    AlreadyMember {
        /// The vault.
        vault: VaultId,
    },
    /// Rules forbid it, for now.
    #[error("not permitted: {}", .unmet.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Blocked {
        /// What is unmet.
        unmet: Vec<Unmet>,
    },
    /// This copy may be older than what the others have seen of it.
    #[error(
        "this installation was put back from an older copy, so it only reads: {have} of {need} members have told what it \
         said last. nothing is lost; wait until the others are there"
    )]
    ReadsOnly {
        /// How many have told.
        have: u32,
        /// How many must.
        need: u32,
    },
    /// There is nothing to read words of.
    #[error("there is no configuration yet: not every member has joined")]
    NoConfiguration,
    /// Not a keyholder's installation.
    #[error("this installation holds no key of the vault")]
    NoKey,
    /// A field of a request.
    #[error("field {field}: {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk or the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored event cannot be read.
    #[error("stored event {id} cannot be read: {fault}")]
    StoredEvent {
        /// Which.
        id: EventId,
        /// What is wrong.
        fault: EventFault,
    },
    /// The stored identity is not a key.
    #[error("the stored identity key cannot be used")]
    StoredIdentity,
    /// An event of the installation's own chain could not be made.
    #[error("the installation's own chain could not be continued: {reason}")]
    OwnChain {
        /// What failed.
        reason: String,
    },
    /// A vault that is set up by rules that ask for no proof of key.
    #[error(
        "the vault is being set up by rules version {rules}, which asks nobody to prove their key: nothing was ratified. \
         the organiser must update the program and make a new vault"
    )]
    RulesOld {
        /// The version.
        rules: u32,
    },
    /// The machine gives no randomness.
    #[error("this machine gives no randomness: {reason}")]
    Randomness {
        /// What the system said.
        reason: String,
    },
    /// An event of our own making was refused by our own log.
    #[error("an own event was refused: {0}")]
    OwnEvent(Refusal),
    /// An event could not be made.
    #[error(transparent)]
    Event(#[from] EventFault),
    /// The invitation.
    #[error(transparent)]
    Invitation(#[from] InvitationFault),
    /// A PSBT from which nothing was taken.
    #[error(transparent)]
    Import(#[from] ImportFault),
    /// The command.
    #[error(transparent)]
    Command(#[from] CommandFault),
    /// The guard cannot judge.
    #[error(transparent)]
    Guard(#[from] GuardFault),
    /// The PSBT cannot be finished.
    #[error(transparent)]
    Psbt(#[from] PsbtFault),
    /// The wallet.
    #[error(transparent)]
    Coins(#[from] CoinsError),
    /// The chain source.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// An address of a relay or server.
    #[error(transparent)]
    Door(#[from] DoorError),
}

impl InstallationError {
    /// Its fixed name: the innermost reason that has one.
    pub fn code(&self) -> String {
        let name: &'static str = match self {
            Self::Field { field, .. } => return format!("field-{}", field.replace(['_', ' '], "-")),
            Self::Store(error) => error.into(),
            Self::Event(error) => error.into(),
            Self::Invitation(error) => error.into(),
            Self::Import(fault) => fault.code(),
            Self::Command(error) => error.into(),
            Self::Guard(error) => error.into(),
            Self::Psbt(error) => error.into(),
            Self::Coins(error) => error.into(),
            Self::Chain(error) => error.into(),
            Self::Signer(error) => error.into(),
            Self::Door(error) => error.into(),
            Self::UnknownVault { .. }
            | Self::Unopened { .. }
            | Self::AlreadyMember { .. }
            | Self::Blocked { .. }
            | Self::ReadsOnly { .. }
            | Self::NoConfiguration
            | Self::NoKey
            | Self::StoredEvent { .. }
            | Self::StoredIdentity
            | Self::OwnChain { .. }
            | Self::RulesOld { .. }
            | Self::Randomness { .. }
            | Self::OwnEvent(_) => self.into(),
        };
        name.to_owned()
    }

    /// As it is told to whoever asked.
    pub fn failure(self) -> Failure {
        let (code, message) = (self.code(), self.to_string());
        let (kind, unmet) = match self {
            Self::Blocked { unmet } => (FailureKind::Rule, unmet),
            Self::Command(CommandFault::NothingToReplace { .. } | CommandFault::NotYours { .. }) => {
                (FailureKind::Rule, Vec::new())
            }
            Self::Coins(CoinsError::Funds { need, have }) => {
                (FailureKind::Rule, vec![Unmet::FundsMissing { need, have }])
            }
            Self::Command(
                CommandFault::WordsDiffer
                | CommandFault::PlaceDoubled { .. }
                | CommandFault::OwnEntryDiffers
                | CommandFault::KeyRefused(_)
                | CommandFault::VoteGiven { .. }
                | CommandFault::VoteTakenBack { .. }
                | CommandFault::Accepted { .. }
                | CommandFault::Succession(_),
            )
            | Self::NoConfiguration
            | Self::Command(CommandFault::NoConfiguration { .. })
            | Self::AlreadyMember { .. }
            | Self::RulesOld { .. }
            | Self::ReadsOnly { .. }
            | Self::NoKey => (FailureKind::Rule, Vec::new()),
            Self::Coins(
                CoinsError::CoinFrozen { .. }
                | CoinsError::CoinUnconfirmed { .. }
                | CoinsError::CoinNotFree { .. }
                | CoinsError::NotUnconfirmed { .. }
                | CoinsError::NothingToSpend { .. }
                | CoinsError::RateReached { .. },
            ) => (FailureKind::Rule, Vec::new()),
            Self::Coins(
                CoinsError::CoinUnknown { .. }
                | CoinsError::CoinNotFrozen { .. }
                | CoinsError::TooManyCoins { .. }
                | CoinsError::Dust,
            ) => (FailureKind::Input, Vec::new()),
            Self::Chain(_) | Self::Coins(CoinsError::FeeUnknown { .. } | CoinsError::Update { .. }) => {
                (FailureKind::Network, Vec::new())
            }
            Self::UnknownVault { .. }
            | Self::Field { .. }
            | Self::Event(_)
            | Self::Invitation(_)
            | Self::Import(_)
            | Self::Command(_)
            | Self::Guard(_)
            | Self::Psbt(_)
            | Self::Signer(SignerError::Words)
            | Self::Door(_) => (FailureKind::Input, Vec::new()),
            Self::Store(_)
            | Self::Unopened { .. }
            | Self::StoredEvent { .. }
            | Self::StoredIdentity
            | Self::OwnChain { .. }
            | Self::Randomness { .. }
            | Self::OwnEvent(_)
            | Self::Coins(_)
            | Self::Signer(_) => (FailureKind::Machine, Vec::new()),
        };
        Failure { kind, code, message, unmet }
    }
}
