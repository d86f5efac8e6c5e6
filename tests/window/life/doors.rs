//! Getting in: the first start, and the passphrase.

use super::Life;
use crate::app::App;
use crate::hands::{button, thing};
use crate::look::Place;
use crate::stage::Outcome;
use crate::w;

/// The passphrase of everybody here.
pub const PASSPHRASE: &str = "orbit walnut ferry candle mosaic";

/// Makes an installation, as somebody does who types it right.
pub async fn make_installation(app: &App) -> Outcome<()> {
    app.comes_to(w!("start-title")).await?;
    app.write(w!("passphrase-new"), PASSPHRASE).await?;
    app.write(w!("passphrase-again"), PASSPHRASE).await?;
    app.reads(w!("strength-strong")).await?;
    app.press(button(w!("start-create"))).await?;
    app.comes_to(w!("begin-title")).await
}

impl Life {
    /// Everybody's first start. Ana does wrong first what can be done wrong.
    pub(super) async fn first_start(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.comes_to(w!("start-title")).await?;
        self.looks.at(ana, Place::Door, "first-start").await?;
        ana.write(w!("passphrase-new"), "password1").await?;
        ana.write(w!("passphrase-again"), "password1").await?;
        ana.press(button(w!("start-create"))).await?;
        ana.reads(w!("passphrase-too-weak")).await?;
        ana.write(w!("passphrase-new"), PASSPHRASE).await?;
        ana.write(w!("passphrase-again"), "orbit walnut ferry candle mosaik").await?;
        ana.press(button(w!("start-create"))).await?;
        ana.reads(w!("form-not-the-same")).await?;
        self.looks.at(ana, Place::Door, "first-start-refused").await?;
        assert!(!ana.data().join("conclave.db").exists(), "nothing was created");
        tokio::try_join!(make_installation(ana), make_installation(&self.ben), make_installation(&self.cleo))?;
        self.looks.at(&self.ana, Place::Frame, "begin").await
    }

    /// Locking, a wrong passphrase, and the right one.
    pub(super) async fn wrong_passphrase(&mut self) -> Outcome<()> {
        let ana = &self.ana;
        ana.press(button(w!("lock-now"))).await?;
        ana.comes_to(w!("unlock-title")).await?;
        ana.write(w!("passphrase"), "orbit walnut ferry candle mosaik").await?;
        ana.press(button(w!("unlock"))).await?;
        ana.reads(w!("unlock-wrong-count", count = 1u64)).await?;
        self.looks.at(ana, Place::Door, "unlock-refused").await?;
        unlock(ana).await
    }
}

/// Types the passphrase and comes to the list of vaults.
pub async fn unlock(app: &App) -> Outcome<()> {
    app.comes_to(w!("unlock-title")).await?;
    app.write(w!("passphrase"), PASSPHRASE).await?;
    app.press(button(w!("unlock"))).await?;
    app.element(thing("navigation", w!("frame-vaults"))).await.map(drop)
}
