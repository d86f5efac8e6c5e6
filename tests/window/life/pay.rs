//! Money: received, proposed, refused, approved, signed while the relay was lost, sent, confirmed.

use conclave_shared::Sat;
use conclave_shared::desktop::Unit;
use conclave_ui_logic::amount;
use serde_json::Value;

use super::Life;
use super::set_up::VAULT;
use crate::app::App;
use crate::hands::{button, link, thing};
use crate::look::Place;
use crate::stage::{Outcome, until};
use crate::w;

/// Somebody outside the vault.
const SHOP: &str = "bcrt1qd3kxcmrvd3kxcmrvd3kxcmrvd3kxcmrvlm3a7y";
/// A purpose as a member writes it whose program is not to be trusted.
const HOSTILE: &str = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script> & <b>rent</b>";
const DEPOSIT: Sat = Sat(50_000_000);
const PAID: Sat = Sat(12_500_000);

fn btc(sat: Sat) -> String {
    amount::text(sat, Unit::Btc)
}

impl Life {
    /// Ana gives out an address, the others' programs derive the same, a deposit comes.
    pub(super) async fn receive(&mut self) -> Outcome<()> {
        let (ana, ben, cleo) = (&self.ana, &self.ben, &self.cleo);
        ana.press(link(w!("nav-receive"))).await?;
        ana.comes_to(w!("receive-title")).await?;
        ana.press(button(w!("receive-first"))).await?;
        let address = until("the address is shown", async || {
            let shown = ana.texts("#address").await?.pop().unwrap_or_default();
            let whole: String = shown.split_whitespace().collect();
            Ok(whole.starts_with("bcrt1").then_some(whole))
        })
        .await?;
        // Both others' programs say that they derive it too.
        until("both others attest it", async || {
            let states = ana.texts(".given-state").await?;
            Ok((states.iter().filter(|state| state.contains(w!("receive-same").as_str())).count() == 2).then_some(()))
        })
        .await?;
        self.looks.at(ana, Place::Frame, "receive").await?;
        // What Ana reads out over the telephone Ben's program knows as the vault's.
        ben.press(link(w!("nav-receive"))).await?;
        ben.write(w!("receive-check-address"), &address).await?;
        ben.reads(w!("receive-check-given-out", index = 0u64, name = "Ana")).await?;
        let deposit = self.chain.fund(&address, DEPOSIT.0);
        self.chain.mine(1);
        for app in [ana, ben, cleo] {
            app.press(link(w!("nav-overview"))).await?;
            app.reads(&btc(DEPOSIT)).await?;
            app.notices().with(&[VAULT, w!("notice-deposit-amount", amount = btc(DEPOSIT))]).await?;
        }
        println!("deposit {deposit}");
        self.looks.at(ana, Place::Frame, "overview").await
    }

    /// A payment that one refuses, and one that goes through.
    pub(super) async fn pay(&mut self) -> Outcome<()> {
        self.propose(HOSTILE).await?;
        self.refuse().await?;
        self.propose("Rent of May").await?;
        self.approve().await?;
        self.sign_and_send().await
    }

    async fn propose(&mut self, purpose: &str) -> Outcome<()> {
        let ana = &self.ana;
        let first = purpose == HOSTILE;
        ana.press(link(w!("nav-overview"))).await?;
        ana.press(button(w!("overview-pay"))).await?;
        ana.comes_to(w!("propose-title")).await?;
        if first {
            self.looks.at(ana, Place::Frame, "propose-empty").await?;
            ana.write(w!("propose-address"), &SHOP.replace("vlm3a7y", "vlm3a7z")).await?;
            ana.reads(w!("propose-address-none")).await?;
        }
        ana.write(w!("propose-address"), SHOP).await?;
        ana.reads(w!("propose-address-new")).await?;
        ana.write(w!("propose-amount"), "0.125").await?;
        ana.write(w!("propose-purpose"), purpose).await?;
        ana.reads(w!("preview-approvers")).await?;
        if first {
            self.looks.at(ana, Place::Frame, "propose").await?;
        }
        ana.press(button(w!("propose-do"))).await?;
        ana.comes_to(w!("payment-title", amount = btc(PAID))).await?;
        ana.reads(w!("payment-proven")).await
    }

