//! The address as a code, alone or as a request for payment with amount and label (BIP21).

use conclave_ui_logic::address::payment_request;

use crate::app::App;
use crate::components::copy::CopyButton;
use crate::components::details::Details;
use crate::components::input::{AmountInput, TextInput, amount_in};
use crate::components::qr::Qr;
use crate::live::{changing, memo};
use crate::prelude::*;
use crate::t;

/// The code, and what may be asked for by it.
#[component]
pub fn PaymentRequest(address: String) -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(String::new());
    // Not the label: that is written for oneself, and stays here.
    let message = RwSignal::new(String::new());
    let text = memo(move |_| {
        let amount = amount_in(&typed.get(), app.unit());
        payment_request(&address, amount, Some(message.get().trim()))
    });
    view! {
        <div class="receive-code">
            {changing(move || view! { <Qr text=text.get() title=t!("receive-code") /> })}
            <Details title=t!("receive-request")>
                <div class="form">
                    <AmountInput label=t!("receive-request-amount") typed=typed may_be_empty=true />
                    <TextInput label=t!("receive-request-label") hint=t!("receive-request-label-hint") value=message />
                    <p class="exact">
                        {changing(move || text.get())} " "
                        {changing(move || view! { <CopyButton text=text.get() what=t!("receive-request-copy") /> })}
                    </p>
                </div>
            </Details>
        </div>
    }
}
