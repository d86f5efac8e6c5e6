//! What is typed into the page, as signals; as one form it is [`NewVault`].

use conclave_shared::{ScriptKind, Template};
use conclave_ui_logic::new_vault::{NewVault, RecoveryForm};

use crate::frame::Vaults;
use crate::live::effect;
use crate::pages::policy::fields::PolicyTyped;
use crate::prelude::*;

/// Of which kind the vault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A template.
    Template(Template),
    /// Keys and signatures of one's own choice.
    Own,
}

/// All fields.
#[derive(Clone, Copy)]
pub struct Typed {
    pub kind: RwSignal<Option<Kind>>,
    pub threshold: RwSignal<String>,
    pub keyholders: RwSignal<String>,
    pub place: RwSignal<Option<String>>,
    pub approvers: RwSignal<String>,
    pub auditors: RwSignal<String>,
    pub name: RwSignal<String>,
    pub member: RwSignal<String>,
    pub relays: RwSignal<Vec<RwSignal<String>>>,
    pub own_relay: RwSignal<bool>,
    pub chain: RwSignal<String>,
    pub script: RwSignal<ScriptKind>,
    pub recovery: RwSignal<bool>,
    pub after_blocks: RwSignal<String>,
    pub recovery_threshold: RwSignal<String>,
    pub recovery_keys: RwSignal<String>,
    pub with_policy: RwSignal<bool>,
    pub policy: PolicyTyped,
    pub days: RwSignal<String>,
}

impl Typed {
    /// Nothing typed yet; relays and chain source are those of a vault of this installation, where there is one.
    pub fn new() -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let typed = Self {
            kind: RwSignal::new(None),
            threshold: text("2"),
            keyholders: text("3"),
            place: RwSignal::new(None),
            approvers: text("0"),
            auditors: text("0"),
            name: text(""),
            member: text(""),
            relays: RwSignal::new(vec![text("")]),
            own_relay: RwSignal::new(false),
            chain: text(""),
            script: RwSignal::new(ScriptKind::default()),
            recovery: RwSignal::new(false),
            after_blocks: text("25920"),
            recovery_threshold: text("1"),
            recovery_keys: text(""),
            with_policy: RwSignal::new(false),
            policy: PolicyTyped::new(),
            days: text("7"),
        };
        typed.begin_with_known_servers();
        typed
    }

    fn begin_with_known_servers(self) {
        let listed = Vaults::here().asked();
        effect(move |done: Option<bool>| {
            let known = listed.get().and_then(|listed| listed.vaults.into_iter().next());
            if let Some(vault) = known.filter(|_| done != Some(true)) {
                let untouched = self
                    .relays
                    .with_untracked(|relays| relays.iter().all(|relay| relay.with_untracked(String::is_empty)));
                // A member's own relay is behind an onion address, and serves the one vault alone.
                let relays = vault.relays.into_iter().filter(|relay| !relay.contains(".onion"));
                let relays: Vec<_> = relays.map(RwSignal::new).collect();
                if untouched && !relays.is_empty() {
                    self.relays.set(relays);
                }
                if self.chain.with_untracked(String::is_empty) {
                    self.chain.set(vault.chain);
                }
                return true;
            }
            done == Some(true)
        });
    }

    /// All of it as one form; whoever reads it is told of changes.
    pub fn form(self) -> NewVault {
        NewVault {
            template: match self.kind.get() {
                Some(Kind::Template(template)) => Some(template),
                Some(Kind::Own) | None => None,
            },
            threshold: self.threshold.get(),
            keyholders: self.keyholders.get(),
            place: self.place.get(),
            approvers: self.approvers.get(),
            auditors: self.auditors.get(),
            name: self.name.get(),
            member: self.member.get(),
            relays: self.relays.get().into_iter().map(|relay| relay.get()).collect(),
            own_relay: self.own_relay.get(),
            chain: self.chain.get(),
            script: self.script.get(),
            recovery: self.recovery.get().then(|| RecoveryForm {
                after_blocks: self.after_blocks.get(),
                threshold: self.recovery_threshold.get(),
                keys: self.recovery_keys.get(),
            }),
            policy: self.with_policy.get().then(|| self.policy.form()),
            days: self.days.get(),
        }
    }
}
