//! The set-up ceremony, as asked of a vault: who has joined, asked for proofs, proven, ratified; what this member's own
//! program has to do next; which keys are refused.

use std::collections::BTreeMap;

use conclave_shared::{Cfg, EventId, KeyState, MemberId, Role, Unmet};

use super::Vault;
use super::state::{Candidate, KeyRefusal};
use crate::configuration::{CheckedConfiguration, parse_key};
use crate::key_proof::{self, Challenge, KeyProofFault, KeyProofRequest};

/// A proof of key that this member is to give: what is signed, and for what.
#[derive(Debug)]
pub struct ProofToGive {
    /// The configuration in which the key stands.
    pub cfg: Cfg,
    /// The nonces that it answers, sorted by their events.
    pub challenges: Vec<Challenge>,
    /// What the signer signs.
    pub request: KeyProofRequest,
}

impl Vault {
    /// Version of the rules that the vault was made for; 0 while its creation is not held.
    pub fn created_rules(&self) -> u32 {
        self.creation().map_or(0, |(_, created)| created.rules)
    }

    /// The first configuration that waits for proofs of key and ratifications.
    fn to_be_ratified(&self) -> Option<&Candidate> {
        if self.active().is_some() {
            return None;
        }
        self.state.candidates.get(&self.newest_configuration()?.cfg)
    }

    /// What a member's place of the creation is called.
    pub fn title(&self, member: MemberId) -> Option<String> {
        let (organiser, created) = self.creation()?;
        let joiners = self.joiners();
        let place = match &joiners.get(&member)?.joined.proof {
            Some(proof) => &created.places.iter().find(|place| place.key == proof.key)?.title,
            None if organiser == member => &created.title,
            None => return None,
        };
        place.clone()
    }

    /// When a member's nonce stands in the record, in ms since 1970: by the author's clock, never before what it builds on.
    pub fn challenged_ms(&self, member: MemberId) -> Option<u64> {
        let own = self.state.challenges.iter().filter(|(_, (author, _))| *author == member);
        own.filter_map(|(event, _)| self.log.get(*event)).map(|event| event.rank).min()
    }

    /// When a member's proof of key stands in the record, in ms since 1970; none where there is no valid one.
    pub fn proven_ms(&self, cfg: Cfg, member: MemberId) -> Option<u64> {
        self.marked_ms(self.state.candidates.get(&cfg)?.proofs.events(), member)
    }

    /// When a member's ratification or vote stands in the record, in ms since 1970.
    pub fn ratified_ms(&self, cfg: Cfg, member: MemberId) -> Option<u64> {
        self.marked_ms(self.state.candidates.get(&cfg)?.consents.events(), member)
    }

    fn marked_ms(&self, marks: impl Iterator<Item = (MemberId, EventId)>, member: MemberId) -> Option<u64> {
        let own = marks.filter(|(by, _)| *by == member);
        own.filter_map(|(_, event)| self.log.get(event)).map(|event| event.rank).min()
    }

    /// What is known of a member's key: by the first configuration that the present one goes back to. None for members
    /// without a key, and in vaults of rules version 0, which ask for no proof.
    pub fn key_state(&self, member: MemberId) -> Option<KeyState> {
        let newest = self.newest_configuration();
        let before = |after: &&CheckedConfiguration| self.configuration(after.configuration.parent);
        let Some(first) = std::iter::successors(newest, before).last() else {
            let key = self.joiners().get(&member)?.joined.key.is_some();
            return (key && self.created_rules() > 0).then_some(KeyState::Unproven);
        };
        if first.configuration.rules == 0 {
            return None;
        }
        // A new identity has proven the key of the old one before it was voted in.
        let taken_over = newest.is_some_and(|newest| newest.cfg != first.cfg && first.member(member).is_none());
        newest?.member(member)?.key.as_ref()?;
        let proven = taken_over || self.proven_ms(first.cfg, member).is_some();
        Some(if proven { KeyState::Proven } else { KeyState::Unproven })
    }

    /// Whether seed and path of a member's key are named. True for members without a key.
    pub fn origin_known(&self, member: MemberId) -> bool {
        let Some((_, created)) = self.creation() else { return true };
        let joined = self.joiners().get(&member).and_then(|joiner| joiner.joined.key.clone());
        let named = || self.newest_configuration()?.member(member)?.key.clone();
        let key = joined.or_else(named).map(|key| parse_key(&key, created.script, created.network, created.rules));
        key.is_none_or(|key| key.is_ok_and(|key| key.origin_known()))
    }

