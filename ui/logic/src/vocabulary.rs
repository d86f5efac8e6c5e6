//! The message for each word of the closed vocabulary. A variant without one does not compile; a name without words fails the
//! test of the catalogues.

use conclave_shared::desktop::{Advice, TorState, TorTrouble, Unit};
use conclave_shared::practice::StepStatus;
use conclave_shared::request::FailureKind;
use conclave_shared::view::HostingState;
use conclave_shared::{
    DescriptorWarning, Finding, KeyState, MemberId, ProposalStatus, ReplacementKind, Role, ScriptKind, Template, Unmet,
    VaultStatus,
};

use crate::amount::text;
use crate::messages::Said;
use crate::say;

/// How Tor stands, in a few words.
pub fn tor(state: &TorState) -> Said {
    match state {
        TorState::Off => say!("tor-off"),
        TorState::Starting { percent, .. } => say!("tor-starting", percent = usize::from(*percent)),
        TorState::Ready => say!("tor-ready"),
        TorState::Failed { .. } => say!("tor-failed"),
    }
}

/// Why Tor is not up, and what to do.
pub fn tor_trouble(trouble: TorTrouble) -> Said {
    match trouble {
        TorTrouble::Configuration => say!("tor-trouble-configuration"),
        TorTrouble::Folder => say!("tor-trouble-folder"),
        TorTrouble::Offline => say!("tor-trouble-offline"),
        TorTrouble::Filtered => say!("tor-trouble-filtered"),
        TorTrouble::Clock => say!("tor-trouble-clock"),
        TorTrouble::Directory => say!("tor-trouble-directory"),
        TorTrouble::Unreachable => say!("tor-trouble-unreachable"),
    }
}

/// How a relay of one's own stands.
pub fn hosting(state: &HostingState) -> Said {
    match state {
        HostingState::Off => say!("hosting-off"),
        HostingState::Waiting => say!("hosting-waiting"),
        HostingState::Publishing => say!("hosting-publishing"),
        HostingState::Reachable => say!("hosting-reachable"),
        HostingState::Failed { .. } => say!("hosting-failed"),
    }
}

/// What a member may do.
pub fn role(role: Role) -> Said {
    match role {
        Role::Keyholder => say!("role-keyholder"),
        Role::Approver => say!("role-approver"),
        Role::Mediator => say!("role-mediator"),
        Role::Auditor => say!("role-auditor"),
        Role::Signer => say!("role-signer"),
    }
}

/// What it means to have a role, in a sentence.
pub fn role_explained(role: Role) -> Said {
    match role {
        Role::Keyholder => say!("role-keyholder-explained"),
        Role::Approver => say!("role-approver-explained"),
        Role::Mediator => say!("role-mediator-explained"),
        Role::Auditor => say!("role-auditor-explained"),
        Role::Signer => say!("role-signer-explained"),
    }
}

/// How far the set-up of a vault has come.
pub fn vault_status(status: VaultStatus) -> Said {
    match status {
        VaultStatus::Gathering => say!("vault-status-gathering"),
        VaultStatus::Proving => say!("vault-status-proving"),
        VaultStatus::Ratifying => say!("vault-status-ratifying"),
        VaultStatus::Active => say!("vault-status-active"),
    }
}

/// How far a payment has come.
pub fn proposal_status(status: ProposalStatus) -> Said {
    match status {
        ProposalStatus::Proposed => say!("proposal-status-proposed"),
        ProposalStatus::Approved => say!("proposal-status-approved"),
        ProposalStatus::Signed => say!("proposal-status-signed"),
        ProposalStatus::Broadcast => say!("proposal-status-broadcast"),
        ProposalStatus::Confirmed => say!("proposal-status-confirmed"),
        ProposalStatus::Rejected => say!("proposal-status-rejected"),
        ProposalStatus::Expired => say!("proposal-status-expired"),
        ProposalStatus::Replaced => say!("proposal-status-replaced"),
    }
}

/// What a payment does to the one that it replaces.
pub fn replacement(kind: ReplacementKind) -> Said {
    match kind {
        ReplacementKind::FeeBump => say!("replacement-fee-bump"),
        ReplacementKind::Cancel => say!("replacement-cancel"),
        ReplacementKind::OtherPayment => say!("replacement-other-payment"),
    }
}

/// What is known of a keyholder's key.
pub fn key_state(state: KeyState) -> Said {
    match state {
        KeyState::Unproven => say!("key-state-unproven"),
        KeyState::Proven => say!("key-state-proven"),
    }
}

