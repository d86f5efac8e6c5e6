//! Why an installation did not do what it was asked, and as what kind of failure that is told.

use bitcoin::Network;
use conclave_domain::event::EventFault;
use conclave_domain::guard::GuardFault;
use conclave_domain::invitation::InvitationFault;
use conclave_domain::log::Refusal;
use conclave_domain::psbt::PsbtFault;
use conclave_domain::vault::CommandFault;
use conclave_domain::watched::DescriptorRefusal;
use conclave_shared::request::{Failure, FailureKind};
use conclave_shared::{EventId, Unmet, VaultId};

use crate::chain::ChainError;
use crate::coins::CoinsError;
use crate::installation::ImportFault;
use crate::labels::LabelError;
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
    /// The descriptor is watched already.
    #[error("this descriptor is watched already, as {vault}: nothing was changed")]
    AlreadyWatched {
        /// What it is named by.
        vault: VaultId,
    },
    /// Only watched descriptors are forgotten.
    #[error("{vault} is a vault and no watched descriptor: it stays")]
    NotWatched {
        /// Which.
        vault: VaultId,
    },
    /// As many descriptors are watched as one installation watches.
    #[error("{most} descriptors are watched, and no more can be: forget one first")]
    TooManyWatched {
        /// How many.
        most: usize,
    },
    /// A descriptor of another network.
    #[error("the descriptor is of another network: this program is for {network}")]
    DescriptorNetwork {
        /// Ours.
        network: Network,
    },
    /// A stored descriptor is not the one that it is named by.
    #[error("the stored descriptor of {vault} is not the one that was watched")]
    StoredDescriptor {
        /// What it is named by.
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
    /// The descriptor to watch.
    #[error("the descriptor was refused: {0}")]
    Descriptor(#[from] DescriptorRefusal),
    /// The labels.
    #[error(transparent)]
    Labels(#[from] LabelError),
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
            Self::Descriptor(refusal) => refusal.finding().name(),
            Self::Labels(error) => error.into(),
            Self::Store(error) => error.into(),
            Self::Event(error) => error.into(),
            Self::Invitation(error) => error.into(),
            Self::Import(fault) => fault.code(),
            Self::Command(CommandFault::Replacement(fault)) => fault.into(),
            Self::Command(error) => error.into(),
            Self::Guard(GuardFault::Psbt(error)) => error.into(),
            Self::Guard(error) => error.into(),
            Self::Psbt(error) => error.into(),
            Self::Coins(error) => error.into(),
            Self::Chain(ChainError::Address(error)) => error.into(),
            Self::Chain(error) => error.into(),
            Self::Signer(error) => error.into(),
            Self::Door(error) => error.into(),
            Self::UnknownVault { .. }
            | Self::Unopened { .. }
            | Self::AlreadyMember { .. }
            | Self::AlreadyWatched { .. }
            | Self::NotWatched { .. }
            | Self::TooManyWatched { .. }
            | Self::DescriptorNetwork { .. }
            | Self::StoredDescriptor { .. }
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
            | Self::AlreadyWatched { .. }
            | Self::TooManyWatched { .. }
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
            | Self::NotWatched { .. }
            | Self::DescriptorNetwork { .. }
            | Self::Descriptor(_)
            | Self::Labels(_)
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
            | Self::StoredDescriptor { .. }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use conclave_domain::replacement::ReplacementFault;
    use strum::VariantNames;

    use super::*;
    use crate::desktop::HostError;

    /// Variants that hold another failure, which then says the name.
    const HOLD_ANOTHER: [&str; 17] = [
        "field",
        "store",
        "event",
        "invitation",
        "command",
        "guard",
        "psbt",
        "coins",
        "chain",
        "signer",
        "door",
        "import",
        "descriptor",
        "labels",
        // Of the chain source, and of the window's program.
        "address",
        "refused",
        "installation",
    ];

    /// Findings in files and descriptors that come from outside, and what else is said of them.
    const OF_FILES: [&str; 13] = [
        "psbt-malformed",
        "outputs-changed",
        "sighash-unexpected",
        "signature-invalid",
        "finals-prefilled",
        "oversize",
        "not-supported",
        "key-duplicated",
        "psbt-unsigned",
        "checksum-wrong",
        "descriptor-malformed",
        "private-key-inside",
        "request-malformed",
    ];

    fn sources(folder: &Path, files: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, files);
            } else {
                files.extend(std::fs::read_to_string(path));
            }
        }
    }

    /// The names of fields that are refused anywhere in the program, out of its sources.
    fn fields() -> BTreeSet<String> {
        let mut files = Vec::new();
        for folder in ["installation", "record"] {
            sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src").join(folder), &mut files);
        }
        let ways = ["field: \"", "field(\"", "gone(\""];
        let named = ways.iter().flat_map(|way| files.iter().flat_map(|text| text.split(*way).skip(1)));
        let names = named.filter_map(|rest| rest.split_once('"')).map(|(name, _)| name);
        let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        names.filter(is_name).map(|name| format!("field-{}", name.replace(['_', ' '], "-"))).collect()
    }

    /// Every fixed name that a failure can have when it leaves the program.
    fn codes() -> BTreeSet<String> {
        let all = [
            InstallationError::VARIANTS,
            StoreError::VARIANTS,
            EventFault::VARIANTS,
            InvitationFault::VARIANTS,
            CommandFault::VARIANTS,
            GuardFault::VARIANTS,
            PsbtFault::VARIANTS,
            CoinsError::VARIANTS,
            ChainError::VARIANTS,
            SignerError::VARIANTS,
            DoorError::VARIANTS,
            LabelError::VARIANTS,
            ReplacementFault::VARIANTS,
            HostError::VARIANTS,
        ];
        let names = all.into_iter().flatten().filter(|name| !HOLD_ANOTHER.contains(name));
        let names = names.chain(&OF_FILES).chain(&["stopped"]);
        names.map(|name| (*name).to_owned()).chain(fields()).collect()
    }

    /// The names of all messages of a language.
    fn messages(language: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/messages").join(language);
        let mut files = Vec::new();
        sources(&folder, &mut files);
        let lines = files.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with([' ', '#', '-']));
        lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().to_owned()).collect()
    }

    #[test]
    fn every_failure_has_words_in_every_language() {
        let codes = codes();
        assert!(codes.contains("field-own-network") && codes.contains("wrong-passphrase"), "{codes:?}");
        for language in ["en", "ru", "cs"] {
            let known = messages(language);
            let missing: Vec<&String> =
                codes.iter().filter(|code| !known.contains(&format!("failure-{code}"))).collect();
            assert!(missing.is_empty(), "ui/messages/{language}/failure.ftl has no failure-... for {missing:?}");
            for kind in ["rule", "input", "network", "machine"] {
                assert!(known.contains(&format!("failure-kind-{kind}")), "failure-kind-{kind} in {language}");
            }
        }
    }

    #[test]
    fn the_innermost_failure_says_the_name() {
        let address = || DoorError::NotLoopback { text: "10.0.0.1:1".to_owned() };
        for (error, code) in [
            (InstallationError::Chain(ChainError::Address(address())), "not-loopback"),
            (InstallationError::Door(address()), "not-loopback"),
            (
                InstallationError::Guard(GuardFault::Psbt(PsbtFault::Malformed { reason: String::new() })),
                "psbt-malformed",
            ),
            (InstallationError::Store(StoreError::WrongPassphrase), "wrong-passphrase"),
            (InstallationError::Field { field: "fee_rate", reason: String::new() }, "field-fee-rate"),
            (InstallationError::NoKey, "no-key"),
        ] {
            assert_eq!(error.failure().code, code);
        }
        let host = HostError::Installation(InstallationError::Store(StoreError::InUse));
        assert_eq!(host.failure().code, "in-use");
        assert_eq!(HostError::QrNone.failure().code, "qr-none");
    }
}
