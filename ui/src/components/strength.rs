//! How strong a passphrase is, while it is typed.

use conclave_shared::desktop::Strength;
use conclave_ui_logic::vocabulary;
use leptos::task::spawn_local;

use crate::live::{changing, effect};
use crate::prelude::*;
use crate::{ipc, t, words};

/// The strength of what is typed, asked of the backend at every letter; of the last one, whatever the order of answers.
pub fn strength_of(typed: RwSignal<String>) -> RwSignal<Option<Strength>> {
    let strength = RwSignal::new(None);
    effect(move |_| {
        let text = typed.get();
        if text.is_empty() {
            strength.set(None);
            return;
        }
        spawn_local(async move {
            if let Ok(answer) = ipc::passphrase_strength(text.clone()).await
                && !typed.is_disposed()
                && typed.get_untracked() == text
            {
                strength.set(Some(answer));
            }
        });
    });
    strength
}

/// Four bars, and the same in words.
#[component]
pub fn StrengthMeter(
    /// None while nothing is typed.
    strength: RwSignal<Option<Strength>>,
) -> impl IntoView {
    let score = move || strength.get().map_or(0, |strength| strength.score);
    let words = move || {
        let strength = strength.get()?;
        Some(match strength.score {
            0 | 1 => t!("strength-weak"),
            2 => t!("strength-fair"),
            3 => t!("strength-good"),
            _ => t!("strength-strong"),
        })
    };
    let advice = move || strength.get()?.advice.map(|advice| words::text(&vocabulary::advice(advice)));
    let bars = (1..=4u8).map(|bar| view! { <span class:full=move || bar <= score()></span> }).collect_view();
    view! {
        <div class="strength">
            <div class="strength-bars" aria-hidden="true">{bars}</div>
            <p role="status">{changing(words)} " " {changing(advice)}</p>
        </div>
    }
}
