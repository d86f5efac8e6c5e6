//! Where files go, and the backup of the whole installation.

use conclave_shared::desktop::Saved;
use conclave_ui_logic::forms;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::copy::CopyButton;
use crate::components::input::TextInput;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice};
use crate::ipc;
use crate::live::{Act, changing};
use crate::pages::settings::Keeper;
use crate::prelude::*;
use crate::t;

/// The longest path that is taken.
const LONGEST: usize = 4096;

/// The part of the page.
#[component]
pub fn Files(
    /// Takes what is chosen.
    keeper: Keeper,
) -> impl IntoView {
    let app = App::here();
    let home = move || app.view().get().map(|view| view.home);
    let typed = RwSignal::new(app.view().get_untracked().map(|view| view.exports).unwrap_or_default());
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // Without a folder of one's own it is the system's.
        let folder = forms::text(&typed.get_untracked(), LONGEST).ok();
        keeper.change(move |settings| settings.exports = folder);
    };
    view! {
        <Section title=t!("settings-files")>
            <Facts>
                <Fact name=t!("settings-home")>
                    <span class="exact">{changing(home)}</span>
                </Fact>
            </Facts>
            <form class="form" on:submit=change>
                <TextInput label=t!("settings-exports") hint=t!("settings-exports-hint") value=typed exact=true />
                <Button submit=true press=|()| () busy=keeper.act.busy()>{t!("settings-exports-change")}</Button>
            </form>
        </Section>
        <Backup />
    }
}

#[component]
fn Backup() -> impl IntoView {
    let act = Act::new();
    let saved = RwSignal::new(None::<Saved>);
    let write = move |()| {
        saved.set(None);
        act.run(ipc::backup(), move |file| saved.set(Some(file)));
    };
    view! {
        <Section title=t!("settings-backup")>
            <p class="lead">{t!("settings-backup-lead")}</p>
            <div>
                <Button press=write busy=act.busy() busy_words=t!("settings-backup-busy")>{t!("settings-backup-write")}</Button>
            </div>
            <ActFailed act=act kept=t!("settings-backup-kept") />
            {changing(move || {
                saved
                    .get()
                    .map(|saved| {
                        view! {
                            <Notice meaning=Meaning::Fine title=t!("settings-backup-done")>
                                <p>
                                    <span class="exact">{saved.path.clone()}</span>
                                    <CopyButton text=saved.path what=t!("copy-path") />
                                </p>
                                <p>{t!("settings-backup-after")}</p>
                            </Notice>
                        }
                    })
            })}
        </Section>
    }
}
