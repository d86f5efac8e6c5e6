//! Payments in the hands of several machines: chosen coins, all that there is, fees that turn out too low, payments taken
//! back, time that runs out, and a chain that changes its mind. What is finished passes bitcoin's own rules: the practice
//! chain runs Bitcoin Core's script code and BIP125.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use bitcoin::{Amount, OutPoint, Transaction, Txid};
use conclave_shared::request::{
    FailureKind, ListCoins, OnCoin, OnProposal, OnVault, Propose, Reply, Reprice, Request, SpeedUp,
};
use conclave_shared::view::{CoinView, ProposalView};
use conclave_shared::{ProposalStatus, ReplacementKind, Sat, Unmet};
use network::Weather;
use party::{Homes, Party, payment, reached, recipient, until};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
/// Everybody, with the auditor.
const ALL: [usize; 4] = [ANA, BEN, CLEO, 3];

/// What is deposited, in sat.
const DEPOSIT: u64 = 50_000_000;
/// What is paid, in sat.
const PAYMENT: u64 = 12_500_000;

/// A vault of Ana, Ben and Cleo with an auditor, in fair weather; Cleo's installation is in a folder.
fn vault() -> Party {
    let mut party = Party::new(2, Homes::Memory, 41, Weather::FAIR);
    party.admit("Cleo", Homes::Folders);
    party.admit("Dora", Homes::Memory);
    party.found(2, 3);
    party
}

/// A proposal that `among` come to know.
fn put_up(party: &mut Party, who: usize, request: Request, among: &[usize]) -> (OnProposal, ProposalView) {
    let Reply::Proposal(view) = party.done(who, request) else { panic!("no proposal") };
    let on = OnProposal { vault: party.vault(), proposal: view.proposal };
    until(party, among, "the payment is known", |view| payment(view, on.proposal).is_some());
    (on, *view)
}

/// Two approve and sign; `among` then see it sent.
fn send(party: &mut Party, on: OnProposal, hands: [usize; 2], among: &[usize]) {
    for who in hands {
        party.done(who, Request::Approve(on));
    }
    until(party, &hands, "the payment is approved", reached(on, ProposalStatus::Approved));
    for who in hands {
        party.done(who, Request::Sign(on));
    }
    until(party, among, "the payment is sent", reached(on, ProposalStatus::Broadcast));
}

fn reprice(on: OnProposal, fee_rate: u64) -> Reprice {
    Reprice { vault: on.vault, proposal: on.proposal, fee_rate, fee_rate_milli: 0 }
}

fn coins(party: &mut Party, who: usize) -> Vec<CoinView> {
    let vault = party.vault();
    let request = Request::ListCoins(ListCoins { vault, after: None, limit: 500 });
    let Reply::Coins(view) = party.done(who, request) else { panic!("no coins") };
    assert!(view.count == view.coins.len() as u64 && !view.more);
    view.coins
}

/// An address outside the vault, by its name in requests.
fn outside() -> String {
    recipient(1).address
}

/// What the network holds of a transaction.
fn known(party: &Party, txid: &str) -> Option<Transaction> {
    let txid: Txid = txid.parse().unwrap();
    party.chain.with(|chain| chain.transaction(txid).cloned())
}

// ---- what is spent ----

