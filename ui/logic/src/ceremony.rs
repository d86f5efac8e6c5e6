//! The set-up of a vault as its members see it: what each member has done, and what is awaited of whom.

use conclave_shared::view::{MemberView, VaultView};
use conclave_shared::{KeyState, VaultStatus};

use crate::messages::Said;
use crate::places::holds_key;
use crate::say;

/// What every keyholder does once, in this order. Members without a key only join and ask the others for proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Took their place.
    Joined,
    /// Asked all keyholders to prove their keys.
    Challenged,
    /// Proved to hold the own key.
    Proven,
    /// Compared the words with the others and ratified.
    Ratified,
}

impl Step {
    /// What it is called.
    pub fn said(self) -> Said {
        match self {
            Step::Joined => say!("board-step-joined"),
            Step::Challenged => say!("board-step-challenged"),
            Step::Proven => say!("board-step-proven"),
            Step::Ratified => say!("board-step-ratified"),
        }
    }
}

/// A step of a member: whether it is done, and when where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Which.
    pub step: Step,
    /// Whether it is done.
    pub done: bool,
    /// When, in ms since 1970.
    pub ms: Option<u64>,
}

/// The steps of a member, those that do not concern them left out.
pub fn steps(member: &MemberView) -> Vec<Done> {
    let done = |step, done, ms| Done { step, done, ms };
    let mut steps = vec![
        done(Step::Joined, true, member.joined_ms),
        done(Step::Challenged, member.challenged_ms.is_some(), member.challenged_ms),
    ];
    if holds_key(&member.roles) {
        steps.push(done(Step::Proven, member.key_state == Some(KeyState::Proven), member.proven_ms));
        steps.push(done(Step::Ratified, member.ratified, member.ratified_ms));
    }
    steps
}

/// Whether a member has done all that is theirs.
pub fn complete(member: &MemberView) -> bool {
    steps(member).iter().all(|step| step.done)
}

/// What is awaited of a member now, in plain words.
pub fn awaited(vault: &VaultView, member: &MemberView) -> Said {
    let mine = member.member == vault.me;
    let key = holds_key(&member.roles);
    match vault.status {
        VaultStatus::Active if mine => say!("awaited-nothing-me"),
        VaultStatus::Active => say!("awaited-nothing", name = &member.name),
        VaultStatus::Gathering if mine => say!("awaited-others-join"),
        VaultStatus::Gathering => say!("awaited-joined", name = &member.name),
        VaultStatus::Proving | VaultStatus::Ratifying => match (member.challenged_ms, member.key_state) {
            (None, _) if mine => say!("awaited-challenge-me"),
            (None, _) => say!("awaited-challenge", name = &member.name),
            (Some(_), Some(KeyState::Unproven)) if key && mine => say!("awaited-proof-me"),
            (Some(_), Some(KeyState::Unproven)) if key => say!("awaited-proof", name = &member.name),
            (Some(_), Some(KeyState::Unproven | KeyState::Proven) | None) => match (key, member.ratified, mine) {
                (false, _, true) | (true, true, true) => say!("awaited-nothing-me"),
                (false, _, false) | (true, true, false) => say!("awaited-nothing", name = &member.name),
                (true, false, true) => say!("awaited-ratify-me"),
                (true, false, false) => say!("awaited-ratify", name = &member.name),
            },
        },
    }
}

/// Whether this installation's owner can ratify now.
pub fn may_ratify(vault: &VaultView) -> bool {
    let me = vault.members.iter().find(|member| member.member == vault.me);
    vault.status == VaultStatus::Ratifying && me.is_some_and(|me| holds_key(&me.roles) && !me.ratified)
}

/// How many keyholders have ratified, of how many.
pub fn ratified(vault: &VaultView) -> (usize, usize) {
    let keyholders = vault.members.iter().filter(|member| holds_key(&member.roles));
    let ratified = keyholders.filter(|member| member.ratified).count();
    (ratified, usize::try_from(vault.keyholders).unwrap_or_default())
}

/// A word for each segment of the vault's ring: what each keyholder's place has come to. Open places come last.
pub fn segments(vault: &VaultView, given: impl Fn(&MemberView) -> bool) -> Vec<bool> {
    let keyholders = vault.members.iter().filter(|member| holds_key(&member.roles));
    let mut segments: Vec<bool> = keyholders.map(given).collect();
    segments.resize(usize::try_from(vault.keyholders).unwrap_or_default().max(segments.len()), false);
    segments
}

#[cfg(test)]
mod tests {
    use conclave_shared::{MemberId, Role};

    use super::*;
    use crate::samples::{member, vault};

    #[test]
    fn a_member_without_a_key_neither_proves_nor_ratifies() {
        let mut auditor = member(1, "Eva", &[Role::Auditor]);
        auditor.challenged_ms = Some(5);
        assert_eq!(steps(&auditor).len(), 2);
        assert!(complete(&auditor));
        let keyholder = member(2, "Ana", &[Role::Keyholder]);
        assert_eq!(steps(&keyholder).len(), 4);
        assert!(!complete(&keyholder));
    }

    #[test]
    fn what_is_awaited_goes_step_by_step() {
        let mut vault = vault();
        vault.status = VaultStatus::Ratifying;
        let mut ben = member(2, "Ben", &[Role::Keyholder]);
        ben.key_state = Some(KeyState::Unproven);
        assert_eq!(awaited(&vault, &ben), say!("awaited-challenge", name = "Ben"));
        ben.challenged_ms = Some(1);
        assert_eq!(awaited(&vault, &ben), say!("awaited-proof", name = "Ben"));
        ben.key_state = Some(KeyState::Proven);
        assert_eq!(awaited(&vault, &ben), say!("awaited-ratify", name = "Ben"));
        ben.ratified = true;
        assert_eq!(awaited(&vault, &ben), say!("awaited-nothing", name = "Ben"));
        ben.ratified = false;
        vault.me = MemberId([2; 32]);
        assert_eq!(awaited(&vault, &ben), say!("awaited-ratify-me"));
    }

    #[test]
    fn only_a_keyholder_ratifies_once_and_only_when_keys_are_proven() {
        let mut vault = vault();
        vault.me = MemberId([1; 32]);
        vault.members = vec![member(1, "Ana", &[Role::Keyholder, Role::Mediator])];
        for (status, may) in [
            (VaultStatus::Gathering, false),
            (VaultStatus::Proving, false),
            (VaultStatus::Ratifying, true),
            (VaultStatus::Active, false),
        ] {
            vault.status = status;
            assert_eq!(may_ratify(&vault), may);
        }
        vault.status = VaultStatus::Ratifying;
        vault.members[0].ratified = true;
        assert!(!may_ratify(&vault));
        vault.members = vec![member(1, "Ana", &[Role::Approver])];
        assert!(!may_ratify(&vault));
    }

    #[test]
    fn open_places_are_segments_too() {
        let mut vault = vault();
        vault.keyholders = 3;
        vault.members = vec![member(1, "Ana", &[Role::Keyholder]), member(2, "Eva", &[Role::Auditor])];
        assert_eq!(segments(&vault, |_| true), [true, false, false]);
        assert_eq!(ratified(&vault), (0, 3));
    }
}
