//! What a machine must have, how that is proven, and what it is called by each distribution.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{call, on_path, succeeds};
use crate::stop::Stop;

/// How it is seen that something is there.
enum Proof {
    /// A program on the path.
    Program(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A font family that fontconfig knows.
    Font(&'static str),
    /// A C or C++ header where compilers look.
    Header(&'static str),
    /// A shared library by the beginning of its file's name, where there is no pkg-config for it.
    Shared(&'static str),
}

/// Something that does not come with Rust.
struct Part {
    proof: Proof,
    debian: &'static str,
    fedora: &'static str,
    arch: &'static str,
}

const fn part(proof: Proof, debian: &'static str, fedora: &'static str, arch: &'static str) -> Part {
    Part { proof, debian, fedora, arch }
}

/// A set of parts that a command needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// To compile anything: SQLCipher and the script checker are C and C++ and use OpenSSL.
    Build,
    /// To compile the window.
    Window,
    /// To run every test: a screen that nobody sees, a program that presses keys, a shell to look into databases.
    Tests,
    /// To compile a Bitcoin node and an Electrum server, and to run what was compiled.
    Node,
    /// For a private Tor network: tor itself, and a look at where programs connect.
    Tor,
}

const BUILD: &[Part] = &[
    part(Proof::Program("cc"), "build-essential", "gcc", "base-devel"),
    part(Proof::Program("c++"), "build-essential", "gcc-c++", "base-devel"),
    part(Proof::Program("make"), "build-essential", "make", "base-devel"),
    part(Proof::Program("pkg-config"), "pkg-config", "pkgconf-pkg-config", "pkgconf"),
    part(Proof::Library("openssl"), "libssl-dev", "openssl-devel", "openssl"),
];

const WINDOW: &[Part] =
    &[part(Proof::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev", "webkit2gtk4.1-devel", "webkit2gtk-4.1")];

const TESTS: &[Part] = &[
    part(Proof::Program("WebKitWebDriver"), "webkit2gtk-driver", "webkit2gtk-driver", "webkit2gtk-4.1"),
    part(Proof::Program("Xvfb"), "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"),
    part(Proof::Program("dbus-daemon"), "dbus-daemon", "dbus-daemon", "dbus"),
    part(Proof::Program("fc-match"), "fontconfig", "fontconfig", "fontconfig"),
    part(Proof::Font("DejaVu Sans"), "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu"),
    part(Proof::Program("sqlite3"), "sqlite3", "sqlite", "sqlite"),
];

const NODE: &[Part] = &[
    part(Proof::Program("cmake"), "cmake", "cmake", "cmake"),
    part(Proof::Program("ninja"), "ninja-build", "ninja-build", "ninja"),
    part(Proof::Header("boost/version.hpp"), "libboost-dev", "boost-devel", "boost"),
    part(Proof::Library("libevent"), "libevent-dev", "libevent-devel", "libevent"),
    part(Proof::Library("rocksdb"), "librocksdb-dev", "rocksdb-devel", "rocksdb"),
    part(Proof::Program("clang"), "clang", "clang", "clang"),
    part(Proof::Shared("libclang"), "libclang-dev", "clang-devel", "clang"),
];

const TOR: &[Part] = &[
    part(Proof::Program("tor"), "tor", "tor", "tor"),
    part(Proof::Program("tor-gencert"), "tor", "tor", "tor"),
    part(Proof::Program("strace"), "strace", "strace", "strace"),
    part(Proof::Program("bash"), "bash", "bash", "bash"),
];

/// Where programs for root lie, which is not on everybody's path.
const FOR_ROOT: &str = "/usr/sbin";

impl Set {
    fn parts(self) -> &'static [Part] {
        match self {
            Set::Build => BUILD,
            Set::Window => WINDOW,
            Set::Tests => TESTS,
            Set::Node => NODE,
            Set::Tor => TOR,
        }
    }

    /// Whether all of it is there.
    pub fn is_there(self) -> bool {
        self.parts().iter().all(Part::is_there)
    }
}

impl Part {
    fn is_there(&self) -> bool {
        match self.proof {
            Proof::Program(name) => on_path(name) || Path::new(FOR_ROOT).join(name).is_file(),
            Proof::Library(name) => succeeds(Command::new("pkg-config").args(["--exists", name])),
            // fc-match always names some font: only the asked one is proof.
            Proof::Font(family) => Command::new("fc-match")
                .args(["--format", "%{family}", family])
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(family)),
            Proof::Header(name) => {
                ["/usr/include", "/usr/local/include"].iter().any(|folder| Path::new(folder).join(name).is_file())
            }
            Proof::Shared(name) => library_folders().iter().any(|folder| holds(folder, name)),
        }
    }
}

/// Where shared libraries lie: the usual folders, those inside them, and those of compilers (`llvm-14/lib`).
fn library_folders() -> Vec<PathBuf> {
    let usual = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let inside = |folder: &PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let inner: Vec<PathBuf> = usual.iter().flat_map(inside).flat_map(|path| [path.join("lib"), path]).collect();
    usual.into_iter().chain(inner).filter(|folder| folder.is_dir()).collect()
}

fn holds(folder: &Path, library: &str) -> bool {
    let mut files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.any(|file| {
        let name = file.file_name();
        // `libclang.so`, `libclang.so.1`, `libclang-14.so`, but not `libclangBasic.a`.
        let rest = name.to_str().and_then(|name| name.strip_prefix(library));
        rest.is_some_and(|rest| rest.starts_with(['.', '-']) && rest.contains(".so"))
    })
}

/// Installs what is missing of these sets, or says what is.
pub fn ensure(sets: &[Set]) -> Result<(), Stop> {
    let missing =
        || -> Vec<&'static Part> { sets.iter().flat_map(|set| set.parts()).filter(|part| !part.is_there()).collect() };
    let parts = missing();
    if parts.is_empty() {
        return Ok(());
    }
    if on_path("apt-get") {
        install(&names(&parts, |part| part.debian))?;
    }
    let parts = missing();
    if parts.is_empty() {
        return Ok(());
    }
    let debian = names(&parts, |part| part.debian).join(" ");
    Err(Stop::Missing {
        what: debian.clone(),
        remedy: format!(
            "install it and try again: `apt-get install {debian}` (Debian, Ubuntu), `dnf install {}` (Fedora), \
             `pacman -S {}` (Arch)",
            names(&parts, |part| part.fedora).join(" "),
            names(&parts, |part| part.arch).join(" "),
        ),
    })
}

fn names(parts: &[&'static Part], of: impl Fn(&Part) -> &'static str) -> Vec<&'static str> {
    let mut names: Vec<_> = parts.iter().map(|part| of(part)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Installs Debian packages. The lists are fetched only if apt does not know the packages yet.
pub fn install(packages: &[&str]) -> Result<(), Stop> {
    let apt = |words: &[&str]| -> Result<(), Stop> {
        let mut command = as_root("env")?;
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"]).args(words);
        call(&mut command)
    };
    let wanted: Vec<&str> =
        ["install", "--no-install-recommends"].into_iter().chain(packages.iter().copied()).collect();
    eprintln!("installing {}", packages.join(" "));
    apt(&wanted).or_else(|_| {
        apt(&["update"])?;
        apt(&wanted)
    })
}

/// A command that runs as root: as it is for root, otherwise through sudo where that asks for no password.
pub fn as_root(program: &str) -> Result<Command, Stop> {
    let mut command = if is_root() {
        Command::new(program)
    } else if succeeds(Command::new("sudo").args(["-n", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", program]);
        sudo
    } else {
        return Err(Stop::Missing {
            what: "the right to install packages".to_owned(),
            remedy: "run the command as root, or allow sudo, or install what is named above by hand".to_owned(),
        });
    };
    command.stdin(Stdio::null());
    Ok(command)
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == "0")
}

/// Which features a headless program is built with: those of everything else where the window can be compiled, so that
/// dependencies are not compiled twice; else without the window.
pub fn features() -> &'static [&'static str] {
    if Set::Window.is_there() { &[] } else { &["--no-default-features"] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_is_named_once_for_each_distribution() {
        let parts: Vec<&Part> = BUILD.iter().collect();
        assert_eq!(names(&parts, |part| part.debian), ["build-essential", "libssl-dev", "pkg-config"]);
        assert_eq!(names(&parts, |part| part.arch), ["base-devel", "openssl", "pkgconf"]);
    }

    #[test]
    fn what_is_not_there_is_not_taken_for_there() {
        for proof in [Proof::Program("conclave-no-such-program"), Proof::Library("conclave-no-such-library")] {
            assert!(!part(proof, "", "", "").is_there());
        }
        assert!(!part(Proof::Font("Conclave No Such Font"), "", "", "").is_there());
        assert!(part(Proof::Program("sh"), "", "", "").is_there());
        assert!(!part(Proof::Header("conclave/no-such-header.h"), "", "", "").is_there());
        assert!(!part(Proof::Shared("libconclave-no-such-library"), "", "", "").is_there());
        assert!(part(Proof::Shared("libc"), "", "", "").is_there());
    }
}
