//! From nothing to a vault that all have ratified.

use super::Life;
use crate::app::App;
use crate::hands::{button, link, thing};
use crate::look::Place;
use crate::stage::{Outcome, until};
use crate::w;

/// The vault's name.
pub const VAULT: &str = "Treasury";

impl Life {
    /// Creation by a template, two who join, words compared, ratification.
    pub(super) async fn set_up(&mut self) -> Outcome<()> {
        let invitations = self.create().await?;
        let chain = self.chain.address.clone();
        let joined = async |app: &App, invitation: &str, name: &str| -> Outcome<()> {
            app.press(link(w!("frame-add-vault"))).await?;
            app.press(link(w!("begin-join"))).await?;
            app.write(w!("join-invitation"), invitation).await?;
            app.write(w!("create-member"), name).await?;
            app.write(w!("fact-chain-source"), &chain).await
        };
        let (ben, cleo) = (&self.ben, &self.cleo);
        tokio::try_join!(joined(ben, &invitations[0], "Ben"), joined(cleo, &invitations[1], "Cleo"))?;
        self.looks.at(ben, Place::Frame, "join").await?;
        for app in [ben, cleo] {
            app.press(button(w!("join-act"))).await?;
        }
        // The places fill on Ana's screen while she looks at it.
        for name in ["Ben", "Cleo"] {
            self.ana.comes_to(name).await?;
        }
        self.compare().await
    }

    /// Ana makes the vault. The texts of the invitations are what she would send.
    async fn create(&mut self) -> Outcome<Vec<String>> {
        let ana = &self.ana;
        ana.press(link(w!("frame-add-vault"))).await?;
        ana.press(link(w!("begin-create"))).await?;
        ana.comes_to(w!("create-title")).await?;
        self.looks.at(ana, Place::Frame, "create").await?;
        ana.tick(thing("radio", w!("template-hot-2-of-3"))).await?;
        ana.write(w!("create-name"), VAULT).await?;
        ana.write(w!("create-member"), "Ana").await?;
        ana.press(button(w!("create-act"))).await?;
        ana.reads(w!("create-check-above")).await?;
        ana.write(w!("create-relay", number = 1u64), &self.relay.address).await?;
        ana.write(w!("fact-chain-source"), &self.chain.address).await?;
        self.looks.at(ana, Place::Frame, "create-filled").await?;
        ana.press(button(w!("create-act"))).await?;
        ana.comes_to(w!("invitations-title", name = VAULT)).await?;
        let invitations = ana.texts(".invitation-code").await?;
        assert_eq!(invitations.len(), 2, "one for each of the others");
        assert_ne!(invitations[0], invitations[1]);
        self.looks.at(ana, Place::Frame, "invitations").await?;
        ana.press(button(w!("invitations-go-on"))).await?;
        self.looks.at(ana, Place::Frame, "invitations-leave").await?;
        ana.press(button(w!("invitations-leave-act"))).await?;
        ana.comes_to(w!("board-title", name = VAULT)).await?;
        ana.reads(w!("board-place-open")).await?;
        Ok(invitations)
    }

    /// Everybody reads their words out; who hears others ratifies nothing.
    async fn compare(&mut self) -> Outcome<()> {
        let (ana, ben, cleo) = (&self.ana, &self.ben, &self.cleo);
        let (words, same, too) = tokio::try_join!(own_words(ana), own_words(ben), own_words(cleo))?;
        assert_eq!(words.len(), 12);
        assert!(words == same && words == too, "all hear the same: {words:?} {same:?} {too:?}");
        self.looks.at(ana, Place::Frame, "board-words").await?;

        let mut others = words.clone();
        others.swap(0, 11);
        ben.write(w!("compare-heard"), &others.join(" ")).await?;
        ben.press(button(w!("ratify-act"))).await?;
        ben.reads(w!("compare-differ")).await?;
        self.looks.at(ben, Place::Frame, "board-words-differ").await?;

        let ratify = async |app: &App| -> Outcome<()> {
            app.write(w!("compare-heard"), &words.join(" ")).await?;
            app.press(button(w!("ratify-act"))).await
        };
        ratify(&self.ben).await?;
        ben.reads(w!("ratify-you-did")).await?;
        // Ana's board tells that one has.
        ana.reads(w!("board-ratifying", have = 1u64, all = 3u64)).await?;
        self.looks.at(ana, Place::Frame, "board-one-ratified").await?;
        tokio::try_join!(ratify(ana), ratify(cleo))?;
        for app in [ana, ben, cleo] {
            app.press(link(w!("nav-overview"))).await?;
            app.comes_to(VAULT).await?;
        }
        Ok(())
    }
}

/// The words that somebody reads out.
pub(super) async fn own_words(app: &App) -> Outcome<Vec<String>> {
    app.press(button(w!("compare-show"))).await?;
    until(&format!("{} has words to read out", app.name), async || {
        let words = app.texts(".own-words .word").await?;
        Ok((words.len() == 12).then_some(words))
    })
    .await
}
