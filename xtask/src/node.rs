//! A real Bitcoin node and Electrum server for tests and demos: found on this machine, or built once from source.
//!
//! bitcoind comes from the source tree that the crate `libbitcoinkernel-sys` carries, electrs from its own crate: so all of
//! it comes from the package registry, pinned by `xtask/node/Cargo.toml` and by [`ELECTRS`]. What was built is kept outside
//! the checkout, in a folder named after its version, and is built in a folder beside it that is renamed when all is done.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{about_nothing, answer, call, cargo, line, program_on_path, root, succeeds};
use crate::machine::{Set, ensure};
use crate::run::nothing_more;
use crate::steps::Steps;
use crate::stop::Stop;

/// The crate whose source tree bitcoind is built from.
const BITCOIN_SOURCE: &str = "libbitcoinkernel-sys";
/// The version of electrs: the last one, and the one that the tests were written with.
const ELECTRS: &str = "0.10.10";
/// What the build of bitcoind is asked for: the node alone, without wallet and tests.
const BITCOIND_OPTIONS: [&str; 15] = [
    "CMAKE_BUILD_TYPE=Release",
    "BUILD_DAEMON=ON",
    "BUILD_CLI=OFF",
    "BUILD_BITCOIN_BIN=OFF",
    "BUILD_TESTS=OFF",
    "BUILD_TX=OFF",
    "BUILD_UTIL=OFF",
    "BUILD_BENCH=OFF",
    "BUILD_FUZZ_BINARY=OFF",
    "ENABLE_WALLET=OFF",
    "ENABLE_IPC=OFF",
    "ENABLE_EXTERNAL_SIGNER=OFF",
    "WITH_EMBEDDED_ASMAP=OFF",
    "INSTALL_MAN=OFF",
    "WITH_CCACHE=OFF",
];

/// The two programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    bitcoind: PathBuf,
    electrs: PathBuf,
}

impl Node {
    /// Tells a program, by its environment, where they are.
    pub fn told_to(self, command: &mut Command) {
        command.env(Tool::Bitcoind.variable(), self.bitcoind).env(Tool::Electrs.variable(), self.electrs);
    }
}

/// One of the two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Bitcoind,
    Electrs,
}

impl Tool {
    /// Its file's name.
    fn name(self) -> &'static str {
        match self {
            Tool::Bitcoind => "bitcoind",
            Tool::Electrs => "electrs",
        }
    }

    /// The variable that names another than the one that is found or built.
    fn variable(self) -> &'static str {
        match self {
            Tool::Bitcoind => "BITCOIND_EXE",
            Tool::Electrs => "ELECTRS_EXE",
        }
    }
}

/// `cargo xtask node`: sees to both programs and says where they are.
pub fn node(arguments: &[String]) -> Result<(), Stop> {
    nothing_more("node", arguments)?;
    let Node { bitcoind, electrs } = Steps::new(1).step("the Bitcoin node and the Electrum server", programs)?;
    for (tool, path) in [(Tool::Bitcoind, bitcoind), (Tool::Electrs, electrs)] {
        println!("export {}={}", tool.variable(), path.display());
    }
    Ok(())
}

/// Both programs, built first where they are not on this machine.
pub fn programs() -> Result<Node, Stop> {
    Ok(Node { bitcoind: program(Tool::Bitcoind)?, electrs: program(Tool::Electrs)? })
}

