//! Conclave: groups that hold bitcoin together. The library behind the desktop app and the headless program.

pub mod chain;
pub mod practice;
pub mod relay;
pub mod store;
pub mod tor;
