//! The steps of the demo, one function each, and what they say while they go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, Txid};
use conclave_shared::practice::{Happening, PracticeStep};
use conclave_shared::request::{
    CreateVault, FailureKind, JoinVault, OnProposal, OnVault, Propose, Ratify, Recipient, Reply, Request,
};
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{EventId, KeyState, ProposalStatus, Sat, StateDigest, VaultId, VaultStatus};
use serde::Serialize;

use super::blocks::Chain;
use super::member::DemoMember;
use super::servers::Servers;
use super::{DemoError, Stage, nip01};
use crate::open_vault::NETWORK;

/// How long one thing may take to happen. Over Tor a relay that was away is tried again after up to a minute.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// What is deposited, in sat.
pub const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 12_500_000;
/// Fee rate of the payment, in sat/vB.
const FEE_RATE: u64 = 3;

/// All steps, in order.
pub const STEPS: [PracticeStep; 13] = [
    PracticeStep::Start,
    PracticeStep::Create,
    PracticeStep::Join,
    PracticeStep::Prove,
    PracticeStep::Ratify,
    PracticeStep::Deposit,
    PracticeStep::Propose,
    PracticeStep::Approve,
    PracticeStep::PowerCut,
    PracticeStep::Sign,
    PracticeStep::Send,
    PracticeStep::Confirm,
    PracticeStep::Compare,
];

/// A line of what happened.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// Which step, from 0.
    pub step: usize,
    /// Since the start, in ms.
    pub at_ms: u64,
    /// What.
    pub what: Happening,
}

/// What the members hold at the end.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The vault.
    pub vault: VaultId,
    /// Digest of the state that all of them hold.
    pub state_digest: StateDigest,
    /// Events in the record of each.
    pub events: usize,
    /// The payment's transaction.
    pub txid: String,
    /// Where the installations are.
    pub homes: Vec<PathBuf>,
}

/// A demo under way.
pub struct Journey {
    folder: PathBuf,
    stage: Stage,
    chain: Chain,
    started: Instant,
    step: usize,
    say: Box<dyn FnMut(Said) + Send>,
    servers: Option<Servers>,
    /// Ana, Ben, Cleo and Dora.
    pub members: Vec<DemoMember>,
    vault: Option<VaultId>,
    invitations: Vec<String>,
    /// Relays that the vault gets instead of the demo's own.
    relays: Vec<String>,
    deposit: Option<Txid>,
    proposal: Option<EventId>,
    outcome: Option<Outcome>,
}

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
/// The members, in the order of `Journey::members`.
pub const NAMES: [&str; 4] = ["Ana", "Ben", "Cleo", "Dora"];

impl Journey {
    /// A demo with its databases under `folder`; `say` is told what happens.
    pub fn new(folder: &Path, stage: Stage, chain: Chain, say: impl FnMut(Said) + Send + 'static) -> Self {
        Self {
            folder: folder.to_owned(),
            stage,
            chain,
            started: Instant::now(),
            step: 0,
            say: Box::new(say),
            servers: None,
            members: Vec::new(),
            vault: None,
            invitations: Vec::new(),
            relays: Vec::new(),
            deposit: None,
            proposal: None,
            outcome: None,
        }
    }

    /// The same with other relays than the demo's own.
    pub fn with_relays(mut self, relays: Vec<String>) -> Self {
        self.relays = relays;
        self
    }

    /// The vault, once it is created.
    pub fn vault(&self) -> Option<VaultId> {
        self.vault
    }

    /// The deposit's transaction, once it was paid.
    pub fn deposited(&self) -> Option<Txid> {
        self.deposit
    }

    /// The payment, once it is proposed.
    pub fn proposal(&self) -> Option<EventId> {
        self.proposal
    }

