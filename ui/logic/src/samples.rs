//! Vaults and members for tests.

use conclave_shared::view::{BalanceView, MemberView, VaultView};
use conclave_shared::{MemberId, Role, ScriptKind, StateDigest, VaultId, VaultStatus};

/// A member who has done nothing but join; the number makes the identity.
pub fn member(number: u8, name: &str, roles: &[Role]) -> MemberView {
    MemberView {
        member: MemberId([number; 32]),
        name: name.to_owned(),
        roles: roles.to_vec(),
        key: None,
        title: None,
        joined_ms: Some(1),
        challenged_ms: None,
        key_state: None,
        proven_ms: None,
        ratified: false,
        ratified_ms: None,
        warnings: vec![],
        last_heard_ms: None,
        signed_first_ms: None,
    }
}

/// A 2-of-3 that nobody has joined, seen by nobody.
pub fn vault() -> VaultView {
    VaultView {
        vault: VaultId([9; 32]),
        name: "Harbour".to_owned(),
        me: MemberId([0; 32]),
        status: VaultStatus::Gathering,
        threshold: 2,
        keyholders: 3,
        approvals: 2,
        cfg: None,
        descriptor: None,
        members: vec![],
        balance: BalanceView::default(),
        tip_height: 0,
        proposals: vec![],
        events: 0,
        waiting: 0,
        void: 0,
        refused: 0,
        findings: vec![],
        trouble: None,
        state_digest: StateDigest([0; 32]),
        unacknowledged: 0,
        successors: vec![],
        former: vec![],
        candidates: vec![],
        rules: vec![],
        freezes: vec![],
        script: ScriptKind::default(),
        recovery: None,
        waits: vec![],
        relays: vec![],
        chain: String::new(),
        tip_time_s: None,
        open_places: vec![],
        own_relay: None,
    }
}
