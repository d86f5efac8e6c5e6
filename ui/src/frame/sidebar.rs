//! The vaults at the left, each with its balance and a mark where something waits for me.

use conclave_shared::view::{VaultView, WatchedView};
use conclave_shared::{Sat, VaultStatus};
use conclave_ui_logic::vocabulary;

use crate::app::App;
use crate::components::amount::Amount;
use crate::components::icon::{Icon, Shape};
use crate::components::threshold_ring::ThresholdRing;
use crate::frame::Vaults;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The page where one gets to know a vault: its overview, or how its set-up stands.
pub fn home_of(vault: &VaultView) -> Route {
    match vault.status {
        VaultStatus::Gathering | VaultStatus::Proving | VaultStatus::Ratifying => Route::Board(vault.vault),
        VaultStatus::Active => Route::Overview(vault.vault),
    }
}

/// The sidebar.
#[component]
pub fn Sidebar() -> impl IntoView {
    let listed = Vaults::here().asked();
    let ids = memo(move |_| {
        listed.get().map(|listed| listed.vaults.iter().map(|vault| vault.vault).collect::<Vec<_>>()).unwrap_or_default()
    });
    let watched = memo(move |_| listed.get().map(|listed| listed.watched).unwrap_or_default());
    let vaults = Vaults::here();
    view! {
        <nav class="sidebar" aria-label=t!("frame-vaults")>
            <p class="brand">
                <ThresholdRing approvals=vec![] signatures=vec![true, true, false] complete=true label=String::new() />
                "Conclave"
            </p>
            <ul class="sidebar-list">
                <li>
                    <Item to=Route::Vaults shape=Shape::Vaults words=t!("frame-all-vaults") />
                </li>
            </ul>
            <ul class="sidebar-vaults">
                <For each=move || ids.get() key=|id| *id let:id>
                    <VaultItem vault=vaults.vault(id) />
                </For>
                {changing(move || watched.get().into_iter().map(|watched| view! { <WatchedItem watched=watched /> }).collect_view())}
            </ul>
            <ul class="sidebar-list">
                <li>
                    <Item to=Route::Begin shape=Shape::Plus words=t!("frame-add-vault") />
                </li>
                <li>
                    <Item to=Route::Practice shape=Shape::Practice words=t!("practice-title") />
                </li>
                <li>
                    <Item to=Route::Settings shape=Shape::Gear words=t!("settings-title") />
                </li>
            </ul>
        </nav>
    }
}

#[component]
fn Item(to: Route, shape: Shape, words: String) -> impl IntoView {
    let app = App::here();
    view! {
        <a
            class="sidebar-item"
            href="#"
            aria-current=move || (app.navigator().now() == to).then_some("page")
            on:click=move |event| {
                event.prevent_default();
                app.go(to);
            }
        >
            <Icon shape=shape />
            <span>{words}</span>
        </a>
    }
}

#[component]
fn VaultItem(vault: Memo<Option<VaultView>>) -> impl IntoView {
    let app = App::here();
    let name = move || vault.with(|vault| vault.as_ref().map(|vault| vault.name.clone()));
    let balance = Signal::derive(move || {
        vault.with(|vault| {
            vault.as_ref().map_or(Sat(0), |vault| Sat(vault.balance.confirmed.0 + vault.balance.unconfirmed.0))
        })
    });
    let active =
        memo(move |_| vault.with(|vault| vault.as_ref().is_some_and(|vault| vault.status == VaultStatus::Active)));
    let status =
        move || vault.with(|vault| vault.as_ref().map(|vault| words::text(&vocabulary::vault_status(vault.status))));
    let waits = memo(move |_| vault.with(|vault| vault.as_ref().map_or(0, |vault| vault.waits.len())));
    let is_here = move || {
        let here = app.navigator().now().vault();
        vault.with(|vault| vault.as_ref().map(|vault| vault.vault) == here && here.is_some())
    };
    view! {
        <li>
            <a
                class="sidebar-vault"
                href="#"
                aria-current=move || is_here().then_some("true")
                on:click=move |event| {
                    event.prevent_default();
                    if let Some(home) = vault.with_untracked(|vault| vault.as_ref().map(home_of)) {
                        app.go(home);
                    }
                }
            >
                <span class="sidebar-name">{changing(name)}</span>
                {changing(move || {
                    if active.get() {
                        view! { <Amount amount=balance /> }
                    } else {
                        view! { <span class="soft">{status}</span> }
                    }
                })}
                {changing(move || (waits.get() > 0).then(|| view! { <span class="waits-mark">{t!("waits-for-you", count = waits.get())}</span> }))}
            </a>
        </li>
    }
}

#[component]
fn WatchedItem(watched: WatchedView) -> impl IntoView {
    let app = App::here();
    let to = Route::Watched(watched.vault);
    let balance = Sat(watched.balance.confirmed.0 + watched.balance.unconfirmed.0);
    view! {
        <li>
            <a
                class="sidebar-vault"
                href="#"
                aria-current=move || (app.navigator().now() == to).then_some("page")
                on:click=move |event| {
                    event.prevent_default();
                    app.go(to);
                }
            >
                <span class="sidebar-name">{watched.name}</span>
                <Amount amount=balance />
                <span class="soft">{t!("watched-only")}</span>
            </a>
        </li>
    }
}
