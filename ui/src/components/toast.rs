//! What is said in passing: shown for some seconds at the window's lower edge, and read out.

use std::time::Duration;

use crate::live::{changing, effect};
use crate::prelude::*;

const SHOWN: Duration = Duration::from_secs(8);

/// The place for it.
#[component]
pub fn Toast(
    /// What is said.
    said: RwSignal<String>,
) -> impl IntoView {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    effect(move |_| {
        if said.with(String::is_empty) {
            return;
        }
        if let Some(earlier) = timer.get_value() {
            earlier.clear();
        }
        timer.set_value(set_timeout_with_handle(move || said.set(String::new()), SHOWN).ok());
    });
    view! {
        <p class="toast" class:shown=move || !said.with(String::is_empty) role="status" aria-live="polite">
            {changing(move || said.get())}
        </p>
    }
}
