//! The window itself: the real program on a screen that nobody sees, worked by keyboard as a person works it.
//!
//! WebKitWebDriver starts the programs and presses the keys, one driver for each person, on a screen and a
//! message bus of their own. All of it ends with the test. A tool that is missing fails the test and is named.

mod app;
mod hands;
mod look;
mod notices;
mod practice;
#[path = "../support/program.rs"]
mod program;
mod servers;
mod stage;

use app::App;
use look::{Looks, Place};
use stage::Outcome;

#[tokio::test]
async fn a_practice_payment_is_made_by_keyboard_alone() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut looks = Looks::default();
    let mut app = App::open(folder.path(), "practice").await?;
    let outcome = async {
        practice::payment(&app).await?;
        looks.at(&app, Place::Frame, "practice").await?;
        practice::start_again(&app).await
    }
    .await;
    if outcome.is_err() {
        // What was on the screen tells more than the message; a window that is gone has nothing to show.
        let _ = app.screenshot("failed-practice").await;
    }
    outcome?;
    app.close().await?;
    looks.verdict()
}
