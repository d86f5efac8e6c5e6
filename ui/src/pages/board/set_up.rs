//! The ratification board: who has joined, proven and ratified, and what is awaited of whom.

use conclave_shared::request::{OnVault, Ratify, Request};
use conclave_shared::view::VaultView;
use conclave_shared::{Finding, VaultStatus};
use conclave_ui_logic::{ceremony, vocabulary};

use super::compare::{Compare, HeardWords};
use super::slots::Slots;
use crate::app::App;
use crate::components::details::Details;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::components::relays::Relays;
use crate::components::threshold_ring::ThresholdRing;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::prelude::*;
use crate::{ipc, t, words};

/// The page.
#[component]
pub fn SetUp(vault: Signal<VaultView>) -> impl IntoView {
    let may_ratify = memo(move |_| vault.with(ceremony::may_ratify));
    let cfg = memo(move |_| vault.with(|vault| vault.cfg));
    let compares = memo(move |_| cfg.with(Option::is_some));
    let title = move || {
        vault.with(|vault| {
            if vault.name.is_empty() { t!("board-title-unnamed") } else { t!("board-title", name = &vault.name) }
        })
    };
    view! {
        <Page title=title>
            <Standing vault=vault />
            <Warnings vault=vault />
            <Show when=move || compares.get()>
                <Section title=t!("board-words")>
                    {changing(move || {
                        // Words are of one configuration: another one begins anew.
                        cfg.track();
                        if may_ratify.get() {
                            view! { <RatifyPart vault=vault /> }
                        } else {
                            view! { <ReadOut vault=vault /> }
                        }
                    })}
                </Section>
            </Show>
            <Section title=t!("board-places")>
                <Slots vault=vault />
            </Section>
            <About vault=vault />
        </Page>
    }
}

/// How far it is, as a ring and in a sentence.
#[component]
fn Standing(vault: Signal<VaultView>) -> impl IntoView {
    let drawn = memo(move |_| {
        vault.with(|vault| {
            let outer = ceremony::segments(vault, |_| true);
            (outer, ceremony::segments(vault, |member| member.ratified), words::text(&standing(vault)))
        })
    });
    view! {
        <div class="standing">
            {changing(move || {
                let (joined, ratified, label) = drawn.get();
                view! { <ThresholdRing approvals=joined signatures=ratified complete=false label=label /> }
            })}
            <div role="status">
                <p class="standing-title">{changing(move || drawn.get().2)}</p>
                <p class="soft">{changing(move || vault.with(|vault| words::text(&next(vault))))}</p>
            </div>
        </div>
    }
}

fn standing(vault: &VaultView) -> conclave_ui_logic::messages::Said {
    use conclave_ui_logic::say;
    let (ratified, all) = ceremony::ratified(vault);
    match vault.status {
        VaultStatus::Gathering if vault.members.len() < 2 && vault.open_places.is_empty() => {
            say!("board-first-contact")
        }
        VaultStatus::Gathering => say!("board-gathering", open = vault.open_places.len()),
        VaultStatus::Proving => say!("board-proving"),
        VaultStatus::Ratifying | VaultStatus::Active => say!("board-ratifying", have = ratified, all = all),
    }
}

fn next(vault: &VaultView) -> conclave_ui_logic::messages::Said {
    use conclave_ui_logic::say;
    match vault.status {
        VaultStatus::Gathering => say!("board-gathering-next"),
        VaultStatus::Proving => say!("board-proving-next"),
        VaultStatus::Ratifying | VaultStatus::Active => say!("board-ratifying-next"),
    }
}

