//! Attacks on the one record: different stories to different members, forks of the past, copies put back, votes given twice.

use std::path::Path;

use conclave_domain::action::{Action, AddressIssued, Approved, ConfigurationProposed, Joined, Rejected, Voted};
use conclave_shared::request::{OnVault, Reply, Request};
use conclave_shared::{Cfg, EventId, Finding, Unmet, VaultStatus};

use super::AttackError;
use super::hostile::Hostile;
use super::scene::{ANA, BEN, CLEO, Scene};
use crate::demo::DemoError;

/// Events that the forker writes before the fork of its first.
const BEFORE: usize = 1_000;

/// One number, two events: an approval for Ana, something harmless for Ben.
pub async fn two_stories(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let payment = scene.propose(ANA, "Rent").await?;
    let id = payment.proposal;
    mallory.until("the payment is proposed", |vault| vault.proposal(id).is_some()).await?;
    let digest = mallory.fold.proposal(id).map(|it| it.checked.digest).ok_or(AttackError::Unsigned)?;
    let approval = mallory.draft(Action::Approved(Approved { proposal: id, digest }));
    let approval = mallory.sign(&approval)?;
    let harmless = harmless(&mut mallory, 1)?;
    let harmless = mallory.draft(harmless);
    let harmless = mallory.sign(&harmless)?;
    let (ana, ben) = (scene.view(ANA).await?.me, scene.view(BEN).await?.me);
    mallory.send(ana, std::slice::from_ref(&approval)).await?;
    mallory.send(ben, std::slice::from_ref(&harmless)).await?;
    scene
        .tell("Mallory tells Ana that she approves the payment; to Ben she tells something else, with the same number");
    scene.named(Finding::TwoStories, Some(mallory.me())).await?;
    scene.until_done(ANA, &Request::Approve(scene.on(id)?)).await?;
    let failure = scene.refused(ANA, Request::Sign(scene.on(id)?)).await?;
    if !failure.unmet.contains(&Unmet::ApprovalsMissing { have: 1, need: 2 }) {
        return Err(AttackError::Happened { what: format!("the forker's approval counts: {}", failure.message) });
    }
    scene.tell("Mallory's approval no longer counts");
    scene.approve(id).await?;
    scene.sign(id).await?;
    scene.agree().await?;
    scene.tell("Ana and Ben hold both stories and one state, and pay");
    Ok(())
}

/// A deposit address that Mallory may give out.
fn harmless(mallory: &mut Hostile, index: u32) -> Result<Action, AttackError> {
    let active = mallory.fold.active().ok_or(AttackError::Unsigned)?;
    let address = active.descriptor.address(index, active.configuration.network).ok_or(AttackError::Unsigned)?;
    Ok(Action::AddressIssued(AddressIssued { index, address: address.to_string() }))
}

/// A second event 0, a thousand events later.
pub async fn fork_at_zero(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, invitations) = scene.with_mallory().await?;
    let mut events = Vec::new();
    for _ in 0..BEFORE {
        events.push(mallory.write(Action::Rejected(Rejected { proposal: EventId([0; 32]) }))?);
    }
    for member in mallory.others() {
        for some in events.chunks(250) {
            mallory.send(member, some).await?;
        }
    }
    scene.until_all("Mallory's thousand events", |view| view.void as usize >= BEFORE).await?;
    scene.tell(format!(
        "Mallory has written {BEFORE} events; now she writes another event 0: she joined with another key"
    ));
    let before = scene.agree().await?;
    let other_key = Hostile::arrive(&invitations[1]).await?;
    let joined = Joined {
        name: "Mallory".to_owned(),
        proof: Some(invitations[1].prove(mallory.me())),
        key: other_key.joined(&invitations[1], "Mallory").key,
    };
    let mut draft = mallory.draft(Action::Joined(joined));
    (draft.n, draft.prev, draft.cfg) = (0, None, Some(Cfg(mallory.fold.created().0)));
    draft.seen.clear();
    let second = mallory.sign(&draft)?;
    for member in mallory.others() {
        mallory.send(member, std::slice::from_ref(&second)).await?;
    }
    scene.named(Finding::TwoStories, Some(mallory.me())).await?;
    scene.until_record(second.id).await?;
    scene
        .never("the fork of the past undid the vault", |view| {
            view.status != VaultStatus::Active || view.state_digest == before || view.keyholders != 3
        })
        .await?;
    scene.can_pay().await
}

