//! The steps of the demo, one function each, and what they say while they go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, Txid};
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

/// A step: what is done, and why it is done so.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What, as a short sentence.
    pub title: &'static str,
    /// Why.
    pub why: &'static str,
    doing: Doing,
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    Start,
    Create,
    Join,
    Prove,
    Ratify,
    Deposit,
    Propose,
    Approve,
    PowerCut,
    Sign,
    Send,
    Confirm,
    Compare,
}

/// All steps, in order.
pub const STEPS: [Step; 13] = [
    Step {
        title: "Four people start the program",
        why: "Each has an own encrypted database. A relay carries sealed messages; a practice chain plays the bitcoin network. All of it runs on this computer.",
        doing: Doing::Start,
    },
    Step {
        title: "Ana creates a 2-of-3 vault and writes invitations",
        why: "An invitation is a place for one person. It works once, and every member can check who used it.",
        doing: Doing::Create,
    },
    Step {
        title: "Ben, Cleo and Dora join",
        why: "Each makes a new identity and, as a keyholder, a new key. Dora is the auditor: she sees everything and can move nothing.",
        doing: Doing::Join,
    },
    Step {
        title: "Every key proves itself",
        why: "Each member's program asks for a signature over a nonce of its own, and each keyholder's key gives one. A key that somebody copied, or that nobody holds, is found before any coin is sent to it.",
        doing: Doing::Prove,
    },
    Step {
        title: "The keyholders compare twelve words and ratify",
        why: "The words come from all keys and rules together. If anybody had swapped a key on the way, the words would differ.",
        doing: Doing::Ratify,
    },
    Step {
        title: "Ben gives out an address, and a deposit arrives",
        why: "Every member's program derives the address by itself and watches it by itself.",
        doing: Doing::Deposit,
    },
    Step {
        title: "Cleo goes offline; Ana proposes a payment",
        why: "A proposal carries the unsigned transaction. Nothing is signed yet.",
        doing: Doing::Propose,
    },
    Step {
        title: "Ana and Ben compare six words and approve",
        why: "An approval is consent, given with the identity key. It is not a signature: that comes after, with a bitcoin key.",
        doing: Doing::Approve,
    },
    Step {
        title: "The power fails at Ben's; he starts again",
        why: "What was said is durable before it is sent, so a power cut loses nothing and doubles nothing.",
        doing: Doing::PowerCut,
    },
    Step {
        title: "Ben signs; Cleo comes back, catches up and signs",
        why: "Each program rebuilds the transaction from its own descriptor and proves every amount before its key signs.",
        doing: Doing::Sign,
    },
    Step {
        title: "The payment is put together and sent",
        why: "Whoever sees the second signature first puts it together and sends it. Sending it twice is as good as once.",
        doing: Doing::Send,
    },
    Step {
        title: "A block confirms it",
        why: "Each member's program sees the block by itself and puts it on record.",
        doing: Doing::Confirm,
    },
    Step {
        title: "Everybody's record is compared",
        why: "All members hold the same signed events, and anybody can verify them with a few lines of code.",
        doing: Doing::Compare,
    },
];