#[test]
fn coins_are_chosen_frozen_and_spent_to_the_last_satoshi() {
    let mut party = vault();
    let deposits = [party.deposit(ANA, DEPOSIT), party.deposit(BEN, 2 * DEPOSIT), party.deposit(CLEO, 3 * DEPOSIT)];
    let [one, two, three] = deposits.map(|coin| coin.to_string());
    let vault = party.vault();
    let on_coin = |coin: &str| OnCoin { vault, coin: coin.to_owned() };
    assert_eq!(coins(&mut party, ANA).len(), 3);

    // Frozen: not chosen by the program, not even by hand; the others know nothing of it.
    party.done(CLEO, Request::FreezeCoin(on_coin(&three)));
    party.leave(CLEO);
    party.come_back(CLEO);
    let frozen: Vec<String> =
        coins(&mut party, CLEO).into_iter().filter(|it| it.frozen).map(|it| it.outpoint).collect();
    assert_eq!(frozen, std::slice::from_ref(&three), "it outlasts a restart");
    assert!(coins(&mut party, ANA).iter().all(|coin| !coin.frozen));
    let chosen = |coins: &[&String], all: Option<String>, to: Vec<_>| Propose {
        coins: coins.iter().map(|coin| (*coin).clone()).collect(),
        all,
        ..Propose::new(vault, to, 2, "Rent".to_owned())
    };
    let failure = party.failed(CLEO, Request::Propose(chosen(&[&three], Some(outside()), vec![])));
    assert!(failure.kind == FailureKind::Rule && failure.message.contains("is frozen here"), "{}", failure.message);
    let failure = party.failed(CLEO, Request::Propose(chosen(&[], None, vec![recipient(3 * DEPOSIT)])));
    let [Unmet::FundsMissing { have, .. }] = failure.unmet[..] else { panic!("{failure:?}") };
    assert_eq!(have, Sat(3 * DEPOSIT), "the two that are not frozen");

    // Exactly the chosen coin, although another would be enough.
    let request = Request::Propose(chosen(&[&two], None, vec![recipient(PAYMENT), recipient(PAYMENT)]));
    let (rent, view) = put_up(&mut party, ANA, request, &ALL);
    assert_eq!(view.coins.iter().map(|it| &it.outpoint).collect::<Vec<_>>(), [&two]);
    assert_eq!(view.change.0, 2 * DEPOSIT - 2 * PAYMENT - view.fee.0);
    assert_eq!(view.fee_per_mille, Some(0));
    let held = coins(&mut party, BEN).into_iter().find(|it| it.outpoint == two).unwrap();
    assert_eq!((held.held_by, held.held_until_ms), (Some(rent.proposal), view.expires_ms));
    let failure = party.failed(BEN, Request::Propose(chosen(&[&one, &two], Some(outside()), vec![])));
    assert_eq!(failure.unmet, [Unmet::CoinReserved { by: rent.proposal }]);
    for (wrong, kind) in [
        ("hello", FailureKind::Input),
        (&format!("{}:9", Txid::from_raw_hash(*deposits[0].txid.as_raw_hash())), FailureKind::Input),
    ] {
        let failure = party.failed(BEN, Request::Propose(chosen(&[&wrong.to_owned()], Some(outside()), vec![])));
        assert_eq!(failure.kind, kind, "{}", failure.message);
    }

    // All that is free to one address: nothing comes back. Cleo's frozen coin stays.
    let (all, view) = put_up(&mut party, CLEO, Request::Propose(chosen(&[], Some(outside()), vec![])), &ALL);
    assert_eq!(view.coins.iter().map(|it| &it.outpoint).collect::<Vec<_>>(), [&one]);
    assert_eq!((view.change, view.recipients.len()), (Sat(0), 1));
    assert_eq!(view.recipients[0].amount.0, DEPOSIT - view.fee.0);
    send(&mut party, rent, [ANA, BEN], &ALL);
    send(&mut party, all, [ANA, CLEO], &ALL);
    party.mine();
    until(&mut party, &ALL, "both are confirmed", |view| {
        reached(rent, ProposalStatus::Confirmed)(view) && reached(all, ProposalStatus::Confirmed)(view)
    });
    party.done(CLEO, Request::UnfreezeCoin(on_coin(&three)));
    let again = party.failed(CLEO, Request::UnfreezeCoin(on_coin(&three)));
    assert!(again.message.contains("is not frozen here"), "{}", again.message);
    let (_, view) = put_up(&mut party, CLEO, Request::Propose(chosen(&[], Some(outside()), vec![])), &ALL);
    assert_eq!(view.coins.len(), 2, "the last deposit, and the change");
}

#[test]
fn a_hundred_people_are_paid_at_once_and_fee_rates_have_decimals() {
    let mut party = vault();
    party.deposit(ANA, DEPOSIT);
    let salaries = (0..100).map(|number| recipient(100_000 + number)).collect();
    let propose = Propose { fee_rate_milli: 250, ..Propose::new(party.vault(), salaries, 1, "Salaries".to_owned()) };
    let (batch, view) = put_up(&mut party, BEN, Request::Propose(propose), &ALL);
    assert_eq!(view.recipients.len(), 100);
    assert!((1_250..1_260).contains(&view.fee_rate_milli), "{}", view.fee_rate_milli);
    send(&mut party, batch, [BEN, CLEO], &ALL);
    let sent = known(&party, &view.txid).unwrap();
    assert_eq!(sent.output.len(), 101);
    let (fee, vsize) = (view.fee.0, sent.vsize() as u64);
    assert!(fee * 100 >= vsize * 125 && fee * 100 < vsize * 127, "{fee} sat for {vsize} vB");
}

