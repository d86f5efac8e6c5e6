//! What a policy asks of a payment, and which policies can be lived by.

mod support;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bitcoin::hashes::Hash as _;
use bitcoin::{Address, Amount, Network, ScriptBuf, WPubkeyHash};
use conclave_domain::action::{Action, ConfigurationProposed};
use conclave_domain::configuration::{CheckedConfiguration, Configuration, ConfigurationFault};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::policy::{
    ADDRESSES_LIMIT, Approver, CheckedPolicy, Leaving, Members, Policy, PolicyChange, PolicyFault, RoleCount,
    TIERS_LIMIT, Tier, normal_address,
};
use conclave_domain::proposal::Proposal;
use conclave_domain::vault::{Change, Command, CommandFault};
use conclave_domain::words::roster_words;
use conclave_shared::{MemberId, Role, Sat, Unmet};
use proptest::prelude::*;
use support::{Person, active, deposit, payment, tell};

const K: &[Role] = &[Role::Keyholder];
const A: &[Role] = &[Role::Approver];
const BOTH: &[Role] = &[Role::Keyholder, Role::Approver];
const AUDITOR: &[Role] = &[Role::Auditor];
/// Three keyholders, two approvers, an auditor.
const CLUB: [&[Role]; 6] = [K, K, K, A, A, AUDITOR];

fn club() -> Members<'static> {
    Members { roles: &CLUB, threshold: 2, network: Network::Regtest }
}

fn tier(from: u64, approvals: u32, by: &[(Role, u32)]) -> Tier {
    let by = by.iter().map(|(role, count)| RoleCount { role: *role, count: *count }).collect();
    Tier { from: Sat(from), approvals, by }
}

fn tiered(tiers: Vec<Tier>) -> Policy {
    Policy { tiers, ..Policy::plain(1) }
}

fn checked(policy: &Policy) -> CheckedPolicy {
    CheckedPolicy::new(policy, club()).unwrap()
}

fn fault(policy: Policy) -> PolicyFault {
    CheckedPolicy::new(&policy, club()).unwrap_err()
}

fn script(byte: u8) -> ScriptBuf {
    ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array([byte; 20]))
}

fn address(byte: u8) -> String {
    Address::from_script(&script(byte), Network::Regtest).unwrap().to_string()
}

fn addresses(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| address(*byte)).collect::<BTreeSet<String>>().into_iter().collect()
}

/// Approvers by their places in the club.
fn approvers(places: &[usize]) -> Vec<Approver<'static>> {
    places.iter().map(|place| Approver { member: MemberId([*place as u8; 32]), roles: CLUB[*place] }).collect()
}

/// What is lacking for a payment of so much, to nobody.
fn lacking(policy: &CheckedPolicy, sat: u64, places: &[usize]) -> Vec<Unmet> {
    let payment = Leaving { amount: Amount::from_sat(sat), recipients: Vec::new(), recovery: None };
    policy.judge(&payment, &approvers(places))
}

// ---- amounts and roles ----

#[test]
fn the_highest_tier_that_a_payment_reaches_applies() {
    let policy = checked(&tiered(vec![
        tier(1_000, 2, &[]),
        tier(5_000, 3, &[(Role::Approver, 1)]),
        tier(9_000, 4, &[(Role::Approver, 1), (Role::Keyholder, 3)]),
    ]));
    for (sat, approvals, from) in [
        (0, 1, None),
        (999, 1, None),
        (1_000, 2, Some(1_000)),
        (4_999, 2, Some(1_000)),
        (5_000, 3, Some(5_000)),
        (8_999, 3, Some(5_000)),
        (9_000, 4, Some(9_000)),
        (u64::MAX, 4, Some(9_000)),
    ] {
        let leaves = Amount::from_sat(sat);
        assert_eq!(policy.needs(leaves).approvals, approvals, "{sat}");
        assert_eq!(policy.tier(leaves).map(|tier| tier.from.0), from, "{sat}");
    }
}

