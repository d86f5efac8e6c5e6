//! Attacks with keys: one that its member does not hold, an old proof, a key under another's origin.

use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::SighashCache;
use conclave_domain::action::{Action, ConfigurationProposed, KeyProven, Ratified};
use conclave_domain::configuration::Configuration;
use conclave_domain::event::Event;
use conclave_domain::guard::Verdict;
use conclave_domain::key_proof::{self, Challenge, KeySignature};
use conclave_domain::vault::{Command, ProofToGive, Vault};
use conclave_shared::request::{Ratify, Request};
use conclave_shared::view::VaultView;
use conclave_shared::{Cfg, Finding, KeyState, MemberId, Nonce, Unmet, VaultStatus};

use super::AttackError;
use super::hostile::{Hostile, secret};
use super::scene::{ANA, BEN, Scene};
use super::set_up::{Organised, organise};
use crate::signer::Signer as _;

/// A vault of Ana, Ben and Mallory in which only Mallory's key is not proven; with what she is asked to sign.
async fn unproven(scene: &mut Scene) -> Result<(Hostile, ProofToGive), AttackError> {
    let invitations = scene.create(3).await?;
    scene.join(BEN, &invitations[0]).await?;
    let mut mallory = Hostile::join(&invitations[1], "Mallory").await?;
    mallory.challenge().await?;
    let others = |vault: &Vault| {
        let cfg = vault.newest_configuration()?.cfg;
        let proven = |by: &MemberId| vault.proven_ms(cfg, *by).is_some();
        (vault.joiners().keys().filter(|by| proven(by)).count() == 2).then_some(())
    };
    mallory.until_told("Ana and Ben have proven their keys", |mallory| others(&mallory.fold)).await?;
    let Ok(Some(asked)) = mallory.fold.proof_to_give() else { return Err(AttackError::Unsigned) };
    Ok((mallory, asked))
}

/// The honest members name it, do not ratify, and hold no ratification of Mallory's.
async fn not_ratified(scene: &mut Scene, mallory: &mut Hostile, cfg: Cfg) -> Result<(), AttackError> {
    scene.named(Finding::KeyUnproven, Some(mallory.me())).await?;
    let (vault, by) = (scene.vault()?, mallory.me());
    for (member, other) in [(ANA, BEN), (BEN, ANA)] {
        let words = scene.words(other).await?;
        let failure = scene.refused(member, Request::Ratify(Ratify { vault, words })).await?;
        if !failure.unmet.contains(&Unmet::KeyProofMissing { by }) {
            return Err(AttackError::NotNamed { by: Finding::KeyUnproven.name(), shown: failure.message });
        }
    }
    let event = mallory.say(Action::Ratified(Ratified { cfg })).await?;
    scene.until_record(event.id).await?;
    let happened = |view: &VaultView| {
        let proven = |member: &conclave_shared::view::MemberView| member.key_state == Some(KeyState::Proven);
        view.status != VaultStatus::Proving
            || view.members.iter().any(|member| member.ratified || member.member == by && proven(member))
    };
    scene.never("the vault went on with a key that is not proven", happened).await?;
    scene.tell("nobody ratifies, and Mallory's own ratification is void: no coin is ever sent to such a vault");
    Ok(())
}

/// Mallory joins with a key that she has copied from somewhere, and signs with one that she holds.
pub async fn key_not_theirs(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, asked) = unproven(scene).await?;
    scene.tell("Mallory joins with a key that she does not hold, and signs the nonces with another");
    let ProofToGive { cfg, challenges, request } = asked;
    let psbt = request.consume();
    let sighash = psbt.sighash_ecdsa(0, &mut SighashCache::new(&psbt.unsigned_tx));
    let (message, _) = sighash.map_err(|_| AttackError::Unsigned)?;
    let signature = KeySignature(SECP256K1.sign_ecdsa(&message, &secret()?).serialize_compact());
    let challenges = challenges.iter().map(|challenge| challenge.event).collect();
    mallory.say(Action::KeyProven(KeyProven { cfg, challenges, signature })).await?;
    not_ratified(scene, &mut mallory, cfg).await
}

