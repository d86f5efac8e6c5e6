//! Every keyholder's hand: self-tests that ask each key once, signatures that come by file from elsewhere, addresses that every
//! program derives by itself, and what a member is shown before anything is on record.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitcoin::psbt::Psbt;
use bitcoin::sighash::EcdsaSighashType;
use conclave_domain::psbt::file::{Encoding, PsbtFile, PsbtVersion};
use conclave_domain::psbt::inspect::Bounds;
use conclave_domain::psbt::sign::{SecretKey, sign};
use conclave_domain::watched::WatchedDescriptor;
use conclave_shared::policy::PolicyChange;
use conclave_shared::record::Saying;
use conclave_shared::request::{
    CheckAddress, Failure, FailureKind, ImportPsbt, OnProposal, OnVault, Propose, ProposeChange, Reply, Request,
    VoteChange,
};
use conclave_shared::view::{
    AddressCheckView, AddressVerdict, PaymentAct, PreviewView, ProposalView, TakenView, VaultView, WaitView,
};
use conclave_shared::{Finding, ProposalStatus, Sat, Unmet};
use network::Weather;
use party::{Homes, Party, payment, reached, recipient, until};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;
const ALL: [usize; 4] = [ANA, BEN, CLEO, DORA];
/// What is deposited, in sat.
const DEPOSIT: u64 = 5_000_000;

/// A 2-of-3 vault of Ana, Ben and Cleo, with Dora as auditor, in fair weather; Cleo's installation is in a folder.
fn vault(seed: u64) -> Party {
    let mut party = Party::new(2, Homes::Memory, seed, Weather::FAIR);
    party.admit("Cleo", Homes::Folders);
    party.admit("Dora", Homes::Memory);
    party.found(2, 3);
    party
}

fn seen(party: &mut Party, who: usize, on: OnProposal) -> ProposalView {
    payment(&party.view(who), on.proposal).unwrap().clone()
}

/// Proposed, known and approved by Ana and Ben.
fn approved(party: &mut Party, request: Request, among: &[usize]) -> OnProposal {
    let Reply::Proposal(view) = party.done(ANA, request) else { panic!("no proposal") };
    let on = OnProposal { vault: party.vault(), proposal: view.proposal };
    until(party, among, "the payment is known", |view| payment(view, on.proposal).is_some());
    for who in [ANA, BEN] {
        assert_eq!(party.view(who).waits, [WaitView::Approve { proposal: on.proposal }]);
        party.done(who, Request::Approve(on));
    }
    until(party, among, "the payment is approved", reached(on, ProposalStatus::Approved));
    on
}

// ---- self-tests ----

