//! Everything of the domain that reads bytes from outside, as functions of bytes alone: for the fuzz targets in `fuzz/` and
//! for the tests that try seeds, truncations and random bytes. The program calls none of it.
//!
//! Each function reads its bytes the way the program does, panics where something does not hold that must hold for whatever
//! was read, and says whether anything was read. Where a hash or a signature keeps strangers' bytes out, it is made good
//! first: a hostile member can do that too.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bitcoin::{Network, Psbt};
use conclave_shared::{MemberId, ScriptForm, ScriptKind};
use nostr::JsonUtil as _;
use serde_json::Value;

use crate::action::Content;
use crate::configuration::{CheckedConfiguration, Configuration, MEMBERS_LIMIT, RELAYS_LIMIT};
use crate::descriptor::{AccountKey, KEYS_LIMIT, Keychain, VaultDescriptor};
use crate::envelope::{CONTENT_LIMIT, EnvelopeFault, PAYLOAD_LIMIT, Payload, Reassembly, pack};
use crate::event::{EVENT_LIMIT, Event, MS_LIMIT, SEEN_LIMIT};
use crate::hash::tagged;
use crate::heads::Heads;
use crate::invitation::Invitation;
use crate::log::AUTHORS_LIMIT;
use crate::proposal::{INPUTS_LIMIT, PURPOSE_LIMIT, Proposal};
use crate::psbt::combine::combine;
use crate::psbt::file::{Encoding, PsbtFile, PsbtVersion, encode};
use crate::psbt::finish::finish;
use crate::psbt::inspect::{Bounds, inspect_file};
use crate::psbt::sign::{SecretKey, sign};
use crate::psbt::signatures;
use crate::watched::WatchedDescriptor;

/// One entry: its name is that of its fuzz target and of its folder of seeds.
pub type Entry = (&'static str, fn(&[u8]) -> bool);

/// All entries.
pub const ENTRIES: [Entry; 13] = [
    ("event", event),
    ("content", content),
    ("heads", heads),
    ("envelope", envelope),
    ("parts", parts),
    ("invitation", invitation),
    ("configuration", configuration),
    ("proposal", proposal),
    ("descriptor", descriptor),
    ("psbt", psbt),
    ("psbt_file", psbt_file),
    ("psbt_judged", psbt_judged),
    ("watched", watched),
];

/// A NIP-01 event of the record.
pub fn event(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let given = Event::parse(text);
    assert!(text.len() <= EVENT_LIMIT || given.is_err(), "larger than the limit");
    let resigned = resigned(text).map(Event::from_signed);
    [Some(given), resigned].into_iter().flatten().flatten().fold(false, |_, event| {
        assert!(event.seen.len() <= SEEN_LIMIT && event.ms < MS_LIMIT);
        assert_eq!(event.n == 0, event.prev.is_none());
        // What is written again may be a little longer than what came: only then is it refused.
        let json = event.to_json();
        assert!(json.len() > EVENT_LIMIT || Event::parse(&json).as_ref() == Ok(&event), "{json}");
        true
    })
}

/// The content of an event: an action.
pub fn content(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Content::parse(text) {
        Content::Known(action) => {
            assert_eq!(Content::parse(&action.to_json()), Content::Known(action));
            true
        }
        Content::Unknown { .. } | Content::Malformed { .. } => false,
    }
}

/// What a member says that it holds.
pub fn heads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let given = Heads::parse(text);
    let resigned = resigned(text).map(Heads::from_signed);
    [Some(given), resigned].into_iter().flatten().flatten().fold(false, |_, heads| {
        assert!(heads.newest.len() <= AUTHORS_LIMIT && heads.serial < MS_LIMIT);
        let json = heads.signed().as_json();
        assert!(json.len() > EVENT_LIMIT || Heads::parse(&json).as_ref() == Ok(&heads), "{json}");
        true
    })
}

/// One message of a stranger.
pub fn envelope(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let named = named(text);
    [Some(text), named.as_deref()].into_iter().flatten().fold(false, |read, content| {
        match Reassembly::take_whole(content) {
            Ok(payload) => {
                assert!(content.len() <= CONTENT_LIMIT);
                packed_again(&payload);
                true
            }
            Err(_) => read,
        }
    })
}

/// Messages of three members, one a line: its first byte says whose.
pub fn parts(bytes: &[u8]) -> bool {
    let mut reassembly = Reassembly::default();
    let mut read = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((sender, content)) = line.split_first() else { continue };
        let Ok(content) = std::str::from_utf8(content) else { continue };
        if let Ok(Some(payload)) = reassembly.take(MemberId([sender % 3; 32]), content) {
            packed_again(&payload);
            read = true;
        }
    }
    read
}

/// The text of an invitation.
pub fn invitation(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let summed = summed(text);
    [Some(text), summed.as_deref()].into_iter().flatten().fold(false, |read, text| {
        let Ok(invitation) = Invitation::parse(text, 0) else { return read };
        let again = invitation.to_text();
        let read_again = Invitation::parse(&again, 0).map(|it| it.to_text());
        // Written again it may be longer than the limit, where its JSON came without white space or escapes.
        assert!(read_again.as_ref().is_ok_and(|text| *text == again) || again.len() > text.len(), "{text}");
        let member = MemberId([7; 32]);
        assert!(invitation.prove(member).proves(invitation.vault, member));
        true
    })
}

