//! The practice vault's requests.

use conclave_shared::practice::PracticeView;
use tauri::AppHandle;

use super::practice_vault;

/// The practice vault as it stands.
#[tauri::command]
pub async fn practice_view(app: AppHandle) -> PracticeView {
    practice_vault(&app).view().await
}

/// Runs the next step to its end. A step that fails says so in the view.
#[tauri::command]
pub async fn practice_next_step(app: AppHandle) -> PracticeView {
    practice_vault(&app).next_step().await
}

/// Throws the practice vault away and shows a new one.
#[tauri::command]
pub async fn practice_start_again(app: AppHandle) -> PracticeView {
    practice_vault(&app).start_again().await
}
