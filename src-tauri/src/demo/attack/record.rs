//! Attacks by what is put on record: unknown actions, old and future dates, invented signatures.

use bitcoin::secp256k1::{Message, SECP256K1};
use bitcoin::{ScriptBuf, Transaction, consensus};
use conclave_domain::action::{Action, AddressIssued, Approved, Ratified, Rejected, Signed};
use conclave_domain::event::Event;
use conclave_domain::proposal::{PartialSignature, Proposal};
use conclave_shared::request::{OnVault, Reply, Request};
use conclave_shared::{Cfg, EventId, Finding, ProposalStatus, Unmet};
use nostr::JsonUtil as _;

use super::AttackError;
use super::hostile::{Hostile, secret};
use super::scene::{ANA, BEN, Scene};

/// An hour, in ms.
const HOUR_MS: u64 = 3_600_000;

/// An action that no program of today knows.
pub async fn unknown_action(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let payment = scene.propose(ANA, "Rent").await?;
    scene.approve(payment.proposal).await?;
    let draft = mallory.draft(Action::Ratified(Ratified { cfg: Cfg([0; 32]) }));
    let mut unsigned = draft.unsigned()?;
    unsigned.content = r#"{"type":"thawed","until":"tomorrow"}"#.to_owned();
    unsigned.id = None;
    let signed = unsigned.sign_with_keys(&mallory.keys).map_err(|_| AttackError::Unsigned)?;
    let event = Event::parse(&signed.as_json())?;
    for member in mallory.others() {
        mallory.send(member, std::slice::from_ref(&event)).await?;
    }
    scene.tell("a payment is approved; Mallory writes an action of a program of tomorrow");
    scene.named(Finding::ActionUnknown, Some(mallory.me())).await?;
    for member in [ANA, BEN] {
        let failure = scene.refused(member, Request::Sign(scene.on(payment.proposal)?)).await?;
        if !failure.unmet.contains(&Unmet::RulesUnknown) {
            return Err(AttackError::NotNamed { by: "rules-unknown", shown: failure.message });
        }
    }
    scene
        .never("a key signed under rules that its program does not know", |view| {
            view.proposals.iter().any(|payment| !payment.signed_by.is_empty())
        })
        .await
}

/// Events with an old date: a rival proposal, and a rejection after the payment is sent.
pub async fn backdated(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    // What she dates back later must at least know the ratifications, or it would be void for that alone.
    let active = mallory.fold.active().ok_or(AttackError::Unsigned)?;
    let address = active.descriptor.address(1, active.configuration.network).ok_or(AttackError::Unsigned)?.to_string();
    mallory.say(Action::AddressIssued(AddressIssued { index: 1, address })).await?;
    let payment = scene.propose(ANA, "Rent").await?;
    let id = payment.proposal;
    scene.approve(id).await?;
    mallory.until("the payment is approved", |vault| vault.proposal(id).is_some()).await?;
    let rival = mallory.say_backdated(Action::Proposed(rival(&mallory, id)?)).await?;
    scene
        .tell("Ana and Ben have approved a payment; Mallory proposes another over the same coin, dated an hour before");
    mallory.fold.proposal(rival.id).ok_or(AttackError::Unsigned)?;
    let digest = mallory.fold.proposal(rival.id).map(|it| it.checked.digest).ok_or(AttackError::Unsigned)?;
    mallory.say_backdated(Action::Approved(Approved { proposal: rival.id, digest })).await?;
    scene.until_all("Mallory's proposal", |view| view.proposals.iter().any(|it| it.proposal == rival.id)).await?;
    for member in [ANA, BEN] {
        let failure = scene.refused(member, Request::Approve(scene.on(rival.id)?)).await?;
        if !failure.unmet.contains(&Unmet::CoinReserved { by: id }) {
            return Err(AttackError::NotNamed { by: "coin-reserved", shown: failure.message });
        }
    }
    scene.sign(id).await?;
    let late = mallory.say_backdated(Action::Rejected(Rejected { proposal: id })).await?;
    scene.tell("the payment is sent; Mallory rejects it, dated an hour before");
    let events = scene.view(ANA).await?.events;
    scene.until_all("Mallory's rejection is on record", |view| view.events >= events).await?;
    scene.until_record(late.id).await?;
    scene.agree().await?;
    scene
        .never("what was granted was taken back", |view| {
            let standing = |status| matches!(status, ProposalStatus::Broadcast | ProposalStatus::Confirmed);
            !view.proposals.iter().any(|it| it.proposal == id && standing(it.status) && it.signed_by.len() == 2)
                || view.proposals.iter().any(|it| it.proposal == rival.id && standing(it.status))
        })
        .await
}

