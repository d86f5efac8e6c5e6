//! A Debian package of a release build, made by dpkg-deb alone: the same bytes from the same commit on the same machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{answer, call, line, on_path, root, target_dir};
use crate::machine::{Set, ensure};
use crate::run::{build_release, nothing_more};
use crate::steps::Steps;
use crate::stop::Stop;
use crate::ui;

const NAME: &str = "conclave";
/// The programs of the package: the window, and the headless program.
const PROGRAMS: [&str; 2] = ["conclave-desktop", "conclave"];
/// Pictures, and where each goes in `usr/share/icons/hicolor`.
const ICONS: [(&str, &str); 5] = [
    ("32x32.png", "32x32/apps/conclave.png"),
    ("128x128.png", "128x128/apps/conclave.png"),
    ("128x128@2x.png", "256x256/apps/conclave.png"),
    ("icon.png", "512x512/apps/conclave.png"),
    ("conclave.svg", "scalable/apps/conclave.svg"),
];
/// What the programs need, where dpkg-shlibdeps (package dpkg-dev) is not there to find it out: by Debian 12.
const DEPENDS: &str = "libc6 (>= 2.34), libgcc-s1, libstdc++6, libssl3, libglib2.0-0, libgtk-3-0, libsoup-3.0-0, \
                       libwebkit2gtk-4.1-0, libjavascriptcoregtk-4.1-0";

const DESKTOP: &str = "\
[Desktop Entry]
Type=Application
Name=Conclave
GenericName=Bitcoin vaults for groups
GenericName[cs]=Společné bitcoinové trezory
GenericName[ru]=Общие биткоин-хранилища
Comment=Hold bitcoin together: payments that several people must approve and sign
Comment[cs]=Držte bitcoiny společně: platby, které musí schválit a podepsat více lidí
Comment[ru]=Храните биткоины вместе: платежи, которые должны одобрить и подписать несколько человек
Exec=conclave-desktop
Icon=conclave
Terminal=false
Categories=Office;Finance;
Keywords=bitcoin;multisig;vault;
StartupWMClass=conclave-desktop
";

const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Conclave

Files: *
Copyright: The Conclave developers
License: MIT or Apache-2.0
Comment: The licences of the libraries inside are those that deny.toml of the source allows.

License: Apache-2.0
 The whole text is in /usr/share/common-licenses/Apache-2.0 on Debian systems.

License: MIT
";

/// `cargo xtask package`.
pub fn package(arguments: &[String]) -> Result<(), Stop> {
    nothing_more("package", arguments)?;
    let mut steps = Steps::new(4);
    steps.step("looking at the machine", || {
        ensure(&[Set::Build, Set::Window])?;
        match ["dpkg", "dpkg-deb", "strip", "gzip", "git"].into_iter().find(|tool| !on_path(tool)) {
            Some(tool) => Err(Stop::Missing {
                what: tool.to_owned(),
                remedy: "packages are made on Debian and what is made of it (packages dpkg, binutils, gzip, git)"
                    .to_owned(),
            }),
            None => Ok(()),
        }
    })?;
    steps.step("building the window's pages", ui::build)?;
    steps.step("building the programs", || build_release(&PROGRAMS, &[]))?;
    let path = steps.step("packing", pack)?;

    let size = fs::metadata(&path).map_err(failed(&path))?.len();
    let sum = answer(Command::new("sha256sum").arg(&path))?;
    println!("{}", path.display());
    println!("{size} bytes");
    println!("sha256 {}", sum.split_whitespace().next().unwrap_or_default());
    Ok(())
}

fn pack() -> Result<PathBuf, Stop> {
    let folder = target_dir()?.join("package");
    let tree = folder.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(failed(&tree))?;
    }
    let programs = PROGRAMS.map(|name| tree.join("usr/bin").join(name));
    for (name, path) in PROGRAMS.iter().zip(&programs) {
        let built = target_dir()?.join("release").join(name);
        put(path, &fs::read(&built).map_err(failed(&built))?, 0o755)?;
        call(Command::new("strip").args(["--strip-unneeded", "--enable-deterministic-archives"]).arg(path))?;
    }
    put(&tree.join("usr/share/applications/conclave-desktop.desktop"), DESKTOP.as_bytes(), 0o644)?;
    for (from, to) in ICONS {
        put(&tree.join("usr/share/icons/hicolor").join(to), &source(&format!("icons/{from}"))?, 0o644)?;
    }
    let documents = tree.join("usr/share/doc").join(NAME);
    put(&documents.join("copyright"), &copyright()?, 0o644)?;
    put(&documents.join("changelog"), &source("CHANGELOG.md")?, 0o644)?;
    call(Command::new("gzip").args(["-9", "-n"]).arg(documents.join("changelog")))?;

    let architecture = answer(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned();
    let version = version()?;
    let control = control(&version, &architecture, &depends(&folder, &programs)?, kilobytes(&tree)?);
    put(&tree.join("DEBIAN/md5sums"), sums(&tree)?.as_bytes(), 0o644)?;
    put(&tree.join("DEBIAN/control"), control.as_bytes(), 0o644)?;
    for path in files(&tree)?.iter().flat_map(|file| file.ancestors().skip(1)).filter(|path| path.starts_with(&tree)) {
        // What the umask of whoever builds makes of folders has no place in a package.
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(failed(path))?;
    }

    let path = folder.join(format!("{NAME}_{version}_{architecture}.deb"));
    let made = answer(Command::new("git").current_dir(root()).args(["log", "-1", "--format=%ct"]))?;
    let mut command = Command::new("dpkg-deb");
    command.env("SOURCE_DATE_EPOCH", made.trim());
    // One thread: how xz divides the work among several shows in the bytes.
    command.args(["--root-owner-group", "-Zxz", "--threads-max=1", "--build"]).arg(&tree).arg(&path);
    answer(&mut command)?;
    Ok(path)
}

