//! Payments in the place of others, and payments that nobody signs in time: who may do what, and which coins are free.

mod support;

use bitcoin::hashes::Hash as _;
use bitcoin::{Amount, OutPoint, ScriptBuf, Txid, WScriptHash};
use conclave_domain::action::{Action, PaymentProposed};
use conclave_domain::descriptor::Keychain;
use conclave_domain::guard::{self, GuardFault, Verdict};
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal};
use conclave_domain::psbt::Evidence;
use conclave_domain::replacement::{Cost, ReplacementFault};
use conclave_domain::vault::{ChainFacts, Command, CommandFault, EXPIRY_LIMIT_MS, Effect, Vault, Void};
use conclave_shared::{EventId, ProposalStatus, ReplacementKind, Unmet};
use proptest::prelude::*;
use support::{Person, START_MS, active, deposit, payment, tell};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
/// What the coin holds, in sat.
const TOTAL: u64 = 1_000_000;
/// What is paid, in sat.
const PAID: u64 = 600_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// A vault of three with one coin.
struct Story {
    people: Vec<Person>,
    coin: OutPoint,
    evidence: Evidence,
}

fn story() -> Story {
    let (people, _) = active();
    let (coin, evidence) = deposit(&people[ANA].vault, TOTAL);
    Story { people, coin, evidence }
}

impl Story {
    /// The rent, with a fee.
    fn rent(&self, fee: u64) -> PaymentProposed {
        payment(&self.people[ANA].vault, self.coin, TOTAL, PAID, fee).1.into()
    }

    fn facts(&self) -> ChainFacts {
        ChainFacts::at(self.people[ANA].clock_ms)
    }

    /// Everybody hears of a proposal that the rules allow.
    fn propose(&mut self, who: usize, payment: PaymentProposed) -> EventId {
        let facts = self.facts();
        let events = self.people[who].act(Command::Propose { payment, facts: &facts });
        tell(&mut self.people, &events);
        events.last().unwrap().id
    }

    /// Everybody hears of a proposal that nobody judged.
    fn write(&mut self, who: usize, payment: PaymentProposed) -> EventId {
        let event = self.people[who].write(Action::PaymentProposed(payment));
        tell(&mut self.people, std::slice::from_ref(&event));
        event.id
    }

    fn approve(&mut self, id: EventId) {
        for who in [ANA, BEN] {
            let events = self.people[who].act(Command::Approve { proposal: id, evidence: &self.evidence });
            tell(&mut self.people, &events);
        }
    }

    fn sign(&mut self, who: usize, id: EventId) {
        let events = self.people[who].sign(id, &self.evidence);
        tell(&mut self.people, &events);
    }

    fn reject(&mut self, who: usize, id: EventId) {
        let events = self.people[who].act(Command::Reject { proposal: id });
        tell(&mut self.people, &events);
    }

    /// What keeps somebody from signing, with these facts.
    fn unsigned(&self, who: usize, id: EventId, facts: &ChainFacts) -> Vec<Unmet> {
        blocked(guard::sign(&self.people[who].vault, id, &Evidence { facts: facts.clone(), ..self.evidence.clone() }))
    }

    fn status(&self, id: EventId, facts: &ChainFacts) -> ProposalStatus {
        let vault = &self.people[CLEO].vault;
        vault.proposal_status(vault.proposal(id).unwrap(), facts)
    }

    fn holds(&self, facts: &ChainFacts) -> bool {
        self.people[CLEO].vault.reserved_coins(facts).any(|coin| coin == self.coin)
    }
}

fn blocked<T: std::fmt::Debug>(verdict: Result<Verdict<T>, GuardFault>) -> Vec<Unmet> {
    match verdict.unwrap() {
        Verdict::Allowed(_) => Vec::new(),
        Verdict::Blocked(unmet) => unmet,
    }
}

fn instead(of: EventId, payment: PaymentProposed) -> PaymentProposed {
    PaymentProposed { replaces: Some(of), ..payment }
}

fn until(at_ms: u64, payment: PaymentProposed) -> PaymentProposed {
    PaymentProposed { expires_ms: Some(at_ms), ..payment }
}

/// The same payment with the recipient's script exchanged.
fn to_another(vault: &Vault, coin: OutPoint, fee: u64) -> PaymentProposed {
    let (mut transaction, proposal) = payment(vault, coin, TOTAL, PAID, fee);
    transaction.output[0].script_pubkey = ScriptBuf::new_p2wsh(&WScriptHash::from_byte_array([6; 32]));
    Proposal::new(&transaction, proposal.inputs, proposal.change, proposal.purpose).into()
}

