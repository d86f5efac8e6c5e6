//! An installation: its store and its open vaults, owned by one task. Synchronous: requests, messages and chain answers
//! go in; replies and what is due come out. Knows no socket, no thread and no clock: the time is an argument.

use std::collections::BTreeMap;

use bitcoin::address::NetworkUnchecked;
use bitcoin::secp256k1::SecretKey;
use bitcoin::{Address, Amount, FeeRate, ScriptBuf, Transaction};
use conclave_domain::action::{Created, Joined};
use conclave_domain::guard::{self, Verdict};
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::psbt::{self, Evidence};
use conclave_domain::vault::{Command, CommandFault, Effect, Vault};
use conclave_domain::words::{digest_words, roster_words};
use conclave_shared::request::{CreateVault, JoinVault, OnProposal, Propose, Reply, Request};
use conclave_shared::{EventId, MemberId, Role, Sat, Unmet, VaultId};
use zeroize::Zeroizing;

use crate::coins::{Answer, Question};
use crate::failure::InstallationError;
use crate::open_vault::{NETWORK, OpenVault, Outgoing, event_row, sign};
use crate::projection;
use crate::signer::{Signer, SoftwareKey};
use crate::store::{Batch, Store, VaultRecord};
use crate::tor::Loopback;

/// Highest fee rate that a request may ask for, in sat/vB: what is above is a slip of the hand.
const FEE_RATE_LIMIT: u64 = 10_000;
/// Most recipients of one payment.
const RECIPIENTS_LIMIT: usize = 100;
/// Bytes of BIP39 entropy of a new software key: 24 words.
const ENTROPY_BYTES: usize = 32;

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, InstallationError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut bytes[..]).map_err(|error| InstallationError::Randomness { reason: error.to_string() })?;
    Ok(bytes)
}

/// A fresh secp256k1 secret key. Not every 32 bytes are one, though all but 1 of 2^128 are.
fn random_secret() -> Result<SecretKey, InstallationError> {
    loop {
        if let Ok(secret) = SecretKey::from_slice(&random::<32>()?[..]) {
            return Ok(secret);
        }
    }
}

/// One installation.
pub struct Installation {
    store: Store,
    vaults: BTreeMap<VaultId, OpenVault>,
    failed: bool,
}

impl Installation {
    /// Opens all vaults of a store.
    pub fn open(store: Store) -> Result<Self, InstallationError> {
        let mut vaults = BTreeMap::new();
        for record in store.vaults()? {
            vaults.insert(record.vault, OpenVault::load(&store, record)?);
        }
        Ok(Self { store, vaults, failed: false })
    }

    /// The vaults that are open.
    pub fn vaults(&self) -> impl Iterator<Item = &OpenVault> {
        self.vaults.values()
    }

    /// One vault.
    pub fn vault(&self, vault: VaultId) -> Result<&OpenVault, InstallationError> {
        self.vaults.get(&vault).ok_or(InstallationError::UnknownVault { vault })
    }

    fn vault_mut(&mut self, vault: VaultId) -> Result<(&mut OpenVault, &mut Store), InstallationError> {
        let open = self.vaults.get_mut(&vault).ok_or(InstallationError::UnknownVault { vault })?;
        Ok((open, &mut self.store))
    }

    /// Does what a face asks. After a reply that says that the database failed, `failed` is true.
    pub fn ask(&mut self, request: Request, now_ms: u64) -> Reply {
        self.answer(request, now_ms).unwrap_or_else(|error| {
            self.failed |= matches!(error, InstallationError::Store(_));
            Reply::Failed(error.failure())
        })
    }

    /// Whether the database has failed: what memory holds may be more than the disk has, so nothing may leave any more.
    pub fn failed(&self) -> bool {
        self.failed
    }

