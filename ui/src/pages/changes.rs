//! Configurations that are proposed to follow the present one: what would be otherwise, the words to compare, votes.

use conclave_shared::request::{OnConfiguration, Reply, Request, VoteChange};
use conclave_shared::view::{SuccessorView, VaultView};
use conclave_ui_logic::places::holds_key;
use conclave_ui_logic::policy::{self, Sentence};

use crate::app::App;
use crate::components::button::Button;
use crate::components::confirm::Confirm;
use crate::components::layout::Section;
use crate::components::threshold_ring::ThresholdRing;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::board::compare::{Compare, HeardWords};
use crate::pages::policy::sentences::Sentences;
use crate::prelude::*;
use crate::{answer, ipc, t, words};

/// All of them; nothing where none is proposed.
#[component]
pub fn Changes(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let proposed =
        memo(move |_| vault.with(|vault| vault.successors.iter().map(|successor| successor.cfg).collect::<Vec<_>>()));
    view! {
        <Show when=move || !proposed.with(Vec::is_empty)>
            <Section title=t!("changes-title")>
                <ul class="changes">
                    <For each=move || proposed.get() key=|cfg| *cfg let:cfg>
                        <Change
                            vault=vault
                            successor=memo(move |before: Option<&Option<SuccessorView>>| {
                                let now = vault
                                    .with(|vault| vault.successors.iter().find(|it| it.cfg == cfg).cloned());
                                // The last one that was known, in the moment before it goes.
                                now.or_else(|| before.cloned().flatten())
                            })
                        />
                    </For>
                </ul>
            </Section>
        </Show>
    }
}

#[component]
fn Change(vault: Signal<VaultView>, successor: Memo<Option<SuccessorView>>) -> impl IntoView {
    changing(move || successor.with(Option::is_some).then(|| view! { <Known vault=vault successor=successor /> }))
}

#[component]
fn Known(vault: Signal<VaultView>, successor: Memo<Option<SuccessorView>>) -> impl IntoView {
    let app = App::here();
    let of = move |of: fn(&SuccessorView, &VaultView) -> String| {
        successor.with(|it| it.as_ref().map(|it| vault.with(|vault| of(it, vault)))).unwrap_or_default()
    };
    let sentences = Signal::derive(move || -> Vec<Sentence> {
        let name = |member| vault.with(|vault| known_name(vault, member));
        let differences = successor.with(|it| it.as_ref().map(|it| it.differences.clone())).unwrap_or_default();
        if differences.is_empty() {
            return vec![conclave_ui_logic::say!("change-settles").into()];
        }
        differences.iter().flat_map(|it| policy::difference(it, app.unit(), name)).collect()
    });
    let counts = move || successor.with(|it| it.as_ref().map_or((0, 0), |it| (it.have, it.need)));
    let voted = memo(move |_| {
        successor.with(|it| it.as_ref().is_some_and(|it| vault.with(|vault| it.votes.contains(&vault.me))))
    });
    let keyholder =
        memo(move |_| vault.with(|it| it.members.iter().any(|my| my.member == it.me && holds_key(&my.roles))));
    view! {
        <li class="card change">
            <div class="change-head">
                {changing(move || {
                    let (have, need) = counts();
                    let complete = have >= need;
                    view! {
                        <ThresholdRing
                            approvals=vec![]
                            signatures=(0..need).map(|at| at < have).collect()
                            complete=complete
                            label=t!("change-votes", have = have, need = need)
                        />
                    }
                })}
                <div>
                    <h3>{changing(move || of(|it, vault| t!("change-by", name = words::member_name(vault, it.proposer))))}</h3>
                    <p>
                        {changing(move || {
                            of(|it, vault| {
                                t!(
                                    "change-voters",
                                    have = it.have,
                                    need = it.need,
                                    names = words::names(vault, &it.votes)
                                )
                            })
                        })}
                    </p>
                </div>
            </div>
            <Sentences sentences=sentences />
            {changing(move || match (keyholder.get(), voted.get()) {
                (false, _) => view! { <p class="soft">{t!("change-not-you")}</p> },
                (true, true) => view! { <Voted vault=vault successor=successor /> },
                (true, false) => view! { <Vote vault=vault successor=successor /> },
            })}
        </li>
    }
}

/// A member's name, also of who is not one yet.
fn known_name(vault: &VaultView, member: conclave_shared::MemberId) -> String {
    let candidate = vault.candidates.iter().find(|candidate| candidate.member == member);
    let former = vault.former.iter().find(|former| former.member == member);
    let other = candidate.map(|it| it.name.clone()).or_else(|| former.map(|it| it.name.clone()));
    other.unwrap_or_else(|| words::member_name(vault, member))
}

fn asked_of(vault: Signal<VaultView>, successor: Memo<Option<SuccessorView>>) -> Option<OnConfiguration> {
    let cfg = successor.with_untracked(|it| it.as_ref().map(|it| it.cfg))?;
    Some(OnConfiguration { vault: vault.with_untracked(|vault| vault.vault), cfg })
}

/// The words to compare, and voting by what was heard.
#[component]
fn Vote(vault: Signal<VaultView>, successor: Memo<Option<SuccessorView>>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let act = Act::new();
    let Some(on) = asked_of(vault, successor) else { return ().into_any() };
    let vote = move |heard: String| {
        let request = Request::VoteChange(VoteChange { vault: on.vault, cfg: on.cfg, words: heard });
        act.run(answer!(request, Reply::Changes { .. } => ()), move |()| {
            app.announce(t!("change-voted"));
            vaults.asked().again();
        });
    };
    view! {
        <Compare words_of=move |()| Request::ChangeWords(on) act=act>
            <HeardWords act=act act_words=t!("change-vote") busy_words=t!("change-voting") primary=false press=vote />
        </Compare>
    }
}

/// One has voted: the words for the others to hear, and taking the vote back.
#[component]
fn Voted(vault: Signal<VaultView>, successor: Memo<Option<SuccessorView>>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let open = RwSignal::new(false);
    let act = Act::new();
    let Some(on) = asked_of(vault, successor) else { return ().into_any() };
    let take_back = move |()| {
        act.run(ipc::ask(Request::ReleaseVote(on), Some), move |_| {
            app.announce(t!("change-vote-taken"));
            vaults.asked().again();
            open.set(false);
        });
    };
    view! {
        <p class="soft">{t!("change-you-voted")}</p>
        <Compare words_of=move |()| Request::ChangeWords(on) act=act>""</Compare>
        <div>
            <Button press=move |()| open.set(true)>{t!("change-take-back")}</Button>
        </div>
        <Confirm
            open=open
            title=t!("change-take-back-ask")
            act_words=t!("change-take-back-act")
            press=take_back
            act=act
            danger=true
        >
            <p>{t!("change-take-back-means")}</p>
        </Confirm>
    }
}
