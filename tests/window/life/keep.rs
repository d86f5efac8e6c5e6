//! What is kept: labels, coins, the record, files, settings, the backup.

use std::path::{Path, PathBuf};

use conclave_shared::desktop::Language;
use fantoccini::key::Key;

use super::Life;
use super::doors::{PASSPHRASE, unlock};
use super::set_up::VAULT;
use crate::app::App;
use crate::hands::{button, link, thing};
use crate::look::{Place, theme};
use crate::program::{done, refused};
use crate::stage::{Outcome, until};
use crate::w;
use crate::words::in_language;

impl Life {
    /// Labels, written and read; a coin kept from being spent.
    pub(super) async fn labels_and_coins(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(link(w!("nav-coins"))).await?;
        ana.comes_to(w!("coins-title")).await?;
        ana.press(button(w!("label-write", what = w!("label-of-coin")))).await?;
        ana.write(w!("label"), "From the <b>first</b> deposit").await?;
        ana.press(button(w!("label-keep"))).await?;
        ana.reads("From the <b>first</b> deposit").await?;
        ana.press(button(w!("coins-freeze"))).await?;
        ana.reads(w!("coins-frozen")).await?;
        self.looks.at(ana, Place::Frame, "coins").await?;
        let labels = export(ana, w!("labels-export")).await?;
        assert!(std::fs::read_to_string(&labels)?.contains("From the <b>first</b> deposit"), "as BIP329");
        ana.press(button(w!("coins-unfreeze"))).await?;
        ana.reads_no_more(w!("coins-frozen")).await?;
        // Another member's program reads them.
        let ben = &self.ben;
        ben.press(link(w!("nav-coins"))).await?;
        ben.give_file(w!("labels-import"), &labels).await?;
        ben.reads("From the <b>first</b> deposit").await
    }

    /// Addresses and transactions.
    pub(super) async fn lists(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(link(w!("nav-addresses"))).await?;
        ana.comes_to(w!("addresses-title")).await?;
        self.looks.at(ana, Place::Frame, "addresses").await?;
        ana.press(link(w!("nav-transactions"))).await?;
        ana.comes_to(w!("transactions-title")).await?;
        self.looks.at(ana, Place::Frame, "transactions").await?;
        let table = export(ana, w!("transactions-export")).await?;
        assert!(std::fs::read_to_string(table)?.lines().count() >= 2, "a line for each, below the names");
        Ok(())
    }

    /// The record: filtered, verified, written to files.
    pub(super) async fn record(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(link(w!("nav-record"))).await?;
        ana.comes_to(w!("record-title")).await?;
        ana.press(button(w!("record-verify"))).await?;
        ana.reads(w!("record-whole-means")).await?;
        self.looks.at(ana, Place::Frame, "record").await?;
        let all = rows(ana).await?;
        ana.choose(w!("record-by"), "Ben").await?;
        until("only Ben's events are shown", async || {
            let names = ana.texts("tbody td.name").await?;
            Ok((names.len() < all && names.iter().all(|name| name == "Ben")).then_some(()))
        })
        .await?;
        ana.choose(w!("record-kind"), w!("kind-ratified")).await?;
        until("one is left", async || Ok((rows(ana).await? == 1).then_some(()))).await?;
        let lines = export(ana, w!("record-export-lines")).await?;
        let table = export(ana, w!("record-export-table")).await?;
        assert!(std::fs::read_to_string(&lines)?.lines().count() >= all, "the file has all, whatever is shown");
        assert!(std::fs::read_to_string(table)?.lines().count() > all);
        done(&["audit", "verify", &lines.display().to_string()]);
        Ok(())
    }

    /// Language, theme and auto-lock, by the settings page.
    pub(super) async fn settings(&mut self) -> Outcome<()> {
        let cleo = &self.cleo;
        for language in [Language::Russian, Language::Czech, Language::English] {
            let page = async |title: &'static str| -> Outcome<()> { cleo.comes_to(&in_language(language, title)).await };
            // Whatever is spoken now: the link to the settings is the last one at the left.
            to_settings(cleo).await?;
            cleo.choose(&label_of(cleo, "language").await?, conclave_ui_logic::messages::own_name(language)).await?;
            page("settings-title").await?;
            if language == Language::English {
                break;
            }
            self.looks.at(cleo, Place::Frame, &format!("settings-{}", language.tag())).await?;
            cleo.press(link(VAULT)).await?;
            self.looks.at(cleo, Place::Frame, &format!("overview-{}", language.tag())).await?;
            cleo.press(link(&in_language(language, "nav-record"))).await?;
            page("record-title").await?;
            self.looks.at(cleo, Place::Frame, &format!("record-{}", language.tag())).await?;
        }
        self.looks.at(cleo, Place::Frame, "settings").await?;
        for (option, shade) in [(w!("theme-dark"), "dark"), (w!("theme-light"), "light")] {
            cleo.choose(w!("settings-theme"), option).await?;
            until("the theme is worn", async || Ok((theme(cleo).await? == shade).then_some(()))).await?;
        }
        // By keyboard from anywhere.
        cleo.chord(Key::Control, &['l']).await?;
        unlock(cleo).await
    }
}

async fn to_settings(app: &App) -> Outcome<()> {
    let links = "return [...document.querySelectorAll('nav.sidebar a')].map(nameOf).at(-1)";
    let name = app.ask(links, vec![]).await?;
    app.press(link(name.as_str().unwrap_or_default())).await
}

/// The label of a setting in whatever language is spoken.
async fn label_of(app: &App, setting: &str) -> Outcome<String> {
    let script = "return nameOf(document.querySelector(`[data-setting=\"${arguments[0]}\"] select`))";
    let name = app.ask(script, vec![serde_json::json!(setting)]).await?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

async fn rows(app: &App) -> Outcome<usize> {
    Ok(app.texts("tbody tr").await?.len())
}

/// Presses a button that writes a file; gives back the path that the page names.
async fn export(app: &App, words: &str) -> Outcome<PathBuf> {
    let before = app.texts("[data-saved]").await?;
    app.press(button(words)).await?;
    let path = until(&format!("{} is told where {words:?} went", app.name), async || {
        let now = app.texts("[data-saved]").await?;
        Ok(now.into_iter().find(|path| !before.contains(path)))
    })
    .await?;
    let path = PathBuf::from(path.split_whitespace().next().unwrap_or_default());
    assert!(path.starts_with(&app.home), "exports go to the own folder: {}", path.display());
    Ok(path)
}
