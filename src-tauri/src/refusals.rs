//! Refused messages as findings: of what kind, how often, from whom. Classified where the refusal happens; the kept reason
//! begins with the finding's name, so that it is known again after a restart. What is refused is decided elsewhere.

use std::collections::BTreeMap;

use conclave_domain::envelope::EnvelopeFault;
use conclave_domain::event::EventFault;
use conclave_domain::log::Refusal;
use conclave_shared::view::FindingView;
use conclave_shared::{Finding, MemberId};

use crate::store::{REFUSED_BYTES, RefusedRow};

/// The findings that a refused message can be.
const KINDS: [Finding; 5] = [
    Finding::EventForged,
    Finding::MessageMalformed,
    Finding::StrangerRefused,
    Finding::ChainBroken,
    Finding::FloodRefused,
];

/// A reason for refusing a message, and which finding it is; none where an honest program can be the sender.
pub trait Reason: std::fmt::Display {
    /// Which.
    fn finding(&self) -> Option<Finding>;
}

impl Reason for EventFault {
    fn finding(&self) -> Option<Finding> {
        Some(match self {
            EventFault::Forged { .. } => Finding::EventForged,
            EventFault::TooLarge { .. }
            | EventFault::Malformed { .. }
            | EventFault::Kind { .. }
            | EventFault::Tag { .. }
            | EventFault::Time { .. } => Finding::MessageMalformed,
        })
    }
}

impl Reason for EnvelopeFault {
    fn finding(&self) -> Option<Finding> {
        match self {
            // A newer program may be honest; what it says cannot be read here.
            EnvelopeFault::Version { .. } => None,
            EnvelopeFault::MessageTooLarge { .. }
            | EnvelopeFault::PayloadTooLarge
            | EnvelopeFault::Malformed { .. }
            | EnvelopeFault::Part { .. } => Some(Finding::MessageMalformed),
        }
    }
}

impl Reason for Refusal {
    fn finding(&self) -> Option<Finding> {
        match self {
            Refusal::OtherVault { .. } => Some(Finding::MessageMalformed),
            Refusal::BrokenChain { .. } => Some(Finding::ChainBroken),
            Refusal::TooManyWaiting { .. } => Some(Finding::FloodRefused),
            // The log itself keeps the proof.
            Refusal::TwoStories { .. } | Refusal::TooManyAuthors => None,
        }
    }
}

/// The message names another vault than the one whose mailbox it came to.
#[derive(Debug, thiserror::Error)]
#[error("the message is of vault {found}")]
pub struct OtherVault {
    /// The vault it names.
    pub found: conclave_shared::VaultId,
}

impl Reason for OtherVault {
    fn finding(&self) -> Option<Finding> {
        Some(Finding::MessageMalformed)
    }
}

/// The sender is nobody here.
#[derive(Debug, thiserror::Error)]
#[error("the sender is not a member and holds no invitation that is still good")]
pub struct Stranger;

impl Reason for Stranger {
    fn finding(&self) -> Option<Finding> {
        Some(Finding::StrangerRefused)
    }
}

/// A refused message as the store keeps it. Who is no member can only be a stranger, whatever the message was.
pub fn refused_row(from: MemberId, known: bool, reason: &impl Reason, bytes: &[u8], received_ms: u64) -> RefusedRow {
    let finding = if known { reason.finding() } else { Some(Finding::StrangerRefused) };
    let reason = match finding {
        Some(finding) => format!("{}: {reason}", finding.name()),
        None => reason.to_string(),
    };
    let bytes = bytes[..bytes.len().min(REFUSED_BYTES)].to_vec();
    RefusedRow { received_ms, from: Some(from), reason, bytes }
}

#[derive(Debug)]
struct Told {
    count: u64,
    last: String,
}

/// What was refused, counted.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<(Finding, Option<MemberId>), Told>);

impl Refusals {
    /// Counts what the store has kept.
    pub fn of(rows: &[RefusedRow]) -> Self {
        let mut refusals = Self::default();
        rows.iter().for_each(|row| refusals.note(row));
        refusals
    }

    /// Counts one more.
    pub fn note(&mut self, row: &RefusedRow) {
        let named = |finding: &Finding| row.reason.split_once(": ").is_some_and(|(name, _)| name == finding.name());
        let Some(finding) = KINDS.into_iter().find(named) else { return };
        // Strangers are counted together: there is no end of them.
        let member = row.from.filter(|_| finding != Finding::StrangerRefused);
        let told = self.0.entry((finding, member)).or_insert_with(|| Told { count: 0, last: String::new() });
        told.count += 1;
        told.last = row.reason.split_once(": ").map(|(_, reason)| reason.to_owned()).unwrap_or_default();
    }

    /// One finding for each kind and sender.
    pub fn findings(&self) -> impl Iterator<Item = FindingView> {
        self.0.iter().map(|((finding, member), told)| FindingView {
            finding: *finding,
            member: *member,
            relay: None,
            detail: match told.count {
                1 => format!("one message was refused: {}", told.last),
                count => format!("{count} messages were refused, the last because: {}", told.last),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_known_again_by_its_kept_reason() {
        let ana = MemberId([1; 32]);
        let forged = EventFault::Forged { reason: "x".to_owned() };
        let rows = [
            refused_row(ana, true, &forged, b"a", 1),
            refused_row(ana, true, &forged, b"b", 2),
            refused_row(MemberId([2; 32]), false, &forged, b"c", 3),
            refused_row(MemberId([3; 32]), false, &Stranger, b"d", 4),
            refused_row(ana, true, &EnvelopeFault::Version { found: 9 }, b"e", 5),
        ];
        let refusals = Refusals::of(&rows);
        let seen: Vec<_> = refusals.findings().map(|view| (view.finding, view.member)).collect();
        assert_eq!(seen, [(Finding::EventForged, Some(ana)), (Finding::StrangerRefused, None)]);
        assert!(refusals.findings().all(|view| view.detail.starts_with("2 messages were refused")));
    }

    #[test]
    fn every_kind_has_a_name_that_no_reason_can_imitate() {
        // A reason without a finding must not read as one: it is told by its first word.
        let version = refused_row(MemberId([1; 32]), true, &EnvelopeFault::Version { found: 9 }, b"", 1);
        assert!(KINDS.iter().all(|finding| !version.reason.starts_with(finding.name())));
    }
}