#[test]
fn a_self_test_waits_for_the_key_of_who_is_away_and_completes_when_they_are_back() {
    let mut party = vault(51);
    party.deposit(ANA, DEPOSIT);
    let small = party.deposit(BEN, 30_000);
    party.deposit(ANA, 400);
    assert!(party.view(ANA).members.iter().all(|member| member.signed_first_ms.is_none()));
    party.leave(CLEO);
    let there = [ANA, BEN, DORA];
    let vault = party.vault();
    let failure = party.failed(DORA, Request::SelfTest(OnVault { vault }));
    assert!(failure.kind == FailureKind::Rule, "an auditor proposes nothing: {}", failure.message);
    let on = approved(&mut party, Request::SelfTest(OnVault { vault }), &there);
    let view = seen(&mut party, DORA, on);
    assert!(view.self_test && view.recipients.is_empty() && view.outputs.len() == 1);
    assert_eq!(view.coins.iter().map(|coin| coin.outpoint.clone()).collect::<Vec<_>>(), [small.to_string()]);
    assert_eq!((view.change.0 + view.fee.0, view.leaves), (30_000, view.fee));
    assert!((2_000..2_100).contains(&view.fee_rate_milli), "{}", view.fee_rate_milli);
    assert_eq!((view.needs.approvals, view.needs.signatures), (2, 3));
    for who in [ANA, BEN] {
        assert_eq!(party.view(who).waits, [WaitView::Sign { proposal: on.proposal }]);
        party.done(who, Request::Sign(on));
    }
    let two = |view: &VaultView| {
        let unmet = &payment(view, on.proposal).unwrap().unmet;
        unmet.contains(&Unmet::SignaturesMissing { have: 2, need: 3 })
    };
    until(&mut party, &there, "two have signed", two);
    // Two could send it by its script. No program does before every key has signed.
    party.pass(60_000);
    let txid: bitcoin::Txid = view.txid.parse().unwrap();
    assert!(party.chain.with(|chain| chain.transaction(txid).is_none()));
    assert_eq!(seen(&mut party, ANA, on).status, ProposalStatus::Approved);

    party.come_back(CLEO);
    until(&mut party, &[CLEO], "it waits for her", |view| view.waits == [WaitView::Sign { proposal: on.proposal }]);
    party.done(CLEO, Request::Sign(on));
    until(&mut party, &ALL, "it is sent", reached(on, ProposalStatus::Broadcast));
    let sent = party.chain.with(|chain| chain.transaction(txid).cloned()).unwrap();
    assert_eq!(sent.input[0].witness.len(), 4, "as many signatures as the script asks for, and no more");
    party.mine();
    until(&mut party, &ALL, "it is in a block", reached(on, ProposalStatus::Confirmed));
    let view = party.view(DORA);
    let signed = payment(&view, on.proposal).unwrap().signatures.clone();
    assert_eq!(signed.len(), 3);
    for member in &view.members {
        let first = signed.iter().find(|it| it.member == member.member).map(|it| it.ms);
        assert_eq!(member.signed_first_ms, first, "{}", member.name);
    }
    let Reply::Entries { entries } = party.done(DORA, Request::ShowPaymentRecord(on)) else { panic!() };
    assert!(matches!(entries[0].saying, Saying::SelfTestProposed { .. }), "{:?}", entries[0]);
    assert_eq!(entries.iter().filter(|entry| matches!(entry.saying, Saying::Signed { .. })).count(), 3);
    assert!(entries.iter().any(|entry| matches!(entry.saying, Saying::Confirmed { .. })));
    party.settle();
}

#[test]
fn a_self_test_that_is_not_needed_any_more_is_bumped_or_cancelled_like_any_payment() {
    let mut party = vault(52);
    party.deposit(ANA, DEPOSIT);
    let vault = party.vault();
    let on = approved(&mut party, Request::SelfTest(OnVault { vault }), &ALL);
    party.done(BEN, Request::Sign(on));
    let acts = seen(&mut party, ANA, on).acts;
    assert!(acts.contains(&PaymentAct::Bump) && acts.contains(&PaymentAct::Cancel), "{acts:?}");
    let reprice = conclave_shared::request::Reprice { vault, proposal: on.proposal, fee_rate: 9, fee_rate_milli: 0 };
    let Reply::Proposal(bump) = party.done(ANA, Request::BumpPayment(reprice)) else { panic!("no proposal") };
    assert!(!bump.self_test && bump.recipients.is_empty() && bump.needs.signatures == 2);
    assert_eq!(bump.replaces, Some(on.proposal));
}

// ---- addresses ----

#[test]
fn every_program_attests_an_address_that_one_gives_out() {
    let mut party = vault(53);
    party.deposit(BEN, DEPOSIT);
    party.settle();
    for who in ALL {
        let all = ALL.map(|who| party.id(who));
        let vault = party.vault();
        let attested = party.installation(who).vault(vault).unwrap().vault.attested(0);
        assert_eq!(attested, all.into_iter().collect());
        let show = conclave_shared::request::ShowRecord {
            vault,
            by: None,
            kind: Some("address_attested".to_owned()),
            void: false,
            last: None,
        };
        let Reply::Entries { entries } = party.done(who, Request::ShowRecord(show)) else { panic!() };
        assert_eq!(entries.len(), 3, "once by each who did not give it out");
        assert!(entries.iter().all(|it| matches!(&it.saying, Saying::AddressAttested { index: 0, .. })));
    }
}

