//! What the world must now do, read from the state: at start-up as at any time, so a crash loses and doubles nothing.

use bitcoin::BlockHash;
use conclave_shared::EventId;

use super::{Act, ChainFacts, Vault};
use crate::configuration::CheckedConfiguration;

/// How many addresses are attested in one turn: a new member of an old vault has many to tell of, and other things to do.
const ATTESTED_AT_ONCE: usize = 20;

/// Something for an adapter to do. Idempotent: doing it twice is as good as once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// This member has joined: ask the keyholders to sign a nonce.
    Challenge,
    /// All places are taken: put the configuration up for ratification.
    ProposeConfiguration,
    /// Every member's nonce is here: prove this member's key.
    ProveKey,
    /// Watch the addresses of the accepted configuration.
    Watch,
    /// Put the signatures together.
    Finalise {
        /// Of which payment.
        proposal: EventId,
    },
    /// Hand the transaction to the network.
    Broadcast {
        /// Of which payment.
        proposal: EventId,
    },
    /// Hand the transaction to the network now and then while it is in no block: those who hold it may forget it.
    Announce {
        /// Of which payment.
        proposal: EventId,
    },
    /// Put on record that a payment is in a block.
    RecordConfirmed {
        /// Which payment.
        proposal: EventId,
        /// Height of the block.
        height: u32,
        /// The block.
        block: BlockHash,
    },
    /// Put on record that this program derives the same address as the member who gave it out.
    Attest {
        /// Its index on the receive keychain.
        index: u32,
    },
}

impl Vault {
    /// Everything that is to be done now, beside deliveries to members (`delivery`).
    pub fn pending_effects(&self, chain: &ChainFacts) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.is_to_challenge() {
            effects.push(Effect::Challenge);
        }
        if self.may_propose_configuration() {
            effects.push(Effect::ProposeConfiguration);
        }
        if matches!(self.proof_to_give(), Ok(Some(_))) {
            effects.push(Effect::ProveKey);
        }
        let Some(active) = self.active() else { return effects };
        effects.push(Effect::Watch);
        for proposal in self.proposals() {
            effects.extend(self.payment_effect(active, proposal.event, chain));
        }
        effects.extend(self.to_attest(ATTESTED_AT_ONCE).into_iter().map(|index| Effect::Attest { index }));
        effects
    }

    fn payment_effect(&self, active: &CheckedConfiguration, id: EventId, chain: &ChainFacts) -> Option<Effect> {
        let proposal = self.proposal(id)?;
        let txid = &proposal.checked.txid;
        active.member(self.me)?;
        if let Some((height, block)) = chain.confirmed(txid) {
            let recorded = proposal.confirmed_by(self.me) == Some((height, block));
            return (!recorded).then_some(Effect::RecordConfirmed { proposal: id, height, block });
        }
        // What others say they sent is their word; what counts is whether the network here knows it.
        let seen = chain.seen(txid);
        if proposal.finalised.contains(&self.me) {
            let effect = if seen { Effect::Announce { proposal: id } } else { Effect::Broadcast { proposal: id } };
            return self.unmet(id, Act::Broadcast, chain).is_empty().then_some(effect);
        }
        (!seen && self.unmet(id, Act::Finalise, chain).is_empty()).then_some(Effect::Finalise { proposal: id })
    }

    /// Whether this member is the organiser, every place is taken by exactly one joiner with a key of their own, and all
    /// have asked for proofs of key.
    pub(super) fn may_propose_configuration(&self) -> bool {
        let Some((organiser, created)) = self.creation() else { return false };
        organiser == self.me
            && self.newest_configuration().is_none()
            && self.joiners().len() == created.places.len() + 1
            && self.doubled_places().is_empty()
            && self.duplicated_keys().is_none()
            && self.without_challenge().is_empty()
    }
}
