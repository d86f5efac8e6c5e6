//! Attacks by somebody who was voted out.

use conclave_domain::action::{Action, Approved, Rejected};
use conclave_shared::Finding;
use conclave_shared::request::{OnConfiguration, ProposeChange, Reply, Request, VoteChange};

use super::AttackError;
use super::scene::{ANA, BEN, Scene};

/// Ana and Ben vote Mallory out; she goes on as if nothing had happened.
pub async fn removed_member(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let vault = scene.vault()?;
    let before = scene.agree().await?;
    mallory.until("all that was said", |fold| fold.state_digest() == before).await?;
    let remove = vec![mallory.me()];
    let (approvals, relays, add, replace) = (None, Vec::new(), Vec::new(), Vec::new());
    scene
        .until_done(ANA, &Request::ProposeChange(ProposeChange { vault, approvals, relays, add, remove, replace }))
        .await?;
    let view = scene.until(BEN, "the change is proposed", |view| !view.successors.is_empty()).await?;
    let cfg = view.successors.first().map(|successor| successor.cfg).ok_or(AttackError::Unsigned)?;
    let words = match scene.until_done(ANA, &Request::ChangeWords(OnConfiguration { vault, cfg })).await? {
        Reply::Words { words } => words.join(" "),
        reply => return Err(AttackError::Happened { what: format!("no words were read out: {reply:?}") }),
    };
    scene.until_done(BEN, &Request::VoteChange(VoteChange { vault, cfg, words })).await?;
    scene.until_all("the change is accepted", |view| view.cfg == Some(cfg)).await?;
    scene.tell("Ana and Ben have voted Mallory out; her key stays in the descriptor until the coins have moved");
    let payment = scene.propose(ANA, "Rent").await?;
    let id = payment.proposal;
    let events = scene.agree_on_events().await?;
    // She has seen the payment, by whatever way, and refuses and consents to it in the name of the member that she was.
    let mut said = vec![mallory.write(Action::Rejected(Rejected { proposal: id }))?];
    said.push(mallory.write(Action::Approved(Approved { proposal: id, digest: payment.digest }))?);
    for member in [ANA, BEN] {
        let to = scene.view(member).await?.me;
        mallory.send(to, &said).await?;
    }
    scene.tell("Mallory refuses the next payment");
    scene.named(Finding::StrangerRefused, None).await?;
    scene.never("her words entered the record", |view| view.events != events).await?;
    scene.approve(id).await?;
    scene.sign(id).await?;
    scene.tell("Ana and Ben pay all the same");
    Ok(())
}
