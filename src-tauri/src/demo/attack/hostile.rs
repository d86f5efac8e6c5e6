//! Somebody hostile: an identity in a vault, a fold of what the others say, and the real transport. What it writes is what no
//! honest program writes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bitcoin::bip32::{ChildNumber, Xpriv};
use bitcoin::secp256k1::{Message, SECP256K1, SecretKey};
use conclave_domain::action::{Action, Challenged, Content, Joined, KeyProven};
use conclave_domain::descriptor::{Keychain, account_path};
use conclave_domain::envelope::{Payload, Reassembly, pack};
use conclave_domain::event::{Draft, Event};
use conclave_domain::invitation::Invitation;
use conclave_domain::key_proof;
use conclave_domain::proposal::{CheckedProposal, Input, PartialSignature, Proposal};
use conclave_domain::vault::Vault;
use conclave_shared::{EventId, MemberId, Nonce, Role, VaultStatus};
use nostr::JsonUtil as _;
use tokio::sync::mpsc;

use super::AttackError;
use crate::demo::DemoError;
use crate::desktop::settings;
use crate::input::now_ms;
use crate::open_vault::NETWORK;
use crate::relay::nostr::NostrTransport;
use crate::relay::{Received, Transport as _};
use crate::signer::{Signer as _, SoftwareKey};

/// How long an answer of the honest members may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks into the mailbox.
const LOOK: Duration = Duration::from_millis(50);
/// Messages that wait to be read.
const INBOX: usize = 1_024;

/// Whoever attacks.
pub struct Hostile {
    /// Identity key in the vault.
    pub keys: nostr::Keys,
    /// Bitcoin key.
    pub key: SoftwareKey,
    /// What that key is made of.
    entropy: [u8; 32],
    /// The vault as this one sees it.
    pub fold: Vault,
    /// Every event that came, or was written here and told to all.
    pub events: BTreeMap<EventId, Event>,
    transport: NostrTransport,
    inbox: mpsc::Receiver<Received>,
    reassembly: Reassembly,
    clock_ms: u64,
}

impl Hostile {
    /// Somebody at the relays of an invitation, who has written nothing yet.
    pub async fn arrive(invitation: &Invitation) -> Result<Self, AttackError> {
        let keys = nostr::Keys::generate();
        let me = MemberId(keys.public_key().to_bytes());
        Self::with(keys, Vault::new(invitation.vault, invitation.created, me), &invitation.relays).await
    }

    /// Somebody with this identity and this fold.
    pub async fn with(keys: nostr::Keys, fold: Vault, relays: &[String]) -> Result<Self, AttackError> {
        let entropy = secret()?.secret_bytes();
        let key = SoftwareKey::new(&entropy, Default::default(), NETWORK)?;
        let (sender, inbox) = mpsc::channel(INBOX);
        // Its own installation would be here; on loopback nothing is ever kept there.
        let door = settings::door(&std::env::temp_dir().join("conclave-hostile"));
        // Whatever the relays do to one who attacks is not judged.
        let (judgements, _) = mpsc::channel(1);
        let transport = NostrTransport::connect(&door, keys.clone(), relays, None, sender, judgements).await?;
        let (events, reassembly) = (BTreeMap::new(), Reassembly::default());
        Ok(Self { keys, key, entropy, fold, events, transport, inbox, reassembly, clock_ms: 0 })
    }

    /// Takes the place of an invitation, as a member would, and tells the organiser.
    pub async fn join(invitation: &Invitation, name: &str) -> Result<Self, AttackError> {
        let mut hostile = Self::arrive(invitation).await?;
        let joined = hostile.joined(invitation, name);
        let event = hostile.write(Action::Joined(joined))?;
        hostile.send(invitation.organiser, &[event]).await?;
        Ok(hostile)
    }

    /// The joining by an invitation, copied or not.
    pub fn joined(&self, invitation: &Invitation, name: &str) -> Joined {
        let key = (invitation.role == Role::Keyholder).then(|| self.key.account_key());
        Joined { name: name.to_owned(), proof: Some(invitation.prove(self.me())), key }
    }

