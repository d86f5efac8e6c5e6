//! Stopping all payments at once, what stands, and votes to lift it.

use conclave_shared::request::{Freeze, ReleaseFreeze, Reply, Request};
use conclave_shared::view::{FreezeView, VaultView};
use conclave_shared::{EventId, VaultStatus};
use conclave_ui_logic::forms;
use conclave_ui_logic::places::holds_key;
use conclave_ui_logic::policy::REASON_MOST;

use crate::app::App;
use crate::components::button::{Button, Weight};
use crate::components::confirm::Confirm;
use crate::components::details::Details;
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::notice::{Meaning, Notice};
use crate::components::when::{At, When};
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::{answer, t, words};

/// Most letters of a name that somebody in a hurry is asked to type whole.
const TYPED_MOST: usize = 24;

fn i_hold_a_key(vault: &VaultView) -> bool {
    vault.members.iter().any(|it| it.member == vault.me && holds_key(&it.roles))
}

fn mine_stands(vault: &VaultView) -> bool {
    vault.freezes.iter().any(|freeze| freeze.by == vault.me && freeze.stands)
}

/// What has to be typed: the vault's name, or the first word of a long one.
fn word_to_type(name: &str) -> String {
    let short = name.chars().count() <= TYPED_MOST;
    let first = name.split_whitespace().next().unwrap_or(name);
    if short { name.trim().to_owned() } else { first.chars().take(TYPED_MOST).collect() }
}

/// The button that freezes, with what it does; it asks for the vault's name before it does it. It is not there for who may
/// not freeze, and for who has frozen already.
#[component]
pub fn FreezeControl(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let vaults = Vaults::here();
    let app = App::here();
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let act = Act::new();
    let may = memo(move |_| vault.with(|it| it.status == VaultStatus::Active && i_hold_a_key(it) && !mine_stands(it)));
    let (id, name) = vault.with_untracked(|vault| (vault.vault, vault.name.clone()));
    let word = word_to_type(&name);
    let name = StoredValue::new(name);
    let too_long = Signal::derive(move || {
        forms::optional_text(&reason.get(), REASON_MOST).err().map(|fault| words::text(&fault.said()))
    });
    let freeze = move |()| {
        let Ok(reason) = forms::optional_text(&reason.get_untracked(), REASON_MOST) else { return };
        let request = Request::Freeze(Freeze { vault: id, reason });
        act.run(answer!(request, Reply::Policy(_) => ()), move |()| {
            app.announce(name.with_value(|name| t!("freeze-done", name = name)));
            vaults.asked().again();
            open.set(false);
        });
    };
    view! {
        <Show when=move || may.get()>
            <div class="freeze">
                <div>
                    <p class="freeze-title">{t!("freeze-title")}</p>
                    <p class="soft">{t!("freeze-text")}</p>
                </div>
                <Button id="freeze" weight=Weight::Danger icon=Shape::Stop press=move |()| open.set(true)>
                    {t!("freeze-open")}
                </Button>
            </div>
        </Show>
        <Confirm
            open=open
            title=move || name.with_value(|name| t!("freeze-ask", name = name))
            act_words=t!("freeze-act")
            press=freeze
            act=act
            danger=true
            type_word=word
        >
            <p>{t!("freeze-means")}</p>
            <TextInput label=t!("freeze-reason") hint=t!("freeze-reason-hint") value=reason error=too_long tried=true />
        </Confirm>
    }
}

/// Freezes that stand, and those that were released.
#[component]
pub fn Freezes(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let standing = memo(move |_| {
        vault.with(|vault| vault.freezes.iter().filter(|it| it.stands).cloned().collect::<Vec<FreezeView>>())
    });
    let released = memo(move |_| {
        vault.with(|vault| vault.freezes.iter().filter(|it| !it.stands).cloned().collect::<Vec<FreezeView>>())
    });
    view! {
        // A vote that comes in does not take the dialog from under somebody's hands: the same freeze stays the same element.
        <For each=move || standing.get() key=|freeze| freeze.freeze let:freeze>
            <Standing
                vault=vault
                which=freeze.freeze
                freeze=memo(move |_| {
                    standing.with(|all| all.iter().find(|it| it.freeze == freeze.freeze).cloned()).unwrap_or_else(|| freeze.clone())
                })
            />
        </For>
        <Show when=move || !released.with(Vec::is_empty)>
            <Details title=move || t!("freezes-released", count = released.with(Vec::len))>
                <ul class="freezes-past">
                    {changing(move || {
                        released
                            .get()
                            .into_iter()
                            .map(|freeze| {
                                view! {
                                    <li>
                                        {t!("freeze-was", name = &freeze.name)} " " <At ms=freeze.since_ms />
                                        <Reason reason=freeze.reason />
                                    </li>
                                }
                            })
                            .collect_view()
                    })}
                </ul>
            </Details>
        </Show>
    }
}

#[component]
fn Reason(reason: String) -> impl IntoView {
    if reason.trim().is_empty() {
        view! { <p class="soft">{t!("freeze-no-reason")}</p> }
    } else {
        view! { <blockquote class="said">{reason}</blockquote> }
    }
}

#[component]
fn Standing(vault: Signal<VaultView>, which: EventId, freeze: Memo<FreezeView>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let open = RwSignal::new(false);
    let act = Act::new();
    let (id, me) = vault.with_untracked(|vault| (vault.vault, vault.me));
    let first = freeze.get_untracked();
    let need = first.need;
    let voted = memo(move |_| freeze.with(|freeze| freeze.votes.iter().any(|vote| vote.member == me)));
    let may = memo(move |_| vault.with(i_hold_a_key) && !voted.get());
    let admitted = memo(move |_| freeze.with(|freeze| freeze.admitted));
    let release = move |()| {
        let request = Request::ReleaseFreeze(ReleaseFreeze { vault: id, freezes: vec![which] });
        act.run(answer!(request, Reply::Policy(_) => ()), move |()| {
            app.announce(t!("release-done"));
            vaults.asked().again();
            open.set(false);
        });
    };
    let votes = move || {
        let voters = freeze
            .with(|freeze| freeze.votes.iter().filter(|vote| vote.counts).map(|vote| vote.member).collect::<Vec<_>>());
        let names = vault.with(|vault| words::names(vault, &voters));
        t!("freeze-votes", have = voters.len(), need = need, names = names)
    };
    view! {
        <Notice meaning=Meaning::Refused title=t!("freeze-stands", name = &first.name)>
            <p><At ms=first.since_ms /> " · " <When ms=first.since_ms /></p>
            <Reason reason=first.reason />
            <Show when=move || !admitted.get()>
                <p class="soft">{t!("freeze-not-admitted")}</p>
            </Show>
            <p>{changing(votes)}</p>
            <Show when=move || voted.get()>
                <p class="soft">{t!("freeze-you-voted")}</p>
            </Show>
            <Show when=move || may.get()>
                <Button press=move |()| open.set(true)>{t!("release-open")}</Button>
            </Show>
        </Notice>
        <Confirm open=open title=t!("release-ask") act_words=t!("release-act") press=release act=act>
            <p>{t!("release-means", need = need)}</p>
        </Confirm>
    }
}
