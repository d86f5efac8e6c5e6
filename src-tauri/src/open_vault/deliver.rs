//! What goes out: what `delivery` says is due, read from the store, packed for a transport.

use conclave_domain::delivery::Message;
use conclave_domain::envelope::{Payload, pack};
use conclave_domain::event::MS_LIMIT;
use conclave_domain::heads::Heads;
use conclave_shared::{EventId, MemberId, VaultId};

use super::OpenVault;
use crate::failure::InstallationError;
use crate::store::{Batch, Store};

/// Bytes of events in one payload: below the payload's limit with room for its other fields.
const PAYLOAD_BYTES: usize = 900 * 1024;
/// How many serials of heads messages are reserved at a time: an hour's, as they follow the clock in ms.
const SERIALS: u64 = 3_600_000;

/// Messages for one member, packed and ready for a transport.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Of which vault.
    pub vault: VaultId,
    /// To whom.
    pub to: MemberId,
    /// What it is, to be told of a failure.
    pub message: Message,
    /// The contents of one or more envelopes.
    pub contents: Vec<String>,
}

impl OpenVault {
    /// Packs what is due for the other members.
    pub fn due(&mut self, store: &mut Store, now_ms: u64) -> Result<Vec<Outgoing>, InstallationError> {
        let others = self.others();
        let owed = |author| self.vault.owed(author);
        let due = self.deliveries.due(self.vault.log(), self.vault.me(), &others, owed, now_ms);
        let mut outgoing = Vec::new();
        for (to, message) in due {
            let vault = self.vault.id();
            let payloads = match &message {
                Message::Events(ids) => self.events(store, ids)?,
                Message::Heads(answers) => {
                    let serial = self.next_serial(store, now_ms)?;
                    let unsigned = Heads::unsigned(self.vault.log(), vault, self.vault.me(), serial)?;
                    let event = unsigned.sign_with_keys(&self.keys).map_err(|_| InstallationError::StoredIdentity)?;
                    let event = serde_json::to_value(event).map_err(|_| InstallationError::StoredIdentity)?;
                    vec![Payload::Heads { vault, event, answers: *answers }]
                }
                Message::Want(ids) => vec![Payload::Want { vault, events: ids.clone() }],
                Message::Ask(nonce) => vec![Payload::Ask { vault, nonce: *nonce }],
            };
            for payload in payloads {
                // Payloads are divided below the limit; one event alone is at most 256 KiB.
                let Ok(contents) = pack(&payload) else { continue };
                outgoing.push(Outgoing { vault, to, message: message.clone(), contents });
            }
        }
        Ok(outgoing)
    }

    /// Events as they were signed, in payloads that fit.
    fn events(&self, store: &Store, ids: &[EventId]) -> Result<Vec<Payload>, InstallationError> {
        let vault = self.vault.id();
        let (mut payloads, mut events, mut room) = (Vec::new(), Vec::new(), PAYLOAD_BYTES);
        for id in ids {
            let Some(row) = store.event(vault, *id)? else { continue };
            let Ok(json) = serde_json::from_str(&row.json) else { continue };
            if row.json.len() >= room && !events.is_empty() {
                payloads.push(Payload::Events { vault, events: std::mem::take(&mut events) });
                room = PAYLOAD_BYTES;
            }
            room = room.saturating_sub(row.json.len() + 1);
            events.push(json);
        }
        if !events.is_empty() {
            payloads.push(Payload::Events { vault, events });
        }
        Ok(payloads)
    }

    /// A serial that was never used: it follows the clock, but never goes back with it, not over a restart either.
    fn next_serial(&mut self, store: &mut Store, now_ms: u64) -> Result<u64, InstallationError> {
        let (last, reserved) = self.serial;
        let serial = now_ms.max(last.saturating_add(1)).min(MS_LIMIT - 1);
        let reserved = if serial > reserved {
            let reserved = serial.saturating_add(SERIALS).min(MS_LIMIT - 1);
            store.commit(self.vault.id(), &Batch { heads_serial: Some(reserved), ..Batch::default() })?;
            reserved
        } else {
            reserved
        };
        self.serial = (serial, reserved);
        Ok(serial)
    }

    /// A message could not be handed to any relay.
    pub fn failed(&mut self, to: MemberId, message: &Message, now_ms: u64) {
        self.deliveries.failed(to, message, now_ms);
    }
}