#[test]
fn an_address_is_looked_at_before_it_is_paid() {
    let mut party = vault(54);
    party.deposit(ANA, DEPOSIT);
    let vault = party.vault();
    let look = |party: &mut Party, address: &str| -> AddressCheckView {
        match party.done(ANA, Request::CheckAddress(CheckAddress { vault, address: address.to_owned() })) {
            Reply::AddressChecked(view) => view,
            reply => panic!("{reply:?}"),
        }
    };
    let paid = recipient(1).address;
    // The same first and last four characters, made on purpose.
    let poison = "bcrt1qd3kxcmrvdls04hhena42pfswg8t6rzk2hn3a7y";
    assert!(paid.starts_with("bcrt1qd3k") && paid.ends_with("3a7y"));
    for (text, verdict) in [
        ("", AddressVerdict::NotAnAddress),
        ("Ana", AddressVerdict::NotAnAddress),
        (&"q".repeat(100_000), AddressVerdict::NotAnAddress),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", AddressVerdict::WrongNetwork),
        (&format!("  {paid}\n"), AddressVerdict::Fine),
        (&paid.to_uppercase(), AddressVerdict::Fine),
        (poison, AddressVerdict::Fine),
    ] {
        let view = look(&mut party, text);
        assert_eq!((view.verdict, view.similar_to, view.paid_before), (verdict, None, 0), "{text:.60}");
    }
    let Reply::Address { address, .. } = party.done(BEN, Request::IssueAddress(OnVault { vault })) else { panic!() };
    until(&mut party, &[ANA], "she holds it", |view| view.waiting == 0);
    party.settle();
    assert_eq!(look(&mut party, &address).verdict, AddressVerdict::Own);

    let request = Propose { vault, ..party.proposing(100_000) };
    let on = approved(&mut party, Request::Propose(request), &ALL);
    assert_eq!(look(&mut party, poison).similar_to, Some(paid.clone()), "it is proposed to be paid");
    for who in [ANA, BEN] {
        party.done(who, Request::Sign(on));
    }
    until(&mut party, &ALL, "it is sent", reached(on, ProposalStatus::Broadcast));
    let on_paid = conclave_shared::request::Labelled::Address(paid.clone());
    let label = conclave_shared::request::SetLabel { vault, on: on_paid, label: "Landlord".to_owned() };
    party.done(ANA, Request::SetLabel(label));
    let view = look(&mut party, &paid);
    assert_eq!((view.verdict, view.similar_to, view.paid_before), (AddressVerdict::Fine, None, 1));
    assert_eq!(view.label.as_deref(), Some("Landlord"));
    let view = look(&mut party, poison);
    assert_eq!((view.similar_to, view.paid_before), (Some(paid.clone()), 0));

    // By the policy, once it is voted.
    let policy = PolicyChange { deny: vec![poison.to_owned()], ..PolicyChange::default() };
    let change = ProposeChange { policy, ..ProposeChange::of(vault) };
    let Reply::Changes { successors, .. } = party.done(ANA, Request::ProposeChange(change)) else { panic!() };
    let cfg = successors[0].cfg;
    assert_eq!(successors[0].differences, [conclave_shared::view::Difference::Denied { address: poison.to_owned() }]);
    assert_eq!(successors[0].changes, [format!("{poison} is never paid")]);
    until(&mut party, &[BEN], "it waits for his vote", |view| view.waits == [WaitView::Vote { cfg }]);
    let on_cfg = conclave_shared::request::OnConfiguration { vault, cfg };
    let words = party.words(ANA, Request::ChangeWords(on_cfg));
    party.done(BEN, Request::VoteChange(VoteChange { vault, cfg, words }));
    until(&mut party, &[ANA, BEN], "the policy counts", |view| view.cfg == Some(cfg) && view.waits.is_empty());
    assert_eq!(look(&mut party, poison).verdict, AddressVerdict::Denied);
}

