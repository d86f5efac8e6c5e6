//! Telling a tor, by its control socket, which onion services to offer (Tor's control protocol).

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::TorNetworkError;
use crate::demo::kept::PATIENCE;
use crate::tor::Loopback;

/// An onion service that a tor of the network offers for a server that knows nothing of Tor.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    /// The address without `.onion`.
    pub name: String,
    /// The key as tor names it: the same service after a restart.
    key: String,
    /// The port that clients ask for.
    port: u16,
    /// Where connections are handed on to.
    target: Loopback,
}

/// A connection to a tor's control socket.
#[derive(Debug)]
pub(super) struct Control {
    lines: BufReader<UnixStream>,
}

impl Control {
    /// Connects. The socket lies in a folder that only its owner may enter: nothing else is asked for.
    pub(super) fn connect(socket: &Path) -> Result<Self, TorNetworkError> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut control = Self { lines: BufReader::new(stream) };
        control.ask("AUTHENTICATE")?;
        Ok(control)
    }

    /// How far tor has got with its list of relays and its first circuit, in percent.
    pub(super) fn bootstrapped(&mut self) -> Result<u32, TorNetworkError> {
        let said = self.ask("GETINFO status/bootstrap-phase")?;
        let percent = said.iter().flat_map(|line| line.split(' ')).find_map(|word| word.strip_prefix("PROGRESS="));
        percent.and_then(|percent| percent.parse().ok()).ok_or_else(|| unexpected(&said))
    }

    /// Offers a new service and waits until somebody can find it.
    pub(super) fn offer(&mut self, port: u16, target: Loopback) -> Result<Offered, TorNetworkError> {
        self.add("NEW:ED25519-V3", port, target)
    }

    /// Offers a service again, after a restart.
    pub(super) fn offer_again(&mut self, offered: &Offered) -> Result<(), TorNetworkError> {
        self.add(&offered.key, offered.port, offered.target).map(drop)
    }

    fn add(&mut self, key: &str, port: u16, target: Loopback) -> Result<Offered, TorNetworkError> {
        self.ask("SETEVENTS HS_DESC")?;
        let said = self.ask(&format!("ADD_ONION {key} Flags=Detach Port={port},{target}"))?;
        let value = |name: &str| said.iter().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let name = value("ServiceID=").ok_or_else(|| unexpected(&said))?;
        let key = value("PrivateKey=").unwrap_or_else(|| key.to_owned());
        loop {
            let line = self.line()?;
            if line.starts_with("650 HS_DESC UPLOADED ") && line.contains(&name) {
                break;
            }
        }
        Ok(Offered { name, key, port, target })
    }

    /// Asks, and reads the answer: its lines without their numbers, without what is only news.
    fn ask(&mut self, command: &str) -> Result<Vec<String>, TorNetworkError> {
        self.lines.get_mut().write_all(format!("{command}\r\n").as_bytes())?;
        let mut said = vec![];
        loop {
            let line = self.line()?;
            match (line.get(..3), line.get(3..4), line.get(4..)) {
                (Some("650"), ..) => {}
                (Some("250"), Some("-" | "+"), Some(rest)) => said.push(rest.to_owned()),
                (Some("250"), Some(" "), _) => return Ok(said),
                _ => return Err(unexpected(&[line])),
            }
        }
    }

    fn line(&mut self) -> Result<String, TorNetworkError> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        Ok(line.trim_end().to_owned())
    }
}

fn unexpected(said: &[String]) -> TorNetworkError {
    TorNetworkError::Unexpected { who: "host".to_owned(), what: format!("it answered {said:?}") }
}
