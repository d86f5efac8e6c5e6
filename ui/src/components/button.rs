//! Buttons, and links within the window.

use crate::app::App;
use crate::components::icon::{Icon, Shape};
use crate::live::changing;
use crate::prelude::*;
use crate::route::Route;

/// What weight a button has. Never more than one `Primary` on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// The one thing that the page is for.
    Primary,
    /// Anything else.
    #[default]
    Quiet,
    /// What cannot be taken back, or stops others.
    Danger,
}

impl Weight {
    fn class(self) -> &'static str {
        match self {
            Weight::Primary => "button primary",
            Weight::Quiet => "button quiet",
            Weight::Danger => "button danger",
        }
    }
}

/// A button. While it is `busy` it says so in `busy_words` and does nothing; the same while it is `off`. It is never
/// `disabled`: that would take the keyboard's place away from under the finger.
#[component]
pub fn Button(
    /// What happens.
    #[prop(into)]
    press: Callback<()>,
    /// Its weight.
    #[prop(optional)]
    weight: Weight,
    /// Whether what it does is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What it says meanwhile.
    #[prop(optional, into)]
    busy_words: Option<TextProp>,
    /// Whether it cannot be pressed now; the page says why.
    #[prop(optional, into)]
    off: Signal<bool>,
    /// A shape before its words.
    #[prop(optional, into)]
    icon: Option<Shape>,
    /// The element's id.
    #[prop(optional, into)]
    id: Option<String>,
    /// Whether pressing Enter in the form presses it; its `press` is called by the form's `on:submit` then.
    #[prop(optional)]
    submit: bool,
    /// The id of what describes it.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Its words.
    children: Children,
) -> impl IntoView {
    let says_busy = busy_words.is_some();
    let busy_words = move || busy_words.as_ref().filter(|_| busy.get()).map(|words| words.get().to_string());
    view! {
        <button
            class=weight.class()
            id=id
            type=if submit { "submit" } else { "button" }
            aria-disabled=move || (busy.get() || off.get()).to_string()
            aria-busy=move || busy.get().then_some("true")
            aria-describedby=described_by
            on:click=move |event| {
                if busy.get_untracked() || off.get_untracked() {
                    event.prevent_default();
                } else if !submit {
                    press.run(());
                }
            }
        >
            {icon.map(|shape| view! { <Icon shape=shape /> })}
            <span class="button-words" hidden=move || says_busy && busy.get()>{children()}</span>
            <span>{changing(busy_words)}</span>
        </button>
    }
}

/// A button that is only a shape; its words are read out and shown when pointed at.
#[component]
pub fn IconButton(
    /// What happens.
    #[prop(into)]
    press: Callback<()>,
    /// The shape.
    shape: Shape,
    /// Its words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    view! {
        <button class="icon-button" type="button" aria-label=words.clone() title=words on:click=move |_| press.run(())>
            <Icon shape=shape />
        </button>
    }
}

/// A link to a page of the window.
#[component]
pub fn Link(
    /// Where to.
    to: Route,
    /// Its words.
    children: Children,
) -> impl IntoView {
    let app = App::here();
    let current = move || (app.navigator().now().part_of() == to).then_some("page");
    view! {
        <a
            class="link"
            href="#"
            aria-current=current
            on:click=move |event| {
                event.prevent_default();
                app.go(to);
            }
        >
            {children()}
        </a>
    }
}
