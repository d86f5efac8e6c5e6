//! What the record says about the payment.

use conclave_shared::Topic;
use conclave_shared::record::EntryView;
use conclave_shared::request::{OnProposal, Reply, Request};

use crate::answer;
use crate::app::App;
use crate::components::answer::Answer;
use crate::components::details::Details;
use crate::components::notice::{Meaning, Status};
use crate::components::when::At;
use crate::live::{Asked, changing};
use crate::prelude::*;
use crate::{t, words};

/// The history, under a closed heading.
#[component]
pub fn History(on: OnProposal) -> impl IntoView {
    let app = App::here();
    let asked = Asked::on(
        Topic::Vaults,
        move || answer!(Request::ShowPaymentRecord(on), Reply::Entries { entries } => entries),
    );
    view! {
        <Details title=t!("payment-history")>
            <Answer asked=asked awaited=t!("payment-history-loading") let:entries>
                <ol class="history">{changing(move || entries.get().into_iter().map(|entry| line(entry, app)).collect_view())}</ol>
            </Answer>
        </Details>
    }
}

fn line(entry: EntryView, app: App) -> impl IntoView {
    let said = words::saying(&entry, app.unit());
    let void = entry.void.is_some();
    view! {
        <li>
            <span class="soft"><At ms=entry.ms /></span>
            <span class="history-name">{entry.name}</span>
            <span class="memo">
                {said} {void.then(|| view! { " " <Status meaning=Meaning::Refused words=t!("payment-history-void") /> })}
            </span>
        </li>
    }
}
