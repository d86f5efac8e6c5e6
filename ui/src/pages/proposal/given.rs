//! Two lists side by side: who has approved and who has signed, when, and who has not.

use conclave_shared::MemberId;
use conclave_shared::view::{MemberView, ProposalView, VaultView};
use conclave_ui_logic::standing;

use crate::components::layout::Section;
use crate::components::notice::{Meaning, Status};
use crate::components::when::{At, When};
use crate::live::{changing, memo};
use crate::pages::proposal::Payment;
use crate::prelude::*;
use crate::{t, words};

/// What a member has done about it.
#[derive(Debug, Clone, PartialEq)]
enum Did {
    /// Gave it, then.
    Gave(Option<u64>),
    /// Gave it, and it does not count any more.
    GaveInVain(u64),
    /// Refused.
    Refused,
    /// Nothing yet.
    Nothing,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    member: MemberId,
    name: String,
    mine: bool,
    did: Did,
    last_heard_ms: Option<u64>,
}

/// Both lists.
#[component]
pub fn Given(sheet: Payment) -> impl IntoView {
    let vault = sheet.vault;
    let now = sheet.now;
    let lists = memo(move |_| {
        let payment = now.get()?;
        let lists = vault.with(|vault| (approvals(vault, &payment), signatures(vault, &payment)));
        Some((lists, standing::approvals(&payment), standing::signatures(&payment), standing::is_open(payment.status)))
    });
    changing(move || {
        let ((approved, signed), (approvals, need_approvals), (signatures, need_signatures), open) = lists.get()?;
        let approvals = t!("payment-so-many", have = approvals, need = need_approvals);
        let signatures = t!("payment-so-many", have = signatures, need = need_signatures);
        let others = signed.is_empty();
        Some(view! {
            <div class="given">
                <Section title=t!("approved-by")>
                    <p class="soft">{approvals}</p>
                    <Rows rows=approved open=open />
                </Section>
                <Section title=t!("signed-by")>
                    <p class="soft">{signatures}</p>
                    {others.then(|| view! { <p>{t!("payment-signed-by-others")}</p> })}
                    <Rows rows=signed open=open />
                </Section>
            </div>
        })
    })
}

fn row(vault: &VaultView, member: &MemberView, did: Did) -> Row {
    let mine = member.member == vault.me;
    Row { member: member.member, name: member.name.clone(), mine, did, last_heard_ms: member.last_heard_ms }
}

/// Who has left since keeps a place, too.
fn with_former(mut rows: Vec<Row>, vault: &VaultView, gave: &[MemberId], did: impl Fn(MemberId) -> Did) -> Vec<Row> {
    for id in gave {
        if rows.iter().all(|row| row.member != *id) {
            let former = vault.former.iter().find(|former| former.member == *id).map(|former| former.name.clone());
            let name = former.unwrap_or_else(|| words::member_name(vault, *id));
            rows.push(Row { member: *id, name, mine: false, did: did(*id), last_heard_ms: None });
        }
    }
    rows
}

fn approvals(vault: &VaultView, payment: &ProposalView) -> Vec<Row> {
    let did = |id: MemberId| {
        if payment.rejected_by.contains(&id) {
            return Did::Refused;
        }
        match payment.approvals.iter().find(|given| given.member == id) {
            Some(given) if given.counts => Did::Gave(Some(given.ms)),
            Some(given) => Did::GaveInVain(given.ms),
            None => Did::Nothing,
        }
    };
    let members = vault.members.iter().filter(|member| standing::may_approve(member));
    let rows = members.map(|member| row(vault, member, did(member.member))).collect();
    let given = payment.approvals.iter().map(|given| given.member).chain(payment.rejected_by.iter().copied());
    with_former(rows, vault, &given.collect::<Vec<_>>(), did)
}

fn signatures(vault: &VaultView, payment: &ProposalView) -> Vec<Row> {
    if standing::signed_by_others(vault, payment) {
        return vec![];
    }
    let did = |id: MemberId| {
        if payment.signed_by.contains(&id) {
            Did::Gave(payment.signatures.iter().find(|signature| signature.member == id).map(|signature| signature.ms))
        } else {
            Did::Nothing
        }
    };
    let members = vault.members.iter().filter(|member| standing::may_sign(member));
    let rows = members.map(|member| row(vault, member, did(member.member))).collect();
    with_former(rows, vault, &payment.signed_by, did)
}

#[component]
fn Rows(rows: Vec<Row>, open: bool) -> impl IntoView {
    let rows = rows.into_iter().map(|row| shown(row, open)).collect_view();
    view! { <ul class="given-rows">{rows}</ul> }
}

fn shown(row: Row, open: bool) -> impl IntoView {
    let (meaning, words, ms) = match row.did {
        Did::Gave(ms) => (Meaning::Fine, t!("payment-given"), ms),
        Did::GaveInVain(ms) => (Meaning::Waits, t!("payment-given-in-vain"), Some(ms)),
        Did::Refused => (Meaning::Refused, t!("payment-refused"), None),
        Did::Nothing if open => (Meaning::Waits, t!("payment-not-yet"), None),
        Did::Nothing => (Meaning::Plain, t!("payment-not-given"), None),
    };
    let awaited = row.did == Did::Nothing && open && !row.mine;
    let heard = row.last_heard_ms.filter(|_| awaited);
    let mine = row.mine.then(|| t!("payment-you"));
    view! {
        <li>
            <span class="given-name">{row.name} " " <span class="soft">{mine}</span></span>
            <span class="given-state">
                <Status meaning=meaning words=words /> {ms.map(|ms| view! { <span class="soft"><At ms=ms /></span> })}
                {heard.map(|ms| view! { <span class="soft">{t!("payment-last-heard")} " " <When ms=ms /></span> })}
            </span>
        </li>
    }
}
