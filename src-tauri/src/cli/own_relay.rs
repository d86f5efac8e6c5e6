//! `conclave relay --onion`: an installation's own relays, served behind onion addresses for as long as this runs.
//!
//! The installation is connected all the while, as by `conclave member`: it takes part in its vaults too.

use std::path::PathBuf;

use clap::Args;
use conclave_shared::VaultId;
use conclave_shared::request::{HostRelay, Reply, Request};
use conclave_shared::view::VaultView;

use super::installation::{open, the_vault};
use super::serve::{Listen, say_as_json};
use super::words::own_relay_in_words;
use super::{CliError, Home};
use crate::desktop::settings;
use crate::main_loop::{CHAIN_PAUSE_MS, Running};
use crate::record::shown;

/// Whose relays to serve behind onion addresses.
#[derive(Debug, Args)]
pub(super) struct OnionArgs {
    /// Serve this installation's own relays behind onion addresses, each for the members of its vault alone.
    #[arg(long, requires = "home", conflicts_with = "listen")]
    onion: bool,
    /// Folder of the installation.
    #[arg(long, env = "CONCLAVE_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// File whose first line is the passphrase. Else CONCLAVE_PASSPHRASE, else the terminal asks.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Begin to serve one for this vault too. Not needed where the installation has one vault, or serves one already.
    #[arg(long, requires = "onion")]
    vault: Option<VaultId>,
}

/// An installation whose relays are to be served.
pub(super) struct Own {
    home: Home,
    vault: Option<VaultId>,
}

impl OnionArgs {
    /// What was asked for, if it is an onion relay.
    pub(super) fn asked(self) -> Result<Option<Own>, CliError> {
        match (self.onion, self.home) {
            (false, _) => Ok(None),
            (true, Some(home)) => {
                let home = Home { home, passphrase_file: self.passphrase_file };
                Ok(Some(Own { home, vault: self.vault }))
            }
            (true, None) => Err(CliError::Input("--onion needs --home: the installation whose relay it is".to_owned())),
        }
    }
}

/// Serves until it is ended, and says how each relay stands whenever that changes.
pub(super) async fn serve(own: Own, listen: &Listen) -> Result<(), CliError> {
    let installation = open(&own.home)?;
    let serves = installation.vaults().any(|open| open.own_relay.as_ref().is_some_and(|own| own.served));
    let begin = match own.vault {
        Some(vault) => Some(vault),
        None if serves => None,
        None => match the_vault(&installation, None) {
            Ok(vault) => Some(vault),
            Err(error) => {
                super::installation::close(installation);
                return Err(error);
            }
        },
    };
    let running = Running::start(installation, settings::door(&own.home.home), CHAIN_PAUSE_MS);
    let outcome = tokio::select! {
        said = say_all(&running, begin, listen.says_json()) => said,
        over = listen.until_over() => over,
    };
    running.stop().await;
    outcome
}

/// Says where the relays are, then how they stand, for ever.
async fn say_all(running: &Running, begin: Option<VaultId>, json: bool) -> Result<(), CliError> {
    if let Some(vault) = begin
        && let Reply::Failed(failure) = running.ask(Request::HostRelay(HostRelay { vault, served: true })).await
    {
        return Err(CliError::Failed(failure));
    }
    let mut changes = running.changes();
    let mut said: Vec<String> = Vec::new();
    loop {
        changes.mark_unchanged();
        let Reply::Vaults { vaults, .. } = running.ask(Request::ListVaults).await else {
            return Err(CliError::Input("the installation has stopped".to_owned()));
        };
        for line in vaults.iter().filter_map(|vault| line(vault, json)) {
            if !said.contains(&line) {
                match json {
                    true => say_as_json(line.clone())?,
                    false => println!("{line}"),
                }
                said.push(line);
            }
        }
        if changes.changed().await.is_err() {
            return Err(CliError::Input("the installation has stopped".to_owned()));
        }
    }
}

/// What is said of a vault's relay, if it is served; as JSON the address alone.
fn line(vault: &VaultView, json: bool) -> Option<String> {
    let own = vault.own_relay.as_ref().filter(|own| own.served)?;
    Some(match json {
        true => own.address.clone(),
        false => format!("{}: {} {}", shown(&vault.name), own.address, own_relay_in_words(own)),
    })
}
