//! One tor of the private network: what it is there for, where it listens, its keys, its settings.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{TorNetworkError, TorPrograms};
use crate::tor::Loopback;

/// Seconds between two consensuses. A testing tor uses 24 such intervals as the period of onion services: see
/// [`HSDIR_MINUTES`].
pub(super) const VOTING_INTERVAL: u32 = 20;
/// Seconds for votes, and for signatures, to reach the other authorities.
const VOTE_DELAY: u32 = 4;
/// The period of onion services, in minutes: 24 voting intervals. Clients must be told the same number.
pub(super) const HSDIR_MINUTES: u32 = VOTING_INTERVAL * 24 / 60;
/// The first of the networks, one for each tor: a path never holds two relays of one network.
const FIRST_NETWORK: u8 = 10;

/// What a tor is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Votes on the list of relays.
    Authority,
    /// The one place where clients enter, and a place for everything in the middle.
    Guard,
    /// Connects to this machine's ports.
    Exit,
    /// No relay: offers onion services.
    Host,
}

impl Role {
    /// How messages and logs name one.
    fn name(self) -> &'static str {
        match self {
            Role::Authority => "authority",
            Role::Guard => "guard",
            Role::Exit => "exit",
            Role::Host => "host",
        }
    }
}

/// One tor, as it is set up.
#[derive(Debug, Clone)]
pub(super) struct TorNode {
    pub role: Role,
    pub nickname: String,
    pub folder: PathBuf,
    /// Where other relays and clients connect.
    pub onion_port: SocketAddr,
    /// Where an authority hands out directories.
    directory_port: SocketAddr,
    /// SHA-1 of its RSA identity key, in hex.
    pub fingerprint: String,
    /// Its Ed25519 identity key, in base64 without padding.
    pub identity: String,
    /// An authority's fingerprint as a voter.
    pub voter: Option<String>,
}

impl TorNode {
    /// Makes the folder and the keys of a tor; `index` gives it a network of its own.
    pub(super) fn make(
        programs: &TorPrograms,
        network: &Path,
        role: Role,
        index: u8,
        ports: [SocketAddr; 2],
    ) -> Result<Self, TorNetworkError> {
        let nickname = format!("{}{index}", role.name());
        let folder = network.join(&nickname);
        let keys = folder.join("keys");
        std::fs::create_dir_all(&keys)?;
        close_to_others(&folder)?;
        close_to_others(&keys)?;
        let [onion_port, directory_port] = ports;
        let (fingerprint, identity, voter) = (String::new(), String::new(), None);
        let mut node = Self { role, nickname, folder, onion_port, directory_port, fingerprint, identity, voter };
        if role == Role::Authority {
            node.voter = Some(node.make_voter(programs, &keys)?);
        }
        if role != Role::Host {
            node.fingerprint = node.make_identity(programs)?;
            // After a line that says what it is.
            let file = std::fs::read(keys.join("ed25519_master_id_public_key"))?;
            let key = file.last_chunk::<32>().ok_or_else(|| node.unexpected("a short identity key"))?;
            node.identity = STANDARD_NO_PAD.encode(key);
        }
        Ok(node)
    }

