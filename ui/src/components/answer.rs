//! The four states of what is asked for: awaited, not answered, there, and there but out of date.

use conclave_shared::request::Failure;
use conclave_shared::view::VaultView;
use conclave_ui_logic::vocabulary;

use crate::app::App;
use crate::components::button::Button;
use crate::components::details::Details;
use crate::components::icon::{Icon, Shape};
use crate::ipc::Unanswered;
use crate::live::{Act, Asked, changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// Something is awaited, in words.
#[component]
pub fn Loading(
    /// What is awaited.
    #[prop(into)]
    words: TextProp,
) -> impl IntoView {
    view! {
        <p class="loading" role="status">
            <Icon shape=Shape::Clock />
            <span>{changing(move || words.get().to_string())}</span>
        </p>
    }
}

/// There is nothing, and what one can do about it.
#[component]
pub fn Empty(
    /// What there is none of.
    #[prop(into)]
    words: TextProp,
    /// What to do.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{changing(move || words.get().to_string())}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// Shows an answer by `children`, which get it as a signal and are made once. Before there is one it says what is awaited;
/// when a later question fails, what is shown stays and says that it is old.
#[component]
pub fn Answer<T, C, V>(
    /// What is asked.
    asked: Asked<T>,
    /// What is awaited.
    #[prop(into)]
    awaited: String,
    /// What is shown of it.
    children: C,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    C: Fn(Signal<T>) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let shown = changing(move || asked.value().map(&children));
    let there = Signal::derive(move || asked.is_there());
    let failed = Signal::derive(move || asked.unanswered());
    view! { <Answered shown=shown.into_any() there=there failed=failed again=move |()| asked.again() awaited=awaited /> }
}

/// An answer whose kind is not known here any more.
#[component]
fn Answered(
    shown: AnyView,
    there: Signal<bool>,
    failed: Signal<Option<Unanswered>>,
    #[prop(into)] again: Callback<()>,
    awaited: String,
) -> impl IntoView {
    let has_failed = memo(move |_| failed.with(Option::is_some));
    view! {
        {shown}
        <Show when=move || !there.get() && !has_failed.get()>
            <Loading words=awaited.clone() />
        </Show>
        <Show when=move || !there.get() && has_failed.get()>
            <Failed unanswered=failed again=again />
        </Show>
        <Show when=move || there.get() && has_failed.get()>
            <Failed unanswered=failed kept=t!("shown-is-old") again=again />
        </Show>
    }
}

/// What happened, what was kept, what to do; what the program says of it is under a closed heading.
#[component]
pub fn Failed(
    /// Why.
    #[prop(into)]
    unanswered: Signal<Option<Unanswered>>,
    /// What was kept all the same.
    #[prop(optional, into)]
    kept: Option<TextProp>,
    /// Asks again.
    #[prop(optional, into)]
    again: Option<Callback<()>>,
) -> impl IntoView {
    let app = App::here();
    let vault = use_context::<Signal<VaultView>>();
    let shown = move |unanswered: Unanswered| {
        let detail = match &unanswered {
            Unanswered::Refused(failure) => format!("{}: {}", failure.code, failure.message),
            Unanswered::Silent(heard) => heard.clone(),
            Unanswered::Unexpected => String::new(),
        };
        let unmet = match &unanswered {
            Unanswered::Refused(failure) => unmet(failure, app, vault),
            Unanswered::Silent(_) | Unanswered::Unexpected => vec![],
        };
        let kept = kept.clone();
        view! {
            <div class="notice refused" role="alert">
                <Icon shape=Shape::Warning />
                <div class="notice-body">
                    <p class="notice-title">{words::unanswered(&unanswered)}</p>
                    {(!unmet.is_empty())
                        .then(|| {
                            view! { <ul>{unmet.into_iter().map(|unmet| view! { <li>{unmet}</li> }).collect_view()}</ul> }
                        })}
                    {kept.map(|kept| view! { <p>{kept.get().to_string()}</p> })}
                    {(!detail.is_empty())
                        .then(|| {
                            view! {
                                <Details title=t!("technical-details")>
                                    <p class="exact">{detail}</p>
                                </Details>
                            }
                        })}
                    {again.map(|again| view! { <Button press=again>{t!("ask-again")}</Button> })}
                </div>
            </div>
        }
    };
    changing(move || unanswered.get().map(shown.clone()))
}

fn unmet(failure: &Failure, app: App, vault: Option<Signal<VaultView>>) -> Vec<String> {
    let name = |id| match vault {
        Some(vault) => vault.with(|vault| words::member_name(vault, id)),
        None => id.short(),
    };
    failure.unmet.iter().map(|unmet| words::text(&vocabulary::unmet(unmet, app.unit(), name))).collect()
}

/// Why an act was not done, as long as nothing else was tried.
#[component]
pub fn ActFailed(
    /// The act.
    act: Act,
    /// What was kept all the same.
    #[prop(optional, into)]
    kept: Option<TextProp>,
) -> impl IntoView {
    let kept = kept.unwrap_or_else(|| t!("nothing-changed").into());
    view! { <Failed unanswered=Signal::derive(move || act.unanswered()) kept=kept /> }
}
