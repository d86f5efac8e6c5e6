//! A vault: its balance over time, what waits, payments, members, and whether all is well.

pub mod balance;
mod health;
mod members;

use conclave_shared::request::{ListTransactions, Reply, Request};
use conclave_shared::view::{TransactionView, VaultView};
use conclave_shared::{ProposalStatus, Sat, Topic};

use crate::answer;
use crate::app::App;
use crate::components::amount::Amount;
use crate::components::answer::Answer;
use crate::components::button::{Button, Link, Weight};
use crate::components::icon::Shape;
use crate::components::layout::{Actions, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::payment_row::PaymentRow;
use crate::components::when::When;
use crate::live::{Asked, changing, memo};
use crate::pages::overview::balance::BalanceOverTime;
use crate::pages::overview::health::Health;
use crate::pages::overview::members::Members;
use crate::pages::policy::freeze::FreezeControl;
use crate::pages::propose::may_propose;
use crate::pages::vaults::Wait;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// How many transactions are shown here.
const ACTIVITY: u32 = 5;

/// The page.
#[component]
pub fn OverviewPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let app = App::here();
    let id = vault.with_untracked(|vault| vault.vault);
    let pays = memo(move |_| vault.with(may_propose));
    let waits = memo(move |_| vault.with(|vault| vault.waits.clone()));
    let open = memo(move |_| {
        vault.with(|vault| {
            let open = vault.proposals.iter().filter(|it| is_open(it.status)).map(|it| it.proposal);
            open.collect::<Vec<_>>()
        })
    });
    view! {
        <Page title=Signal::derive(move || vault.with(|vault| vault.name.clone())) wide=true>
            <Frozen vault=vault />
            <div class="overview-top">
                <Balance vault=vault />
                <Actions>
                    <Show when=move || pays.get()>
                        <Button weight=Weight::Primary press=move |()| app.go(Route::Propose(id)) icon=Shape::Pay>
                            {t!("overview-pay")}
                        </Button>
                    </Show>
                    <Button press=move |()| app.go(Route::Receive(id)) icon=Shape::Receive>{t!("overview-receive")}</Button>
                    <FreezeControl vault=vault />
                </Actions>
            </div>
            <BalanceOverTime vault=id />
            <Show when=move || waits.with(|waits| !waits.is_empty())>
                <Section title=t!("overview-waits")>
                    <ul class="waits">
                        {changing(move || {
                            vault.with(|vault| {
                                vault.waits.iter().map(|wait| view! { <Wait vault=vault.clone() wait=*wait /> }).collect_view()
                            })
                        })}
                    </ul>
                </Section>
            </Show>
            <Section title=t!("overview-payments")>
                <Show
                    when=move || open.with(|open| !open.is_empty())
                    fallback=|| view! { <p class="soft">{t!("overview-payments-none")}</p> }
                >
                    <ul class="payment-rows">
                        <For
                            each=move || open.get()
                            key=|proposal| *proposal
                            children=move |proposal| view! { <PaymentRow vault=vault proposal=proposal /> }
                        />
                    </ul>
                </Show>
                <p><Link to=Route::Payments(id)>{t!("overview-payments-all")}</Link></p>
            </Section>
            <Section title=t!("overview-activity")><Activity vault=vault /></Section>
            <Section title=t!("overview-members")><Members vault=vault /></Section>
            <Section title=t!("overview-health")><Health vault=vault /></Section>
        </Page>
    }
}

fn is_open(status: ProposalStatus) -> bool {
    match status {
        ProposalStatus::Proposed | ProposalStatus::Approved | ProposalStatus::Signed | ProposalStatus::Broadcast => {
            true
        }
        ProposalStatus::Confirmed | ProposalStatus::Rejected | ProposalStatus::Expired | ProposalStatus::Replaced => {
            false
        }
    }
}

/// That nothing is paid, by whom and why.
#[component]
fn Frozen(vault: Signal<VaultView>) -> impl IntoView {
    let freezes = memo(move |_| {
        vault.with(|vault| vault.freezes.iter().filter(|freeze| freeze.stands).cloned().collect::<Vec<_>>())
    });
    let id = vault.with_untracked(|vault| vault.vault);
    changing(move || {
        let first = freezes.with(|freezes| freezes.first().cloned())?;
        let name = vault.with(|vault| words::member_name(vault, first.by));
        Some(view! {
            <Notice meaning=Meaning::Refused title=t!("overview-frozen", name = name)>
                <p class="memo">{first.reason}</p>
                <p><Link to=Route::Policy(id)>{t!("overview-frozen-more")}</Link></p>
            </Notice>
        })
    })
}

#[component]
fn Balance(vault: Signal<VaultView>) -> impl IntoView {
    let balance = memo(move |_| vault.with(|vault| vault.balance));
    let confirmed = Signal::derive(move || balance.get().confirmed);
    let unconfirmed = Signal::derive(move || balance.get().unconfirmed);
    view! {
        <p class="balance-line">
            <span class="visually-hidden">{t!("balance")}</span>
            <span class="balance-huge"><Amount amount=confirmed /></span>
            <Show when=move || unconfirmed.get() != Sat(0)>
                <span class="soft"><Amount amount=unconfirmed /> " " {t!("balance-unconfirmed")}</span>
            </Show>
        </p>
    }
}

/// The newest transactions.
#[component]
fn Activity(vault: Signal<VaultView>) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let asked = Asked::on(Topic::Vaults, move || {
        let request = Request::ListTransactions(ListTransactions { vault: id, before: None, limit: ACTIVITY });
        answer!(request, Reply::Transactions(view) => view.transactions)
    });
    view! {
        <Answer asked=asked awaited=t!("transactions-loading") let:transactions>
            <Show
                when=move || transactions.with(|list: &Vec<TransactionView>| !list.is_empty())
                fallback=|| view! { <p class="soft">{t!("transactions-none")}</p> }
            >
                <ul class="activity">
                    {changing(move || {
                        transactions.get().into_iter().map(|transaction| moved(vault, transaction)).collect_view()
                    })}
                </ul>
            </Show>
            <p><Link to=Route::Transactions(id)>{t!("overview-activity-all")}</Link></p>
        </Answer>
    }
}

fn moved(vault: Signal<VaultView>, transaction: TransactionView) -> impl IntoView {
    let came = transaction.received >= transaction.sent;
    let net = Sat(transaction.received.0.abs_diff(transaction.sent.0));
    let purpose = transaction.proposal.and_then(|proposal| {
        vault.with_untracked(|vault| {
            vault.proposals.iter().find(|it| it.proposal == proposal).map(|it| it.purpose.clone())
        })
    });
    let about = transaction.label.or(purpose).unwrap_or_default();
    view! {
        <li>
            <span class="activity-what">{if came { t!("transactions-came") } else { t!("transactions-went") }}</span>
            <Amount amount=net />
            <span class="memo">{about}</span>
            <span class="soft">
                {match transaction.height {
                    Some(_) => transaction.time_s.map(|time_s| view! { <When ms=time_s.saturating_mul(1000) /> }).into_any(),
                    None => view! { <Status meaning=Meaning::Waits words=t!("coins-unconfirmed") /> },
                }}
            </span>
        </li>
    }
}
