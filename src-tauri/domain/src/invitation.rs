//! Invitations: a place in a vault, handed to one person outside the app.
//!
//! The organiser makes a one-time key for each place and publishes only its public half in `created`. Whoever holds the
//! secret half signs the joining identity with it, so that *every* member can check the joiner, not the organiser alone
//! (docs/adr/0002).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitcoin::secp256k1::{Keypair, Message, SECP256K1, SecretKey, XOnlyPublicKey, schnorr};
use conclave_shared::{EventId, MemberId, Role, ScriptKind, VaultId};
use serde::{Deserialize, Serialize};

use crate::hash::{tagged, tagged_fields};

/// What an invitation's text begins with; the digit is the version.
const PREFIX: &str = "conclave1";
/// Longest text accepted.
const TEXT_LIMIT: usize = 4096;

/// A place for one member, as published in `created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Public half of the invitation's one-time key (x-only).
    pub key: XOnlyPublicKey,
    /// What the joiner will be.
    pub role: Role,
    /// Last moment at which it can be used, in ms since 1970.
    pub expires_ms: u64,
    /// What the place is called (desk, backup, ...); from rules version 1 on (docs/adr/0011).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// The roles of who takes a place of `role`. A mediator and an automatic signer hold a key too; rules version 0 gave them
/// none.
pub fn roles_of(role: Role, rules: u32) -> Vec<Role> {
    match role {
        Role::Mediator | Role::Signer if rules > 0 => vec![Role::Keyholder, role],
        Role::Keyholder | Role::Approver | Role::Mediator | Role::Auditor | Role::Signer => vec![role],
    }
}

/// Proof that the joiner holds an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinProof {
    /// Which place.
    pub key: XOnlyPublicKey,
    /// BIP340 signature by that key over vault and joining identity.
    pub signature: schnorr::Signature,
}

/// An invitation as handed over. Secret: whoever reads it can take the place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Which vault.
    pub vault: VaultId,
    /// Its `created` event: fixes the organiser, the threshold and the places.
    pub created: EventId,
    /// The identity of who invites: the organiser's, later any keyholder's. The joiner talks to them first.
    pub organiser: MemberId,
    /// What the joiner will be.
    pub role: Role,
    /// Where the members' messages pass.
    pub relays: Vec<String>,
    /// Last moment at which it can be used, in ms since 1970.
    pub expires_ms: u64,
    /// The keyholder whose identity is lost and whose key the joiner brings; only in invitations to an active vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<MemberId>,
    /// The kind of the vault's addresses: of which account a keyholder brings the key.
    #[serde(default, skip_serializing_if = "ScriptKind::is_default")]
    pub script: ScriptKind,
    /// Secret half of the one-time key.
    secret: SecretKey,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("vault", &self.vault).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Why a text is not an invitation that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum InvitationFault {
    /// Not an invitation's text at all.
    #[error("this is not an invitation: it must begin with {PREFIX:?}")]
    NotAnInvitation,
    /// A character is missing, doubled or changed.
    #[error("the invitation was not copied whole: ask for it again, or copy it again")]
    #[strum(serialize = "invitation-damaged")]
    Damaged,
    /// Its fields are not those of version 1.
    #[error("the invitation is malformed: {reason}")]
    #[strum(serialize = "invitation-malformed")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// Too late.
    #[error("the invitation expired {seconds} s ago: ask the organiser for a new vault or invitation")]
    #[strum(serialize = "invitation-expired")]
    Expired {
        /// How long ago, in s.
        seconds: u64,
    },
}

impl Invitation {
    /// An invitation to a place; `secret` is fresh randomness. None where the bytes are not a secret key (which happens
    /// once in 2^128 tries).
    pub fn new(
        vault: VaultId,
        created: EventId,
        organiser: MemberId,
        place: &Place,
        relays: Vec<String>,
        secret: SecretKey,
    ) -> Self {
        Self {
            vault,
            created,
            organiser,
            role: place.role,
            relays,
            expires_ms: place.expires_ms,
            replaces: None,
            script: ScriptKind::default(),
            secret,
        }
    }

    /// The same into a vault of another script than the default.
    pub fn for_script(self, script: ScriptKind) -> Self {
        Self { script, ..self }
    }

    /// The same for who takes over the key of a lost identity.
    pub fn replacing(self, old: Option<MemberId>) -> Self {
        Self { replaces: old, ..self }
    }

    /// The public half of a one-time key.
    pub fn place_key(secret: &SecretKey) -> XOnlyPublicKey {
        secret.x_only_public_key(SECP256K1).0
    }

