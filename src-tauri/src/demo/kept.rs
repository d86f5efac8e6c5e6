//! A foreign program as a process that does not outlive us. It runs under a keeper (`conclave keep`), a process that ends it
//! when its own input ends: our end of that input closes with this process, even by SIGKILL.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to start, to do something, or to end.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Why a foreign program did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// It cannot be started.
    #[error("{program} cannot be started: {source}")]
    Start {
        /// Which.
        program: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended by itself.
    #[error("{program} ended by itself; it said last: {said}")]
    Ended {
        /// Which.
        program: &'static str,
        /// The end of its log.
        said: String,
    },
    /// It did not do something in time.
    #[error("{program} still {what} after {} s; it said last: {said}", PATIENCE.as_secs())]
    TooLong {
        /// Which.
        program: &'static str,
        /// What it does too long.
        what: &'static str,
        /// The end of its log.
        said: String,
    },
    /// The system does not say how it is.
    #[error("{program}: {source}")]
    Look {
        /// Which.
        program: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

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
    ) -> Result<Self, KeptError> {
        let started = |source| KeptError::Start { program: name, source };
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
    pub fn until<E: From<KeptError>>(
        &mut self,
        what: &'static str,
        mut is: impl FnMut() -> Result<bool, E>,
    ) -> Result<(), E> {
        let began = Instant::now();
        while !is()? {
            self.still_runs()?;
            self.pause(began, what)?;
        }
        Ok(())
    }

    /// Waits until the program has ended by itself.
    pub fn until_ended(&mut self, what: &'static str) -> Result<(), KeptError> {
        let began = Instant::now();
        while !self.has_ended()? {
            self.pause(began, what)?;
        }
        Ok(())
    }

    /// Fails if the program has ended.
    pub fn still_runs(&mut self) -> Result<(), KeptError> {
        if self.has_ended()? {
            return Err(KeptError::Ended { program: self.name, said: end_of(&self.log) });
        }
        Ok(())
    }

    /// Has the program killed, without waiting for its end.
    pub fn let_go(&mut self) {
        self.input = None;
    }

    /// Kills the program and waits until it has ended.
    pub fn kill(&mut self) -> Result<(), KeptError> {
        self.let_go();
        self.until_ended("runs though it was killed")
    }

    fn has_ended(&mut self) -> Result<bool, KeptError> {
        let looked = self.keeper.try_wait().map_err(|source| KeptError::Look { program: self.name, source });
        Ok(looked?.is_some())
    }

    /// Waits a moment before the next look, if there is time for one.
    fn pause(&self, began: Instant, what: &'static str) -> Result<(), KeptError> {
        if began.elapsed() > PATIENCE {
            return Err(KeptError::TooLong { program: self.name, what, said: end_of(&self.log) });
        }
        std::thread::sleep(LOOK);
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The folder that the program writes into goes next: it should have ended by then.
        let _ = self.kill();
    }
}

/// The end of a log, on one line.
pub fn end_of(log: &Path) -> String {
    const SHOWN: usize = 600;
    let bytes = std::fs::read(log).unwrap_or_default();
    let end = bytes.get(bytes.len().saturating_sub(SHOWN)..).unwrap_or_default();
    String::from_utf8_lossy(end).trim().replace('\n', " | ")
}

/// The program that is named, or else the first of this name in the folders of the path.
pub fn found(program: &str, named: Option<&OsStr>, path: &OsStr) -> Option<PathBuf> {
    match named {
        // What is named and not there is not replaced by something else in silence.
        Some(named) => Some(PathBuf::from(named)).filter(|named| named.is_file()),
        None => std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_named_wins_and_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (on_path, named) = (folder.path().join("bitcoind"), folder.path().join("another"));
        std::fs::write(&on_path, "").unwrap();
        std::fs::write(&named, "").unwrap();
        let path = folder.path().as_os_str();
        assert_eq!(found("bitcoind", None, path), Some(on_path));
        assert_eq!(found("bitcoind", Some(named.as_os_str()), path), Some(named));
        assert_eq!(found("bitcoind", Some(OsStr::new("/nowhere/bitcoind")), path), None);
        assert_eq!(found("electrs", None, path), None);
    }
}
