//! Setting a vault up: its creation, joining, the first configuration, ratification.

use bitcoin::Network;
use conclave_shared::{Cfg, Nonce, Role, Unmet};

use super::{CommandFault, Vault, done, one};
use crate::action::{Action, Challenged, ConfigurationProposed, Created, Joined, KeyProven, Ratified};
use crate::configuration::{
    CheckedConfiguration, Configuration, ConfigurationFault, Member, RULES, RULES_OF_POLICIES, check_name,
    check_relays, check_script_rules, recovery_quorum,
};
use crate::descriptor::{DescriptorFault, KEYS_LIMIT, check_recovery};
use crate::guard::Verdict;
use crate::invitation::roles_of;
use crate::key_proof::{self, KeySignature};
use crate::policy::{CheckedPolicy, Members, Policy};
use crate::words::{heard, roster_words};

/// Checks what an organiser asks for, before there is a vault; and what others' organisers sent.
pub(in crate::vault) fn check_created(created: &Created) -> Result<(), ConfigurationFault> {
    check_name(&created.name, "name")?;
    check_relays(&created.relays)?;
    if created.network != Network::Regtest {
        return Err(ConfigurationFault::Network { found: created.network });
    }
    if created.rules > RULES {
        return Err(ConfigurationFault::Rules { found: created.rules });
    }
    // Titles came with rules version 1.
    for title in created.places.iter().map(|place| &place.title).chain([&created.title]).flatten() {
        if created.rules == 0 {
            return Err(ConfigurationFault::Foreign { field: "title" });
        }
        check_name(title, "title")?;
    }
    let roles = created.places.iter().flat_map(|place| roles_of(place.role, created.rules));
    let keys = roles.chain(created.organiser.iter().copied()).filter(|role| *role == Role::Keyholder).count();
    if keys == 0 || keys > KEYS_LIMIT {
        return Err(DescriptorFault::Keys { keys }.into());
    }
    if created.threshold == 0 || created.threshold as usize > keys {
        return Err(DescriptorFault::Threshold { threshold: created.threshold, keys }.into());
    }
    check_script_rules(created.rules, created.script, created.recovery.as_ref())?;
    let recovery = recovery_quorum(created.recovery.as_ref(), created.script, created.network, &[])?;
    check_recovery(created.script, created.threshold, keys, recovery.as_ref())?;
    if created.places.len() + 1 > crate::configuration::MEMBERS_LIMIT {
        return Err(ConfigurationFault::Members);
    }
    if let Some(policy) = &created.policy {
        if created.rules < RULES_OF_POLICIES {
            return Err(ConfigurationFault::Foreign { field: "policy" });
        }
        let places: Vec<Vec<Role>> = created.places.iter().map(|place| roles_of(place.role, created.rules)).collect();
        let roles: Vec<&[Role]> = places.iter().map(Vec::as_slice).chain([&created.organiser[..]]).collect();
        CheckedPolicy::new(policy, Members { roles: &roles, threshold: created.threshold, network: created.network })?;
    }
    Ok(())
}

impl Vault {
    /// The first action of a new vault.
    pub fn create(created: Created) -> Result<Action, CommandFault> {
        check_created(&created)?;
        Ok(Action::Created(created))
    }

