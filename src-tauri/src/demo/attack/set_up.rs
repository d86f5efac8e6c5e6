//! Attacks on the way into a vault: swapped keys, copied invitations, strangers.

use conclave_domain::action::{Action, Content, Created, Joined};
use conclave_domain::configuration::RULES;
use conclave_domain::event::Event;
use conclave_domain::guard::Verdict;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::vault::{Command, Vault};
use conclave_shared::request::{OnVault, Ratify, Request};
use conclave_shared::{EventId, Finding, MemberId, Role, VaultId, VaultStatus};

use super::AttackError;
use super::hostile::{Hostile, challenge, proof, secret};
use super::scene::{ANA, BEN, Scene};
use crate::input::now_ms;
use crate::open_vault::NETWORK;
use crate::signer::Signer as _;

/// A vault that Mallory organises and that Ana and Ben have joined.
pub struct Organised {
    /// The organiser.
    pub mallory: Hostile,
    /// Ana's invitation and Ben's.
    pub invitations: Vec<Invitation>,
    /// The creation, Mallory's joining and her nonce.
    pub beginning: Vec<Event>,
}

/// Mallory makes a 2-of-3 vault and invites Ana and Ben, who join.
pub async fn organise(scene: &mut Scene) -> Result<Organised, AttackError> {
    let keys = nostr::Keys::generate();
    let me = MemberId(keys.public_key().to_bytes());
    let vault = VaultId(secret()?.secret_bytes());
    let mut places = Vec::new();
    for _ in 0..2 {
        let secret = secret()?;
        let (key, expires_ms) = (Invitation::place_key(&secret), now_ms() + 3_600_000);
        places.push((Place { key, role: Role::Keyholder, expires_ms, title: None }, secret));
    }
    let relays = scene.servers.relays.clone();
    let created = Created {
        name: "Trust me".to_owned(),
        network: NETWORK,
        threshold: 2,
        organiser: vec![Role::Keyholder],
        places: places.iter().map(|(place, _)| place.clone()).collect(),
        relays: relays.clone(),
        rules: RULES,
        title: None,
        policy: None,
        script: Default::default(),
        recovery: None,
    };
    let mut mallory = Hostile::with(keys, Vault::new(vault, EventId([0; 32]), me), &relays).await?;
    let draft = mallory.draft(Action::Created(created));
    let creation = mallory.sign(&draft)?;
    mallory.fold = Vault::new(vault, creation.id, me);
    mallory.keep(creation.clone())?;
    let joined = Joined { name: "Mallory".to_owned(), proof: None, key: Some(mallory.key.account_key()) };
    let joined = mallory.write(Action::Joined(joined))?;
    let asked = mallory.write(challenge()?)?;
    scene.tell("Mallory makes a 2-of-3 vault and invites Ana and Ben");
    let invitations: Vec<Invitation> = places
        .iter()
        .map(|(place, secret)| Invitation::new(vault, creation.id, me, place, relays.clone(), *secret))
        .collect();
    scene.join(ANA, &invitations[0]).await?;
    scene.join(BEN, &invitations[1]).await?;
    mallory.until("Ana and Ben have joined", |vault| vault.joiners().len() == 3).await?;
    Ok(Organised { mallory, invitations, beginning: vec![creation, joined, asked] })
}

/// The organiser shows each member another third keyholder, whose key is the organiser's own.
pub async fn swapped_key(scene: &mut Scene) -> Result<(), AttackError> {
    let Organised { mut mallory, invitations, beginning } = organise(scene).await?;
    let (vault, creation) = (mallory.fold.id(), mallory.fold.created());
    // Each is shown a record of its own, in which the other one is a puppet.
    let joined: Vec<(MemberId, String, EventId)> = mallory
        .fold
        .joiners()
        .iter()
        .map(|(member, joiner)| (*member, joiner.joined.name.clone(), joiner.event))
        .collect();
    for (victim, puppets_place) in [("Ana", 1), ("Ben", 0)] {
        let mut puppet = Hostile::arrive(&invitations[puppets_place]).await?;
        let name = if victim == "Ana" { "Ben" } else { "Ana" };
        let joining = puppet.joined(&invitations[puppets_place], name);
        let puppets = vec![puppet.write(Action::Joined(joining))?, puppet.write(challenge()?)?];
        let Some((member, _, event)) = joined.iter().find(|(_, name, _)| name == victim) else {
            return Err(AttackError::Unsigned);
        };
        let (member, theirs) = (*member, mallory.events[event].clone());
        mallory.send(member, &[beginning.clone(), puppets.clone()].concat()).await?;
        let asks =
            |event: &Event| event.author == member && matches!(event.content, Content::Known(Action::Challenged(_)));
        let asked = mallory
            .until_told("the victim has asked for proofs", |mallory| {
                mallory.events.values().find(|it| asks(it)).cloned()
            })
            .await?;
        // One record, as Mallory and as her puppet go on in it.
        let told = [beginning.clone(), puppets, vec![theirs, asked]].concat();
        let mut story = Vault::new(vault, creation, mallory.me());
        let mut as_puppet = Vault::new(vault, creation, puppet.me());
        for event in &told {
            story.receive(event.clone()).map_err(AttackError::Own)?;
            as_puppet.receive(event.clone()).map_err(AttackError::Own)?;
        }
        let Verdict::Allowed(actions) = story.decide(Command::ProposeConfiguration)? else {
            return Err(AttackError::Unsigned);
        };
        let action = actions.into_iter().next().ok_or(AttackError::Unsigned)?;
        let draft = story.draft(action, mallory.now());
        let proposed = mallory.sign(&draft)?;
        for fold in [&mut story, &mut as_puppet] {
            fold.receive(proposed.clone()).map_err(AttackError::Own)?;
        }
        // Both keys are Mallory's: their proofs are as good as any.
        let own = story.draft(proof(&story, &mallory.key)?, mallory.now());
        let own = mallory.sign(&own)?;
        let puppets = as_puppet.draft(proof(&as_puppet, &puppet.key)?, mallory.now());
        let puppets = puppet.sign(&puppets)?;
        mallory.send(member, &[proposed, own, puppets]).await?;
        scene
            .tell(format!("to {victim} Mallory shows a {name} whose key is Mallory's own, and proves that it is held"));
    }
    scene.until_all("every key is proven", |view| view.status == VaultStatus::Ratifying).await?;
    for (member, other) in [(ANA, BEN), (BEN, ANA)] {
        let words = scene.words(other).await?;
        let ratify = Request::Ratify(Ratify { vault, words });
        let failure = scene.refused(member, ratify).await?;
        if !failure.message.contains("words heard differ") {
            return Err(AttackError::NotNamed { by: Finding::WordsDiffer.name(), shown: failure.message });
        }
    }
    let ratified = |view: &conclave_shared::view::VaultView| view.members.iter().any(|member| member.ratified);
    scene.never("a keyholder ratified swapped keys", ratified).await?;
    scene.tell("both hear other words than their own: nobody ratifies, and no coin is ever sent to such a vault");
    Ok(())
}

