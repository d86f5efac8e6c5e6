//! Events that set a vault up: its creation, joining, nonces, proofs of key, the first configuration, ratification.

use conclave_shared::{Cfg, MemberId, Role};

use super::Fold;
use crate::action::{Challenged, Created, Joined, KeyProven, Ratified};
use crate::configuration::{CheckedConfiguration, ConfigurationFault, Member, check_name, parse_key};
use crate::event::Event;
use crate::invitation::roles_of;
use crate::key_proof::{self, Challenge, KeyProofFault};
use crate::vault::Void;
use crate::vault::decide::check_created;
use crate::vault::state::{Joiner, KeyRefusal};

impl Fold<'_> {
    pub(super) fn created(&mut self, event: &Event, created: &Created) -> Result<(), Void> {
        if event.id != self.created {
            return Err(Void::CreatedElsewhere);
        }
        check_created(created)?;
        self.state.created = Some((event.author, created.clone()));
        Ok(())
    }

    pub(super) fn joined(&mut self, event: &Event, joined: &Joined) -> Result<(), Void> {
        let not_invited = |reason| Void::NotInvited { reason };
        let (organiser, created) =
            self.state.created.as_ref().ok_or(not_invited("the vault's creation is not held"))?;
        check_name(&joined.name, "name")?;
        let before = self.state.joiners.get(&event.author);
        if before.is_some_and(|before| before.iter().any(|joiner| self.known.holds(joiner.event))) {
            return Err(Void::Again);
        }
        let roles = match &joined.proof {
            None if event.author == *organiser => created.organiser.clone(),
            None => return Err(not_invited("there is no proof of one")),
            Some(proof) => {
                if !proof.proves(self.vault, event.author) {
                    return Err(not_invited("the proof is not for this member"));
                }
                match created.places.iter().find(|place| place.key == proof.key) {
                    Some(place) if event.ms > place.expires_ms => return Err(not_invited("it had expired")),
                    Some(place) => roles_of(place.role, created.rules),
                    // The place may have been opened later, by an event that the joiner has not seen: judged when a
                    // configuration names the joiner.
                    None => Vec::new(),
                }
            }
        };
        if !roles.is_empty() && roles.contains(&Role::Keyholder) != joined.key.is_some() {
            return Err(not_invited("exactly a keyholder's place asks for a key"));
        }
        if let Some(key) = &joined.key {
            parse_key(key, created.script, created.network, created.rules)
                .map_err(|fault| ConfigurationFault::Key { member: event.author, fault })?;
        }
        let joiner = Joiner { event: event.id, ms: event.ms, joined: joined.clone(), roles };
        self.state.joiners.entry(event.author).or_default().push(joiner);
        Ok(())
    }

    /// Whether the organiser may put this up: made of the creation and of those who joined.
    pub(super) fn first_configuration(&mut self, event: &Event, checked: &CheckedConfiguration) -> Result<(), Void> {
        let (organiser, created) = self.state.created.as_ref().ok_or(Void::NoRight)?;
        if event.author != *organiser {
            return Err(Void::NoRight);
        }
        let it = &checked.configuration;
        let as_created = it.threshold == created.threshold
            // Rules are not lowered behind the members' backs: older ones ask for no proof of key.
            && it.rules == created.rules
            && it.network == created.network
            && it.relays == created.relays
            && it.script == created.script
            && it.recovery == created.recovery
            && it.round == 0
            && it.former.is_empty()
            && it.cuts.is_empty()
            && created.policy.as_ref().is_none_or(|policy| *policy == it.policy)
            && it.make_descriptor()? == it.descriptor;
        if !as_created || checked.member(*organiser).is_none() {
            return Err(Void::MembersDiffer { member: *organiser });
        }
        // One member for each place, and nobody else who is known to have used the same invitation: an organiser who
        // keeps copies of the invitations cannot put other members in.
        let mut members = 1;
        for place in &created.places {
            let taken = |joiner: &Joiner| {
                let same = joiner.joined.proof.as_ref().is_some_and(|proof| proof.key == place.key);
                same && self.known.holds(joiner.event)
            };
            let takers = self.state.joiners.iter().filter(|(_, joiners)| joiners.iter().any(taken));
            let takers: Vec<MemberId> = takers.map(|(member, _)| *member).collect();
            match takers[..] {
                [taker] if checked.member(taker).is_some() => members += 1,
                _ => return Err(Void::MembersDiffer { member: takers.first().copied().unwrap_or(*organiser) }),
            }
        }
        if it.members.len() != members {
            return Err(Void::MembersDiffer { member: *organiser });
        }
        for member in &it.members {
            let joiners = self.state.joiners.get(&member.identity).into_iter().flatten();
            let known: Vec<&Joiner> = joiners.filter(|joiner| self.known.holds(joiner.event)).collect();
            let same = |joiner: &&Joiner| {
                joiner.joined.name == member.name && joiner.joined.key == member.key && joiner.roles == member.roles
            };
            if known.iter().any(same) {
                continue;
            }
            let Some(refusal) = known.iter().find_map(|joiner| swap(joiner, member, checked)) else {
                return Err(Void::MembersDiffer { member: member.identity });
            };
            self.state.refused_keys.insert(event.id, refusal.clone());
            return Err(refusal.into());
        }
        Ok(())
    }

    pub(super) fn ratified(&mut self, event: &Event, ratified: &Ratified) -> Result<(), Void> {
        let created = Cfg(self.created.0);
        // One ratification each: the first in the author's own chain, which is the same for everybody.
        if self.state.children(created).any(|candidate| candidate.consents.known(event.author, &self.known)) {
            return Err(Void::Again);
        }
        let candidate = self.state.candidates.get_mut(&ratified.cfg);
        let candidate = candidate.filter(|candidate| candidate.checked.configuration.parent == created);
        let candidate = candidate.ok_or(Void::NotInPast { what: "configuration" })?;
        if !candidate.is_known(&self.known) {
            return Err(Void::NotInPast { what: "configuration" });
        }
        if !candidate.checked.keyholders().any(|member| member == event.author) {
            return Err(Void::NoRight);
        }
        // From rules version 1 on nobody ratifies keys of which it is not shown who holds them.
        let unproven = candidate.checked.keyholders().find(|member| !candidate.proofs.known(*member, &self.known));
        if let Some(member) = unproven.filter(|_| candidate.checked.configuration.rules > 0) {
            return Err(Void::ProofNotInPast { member });
        }
        candidate.consents.add(event, &self.known)
    }

    /// A nonce for the keyholders' keys, by a member of the creation's places.
    pub(super) fn challenged(&mut self, event: &Event, challenged: &Challenged) -> Result<(), Void> {
        let (_, created) = self.state.created.as_ref().ok_or(Void::NoRight)?;
        let mut joined = self.state.joiners.get(&event.author).into_iter().flatten();
        let has_place = joined.any(|joiner| self.known.holds(joiner.event) && !joiner.roles.is_empty());
        if created.rules == 0 || !has_place {
            return Err(Void::NoRight);
        }
        let mut before = self.state.challenges.iter().filter(|(_, (author, _))| *author == event.author);
        if before.any(|(before, _)| self.known.holds(*before)) {
            return Err(Void::Again);
        }
        self.state.challenges.insert(event.id, (event.author, challenged.nonce));
        Ok(())
    }

    /// A proof of key for a first configuration. What proves nothing is noted: somebody claims a key that is not theirs, or
    /// shows an old proof.
    pub(super) fn key_proven(&mut self, event: &Event, proven: &KeyProven) -> Result<(), Void> {
        let (created, known) = (Cfg(self.created.0), self.known);
        let candidate = self.state.candidates.get_mut(&proven.cfg).filter(|candidate| candidate.is_known(&known));
        let candidate = candidate.filter(|candidate| candidate.checked.configuration.parent == created);
        let candidate = candidate.ok_or(Void::NotInPast { what: "configuration" })?;
        let checked = &candidate.checked;
        if checked.configuration.rules == 0 || !checked.keyholders().any(|member| member == event.author) {
            return Err(Void::NoRight);
        }
        if candidate.proofs.known(event.author, &known) {
            return Err(Void::Again);
        }
        let challenges = &self.state.challenges;
        let answered = proven.challenges.iter().map(|id| match challenges.get(id).filter(|_| known.holds(*id)) {
            Some((author, nonce)) => Ok(Challenge { event: *id, author: *author, nonce: *nonce }),
            None => Err(KeyProofFault::ChallengeForeign { challenge: *id }),
        });
        let answered: Result<Vec<Challenge>, KeyProofFault> = answered.collect();
        let verified =
            answered.and_then(|all| key_proof::verify(self.vault, checked, event.author, &all, &proven.signature));
        if let Err(fault) = verified {
            self.state.false_proofs.insert(event.id, (event.author, fault.clone()));
            return Err(fault.into());
        }
        candidate.proofs.add(event, &known)
    }
}

/// How a configuration's entry differs from what its member joined with, where it is the key that differs.
fn swap(joiner: &Joiner, member: &Member, checked: &CheckedConfiguration) -> Option<KeyRefusal> {
    let own = joiner.joined.key.as_ref().filter(|own| member.key.as_ref().is_some_and(|named| named != *own))?;
    let it = &checked.configuration;
    let own = parse_key(own, it.script, it.network, it.rules).ok();
    let named = checked.key(member.identity);
    let same = own.zip(named).is_some_and(|(own, named)| {
        own.xpub.public_key == named.xpub.public_key && own.xpub.chain_code == named.xpub.chain_code
    });
    let member = member.identity;
    Some(if same { KeyRefusal::OriginSwapped { member } } else { KeyRefusal::KeySwapped { member } })
}
