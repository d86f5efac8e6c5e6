//! Where Debian's tor is on this machine. It is never looked for outside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::TorNetworkError;
use crate::demo::kept::found;

/// The programs that a private Tor network is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorPrograms {
    /// tor.
    pub tor: PathBuf,
    /// tor-gencert, which makes the keys of directory authorities and comes with tor.
    pub gencert: PathBuf,
    /// The headless program: its `keep` ends the others with the process that started them.
    pub keeper: PathBuf,
}

impl TorPrograms {
    /// Finds both by `TOR_EXE` and `TOR_GENCERT_EXE`, or on the path, or where Debian puts programs for root.
    pub fn find(keeper: &Path) -> Result<Self, TorNetworkError> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let mut path: OsString = variable("PATH").unwrap_or_default();
        path.push(":/usr/sbin");
        let find = |program, name| {
            found(program, variable(name).as_deref(), &path).ok_or(TorNetworkError::Missing { program, variable: name })
        };
        let tor = find("tor", "TOR_EXE")?;
        Ok(Self { tor, gencert: find("tor-gencert", "TOR_GENCERT_EXE")?, keeper: keeper.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_how_to_get_it() {
        let said = TorNetworkError::Missing { program: "tor", variable: "TOR_EXE" }.to_string();
        assert!(said.contains("tor is missing") && said.contains("TOR_EXE"), "{said}");
    }
}