    fn answer(&mut self, request: Request, now_ms: u64) -> Result<Reply, InstallationError> {
        Ok(match request {
            Request::CreateVault(it) => self.create_vault(it, now_ms)?,
            Request::JoinVault(it) => self.join_vault(it, now_ms)?,
            Request::ListVaults => Reply::Vaults { vaults: self.vaults.values().map(projection::vault).collect() },
            Request::ShowVault(it) => Reply::Vault(Box::new(projection::vault(self.vault(it.vault)?))),
            Request::RosterWords(it) => {
                let open = self.vault(it.vault)?;
                let cfg = open.vault.newest_configuration().ok_or(InstallationError::NoConfiguration)?.cfg;
                Reply::Words { words: roster_words(cfg).into_iter().map(str::to_owned).collect() }
            }
            Request::Ratify(it) => {
                self.command(it.vault, Command::Ratify { words: &it.words }, now_ms)?;
                Reply::Done
            }
            Request::IssueAddress(it) => {
                let index = self.vault(it.vault)?.vault.next_address();
                self.command(it.vault, Command::IssueAddress, now_ms)?;
                let active = self.vault(it.vault)?.vault.active().ok_or(InstallationError::NoConfiguration)?;
                let address = active.descriptor.address(index, active.configuration.network);
                let address = address.ok_or(CommandFault::NoMoreAddresses)?.to_string();
                Reply::Address { address, index }
            }
            Request::Propose(it) => self.propose(it, now_ms)?,
            Request::Approve(it) => {
                self.not_sent(it)?;
                let evidence = self.evidence(it)?;
                self.command(it.vault, Command::Approve { proposal: it.proposal, evidence: &evidence }, now_ms)?;
                self.show_proposal(it)?
            }
            Request::Reject(it) => {
                self.not_sent(it)?;
                self.command(it.vault, Command::Reject { proposal: it.proposal }, now_ms)?;
                self.show_proposal(it)?
            }
            Request::Sign(it) => {
                self.sign(it, now_ms)?;
                self.show_proposal(it)?
            }
            Request::DigestWords(it) => {
                let digest = self.proposal(it)?.checked.digest;
                Reply::Words { words: digest_words(digest).into_iter().map(str::to_owned).collect() }
            }
            // The loop asks the chain source at once and answers when it has; without a loop there is nobody to ask.
            Request::SyncChain(it) => {
                self.vault(it.vault)?;
                Reply::Done
            }
            Request::ShowRefused(it) => {
                let rows = self.store.refused(it.vault)?;
                let void = projection::void(&self.vault(it.vault)?.vault);
                Reply::Refused { void, refused: rows.into_iter().map(projection::refused).collect() }
            }
            Request::ExportRecord(it) => {
                let log = self.vault(it.vault)?.vault.log();
                Reply::Record { lines: log.in_order().map(|admitted| admitted.event.to_json()).collect() }
            }
        })
    }

    /// Decides, commits and applies a command.
    pub fn command(
        &mut self,
        vault: VaultId,
        command: Command<'_>,
        now_ms: u64,
    ) -> Result<Vec<EventId>, InstallationError> {
        let (open, store) = self.vault_mut(vault)?;
        match open.vault.decide(command)? {
            Verdict::Allowed(actions) => open.commit_own(store, actions, now_ms),
            Verdict::Blocked(unmet) => Err(InstallationError::Blocked { unmet }),
        }
    }

