//! Where the two programs are on this machine. They are never looked for outside it.

use std::path::{Path, PathBuf};

use super::NodeError;
use crate::demo::kept::found;

/// The programs that a node is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// bitcoind.
    pub bitcoind: PathBuf,
    /// electrs.
    pub electrs: PathBuf,
    /// The headless program: its `keep` ends the other two with the process that started them.
    pub keeper: PathBuf,
}

impl Programs {
    /// Finds both by `BITCOIND_EXE` and `ELECTRS_EXE`, or on the path.
    pub fn find(keeper: &Path) -> Result<Self, NodeError> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let path = variable("PATH").unwrap_or_default();
        let find = |program, name| {
            found(program, variable(name).as_deref(), &path).ok_or(NodeError::Missing { program, variable: name })
        };
        let bitcoind = find("bitcoind", "BITCOIND_EXE")?;
        Ok(Self { bitcoind, electrs: find("electrs", "ELECTRS_EXE")?, keeper: keeper.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_how_to_get_it() {
        let said = NodeError::Missing { program: "electrs", variable: "ELECTRS_EXE" }.to_string();
        assert!(
            said.contains("electrs is missing") && said.contains("cargo xtask node") && said.contains("ELECTRS_EXE")
        );
    }
}
