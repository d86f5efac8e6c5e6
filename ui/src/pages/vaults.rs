//! All vaults: what each holds, what waits for me there, and how its members and the network stand.

use conclave_shared::view::{UnopenedView, VaultView, WaitView, WatchedView};
use conclave_shared::{Sat, VaultStatus};
use conclave_ui_logic::vocabulary;

use crate::app::App;
use crate::components::amount::Amount;
use crate::components::answer::Answer;
use crate::components::details::Details;
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::threshold_ring::ThresholdRing;
use crate::components::when::When;
use crate::frame::{Listed, Vaults};
use crate::live::{changing, memo};
use crate::pages::begin::Ways;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The page.
#[component]
pub fn VaultsPage() -> impl IntoView {
    let asked = Vaults::here().asked();
    view! {
        <Page title=t!("vaults-title")>
            <Answer asked=asked awaited=t!("vaults-loading") let:listed>
                <List listed=listed />
            </Answer>
        </Page>
    }
}

#[component]
fn List(listed: Signal<Listed>) -> impl IntoView {
    let none = memo(move |_| {
        listed.with(|listed| listed.vaults.is_empty() && listed.watched.is_empty() && listed.unopened.is_empty())
    });
    let total = Signal::derive(move || {
        listed.with(|listed| Sat(listed.vaults.iter().map(|vault| vault.balance.confirmed.0).sum()))
    });
    let several = memo(move |_| listed.with(|listed| listed.vaults.len() > 1));
    view! {
        <Show when=move || none.get()>
            <p class="lead">{t!("vaults-none")}</p>
            <Ways />
        </Show>
        <Show when=move || several.get()>
            <p class="total">
                <span class="soft">{t!("vaults-total")}</span>
                " "
                <Amount amount=total large=true />
            </p>
        </Show>
        <ul class="vault-list">
            {changing(move || {
                listed.with(|listed| {
                    listed.vaults.iter().map(|vault| view! { <VaultRow vault=vault.clone() /> }).collect_view()
                })
            })}
            {changing(move || {
                listed.with(|listed| {
                    listed.watched.iter().map(|watched| view! { <WatchedRow watched=watched.clone() /> }).collect_view()
                })
            })}
        </ul>
        {changing(move || {
            listed.with(|listed| {
                listed.unopened.iter().map(|unopened| view! { <Unopened unopened=unopened.clone() /> }).collect_view()
            })
        })}
    }
}

#[component]
fn VaultRow(vault: VaultView) -> impl IntoView {
    let app = App::here();
    let home = crate::frame::home_of(&vault);
    let name = vault.name.clone();
    let active = vault.status == VaultStatus::Active;
    let ratified: Vec<bool> =
        vault.members.iter().filter(|member| member.key.is_some()).map(|member| member.ratified).collect();
    let ring_label = t!("vaults-ring", threshold = vault.threshold, keyholders = vault.keyholders);
    let unconfirmed = vault.balance.unconfirmed;
    let waits = vault.waits.iter().map(|wait| view! { <Wait vault=vault.clone() wait=*wait /> }).collect_view();
    let frozen = vault.freezes.iter().any(|freeze| freeze.stands);
    let heard =
        vault.members.iter().filter(|member| member.member != vault.me).filter_map(|member| member.last_heard_ms).max();
    view! {
        <li class="vault-row">
            <ThresholdRing
                approvals=vec![]
                signatures=if active { (0..vault.keyholders).map(|at| at < vault.threshold).collect() } else { ratified }
                complete=active
                label=ring_label.clone()
            />
            <div class="vault-row-text">
                <h2>
                    <a
                        class="vault-link"
                        href="#"
                        on:click=move |event| {
                            event.prevent_default();
                            app.go(home);
                        }
                    >
                        {name}
                    </a>
                </h2>
                <p class="soft">
                    {ring_label} " · " {words::text(&vocabulary::vault_status(vault.status))}
                    {heard.map(|ms| view! { " · " {t!("vaults-heard")} " " <When ms=ms /> })}
                </p>
                {frozen.then(|| view! { <Status meaning=Meaning::Refused words=t!("vaults-frozen") /> })}
                {vault.trouble.clone().map(|trouble| view! { <Trouble trouble=trouble /> })}
                <ul class="wait-list">{waits}</ul>
            </div>
            <div class="vault-row-balance">
                <Amount amount=vault.balance.confirmed large=true />
                {(unconfirmed != Sat(0))
                    .then(|| {
                        view! {
                            <p class="soft">
                                <Amount amount=unconfirmed />
                                " "
                                {t!("balance-unconfirmed")}
                            </p>
                        }
                    })}
            </div>
        </li>
    }
}

/// Something that waits for me, as a link to where it is done.
#[component]
pub fn Wait(vault: VaultView, wait: WaitView) -> impl IntoView {
    let app = App::here();
    let purpose = |id| {
        let proposal = vault.proposals.iter().find(|proposal| proposal.proposal == id);
        proposal.map(|proposal| proposal.purpose.clone()).unwrap_or_default()
    };
    let (to, words) = match wait {
        WaitView::Ratify { .. } => (Route::Board(vault.vault), t!("wait-ratify")),
        WaitView::Approve { proposal } => {
            (Route::Proposal(vault.vault, proposal), t!("wait-approve", purpose = purpose(proposal)))
        }
        WaitView::Sign { proposal } => {
            (Route::Proposal(vault.vault, proposal), t!("wait-sign", purpose = purpose(proposal)))
        }
        WaitView::Vote { .. } => (Route::Policy(vault.vault), t!("wait-vote")),
    };
    view! {
        <li>
            <a
                class="wait"
                href="#"
                on:click=move |event| {
                    event.prevent_default();
                    app.go(to);
                }
            >
                <Status meaning=Meaning::Waits words=words />
            </a>
        </li>
    }
}

#[component]
fn Trouble(trouble: String) -> impl IntoView {
    view! {
        <div>
            <Status meaning=Meaning::Waits words=t!("status-trouble") />
            <Details title=t!("technical-details")>
                <p class="exact">{trouble}</p>
            </Details>
        </div>
    }
}

#[component]
fn WatchedRow(watched: WatchedView) -> impl IntoView {
    let app = App::here();
    let to = Route::Watched(watched.vault);
    view! {
        <li class="vault-row">
            <ThresholdRing approvals=vec![] signatures=vec![] complete=false label=String::new() />
            <div class="vault-row-text">
                <h2>
                    <a
                        class="vault-link"
                        href="#"
                        on:click=move |event| {
                            event.prevent_default();
                            app.go(to);
                        }
                    >
                        {watched.name}
                    </a>
                </h2>
                <p class="soft">{t!("watched-only")}</p>
                {watched.trouble.map(|trouble| view! { <Trouble trouble=trouble /> })}
            </div>
            <div class="vault-row-balance">
                <Amount amount=watched.balance.confirmed large=true />
            </div>
        </li>
    }
}

#[component]
fn Unopened(unopened: UnopenedView) -> impl IntoView {
    view! {
        <Notice meaning=Meaning::Refused title=t!("vaults-unopened", vault = unopened.vault.short())>
            <p>{t!("vaults-unopened-kept")}</p>
            <Details title=t!("technical-details")>
                <p class="exact">{unopened.reason}</p>
            </Details>
        </Notice>
    }
}
