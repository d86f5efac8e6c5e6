//! The window of Conclave: shows what the backend computed and asks it to act.
//!
//! Nothing here computes on money, keys or events, and nothing that came from outside is shown but as text. What can be
//! worked out without a screen is in the crate `conclave-ui-logic`.

mod app;
mod clock;
mod closures;
mod components;
mod frame;
mod ipc;
mod live;
mod pages;
mod prelude;
mod reader;
mod route;
mod signals;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the pages into the window; called once, when they are loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        words::speak(words::load(app::system_language()).await);
        leptos::mount::mount_to_body(app::Root);
    });
}
