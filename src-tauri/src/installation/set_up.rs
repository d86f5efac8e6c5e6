//! Making a vault and joining one: fresh keys, invitations, the first events.

use bitcoin::secp256k1::SecretKey;
use conclave_domain::action::{Created, Joined};
use conclave_domain::guard::Verdict;
use conclave_domain::invitation::{Invitation, Place};
use conclave_domain::vault::{Command, CommandFault, Vault};
use conclave_shared::request::{CreateVault, JoinVault, Reply};
use conclave_shared::{EventId, MemberId, Role, VaultId};
use zeroize::Zeroizing;

use super::Installation;
use crate::failure::InstallationError;
use crate::open_vault::{self, NETWORK, OpenVault, event_row, sign};
use crate::signer::{Signer, SoftwareKey, software};
use crate::store::{Batch, EventRow, VaultRecord};
use crate::tor::Loopback;

/// Bytes of BIP39 entropy of a new software key: 24 words.
const ENTROPY_BYTES: usize = 32;

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, InstallationError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut bytes[..]).map_err(|error| InstallationError::Randomness { reason: error.to_string() })?;
    Ok(bytes)
}

/// A fresh secp256k1 secret key. Not every 32 bytes are one, though all but 1 of 2^128 are.
pub(super) fn random_secret() -> Result<SecretKey, InstallationError> {
    loop {
        if let Ok(secret) = SecretKey::from_slice(&random::<32>()?[..]) {
            return Ok(secret);
        }
    }
}

impl Installation {
    pub(super) fn create_vault(&mut self, it: CreateVault, now_ms: u64) -> Result<Reply, InstallationError> {
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
            policy: it.policy,
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
        let keys = open_vault::identity(&record)?;
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

    pub(super) fn join_vault(&mut self, it: JoinVault, now_ms: u64) -> Result<Reply, InstallationError> {
        let invitation = Invitation::parse(&it.invitation, now_ms)?;
        let vault = invitation.vault;
        if self.vaults.contains_key(&vault) || self.unopened.contains_key(&vault) {
            return Err(InstallationError::AlreadyMember { vault });
        }
        check_servers(&invitation.relays, &it.chain)?;
        let entropy = match invitation.role {
            _ if invitation.replaces.is_some() || it.seed_words.is_some() => Some(taken_over(&invitation, &it)?),
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
        let keys = open_vault::identity(&record)?;
        let me = MemberId(keys.public_key().to_bytes());
        let joined =
            Joined { name: it.member, proof: Some(invitation.prove(me)), key: key.as_ref().map(Signer::account_key) };
        let mut fold = Vault::new(vault, invitation.created, me);
        let proof = match (invitation.replaces, &key) {
            (Some(old), Some(key)) => {
                Some(Command::ProveIdentity { old, signature: key.prove_identity(vault, old, me)? })
            }
            (Some(_), None) | (None, _) => None,
        };
        let mut events = Vec::new();
        for command in [Some(Command::Join(joined)), proof].into_iter().flatten() {
            let actions = match fold.decide(command)? {
                Verdict::Allowed(actions) => actions,
                Verdict::Blocked(unmet) => return Err(InstallationError::Blocked { unmet }),
            };
            for action in actions {
                let event = sign(&fold, &keys, action, now_ms)?;
                events.push(event_row(&event, now_ms));
                fold.receive(event).map_err(InstallationError::OwnEvent)?;
            }
        }
        self.add_vault(record, events)?;
        Ok(Reply::Joined { vault })
    }

    fn add_vault(&mut self, record: VaultRecord, events: Vec<EventRow>) -> Result<(), InstallationError> {
        let vault = record.vault;
        self.store.commit(vault, &Batch { new_vault: Some(record.clone()), events, ..Batch::default() })?;
        self.vaults.insert(vault, OpenVault::load(&self.store, record)?);
        Ok(())
    }
}

/// The entropy of the key that a joiner takes over from a lost installation.
fn taken_over(invitation: &Invitation, it: &JoinVault) -> Result<Zeroizing<Vec<u8>>, InstallationError> {
    let field = |reason: &str| InstallationError::Field { field: "seed_words", reason: reason.to_owned() };
    match (invitation.replaces, &it.seed_words) {
        (Some(_), Some(words)) if invitation.role == Role::Keyholder => Ok(software::entropy(words.reveal())?),
        (Some(_), None) => Err(field("this invitation replaces a lost installation: its words are needed")),
        (Some(_), Some(_)) => Err(field("this invitation replaces a member, but gives no key")),
        (None, _) => {
            Err(field("only an invitation that replaces a lost installation takes words: a key for one vault only"))
        }
    }
}

/// Relays and chain servers pass the door before they are kept.
fn check_servers(relays: &[String], chain: &str) -> Result<(), InstallationError> {
    check_doors(relays)?;
    Loopback::parse(chain, "tcp")?;
    Ok(())
}

/// The same for relays alone.
pub(super) fn check_doors(relays: &[String]) -> Result<(), InstallationError> {
    conclave_domain::configuration::check_relays(relays).map_err(CommandFault::from)?;
    for relay in relays {
        if Loopback::parse(relay, "ws")?.address().is_ipv6() {
            let reason = format!("{relay} is an IPv6 address: the relay client reaches IPv4 only");
            return Err(InstallationError::Field { field: "relays", reason });
        }
    }
    Ok(())
}
