//! Writing something to the exports folder, and saying where it is.

use conclave_shared::desktop::{Export, Saved};

use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::copy::CopyButton;
use crate::components::icon::Shape;
use crate::components::notice::{Meaning, Notice};
use crate::live::{Act, changing};
use crate::prelude::*;
use crate::{ipc, t};

/// A button that writes a file; then its whole path.
#[component]
pub fn ExportButton(
    /// What is written, asked when the button is pressed.
    #[prop(into)]
    what: Callback<(), Export>,
    /// The button's words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let act = Act::new();
    let saved = RwSignal::new(None::<Saved>);
    let press = move |()| {
        saved.set(None);
        act.run(ipc::export(what.run(())), move |written| saved.set(Some(written)));
    };
    view! {
        <div class="export">
            <Button press=press busy=act.busy() busy_words=t!("export-busy") icon=Shape::File>{words}</Button>
            <ActFailed act=act kept=t!("export-kept") />
            {changing(move || saved.get().map(|saved| view! { <SavedAt saved=saved /> }))}
        </div>
    }
}

/// Where a file was written.
#[component]
pub fn SavedAt(
    /// Where.
    saved: Saved,
) -> impl IntoView {
    view! {
        <Notice meaning=Meaning::Fine title=t!("export-saved", kilobytes = saved.bytes.div_ceil(1000))>
            <p class="exact saved-path" data-saved="">
                {saved.path.clone()} " " <CopyButton text=saved.path what=t!("export-copy-path") />
            </p>
        </Notice>
    }
}
