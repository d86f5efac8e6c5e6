//! The pages, one module each, and which of them is shown.

mod addresses;
mod backup_sheet;
mod begin;
mod board;
mod changes;
mod coins;
mod create;
mod join;
mod overview;
mod payments;
mod policy;
mod practice;
mod proposal;
mod propose;
mod receive;
mod record;
mod seed_words;
mod settings;
pub mod start;
mod transactions;
pub mod unlock;
mod vaults;
mod watch;

use conclave_shared::VaultId;
use conclave_shared::view::{VaultView, WatchedView};

use crate::app::App;
use crate::components::answer::{Failed, Loading};
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::frame::Vaults;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::t;

/// The page that is shown.
#[component]
pub fn Pages() -> impl IntoView {
    let app = App::here();
    let route = memo(move |_| app.navigator().now());
    changing(move || match route.get() {
        Route::Begin => view! { <begin::BeginPage /> },
        Route::Vaults => view! { <vaults::VaultsPage /> },
        Route::Practice => view! { <practice::PracticePage /> },
        Route::Settings => view! { <settings::SettingsPage /> },
        Route::Create => view! { <create::CreatePage /> },
        Route::Join => view! { <join::JoinPage /> },
        Route::Watch => view! { <watch::WatchPage /> },
        Route::Watched(id) => of_watched(id),
        Route::Board(id) => of_vault(id, |vault| view! { <board::BoardPage vault=vault /> }),
        Route::BackupSheet(id) => of_vault(id, |vault| view! { <backup_sheet::BackupSheetPage vault=vault /> }),
        Route::SeedWords(id) => of_vault(id, |vault| view! { <seed_words::SeedWordsPage vault=vault /> }),
        Route::Overview(id) => of_vault(id, |vault| view! { <overview::OverviewPage vault=vault /> }),
        Route::Receive(id) => of_vault(id, |vault| view! { <receive::ReceivePage vault=vault /> }),
        Route::Payments(id) => of_vault(id, |vault| view! { <payments::PaymentsPage vault=vault /> }),
        Route::Propose(id) => of_vault(id, |vault| view! { <propose::ProposePage vault=vault /> }),
        Route::Proposal(id, proposal) => {
            of_vault(id, move |vault| view! { <proposal::ProposalPage vault=vault proposal=proposal /> })
        }
        Route::Transactions(id) => of_vault(id, |vault| view! { <transactions::TransactionsPage vault=vault /> }),
        Route::Coins(id) => of_vault(id, |vault| view! { <coins::CoinsPage vault=vault /> }),
        Route::Addresses(id) => of_vault(id, |vault| view! { <addresses::AddressesPage vault=vault /> }),
        Route::Policy(id) => of_vault(id, |vault| view! { <policy::PolicyPage vault=vault /> }),
        Route::Record(id) => of_vault(id, |vault| view! { <record::RecordPage vault=vault /> }),
    })
}

/// A page about a vault: made once, when the vault is known, and told of every change of it. The vault is in the context,
/// too, as `Signal<VaultView>`.
fn of_vault(id: VaultId, page: impl Fn(Signal<VaultView>) -> AnyView + Send + Sync + 'static) -> AnyView {
    known_vault(id, Box::new(page))
}

fn known_vault(id: VaultId, page: Box<dyn Fn(Signal<VaultView>) -> AnyView + Send + Sync>) -> AnyView {
    let vaults = Vaults::here();
    let known = vaults.vault(id);
    let last = StoredValue::new(None::<VaultView>);
    let there = memo(move |_| known.with(Option::is_some));
    view! {
        {move || {
            if !there.get() {
                return view! { <NotThere /> };
            }
            let Some(first) = known.get_untracked() else { return view! { <NotThere /> } };
            last.set_value(Some(first.clone()));
            let vault = Signal::derive(move || {
                if let Some(now) = known.get() {
                    last.set_value(Some(now));
                }
                // The last one that was known, in the moment between a vault's going and the page's.
                last.get_value().unwrap_or_else(|| first.clone())
            });
            provide_context(vault);
            page(vault)
        }}
    }
}

fn of_watched(id: VaultId) -> AnyView {
    let watched: Memo<Option<WatchedView>> = Vaults::here().watched(id);
    view! {
        {move || match watched.get() {
            Some(watched) => view! { <watch::WatchedPage watched=watched /> },
            None => view! { <NotThere /> },
        }}
    }
}

/// What is shown instead of a page about a vault that is not known, or not yet.
#[component]
fn NotThere() -> impl IntoView {
    let asked = Vaults::here().asked();
    let failed = Signal::derive(move || asked.unanswered());
    changing(move || {
        if asked.value().is_some() {
            view! {
                <Page title=t!("vault-gone-title")>
                    <Notice meaning=Meaning::Plain title=t!("vault-gone") />
                </Page>
            }
        } else if failed.get().is_some() {
            view! { <Failed unanswered=failed again=move |()| asked.again() /> }
        } else {
            view! { <Loading words=t!("vaults-loading") /> }
        }
    })
}
