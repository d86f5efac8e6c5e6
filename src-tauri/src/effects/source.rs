//! The chain source of one vault or watched descriptor: a thread that owns the connection, for its calls block, and who
//! waits for its answers. What comes of an answer does not belong here.

use std::sync::mpsc as blocking;

use bitcoin::Transaction;
use conclave_shared::request::Reply;
use conclave_shared::{EventId, VaultId};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::chain::{ChainError, ChainSource, Electrum};
use crate::coins::{Answer, Question};
use crate::failure::InstallationError;
use crate::input::{ChainNews, Input};
use crate::installation::Installation;
use crate::tor::Door;

/// Addresses without a payment before a keychain counts as searched (BIP44).
const STOP_GAP: usize = 20;

/// What a chain thread is asked to do.
enum ChainJob {
    Ask(Question),
    Fees,
    Broadcast { proposal: EventId, transaction: Box<Transaction> },
}

/// One chain source, as the main loop sees it.
pub(super) struct Source {
    vault: VaultId,
    door: Door,
    address: String,
    /// Which connection it is.
    link: u64,
    jobs: blocking::Sender<ChainJob>,
    asked: bool,
    ask_again_ms: u64,
    /// Who waits for the question that is asked now.
    waiting: Vec<oneshot::Sender<Reply>>,
    /// Who asked while it was on its way: they want a newer answer.
    waiting_next: Vec<oneshot::Sender<Reply>>,
    /// Who waits for what a transaction has to pay.
    waiting_fees: Vec<oneshot::Sender<Reply>>,
}

impl Source {
    /// Starts the thread; it connects with its first job.
    pub(super) fn connect(vault: VaultId, door: &Door, address: &str, link: u64, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            vault,
            door: door.clone(),
            address: address.to_owned(),
            link,
            jobs: thread(vault, door.clone(), address.to_owned(), link, inputs),
            asked: false,
            ask_again_ms: 0,
            waiting: Vec::new(),
            waiting_next: Vec::new(),
            waiting_fees: Vec::new(),
        }
    }

    /// Goes over to another address, if it is another; says whether. Who waits is answered from there.
    pub(super) fn go_to(&mut self, address: &str, link: u64, inputs: mpsc::Sender<Input>) -> bool {
        if self.address == address {
            return false;
        }
        let mut new = Self::connect(self.vault, &self.door, address, link, inputs);
        new.waiting = std::mem::take(&mut self.waiting);
        new.waiting.append(&mut self.waiting_next);
        new.waiting_fees = std::mem::take(&mut self.waiting_fees);
        if !new.waiting_fees.is_empty() {
            let _ = new.jobs.send(ChainJob::Fees);
        }
        *self = new;
        true
    }

    /// Which connection it is: news of another is not of it.
    pub(super) fn link(&self) -> u64 {
        self.link
    }

    /// Asks what has changed, where the last question is answered and lies long enough back.
    pub(super) fn ask_in_turn(&mut self, installation: &Installation, now_ms: u64, pause_ms: u64) {
        if !self.asked && now_ms >= self.ask_again_ms {
            self.ask(installation, now_ms, pause_ms);
        }
    }

    /// Asks now, and answers when there is an answer.
    pub(super) fn ask_for(
        &mut self,
        installation: &Installation,
        reply: oneshot::Sender<Reply>,
        now_ms: u64,
        pause_ms: u64,
    ) {
        if self.asked {
            self.waiting_next.push(reply);
        } else {
            self.waiting.push(reply);
            self.ask(installation, now_ms, pause_ms);
        }
    }

    fn ask(&mut self, installation: &Installation, now_ms: u64, pause_ms: u64) {
        match installation.question(self.vault, now_ms) {
            Some(question) => {
                self.asked = self.jobs.send(ChainJob::Ask(question)).is_ok();
                self.ask_again_ms = now_ms + pause_ms;
            }
            // No configuration is accepted yet: there are no addresses to ask about.
            None => tell(&mut self.waiting, &Reply::Done),
        }
    }

    /// The question is answered: whoever waited is told what came of it, and who came later is asked for.
    pub(super) fn answered(&mut self, came_of_it: &Reply, installation: &Installation, now_ms: u64, pause_ms: u64) {
        self.asked = false;
        tell(&mut self.waiting, came_of_it);
        if !self.waiting_next.is_empty() {
            self.waiting = std::mem::take(&mut self.waiting_next);
            self.ask(installation, now_ms, pause_ms);
        }
    }

    /// Asks what a transaction has to pay, once for all who want to know it at one time.
    pub(super) fn ask_fees(&mut self, reply: oneshot::Sender<Reply>) {
        let asked = self.waiting_fees.iter().any(|waiting| !waiting.is_closed());
        self.waiting_fees.push(reply);
        if !asked {
            let _ = self.jobs.send(ChainJob::Fees);
        }
    }

    /// What a transaction has to pay is known, or not.
    pub(super) fn fees_answered(&mut self, reply: &Reply) {
        tell(&mut self.waiting_fees, reply);
    }

    /// Hands a transaction to the network.
    pub(super) fn broadcast(&self, proposal: EventId, transaction: Transaction) {
        let _ = self.jobs.send(ChainJob::Broadcast { proposal, transaction: Box::new(transaction) });
    }

    /// It is asked no more: whoever waits is told that there is nothing to ask about.
    pub(super) fn end(mut self) {
        let gone = Reply::Failed(InstallationError::UnknownVault { vault: self.vault }.failure());
        for waiting in [&mut self.waiting, &mut self.waiting_next, &mut self.waiting_fees] {
            tell(waiting, &gone);
        }
    }
}

