//! Deposit addresses: which members' programs derived one by themselves, and which this program has still to tell of.

use std::collections::BTreeSet;

use conclave_shared::MemberId;

use super::Vault;

impl Vault {
    /// Members whose programs derived the address at an index by themselves: who gave it out, and who attested it. Only
    /// members of the accepted configuration, and none who told two stories.
    pub fn attested(&self, index: u32) -> BTreeSet<MemberId> {
        let Some(active) = self.active() else { return BTreeSet::new() };
        let attested = self.state.attestations.get(&index).into_iter().flat_map(|marks| marks.members());
        let all = self.issuers(index).chain(attested);
        all.filter(|member| active.member(*member).is_some() && !self.log.two_stories().contains_key(member)).collect()
    }

    /// Who gave the address at an index out.
    fn issuers(&self, index: u32) -> impl Iterator<Item = MemberId> {
        let events = self.state.addresses.get(&index).into_iter().flatten();
        events.filter_map(|event| self.log.get(*event)).map(|event| event.author)
    }

    /// Attestations of another address than this program derives: by whom, and at which index.
    pub fn false_attestations(&self) -> impl Iterator<Item = (MemberId, u32)> {
        self.state.void_attestations.values().filter(|it| it.differs).map(|it| (it.by, it.index))
    }

    /// The lowest indices, at most so many, of addresses that others gave out and that this member has not attested. An
    /// attestation that had no effect is not written again.
    pub(super) fn to_attest(&self, most: usize) -> Vec<u32> {
        if self.my_entry().is_none() || self.lives().is_err() {
            return Vec::new();
        }
        let told = |index: &u32| {
            self.state.attestations.get(index).is_some_and(|marks| marks.contains(self.me))
                || self.issuers(*index).any(|by| by == self.me)
        };
        let mut open = self.state.addresses.iter().filter(|(index, _)| !told(index)).peekable();
        if open.peek().is_none() {
            return Vec::new();
        }
        let void: BTreeSet<u32> =
            self.state.void_attestations.values().filter(|it| it.by == self.me).map(|it| it.index).collect();
        let builds_on = self.builds_on();
        let known = open.filter(|(index, events)| !void.contains(index) && events.iter().any(|it| builds_on(*it)));
        known.map(|(index, _)| *index).take(most).collect()
    }
}
