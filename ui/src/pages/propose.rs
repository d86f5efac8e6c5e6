//! A new payment: who gets what, at which fee, of which coins, and why; beside it what it would be.

mod coins;
mod fee;
mod fields;
mod preview;
mod recipients;

use conclave_shared::Topic;
use conclave_shared::request::{OnVault, Propose, Reply, Request};
use conclave_shared::view::VaultView;
use conclave_ui_logic::draft::{self, Place};
use conclave_ui_logic::standing;

use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::choice::{Checkbox, Select};
use crate::components::details::Details;
use crate::components::input::TextInput;
use crate::components::layout::{Actions, Section};
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::frame::Vaults;
use crate::live::{Act, Asked, memo};
use crate::pages::propose::coins::CoinControl;
use crate::pages::propose::fee::FeeChoice;
use crate::pages::propose::fields::Fields;
use crate::pages::propose::preview::{Preview, looked_at};
use crate::pages::propose::recipients::Recipients;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// Whether this installation's owner may propose payments.
pub fn may_propose(vault: &VaultView) -> bool {
    vault.members.iter().any(|member| member.member == vault.me && standing::may_approve(member))
}

/// The page.
#[component]
pub fn ProposePage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let may = memo(move |_| vault.with(may_propose));
    view! {
        <Page title=t!("propose-title") lead=t!("propose-lead") wide=true>
            <Show
                when=move || may.get()
                fallback=|| view! { <Notice meaning=Meaning::Plain title=t!("propose-not-you") /> }
            >
                <Form vault=vault />
            </Show>
        </Page>
    }
}

#[component]
fn Form(vault: Signal<VaultView>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let id = vault.with_untracked(|vault| vault.vault);
    let fields = Fields::new();
    let fees = Asked::on(
        Topic::Vaults,
        move || answer!(Request::EstimateFees(OnVault { vault: id }), Reply::Fees(view) => view),
    );
    let draft = memo(move |_| fields.typed().request(id, app.unit(), fees.get().as_ref()));
    let looked = looked_at(draft);
    let act = Act::new();
    let refused = Signal::derive(move || {
        let mut faults = looked.get().map(|looked| looked.faults(app, vault)).unwrap_or_default();
        if let Some(unanswered) = act.unanswered() {
            faults.extend(preview::faults_of(&unanswered, app, vault));
        }
        faults
    });
    let at = move |place: fn(&Place) -> bool| {
        Signal::derive(move || {
            refused.with(|faults| faults.iter().find(|(at, _)| place(at)).map(|(_, words)| words.clone()))
        })
    };
    let purpose_error =
        Signal::derive(move || draft::purpose(&fields.purpose.get()).err().map(|fault| words::text(&fault.said())));
    let ready = Signal::derive(move || looked.get().is_some_and(|looked| looked.can_be_proposed()));
    let propose = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        fields.tried.set(true);
        let purpose = draft::purpose(&fields.purpose.get_untracked());
        let (Some(draft), Ok(purpose), true) = (draft.get_untracked(), purpose, ready.get_untracked()) else { return };
        let request = Request::Propose(Propose { purpose, ..draft });
        act.run(answer!(request, Reply::Proposal(view) => view.proposal), move |proposal| {
            vaults.asked().again();
            app.announce(t!("propose-done"));
            app.navigator().replace(Route::Proposal(id, proposal));
        });
    };
    let recoverable = vault.with_untracked(|vault| vault.recovery.is_some());
    let days = [1u32, 3, 7, 14, 30].map(|days| (days, t!("propose-days", days = days))).to_vec();
    view! {
        <form class="propose" on:submit=propose>
            <div class="propose-form">
                <Section title=t!("propose-recipients")>
                    <Recipients vault=id fields=fields looked=looked refused=refused />
                </Section>
                <Section title=t!("propose-fee")>
                    <FeeChoice fields=fields fees=fees error=at(|place| *place == Place::Fee) />
                </Section>
                <TextInput
                    label=t!("propose-purpose")
                    hint=t!("propose-purpose-hint")
                    value=fields.purpose
                    error=purpose_error
                    tried=fields.tried
                    long=true
                />
                <Details title=t!("propose-more")>
                    <div class="form">
                        <CoinControl vault=id fields=fields error=at(|place| *place == Place::Coins) />
                        <Select
                            label=t!("propose-expiry")
                            hint=t!("propose-expiry-hint")
                            options=days
                            chosen=fields.days
                        />
                        {recoverable
                            .then(|| {
                                view! {
                                    <Checkbox
                                        label=t!("propose-recovery")
                                        hint=t!("propose-recovery-hint")
                                        ticked=fields.recovery
                                    />
                                }
                            })}
                    </div>
                </Details>
            </div>
            <aside class="propose-preview" aria-label=t!("preview-title")>
                <Preview vault=vault draft=draft looked=looked />
                <ActFailed act=act kept=t!("propose-kept") />
                <Actions>
                    <Button
                        id="propose"
                        weight=Weight::Primary
                        submit=true
                        press=|()| ()
                        busy=act.busy()
                        busy_words=t!("propose-busy")
                    >
                        {t!("propose-do")}
                    </Button>
                </Actions>
                <p class="soft">{t!("propose-not-sent")}</p>
            </aside>
        </form>
    }
}
