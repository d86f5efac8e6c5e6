//! Join a vault by an invitation.

use conclave_shared::request::{JoinVault, Reply, Request};
use conclave_shared::secret::SecretText;
use conclave_ui_logic::invitation::{self, NoInvitation, Told};
use conclave_ui_logic::server::Reached;
use conclave_ui_logic::{forms, new_vault, vocabulary};

use crate::app::App;
use crate::clock::now_ms;
use crate::components::address::Groups;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, Weight};
use crate::components::choice::Checkbox;
use crate::components::file_pick::{FilePick, Picked};
use crate::components::input::TextInput;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::components::relays::Relays;
use crate::components::when::{At, When};
use crate::frame::Vaults;
use crate::live::{Act, changing, effect, memo};
use crate::prelude::*;
use crate::route::Route;
use crate::{answer, ipc, reader, t, words};

/// Largest picture that is read, in bytes: the backend's own limit.
const PICTURE_MOST: u32 = 20_000_000;

/// What the text tells, or why it tells nothing.
fn told(text: &str) -> Result<Told, NoInvitation> {
    let fields = invitation::fields(text)?;
    let fields = js_sys::JSON::parse(&fields).map_err(|_| NoInvitation::Damaged)?;
    reader::read(fields).map_err(|_| NoInvitation::Damaged)
}

fn fault(no: NoInvitation) -> String {
    match no {
        NoInvitation::Empty => t!("join-empty"),
        NoInvitation::Other => t!("join-not-an-invitation"),
        NoInvitation::Damaged => t!("join-damaged"),
    }
}

/// The page.
#[component]
pub fn JoinPage() -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let text = RwSignal::new(String::new());
    let member = RwSignal::new(String::new());
    let chain = RwSignal::new(String::new());
    let seed = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let act = Act::new();
    let reading = Act::new();
    let invitation = memo(move |_| text.with(|text| told(text)));
    let there = memo(move |_| invitation.with(Result::is_ok));
    let replaces = memo(move |_| invitation.with(|it| it.as_ref().is_ok_and(|it| it.replaces.is_some())));
    let near = memo(move |_| invitation.with(|it| it.as_ref().is_ok_and(|it| of_own_network(&it.relays))));
    let agreed = RwSignal::new(false);
    let late = memo(move |_| invitation.with(|it| it.as_ref().is_ok_and(|it| it.expires_ms < app.now())));
    begin_with_known_chain(vaults, chain);
    // Another invitation is about another key.
    effect(move |_| {
        if !replaces.get() {
            seed.set(String::new());
        }
    });

    let text_fault = Signal::derive(move || invitation.with(|it| it.as_ref().err().copied()).map(fault));
    let member_fault = Signal::derive(move || new_vault::name(&member.get()).err().map(|said| words::text(&said)));
    let chain_fault =
        Signal::derive(move || forms::chain_source(&chain.get()).err().map(|fault| words::text(&fault.said())));
    let seed_fault = Signal::derive(move || {
        let count = seed.with(|seed| seed.split_whitespace().count());
        match (replaces.get(), count) {
            (true, 0) => Some(t!("form-empty")),
            (true, 12 | 15 | 18 | 21 | 24) | (false, _) => None,
            (true, count) => Some(t!("join-seed-count", count = count)),
        }
    });

    let picked = move |picture: Picked| {
        reading.run(ipc::read_qr(picture.base64()), move |found| text.set(found));
    };
    let join = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let wrong = [text_fault, member_fault, chain_fault, seed_fault].iter().any(|it| it.get_untracked().is_some());
        let expired = invitation.with_untracked(|it| it.as_ref().is_ok_and(|it| it.expires_ms < now_ms()));
        if wrong || expired || (near.get_untracked() && !agreed.get_untracked()) {
            return;
        }
        let words = seed.get_untracked();
        let request = JoinVault {
            invitation: text.get_untracked(),
            member: member.get_untracked().trim().to_owned(),
            chain: chain.get_untracked().trim().to_owned(),
            own_network: near.get_untracked() && agreed.get_untracked(),
            seed_words: replaces.get_untracked().then(|| SecretText::new(words)),
        };
        let ask = async move {
            let vault = answer!(Request::JoinVault(request), Reply::Joined { vault } => vault).await?;
            // The vault is there now, whatever is answered to this.
            Ok((vault, Vaults::list().await.ok()))
        };
        act.run(ask, move |(vault, listed)| {
            seed.set(String::new());
            text.set(String::new());
            if let Some(listed) = listed {
                vaults.asked().take(listed);
            }
            app.navigator().replace(Route::Board(vault));
        });
    };
    view! {
        <Page title=t!("join-title") lead=t!("join-lead")>
            <form class="parts" on:submit=join>
                <div class="form">
                    <TextInput
                        label=t!("join-invitation")
                        hint=t!("join-invitation-hint")
                        value=text
                        exact=true
                        long=true
                        error=text_fault
                        tried=tried
                    />
                    <FilePick label=t!("join-picture") accept="image/*" most=PICTURE_MOST picked=picked />
                    <Show when=move || reading.busy().get()>
                        <p class="soft" role="status">{t!("join-picture-reading")}</p>
                    </Show>
                    <ActFailed act=reading kept=t!("join-picture-kept") />
                </div>
                {changing(move || invitation.get().ok().map(|told| view! { <ToldPart told=told /> }))}
                <Show when=move || late.get()>
                    <Notice meaning=Meaning::Refused title=t!("join-expired") />
                </Show>
                <Show when=move || there.get() && !late.get()>
                    <Section title=t!("join-you")>
                        <div class="form narrow">
                            <TextInput
                                label=t!("create-member")
                                hint=t!("create-member-hint")
                                value=member
                                error=member_fault
                                tried=tried
                            />
                            <TextInput
                                label=t!("fact-chain-source")
                                hint=t!("join-chain-hint")
                                value=chain
                                exact=true
                                error=chain_fault
                                tried=tried
                            />
                            <Show when=move || replaces.get()>
                                <Notice meaning=Meaning::Waits title=t!("join-replaces")>
                                    <p>{t!("join-replaces-text")}</p>
                                </Notice>
                                <TextInput
                                    label=t!("join-seed")
                                    hint=t!("join-seed-hint")
                                    value=seed
                                    exact=true
                                    long=true
                                    error=seed_fault
                                    tried=tried
                                />
                            </Show>
                        </div>
                    </Section>
                    <Show when=move || near.get()>
                        <Notice meaning=Meaning::Refused title=t!("join-own-network")>
                            <p>{t!("join-own-network-text")}</p>
                            <Checkbox label=t!("join-own-network-agree") ticked=agreed />
                        </Notice>
                    </Show>
                    <ActFailed act=act kept=t!("join-kept") />
                    <div>
                        <Button
                            id="join-vault"
                            weight=Weight::Primary
                            submit=true
                            press=|()| ()
                            busy=act.busy()
                            busy_words=t!("join-busy")
                        >
                            {t!("join-act")}
                        </Button>
                    </div>
                </Show>
            </form>
        </Page>
    }
}