/// What the package says about itself.
fn control(version: &str, architecture: &str, depends: &str, kilobytes: u64) -> String {
    format!(
        "Package: {NAME}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: The Conclave developers \
         <conclave@localhost>\nInstalled-Size: {kilobytes}\nDepends: {depends}\nRecommends: notification-daemon\n\
         Section: utils\nPriority: optional\nDescription: groups that hold bitcoin together\n \
         A vault in which several of its members must approve and sign each payment.\n Every member runs an own copy; \
         what passes between them is a record of signed\n events, sealed to each member and carried by relays.\n .\n \
         This version works on bitcoin's test network regtest alone.\n"
    )
}

/// The version of the workspace.
fn version() -> Result<String, Stop> {
    let mut command = crate::cargo::cargo();
    command.args(["pkgid", "-p", NAME]);
    let id = answer(&mut command)?;
    // `path+file:///...#conclave@0.1.0`
    let version = id.trim().rsplit(['@', '#']).next().unwrap_or_default();
    if version.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(version.to_owned());
    }
    Err(Stop::Answer { line: line(&command), what: id })
}

/// The libraries that the programs are linked with, as packages.
fn depends(folder: &Path, programs: &[PathBuf]) -> Result<String, Stop> {
    if !on_path("dpkg-shlibdeps") {
        eprintln!("dpkg-shlibdeps (package dpkg-dev) is not there: the package depends on what Debian 12 has");
        return Ok(DEPENDS.to_owned());
    }
    // It reads a source package's control file where it is started.
    put(
        &folder.join("debian/control"),
        format!("Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n").as_bytes(),
        0o644,
    )?;
    let mut command = Command::new("dpkg-shlibdeps");
    command.current_dir(folder).arg("-O").args(programs.iter().map(|path| format!("-e{}", path.display())));
    let said = answer(&mut command)?;
    match said.lines().find_map(|line| line.strip_prefix("shlibs:Depends=")) {
        Some(packages) => Ok(packages.to_owned()),
        None => Err(Stop::Answer { line: line(&command), what: said }),
    }
}

fn copyright() -> Result<Vec<u8>, Stop> {
    let licence = source("LICENSE-MIT")?;
    let mut text = COPYRIGHT.to_owned();
    for line in String::from_utf8_lossy(&licence).lines().skip(1) {
        text.push_str(if line.is_empty() { " .\n" } else { " " });
        if !line.is_empty() {
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(text.into_bytes())
}

fn source(name: &str) -> Result<Vec<u8>, Stop> {
    let path = root().join(name);
    fs::read(&path).map_err(failed(&path))
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Stop> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    fs::write(path, bytes).map_err(failed(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed(path))
}

/// All files of a tree, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn kilobytes(tree: &Path) -> Result<u64, Stop> {
    let sizes = files(tree)?.into_iter().map(|path| fs::metadata(&path).map(|meta| meta.len()).map_err(failed(&path)));
    sizes.sum::<Result<u64, Stop>>().map(|bytes| bytes.div_ceil(1024))
}

/// The checksums by which dpkg tells files that were changed after they were installed.
fn sums(tree: &Path) -> Result<String, Stop> {
    let inside: Vec<PathBuf> =
        files(tree)?.iter().filter_map(|path| path.strip_prefix(tree).ok().map(Path::to_owned)).collect();
    answer(Command::new("md5sum").current_dir(tree).args(inside))
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Stop {
    let path = path.to_owned();
    move |source| Stop::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_file_has_one_field_a_line() {
        let text = control("0.1.0", "amd64", "libc6 (>= 2.36), libssl3 (>= 3.0.0)", 52_000);
        let fields: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
        assert!(fields.iter().all(|line| line.contains(": ")), "{text}");
        assert!(fields.contains(&"Depends: libc6 (>= 2.36), libssl3 (>= 3.0.0)"), "{text}");
        assert!(fields.contains(&"Installed-Size: 52000"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }

    #[test]
    fn the_licence_is_indented_as_the_form_asks() {
        let text = String::from_utf8(copyright().unwrap()).unwrap();
        let (_, licence) = text.split_once("License: MIT\n").unwrap();
        assert!(licence.lines().all(|line| line.starts_with(' ')), "{licence}");
        assert!(licence.contains("\n .\n"), "{licence}");
    }

    #[test]
    fn every_picture_is_there() {
        for (from, _) in ICONS {
            assert!(root().join("icons").join(from).is_file(), "{from}");
        }
    }
}