/// A copy of an invitation is used by somebody else too.
pub async fn invitation_twice(scene: &mut Scene) -> Result<(), AttackError> {
    let invitations = scene.create(2).await?;
    let mut eve = Hostile::join(&invitations[0], "Ben").await?;
    eve.set_up().await?;
    scene.tell("Eve read Ben's mail and joins with a copy of his invitation, under his name");
    scene.until(ANA, "Eve has joined", |view| view.members.iter().any(|member| member.member == eve.me())).await?;
    // Ana's program may have put a configuration with Eve up before Ben came: it must not be ratified either.
    scene.join(BEN, &invitations[0]).await?;
    scene.tell("Ben joins with the real one");
    scene.named_at(ANA, Finding::InvitationDoubled, None).await?;
    let vault = scene.vault()?;
    let words = Request::RosterWords(OnVault { vault });
    if let Ok(conclave_shared::request::Reply::Words { words }) = scene.honest[ANA].ask(words).await {
        scene.refused(ANA, Request::Ratify(Ratify { vault, words: words.join(" ") })).await?;
    }
    scene.never("a vault became active with a stranger in it", |view| view.status == VaultStatus::Active).await
}

/// Somebody without any invitation writes to everybody.
pub async fn stranger(scene: &mut Scene) -> Result<(), AttackError> {
    let (_mallory, invitations) = scene.with_mallory().await?;
    let before = scene.agree().await?;
    let mut eve = Hostile::arrive(&invitations[0]).await?;
    let joined = Joined { name: "Eve".to_owned(), proof: None, key: Some(eve.key.account_key()) };
    let event = eve.write(Action::Joined(joined))?;
    let members: Vec<MemberId> = scene.view(ANA).await?.members.iter().map(|member| member.member).collect();
    for member in members.into_iter().filter(|member| *member != eve.me()) {
        eve.send(member, std::slice::from_ref(&event)).await?;
        eve.send_text(member, "let me in".to_owned()).await?;
    }
    scene.tell("Eve, who was never invited, learnt everybody's ids and writes to all of them");
    scene.named(Finding::StrangerRefused, None).await?;
    if scene.agree().await? != before {
        return Err(AttackError::Happened { what: "a stranger's event entered the record".to_owned() });
    }
    scene.can_pay().await
}

/// A used invitation is used again when the vault is active, with one member's help.
pub async fn late_joiner(scene: &mut Scene) -> Result<(), AttackError> {
    let (mallory, invitations) = scene.with_mallory().await?;
    let mut eve = Hostile::arrive(&invitations[0]).await?;
    let joined = eve.joined(&invitations[0], "Eve");
    let event = eve.write(Action::Joined(joined))?;
    for member in mallory.others() {
        eve.send(member, std::slice::from_ref(&event)).await?;
    }
    scene.tell("the vault is active; Eve joins with a copy of Ben's invitation");
    scene.named(Finding::StrangerRefused, None).await?;
    for member in mallory.others() {
        mallory.send(member, std::slice::from_ref(&event)).await?;
    }
    scene.tell("Mallory, a member, hands Eve's joining over to the others");
    scene.can_pay().await?;
    let eves = eve.me();
    scene
        .never("Eve has a say", |view| {
            view.proposals.iter().any(|payment| payment.approved_by.contains(&eves)) || view.keyholders != 3
        })
        .await
}
