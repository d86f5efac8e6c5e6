//! `cargo xtask fuzz`: builds the targets in `fuzz/`, runs each for its share of the time, and says what it found.
//!
//! The targets are built as `cargo fuzz` builds them, with coverage counters and without a sanitizer: no code here may be
//! unsafe, so what is looked for are panics, hangs and growth of memory. That needs neither `cargo fuzz` nor nightly Rust.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cargo::{answer, call, cargo, root, target_dir};
use crate::machine::{Set, ensure};
use crate::steps::{Steps, Took};
use crate::stop::Stop;

/// How long all targets together run, if nothing else is said.
const MINUTES: u64 = 10;

/// Longest input, in bytes: more than a message has, and short enough to be quick.
const MAX_LEN: usize = 40_000;

/// Longest time for one input, in seconds, and most memory, in MiB: more counts as a crash.
const TIMEOUT: u64 = 20;
const MEMORY: u64 = 3_072;

/// What makes the compiler count which code was reached (libFuzzer reads the counters).
const COUNTERS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Ccodegen-units=1",
];

/// `cargo xtask fuzz [--minutes N] [TARGET...]`.
pub fn fuzz(arguments: &[String]) -> Result<(), Stop> {
    let known = targets()?;
    let Asked { minutes, chosen } = Asked::read(arguments, &known)?;
    let mut steps = Steps::new(2 + chosen.len());
    steps.step("looking at the machine", || ensure(&[Set::Build]))?;
    let programs = steps.step("building the targets", || build(&chosen))?;
    let share = Duration::from_secs((minutes * 60 / chosen.len() as u64).max(1));
    let mut runs = Vec::new();
    for target in &chosen {
        runs.push(steps.step(&format!("{target}, for {}", Took(share)), || run(&programs, target, share))?);
    }
    println!("{:<16} {:>12} {:>8} {:>9} {:>6}  crashes", "target", "executions", "exec/s", "coverage", "new");
    for run in &runs {
        let Run { target, executions, per_second, covered, new, crashes } = run;
        println!("{target:<16} {executions:>12} {per_second:>8} {covered:>9} {new:>6}  {}", crashes.len());
    }
    for run in &runs {
        for crash in &run.crashes {
            println!(
                "\n{} crashes on {}\n  again: {} {}",
                run.target,
                crash.display(),
                programs.join(&run.target).display(),
                crash.display()
            );
        }
    }
    let crashed: Vec<&str> = runs.iter().filter(|run| !run.crashes.is_empty()).map(|run| run.target.as_str()).collect();
    if crashed.is_empty() { Ok(()) } else { Err(Stop::Failed { names: crashed.join(", ") }) }
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    minutes: u64,
    chosen: Vec<String>,
}

impl Asked {
    fn read(arguments: &[String], known: &[String]) -> Result<Self, Stop> {
        let wrong = |text: &str| Stop::Argument { command: "fuzz", text: text.to_owned() };
        let (mut minutes, mut chosen) = (MINUTES, Vec::new());
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if argument == "--minutes" {
                let number = arguments.next().ok_or_else(|| wrong(argument))?;
                minutes = number
                    .parse()
                    .ok()
                    .filter(|minutes| (1..=10_000).contains(minutes))
                    .ok_or_else(|| wrong(number))?;
            } else if known.contains(argument) {
                chosen.push(argument.clone());
            } else {
                return Err(wrong(argument));
            }
        }
        if chosen.is_empty() {
            chosen = known.to_vec();
        }
        Ok(Self { minutes, chosen })
    }
}

