//! What is wrong with a vault or could become so: dangers that were found, connections, members who lag behind.

use conclave_shared::view::{FindingView, VaultView};
use conclave_ui_logic::vocabulary;

use crate::components::details::Details;
use crate::components::layout::{Fact, Facts};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::when::When;
use crate::live::changing;
use crate::prelude::*;
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
                {changing(move || match vault.with(|vault| vault.trouble.clone()) {
                    None => view! { <Status meaning=Meaning::Fine words=t!("overview-connected") /> },
                    Some(trouble) => view! {
                        <Status meaning=Meaning::Waits words=t!("status-trouble") />
                        <Details title=t!("technical-details")><p class="exact">{trouble}</p></Details>
                    },
                })}
            </Fact>
            <Fact name=t!("overview-chain")>
                {changing(move || {
                    let (height, made) = vault.with(|vault| (vault.tip_height, vault.tip_time_s));
                    view! {
                        {t!("coins-block", height = height)}
                        {made.map(|time_s| view! { " · " <When ms=time_s.saturating_mul(1000) /> })}
                    }
                })}
            </Fact>
            <Fact name=t!("overview-record")>
                {changing(move || {
                    let (events, waiting, lags) = vault.with(|vault| (vault.events, vault.waiting, vault.unacknowledged));
                    let held = if lags == 0 { t!("overview-all-hold") } else { t!("overview-lag", members = lags) };
                    view! {
                        {t!("overview-events", events = events)} " · " {held}
                        {(waiting > 0).then(|| view! { " · " {t!("overview-waiting", events = waiting)} })}
                    }
                })}
            </Fact>
            <Fact name=t!("overview-script")>
                {changing(move || words::text(&vocabulary::script(vault.with(|vault| vault.script))))}
            </Fact>
        </Facts>
    }
}

fn finding(vault: &VaultView, found: &FindingView) -> AnyView {
    let whose = found.member.map(|member| words::member_name(vault, member)).or_else(|| found.relay.clone());
    let (title, detail) = (words::text(&vocabulary::finding(found.finding)), found.detail.clone());
    view! {
        <Notice meaning=Meaning::Refused title=title>
            {whose.map(|whose| view! { <p class="name">{t!("overview-whose", whose = whose)}</p> })}
            <Details title=t!("technical-details")><p class="exact">{detail}</p></Details>
        </Notice>
    }
}
