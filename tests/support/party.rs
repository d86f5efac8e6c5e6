//! The members of one vault, each with an own installation, around one practice chain; time passes in steps. What the
//! program's main loop and effects do with threads and sockets is done here in a fixed order, one thing at a time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, OutPoint, ScriptBuf, Txid, WPubkeyHash};
use conclave::chain::{ChainError, ChainSource, Electrum};
use conclave::coins::{Answer, Question};
use conclave::failure::InstallationError;
use conclave::installation::Installation;
use conclave::open_vault::{NETWORK, OpenVault};
use conclave::practice::{PracticeServer, SharedChain, serve};
use conclave::projection;
use conclave::store::{Passphrase, Store};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::vault::{Command, Effect, ProposalState};
use conclave_shared::request::{
    CreateVault, Failure, JoinVault, OnProposal, OnVault, Propose, Ratify, Recipient, Reply, Request,
};
use conclave_shared::view::{InvitationView, PaymentAct, ProposalView, VaultView};
use conclave_shared::{
    EventId, MemberId, ProposalStatus, Recovery, Role, Sat, ScriptKind, StateDigest, VaultId, VaultStatus,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::network::{Network, Random, Weather};

/// When the stories begin, in ms since 1970.
pub const START_MS: u64 = 1_700_000_000_000;
/// How long invitations can be used, in s.
pub const INVITATION_SECONDS: u64 = 3_600;
/// How far the clock moves at once, in ms.
const STEP_MS: u64 = 100;
/// Steps between two looks at everything beside deliveries.
const TURN: u64 = 10;
/// Pause between two questions to the chain, in ms.
const CHAIN_PAUSE_MS: u64 = 5_000;
/// Longest that a thing may take to happen, in ms of the turned clock.
const PATIENCE_MS: u64 = 900_000;
/// As in the program: addresses without a payment before a keychain counts as searched.
const STOP_GAP: usize = 20;
/// Longest time that a member whose power failed stays away, in ms.
const DARK_MS: u64 = 20_000;

const NAMES: [&str; 5] = ["Ana", "Ben", "Cleo", "Dora", "Eli"];

/// Whether installations live in memory or in folders, from which they can be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Homes {
    Memory,
    Folders,
}

pub struct Member {
    pub name: &'static str,
    home: Option<TempDir>,
    /// None while the machine is off.
    installation: Option<Installation>,
    /// When a machine whose power failed starts again.
    back_ms: Option<u64>,
    /// Switched off by its owner.
    away: bool,
    source: Electrum,
    ask_again_ms: u64,
    /// How many events it held when what it offers to do was last compared with asking.
    asked_at: usize,
    id: Option<MemberId>,
}

pub struct Party {
    pub now_ms: u64,
    pub members: Vec<Member>,
    pub network: Network,
    pub chain: SharedChain,
    /// The kind of the vault's addresses, and its recovery: set before it is made.
    pub script: Option<ScriptKind>,
    pub recovery: Option<Recovery>,
    vault: Option<VaultId>,
    random: Random,
    steps: u64,
    /// Power cuts still to come.
    pub cuts_left: u32,
    pub cuts: u32,
    /// Payments whose transaction the network refused.
    pub refusals: BTreeSet<EventId>,
    server: PracticeServer,
    // Last: the server's tasks live on it.
    _runtime: Runtime,
}

fn passphrase() -> Passphrase {
    Passphrase::new("parties".to_owned()).unwrap()
}

fn copy_files(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// An address that is nobody's in the vault.
fn outside() -> String {
    use bitcoin::hashes::Hash as _;
    let script = ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array([0x6c; 20]));
    Address::from_script(&script, NETWORK).unwrap().to_string()
}

/// Somebody outside, who gets `sat`.
pub fn recipient(sat: u64) -> Recipient {
    Recipient { address: outside(), amount: Sat(sat) }
}

