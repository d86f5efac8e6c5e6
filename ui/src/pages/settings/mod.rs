//! How the owner wants the program: how it looks and speaks, when it locks, what it tells, whom it reaches, where files go.

mod files;
mod looks;
mod network;
mod own_relay;
mod safety;

use conclave_shared::desktop::Settings;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::page::Page;
use crate::ipc;
use crate::live::{Act, changing, effect};
use crate::pages::settings::files::Files;
use crate::pages::settings::looks::Looks;
use crate::pages::settings::network::Network;
use crate::pages::settings::safety::{Notifications, Safety};
use crate::prelude::*;
use crate::t;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let app = App::here();
    let keeper = Keeper { app, act: Act::new() };
    let version = move || app.view().get().map(|view| view.version);
    view! {
        <Page title=t!("settings-title") lead=t!("settings-lead")>
            <ActFailed act=keeper.act kept=t!("settings-kept") />
            <Looks keeper=keeper />
            <Safety keeper=keeper />
            <Notifications keeper=keeper />
            <Network keeper=keeper />
            <Files keeper=keeper />
            <Keys />
            <p class="soft">{t!("settings-version")} " " <span class="figure">{changing(version)}</span></p>
        </Page>
    }
}

/// Hands changed settings to the host, one change at a time.
#[derive(Clone, Copy)]
struct Keeper {
    app: App,
    act: Act,
}

impl Keeper {
    /// Changes the settings as they are now.
    fn change(self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.app.view().get_untracked().map(|view| view.settings).unwrap_or_default();
        change(&mut settings);
        self.act.run(ipc::change_settings(settings), move |view| self.app.view().take(view));
    }

    /// A signal of one setting: whatever is put into it goes to the host.
    fn setting<T>(self, of: fn(&mut Settings) -> &mut T) -> RwSignal<T>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        let mut settings = self.app.view().get_untracked().map(|view| view.settings).unwrap_or_default();
        let value = RwSignal::new(of(&mut settings).clone());
        effect(move |before: Option<T>| {
            let now = value.get();
            if before.is_some_and(|before| before != now) {
                let chosen = now.clone();
                self.change(move |settings| *of(settings) = chosen);
            }
            now
        });
        value
    }
}

/// The keys that work everywhere.
#[component]
fn Keys() -> impl IntoView {
    let key = |keys: &'static str| view! { <kbd>{keys}</kbd> };
    view! {
        <Section title=t!("settings-keys")>
            <Facts>
                <Fact name=t!("settings-key-vault")>{key("Alt+1 … Alt+9")}</Fact>
                <Fact name=t!("settings-key-vaults")>{key("Alt+0")}</Fact>
                <Fact name=t!("settings-key-back")>{key("Alt+←")}</Fact>
                <Fact name=t!("settings-key-lock")>{key("Ctrl+L")}</Fact>
            </Facts>
        </Section>
    }
}
