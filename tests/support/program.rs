//! The headless program as people run it: with arguments and an exit code.
#![allow(dead_code, reason = "each test file uses its part")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The headless program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_conclave");

/// Runs the program with a passphrase in its environment.
pub fn conclave(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).env("CONCLAVE_PASSPHRASE", "practice").stdin(Stdio::null()).output().unwrap()
}

/// What a program said.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs it, must succeed.
pub fn done(args: &[&str]) -> String {
    let output = conclave(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs it, must fail with this exit code and say this.
pub fn refused(args: &[&str], code: i32, says: &str) {
    let output = conclave(args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(says), "{args:?} says {said:?}, not {says:?}");
    assert!(!said.contains("panicked"), "{said}");
}

/// Reads one reply.
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
