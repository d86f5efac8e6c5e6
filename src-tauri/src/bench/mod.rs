//! Measurements: what this program adds to the bare cryptography inside it, as ratios within one run, and what a large
//! vault costs. Printed, never asserted: a busy machine must not fail a test. `record` is about events, `wallet` about
//! the coins of a large vault, `sync` about its first look at the chain, `signing` about a large payment, `latency` about the way
//! of a proposal from one member to another.

mod latency;
pub(crate) mod record;
mod signing;
mod sync;
pub(crate) mod wallet;

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Events in the record that is folded.
    #[arg(long, default_value_t = 100_000)]
    events: u32,
    /// Transactions in the large wallet; a fifth as many coins, and as many transactions in the first sync.
    #[arg(long, default_value_t = 50_000)]
    transactions: u32,
    /// Only one of the measurements.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Measure as the client of a first sync from this chain server, for the vault of the bench.
    #[arg(long, hide = true, value_name = "URL")]
    first_sync_from: Option<String>,
    /// Measure nothing: make an installation with a vault of `--events` events in this folder, with the passphrase in
    /// CONCLAVE_PASSPHRASE, for the window to open.
    #[arg(long, hide = true, value_name = "DIR")]
    prepare: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Fold and opening of a long record.
    Record,
    /// Opening, lists and coin selection of a large wallet.
    Wallet,
    /// The first sync of a wallet.
    Sync,
    /// Guard and signing of a large payment.
    Signing,
    /// The way of a proposal, on this machine and over a private Tor network. Needs Debian's tor.
    Latency,
}

/// Why a measurement is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Events of the bench's own record were refused.
    #[error("only {admitted} of {events} events were admitted: the figures are worth nothing")]
    Refused {
        /// How many were admitted.
        admitted: usize,
        /// How many there are.
        events: usize,
    },
    /// What was measured is not what was to be measured.
    #[error("{what}: the figures are worth nothing")]
    Otherwise {
        /// What is otherwise.
        what: String,
    },
    /// A file, a folder or a process.
    #[error("this machine: {0}")]
    Machine(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The passphrase.
    #[error(transparent)]
    Passphrase(#[from] crate::store::PassphraseError),
    /// The vault.
    #[error(transparent)]
    Installation(#[from] crate::failure::InstallationError),
    /// The coins.
    #[error(transparent)]
    Coins(#[from] crate::coins::CoinsError),
    /// The chain source.
    #[error(transparent)]
    Chain(#[from] crate::chain::ChainError),
    /// The practice chain.
    #[error(transparent)]
    Serve(#[from] crate::practice::ServeError),
    /// The members whose messages are timed.
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    /// The practice chain's faucet.
    #[error(transparent)]
    Practice(#[from] crate::practice::PracticeError),
}

/// Runs the measurements that are asked for. It blocks its thread for minutes: the runtime needs others.
pub async fn run(args: &BenchArgs) -> Result<(), BenchError> {
    if let Some(server) = &args.first_sync_from {
        return sync::client(server, args.transactions / 5);
    }
    if let Some(home) = &args.prepare {
        return record::prepare(home, args.events);
    }
    let all = [Part::Signing, Part::Wallet, Part::Sync, Part::Record, Part::Latency];
    for part in all.into_iter().filter(|part| args.only.is_none_or(|only| only == *part)) {
        match part {
            Part::Record => record::run(args.events)?,
            Part::Wallet => wallet::run(args.transactions)?,
            Part::Sync => sync::run(args.transactions / 5).await?,
            Part::Signing => signing::run()?,
            Part::Latency => latency::run().await?,
        }
    }
    Ok(())
}

/// Time since its start: of the clock, and what of it this thread was on a processor where the system tells.
struct Clock {
    began: Instant,
    processor: Option<Duration>,
}

impl Clock {
    fn start() -> Self {
        Self { began: Instant::now(), processor: on_processor() }
    }

    /// Time by the clock.
    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Time on a processor; that of the clock where it is not known. On a busy machine it says more.
    fn busy(&self) -> Duration {
        let now = on_processor();
        now.zip(self.processor).map_or_else(|| self.elapsed(), |(now, before)| now.saturating_sub(before))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "{:.1} ms ({:.1} ms on the processor)", millis(self.elapsed()), millis(self.busy()))
    }
}

/// How long this thread was on a processor, by Linux.
fn on_processor() -> Option<Duration> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    schedule.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn report(what: &str, time: Duration, bare: Duration) {
    println!("  {what}: {:.3} s, {:.2} times bare", time.as_secs_f64(), time.as_secs_f64() / bare.as_secs_f64());
}
