//! Who gets what. Each address is looked at by the backend while it is typed or pasted.

use conclave_shared::VaultId;
use conclave_shared::request::{CheckAddress, Reply, Request};
use conclave_shared::view::{AddressCheckView, AddressVerdict};
use conclave_ui_logic::address::{asked, compared};
use conclave_ui_logic::amount;
use conclave_ui_logic::draft::{MOST_RECIPIENTS, Place};
use leptos::task::spawn_local;

use crate::answer;
use crate::app::App;
use crate::components::address::Address;
use crate::components::amount::Amount;
use crate::components::button::{Button, IconButton};
use crate::components::choice::Checkbox;
use crate::components::icon::Shape;
use crate::components::input::{AmountInput, TextInput};
use crate::components::layout::Card;
use crate::components::notice::{Meaning, Notice, Status};
use crate::ipc::{self, Unanswered};
use crate::live::{Asked, changing, effect, memo, settled};
use crate::pages::propose::fields::{Fields, Row};
use crate::pages::propose::preview::Looked;
use crate::prelude::*;
use crate::t;

/// All recipients.
#[component]
pub fn Recipients(
    /// The vault that pays.
    vault: VaultId,
    /// What is typed.
    fields: Fields,
    /// What the payment would be.
    looked: Memo<Option<Looked>>,
    /// What was refused, and where.
    refused: Signal<Vec<(Place, String)>>,
) -> impl IntoView {
    let several = memo(move |_| fields.rows.with(|rows| rows.len() > 1));
    let room = memo(move |_| fields.rows.with(|rows| rows.len() < MOST_RECIPIENTS));
    view! {
        <ol class="recipients">
            <For each=move || fields.rows.get() key=|row| row.id let:row>
                <li>
                    <Recipient vault=vault fields=fields row=row several=several looked=looked refused=refused />
                </li>
            </For>
        </ol>
        <Show when=move || room.get()>
            <p>
                <Button id="add-recipient" icon=Shape::Plus press=move |()| fields.add()>{t!("propose-add-recipient")}</Button>
            </p>
        </Show>
    }
}

/// What was asked about an address, and the answer.
type Checked = Option<(String, Result<AddressCheckView, Unanswered>)>;

#[component]
fn Recipient(
    vault: VaultId,
    fields: Fields,
    row: Row,
    several: Memo<bool>,
    looked: Memo<Option<Looked>>,
    refused: Signal<Vec<(Place, String)>>,
) -> impl IntoView {
    let app = App::here();
    let address = memo(move |_| row.address.with(|address| address.trim().to_owned()));
    let steady = settled(address);
    let checks = Asked::once(move || {
        let address = steady.get();
        async move {
            if address.is_empty() {
                return Ok(None);
            }
            let request = Request::CheckAddress(CheckAddress { vault, address: address.clone() });
            Ok(Some((address, answer!(request, Reply::AddressChecked(view) => view).await)))
        }
    });
    // Of what stands there now; the answer to an earlier address is none.
    let check = memo(move |_| {
        let checked: Checked = checks.get().flatten();
        checked.filter(|(of, _)| address.with(|address| address == of)).map(|(_, view)| view)
    });
    let verdict = memo(move |_| check.get()?.ok().map(|view| view.verdict));
    let address_error = Signal::derive(move || {
        if address.with(String::is_empty) {
            return Some(t!("propose-address-empty"));
        }
        let wrong = match verdict.get() {
            Some(AddressVerdict::NotAnAddress) => Some(t!("propose-address-none")),
            Some(AddressVerdict::WrongNetwork) => Some(t!("propose-address-network")),
            Some(AddressVerdict::Denied) => Some(t!("propose-address-denied")),
            Some(AddressVerdict::NotAllowed) => Some(t!("propose-address-not-allowed")),
            Some(AddressVerdict::Fine | AddressVerdict::Own) | None => None,
        };
        wrong.or_else(|| {
            let mine = |place: &Place| matches!(place, Place::Address(of) if address.with(|address| address == of));
            refused.with(|faults| faults.iter().find(|(place, _)| mine(place)).map(|(_, words)| words.clone()))
        })
    });
    let known = Signal::derive(move || fields.tried.get() || verdict.get().is_some());
    let swapped = RwSignal::new(false);
    let pasted = move |text: String| {
        swapped.set(false);
        let read = asked(&text);
        let alone = row.address.with_untracked(|address| address.trim() == text.trim());
        if alone && read.address != text.trim() {
            row.address.set(read.address);
            if let Some(sat) = read.amount {
                row.amount.set(amount::typed(sat, app.unit()));
            }
            if let Some(message) = read.message.filter(|_| fields.purpose.with_untracked(String::is_empty)) {
                fields.purpose.set(message);
            }
        }
        spawn_local(async move {
            // A clipboard that does not answer tells nothing.
            if let Ok(holds) = ipc::clipboard_holds(text).await {
                swapped.try_set(!holds);
            }
        });
    };
    let gets_all = RwSignal::new(fields.all.get_untracked() == Some(row.id));
    effect(move |before: Option<bool>| {
        let now = gets_all.get();
        // What another recipient has got meanwhile is not taken away by letting go of it.
        let mine = fields.all.get_untracked() == Some(row.id);
        if before.is_some() && now != mine {
            fields.all.set(now.then_some(row.id));
        }
        now
    });
    // Only one can get all that is left.
    effect(move |_| {
        if fields.all.get() != Some(row.id) && gets_all.get_untracked() {
            gets_all.set(false);
        }
    });
    let rest = Signal::derive(move || {
        let looked = looked.get()?.preview()?;
        looked
            .recipients
            .into_iter()
            .rev()
            .find(|it| address.with(|address| *address == it.address))
            .map(|it| it.amount)
    });
    let amount_error = Signal::derive(move || {
        refused.with(|faults| faults.iter().find(|(place, _)| *place == Place::Amount).map(|(_, words)| words.clone()))
    });
    let amount_known = Signal::derive(move || fields.tried.get() || amount_error.with(Option::is_some));
    view! {
        <Card>
            <div class="recipient-address">
                <TextInput
                    label=t!("propose-address")
                    value=row.address
                    error=address_error
                    tried=known
                    exact=true
                    pasted=pasted
                />
                <Show when=move || several.get()>
                    <IconButton press=move |()| fields.remove(row.id) shape=Shape::Cross words=t!("propose-remove-recipient") />
                </Show>
            </div>
            <Show when=move || swapped.get()>
                <Notice meaning=Meaning::Refused title=t!("propose-clipboard-changed")>
                    <p>{t!("propose-clipboard-changed-do")}</p>
                </Notice>
            </Show>
            <AddressCheck address=address check=check />
            // Kept where it is while it is not needed, so that what is typed moves on with the unit.
            <div hidden=move || gets_all.get()>
                <AmountInput label=t!("propose-amount") typed=row.amount error=amount_error tried=amount_known />
            </div>
            <p hidden=move || !gets_all.get()>
                {t!("propose-all-gets")} " "
                {changing(move || match rest.get() {
                    Some(rest) => view! { <strong><Amount amount=rest /></strong> },
                    None => view! { <span class="soft">{t!("propose-all-later")}</span> },
                })}
            </p>
            <Checkbox label=t!("propose-all") ticked=gets_all />
        </Card>
    }
}

