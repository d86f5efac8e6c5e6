//! A list of addresses. Each is looked at by the backend before it is put on.

use conclave_shared::VaultId;
use conclave_shared::request::{CheckAddress, Reply, Request};
use conclave_shared::view::AddressVerdict;

use crate::components::address::Address;
use crate::components::answer::ActFailed;
use crate::components::button::{Button, IconButton};
use crate::components::icon::Shape;
use crate::components::input::TextInput;
use crate::live::Act;
use crate::prelude::*;
use crate::{answer, t};

/// The list, and a field to add to it.
#[component]
pub fn AddressList(
    /// The vault.
    vault: VaultId,
    /// What the list is called.
    #[prop(into)]
    label: String,
    /// What is said where nothing is on it.
    #[prop(into)]
    none: String,
    /// The addresses.
    addresses: RwSignal<Vec<String>>,
    /// What is wrong with it.
    fault: Signal<Option<String>>,
    /// Whether somebody has tried to go on.
    tried: Signal<bool>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<String>);
    let act = Act::new();
    let add = move |()| {
        let address = typed.get_untracked().trim().to_owned();
        if address.is_empty() {
            refused.set(Some(t!("form-empty")));
            return;
        }
        if addresses.with_untracked(|addresses| addresses.contains(&address)) {
            refused.set(Some(t!("list-twice")));
            return;
        }
        let request = Request::CheckAddress(CheckAddress { vault, address: address.clone() });
        act.run(answer!(request, Reply::AddressChecked(view) => view.verdict), move |verdict| {
            refused.set(match verdict {
                AddressVerdict::NotAnAddress => Some(t!("list-not-an-address")),
                AddressVerdict::WrongNetwork => Some(t!("list-wrong-network")),
                AddressVerdict::Own => Some(t!("list-own")),
                // On which of the two lists it is now is what is being changed here.
                AddressVerdict::Fine | AddressVerdict::Denied | AddressVerdict::NotAllowed => {
                    addresses.update(|addresses| addresses.push(address));
                    typed.set(String::new());
                    None
                }
            });
        });
    };
    let remove = move |gone: &str| addresses.update(|addresses| addresses.retain(|address| address != gone));
    let error = Signal::derive(move || refused.get().or_else(|| fault.get().filter(|_| tried.get())));
    view! {
        <div class="address-list" role="group" aria-label=label.clone()>
            <h4>{label.clone()}</h4>
            <Show when=move || addresses.with(Vec::is_empty)>
                <p class="soft">{none.clone()}</p>
            </Show>
            <ul>
                <For each=move || addresses.get() key=String::clone let:address>
                    <li>
                        <Address address=address.clone() />
                        <IconButton
                            shape=Shape::Cross
                            words=t!("list-remove")
                            press=move |()| remove(&address)
                        />
                    </li>
                </For>
            </ul>
            <div class="address-add">
                <TextInput label=t!("list-add-label") value=typed exact=true error=error tried=true />
                <Button press=add busy=act.busy() busy_words=t!("list-checking") icon=Shape::Plus>
                    {t!("list-add")}
                </Button>
            </div>
            <ActFailed act=act />
        </div>
    }
}
