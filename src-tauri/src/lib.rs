//! Conclave: groups that hold bitcoin together. The library behind the desktop app and the headless program.

#[cfg(feature = "desktop")]
pub mod commands;
pub mod demo;
pub mod tor;
