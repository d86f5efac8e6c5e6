//! The window's requests: one thin function each, which hands the request on and its answer back.
//!
//! Only this module and the desktop program know Tauri. No rule, no key and no file belongs here.

mod practice;

use std::sync::Arc;
use std::time::Duration;

use conclave_shared::Topic;
use tauri::{AppHandle, Builder, Emitter, Manager, RunEvent, Wry};

use crate::demo::practice_vault::PracticeVault;

/// The name of the event that tells the window what changed; its payload is a [`Topic`].
const TOPIC: &str = "topic";
/// How long closing the window waits for the practice vault to be thrown away.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The window's program with all its requests, ready to be built and run.
pub fn window() -> Builder<Wry> {
    Builder::default()
        .setup(|app| {
            let window = app.handle().clone();
            app.manage(Arc::new(PracticeVault::new(move || {
                // Nobody listens while the window is opening or closing: the page asks by itself when it opens.
                let _ = window.emit(TOPIC, Topic::Practice);
            })));
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            practice::practice_view,
            practice::practice_next_step,
            practice::practice_start_again
        ])
}

/// What happens beside the window: when it closes, the practice vault goes, so that nothing of it stays on the disk.
pub fn on_event(app: &AppHandle, event: &RunEvent) {
    if let RunEvent::Exit = event {
        let vault = practice_vault(app);
        tauri::async_runtime::block_on(async move {
            let _ = tokio::time::timeout(LAST_WAIT, vault.start_again()).await;
        });
    }
}

fn practice_vault(app: &AppHandle) -> Arc<PracticeVault> {
    app.state::<Arc<PracticeVault>>().inner().clone()
}
