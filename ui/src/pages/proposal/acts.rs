//! What can be done about the payment: the one act that it waits for, or the danger that stands in its place; and below it
//! what can be done otherwise.

use conclave_shared::Finding;
use conclave_shared::request::{Reply, Request};
use conclave_shared::view::{PaymentAct, ProposalView};
use conclave_ui_logic::draft::Repricing;
use conclave_ui_logic::{amount, standing, vocabulary};

use crate::answer;
use crate::app::App;
use crate::components::address::Groups;
use crate::components::button::{Button, Weight};
use crate::components::confirm::Confirm;
use crate::components::layout::{Actions, Section};
use crate::components::notice::{Meaning, Notice};
use crate::components::payment_row::Awaited;
use crate::frame::Vaults;
use crate::live::{Act, changing, memo};
use crate::pages::proposal::Payment;
use crate::pages::proposal::recovery::SignWithWords;
use crate::pages::proposal::reprice::Reprices;
use crate::prelude::*;
use crate::{t, words};

/// An act that is asked about before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Approve,
    Sign,
    Reject,
    Withdraw,
}

impl Asked {
    /// The act in words, with the amount that it is about.
    fn words(self, amount: Option<String>) -> String {
        match (self, amount) {
            (Asked::Approve, Some(amount)) => t!("payment-approve-of", amount = amount),
            (Asked::Approve, None) => t!("payment-approve-back"),
            (Asked::Sign, Some(amount)) => t!("payment-sign-of", amount = amount),
            (Asked::Sign, None) => t!("payment-sign-back"),
            (Asked::Reject, Some(amount)) => t!("payment-reject-of", amount = amount),
            (Asked::Reject, None) => t!("payment-reject-back"),
            (Asked::Withdraw, Some(amount)) => t!("payment-withdraw-of", amount = amount),
            (Asked::Withdraw, None) => t!("payment-withdraw-back"),
        }
    }

    fn explained(self) -> String {
        match self {
            Asked::Approve => t!("payment-approve-explained"),
            Asked::Sign => t!("payment-sign-explained"),
            Asked::Reject => t!("payment-reject-explained"),
            Asked::Withdraw => t!("payment-withdraw-explained"),
        }
    }

    fn done(self) -> String {
        match self {
            Asked::Approve => t!("payment-approved-now"),
            Asked::Sign => t!("payment-signed-now"),
            Asked::Reject => t!("payment-rejected-now"),
            Asked::Withdraw => t!("payment-withdrawn-now"),
        }
    }

    fn busy(self) -> String {
        match self {
            Asked::Approve => t!("payment-approving"),
            Asked::Sign => t!("payment-signing"),
            Asked::Reject => t!("payment-rejecting"),
            Asked::Withdraw => t!("payment-withdrawing"),
        }
    }

    fn id(self) -> &'static str {
        match self {
            Asked::Approve => "approve",
            Asked::Sign => "sign",
            Asked::Reject => "reject",
            Asked::Withdraw => "withdraw",
        }
    }

    fn request(self, sheet: Payment) -> Request {
        match self {
            Asked::Approve => Request::Approve(sheet.on),
            Asked::Sign => Request::Sign(sheet.on),
            Asked::Reject => Request::Reject(sheet.on),
            Asked::Withdraw => Request::Withdraw(sheet.on),
        }
    }
}

/// The act that the payment waits for, or what stands against it.
#[component]
pub fn MainAct(sheet: Payment, first: ProposalView) -> impl IntoView {
    let first = StoredValue::new(first);
    let findings = sheet.get(|payment| payment.guard.findings.clone());
    let act = sheet.get(|payment| {
        let may = |act| payment.acts.contains(&act);
        match (may(PaymentAct::Approve), may(PaymentAct::Sign)) {
            (true, _) => Some(Asked::Approve),
            (false, true) => Some(Asked::Sign),
            (false, false) => None,
        }
    });
    let open = sheet.get(|payment| standing::is_open(payment.status));
    let shown = move || match findings.get().unwrap_or_default().as_slice() {
        [] => match act.get().flatten() {
            Some(act) => view! { <Ask sheet=sheet first=first.get_value() act=act /> },
            None if open.get() == Some(true) => view! { <Awaited vault=sheet.vault payment=sheet.now /> },
            None => ().into_any(),
        },
        findings => view! { <Findings findings=findings.to_vec() /> },
    };
    view! { <div class="main-act">{changing(shown)}</div> }
}

