//! Attacks: for rows of the security table, somebody who does it. The honest members, the relay and the chain are plain
//! processes; the hostile one is played by this process. An attack has failed if every honest member it concerns names it
//! by its finding, and what must not happen did not happen.

mod hostile;
mod keys;
mod messages;
mod payments;
mod policy;
mod record;
mod relays;
mod scene;
mod set_up;
mod stories;
mod votes;

use std::path::Path;

use conclave_domain::event::EventFault;
use conclave_domain::invitation::InvitationFault;
use conclave_domain::log::Refusal;
use conclave_domain::vault::CommandFault;

use self::scene::Scene;
use super::DemoError;
use crate::relay::TransportError;
use crate::signer::SignerError;

/// One attack.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is done, in plain words: the row of the security table.
    pub row: &'static str,
    /// How the honest members name it.
    pub finding: &'static str,
    /// What must not happen.
    pub never: &'static str,
    /// Who is honest: the first is the organiser.
    honest: &'static [&'static str],
    which: Which,
}

#[derive(Debug, Clone, Copy)]
enum Which {
    SwappedKey,
    KeyNotTheirs,
    OldProof,
    SwappedOrigin,
    InvitationTwice,
    Stranger,
    LateJoiner,
    ForgedEvent,
    Garbage,
    Flood,
    UnknownAction,
    Backdated,
    InventedSignature,
    LyingProposal,
    ReplacedRecipient,
    DoubleSpend,
    ClockAhead,
    TwoStories,
    ForkAtZero,
    OldBackup,
    DoubleVote,
    RemovedMember,
    FrozenVault,
    DeniedDestination,
    UnderApproved,
    WithholdingRelay,
    DroppingRelay,
    ReplayingRelay,
}

