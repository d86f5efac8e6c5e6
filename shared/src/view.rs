//! What a screen shows: computed by the backend, never recomputed by the window.

mod payment;
mod set_up;
mod wallet;

use serde::{Deserialize, Serialize};

use crate::policy::{Policy, Tier};
use crate::secret::SecretText;
use crate::vocabulary::{Finding, KeyState, ProposalStatus, ReplacementKind, Role, Unmet, VaultStatus};
use crate::{Cfg, Digest, EventId, MemberId, Recovery, Sat, ScriptKind, StateDigest, VaultId};

pub use payment::{
    AddressCheckView, AddressVerdict, GuardView, InputView, OutputView, PaymentAct, PreviewView, RuleView,
    SignatureView, TakenView,
};
pub use set_up::OpenPlaceView;
pub use wallet::{
    AddressView, AddressesView, DescriptorView, EstimateView, FeesView, HistoryView, LabelsImportedView, PointView,
    WatchedView,
};

/// A vault as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultView {
    /// The vault.
    pub vault: VaultId,
    /// Its name, chosen by the organiser.
    pub name: String,
    /// Which member this installation is.
    pub me: MemberId,
    /// How far the set-up has come.
    pub status: VaultStatus,
    /// Signatures that a payment needs.
    pub threshold: u32,
    /// Keys in the descriptor, once all places are taken.
    pub keyholders: u32,
    /// Approvals that a payment needs, by the configuration in `cfg`; 0 while there is none.
    pub approvals: u32,
    /// The accepted configuration, or the one that waits for ratification.
    pub cfg: Option<Cfg>,
    /// The descriptor with checksum, once there is a configuration.
    pub descriptor: Option<String>,
    /// All members, the organiser first, then in the order of their keys' ids.
    pub members: Vec<MemberView>,
    /// Confirmed and unconfirmed coins of the vault.
    pub balance: BalanceView,
    /// Height of the chain tip that this installation has seen, in blocks.
    pub tip_height: u32,
    /// Payments, oldest first.
    pub proposals: Vec<ProposalView>,
    /// Events admitted to the log.
    pub events: u64,
    /// Events that wait for others that they build on.
    pub waiting: u64,
    /// Events kept without effect, because their author had no right to act.
    pub void: u64,
    /// Incoming bytes refused, with the reason kept.
    pub refused: u64,
    /// What members, relays and this machine did that they should not have done, as far as it shows here.
    pub findings: Vec<FindingView>,
    /// What is wrong with the relays or the chain source now, in plain words.
    pub trouble: Option<String>,
    /// Digest of the folded state: equal at all members who hold the same events.
    pub state_digest: StateDigest,
    /// Members who have not yet told that they hold everything held here.
    pub unacknowledged: u64,
    /// Proposed configurations that may follow the accepted one, by round, then by hash.
    pub successors: Vec<SuccessorView>,
    /// Keyholders who are members no more, and whose keys stay in the descriptor.
    pub former: Vec<FormerView>,
    /// Who has joined by an invitation into the active vault and is no member yet.
    pub candidates: Vec<CandidateView>,
    /// The policy of the configuration in `cfg`, one sentence each; none while there is no configuration.
    pub rules: Vec<String>,
    /// Freezes, the oldest first, released ones too.
    pub freezes: Vec<FreezeView>,
    /// The kind of its addresses.
    #[serde(default)]
    pub script: ScriptKind,
    /// Who may spend coins that have lain still, if anybody.
    #[serde(default)]
    pub recovery: Option<Recovery>,
    /// What waits for this installation's owner, the oldest first.
    #[serde(default)]
    pub waits: Vec<WaitView>,
    /// Relays that carry the members' messages.
    #[serde(default)]
    pub relays: Vec<String>,
    /// The chain source that this installation asks.
    #[serde(default)]
    pub chain: String,
    /// When the chain tip's block was made, by its miner, in s since 1970.
    #[serde(default)]
    pub tip_time_s: Option<u64>,
    /// Places of the set-up that nobody has taken yet.
    #[serde(default)]
    pub open_places: Vec<OpenPlaceView>,
    /// The relay that this member hosts for the vault, if there is one.
    #[serde(default)]
    pub own_relay: Option<OwnRelayView>,
}

/// A relay that a member's own program serves for one vault, behind an onion address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRelayView {
    /// Its address: `ws://NAME.onion`. It stays the same.
    pub address: String,
    /// Whether it is to be served while the installation is open.
    pub served: bool,
    /// Whether the vault's messages pass it: they do once its configuration names it.
    pub used: bool,
    /// How it stands.
    pub state: HostingState,
}