/// Mallory has lost her key, and shows what it signed when she had it.
pub async fn old_proof(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, asked) = unproven(scene).await?;
    let (vault, me, cfg) = (mallory.fold.id(), mallory.me(), asked.cfg);
    let old = |asked: &Challenge| -> Result<Challenge, AttackError> {
        Ok(Challenge { nonce: Nonce(secret()?.secret_bytes()), ..*asked })
    };
    let old: Vec<Challenge> = asked.challenges.iter().map(old).collect::<Result<_, _>>()?;
    let checked = mallory.fold.configuration(cfg).ok_or(AttackError::Unsigned)?;
    let request = key_proof::request(vault, checked, me, &old).map_err(|_| AttackError::Unsigned)?;
    let signed = mallory.key.prove(request)?;
    let signature = key_proof::signature_in(&signed, checked, me).ok_or(AttackError::Unsigned)?;
    scene.tell("Mallory's key was taken from her; she shows a proof that it gave while she had it, over older nonces");
    let challenges = asked.challenges.iter().map(|challenge| challenge.event).collect();
    mallory.say(Action::KeyProven(KeyProven { cfg, challenges, signature })).await?;
    not_ratified(scene, &mut mallory, cfg).await
}

/// The organiser names each member's own key, under a fingerprint that is not its own: a device would not find it again.
pub async fn swapped_origin(scene: &mut Scene) -> Result<(), AttackError> {
    let Organised { mut mallory, beginning, .. } = organise(scene).await?;
    for member in mallory.others() {
        mallory.send(member, &beginning).await?;
    }
    let asked = |vault: &Vault| vault.joiners().into_keys().all(|member| vault.challenged_ms(member).is_some());
    mallory.until("Ana and Ben have asked for proofs", asked).await?;
    let Verdict::Allowed(actions) = mallory.fold.decide(Command::ProposeConfiguration)? else {
        return Err(AttackError::Unsigned);
    };
    let Some(Action::ConfigurationProposed(honest)) = actions.into_iter().next() else {
        return Err(AttackError::Unsigned);
    };
    let mut forged: Configuration = serde_json::from_str(&honest.configuration).map_err(|_| AttackError::Unsigned)?;
    let me = mallory.me();
    for member in forged.members.iter_mut().filter(|member| member.identity != me) {
        let bare = member.key.as_deref().and_then(|key| key.split_once('/')).ok_or(AttackError::Unsigned)?.1;
        member.key = Some(format!("[0badc0de/{bare}"));
    }
    forged.descriptor = forged.make_descriptor().map_err(|_| AttackError::Unsigned)?;
    let configuration = forged.to_json();
    let held: Vec<Event> = mallory.events.values().cloned().collect();
    for member in mallory.others() {
        mallory.send(member, &held).await?;
    }
    let proposed = mallory.say(Action::ConfigurationProposed(ConfigurationProposed { configuration })).await?;
    scene.tell("Mallory's configuration names Ana's and Ben's keys under a fingerprint that is not theirs");
    scene.until_record(proposed.id).await?;
    scene.named(Finding::OriginSwapped, None).await?;
    let vault = scene.vault()?;
    for member in [ANA, BEN] {
        let failure = scene.refused(member, Request::Ratify(Ratify { vault, words: "any".to_owned() })).await?;
        if !failure.message.contains(Finding::OriginSwapped.name()) {
            return Err(AttackError::NotNamed { by: Finding::OriginSwapped.name(), shown: failure.message });
        }
    }
    let happened =
        |view: &VaultView| view.cfg.is_some() || view.members.iter().any(|member| member.proven_ms.is_some());
    scene.never("somebody took the configuration", happened).await?;
    scene.tell("the configuration is void for both: no key is proven for it and nobody ratifies");
    Ok(())
}