fn tell(waiting: &mut Vec<oneshot::Sender<Reply>>, reply: &Reply) {
    for one in waiting.drain(..) {
        let _ = one.send(reply.clone());
    }
}

/// A new connection, or why there is none.
type Connected = Result<Electrum, ChainError>;

/// A thread that owns the connection. It ends with the sender of jobs.
fn thread(
    vault: VaultId,
    door: Door,
    address: String,
    link: u64,
    inputs: mpsc::Sender<Input>,
) -> blocking::Sender<ChainJob> {
    let (sender, jobs) = blocking::channel();
    // What is reached through Tor is carried by this runtime.
    let runtime = Handle::current();
    std::thread::spawn(move || {
        let _entered = runtime.enter();
        let connect = || Electrum::through(&door, vault, &address);
        let mut source: Option<Electrum> = None;
        for job in jobs {
            let news = do_job_unharmed(&mut source, &connect, job);
            if inputs.blocking_send(Input::Chain { vault, link, news }).is_err() {
                return;
            }
        }
    });
    sender
}

/// A library that panics over a server's nonsense must not take the vault's eyes for good.
fn do_job_unharmed(source: &mut Option<Electrum>, connect: &impl Fn() -> Connected, job: ChainJob) -> ChainNews {
    let broken = || ChainError::Malformed { reason: "its answer could not be worked with".to_owned() };
    let lost = match &job {
        ChainJob::Ask(_) => ChainNews::Answered { answer: Err(broken()), tip: None },
        ChainJob::Fees => ChainNews::Fees(Err(broken())),
        ChainJob::Broadcast { proposal, transaction } => {
            ChainNews::Broadcast { proposal: *proposal, transaction: transaction.clone(), error: Some(broken()) }
        }
    };
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| do_job(source, connect, job)));
    done.unwrap_or_else(|_| {
        *source = None;
        lost
    })
}

fn do_job(source: &mut Option<Electrum>, connect: &impl Fn() -> Connected, job: ChainJob) -> ChainNews {
    let connected = match source {
        Some(source) => Ok(source),
        None => connect().map(|connected| source.insert(connected)),
    };
    match job {
        ChainJob::Ask(question) => match connected {
            Ok(source) => {
                let answer = ask(source, question);
                // Only shown: without it the answer stands.
                let tip = answer.is_ok().then(|| source.tip().ok()).flatten();
                ChainNews::Answered { answer, tip }
            }
            Err(error) => ChainNews::Answered { answer: Err(error), tip: None },
        },
        ChainJob::Fees => ChainNews::Fees(connected.and_then(ChainSource::fees)),
        ChainJob::Broadcast { proposal, transaction } => {
            let error = connected.and_then(|source| source.broadcast(&transaction)).err();
            ChainNews::Broadcast { proposal, transaction, error }
        }
    }
}

fn ask(source: &mut impl ChainSource, question: Question) -> Result<Answer, ChainError> {
    Ok(match question {
        Question::Scan(request) => Answer::Scan(source.full_scan(request, STOP_GAP)?),
        Question::Sync(request) => Answer::Sync(source.sync(request)?),
    })
}
