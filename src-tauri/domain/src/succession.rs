//! What may follow a configuration: members without a key come and go, keyholders leave or get a new identity; network,
//! threshold, keys and descriptor stay. Coins that shall need other keys are moved to another vault.
//!
//! Whether enough members voted for it is the fold's business (`vault::votes`).

use bitcoin::bip32::ChildNumber;
use bitcoin::secp256k1::{Message, SECP256K1, ecdsa};
use conclave_shared::{EventId, MemberId, Role, VaultId};

use crate::configuration::{CheckedConfiguration, Cut, Former, Member};
use crate::descriptor::AccountKey;
use crate::hash::tagged_fields;
use crate::invitation::roles_of;

/// Why a configuration may not follow its parent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuccessionFault {
    /// Something that stays as long as the vault lives.
    #[error("field {field} cannot change: move the coins to another vault instead")]
    Fixed {
        /// The field.
        field: &'static str,
    },
    /// A member's name, key, or having a key.
    #[error("the name or key of member {member} differs from before")]
    MemberChanged {
        /// Whose.
        member: MemberId,
    },
    /// A member left without a cut, or a cut names somebody who does not leave, or an event that is not theirs.
    #[error("member {member} leaves, so there must be a cut that names their last accepted event")]
    Cut {
        /// Who.
        member: MemberId,
    },
    /// A keyholder left, and the key is neither kept as a former one nor taken over by a proven new identity.
    #[error("the key of member {member} must stay named, as a former one or with its new identity")]
    KeyLost {
        /// Whose.
        member: MemberId,
    },
    /// A new member who has no place, or has not joined, or under other terms.
    #[error("new member {member} has not joined alone by a place opened for that role")]
    NotInvited {
        /// Who.
        member: MemberId,
    },
    /// A new identity that has not proven to hold the key.
    #[error("member {member} has not proven to hold the key of the identity that it replaces")]
    KeyUnproven {
        /// The new identity.
        member: MemberId,
    },
    /// A round that is taken or that leaves one out.
    #[error("its round is {found}, it must be {least} to {most}")]
    Round {
        /// The round found.
        found: u32,
        /// The least: where two were accepted, one more than theirs.
        least: u32,
        /// One more than the largest known.
        most: u32,
    },
    /// So few keyholders that the coins could not be moved.
    #[error("{keyholders} keyholders would be left, the vault needs {threshold} to spend")]
    TooFewKeyholders {
        /// How many would be left.
        keyholders: usize,
        /// How many sign a payment.
        threshold: u32,
    },
}

/// What a new member has said and been promised, as known when the configuration is proposed.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The name chosen.
    pub name: String,
    /// The key brought, for a new identity of a keyholder.
    pub key: Option<String>,
    /// The role of the place.
    pub role: Role,
    /// Whom the place replaces.
    pub replaces: Option<MemberId>,
    /// Proofs of holding that member's key.
    pub proofs: Vec<ecdsa::Signature>,
}

/// What a new identity signs with the old member's key, at index 0 of the receive keychain: vault and both identities.
pub fn identity_message(vault: VaultId, old: MemberId, new: MemberId) -> Message {
    Message::from_digest(tagged_fields("conclave/identity", &[&vault.0, &old.0, &new.0]))
}

/// The steps from an account key to the key that signs [`identity_message`].
pub const IDENTITY_STEPS: [ChildNumber; 2] = [ChildNumber::Normal { index: 0 }, ChildNumber::Normal { index: 0 }];

fn proves(key: &AccountKey, vault: VaultId, old: MemberId, new: MemberId, signature: &ecdsa::Signature) -> bool {
    let derived = key.xpub.derive_pub(SECP256K1, &IDENTITY_STEPS);
    derived.is_ok_and(|derived| {
        SECP256K1.verify_ecdsa(&identity_message(vault, old, new), signature, &derived.public_key).is_ok()
    })
}

