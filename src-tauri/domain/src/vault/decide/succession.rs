//! Changing an active vault: places for candidates, configurations that follow, votes.

use std::collections::BTreeSet;

use bitcoin::Network;
use bitcoin::secp256k1::ecdsa;
use conclave_shared::{Cfg, MemberId, Role, Unmet};

use super::{CommandFault, Vault, done, one};
use crate::action::{Action, ConfigurationProposed, IdentityReplaced, PlaceOpened, Voted};
use crate::configuration::{CheckedConfiguration, Configuration, Cut, Former, Member, RULES_OF_POLICIES};
use crate::guard::Verdict;
use crate::invitation::{Place, roles_of};
use crate::policy::{Policy, PolicyChange, normal_address};
use crate::vault::CANDIDATE_EVENTS;
use crate::vault::state::Candidate;
use crate::words::{heard, roster_words};

/// One thing that is to be otherwise in the configuration that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// How many must approve a payment.
    Approvals(u32),
    /// The rest of the policy.
    Policy(PolicyChange),
    /// Where the members' messages pass, all of them.
    Relays(Vec<String>),
    /// A candidate becomes a member, with the role of the place.
    Add(MemberId),
    /// A member leaves. The key of a keyholder stays in the descriptor.
    Remove(MemberId),
    /// A candidate who holds the key of a keyholder takes their place.
    Replace {
        /// Who is lost.
        old: MemberId,
        /// The new identity.
        new: MemberId,
    },
}

/// The refusal of a command that is for keyholders.
fn not_a_keyholder() -> Verdict<Vec<Action>> {
    Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Keyholder }])
}

impl Vault {
    fn i_vote(&self) -> bool {
        self.my_entry().is_some_and(|me| me.is(Role::Keyholder))
    }

    pub(super) fn open_place(
        &self,
        place: Place,
        replaces: Option<MemberId>,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let active = match self.lives() {
            Ok(active) => active,
            Err(unmet) => return Ok(Verdict::Blocked(vec![unmet])),
        };
        if !self.i_vote() {
            return Ok(not_a_keyholder());
        }
        let roles = roles_of(place.role, active.configuration.rules);
        let fits = match replaces {
            Some(old) => {
                let old = active.member(old).filter(|old| old.is(Role::Keyholder));
                let same = old.is_some_and(|old| active.configuration.rules == 0 || old.roles == roles);
                same && roles.contains(&Role::Keyholder)
            }
            None => matches!(place.role, Role::Auditor | Role::Approver),
        };
        if !fits {
            return Err(CommandFault::PlaceRole);
        }
        Ok(one(Action::PlaceOpened(PlaceOpened { place, replaces })))
    }

    /// Judged by the others: a candidate does not hold the vault's record yet.
    pub(super) fn prove_identity(&self, old: MemberId, signature: ecdsa::Signature) -> Verdict<Vec<Action>> {
        let written = self.log.newest(self.me).map_or(0, |(n, _)| n + 1);
        if written >= CANDIDATE_EVENTS || self.my_entry().is_some() {
            return done();
        }
        one(Action::IdentityReplaced(IdentityReplaced { old, signature }))
    }

