//! Each thing that can happen, said once, and nothing about what its owner did.

use conclave_shared::request::{CreateVault, Reply, Request};
use conclave_shared::view::{FreezeView, RecipientView, SignatureView, SuccessorView};
use conclave_shared::{Cfg, Digest, MemberId};

use super::*;
use crate::installation::Installation;
use crate::store::Store;

const ME: MemberId = MemberId([1; 32]);
const BEN: MemberId = MemberId([2; 32]);
const PAYMENT: EventId = EventId([7; 32]);
const CFG: Cfg = Cfg([8; 32]);

/// A vault as an installation shows it, with little in it.
fn vault() -> VaultView {
    let mut installation = Installation::open(Store::in_memory().unwrap()).unwrap();
    let create = Request::CreateVault(CreateVault {
        name: "Treasury".to_owned(),
        member: "Ana".to_owned(),
        template: None,
        place: None,
        threshold: 2,
        keyholders: 3,
        approvers: 0,
        auditors: 0,
        own_relay: false,
        relays: vec!["ws://127.0.0.1:9".to_owned()],
        chain: "tcp://127.0.0.1:9".to_owned(),
        invitation_seconds: 60,
        policy: None,
        script: None,
        recovery: None,
    });
    assert!(matches!(installation.ask(create, 1_000), Reply::Created { .. }));
    let Reply::Vaults { mut vaults, .. } = installation.ask(Request::ListVaults, 1_000) else { panic!() };
    let mut vault = vaults.remove(0);
    vault.me = ME;
    vault.balance.confirmed = Sat(1_000_000);
    vault
}

/// A payment of 200 000 sat with a fee of 500 sat.
fn payment(proposer: MemberId, status: ProposalStatus) -> ProposalView {
    let json = serde_json::json!({
        "proposal": PAYMENT, "proposer": proposer, "purpose": "<b>rent</b>",
        "recipients": [RecipientView { address: "bcrt1q".to_owned(), amount: Sat(200_000) }],
        "change": 0, "fee": 500, "fee_rate_milli": 1_000, "fee_per_mille": 2, "coins": [], "holds": true,
        "expires_ms": null, "replaces": null, "replacement": null, "replaced_by": [], "txid": "",
        "digest": Digest([0; 32]), "status": status, "approved_by": [], "rejected_by": [], "signed_by": [],
        "approvals": [], "leaves": 200_500, "rule": "", "unmet": [], "conditions": [], "confirmed_height": null,
    });
    serde_json::from_value(json).unwrap()
}

fn freeze(by: MemberId, stands: bool) -> FreezeView {
    let (name, reason, votes) = (String::new(), String::new(), Vec::new());
    FreezeView { freeze: EventId([9; 32]), by, name, since_ms: 5, reason, stands, admitted: true, votes, need: 2 }
}

fn successor(proposer: MemberId) -> SuccessorView {
    let (votes, changes, differences) = (Vec::new(), Vec::new(), Vec::new());
    SuccessorView { cfg: CFG, round: 0, proposer, votes, have: 1, need: 2, changes, differences }
}

/// What is said of a change that both closures make: the first to the view before, the second to the view after it.
fn said(first: impl Fn(&mut VaultView), then: impl Fn(&mut VaultView)) -> Vec<String> {
    let mut before = vault();
    first(&mut before);
    let mut after = before.clone();
    then(&mut after);
    let notices = news(&[before], &[after], &Notify::default(), Unit::Sat, Language::English);
    notices.into_iter().map(|it| format!("{} | {}", it.title, it.body)).collect()
}

fn nothing(_: &mut VaultView) {}

#[test]
fn what_waits_for_me_is_said_once_and_not_of_what_i_proposed() {
    let approve = |by: MemberId| {
        move |view: &mut VaultView| {
            view.proposals = vec![payment(by, ProposalStatus::Proposed)];
            view.waits = vec![WaitView::Approve { proposal: PAYMENT }];
        }
    };
    assert_eq!(
        said(nothing, approve(BEN)),
        ["Conclave: Treasury | A payment of 200 000 sat was proposed and waits for your approval."]
    );
    assert_eq!(said(nothing, approve(ME)), [""; 0]);
    assert_eq!(said(approve(BEN), nothing), [""; 0], "it waited before");

    let sign = |approved_by: MemberId| {
        move |view: &mut VaultView| {
            view.proposals = vec![payment(BEN, ProposalStatus::Approved)];
            view.proposals[0].approved_by = vec![approved_by];
            view.waits = vec![WaitView::Sign { proposal: PAYMENT }];
        }
    };
    let waits = ["Conclave: Treasury | A payment of 200 000 sat waits for your signature."];
    assert_eq!(said(approve(BEN), sign(BEN)), waits);
    assert_eq!(said(approve(BEN), sign(ME)), [""; 0], "my own approval made it so");
}

