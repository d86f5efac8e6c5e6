//! One vault and one round in it, done as people do it: who gets no answer looks first, and then asks again.

use std::time::{Duration, Instant};

use bitcoin::hashes::Hash as _;
use bitcoin::{Address, Amount, ScriptBuf, Txid, WPubkeyHash};
use conclave_shared::request::{
    CreateVault, Failure, FailureKind, JoinVault, OnProposal, OnVault, Propose, Ratify, Recipient, Reply, Request,
};
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{EventId, Sat, Unmet, VaultId, VaultStatus};
use tokio::time::sleep;

use super::world::{NAMES, World};
use crate::demo::DemoError;
use crate::open_vault::NETWORK;

/// How long one thing may take to happen, kills and restarts included.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(25);
/// Coins with which a vault begins, in sat each: so many that a payment need not wait for the change of the one before.
const DEPOSITS: [u64; 16] = [20_000_000; 16];
/// Fee rate of every payment, in sat/vB.
const FEE_RATE: u64 = 2;

/// Who does what in a round, as places in [`NAMES`].
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Proposes, and approves.
    pub proposer: usize,
    /// Approves as well.
    pub other: usize,
    /// Both sign.
    pub signers: [usize; 2],
}

/// A round that came to its payment.
#[derive(Debug, Clone)]
pub struct Paid {
    /// Which round.
    pub number: u64,
    /// Who did what: each was answered as done.
    pub parts: Parts,
    /// Its proposal.
    pub proposal: EventId,
    /// Its transaction.
    pub txid: Txid,
}

impl Paid {
    /// Whom this round pays: nobody else is ever paid there.
    pub fn script(&self) -> ScriptBuf {
        recipient(self.number)
    }

    /// What this round pays, in sat.
    pub fn amount(&self) -> Amount {
        amount(self.number)
    }
}

fn recipient(number: u64) -> ScriptBuf {
    let mut hash = [0x5a; 20];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array(hash))
}

fn amount(number: u64) -> Amount {
    Amount::from_sat(10_000 + number % 10_000)
}

/// What a round is for: the name by which a lost proposal is looked up.
pub fn purpose(number: u64) -> String {
    format!("round {number}")
}

/// A vault of all members.
#[derive(Clone, Copy)]
pub struct Shared<'a> {
    /// Where it lives.
    pub world: &'a World,
    /// The vault.
    pub vault: VaultId,
}

impl<'a> Shared<'a> {
    /// Sets a vault up with every member and gives it coins; nobody is killed meanwhile.
    pub async fn set_up(world: &'a World) -> Result<Self, DemoError> {
        let create = Request::CreateVault(CreateVault {
            name: "Soak".to_owned(),
            member: NAMES[0].to_owned(),
            template: None,
            place: None,
            approvers: 0,
            threshold: 2,
            keyholders: NAMES.len() as u32,
            auditors: 0,
            own_relay: false,
            relays: vec![world.relay.clone()],
            chain: world.chain_server.clone(),
            invitation_seconds: 3_600,
            policy: None,
            script: None,
            recovery: None,
        });
        let created = told(world, 0, &create).await?;
        let Reply::Created { vault, keyholder_invitations, .. } = created else { return Err(unexpected(0, created)) };
        let shared = Self { world, vault };
        for (member, invitation) in (1..).zip(keyholder_invitations) {
            let chain = world.chain_server.clone();
            let join = Request::JoinVault(JoinVault {
                invitation,
                member: NAMES[member].to_owned(),
                chain,
                seed_words: None,
                own_network: false,
            });
            told(world, member, &join).await?;
        }
        for member in 0..NAMES.len() {
            shared.view_when(member, "the configuration", |view| view.status == VaultStatus::Ratifying).await?;
        }
        for member in 0..NAMES.len() {
            let other = (member + 1) % NAMES.len();
            let words = told(world, other, &Request::RosterWords(OnVault { vault })).await?;
            let Reply::Words { words } = words else { return Err(unexpected(other, words)) };
            told(world, member, &Request::Ratify(Ratify { vault, words: words.join(" ") })).await?;
        }
        for member in 0..NAMES.len() {
            shared.view_when(member, "the vault is active", |view| view.status == VaultStatus::Active).await?;
        }
        let issued = told(world, 0, &Request::IssueAddress(OnVault { vault })).await?;
        let Reply::Address { address, .. } = issued else { return Err(unexpected(0, issued)) };
        let wrong = || DemoError::Differs { what: "the form of the address" };
        let script = address.parse::<Address<_>>().map_err(|_| wrong())?;
        let script = script.require_network(NETWORK).map_err(|_| wrong())?.script_pubkey();
        let funded = world.chain.with(|chain| {
            let funded = DEPOSITS.map(|coin| chain.fund(script.clone(), Amount::from_sat(coin)));
            chain.mine(1);
            funded.into_iter().collect::<Result<Vec<_>, _>>()
        });
        funded.map_err(|error| DemoError::Process { member: "the chain".to_owned(), reason: error.to_string() })?;
        let whole = Sat(DEPOSITS.iter().sum());
        for member in 0..NAMES.len() {
            shared.view_when(member, "the deposits", |view| view.balance.confirmed == whole).await?;
        }
        Ok(shared)
    }