/// The dangers, where the button would be.
#[component]
fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let findings = findings
        .into_iter()
        .map(|finding| view! { <li>{words::text(&vocabulary::finding(finding))}</li> })
        .collect_view();
    view! {
        <Notice meaning=Meaning::Refused title=t!("payment-danger")>
            <ul class="findings">{findings}</ul>
            <p>{t!("payment-danger-do")}</p>
        </Notice>
    }
}

/// A button that asks before it acts.
#[component]
fn Ask(sheet: Payment, first: ProposalView, act: Asked) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let running = Act::new();
    let asking = RwSignal::new(false);
    let paid = (!first.recipients.is_empty()).then(|| standing::paid(&first));
    let words = move || act.words(paid.map(|paid| amount::text(paid, app.unit())));
    let refuses = matches!(act, Asked::Reject | Asked::Withdraw);
    let press = move |()| {
        running.run(answer!(act.request(sheet), Reply::Proposal(view) => view), move |_| {
            asking.set(false);
            app.announce(act.done());
            vaults.asked().again();
        });
    };
    let to = first.recipients.iter().map(|to| view! { <li><Groups text=to.address.clone() /></li> }).collect_view();
    view! {
        <Button
            id=act.id()
            weight=if refuses { Weight::Quiet } else { Weight::Primary }
            press=move |()| asking.set(true)
            busy=running.busy()
            busy_words=act.busy()
        >
            {changing(words)}
        </Button>
        <Confirm open=asking title=words act_words=words press=press act=running danger=refuses>
            <ul class="exact">{to}</ul>
            <p>{act.explained()}</p>
        </Confirm>
    }
}

/// What else can be done.
#[component]
pub fn QuietActs(sheet: Payment, first: ProposalView) -> impl IntoView {
    let first = StoredValue::new(first);
    let may = move |act: PaymentAct| {
        let may = sheet.get(move |payment| payment.acts.contains(&act));
        Signal::derive(move || may.get() == Some(true))
    };
    let (reject, withdraw) = (may(PaymentAct::Reject), may(PaymentAct::Withdraw));
    let (bump, cancel, speed_up) = (may(PaymentAct::Bump), may(PaymentAct::Cancel), may(PaymentAct::SpeedUp));
    let vault = sheet.vault;
    let recovers = sheet.get(move |payment| {
        let others = vault.with(|vault| standing::signed_by_others(vault, payment));
        others && payment.acts.contains(&PaymentAct::Export)
    });
    let any = memo(move |_| {
        [reject, withdraw, bump, cancel, speed_up].iter().any(|may| may.get()) || recovers.get() == Some(true)
    });
    let reprice = move |may: Signal<bool>, kind: Repricing| {
        view! {
            <Show when=move || may.get()>
                <Reprices sheet=sheet first=first.get_value() kind=kind />
            </Show>
        }
    };
    view! {
        <Show when=move || any.get()>
            <Section title=t!("payment-otherwise")>
                <Show when=move || reject.get() || withdraw.get()>
                    <Actions>
                        <Show when=move || reject.get()>
                            <Ask sheet=sheet first=first.get_value() act=Asked::Reject />
                        </Show>
                        <Show when=move || withdraw.get()>
                            <Ask sheet=sheet first=first.get_value() act=Asked::Withdraw />
                        </Show>
                    </Actions>
                </Show>
                {reprice(bump, Repricing::Bump)}
                {reprice(speed_up, Repricing::SpeedUp)}
                {reprice(cancel, Repricing::Cancel)}
                <Show when=move || recovers.get() == Some(true)>
                    <SignWithWords on=sheet.on />
                </Show>
            </Section>
        </Show>
    }
}