/// The kind of a vault's addresses.
pub fn script(kind: ScriptKind) -> Said {
    match kind {
        ScriptKind::P2wshSortedmulti => say!("script-p2wsh-sortedmulti"),
        ScriptKind::P2wshMulti => say!("script-p2wsh-multi"),
        ScriptKind::NestedSortedmulti => say!("script-nested-sortedmulti"),
        ScriptKind::NestedMulti => say!("script-nested-multi"),
        ScriptKind::LegacySortedmulti => say!("script-legacy-sortedmulti"),
        ScriptKind::LegacyMulti => say!("script-legacy-multi"),
        ScriptKind::TaprootMulti => say!("script-taproot-multi"),
    }
}

/// The name of a kind of vault that is set up by one word.
pub fn template(template: Template) -> Said {
    match template {
        Template::LowTrust3Of5 => say!("template-low-trust-3-of-5"),
        Template::Hot2Of3 => say!("template-hot-2-of-3"),
        Template::Escrow2Of3 => say!("template-escrow-2-of-3"),
    }
}

/// Whom it is for, in a sentence or two.
pub fn template_explained(template: Template) -> Said {
    match template {
        Template::LowTrust3Of5 => say!("template-low-trust-3-of-5-explained"),
        Template::Hot2Of3 => say!("template-hot-2-of-3-explained"),
        Template::Escrow2Of3 => say!("template-escrow-2-of-3-explained"),
    }
}

/// Where a practice step stands.
pub fn step(status: StepStatus) -> Said {
    match status {
        StepStatus::Ahead => say!("step-ahead"),
        StepStatus::Running => say!("step-running"),
        StepStatus::Done => say!("step-done"),
        StepStatus::Failed => say!("step-failed"),
    }
}

/// What would make a passphrase stronger.
pub fn advice(advice: Advice) -> Said {
    match advice {
        Advice::Longer => say!("advice-longer"),
        Advice::Uncommon => say!("advice-uncommon"),
        Advice::LessRegular => say!("advice-less-regular"),
        Advice::MoreWords => say!("advice-more-words"),
    }
}

/// Of which kind a failure is: what to say of one whose own name has no message.
pub fn failure_kind(kind: FailureKind) -> Said {
    match kind {
        FailureKind::Rule => say!("failure-kind-rule"),
        FailureKind::Input => say!("failure-kind-input"),
        FailureKind::Network => say!("failure-kind-network"),
        FailureKind::Machine => say!("failure-kind-machine"),
    }
}

/// A danger, in plain words before its fixed name.
pub fn finding(finding: Finding) -> Said {
    match finding {
        Finding::TransactionNotProposed => say!("finding-transaction-not-proposed"),
        Finding::InputNotOurs => say!("finding-input-not-ours"),
        Finding::ChangeNotOurs => say!("finding-change-not-ours"),
        Finding::PreviousTransactionMissing => say!("finding-previous-transaction-missing"),
        Finding::PreviousTransactionForeign => say!("finding-previous-transaction-foreign"),
        Finding::AmountUnproven => say!("finding-amount-unproven"),
        Finding::SighashUnexpected => say!("finding-sighash-unexpected"),
        Finding::FinalsPrefilled => say!("finding-finals-prefilled"),
        Finding::InputDuplicated => say!("finding-input-duplicated"),
        Finding::FeeNegative => say!("finding-fee-negative"),
        Finding::LocktimeAhead => say!("finding-locktime-ahead"),
        Finding::FeeAbsurd => say!("finding-fee-absurd"),
        Finding::TwoStories => say!("finding-two-stories"),
        Finding::ChainBroken => say!("finding-chain-broken"),
        Finding::EventForged => say!("finding-event-forged"),
        Finding::MessageMalformed => say!("finding-message-malformed"),
        Finding::StrangerRefused => say!("finding-stranger-refused"),
        Finding::FloodRefused => say!("finding-flood-refused"),
        Finding::RelayWithholds => say!("finding-relay-withholds"),
        Finding::ClockAhead => say!("finding-clock-ahead"),
        Finding::ActionUnknown => say!("finding-action-unknown"),
        Finding::BackupRestored => say!("finding-backup-restored"),
        Finding::InvitationDoubled => say!("finding-invitation-doubled"),
        Finding::WordsDiffer => say!("finding-words-differ"),
        Finding::DoubleVote => say!("finding-double-vote"),
        Finding::DatabaseDamaged => say!("finding-database-damaged"),
        Finding::ChangeIndexFar => say!("finding-change-index-far"),
        Finding::OriginSwapped => say!("finding-origin-swapped"),
        Finding::KeyDuplicated => say!("finding-key-duplicated"),
        Finding::ScriptMismatch => say!("finding-script-mismatch"),
        Finding::SignatureInvalid => say!("finding-signature-invalid"),
        Finding::PsbtMalformed => say!("finding-psbt-malformed"),
        Finding::Oversize => say!("finding-oversize"),
        Finding::OutputsChanged => say!("finding-outputs-changed"),
        Finding::FeeUnverified => say!("finding-fee-unverified"),
        Finding::FieldsConflict => say!("finding-fields-conflict"),
        Finding::KeyForeign => say!("finding-key-foreign"),
        Finding::DescriptorMalformed => say!("finding-descriptor-malformed"),
        Finding::ChecksumWrong => say!("finding-checksum-wrong"),
        Finding::NotSupported => say!("finding-not-supported"),
        Finding::PrivateKeyInside => say!("finding-private-key-inside"),
        Finding::KeyUnproven => say!("finding-key-unproven"),
        Finding::OwnKeySwapped => say!("finding-own-key-swapped"),
        Finding::OriginUnknown => say!("finding-origin-unknown"),
        Finding::AddressDiffers => say!("finding-address-differs"),
    }
}

