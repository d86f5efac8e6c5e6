//! The practice vault's page: one payment of a 2-of-3 vault, step by step, as its four members see it.

use conclave_shared::Topic;
use conclave_shared::practice::{PracticeView, StepStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::member_card::MemberCard;
use crate::components::status_line::StatusLine;
use crate::components::step_list::StepList;
use crate::components::threshold_ring::ThresholdRing;
use crate::ipc::{self, Unanswered};

/// What the page knows.
#[derive(Clone, Copy)]
struct Page {
    /// The last view that arrived, if any did.
    view: RwSignal<Option<PracticeView>>,
    /// Why the last request was not answered.
    unanswered: RwSignal<Option<Unanswered>>,
    /// Whether a request that acts is under way.
    acting: RwSignal<bool>,
    /// Numbers the questions, so that an answer that was overtaken is not shown.
    asked: StoredValue<u64>,
    shown: StoredValue<u64>,
}

impl Page {
    fn new() -> Self {
        Self {
            view: RwSignal::new(None),
            unanswered: RwSignal::new(None),
            acting: RwSignal::new(false),
            asked: StoredValue::new(0),
            shown: StoredValue::new(0),
        }
    }

    fn next_number(self) -> u64 {
        self.asked.update_value(|asked| *asked += 1);
        self.asked.get_value()
    }

    fn show(self, number: u64, answer: Result<PracticeView, Unanswered>) {
        if number < self.shown.get_value() {
            return;
        }
        self.shown.set_value(number);
        match answer {
            Ok(view) => {
                self.unanswered.set(None);
                self.view.set(Some(view));
            }
            Err(unanswered) => self.unanswered.set(Some(unanswered)),
        }
    }

    /// Asks for the view as it stands.
    fn ask(self) {
        let number = self.next_number();
        spawn_local(async move { self.show(number, ipc::practice_view().await) });
    }

    /// Acts. The answer is numbered when it comes: it is newer than whatever was asked meanwhile.
    fn act(self, request: impl Future<Output = Result<PracticeView, Unanswered>> + 'static) {
        if self.acting.get_untracked() {
            return;
        }
        self.acting.set(true);
        spawn_local(async move {
            let answer = request.await;
            self.show(self.next_number(), answer);
            self.acting.set(false);
        });
    }

    fn listen(self) {
        spawn_local(async move {
            let told = ipc::on_topic(move |topic| match topic {
                Topic::Practice => self.ask(),
                Topic::State | Topic::Vaults => {}
            });
            if let Err(unanswered) = told.await {
                self.unanswered.set(Some(unanswered));
            }
        });
    }
}

/// The page.
#[component]
pub fn PracticePage() -> impl IntoView {
    let page = Page::new();
    page.listen();
    page.ask();
    let loaded = Memo::new(move |_| page.view.with(Option::is_some));
    view! {
        {move || {
            if loaded.get() {
                view! { <Loaded page=page /> }.into_any()
            } else {
                view! { <NotLoaded page=page /> }.into_any()
            }
        }}
    }
}

#[component]
fn NotLoaded(page: Page) -> impl IntoView {
    move || match page.unanswered.get() {
        None => view! { <main class="alone" role="status">"Opening the practice vault …"</main> }.into_any(),
        Some(Unanswered(reason)) => view! {
            <main class="alone" role="alert">
                <h1>"The practice vault did not answer"</h1>
                <p>{reason}</p>
                <p>"Nothing was started and nothing is lost."</p>
                <button class="primary" on:click=move |_| page.ask()>"Ask again"</button>
            </main>
        }
        .into_any(),
    }
}

/// What can be done next.
#[derive(Clone, PartialEq)]
enum Next {
    /// A step is at work.
    Running(String),
    /// This step comes next.
    Step(String),
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
                StepStatus::Running => Next::Running(step.title.clone()),
                StepStatus::Failed => Next::Failed,
                StepStatus::Ahead | StepStatus::Done => Next::Step(step.title.clone()),
            },
        }
    }
}

