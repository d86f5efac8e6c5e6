//! A label, what to type, and what is wrong with it: the frame around every input.

use crate::components::fresh_id;
use crate::components::icon::{Icon, Shape};
use crate::live::changing;
use crate::prelude::*;

/// The ids that tie an input to its label, hint and error.
#[derive(Clone)]
pub struct FieldIds {
    /// The input's own.
    pub input: String,
    hint: String,
    error: String,
}

impl FieldIds {
    /// Ids that nothing else has.
    pub fn new() -> Self {
        let input = fresh_id("field");
        Self { hint: format!("{input}-hint"), error: format!("{input}-error"), input }
    }

    /// For the input's `aria-describedby`.
    pub fn described_by(&self) -> String {
        format!("{} {}", self.hint, self.error)
    }
}

/// The frame. The input has the id `ids.input` and is described by `ids.described_by()`.
#[component]
pub fn Field(
    /// What the input is called.
    #[prop(into)]
    label: TextProp,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What is wrong with what is typed.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The ids of its parts.
    ids: FieldIds,
    /// The input.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=ids.input.clone()>{changing(move || label.get().to_string())}</label>
            {children()}
            <p class="field-hint" id=ids.hint>{hint.map(|hint| move || hint.get().to_string())}</p>
            <p class="field-error" id=ids.error aria-live="polite">
                {changing(move || error.get().map(|error| view! { <Icon shape=Shape::Warning /> {error} }))}
            </p>
        </div>
    }
}
