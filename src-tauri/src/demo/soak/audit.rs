//! What must hold whatever was killed: nothing lost, nothing doubled, nobody paid twice, one state, records that verify.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

use bitcoin::OutPoint;
use conclave_shared::view::{FindingView, VaultView};
use conclave_shared::{Finding, MemberId};
use serde_json::Value;

use super::round::{Paid, Shared, purpose};
use super::world::NAMES;
use crate::demo::{DemoError, nip01};
use crate::practice::SharedChain;
use crate::practice::chain::ScriptHash;

/// How long the members may take to come to rest.
const REST: Duration = Duration::from_secs(180);

/// What an audit counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audited {
    /// Events in the record of each.
    pub events: usize,
}

/// Lines that were verified before: a record only grows.
#[derive(Debug, Default)]
pub struct Verified(HashSet<String>);

/// Waits until all members rest in one state, then looks at everything. Nobody is killed meanwhile.
pub async fn audit(shared: &Shared<'_>, paid: &[Paid], verified: &mut Verified) -> Result<Audited, DemoError> {
    let views = at_rest(shared, paid).await?;
    let members: Vec<MemberId> = views.iter().map(|view| view.me).collect();
    for (name, view) in NAMES.iter().zip(&views) {
        check_view(name, view, paid, &members)?;
    }
    let mut records = BTreeSet::new();
    for (member, name) in NAMES.iter().enumerate() {
        let lines = shared.record(member).await?;
        let counts = read_record(name, &lines, verified)?;
        check_counts(name, &counts, paid)?;
        let count = lines.len();
        let lines: BTreeSet<String> = lines.into_iter().collect();
        if lines.len() != count {
            return Err(broken(name, "an event stands in the record twice".to_owned()));
        }
        records.insert(lines);
    }
    match records.pop_first() {
        Some(record) if records.is_empty() => Ok(Audited { events: record.len() }),
        Some(_) | None => Err(DemoError::Differs { what: "the exported record" }),
    }
}