// ---- replacing ----

#[test]
fn a_bump_is_a_payment_of_its_own() {
    let mut story = story();
    let old = story.propose(ANA, story.rent(200));
    story.approve(old);
    story.sign(ANA, old);
    let bump = story.propose(CLEO, instead(old, story.rent(2_000)));
    let vault = &story.people[BEN].vault;
    let state = vault.proposal(bump).unwrap();
    assert_eq!(state.checked.kind_of_replacement(&vault.proposal(old).unwrap().checked), ReplacementKind::FeeBump);
    assert!(state.approvals.is_empty(), "an approval of the old one is none of the new one");
    assert_eq!(story.unsigned(ANA, bump, &story.facts()), [Unmet::ApprovalsMissing { have: 0, need: 2 }]);
    story.approve(bump);
    // Ana has signed the old one, and signs this: it says that it replaces that, and pays enough.
    story.sign(ANA, bump);
    story.sign(BEN, bump);
    // The old one is signed by nobody any more.
    assert_eq!(story.unsigned(BEN, old, &story.facts()), [Unmet::CoinReserved { by: bump }]);
    let mut sent = story.facts();
    sent.note(story.people[CLEO].vault.proposal(old).unwrap().checked.txid, None);
    assert_eq!(
        (story.status(old, &sent), story.status(bump, &sent)),
        (ProposalStatus::Broadcast, ProposalStatus::Signed),
        "until it is sent the old one stands"
    );
    let cleo = &story.people[CLEO].vault;
    assert_eq!(cleo.pending_effects(&story.facts()), [Effect::Watch, Effect::Finalise { proposal: bump }]);

    // When the network knows the new one the old one is shown as replaced, and is over when that is in a block.
    let (new, block) = (cleo.proposal(bump).unwrap().checked.txid, bitcoin::BlockHash::all_zeros());
    let mut facts = story.facts();
    facts.note(new, None);
    assert_eq!(
        (story.status(old, &facts), story.status(bump, &facts)),
        (ProposalStatus::Replaced, ProposalStatus::Broadcast)
    );
    facts.note(new, Some((7, block)));
    facts.note_spent(story.coin, new);
    assert_eq!(
        (story.status(old, &facts), story.status(bump, &facts)),
        (ProposalStatus::Replaced, ProposalStatus::Confirmed)
    );
    assert!(story.unsigned(CLEO, old, &facts).contains(&Unmet::Ended));
    assert!(!story.holds(&facts));
    let again =
        story.people[CLEO].vault.decide(Command::Propose { payment: instead(old, story.rent(9_000)), facts: &facts });
    assert_eq!(again.unwrap_err(), CommandFault::NothingToReplace { of: old });
}

#[test]
fn what_does_not_replace_is_refused_by_name() {
    let mut story = story();
    let old = story.propose(ANA, story.rent(1_000));
    let elsewhere = OutPoint::new(Txid::from_byte_array([8; 32]), 0);
    let unrelated: PaymentProposed = payment(&story.people[ANA].vault, elsewhere, TOTAL, PAID, 5_000).1.into();
    let fault = ReplacementFault::Unrelated { of: old };
    assert!(fault.to_string().contains("(replacement-unrelated)"));
    let facts = story.facts();
    let command = Command::Propose { payment: instead(old, unrelated.clone()), facts: &facts };
    assert_eq!(story.people[BEN].vault.decide(command).unwrap_err(), CommandFault::Replacement(fault.clone()));
    let event = story.write(BEN, instead(old, unrelated));
    assert_eq!(story.people[CLEO].vault.void()[&event], Void::Replacement(fault));

    for fee in [999, 1_000] {
        let event = story.write(BEN, instead(old, story.rent(fee)));
        let fault = ReplacementFault::Unpaid { of: old, pays: fee, needs: 1_001 };
        assert_eq!(story.people[CLEO].vault.void()[&event], Void::Replacement(fault));
    }
    // Enough for the record, not for the network: an honest program does not propose it.
    let command = Command::Propose { payment: instead(old, story.rent(1_001)), facts: &facts };
    let fault = story.people[BEN].vault.decide(command).unwrap_err();
    assert!(matches!(fault, CommandFault::Replacement(ReplacementFault::Unpaid { pays: 1_001, .. })), "{fault}");
    // Nor is a payment known that its author cannot have heard of.
    let event = story.write(BEN, instead(EventId([3; 32]), story.rent(2_000)));
    assert_eq!(story.people[CLEO].vault.void()[&event], Void::NotInPast { what: "proposal" });
}

