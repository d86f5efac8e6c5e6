//! One struct per request, and the replies. Every face (window, command line, another process) speaks these.

mod payment;
mod wallet;

use serde::{Deserialize, Serialize};

use crate::policy::{Policy, PolicyChange};
use crate::record::{EntryView, FaultView, VerifiedView};
use crate::secret::SecretText;
use crate::view::{
    AddressCheckView, AddressesView, CandidateView, CoinsView, DescriptorView, FeesView, HistoryView, InvitationView,
    LabelsImportedView, PolicyView, PreviewView, ProposalView, SuccessorView, TakenView, TransactionsView,
    UnopenedView, VaultView, WatchedView,
};
use crate::{Cfg, EventId, MemberId, Recovery, Role, Sat, ScriptKind, Template, Unmet, VaultId};

pub use payment::{CheckAddress, ImportPsbt};
pub use wallet::{
    CheckDescriptor, ImportLabels, Labelled, ListAddresses, SetChainSource, SetLabel, ShowHistory, WatchDescriptor,
};

/// Make a vault and the invitations for its other members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateVault {
    /// Its name.
    pub name: String,
    /// The organiser's own name.
    pub member: String,
    /// What the vault is for: fills in its places and how many must sign.
    #[serde(default)]
    pub template: Option<Template>,
    /// Which place the organiser takes, by its title; none for the first.
    #[serde(default)]
    pub place: Option<String>,
    /// Signatures that a payment needs (M); 0 where a template says it.
    pub threshold: u32,
    /// Keys in the descriptor (N), the organiser's included; 0 where a template says it.
    pub keyholders: u32,
    /// Members who approve payments and have no key.
    #[serde(default)]
    pub approvers: u32,
    /// Read-only members.
    pub auditors: u32,
    /// Relays that carry the members' messages: `ws://127.0.0.1:PORT`. With a relay of one's own there may be none.
    pub relays: Vec<String>,
    /// Whether the organiser's own program serves a relay for this vault, behind an onion address. It is named first.
    #[serde(default)]
    pub own_relay: bool,
    /// Electrum server: `tcp://127.0.0.1:PORT`.
    pub chain: String,
    /// How long the invitations can be used, in seconds.
    pub invitation_seconds: u64,
    /// The policy that is put up for ratification; none: as many approvals as signatures, and nothing else. Approvals 0:
    /// as many as signatures.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// The kind of its addresses; none: the default, with a recovery `p2wsh-multi`.
    #[serde(default)]
    pub script: Option<ScriptKind>,
    /// A second way to spend coins that have lain still.
    #[serde(default)]
    pub recovery: Option<Recovery>,
}

/// Serve a relay for a vault from this member's own program, behind an onion address, or serve it no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRelay {
    /// The vault.
    pub vault: VaultId,
    /// Whether to serve it. The first time its key is made; the address stays the same from then on.
    pub served: bool,
}

/// Join a vault by an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinVault {
    /// The invitation's text.
    pub invitation: String,
    /// The joiner's name.
    pub member: String,
    /// Electrum server of the joiner's own choice: `tcp://127.0.0.1:PORT`.
    pub chain: String,
    /// The BIP39 words of the lost installation's software key: exactly where the invitation replaces a keyholder.
    #[serde(default)]
    pub seed_words: Option<SecretText>,
    /// Agreed that relays on the own network are reached in the clear and without Tor. Needed where the invitation names
    /// one: else whoever wrote it could make this machine knock at any device around it.
    #[serde(default)]
    pub own_network: bool,
}

/// Invite somebody into an active vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// The vault.
    pub vault: VaultId,
    /// What they will be: an auditor or an approver; a keyholder only with `replaces`.
    pub role: Role,
    /// The keyholder whose installation is lost, and whose key the invited one brings.
    #[serde(default)]
    pub replaces: Option<MemberId>,
    /// How long the invitation can be used, in seconds.
    pub invitation_seconds: u64,
}