fn begin_with_known_chain(vaults: Vaults, chain: RwSignal<String>) {
    effect(move |done: Option<bool>| {
        let known = vaults.asked().get().and_then(|listed| listed.vaults.into_iter().next());
        match known.filter(|_| done != Some(true)) {
            Some(vault) => {
                if chain.with_untracked(String::is_empty) {
                    chain.set(vault.chain);
                }
                true
            }
            None => done == Some(true),
        }
    });
}

fn of_own_network(relays: &[String]) -> bool {
    relays.iter().any(|relay| Reached::relay(relay) == Some(Reached::OwnNetwork))
}

/// What the text tells of what one would join.
#[component]
fn ToldPart(told: Told) -> impl IntoView {
    view! {
        <Section title=t!("join-told")>
            <div class="card">
                <Facts>
                    <Fact name=t!("join-role")>
                        {words::text(&vocabulary::role(told.role))}
                        <p class="soft">{words::text(&vocabulary::role_explained(told.role))}</p>
                    </Fact>
                    <Fact name=t!("join-until")>
                        <At ms=told.expires_ms />
                        " · "
                        <When ms=told.expires_ms />
                    </Fact>
                    <Fact name=t!("fact-relays")>
                        <Relays relays=told.relays />
                    </Fact>
                    <Fact name=t!("fact-script")>{words::text(&vocabulary::script(told.script))}</Fact>
                    <Fact name=t!("fact-vault-id")>
                        <span class="exact"><Groups text=told.vault.to_string() /></span>
                    </Fact>
                </Facts>
                <p class="soft">{t!("join-told-rest")}</p>
            </div>
        </Section>
    }
}
