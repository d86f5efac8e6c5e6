//! Whom the program reaches: the network, Tor, each vault's relays and chain source.

use conclave_shared::VaultId;
use conclave_shared::desktop::TorState;
use conclave_shared::request::{Reply, Request, SetChainSource};
use conclave_shared::view::VaultView;
use conclave_ui_logic::{forms, vocabulary};

use crate::answer;
use crate::app::App;
use crate::components::answer::{ActFailed, Answer};
use crate::components::button::{Button, Link};
use crate::components::details::Details;
use crate::components::input::TextInput;
use crate::components::layout::{Card, Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice};
use crate::components::relays::Relays;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::settings::Keeper;
use crate::pages::settings::own_relay::OwnRelay;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The part of the page.
#[component]
pub fn Network(
    /// Takes what is chosen.
    keeper: Keeper,
) -> impl IntoView {
    let vaults = Vaults::here();
    let asked = vaults.asked();
    let ids = memo(move |_| {
        asked.get().map(|listed| listed.vaults.iter().map(|vault| vault.vault).collect::<Vec<_>>()).unwrap_or_default()
    });
    view! {
        <Section title=t!("settings-network")>
            <Facts>
                <Fact name=t!("settings-network-name")>{t!("settings-network-regtest")}</Fact>
            </Facts>
            <Tor keeper=keeper />
            <Answer asked=asked awaited=t!("vaults-loading") let:_listed>
                <For each=move || ids.get() key=|id| *id let:id>
                    {
                        let vault = vaults.vault(id);
                        changing(move || vault.get().map(|vault| view! { <OfVault vault=vault /> }))
                    }
                </For>
            </Answer>
        </Section>
    }
}

/// How Tor stands, and the way into it.
#[component]
fn Tor(keeper: Keeper) -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(app.view().get_untracked().map(|view| view.settings.bridges).unwrap_or_default());
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let bridges = typed.get_untracked().trim().to_owned();
        keeper.change(move |settings| settings.bridges = bridges);
    };
    view! {
        {changing(move || app.view().get().map(|view| standing(view.tor)))}
        <form class="form" on:submit=change>
            <TextInput
                label=t!("settings-bridges")
                hint=t!("settings-bridges-hint")
                value=typed
                exact=true
                long=true
            />
            <Button submit=true press=|()| () busy=keeper.act.busy()>{t!("settings-bridges-change")}</Button>
        </form>
    }
}

fn standing(tor: TorState) -> AnyView {
    let title = words::text(&vocabulary::tor(&tor));
    match tor {
        TorState::Off | TorState::Ready => {
            view! { <Notice meaning=Meaning::Fine title=title><p>{t!("settings-tor-explained")}</p></Notice> }
                .into_any()
        }
        TorState::Starting { doing, .. } => view! {
            <Notice meaning=Meaning::Waits title=title>
                <p>{t!("settings-tor-explained")}</p>
                <Details title=t!("technical-details")><p class="exact">{doing}</p></Details>
            </Notice>
        }
        .into_any(),
        TorState::Failed { trouble, reason } => view! {
            <Notice meaning=Meaning::Refused title=title>
                <p>{words::text(&vocabulary::tor_trouble(trouble))}</p>
                <Details title=t!("technical-details")><p class="exact">{reason}</p></Details>
            </Notice>
        }
        .into_any(),
    }
}

#[component]
fn OfVault(vault: VaultView) -> impl IntoView {
    view! {
        <Card>
            <h3>{vault.name.clone()}</h3>
            <Facts>
                <Fact name=t!("settings-relays")>
                    <Relays relays=vault.relays.clone() />
                    <p class="soft">
                        {t!("settings-relays-vote")}
                        " "
                        <Link to=Route::Policy(vault.vault)>{t!("nav-policy")}</Link>
                    </p>
                </Fact>
            </Facts>
            <OwnRelay vault=vault.vault own=vault.own_relay.clone() />
            <ChainSource vault=vault.vault chain=vault.chain.clone() />
        </Card>
    }
}

#[component]
fn ChainSource(vault: VaultId, chain: String) -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let tried = RwSignal::new(false);
    let typed = RwSignal::new(chain);
    let error = Signal::derive(move || forms::chain_source(&typed.get()).err().map(|fault| words::text(&fault.said())));
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if let Ok(chain) = forms::chain_source(&typed.get_untracked()) {
            let request = Request::SetChainSource(SetChainSource { vault, chain });
            act.run(answer!(request, Reply::Done => ()), move |()| app.announce(t!("settings-chain-changed")));
        }
    };
    view! {
        <form class="form" on:submit=change>
            <TextInput
                label=t!("settings-chain")
                hint=t!("settings-chain-hint")
                value=typed
                error=error
                tried=tried
                exact=true
            />
            <ActFailed act=act kept=t!("settings-chain-kept") />
            <Button submit=true press=|()| () busy=act.busy() busy_words=t!("settings-chain-busy")>
                {t!("settings-chain-change")}
            </Button>
        </form>
    }
}
