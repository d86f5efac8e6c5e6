//! A foreign program as a process that does not outlive us. It runs under a keeper (`conclave keep`), a process that ends it
//! when its own input ends: our end of that input closes with this process, even by SIGKILL.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::{NodeError, end_of, until};

/// A program under its keeper. Dropped, the program is ended.
#[derive(Debug)]
pub struct Kept {
    name: &'static str,
    keeper: Child,
    input: Option<ChildStdin>,
    log: PathBuf,
}

impl Kept {
    /// Starts `program` with `options`; what it prints goes to a file in `folder`.
    pub fn start(
        keeper: &Path,
        name: &'static str,
        program: &Path,
        options: &[String],
        folder: &Path,
    ) -> Result<Self, NodeError> {
        let started = |source| NodeError::Start { program: name, source };
        let log = folder.join(format!("{name}.log"));
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log).map_err(started)?;
        let errors = output.try_clone().map_err(started)?;
        let mut command = Command::new(keeper);
        command.arg("keep").arg("--").arg(program).args(options);
        let mut keeper = command.stdin(Stdio::piped()).stdout(output).stderr(errors).spawn().map_err(started)?;
        let input = keeper.stdin.take();
        Ok(Self { name, keeper, input, log })
    }

    /// Waits until something is so; fails if the program ends before.
    pub fn until(
        &mut self,
        what: &'static str,
        mut is: impl FnMut() -> Result<bool, NodeError>,
    ) -> Result<(), NodeError> {
        let Self { name, keeper, log, .. } = self;
        let in_time = until(|| {
            if keeper.try_wait()?.is_some() {
                return Err(NodeError::Ended { program: name, said: end_of(log) });
            }
            is()
        })?;
        self.in_time(in_time, what)
    }

    /// Waits until the program has ended by itself.
    pub fn until_ended(&mut self, what: &'static str) -> Result<(), NodeError> {
        let in_time = until(|| Ok(self.keeper.try_wait()?.is_some()))?;
        self.in_time(in_time, what)
    }

    /// Kills the program and waits until it has ended.
    pub fn kill(&mut self) -> Result<(), NodeError> {
        self.input = None;
        self.until_ended("runs though it was killed")
    }

    fn in_time(&self, in_time: bool, what: &'static str) -> Result<(), NodeError> {
        let late = || NodeError::TooLong { program: self.name, what, said: end_of(&self.log) };
        in_time.then_some(()).ok_or_else(late)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The folder that the program writes into goes next: it should have ended by then.
        let _ = self.kill();
    }
}
