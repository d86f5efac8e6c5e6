//! Everything that must hold before a change is taken: form, lints, licences and sources, every test.

use std::process::Command;

use crate::cargo::{call, cargo, on_path, succeeds, target_dir};
use crate::machine::{Set, ensure};
use crate::run::nothing_more;
use crate::steps::Steps;
use crate::stop::Stop;
use crate::wasm::{TARGET, Toolchain};
use crate::{test, ui};

/// `cargo xtask ci`.
pub fn ci(arguments: &[String]) -> Result<(), Stop> {
    nothing_more("ci", arguments)?;
    let mut steps = Steps::new(10);
    steps.step("looking at the machine", || {
        ensure(&[Set::Build, Set::Window, Set::Tests, Set::Tor])?;
        cargo_deny()
    })?;
    steps.step("building the window's pages", ui::build)?;

    let mut outcomes = vec![];
    let mut check = |name: &'static str, work: fn() -> Result<Seen, Stop>| {
        // A check that fails does not keep the others from speaking.
        let outcome = steps.step(name, work).unwrap_or_else(|stop| {
            eprintln!("{stop}");
            Seen::Failed
        });
        outcomes.push((name, outcome));
    };
    check("form (rustfmt)", || call(cargo().args(["fmt", "--all", "--check"])).map(passed));
    check("code (clippy)", clippy);
    check("the headless program alone (clippy)", clippy_headless);
    check("the pages' code (clippy)", clippy_pages);
    check("licences and sources of dependencies", || {
        call(cargo().args(["deny", "--all-features", "check", "bans", "licenses", "sources"])).map(passed)
    });
    check("known vulnerabilities of dependencies", advisories);
    check("this tool's own tests", || call(cargo().args(["test", "--locked", "-p", "xtask"])).map(passed));
    check("tests", || test::test(&[]).map(passed));

    println!();
    for (name, outcome) in &outcomes {
        match outcome {
            Seen::Passed => println!("PASSED   {name}"),
            Seen::Failed => println!("FAILED   {name}"),
            Seen::NotRun { why } => println!("NOT RUN  {name}: {why}"),
        }
    }
    let failed: Vec<&str> =
        outcomes.iter().filter(|(_, outcome)| matches!(outcome, Seen::Failed)).map(|(name, _)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Stop::Failed { names: failed.join(", ") }) }
}

/// How a check went.
enum Seen {
    Passed,
    Failed,
    /// It cannot be run on this machine. That is not "passed", and is said.
    NotRun {
        why: &'static str,
    },
}

fn passed(_: ()) -> Seen {
    Seen::Passed
}

fn clippy() -> Result<Seen, Stop> {
    let mut command = cargo();
    command.args(["clippy", "--locked", "--workspace", "--exclude", "conclave-ui", "--all-targets"]);
    call(command.args(["--", "-D", "warnings"])).map(passed)
}

/// Without the window: it must build where there is no WebKit.
fn clippy_headless() -> Result<Seen, Stop> {
    let mut command = cargo();
    command.args(["clippy", "--locked", "-p", "conclave", "--no-default-features", "--lib", "--bin", "conclave"]);
    call(command.args(["--", "-D", "warnings"])).map(passed)
}

fn clippy_pages() -> Result<Seen, Stop> {
    if Toolchain::ensure()? == Toolchain::Debian {
        return Ok(Seen::NotRun { why: "Debian's Rust for wasm brings no clippy" });
    }
    let target = target_dir()?.join("pages").join("clippy");
    let mut command = cargo();
    command.args(["clippy", "--locked", "-p", "conclave-ui", "--target", TARGET, "--target-dir"]).arg(target);
    call(command.args(["--", "-D", "warnings"])).map(passed)
}

/// The database of vulnerabilities is fetched from the network. Out of reach is not "none known".
fn advisories() -> Result<Seen, Stop> {
    if call(cargo().args(["deny", "--all-features", "fetch", "db"])).is_err() {
        return Ok(Seen::NotRun { why: "the advisory database is out of reach" });
    }
    call(cargo().args(["deny", "--all-features", "check", "--disable-fetch", "advisories"])).map(passed)
}

fn cargo_deny() -> Result<(), Stop> {
    if on_path("cargo-deny") || succeeds(Command::new("cargo").args(["deny", "--version"])) {
        return Ok(());
    }
    let target = target_dir()?.join("cargo-deny");
    call(cargo().args(["install", "cargo-deny", "--locked", "--target-dir"]).arg(target))
}