/// What is known of an address, in words.
#[component]
fn AddressCheck(address: Memo<String>, check: Memo<Option<Result<AddressCheckView, Unanswered>>>) -> impl IntoView {
    changing(move || {
        if address.with(String::is_empty) {
            return None;
        }
        let Some(check) = check.get() else {
            return Some(view! { <p class="soft" role="status">{t!("propose-address-looking")}</p> });
        };
        let Ok(check) = check else {
            return Some(view! { <Notice meaning=Meaning::Waits title=t!("propose-address-unlooked") /> });
        };
        let said = match check.verdict {
            // Said at the field.
            AddressVerdict::NotAnAddress | AddressVerdict::WrongNetwork => return None,
            AddressVerdict::Denied | AddressVerdict::NotAllowed => None,
            AddressVerdict::Own => Some(view! { <Status meaning=Meaning::Waits words=t!("propose-address-own") /> }),
            AddressVerdict::Fine if check.paid_before == 0 => {
                Some(view! { <Status meaning=Meaning::Plain words=t!("propose-address-new") /> })
            }
            AddressVerdict::Fine => {
                let words = t!("propose-address-paid", times = check.paid_before);
                Some(view! { <Status meaning=Meaning::Fine words=words /> })
            }
        };
        let label = check.label.map(|label| view! { <span class="soft memo">{label}</span> });
        // The field may be narrower than the address: here it stands whole.
        let whole = check.similar_to.is_none().then(|| view! { <Address address=address.get() /> });
        let similar = check.similar_to.map(|other| view! { <Similar address=address.get() other=other /> });
        Some(view! { <div class="address-check" role="status">{whole} {said} {label} {similar}</div> })
    })
}

/// An address that could be mistaken for another: both in groups, and where they differ.
#[component]
fn Similar(address: String, other: String) -> impl IntoView {
    let pairs = compared(&address, &other);
    let row = move |of: fn(&conclave_ui_logic::address::Pair) -> &String| {
        pairs
            .iter()
            .map(|pair| {
                let group = of(pair).clone();
                if pair.differs {
                    view! { <mark class="group">{group}</mark> }
                } else {
                    view! { <span class="group">{group}</span> }
                }
            })
            .collect_view()
    };
    let (first, second) = (row(|pair| &pair.first), row(|pair| &pair.second));
    view! {
        <Notice meaning=Meaning::Refused title=t!("propose-address-similar")>
            <p>{t!("propose-address-similar-do")}</p>
            <dl class="compared">
                <dt>{t!("propose-address-this")}</dt>
                <dd class="exact groups">{first}</dd>
                <dt>{t!("propose-address-earlier")}</dt>
                <dd class="exact groups">{second}</dd>
            </dl>
        </Notice>
    }
}
