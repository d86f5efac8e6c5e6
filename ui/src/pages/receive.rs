//! An address to be paid at: the one that was given out last, whole, as every member's program derives it.

mod check;
mod request;

use conclave_shared::request::{Labelled, ListAddresses, OnVault, Reply, Request};
use conclave_shared::view::{AddressView, MemberView, VaultView};
use conclave_shared::{Finding, Sat, Topic, VaultId};

use crate::answer;
use crate::app::App;
use crate::components::address::Groups;
use crate::components::amount::Amount;
use crate::components::answer::{ActFailed, Answer, Empty};
use crate::components::button::{Button, Link, Weight};
use crate::components::copy::CopyButton;
use crate::components::icon::Shape;
use crate::components::label::Label;
use crate::components::layout::{Actions, Card, Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::when::When;
use crate::live::{Act, Asked, changing, memo};
use crate::pages::propose::may_propose;
use crate::pages::receive::check::CheckAnAddress;
use crate::pages::receive::request::PaymentRequest;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// So many of the newest addresses are looked through.
const NEWEST: u32 = 20;

/// Asks for the addresses that were given out last.
fn newest(vault: VaultId) -> Asked<Vec<AddressView>> {
    Asked::on(Topic::Vaults, move || {
        let request = ListAddresses { vault, change: false, before: None, limit: NEWEST };
        answer!(Request::ListAddresses(request), Reply::Addresses(view) => view.addresses)
    })
}

/// The page.
#[component]
pub fn ReceivePage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let asked = newest(id);
    view! {
        <Page title=t!("receive-title") lead=t!("receive-lead")>
            <Answer asked=asked awaited=t!("receive-loading") let:addresses>
                <Latest vault=vault addresses=addresses asked=asked />
            </Answer>
        </Page>
    }
}

#[component]
fn Latest(
    vault: Signal<VaultView>,
    addresses: Signal<Vec<AddressView>>,
    asked: Asked<Vec<AddressView>>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let latest = memo(move |_| addresses.with(|all| all.iter().find(|it| it.issued_by.is_some()).cloned()));
    let address = memo(move |_| latest.with(|latest| latest.as_ref().map(|latest| latest.address.clone())));
    let may = memo(move |_| vault.with(may_propose));
    let danger = memo(move |_| {
        vault.with(|vault| {
            vault.findings.iter().find(|it| it.finding == Finding::AddressDiffers).map(|it| it.detail.clone())
        })
    });
    view! {
        {move || {
            danger.get().map(|detail| {
                view! {
                    <Notice meaning=Meaning::Refused title=t!("receive-differs")>
                        <p>{t!("receive-differs-do")}</p>
                        <p class="exact">{detail}</p>
                    </Notice>
                }
            })
        }}
        {changing(move || match address.get() {
            None => view! {
                <Empty words=t!("receive-none")>
                    <Show when=move || may.get() fallback=|| view! { <p>{t!("receive-not-you")}</p> }>
                        <NewAddress vault=id asked=asked first=true />
                    </Show>
                </Empty>
            },
            Some(address) => view! {
                <Sheet vault=vault address=address latest=latest />
                <Show when=move || may.get() fallback=|| view! { <p class="soft">{t!("receive-not-you")}</p> }>
                    <NewAddress vault=id asked=asked first=false />
                </Show>
            },
        })}
        <Section title=t!("receive-check")>
            <CheckAnAddress vault=vault />
        </Section>
        <p><Link to=Route::Addresses(id)>{t!("receive-all")}</Link></p>
    }
}

/// Gives out the next address: an act that goes on record.
#[component]
fn NewAddress(vault: VaultId, asked: Asked<Vec<AddressView>>, first: bool) -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let issue = move |()| {
        act.run(
            answer!(Request::IssueAddress(OnVault { vault }), Reply::Address { index, .. } => index),
            move |index| {
                app.announce(t!("receive-issued", index = index));
                asked.again();
            },
        );
    };
    view! {
        <div class="form">
            <Actions>
                <Button
                    id="new-address"
                    weight=if first { Weight::Primary } else { Weight::Quiet }
                    icon=Shape::Plus
                    press=issue
                    busy=act.busy()
                    busy_words=t!("receive-issuing")
                >
                    {if first { t!("receive-first") } else { t!("receive-new") }}
                </Button>
            </Actions>
            <p class="soft">{t!("receive-new-explained")}</p>
            <ActFailed act=act />
        </div>
    }
}

