//! Whom the program reaches: the network, Tor, each vault's relays and chain source.

use conclave_shared::VaultId;
use conclave_shared::request::{Reply, Request, SetChainSource};
use conclave_shared::view::VaultView;
use conclave_ui_logic::forms;

use crate::answer;
use crate::app::App;
use crate::components::answer::{ActFailed, Answer};
use crate::components::button::{Button, Link};
use crate::components::input::TextInput;
use crate::components::layout::{Card, Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice};
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The part of the page.
#[component]
pub fn Network() -> impl IntoView {
    let vaults = Vaults::here();
    let asked = vaults.asked();
    let ids = memo(move |_| {
        asked.get().map(|listed| listed.vaults.iter().map(|vault| vault.vault).collect::<Vec<_>>()).unwrap_or_default()
    });
    view! {
        <Section title=t!("settings-network")>
            <Facts>
                <Fact name=t!("settings-network-name")>{t!("settings-network-regtest")}</Fact>
                <Fact name=t!("settings-tor")>{t!("settings-tor-off")}</Fact>
            </Facts>
            <Notice meaning=Meaning::Waits title=t!("settings-tor-notice")>
                <p>{t!("settings-tor-explained")}</p>
            </Notice>
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

#[component]
fn OfVault(vault: VaultView) -> impl IntoView {
    let relays = vault.relays.iter().map(|relay| view! { <li class="exact">{relay.clone()}</li> }).collect_view();
    view! {
        <Card>
            <h3>{vault.name.clone()}</h3>
            <Facts>
                <Fact name=t!("settings-relays")>
                    <ul>{relays}</ul>
                    <p class="soft">
                        {t!("settings-relays-vote")}
                        " "
                        <Link to=Route::Policy(vault.vault)>{t!("nav-policy")}</Link>
                    </p>
                </Fact>
            </Facts>
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
