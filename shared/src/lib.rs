//! The words that both sides of Conclave speak: identifiers and amounts, the vocabulary, requests, replies and views.
//!
//! Serde only: nothing here knows bitcoin, secp256k1, a database or a socket, so the crate builds for wasm and for the
//! backend alike. What does not belong here: any computation on money, keys or events.

pub mod amount;
pub mod desktop;
pub mod ids;
pub mod policy;
pub mod practice;
pub mod record;
pub mod request;
pub mod script;
pub mod secret;
pub mod view;
pub mod vocabulary;
pub mod warning;

pub use amount::Sat;
pub use ids::{Cfg, Digest, EventId, MemberId, Nonce, StateDigest, VaultId};
pub use script::{Recovery, ScriptForm, ScriptKind};
pub use vocabulary::{Finding, KeyState, ProposalStatus, ReplacementKind, Role, Template, Topic, Unmet, VaultStatus};
pub use warning::DescriptorWarning;
