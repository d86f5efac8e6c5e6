//! A vault's payments: those that something can still come of, then those that are over.

use conclave_shared::EventId;
use conclave_shared::view::VaultView;
use conclave_ui_logic::standing;

use crate::app::App;
use crate::components::answer::Empty;
use crate::components::button::{Button, Weight};
use crate::components::icon::Shape;
use crate::components::layout::{Actions, Section};
use crate::components::page::Page;
use crate::components::payment_row::PaymentRow;
use crate::live::{changing, memo};
use crate::pages::propose::may_propose;
use crate::prelude::*;
use crate::route::Route;
use crate::t;

/// So many payments that are over are shown at first.
const OVER: usize = 25;

/// The page.
#[component]
pub fn PaymentsPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let app = App::here();
    let id = vault.with_untracked(|vault| vault.vault);
    let ids = memo(move |_| {
        vault.with(|vault| {
            let (open, over) = standing::in_order(&vault.proposals);
            let ids =
                |list: Vec<&conclave_shared::view::ProposalView>| list.iter().map(|it| it.proposal).collect::<Vec<_>>();
            (ids(open), ids(over))
        })
    });
    let shown = RwSignal::new(OVER);
    let open = Signal::derive(move || ids.with(|(open, _)| open.clone()));
    let over = Signal::derive(move || ids.with(|(_, over)| over.iter().take(shown.get()).copied().collect::<Vec<_>>()));
    let none = memo(move |_| ids.with(|(open, over)| open.is_empty() && over.is_empty()));
    let more = memo(move |_| ids.with(|(_, over)| over.len().saturating_sub(shown.get())));
    let may = memo(move |_| vault.with(may_propose));
    view! {
        <Page title=t!("payments-title")>
            <Show when=move || may.get()>
                <Actions>
                    <Button
                        id="new-payment"
                        weight=Weight::Primary
                        icon=Shape::Pay
                        press=move |()| app.go(Route::Propose(id))
                    >
                        {t!("payments-new")}
                    </Button>
                </Actions>
            </Show>
            <Show when=move || none.get()>
                <Empty words=t!("payments-none") />
            </Show>
            <Show when=move || open.with(|open| !open.is_empty())>
                <Section title=t!("payments-open")>
                    <Rows vault=vault payments=open />
                </Section>
            </Show>
            <Show when=move || over.with(|over| !over.is_empty())>
                <Section title=t!("payments-over")>
                    <Rows vault=vault payments=over />
                    <Show when=move || { more.get() > 0 }>
                        <Button press=move |()| shown.update(|shown| *shown += 4 * OVER)>
                            {changing(move || t!("payments-more", count = more.get()))}
                        </Button>
                    </Show>
                </Section>
            </Show>
        </Page>
    }
}

#[component]
fn Rows(vault: Signal<VaultView>, payments: Signal<Vec<EventId>>) -> impl IntoView {
    view! {
        <ul class="payment-rows">
            <For each=move || payments.get() key=|id| *id let:id>
                <PaymentRow vault=vault proposal=id />
            </For>
        </ul>
    }
}
