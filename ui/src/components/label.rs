//! A label: read, and written where it stands.

use conclave_shared::VaultId;
use conclave_shared::request::{Labelled, Reply, Request, SetLabel};

use crate::answer;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, IconButton};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::live::{Act, changing};
use crate::prelude::*;
use crate::t;

/// The most characters of a label.
const LONGEST: usize = 255;

/// The label, with a button that lets it be written.
#[component]
pub fn Label(
    /// The vault, or what is watched.
    vault: VaultId,
    /// About what.
    on: Labelled,
    /// As it is.
    #[prop(into)]
    label: Signal<Option<String>>,
    /// What it is a label of, for who cannot see where the button stands.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let writing = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let act = Act::new();
    let on = StoredValue::new(on);
    let too_long = Signal::derive(move || {
        text.with(|text| text.chars().count() > LONGEST).then(|| t!("form-too-long", most = LONGEST))
    });
    let begin = move |()| {
        text.set(label.get_untracked().unwrap_or_default());
        writing.set(true);
    };
    let keep = move || {
        if too_long.get_untracked().is_some() {
            return;
        }
        let label = text.get_untracked().trim().to_owned();
        let request = Request::SetLabel(SetLabel { vault, on: on.get_value(), label });
        act.run(answer!(request, Reply::Done => ()), move |()| writing.set(false));
    };
    let words = t!("label-write", what = what);
    view! {
        <Show
            when=move || writing.get()
            fallback=move || {
                view! {
                    <span class="label">
                        <span class="label-text">{changing(move || label.get())}</span>
                        <IconButton press=begin shape=Shape::Pen words=words.clone() />
                    </span>
                }
            }
        >
            <form
                class="label-form"
                on:submit=move |event| {
                    event.prevent_default();
                    keep();
                }
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        writing.set(false);
                    }
                }
            >
                <TextInput label=t!("label") value=text error=too_long />
                <Button submit=true press=move |()| () busy=act.busy() busy_words=t!("label-keeping")>
                    {t!("label-keep")}
                </Button>
                <Button press=move |()| writing.set(false)>{t!("cancel")}</Button>
                <ActFailed act=act />
            </form>
        </Show>
    }
}
