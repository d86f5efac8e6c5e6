//! The passphrase of an installation that is locked.

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::input::PassphraseInput;
use crate::components::notice::{Meaning, Notice};
use crate::components::threshold_ring::ThresholdRing;
use crate::live::{Act, changing, effect};
use crate::prelude::*;
use crate::{ipc, t};

/// The page.
#[component]
pub fn Unlock() -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let act = Act::new();
    let error = Signal::derive(move || typed.with(String::is_empty).then(|| t!("form-empty")));
    let unlock = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if typed.with_untracked(String::is_empty) {
            return;
        }
        act.run(ipc::unlock(typed.get_untracked()), move |view| {
            typed.set(String::new());
            app.view().take(view);
        });
    };
    let wrong = move || app.view().get().map_or(0, |view| view.failed_unlocks);
    let auto_locked = move || app.view().get().is_some_and(|view| view.auto_locked);
    effect(move |_| document().set_title(&format!("{} · Conclave", t!("unlock-title"))));
    view! {
        <main class="alone">
            <ThresholdRing approvals=vec![] signatures=vec![false, false, false] complete=false label=String::new() />
            <h1>{t!("unlock-title")}</h1>
            <Show when=auto_locked>
                <p class="lead">{t!("unlock-auto-locked")}</p>
            </Show>
            <form class="form" on:submit=unlock>
                <PassphraseInput label=t!("passphrase") value=typed error=error tried=tried first=true />
                <ActFailed act=act />
                {changing(move || {
                    (wrong() > 0).then(|| view! { <Notice meaning=Meaning::Waits title=t!("unlock-wrong-count", count = wrong()) /> })
                })}
                <Button
                    id="unlock"
                    weight=Weight::Primary
                    submit=true
                    press=|()| ()
                    busy=act.busy()
                    busy_words=t!("unlock-busy")
                >
                    {t!("unlock")}
                </Button>
            </form>
            <p class="soft">{t!("unlock-forgotten")}</p>
        </main>
    }
}
