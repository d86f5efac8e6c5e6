//! Where an attack takes place: honest members, a relay and a practice chain, each a process that knows of no attack.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitcoin::{Address, Amount};
use conclave_domain::action::{Action, Ratified};
use conclave_domain::invitation::Invitation;
use conclave_shared::request::{
    CreateVault, Failure, JoinVault, OnConfiguration, OnProposal, OnVault, Propose, ProposeChange, Ratify, Recipient,
    Reply, Request, VoteChange,
};
use conclave_shared::view::{FindingView, ProposalView, VaultView};
use conclave_shared::{EventId, Finding, MemberId, ProposalStatus, Sat, StateDigest, VaultId, VaultStatus};

use super::AttackError;
use super::hostile::Hostile;
use crate::demo::member::DemoMember;
use crate::demo::servers::Servers;
use crate::demo::{Chain, DemoError, Stage};
use crate::input::now_ms;
use crate::open_vault::NETWORK;

/// How long one thing may take to happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// The one coin of a vault that is attacked, in sat.
pub const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 10_000_000;

/// The organiser, where an honest member is it.
pub const ANA: usize = 0;
/// Another honest keyholder.
pub const BEN: usize = 1;
/// A third, where there is one.
pub const CLEO: usize = 2;

/// Honest members and their servers.
pub struct Scene {
    /// Relay and chain.
    pub servers: Servers,
    /// Members whose program is the plain one.
    pub honest: Vec<DemoMember>,
    /// The relays of the vault that is made.
    pub relays: Vec<String>,
    /// The headless program.
    pub program: PathBuf,
    vault: Option<VaultId>,
    say: Box<dyn FnMut(&str) + Send>,
}

