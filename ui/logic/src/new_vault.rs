//! A vault that is to be made, as it is typed.

use conclave_shared::desktop::Unit;
use conclave_shared::policy::Policy;
use conclave_shared::request::CreateVault;
use conclave_shared::{Recovery, ScriptKind, Template};

use crate::forms;
use crate::messages::Said;
use crate::places::{self, KEYLESS_MOST, KEYS_MOST, Place};
use crate::policy::{Approving, PolicyFaults, PolicyForm};
use crate::say;

/// Most letters of a name.
pub const NAME_MOST: usize = 64;
/// Most relays.
pub const RELAYS_MOST: usize = 8;
/// Most days that an invitation may hold.
pub const DAYS_MOST: u64 = 90;
const DAY_SECONDS: u64 = 86_400;

/// A second way to spend, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryForm {
    /// After how many blocks.
    pub after_blocks: String,
    /// Signatures that it then needs.
    pub threshold: String,
    /// Keys of its own, one a line; none: the keyholders'.
    pub keys: String,
}

/// A vault as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewVault {
    /// A template; none: keys and signatures of one's own choice.
    pub template: Option<Template>,
    /// Signatures, where there is no template.
    pub threshold: String,
    /// Keys, where there is no template.
    pub keyholders: String,
    /// The organiser's own place by its title.
    pub place: Option<String>,
    /// How many approvers.
    pub approvers: String,
    /// How many auditors.
    pub auditors: String,
    /// The vault's name.
    pub name: String,
    /// The organiser's.
    pub member: String,
    /// Relays.
    pub relays: Vec<String>,
    /// Whether the organiser's own program is to serve one.
    pub own_relay: bool,
    /// The chain source.
    pub chain: String,
    /// The kind of its addresses.
    pub script: ScriptKind,
    /// A recovery, if there is to be one.
    pub recovery: Option<RecoveryForm>,
    /// A first policy; none: as many approvals as signatures, and nothing else.
    pub policy: Option<PolicyForm>,
    /// How many days the invitations hold.
    pub days: String,
}

/// What is wrong with what is typed, field by field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewVaultFaults {
    /// With the signatures.
    pub threshold: Option<Said>,
    /// With the keys.
    pub keyholders: Option<Said>,
    /// With the approvers.
    pub approvers: Option<Said>,
    /// With the auditors.
    pub auditors: Option<Said>,
    /// With the vault's name.
    pub name: Option<Said>,
    /// With the organiser's name.
    pub member: Option<Said>,
    /// With each relay.
    pub relays: Vec<Option<Said>>,
    /// With the chain source.
    pub chain: Option<Said>,
    /// With the recovery: its blocks.
    pub after_blocks: Option<Said>,
    /// With the recovery: its signatures.
    pub recovery_threshold: Option<Said>,
    /// With the policy.
    pub policy: PolicyFaults,
    /// With the days.
    pub days: Option<Said>,
}

impl NewVaultFaults {
    /// Whether nothing is wrong.
    pub fn none(&self) -> bool {
        let fields = [
            &self.threshold,
            &self.keyholders,
            &self.approvers,
            &self.auditors,
            &self.name,
            &self.member,
            &self.chain,
            &self.after_blocks,
            &self.recovery_threshold,
            &self.days,
        ];
        fields.into_iter().chain(&self.relays).all(Option::is_none) && self.policy.none()
    }
}

/// A name that is not empty, of letters that a screen shows as they are.
pub fn name(typed: &str) -> Result<String, Said> {
    forms::text(typed, NAME_MOST).map_err(|fault| fault.said())
}

/// How long an invitation holds, in seconds, from days.
pub fn seconds(days: &str) -> Result<u64, Said> {
    let days = forms::number(days, 1, DAYS_MOST).map_err(|fault| fault.said())?;
    Ok(days * DAY_SECONDS)
}

/// Takes what is good, and keeps what is wrong.
fn take<T: Default>(result: Result<T, Said>, fault: &mut Option<Said>) -> T {
    result.unwrap_or_else(|said| {
        *fault = Some(said);
        T::default()
    })
}

fn number(typed: &str, least: u32, most: u32) -> Result<u32, Said> {
    let number = forms::number(typed, least.into(), most.into()).map_err(|fault| fault.said())?;
    Ok(u32::try_from(number).unwrap_or(most))
}

fn count_or_none(typed: &str) -> Result<u32, Said> {
    if typed.trim().is_empty() { Ok(0) } else { number(typed, 0, KEYLESS_MOST) }
}

