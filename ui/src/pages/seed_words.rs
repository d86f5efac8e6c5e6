//! The words of one's own key, to be written down by hand. Whoever has them can sign: they are shown for a minute, only
//! after the passphrase was typed again, cannot be selected, and are gone when the page is left.

use std::time::Duration;

use conclave_shared::view::VaultView;

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Link, Weight};
use crate::components::icon::Shape;
use crate::components::input::PassphraseInput;
use crate::components::layout::Actions;
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::components::words::Words;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{ipc, t};

/// How long the words stay, in seconds.
const STAY_S: u64 = 60;

/// The page.
#[component]
pub fn SeedWordsPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let mine = memo(move |_| vault.with(|it| it.members.iter().any(|my| my.member == it.me && my.key.is_some())));
    view! {
        <Page title=t!("seed-title") lead=move || vault.with(|vault| t!("seed-lead", name = &vault.name))>
            <Show
                when=move || mine.get()
                fallback=|| view! { <Notice meaning=Meaning::Plain title=t!("seed-no-key") /> }
            >
                <OwnWords vault=id />
            </Show>
            <Actions>
                <Link to=Route::BackupSheet(id)>{t!("seed-to-sheet")}</Link>
                <Link to=Route::Board(id)>{t!("seed-to-members")}</Link>
            </Actions>
        </Page>
    }
}

#[component]
fn OwnWords(vault: conclave_shared::VaultId) -> impl IntoView {
    let app = App::here();
    let passphrase = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let seed = RwSignal::new(Vec::<String>::new());
    let seen = RwSignal::new(false);
    let left = RwSignal::new(0u64);
    let act = Act::new();
    let there = memo(move |_| !seed.with(Vec::is_empty));
    let clear = move || {
        seed.set(vec![]);
        seen.set(false);
        left.set(0);
    };
    let fault = Signal::derive(move || passphrase.with(String::is_empty).then(|| t!("form-empty")));
    count_down(left, move || {
        clear();
        app.announce(t!("seed-cleared"));
    });
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if fault.get_untracked().is_some() {
            return;
        }
        act.run(ipc::backup_words(vault, passphrase.get_untracked()), move |words| {
            passphrase.set(String::new());
            tried.set(false);
            seed.set(words.reveal().split_whitespace().map(str::to_owned).collect());
            left.set(STAY_S);
        });
    };
    view! {
        <Notice meaning=Meaning::Waits title=t!("seed-warning")>
            <p>{t!("seed-warning-text")}</p>
        </Notice>
        <Show
            when=move || there.get()
            fallback=move || {
                view! {
                    <form class="form narrow" on:submit=ask>
                        <PassphraseInput
                            label=t!("passphrase")
                            hint=t!("seed-passphrase-hint")
                            value=passphrase
                            error=fault
                            tried=tried
                        />
                        <ActFailed act=act kept=t!("seed-kept") />
                        <Button
                            id="ask-words"
                            weight=Weight::Primary
                            submit=true
                            press=|()| ()
                            busy=act.busy()
                            busy_words=t!("seed-busy")
                        >
                            {t!("seed-act")}
                        </Button>
                    </form>
                }
            }
        >
            <div class="card seed">
                <Actions>
                    <Button
                        id="show-words"
                        weight=Weight::Primary
                        icon=Shape::Eye
                        press=move |()| seen.update(|seen| *seen = !*seen)
                    >
                        {changing(move || if seen.get() { t!("seed-hide") } else { t!("seed-show") })}
                    </Button>
                    <Button press=move |()| clear()>{t!("seed-done")}</Button>
                </Actions>
                <p class="soft figure">{changing(move || t!("seed-left", seconds = left.get()))}</p>
                {changing(move || {
                    if seen.get() {
                        view! { <Words words=seed.get() title=t!("seed-title") secret=true /> }
                    } else {
                        view! { <p class="soft">{t!("seed-hidden", count = seed.with(Vec::len))}</p> }
                    }
                })}
            </div>
        </Show>
    }
}

/// Counts `left` down by the second, and calls `over` at the end. It ends with the page.
fn count_down(left: RwSignal<u64>, over: impl Fn() + Copy + 'static) {
    let tick = move || match left.get_untracked() {
        0 => {}
        1 => over(),
        more => left.set(more - 1),
    };
    if let Ok(interval) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || interval.clear());
    }
}
