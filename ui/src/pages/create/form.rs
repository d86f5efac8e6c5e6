//! What a new vault is to be.

use conclave_shared::request::{Reply, Request};
use conclave_ui_logic::messages::Said;
use conclave_ui_logic::new_vault::{NewVault, NewVaultFaults, RELAYS_MOST};
use conclave_ui_logic::places;

use super::Made;
use super::advanced::Advanced;
use super::kind::KindChoice;
use super::typed::Typed;
use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::choice::{Checkbox, Select};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::layout::Section;
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// What is wrong with a field, in words.
pub fn fault<F>(faults: Memo<NewVaultFaults>, of: F) -> Signal<Option<String>>
where
    F: Fn(&NewVaultFaults) -> Option<Said> + Send + Sync + 'static,
{
    Signal::derive(move || faults.with(&of).map(|said| words::text(&said)))
}

/// The form.
#[component]
pub fn Form(made: RwSignal<Option<Made>>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let typed = Typed::new();
    let tried = RwSignal::new(false);
    let act = Act::new();
    let form = memo(move |_| typed.form());
    let faults = memo(move |_| form.with(|form| form.read(app.unit()).err()).unwrap_or_default());
    let chosen = memo(move |_| typed.kind.get().is_some());
    let wrong = memo(move |_| tried.get() && !faults.with(NewVaultFaults::none));

    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(request) = form.get_untracked().read(app.settings().unit) else { return };
        let name = request.name.clone();
        let ask = answer!(
            Request::CreateVault(request),
            Reply::Created { vault, invitations, .. } => (vault, invitations)
        );
        act.run(ask, move |(vault, invitations)| {
            vaults.asked().again();
            made.set(Some(Made { vault, name, invitations }));
        });
    };
    view! {
        <Page title=t!("create-title") lead=t!("create-lead")>
            <form class="parts" on:submit=create>
                <KindChoice typed=typed faults=faults tried=tried />
                <Show when=move || chosen.get() fallback=|| view! { <p class="soft">{t!("create-choose-first")}</p> }>
                    <Names typed=typed form=form faults=faults tried=tried />
                    <Others typed=typed faults=faults tried=tried />
                    <Servers typed=typed faults=faults tried=tried />
                    <Advanced typed=typed form=form faults=faults tried=tried />
                    <Show when=move || wrong.get()>
                        <Notice meaning=Meaning::Refused title=t!("create-check-above") />
                    </Show>
                    <ActFailed act=act kept=t!("create-kept") />
                    <div>
                        <Button
                            id="create-vault"
                            weight=Weight::Primary
                            submit=true
                            press=|()| ()
                            busy=act.busy()
                            busy_words=t!("create-busy")
                        >
                            {t!("create-act")}
                        </Button>
                    </div>
                </Show>
            </form>
        </Page>
    }
}

/// What the vault and its organiser are called, and which place is the organiser's.
#[component]
fn Names(typed: Typed, form: Memo<NewVault>, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    let places = memo(move |_| form.with(NewVault::places));
    view! {
        <Section title=t!("create-names")>
            <div class="form narrow">
                <TextInput
                    label=t!("create-name")
                    hint=t!("create-name-hint")
                    value=typed.name
                    error=fault(faults, |faults| faults.name.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-member")
                    hint=t!("create-member-hint")
                    value=typed.member
                    error=fault(faults, |faults| faults.member.clone())
                    tried=tried
                />
                {changing(move || {
                    let places = places.get();
                    // A place of another kind of vault is none of this one.
                    typed.place.set(places.first().map(|place| place.title.clone()));
                    let equal = places::equal(&places);
                    let options = places
                        .iter()
                        .map(|place| (Some(place.title.clone()), words::text(&places::title(&place.title))))
                        .collect::<Vec<_>>();
                    // Where all places are equal there is nothing to choose.
                    (!equal && !options.is_empty())
                        .then(|| view! { <Select label=t!("create-place") options=options chosen=typed.place /> })
                })}
            </div>
        </Section>
    }
}

/// Members without a key, and how long all have time to join.
#[component]
fn Others(typed: Typed, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    view! {
        <Section title=t!("create-others")>
            <div class="form narrow">
                <TextInput
                    label=t!("create-approvers")
                    hint=t!("create-approvers-hint")
                    value=typed.approvers
                    error=fault(faults, |faults| faults.approvers.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-auditors")
                    hint=t!("create-auditors-hint")
                    value=typed.auditors
                    error=fault(faults, |faults| faults.auditors.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-days")
                    hint=t!("create-days-hint")
                    suffix=t!("create-days-unit")
                    value=typed.days
                    error=fault(faults, |faults| faults.days.clone())
                    tried=tried
                />
            </div>
        </Section>
    }
}

/// Where messages pass, and who is asked about the chain.
#[component]
fn Servers(typed: Typed, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    let count = memo(move |_| typed.relays.with(Vec::len));
    let more = move |()| typed.relays.update(|relays| relays.push(RwSignal::new(String::new())));
    view! {
        <Section title=t!("create-servers")>
            <div class="form narrow">
                <Checkbox label=t!("create-own-relay") hint=t!("create-own-relay-hint") ticked=typed.own_relay />
                <For each=move || 0..count.get() key=|at| *at let:at>
                    {typed
                        .relays
                        .with_untracked(|relays| relays.get(at).copied())
                        .map(|relay| {
                            view! {
                                <TextInput
                                    label=t!("create-relay", number = at + 1)
                                    hint=if at == 0 { t!("create-relay-hint") } else { t!("create-relay-more-hint") }
                                    value=relay
                                    exact=true
                                    error=fault(faults, move |faults| faults.relays.get(at).cloned().flatten())
                                    tried=tried
                                />
                            }
                        })}
                </For>
                <Show when=move || count.get() < RELAYS_MOST>
                    <Button press=more icon=Shape::Plus>{t!("create-relay-more")}</Button>
                </Show>
                <TextInput
                    label=t!("fact-chain-source")
                    hint=t!("create-chain-hint")
                    value=typed.chain
                    exact=true
                    error=fault(faults, |faults| faults.chain.clone())
                    tried=tried
                />
            </div>
        </Section>
    }
}
