//! The first start: the passphrase that will open this installation.

use conclave_shared::desktop::Strength;
use conclave_ui_logic::{forms, vocabulary};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::input::PassphraseInput;
use crate::components::threshold_ring::ThresholdRing;
use crate::live::Act;
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
    Effect::new(move |_| document().set_title(&format!("{} · Conclave", t!("start-title"))));
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
        </main>
    }
}

/// The strength of what is typed, asked of the backend at every letter; of the last one, whatever the order of answers.
fn strength_of(typed: RwSignal<String>) -> RwSignal<Option<Strength>> {
    let strength = RwSignal::new(None);
    Effect::new(move |_| {
        let text = typed.get();
        if text.is_empty() {
            strength.set(None);
            return;
        }
        spawn_local(async move {
            if let Ok(answer) = ipc::passphrase_strength(text.clone()).await
                && typed.try_get_untracked().is_some_and(|now| now == text)
            {
                strength.set(Some(answer));
            }
        });
    });
    strength
}

/// Four bars, and the same in words.
#[component]
fn StrengthMeter(strength: RwSignal<Option<Strength>>) -> impl IntoView {
    let score = move || strength.get().map_or(0, |strength| strength.score);
    let words = move || {
        let strength = strength.get()?;
        Some(match strength.score {
            0 | 1 => t!("strength-weak"),
            2 => t!("strength-fair"),
            3 => t!("strength-good"),
            _ => t!("strength-strong"),
        })
    };
    let advice = move || strength.get()?.advice.map(|advice| words::text(&vocabulary::advice(advice)));
    let bars = (1..=4u8).map(|bar| view! { <span class:full=move || bar <= score()></span> }).collect_view();
    view! {
        <div class="strength" data-score=move || score().to_string()>
            <div class="strength-bars" aria-hidden="true">{bars}</div>
            <p role="status">{words} " " {advice}</p>
        </div>
    }
}
