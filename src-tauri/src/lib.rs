//! Conclave: groups that hold bitcoin together. The library behind the desktop app and the headless program.

pub mod app_record;
pub mod bench;
pub mod chain;
pub mod cli;
pub mod coins;
#[cfg(feature = "desktop")]
pub mod commands;
pub mod demo;
pub mod desktop;
pub mod effects;
pub mod failure;
pub mod input;
pub mod installation;
pub mod labels;
pub mod main_loop;
pub mod open_vault;
pub mod outside;
pub mod practice;
pub mod projection;
pub mod record;
pub mod relay;
pub mod signer;
pub mod store;
pub mod tor;
pub mod verify;
pub mod watched;