/// How an onion service of this process stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "state", rename_all = "kebab-case"))]
pub enum HostingState {
    /// It is not served.
    #[default]
    Off,
    /// It waits for Tor.
    Waiting,
    /// It is being made known; some may reach it already.
    Publishing,
    /// It can be reached.
    Reachable,
    /// It could not be begun. It is tried again.
    Failed {
        /// Why, in English.
        reason: String,
    },
}

/// Something that only this installation's owner can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "wait", rename_all = "kebab-case"))]
pub enum WaitView {
    /// Compare the words of the configuration with the others, and ratify.
    Ratify {
        /// Which.
        cfg: Cfg,
    },
    /// Approve a payment, or refuse it.
    Approve {
        /// Which.
        proposal: EventId,
    },
    /// Sign a payment that has its approvals.
    Sign {
        /// Which.
        proposal: EventId,
    },
    /// Vote for a configuration that is proposed to follow, or leave it.
    Vote {
        /// Which.
        cfg: Cfg,
    },
}

/// What would be otherwise by a configuration that is proposed to follow the accepted one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "difference", rename_all = "kebab-case"))]
pub enum Difference {
    /// The version of the rules.
    Rules {
        /// Now.
        from: u32,
        /// Then.
        to: u32,
    },
    /// Approvals of every payment.
    Approvals {
        /// Now.
        from: u32,
        /// Then.
        to: u32,
    },
    /// The tiers.
    Tiers {
        /// Now.
        from: Vec<Tier>,
        /// Then.
        to: Vec<Tier>,
    },
    /// Only listed addresses may be paid: these.
    AllowOnly {
        /// The list.
        addresses: Vec<String>,
    },
    /// Every address may be paid that is not denied.
    AllowAny,
    /// An address comes on the list of those that may be paid.
    Allowed {
        /// Which.
        address: String,
    },
    /// It leaves that list.
    NotAllowed {
        /// Which.
        address: String,
    },
    /// An address is never paid from then on.
    Denied {
        /// Which.
        address: String,
    },
    /// It may be paid again.
    NotDenied {
        /// Which.
        address: String,
    },
    /// Keyholders who release a freeze.
    Release {
        /// Now.
        from: u32,
        /// Then.
        to: u32,
    },
    /// The relays.
    Relays {
        /// Now.
        from: Vec<String>,
        /// Then.
        to: Vec<String>,
    },
    /// Somebody becomes a member.
    Joins {
        /// Who.
        member: MemberId,
        /// The name that they chose.
        name: String,
        /// As what.
        roles: Vec<Role>,
    },
    /// A member leaves.
    Leaves {
        /// Who.
        member: MemberId,
        /// Their name.
        name: String,
        /// Whether their key stays in the descriptor and can sign as before.
        key_stays: bool,
    },
    /// A keyholder's lost identity is replaced.
    Replaced {
        /// The lost one.
        old: MemberId,
        /// The new one.
        new: MemberId,
        /// Their name.
        name: String,
    },
}

/// A vault's policy, and what stops it from paying at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// The configuration that carries it.
    pub cfg: Cfg,
    /// Whether that is the accepted one; else it waits for ratification.
    pub active: bool,
    /// The policy as carried.
    pub policy: Policy,
    /// How many keyholders release a freeze.
    pub release: u32,
    /// All of it, one sentence each.
    pub sentences: Vec<String>,
    /// Freezes, the oldest first, released ones too.
    pub freezes: Vec<FreezeView>,
}

/// A keyholder's word that stops all payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeView {
    /// Its `frozen` event.
    pub freeze: EventId,
    /// Who froze.
    pub by: MemberId,
    /// Their name, or the beginning of their id.
    pub name: String,
    /// When, in ms since 1970, by their word.
    pub since_ms: u64,
    /// Why, in their words.
    pub reason: String,
    /// Whether it stops payments; else it is released.
    pub stands: bool,
    /// Whether it is in the record; else what it builds on is missing, and it stops payments all the same.
    pub admitted: bool,
    /// The votes to release it.
    pub votes: Vec<GivenView>,
    /// How many of them are needed.
    pub need: u32,
}

/// A consent or vote of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenView {
    /// Who gave it.
    pub member: MemberId,
    /// When, in ms since 1970: by the member's clock, or later where that was behind what they built on.
    pub ms: u64,
    /// Whether it counts: not if the member has left or told two stories.
    pub counts: bool,
}

/// A configuration that is proposed to follow the accepted one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessorView {
    /// Its hash.
    pub cfg: Cfg,
    /// Which try.
    pub round: u32,
    /// Who proposed it first.
    pub proposer: MemberId,
    /// Who has voted for it and not taken that back.
    pub votes: Vec<MemberId>,
    /// How many of them count.
    pub have: u32,
    /// How many must.
    pub need: u32,
    /// What would be otherwise, one sentence each.
    pub changes: Vec<String>,
    /// The same as a list of facts.
    #[serde(default)]
    pub differences: Vec<Difference>,
}

