//! The practice vault in the window: a whole payment by keyboard alone.

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;

use crate::app::App;
use crate::stage::{Outcome, until};

/// From the first step to the last, and back to the start.
pub async fn payment(app: &App) -> Outcome<()> {
    let count = until("the steps are shown", async || {
        let steps = all(app, ".step").await?.len();
        Ok((steps > 0).then_some(steps))
    })
    .await?;
    for step in all(app, ".step").await? {
        assert_eq!(attribute(&step, "data-status").await?, "ahead");
    }
    for at in 0..count {
        take_step(app, at).await?;
    }

    let next = app.window()?.find(Locator::Id("next-step")).await?;
    assert_eq!(next.text().await?, "All steps are done");
    assert_eq!(attribute(&next, "aria-disabled").await?, "true");
    let members = all(app, ".member").await?;
    assert!(members.len() >= 3, "a 2-of-3 vault has three keyholders at least");
    for member in members {
        let name = attribute(&member, "data-member").await?;
        until(&format!("{name} sees the payment confirmed"), async || {
            let card = app.window()?.find(Locator::Css(&format!(".member[data-member='{name}']"))).await?;
            Ok(card.text().await?.contains("Confirmed in block").then_some(()))
        })
        .await?;
    }
    for ring in all(app, ".payment .ring").await? {
        let words = attribute(&ring, "aria-label").await?;
        assert!(words.starts_with("Confirmed in block") && words.contains("2 of 2 signatures"), "{words}");
    }
    Ok(())
}

/// Throws the practice vault away.
pub async fn start_again(app: &App) -> Outcome<()> {
    let count = all(app, ".step").await?.len();
    app.press(crate::hands::button("Start again")).await?;
    until("everything is ahead again", async || {
        Ok(all(app, ".step[data-status='ahead']").await?.len().eq(&count).then_some(()))
    })
    .await
}

async fn take_step(app: &App, at: usize) -> Outcome<()> {
    until("the next step can be taken", async || {
        let next = app.window()?.find(Locator::Id("next-step")).await?;
        Ok((attribute(&next, "aria-disabled").await? == "false").then_some(()))
    })
    .await?;
    if at > 0 {
        let here = app.window()?.active_element().await?;
        assert_eq!(attribute(&here, "id").await?, "next-step", "the keyboard stays where it is between steps");
        app.keys(&[char::from(Key::Enter)]).await?;
    } else {
        let name = app.window()?.find(Locator::Id("next-step")).await?.text().await?;
        app.press(crate::hands::button(&name)).await?;
    }
    until(&format!("step {} is done", at + 1), async || {
        let steps = all(app, ".step").await?;
        let step = steps.get(at).ok_or("the step is gone")?;
        match attribute(step, "data-status").await?.as_str() {
            "done" => Ok(Some(())),
            "failed" => Err(format!("step {} failed: {}", at + 1, step.text().await?).into()),
            _ => Ok(None),
        }
    })
    .await?;
    let step = all(app, ".step").await?.swap_remove(at);
    assert_eq!(step.find(Locator::Css(".step-status")).await?.text().await?, "done", "it says so in words");
    Ok(())
}

async fn all(app: &App, selector: &str) -> Outcome<Vec<Element>> {
    Ok(app.window()?.find_all(Locator::Css(selector)).await?)
}

async fn attribute(element: &Element, name: &str) -> Outcome<String> {
    Ok(element.attr(name).await?.unwrap_or_default())
}
