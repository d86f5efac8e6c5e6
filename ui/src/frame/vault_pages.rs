//! The pages of the vault that one is in, in a row above the page, and the way back.

use conclave_shared::{VaultId, VaultStatus};

use crate::app::App;
use crate::components::button::{IconButton, Link};
use crate::components::icon::Shape;
use crate::frame::Vaults;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::t;

/// The row.
#[component]
pub fn VaultPages() -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let here = memo(move |_| app.navigator().now().vault());
    let known = memo(move |_| {
        let listed = vaults.asked().get()?;
        let vault = listed.vaults.into_iter().find(|view| Some(view.vault) == here.get())?;
        Some((vault.vault, vault.name, vault.status))
    });
    view! {
        <div class="above">
            <Show when=move || app.navigator().can_go_back()>
                <IconButton press=move |()| app.navigator().back() shape=Shape::Back words=t!("frame-back") />
            </Show>
            {changing(move || {
                known
                    .get()
                    .map(|(vault, name, status)| {
                        view! {
                            <span class="above-name">{name.clone()}</span>
                            <nav class="vault-pages" aria-label=name>
                                {pages(vault, status)
                                    .into_iter()
                                    .map(|(to, words)| view! { <Link to=to>{words}</Link> })
                                    .collect_view()}
                            </nav>
                        }
                    })
            })}
        </div>
    }
}

fn pages(vault: VaultId, status: VaultStatus) -> Vec<(Route, String)> {
    match status {
        VaultStatus::Gathering | VaultStatus::Proving | VaultStatus::Ratifying => {
            vec![(Route::Board(vault), t!("nav-board")), (Route::Record(vault), t!("nav-record"))]
        }
        VaultStatus::Active => vec![
            (Route::Overview(vault), t!("nav-overview")),
            (Route::Receive(vault), t!("nav-receive")),
            (Route::Payments(vault), t!("nav-payments")),
            (Route::Transactions(vault), t!("nav-transactions")),
            (Route::Coins(vault), t!("nav-coins")),
            (Route::Addresses(vault), t!("nav-addresses")),
            (Route::Board(vault), t!("nav-members")),
            (Route::Policy(vault), t!("nav-policy")),
            (Route::Record(vault), t!("nav-record")),
        ],
    }
}