/// A configuration, for the vault that it names itself.
pub fn configuration(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).ok().and_then(checked_configuration).is_some()
}

fn checked_configuration(json: &str) -> Option<CheckedConfiguration> {
    let Configuration { vault, .. } = serde_json::from_str(json).ok()?;
    let checked = CheckedConfiguration::parse(json, vault).ok()?;
    let it = &checked.configuration;
    assert!((1..=MEMBERS_LIMIT).contains(&it.members.len()) && (1..=RELAYS_LIMIT).contains(&it.relays.len()));
    assert!((1..=KEYS_LIMIT).contains(&checked.keys.len()) && checked.keys.len() >= it.threshold as usize);
    assert!(checked.keys.iter().all(|(_, key)| it.descriptor.contains(&key.xpub.to_string())));
    let again = CheckedConfiguration::parse(&it.to_json(), vault);
    assert_eq!(again.as_ref().map(|again| &again.configuration), Ok(it));
    Some(checked)
}

/// A configuration in the first line, and a proposal under it in the rest.
pub fn proposal(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Some((configuration, proposal)) = text.split_once('\n') else { return false };
    let Ok(proposal) = serde_json::from_str::<Proposal>(proposal) else { return false };
    let json = serde_json::to_string(&proposal).expect("a proposal has string keys and no failing serialisers");
    assert_eq!(serde_json::from_str::<Proposal>(&json).ok().as_ref(), Some(&proposal));
    let Some(active) = checked_configuration(configuration) else { return false };
    let Ok(checked) = proposal.check(active.configuration.vault, &active) else { return false };
    assert!(checked.purpose.chars().count() <= PURPOSE_LIMIT && checked.inputs.len() <= INPUTS_LIMIT);
    assert_eq!(checked.inputs.len(), checked.transaction.input.len());
    let paid: u64 = checked.transaction.output.iter().map(|output| output.value.to_sat()).sum();
    let claimed: u64 = proposal.inputs.iter().map(|claim| claim.amount).sum();
    assert_eq!(paid + checked.fee.to_sat(), claimed, "nothing appears and nothing is lost");
    if let Some(change) = checked.change {
        let script = active.descriptor.script(Keychain::Change, change.index);
        let output = checked.transaction.output.get(change.output as usize);
        assert_eq!(output.map(|output| &output.script_pubkey), script.as_ref(), "change comes back to the vault");
    }
    true
}

/// A descriptor, or the key of one member.
pub fn descriptor(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    for script in ScriptKind::ALL {
        let Ok(key) = AccountKey::parse(text, script, Network::Regtest) else { continue };
        assert_eq!(AccountKey::parse(&key.to_string(), script, Network::Regtest).as_ref(), Ok(&key));
        return true;
    }
    let Ok(descriptor) = VaultDescriptor::parse(text) else { return false };
    assert_eq!(VaultDescriptor::parse(descriptor.text()).as_ref(), Ok(&descriptor));
    for keychain in [Keychain::Receive, Keychain::Change] {
        let script = descriptor.script(keychain, 0);
        assert!(script.is_some_and(|script| match descriptor.form() {
            ScriptForm::P2wsh => script.is_p2wsh(),
            ScriptForm::Nested | ScriptForm::Legacy => script.is_p2sh(),
            ScriptForm::Taproot => script.is_p2tr(),
        }));
    }
    true
}

/// A PSBT that a signer returned.
pub fn psbt(bytes: &[u8]) -> bool {
    let Ok(psbt) = Psbt::deserialize(bytes) else { return false };
    for signature in signatures(&psbt) {
        assert!((signature.input() as usize) < psbt.inputs.len());
    }
    true
}

/// A PSBT of another wallet, in any form: read, judged without a descriptor, converted, combined with itself, made final.
pub fn psbt_file(bytes: &[u8]) -> bool {
    let Ok(file) = PsbtFile::parse(bytes) else { return false };
    let bounds = Bounds::default();
    let inspection = inspect_file(&file, None, &bounds);
    assert!(inspection.outputs.iter().all(|output| output.keychain.is_none()), "nothing is ours without a descriptor");
    for encoding in [Encoding::Binary, Encoding::Base64, Encoding::Hex] {
        let again = PsbtFile::parse(&encode(&file.to_bytes(), encoding));
        assert_eq!(again.map(|it| it.to_bytes()), Ok(file.to_bytes()), "written and read again");
    }
    let (v0, _) = file.converted(PsbtVersion::V0).expect("what was read can be converted");
    let (v2, lost) = v0.converted(PsbtVersion::V2).expect("what was read can be converted");
    let (back, lost_back) = v2.converted(PsbtVersion::V0).expect("what was converted can be read");
    assert!(lost.is_empty() && lost_back.is_empty());
    assert_eq!(back.psbt(), v0.psbt());
    if !inspection.findings.is_empty() {
        return true;
    }
    assert!(combine(&[file.clone(), v2], None, &bounds).is_ok(), "a file agrees with itself");
    if let Ok(finished) = finish(&file, None, &bounds) {
        assert!(finished.inspection.all_final);
        assert_eq!(Some(finished.transaction.compute_txid()), finished.inspection.final_txid);
    }
    true
}

