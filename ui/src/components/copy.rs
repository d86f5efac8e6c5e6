//! Copying: the host does it, and clears the clipboard again.

use leptos::task::spawn_local;

use crate::app::App;
use crate::components::button::{Button, IconButton};
use crate::components::icon::Shape;
use crate::prelude::*;
use crate::{ipc, t, words};

/// Copies a text.
#[component]
pub fn CopyButton(
    /// The text.
    #[prop(into)]
    text: String,
    /// The button's words: what is copied.
    #[prop(into)]
    what: String,
    /// Whether its words stand on it, because copying is what one is here for.
    #[prop(optional)]
    spelled: bool,
) -> impl IntoView {
    let app = App::here();
    let copy = move |()| {
        let text = text.clone();
        spawn_local(async move {
            match ipc::copy(text).await {
                Ok(()) => app.announce(t!("copied")),
                Err(unanswered) => app.announce(words::unanswered(&unanswered)),
            }
        });
    };
    if spelled {
        view! { <Button press=copy icon=Shape::Copy>{what}</Button> }
    } else {
        view! { <IconButton press=copy shape=Shape::Copy words=what /> }
    }
}
