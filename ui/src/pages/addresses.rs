//! A vault's addresses: who gave each out, who derived the same one, what came and what lies there.

use conclave_shared::request::{Labelled, ListAddresses, Reply, Request};
use conclave_shared::view::{AddressView, AddressesView, VaultView};
use conclave_shared::{Topic, VaultId};

use crate::answer;
use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::answer::{Answer, Empty};
use crate::components::choice::Select;
use crate::components::label::Label;
use crate::components::page::Page;
use crate::components::pager::{Pager, Place, ROWS};
use crate::components::table::Table;
use crate::components::when::When;
use crate::live::{Asked, effect, memo};
use crate::prelude::*;
use crate::{t, words};

/// The page.
#[component]
pub fn AddressesPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    view! {
        <Page title=t!("addresses-title") lead=t!("addresses-lead") wide=true>
            <AddressesList vault=id />
        </Page>
    }
}

/// The addresses of one keychain, a part at a time.
#[component]
pub fn AddressesList(
    /// The vault, or what is watched.
    vault: VaultId,
) -> impl IntoView {
    let change = RwSignal::new(false);
    let place = Place::<u32>::newest();
    effect(move |_| {
        change.track();
        place.begin();
    });
    let asked = Asked::on(Topic::Vaults, move || {
        let request =
            Request::ListAddresses(ListAddresses { vault, change: change.get(), before: place.after(), limit: ROWS });
        answer!(request, Reply::Addresses(view) => view)
    });
    view! {
        <Select
            label=t!("addresses-which")
            options=vec![(false, t!("addresses-deposits")), (true, t!("addresses-change"))]
            chosen=change
        />
        <Answer asked=asked awaited=t!("addresses-loading") let:addresses>
            <List vault=vault addresses=addresses place=place />
        </Answer>
    }
}

#[component]
fn List(vault: VaultId, addresses: Signal<AddressesView>, place: Place<u32>) -> impl IntoView {
    let none = memo(move |_| addresses.with(|view| view.addresses.is_empty()));
    let older = Signal::derive(move || {
        addresses.with(|view| view.addresses.last().filter(|_| view.more).map(|last| last.index))
    });
    let head = vec![
        t!("addresses-index"),
        t!("coins-address"),
        t!("label"),
        t!("addresses-balance"),
        t!("addresses-received"),
    ];
    view! {
        <Show when=move || !none.get() fallback=|| view! { <Empty words=t!("addresses-none") /> }>
            <Table caption=t!("addresses-title") head=head.clone()>
                <For
                    each=move || addresses.get().addresses
                    key=|address| address.clone()
                    children=move |address| view! { <Row vault=vault address=address /> }
                />
            </Table>
            <Pager place=place older=older />
        </Show>
    }
}

#[component]
fn Row(vault: VaultId, address: AddressView) -> impl IntoView {
    let about = use_context::<Signal<VaultView>>();
    let AddressView { address, index, issued_by, issued_ms, attested_by, balance, received, label, change: _ } =
        address;
    let issued = about.zip(issued_by).map(|(about, by)| about.with(|about| words::member_name(about, by)));
    let attested = about
        .filter(|_| !attested_by.is_empty())
        .map(|about| about.with(|about| t!("addresses-attested", names = words::names(about, &attested_by))));
    view! {
        <tr>
            <td class="figure">{index}</td>
            <td>
                <Address address=address.clone() copy=true />
                <p class="soft">
                    {issued.map(|name| t!("addresses-issued", name = name))}
                    {issued_ms.map(|ms| view! { " " <When ms=ms /> })}
                </p>
                {attested.map(|attested| view! { <p class="soft">{attested}</p> })}
            </td>
            <td>
                <Label vault=vault on=Labelled::Address(address) label=Signal::stored(label) what=t!("label-of-address") />
            </td>
            <td class="figure"><Amount amount=balance /></td>
            <td class="figure"><Amount amount=received /></td>
        </tr>
    }
}