/// The names of all targets, in order.
fn targets() -> Result<Vec<String>, Stop> {
    let mut names: Vec<String> = files(&root().join("fuzz/fuzz_targets"))?
        .iter()
        .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let failed = |source| Stop::File { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

/// Builds the targets; gives the folder with the programs.
fn build(chosen: &[String]) -> Result<PathBuf, Stop> {
    let host = answer(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let folder = target_dir()?.join("fuzz");
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target named, cargo compiles build scripts and macros without the counters.
    command.args(["--target", host.trim(), "--target-dir"]).arg(&folder);
    for target in chosen {
        command.args(["--bin", target]);
    }
    call(command.env("RUSTFLAGS", COUNTERS.join(" ")))?;
    Ok(folder.join(host.trim()).join("release"))
}

/// What one target did.
struct Run {
    target: String,
    executions: u64,
    per_second: u64,
    covered: u64,
    new: u64,
    crashes: Vec<PathBuf>,
}

fn run(programs: &Path, target: &str, share: Duration) -> Result<Run, Stop> {
    let made = |path: PathBuf| match std::fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(Stop::File { path, source }),
    };
    // What grows lies outside the checkout and is there again the next time.
    let corpus = made(target_dir()?.join("fuzz-corpus").join(target))?;
    let crashes = made(target_dir()?.join("fuzz-crashes").join(target))?;
    let before = files(&crashes)?;
    let mut command = Command::new(programs.join(target));
    command.arg(&corpus).arg(root().join("fuzz/corpus-seed").join(target));
    let seconds = share.as_secs();
    command.arg(format!("-artifact_prefix={}/", crashes.display()));
    command.args([format!("-max_total_time={seconds}"), format!("-max_len={MAX_LEN}"), format!("-timeout={TIMEOUT}")]);
    command.args([format!("-rss_limit_mb={MEMORY}"), "-print_final_stats=1".to_owned()]);
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let output = output.map_err(|source| Stop::Start { line: crate::cargo::line(&command), source })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let log = crashes.with_extension("log");
    std::fs::write(&log, said.as_bytes()).map_err(|source| Stop::File { path: log.clone(), source })?;
    let mut found: Vec<PathBuf> = files(&crashes)?.into_iter().filter(|file| !before.contains(file)).collect();
    if !output.status.success() && found.is_empty() {
        // It crashed on what it found before, or could not begin: its last words tell.
        found.push(log);
    }
    let Said { executions, per_second, began, covered } = Said::read(&said);
    let new = covered.saturating_sub(began);
    Ok(Run { target: target.to_owned(), executions, per_second, covered, new, crashes: found })
}

/// The figures in libFuzzer's words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    executions: u64,
    per_second: u64,
    /// Coverage of the seeds and of what had grown before.
    began: u64,
    covered: u64,
}

impl Said {
    fn read(text: &str) -> Self {
        let mut said = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("stat::number_of_executed_units:") => said.executions = number(words.next()),
                Some("stat::average_exec_per_sec:") => said.per_second = number(words.next()),
                Some(count) if count.starts_with('#') => {
                    let inited = words.next() == Some("INITED");
                    if words.next() == Some("cov:") {
                        said.covered = number(words.next());
                        said.began = if inited { said.covered } else { said.began };
                    }
                }
                Some(_) | None => {}
            }
        }
        said
    }
}

fn number(word: Option<&str>) -> u64 {
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_minutes_are_read_and_anything_else_is_refused() {
        let known = ["event".to_owned(), "heads".to_owned()];
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            Asked::read(&words, &known)
        };
        assert_eq!(read(&[]).unwrap(), Asked { minutes: MINUTES, chosen: known.to_vec() });
        assert_eq!(read(&["--minutes", "3", "heads"]).unwrap(), Asked { minutes: 3, chosen: vec!["heads".to_owned()] });
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--minutes", "x"], &["nothing"]] {
            assert!(matches!(read(wrong), Err(Stop::Argument { .. })), "{wrong:?}");
        }
    }

    #[test]
    fn every_target_is_listed_with_cargo_and_has_seeds() {
        let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let names = targets().unwrap();
        assert!(!names.is_empty());
        for name in &names {
            assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
            assert!(!files(&root().join("fuzz/corpus-seed").join(name)).unwrap().is_empty(), "{name} has no seeds");
        }
    }

    #[test]
    fn the_figures_are_found_in_what_the_target_says() {
        let said = "INFO: Seed: 1\n#4\tINITED cov: 1234 ft: 2000 corp: 3/9Kb exec/s: 0 rss: 60Mb\n\
                    #99\tNEW    cov: 1240 ft: 2010 corp: 4/9Kb\n#500\tDONE   cov: 1250 ft: 2020 corp: 5/9Kb exec/s: 250\n\
                    stat::number_of_executed_units: 500\nstat::average_exec_per_sec:     250\n";
        let read = Said::read(said);
        assert_eq!(read, Said { executions: 500, per_second: 250, began: 1234, covered: 1250 });
    }
}
