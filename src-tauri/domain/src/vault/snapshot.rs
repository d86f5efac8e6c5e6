//! A folded vault as bytes, for the store: a long record opens from it without reading every event. Bound to the version
//! of the fold and to the vault; read only by the version that wrote it, made anew from the events otherwise. Not a wire
//! format.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::OutPoint;
use bitcoin::secp256k1::XOnlyPublicKey;
use conclave_shared::{Cfg, EventId, MemberId, Nonce, VaultId};
use serde::{Deserialize, Serialize};

use super::state::{Candidate, Freeze, Joiner, KeyRefusal, Marks, ProposalState, Proposed, State, VoidAttestation};
use super::{Vault, Void};
use crate::action::{IdentityReplaced, PlaceOpened};
use crate::configuration::CheckedConfiguration;
use crate::hash::{tagged, tagged_fields};
use crate::key_proof::KeyProofFault;
use crate::log::{Bytes, Log, SnapshotFault};

/// Version of what the fold makes of events: raised whenever the same events may come to another state, or the snapshot's
/// form changes.
pub const FOLD_VERSION: u32 = 7;

/// What is kept of the state, in order.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// As JSON, like the places: optional fields of theirs are left out where they are empty, which postcard cannot read.
    created: Option<(MemberId, String)>,
    places: BTreeMap<XOnlyPublicKey, Vec<(EventId, String)>>,
    joiners: BTreeMap<MemberId, Vec<Joiner>>,
    challenges: BTreeMap<EventId, (MemberId, Nonce)>,
    false_proofs: BTreeMap<EventId, (MemberId, KeyProofFault)>,
    refused_keys: BTreeMap<EventId, KeyRefusal>,
    replacements: BTreeMap<MemberId, Vec<(EventId, IdentityReplaced)>>,
    candidates: Vec<KeptCandidate>,
    witnessed: BTreeMap<Cfg, BTreeSet<EventId>>,
    addresses: BTreeMap<u32, BTreeSet<EventId>>,
    attestations: BTreeMap<u32, Marks>,
    void_attestations: BTreeMap<EventId, VoidAttestation>,
    changes: BTreeMap<u32, BTreeSet<EventId>>,
    proposals: BTreeMap<EventId, ProposalState>,
    reservations: BTreeMap<OutPoint, BTreeSet<EventId>>,
    /// Each with the name of the reason and its words.
    void: BTreeMap<EventId, (String, String)>,
    unknown: BTreeSet<MemberId>,
    freezes: BTreeMap<EventId, Freeze>,
    freeze_votes: BTreeMap<EventId, BTreeMap<Cfg, Marks>>,
}

#[derive(Serialize, Deserialize)]
struct KeptCandidate {
    json: String,
    proposed: BTreeMap<EventId, Proposed>,
    consents: Marks,
    releases: Marks,
    proofs: Marks,
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
            challenges,
            false_proofs,
            refused_keys,
            replacements,
            candidates,
            witnessed,
            addresses,
            attestations,
            void_attestations,
            changes,
            proposals,
            reservations,
            void,
            unknown,
            freezes,
            freeze_votes,
        } = self.state.clone();
        let (organiser, created) = created?;
        let created = Some((organiser, serde_json::to_string(&created).ok()?));
        let opened = |(event, opened): (EventId, PlaceOpened)| Some((event, serde_json::to_string(&opened).ok()?));
        let places =
            places.into_iter().map(|(key, all)| Some((key, all.into_iter().map(opened).collect::<Option<_>>()?)));
        let candidates = candidates.into_values().map(|candidate| {
            let Candidate { json, proposed, consents, releases, proofs, checked: _ } = candidate;
            KeptCandidate { json, proposed, consents, releases, proofs }
        });
        let kept = Kept {
            created,
            places: places.collect::<Option<_>>()?,
            joiners,
            challenges,
            false_proofs,
            refused_keys,
            replacements,
            candidates: candidates.collect(),
            witnessed,
            addresses,
            attestations,
            void_attestations,
            changes,
            proposals,
            reservations,
            void: void.into_iter().map(|(event, why)| (event, (why.code().to_owned(), why.to_string()))).collect(),
            unknown,
            freezes,
            freeze_votes,
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
        for KeptCandidate { json, proposed, consents, releases, proofs } in kept.candidates {
            let checked = CheckedConfiguration::parse(&json, id).map_err(|_| SnapshotFault::Damaged)?;
            candidates.insert(checked.cfg, Candidate { checked, json, proposed, consents, releases, proofs });
        }
        let creation = kept.created.map(|(organiser, json)| Ok((organiser, read(&json)?))).transpose()?;
        let mut places: BTreeMap<XOnlyPublicKey, Vec<(EventId, PlaceOpened)>> = BTreeMap::new();
        for (key, all) in kept.places {
            let opened = all.into_iter().map(|(event, json)| Ok((event, read(&json)?)));
            places.insert(key, opened.collect::<Result<_, SnapshotFault>>()?);
        }
        let void = kept.void.into_iter().map(|(event, (code, reason))| (event, Void::Noted { code, reason }));
        let state = State {
            created: creation,
            places,
            joiners: kept.joiners,
            challenges: kept.challenges,
            false_proofs: kept.false_proofs,
            refused_keys: kept.refused_keys,
            replacements: kept.replacements,
            candidates,
            witnessed: kept.witnessed,
            addresses: kept.addresses,
            attestations: kept.attestations,
            void_attestations: kept.void_attestations,
            changes: kept.changes,
            proposals: kept.proposals,
            reservations: kept.reservations,
            void: void.collect(),
            unknown: kept.unknown,
            freezes: kept.freezes,
            freeze_votes: kept.freeze_votes,
        };
        Ok(Self { id, created, me, log, state, early: Vec::new() })
    }
}

/// Something that is kept as JSON.
fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, SnapshotFault> {
    serde_json::from_str(json).map_err(|_| SnapshotFault::Damaged)
}