    /// One round: proposed, approved by two, signed by two, on the chain and in a block. `before` is the round before, in
    /// the same vault.
    pub async fn round(&self, number: u64, parts: Parts, before: Option<EventId>) -> Result<Paid, DemoError> {
        if let Some(before) = before {
            // Who proposes without knowing the payment before may choose its coins: both would stand, and one be stuck.
            let knows = |view: &VaultView| view.proposals.iter().any(|payment| payment.proposal == before);
            self.view_when(parts.proposer, "the payment before", knows).await?;
        }
        let ProposalView { proposal, txid, .. } = self.propose(number, parts.proposer).await?;
        let on = OnProposal { vault: self.vault, proposal };
        for member in [parts.proposer, parts.other] {
            self.until_done(member, &Request::Approve(on), |_| false).await?;
        }
        // Both signatures may be there, and the payment sent, before the second signer gets an answer.
        let signed = |unmet: &Unmet| matches!(unmet, Unmet::AlreadySigned | Unmet::Ended);
        for member in parts.signers {
            self.until_done(member, &Request::Sign(on), signed).await?;
        }
        let txid: Txid = txid.parse().map_err(|_| DemoError::Differs { what: "the form of the transaction id" })?;
        self.until(&format!("{} to be on the chain", purpose(number)), async || {
            Ok(self.world.chain.with(|chain| chain.transaction(txid).is_some()).then_some(()))
        })
        .await?;
        self.world.chain.with(|chain| chain.mine(1));
        Ok(Paid { number, parts, proposal, txid })
    }

    /// Proposes once: where an answer was lost the payment is looked up by its purpose before it is proposed again.
    async fn propose(&self, number: u64, member: usize) -> Result<ProposalView, DemoError> {
        let address = Address::from_script(&recipient(number), NETWORK);
        let address = address.map_err(|_| DemoError::Differs { what: "the form of the address" })?.to_string();
        let request = Request::Propose(Propose::new(
            self.vault,
            vec![Recipient { address, amount: Sat(amount(number).to_sat()) }],
            FEE_RATE,
            purpose(number),
        ));
        let (mut unsure, mut last) = (false, String::new());
        let what = format!("{} to propose {}", NAMES[member], purpose(number));
        let proposed = self.until(&what, async || {
            if unsure {
                let Some(view) = self.view(member).await? else { return Ok(None) };
                if let Some(payment) = view.proposals.into_iter().find(|it| it.purpose == purpose(number)) {
                    return Ok(Some(payment));
                }
                unsure = false;
            }
            match self.world.members[member].ask(&request).await? {
                None => unsure = true,
                Some(Reply::Proposal(view)) => return Ok(Some(*view)),
                // The chain source was not asked yet since the start, or its change is not in a block.
                Some(Reply::Failed(failure)) if may_come(&failure) => last = failure.message,
                Some(reply) => return Err(unexpected(member, reply)),
            }
            Ok(None)
        });
        proposed.await.map_err(|error| with_last(error, &last))
    }

