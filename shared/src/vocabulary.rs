//! The closed words of Conclave: roles, statuses, what is unmet, what the guard found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EventId, MemberId, Sat};

/// What a member may do in a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Has a key in the descriptor.
    Keyholder,
    /// Gives business approval, has no key.
    Approver,
    /// A keyholder of an escrow deal who decides disputes.
    Mediator,
    /// Reads, verifies, attests; cannot act.
    Auditor,
    /// An automatic keyholder, run headless.
    Signer,
}

impl Role {
    /// Its name, as on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Role::Keyholder => "keyholder",
            Role::Approver => "approver",
            Role::Mediator => "mediator",
            Role::Auditor => "auditor",
            Role::Signer => "signer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A vault that is set up by one word: how many must sign, and what each place is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Template {
    /// Five equal keys of people who do not trust one another much; three sign.
    #[serde(rename = "low-trust-3-of-5")]
    LowTrust3Of5,
    /// A desk's key, its backup, and the key of a security team that signs after a check; two sign.
    #[serde(rename = "hot-2-of-3")]
    Hot2Of3,
    /// Buyer, seller, and a mediator who decides disputes; two sign.
    #[serde(rename = "escrow-2-of-3")]
    Escrow2Of3,
}

impl Template {
    /// All of them.
    pub const ALL: [Template; 3] = [Template::LowTrust3Of5, Template::Hot2Of3, Template::Escrow2Of3];

    /// The fixed name.
    pub fn name(self) -> &'static str {
        match self {
            Template::LowTrust3Of5 => "low-trust-3-of-5",
            Template::Hot2Of3 => "hot-2-of-3",
            Template::Escrow2Of3 => "escrow-2-of-3",
        }
    }
}

/// What is known of a keyholder's key during set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// Nobody has shown yet that the member holds it.
    Unproven,
    /// It has signed the nonces of all members.
    Proven,
}

/// How far the set-up of a vault has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VaultStatus {
    /// Invitations are out, not every place is taken.
    Gathering,
    /// A configuration is proposed, and not every keyholder has proven to hold the key in it.
    Proving,
    /// A configuration is proposed and waits for ratifications.
    Ratifying,
    /// Every keyholder has ratified one configuration.
    Active,
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalStatus {
    /// Waits for approvals.
    Proposed,
    /// Has its approvals, waits for signatures.
    Approved,
    /// Has its approvals and signatures, waits to be finalised and sent.
    Signed,
    /// Sent to the bitcoin network.
    Broadcast,
    /// In a block.
    Confirmed,
    /// A member refused it.
    Rejected,
    /// It was not signed in the time that its proposer gave it: its coins are free.
    Expired,
    /// Another transaction spends one of its coins: a payment of this vault that is sent, or whatever is in a block.
    Replaced,
}

/// What a payment that replaces another does to it, computed from both transactions, whatever the proposer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplacementKind {
    /// The same recipients get the same amounts: more goes to miners and less comes back.
    FeeBump,
    /// Nobody outside the vault gets anything: all comes back, less the fee.
    Cancel,
    /// Others are paid, or other amounts: a payment of its own, to be judged as such.
    OtherPayment,
}