fn program(tool: Tool) -> Result<PathBuf, Stop> {
    if let Some(path) = std::env::var_os(tool.variable()).map(PathBuf::from) {
        return if runs(&path) { Ok(path) } else { Err(named_but_not_there(tool, &path)) };
    }
    if let Some(path) = program_on_path(tool.name()).filter(|path| runs(path)) {
        return Ok(path);
    }
    let cache = cache()?;
    let version = match tool {
        Tool::Bitcoind => bitcoin_version()?,
        Tool::Electrs => ELECTRS.to_owned(),
    };
    let kept = cache.join(format!("{}-{version}", tool.name()));
    let path = kept.join(tool.name());
    if runs(&path) {
        return Ok(path);
    }
    // A cache that outlived its machine: what was built there needs libraries that this one may lack.
    ensure(&[Set::Build, Set::Node])?;
    if runs(&path) {
        return Ok(path);
    }
    let _alone = lock(&cache)?;
    // Whoever held the lock may have built it.
    if !runs(&path) {
        let work = cache.join(format!(".building-{}-{version}", tool.name()));
        let built = match tool {
            Tool::Bitcoind => build_bitcoind(&work)?,
            Tool::Electrs => build_electrs(&work)?,
        };
        keep(&built, &work, &kept, tool)?;
    }
    if runs(&path) { Ok(path) } else { Err(named_but_not_there(tool, &path)) }
}

/// Whether the program is there and can be run on this machine.
fn runs(path: &Path) -> bool {
    path.is_file() && succeeds(Command::new(path).arg("--version"))
}

fn named_but_not_there(tool: Tool, path: &Path) -> Stop {
    Stop::Missing {
        what: format!("{} at {}", tool.name(), path.display()),
        remedy: format!(
            "it is not there or does not run; unset {} to have it built by `cargo xtask node`",
            tool.variable()
        ),
    }
}

/// Where built programs are kept, outside every checkout.
fn cache() -> Result<PathBuf, Stop> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("CONCLAVE_NODE_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("conclave").join("node")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache").join("conclave").join("node")))
        .ok_or_else(|| Stop::Missing {
            what: "a folder for built programs".to_owned(),
            remedy: "set CONCLAVE_NODE_CACHE, XDG_CACHE_HOME or HOME".to_owned(),
        })?;
    let folder = std::path::absolute(&folder).map_err(|source| Stop::File { path: folder, source })?;
    made(&folder)?;
    Ok(folder)
}

fn made(folder: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(folder).map_err(|source| Stop::File { path: folder.to_owned(), source })
}

/// One build at a time on this machine; the others wait and find it done.
fn lock(cache: &Path) -> Result<File, Stop> {
    let path = cache.join("lock");
    let failed = |source| Stop::File { path: path.clone(), source };
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("another build of these programs is under way: waiting for it");
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    Ok(file)
}

/// Puts a built program in its place, all at once, and drops what it was built in.
fn keep(built: &Path, work: &Path, kept: &Path, tool: Tool) -> Result<(), Stop> {
    let failed = |source| Stop::File { path: kept.to_owned(), source };
    let beside = work.join("kept");
    made(&beside)?;
    std::fs::copy(built, beside.join(tool.name())).map_err(failed)?;
    if kept.exists() {
        // Something of this version is there and does not run.
        std::fs::remove_dir_all(kept).map_err(failed)?;
    }
    std::fs::rename(&beside, kept).map_err(failed)?;
    std::fs::remove_dir_all(work).map_err(|source| Stop::File { path: work.to_owned(), source })
}

/// A tool at low priority: a long build should not be felt on the machine.
fn nicely(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "10"]).arg(program).stdin(std::process::Stdio::null());
    command
}

fn build_bitcoind(work: &Path) -> Result<PathBuf, Stop> {
    eprintln!(
        "building bitcoind from source, once: this takes a while. To use another, name it by {}",
        Tool::Bitcoind.variable()
    );
    let source = bitcoin_source()?.join("bitcoin");
    let build = work.join("build");
    made(&build)?;
    let mut configure = nicely("cmake");
    configure.arg("-B").arg(&build).arg("-S").arg(source).args(["-G", "Ninja"]);
    configure.args(BITCOIND_OPTIONS.map(|option| format!("-D{option}")));
    if call(&mut configure).is_err() {
        // An interrupted build goes on where it was; one of a source that has moved begins anew.
        std::fs::remove_dir_all(&build).map_err(|source| Stop::File { path: build.clone(), source })?;
        call(&mut configure)?;
    }
    call(nicely("ninja").arg("-C").arg(&build).arg("bitcoind"))?;
    Ok(build.join("bin").join("bitcoind"))
}

