//! The window of Conclave: shows what the backend computed and asks it to act.
//!
//! Nothing here computes on money, keys or events, and nothing that came from outside is shown but as text.

mod components;
mod ipc;
mod pages;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the page into the window; called once, when the compiled pages are loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(pages::practice::PracticePage);
}