/// An honest member's folder is copied, and put back later.
pub async fn old_backup(scene: &mut Scene, folder: &Path) -> Result<(), AttackError> {
    scene.honest_vault().await?;
    let vault = scene.vault()?;
    let home = scene.honest[BEN].home().to_owned();
    let copy = folder.join("copy-of-ben");
    scene.honest[BEN].stop().await?;
    copy_folder(&home, &copy)?;
    scene.honest[BEN].start().await?;
    let issue = Request::IssueAddress(OnVault { vault });
    scene.until_done(BEN, &issue).await?;
    let events = scene.view(BEN).await?.events;
    scene.until_all("what Ben said", |view| view.events >= events).await?;
    scene.agree().await?;
    scene.tell("Ben's folder is copied; later he gives out an address, and the others hear it");
    scene.honest[CLEO].stop().await?;
    scene.honest[BEN].stop().await?;
    std::fs::remove_dir_all(&home).map_err(|source| DemoError::Folder { path: home.clone(), source })?;
    copy_folder(&copy, &home)?;
    scene.honest[BEN].start().await?;
    scene.tell("the copy is put back in its place; Ana is there, Cleo is offline; Ben acts at once");
    scene.refused(BEN, issue.clone()).await?;
    scene.named_at(BEN, Finding::BackupRestored, None).await?;
    scene.honest[CLEO].start().await?;
    scene.tell("Cleo comes back: now enough members can tell what Ben's program said last");
    let told = |view: &conclave_shared::view::VaultView| {
        view.findings.iter().all(|view| view.finding != Finding::BackupRestored)
    };
    scene.until(BEN, "the others have told", told).await?;
    match scene.until_done(BEN, &issue).await? {
        Reply::Address { index, .. } if index > 0 => {}
        reply => return Err(AttackError::Happened { what: format!("Ben's program repeated itself: {reply:?}") }),
    }
    scene.agree().await?;
    scene
        .never("the copy forked Ben's story", |view| {
            view.findings.iter().any(|view| view.finding == Finding::TwoStories)
        })
        .await?;
    scene.can_pay().await
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), AttackError> {
    let failed = |source| DemoError::Folder { path: to.to_owned(), source };
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        std::fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
    }
    Ok(())
}

/// Two keyholders, as many as can spend, vote for two successors of one configuration.
pub async fn double_vote(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, mut trudy) = scene.with_two_hostile().await?;
    let payment = scene.propose(ANA, "Rent").await?;
    let active = mallory.fold.active().ok_or(AttackError::Unsigned)?;
    let (cfg, configuration) = (active.cfg, active.configuration.clone());
    for approvals in [1, 3] {
        let mut successor = configuration.clone();
        (successor.parent, successor.policy.approvals) = (cfg, approvals);
        let json = successor.to_json();
        let proposed = Action::ConfigurationProposed(ConfigurationProposed { configuration: json.clone() });
        let vote = Cfg(conclave_domain::hash::tagged("conclave/configuration", json.as_bytes()));
        // Each successor is voted in on a story of its own, as if the other did not exist.
        let story = [mallory.fold.clone(), trudy.fold.clone()];
        let proposed = mallory.write(proposed)?;
        trudy.fold.receive(proposed.clone()).map_err(AttackError::Own)?;
        let votes = [
            mallory.write(Action::ConfigurationVoted(Voted { cfg: vote }))?,
            trudy.write(Action::ConfigurationVoted(Voted { cfg: vote }))?,
        ];
        [mallory.fold, trudy.fold] = story;
        let ana = scene.view(ANA).await?.me;
        for event in [proposed].iter().chain(&votes) {
            mallory.send(ana, std::slice::from_ref(event)).await?;
        }
    }
    scene.tell("Mallory and Trudy vote for two successors of one configuration, each on a story of its own");
    scene.named_at(ANA, Finding::DoubleVote, None).await?;
    scene.refused(ANA, Request::Approve(scene.on(payment.proposal)?)).await?;
    scene
        .never("something was permitted under two configurations", |view| {
            view.proposals.iter().any(|payment| !payment.approved_by.is_empty() || !payment.signed_by.is_empty())
        })
        .await
}