    /// What the members hold at the end.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Runs one step, to be called in order.
    pub async fn run(&mut self, number: usize) -> Result<(), DemoError> {
        let Some(step) = STEPS.get(number) else { return Ok(()) };
        self.step = number;
        match step {
            PracticeStep::Start => self.start().await,
            PracticeStep::Create => self.create().await,
            PracticeStep::Join => self.join().await,
            PracticeStep::Prove => self.prove().await,
            PracticeStep::Ratify => self.ratify().await,
            PracticeStep::Deposit => self.deposit().await,
            PracticeStep::Propose => self.propose().await,
            PracticeStep::Approve => self.approve().await,
            PracticeStep::PowerCut => self.power_cut().await,
            PracticeStep::Sign => self.sign().await,
            PracticeStep::Send => self.send().await,
            PracticeStep::Confirm => self.confirm().await,
            PracticeStep::Compare => self.compare().await,
        }
    }

    /// Stops all members.
    pub async fn stop(&mut self) -> Result<(), DemoError> {
        for member in &mut self.members {
            member.stop().await?;
        }
        match self.servers.take() {
            Some(servers) => servers.blocks.stop().await,
            None => Ok(()),
        }
    }

    fn say(&mut self, what: Happening) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.say)(Said { step: self.step, at_ms, what });
    }

    /// Relay and chain, once they run.
    pub fn servers(&mut self) -> Result<&mut Servers, DemoError> {
        self.servers.as_mut().ok_or(DemoError::Offline { member: "the chain".to_owned() })
    }

    fn the_vault(&self) -> Result<VaultId, DemoError> {
        self.vault.ok_or(DemoError::Offline { member: "the vault".to_owned() })
    }

    fn on_proposal(&self) -> Result<OnProposal, DemoError> {
        let proposal = self.proposal.ok_or(DemoError::Offline { member: "the proposal".to_owned() })?;
        Ok(OnProposal { vault: self.the_vault()?, proposal })
    }

    /// Waits until a member's view of the vault is as described.
    pub async fn until(
        &mut self,
        member: usize,
        what: &str,
        mut is: impl FnMut(&VaultView) -> bool,
    ) -> Result<VaultView, DemoError> {
        let vault = self.the_vault()?;
        let began = Instant::now();
        loop {
            let view = self.members[member].vault(vault).await?;
            if is(&view) {
                return Ok(view);
            }
            if began.elapsed() > PATIENCE {
                let trouble = view.trouble.map(|trouble| format!(" ({trouble})")).unwrap_or_default();
                let what = format!("{} to see that {what}{trouble}", NAMES[member]);
                return Err(DemoError::TooLong { what, waited: PATIENCE });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The same for everybody who is online.
    pub async fn until_all(
        &mut self,
        what: &str,
        is: impl Fn(&VaultView) -> bool,
    ) -> Result<Vec<VaultView>, DemoError> {
        let mut views = Vec::new();
        for member in 0..self.members.len() {
            if self.members[member].online() {
                views.push(self.until(member, what, &is).await?);
            }
        }
        Ok(views)
    }

    async fn start(&mut self) -> Result<(), DemoError> {
        let servers = Servers::start(&self.stage, &self.chain).await?;
        servers.listening.iter().for_each(|listening| self.say(listening.clone()));
        if let Some(network) = self.stage.network() {
            let guards: Vec<String> = network.guards().iter().map(ToString::to_string).collect();
            self.say(Happening::TorEntered { guards: guards.join(" ") });
            self.say(Happening::ChainByOnion { chain: servers.chain.clone() });
        }
        self.servers = Some(servers);
        for name in NAMES {
            let home = self.folder.join(name.to_lowercase());
            let (stage, folder) = (self.stage.clone(), home.clone());
            // Making a database stretches a passphrase: a blocking piece of work.
            let made = tokio::task::spawn_blocking(move || DemoMember::new(name, folder, stage)).await;
            let mut member =
                made.map_err(|error| DemoError::Process { member: name.to_owned(), reason: error.to_string() })??;
            member.start().await?;
            self.members.push(member);
            self.say(Happening::Started { name: name.to_owned() });
        }
        Ok(())
    }

    async fn create(&mut self) -> Result<(), DemoError> {
        let others = self.relays.clone();
        let servers = self.servers()?;
        let relays = if others.is_empty() { servers.relays.clone() } else { others };
        let request = Request::CreateVault(CreateVault {
            name: "Treasury".to_owned(),
            member: NAMES[ANA].to_owned(),
            template: None,
            place: None,
            approvers: 0,
            threshold: 2,
            keyholders: 3,
            auditors: 1,
            // Without any other the organiser's own program serves one, behind an onion address.
            own_relay: relays.is_empty(),
            relays,
            chain: servers.chain.clone(),
            invitation_seconds: 3_600,
            policy: None,
            script: None,
            recovery: None,
        });
        match self.members[ANA].ask(request).await? {
            Reply::Created { vault, keyholder_invitations, auditor_invitations, .. } => {
                self.vault = Some(vault);
                self.invitations = keyholder_invitations.into_iter().chain(auditor_invitations).collect();
            }
            reply => return Err(self.members[ANA].unexpected(reply)),
        }
        let characters = self.invitations.first().map_or(0, String::len);
        self.say(Happening::Created { invitations: self.invitations.len(), characters });
        Ok(())
    }

    async fn join(&mut self) -> Result<(), DemoError> {
        for (member, invitation) in (BEN..=DORA).zip(self.invitations.clone()) {
            let chain = self.servers()?.chain.clone();
            let member_name = NAMES[member].to_owned();
            let joined = JoinVault { invitation, member: member_name, chain, seed_words: None, own_network: false };
            self.members[member].ask(Request::JoinVault(joined)).await?;
            self.say(Happening::Joined { name: NAMES[member].to_owned() });
        }
        self.until_all("all four have joined and a configuration is proposed", |view| {
            view.members.len() == 4 && matches!(view.status, VaultStatus::Proving | VaultStatus::Ratifying)
        })
        .await?;
        self.say(Happening::SameRoster);
        Ok(())
    }

    async fn prove(&mut self) -> Result<(), DemoError> {
        let proven = |view: &VaultView| {
            let keys = view.members.iter().filter(|member| member.key.is_some());
            view.status == VaultStatus::Ratifying && keys.clone().all(|key| key.key_state == Some(KeyState::Proven))
        };
        let views = self.until_all("every key is proven", proven).await?;
        for member in &views[DORA].members {
            if member.challenged_ms.is_none() {
                return Err(DemoError::Differs { what: "a member's nonce" });
            }
        }
        self.say(Happening::KeysProven);
        Ok(())
    }

    async fn words(&mut self, member: usize, request: Request) -> Result<String, DemoError> {
        match self.members[member].ask(request).await? {
            Reply::Words { words } => Ok(words.join(" ")),
            reply => Err(self.members[member].unexpected(reply)),
        }
    }

    async fn ratify(&mut self) -> Result<(), DemoError> {
        let vault = self.the_vault()?;
        for (member, name) in NAMES.into_iter().enumerate().take(CLEO + 1) {
            // What each types in is what the next one read out from an own screen.
            let other = (member + 1) % 3;
            let words = self.words(other, Request::RosterWords(OnVault { vault })).await?;
            if member == ANA {
                self.say(Happening::ReadOut { name: NAMES[other].to_owned(), words: words.clone() });
            }
            self.members[member].ask(Request::Ratify(Ratify { vault, words })).await?;
            self.say(Happening::Ratified { name: name.to_owned() });
        }
        self.until_all("all keyholders have ratified", |view| view.status == VaultStatus::Active).await?;
        self.say(Happening::Active);
        Ok(())
    }

    async fn deposit(&mut self) -> Result<(), DemoError> {
        let vault = self.the_vault()?;
        let address = match self.members[BEN].ask(Request::IssueAddress(OnVault { vault })).await? {
            Reply::Address { address, .. } => address,
            reply => return Err(self.members[BEN].unexpected(reply)),
        };
        self.say(Happening::AddressGiven { name: NAMES[BEN].to_owned(), address: address.clone() });
        self.pay_in(&address).await?;
        self.say(Happening::OnItsWay { amount: Sat(DEPOSIT) });
        self.servers()?.blocks.mine(1).await?;
        self.until_all("the deposit is confirmed", |view| view.balance.confirmed == Sat(DEPOSIT)).await?;
        self.say(Happening::DepositSeen);
        Ok(())
    }

    async fn pay_in(&mut self, address: &str) -> Result<(), DemoError> {
        let wrong = || DemoError::Differs { what: "the form of the address" };
        let address: Address<NetworkUnchecked> = address.parse().map_err(|_| wrong())?;
        let address = address.require_network(NETWORK).map_err(|_| wrong())?;
        self.deposit = Some(self.servers()?.blocks.fund(&address, Amount::from_sat(DEPOSIT)).await?);
        Ok(())
    }

    async fn propose(&mut self) -> Result<(), DemoError> {
        self.members[CLEO].stop().await?;
        self.say(Happening::Closed { name: NAMES[CLEO].to_owned() });
        let vault = self.the_vault()?;
        let propose = Propose::new(
            vault,
            vec![Recipient { address: outside_address(), amount: Sat(PAYMENT) }],
            FEE_RATE,
            "Rent of the workshop, first quarter".to_owned(),
        );
        let view = match self.members[ANA].ask(Request::Propose(propose)).await? {
            Reply::Proposal(view) => view,
            reply => return Err(self.members[ANA].unexpected(reply)),
        };
        self.proposal = Some(view.proposal);
        if let Some(recipient) = view.recipients.first() {
            let (name, address) = (NAMES[ANA].to_owned(), recipient.address.clone());
            self.say(Happening::Proposed { name, amount: recipient.amount, address });
        }
        self.say(Happening::FeeAndChange { fee: view.fee, change: view.change });
        let id = view.proposal;
        self.until_all("the payment is proposed", |view| payment(view, id).is_some()).await?;
        self.say(Happening::ProposalSeen);
        Ok(())
    }

    async fn approve(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        let ana = self.words(ANA, Request::DigestWords(on)).await?;
        let ben = self.words(BEN, Request::DigestWords(on)).await?;
        if ana != ben {
            return Err(DemoError::Differs { what: "the digest" });
        }
        self.say(Happening::BothRead { words: ana });
        for member in [ANA, BEN] {
            self.members[member].ask(Request::Approve(on)).await?;
            self.say(Happening::Approved { name: NAMES[member].to_owned() });
        }
        self.until_all("the payment is approved", |view| {
            payment(view, on.proposal).is_some_and(|payment| payment.status == ProposalStatus::Approved)
        })
        .await?;
        Ok(())
    }

    async fn power_cut(&mut self) -> Result<(), DemoError> {
        let vault = self.the_vault()?;
        let before = self.members[BEN].vault(vault).await?.state_digest;
        self.members[BEN].kill().await?;
        self.say(match self.stage {
            Stage::Here { .. } => Happening::Stopped { name: NAMES[BEN].to_owned() },
            Stage::Processes { .. } => Happening::Killed { name: NAMES[BEN].to_owned() },
        });
        self.members[BEN].start().await?;
        let after = self.members[BEN].vault(vault).await?.state_digest;
        if before != after {
            return Err(DemoError::Differs { what: "Ben's state before and after the power cut" });
        }
        self.say(Happening::SameState { name: NAMES[BEN].to_owned() });
        Ok(())
    }

    async fn sign(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        // After a start the chain source is asked first: amounts must be proven before a key signs.
        self.look_at_the_chain(BEN).await?;
        self.members[BEN].ask(Request::Sign(on)).await?;
        self.say(Happening::Signed { name: NAMES[BEN].to_owned() });
        self.members[CLEO].start().await?;
        self.say(Happening::StartedAgain { name: NAMES[CLEO].to_owned() });
        self.until(CLEO, "the payment is approved and Ben has signed", |view| {
            payment(view, on.proposal)
                .is_some_and(|payment| payment.signed_by.len() == 1 && payment.approved_by.len() == 2)
        })
        .await?;
        self.say(Happening::CaughtUp { name: NAMES[CLEO].to_owned() });
        self.look_at_the_chain(CLEO).await?;
        self.members[CLEO].ask(Request::Sign(on)).await?;
        self.say(Happening::Signed { name: NAMES[CLEO].to_owned() });
        Ok(())
    }

    /// Has a member ask the chain source now. One that has just started may have no way to it yet.
    async fn look_at_the_chain(&mut self, member: usize) -> Result<(), DemoError> {
        let vault = self.the_vault()?;
        let began = Instant::now();
        loop {
            match self.members[member].ask(Request::SyncChain(OnVault { vault })).await {
                Err(DemoError::Refused { failure, .. })
                    if failure.kind == FailureKind::Network && began.elapsed() < PATIENCE =>
                {
                    tokio::time::sleep(LOOK).await;
                }
                done => return done.map(drop),
            }
        }
    }

    async fn send(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        let views = self
            .until_all("the payment is sent", |view| {
                payment(view, on.proposal).is_some_and(|payment| payment.status == ProposalStatus::Broadcast)
            })
            .await?;
        let txid = payment(&views[ANA], on.proposal).map(|payment| payment.txid.clone()).unwrap_or_default();
        self.say(Happening::Sent { txid: txid.clone() });
        let txid = txid.parse().map_err(|_| DemoError::Differs { what: "the form of the transaction's id" })?;
        if let Some(said) = self.servers()?.blocks.judge(txid).await? {
            self.say(said);
        }
        Ok(())
    }

    async fn confirm(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        let height = self.servers()?.blocks.mine(1).await?;
        self.until_all("the payment is confirmed", |view| {
            payment(view, on.proposal).is_some_and(|payment| payment.confirmed_height == Some(height))
        })
        .await?;
        self.say(Happening::InBlock { height });
        Ok(())
    }

    /// Waits until everybody holds the same, and judges everybody's exported record. Returns the digest of their state and
    /// how many events each holds.
    pub async fn all_agree(&mut self) -> Result<(StateDigest, usize), DemoError> {
        let vault = self.the_vault()?;
        let began = Instant::now();
        // Every member records the block; the last of these events has to reach everybody.
        let views = loop {
            let views = self
                .until_all("everything is acknowledged", |view| view.unacknowledged == 0 && view.waiting == 0)
                .await?;
            let digests: BTreeSet<StateDigest> = views.iter().map(|view| view.state_digest).collect();
            if digests.len() == 1 {
                break views;
            }
            if began.elapsed() > PATIENCE {
                return Err(DemoError::Differs { what: "the folded state" });
            }
            tokio::time::sleep(LOOK).await;
        };
        let mut records: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        for (member, name) in NAMES.into_iter().enumerate() {
            let lines = match self.members[member].ask(Request::ExportRecord(OnVault { vault })).await? {
                Reply::Record { lines } => lines,
                reply => return Err(self.members[member].unexpected(reply)),
            };
            let verified = lines.iter().zip(1..).map(|(line, number)| {
                let fault = |fault| DemoError::Record { member: name.to_owned(), line: number, fault };
                nip01::verify(line).map_err(fault)
            });
            records.insert(verified.collect::<Result<_, _>>()?);
        }
        let Some(record) = records.pop_first().filter(|_| records.is_empty()) else {
            return Err(DemoError::Differs { what: "the exported record" });
        };
        Ok((views[ANA].state_digest, record.len()))
    }

    async fn compare(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        let (state_digest, events) = self.all_agree().await?;
        self.say(Happening::SameDigest { digest: state_digest.to_string() });
        self.say(Happening::SameRecord { events });
        let view = self.members[ANA].vault(on.vault).await?;
        let Some(payment) = payment(&view, on.proposal) else {
            return Err(DemoError::Differs { what: "the payment" });
        };
        self.say(Happening::Left { amount: view.balance.confirmed });
        self.outcome = Some(Outcome {
            vault: on.vault,
            state_digest,
            events,
            txid: payment.txid.clone(),
            homes: self.members.iter().map(|member| member.home().to_owned()).collect(),
        });
        Ok(())
    }
}

fn payment(view: &VaultView, proposal: EventId) -> Option<&ProposalView> {
    view.proposals.iter().find(|payment| payment.proposal == proposal)
}

/// An address that is nobody's in the vault: the landlord's.
fn outside_address() -> String {
    use bitcoin::hashes::Hash as _;
    let script = bitcoin::ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array([0x6c; 20]));
    Address::from_script(&script, NETWORK).map(|address| address.to_string()).unwrap_or_default()
}
