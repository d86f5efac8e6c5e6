//! A vault's policy in sentences, what stops it from paying at all, and changes of both.

mod edit;
pub mod fields;
pub mod freeze;
mod lists;
pub mod sentences;

use conclave_shared::Topic;
use conclave_shared::request::{OnVault, Reply, Request};
use conclave_shared::view::{PolicyView, VaultView};
use conclave_ui_logic::places::holds_key;
use conclave_ui_logic::policy;

use crate::app::App;
use crate::components::answer::Answer;
use crate::components::button::Button;
use crate::components::icon::Shape;
use crate::components::layout::Section;
use crate::components::page::Page;
use crate::live::{Asked, changing, memo};
use crate::pages::changes::Changes;
use crate::pages::policy::edit::Edit;
use crate::pages::policy::freeze::{FreezeControl, Freezes};
use crate::pages::policy::sentences::Sentences;
use crate::prelude::*;
use crate::{answer, t};

/// The page.
#[component]
pub fn PolicyPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let asked = Asked::on(
        Topic::Vaults,
        move || answer!(Request::ShowPolicy(OnVault { vault: id }), Reply::Policy(view) => *view),
    );
    let lead = move || vault.with(|vault| t!("policy-lead", name = &vault.name));
    view! {
        <Page title=t!("policy-title") lead=lead>
            <Freezes vault=vault />
            <Changes vault=vault />
            <Answer asked=asked awaited=t!("policy-loading") let:policy>
                <Rules vault=vault policy=policy />
            </Answer>
            <FreezeControl vault=vault />
        </Page>
    }
}

/// The policy, and the form that changes it once it is asked for.
#[component]
fn Rules(vault: Signal<VaultView>, policy: Signal<PolicyView>) -> impl IntoView {
    let app = App::here();
    let editing = RwSignal::new(false);
    let sentences =
        Signal::derive(move || policy.with(|view| policy::sentences(&view.policy, view.release, app.unit())));
    let keyholder =
        memo(move |_| vault.with(|vault| vault.members.iter().any(|it| it.member == vault.me && holds_key(&it.roles))));
    let active = memo(move |_| policy.with(|view| view.active));
    view! {
        <Section title=t!("policy-rules")>
            <Show when=move || !active.get()>
                <p class="soft">{t!("policy-not-active")}</p>
            </Show>
            <div class="card">
                <Sentences sentences=sentences />
            </div>
            <Show when=move || active.get() && !editing.get()>
                {changing(move || {
                    if keyholder.get() {
                        view! {
                            <div>
                                <Button id="change-policy" icon=Shape::Rules press=move |()| editing.set(true)>
                                    {t!("policy-change")}
                                </Button>
                            </div>
                        }
                    } else {
                        view! { <p class="soft">{t!("policy-keyholders-change")}</p> }
                    }
                })}
            </Show>
        </Section>
        {changing(move || {
            (editing.get() && active.get())
                .then(|| {
                    // The form begins with what holds now, and is not taken from under somebody's hands by news.
                    let now = policy.get_untracked();
                    view! { <Edit vault=vault now=now open=editing /> }
                })
        })}
    }
}