// ---- previews ----

fn preview(party: &mut Party, who: usize, request: Propose) -> PreviewView {
    match party.done(who, Request::PreviewPayment(request)) {
        Reply::Preview(view) => *view,
        reply => panic!("{reply:?}"),
    }
}

#[test]
fn a_preview_is_what_is_proposed_and_leaves_nothing_behind() {
    let mut party = vault(55);
    let coin = party.deposit(ANA, DEPOSIT).to_string();
    party.deposit(BEN, DEPOSIT);
    party.settle();
    let before = (party.record(ANA), party.view(ANA).state_digest);
    let request = Propose { coins: vec![coin.clone()], ..party.proposing(100_000) };
    let first = preview(&mut party, ANA, request.clone());
    assert_eq!(preview(&mut party, ANA, request.clone()), first);
    assert_eq!((party.record(ANA), party.view(ANA).state_digest), before);
    assert_eq!((first.rule.approvals, first.rule.signatures, first.unmet.len()), (2, 2, 0));
    assert_eq!((first.approvers.len(), first.signers.len()), (3, 3));
    assert_eq!(first.leaves.0, 100_000 + first.fee.0);

    // What would keep it from being proposed or sent is said beside what it would be.
    let absurd = Propose { fee_rate: 2_000, ..request.clone() };
    let found = preview(&mut party, ANA, absurd).unmet;
    assert_eq!(found, [Unmet::Danger { finding: Finding::FeeAbsurd }]);
    let by_auditor = preview(&mut party, DORA, request.clone()).unmet;
    assert!(matches!(by_auditor[..], [Unmet::RoleMissing { .. }]), "{by_auditor:?}");
    // Errors are those of proposing.
    for wrong in [
        Propose { recipients: vec![recipient(DEPOSIT)], ..request.clone() },
        Propose { recipients: vec![recipient(1)], ..request.clone() },
        Propose { recipients: Vec::new(), ..request.clone() },
        Propose { fee_rate: 0, ..request.clone() },
        Propose { purpose: "x".repeat(501), ..request.clone() },
        Propose { expires_seconds: Some(0), ..request.clone() },
        Propose { recovery: true, ..request.clone() },
    ] {
        let looked: Failure = party.failed(ANA, Request::PreviewPayment(wrong.clone()));
        assert_eq!(looked, party.failed(ANA, Request::Propose(wrong)));
    }

    let Reply::Proposal(view) = party.done(ANA, Request::Propose(request.clone())) else { panic!("no proposal") };
    assert_eq!(
        (&view.recipients, &view.coins, view.change, view.fee, view.fee_rate_milli, view.fee_per_mille, view.leaves),
        (
            &first.recipients,
            &first.coins,
            first.change,
            first.fee,
            first.fee_rate_milli,
            first.fee_per_mille,
            first.leaves
        )
    );
    assert_eq!(view.needs, first.rule);
    assert_eq!(view.outputs.iter().find_map(|output| output.change_index), Some(0), "no address was used up");
    let looked = party.failed(ANA, Request::PreviewPayment(request));
    assert_eq!(looked.unmet, [Unmet::CoinReserved { by: view.proposal }]);
}

// ---- signatures by file ----

fn export(party: &mut Party, who: usize, on: OnProposal) -> String {
    match party.done(who, Request::ExportPsbt(on)) {
        Reply::Psbt { base64 } => base64,
        reply => panic!("{reply:?}"),
    }
}

fn parse(base64: &str) -> PsbtFile {
    PsbtFile::parse(&STANDARD.decode(base64).unwrap()).unwrap()
}

/// As a device without a network would sign it, by the member's words alone.
fn sign_elsewhere(party: &mut Party, who: usize, base64: &str) -> PsbtFile {
    let vault = party.vault();
    let descriptor = party.view(who).descriptor.unwrap();
    let Reply::Backup { words } = party.done(who, Request::BackupWords(OnVault { vault })) else { panic!() };
    let key = SecretKey::parse(words.reveal()).unwrap();
    let bounds = Bounds { network: conclave::open_vault::NETWORK, ..Bounds::default() };
    sign(&parse(base64), &key, &WatchedDescriptor::parse(&descriptor).unwrap(), &bounds).unwrap().file
}

