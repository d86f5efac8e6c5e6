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
    let mut steps = Steps::new(8);
    let mut failed = vec![];
    steps.step("looking at the machine", || {
        ensure(&[Set::Build, Set::Window, Set::Tests])?;
        cargo_deny()
    })?;
    steps.step("building the window's pages", ui::build)?;
    let mut check = |name: &'static str, title: &str, work: &mut dyn FnMut() -> Result<(), Stop>| {
        // A check that fails does not keep the others from speaking.
        if let Err(stop) = steps.step(title, work) {
            eprintln!("{stop}");
            failed.push(name);
        }
    };
    check("form", "checking the form", &mut || call(cargo().args(["fmt", "--all", "--check"])));
    check("clippy", "reading the code (clippy)", &mut clippy);
    check("clippy for the pages", "reading the pages' code (clippy)", &mut clippy_pages);
    check("licences and sources", "checking licences and sources of all dependencies", &mut || {
        call(cargo().args(["deny", "--all-features", "check", "bans", "licenses", "sources"]))
    });
    check("advisories", "checking dependencies against known vulnerabilities", &mut advisories);
    check("tests", "running the tests", &mut || test::test(&[]));
    if failed.is_empty() { Ok(()) } else { Err(Stop::Failed { names: failed.join(", ") }) }
}

fn clippy() -> Result<(), Stop> {
    let mut command = cargo();
    command.args(["clippy", "--locked", "--workspace", "--exclude", "conclave-ui", "--all-targets"]);
    call(command.args(["--", "-D", "warnings"]))
}

fn clippy_pages() -> Result<(), Stop> {
    if Toolchain::ensure()? == Toolchain::Debian {
        // Debian's toolchain for wasm brings no clippy: the compiler's own warnings are what can be had.
        eprintln!("clippy cannot read the pages with Debian's Rust: only the compiler's warnings were seen");
        return Ok(());
    }
    let target = target_dir()?.join("pages").join("clippy");
    let mut command = cargo();
    command.args(["clippy", "--locked", "-p", "conclave-ui", "--target", TARGET, "--target-dir"]).arg(target);
    call(command.args(["--", "-D", "warnings"]))
}

/// The database of vulnerabilities is fetched from the network. Out of reach is not "none known": it is said.
fn advisories() -> Result<(), Stop> {
    if call(cargo().args(["deny", "--all-features", "fetch", "db"])).is_err() {
        eprintln!("NOT CHECKED against known vulnerabilities: the advisory database is out of reach");
        return Ok(());
    }
    call(cargo().args(["deny", "--all-features", "check", "--disable-fetch", "advisories"]))
}

fn cargo_deny() -> Result<(), Stop> {
    if on_path("cargo-deny") || succeeds(Command::new("cargo").args(["deny", "--version"])) {
        return Ok(());
    }
    let target = target_dir()?.join("cargo-deny");
    call(cargo().args(["install", "cargo-deny", "--locked", "--target-dir"]).arg(target))
}
