//! A vault's coins: what each is worth, what it is called, whether a payment holds it, and keeping it from being spent.

use conclave_shared::desktop::Export;
use conclave_shared::request::{ImportLabels, Labelled, ListCoins, OnCoin, Reply, Request};
use conclave_shared::view::{CoinView, CoinsView, LabelsImportedView, VaultView};
use conclave_shared::{Topic, VaultId};

use crate::answer;
use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::answer::{ActFailed, Answer, Empty};
use crate::components::button::Button;
use crate::components::copy::CopyButton;
use crate::components::details::Details;
use crate::components::export::ExportButton;
use crate::components::file_pick::{FilePick, Picked};
use crate::components::label::Label;
use crate::components::layout::{Actions, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::pager::{Pager, Place, ROWS};
use crate::components::table::Table;
use crate::components::when::At;
use crate::live::{Act, Asked, changing, memo};
use crate::prelude::*;
use crate::t;

/// The largest file of labels that is read, in bytes; the backend takes no larger one.
const LABELS_MOST: u32 = 1_000_000;
/// Most lines of a file of labels that are named when they are none.
const REFUSED_SHOWN: usize = 10;

/// The page.
#[component]
pub fn CoinsPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    view! {
        <Page title=t!("coins-title") lead=t!("coins-lead") wide=true>
            <CoinsList vault=id />
            <Labels vault=id />
        </Page>
    }
}

/// The coins, a part at a time.
#[component]
pub fn CoinsList(
    /// The vault, or what is watched.
    vault: VaultId,
) -> impl IntoView {
    let place = Place::<String>::newest();
    let asked = Asked::on(Topic::Vaults, move || {
        let request = Request::ListCoins(ListCoins { vault, after: place.after(), limit: ROWS });
        answer!(request, Reply::Coins(view) => view)
    });
    view! {
        <Answer asked=asked awaited=t!("coins-loading") let:coins>
            <List vault=vault coins=coins place=place />
        </Answer>
    }
}

#[component]
fn List(vault: VaultId, coins: Signal<CoinsView>, place: Place<String>) -> impl IntoView {
    let none = memo(move |_| coins.with(|coins| coins.count == 0));
    let older = Signal::derive(move || {
        coins.with(|coins| coins.coins.last().filter(|_| coins.more).map(|coin| coin.outpoint.clone()))
    });
    let head = vec![t!("coins-amount"), t!("coins-address"), t!("label"), t!("coins-state"), t!("coins-freezing")];
    view! {
        <Show when=move || !none.get() fallback=|| view! { <Empty words=t!("coins-none") /> }>
            <p class="soft">{changing(move || t!("coins-count", count = coins.with(|coins| coins.count)))}</p>
            <Table caption=t!("coins-title") head=head.clone()>
                <For
                    each=move || coins.get().coins
                    key=|coin| coin.clone()
                    children=move |coin| view! { <Row vault=vault coin=coin /> }
                />
            </Table>
            <Pager place=place older=older />
        </Show>
    }
}

#[component]
fn Row(vault: VaultId, coin: CoinView) -> impl IntoView {
    let (outpoint, label) = (coin.outpoint.clone(), coin.label.clone());
    view! {
        <tr>
            <td class="figure"><Amount amount=coin.amount /></td>
            <td>
                <Address address=coin.address.clone() />
                <p class="soft">
                    {if coin.change { t!("coins-change", index = coin.index) } else { t!("coins-deposit", index = coin.index) }}
                    <CopyButton text=outpoint.clone() what=t!("coins-copy") />
                </p>
            </td>
            <td><Label vault=vault on=Labelled::Coin(outpoint) label=Signal::stored(label) what=t!("label-of-coin") /></td>
            <td><State coin=coin.clone() /></td>
            <td><Freezing vault=vault coin=coin /></td>
        </tr>
    }
}

#[component]
fn State(coin: CoinView) -> impl IntoView {
    let until = coin.held_until_ms.filter(|_| coin.held_by.is_some());
    let (meaning, words) = match (&coin.held_by, coin.height) {
        (Some(_), _) => (Meaning::Waits, t!("coins-held")),
        (None, None) => (Meaning::Waits, t!("coins-unconfirmed")),
        (None, Some(_)) if coin.frozen => (Meaning::Plain, t!("coins-frozen")),
        (None, Some(_)) => (Meaning::Fine, t!("coins-free")),
    };
    view! {
        <Status meaning=meaning words=words />
        <p class="soft">
            {coin.height.map(|height| t!("coins-block", height = height))}
            {until.map(|ms| view! { {t!("coins-until")} " " <At ms=ms /> })}
        </p>
    }
}

#[component]
fn Freezing(vault: VaultId, coin: CoinView) -> impl IntoView {
    let act = Act::new();
    let frozen = coin.frozen;
    let press = move |()| {
        let on = OnCoin { vault, coin: coin.outpoint.clone() };
        let request = if frozen { Request::UnfreezeCoin(on) } else { Request::FreezeCoin(on) };
        act.run(answer!(request, Reply::Done => ()), |()| {});
    };
    view! {
        <Button press=press busy=act.busy()>
            {if frozen { t!("coins-unfreeze") } else { t!("coins-freeze") }}
        </Button>
        <ActFailed act=act />
    }
}

/// Labels out and in, as other wallets write them.
#[component]
pub fn Labels(
    /// The vault, or what is watched.
    vault: VaultId,
) -> impl IntoView {
    let act = Act::new();
    let came = RwSignal::new(None::<LabelsImportedView>);
    let unreadable = RwSignal::new(false);
    let take = move |picked: Picked| {
        came.set(None);
        unreadable.set(false);
        match picked.text() {
            Some(text) => {
                let request = Request::ImportLabels(ImportLabels { vault, text });
                act.run(answer!(request, Reply::LabelsImported(view) => view), move |view| came.set(Some(view)));
            }
            None => unreadable.set(true),
        }
    };
    view! {
        <Section title=t!("labels-title")>
            <p class="soft">{t!("labels-lead")}</p>
            <Actions>
                <ExportButton what=move |()| Export::Labels { vault } words=t!("labels-export") />
                <FilePick label=t!("labels-import") accept=".jsonl,.json,.txt" most=LABELS_MOST picked=take />
            </Actions>
            <Show when=move || unreadable.get()>
                <Notice meaning=Meaning::Refused title=t!("labels-unreadable") />
            </Show>
            <ActFailed act=act />
            {changing(move || came.get().map(|came| view! { <Imported came=came /> }))}
        </Section>
    }
}

#[component]
fn Imported(came: LabelsImportedView) -> impl IntoView {
    let refused = came.refused.len();
    let lines = came
        .refused
        .into_iter()
        .take(REFUSED_SHOWN)
        .map(|(line, reason)| view! { <li>{t!("labels-line", line = line)} " " <span class="exact">{reason}</span></li> })
        .collect_view();
    view! {
        <Notice
            meaning=if refused == 0 { Meaning::Fine } else { Meaning::Waits }
            title=t!("labels-taken", taken = came.taken)
        >
            {(came.unknown > 0).then(|| view! { <p>{t!("labels-unknown", unknown = came.unknown)}</p> })}
            {(came.frozen > 0).then(|| view! { <p>{t!("labels-frozen", frozen = came.frozen)}</p> })}
            {(refused > 0)
                .then(|| {
                    view! {
                        <p>{t!("labels-refused", refused = refused)}</p>
                        <Details title=t!("technical-details")>
                            <ul>{lines}</ul>
                        </Details>
                    }
                })}
        </Notice>
    }
}
