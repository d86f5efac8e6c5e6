//! The words that both sides of Conclave speak: identifiers and amounts, the vocabulary, requests, replies and views.
//!
//! Serde only: nothing here knows bitcoin, secp256k1, a database or a socket, so the crate builds for wasm and for the
//! backend alike. What does not belong here: any computation on money, keys or events.

pub mod amount;
pub mod ids;
pub mod practice;
pub mod record;
pub mod request;
pub mod secret;
pub mod view;
pub mod vocabulary;

pub use amount::Sat;
pub use ids::{Cfg, Digest, EventId, MemberId, StateDigest, VaultId};
pub use vocabulary::{Finding, ProposalStatus, ReplacementKind, Role, Topic, Unmet, VaultStatus};