#[test]
fn a_bump_that_pays_another_is_named_as_what_it_is() {
    let mut story = story();
    let old = story.propose(ANA, story.rent(200));
    story.approve(old);
    let bump = story.propose(BEN, instead(old, to_another(&story.people[BEN].vault, story.coin, 2_000)));
    let vault = &story.people[CLEO].vault;
    let (old, new) = (vault.proposal(old).unwrap(), vault.proposal(bump).unwrap());
    assert_eq!(new.checked.kind_of_replacement(&old.checked), ReplacementKind::OtherPayment);
    assert!(new.approvals.is_empty());
    assert_ne!(new.checked.digest, old.checked.digest);
}

#[test]
fn a_cancel_pays_nobody_outside() {
    let mut story = story();
    let old = story.propose(ANA, story.rent(200));
    let (mut transaction, proposal) = payment(&story.people[BEN].vault, story.coin, TOTAL, PAID, 2_000);
    let mut back = transaction.output.remove(1);
    back.value += Amount::from_sat(PAID);
    transaction.output = vec![back];
    let change = Some(ChangeClaim { output: 0, index: 0 });
    let cancel = Proposal::new(&transaction, proposal.inputs, change, String::new());
    let cancel = story.propose(BEN, instead(old, cancel.into()));
    let vault = &story.people[CLEO].vault;
    let (old, new) = (vault.proposal(old).unwrap(), vault.proposal(cancel).unwrap());
    assert_eq!(new.checked.kind_of_replacement(&old.checked), ReplacementKind::Cancel);
    assert!(new.checked.paid().is_empty());
}

/// Fees and sizes of an old and a new transaction, and whether the network takes the new one (BIP125, rules 3, 4 and 6).
#[test]
fn a_replacement_pays_more_and_at_a_higher_rate() {
    let cost = |fee: u64, vsize: u64| Cost { fee: Amount::from_sat(fee), vsize };
    let table = [
        ((1_000, 200), (1_000, 200), false),
        ((1_000, 200), (1_199, 200), false),
        ((1_000, 200), (1_200, 200), true),
        // Twice as large at the same rate: more in all, but no higher rate.
        ((1_000, 200), (2_000, 400), false),
        ((1_000, 200), (2_001, 400), true),
        // Half as large: a far higher rate, but less in all.
        ((1_000, 200), (900, 100), false),
        ((1_000, 200), (1_100, 100), true),
        ((0, 200), (199, 200), false),
        ((0, 200), (200, 200), true),
    ];
    for (old, new, taken) in table {
        let (old, new) = (cost(old.0, old.1), cost(new.0, new.1));
        assert_eq!(new.outbids(&old), taken, "{new:?} instead of {old:?}");
    }
    assert_eq!(cost(1_000, 200).rate_milli(), 5_000);
}

// ---- two payments over one coin ----

#[test]
fn who_signed_one_payment_never_signs_another_over_its_coin() {
    let mut story = story();
    // Neither knew of the other.
    let facts = story.facts();
    let (first, second) = (story.rent(500), to_another(&story.people[BEN].vault, story.coin, 5_000));
    let one = story.people[ANA].act(Command::Propose { payment: first, facts: &facts });
    let other = story.people[BEN].act(Command::Propose { payment: second, facts: &facts });
    tell(&mut story.people, &one);
    tell(&mut story.people, &other);
    let (one, other) = (one[0].id, other[0].id);
    story.approve(one);
    let digest = |id| story.people[ANA].vault.proposal(id).unwrap().checked.digest;
    let digest = digest(other);
    // The others want the second.
    for who in [BEN, CLEO] {
        let approved = conclave_domain::action::Approved { proposal: other, digest };
        let event = story.people[who].write(Action::Approved(approved));
        tell(&mut story.people, &[event]);
    }
    story.sign(ANA, one);
    // Not even where everybody has refused the first: her signature is out.
    for who in [BEN, CLEO] {
        story.reject(who, one);
    }
    assert_eq!(story.unsigned(ANA, other, &story.facts()), [Unmet::CoinReserved { by: one }]);
    // It is no more than her own guard: Cleo has signed nothing.
    assert_eq!(story.unsigned(CLEO, other, &story.facts()), []);
    // Whatever it pays: it does not say that it replaces the first.
    let vault = &story.people[ANA].vault;
    let cost = |id| {
        let checked = &vault.proposal(id).unwrap().checked;
        Cost::of(checked, &vault.active().unwrap().descriptor)
    };
    assert!(cost(other).outbids(&cost(one)));
    // Until the first can never be: a coin of it is spent in a block, here the very same.
    let mut facts = story.facts();
    facts.note_spent(story.coin, Txid::from_byte_array([4; 32]));
    assert_eq!(story.unsigned(ANA, other, &facts), [Unmet::Ended], "of this one too");
}

