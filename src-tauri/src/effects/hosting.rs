//! The relays that this member hosts: each an embedded relay of its own behind an onion address of its own, for one vault.

use std::collections::BTreeMap;

use conclave_shared::VaultId;
use conclave_shared::view::HostingState;
use tokio::sync::{mpsc, watch};

use crate::input::Input;
use crate::installation::{Installation, ToHost};
use crate::relay::embedded::{Access, EmbeddedRelay, Limits, Mischief};
use crate::tor::{Door, Hosted};

/// The relays that are served now.
#[derive(Default)]
pub(super) struct Hosting {
    relays: BTreeMap<VaultId, OwnRelay>,
}

/// One of them, until it is dropped.
struct OwnRelay {
    serving: watch::Sender<Access>,
    _behind: Hosted,
}

impl Hosting {
    /// Begins, ends and lets follow what the installation wants to be served.
    pub(super) fn follow(
        &mut self,
        door: &Door,
        installation: &mut Installation,
        inputs: &mpsc::Sender<Input>,
        now_ms: u64,
    ) {
        let wanted = installation.to_host(now_ms);
        let gone = |vault: &VaultId| !wanted.iter().any(|it| it.vault == *vault);
        for vault in self.relays.extract_if(.., |vault, _| gone(vault)).map(|(vault, _)| vault).collect::<Vec<_>>() {
            installation.note_hosting(vault, HostingState::Off);
        }
        for it in wanted {
            match self.relays.get(&it.vault) {
                Some(relay) => {
                    relay.serving.send_if_modified(|before| {
                        let differs = *before != it.access;
                        *before = it.access;
                        differs
                    });
                }
                None => drop(self.relays.insert(it.vault, begin(door, it, inputs.clone()))),
            }
        }
    }
}

fn begin(door: &Door, it: ToHost, inputs: mpsc::Sender<Input>) -> OwnRelay {
    let (serving, access) = watch::channel(it.access);
    let address = it.key.relay_address();
    let relay = EmbeddedRelay::without_listener(&address, access, Mischief::default(), Limits::onion());
    let behind = door.host(it.vault, it.key, move |stream| relay.welcome(stream));
    let mut state = behind.state();
    tokio::spawn(async move {
        // Ends with what is behind the address, or with the main loop.
        loop {
            let news = Input::Hosting { vault: it.vault, state: state.borrow_and_update().clone() };
            if inputs.send(news).await.is_err() || state.changed().await.is_err() {
                return;
            }
        }
    });
    OwnRelay { serving, _behind: behind }
}