    pub(super) fn join(&self, joined: Joined) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.joiners().contains_key(&self.me) {
            return Ok(done());
        }
        check_name(&joined.name, "member")?;
        Ok(one(Action::Joined(joined)))
    }

    pub(super) fn challenge(&self, nonce: Nonce) -> Verdict<Vec<Action>> {
        if self.is_to_challenge() { one(Action::Challenged(Challenged { nonce })) } else { done() }
    }

    pub(super) fn prove_key(&self, signature: KeySignature) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let (cfg, challenges) = match self.proof_to_give() {
            Ok(Some(proof)) => (proof.cfg, proof.challenges),
            Ok(None) => return Ok(done()),
            Err(unmet) => return Ok(Verdict::Blocked(unmet)),
        };
        let Some(checked) = self.configuration(cfg) else { return Ok(done()) };
        key_proof::verify(self.id, checked, self.me, &challenges, &signature).map_err(CommandFault::KeyUnproven)?;
        let challenges = challenges.into_iter().map(|challenge| challenge.event).collect();
        Ok(one(Action::KeyProven(KeyProven { cfg, challenges, signature })))
    }

    pub(super) fn propose_configuration(&self) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let Some((_, created)) = self.creation().filter(|_| self.may_propose_configuration()) else {
            return Ok(done());
        };
        let joiners = self.joiners();
        let members = joiners.iter().map(|(identity, joiner)| Member {
            identity: *identity,
            name: joiner.joined.name.clone(),
            roles: joiner.roles.clone(),
            key: joiner.joined.key.clone(),
        });
        let mut configuration = Configuration {
            vault: self.id,
            parent: Cfg(self.created.0),
            round: 0,
            network: created.network,
            threshold: created.threshold,
            members: members.collect(),
            descriptor: String::new(),
            // Where the organiser chose none: as many consents as signatures.
            policy: created.policy.clone().unwrap_or(Policy::plain(created.threshold)),
            relays: created.relays.clone(),
            rules: created.rules,
            former: Vec::new(),
            cuts: Vec::new(),
            script: created.script,
            recovery: created.recovery.clone(),
        };
        configuration.descriptor = configuration.make_descriptor()?;
        let configuration = configuration.to_json();
        CheckedConfiguration::parse(&configuration, self.id)?;
        Ok(one(Action::ConfigurationProposed(ConfigurationProposed { configuration })))
    }

    pub(super) fn ratify(&self, words: &str) -> Result<Verdict<Vec<Action>>, CommandFault> {
        self.ratify_if(|cfg| heard(words, &roster_words(cfg)))
    }

    /// The configuration that this member can ratify, once they have heard its words.
    pub fn awaits_ratification(&self) -> Option<Cfg> {
        match self.ratify_if(|_| true) {
            Ok(Verdict::Allowed(actions)) if !actions.is_empty() => self.newest_configuration().map(|it| it.cfg),
            Ok(Verdict::Allowed(_) | Verdict::Blocked(_)) | Err(_) => None,
        }
    }

    fn ratify_if(&self, heard: impl FnOnce(Cfg) -> bool) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let doubled = self.doubled_places().into_iter().next().map(|members| CommandFault::PlaceDoubled { members });
        let Some(checked) = self.newest_configuration() else {
            // Where an invitation was used twice no configuration is ever put up: that is the reason to be told.
            if let Some(doubled) = doubled {
                return Err(doubled);
            }
            if let Some(refusal) = self.refused_keys().into_iter().next() {
                return Err(CommandFault::KeyRefused(refusal));
            }
            let need = self.creation().map_or(0, |(_, created)| created.places.len() + 1);
            return Err(CommandFault::NoConfiguration { have: self.joiners().len(), need });
        };
        if self.ratified(checked.cfg).contains(&self.me) {
            return Ok(done());
        }
        if !checked.keyholders().any(|member| member == self.me) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Keyholder }]));
        }
        if let Some(doubled) = doubled {
            return Err(doubled);
        }
        // The fold has compared every entry with what its member joined with; one's own is compared again here, because
        // it is the one entry about which this installation needs nobody's word.
        if !self.own_entry_is_mine(checked) {
            return Err(CommandFault::OwnEntryDiffers);
        }
        // Before what is missing: other words are the greater danger.
        if !heard(checked.cfg) {
            return Err(CommandFault::WordsDiffer);
        }
        let unproven = self.unproven(checked);
        if !unproven.is_empty() {
            return Ok(Verdict::Blocked(unproven));
        }
        Ok(one(Action::Ratified(Ratified { cfg: checked.cfg })))
    }
}