#[test]
fn approvals_are_counted_in_all_and_by_role() {
    let policy = checked(&tiered(vec![tier(1_000, 3, &[(Role::Approver, 1), (Role::Keyholder, 2)])]));
    let all = |have| Unmet::ApprovalsMissing { have, need: 3 };
    let by = |role, have, need| Unmet::RoleApprovalsMissing { role, have, need };
    for (places, unmet) in [
        (&[][..], vec![all(0), by(Role::Approver, 0, 1), by(Role::Keyholder, 0, 2)]),
        (&[0, 1, 2], vec![by(Role::Approver, 0, 1)]),
        (&[0, 3, 4], vec![by(Role::Keyholder, 1, 2)]),
        (&[0, 3], vec![all(2), by(Role::Keyholder, 1, 2)]),
        (&[0, 1, 3], vec![]),
        (&[0, 1, 2, 3, 4], vec![]),
        // Once each, however often; an auditor's word is no approval.
        (&[0, 0, 0, 1, 3, 3], vec![]),
        (&[0, 0, 3, 5], vec![all(2), by(Role::Keyholder, 1, 2)]),
    ] {
        assert_eq!(lacking(&policy, 1_000, places), unmet, "{places:?}");
    }
    assert_eq!(lacking(&policy, 999, &[4]), []);
    assert_eq!(lacking(&policy, 999, &[5]), [Unmet::ApprovalsMissing { have: 0, need: 1 }]);
}

#[test]
fn one_person_with_two_roles_does_not_stand_in_for_two() {
    let roles = [BOTH, K];
    let members = Members { roles: &roles, threshold: 1, network: Network::Regtest };
    let policy = tiered(vec![tier(1_000, 2, &[(Role::Approver, 1), (Role::Keyholder, 1)])]);
    let policy = CheckedPolicy::new(&policy, members).unwrap();
    let one = Approver { member: MemberId([1; 32]), roles: BOTH };
    let other = Approver { member: MemberId([2; 32]), roles: K };
    let payment = Leaving { amount: Amount::from_sat(1_000), recipients: Vec::new(), recovery: None };
    assert_eq!(policy.judge(&payment, &[one]), [Unmet::ApprovalsMissing { have: 1, need: 2 }]);
    assert_eq!(policy.judge(&payment, &[one, other]), []);
}

#[test]
fn a_recovery_asks_for_no_more_consents_than_signatures() {
    let policy = checked(&tiered(vec![tier(1_000, 4, &[(Role::Approver, 1)])]));
    let by_recovery =
        |signatures| Leaving { amount: Amount::from_sat(1_000), recipients: Vec::new(), recovery: Some(signatures) };
    assert_eq!(policy.judge(&by_recovery(2), &approvers(&[0])), [Unmet::ApprovalsMissing { have: 1, need: 2 }]);
    assert_eq!(policy.judge(&by_recovery(2), &approvers(&[0, 1])), []);
    assert_eq!(policy.judge(&by_recovery(9), &approvers(&[0])), [Unmet::ApprovalsMissing { have: 1, need: 4 }]);
}