/// A keyholder who left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerView {
    /// The identity that they had in this vault.
    pub member: MemberId,
    /// The name that they had.
    pub name: String,
    /// The key with origin, `[fingerprint/path]xpub`: it can sign as before.
    pub key: String,
}

/// Somebody who has joined an active vault and whom no configuration names yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateView {
    /// The identity.
    pub member: MemberId,
    /// The name that they chose.
    pub name: String,
    /// What the place is for; none where no member here has opened it.
    pub role: Option<Role>,
    /// Whose lost identity they are to replace.
    pub replaces: Option<MemberId>,
}

/// A danger that shows in the record, in deliveries or on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FindingView {
    /// Which.
    pub finding: Finding,
    /// Whose doing, where that is known.
    pub member: Option<MemberId>,
    /// Which relay, where it is a relay's doing.
    pub relay: Option<String>,
    /// What exactly was seen.
    pub detail: String,
}

/// A member of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The identity in this vault.
    pub member: MemberId,
    /// The name that the member chose.
    pub name: String,
    /// What the member may do.
    pub roles: Vec<Role>,
    /// The key with origin, `[fingerprint/path]xpub`, for keyholders.
    pub key: Option<String>,
    /// What the member's place is called, where it has a title.
    #[serde(default)]
    pub title: Option<String>,
    /// When the member's joining stands in the record, in ms since 1970: by the author's clock, never before what it builds
    /// on. The same for the other times of the record here.
    #[serde(default)]
    pub joined_ms: Option<u64>,
    /// When the member asked the keyholders to prove their keys.
    #[serde(default)]
    pub challenged_ms: Option<u64>,
    /// Whether the key is proven; none for members without a key and in vaults that ask for no proof.
    #[serde(default)]
    pub key_state: Option<KeyState>,
    /// When the proof of the key stands in the record.
    #[serde(default)]
    pub proven_ms: Option<u64>,
    /// Whether the member has ratified the configuration in `VaultView::cfg`.
    pub ratified: bool,
    /// When the member ratified it, or voted for it.
    #[serde(default)]
    pub ratified_ms: Option<u64>,
    /// What is to be known of the member's key: `origin-unknown` until it is proven.
    #[serde(default)]
    pub warnings: Vec<Finding>,
    /// When the last message of this member arrived here, in ms since 1970.
    pub last_heard_ms: Option<u64>,
    /// When the member's key first signed a payment of this vault, in ms since 1970.
    #[serde(default)]
    pub signed_first_ms: Option<u64>,
}

/// An invitation to one place of a new vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// What the place is called.
    pub title: String,
    /// What its member will be.
    pub roles: Vec<Role>,
    /// The text to hand over: whoever has it can take the place.
    pub text: SecretText,
}

/// A vault's coins, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BalanceView {
    /// In blocks.
    pub confirmed: Sat,
    /// Not in a block yet.
    pub unconfirmed: Sat,
}

/// The newest transactions of a vault's coins, or those before one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionsView {
    /// Confirmed and unconfirmed coins of the vault.
    pub balance: BalanceView,
    /// Height of the chain tip that this installation has seen, in blocks.
    pub tip_height: u32,
    /// How many transactions there are in all.
    pub count: u64,
    /// As many as were asked for, newest first: what is in no block before what is in one.
    pub transactions: Vec<TransactionView>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A transaction that touches a vault's coins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TransactionView {
    /// Its id.
    pub txid: String,
    /// Height of its block; none while it is in no block.
    pub height: Option<u32>,
    /// When its block was made, by its miner, or when it was first seen, in s since 1970.
    pub time_s: Option<u64>,
    /// What came to the vault by it, change included.
    pub received: Sat,
    /// What it took of the vault's coins.
    pub sent: Sat,
    /// The proposal that it is, where it is one.
    pub proposal: Option<EventId>,
    /// Its label here.
    #[serde(default)]
    pub label: Option<String>,
}

/// A part of a vault's coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoinsView {
    /// How many coins there are in all.
    pub count: u64,
    /// As many as were asked for, newest first: what is in no block before what is in one.
    pub coins: Vec<CoinView>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A coin that nothing spends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CoinView {
    /// Where it is: `txid:output`.
    pub outpoint: String,
    /// What it is worth.
    pub amount: Sat,
    /// Whether its address is one of those for change.
    pub change: bool,
    /// The index of its address.
    pub index: u32,
    /// Height of its block; none while it is in no block.
    pub height: Option<u32>,
    /// Whether this installation's owner has frozen it here.
    pub frozen: bool,
    /// The open payment that holds it.
    pub held_by: Option<EventId>,
    /// Until when that payment holds it by itself, in ms since 1970; none: until it is refused, replaced, or over.
    pub held_until_ms: Option<u64>,
    /// Its address.
    #[serde(default)]
    pub address: String,
    /// Its label here, or its address's.
    #[serde(default)]
    pub label: Option<String>,
}

