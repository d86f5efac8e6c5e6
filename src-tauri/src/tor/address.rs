//! Addresses that the door knows how to reach, and how. Text is read here alone; what is not listed is refused by name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::str::FromStr;

use tor_hscrypto::pk::HsId;

use super::Loopback;

/// How addresses of relays are written.
const RELAY_FORM: &str = "ws://127.0.0.1:PORT, ws://NAME.onion or wss://HOST";
/// How addresses of chain servers are written.
const CHAIN_FORM: &str = "tcp://127.0.0.1:PORT, tcp://NAME.onion:PORT or ssl://HOST:PORT";
/// The port of `ws://`.
const WS_PORT: u16 = 80;
/// The port of `wss://`.
const WSS_PORT: u16 = 443;
/// Longest name of a host, in characters (RFC 1035).
const HOST_LIMIT: usize = 253;
/// Characters of an onion address before `.onion`.
const ONION_CHARS: usize = 56;

/// An address that is refused at the door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum DoorError {
    /// Of no form that is known.
    #[error("address {text:?} is not of the form {form}")]
    #[strum(serialize = "address-malformed")]
    Malformed {
        /// The text as given.
        text: String,
        /// What it could be.
        form: &'static str,
    },
    /// A real address of another machine, or a host name, where only this machine is meant.
    #[error("address {text:?} is not on this machine: only 127.0.0.1 and [::1] are accepted here")]
    NotLoopback {
        /// The text as given.
        text: String,
    },
    /// Whoever is on the way could read and change what is sent.
    #[error(
        "address {text:?} would be reached without encryption: use an .onion address, or wss:// for a relay and ssl:// \
         for a chain server (plain are this machine and, for relays alone, private addresses of the own network)"
    )]
    #[strum(serialize = "address-plain")]
    Plain {
        /// The text as given.
        text: String,
    },
    /// It ends in `.onion` and is no onion address of version 3.
    #[error("address {text:?} is no onion address: a character is wrong or missing; copy it again")]
    #[strum(serialize = "address-onion")]
    NotOnion {
        /// The text as given.
        text: String,
    },
}

/// Where something is, and by that how it is reached.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// On this machine, plain.
    Here(Loopback),
    /// On the own network, plain: whoever is on it can read who talks how much, and Tor hides nothing. For relays alone,
    /// and only where a vault's configuration names it.
    Lan(SocketAddrV4),
    /// An onion service, through Tor; it proves who it is by its address.
    Onion {
        /// The service's key.
        onion: Onion,
        /// The port that the service offers.
        port: u16,
    },
    /// A public server, through Tor and an exit; it proves who it is by a certificate (TLS).
    Public {
        /// Name, or IPv4 address. It is looked up by the exit, never here.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Address {
    /// A relay's address: `ws://127.0.0.1:PORT`, `ws://` to a private IPv4 address, `ws://NAME.onion[:PORT]`,
    /// `wss://HOST[:PORT]`; at most one closing slash.
    pub fn relay(text: &str) -> Result<Self, DoorError> {
        let malformed = || DoorError::Malformed { text: text.to_owned(), form: RELAY_FORM };
        let (scheme, rest) = text.split_once("://").ok_or_else(malformed)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match scheme {
            "ws" => {
                if let Some((host, port)) = onion(rest) {
                    return named_onion(text, host, port.unwrap_or(Some(WS_PORT)).ok_or_else(malformed)?);
                }
                match rest.parse::<SocketAddrV4>() {
                    Ok(address) if address.port() == 0 => Err(malformed()),
                    Ok(address) if is_lan(*address.ip()) => Ok(Self::Lan(address)),
                    Ok(_) | Err(_) => plain(text, "ws"),
                }
            }
            "wss" => public(text, rest, Some(WSS_PORT), RELAY_FORM),
            _ => Err(malformed()),
        }
    }

    /// A chain server's address: `tcp://127.0.0.1:PORT`, `tcp://NAME.onion:PORT`, `ssl://HOST:PORT`.
    pub fn chain(text: &str) -> Result<Self, DoorError> {
        let malformed = || DoorError::Malformed { text: text.to_owned(), form: CHAIN_FORM };
        let (scheme, rest) = text.split_once("://").ok_or_else(malformed)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match scheme {
            "tcp" => match onion(rest) {
                Some((host, port)) => named_onion(text, host, port.unwrap_or(None).ok_or_else(malformed)?),
                None => plain(text, "tcp"),
            },
            "ssl" => public(text, rest, None, CHAIN_FORM),
            _ => Err(malformed()),
        }
    }

    /// Whether it is reached through Tor.
    pub fn needs_tor(&self) -> bool {
        match self {
            Self::Here(_) | Self::Lan(_) => false,
            Self::Onion { .. } | Self::Public { .. } => true,
        }
    }

    /// Whether it is reached without encryption of the connection and without Tor: shown in red.
    pub fn is_plain(&self) -> bool {
        !self.needs_tor()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(address) => address.fmt(f),
            Self::Lan(address) => address.fmt(f),
            Self::Onion { onion, port } => write!(f, "{onion}:{port}"),
            Self::Public { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// An onion service, by its key (version 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Onion(HsId);

impl Onion {
    /// The service with this key.
    pub fn new(id: HsId) -> Self {
        Self(id)
    }

    /// Its key, as arti names it.
    pub fn id(self) -> HsId {
        self.0
    }
}

impl FromStr for Onion {
    type Err = DoorError;

    /// Reads `NAME.onion`, checksum and version included.
    fn from_str(text: &str) -> Result<Self, DoorError> {
        let wrong = || DoorError::NotOnion { text: text.to_owned() };
        if text.len() != ONION_CHARS + ".onion".len() {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Onion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use safelog::DisplayRedacted as _;
        self.0.display_unredacted().fmt(f)
    }
}

impl fmt::Debug for Onion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Onion({self})")
    }
}

/// Host and port of what ends in `.onion`: `None` if nothing does; no port, or one that is none.
#[allow(clippy::option_option)]
fn onion(rest: &str) -> Option<(&str, Option<Option<u16>>)> {
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port_of(port))),
        None => (rest, None),
    };
    host.to_ascii_lowercase().ends_with(".onion").then_some((host, port))
}