#[test]
fn a_policy_that_its_members_cannot_live_by_is_refused_by_name() {
    let from = Sat(1_000);
    let one = |approvals, by: &[(Role, u32)]| tiered(vec![tier(1_000, approvals, by)]);
    let order = |from| PolicyFault::TierOrder { from: Sat(from) };
    for (policy, expected) in [
        (Policy::plain(0), PolicyFault::Approvals { found: 0, most: 5 }),
        (Policy::plain(6), PolicyFault::Approvals { found: 6, most: 5 }),
        (tiered(vec![tier(0, 2, &[])]), order(0)),
        (tiered(vec![tier(5, 2, &[]), tier(5, 2, &[])]), order(5)),
        (tiered(vec![tier(5, 2, &[]), tier(4, 2, &[])]), order(4)),
        (tiered(vec![tier(2_100_000_000_000_001, 2, &[])]), order(2_100_000_000_000_001)),
        (one(0, &[]), PolicyFault::TierApprovals { from, found: 0, most: 5 }),
        (one(6, &[]), PolicyFault::TierApprovals { from, found: 6, most: 5 }),
        (one(2, &[(Role::Auditor, 1)]), PolicyFault::TierRole { from, role: Role::Auditor }),
        (one(3, &[(Role::Approver, 1), (Role::Approver, 1)]), PolicyFault::TierRole { from, role: Role::Approver }),
        (one(2, &[(Role::Approver, 0)]), PolicyFault::TierCount { from, role: Role::Approver, found: 0, most: 2 }),
        (one(4, &[(Role::Approver, 3)]), PolicyFault::TierCount { from, role: Role::Approver, found: 3, most: 2 }),
        (one(2, &[(Role::Approver, 1), (Role::Keyholder, 2)]), PolicyFault::TierSum { from, sum: 3, approvals: 2 }),
        (Policy { approvals: 2, ..one(1, &[]) }, PolicyFault::TierWeaker { from }),
        (
            tiered(vec![tier(500, 2, &[(Role::Approver, 1)]), tier(1_000, 3, &[(Role::Keyholder, 3)])]),
            PolicyFault::TierWeaker { from },
        ),
        (
            tiered((1..=TIERS_LIMIT as u64 + 1).map(|from| tier(from, 2, &[])).collect()),
            PolicyFault::TooManyTiers { found: TIERS_LIMIT + 1 },
        ),
        (Policy { release: Some(0), ..Policy::plain(1) }, PolicyFault::Release { found: 0, most: 3 }),
        (Policy { release: Some(4), ..Policy::plain(1) }, PolicyFault::Release { found: 4, most: 3 }),
    ] {
        assert_eq!(fault(policy.clone()), expected, "{policy:?}");
    }
    // The largest that can be.
    let tiers = (1..=TIERS_LIMIT as u64).map(|from| tier(from, 5, &[(Role::Approver, 2), (Role::Keyholder, 3)]));
    checked(&tiered(tiers.collect()));
    checked(&tiered(vec![tier(Amount::MAX_MONEY.to_sat(), 2, &[])]));
    assert_eq!(checked(&Policy { release: Some(3), ..Policy::plain(5) }).release(), 3);
    assert_eq!(checked(&Policy::plain(1)).release(), 2, "as many as sign a payment");
}

// ---- destinations ----

#[test]
fn addresses_are_judged_by_their_scripts() {
    let policy = Policy { allow: Some(addresses(&[1, 2])), deny: addresses(&[3]), ..Policy::plain(1) };
    let policy = checked(&policy);
    let judged = |scripts: &[ScriptBuf]| {
        let recipients = scripts.iter().map(|script| script.as_script()).collect();
        policy.judge_destinations(&Leaving { amount: Amount::ZERO, recipients, recovery: None })
    };
    let denied = |byte| Unmet::DestinationDenied { address: address(byte) };
    let not_allowed = |byte| Unmet::DestinationNotAllowed { address: address(byte) };
    assert_eq!(judged(&[script(1), script(2), script(1)]), []);
    assert_eq!(judged(&[]), [], "nothing is paid to anybody");
    assert_eq!(judged(&[script(1), script(4), script(4)]), [not_allowed(4)]);
    assert_eq!(judged(&[script(3)]), [denied(3), not_allowed(3)]);
    // What has no address is on no list.
    let data = ScriptBuf::new_op_return([7; 4]);
    assert_eq!(judged(std::slice::from_ref(&data)), [Unmet::DestinationNotAllowed { address: data.to_hex_string() }]);
    // One list without the other.
    let only_denied = checked(&Policy { deny: addresses(&[3]), ..Policy::plain(1) });
    let to = |byte| Leaving {
        amount: Amount::ZERO,
        recipients: vec![Box::leak(Box::new(script(byte))).as_script()],
        recovery: None,
    };
    assert_eq!(only_denied.judge_destinations(&to(9)), []);
    assert_eq!(only_denied.judge_destinations(&to(3)), [denied(3)]);
    let nobody = checked(&Policy { allow: Some(Vec::new()), ..Policy::plain(1) });
    assert_eq!(nobody.judge_destinations(&to(1)), [not_allowed(1)]);
}

