//! What is kept: labels, coins, the record, files, settings, the backup.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use conclave_shared::desktop::Language;
use conclave_ui_logic::messages::own_name;
use fantoccini::key::Key;
use serde_json::json;

use super::Life;
use super::doors::{PASSPHRASE, unlock};
use super::set_up::VAULT;
use crate::app::App;
use crate::hands::{button, link};
use crate::look::{Place, theme};
use crate::program::{PROGRAM, done};
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

    /// Language, colours and lock, by the settings page.
    pub(super) async fn settings(&mut self) -> Outcome<()> {
        let cleo = &self.cleo;
        let mut spoken = Language::English;
        for language in [Language::Russian, Language::Czech, Language::English] {
            cleo.press(link(&in_language(spoken, "settings-title"))).await?;
            cleo.choose(&in_language(spoken, "settings-language"), own_name(language)).await?;
            spoken = language;
            cleo.comes_to(&in_language(spoken, "settings-title")).await?;
            if spoken == Language::English {
                break;
            }
            self.looks.at(cleo, Place::Frame, &format!("settings-{}", spoken.tag())).await?;
            cleo.press(link(VAULT)).await?;
            cleo.comes_to(VAULT).await?;
            self.looks.at(cleo, Place::Frame, &format!("overview-{}", spoken.tag())).await?;
            cleo.press(link(&in_language(spoken, "nav-record"))).await?;
            cleo.comes_to(&in_language(spoken, "record-title")).await?;
            self.looks.at(cleo, Place::Frame, &format!("record-{}", spoken.tag())).await?;
        }
        self.looks.at(cleo, Place::Frame, "settings").await?;
        for (option, shade) in [(w!("settings-theme-dark"), "dark"), (w!("settings-theme-light"), "light")] {
            cleo.choose(w!("settings-theme"), option).await?;
            until("the theme is worn", async || Ok((theme(cleo).await? == shade).then_some(()))).await?;
        }
        cleo.choose(w!("settings-auto-lock"), w!("time-minutes", minutes = 5u32)).await?;
        // By keyboard from anywhere; what was set is remembered.
        cleo.chord(Key::Control, &['l']).await?;
        unlock(cleo).await?;
        cleo.press(link(w!("settings-title"))).await?;
        assert_eq!(theme(cleo).await?, "light");
        let kept = "return named('combobox', arguments[0])[0].selectedOptions[0].text";
        let minutes = cleo.ask(kept, vec![json!(w!("settings-auto-lock"))]).await?;
        assert_eq!(minutes, json!(w!("time-minutes", minutes = 5u32)));
        Ok(())
    }

    /// A backup is written and put back into a new installation, which holds the same.
    pub(super) async fn backup(&mut self) -> Outcome<()> {
        let cleo = &self.cleo;
        cleo.press(link(w!("settings-title"))).await?;
        cleo.press(button(w!("settings-backup-write"))).await?;
        cleo.reads(w!("settings-backup-done")).await?;
        let written = cleo.texts(".notice .exact").await?;
        let file = written.into_iter().find(|text| text.starts_with('/')).ok_or("the page names the file")?;
        assert!(Path::new(&file).is_file(), "{file}");

        let mut dora = App::open(self.folder.path(), "dora").await?;
        dora.comes_to(w!("start-title")).await?;
        dora.press(button(w!("restore-title"))).await?;
        dora.give_file(w!("restore-pick"), Path::new(&file)).await?;
        dora.write(w!("restore-passphrase"), PASSPHRASE).await?;
        self.looks.at(&dora, Place::Door, "restore").await?;
        dora.press(button(w!("restore"))).await?;
        dora.press(link(VAULT)).await?;
        dora.comes_to(VAULT).await?;
        self.looks.at(&dora, Place::Frame, "restored").await?;
        dora.close().await
    }

    /// What the windows left on the disks is whole: judged by the program that has no window.
    pub(super) async fn judge(&mut self) -> Outcome<()> {
        for app in [&mut self.ana, &mut self.ben, &mut self.cleo] {
            app.close().await?;
            let home = app.data();
            // The window is gone before its program has closed the database.
            let (judged, said) = until(&format!("{}'s program has closed the installation", app.name), async || {
                let output = Command::new(PROGRAM)
                    .args(["audit", "verify", "--home"])
                    .arg(&home)
                    .env("CONCLAVE_PASSPHRASE", PASSPHRASE)
                    .stdin(Stdio::null())
                    .output()?;
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                Ok((!said.contains("the installation is in use")).then_some((output.status, said)))
            })
            .await?;
            assert!(judged.success(), "{}'s record: {said}", app.name);
        }
        Ok(())
    }
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
