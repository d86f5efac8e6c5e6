//! What a command becomes: the actions to put on record, or the reasons against them. Pure: commits nothing, asks nobody.

use bitcoin::{BlockHash, Network};
use conclave_shared::{Cfg, EventId, MemberId, Role, Unmet};

use super::{Act, Vault};
use crate::action::{
    Action, AddressIssued, Approved, ConfigurationProposed, Confirmed, Created, Joined, Ratified, Rejected, Sent,
    Signed,
};
use crate::configuration::{
    CheckedConfiguration, Configuration, ConfigurationFault, Member, RULES, check_name, check_relays,
};
use crate::descriptor::{DescriptorFault, KEYS_LIMIT};
use crate::guard::{self, GuardFault, Verdict};
use crate::policy::Policy;
use crate::proposal::{PartialSignature, Proposal, ProposalFault};
use crate::psbt::Evidence;
use crate::words::{heard, roster_words};

/// What a person or an adapter wants done in a vault.
#[derive(Debug)]
pub enum Command<'a> {
    /// Take one's own place.
    Join(Joined),
    /// Put the configuration up for ratification.
    ProposeConfiguration,
    /// Ratify with the words heard from the others.
    Ratify {
        /// As a person typed them.
        words: &'a str,
    },
    /// Give out the next deposit address.
    IssueAddress,
    /// Propose a payment.
    Propose(Proposal),
    /// Consent to a payment.
    Approve {
        /// Which.
        proposal: EventId,
        /// Previous transactions from this installation's chain source.
        evidence: &'a Evidence,
    },
    /// Refuse a payment.
    Reject {
        /// Which.
        proposal: EventId,
    },
    /// Put on record what a signer gave.
    RecordSigned {
        /// For which payment.
        proposal: EventId,
        /// As they came back; each is verified here.
        signatures: Vec<PartialSignature>,
    },
    /// Put on record that the signatures are together.
    RecordFinalised {
        /// Which payment.
        proposal: EventId,
    },
    /// Put on record that the network took it.
    RecordBroadcast {
        /// Which payment.
        proposal: EventId,
    },
    /// Put on record that it is in a block.
    RecordConfirmed {
        /// Which payment.
        proposal: EventId,
        /// Height of the block.
        height: u32,
        /// The block.
        block: BlockHash,
    },
}