/// A keyholder's lost identity, and the one that takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The lost one.
    pub old: MemberId,
    /// The new one.
    pub new: MemberId,
}

/// Propose a configuration that follows the vault's present one, and vote for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeChange {
    /// The vault.
    pub vault: VaultId,
    /// How many must approve a payment.
    #[serde(default)]
    pub approvals: Option<u32>,
    /// All relays from then on; none for those of now.
    #[serde(default)]
    pub relays: Vec<String>,
    /// Who has joined by an invitation and becomes a member.
    #[serde(default)]
    pub add: Vec<MemberId>,
    /// Who leaves.
    #[serde(default)]
    pub remove: Vec<MemberId>,
    /// Whose lost identity is replaced.
    #[serde(default)]
    pub replace: Vec<Replacement>,
    /// What is otherwise in the policy, beside `approvals`.
    #[serde(default)]
    pub policy: PolicyChange,
}

impl ProposeChange {
    /// A request that changes nothing yet.
    pub fn of(vault: VaultId) -> Self {
        let (add, remove, replace) = (Vec::new(), Vec::new(), Vec::new());
        Self { vault, approvals: None, relays: Vec::new(), add, remove, replace, policy: PolicyChange::default() }
    }
}

/// Stop all payments of a vault, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The vault.
    pub vault: VaultId,
    /// Why, for the others to read.
    pub reason: String,
}

/// Vote to release freezes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFreeze {
    /// The vault.
    pub vault: VaultId,
    /// Which; none named: all that stand as this installation sees it.
    #[serde(default)]
    pub freezes: Vec<EventId>,
}

/// A request about one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnConfiguration {
    /// The vault.
    pub vault: VaultId,
    /// The configuration.
    pub cfg: Cfg,
}

/// Vote for a configuration with the words heard from the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteChange {
    /// The vault.
    pub vault: VaultId,
    /// The configuration.
    pub cfg: Cfg,
    /// Its twelve words as the other members read them out.
    pub words: String,
}

/// Ratify the proposed configuration with the words heard from the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratify {
    /// The vault.
    pub vault: VaultId,
    /// The twelve words that the other members read out.
    pub words: String,
}

/// One recipient of a payment to propose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// The amount.
    pub amount: Sat,
}

/// Propose a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Propose {
    /// The vault.
    pub vault: VaultId,
    /// Who gets what.
    pub recipients: Vec<Recipient>,
    /// The address that gets all that is left of the coins after recipients and fee; none: it comes back as change.
    #[serde(default)]
    pub all: Option<String>,
    /// Spend exactly these coins, each as `TXID:VOUT`; none named: what is needed of the free ones, or with `all` all free.
    #[serde(default)]
    pub coins: Vec<String>,
    /// Fee rate in whole sat/vB.
    pub fee_rate: u64,
    /// Thousandths of a sat/vB on top of that.
    #[serde(default)]
    pub fee_rate_milli: u64,
    /// How long it holds its coins and may be signed, in seconds; none: 7 days. At most 30 days.
    #[serde(default)]
    pub expires_seconds: Option<u64>,
    /// Why.
    pub purpose: String,
    /// By the vault's recovery: of coins that have lain their time, signed by its quorum.
    #[serde(default)]
    pub recovery: bool,
}

/// Sign a payment with a key that this installation does not hold: of a recovery that has keys of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignWith {
    /// The vault.
    pub vault: VaultId,
    /// The proposal.
    pub proposal: EventId,
    /// The key's BIP39 words. They are not kept.
    pub seed_words: SecretText,
}

impl Propose {
    /// A payment of free coins by the members' quorum, with change, for 7 days.
    pub fn new(vault: VaultId, recipients: Vec<Recipient>, fee_rate: u64, purpose: String) -> Self {
        let (all, coins, expires_seconds) = (None, Vec::new(), None);
        Self { vault, recipients, all, coins, fee_rate, fee_rate_milli: 0, expires_seconds, purpose, recovery: false }
    }
}