    /// The text to hand over: `conclave1` and base64url of JSON with a checksum of four bytes.
    pub fn to_text(&self) -> String {
        let mut bytes = serde_json::to_vec(self).expect("an invitation has string keys and no failing serialisers");
        bytes.extend_from_slice(&checksum(&bytes));
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads an invitation; white space around and inside it (from line breaks of a mail) is dropped.
    pub fn parse(text: &str, now_ms: u64) -> Result<Self, InvitationFault> {
        if text.len() > TEXT_LIMIT {
            return Err(InvitationFault::NotAnInvitation);
        }
        let text: String = text.split_whitespace().collect();
        let body = text.strip_prefix(PREFIX).ok_or(InvitationFault::NotAnInvitation)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| InvitationFault::Damaged)?;
        let (json, sum) = bytes.split_last_chunk::<4>().ok_or(InvitationFault::Damaged)?;
        if checksum(json) != *sum {
            return Err(InvitationFault::Damaged);
        }
        let invitation: Self =
            serde_json::from_slice(json).map_err(|error| InvitationFault::Malformed { reason: error.to_string() })?;
        if now_ms > invitation.expires_ms {
            return Err(InvitationFault::Expired { seconds: (now_ms - invitation.expires_ms) / 1000 });
        }
        Ok(invitation)
    }

    /// Proves to every member that `identity` holds this invitation.
    pub fn prove(&self, identity: MemberId) -> JoinProof {
        let pair = Keypair::from_secret_key(SECP256K1, &self.secret);
        JoinProof {
            key: pair.x_only_public_key().0,
            signature: SECP256K1.sign_schnorr_no_aux_rand(&join_message(self.vault, identity), &pair),
        }
    }
}

impl JoinProof {
    /// Whether the holder of the invitation named this identity in this vault.
    pub fn proves(&self, vault: VaultId, identity: MemberId) -> bool {
        SECP256K1.verify_schnorr(&self.signature, &join_message(vault, identity), &self.key).is_ok()
    }
}

fn join_message(vault: VaultId, identity: MemberId) -> Message {
    Message::from_digest(tagged_fields("conclave/join", &[&vault.0, &identity.0]))
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = tagged("conclave/invitation", bytes);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        let secret = SecretKey::from_slice(&[3; 32]).unwrap();
        let place =
            Place { key: Invitation::place_key(&secret), role: Role::Keyholder, expires_ms: 1_000_000, title: None };
        let relays = vec!["ws://127.0.0.1:7000".to_owned()];
        Invitation::new(VaultId([1; 32]), EventId([2; 32]), MemberId([4; 32]), &place, relays, secret)
    }

    #[test]
    fn an_invitation_survives_a_mail() {
        let text = invitation().to_text();
        let (first, second) = text.split_at(60);
        assert_eq!(Invitation::parse(&format!("  {first}\r\n {second}\n"), 5).unwrap(), invitation());
        let replacing = invitation().replacing(Some(MemberId([5; 32])));
        assert_eq!(Invitation::parse(&replacing.to_text(), 5).unwrap(), replacing);
        let taproot = invitation().for_script(ScriptKind::TaprootMulti);
        assert_eq!(Invitation::parse(&taproot.to_text(), 5).unwrap(), taproot);
    }

    #[test]
    fn what_is_wrong_with_an_invitation_is_said() {
        let text = invitation().to_text();
        assert_eq!(Invitation::parse("hello", 5), Err(InvitationFault::NotAnInvitation));
        assert_eq!(Invitation::parse(&"conclave1a".repeat(1000), 5), Err(InvitationFault::NotAnInvitation));
        assert_eq!(Invitation::parse(&text[..text.len() - 1], 5), Err(InvitationFault::Damaged));
        assert_eq!(Invitation::parse(&text.replacen('y', "z", 1), 5), Err(InvitationFault::Damaged));
        assert_eq!(Invitation::parse(PREFIX, 5), Err(InvitationFault::Damaged));
        assert_eq!(Invitation::parse(&text, 1_009_000), Err(InvitationFault::Expired { seconds: 9 }));
    }

    #[test]
    fn a_proof_names_one_identity_in_one_vault() {
        let proof = invitation().prove(MemberId([9; 32]));
        assert!(proof.proves(VaultId([1; 32]), MemberId([9; 32])));
        assert!(!proof.proves(VaultId([1; 32]), MemberId([8; 32])));
        assert!(!proof.proves(VaultId([0; 32]), MemberId([9; 32])));
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", invitation()).contains("0303"));
    }
}