/// A danger that was found: by the guard in a payment, or by the record in what members, relays and disks did. Each has
/// one fixed name, the same in code, screens and documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The transaction is not the one that was proposed.
    TransactionNotProposed,
    /// An input is not a coin of this vault.
    InputNotOurs,
    /// The change would not come back to this vault.
    ChangeNotOurs,
    /// The full previous transaction of an input is missing.
    PreviousTransactionMissing,
    /// The previous transaction is not the one that the input names.
    PreviousTransactionForeign,
    /// An input's amount differs from what its previous transaction proves.
    AmountUnproven,
    /// A signature type other than ALL is asked for.
    SighashUnexpected,
    /// The transaction came with final scripts already filled in.
    FinalsPrefilled,
    /// One coin is spent twice in the transaction.
    InputDuplicated,
    /// More goes out than comes in.
    FeeNegative,
    /// It can be sent only after a block that is not there yet.
    LocktimeAhead,
    /// The fee is over 20 000 sat and over 10 % of what leaves, or over 0.01 BTC.
    FeeAbsurd,
    /// A member signed two events with one number: they told different members different stories.
    TwoStories,
    /// An event does not follow the event that it names as its author's last.
    ChainBroken,
    /// An event's id or signature is not valid.
    EventForged,
    /// A message is not of the protocol's form.
    MessageMalformed,
    /// Somebody who is not a member sent a message.
    StrangerRefused,
    /// A member sent more events that wait for missing ones than are kept.
    FloodRefused,
    /// What was handed to a relay does not arrive, or arrives by another way only.
    RelayWithholds,
    /// An event was written more than 15 minutes ahead of this machine's clock.
    ClockAhead,
    /// A member with rights used an action that this program does not know.
    ActionUnknown,
    /// This installation is older than what the others have seen of it.
    BackupRestored,
    /// One invitation was used by several.
    InvitationDoubled,
    /// The words heard from the others are not this installation's own.
    WordsDiffer,
    /// Two configurations that follow one were both accepted.
    DoubleVote,
    /// The database is not what this program wrote.
    DatabaseDamaged,
    /// Money comes back at an index more than 1 000 past the last used one.
    ChangeIndexFar,
    /// The fingerprint or path claimed for a key is not the descriptor's.
    OriginSwapped,
    /// One key stands twice: in a map of a PSBT, or in a descriptor.
    KeyDuplicated,
    /// A redeem or witness script does not hash to what is spent or paid.
    ScriptMismatch,
    /// A signature does not verify, or is by a key that the coin does not ask for.
    SignatureInvalid,
    /// The file is not a PSBT.
    PsbtMalformed,
    /// Larger than is read, or than the network carries.
    Oversize,
    /// Files of different transactions were to be combined.
    OutputsChanged,
    /// The fee comes from an amount that nothing proves.
    FeeUnverified,
    /// Two files say different things in one field.
    FieldsConflict,
    /// A key that is to sign is not in the descriptor.
    KeyForeign,
    /// The text is not a descriptor.
    DescriptorMalformed,
    /// The checksum of a descriptor is another.
    ChecksumWrong,
    /// A form that is known, but not handled.
    NotSupported,
    /// A private key stands where public ones belong.
    PrivateKeyInside,
    /// A key has not signed the members' nonces: whose it is, is not shown.
    KeyUnproven,
    /// A configuration names another key for a member than the one that the member joined with.
    OwnKeySwapped,
    /// A key comes without the fingerprint and path of the seed that it is derived from.
    OriginUnknown,
    /// A member's program derives another address than the one that was given out.
    AddressDiffers,
}

