//! Something to know, by word and shape.

use crate::components::icon::{Icon, Shape};
use crate::live::changing;
use crate::prelude::*;

/// What it means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is as it should be.
    Fine,
    /// It waits for somebody.
    Waits,
    /// It is refused, or a danger.
    Refused,
    /// Good to know.
    Plain,
}

impl Meaning {
    fn class(self) -> &'static str {
        match self {
            Meaning::Fine => "notice fine",
            Meaning::Waits => "notice waits",
            Meaning::Refused => "notice refused",
            Meaning::Plain => "notice",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Meaning::Fine => Shape::Check,
            Meaning::Waits => Shape::Clock,
            Meaning::Refused => Shape::Warning,
            Meaning::Plain => Shape::Note,
        }
    }
}

/// The notice.
#[component]
pub fn Notice(
    /// What it means.
    meaning: Meaning,
    /// Its first words, which must say it all.
    #[prop(into)]
    title: TextProp,
    /// What else there is to say or do.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=meaning.class() role=(meaning == Meaning::Refused).then_some("alert")>
            <Icon shape=meaning.shape() />
            <div class="notice-body">
                <p class="notice-title">{changing(move || title.get().to_string())}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
}

/// A state in a word or two, beside what it is the state of.
#[component]
pub fn Status(
    /// What it means.
    meaning: Meaning,
    /// The words.
    #[prop(into)]
    words: TextProp,
) -> impl IntoView {
    let class = format!("status {}", meaning.class().trim_start_matches("notice").trim());
    view! {
        <span class=class>
            <Icon shape=meaning.shape() />
            {changing(move || words.get().to_string())}
        </span>
    }
}
