//! Servers on this machine: a relay, a practice chain, and what only a practice chain can do.

use std::net::{Ipv4Addr, SocketAddr};

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount};
use clap::{Args, Subcommand};
use nostr::PublicKey;

use super::CliError;
use crate::demo::servers::Listening;
use crate::open_vault::NETWORK;
use crate::practice::{PracticeControl, SharedChain, serve};
use crate::relay::embedded::{Access, EmbeddedRelay, Mischief};
use crate::tor::Loopback;

/// Most blocks that one call makes.
const BLOCKS_LIMIT: u32 = 10_000;

/// Where to listen.
#[derive(Debug, Args)]
pub(super) struct Listen {
    /// Address of this machine, port 0 for any free one.
    #[arg(long, default_value_t = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))]
    listen: SocketAddr,
    /// Say the address as JSON: {"listening": "..."}.
    #[arg(long)]
    json: bool,
    /// End when standard input ends: with the program that started this one, however that ended.
    #[arg(long)]
    until_input_ends: bool,
}

/// What only a practice chain can do.
#[derive(Debug, Subcommand)]
pub(super) enum PracticeCommand {
    /// Make blocks.
    Mine {
        /// How many.
        blocks: u32,
        /// The practice chain: tcp://127.0.0.1:PORT.
        #[arg(long)]
        chain: String,
    },
    /// Pay practice coins to an address.
    Fund {
        /// The address (regtest).
        address: String,
        /// How much, in sat.
        amount: u64,
        /// The practice chain: tcp://127.0.0.1:PORT.
        #[arg(long)]
        chain: String,
    },
}

impl Listen {
    fn checked(&self) -> Result<SocketAddr, CliError> {
        Loopback::from_address(self.listen).map(Loopback::address).ok_or(CliError::NotLoopback(self.listen))
    }

    pub(super) fn says_json(&self) -> bool {
        self.json
    }

    fn say(&self, what: &str, address: String) -> Result<(), CliError> {
        if self.json {
            return say_as_json(address);
        }
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{what} listens at {address}; Ctrl-C ends it")?;
        Ok(out.flush()?)
    }

    /// Waits for Ctrl-C, or for the end of the input where that was asked for.
    pub(super) async fn until_over(&self) -> Result<(), CliError> {
        if self.until_input_ends {
            let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
            tokio::select! {
                ended = tokio::io::copy(&mut input, &mut nowhere) => ended.map(drop)?,
                stopped = tokio::signal::ctrl_c() => stopped?,
            }
        } else {
            tokio::signal::ctrl_c().await?;
        }
        Ok(())
    }
}

/// Says on standard output where a server of this process listens.
pub(super) fn say_as_json(listening: String) -> Result<(), CliError> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &Listening { listening }).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Where to listen, or whose relay to serve; and for demos alone: what this relay does to its members.
#[derive(Debug, Args)]
pub(super) struct RelayArgs {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    onion: super::own_relay::OnionArgs,
    /// Take wraps that AUTHOR publishes for RECIPIENT, and lose them. Can be given several times.
    #[arg(long, hide = true, value_name = "AUTHOR:RECIPIENT", value_parser = author_and_recipient)]
    drop: Vec<(PublicKey, PublicKey)>,
    /// Take everything for this recipient, and lose it. Can be given several times.
    #[arg(long, hide = true, value_name = "RECIPIENT", value_parser = key)]
    withhold: Vec<PublicKey>,
    /// Deliver everything two more times, the last time in reversed order.
    #[arg(long, hide = true)]
    replay: bool,
    /// Send garbage around every wrap.
    #[arg(long, hide = true)]
    garbage: bool,
    /// Forget everything so many seconds after it came.
    #[arg(long, hide = true, value_name = "SECONDS")]
    forget: Option<u64>,
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::from_hex(text).map_err(|_| "must be a member's id: 64 hexadecimal digits".to_owned())
}

fn author_and_recipient(text: &str) -> Result<(PublicKey, PublicKey), String> {
    let (author, recipient) = text.split_once(':').ok_or("must be AUTHOR:RECIPIENT")?;
    Ok((key(author)?, key(recipient)?))
}

pub(super) async fn relay(args: RelayArgs) -> Result<(), CliError> {
    let RelayArgs { listen, onion, drop, withhold, replay, garbage, forget } = args;
    if let Some(own) = onion.asked()? {
        return super::own_relay::serve(own, &listen).await;
    }
    let mischief = Mischief { drop, withhold, replay, garbage, forget_secs: forget };
    let (_, anyone) = tokio::sync::watch::channel(Access::Anyone);
    let relay = EmbeddedRelay::serve(listen.checked()?, anyone, mischief).await?;
    listen.say("the relay", relay.url())?;
    listen.until_over().await?;
    relay.shutdown().await;
    Ok(())
}

pub(super) async fn practice_chain(listen: Listen) -> Result<(), CliError> {
    let server = serve(SharedChain::begin(), listen.checked()?).await?;
    listen.say("the practice chain", server.url())?;
    listen.until_over().await
}

pub(super) async fn practice(command: PracticeCommand) -> Result<(), CliError> {
    match command {
        PracticeCommand::Mine { blocks, chain } => {
            if blocks > BLOCKS_LIMIT {
                return Err(CliError::Input(format!("at most {BLOCKS_LIMIT} blocks at a time, not {blocks}")));
            }
            let height = PracticeControl::connect(Loopback::parse(&chain, "tcp")?).await?.mine(blocks).await?;
            println!("height {height}");
        }
        PracticeCommand::Fund { address, amount, chain } => {
            let wrong = |error: &dyn std::fmt::Display| CliError::Input(format!("address: {error}"));
            let address: Address<NetworkUnchecked> = address.parse().map_err(|error| wrong(&error))?;
            let address = address.require_network(NETWORK).map_err(|error| wrong(&error))?;
            let mut control = PracticeControl::connect(Loopback::parse(&chain, "tcp")?).await?;
            println!("{}", control.fund(&address, Amount::from_sat(amount)).await?);
        }
    }
    Ok(())
}