#[test]
fn a_list_has_one_form() {
    let foreign = Address::from_script(&script(1), Network::Bitcoin).unwrap().to_string();
    let upper = address(1).to_uppercase();
    assert_eq!(normal_address(&upper, Network::Regtest), Some(address(1)));
    assert_eq!(normal_address(&foreign, Network::Regtest), None);
    for wrong in [foreign, upper, "nonsense".to_owned(), "x".repeat(2_000)] {
        let found = fault(Policy { deny: vec![wrong.clone()], ..Policy::plain(1) });
        let PolicyFault::Address { list: "deny", address, network: Network::Regtest } = found else {
            panic!("{found}")
        };
        assert!(wrong.starts_with(&address) && address.len() <= 100);
    }
    let mut backwards = addresses(&[1, 2]);
    backwards.reverse();
    let (twice, many) = (vec![address(1), address(1)], vec![address(1); ADDRESSES_LIMIT + 1]);
    for list in [backwards, twice, many] {
        let policy = Policy { allow: Some(list), ..Policy::plain(1) };
        assert_eq!(fault(policy), PolicyFault::List { list: "allow" });
    }
    let both = Policy { allow: Some(addresses(&[1, 2])), deny: addresses(&[2, 3]), ..Policy::plain(1) };
    assert_eq!(fault(both), PolicyFault::OnBothLists { address: address(2) });
    let longest: BTreeSet<String> = (0..ADDRESSES_LIMIT as u16)
        .map(|number| {
            let mut hash = [0; 20];
            hash[..2].copy_from_slice(&number.to_le_bytes());
            let script = ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array(hash));
            Address::from_script(&script, Network::Regtest).unwrap().to_string()
        })
        .collect();
    checked(&Policy { deny: longest.into_iter().collect(), ..Policy::plain(1) });
}

// ---- properties ----

static SAMPLE: LazyLock<Policy> = LazyLock::new(|| Policy {
    deny: addresses(&[3]),
    ..tiered(vec![
        tier(1_000, 2, &[]),
        tier(5_000, 3, &[(Role::Approver, 1)]),
        tier(9_000, 5, &[(Role::Approver, 2), (Role::Keyholder, 3)]),
    ])
});

/// How much is lacking: the sum of what each condition lacks; a destination cannot be made up for.
fn weight(unmet: &[Unmet]) -> u32 {
    let lacks = |it: &Unmet| match it {
        Unmet::ApprovalsMissing { have, need } | Unmet::RoleApprovalsMissing { have, need, .. } => need - have,
        _ => 1_000,
    };
    unmet.iter().map(lacks).sum()
}

