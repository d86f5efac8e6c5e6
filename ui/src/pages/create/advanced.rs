//! What most leave as it is: the kind of addresses, a recovery, the first policy.

use conclave_shared::ScriptKind;
use conclave_ui_logic::new_vault::{NewVault, NewVaultFaults};
use conclave_ui_logic::policy::{self, Approving, PolicyFaults, Sentence};
use conclave_ui_logic::vocabulary;

use super::form::fault;
use super::typed::Typed;
use crate::app::App;
use crate::components::choice::{Checkbox, Select};
use crate::components::details::Details;
use crate::components::input::TextInput;
use crate::live::{changing, effect, memo};
use crate::pages::policy::fields::PolicyFields;
use crate::pages::policy::sentences::Sentences;
use crate::prelude::*;
use crate::{t, words};

/// All of it, under a closed heading.
#[component]
pub fn Advanced(
    typed: Typed,
    form: Memo<NewVault>,
    faults: Memo<NewVaultFaults>,
    tried: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Details title=t!("create-advanced")>
            <div class="parts">
                <Addresses typed=typed faults=faults tried=tried />
                <FirstPolicy typed=typed form=form faults=faults tried=tried />
            </div>
        </Details>
    }
}

#[component]
fn Addresses(typed: Typed, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    let kinds = |recovery: bool| -> Vec<(ScriptKind, String)> {
        let kinds = ScriptKind::ALL.into_iter().filter(|kind| !recovery || kind.recoverable());
        kinds.map(|kind| (kind, words::text(&vocabulary::script(kind)))).collect()
    };
    effect(move |_| {
        if typed.recovery.get() && !typed.script.get().recoverable() {
            typed.script.set(ScriptKind::P2wshMulti);
        }
    });
    view! {
        <div class="form narrow">
            {changing(move || {
                view! {
                    <Select
                        label=t!("create-script")
                        hint=t!("create-script-hint")
                        options=kinds(typed.recovery.get())
                        chosen=typed.script
                    />
                }
            })}
            <Checkbox label=t!("create-recovery") hint=t!("create-recovery-hint") ticked=typed.recovery />
            <Show when=move || typed.recovery.get()>
                <TextInput
                    label=t!("create-recovery-blocks")
                    hint=t!("create-recovery-blocks-hint")
                    value=typed.after_blocks
                    error=fault(faults, |faults| faults.after_blocks.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-recovery-threshold")
                    value=typed.recovery_threshold
                    error=fault(faults, |faults| faults.recovery_threshold.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-recovery-keys")
                    hint=t!("create-recovery-keys-hint")
                    value=typed.recovery_keys
                    exact=true
                    long=true
                />
            </Show>
        </div>
    }
}

#[component]
fn FirstPolicy(
    typed: Typed,
    form: Memo<NewVault>,
    faults: Memo<NewVaultFaults>,
    tried: RwSignal<bool>,
) -> impl IntoView {
    let app = App::here();
    let quorum = memo(move |_| form.with(NewVault::quorum));
    let approving = memo(move |_| form.with(NewVault::approving));
    // As many approvals as signatures, unless somebody says otherwise.
    effect(move |_| {
        if let Some((threshold, _)) = quorum.get() {
            typed.policy.approvals.set(threshold.to_string());
            typed.policy.release.set(threshold.to_string());
        }
    });
    let policy_faults = memo(move |_| -> PolicyFaults { faults.with(|faults| faults.policy.clone()) });
    let plain = move || -> Vec<Sentence> {
        let threshold = quorum.get().map_or(0, |(threshold, _)| threshold);
        policy::sentences(&conclave_shared::policy::Policy::plain(threshold), threshold, app.unit())
    };
    view! {
        <div class="form narrow">
            <Checkbox label=t!("create-policy") hint=t!("create-policy-hint") ticked=typed.with_policy />
        </div>
        <Show
            when=move || typed.with_policy.get()
            fallback=move || view! { <Sentences sentences=Signal::derive(plain) /> }
        >
            <PolicyFields
                typed=typed.policy
                faults=policy_faults
                approving=Signal::derive(move || -> Approving { approving.get() })
                tried=tried
            />
        </Show>
    }
}
