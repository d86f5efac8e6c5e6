//! What a vault holds, now and over time.

use conclave_shared::request::{Reply, Request, ShowHistory};
use conclave_shared::view::HistoryView;
use conclave_shared::{Topic, VaultId};
use conclave_ui_logic::plot::Step;

use crate::answer;
use crate::components::amount::amount_text;
use crate::components::answer::Answer;
use crate::components::plot::Plot;
use crate::live::{Asked, memo};
use crate::prelude::*;
use crate::t;

/// Most points that are asked for: about as many as the drawing has places.
const POINTS: u32 = 360;

/// The balance as a curve; nothing where nothing has come yet.
#[component]
pub fn BalanceOverTime(
    /// The vault, or what is watched.
    vault: VaultId,
) -> impl IntoView {
    let asked = Asked::on(Topic::Vaults, move || {
        let request = Request::ShowHistory(ShowHistory { vault, points: POINTS });
        answer!(request, Reply::History(view) => view)
    });
    view! {
        <Answer asked=asked awaited=t!("overview-history-loading") let:history>
            <Curve history=history />
        </Answer>
    }
}

#[component]
fn Curve(history: Signal<HistoryView>) -> impl IntoView {
    let steps = memo(move |_| {
        let step = |point: &conclave_shared::view::PointView| Step {
            ms: point.time_s.saturating_mul(1000),
            value: point.balance.0,
        };
        history.with(|history| history.points.iter().map(step).collect::<Vec<_>>())
    });
    let some = memo(move |_| steps.with(|steps| !steps.is_empty()));
    // Taken here: where it is shown later there is no context to take it from.
    let last = move || history.with(|history| history.points.last().map(|point| point.balance).unwrap_or_default());
    let title = Signal::derive(move || t!("overview-history", balance = amount_text(last())));
    view! {
        <Show when=move || some.get()>
            <Plot steps=steps title=title />
        </Show>
    }
}