impl NewVault {
    /// Signatures and keys, where they can be told.
    pub fn quorum(&self) -> Option<(u32, u32)> {
        match self.template {
            Some(template) => {
                let keys = u32::try_from(places::of_template(template).len()).unwrap_or(KEYS_MOST);
                Some((places::threshold(template), keys))
            }
            None => {
                let keys = number(&self.keyholders, 1, KEYS_MOST).ok()?;
                Some((number(&self.threshold, 1, keys).ok()?, keys))
            }
        }
    }

    /// The places with a key.
    pub fn places(&self) -> Vec<Place> {
        match (self.template, self.quorum()) {
            (Some(template), _) => places::of_template(template),
            (None, Some((_, keys))) => places::keys(keys),
            (None, None) => vec![],
        }
    }

    /// Who will be able to approve.
    pub fn approving(&self) -> Approving {
        let keyholders = self.quorum().map_or(0, |(_, keys)| keys);
        Approving { keyholders, approvers: count_or_none(&self.approvers).unwrap_or_default() }
    }

    /// Relays that are typed; lines left empty are none.
    fn read_relays(&self, faults: &mut Vec<Option<Said>>) -> Vec<String> {
        let mut relays: Vec<String> = vec![];
        for (at, typed) in self.relays.iter().enumerate() {
            let mut fault = None;
            if (at == 0 && !self.own_relay) || !typed.trim().is_empty() {
                match forms::relay(typed) {
                    Ok(relay) if relays.contains(&relay) => fault = Some(say!("create-relay-twice")),
                    Ok(relay) => relays.push(relay),
                    Err(unusable) => fault = Some(unusable.said()),
                }
            }
            faults.push(fault);
        }
        relays
    }

    fn read_recovery(&self, threshold: u32, faults: &mut NewVaultFaults) -> Option<Recovery> {
        let typed = self.recovery.as_ref()?;
        let keys: Vec<String> =
            typed.keys.lines().map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect();
        let after_blocks = take(number(&typed.after_blocks, 1, u16::MAX.into()), &mut faults.after_blocks);
        // The members' own keys must spend more easily then than now: else there is nothing to recover by.
        let most = if keys.is_empty() {
            threshold.saturating_sub(1).max(1)
        } else {
            u32::try_from(keys.len()).unwrap_or(KEYS_MOST)
        };
        let signatures = take(number(&typed.threshold, 1, most), &mut faults.recovery_threshold);
        if keys.is_empty() && threshold == 1 {
            faults.recovery_threshold = Some(say!("create-recovery-no-easier"));
        }
        let after_blocks = u16::try_from(after_blocks).unwrap_or(u16::MAX);
        Some(Recovery { after_blocks, threshold: signatures, keys })
    }

