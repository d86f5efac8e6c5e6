//! The window itself: the real program on a screen that nobody sees, worked by keyboard as a person works it.
//!
//! WebKitWebDriver starts the programs and presses the keys, one driver for each person, on a screen and a
//! message bus of their own. All of it ends with the test. A tool that is missing fails the test and is named.

mod app;
mod hands;
mod life;
mod look;
mod notices;
mod practice;
#[path = "../support/program.rs"]
mod program;
mod servers;
mod stage;
mod words;

use app::App;
use hands::link;
use life::Life;
use look::{Looks, Place};
use stage::Outcome;

#[tokio::test]
async fn the_whole_life_of_a_vault_by_keyboard_alone() -> Outcome<()> {
    let mut life = Life::begin().await?;
    let outcome = life.live().await;
    if let Err(error) = &outcome {
        println!("{error}");
        // What was on the screens tells more than the message.
        life.keep_screens().await;
    }
    outcome?;
    life.end().await
}

#[tokio::test]
async fn a_practice_payment_is_made_by_keyboard_alone() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut looks = Looks::default();
    let mut app = App::open(folder.path(), "practice").await?;
    let outcome = practice(&app, &mut looks).await;
    if outcome.is_err() {
        let _ = app.screenshot("failed-practice").await;
    }
    outcome?;
    app.close().await?;
    looks.verdict()
}

async fn practice(app: &App, looks: &mut Looks) -> Outcome<()> {
    life::make_installation(app).await?;
    app.press(link(w!("practice-title"))).await?;
    practice::payment(app).await?;
    looks.at(app, Place::Frame, "practice").await?;
    practice::start_again(app).await
}
