//! The program around an installation, as the window needs it: where the data lies, opening and locking it, settings,
//! clipboard, exports, backups and notifications.
//!
//! [`Host`] is what the window's commands ask. Nothing here knows Tauri: what the window has to hear goes out by a
//! function that is given. What does not belong here: anything about vaults, which the installation alone decides.

pub mod clipboard;
mod error;
mod exports;
mod follow;
pub mod home;
mod host;
pub mod notices;
#[cfg(feature = "desktop")]
pub mod notify;
pub mod qr;
pub mod settings;
mod strength;

pub use error::HostError;
pub use host::{Host, Pace, Place, Told};
pub use strength::strength;

#[cfg(test)]
mod tests;
