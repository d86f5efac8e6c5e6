//! The practice vault's steps, in order, each with what happened.

use conclave_shared::practice::{LineView, PracticeStep, PracticeView, StepStatus, StepView};
use conclave_ui_logic::messages::Said;
use conclave_ui_logic::{practice, vocabulary};
use leptos::html::Li;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::app::App;
use crate::live::{changing, effect, memo};
use crate::prelude::*;
use crate::{t, words};

/// All steps. The one at work, or the last one done, is kept in sight.
#[component]
pub fn StepList(#[prop(into)] view: Signal<PracticeView>) -> impl IntoView {
    let count = memo(move |_| view.with(|view| view.steps.len()));
    view! {
        <ol class="steps">
            <For each=move || 0..count.get() key=|at| *at let:at>
                <Step at=at step=memo(move |_| view.with(|view| view.steps.get(at).cloned())) />
            </For>
        </ol>
    }
}

#[component]
fn Step(at: usize, step: Memo<Option<StepView>>) -> impl IntoView {
    let item = NodeRef::<Li>::new();
    let status = memo(move |_| step.with(|step| step.as_ref().map_or(StepStatus::Ahead, |step| step.status)));
    let text =
        move |of: fn(PracticeStep) -> Said| step.with(|step| step.as_ref().map(|step| words::text(&of(step.step))));
    let lines = move || step.with(|step| step.as_ref().map(|step| step.lines.clone()).unwrap_or_default());

    effect(move |before: Option<StepStatus>| {
        let now = status.get();
        // Also when lines are added: the newest is what one wants to read.
        step.track();
        let moved = before.is_some_and(|before| before != now || now == StepStatus::Running);
        if let Some(item) = item.get().filter(|_| moved && now != StepStatus::Ahead) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            item.scroll_into_view_with_scroll_into_view_options(&options);
        }
        now
    });

    view! {
        <li
            class="step"
            data-status=move || status_name(status.get())
            node_ref=item
            aria-current=move || (status.get() == StepStatus::Running).then_some("step")
        >
            <Mark at=at status=status />
            <div class="step-text">
                <h3>
                    <span>{changing(move || text(practice::title))}</span>
                    <span class="step-status">{changing(move || words::text(&vocabulary::step(status.get())))}</span>
                </h3>
                <p class="why">{changing(move || text(practice::why))}</p>
                <ul class="lines">
                    <For
                        each=move || lines().into_iter().enumerate()
                        key=|(at, line)| (*at, line.at_ms)
                        children=|(_, line)| view! { <Line line=line /> }
                    />
                </ul>
            </div>
        </li>
    }
}

#[component]
fn Line(line: LineView) -> impl IntoView {
    let app = App::here();
    view! {
        <li>
            <span class="at">{since(line.at_ms)}</span>
            <span>{changing(move || words::text(&practice::happened(&line.what, app.unit())))}</span>
        </li>
    }
}

/// The state as a shape: its number ahead, a pair of arcs at work, a tick when done, a cross when failed.
#[component]
fn Mark(at: usize, status: Memo<StepStatus>) -> impl IntoView {
    let shape = move || match status.get() {
        StepStatus::Ahead => view! { <text y="4">{at + 1}</text> },
        StepStatus::Running => view! { <path class="stroke" d="M0 -5a5 5 0 0 1 5 5M0 5a5 5 0 0 1 -5 -5" /> },
        StepStatus::Done => view! { <path class="stroke" d="M-5 0.5l3.5 3.5l6.5 -7.5" /> },
        StepStatus::Failed => view! { <path class="stroke" d="M-4 -4l8 8M4 -4l-8 8" /> },
    };
    view! {
        <svg class="mark" viewBox="-13 -13 26 26" aria-hidden="true">
            <circle r="11" />
            {changing(shape)}
        </svg>
    }
}

fn status_name(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Ahead => "ahead",
        StepStatus::Running => "running",
        StepStatus::Done => "done",
        StepStatus::Failed => "failed",
    }
}

/// Time since the practice vault was started.
fn since(ms: u64) -> String {
    let seconds = ms / 1000;
    if seconds < 60 {
        t!("practice-since-seconds", seconds = format!("{seconds}.{}", ms % 1000 / 100))
    } else {
        t!("practice-since-minutes", minutes = format!("{}:{:02}", seconds / 60, seconds % 60))
    }
}