/// The address.
#[component]
fn Sheet(vault: Signal<VaultView>, address: String, latest: Memo<Option<AddressView>>) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let label = Signal::derive(move || latest.with(|latest| latest.as_ref().and_then(|latest| latest.label.clone())));
    let received = memo(move |_| latest.with(|latest| latest.as_ref().map_or(Sat(0), |latest| latest.received)));
    let index = memo(move |_| latest.with(|latest| latest.as_ref().map_or(0, |latest| latest.index)));
    let issued = memo(move |_| latest.with(|latest| latest.as_ref().map(|it| (it.issued_by, it.issued_ms))));
    view! {
        <Card>
            <div class="receive">
                <PaymentRequest address=address.clone() />
                <div class="receive-text">
                    <p class="receive-address" id="address">
                        <Groups text=address.clone() /> <CopyButton text=address.clone() what=t!("copy-address") />
                    </p>
                    <Facts>
                        <Fact name=t!("receive-number")>{changing(move || index.get())}</Fact>
                        <Fact name=t!("receive-issued-by")>
                            {changing(move || {
                                let (by, ms) = issued.get()?;
                                let name = by.map(|by| vault.with(|vault| words::member_name(vault, by)));
                                Some(view! { {name} {ms.map(|ms| view! { ", " <When ms=ms /> })} })
                            })}
                        </Fact>
                        <Fact name=t!("label")>
                            <Label vault=id on=Labelled::Address(address) label=label what=t!("label-of-address") />
                        </Fact>
                    </Facts>
                    <Show when=move || received.get() != Sat(0)>
                        <Notice meaning=Meaning::Waits title=t!("receive-used")>
                            <p><Amount amount=received /></p>
                        </Notice>
                    </Show>
                </div>
            </div>
        </Card>
        <Section title=t!("receive-attested")>
            <p class="soft">{t!("receive-attested-explained")}</p>
            <Attested vault=vault latest=latest />
        </Section>
    }
}

/// Which members' programs derive the same address, and which have not yet.
#[component]
fn Attested(vault: Signal<VaultView>, latest: Memo<Option<AddressView>>) -> impl IntoView {
    let rows = memo(move |_| {
        let latest = latest.get()?;
        Some(vault.with(|vault| {
            let row = |member: &MemberView| {
                let issued = latest.issued_by == Some(member.member);
                let attested = latest.attested_by.contains(&member.member);
                (member.name.clone(), member.member == vault.me, issued, attested, member.last_heard_ms)
            };
            vault.members.iter().map(row).collect::<Vec<_>>()
        }))
    });
    let row = |(name, mine, issued, attested, heard): (String, bool, bool, bool, Option<u64>)| {
        let (meaning, words) = match (issued, attested, mine) {
            (true, _, _) => (Meaning::Fine, t!("receive-gave-it")),
            (false, _, true) => (Meaning::Fine, t!("receive-here-too")),
            (false, true, false) => (Meaning::Fine, t!("receive-same")),
            (false, false, false) => (Meaning::Waits, t!("receive-not-yet")),
        };
        let heard = heard.filter(|_| meaning == Meaning::Waits);
        view! {
            <li>
                <span class="given-name">{name} " " <span class="soft">{mine.then(|| t!("payment-you"))}</span></span>
                <span class="given-state">
                    <Status meaning=meaning words=words />
                    {heard.map(|ms| view! { <span class="soft">{t!("payment-last-heard")} " " <When ms=ms /></span> })}
                </span>
            </li>
        }
    };
    view! { <ul class="given-rows">{changing(move || rows.get().unwrap_or_default().into_iter().map(row).collect_view())}</ul> }
}