/// What was found, and what is out of reach.
#[component]
fn Warnings(vault: Signal<VaultView>) -> impl IntoView {
    let found = memo(move |_| vault.with(|vault| vault.findings.clone()));
    let trouble = memo(move |_| vault.with(|vault| vault.trouble.clone()));
    view! {
        {move || {
            found
                .get()
                .into_iter()
                .map(|found| {
                    let who = found.member.map(|id| vault.with_untracked(|vault| words::member_name(vault, id)));
                    let stop = found.finding == Finding::OwnKeySwapped || found.finding == Finding::WordsDiffer;
                    view! {
                        <Notice meaning=Meaning::Refused title=words::text(&vocabulary::finding(found.finding))>
                            {who.map(|who| view! { <p>{t!("board-finding-by", name = who)}</p> })}
                            {stop.then(|| view! { <p>{t!("board-stop")}</p> })}
                            <Details title=t!("technical-details")>
                                <p class="exact">{found.detail} " " {found.relay}</p>
                            </Details>
                        </Notice>
                    }
                })
                .collect_view()
        }}
        {changing(move || {
            trouble
                .get()
                .map(|trouble| {
                    view! {
                        <Notice meaning=Meaning::Waits title=t!("board-trouble")>
                            <p>{t!("board-trouble-kept")}</p>
                            <Details title=t!("technical-details")>
                                <p class="exact">{trouble}</p>
                            </Details>
                        </Notice>
                    }
                })
        })}
    }
}

/// The words to read out, and ratifying by what was heard.
#[component]
fn RatifyPart(vault: Signal<VaultView>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let act = Act::new();
    let id = vault.with_untracked(|vault| vault.vault);
    let ratify = move |heard: String| {
        let request = Request::Ratify(Ratify { vault: id, words: heard });
        act.run(ipc::ask(request, Some), move |_| {
            app.announce(t!("ratify-done"));
            vaults.asked().again();
        });
    };
    view! {
        <div class="card">
            <p>{t!("ratify-why")}</p>
            <Compare words_of=move |()| Request::RosterWords(OnVault { vault: id }) act=act>
                <HeardWords act=act act_words=t!("ratify-act") busy_words=t!("ratify-busy") primary=true press=ratify />
            </Compare>
        </div>
    }
}

/// The words to read out, for who has ratified, cannot yet, or holds no key.
#[component]
fn ReadOut(vault: Signal<VaultView>) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let why = move || {
        vault.with(|vault| {
            let me = vault.members.iter().find(|member| member.member == vault.me);
            match (me.is_some_and(|me| me.ratified), vault.status) {
                (true, _) => t!("ratify-you-did"),
                (false, VaultStatus::Gathering | VaultStatus::Proving) => t!("ratify-not-yet"),
                (false, VaultStatus::Ratifying | VaultStatus::Active) => t!("ratify-no-key"),
            }
        })
    };
    view! {
        <div class="card">
            <p>{changing(why)}</p>
            <Compare words_of=move |()| Request::RosterWords(OnVault { vault: id }) act=Act::new()>""</Compare>
        </div>
    }
}

/// What is set up: the same for all members.
#[component]
fn About(vault: Signal<VaultView>) -> impl IntoView {
    let about = memo(move |_| {
        vault.with(|vault| (vault.threshold, vault.keyholders, vault.script, vault.relays.clone(), vault.chain.clone()))
    });
    let known = memo(move |_| vault.with(|vault| vault.keyholders > 0));
    view! {
        <Show when=move || known.get()>
            <Section title=t!("board-about")>
                {changing(move || {
                    let (threshold, keyholders, script, relays, chain) = about.get();
                    view! {
                        <Facts>
                            <Fact name=t!("fact-quorum")>
                                {t!("create-quorum", threshold = threshold, keyholders = keyholders)}
                            </Fact>
                            <Fact name=t!("fact-script")>{words::text(&vocabulary::script(script))}</Fact>
                            <Fact name=t!("fact-relays")><Relays relays=relays /></Fact>
                            <Fact name=t!("fact-chain-source")><span class="exact">{chain}</span></Fact>
                        </Facts>
                    }
                })}
            </Section>
        </Show>
    }
}