/// Whether `child` may follow `parent`. `candidate` tells of a new member what is known of them; `wrote` whether an event
/// is known and by that member.
pub fn check(
    parent: &CheckedConfiguration,
    child: &CheckedConfiguration,
    candidate: impl Fn(&Member) -> Vec<Candidate>,
    wrote: impl Fn(MemberId, EventId) -> bool,
) -> Result<(), SuccessionFault> {
    let (old, new) = (&parent.configuration, &child.configuration);
    let fixed = [
        ("network", old.network == new.network),
        ("threshold", old.threshold == new.threshold),
        ("descriptor", old.descriptor == new.descriptor),
        ("script", old.script == new.script),
        ("recovery", old.recovery == new.recovery),
    ];
    if let Some((field, _)) = fixed.into_iter().find(|(_, same)| !same) {
        return Err(SuccessionFault::Fixed { field });
    }
    let mut former: Vec<Former> = old.former.clone();
    let mut leaving = Vec::new();
    for member in &old.members {
        match child.member(member.identity) {
            Some(stays) if stays.name == member.name && stays.key == member.key => {}
            Some(_) => return Err(SuccessionFault::MemberChanged { member: member.identity }),
            None => {
                leaving.push(member.identity);
                let Some(key) = &member.key else { continue };
                if !new.members.iter().any(|other| other.key.as_ref() == Some(key)) {
                    former.push(Former { identity: member.identity, name: member.name.clone(), key: key.clone() });
                }
            }
        }
    }
    former.sort_by_key(|former| former.identity);
    if former != new.former {
        let differs = former.iter().find(|former| !new.former.contains(former)).or(new.former.first());
        let member = differs.map_or(MemberId([0; 32]), |former| former.identity);
        return Err(SuccessionFault::KeyLost { member });
    }
    cuts(&leaving, &new.cuts, wrote)?;
    for member in new.members.iter().filter(|member| parent.member(member.identity).is_none()) {
        let invited = candidate(member)
            .into_iter()
            .filter(|known| known.name == member.name && known.key == member.key)
            .filter(|known| roles_of(known.role, new.rules) == member.roles);
        let invited: Vec<Candidate> = invited.collect();
        if invited.is_empty() {
            return Err(SuccessionFault::NotInvited { member: member.identity });
        }
        if member.key.is_some() && !invited.iter().any(|known| takes_over(parent, child, member, known)) {
            return Err(SuccessionFault::KeyUnproven { member: member.identity });
        }
    }
    let keyholders = child.keyholders().count();
    if keyholders < new.threshold as usize {
        return Err(SuccessionFault::TooFewKeyholders { keyholders, threshold: new.threshold });
    }
    Ok(())
}

/// Exactly those who leave have a cut, and it names an event of theirs.
fn cuts(leaving: &[MemberId], cuts: &[Cut], wrote: impl Fn(MemberId, EventId) -> bool) -> Result<(), SuccessionFault> {
    let missing = leaving.iter().find(|member| !cuts.iter().any(|cut| cut.identity == **member));
    let wrong = cuts.iter().find(|cut| !leaving.contains(&cut.identity) || !wrote(cut.identity, cut.last));
    match missing.copied().or(wrong.map(|cut| cut.identity)) {
        Some(member) => Err(SuccessionFault::Cut { member }),
        None => Ok(()),
    }
}

/// Whether a candidate has proven to hold the key of a keyholder who leaves.
fn takes_over(
    parent: &CheckedConfiguration,
    child: &CheckedConfiguration,
    member: &Member,
    candidate: &Candidate,
) -> bool {
    let Some(old) = candidate.replaces else { return false };
    let same_key = parent.member(old).is_some_and(|old| old.key.is_some() && old.key == member.key);
    let vault = parent.configuration.vault;
    let holds = |signature| parent.key(old).is_some_and(|key| proves(key, vault, old, member.identity, signature));
    child.member(old).is_none() && same_key && candidate.proofs.iter().any(holds)
}
