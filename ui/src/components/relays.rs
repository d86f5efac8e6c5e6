//! The relays of a vault, one on each line; what is reached without Tor is marked in red.

use crate::prelude::*;
use conclave_ui_logic::server::Reached;

use crate::components::notice::{Meaning, Status};
use crate::words;

/// The list.
#[component]
pub fn Relays(
    /// Their addresses.
    relays: Vec<String>,
) -> impl IntoView {
    let line = |relay: String| {
        let danger = Reached::relay(&relay).and_then(Reached::danger).map(|said| words::text(&said));
        let mark = danger.map(|danger| view! { <Status meaning=Meaning::Refused words=danger /> });
        view! { <li><span class="exact">{relay}</span> " " {mark}</li> }
    };
    view! { <ul>{relays.into_iter().map(line).collect_view()}</ul> }
}
