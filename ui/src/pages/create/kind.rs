//! What kind of vault it is to be: cards, and what each place of the chosen one does.

use conclave_shared::Template;
use conclave_ui_logic::new_vault::NewVaultFaults;
use conclave_ui_logic::{places, vocabulary};

use super::form::fault;
use super::typed::{Kind, Typed};
use crate::components::choice::{Card, Choice};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::components::threshold_ring::ThresholdRing;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::{t, words};

/// The cards.
#[component]
pub fn KindChoice(typed: Typed, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    let mut cards: Vec<Card<Kind>> = Template::ALL
        .into_iter()
        .map(|template| Card {
            value: Kind::Template(template),
            title: words::text(&vocabulary::template(template)),
            text: words::text(&vocabulary::template_explained(template)),
            shape: Some(match template {
                Template::LowTrust3Of5 => Shape::Person,
                Template::Hot2Of3 => Shape::Pay,
                Template::Escrow2Of3 => Shape::Rules,
            }),
        })
        .collect();
    cards.push(Card {
        value: Kind::Own,
        title: t!("create-own"),
        text: t!("create-own-text"),
        shape: Some(Shape::Key),
    });
    view! {
        <Choice label=t!("create-kind") cards=cards chosen=typed.kind />
        {changing(move || match typed.kind.get() {
            Some(Kind::Template(template)) => view! { <Places template=template /> },
            Some(Kind::Own) => view! { <Quorum typed=typed faults=faults tried=tried /> },
            None => ().into_any(),
        })}
    }
}

/// The places of a template, each with what its member does.
#[component]
fn Places(template: Template) -> impl IntoView {
    let places = places::of_template(template);
    let needed = places::threshold(template);
    let signed = (0..places.len()).map(|at| u32::try_from(at).is_ok_and(|at| at < needed)).collect::<Vec<_>>();
    let equal = places::equal(&places);
    let items = places
        .iter()
        .take(if equal { 1 } else { places.len() })
        .map(|place| {
            let title = if equal { t!("create-every-key") } else { words::text(&places::title(&place.title)) };
            let does = words::text(&places::does(&place.title, &[place.role]));
            view! {
                <li>
                    <span class="place-title">{title}</span>
                    <span>{does}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="places">
            <ThresholdRing
                approvals=vec![]
                signatures=signed
                complete=true
                label=t!("create-quorum", threshold = needed, keyholders = places.len())
            />
            <div>
                <p class="places-head">{t!("create-quorum", threshold = needed, keyholders = places.len())}</p>
                <ul>{items}</ul>
            </div>
        </div>
    }
}

/// Keys and signatures of one's own choice.
#[component]
fn Quorum(typed: Typed, faults: Memo<NewVaultFaults>, tried: RwSignal<bool>) -> impl IntoView {
    let drawn = memo(move |_| typed.form().quorum());
    view! {
        <div class="places">
            {changing(move || {
                let known = drawn.get().is_some();
                let (threshold, keyholders) = drawn.get().unwrap_or((0, 1));
                view! {
                    <ThresholdRing
                        approvals=vec![]
                        signatures=(0..keyholders).map(|at| at < threshold).collect()
                        complete=known
                        label=t!("create-quorum", threshold = threshold, keyholders = keyholders)
                    />
                }
            })}
            <div class="pair">
                <TextInput
                    label=t!("create-threshold")
                    hint=t!("create-threshold-hint")
                    value=typed.threshold
                    error=fault(faults, |faults| faults.threshold.clone())
                    tried=tried
                />
                <TextInput
                    label=t!("create-keyholders")
                    hint=t!("create-keyholders-hint")
                    value=typed.keyholders
                    error=fault(faults, |faults| faults.keyholders.clone())
                    tried=tried
                />
            </div>
        </div>
    }
}
