//! Looks at screens: pictures in both themes and at the least size, and the accessibility check of `accessibility.js`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::App;
use crate::stage::{Outcome, answered, until};

const CHECK: &str = include_str!("accessibility.js");

/// The window's sizes: as it opens, and the least.
const SIZES: [(u32, u32); 2] = [(1100, 760), (900, 600)];

/// Where a screen is: decides which landmarks it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before somebody is let in: there is nothing to go to.
    Door,
    /// In the frame with the vaults beside the page and the line below it.
    Frame,
}

/// The screens that were looked at, and what was wrong with them.
#[derive(Default)]
pub struct Looks {
    seen: Vec<String>,
    faults: Vec<String>,
}

impl Looks {
    /// Looks a screen over in both themes and sizes and keeps pictures. Faults are gathered: [`Self::verdict`] tells them.
    pub async fn at(&mut self, app: &App, place: Place, name: &str) -> Outcome<()> {
        println!("{}: the screen {name}", app.name);
        let name = format!("{:02}-{name}", self.seen.len());
        // What is still being asked for is looked at when it is there.
        until(&format!("{name} is all there"), async || {
            let waits =
                app.ask("return document.querySelectorAll('.loading, [aria-busy=true]').length", vec![]).await?;
            Ok((waits == 0).then_some(()))
        })
        .await?;
        let theme = theme(app).await?;
        // The settings page changes the theme of the whole program, which the story tests; here the same mark is set and taken
        // back, so that no screen has to be left. Pictures first: the check takes the keyboard's place for a moment, and a
        // field that is left says what it lacks. Each theme and each size is checked once.
        for (shade, size) in [("light", SIZES[0]), ("dark", SIZES[0]), ("light", SIZES[1])] {
            as_seen(app, shade, size).await?;
            app.screenshot(&format!("{name}-{shade}-{}", size.0)).await?;
        }
        let mut faults = BTreeMap::<String, Vec<String>>::new();
        for (shade, size) in [("light", SIZES[1]), ("dark", SIZES[0])] {
            as_seen(app, shade, size).await?;
            for fault in check(app, place).await? {
                faults.entry(fault).or_default().push(format!("{shade} {}x{}", size.0, size.1));
            }
        }
        let told = faults.into_iter().map(|(fault, when)| format!("{name} ({}): {fault}", when.join(", ")));
        self.faults.extend(told.inspect(|fault| println!("  {fault}")));
        wear(app, theme).await?;
        resize(app, SIZES[0].0, SIZES[0].1).await?;
        self.seen.push(name);
        Ok(())
    }

    /// Fails with all faults that were found.
    pub fn verdict(self) -> Outcome<()> {
        if self.faults.is_empty() {
            println!("{} screens looked over", self.seen.len());
            return Ok(());
        }
        Err(format!("{} faults on {} screens:\n{}", self.faults.len(), self.seen.len(), self.faults.join("\n")).into())
    }
}

/// The faults of a screen as it is now.
async fn check(app: &App, place: Place) -> Outcome<Vec<String>> {
    let landmarks = match place {
        Place::Door => json!([]),
        Place::Frame => json!(["navigation", "contentinfo"]),
    };
    let script = format!("const wanted = {{ landmarks: arguments[0] }};\n{CHECK}");
    Ok(serde_json::from_value(app.ask(&script, vec![landmarks]).await?)?)
}

async fn as_seen(app: &App, shade: &str, (width, height): (u32, u32)) -> Outcome<()> {
    resize(app, width, height).await?;
    wear(app, json!(shade)).await
}

async fn resize(app: &App, width: u32, height: u32) -> Outcome<()> {
    answered("the window takes a size", app.window()?.set_window_size(width, height)).await?;
    until("the window has its size", async || {
        let now = app.ask("return [innerWidth, innerHeight]", vec![]).await?;
        Ok((now == json!([width, height])).then_some(()))
    })
    .await
}

/// The theme that the page wears by its own mark; null where it follows the desktop.
pub async fn theme(app: &App) -> Outcome<Value> {
    app.ask("return document.documentElement.getAttribute('data-theme')", vec![]).await
}

async fn wear(app: &App, theme: Value) -> Outcome<()> {
    let script = "
        const root = document.documentElement;
        arguments[0] === null ? root.removeAttribute('data-theme') : root.setAttribute('data-theme', arguments[0]);
        // Colours change at once for the check: a transition would show something between.
        document.getAnimations().forEach(animation => animation.finish());";
    app.ask(script, vec![theme]).await.map(drop)
}
