//! The desktop program: opens the window. What the window may ask for is in `commands`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use conclave::commands;

/// With this variable set, whoever can start the program with it can press every button of its window.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";

fn main() -> ExitCode {
    let allowed = cfg!(any(debug_assertions, feature = "automation"));
    if !allowed && std::env::var_os(AUTOMATION).is_some() {
        eprintln!("conclave-desktop: a release does not open while {AUTOMATION} is set: unset it");
        return ExitCode::from(2);
    }
    match commands::window().build(tauri::generate_context!()) {
        Ok(app) => {
            app.run(|app, event| commands::on_event(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("conclave-desktop: the window could not be opened: {error}");
            ExitCode::from(1)
        }
    }
}