fn named_onion(text: &str, host: &str, port: u16) -> Result<Address, DoorError> {
    let onion = host.parse().map_err(|_| DoorError::NotOnion { text: text.to_owned() })?;
    Ok(Address::Onion { onion, port })
}

/// What is left for a scheme without encryption: this machine.
fn plain(text: &str, scheme: &'static str) -> Result<Address, DoorError> {
    match Loopback::parse(text, scheme) {
        Ok(here) => Ok(Address::Here(here)),
        Err(DoorError::NotLoopback { text }) => Err(DoorError::Plain { text }),
        Err(DoorError::Malformed { text, .. }) => {
            let form = if scheme == "ws" { RELAY_FORM } else { CHAIN_FORM };
            Err(DoorError::Malformed { text, form })
        }
        Err(other @ (DoorError::Plain { .. } | DoorError::NotOnion { .. })) => Err(other),
    }
}

fn public(text: &str, rest: &str, usual: Option<u16>, form: &'static str) -> Result<Address, DoorError> {
    let malformed = || DoorError::Malformed { text: text.to_owned(), form };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port_of(port)),
        None => (rest, usual),
    };
    let (Some(port), true) = (port, is_host(host)) else { return Err(malformed()) };
    Ok(Address::Public { host: host.to_ascii_lowercase(), port })
}

fn port_of(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|port| *port != 0)
}

/// Whether it is a name that an exit can look up, or an IPv4 address. A single word, such as "localhost", is neither.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let inside = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        (1..=63).contains(&bytes.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    let numeric = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_ipv4(),
        Err(_) => {
            host.len() <= HOST_LIMIT
                && host.contains('.')
                && !numeric
                && !host.to_ascii_lowercase().ends_with(".onion")
                && host.split('.').all(label)
        }
    }
}