/// A descriptor in the first line, and under it a PSBT that is judged and signed by it.
pub fn psbt_judged(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return false };
    let (line, psbt) = bytes.split_at(end);
    let Some(descriptor) = std::str::from_utf8(line).ok().and_then(|it| WatchedDescriptor::parse(it).ok()) else {
        return false;
    };
    let Ok(file) = PsbtFile::parse(psbt.get(1..).unwrap_or_default()) else { return false };
    let bounds = Bounds { search: 2, ..Bounds::default() };
    let inspection = inspect_file(&file, Some(&descriptor), &bounds);
    for output in inspection.outputs.iter().filter(|output| output.keychain.is_some()) {
        let place = output.keychain.zip(output.index).expect("a keychain with an index");
        let scripts = descriptor.at(place.0, place.1);
        assert!(scripts.iter().any(|it| it.script.to_hex_string() == output.script), "what comes back is derived");
    }
    // A member of the seeds' wallets.
    if let Ok(key) = SecretKey::parse(ANA)
        && let Ok(signed) = sign(&file, &key, &descriptor, &bounds)
    {
        assert!(inspection.findings.is_empty());
        assert_eq!(signed.file.transaction(), file.transaction());
    }
    true
}

/// A practice key, of the wallets in `fixtures/forgeries`.
const ANA: &str =
    "tprv8ZgxMBicQKsPfM6Qac86r4Qpk4aoUsFtNYRnhVuspWVWmjfZmqdYVhirbJ2BihfAXUczXrGENzh2aLfavgDxSGhP3WLYJJWXE7tmNdoFc4e";

/// An output descriptor of another wallet.
pub fn watched(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let descriptor = match WatchedDescriptor::parse(text) {
        Ok(descriptor) => descriptor,
        Err(fault) => {
            assert!(!fault.to_string().contains("prv"), "a private key is never repeated");
            return false;
        }
    };
    let again = WatchedDescriptor::parse(descriptor.text()).expect("what was read is written as it can be read");
    descriptor.check();
    for keychain in descriptor.keychains() {
        assert!(descriptor.script(*keychain, 0).is_some());
        assert_eq!(descriptor.script(*keychain, 7), again.script(*keychain, 7));
    }
    true
}

/// The same NIP-01 event under a valid id and signature, as its author could have made it; none where it is no event.
pub fn resigned(text: &str) -> Option<nostr::Event> {
    let value: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let tags: Vec<Vec<String>> = serde_json::from_value(value.get("tags")?.clone()).ok()?;
    let tags = tags.into_iter().map(nostr::Tag::parse).collect::<Result<Vec<_>, _>>().ok()?;
    let kind = nostr::Kind::from_u16(value.get("kind")?.as_u64()?.try_into().ok()?);
    let time = nostr::Timestamp::from_secs(value.get("created_at")?.as_u64()?);
    let keys = nostr::Keys::new(nostr::SecretKey::from_slice(&[1; 32]).ok()?);
    let unsigned = nostr::UnsignedEvent::new(keys.public_key(), time, kind, tags, value.get("content")?.as_str()?);
    unsigned.sign_with_keys(&keys).ok()
}

/// The same envelope under the name of the bytes that it carries.
fn named(text: &str) -> Option<String> {
    let mut envelope: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let bytes = STANDARD.decode(envelope.get("data")?.as_str()?).ok()?;
    let name = hex::encode(tagged("conclave/payload", &bytes).get(..16)?);
    envelope.insert("payload".to_owned(), Value::String(name));
    serde_json::to_string(&envelope).ok()
}

/// The same invitation under its right checksum.
fn summed(text: &str) -> Option<String> {
    let text: String = text.split_whitespace().collect();
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix("conclave1")?).ok()?;
    let (json, _) = bytes.split_last_chunk::<4>()?;
    let sum = tagged("conclave/invitation", json);
    Some(format!("conclave1{}", URL_SAFE_NO_PAD.encode([json, sum.get(..4)?].concat())))
}

/// What came out of messages goes into messages again, and comes out the same.
fn packed_again(payload: &Payload) {
    let contents = match pack(payload) {
        Ok(contents) => contents,
        // Written again it may be longer than what came.
        Err(EnvelopeFault::PayloadTooLarge) => return,
        Err(fault) => panic!("{fault}"),
    };
    let mut reassembly = Reassembly::default();
    let mut out = None;
    for content in &contents {
        assert!(content.len() <= CONTENT_LIMIT && out.is_none());
        out = reassembly.take(MemberId([0; 32]), content).expect("an envelope of our own");
    }
    let json = serde_json::to_string(payload).expect("a payload has string keys and no failing serialisers");
    assert!(json.len() <= PAYLOAD_LIMIT);
    assert_eq!(out.map(|out| serde_json::to_string(&out).unwrap_or_default()), Some(json));
}
