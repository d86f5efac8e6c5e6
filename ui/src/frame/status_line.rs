//! The quiet line at the bottom: what this program is connected to, and the lock.

use conclave_shared::view::VaultView;
use conclave_ui_logic::{time, vocabulary};

use crate::app::App;
use crate::components::icon::{Icon, Shape};
use crate::frame::Vaults;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// A member who was heard within this time counts as seen, in ms.
const SEEN_MS: u64 = 24 * 60 * 60 * 1000;

/// Network, Tor, chain, members, lock.
#[component]
pub fn StatusLine() -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let vault = memo(move |_| {
        let here = app.navigator().now().vault();
        vaults.asked().get()?.vaults.into_iter().find(|vault| Some(vault.vault) == here)
    });
    let tip = move || {
        let (height, time_s) = match vault.get() {
            Some(vault) => (vault.tip_height, vault.tip_time_s),
            None => {
                let all = vaults.asked().get()?.vaults;
                all.iter().map(|vault| (vault.tip_height, vault.tip_time_s)).max()?
            }
        };
        Some(match time_s {
            Some(time_s) => {
                t!("status-tip-age", height = height, age = time::from_now(app.now(), time_s.saturating_mul(1000)))
            }
            None => t!("status-tip", height = height),
        })
    };
    let members = move || vault.get().map(|vault| seen(&vault, app.now()));
    let trouble = move || vault.with(|vault| vault.as_ref().and_then(|vault| vault.trouble.clone()));
    view! {
        <footer class="status-line" aria-label=t!("status-line")>
            <span>{t!("status-network")}</span>
            {changing(move || app.view().get().map(|view| view! { <span>{words::text(&vocabulary::tor(&view.tor))}</span> }))}
            {changing(move || tip().map(|tip| view! { <span class="figure">{tip}</span> }))}
            {changing(move || members().map(|members| view! { <span>{members}</span> }))}
            {changing(move || {
                trouble()
                    .map(|trouble| {
                        view! {
                            <span class="status waits" title=trouble>
                                <Icon shape=Shape::Warning />
                                {t!("status-trouble")}
                            </span>
                        }
                    })
            })}
            <button class="lock" type="button" title="Ctrl+L" on:click=move |_| app.lock()>
                <Icon shape=Shape::Lock />
                <span>{t!("lock-now")}</span>
            </button>
        </footer>
    }
}

/// How many of the others were heard lately.
fn seen(vault: &VaultView, now: u64) -> String {
    let others = vault.members.iter().filter(|member| member.member != vault.me);
    let all = others.clone().count();
    let seen = others.filter(|member| member.last_heard_ms.is_some_and(|ms| now.saturating_sub(ms) < SEEN_MS)).count();
    t!("status-members", seen = seen, all = all)
}