/// Whether it is an address of the own network (RFC 1918), or given without anybody's help (RFC 3927).
fn is_lan(ip: Ipv4Addr) -> bool {
    ip.is_private() || ip.is_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONION: &str = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

    #[test]
    fn each_relay_is_reached_in_its_way() {
        for text in ["ws://127.0.0.1:7000", "ws://127.0.0.1:7000/"] {
            assert!(matches!(Address::relay(text), Ok(Address::Here(_))), "{text}");
        }
        for text in
            ["ws://10.0.0.1:7", "ws://172.16.0.1:7", "ws://172.31.9.9:7", "ws://192.168.1.4:7", "ws://169.254.1.1:7/"]
        {
            let address = Address::relay(text).expect(text);
            assert!(matches!(address, Address::Lan(_)) && address.is_plain(), "{text}");
        }
        for (text, to) in
            [(format!("ws://{ONION}"), 80), (format!("ws://{ONION}/"), 80), (format!("ws://{ONION}:7"), 7)]
        {
            let address = Address::relay(&text).expect(&text);
            assert!(matches!(address, Address::Onion { port, .. } if port == to) && address.needs_tor(), "{text}");
            assert_eq!(address.to_string(), format!("{ONION}:{to}"));
        }
        for (text, host, to) in
            [("wss://relay.example", "relay.example", 443), ("wss://Relay.Example:8443/", "relay.example", 8443)]
        {
            assert_eq!(Address::relay(text), Ok(Address::Public { host: host.to_owned(), port: to }), "{text}");
        }
    }

    #[test]
    fn nothing_goes_in_the_clear_beyond_the_own_network() {
        for text in
            ["ws://relay.example:80", "ws://8.8.8.8:80", "ws://172.32.0.1:7", "ws://localhost:7000", "ws://0.0.0.0:7"]
        {
            assert!(matches!(Address::relay(text), Err(DoorError::Plain { .. })), "{text}");
        }
        for text in ["tcp://192.168.1.4:50001", "tcp://electrum.example:50001", "tcp://8.8.8.8:1"] {
            assert!(matches!(Address::chain(text), Err(DoorError::Plain { .. })), "{text}");
        }
    }

    #[test]
    fn what_has_no_known_form_is_refused() {
        for text in [
            "",
            "ws://",
            "wss://",
            "relay.example",
            "http://relay.example",
            "ws://127.0.0.1",
            "ws://127.0.0.1:0",
            "ws://192.168.1.4:0",
            "wss://relay.example/x",
            "wss://user@relay.example",
            "wss://relay.example:0",
            "wss://relay.example:+1",
            "wss://localhost",
            "wss://[::1]:1",
            "wss://1.2.3",
            "wss://-a.example",
            "ws://127.0.0.1:7000/x",
        ] {
            assert!(matches!(Address::relay(text), Err(DoorError::Malformed { .. })), "{text}");
        }
        assert!(matches!(Address::relay(&format!("wss://{ONION}")), Err(DoorError::Malformed { .. })));
        assert!(matches!(Address::relay(&format!("ws://{ONION}:0")), Err(DoorError::Malformed { .. })));
        for text in ["", "ssl://electrum.example", "tcp://127.0.0.1", "ws://127.0.0.1:1"] {
            assert!(matches!(Address::chain(text), Err(DoorError::Malformed { .. })), "{text}");
        }
        assert!(matches!(Address::chain(&format!("tcp://{ONION}")), Err(DoorError::Malformed { .. })));
    }

    #[test]
    fn a_mistyped_onion_address_is_told_as_one() {
        let mistyped = format!("ws://3{}", &ONION[1..]);
        let short = format!("ws://{}", &ONION[1..]);
        for text in [mistyped.as_str(), short.as_str(), "ws://a.onion", "ws://relay.onion:80"] {
            assert!(matches!(Address::relay(text), Err(DoorError::NotOnion { .. })), "{text}");
        }
        assert!(matches!(Address::chain("tcp://a.onion:50001"), Err(DoorError::NotOnion { .. })));
    }

    #[test]
    fn chain_servers_are_on_this_machine_onions_or_certified() {
        assert!(matches!(Address::chain("tcp://127.0.0.1:1"), Ok(Address::Here(_))));
        let onion = Address::chain(&format!("tcp://{ONION}:50001")).unwrap();
        assert!(matches!(onion, Address::Onion { port: 50001, .. }));
        let public = Address::Public { host: "electrum.example".to_owned(), port: 50002 };
        assert_eq!(Address::chain("ssl://electrum.example:50002"), Ok(public));
    }
}