impl Scene {
    /// Starts the servers and one process for each name, with databases under `folder`.
    pub async fn open(
        folder: &Path,
        program: &Path,
        names: &[&'static str],
        say: impl FnMut(&str) + Send + 'static,
    ) -> Result<Self, AttackError> {
        let stage = Stage::processes(program.to_owned());
        let servers = Servers::start(&stage, &Chain::Practice).await?;
        let (relays, program) = (servers.relays.clone(), program.to_owned());
        let mut scene = Self { servers, honest: Vec::new(), relays, program, vault: None, say: Box::new(say) };
        for name in names {
            scene.admit(folder, name).await?;
        }
        Ok(scene)
    }

    /// One more person with a plain program and an empty database.
    pub async fn admit(&mut self, folder: &Path, name: &'static str) -> Result<(), AttackError> {
        let (home, stage) = (folder.join(name.to_lowercase()), Stage::processes(self.program.clone()));
        // Making a database stretches a passphrase: a blocking piece of work.
        let made = tokio::task::spawn_blocking(move || DemoMember::new(name, home, stage)).await;
        let failed =
            |error: tokio::task::JoinError| DemoError::Process { member: name.to_owned(), reason: error.to_string() };
        let mut member = made.map_err(failed)??;
        member.start().await?;
        self.honest.push(member);
        Ok(())
    }

    /// Tells a step in plain words.
    pub fn tell(&mut self, text: impl AsRef<str>) {
        (self.say)(text.as_ref());
    }

    /// The vault.
    pub fn vault(&self) -> Result<VaultId, AttackError> {
        Ok(self.vault.ok_or(DemoError::Offline { member: "the vault".to_owned() })?)
    }

    /// Ana makes a vault with this many keyholders; gives back the invitations.
    pub async fn create(&mut self, keyholders: u32) -> Result<Vec<Invitation>, AttackError> {
        let request = Request::CreateVault(CreateVault {
            name: "Attacked".to_owned(),
            member: self.honest[ANA].name.to_owned(),
            template: None,
            place: None,
            approvers: 0,
            threshold: 2,
            keyholders,
            auditors: 0,
            own_relay: false,
            relays: self.relays.clone(),
            chain: self.servers.chain.clone(),
            invitation_seconds: 3_600,
            policy: None,
            script: None,
            recovery: None,
        });
        match self.honest[ANA].ask(request).await? {
            Reply::Created { vault, keyholder_invitations, .. } => {
                self.vault = Some(vault);
                let texts = keyholder_invitations.iter();
                Ok(texts.map(|text| Invitation::parse(text, now_ms())).collect::<Result<_, _>>()?)
            }
            reply => Err(self.honest[ANA].unexpected(reply).into()),
        }
    }

    /// An honest member joins.
    pub async fn join(&mut self, member: usize, invitation: &Invitation) -> Result<(), AttackError> {
        self.vault = Some(invitation.vault);
        let (name, chain) = (self.honest[member].name.to_owned(), self.servers.chain.clone());
        let join =
            JoinVault { invitation: invitation.to_text(), member: name, chain, seed_words: None, own_network: false };
        self.honest[member].ask(Request::JoinVault(join)).await?;
        Ok(())
    }

    /// A 2-of-3 vault of Ana, Ben and Mallory, ratified by all three, with one coin. Nobody has done anything wrong yet.
    /// Gives back Mallory and the invitations, of which she holds copies: Ben's and her own.
    pub async fn with_mallory(&mut self) -> Result<(Hostile, Vec<Invitation>), AttackError> {
        let invitations = self.create(3).await?;
        let [for_ben, for_mallory] = invitations.as_slice() else {
            return Err(DemoError::Differs { what: "the number of invitations" }.into());
        };
        self.join(BEN, for_ben).await?;
        let mut mallory = Hostile::join(for_mallory, "Mallory").await?;
        mallory.set_up().await?;
        self.ratify().await?;
        ratify_too(&mut mallory).await?;
        self.until_all("the vault is active", |view| view.status == VaultStatus::Active).await?;
        mallory.until("the vault is active", |vault| vault.active().is_some()).await?;
        self.fund().await?;
        self.tell("Ana, Ben and Mallory share a 2-of-3 vault; all three have ratified, and it holds one coin");
        Ok((mallory, invitations))
    }

    /// A 2-of-3 vault of Ana, Mallory and Trudy: as many are hostile as can spend.
    pub async fn with_two_hostile(&mut self) -> Result<(Hostile, Hostile), AttackError> {
        let invitations = self.create(3).await?;
        let [for_mallory, for_trudy] = invitations.as_slice() else {
            return Err(DemoError::Differs { what: "the number of invitations" }.into());
        };
        let mut mallory = Hostile::join(for_mallory, "Mallory").await?;
        let mut trudy = Hostile::join(for_trudy, "Trudy").await?;
        // Neither can prove a key before both have asked.
        mallory.challenge().await?;
        trudy.set_up_after(&mut mallory).await?;
        self.ratify().await?;
        ratify_too(&mut mallory).await?;
        ratify_too(&mut trudy).await?;
        self.until_all("the vault is active", |view| view.status == VaultStatus::Active).await?;
        self.fund().await?;
        let events = self.view(ANA).await?.events as usize;
        for hostile in [&mut mallory, &mut trudy] {
            hostile.until("everything is here", |vault| vault.log().len() >= events).await?;
        }
        self.tell("Ana, Mallory and Trudy share a 2-of-3 vault; two of them are hostile, as many as can spend");
        Ok((mallory, trudy))
    }

    /// A 2-of-3 vault of honest members alone, with one coin.
    pub async fn honest_vault(&mut self) -> Result<(), AttackError> {
        let invitations = self.create(3).await?;
        for (member, invitation) in (BEN..).zip(&invitations) {
            self.join(member, invitation).await?;
        }
        self.ratify().await?;
        self.until_all("the vault is active", |view| view.status == VaultStatus::Active).await?;
        self.fund().await?;
        self.tell("Ana, Ben and Cleo share a 2-of-3 vault; all are honest, and it holds one coin");
        Ok(())
    }

    /// Every honest member ratifies with the words of the next one.
    async fn ratify(&mut self) -> Result<(), AttackError> {
        self.until_all("every key is proven", |view| view.status == VaultStatus::Ratifying).await?;
        for member in 0..self.honest.len() {
            let words = self.words((member + 1) % self.honest.len()).await?;
            let ratify = Request::Ratify(Ratify { vault: self.vault()?, words });
            self.honest[member].ask(ratify).await?;
        }
        Ok(())
    }

    /// The twelve words that a member reads out.
    pub async fn words(&mut self, member: usize) -> Result<String, AttackError> {
        let vault = self.vault()?;
        match self.honest[member].ask(Request::RosterWords(OnVault { vault })).await? {
            Reply::Words { words } => Ok(words.join(" ")),
            reply => Err(self.honest[member].unexpected(reply).into()),
        }
    }

    async fn fund(&mut self) -> Result<(), AttackError> {
        let vault = self.vault()?;
        let address = match self.honest[ANA].ask(Request::IssueAddress(OnVault { vault })).await? {
            Reply::Address { address, .. } => address,
            reply => return Err(self.honest[ANA].unexpected(reply).into()),
        };
        let wrong = || DemoError::Differs { what: "the form of the address" };
        let address = address.parse::<Address<_>>().map_err(|_| wrong())?;
        let address = address.require_network(NETWORK).map_err(|_| wrong())?;
        self.servers.blocks.fund(&address, Amount::from_sat(DEPOSIT)).await?;
        self.servers.blocks.mine(1).await?;
        self.until_all("the deposit", |view| view.balance.confirmed == Sat(DEPOSIT)).await?;
        Ok(())
    }

    /// What an honest member shows.
    pub async fn view(&mut self, member: usize) -> Result<VaultView, AttackError> {
        let vault = self.vault()?;
        Ok(self.honest[member].vault(vault).await?)
    }

    /// The same, as soon as it is as described.
    pub async fn until(
        &mut self,
        member: usize,
        what: &str,
        is: impl Fn(&VaultView) -> bool,
    ) -> Result<VaultView, AttackError> {
        let began = Instant::now();
        loop {
            let view = self.view(member).await?;
            if is(&view) {
                return Ok(view);
            }
            if began.elapsed() > PATIENCE {
                let shown: Vec<String> = view.findings.iter().map(shown).collect();
                let (name, digest) = (self.honest[member].name, view.state_digest.short());
                let what = format!(
                    "{name} to see: {what} ({} events, {} waiting, {} void, {} refused, state {digest}, findings {shown:?})",
                    view.events, view.waiting, view.void, view.refused
                );
                return Err(DemoError::TooLong { what, waited: PATIENCE }.into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The same for every honest member who is online.
    pub async fn until_all(
        &mut self,
        what: &str,
        is: impl Fn(&VaultView) -> bool,
    ) -> Result<Vec<VaultView>, AttackError> {
        let mut views = Vec::new();
        for member in 0..self.honest.len() {
            if self.honest[member].online() {
                views.push(self.until(member, what, &is).await?);
            }
        }
        Ok(views)
    }

    /// Waits until every honest member shows a finding, about `by` where somebody is named; tells it.
    pub async fn named(&mut self, finding: Finding, by: Option<MemberId>) -> Result<(), AttackError> {
        for member in 0..self.honest.len() {
            self.named_at(member, finding, by).await?;
        }
        Ok(())
    }

    /// The same for one member.
    pub async fn named_at(
        &mut self,
        member: usize,
        finding: Finding,
        by: Option<MemberId>,
    ) -> Result<FindingView, AttackError> {
        let is = |view: &FindingView| view.finding == finding && (by.is_none() || view.member == by);
        let view = self.until(member, finding.name(), |view| view.findings.iter().any(is)).await?;
        let found = view.findings.into_iter().find(is);
        let found = found.ok_or(AttackError::NotNamed { by: finding.name(), shown: String::new() })?;
        let text = format!("{}'s program shows: {}", self.honest[member].name, shown(&found));
        self.tell(text);
        Ok(found)
    }

    /// A request that must be refused; gives back how.
    pub async fn refused(&mut self, member: usize, request: Request) -> Result<Failure, AttackError> {
        let name = self.honest[member].name;
        match self.honest[member].ask(request).await {
            Err(DemoError::Refused { failure, .. }) => {
                self.tell(format!("{name}'s program says: {}", failure.message));
                Ok(failure)
            }
            Err(error) => Err(error.into()),
            Ok(reply) => Err(AttackError::Happened { what: format!("{name}'s program said yes: {reply:?}") }),
        }
    }

    /// Asks until it is done: what it rests on may still be on its way.
    pub async fn until_done(&mut self, member: usize, request: &Request) -> Result<Reply, AttackError> {
        let began = Instant::now();
        loop {
            match self.honest[member].ask(request.clone()).await {
                Err(DemoError::Refused { .. }) if began.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
                done => return Ok(done?),
            }
        }
    }

    /// An honest member proposes the payment that everybody wants.
    pub async fn propose(&mut self, member: usize, purpose: &str) -> Result<ProposalView, AttackError> {
        let propose = Request::Propose(Propose::new(
            self.vault()?,
            vec![Recipient { address: outside_address(), amount: Sat(PAYMENT) }],
            2,
            purpose.to_owned(),
        ));
        match self.until_done(member, &propose).await? {
            Reply::Proposal(view) => Ok(*view),
            reply => Err(self.honest[member].unexpected(reply).into()),
        }
    }

    /// What is asked about one payment.
    pub fn on(&self, proposal: EventId) -> Result<OnProposal, AttackError> {
        Ok(OnProposal { vault: self.vault()?, proposal })
    }

    /// Ana and Ben approve.
    pub async fn approve(&mut self, proposal: EventId) -> Result<(), AttackError> {
        for member in [ANA, BEN] {
            self.until_done(member, &Request::Approve(self.on(proposal)?)).await?;
        }
        Ok(())
    }

    /// Ana and Ben sign, and all honest members see the payment sent.
    pub async fn sign(&mut self, proposal: EventId) -> Result<(), AttackError> {
        for member in [ANA, BEN] {
            self.until_done(member, &Request::Sign(self.on(proposal)?)).await?;
        }
        let sent = |payment: &ProposalView| {
            payment.proposal == proposal
                && matches!(payment.status, ProposalStatus::Broadcast | ProposalStatus::Confirmed)
        };
        self.until_all("the payment is sent", |view| view.proposals.iter().any(sent)).await?;
        Ok(())
    }

    /// The honest members hold one state; gives back how many events it has.
    pub async fn agree_on_events(&mut self) -> Result<u64, AttackError> {
        self.agree().await?;
        Ok(self.view(ANA).await?.events)
    }

    /// Ana proposes a change of the vault, and Ben votes for it with the words that she reads out.
    pub async fn change(&mut self, change: ProposeChange) -> Result<(), AttackError> {
        let vault = self.vault()?;
        self.until_done(ANA, &Request::ProposeChange(change)).await?;
        let view = self.until(BEN, "the change is proposed", |view| !view.successors.is_empty()).await?;
        let cfg = view.successors.first().map(|successor| successor.cfg).ok_or(AttackError::Unsigned)?;
        let words = match self.until_done(ANA, &Request::ChangeWords(OnConfiguration { vault, cfg })).await? {
            Reply::Words { words } => words.join(" "),
            reply => return Err(self.honest[ANA].unexpected(reply).into()),
        };
        self.until_done(BEN, &Request::VoteChange(VoteChange { vault, cfg, words })).await?;
        self.until_all("the change is accepted", |view| view.cfg == Some(cfg)).await?;
        Ok(())
    }

    /// The honest members can still pay, and hold one state.
    pub async fn can_pay(&mut self) -> Result<(), AttackError> {
        let payment = self.propose(ANA, "What the vault is for").await?;
        self.approve(payment.proposal).await?;
        self.sign(payment.proposal).await?;
        self.agree().await?;
        self.tell("Ana and Ben paid all the same, and hold one state");
        Ok(())
    }

    /// A block, seen by all honest members.
    pub async fn mine(&mut self) -> Result<(), AttackError> {
        let height = self.servers.blocks.mine(1).await?;
        self.until_all("the block", |view| view.tip_height >= height).await?;
        Ok(())
    }

    /// What must not happen: no honest member shows it.
    pub async fn never(&mut self, what: &str, happened: impl Fn(&VaultView) -> bool) -> Result<(), AttackError> {
        for member in 0..self.honest.len() {
            if happened(&self.view(member).await?) {
                return Err(AttackError::Happened { what: format!("{what}, as {} sees it", self.honest[member].name) });
            }
        }
        Ok(())
    }

    /// Waits until a member holds an event void, for a reason with these words; tells it.
    pub async fn void(&mut self, member: usize, event: EventId, words: &'static str) -> Result<(), AttackError> {
        let (vault, began) = (self.vault()?, Instant::now());
        loop {
            let found = match self.honest[member].ask(Request::ShowRefused(OnVault { vault })).await? {
                Reply::Refused { void, .. } => void.into_iter().find(|it| it.event == event),
                reply => return Err(self.honest[member].unexpected(reply).into()),
            };
            match found {
                Some(it) if it.reason.contains(words) => {
                    let text = format!("{}'s program shows: void event: {}", self.honest[member].name, it.reason);
                    self.tell(text);
                    return Ok(());
                }
                Some(it) => return Err(AttackError::NotNamed { by: words, shown: it.reason }),
                None if began.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
                None => return Err(AttackError::NotNamed { by: words, shown: "nothing is void".to_owned() }),
            }
        }
    }

    /// Waits until an event is in every honest member's record, with effect or void.
    pub async fn until_record(&mut self, event: EventId) -> Result<(), AttackError> {
        let (vault, wanted, began) = (self.vault()?, event.to_string(), Instant::now());
        for member in 0..self.honest.len() {
            loop {
                match self.honest[member].ask(Request::ExportRecord(OnVault { vault })).await? {
                    Reply::Record { lines } if lines.iter().any(|line| line.contains(&wanted)) => break,
                    Reply::Record { .. } if began.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
                    Reply::Record { .. } => {
                        let what = format!("{} to hold event {event}", self.honest[member].name);
                        return Err(DemoError::TooLong { what, waited: PATIENCE }.into());
                    }
                    reply => return Err(self.honest[member].unexpected(reply).into()),
                }
            }
        }
        Ok(())
    }

    /// All honest members hold one state.
    pub async fn agree(&mut self) -> Result<StateDigest, AttackError> {
        let began = Instant::now();
        loop {
            let mut digests = Vec::new();
            for member in 0..self.honest.len() {
                digests.push(self.view(member).await?.state_digest);
            }
            digests.dedup();
            if let [digest] = digests.as_slice() {
                return Ok(*digest);
            }
            if began.elapsed() > PATIENCE {
                return Err(AttackError::Happened { what: "the honest members hold different states".to_owned() });
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// A hostile keyholder ratifies, as it must to get anywhere.
async fn ratify_too(hostile: &mut Hostile) -> Result<(), AttackError> {
    let cfg = hostile.fold.newest_configuration().map(|checked| checked.cfg);
    let cfg = cfg.ok_or(DemoError::Differs { what: "the configuration" })?;
    hostile.say(Action::Ratified(Ratified { cfg })).await?;
    Ok(())
}

/// A finding as it is told.
fn shown(view: &FindingView) -> String {
    let whose = view.member.map(|member| format!(", by {}", member.short())).unwrap_or_default();
    format!("{}{whose}: {}", view.finding, view.detail)
}

/// An address that is nobody's in the vault.
pub fn outside_address() -> String {
    use bitcoin::hashes::Hash as _;
    let script = bitcoin::ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array([0x6c; 20]));
    Address::from_script(&script, NETWORK).map(|address| address.to_string()).unwrap_or_default()
}
