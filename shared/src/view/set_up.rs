//! What a screen shows of a vault that is being set up.

use serde::{Deserialize, Serialize};

use crate::Role;

/// A place that waits for whoever holds its invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPlaceView {
    /// What it is called, where it has a title.
    pub title: Option<String>,
    /// What its member will be.
    pub roles: Vec<Role>,
    /// Last moment at which its invitation can be used, in ms since 1970.
    pub expires_ms: u64,
}