// ---- replacing ----

#[test]
fn a_fee_is_bumped_while_somebody_is_away() {
    let mut party = vault();
    let coin = party.deposit(ANA, DEPOSIT);
    party.settle();
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 1, "Rent".to_owned()));
    let (slow, old) = put_up(&mut party, ANA, request, &ALL);
    send(&mut party, slow, [ANA, BEN], &ALL);
    party.leave(CLEO);
    let here = [ANA, BEN, 3];

    let low = party.failed(BEN, Request::BumpPayment(reprice(slow, 1)));
    assert!(low.message.contains("(replacement-unpaid)"), "{}", low.message);
    let (fast, new) = put_up(&mut party, BEN, Request::BumpPayment(reprice(slow, 8)), &here);
    assert_eq!((new.replaces, new.replacement), (Some(slow.proposal), Some(ReplacementKind::FeeBump)));
    assert_eq!((&new.recipients, &new.coins), (&old.recipients, &old.coins));
    assert!(new.fee > old.fee && new.change.0 + new.fee.0 == old.change.0 + old.fee.0, "the change pays it");
    assert!(new.approved_by.is_empty() && new.txid != old.txid);
    // Who signed the old one signs this one too; it takes the old one's place in the network.
    send(&mut party, fast, [ANA, BEN], &here);
    assert!(known(&party, &old.txid).is_none() && known(&party, &new.txid).is_some());
    let view = party.view(ANA);
    let shown = payment(&view, slow.proposal).unwrap();
    assert_eq!((shown.status, &shown.replaced_by[..]), (ProposalStatus::Replaced, &[fast.proposal][..]));
    assert!(view.trouble.is_none(), "{:?}", view.trouble);
    // Nobody tries to send the old one again.
    party.pass(60_000);
    assert!(party.refusals.is_empty());
    party.mine();
    party.come_back(CLEO);
    until(&mut party, &ALL, "the new one is confirmed", reached(fast, ProposalStatus::Confirmed));
    until(&mut party, &ALL, "the old one is over", reached(slow, ProposalStatus::Replaced));
    let ended = party.failed(CLEO, Request::Sign(slow));
    assert!(ended.unmet.contains(&Unmet::Ended), "{ended:?}");
    let over = party.failed(CLEO, Request::BumpPayment(reprice(slow, 20)));
    assert!(over.message.contains("there is nothing to replace"), "{}", over.message);
    assert_eq!(party.spenders(coin).len(), 1);
    party.settle();
    assert!(ALL.iter().all(|who| party.view(*who).void == 0));
}

#[test]
fn a_payment_of_everything_is_bumped_with_another_coin() {
    let mut party = vault();
    party.deposit(ANA, DEPOSIT);
    let all = Propose { all: Some(outside()), ..Propose::new(party.vault(), vec![], 1, String::new()) };
    let (slow, old) = put_up(&mut party, ANA, Request::Propose(all), &ALL);
    let poor = party.failed(ANA, Request::BumpPayment(reprice(slow, 5)));
    assert!(matches!(poor.unmet[..], [Unmet::FundsMissing { .. }]), "{poor:?}");
    party.deposit(BEN, DEPOSIT);
    let (fast, new) = put_up(&mut party, ANA, Request::BumpPayment(reprice(slow, 5)), &ALL);
    assert_eq!((new.recipients.clone(), new.coins.len()), (old.recipients, 2));
    assert_eq!(new.change.0, DEPOSIT - (new.fee.0 - old.fee.0));
    send(&mut party, fast, [BEN, CLEO], &ALL);
}

