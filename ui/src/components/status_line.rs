//! The quiet line at the bottom: what this program is connected to.

use leptos::prelude::*;

/// Network, chain, Tor, members.
#[component]
pub fn StatusLine(#[prop(into)] height: Signal<u32>, #[prop(into)] members: Signal<(usize, usize)>) -> impl IntoView {
    let seen = move || {
        let (online, all) = members.get();
        format!("{online} of {all} members online")
    };
    view! {
        <footer class="status-line" aria-label="Connections">
            <span>"Network: regtest, practice chain"</span>
            <span>"Block "<span class="figure">{move || height.get()}</span></span>
            <span>"Tor: not yet used; only this machine is reached"</span>
            <span>{seen}</span>
        </footer>
    }
}