/// All attacks.
pub const ATTACKS: [Attack; 28] = [
    Attack {
        name: "swapped-key",
        row: "a key is swapped at set-up",
        finding: "words-differ",
        never: "a keyholder ratifies a key that is not a member's",
        honest: &["Ana", "Ben"],
        which: Which::SwappedKey,
    },
    Attack {
        name: "key-not-theirs",
        row: "a member claims a key that is not theirs",
        finding: "key-unproven",
        never: "the vault becomes active with a key that nobody may hold",
        honest: &["Ana", "Ben"],
        which: Which::KeyNotTheirs,
    },
    Attack {
        name: "old-proof",
        row: "a proof of key is shown again",
        finding: "key-unproven",
        never: "it counts for nonces that it does not answer",
        honest: &["Ana", "Ben"],
        which: Which::OldProof,
    },
    Attack {
        name: "swapped-origin",
        row: "members' own keys stand under a foreign origin",
        finding: "origin-swapped",
        never: "a key is proven or ratified under it",
        honest: &["Ana", "Ben"],
        which: Which::SwappedOrigin,
    },
    Attack {
        name: "invitation-twice",
        row: "an invitation is used by someone else too",
        finding: "invitation-doubled",
        never: "the vault becomes active with whoever read the mail",
        honest: &["Ana", "Ben"],
        which: Which::InvitationTwice,
    },
    Attack {
        name: "stranger",
        row: "somebody without invitation writes to the members",
        finding: "stranger-refused",
        never: "anything of it enters the record",
        honest: &["Ana", "Ben"],
        which: Which::Stranger,
    },
    Attack {
        name: "late-joiner",
        row: "an invitation is used later",
        finding: "stranger-refused",
        never: "who comes after the ratification has a say",
        honest: &["Ana", "Ben"],
        which: Which::LateJoiner,
    },
    Attack {
        name: "forged-event",
        row: "an event in another's name",
        finding: "event-forged",
        never: "it counts as theirs",
        honest: &["Ana", "Ben"],
        which: Which::ForgedEvent,
    },
    Attack {
        name: "garbage",
        row: "large or malformed input",
        finding: "message-malformed",
        never: "a program stops, or the record changes",
        honest: &["Ana", "Ben"],
        which: Which::Garbage,
    },
    Attack {
        name: "flood",
        row: "thousands of events that wait for what does not exist",
        finding: "flood-refused",
        never: "memory fills, or the others cannot pay",
        honest: &["Ana", "Ben"],
        which: Which::Flood,
    },
    Attack {
        name: "unknown-action",
        row: "an action that is not understood, by a keyholder",
        finding: "action-unknown",
        never: "a key signs under rules that its program does not know",
        honest: &["Ana", "Ben"],
        which: Which::UnknownAction,
    },
    Attack {
        name: "backdated",
        row: "a coin is promised twice, and a rejection comes too late, both with an old date",
        finding: "coin-reserved",
        never: "what others were granted is taken back",
        honest: &["Ana", "Ben"],
        which: Which::Backdated,
    },
    Attack {
        name: "invented-signature",
        row: "a co-signer returns something else than signatures over the payment",
        finding: "signature-invalid",
        never: "it counts as a signature",
        honest: &["Ana", "Ben"],
        which: Which::InventedSignature,
    },
    Attack {
        name: "lying-proposal",
        row: "a lie about an input's amount, an absurd fee, a payment that is held back",
        finding: "amount-unproven",
        never: "an honest member approves it",
        honest: &["Ana", "Ben"],
        which: Which::LyingProposal,
    },
    Attack {
        name: "replaced-recipient",
        row: "a fee bump that pays somebody else, and one that would be a second payment",
        finding: "replacement-unrelated",
        never: "an approval of one payment counts for another",
        honest: &["Ana", "Ben"],
        which: Which::ReplacedRecipient,
    },
    Attack {
        name: "double-spend",
        row: "two payments over one coin at the same time, each approved by as many as it needs",
        finding: "coin-reserved",
        never: "an honest member signs both",
        honest: &["Ana", "Ben"],
        which: Which::DoubleSpend,
    },
    Attack {
        name: "clock-ahead",
        row: "an event from the future",
        finding: "clock-ahead",
        never: "the others cannot act until then",
        honest: &["Ana", "Ben"],
        which: Which::ClockAhead,
    },
    Attack {
        name: "two-stories",
        row: "a member tells different members different stories",
        finding: "two-stories",
        never: "both count, or the honest members hold different states",
        honest: &["Ana", "Ben"],
        which: Which::TwoStories,
    },
    Attack {
        name: "fork-at-zero",
        row: "a member forks what it said first, a thousand events ago",
        finding: "two-stories",
        never: "joins, ratifications or grants of the past are undone",
        honest: &["Ana", "Ben"],
        which: Which::ForkAtZero,
    },
    Attack {
        name: "old-backup",
        row: "an old copy of an honest member's database is put back",
        finding: "backup-restored",
        never: "the copy writes another story than the one that was told",
        honest: &["Ana", "Ben", "Cleo"],
        which: Which::OldBackup,
    },
    Attack {
        name: "double-vote",
        row: "two successors of one configuration are voted in",
        finding: "double-vote",
        never: "anything is permitted while there are two",
        honest: &["Ana"],
        which: Which::DoubleVote,
    },
    Attack {
        name: "removed-member",
        row: "a member who was voted out writes on",
        finding: "stranger-refused",
        never: "it blocks the others, or enters their record",
        honest: &["Ana", "Ben"],
        which: Which::RemovedMember,
    },
    Attack {
        name: "frozen-vault",
        row: "a member goes on signing while the vault is frozen",
        finding: "frozen",
        never: "a payment is sent before the freeze is released by a quorum",
        honest: &["Ana", "Ben"],
        which: Which::FrozenVault,
    },
    Attack {
        name: "denied-destination",
        row: "a payment to an address that the policy denies",
        finding: "destination-denied",
        never: "an honest member approves or signs it",
        honest: &["Ana", "Ben"],
        which: Which::DeniedDestination,
    },
    Attack {
        name: "under-approved",
        row: "a payment over a tier without the approver that it asks for",
        finding: "role-approvals-missing",
        never: "an honest member signs it",
        honest: &["Ana", "Ben"],
        which: Which::UnderApproved,
    },
    Attack {
        name: "withholding-relay",
        row: "a relay withholds",
        finding: "relay-withholds",
        never: "the members cannot pay, or the honest relay is accused",
        honest: &["Ana", "Ben", "Cleo"],
        which: Which::WithholdingRelay,
    },
    Attack {
        name: "dropping-relay",
        row: "the only relay loses what one member writes to another",
        finding: "relay-withholds",
        never: "it does not arrive: others hand it over",
        honest: &["Ana", "Ben", "Cleo"],
        which: Which::DroppingRelay,
    },
    Attack {
        name: "replaying-relay",
        row: "events reordered, repeated, and garbage between them",
        finding: "none: to come twice is no fault",
        never: "anything happens twice",
        honest: &["Ana", "Ben", "Cleo"],
        which: Which::ReplayingRelay,
    },
];

