//! Calling cargo and other tools: where things are, with which environment, and what a failure says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::stop::Stop;

/// The packages that are built and tested together. They are always selected as one: cargo unites features over what is
/// selected, so another selection would compile dependencies a second time.
pub const PACKAGES: [&str; 8] =
    ["-p", "conclave", "-p", "conclave-domain", "-p", "conclave-shared", "-p", "conclave-ui-logic"];

/// The checkout's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Cargo, on the toolchain that started xtask.
pub fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).stdin(Stdio::null());
    about_nothing(&mut command);
    command
}

/// `cargo run` tells a program about its own package: handed on, it would be about the wrong one.
pub fn about_nothing(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|own| name.starts_with(own))) {
            command.env_remove(name);
        }
    }
}

/// Cargo's target folder, as its configuration says.
pub fn target_dir() -> Result<&'static Path, Stop> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = FOLDER.get() {
        return Ok(folder);
    }
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let answer = answer(&mut command)?;
    let unexpected = |what: &str| Stop::Answer { line: line(&command), what: what.to_owned() };
    let metadata: serde_json::Value = serde_json::from_str(&answer).map_err(|error| unexpected(&error.to_string()))?;
    let folder = metadata["target_directory"].as_str().ok_or_else(|| unexpected("no target_directory"))?;
    Ok(FOLDER.get_or_init(|| PathBuf::from(folder)))
}

/// The command as a person would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a tool to its end; it prints for itself.
pub fn call(command: &mut Command) -> Result<(), Stop> {
    let status = command.status().map_err(|source| Stop::Start { line: line(command), source })?;
    if status.success() { Ok(()) } else { Err(Stop::Tool { line: line(command), outcome: status.to_string() }) }
}

/// Runs a tool to its end and returns what it printed.
pub fn answer(command: &mut Command) -> Result<String, Stop> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Stop::Start { line: line(command), source })?;
    if !output.status.success() {
        return Err(Stop::Tool { line: line(command), outcome: output.status.to_string() });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a tool runs and succeeds; it prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of this name is on the path.
pub fn on_path(program: &str) -> bool {
    program_on_path(program).is_some()
}

/// The program of this name that the path leads to.
pub fn program_on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|program| program.is_file())
}
