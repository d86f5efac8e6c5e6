//! The rule that the payment falls under, and what is still unmet.

use conclave_ui_logic::{standing, vocabulary};

use crate::app::App;
use crate::components::layout::Section;
use crate::components::notice::{Meaning, Status};
use crate::live::changing;
use crate::pages::proposal::Payment;
use crate::prelude::*;
use crate::{t, words};

/// The section.
#[component]
pub fn Rule(sheet: Payment) -> impl IntoView {
    let app = App::here();
    let vault = sheet.vault;
    let state = sheet.get(|payment| (payment.needs.clone(), payment.unmet.clone(), payment.status));
    let shown = move || {
        let (needs, unmet, status) = state.get()?;
        let rule = standing::rule(&needs, app.unit());
        let rule = rule.iter().map(|said| view! { <p>{words::text(said)}</p> }).collect_view();
        let name = |id| vault.with(|vault| words::member_name(vault, id));
        let unmet = if standing::is_open(status) { unmet } else { vec![] };
        let lacking = unmet
            .iter()
            .map(|unmet| {
                let words = words::text(&vocabulary::unmet(unmet, app.unit(), name));
                view! { <li><Status meaning=Meaning::Waits words=words /></li> }
            })
            .collect_view();
        let met = unmet.is_empty() && standing::is_signed(status);
        Some(view! {
            <div class="rule">
                {rule} <ul class="unmet" aria-label=t!("payment-unmet") hidden=unmet.is_empty()>{lacking}</ul>
                {met.then(|| view! { <p><Status meaning=Meaning::Fine words=t!("payment-all-met") /></p> })}
            </div>
        })
    };
    view! { <Section title=t!("payment-rule")>{changing(shown)}</Section> }
}