    /// Asks until it is done; `enough` tells which unmet conditions mean that it was done before.
    async fn until_done(
        &self,
        member: usize,
        request: &Request,
        enough: impl Fn(&Unmet) -> bool,
    ) -> Result<(), DemoError> {
        let mut last = String::new();
        let what = format!("{} to do {request:?}", NAMES[member]);
        let done = self.until(&what, async || {
            match self.world.members[member].ask(request).await? {
                Some(Reply::Proposal(_)) => return Ok(Some(())),
                Some(Reply::Failed(failure)) if failure.unmet.iter().any(&enough) => return Ok(Some(())),
                Some(Reply::Failed(failure)) if may_come(&failure) => last = failure.message,
                Some(reply) => return Err(unexpected(member, reply)),
                None => {}
            }
            Ok(None)
        });
        done.await.map_err(|error| with_last(error, &last))
    }

    /// What a member shows; none where the answer was lost.
    pub async fn view(&self, member: usize) -> Result<Option<VaultView>, DemoError> {
        match self.world.members[member].ask(&Request::ShowVault(OnVault { vault: self.vault })).await? {
            None => Ok(None),
            Some(Reply::Vault(view)) => Ok(Some(*view)),
            Some(reply) => Err(unexpected(member, reply)),
        }
    }

    /// A member's record, once it answers.
    pub async fn record(&self, member: usize) -> Result<Vec<String>, DemoError> {
        let request = Request::ExportRecord(OnVault { vault: self.vault });
        let what = format!("{} to export the record", NAMES[member]);
        self.until(&what, async || match self.world.members[member].ask(&request).await? {
            None => Ok(None),
            Some(Reply::Record { lines }) => Ok(Some(lines)),
            Some(reply) => Err(unexpected(member, reply)),
        })
        .await
    }

    /// A member's view as soon as it is as described.
    pub async fn view_when(
        &self,
        member: usize,
        what: &str,
        is: impl Fn(&VaultView) -> bool,
    ) -> Result<VaultView, DemoError> {
        let what = format!("{} to see: {what}", NAMES[member]);
        self.until(&what, async || Ok(self.view(member).await?.filter(&is))).await
    }

    /// Where each member stands, for whoever looks for what is stuck.
    async fn as_seen(&self) -> Result<String, DemoError> {
        let mut seen = Vec::new();
        for (member, name) in NAMES.iter().enumerate() {
            seen.push(match self.view(member).await? {
                Some(view) => format!(
                    "{name}: {} events, {} waiting, {} unacknowledged, trouble {:?}",
                    view.events, view.waiting, view.unacknowledged, view.trouble
                ),
                None => format!("{name} does not answer"),
            });
        }
        Ok(seen.join("; "))
    }

    /// Tries again and again, as long as a patient person would.
    pub async fn until<T>(
        &self,
        what: &str,
        mut attempt: impl AsyncFnMut() -> Result<Option<T>, DemoError>,
    ) -> Result<T, DemoError> {
        let began = Instant::now();
        loop {
            if let Some(done) = attempt().await? {
                return Ok(done);
            }
            for member in &self.world.members {
                member.check_alive().await?;
            }
            if began.elapsed() > PATIENCE {
                let what = format!("{what} [{}]", self.as_seen().await?);
                return Err(DemoError::TooLong { what, waited: PATIENCE });
            }
            sleep(LOOK).await;
        }
    }
}

/// Whether a refusal may end by itself: a rule is not met yet, or the proposal is still on its way. Nothing was put back
/// from a copy here: who says so after a kill is wrong.
fn may_come(failure: &Failure) -> bool {
    let restored = failure.message.contains("put back from an older copy");
    failure.kind == FailureKind::Rule && !restored || failure.message.starts_with("there is no proposal")
}

async fn told(world: &World, member: usize, request: &Request) -> Result<Reply, DemoError> {
    match world.members[member].ask(request).await? {
        Some(Reply::Failed(failure)) => Err(DemoError::Refused { member: NAMES[member].to_owned(), failure }),
        Some(reply) => Ok(reply),
        None => Err(DemoError::Offline { member: NAMES[member].to_owned() }),
    }
}

fn unexpected(member: usize, reply: Reply) -> DemoError {
    DemoError::Unexpected { member: NAMES[member].to_owned(), reply: Box::new(reply) }
}

/// What was still waited for, with the last refusal.
fn with_last(error: DemoError, last: &str) -> DemoError {
    match error {
        DemoError::TooLong { what, waited } if !last.is_empty() => {
            DemoError::TooLong { what: format!("{what} (last answer: {last})"), waited }
        }
        other => other,
    }
}
