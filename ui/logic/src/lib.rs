//! What the window's pages work out without a screen: what a person typed becomes what is asked for, messages become words
//! in a language, numbers become drawings. Knows no browser and no backend, so all of it is tested like any other code.

pub mod address;
pub mod amount;
pub mod base64;
pub mod ceremony;
pub mod draft;
pub mod flow;
mod fluent;
pub mod forms;
pub mod invitation;
pub mod messages;
pub mod new_vault;
pub mod places;
pub mod plot;
pub mod policy;
pub mod practice;
pub mod qr;
pub mod rate;
pub mod saying;
pub mod server;
pub mod sheet;
pub mod standing;
pub mod tenths;
pub mod time;
pub mod vocabulary;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod sources;