    pub(super) fn propose_successor(&self, changes: &[Change]) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let standing = self.standing();
        let Some(active) = standing.active else { return Ok(Verdict::Blocked(vec![Unmet::NotActive])) };
        if !self.i_vote() {
            return Ok(not_a_keyholder());
        }
        let known = self.builds_on();
        let known = |id| known(id);
        let mut next = Configuration {
            parent: active.cfg,
            round: self.state.next_round(active.cfg, None, known),
            cuts: Vec::new(),
            ..active.configuration.clone()
        };
        for change in changes {
            self.change(&mut next, change)?;
        }
        next.members.sort_by_key(|member| member.identity);
        next.former.sort_by_key(|former| former.identity);
        next.cuts.sort_by_key(|cut| cut.identity);
        if standing.doubled.is_empty() && same(&next, &active.configuration) {
            return Err(CommandFault::NoChange);
        }
        let configuration = next.to_json();
        let checked = CheckedConfiguration::parse(&configuration, self.id)?;
        let settlement = self.state.successor(active, &standing.doubled, &checked, &self.log, known)?;
        if let Some(to) = self.state.given_vote(self.me, &checked, &settlement.settles, known) {
            return Err(CommandFault::VoteGiven { to });
        }
        let cfg = checked.cfg;
        Ok(Verdict::Allowed(vec![
            Action::ConfigurationProposed(ConfigurationProposed { configuration }),
            Action::ConfigurationVoted(Voted { cfg }),
        ]))
    }

    /// Makes one change. Whether the whole is right is judged when it is made.
    fn change(&self, next: &mut Configuration, change: &Change) -> Result<(), CommandFault> {
        match change {
            Change::Approvals(approvals) => next.policy.approvals = *approvals,
            Change::Policy(change) => {
                next.policy = changed(&next.policy, change, next.network)?;
                // An earlier version has no place for it.
                if next.policy != Policy::plain(next.policy.approvals) {
                    next.rules = next.rules.max(RULES_OF_POLICIES);
                }
            }
            Change::Relays(relays) => next.relays.clone_from(relays),
            Change::Add(member) => next.members.push(self.candidate(*member, None)?),
            Change::Remove(member) => {
                let Member { identity, name, key, .. } = self.take_out(next, *member)?;
                next.former.extend(key.map(|key| Former { identity, name, key }));
            }
            Change::Replace { old, new } => {
                let candidate = self.candidate(*new, Some(*old))?;
                self.take_out(next, *old)?;
                next.members.push(candidate);
            }
        }
        Ok(())
    }

    /// Takes a member out, with a cut at their newest event.
    fn take_out(&self, next: &mut Configuration, member: MemberId) -> Result<Member, CommandFault> {
        let place = next.members.iter().position(|it| it.identity == member);
        let (place, last) = place.zip(self.newest_built_on(member)).ok_or(CommandFault::NotAMember { member })?;
        next.cuts.push(Cut { identity: member, last });
        Ok(next.members.remove(place))
    }

    /// Who joined by a place opened for it, as a configuration names them.
    fn candidate(&self, identity: MemberId, replaces: Option<MemberId>) -> Result<Member, CommandFault> {
        let rules = self.active().map_or(0, |active| active.configuration.rules);
        let entry = || {
            let joined = &self.candidates().get(&identity)?.joined;
            let opened = self.state.places.get(&joined.proof.as_ref()?.key)?;
            let (_, opened) = opened.iter().find(|(_, opened)| opened.replaces == replaces)?;
            let roles = roles_of(opened.place.role, rules);
            Some(Member { identity, name: joined.name.clone(), roles, key: joined.key.clone() })
        };
        entry().ok_or(CommandFault::NotACandidate { member: identity })
    }

    /// A configuration that follows the active one.
    fn follower(&self, cfg: Cfg) -> Result<&Candidate, CommandFault> {
        let active = self.active().map(|active| active.cfg);
        let candidate = self.state.candidates.get(&cfg);
        let candidate = candidate.filter(|candidate| Some(candidate.checked.configuration.parent) == active);
        candidate.ok_or(CommandFault::UnknownSuccessor { cfg })
    }

    pub(super) fn vote(&self, cfg: Cfg, words: &str) -> Result<Verdict<Vec<Action>>, CommandFault> {
        self.vote_if(cfg, || heard(words, &roster_words(cfg)))
    }

    /// Whether this member has a vote for a configuration to give, once they have heard its words.
    pub fn awaits_vote(&self, cfg: Cfg) -> bool {
        matches!(self.vote_if(cfg, || true), Ok(Verdict::Allowed(actions)) if !actions.is_empty())
    }

    fn vote_if(&self, cfg: Cfg, heard: impl FnOnce() -> bool) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let candidate = self.follower(cfg)?;
        if candidate.has_consent(self.me, &self.log, |_| true) {
            return Ok(done());
        }
        if !self.i_vote() {
            return Ok(not_a_keyholder());
        }
        if candidate.consents.contains(self.me) {
            return Err(CommandFault::VoteTakenBack { cfg });
        }
        let known = self.builds_on();
        let known = |id| known(id);
        // Nobody builds on a proposal by who told two stories: others propose.
        if !candidate.proposed.keys().any(|proposed| known(*proposed)) {
            return Err(CommandFault::UnknownSuccessor { cfg });
        }
        let settles = candidate.settles(known);
        if let Some(to) = self.state.given_vote(self.me, &candidate.checked, &settles, known) {
            return Err(CommandFault::VoteGiven { to });
        }
        if !heard() {
            return Err(CommandFault::WordsDiffer);
        }
        Ok(one(Action::ConfigurationVoted(Voted { cfg })))
    }

    pub(super) fn release_vote(&self, cfg: Cfg) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.state.accepted_now(cfg, &self.log) {
            return Err(CommandFault::Accepted { cfg });
        }
        let candidate = self.follower(cfg)?;
        if !candidate.consents.contains(self.me) {
            return Err(CommandFault::NoVote { cfg });
        }
        if !candidate.has_consent(self.me, &self.log, |_| true) {
            return Ok(done());
        }
        Ok(one(Action::VoteReleased(Voted { cfg })))
    }
}

/// A policy with changes. Lists stay sorted, each address spelled as a policy spells it.
fn changed(policy: &Policy, change: &PolicyChange, network: Network) -> Result<Policy, CommandFault> {
    let mut next = policy.clone();
    if let Some(tiers) = &change.tiers {
        next.tiers.clone_from(tiers);
    }
    next.release = change.release.or(next.release);
    if change.allow_any {
        next.allow = None;
    }
    if !change.allow.is_empty() || !change.disallow.is_empty() {
        let list = next.allow.unwrap_or_default();
        next.allow = Some(relisted(list, &change.allow, &change.disallow, network, "allowed")?);
    }
    next.deny = relisted(next.deny, &change.deny, &change.undeny, network, "denied")?;
    Ok(next)
}

fn relisted(
    list: Vec<String>,
    come: &[String],
    go: &[String],
    network: Network,
    called: &'static str,
) -> Result<Vec<String>, CommandFault> {
    let address = |text: &String| {
        normal_address(text, network).ok_or_else(|| CommandFault::Address { address: text.clone(), network })
    };
    let mut next: BTreeSet<String> = list.into_iter().collect();
    for text in go {
        let address = address(text)?;
        if !next.remove(&address) {
            return Err(CommandFault::NotListed { address, list: called });
        }
    }
    for text in come {
        next.insert(address(text)?);
    }
    Ok(next.into_iter().collect())
}

/// Whether nothing is otherwise that members live by.
fn same(next: &Configuration, before: &Configuration) -> bool {
    (&next.members, &next.policy, &next.relays) == (&before.members, &before.policy, &before.relays)
}