impl Finding {
    /// The fixed name, as in documents.
    pub fn name(self) -> &'static str {
        match self {
            Finding::TransactionNotProposed => "transaction-not-proposed",
            Finding::InputNotOurs => "input-not-ours",
            Finding::ChangeNotOurs => "change-not-ours",
            Finding::PreviousTransactionMissing => "previous-transaction-missing",
            Finding::PreviousTransactionForeign => "previous-transaction-foreign",
            Finding::AmountUnproven => "amount-unproven",
            Finding::SighashUnexpected => "sighash-unexpected",
            Finding::FinalsPrefilled => "finals-prefilled",
            Finding::InputDuplicated => "input-duplicated",
            Finding::FeeNegative => "fee-negative",
            Finding::LocktimeAhead => "locktime-ahead",
            Finding::FeeAbsurd => "fee-absurd",
            Finding::TwoStories => "two-stories",
            Finding::ChainBroken => "chain-broken",
            Finding::EventForged => "event-forged",
            Finding::MessageMalformed => "message-malformed",
            Finding::StrangerRefused => "stranger-refused",
            Finding::FloodRefused => "flood-refused",
            Finding::RelayWithholds => "relay-withholds",
            Finding::ClockAhead => "clock-ahead",
            Finding::ActionUnknown => "action-unknown",
            Finding::BackupRestored => "backup-restored",
            Finding::InvitationDoubled => "invitation-doubled",
            Finding::WordsDiffer => "words-differ",
            Finding::DoubleVote => "double-vote",
            Finding::DatabaseDamaged => "database-damaged",
            Finding::ChangeIndexFar => "change-index-far",
            Finding::OriginSwapped => "origin-swapped",
            Finding::KeyDuplicated => "key-duplicated",
            Finding::ScriptMismatch => "script-mismatch",
            Finding::SignatureInvalid => "signature-invalid",
            Finding::PsbtMalformed => "psbt-malformed",
            Finding::Oversize => "oversize",
            Finding::OutputsChanged => "outputs-changed",
            Finding::FeeUnverified => "fee-unverified",
            Finding::FieldsConflict => "fields-conflict",
            Finding::KeyForeign => "key-foreign",
            Finding::DescriptorMalformed => "descriptor-malformed",
            Finding::ChecksumWrong => "checksum-wrong",
            Finding::NotSupported => "not-supported",
            Finding::PrivateKeyInside => "private-key-inside",
            Finding::KeyUnproven => "key-unproven",
            Finding::OwnKeySwapped => "own-key-swapped",
            Finding::OriginUnknown => "origin-unknown",
            Finding::AddressDiffers => "address-differs",
        }
    }

    /// The danger in plain words, before the term.
    pub fn danger(self) -> &'static str {
        match self {
            Finding::TransactionNotProposed => "the transaction is not the one that was proposed",
            Finding::InputNotOurs => "it spends a coin that is not this vault's",
            Finding::ChangeNotOurs => "the change would not come back to this vault",
            Finding::PreviousTransactionMissing => {
                "an input's amount cannot be proven without its previous transaction"
            }
            Finding::PreviousTransactionForeign => "a previous transaction is not the one that the input names",
            Finding::AmountUnproven => "an input's amount is not what the chain says",
            Finding::SighashUnexpected => "a signature would not cover the whole transaction",
            Finding::FinalsPrefilled => "it came with signatures already filled in",
            Finding::InputDuplicated => "it spends one coin twice",
            Finding::FeeNegative => "more would go out than comes in",
            Finding::LocktimeAhead => "it could be held back and sent when it is forgotten",
            Finding::FeeAbsurd => "the fee is absurdly high",
            Finding::TwoStories => {
                "a member told different members different stories: their consents and proposals no longer count here"
            }
            Finding::ChainBroken => "an event does not follow the one that its author wrote before it",
            Finding::EventForged => "an event is not signed by the member in whose name it came",
            Finding::MessageMalformed => "a message that no honest program writes came in",
            Finding::StrangerRefused => "somebody who is not a member sent a message",
            Finding::FloodRefused => "a member sends more than is kept of what waits for missing events",
            Finding::RelayWithholds => "a relay keeps messages back",
            Finding::ClockAhead => "a member's clock is far ahead of this machine's, or this machine's is behind",
            Finding::ActionUnknown => "a member uses a newer program: nothing is permitted until this one is updated",
            Finding::BackupRestored => {
                "this installation was put back from an older copy: it only reads until the others have told what it said last"
            }
            Finding::InvitationDoubled => "one invitation was used by several: one of them is not who was invited",
            Finding::WordsDiffer => "the words of the others differ: they may hold other keys",
            Finding::DoubleVote => {
                "two successors of one configuration were accepted: somebody voted twice, and nothing is permitted until the others have voted again"
            }
            Finding::DatabaseDamaged => "the database is not what this program wrote",
            Finding::ChangeIndexFar => "the change would come back at an index where no program looks for it",
            Finding::OriginSwapped => "a key's origin is claimed otherwise than the descriptor says",
            Finding::KeyDuplicated => "one key stands twice",
            Finding::ScriptMismatch => "a script is not the one that the coin asks for",
            Finding::SignatureInvalid => "a signature is not valid",
            Finding::PsbtMalformed => "it is not a PSBT that can be read",
            Finding::Oversize => "it is too large",
            Finding::OutputsChanged => "the files are of different transactions",
            Finding::FeeUnverified => "the fee cannot be proven",
            Finding::FieldsConflict => "two files contradict each other",
            Finding::KeyForeign => "the key is not one of this wallet",
            Finding::DescriptorMalformed => "it is not a descriptor that can be read",
            Finding::ChecksumWrong => "the descriptor was changed or mistyped",
            Finding::NotSupported => "its form is known, but not supported",
            Finding::PrivateKeyInside => "there is a private key inside",
            Finding::KeyUnproven => "a member has not shown that they hold the key that stands under their name",
            Finding::OwnKeySwapped => "a configuration names another key for a member than their own",
            Finding::OriginUnknown => "a key does not say which seed and path it comes from",
            Finding::AddressDiffers => "a member's program derives another deposit address: pay nothing to it",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.danger(), self.name())
    }
}

