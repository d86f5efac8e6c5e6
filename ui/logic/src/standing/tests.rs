use conclave_shared::policy::RoleCount;
use conclave_shared::view::GivenView;
use conclave_shared::{EventId, Recovery, VaultId, VaultStatus};

use super::*;

const ANA: MemberId = MemberId([1; 32]);
const BEN: MemberId = MemberId([2; 32]);
const CYN: MemberId = MemberId([3; 32]);
const DAN: MemberId = MemberId([4; 32]);

fn member(id: MemberId, name: &str, roles: Vec<Role>) -> MemberView {
    MemberView {
        member: id,
        name: name.to_owned(),
        roles,
        key: None,
        title: None,
        joined_ms: None,
        challenged_ms: None,
        key_state: None,
        proven_ms: None,
        ratified: true,
        ratified_ms: None,
        warnings: vec![],
        last_heard_ms: Some(77),
        signed_first_ms: None,
    }
}

/// Ana, Ben and Cyn hold keys, two sign; Dan approves. The window is Ana's.
fn vault() -> VaultView {
    VaultView {
        vault: VaultId([9; 32]),
        name: "Ops".to_owned(),
        me: ANA,
        status: VaultStatus::Active,
        threshold: 2,
        keyholders: 3,
        approvals: 2,
        cfg: None,
        descriptor: None,
        members: vec![
            member(ANA, "Ana", vec![Role::Keyholder]),
            member(BEN, "Ben", vec![Role::Keyholder]),
            member(CYN, "Cyn", vec![Role::Keyholder, Role::Mediator]),
            member(DAN, "Dan", vec![Role::Approver]),
        ],
        balance: Default::default(),
        tip_height: 0,
        proposals: vec![],
        events: 0,
        waiting: 0,
        void: 0,
        refused: 0,
        findings: vec![],
        trouble: None,
        state_digest: conclave_shared::StateDigest([0; 32]),
        unacknowledged: 0,
        successors: vec![],
        former: vec![],
        candidates: vec![],
        rules: vec![],
        freezes: vec![],
        script: Default::default(),
        recovery: None,
        waits: vec![],
        relays: vec![],
        chain: String::new(),
        tip_time_s: None,
        open_places: Vec::new(),
        own_relay: None,
    }
}

fn given(member: MemberId, counts: bool) -> GivenView {
    GivenView { member, ms: 5, counts }
}

fn payment(status: ProposalStatus) -> ProposalView {
    ProposalView {
        proposal: EventId([7; 32]),
        proposer: ANA,
        purpose: String::new(),
        recipients: vec![],
        change: Sat(0),
        fee: Sat(0),
        fee_rate_milli: 0,
        fee_per_mille: None,
        coins: vec![],
        holds: true,
        expires_ms: None,
        replaces: None,
        replacement: None,
        replaced_by: vec![],
        txid: String::new(),
        recovery: false,
        digest: conclave_shared::Digest([0; 32]),
        status,
        approved_by: vec![],
        rejected_by: vec![],
        signed_by: vec![],
        approvals: vec![],
        leaves: Sat(0),
        rule: String::new(),
        unmet: vec![],
        conditions: vec![],
        confirmed_height: None,
        proposed_ms: 0,
        inputs: vec![],
        outputs: vec![],
        guard: Default::default(),
        needs: RuleView { approvals: 2, signatures: 2, ..RuleView::default() },
        signatures: vec![],
        acts: vec![],
        self_test: false,
    }
}

fn approvals_missing(have: u32) -> Unmet {
    Unmet::ApprovalsMissing { have, need: 2 }
}

fn said(vault: &VaultView, payment: &ProposalView) -> Option<Said> {
    awaited_said(vault, &awaited(vault, payment), Unit::Btc)
}

#[test]
fn who_can_still_approve_is_awaited_by_name() {
    let mut payment = payment(ProposalStatus::Proposed);
    payment.unmet = vec![approvals_missing(0)];
    payment.acts = vec![PaymentAct::Approve];
    let vault = vault();
    assert_eq!(said(&vault, &payment), Some(say!("payment-awaits-your-approval")));

    payment.acts.clear();
    payment.approvals = vec![given(ANA, true)];
    payment.unmet = vec![approvals_missing(1), Unmet::SignaturesMissing { have: 0, need: 2 }];
    assert_eq!(said(&vault, &payment), Some(say!("payment-awaits-approvals-of", more = 1u32, names = "Ben, Cyn, Dan")));
    assert_eq!(last_heard(&vault, &awaited(&vault, &payment)), None);

    // An approval that does not count any more is awaited again.
    payment.approvals = vec![given(ANA, true), given(BEN, true), given(CYN, true), given(DAN, false)];
    assert_eq!(said(&vault, &payment), Some(say!("payment-awaits-approval-of", name = "Dan")));
    assert_eq!(last_heard(&vault, &awaited(&vault, &payment)), Some(77));
    assert_eq!(approvals(&payment), (3, 2));
}

