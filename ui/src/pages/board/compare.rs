//! Comparing words by voice: one's own to read out, and a field for what one heard. The two are never seen together, and
//! the field begins empty: whoever only copies what stands on the own screen has compared nothing.

use conclave_shared::request::{Reply, Request};

use crate::components::answer::{ActFailed, Answer};
use crate::components::button::{Button, Weight};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::notice::{Meaning, Notice};
use crate::components::words::Words;
use crate::ipc::Unanswered;
use crate::live::{Act, Asked, changing, effect, memo};
use crate::prelude::*;
use crate::{answer, t};

/// How many words name a configuration.
const WORDS: usize = 12;
/// The name of the failure that stops it all.
const DIFFER: &str = "words-differ";

/// Whether one's own words are shown; known to the field below them.
#[derive(Clone, Copy)]
struct OwnWords(RwSignal<bool>);

/// One's own words, hidden until they are asked for, and what belongs below them.
#[component]
pub fn Compare(
    /// The request whose answer they are.
    #[prop(into)]
    words_of: Callback<(), Request>,
    /// The act that is done with what was heard.
    act: Act,
    /// The field for it.
    children: Children,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    provide_context(OwnWords(shown));
    let differ = Signal::derive(move || {
        act.unanswered().is_some_and(|it| matches!(it, Unanswered::Refused(failure) if failure.code == DIFFER))
    });
    view! {
        <div class="compare">
            <Show when=move || differ.get()>
                <Notice meaning=Meaning::Refused title=t!("compare-differ")>
                    <p>{t!("compare-differ-means")}</p>
                    <p>{t!("compare-differ-do")}</p>
                </Notice>
            </Show>
            <div>
                <Button icon=Shape::Eye press=move |()| shown.update(|shown| *shown = !*shown)>
                    {changing(move || if shown.get() { t!("compare-hide") } else { t!("compare-show") })}
                </Button>
            </div>
            <Show when=move || shown.get()>
                <Own words_of=words_of />
            </Show>
            {children()}
        </div>
    }
}

#[component]
fn Own(words_of: Callback<(), Request>) -> impl IntoView {
    let asked = Asked::once(move || answer!(words_of.run(()), Reply::Words { words } => words));
    view! {
        <div class="own-words">
            <p class="soft">{t!("compare-read-out")}</p>
            <Answer asked=asked awaited=t!("compare-counting") let:own>
                {changing(move || view! { <Words words=own.get() title=t!("compare-own") secret=true /> })}
            </Answer>
        </div>
    }
}

/// The field for what the others read out, and the act that it allows.
#[component]
pub fn HeardWords(
    /// The act.
    act: Act,
    /// The words of its button.
    #[prop(into)]
    act_words: String,
    /// What the button says meanwhile.
    #[prop(into)]
    busy_words: String,
    /// Whether it is what the page is for.
    primary: bool,
    /// Gets what was typed.
    #[prop(into)]
    press: Callback<String>,
) -> impl IntoView {
    let OwnWords(own) = expect_context();
    let heard = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let count = memo(move |_| {
        heard.with(|heard| heard.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).count())
    });
    // What is typed must come by ear: the own words go away as soon as somebody types.
    effect(move |_| {
        if !heard.with(String::is_empty) {
            own.set(false);
        }
    });
    let fault = Signal::derive(move || match count.get() {
        0 => Some(t!("form-empty")),
        WORDS => None,
        count => Some(t!("compare-count", count = count)),
    });
    let typed = Signal::derive(move || t!("compare-heard-hint", count = count.get()));
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if fault.get_untracked().is_none() {
            press.run(heard.get_untracked());
        }
    };
    let other = Signal::derive(move || {
        act.unanswered().is_some_and(|it| !matches!(it, Unanswered::Refused(failure) if failure.code == DIFFER))
    });
    view! {
        <form class="form heard" on:submit=go>
            <TextInput
                label=t!("compare-heard")
                hint=move || typed.get()
                value=heard
                exact=true
                long=true
                error=fault
                tried=tried
            />
            <Show when=move || other.get()>
                <ActFailed act=act />
            </Show>
            <Button
                weight=if primary { Weight::Primary } else { Weight::Quiet }
                submit=true
                press=|()| ()
                busy=act.busy()
                busy_words=busy_words
            >
                {act_words}
            </Button>
        </form>
    }
}
