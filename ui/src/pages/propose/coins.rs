//! Which coins a payment spends, where somebody wants to say so.

use conclave_shared::request::{ListCoins, Reply, Request};
use conclave_shared::view::{CoinView, CoinsView};
use conclave_shared::{Sat, Topic, VaultId};

use crate::answer;
use crate::components::address::Groups;
use crate::components::amount::Amount;
use crate::components::answer::{Answer, Empty};
use crate::components::choice::Checkbox;
use crate::components::icon::{Icon, Shape};
use crate::components::notice::{Meaning, Status};
use crate::live::{Asked, changing, effect, memo};
use crate::pages::propose::fields::Fields;
use crate::prelude::*;
use crate::t;

/// More coins than these are not offered here.
const COINS: u32 = 500;

/// The choice.
#[component]
pub fn CoinControl(
    /// The vault that pays.
    vault: VaultId,
    /// What is typed.
    fields: Fields,
    /// What is wrong with the coins.
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <Checkbox label=t!("propose-coins") hint=t!("propose-coins-hint") ticked=fields.choose />
        <Show when=move || fields.choose.get()>
            <Coins vault=vault fields=fields />
        </Show>
        {changing(move || {
            error.get().map(|error| view! { <p class="field-error" role="alert"><Icon shape=Shape::Warning /> {error}</p> })
        })}
    }
}

#[component]
fn Coins(vault: VaultId, fields: Fields) -> impl IntoView {
    let asked = Asked::on(
        Topic::Vaults,
        move || answer!(Request::ListCoins(ListCoins { vault, after: None, limit: COINS }), Reply::Coins(view) => view),
    );
    view! {
        <Answer asked=asked awaited=t!("propose-coins-loading") let:coins>
            <CoinList coins=coins fields=fields />
        </Answer>
    }
}

/// Whether a coin can be chosen: nothing holds it, and it is in a block.
fn is_free(coin: &CoinView) -> bool {
    !coin.frozen && coin.held_by.is_none() && coin.height.is_some()
}

#[component]
fn CoinList(coins: Signal<CoinsView>, fields: Fields) -> impl IntoView {
    // A coin that was chosen and is spent or held meanwhile is chosen no more.
    effect(move |_| {
        let free: Vec<String> = coins
            .with(|view| view.coins.iter().filter(|coin| is_free(coin)).map(|coin| coin.outpoint.clone()).collect());
        if fields.coins.with_untracked(|chosen| chosen.iter().any(|coin| !free.contains(coin))) {
            fields.coins.update(|chosen| chosen.retain(|coin| free.contains(coin)));
        }
    });
    let sum = Signal::derive(move || {
        fields.coins.with(|chosen| {
            coins.with(|view| {
                let mine = view.coins.iter().filter(|coin| chosen.contains(&coin.outpoint));
                Sat(mine.map(|coin| coin.amount.0).sum())
            })
        })
    });
    let none = memo(move |_| coins.with(|view| view.coins.is_empty()));
    let more = memo(move |_| coins.with(|view| view.more));
    view! {
        <Show when=move || none.get()>
            <Empty words=t!("propose-coins-none") />
        </Show>
        <ul class="coin-choice" aria-label=t!("propose-coins")>
            <For each=move || coins.with(|view| view.coins.clone()) key=|coin| coin.clone() let:coin>
                <Coin coin=coin fields=fields />
            </For>
        </ul>
        <Show when=move || more.get()>
            <p class="soft">{t!("propose-coins-more", count = COINS)}</p>
        </Show>
        <p role="status">
            {changing(move || t!("propose-coins-chosen", count = fields.coins.with(|chosen| chosen.len())))} " " <Amount amount=sum />
        </p>
    }
}

#[component]
fn Coin(coin: CoinView, fields: Fields) -> impl IntoView {
    let free = is_free(&coin);
    let state = if coin.frozen {
        Some(t!("propose-coin-frozen"))
    } else if coin.held_by.is_some() {
        Some(t!("propose-coin-held"))
    } else if coin.height.is_none() {
        Some(t!("propose-coin-unconfirmed"))
    } else {
        None
    };
    let outpoint = StoredValue::new(coin.outpoint);
    let chosen = memo(move |_| fields.coins.with(|coins| outpoint.with_value(|coin| coins.contains(coin))));
    let change = move |event| {
        let outpoint = outpoint.get_value();
        let ticked = event_target_checked(&event);
        fields.coins.update(|coins| {
            if ticked {
                coins.insert(outpoint);
            } else {
                coins.remove(&outpoint);
            }
        });
    };
    view! {
        <li>
            <label class="coin-row" class:chosen=move || chosen.get()>
                {free.then(|| view! { <input type="checkbox" prop:checked=move || chosen.get() on:change=change /> })}
                <Amount amount=coin.amount />
                <span class="coin-about">
                    {coin.label.map(|label| view! { <span class="memo">{label}</span> })}
                    <span class="exact"><Groups text=coin.address /></span>
                </span>
                {state.map(|words| view! { <Status meaning=Meaning::Waits words=words /> })}
            </label>
        </li>
    }
}
