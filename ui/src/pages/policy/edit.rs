//! The form that changes a policy: what is typed, what would be otherwise, and proposing it to the other keyholders.

use conclave_shared::Role;
use conclave_shared::request::{ProposeChange, Reply, Request};
use conclave_shared::view::{PolicyView, VaultView};
use conclave_ui_logic::places::holds_key;
use conclave_ui_logic::policy::{self, Approving, PolicyForm, Sentence};

use super::fields::{PolicyFields, PolicyTyped};
use super::lists::AddressList;
use super::sentences::Sentences;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::choice::Checkbox;
use crate::components::layout::{Actions, Section};
use crate::components::notice::{Meaning, Notice};
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::{answer, t, words};

fn approving(vault: &VaultView) -> Approving {
    let count = |of: fn(&[Role]) -> bool| {
        u32::try_from(vault.members.iter().filter(|member| of(&member.roles)).count()).unwrap_or_default()
    };
    Approving {
        keyholders: count(holds_key),
        approvers: count(|roles| !holds_key(roles) && roles.contains(&Role::Approver)),
    }
}

/// The form.
#[component]
pub fn Edit(
    vault: Signal<VaultView>,
    /// What holds now.
    now: PolicyView,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let id = vault.with_untracked(|vault| vault.vault);
    let now = StoredValue::new(now);
    let typed = now.with_value(|now| PolicyTyped::of(PolicyForm::of(&now.policy, now.release, app.settings().unit)));
    let tried = RwSignal::new(false);
    let act = Act::new();
    let members = memo(move |_| vault.with(approving));
    let read = memo(move |_| typed.form().read(members.get(), app.unit()));
    let faults = memo(move |_| read.with(|read| read.as_ref().err().cloned()).unwrap_or_default());
    let fault = move |of: fn(&policy::PolicyFaults) -> Option<conclave_ui_logic::messages::Said>| {
        Signal::derive(move || faults.with(of).map(|said| words::text(&said)))
    };
    let differences = memo(move |_| {
        let wanted = read.get().ok()?;
        now.with_value(|now| {
            let release = wanted.release.unwrap_or(now.release);
            Some(policy::differences(&now.policy, &wanted, now.release, release))
        })
    });
    let sentences = Signal::derive(move || -> Vec<Sentence> {
        let name = |member| vault.with(|vault| words::member_name(vault, member));
        let differences = differences.get().unwrap_or_default();
        differences.iter().flat_map(|it| policy::difference(it, app.unit(), name)).collect()
    });
    let nothing = memo(move |_| differences.with(|it| it.as_ref().is_some_and(Vec::is_empty)));
    let wrong = memo(move |_| tried.get() && read.with(Result::is_err));

    let propose = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(wanted) = read.get_untracked() else { return };
        if nothing.get_untracked() {
            return;
        }
        let change: ProposeChange = now.with_value(|now| {
            policy::request(id, &now.policy, &wanted, now.release, wanted.release.unwrap_or(now.release))
        });
        act.run(answer!(Request::ProposeChange(change), Reply::Changes { .. } => ()), move |()| {
            app.announce(t!("change-proposed"));
            vaults.asked().again();
            open.set(false);
        });
    };
    view! {
        <Section title=t!("policy-edit")>
            <form class="parts" on:submit=propose>
                <PolicyFields typed=typed faults=faults approving=Signal::from(members) tried=tried />
                <div class="parts">
                    <h3>{t!("policy-edit-lists")}</h3>
                    <Checkbox label=t!("policy-edit-only") hint=t!("policy-edit-only-hint") ticked=typed.only />
                    <Show when=move || typed.only.get()>
                        <AddressList
                            vault=id
                            label=t!("policy-edit-allow")
                            none=t!("policy-edit-allow-none")
                            addresses=typed.allow
                            fault=fault(|faults| faults.allow.clone())
                            tried=tried.into()
                        />
                    </Show>
                    <AddressList
                        vault=id
                        label=t!("policy-edit-deny")
                        none=t!("policy-edit-deny-none")
                        addresses=typed.deny
                        fault=fault(|faults| faults.deny.clone())
                        tried=tried.into()
                    />
                </div>
                <div class="parts" aria-live="polite">
                    <h3>{t!("policy-edit-preview")}</h3>
                    {changing(move || match (read.with(Result::is_ok), nothing.get()) {
                        (false, _) => view! { <p class="soft">{t!("policy-edit-not-yet")}</p> },
                        (true, true) => view! { <p class="soft">{t!("policy-edit-nothing")}</p> },
                        (true, false) => view! { <div class="card"><Sentences sentences=sentences /></div> },
                    })}
                </div>
                <Show when=move || wrong.get()>
                    <Notice meaning=Meaning::Refused title=t!("policy-edit-check") />
                </Show>
                <p class="soft">{t!("policy-edit-votes")}</p>
                <ActFailed act=act />
                <Actions>
                    <Button
                        id="propose-policy"
                        weight=Weight::Primary
                        submit=true
                        press=|()| ()
                        off=Signal::from(nothing)
                        busy=act.busy()
                        busy_words=t!("change-proposing")
                    >
                        {t!("policy-edit-act")}
                    </Button>
                    <Button press=move |()| open.set(false)>{t!("policy-edit-leave")}</Button>
                </Actions>
            </form>
        </Section>
    }
}
