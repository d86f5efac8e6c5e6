//! Attacks by somebody who was voted out.

use conclave_domain::action::{Action, Approved, Rejected};
use conclave_shared::Finding;
use conclave_shared::request::ProposeChange;

use super::AttackError;
use super::scene::{ANA, BEN, Scene};

/// Ana and Ben vote Mallory out; she goes on as if nothing had happened.
pub async fn removed_member(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let vault = scene.vault()?;
    let before = scene.agree().await?;
    mallory.until("all that was said", |fold| fold.state_digest() == before).await?;
    let remove = vec![mallory.me()];
    scene.change(ProposeChange { remove, ..ProposeChange::of(vault) }).await?;
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