    fn create_vault(&mut self, it: CreateVault, now_ms: u64) -> Result<Reply, InstallationError> {
        check_servers(&it.relays, &it.chain)?;
        if it.keyholders == 0 || it.keyholders > 15 {
            let reason = format!("a vault has 1 to 15 keys, not {}", it.keyholders);
            return Err(InstallationError::Field { field: "keyholders", reason });
        }
        if it.auditors > 34 {
            return Err(InstallationError::Field {
                field: "auditors",
                reason: format!("at most 34, not {}", it.auditors),
            });
        }
        let expires_ms = now_ms.saturating_add(it.invitation_seconds.saturating_mul(1000));
        let roles = std::iter::repeat_n(Role::Keyholder, it.keyholders as usize - 1)
            .chain(std::iter::repeat_n(Role::Auditor, it.auditors as usize));
        let mut places = Vec::new();
        for role in roles {
            let secret = random_secret()?;
            places.push((Place { key: Invitation::place_key(&secret), role, expires_ms }, secret));
        }
        let created = Vault::create(Created {
            name: it.name,
            network: NETWORK,
            threshold: it.threshold,
            organiser: vec![Role::Keyholder],
            places: places.iter().map(|(place, _)| place.clone()).collect(),
            relays: it.relays.clone(),
            rules: conclave_domain::configuration::RULES,
        })?;

        let vault = VaultId(*random::<32>()?);
        let identity = Zeroizing::new(random_secret()?.secret_bytes());
        let entropy = Zeroizing::new(random::<ENTROPY_BYTES>()?.to_vec());
        let key = SoftwareKey::new(&entropy, NETWORK)?.account_key();
        let mut record = VaultRecord {
            vault,
            created: EventId([0; 32]),
            organiser: MemberId([0; 32]),
            identity,
            entropy: Some(entropy),
            relays: it.relays.clone(),
            chain: it.chain,
            created_ms: now_ms,
        };
        let keys = crate::open_vault::identity(&record)?;
        let me = MemberId(keys.public_key().to_bytes());
        record.organiser = me;
        // The id of `created` is known once it is signed; it names neither its own id nor any other event.
        let creation = sign(&Vault::new(vault, record.created, me), &keys, created, now_ms)?;
        record.created = creation.id;
        let mut fold = Vault::new(vault, creation.id, me);
        fold.receive(creation.clone()).map_err(InstallationError::OwnEvent)?;
        let joined = match fold.decide(Command::Join(Joined { name: it.member, proof: None, key: Some(key) }))? {
            Verdict::Allowed(actions) => actions,
            Verdict::Blocked(unmet) => return Err(InstallationError::Blocked { unmet }),
        };
        let mut events = vec![event_row(&creation, now_ms)];
        for action in joined {
            events.push(event_row(&sign(&fold, &keys, action, now_ms)?, now_ms));
        }
        self.add_vault(record, events)?;

        let mut texts = places.iter().map(|(place, secret)| {
            let invitation = Invitation::new(vault, creation.id, me, place, it.relays.clone(), *secret);
            (place.role, invitation.to_text())
        });
        let keyholder_invitations = texts.by_ref().take(it.keyholders as usize - 1).map(|(_, text)| text).collect();
        Ok(Reply::Created { vault, keyholder_invitations, auditor_invitations: texts.map(|(_, text)| text).collect() })
    }

    fn join_vault(&mut self, it: JoinVault, now_ms: u64) -> Result<Reply, InstallationError> {
        let invitation = Invitation::parse(&it.invitation, now_ms)?;
        let vault = invitation.vault;
        if self.vaults.contains_key(&vault) {
            return Err(InstallationError::AlreadyMember { vault });
        }
        check_servers(&invitation.relays, &it.chain)?;
        let entropy = match invitation.role {
            Role::Keyholder => Some(Zeroizing::new(random::<ENTROPY_BYTES>()?.to_vec())),
            Role::Auditor | Role::Approver => None,
            role @ (Role::Mediator | Role::Signer) => {
                let reason = format!("role {role:?} is not known to rules version 0");
                return Err(InstallationError::Field { field: "invitation", reason });
            }
        };
        let key = entropy.as_ref().map(|entropy| SoftwareKey::new(entropy, NETWORK)).transpose()?;
        let record = VaultRecord {
            vault,
            created: invitation.created,
            organiser: invitation.organiser,
            identity: Zeroizing::new(random_secret()?.secret_bytes()),
            entropy,
            relays: invitation.relays.clone(),
            chain: it.chain,
            created_ms: now_ms,
        };
        if nostr::PublicKey::from_slice(&invitation.organiser.0).and_then(|key| key.xonly()).is_err() {
            let reason = "the organiser in it is not a key".to_owned();
            return Err(InstallationError::Field { field: "invitation", reason });
        }
        let keys = crate::open_vault::identity(&record)?;
        let me = MemberId(keys.public_key().to_bytes());
        let joined =
            Joined { name: it.member, proof: Some(invitation.prove(me)), key: key.as_ref().map(Signer::account_key) };
        let fold = Vault::new(vault, invitation.created, me);
        let actions = match fold.decide(Command::Join(joined))? {
            Verdict::Allowed(actions) => actions,
            Verdict::Blocked(unmet) => return Err(InstallationError::Blocked { unmet }),
        };
        let events = actions.into_iter().map(|action| Ok(event_row(&sign(&fold, &keys, action, now_ms)?, now_ms)));
        let events = events.collect::<Result<Vec<_>, InstallationError>>()?;
        self.add_vault(record, events)?;
        Ok(Reply::Joined { vault })
    }

    fn add_vault(&mut self, record: VaultRecord, events: Vec<crate::store::EventRow>) -> Result<(), InstallationError> {
        let vault = record.vault;
        self.store.commit(vault, &Batch { new_vault: Some(record.clone()), events, ..Batch::default() })?;
        self.vaults.insert(vault, OpenVault::load(&self.store, record)?);
        Ok(())
    }

