//! Payments that do something about this one: the same with a higher fee, its coins taken back, or what came back spent on so
//! that miners take both. Each is a proposal of its own, judged and signed like any other.

use conclave_shared::Sat;
use conclave_shared::request::{Reply, Reprice, Request, SpeedUp};
use conclave_shared::view::ProposalView;
use conclave_ui_logic::amount;
use conclave_ui_logic::draft::{Repricing, fee_at, higher_rate};
use conclave_ui_logic::rate::{self, Rate};

use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::details::Details;
use crate::components::input::TextInput;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::proposal::Payment;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// A form for one of them, under a closed heading.
#[component]
pub fn Reprices(sheet: Payment, first: ProposalView, kind: Repricing) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let (heading, explained, press) = match kind {
        Repricing::Bump => (t!("payment-bump"), t!("payment-bump-explained"), t!("payment-bump-do")),
        Repricing::Cancel => (t!("payment-cancel"), t!("payment-cancel-explained"), t!("payment-cancel-do")),
        Repricing::SpeedUp => (t!("payment-speed-up"), t!("payment-speed-up-explained"), t!("payment-speed-up-do")),
    };
    let (old, fee) = (first.fee_rate_milli, first.fee.0);
    // A whole sat/vB more than now is the least that the network takes in its place.
    let typed = RwSignal::new(Rate { milli: (old / 1000 + 2) * 1000 }.digits());
    let act = Act::new();
    let rate = memo(move |_| higher_rate(&typed.get(), old));
    let error = Signal::derive(move || rate.get().err().map(|said| words::text(&said)));
    let costs = move || {
        let new = fee_at(fee, old, rate.get().ok()?.milli);
        let text = |sat| amount::text(Sat(sat), app.unit());
        let (new_fee, more) = (text(new), text(new.saturating_sub(fee)));
        Some(match kind {
            Repricing::Bump => t!("payment-bump-costs", fee = new_fee, more = more, old = text(fee)),
            Repricing::Cancel => t!("payment-cancel-costs", fee = new_fee),
            Repricing::SpeedUp => t!("payment-speed-up-costs", more = more),
        })
    };
    let propose = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Ok(rate) = rate.get_untracked() else { return };
        let (fee_rate, fee_rate_milli) = rate.parts();
        let (vault, proposal) = (sheet.on.vault, sheet.on.proposal);
        let reprice = Reprice { vault, proposal, fee_rate, fee_rate_milli };
        let request = match kind {
            Repricing::Bump => Request::BumpPayment(reprice),
            Repricing::Cancel => Request::CancelPayment(reprice),
            Repricing::SpeedUp => {
                Request::SpeedUp(SpeedUp { vault, parent: proposal.to_string(), fee_rate, fee_rate_milli })
            }
        };
        act.run(answer!(request, Reply::Proposal(view) => view.proposal), move |proposal| {
            vaults.asked().again();
            app.announce(t!("propose-done"));
            app.go(Route::Proposal(vault, proposal));
        });
    };
    view! {
        <Details title=heading>
            <form class="form reprice" on:submit=propose>
                <p>{explained}</p>
                <TextInput label=t!("payment-new-rate") value=typed error=error tried=true suffix=rate::SIGN />
                <p class="soft" role="status">{changing(costs)}</p>
                <ActFailed act=act />
                <Button submit=true press=|()| () busy=act.busy() busy_words=t!("propose-busy")>{press}</Button>
            </form>
        </Details>
    }
}