    /// Makes the keys by which an authority votes; returns their fingerprint.
    fn make_voter(&self, programs: &TorPrograms, keys: &Path) -> Result<String, TorNetworkError> {
        let mut command = Command::new(&programs.gencert);
        command.arg("--create-identity-key").args(["--passphrase-fd", "0", "-m", "12"]);
        command.arg("-i").arg(keys.join("authority_identity_key"));
        command.arg("-s").arg(keys.join("authority_signing_key"));
        command.arg("-c").arg(keys.join("authority_certificate"));
        command.args(["-a", &self.directory_port.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        if let Some(input) = &mut child.stdin {
            // The key lies in a folder that goes with the network: its passphrase keeps nothing.
            input.write_all(b"none\n")?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(self.unexpected(&format!("tor-gencert: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        let certificate = std::fs::read_to_string(keys.join("authority_certificate"))?;
        let fingerprint = certificate.lines().find_map(|line| line.strip_prefix("fingerprint "));
        fingerprint.map(str::to_owned).ok_or_else(|| self.unexpected("no fingerprint in the certificate"))
    }

    /// Has tor make the keys of a relay; returns its fingerprint.
    fn make_identity(&self, programs: &TorPrograms) -> Result<String, TorNetworkError> {
        let mut command = Command::new(&programs.tor);
        command.args(["--ignore-missing-torrc", "--defaults-torrc", "/nonexistent", "-f", "/nonexistent", "--quiet"]);
        command.args(["--list-fingerprint", "--orport", "1", "--nickname", &self.nickname, "--datadirectory"]);
        // Without an authority of one's own tor would not be asked for a network of its own.
        command.arg(&self.folder).args(["--dirauthority", &format!("none 127.0.0.1:1 {}", "F".repeat(40))]);
        let output = command.stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().rev().find_map(|line| line.strip_prefix(&self.nickname));
        let fingerprint: String = last.unwrap_or_default().chars().filter(char::is_ascii_hexdigit).collect();
        if fingerprint.len() == 40 { Ok(fingerprint) } else { Err(self.unexpected(&format!("tor said {said:?}"))) }
    }

    fn unexpected(&self, what: &str) -> TorNetworkError {
        TorNetworkError::Unexpected { who: self.nickname.clone(), what: what.to_owned() }
    }

    /// Its settings in a network of these. `names` is the file that says where names are looked up.
    pub(super) fn settings(&self, network: &[TorNode], names: &Path) -> String {
        let mut lines = vec![
            "TestingTorNetwork 1".to_owned(),
            "AssumeReachable 1".to_owned(),
            "PathsNeededToBuildCircuits 0.67".to_owned(),
            "V3AuthNIntervalsValid 3".to_owned(),
            "RunAsDaemon 0".to_owned(),
            "SocksPort 0".to_owned(),
            "ShutdownWaitLength 0".to_owned(),
            // A demo's log tells everything: there is nobody to protect.
            "SafeLogging 0".to_owned(),
            format!("Log notice file {}", self.log().display()),
            format!("Log [rend]info file {}", self.rendezvous_log().display()),
            format!("DataDirectory {}", self.folder.display()),
            format!("PidFile {}", self.process_file().display()),
            // What is bound to this machine reaches no other one.
            format!("OutboundBindAddress {}", self.onion_port.ip()),
            "ContactInfo nobody".to_owned(),
        ];
        lines.extend(network.iter().filter_map(|authority| {
            let voter = authority.voter.as_ref()?;
            let TorNode { nickname, onion_port, directory_port, fingerprint, .. } = authority;
            let port = onion_port.port();
            Some(format!("DirAuthority {nickname} orport={port} no-v2 v3ident={voter} {directory_port} {fingerprint}"))
        }));
        if self.role != Role::Host {
            lines.push(format!("Nickname {}", self.nickname));
            lines.push(format!("Address {}", self.onion_port.ip()));
            lines.push(format!("ORPort {}", self.onion_port));
            lines.push(format!("ServerDNSResolvConfFile {}", names.display()));
            lines.push("ServerDNSDetectHijacking 0".to_owned());
        }
        let fingerprints = |role| {
            let those = network.iter().filter(|node| node.role == role).map(|node| node.fingerprint.as_str());
            those.collect::<Vec<_>>().join(",")
        };
        match self.role {
            Role::Authority => lines.extend([
                format!("DirPort {}", self.directory_port),
                "AuthoritativeDirectory 1".to_owned(),
                "V3AuthoritativeDirectory 1".to_owned(),
                format!("V3AuthVotingInterval {VOTING_INTERVAL}"),
                format!("V3AuthVoteDelay {VOTE_DELAY}"),
                format!("V3AuthDistDelay {VOTE_DELAY}"),
                format!("TestingV3AuthInitialVotingInterval {VOTING_INTERVAL}"),
                format!("TestingV3AuthInitialVoteDelay {VOTE_DELAY}"),
                format!("TestingV3AuthInitialDistDelay {VOTE_DELAY}"),
                // Clients enter here and nowhere else: so it can be checked where they connect.
                format!("TestingDirAuthVoteGuard {}", fingerprints(Role::Guard)),
                "TestingDirAuthVoteGuardIsStrict 1".to_owned(),
                format!("TestingDirAuthVoteExit {}", fingerprints(Role::Exit)),
                "TestingDirAuthVoteExitIsStrict 1".to_owned(),
                "TestingDirAuthVoteHSDir *".to_owned(),
                "TestingMinExitFlagThreshold 0".to_owned(),
                format!("ConsensusParams hsdir_interval={HSDIR_MINUTES}"),
                "ExitPolicy reject *:*".to_owned(),
            ]),
            Role::Guard => lines.push("ExitPolicy reject *:*".to_owned()),
            Role::Exit => lines.extend([
                "ExitRelay 1".to_owned(),
                "ExitPolicyRejectPrivate 0".to_owned(),
                // Clients learn of a policy by its ports alone: one of this machine only would be none to them.
                "ExitPolicy accept *:*".to_owned(),
            ]),
            Role::Host => lines.push(format!("ControlSocket {}", self.control_socket().display())),
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// Its file of settings.
    pub(super) fn settings_file(&self) -> PathBuf {
        self.folder.join("torrc")
    }

    /// Its own log.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("notices.log")
    }

    /// What it says about onion services.
    pub(super) fn rendezvous_log(&self) -> PathBuf {
        self.folder.join("rendezvous.log")
    }

    /// Holds the number of its process.
    pub(super) fn process_file(&self) -> PathBuf {
        self.folder.join("process")
    }

    /// Where a host is told what to offer.
    pub(super) fn control_socket(&self) -> PathBuf {
        self.folder.join("control")
    }

    /// The list of relays as it holds it.
    pub(super) fn consensus(&self) -> PathBuf {
        self.folder.join("cached-microdesc-consensus")
    }
}

/// Two ports of a network of its own for each of so many tors.
pub(super) fn free_ports(count: u8) -> Result<Vec<[SocketAddr; 2]>, std::io::Error> {
    // All are held until all are known: no port is chosen twice.
    let mut held = vec![];
    for index in 0..count {
        let ip = Ipv4Addr::new(127, FIRST_NETWORK + index, 0, 1);
        held.push([TcpListener::bind((ip, 0))?, TcpListener::bind((ip, 0))?]);
    }
    let at = |listener: &TcpListener| {
        let address = Loopback::from_address(listener.local_addr()?);
        Ok::<_, std::io::Error>(address.ok_or(std::io::Error::from(std::io::ErrorKind::AddrNotAvailable))?.address())
    };
    held.iter().map(|[onion, directory]| Ok([at(onion)?, at(directory)?])).collect()
}

/// Makes a folder its owner's alone, as tor asks for.
fn close_to_others(folder: &Path) -> Result<(), std::io::Error> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(role: Role, index: u8) -> TorNode {
        TorNode {
            role,
            nickname: format!("{}{index}", role.name()),
            folder: PathBuf::from("/network").join(role.name()),
            onion_port: SocketAddr::from(([127, index, 0, 1], 5000)),
            directory_port: SocketAddr::from(([127, index, 0, 1], 7000)),
            fingerprint: format!("{index:040}"),
            identity: String::new(),
            voter: (role == Role::Authority).then(|| "V".repeat(40)),
        }
    }

    #[test]
    fn every_tor_is_bound_to_this_machine_and_knows_the_authorities() {
        let network = [node(Role::Authority, 10), node(Role::Guard, 11), node(Role::Exit, 12), node(Role::Host, 13)];
        for tor in &network {
            let settings = tor.settings(&network, Path::new("/names"));
            assert!(settings.contains("DirAuthority authority10 orport=5000 no-v2 v3ident=VVVV"), "{settings}");
            assert!(settings.contains(&format!("OutboundBindAddress {}", tor.onion_port.ip())), "{settings}");
            assert!(!settings.contains("0.0.0.0"), "{settings}");
            let ways_out: Vec<_> = settings.lines().filter(|line| line.starts_with("ExitPolicy accept")).collect();
            let expected: &[&str] = if tor.role == Role::Exit { &["ExitPolicy accept *:*"] } else { &[] };
            assert_eq!(ways_out, expected);
        }
        let votes = network[0].settings(&network, Path::new("/names"));
        assert!(votes.contains(&format!("TestingDirAuthVoteGuard {}\n", network[1].fingerprint)), "{votes}");
        assert_eq!(HSDIR_MINUTES, 8, "clients take no fewer than 5");
    }
}