/// A line of what happened.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// Which step, from 0.
    pub step: usize,
    /// Since the start, in ms.
    pub at_ms: u64,
    /// What.
    pub text: String,
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
        match step.doing {
            Doing::Start => self.start().await,
            Doing::Create => self.create().await,
            Doing::Join => self.join().await,
            Doing::Prove => self.prove().await,
            Doing::Ratify => self.ratify().await,
            Doing::Deposit => self.deposit().await,
            Doing::Propose => self.propose().await,
            Doing::Approve => self.approve().await,
            Doing::PowerCut => self.power_cut().await,
            Doing::Sign => self.sign().await,
            Doing::Send => self.send().await,
            Doing::Confirm => self.confirm().await,
            Doing::Compare => self.compare().await,
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

    fn say(&mut self, text: impl Into<String>) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.say)(Said { step: self.step, at_ms, text: text.into() });
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
        self.say(servers.listening.clone());
        if let Some(network) = self.stage.network() {
            let guards: Vec<String> = network.guards().iter().map(ToString::to_string).collect();
            self.say(format!("clients enter the private Tor network at {}", guards.join(" ")));
            self.say(format!("the chain is reached at {}, the relay will be Ana's own program", servers.chain));
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
            self.say(format!("{name} started, with an own encrypted database"));
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
        let lengths: Vec<usize> = self.invitations.iter().map(String::len).collect();
        self.say(format!("vault created, {} invitations of {} characters", lengths.len(), lengths[0]));
        Ok(())
    }

    async fn join(&mut self) -> Result<(), DemoError> {
        for (member, invitation) in (BEN..=DORA).zip(self.invitations.clone()) {
            let chain = self.servers()?.chain.clone();
            let member_name = NAMES[member].to_owned();
            let joined = JoinVault { invitation, member: member_name, chain, seed_words: None, own_network: false };
            self.members[member].ask(Request::JoinVault(joined)).await?;
            self.say(format!("{} joined", NAMES[member]));
        }
        self.until_all("all four have joined and a configuration is proposed", |view| {
            view.members.len() == 4 && matches!(view.status, VaultStatus::Proving | VaultStatus::Ratifying)
        })
        .await?;
        self.say("everybody holds the same roster and the same descriptor");
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
        self.say("four nonces, one of each member; Ana's, Ben's and Cleo's keys have signed all four");
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
                self.say(format!("{} reads out: {words}", NAMES[other]));
            }
            self.members[member].ask(Request::Ratify(Ratify { vault, words })).await?;
            self.say(format!("{name} heard the same words and ratified"));
        }
        self.until_all("all keyholders have ratified", |view| view.status == VaultStatus::Active).await?;
        self.say("the vault is active");
        Ok(())
    }

    async fn deposit(&mut self) -> Result<(), DemoError> {
        let vault = self.the_vault()?;
        let address = match self.members[BEN].ask(Request::IssueAddress(OnVault { vault })).await? {
            Reply::Address { address, .. } => address,
            reply => return Err(self.members[BEN].unexpected(reply)),
        };
        self.say(format!("Ben gives out {address}"));
        self.pay_in(&address).await?;
        self.say(format!("{} are on their way", Sat(DEPOSIT)));
        self.servers()?.blocks.mine(1).await?;
        self.until_all("the deposit is confirmed", |view| view.balance.confirmed == Sat(DEPOSIT)).await?;
        self.say("everybody sees the deposit in a block, each from an own look at the chain");
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
        self.say("Cleo closed her program");
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
        self.say(format!("Ana proposes {} to {}", view.recipients[0].amount, view.recipients[0].address));
        self.say(format!("fee {}, {} come back to the vault, proven by derivation", view.fee, view.change));
        let id = view.proposal;
        self.until_all("the payment is proposed", |view| payment(view, id).is_some()).await?;
        self.say("Ben and Dora see the proposal; Cleo will, when she is back");
        Ok(())
    }

    async fn approve(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        let ana = self.words(ANA, Request::DigestWords(on)).await?;
        let ben = self.words(BEN, Request::DigestWords(on)).await?;
        if ana != ben {
            return Err(DemoError::Differs { what: "the digest" });
        }
        self.say(format!("both read: {ana}"));
        for member in [ANA, BEN] {
            self.members[member].ask(Request::Approve(on)).await?;
            self.say(format!("{} approved", NAMES[member]));
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
            Stage::Here { .. } => "Ben's program was stopped",
            Stage::Processes { .. } => "Ben's process was killed (SIGKILL)",
        });
        self.members[BEN].start().await?;
        let after = self.members[BEN].vault(vault).await?.state_digest;
        if before != after {
            return Err(DemoError::Differs { what: "Ben's state before and after the power cut" });
        }
        self.say("Ben started again and holds the same state as before");
        Ok(())
    }

    async fn sign(&mut self) -> Result<(), DemoError> {
        let on = self.on_proposal()?;
        // After a start the chain source is asked first: amounts must be proven before a key signs.
        self.look_at_the_chain(BEN).await?;
        self.members[BEN].ask(Request::Sign(on)).await?;
        self.say("Ben signed");
        self.members[CLEO].start().await?;
        self.say("Cleo started her program");
        self.until(CLEO, "the payment is approved and Ben has signed", |view| {
            payment(view, on.proposal)
                .is_some_and(|payment| payment.signed_by.len() == 1 && payment.approved_by.len() == 2)
        })
        .await?;
        self.say("Cleo caught up: proposal, two approvals and Ben's signature are here");
        self.look_at_the_chain(CLEO).await?;
        self.members[CLEO].ask(Request::Sign(on)).await?;
        self.say("Cleo signed");
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
        self.say(format!("transaction {txid} is on its way, seen by everybody"));
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
        self.say(format!("block {height} holds the payment"));
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
        self.say(format!("state digest of all four: {state_digest}"));
        self.say(format!("{events} events, the same at all four, each verified by the rules of NIP-01 alone"));
        let view = self.members[ANA].vault(on.vault).await?;
        let Some(payment) = payment(&view, on.proposal) else {
            return Err(DemoError::Differs { what: "the payment" });
        };
        self.say(format!("{} are left in the vault", view.balance.confirmed));
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