#[test]
fn what_becomes_of_a_payment_is_said() {
    let with = |status: ProposalStatus, balance: u64, signer: Option<MemberId>| {
        move |view: &mut VaultView| {
            view.proposals = vec![payment(BEN, status)];
            view.proposals[0].signatures = signer.map(|member| SignatureView { member, ms: 5 }).into_iter().collect();
            view.balance.confirmed = Sat(balance);
        }
    };
    use ProposalStatus::{Broadcast, Confirmed, Replaced, Signed};
    let sent = ["Conclave: Treasury | A payment of 200 000 sat was sent."];
    let confirmed = ["Conclave: Treasury | A payment of 200 000 sat is confirmed."];
    assert_eq!(said(with(Signed, 1_000_000, None), with(Broadcast, 799_500, Some(BEN))), sent);
    assert_eq!(said(with(Signed, 1_000_000, None), with(Broadcast, 799_500, Some(ME))), [""; 0]);
    assert_eq!(said(with(Broadcast, 799_500, None), with(Confirmed, 799_500, None)), confirmed);
    assert_eq!(said(with(Signed, 1_000_000, None), with(Confirmed, 799_500, None)), confirmed);
    assert_eq!(said(with(Confirmed, 799_500, None), with(Broadcast, 799_500, None)), [""; 0], "a block was undone");
    assert_eq!(said(with(Broadcast, 799_500, None), with(Replaced, 1_000_000, None)), [""; 0], "its coins came back");
}

#[test]
fn a_deposit_is_what_came_in_and_nothing_that_came_back() {
    let balance = |sat: u64| move |view: &mut VaultView| view.balance.unconfirmed = Sat(sat);
    assert_eq!(said(nothing, balance(70_000)), ["Conclave: Treasury | A deposit of 70 000 sat arrived."]);
    assert_eq!(said(balance(70_000), nothing), [""; 0]);
    let confirmed = |view: &mut VaultView| {
        (view.balance.confirmed, view.balance.unconfirmed) = (Sat(1_070_000), Sat(0));
    };
    assert_eq!(said(balance(70_000), confirmed), [""; 0], "it was there before its block");
    // The chain shows a payment before its proposal comes: no money has come in by that.
    let spent = |view: &mut VaultView| view.balance.confirmed = Sat(799_500);
    let told = |view: &mut VaultView| view.proposals = vec![payment(BEN, ProposalStatus::Broadcast)];
    assert_eq!(said(spent, told), ["Conclave: Treasury | A payment of 200 000 sat was sent."]);
    // Both at once.
    let signed = |view: &mut VaultView| view.proposals = vec![payment(BEN, ProposalStatus::Signed)];
    let both = |view: &mut VaultView| {
        view.proposals = vec![payment(BEN, ProposalStatus::Broadcast)];
        view.balance.confirmed = Sat(799_500 + 30_000);
    };
    assert_eq!(said(signed, both).len(), 2);
    assert!(said(signed, both)[1].contains("deposit of 30 000 sat"));
}

#[test]
fn freezes_votes_and_words_are_said() {
    let freezes = |by, stands| move |view: &mut VaultView| view.freezes = vec![freeze(by, stands)];
    assert_eq!(said(nothing, freezes(BEN, true)), ["Conclave: Treasury | All payments are frozen."]);
    assert_eq!(said(nothing, freezes(ME, true)), [""; 0]);
    assert_eq!(said(freezes(BEN, true), freezes(BEN, false)), [""; 0]);
    assert_eq!(said(nothing, freezes(BEN, false)), [""; 0], "it was over before it was heard of");

    let vote = |by: MemberId| {
        move |view: &mut VaultView| {
            (view.successors, view.waits) = (vec![successor(by)], vec![WaitView::Vote { cfg: CFG }]);
        }
    };
    assert_eq!(said(nothing, vote(BEN)), ["Conclave: Treasury | A change of the vault waits for your vote."]);
    assert_eq!(said(nothing, vote(ME)), [""; 0]);
    let compare = |view: &mut VaultView| view.waits = vec![WaitView::Ratify { cfg: CFG }];
    let words = "Conclave: Treasury | Twelve words wait to be compared with the other members.";
    assert_eq!(said(nothing, compare), [words]);
}

