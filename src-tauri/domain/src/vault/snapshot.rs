//! A folded vault as bytes, for the store: a long record opens from it without reading every event. Bound to the version
//! of the fold and to the vault; read only by the version that wrote it, made anew from the events otherwise. Not a wire
//! format.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::OutPoint;
use bitcoin::secp256k1::XOnlyPublicKey;
use conclave_shared::{Cfg, EventId, MemberId, VaultId};
use serde::{Deserialize, Serialize};

use super::state::{Candidate, Joiner, Marks, ProposalState, Proposed, State};
use super::{Vault, Void};
use crate::action::{Created, IdentityReplaced, PlaceOpened};
use crate::configuration::CheckedConfiguration;
use crate::hash::{tagged, tagged_fields};
use crate::log::{Bytes, Log, SnapshotFault};

/// Version of what the fold makes of events: raised whenever the same events may come to another state, or the snapshot's
/// form changes.
pub const FOLD_VERSION: u32 = 4;

/// What is kept of the state, in order.
#[derive(Serialize, Deserialize)]
struct Kept {
    created: Option<(MemberId, Created)>,
    places: BTreeMap<XOnlyPublicKey, Vec<(EventId, PlaceOpened)>>,
    joiners: BTreeMap<MemberId, Vec<Joiner>>,
    replacements: BTreeMap<MemberId, Vec<(EventId, IdentityReplaced)>>,
    candidates: Vec<KeptCandidate>,
    witnessed: BTreeMap<Cfg, BTreeSet<EventId>>,
    addresses: BTreeMap<u32, BTreeSet<EventId>>,
    changes: BTreeMap<u32, BTreeSet<EventId>>,
    proposals: BTreeMap<EventId, ProposalState>,
    reservations: BTreeMap<OutPoint, BTreeSet<EventId>>,
    void: BTreeMap<EventId, String>,
    unknown: BTreeSet<MemberId>,
}

#[derive(Serialize, Deserialize)]
struct KeptCandidate {
    json: String,
    proposed: BTreeMap<EventId, Proposed>,
    consents: Marks,
    releases: Marks,
}

impl Vault {
    /// Digest of what is held: the newest event of every story. A snapshot belongs to one such set.
    pub fn heads_digest(&self) -> [u8; 32] {
        let heads = self.log.heads();
        let fields: Vec<Vec<u8>> =
            heads.iter().map(|(author, n, id)| [&author.0[..], &n.to_le_bytes(), &id.0].concat()).collect();
        tagged_fields("conclave/heads", &fields.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// The vault as bytes; none before its creation is held. Waiting events are not in it.
    pub fn to_snapshot(&self) -> Option<Vec<u8>> {
        let State {
            created,
            places,
            joiners,
            replacements,
            candidates,
            witnessed,
            addresses,
            changes,
            proposals,
            reservations,
            void,
            unknown,
        } = self.state.clone();
        created.as_ref()?;
        let candidates = candidates.into_values().map(|candidate| {
            let Candidate { json, proposed, consents, releases, checked: _ } = candidate;
            KeptCandidate { json, proposed, consents, releases }
        });
        let kept = Kept {
            created,
            places,
            joiners,
            replacements,
            candidates: candidates.collect(),
            witnessed,
            addresses,
            changes,
            proposals,
            reservations,
            void: void.into_iter().map(|(event, reason)| (event, reason.to_string())).collect(),
            unknown,
        };
        let log = self.log.to_bytes();
        let state = postcard::to_extend(&kept, Vec::new()).ok()?;
        let mut bytes = Vec::with_capacity(log.len() + state.len() + 80);
        bytes.extend(FOLD_VERSION.to_le_bytes());
        bytes.extend(self.id.0);
        bytes.extend((log.len() as u32).to_le_bytes());
        bytes.extend(log);
        bytes.extend(state);
        let sum = tagged("conclave/snapshot", &bytes);
        bytes.extend(sum);
        Some(bytes)
    }

    /// Reads what [`Vault::to_snapshot`] wrote for this vault.
    pub fn from_snapshot(id: VaultId, created: EventId, me: MemberId, bytes: &[u8]) -> Result<Self, SnapshotFault> {
        let (body, sum) = bytes.split_last_chunk::<32>().ok_or(SnapshotFault::Damaged)?;
        let mut bytes = Bytes(body);
        let found = bytes.u32()?;
        if found != FOLD_VERSION {
            return Err(SnapshotFault::Version { found });
        }
        if tagged("conclave/snapshot", body) != *sum || bytes.fixed()? != id.0 {
            return Err(SnapshotFault::Damaged);
        }
        let length = bytes.u32()? as usize;
        let log = Log::from_bytes(id, bytes.slice(length)?)?;
        let kept: Kept = postcard::from_bytes(bytes.0).map_err(|_| SnapshotFault::Damaged)?;
        let mut candidates = BTreeMap::new();
        for KeptCandidate { json, proposed, consents, releases } in kept.candidates {
            let checked = CheckedConfiguration::parse(&json, id).map_err(|_| SnapshotFault::Damaged)?;
            candidates.insert(checked.cfg, Candidate { checked, json, proposed, consents, releases });
        }
        let void = kept.void.into_iter().map(|(event, reason)| (event, Void::Noted { reason }));
        let state = State {
            created: kept.created,
            places: kept.places,
            joiners: kept.joiners,
            replacements: kept.replacements,
            candidates,
            witnessed: kept.witnessed,
            addresses: kept.addresses,
            changes: kept.changes,
            proposals: kept.proposals,
            reservations: kept.reservations,
            void: void.collect(),
            unknown: kept.unknown,
        };
        Ok(Self { id, created, me, log, state, early: Vec::new() })
    }
}
