//! The whole life of a 2-of-3 vault with three programs: every state is reached through the windows alone.

mod doors;
mod keep;
mod pay;
mod rules;
mod set_up;
mod write_down;

pub use doors::make_installation;

use crate::app::App;
use crate::look::Looks;
use crate::servers::{Chain, Relay};
use crate::stage::Outcome;

/// Three people, each at a computer of their own, a relay, a chain, and what was seen.
pub struct Life {
    /// The folder in which all of them have their homes.
    folder: tempfile::TempDir,
    ana: App,
    ben: App,
    cleo: App,
    relay: Relay,
    chain: Chain,
    looks: Looks,
}

impl Life {
    /// Before anything has happened.
    pub async fn begin() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let at = folder.path();
        let (ana, ben, cleo) = tokio::try_join!(App::open(at, "ana"), App::open(at, "ben"), App::open(at, "cleo"))?;
        let (relay, chain) = (Relay::start()?, Chain::start()?);
        Ok(Self { folder, ana, ben, cleo, relay, chain, looks: Looks::default() })
    }

    /// All of it, in order.
    pub async fn live(&mut self) -> Outcome<()> {
        let mut marks = Marks::begin();
        self.first_start().await?;
        marks.at("first start");
        self.wrong_passphrase().await?;
        marks.at("wrong passphrase");
        self.set_up().await?;
        marks.at("set-up");
        self.receive().await?;
        marks.at("deposit");
        self.write_down().await?;
        self.copy().await?;
        marks.at("written down and copied");
        self.pay().await?;
        marks.at("payment");
        self.labels_and_coins().await?;
        self.lists().await?;
        marks.at("labels, coins, lists");
        self.record().await?;
        marks.at("record");
        self.settings().await?;
        self.backup().await?;
        marks.at("settings and backup");
        self.change_policy().await?;
        self.freeze().await?;
        marks.at("rules");
        self.judge().await?;
        Ok(())
    }

    /// What stands on the screens, for whoever looks for the reason of a failure.
    pub async fn keep_screens(&self) {
        for app in [&self.ana, &self.ben, &self.cleo] {
            // A window that is gone has nothing to show.
            let _ = app.screenshot(&format!("failed-{}", app.name)).await;
            if let Ok(text) = app.text().await {
                eprintln!("{} saw: {text}\n", app.name);
            }
        }
    }

    /// Closes the windows, and says what was wrong with the screens.
    pub async fn end(mut self) -> Outcome<()> {
        for app in [&mut self.ana, &mut self.ben, &mut self.cleo] {
            app.close().await?;
        }
        self.looks.verdict()
    }
}

/// How long each part took, printed and never asserted.
struct Marks {
    last: std::time::Instant,
}

impl Marks {
    fn begin() -> Self {
        Self { last: std::time::Instant::now() }
    }

    fn at(&mut self, what: &str) {
        println!("{what}: {:.1} s", self.last.elapsed().as_secs_f64());
        self.last = std::time::Instant::now();
    }
}
