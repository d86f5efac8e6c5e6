//! A payment as a flow drawing: what goes in, what comes out, as wide as it is worth.

use conclave_shared::Sat;
use conclave_ui_logic::flow::{self, Measure, Ribbon};
use conclave_ui_logic::tenths::Tenths;

use crate::components::amount::Amount;
use crate::components::table::Table;
use crate::prelude::*;
use crate::t;

/// In the drawing's own units; the page scales it.
const MEASURE: Measure = Measure { width: 360.0, thickness: 120.0, gap: 56.0, least: 3.0 };

/// What an end of the flow is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A coin of this vault.
    Coin,
    /// It leaves the vault.
    Leaves,
    /// It comes back, proven by derivation.
    ComesBack,
    /// The fee.
    Fee,
}

impl End {
    fn class(self) -> &'static str {
        match self {
            End::Coin => "ribbon coin",
            End::Leaves => "ribbon leaves",
            End::ComesBack => "ribbon comes-back",
            End::Fee => "ribbon fee",
        }
    }

    fn words(self) -> String {
        match self {
            End::Coin => t!("flow-coin"),
            End::Leaves => t!("flow-leaves"),
            End::ComesBack => t!("flow-comes-back"),
            End::Fee => t!("flow-fee"),
        }
    }
}

/// One end of the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowEnd {
    /// What it is.
    pub end: End,
    /// How much.
    pub amount: Sat,
    /// What is written at it: an address, a name, a coin. It is cut off in the drawing and whole in the table.
    pub label: String,
}

/// The drawing, and the same as a table for who cannot see it.
#[component]
pub fn Flow(
    /// What goes in.
    inputs: Vec<FlowEnd>,
    /// What comes out, the fee last.
    outputs: Vec<FlowEnd>,
    /// What it shows, in a sentence.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let amounts = |ends: &[FlowEnd]| ends.iter().map(|end| end.amount.0).collect::<Vec<_>>();
    let drawing = flow::drawing(&amounts(&inputs), &amounts(&outputs), MEASURE);
    let height = drawing.height.max(44.0);
    let view_box = format!("0 0 {} {}", Tenths(MEASURE.width), Tenths(height));
    let ribbons = |ends: &[FlowEnd], ribbons: &[Ribbon]| {
        ends.iter()
            .zip(ribbons)
            .map(|(end, ribbon)| view! { <path class=end.end.class() d=ribbon.path.clone() /> })
            .collect_view()
    };
    let list = |ends: &[FlowEnd]| {
        ends.iter()
            .map(|end| {
                view! {
                    <li class=end.end.class()>
                        <span class="flow-what">{end.end.words()}</span>
                        <Amount amount=end.amount />
                        <span class="flow-label" title=end.label.clone()>{end.label.clone()}</span>
                    </li>
                }
            })
            .collect_view()
    };
    let rows = |ends: &[FlowEnd]| {
        ends.iter()
            .map(|end| {
                view! {
                    <tr>
                        <td>{end.end.words()}</td>
                        <td class="figure"><Amount amount=end.amount /></td>
                        <td>{end.label.clone()}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <figure class="flow">
            <figcaption class="visually-hidden">{title.clone()}</figcaption>
            <div class="flow-drawing" aria-hidden="true">
                <ul class="flow-ends">{list(&inputs)}</ul>
                <svg viewBox=view_box preserveAspectRatio="none">
                    {ribbons(&inputs, &drawing.inputs)} {ribbons(&outputs, &drawing.outputs)}
                </svg>
                <ul class="flow-ends out">{list(&outputs)}</ul>
            </div>
            <div class="visually-hidden">
                <Table unseen=true caption=title head=vec![t!("flow-head-what"), t!("flow-head-amount"), t!("flow-head-where")]>
                    {rows(&inputs)}
                    {rows(&outputs)}
                </Table>
            </div>
        </figure>
    }
}
