//! Texts that must not be shown by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that whoever reads it can misuse: it goes to who asked for it and is left out wherever values are printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Keeps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", SecretText::new("zoo".to_owned())), "SecretText");
        assert_eq!(SecretText::new("zoo".to_owned()).reveal(), "zoo");
    }
}
