//! Addresses of this machine: where servers of this process listen, and what is dialled without Tor. A [`Loopback`] can
//! be made from nothing else, so whoever asks for one cannot reach another machine. Names are never looked up.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::DoorError;

/// A socket address that is proven to be on this machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Loopback(SocketAddr);

impl Loopback {
    /// Reads `SCHEME://IP:PORT`, with at most one closing slash.
    pub fn parse(text: &str, scheme: &'static str) -> Result<Self, DoorError> {
        let malformed = || DoorError::Malformed { text: text.to_owned(), form: local_form(scheme) };
        let rest = text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).ok_or_else(malformed)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match rest.parse::<SocketAddr>() {
            Ok(address) if address.port() == 0 => Err(malformed()),
            Ok(address) => Self::from_address(address).ok_or_else(|| DoorError::NotLoopback { text: text.to_owned() }),
            // A name with a port is well formed, but only an address is proof of where it leads.
            Err(_) if rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Err(DoorError::NotLoopback { text: text.to_owned() })
            }
            Err(_) => Err(malformed()),
        }
    }

    /// An address to listen on, port 0 meaning "any free one".
    pub fn from_address(address: SocketAddr) -> Option<Self> {
        let ip = match address.ip() {
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
            ip => ip,
        };
        ip.is_loopback().then_some(Self(address))
    }

    /// The address.
    pub fn address(self) -> SocketAddr {
        self.0
    }
}

/// What an address of this machine looks like.
fn local_form(scheme: &'static str) -> &'static str {
    match scheme {
        "ws" => "ws://127.0.0.1:PORT",
        _ => "tcp://127.0.0.1:PORT",
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loopback({})", self.0)
    }
}

impl fmt::Display for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_opens_to_this_machine_alone() {
        for text in ["ws://127.0.0.1:7000", "ws://127.0.0.1:7000/", "ws://[::1]:7000", "ws://127.9.9.9:1"] {
            assert!(Loopback::parse(text, "ws").is_ok(), "{text}");
        }
        for text in [
            "ws://192.168.1.4:7000",
            "ws://localhost:7000",
            "ws://127.0.0.1.example.com:80",
            "ws://[::2]:7000",
            "ws://0.0.0.0:7000",
            "ws://relay.example:443",
        ] {
            assert!(matches!(Loopback::parse(text, "ws"), Err(DoorError::NotLoopback { .. })), "{text}");
        }
        for text in [
            "",
            "ws://",
            "wss://127.0.0.1:7000",
            "tcp://127.0.0.1:1",
            "ws://127.0.0.1",
            "ws://127.0.0.1:0",
            "ws://127.0.0.1:7000/x",
            "ws://user@127.0.0.1:1/x",
        ] {
            assert!(matches!(Loopback::parse(text, "ws"), Err(DoorError::Malformed { .. })), "{text}");
        }
    }
}
