//! The practice vault: one payment of a 2-of-3 vault on the practice chain, step by step.

use serde::{Deserialize, Serialize};

use crate::Sat;
use crate::view::VaultView;

/// Where one step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Not begun.
    Ahead,
    /// At work.
    Running,
    /// Done.
    Done,
    /// Failed; the last line says why.
    Failed,
}

/// What is done in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PracticeStep {
    /// Four people start the program.
    Start,
    /// One creates the vault.
    Create,
    /// The others join.
    Join,
    /// Every key proves itself.
    Prove,
    /// The keyholders compare words and ratify.
    Ratify,
    /// An address is given out, and paid to.
    Deposit,
    /// A payment is proposed, while one is away.
    Propose,
    /// It is approved.
    Approve,
    /// A program ends without warning, and starts again.
    PowerCut,
    /// The payment is signed.
    Sign,
    /// It is sent.
    Send,
    /// It is in a block.
    Confirm,
    /// Everybody's record is compared.
    Compare,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// A relay listens here.
    RelayAt {
        /// Its address.
        relay: String,
    },
    /// The practice chain listens here.
    PracticeChainAt {
        /// Its address.
        chain: String,
    },
    /// A real Bitcoin node listens here.
    NodeAt {
        /// bitcoind's.
        bitcoind: String,
        /// electrs'.
        electrs: String,
        /// That of what stands before electrs, and asks bitcoind first.
        gate: String,
    },
    /// Where clients enter the private Tor network.
    TorEntered {
        /// Addresses of its guards.
        guards: String,
    },
    /// By which onion service members reach the chain. The relay will be that of a member.
    ChainByOnion {
        /// Its address.
        chain: String,
    },
    /// A member's program runs.
    Started {
        /// Who.
        name: String,
    },
    /// The vault is there.
    Created {
        /// How many invitations.
        invitations: usize,
        /// How long each is.
        characters: usize,
    },
    /// Somebody joined.
    Joined {
        /// Who.
        name: String,
    },
    /// All hold one configuration.
    SameRoster,
    /// All nonces are signed by all keys.
    KeysProven,
    /// Words are read out.
    ReadOut {
        /// By whom.
        name: String,
        /// The words.
        words: String,
    },
    /// Somebody heard the same words, and ratified.
    Ratified {
        /// Who.
        name: String,
    },
    /// The vault can be used.
    Active,
    /// An address was given out.
    AddressGiven {
        /// By whom.
        name: String,
        /// The address.
        address: String,
    },
    /// Money is on its way to the vault.
    OnItsWay {
        /// How much.
        amount: Sat,
    },
    /// All see the deposit in a block.
    DepositSeen,
    /// Somebody closed the program.
    Closed {
        /// Who.
        name: String,
    },
    /// A payment is proposed.
    Proposed {
        /// By whom.
        name: String,
        /// How much.
        amount: Sat,
        /// To what address.
        address: String,
    },
    /// What a payment costs, and what comes back.
    FeeAndChange {
        /// To the miners.
        fee: Sat,
        /// To the vault.
        change: Sat,
    },
    /// All who are there see the proposal.
    ProposalSeen,
    /// Two read the same words of a payment.
    BothRead {
        /// The words.
        words: String,
    },
    /// Somebody approved.
    Approved {
        /// Who.
        name: String,
    },
    /// Somebody's program was stopped.
    Stopped {
        /// Whose.
        name: String,
    },
    /// Somebody's process was killed.
    Killed {
        /// Whose.
        name: String,
    },
    /// After a start the state is what it was.
    SameState {
        /// Whose.
        name: String,
    },
    /// Somebody signed.
    Signed {
        /// Who.
        name: String,
    },
    /// Somebody who was away is there again.
    StartedAgain {
        /// Who.
        name: String,
    },
    /// Somebody knows what was missed.
    CaughtUp {
        /// Who.
        name: String,
    },
    /// The payment is on its way.
    Sent {
        /// Its transaction's id.
        txid: String,
    },
    /// bitcoind was asked before it was handed the transaction.
    NodeAsked {
        /// How often it was handed over.
        times: usize,
    },
    /// A block holds the payment.
    InBlock {
        /// Its height.
        height: u32,
    },
    /// All hold one state.
    SameDigest {
        /// Its digest.
        digest: String,
    },
    /// All hold one record.
    SameRecord {
        /// How many events.
        events: usize,
    },
    /// What is left in the vault.
    Left {
        /// How much.
        amount: Sat,
    },
    /// Something went wrong.
    Failed {
        /// Why.
        reason: String,
    },
}

/// One line of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// Since the practice vault was started, in ms.
    pub at_ms: u64,
    /// What happened.
    pub what: Happening,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// What is done.
    pub step: PracticeStep,
    /// Where it stands.
    pub status: StepStatus,
    /// What happened.
    pub lines: Vec<LineView>,
}

/// One of the practice vault's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeMemberView {
    /// The name.
    pub name: String,
    /// Whether the member's installation runs now.
    pub online: bool,
    /// The vault as this member last saw it.
    pub vault: Option<VaultView>,
}

/// The practice vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeView {
    /// All steps, in order.
    pub steps: Vec<StepView>,
    /// Its members: three keyholders and an auditor.
    pub members: Vec<PracticeMemberView>,
    /// Height of the practice chain, in blocks.
    pub chain_height: u32,
}
