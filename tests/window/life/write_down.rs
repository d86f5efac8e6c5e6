//! What somebody writes down or takes along: the backup sheet, the words of the own key, an address that is copied.

use fantoccini::key::Key;
use serde_json::json;

use super::Life;
use super::doors::PASSPHRASE;
use super::set_up::VAULT;
use crate::hands::{button, field, link};
use crate::look::Place;
use crate::stage::{Outcome, until};
use crate::w;

impl Life {
    /// The sheet as a file, and the words, which are on no sheet and gone when they are written down.
    pub(super) async fn write_down(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(link(w!("nav-board"))).await?;
        ana.press(link(w!("next-sheet-go"))).await?;
        ana.comes_to(w!("sheet-title", name = VAULT)).await?;
        ana.reads(w!("sheet-descriptor")).await?;
        self.looks.at(ana, Place::Frame, "sheet").await?;
        ana.press(button(w!("sheet-save"))).await?;
        let path = until("the page names the file", async || Ok(ana.texts(".notice .exact").await?.pop())).await?;
        let sheet = std::fs::read_to_string(&path)?;
        for part in [VAULT, "Ana", "Ben", "Cleo", "wsh(sortedmulti(2,"] {
            assert!(sheet.contains(part), "{part:?} is on the sheet: {sheet}");
        }

        ana.press(link(w!("next-words-go"))).await?;
        ana.comes_to(w!("seed-title")).await?;
        ana.write(w!("passphrase"), "orbit walnut ferry candle mosaik").await?;
        ana.press(button(w!("seed-act"))).await?;
        ana.reads(w!("seed-kept")).await?;
        ana.write(w!("passphrase"), PASSPHRASE).await?;
        ana.press(button(w!("seed-act"))).await?;
        ana.reads(w!("seed-hidden", count = 24u64)).await?;
        self.looks.at(ana, Place::Frame, "seed-hidden").await?;
        ana.press(button(w!("seed-show"))).await?;
        let words = until("the words are shown", async || {
            let words = ana.texts(".words .word").await?;
            Ok((words.len() == 24).then_some(words))
        })
        .await?;
        assert!(!sheet.contains(&words.join(" ")), "nothing on the sheet is secret");
        ana.press(button(w!("seed-done"))).await?;
        until("no word is left in the page", async || Ok(ana.texts(".words .word").await?.is_empty().then_some(())))
            .await
    }

    /// An address that is copied by its button is what comes out where it is pasted.
    pub(super) async fn copy(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(link(w!("nav-receive"))).await?;
        let shown = until("the address is shown", async || Ok(ana.texts("#address").await?.pop())).await?;
        let address: String = shown.split_whitespace().collect();
        ana.press(button(w!("copy-address"))).await?;
        ana.reads(w!("copied")).await?;
        let to = w!("receive-check-address");
        ana.go(field(to)).await?;
        ana.chord(Key::Control, &['v']).await?;
        until("the address is pasted", async || {
            let pasted = ana.ask("return named('field', arguments[0])[0]?.value", vec![json!(to)]).await?;
            Ok((pasted == json!(address)).then_some(()))
        })
        .await
    }
}
