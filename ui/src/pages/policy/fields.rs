//! The fields of a policy: approvals, tiers, lists, release.

use conclave_ui_logic::messages::Said;
use conclave_ui_logic::policy::{Approving, PolicyFaults, PolicyForm, TIERS_MOST, TierFaults, TierForm};

use crate::components::button::Button;
use crate::components::icon::Shape;
use crate::components::input::{AmountInput, TextInput};
use crate::live::memo;
use crate::prelude::*;
use crate::{t, words};

/// A tier that is typed.
#[derive(Clone, Copy, PartialEq)]
pub struct TierTyped {
    /// Tells tiers apart, whatever is typed into them.
    number: usize,
    from: RwSignal<String>,
    approvals: RwSignal<String>,
    keyholders: RwSignal<String>,
    approvers: RwSignal<String>,
}

impl TierTyped {
    fn new(number: usize, typed: TierForm) -> Self {
        Self {
            number,
            from: RwSignal::new(typed.from),
            approvals: RwSignal::new(typed.approvals),
            keyholders: RwSignal::new(typed.keyholders),
            approvers: RwSignal::new(typed.approvers),
        }
    }

    fn form(self) -> TierForm {
        TierForm {
            from: self.from.get(),
            approvals: self.approvals.get(),
            keyholders: self.keyholders.get(),
            approvers: self.approvers.get(),
        }
    }
}

/// A policy that is typed.
#[derive(Clone, Copy)]
pub struct PolicyTyped {
    /// Approvals of every payment.
    pub approvals: RwSignal<String>,
    tiers: RwSignal<Vec<TierTyped>>,
    /// Whether only listed addresses may be paid.
    pub only: RwSignal<bool>,
    /// Those that may be paid.
    pub allow: RwSignal<Vec<String>>,
    /// Those that are never paid.
    pub deny: RwSignal<Vec<String>>,
    /// Keyholders who release a freeze.
    pub release: RwSignal<String>,
    next: RwSignal<usize>,
}

impl PolicyTyped {
    /// Nothing typed.
    pub fn new() -> Self {
        Self::of(PolicyForm::default())
    }

    /// A policy, to be changed.
    pub fn of(form: PolicyForm) -> Self {
        let tiers = form.tiers.into_iter().enumerate().map(|(at, tier)| TierTyped::new(at, tier)).collect::<Vec<_>>();
        Self {
            approvals: RwSignal::new(form.approvals),
            next: RwSignal::new(tiers.len()),
            tiers: RwSignal::new(tiers),
            only: RwSignal::new(form.only),
            allow: RwSignal::new(form.allow),
            deny: RwSignal::new(form.deny),
            release: RwSignal::new(form.release),
        }
    }

    /// All of it; whoever reads it is told of changes.
    pub fn form(self) -> PolicyForm {
        PolicyForm {
            approvals: self.approvals.get(),
            tiers: self.tiers.get().into_iter().map(TierTyped::form).collect(),
            only: self.only.get(),
            allow: self.allow.get(),
            deny: self.deny.get(),
            release: self.release.get(),
        }
    }
}

fn fault<T, F>(faults: Memo<T>, of: F) -> Signal<Option<String>>
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> Option<Said> + Send + Sync + 'static,
{
    Signal::derive(move || faults.with(&of).map(|said| words::text(&said)))
}

/// Approvals, tiers and release. Lists of addresses are [`super::lists`].
#[component]
pub fn PolicyFields(
    /// What is typed.
    typed: PolicyTyped,
    /// What is wrong with it.
    faults: Memo<PolicyFaults>,
    /// Who can approve.
    approving: Signal<Approving>,
    /// Whether somebody has tried to go on.
    #[prop(into)]
    tried: Signal<bool>,
) -> impl IntoView {
    let add = move |()| {
        let number = typed.next.get_untracked();
        typed.next.set(number + 1);
        let last = typed.tiers.with_untracked(|tiers| tiers.last().map(|tier| tier.approvals.get_untracked()));
        let approvals = last.unwrap_or_else(|| typed.approvals.get_untracked());
        let tier = TierTyped::new(number, TierForm { approvals, ..TierForm::default() });
        typed.tiers.update(|tiers| tiers.push(tier));
    };
    let most = move || approving.with(|approving| approving.all());
    view! {
        <div class="form narrow">
            <TextInput
                label=t!("policy-form-approvals")
                hint=move || t!("policy-form-approvals-hint", most = most())
                value=typed.approvals
                error=fault(faults, |faults| faults.approvals.clone())
                tried=tried
            />
        </div>
        <div class="parts">
            <h3>{t!("policy-form-tiers")}</h3>
            <p class="soft">{t!("policy-form-tiers-hint")}</p>
            <ul class="tiers">
                <For each=move || typed.tiers.get() key=|tier| tier.number let:tier>
                    <Tier typed=typed tier=tier faults=faults approving=approving tried=tried />
                </For>
            </ul>
            <Show when=move || typed.tiers.with(|tiers| tiers.len() < TIERS_MOST)>
                <div>
                    <Button press=add icon=Shape::Plus>{t!("policy-form-tier-add")}</Button>
                </div>
            </Show>
        </div>
        <div class="form narrow">
            <TextInput
                label=t!("policy-form-release")
                hint=t!("policy-form-release-hint")
                value=typed.release
                error=fault(faults, |faults| faults.release.clone())
                tried=tried
            />
        </div>
    }
}

#[component]
fn Tier(
    typed: PolicyTyped,
    tier: TierTyped,
    faults: Memo<PolicyFaults>,
    approving: Signal<Approving>,
    tried: Signal<bool>,
) -> impl IntoView {
    let at = memo(move |_| typed.tiers.with(|tiers| tiers.iter().position(|it| it.number == tier.number)));
    let own = memo(move |_| {
        let at = at.get()?;
        faults.with(|faults| faults.tiers.get(at).cloned())
    });
    let of = move |of: fn(&TierFaults) -> Option<Said>| fault(own, move |own: &Option<TierFaults>| of(own.as_ref()?));
    let remove = move |()| typed.tiers.update(|tiers| tiers.retain(|it| it.number != tier.number));
    let approvers = memo(move |_| approving.with(|approving| approving.approvers > 0));
    let name = move || t!("policy-form-tier", number = at.get().unwrap_or_default() + 1);
    view! {
        <li class="card tier" aria-label=name>
            <div class="tier-fields">
                <AmountInput
                    label=t!("policy-form-tier-from")
                    hint=t!("policy-form-tier-from-hint")
                    typed=tier.from
                    error=of(|own| own.from.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("policy-form-tier-approvals")
                    value=tier.approvals
                    error=of(|own| own.approvals.clone())
                    tried=tried
                />
                // Where only keyholders approve, that so many are theirs says nothing.
                <Show when=move || approvers.get()>
                    <TextInput
                        label=t!("policy-form-tier-keyholders")
                        hint=t!("policy-form-tier-any")
                        value=tier.keyholders
                        error=of(|own| own.keyholders.clone())
                        tried=tried
                    />
                    <TextInput
                        label=t!("policy-form-tier-approvers")
                        hint=t!("policy-form-tier-any")
                        value=tier.approvers
                        error=of(|own| own.approvers.clone())
                        tried=tried
                    />
                </Show>
            </div>
            <div>
                <Button press=remove icon=Shape::Cross>{t!("policy-form-tier-remove")}</Button>
            </div>
        </li>
    }
}
