//! The members of a vault: what each does, and when each was last heard from.

use conclave_shared::MemberId;
use conclave_shared::view::{MemberView, VaultView};
use conclave_ui_logic::vocabulary;

use crate::app::App;
use crate::components::button::Link;
use crate::components::notice::{Meaning, Status};
use crate::components::table::Table;
use crate::components::when::When;
use crate::live::changing;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// Who was heard from within this time is called present, in ms.
const PRESENT_MS: u64 = 15 * 60 * 1_000;
/// Who was not heard from for this long is worth a call, in ms.
const SILENT_MS: u64 = 7 * 24 * 3_600 * 1_000;

/// The table of members.
#[component]
pub fn Members(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let head = vec![t!("overview-member"), t!("overview-roles"), t!("overview-heard"), t!("overview-signed")];
    let id = vault.with_untracked(|vault| vault.vault);
    view! {
        <Table caption=t!("overview-members") head=head>
            {changing(move || vault.with(|vault| vault.members.iter().map(|member| row(member, vault.me)).collect_view()))}
        </Table>
        <p>
            <Link to=Route::Board(id)>{t!("overview-members-all")}</Link>
            " · "
            <Link to=Route::BackupSheet(id)>{t!("overview-backup-sheet")}</Link>
        </p>
    }
}

fn row(member: &MemberView, me: MemberId) -> impl IntoView + use<> {
    let own = member.member == me;
    let roles: Vec<String> = member.roles.iter().map(|role| words::text(&vocabulary::role(*role))).collect();
    let warnings = member
        .warnings
        .iter()
        .map(|finding| view! { <Status meaning=Meaning::Waits words=words::text(&vocabulary::finding(*finding)) /> })
        .collect_view();
    view! {
        <tr>
            <td>
                <strong class="name">{member.name.clone()}</strong>
                {own.then(|| view! { " " <span class="soft">{t!("overview-you")}</span> })}
                {member.title.clone().map(|title| view! { <p class="soft">{title}</p> })}
                {warnings}
            </td>
            <td>{roles.join(", ")}</td>
            <td>
                {if own {
                    view! { <Status meaning=Meaning::Fine words=t!("overview-here") /> }
                } else {
                    heard(member.last_heard_ms).into_any()
                }}
            </td>
            <td>
                {match (member.key.is_some(), member.signed_first_ms) {
                    (false, _) => t!("overview-no-key").into_any(),
                    (true, Some(ms)) => view! { <When ms=ms /> },
                    (true, None) => view! { <span class="soft">{t!("overview-never-signed")}</span> },
                }}
            </td>
        </tr>
    }
}

fn heard(ms: Option<u64>) -> impl IntoView {
    let app = App::here();
    match ms {
        None => view! { <Status meaning=Meaning::Waits words=t!("overview-never-heard") /> },
        Some(ms) => {
            let since = app.now().saturating_sub(ms);
            let (meaning, words) = match since {
                0..=PRESENT_MS => (Meaning::Fine, t!("overview-present")),
                SILENT_MS.. => (Meaning::Waits, t!("overview-silent")),
                _ => (Meaning::Plain, t!("overview-away")),
            };
            view! { <Status meaning=meaning words=words /> " " <span class="soft"><When ms=ms /></span> }
        }
    }
}