/// A coin that a payment spends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentView {
    /// Where it is: `txid:output`.
    pub outpoint: String,
    /// What it is worth, as the proposer claims; the guard proves it.
    pub amount: Sat,
}

/// A recipient of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientView {
    /// The address, computed from the transaction itself.
    pub address: String,
    /// What it gets.
    pub amount: Sat,
}

/// A payment as one member sees it, computed from the transaction and the descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// The id of its `proposed` event.
    pub proposal: EventId,
    /// Who proposed it.
    pub proposer: MemberId,
    /// Why, in the proposer's words.
    pub purpose: String,
    /// Every output that is not proven to come back to this vault.
    pub recipients: Vec<RecipientView>,
    /// What comes back to this vault, proven by derivation.
    pub change: Sat,
    /// The fee.
    pub fee: Sat,
    /// The fee rate in thousandths of a sat/vB, with the largest signatures that can come: what is sent pays no less.
    pub fee_rate_milli: u64,
    /// The fee as thousandths of what leaves the vault without it; none where nothing leaves.
    pub fee_per_mille: Option<u64>,
    /// The coins that it spends.
    pub coins: Vec<SpentView>,
    /// Whether it holds them now, against other payments.
    pub holds: bool,
    /// Until when it holds them and may be signed, in ms since 1970; none: until it is refused or over.
    pub expires_ms: Option<u64>,
    /// The payment that it replaces, by its proposer's word; it spends one of its coins and pays more.
    pub replaces: Option<EventId>,
    /// What it does to that one, computed from both transactions.
    pub replacement: Option<ReplacementKind>,
    /// Payments that say they replace this one.
    pub replaced_by: Vec<EventId>,
    /// The transaction id; without segwit that of the unsigned form until the network knows it.
    pub txid: String,
    /// Whether it is the vault's recovery that pays.
    #[serde(default)]
    pub recovery: bool,
    /// What approvals bind.
    pub digest: Digest,
    /// How far it has come.
    pub status: ProposalStatus,
    /// Who consented, by identity key.
    pub approved_by: Vec<MemberId>,
    /// Who refused it; the proposer among them has taken it back.
    pub rejected_by: Vec<MemberId>,
    /// Whose bitcoin key has signed every input, each signature verified.
    pub signed_by: Vec<MemberId>,
    /// Each consent, with its time.
    pub approvals: Vec<GivenView>,
    /// What leaves the vault, fee included: by that the policy judges it.
    pub leaves: Sat,
    /// The part of the policy that applies to it, in plain words.
    pub rule: String,
    /// What keeps it from being sent.
    pub unmet: Vec<Unmet>,
    /// The same in plain words, with names.
    pub conditions: Vec<String>,
    /// The block that holds it, as this installation sees the chain.
    pub confirmed_height: Option<u32>,
    /// When it was proposed, in ms since 1970.
    #[serde(default)]
    pub proposed_ms: u64,
    /// Every input, in the transaction's order.
    #[serde(default)]
    pub inputs: Vec<InputView>,
    /// Every output, in the transaction's order.
    #[serde(default)]
    pub outputs: Vec<OutputView>,
    /// What the guard says of it, as far as it has looked.
    #[serde(default)]
    pub guard: GuardView,
    /// The part of the policy that applies to it.
    #[serde(default)]
    pub needs: RuleView,
    /// Each member's signature, with its time.
    #[serde(default)]
    pub signatures: Vec<SignatureView>,
    /// What this installation's owner may do about it now.
    #[serde(default)]
    pub acts: Vec<PaymentAct>,
    /// Whether every keyholder has to sign it, so that each has signed once.
    #[serde(default)]
    pub self_test: bool,
}

/// An event that is on record without effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidView {
    /// The event.
    pub event: EventId,
    /// Its author.
    pub author: MemberId,
    /// Why it has no effect.
    pub reason: String,
    /// The fixed name of that reason, in kebab case.
    #[serde(default)]
    pub code: String,
}

/// A message that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedView {
    /// When it came, in ms since 1970.
    pub received_ms: u64,
    /// Who sent it, where that is proven.
    pub from: Option<MemberId>,
    /// Why it was refused.
    pub reason: String,
    /// The fixed name of that reason, in kebab case; empty for what an older program refused.
    #[serde(default)]
    pub code: String,
}

/// A vault that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnopenedView {
    /// The vault.
    pub vault: VaultId,
    /// Why.
    pub reason: String,
}
