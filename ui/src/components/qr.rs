//! QR codes.

use conclave_ui_logic::qr;

use crate::components::notice::{Meaning, Notice};
use crate::prelude::*;
use crate::t;

/// The code of a text, dark on light whatever the theme; where the text is too long for one, it says so.
#[component]
pub fn Qr(
    /// What the code says.
    #[prop(into)]
    text: String,
    /// What it is, for who cannot see it.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    match qr::drawing(&text) {
        Some(drawing) => {
            let view_box = format!("0 0 {} {}", drawing.side, drawing.side);
            view! {
                <svg class="qr" viewBox=view_box role="img" aria-label=title>
                    <path d=drawing.path />
                </svg>
            }
        }
        None => view! { <Notice meaning=Meaning::Plain title=t!("qr-too-long") /> },
    }
}
