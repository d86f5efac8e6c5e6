//! The check of where programs connect ([`crate::trace`]) is itself checked: by programs that leak on purpose.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

use crate::program::{PROGRAM, text};
use crate::trace::{Act, Seen, leaks, read, traced};

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<Seen> {
    let output = traced(folder, program).args(arguments).output().unwrap();
    assert!(output.status.success() || program == "getent", "{}", text(&output.stderr));
    read(folder)
}

fn nothing(_: &Seen, _: &Act) -> bool {
    false
}

#[test]
fn a_connection_of_a_childs_child_is_seen_and_only_its_exact_address_is_right() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let script = format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{}; true'; true", address.port());
    let folder = tempfile::tempdir().unwrap();
    let seen = run(folder.path(), "sh", &["-c", &script]);
    let found = leaks(&seen, nothing);
    assert!(
        found.iter().any(|leak| leak.starts_with("/") && leak.ends_with(&format!("dialled {address}"))),
        "{found:?}"
    );
    assert_eq!(leaks(&seen, |_, act| *act == Act::Dialled(address)), Vec::<String>::new());
    let beside = SocketAddr::from(([127, 0, 0, 1], address.port() ^ 1));
    assert_eq!(leaks(&seen, |_, act| *act == Act::Dialled(beside)), found, "another port of this machine is no leave");
    let of_bash = |it: &Seen, act: &Act| it.program() == "bash" && *act == Act::Dialled(address);
    assert_eq!(leaks(&seen, of_bash), Vec::<String>::new(), "it is told whose it was");
}

#[test]
fn a_datagram_and_a_name_that_is_looked_up_are_seen() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = format!("echo hello >/dev/udp/127.0.0.1/{}", address.port());
    let found = leaks(&run(folder.path(), "bash", &["-c", &script]), nothing);
    assert!(found.iter().any(|leak| leak.contains(&address.to_string())), "{found:?}");
    let folder = tempfile::tempdir().unwrap();
    let found = leaks(&run(folder.path(), "getent", &["hosts", "relay.invalid"]), nothing);
    assert!(!found.is_empty(), "a look-up of a name leaves the process, by a socket or by another program");
}

#[test]
fn a_program_that_stays_at_home_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let seen = run(folder.path(), "sh", &["-c", "true; echo done"]);
    assert!(seen.iter().any(|it| it.program() == "sh"), "it was looked at: {seen:?}");
    assert_eq!(leaks(&seen, nothing), Vec::<String>::new());
}

#[test]
fn members_without_tor_do_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let seen = run(folder.path(), PROGRAM, &["demo"]);
    let members: Vec<Seen> = seen.into_iter().filter(|it| it.is("conclave", "member")).collect();
    let found = leaks(&members, nothing);
    assert!(found.iter().any(|leak| leak.contains("member") && leak.contains("dialled 127.0.0.1:")), "{found:?}");
}

#[test]
fn calls_of_every_form_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let lines = r#"execve("/usr/bin/leak", ["leak", "--now"], 0x7ffd /* 9 vars */) = 0
connect(9, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS (Operation now in progress)
sendmmsg(3, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, msg_namelen=16, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1}, msg_len=1}], 1, 0) = 1
sendto(4, "x", 1, 0, NULL, 0) = 1
sendto(4, "x", 1, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 1
connect(5, {sa_family=AF_UNIX, sun_path="/run/nobody"}, 110) = -1 ENOENT (No such file or directory)
connect(5, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = 0
openat(AT_FDCWD, "/etc/resolv.conf", O_RDONLY|O_CLOEXEC) = 5
openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 5
clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[8]}, 88) = 8
listen(6, 128) = 0
io_uring_setup(8, {flags=0}) = 7
sendto(4, "x", 1, 0, {sa_family=AF_PACKET, sll_protocol=0}, 20) = 1
"#;
    std::fs::write(folder.path().join("trace.7"), lines).unwrap();
    std::fs::write(
        folder.path().join("trace.8"),
        "connect(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr(\"127.0.0.1\")}, 16 <unfinished ...>\n",
    )
    .unwrap();
    let seen = read(folder.path());
    let found = leaks(&seen, nothing);
    let expected = [
        "/usr/bin/leak --now asked \"/etc/resolv.conf\"",
        "/usr/bin/leak --now asked \"/var/run/nscd/socket\"",
        "/usr/bin/leak --now dialled 10.0.0.1:53",
        "/usr/bin/leak --now dialled 127.0.0.1:9",
        "/usr/bin/leak --now dialled [::1]:80",
        "/usr/bin/leak --now opened a port",
        "/usr/bin/leak --now used AF_PACKET, which is not seen through",
        "/usr/bin/leak --now used io_uring_setup, which is not seen through",
    ];
    assert_eq!(found, expected);
}
