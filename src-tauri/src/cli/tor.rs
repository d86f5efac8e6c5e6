//! Tor, for subcommands: an installation that needs it is run once it is up, and how it goes is said on standard error.

use std::time::Duration;

use conclave_shared::desktop::TorState;

use super::{CliError, Home};
use crate::desktop::settings;
use crate::installation::Installation;
use crate::main_loop::{CHAIN_PAUSE_MS, Running};

/// Runs an installation. Where it needs Tor it waits for that, `patience` at most: what is asked after that may still fail
/// because Tor is not up, and nothing is ever sent past it.
pub(super) async fn run(home: &Home, installation: Installation, patience: Duration) -> Running {
    let door = settings::door(&home.home);
    let needs = installation.needs_tor();
    let running = Running::start(installation, door.clone(), CHAIN_PAUSE_MS);
    if needs {
        let mut state = door.state();
        let say = async {
            loop {
                let now = state.borrow_and_update().clone();
                eprintln!("conclave: {}", in_words(&now));
                if state.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            _ = door.client() => {}
            () = say => {}
            () = tokio::time::sleep(patience) => {}
        }
    }
    running
}

/// The same for a subcommand that opens the installation itself.
pub(super) async fn run_at(home: &Home, patience: Duration) -> Result<Running, CliError> {
    Ok(run(home, super::installation::open(home)?, patience).await)
}

/// How Tor stands, as a line.
pub(super) fn in_words(state: &TorState) -> String {
    match state {
        TorState::Off => "Tor: not needed".to_owned(),
        TorState::Starting { percent, doing } if doing.is_empty() => format!("Tor is starting: {percent} %"),
        TorState::Starting { percent, doing } => format!("Tor is starting: {percent} % ({doing})"),
        TorState::Ready => "Tor is ready".to_owned(),
        TorState::Failed { reason, .. } => format!("Tor is not up, nothing is sent: {reason}"),
    }
}