/// Any policy of the form, possible or not.
fn any_policy() -> impl Strategy<Value = Policy> {
    let role = prop_oneof![Just(Role::Keyholder), Just(Role::Approver)];
    let by = prop::collection::vec((role, 0..3_u32), 0..3);
    let tiers = prop::collection::vec((1..10_000_u64, 0..6_u32, by), 0..4);
    let list = |seed: std::ops::Range<u8>| prop::collection::vec(seed, 0..4).prop_map(|bytes| addresses(&bytes));
    (0..6_u32, tiers, prop::option::of(list(0..5)), list(5..9), prop::option::of(0..5_u32)).prop_map(
        |(approvals, tiers, allow, deny, release)| {
            let tiers = tiers.into_iter().map(|(from, approvals, by)| tier(from, approvals, &by)).collect();
            Policy { approvals, tiers, allow, deny, release }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn more_approvals_never_make_it_worse_and_their_order_never_matters(
        sat in 0..12_000_u64,
        places in prop::collection::vec(0..6_usize, 0..8),
        one_more in 0..6_usize,
        to in 0..6_u8,
    ) {
        let policy = checked(&SAMPLE);
        let script = script(to);
        let payment = Leaving { amount: Amount::from_sat(sat), recipients: vec![script.as_script()], recovery: None };
        let judge = |places: &[usize]| policy.judge(&payment, &approvers(places));
        let before = judge(&places);
        let mut more = places.clone();
        more.push(one_more);
        prop_assert!(weight(&judge(&more)) <= weight(&before));
        let mut backwards = more.clone();
        backwards.reverse();
        prop_assert_eq!(judge(&backwards), judge(&more));
        // Everybody is always enough: a policy that was taken can be lived by.
        let everybody = judge(&[0, 1, 2, 3, 4]);
        prop_assert_eq!(everybody, policy.judge_destinations(&payment));
    }

    #[test]
    fn a_policy_that_is_taken_asks_for_more_from_larger_payments_and_never_for_the_impossible(
        policy in any_policy(), small in 0..12_000_u64, more in 0..12_000_u64,
        places in prop::collection::vec(0..6_usize, 0..6),
    ) {
        let Ok(policy) = CheckedPolicy::new(&policy, club()) else { return Ok(()) };
        let judge = |sat| lacking(&policy, sat, &places);
        prop_assert!(weight(&judge(small)) <= weight(&judge(small + more)));
        prop_assert_eq!(lacking(&policy, small, &[0, 1, 2, 3, 4]), []);
        prop_assert!((1..=3).contains(&policy.release()));
    }
}

// ---- in a configuration ----

static RATIFIED: LazyLock<Configuration> =
    LazyLock::new(|| support::active_by(0).0[0].vault.active().unwrap().configuration.clone());

fn configuration(alter: impl FnOnce(&mut Configuration)) -> String {
    let mut it = RATIFIED.clone();
    alter(&mut it);
    it.to_json()
}

fn parse(json: &str) -> Result<CheckedConfiguration, ConfigurationFault> {
    CheckedConfiguration::parse(json, conclave_shared::VaultId([42; 32]))
}

#[test]
fn rules_0_keep_their_form() {
    let old = configuration(|_| {});
    assert!(old.contains(r#""policy":{"approvals":2},"#) && old.contains(r#""rules":0"#), "{old}");
    parse(&old).unwrap();
    // The same under rules 1, and with everything that came with them.
    parse(&old.replace(r#""rules":0"#, r#""rules":1"#)).unwrap();
    let newer = parse(&old.replace(r#""rules":0"#, r#""rules":2"#)).unwrap_err();
    assert_eq!(newer, ConfigurationFault::Rules { found: 2 });
    // Not even an empty field of later rules.
    for more in
        [r#""tiers":[]"#, r#""allow":null"#, r#""allow":[]"#, r#""deny":[]"#, r#""release":null"#, r#""release":2"#]
    {
        let json = old.replace(r#""approvals":2}"#, &format!(r#""approvals":2,{more}}}"#));
        assert!(matches!(parse(&json), Err(ConfigurationFault::Malformed { .. })), "{json}");
        parse(&json.replace(r#""rules":0"#, r#""rules":1"#)).unwrap();
    }
    let tiers = |rules| {
        configuration(|it| {
            it.rules = rules;
            it.policy.tiers = vec![tier(1_000, 3, &[])];
        })
    };
    assert!(matches!(parse(&tiers(0)), Err(ConfigurationFault::Malformed { .. })));
    let read = parse(&tiers(1)).unwrap();
    assert_eq!(read.policy.needs(Amount::from_sat(1_000)).approvals, 3);
    assert_eq!(read.configuration.to_json(), tiers(1));
    let unknown = tiers(1).replace(r#""from""#, r#""until""#);
    assert!(matches!(parse(&unknown), Err(ConfigurationFault::Malformed { .. })));
}

// ---- in a vault ----

/// Ana proposes a change, Ben votes; all live by it.
fn change(people: &mut [Person], change: PolicyChange) {
    let proposed = people[0].act(Command::ProposeSuccessor { changes: vec![Change::Policy(change)] });
    tell(people, &proposed);
    let cfg = people[1].vault.successors()[0].cfg;
    let voted = people[1].act(Command::Vote { cfg, words: &roster_words(cfg).join(" ") });
    tell(people, &voted);
    assert!(people.iter().all(|person| person.vault.active().unwrap().cfg == cfg));
}

fn blocked<T>(verdict: Verdict<T>) -> Vec<Unmet> {
    match verdict {
        Verdict::Allowed(_) => panic!("allowed"),
        Verdict::Blocked(unmet) => unmet,
    }
}

#[test]
fn what_leaves_is_what_is_paid_and_the_fee() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    // 60 000 sat are paid, 500 are the fee: 60 500 leave, 39 500 come back.
    let (_, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    for (from, need) in [(60_500, 3), (60_501, 2)] {
        let tiers = Some(vec![tier(from, 3, &[])]);
        change(&mut people, PolicyChange { tiers, ..PolicyChange::default() });
        let proposed = people[0].act(support::propose(proposal.clone()));
        tell(&mut people, &proposed);
        let unmet = blocked(guard::sign(&people[1].vault, proposed[0].id, &evidence).unwrap());
        assert_eq!(unmet, [Unmet::ApprovalsMissing { have: 0, need }]);
        let rejected = people[0].act(Command::Reject { proposal: proposed[0].id });
        tell(&mut people, &rejected);
    }
    // Without the claim that it is change, everything leaves.
    let unclaimed = Proposal { change: None, ..proposal };
    let active = people[0].vault.active().unwrap();
    let all = unclaimed.check(people[0].vault.id(), active).unwrap();
    assert_eq!(Leaving::of(&all, active).amount, Amount::from_sat(100_000));
    assert_eq!(Leaving::of(&all, active).recipients.len(), 2);
}

#[test]
fn what_the_policy_denies_is_neither_proposed_nor_approved_nor_signed() {
    let (mut people, _) = active();
    let (coin, evidence) = deposit(&people[0].vault, 100_000);
    let (transaction, proposal) = payment(&people[0].vault, coin, 100_000, 60_000, 500);
    let stranger = Address::from_script(&transaction.output[0].script_pubkey, Network::Regtest).unwrap().to_string();
    change(&mut people, PolicyChange { deny: vec![stranger.to_uppercase()], ..PolicyChange::default() });
    let policy = people[2].vault.active().unwrap().configuration.policy.clone();
    assert_eq!(policy, Policy { deny: vec![stranger.clone()], ..Policy::plain(2) });
    let denied = Unmet::DestinationDenied { address: stranger.clone() };
    let verdict = people[0].vault.decide(support::propose(proposal.clone())).unwrap();
    assert_eq!(blocked(verdict), std::slice::from_ref(&denied));
    // Somebody proposes and approves it all the same.
    let proposed = people[2].write(Action::Proposed(proposal.clone()));
    let id = proposed.id;
    tell(&mut people, &[proposed]);
    let digest = people[2].vault.proposal(id).unwrap().checked.digest;
    for number in [0, 1, 2] {
        let verdict = people[number].vault.decide(Command::Approve { proposal: id, evidence: &evidence }).unwrap();
        assert_eq!(blocked(verdict), std::slice::from_ref(&denied));
        let approved = Action::Approved(conclave_domain::action::Approved { proposal: id, digest });
        let approved = people[number].write(approved);
        tell(&mut people, &[approved]);
    }
    assert_eq!(blocked(guard::sign(&people[0].vault, id, &evidence).unwrap()), [denied]);
    let rejected = people[2].act(Command::Reject { proposal: id });
    tell(&mut people, &rejected);

    // Undenied, but another address alone is allowed; then this one too; then any.
    let undeny = vec![stranger.clone()];
    change(&mut people, PolicyChange { undeny, allow: vec![address(1)], ..PolicyChange::default() });
    let verdict = people[0].vault.decide(support::propose(proposal.clone())).unwrap();
    assert_eq!(blocked(verdict), [Unmet::DestinationNotAllowed { address: stranger.clone() }]);
    change(&mut people, PolicyChange { allow: vec![stranger.clone()], ..PolicyChange::default() });
    assert!(matches!(people[0].vault.decide(support::propose(proposal.clone())).unwrap(), Verdict::Allowed(_)));
    // The last address leaves the list: nobody can be paid, rather than everybody.
    change(&mut people, PolicyChange { disallow: vec![address(1), stranger], ..PolicyChange::default() });
    assert_eq!(people[0].vault.active().unwrap().configuration.policy.allow, Some(Vec::new()));
    assert_eq!(blocked(people[0].vault.decide(support::propose(proposal.clone())).unwrap()).len(), 1);
    change(&mut people, PolicyChange { allow_any: true, ..PolicyChange::default() });
    assert!(matches!(people[0].vault.decide(support::propose(proposal)).unwrap(), Verdict::Allowed(_)));
}

#[test]
fn a_change_that_cannot_be_made_is_refused_by_name() {
    let (people, _) = active();
    let refused = |change| {
        people[0].vault.decide(Command::ProposeSuccessor { changes: vec![Change::Policy(change)] }).unwrap_err()
    };
    let of = PolicyChange::default;
    let network = Network::Regtest;
    assert_eq!(
        refused(PolicyChange { deny: vec!["bc1nonsense".into()], ..of() }),
        CommandFault::Address { address: "bc1nonsense".into(), network }
    );
    assert_eq!(
        refused(PolicyChange { undeny: vec![address(1)], ..of() }),
        CommandFault::NotListed { address: address(1), list: "denied" }
    );
    assert_eq!(
        refused(PolicyChange { disallow: vec![address(1)], ..of() }),
        CommandFault::NotListed { address: address(1), list: "allowed" }
    );
    let contradiction = PolicyFault::OnBothLists { address: address(1) };
    assert_eq!(
        refused(PolicyChange { allow: vec![address(1)], deny: vec![address(1)], ..of() }),
        CommandFault::Configuration(contradiction.into())
    );
    assert_eq!(refused(PolicyChange { allow_any: true, ..of() }), CommandFault::NoChange);
    // There is no approver among these members.
    let tiers = Some(vec![tier(1_000, 2, &[(Role::Approver, 1)])]);
    let missing = PolicyFault::TierCount { from: Sat(1_000), role: Role::Approver, found: 1, most: 0 };
    assert_eq!(refused(PolicyChange { tiers, ..of() }), CommandFault::Configuration(missing.into()));
}

#[test]
fn the_organiser_chooses_the_first_policy_and_puts_up_no_other() {
    let policy = tiered(vec![tier(1_000, 3, &[(Role::Keyholder, 3)])]);
    let (mut people, _) = support::active_with(policy.clone());
    let first = people[1].vault.active().unwrap().configuration.clone();
    assert_eq!((first.rules, &first.policy), (1, &policy));
    // As good as never said: another one is void.
    let other = Configuration { policy: Policy::plain(1), ..first };
    let proposed = ConfigurationProposed { configuration: other.to_json() };
    let event = people[0].write(Action::ConfigurationProposed(proposed));
    tell(&mut people, std::slice::from_ref(&event));
    assert!(people[1].vault.void()[&event.id].to_string().contains("differs"));
    // What the places cannot give is not created.
    let impossible = Some(tiered(vec![tier(1_000, 3, &[(Role::Approver, 1)])]));
    let mut created = people[0].vault.creation().unwrap().1.clone();
    assert!(conclave_domain::vault::Vault::create(created.clone()).is_ok());
    created.policy = impossible;
    let missing = PolicyFault::TierCount { from: Sat(1_000), role: Role::Approver, found: 1, most: 0 };
    let fault = conclave_domain::vault::Vault::create(created.clone()).unwrap_err();
    assert_eq!(fault, CommandFault::Configuration(missing.into()));
    (created.policy, created.rules) = (Some(policy), 0);
    let fault = conclave_domain::vault::Vault::create(created).unwrap_err();
    assert_eq!(fault, CommandFault::Configuration(ConfigurationFault::Foreign { field: "policy" }));
}