    /// Signatures over a payment that no guard was asked about.
    pub fn signatures(&self, payment: &CheckedProposal) -> Result<Vec<PartialSignature>, AttackError> {
        let unsigned = |_| AttackError::Unsigned;
        let mnemonic = bip39::Mnemonic::from_entropy(&self.entropy).map_err(|_| AttackError::Unsigned)?;
        let master = Xpriv::new_master(NETWORK, &mnemonic.to_seed("")).map_err(unsigned)?;
        let account = master.derive_priv(SECP256K1, &account_path(Default::default(), NETWORK)).map_err(unsigned)?;
        let sign = |(position, input): (usize, &Input)| {
            let chain = match input.keychain {
                Keychain::Receive => 0,
                Keychain::Change => 1,
            };
            let steps = [chain, input.index].map(|index| ChildNumber::Normal { index });
            let key = account.derive_priv(SECP256K1, &steps).map_err(unsigned)?.private_key;
            let signature = SECP256K1.sign_ecdsa(&Message::from_digest(input.sighash), &key);
            let key = bitcoin::PublicKey::new(key.public_key(SECP256K1));
            Ok(PartialSignature { input: position as u32, key, signature })
        };
        payment.inputs.iter().enumerate().map(sign).collect()
    }

    /// The identity.
    pub fn me(&self) -> MemberId {
        MemberId(self.keys.public_key().to_bytes())
    }

    /// What somebody proposed, as it was written.
    pub fn proposal(&self, id: EventId) -> Result<Proposal, AttackError> {
        match self.events.get(&id).map(|event| &event.content) {
            Some(Content::Known(Action::PaymentProposed(it))) => Ok(it.proposal()),
            Some(Content::Known(Action::Proposed(it))) => Ok(it.clone()),
            Some(_) | None => Err(AttackError::Unsigned),
        }
    }

    /// Everybody else in the vault, by this fold.
    pub fn others(&self) -> Vec<MemberId> {
        self.fold.others().into_iter().collect()
    }

    /// This machine's clock, and always later than the last event.
    pub fn now(&mut self) -> u64 {
        self.clock_ms = now_ms().max(self.clock_ms + 1);
        self.clock_ms
    }

    /// What an honest program would write for `action`, not signed yet.
    pub fn draft(&mut self, action: Action) -> Draft {
        let now = self.now();
        self.fold.draft(action, now)
    }

    /// Signs a draft, whatever it says.
    pub fn sign(&self, draft: &Draft) -> Result<Event, AttackError> {
        let signed = draft.unsigned()?.sign_with_keys(&self.keys).map_err(|_| AttackError::Unsigned)?;
        Ok(Event::parse(&signed.as_json())?)
    }

    /// Writes an action as an honest program would, into the own record as well.
    pub fn write(&mut self, action: Action) -> Result<Event, AttackError> {
        let draft = self.draft(action);
        let event = self.sign(&draft)?;
        self.keep(event.clone())?;
        Ok(event)
    }

    /// Puts an own event on the own record.
    pub fn keep(&mut self, event: Event) -> Result<(), AttackError> {
        self.events.insert(event.id, event.clone());
        self.fold.receive(event).map_err(AttackError::Own)?;
        Ok(())
    }

    /// Writes an action and tells everybody.
    pub async fn say(&mut self, action: Action) -> Result<Event, AttackError> {
        let event = self.write(action)?;
        for member in self.others() {
            self.send(member, std::slice::from_ref(&event)).await?;
        }
        Ok(event)
    }

    /// Asks for proofs of key, as everybody does, as soon as all have joined.
    pub async fn challenge(&mut self) -> Result<(), AttackError> {
        let all = |vault: &Vault| vault.creation().map(|(_, created)| created.places.len() + 1);
        self.until("all have joined", |vault| all(vault).is_some_and(|all| vault.joiners().len() >= all)).await?;
        self.say(challenge()?).await?;
        Ok(())
    }

    /// Proves the own key, as soon as everything is there for it.
    async fn prove(&mut self) -> Result<(), AttackError> {
        self.until("everything is here for a proof of key", |vault| matches!(vault.proof_to_give(), Ok(Some(_))))
            .await?;
        let action = proof(&self.fold, &self.key)?;
        self.say(action).await?;
        Ok(())
    }

