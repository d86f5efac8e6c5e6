//! Addresses of relays and chain servers as people type them, and how each is reached. The backend judges again, checksums
//! of onion addresses included; here a person is told at once.

use std::net::{Ipv4Addr, SocketAddr};

use crate::messages::Said;
use crate::say;

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// On this machine, plain.
    Here,
    /// On the own network, plain and without Tor.
    OwnNetwork,
    /// Through Tor: an onion service, or an exit and TLS.
    Tor,
}

impl Reached {
    /// A relay by its address, none where there is no such address: `ws://127.0.0.1:PORT`, `ws://192.168.1.4:PORT`,
    /// `ws://NAME.onion`, `wss://HOST`.
    pub fn relay(address: &str) -> Option<Self> {
        let (scheme, server) = parts(address)?;
        match scheme {
            "ws" => match near(server) {
                Some(reached) => Some(reached),
                None => onion(server, true).then_some(Self::Tor),
            },
            "wss" => public(server, true).then_some(Self::Tor),
            _ => None,
        }
    }

    /// A chain server by its address: `tcp://127.0.0.1:PORT`, `tcp://NAME.onion:PORT`, `ssl://HOST:PORT`.
    pub fn chain(address: &str) -> Option<Self> {
        let (scheme, server) = parts(address)?;
        match scheme {
            "tcp" => match near(server) {
                Some(Self::Here) => Some(Self::Here),
                Some(_) => None,
                None => onion(server, false).then_some(Self::Tor),
            },
            "ssl" => public(server, false).then_some(Self::Tor),
            _ => None,
        }
    }

    /// What is to be known of a server that is reached without Tor; nothing of others.
    pub fn danger(self) -> Option<Said> {
        match self {
            Self::Here => Some(say!("server-here")),
            Self::OwnNetwork => Some(say!("server-own-network")),
            Self::Tor => None,
        }
    }
}

fn parts(address: &str) -> Option<(&str, &str)> {
    let (scheme, server) = address.split_once("://")?;
    Some((scheme, server.strip_suffix('/').unwrap_or(server)))
}

fn near(server: &str) -> Option<Reached> {
    let address: SocketAddr = server.parse().ok()?;
    let own = |ip: Ipv4Addr| ip.is_private() || ip.is_link_local();
    match address {
        address if address.port() == 0 => None,
        address if address.ip().is_loopback() => Some(Reached::Here),
        SocketAddr::V4(address) if own(*address.ip()) => Some(Reached::OwnNetwork),
        SocketAddr::V4(_) | SocketAddr::V6(_) => None,
    }
}

/// Name, and whether its port is one; where it may be left out it need not be there.
fn named(server: &str, port_known: bool) -> Option<&str> {
    match server.rsplit_once(':') {
        Some((host, port)) => port.parse::<u16>().is_ok_and(|port| port != 0).then_some(host),
        None => port_known.then_some(server),
    }
}

fn onion(server: &str, port_known: bool) -> bool {
    let name = named(server, port_known).and_then(|host| host.strip_suffix(".onion"));
    name.is_some_and(|name| name.len() == 56 && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')))
}

fn public(server: &str, port_known: bool) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let of_letters = |last: &str| last.bytes().any(|byte| byte.is_ascii_alphabetic());
    named(server, port_known).is_some_and(|host| {
        let last = host.rsplit('.').next().unwrap_or_default();
        host.contains('.') && host.split('.').all(label) && of_letters(last) && last != "onion"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONION: &str = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

    #[test]
    fn what_is_reached_without_tor_is_marked() {
        for (address, reached) in [
            ("ws://127.0.0.1:7777", Reached::Here),
            ("ws://[::1]:65535/", Reached::Here),
            ("ws://192.168.1.4:7777", Reached::OwnNetwork),
            ("ws://10.1.2.3:1", Reached::OwnNetwork),
        ] {
            assert_eq!(Reached::relay(address), Some(reached), "{address}");
            assert!(reached.danger().is_some());
        }
        for address in [format!("ws://{ONION}"), format!("ws://{ONION}:81/"), "wss://relay.example".to_owned()] {
            assert_eq!(Reached::relay(&address), Some(Reached::Tor), "{address}");
        }
        assert_eq!(Reached::Tor.danger(), None);
    }

    #[test]
    fn what_cannot_be_reached_safely_is_no_address() {
        for address in [
            "",
            "ws://relay.example:80",
            "ws://8.8.8.8:80",
            "ws://127.0.0.1",
            "ws://127.0.0.1:0",
            "ws://a.onion",
            "wss://localhost",
            "wss://127.0.0.1:1",
            "wss://relay.example/path",
            "wss://relay.example:0",
            "http://relay.example",
        ] {
            assert_eq!(Reached::relay(address), None, "{address}");
        }
        assert_eq!(Reached::relay(&format!("wss://{ONION}")), None);
        for address in
            ["tcp://192.168.1.4:50001", "tcp://electrum.example:50001", "ssl://electrum.example", "ws://127.0.0.1:1"]
        {
            assert_eq!(Reached::chain(address), None, "{address}");
        }
        assert_eq!(Reached::chain(&format!("tcp://{ONION}")), None);
    }

    #[test]
    fn chain_servers_are_here_onions_or_certified() {
        assert_eq!(Reached::chain("tcp://127.0.0.1:50001"), Some(Reached::Here));
        assert_eq!(Reached::chain(&format!("tcp://{ONION}:50001")), Some(Reached::Tor));
        assert_eq!(Reached::chain("ssl://electrum.example:50002"), Some(Reached::Tor));
    }
}
