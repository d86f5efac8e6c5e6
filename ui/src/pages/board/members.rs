//! The members of an active vault: who they are, when they were heard, and changes of who they are.

use conclave_shared::request::{ProposeChange, Reply, Request};
use conclave_shared::view::{MemberView, VaultView};
use conclave_shared::{KeyState, MemberId};
use conclave_ui_logic::places::{self, holds_key};
use conclave_ui_logic::vocabulary;

use super::invite::{Candidates, InvitePart};
use super::next_steps::NextSteps;
use crate::app::App;
use crate::components::address::Key;
use crate::components::button::Button;
use crate::components::confirm::Confirm;
use crate::components::details::Details;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::when::{At, When};
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::changes::Changes;
use crate::prelude::*;
use crate::{answer, t, words};

/// The page.
#[component]
pub fn Members(vault: Signal<VaultView>) -> impl IntoView {
    let ids = memo(move |_| vault.with(|it| it.members.iter().map(|it| it.member).collect::<Vec<MemberId>>()));
    let keyholder =
        memo(move |_| vault.with(|it| it.members.iter().any(|my| my.member == it.me && holds_key(&my.roles))));
    let candidates = memo(move |_| vault.with(|vault| !vault.candidates.is_empty()));
    let former = memo(move |_| vault.with(|vault| vault.former.clone()));
    // Who is to be invited in whose place; the form is below the list.
    let replaces = RwSignal::new(None::<MemberId>);
    view! {
        <Page title=t!("members-title") lead=move || vault.with(|vault| t!("members-lead", name = &vault.name))>
            <Changes vault=vault />
            <Section title=t!("members-all")>
                <ul class="members-list">
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Member
                            vault=vault
                            member=memo(move |_| {
                                vault.with(|vault| vault.members.iter().find(|it| it.member == id).cloned())
                            })
                            may_change=keyholder
                            replaces=replaces
                        />
                    </For>
                </ul>
            </Section>
            <Show when=move || candidates.get()>
                <Candidates vault=vault may_change=keyholder />
            </Show>
            <Show
                when=move || keyholder.get()
                fallback=|| view! { <p class="soft">{t!("members-keyholders-change")}</p> }
            >
                <InvitePart vault=vault replaces=replaces />
            </Show>
            <NextSteps vault=vault />
            <Show when=move || !former.with(Vec::is_empty)>
                <Section title=t!("members-former")>
                    <p class="soft">{t!("members-former-text")}</p>
                    <ul class="members-list">
                        {changing(move || {
                            former
                                .get()
                                .into_iter()
                                .map(|former| {
                                    view! {
                                        <li class="member-row">
                                            <h3>{former.name}</h3>
                                            <Key key=former.key copy=true />
                                        </li>
                                    }
                                })
                                .collect_view()
                        })}
                    </ul>
                </Section>
            </Show>
        </Page>
    }
}

#[component]
fn Member(
    vault: Signal<VaultView>,
    member: Memo<Option<MemberView>>,
    may_change: Memo<bool>,
    replaces: RwSignal<Option<MemberId>>,
) -> impl IntoView {
    let shown = move |member: MemberView| {
        let mine = vault.with(|vault| vault.me == member.member);
        let roles =
            member.roles.iter().map(|role| words::text(&vocabulary::role(*role))).collect::<Vec<_>>().join(", ");
        let title = member.title.as_deref().map(|title| words::text(&places::title(title)));
        let warnings = member
            .warnings
            .iter()
            .map(|it| view! { <Notice meaning=Meaning::Waits title=words::text(&vocabulary::finding(*it)) /> })
            .collect_view();
        let heard = match member.last_heard_ms {
            _ if mine => view! { <span class="soft">{t!("members-this-program")}</span> },
            Some(ms) => view! { <span class="soft">{t!("member-heard")} " " <When ms=ms /></span> },
            None => view! { <Status meaning=Meaning::Waits words=t!("members-never-heard") /> },
        };
        let signed = match (holds_key(&member.roles), member.signed_first_ms) {
            (true, Some(_)) => Some(view! { <Status meaning=Meaning::Fine words=t!("members-signed") /> }),
            (true, None) => Some(view! { <Status meaning=Meaning::Waits words=t!("members-not-signed") /> }),
            (false, _) => None,
        };
        let more = member.clone();
        let acts = (!mine).then(
            || view! { <MemberActs vault=vault member=member.clone() may_change=may_change replaces=replaces /> },
        );
        view! {
            <div class="member-row-head">
                <div>
                    <h3>
                        {member.name.clone()}
                        {mine.then(|| view! { " " <span class="you">{t!("member-you")}</span> })}
                    </h3>
                    <p class="soft">{title.map(|title| format!("{title} · "))} {roles}</p>
                </div>
                <div class="member-row-state">{heard} {signed}</div>
            </div>
            {warnings}
            <Details title=t!("members-more")>
                <More member=more />
            </Details>
            {acts}
        }
    };
    view! { <li class="member-row">{changing(move || member.get().map(shown))}</li> }
}

/// When a member did what, and the key.
#[component]
fn More(member: MemberView) -> impl IntoView {
    let time = |name: String, ms: Option<u64>| ms.map(|ms| view! { <Fact name=name><At ms=ms /></Fact> });
    view! {
        <Facts>
            {time(t!("board-step-joined"), member.joined_ms)}
            {time(t!("board-step-proven"), member.proven_ms)}
            {time(t!("board-step-ratified"), member.ratified_ms)}
            {time(t!("members-signed-first"), member.signed_first_ms)}
            {member
                .key_state
                .map(|state: KeyState| {
                    view! { <Fact name=t!("members-key-state")>{words::text(&vocabulary::key_state(state))}</Fact> }
                })}
            {member.key.clone().map(|key| view! { <Fact name=t!("board-key")><Key key=key copy=true /></Fact> })}
            <Fact name=t!("members-id")><Key key=member.member.to_string() copy=true /></Fact>
        </Facts>
    }
}

/// Taking a member out, or inviting somebody in the place of a lost installation.
#[component]
fn MemberActs(
    vault: Signal<VaultView>,
    member: MemberView,
    may_change: Memo<bool>,
    replaces: RwSignal<Option<MemberId>>,
) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let open = RwSignal::new(false);
    let act = Act::new();
    let id = vault.with_untracked(|vault| vault.vault);
    let (who, name, key) = (member.member, member.name, holds_key(&member.roles));
    let title = t!("member-remove-ask", name = &name);
    let remove = move |()| {
        let change = ProposeChange { remove: vec![who], ..ProposeChange::of(id) };
        act.run(answer!(Request::ProposeChange(change), Reply::Changes { .. } => ()), move |()| {
            app.announce(t!("change-proposed"));
            vaults.asked().again();
            open.set(false);
        });
    };
    let replace = move |()| {
        replaces.set(Some(who));
        if let Some(form) = document().get_element_by_id("invite") {
            form.scroll_into_view();
        }
    };
    view! {
        <Show when=move || may_change.get()>
            <div class="actions">
                {key
                    .then(|| view! { <Button press=replace>{t!("member-replace")}</Button> })}
                <Button press=move |()| open.set(true)>{t!("member-remove")}</Button>
            </div>
        </Show>
        <Confirm open=open title=title act_words=t!("member-remove-act") press=remove act=act danger=true>
            <p>{if key { t!("member-remove-key-means", name = &name) } else { t!("member-remove-means", name = &name) }}</p>
            <p>{t!("change-needs-votes")}</p>
        </Confirm>
    }
}
