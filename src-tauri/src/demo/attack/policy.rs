//! Attacks on the vault's rules: payments while it is frozen, to a denied address, over a tier without who must approve.

use std::path::Path;
use std::time::Duration;

use conclave_domain::action::{Action, Approved, FreezeReleased, Signed};
use conclave_domain::invitation::Invitation;
use conclave_domain::policy::{PolicyChange, RoleCount, Tier};
use conclave_shared::request::{Freeze, Invite, ProposeChange, ReleaseFreeze, Reply, Request};
use conclave_shared::view::{FreezeView, VaultView};
use conclave_shared::{EventId, ProposalStatus, Role, Sat, Unmet};

use super::AttackError;
use super::hostile::Hostile;
use super::scene::{ANA, BEN, CLEO, Scene, outside_address};
use crate::input::now_ms;

/// How long honest programs are given to do what they must not do.
const TEMPTATION: Duration = Duration::from_secs(3);
/// From which amount an approver must have consented, in sat: less than what is paid.
const TIER: u64 = 1_000_000;

fn sent(view: &VaultView, id: EventId) -> bool {
    let sent = |status| matches!(status, ProposalStatus::Broadcast | ProposalStatus::Confirmed);
    view.proposals.iter().any(|payment| payment.proposal == id && sent(payment.status))
}

fn signed_by_two(view: &VaultView, id: EventId) -> bool {
    view.proposals.iter().any(|payment| payment.proposal == id && payment.signed_by.len() == 2)
}

fn frozen(view: &VaultView) -> bool {
    view.freezes.iter().any(|freeze: &FreezeView| freeze.stands)
}

/// Mallory signs a payment whatever the rules say.
async fn sign_anyway(mallory: &mut Hostile, id: EventId) -> Result<(), AttackError> {
    let checked = mallory.fold.proposal(id).map(|it| it.checked.clone()).ok_or(AttackError::Unsigned)?;
    let signatures = mallory.signatures(&checked)?;
    mallory.say(Action::Signed(Signed { proposal: id, digest: checked.digest, signatures })).await?;
    Ok(())
}

/// Ana freezes a payment that one signature is missing from; Mallory gives it.
pub async fn frozen_vault(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let vault = scene.vault()?;
    let id = scene.propose(ANA, "Rent").await?.proposal;
    scene.approve(id).await?;
    scene.until_done(BEN, &Request::Sign(scene.on(id)?)).await?;
    let reason = "somebody has read my mail".to_owned();
    scene.until_done(ANA, &Request::Freeze(Freeze { vault, reason })).await?;
    scene.until_all("the freeze", frozen).await?;
    scene.tell("a payment is approved and Ben has signed it; Ana freezes the vault");
    mallory
        .until("Ben signed and Ana froze", |fold| {
            !fold.freezes().is_empty() && fold.proposal(id).is_some_and(|payment| payment.signers().count() == 1)
        })
        .await?;
    sign_anyway(&mut mallory, id).await?;
    let freeze = mallory.fold.freezes().first().map(|freeze| freeze.event).ok_or(AttackError::Unsigned)?;
    mallory.say(Action::FreezeReleased(FreezeReleased { freezes: vec![freeze] })).await?;
    scene.tell("Mallory signs all the same, and votes to release the freeze");
    scene.until_all("Mallory's signature", |view| signed_by_two(view, id)).await?;
    let voted = |view: &VaultView| view.freezes.iter().any(|freeze| freeze.votes.len() == 1);
    scene.until_all("Mallory's vote", voted).await?;
    tokio::time::sleep(TEMPTATION).await;
    scene.never("the payment was sent", |view| sent(view, id) || !frozen(view)).await?;
    let failure = scene.refused(ANA, Request::Sign(scene.on(id)?)).await?;
    if !failure.unmet.iter().any(|unmet| matches!(unmet, Unmet::Frozen { .. })) {
        return Err(AttackError::NotNamed { by: "frozen", shown: failure.message });
    }
    scene.until_done(BEN, &Request::ReleaseFreeze(ReleaseFreeze { vault, freezes: vec![freeze] })).await?;
    scene.until_all("the payment is sent", |view| sent(view, id) && !frozen(view)).await?;
    scene.tell("Ben votes as well: two of three have released it, and the payment goes out");
    scene.agree().await?;
    Ok(())
}

