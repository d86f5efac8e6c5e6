//! Where programs connect, seen from outside by strace: every process and thread of theirs, TCP and UDP, and the sockets by
//! which names are looked up. All is loopback in these tests, so an address is right only if it is expected exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;

/// Files that are read by whoever looks up a host's name, and by nobody else.
const FOR_NAMES: [&str; 2] = ["/etc/hosts", "/etc/resolv.conf"];
/// What is looked at: whatever names a destination, opens a port, begins a process or another program, and the one way to
/// do such things that strace does not see.
const CALLS: &str =
    "openat,connect,sendto,sendmsg,sendmmsg,listen,execve,execveat,clone,clone3,fork,vfork,io_uring_setup";

/// strace's own words for a program that is started in `folder`. The program stays the child of whoever starts it.
fn strace(folder: &Path) -> Vec<String> {
    let out = folder.join("trace").display().to_string();
    let words = ["-D", "-ff", "--seccomp-bpf", "-qq", "-s", "400", "-e", "signal=none", "-e"];
    words.into_iter().map(str::to_owned).chain([format!("trace={CALLS}"), "-o".to_owned(), out]).collect()
}

/// A program under strace, which writes into `folder`. Its exit code is the program's.
pub fn traced(folder: &Path, program: &str) -> Command {
    there_is_strace();
    let mut command = Command::new("strace");
    command.args(strace(folder)).arg("--").arg(program);
    command
}

/// The words before a program that put it under strace: for whoever starts programs by themselves.
pub fn tracer(folder: &Path) -> String {
    there_is_strace();
    format!("strace {} --", strace(folder).join(" "))
}

/// What cannot be seen is not taken for clean.
fn there_is_strace() {
    let version = Command::new("strace").arg("-V").output();
    assert!(version.is_ok_and(|it| it.status.success()), "strace is missing: `cargo xtask test tor` sees to it");
}

/// What a process did that leads out of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It connected, or tried to, or sent without connecting.
    Dialled(SocketAddr),
    /// It reached somebody by a socket that is a file, or read what is read to look up names.
    Asked(String),
    /// It opened a port.
    Listened,
    /// It used a way that strace does not see.
    Hid(String),
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Dialled(address) => write!(f, "dialled {address}"),
            Act::Asked(path) => write!(f, "asked {path:?}"),
            Act::Listened => write!(f, "opened a port"),
            Act::Hid(call) => write!(f, "used {call}, which is not seen through"),
        }
    }
}

/// One process, or a thread of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The program as it was started, with its arguments, or as it was inherited.
    pub words: Vec<String>,
    /// What it did.
    pub acts: BTreeSet<Act>,
}

impl Seen {
    /// The program's name, without its folder.
    pub fn program(&self) -> &str {
        self.words.first().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
    }

    /// Whether it is this program with this first argument.
    pub fn is(&self, program: &str, argument: &str) -> bool {
        self.program() == program && self.words.get(1).is_some_and(|word| word == argument)
    }
}

/// Reads what strace wrote. Every thread has the words of the program that it belongs to.
pub fn read(folder: &Path) -> Vec<Seen> {
    let mut threads = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(number) = name.strip_prefix("trace.") {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            threads.insert(number.parse().unwrap_or_else(|_| panic!("{name}")), parse(&text));
        }
    }
    assert!(!threads.is_empty(), "strace saw nothing in {}", folder.display());
    family(threads)
}

/// What one thread did, and which others it began.
#[derive(Debug, Default)]
struct Thread {
    /// Each program that it was, with what it did as that.
    lives: Vec<Seen>,
    /// The threads and processes that it began, with the number of its life then.
    began: Vec<(u32, usize)>,
}

