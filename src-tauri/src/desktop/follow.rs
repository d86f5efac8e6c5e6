//! What the window and the desktop hear of an open installation: that something changed, and what happened meanwhile.

use std::sync::Weak;

use conclave_shared::Topic;
use conclave_shared::request::{Reply, Request};

use super::host::{Host, Told};
use super::notices;
use crate::main_loop::Running;

/// Tells of changes until the installation stops.
pub(super) async fn follow(host: Weak<Host>, running: Running) {
    let mut changes = running.changes();
    let mut before: Option<Reply> = None;
    loop {
        let after = running.ask(Request::ListVaults).await;
        let Some(host) = host.upgrade() else { return };
        if before.as_ref() != Some(&after) {
            if let (Some(Reply::Vaults { vaults: then, .. }), Reply::Vaults { vaults: now, .. }) = (&before, &after) {
                let settings = host.settings();
                let notices = notices::news(then, now, &settings.notify, settings.unit, host.language());
                if !notices.is_empty() {
                    (host.tell)(Told::Notices(notices));
                }
            }
            host.topic(Topic::Vaults);
            before = Some(after);
        }
        let pause = host.pace.changes;
        drop(host);
        tokio::time::sleep(pause).await;
        if changes.changed().await.is_err() {
            break;
        }
    }
    if let Some(host) = host.upgrade() {
        host.stopped().await;
    }
}
