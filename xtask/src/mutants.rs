//! `cargo xtask mutants`: changes the guard and the rules in one place at a time, and looks whether a test notices.
//!
//! What is changed and how is `cargo mutants`' affair; which files and which tests is said here. A change that no test
//! notices is a survivor: `docs/mutants.md` is for those that change nothing.

use crate::cargo::{call, cargo, root, succeeds, target_dir};
use crate::machine::{Set, ensure};
use crate::stop::Stop;

/// What decides about money: changed where nothing else is named.
const FILES: [&str; 2] = ["src-tauri/domain/src/guard.rs", "src-tauri/domain/src/policy/*.rs"];

/// The tests that show what these files are for. Two programs, since each is linked anew for each change.
const TESTS: [&str; 4] = ["--test", "guard", "--test", "policy"];

/// Longest time for the tests of one change, in seconds.
const TIMEOUT: &str = "300";

/// `cargo xtask mutants [FILE...]`.
pub fn mutants(files: &[String]) -> Result<(), Stop> {
    ensure(&[Set::Build])?;
    if !succeeds(cargo().args(["mutants", "--version"])) {
        let remedy = "install it by `cargo install cargo-mutants --locked`".to_owned();
        return Err(Stop::Missing { what: "cargo-mutants".to_owned(), remedy });
    }
    let files: Vec<&str> = if files.is_empty() { FILES.to_vec() } else { files.iter().map(String::as_str).collect() };
    let mut command = cargo();
    command.arg("mutants").arg("--dir").arg(root()).arg("--output").arg(target_dir()?);
    command.args(["--package", "conclave-domain", "--jobs", "1", "--timeout", TIMEOUT]);
    command.args(files.iter().flat_map(|file| ["--file", *file]));
    // A folder of builds for itself: in the usual one each change would make everybody build anew.
    command.env("CARGO_TARGET_DIR", target_dir()?.join("mutants"));
    call(command.arg("--").args(TESTS))
}