/// Propose a payment that does something about another: see [`Request::BumpPayment`] and [`Request::CancelPayment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reprice {
    /// The vault.
    pub vault: VaultId,
    /// The payment to be replaced.
    pub proposal: EventId,
    /// Fee rate in whole sat/vB.
    pub fee_rate: u64,
    /// Thousandths of a sat/vB on top of that.
    #[serde(default)]
    pub fee_rate_milli: u64,
}

/// Propose to spend a coin of an unconfirmed transaction back to the vault, so that miners take both for one fee rate (CPFP).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeedUp {
    /// The vault.
    pub vault: VaultId,
    /// A payment by the id of its proposal, or any transaction that pays to the vault by its txid.
    pub parent: String,
    /// Fee rate that both come to, in whole sat/vB.
    pub fee_rate: u64,
    /// Thousandths of a sat/vB on top of that.
    #[serde(default)]
    pub fee_rate_milli: u64,
}

/// A vault's coins, newest first, a part at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCoins {
    /// The vault.
    pub vault: VaultId,
    /// Only those that follow this one in the list: the last one that was shown, `txid:output`.
    #[serde(default)]
    pub after: Option<String>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// A request about one coin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCoin {
    /// The vault.
    pub vault: VaultId,
    /// The coin, as `TXID:VOUT`.
    pub coin: String,
}

/// A request about one proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnProposal {
    /// The vault.
    pub vault: VaultId,
    /// The id of its `proposed` event.
    pub proposal: EventId,
}

/// A request about one vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnVault {
    /// The vault.
    pub vault: VaultId,
}

/// The transactions of a vault's coins, newest first, a part at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTransactions {
    /// The vault.
    pub vault: VaultId,
    /// Only those that follow this one in the list: the last one that was shown, by its id.
    #[serde(default)]
    pub before: Option<String>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// The record of a vault in plain words, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowRecord {
    /// The vault.
    pub vault: VaultId,
    /// Only events of this member: a name, or an id. Of several with one name all are meant.
    #[serde(default)]
    pub by: Option<String>,
    /// Only events of this type, as on the wire, or `unknown` or `malformed`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Only events without effect.
    #[serde(default)]
    pub void: bool,
    /// Only the last so many of what is left.
    #[serde(default)]
    pub last: Option<u64>,
}