/// One condition that keeps an action from being permitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "unmet", rename_all = "kebab-case"))]
pub enum Unmet {
    /// No configuration is ratified by all keyholders yet.
    NotActive,
    /// The vault's rules, or an action in its log, are newer than this program.
    RulesUnknown,
    /// The payment was proposed under a configuration that another has followed: it must be proposed again.
    ConfigurationChanged,
    /// Two configurations that follow one were both accepted: nothing is permitted until a vote has settled it.
    ConfigurationsDoubled,
    /// This program's member has no right to do it.
    RoleMissing {
        /// The role that is needed.
        needs: Role,
    },
    /// More members have to approve.
    ApprovalsMissing {
        /// How many have approved.
        have: u32,
        /// How many must.
        need: u32,
    },
    /// More members of a role have to approve: so many of the approvals must be theirs.
    RoleApprovalsMissing {
        /// The role.
        role: Role,
        /// How many of them have approved.
        have: u32,
        /// How many must.
        need: u32,
    },
    /// It pays an address that the policy denies.
    DestinationDenied {
        /// The address, or the script in hex where it has none.
        address: String,
    },
    /// It pays an address that is not on the policy's list of those that may be paid.
    DestinationNotAllowed {
        /// The address, or the script in hex where it has none.
        address: String,
    },
    /// A keyholder has frozen the vault, and the freeze is not released.
    Frozen {
        /// Who.
        by: MemberId,
        /// Since when, in ms since 1970, by that member's word.
        since_ms: u64,
    },
    /// More keyholders have to sign.
    SignaturesMissing {
        /// How many have signed every input.
        have: u32,
        /// How many must.
        need: u32,
    },
    /// A member refused the proposal.
    Rejected {
        /// Who.
        by: MemberId,
    },
    /// The proposal is broadcast or confirmed, or a transaction in a block spends one of its coins.
    Ended,
    /// Another open proposal holds one of the coins.
    CoinReserved {
        /// The other proposal.
        by: EventId,
    },
    /// It was not signed in the time that its proposer gave it: propose it again.
    Expired {
        /// When the time was over, in ms since 1970.
        at_ms: u64,
    },
    /// The proposal was void where it stood in the log.
    Void,
    /// A member has not asked the others to prove their keys yet.
    ChallengeMissing {
        /// Who.
        by: MemberId,
    },
    /// A keyholder has not proven to hold the key that stands under their name.
    KeyProofMissing {
        /// Who.
        by: MemberId,
    },
    /// The member told two stories: their approvals and proposals do not count.
    TwoStories {
        /// Who.
        by: MemberId,
    },
    /// This key has signed already.
    AlreadySigned,
    /// The guard found a danger.
    Danger {
        /// Which.
        finding: Finding,
    },
    /// Not enough confirmed coins.
    FundsMissing {
        /// What the payment needs, fee included.
        need: Sat,
        /// What can be spent now.
        have: Sat,
    },
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmet::NotActive => write!(f, "the vault is not active: not every keyholder has ratified"),
            Unmet::ConfigurationChanged => {
                write!(f, "the vault's configuration has changed: propose the payment again")
            }
            Unmet::ConfigurationsDoubled => {
                write!(f, "two configurations were accepted at once: the keyholders must vote to settle it")
            }
            Unmet::RulesUnknown => write!(f, "the vault's rules are newer than this program: update it"),
            Unmet::RoleMissing { needs } => write!(f, "only a member with the role {needs:?} can do this"),
            Unmet::ApprovalsMissing { have, need } => write!(f, "{have} of {need} approvals are given"),
            Unmet::RoleApprovalsMissing { role, have, need } => {
                write!(f, "{have} of {need} approvals by members with the role {role} are given")
            }
            Unmet::DestinationDenied { address } => write!(f, "address {address} is on the list of those never paid"),
            Unmet::DestinationNotAllowed { address } => {
                write!(f, "address {address} is not on the list of those that may be paid")
            }
            Unmet::Frozen { by, .. } => {
                write!(f, "member {} has frozen the vault: nothing goes on until the freeze is released", by.short())
            }
            Unmet::SignaturesMissing { have, need } => write!(f, "{have} of {need} keyholders have signed"),
            Unmet::Rejected { by } => write!(f, "member {} rejected it", by.short()),
            Unmet::Ended => write!(f, "the payment is over: it is sent, or one of its coins is spent"),
            Unmet::CoinReserved { by } => write!(f, "proposal {} holds one of its coins", by.short()),
            Unmet::Expired { .. } => {
                write!(f, "it was not signed in the time that its proposer gave it: propose it again")
            }
            Unmet::Void => write!(f, "the proposal is void"),
            Unmet::ChallengeMissing { by } => {
                write!(f, "the nonce of member {} is not here yet: wait until their program has sent it", by.short())
            }
            Unmet::KeyProofMissing { by } => {
                write!(f, "member {} has not proven to hold the key in the configuration (key-unproven)", by.short())
            }
            Unmet::TwoStories { by } => write!(f, "member {} told two stories", by.short()),
            Unmet::AlreadySigned => write!(f, "this key has signed already"),
            Unmet::Danger { finding } => write!(f, "{finding}"),
            Unmet::FundsMissing { need, have } => write!(f, "{need} are needed, {have} can be spent"),
        }
    }
}

/// What changed, told to the window; the window then asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Whether the installation is open, or a setting.
    State,
    /// Something about its vaults.
    Vaults,
    /// The practice vault's steps or members.
    Practice,
}
