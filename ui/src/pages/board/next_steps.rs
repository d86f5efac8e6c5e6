//! What to do once a vault is active: the sheet, the words, the self-test, the first address.

use conclave_shared::request::{OnVault, Reply, Request};
use conclave_shared::view::{MemberView, ProposalView, VaultView};
use conclave_shared::{EventId, ProposalStatus, Sat};
use conclave_ui_logic::ceremony;
use conclave_ui_logic::places::holds_key;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Link};
use crate::components::layout::Section;
use crate::components::notice::{Meaning, Status};
use crate::components::threshold_ring::ThresholdRing;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{answer, t, words};

/// The steps.
#[component]
pub fn NextSteps(vault: Signal<VaultView>) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let key = memo(move |_| vault.with(|it| it.members.iter().any(|my| my.member == it.me && my.key.is_some())));
    view! {
        <Section title=t!("next-title")>
            <ol class="next-steps">
                <li>
                    <h3>{t!("next-sheet")}</h3>
                    <p class="soft">{t!("next-sheet-text")}</p>
                    <Link to=Route::BackupSheet(id)>{t!("next-sheet-go")}</Link>
                </li>
                <Show when=move || key.get()>
                    <li>
                        <h3>{t!("next-words")}</h3>
                        <p class="soft">{t!("next-words-text")}</p>
                        <Link to=Route::SeedWords(id)>{t!("next-words-go")}</Link>
                    </li>
                </Show>
                <li>
                    <h3>{t!("next-address")}</h3>
                    <p class="soft">{t!("next-address-text")}</p>
                    <Link to=Route::Receive(id)>{t!("next-address-go")}</Link>
                </li>
                <li>
                    <SelfTest vault=vault />
                </li>
            </ol>
        </Section>
    }
}

fn has_signed(member: &MemberView) -> bool {
    member.signed_first_ms.is_some()
}

/// A self-test that is under way.
fn under_way(proposals: &[ProposalView]) -> Option<EventId> {
    let open = |status| match status {
        ProposalStatus::Proposed | ProposalStatus::Approved | ProposalStatus::Signed | ProposalStatus::Broadcast => {
            true
        }
        ProposalStatus::Confirmed | ProposalStatus::Rejected | ProposalStatus::Expired | ProposalStatus::Replaced => {
            false
        }
    };
    proposals.iter().rev().find(|it| it.self_test && open(it.status)).map(|it| it.proposal)
}

/// Whether each key has signed once, and the payment that makes each sign.
#[component]
fn SelfTest(vault: Signal<VaultView>) -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let id = vault.with_untracked(|vault| vault.vault);
    let signed = memo(move |_| vault.with(|vault| ceremony::segments(vault, has_signed)));
    let missing = memo(move |_| {
        vault.with(|vault| {
            let missing = vault.members.iter().filter(|it| holds_key(&it.roles) && !has_signed(it));
            let missing: Vec<_> = missing.map(|member| member.member).collect();
            (!missing.is_empty()).then(|| words::names(vault, &missing))
        })
    });
    let running = memo(move |_| vault.with(|vault| under_way(&vault.proposals)));
    let funded = memo(move |_| vault.with(|vault| vault.balance.confirmed > Sat(0)));
    let keyholder =
        memo(move |_| vault.with(|it| it.members.iter().any(|my| my.member == it.me && holds_key(&my.roles))));
    let start = move |()| {
        let ask = answer!(Request::SelfTest(OnVault { vault: id }), Reply::Proposal(view) => view.proposal);
        act.run(ask, move |proposal| app.go(Route::Proposal(id, proposal)));
    };
    let state = move || match missing.get() {
        None => view! { <Status meaning=Meaning::Fine words=t!("self-test-all") /> },
        Some(names) => {
            view! { <Status meaning=Meaning::Waits words=t!("self-test-missing", names = names) /> }
        }
    };
    let way = move || match (running.get(), keyholder.get(), funded.get()) {
        (Some(proposal), _, _) => {
            view! { <Link to=Route::Proposal(id, proposal)>{t!("self-test-go")}</Link> }
        }
        (None, false, _) => view! { <p class="soft">{t!("self-test-keyholders")}</p> },
        (None, true, false) => view! { <p class="soft">{t!("self-test-no-coins")}</p> },
        (None, true, true) => view! {
            <div>
                <Button id="self-test" press=start busy=act.busy() busy_words=t!("self-test-busy")>
                    {t!("self-test-act")}
                </Button>
            </div>
        },
    };
    view! {
        <div class="self-test">
            {changing(move || {
                let signed = signed.get();
                let have = signed.iter().filter(|signed| **signed).count();
                let label = t!("self-test-ring", have = have, all = signed.len());
                let complete = have == signed.len();
                view! { <ThresholdRing approvals=vec![] complete=complete signatures=signed label=label /> }
            })}
            <div class="parts small">
                <h3>{t!("self-test")}</h3>
                <p class="soft">{t!("self-test-text")}</p>
                {changing(state)}
                {changing(way)}
                <ActFailed act=act />
            </div>
        </div>
    }
}
