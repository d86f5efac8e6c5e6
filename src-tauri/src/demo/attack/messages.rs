//! Attacks by what is sent: forged events, nonsense of every kind, floods.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conclave_domain::action::{Action, Rejected};
use conclave_domain::hash::tagged;
use conclave_shared::{EventId, Finding};
use serde_json::json;

use super::AttackError;
use super::hostile::Hostile;
use super::scene::{ANA, Scene};

/// More events than are kept of one author while they wait.
const FLOOD: u32 = 1_100;
/// Events in one message of the flood.
const AT_ONCE: usize = 275;

/// A rejection in Ben's name, signed by Mallory.
pub async fn forged_event(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let payment = scene.propose(ANA, "Rent").await?;
    let id = payment.proposal;
    mallory.until("Ana proposes", |vault| vault.proposal(id).is_some()).await?;
    let ben = scene.view(super::scene::BEN).await?.me;
    let honest = mallory.draft(Action::Rejected(Rejected { proposal: id }));
    let mut forged = serde_json::to_value(mallory.sign(&honest)?.signed()).map_err(|_| AttackError::Unsigned)?;
    let mut renamed = forged.clone();
    renamed["pubkey"] = json!(ben.to_string());
    // Once with the id as it was, once with a right id: neither has Ben's signature.
    let mut rehashed = honest.clone();
    rehashed.author = ben;
    let mut unsigned = rehashed.unsigned()?;
    forged["pubkey"] = json!(ben.to_string());
    forged["id"] = json!(unsigned.id().to_hex());
    for member in mallory.others() {
        mallory.send_values(member, vec![renamed.clone(), forged.clone()]).await?;
        mallory.send_values(member, vec![forged.clone()]).await?;
    }
    scene.tell("Ana proposes a payment; Mallory sends rejections in Ben's name, without his signature");
    scene.named(Finding::EventForged, Some(mallory.me())).await?;
    scene.approve(id).await?;
    scene.sign(id).await?;
    scene.never("a forged rejection counted", |view| view.void > 0).await?;
    scene.tell("the payment goes out: nobody has rejected it");
    Ok(())
}

/// Nonsense of every kind, from a member.
pub async fn garbage(scene: &mut Scene) -> Result<(), AttackError> {
    let (mallory, _) = scene.with_mallory().await?;
    let before = scene.agree().await?;
    let vault = mallory.fold.id().to_string();
    let envelope = |pack: &str, part: u32, parts: u32, bytes: &[u8]| {
        let name = hex::encode(&tagged("conclave/payload", bytes)[..16]);
        let data = STANDARD.encode(bytes);
        json!({ "conclave": 1, "pack": pack, "payload": name, "part": part, "parts": parts, "data": data }).to_string()
    };
    let none = |payload: serde_json::Value| envelope("none", 0, 1, payload.to_string().as_bytes());
    let mut letters = vec![
        String::new(),
        "\u{0}\u{ffff}".to_owned(),
        "x".repeat(28_200),
        "[".repeat(20_000),
        "{}".to_owned(),
        json!({ "conclave": 99, "pack": "none" }).to_string(),
        json!({ "conclave": 1, "pack": "zip", "payload": "", "part": 0, "parts": 1, "data": "" }).to_string(),
        envelope("none", 0, 65, b"x"),
        envelope("none", 7, 3, b"x"),
        envelope("deflate", 0, 1, b"not deflated"),
        envelope("deflate", 0, 1, &bomb()),
        none(json!({ "type": "events", "vault": vault, "events": [1, null, "x", {}, { "kind": 8417 }] })),
        none(json!({ "type": "events", "vault": vault, "events": vec![json!({}); 5_000] })),
        none(json!({ "type": "events", "vault": "11".repeat(32), "events": [] })),
        none(json!({ "type": "heads", "vault": vault, "event": { "id": "00" } })),
        none(json!({ "type": "want", "vault": vault, "events": ["zz"] })),
        none(json!({ "type": "conquer", "vault": vault })),
    ];
    // The first of two parts, over and over: payloads that are never finished.
    letters.extend((0..40_u8).map(|salt| envelope("none", 0, 2, &[salt; 900])));
    for member in mallory.others() {
        for letter in &letters {
            mallory.send_text(member, letter.clone()).await?;
        }
    }
    scene.tell(format!(
        "Mallory sends {} letters of nonsense to each: not JSON, bombs, parts without end",
        letters.len()
    ));
    scene.named(Finding::MessageMalformed, Some(mallory.me())).await?;
    if scene.agree().await? != before {
        return Err(AttackError::Happened { what: "nonsense changed the record".to_owned() });
    }
    scene.can_pay().await
}

/// Fixed-Huffman deflate of some 5 MiB of one letter: one literal, then matches of 258 at distance 1 (RFC 1951, 3.2.6).
fn bomb() -> Vec<u8> {
    const MATCHES: usize = 12_000;
    // Huffman codes go first bit first; the block's head (final, fixed) is 1, then 01 with its low bit first.
    let mut bits: Vec<bool> = "11001010000".chars().map(|bit| bit == '1').collect();
    for _ in 0..MATCHES * 2 {
        bits.extend("1100010100000".chars().map(|bit| bit == '1'));
    }
    bits.extend([false; 7]);
    let byte = |bits: &[bool]| bits.iter().zip(0..).fold(0_u8, |byte, (bit, place)| byte | u8::from(*bit) << place);
    let mut bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
    // Base64 digits of one part at most.
    bytes.truncate(20_000);
    bytes
}

/// Thousands of events that build on events that do not exist.
pub async fn flood(scene: &mut Scene) -> Result<(), AttackError> {
    let (mut mallory, _) = scene.with_mallory().await?;
    let mut events = Vec::new();
    for number in 0..FLOOD {
        events.push(homeless(&mut mallory, number)?);
    }
    for member in mallory.others() {
        for some in events.chunks(AT_ONCE) {
            mallory.send(member, some).await?;
        }
    }
    scene.tell(format!("Mallory sends {FLOOD} events to each, all of which wait for events that do not exist"));
    scene.named(Finding::FloodRefused, Some(mallory.me())).await?;
    scene.can_pay().await?;
    scene.never("more than 1000 events are kept waiting", |view| view.waiting > 1_000).await
}

/// A well-formed event with a past that nobody has.
fn homeless(mallory: &mut Hostile, number: u32) -> Result<conclave_domain::event::Event, AttackError> {
    let mut draft = mallory.draft(Action::Rejected(Rejected { proposal: EventId([0; 32]) }));
    draft.n = 1_000 + number;
    draft.prev = Some(EventId(tagged("nowhere", &number.to_be_bytes())));
    mallory.sign(&draft)
}