fn parse(text: &str) -> Thread {
    // The first life is inherited, and ends with the first program that is started.
    let mut thread = Thread { lives: vec![Seen::default()], began: vec![] };
    for line in text.lines() {
        let Some((call, rest)) = line.split_once('(') else { continue };
        let result = rest.rsplit_once(" = ").map(|(_, result)| result).unwrap_or_default();
        let at = thread.lives.len() - 1;
        let now = &mut thread.lives[at];
        match call {
            "execve" | "execveat" if result.starts_with('0') => {
                thread.lives.push(Seen { words: words(rest), ..Seen::default() });
            }
            "clone" | "clone3" | "fork" | "vfork" => {
                thread.began.extend(result.split(' ').next().and_then(|it| it.parse().ok()).map(|it| (it, at)));
            }
            "openat" => {
                let file = FOR_NAMES.into_iter().find(|file| rest.contains(&format!("\"{file}\"")));
                now.acts.extend(file.map(|file| Act::Asked(file.to_owned())));
            }
            "connect" | "sendto" | "sendmsg" | "sendmmsg" => {
                let mut destinations = destinations(rest);
                // Who asks for a user's name tries the name service's socket first, too. Where nobody listens nobody was
                // asked; a host's name is looked up by files and datagrams then, which are seen.
                if ["ENOENT", "ECONNREFUSED"].iter().any(|nobody| result.contains(nobody)) {
                    destinations.retain(|act| !matches!(act, Act::Asked(_)));
                }
                now.acts.extend(destinations);
            }
            "listen" => drop(now.acts.insert(Act::Listened)),
            "io_uring_setup" => drop(now.acts.insert(Act::Hid(call.to_owned()))),
            _ => {}
        }
    }
    thread
}

/// The words of `execve("/bin/x", ["x", "-a"], 0x7ff /* 9 vars */) = 0`, the program by its path.
fn words(rest: &str) -> Vec<String> {
    let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let (path, arguments) = rest.split_once('[').unwrap_or((rest, ""));
    let mut words = quoted(path);
    words.truncate(1);
    words.extend(quoted(arguments.split(']').next().unwrap_or_default()).into_iter().skip(1));
    words
}

/// The socket addresses among the arguments of a call.
fn destinations(rest: &str) -> BTreeSet<Act> {
    let after = |text: &str, before: &str, end: char| {
        text.split_once(before).and_then(|(_, rest)| rest.split(end).next()).map(str::to_owned)
    };
    let mut found = BTreeSet::new();
    for part in rest.split("sa_family=").skip(1) {
        let family = part.split([',', '}']).next().unwrap_or_default();
        let address = match family {
            "AF_INET" => after(part, "inet_addr(\"", '"').zip(after(part, "sin_port=htons(", ')')),
            "AF_INET6" => after(part, "inet_pton(AF_INET6, \"", '"').zip(after(part, "sin6_port=htons(", ')')),
            "AF_UNIX" => {
                found.insert(Act::Asked(after(part, "sun_path=", '}').unwrap_or_default().replace('"', "")));
                continue;
            }
            // Parts of this machine's system; and a socket that forgets its address.
            "AF_NETLINK" | "AF_UNSPEC" => continue,
            other => {
                found.insert(Act::Hid(other.to_owned()));
                continue;
            }
        };
        let parsed =
            address.and_then(|(ip, port)| Some(SocketAddr::new(ip.parse::<IpAddr>().ok()?, port.parse().ok()?)));
        found.insert(parsed.map_or_else(|| Act::Hid(part.to_owned()), Act::Dialled));
    }
    found
}

/// Gives every thread the program of whoever began it, until it starts another one.
fn family(mut threads: BTreeMap<u32, Thread>) -> Vec<Seen> {
    let mut began: Vec<(u32, u32, usize)> = vec![];
    for (parent, thread) in &threads {
        began.extend(thread.began.iter().map(|(child, life)| (*child, *parent, *life)));
    }
    // Numbers of children are not in order once they have all been used: until nothing changes.
    let mut changed = true;
    while changed {
        changed = false;
        for (child, parent, life) in &began {
            let words = threads.get(parent).map(|parent| parent.lives[*life].words.clone()).unwrap_or_default();
            if let Some(thread) = threads.get_mut(child)
                && thread.lives[0].words.is_empty()
                && !words.is_empty()
            {
                thread.lives[0].words = words;
                changed = true;
            }
        }
    }
    threads.into_values().flat_map(|thread| thread.lives).collect()
}

/// What nobody may do but by what `allowed` says of their program, in words; none is right.
pub fn leaks(seen: &[Seen], allowed: impl Fn(&Seen, &Act) -> bool) -> Vec<String> {
    let of = |it: &Seen| {
        let acts: Vec<Act> = it.acts.iter().filter(|act| !allowed(it, act)).cloned().collect();
        acts.into_iter().map(|act| format!("{} {act}", it.words.join(" "))).collect::<Vec<_>>()
    };
    let leaks: BTreeSet<String> = seen.iter().flat_map(of).collect();
    leaks.into_iter().collect()
}
