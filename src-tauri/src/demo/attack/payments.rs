//! Attacks by the payment itself: proposals that lie about amounts, fees and times, or about what they replace, and two over
//! one coin.

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash as _;
use bitcoin::{Amount, ScriptBuf, Transaction, Txid, WScriptHash, consensus};
use conclave_domain::action::{Action, AddressIssued, Approved, PaymentProposed, Rejected};
use conclave_domain::proposal::Proposal;
use conclave_domain::vault::ChainFacts;
use conclave_shared::request::Request;
use conclave_shared::view::VaultView;
use conclave_shared::{Finding, ReplacementKind, Unmet};

use super::AttackError;
use super::scene::{ANA, BEN, Scene};

/// What a lie adds to an amount, or to the fee, in sat.
const LIE: u64 = 2_000_000;
/// A block that is far from being there.
const FAR_BLOCK: u32 = 400_000;

/// A lie about a payment, and the finding that names it.
type Lie = (&'static str, Finding, fn(&mut Transaction, &mut Proposal));

/// The lies that are tried, one after the other.
const LIES: [Lie; 3] = [
    ("that its coin is worth more than it is", Finding::AmountUnproven, |_, proposal| {
        proposal.inputs.iter_mut().take(1).for_each(|input| input.amount += LIE);
    }),
    ("nothing of a fee that eats the change", Finding::FeeAbsurd, |transaction, proposal| {
        let change = proposal.change.and_then(|change| transaction.output.get_mut(change.output as usize));
        if let Some(change) = change {
            change.value = Amount::from_sat(change.value.to_sat().saturating_sub(LIE));
        }
    }),
    ("nothing of a lock that holds it back for years", Finding::LocktimeAhead, |transaction, _| {
        transaction.lock_time = LockTime::from_consensus(FAR_BLOCK);
    }),
];

/// What a replacement pays more than the original, in sat.
const OUTBID: u64 = 5_000;

/// An honest payment of the same coins to Mallory's own script, with a higher fee.
fn to_mallory(honest: &Proposal) -> Result<(Transaction, Proposal), AttackError> {
    let transaction: Result<Transaction, _> = consensus::encode::deserialize_hex(&honest.transaction);
    let mut transaction = transaction.map_err(|_| AttackError::Unsigned)?;
    let change = honest.change.map(|change| change.output as usize);
    for (place, output) in transaction.output.iter_mut().enumerate() {
        if Some(place) == change {
            output.value = Amount::from_sat(output.value.to_sat().saturating_sub(OUTBID));
        } else {
            output.script_pubkey = ScriptBuf::new_p2wsh(&WScriptHash::from_byte_array([0x6d; 32]));
        }
    }
    let proposal = Proposal::new(&transaction, honest.inputs.clone(), honest.change, honest.purpose.clone());
    Ok((transaction, proposal))
}

/// A "bump" that pays somebody else, and one that is a second payment.
pub async fn replaced_recipient(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let rent = scene.propose(ANA, "Rent").await?.proposal;
    scene.approve(rent).await?;
    mallory.until("the rent is proposed", |vault| vault.proposal(rent).is_some()).await?;
    let honest = mallory.proposal(rent)?;
    let (mut transaction, proposal) = to_mallory(&honest)?;
    let bump = PaymentProposed { replaces: Some(rent), ..PaymentProposed::from(proposal) };
    let bump = mallory.say(Action::PaymentProposed(bump)).await?.id;
    scene.tell("Ana and Ben have approved the rent; Mallory proposes a \"fee bump\" of it that pays Mallory");
    let named = |view: &VaultView| {
        view.proposals.iter().any(|it| it.proposal == bump && it.replacement == Some(ReplacementKind::OtherPayment))
    };
    scene.until_all("Mallory's payment, named as another payment", named).await?;
    for member in [ANA, BEN] {
        let failure = scene.refused(member, Request::Sign(scene.on(bump)?)).await?;
        if !failure.unmet.contains(&Unmet::ApprovalsMissing { have: 0, need: 2 }) {
            return Err(AttackError::NotNamed { by: "approvals-missing", shown: failure.message });
        }
    }
    // The same lie about a payment of other coins: it would be paid beside the rent.
    for input in &mut transaction.input {
        input.previous_output.txid = Txid::from_byte_array([0x6d; 32]);
    }
    let beside = Proposal::new(&transaction, honest.inputs.clone(), honest.change, honest.purpose.clone());
    let beside = PaymentProposed { replaces: Some(rent), ..PaymentProposed::from(beside) };
    let beside = mallory.say(Action::PaymentProposed(beside)).await?.id;
    scene.tell("Mallory proposes one more \"bump\", which spends none of the rent's coins");
    for member in [ANA, BEN] {
        scene.void(member, beside, "replacement-unrelated").await?;
    }
    scene
        .never("an approval of the rent counted for another payment", |view| {
            let bump = view.proposals.iter().filter(|payment| payment.proposal == bump);
            bump.into_iter().any(|payment| !payment.approved_by.is_empty() || !payment.signed_by.is_empty())
        })
        .await?;
    scene.sign(rent).await?;
    scene.tell("Ana and Ben sign the rent, and it goes out");
    Ok(())
}

/// Two payments over one coin, each with enough approvals and one honest signature.
pub async fn double_spend(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    // Mallory's own past must hold the ratifications, so that what is written next counts without knowing of the rent.
    let active = mallory.fold.active().ok_or(AttackError::Unsigned)?;
    let address = active.descriptor.address(1, active.configuration.network).ok_or(AttackError::Unsigned)?.to_string();
    mallory.say(Action::AddressIssued(AddressIssued { index: 1, address })).await?;
    let rent = scene.propose(ANA, "Rent").await?.proposal;
    mallory.until("the rent is proposed", |vault| vault.proposal(rent).is_some()).await?;
    let (_, rival) = to_mallory(&mallory.proposal(rent)?)?;
    let mut draft = mallory.draft(Action::PaymentProposed(PaymentProposed::from(rival)));
    draft.seen.clear();
    let event = mallory.sign(&draft)?;
    mallory.keep(event.clone())?;
    for member in mallory.others() {
        mallory.send(member, std::slice::from_ref(&event)).await?;
    }
    let rival = event.id;
    for proposal in [rent, rival] {
        let digest = mallory.fold.proposal(proposal).map(|it| it.checked.digest).ok_or(AttackError::Unsigned)?;
        mallory.say(Action::Approved(Approved { proposal, digest })).await?;
    }
    scene.tell("Mallory proposes a payment of the rent's coin at the same time, and approves both");
    scene.until_all("both payments", |view| view.proposals.iter().any(|it| it.proposal == rival)).await?;
    // Each honest member wants another one: both get as far as one honest signature.
    for (member, own, other) in [(ANA, rent, rival), (BEN, rival, rent)] {
        scene.until_done(member, &Request::Approve(scene.on(own)?)).await?;
        scene.until_done(member, &Request::Sign(scene.on(own)?)).await?;
        for request in [Request::Approve(scene.on(other)?), Request::Sign(scene.on(other)?)] {
            let failure = scene.refused(member, request).await?;
            if !failure.unmet.contains(&Unmet::CoinReserved { by: own }) {
                return Err(AttackError::NotNamed { by: "coin-reserved", shown: failure.message });
            }
        }
    }
    scene
        .never("an honest member signed both", |view| {
            let signers = |id| view.proposals.iter().filter(move |it| it.proposal == id).flat_map(|it| &it.signed_by);
            signers(rent).any(|member| signers(rival).any(|other| other == member))
        })
        .await
}

/// Proposals that look like an honest one, each with one lie in it.
pub async fn lying_proposal(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let honest = scene.propose(ANA, "Rent").await?.proposal;
    scene.until_done(ANA, &Request::Reject(scene.on(honest)?)).await?;
    let rejected = |vault: &conclave_domain::vault::Vault| {
        vault.reserved_coins(&ChainFacts::default()).next().is_none() && vault.proposal(honest).is_some()
    };
    mallory.until("Ana took her proposal back", rejected).await?;
    let template = mallory.proposal(honest)?;
    for (what, finding, lie) in LIES {
        let transaction: Result<Transaction, _> = consensus::encode::deserialize_hex(&template.transaction);
        let (mut transaction, mut proposal) = (transaction.map_err(|_| AttackError::Unsigned)?, template.clone());
        lie(&mut transaction, &mut proposal);
        proposal.transaction = consensus::encode::serialize_hex(&transaction);
        let id = mallory.say(Action::Proposed(proposal)).await?.id;
        scene.tell(format!("Mallory proposes a payment and says {what}"));
        for member in [ANA, BEN] {
            scene.until(member, "Mallory's proposal", |view| view.proposals.iter().any(|it| it.proposal == id)).await?;
            let failure = scene.refused(member, Request::Approve(scene.on(id)?)).await?;
            if !failure.unmet.contains(&Unmet::Danger { finding }) {
                return Err(AttackError::NotNamed { by: finding.name(), shown: failure.message });
            }
        }
        // The coin must be free again for the next lie.
        mallory.say(Action::Rejected(Rejected { proposal: id })).await?;
    }
    scene
        .never("an honest member approved a lie", |view| {
            view.proposals.iter().any(|payment| !payment.approved_by.is_empty())
        })
        .await?;
    scene.can_pay().await
}