#[test]
fn a_payment_that_all_have_signed_holds_its_coin_against_the_record() {
    let mut story = story();
    let old = story.propose(ANA, story.rent(500));
    story.approve(old);
    story.sign(ANA, old);
    story.sign(BEN, old);
    story.reject(CLEO, old);
    assert_eq!(story.status(old, &story.facts()), ProposalStatus::Rejected);
    assert!(story.holds(&story.facts()), "anybody could send it");
    let facts = story.facts();
    let command = Command::Propose { payment: story.rent(900), facts: &facts };
    let Verdict::Blocked(unmet) = story.people[CLEO].vault.decide(command).unwrap() else { panic!("allowed") };
    assert_eq!(unmet, [Unmet::CoinReserved { by: old }]);
    // What takes its place sets the coin free.
    let bump = story.propose(CLEO, instead(old, story.rent(900)));
    story.approve(bump);
    assert_eq!(story.unsigned(CLEO, bump, &story.facts()), []);
}

#[test]
fn only_the_proposer_withdraws() {
    let mut story = story();
    let rent = story.propose(ANA, story.rent(500));
    let refused = story.people[BEN].vault.decide(Command::Withdraw { proposal: rent });
    assert_eq!(refused.unwrap_err(), CommandFault::NotYours { proposal: rent });
    let events = story.people[ANA].act(Command::Withdraw { proposal: rent });
    tell(&mut story.people, &events);
    assert_eq!(story.status(rent, &story.facts()), ProposalStatus::Rejected);
    assert!(!story.holds(&story.facts()));
    story.propose(BEN, story.rent(600));
}

// ---- time ----

#[test]
fn a_payment_that_nobody_signs_lets_go_of_its_coin() {
    let mut story = story();
    let now = story.people[ANA].clock_ms;
    let at_ms = now + DAY_MS;
    let rent = story.propose(ANA, until(at_ms, story.rent(500)));
    story.approve(rent);
    story.sign(ANA, rent);
    for (at, over) in [(now, false), (at_ms, false), (at_ms + 1, true)] {
        let facts = ChainFacts::at(at);
        let expired = story.unsigned(BEN, rent, &facts) == [Unmet::Expired { at_ms }];
        assert_eq!((expired, story.status(rent, &facts) == ProposalStatus::Expired), (over, over), "at {at}");
        assert_eq!(story.holds(&facts), !over, "at {at}");
        let evidence = Evidence { facts: facts.clone(), ..story.evidence.clone() };
        let approve = blocked(guard::approve(&story.people[CLEO].vault, rent, &evidence));
        assert_eq!(approve.contains(&Unmet::Expired { at_ms }), over);
    }
    // Ana's own program holds the coin longer: her signature is out.
    let late = ChainFacts::at(at_ms + 1);
    assert_eq!(story.people[ANA].vault.reserved_coins(&late).count(), 1);
    // By the author's own word: written before the end it is void, after it not.
    let early = story.people[CLEO].vault.draft(Action::PaymentProposed(story.rent(600)), at_ms);
    let early = early.unsigned().unwrap().sign_with_keys(&story.people[CLEO].keys).unwrap();
    let early = conclave_domain::event::Event::from_signed(early).unwrap();
    tell(&mut story.people, std::slice::from_ref(&early));
    assert_eq!(story.people[BEN].vault.void()[&early.id], Void::CoinReserved { coin: story.coin, by: rent });
    for person in &mut story.people {
        person.clock_ms = at_ms + 1;
    }
    let next = story.propose(CLEO, story.rent(700));
    assert!(story.people[BEN].vault.proposal(next).is_some());
}

#[test]
fn a_payment_with_all_its_signatures_does_not_expire() {
    let mut story = story();
    let at_ms = story.people[ANA].clock_ms + DAY_MS;
    let rent = story.propose(ANA, until(at_ms, story.rent(500)));
    story.approve(rent);
    story.sign(ANA, rent);
    story.sign(BEN, rent);
    let late = ChainFacts::at(at_ms + 30 * DAY_MS);
    assert_eq!(story.status(rent, &late), ProposalStatus::Signed);
    assert!(story.holds(&late));
    let evidence = Evidence { facts: late, ..story.evidence.clone() };
    assert_eq!(blocked(guard::finalise(&story.people[CLEO].vault, rent, &evidence)), []);
}

