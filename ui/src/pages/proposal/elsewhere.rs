//! Signing on another device or in another program: the payment goes out as a PSBT, and signatures come back in one.

use conclave_shared::desktop::Export;
use conclave_shared::request::{ImportPsbt, Reply, Request};
use conclave_shared::view::{PaymentAct, TakenView};
use conclave_ui_logic::base64;

use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::details::Details;
use crate::components::export::ExportButton;
use crate::components::file_pick::{FilePick, Picked};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::layout::Actions;
use crate::components::notice::{Meaning, Notice};
use crate::components::qr::Qr;
use crate::frame::Vaults;
use crate::ipc;
use crate::live::{Act, changing};
use crate::pages::proposal::Payment;
use crate::prelude::*;
use crate::t;

/// The most bytes of a file that is read, and of a picture.
const FILE: u32 = 4_000_000;
const PICTURE: u32 = 8_000_000;

/// Out and back in, each where it can be.
#[component]
pub fn Elsewhere(sheet: Payment) -> impl IntoView {
    let out = sheet.get(|payment| payment.acts.contains(&PaymentAct::Export));
    let back = sheet.get(|payment| payment.acts.contains(&PaymentAct::Import));
    view! {
        <Show when=move || out.get() == Some(true)>
            <Details title=t!("payment-export")>
                <Out sheet=sheet />
            </Details>
        </Show>
        <Show when=move || back.get() == Some(true)>
            <Details title=t!("payment-import")>
                <Back sheet=sheet />
            </Details>
        </Show>
    }
}

#[component]
fn Out(sheet: Payment) -> impl IntoView {
    let app = App::here();
    let act = Act::new();
    let shown = RwSignal::new(None::<String>);
    let psbt = move || answer!(Request::ExportPsbt(sheet.on), Reply::Psbt { base64 } => base64);
    let show = move |()| {
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
        } else {
            act.run(psbt(), move |base64| shown.set(Some(base64)));
        }
    };
    let copy = move |()| {
        let psbt = psbt();
        act.run(async move { ipc::copy(psbt.await?).await }, move |()| app.announce(t!("copied")));
    };
    let what = move |()| Export::Psbt { vault: sheet.on.vault, proposal: sheet.on.proposal };
    view! {
        <div class="form">
            <p>{t!("payment-export-explained")}</p>
            <ExportButton what=what words=t!("payment-export-file") />
            <Actions>
                <Button press=copy busy=act.busy() icon=Shape::Copy>{t!("payment-export-copy")}</Button>
                <Button press=show busy=act.busy()>
                    {changing(move || if shown.with(Option::is_some) { t!("payment-export-hide") } else { t!("payment-export-qr") })}
                </Button>
            </Actions>
            <ActFailed act=act />
            {changing(move || {
                shown.get().map(|base64| view! { <div class="qr-large"><Qr text=base64 title=t!("payment-export-qr-title") /></div> })
            })}
        </div>
    }
}

/// What came of a file.
#[derive(Clone)]
struct Taken {
    taken: Vec<TakenView>,
    known: u32,
}

#[component]
fn Back(sheet: Payment) -> impl IntoView {
    let vaults = Vaults::here();
    let act = Act::new();
    let came = RwSignal::new(None::<Taken>);
    let typed = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let take = move |file: String| {
        let on = sheet.on;
        let request = ImportPsbt { vault: on.vault, proposal: Some(on.proposal), file };
        answer!(Request::ImportPsbt(request), Reply::SignaturesTaken { taken, known, .. } => Taken { taken, known })
    };
    let done = move |taken: Taken| {
        came.set(Some(taken));
        typed.set(String::new());
        tried.set(false);
        vaults.asked().again();
    };
    let file = move |picked: Picked| {
        came.set(None);
        act.run(take(picked.base64()), done);
    };
    let picture = move |picked: Picked| {
        came.set(None);
        let read = async move {
            let text = ipc::read_qr(picked.base64()).await?;
            take(base64::encode(text.as_bytes())).await
        };
        act.run(read, done);
    };
    let error = Signal::derive(move || typed.with(|typed| typed.trim().is_empty()).then(|| t!("form-empty")));
    let paste = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if error.get_untracked().is_none() {
            came.set(None);
            act.run(
                take(base64::encode(typed.with_untracked(|typed| typed.trim().as_bytes().to_vec()).as_slice())),
                done,
            );
        }
    };
    view! {
        <form class="form" on:submit=paste>
            <p>{t!("payment-import-explained")}</p>
            <Actions>
                <FilePick label=t!("payment-import-file") accept=".psbt,.txt,.base64" most=FILE picked=file />
                <FilePick label=t!("payment-import-picture") accept="image/*" most=PICTURE picked=picture />
            </Actions>
            <TextInput label=t!("payment-import-text") value=typed error=error tried=tried exact=true long=true />
            <Button submit=true press=|()| () busy=act.busy() busy_words=t!("payment-import-busy")>
                {t!("payment-import-do")}
            </Button>
            <ActFailed act=act kept=t!("payment-import-kept") />
            {changing(move || came.get().map(|came| view! { <Came came=came /> }))}
        </form>
    }
}

#[component]
fn Came(came: Taken) -> impl IntoView {
    let Taken { taken, known } = came;
    if taken.is_empty() {
        return view! { <Notice meaning=Meaning::Plain title=t!("payment-import-nothing", count = known) /> };
    }
    let lines = taken
        .into_iter()
        .map(|it| {
            let name = if it.name.is_empty() { t!("payment-import-recovery-key") } else { it.name };
            view! { <li>{t!("payment-import-of", count = it.signatures, name = name)}</li> }
        })
        .collect_view();
    view! {
        <Notice meaning=Meaning::Fine title=t!("payment-import-taken")>
            <ul>{lines}</ul>
        </Notice>
    }
}
