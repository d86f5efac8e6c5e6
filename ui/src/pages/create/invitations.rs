//! The invitations to a new vault's other places. They are shown once: nobody keeps them.

use conclave_shared::view::InvitationView;
use conclave_ui_logic::{places, vocabulary};

use super::Made;
use crate::app::App;
use crate::components::answer::Empty;
use crate::components::button::{Button, Weight};
use crate::components::confirm::Confirm;
use crate::components::copy::CopyButton;
use crate::components::layout::Section;
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::components::qr::Qr;
use crate::live::Act;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The page.
#[component]
pub fn Invitations(made: Made) -> impl IntoView {
    let app = App::here();
    let Made { vault, name, invitations } = made;
    let asked = RwSignal::new(false);
    let count = invitations.len();
    let none = count == 0;
    let leave = move || app.navigator().replace(Route::Board(vault));
    let go_on = move |()| if none { leave() } else { asked.set(true) };
    let cards = invitations
        .into_iter()
        .map(|invitation| {
            let title = words::text(&places::title(&invitation.title));
            view! { <InvitationCard title=title roles=invitation.roles.clone() text=told(&invitation) /> }
        })
        .collect_view();
    view! {
        <Page title=t!("invitations-title", name = &name) lead=t!("invitations-lead")>
            {if none {
                view! { <Empty words=t!("invitations-none") /> }
            } else {
                view! {
                    <Notice meaning=Meaning::Waits title=t!("invitations-once")>
                        <p>{t!("invitations-secret")}</p>
                    </Notice>
                    <Section title=t!("invitations-each", count = count)>
                        <ul class="invitations">{cards}</ul>
                    </Section>
                }
            }}
            <div>
                <Button id="to-board" weight=Weight::Primary press=go_on>{t!("invitations-go-on")}</Button>
            </div>
            <Confirm
                open=asked
                title=t!("invitations-leave-title")
                act_words=t!("invitations-leave-act")
                press=move |()| leave()
                act=Act::new()
            >
                <p>{t!("invitations-leave-text")}</p>
            </Confirm>
        </Page>
    }
}

fn told(invitation: &InvitationView) -> String {
    invitation.text.reveal().to_owned()
}

/// One invitation: for whom, what to tell them, the text, and the same as a code.
#[component]
pub fn InvitationCard(
    /// What the place is called.
    #[prop(into)]
    title: String,
    /// What its member will be.
    roles: Vec<conclave_shared::Role>,
    /// The invitation.
    text: String,
) -> impl IntoView {
    let role = words::text(&vocabulary::role(places::main_role(&roles)));
    let instructions = words::text(&places::instructions(&roles));
    let label = t!("invitation-for", title = &title);
    let (item, code) = (label.clone(), label.clone());
    view! {
        <li class="card invitation" aria-label=item>
            <div class="invitation-text">
                <h3>{title} " " <span class="role">{role}</span></h3>
                <p class="soft">{instructions}</p>
                <p class="exact invitation-code" role="group" tabindex="0" aria-label=code>{text.clone()}</p>
                <div class="actions">
                    <CopyButton text=text.clone() what=t!("invitation-copy") spelled=true />
                </div>
            </div>
            <Qr text=text title=label />
        </li>
    }
}