fn importing(on: OnProposal, file: &[u8]) -> Request {
    Request::ImportPsbt(ImportPsbt { vault: on.vault, proposal: Some(on.proposal), file: STANDARD.encode(file) })
}

fn taken(party: &mut Party, who: usize, request: Request) -> (Vec<TakenView>, u32) {
    match party.done(who, request) {
        Reply::SignaturesTaken { taken, known, .. } => (taken, known),
        reply => panic!("{reply:?}"),
    }
}

#[test]
fn signatures_come_from_elsewhere_by_file_and_nothing_else_is_taken_from_one() {
    let mut party = vault(56);
    party.deposit(ANA, DEPOSIT);
    party.deposit(ANA, DEPOSIT);
    let request = Request::Propose(party.proposing(100_000));
    let Reply::Proposal(view) = party.done(BEN, Request::Propose(party.proposing(200_000))) else { panic!() };
    let other = OnProposal { vault: party.vault(), proposal: view.proposal };
    // What could be signed by whoever has it does not leave before it has its approvals.
    let failure = party.failed(BEN, Request::ExportPsbt(other));
    assert_eq!(failure.unmet, [Unmet::ApprovalsMissing { have: 0, need: 2 }]);
    party.done(BEN, Request::Withdraw(other));
    party.settle();
    let on = approved(&mut party, request, &ALL);

    let bare = export(&mut party, DORA, on);
    let file = parse(&bare);
    assert_eq!((file.version(), file.encoding()), (PsbtVersion::V0, Encoding::Binary));
    for input in &file.psbt().inputs {
        assert!(input.non_witness_utxo.is_some() && input.bip32_derivation.len() == 3 && input.partial_sigs.is_empty());
    }
    let by_ben = sign_elsewhere(&mut party, BEN, &bare);

    // What is wrong with a file, by name; and nothing of it is on record.
    let good = by_ben.psbt().clone();
    let (ben_key, ben_signature) = good.inputs[0].partial_sigs.iter().next().map(|(k, s)| (*k, *s)).unwrap();
    let ana_key = *good.inputs[0].bip32_derivation.keys().find(|key| **key != ben_key.inner).unwrap();
    let forged = |forge: &dyn Fn(&mut Psbt)| {
        let mut psbt = good.clone();
        forge(&mut psbt);
        psbt.serialize()
    };
    let wrong = [
        ("psbt-malformed", b"psbt".to_vec()),
        ("psbt-unsigned", STANDARD.decode(&bare).unwrap()),
        ("outputs-changed", forged(&|psbt| psbt.unsigned_tx.output[0].value += bitcoin::Amount::ONE_SAT)),
        (
            "sighash-unexpected",
            forged(&|psbt| {
                let it = psbt.inputs[0].partial_sigs.get_mut(&ben_key).unwrap();
                it.sighash_type = EcdsaSighashType::SinglePlusAnyoneCanPay;
            }),
        ),
        (
            "signature-invalid",
            forged(&|psbt| {
                psbt.inputs[0].partial_sigs.insert(bitcoin::PublicKey::new(ana_key), ben_signature);
            }),
        ),
        (
            "finals-prefilled",
            forged(&|psbt| {
                psbt.inputs[0].partial_sigs.clear();
                psbt.inputs[0].final_script_witness = Some(bitcoin::Witness::from_slice(&[[1_u8]]));
            }),
        ),
    ];
    let events = party.view(ANA).events;
    for (code, bytes) in wrong {
        let failure = party.failed(ANA, importing(on, &bytes));
        assert_eq!((failure.code.as_str(), failure.kind), (code, FailureKind::Input), "{}", failure.message);
    }
    let text = ImportPsbt { vault: on.vault, proposal: None, file: "no base64".to_owned() };
    assert_eq!(party.failed(ANA, Request::ImportPsbt(text)).code, "psbt-malformed");
    assert_eq!(party.view(ANA).events, events, "nothing was put on record");
    let failure = party.failed(DORA, importing(on, &by_ben.to_bytes()));
    assert!(matches!(failure.unmet[..], [Unmet::RoleMissing { .. }]), "{failure:?}");

    // Ana brings what Ben's device signed, as version 2 in hexadecimal digits, without saying of which payment.
    let (two, _) = by_ben.converted(PsbtVersion::V2).unwrap();
    let file = STANDARD.encode(two.in_encoding(Encoding::Hex).to_bytes());
    let import = Request::ImportPsbt(ImportPsbt { vault: on.vault, proposal: None, file });
    let (new, known) = taken(&mut party, ANA, import.clone());
    assert_eq!((new.len(), new[0].member, new[0].signatures, known), (1, Some(party.id(BEN)), 1, 0));
    assert!(new[0].name.starts_with("Ben"), "{}", new[0].name);
    assert_eq!(taken(&mut party, ANA, import), (Vec::new(), 1), "twice is once");
    until(&mut party, &ALL, "all know of it", |view| payment(view, on.proposal).unwrap().signed_by.len() == 1);
    assert!(!seen(&mut party, BEN, on).acts.contains(&PaymentAct::Sign), "his key has signed");

    // What is exported now holds it. Cleo signs that elsewhere and brings it herself.
    let carried = export(&mut party, CLEO, on);
    assert_eq!(parse(&carried).psbt().inputs[0].partial_sigs.len(), 1);
    let both = sign_elsewhere(&mut party, CLEO, &carried);
    let (new, known) = taken(&mut party, CLEO, importing(on, &both.to_bytes()));
    assert_eq!((new.len(), new[0].member, known), (1, Some(party.id(CLEO)), 1));
    until(&mut party, &ALL, "it is sent", reached(on, ProposalStatus::Broadcast));
    assert_eq!(party.failed(ANA, Request::ExportPsbt(on)).unmet, [Unmet::Ended]);
    let failure = party.failed(ANA, importing(on, &both.to_bytes()));
    assert_eq!(failure.unmet, [Unmet::Ended]);
    assert_eq!(seen(&mut party, ANA, on).fee, Sat(view.fee.0));
}