/// Mallory proposes, approves and signs a payment to an address that the policy denies.
pub async fn denied_destination(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let vault = scene.vault()?;
    let honest = scene.propose(ANA, "Rent").await?.proposal;
    mallory.until("Ana's proposal", |fold| fold.proposal(honest).is_some()).await?;
    let address = outside_address();
    let policy = PolicyChange { deny: vec![address.clone()], ..PolicyChange::default() };
    scene.change(ProposeChange { policy, ..ProposeChange::of(vault) }).await?;
    let cfg = scene.view(ANA).await?.cfg;
    mallory.until("the new policy", |fold| fold.active().map(|active| active.cfg) == cfg).await?;
    scene.tell("Ana and Ben have put an address on the list of those that are never paid");
    let template = mallory.proposal(honest)?;
    let id = mallory.say(Action::Proposed(template)).await?.id;
    let digest = mallory.fold.proposal(id).map(|it| it.checked.digest).ok_or(AttackError::Unsigned)?;
    mallory.say(Action::Approved(Approved { proposal: id, digest })).await?;
    sign_anyway(&mut mallory, id).await?;
    scene.tell("Mallory proposes a payment to it, approves and signs it");
    let denied = Unmet::DestinationDenied { address };
    for member in [ANA, BEN] {
        let proposed = |view: &VaultView| view.proposals.iter().any(|it| it.proposal == id && it.signed_by.len() == 1);
        scene.until(member, "Mallory's signature", proposed).await?;
        let approve = scene.refused(member, Request::Approve(scene.on(id)?)).await?;
        let sign = scene.refused(member, Request::Sign(scene.on(id)?)).await?;
        if !approve.unmet.contains(&denied) || !sign.unmet.contains(&denied) {
            return Err(AttackError::NotNamed { by: "destination-denied", shown: approve.message });
        }
    }
    let me = mallory.me();
    let helped = |view: &VaultView| {
        let mut payments = view.proposals.iter().filter(|payment| payment.proposal == id);
        payments.any(|payment| payment.approved_by != [me] || payment.signed_by != [me]) || sent(view, id)
    };
    scene.never("an honest member helped to pay it", helped).await?;
    let Unmet::DestinationDenied { address } = denied else { return Err(AttackError::Unsigned) };
    let policy = PolicyChange { undeny: vec![address], ..PolicyChange::default() };
    scene.change(ProposeChange { policy, ..ProposeChange::of(vault) }).await?;
    scene.can_pay().await
}

/// A payment over a tier that asks for an approver: all keyholders approve, and Mallory signs.
pub async fn under_approved(scene: &mut Scene, folder: &Path) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let vault = scene.vault()?;
    scene.admit(folder, "Cleo").await?;
    let invite = Invite { vault, role: Role::Approver, replaces: None, invitation_seconds: 3_600 };
    let invitation = match scene.until_done(ANA, &Request::Invite(invite)).await? {
        Reply::Invited { invitation } => Invitation::parse(invitation.reveal(), now_ms())?,
        reply => return Err(scene.honest[ANA].unexpected(reply).into()),
    };
    scene.join(CLEO, &invitation).await?;
    let view = scene.until(ANA, "Cleo has joined", |view| !view.candidates.is_empty()).await?;
    let add = view.candidates.iter().map(|candidate| candidate.member).collect();
    let by = vec![RoleCount { role: Role::Approver, count: 1 }];
    let tiers = Some(vec![Tier { from: Sat(TIER), approvals: 3, by }]);
    let policy = PolicyChange { tiers, ..PolicyChange::default() };
    scene.change(ProposeChange { add, policy, ..ProposeChange::of(vault) }).await?;
    scene.tell("Cleo approves payments and holds no key; larger ones need three approvals, one of them hers");
    let id = scene.propose(ANA, "A car").await?.proposal;
    scene.approve(id).await?;
    let approved = |payment: &conclave_domain::vault::ProposalState| payment.approvals.members().count() == 2;
    mallory.until("Ana and Ben approved", |fold| fold.proposal(id).is_some_and(approved)).await?;
    let digest = mallory.fold.proposal(id).map(|it| it.checked.digest).ok_or(AttackError::Unsigned)?;
    mallory.say(Action::Approved(Approved { proposal: id, digest })).await?;
    sign_anyway(&mut mallory, id).await?;
    scene.tell("Ana, Ben and Mallory approve a large payment, and Mallory signs it without Cleo");
    let missing = Unmet::RoleApprovalsMissing { role: Role::Approver, have: 0, need: 1 };
    for member in [ANA, BEN] {
        let three = |view: &VaultView| {
            let mut payments = view.proposals.iter().filter(|payment| payment.proposal == id);
            payments.any(|payment| payment.approved_by.len() == 3 && payment.signed_by.len() == 1)
        };
        scene.until(member, "three approvals and Mallory's signature", three).await?;
        let failure = scene.refused(member, Request::Sign(scene.on(id)?)).await?;
        if failure.unmet != [missing.clone()] {
            return Err(AttackError::NotNamed { by: "role-approvals-missing", shown: failure.message });
        }
    }
    scene.never("an honest member signed it", |view| signed_by_two(view, id) || sent(view, id)).await?;
    scene.until_done(CLEO, &Request::Approve(scene.on(id)?)).await?;
    scene.until_done(ANA, &Request::Sign(scene.on(id)?)).await?;
    scene.until_all("the payment is sent", |view| sent(view, id)).await?;
    scene.tell("Cleo approves, Ana signs, and the payment goes out");
    scene.agree().await?;
    Ok(())
}
