//! `conclave backup` and `conclave restore`: a whole installation as one file, and back.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;

use super::audit::new_file;
use super::installation::{close, open, passphrase};
use super::{CliError, Home};
use crate::failure::InstallationError;
use crate::input::now_ms;
use crate::main_loop::Own;
use crate::store;

#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    home: Home,
}

pub(super) fn backup(args: &FileArgs) -> Result<(), CliError> {
    let FileArgs { file: path, home } = args;
    let mut installation = open(home)?;
    let written = new_file(path).and_then(|into| {
        let done = installation.own_request(Own::Backup { into }, now_ms());
        // Half a backup would pass for one.
        done.inspect_err(|_| drop(std::fs::remove_file(path))).map_err(told)
    });
    close(installation);
    written?;
    println!("backup written to {}; it opens by the passphrase of now", path.display());
    Ok(())
}

pub(super) fn restore(args: &FileArgs) -> Result<(), CliError> {
    let FileArgs { file: path, home } = args;
    let unreadable = |error| CliError::Input(format!("{} cannot be read: {error}", path.display()));
    let backup = File::open(path).map_err(unreadable)?;
    store::restore(&home.home, backup, &passphrase(home, false)?)?;
    println!(
        "installation put back in {}; it only reads until the other members have told what it said last",
        home.home.display()
    );
    Ok(())
}

fn told(error: InstallationError) -> CliError {
    match error {
        InstallationError::Store(error) => CliError::Store(error),
        error => CliError::Installation(error),
    }
}
