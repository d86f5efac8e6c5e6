//! Runs the tests in tiers and says at the end how each went.
//!
//! All test programs are compiled by one call of cargo, so that nothing is compiled with a second set of features, and
//! started one by one from here. A tier that has no test program, or whose program ran no test, has failed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cargo::{PACKAGES, answer, cargo, line};
use crate::machine::{Set, ensure, features};
use crate::node::{self, Node};
use crate::run::nothing_more;
use crate::steps::{Steps, Took};
use crate::stop::Stop;
use crate::ui;

/// The tiers, in the order in which they run.
const TIERS: [&str; 8] = ["domain", "app", "parties", "processes", NODE, TOR, "window", "lockfile"];
/// Those that need nothing but a compiler and end within a minute.
const QUICK: [&str; 3] = ["domain", "app", "parties"];
/// The tier to which the examples in the documentation belong: among them what must not compile.
const DOMAIN: &str = "domain";
/// Needs a Bitcoin node and an Electrum server.
const NODE: &str = "node";
/// Needs tor, and strace to see where programs connect.
const TOR: &str = "tor";

/// A compiled test program.
struct Program {
    tier: String,
    name: String,
    path: PathBuf,
    /// The folder of its package: tests are started there, as cargo does.
    folder: PathBuf,
}

/// How a tier went.
struct Outcome {
    tier: &'static str,
    passed: u64,
    took: Duration,
    failures: Vec<String>,
}

/// `cargo xtask test`.
pub fn test(arguments: &[String]) -> Result<(), Stop> {
    let tiers = chosen(arguments)?;
    let needs_window = tiers.contains(&"window");
    let has = |tier| tiers.contains(&tier);
    let mut steps = Steps::new(3 + usize::from(has(NODE)));

    let needed = [
        (Set::Build, true),
        (Set::Window, needs_window),
        (Set::Tests, needs_window || has("processes")),
        (Set::Tor, has(TOR)),
    ];
    let sets: Vec<Set> = needed.into_iter().filter(|(_, is)| *is).map(|(set, _)| set).collect();
    steps.step("looking at the machine", || ensure(&sets))?;
    let features = features();
    // The window embeds its pages when it is compiled, also for tests.
    steps.step("building the window's pages", || if features.is_empty() { ui::build().map(drop) } else { Ok(()) })?;

    let programs = steps.step("building the tests", || compile(&[&["--tests"], features].concat()))?;

    // Without them the tier fails by itself, and says what is missing; the others speak all the same.
    let node = has(NODE).then(|| steps.step("the Bitcoin node and the Electrum server", node::programs));
    let node = node.and_then(|node| node.inspect_err(|stop| eprintln!("{stop}")).ok());

    if let Some(stray) = programs.iter().find(|program| !TIERS.contains(&program.tier.as_str())) {
        return Err(Stop::NoTier { file: stray.name.clone() });
    }
    let outcomes: Vec<Outcome> = tiers
        .iter()
        .map(|tier| {
            let mut outcome = run_tier(tier, &programs, node.as_ref());
            if *tier == DOMAIN {
                run_examples(&mut outcome, features);
            }
            outcome
        })
        .collect();
    report(&outcomes)
}

fn chosen(arguments: &[String]) -> Result<Vec<&'static str>, Stop> {
    let (flags, names): (Vec<_>, Vec<_>) = arguments.iter().cloned().partition(|argument| argument.starts_with('-'));
    let (quick, other): (Vec<_>, Vec<_>) = flags.into_iter().partition(|flag| flag == "--quick");
    nothing_more("test", &other)?;
    if let Some(unknown) = names.iter().find(|name| !TIERS.contains(&name.as_str())) {
        return Err(Stop::Argument { command: "test", text: unknown.clone() });
    }
    let all: &[&'static str] = if quick.is_empty() { &TIERS } else { &QUICK };
    Ok(all.iter().copied().filter(|tier| names.is_empty() || names.iter().any(|name| name == tier)).collect())
}

/// Compiles test programs and returns them, told by cargo's messages.
fn compile(arguments: &[&str]) -> Result<Vec<Program>, Stop> {
    let mut command = cargo();
    command.args(["test", "--locked", "--no-run", "--message-format", "json-render-diagnostics"]).args(PACKAGES);
    let messages = answer(command.args(arguments))?;
    let mut programs = vec![];
    for text in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| Stop::Answer { line: line(&command), what: error.to_string() })?;
        programs.extend(program(&message));
    }
    Ok(programs)
}

/// The tier of a test file of the program itself. One that is named nowhere is a tier of its own, which fails: no test is
/// passed over in silence.
fn tier_of(file: &str) -> &str {
    match file {
        "attacks" | "notices" | "record" | "tools" | "watching" => "processes",
        "door" => TOR,
        "ceremony" | "hands" | "payments" | "policy" | "stories" | "succession" | "wallet" => "parties",
        file => file,
    }
}

/// The test program that a message of cargo tells of, if it tells of one.
fn program(message: &serde_json::Value) -> Option<Program> {
    let is_test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
    let path = PathBuf::from(message["executable"].as_str().filter(|_| is_test)?);
    let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_owned();
    let target = message["target"]["name"].as_str()?;
    let integration = message["target"]["kind"][0] == "test";
    let package = message["package_id"].as_str()?;
    let tier = match (package.contains("conclave-domain") || package.contains("conclave-shared"), integration) {
        (true, _) => "domain",
        (false, false) => "app",
        (false, true) => tier_of(target),
    };
    Some(Program { tier: tier.to_owned(), name: target.to_owned(), path, folder })
}

