//! Setting a vault up, with whole installations: templates, titles and roles, nonces and proofs of key, the board that
//! everybody sees, and what is refused by name.

#[path = "support/network.rs"]
mod network;
#[path = "support/party.rs"]
mod party;

use conclave_shared::request::{CreateVault, FailureKind, OnVault, Ratify, Reply, Request};
use conclave_shared::view::{InvitationView, VaultView};
use conclave_shared::{KeyState, Role, Template, Unmet, VaultStatus};
use network::Weather;
use party::{Homes, Party};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;

/// What an organiser gets wrong in a request.
type Slip = fn(&mut CreateVault);

/// Ana makes a vault by a template, as she says; gives the invitations.
fn create(party: &mut Party, change: impl FnOnce(&mut CreateVault)) -> Vec<InvitationView> {
    let mut request = party.creating(0, 0, 0);
    change(&mut request);
    party.create_by(request)
}

fn member<'a>(view: &'a VaultView, name: &str) -> &'a conclave_shared::view::MemberView {
    view.members.iter().find(|member| member.name == name).unwrap()
}

#[test]
fn buyer_seller_and_mediator_set_an_escrow_up_in_foul_weather() {
    let mut party = Party::new(3, Homes::Memory, 21, Weather::FOUL);
    let invitations = create(&mut party, |it| {
        it.template = Some(Template::Escrow2Of3);
        it.place = Some("seller".to_owned());
    });
    let places: Vec<(&str, &[Role])> = invitations.iter().map(|it| (it.title.as_str(), &it.roles[..])).collect();
    assert_eq!(places, [("buyer", &[Role::Keyholder][..]), ("mediator", &[Role::Keyholder, Role::Mediator])]);
    for (who, invitation) in [(BEN, &invitations[0]), (CLEO, &invitations[1])] {
        party.join(who, invitation.text.reveal());
    }
    party.until("every key is proven", |view| view.status == VaultStatus::Ratifying);
    party.ratify(3);
    for who in [ANA, BEN, CLEO] {
        let view = party.view(who);
        assert_eq!((view.threshold, view.keyholders, view.void), (2, 3, 0));
        for (name, title, roles) in [
            ("Ana", "seller", vec![Role::Keyholder]),
            ("Ben", "buyer", vec![Role::Keyholder]),
            ("Cleo", "mediator", vec![Role::Keyholder, Role::Mediator]),
        ] {
            let it = member(&view, name);
            assert_eq!((it.title.as_deref(), &it.roles), (Some(title), &roles));
            assert_eq!((it.key_state, it.ratified, it.warnings.len()), (Some(KeyState::Proven), true, 0));
            // The board: each step stands in the record after what it builds on.
            let steps = [it.joined_ms, it.challenged_ms, it.proven_ms, it.ratified_ms];
            assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{name}: {steps:?}");
        }
    }
    // The mediator holds a key like the others: two of the three pay.
    party.deposit(CLEO, 50_000_000);
    let on = party.propose(ANA, 12_500_000);
    for who in [BEN, CLEO] {
        party.done(who, Request::Approve(on));
    }
    party.settle();
    for who in [BEN, CLEO] {
        party.done(who, Request::Sign(on));
    }
    party.until("the payment is sent", |view| {
        view.proposals.iter().any(|it| it.status == conclave_shared::ProposalStatus::Broadcast)
    });
}

