//! The practice vault: one payment of a 2-of-3 vault on the practice chain, step by step.

use serde::{Deserialize, Serialize};

use crate::view::VaultView;

/// Where one step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Not begun.
    Ahead,
    /// At work.
    Running,
    /// Done.
    Done,
    /// Failed; the last line says why.
    Failed,
}

/// One line of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// Since the practice vault was started, in ms.
    pub at_ms: u64,
    /// What happened, in plain words.
    pub text: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// What is done, as a short sentence.
    pub title: String,
    /// Why it is done so.
    pub why: String,
    /// Where it stands.
    pub status: StepStatus,
    /// What happened.
    pub lines: Vec<LineView>,
}

/// One of the practice vault's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeMemberView {
    /// The name.
    pub name: String,
    /// Whether the member's installation runs now.
    pub online: bool,
    /// The vault as this member last saw it.
    pub vault: Option<VaultView>,
}

/// The practice vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeView {
    /// All steps, in order.
    pub steps: Vec<StepView>,
    /// Its members: three keyholders and an auditor.
    pub members: Vec<PracticeMemberView>,
    /// Height of the practice chain, in blocks.
    pub chain_height: u32,
}
