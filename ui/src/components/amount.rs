//! Amounts, in the unit of the settings, in figures of one width.

use conclave_shared::Sat;
use conclave_ui_logic::amount;

use crate::app::App;
use crate::live::changing;
use crate::prelude::*;

/// An amount.
#[component]
pub fn Amount(
    /// The amount.
    #[prop(into)]
    amount: Signal<Sat>,
    /// Whether it is the one that the page is about.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let app = App::here();
    view! {
        <span class="amount" class:large=large>
            <span class="amount-digits">{changing(move || amount::digits(amount.get(), app.unit()))}</span>
            " "
            <span class="amount-unit">{changing(move || amount::sign(app.unit()))}</span>
        </span>
    }
}

/// An amount as text, for sentences; reactive where it is read in a closure.
pub fn amount_text(amount: Sat) -> String {
    amount::text(amount, App::here().unit())
}
