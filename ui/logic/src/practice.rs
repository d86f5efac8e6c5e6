//! The practice vault's story, in words: its steps, and what happens in them.

use conclave_shared::desktop::Unit;
use conclave_shared::practice::{Happening, PracticeStep};

use crate::amount;
use crate::messages::Said;
use crate::say;

/// What is done in a step.
pub fn title(step: PracticeStep) -> Said {
    match step {
        PracticeStep::Start => say!("practice-step-start"),
        PracticeStep::Create => say!("practice-step-create"),
        PracticeStep::Join => say!("practice-step-join"),
        PracticeStep::Prove => say!("practice-step-prove"),
        PracticeStep::Ratify => say!("practice-step-ratify"),
        PracticeStep::Deposit => say!("practice-step-deposit"),
        PracticeStep::Propose => say!("practice-step-propose"),
        PracticeStep::Approve => say!("practice-step-approve"),
        PracticeStep::PowerCut => say!("practice-step-power-cut"),
        PracticeStep::Sign => say!("practice-step-sign"),
        PracticeStep::Send => say!("practice-step-send"),
        PracticeStep::Confirm => say!("practice-step-confirm"),
        PracticeStep::Compare => say!("practice-step-compare"),
    }
}

/// Why it is done so.
pub fn why(step: PracticeStep) -> Said {
    match step {
        PracticeStep::Start => say!("practice-why-start"),
        PracticeStep::Create => say!("practice-why-create"),
        PracticeStep::Join => say!("practice-why-join"),
        PracticeStep::Prove => say!("practice-why-prove"),
        PracticeStep::Ratify => say!("practice-why-ratify"),
        PracticeStep::Deposit => say!("practice-why-deposit"),
        PracticeStep::Propose => say!("practice-why-propose"),
        PracticeStep::Approve => say!("practice-why-approve"),
        PracticeStep::PowerCut => say!("practice-why-power-cut"),
        PracticeStep::Sign => say!("practice-why-sign"),
        PracticeStep::Send => say!("practice-why-send"),
        PracticeStep::Confirm => say!("practice-why-confirm"),
        PracticeStep::Compare => say!("practice-why-compare"),
    }
}

/// Something that happened, with amounts in `unit`.
pub fn happened(what: &Happening, unit: Unit) -> Said {
    let sat = |amount: &conclave_shared::Sat| amount::text(*amount, unit);
    match what {
        Happening::RelayAt { relay } => say!("practice-relay-at", relay = relay),
        Happening::PracticeChainAt { chain } => say!("practice-chain-at", chain = chain),
        Happening::NodeAt { bitcoind, electrs, gate } => {
            say!("practice-node-at", bitcoind = bitcoind, electrs = electrs, gate = gate)
        }
        Happening::TorEntered { guards } => say!("practice-tor-entered", guards = guards),
        Happening::ChainByOnion { chain } => say!("practice-chain-by-onion", chain = chain),
        Happening::Started { name } => say!("practice-started", name = name),
        Happening::Created { invitations, characters } => {
            say!("practice-created", invitations = *invitations, characters = *characters)
        }
        Happening::Joined { name } => say!("practice-joined", name = name),
        Happening::SameRoster => say!("practice-same-roster"),
        Happening::KeysProven => say!("practice-keys-proven"),
        Happening::ReadOut { name, words } => say!("practice-read-out", name = name, words = words),
        Happening::Ratified { name } => say!("practice-ratified", name = name),
        Happening::Active => say!("practice-active"),
        Happening::AddressGiven { name, address } => say!("practice-address-given", name = name, address = address),
        Happening::OnItsWay { amount } => say!("practice-on-its-way", amount = sat(amount)),
        Happening::DepositSeen => say!("practice-deposit-seen"),
        Happening::Closed { name } => say!("practice-closed", name = name),
        Happening::Proposed { name, amount, address } => {
            say!("practice-proposed", name = name, amount = sat(amount), address = address)
        }
        Happening::FeeAndChange { fee, change } => {
            say!("practice-fee-and-change", fee = sat(fee), change = sat(change))
        }
        Happening::ProposalSeen => say!("practice-proposal-seen"),
        Happening::BothRead { words } => say!("practice-both-read", words = words),
        Happening::Approved { name } => say!("practice-approved", name = name),
        Happening::Stopped { name } => say!("practice-stopped", name = name),
        Happening::Killed { name } => say!("practice-killed", name = name),
        Happening::SameState { name } => say!("practice-same-state", name = name),
        Happening::Signed { name } => say!("practice-signed", name = name),
        Happening::StartedAgain { name } => say!("practice-started-again", name = name),
        Happening::CaughtUp { name } => say!("practice-caught-up", name = name),
        Happening::Sent { txid } => say!("practice-sent", txid = txid),
        Happening::NodeAsked { times } => say!("practice-node-asked", times = *times),
        Happening::InBlock { height } => say!("practice-in-block", height = *height),
        Happening::SameDigest { digest } => say!("practice-same-digest", digest = digest),
        Happening::SameRecord { events } => say!("practice-same-record", events = *events),
        Happening::Left { amount } => say!("practice-left", amount = sat(amount)),
        Happening::Failed { reason } => say!("practice-broken", reason = reason),
    }
}