fn run_tier(tier: &'static str, programs: &[Program], node: Option<&Node>) -> Outcome {
    let began = Instant::now();
    let mut outcome = Outcome { tier, passed: 0, took: Duration::ZERO, failures: vec![] };
    let own: Vec<&Program> = programs.iter().filter(|program| program.tier == tier).collect();
    if own.is_empty() {
        outcome.failures.push(format!("there is no test program: tests/{tier}.rs is missing"));
    }
    for program in own {
        println!("\n--- {tier}: {}", program.name);
        match run_program(program, node) {
            Ok(0) => outcome.failures.push(format!("{} ran no test", program.name)),
            Ok(passed) => outcome.passed += passed,
            Err(stop) => outcome.failures.push(stop.to_string()),
        }
    }
    outcome.took = began.elapsed();
    outcome
}

/// The examples in the documentation, which cargo compiles and runs by itself.
fn run_examples(outcome: &mut Outcome, features: &[&str]) {
    let began = Instant::now();
    println!("\n--- {}: examples in the documentation", outcome.tier);
    let mut command = cargo();
    command.args(["test", "--locked", "--doc"]).args(PACKAGES).args(features);
    match run(&mut command) {
        Ok(0) => outcome.failures.push("the documentation has no example".to_owned()),
        Ok(passed) => outcome.passed += passed,
        Err(stop) => outcome.failures.push(stop.to_string()),
    }
    outcome.took += began.elapsed();
}

fn run_program(program: &Program, node: Option<&Node>) -> Result<u64, Stop> {
    let mut command = Command::new(&program.path);
    if let Some(node) = node.filter(|_| program.tier == NODE) {
        node.clone().told_to(&mut command);
    }
    run(command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder))
}

/// Runs tests, shows what they print, and returns how many passed.
fn run(command: &mut Command) -> Result<u64, Stop> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let name = line(command);
    let start = |source| Stop::Start { line: name.clone(), source };
    let mut child = command.spawn().map_err(start)?;
    let mut passed = 0;
    for text in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let text = text.map_err(start)?;
        println!("{text}");
        passed += passed_in(&text).unwrap_or(0);
    }
    let status = child.wait().map_err(start)?;
    if status.success() { Ok(passed) } else { Err(Stop::Tool { line: name, outcome: status.to_string() }) }
}

/// The count in a closing line `test result: ok. 12 passed; 0 failed; ...`.
fn passed_in(text: &str) -> Option<u64> {
    text.strip_prefix("test result: ok. ")?.split_once(" passed;")?.0.parse().ok()
}

fn report(outcomes: &[Outcome]) -> Result<(), Stop> {
    println!();
    for outcome in outcomes {
        let Outcome { tier, passed, took, failures } = outcome;
        let word = if failures.is_empty() { "PASSED" } else { "FAILED" };
        println!("{word}  {tier:<10} {passed:>4} tests  {}", Took(*took));
        for failure in failures {
            println!("        {failure}");
        }
    }
    let failed: Vec<&str> = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).map(|it| it.tier).collect();
    if failed.is_empty() { Ok(()) } else { Err(Stop::Failed { names: failed.join(", ") }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn tiers_are_chosen_by_name_in_their_own_order() {
        assert_eq!(chosen(&[]).unwrap(), TIERS);
        assert_eq!(chosen(&words("--quick")).unwrap(), QUICK);
        assert_eq!(chosen(&words("window domain")).unwrap(), ["domain", "window"]);
        assert!(matches!(chosen(&words("windows")), Err(Stop::Argument { .. })));
        assert!(matches!(chosen(&words("--fast")), Err(Stop::Argument { .. })));
    }

    #[test]
    fn passed_tests_are_counted_from_the_closing_line_alone() {
        assert_eq!(passed_in("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured"), Some(12));
        assert_eq!(passed_in("test result: FAILED. 12 passed; 1 failed"), None);
        assert_eq!(passed_in("test a::b ... ok"), None);
    }

    #[test]
    fn a_tier_without_a_program_fails() {
        let outcome = run_tier("parties", &[], None);
        assert_eq!(outcome.failures.len(), 1);
        assert!(matches!(report(&[outcome]), Err(Stop::Failed { names }) if names == "parties"));
    }

    #[test]
    fn test_programs_are_told_by_cargo() {
        let message = |package: &str, kind: &str, test: bool| {
            serde_json::json!({
                "reason": "compiler-artifact", "package_id": format!("path+file:///x#{package}@0.1.0"),
                "manifest_path": "/x/Cargo.toml", "target": {"kind": [kind], "name": "window"},
                "profile": {"test": test}, "executable": "/t/window",
            })
        };
        let tier = |message| program(&message).map(|program| program.tier);
        assert_eq!(tier(message("conclave-domain", "lib", true)).as_deref(), Some("domain"));
        assert_eq!(tier(message("conclave", "lib", true)).as_deref(), Some("app"));
        assert_eq!(tier(message("conclave", "test", true)).as_deref(), Some("window"));
        assert_eq!(tier(message("conclave", "bin", false)), None);
        let mut attacks = message("conclave", "test", true);
        attacks["target"]["name"] = "attacks".into();
        assert_eq!(tier(attacks).as_deref(), Some("processes"), "a second program of the tier");
    }
}
