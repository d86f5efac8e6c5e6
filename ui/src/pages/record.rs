//! A vault's record: what everybody did, in words; whether it is whole; and taking it along.

use conclave_shared::desktop::Export;
use conclave_shared::record::{EntryView, FaultView, VerifiedView};
use conclave_shared::request::{OnVault, Reply, Request, ShowRecord};
use conclave_shared::view::VaultView;
use conclave_shared::{MemberId, Topic, VaultId};
use conclave_ui_logic::saying;

use crate::answer;
use crate::app::App;
use crate::components::answer::{ActFailed, Answer, Empty};
use crate::components::button::Button;
use crate::components::choice::{Checkbox, Select};
use crate::components::details::Details;
use crate::components::export::ExportButton;
use crate::components::layout::{Actions, Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::table::Table;
use crate::components::when::At;
use crate::ipc;
use crate::live::{Act, Asked, changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// How many events are shown at first, and how many more at a time.
const PART: u64 = 100;

/// Types of events that can be asked for, as on the wire.
const KINDS: [&str; 24] = [
    "created",
    "joined",
    "challenged",
    "key_proven",
    "configuration_proposed",
    "ratified",
    "address_issued",
    "address_attested",
    "proposed",
    "payment_proposed",
    "self_test_proposed",
    "approved",
    "rejected",
    "signed",
    "taproot_signed",
    "finalised",
    "broadcast",
    "confirmed",
    "place_opened",
    "identity_replaced",
    "configuration_voted",
    "vote_released",
    "frozen",
    "freeze_released",
];

/// The page.
#[component]
pub fn RecordPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let by = RwSignal::new(None::<MemberId>);
    let kind = RwSignal::new(None::<&'static str>);
    let void = RwSignal::new(false);
    let last = RwSignal::new(PART);
    let asked = Asked::on(Topic::Vaults, move || {
        let request = Request::ShowRecord(ShowRecord {
            vault: id,
            by: by.get().map(|member| member.to_string()),
            kind: kind.get().map(str::to_owned),
            void: void.get(),
            // One more than is shown, to know whether there are more.
            last: Some(last.get() + 1),
        });
        answer!(request, Reply::Entries { entries } => entries)
    });
    let members = vault.with_untracked(|vault| {
        let named = vault.members.iter().map(|member| (Some(member.member), member.name.clone()));
        std::iter::once((None, t!("record-by-all"))).chain(named).collect::<Vec<_>>()
    });
    let kinds = std::iter::once((None, t!("record-kind-all")))
        .chain(KINDS.into_iter().filter_map(|kind| Some((Some(kind), words::text(&saying::kind(kind)?)))))
        .collect::<Vec<_>>();
    view! {
        <Page title=t!("record-title") lead=t!("record-lead") wide=true>
            <Judgement vault=id />
            <div class="record-filters" role="group" aria-label=t!("record-filters")>
                <Select label=t!("record-by") options=members chosen=by />
                <Select label=t!("record-kind") options=kinds chosen=kind />
                <Checkbox label=t!("record-void") ticked=void />
            </div>
            <Answer asked=asked awaited=t!("record-loading") let:entries>
                <List entries=entries last=last />
            </Answer>
        </Page>
    }
}

#[component]
fn List(entries: Signal<Vec<EntryView>>, last: RwSignal<u64>) -> impl IntoView {
    let shown = move || {
        let mut entries = entries.get();
        entries.reverse();
        entries.truncate(usize::try_from(last.get()).unwrap_or(usize::MAX));
        entries
    };
    let none = memo(move |_| entries.with(Vec::is_empty));
    let more = memo(move |_| entries.with(|entries| entries.len() as u64) > last.get());
    let head = vec![t!("record-when"), t!("record-who"), t!("record-what")];
    view! {
        <Show when=move || !none.get() fallback=|| view! { <Empty words=t!("record-none") /> }>
            <Table caption=t!("record-title") head=head.clone()>
                <For
                    each=shown
                    key=|entry| (entry.event, entry.void.is_some(), entry.name.clone())
                    children=|entry| view! { <Row entry=entry /> }
                />
            </Table>
            <Show when=move || more.get()>
                <Button press=move |()| last.update(|last| *last += PART)>{t!("record-more")}</Button>
            </Show>
        </Show>
    }
}

#[component]
fn Row(entry: EntryView) -> impl IntoView {
    let app = App::here();
    let (event, kind) = (entry.event.to_string(), entry.kind.clone());
    let (ms, name, void) = (entry.ms, entry.name.clone(), entry.void.clone());
    let without_effect = void.is_some();
    let said = move || words::saying(&entry, app.unit());
    view! {
        <tr class:void=without_effect>
            <td><At ms=ms /></td>
            <td class="name">{name}</td>
            <td>
                <p class="memo">{changing(said)}</p>
                {void
                    .map(|reason| {
                        view! {
                            <Status meaning=Meaning::Refused words=t!("record-without-effect") />
                            <Details title=t!("technical-details")><p class="exact">{reason}</p></Details>
                        }
                    })}
                <Details title=t!("record-event")>
                    <p class="exact">{kind} " " {event}</p>
                </Details>
            </td>
        </tr>
    }
}

/// What judging a record found.
#[derive(Clone, PartialEq)]
enum Judged {
    Whole(Box<VerifiedView>),
    Faulty(FaultView),
}

/// Judging the record as it is stored, and writing it to files.
#[component]
fn Judgement(vault: VaultId) -> impl IntoView {
    let act = Act::new();
    let judged = RwSignal::new(None::<Judged>);
    let verify = move |()| {
        let request = ipc::ask(Request::VerifyRecord(OnVault { vault }), |reply| match reply {
            Reply::Verified(view) => Some(Judged::Whole(view)),
            Reply::Faulty(fault) => Some(Judged::Faulty(fault)),
            _ => None,
        });
        act.run(request, move |found| judged.set(Some(found)));
    };
    view! {
        <Section title=t!("record-judging")>
            <Actions>
                <Button press=verify busy=act.busy() busy_words=t!("record-verifying")>{t!("record-verify")}</Button>
                <ExportButton what=move |()| Export::RecordLines { vault } words=t!("record-export-lines") />
                <ExportButton what=move |()| Export::RecordTable { vault } words=t!("record-export-table") />
            </Actions>
            <ActFailed act=act />
            {changing(move || judged.get().map(|judged| view! { <Found judged=judged /> }))}
        </Section>
    }
}

#[component]
fn Found(judged: Judged) -> impl IntoView {
    match judged {
        Judged::Whole(view) => {
            let VerifiedView { events, authors, state_digest, .. } = *view;
            let authors = authors
                .into_iter()
                .map(|author| {
                    let name = author.name.unwrap_or_else(|| author.author.short());
                    view! {
                        <Fact name=name>
                            {t!("record-authored", events = author.events)} " "
                            <span class="exact">{author.newest.to_string()}</span>
                        </Fact>
                    }
                })
                .collect_view();
            view! {
                <Notice meaning=Meaning::Fine title=t!("record-whole", events = events)>
                    <p>{t!("record-whole-means")}</p>
                    <Details title=t!("record-whole-facts")>
                        <Facts>
                            <Fact name=t!("record-state")><span class="exact">{state_digest.to_string()}</span></Fact>
                            {authors}
                        </Facts>
                    </Details>
                </Notice>
            }
        }
        Judged::Faulty(fault) => view! {
            <Notice meaning=Meaning::Refused title=t!("record-faulty", line = fault.line)>
                <p>{t!("record-faulty-means")}</p>
                <Details title=t!("technical-details")>
                    <p class="exact">{fault.fault} ": " {fault.message}</p>
                </Details>
            </Notice>
        },
    }
}
