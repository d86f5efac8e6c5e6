//! Making a vault and joining one: fresh keys, invitations, the first events, nonces and proofs of key.

use bitcoin::secp256k1::SecretKey;
use conclave_domain::action::{Created, Joined};
use conclave_domain::configuration::RULES;
use conclave_domain::descriptor::KEYS_LIMIT;
use conclave_domain::guard::Verdict;
use conclave_domain::invitation::{Invitation, Place, roles_of};
use conclave_domain::policy::Policy;
use conclave_domain::vault::{Command, CommandFault, Vault};
use conclave_domain::{key_proof, template};
use conclave_shared::request::{CreateVault, JoinVault, Reply};
use conclave_shared::secret::SecretText;
use conclave_shared::view::InvitationView;
use conclave_shared::{EventId, MemberId, Nonce, Role, ScriptKind, VaultId};
use zeroize::Zeroizing;

use super::Installation;
use crate::failure::InstallationError;
use crate::open_vault::{self, NETWORK, OpenVault, event_row, sign};
use crate::signer::{Signer, SignerError, SoftwareKey, software};
use crate::store::{Batch, EventRow, OwnRelayRow, VaultRecord};
use crate::tor::{Address, OnionKey};

/// Most approvers and most auditors of a new vault.
const KEYLESS_LIMIT: u32 = 34;
/// Bytes of BIP39 entropy of a new software key: 24 words.
const ENTROPY_BYTES: usize = 32;

pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, InstallationError> {
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
        let own_relay = match it.own_relay {
            true => Some(OwnRelayRow { seed: random::<32>()?, served: true }),
            false => None,
        };
        let own_address = own_relay.iter().map(|row| OnionKey::new(row.seed.clone()).relay_address());
        let relays: Vec<String> = own_address.chain(it.relays.iter().cloned()).collect();
        check_servers(&relays, &it.chain)?;
        let Roster { threshold, own: (own_title, own_role), others } = roster(&it)?;
        let expires_ms = now_ms.saturating_add(it.invitation_seconds.saturating_mul(1000));
        let mut places = Vec::new();
        for (title, role) in others {
            let secret = random_secret()?;
            let place = Place { key: Invitation::place_key(&secret), role, expires_ms, title: Some(title) };
            places.push((place, secret));
        }
        let script = it.script.unwrap_or(match it.recovery {
            Some(_) => ScriptKind::P2wshMulti,
            None => ScriptKind::default(),
        });
        let created = Vault::create(Created {
            name: it.name,
            network: NETWORK,
            threshold,
            organiser: roles_of(own_role, RULES),
            places: places.iter().map(|(place, _)| place.clone()).collect(),
            relays: relays.clone(),
            rules: RULES,
            title: Some(own_title),
            policy: it.policy.map(|policy| match policy.approvals {
                0 => Policy { approvals: threshold, ..policy },
                _ => policy,
            }),
            script,
            recovery: it.recovery,
        })?;

        let vault = VaultId(*random::<32>()?);
        let identity = Zeroizing::new(random_secret()?.secret_bytes());
        let entropy = Zeroizing::new(random::<ENTROPY_BYTES>()?.to_vec());
        let key = SoftwareKey::new(&entropy, script, NETWORK)?.account_key();
        let mut record = VaultRecord {
            vault,
            created: EventId([0; 32]),
            organiser: MemberId([0; 32]),
            identity,
            entropy: Some(entropy),
            relays: relays.clone(),
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
        self.add_vault(record, events, own_relay)?;

        let invitations: Vec<InvitationView> = places
            .into_iter()
            .map(|(place, secret)| InvitationView {
                roles: roles_of(place.role, RULES),
                text: {
                    let invitation = Invitation::new(vault, creation.id, me, &place, relays.clone(), secret);
                    SecretText::new(invitation.for_script(script).to_text())
                },
                title: place.title.unwrap_or_default(),
            })
            .collect();
        let texts = |role: Role| -> Vec<String> {
            let those = invitations.iter().filter(|invitation| invitation.roles.contains(&role));
            those.map(|invitation| invitation.text.reveal().to_owned()).collect()
        };
        let (keyholder_invitations, auditor_invitations) = (texts(Role::Keyholder), texts(Role::Auditor));
        Ok(Reply::Created { vault, keyholder_invitations, auditor_invitations, invitations })
    }

    /// Asks the keyholders of a vault to sign a nonce.
    pub fn challenge(&mut self, vault: VaultId, now_ms: u64) -> Result<(), InstallationError> {
        let nonce = Nonce(*random::<32>()?);
        self.command(vault, Command::Challenge { nonce }, now_ms).map(drop)
    }

    /// Proves that the software key is the one in the vault's configuration. Nothing is shown to a person: what is signed
    /// can never be a payment.
    pub fn prove_key(&mut self, vault: VaultId, now_ms: u64) -> Result<(), InstallationError> {
        let open = self.vault(vault)?;
        let proof = open.vault.proof_to_give().map_err(|unmet| InstallationError::Blocked { unmet })?;
        let Some(proof) = proof else { return Ok(()) };
        // Before a key is asked: a proof that cannot be recorded must not be made.
        open.may_write()?;
        let key = open.key()?.ok_or(InstallationError::NoKey)?;
        let signed = key.prove(proof.request)?;
        let checked = open.vault.configuration(proof.cfg).ok_or(InstallationError::NoConfiguration)?;
        let signature = key_proof::signature_in(&signed, checked, open.vault.me());
        let signature = signature.ok_or(SignerError::NotOurKey { signed: 0, inputs: 1 })?;
        self.command(vault, Command::ProveKey { signature }, now_ms).map(drop)
    }

    /// Refuses to ratify a vault that is set up by rules which ask for no proof of key. Vaults that live by them live on.
    pub(super) fn set_up_by_todays_rules(&self, vault: VaultId) -> Result<(), InstallationError> {
        let vault = &self.vault(vault)?.vault;
        let rules = vault.created_rules();
        let old = rules == 0 && vault.creation().is_some() && vault.active().is_none();
        if old { Err(InstallationError::RulesOld { rules }) } else { Ok(()) }
    }

    pub(super) fn join_vault(&mut self, it: JoinVault, now_ms: u64) -> Result<Reply, InstallationError> {
        let invitation = Invitation::parse(&it.invitation, now_ms)?;
        let vault = invitation.vault;
        if self.vaults.contains_key(&vault) || self.unopened.contains_key(&vault) {
            return Err(InstallationError::AlreadyMember { vault });
        }
        check_servers(&invitation.relays, &it.chain)?;
        agreed(&invitation.relays, it.own_network)?;
        let entropy = match invitation.role {
            _ if invitation.replaces.is_some() || it.seed_words.is_some() => Some(taken_over(&invitation, &it)?),
            Role::Keyholder | Role::Mediator | Role::Signer => {
                Some(Zeroizing::new(random::<ENTROPY_BYTES>()?.to_vec()))
            }
            Role::Auditor | Role::Approver => None,
        };
        let key = entropy.as_ref().map(|entropy| SoftwareKey::new(entropy, invitation.script, NETWORK)).transpose()?;
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
        self.add_vault(record, events, None)?;
        Ok(Reply::Joined { vault })
    }

    fn add_vault(
        &mut self,
        record: VaultRecord,
        events: Vec<EventRow>,
        own_relay: Option<OwnRelayRow>,
    ) -> Result<(), InstallationError> {
        let vault = record.vault;
        let batch = Batch { new_vault: Some(record.clone()), events, own_relay, ..Batch::default() };
        self.store.commit(vault, &batch)?;
        self.vaults.insert(vault, OpenVault::load(&self.store, record)?);
        Ok(())
    }
}

