//! The practice vault.

pub mod practice_vault;