    /// Events that claim to prove a key and do not, with whose they are.
    pub fn false_proofs(&self) -> &BTreeMap<EventId, (MemberId, KeyProofFault)> {
        &self.state.false_proofs
    }

    /// Keys that were refused: in configurations of the organiser's, and among those who have joined.
    pub fn refused_keys(&self) -> Vec<KeyRefusal> {
        let mut refused: Vec<KeyRefusal> = self.duplicated_keys().into_iter().collect();
        for refusal in self.state.refused_keys.values() {
            if !refused.contains(refusal) {
                refused.push(refusal.clone());
            }
        }
        refused
    }

    /// Two who have joined with one key: public key or chain code are the same, whatever the fingerprints say.
    pub fn duplicated_keys(&self) -> Option<KeyRefusal> {
        let (_, created) = self.creation()?;
        let joiners = self.joiners();
        let read = |key: &String| parse_key(key, created.script, created.network, created.rules).ok();
        let keys = joiners.iter().filter_map(|(member, joiner)| Some((*member, read(joiner.joined.key.as_ref()?)?)));
        let keys: Vec<_> = keys.collect();
        keys.iter().enumerate().find_map(|(place, (second, key))| {
            let (first, _) = keys[..place].iter().find(|(_, other)| other.same_key(key))?;
            Some(KeyRefusal::KeyDuplicated { first: *first, second: *second })
        })
    }

    /// Whether this member's program is to ask for proofs of key: as soon as it has joined a vault that is being set up.
    pub(super) fn is_to_challenge(&self) -> bool {
        self.active().is_none()
            && self.created_rules() > 0
            && self.joiners().contains_key(&self.me)
            && self.challenged_ms(self.me).is_none()
    }

    /// Who has joined and not asked for proofs of key.
    pub(super) fn without_challenge(&self) -> Vec<MemberId> {
        if self.created_rules() == 0 {
            return Vec::new();
        }
        self.joiners().into_keys().filter(|member| self.challenged_ms(*member).is_none()).collect()
    }

    /// Whether this member's entry in a first configuration is as this member joined.
    pub(super) fn own_entry_is_mine(&self, checked: &CheckedConfiguration) -> bool {
        let joiners = self.joiners();
        let mine = joiners.get(&self.me).zip(checked.member(self.me));
        mine.is_some_and(|(joiner, entry)| joiner.joined.key == entry.key && joiner.roles == entry.roles)
    }

    /// The proof of key that this member is to give now. None where there is none to give, or it is given; unmet where
    /// something is missing for it.
    pub fn proof_to_give(&self) -> Result<Option<ProofToGive>, Vec<Unmet>> {
        let Some(candidate) = self.to_be_ratified() else { return Ok(None) };
        let checked = &candidate.checked;
        let keyholder = checked.member(self.me).is_some_and(|me| me.is(Role::Keyholder));
        if checked.configuration.rules == 0
            || !keyholder
            || candidate.proofs.contains(self.me)
            || !self.own_entry_is_mine(checked)
        {
            return Ok(None);
        }
        let known = self.builds_on();
        if !candidate.proposed.keys().any(|event| known(*event)) {
            return Ok(None);
        }
        let mut challenges = Vec::new();
        let mut missing = Vec::new();
        for by in checked.configuration.members.iter().map(|member| member.identity) {
            let asked = self.state.challenges.iter().find(|(event, (author, _))| *author == by && known(**event));
            match asked {
                Some((event, (author, nonce))) => {
                    challenges.push(Challenge { event: *event, author: *author, nonce: *nonce });
                }
                None => missing.push(Unmet::ChallengeMissing { by }),
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        challenges.sort_by_key(|challenge| challenge.event);
        // A script that holds no place for the key has no proof; then nobody can ratify, and says whose is missing.
        let request = key_proof::request(self.id, checked, self.me, &challenges).ok();
        Ok(request.map(|request| ProofToGive { cfg: checked.cfg, challenges, request }))
    }

    /// Keyholders of a first configuration whose proof of key is not in the past of this member's next event.
    pub(super) fn unproven(&self, checked: &CheckedConfiguration) -> Vec<Unmet> {
        let Some(candidate) = self.state.candidates.get(&checked.cfg) else { return Vec::new() };
        if checked.configuration.rules == 0 {
            return Vec::new();
        }
        let known = self.builds_on();
        let proven = |by: MemberId| candidate.proofs.events().any(|(member, event)| member == by && known(event));
        checked.keyholders().filter(|by| !proven(*by)).map(|by| Unmet::KeyProofMissing { by }).collect()
    }
}
