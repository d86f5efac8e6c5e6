//! The window's requests: one thin function each, which hands the request on and its answer back.
//!
//! Only this module and the desktop program know Tauri. No rule, no key and no file belongs here.

mod host;
mod practice;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conclave_shared::Topic;
use tauri::{AppHandle, Builder, Emitter, Manager, RunEvent, Wry};

use crate::demo::practice_vault::PracticeVault;
use crate::desktop::notify::Notifier;
use crate::desktop::{Host, HostError, Pace, Place, Told, clipboard, home, settings};

/// The name of the event that tells the window what changed; its payload is a [`Topic`].
const TOPIC: &str = "topic";
/// How long closing the window waits for what has to be closed.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// The window is shown after this long, even where its page has not said that it is ready.
const SHOWN_AFTER: Duration = Duration::from_secs(3);
/// The one window.
const WINDOW: &str = "main";

/// The window's program with all its requests, ready to be built and run.
pub fn window() -> Builder<Wry> {
    Builder::default()
        .setup(|app| {
            let window = app.handle().clone();
            app.manage(Arc::new(PracticeVault::new(move || emit(&window, Topic::Practice))));
            let host = start_host(app.handle())?;
            app.manage(host);
            let window = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(SHOWN_AFTER).await;
                host::show(&window);
            });
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            host::app_view,
            host::create_installation,
            host::unlock,
            host::lock,
            host::touch,
            host::ask,
            host::set_settings,
            host::passphrase_strength,
            host::change_passphrase,
            host::backup_words,
            host::copy,
            host::clipboard_holds,
            host::export,
            host::backup,
            host::restore,
            host::read_qr,
            host::print,
            host::ready,
            practice::practice_view,
            practice::practice_next_step,
            practice::practice_start_again
        ])
}

fn start_host(app: &AppHandle) -> Result<Arc<Host>, HostError> {
    let platform = app.path().app_data_dir().map_err(|error| HostError::Broken { reason: error.to_string() })?;
    let home = home::prepare(std::env::var_os(home::HOME_VARIABLE).map(PathBuf::from), platform)?;
    let language = settings::system_language(|name| std::env::var(name).ok());
    let place = Place { home, downloads: app.path().download_dir().ok(), language };
    let window = app.clone();
    Ok(tauri::async_runtime::block_on(async {
        let notifier = Notifier::start();
        let tell = move |told: Told| match told {
            Told::Topic(topic) => emit(&window, topic),
            Told::Notices(notices) => notifier.show(notices),
        };
        Host::start(place, Pace::default(), clipboard::system, tell)
    }))
}

fn emit(window: &AppHandle, topic: Topic) {
    // Nobody listens while the window is opening or closing: the page asks by itself when it opens.
    let _ = window.emit(TOPIC, topic);
}

/// What happens beside the window. When it closes, the installation is closed, what was copied is taken back, and the
/// practice vault goes, so that nothing of it stays on the disk.
pub fn on_event(app: &AppHandle, event: &RunEvent) {
    if let RunEvent::Exit = event {
        let (host, practice) = (the_host(app), practice_vault(app));
        tauri::async_runtime::block_on(async move {
            let _ = tokio::time::timeout(LAST_WAIT, host.close()).await;
            let _ = tokio::time::timeout(LAST_WAIT, practice.start_again()).await;
        });
    }
}

fn practice_vault(app: &AppHandle) -> Arc<PracticeVault> {
    app.state::<Arc<PracticeVault>>().inner().clone()
}

fn the_host(app: &AppHandle) -> Arc<Host> {
    app.state::<Arc<Host>>().inner().clone()
}
