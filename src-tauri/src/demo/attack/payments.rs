//! Attacks by the payment itself: proposals that lie about amounts, fees and times.

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, Transaction, consensus};
use conclave_domain::action::{Action, Rejected};
use conclave_domain::proposal::Proposal;
use conclave_domain::vault::ChainFacts;
use conclave_shared::request::Request;
use conclave_shared::{Finding, Unmet};

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