/// What is odd about a descriptor.
pub fn descriptor_warning(warning: DescriptorWarning) -> Said {
    match warning {
        DescriptorWarning::ChecksumMissing => say!("warning-checksum-missing"),
        DescriptorWarning::OriginMissing => say!("warning-origin-missing"),
        DescriptorWarning::FingerprintZero => say!("warning-fingerprint-zero"),
        DescriptorWarning::DepthDiffers => say!("warning-depth-differs"),
        DescriptorWarning::MultiUnsorted => say!("warning-multi-unsorted"),
        DescriptorWarning::KeyReused => say!("warning-key-reused"),
        DescriptorWarning::ChangeMissing => say!("warning-change-missing"),
        DescriptorWarning::ChangeImplied => say!("warning-change-implied"),
        DescriptorWarning::NotRanged => say!("warning-not-ranged"),
        DescriptorWarning::NotSane => say!("warning-not-sane"),
    }
}

/// What is still lacking. `name` gives a member's name, `unit` is that of the amounts.
pub fn unmet(unmet: &Unmet, unit: Unit, name: impl Fn(MemberId) -> String) -> Said {
    match unmet {
        Unmet::NotActive => say!("unmet-not-active"),
        Unmet::RulesUnknown => say!("unmet-rules-unknown"),
        Unmet::ConfigurationChanged => say!("unmet-configuration-changed"),
        Unmet::ConfigurationsDoubled => say!("unmet-configurations-doubled"),
        Unmet::RoleMissing { needs } => say!("unmet-role-missing", role = role(*needs)),
        Unmet::ApprovalsMissing { have, need } => say!("unmet-approvals-missing", have = *have, need = *need),
        Unmet::RoleApprovalsMissing { role: of, have, need } => {
            say!("unmet-role-approvals-missing", role = role(*of), have = *have, need = *need)
        }
        Unmet::DestinationDenied { address } => say!("unmet-destination-denied", address = address),
        Unmet::DestinationNotAllowed { address } => say!("unmet-destination-not-allowed", address = address),
        Unmet::Frozen { by, .. } => say!("unmet-frozen", name = name(*by)),
        Unmet::SignaturesMissing { have, need } => say!("unmet-signatures-missing", have = *have, need = *need),
        Unmet::Rejected { by } => say!("unmet-rejected", name = name(*by)),
        Unmet::Ended => say!("unmet-ended"),
        Unmet::CoinReserved { .. } => say!("unmet-coin-reserved"),
        Unmet::Expired { .. } => say!("unmet-expired"),
        Unmet::Void => say!("unmet-void"),
        Unmet::ChallengeMissing { by } => say!("unmet-challenge-missing", name = name(*by)),
        Unmet::KeyProofMissing { by } => say!("unmet-key-proof-missing", name = name(*by)),
        Unmet::TwoStories { by } => say!("unmet-two-stories", name = name(*by)),
        Unmet::AlreadySigned => say!("unmet-already-signed"),
        Unmet::Danger { finding: found } => say!("unmet-danger", danger = finding(*found)),
        Unmet::FundsMissing { need, have } => {
            say!("unmet-funds-missing", need = text(*need, unit), have = text(*have, unit))
        }
    }
}