#[test]
fn kind_amount_and_vault_can_each_be_hidden() {
    let before = vault();
    let mut after = before.clone();
    after.balance.unconfirmed = Sat(1_234_567);
    after.freezes = vec![freeze(BEN, true)];
    let said = |kind, amount, vault, unit, language| {
        let notify = Notify { on: true, kind, amount, vault };
        let notices = news(std::slice::from_ref(&before), std::slice::from_ref(&after), &notify, unit, language);
        notices.into_iter().map(|it| format!("{} | {}", it.title, it.body)).collect::<Vec<_>>()
    };
    let (en, ru, cs) = (Language::English, Language::Russian, Language::Czech);
    let shown = said(true, true, true, Unit::Btc, en);
    assert_eq!(shown[1], "Conclave: Treasury | A deposit of 0.012 345 67 BTC arrived.");
    assert_eq!(said(true, false, true, Unit::Btc, en)[1], "Conclave: Treasury | A deposit arrived.");
    assert_eq!(said(true, true, false, Unit::Sat, en)[1], "Conclave | A deposit of 1 234 567 sat arrived.");
    for language in [en, ru, cs] {
        for (at, line) in said(false, false, false, Unit::Btc, language).into_iter().enumerate() {
            assert!(line.starts_with("Conclave | ") && !line.contains("0.0") && !line.contains("Treasury"), "{line}");
            assert_ne!(line, said(true, false, false, Unit::Btc, language)[at]);
        }
        assert!(said(false, true, false, Unit::Btc, language)[1].contains("0.012 345 67 BTC"));
    }
    let off = Notify { on: false, ..Notify::default() };
    assert_eq!(news(&[before], &[after], &off, Unit::Btc, en), []);
}

#[test]
fn a_vault_that_is_new_here_is_no_news_and_much_at_once_is_one_line() {
    let mut after = vault();
    after.freezes = vec![freeze(BEN, true)];
    let notify = Notify::default();
    assert_eq!(news(&[], &[after], &notify, Unit::Btc, Language::English), []);
    let vaults = |frozen: bool| -> Vec<VaultView> {
        let numbered = |number: u8| {
            let mut vault = vault();
            vault.vault.0 = [number; 32];
            vault.freezes = frozen.then(|| freeze(BEN, true)).into_iter().collect();
            vault
        };
        (0..7).map(numbered).collect()
    };
    for (language, body) in [
        (Language::English, "7 things happened. Open Conclave to see them."),
        (Language::Russian, "Произошло 7 событий. Откройте Conclave, чтобы увидеть их."),
        (Language::Czech, "Stalo se 7 věcí. Otevřete Conclave a podívejte se."),
    ] {
        let notices = news(&vaults(false), &vaults(true), &notify, Unit::Btc, language);
        assert_eq!(notices, [Notice { title: "Conclave".to_owned(), body: body.to_owned() }]);
    }
}

#[test]
fn every_message_is_there_in_every_language() {
    let amount = Sat(5);
    let all = [
        News::Approve(amount),
        News::Sign(amount),
        News::Sent(amount),
        News::Confirmed(amount),
        News::Deposit(amount),
        News::Frozen,
        News::Vote,
        News::Compare,
    ];
    for language in Language::ALL {
        let messages = Messages::of(language);
        let mut keys: Vec<String> =
            ["title", "title-vault", "something", "something-amount", "many"].map(|it| format!("notice-{it}")).into();
        for news in all {
            let (key, amount) = news.said();
            keys.push(key.to_owned());
            keys.extend(amount.map(|_| format!("{key}-amount")));
        }
        for key in keys {
            assert!(messages.has(&key), "{key} in {language:?}");
        }
    }
}

#[test]
fn a_name_that_somebody_chose_is_one_plain_line() {
    assert_eq!(in_title("Our <b>club</b> & co"), "Our  b club /b    co");
    assert_eq!(in_title("a\nb\u{202e}c"), "a\\u{a}b\\u{202e}c");
    assert_eq!(in_title(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
}