/// A payment of the same coins to somebody else.
fn rival(mallory: &Hostile, of: EventId) -> Result<Proposal, AttackError> {
    let honest = mallory.proposal(of)?;
    let transaction: Result<Transaction, _> = consensus::encode::deserialize_hex(&honest.transaction);
    let mut transaction = transaction.map_err(|_| AttackError::Unsigned)?;
    let change = honest.change.map(|change| change.output as usize);
    let outputs = transaction.output.iter_mut().enumerate();
    for (_, output) in outputs.filter(|(place, _)| Some(*place) != change) {
        output.script_pubkey = ScriptBuf::new_op_return([0x6d; 4]);
    }
    Ok(Proposal::new(&transaction, honest.inputs.clone(), honest.change, "Rent".to_owned()))
}

impl Hostile {
    /// Says something, dated an hour before, as one who knew nothing that was said since the last own event.
    async fn say_backdated(&mut self, action: Action) -> Result<Event, AttackError> {
        let names_a_proposal = !matches!(action, Action::Proposed(_));
        let mut draft = self.draft(action);
        draft.ms -= HOUR_MS;
        if !names_a_proposal {
            draft.seen.clear();
        }
        let event = self.sign(&draft)?;
        self.keep(event.clone())?;
        for member in self.others() {
            self.send(member, std::slice::from_ref(&event)).await?;
        }
        Ok(event)
    }
}

/// Signatures that no key of the vault made over the payment.
pub async fn invented_signature(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let payment = scene.propose(ANA, "Rent").await?;
    let id = payment.proposal;
    scene.approve(id).await?;
    mallory.until("the payment is proposed", |vault| vault.proposal(id).is_some()).await?;
    let checked = mallory.fold.proposal(id).map(|it| it.checked.clone()).ok_or(AttackError::Unsigned)?;
    let mut key = checked.key_of(0, mallory.me()).ok_or(AttackError::Unsigned)?;
    let own = secret()?;
    let signature = SECP256K1.sign_ecdsa(&Message::from_digest([7; 32]), &own);
    let mut written = Vec::new();
    for _ in 0..2 {
        let signatures = vec![PartialSignature { input: 0, key, signature }];
        let signed = Signed { proposal: id, digest: checked.digest, signatures };
        written.push(mallory.say(Action::Signed(signed)).await?.id);
        // The second time by a key that is nobody's.
        key = bitcoin::PublicKey::new(own.public_key(SECP256K1));
    }
    scene.tell("a payment is approved; Mallory writes signatures that are none");
    let vault = scene.vault()?;
    for member in [ANA, BEN] {
        scene.until(member, "the events of Mallory are void", |view| view.void == 2).await?;
        match scene.honest[member].ask(Request::ShowRefused(OnVault { vault })).await? {
            Reply::Refused { void, .. } => {
                let invalid = |id: &EventId| {
                    void.iter().any(|view| view.event == *id && view.reason.contains("a signature on input 0"))
                };
                if !written.iter().all(invalid) {
                    return Err(AttackError::NotNamed { by: "signature-invalid", shown: format!("{void:?}") });
                }
                let (name, reason) = (scene.honest[member].name, void[0].reason.clone());
                scene.tell(format!("{name}'s program shows: void event of {}: {reason}", void[0].author.short()));
            }
            reply => return Err(scene.honest[member].unexpected(reply).into()),
        }
    }
    let me = mallory.me();
    scene
        .never("an invented signature counted", |view| {
            view.proposals.iter().any(|payment| payment.signed_by.contains(&me))
        })
        .await?;
    scene.sign(id).await?;
    scene.tell("Ana and Ben sign, and the payment goes out with their two signatures");
    Ok(())
}

/// An event of the future, on which everything that comes later would build.
pub async fn clock_ahead(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let active = mallory.fold.active().ok_or(AttackError::Unsigned)?;
    let address = active.descriptor.address(1, active.configuration.network).ok_or(AttackError::Unsigned)?.to_string();
    let mut draft = mallory.draft(Action::AddressIssued(AddressIssued { index: 1, address }));
    draft.ms += HOUR_MS * 24 * 365 * 50;
    let event = mallory.sign(&draft)?;
    mallory.keep(event.clone())?;
    for member in mallory.others() {
        mallory.send(member, std::slice::from_ref(&event)).await?;
    }
    scene.tell("Mallory dates an event fifty years ahead");
    scene.named(Finding::ClockAhead, Some(mallory.me())).await?;
    scene.can_pay().await
}