/// What an installation keeps of its judgements and its coins is what it would say without having kept anything.
fn as_fresh(open: &OpenVault, now_ms: u64) {
    let facts = open.facts(now_ms);
    for payment in open.vault.proposals() {
        let fresh =
            guard::findings(&open.vault, payment.event, &open.evidence(&payment.checked, facts.clone())).unwrap();
        assert_eq!(open.dangers(payment, &facts), fresh);
    }
    let Some(coins) = &open.coins else { return };
    let unspent: u64 = coins.wallet().list_unspent().map(|coin| coin.txout.value.to_sat()).sum();
    assert_eq!(coins.balance().confirmed.0 + coins.balance().unconfirmed.0, unspent);
    for txid in open.vault.txids() {
        let known = coins.wallet().get_tx(facts.sent_as(&txid).unwrap_or(txid));
        assert_eq!(facts.seen(&txid), known.is_some());
        let confirmed = known.is_some_and(|known| known.chain_position.is_confirmed());
        assert_eq!(facts.confirmed(&txid).is_some(), confirmed);
    }
}

/// What is offered for a payment is what asking for it would be answered with.
fn acts_as_asked(open: &OpenVault, payment: &ProposalState, now_ms: u64) {
    let (vault, facts, id) = (&open.vault, open.facts(now_ms), payment.event);
    let acts = projection::proposal(open, payment, &facts).acts;
    if facts.confirmed(&payment.checked.txid).is_some() {
        assert_eq!(acts, [], "nothing is to be done about what is in a block");
        return;
    }
    let evidence = open.evidence(&payment.checked, facts.clone());
    let free = open.may_write().is_ok() && !facts.seen(&payment.checked.txid);
    let does = |command| matches!(vault.decide(command), Ok(Verdict::Allowed(actions)) if !actions.is_empty());
    let own = payment.proposer == vault.me();
    let carried = matches!(guard::carry(vault, id, &evidence), Ok(Verdict::Allowed(_)));
    let keyholder = vault.my_entry().is_some_and(|me| me.is(Role::Keyholder));
    let asked = [
        (PaymentAct::Approve, does(Command::Approve { proposal: id, evidence: &evidence })),
        (PaymentAct::Reject, !own && does(Command::Reject { proposal: id })),
        (PaymentAct::Withdraw, own && does(Command::Withdraw { proposal: id })),
        (PaymentAct::Sign, keyholder && matches!(guard::sign(vault, id, &evidence), Ok(Verdict::Allowed(_)))),
        (PaymentAct::Export, carried),
        (PaymentAct::Import, carried && keyholder && payment.signed_by().len() < payment.checked.inputs[0].keys.len()),
    ];
    for (act, granted) in asked {
        assert_eq!(acts.contains(&act), granted && free, "{act:?} of {id}: {acts:?}");
    }
}

impl Party {
    /// `count` people with empty installations.
    pub fn new(count: usize, homes: Homes, seed: u64, weather: Weather) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let chain = SharedChain::begin();
        let server = runtime.block_on(serve(chain.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
        let mut party = Self {
            now_ms: START_MS,
            members: Vec::new(),
            network: Network::new(seed, weather),
            chain,
            script: None,
            recovery: None,
            vault: None,
            random: Random::new(!seed),
            steps: 0,
            cuts_left: 0,
            cuts: 0,
            refusals: BTreeSet::new(),
            server,
            _runtime: runtime,
        };
        for name in &NAMES[..count] {
            party.admit(name, homes);
        }
        party
    }

    /// One more person with an empty installation; gives their number.
    pub fn admit(&mut self, name: &'static str, homes: Homes) -> usize {
        let (home, store) = match homes {
            Homes::Memory => (None, Store::in_memory().unwrap()),
            Homes::Folders => {
                let home = tempfile::tempdir().unwrap();
                let store = Store::create(home.path(), &passphrase()).unwrap();
                (Some(home), store)
            }
        };
        self.members.push(Member {
            name,
            home,
            installation: Some(Installation::open(store).unwrap()),
            back_ms: None,
            away: false,
            source: Electrum::at(self.server.address()),
            ask_again_ms: 0,
            asked_at: 0,
            id: None,
        });
        self.members.len() - 1
    }

    pub fn vault(&self) -> VaultId {
        self.vault.unwrap()
    }

    pub fn id(&self, who: usize) -> MemberId {
        self.members[who].id.unwrap()
    }

    /// The installation of somebody whose machine is on.
    pub fn installation(&mut self, who: usize) -> &mut Installation {
        self.members[who].installation.as_mut().unwrap()
    }

    /// The store of somebody in a folder, whose machine is off from now on.
    pub fn store_of(&mut self, who: usize) -> Store {
        self.leave(who);
        Store::open(self.members[who].home.as_ref().unwrap().path(), &passphrase()).unwrap()
    }

    /// A connection of one's own to the chain.
    pub fn another_source(&self) -> Electrum {
        Electrum::at(self.server.address())
    }

    fn chain_url(&self) -> String {
        self.server.url()
    }

    // ---- time ----

    /// Lets one step of time pass.
    pub fn step(&mut self) {
        self.now_ms += STEP_MS;
        self.steps += 1;
        for who in 0..self.members.len() {
            if self.members[who].back_ms.is_some_and(|back| back <= self.now_ms) {
                self.start(who);
            }
        }
        for parcel in self.network.arrived(self.now_ms) {
            let Some(who) = self.members.iter().position(|member| member.id == Some(parcel.to)) else { continue };
            // What arrives at a machine that is off is gone: this relay keeps nothing.
            let Some(installation) = &mut self.members[who].installation else { continue };
            installation.receive(parcel.vault, parcel.from, &parcel.content, self.now_ms).unwrap();
            self.power_may_fail(who, 1);
        }
        for who in 0..self.members.len() {
            // Not all at the same moment.
            if (self.steps + who as u64).is_multiple_of(TURN) {
                self.perform(who);
            }
            let Some(installation) = &mut self.members[who].installation else { continue };
            let due = installation.due(self.now_ms).unwrap();
            if self.power_may_fail(who, 1) {
                continue;
            }
            for outgoing in due {
                if self.random.per_mille(self.network.weather.loss / 10) {
                    let now_ms = self.now_ms;
                    self.installation(who).delivery_failed(&outgoing, now_ms);
                } else {
                    let from = self.id(who);
                    self.network.send(from, &outgoing, self.now_ms);
                }
            }
        }
    }

    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms / STEP_MS {
            self.step();
        }
    }

