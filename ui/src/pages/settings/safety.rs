//! When it locks, the passphrase, and what notifications tell whoever looks at the screen.

use conclave_ui_logic::{forms, say};

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::choice::{Checkbox, Select};
use crate::components::details::Details;
use crate::components::input::PassphraseInput;
use crate::components::layout::Section;
use crate::components::strength::{StrengthMeter, strength_of};
use crate::live::Act;
use crate::pages::settings::Keeper;
use crate::prelude::*;
use crate::{ipc, t, words};

/// What there is to choose from, in minutes; 0: never.
const MINUTES: [u32; 7] = [1, 5, 10, 30, 60, 240, 0];

/// Locking, and the passphrase.
#[component]
pub fn Safety(
    /// Takes what is chosen.
    keeper: Keeper,
) -> impl IntoView {
    let chosen = keeper.setting(|settings| &mut settings.auto_lock_minutes);
    let mut minutes = MINUTES.to_vec();
    let now = chosen.get_untracked();
    if !minutes.contains(&now) {
        // Written into the file of settings by hand.
        minutes.insert(0, now);
    }
    let options = minutes
        .into_iter()
        .map(|minutes| {
            let words = match minutes {
                0 => t!("settings-auto-lock-never"),
                minutes if minutes % 60 == 0 => words::text(&say!("time-hours", hours = minutes / 60)),
                minutes => words::text(&say!("time-minutes", minutes = minutes)),
            };
            (minutes, words)
        })
        .collect();
    view! {
        <Section title=t!("settings-safety")>
            <div class="setting-row">
                <Select label=t!("settings-auto-lock") hint=t!("settings-auto-lock-hint") options=options chosen=chosen />
            </div>
            <Details title=t!("settings-passphrase")>
                <ChangePassphrase />
            </Details>
        </Section>
    }
}

#[component]
fn ChangePassphrase() -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let tried = RwSignal::new(false);
    let [current, new, again] = [(); 3].map(|()| RwSignal::new(String::new()));
    let strength = strength_of(new);
    let empty = move |typed: RwSignal<String>| typed.with(String::is_empty).then(|| t!("form-empty"));
    let current_error = Signal::derive(move || empty(current));
    let new_error = Signal::derive(move || {
        let weak = strength.get().is_some_and(|strength| !strength.accepted);
        empty(new).or_else(|| weak.then(|| t!("passphrase-too-weak")))
    });
    let again_error = Signal::derive(move || {
        let same = forms::same_twice(&new.get(), &again.get());
        same.err().map(|fault| words::text(&fault.said()))
    });
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let faults = [current_error, new_error, again_error];
        if strength.with_untracked(Option::is_none) || faults.iter().any(|fault| fault.get_untracked().is_some()) {
            return;
        }
        act.run(ipc::change_passphrase(current.get_untracked(), new.get_untracked()), move |view| {
            tried.set(false);
            for typed in [current, new, again] {
                typed.set(String::new());
            }
            app.view().take(view);
            app.announce(t!("settings-passphrase-changed"));
        });
    };
    view! {
        <form class="form narrow" on:submit=change>
            <PassphraseInput label=t!("settings-passphrase-current") value=current error=current_error tried=tried />
            <PassphraseInput label=t!("settings-passphrase-new") value=new error=new_error tried=tried />
            <StrengthMeter strength=strength />
            <PassphraseInput label=t!("passphrase-again") value=again error=again_error tried=tried />
            <p class="soft">{t!("settings-passphrase-backups")}</p>
            <ActFailed act=act />
            <Button submit=true press=|()| () busy=act.busy() busy_words=t!("settings-passphrase-busy")>
                {t!("settings-passphrase-change")}
            </Button>
        </form>
    }
}

/// Notifications of the desktop.
#[component]
pub fn Notifications(
    /// Takes what is chosen.
    keeper: Keeper,
) -> impl IntoView {
    let on = keeper.setting(|settings| &mut settings.notify.on);
    let kind = keeper.setting(|settings| &mut settings.notify.kind);
    let amount = keeper.setting(|settings| &mut settings.notify.amount);
    let vault = keeper.setting(|settings| &mut settings.notify.vault);
    view! {
        <Section title=t!("settings-notify")>
            <Checkbox label=t!("settings-notify-on") hint=t!("settings-notify-on-hint") ticked=on />
            <Show when=move || on.get()>
                <fieldset class="choice indented">
                    <legend>{t!("settings-notify-what")}</legend>
                    <Checkbox label=t!("settings-notify-kind") ticked=kind />
                    <Checkbox label=t!("settings-notify-amount") ticked=amount />
                    <Checkbox label=t!("settings-notify-vault") ticked=vault />
                </fieldset>
            </Show>
        </Section>
    }
}
