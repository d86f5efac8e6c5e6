//! Keys that work on every page. They are listed in the settings.

use leptos::ev::{self, KeyboardEvent};

use crate::app::App;
use crate::frame::{Listed, Vaults};
use crate::prelude::*;
use crate::route::Route;

/// Listens as long as the frame is shown: Alt+1 to Alt+9 go to a vault, Alt+0 to all, Alt+Left goes back, Ctrl+L locks.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let alone = !event.shift_key() && !event.meta_key();
        let route = match (event.alt_key(), event.ctrl_key(), event.key().as_str()) {
            (true, false, "ArrowLeft") if alone => {
                event.prevent_default();
                app.navigator().back();
                return;
            }
            (false, true, "l") if alone => {
                event.prevent_default();
                app.lock();
                return;
            }
            (true, false, "0") if alone => Some(Route::Vaults),
            // By the key's place: with Alt some layouts write another letter.
            (true, false, _) if alone => {
                let digit = event.code().strip_prefix("Digit").and_then(|digit| digit.parse::<usize>().ok());
                let listed = vaults.asked().get_untracked();
                digit.zip(listed).and_then(|(digit, listed)| nth(&listed, digit))
            }
            _ => None,
        };
        if let Some(route) = route {
            event.prevent_default();
            app.go(route);
        }
    });
    on_cleanup(move || listener.remove());
}

/// The page of the vault in this place, counted from 1.
fn nth(listed: &Listed, place: usize) -> Option<Route> {
    let vaults = listed.vaults.iter().map(super::sidebar::home_of);
    let watched = listed.watched.iter().map(|watched| Route::Watched(watched.vault));
    vaults.chain(watched).nth(place.checked_sub(1)?)
}
