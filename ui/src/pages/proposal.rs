//! A payment: the signing sheet. What leaves and what stays stands first; what can be done about it comes last.

mod acts;
mod elsewhere;
mod given;
mod history;
mod recovery;
mod reprice;
mod rule;
mod summary;

use conclave_shared::EventId;
use conclave_shared::request::{OnProposal, Reply, Request};
use conclave_shared::view::{ProposalView, VaultView};
use conclave_ui_logic::{amount, standing, vocabulary};

use crate::answer;
use crate::app::App;
use crate::components::address::Groups;
use crate::components::answer::Answer;
use crate::components::button::Link;
use crate::components::copy::CopyButton;
use crate::components::layout::{Fact, Facts, Section};
use crate::components::notice::{Meaning, Notice, Status};
use crate::components::page::Page;
use crate::components::payment_row::{Awaited, PaymentRing, meaning, payment_of};
use crate::components::when::{At, When};
use crate::components::words::Words;
use crate::live::{Asked, changing, memo};
use crate::pages::proposal::acts::{MainAct, QuietActs};
use crate::pages::proposal::elsewhere::Elsewhere;
use crate::pages::proposal::given::Given;
use crate::pages::proposal::history::History;
use crate::pages::proposal::rule::Rule;
use crate::pages::proposal::summary::Summary;
use crate::prelude::*;
use crate::route::Route;
use crate::{t, words};

/// The page.
#[component]
pub fn ProposalPage(
    /// The vault.
    vault: Signal<VaultView>,
    /// The payment.
    proposal: EventId,
) -> impl IntoView {
    let payment = payment_of(vault, proposal);
    let there = memo(move |_| payment.with(Option::is_some));
    changing(move || match payment.get_untracked().filter(|_| there.get()) {
        Some(first) => view! { <Sheet vault=vault payment=payment first=first /> },
        None => {
            let _ = there.get();
            view! {
                <Page title=t!("payment-gone-title")>
                    <Notice meaning=Meaning::Plain title=t!("payment-gone") />
                </Page>
            }
        }
    })
}

/// A payment on the sheet: as it was when the page was made, for what never changes, and as it stands.
#[derive(Clone, Copy)]
pub struct Payment {
    /// The vault.
    pub vault: Signal<VaultView>,
    /// Which one, for requests.
    pub on: OnProposal,
    /// As it stands.
    pub now: Memo<Option<ProposalView>>,
}

impl Payment {
    /// Something of it as it stands.
    pub fn get<T: PartialEq + Send + Sync + 'static>(
        self,
        of: impl Fn(&ProposalView) -> T + Send + Sync + 'static,
    ) -> Memo<Option<T>> {
        memo(move |_| self.now.with(|payment| payment.as_ref().map(&of)))
    }
}

#[component]
fn Sheet(vault: Signal<VaultView>, payment: Memo<Option<ProposalView>>, first: ProposalView) -> impl IntoView {
    let app = App::here();
    let id = vault.with_untracked(|vault| vault.vault);
    let on = OnProposal { vault: id, proposal: first.proposal };
    let sheet = Payment { vault, on, now: payment };
    let (paid, proposal) = (standing::paid(&first), first.proposal);
    let pays = !first.recipients.is_empty();
    let title = move || {
        if pays { t!("payment-title", amount = amount::text(paid, app.unit())) } else { t!("payment-title-back") }
    };
    let proposer = vault.with_untracked(|vault| words::member_name(vault, first.proposer));
    let purpose = first.purpose.clone();
    view! {
        <Page title=title>
            <div class="payment-head">
                <PaymentRing vault=vault payment=payment />
                <div>
                    <Standing sheet=sheet />
                    <p class="soft">{t!("payment-proposed-by", name = proposer)} " " <When ms=first.proposed_ms /></p>
                </div>
            </div>
            {first.self_test.then(|| view! { <Notice meaning=Meaning::Plain title=t!("payment-self-test-explained") /> })}
            {first.recovery.then(|| view! { <Notice meaning=Meaning::Plain title=t!("payment-recovery-explained") /> })}
            <Replacement sheet=sheet first=first.clone() />
            <Summary sheet=sheet first=first.clone() />
            <Section title=t!("payment-purpose")>
                {if purpose.trim().is_empty() {
                    view! { <p class="soft">{t!("payment-no-purpose")}</p> }
                } else {
                    view! { <p class="memo purpose-text">{purpose}</p> }
                }}
            </Section>
            <Rule sheet=sheet />
            <Given sheet=sheet />
            <DigestWords on=on />
            <MainAct sheet=sheet first=first.clone() />
            <QuietActs sheet=sheet first=first.clone() />
            <Elsewhere sheet=sheet />
            <Identity sheet=sheet />
            <History on=on />
            <p><Link to=Route::Payments(id)>{t!("payment-all")}</Link></p>
            <span hidden data-proposal=proposal.to_string()></span>
        </Page>
    }
}