    /// The request, or what is wrong with what is typed.
    #[expect(clippy::result_large_err, reason = "made once for each press of a button, and shown field by field")]
    pub fn read(&self, unit: Unit) -> Result<CreateVault, NewVaultFaults> {
        let mut faults = NewVaultFaults::default();
        let (threshold, keyholders) = match self.template {
            Some(_) => (0, 0),
            None => {
                let keys = take(number(&self.keyholders, 1, KEYS_MOST), &mut faults.keyholders);
                (take(number(&self.threshold, 1, keys.max(1)), &mut faults.threshold), keys)
            }
        };
        let (approvers, auditors) = (
            take(count_or_none(&self.approvers), &mut faults.approvers),
            take(count_or_none(&self.auditors), &mut faults.auditors),
        );
        let signatures = self.quorum().map_or(threshold, |(threshold, _)| threshold);
        let policy: Option<Policy> = self.policy.as_ref().and_then(|typed| {
            let read = typed.read(self.approving(), unit);
            read.map_err(|wrong| faults.policy = wrong).ok()
        });
        let recovery = self.read_recovery(signatures, &mut faults);
        let mut relay_faults = vec![];
        let request = CreateVault {
            name: take(name(&self.name), &mut faults.name),
            member: take(name(&self.member), &mut faults.member),
            template: self.template,
            place: self.place.clone(),
            threshold,
            keyholders,
            approvers,
            auditors,
            relays: self.read_relays(&mut relay_faults),
            own_relay: self.own_relay,
            chain: take(forms::chain_source(&self.chain).map_err(|fault| fault.said()), &mut faults.chain),
            invitation_seconds: take(seconds(&self.days), &mut faults.days),
            policy,
            script: Some(self.script),
            recovery,
        };
        faults.relays = relay_faults;
        if faults.none() { Ok(request) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> NewVault {
        NewVault {
            template: Some(Template::Hot2Of3),
            name: " Harbour ".to_owned(),
            member: "Ana".to_owned(),
            relays: vec!["ws://127.0.0.1:7777".to_owned(), String::new()],
            chain: "tcp://127.0.0.1:50001".to_owned(),
            days: "7".to_owned(),
            ..NewVault::default()
        }
    }

    #[test]
    fn a_template_says_keys_and_signatures_itself() {
        let asked = typed().read(Unit::Btc).unwrap();
        assert_eq!((asked.threshold, asked.keyholders, asked.template), (0, 0, Some(Template::Hot2Of3)));
        assert_eq!((asked.name.as_str(), asked.invitation_seconds), ("Harbour", 604_800));
        assert_eq!(asked.relays, ["ws://127.0.0.1:7777"]);
        assert_eq!(asked.policy, None);
        assert_eq!(typed().quorum(), Some((2, 3)));
    }

    #[test]
    fn a_vault_of_ones_own_has_at_most_15_keys_and_no_more_signatures_than_keys() {
        let own = |threshold: &str, keyholders: &str| NewVault {
            template: None,
            threshold: threshold.to_owned(),
            keyholders: keyholders.to_owned(),
            ..typed()
        };
        assert_eq!(own("2", "15").read(Unit::Btc).unwrap().keyholders, 15);
        assert!(own("2", "16").read(Unit::Btc).unwrap_err().keyholders.is_some());
        let faults = own("4", "3").read(Unit::Btc).unwrap_err();
        assert_eq!(faults.threshold, Some(say!("form-out-of-range", least = 1u64, most = 3u64)));
        assert_eq!(own("4", "3").places(), []);
        assert_eq!(own("1", "2").places().len(), 2);
    }

    #[test]
    fn every_fault_is_told_at_once_and_by_its_field() {
        let empty = NewVault { relays: vec![String::new()], ..NewVault::default() };
        let faults = empty.read(Unit::Btc).unwrap_err();
        let told = [&faults.keyholders, &faults.threshold, &faults.name, &faults.member, &faults.chain, &faults.days];
        assert!(told.into_iter().all(|fault| *fault == Some(say!("form-empty"))));
        assert_eq!(faults.relays, [Some(say!("form-empty"))]);
        assert_eq!((faults.approvers, faults.auditors), (None, None));
    }

    #[test]
    fn who_serves_a_relay_needs_no_other() {
        let own = NewVault { relays: vec![String::new()], own_relay: true, ..typed() };
        let asked = own.read(Unit::Btc).unwrap();
        assert!(asked.own_relay && asked.relays.is_empty());
        let wrong = NewVault { relays: vec!["relay".to_owned()], ..own };
        assert!(wrong.read(Unit::Btc).unwrap_err().relays[0].is_some(), "what is typed all the same must be right");
    }

    #[test]
    fn a_relay_counts_once() {
        let relays = ["ws://127.0.0.1:1", "ws://127.0.0.1:1", "ws://relay.org"];
        let typed = NewVault { relays: relays.map(str::to_owned).to_vec(), ..typed() };
        let faults = typed.read(Unit::Btc).unwrap_err().relays;
        assert_eq!(faults[..2], [None, Some(say!("create-relay-twice"))]);
        assert!(faults[2].is_some());
    }

    #[test]
    fn a_recovery_by_the_members_keys_must_be_easier() {
        let recovery = |threshold: &str, keys: &str| NewVault {
            recovery: Some(RecoveryForm {
                after_blocks: "4320".to_owned(),
                threshold: threshold.to_owned(),
                keys: keys.to_owned(),
            }),
            ..typed()
        };
        assert!(recovery("1", "").read(Unit::Btc).unwrap().recovery.is_some());
        assert!(recovery("2", "").read(Unit::Btc).unwrap_err().recovery_threshold.is_some());
        let own = recovery("2", " [a]x \n\n [b]y ").read(Unit::Btc).unwrap().recovery.unwrap();
        assert_eq!(own.keys, ["[a]x", "[b]y"]);
        assert!(recovery("3", "[a]x\n[b]y").read(Unit::Btc).unwrap_err().recovery_threshold.is_some());
    }

    #[test]
    fn a_first_policy_asks_for_no_more_than_the_places_give() {
        let policy = |approvals: &str| NewVault {
            approvers: "1".to_owned(),
            policy: Some(PolicyForm {
                approvals: approvals.to_owned(),
                release: "2".to_owned(),
                ..PolicyForm::default()
            }),
            ..typed()
        };
        assert_eq!(policy("4").read(Unit::Btc).unwrap().policy.unwrap().approvals, 4);
        assert!(policy("5").read(Unit::Btc).unwrap_err().policy.approvals.is_some());
    }
}
