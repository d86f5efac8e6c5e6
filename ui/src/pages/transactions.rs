//! A vault's transactions, newest first, with what each brought or took.

use conclave_shared::desktop::Export;
use conclave_shared::request::{Labelled, ListTransactions, Reply, Request};
use conclave_shared::view::{TransactionView, TransactionsView, VaultView};
use conclave_shared::{Sat, Topic, VaultId};

use crate::answer;
use crate::components::amount::Amount;
use crate::components::answer::{Answer, Empty};
use crate::components::button::Link;
use crate::components::copy::CopyButton;
use crate::components::export::ExportButton;
use crate::components::label::Label;
use crate::components::layout::Actions;
use crate::components::notice::{Meaning, Status};
use crate::components::page::Page;
use crate::components::pager::{Pager, Place, ROWS};
use crate::components::table::Table;
use crate::components::when::At;
use crate::live::{Asked, changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::t;

/// The page.
#[component]
pub fn TransactionsPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    view! {
        <Page title=t!("transactions-title") wide=true>
            <TransactionsList vault=id />
            <Actions>
                <ExportButton what=move |()| Export::Transactions { vault: id } words=t!("transactions-export") />
            </Actions>
        </Page>
    }
}

/// The transactions, a part at a time.
#[component]
pub fn TransactionsList(
    /// The vault, or what is watched.
    vault: VaultId,
) -> impl IntoView {
    let place = Place::<String>::newest();
    let asked = Asked::on(Topic::Vaults, move || {
        let request = Request::ListTransactions(ListTransactions { vault, before: place.after(), limit: ROWS });
        answer!(request, Reply::Transactions(view) => *view)
    });
    view! {
        <Answer asked=asked awaited=t!("transactions-loading") let:transactions>
            <List vault=vault transactions=transactions place=place />
        </Answer>
    }
}

#[component]
fn List(vault: VaultId, transactions: Signal<TransactionsView>, place: Place<String>) -> impl IntoView {
    let none = memo(move |_| transactions.with(|view| view.count == 0));
    let older = Signal::derive(move || {
        transactions.with(|view| view.transactions.last().filter(|_| view.more).map(|last| last.txid.clone()))
    });
    let head = vec![t!("transactions-when"), t!("transactions-amount"), t!("label"), t!("transactions-id")];
    view! {
        <Show when=move || !none.get() fallback=|| view! { <Empty words=t!("transactions-none") /> }>
            <p class="soft">{changing(move || t!("transactions-count", count = transactions.with(|view| view.count)))}</p>
            <Table caption=t!("transactions-title") head=head.clone()>
                <For
                    each=move || transactions.get().transactions
                    key=|transaction| transaction.clone()
                    children=move |transaction| view! { <Row vault=vault transaction=transaction /> }
                />
            </Table>
            <Pager place=place older=older />
        </Show>
    }
}

#[component]
fn Row(vault: VaultId, transaction: TransactionView) -> impl IntoView {
    let TransactionView { txid, height, time_s, received, sent, proposal, label } = transaction;
    let (sign, net) = if received >= sent {
        (t!("transactions-came"), Sat(received.0 - sent.0))
    } else {
        (t!("transactions-went"), Sat(sent.0 - received.0))
    };
    view! {
        <tr>
            <td>
                {time_s.map(|time_s| view! { <At ms=time_s.saturating_mul(1000) /> })}
                <p class="soft">
                    {match height {
                        Some(height) => t!("coins-block", height = height).into_any(),
                        None => view! { <Status meaning=Meaning::Waits words=t!("coins-unconfirmed") /> },
                    }}
                </p>
            </td>
            <td class="figure">
                <span class="soft">{sign}</span>
                " "
                <Amount amount=net />
            </td>
            <td>
                <Label
                    vault=vault
                    on=Labelled::Transaction(txid.clone())
                    label=Signal::stored(label)
                    what=t!("label-of-transaction")
                />
                {proposal
                    .map(|proposal| view! { <Link to=Route::Proposal(vault, proposal)>{t!("transactions-payment")}</Link> })}
            </td>
            <td class="exact">{txid.clone()} " " <CopyButton text=txid what=t!("transactions-copy") /></td>
        </tr>
    }
}