    /// Carries out what a member's state asks for.
    fn perform(&mut self, who: usize) {
        let now_ms = self.now_ms;
        let Some(installation) = &self.members[who].installation else { return };
        installation.vaults().for_each(|open| as_fresh(open, now_ms));
        // Once for every state of the record.
        let events = installation.vaults().map(|open| open.vault.log().len()).sum();
        if self.members[who].asked_at != events {
            let payments =
                installation.vaults().flat_map(|open| open.vault.proposals().into_iter().map(move |it| (open, it)));
            payments.for_each(|(open, payment)| acts_as_asked(open, payment, now_ms));
        }
        let effects = installation.pending_effects(now_ms);
        self.members[who].asked_at = events;
        for (vault, effect) in effects {
            let fails = self.power_fails(who, 30);
            let member = &mut self.members[who];
            let Some(installation) = &mut member.installation else { return };
            let done = match effect {
                Effect::Challenge => installation.challenge(vault, now_ms),
                Effect::ProveKey => installation.prove_key(vault, now_ms),
                Effect::ProposeConfiguration => {
                    installation.command(vault, Command::ProposeConfiguration, now_ms).map(drop)
                }
                Effect::Watch if now_ms < member.ask_again_ms => Ok(()),
                Effect::Watch => {
                    member.ask_again_ms = now_ms + CHAIN_PAUSE_MS;
                    let answer = match installation.question(vault, now_ms).unwrap() {
                        Question::Scan(request) => Answer::Scan(member.source.full_scan(request, STOP_GAP).unwrap()),
                        Question::Sync(request) => Answer::Sync(member.source.sync(request).unwrap()),
                    };
                    installation.take_answer(vault, answer)
                }
                Effect::Attest { index } => installation.command(vault, Command::Attest { index }, now_ms).map(drop),
                Effect::Finalise { proposal } => installation.finalise(vault, proposal, now_ms),
                // Every step of this network's time would tell it again: a test asks for that where it is about it.
                Effect::Announce { .. } => Ok(()),
                Effect::Broadcast { proposal } => match installation.transaction_to_send(vault, proposal, now_ms) {
                    Ok(transaction) => match member.source.broadcast(&transaction) {
                        // The worst moment: the network has it, and the record does not say so.
                        Ok(_) if fails => {
                            self.cut(who);
                            return;
                        }
                        Ok(_) => installation.sent(vault, proposal, transaction, now_ms),
                        Err(ChainError::Refused { .. }) => {
                            self.refusals.insert(proposal);
                            Ok(())
                        }
                        Err(error) => panic!("{} cannot send: {error}", member.name),
                    },
                    Err(error) => Err(error),
                },
                Effect::RecordConfirmed { proposal, height, block } => {
                    installation.command(vault, Command::RecordConfirmed { proposal, height, block }, now_ms).map(drop)
                }
            };
            match done {
                Ok(()) | Err(InstallationError::Blocked { .. }) => {}
                Err(error) => panic!("{}: {error}", member.name),
            }
        }
    }