/// How it stands, what it waits for, and until when.
#[component]
fn Standing(sheet: Payment) -> impl IntoView {
    let status = sheet.get(|payment| (payment.status, payment.confirmed_height));
    let expires = sheet.get(|payment| {
        payment.expires_ms.filter(|_| standing::is_open(payment.status) && !standing::is_signed(payment.status))
    });
    view! {
        {move || {
            let (status, height) = status.get()?;
            let words = words::text(&vocabulary::proposal_status(status));
            Some(
                view! {
                    <p class="sheet-status" hidden=standing::is_open(status) data-status=format!("{status:?}").to_lowercase()>
                        <Status meaning=meaning(status) words=words />
                        {height.map(|height| view! { <span class="soft">{t!("payment-in-block", height = height)}</span> })}
                    </p>
                },
            )
        }}
        <Show when=move || sheet.now.with(|it| it.as_ref().is_some_and(|it| standing::is_open(it.status)))>
            <Awaited vault=sheet.vault payment=sheet.now />
        </Show>
        {changing(move || {
            let ms = expires.get().flatten()?;
            Some(view! { <p class="soft">{t!("payment-expires")} " " <When ms=ms /> " (" <At ms=ms /> ")."</p> })
        })}
    }
}

/// What it replaces, and what replaces it.
#[component]
fn Replacement(sheet: Payment, first: ProposalView) -> impl IntoView {
    let vault = sheet.on.vault;
    let by = sheet.get(|payment| payment.replaced_by.clone());
    let replaces = first.replaces.map(|other| {
        let does = first.replacement.map(|kind| words::text(&vocabulary::replacement(kind))).unwrap_or_default();
        view! {
            <Notice meaning=Meaning::Plain title=t!("payment-replaces")>
                <p>{does}</p>
                <p><Link to=Route::Proposal(vault, other)>{t!("payment-show-replaced")}</Link></p>
            </Notice>
        }
    });
    view! {
        {replaces}
        {changing(move || {
            let links = by
                .get()?
                .into_iter()
                .map(|other| view! { <p><Link to=Route::Proposal(vault, other)>{t!("payment-show-replacing")}</Link></p> })
                .collect::<Vec<_>>();
            (!links.is_empty())
                .then(|| view! { <Notice meaning=Meaning::Waits title=t!("payment-replaced-by")>{links}</Notice> })
        })}
    }
}

/// The words that all who approve compare by voice.
#[component]
fn DigestWords(on: OnProposal) -> impl IntoView {
    let asked = Asked::once(move || answer!(Request::DigestWords(on), Reply::Words { words } => words));
    view! {
        <Section title=t!("payment-words")>
            <p class="soft">{t!("payment-words-explained")}</p>
            <Answer asked=asked awaited=t!("payment-words-loading") let:list>
                {changing(move || view! { <Words words=list.get() title=t!("payment-words") /> })}
            </Answer>
        </Section>
    }
}

/// What it is called by everybody.
#[component]
fn Identity(sheet: Payment) -> impl IntoView {
    let txid = sheet.get(|payment| payment.txid.clone());
    view! {
        <Facts>
            <Fact name=t!("payment-txid")>
                {changing(move || {
                    let txid = txid.get()?;
                    Some(
                        view! {
                            <span class="exact"><Groups text=txid.clone() /></span>
                            " "
                            <CopyButton text=txid what=t!("payment-txid-copy") />
                        },
                    )
                })}
            </Fact>
        </Facts>
    }
}
