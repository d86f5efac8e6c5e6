//! The places of a vault that is set up, filling as members join.

use conclave_shared::view::{MemberView, OpenPlaceView, VaultView};
use conclave_shared::{MemberId, VaultStatus};
use conclave_ui_logic::ceremony::{self, Done};
use conclave_ui_logic::{places, vocabulary};

use crate::app::App;
use crate::components::address::Key;
use crate::components::details::Details;
use crate::components::icon::{Icon, Shape};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::when::{When, date_time};
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// All places, those that are taken first.
#[component]
pub fn Slots(vault: Signal<VaultView>) -> impl IntoView {
    let ids = memo(move |_| vault.with(|it| it.members.iter().map(|it| it.member).collect::<Vec<MemberId>>()));
    let open = memo(move |_| vault.with(|vault| vault.open_places.clone()));
    view! {
        <ul class="slots">
            <For each=move || ids.get() key=|id| *id let:id>
                <Slot
                    vault=vault
                    member=memo(move |_| {
                        vault.with(|vault| vault.members.iter().find(|member| member.member == id).cloned())
                    })
                />
            </For>
            {changing(move || open.get().into_iter().map(|place| view! { <OpenSlot place=place /> }).collect_view())}
        </ul>
    }
}

#[component]
fn Slot(vault: Signal<VaultView>, member: Memo<Option<MemberView>>) -> impl IntoView {
    let shown = move |member: MemberView| {
        let (mine, awaited, done) = vault.with(|vault| {
            let settled = ceremony::complete(&member);
            let waits = vault.status != VaultStatus::Gathering && !settled;
            (member.member == vault.me, words::text(&ceremony::awaited(vault, &member)), !waits)
        });
        let role = words::text(&vocabulary::role(places::main_role(&member.roles)));
        let title = member.title.as_deref().map(|title| words::text(&places::title(title)));
        let steps = ceremony::steps(&member).into_iter().map(|step| view! { <StepMark step=step /> }).collect_view();
        let warnings = member
            .warnings
            .iter()
            .map(|finding| {
                view! { <Notice meaning=Meaning::Waits title=words::text(&vocabulary::finding(*finding)) /> }
            })
            .collect_view();
        view! {
            <div class="slot-head">
                <h3>
                    {member.name.clone()}
                    {mine.then(|| view! { " " <span class="you">{t!("member-you")}</span> })}
                </h3>
                <p class="soft">
                    {title.map(|title| format!("{title} · "))} {role}
                    {member.last_heard_ms.filter(|_| !mine).map(|ms| view! { " · " {t!("member-heard")} " " <When ms=ms /> })}
                </p>
            </div>
            <ol class="slot-steps">{steps}</ol>
            <Status meaning=if done { Meaning::Fine } else { Meaning::Waits } words=awaited />
            {warnings}
            {member
                .key
                .clone()
                .map(|key| view! { <Details title=t!("board-key")><Key key=key copy=true /></Details> })}
        }
    };
    view! { <li class="slot">{changing(move || member.get().map(shown))}</li> }
}

#[component]
fn StepMark(step: Done) -> impl IntoView {
    let words = words::text(&step.step.said());
    let when = step.ms.filter(|_| step.done).map(date_time);
    let state = if step.done { t!("board-done") } else { t!("board-open") };
    view! {
        <li class:done=step.done>
            <Icon shape=if step.done { Shape::Check } else { Shape::Clock } />
            <span>{words}</span>
            <span class="visually-hidden">{state}</span>
            <span class="slot-when">{when}</span>
        </li>
    }
}

#[component]
fn OpenSlot(place: OpenPlaceView) -> impl IntoView {
    let app = App::here();
    let role = words::text(&vocabulary::role(places::main_role(&place.roles)));
    let title = place.title.as_deref().map_or_else(|| role.clone(), |title| words::text(&places::title(title)));
    let until = place.expires_ms;
    view! {
        <li class="slot open">
            <div class="slot-head">
                <h3>{title}</h3>
                <p class="soft">{role}</p>
            </div>
            {changing(move || {
                if until < app.now() {
                    view! { <Status meaning=Meaning::Refused words=t!("board-place-expired") /> }
                } else {
                    view! {
                        <Status meaning=Meaning::Waits words=t!("board-place-open") />
                        <p class="soft">{t!("board-place-until", when = date_time(until))}</p>
                    }
                }
            })}
        </li>
    }
}
