//! Where the two programs are on this machine. They are never looked for outside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::NodeError;

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

/// The program that is named, or else the first of this name on the path.
fn found(program: &str, named: Option<&OsStr>, path: &OsStr) -> Option<PathBuf> {
    match named {
        // What is named and not there is not replaced by something else in silence.
        Some(named) => Some(PathBuf::from(named)).filter(|named| named.is_file()),
        None => std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_named_wins_and_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (on_path, named) = (folder.path().join("bitcoind"), folder.path().join("another"));
        std::fs::write(&on_path, "").unwrap();
        std::fs::write(&named, "").unwrap();
        let path = folder.path().as_os_str();
        assert_eq!(found("bitcoind", None, path), Some(on_path));
        assert_eq!(found("bitcoind", Some(named.as_os_str()), path), Some(named));
        assert_eq!(found("bitcoind", Some(OsStr::new("/nowhere/bitcoind")), path), None);
        assert_eq!(found("electrs", None, path), None);
    }

    #[test]
    fn what_is_missing_says_how_to_get_it() {
        let said = NodeError::Missing { program: "electrs", variable: "ELECTRS_EXE" }.to_string();
        assert!(
            said.contains("electrs is missing") && said.contains("cargo xtask node") && said.contains("ELECTRS_EXE")
        );
    }
}