/// Who sets a vault up together.
struct Roster {
    /// How many must sign.
    threshold: u32,
    /// The organiser's own place: its title and role.
    own: (String, Role),
    /// The others': keyholders, then approvers, then auditors.
    others: Vec<(String, Role)>,
}

/// The places that a request asks for.
fn roster(it: &CreateVault) -> Result<Roster, InstallationError> {
    let field = |field, reason: String| InstallationError::Field { field, reason };
    let (threshold, mut keys) = match it.template {
        Some(template) => {
            let (threshold, keys) = (template::threshold(template), template::places(template));
            for (name, asked, given) in
                [("threshold", it.threshold, threshold), ("keyholders", it.keyholders, keys.len() as u32)]
            {
                if asked != 0 && asked != given {
                    return Err(field(name, format!("template {} has {given}, not {asked}", template.name())));
                }
            }
            (threshold, keys)
        }
        None if it.keyholders == 0 || it.keyholders as usize > KEYS_LIMIT => {
            return Err(field("keyholders", format!("a vault has 1 to {KEYS_LIMIT} keys, not {}", it.keyholders)));
        }
        None => (it.threshold, template::keys(it.keyholders)),
    };
    for (name, asked) in [("approvers", it.approvers), ("auditors", it.auditors)] {
        if asked > KEYLESS_LIMIT {
            return Err(field(name, format!("at most {KEYLESS_LIMIT}, not {asked}")));
        }
    }
    let own = match &it.place {
        None => 0,
        Some(title) => keys.iter().position(|(it, _)| it == title).ok_or_else(|| {
            let titles: Vec<&str> = keys.iter().map(|(title, _)| title.as_str()).collect();
            field("place", format!("must be one of: {}", titles.join(", ")))
        })?,
    };
    let own = keys.remove(own);
    let numbered = |name: &'static str, role, count| (1..=count).map(move |number| (format!("{name} {number}"), role));
    let approvers = numbered("approver", Role::Approver, it.approvers);
    let auditors = numbered("auditor", Role::Auditor, it.auditors);
    Ok(Roster { threshold, own, others: keys.into_iter().chain(approvers).chain(auditors).collect() })
}

