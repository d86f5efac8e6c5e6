//! The requests of `conclave_shared::desktop`, and the one for everything about vaults.

use conclave_shared::VaultId;
use conclave_shared::desktop::{AppView, Export, Saved, Settings, Strength};
use conclave_shared::request::{Failure, Reply};
use conclave_shared::secret::SecretText;
use tauri::{AppHandle, Manager};

use super::{WINDOW, the_host};
use crate::desktop::HostError;

/// The program as it stands.
#[tauri::command]
pub async fn app_view(app: AppHandle) -> Result<AppView, Failure> {
    the_host(&app).view().await.map_err(HostError::failure)
}

/// Makes an installation and opens it.
#[tauri::command]
pub async fn create_installation(app: AppHandle, passphrase: String) -> Result<AppView, Failure> {
    the_host(&app).create_installation(passphrase).await.map_err(HostError::failure)
}

/// Opens the installation.
#[tauri::command]
pub async fn unlock(app: AppHandle, passphrase: String) -> Result<AppView, Failure> {
    the_host(&app).unlock(passphrase).await.map_err(HostError::failure)
}

/// Closes it.
#[tauri::command]
pub async fn lock(app: AppHandle) -> Result<AppView, Failure> {
    the_host(&app).lock().await.map_err(HostError::failure)
}

/// Somebody uses the window.
#[tauri::command]
pub async fn touch(app: AppHandle) {
    the_host(&app).touch();
}

/// Everything that may be asked of an open installation. What fails is a reply too.
#[tauri::command]
pub async fn ask(app: AppHandle, request: serde_json::Value) -> Reply {
    the_host(&app).ask_json(request).await
}

/// Changes the settings.
#[tauri::command]
pub async fn set_settings(app: AppHandle, settings: Settings) -> Result<AppView, Failure> {
    the_host(&app).set_settings(settings).await.map_err(HostError::failure)
}

/// How strong a passphrase is.
#[tauri::command]
pub async fn passphrase_strength(app: AppHandle, passphrase: String) -> Result<Strength, Failure> {
    the_host(&app).passphrase_strength(passphrase).await.map_err(HostError::failure)
}

/// Puts a new passphrase in the place of the current one.
#[tauri::command]
pub async fn change_passphrase(app: AppHandle, current: String, new: String) -> Result<AppView, Failure> {
    the_host(&app).change_passphrase(current, new).await.map_err(HostError::failure)
}

/// The words of this installation's key of a vault.
#[tauri::command]
pub async fn backup_words(app: AppHandle, vault: VaultId, passphrase: String) -> Result<SecretText, Failure> {
    the_host(&app).backup_words(vault, passphrase).await.map_err(HostError::failure)
}

/// Copies a text, for a while.
#[tauri::command]
pub async fn copy(app: AppHandle, text: String) -> Result<(), Failure> {
    the_host(&app).copy(text).await.map_err(HostError::failure)
}

/// Whether the clipboard holds a text now.
#[tauri::command]
pub async fn clipboard_holds(app: AppHandle, text: String) -> Result<bool, Failure> {
    the_host(&app).clipboard_holds(text).await.map_err(HostError::failure)
}

/// Writes a file to the folder for exports.
#[tauri::command]
pub async fn export(app: AppHandle, export: Export) -> Result<Saved, Failure> {
    the_host(&app).export(export).await.map_err(HostError::failure)
}

/// Writes a backup there.
#[tauri::command]
pub async fn backup(app: AppHandle) -> Result<Saved, Failure> {
    the_host(&app).backup().await.map_err(HostError::failure)
}

/// Puts a backup in the place of no installation.
#[tauri::command]
pub async fn restore(app: AppHandle, file: String, passphrase: String) -> Result<AppView, Failure> {
    the_host(&app).restore(file, passphrase).await.map_err(HostError::failure)
}

/// The text of the QR code in a picture.
#[tauri::command]
pub async fn read_qr(app: AppHandle, picture: String) -> Result<String, Failure> {
    the_host(&app).read_qr(picture).await.map_err(HostError::failure)
}

/// Opens the system's dialog to print the page.
#[tauri::command]
pub async fn print(app: AppHandle) -> Result<(), Failure> {
    let broken = |reason: String| HostError::Broken { reason }.failure();
    let window = app.get_webview_window(WINDOW).ok_or_else(|| broken("there is no window".to_owned()))?;
    window.print().map_err(|error| broken(error.to_string()))
}

/// The page stands: the window is shown.
#[tauri::command]
pub async fn ready(app: AppHandle) {
    show(&app);
}

/// Shows the window. Nothing where it is shown, or closed already.
pub(super) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(WINDOW) {
        let _ = window.show();
    }
}
