//! The practice vault's page: one payment of a 2-of-3 vault, step by step, as its four members see it.

use conclave_shared::Topic;
use conclave_shared::practice::{PracticeStep, PracticeView, StepStatus};
use conclave_ui_logic::practice::title;

use crate::components::answer::{ActFailed, Answer};
use crate::components::button::{Button, Weight};
use crate::components::member_card::MemberCard;
use crate::components::page::Page;
use crate::components::step_list::StepList;
use crate::live::{Act, Asked, changing, memo};
use crate::prelude::*;
use crate::{ipc, t};

/// The page.
#[component]
pub fn PracticePage() -> impl IntoView {
    let asked = Asked::on(Topic::Practice, ipc::practice_view);
    view! {
        <Page title=t!("practice-title") lead=t!("practice-lead") wide=true>
            <Answer asked=asked awaited=t!("practice-opening") let:view>
                <Loaded asked=asked view=view />
            </Answer>
        </Page>
    }
}

/// What can be done next.
#[derive(Clone, PartialEq)]
enum Next {
    /// A step is at work.
    Running(PracticeStep),
    /// This step comes next.
    Step(PracticeStep),
    /// A step failed: what it left half done is not gone on from.
    Failed,
    /// There is no other step.
    Nothing,
}

impl Next {
    fn of(view: &PracticeView) -> Self {
        match view.steps.iter().find(|step| step.status != StepStatus::Done) {
            None => Next::Nothing,
            Some(step) => match step.status {
                StepStatus::Running => Next::Running(step.step),
                StepStatus::Failed => Next::Failed,
                StepStatus::Ahead | StepStatus::Done => Next::Step(step.step),
            },
        }
    }
}

#[component]
fn Loaded(asked: Asked<PracticeView>, view: Signal<PracticeView>) -> impl IntoView {
    let members = memo(move |_| view.with(|view| view.members.len()));
    let connected = move || {
        view.with(|view| {
            let online = view.members.iter().filter(|member| member.online).count();
            t!("practice-connected", height = view.chain_height, online = online, all = view.members.len())
        })
    };
    view! {
        <div class="practice">
            <section class="practice-steps" aria-labelledby="steps-title">
                <h2 id="steps-title" class="visually-hidden">{t!("practice-steps")}</h2>
                <Work asked=asked view=view />
                <StepList view=view />
            </section>
            <section class="practice-members" aria-labelledby="members-title">
                <h2 id="members-title">{t!("practice-members")}</h2>
                <p class="soft figure">{changing(connected)}</p>
                <div class="members">
                    <For each=move || 0..members.get() key=|at| *at let:at>
                        <MemberCard member=memo(move |_| view.with(|view| view.members.get(at).cloned())) />
                    </For>
                </div>
            </section>
        </div>
    }
}

#[component]
fn Work(asked: Asked<PracticeView>, view: Signal<PracticeView>) -> impl IntoView {
    let act = Act::new();
    let next = memo(move |_| view.with(Next::of));
    let busy = Signal::derive(move || act.busy().get() || matches!(next.get(), Next::Running(_)));
    let resting = Signal::derive(move || busy.get() || next.get() == Next::Nothing);
    let words = move || match next.get() {
        Next::Running(step) => t!("practice-at-work", title = title(step)),
        Next::Step(step) if act.busy().get() => t!("practice-at-work", title = title(step)),
        Next::Step(step) => t!("practice-next", title = title(step)),
        Next::Failed => t!("practice-failed"),
        Next::Nothing => t!("practice-done"),
    };
    let progress = move || {
        let (done, all, failed) = view.with(|view| {
            let count = |status| view.steps.iter().filter(|step| step.status == status).count();
            (count(StepStatus::Done), view.steps.len(), count(StepStatus::Failed))
        });
        if failed > 0 {
            t!("practice-progress-failed", done = done, all = all)
        } else {
            t!("practice-progress", done = done, all = all)
        }
    };
    let step = move |()| match next.get_untracked() {
        Next::Failed => act.run(ipc::practice_start_again(), move |view| asked.take(view)),
        Next::Running(_) | Next::Step(_) | Next::Nothing => {
            act.run(ipc::practice_next_step(), move |view| asked.take(view));
        }
    };
    let again = move |()| act.run(ipc::practice_start_again(), move |view| asked.take(view));
    view! {
        <div class="work">
            <Button id="next-step" weight=Weight::Primary press=step off=resting>{changing(words)}</Button>
            <Button id="start-again" press=again off=busy>{t!("practice-start-again")}</Button>
            <p class="soft" role="status" aria-live="polite">{changing(progress)}</p>
            <ActFailed act=act kept=t!("shown-is-old") />
        </div>
    }
}
