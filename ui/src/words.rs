//! The words for states, the same wherever one is shown.

use conclave_shared::practice::StepStatus;
use conclave_shared::view::{ProposalView, VaultView};
use conclave_shared::{MemberId, ProposalStatus, Role, Unmet, VaultStatus};

/// Where a step stands.
pub fn step(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Ahead => "ahead",
        StepStatus::Running => "at work",
        StepStatus::Done => "done",
        StepStatus::Failed => "failed",
    }
}

/// What a member may do.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Keyholder => "keyholder",
        Role::Approver => "approver",
        Role::Mediator => "mediator",
        Role::Auditor => "auditor, reads only",
        Role::Signer => "automatic signer",
    }
}

/// How far the set-up of a vault has come.
pub fn vault(vault: &VaultView) -> String {
    let state = match vault.status {
        VaultStatus::Gathering => "gathers its members",
        VaultStatus::Proving => "waits until every key is proven",
        VaultStatus::Ratifying => "waits for ratification",
        VaultStatus::Active => "active",
    };
    format!("{}, {} of {}, {state}", vault.name, vault.threshold, vault.keyholders)
}

/// How far a payment has come, and what it waits for.
pub fn payment(vault: &VaultView, payment: &ProposalView) -> String {
    match (payment.status, payment.confirmed_height) {
        (ProposalStatus::Proposed, _) => {
            let missing = payment.unmet.iter().find_map(|unmet| {
                let Unmet::ApprovalsMissing { have, need } = unmet else { return None };
                Some(format!(", {have} of {need} given"))
            });
            format!("Waits for approvals{}", missing.unwrap_or_default())
        }
        (ProposalStatus::Approved, _) => {
            format!("Waits for signatures, {} of {} given", payment.signed_by.len(), vault.threshold)
        }
        (ProposalStatus::Signed, _) => "Signed, waits to be sent".to_owned(),
        (ProposalStatus::Broadcast, _) => "Sent, waits for a block".to_owned(),
        (ProposalStatus::Confirmed, Some(height)) => format!("Confirmed in block {height}"),
        (ProposalStatus::Confirmed, None) => "Confirmed".to_owned(),
        (ProposalStatus::Rejected, _) => "Refused".to_owned(),
        (ProposalStatus::Expired, _) => "Expired, its coins are free".to_owned(),
        (ProposalStatus::Replaced, _) => "Replaced by another payment".to_owned(),
    }
}

/// The names of these members, as one says them: `Ana, Ben and Cyn`, or `nobody yet`.
pub fn names(vault: &VaultView, members: &[MemberId]) -> String {
    let name = |id: &MemberId| {
        vault
            .members
            .iter()
            .find(|member| member.member == *id)
            .map_or_else(|| id.short(), |member| member.name.clone())
    };
    let names: Vec<String> = members.iter().map(name).collect();
    match names.as_slice() {
        [] => "nobody yet".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Time since the practice vault was started: `2.3 s`, `1:05`.
pub fn since(ms: u64) -> String {
    let seconds = ms / 1000;
    if seconds < 60 {
        format!("{seconds}.{} s", ms % 1000 / 100)
    } else {
        format!("{}:{:02} min", seconds / 60, seconds % 60)
    }
}
