//! A Rust toolchain that can compile for wasm: rustup's, or Debian's where rustup cannot fetch the target.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{answer, call, cargo, on_path, succeeds, target_dir};
use crate::machine::{as_root, install};
use crate::stop::Stop;

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const DEBIAN_LIBRARIES: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";

/// Which toolchain compiles the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that compiles everything else.
    Active,
    /// Debian's, in /usr/bin.
    Debian,
}

impl Toolchain {
    /// A toolchain with the wasm target, installed if need be.
    pub fn ensure() -> Result<Self, Stop> {
        if std::env::var("CONCLAVE_WASM").is_ok_and(|way| way == "debian") {
            return debian();
        }
        if active_has_target() || (add_target() && active_has_target()) {
            return Ok(Self::Active);
        }
        if !on_path("apt-get") {
            return Err(Stop::Missing {
                what: format!("Rust's {TARGET} target"),
                remedy: format!("`rustup target add {TARGET}`, or your distribution's package of it"),
            });
        }
        eprintln!("rustup could not fetch {TARGET}: Debian's Rust is used for the pages");
        debian()
    }

    /// Cargo of this toolchain.
    pub fn cargo(self) -> Command {
        match self {
            Self::Active => cargo(),
            Self::Debian => debian_cargo(cargo().get_current_dir().unwrap_or(Path::new("."))),
        }
    }

    /// The name, to tell what was compiled by which.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Debian => "debian",
        }
    }
}

fn has_core(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
    })
}

fn active_has_target() -> bool {
    let mut command = Command::new("rustc");
    command.args(["--print", "target-libdir", "--target", TARGET]);
    answer(&mut command).is_ok_and(|folder| has_core(Path::new(folder.trim())))
}

fn add_target() -> bool {
    on_path("rustup") && call(Command::new("rustup").args(["target", "add", TARGET]).stdin(Stdio::null())).is_ok()
}

fn debian_cargo(folder: &Path) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command.current_dir(folder).stdin(Stdio::null());
    // Left in place, each of these leads back to the toolchain that started xtask.
    for name in ["CARGO", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTFLAGS", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command.env("RUSTC", "/usr/bin/rustc").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
    command
}

fn debian() -> Result<Toolchain, Stop> {
    let there = |program: &str| Path::new("/usr/bin").join(program).is_file();
    if !(there("rustc") && there("cargo") && there("wasm-ld-22") && Path::new("/usr/lib/rustlib/src/rust").exists()) {
        install(&DEBIAN_PACKAGES)?;
    }
    if !has_core(Path::new(DEBIAN_LIBRARIES)) {
        build_standard_library()?;
    }
    Ok(Toolchain::Debian)
}

/// Debian ships the standard library's source but not its wasm build: it is compiled once, from an empty crate in a
/// clean folder (a rlib found twice breaks every later build), and put where this compiler looks for it.
fn build_standard_library() -> Result<(), Stop> {
    let folder = target_dir()?.join("wasm-std");
    let file = |path: &Path, source| Stop::File { path: path.to_owned(), source };
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|source| file(&folder, source))?;
    }
    let source = folder.join("src");
    std::fs::create_dir_all(&source).map_err(|error| file(&source, error))?;
    for (name, text) in [
        ("Cargo.toml", "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n"),
        ("src/lib.rs", ""),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| file(&path, error))?;
    }
    let built = folder.join("target");
    let mut command = debian_cargo(&folder);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort", "--target-dir"])
        .arg(&built);
    call(&mut command)?;

    let deps = built.join(TARGET).join("release/deps");
    let libraries: Vec<PathBuf> = deps
        .read_dir()
        .map_err(|error| file(&deps, error))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension() == Some(OsStr::new("rlib")))
        .filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libempty")))
        .collect();
    call(as_root("mkdir")?.args(["-p", DEBIAN_LIBRARIES]))?;
    call(as_root("cp")?.args(&libraries).arg(DEBIAN_LIBRARIES))?;
    if !succeeds(Command::new("test").args(["-d", DEBIAN_LIBRARIES])) || !has_core(Path::new(DEBIAN_LIBRARIES)) {
        return Err(Stop::Missing {
            what: format!("the standard library for {TARGET}"),
            remedy: format!("it was compiled in {} but not found in {DEBIAN_LIBRARIES}", deps.display()),
        });
    }
    Ok(())
}