/// Everything that a face can ask of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Make a vault.
    CreateVault(CreateVault),
    /// Join one.
    JoinVault(JoinVault),
    /// Serve a relay of one's own for a vault, or serve it no more.
    HostRelay(HostRelay),
    /// The vaults of this installation.
    ListVaults,
    /// One vault.
    ShowVault(OnVault),
    /// The roster words of the configuration that is proposed or accepted.
    RosterWords(OnVault),
    /// Ratify.
    Ratify(Ratify),
    /// Issue the next deposit address.
    IssueAddress(OnVault),
    /// Propose a payment.
    Propose(Propose),
    /// Consent to a payment.
    Approve(OnProposal),
    /// Propose the same payment with a higher fee, in the place of one that is not in a block (RBF).
    BumpPayment(Reprice),
    /// Propose to take a payment's coins back to the vault, in the place of one that is not in a block (RBF).
    CancelPayment(Reprice),
    /// Propose to speed up a transaction by spending what the vault got from it (CPFP).
    SpeedUp(SpeedUp),
    /// Refuse a payment.
    Reject(OnProposal),
    /// Take an own proposal back.
    Withdraw(OnProposal),
    /// A vault's coins.
    ListCoins(ListCoins),
    /// Keep this installation from spending a coin in what it proposes.
    FreezeCoin(OnCoin),
    /// Let it be spent again.
    UnfreezeCoin(OnCoin),
    /// Sign a payment with this installation's software key.
    Sign(OnProposal),
    /// Sign a payment with another key, by its words.
    SignWith(SignWith),
    /// The six words of a payment's digest.
    DigestWords(OnProposal),
    /// The transactions of a vault's coins.
    ListTransactions(ListTransactions),
    /// Ask the chain source now.
    SyncChain(OnVault),
    /// The vault's events as lines of JSON, each a NIP-01 event.
    ExportRecord(OnVault),
    /// The vault's events as lines of CSV for a spreadsheet, the first names the columns.
    ExportTable(OnVault),
    /// The vault's events in plain words.
    ShowRecord(ShowRecord),
    /// Judge the vault's record as it is stored.
    VerifyRecord(OnVault),
    /// The installation's own chain in plain words.
    ShowAppRecord,
    /// Judge the installation's own chain.
    VerifyAppRecord,
    /// What has no effect, and why: void events, and what was refused.
    ShowRefused(OnVault),
    /// Invite somebody into an active vault.
    Invite(Invite),
    /// Propose a change of the configuration.
    ProposeChange(ProposeChange),
    /// Proposed changes that wait for votes, and who could become a member.
    ListChanges(OnVault),
    /// The twelve words of a proposed configuration.
    ChangeWords(OnConfiguration),
    /// Vote for one.
    VoteChange(VoteChange),
    /// Take a vote back.
    ReleaseVote(OnConfiguration),
    /// The BIP39 words of this installation's software key: whoever has them can sign.
    BackupWords(OnVault),
    /// The policy in plain words, and the freezes.
    ShowPolicy(OnVault),
    /// Stop all payments.
    Freeze(Freeze),
    /// Vote to release freezes.
    ReleaseFreeze(ReleaseFreeze),
    /// What a payment would be.
    PreviewPayment(Propose),
    /// Whether an address is right.
    CheckAddress(CheckAddress),
    /// Propose a payment back to the vault that every keyholder has to sign, so that each has signed once.
    SelfTest(OnVault),
    /// A payment as a PSBT with the signatures that are there.
    ExportPsbt(OnProposal),
    /// Take signatures from a PSBT.
    ImportPsbt(ImportPsbt),
    /// The events of the record that are about a payment.
    ShowPaymentRecord(OnProposal),
    /// A vault's addresses.
    ListAddresses(ListAddresses),
    /// Write a label.
    SetLabel(SetLabel),
    /// All labels as lines of JSON (BIP329).
    ExportLabels(OnVault),
    /// Take labels from another wallet's file.
    ImportLabels(ImportLabels),
    /// The balance over time.
    ShowHistory(ShowHistory),
    /// What the chain source thinks that a transaction has to pay now.
    EstimateFees(OnVault),
    /// Ask another chain source.
    SetChainSource(SetChainSource),
    /// The transactions as lines of CSV, the first names the columns.
    ExportTransactions(OnVault),
    /// What a text would be as a descriptor.
    CheckDescriptor(CheckDescriptor),
    /// Watch a descriptor.
    WatchDescriptor(WatchDescriptor),
    /// Watch it no more: what is kept of it here goes.
    ForgetWatched(OnVault),
}

