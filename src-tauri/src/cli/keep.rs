//! `conclave keep`: another program that must not outlive the process that started it, however that ends.

use std::ffi::OsString;
use std::process::Stdio;

use clap::Args;

use super::CliError;

#[derive(Debug, Args)]
pub(super) struct KeepArgs {
    /// The program and its arguments.
    #[arg(required = true, last = true)]
    command: Vec<OsString>,
}

pub(super) async fn keep(args: KeepArgs) -> Result<(), CliError> {
    let Some((program, arguments)) = args.command.split_first() else { return Ok(()) };
    let mut command = tokio::process::Command::new(program);
    let mut child = command.args(arguments).stdin(Stdio::null()).kill_on_drop(true).spawn()?;
    let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
    tokio::select! {
        ended = child.wait() => match ended? {
            status if status.success() => Ok(()),
            status => Err(CliError::Kept(status)),
        },
        _ = tokio::io::copy(&mut input, &mut nowhere) => Ok(child.kill().await?),
    }
}
