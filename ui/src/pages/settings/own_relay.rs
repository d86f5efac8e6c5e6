//! The switch of a relay that this member's own program serves for a vault, its address, and how it stands.

use crate::prelude::*;
use conclave_shared::VaultId;
use conclave_shared::request::{HostRelay, Reply, Request};
use conclave_shared::view::{HostingState, OwnRelayView};
use conclave_ui_logic::vocabulary;

use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::layout::{Fact, Facts};
use crate::live::Act;
use crate::{t, words};

/// For one vault.
#[component]
pub fn OwnRelay(
    /// The vault.
    vault: VaultId,
    /// The relay, once there is one.
    own: Option<OwnRelayView>,
) -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let served = own.as_ref().is_some_and(|own| own.served);
    let switch = move |()| {
        let request = Request::HostRelay(HostRelay { vault, served: !served });
        act.run(answer!(request, Reply::Vault(_) => ()), move |()| {
            app.announce(if served { t!("own-relay-stopped") } else { t!("own-relay-begun") });
        });
    };
    let stands = own.map(|own| {
        let reason = match &own.state {
            HostingState::Failed { reason } => Some(reason.clone()),
            HostingState::Off | HostingState::Waiting | HostingState::Publishing | HostingState::Reachable => None,
        };
        view! {
            <p class="exact">{own.address.clone()}</p>
            <p role="status">{words::text(&vocabulary::hosting(&own.state))}</p>
            <p class="exact">{reason}</p>
            <p class="soft">{if own.used { t!("own-relay-used") } else { t!("own-relay-unused") }}</p>
        }
    });
    view! {
        <Facts>
            <Fact name=t!("own-relay")>
                {stands} <p class="soft">{t!("own-relay-hint")}</p> <ActFailed act=act kept=t!("own-relay-kept") />
                <Button press=switch busy=act.busy() busy_words=t!("own-relay-busy")>
                    {if served { t!("own-relay-stop") } else { t!("own-relay-serve") }}
                </Button>
            </Fact>
        </Facts>
    }
}