#[test]
fn a_payment_is_cancelled_after_it_was_sent() {
    let mut party = vault();
    let coin = party.deposit(ANA, DEPOSIT);
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 1, "Rent".to_owned()));
    let (rent, old) = put_up(&mut party, ANA, request, &ALL);
    send(&mut party, rent, [ANA, BEN], &ALL);
    let (cancel, new) = put_up(&mut party, CLEO, Request::CancelPayment(reprice(rent, 6)), &ALL);
    assert_eq!((new.replacement, new.recipients.len()), (Some(ReplacementKind::Cancel), 0));
    assert_eq!((new.change.0, new.purpose.as_str()), (DEPOSIT - new.fee.0, "cancels: Rent"));
    assert_eq!(new.fee_per_mille, None, "nothing leaves");
    send(&mut party, cancel, [BEN, CLEO], &ALL);
    party.mine();
    until(&mut party, &ALL, "it is cancelled", reached(cancel, ProposalStatus::Confirmed));
    for who in ALL {
        let view = party.view(who);
        assert_eq!(view.balance.confirmed.0, DEPOSIT - new.fee.0);
        assert_eq!(payment(&view, rent.proposal).unwrap().status, ProposalStatus::Replaced);
    }
    let spenders: Vec<String> = party.spenders(coin).iter().map(ToString::to_string).collect();
    assert_eq!(spenders, [new.txid]);
    assert_ne!(old.txid, spenders[0]);
}

#[test]
fn a_child_pays_for_its_parent() {
    let mut party = vault();
    party.deposit(ANA, DEPOSIT);
    let vault = party.vault();
    let request = Request::Propose(Propose::new(vault, vec![recipient(PAYMENT)], 1, "Rent".to_owned()));
    let (rent, old) = put_up(&mut party, ANA, request, &ALL);
    let speed = |parent: String, fee_rate| Request::SpeedUp(SpeedUp { vault, parent, fee_rate, fee_rate_milli: 500 });
    let early = party.failed(BEN, speed(rent.proposal.to_string(), 9));
    assert!(early.message.contains("does not wait for a block"), "{}", early.message);
    send(&mut party, rent, [ANA, BEN], &ALL);
    let reached_already = party.failed(BEN, speed(rent.proposal.to_string(), 0));
    assert_eq!(reached_already.kind, FailureKind::Input, "less than 1 sat/vB is no fee rate");
    let (child, new) = put_up(&mut party, BEN, speed(rent.proposal.to_string(), 9), &ALL);
    assert!(new.recipients.is_empty() && new.replaces.is_none());
    assert_eq!(new.change.0 + new.fee.0, old.change.0, "it spends the change");
    send(&mut party, child, [ANA, CLEO], &ALL);
    let sizes: u64 = [&old.txid, &new.txid].map(|txid| known(&party, txid).unwrap().vsize() as u64).iter().sum();
    let (fees, rate) = (old.fee.0 + new.fee.0, 9_500);
    assert!(fees * 1_000 >= sizes * rate && fees * 1_000 < sizes * (rate + 300), "{fees} sat for {sizes} vB");
    party.mine();
    until(&mut party, &ALL, "both are confirmed", |view| {
        reached(rent, ProposalStatus::Confirmed)(view) && reached(child, ProposalStatus::Confirmed)(view)
    });

    // A deposit that pays too little is sped up by its txid.
    let Reply::Address { address, .. } = party.done(ANA, Request::IssueAddress(OnVault { vault })) else { panic!() };
    let script = address.parse::<bitcoin::Address<_>>().unwrap().assume_checked().script_pubkey();
    let deposit = party.chain.with(|chain| chain.fund(script, Amount::from_sat(DEPOSIT)).unwrap());
    until(&mut party, &ALL, "the deposit waits", |view| view.balance.unconfirmed.0 == DEPOSIT);
    let (child, _) = put_up(&mut party, CLEO, speed(deposit.to_string(), 20), &ALL);
    send(&mut party, child, [ANA, CLEO], &ALL);
    party.mine();
    until(&mut party, &ALL, "it is confirmed", reached(child, ProposalStatus::Confirmed));
    let late = party.failed(CLEO, speed(deposit.to_string(), 30));
    assert!(late.message.contains("does not wait for a block"), "{}", late.message);
}

// ---- time ----