#[test]
fn a_signature_from_a_file_is_not_published_before_the_approvals_are_there() {
    let mut party = vault(57);
    party.deposit(ANA, DEPOSIT);
    let request = Request::Propose(party.proposing(100_000));
    let on = approved(&mut party, request, &ALL);
    let file = export(&mut party, ANA, on);
    let by_ben = sign_elsewhere(&mut party, BEN, &file).to_bytes();
    let freeze = conclave_shared::request::Freeze { vault: on.vault, reason: "look again".to_owned() };
    party.done(CLEO, Request::Freeze(freeze));
    until(&mut party, &ALL, "the freeze is known", |view| !view.freezes.is_empty());
    let failure = party.failed(BEN, importing(on, &by_ben));
    assert!(matches!(failure.unmet[..], [Unmet::Frozen { .. }]), "{failure:?}");
    assert!(matches!(party.failed(ANA, Request::ExportPsbt(on)).unmet[..], [Unmet::Frozen { .. }]));
    let acts = seen(&mut party, BEN, on).acts;
    assert!(
        !acts.iter().any(|act| matches!(act, PaymentAct::Sign | PaymentAct::Import | PaymentAct::Export)),
        "{acts:?}"
    );
    party.done(BEN, Request::Reject(on));
    let failure = party.failed(BEN, importing(on, &by_ben));
    assert!(failure.unmet.iter().any(|unmet| matches!(unmet, Unmet::Rejected { .. })), "{failure:?}");
    assert!(seen(&mut party, BEN, on).signed_by.is_empty());
}