/// Why an attack was not fended off, or could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum AttackError {
    /// The honest members did not name it.
    #[error("the honest members do not name it {by}: {shown}")]
    NotNamed {
        /// The finding that was expected.
        by: &'static str,
        /// What they showed instead.
        shown: String,
    },
    /// What must not happen has happened.
    #[error("it happened: {what}")]
    Happened {
        /// What.
        what: String,
    },
    /// The honest members, the relay or the chain.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The hostile member could not write what it wanted.
    #[error("the hostile member could not write what it wanted to write")]
    Unsigned,
    /// The hostile member's own record refused its event.
    #[error("the hostile member's own record refused its event: {0}")]
    Own(Refusal),
    /// The hostile member's event is none.
    #[error(transparent)]
    Event(#[from] EventFault),
    /// The hostile member's command.
    #[error(transparent)]
    Command(#[from] CommandFault),
    /// The hostile member's invitation.
    #[error(transparent)]
    Invitation(#[from] InvitationFault),
    /// The hostile member's messages do not leave.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The hostile member's key.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// The attack of a name.
pub fn find(name: &str) -> Option<&'static Attack> {
    ATTACKS.iter().find(|attack| attack.name == name)
}

/// Tries an attack with databases under `folder`; `say` is told each step. Ok: it was named, and what must not happen did
/// not happen.
pub async fn attempt(
    attack: &Attack,
    folder: &Path,
    program: &Path,
    say: impl FnMut(&str) + Send + 'static,
) -> Result<(), AttackError> {
    let mut scene = Scene::open(folder, program, attack.honest, say).await?;
    let scene = &mut scene;
    match attack.which {
        Which::SwappedKey => set_up::swapped_key(scene).await,
        Which::KeyNotTheirs => keys::key_not_theirs(scene).await,
        Which::OldProof => keys::old_proof(scene).await,
        Which::SwappedOrigin => keys::swapped_origin(scene).await,
        Which::InvitationTwice => set_up::invitation_twice(scene).await,
        Which::Stranger => set_up::stranger(scene).await,
        Which::LateJoiner => set_up::late_joiner(scene).await,
        Which::ForgedEvent => messages::forged_event(scene).await,
        Which::Garbage => messages::garbage(scene).await,
        Which::Flood => messages::flood(scene).await,
        Which::UnknownAction => record::unknown_action(scene).await,
        Which::Backdated => record::backdated(scene).await,
        Which::InventedSignature => record::invented_signature(scene).await,
        Which::LyingProposal => payments::lying_proposal(scene).await,
        Which::ReplacedRecipient => payments::replaced_recipient(scene).await,
        Which::DoubleSpend => payments::double_spend(scene).await,
        Which::ClockAhead => record::clock_ahead(scene).await,
        Which::TwoStories => stories::two_stories(scene).await,
        Which::ForkAtZero => stories::fork_at_zero(scene).await,
        Which::OldBackup => stories::old_backup(scene, folder).await,
        Which::DoubleVote => stories::double_vote(scene).await,
        Which::RemovedMember => votes::removed_member(scene).await,
        Which::FrozenVault => policy::frozen_vault(scene).await,
        Which::DeniedDestination => policy::denied_destination(scene).await,
        Which::UnderApproved => policy::under_approved(scene, folder).await,
        Which::WithholdingRelay => relays::withholding(scene).await,
        Which::DroppingRelay => relays::dropping(scene).await,
        Which::ReplayingRelay => relays::replaying(scene).await,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_attack_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = ATTACKS.iter().map(|attack| attack.name).collect();
        assert_eq!(names.len(), ATTACKS.len());
        assert!(find("swapped-key").is_some() && find("all").is_none() && find("list").is_none());
    }
}