/// What comes back.
///
/// Its name stands inside, in `reply`. The window's pages take it out before they read the rest, since serde reads names inside
/// by way of a buffer of its own, and the code of that would make the pages half as large again. What no page asks for is not read
/// there at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "reply", rename_all = "kebab-case"))]
pub enum Reply {
    /// A vault was made; the texts are the invitations.
    Created {
        /// The vault.
        vault: VaultId,
        /// For the other keyholders.
        keyholder_invitations: Vec<String>,
        /// For the auditors.
        auditor_invitations: Vec<String>,
        /// All of them with what they are for: keyholders, approvers, auditors.
        #[serde(default)]
        invitations: Vec<InvitationView>,
    },
    /// The vault was joined: its organiser will see it.
    Joined {
        /// The vault.
        vault: VaultId,
    },
    /// The vaults of this installation.
    Vaults {
        /// One view each.
        vaults: Vec<VaultView>,
        /// Vaults that cannot be opened.
        unopened: Vec<UnopenedView>,
        /// Descriptors that are only watched.
        #[serde(default)]
        watched: Vec<WatchedView>,
    },
    /// One vault.
    Vault(Box<VaultView>),
    /// Words to compare by voice.
    Words {
        /// In order.
        words: Vec<String>,
    },
    /// A deposit address, derived here from the ratified descriptor.
    Address {
        /// The address.
        address: String,
        /// Its index on the receive keychain.
        index: u32,
    },
    /// A proposal, as it stands after the request.
    Proposal(Box<ProposalView>),
    /// A vault's coins.
    Coins(CoinsView),
    /// The record: one NIP-01 event a line, or one line of CSV for each.
    #[cfg(not(target_family = "wasm"))]
    Record {
        /// The lines, without their ends.
        lines: Vec<String>,
    },
    /// The record in plain words.
    Entries {
        /// In order of (rank, id).
        entries: Vec<EntryView>,
    },
    /// A record was judged and has no fault.
    Verified(Box<VerifiedView>),
    /// A record, or the installation's own chain, was judged and has a fault.
    Faulty(FaultView),
    /// The installation's own chain.
    #[cfg(not(target_family = "wasm"))]
    AppEntries {
        /// The installation's own public key, x-only.
        installation: MemberId,
        /// In order of their numbers.
        entries: Vec<crate::record::AppEntryView>,
    },
    /// The installation's own chain was judged and has no fault.
    #[cfg(not(target_family = "wasm"))]
    AppVerified(crate::record::AppVerifiedView),
    /// What has no effect, and why.
    #[cfg(not(target_family = "wasm"))]
    Refused {
        /// Events that are on record without effect.
        void: Vec<crate::view::VoidView>,
        /// Messages that were not taken, the oldest that is kept first.
        refused: Vec<crate::view::RefusedView>,
    },
    /// An invitation into an active vault.
    Invited {
        /// The text to hand over.
        invitation: SecretText,
    },
    /// Proposed changes of the configuration.
    Changes {
        /// By round, then by hash.
        successors: Vec<SuccessorView>,
        /// Who has joined and is no member yet.
        candidates: Vec<CandidateView>,
    },
    /// Transactions of a vault's coins.
    Transactions(Box<TransactionsView>),
    /// The words of the software key.
    #[cfg(not(target_family = "wasm"))]
    Backup {
        /// 24 words, in order.
        words: SecretText,
    },
    /// A vault's policy and freezes.
    Policy(Box<PolicyView>),
    /// What a payment would be.
    Preview(Box<PreviewView>),
    /// What is known of an address.
    AddressChecked(AddressCheckView),
    /// A payment as a PSBT.
    Psbt {
        /// Version 0, in base64.
        base64: String,
    },
    /// Signatures of a PSBT were put on record.
    SignaturesTaken {
        /// The payment as it stands now.
        proposal: Box<ProposalView>,
        /// Which are new, by whose key.
        taken: Vec<TakenView>,
        /// How many others the file held that were on record already.
        known: u32,
    },
    /// Addresses.
    Addresses(AddressesView),
    /// What came of a file of labels.
    LabelsImported(LabelsImportedView),
    /// The balance over time.
    History(HistoryView),
    /// What a transaction has to pay.
    Fees(FeesView),
    /// What a text is as a descriptor.
    Descriptor(Box<DescriptorView>),
    /// A descriptor is watched.
    Watching {
        /// What it is named by here.
        vault: VaultId,
    },
    /// Done; nothing to show.
    Done,
    /// Not done.
    Failed(Failure),
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Of which kind: decides the exit code of the headless program.
    pub kind: FailureKind,
    /// A fixed name, in kebab case: by it the window finds the words of the reader's language.
    pub code: String,
    /// What happened and what to do, in plain words.
    pub message: String,
    /// What a rule still asks for, where a rule refused.
    pub unmet: Vec<Unmet>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A rule refused it (exit code 3).
    Rule,
    /// The input is not valid (exit code 4).
    Input,
    /// A relay or chain source could not be reached (exit code 5).
    Network,
    /// This machine failed: disk, database, memory (exit code 1).
    Machine,
}