    /// Ben reads what stands there as text, and refuses.
    async fn refuse(&mut self) -> Outcome<()> {
        let (ana, ben) = (&self.ana, &self.ben);
        let wait = w!("notice-approve-amount", amount = btc(PAID));
        ben.notices().with(&[VAULT, wait]).await?;
        to_payment(ben, HOSTILE).await?;
        ben.reads(HOSTILE).await?;
        let built = ben.ask("return document.querySelectorAll('main img, main script, main b').length", vec![]).await?;
        assert_eq!(built, 0, "what others write is never built into the page");
        let title = ben.ask("return document.title", vec![]).await?;
        assert!(!title.to_string().contains("owned"), "nothing of it ran");
        self.looks.at(ben, Place::Frame, "payment").await?;
        let refuse = &w!("payment-reject-of", amount = btc(PAID)).clone();
        ben.press(button(refuse)).await?;
        self.looks.at(ben, Place::Frame, "payment-refuse-asked").await?;
        ben.press(button(refuse)).await?;
        ana.reads(w!("proposal-status-rejected")).await?;
        self.looks.at(ana, Place::Frame, "payment-refused").await
    }

    /// Ana and Ben see the same six words, and approve.
    async fn approve(&mut self) -> Outcome<()> {
        let (ana, ben) = (&self.ana, &self.ben);
        to_payment(ben, "Rent of May").await?;
        let words = async |app: &App| -> Outcome<Vec<String>> {
            until("six words stand there", async || {
                let words = app.texts(".words .word").await?;
                Ok((words.len() == 6).then_some(words))
            })
            .await
        };
        assert_eq!(words(ana).await?, words(ben).await?, "read out by voice");
        let approve = &w!("payment-approve-of", amount = btc(PAID)).clone();
        for app in [ana, ben] {
            app.press(button(approve)).await?;
            app.press(button(approve)).await?;
        }
        ana.element(button(w!("payment-sign-of", amount = btc(PAID)))).await.map(drop)
    }

    /// Ana signs while the relay is lost; it comes back, Ben signs, and the payment goes out by itself.
    async fn sign_and_send(&mut self) -> Outcome<()> {
        let sign = &w!("payment-sign-of", amount = btc(PAID)).clone();
        self.relay.stop();
        let (ana, ben) = (&self.ana, &self.ben);
        for app in [ana, ben] {
            app.reads(w!("status-trouble")).await?;
        }
        ana.press(button(sign)).await?;
        ana.press(button(sign)).await?;
        ana.reads(w!("payment-awaits-signatures", more = 1u64)).await?;
        self.looks.at(ana, Place::Frame, "payment-without-relay").await?;
        self.relay.start_again().await?;
        let (ana, ben, cleo) = (&self.ana, &self.ben, &self.cleo);
        until("Ben sees Ana's signature", async || {
            let signed = ben.texts(".given-rows li").await?;
            Ok((signed.iter().filter(|row| row.contains("Ana") && row.contains(w!("payment-given").as_str())).count()
                == 2)
                .then_some(()))
        })
        .await?;
        self.looks.at(ben, Place::Frame, "payment-to-sign").await?;
        ben.press(button(sign)).await?;
        self.looks.at(ben, Place::Frame, "payment-sign-asked").await?;
        ben.press(button(sign)).await?;
        to_payment_of(cleo, "Rent of May").await?;
        for app in [ana, ben, cleo] {
            app.reads(w!("payment-awaits-block")).await?;
        }
        self.chain.mine(1);
        for app in [ana, ben, cleo] {
            app.reads(w!("proposal-status-confirmed")).await?;
            app.notices().with(&[VAULT, w!("notice-confirmed-amount", amount = btc(PAID))]).await?;
            app.reads_no_more(w!("status-trouble")).await?;
        }
        self.looks.at(ana, Place::Frame, "payment-confirmed").await?;
        // Ana's page names the transaction, and the chain knows it.
        let ids = ana.ask("return document.body.textContent.match(/[0-9a-f]{64}/g) ?? []", vec![]).await?;
        let known = ids.as_array().into_iter().flatten().filter_map(Value::as_str);
        let known: Vec<_> = known.filter(|id| matches!(self.chain.transaction(id), Ok(Some(_)))).collect();
        assert!(!known.is_empty(), "the chain knows the transaction that is shown: {ids}");
        Ok(())
    }
}

/// Goes to a payment that waits, from the overview, as it is offered there.
async fn to_payment(app: &App, purpose: &str) -> Outcome<()> {
    app.press(link(w!("nav-overview"))).await?;
    app.press(link(w!("wait-approve", purpose = purpose))).await?;
    app.comes_to(w!("payment-title", amount = btc(PAID))).await
}

/// Goes to a payment from the list of payments.
async fn to_payment_of(app: &App, purpose: &str) -> Outcome<()> {
    app.press(link(w!("nav-overview"))).await?;
    app.press(link(w!("overview-payments-all"))).await?;
    app.press(thing("link", purpose)).await?;
    app.comes_to(w!("payment-title", amount = btc(PAID))).await
}
