//! The first start: the passphrase that will open this installation.

use conclave_ui_logic::forms;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::details::Details;
use crate::components::file_pick::{FilePick, Picked};
use crate::components::input::PassphraseInput;
use crate::components::strength::{StrengthMeter, strength_of};
use crate::components::threshold_ring::ThresholdRing;
use crate::live::{Act, changing, effect};
use crate::prelude::*;
use crate::route::Route;
use crate::{ipc, t, words};

/// The page.
#[component]
pub fn FirstStart() -> impl IntoView {
    let app = App::here();
    let first = RwSignal::new(String::new());
    let second = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let strength = strength_of(first);
    let act = Act::new();

    let first_error = Signal::derive(move || {
        if first.with(String::is_empty) {
            return Some(t!("form-empty"));
        }
        let weak = strength.get().is_some_and(|strength| !strength.accepted);
        weak.then(|| t!("passphrase-too-weak"))
    });
    let second_error = Signal::derive(move || {
        let same = forms::same_twice(&first.get(), &second.get());
        same.err().map(|fault| words::text(&fault.said()))
    });
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let unknown = strength.with_untracked(Option::is_none);
        if unknown || first_error.get_untracked().is_some() || second_error.get_untracked().is_some() {
            return;
        }
        act.run(ipc::create_installation(first.get_untracked()), move |view| {
            first.set(String::new());
            second.set(String::new());
            app.navigator().start_at(Route::Begin);
            app.view().take(view);
        });
    };
    effect(move |_| document().set_title(&format!("{} · Conclave", t!("start-title"))));
    view! {
        <main class="alone">
            <ThresholdRing approvals=vec![] signatures=vec![true, true, false] complete=true label=String::new() />
            <h1>{t!("start-title")}</h1>
            <p class="lead">{t!("start-lead")}</p>
            <form class="form" on:submit=create>
                <PassphraseInput
                    label=t!("passphrase-new")
                    hint=t!("passphrase-hint")
                    value=first
                    error=first_error
                    tried=tried
                    first=true
                />
                <StrengthMeter strength=strength />
                <PassphraseInput label=t!("passphrase-again") value=second error=second_error tried=tried />
                <ActFailed act=act kept=t!("start-kept") />
                <Button
                    id="create"
                    weight=Weight::Primary
                    submit=true
                    press=|()| ()
                    busy=act.busy()
                    busy_words=t!("start-busy")
                >
                    {t!("start-create")}
                </Button>
            </form>
            <p class="soft">{t!("start-no-way-back")}</p>
            <div class="form">
                <Details title=t!("restore-title")>
                    <Restore />
                </Details>
            </div>
        </main>
    }
}

/// The most bytes of a backup that are read.
const BACKUP_LIMIT: u32 = 200_000_000;

/// An installation that was backed up, in the place of a new one.
#[component]
fn Restore() -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let tried = RwSignal::new(false);
    let passphrase = RwSignal::new(String::new());
    let file = RwSignal::new(None::<Picked>);
    let error = Signal::derive(move || passphrase.with(String::is_empty).then(|| t!("form-empty")));
    let missing = move || (tried.get() && file.with(Option::is_none)).then(|| t!("restore-no-file"));
    let restore = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Some(picked) = file.get_untracked() else { return };
        if error.get_untracked().is_some() {
            return;
        }
        act.run(ipc::restore(picked.base64(), passphrase.get_untracked()), move |view| {
            passphrase.set(String::new());
            app.navigator().start_at(Route::Vaults);
            app.view().take(view);
        });
    };
    view! {
        <form class="form" on:submit=restore>
            <p class="soft">{t!("restore-lead")}</p>
            <FilePick
                label=t!("restore-pick")
                accept=".tar"
                most=BACKUP_LIMIT
                picked=move |picked| file.set(Some(picked))
            />
            <p class="field-error" role="status">{changing(missing)}</p>
            <PassphraseInput label=t!("restore-passphrase") value=passphrase error=error tried=tried />
            <ActFailed act=act kept=t!("start-kept") />
            <Button submit=true press=|()| () busy=act.busy() busy_words=t!("restore-busy")>{t!("restore")}</Button>
        </form>
    }
}
