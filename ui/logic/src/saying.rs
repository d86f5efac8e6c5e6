//! What the events of a record say, as messages: the sentence that stands after its author's name.

use conclave_shared::desktop::Unit;
use conclave_shared::record::{OutputSaid, PaymentSaid, ProposedSaid, Saying};

use crate::amount;
use crate::messages::{Messages, Said};
use crate::say;
use crate::vocabulary::role;

/// What an event says, in the language of `messages` and with amounts in `unit`.
pub fn sentence(saying: &Saying, messages: &Messages, unit: Unit) -> String {
    messages.say(&said(saying, messages, unit))
}

fn said(saying: &Saying, messages: &Messages, unit: Unit) -> Said {
    let of = |payment: &PaymentSaid| messages.say(&payment_said(payment, unit));
    match saying {
        Saying::Unknown { kind } => say!("saying-unknown", kind = kind),
        Saying::Malformed => say!("saying-malformed"),
        Saying::Created { name, threshold, places, .. } => {
            let places = places
                .iter()
                .map(|place| messages.say(&say!("saying-place", count = place.count, role = role(place.role))));
            say!("saying-created", name = name, threshold = *threshold, places = places.collect::<Vec<_>>().join(", "))
        }
        Saying::Joined { name, roles, .. } => {
            let roles: Vec<String> = roles.iter().map(|it| messages.say(&role(*it))).collect();
            match roles.is_empty() {
                true => say!("saying-joined", name = name),
                false => say!("saying-joined-as", name = name, roles = roles.join(", ")),
            }
        }
        Saying::ConfigurationProposed { cfg, content } => match content {
            None => say!("saying-configuration", cfg = cfg.to_string()),
            Some(content) => say!(
                "saying-configuration-of",
                cfg = cfg.to_string(),
                threshold = content.threshold,
                approvals = content.approvals,
                members = content.members.join(", ")
            ),
        },
        Saying::Ratified { cfg } => say!("saying-ratified", cfg = cfg.to_string()),
        Saying::AddressIssued { address, index } => say!("saying-address-issued", address = address, index = *index),
        Saying::AddressAttested { address, index } => {
            say!("saying-address-attested", address = address, index = *index)
        }
        Saying::Proposed { payment, replaces } => match replaces {
            None => say!("saying-proposed", payment = proposed(payment, messages, unit)),
            Some(old) => {
                say!("saying-proposed-instead", payment = proposed(payment, messages, unit), old = of(old))
            }
        },
        Saying::SelfTestProposed { payment } => {
            say!("saying-self-test-proposed", payment = proposed(payment, messages, unit))
        }
        Saying::Approved { payment } => say!("saying-approved", payment = of(payment)),
        Saying::Rejected { payment } => say!("saying-rejected", payment = of(payment)),
        Saying::Signed { payment, signatures } => {
            say!("saying-signed", payment = of(payment), signatures = *signatures)
        }
        Saying::Finalised { payment, .. } => say!("saying-finalised", payment = of(payment)),
        Saying::Broadcast { payment, .. } => say!("saying-broadcast", payment = of(payment)),
        Saying::Confirmed { payment, height, .. } => {
            say!("saying-confirmed", payment = of(payment), height = *height)
        }
        Saying::PlaceOpened { role: of, replaces } => match replaces {
            None => say!("saying-place-opened", role = role(*of)),
            Some(name) => say!("saying-place-opened-for", name = name),
        },
        Saying::IdentityReplaced { of } => say!("saying-identity-replaced", name = of),
        Saying::Voted { cfg } => say!("saying-voted", cfg = cfg.to_string()),
        Saying::VoteReleased { cfg } => say!("saying-vote-released", cfg = cfg.to_string()),
        Saying::Frozen { reason } => say!("saying-frozen", reason = reason),
        Saying::FreezeReleased { freezes, more } => {
            say!("saying-freeze-released", freezes = freezes.len() as u64 + u64::from(*more))
        }
        Saying::Challenged { nonce } => say!("saying-challenged", nonce = nonce),
        Saying::KeyProven { nonces, proven, .. } => match proven {
            true => say!("saying-key-proven", nonces = *nonces),
            false => say!("saying-key-claimed", nonces = *nonces),
        },
    }
}

/// A payment as others' events speak of it.
fn payment_said(payment: &PaymentSaid, unit: Unit) -> Said {
    match &payment.stands {
        Some((amount, txid)) => say!("saying-payment", amount = amount::text(*amount, unit), txid = txid),
        None => say!("saying-payment-unknown", proposal = payment.proposal.short()),
    }
}

/// A payment as the event that proposes it tells of it.
fn proposed(payment: &ProposedSaid, messages: &Messages, unit: Unit) -> String {
    let output = |output: &OutputSaid| {
        messages.say(&say!("saying-output", amount = amount::text(output.amount, unit), to = &output.to))
    };
    let mut parts: Vec<String> = payment.outputs.iter().map(output).collect();
    if payment.more > 0 {
        parts.push(messages.say(&say!("saying-outputs-more", more = payment.more)));
    }
    if let Some((fee, _)) = payment.fee_and_change {
        parts.push(messages.say(&say!("saying-fee", fee = amount::text(fee, unit))));
    }
    if !payment.purpose.is_empty() {
        parts.push(messages.say(&say!("saying-purpose", purpose = &payment.purpose)));
    }
    parts.join("; ")
}

/// What a type of event is called, by its name on the wire; none for a name that is none.
pub fn kind(name: &str) -> Option<Said> {
    Some(match name {
        "created" => say!("kind-created"),
        "joined" => say!("kind-joined"),
        "challenged" => say!("kind-challenged"),
        "key_proven" => say!("kind-key-proven"),
        "configuration_proposed" => say!("kind-configuration-proposed"),
        "ratified" => say!("kind-ratified"),
        "address_issued" => say!("kind-address-issued"),
        "address_attested" => say!("kind-address-attested"),
        "proposed" => say!("kind-proposed"),
        "payment_proposed" => say!("kind-payment-proposed"),
        "self_test_proposed" => say!("kind-self-test-proposed"),
        "approved" => say!("kind-approved"),
        "rejected" => say!("kind-rejected"),
        "signed" => say!("kind-signed"),
        "taproot_signed" => say!("kind-taproot-signed"),
        "finalised" => say!("kind-finalised"),
        "broadcast" => say!("kind-broadcast"),
        "confirmed" => say!("kind-confirmed"),
        "place_opened" => say!("kind-place-opened"),
        "identity_replaced" => say!("kind-identity-replaced"),
        "configuration_voted" => say!("kind-configuration-voted"),
        "vote_released" => say!("kind-vote-released"),
        "frozen" => say!("kind-frozen"),
        "freeze_released" => say!("kind-freeze-released"),
        _ => return None,
    })
}