/// Why a command is not valid, whatever the rules say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandFault {
    /// Nothing to ratify.
    #[error("there is no configuration to ratify yet: {have} of {need} members have joined")]
    NoConfiguration {
        /// How many have joined.
        have: usize,
        /// How many places there are.
        need: usize,
    },
    /// What was heard is not what this installation computed.
    #[error(
        "the words heard differ from this installation's own: the others may hold another configuration. \
         nothing was ratified; compare the members and keys by voice"
    )]
    WordsDiffer,
    /// One invitation was used by several.
    #[error("one invitation was used by {} members: nothing was ratified; clear up by voice who they are", members.len())]
    PlaceDoubled {
        /// Who.
        members: Vec<MemberId>,
    },
    /// This member's own entry was changed.
    #[error("the configuration names another key, name or role for this member than it joined with: do not ratify")]
    OwnEntryDiffers,
    /// No such proposal.
    #[error("there is no proposal {proposal} in this vault")]
    UnknownProposal {
        /// What was asked for.
        proposal: EventId,
    },
    /// A signer gave back a signature that is not valid over the proposed transaction.
    #[error("the signature on input {input} is not valid for the proposed transaction: it was not kept")]
    SignatureInvalid {
        /// Which input.
        input: u32,
    },
    /// All addresses are given out.
    #[error("there are no more addresses")]
    NoMoreAddresses,
    /// The payment does not hold together.
    #[error(transparent)]
    Proposal(#[from] ProposalFault),
    /// The vault cannot be made like this.
    #[error(transparent)]
    Configuration(#[from] ConfigurationFault),
    /// The guard cannot judge.
    #[error(transparent)]
    Guard(#[from] GuardFault),
}

/// Checks what an organiser asks for, before there is a vault; and what others' organisers sent.
pub(super) fn check_created(created: &Created) -> Result<(), ConfigurationFault> {
    check_name(&created.name, "name")?;
    check_relays(&created.relays)?;
    if created.network != Network::Regtest {
        return Err(ConfigurationFault::Network { found: created.network });
    }
    let keyholder = |role: &Role| *role == Role::Keyholder;
    let keys =
        created.places.iter().map(|place| &place.role).chain(&created.organiser).filter(|role| keyholder(role)).count();
    if keys == 0 || keys > KEYS_LIMIT {
        return Err(DescriptorFault::Keys { keys }.into());
    }
    if created.threshold == 0 || created.threshold as usize > keys {
        return Err(DescriptorFault::Threshold { threshold: created.threshold, keys }.into());
    }
    if created.places.len() + 1 > crate::configuration::MEMBERS_LIMIT {
        return Err(ConfigurationFault::Members);
    }
    Ok(())
}

impl Vault {
    /// The first action of a new vault.
    pub fn create(created: Created) -> Result<Action, CommandFault> {
        check_created(&created)?;
        Ok(Action::Created(created))
    }

    /// What a command becomes. An empty list: it is done already.
    pub fn decide(&self, command: Command<'_>) -> Result<Verdict<Vec<Action>>, CommandFault> {
        match command {
            Command::Join(joined) => self.join(joined),
            Command::ProposeConfiguration => self.propose_configuration(),
            Command::Ratify { words } => self.ratify(words),
            Command::IssueAddress => self.issue_address(),
            Command::Propose(proposal) => self.propose(proposal),
            Command::Approve { proposal, evidence } => self.approve(proposal, evidence),
            Command::Reject { proposal } => self.reject(proposal),
            Command::RecordSigned { proposal, signatures } => self.record_signed(proposal, signatures),
            Command::RecordFinalised { proposal } => self.record_sent(proposal, Action::Finalised, Act::Finalise),
            Command::RecordBroadcast { proposal } => self.record_sent(proposal, Action::Broadcast, Act::Broadcast),
            Command::RecordConfirmed { proposal, height, block } => {
                let state = self.known(proposal)?;
                if state.confirmed_by(self.me) == Some((height, block)) {
                    return Ok(done());
                }
                let txid = state.checked.txid;
                Ok(one(Action::Confirmed(Confirmed { proposal, txid, height, block })))
            }
        }
    }

    fn known(&self, proposal: EventId) -> Result<&super::ProposalState, CommandFault> {
        self.proposal(proposal).ok_or(CommandFault::UnknownProposal { proposal })
    }

    fn join(&self, joined: Joined) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.joiners().contains_key(&self.me) {
            return Ok(done());
        }
        check_name(&joined.name, "member")?;
        Ok(one(Action::Joined(joined)))
    }

    fn propose_configuration(&self) -> Result<Verdict<Vec<Action>>, CommandFault> {
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
            // Until the vault's own policy can be chosen: as many consents as signatures.
            policy: Policy { approvals: created.threshold },
            relays: created.relays.clone(),
            rules: RULES,
            former: Vec::new(),
            cuts: Vec::new(),
        };
        configuration.descriptor = configuration.make_descriptor()?;
        let configuration = configuration.to_json();
        CheckedConfiguration::parse(&configuration, self.id)?;
        Ok(one(Action::ConfigurationProposed(ConfigurationProposed { configuration })))
    }

    fn ratify(&self, words: &str) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let doubled = self.doubled_places().into_iter().next().map(|members| CommandFault::PlaceDoubled { members });
        let Some(checked) = self.newest_configuration() else {
            // Where an invitation was used twice no configuration is ever put up: that is the reason to be told.
            if let Some(doubled) = doubled {
                return Err(doubled);
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
        let joiners = self.joiners();
        let mine = joiners.get(&self.me).zip(checked.member(self.me));
        if !mine.is_some_and(|(joiner, entry)| joiner.joined.key == entry.key && joiner.roles == entry.roles) {
            return Err(CommandFault::OwnEntryDiffers);
        }
        if !heard(words, &roster_words(checked.cfg)) {
            return Err(CommandFault::WordsDiffer);
        }
        Ok(one(Action::Ratified(Ratified { cfg: checked.cfg })))
    }

    fn issue_address(&self) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let Some(active) = self.active() else { return Ok(Verdict::Blocked(vec![Unmet::NotActive])) };
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Keyholder }]));
        }
        let index = self.next_address();
        let address =
            active.descriptor.address(index, active.configuration.network).ok_or(CommandFault::NoMoreAddresses)?;
        Ok(one(Action::AddressIssued(AddressIssued { index, address: address.to_string() })))
    }

    fn propose(&self, proposal: Proposal) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let Some(active) = self.active() else { return Ok(Verdict::Blocked(vec![Unmet::NotActive])) };
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Approver }]));
        }
        let checked = proposal.check(self.id, active)?;
        let held: Vec<Unmet> = checked
            .inputs
            .iter()
            .filter_map(|input| self.state.reservations.get(&input.outpoint))
            .flatten()
            .filter(|by| self.proposal(**by).is_some_and(|by| self.is_open(by)))
            .map(|by| Unmet::CoinReserved { by: *by })
            .collect();
        if held.is_empty() { Ok(one(Action::Proposed(proposal))) } else { Ok(Verdict::Blocked(held)) }
    }

    fn approve(&self, proposal: EventId, evidence: &Evidence) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.known(proposal)?.approvals.contains(self.me) {
            return Ok(done());
        }
        Ok(match guard::approve(self, proposal, evidence)? {
            Verdict::Allowed(digest) => one(Action::Approved(Approved { proposal, digest })),
            Verdict::Blocked(unmet) => Verdict::Blocked(unmet),
        })
    }

    fn reject(&self, proposal: EventId) -> Result<Verdict<Vec<Action>>, CommandFault> {
        if self.known(proposal)?.rejections.contains(self.me) {
            return Ok(done());
        }
        if !self.my_entry().is_some_and(Member::may_approve) {
            return Ok(Verdict::Blocked(vec![Unmet::RoleMissing { needs: Role::Approver }]));
        }
        Ok(one(Action::Rejected(Rejected { proposal })))
    }

    fn record_signed(
        &self,
        id: EventId,
        signatures: Vec<PartialSignature>,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let proposal = self.known(id)?;
        let invalid = signatures.iter().find(|partial| proposal.checked.signer_of(partial).is_none());
        if let Some(partial) = invalid {
            return Err(CommandFault::SignatureInvalid { input: partial.input });
        }
        let new = |partial: &PartialSignature| !proposal.signatures.contains_key(&(partial.input, partial.key));
        let signatures: Vec<PartialSignature> = signatures.into_iter().filter(new).collect();
        if signatures.is_empty() {
            return Ok(done());
        }
        Ok(one(Action::Signed(Signed { proposal: id, digest: proposal.checked.digest, signatures })))
    }

    fn record_sent(
        &self,
        id: EventId,
        action: fn(Sent) -> Action,
        act: Act,
    ) -> Result<Verdict<Vec<Action>>, CommandFault> {
        let proposal = self.known(id)?;
        let recorded = match act {
            Act::Finalise => &proposal.finalised,
            Act::Broadcast | Act::Approve | Act::Sign => &proposal.broadcast,
        };
        if recorded.contains(&self.me) {
            return Ok(done());
        }
        Ok(one(action(Sent { proposal: id, txid: proposal.checked.txid })))
    }
}

fn one(action: Action) -> Verdict<Vec<Action>> {
    Verdict::Allowed(vec![action])
}

fn done() -> Verdict<Vec<Action>> {
    Verdict::Allowed(Vec::new())
}
