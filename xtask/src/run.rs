//! Builds a program and starts it: the window, the practice vault on the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{call, cargo, root, target_dir};
use crate::machine::{Set, ensure, features};
use crate::node;
use crate::steps::Steps;
use crate::stop::Stop;
use crate::ui;

/// `cargo xtask ui`.
pub fn pages(arguments: &[String]) -> Result<(), Stop> {
    nothing_more("ui", arguments)?;
    let mut steps = Steps::new(2);
    steps.step("looking at the machine", || ensure(&[Set::Build]))?;
    steps.step("building the window's pages", ui::build)?;
    Ok(())
}

/// `cargo xtask run`.
pub fn window(arguments: &[String]) -> Result<(), Stop> {
    nothing_more("run", arguments)?;
    let mut steps = Steps::new(4);
    steps.step("looking at the machine", || {
        ensure(&[Set::Build, Set::Window])?;
        screen()
    })?;
    steps.step("building the window's pages", ui::build)?;
    steps.step("building the window", || build("conclave-desktop", &[]))?;
    steps.step("the window is open; closing it ends this", || run(&mut program("conclave-desktop", "debug", &[])?))
}

/// `cargo xtask demo`. With `--node` the node is built first, where it is not on this machine.
pub fn demo(arguments: &[String]) -> Result<(), Stop> {
    if !arguments.iter().any(|argument| argument == "--node") {
        return run(&mut headless_program(&mut Steps::new(2), "demo", arguments)?);
    }
    let mut steps = Steps::new(4);
    let node = steps.step("the Bitcoin node and the Electrum server", node::programs)?;
    let mut program = headless_program(&mut steps, "demo", arguments)?;
    node.told_to(&mut program);
    steps.step("the demo", || run(&mut program))
}

/// `cargo xtask soak`.
pub fn soak(arguments: &[String]) -> Result<(), Stop> {
    run(&mut headless_program(&mut Steps::new(2), "soak", arguments)?)
}

/// Builds programs as they are released: optimised, and telling nothing of the folders that they were built in.
pub fn build_release(programs: &[&str], features: &[&str]) -> Result<(), Stop> {
    let mut command = cargo();
    command.args(["build", "--locked", "--release"]).args(crate::cargo::PACKAGES).args(features);
    for program in programs {
        command.args(["--bin", program]);
    }
    call(command.env("RUSTFLAGS", release_flags()))
}

/// Flags of the compiler for a release. Another set of them compiles everything again: all releases take these.
fn release_flags() -> String {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    let short = |path: &Path, name: &str| format!("--remap-path-prefix={}={name}", path.display());
    format!("{given} {} {}", short(root(), "/conclave"), short(&cargo_home, "/cargo")).trim().to_owned()
}

/// Builds the headless program; gives back how it is started.
fn headless_program(steps: &mut Steps, command: &str, arguments: &[String]) -> Result<Command, Stop> {
    let tor = arguments.iter().any(|argument| argument == "--tor");
    steps.step(
        "looking at the machine",
        || {
            if tor { ensure(&[Set::Build, Set::Tor]) } else { ensure(&[Set::Build]) }
        },
    )?;
    steps.step("building the headless program", || build("conclave", features()))?;
    let words: Vec<&str> = std::iter::once(command).chain(arguments.iter().map(String::as_str)).collect();
    program("conclave", "debug", &words)
}

/// Builds one program of the workspace for working on it.
fn build(program: &str, features: &[&str]) -> Result<(), Stop> {
    let mut command = cargo();
    // There are no examples: asking for them lets cargo unite features as it does for tests, so that a run after a
    // test, or a test after a run, compiles no dependency again.
    command.args(["build", "--locked"]).args(crate::cargo::PACKAGES).args(["--bin", program, "--examples"]);
    call(command.args(features))
}

/// How a program that was built is started.
pub fn program(name: &str, profile: &str, arguments: &[&str]) -> Result<Command, Stop> {
    let mut command = Command::new(target_dir()?.join(profile).join(name));
    command.args(arguments).stdin(Stdio::inherit());
    Ok(command)
}

/// Runs a program to its end; it speaks for itself.
pub fn run(program: &mut Command) -> Result<(), Stop> {
    let path = program.get_program().to_string_lossy().into_owned();
    let status = program.status().map_err(|source| Stop::Start { line: path, source })?;
    if status.success() {
        return Ok(());
    }
    // Ended by a signal, there is no code: 1 then.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Stop::Program { code })
}

fn screen() -> Result<(), Stop> {
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Ok(());
    }
    Err(Stop::Missing {
        what: "a screen".to_owned(),
        remedy: "neither DISPLAY nor WAYLAND_DISPLAY is set; `cargo xtask demo` needs none".to_owned(),
    })
}

/// Refuses arguments of a command that takes none.
pub fn nothing_more(command: &'static str, arguments: &[String]) -> Result<(), Stop> {
    match arguments.first() {
        Some(text) => Err(Stop::Argument { command, text: text.clone() }),
        None => Ok(()),
    }
}
