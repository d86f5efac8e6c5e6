//! Descriptors that are only watched: what a text is as one, and what lies there.

use conclave_shared::desktop::Export;
use conclave_shared::request::{CheckDescriptor, OnVault, Reply, Request, SetChainSource, WatchDescriptor};
use conclave_shared::view::{DescriptorView, WatchedView};
use conclave_ui_logic::{forms, vocabulary};

use crate::answer;
use crate::app::App;
use crate::components::address::{Address, Key};
use crate::components::amount::Amount;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::confirm::Confirm;
use crate::components::copy::CopyButton;
use crate::components::details::Details;
use crate::components::export::ExportButton;
use crate::components::file_pick::{FilePick, Picked};
use crate::components::input::TextInput;
use crate::components::layout::{Actions, Card, Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::live::{Act, changing, effect};
use crate::pages::addresses::AddressesList;
use crate::pages::coins::{CoinsList, Labels};
use crate::pages::overview::balance::BalanceOverTime;
use crate::pages::transactions::TransactionsList;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The largest file with a descriptor that is read, in bytes.
const FILE_MOST: u32 = 100_000;
/// The longest name.
const NAME_MOST: usize = 80;

/// Where a descriptor is given.
#[component]
pub fn WatchPage() -> impl IntoView {
    let app = App::here();
    let (name, text, chain) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(false);
    let (check, watch) = (Act::new(), Act::new());
    let known = RwSignal::new(None::<DescriptorView>);
    let name_fault =
        Signal::derive(move || forms::text(&name.get(), NAME_MOST).err().map(|it| words::text(&it.said())));
    let text_fault = Signal::derive(move || text.with(|text| text.trim().is_empty()).then(|| t!("form-empty")));
    let chain_fault = Signal::derive(move || forms::chain_source(&chain.get()).err().map(|it| words::text(&it.said())));
    // What was understood is of the text as it was then.
    effect(move |_| {
        text.track();
        known.set(None);
    });
    let picked = move |picked: Picked| text.set(picked.text().unwrap_or_default());
    let submit = move || {
        tried.set(true);
        let wrong = [name_fault, text_fault, chain_fault].iter().any(|fault| fault.get_untracked().is_some());
        if wrong {
            return;
        }
        let (name, descriptor, chain) =
            (name.get_untracked().trim().to_owned(), text.get_untracked(), chain.get_untracked().trim().to_owned());
        if known.with_untracked(Option::is_some) {
            let request = Request::WatchDescriptor(WatchDescriptor { name, descriptor, chain });
            watch.run(answer!(request, Reply::Watching { vault } => vault), move |vault| {
                app.navigator().replace(Route::Watched(vault));
            });
        } else {
            let request = Request::CheckDescriptor(CheckDescriptor { descriptor });
            check.run(answer!(request, Reply::Descriptor(view) => *view), move |view| known.set(Some(view)));
        }
    };
    view! {
        <Page title=t!("watch-title") lead=t!("watch-lead")>
            <form
                class="form"
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                <TextInput label=t!("watch-name") value=name error=name_fault tried=tried />
                <TextInput
                    label=t!("watch-descriptor")
                    hint=t!("watch-descriptor-hint")
                    value=text
                    error=text_fault
                    tried=tried
                    exact=true
                    long=true
                />
                <FilePick label=t!("watch-file") accept=".txt,.desc,.descriptor" most=FILE_MOST picked=picked />
                <TextInput
                    label=t!("watch-chain")
                    hint=t!("watch-chain-hint")
                    value=chain
                    error=chain_fault
                    tried=tried
                    exact=true
                />
                {changing(move || known.get().map(|known| view! { <Understood descriptor=known /> }))}
                <ActFailed act=check />
                <ActFailed act=watch />
                <Actions>
                    <Button
                        weight=Weight::Primary
                        submit=true
                        press=move |()| ()
                        busy=Signal::derive(move || check.busy().get() || watch.busy().get())
                        busy_words=t!("watch-busy")
                    >
                        {changing(move || if known.with(Option::is_some) { t!("watch-begin") } else { t!("watch-check") })}
                    </Button>
                </Actions>
            </form>
        </Page>
    }
}

/// What a text is as a descriptor, before anything is made of it.
#[component]
fn Understood(descriptor: DescriptorView) -> impl IntoView {
    view! {
        <Card>
            <h2>{t!("watch-understood")}</h2>
            <DescriptorFacts descriptor=descriptor />
        </Card>
    }
}

#[component]
fn DescriptorFacts(descriptor: DescriptorView) -> impl IntoView {
    let keys = descriptor.keys.len();
    view! {
        {descriptor
            .warnings
            .into_iter()
            .map(|warning| {
                view! { <Notice meaning=Meaning::Waits title=words::text(&vocabulary::descriptor_warning(warning)) /> }
            })
            .collect_view()}
        <Facts>
            <Fact name=t!("watch-kind")><span class="exact">{descriptor.kind}</span></Fact>
            {descriptor
                .threshold
                .map(|threshold| {
                    view! { <Fact name=t!("watch-quorum")>{t!("watch-m-of-n", threshold = threshold, keys = keys)}</Fact> }
                })}
            <Fact name=t!("watch-keys")>
                <ul class="stack">
                    {descriptor.keys.into_iter().map(|key| view! { <li><Key key=key /></li> }).collect_view()}
                </ul>
            </Fact>
            <Fact name=t!("watch-addresses")>
                <ol class="stack">
                    {descriptor
                        .receive
                        .into_iter()
                        .map(|address| view! { <li><Address address=address /></li> })
                        .collect_view()}
                </ol>
            </Fact>
        </Facts>
        <Details title=t!("watch-whole")>
            <p class="exact">
                {descriptor.descriptor.clone()} " "
                <CopyButton text=descriptor.descriptor what=t!("watch-copy") />
            </p>
        </Details>
    }
}

/// What is watched.
#[component]
pub fn WatchedPage(
    /// It.
    watched: WatchedView,
) -> impl IntoView {
    let WatchedView { vault, name, descriptor, chain, balance, tip_height, trouble } = watched;
    view! {
        <Page title=name.clone() lead=t!("watched-lead") wide=true>
            {trouble
                .map(|trouble| {
                    view! {
                        <Notice meaning=Meaning::Waits title=t!("status-trouble")>
                            <Details title=t!("technical-details")><p class="exact">{trouble}</p></Details>
                        </Notice>
                    }
                })}
            <p class="balance-line">
                <span class="visually-hidden">{t!("balance")}</span>
                <Amount amount=balance.confirmed large=true />
                {(balance.unconfirmed.0 > 0)
                    .then(|| {
                        view! {
                            <span class="soft">
                                <Amount amount=balance.unconfirmed /> " " {t!("balance-unconfirmed")}
                            </span>
                        }
                    })}
                <Status meaning=Meaning::Plain words=t!("watched-block", height = tip_height) />
            </p>
            <BalanceOverTime vault=vault />
            <Section title=t!("transactions-title")>
                <TransactionsList vault=vault />
                <ExportButton what=move |()| Export::Transactions { vault } words=t!("transactions-export") />
            </Section>
            <Section title=t!("addresses-title")><AddressesList vault=vault /></Section>
            <Section title=t!("coins-title")><CoinsList vault=vault /></Section>
            <Labels vault=vault />
            <Section title=t!("watched-what")><DescriptorFacts descriptor=descriptor /></Section>
            <Section title=t!("watched-chain")><Chain vault=vault chain=chain /></Section>
            <Forget vault=vault name=name />
        </Page>
    }
}

/// Which chain source is asked.
#[component]
fn Chain(vault: conclave_shared::VaultId, chain: String) -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(chain);
    let fault = Signal::derive(move || forms::chain_source(&typed.get()).err().map(|it| words::text(&it.said())));
    let act = Act::new();
    let submit = move || {
        if fault.get_untracked().is_none() {
            let chain = typed.get_untracked().trim().to_owned();
            let request = Request::SetChainSource(SetChainSource { vault, chain });
            act.run(answer!(request, Reply::Done => ()), move |()| app.announce(t!("chain-changed")));
        }
    };
    view! {
        <form
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <TextInput label=t!("watch-chain") hint=t!("watch-chain-hint") value=typed error=fault exact=true />
            <Button submit=true press=move |()| () busy=act.busy()>{t!("chain-change")}</Button>
            <ActFailed act=act />
        </form>
    }
}

#[component]
fn Forget(vault: conclave_shared::VaultId, name: String) -> impl IntoView {
    let app = App::here();
    let open = RwSignal::new(false);
    let act = Act::new();
    let forget = move |()| {
        let request = Request::ForgetWatched(OnVault { vault });
        act.run(answer!(request, Reply::Done => ()), move |()| {
            open.set(false);
            app.navigator().start_at(Route::Vaults);
        });
    };
    view! {
        <Actions>
            <Button weight=Weight::Danger press=move |()| open.set(true)>{t!("watched-forget")}</Button>
        </Actions>
        <Confirm
            open=open
            title=t!("watched-forget-title", name = name)
            act_words=t!("watched-forget")
            press=forget
            act=act
            danger=true
        >
            <p>{t!("watched-forget-text")}</p>
        </Confirm>
    }
}