    // ---- power ----

    fn power_fails(&mut self, who: usize, chance: u64) -> bool {
        let can = self.cuts_left > 0 && self.members[who].home.is_some() && self.members[who].installation.is_some();
        can && self.random.per_mille(chance)
    }

    /// Takes a member's power away, sometimes; says whether.
    fn power_may_fail(&mut self, who: usize, chance: u64) -> bool {
        let fails = self.power_fails(who, chance);
        if fails {
            self.cut(who);
        }
        fails
    }

    /// Drops an installation as it stands; its machine starts again after a while.
    fn cut(&mut self, who: usize) {
        self.cuts_left = self.cuts_left.saturating_sub(1);
        self.cuts += 1;
        self.members[who].installation = None;
        self.members[who].back_ms = Some(self.now_ms + self.random.below(DARK_MS));
    }

    fn start(&mut self, who: usize) {
        let member = &mut self.members[who];
        let store = Store::open(member.home.as_ref().unwrap().path(), &passphrase()).unwrap();
        member.installation = Some(Installation::open(store).unwrap());
        member.back_ms = None;
        member.away = false;
        member.ask_again_ms = 0;
    }

    /// Switches a member's machine off until [`Party::come_back`].
    pub fn leave(&mut self, who: usize) {
        let member = &mut self.members[who];
        member.installation = None;
        member.back_ms = None;
        member.away = true;
    }

    /// Switches a member's machine off that has no folder: it does not come back.
    pub fn leave_quietly(&mut self, who: usize) {
        self.leave(who);
    }