    /// Takes part in the set-up as an honest program does, until everybody can ratify.
    pub async fn set_up(&mut self) -> Result<(), AttackError> {
        self.challenge().await?;
        self.prove().await?;
        self.until("every key is proven", |vault| vault.status() == VaultStatus::Ratifying).await
    }

    /// The same with another hostile member, who has asked already: neither waits for what the other does only later.
    pub async fn set_up_after(&mut self, other: &mut Hostile) -> Result<(), AttackError> {
        self.challenge().await?;
        for hostile in [&mut *other, &mut *self] {
            hostile.prove().await?;
        }
        for hostile in [other, self] {
            hostile.until("every key is proven", |vault| vault.status() == VaultStatus::Ratifying).await?;
        }
        Ok(())
    }

    /// Sends events to one member.
    pub async fn send(&self, to: MemberId, events: &[Event]) -> Result<(), AttackError> {
        let events = events.iter().filter_map(|event| serde_json::to_value(event.signed()).ok()).collect();
        self.send_values(to, events).await
    }

    /// Sends what may be no events at all as events.
    pub async fn send_values(&self, to: MemberId, events: Vec<serde_json::Value>) -> Result<(), AttackError> {
        let payload = Payload::Events { vault: self.fold.id(), events };
        for content in pack(&payload).map_err(|_| AttackError::Unsigned)? {
            self.send_text(to, content).await?;
        }
        Ok(())
    }

    /// Sends any text, sealed as a message of the protocol.
    pub async fn send_text(&self, to: MemberId, content: String) -> Result<(), AttackError> {
        let began = Instant::now();
        // The connection is made in the background: the first message may come too early.
        while let Err(error) = self.transport.send(to, content.clone()).await {
            if began.elapsed() > PATIENCE {
                return Err(error.into());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Reads the mailbox until the vault is as described.
    pub async fn until(&mut self, what: &str, is: impl Fn(&Vault) -> bool) -> Result<(), AttackError> {
        self.until_told(what, |hostile| is(&hostile.fold).then_some(())).await
    }

    /// Reads the mailbox until this one finds what it looks for.
    pub async fn until_told<T>(&mut self, what: &str, find: impl Fn(&Self) -> Option<T>) -> Result<T, AttackError> {
        let began = Instant::now();
        loop {
            while let Ok(received) = self.inbox.try_recv() {
                self.take(&received);
            }
            if let Some(found) = find(self) {
                return Ok(found);
            }
            if began.elapsed() > PATIENCE {
                let what = format!("the hostile member to see that {what}");
                return Err(DemoError::TooLong { what, waited: PATIENCE }.into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn take(&mut self, received: &Received) {
        let Ok(Some(Payload::Events { events, .. })) = self.reassembly.take(received.from, &received.content) else {
            return;
        };
        for event in events.iter().filter_map(|json| Event::parse(&json.to_string()).ok()) {
            self.events.insert(event.id, event.clone());
            // What does not fit is of no use to an attacker either.
            let _ = self.fold.receive(event);
        }
    }
}

/// A fresh nonce, asked of everybody.
pub fn challenge() -> Result<Action, AttackError> {
    Ok(Action::Challenged(Challenged { nonce: Nonce(secret()?.secret_bytes()) }))
}

/// The proof that the member of a fold owes, given by a key: what an honest program writes.
pub fn proof(fold: &Vault, key: &SoftwareKey) -> Result<Action, AttackError> {
    let Ok(Some(proof)) = fold.proof_to_give() else { return Err(AttackError::Unsigned) };
    let checked = fold.configuration(proof.cfg).ok_or(AttackError::Unsigned)?;
    let signed = key.prove(proof.request)?;
    let signature = key_proof::signature_in(&signed, checked, fold.me()).ok_or(AttackError::Unsigned)?;
    let challenges = proof.challenges.iter().map(|challenge| challenge.event).collect();
    Ok(Action::KeyProven(KeyProven { cfg: proof.cfg, challenges, signature }))
}

/// A fresh secret key.
pub fn secret() -> Result<SecretKey, AttackError> {
    SecretKey::from_slice(nostr::SecretKey::generate().as_secret_bytes()).map_err(|_| AttackError::Unsigned)
}
