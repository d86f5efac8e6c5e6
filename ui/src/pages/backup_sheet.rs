//! A member's backup sheet: printed, or saved as a file. Nothing on it is secret.

use conclave_shared::desktop::Export;
use conclave_shared::request::{CheckDescriptor, OnVault, Reply, Request};
use conclave_shared::view::VaultView;
use conclave_ui_logic::sheet::{self, Block};
use conclave_ui_logic::time;

use crate::clock::{now_ms, offset_minutes};
use crate::components::address::Key;
use crate::components::answer::{ActFailed, Answer};
use crate::components::button::{Button, Link, Weight};
use crate::components::icon::Shape;
use crate::components::layout::Actions;
use crate::components::notice::{Meaning, Notice};
use crate::components::page::Page;
use crate::components::qr::Qr;
use crate::live::{Act, Asked, changing};
use crate::prelude::*;
use crate::route::Route;
use crate::{answer, ipc, t, words};

/// What stands on the sheet beside what the vault itself tells.
#[derive(Clone, PartialEq)]
struct Beside {
    words: Vec<String>,
    address: Option<String>,
}

/// The page.
#[component]
pub fn BackupSheetPage(
    /// The vault.
    vault: Signal<VaultView>,
) -> impl IntoView {
    let id = vault.with_untracked(|vault| vault.vault);
    let asked = Asked::once(move || async move {
        let words = answer!(Request::RosterWords(OnVault { vault: id }), Reply::Words { words } => words).await?;
        // The backend derives it from the very descriptor that stands on the sheet. Where that is of a form of which it
        // shows no addresses, the sheet is whole all the same.
        let address = match vault.with_untracked(|vault| vault.descriptor.clone()) {
            Some(descriptor) => {
                let check = Request::CheckDescriptor(CheckDescriptor { descriptor });
                answer!(check, Reply::Descriptor(view) => view.receive.into_iter().next()).await.ok().flatten()
            }
            None => None,
        };
        Ok(Beside { words, address })
    });
    let blocks = Signal::derive(move || {
        let now = now_ms();
        let date = time::date_text(now, offset_minutes(now));
        let beside = asked.get()?;
        Some(vault.with(|vault| sheet::blocks(vault, &beside.words, beside.address.as_deref(), &date)))
    });
    let printing = Act::new();
    let saving = Act::new();
    let saved = RwSignal::new(None::<String>);
    let save = move |()| {
        let Some(blocks) = blocks.get_untracked() else { return };
        let text = words::sheet(&blocks);
        saved.set(None);
        saving.run(ipc::export(Export::BackupSheet { vault: id, text }), move |it| saved.set(Some(it.path)));
    };
    let title = move || vault.with(|vault| t!("sheet-title", name = &vault.name));
    view! {
        <Page title=title lead=t!("sheet-lead")>
            <Answer asked=asked awaited=t!("sheet-loading") let:_beside>
                <Actions>
                    <Button
                        id="print"
                        weight=Weight::Primary
                        icon=Shape::Print
                        press=move |()| printing.run(ipc::print(), |()| ())
                        busy=printing.busy()
                        busy_words=t!("sheet-printing")
                    >
                        {t!("sheet-print")}
                    </Button>
                    <Button id="save" icon=Shape::File press=save busy=saving.busy() busy_words=t!("sheet-saving")>
                        {t!("sheet-save")}
                    </Button>
                    <Link to=Route::SeedWords(id)>{t!("next-words-go")}</Link>
                </Actions>
                <div class="on-screen" role="status">
                    {changing(move || {
                        saved
                            .get()
                            .map(|path| {
                                view! {
                                    <Notice meaning=Meaning::Fine title=t!("sheet-saved")>
                                        <p class="exact">{path}</p>
                                    </Notice>
                                }
                            })
                    })}
                </div>
                <ActFailed act=printing kept=t!("sheet-kept") />
                <ActFailed act=saving kept=t!("sheet-kept") />
                <article class="sheet" aria-label=title>
                    <p class="sheet-title">{changing(title)}</p>
                    {changing(move || {
                        blocks.get().unwrap_or_default().into_iter().map(|block| view! { <Part block=block /> }).collect_view()
                    })}
                </article>
            </Answer>
        </Page>
    }
}

#[component]
fn Part(block: Block) -> impl IntoView {
    match block {
        Block::Heading(said) => view! { <h2 class="sheet-heading">{words::text(&said)}</h2> },
        Block::Text(said) => view! { <p>{words::text(&said)}</p> },
        Block::Fact(name, said) => view! {
            <p class="sheet-fact">
                <span class="sheet-name">{words::text(&name)}</span>
                <span>{words::text(&said)}</span>
            </p>
        },
        Block::Exact(name, exact) => view! {
            <div class="sheet-exact">
                <p>{words::text(&name)}</p>
                <Key key=exact />
            </div>
        },
        Block::Words(words) => {
            let items =
                words.into_iter().map(|word| view! { <li><span class="word">{word}</span></li> }).collect_view();
            view! { <ol class="words">{items}</ol> }
        }
        Block::Descriptor(descriptor) => view! {
            <div class="sheet-descriptor">
                <p class="exact">{descriptor.clone()}</p>
                <Qr text=descriptor title=t!("sheet-descriptor") />
            </div>
        },
        Block::Point(said) => view! { <p class="sheet-point">{words::text(&said)}</p> },
        Block::Line(said) => view! {
            <p class="sheet-line">
                <span>{words::text(&said)}</span>
                <span class="sheet-rule"></span>
            </p>
        },
    }
}
