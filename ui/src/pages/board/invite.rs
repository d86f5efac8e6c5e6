//! New members of an active vault: invitations, and who has joined by one and waits to be proposed.

use conclave_shared::request::{Invite, ProposeChange, Replacement, Reply, Request};
use conclave_shared::view::{CandidateView, Difference, VaultView};
use conclave_shared::{MemberId, Role};
use conclave_ui_logic::places::main_role;
use conclave_ui_logic::{new_vault, policy, vocabulary};

use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::choice::Select;
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::layout::Section;
use crate::components::notice::{Meaning, Notice, Status};
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::create::InvitationCard;
use crate::prelude::*;
use crate::{answer, t, words};

/// The form that makes an invitation, and the invitation that came of it.
#[component]
pub fn InvitePart(
    vault: Signal<VaultView>,
    /// Whose lost installation the invited one replaces.
    replaces: RwSignal<Option<MemberId>>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let role = RwSignal::new(Role::Approver);
    let days = RwSignal::new("7".to_owned());
    let tried = RwSignal::new(false);
    let made = RwSignal::new(None::<(String, Vec<Role>, String)>);
    let act = Act::new();
    let days_fault = Signal::derive(move || new_vault::seconds(&days.get()).err().map(|said| words::text(&said)));
    let replaced = memo(move |_| {
        let who = replaces.get()?;
        vault.with(|vault| vault.members.iter().find(|it| it.member == who).cloned())
    });
    let invite = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(invitation_seconds) = new_vault::seconds(&days.get_untracked()) else { return };
        let old = replaced.get_untracked();
        let role = if old.is_some() { Role::Keyholder } else { role.get_untracked() };
        let (title, roles) = match &old {
            Some(old) => (t!("invite-instead-of", name = &old.name), old.roles.clone()),
            None => (t!("invite-new"), vec![role]),
        };
        let replaces = old.map(|old| old.member);
        let request = Request::Invite(Invite { vault: id, role, replaces, invitation_seconds });
        act.run(answer!(request, Reply::Invited { invitation } => invitation), move |invitation| {
            made.set(Some((title, roles, invitation.reveal().to_owned())));
        });
    };
    let roles = || [Role::Approver, Role::Auditor].map(|role| (role, words::text(&vocabulary::role(role)))).to_vec();
    view! {
        <Section title=t!("invite-title")>
            <div id="invite" class="parts">
                <form class="form narrow" on:submit=invite>
                    {changing(move || match replaced.get() {
                        Some(old) => {
                            view! {
                                <Notice meaning=Meaning::Plain title=t!("invite-replaces", name = &old.name)>
                                    <p>{t!("invite-replaces-text")}</p>
                                    <Button press=move |()| replaces.set(None)>{t!("invite-not-instead")}</Button>
                                </Notice>
                            }
                        }
                        None => {
                            let explained = move || words::text(&vocabulary::role_explained(role.get()));
                            view! {
                                <Select label=t!("invite-role") options=roles() chosen=role hint=explained />
                            }
                        }
                    })}
                    <TextInput
                        label=t!("create-days")
                        suffix=t!("create-days-unit")
                        value=days
                        error=days_fault
                        tried=tried
                    />
                    <ActFailed act=act />
                    <Button submit=true press=|()| () busy=act.busy() busy_words=t!("invite-busy") icon=Shape::Plus>
                        {t!("invite-act")}
                    </Button>
                    <p class="soft">{t!("invite-what-follows")}</p>
                </form>
                {changing(move || {
                    made.get()
                        .map(|(title, roles, text)| {
                            view! {
                                <Notice meaning=Meaning::Waits title=t!("invitation-once")>
                                    <p>{t!("invitations-secret")}</p>
                                </Notice>
                                <ul class="invitations">
                                    <InvitationCard title=title roles=roles text=text />
                                </ul>
                            }
                        })
                })}
            </div>
        </Section>
    }
}

/// Who has joined and is no member yet.
#[component]
pub fn Candidates(vault: Signal<VaultView>, may_change: Memo<bool>) -> impl IntoView {
    let candidates = memo(move |_| vault.with(|vault| vault.candidates.clone()));
    view! {
        <Section title=t!("candidates-title")>
            <p class="soft">{t!("candidates-text")}</p>
            <ul class="members-list">
                <For each=move || candidates.get() key=|candidate| candidate.member let:candidate>
                    <Candidate vault=vault candidate=candidate may_change=may_change />
                </For>
            </ul>
        </Section>
    }
}

#[component]
fn Candidate(vault: Signal<VaultView>, candidate: CandidateView, may_change: Memo<bool>) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let act = Act::new();
    let id = vault.with_untracked(|vault| vault.vault);
    let CandidateView { member, name, role, replaces } = candidate;
    let proposed = memo(move |_| {
        vault.with(|vault| {
            let joins = |it: &Difference| policy::brings(it, member);
            vault.successors.iter().any(|successor| successor.differences.iter().any(joins))
        })
    });
    let what = match (role, replaces) {
        (_, Some(old)) => {
            t!("candidate-replaces", name = vault.with_untracked(|vault| words::member_name(vault, old)))
        }
        (Some(role), None) => t!("candidate-role", role = vocabulary::role(main_role(&[role]))),
        (None, None) => t!("candidate-unknown"),
    };
    let known = role.is_some();
    let propose = move |()| {
        let change = match replaces {
            Some(old) => ProposeChange { replace: vec![Replacement { old, new: member }], ..ProposeChange::of(id) },
            None => ProposeChange { add: vec![member], ..ProposeChange::of(id) },
        };
        act.run(answer!(Request::ProposeChange(change), Reply::Changes { .. } => ()), move |()| {
            app.announce(t!("change-proposed"));
            vaults.asked().again();
        });
    };
    view! {
        <li class="member-row">
            <h3>{name}</h3>
            <p class="soft">{what}</p>
            {changing(move || match (proposed.get(), known && may_change.get()) {
                (true, _) => view! { <Status meaning=Meaning::Waits words=t!("candidate-proposed") /> },
                (false, true) => {
                    view! {
                        <div>
                            <Button press=propose busy=act.busy() busy_words=t!("change-proposing")>
                                {t!("candidate-propose")}
                            </Button>
                        </div>
                    }
                }
                (false, false) => view! { <p class="soft">{t!("candidate-waits")}</p> },
            })}
            <ActFailed act=act />
        </li>
    }
}
