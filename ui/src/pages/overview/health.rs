//! What is wrong with a vault or could become so: dangers that were found, connections, members who lag behind.

use conclave_shared::view::{FindingView, VaultView};
use conclave_ui_logic::vocabulary;
use leptos::prelude::*;

use crate::components::details::Details;
use crate::components::layout::{Fact, Facts};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::when::When;
use crate::{t, words};

/// Dangers first, then how this installation stands.
#[component]
pub fn Health(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    view! {
        {move || vault.with(|vault| vault.findings.iter().map(|found| finding(vault, found)).collect_view())}
        <Facts>
            <Fact name=t!("overview-network")>
                {move || match vault.with(|vault| vault.trouble.clone()) {
                    None => view! { <Status meaning=Meaning::Fine words=t!("overview-connected") /> }.into_any(),
                    Some(trouble) => view! {
                        <Status meaning=Meaning::Waits words=t!("status-trouble") />
                        <Details title=t!("technical-details")><p class="exact">{trouble}</p></Details>
                    }
                    .into_any(),
                }}
            </Fact>
            <Fact name=t!("overview-chain")>
                {move || {
                    vault.with(|vault| {
                        let made = vault.tip_time_s.map(|time_s| time_s.saturating_mul(1000));
                        view! {
                            {t!("coins-block", height = vault.tip_height)}
                            {made.map(|ms| view! { " · " <When ms=ms /> })}
                        }
                    })
                }}
            </Fact>
            <Fact name=t!("overview-record")>
                {move || {
                    vault.with(|vault| {
                        let lags = vault.unacknowledged;
                        let held = if lags == 0 { t!("overview-all-hold") } else { t!("overview-lag", members = lags) };
                        view! {
                            {t!("overview-events", events = vault.events)} " · " {held}
                            {(vault.waiting > 0).then(|| view! { " · " {t!("overview-waiting", events = vault.waiting)} })}
                        }
                    })
                }}
            </Fact>
            <Fact name=t!("overview-script")>
                {move || words::text(&vocabulary::script(vault.with(|vault| vault.script)))}
            </Fact>
        </Facts>
    }
}

fn finding(vault: &VaultView, found: &FindingView) -> impl IntoView + use<> {
    let whose = found.member.map(|member| words::member_name(vault, member)).or_else(|| found.relay.clone());
    view! {
        <Notice meaning=Meaning::Refused title=words::text(&vocabulary::finding(found.finding))>
            {whose.map(|whose| view! { <p class="name">{t!("overview-whose", whose = whose)}</p> })}
            <Details title=t!("technical-details")><p class="exact">{found.detail.clone()}</p></Details>
        </Notice>
    }
}
