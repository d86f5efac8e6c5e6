//! What leaves, to whom, at which fee, and what stays; and whether that is proven here.

use std::cmp::Reverse;

use conclave_shared::Sat;
use conclave_shared::view::ProposalView;
use conclave_ui_logic::rate::Rate;
use conclave_ui_logic::standing;

use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::details::Details;
use crate::components::flow::{End, Flow, FlowEnd};
use crate::components::layout::{Card, Fact, Facts};
use crate::components::notice::{Meaning, Status};
use crate::components::table::Table;
use crate::live::changing;
use crate::pages::proposal::Payment;
use crate::prelude::*;
use crate::t;

/// So many ends are drawn one by one; the others together.
const DRAWN: usize = 6;

/// The summary.
#[component]
pub fn Summary(sheet: Payment, first: ProposalView) -> impl IntoView {
    let rate = Rate { milli: first.fee_rate_milli }.to_string();
    let share = first.fee_per_mille.map(|share| t!("fee-share", share = standing::percent(share)));
    let fee_line = [Some(rate), share].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (inputs, outputs) = ends(&first, &fee_line);
    let recipients = first
        .recipients
        .iter()
        .map(|to| {
            view! {
                <li class="paid-to">
                    <Amount amount=to.amount large=true />
                    <Address address=to.address.clone() copy=true />
                </li>
            }
        })
        .collect_view();
    let none = first.recipients.is_empty();
    view! {
        <Card>
            <Flow inputs=inputs outputs=outputs title=t!("payment-flow") />
            {none.then(|| view! { <p>{t!("payment-pays-nobody")}</p> })}
            <ul class="paid" aria-label=t!("payment-recipients")>{recipients}</ul>
            <Facts>
                <Fact name=t!("preview-leaves")>
                    <Amount amount=first.leaves />
                </Fact>
                <Fact name=t!("fee")>
                    <Amount amount=first.fee />
                    <span class="soft">" · " {fee_line}</span>
                </Fact>
                <Fact name=t!("preview-change")>
                    <Amount amount=first.change />
                </Fact>
            </Facts>
            <Proven sheet=sheet />
            <Details title=t!("payment-whole")>
                <Whole first=first />
            </Details>
        </Card>
    }
}

fn ends(first: &ProposalView, fee: &str) -> (Vec<FlowEnd>, Vec<FlowEnd>) {
    let inputs = first.inputs.iter();
    let inputs = inputs.map(|input| FlowEnd { end: End::Coin, amount: input.amount, label: input.address.clone() });
    let outputs = first.outputs.iter().map(|output| {
        let end = if output.change_index.is_some() { End::ComesBack } else { End::Leaves };
        FlowEnd { end, amount: output.amount, label: output.address.clone() }
    });
    let mut outputs = drawn(outputs.collect());
    outputs.push(FlowEnd { end: End::Fee, amount: first.fee, label: fee.to_owned() });
    (drawn(inputs.collect()), outputs)
}

/// At most [`DRAWN`] ends of each kind; the smallest stand for each other.
fn drawn(mut all: Vec<FlowEnd>) -> Vec<FlowEnd> {
    if all.len() <= DRAWN {
        return all;
    }
    let mut shown = vec![];
    for end in [End::Coin, End::Leaves, End::ComesBack] {
        let (mut of, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.end == end);
        all = others;
        of.sort_by_key(|it| Reverse(it.amount));
        let rest = of.split_off(of.len().min(DRAWN - 1));
        shown.extend(of);
        if !rest.is_empty() {
            let amount = Sat(rest.iter().fold(0, |sum, it| sum.saturating_add(it.amount.0)));
            shown.push(FlowEnd { end, amount, label: t!("payment-more-ends", count = rest.len()) });
        }
    }
    shown
}

/// Whether amounts, change and fee are proven on this machine, or why not yet.
#[component]
fn Proven(sheet: Payment) -> impl IntoView {
    let guard =
        sheet.get(|payment| (payment.guard.looked, payment.guard.findings.len(), payment.confirmed_height.is_some()));
    changing(move || {
        let (looked, findings, confirmed) = guard.get()?;
        let (meaning, words) = match (looked, findings) {
            (_, 1..) => (Meaning::Refused, t!("payment-has-findings", count = findings)),
            (true, 0) => (Meaning::Fine, t!("payment-proven")),
            (false, 0) if confirmed => return None,
            (false, 0) => (Meaning::Waits, t!("payment-not-proven-yet")),
        };
        Some(view! { <p class="proven"><Status meaning=meaning words=words /></p> })
    })
}

/// Every coin and every output, with whole addresses.
#[component]
fn Whole(first: ProposalView) -> impl IntoView {
    let row = |what: String, amount: Sat, address: String, below: Option<String>| {
        view! {
            <tr>
                <td>{what}</td>
                <td class="figure"><Amount amount=amount /></td>
                <td><Address address=address /> {below.map(|below| view! { <p class="soft exact">{below}</p> })}</td>
            </tr>
        }
    };
    let inputs = first
        .inputs
        .into_iter()
        .map(|input| row(t!("payment-coin"), input.amount, input.address, Some(input.outpoint)));
    let outputs = first.outputs.into_iter().map(|output| {
        let what = match output.change_index {
            Some(index) => t!("payment-output-back", index = index),
            None => t!("payment-output-leaves"),
        };
        row(what, output.amount, output.address, None)
    });
    let rows = inputs.chain(outputs).collect_view();
    view! {
        <Table caption=t!("payment-whole") head=vec![t!("flow-head-what"), t!("flow-head-amount"), t!("flow-head-where")]>
            {rows}
        </Table>
    }
}
