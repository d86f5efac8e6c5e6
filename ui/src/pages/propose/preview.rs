//! What the payment would be, as the backend computes it: for exactly what is typed now, or not at all.

use conclave_shared::request::{Propose, Reply, Request};
use conclave_shared::view::{PreviewView, VaultView};
use conclave_shared::{Topic, Unmet};
use conclave_ui_logic::draft::{Place, keeps_from_proposing, place_of, place_of_failure};
use conclave_ui_logic::rate::Rate;
use conclave_ui_logic::{standing, vocabulary};

use crate::answer;
use crate::app::App;
use crate::components::amount::Amount;
use crate::components::answer::{Failed, Loading};
use crate::components::layout::{Card, Fact, Facts};
use crate::components::notice::{Meaning, Notice};
use crate::ipc::Unanswered;
use crate::live::{Asked, changing, memo, settled};
use crate::prelude::*;
use crate::{t, words};

/// What came of looking at a payment.
#[derive(Debug, Clone, PartialEq)]
pub enum Looked {
    /// What it would be.
    Preview(Box<PreviewView>),
    /// It cannot be.
    Refused(Unanswered),
}

impl Looked {
    /// What it would be, where it can be.
    pub fn preview(self) -> Option<PreviewView> {
        match self {
            Looked::Preview(preview) => Some(*preview),
            Looked::Refused(_) => None,
        }
    }

    /// Whether it would be taken as it is.
    pub fn can_be_proposed(&self) -> bool {
        match self {
            Looked::Preview(preview) => !preview.unmet.iter().any(keeps_from_proposing),
            Looked::Refused(_) => false,
        }
    }

    /// What is wrong with it, each at its field.
    pub fn faults(&self, app: App, vault: Signal<VaultView>) -> Vec<(Place, String)> {
        match self {
            Looked::Preview(preview) => {
                preview.unmet.iter().map(|unmet| (place_of(unmet), said(unmet, app, vault))).collect()
            }
            Looked::Refused(unanswered) => faults_of(unanswered, app, vault),
        }
    }
}

fn said(unmet: &Unmet, app: App, vault: Signal<VaultView>) -> String {
    let name = |id| vault.with_untracked(|vault| words::member_name(vault, id));
    words::text(&vocabulary::unmet(unmet, app.unit(), name))
}

/// What a refusal says, at its field.
pub fn faults_of(unanswered: &Unanswered, app: App, vault: Signal<VaultView>) -> Vec<(Place, String)> {
    match unanswered {
        Unanswered::Refused(failure) if failure.unmet.is_empty() => {
            vec![(place_of_failure(failure), words::failure(failure))]
        }
        Unanswered::Refused(failure) => {
            failure.unmet.iter().map(|unmet| (place_of(unmet), said(unmet, app, vault))).collect()
        }
        Unanswered::Silent(_) | Unanswered::Unexpected => vec![],
    }
}

/// Looks at what is typed once it settles; the answer to anything else than what is typed now is none.
pub fn looked_at(draft: Memo<Option<Propose>>) -> Memo<Option<Looked>> {
    let steady = settled(draft);
    let asked = Asked::on(Topic::Vaults, move || {
        let draft = steady.get();
        async move {
            let Some(draft) = draft else { return Ok(None) };
            let answer = answer!(Request::PreviewPayment(draft.clone()), Reply::Preview(preview) => preview).await;
            Ok(Some((draft, answer.map_or_else(Looked::Refused, Looked::Preview))))
        }
    });
    memo(move |_| {
        let (of, looked) = asked.get().flatten()?;
        draft.with(|draft| draft.as_ref() == Some(&of)).then_some(looked)
    })
}

/// The sheet beside the form.
#[component]
pub fn Preview(
    /// The vault that pays.
    vault: Signal<VaultView>,
    /// What is typed.
    draft: Memo<Option<Propose>>,
    /// What it would be.
    looked: Memo<Option<Looked>>,
) -> impl IntoView {
    let typed = memo(move |_| draft.with(Option::is_some));
    view! {
        <Card>
            <h2>{t!("preview-title")}</h2>
            <div aria-live="polite" class="preview-body">
                {changing(move || match looked.get() {
                    Some(Looked::Preview(preview)) => view! { <Shown vault=vault preview=*preview /> },
                    Some(Looked::Refused(unanswered)) => {
                        let unanswered = Signal::stored(Some(unanswered));
                        view! { <Failed unanswered=unanswered kept=t!("preview-kept") /> }
                    }
                    None if typed.get() => view! { <Loading words=t!("preview-loading") /> },
                    None => view! { <p class="soft">{t!("preview-empty")}</p> },
                })}
            </div>
        </Card>
    }
}

#[component]
fn Shown(vault: Signal<VaultView>, preview: PreviewView) -> impl IntoView {
    let app = App::here();
    let rate = Rate { milli: preview.fee_rate_milli }.to_string();
    let share = preview.fee_per_mille.map(|share| t!("fee-share", share = standing::percent(share)));
    let own_keys = vault.with_untracked(|vault| vault.recovery.as_ref().is_some_and(|it| !it.keys.is_empty()));
    let (approvers, signers) = vault.with_untracked(|vault| {
        let signers = if preview.rule.recovery && own_keys {
            t!("preview-recovery-keys")
        } else {
            words::names(vault, &preview.signers)
        };
        (words::names(vault, &preview.approvers), signers)
    });
    let rule = move || {
        let said = standing::rule(&preview.rule, app.unit());
        said.iter().map(|said| view! { <p>{words::text(said)}</p> }).collect_view()
    };
    let unmet: Vec<String> = preview.unmet.iter().map(|unmet| said(unmet, app, vault)).collect();
    view! {
        <Facts>
            <Fact name=t!("preview-leaves")>
                <Amount amount=preview.leaves large=true />
            </Fact>
            <Fact name=t!("fee")>
                <Amount amount=preview.fee />
                <p class="soft">{rate} {share.map(|share| format!(" · {share}"))}</p>
            </Fact>
            <Fact name=t!("preview-change")>
                <Amount amount=preview.change />
            </Fact>
            <Fact name=t!("preview-coins")>{t!("preview-coin-count", count = preview.coins.len())}</Fact>
            <Fact name=t!("preview-rule")>{changing(rule)}</Fact>
            <Fact name=t!("preview-approvers")>{approvers}</Fact>
            <Fact name=t!("preview-signers")>{signers}</Fact>
        </Facts>
        {(!unmet.is_empty())
            .then(|| {
                view! {
                    <Notice meaning=Meaning::Refused title=t!("preview-against")>
                        <ul>{unmet.into_iter().map(|unmet| view! { <li>{unmet}</li> }).collect_view()}</ul>
                    </Notice>
                }
            })}
    }
}