#[test]
fn nobody_reserves_for_ever() {
    let mut story = story();
    let now = story.people[BEN].clock_ms;
    // An event is written 7 ms later here.
    for (at, stands) in [(now, false), (now + 7, false), (now + 8, true)] {
        let event = story.write(BEN, until(at, story.rent(500)));
        assert_eq!(story.people[CLEO].vault.proposal(event).is_some(), stands);
        assert_eq!(story.people[CLEO].vault.void().get(&event) == Some(&Void::Expiry), !stands);
        for person in &mut story.people {
            person.clock_ms = now;
        }
    }
    for over in [0, 1] {
        let mut story = self::story();
        let now = story.people[BEN].clock_ms;
        let at = now + 7 + EXPIRY_LIMIT_MS + over;
        let event = story.write(BEN, until(at, story.rent(500)));
        assert_eq!(story.people[CLEO].vault.proposal(event).is_some(), over == 0);
        let facts = ChainFacts::at(now + 7);
        let own = story.people[CLEO]
            .vault
            .decide(Command::Propose { payment: until(at + over, story.rent(400)), facts: &facts });
        assert_eq!(matches!(own, Err(CommandFault::Expiry)), over == 1);
    }
    assert!(now > START_MS);
}

// ---- what the chain has ended ----

#[test]
fn the_coins_of_a_payment_that_can_never_be_are_free_for_everybody() {
    let mut story = story();
    let (other, _) = deposit(&story.people[ANA].vault, TOTAL - 1);
    let (mut transaction, proposal) = payment(&story.people[ANA].vault, story.coin, TOTAL, PAID, 500);
    let mut second = transaction.input[0].clone();
    second.previous_output = other;
    transaction.input.push(second);
    transaction.output[1].value += Amount::from_sat(TOTAL - 1);
    let claim = |amount| InputClaim { amount, keychain: Keychain::Receive, index: 0 };
    let both = Proposal::new(&transaction, vec![claim(TOTAL), claim(TOTAL - 1)], proposal.change, String::new());
    let both = story.propose(ANA, both.into());
    let mut facts = story.facts();
    facts.note_spent(other, Txid::from_byte_array([4; 32]));
    assert_eq!(story.status(both, &facts), ProposalStatus::Replaced);
    assert!(!story.holds(&facts));
    // The record does not see the chain: the program refuses the old one on it, so that nobody holds the new one void.
    let payment = story.rent(800);
    let events = story.people[BEN].act(Command::Propose { payment, facts: &facts });
    assert_eq!(events.len(), 2);
    tell(&mut story.people, &events);
    for person in &story.people {
        assert!(person.vault.proposal(events[1].id).is_some() && person.vault.void().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Chains of replacements, honest and not, told in any order: what stands adds up, shares a coin with what it replaces
    /// and pays more, and all come to one state.
    #[test]
    fn replacements_add_up_whatever_they_claim_and_in_whatever_order_they_come(
        fees in prop::collection::vec((1..5_000_u64, 0..6_usize, any::<bool>(), 0..3_usize), 1..6),
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut story = story();
        let strangers: Vec<Person> = support::people().0;
        let before: Vec<_> = story.people[ANA].held.values().cloned().collect();
        let mut said = Vec::new();
        for (fee, of, claims, who) in fees {
            let replaces = said.get(of).filter(|_| claims).map(|event: &conclave_domain::event::Event| event.id);
            let proposed = PaymentProposed { replaces, ..story.rent(fee) };
            let event = story.people[who].write(Action::PaymentProposed(proposed));
            tell(&mut story.people, std::slice::from_ref(&event));
            said.push(event);
        }
        let vault = &story.people[CLEO].vault;
        for state in vault.proposals() {
            let inputs: Amount = state.checked.inputs.iter().map(|input| input.amount).sum();
            let outputs: Amount = state.checked.transaction.output.iter().map(|output| output.value).sum();
            prop_assert_eq!(inputs, outputs + state.checked.fee);
            for old in vault.replaced(state.replaces) {
                prop_assert!(state.checked.conflicts(&old.checked) && state.checked.fee > old.checked.fee);
            }
        }
        let mut late = strangers.into_iter().next_back().unwrap().vault;
        late.receive_all(before);
        for place in order {
            if let Some(event) = said.get(place) {
                late.receive(event.clone()).unwrap();
            }
        }
        prop_assert_eq!(late.log().waiting(), 0);
        prop_assert_eq!(late.state_digest(), vault.state_digest());
    }
}