#[test]
fn a_proposal_that_nobody_signs_lets_go_of_its_coins() {
    let mut party = vault();
    let coin = party.deposit(ANA, DEPOSIT).to_string();
    let hour = Propose {
        expires_seconds: Some(3_600),
        ..Propose::new(party.vault(), vec![recipient(PAYMENT)], 2, "Rent".to_owned())
    };
    for seconds in [0, 30 * 24 * 3_600 + 1, u64::MAX] {
        let propose = Propose { expires_seconds: Some(seconds), ..hour.clone() };
        assert!(party.failed(ANA, Request::Propose(propose)).message.starts_with("field expires_seconds: "));
    }
    let (stale, view) = put_up(&mut party, ANA, Request::Propose(hour), &ALL);
    assert_eq!(coins(&mut party, BEN)[0].held_by, Some(stale.proposal));
    party.done(ANA, Request::Approve(stale));
    party.settle();
    party.now_ms = view.expires_ms.unwrap() + 1;
    until(&mut party, &ALL, "it has expired", reached(stale, ProposalStatus::Expired));
    let late = party.failed(BEN, Request::Approve(stale));
    assert_eq!(late.unmet, [Unmet::Expired { at_ms: view.expires_ms.unwrap() }]);
    assert_eq!(coins(&mut party, BEN)[0].held_by, None);
    // The same coin pays something else.
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 2, "Wages".to_owned()));
    let (wages, view) = put_up(&mut party, BEN, request, &ALL);
    assert_eq!(view.coins[0].outpoint, coin);
    send(&mut party, wages, [ANA, BEN], &ALL);
    party.settle();
    assert!(ALL.iter().all(|who| party.view(*who).void == 0));
}

#[test]
fn a_proposal_is_taken_back_by_who_made_it() {
    let mut party = vault();
    party.deposit(ANA, DEPOSIT);
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 2, "Rent".to_owned()));
    let (rent, _) = put_up(&mut party, ANA, request, &ALL);
    let failure = party.failed(BEN, Request::Withdraw(rent));
    assert!(failure.kind == FailureKind::Rule && failure.message.contains("not withdrawn"), "{}", failure.message);
    party.done(ANA, Request::Withdraw(rent));
    until(&mut party, &ALL, "it is taken back", reached(rent, ProposalStatus::Rejected));
    let ana = party.id(ANA);
    assert_eq!(payment(&party.view(CLEO), rent.proposal).unwrap().rejected_by, [ana]);
    assert_eq!(coins(&mut party, CLEO)[0].held_by, None);
}

// ---- a chain that changes its mind ----