#[test]
fn where_a_role_is_lacking_only_it_is_awaited() {
    let mut payment = payment(ProposalStatus::Proposed);
    payment.approvals = vec![given(ANA, true), given(BEN, true)];
    payment.unmet = vec![Unmet::RoleApprovalsMissing { role: Role::Mediator, have: 0, need: 1 }];
    assert_eq!(said(&vault(), &payment), Some(say!("payment-awaits-approval-of", name = "Cyn")));
}

#[test]
fn signatures_are_awaited_after_approvals() {
    let mut payment = payment(ProposalStatus::Approved);
    payment.signed_by = vec![ANA];
    payment.unmet = vec![Unmet::SignaturesMissing { have: 1, need: 2 }];
    assert_eq!(said(&vault(), &payment), Some(say!("payment-awaits-signatures-of", more = 1u32, names = "Ben, Cyn")));
    payment.acts = vec![PaymentAct::Sign];
    assert_eq!(said(&vault(), &payment), Some(say!("payment-awaits-your-signature")));
}

#[test]
fn a_freeze_is_what_is_awaited_before_anything_else() {
    let mut payment = payment(ProposalStatus::Proposed);
    payment.unmet = vec![approvals_missing(0), Unmet::Frozen { by: BEN, since_ms: 1 }];
    assert_eq!(said(&vault(), &payment), Some(say!("unmet-frozen", name = "Ben")));
}

#[test]
fn what_is_over_awaits_nothing() {
    for (status, key) in [
        (ProposalStatus::Signed, Some(say!("payment-awaits-sending"))),
        (ProposalStatus::Broadcast, Some(say!("payment-awaits-block"))),
        (ProposalStatus::Confirmed, None),
        (ProposalStatus::Rejected, None),
        (ProposalStatus::Expired, None),
        (ProposalStatus::Replaced, None),
    ] {
        assert_eq!(said(&vault(), &payment(status)), key);
        assert_eq!(is_open(status), key.is_some());
    }
}

#[test]
fn the_ring_has_a_segment_for_each_who_can_give() {
    let mut payment = payment(ProposalStatus::Approved);
    payment.approvals = vec![given(ANA, true), given(DAN, true)];
    payment.signed_by = vec![BEN];
    let of = ring(&vault(), &payment);
    assert_eq!(of.approvals, [true, false, false, true]);
    assert_eq!(of.signatures, [false, true, false]);
    assert!(!of.complete);
    payment.status = ProposalStatus::Signed;
    assert!(ring(&vault(), &payment).complete);
}

#[test]
fn a_recovery_with_keys_of_its_own_awaits_no_member() {
    let mut vault = vault();
    vault.recovery = Some(Recovery { after_blocks: 10, threshold: 2, keys: vec!["[..]xpub".to_owned()] });
    let mut payment = payment(ProposalStatus::Approved);
    payment.recovery = true;
    payment.unmet = vec![Unmet::SignaturesMissing { have: 1, need: 2 }];
    assert_eq!(said(&vault, &payment), Some(say!("payment-awaits-signatures", more = 1u32)));
    assert_eq!(ring(&vault, &payment).signatures, [true, false]);
}

#[test]
fn open_payments_stand_before_those_that_are_over_the_newest_first() {
    let of = |status, id| ProposalView { proposal: EventId([id; 32]), ..payment(status) };
    let all = [
        of(ProposalStatus::Confirmed, 1),
        of(ProposalStatus::Proposed, 2),
        of(ProposalStatus::Expired, 3),
        of(ProposalStatus::Broadcast, 4),
    ];
    let ids = |payments: Vec<&ProposalView>| payments.iter().map(|it| it.proposal.0[0]).collect::<Vec<_>>();
    let (open, over) = in_order(&all);
    assert_eq!((ids(open), ids(over)), (vec![4, 2], vec![3, 1]));
}

#[test]
fn a_rule_is_said_in_sentences() {
    let mut of = RuleView { approvals: 2, signatures: 2, ..RuleView::default() };
    assert_eq!(rule(&of, Unit::Btc), [say!("rule-every", approvals = 2u32, signatures = 2u32)]);
    of.from = Some(Sat(100_000_000));
    of.by = vec![RoleCount { role: Role::Mediator, count: 1 }];
    assert_eq!(
        rule(&of, Unit::Sat),
        [
            say!("rule-from", from = "100 000 000 sat", approvals = 2u32, signatures = 2u32),
            say!("rule-by-role", count = 1u32, role = say!("role-mediator")),
        ]
    );
    assert_eq!(percent(4), "0.4 %");
    assert_eq!(percent(120), "12 %");
}