#[component]
fn Loaded(page: Page) -> impl IntoView {
    let view = Memo::new(move |_| page.view.get().unwrap_or_else(nothing));
    let next = Memo::new(move |_| view.with(Next::of));
    let members = Memo::new(move |_| view.with(|view| view.members.len()));
    let height = Memo::new(move |_| view.with(|view| view.chain_height));
    let seen = Memo::new(move |_| {
        view.with(|view| (view.members.iter().filter(|member| member.online).count(), view.members.len()))
    });
    view! {
        <header class="top">
            <ThresholdRing
                approvals=vec![]
                signatures=vec![true, true, false]
                complete=true
                label="Conclave".to_owned()
            />
            <h1>"Practice vault"</h1>
            <p>"One payment of a 2-of-3 vault on a practice chain. No real money, nothing leaves this machine."</p>
        </header>
        <main class="practice">
            <section class="column" aria-labelledby="steps-title">
                <h2 id="steps-title" class="visually-hidden">"Steps"</h2>
                <Actions page=page view=view next=next />
                <div class="scroll" tabindex="0" role="region" aria-labelledby="steps-title">
                    <StepList view=view />
                </div>
            </section>
            <section class="column" aria-labelledby="members-title">
                <h2 id="members-title">"As each member sees it"</h2>
                <div class="scroll" tabindex="0" role="region" aria-labelledby="members-title">
                    <div class="members">
                        <For each=move || 0..members.get() key=|at| *at let:at>
                            <MemberCard member=Memo::new(move |_| view.with(|view| view.members.get(at).cloned())) />
                        </For>
                    </div>
                </div>
            </section>
        </main>
        <StatusLine height=height members=seen />
    }
}

#[component]
fn Actions(page: Page, view: Memo<PracticeView>, next: Memo<Next>) -> impl IntoView {
    let busy = move || page.acting.get() || matches!(next.get(), Next::Running(_));
    let resting = move || busy() || next.get() == Next::Nothing;
    let title = move || match next.get() {
        Next::Running(title) => format!("At work: {title}"),
        Next::Step(title) if page.acting.get() => format!("At work: {title}"),
        Next::Step(title) => format!("Next step: {title}"),
        Next::Failed => "Start again from the first step".to_owned(),
        Next::Nothing => "All steps are done".to_owned(),
    };
    let progress = move || {
        let (done, all, failed) = view.with(|view| {
            let count = |status| view.steps.iter().filter(|step| step.status == status).count();
            (count(StepStatus::Done), view.steps.len(), count(StepStatus::Failed))
        });
        let failed = if failed > 0 { "; one failed, its last line says why" } else { "" };
        format!("{done} of {all} steps are done{failed}.")
    };
    let step = move |_| {
        if resting() {
            return;
        }
        match next.get_untracked() {
            Next::Failed => page.act(ipc::practice_start_again()),
            Next::Running(_) | Next::Step(_) | Next::Nothing => page.act(ipc::practice_next_step()),
        }
    };
    let again = move |_| {
        if !busy() {
            page.act(ipc::practice_start_again());
        }
    };
    // Not `disabled`: that would take the keyboard's place away from under the finger at every step.
    view! {
        <div class="actions">
            <button id="next-step" class="primary" aria-disabled=move || resting().to_string() on:click=step>
                {title}
            </button>
            <button id="start-again" class="quiet" aria-disabled=move || busy().to_string() on:click=again>
                "Start again"
            </button>
            <p class="progress" role="status" aria-live="polite">{progress}</p>
            {move || {
                page.unanswered
                    .get()
                    .map(|Unanswered(reason)| {
                        view! {
                            <p class="danger" role="alert">
                                "The practice vault did not answer: " {reason} ". What is shown is what was last known."
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// Shown for no longer than it takes to replace it.
fn nothing() -> PracticeView {
    PracticeView { steps: vec![], members: vec![], chain_height: 0 }
}
