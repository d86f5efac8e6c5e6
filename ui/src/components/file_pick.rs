//! A file that a person picks. Its bytes go to the backend as they are.

use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use crate::components::fresh_id;
use crate::components::icon::{Icon, Shape};
use crate::live::changing;
use crate::prelude::*;
use crate::t;

/// A file as it was picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Its name, without its folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Picked {
    /// As base64, in which requests carry files.
    pub fn base64(&self) -> String {
        conclave_ui_logic::base64::encode(&self.bytes)
    }

    /// As text, where it is UTF-8.
    pub fn text(&self) -> Option<String> {
        String::from_utf8(self.bytes.clone()).ok()
    }
}

/// Asks for a file of at most `most` bytes.
#[component]
pub fn FilePick(
    /// The words of the button.
    #[prop(into)]
    label: String,
    /// Which files are offered, as in HTML: `.psbt,.txt`.
    #[prop(into)]
    accept: String,
    /// The most bytes that are read.
    most: u32,
    /// Gets the file.
    #[prop(into)]
    picked: Callback<Picked>,
) -> impl IntoView {
    let id = fresh_id("file");
    let name = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(None::<String>);
    let read = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be picked again after it was changed.
        let forget = move || input.set_value("");
        wrong.set(None);
        name.set(Some(file.name()));
        if file.size() > f64::from(most) {
            wrong.set(Some(t!("file-too-large", kilobytes = most / 1000)));
            forget();
            return;
        }
        spawn_local(async move {
            let bytes = JsFuture::from(file.array_buffer()).await;
            forget();
            match bytes {
                Ok(bytes) => {
                    picked.run(Picked { name: file.name(), bytes: js_sys::Uint8Array::new(&bytes).to_vec() });
                }
                Err(_) => wrong.set(Some(t!("file-unreadable"))),
            }
        });
    };
    let error = format!("{id}-error");
    view! {
        <div class="file-pick">
            <input id=id.clone() type="file" class="visually-hidden" accept=accept aria-describedby=error.clone() on:change=read />
            <label class="button quiet" for=id>
                <Icon shape=Shape::File />
                <span class="button-words">{label}</span>
            </label>
            <span class="file-name">{changing(move || name.get())}</span>
            <p class="field-error" id=error aria-live="polite">{changing(move || wrong.get())}</p>
        </div>
    }
}