#[test]
fn a_block_that_is_undone_takes_a_payment_back_and_another_confirms_it() {
    let mut party = vault();
    party.deposit(ANA, DEPOSIT);
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 2, "Rent".to_owned()));
    let (rent, view) = put_up(&mut party, ANA, request, &ALL);
    send(&mut party, rent, [ANA, BEN], &ALL);
    party.mine();
    until(&mut party, &ALL, "it is confirmed", reached(rent, ProposalStatus::Confirmed));
    party.settle();
    let height = |party: &mut Party, who| payment(&party.view(who), rent.proposal).unwrap().confirmed_height;
    let said =
        |party: &mut Party| party.record(ANA).iter().filter(|line| line.contains(r#"\"type\":\"confirmed\""#)).count();
    let (first, told) = (height(&mut party, BEN).unwrap(), said(&mut party));
    assert_eq!(told, 4);
    // Undone, and the network's memory of it too: whoever has put it together sends it again.
    let txid: Txid = view.txid.parse().unwrap();
    party.chain.with(|chain| {
        chain.reorg(1).unwrap();
        assert!(chain.evict(txid));
        chain.mine(2);
    });
    until(&mut party, &ALL, "it waits again", reached(rent, ProposalStatus::Broadcast));
    assert!(known(&party, &view.txid).is_some(), "sent again");
    party.mine();
    until(&mut party, &ALL, "it is confirmed elsewhere", reached(rent, ProposalStatus::Confirmed));
    assert_eq!(height(&mut party, BEN), Some(first + 2));
    party.settle();
    assert_eq!(said(&mut party), told + 4, "everybody says once where it is now");
    party.pass(30_000);
    assert_eq!(said(&mut party), told + 4);
}

#[test]
fn a_payment_of_a_deposit_that_is_undone_waits_for_it() {
    let mut party = vault();
    let coin = party.deposit(ANA, DEPOSIT);
    let funding = party.chain.with(|chain| chain.transaction(coin.txid).cloned().unwrap());
    let request = Request::Propose(Propose::new(party.vault(), vec![recipient(PAYMENT)], 2, "Rent".to_owned()));
    let (rent, _) = put_up(&mut party, ANA, request, &ALL);
    for who in [ANA, BEN] {
        party.done(who, Request::Approve(rent));
    }
    until(&mut party, &ALL, "it is approved", reached(rent, ProposalStatus::Approved));
    party.chain.with(|chain| {
        chain.reorg(1).unwrap();
        assert!(chain.evict(coin.txid));
        chain.mine(2);
    });
    until(&mut party, &ALL, "the deposit is gone", |view| view.balance.confirmed.0 + view.balance.unconfirmed.0 == 0);
    let blocked = party.failed(ANA, Request::Sign(rent));
    let missing = conclave_shared::Finding::PreviousTransactionMissing;
    assert!(blocked.unmet.contains(&Unmet::Danger { finding: missing }), "{blocked:?}");
    // It comes back, and the payment goes on.
    party.chain.with(|chain| {
        chain.accept(funding).unwrap();
        chain.mine(1);
    });
    until(&mut party, &ALL, "the deposit is back", |view| view.balance.confirmed.0 == DEPOSIT);
    for who in [ANA, BEN] {
        party.done(who, Request::Sign(rent));
    }
    until(&mut party, &ALL, "it is sent", reached(rent, ProposalStatus::Broadcast));
}

#[test]
fn what_another_transaction_spends_ends_a_payment_and_frees_its_other_coins() {
    let mut party = vault();
    let coins_of: [OutPoint; 2] = [party.deposit(ANA, DEPOSIT), party.deposit(BEN, DEPOSIT)];
    let vault = party.vault();
    let both = Propose {
        coins: coins_of.iter().map(ToString::to_string).collect(),
        ..Propose::new(vault, vec![recipient(PAYMENT)], 2, "Rent".to_owned())
    };
    let (rent, _) = put_up(&mut party, ANA, Request::Propose(both), &ALL);
    // At the same time Cleo, who has not heard of it, has one of the coins paid out with Ben.
    let island = [party.id(CLEO), party.id(BEN)].into_iter().collect();
    party.done(ANA, Request::Withdraw(rent));
    until(&mut party, &ALL, "it is taken back", reached(rent, ProposalStatus::Rejected));
    let again = Propose {
        coins: coins_of.iter().map(ToString::to_string).collect(),
        ..Propose::new(vault, vec![recipient(PAYMENT + 1)], 2, "Rent again".to_owned())
    };
    party.network.part(island);
    let (rent, _) = put_up(&mut party, ANA, Request::Propose(again), &[ANA, 3]);
    let one = Propose {
        coins: vec![coins_of[0].to_string()],
        all: Some(outside()),
        ..Propose::new(vault, vec![], 2, "Wages".to_owned())
    };
    let (wages, _) = put_up(&mut party, CLEO, Request::Propose(one), &[BEN, CLEO]);
    send(&mut party, wages, [BEN, CLEO], &[BEN, CLEO]);
    party.mine();
    party.network.part(Default::default());
    until(&mut party, &ALL, "the wages are confirmed", reached(wages, ProposalStatus::Confirmed));
    until(&mut party, &ALL, "the rent is over", reached(rent, ProposalStatus::Replaced));
    assert!(party.failed(BEN, Request::Approve(rent)).unmet.contains(&Unmet::Ended));
    let left = coins(&mut party, BEN);
    assert_eq!((left.len(), &left[0].outpoint, left[0].held_by), (1, &coins_of[1].to_string(), None));
    let all = Propose { all: Some(outside()), ..Propose::new(vault, vec![], 3, "The rest".to_owned()) };
    let (rest, _) = put_up(&mut party, BEN, Request::Propose(all), &ALL);
    send(&mut party, rest, [ANA, CLEO], &ALL);
    party.settle();
    assert!(ALL.iter().all(|who| party.view(*who).void == 0));
}