    fn propose(&mut self, it: Propose, now_ms: u64) -> Result<Reply, InstallationError> {
        let field = |field, reason: &str| InstallationError::Field { field, reason: reason.to_owned() };
        if it.recipients.is_empty() || it.recipients.len() > RECIPIENTS_LIMIT {
            return Err(field("recipients", "there must be 1 to 100"));
        }
        if it.fee_rate == 0 || it.fee_rate > FEE_RATE_LIMIT {
            return Err(field("fee_rate", "must be 1 to 10000 sat/vB"));
        }
        let fee_rate = FeeRate::from_sat_per_vb(it.fee_rate).ok_or_else(|| field("fee_rate", "is too large"))?;
        let mut recipients: Vec<(ScriptBuf, Amount)> = Vec::new();
        for recipient in &it.recipients {
            let address: Address<NetworkUnchecked> =
                recipient.address.parse().map_err(|error| field("address", &format!("{error}")))?;
            let address = address.require_network(NETWORK).map_err(|_| field("address", "is of another network"))?;
            if recipient.amount == Sat(0) {
                return Err(field("amount", "must be more than 0 sat"));
            }
            let script = address.script_pubkey();
            // Bitcoin's nodes do not relay what costs more to spend than it is worth.
            let least = script.minimal_non_dust().to_sat();
            if recipient.amount.0 < least {
                return Err(field("amount", &format!("must be at least {least} sat for this address (less is dust)")));
            }
            recipients.push((script, Amount::from_sat(recipient.amount.0)));
        }
        let total = recipients.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
        if total.is_none_or(|total| total > Amount::MAX_MONEY) {
            return Err(field("amount", "is more than all bitcoin"));
        }
        let (open, _) = self.vault_mut(it.vault)?;
        let held = open.vault.reserved_coins().collect();
        let coins = open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        let proposal = coins.build(recipients, fee_rate, it.purpose, held)?;
        let ids = self.command(it.vault, Command::Propose(proposal), now_ms)?;
        let proposal = ids.first().copied().ok_or(InstallationError::NoConfiguration)?;
        self.show_proposal(OnProposal { vault: it.vault, proposal })
    }

    fn proposal(&self, it: OnProposal) -> Result<&conclave_domain::vault::ProposalState, InstallationError> {
        let unknown = CommandFault::UnknownProposal { proposal: it.proposal };
        Ok(self.vault(it.vault)?.vault.proposal(it.proposal).ok_or(unknown)?)
    }

    fn show_proposal(&self, it: OnProposal) -> Result<Reply, InstallationError> {
        let open = self.vault(it.vault)?;
        Ok(Reply::Proposal(Box::new(projection::proposal(open, self.proposal(it)?, &open.facts()))))
    }

    fn evidence(&self, it: OnProposal) -> Result<Evidence, InstallationError> {
        Ok(self.vault(it.vault)?.evidence(&self.proposal(it)?.checked))
    }

    /// Nothing is decided about a payment that the network has already.
    fn not_sent(&self, it: OnProposal) -> Result<(), InstallationError> {
        if self.vault(it.vault)?.facts().seen(&self.proposal(it)?.checked.txid) {
            return Err(InstallationError::Blocked { unmet: vec![Unmet::Ended] });
        }
        Ok(())
    }

    fn sign(&mut self, it: OnProposal, now_ms: u64) -> Result<(), InstallationError> {
        self.not_sent(it)?;
        let evidence = self.evidence(it)?;
        let open = self.vault(it.vault)?;
        let permit = allowed(guard::sign(&open.vault, it.proposal, &evidence)?)?;
        let key = open.key()?.ok_or(InstallationError::NoKey)?;
        let signatures = key.sign(permit)?;
        self.command(it.vault, Command::RecordSigned { proposal: it.proposal, signatures }, now_ms)?;
        Ok(())
    }

    /// Takes a message that a transport delivered.
    pub fn receive(
        &mut self,
        vault: VaultId,
        from: MemberId,
        content: &str,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let (open, store) = self.vault_mut(vault)?;
        let taken = open.receive(store, from, content, now_ms);
        if taken.is_err() {
            // What could not be committed must not be held either: memory goes back to what the disk has.
            let record = open.record.clone();
            self.vaults.insert(vault, OpenVault::load(&self.store, record)?);
        }
        taken
    }

