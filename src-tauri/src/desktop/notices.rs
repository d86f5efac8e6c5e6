//! What happened meanwhile that its owner should hear of although the window is not looked at.
//!
//! Computed from the views before and after a change, and from nothing else. What somebody else wrote (a vault's name) only
//! ever stands in the title, which no desktop reads as markup. What does not belong here: showing it (see `notify`).

use conclave_shared::desktop::{Language, Notify, Unit};
use conclave_shared::view::{ProposalView, VaultView, WaitView};
use conclave_shared::{EventId, ProposalStatus, Sat};
use conclave_ui_logic::amount;
use conclave_ui_logic::messages::{Messages, Value};

use crate::record::shown;

/// Most notices of one change: more become one that says how many.
const AT_ONCE: usize = 5;
/// Longest part of a vault's name in a title, in characters.
const NAME_LIMIT: usize = 60;

/// A desktop notification, in the language of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose: the program's name, and the vault's where that is to be said.
    pub title: String,
    /// What.
    pub body: String,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Approve(Sat),
    Sign(Sat),
    Sent(Sat),
    Confirmed(Sat),
    Deposit(Sat),
    Frozen,
    Vote,
    Compare,
}

impl News {
    /// The message's name, and the amount that it is about.
    fn said(self) -> (&'static str, Option<Sat>) {
        match self {
            News::Approve(amount) => ("notice-approve", Some(amount)),
            News::Sign(amount) => ("notice-sign", Some(amount)),
            News::Sent(amount) => ("notice-sent", Some(amount)),
            News::Confirmed(amount) => ("notice-confirmed", Some(amount)),
            News::Deposit(amount) => ("notice-deposit", Some(amount)),
            News::Frozen => ("notice-frozen", None),
            News::Vote => ("notice-vote", None),
            News::Compare => ("notice-compare", None),
        }
    }
}

/// What is to be shown of the change from one list of vaults to another. Nothing about a vault that was not there before,
/// and nothing that this installation's owner did.
pub fn news(before: &[VaultView], after: &[VaultView], notify: &Notify, unit: Unit, language: Language) -> Vec<Notice> {
    if !notify.on {
        return Vec::new();
    }
    let pairs = after.iter().filter_map(|now| Some((before.iter().find(|then| then.vault == now.vault)?, now)));
    let happened: Vec<(&VaultView, News)> =
        pairs.flat_map(|(then, now)| of_vault(then, now).into_iter().map(move |news| (now, news))).collect();
    if happened.is_empty() {
        return Vec::new();
    }
    let messages = Messages::of(language);
    if happened.len() > AT_ONCE {
        let body = messages.text("notice-many", &[("count", Value::from(happened.len()))]);
        return vec![Notice { title: messages.text("notice-title", &[]), body }];
    }
    let notice = |(vault, news): (&VaultView, News)| {
        let title = if notify.vault {
            messages.text("notice-title-vault", &[("vault", Value::from(in_title(&vault.name)))])
        } else {
            messages.text("notice-title", &[])
        };
        let (kind, amount) = news.said();
        let kind = if notify.kind { kind } else { "notice-something" };
        let body = match amount.filter(|_| notify.amount) {
            Some(amount) => {
                messages.text(&format!("{kind}-amount"), &[("amount", Value::from(amount::text(amount, unit)))])
            }
            None => messages.text(kind, &[]),
        };
        Notice { title, body }
    };
    happened.into_iter().map(notice).collect()
}

fn of_vault(before: &VaultView, after: &VaultView) -> Vec<News> {
    let mut news = Vec::new();
    for wait in after.waits.iter().filter(|wait| !before.waits.contains(wait)) {
        news.extend(waits(*wait, before, after));
    }
    for now in &after.proposals {
        let then = proposal(before, now.proposal);
        let (was, is) = (then.map(|then| then.status), now.status);
        if is == ProposalStatus::Confirmed && was != Some(ProposalStatus::Confirmed) {
            news.push(News::Confirmed(paid(now)));
        } else if is == ProposalStatus::Broadcast && !then.is_some_and(is_out) && !signed_last_by_me(now, after) {
            news.push(News::Sent(paid(now)));
        }
    }
    let stood = |freeze: EventId| before.freezes.iter().any(|it| it.freeze == freeze && it.stands);
    if after.freezes.iter().any(|it| it.stands && it.by != after.me && !stood(it.freeze)) {
        news.push(News::Frozen);
    }
    let known = |view: &VaultView| come_in(view, |it| proposal(before, it).is_some());
    match known(after).saturating_sub(known(before)) {
        0 => {}
        deposit => news.push(News::Deposit(Sat(deposit))),
    }
    news
}

/// What now waits for this installation's owner, unless by their own doing.
fn waits(wait: WaitView, before: &VaultView, after: &VaultView) -> Option<News> {
    let mine = |it: &ProposalView| it.proposer == after.me;
    match wait {
        WaitView::Ratify { .. } => Some(News::Compare),
        WaitView::Approve { proposal: id } => {
            let it = proposal(after, id)?;
            (!mine(it)).then(|| News::Approve(paid(it)))
        }
        WaitView::Sign { proposal: id } => {
            let (it, then) = (proposal(after, id)?, proposal(before, id));
            let approved_now = it.approved_by.contains(&after.me) && !then?.approved_by.contains(&after.me);
            (!approved_now).then(|| News::Sign(paid(it)))
        }
        WaitView::Vote { cfg } => {
            let it = after.successors.iter().find(|it| it.cfg == cfg);
            it.is_none_or(|it| it.proposer != after.me).then_some(News::Vote)
        }
    }
}

fn proposal(view: &VaultView, wanted: EventId) -> Option<&ProposalView> {
    view.proposals.iter().find(|it| it.proposal == wanted)
}

/// What its recipients get; of a payment without any, what it costs.
fn paid(it: &ProposalView) -> Sat {
    match it.recipients.iter().map(|it| it.amount.0).fold(0, u64::saturating_add) {
        0 => it.fee,
        paid => Sat(paid),
    }
}

/// Whether the chain source shows it: its coins are gone from the balance.
fn is_out(it: &ProposalView) -> bool {
    matches!(it.status, ProposalStatus::Broadcast | ProposalStatus::Confirmed)
}

/// Whether its sending follows from the signature that this installation's owner has just given.
fn signed_last_by_me(it: &ProposalView, view: &VaultView) -> bool {
    it.signatures.iter().max_by_key(|it| it.ms).is_some_and(|last| last.member == view.me)
}

/// All that ever came into a vault, as far as it shows: its coins and what its payments took away. Only payments that were
/// known before are counted: the chain may have shown another one earlier than its proposal came.
fn come_in(view: &VaultView, known: impl Fn(EventId) -> bool) -> u64 {
    let out = view.proposals.iter().filter(|it| is_out(it) && known(it.proposal)).map(|it| it.leaves.0);
    out.fold(view.balance.confirmed.0.saturating_add(view.balance.unconfirmed.0), u64::saturating_add)
}

/// A name that somebody else chose, in one short line and without what a careless desktop could take for markup.
fn in_title(name: &str) -> String {
    let plain: String = name.chars().map(|c| if matches!(c, '<' | '>' | '&') { ' ' } else { c }).collect();
    let shown = shown(&plain);
    if shown.chars().count() <= NAME_LIMIT {
        return shown;
    }
    shown.chars().take(NAME_LIMIT).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