fn build_electrs(work: &Path) -> Result<PathBuf, Stop> {
    eprintln!(
        "building electrs from source, once: this takes a while. To use another, name it by {}",
        Tool::Electrs.variable()
    );
    let folder = |name| {
        let variable = format!("--variable={name}");
        answer(Command::new("pkg-config").args([&variable, "rocksdb"])).map(|path| path.trim().to_owned())
    };
    let mut install = nicely("cargo");
    about_nothing(&mut install);
    install.args(["install", "electrs", "--version", ELECTRS, "--locked", "--no-default-features", "--no-track"]);
    install.arg("--root").arg(work).current_dir(root());
    // The system's RocksDB: building it would take longer than all the rest.
    install.env("ROCKSDB_INCLUDE_DIR", folder("includedir")?).env("ROCKSDB_LIB_DIR", folder("libdir")?);
    call(install.env("CARGO_TARGET_DIR", work.join("target")))?;
    Ok(work.join("bin").join("electrs"))
}

/// The version of the crate that carries the node's source.
fn bitcoin_version() -> Result<String, Stop> {
    let manifest = root().join("xtask").join("node").join("Cargo.lock");
    let failed = |source| Stop::File { path: manifest.clone(), source };
    let text = std::fs::read_to_string(&manifest).map_err(failed)?;
    version_in(&text, BITCOIN_SOURCE)
        .ok_or_else(|| failed(std::io::Error::other(format!("it names no version of {BITCOIN_SOURCE}"))))
}

/// The version of a package in a lock file.
fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let version = lock.lines().skip_while(|line| *line != name).nth(1)?;
    Some(version.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

/// The folder of the crate that carries the node's source; cargo fetches it where it is not there.
fn bitcoin_source() -> Result<PathBuf, Stop> {
    let manifest = root().join("xtask").join("node").join("Cargo.toml");
    let mut command = cargo();
    command.args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(manifest);
    let text = answer(&mut command)?;
    let unexpected = |what: String| Stop::Answer { line: line(&command), what };
    let metadata: serde_json::Value = serde_json::from_str(&text).map_err(|error| unexpected(error.to_string()))?;
    let packages = metadata["packages"].as_array();
    let source = packages.into_iter().flatten().find(|package| package["name"] == BITCOIN_SOURCE);
    let manifest = source.and_then(|package| package["manifest_path"].as_str());
    let folder = manifest.and_then(|path| Path::new(path).parent());
    folder.map(Path::to_owned).ok_or_else(|| unexpected(format!("no package {BITCOIN_SOURCE}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_comes_from_the_lock_file() {
        let lock =
            "[[package]]\nname = \"cc\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"0.4.1\"\n";
        assert_eq!(version_in(lock, "b").as_deref(), Some("0.4.1"));
        assert_eq!(version_in(lock, "d"), None);
        assert!(bitcoin_version().unwrap().starts_with("0."));
    }

    #[test]
    fn what_is_no_program_is_not_taken_for_one() {
        assert!(!runs(Path::new("/nowhere/bitcoind")) && !runs(&root().join("Cargo.toml")));
        let stop = named_but_not_there(Tool::Electrs, Path::new("/nowhere/electrs")).to_string();
        assert!(stop.contains("ELECTRS_EXE") && stop.contains("cargo xtask node"), "{stop}");
    }

    #[test]
    fn a_built_program_is_kept_whole_and_its_work_dropped() {
        let cache = std::env::temp_dir().join(format!("conclave-keep-{}", std::process::id()));
        let (work, kept) = (cache.join(".building"), cache.join("electrs-1"));
        for text in ["first", "second"] {
            std::fs::create_dir_all(&work).unwrap();
            std::fs::write(work.join("built"), text).unwrap();
            keep(&work.join("built"), &work, &kept, Tool::Electrs).unwrap();
            assert_eq!(std::fs::read_to_string(kept.join("electrs")).unwrap(), text);
            assert!(!work.exists());
        }
        std::fs::remove_dir_all(cache).unwrap();
    }
}
