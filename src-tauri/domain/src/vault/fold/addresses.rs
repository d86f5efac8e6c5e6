//! How deposit addresses enter the state: given out by one member, and derived by the others' programs.

use super::Fold;
use crate::action::{AddressAttested, AddressIssued};
use crate::configuration::{CheckedConfiguration, Member};
use crate::event::Event;
use crate::vault::Void;
use crate::vault::state::VoidAttestation;

impl Fold<'_> {
    pub(super) fn address_issued(&mut self, event: &Event, issued: &AddressIssued) -> Result<(), Void> {
        let active = self.acting(event, Member::may_approve)?;
        derives(active, issued.index, &issued.address)?;
        if issued.index > self.next_known(&self.state.addresses) {
            return Err(Void::IndexAhead { index: issued.index });
        }
        self.state.addresses.entry(issued.index).or_default().insert(event.id);
        Ok(())
    }

    /// By any member, for an address that its author knew to be given out. It grants nothing: it shows that one more program
    /// holds the same descriptor.
    pub(super) fn address_attested(&mut self, event: &Event, attested: &AddressAttested) -> Result<(), Void> {
        let judged = self.judge_attestation(event, attested);
        if let Err(reason) = &judged {
            let differs = *reason == Void::AddressDiffers;
            let void = VoidAttestation { by: event.author, index: attested.index, differs };
            self.state.void_attestations.insert(event.id, void);
        }
        judged
    }

    fn judge_attestation(&mut self, event: &Event, attested: &AddressAttested) -> Result<(), Void> {
        let AddressAttested { cfg, index, ref address } = *attested;
        let active = self.acting(event, |_| true)?;
        if active.cfg != cfg {
            return Err(Void::OtherConfiguration { cfg });
        }
        derives(active, index, address)?;
        let known = self.known;
        let issued = self.state.addresses.get(&index).is_some_and(|events| events.iter().any(|it| known.holds(*it)));
        if !issued {
            return Err(Void::NotInPast { what: "address" });
        }
        self.state.attestations.entry(index).or_default().add(event, &known)
    }
}

/// Whether an address is the vault's at an index on the receive keychain.
fn derives(active: &CheckedConfiguration, index: u32, address: &str) -> Result<(), Void> {
    let derived = active.descriptor.address(index, active.configuration.network);
    if derived.is_some_and(|it| it.to_string() == address) { Ok(()) } else { Err(Void::AddressDiffers) }
}
