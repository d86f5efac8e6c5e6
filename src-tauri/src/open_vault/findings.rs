//! What members, relays and this machine did that they should not have done, as far as it shows here. Kept in memory, or
//! read from the record; never a reason to act by itself: what forbids is the guard's.

use std::collections::BTreeMap;

use conclave_domain::delivery::Withheld;
use conclave_shared::view::FindingView;
use conclave_shared::{Finding, MemberId};

use super::OpenVault;
use crate::relay::withholding::KeptBack;

/// What was noted of messages and events as they came, since the start: how often, and what was said last.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted(BTreeMap<(Finding, Option<MemberId>), (u64, String)>);

impl Noted {
    pub(super) fn note(&mut self, finding: Finding, member: Option<MemberId>, detail: String) {
        let (count, last) = self.0.entry((finding, member)).or_default();
        *count = count.saturating_add(1);
        *last = detail;
    }

    /// It is over.
    pub(super) fn forget(&mut self, finding: Finding, member: MemberId) {
        self.0.remove(&(finding, Some(member)));
    }
}

impl OpenVault {
    /// Everything that was found.
    pub fn findings(&self) -> Vec<FindingView> {
        let found = |finding, member, detail| FindingView { finding, member, relay: None, detail };
        let vault = &self.vault;
        let mut all = Vec::new();
        for (member, (held, other)) in vault.log().two_stories() {
            let detail = format!("events {held} and {other} have one number");
            all.push(found(Finding::TwoStories, Some(*member), detail));
        }
        for members in vault.doubled_places() {
            let names: Vec<String> = members.iter().map(MemberId::short).collect();
            all.push(found(Finding::InvitationDoubled, None, format!("by members {}", names.join(", "))));
        }
        for (member, fault) in vault.false_proofs().values() {
            all.push(found(Finding::KeyUnproven, Some(*member), fault.to_string()));
        }
        for (member, index) in vault.false_attestations() {
            let detail = format!("of deposit address {index}: see the record for both");
            all.push(found(Finding::AddressDiffers, Some(member), detail));
        }
        for refusal in vault.refused_keys() {
            all.push(found(refusal.finding(), Some(refusal.member()), refusal.to_string()));
        }
        let doubled = vault.doubled_configurations();
        if !doubled.is_empty() {
            let names: Vec<String> = doubled.iter().map(|cfg| cfg.short()).collect();
            all.push(found(Finding::DoubleVote, None, format!("configurations {}", names.join(", "))));
        }
        for member in vault.unknown_actions() {
            all.push(found(Finding::ActionUnknown, Some(member), "see the record".to_owned()));
        }
        if self.reads_only() {
            let (have, need) = self.answers();
            let detail = format!("{have} of {need} members have told what they hold of this one");
            all.push(found(Finding::BackupRestored, None, detail));
        }
        for withheld in self.deliveries.withheld() {
            all.push(match withheld {
                Withheld::To(member) => {
                    let detail = "what this installation sends does not reach this member, who can be heard";
                    found(Finding::RelayWithholds, Some(member), detail.to_owned())
                }
                Withheld::From(member) => {
                    let detail = "what this member writes reaches this installation through others alone";
                    found(Finding::RelayWithholds, Some(member), detail.to_owned())
                }
            });
        }
        all.extend(self.withholding.named().map(relay_finding));
        all.extend(self.noted.0.iter().map(|((finding, member), (count, last))| {
            let times = if *count > 1 { format!("{count} times, at last: {last}") } else { last.clone() };
            found(*finding, *member, times)
        }));
        all
    }
}

fn relay_finding(it: KeptBack<'_>) -> FindingView {
    let KeptBack { relay, kept_back, of, of_one } = it;
    let mut detail = format!("kept back {kept_back} of the last {of} messages that another relay delivered");
    if let Some(member) = of_one {
        detail.push_str(&format!(", all of them by {member}: perhaps this member cannot reach the relay"));
    }
    FindingView { finding: Finding::RelayWithholds, member: None, relay: Some(relay.to_owned()), detail }
}
