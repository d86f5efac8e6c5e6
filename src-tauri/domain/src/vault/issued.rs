//! Who gave out which deposit address, and when: read from the record.

use conclave_shared::MemberId;

use super::Vault;

/// How a deposit address was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued {
    /// By whom.
    pub by: MemberId,
    /// When, in ms since 1970: by the member's clock, or later where that was behind what they built on.
    pub ms: u64,
}

impl Vault {
    /// Who gave out the deposit address of an index; of several who did so at once the first by (rank, id). None where
    /// nobody did.
    pub fn issued(&self, index: u32) -> Option<Issued> {
        let events = self.state.addresses.get(&index)?.iter().filter_map(|event| self.log.get(*event));
        events.min_by_key(|event| (event.rank, event.id)).map(|event| Issued { by: event.author, ms: event.rank })
    }
}
