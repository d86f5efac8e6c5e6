//! Times.

use conclave_ui_logic::time;

use crate::app::App;
use crate::clock::offset_minutes;
use crate::live::changing;
use crate::prelude::*;
use crate::words;

/// How long ago something was, or how far ahead it is; pointed at, when exactly.
#[component]
pub fn When(
    /// In ms since 1970.
    ms: u64,
) -> impl IntoView {
    let app = App::here();
    view! { <time title=date_time(ms)>{changing(move || words::text(&time::from_now(app.now(), ms)))}</time> }
}

/// When exactly something was, in the time of this place.
#[component]
pub fn At(
    /// In ms since 1970.
    ms: u64,
) -> impl IntoView {
    view! { <time class="figure">{date_time(ms)}</time> }
}

/// The date and time of this place as a text.
pub fn date_time(ms: u64) -> String {
    time::date_time_text(ms, offset_minutes(ms))
}
