//! Measurements: those of the headless program, and of the window: how soon it can be used, and how much memory it takes.
//! Printed beside their goals, never asserted.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cargo::{call, target_dir};
use crate::machine::{Set, ensure, features};
use crate::run::{build_release, program, run};
use crate::steps::Steps;
use crate::stop::Stop;
use crate::ui;
use crate::webdriver::Driver;

/// The window, and the headless program that makes what it opens.
const PROGRAMS: [&str; 2] = ["conclave-desktop", "conclave"];
/// Events of the vault that is opened.
const EVENTS: u32 = 10_000;
/// Measured starts, after one that only warms the caches.
const ROUNDS: usize = 7;
/// From the start of the process to a window that can be used, and from the passphrase to the vault's page, in ms.
const TIME_GOAL_MS: f64 = 500.0;
/// Memory of all processes of the program together, in MB.
const MEMORY_GOAL_MB: f64 = 150.0;
/// Of the installation that is measured with.
const PASSPHRASE: &str = "a window is measured here";

/// `cargo xtask bench`: always an optimised build, since the ratios of another say nothing.
pub fn bench(arguments: &[String]) -> Result<(), Stop> {
    let only_window = arguments == ["--only", "window"] || arguments == ["--only=window"];
    let whole = !arguments.iter().any(|argument| argument.starts_with("--only"));
    let mut steps = Steps::new(1 + 2 * usize::from(!only_window) + 4 * usize::from(only_window || whole));
    steps.step("looking at the machine", || {
        let latency = whole || arguments.iter().any(|argument| argument.ends_with("latency"));
        let needed = [(Set::Build, true), (Set::Window, only_window || whole), (Set::Tests, only_window || whole)];
        let needed = needed.into_iter().chain([(Set::Tor, latency && !only_window)]);
        ensure(&needed.filter(|(_, is)| *is).map(|(set, _)| set).collect::<Vec<_>>())
    })?;
    if !only_window {
        steps.step("building the headless program", || build_release(&["conclave"], features()))?;
        let words: Vec<&str> = std::iter::once("bench").chain(arguments.iter().map(String::as_str)).collect();
        steps.step("measuring", || run(&mut program("conclave", "release", &words)?))?;
    }
    if only_window || whole {
        window(&mut steps)?;
    }
    Ok(())
}

fn window(steps: &mut Steps) -> Result<(), Stop> {
    steps.step("building the window's pages", ui::build)?;
    let folder = target_dir()?.join("automation");
    steps.step("building the window for measuring", || build_worked(&folder))?;
    let home = folder.join("home");
    steps.step(&format!("making a vault of {EVENTS} events"), || prepare(&folder, &home))?;
    let rounds = steps.step("measuring the window", || {
        let driver = Driver::start(&home)?;
        (0..=ROUNDS).map(|_| measure(&driver, &folder)).collect::<Result<Vec<_>, _>>()
    })?;
    report(rounds.get(1..).unwrap_or_default());
    Ok(())
}

/// A release refuses to be worked by another program. This build does not, so it is taken away from where releases lie.
fn build_worked(folder: &Path) -> Result<(), Stop> {
    build_release(&PROGRAMS, &["--features", "automation"])?;
    std::fs::create_dir_all(folder).map_err(|source| Stop::File { path: folder.to_owned(), source })?;
    for name in PROGRAMS {
        let built = target_dir()?.join("release").join(name);
        std::fs::rename(&built, folder.join(name)).map_err(|source| Stop::File { path: built, source })?;
    }
    Ok(())
}

fn prepare(folder: &Path, home: &Path) -> Result<(), Stop> {
    if home.exists() {
        std::fs::remove_dir_all(home).map_err(|source| Stop::File { path: home.to_owned(), source })?;
    }
    std::fs::create_dir_all(home).map_err(|source| Stop::File { path: home.to_owned(), source })?;
    let mut command = Command::new(folder.join("conclave"));
    command.args(["bench", "--events", &EVENTS.to_string(), "--prepare"]).arg(home.join("conclave"));
    call(command.env("CONCLAVE_PASSPHRASE", PASSPHRASE))
}

/// One start of the window.
struct Round {
    /// From the start of the process until the passphrase could be typed, in ms.
    usable: f64,
    /// From the Enter key after the passphrase until the list of vaults was shown, in ms.
    unlocked: f64,
    /// From the Enter key on the vault until its page was shown, in ms.
    vault: f64,
    /// Memory of all processes, each page by the share that it is theirs, in MB.
    memory: f64,
}