    /// A copy of the folder of somebody whose machine is off.
    pub fn copy_home(&self, who: usize) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(self.members[who].home.as_ref().unwrap().path(), copy.path());
        copy
    }

    /// Puts a copy in the place of the folder of somebody whose machine is off.
    pub fn put_home_back(&mut self, who: usize, copy: TempDir) {
        let home = self.members[who].home.as_ref().unwrap().path();
        for file in std::fs::read_dir(home).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        copy_files(copy.path(), home);
    }

    pub fn come_back(&mut self, who: usize) {
        self.start(who);
    }

    // ---- requests ----

    /// Asks; waits first where the member's power has failed.
    pub fn ask(&mut self, who: usize, request: Request) -> Reply {
        assert!(!self.members[who].away, "{} is away", self.members[who].name);
        while self.members[who].installation.is_none() {
            self.step();
        }
        let now_ms = self.now_ms;
        let reply = self.installation(who).ask(request, now_ms);
        // What was answered is durable: the power may fail before anything of it was sent.
        self.power_may_fail(who, 150);
        reply
    }

    /// Asks for what must be done.
    pub fn done(&mut self, who: usize, request: Request) -> Reply {
        match self.ask(who, request) {
            Reply::Failed(failure) => panic!("{}: {}", self.members[who].name, failure.message),
            reply => reply,
        }
    }

    /// Asks for what must not be done.
    pub fn failed(&mut self, who: usize, request: Request) -> Failure {
        match self.ask(who, request) {
            Reply::Failed(failure) => failure,
            reply => panic!("{} was not refused: {reply:?}", self.members[who].name),
        }
    }

    pub fn words(&mut self, who: usize, request: Request) -> String {
        match self.done(who, request) {
            Reply::Words { words } => words.join(" "),
            reply => panic!("{reply:?}"),
        }
    }

    pub fn view(&mut self, who: usize) -> VaultView {
        let vault = self.vault();
        let now_ms = self.now_ms;
        match self.installation(who).ask(Request::ShowVault(OnVault { vault }), now_ms) {
            Reply::Vault(view) => *view,
            reply => panic!("{reply:?}"),
        }
    }

    pub fn record(&mut self, who: usize) -> BTreeSet<String> {
        let vault = self.vault();
        match self.done(who, Request::ExportRecord(OnVault { vault })) {
            Reply::Record { lines } => lines.into_iter().collect(),
            reply => panic!("{reply:?}"),
        }
    }

    // ---- waiting ----

    /// Lets time pass until the views of all who are not away are as described. Nobody counts whose machine is off.
    pub fn until(&mut self, what: &str, is: impl Fn(&VaultView) -> bool) {
        self.until_views(what, |_, views| views.iter().all(&is));
    }

    fn until_views(&mut self, what: &str, is: impl Fn(&Self, &[VaultView]) -> bool) {
        let began_ms = self.now_ms;
        loop {
            self.pass(TURN * STEP_MS);
            let present: Vec<usize> = (0..self.members.len()).filter(|who| !self.members[*who].away).collect();
            if present.iter().any(|who| self.members[*who].installation.is_none()) {
                continue;
            }
            let views: Vec<VaultView> = present.iter().map(|who| self.view(*who)).collect();
            if is(self, &views) {
                return;
            }
            if self.now_ms > began_ms + PATIENCE_MS {
                for view in &views {
                    eprintln!("{view:#?}");
                }
                panic!("it takes too long until {what}");
            }
        }
    }

    /// Waits until everybody present holds the same, has said so, and nothing is left to be done.
    pub fn settle(&mut self) -> StateDigest {
        self.until_views("all hold the same", |party, views| {
            let digests: BTreeSet<StateDigest> = views.iter().map(|view| view.state_digest).collect();
            let told = views.iter().all(|view| view.unacknowledged == 0 && view.waiting == 0);
            digests.len() == 1 && told && party.idle()
        });
        let present = self.members.iter().position(|member| !member.away).unwrap();
        self.view(present).state_digest
    }

    /// Waits until everybody present holds the same, whoever else is away.
    pub fn agree(&mut self) {
        self.until_views("all who are there hold the same", |_, views| {
            views.iter().map(|view| view.state_digest).collect::<BTreeSet<StateDigest>>().len() == 1
        });
    }

    fn idle(&self) -> bool {
        let installations = self.members.iter().filter_map(|member| member.installation.as_ref());
        installations.flat_map(|it| it.pending_effects(self.now_ms)).all(|(_, effect)| match effect {
            Effect::Watch | Effect::Announce { .. } => true,
            Effect::Broadcast { proposal } => self.refusals.contains(&proposal),
            Effect::Challenge
            | Effect::ProveKey
            | Effect::ProposeConfiguration
            | Effect::Attest { .. }
            | Effect::Finalise { .. }
            | Effect::RecordConfirmed { .. } => false,
        })
    }

    // ---- the story's steps ----

    /// What the first member asks for to make a vault.
    pub fn creating(&self, threshold: u32, keyholders: u32, auditors: u32) -> CreateVault {
        CreateVault {
            name: "Treasury".to_owned(),
            member: self.members[0].name.to_owned(),
            template: None,
            place: None,
            threshold,
            keyholders,
            approvers: 0,
            auditors,
            // Never dialled: this file's network carries the messages.
            own_relay: false,
            relays: vec!["ws://127.0.0.1:7000".to_owned()],
            chain: self.chain_url(),
            invitation_seconds: INVITATION_SECONDS,
            policy: None,
            script: self.script,
            recovery: self.recovery.clone(),
        }
    }

    /// The first member makes a vault; gives the invitations.
    pub fn create_by(&mut self, request: CreateVault) -> Vec<InvitationView> {
        let Reply::Created { vault, invitations, .. } = self.done(0, Request::CreateVault(request)) else {
            panic!("not created");
        };
        self.vault = Some(vault);
        self.know(0);
        invitations
    }

    /// The same by numbers; gives the invitations' texts, keyholders first.
    pub fn create(&mut self, threshold: u32, keyholders: u32, auditors: u32) -> Vec<String> {
        let invitations = self.create_by(self.creating(threshold, keyholders, auditors));
        invitations.iter().map(|invitation| invitation.text.reveal().to_owned()).collect()
    }

    /// Learns a member's identity. A machine whose power failed is started for it.
    pub fn know(&mut self, who: usize) {
        if self.members[who].installation.is_none() {
            self.start(who);
        }
        let vault = self.vault();
        self.members[who].id = Some(self.installation(who).vault(vault).unwrap().vault.me());
    }

    pub fn joining(&self, who: usize, invitation: &str) -> Request {
        let member = self.members[who].name.to_owned();
        let chain = self.chain_url();
        Request::JoinVault(JoinVault {
            invitation: invitation.to_owned(),
            member,
            chain,
            seed_words: None,
            own_network: false,
        })
    }

    pub fn join(&mut self, who: usize, invitation: &str) {
        let request = self.joining(who, invitation);
        self.done(who, request);
        self.know(who);
    }

    pub fn ratify(&mut self, keyholders: usize) {
        let vault = self.vault();
        for who in 0..keyholders {
            // What each types in is what the next one read out.
            let words = self.words((who + 1) % keyholders, Request::RosterWords(OnVault { vault }));
            self.done(who, Request::Ratify(Ratify { vault, words }));
        }
        self.until("the vault is active", |view| view.status == VaultStatus::Active);
    }

    /// From invitations to an active vault of everybody.
    pub fn found(&mut self, threshold: u32, keyholders: u32) {
        let auditors = self.members.len() as u32 - keyholders;
        let invitations = self.create(threshold, keyholders, auditors);
        for (who, invitation) in (1..).zip(&invitations) {
            self.join(who, invitation);
        }
        let members = self.members.len();
        self.until("all have joined", |view| view.members.len() == members && view.status == VaultStatus::Ratifying);
        self.ratify(keyholders as usize);
    }

    /// Pays `sat` to an address that `who` gives out, in a block that everybody present has seen.
    pub fn deposit(&mut self, who: usize, sat: u64) -> OutPoint {
        let vault = self.vault();
        let before = self.view_balance();
        let Reply::Address { address, .. } = self.done(who, Request::IssueAddress(OnVault { vault })) else {
            panic!("no address");
        };
        let address: Address<NetworkUnchecked> = address.parse().unwrap();
        let script = address.require_network(NETWORK).unwrap().script_pubkey();
        let coin = self.chain.with(|chain| {
            let txid = chain.fund(script.clone(), Amount::from_sat(sat)).unwrap();
            chain.mine(1);
            let outputs = &chain.transaction(txid).unwrap().output;
            OutPoint::new(txid, outputs.iter().position(|output| output.script_pubkey == script).unwrap() as u32)
        });
        self.until("the deposit is confirmed", |view| view.balance.confirmed.0 == before + sat);
        coin
    }

    fn view_balance(&mut self) -> u64 {
        while self.members[0].installation.is_none() {
            self.step();
        }
        self.view(0).balance.confirmed.0
    }

    pub fn proposing(&self, sat: u64) -> Propose {
        Propose::new(self.vault(), vec![recipient(sat)], 3, "Rent for March".to_owned())
    }

    pub fn propose(&mut self, who: usize, sat: u64) -> OnProposal {
        let request = Request::Propose(self.proposing(sat));
        let Reply::Proposal(view) = self.done(who, request) else { panic!("no proposal") };
        let on = OnProposal { vault: self.vault(), proposal: view.proposal };
        self.until("all know the payment", |view| payment(view, on.proposal).is_some());
        on
    }

    pub fn mine(&mut self) {
        self.chain.with(|chain| chain.mine(1));
    }

    /// Transactions that spend a coin, in blocks and in the mempool.
    pub fn spenders(&self, coin: OutPoint) -> Vec<Txid> {
        self.chain.with(|chain| {
            let blocks = (0..=chain.height()).filter_map(|height| chain.block(height));
            let all = blocks.flat_map(|block| &block.txdata).chain(chain.mempool().map(|(transaction, _)| transaction));
            let spends = all.filter(|transaction| transaction.input.iter().any(|input| input.previous_output == coin));
            spends.map(bitcoin::Transaction::compute_txid).collect()
        })
    }
}

/// Lets time pass until the views of these members are as described.
pub fn until(party: &mut Party, who: &[usize], what: &str, is: impl Fn(&VaultView) -> bool) {
    for _ in 0..PATIENCE_MS / 1_000 {
        party.pass(1_000);
        if who.iter().all(|who| is(&party.view(*who))) {
            return;
        }
    }
    who.iter().for_each(|who| eprintln!("{:#?}", party.view(*who)));
    panic!("it takes too long until {what}");
}

/// That a payment stands so.
pub fn reached(on: OnProposal, status: ProposalStatus) -> impl Fn(&VaultView) -> bool {
    move |view| payment(view, on.proposal).is_some_and(|payment| payment.status == status)
}

/// A payment in a view.
pub fn payment(view: &VaultView, proposal: EventId) -> Option<&ProposalView> {
    view.proposals.iter().find(|payment| payment.proposal == proposal)
}
