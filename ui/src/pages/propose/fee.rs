//! The fee: what the chain source thinks that it takes, or a rate of one's own.

use conclave_shared::view::FeesView;
use conclave_ui_logic::draft::{Speed, presets};
use conclave_ui_logic::rate::{self, Rate};

use crate::components::answer::{Failed, Loading};
use crate::components::choice::{Card, Choice};
use crate::components::icon::{Icon, Shape};
use crate::components::input::TextInput;
use crate::live::{Asked, changing, effect, memo};
use crate::pages::propose::fields::Fields;
use crate::prelude::*;
use crate::{t, words};

/// The choice.
#[component]
pub fn FeeChoice(
    /// What is typed.
    fields: Fields,
    /// What the chain source says.
    fees: Asked<FeesView>,
    /// What is wrong with the fee.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let rates = memo(move |_| fees.get().map(|fees| presets(&fees)));
    let least = memo(move |_| fees.get().map(|fees| Rate { milli: fees.least_milli }));
    // What was not chosen by hand follows the estimates: the middle one, or a rate of one's own, begun at the least.
    effect(move |_| {
        let Some(rates) = rates.get() else { return };
        let there = |speed| speed == Speed::Own || rates.iter().any(|(of, _)| *of == speed);
        if fields.speed.get_untracked().is_none_or(|speed| !there(speed)) {
            fields.speed.set(Some(rates.get(rates.len() / 2).map_or(Speed::Own, |(speed, _)| *speed)));
        }
        if let Some(least) = least.get_untracked().filter(|_| fields.own_rate.with_untracked(String::is_empty)) {
            fields.own_rate.set(least.digits());
        }
    });
    let own = memo(move |_| fields.speed.get() == Some(Speed::Own));
    let own_error = Signal::derive(move || {
        let typed = rate::parse(&fields.own_rate.get());
        let low = |rate: Rate| least.get().filter(|least| rate < *least);
        match typed {
            Err(fault) => Some(words::text(&fault.said())),
            Ok(rate) => low(rate).map(|least| t!("propose-rate-low", least = least.digits())).or_else(|| error.get()),
        }
    });
    let fee_error = Signal::derive(move || error.get().filter(|_| !own.get()));
    let unanswered = Signal::derive(move || fees.unanswered());
    view! {
        {move || match rates.get() {
            None if unanswered.get().is_some() => {
                view! { <Failed unanswered=unanswered kept=t!("propose-fee-own-all-the-same") again=move |()| fees.again() /> }
            }
            None => view! { <Loading words=t!("propose-fee-loading") /> },
            Some(rates) if rates.is_empty() => view! { <p class="soft">{t!("propose-fee-unknown")}</p> },
            Some(rates) => {
                view! { <Choice label=t!("propose-fee-how-soon") cards=cards(&rates) chosen=fields.speed /> }
            }
        }}
        <Show when=move || own.get() || unanswered.get().is_some()>
            <TextInput
                label=t!("propose-rate")
                hint=Signal::derive(move || least.get().map(|least| t!("propose-rate-hint", least = least.digits())).unwrap_or_default())
                value=fields.own_rate
                error=own_error
                tried=true
                suffix=rate::SIGN
            />
        </Show>
        {changing(move || {
            fee_error.get().map(|error| view! { <p class="field-error" role="alert"><Icon shape=Shape::Warning /> {error}</p> })
        })}
    }
}

fn cards(rates: &[(Speed, Rate)]) -> Vec<Card<Speed>> {
    let offered = rates.iter().map(|(speed, rate)| (*speed, rate.to_string()));
    let own = (Speed::Own, t!("propose-fee-own-explained"));
    let card = |(value, text)| {
        let title = match value {
            Speed::Soon => t!("propose-fee-soon"),
            Speed::Hour => t!("propose-fee-hour"),
            Speed::Day => t!("propose-fee-day"),
            Speed::Own => t!("propose-fee-own"),
        };
        Card { value, title, text, shape: None }
    };
    offered.chain([own]).map(card).collect()
}