fn measure(driver: &Driver, folder: &Path) -> Result<Round, Stop> {
    let stamp = folder.join("started");
    // The shell writes down the time and its own number, and becomes the program.
    let script = "echo $(date +%s%N) $$ > \"$0\"; exec \"$1\"".to_owned();
    let binary = folder.join("conclave-desktop");
    let words = ["-c".to_owned(), script, stamp.display().to_string(), binary.display().to_string()];
    let window = driver.open("/bin/sh", &words)?;
    let usable = window.until("the passphrase to be asked for", SHOWN_FIRST)?;
    let (began, process) = started(&stamp)?;

    window.ask(WATCH)?;
    window.keys(PASSPHRASE)?;
    window.keys("\u{e007}")?;
    let unlocked = window.until("the vaults to be listed", "return window.measured.listed")?;
    window.ask("window.measured.link.focus()")?;
    window.keys("\u{e007}")?;
    let vault = window.until("the vault's page", "return window.measured.opened")?;
    Ok(Round {
        usable: millis(&usable)? - began,
        unlocked: millis(&unlocked)?,
        vault: millis(&vault)?,
        memory: memory(process)?,
    })
}

/// When the first page was painted, in ms since 1970, once the passphrase can be typed.
const SHOWN_FIRST: &str = "
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const field = document.querySelector('input[type=password]');
    if (!paint || !field) return null;
    field.focus();
    return performance.timeOrigin + paint.startTime;";

/// Has the page itself note how long it takes from the Enter key to what is shown next, so that asking costs nothing.
const WATCH: &str = "
    const measured = (window.measured = { listed: null, opened: null, link: null });
    let pressed = 0;
    addEventListener('keydown', event => { if (event.key === 'Enter') pressed = performance.now(); }, true);
    const shown = name => requestAnimationFrame(() => setTimeout(() => { measured[name] ??= performance.now() - pressed; }));
    const look = () => {
        const link = [...document.querySelectorAll('main a[href]')].find(link => link.innerText.includes('bench'));
        if (link && !measured.link) {
            measured.link = link;
            shown('listed');
        }
        const heading = document.querySelector('h1');
        if (measured.listed && heading?.innerText.includes('bench') && document.querySelector('main ol, main ul')) shown('opened');
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });";

/// When a process began, in ms since 1970, and its number.
fn started(stamp: &Path) -> Result<(f64, u32), Stop> {
    let text = std::fs::read_to_string(stamp).map_err(|source| Stop::File { path: stamp.to_owned(), source })?;
    let wrong = || Stop::Answer { line: "date +%s%N".to_owned(), what: text.clone() };
    let (nanos, process) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let nanos: f64 = nanos.parse().map_err(|_| wrong())?;
    Ok((nanos / 1e6, process.parse().map_err(|_| wrong())?))
}

/// Memory of a process and of all that it started, in MB: the sum of their shares of each page (PSS).
fn memory(process: u32) -> Result<f64, Stop> {
    let proc = Path::new("/proc");
    let failed = |source| Stop::File { path: proc.to_owned(), source };
    let parents: Vec<(u32, u32)> = std::fs::read_dir(proc)
        .map_err(failed)?
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()?;
            Some((number, parent))
        })
        .collect();
    let mut family = vec![process];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(number, _)| *number));
        at += 1;
    }
    let mut kilobytes = 0.0;
    for member in family {
        let path = proc.join(member.to_string()).join("smaps_rollup");
        let text = std::fs::read_to_string(&path).map_err(|source| Stop::File { path, source })?;
        let pss =
            text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
        kilobytes += pss.unwrap_or(0.0);
    }
    Ok(kilobytes * 1024.0 / 1e6)
}

fn millis(answer: &Value) -> Result<f64, Stop> {
    answer.as_f64().ok_or_else(|| Stop::Answer { line: "the page".to_owned(), what: answer.to_string() })
}

fn report(rounds: &[Round]) {
    println!("window with a vault of {EVENTS} events, warm, the median of {} starts (the slowest)", rounds.len());
    let line = |what: &str, of: &dyn Fn(&Round) -> f64, unit: &str, goal: Option<f64>| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let (middle, most) = (values.get(values.len() / 2), values.last());
        let goal = goal.map_or(String::new(), |goal| format!(", goal {goal:.0} {unit}"));
        if let (Some(middle), Some(most)) = (middle, most) {
            println!("  {what}: {middle:.0} {unit} ({most:.0} {unit}){goal}");
        }
    };
    line("from the start of the process to a window that can be used", &|it| it.usable, "ms", Some(TIME_GOAL_MS));
    line("from the passphrase to the list of vaults", &|it| it.unlocked, "ms", None);
    line("from there to the vault's page", &|it| it.vault, "ms", None);
    line("from the passphrase to the vault's page", &|it| it.unlocked + it.vault, "ms", Some(TIME_GOAL_MS));
    line("memory of all its processes (PSS)", &|it| it.memory, "MB", Some(MEMORY_GOAL_MB));
}