/// The entropy of the key that a joiner takes over from a lost installation.
fn taken_over(invitation: &Invitation, it: &JoinVault) -> Result<Zeroizing<Vec<u8>>, InstallationError> {
    let field = |reason: &str| InstallationError::Field { field: "seed_words", reason: reason.to_owned() };
    match (invitation.replaces, &it.seed_words) {
        (Some(_), Some(words)) if roles_of(invitation.role, RULES).contains(&Role::Keyholder) => {
            Ok(software::entropy(words.reveal())?)
        }
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
    Address::chain(chain)?;
    Ok(())
}

/// Relays on the own network are reached in the clear: whoever did not choose them says that they agree.
fn agreed(relays: &[String], own_network: bool) -> Result<(), InstallationError> {
    let in_the_clear = |relay: &&String| matches!(Address::relay(relay), Ok(Address::Lan(_)));
    match relays.iter().find(in_the_clear) {
        Some(relay) if !own_network => Err(InstallationError::Field {
            field: "own_network",
            reason: format!(
                "{relay} is on the own network, reached without Tor and in the clear: agree to that to join"
            ),
        }),
        Some(_) | None => Ok(()),
    }
}

/// The same for relays alone.
pub(super) fn check_doors(relays: &[String]) -> Result<(), InstallationError> {
    conclave_domain::configuration::check_relays(relays).map_err(CommandFault::from)?;
    for relay in relays {
        Address::relay(relay)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use conclave_shared::request::{FailureKind, Ratify, Request};

    use super::*;
    use crate::store::Store;

    /// An installation whose one vault was begun by a program of rules version 0.
    fn begun_by_older_rules() -> (Installation, VaultId) {
        let entropy = Zeroizing::new(vec![5; ENTROPY_BYTES]);
        let relays = vec!["ws://127.0.0.1:9".to_owned()];
        let mut record = VaultRecord {
            vault: VaultId([7; 32]),
            created: EventId([0; 32]),
            organiser: MemberId([0; 32]),
            identity: Zeroizing::new([3; 32]),
            entropy: Some(entropy.clone()),
            relays: relays.clone(),
            chain: "tcp://127.0.0.1:9".to_owned(),
            created_ms: 1_000,
        };
        let keys = open_vault::identity(&record).unwrap();
        record.organiser = MemberId(keys.public_key().to_bytes());
        let script = ScriptKind::default();
        let created = Vault::create(Created {
            name: "Old".to_owned(),
            network: NETWORK,
            threshold: 1,
            organiser: vec![Role::Keyholder],
            places: Vec::new(),
            relays,
            rules: 0,
            title: None,
            script,
            recovery: None,
            policy: None,
        });
        let creation =
            sign(&Vault::new(record.vault, record.created, record.organiser), &keys, created.unwrap(), 1_000);
        let creation = creation.unwrap();
        record.created = creation.id;
        let key = Some(SoftwareKey::new(&entropy, script, NETWORK).unwrap().account_key());
        let mut installation = Installation::open(Store::in_memory().unwrap()).unwrap();
        let vault = record.vault;
        installation.add_vault(record, vec![event_row(&creation, 1_000)], None).unwrap();
        let joined = Joined { name: "Ana".to_owned(), proof: None, key };
        installation.command(vault, Command::Join(joined), 2_000).unwrap();
        installation.command(vault, Command::ProposeConfiguration, 3_000).unwrap();
        (installation, vault)
    }

    #[test]
    fn a_new_vault_of_rules_that_ask_for_no_proof_is_not_ratified() {
        let (mut installation, vault) = begun_by_older_rules();
        let cfg = installation.vault(vault).unwrap().vault.newest_configuration().unwrap().cfg;
        let words = conclave_domain::words::roster_words(cfg).join(" ");
        let ratify = Request::Ratify(Ratify { vault, words: words.clone() });
        let Reply::Failed(failure) = installation.ask(ratify.clone(), 4_000) else { panic!("ratified") };
        assert_eq!(failure.kind, FailureKind::Rule);
        assert!(failure.message.contains("asks nobody to prove their key"), "{}", failure.message);
        // One that lives by them lives on: an older program ratified it.
        installation.command(vault, Command::Ratify { words: &words }, 5_000).unwrap();
        assert!(installation.vault(vault).unwrap().vault.active().is_some());
        assert_eq!(installation.ask(ratify, 6_000), Reply::Done);
    }
}
