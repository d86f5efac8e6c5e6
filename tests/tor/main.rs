//! Over a real Tor network: one of Debian's tor on this machine alone, with authorities, relays, exits and onion services of
//! its own.
//!
//! `cargo xtask test tor` sees to tor and strace. Without them these tests fail, and say so.

mod caught;
mod client;
mod demo;
mod hosting;
#[path = "../support/program.rs"]
mod program;
mod resilience;
mod stage;
mod trace;
