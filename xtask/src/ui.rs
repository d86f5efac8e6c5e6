//! Builds the window's pages: compiles the ui crate for wasm and writes `ui/dist`, which the window embeds.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wasm_bindgen_cli_support::Bindgen;

use crate::cargo::{call, line, root, target_dir};
use crate::stop::Stop;
use crate::wasm::{TARGET, Toolchain};

const PROFILE: &str = "wasm-release";
const LANGUAGES: [&str; 3] = ["en", "ru", "cs"];
/// What the compiled pages may come to when gzip has packed them, in bytes: they must not grow unseen. Where they do, what hides
/// types from generic code is in `ui/src/signals.rs`, `closures.rs`, `components/shown.rs` and `live.rs`.
const LIMIT: usize = 510_000;

/// Builds the pages unless nothing that they are made of has changed. Returns the size of the compiled pages in bytes.
pub fn build() -> Result<u64, Stop> {
    let toolchain = Toolchain::ensure()?;
    let dist = root().join("ui/dist");
    let pages = dist.join("conclave_bg.wasm");
    // Beside the pages, not in the target folder: several checkouts may share that.
    let stamp_file = root().join("ui/dist.stamp");
    let stamp = stamp(toolchain)?;
    let unchanged = std::fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp);
    if !(unchanged && pages.is_file() && dist.join("index.html").is_file()) {
        compile(toolchain, &dist)?;
        write(&stamp_file, stamp.as_bytes())?;
    }
    let size = std::fs::metadata(&pages).map_err(|source| Stop::File { path: pages.clone(), source })?.len();
    let packed = packed(&pages)?;
    eprintln!("pages: {} kB, {} kB packed", size / 1000, packed / 1000);
    if packed > LIMIT {
        let reason = format!("packed they are {} kB, over the limit of {} kB", packed / 1000, LIMIT / 1000);
        return Err(Stop::Pages { reason });
    }
    Ok(size)
}

fn compile(toolchain: Toolchain, dist: &Path) -> Result<(), Stop> {
    // A folder for each toolchain, apart from the main one: two compilers in one folder throw each other's work away.
    let target = target_dir()?.join("pages").join(toolchain.name());
    let mut command = toolchain.cargo();
    command.env("CARGO_ENCODED_RUSTFLAGS", flags().join("\x1f"));
    command.args(["rustc", "--locked", "-p", "conclave-ui", "--profile", PROFILE, "--target", TARGET, "--target-dir"]);
    // No function is copied into those that call it where that makes them larger.
    call(command.arg(&target).args(["--", "-Cllvm-args=-inline-threshold=0"]))?;

    if dist.exists() {
        std::fs::remove_dir_all(dist).map_err(|source| Stop::File { path: dist.to_owned(), source })?;
    }
    let wasm = target.join(TARGET).join(PROFILE).join("conclave_ui.wasm");
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("conclave")
        .web(true)
        .map(|bindgen| bindgen.typescript(false).remove_name_section(true).remove_producers_section(true))
        .and_then(|bindgen| bindgen.generate(dist))
        .map_err(|error| Stop::Pages { reason: format!("{error:#}") })?;
    let ui = root().join("ui");
    let mut files = vec![ui.join("index.html"), ui.join("start.js")];
    collect(&ui.join("style"), &mut files)?;
    for path in files {
        let name = path.strip_prefix(&ui).unwrap_or(&path).to_owned();
        let to = dist.join(name);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(|source| Stop::File { path: folder.to_owned(), source })?;
        }
        let bytes = std::fs::read(&path).map_err(|source| Stop::File { path, source })?;
        write(&to, &bytes)?;
    }
    write_messages(dist)
}

/// With which flags the pages are compiled.
fn flags() -> Vec<String> {
    // Components hide the types of what they are made of from those that they are parts of: the pages are a tenth smaller, and
    // compile faster.
    let mut flags = vec!["--cfg=erase_components".to_owned()];
    // Where a panic came from is said by the place within the sources, not by where they lie on this machine.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    for (folder, name) in [(home.as_deref(), "cargo"), (Some(root()), "conclave")] {
        if let Some(folder) = folder.and_then(Path::to_str) {
            flags.push(format!("--remap-path-prefix={folder}={name}"));
        }
    }
    flags
}

/// The messages of each language as one file, which the pages load.
fn write_messages(dist: &Path) -> Result<(), Stop> {
    let folder = dist.join("messages");
    std::fs::create_dir_all(&folder).map_err(|source| Stop::File { path: folder.clone(), source })?;
    for language in LANGUAGES {
        let mut files = vec![];
        collect(&root().join("ui/messages").join(language), &mut files)?;
        files.sort();
        let mut text = String::new();
        for path in files {
            text += &std::fs::read_to_string(&path).map_err(|source| Stop::File { path, source })?;
            text.push('\n');
        }
        write(&folder.join(language).with_extension("ftl"), text.as_bytes())?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    std::fs::write(path, bytes).map_err(|source| Stop::File { path: path.to_owned(), source })
}

/// A hash over everything that the pages are made of. It guards against needless work, not against people.
fn stamp(toolchain: Toolchain) -> Result<String, Stop> {
    let mut files = vec![];
    for name in ["ui", "shared", "Cargo.toml", "Cargo.lock", "xtask/src/ui.rs"] {
        collect(&root().join(name), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    hasher.write(toolchain.name().as_bytes());
    for path in files {
        let bytes = std::fs::read(&path).map_err(|source| Stop::File { path: path.clone(), source })?;
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        for part in [name.as_bytes(), &bytes] {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let failed = |source| Stop::File { path: path.to_owned(), source };
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in path.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // What the build itself writes is not what it is made of.
        if !entry.file_name().to_string_lossy().starts_with("dist") {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// What gzip makes of it, in bytes.
fn packed(path: &Path) -> Result<usize, Stop> {
    let mut command = Command::new("gzip");
    command.args(["-9", "-c"]).arg(path).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|source| Stop::Start { line: line(&command), source })?;
    if output.status.success() {
        Ok(output.stdout.len())
    } else {
        Err(Stop::Tool { line: line(&command), outcome: output.status.to_string() })
    }
}