    /// What is due for other members, in all vaults.
    pub fn due(&mut self, now_ms: u64) -> Vec<Outgoing> {
        self.vaults.values_mut().flat_map(|open| open.due(now_ms)).collect()
    }

    /// A message could not be handed to any relay: it comes again.
    pub fn delivery_failed(&mut self, outgoing: &Outgoing, now_ms: u64) {
        if let Some(open) = self.vaults.get_mut(&outgoing.vault) {
            open.failed(outgoing.to, &outgoing.message, now_ms);
        }
    }

    /// What the world must now do.
    pub fn pending_effects(&self) -> Vec<(VaultId, Effect)> {
        self.vaults
            .iter()
            .flat_map(|(id, open)| open.vault.pending_effects(&open.facts()).into_iter().map(|effect| (*id, effect)))
            .collect()
    }

    /// Notes what is wrong with a vault's relays, for its view; none where all is well again.
    pub fn note_relay_trouble(&mut self, vault: VaultId, trouble: Option<String>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.relay_trouble = trouble;
        }
    }

    /// Notes what else is wrong with a vault, for its view; none where all is well again.
    pub fn note_trouble(&mut self, vault: VaultId, trouble: Option<String>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.trouble = trouble;
        }
    }

    /// What to ask the chain source of a vault.
    pub fn question(&self, vault: VaultId, now_ms: u64) -> Option<Question> {
        Some(self.vaults.get(&vault)?.coins.as_ref()?.question(now_ms / 1000))
    }

    /// Takes the chain source's answer.
    pub fn take_answer(&mut self, vault: VaultId, answer: Answer) -> Result<(), InstallationError> {
        let (open, store) = self.vault_mut(vault)?;
        open.take_answer(store, answer)
    }

    /// Puts a payment's signatures together, by the guard's leave, and records it.
    pub fn finalise(&mut self, vault: VaultId, proposal: EventId, now_ms: u64) -> Result<(), InstallationError> {
        let it = OnProposal { vault, proposal };
        let permit = allowed(guard::finalise(&self.vault(vault)?.vault, proposal, &self.evidence(it)?)?)?;
        // The transaction itself is not kept: it is made again from the same signatures when it is sent.
        self.assemble(it, permit.consume().0)?;
        self.command(vault, Command::RecordFinalised { proposal }, now_ms)?;
        Ok(())
    }

    /// The transaction of a payment, by the guard's leave to broadcast it.
    pub fn transaction_to_send(&self, vault: VaultId, proposal: EventId) -> Result<Transaction, InstallationError> {
        let it = OnProposal { vault, proposal };
        let permit = allowed(guard::broadcast(&self.vault(vault)?.vault, proposal, &self.evidence(it)?)?)?;
        self.assemble(it, permit.consume().0)
    }

    fn assemble(&self, it: OnProposal, psbt: bitcoin::Psbt) -> Result<Transaction, InstallationError> {
        let signatures = self.proposal(it)?.signatures.iter();
        Ok(psbt::finalise(psbt, signatures.map(|((input, key), signature)| (*input, *key, signature)))?)
    }

    /// The network took a payment's transaction.
    pub fn sent(
        &mut self,
        vault: VaultId,
        proposal: EventId,
        transaction: Transaction,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let (open, _) = self.vault_mut(vault)?;
        if let Some(coins) = &mut open.coins {
            coins.note_sent(transaction, now_ms / 1000);
        }
        self.command(vault, Command::RecordBroadcast { proposal }, now_ms)?;
        // Where the broadcast was on record already there was no event for the coins' changes to go with.
        let (open, store) = self.vault_mut(vault)?;
        open.commit_coins(store)
    }
}

fn allowed<T>(verdict: Verdict<T>) -> Result<T, InstallationError> {
    match verdict {
        Verdict::Allowed(allowed) => Ok(allowed),
        Verdict::Blocked(unmet) => Err(InstallationError::Blocked { unmet }),
    }
}

/// Relays and chain servers pass the door before they are kept.
fn check_servers(relays: &[String], chain: &str) -> Result<(), InstallationError> {
    conclave_domain::configuration::check_relays(relays).map_err(CommandFault::from)?;
    for relay in relays {
        if Loopback::parse(relay, "ws")?.address().is_ipv6() {
            let reason = format!("{relay} is an IPv6 address: the relay client reaches IPv4 only");
            return Err(InstallationError::Field { field: "relays", reason });
        }
    }
    Loopback::parse(chain, "tcp")?;
    Ok(())
}