#[test]
fn templates_and_vaults_of_ones_own_have_the_places_that_they_name() {
    let mut party = Party::new(1, Homes::Memory, 22, Weather::FAIR);
    let titles =
        |invitations: &[InvitationView]| -> Vec<String> { invitations.iter().map(|it| it.title.clone()).collect() };
    let hot = create(&mut party, |it| {
        it.template = Some(Template::Hot2Of3);
        it.auditors = 1;
    });
    assert_eq!(titles(&hot), ["backup", "security", "auditor 1"], "the organiser has the desk's key");
    assert_eq!(hot[1].roles, [Role::Keyholder, Role::Signer]);
    let low = create(&mut party, |it| it.template = Some(Template::LowTrust3Of5));
    assert_eq!(titles(&low), ["key 2", "key 3", "key 4", "key 5"]);
    let own = create(&mut party, |it| {
        (it.threshold, it.keyholders, it.approvers, it.auditors) = (11, 15, 2, 3);
    });
    assert_eq!(own.len(), 14 + 2 + 3);
    assert_eq!((own[14].title.as_str(), &own[14].roles[..]), ("approver 1", &[Role::Approver][..]));
    assert_eq!((own[18].title.as_str(), &own[18].roles[..]), ("auditor 3", &[Role::Auditor][..]));

    let wrong: [(Slip, &str); 5] = [
        (|it| it.keyholders = 16, "a vault has 1 to 15 keys, not 16"),
        (|it| (it.keyholders, it.threshold, it.approvers) = (3, 2, 35), "at most 34"),
        (|it| (it.template, it.threshold) = (Some(Template::Hot2Of3), 3), "template hot-2-of-3 has 2, not 3"),
        (|it| (it.template, it.place) = (Some(Template::Hot2Of3), Some("buyer".into())), "desk, backup, security"),
        (|it| (it.keyholders, it.threshold) = (3, 4), "4 signatures cannot be asked of 3 keys"),
    ];
    for (change, says) in wrong {
        let mut request = party.creating(0, 0, 0);
        change(&mut request);
        let failure = party.failed(ANA, Request::CreateVault(request));
        assert_eq!(failure.kind, FailureKind::Input);
        assert!(failure.message.contains(says), "{}", failure.message);
    }
}

#[test]
fn nobody_ratifies_while_one_key_is_not_proven() {
    // Cleo's machine is off after she has asked: her key cannot answer.
    let mut party = Party::new(3, Homes::Folders, 23, Weather::FAIR);
    let invitations = party.create(2, 3, 0);
    party.join(BEN, &invitations[0]);
    party.join(CLEO, &invitations[1]);
    // As soon as her nonce is at Ana's: no configuration can have reached her.
    let asked = |view: VaultView| view.members.iter().any(|it| it.name == "Cleo" && it.challenged_ms.is_some());
    while !asked(party.view(ANA)) {
        party.step();
    }
    party.leave(CLEO);
    let cleo = party.id(CLEO);
    party.until("Ana's and Ben's keys are proven", |view| {
        let proven = |member: &conclave_shared::view::MemberView| member.key_state == Some(KeyState::Proven);
        view.members.iter().filter(|member| proven(member)).count() == 2
    });
    let vault = party.vault();
    for (who, other) in [(ANA, BEN), (BEN, ANA)] {
        let words = party.words(other, Request::RosterWords(OnVault { vault }));
        let failure = party.failed(who, Request::Ratify(Ratify { vault, words }));
        assert_eq!((failure.kind, &failure.unmet[..]), (FailureKind::Rule, &[Unmet::KeyProofMissing { by: cleo }][..]));
        assert!(failure.message.contains("key-unproven"), "{}", failure.message);
        let view = party.view(who);
        assert_eq!((view.status, member(&view, "Cleo").key_state), (VaultStatus::Proving, Some(KeyState::Unproven)));
    }
    // Back again, her program does it by itself.
    party.come_back(CLEO);
    party.until("every key is proven", |view| view.status == VaultStatus::Ratifying);
    party.ratify(3);
}

#[test]
fn a_power_cut_during_the_ceremony_doubles_nothing() {
    for seed in 31..=33 {
        let mut party = Party::new(4, Homes::Folders, seed, Weather::FOUL);
        party.cuts_left = 12;
        party.found(2, 3);
        party.cuts_left = 0;
        party.settle();
        for who in 0..4 {
            let (view, vault) = (party.view(who), party.vault());
            assert_eq!(view.void, 0, "no nonce and no proof was written twice");
            let Reply::Record { lines } = party.done(who, Request::ExportRecord(OnVault { vault })) else { panic!() };
            let count =
                |kind: &str| lines.iter().filter(|line| line.contains(&format!(r#"\"type\":\"{kind}\""#))).count();
            assert_eq!((count("challenged"), count("key_proven")), (4, 3));
        }
    }
}
