//! Attacks by the relay: it keeps messages back, loses one member's, or delivers over and over. The relay is the plain
//! program with hidden options for this alone; it is hostile from when the vault is active.

use conclave_shared::view::VaultView;
use conclave_shared::{Finding, MemberId};
use tokio::process::{Child, Command};

use super::AttackError;
use super::scene::{ANA, BEN, CLEO, Scene};
use crate::demo::servers::{ANY, server};
use crate::tor::Loopback;

/// Payments made while a relay is watched: a relay is named by several messages.
const PAYMENTS: u32 = 2;

/// A relay process that turns hostile.
struct Turncoat {
    process: Child,
    address: String,
}

impl Turncoat {
    /// A plain relay.
    async fn start(scene: &Scene) -> Result<Self, AttackError> {
        let (process, address) = server(Command::new(&scene.program).arg("relay"), "the other relay", ANY).await?;
        Ok(Self { process, address })
    }

    /// The same address, and hostile from now on. What it held is gone.
    async fn turn(&mut self, scene: &Scene, mischief: &[String]) -> Result<(), AttackError> {
        let failed = |error: std::io::Error| crate::demo::DemoError::Process {
            member: "the other relay".to_owned(),
            reason: error.to_string(),
        };
        self.process.kill().await.map_err(failed)?;
        let listen = Loopback::parse(&self.address, "ws").map_err(crate::demo::DemoError::from)?.address();
        let mut command = Command::new(&scene.program);
        (self.process, _) = server(command.arg("relay").args(mischief), "the other relay", listen).await?;
        Ok(())
    }
}

/// Two relays, one of which keeps everything for Ben back.
pub async fn withholding(scene: &mut Scene) -> Result<(), AttackError> {
    let mut other = Turncoat::start(scene).await?;
    scene.relays.push(other.address.clone());
    scene.honest_vault().await?;
    let ben = scene.view(BEN).await?.me;
    other.turn(scene, &["--withhold".to_owned(), ben.to_string()]).await?;
    scene.tell("one of the vault's two relays takes everything that is for Ben, and never hands it out");
    for _ in 0..PAYMENTS {
        scene.can_pay().await?;
        scene.mine().await?;
    }
    let found = scene.named_at(BEN, Finding::RelayWithholds, None).await?;
    if found.relay.as_ref().is_some_and(|relay| *relay != other.address) {
        return Err(AttackError::Happened { what: format!("the honest relay is accused: {}", found.detail) });
    }
    Ok(())
}

/// The only relay loses what Ana writes to Ben.
pub async fn dropping(scene: &mut Scene) -> Result<(), AttackError> {
    let mut only = Turncoat::start(scene).await?;
    scene.relays = vec![only.address.clone()];
    scene.honest_vault().await?;
    let (ana, ben): (MemberId, MemberId) = (scene.view(ANA).await?.me, scene.view(BEN).await?.me);
    only.turn(scene, &["--drop".to_owned(), format!("{ana}:{ben}")]).await?;
    scene.tell("the only relay loses every message of Ana to Ben; Cleo's arrive");
    for _ in 0..PAYMENTS {
        scene.can_pay().await?;
        scene.mine().await?;
    }
    scene.tell("what Ana says reaches Ben through Cleo");
    scene.named_at(BEN, Finding::RelayWithholds, None).await?;
    Ok(())
}

/// A relay that delivers everything over and over, backwards, with garbage in between.
pub async fn replaying(scene: &mut Scene) -> Result<(), AttackError> {
    let mut only = Turncoat::start(scene).await?;
    scene.relays = vec![only.address.clone()];
    scene.honest_vault().await?;
    only.turn(scene, &["--replay".to_owned(), "--garbage".to_owned()]).await?;
    scene.tell("the relay delivers everything over and over, the last first, with garbage in between");
    scene.can_pay().await?;
    scene.until(CLEO, "the payment", |view| view.proposals.len() == 1).await?;
    let doubled = |view: &VaultView| {
        view.proposals.len() != 1
            || view.proposals.iter().any(|it| it.approved_by.len() != 2 || it.signed_by.len() != 2)
            || view.void > 0
    };
    scene.never("something happened twice, or garbage entered the record", doubled).await?;
    scene
        .never("a member is accused of what the relay did", |view| {
            view.findings.iter().any(|view| view.member.is_some() && view.finding != Finding::RelayWithholds)
        })
        .await
}
