//! Which payments hold which coins, and for how long; of payments over one coin, which may go on. A reservation is the
//! record's (`fold`); what makes two payments exclude one another at this member's guard is here.

use bitcoin::OutPoint;
use conclave_shared::{EventId, MemberId};

use super::{Act, ChainFacts, ProposalState, Vault};
use crate::configuration::{CheckedConfiguration, Member};
use crate::proposal::KeyOwner;
use crate::replacement::Cost;

/// A coin that a payment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// The coin.
    pub coin: OutPoint,
    /// The payment.
    pub by: EventId,
    /// When it lets go of it by itself, in ms since 1970; none where only a refusal, another payment in a block, or one
    /// that replaces it sets the coin free.
    pub until_ms: Option<u64>,
}

impl Vault {
    /// Members of a configuration who refused a payment.
    pub(super) fn refusing<'a>(
        &self,
        proposal: &'a ProposalState,
        active: &'a CheckedConfiguration,
    ) -> impl Iterator<Item = MemberId> + 'a {
        let right = |member: &MemberId| active.member(*member).is_some_and(Member::may_approve);
        proposal.rejections.members().filter(right)
    }

    /// Whether a payment has all signatures that its scripts ask for: from then on anybody could send it, whatever the record
    /// says, also a self-test that still waits for the others.
    pub fn is_complete(&self, proposal: &ProposalState) -> bool {
        let configuration = self.configuration(proposal.checked.cfg);
        let needed = configuration.map(|it| it.signatures_needed(proposal.checked.path));
        needed.is_some_and(|needed| proposal.signed_by().len() >= needed as usize)
    }

    /// How many of the keys that a payment waits for have signed every input, and how many must before programs put it
    /// together. A self-test waits for every keyholder: not for the key of one who left, nor would that key do instead.
    pub fn signatures(&self, proposal: &ProposalState) -> (u32, u32) {
        let signed = proposal.signed_by();
        let Some(under) = self.configuration(proposal.checked.cfg) else { return (signed.len() as u32, u32::MAX) };
        if !proposal.self_test {
            return (signed.len() as u32, under.signatures_needed(proposal.checked.path));
        }
        let have = under.keyholders().filter(|member| signed.contains(&KeyOwner::Member(*member))).count();
        (have as u32, under.keyholders().count() as u32)
    }

    /// When a payment's time was over, where it is over and not all signatures were there.
    pub fn expired(&self, proposal: &ProposalState, facts: &ChainFacts) -> Option<u64> {
        let lacking = || {
            let (have, need) = self.signatures(proposal);
            have < need
        };
        proposal.expires_ms.filter(|at| facts.now_ms() > *at && lacking())
    }

    /// Whether a payment can still go on by the record: under the active configuration, refused by nobody who has a say, in
    /// its time, and possible on the chain.
    pub(super) fn is_open(&self, proposal: &ProposalState, facts: &ChainFacts) -> bool {
        self.active().is_some_and(|active| {
            active.cfg == proposal.checked.cfg && self.refusing(proposal, active).next().is_none()
        }) && self.expired(proposal, facts).is_none()
            && facts.supplanted(&proposal.checked).is_none()
    }

    /// Whether signatures of it are out that this member must reckon with: all of them, or this member's own.
    fn is_signed(&self, proposal: &ProposalState) -> bool {
        proposal.has_signature_of(self.me) || self.is_complete(proposal)
    }

    /// Whether a payment holds its coins: it can go on, or it could be sent against the record. Only a payment that replaces
    /// it, or a block, sets the coins of a signed one free.
    pub fn holds(&self, proposal: &ProposalState, facts: &ChainFacts) -> bool {
        facts.supplanted(&proposal.checked).is_none()
            && facts.confirmed(&proposal.checked.txid).is_none()
            && (self.is_open(proposal, facts) || self.is_signed(proposal))
    }

    /// Coins that payments hold, each with one of those that hold it: the one that does so longest.
    pub fn reservations(&self, facts: &ChainFacts) -> Vec<Reservation> {
        let reserved = self.state.reservations.iter().filter_map(|(coin, by)| {
            let holding = by.iter().filter_map(|id| self.proposal(*id)).filter(|it| self.holds(it, facts));
            let until = |it: &ProposalState| it.expires_ms.filter(|_| !self.is_signed(it));
            let longest = holding.max_by_key(|it| (until(it).unwrap_or(u64::MAX), it.event))?;
            Some(Reservation { coin: *coin, by: longest.event, until_ms: until(longest) })
        });
        reserved.collect()
    }

    /// Coins that payments hold.
    pub fn reserved_coins(&self, facts: &ChainFacts) -> impl Iterator<Item = OutPoint> {
        self.reservations(facts).into_iter().map(|held| held.coin)
    }

    /// Other payments over a coin of this one.
    pub(super) fn rivals<'a>(&'a self, proposal: &'a ProposalState) -> impl Iterator<Item = &'a ProposalState> {
        let coins = proposal.checked.inputs.iter().filter_map(|input| self.state.reservations.get(&input.outpoint));
        coins.flatten().filter(|other| **other != proposal.event).filter_map(|other| self.proposal(*other))
    }

    /// The payments that one replaces: the one that it names, the one that that names, and so on.
    pub fn replaced(&self, replaces: Option<EventId>) -> impl Iterator<Item = &ProposalState> {
        // Each names one of its own past: there is no circle.
        let first = replaces.and_then(|id| self.proposal(id));
        std::iter::successors(first, |it| it.replaces.and_then(|id| self.proposal(id)))
    }

    /// Payments that say they replace this one.
    pub fn replacements(&self, proposal: EventId) -> impl Iterator<Item = &ProposalState> {
        self.state.proposals.values().filter(move |it| it.replaces == Some(proposal))
    }

    /// Whether this member can propose a payment in the place of one that is still of use: it holds its coins, is in no
    /// block, and no third payment holds one of them. What that payment pays and costs is judged when it is proposed.
    pub fn is_replaceable(&self, proposal: &ProposalState, facts: &ChainFacts) -> bool {
        let replaced: Vec<EventId> = self.replaced(Some(proposal.event)).map(|it| it.event).collect();
        self.may_propose()
            && self.holds(proposal, facts)
            && !self.rivals(proposal).any(|it| !replaced.contains(&it.event) && self.holds(it, facts))
    }

    /// Whether this member can propose payments now.
    pub fn may_propose(&self) -> bool {
        self.lives().is_ok() && self.my_entry().is_some_and(Member::may_approve)
    }

    /// Whether a payment may go on in the place of a rival: it says so, and the network would take it so.
    pub(super) fn replaces(&self, proposal: &ProposalState, rival: &ProposalState) -> bool {
        let named = self.replaced(proposal.replaces).any(|it| it.event == rival.event);
        named && {
            let cost = |it: &ProposalState| {
                self.configuration(it.checked.cfg).map(|active| Cost::of(&it.checked, &active.descriptor))
            };
            cost(proposal).zip(cost(rival)).is_some_and(|(new, old)| new.outbids(&old))
        }
    }

    /// A payment over one of the same coins because of which this member may not take a step. Concurrent proposals over one
    /// coin both stand; each guard permits only one of them until the other has ended. What this member signed, or all have,
    /// is never signed over by another that does not replace it.
    pub(super) fn rival(&self, proposal: &ProposalState, act: Act, facts: &ChainFacts) -> Option<EventId> {
        let stands_against = |other: &&ProposalState| {
            let open = || self.is_open(other, facts);
            let against = match act {
                Act::Approve => self.is_signed(other) || (other.approvals.contains(self.me) && open()),
                Act::Sign => self.is_signed(other),
                Act::Finalise | Act::Broadcast => {
                    facts.seen(&other.checked.txid) || (other.finalised.contains(&self.me) && open())
                }
            };
            against && facts.supplanted(&other.checked).is_none() && !self.replaces(proposal, other)
        };
        self.rivals(proposal).find(stands_against).map(|other| other.event)
    }
}
