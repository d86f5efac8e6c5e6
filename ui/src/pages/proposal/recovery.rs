//! Signing by a key that this installation does not hold: one of the recovery's own, by its words. They are not kept.

use conclave_shared::request::{OnProposal, Reply, Request, SignWith};
use conclave_shared::secret::SecretText;

use crate::answer;
use crate::app::App;
use crate::components::answer::ActFailed;
use crate::components::button::Button;
use crate::components::details::Details;
use crate::components::input::PassphraseInput;
use crate::frame::Vaults;
use crate::live::Act;
use crate::prelude::*;
use crate::t;

/// The form, under a closed heading.
#[component]
pub fn SignWithWords(on: OnProposal) -> impl IntoView {
    let app = App::here();
    let vaults = Vaults::here();
    let typed = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let act = Act::new();
    let error = Signal::derive(move || typed.with(|typed| typed.trim().is_empty()).then(|| t!("form-empty")));
    let sign = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if error.get_untracked().is_some() {
            return;
        }
        let words = typed.with_untracked(|typed| typed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
        // Whatever comes of it, the words do not stay on the screen.
        typed.set(String::new());
        tried.set(false);
        let request = SignWith { vault: on.vault, proposal: on.proposal, seed_words: SecretText::new(words) };
        act.run(answer!(Request::SignWith(request), Reply::Proposal(view) => view), move |_| {
            app.announce(t!("payment-signed-now"));
            vaults.asked().again();
        });
    };
    on_cleanup(move || {
        typed.try_set(String::new());
    });
    view! {
        <Details title=t!("payment-sign-with")>
            <form class="form" on:submit=sign>
                <p>{t!("payment-sign-with-explained")}</p>
                <PassphraseInput label=t!("payment-sign-with-words") value=typed error=error tried=tried />
                <ActFailed act=act />
                <Button submit=true press=|()| () busy=act.busy() busy_words=t!("payment-signing")>
                    {t!("payment-sign-with-do")}
                </Button>
            </form>
        </Details>
    }
}
