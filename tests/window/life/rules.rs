//! The policy changed by votes; the vault frozen and released.

use super::Life;
use super::set_up::{VAULT, own_words};
use crate::app::App;
use crate::hands::{button, field, link};
use crate::look::Place;
use crate::stage::Outcome;
use crate::w;

impl Life {
    /// Ana proposes that every payment asks for three approvals; Ben compares the words and votes.
    pub(super) async fn change_policy(&mut self) -> Outcome<()> {
        let (ana, ben, cleo) = (&self.ana, &self.ben, &self.cleo);
        for app in [ana, ben, cleo] {
            app.press(link(w!("nav-policy"))).await?;
            app.comes_to(w!("policy-title")).await?;
        }
        self.looks.at(ana, Place::Frame, "policy").await?;
        ana.press(button(w!("policy-change"))).await?;
        ana.write(w!("policy-form-approvals"), "3").await?;
        self.looks.at(ana, Place::Frame, "policy-edit").await?;
        ana.press(button(w!("policy-edit-act"))).await?;
        ben.element(button(w!("compare-show"))).await?;
        self.looks.at(ben, Place::Frame, "policy-vote").await?;
        let words = own_words(ana).await?;
        ben.write(w!("compare-heard"), &words.join(" ")).await?;
        ben.press(button(w!("change-vote"))).await?;
        for app in [ana, ben, cleo] {
            app.reads_no_more(w!("compare-show")).await?;
        }
        Ok(())
    }

    /// Cleo stops everything, by typing the vault's name; Ana and Ben release.
    pub(super) async fn freeze(&mut self) -> Outcome<()> {
        let (ana, ben, cleo) = (&self.ana, &self.ben, &self.cleo);
        for app in [ana, ben, cleo] {
            app.press(link(w!("nav-policy"))).await?;
        }
        cleo.press(button(w!("freeze-open"))).await?;
        self.looks.at(cleo, Place::Frame, "freeze-asked").await?;
        cleo.write(w!("freeze-reason"), "My laptop was stolen").await?;
        // The button does nothing before the name stands there.
        assert!(!cleo.can(button(w!("freeze-act"))).await?, "a freeze cannot be pressed by mistake");
        cleo.write_in(field(w!("confirm-type-word", word = VAULT)), VAULT).await?;
        cleo.press(button(w!("freeze-act"))).await?;
        for app in [ana, ben] {
            app.reads("My laptop was stolen").await?;
        }
        self.looks.at(ana, Place::Frame, "frozen").await?;
        let release = async |app: &App| -> Outcome<()> {
            app.press(button(w!("release-open"))).await?;
            app.press(button(w!("release-act"))).await
        };
        release(ana).await?;
        // The vote comes in while Ben is asked: what he is asked stays where it is.
        ben.press(button(w!("release-open"))).await?;
        ben.press(button(w!("release-act"))).await?;
        for app in [ana, ben, cleo] {
            app.reads(w!("freezes-released", count = 1u64)).await?;
        }
        Ok(())
    }
}
