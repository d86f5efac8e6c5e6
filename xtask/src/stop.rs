//! Why a command stopped.

use std::path::PathBuf;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// No such command.
    #[error("there is no command {text:?}: `cargo xtask help` lists them")]
    Command { text: String },
    /// An argument that the command does not take.
    #[error("{command} does not take {text:?}: `cargo xtask help` lists what it takes")]
    Argument { command: &'static str, text: String },
    /// Something is not on this machine and could not be installed here.
    #[error("{what} is missing: {remedy}")]
    Missing { what: String, remedy: String },
    /// A tool that was called did not succeed; it has said why itself.
    #[error("`{line}` failed ({outcome})")]
    Tool { line: String, outcome: String },
    /// A tool could not be started.
    #[error("`{line}` could not be started: {source}")]
    Start { line: String, source: std::io::Error },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A tool answered something else than it is known to.
    #[error("`{line}` answered something unexpected: {what}")]
    Answer { line: String, what: String },
    /// wasm-bindgen refused the compiled pages.
    #[error("the compiled pages could not be prepared for the window: {reason}")]
    Pages { reason: String },
    /// A check of `ci` or a tier of `test` failed; which ones is printed above.
    #[error("failed: {names}")]
    Failed { names: String },
    /// A file of tests that no tier runs.
    #[error("tests/{file}.rs belongs to no tier: name one for it in xtask/src/test.rs")]
    NoTier { file: String },
    /// The program that was started ended with this code.
    #[error("the program ended with code {code}")]
    Program { code: u8 },
}
