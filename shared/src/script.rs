//! Of which script a vault's addresses are, and who may spend when its members no longer can.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kind of a vault's addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptKind {
    /// `wsh(sortedmulti(...))`: the keys of each address are sorted (BIP67).
    #[default]
    P2wshSortedmulti,
    /// `wsh(multi(...))`: the keys stand in the order that the members ratified.
    P2wshMulti,
    /// `sh(wsh(sortedmulti(...)))`: for payers who know no native segwit addresses.
    NestedSortedmulti,
    /// `sh(wsh(multi(...)))`.
    NestedMulti,
    /// `sh(sortedmulti(...))`: without segwit, for vaults that are that old.
    LegacySortedmulti,
    /// `sh(multi(...))`.
    LegacyMulti,
    /// `tr(UNSPENDABLE,multi_a(...))`: taproot, the keys in the order that the members ratified.
    TaprootMulti,
}

/// What decides over form and digest of a signature, and over a key's account path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptForm {
    /// P2WSH (BIP141).
    P2wsh,
    /// P2WSH within P2SH.
    Nested,
    /// P2SH (BIP16), without segwit.
    Legacy,
    /// P2TR (BIP341).
    Taproot,
}

/// A text that names no kind of script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAScriptKind;

impl fmt::Display for NotAScriptKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = ScriptKind::ALL.iter().map(|kind| kind.name()).collect();
        write!(f, "a script is one of {}", names.join(", "))
    }
}

impl std::error::Error for NotAScriptKind {}

impl ScriptKind {
    /// Every kind, the default first.
    pub const ALL: [ScriptKind; 7] = [
        ScriptKind::P2wshSortedmulti,
        ScriptKind::P2wshMulti,
        ScriptKind::NestedSortedmulti,
        ScriptKind::NestedMulti,
        ScriptKind::LegacySortedmulti,
        ScriptKind::LegacyMulti,
        ScriptKind::TaprootMulti,
    ];

    /// Its name in files and commands.
    pub fn name(self) -> &'static str {
        match self {
            ScriptKind::P2wshSortedmulti => "p2wsh-sortedmulti",
            ScriptKind::P2wshMulti => "p2wsh-multi",
            ScriptKind::NestedSortedmulti => "nested-sortedmulti",
            ScriptKind::NestedMulti => "nested-multi",
            ScriptKind::LegacySortedmulti => "legacy-sortedmulti",
            ScriptKind::LegacyMulti => "legacy-multi",
            ScriptKind::TaprootMulti => "taproot-multi",
        }
    }

    /// Its form.
    pub fn form(self) -> ScriptForm {
        match self {
            ScriptKind::P2wshSortedmulti | ScriptKind::P2wshMulti => ScriptForm::P2wsh,
            ScriptKind::NestedSortedmulti | ScriptKind::NestedMulti => ScriptForm::Nested,
            ScriptKind::LegacySortedmulti | ScriptKind::LegacyMulti => ScriptForm::Legacy,
            ScriptKind::TaprootMulti => ScriptForm::Taproot,
        }
    }

    /// Whether it can hold a second way to spend after a time: miniscript has it for keys in a fixed order, and old
    /// vaults are not made anew.
    pub fn recoverable(self) -> bool {
        match self {
            ScriptKind::P2wshMulti | ScriptKind::NestedMulti | ScriptKind::TaprootMulti => true,
            ScriptKind::P2wshSortedmulti
            | ScriptKind::NestedSortedmulti
            | ScriptKind::LegacySortedmulti
            | ScriptKind::LegacyMulti => false,
        }
    }

    /// Whether it is the one that is meant where none is named.
    pub fn is_default(&self) -> bool {
        *self == ScriptKind::default()
    }
}

impl fmt::Display for ScriptKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ScriptKind {
    type Err = NotAScriptKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ScriptKind::ALL.into_iter().find(|kind| kind.name() == text).ok_or(NotAScriptKind)
    }
}

/// A second way to spend: coins that have lain still for a time may be moved by another quorum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// How many blocks a coin must have lain since it confirmed (BIP68), 1 to 65 535 (about 455 days).
    pub after_blocks: u16,
    /// Signatures that it then needs.
    pub threshold: u32,
    /// Keys that may then sign, `[fingerprint/path]xpub`. None: the keyholders' own, at other derivation steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in ScriptKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("wsh".parse::<ScriptKind>().unwrap_err().to_string().contains("taproot-multi"));
    }
}
