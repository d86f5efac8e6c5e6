//! The pure part of Conclave: a vault is the fold of its members' signed events.
//!
//! Nothing here reads a clock, makes randomness, opens a file or a socket: time, randomness and chain data come in as
//! arguments, so that the same events give the same state on every machine. See `ARCHITECTURE.md` for the way of a
//! command: decide, commit, apply, effects.

pub mod action;
pub mod audit;
pub mod configuration;
pub mod delivery;
pub mod descriptor;
pub mod envelope;
pub mod event;
pub mod guard;
pub mod hash;
pub mod heads;
pub mod invitation;
pub mod key_proof;
pub mod log;
pub mod outside;
pub mod parts;
pub mod policy;
pub mod proposal;
pub mod psbt;
pub mod replacement;
pub mod succession;
pub mod template;
pub mod vault;
pub mod watched;
pub mod words;

pub use conclave_shared as shared;