/// All views, once nothing is on its way any more and every payment is confirmed.
async fn at_rest(shared: &Shared<'_>, paid: &[Paid]) -> Result<Vec<VaultView>, DemoError> {
    let began = Instant::now();
    loop {
        let mut views = Vec::new();
        for member in 0..NAMES.len() {
            views.push(shared.view_when(member, "the vault", |_| true).await?);
        }
        let all_here = |view: &VaultView| {
            let confirmed = view.proposals.iter().filter(|payment| payment.confirmed_height.is_some()).count();
            view.unacknowledged == 0 && view.waiting == 0 && confirmed >= paid.len()
        };
        let digests: BTreeSet<_> = views.iter().map(|view| view.state_digest).collect();
        if views.iter().all(all_here) && digests.len() == 1 {
            return Ok(views);
        }
        if began.elapsed() > REST {
            let seen: Vec<String> = views
                .iter()
                .zip(NAMES)
                .map(|(view, name)| {
                    let confirmed = view.proposals.iter().filter(|payment| payment.confirmed_height.is_some()).count();
                    format!(
                        "{name}: {} events, {} waiting, {} unacknowledged, {confirmed} of {} confirmed, state {}, {:?}",
                        view.events,
                        view.waiting,
                        view.unacknowledged,
                        paid.len(),
                        view.state_digest.short(),
                        view.trouble
                    )
                })
                .collect();
            let what = format!("all members to rest in one state ({})", seen.join("; "));
            return Err(DemoError::TooLong { what, waited: REST });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What a member shows: each round once, approved and signed by exactly those who did; and nobody is accused.
fn check_view(name: &str, view: &VaultView, paid: &[Paid], members: &[MemberId]) -> Result<(), DemoError> {
    if view.proposals.len() != paid.len() {
        return Err(broken(name, format!("{} payments after {} rounds", view.proposals.len(), paid.len())));
    }
    let payments: BTreeMap<&str, _> =
        view.proposals.iter().map(|payment| (payment.purpose.as_str(), payment)).collect();
    for round in paid {
        let wanted = purpose(round.number);
        let payment = payments.get(wanted.as_str()).ok_or_else(|| broken(name, format!("{wanted} is lost")))?;
        if payment.proposal != round.proposal || payment.txid != round.txid.to_string() {
            return Err(broken(name, format!("{wanted} is another payment than was answered")));
        }
        let same = |shown: &[MemberId], answered: [usize; 2]| {
            let shown: BTreeSet<_> = shown.iter().collect();
            shown == answered.iter().filter_map(|member| members.get(*member)).collect()
        };
        let approved = same(&payment.approved_by, [round.parts.proposer, round.parts.other]);
        if !approved || !same(&payment.signed_by, round.parts.signers) {
            return Err(broken(name, format!("{wanted}: others approved or signed than those who were answered")));
        }
    }
    // A relay that was killed did lose messages.
    let accusation = |view: &&FindingView| view.finding != Finding::RelayWithholds;
    if let Some(accused) = view.findings.iter().find(accusation) {
        return Err(broken(name, format!("an honest member is accused: {} ({})", accused.finding, accused.detail)));
    }
    if view.void != 0 || view.refused != 0 {
        return Err(broken(name, format!("{} void events and {} refused messages", view.void, view.refused)));
    }
    Ok(())
}

/// How often each author wrote each action about each proposal.
type Counts = BTreeMap<(String, String, String), usize>;

/// Verifies every line by NIP-01 alone and counts what it says.
fn read_record(name: &str, lines: &[String], verified: &mut Verified) -> Result<Counts, DemoError> {
    let mut counts = Counts::new();
    for (number, line) in (1..).zip(lines) {
        if !verified.0.contains(line) {
            let fault = |fault| DemoError::Record { member: name.to_owned(), line: number, fault };
            nip01::verify(line).map_err(fault)?;
            verified.0.insert(line.clone());
        }
        let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let malformed = |error: serde_json::Error| broken(name, format!("line {number}: {error}"));
        let event: Value = serde_json::from_str(line).map_err(malformed)?;
        let action: Value = serde_json::from_str(&text(&event, "content")).map_err(malformed)?;
        let kind = text(&action, "type");
        let about = if kind == "payment_proposed" { text(&event, "id") } else { text(&action, "proposal") };
        *counts.entry((kind, about, text(&event, "pubkey"))).or_default() += 1;
    }
    Ok(counts)
}

/// Each step of each round stands in the record exactly once for each member who took it.
fn check_counts(name: &str, counts: &Counts, paid: &[Paid]) -> Result<(), DemoError> {
    let once = ["payment_proposed", "approved", "signed", "finalised", "broadcast"];
    if let Some(((kind, about, author), times)) =
        counts.iter().find(|((kind, ..), times)| once.contains(&kind.as_str()) && **times != 1)
    {
        return Err(broken(name, format!("{author} has {times} events {kind} about {about}")));
    }
    let authors = |kind: &str, about: &str| counts.keys().filter(|(found, of, _)| found == kind && of == about).count();
    for round in paid {
        let id = round.proposal.to_string();
        for (kind, wanted) in [("payment_proposed", 1), ("approved", 2), ("signed", 2), ("confirmed", NAMES.len())] {
            if authors(kind, &id) != wanted {
                let have = authors(kind, &id);
                return Err(broken(name, format!("{}: {have} members {kind}, not {wanted}", purpose(round.number))));
            }
        }
    }
    Ok(())
}

/// Each round's recipient was paid once, by that round's transaction, and no coin was spent twice.
pub fn check_chain(chain: &SharedChain, paid: &[Paid]) -> Result<(), DemoError> {
    chain.with(|chain| {
        for round in paid {
            let script = round.script();
            let history = chain.history(ScriptHash::of(&script));
            let outputs = chain.transaction(round.txid).map(|transaction| transaction.output.as_slice());
            let paid = outputs.unwrap_or_default().iter().filter(|output| output.script_pubkey == script);
            let paid: Vec<_> = paid.map(|output| output.value).collect();
            if history.len() != 1 || history[0].txid != round.txid || paid != [round.amount()] {
                let what = format!("{}: its recipient has {} payments", purpose(round.number), history.len());
                return Err(broken("the chain", what));
            }
        }
        let mut spent: HashSet<OutPoint> = HashSet::new();
        let blocks = (0..=chain.height()).filter_map(|height| chain.block(height));
        let in_blocks = blocks.flat_map(|block| block.txdata.iter().filter(|transaction| !transaction.is_coinbase()));
        let all = in_blocks.chain(chain.mempool().map(|(transaction, _)| transaction));
        for input in all.flat_map(|transaction| &transaction.input) {
            if !spent.insert(input.previous_output) {
                return Err(broken("the chain", format!("coin {} is spent twice", input.previous_output)));
            }
        }
        Ok(())
    })
}

fn broken(whose: &str, what: String) -> DemoError {
    DemoError::Broken { whose: whose.to_owned(), what }
}
