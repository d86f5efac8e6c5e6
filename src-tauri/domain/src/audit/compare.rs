//! Two records of one vault, side by side: what a cut at the end and a fork look like from the outside.

use conclave_shared::{EventId, MemberId, VaultId};

use super::Verified;

/// How a first record stands to a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Both hold the same events.
    Same,
    /// They are records of two vaults.
    OtherVault {
        /// The first record's.
        first: VaultId,
        /// The second's.
        second: VaultId,
    },
    /// An author told two stories: each record holds another event of one number.
    TwoStories {
        /// Who.
        author: MemberId,
        /// The number.
        n: u32,
        /// The event in the first record.
        first: EventId,
        /// The event in the second.
        second: EventId,
    },
    /// The first record holds all that the second holds, and more.
    Extends {
        /// How many events more.
        more: u64,
        /// The first of them.
        lacking: EventId,
    },
    /// The second record holds all that the first holds, and more.
    ExtendedBy {
        /// How many events more.
        more: u64,
        /// The first of them.
        lacking: EventId,
    },
    /// Each lacks something, without contradiction: messages are on their way, or were kept from arriving.
    Apart {
        /// The first event that the first record lacks.
        first_lacks: EventId,
        /// The first event that the second record lacks.
        second_lacks: EventId,
    },
}

impl Comparison {
    /// The fixed name, as in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::OtherVault { .. } => "vault-foreign",
            Self::TwoStories { .. } => "two-stories",
            Self::Extends { .. } => "extends",
            Self::ExtendedBy { .. } => "extended-by",
            Self::Apart { .. } => "apart",
        }
    }
}

impl Verified {
    /// Compares this record with a second one, event by event.
    pub fn compare(&self, second: &Verified) -> Comparison {
        if self.vault != second.vault {
            return Comparison::OtherVault { first: self.vault, second: second.vault };
        }
        let fork = self.order.iter().find_map(|(author, n, first)| {
            let theirs = second.at(*author, *n).filter(|theirs| theirs != first)?;
            Some(Comparison::TwoStories { author: *author, n: *n, first: *first, second: theirs })
        });
        if let Some(fork) = fork {
            return fork;
        }
        match (second.lacks(self), self.lacks(second)) {
            (None, None) => Comparison::Same,
            (Some((more, lacking)), None) => Comparison::Extends { more, lacking },
            (None, Some((more, lacking))) => Comparison::ExtendedBy { more, lacking },
            (Some((_, second_lacks)), Some((_, first_lacks))) => Comparison::Apart { first_lacks, second_lacks },
        }
    }

    fn at(&self, author: MemberId, n: u32) -> Option<EventId> {
        self.chains.get(&author)?.get(n as usize).copied()
    }

    /// How many events of the other record are not in this one, and the first of them.
    fn lacks(&self, other: &Verified) -> Option<(u64, EventId)> {
        let mut lacking = other.order.iter().filter(|(author, n, _)| self.at(*author, *n).is_none());
        let (.., first) = lacking.next()?;
        Some((1 + lacking.count() as u64, *first))
    }
}
